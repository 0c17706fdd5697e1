//! Regions by colour: what each is, where and how large.

use std::path::Path;

use decoupage_shot::{Outcome, ReadOptions, Watch};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::correct::Parts;
use crate::plain::{self, PlainReading};
use crate::reading::Statement;
use decoupage_shot::ConditionKind;

/// What was measured in a segmentation picture or clip.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct SegmentationReading {
    /// Size, length and look.
    #[serde(flatten)]
    #[ts(flatten)]
    pub plain: PlainReading,
}

/// What was measured in a segmentation picture or clip.
///
/// # Errors
/// A fault with one sentence when the file cannot be decoded.
pub fn read(
    path: &Path,
    role: ConditionKind,
    options: &ReadOptions,
    watch: &dyn Watch,
) -> Outcome<SegmentationReading> {
    Ok(SegmentationReading {
        plain: plain::read(path, role, options, watch)?,
    })
}

impl Parts for SegmentationReading {
    fn statements(&self) -> Vec<&Statement> {
        self.plain.statements.iter().collect()
    }

    fn statements_mut(&mut self) -> Vec<&mut Vec<Statement>> {
        vec![&mut self.plain.statements]
    }
}
