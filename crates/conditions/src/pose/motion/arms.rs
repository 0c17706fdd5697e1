//! Arms: raised and waving.

use super::signals::Signals;
use super::spans::{Run, above, tidy};
use crate::pose::joints::{L_ELBOW, L_SHOULDER, L_WRIST, NECK, NOSE, R_ELBOW, R_SHOULDER, R_WRIST};
use crate::pose::{ActionKind, PersonAction, Side};

/// How high a hand is brought.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Height {
    /// A little below the shoulder.
    Chest,
    /// At the shoulder.
    Shoulder,
    /// Above the shoulder.
    AboveShoulder,
    /// Above the head.
    AboveHead,
}

/// A raised arm.
#[derive(Debug, Clone, PartialEq)]
pub struct Raised {
    /// The action.
    pub action: PersonAction,
    /// How high.
    pub height: Height,
    /// Whether the arm comes up within the clip; otherwise it is up from the start.
    pub comes_up: bool,
}

/// A hand counts as raised from this far below the shoulder, body units.
const RAISED_FROM: f64 = -0.2;
/// And as lowered from here.
const LOWERED_FROM: f64 = -0.4;
const LEAST_RAISED_S: f64 = 0.2;
/// Hands in front of the body are often lost for a moment.
const LONGEST_DIP_S: f64 = 0.6;

struct Arm {
    side: Side,
    shoulder: usize,
    elbow: usize,
    wrist: usize,
}

const ARMS: [Arm; 2] = [
    Arm {
        side: Side::Right,
        shoulder: R_SHOULDER,
        elbow: R_ELBOW,
        wrist: R_WRIST,
    },
    Arm {
        side: Side::Left,
        shoulder: L_SHOULDER,
        elbow: L_ELBOW,
        wrist: L_WRIST,
    },
];

/// Raised arms: the wrist at the height of the shoulder or above, and above its elbow.
pub fn raised(signals: &Signals, bent: &[Run]) -> Vec<Raised> {
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
            let comes_up = was_down_before(signals, arm, run);
            all.push(Raised {
                action: PersonAction {
                    action: ActionKind::RaisingArm,
                    start_s: signals.time(run.first),
                    end_s: signals.time(run.last),
                    confidence: if level <= Height::Shoulder { 0.6 } else { 0.8 },
                    side: Some(arm.side),
                    amount_deg: None,
                },
                height: level,
                comes_up,
            });
        }
    }
    all.sort_by(|a, b| a.action.start_s.total_cmp(&b.action.start_s));
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

/// Whether the wrist was seen clearly lower within the second before.
fn was_down_before(signals: &Signals, arm: &Arm, run: Run) -> bool {
    (0..run.first)
        .rev()
        .take_while(|frame| signals.time(run.first) - signals.time(*frame) <= 1.0)
        .any(|frame| {
            match (
                signals.joint(frame, arm.shoulder),
                signals.joint(frame, arm.wrist),
            ) {
                (Some(shoulder), Some(wrist)) => {
                    (wrist[1] - shoulder[1]) / signals.unit > -LOWERED_FROM + 0.1
                }
                _ => false,
            }
        })
}

/// Two arms raised together are one action of both.
fn both(all: Vec<Raised>) -> Vec<Raised> {
    let mut merged: Vec<Raised> = Vec::new();
    for one in all {
        let together = merged.iter_mut().find(|other| {
            let (a, b) = (&other.action, &one.action);
            let overlap = a.end_s.min(b.end_s) - a.start_s.max(b.start_s);
            let longer = (a.end_s - a.start_s).max(b.end_s - b.start_s);
            a.side != b.side && a.side != Some(Side::Both) && overlap > 0.7 * longer
        });
        match together {
            Some(other) => {
                other.action.side = Some(Side::Both);
                other.action.start_s = other.action.start_s.min(one.action.start_s);
                other.action.end_s = other.action.end_s.max(one.action.end_s);
                other.height = other.height.min(one.height);
                other.comes_up &= one.comes_up;
            }
            None => merged.push(one),
        }
    }
    merged
}

/// A wave swings the hand at least this far each way, body units.
const LEAST_SWING: f64 = 0.1;
/// Each way takes between these times.
const SWING_S: std::ops::RangeInclusive<f64> = 0.08..=0.75;
/// A wave has at least this many swings.
const LEAST_SWINGS: usize = 3;

/// Waving: a hand above its elbow that swings from side to side.
pub fn waves(signals: &Signals) -> Vec<PersonAction> {
    let mut all = Vec::new();
    for arm in &ARMS {
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
        let turns = turning_points(signals, &swing);
        let mut group: Vec<usize> = Vec::new();
        let mut close = |group: &mut Vec<usize>| {
            if let (Some(first), Some(last)) = (group.first(), group.last())
                && group.len() > LEAST_SWINGS
            {
                all.push(PersonAction {
                    action: ActionKind::Waving,
                    start_s: signals.time(*first),
                    end_s: signals.time(*last),
                    confidence: if group.len() > LEAST_SWINGS + 1 {
                        0.85
                    } else {
                        0.7
                    },
                    side: Some(arm.side),
                    amount_deg: None,
                });
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

/// The frames at which a signal turns around after a swing of at least [`LEAST_SWING`].
fn turning_points(signals: &Signals, values: &[Option<f64>]) -> Vec<usize> {
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
        if h - value >= LEAST_SWING && rising != Some(false) {
            points.push(high_at);
            rising = Some(false);
            low = Some((frame, value));
        } else if value - l >= LEAST_SWING && rising != Some(true) {
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
