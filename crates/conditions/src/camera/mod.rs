//! Camera paths: formats, one canonical path, and the moves in it.

mod canonical;
mod convention;
mod curves;
mod cuts;
mod fit;
mod formats;
mod geometry;
pub mod moves;
mod names;
mod parts;
mod phrase;
mod runs;
mod signals;
mod statements;
mod steadiness;
#[cfg(test)]
mod tests;
pub mod tracking;

pub use phrase::{Phrase, phrase};
pub use steadiness::Shake;

use std::path::Path;

use decoupage_shot::{Outcome, Phase, ReadOptions, Watch};
use glam::{DMat3, DVec3};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::outline::Curve;
use crate::reading::Statement;

/// A camera path in the canonical form: OpenCV camera-to-world (x right, y down, z forward),
/// relative to frame 0, intrinsics normalised by picture width and height.
#[derive(Debug, Clone, PartialEq)]
pub struct CameraPath {
    /// One pose a frame, time ascending, the first at the identity.
    pub poses: Vec<CameraPose>,
    /// Whether translations are metres; otherwise the scale is arbitrary.
    pub metric: bool,
}

/// Where the camera stands and looks at one time.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CameraPose {
    /// Seconds since the first frame.
    pub time_s: f64,
    /// Rotation part of world-from-camera; its columns are the camera's right, down and
    /// forward axes.
    pub world_from_camera: DMat3,
    /// Camera centre in the frame-0 camera's axes, in the file's units.
    pub centre: DVec3,
    /// Focal lengths and principal point as shares of picture width and height, where the
    /// format stores them.
    pub intrinsics: Option<Intrinsics>,
}

/// Normalised pinhole intrinsics.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, TS)]
pub struct Intrinsics {
    /// Horizontal focal length / width.
    pub fx: f64,
    /// Vertical focal length / height.
    pub fy: f64,
    /// Principal point x / width.
    pub cx: f64,
    /// Principal point y / height.
    pub cy: f64,
}

/// What was measured in a camera path.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, TS)]
pub struct CameraReading {
    /// Number of poses.
    pub frames: u32,
    /// Length in seconds: stored in the file, or frames at the stated or assumed rate.
    pub duration_s: f64,
    /// Whether the times are assumed, because the format stores none.
    pub times_assumed: bool,
    /// Key of the format ("realestate10k", "motioncontrol", …).
    pub format: String,
    /// Key of the convention the file was read with ("opencv_w2c", "opengl_c2w", …).
    pub convention: String,
    /// The cameras to choose from, in a file with several; the one read comes first.
    pub cameras: Vec<String>,
    /// Whether translations are metres.
    pub metric: bool,
    /// The moves, by start time; simultaneous moves overlap.
    pub moves: Vec<Move>,
    /// When the path cuts to another place: the times of the first frames there, seconds. No
    /// move runs across a cut.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[ts(as = "Option<Vec<f64>>", optional)]
    pub cuts: Vec<f64>,
    /// How steady the camera is held.
    pub steadiness: Steadiness,
    /// The shake that `steadiness` rests on; none where a person said how steady it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub shake: Option<Shake>,
    /// Frames per second that were assumed or stated, where the file stores no times.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub fps: Option<f64>,
    /// The move that the file's name speaks of ("pan left"), whatever the path is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub name_says: Option<String>,
    /// What a person should know about how the file was read, full sentences.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[ts(as = "Option<Vec<String>>", optional)]
    pub notes: Vec<String>,
    /// What moves, over time: pan (right), tilt (up), roll (clockwise) in degrees; dolly (in),
    /// truck (right), pedestal (up) in metres or shares of the path's extent; focal length as
    /// a factor. Each place counts from its own first frame.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[ts(as = "Option<Vec<Curve>>", optional)]
    pub curves: Vec<Curve>,
    /// Sentences: compound moves and sequences in plain film English.
    pub statements: Vec<Statement>,
}

/// One move of the camera.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct Move {
    /// Which move.
    #[serde(rename = "move")]
    pub kind: MoveKind,
    /// Begin, seconds.
    pub start_s: f64,
    /// End, seconds.
    pub end_s: f64,
    /// How much, in `unit`, always positive.
    pub amount: f64,
    /// Unit of `amount`.
    pub unit: MoveUnit,
    /// How fast.
    pub speed: Speed,
    /// How far.
    pub amplitude: Amplitude,
    /// How sure it is, 0–1; 1 only where a person said so.
    #[serde(default = "unstated")]
    #[ts(as = "Option<f64>", optional)]
    pub confidence: f64,
}

/// The confidence of moves that were stored without one.
fn unstated() -> f64 {
    0.8
}

/// The camera moves of film usage: pan and tilt are rotations, truck and pedestal are
/// translations, whatever a file's name says. Vocabulary after CameraBench.
///
/// Rolls are clockwise as the camera turns (the picture turns the other way). Arcs are
/// clockwise as seen from above: the camera goes left round a point before it, panning right.
/// Cranes rise or sink in an arc round a point before the camera, tilting against it. Dolly
/// zooms are named by the dolly: `DollyZoomIn` dollies in while zooming out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the names are the field's own")]
pub enum MoveKind {
    Static,
    PanLeft,
    PanRight,
    TiltUp,
    TiltDown,
    RollCw,
    RollCcw,
    DollyIn,
    DollyOut,
    TruckLeft,
    TruckRight,
    PedestalUp,
    PedestalDown,
    ZoomIn,
    ZoomOut,
    ArcCw,
    ArcCcw,
    CraneUp,
    CraneDown,
    DollyZoomIn,
    DollyZoomOut,
    Complex,
}

impl MoveKind {
    /// Every move, in the contract's order.
    pub const ALL: [Self; 22] = [
        Self::Static,
        Self::PanLeft,
        Self::PanRight,
        Self::TiltUp,
        Self::TiltDown,
        Self::RollCw,
        Self::RollCcw,
        Self::DollyIn,
        Self::DollyOut,
        Self::TruckLeft,
        Self::TruckRight,
        Self::PedestalUp,
        Self::PedestalDown,
        Self::ZoomIn,
        Self::ZoomOut,
        Self::ArcCw,
        Self::ArcCcw,
        Self::CraneUp,
        Self::CraneDown,
        Self::DollyZoomIn,
        Self::DollyZoomOut,
        Self::Complex,
    ];

    /// Its key in JSON.
    pub fn key(self) -> &'static str {
        match self {
            Self::Static => "static",
            Self::PanLeft => "pan_left",
            Self::PanRight => "pan_right",
            Self::TiltUp => "tilt_up",
            Self::TiltDown => "tilt_down",
            Self::RollCw => "roll_cw",
            Self::RollCcw => "roll_ccw",
            Self::DollyIn => "dolly_in",
            Self::DollyOut => "dolly_out",
            Self::TruckLeft => "truck_left",
            Self::TruckRight => "truck_right",
            Self::PedestalUp => "pedestal_up",
            Self::PedestalDown => "pedestal_down",
            Self::ZoomIn => "zoom_in",
            Self::ZoomOut => "zoom_out",
            Self::ArcCw => "arc_cw",
            Self::ArcCcw => "arc_ccw",
            Self::CraneUp => "crane_up",
            Self::CraneDown => "crane_down",
            Self::DollyZoomIn => "dolly_zoom_in",
            Self::DollyZoomOut => "dolly_zoom_out",
            Self::Complex => "complex",
        }
    }

    /// The move with this key.
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.key() == key)
    }
}

impl Steadiness {
    /// Every level, from the stillest.
    pub const ALL: [Self; 5] = [
        Self::Static,
        Self::Steady,
        Self::MinimalShake,
        Self::Unsteady,
        Self::VeryUnsteady,
    ];

    /// Its key in JSON.
    pub fn key(self) -> &'static str {
        match self {
            Self::Static => "static",
            Self::Steady => "steady",
            Self::MinimalShake => "minimal_shake",
            Self::Unsteady => "unsteady",
            Self::VeryUnsteady => "very_unsteady",
        }
    }

    /// The level with this key.
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|level| level.key() == key)
    }
}

/// Unit of a move's amount.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum MoveUnit {
    /// Degrees.
    Deg,
    /// Share of the path's own extent, 0–1 (scale-free translations).
    Share,
    /// Metres, where the file is metric.
    M,
    /// Focal length ratio, last over first or its inverse, above 1.
    Factor,
    /// Seconds (holds).
    S,
}

/// How fast a move is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the names say it")]
pub enum Speed {
    Slow,
    Regular,
    Fast,
}

/// How far a move goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the names say it")]
pub enum Amplitude {
    Small,
    Medium,
    Large,
}

/// How steady the camera is held. After CameraBench's shaking scale.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Steadiness {
    /// It does not move at all.
    #[default]
    Static,
    /// It moves smoothly.
    Steady,
    /// Barely visible shake.
    MinimalShake,
    /// Hand-held.
    Unsteady,
    /// Strong shake.
    VeryUnsteady,
}

/// Reads the camera path in a file and measures its moves.
///
/// Formats are told apart by content; `options.format`, `convention`, `fps` and `camera`
/// override what was detected. A folder stands for the COLMAP model (or `transforms.json`)
/// in it.
///
/// # Errors
/// A fault with one sentence when the file is not a camera path or holds unusable numbers.
pub fn read(path: &Path, options: &ReadOptions, watch: &dyn Watch) -> Outcome<CameraReading> {
    let loaded = open(path, options, watch)?;
    let motion = match thinned(&loaded.path) {
        Some(path) => moves::find(&path),
        None => moves::find(&loaded.path),
    };
    let last = loaded.path.poses.last().map_or(0.0, |pose| pose.time_s);
    // At a frame rate the last frame is shown for its time, too.
    let duration_s = last + loaded.fps.map_or(0.0, |fps| 1.0 / fps);
    let mut moves = motion.moves;
    for one in &mut moves {
        if one.end_s >= last {
            moves::measures::extend(one, duration_s);
        }
        for value in [&mut one.start_s, &mut one.end_s, &mut one.amount] {
            *value = rounded(*value);
        }
        one.confidence = rounded(one.confidence);
    }
    let mut reading = CameraReading {
        frames: loaded.path.poses.len() as u32,
        duration_s,
        times_assumed: loaded.times_assumed,
        format: loaded.format.to_owned(),
        convention: loaded.convention,
        cameras: loaded.cameras,
        metric: loaded.path.metric,
        moves,
        cuts: motion.cuts.into_iter().map(rounded).collect(),
        steadiness: motion.steadiness,
        shake: Some(Shake {
            turn_deg: rounded(motion.shake.turn_deg),
            travel_share: rounded(motion.shake.travel_share),
            ..motion.shake
        }),
        fps: loaded.fps,
        name_says: names::said(path),
        notes: loaded.notes,
        curves: motion.curves,
        statements: Vec::new(),
    };
    reading.statements = statements::write(&reading);
    Ok(reading)
}

/// Poses a second beyond which more say nothing of a move or a hand's shake; trackers and robot
/// arms write a thousand.
const MOST_POSES_A_SECOND: f64 = 120.0;

/// A path of far more poses a second than that, with every so many left out but the last.
fn thinned(path: &CameraPath) -> Option<CameraPath> {
    let last = path.poses.last()?;
    let rate = path.poses.len() as f64 / last.time_s.max(1e-9);
    let every = (rate / MOST_POSES_A_SECOND) as usize;
    if every < 2 || path.poses.len() < 2 * every {
        return None;
    }
    let mut poses: Vec<CameraPose> = path.poses.iter().step_by(every).copied().collect();
    if !(path.poses.len() - 1).is_multiple_of(every) {
        poses.push(*last);
    }
    Some(CameraPath {
        poses,
        metric: path.metric,
    })
}

/// Four decimals: more than a path knows, little enough to read.
fn rounded(value: f64) -> f64 {
    (value * 10_000.0).round() / 10_000.0 + 0.0
}

/// The key of the format a file has by its content, without reading the whole path; `None`
/// where it is no camera path. Cheap for anything but JSON and glTF, whose structure is read.
///
/// # Errors
/// A fault when the file cannot be read at all.
pub fn probe(path: &Path) -> Outcome<Option<&'static str>> {
    formats::probe(path)
}

/// Reads the canonical camera path in a file.
///
/// # Errors
/// As [`read`].
pub fn load(path: &Path, options: &ReadOptions, watch: &dyn Watch) -> Outcome<CameraPath> {
    Ok(open(path, options, watch)?.path)
}

fn open(path: &Path, options: &ReadOptions, watch: &dyn Watch) -> Outcome<canonical::Loaded> {
    watch.report(Phase::Reading, 0, 1);
    let loaded = formats::read(path, options, watch)
        .and_then(|raw| canonical::canonical(raw, options))
        .map_err(|fault| fault.at(path))?;
    watch.report(Phase::Reading, 1, 1);
    Ok(loaded)
}
