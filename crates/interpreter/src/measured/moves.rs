//! Camera moves in words.

use decoupage_conditions::camera::{
    Amplitude, CameraReading, Move, MoveKind, MoveUnit, Speed, Steadiness,
};

use super::clock::{Clock, Part};

/// Moves that happen together.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Beat<'a> {
    /// The moves, the leading one first; empty never.
    pub moves: Vec<&'a Move>,
    /// Shorter moves that happen meanwhile, in time order.
    pub within: Vec<&'a Move>,
    pub start_s: f64,
    pub end_s: f64,
}

impl Beat<'_> {
    pub fn still(&self) -> bool {
        self.moves.iter().all(|m| m.kind == MoveKind::Static)
    }
}

/// The path's moves as beats, in time order.
pub(crate) fn beats(reading: &CameraReading) -> Vec<Beat<'_>> {
    let mut moves: Vec<&Move> = reading
        .moves
        .iter()
        .filter(|m| m.start_s.is_finite() && m.end_s.is_finite() && m.end_s >= m.start_s)
        .collect();
    // Of moves that begin together, the longest leads; a third of a second is together.
    let bucket = |m: &Move| (m.start_s / 0.34).floor();
    moves.sort_by(|a, b| {
        bucket(a)
            .total_cmp(&bucket(b))
            .then(b.end_s.total_cmp(&a.end_s))
            .then(a.start_s.total_cmp(&b.start_s))
            .then(a.kind.cmp(&b.kind))
    });
    let mut out: Vec<Beat<'_>> = Vec::new();
    for m in moves {
        let joins = out.last().is_some_and(|beat| {
            let overlap = beat.end_s.min(m.end_s) - beat.start_s.max(m.start_s);
            let shorter = (beat.end_s - beat.start_s).min(m.end_s - m.start_s);
            let longer = (beat.end_s - beat.start_s).max(m.end_s - m.start_s);
            // A short move within a long one is told on its own.
            overlap > 0.5 * shorter
                && (overlap > 0.7 * longer
                    || beat.start_s <= m.start_s && m.end_s <= beat.end_s + 0.1 * longer)
                && (m.kind == MoveKind::Static) == beat.still()
        });
        match out.last_mut() {
            Some(beat) if joins => {
                let length = beat.end_s - beat.start_s;
                let overlap = beat.end_s.min(m.end_s) - beat.start_s.max(m.start_s);
                if overlap <= 0.7 * length {
                    beat.within.push(m);
                    continue;
                }
                if !beat.moves.iter().any(|b| b.kind == m.kind) {
                    beat.moves.push(m);
                }
                beat.start_s = beat.start_s.min(m.start_s);
                beat.end_s = beat.end_s.max(m.end_s);
            }
            _ => out.push(Beat {
                moves: vec![m],
                within: Vec::new(),
                start_s: m.start_s,
                end_s: m.end_s,
            }),
        }
    }
    for beat in &mut out {
        beat.moves.sort_by_key(|m| (rank(m.kind), m.kind));
    }
    out
}

/// Translations lead, rotations and lens follow.
fn rank(kind: MoveKind) -> u8 {
    use MoveKind::*;
    match kind {
        ArcCw | ArcCcw | CraneUp | CraneDown | DollyZoomIn | DollyZoomOut => 0,
        DollyIn | DollyOut | TruckLeft | TruckRight | PedestalUp | PedestalDown => 1,
        PanLeft | PanRight | TiltUp | TiltDown | RollCw | RollCcw => 2,
        ZoomIn | ZoomOut => 3,
        Static | Complex => 4,
    }
}

/// Third person, -ing form and the words after, of a move.
fn parts(kind: MoveKind) -> (&'static str, &'static str, &'static str) {
    use MoveKind::*;
    match kind {
        Static => ("holds", "holding", "still"),
        PanLeft => ("pans", "panning", "left"),
        PanRight => ("pans", "panning", "right"),
        TiltUp => ("tilts", "tilting", "up"),
        TiltDown => ("tilts", "tilting", "down"),
        RollCw => ("rolls", "rolling", "clockwise"),
        RollCcw => ("rolls", "rolling", "anticlockwise"),
        DollyIn => ("dollies", "dollying", "in"),
        DollyOut => ("dollies", "dollying", "out"),
        TruckLeft => ("trucks", "trucking", "left"),
        TruckRight => ("trucks", "trucking", "right"),
        PedestalUp => ("pedestals", "pedestalling", "up"),
        PedestalDown => ("pedestals", "pedestalling", "down"),
        ZoomIn => ("zooms", "zooming", "in"),
        ZoomOut => ("zooms", "zooming", "out"),
        ArcCw => ("arcs", "arcing", "clockwise"),
        ArcCcw => ("arcs", "arcing", "anticlockwise"),
        CraneUp => ("cranes", "craning", "up"),
        CraneDown => ("cranes", "craning", "down"),
        DollyZoomIn => ("dolly-zooms", "dolly-zooming", "in"),
        DollyZoomOut => ("dolly-zooms", "dolly-zooming", "out"),
        Complex => ("moves", "moving", "along a free path"),
    }
}

/// "trucks right"
pub(crate) fn does(kind: MoveKind) -> String {
    let (third, _, rest) = parts(kind);
    format!("{third} {rest}")
}

/// "trucking right"
pub(crate) fn doing(kind: MoveKind) -> String {
    let (_, ing, rest) = parts(kind);
    format!("{ing} {rest}")
}

/// "trucks right while panning left and tilting up"
pub(crate) fn together(beat: &Beat<'_>) -> String {
    let Some((first, rest)) = beat.moves.split_first() else {
        return String::new();
    };
    let with: Vec<String> = rest.iter().map(|m| doing(m.kind)).collect();
    if with.is_empty() {
        does(first.kind)
    } else {
        format!(
            "{} while {}",
            does(first.kind),
            super::compose::listed(&with)
        )
    }
}

/// "slow and smooth", "fast", "through about 30 degrees".
pub(crate) fn manner(beat: &Beat<'_>, steadiness: Steadiness) -> String {
    let even = matches!(steadiness, Steadiness::Steady);
    let Some(lead) = beat.moves.first().filter(|m| m.kind != MoveKind::Static) else {
        return String::new();
    };
    let mut parts = Vec::new();
    let pace = match (lead.speed, even) {
        (Speed::Slow, true) => "slow and smooth",
        (Speed::Slow, false) => "slow",
        (Speed::Regular, _) => "at a moderate speed",
        (Speed::Fast, _) => "fast",
    };
    if !pace.is_empty() {
        parts.push(pace.to_owned());
    }
    if beat.moves.len() == 1
        && let Some(amount) = amount(lead)
    {
        parts.push(amount);
    }
    parts.join(", ")
}

fn amount(m: &Move) -> Option<String> {
    if !m.amount.is_finite() || m.amount <= 0.0 {
        return None;
    }
    match m.unit {
        MoveUnit::Deg if m.amount < 3.0 => Some("by a few degrees".to_owned()),
        MoveUnit::Deg => {
            let step = if m.amount < 20.0 { 1.0 } else { 5.0 };
            Some(format!(
                "through about {:.0} degrees",
                (m.amount / step).round() * step
            ))
        }
        MoveUnit::M if m.amount >= 0.05 => Some(format!("over about {:.1} m", m.amount)),
        MoveUnit::Factor if m.amount > 1.05 => {
            Some(format!("by a factor of about {:.1}", m.amount))
        }
        MoveUnit::Share | MoveUnit::M | MoveUnit::Factor | MoveUnit::S => {
            (m.amplitude == Amplitude::Small && m.unit == MoveUnit::Share)
                .then(|| "a short way".to_owned())
        }
    }
}

/// When a beat happens, in the camera section: the first beat and those after it.
pub(crate) fn when(beat: &Beat<'_>, clock: Clock, first: bool) -> String {
    if beat.still() && !first {
        return clock.how_long(beat.start_s, beat.end_s);
    }
    match clock.part(beat.start_s, beat.end_s) {
        Part::Whole => "from first frame to last".to_owned(),
        _ => clock.when(beat.start_s, beat.end_s),
    }
}

/// How the camera is held, as a sentence.
pub(crate) fn held(steadiness: Steadiness) -> &'static str {
    match steadiness {
        Steadiness::Static => "No shake",
        Steadiness::Steady => "Steady, no shake",
        Steadiness::MinimalShake => "A barely visible shake",
        Steadiness::Unsteady => "Held by hand, with visible shake",
        Steadiness::VeryUnsteady => "Held by hand, with strong shake",
    }
}

/// The move that undoes this one.
pub(crate) fn opposite(kind: MoveKind) -> MoveKind {
    use MoveKind::*;
    match kind {
        PanLeft => PanRight,
        PanRight => PanLeft,
        TiltUp => TiltDown,
        TiltDown => TiltUp,
        RollCw => RollCcw,
        RollCcw => RollCw,
        DollyIn => DollyOut,
        DollyOut => DollyIn,
        TruckLeft => TruckRight,
        TruckRight => TruckLeft,
        PedestalUp => PedestalDown,
        PedestalDown => PedestalUp,
        ZoomIn => ZoomOut,
        ZoomOut => ZoomIn,
        ArcCw => ArcCcw,
        ArcCcw => ArcCw,
        CraneUp => CraneDown,
        CraneDown => CraneUp,
        DollyZoomIn => DollyZoomOut,
        DollyZoomOut => DollyZoomIn,
        Static => Complex,
        Complex => Static,
    }
}

/// Which moves of a path fulfil a wish for this one: a crane up rises like a pedestal.
pub(crate) fn fulfils(wish: MoveKind, path: MoveKind) -> bool {
    use MoveKind::*;
    wish == path
        || matches!(
            (wish, path),
            (PedestalUp, CraneUp)
                | (CraneUp, PedestalUp)
                | (PedestalDown, CraneDown)
                | (CraneDown, PedestalDown)
        )
}

/// The whole path in one clause: "trucks right, then holds still".
pub(crate) fn summary(reading: &CameraReading) -> String {
    let beats = beats(reading);
    if beats.iter().all(Beat::still) {
        return "holds still throughout".to_owned();
    }
    let all: Vec<String> = beats.iter().take(6).map(together).collect();
    all.join(", then ")
}
