//! How steadily the camera is held: what is left when the intended motion is taken away.

use super::Steadiness;
use super::signals::{DOWN, FORWARD, PAN, RIGHT, ROLL, Signals, TILT, gaussian};

/// Shake of a path.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Shake {
    /// Turning that is not intended motion, root mean square, degrees.
    pub turn_deg: f64,
    /// Travel that is not intended motion, root mean square, shares of the extent.
    pub travel_share: f64,
}

/// Limits between steady, minimal, unsteady and very unsteady turning, degrees. At a
/// 40° lens and 1080p, 0.03° is about one and a half pixels.
const TURN: [f64; 3] = [0.03, 0.2, 0.8];
/// The same limits for travel, shares of the path's extent.
const TRAVEL: [f64; 3] = [0.0025, 0.01, 0.03];
/// Smoothing that separates shake from intended motion, seconds: shake is above about 1 Hz.
const SHAKE_S: f64 = 0.2;

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
    }
}

/// Whether a path has at least seven frames a second, so that shake can be told.
pub(crate) fn is_known(signals: &Signals) -> bool {
    signals.frame_s < 0.15
}

/// The larger of frame-to-frame noise and what a doubled high-pass leaves, which removes every
/// cubic ease. Paths of few frames a second are too coarse for the second.
fn channel_shake(signals: &Signals, channel: usize, edges: &[f64]) -> f64 {
    let jitter = signals.noise[channel];
    if signals.frame_s > 0.6 * SHAKE_S || signals.duration < 6.0 * SHAKE_S {
        return jitter;
    }
    let sigma = SHAKE_S / signals.dt;
    let minus = |values: &[f64]| -> Vec<f64> {
        gaussian(values, sigma)
            .iter()
            .zip(values)
            .map(|(smooth, value)| value - smooth)
            .collect()
    };
    let clear = |time: f64| {
        let far = |edge: f64| (time - edge).abs() > 2.0 * SHAKE_S;
        far(0.0) && far(signals.duration) && edges.iter().all(|edge| far(*edge))
    };
    let left: Vec<f64> = minus(&minus(&signals.raw[channel]))
        .into_iter()
        .enumerate()
        .filter(|(index, _)| clear(*index as f64 * signals.dt))
        .map(|(_, value)| value)
        .collect();
    if left.len() * 4 < signals.len() {
        return jitter;
    }
    // Shake swings to and fro; what bends one way is a curve of the path.
    let swings = left.windows(2).filter(|w| w[0] * w[1] < 0.0).count() as f64;
    if swings < left.len() as f64 * signals.dt {
        return jitter;
    }
    let mean_square = left.iter().map(|value| value * value).sum::<f64>() / left.len() as f64;
    jitter.max(mean_square.sqrt())
}

/// The word for a shake. Travel counts only where the path travels at all: the scale of a
/// camera that only turns is unknown.
pub(crate) fn word(shake: Shake, moves: bool, travels: bool, known: bool) -> Steadiness {
    let level =
        |value: f64, limits: [f64; 3]| limits.iter().filter(|limit| value >= **limit).count();
    let turn = level(shake.turn_deg, TURN);
    let travel = match travels {
        true => level(shake.travel_share, TRAVEL),
        false => usize::from(shake.travel_share > 0.01),
    };
    // Between frames that lie far apart a curve and a shake look alike.
    let level = turn.max(travel).saturating_sub(usize::from(!known));
    match (level, moves) {
        (0, false) => Steadiness::Static,
        (0, true) => Steadiness::Steady,
        (1, _) => Steadiness::MinimalShake,
        (2, _) => Steadiness::Unsteady,
        _ => Steadiness::VeryUnsteady,
    }
}
