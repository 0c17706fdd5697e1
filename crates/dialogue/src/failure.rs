//! Why a model could not do it, and the next smaller step.

use std::fmt;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// What every fallible function around models returns.
pub type Outcome<T> = Result<T, Failure>;

/// Why, as far as the application behaves differently for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum FailureCode {
    /// The person cancelled: partial text is kept.
    Cancelled,
    /// A file is not where it should be.
    Missing,
    /// A file is damaged: a truncated shard, a wrong shape.
    Damaged,
    /// Sound, but not something that can be run here: an unknown family, a foreign GGUF.
    Unsupported,
    /// More media or words than the context holds.
    TooLong,
    /// Memory ran out.
    OutOfMemory,
    /// What was asked for makes no sense.
    Invalid,
    /// A fault of ours.
    Internal,
}

/// A smaller step that would likely work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Smaller {
    /// Show the model fewer frames.
    FewerFrames,
    /// Quantise the weights further.
    Quantise,
    /// Run on the processor instead of the graphics card.
    Processor,
    /// Choose a smaller model.
    SmallerModel,
}

/// A failure in words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, thiserror::Error)]
pub struct Failure {
    /// What the application acts on.
    pub code: FailureCode,
    /// One sentence.
    pub message: String,
    /// What to do, one sentence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub advice: Option<String>,
    /// Steps that would likely work, the least painful first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub smaller: Vec<Smaller>,
}

impl Failure {
    /// A failure with a code and one sentence.
    pub fn new(code: FailureCode, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            advice: None,
            smaller: Vec::new(),
        }
    }

    /// Adds what to do about it, one sentence.
    #[must_use]
    pub fn advise(mut self, advice: impl Into<String>) -> Self {
        self.advice = Some(advice.into());
        self
    }

    /// Adds smaller steps that would likely work.
    #[must_use]
    pub fn offer(mut self, smaller: impl IntoIterator<Item = Smaller>) -> Self {
        self.smaller.extend(smaller);
        self
    }

    /// The person's own cancellation.
    pub fn cancelled() -> Self {
        Self::new(FailureCode::Cancelled, "Cancelled.")
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        match &self.advice {
            Some(advice) => write!(f, " {advice}"),
            None => Ok(()),
        }
    }
}
