//! The plain reading that every other kind gets: size, length and look.

use std::path::Path;

use decoupage_shot::{ConditionKind, Outcome, ReadOptions, Watch};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::identity::{EmbeddedPrompt, Light, Swatch};
use crate::reading::Statement;

/// What can be said of any picture, clip or sound.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct PlainReading {
    /// What the condition is for.
    #[serde(rename = "as")]
    pub role: ConditionKind,
    /// Picture width, pixels, upright; absent for sound.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub width: Option<u32>,
    /// Picture height, pixels, upright.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub height: Option<u32>,
    /// Length in seconds; absent for stills.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub duration_s: Option<f64>,
    /// Whether there is sound.
    pub has_audio: bool,
    /// Colours, by share, largest first.
    pub palette: Vec<Swatch>,
    /// Light and contrast; absent for sound.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub light: Option<Light>,
    /// A prompt or description embedded in the file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub embedded_prompt: Option<EmbeddedPrompt>,
    /// Sentences.
    pub statements: Vec<Statement>,
}

/// Reads what can be said of any file.
///
/// # Errors
/// A fault with one sentence when the file cannot be decoded.
pub fn read(
    path: &Path,
    role: ConditionKind,
    options: &ReadOptions,
    watch: &dyn Watch,
) -> Outcome<PlainReading> {
    let _ = (path, role, options, watch);
    Err(decoupage_shot::Fault::new(
        decoupage_shot::Code::Internal,
        "being built",
    ))
}
