//! Pictures that stand in the shot itself: its first frame, its last, or one with a part to fill.

use std::path::Path;

use decoupage_shot::{Outcome, ReadOptions, Watch};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::correct::Parts;
use crate::plain::{self, PlainReading};
use crate::reading::Statement;
use decoupage_shot::ConditionKind;

/// What was measured in a first or last frame or a masked image.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct FrameReading {
    /// Size, length and look.
    #[serde(flatten)]
    #[ts(flatten)]
    pub plain: PlainReading,
}

/// What was measured in a first or last frame or a masked image.
///
/// # Errors
/// A fault with one sentence when the file cannot be decoded.
pub fn read(
    path: &Path,
    role: ConditionKind,
    options: &ReadOptions,
    watch: &dyn Watch,
) -> Outcome<FrameReading> {
    Ok(FrameReading {
        plain: plain::read(path, role, options, watch)?,
    })
}

impl Parts for FrameReading {
    fn statements(&self) -> Vec<&Statement> {
        self.plain.statements.iter().collect()
    }

    fn statements_mut(&mut self) -> Vec<&mut Vec<Statement>> {
        vec![&mut self.plain.statements]
    }
}
