//! From joint angles to joints in the world.

use glam::DVec3;

use super::posture::Posture;
use super::{Actor, Body};

/// The joints of an actor in a posture at a time.
pub fn joints(actor: &Actor, posture: &Posture, time_s: f64) -> Body {
    let h = actor.height_m;
    let build = actor.build;
    let (sin, cos) = actor.heading(time_s).to_radians().sin_cos();
    let forward = DVec3::new(sin, 0.0, -cos);
    let up = DVec3::NEG_Y;
    let right = forward.cross(up);
    let place = actor.place(time_s);
    let outward = [right, -right];
    // Hanging straight down, swung forward by `flex` and outward by `aside`.
    let limb = |side: usize, flex: f64, aside: f64| {
        let (fs, fc) = flex.to_radians().sin_cos();
        let (a, ac) = aside.to_radians().sin_cos();
        outward[side] * a + (forward * fs - up * fc) * ac
    };
    let twisted = |angle: f64| {
        let (s, c) = angle.to_radians().sin_cos();
        right * c + forward * s
    };

    // Legs first, from hips at the origin; then the lower foot decides how high the hips are.
    let mut legs = [[DVec3::ZERO; 3]; 2];
    for side in 0..2 {
        let hip = outward[side] * (0.056 * h);
        let knee =
            hip + limb(side, posture.thigh[side], posture.spread[side]) * (0.245 * build.legs * h);
        let shank = posture.thigh[side] - posture.knee[side];
        let ankle = knee + limb(side, shank, posture.spread[side] * 0.3) * (0.235 * build.legs * h);
        legs[side] = [hip, knee, ankle];
    }
    let lowest = legs[0][2].dot(up).min(legs[1][2].dot(up));
    let feet_ahead = (legs[0][2] + legs[1][2]).dot(forward) / 2.0;
    let mid_hip = DVec3::new(place.x, 0.0, place.y) + up * (0.042 * h - lowest + posture.lift)
        - forward * (feet_ahead * posture.planted)
        + right * posture.sway;

    let (ls, lc) = posture.lean.to_radians().sin_cos();
    let spine = up * lc + forward * ls;
    let neck = mid_hip + spine * (0.293 * build.trunk * h);
    let shoulder_line = twisted(posture.twist);
    let (ns, nc) = (posture.lean * 0.75 + posture.nod).to_radians().sin_cos();
    let (ys, yc) = posture.look.to_radians().sin_cos();
    let ahead = forward * yc - right * ys;
    let beside = [right * yc + forward * ys, -(right * yc + forward * ys)];
    let crown = up * nc + ahead * ns;
    let gaze = ahead * nc - up * ns;
    let head = neck + spine * (0.045 * h) + crown * (0.065 * h) + gaze * (0.008 * h);

    let mut points = [DVec3::ZERO; 18];
    points[0] = head + gaze * (0.066 * h) - crown * (0.008 * h);
    points[1] = neck;
    for side in 0..2 {
        let sign = if side == 0 { 1.0 } else { -1.0 };
        let shoulder =
            neck + shoulder_line * (sign * 0.108 * build.shoulders * h) - spine * (0.006 * h);
        let [flex, aside] = posture.arm[side];
        let elbow = shoulder + limb(side, flex, aside) * (0.172 * build.arms * h);
        let [flex, aside] = posture.forearm[side];
        let wrist = elbow + limb(side, flex, aside) * (0.152 * build.arms * h);
        points[2 + 3 * side] = shoulder;
        points[3 + 3 * side] = elbow;
        points[4 + 3 * side] = wrist;
        for joint in 0..3 {
            points[8 + 3 * side + joint] = mid_hip + legs[side][joint];
        }
        points[14 + side] =
            head + gaze * (0.054 * h) + crown * (0.010 * h) + beside[side] * (0.019 * h);
        points[16 + side] =
            head - gaze * (0.004 * h) + crown * (0.002 * h) + beside[side] * (0.044 * h);
    }
    let feet = [0, 1].map(|side| {
        let ankle = mid_hip + legs[side][2];
        let shank = posture.thigh[side] - posture.knee[side];
        // The sole stays level near the ground and follows the shank when lifted.
        let off = ((ankle.dot(up) - 0.042 * h) / (0.1 * h)).clamp(0.0, 1.0);
        let (ps, pc) = (shank * 0.8 * off).to_radians().sin_cos();
        let toe = forward * pc + up * ps;
        let sole = ankle - up * (0.03 * h);
        [
            sole + toe * (0.11 * h) - outward[side] * (0.008 * h),
            sole + toe * (0.095 * h) + outward[side] * (0.022 * h),
            sole - toe * (0.03 * h),
        ]
    });
    Body {
        points,
        mid_hip,
        feet,
        head,
        facing: forward,
        right,
        gaze,
        crown,
        height_m: h,
    }
}
