//! Postures: joint angles, and those that bodies rest in.

use super::Actor;
use crate::noise::Noise;

/// Joint angles in degrees; pairs are right, left. Limb directions are given in the actor's
/// upright axes as flexion (forward from hanging) and abduction (outward from hanging).
#[derive(Debug, Clone, Copy)]
pub struct Posture {
    pub lean: f64,
    pub twist: f64,
    /// The head: down.
    pub nod: f64,
    /// The head: towards the own left.
    pub look: f64,
    pub thigh: [f64; 2],
    pub spread: [f64; 2],
    pub knee: [f64; 2],
    pub arm: [[f64; 2]; 2],
    pub forearm: [[f64; 2]; 2],
    /// Metres off the ground.
    pub lift: f64,
    /// Metres towards the own right.
    pub sway: f64,
    /// 1 where the feet stay over the actor's place and the hips move instead.
    pub planted: f64,
}

pub const IDLE: Posture = Posture {
    lean: 1.0,
    twist: 0.0,
    nod: 0.0,
    look: 0.0,
    thigh: [1.0, 1.0],
    spread: [3.0, 3.0],
    knee: [3.0, 3.0],
    arm: [[2.0, 8.0], [2.0, 8.0]],
    forearm: [[14.0, 5.0], [14.0, 5.0]],
    lift: 0.0,
    sway: 0.0,
    planted: 0.0,
};

/// Down on one's heels: thighs past the level, feet under the body.
pub const CROUCH: Posture = Posture {
    lean: 30.0,
    nod: -18.0,
    thigh: [116.0, 112.0],
    spread: [12.0, 12.0],
    knee: [146.0, 142.0],
    arm: [[48.0, 10.0], [48.0, 10.0]],
    forearm: [[88.0, -6.0], [88.0, -6.0]],
    planted: 1.0,
    ..IDLE
};

pub const BEND: Posture = Posture {
    lean: 78.0,
    nod: -14.0,
    thigh: [-6.0, -6.0],
    knee: [10.0, 10.0],
    arm: [[16.0, 6.0], [16.0, 6.0]],
    forearm: [[12.0, 4.0], [12.0, 4.0]],
    planted: 1.0,
    ..IDLE
};

pub const SEAT: Posture = Posture {
    lean: 4.0,
    thigh: [86.0, 86.0],
    spread: [6.0, 6.0],
    knee: [88.0, 88.0],
    arm: [[18.0, 8.0], [18.0, 8.0]],
    forearm: [[74.0, -4.0], [74.0, -4.0]],
    planted: 1.0,
    ..IDLE
};

/// Upright on both knees.
pub const KNEEL: Posture = Posture {
    thigh: [4.0, 4.0],
    spread: [6.0, 6.0],
    knee: [92.0, 92.0],
    planted: 0.5,
    ..IDLE
};

/// Upright on the right knee, the left foot ahead.
pub const KNEEL_ON_ONE: Posture = Posture {
    lean: 6.0,
    thigh: [2.0, 82.0],
    spread: [5.0, 7.0],
    knee: [92.0, 84.0],
    arm: [[6.0, 8.0], [34.0, 8.0]],
    forearm: [[16.0, 4.0], [66.0, 0.0]],
    planted: 0.5,
    ..IDLE
};

/// On the ground with the knees drawn up: half way to lying.
pub const ON_GROUND: Posture = Posture {
    lean: -24.0,
    nod: 10.0,
    thigh: [130.0, 126.0],
    spread: [8.0, 8.0],
    knee: [140.0, 136.0],
    arm: [[-30.0, 14.0], [-30.0, 14.0]],
    forearm: [[-10.0, 10.0], [-10.0, 10.0]],
    planted: 1.0,
    ..IDLE
};

/// On one's back.
pub const LIE: Posture = Posture {
    lean: -87.0,
    nod: -14.0,
    thigh: [88.0, 90.0],
    spread: [6.0, 6.0],
    knee: [3.0, 6.0],
    arm: [[82.0, 12.0], [82.0, 12.0]],
    forearm: [[84.0, 8.0], [84.0, 8.0]],
    planted: 1.0,
    ..IDLE
};

/// Hands at the ground beside bent knees.
pub const PICK: Posture = Posture {
    lean: 68.0,
    nod: -10.0,
    thigh: [76.0, 70.0],
    spread: [10.0, 10.0],
    knee: [110.0, 106.0],
    arm: [[14.0, 4.0], [40.0, 10.0]],
    forearm: [[8.0, 2.0], [72.0, 0.0]],
    planted: 1.0,
    ..IDLE
};

impl Posture {
    /// This posture moved towards another by a share.
    pub fn towards(mut self, other: &Self, share: f64) -> Self {
        blend(&mut self.lean, other.lean, share);
        blend(&mut self.twist, other.twist, share);
        blend(&mut self.nod, other.nod, share);
        blend(&mut self.look, other.look, share);
        blend(&mut self.lift, other.lift, share);
        blend(&mut self.sway, other.sway, share);
        blend(&mut self.planted, other.planted, share);
        for side in 0..2 {
            blend(&mut self.thigh[side], other.thigh[side], share);
            blend(&mut self.spread[side], other.spread[side], share);
            blend(&mut self.knee[side], other.knee[side], share);
            for angle in 0..2 {
                blend(&mut self.arm[side][angle], other.arm[side][angle], share);
                blend(
                    &mut self.forearm[side][angle],
                    other.forearm[side][angle],
                    share,
                );
            }
        }
        self
    }

    /// The same with right and left exchanged.
    pub fn mirrored(mut self) -> Self {
        self.thigh.swap(0, 1);
        self.spread.swap(0, 1);
        self.knee.swap(0, 1);
        self.arm.swap(0, 1);
        self.forearm.swap(0, 1);
        self.twist = -self.twist;
        self.look = -self.look;
        self.sway = -self.sway;
        self
    }
}

/// Moves a number towards another by a share.
pub fn blend(from: &mut f64, to: f64, share: f64) {
    *from += (to - *from) * share;
}

/// Smoothstep.
pub fn smooth(share: f64) -> f64 {
    let s = share.clamp(0.0, 1.0);
    s * s * (3.0 - 2.0 * s)
}

/// Standing, with the small motion of someone alive.
pub fn idle(actor: &Actor, time_s: f64) -> Posture {
    let noise = Noise::new(actor.seed);
    let mut posture = IDLE;
    posture.lean += actor.style.slouch_deg + 0.5 * noise.wander(0, time_s * 0.3);
    posture.twist += 0.8 * noise.wander(1, time_s * 0.3);
    posture
}
