//! Where a sound becomes much louder or softer.

use super::spectrum::{Frame, HOP_S};
use super::{ChangeKind, SoundChange, hundredth, regions};

/// The smallest change that is told, dB: about twice as loud.
const LEAST_DB: f64 = 9.0;
/// Seconds on either side of a change that are compared: longer than a voice rests.
const AROUND_S: f64 = 1.0;
/// The shortest swell or fade, seconds; what is shorter is sudden.
const GRADUAL_S: f64 = 0.8;
/// The most changes that are told.
const MOST: usize = 12;
/// Seconds to a value of the level.
const BIN_S: f64 = 0.05;
/// Half the longest rest that is bridged within a swell or a fade, seconds.
const BRIDGED_S: f64 = 0.3;

/// Finds the changes of a sound.
pub(crate) fn find(frames: &[Frame], length_s: f64) -> Vec<SoundChange> {
    let each = (BIN_S / HOP_S).round() as usize;
    let powers: Vec<f64> = frames
        .chunks(each)
        .map(|chunk| chunk.iter().map(|f| f64::from(f.power)).sum::<f64>() / chunk.len() as f64)
        .collect();
    if length_s < 2.0 * AROUND_S || powers.len() < 20 {
        return Vec::new();
    }
    let silence = regions::silent_below(frames);
    let mut found = sudden(&powers, silence);
    for ramp in gradual(&powers, silence) {
        let explained = found
            .iter()
            .any(|s| s.start_s > ramp.start_s - 0.4 && s.start_s < ramp.end_s + 0.4);
        if !explained {
            found.push(ramp);
        }
    }
    found.sort_by(|a, b| b.amount_db.total_cmp(&a.amount_db));
    found.truncate(MOST);
    found.sort_by(|a, b| a.start_s.total_cmp(&b.start_s));
    found
}

/// Mean level of some bins, dB, not below the silence.
fn level(powers: &[f64], from: isize, to: isize, silence: f64) -> Option<f64> {
    let from = usize::try_from(from).ok()?;
    let inside = powers.get(from..usize::try_from(to).ok()?)?;
    let mean = inside.iter().sum::<f64>() / inside.len().max(1) as f64;
    Some((10.0 * mean.max(1e-10).log10()).max(silence - 3.0))
}

/// The loudest moment about each bin, dB: a voice rests between words, which is no change.
fn bridged(powers: &[f64], silence: f64) -> Vec<f64> {
    let reach = reach();
    (0..powers.len())
        .map(|at| {
            let range = at.saturating_sub(reach)..(at + reach + 1).min(powers.len());
            let inside = powers.get(range).unwrap_or_default();
            let power = inside.iter().copied().fold(1e-10, f64::max);
            (10.0 * power.log10()).max(silence - 3.0)
        })
        .collect()
}

/// Bins that are bridged on either side.
fn reach() -> usize {
    (BRIDGED_S / BIN_S).round() as usize
}

/// The share of a change that must come at once for it to be sudden.
const AT_ONCE: f64 = 0.6;

fn sudden(powers: &[f64], silence: f64) -> Vec<SoundChange> {
    let around = (AROUND_S / BIN_S) as isize;
    // Bins about the change itself hold some of both sides.
    let gap = 1_isize;
    let bridged = bridged(powers, silence);
    let bridge = |at: isize| {
        usize::try_from(at)
            .ok()
            .and_then(|at| bridged.get(at))
            .copied()
    };
    let mut candidates: Vec<(isize, f64)> = Vec::new();
    for at in around..powers.len() as isize - around {
        let (Some(before), Some(after)) = (
            level(powers, at - around, at, silence),
            level(powers, at + 1, at + around, silence),
        ) else {
            continue;
        };
        let change = after - before;
        // The bridge rises early and falls late.
        let seen = at - reach() as isize * change.signum() as isize;
        let (Some(from), Some(to)) = (bridge(seen - 2), bridge(seen + 2)) else {
            continue;
        };
        let steep = (to - from) * change.signum();
        if change.abs() >= LEAST_DB && steep >= AT_ONCE * change.abs() {
            candidates.push((at, change.signum() * (steep + change.abs()) / 2.0));
        }
    }
    candidates.sort_by(|a, b| b.1.abs().total_cmp(&a.1.abs()));
    let mut kept: Vec<(isize, f64)> = Vec::new();
    for (at, change) in candidates {
        if kept.iter().all(|(other, _)| (other - at).abs() > around) {
            kept.push((at, change));
        }
    }
    kept.into_iter()
        .filter_map(|(at, change)| {
            let at = steepest(powers, at, change);
            let before = level(powers, at - around, at - gap, silence)?;
            let after = level(powers, at + gap, at + around, silence)?;
            let kind = match change > 0.0 {
                true if before < silence + 2.0 => ChangeKind::Start,
                true => ChangeKind::Jump,
                false if after < silence + 2.0 => ChangeKind::Stop,
                false => ChangeKind::Drop,
            };
            let time_s = at as f64 * BIN_S;
            Some(SoundChange {
                kind,
                start_s: hundredth(time_s),
                end_s: hundredth(time_s + 0.1),
                amount_db: ((after - before).abs() * 10.0).round() / 10.0,
            })
        })
        .collect()
}

/// The bin border with the steepest change near a place.
fn steepest(powers: &[f64], at: isize, change: f64) -> isize {
    let value = |at: isize| {
        usize::try_from(at)
            .ok()
            .and_then(|at| powers.get(at))
            .map_or(-100.0, |power| 10.0 * power.max(1e-10).log10())
    };
    (at - 6..=at + 6)
        .max_by(|a, b| {
            let steep = |at: isize| (value(at + 1) - value(at - 1)) * change.signum();
            steep(*a).total_cmp(&steep(*b))
        })
        .unwrap_or(at)
}

/// Swells and fades: long ways in one direction, small steps back forgiven.
fn gradual(powers: &[f64], silence: f64) -> Vec<SoundChange> {
    let bridged = bridged(powers, silence);
    let levels: Vec<f64> = (0..bridged.len())
        .map(|at| {
            let range = at.saturating_sub(reach())..(at + reach() + 1).min(bridged.len());
            let inside = bridged.get(range).unwrap_or_default();
            inside.iter().sum::<f64>() / inside.len().max(1) as f64
        })
        .collect();
    const BACK_DB: f64 = 1.5;
    let mut found = Vec::new();
    for sign in [1.0, -1.0] {
        let value = |at: usize| sign * levels.get(at).copied().unwrap_or(silence);
        let (mut low, mut high) = (0, 0);
        for at in 0..=levels.len() {
            let ended = at == levels.len() || value(at) < value(high) - BACK_DB;
            if ended {
                found.extend(ramp(&levels, low, high, sign));
                (low, high) = (at, at);
            } else if value(at) <= value(low) + 0.1 && at > low && high <= low {
                (low, high) = (at, at);
            } else if value(at) > value(high) {
                high = at;
            }
        }
    }
    found
}

fn ramp(levels: &[f64], low: usize, high: usize, sign: f64) -> Option<SoundChange> {
    let (from, to) = (*levels.get(low)?, *levels.get(high)?);
    let whole = (to - from) * sign;
    if whole < LEAST_DB || high <= low {
        return None;
    }
    // The line through a fifth and four fifths of the way: what drifts before and after is not
    // the change.
    let part = |at: &usize| {
        levels
            .get(*at)
            .map_or(0.0, |level| (level - from) * sign / whole)
    };
    let fifth = (low..=high).rev().find(|at| part(at) < 0.2)?;
    let most = (fifth..=high).find(|at| part(at) > 0.8)?;
    let rest = (most - fifth) as f64 / 3.0;
    // The loudest moments come early on the way up, and stay late on the way down.
    let shift_s = sign * BRIDGED_S;
    let start_s = ((fifth as f64 - rest) * BIN_S + shift_s).max(0.0);
    let end_s = ((most as f64 + rest) * BIN_S + shift_s).min(levels.len() as f64 * BIN_S);
    (end_s - start_s >= GRADUAL_S).then(|| SoundChange {
        kind: if sign > 0.0 {
            ChangeKind::Swell
        } else {
            ChangeKind::Fade
        },
        start_s: hundredth(start_s),
        end_s: hundredth(end_s),
        amount_db: (whole * 10.0).round() / 10.0,
    })
}
