//! Where a person is in frame, how much of the body is seen, and how the person moves through
//! the frame.

use super::signals::Signals;
use super::spans::median;
use crate::pose::joints::{L_HIP, L_SHOULDER, NECK, NOSE, R_HIP, R_SHOULDER, bounds, distance};
use crate::pose::{Across, Approach, BodyFraming, Position, Travel};

/// How much of the body is seen, in most frames.
pub fn framing(signals: &Signals) -> BodyFraming {
    if !signals.head_seen() {
        return BodyFraming::Partial;
    }
    let shoulders = signals.mostly(R_SHOULDER) || signals.mostly(L_SHOULDER);
    let hips = signals.mostly(R_HIP) || signals.mostly(L_HIP);
    if signals.ankles_seen() {
        BodyFraming::FullFigure
    } else if signals.knees_seen() {
        BodyFraming::KneesUp
    } else if hips && shoulders {
        BodyFraming::WaistUp
    } else if shoulders {
        BodyFraming::HeadAndShoulders
    } else {
        BodyFraming::Partial
    }
}

/// Where and how large, around the middle of the time present.
pub fn position(signals: &Signals) -> Position {
    let middle = signals.len() / 2;
    let reach = signals.frames_in(0.2);
    let window = middle.saturating_sub(reach)..(middle + reach + 1).min(signals.len());
    let value = |pick: &dyn Fn([f64; 4]) -> f64| {
        median(
            window
                .clone()
                .filter_map(|frame| Some(pick(bounds(signals.bodies.get(frame)?)?))),
        )
        .unwrap_or(0.5)
    };
    Position {
        x: value(&|[l, _, r, _]| f64::midpoint(l, r)) / signals.aspect,
        y: value(&|[_, t, _, b]| f64::midpoint(t, b)),
        height: value(&|[_, t, _, b]| b - t).clamp(0.0, 1.0),
        framing: framing(signals),
    }
}

/// The most points of a way.
const MOST_POINTS: usize = 60;

/// The way of the body's centre over time: seconds, shares of the frame's width and height.
pub fn path(signals: &Signals) -> Vec<[f64; 3]> {
    let round = |value: f64| (value * 1e3).round() / 1e3;
    let step = signals.len().div_ceil(MOST_POINTS).max(1);
    (0..signals.len())
        .step_by(step)
        .filter_map(|frame| {
            let [x, y] = signals.centre(frame)?;
            Some([
                round(signals.time(frame)),
                round(x / signals.aspect),
                round(y),
            ])
        })
        .collect()
}

/// The least net way across the frame that counts, in shares of its width and in body units.
const LEAST_ACROSS: f64 = 0.06;
const LEAST_ACROSS_UNITS: f64 = 0.35;
/// The least change of size that counts.
const LEAST_GROWTH: f64 = 1.15;

/// How the person moves through the frame.
pub fn travel(signals: &Signals) -> Travel {
    let part = (signals.len() / 8).max(1);
    let begin = 0..part.min(signals.len());
    let end = signals.len().saturating_sub(part)..signals.len();
    let x = |frames: std::ops::Range<usize>| {
        median(frames.filter_map(|frame| Some(signals.centre(frame)?[0])))
    };
    let moved = match (x(begin.clone()), x(end.clone())) {
        (Some(a), Some(b)) if signals.len() > 2 => b - a,
        _ => 0.0,
    };
    let share = moved / signals.aspect;
    let across = if share.abs() < LEAST_ACROSS || moved.abs() < LEAST_ACROSS_UNITS * signals.unit {
        Across::None
    } else if moved > 0.0 {
        Across::LeftToRight
    } else {
        Across::RightToLeft
    };
    let size_ratio = growth(signals, begin, end);
    let depth = if size_ratio > LEAST_GROWTH {
        Approach::Toward
    } else if size_ratio < 1.0 / LEAST_GROWTH {
        Approach::Away
    } else {
        Approach::None
    };
    Travel {
        across,
        across_share: share,
        depth,
        size_ratio,
    }
}

/// Size at the end over size at the beginning. Lengths along the body (neck to hips, nose to
/// neck) do not change when a person turns; both must agree, or nothing is said.
fn growth(signals: &Signals, begin: std::ops::Range<usize>, end: std::ops::Range<usize>) -> f64 {
    if signals.len() < 5 {
        return 1.0;
    }
    let length = |frames: std::ops::Range<usize>, a: usize, b: usize| {
        median(frames.filter_map(|f| Some(distance(signals.joint(f, a)?, signals.joint(f, b)?))))
    };
    let ratios: Vec<f64> = [
        (NECK, R_HIP),
        (NECK, L_HIP),
        (NOSE, NECK),
        (R_HIP, crate::pose::joints::R_KNEE),
        (L_HIP, crate::pose::joints::L_KNEE),
        (R_SHOULDER, L_SHOULDER),
    ]
    .into_iter()
    .filter_map(|(a, b)| {
        let (before, after) = (length(begin.clone(), a, b)?, length(end.clone(), a, b)?);
        (before > 0.05 * signals.unit).then(|| after / before)
    })
    .collect();
    let (low, high) = (
        super::spans::quantile(ratios.iter().copied(), 0.25),
        super::spans::quantile(ratios.iter().copied(), 0.75),
    );
    match (low, high) {
        // The more cautious of the two.
        (Some(low), Some(_)) if low > 1.0 && ratios.len() >= 2 => low,
        (Some(_), Some(high)) if high < 1.0 && ratios.len() >= 2 => high,
        _ => 1.0,
    }
}
