//! How much, how fast and how far: the measures of a move and the words for them.

use super::super::signals::Signals;
use super::super::{Amplitude, Move, MoveKind, MoveUnit, Speed};
use super::Part;

/// Slow below the first, fast above the second: degrees a second.
const SPEEDS_DEG: (f64, f64) = (8.0, 30.0);
/// Shares of the path's extent a second: the whole path in more than 7 s is slow, in less
/// than 1.5 s fast.
const SPEEDS_SHARE: (f64, f64) = (0.14, 0.66);
/// Metres a second: below a stroll, above a jog.
const SPEEDS_M: (f64, f64) = (0.4, 2.0);
/// Logarithm of the focal factor a second: doubling in more than 7 s is slow, in less than
/// 1.5 s fast.
const SPEEDS_ZOOM: (f64, f64) = (0.1, 0.46);
/// Small below the first, large above the second: degrees.
const AMPLITUDES_DEG: (f64, f64) = (15.0, 45.0);
/// Shares of the path's extent.
const AMPLITUDES_SHARE: (f64, f64) = (0.25, 0.75);
/// Metres.
const AMPLITUDES_M: (f64, f64) = (0.5, 3.0);
/// Focal factors.
const AMPLITUDES_FACTOR: (f64, f64) = (1.25, 2.0);

/// How fast an amount over a time is; holds are slow.
pub(in crate::camera) fn speed(amount: f64, unit: MoveUnit, seconds: f64) -> Speed {
    let (way, limits) = match unit {
        MoveUnit::Deg => (amount, SPEEDS_DEG),
        MoveUnit::Share => (amount, SPEEDS_SHARE),
        MoveUnit::M => (amount, SPEEDS_M),
        MoveUnit::Factor => (amount.max(1.0).ln(), SPEEDS_ZOOM),
        MoveUnit::S => return Speed::Slow,
    };
    match way / seconds.max(1e-6) {
        rate if rate < limits.0 => Speed::Slow,
        rate if rate > limits.1 => Speed::Fast,
        _ => Speed::Regular,
    }
}

/// How far an amount goes; holds go nowhere.
fn amplitude(amount: f64, unit: MoveUnit) -> Amplitude {
    let far = match unit {
        MoveUnit::Deg => AMPLITUDES_DEG,
        MoveUnit::Factor => AMPLITUDES_FACTOR,
        MoveUnit::M => AMPLITUDES_M,
        MoveUnit::Share => AMPLITUDES_SHARE,
        MoveUnit::S => return Amplitude::Small,
    };
    match amount {
        amount if amount < far.0 => Amplitude::Small,
        amount if amount > far.1 => Amplitude::Large,
        _ => Amplitude::Medium,
    }
}

/// The unit that a move of this kind is measured in.
pub(in crate::camera) fn unit(kind: MoveKind, metric: bool) -> MoveUnit {
    use MoveKind as K;
    match kind {
        K::PanLeft
        | K::PanRight
        | K::TiltUp
        | K::TiltDown
        | K::RollCw
        | K::RollCcw
        | K::ArcCw
        | K::ArcCcw
        | K::CraneUp
        | K::CraneDown => MoveUnit::Deg,
        K::ZoomIn | K::ZoomOut => MoveUnit::Factor,
        K::Static | K::Complex => MoveUnit::S,
        _ if metric => MoveUnit::M,
        _ => MoveUnit::Share,
    }
}

/// The move that a part stands for.
pub(super) fn describe(part: &Part, signals: &Signals, metric: bool, confidence: f64) -> Move {
    let unit = unit(part.kind, metric);
    let amount = match unit {
        MoveUnit::Factor => part.amount.exp(),
        MoveUnit::M => part.amount * signals.extent,
        MoveUnit::Share => part.amount.min(1.0),
        MoveUnit::Deg | MoveUnit::S => part.amount,
    };
    Move {
        kind: part.kind,
        start_s: part.start,
        end_s: part.end,
        amount,
        unit,
        speed: speed(amount, unit, part.end - part.start),
        amplitude: amplitude(amount, unit),
        confidence,
    }
}

/// Lets a move last until a later time; holds grow by it.
pub(in crate::camera) fn extend(one: &mut Move, end_s: f64) {
    one.end_s = end_s;
    if one.unit == MoveUnit::S {
        one.amount = one.end_s - one.start_s;
    }
}

/// A stretch without a move that has a measure of its own: a hold, or irregular motion.
pub(super) fn plain(kind: MoveKind, start_s: f64, end_s: f64, confidence: f64) -> Move {
    let still = kind == MoveKind::Static;
    Move {
        kind,
        start_s,
        end_s,
        amount: end_s - start_s,
        unit: MoveUnit::S,
        speed: if still { Speed::Slow } else { Speed::Regular },
        amplitude: if still {
            Amplitude::Small
        } else {
            Amplitude::Medium
        },
        confidence,
    }
}
