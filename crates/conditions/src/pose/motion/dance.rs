//! Dancing: arms, legs and trunk move together to one beat, on the spot.
//!
//! The beat is where the signals agree with themselves a while later: normalised
//! autocorrelation, the body going up and down once a beat, arms and hips to and fro over two.

use super::features::{Features, Series, smoothed};
use super::signals::Signals;
use super::spans::{above, tidy};
use crate::pose::joints::{L_KNEE, R_KNEE};
use crate::pose::{ActionKind, PersonAction};

/// How much is looked at at once, and how far apart, seconds.
const WINDOW_S: f64 = 2.4;
const STEP_S: f64 = 0.2;
/// A beat takes between these times, seconds: 70 to 160 a minute.
const BEAT_S: (f64, f64) = (0.375, 0.86);
/// How well the signals must agree with themselves over two beats, 0–1.
const LEAST_RHYTHM: f64 = 0.4;
/// How far wrists and knees move at least, root mean square in body units.
const LEAST_ARMS: f64 = 0.1;
const LEAST_LEGS: f64 = 0.035;
/// How far the body may go meanwhile, body units.
const ON_THE_SPOT: f64 = 0.9;
const LEAST_DANCE_S: f64 = 2.0;

struct Parts {
    /// Once a beat.
    bounce: Vec<Series>,
    /// Once in two beats.
    arms: Vec<Series>,
    knees: Vec<Series>,
    /// Whether the arms move, of each frame.
    busy: Vec<bool>,
}

/// Dances with their tempo.
pub fn dances(signals: &Signals, features: &Features) -> Vec<PersonAction> {
    let step = signals.frames_in(STEP_S).max(1);
    let window = signals.frames_in(WINDOW_S);
    if window < 12 || signals.len() < window {
        return Vec::new();
    }
    let unit = signals.unit;
    let knee = |joint: usize| {
        signals.map(|frame| {
            let (knee, hips) = (signals.joint(frame, joint)?, signals.hips(frame)?);
            Some((knee[0] - hips[0]) / unit)
        })
    };
    let parts = Parts {
        bounce: vec![features.hips.clone(), features.neck.clone()],
        arms: features
            .arms
            .iter()
            .flat_map(|arm| [arm.up.clone(), arm.across.clone()])
            .collect(),
        busy: (0..signals.len())
            .map(|frame| moves(signals, features, frame))
            .collect(),
        knees: vec![knee(R_KNEE), knee(L_KNEE), features.lifts[0].clone()],
    };
    let mut values: Series = vec![None; signals.len()];
    for start in (0..=signals.len() - window).step_by(step) {
        let frames = start..start + window;
        let Some(rhythm) = rhythm(signals, &parts, frames.clone()) else {
            continue;
        };
        let score = rhythm.0;
        // A window speaks for its middle.
        let middle = start + window / 4..(start + 3 * window / 4 + 1).min(signals.len());
        for slot in values.get_mut(middle).unwrap_or_default() {
            *slot = Some(slot.map_or(score, |old| old.max(score)));
        }
    }
    tidy(
        above(&values, LEAST_RHYTHM, 0.8 * LEAST_RHYTHM),
        &signals.times,
        0.3,
        0.8,
    )
    .into_iter()
    .filter_map(|run| {
        let spread = |frame: usize| parts.busy.get(frame).copied().unwrap_or(false);
        // From where arms and legs begin to move to where they rest.
        let mut first = run.first;
        while first > 0 && spread(first - 1) {
            first -= 1;
        }
        let mut last = run.last;
        while last + 1 < signals.len() && spread(last + 1) {
            last += 1;
        }
        let whole = (signals.time(first), signals.time(last));
        if whole.1 - whole.0 < LEAST_DANCE_S {
            return None;
        }
        let (_, beat_s) = rhythm(signals, &parts, run.first..run.last + 1)?;
        let mut action = PersonAction::new(ActionKind::Dancing, whole.0, whole.1, 0.7);
        action.per_minute = Some(60.0 / beat_s);
        Some(action)
    })
    .collect()
}

/// Whether arms move around a frame.
fn moves(signals: &Signals, features: &Features, frame: usize) -> bool {
    let reach = signals.frames_in(0.15);
    let frames = frame.saturating_sub(reach)..(frame + reach + 1).min(signals.len());
    let speeds: Vec<f64> = features
        .arms
        .iter()
        .flat_map(|arm| {
            frames
                .clone()
                .filter_map(|f| arm.speed.get(f).copied().flatten())
        })
        .collect();
    let mean = speeds.iter().sum::<f64>() / speeds.len().max(1) as f64;
    mean > 0.55 + 10.0 * signals.tremble
}

/// How rhythmic some frames are, and the beat in seconds.
fn rhythm(signals: &Signals, parts: &Parts, frames: std::ops::Range<usize>) -> Option<(f64, f64)> {
    let last = frames.end.checked_sub(1)?;
    let (a, b) = (signals.centre(frames.start)?, signals.centre(last)?);
    if (a[0] - b[0]).abs() / signals.unit > ON_THE_SPOT {
        return None;
    }
    let take = |all: &[Series]| -> Vec<Vec<f64>> {
        all.iter()
            .filter_map(|series| detrended(series.get(frames.clone())?))
            .collect()
    };
    let (bounce, arms, knees) = (take(&parts.bounce), take(&parts.arms), take(&parts.knees));
    // One crouch or jump is no dance: the arms keep moving.
    let busy = frames
        .clone()
        .filter(|frame| parts.busy.get(*frame).copied().unwrap_or(false))
        .count();
    if busy * 5 < frames.len() * 4 {
        return None;
    }
    let size = |all: &[Vec<f64>]| {
        all.iter()
            .map(|values| power(values).sqrt())
            .fold(0.0, f64::max)
    };
    if size(&arms) < LEAST_ARMS + 2.0 * signals.tremble
        || size(&knees) < LEAST_LEGS + 1.2 * signals.tremble
    {
        return None;
    }
    let frame_s = (signals.time(last) - signals.time(frames.start))
        / (frames.len().saturating_sub(1)).max(1) as f64;
    if frame_s <= 0.0 {
        return None;
    }
    let lags = (BEAT_S.0 / frame_s).floor() as usize..=(BEAT_S.1 / frame_s).ceil() as usize;
    let score = |lag: usize| {
        let of = |all: &[Vec<f64>]| mean(all.iter().map(|v| agreement(v, 2 * lag)));
        // Arms and legs each keep the beat.
        let slow = of(&arms).min(of(&knees) + 0.15);
        let fast = mean(bounce.iter().map(|v| agreement(v, lag)));
        // Half a swing later arms and hips are on the other side.
        let opposite = mean(arms.iter().chain(&knees).map(|v| -agreement(v, lag)));
        (slow, 0.5 * slow + 0.25 * fast + 0.25 * opposite)
    };
    let scores: Vec<(usize, f64)> = lags
        .filter(|lag| *lag >= 3 && 2 * lag < frames.len() * 3 / 4)
        .map(|lag| (lag, score(lag).1))
        .collect();
    let at = scores
        .iter()
        .position(|s| scores.iter().all(|other| other.1 <= s.1))?;
    let (lag, best) = scores.get(at).copied()?;
    // The top of the parabola through the neighbours.
    let shift = match (
        at.checked_sub(1).and_then(|b| scores.get(b)),
        scores.get(at + 1),
    ) {
        (Some((_, a)), Some((_, c))) if a + c < 2.0 * best => 0.5 * (a - c) / (a + c - 2.0 * best),
        _ => 0.0,
    };
    Some((score(lag).0.min(best + 0.1), (lag as f64 + shift) * frame_s))
}

fn mean(values: impl Iterator<Item = f64>) -> f64 {
    let (sum, count) = values.fold((0.0, 0.0), |(s, c), v| (s + v, c + 1.0));
    if count > 0.0 { sum / count } else { 0.0 }
}

/// Without its straight trend; `None` where too much is missing.
fn detrended(values: &[Option<f64>]) -> Option<Vec<f64>> {
    let known: Vec<(f64, f64)> = values
        .iter()
        .enumerate()
        .filter_map(|(at, value)| value.map(|value| (at as f64, value)))
        .collect();
    if known.len() * 5 < values.len() * 4 {
        return None;
    }
    let count = known.len() as f64;
    let (sx, sy) = known.iter().fold((0.0, 0.0), |s, k| (s.0 + k.0, s.1 + k.1));
    let (mx, my) = (sx / count, sy / count);
    let (xy, xx) = known.iter().fold((0.0, 0.0), |s, k| {
        (s.0 + (k.0 - mx) * (k.1 - my), s.1 + (k.0 - mx).powi(2))
    });
    let slope = if xx > 0.0 { xy / xx } else { 0.0 };
    Some(
        values
            .iter()
            .enumerate()
            .map(|(at, value)| value.map_or(0.0, |v| v - my - slope * (at as f64 - mx)))
            .collect(),
    )
}

fn power(values: &[f64]) -> f64 {
    values.iter().map(|v| v * v).sum::<f64>() / values.len().max(1) as f64
}

/// How well a signal agrees with itself `lag` samples later, −1 to 1.
fn agreement(values: &[f64], lag: usize) -> f64 {
    let Some(later) = values.get(lag..) else {
        return 0.0;
    };
    let (mut cross, mut own, mut other) = (0.0, 0.0, 0.0);
    for (a, b) in values.iter().zip(later) {
        cross += a * b;
        own += a * a;
        other += b * b;
    }
    if own * other > 1e-12 {
        cross / (own * other).sqrt()
    } else {
        0.0
    }
}

/// How far the hips are above the feet over time, for the plot: smoothed.
pub fn hips_over_time(signals: &Signals, features: &Features) -> Vec<[f64; 2]> {
    let hips = smoothed(signals, &features.hips, 0.2);
    let step = signals.len().div_ceil(200).max(1);
    (0..signals.len())
        .step_by(step)
        .filter_map(|frame| {
            let height = hips.get(frame).copied().flatten()?;
            Some([round(signals.time(frame)), round(height)])
        })
        .collect()
}

fn round(value: f64) -> f64 {
    (value * 1e3).round() / 1e3
}
