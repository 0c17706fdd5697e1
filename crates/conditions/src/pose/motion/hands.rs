//! Hands together, and hands at the ground: clapping, picking up.

use super::arms::turning_points;
use super::features::{Features, LEGS, Series, ramp, share, smoothed};
use super::signals::Signals;
use super::spans::{above, tidy};
use crate::pose::joints::{L_WRIST, R_WRIST, distance};
use crate::pose::{ActionKind, PersonAction, Side};

/// Clapping hands come nearer than this, and part by at least the second, body units.
const TOGETHER: f64 = 0.42;
const LEAST_PARTED: f64 = 0.13;
const LEAST_CLAPS: usize = 5;
const LEAST_CLAPPED_S: f64 = 0.75;
/// Half a clap takes between these times, seconds.
const HALF_CLAP_S: std::ops::RangeInclusive<f64> = 0.06..=0.5;

/// Clapping: the hands meet before the body again and again.
pub fn claps(signals: &Signals, features: &Features) -> Vec<PersonAction> {
    let apart = signals.map(|frame| {
        let (right, left) = (
            signals.joint(frame, R_WRIST)?,
            signals.joint(frame, L_WRIST)?,
        );
        let up = |arm: usize| features.arms.get(arm)?.up.get(frame).copied().flatten();
        let before = up(0)? > -0.85 && up(1)? > -0.85;
        let gap = distance(right, left) / signals.unit;
        (before && gap < 1.2).then_some(gap)
    });
    let least = LEAST_PARTED.max(4.5 * signals.tremble);
    let turns = turning_points(signals, &apart, least);
    let mut groups: Vec<Vec<usize>> = Vec::new();
    for turn in turns {
        match groups.last_mut() {
            Some(group)
                if group.last().is_some_and(|last| {
                    HALF_CLAP_S.contains(&(signals.time(turn) - signals.time(*last)))
                }) =>
            {
                group.push(turn);
            }
            _ => groups.push(vec![turn]),
        }
    }
    groups
        .into_iter()
        .filter(|group| group.len() >= LEAST_CLAPS)
        .filter(|group| {
            let nearest = group
                .iter()
                .filter_map(|frame| apart.get(*frame).copied().flatten())
                .fold(f64::INFINITY, f64::min);
            nearest < TOGETHER
        })
        .filter_map(|group| {
            let (first, last) = (*group.first()?, *group.last()?);
            (signals.time(last) - signals.time(first) >= LEAST_CLAPPED_S).then(|| {
                PersonAction::new(
                    ActionKind::Clapping,
                    signals.time(first),
                    signals.time(last),
                    0.75,
                )
                .with(Side::Both)
            })
        })
        .collect()
}

/// A hand is at the ground when no further than this above the feet.
const AT_GROUND: f64 = 0.4;
/// And the hips come down to this share of their height: who only bends keeps them up.
const HIPS_DOWN: f64 = 0.88;

/// Picking up: the body goes down until a hand is at the ground, and comes up again.
pub fn picked_up(signals: &Signals, features: &Features) -> Vec<PersonAction> {
    let neck = smoothed(signals, &features.neck, 0.16);
    let Some(standing) = share(&neck, 0.85) else {
        return Vec::new();
    };
    let low: Vec<Series> = features
        .arms
        .iter()
        .map(|arm| {
            signals.map(|frame| {
                let wrist = signals.joint(frame, arm.arm.wrist)?;
                let ground = LEGS
                    .into_iter()
                    .filter_map(|(_, _, _, ankle)| signals.joint(frame, ankle).map(|p| p[1]))
                    .reduce(f64::max)?;
                Some((ground - wrist[1]) / signals.unit)
            })
        })
        .collect();
    let lowest = signals.map(|frame| {
        low.iter()
            .filter_map(|series| series.get(frame).copied().flatten())
            .reduce(f64::min)
            .map(|low| AT_GROUND - low)
    });
    tidy(above(&lowest, 0.0, -0.15), &signals.times, 0.2, 0.08)
        .into_iter()
        .filter_map(|run| {
            let held = super::features::middle(&neck, run.first..=run.last)?;
            let hips = super::features::middle(&features.hips, run.first..=run.last)?;
            if standing - held < 0.7 || hips > HIPS_DOWN * share(&features.hips, 0.85)? {
                return None;
            }
            let (start_s, _) = ramp(signals, &neck, run.first, false, standing, held);
            let (_, end_s) = ramp(signals, &neck, run.last, true, standing, held);
            let side =
                |which: usize| super::features::middle(low.get(which)?, run.first..=run.last);
            let side = match (side(0), side(1)) {
                (Some(right), Some(left)) if (right - left).abs() < 0.15 => Side::Both,
                (Some(right), Some(left)) if right > left => Side::Left,
                (None, Some(_)) => Side::Left,
                _ => Side::Right,
            };
            (end_s - start_s < 4.0)
                .then(|| PersonAction::new(ActionKind::PickingUp, start_s, end_s, 0.7).with(side))
        })
        .collect()
}
