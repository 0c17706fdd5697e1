//! Fast gestures: throwing, punching, kicking.

use super::features::{ArmSeries, Features, LEGS, Series, angle, share, smoothed};
use super::held::around;
use super::signals::Signals;
use super::spans::{Run, above, tidy};
use crate::pose::{ActionKind, PersonAction};

/// A hand that throws or strikes is at least this fast, units a second.
const FAST: f64 = 2.4;
/// An arm is folded when its hand is nearer to the shoulder than this share of its length, and
/// stretched beyond the second.
const FOLDED: f64 = 0.7;
const STRETCHED: f64 = 0.8;
/// And one that throws this fast.
const THROWN: f64 = 3.8;
/// How long before and after the fastest moment a strike is looked at, seconds.
const BEFORE_S: f64 = 0.4;
const AFTER_S: f64 = 0.3;

/// The frames around the fastest moments of a hand, each with that moment.
fn bursts(signals: &Signals, arm: &ArmSeries) -> Vec<(usize, Run)> {
    let least = FAST + 8.0 * signals.tremble;
    let values: Series = arm.speed.clone();
    tidy(
        above(&values, least, 0.5 * least),
        &signals.times,
        0.05,
        0.0,
    )
    .into_iter()
    .filter_map(|run| {
        let peak = (run.first..=run.last).max_by(|a, b| {
            let speed = |frame: &usize| arm.speed.get(*frame).copied().flatten();
            speed(a).unwrap_or(0.0).total_cmp(&speed(b).unwrap_or(0.0))
        })?;
        let first =
            (0..=peak).find(|frame| signals.time(peak) - signals.time(*frame) <= BEFORE_S)?;
        let last = (peak..signals.len())
            .rev()
            .find(|frame| signals.time(*frame) - signals.time(peak) <= AFTER_S)?;
        Some((peak, Run { first, last }))
    })
    .collect()
}

/// Throws and punches.
pub fn by_hand(signals: &Signals, features: &Features) -> Vec<PersonAction> {
    let mut all: Vec<PersonAction> = Vec::new();
    for arm in &features.arms {
        let length = share(&arm.reach, 0.95).unwrap_or(1.0).max(1.0);
        for (peak, run) in bursts(signals, arm) {
            let over = |series: &Series, frames: std::ops::RangeInclusive<usize>| -> Vec<f64> {
                frames
                    .filter_map(|frame| series.get(frame).copied().flatten())
                    .collect()
            };
            let most = |values: &[f64]| values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            let least = |values: &[f64]| values.iter().copied().fold(f64::INFINITY, f64::min);
            let up_before = over(&arm.up, run.first..=peak);
            let up_after = over(&arm.up, peak..=run.last);
            let reach_before = over(&arm.reach, run.first..=peak);
            let reach_after = over(&arm.reach, peak..=run.last);
            if up_before.is_empty() || up_after.is_empty() {
                continue;
            }
            let across = over(&arm.across, run.first..=run.last);
            let swept = most(&across) - least(&across);
            // A throwing arm is bent while the hand is up; an arm that is let down is straight.
            let bent = (run.first..=peak).any(|frame| {
                let at = |series: &Series| series.get(frame).copied().flatten();
                matches!((at(&arm.up), at(&arm.straight)), (Some(up), Some(angle))
                    if up > 0.2 && angle < 125.0)
            });
            // Where the arm is longest after its fastest moment, the fist has struck.
            let struck = (peak..=run.last)
                .filter(|frame| signals.time(*frame) - signals.time(peak) <= 0.2)
                .filter_map(|frame| {
                    let at = |series: &Series| series.get(frame).copied().flatten();
                    Some((at(&arm.reach)?, at(&arm.up)?))
                })
                .max_by(|a, b| a.0.total_cmp(&b.0))
                .map_or(-1.0, |(_, up)| up);
            let kind = if most(&up_before) > 0.3
                && least(&up_after) < 0.0
                && swept > 0.55
                && bent
                && arm.speed.get(peak).copied().flatten() > Some(THROWN)
            {
                ActionKind::Throwing
            } else if most(&up_before) < 0.42
                && (-0.5..0.5).contains(&struck)
                && most(&reach_after) > least(&reach_before) + 0.2 * length
                && most(&reach_after) > STRETCHED * length
                // The fist comes from the body's front, not from hanging.
                && reach_folded(&arm.reach, &arm.up, run.first, peak, FOLDED * length)
            {
                ActionKind::Punching
            } else {
                continue;
            };
            let mut whole = around(signals, arm, run);
            let time = |frame: usize| signals.time(frame);
            // A strike is short even where the arm stays up.
            while time(peak) - time(whole.first) > 0.8 {
                whole.first += 1;
            }
            while time(whole.last) - time(peak) > 0.7 {
                whole.last -= 1;
            }
            let action = super::posture::action(signals, whole, kind, 0.65).with(arm.arm.side);
            let same = all.iter_mut().find(|other| {
                other.action == action.action
                    && other.side == action.side
                    && other.end_s >= action.start_s
            });
            match same {
                Some(other) => other.end_s = other.end_s.max(action.end_s),
                None => all.push(action),
            }
        }
    }
    all
}

/// Whether the hand was drawn in, at the height of the chest or chin, before it struck.
fn reach_folded(reach: &Series, up: &Series, first: usize, peak: usize, least: f64) -> bool {
    (first..=peak).any(|frame| {
        let at = |series: &Series| series.get(frame).copied().flatten();
        match (at(reach), at(up)) {
            (Some(reach), Some(up)) => reach < least && up > -0.5,
            _ => false,
        }
    })
}

/// A kicking foot comes at least this high over the other, and is at least this fast.
const LEAST_KICK: f64 = 0.42;
const LEAST_KICK_SPEED: f64 = 2.6;

/// Kicks: one foot flies up with its knee straight while the other stands.
pub fn kicks(signals: &Signals, features: &Features) -> Vec<PersonAction> {
    let mut all = Vec::new();
    for (lift, (side, hip, knee, ankle)) in features.lifts.iter().zip(LEGS) {
        let lift = smoothed(signals, lift, 0.08);
        for run in tidy(above(&lift, LEAST_KICK, 0.12), &signals.times, 0.05, 0.12) {
            if signals.time(run.last) - signals.time(run.first) > 1.1 {
                continue;
            }
            let at = |frame: usize| {
                angle(
                    signals.joint(frame, hip)?,
                    signals.joint(frame, knee)?,
                    signals.joint(frame, ankle)?,
                )
            };
            // A running foot comes up with its knee bent.
            let highest = (run.first..=run.last).max_by(|a, b| {
                let up = |frame: &usize| lift.get(*frame).copied().flatten().unwrap_or(0.0);
                up(a).total_cmp(&up(b))
            });
            let straight = highest.and_then(at).unwrap_or(0.0);
            let fastest = (run.first..=run.last)
                .filter_map(|frame| signals.speed(frame, ankle))
                .fold(0.0, f64::max);
            if straight > 135.0 && fastest > LEAST_KICK_SPEED + 4.0 * signals.tremble {
                let mut action =
                    super::posture::action(signals, run, ActionKind::Kicking, 0.7).with(side);
                // It begins with the foot drawn back and ends with it down.
                action.start_s = (action.start_s - 0.3).max(signals.time(0));
                action.end_s = (action.end_s + 0.15).min(signals.time(signals.len() - 1));
                all.push(action);
            }
        }
    }
    all
}
