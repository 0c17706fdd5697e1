//! Random scenes of acting people: other bodies, speeds, manners, facings, cameras and noise for
//! every seed, with the truth of what each of them does when.

use glam::{DVec2, DVec3};

use super::pose::PoseCase;
use crate::actor::{Action, ActionKind, Actor, Build, Side, Style};
use crate::camera::{CameraScript, MoveKind, Segment};
use crate::noise::Noise;
use crate::pose::action_truth;

use ActionKind as A;

/// Picture size, pixels.
const SIZE: (u32, u32) = (768, 512);
/// Horizontal focal length, share of the picture's width.
const FOCAL: f64 = 0.9;

/// Numbers drawn one after the other.
struct Draw {
    noise: Noise,
    next: u64,
}

impl Draw {
    fn between(&mut self, low: f64, high: f64) -> f64 {
        self.next += 1;
        self.noise.between(self.next, low, high)
    }

    fn chance(&mut self, share: f64) -> bool {
        self.between(0.0, 1.0) < share
    }

    fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        let at = self.between(0.0, from.len() as f64) as usize;
        from[at.min(from.len() - 1)]
    }

    fn side(&mut self) -> Side {
        self.pick(&[Side::Left, Side::Right])
    }

    fn sign(&mut self) -> f64 {
        self.pick(&[-1.0, 1.0])
    }
}

/// What shows from any side.
const ANY: [A; 9] = [
    A::Walking,
    A::Running,
    A::Turning,
    A::Jumping,
    A::Crouching,
    A::Kneeling,
    A::Sitting,
    A::RaisingArm,
    A::Walking,
];
/// What is done across the body: it shows from the front and from behind.
const FRONTAL: [A; 7] = [
    A::Waving,
    A::Clapping,
    A::TouchingFace,
    A::TurningHead,
    A::LookingDown,
    A::LookingUp,
    A::Dancing,
];
/// What is done ahead of the body: it shows from the side.
const SIDEWAYS: [A; 9] = [
    A::Pointing,
    A::Reaching,
    A::Throwing,
    A::Punching,
    A::Kicking,
    A::Bending,
    A::PickingUp,
    A::Lying,
    A::LookingDown,
];

/// A random scene with one to four people. The same seed gives the same scene.
pub fn acting_case(seed: u64) -> PoseCase {
    let mut draw = Draw {
        noise: Noise::new(seed ^ 0xac7_0035),
        next: 0,
    };
    let fps = draw.pick(&[24.0, 25.0, 30.0]);
    let (name, actors) = match draw.between(0.0, 1.0) {
        share if share < 0.74 => ("alone", vec![alone(&mut draw)]),
        share if share < 0.86 => ("meeting", meeting(&mut draw)),
        share if share < 0.93 => ("crossing", crossing(&mut draw)),
        _ => ("several", several(&mut draw)),
    };
    let duration_s = actors
        .iter()
        .flat_map(|actor| &actor.actions)
        .map(|action| action.end_s)
        .fold(1.0, f64::max);
    let camera = camera(&mut draw, duration_s);
    // Errors of up to two hundredths of the body's height.
    let error = if draw.chance(0.3) {
        0.0
    } else {
        draw.between(0.004, 0.02)
    };
    let lost = if draw.chance(0.4) {
        0.0
    } else {
        draw.between(0.01, 0.08)
    };
    let far_m = actors.iter().map(|actor| actor.start.y).fold(3.0, f64::max);
    let height_px = FOCAL * f64::from(SIZE.0) * 1.7 / far_m;
    PoseCase {
        name: format!("{name}_{seed}"),
        truth: action_truth(&actors, duration_s),
        actors,
        camera,
        fps,
        size: SIZE,
        jitter_px: error * height_px,
        lost,
    }
}

/// Still, or moving slowly.
fn camera(draw: &mut Draw, duration_s: f64) -> CameraScript {
    let segment = match draw.between(0.0, 1.0) {
        share if share < 0.7 => Segment::hold(duration_s),
        share if share < 0.8 => {
            let way = draw.pick(&[MoveKind::PanLeft, MoveKind::PanRight]);
            Segment::new(duration_s, &[(way, draw.between(3.0, 8.0))])
        }
        share if share < 0.9 => {
            let way = draw.pick(&[MoveKind::TruckLeft, MoveKind::TruckRight]);
            Segment::new(duration_s, &[(way, draw.between(0.2, 0.5))])
        }
        _ => {
            let way = draw.pick(&[MoveKind::DollyIn, MoveKind::DollyOut]);
            Segment::new(duration_s, &[(way, draw.between(0.2, 0.5))])
        }
    };
    let mut camera = CameraScript::of(vec![segment]);
    camera.start = DVec3::new(0.0, -draw.between(0.9, 1.3), 0.0);
    camera
}

fn somebody(draw: &mut Draw, heading_deg: f64) -> Actor {
    let mut actor = Actor::at(0.0, draw.between(4.2, 5.6), heading_deg);
    actor.height_m = draw.between(1.5, 1.92);
    actor.build = Build {
        legs: draw.between(0.94, 1.06),
        arms: draw.between(0.94, 1.06),
        trunk: draw.between(0.94, 1.06),
        shoulders: draw.between(0.88, 1.12),
    };
    actor.style = Style {
        vigour: draw.between(0.82, 1.18),
        slouch_deg: draw.between(-2.0, 7.0),
    };
    actor.seed = draw.between(0.0, 1e9) as u64;
    actor
}

/// One person who does two or three things with pauses between them.
fn alone(draw: &mut Draw) -> Actor {
    let from_the_side = draw.chance(0.55);
    let behind = draw.chance(0.3);
    let heading = draw.sign()
        * match (from_the_side, behind) {
            (true, _) => draw.between(40.0, 140.0),
            (false, false) => draw.between(0.0, 50.0),
            (false, true) => draw.between(130.0, 180.0),
        };
    let mut actor = somebody(draw, heading);
    let mut now_s = draw.between(0.6, 1.2);
    let mut turned = false;
    for _ in 0..draw.pick(&[2, 2, 3]) {
        let own: &[A] = match (from_the_side, behind) {
            (true, _) => &SIDEWAYS,
            (false, false) => &FRONTAL,
            // Hands before the face and small turns of the head do not show from behind.
            (false, true) => &[A::Waving, A::Dancing, A::Clapping],
        };
        let kind = if turned || draw.chance(0.4) {
            draw.pick(&ANY)
        } else {
            draw.pick(own)
        };
        turned |= kind == A::Turning;
        now_s = add(draw, &mut actor, kind, now_s);
        let rest_s = draw.between(0.9, 1.5);
        now_s += rest_s;
    }
    rests(&mut actor, now_s);
    centre(&mut actor, now_s);
    actor
}

/// Adds something to what an actor does, from a time on; returns when it is done.
fn add(draw: &mut Draw, actor: &mut Actor, kind: A, start_s: f64) -> f64 {
    let mut push = |action: Action| {
        actor.actions.push(action);
        action.end_s
    };
    let lasting = |draw: &mut Draw, low: f64, high: f64| {
        Action::new(kind, start_s, start_s + draw.between(low, high))
    };
    match kind {
        A::Walking => {
            let cadence = draw.between(85.0, 130.0);
            push(lasting(draw, 1.9, 3.4).amount(cadence))
        }
        A::Running => {
            let cadence = draw.between(158.0, 190.0);
            push(lasting(draw, 1.3, 2.0).amount(cadence))
        }
        A::Turning => {
            let degrees = draw.sign() * draw.between(70.0, 180.0);
            push(lasting(draw, 0.8, 1.8).amount(degrees))
        }
        A::TurningHead => {
            let degrees = draw.sign() * draw.between(45.0, 75.0);
            push(lasting(draw, 1.2, 2.2).amount(degrees))
        }
        A::Jumping => push(lasting(draw, 1.0, 1.4)),
        A::Kicking => push(lasting(draw, 0.9, 1.3).side(draw.side())),
        A::Punching => push(lasting(draw, 0.8, 1.2).side(draw.side())),
        A::Throwing => push(lasting(draw, 1.0, 1.5).side(draw.side())),
        A::PickingUp => push(lasting(draw, 1.6, 2.4).side(draw.side())),
        A::Reaching => {
            let degrees = draw.between(70.0, 135.0);
            push(lasting(draw, 1.6, 2.6).amount(degrees).side(draw.side()))
        }
        A::Pointing => {
            let degrees = draw.between(72.0, 102.0);
            push(lasting(draw, 1.6, 2.8).amount(degrees).side(draw.side()))
        }
        A::Kneeling => {
            let knees = draw.pick(&[1.0, 2.0]);
            push(lasting(draw, 2.4, 3.6).amount(knees).side(draw.side()))
        }
        A::Dancing => {
            let tempo = draw.between(88.0, 132.0);
            push(lasting(draw, 4.0, 6.0).amount(tempo))
        }
        A::RaisingArm => {
            let side = draw.pick(&[Side::Left, Side::Right, Side::Both]);
            push(lasting(draw, 1.6, 2.6).side(side))
        }
        A::Sitting | A::Lying => {
            let (down, up) = if kind == A::Lying {
                (A::LyingDown, 1.0)
            } else {
                (A::SittingDown, 0.0)
            };
            let slow = if kind == A::Lying { 1.6 } else { 1.0 };
            let seated_s = start_s + slow * draw.between(0.8, 1.3);
            let rises_s = seated_s + draw.between(1.2, 2.2);
            let stands_s = rises_s + slow * draw.between(0.8, 1.3);
            push(Action::new(down, start_s, seated_s));
            push(Action::new(kind, seated_s, rises_s));
            push(Action::new(A::StandingUp, rises_s, stands_s).amount(up))
        }
        _ => push(lasting(draw, 1.6, 2.8).side(draw.side())),
    }
}

/// Standing still between all that an actor does.
fn rests(actor: &mut Actor, end_s: f64) {
    let mut busy: Vec<(f64, f64)> = actor
        .actions
        .iter()
        .map(|action| (action.start_s, action.end_s))
        .collect();
    busy.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut free_s = 0.0f64;
    for (start_s, stop_s) in busy.into_iter().chain([(end_s, end_s)]) {
        if start_s - free_s > 0.6 {
            actor
                .actions
                .push(Action::new(A::StandingStill, free_s, start_s));
        }
        free_s = free_s.max(stop_s);
    }
}

/// Moves an actor so that the whole way stays in frame.
fn centre(actor: &mut Actor, end_s: f64) {
    let way: Vec<DVec2> = (0..=10)
        .map(|step| actor.place(end_s * f64::from(step) / 10.0))
        .collect();
    let low = way.iter().copied().reduce(DVec2::min).unwrap_or_default();
    let high = way.iter().copied().reduce(DVec2::max).unwrap_or_default();
    let middle = (low + high) / 2.0;
    actor.start.x -= middle.x;
    let half = (high.x - low.x) / 2.0;
    // Everything fits between the frame's edges, and nobody comes nearer than is usual.
    let nearest = (3.6f64).max((half + 0.6) / 0.55);
    actor.start.y += (nearest - low.y).max(0.0);
}

/// Two people who walk up to one another, may embrace, and may part again.
fn meeting(draw: &mut Draw) -> Vec<Actor> {
    let z = draw.between(4.6, 5.6);
    let slant = draw.between(-25.0, 25.0);
    let mut left = somebody(draw, 90.0 + slant);
    let mut right = somebody(draw, -90.0 + slant);
    let hug = draw.chance(0.6);
    let gap = if hug { 0.42 } else { draw.between(0.8, 1.1) };
    let start_s = draw.between(0.5, 0.9);
    let walk_s = draw.between(1.4, 2.2);
    let meet_s = start_s + walk_s;
    for actor in [&mut left, &mut right] {
        let cadence = draw.between(88.0, 116.0);
        let walk = Action::new(A::Walking, start_s, meet_s).amount(cadence);
        actor.actions.push(walk);
    }
    let mut now_s = meet_s + draw.between(0.2, 0.5);
    if hug {
        let end_s = now_s + draw.between(1.8, 2.8);
        for (actor, other) in [(&mut left, 1.0), (&mut right, 0.0)] {
            actor
                .actions
                .push(Action::new(A::Hugging, now_s, end_s).amount(other));
        }
        now_s = end_s + draw.between(0.2, 0.4);
    } else {
        now_s += draw.between(0.6, 1.0);
    }
    for (actor, other) in [(&mut left, 1.0), (&mut right, 0.0)] {
        let approach = Action::new(A::Approaching, start_s, meet_s).amount(other);
        actor.actions.push(approach);
    }
    if draw.chance(0.6) {
        let turned_s = now_s + draw.between(0.9, 1.2);
        let end_s = turned_s + draw.between(1.4, 2.0);
        for (actor, other) in [(&mut left, 1.0), (&mut right, 0.0)] {
            let turn = Action::new(A::Turning, now_s, turned_s).amount(180.0);
            let cadence = draw.between(88.0, 116.0);
            let walk = Action::new(A::Walking, turned_s, end_s).amount(cadence);
            let part = Action::new(A::Parting, turned_s, end_s).amount(other);
            actor.actions.extend([turn, walk, part]);
        }
        now_s = end_s + 0.7;
    } else {
        now_s += 0.7;
    }
    // They stand before one another when both have walked up.
    let (sin, cos) = slant.to_radians().sin_cos();
    let along = DVec2::new(cos, sin);
    for (actor, sign) in [(&mut left, -1.0), (&mut right, 1.0)] {
        let way = actor.place(meet_s) - actor.start;
        actor.start = DVec2::new(0.0, z) + along * (sign * gap / 2.0) - way;
    }
    rests(&mut left, now_s);
    rests(&mut right, now_s);
    vec![left, right]
}

/// Two people who walk past one another.
fn crossing(draw: &mut Draw) -> Vec<Actor> {
    let end_s = draw.between(3.0, 4.0);
    let mut people = Vec::new();
    for (way, z) in [
        (1.0, draw.between(4.0, 4.6)),
        (-1.0, draw.between(5.2, 6.0)),
    ] {
        let heading = way * 90.0 + draw.between(-8.0, 8.0);
        let mut actor = somebody(draw, heading);
        let cadence = draw.between(90.0, 124.0);
        actor.actions = vec![Action::new(A::Walking, -2.0, end_s).amount(cadence)];
        actor.start = DVec2::new(0.0, z);
        let way = actor.place(end_s) - actor.start;
        actor.start.x -= way.x / 2.0;
        people.push(actor);
    }
    people
}

/// Two to four people beside one another, one or two of whom do something.
fn several(draw: &mut Draw) -> Vec<Actor> {
    let count = draw.pick(&[2, 3, 4]);
    let mut people = Vec::new();
    let end_s = 4.4;
    for place in 0..count {
        let heading = draw.between(-40.0, 40.0);
        let mut actor = somebody(draw, heading);
        let across = place as f64 - (count as f64 - 1.0) / 2.0;
        actor.start = DVec2::new(across * 1.25, draw.between(5.0, 5.8));
        if place < 2 {
            let kind = draw.pick(&[
                A::Waving,
                A::RaisingArm,
                A::Crouching,
                A::Jumping,
                A::Clapping,
            ]);
            let start_s = draw.between(0.8, 1.6);
            add(draw, &mut actor, kind, start_s);
        }
        rests(&mut actor, end_s);
        people.push(actor);
    }
    people
}
