//! The moves a script can hold, and what their amounts count.

/// The camera moves of the contract, by their keys in JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
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
    /// Around the subject clockwise as seen from above: to the left, panning right.
    ArcCw,
    /// Around the subject counter-clockwise as seen from above: to the right, panning left.
    ArcCcw,
    /// Up along a vertical arc around the subject, tilting down to keep it in view.
    CraneUp,
    /// Down along a vertical arc around the subject, tilting up to keep it in view.
    CraneDown,
    /// Dolly in while zooming out: the subject keeps its size.
    DollyZoomIn,
    /// Dolly out while zooming in: the subject keeps its size.
    DollyZoomOut,
}

impl MoveKind {
    /// Every move, in the contract's order.
    pub const ALL: [Self; 21] = [
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
    ];

    /// The move's key in JSON.
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
        }
    }

    /// What [`Step::amount`] of this move counts.
    pub fn unit(self) -> Unit {
        match self {
            Self::Static => Unit::Seconds,
            Self::PanLeft
            | Self::PanRight
            | Self::TiltUp
            | Self::TiltDown
            | Self::RollCw
            | Self::RollCcw
            | Self::ArcCw
            | Self::ArcCcw
            | Self::CraneUp
            | Self::CraneDown => Unit::Degrees,
            Self::DollyIn
            | Self::DollyOut
            | Self::TruckLeft
            | Self::TruckRight
            | Self::PedestalUp
            | Self::PedestalDown
            | Self::DollyZoomIn
            | Self::DollyZoomOut => Unit::Metres,
            Self::ZoomIn | Self::ZoomOut => Unit::Factor,
        }
    }
}

/// What an amount counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Unit {
    Degrees,
    Metres,
    /// Focal length ratio above 1, larger over smaller.
    Factor,
    Seconds,
}
