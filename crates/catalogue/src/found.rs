//! The models that a person has: found where they lie, used in place, never copied.

use std::path::PathBuf;

use decoupage_shot::Fault;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::device::DeviceKind;
use crate::family::Family;
use crate::fit::{MemoryEstimate, Precision, Workload, estimate, estimate_stored};
use crate::places::PlaceKind;
use crate::shape::ModelShape;

/// One model on this computer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct FoundModel {
    /// Stays the same as long as the model stays where it is.
    pub id: String,
    /// What people call it: the catalogue's name, or that of its folder or file.
    pub name: String,
    /// Whether it can be run.
    pub state: FoundState,
    /// Where it lies.
    pub place: Place,
    /// How its weights are stored.
    pub format: WeightFormat,
    /// Size of its weights on disk, bytes.
    #[ts(type = "number")]
    pub bytes: u64,
    /// Its id in the catalogue, if it is one of ours.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub catalogue: Option<String>,
    /// The longest context it says it was trained for, tokens.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub context: Option<u32>,
    /// The measures of its architecture, where they could be read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub shape: Option<ModelShape>,
}

/// Whether a found model can be run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum FoundState {
    /// It can.
    Ready {
        /// Which code runs it.
        family: Family,
    },
    /// It cannot, and why.
    Unusable {
        /// Which code would run it, if that much is known.
        #[ts(optional)]
        family: Option<Family>,
        /// One sentence, and what to do.
        fault: Fault,
    },
}

/// Where a model lies.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(rename = "ModelPlace")]
pub struct Place {
    /// What kind of place.
    pub kind: PlaceKind,
    /// What to open: the folder with `config.json`, or the GGUF file.
    #[ts(type = "string")]
    pub path: PathBuf,
    /// The vision part (mmproj) of a GGUF model.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional, type = "string")]
    pub vision: Option<PathBuf>,
    /// `organisation/name`, in the hub's cache.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub repository: Option<String>,
    /// The commit, in the hub's cache.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub revision: Option<String>,
}

/// How weights are stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "format", rename_all = "snake_case")]
pub enum WeightFormat {
    /// Safetensors.
    Safetensors {
        /// The type of most weights, as the format spells it ("BF16"); empty where no header
        /// could be read.
        dtype: String,
    },
    /// GGUF.
    Gguf {
        /// The quantisation, as llama.cpp spells it ("Q4_K_M"); empty where no header could be
        /// read.
        quantisation: String,
    },
}

impl FoundModel {
    /// The family, where the model can be run.
    pub fn family(&self) -> Option<Family> {
        match self.state {
            FoundState::Ready { family } => Some(family),
            FoundState::Unusable { .. } => None,
        }
    }

    /// How much memory it takes; `None` where its measures could not be read. A GGUF model is
    /// kept as it is stored, whatever the precision asked for.
    pub fn estimate(
        &self,
        precision: Precision,
        kind: DeviceKind,
        workload: Workload,
    ) -> Option<MemoryEstimate> {
        let shape = self.shape.as_ref()?;
        Some(match self.format {
            WeightFormat::Gguf { .. } => estimate_stored(shape, self.bytes, kind, workload),
            WeightFormat::Safetensors { .. } => estimate(shape, precision, kind, workload),
        })
    }
}
