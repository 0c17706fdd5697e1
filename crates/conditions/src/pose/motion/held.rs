//! Gestures in which a hand is held somewhere: pointing, reaching, a hand at the face.

use super::features::{ArmSeries, Features, Series, middle, smoothed};
use super::signals::Signals;
use super::spans::{Run, above, tidy};
use crate::pose::{ActionKind, PersonAction};

/// An arm hangs below this height of the wrist over the shoulder, and is away from hanging above
/// the second.
const HANGS_BELOW: f64 = -0.86;
const AWAY_FROM: f64 = -0.74;
/// A straight arm is at least this straight, degrees, and this long in the picture.
const STRAIGHT_FROM: f64 = 145.0;
const LONG_FROM: f64 = 0.72;
/// Pointing and reaching hands come to between these heights over the shoulder.
const LEVEL: std::ops::RangeInclusive<f64> = -0.62..=0.86;
/// A hand that is held moves slower than this, units a second.
const HELD_BELOW: f64 = 1.3;
const LEAST_HELD_S: f64 = 0.3;
/// A pointing arm is held at least this long, seconds.
const LEAST_POINTED_S: f64 = 0.45;
/// The trunk goes after a reaching hand by at least this much, degrees.
const LEAST_FOLLOWED: f64 = 8.0;
/// A hand this near to the middle of the face touches it.
const AT_FACE: f64 = 0.5;
const LEAST_AT_FACE_S: f64 = 0.4;

/// The times in which an arm is away from hanging: gestures lie within them.
pub fn away(signals: &Signals, arm: &ArmSeries) -> Vec<Run> {
    tidy(
        above(&arm.up, AWAY_FROM, HANGS_BELOW),
        &signals.times,
        0.15,
        0.2,
    )
}

/// Pointing and reaching.
pub fn stretched(signals: &Signals, features: &Features) -> Vec<PersonAction> {
    let mut all = Vec::new();
    let lean = smoothed(signals, &features.lean, 0.3);
    for arm in &features.arms {
        let up = smoothed(signals, &arm.up, 0.2);
        let speed = smoothed(signals, &arm.speed, 0.25);
        let values = signals.map(|frame| {
            let at = |series: &Series| series.get(frame).copied().flatten();
            let fits = LEVEL.contains(&at(&up)?)
                && at(&arm.straight)? > STRAIGHT_FROM
                && at(&arm.reach)? > LONG_FROM
                && at(&speed)? < HELD_BELOW + 6.0 * signals.tremble;
            Some(f64::from(u8::from(fits)))
        });
        let runs = tidy(above(&values, 0.5, 0.5), &signals.times, 0.2, LEAST_HELD_S);
        for run in runs {
            let whole = around(signals, arm, run);
            let rest = middle(
                &lean,
                whole.first.saturating_sub(signals.frames_in(0.4))..=whole.first,
            );
            let followed = match (middle(&lean, run.first..=run.last), rest) {
                (Some(now), Some(rest)) => now - rest,
                _ => 0.0,
            };
            // Bent right over, arms hang.
            if followed > 45.0 {
                continue;
            }
            let held_s = signals.time(run.last) - signals.time(run.first);
            let high = middle(&up, run.first..=run.last).unwrap_or(0.0);
            let kind = if followed > LEAST_FOLLOWED {
                ActionKind::Reaching
            } else if held_s >= LEAST_POINTED_S && high < 0.5 {
                ActionKind::Pointing
            } else {
                continue;
            };
            all.push(super::posture::action(signals, whole, kind, 0.65).with(arm.arm.side));
        }
    }
    all
}

/// Hands held at the face or the head.
pub fn at_face(signals: &Signals, features: &Features) -> Vec<PersonAction> {
    let mut all = Vec::new();
    for arm in &features.arms {
        let near = smoothed(signals, &arm.face, 0.2);
        let values = signals.map(|frame| {
            let near = near.get(frame).copied().flatten()?;
            let up = arm.up.get(frame).copied().flatten()?;
            // Above the head a hand is raised.
            let bent = arm.straight.get(frame).copied().flatten()? < 130.0
                && arm.reach.get(frame).copied().flatten()? < 0.85;
            (up < 0.75 && bent).then_some(AT_FACE / near.max(1e-3))
        });
        let runs = tidy(
            above(&values, 1.0, 0.85),
            &signals.times,
            0.25,
            LEAST_AT_FACE_S,
        );
        for run in runs {
            let slow = middle(&arm.speed, run.first..=run.last)
                .is_none_or(|speed| speed < 1.2 + 8.0 * signals.tremble);
            if slow {
                let whole = around(signals, arm, run);
                all.push(
                    super::posture::action(signals, whole, ActionKind::TouchingFace, 0.65)
                        .with(arm.arm.side),
                );
            }
        }
    }
    all
}

/// How long a hand may take to get to where it is held, seconds.
const LONGEST_WAY_S: f64 = 0.9;

/// A gesture with the arm's way there and back.
pub fn around(signals: &Signals, arm: &ArmSeries, run: Run) -> Run {
    let time = |frame: usize| signals.time(frame);
    match away(signals, arm)
        .into_iter()
        .find(|away| away.first <= run.last && away.last >= run.first)
    {
        Some(away) => Run {
            first: (away.first..=run.first)
                .find(|frame| time(run.first) - time(*frame) <= LONGEST_WAY_S)
                .unwrap_or(run.first)
                .min(run.first),
            last: (run.last..=away.last.max(run.last))
                .rev()
                .find(|frame| time(*frame) - time(run.last) <= LONGEST_WAY_S)
                .unwrap_or(run.last),
        },
        None => run,
    }
}
