//! Arms: raised and waving.

use super::features::{ARMS, Arm, Features};
use super::signals::Signals;
use super::spans::{Run, above, tidy};
use crate::pose::joints::{L_ELBOW, L_WRIST, NECK, NOSE, R_ELBOW, R_WRIST};
use crate::pose::{ActionKind, HandHeight as Height, PersonAction, Side};

/// A hand counts as raised from this far below the shoulder, body units.
const RAISED_FROM: f64 = -0.2;
/// And as lowered from here.
const LOWERED_FROM: f64 = -0.4;
const LEAST_RAISED_S: f64 = 0.2;
/// Hands in front of the body are often lost for a moment.
const LONGEST_DIP_S: f64 = 0.6;

/// Raised arms: the wrist at the height of the shoulder or above, and above its elbow.
pub fn raised(signals: &Signals, bent: &[Run]) -> Vec<PersonAction> {
    let mut all = Vec::new();
    for arm in &ARMS {
        let height = signals.map(|frame| {
            // Bent over, arms hang at shoulder height without being raised.
            if bent
                .iter()
                .any(|run| (run.first..=run.last).contains(&frame))
            {
                return None;
            }
            let (shoulder, wrist) = (
                signals.joint(frame, arm.shoulder)?,
                signals.joint(frame, arm.wrist)?,
            );
            let elbow = signals.joint(frame, arm.elbow)?;
            let up = (shoulder[1] - wrist[1]) / signals.unit;
            // An arm stretched out sideways ends at its elbow's height.
            (wrist[1] < elbow[1] + 0.1 * signals.unit).then_some(up)
        });
        let runs = tidy(
            above(&height, RAISED_FROM, LOWERED_FROM),
            &signals.times,
            LONGEST_DIP_S,
            LEAST_RAISED_S,
        );
        for run in runs {
            let top = height
                .get(run.first..=run.last)
                .unwrap_or_default()
                .iter()
                .flatten()
                .fold(f64::NEG_INFINITY, |a, b| a.max(*b));
            let level = if above_head(signals, arm, run) {
                Height::AboveHead
            } else if top > 0.15 {
                Height::AboveShoulder
            } else if top > -0.08 {
                Height::Shoulder
            } else {
                Height::Chest
            };
            let confidence = if level <= Height::Shoulder { 0.6 } else { 0.8 };
            let mut action =
                super::posture::action(signals, run, ActionKind::RaisingArm, confidence)
                    .with(arm.side);
            action.height = Some(level);
            all.push(action);
        }
    }
    all.sort_by(|a, b| a.start_s.total_cmp(&b.start_s));
    both(all)
}

fn above_head(signals: &Signals, arm: &Arm, run: Run) -> bool {
    (run.first..=run.last).any(|frame| {
        let head = signals.joint(frame, NOSE).map(|nose| {
            let neck = signals
                .joint(frame, NECK)
                .map_or(0.0, |neck| neck[1] - nose[1]);
            nose[1] - 0.5 * neck.max(0.0)
        });
        match (head, signals.joint(frame, arm.wrist)) {
            (Some(head), Some(wrist)) => wrist[1] < head,
            _ => false,
        }
    })
}

/// Two arms that do the same together are one action of both.
pub fn both(all: Vec<PersonAction>) -> Vec<PersonAction> {
    let mut merged: Vec<PersonAction> = Vec::new();
    for one in all {
        let together = merged.iter_mut().find(|other| {
            let overlap = other.end_s.min(one.end_s) - other.start_s.max(one.start_s);
            let longer = (other.end_s - other.start_s).max(one.end_s - one.start_s);
            other.action == one.action
                && other.side != one.side
                && other.side != Some(Side::Both)
                && overlap > 0.6 * longer
        });
        match together {
            Some(other) => {
                other.side = Some(Side::Both);
                other.start_s = other.start_s.min(one.start_s);
                other.end_s = other.end_s.max(one.end_s);
                other.height = other.height.min(one.height);
            }
            None => merged.push(one),
        }
    }
    merged
}

/// A wave swings the hand at least this far each way, body units; further where joints tremble.
const LEAST_SWING: f64 = 0.12;
/// How often the joints' own tremble a swing must be.
const TREMBLES: f64 = 4.5;
/// Each way takes between these times.
const SWING_S: std::ops::RangeInclusive<f64> = 0.08..=0.75;
/// A wave has at least this many swings.
const LEAST_SWINGS: usize = 3;

/// Waving: a hand above its elbow that swings from side to side.
pub fn waves(signals: &Signals, features: &Features) -> Vec<PersonAction> {
    let mut all = Vec::new();
    for (arm, series) in ARMS.iter().zip(&features.arms) {
        let swing = signals.map(|frame| {
            let (elbow, wrist) = (
                signals.joint(frame, arm.elbow)?,
                signals.joint(frame, arm.wrist)?,
            );
            let shoulder = signals.joint(frame, arm.shoulder)?;
            let up = wrist[1] < elbow[1] - 0.15 * signals.unit
                && wrist[1] < shoulder[1] + 0.1 * signals.unit;
            up.then(|| (wrist[0] - elbow[0]) / signals.unit)
        });
        let least = LEAST_SWING.max(TREMBLES * signals.tremble);
        let turns = turning_points(signals, &swing, least);
        let mut group: Vec<usize> = Vec::new();
        let mut close = |group: &mut Vec<usize>| {
            if let (Some(first), Some(last)) = (group.first(), group.last())
                && group.len() > LEAST_SWINGS
            {
                let confidence = if group.len() > LEAST_SWINGS + 1 {
                    0.85
                } else {
                    0.7
                };
                // The hand comes up and goes down for it.
                let run = Run {
                    first: *first,
                    last: *last,
                };
                let whole = super::held::around(signals, series, run);
                all.push(
                    super::posture::action(signals, whole, ActionKind::Waving, confidence)
                        .with(arm.side),
                );
            }
            group.clear();
        };
        for turn in turns {
            let follows = group
                .last()
                .is_none_or(|last| SWING_S.contains(&(signals.time(turn) - signals.time(*last))));
            if !follows {
                close(&mut group);
            }
            group.push(turn);
        }
        close(&mut group);
    }
    all
}

/// The frames at which a signal turns around after a swing of at least `least`.
pub fn turning_points(signals: &Signals, values: &[Option<f64>], least: f64) -> Vec<usize> {
    let mut points: Vec<usize> = Vec::new();
    let mut low: Option<(usize, f64)> = None;
    let mut high: Option<(usize, f64)> = None;
    let mut rising: Option<bool> = None;
    for frame in 0..signals.len() {
        let Some(value) = values.get(frame).copied().flatten() else {
            (low, high, rising) = (None, None, None);
            continue;
        };
        if high.is_none_or(|(_, h)| value > h) {
            high = Some((frame, value));
        }
        if low.is_none_or(|(_, l)| value < l) {
            low = Some((frame, value));
        }
        let (Some((high_at, h)), Some((low_at, l))) = (high, low) else {
            continue;
        };
        if h - value >= least && rising != Some(false) {
            points.push(high_at);
            rising = Some(false);
            low = Some((frame, value));
        } else if value - l >= least && rising != Some(true) {
            points.push(low_at);
            rising = Some(true);
            high = Some((frame, value));
        }
    }
    points
}

/// Whether a hand moves noticeably in a frame, body units a second.
pub fn speed(signals: &Signals, frame: usize) -> Option<f64> {
    [R_WRIST, L_WRIST, R_ELBOW, L_ELBOW]
        .into_iter()
        .filter_map(|joint| signals.speed(frame, joint))
        .reduce(f64::max)
}
