//! Bodies around joints: the woman in the red coat, her dog, and plain figures for tests.

use glam::{DVec3, Mat3, Vec3};

use crate::actor::Body;
use crate::solid::{Paint, Solid};

/// What a figure wears, as sRGB.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wardrobe {
    /// Coat.
    pub coat: u32,
    /// Belt, collar and buttons.
    pub trim: u32,
    /// Scarf.
    pub scarf: u32,
    /// Hair.
    pub hair: u32,
    /// Skin.
    pub skin: u32,
    /// Trousers.
    pub legs: u32,
    /// Boots.
    pub boots: u32,
}

impl Wardrobe {
    /// The woman of the sample shot.
    pub const RED_COAT: Self = Self {
        coat: 0x8e1424,
        trim: 0x5e0c18,
        scarf: 0xd9c9ae,
        hair: 0x2c1d18,
        skin: 0xc98e6c,
        legs: 0x23242b,
        boots: 0x2e1f1a,
    };

    /// A passer-by, by number.
    pub fn passer_by(number: usize) -> Self {
        let coats = [0x31465f, 0x4c5a41, 0x6b5a4a, 0x514560];
        Self {
            coat: coats[number % coats.len()],
            trim: 0x24262b,
            scarf: 0x8a8f96,
            ..Self::RED_COAT
        }
    }
}

/// Cloths that flow together in portraits.
const COAT: u8 = 1;
const SKIN: u8 = 2;
const HAIR: u8 = 3;
const LEGS: u8 = 4;
const BOOTS: u8 = 5;
const SCARF: u8 = 6;
const FUR: u8 = 7;
const PALE: u8 = 8;
const NECK: u8 = 9;

fn v(point: DVec3) -> Vec3 {
    point.as_vec3()
}

/// A person in a belted coat around an actor's joints.
pub fn person(body: &Body, wardrobe: Wardrobe) -> Vec<Solid> {
    let s = (body.height_m / 1.68) as f32;
    let p = body.points.map(v);
    let hip = v(body.mid_hip);
    let (neck, head) = (p[1], v(body.head));
    let (gaze, crown) = (v(body.gaze), v(body.crown));
    let side = gaze.cross(crown);
    let face = Mat3::from_cols(side, crown, gaze);
    let spine = (neck - hip).normalize_or_zero();
    let across = (p[2] - p[5]).normalize_or_zero();
    let front = spine.cross(across);
    let trunk = Mat3::from_cols(across, spine, front);
    let coat = Paint::srgb(wardrobe.coat).gloss(0.05);
    let trim = Paint::srgb(wardrobe.trim);
    let skin = Paint::srgb(wardrobe.skin).gloss(0.12);
    let hair = Paint::srgb(wardrobe.hair).gloss(0.22);
    let scarf = Paint::srgb(wardrobe.scarf);
    let legs = Paint::srgb(wardrobe.legs);
    let boots = Paint::srgb(wardrobe.boots).gloss(0.2);
    let mut out = Vec::new();

    // Head, hair, face.
    out.push(Solid::egg(head, Vec3::new(0.074, 0.102, 0.088) * s, face, skin).cloth(SKIN));
    let jaw = head - crown * (0.050 * s) + gaze * (0.022 * s);
    out.push(Solid::egg(jaw, Vec3::new(0.050, 0.050, 0.055) * s, face, skin).cloth(SKIN));
    out.push(Solid::limb(neck, 0.046 * s, head - crown * (0.05 * s), 0.042 * s, skin).cloth(NECK));
    out.push(
        Solid::limb(
            head + gaze * (0.078 * s) + crown * (0.012 * s),
            0.009 * s,
            head + gaze * (0.092 * s) - crown * (0.020 * s),
            0.0125 * s,
            skin,
        )
        .cloth(SKIN),
    );
    for ear in [p[16], p[17]] {
        out.push(Solid::egg(ear, Vec3::new(0.010, 0.022, 0.014) * s, face, skin).cloth(SKIN));
    }
    let cap = head - gaze * (0.024 * s) + crown * (0.022 * s);
    out.push(Solid::egg(cap, Vec3::new(0.087, 0.100, 0.088) * s, face, hair).cloth(HAIR));
    let fringe = head + crown * (0.072 * s) + gaze * (0.030 * s);
    out.push(Solid::egg(fringe, Vec3::new(0.068, 0.034, 0.056) * s, face, hair).cloth(HAIR));
    for sign in [-1.0, 1.0] {
        let temple = head + side * (sign * 0.068 * s) + crown * (0.03 * s) - gaze * (0.008 * s);
        let nape = head + side * (sign * 0.056 * s) - crown * (0.050 * s) - gaze * (0.048 * s);
        out.push(Solid::limb(temple, 0.022 * s, nape, 0.028 * s, hair).cloth(HAIR));
    }
    let bun = head - gaze * (0.106 * s) + crown * (0.032 * s);
    out.push(Solid::ball(bun, 0.042 * s, hair).cloth(HAIR));
    let dark = Paint::srgb(0x1b1412).gloss(0.5);
    for (eye, sign) in [(p[14], 1.0f32), (p[15], -1.0)] {
        let eye = head + (eye - head) * 0.90;
        let place = eye + side * (sign * 0.008 * s) - crown * (0.004 * s);
        out.push(Solid::egg(
            place,
            Vec3::new(0.0125, 0.0095, 0.008) * s,
            face,
            dark,
        ));
        let inner = place + crown * (0.024 * s) - side * (sign * 0.012 * s) + gaze * (0.004 * s);
        let outer = place + crown * (0.022 * s) + side * (sign * 0.014 * s) - gaze * (0.006 * s);
        out.push(Solid::limb(inner, 0.0042 * s, outer, 0.0032 * s, hair));
    }
    let mouth = head - crown * (0.056 * s) + gaze * (0.0825 * s);
    out.push(Solid::egg(
        mouth,
        Vec3::new(0.020, 0.0065, 0.009) * s,
        face,
        Paint::srgb(0x8f4238),
    ));

    // Scarf and coat.
    let collar = neck + spine * (0.012 * s);
    out.push(
        Solid::egg(
            collar + front * (0.012 * s),
            Vec3::new(0.078, 0.040, 0.076) * s,
            trunk,
            scarf,
        )
        .cloth(SCARF),
    );
    let knot = neck + front * (0.085 * s) - spine * (0.025 * s);
    out.push(
        Solid::limb(
            collar + front * (0.06 * s),
            0.034 * s,
            knot,
            0.03 * s,
            scarf,
        )
        .cloth(SCARF),
    );
    let waist = hip + spine * (0.13 * s);
    for sign in [1.0f32, -1.0] {
        let chest = neck + across * (sign * 0.072 * s) - spine * (0.125 * s) + front * (0.006 * s);
        let girdle = waist + across * (sign * 0.046 * s);
        out.push(Solid::limb(chest, 0.094 * s, girdle, 0.076 * s, coat).cloth(COAT));
        let root = neck + across * (sign * 0.045 * s) - spine * (0.018 * s);
        let shoulder = if sign > 0.0 { p[2] } else { p[5] };
        out.push(
            Solid::limb(
                root,
                0.044 * s,
                shoulder - spine * (0.046 * s) - across * (sign * 0.012 * s),
                0.054 * s,
                coat,
            )
            .cloth(COAT),
        );
    }
    let hem = |leg: usize| {
        let (top, knee) = (p[8 + 3 * leg], p[9 + 3 * leg]);
        (top, top + (knee - top) * 0.96)
    };
    let (right_hip, right_hem) = hem(0);
    let (left_hip, left_hem) = hem(1);
    let middle = (right_hem + left_hem) / 2.0;
    for (top, end) in [(right_hip, right_hem), (left_hip, left_hem)] {
        out.push(
            Solid::limb(waist, 0.088 * s, top - spine * (0.02 * s), 0.112 * s, coat).cloth(COAT),
        );
        // The cloth hangs a little less spread than the legs are.
        let end = end + (middle - end) * 0.22;
        out.push(Solid::limb(top, 0.099 * s, end, 0.114 * s, coat).cloth(COAT));
    }
    out.push(Solid::limb(hip, 0.114 * s, middle, 0.108 * s, coat).cloth(COAT));
    out.push(Solid::egg(
        waist,
        Vec3::new(0.138, 0.026, 0.103) * s,
        trunk,
        trim,
    ));
    out.push(Solid::turned(
        waist + front * (0.099 * s),
        Vec3::new(0.022, 0.026, 0.008) * s,
        trunk,
        Paint::srgb(0xb59a5a).gloss(0.6),
    ));
    for sign in [1.0f32, -1.0] {
        // Lapels from the neck to the breast.
        let high = neck + across * (sign * 0.062 * s) + front * (0.045 * s);
        let low = neck + across * (sign * 0.020 * s) - spine * (0.165 * s) + front * (0.098 * s);
        let along = (low - high).normalize_or_zero();
        let out_of = along.cross(across).normalize_or_zero();
        out.push(Solid::egg(
            (high + low) / 2.0,
            Vec3::new(0.030, 0.100, 0.016) * s,
            Mat3::from_cols(out_of.cross(along), along, out_of),
            trim,
        ));
    }
    for button in 0..3 {
        let down = 0.20 + 0.055 * button as f32;
        let place = neck - spine * (down * s) + front * ((0.104 - 0.008 * button as f32) * s);
        out.push(Solid::ball(
            place,
            0.010 * s,
            Paint::srgb(0x2b1512).gloss(0.5),
        ));
    }
    for arm in 0..2 {
        let [shoulder, elbow, wrist] = [p[2 + 3 * arm], p[3 + 3 * arm], p[4 + 3 * arm]];
        out.push(
            Solid::limb(
                shoulder + (elbow - shoulder) * 0.13,
                0.053 * s,
                elbow,
                0.047 * s,
                coat,
            )
            .cloth(COAT),
        );
        out.push(Solid::limb(elbow, 0.047 * s, wrist, 0.041 * s, coat).cloth(COAT));
        let along = (wrist - elbow).normalize_or_zero();
        out.push(Solid::limb(
            wrist - along * (0.012 * s),
            0.046 * s,
            wrist,
            0.046 * s,
            trim,
        ));
        out.push(
            Solid::limb(
                wrist + along * (0.030 * s),
                0.034 * s,
                wrist + along * (0.088 * s),
                0.026 * s,
                skin,
            )
            .cloth(SKIN),
        );
    }
    for leg in 0..2 {
        let [top, knee, ankle] = [p[8 + 3 * leg], p[9 + 3 * leg], p[10 + 3 * leg]];
        out.push(Solid::limb(top, 0.078 * s, knee, 0.058 * s, legs).cloth(LEGS));
        out.push(Solid::limb(knee, 0.058 * s, ankle, 0.046 * s, legs).cloth(LEGS));
        let shaft = knee + (ankle - knee) * 0.45;
        out.push(Solid::limb(shaft, 0.058 * s, ankle, 0.046 * s, boots).cloth(BOOTS));
        let [big, small, heel] = body.feet[leg].map(v);
        let toe = (big + small) / 2.0;
        out.push(Solid::limb(heel, 0.036 * s, toe, 0.034 * s, boots).cloth(BOOTS));
    }
    out
}

/// A dog at one time.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Dog {
    /// Where it stands: world x and z, metres.
    pub place: (f32, f32),
    /// As [`crate::actor::Actor::heading_deg`].
    pub heading_deg: f32,
    /// Trot, in turns of the leg cycle; legs stand still at `None`.
    pub stride: Option<f32>,
    /// Wag of the tail, −1–1.
    pub wag: f32,
    /// How far the head is turned towards its own left, degrees.
    pub look_deg: f32,
}

impl Dog {
    fn axes(&self) -> (Vec3, Vec3, Vec3) {
        let (sin, cos) = self.heading_deg.to_radians().sin_cos();
        let forward = Vec3::new(sin, 0.0, -cos);
        (forward, Vec3::NEG_Y, forward.cross(Vec3::NEG_Y))
    }

    /// Where the leash is fastened.
    pub fn collar(&self) -> Vec3 {
        let (forward, up, _) = self.axes();
        let bob = self.bob();
        Vec3::new(self.place.0, 0.0, self.place.1) + forward * 0.30 + up * (0.60 + bob)
    }

    fn bob(&self) -> f32 {
        self.stride.map_or(0.0, |turns| {
            0.012 * (turns * 2.0 * std::f32::consts::TAU).sin()
        })
    }

    /// The dog's body: a tan, middle-sized dog with a pale chest and drooping ears.
    pub fn solids(&self) -> Vec<Solid> {
        let (forward, up, right) = self.axes();
        let base = Vec3::new(self.place.0, 0.0, self.place.1) + up * self.bob();
        let at = |f: f32, u: f32, r: f32| base + forward * f + up * u + right * r;
        let fur = Paint::srgb(0xa9713f).gloss(0.08);
        let pale = Paint::srgb(0xe6d3b4).gloss(0.06);
        let dark = Paint::srgb(0x1d1512).gloss(0.5);
        let ear_fur = Paint::srgb(0x7c4c28).gloss(0.08);
        let mut out = vec![
            Solid::limb(at(0.20, 0.46, 0.0), 0.135, at(-0.22, 0.48, 0.0), 0.105, fur).cloth(FUR),
            Solid::limb(at(0.24, 0.42, 0.0), 0.120, at(0.05, 0.42, 0.0), 0.112, fur).cloth(FUR),
            Solid::limb(
                at(-0.22, 0.47, 0.0),
                0.108,
                at(-0.27, 0.43, 0.0),
                0.100,
                fur,
            )
            .cloth(FUR),
            Solid::limb(at(0.30, 0.43, 0.0), 0.075, at(0.28, 0.56, 0.0), 0.070, pale).cloth(PALE),
            Solid::limb(at(0.24, 0.53, 0.0), 0.098, at(0.36, 0.69, 0.0), 0.076, fur).cloth(FUR),
        ];
        // Head.
        let (ls, lc) = self.look_deg.to_radians().sin_cos();
        let look = forward * lc - right * ls;
        let cheek = look.cross(up);
        let skull = at(0.40, 0.75, 0.0);
        let h = |f: f32, u: f32, r: f32| skull + look * f + up * u + cheek * r;
        let axes = Mat3::from_cols(cheek, up, look);
        out.push(Solid::egg(skull, Vec3::new(0.082, 0.084, 0.094), axes, fur).cloth(FUR));
        out.push(
            Solid::limb(
                h(0.06, -0.022, 0.0),
                0.054,
                h(0.165, -0.04, 0.0),
                0.037,
                pale,
            )
            .cloth(PALE),
        );
        out.push(
            Solid::limb(h(0.03, 0.035, 0.0), 0.05, h(0.115, -0.004, 0.0), 0.028, fur).cloth(FUR),
        );
        out.push(Solid::egg(
            h(0.196, -0.022, 0.0),
            Vec3::new(0.019, 0.015, 0.014),
            axes,
            dark,
        ));
        out.push(Solid::limb(
            h(0.178, -0.068, 0.018),
            0.0045,
            h(0.178, -0.068, -0.018),
            0.0045,
            dark,
        ));
        for sign in [1.0f32, -1.0] {
            out.push(Solid::ball(h(0.081, 0.026, sign * 0.043), 0.0135, dark));
            out.push(Solid::limb(
                h(-0.01, 0.062, sign * 0.070),
                0.030,
                h(0.0, -0.050, sign * 0.098),
                0.034,
                ear_fur,
            ));
        }
        // Collar and tag.
        let neck = at(0.315, 0.625, 0.0);
        let lean =
            Vec3::new(0.0, 0.0, 0.0) + (at(0.36, 0.69, 0.0) - at(0.24, 0.53, 0.0)).normalize();
        let ring = Mat3::from_cols(right, lean, right.cross(lean));
        out.push(Solid::egg(
            neck,
            Vec3::new(0.096, 0.018, 0.096),
            ring,
            Paint::srgb(0x1f5a63).gloss(0.2),
        ));
        out.push(Solid::ball(
            neck + forward * 0.092 - up * 0.03,
            0.016,
            Paint::srgb(0xcaa64a).gloss(0.7),
        ));
        // Tail, held up.
        let mut last = at(-0.31, 0.53, 0.0);
        for (f, u, r, a, b) in [
            (-0.40, 0.62, 0.3, 0.040, 0.034),
            (-0.43, 0.74, 0.7, 0.034, 0.028),
            (-0.39, 0.84, 1.0, 0.028, 0.018),
        ] {
            let next = at(f, u, r * 0.08 * self.wag);
            let tip = f > -0.40;
            let paint = if tip { pale } else { fur };
            let cloth = if tip { PALE } else { FUR };
            out.push(Solid::limb(last, a, next, b, paint).cloth(cloth));
            last = next;
        }
        // Legs: diagonal pairs together, as in a trot.
        for (f, sign, phase, front) in [
            (0.21, 1.0f32, 0.0f32, true),
            (0.21, -1.0, 0.5, true),
            (-0.25, 1.0, 0.5, false),
            (-0.25, -1.0, 0.0, false),
        ] {
            let (swing, lift) = self.stride.map_or((0.0, 0.0), |turns| {
                let beat = (turns + phase) * std::f32::consts::TAU;
                (0.42 * beat.sin(), 0.075 * beat.cos().max(0.0))
            });
            let r = sign * 0.078;
            let foot_f = f + swing * 0.36;
            let hip = at(f, if front { 0.42 } else { 0.45 }, r);
            let ground = Vec3::new(self.place.0, 0.0, self.place.1);
            let on = |f: f32, u: f32| ground + forward * f + up * u + right * r;
            let foot = on(foot_f, 0.032 + lift);
            let bend = if front { 0.028 } else { -0.050 };
            let knee = on(
                f + (foot_f - f) * 0.5 + bend + lift * 0.5,
                0.22 + lift * 0.55,
            );
            let (thick, mid) = if front {
                (0.060, 0.038)
            } else {
                (0.085, 0.040)
            };
            out.push(Solid::limb(hip, thick, knee, mid, fur).cloth(FUR));
            out.push(Solid::limb(knee, mid, foot, 0.029, fur).cloth(FUR));
            out.push(Solid::limb(foot, 0.033, foot + forward * 0.045, 0.029, pale).cloth(PALE));
        }
        out
    }
}

/// A slack leash between a hand and a collar.
pub fn leash(hand: Vec3, collar: Vec3) -> Vec<Solid> {
    const PARTS: usize = 6;
    let paint = Paint::srgb(0x241b18);
    let sag = 0.10;
    let point = |index: usize| {
        let s = index as f32 / PARTS as f32;
        // y points down: a slack line hangs lowest in its middle.
        hand.lerp(collar, s) + Vec3::Y * (sag * 4.0 * s * (1.0 - s))
    };
    (0..PARTS)
        .map(|part| Solid::limb(point(part), 0.008, point(part + 1), 0.008, paint))
        .collect()
}
