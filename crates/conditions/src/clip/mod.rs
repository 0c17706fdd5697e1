//! Reference video: cuts, shot lengths, the camera by optical flow, how much moves.

use std::path::Path;

use decoupage_shot::{Outcome, ReadOptions, Watch};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::correct::Parts;
use crate::plain::{self, PlainReading};
use crate::reading::Statement;
use decoupage_shot::ConditionKind;

/// What was measured in a reference video.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct ClipReading {
    /// Size, length and look.
    #[serde(flatten)]
    #[ts(flatten)]
    pub plain: PlainReading,
}

/// What was measured in a reference video.
///
/// # Errors
/// A fault with one sentence when the file cannot be decoded.
pub fn read(
    path: &Path,
    role: ConditionKind,
    options: &ReadOptions,
    watch: &dyn Watch,
) -> Outcome<ClipReading> {
    Ok(ClipReading {
        plain: plain::read(path, role, options, watch)?,
    })
}

impl Parts for ClipReading {
    fn statements(&self) -> Vec<&Statement> {
        self.plain.statements.iter().collect()
    }

    fn statements_mut(&mut self) -> Vec<&mut Vec<Statement>> {
        vec![&mut self.plain.statements]
    }
}
