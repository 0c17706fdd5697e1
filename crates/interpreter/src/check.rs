//! What is wrong with a caption, measured against its shot.

use decoupage_shot::{Section, Take};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::Brief;

/// One thing a check found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct Finding {
    /// How bad.
    pub severity: Severity,
    /// Key of the check ("sections_present", "camera_agrees", "condition_mentioned",
    /// "prompt_kept", "contradiction", "repetition").
    pub check: String,
    /// The section concerned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub section: Option<Section>,
    /// One sentence: what is wrong and what to do.
    pub text: String,
    /// The words concerned, Unicode scalar offsets into the section.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub span: Option<(u32, u32)>,
}

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Worth knowing.
    Note,
    /// Probably wrong.
    Warning,
    /// Wrong: the prompt would not do what was asked.
    Problem,
}

/// Checks a take against its shot and readings.
pub fn check(brief: &Brief<'_>, take: &Take) -> Vec<Finding> {
    let _ = (brief, take);
    Vec::new()
}
