//! Where the face points: turns of the head, looking down and up.

use super::features::{Series, smoothed};
use super::signals::Signals;
use super::spans::{above, median, tidy};
use crate::pose::joints::{L_EAR, L_EYE, NOSE, R_EAR, R_EYE};
use crate::pose::{ActionKind, PersonAction, Side};

/// From the middle of the head to the nose's tip, and from ear to ear, in trunk lengths.
const NOSE_OUT: f64 = 0.25;
const EARS_APART: f64 = 0.3;

/// Which way the face points across the frame, degrees: 0 at the camera, 90 at the frame's right
/// edge. Only where the nose is seen.
pub fn yaw(signals: &Signals) -> Series {
    signals.map(|frame| {
        let at = |joint: usize| signals.joint(frame, joint);
        let nose = at(NOSE)?;
        match (at(R_EAR), at(L_EAR)) {
            (Some(right), Some(left)) => {
                let out = (nose[0] - f64::midpoint(right[0], left[0])) / signals.unit / NOSE_OUT;
                let apart = (left[0] - right[0]) / signals.unit / EARS_APART;
                Some(out.atan2(apart.max(0.0)).to_degrees())
            }
            (Some(ear), None) | (None, Some(ear)) => {
                // Both eyes are seen: the other ear is lost, not hidden.
                if at(R_EYE).is_some() && at(L_EYE).is_some() {
                    return None;
                }
                // One ear is hidden: the face is turned by sixty degrees at least.
                let longest = NOSE_OUT.hypot(EARS_APART / 2.0);
                let out = (nose[0] - ear[0]) / signals.unit / longest;
                let beyond = 90.0 - out.abs().min(1.0).asin().to_degrees();
                let least = NOSE_OUT.atan2(EARS_APART / 2.0).to_degrees();
                Some((least + beyond).min(110.0) * out.signum())
            }
            _ => None,
        }
    })
}

/// How far the nose is below the ears (or eyes, where no ear is seen), body units.
fn pitch(signals: &Signals) -> Series {
    signals.map(|frame| {
        let at = |joint: usize| signals.joint(frame, joint).map(|p| p[1]);
        let nose = at(NOSE)?;
        let ears = match (at(R_EAR), at(L_EAR)) {
            (Some(right), Some(left)) => Some(f64::midpoint(right, left)),
            (one, other) => one.or(other),
        };
        let level = ears.or_else(|| Some(at(R_EYE).or(at(L_EYE))? + 0.04 * signals.unit))?;
        Some((nose - level) / signals.unit)
    })
}

/// The head's rest is its middle position within this long before and after, seconds.
const REST_S: f64 = 3.2;
const LEAST_TURN_DEG: f64 = 24.0;
/// A turn of the head that is told reaches this at its height.
const CLEAR_TURN_DEG: f64 = 45.0;
/// The nose's error turns the face by this much, degrees a body unit.
const DEG_PER_UNIT: f64 = 160.0;
const LEAST_NOD: f64 = 0.08;
const LEAST_LOOK_S: f64 = 0.45;

/// How far a signal is from its rest.
fn away(signals: &Signals, values: &Series) -> Series {
    let reach = signals.frames_in(REST_S);
    let step = (reach / 16).max(1);
    let steady = smoothed(signals, values, 0.3);
    (0..steady.len())
        .map(|frame| {
            let value = steady.get(frame).copied().flatten()?;
            let window = frame.saturating_sub(reach)..(frame + reach + 1).min(steady.len());
            let rest = median(
                window
                    .step_by(step)
                    .filter_map(|at| steady.get(at).copied().flatten()),
            )?;
            Some(value - rest)
        })
        .collect()
}

/// Turns of the head aside, and looks down and up.
pub fn looks(signals: &Signals, headings: &Series) -> Vec<PersonAction> {
    let mut all = Vec::new();
    let yaw = away(signals, &yaw(signals));
    let pitch = {
        let steady = smoothed(signals, &pitch(signals), 0.3);
        // How a head is carried hardly changes.
        let rest = median(steady.iter().flatten().copied()).unwrap_or(0.0);
        steady
            .iter()
            .map(|value| value.map(|value| value - rest))
            .collect::<Series>()
    };
    // How far the body is turned from the camera, whichever way: the head does not change it.
    let body = away(
        signals,
        &headings
            .iter()
            .map(|heading| heading.map(f64::abs))
            .collect(),
    );
    let mut add = |values: Series, least: f64, kind: ActionKind, side: Option<Side>| {
        for run in tidy(
            above(&values, least, 0.55 * least),
            &signals.times,
            0.2,
            LEAST_LOOK_S,
        ) {
            let mut action = super::posture::action(signals, run, kind, 0.6);
            action.side = side;
            if kind == ActionKind::TurningHead {
                let most = (run.first..=run.last)
                    .filter_map(|frame| values.get(frame).copied().flatten())
                    .fold(0.0, f64::max);
                // Small turns drown in the points' errors: only clear ones are told.
                if most < CLEAR_TURN_DEG.max(1.3 * least) {
                    continue;
                }
                action.amount_deg = Some((most / 5.0).round() * 5.0);
            }
            all.push(action);
        }
    };
    // Seen from the front, the own left is the frame's right.
    for (sign, side) in [(1.0, Side::Left), (-1.0, Side::Right)] {
        let values = signals.map(|frame| {
            let turned = yaw.get(frame).copied().flatten()? * sign;
            // A head that turns with the body does not turn.
            let along = body.get(frame).copied().flatten().unwrap_or(0.0).abs();
            (along < 0.6 * turned.max(LEAST_TURN_DEG)).then_some(turned)
        });
        let least = LEAST_TURN_DEG + DEG_PER_UNIT * signals.tremble;
        add(values, least, ActionKind::TurningHead, Some(side));
    }
    let least = LEAST_NOD + 0.7 * signals.tremble;
    for (sign, kind) in [
        (1.0, ActionKind::LookingDown),
        (-1.0, ActionKind::LookingUp),
    ] {
        let values = pitch.iter().map(|v| v.map(|v| v * sign)).collect();
        add(values, least, kind, None);
    }
    all
}
