//! What a depth reading holds.

use decoupage_shot::{Polarity, Region};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::camera::MoveKind;
use crate::reading::{Statement, TimeSpan};

/// What was measured in a depth picture or clip.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct DepthReading {
    /// Number of frames.
    pub frames: u32,
    /// Length in seconds (0 for a picture).
    pub duration_s: f64,
    /// Whether the times are assumed, because the format stores none.
    pub times_assumed: bool,
    /// Which way depth runs.
    pub polarity: Polarity,
    /// How sure the polarity is, 0–1.
    pub polarity_confidence: f64,
    /// How depth is coloured.
    pub colormap: Colormap,
    /// How the picture is laid out.
    pub layout: DepthLayout,
    /// Over what the values are stretched; `None` where one picture, or a clip in which the
    /// ends never change, does not show it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub normalisation: Option<Normalisation>,
    /// Whether brightness runs evenly with distance or with its inverse.
    #[serde(default)]
    pub scale: DepthScale,
    /// Near, middle, far: only the layers that are there, nearest first.
    pub layers: Vec<DepthLayer>,
    /// Indoors or outdoors, as far as walls, ceiling and sky tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub setting: Option<SettingReading>,
    /// Where the ground would meet the sky.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub horizon: Option<Horizon>,
    /// Doorways and gaps that open onto something farther away.
    #[serde(default)]
    pub openings: Vec<Opening>,
    /// What stands out from ground and walls without moving on its own, the largest first.
    #[serde(default)]
    pub objects: Vec<DepthObject>,
    /// What moves independently of the picture as a whole, by size.
    pub moving_regions: Vec<MovingRegion>,
    /// Camera motion as far as depth shows it; `None` where it cannot be told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub camera_motion: Option<DepthMotion>,
    /// What was measured over time.
    #[serde(default, skip_serializing_if = "DepthSignals::is_empty")]
    pub signals: DepthSignals,
    /// Sentences.
    pub statements: Vec<Statement>,
}

/// How depth is coloured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the names are the field's own")]
pub enum Colormap {
    Grey,
    Inferno,
    /// matplotlib's `Spectral_r`, Depth Anything's default.
    SpectralReversed,
    Turbo,
    Viridis,
    Magma,
    Plasma,
    Jet,
}

/// How a depth picture is laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum DepthLayout {
    /// Depth alone.
    Plain,
    /// Colour picture, white gap, depth.
    SideBySide,
}

/// Over what the values of a clip are stretched to the whole range.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Normalisation {
    /// Every frame by itself.
    Frame,
    /// The whole clip.
    Clip,
    /// Not at all: the file stores distances.
    Metric,
}

/// What brightness runs evenly with.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum DepthScale {
    /// The inverse of distance, as relative models draw it.
    #[default]
    Inverse,
    /// Distance itself.
    Distance,
}

/// Indoors or outdoors.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Setting {
    /// Walls or a ceiling close the picture in.
    Interior,
    /// Two walls run away from the camera to a narrow end.
    Corridor,
    /// Sky, or nothing but distance, above the ground.
    Open,
}

/// The setting with its certainty.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, TS)]
pub struct SettingReading {
    /// Which.
    pub kind: Setting,
    /// How sure, 0–1.
    pub confidence: f64,
}

/// Where the plane of the ground runs out of depth.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, TS)]
pub struct Horizon {
    /// Height at the frame's centre, share of the frame from its top; outside 0–1 when the
    /// camera looks far down or up.
    pub height: f64,
    /// How much it falls from the left to the right edge, share of the frame's height.
    pub fall: f64,
    /// How sure, 0–1.
    pub confidence: f64,
}

/// A doorway or gap.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct Opening {
    /// Where, half way through the clip.
    pub bounds: Region,
    /// Where, in words.
    pub place: String,
    /// What a person called it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub name: Option<String>,
    /// How sure, 0–1.
    pub confidence: f64,
}

/// Something that stands out from ground and walls.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct DepthObject {
    /// Where, half way through the clip.
    pub bounds: Region,
    /// In which band.
    pub band: Band,
    /// Share of the frame it covers.
    pub share: f64,
    /// What a person called it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub name: Option<String>,
    /// How sure, 0–1.
    pub confidence: f64,
}

/// What was measured at each time, for plots; as many values as times.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, TS)]
pub struct DepthSignals {
    /// Seconds.
    pub times_s: Vec<f32>,
    /// Share of the frame in the nearest layer.
    pub near_share: Vec<f32>,
    /// How far the camera has gone right, as parallax: share of the frame's width.
    pub right: Vec<f32>,
    /// How far up, likewise.
    pub up: Vec<f32>,
    /// How far forward, likewise, at the frame's edge.
    pub forward: Vec<f32>,
}

impl DepthSignals {
    /// Whether nothing was measured over time.
    pub fn is_empty(&self) -> bool {
        self.times_s.is_empty()
    }
}

/// One band of depth.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct DepthLayer {
    /// Which band.
    pub band: Band,
    /// Share of the frame it fills, 0–1.
    pub share: f64,
    /// Where it sits, in words ("along the bottom of the frame", "the upper third").
    pub place: String,
    /// Its bounding box.
    pub bounds: Region,
    /// What a person called it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub name: Option<String>,
}

/// Near, middle or far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the names say it")]
pub enum Band {
    Near,
    Mid,
    Far,
}

/// Something that moves on its own.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct MovingRegion {
    /// Where, over the whole span.
    pub bounds: Region,
    /// In which band.
    pub band: Band,
    /// When.
    pub span: TimeSpan,
    /// Which way across the frame: share of width, right positive.
    pub dx: f64,
    /// Which way down the frame: share of height, down positive.
    pub dy: f64,
    /// Which way across the frame beyond what the camera's motion explains: share of width,
    /// right positive.
    #[serde(default)]
    pub own_dx: f64,
    /// Which way down the frame beyond the camera's motion: share of height, down positive.
    #[serde(default)]
    pub own_dy: f64,
    /// How many times larger it gets beyond the camera's motion: above 1 it comes nearer. 0
    /// where it was not measured.
    #[serde(default)]
    pub growth: f64,
    /// Whether it leaves the frame.
    #[serde(default)]
    pub leaves: bool,
    /// Its box when it begins.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub begin: Option<Region>,
    /// Its box when it ends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub end: Option<Region>,
    /// What a person called it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub name: Option<String>,
    /// How sure, 0–1.
    pub confidence: f64,
}

/// Camera motion seen in depth.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct DepthMotion {
    /// Which move: static, dolly, truck, pedestal, pan, tilt and `complex` can be told.
    #[serde(rename = "move")]
    pub kind: MoveKind,
    /// How far: near things (90th percentile of nearness) slide past far ones (10th) by this
    /// share of the frame's width, for a dolly at the frame's edge; pans and tilts shift the
    /// whole picture by it. `None` where a person named the move.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub amount: Option<f64>,
    /// Standard deviation of `amount`, calibrated on scenes with known truth.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub sigma: Option<f64>,
    /// How sure, 0–1.
    pub confidence: f64,
}
