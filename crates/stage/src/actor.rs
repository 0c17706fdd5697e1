//! People who act: a script of actions is turned into joint angles, the angles into joints in
//! the world, frame by frame.
//!
//! Proportions are shares of body height after common anthropometric tables. An actor's own
//! axes are forward (where it faces), right (its own) and up.

use glam::{DVec2, DVec3};

use crate::noise::Noise;

/// What an actor can do; keys are the contract's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[allow(missing_docs, reason = "the names say it")]
pub enum ActionKind {
    StandingStill,
    Walking,
    Running,
    RaisingArm,
    Waving,
    Turning,
    Bending,
    Crouching,
    SittingDown,
    StandingUp,
    Sitting,
    Jumping,
}

impl ActionKind {
    /// Every action.
    pub const ALL: [Self; 12] = [
        Self::StandingStill,
        Self::Walking,
        Self::Running,
        Self::RaisingArm,
        Self::Waving,
        Self::Turning,
        Self::Bending,
        Self::Crouching,
        Self::SittingDown,
        Self::StandingUp,
        Self::Sitting,
        Self::Jumping,
    ];

    /// The action's key in JSON.
    pub fn key(self) -> &'static str {
        match self {
            Self::StandingStill => "standing_still",
            Self::Walking => "walking",
            Self::Running => "running",
            Self::RaisingArm => "raising_arm",
            Self::Waving => "waving",
            Self::Turning => "turning",
            Self::Bending => "bending",
            Self::Crouching => "crouching",
            Self::SittingDown => "sitting_down",
            Self::StandingUp => "standing_up",
            Self::Sitting => "sitting",
            Self::Jumping => "jumping",
        }
    }
}

/// Left or right of the actor's own body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Side {
    Left,
    Right,
    Both,
}

/// One thing an actor does.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Action {
    /// What.
    pub kind: ActionKind,
    /// Begin, seconds; may lie before the clip.
    pub start_s: f64,
    /// End, seconds; may lie after the clip.
    pub end_s: f64,
    /// Which arm, for raising and waving.
    pub side: Side,
    /// Turning: degrees, positive towards the actor's own left (counter-clockwise from above).
    /// Walking and running: steps a minute. Otherwise unused.
    pub amount: f64,
}

impl Action {
    /// An action between two times with its usual amount.
    pub fn new(kind: ActionKind, start_s: f64, end_s: f64) -> Self {
        Self {
            kind,
            start_s,
            end_s,
            side: Side::Right,
            amount: match kind {
                ActionKind::Walking => 110.0,
                ActionKind::Running => 168.0,
                ActionKind::Turning => 90.0,
                _ => 0.0,
            },
        }
    }

    /// The same with another amount.
    #[must_use]
    pub fn amount(mut self, amount: f64) -> Self {
        self.amount = amount;
        self
    }

    /// The same with another side.
    #[must_use]
    pub fn side(mut self, side: Side) -> Self {
        self.side = side;
        self
    }

    /// How far the action holds at a time, 0–1, with `ramp_s` seconds in and out.
    fn weight(&self, time_s: f64, ramp_s: f64) -> f64 {
        if time_s < self.start_s || time_s > self.end_s {
            return 0.0;
        }
        let ramp = ramp_s.min((self.end_s - self.start_s) / 2.0).max(1e-9);
        smooth((time_s - self.start_s) / ramp) * smooth((self.end_s - time_s) / ramp)
    }
}

/// Smoothstep.
fn smooth(share: f64) -> f64 {
    let s = share.clamp(0.0, 1.0);
    s * s * (3.0 - 2.0 * s)
}

/// One person of a scene.
#[derive(Debug, Clone, PartialEq)]
pub struct Actor {
    /// Where the actor begins on the ground: world x and z, metres.
    pub start: DVec2,
    /// Where the actor faces at the beginning: 0 towards −z (a camera at the world's origin),
    /// 90 towards +x (the frame's right edge), 180 away, −90 towards the frame's left edge.
    pub heading_deg: f64,
    /// Body height, metres.
    pub height_m: f64,
    /// What the actor does, in any order.
    pub actions: Vec<Action>,
    /// Seed of small idle motion.
    pub seed: u64,
}

/// An actor's joints at one time, world axes, metres.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Body {
    /// COCO-18 order: 0 nose, 1 neck, 2–4 right shoulder, elbow, wrist, 5–7 left, 8–10 right
    /// hip, knee, ankle, 11–13 left, 14/15 right/left eye, 16/17 right/left ear.
    pub points: [DVec3; 18],
    /// Between the hips.
    pub mid_hip: DVec3,
    /// Big toe, small toe, heel of the right and the left foot.
    pub feet: [[DVec3; 3]; 2],
    /// Centre of the head.
    pub head: DVec3,
    /// Where the body faces, level.
    pub facing: DVec3,
    /// The body's own right, level.
    pub right: DVec3,
    /// Where the face points.
    pub gaze: DVec3,
    /// Up along the head.
    pub crown: DVec3,
    /// Body height, metres.
    pub height_m: f64,
}

/// Joint angles in degrees; pairs are right, left. Limb directions are given in the actor's
/// upright axes as flexion (forward from hanging) and abduction (outward from hanging).
#[derive(Debug, Clone, Copy)]
struct Posture {
    lean: f64,
    twist: f64,
    nod: f64,
    thigh: [f64; 2],
    spread: [f64; 2],
    knee: [f64; 2],
    arm: [[f64; 2]; 2],
    forearm: [[f64; 2]; 2],
    /// Metres off the ground.
    lift: f64,
    /// 1 where the feet stay over the actor's place and the hips move instead.
    planted: f64,
}

const IDLE: Posture = Posture {
    lean: 1.0,
    twist: 0.0,
    nod: 0.0,
    thigh: [1.0, 1.0],
    spread: [3.0, 3.0],
    knee: [3.0, 3.0],
    arm: [[2.0, 8.0], [2.0, 8.0]],
    forearm: [[14.0, 5.0], [14.0, 5.0]],
    lift: 0.0,
    planted: 0.0,
};

/// Down on one's heels: thighs past the level, feet under the body.
const CROUCH: Posture = Posture {
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

const BEND: Posture = Posture {
    lean: 78.0,
    nod: -14.0,
    thigh: [-6.0, -6.0],
    knee: [10.0, 10.0],
    arm: [[16.0, 6.0], [16.0, 6.0]],
    forearm: [[12.0, 4.0], [12.0, 4.0]],
    planted: 1.0,
    ..IDLE
};

const SEAT: Posture = Posture {
    lean: 4.0,
    thigh: [86.0, 86.0],
    spread: [6.0, 6.0],
    knee: [88.0, 88.0],
    arm: [[18.0, 8.0], [18.0, 8.0]],
    forearm: [[74.0, -4.0], [74.0, -4.0]],
    planted: 1.0,
    ..IDLE
};

impl Posture {
    /// This posture moved towards another by a share.
    fn towards(mut self, other: &Self, share: f64) -> Self {
        let blend = |a: &mut f64, b: f64| *a += (b - *a) * share;
        blend(&mut self.lean, other.lean);
        blend(&mut self.twist, other.twist);
        blend(&mut self.nod, other.nod);
        blend(&mut self.lift, other.lift);
        blend(&mut self.planted, other.planted);
        for side in 0..2 {
            blend(&mut self.thigh[side], other.thigh[side]);
            blend(&mut self.spread[side], other.spread[side]);
            blend(&mut self.knee[side], other.knee[side]);
            for angle in 0..2 {
                blend(&mut self.arm[side][angle], other.arm[side][angle]);
                blend(&mut self.forearm[side][angle], other.forearm[side][angle]);
            }
        }
        self
    }
}

/// Swing of the thigh to either side while walking, degrees.
const WALK_SWING: f64 = 23.0;
/// Swing of the thigh to either side while running, degrees.
const RUN_SWING: f64 = 36.0;
/// Ramp into and out of walking and running, seconds.
const GAIT_RAMP_S: f64 = 0.3;
/// Leg from hip to ankle, share of body height.
const LEG: f64 = 0.48;

impl Actor {
    /// An actor at a place of the ground, standing.
    pub fn at(x: f64, z: f64, heading_deg: f64) -> Self {
        Self {
            start: DVec2::new(x, z),
            heading_deg,
            height_m: 1.7,
            actions: Vec::new(),
            seed: 0,
        }
    }

    /// The same with actions.
    #[must_use]
    pub fn acting(mut self, actions: &[Action]) -> Self {
        self.actions = actions.to_vec();
        self
    }

    /// Heading at a time, degrees.
    pub fn heading(&self, time_s: f64) -> f64 {
        self.actions
            .iter()
            .filter(|action| action.kind == ActionKind::Turning)
            .fold(self.heading_deg, |heading, turn| {
                let share = (time_s - turn.start_s) / (turn.end_s - turn.start_s).max(1e-9);
                // Seen from above with x right and z up the page, a turn to the own left is
                // counter-clockwise: from facing the camera towards the frame's right.
                heading + turn.amount * smooth(share)
            })
    }

    /// Speed over the ground at a time, metres a second.
    pub fn speed(&self, time_s: f64) -> f64 {
        self.actions
            .iter()
            .map(|action| {
                let (swing, reach) = match action.kind {
                    ActionKind::Walking => (WALK_SWING, 1.0),
                    // A running step is longer than the legs' spread by its flight.
                    ActionKind::Running => (RUN_SWING, 1.25),
                    _ => return 0.0,
                };
                let step_m = 2.0 * LEG * self.height_m * swing.to_radians().sin() * reach;
                action.amount / 60.0 * step_m * action.weight(time_s, GAIT_RAMP_S)
            })
            .sum()
    }

    /// Place on the ground at a time: world x and z.
    pub fn place(&self, time_s: f64) -> DVec2 {
        // Speed and heading are smooth: midpoint steps of 1/100 s are exact to a millimetre.
        let steps = (time_s.max(0.0) * 100.0).ceil() as usize;
        if steps == 0 {
            return self.start;
        }
        let dt = time_s / steps as f64;
        let mut place = self.start;
        for step in 0..steps {
            let t = (step as f64 + 0.5) * dt;
            let (sin, cos) = self.heading(t).to_radians().sin_cos();
            place += DVec2::new(sin, -cos) * (self.speed(t) * dt);
        }
        place
    }

    /// The joints at a time.
    pub fn body(&self, time_s: f64) -> Body {
        self.joints(&self.posture(time_s), time_s)
    }

    fn posture(&self, time_s: f64) -> Posture {
        let noise = Noise::new(self.seed);
        let mut posture = IDLE;
        posture.lean += 0.5 * noise.wander(0, time_s * 0.3);
        posture.twist += 0.8 * noise.wander(1, time_s * 0.3);
        let mut seated = 0.0f64;
        for action in &self.actions {
            let inside = (time_s - action.start_s) / (action.end_s - action.start_s).max(1e-9);
            match action.kind {
                ActionKind::StandingStill => {}
                ActionKind::Walking | ActionKind::Running => {
                    let gait = gait(action, time_s);
                    posture = posture.towards(&gait, action.weight(time_s, GAIT_RAMP_S));
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
                }
                ActionKind::Bending => {
                    posture = posture.towards(&BEND, action.weight(time_s, 0.7));
                }
                ActionKind::Crouching => {
                    posture = posture.towards(&CROUCH, action.weight(time_s, 0.6));
                }
                ActionKind::SittingDown => {
                    if (0.0..=1.0).contains(&inside) {
                        seated = seated.max(smooth(inside));
                    }
                }
                ActionKind::StandingUp => {
                    if (0.0..=1.0).contains(&inside) {
                        seated = seated.max(smooth(1.0 - inside));
                    }
                }
                ActionKind::Sitting => {
                    if (0.0..=1.0).contains(&inside) {
                        seated = 1.0;
                    }
                }
                ActionKind::Jumping => {
                    if (0.0..=1.0).contains(&inside) {
                        posture = jump(posture, inside, action.end_s - action.start_s);
                    }
                }
                ActionKind::RaisingArm | ActionKind::Waving => {}
            }
        }
        if seated > 0.0 {
            // Half way down the body leans forward over its feet.
            let mut seat = SEAT;
            seat.lean += 30.0 * (std::f64::consts::PI * seated).sin();
            posture = posture.towards(&seat, seated);
        }
        for action in &self.actions {
            let weight = action.weight(time_s, 0.45);
            if weight <= 0.0 {
                continue;
            }
            let (arm, forearm) = match action.kind {
                ActionKind::RaisingArm => ([168.0, 8.0], [174.0, 4.0]),
                ActionKind::Waving => {
                    let beat = (time_s - action.start_s) * std::f64::consts::TAU * 1.8;
                    ([10.0, 88.0], [8.0, 168.0 + 27.0 * beat.sin()])
                }
                _ => continue,
            };
            for side in sides(action.side) {
                for angle in 0..2 {
                    let blend = |a: &mut f64, b: f64| *a += (b - *a) * weight;
                    blend(&mut posture.arm[*side][angle], arm[angle]);
                    blend(&mut posture.forearm[*side][angle], forearm[angle]);
                }
            }
        }
        posture
    }

    fn joints(&self, posture: &Posture, time_s: f64) -> Body {
        let h = self.height_m;
        let (sin, cos) = self.heading(time_s).to_radians().sin_cos();
        let forward = DVec3::new(sin, 0.0, -cos);
        let up = DVec3::NEG_Y;
        let right = forward.cross(up);
        let place = self.place(time_s);
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
            let knee = hip + limb(side, posture.thigh[side], posture.spread[side]) * (0.245 * h);
            let shank = posture.thigh[side] - posture.knee[side];
            let ankle = knee + limb(side, shank, posture.spread[side] * 0.3) * (0.235 * h);
            legs[side] = [hip, knee, ankle];
        }
        let lowest = legs[0][2].dot(up).min(legs[1][2].dot(up));
        let feet_ahead = (legs[0][2] + legs[1][2]).dot(forward) / 2.0;
        let mid_hip = DVec3::new(place.x, 0.0, place.y) + up * (0.042 * h - lowest + posture.lift)
            - forward * (feet_ahead * posture.planted);

        let (ls, lc) = posture.lean.to_radians().sin_cos();
        let spine = up * lc + forward * ls;
        let neck = mid_hip + spine * (0.293 * h);
        let shoulder_line = twisted(posture.twist);
        let (ns, nc) = (posture.lean * 0.75 + posture.nod).to_radians().sin_cos();
        let crown = up * nc + forward * ns;
        let gaze = forward * nc - up * ns;
        let head = neck + spine * (0.045 * h) + crown * (0.065 * h) + gaze * (0.008 * h);

        let mut points = [DVec3::ZERO; 18];
        points[0] = head + gaze * (0.066 * h) - crown * (0.008 * h);
        points[1] = neck;
        for side in 0..2 {
            let sign = if side == 0 { 1.0 } else { -1.0 };
            let shoulder = neck + shoulder_line * (sign * 0.108 * h) - spine * (0.006 * h);
            let [flex, aside] = posture.arm[side];
            let elbow = shoulder + limb(side, flex, aside) * (0.172 * h);
            let [flex, aside] = posture.forearm[side];
            let wrist = elbow + limb(side, flex, aside) * (0.152 * h);
            points[2 + 3 * side] = shoulder;
            points[3 + 3 * side] = elbow;
            points[4 + 3 * side] = wrist;
            for joint in 0..3 {
                points[8 + 3 * side + joint] = mid_hip + legs[side][joint];
            }
            points[14 + side] =
                head + gaze * (0.054 * h) + crown * (0.010 * h) + outward[side] * (0.019 * h);
            points[16 + side] =
                head - gaze * (0.004 * h) + crown * (0.002 * h) + outward[side] * (0.044 * h);
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
}

fn sides(side: Side) -> &'static [usize] {
    match side {
        Side::Right => &[0],
        Side::Left => &[1],
        Side::Both => &[0, 1],
    }
}

/// Walking and running: thighs swing against each other, the knee bends while the leg comes
/// forward, arms swing against the legs.
fn gait(action: &Action, time_s: f64) -> Posture {
    let running = action.kind == ActionKind::Running;
    let mut posture = IDLE;
    let turns = action.amount / 120.0 * (time_s - action.start_s);
    for (side, phase) in [(0, 0.0), (1, 0.5)] {
        let beat = (turns + phase) * std::f64::consts::TAU;
        let (sin, cos) = beat.sin_cos();
        let coming = cos.max(0.0);
        if running {
            posture.thigh[side] = 8.0 + RUN_SWING * sin;
            posture.knee[side] = 22.0 + 84.0 * coming.powf(1.2);
            posture.arm[side] = [-8.0 - 36.0 * sin, 8.0];
            posture.forearm[side] = [80.0 - 36.0 * sin, -6.0];
        } else {
            posture.thigh[side] = 2.0 + WALK_SWING * sin;
            posture.knee[side] = 6.0 + 50.0 * coming.powf(1.4);
            posture.arm[side] = [-22.0 * sin, 7.0];
            posture.forearm[side] = [16.0 - 26.0 * sin, 4.0];
        }
        posture.spread[side] = 1.5;
    }
    let beat = turns * std::f64::consts::TAU;
    posture.twist = if running { 9.0 } else { 6.0 } * beat.sin();
    if running {
        posture.lean = 11.0;
        // Both feet leave the ground twice a cycle.
        posture.lift = 0.07 * (2.0 * beat).sin().abs().powi(2);
    } else {
        posture.lean = 3.0;
    }
    posture
}

/// One jump: down, off, up and down under gravity, and a landing. `inside` is the share of the
/// action's time.
fn jump(from: Posture, inside: f64, duration_s: f64) -> Posture {
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

#[cfg(test)]
mod tests {
    use super::*;

    fn height_of(point: DVec3) -> f64 {
        -point.y
    }

    #[test]
    fn walking_goes_where_the_actor_faces_at_its_stated_cadence() {
        let actor =
            Actor::at(-2.0, 6.0, 90.0).acting(&[Action::new(ActionKind::Walking, -1.0, 9.0)]);
        let travelled = actor.place(4.0) - actor.place(0.0);
        assert!(travelled.x > 4.0 && travelled.y.abs() < 1e-9, "{travelled}");
        // The ankles pass each other once a step.
        let mut passes = 0;
        let mut ahead = None;
        for frame in 0..=600 {
            let body = actor.body(f64::from(frame) / 100.0);
            let now = (body.points[10] - body.points[13]).dot(body.facing) > 0.0;
            if ahead.is_some_and(|before| before != now) {
                passes += 1;
            }
            ahead = Some(now);
        }
        assert!(
            (10..=12).contains(&passes),
            "{passes} steps in 6 s at 110 a minute"
        );
    }

    #[test]
    fn feet_stand_on_the_ground_except_in_flight() {
        for kind in ActionKind::ALL {
            let actor = Actor::at(0.0, 5.0, 20.0).acting(&[Action::new(kind, 0.5, 1.9)]);
            let mut highest = 0.0f64;
            for frame in 0..=60 {
                let body = actor.body(f64::from(frame) / 25.0);
                let low = height_of(body.points[10]).min(height_of(body.points[13]));
                assert!(low > 0.05 && low < 0.5, "{kind:?} {low}");
                highest = highest.max(low);
                assert!(body.points.iter().all(|point| point.is_finite()));
            }
            let flies = matches!(kind, ActionKind::Jumping | ActionKind::Running);
            assert_eq!(highest > 0.1, flies, "{kind:?} {highest}");
        }
    }

    #[test]
    fn actions_do_to_the_joints_what_they_say() {
        let at = |kind, time| {
            Actor::at(0.0, 5.0, 0.0)
                .acting(&[Action::new(kind, 0.0, 3.0)])
                .body(time)
        };
        let standing = at(ActionKind::StandingStill, 1.5);
        let nose = height_of(standing.points[0]);
        assert!((1.5..1.65).contains(&nose), "{nose}");
        // Facing the camera, the own right is on the frame's left.
        assert!(standing.points[2].x < standing.points[5].x);
        let raised = at(ActionKind::RaisingArm, 1.5);
        assert!(height_of(raised.points[4]) > nose + 0.2);
        assert!(height_of(raised.points[7]) < 1.0);
        let waving = at(ActionKind::Waving, 1.5);
        assert!(height_of(waving.points[4]) > height_of(waving.points[3]) + 0.1);
        let bent = at(ActionKind::Bending, 1.5);
        assert!(height_of(bent.points[0]) < 1.1 && height_of(bent.mid_hip) > 0.8);
        let crouched = at(ActionKind::Crouching, 1.5);
        assert!(
            height_of(crouched.mid_hip) < 0.5,
            "{}",
            height_of(crouched.mid_hip)
        );
        let seated = at(ActionKind::Sitting, 1.5);
        assert!((height_of(seated.mid_hip) - height_of(seated.points[9])).abs() < 0.1);
        let turning =
            Actor::at(0.0, 5.0, 0.0)
                .acting(&[Action::new(ActionKind::Turning, 0.0, 2.0).amount(90.0)]);
        assert!((turning.heading(2.5) - 90.0).abs() < 1e-9);
        assert!(turning.body(2.5).facing.x > 0.999);
    }

    #[test]
    fn limbs_keep_their_length() {
        let actor = Actor::at(0.0, 5.0, 45.0).acting(&[
            Action::new(ActionKind::Running, 0.0, 2.0),
            Action::new(ActionKind::Jumping, 2.0, 3.2),
            Action::new(ActionKind::Waving, 1.0, 3.0),
        ]);
        for frame in 0..80 {
            let p = actor.body(f64::from(frame) / 25.0).points;
            for (a, b, share) in [(2, 3, 0.172), (3, 4, 0.152), (8, 9, 0.245), (12, 13, 0.235)] {
                let length = (p[a] - p[b]).length() / actor.height_m;
                assert!((length - share).abs() < 1e-9, "{a}-{b} {length}");
            }
        }
    }
}
