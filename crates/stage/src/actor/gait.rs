//! Walking, running and jumping.

use super::posture::{CROUCH, IDLE, Posture, smooth};
use super::{Action, ActionKind, Style};

/// Swing of the thigh to either side while walking, degrees.
pub const WALK_SWING: f64 = 23.0;
/// Swing of the thigh to either side while running, degrees.
pub const RUN_SWING: f64 = 36.0;

/// Walking and running: thighs swing against each other, the knee bends while the leg comes
/// forward, arms swing against the legs.
pub fn gait(action: &Action, style: Style, time_s: f64) -> Posture {
    let running = action.kind == ActionKind::Running;
    let mut posture = IDLE;
    let turns = action.amount / 120.0 * (time_s - action.start_s);
    for (side, phase) in [(0, 0.0), (1, 0.5)] {
        let beat = (turns + phase) * std::f64::consts::TAU;
        let (sin, cos) = beat.sin_cos();
        let coming = cos.max(0.0);
        if running {
            posture.thigh[side] = 8.0 + RUN_SWING * style.vigour * sin;
            posture.knee[side] = 22.0 + 84.0 * coming.powf(1.2);
            posture.arm[side] = [-8.0 - 36.0 * style.vigour * sin, 8.0];
            posture.forearm[side] = [80.0 - 36.0 * sin, -6.0];
        } else {
            posture.thigh[side] = 2.0 + WALK_SWING * style.vigour * sin;
            posture.knee[side] = 6.0 + 50.0 * coming.powf(1.4);
            posture.arm[side] = [-22.0 * style.vigour * sin, 7.0];
            posture.forearm[side] = [16.0 - 26.0 * sin, 4.0];
        }
        posture.spread[side] = 1.5;
    }
    let beat = turns * std::f64::consts::TAU;
    posture.twist = if running { 9.0 } else { 6.0 } * beat.sin();
    if running {
        posture.lean = 11.0 + style.slouch_deg;
        // Both feet leave the ground twice a cycle.
        posture.lift = 0.07 * (2.0 * beat).sin().abs().powi(2);
    } else {
        posture.lean = 3.0 + style.slouch_deg;
    }
    posture
}

/// One jump: down, off, up and down under gravity, and a landing. `inside` is the share of the
/// action's time.
pub fn jump(from: Posture, inside: f64, duration_s: f64) -> Posture {
    const HEIGHT_M: f64 = 0.38;
    let flight_s = (2.0 * (2.0 * HEIGHT_M / 9.81).sqrt()).min(duration_s * 0.6);
    let ground = (1.0 - flight_s / duration_s.max(1e-9)) / 2.0;
    let mut posture = from;
    let arms_up = |posture: &mut Posture, share: f64| {
        for side in 0..2 {
            posture.arm[side][0] += (150.0 - posture.arm[side][0]) * share;
            posture.forearm[side][0] += (160.0 - posture.forearm[side][0]) * share;
        }
    };
    let squat = |share: f64| {
        let mut low = CROUCH;
        low.arm = [[-30.0, 10.0]; 2];
        low.forearm = [[-15.0, 8.0]; 2];
        from.towards(&low, 0.5 * share)
    };
    if inside < ground {
        let s = inside / ground;
        posture = if s < 0.6 {
            squat(smooth(s / 0.6))
        } else {
            let rise = smooth((s - 0.6) / 0.4);
            let mut rising = squat(1.0 - rise);
            arms_up(&mut rising, rise);
            rising
        };
    } else if inside < 1.0 - ground {
        let s = (inside - ground) / (1.0 - 2.0 * ground);
        posture.lift = HEIGHT_M * 4.0 * s * (1.0 - s);
        arms_up(&mut posture, 1.0 - 0.5 * smooth(s));
        for side in 0..2 {
            posture.knee[side] += 24.0 * (std::f64::consts::PI * s).sin();
            posture.thigh[side] += 10.0 * (std::f64::consts::PI * s).sin();
        }
    } else {
        let s = (inside - (1.0 - ground)) / ground;
        posture = squat((std::f64::consts::PI * s.clamp(0.0, 1.0)).sin() * 0.8);
        arms_up(&mut posture, 0.5 * (1.0 - smooth(s * 2.0)));
    }
    posture
}
