//! Whether the camera that depth shows is the camera of a path.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{DepthMotion, DepthReading};
use crate::camera::{CameraReading, MoveKind};
use crate::plain::capital;

/// Whether depth and a path show one camera.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
// The interface knows another thing by this name.
#[ts(rename = "DepthAgreement")]
pub struct Agreement {
    /// Whether they do.
    pub agrees: bool,
    /// Why, as a full sentence.
    pub because: String,
    /// How sure, 0–1.
    pub confidence: f64,
}

/// Compares the camera's motion that depth shows with a path's moves. `None` where depth shows
/// none, or the path holds nothing that depth could show (rolls, zooms).
pub fn agreement(depth: &DepthReading, path: &CameraReading) -> Option<Agreement> {
    let motion = depth.camera_motion.as_ref()?;
    let mut kinds: Vec<MoveKind> = Vec::new();
    // The longest move speaks first.
    let mut moves: Vec<_> = path.moves.iter().collect();
    moves.sort_by(|one, other| (other.end_s - other.start_s).total_cmp(&(one.end_s - one.start_s)));
    for one in moves {
        if !kinds.contains(&one.kind) {
            kinds.push(one.kind);
        }
    }
    let shown: Vec<MoveKind> = kinds
        .iter()
        .copied()
        .filter(|kind| *kind != MoveKind::Static && axis(*kind).is_some())
        .collect();
    let rests = !kinds.is_empty() && kinds.iter().all(|kind| *kind == MoveKind::Static);
    if shown.is_empty() && !rests {
        return None;
    }
    let seen = seen(motion);
    let path_does = |kind: MoveKind| format!("the path {}", does(kind));
    let (agrees, because, weight) = match (motion.kind, shown.as_slice()) {
        (MoveKind::Static, []) => (
            true,
            "The path holds still, and so do the depths.".to_owned(),
            1.0,
        ),
        (MoveKind::Static, [main, ..]) => (
            false,
            format!("{}, but the depths hold still.", capital(&path_does(*main))),
            0.9,
        ),
        (_, []) => (false, format!("The path holds still, but {seen}."), 0.9),
        (MoveKind::Complex, [main, ..]) => (
            true,
            format!("{}, and {seen}.", capital(&path_does(*main))),
            0.5,
        ),
        (kind, [main, ..]) => {
            let (way, sign) = axis(kind)?;
            let same = shown
                .iter()
                .find(|other| axis(**other) == Some((way, sign)));
            let against = shown
                .iter()
                .find(|other| axis(**other) == Some((way, -sign)));
            match (same, against) {
                (Some(same), _) => (
                    true,
                    format!("{}, and {seen}.", capital(&path_does(*same))),
                    1.0,
                ),
                (None, Some(against)) => (
                    false,
                    format!("{}, but {seen}.", capital(&path_does(*against))),
                    1.0,
                ),
                // Another move altogether: depth may have seen the lesser of two.
                (None, None) => (
                    false,
                    format!("{}, but {seen}.", capital(&path_does(*main))),
                    0.75,
                ),
            }
        }
    };
    Some(Agreement {
        agrees,
        because,
        confidence: ((motion.confidence * weight).clamp(0.0, 1.0) * 1000.0).round() / 1000.0,
    })
}

/// The axis a move runs along and which way; moves along one axis look alike in depth.
fn axis(kind: MoveKind) -> Option<(u8, i8)> {
    Some(match kind {
        MoveKind::TruckRight | MoveKind::ArcCcw => (0, 1),
        MoveKind::TruckLeft | MoveKind::ArcCw => (0, -1),
        MoveKind::PedestalUp | MoveKind::CraneUp => (1, 1),
        MoveKind::PedestalDown | MoveKind::CraneDown => (1, -1),
        MoveKind::DollyIn | MoveKind::DollyZoomIn => (2, 1),
        MoveKind::DollyOut | MoveKind::DollyZoomOut => (2, -1),
        MoveKind::PanRight => (3, 1),
        MoveKind::PanLeft => (3, -1),
        MoveKind::TiltUp => (4, 1),
        MoveKind::TiltDown => (4, -1),
        MoveKind::Static => (5, 0),
        MoveKind::Complex
        | MoveKind::RollCw
        | MoveKind::RollCcw
        | MoveKind::ZoomIn
        | MoveKind::ZoomOut => return None,
    })
}

fn seen(motion: &DepthMotion) -> String {
    let what = match motion.kind {
        MoveKind::TruckRight => "near things slide left past far ones, as in a truck right",
        MoveKind::TruckLeft => "near things slide right past far ones, as in a truck left",
        MoveKind::PedestalUp => "near things sink past far ones, as when the camera rises",
        MoveKind::PedestalDown => "near things rise past far ones, as when the camera sinks",
        MoveKind::DollyIn => "near things spread more than far ones, as in a dolly in",
        MoveKind::DollyOut => "near things close in more than far ones, as in a dolly out",
        MoveKind::PanRight => "the whole picture slides left, as in a pan right",
        MoveKind::PanLeft => "the whole picture slides right, as in a pan left",
        MoveKind::TiltUp => "the whole picture sinks, as in a tilt up",
        MoveKind::TiltDown => "the whole picture rises, as in a tilt down",
        _ => "the depths show a camera that moves in several ways at once",
    };
    what.to_owned()
}

/// What a path does, in words that follow "the path".
fn does(kind: MoveKind) -> &'static str {
    match kind {
        MoveKind::Static => "holds still",
        MoveKind::PanLeft => "pans left",
        MoveKind::PanRight => "pans right",
        MoveKind::TiltUp => "tilts up",
        MoveKind::TiltDown => "tilts down",
        MoveKind::RollCw | MoveKind::RollCcw => "rolls",
        MoveKind::DollyIn => "dollies in",
        MoveKind::DollyOut => "dollies out",
        MoveKind::TruckLeft => "trucks left",
        MoveKind::TruckRight => "trucks right",
        MoveKind::PedestalUp => "rises",
        MoveKind::PedestalDown => "sinks",
        MoveKind::ZoomIn => "zooms in",
        MoveKind::ZoomOut => "zooms out",
        MoveKind::ArcCw | MoveKind::ArcCcw => "arcs",
        MoveKind::CraneUp => "cranes up",
        MoveKind::CraneDown => "cranes down",
        MoveKind::DollyZoomIn | MoveKind::DollyZoomOut => "makes a dolly zoom",
        MoveKind::Complex => "moves in several ways at once",
    }
}
