//! People who act: a script of actions is turned into joint angles, the angles into joints in
//! the world, frame by frame.
//!
//! Proportions are shares of body height after common anthropometric tables. An actor's own
//! axes are forward (where it faces), right (its own) and up.

mod arms;
mod dance;
mod gait;
mod joints;
mod legs;
mod posture;
#[cfg(test)]
mod tests;

use glam::{DVec2, DVec3};

use posture::{Posture, smooth};

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
    Kneeling,
    LyingDown,
    Lying,
    Pointing,
    Clapping,
    Reaching,
    PickingUp,
    Throwing,
    Kicking,
    Punching,
    TouchingFace,
    TurningHead,
    LookingDown,
    LookingUp,
    Dancing,
    /// Arms around another actor; who stands before whom is the scene's doing.
    Hugging,
    /// Coming near another actor: the legs walk by an action of their own.
    Approaching,
    /// Going away from another actor, likewise.
    Parting,
}

impl ActionKind {
    /// Every action.
    pub const ALL: [Self; 30] = [
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
        Self::Kneeling,
        Self::LyingDown,
        Self::Lying,
        Self::Pointing,
        Self::Clapping,
        Self::Reaching,
        Self::PickingUp,
        Self::Throwing,
        Self::Kicking,
        Self::Punching,
        Self::TouchingFace,
        Self::TurningHead,
        Self::LookingDown,
        Self::LookingUp,
        Self::Dancing,
        Self::Hugging,
        Self::Approaching,
        Self::Parting,
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
            Self::Kneeling => "kneeling",
            Self::LyingDown => "lying_down",
            Self::Lying => "lying",
            Self::Pointing => "pointing",
            Self::Clapping => "clapping",
            Self::Reaching => "reaching",
            Self::PickingUp => "picking_up",
            Self::Throwing => "throwing",
            Self::Kicking => "kicking",
            Self::Punching => "punching",
            Self::TouchingFace => "touching_face",
            Self::TurningHead => "turning_head",
            Self::LookingDown => "looking_down",
            Self::LookingUp => "looking_up",
            Self::Dancing => "dancing",
            Self::Hugging => "hugging",
            Self::Approaching => "approaching",
            Self::Parting => "parting",
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
    /// Which arm or leg, for gestures and kicks.
    pub side: Side,
    /// Turning and turning the head: degrees, positive towards the actor's own left
    /// (counter-clockwise from above). Walking and running: steps a minute. Dancing: beats a
    /// minute. Pointing and reaching: how high, degrees from hanging. Kneeling: on how many
    /// knees. Standing up: 1 from lying, otherwise from a seat. Hugging, approaching and
    /// parting: the other actor's place in the scene. Otherwise unused.
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
                ActionKind::TurningHead => 60.0,
                ActionKind::Dancing => 112.0,
                ActionKind::Pointing => 84.0,
                ActionKind::Reaching => 95.0,
                ActionKind::Kneeling => 2.0,
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

    /// Which share of the action has passed at a time; below 0 before it, above 1 after it.
    fn inside(&self, time_s: f64) -> f64 {
        (time_s - self.start_s) / (self.end_s - self.start_s).max(1e-9)
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

/// How a body is built: factors on the usual proportions.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Build {
    /// Length of the legs.
    pub legs: f64,
    /// Length of the arms.
    pub arms: f64,
    /// Length of the trunk.
    pub trunk: f64,
    /// Breadth of the shoulders.
    pub shoulders: f64,
}

impl Default for Build {
    fn default() -> Self {
        Self {
            legs: 1.0,
            arms: 1.0,
            trunk: 1.0,
            shoulders: 1.0,
        }
    }
}

/// How someone moves.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Style {
    /// Factor on how far limbs swing.
    pub vigour: f64,
    /// How far the trunk leans forward at rest, degrees more than usual.
    pub slouch_deg: f64,
}

impl Default for Style {
    fn default() -> Self {
        Self {
            vigour: 1.0,
            slouch_deg: 0.0,
        }
    }
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
    /// How the body is built.
    pub build: Build,
    /// How the actor moves.
    pub style: Style,
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
            build: Build::default(),
            style: Style::default(),
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
            // Seen from above with x right and z up the page, a turn to the own left is
            // counter-clockwise: from facing the camera towards the frame's right.
            .fold(self.heading_deg, |heading, turn| {
                heading + turn.amount * smooth(turn.inside(time_s))
            })
    }

    /// Speed over the ground at a time, metres a second.
    pub fn speed(&self, time_s: f64) -> f64 {
        self.actions
            .iter()
            .map(|action| {
                let (swing, reach) = match action.kind {
                    ActionKind::Walking => (gait::WALK_SWING, 1.0),
                    // A running step is longer than the legs' spread by its flight.
                    ActionKind::Running => (gait::RUN_SWING, 1.25),
                    _ => return 0.0,
                };
                let swing = (swing * self.style.vigour).to_radians();
                let leg_m = LEG * self.build.legs * self.height_m;
                let step_m = 2.0 * leg_m * swing.sin() * reach;
                action.amount / 60.0 * step_m * action.weight(time_s, GAIT_RAMP_S)
            })
            .sum()
    }

    /// Place on the ground at a time: world x and z.
    pub fn place(&self, time_s: f64) -> DVec2 {
        // Speed and heading are smooth: midpoint steps of 1/100 s are exact to a millimetre.
        let steps = (time_s.max(0.0) * 100.0).ceil() as usize;
        let walks =
            |action: &Action| matches!(action.kind, ActionKind::Walking | ActionKind::Running);
        if steps == 0 || !self.actions.iter().any(walks) {
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
        joints::joints(self, &self.posture(time_s), time_s)
    }

    /// Legs and trunk first, then what the arms and the head do.
    fn posture(&self, time_s: f64) -> Posture {
        let mut posture = posture::idle(self, time_s);
        for action in &self.actions {
            posture = legs::act(posture, action, self, time_s);
        }
        posture = legs::seat(posture, &self.actions, time_s);
        for action in &self.actions {
            posture = dance::act(posture, action, self, time_s);
            arms::act(&mut posture, action, self, time_s);
        }
        posture
    }
}
