//! The measured engine: no weights, deterministic. The default, the fallback, and the truth
//! that model output is checked against.

use decoupage_shot::Outcome;

use crate::{Brief, Interpretation, Progress};

/// Writes trace and caption from the prompt and the readings.
///
/// # Errors
/// What `tell` returns (the person's cancellation).
pub fn interpret(
    brief: &Brief<'_>,
    tell: &mut dyn FnMut(Progress) -> Outcome<()>,
) -> Outcome<Interpretation> {
    let _ = (brief, tell);
    Ok(Interpretation::default())
}
