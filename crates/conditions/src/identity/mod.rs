//! Identity pictures: how the subject sits in the picture, its ground, colours and light, and
//! what is written in the file.

use std::path::Path;

use decoupage_shot::{Outcome, ReadOptions, Region, Watch};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::reading::Statement;

/// What was measured in an identity picture.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct IdentityReading {
    /// Picture width, pixels, upright.
    pub width: u32,
    /// Picture height, pixels, upright.
    pub height: u32,
    /// The subject's colours where it can be told from the ground, else the picture's; by
    /// share, largest first.
    pub palette: Vec<Swatch>,
    /// How the subject sits in the picture.
    pub framing: SubjectFraming,
    /// The ground behind the subject.
    pub background: Background,
    /// Light and contrast.
    pub light: Light,
    /// A prompt or description embedded in the file: offered, never taken as measured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub embedded_prompt: Option<EmbeddedPrompt>,
    /// Sentences.
    pub statements: Vec<Statement>,
}

/// One colour of a palette.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct Swatch {
    /// The name people use ("deep red", "off-white").
    pub name: String,
    /// sRGB, `#rrggbb`.
    pub hex: String,
    /// Share of what the palette is of, 0–1.
    pub share: f64,
}

/// How the subject sits in the picture. Without a plain or cut-out ground the subject cannot
/// be told from the picture: then `subject` is `None` and nothing is claimed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct SubjectFraming {
    /// The subject's bounding box.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub subject: Option<Region>,
    /// Whether the subject is cut off by the lower edge (so not a full figure).
    pub cut_at_bottom: bool,
    /// Orientation of the picture.
    pub orientation: Orientation,
}

/// Orientation of a picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the names say it")]
pub enum Orientation {
    Portrait,
    Landscape,
    Square,
}

/// The ground behind a subject.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct Background {
    /// What kind.
    pub kind: BackgroundKind,
    /// Its colour, for plain grounds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub colour: Option<Swatch>,
}

/// What kind of ground.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum BackgroundKind {
    /// One even colour or a smooth gradient.
    Plain,
    /// Transparent.
    CutOut,
    /// A place.
    Scene,
}

/// Light and contrast.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, TS)]
pub struct Light {
    /// Overall key.
    pub key: LightKey,
    /// Mean luminance, 0–1, CIE L* / 100.
    pub brightness: f64,
    /// Contrast: spread of luminance between the 5th and 95th percentile, 0–1.
    pub contrast: f64,
    /// Colour temperature: below 0 cool, above 0 warm, −1–1.
    pub warmth: f64,
    /// Mean chroma, 0–1.
    pub saturation: f64,
}

/// Overall key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the names are the field's own")]
pub enum LightKey {
    High,
    Middle,
    Low,
}

/// A prompt or description found in a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct EmbeddedPrompt {
    /// Where it was found ("ComfyUI workflow", "A1111 parameters", "XMP description", "IPTC caption",
    /// "EXIF description").
    pub source: String,
    /// The words.
    pub text: String,
    /// The negative prompt, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub negative: Option<String>,
}

/// Reads an identity picture (the first frame of a clip).
///
/// # Errors
/// A fault with one sentence when the file cannot be decoded.
pub fn read(path: &Path, options: &ReadOptions, watch: &dyn Watch) -> Outcome<IdentityReading> {
    let _ = (path, options, watch);
    Err(decoupage_shot::Fault::new(
        decoupage_shot::Code::Internal,
        "being built",
    ))
}
