//! What arms and head do: gestures.

use super::posture::{Posture, blend, smooth};
use super::{Action, ActionKind, Actor, Side};

/// An upper arm and a forearm, each flexion and abduction.
type Arm = [[f64; 2]; 2];

/// Ramp into and out of a held gesture, seconds.
const GESTURE_RAMP_S: f64 = 0.45;
/// How fast a hand waves, swings to and fro a second.
const WAVE_HZ: f64 = 1.8;
/// How often hands clap, times a second.
const CLAP_HZ: f64 = 2.4;

/// Lets an action move the arms and the head.
pub fn act(posture: &mut Posture, action: &Action, actor: &Actor, time_s: f64) {
    let since_s = time_s - action.start_s;
    let turn = std::f64::consts::TAU * since_s;
    let held = action.weight(time_s, GESTURE_RAMP_S);
    match action.kind {
        ActionKind::RaisingArm => hold(posture, action.side, [[168.0, 8.0], [174.0, 4.0]], held),
        ActionKind::Waving => {
            let aside = 168.0 + 27.0 * actor.style.vigour * (turn * WAVE_HZ).sin();
            hold(posture, action.side, [[10.0, 88.0], [8.0, aside]], held);
        }
        ActionKind::Pointing => {
            let arm = [action.amount, 2.0];
            hold(posture, action.side, [arm, arm], held);
        }
        ActionKind::Reaching => {
            let reach = [[action.amount - 6.0, 2.0], [action.amount + 2.0, 0.0]];
            let share = action.weight(time_s, (action.end_s - action.start_s) * 0.4);
            hold(posture, action.side, reach, share);
            posture.lean += 20.0 * share;
        }
        ActionKind::Clapping => {
            let aside = -17.0 - 17.0 * (turn * CLAP_HZ).cos();
            hold(posture, Side::Both, [[42.0, -5.0], [96.0, aside]], held);
        }
        ActionKind::TouchingFace => {
            hold(posture, action.side, [[60.0, 12.0], [204.0, -36.0]], held);
        }
        ActionKind::Hugging => {
            hold(posture, Side::Both, [[78.0, 6.0], [88.0, -46.0]], held);
        }
        ActionKind::Throwing => throw(posture, action, time_s),
        ActionKind::Punching => punch(posture, action, time_s),
        ActionKind::TurningHead => blend(&mut posture.look, action.amount, held),
        ActionKind::LookingDown => posture.nod += 38.0 * held,
        ActionKind::LookingUp => posture.nod -= 36.0 * held,
        _ => {}
    }
}

/// The sides that a side names, by index: right 0, left 1.
pub fn sides(side: Side) -> &'static [usize] {
    match side {
        Side::Right => &[0],
        Side::Left => &[1],
        Side::Both => &[0, 1],
    }
}

fn hold(posture: &mut Posture, side: Side, [arm, forearm]: Arm, share: f64) {
    for side in sides(side) {
        for angle in 0..2 {
            blend(&mut posture.arm[*side][angle], arm[angle], share);
            blend(&mut posture.forearm[*side][angle], forearm[angle], share);
        }
    }
}

/// Goes through an arm's positions at their shares of the action, from and back to how it was.
fn through(posture: &mut Posture, side: Side, keys: &[(f64, Arm)], inside: f64) {
    for which in sides(side) {
        let rest = [posture.arm[*which], posture.forearm[*which]];
        let mut before = (0.0, rest);
        for key in keys.iter().copied().chain([(1.0, rest)]) {
            if inside <= key.0 {
                let share = smooth((inside - before.0) / (key.0 - before.0));
                let mut now = before.1;
                for (bone, to) in now.iter_mut().zip(key.1) {
                    for (angle, to) in bone.iter_mut().zip(to) {
                        blend(angle, to, share);
                    }
                }
                [posture.arm[*which], posture.forearm[*which]] = now;
                break;
            }
            before = key;
        }
    }
}

/// Overarm: the hand goes up behind the head, whips forward and follows through.
fn throw(posture: &mut Posture, action: &Action, time_s: f64) {
    let inside = action.inside(time_s);
    if !(0.0..=1.0).contains(&inside) {
        return;
    }
    let keys = [
        (0.38, [[70.0, 62.0], [214.0, 12.0]]),
        (0.46, [[84.0, 56.0], [216.0, 10.0]]),
        (0.58, [[122.0, 18.0], [124.0, 4.0]]),
        (0.72, [[40.0, 0.0], [44.0, -14.0]]),
    ];
    through(posture, action.side, &keys, inside);
    let own = if action.side == Side::Left { -1.0 } else { 1.0 };
    let wound = smooth(inside / 0.4) * (1.0 - smooth((inside - 0.44) / 0.14));
    let thrown = smooth((inside - 0.44) / 0.16) * (1.0 - smooth((inside - 0.7) / 0.3));
    posture.twist += own * (24.0 * thrown - 26.0 * wound);
    posture.lean += 14.0 * thrown - 8.0 * wound;
}

/// A straight punch from a guard.
fn punch(posture: &mut Posture, action: &Action, time_s: f64) {
    let inside = action.inside(time_s);
    if !(0.0..=1.0).contains(&inside) {
        return;
    }
    let guard = [[26.0, 8.0], [140.0, -14.0]];
    let struck = [[86.0, -2.0], [90.0, -4.0]];
    let keys = [
        (0.32, guard),
        (0.40, guard),
        (0.54, struck),
        (0.58, struck),
        (0.74, guard),
    ];
    through(posture, action.side, &keys, inside);
    let (own, other) = match action.side {
        Side::Left => (-1.0, Side::Right),
        _ => (1.0, Side::Left),
    };
    through(posture, other, &[(0.32, guard), (0.74, guard)], inside);
    let out = smooth((inside - 0.4) / 0.14) * (1.0 - smooth((inside - 0.58) / 0.2));
    posture.twist += own * 26.0 * out;
    posture.lean += 8.0 * out;
}
