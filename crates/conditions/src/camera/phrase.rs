//! The words for moves.

use super::MoveKind;

/// A move in words, without its subject.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Phrase {
    /// Third person: "trucks right".
    pub verb: &'static str,
    /// After "while": "trucking right".
    pub gerund: &'static str,
    /// After "a": "truck right".
    pub noun: &'static str,
}

/// The words for a move. `verb` completes "The camera …", `gerund` "… while …", `noun`
/// "the path is a …".
pub fn phrase(kind: MoveKind) -> Phrase {
    let (verb, gerund, noun) = match kind {
        MoveKind::Static => ("holds still", "holding still", "hold"),
        MoveKind::PanLeft => ("pans left", "panning left", "pan left"),
        MoveKind::PanRight => ("pans right", "panning right", "pan right"),
        MoveKind::TiltUp => ("tilts up", "tilting up", "tilt up"),
        MoveKind::TiltDown => ("tilts down", "tilting down", "tilt down"),
        MoveKind::RollCw => ("rolls clockwise", "rolling clockwise", "clockwise roll"),
        MoveKind::RollCcw => (
            "rolls counter-clockwise",
            "rolling counter-clockwise",
            "counter-clockwise roll",
        ),
        MoveKind::DollyIn => ("dollies in", "dollying in", "dolly in"),
        MoveKind::DollyOut => ("dollies out", "dollying out", "dolly out"),
        MoveKind::TruckLeft => ("trucks left", "trucking left", "truck left"),
        MoveKind::TruckRight => ("trucks right", "trucking right", "truck right"),
        MoveKind::PedestalUp => ("pedestals up", "pedestalling up", "pedestal up"),
        MoveKind::PedestalDown => ("pedestals down", "pedestalling down", "pedestal down"),
        MoveKind::ZoomIn => ("zooms in", "zooming in", "zoom in"),
        MoveKind::ZoomOut => ("zooms out", "zooming out", "zoom out"),
        MoveKind::ArcCw => ("arcs clockwise", "arcing clockwise", "clockwise arc"),
        MoveKind::ArcCcw => (
            "arcs counter-clockwise",
            "arcing counter-clockwise",
            "counter-clockwise arc",
        ),
        MoveKind::CraneUp => ("cranes up", "craning up", "crane up"),
        MoveKind::CraneDown => ("cranes down", "craning down", "crane down"),
        MoveKind::DollyZoomIn => (
            "dollies in while zooming out",
            "dollying in and zooming out",
            "dolly zoom in",
        ),
        MoveKind::DollyZoomOut => (
            "dollies out while zooming in",
            "dollying out and zooming in",
            "dolly zoom out",
        ),
        MoveKind::Complex => (
            "moves along an irregular path",
            "moving along an irregular path",
            "move of no single kind",
        ),
    };
    Phrase { verb, gerund, noun }
}
