//! Which kind of condition a file most likely is, from its content and name.

use std::path::Path;

use decoupage_shot::{ConditionKind, Outcome, Watch};

/// A guess at a file's kind.
#[derive(Debug, Clone, PartialEq)]
pub struct Guess {
    /// The likeliest kind.
    pub kind: ConditionKind,
    /// How sure, 0–1.
    pub confidence: f64,
    /// Why, one short clause ("joint colours of a rendered skeleton").
    pub because: String,
}

/// Guesses what a file or folder is for.
///
/// # Errors
/// A fault with one sentence saying why the file cannot be used at all (not media, not a
/// camera path, not keypoints).
pub fn guess(path: &Path, watch: &dyn Watch) -> Outcome<Guess> {
    let _ = (path, watch);
    Err(decoupage_shot::Fault::new(
        decoupage_shot::Code::Internal,
        "being built",
    ))
}
