//! What legs and trunk do: gaits, postures, kicks.

use super::posture::{
    BEND, CROUCH, IDLE, KNEEL, KNEEL_ON_ONE, LIE, ON_GROUND, PICK, Posture, SEAT, blend, smooth,
};
use super::{Action, ActionKind, Actor, GAIT_RAMP_S, Side, gait};

/// Ramp into and out of kneeling, seconds.
const KNEEL_RAMP_S: f64 = 0.7;

/// A posture as an action changes it.
pub fn act(mut posture: Posture, action: &Action, actor: &Actor, time_s: f64) -> Posture {
    let inside = action.inside(time_s);
    let during = (0.0..=1.0).contains(&inside);
    match action.kind {
        ActionKind::Walking | ActionKind::Running => {
            let gait = gait::gait(action, actor.style, time_s);
            posture.towards(&gait, action.weight(time_s, GAIT_RAMP_S))
        }
        ActionKind::Turning => {
            // The feet step round: small lifts, alternating.
            let weight = action.weight(time_s, 0.2);
            let beat = (time_s - action.start_s) * std::f64::consts::TAU;
            for (side, phase) in [(0, 0.0), (1, std::f64::consts::PI)] {
                let up = (beat + phase).sin().max(0.0) * weight;
                posture.thigh[side] += 14.0 * up;
                posture.knee[side] += 26.0 * up;
            }
            posture
        }
        ActionKind::Bending => posture.towards(&BEND, action.weight(time_s, 0.7)),
        ActionKind::Crouching => posture.towards(&CROUCH, action.weight(time_s, 0.6)),
        ActionKind::PickingUp => {
            let ramp_s = (action.end_s - action.start_s) * 0.42;
            let pick = match action.side {
                Side::Left => PICK.mirrored(),
                _ => PICK,
            };
            posture.towards(&pick, action.weight(time_s, ramp_s))
        }
        ActionKind::Kneeling => {
            let kneel = if action.amount < 1.5 {
                KNEEL_ON_ONE
            } else {
                KNEEL
            };
            let kneel = match action.side {
                Side::Left => kneel.mirrored(),
                _ => kneel,
            };
            let weight = action.weight(time_s, KNEEL_RAMP_S);
            posture.towards(&kneel, weight)
        }
        ActionKind::Jumping if during => gait::jump(posture, inside, action.end_s - action.start_s),
        ActionKind::LyingDown if during => lie(posture, inside),
        ActionKind::Lying if during => LIE,
        ActionKind::StandingUp if during && action.amount == 1.0 => lie(posture, 1.0 - inside),
        ActionKind::Kicking if during => kick(posture, action.side, inside, actor.style.vigour),
        ActionKind::Hugging => {
            blend(&mut posture.lean, 9.0, action.weight(time_s, 0.5));
            posture
        }
        _ => posture,
    }
}

/// Sitting down, sitting and standing up from a seat.
pub fn seat(posture: Posture, actions: &[Action], time_s: f64) -> Posture {
    let seated = actions
        .iter()
        .map(|action| {
            let inside = action.inside(time_s);
            match action.kind {
                _ if !(0.0..=1.0).contains(&inside) => 0.0,
                ActionKind::SittingDown => smooth(inside),
                ActionKind::StandingUp if action.amount != 1.0 => smooth(1.0 - inside),
                ActionKind::Sitting => 1.0,
                _ => 0.0,
            }
        })
        .fold(0.0, f64::max);
    if seated <= 0.0 {
        return posture;
    }
    // Half way down the body leans forward over its feet.
    let mut seat = SEAT;
    seat.lean += 30.0 * (std::f64::consts::PI * seated).sin();
    posture.towards(&seat, seated)
}

/// From standing (0) by way of sitting on the ground to lying on one's back (1).
fn lie(from: Posture, share: f64) -> Posture {
    if share < 0.55 {
        from.towards(&ON_GROUND, smooth(share / 0.55))
    } else {
        ON_GROUND.towards(&LIE, smooth((share - 0.55) / 0.45))
    }
}

/// One kick forward: back, out, and down again.
fn kick(from: Posture, side: Side, inside: f64, vigour: f64) -> Posture {
    let legs = |thigh: f64, knee: f64, lean: f64| Posture {
        lean,
        thigh: [thigh * vigour, 4.0],
        knee: [knee, 8.0],
        arm: [[-14.0, 16.0], [24.0, 18.0]],
        forearm: [[10.0, 10.0], [60.0, 4.0]],
        ..IDLE
    };
    let keys = [
        (0.25, legs(-22.0, 48.0, 4.0)),
        (0.48, legs(78.0, 10.0, -10.0)),
        (0.68, legs(48.0, 56.0, -2.0)),
    ];
    let mut before = (0.0, from);
    for key in keys.into_iter().chain([(1.0, from)]) {
        let pose = match side {
            Side::Left if key.0 < 1.0 => key.1.mirrored(),
            _ => key.1,
        };
        if inside <= key.0 {
            let share = (inside - before.0) / (key.0 - before.0);
            return before.1.towards(&pose, smooth(share));
        }
        before = (key.0, pose);
    }
    from
}
