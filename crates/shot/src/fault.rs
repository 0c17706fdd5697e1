//! The one error type of the project: a code that a shell acts on, one plain sentence, and
//! what to do next.

use std::fmt;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// What every fallible function of the project returns.
pub type Outcome<T> = Result<T, Fault>;

/// Why something failed, as far as a shell behaves differently for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Code {
    /// The person cancelled: not an error to show, partial results are kept.
    Cancelled,
    /// A file or folder is not where it is said to be: offer to find it.
    Missing,
    /// The system refused access (permissions, locked folder).
    Denied,
    /// The disk is full: nothing was replaced, offer to save elsewhere.
    DiskFull,
    /// A file is damaged, truncated or not what its name says.
    Damaged,
    /// A file is sound but of a kind that cannot be used here.
    Unsupported,
    /// A size is beyond the stated bounds.
    TooLarge,
    /// The project was written by a newer version: offer to open read-only or update.
    NewerVersion,
    /// What was asked for does not fit the document (unknown id, empty name).
    Invalid,
    /// A server could not be reached, broke off or answered with an error: offer to try again,
    /// what has arrived is kept.
    Network,
    /// A model does not fit into memory: offer the next smaller step.
    OutOfMemory,
    /// A fault of ours.
    Internal,
}

/// An error that a person can act on: message first, path last.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Fault {
    /// What a shell acts on.
    pub code: Code,
    /// One sentence saying what is wrong, without the path.
    pub message: String,
    /// One sentence saying what to do, if something can be done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub advice: Option<String>,
    /// The file or folder concerned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional, type = "string")]
    pub path: Option<PathBuf>,
}

impl Fault {
    /// A fault with a code and one sentence.
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            advice: None,
            path: None,
        }
    }

    /// Adds what to do about it, one sentence.
    #[must_use]
    pub fn advise(mut self, advice: impl Into<String>) -> Self {
        self.advice = Some(advice.into());
        self
    }

    /// Adds the file or folder concerned, unless an inner fault already named one.
    #[must_use]
    pub fn at(mut self, path: impl AsRef<Path>) -> Self {
        self.path.get_or_insert_with(|| path.as_ref().to_owned());
        self
    }

    /// The person's own cancellation.
    pub fn cancelled() -> Self {
        Self::new(Code::Cancelled, "Cancelled.")
    }

    /// Turns an input/output error on `path` into words; `doing` completes "Could not …".
    pub fn io(error: &std::io::Error, doing: &str, path: impl AsRef<Path>) -> Self {
        use std::io::ErrorKind;
        let (code, why, advice) = match error.kind() {
            ErrorKind::NotFound => (
                Code::Missing,
                "it is not there".to_owned(),
                Some("Check that it has not been moved or renamed."),
            ),
            ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => (
                Code::Denied,
                "the system does not allow it".to_owned(),
                Some("Check the permissions, or choose another folder."),
            ),
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded => (
                Code::DiskFull,
                "the disk is full".to_owned(),
                Some("Free some space and try again; what was there before is untouched."),
            ),
            ErrorKind::InvalidData | ErrorKind::UnexpectedEof => (
                Code::Damaged,
                "the data is damaged or cut short".to_owned(),
                None,
            ),
            _ => (Code::Internal, error.to_string(), None),
        };
        let fault = Self::new(code, format!("Could not {doing}: {why}.")).at(path);
        match advice {
            Some(advice) => fault.advise(advice),
            None => fault,
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        if let Some(advice) = &self.advice {
            write!(f, " {advice}")?;
        }
        if let Some(path) = &self.path {
            write!(f, " ({})", path.display())?;
        }
        Ok(())
    }
}

impl std::error::Error for Fault {}
