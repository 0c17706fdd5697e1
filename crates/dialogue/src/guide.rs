//! Guided decoding: the script along which a model writes. Headings and separators are given,
//! the model fills what is open; so the structure is right by construction.

use serde::{Deserialize, Serialize};

use crate::sampling::Sampling;

/// The script of one answer.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Guide {
    /// In order. Empty: the model writes freely until it ends its turn.
    pub steps: Vec<Step>,
}

/// One step of a script.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum Step {
    /// Written as it stands: headings, separators, locked sections.
    Given {
        /// The words.
        text: String,
        /// The field they are the content of, for locked sections.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        field: Option<String>,
    },
    /// Written by the model.
    Open {
        /// What the words are collected under.
        field: String,
        /// The span ends before any of these (they are not written), or where the model would
        /// end its turn.
        until: Vec<String>,
        /// The span is brought to an end at the first sentence end after three quarters of
        /// this, and cut at the last whole sentence (else word) when it is reached.
        max_tokens: usize,
        /// The span may not end before so many tokens.
        #[serde(default)]
        min_tokens: usize,
        /// Words that must occur in the span: written where the model ends without them.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        must_include: Vec<String>,
        /// How this span's words are drawn, where it differs from the rest.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        sampling: Option<Sampling>,
    },
    /// One of several wordings, whichever the model finds likeliest.
    Choose {
        /// What the choice is collected under.
        field: String,
        /// At least one.
        options: Vec<String>,
    },
    /// Moments in time order: "At 3s, …" one after another, each not before the last one.
    Moments {
        /// What the words are collected under.
        field: String,
        /// The last whole second that may be named.
        last_s: u32,
        /// At most so many moments.
        max_moments: usize,
        /// Tokens of each moment's words.
        max_tokens: usize,
    },
}
