//! What is asked of a worker, and what it answers.

use std::collections::BTreeMap;

use decoupage_dialogue::{
    Conversation, Device, Failure, Guide, MediaLimits, ModelWish, Sampling, Stage, Usage,
};

/// What is to be written.
#[derive(Debug, Clone, PartialEq)]
pub struct Request {
    /// What to load and how.
    pub model: ModelWish,
    /// What the model is shown.
    pub conversation: Conversation,
    /// The script of the answer.
    pub guide: Guide,
    /// How its words are drawn.
    pub sampling: Sampling,
    /// How much of the media it is shown.
    pub limits: MediaLimits,
}

/// What is told while work goes on.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// It goes on.
    Progress {
        /// What it is busy with.
        stage: Stage,
        /// Units done.
        done: u64,
        /// Of so many.
        total: u64,
    },
    /// Something the person should know, one sentence.
    Note(String),
    /// The model is in memory.
    Loaded(Device),
    /// Words, as they are written.
    Text {
        /// The guide's field they belong to.
        field: Option<String>,
        /// What came since the last time.
        text: String,
        /// Tokens written so far.
        tokens: u64,
        /// Tokens a second, lately.
        tokens_per_s: f64,
    },
}

/// A finished piece of work.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Answer {
    /// All of the answer.
    pub text: String,
    /// Each field of the guide.
    pub fields: BTreeMap<String, String>,
    /// What it took.
    pub usage: Usage,
    /// Where the model ran, where that was told during this work.
    pub device: Option<Device>,
}

/// Work that failed or was cancelled.
#[derive(Debug, Clone, PartialEq)]
pub struct Unfinished {
    /// Why, and the next smaller steps.
    pub failure: Failure,
    /// The answer as far as it was told.
    pub text: String,
    /// The fields as far as they were told.
    pub fields: BTreeMap<String, String>,
}

impl From<Failure> for Box<Unfinished> {
    fn from(failure: Failure) -> Self {
        Self::new(Unfinished {
            failure,
            text: String::new(),
            fields: BTreeMap::new(),
        })
    }
}

impl std::fmt::Display for Unfinished {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.failure.fmt(f)
    }
}

impl std::error::Error for Unfinished {}

/// What models can run on here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Best first.
    pub devices: Vec<Device>,
    /// Why something better is not used, one sentence each.
    pub notes: Vec<String>,
}
