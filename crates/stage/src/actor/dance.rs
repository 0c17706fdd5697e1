//! Dancing: the whole body moves to a beat.

use std::f64::consts::{PI, TAU};

use super::posture::{IDLE, Posture};
use super::{Action, ActionKind, Actor};
use crate::noise::Noise;

/// A posture as dancing changes it: knees give on every beat, hips and arms swing over two.
pub fn act(posture: Posture, action: &Action, actor: &Actor, time_s: f64) -> Posture {
    if action.kind != ActionKind::Dancing {
        return posture;
    }
    let noise = Noise::new(actor.seed ^ 0xda_4ce);
    let beat = TAU * action.amount / 60.0 * (time_s - action.start_s);
    let slow = beat / 2.0;
    let vigour = actor.style.vigour;
    let down = 0.5 - 0.5 * beat.cos();
    let mut dance = IDLE;
    dance.lean = 4.0 + 4.0 * slow.sin();
    dance.twist = 14.0 * vigour * slow.sin();
    dance.sway = 0.07 * vigour * slow.sin();
    for (side, phase) in [(0, 0.0), (1, PI)] {
        let step = (slow + phase).sin().max(0.0);
        dance.thigh[side] = 4.0 + 16.0 * vigour * down + 16.0 * step;
        dance.knee[side] = 8.0 + 32.0 * vigour * down + 22.0 * step;
        dance.spread[side] = 7.0;
        let swing = (slow + phase).sin();
        if noise.share(1) < 0.5 {
            dance.arm[side] = [14.0 + 30.0 * vigour * swing, 14.0];
            dance.forearm[side] = [86.0 + 34.0 * vigour * swing, 6.0];
        } else {
            dance.arm[side] = [30.0 + 14.0 * swing, 52.0 + 26.0 * vigour * swing];
            dance.forearm[side] = [70.0, 60.0 + 44.0 * vigour * swing];
        }
    }
    dance.nod = 8.0 * down;
    posture.towards(&dance, action.weight(time_s, 0.4))
}
