//! From a prompt and readings to a trace and a six-section caption.

pub mod answer;
pub mod bindings;
pub mod check;
pub mod composition;
pub mod grounding;
pub mod matching;
pub mod measured;
pub mod prompt;
pub mod script;
pub mod wishes;

use std::collections::BTreeMap;

use decoupage_conditions::Reading;
use decoupage_shot::{Caption, ConditionId, Origins, Section, Shot, Take, Trace};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

pub use answer::{Answer, Assembly};
pub use composition::{Composition, compose};
pub use grounding::{Grounded, MediaRequest, Senses, Shape, WantedMedium, ground};
pub use wishes::{Attribute, MustInclude, Room, Wishes, WritingStyle};

/// Everything an engine is given.
#[derive(Debug, Clone, Copy)]
pub struct Brief<'a> {
    /// The shot: prompt, conditions with names and notes, bindings.
    pub shot: &'a Shot,
    /// What was measured, by condition. Conditions that could not be read are missing.
    pub readings: &'a BTreeMap<ConditionId, Reading>,
    /// A take whose locked sections must be kept word for word.
    pub keep: Option<&'a Take>,
    /// Varies an engine that can vary; the measured engine writes the same for every seed.
    pub seed: u64,
}

/// What an engine wrote.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Interpretation {
    /// The four steps.
    pub trace: Trace,
    /// The six sections.
    pub caption: Caption,
    /// Where their words came from.
    pub origins: Origins,
}

/// What an engine tells while it works, in order: trace steps, then sections.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Progress {
    /// The trace so far.
    Trace {
        /// All steps written so far.
        trace: Trace,
    },
    /// A section is written (or, for models, has grown).
    Section {
        /// Which.
        section: Section,
        /// Its words so far.
        text: String,
    },
}
