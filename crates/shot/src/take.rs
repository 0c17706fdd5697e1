//! Takes: versions of trace and caption. Nothing is overwritten.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::caption::{Caption, Origins, Section};
use crate::project::TakeId;
use crate::trace::Trace;

/// Who wrote a take.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Engine {
    /// No weights, deterministic: the default.
    #[default]
    Measured,
    /// A model on this machine.
    Local,
    /// An OpenAI-compatible endpoint.
    Server,
    /// A person: imported or written from nothing.
    Hand,
}

/// One version of trace and caption.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Take {
    /// Identity within the project.
    pub id: TakeId,
    /// What the person calls it ("Take 1").
    pub name: String,
    /// Who wrote it.
    pub engine: Engine,
    /// The model, where a model wrote it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub model: Option<String>,
    /// The seed it was written with.
    #[ts(type = "number")]
    pub seed: u64,
    /// The take it was made from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub parent: Option<TakeId>,
    /// When it was made, milliseconds since 1970-01-01 UTC.
    #[ts(type = "number")]
    pub created_ms: u64,
    /// The prompt it was written from.
    pub prompt: String,
    /// The four steps.
    pub trace: Trace,
    /// The six sections.
    pub caption: Caption,
    /// Where their words came from.
    pub origins: Origins,
    /// Sections that a new interpretation must leave as they are.
    #[serde(default)]
    pub locked: BTreeSet<Section>,
}

impl Take {
    /// An empty take, to be written by hand.
    pub fn blank() -> Self {
        Self {
            id: TakeId(0),
            name: String::new(),
            engine: Engine::Hand,
            model: None,
            seed: 0,
            parent: None,
            created_ms: 0,
            prompt: String::new(),
            trace: Trace::default(),
            caption: Caption::default(),
            origins: Origins::default(),
            locked: BTreeSet::new(),
        }
    }
}
