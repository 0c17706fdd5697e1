//! Words about models: which there are, which fit, where they run, and how they write.

use std::path::PathBuf;

use decoupage_catalogue::{CatalogueEntry, Choice, Device, FoundModel};
use decoupage_dialogue::{DeviceWish, Precision, Smaller};
use decoupage_interpreter::WritingStyle;
use decoupage_shot::{Engine, Fault};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Everything the models panel shows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct Models {
    /// The catalogue, and what else this person has.
    pub models: Vec<ModelCard>,
    /// Folders and files that could not be looked into.
    pub faults: Vec<Fault>,
    /// What models can run on, best first.
    pub devices: Vec<Device>,
    /// Said where a better device could not be used, and why.
    #[ts(optional)]
    pub notice: Option<String>,
    /// What the person chose.
    pub settings: ModelSettings,
    /// Where downloads go.
    #[ts(type = "string")]
    pub folder: PathBuf,
    /// Endpoints for which a key is kept.
    pub keys: Vec<String>,
}

/// One model: of the catalogue, of this computer, or both.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct ModelCard {
    /// What settings and requests call it: the catalogue's id, else the found model's.
    pub id: String,
    /// What people call it.
    pub name: String,
    /// What the catalogue says of it.
    #[ts(optional)]
    pub entry: Option<CatalogueEntry>,
    /// Where it lies on this computer, if it does; the first is used.
    pub found: Vec<FoundModel>,
    /// How much memory it takes on the best device, from the best precision down.
    pub choices: Vec<Choice>,
    /// What it ran with last after a larger step had failed.
    #[ts(optional)]
    pub remembered: Option<String>,
    /// Bytes of a download that was begun.
    #[ts(type = "number")]
    pub partial_bytes: u64,
}

/// What the person chose about models; kept on this computer, not in projects.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(default)]
pub struct ModelSettings {
    /// Who writes unless a request says otherwise.
    pub engine: Engine,
    /// The local model.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub model: Option<String>,
    /// How its weights are held.
    pub precision: Precision,
    /// Where it runs.
    pub device: DeviceWish,
    /// At most so many frames of a clip are shown to it.
    pub frames: u32,
    /// Its memory is freed after so many minutes without work; 0: never.
    pub idle_minutes: u32,
    /// Folders and GGUF files that the person added.
    #[ts(type = "Array<string>")]
    pub folders: Vec<PathBuf>,
    /// Another hub to fetch from.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub mirror: Option<String>,
    /// Nothing is fetched.
    pub offline: bool,
    /// OpenAI-compatible servers.
    pub endpoints: Vec<EndpointSettings>,
}

impl Default for ModelSettings {
    fn default() -> Self {
        Self {
            engine: Engine::Measured,
            model: None,
            precision: Precision::Auto,
            device: DeviceWish::Best,
            frames: 32,
            idle_minutes: 10,
            folders: Vec::new(),
            mirror: None,
            offline: false,
            endpoints: Vec::new(),
        }
    }
}

/// An OpenAI-compatible server. Its key is kept in the system's keyring, never here.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(default)]
pub struct EndpointSettings {
    /// What the person calls it.
    pub name: String,
    /// Its address, up to `/v1`.
    pub url: String,
    /// The model to ask for; the server's first where absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub model: Option<String>,
    /// Whether the person agreed to send media there without encryption.
    pub plain: bool,
    /// Whether it takes part.
    pub used: bool,
}

/// How a take should be written.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, TS)]
#[serde(default)]
pub struct Writing {
    /// In sections, by attributes or by moments.
    pub style: WritingStyle,
    /// Words that must occur.
    pub must_include: Vec<String>,
    /// Words that must not.
    pub avoid: Vec<String>,
    /// Overrides the model's own temperature.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub temperature: Option<f64>,
}

/// A smaller step that is offered after a failure.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Offer {
    /// Which step.
    pub step: Smaller,
    /// Words for a button.
    pub says: String,
}
