//! How steadily the camera is held: what is left when the intended motion is taken away.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::Steadiness;
use super::signals::{DOWN, FORWARD, PAN, RIGHT, ROLL, SHAKE_S, Signals, TILT, above_shake};

/// Motion that is not intended: what is left when the moves are taken away.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize, TS)]
pub struct Shake {
    /// Turning, root mean square of all three axes, degrees.
    pub turn_deg: f64,
    /// Travel, root mean square of all three axes, shares of the path's extent.
    pub travel_share: f64,
    /// Whether the path has frames enough a second to tell shake at all.
    pub known: bool,
}

impl Shake {
    /// The shake of several places of a path, each with its length.
    pub(crate) fn together(places: impl Iterator<Item = (Self, f64)>) -> Self {
        let (mut turn, mut travel, mut whole) = (0.0, 0.0, 0.0);
        let mut known = false;
        for (shake, seconds) in places {
            turn += seconds * shake.turn_deg.powi(2);
            travel += seconds * shake.travel_share.powi(2);
            whole += seconds;
            known |= shake.known;
        }
        let mean = |sum: f64| (sum / f64::max(whole, 1e-9)).sqrt();
        Self {
            turn_deg: mean(turn),
            travel_share: mean(travel),
            known,
        }
    }
}

/// Limits between steady, minimal, unsteady and very unsteady turning, degrees. At a
/// 40° lens and 1080p, 0.03° is about one and a half pixels.
const TURN: [f64; 3] = [0.03, 0.2, 0.8];
/// The same limits for travel, shares of the path's extent.
const TRAVEL: [f64; 3] = [0.0025, 0.01, 0.03];

/// Measures the shake of a path. Around the `edges` of moves (seconds) nothing is measured: a
/// sudden start is no shake.
pub(crate) fn measure(signals: &Signals, edges: &[f64]) -> Shake {
    let root = |channels: [usize; 3]| {
        channels
            .iter()
            .map(|channel| channel_shake(signals, *channel, edges).powi(2))
            .sum::<f64>()
            .sqrt()
    };
    Shake {
        turn_deg: root([TILT, PAN, ROLL]),
        travel_share: root([RIGHT, DOWN, FORWARD]),
        known: is_known(signals),
    }
}

/// Whether a path has at least seven frames a second, so that shake can be told.
fn is_known(signals: &Signals) -> bool {
    signals.frame_s < 0.15
}

/// The larger of frame-to-frame noise and what a doubled high-pass leaves. Paths of few frames
/// a second are too coarse for the second.
fn channel_shake(signals: &Signals, channel: usize, edges: &[f64]) -> f64 {
    let jitter = signals.noise[channel];
    let Some(left) = above_shake(&signals.raw[channel], signals.dt, signals.frame_s) else {
        return jitter;
    };
    let clear = |time: f64| {
        let far = |edge: f64| (time - edge).abs() > 2.0 * SHAKE_S;
        far(0.0) && far(signals.duration) && edges.iter().all(|edge| far(*edge))
    };
    let whole = left.len();
    let left: Vec<f64> = left
        .into_iter()
        .enumerate()
        .filter(|(index, _)| clear(*index as f64 * signals.dt))
        .map(|(_, value)| value)
        .collect();
    if left.len() * 3 < whole {
        return jitter.max(signals.unrest[channel]);
    }
    // Shake swings to and fro; what bends one way is a curve of the path.
    let swings = left.windows(2).filter(|w| w[0] * w[1] < 0.0).count() as f64;
    if swings < left.len() as f64 * signals.dt {
        return jitter;
    }
    let mean_square = left.iter().map(|value| value * value).sum::<f64>() / left.len() as f64;
    // Bursts where moves begin and end are no shake: that is there most of the time.
    jitter.max(mean_square.sqrt().min(2.0 * signals.unrest[channel]))
}

/// The word for a shake. Travel counts only where the path travels at all: the scale of a
/// camera that only turns is unknown.
pub(crate) fn word(shake: Shake, moves: bool, travels: bool) -> Steadiness {
    let level =
        |value: f64, limits: [f64; 3]| limits.iter().filter(|limit| value >= **limit).count();
    let turn = level(shake.turn_deg, TURN);
    let travel = match travels {
        true => level(shake.travel_share, TRAVEL),
        false => 0,
    };
    // Between frames that lie far apart a curve and a shake look alike.
    let level = turn.max(travel).saturating_sub(usize::from(!shake.known));
    match (level, moves) {
        (0, false) => Steadiness::Static,
        (0, true) => Steadiness::Steady,
        (1, _) => Steadiness::MinimalShake,
        (2, _) => Steadiness::Unsteady,
        _ => Steadiness::VeryUnsteady,
    }
}
