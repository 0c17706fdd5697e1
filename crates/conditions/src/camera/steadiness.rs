//! How steadily the camera is held: what is left when the intended motion is taken away.

use super::Steadiness;
use super::signals::gaussian;

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
const TRAVEL: [f64; 3] = [0.0025, 0.008, 0.03];

/// What a doubled high-pass leaves of a signal, by its median so that starts and stops do not
/// count. The pass keeps shake above about 1 Hz and removes every cubic ease.
pub(crate) fn residual(values: &[f64], dt: f64, duration: f64) -> f64 {
    let sigma = 0.2_f64.min(duration / 12.0) / dt;
    let minus = |values: &[f64]| -> Vec<f64> {
        gaussian(values, sigma)
            .iter()
            .zip(values)
            .map(|(smooth, value)| value - smooth)
            .collect()
    };
    let mut left: Vec<f64> = minus(&minus(values)).into_iter().map(f64::abs).collect();
    if left.is_empty() {
        return 0.0;
    }
    left.sort_by(f64::total_cmp);
    1.4826 * left[left.len() / 2]
}

/// The word for a shake. Travel counts only where the path travels at all: the scale of a
/// camera that only turns is unknown.
pub(crate) fn word(shake: Shake, moves: bool, travels: bool) -> Steadiness {
    let level =
        |value: f64, limits: [f64; 3]| limits.iter().filter(|limit| value >= **limit).count();
    let turn = level(shake.turn_deg, TURN);
    let travel = match travels {
        true => level(shake.travel_share, TRAVEL),
        false => usize::from(shake.travel_share > 0.01),
    };
    match (turn.max(travel), moves) {
        (0, false) => Steadiness::Static,
        (0, true) => Steadiness::Steady,
        (1, _) => Steadiness::MinimalShake,
        (2, _) => Steadiness::Unsteady,
        _ => Steadiness::VeryUnsteady,
    }
}
