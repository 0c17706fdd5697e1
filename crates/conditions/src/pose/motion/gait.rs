//! Steps: walking, running and how fast.
//!
//! The legs swap places once a step. In profile the ankles pass each other across the frame; seen
//! from the front one foot rises after the other. Each swap is found where the difference of the
//! two sides goes from one extreme to the other, so two steps are enough to be seen, and the
//! mean time between swaps is the cadence.

use super::signals::Signals;
use super::spans::{median, quantile};
use crate::pose::joints::{L_ANKLE, L_HIP, L_KNEE, R_ANKLE, R_HIP, R_KNEE};
use crate::pose::{ActionKind, PersonAction};

/// Ankles at least this far apart across the frame at both extremes, body units.
const LEAST_STRIDE: f64 = 0.16;
/// One ankle at least this much higher than the other at both extremes, body units.
const LEAST_LIFT: f64 = 0.07;
/// A step is at least this many times the joints' own tremble.
const TREMBLES: f64 = 4.0;
/// Steps follow one another within these times, seconds: 40 to 300 a minute.
const STEP_S: std::ops::RangeInclusive<f64> = 0.2..=1.6;
/// Between steps that follow no sooner than this, the feet must be seen to move, seconds.
const SLOW_STEP_S: f64 = 0.8;
/// A stretch begins and ends no further than this from a swap, seconds.
const LONGEST_LEAD_S: f64 = 0.9;
/// At least this many steps a minute are a run, if the feet also come up high.
const RUNNING_FROM: f64 = 150.0;

/// The stretches of walking and running. Nothing is claimed unless both legs are seen.
pub fn stretches(signals: &Signals) -> Vec<PersonAction> {
    let (right, left, scale) = if signals.ankles_seen() {
        (R_ANKLE, L_ANKLE, 1.0)
    } else if signals.knees_seen() {
        // Knees swing about half as far.
        (R_KNEE, L_KNEE, 0.5)
    } else {
        return Vec::new();
    };
    let difference = |axis: usize| {
        signals.map(|frame| {
            let (r, l) = (signals.joint(frame, right)?, signals.joint(frame, left)?);
            // Someone who turns round on the spot swaps the hips along with the feet.
            let hips = match (signals.joint(frame, R_HIP), signals.joint(frame, L_HIP)) {
                (Some(r), Some(l)) => l[axis] - r[axis],
                _ => 0.0,
            };
            Some((l[axis] - r[axis] - hips) / signals.unit / scale)
        })
    };
    let sure = TREMBLES * signals.tremble / scale;
    let across = swaps(signals, &difference(0), LEAST_STRIDE.max(sure), true);
    let lifted = swaps(
        signals,
        &centred(&difference(1)),
        LEAST_LIFT.max(sure),
        false,
    );
    // Seen from the side the ankles tell more; where they tell nothing, their lifting may.
    let judged = |swaps: &[Swap], in_profile: bool| -> Vec<PersonAction> {
        group(signals, swaps)
            .into_iter()
            .filter_map(|group| judge(signals, &group, in_profile))
            .collect()
    };
    let mut walks = judged(&across, true);
    for walk in judged(&lifted, false) {
        let told = |other: &PersonAction| {
            let shared = other.end_s.min(walk.end_s) - other.start_s.max(walk.start_s);
            shared > 0.3 * (walk.end_s - walk.start_s).min(other.end_s - other.start_s)
        };
        // From the front many small lifts outweigh a swap or two across.
        match walks.iter().position(told) {
            None => walks.push(walk),
            Some(at) => {
                if let Some(other) = walks.get_mut(at)
                    && other.steps.unwrap_or(0) * 2 <= walk.steps.unwrap_or(0)
                {
                    *other = walk;
                }
            }
        }
    }
    walks.sort_by(|a, b| a.start_s.total_cmp(&b.start_s));
    walks
}

fn centred(values: &[Option<f64>]) -> Vec<Option<f64>> {
    let middle = median(values.iter().flatten().copied()).unwrap_or(0.0);
    values.iter().map(|v| v.map(|v| v - middle)).collect()
}

/// A moment at which the legs swap, and the frames of the extremes around it.
#[derive(Debug, Clone, Copy)]
struct Swap {
    /// Seconds.
    at: f64,
    before: usize,
    after: usize,
}

/// Where a signal goes from beyond one threshold to beyond the opposite one.
fn swaps(signals: &Signals, values: &[Option<f64>], least: f64, zero: bool) -> Vec<Swap> {
    let spread = quantile(values.iter().flatten().map(|v| v.abs()), 0.9).unwrap_or(0.0);
    // A third of the usual extreme, so that a limp or a short step still counts.
    let threshold = if zero {
        least
    } else {
        least.max(0.35 * spread)
    };
    let mut found = Vec::new();
    // The extreme so far on the current side.
    let mut side: Option<(usize, f64)> = None;
    for (frame, value) in values.iter().enumerate() {
        let Some(value) = *value else { continue };
        match &mut side {
            None if value.abs() >= threshold => side = Some((frame, value)),
            None => {}
            Some((extreme_at, extreme)) => {
                if value * *extreme < 0.0 && value.abs() >= threshold {
                    let before = *extreme_at;
                    let crossing = crossing(signals, values, before, frame);
                    found.push(Swap {
                        at: crossing,
                        before,
                        after: frame,
                    });
                    side = Some((frame, value));
                } else if value * *extreme > 0.0 && value.abs() > extreme.abs() {
                    *extreme_at = frame;
                    *extreme = value;
                    if let Some(last) = found.last_mut()
                        && last.after < frame
                    {
                        last.after = frame;
                    }
                }
            }
        }
    }
    found
}

/// The time at which a signal crosses zero between two frames, last crossing, interpolated.
fn crossing(signals: &Signals, values: &[Option<f64>], from: usize, to: usize) -> f64 {
    for frame in (from + 1..=to).rev() {
        if let (Some(a), Some(b)) = (
            values.get(frame - 1).copied().flatten(),
            values.get(frame).copied().flatten(),
        ) && a * b <= 0.0
            && a != b
        {
            let (before, after) = (signals.time(frame - 1), signals.time(frame));
            return before + (after - before) * a / (a - b);
        }
    }
    f64::midpoint(signals.time(from), signals.time(to))
}

/// Swaps that follow one another as steps do.
fn group(signals: &Signals, swaps: &[Swap]) -> Vec<Vec<Swap>> {
    let mut groups: Vec<Vec<Swap>> = Vec::new();
    for swap in swaps {
        match groups.last_mut() {
            Some(group) if follows(signals, group, swap) => {
                group.push(*swap);
            }
            _ => groups.push(vec![*swap]),
        }
    }
    groups
}

/// Steps this many times as far apart as those before are no longer the same walk, unless the
/// legs were not seen between them.
const LONGEST_STEP: f64 = 2.1;

fn follows(signals: &Signals, group: &[Swap], swap: &Swap) -> bool {
    let Some(last) = group.last() else {
        return true;
    };
    let gap_s = swap.at - last.at;
    if !STEP_S.contains(&gap_s) {
        return false;
    }
    let usual_s = median(group.windows(2).map(|pair| pair[1].at - pair[0].at));
    let usual = group.len() < 3 || usual_s.is_none_or(|usual| gap_s <= LONGEST_STEP * usual);
    let frames = last.after..=swap.before.max(last.after);
    let moving = frames
        .clone()
        .filter(|frame| feet_move(signals, *frame))
        .count();
    if usual && (gap_s < SLOW_STEP_S || moving * 5 > frames.clone().count() * 3) {
        return true;
    }
    let hidden = frames
        .filter(|frame| {
            [R_ANKLE, L_ANKLE]
                .into_iter()
                .any(|joint| signals.joint(*frame, joint).is_none())
        })
        .count();
    let between = swap.before.saturating_sub(last.after) + 1;
    hidden * 5 > between * 2
}

/// What a group of steps is.
fn judge(signals: &Signals, group: &[Swap], in_profile: bool) -> Option<PersonAction> {
    let (first, last) = (group.first()?, group.last()?);
    let intervals: Vec<f64> = group
        .windows(2)
        .map(|pair| pair[1].at - pair[0].at)
        .collect();
    let interval = median(intervals.iter().copied());
    // Half a step before the first swap and after the last, within what was seen to swing.
    let half = interval.map_or(f64::INFINITY, |i| 0.75 * i);
    let time = |frame: usize| signals.time(frame);
    // Steps begin before the first swap and end after the last, as long as the feet move.
    let lead = half.min(LONGEST_LEAD_S);
    let near = |frame: usize, at: f64| (time(frame) - at).abs() <= lead;
    // Feet that stood reached their extreme long ago.
    let mut from = (first.before..=first.after)
        .find(|frame| near(*frame, first.at))
        .unwrap_or(first.before);
    while from > 0 && feet_move(signals, from - 1) && first.at - time(from - 1) <= lead {
        from -= 1;
    }
    let mut to = (last.before..=last.after)
        .rev()
        .find(|frame| near(*frame, last.at))
        .unwrap_or(last.after);
    while to + 1 < signals.len() && feet_move(signals, to + 1) && time(to + 1) - last.at <= lead {
        to += 1;
    }
    let pace = pace(signals, from, to);
    let from = unseen(signals, from, pace, false);
    let to = unseen(signals, to, pace, true);
    let (start_s, end_s) = (time(from), time(to));
    let steps = group.len();
    let moves_on = {
        let (a, b) = (signals.centre(first.before)?, signals.centre(last.after)?);
        (b[0] - a[0]).abs() / signals.unit
    };
    let even = match (interval, intervals.len()) {
        (Some(middle), 2..) => {
            let off = median(intervals.iter().map(|i| (i - middle).abs())).unwrap_or(0.0);
            (1.0 - off / middle).clamp(0.0, 1.0)
        }
        _ => 0.5,
    };
    // One swap in profile is one step. Seen from the front, shifting one's weight looks like
    // two steps do: it takes four, or going somewhere.
    let grows = super::place::travel(signals).size_ratio;
    let goes = moves_on > 0.3 || !(1.0 / 1.12..=1.12).contains(&grows);
    let enough = if in_profile {
        steps >= 2 || (steps == 1 && swings_fully(signals, first))
    } else {
        steps >= 3 && goes && even > 0.6
    };
    if !enough || end_s <= start_s {
        return None;
    }
    let cadence = (steps >= 3).then(|| interval.map(|i| 60.0 / i)).flatten();
    let running = cadence.is_some_and(|c| c >= RUNNING_FROM)
        && feet_come_up(signals, first.before..last.after + 1);
    let mut confidence = match steps {
        1 => 0.55,
        2 => 0.65,
        3 => 0.75,
        _ => 0.85,
    };
    confidence *= 0.8 + 0.2 * even;
    if !signals.ankles_seen() {
        confidence *= 0.75;
    }
    let kind = if running {
        ActionKind::Running
    } else {
        ActionKind::Walking
    };
    let mut action = PersonAction::new(kind, start_s, end_s, confidence);
    action.steps = u32::try_from(steps).ok();
    action.per_minute = cadence;
    Some(action)
}

/// How fast the body goes across the frame between two frames, units a second, signed.
fn pace(signals: &Signals, first: usize, last: usize) -> f64 {
    let passed = signals.time(last) - signals.time(first);
    match (signals.centre(first), signals.centre(last)) {
        (Some(a), Some(b)) if passed > 0.0 => (b[0] - a[0]) / passed / signals.unit,
        _ => 0.0,
    }
}

/// A body goes on walking while its legs are not seen if it keeps at least this share of its
/// pace, and had a pace of at least this many units a second.
const KEEPS_PACE: f64 = 0.6;
const LEAST_PACE: f64 = 0.5;

/// From the end (or beginning) of the steps that are seen on through frames in which the legs
/// are not, as long as the body keeps going.
fn unseen(signals: &Signals, from: usize, pace: f64, forwards: bool) -> usize {
    if pace.abs() < LEAST_PACE {
        return from;
    }
    let reach = signals.frames_in(0.2).max(1);
    let mut frame = from;
    loop {
        let (next, far) = if forwards {
            (frame + 1, frame + 1 + reach)
        } else {
            match frame.checked_sub(1) {
                Some(next) => (next, next.saturating_sub(reach)),
                None => return frame,
            }
        };
        if next >= signals.len() {
            return frame;
        }
        let hidden = [R_ANKLE, L_ANKLE]
            .into_iter()
            .any(|joint| signals.joint(next, joint).is_none());
        let far = far.min(signals.len() - 1);
        let (first, last) = (frame.min(far), frame.max(far));
        let keeps = last > first
            && self::pace(signals, first, last) * pace.signum() > KEEPS_PACE * pace.abs();
        let ends = far == next || last - first < reach;
        if !hidden || !(keeps || ends) {
            return frame;
        }
        frame = next;
    }
}

/// Whether either foot (or knee) moves against the hips.
fn feet_move(signals: &Signals, frame: usize) -> bool {
    [R_ANKLE, L_ANKLE, R_KNEE, L_KNEE]
        .into_iter()
        .filter_map(|joint| signals.speed(frame, joint))
        .any(|speed| speed > 0.4 + 8.0 * signals.tremble)
}

/// Whether a single swap is a whole stride: both extremes far apart.
fn swings_fully(signals: &Signals, swap: &Swap) -> bool {
    let apart = |frame: usize| -> Option<f64> {
        let (r, l) = (
            signals.joint(frame, R_ANKLE)?,
            signals.joint(frame, L_ANKLE)?,
        );
        Some((l[0] - r[0]).abs() / signals.unit)
    };
    apart(swap.before).is_some_and(|d| d > 0.3) && apart(swap.after).is_some_and(|d| d > 0.3)
}

/// In a run each foot comes up behind to at least half the height of the knee.
fn feet_come_up(signals: &Signals, frames: std::ops::Range<usize>) -> bool {
    let lift = |ankle: usize, other: usize| {
        quantile(
            frames.clone().filter_map(|frame| {
                let (own, other) = (signals.joint(frame, ankle)?, signals.joint(frame, other)?);
                Some((other[1] - own[1]) / signals.unit)
            }),
            0.95,
        )
    };
    lift(R_ANKLE, L_ANKLE).is_some_and(|l| l > 0.3)
        && lift(L_ANKLE, R_ANKLE).is_some_and(|l| l > 0.3)
}
