//! The reasoning trace: the four steps of ReaDe before the caption is written.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::project::ConditionId;

/// What the interpreter understood, step by step.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(default)]
pub struct Trace {
    /// Step 1: what the short prompt asks for.
    pub intent: String,
    /// Step 2: what each condition shows.
    pub conditions: Vec<TraceNote>,
    /// Step 3: where prompt and conditions agree and where they do not.
    pub alignment: Alignment,
    /// Step 4: what nobody gave and the interpreter chose.
    pub supplement: Vec<Supplement>,
}

/// What one condition shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct TraceNote {
    /// The condition.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub condition: Option<ConditionId>,
    /// One or two sentences.
    pub text: String,
}

/// Step 3 of the trace.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(default)]
pub struct Alignment {
    /// What is said or shown more than once and agrees.
    pub agreements: Vec<Agreement>,
    /// What contradicts, and how it was resolved.
    pub conflicts: Vec<Conflict>,
}

/// Something that the prompt and a condition, or two conditions, say alike.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Agreement {
    /// What it is about, in a word or two ("camera", "action").
    pub about: String,
    /// One sentence.
    pub text: String,
    /// The conditions concerned.
    pub conditions: Vec<ConditionId>,
}

/// Something that the prompt and a condition, or two conditions, say differently.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Conflict {
    /// What it is about, in a word or two.
    pub about: String,
    /// What the prompt says (or the first condition, where the prompt is silent).
    pub prompt_says: String,
    /// What the condition says.
    pub condition_says: String,
    /// How it was resolved, one sentence. The text wins.
    pub resolution: String,
    /// The condition that lost or was reconciled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub condition: Option<ConditionId>,
}

/// Something nobody gave.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Supplement {
    /// What was chosen.
    pub text: String,
    /// Why.
    pub why: String,
}
