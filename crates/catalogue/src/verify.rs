//! Checks the files of a model that is there.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// What was found when the files of a model were checked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Verification {
    /// Every file, by name.
    pub files: Vec<FileCheck>,
    /// Whether no file is damaged or missing.
    pub sound: bool,
    /// One sentence that says so.
    pub sentence: String,
}

/// One file that was checked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct FileCheck {
    /// Its name.
    pub name: String,
    /// Where it lies.
    #[ts(type = "string")]
    pub path: PathBuf,
    /// Its size, bytes.
    #[ts(type = "number")]
    pub bytes: u64,
    /// How it is.
    pub state: FileState,
}

/// How a file is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum FileState {
    /// Its content is what was published.
    Sound,
    /// It is whole, but there is no published sum to compare it with.
    Whole,
    /// It is not what was published, or cut short.
    Damaged {
        /// One sentence.
        why: String,
    },
    /// It is not there.
    Missing,
}
