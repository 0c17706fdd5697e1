//! People to be drawn as skeletons, made from seeds.

use decoupage_stage::actor::{Action, ActionKind, Actor, Side};
use decoupage_stage::camera::{CameraScript, Segment};
use decoupage_stage::pose::PoseClip;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

/// Who is drawn and how they move.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cast {
    /// One or two people apart, turned any way, doing anything.
    Plain,
    /// One person walking across the frame, seen from the side.
    Profile,
    /// Three or four people standing close, their drawings overlapping.
    Crowd,
    /// Three people about a fifth of the frame tall.
    Small,
    /// So many people walking across the frame, half of them either way, who all meet.
    Crossing(usize),
    /// Two people of whom one is not drawn for up to a second while walking.
    Hidden,
    /// Two people: one walks out of the frame while the other comes in.
    Leaving,
}

/// A clip's picture size, width and height in pixels.
pub type Size = (u32, u32);

/// The keypoints of a scene, as they are to be drawn.
pub fn scene(cast: Cast, seed: u64, size: Size) -> PoseClip {
    let mut dice = StdRng::seed_from_u64(seed);
    let (width, height) = (f64::from(size.0), f64::from(size.1));
    // The stage's focal length is 0.9 of the frame's width: so far away, somebody of 1.7 m is
    // so large a share of the frame's height.
    let far = |share: f64| 0.9 * width * 1.7 / (share * height);
    let across = |z: f64| z / 0.9;
    let mut duration_s = 1.6;
    let mut hidden = None;
    let mut actors = Vec::new();
    match cast {
        Cast::Plain => {
            let count = dice.random_range(1..=2);
            for number in 0..count {
                let z = far(dice.random_range(0.5..0.85));
                let place = match (count, number) {
                    (1, _) => dice.random_range(-0.2..0.2),
                    (_, 0) => dice.random_range(-0.3..-0.2),
                    _ => dice.random_range(0.2..0.3),
                };
                let heading = dice.random_range(-180.0..180.0);
                let actor = Actor::at(place * across(z), z, heading);
                actors.push(actor.acting(&[anything(&mut dice)]));
            }
        }
        Cast::Profile => {
            let z = far(dice.random_range(0.5..0.8));
            let way = if dice.random_bool(0.5) { 1.0 } else { -1.0 };
            actors.push(walker(&mut dice, z, way, 0.8, 0.0));
        }
        Cast::Crowd => {
            let count = dice.random_range(3..=4);
            for number in 0..count {
                let z = far(dice.random_range(0.45..0.7));
                let slot = (f64::from(number) + 0.5) / f64::from(count) - 0.5;
                let place = 0.55 * slot + dice.random_range(-0.05..0.05);
                let heading = dice.random_range(-60.0..60.0);
                let mut action = anything(&mut dice);
                if matches!(action.kind, ActionKind::Walking | ActionKind::Running) {
                    action.kind = ActionKind::StandingStill;
                }
                actors.push(Actor::at(place * across(z), z, heading).acting(&[action]));
            }
        }
        Cast::Small => {
            for slot in [-0.28, 0.0, 0.28] {
                let z = far(dice.random_range(0.18..0.22));
                let place = slot + dice.random_range(-0.04..0.04);
                let heading = dice.random_range(-180.0..180.0);
                let actor = Actor::at(place * across(z), z, heading);
                actors.push(actor.acting(&[anything(&mut dice)]));
            }
        }
        Cast::Crossing(count) => {
            duration_s = 2.4;
            for number in 0..count {
                let z = far(dice.random_range(0.5..0.7));
                let way = if number % 2 == 0 { 1.0 } else { -1.0 };
                let apart = 0.35 * (number / 2) as f64;
                actors.push(walker(&mut dice, z, way, 1.2, apart));
            }
        }
        Cast::Hidden => {
            duration_s = 2.4;
            let z = far(dice.random_range(0.5..0.7));
            actors.push(walker(&mut dice, z, 1.0, 1.2, 0.0));
            let z = far(dice.random_range(0.5..0.7));
            let place = dice.random_range(-0.2..0.2) * across(z);
            actors.push(Actor::at(place, z, dice.random_range(-60.0..60.0)));
            let from = dice.random_range(0.6..1.0);
            hidden = Some(from..from + dice.random_range(0.3..0.95));
        }
        Cast::Leaving => {
            duration_s = 2.6;
            let z = far(dice.random_range(0.5..0.7));
            let mut leaves = walker(&mut dice, z, 1.0, 1.3, 0.0);
            leaves.start.x += 0.45 * across(z);
            let mut comes = walker(&mut dice, z * 1.05, -1.0, 1.3, 0.0);
            comes.start.x += 0.45 * across(z);
            actors.extend([leaves, comes]);
        }
    }
    for actor in &mut actors {
        actor.height_m = dice.random_range(1.55..1.85);
        actor.seed = dice.random();
    }
    let mut camera = CameraScript::of(vec![Segment::hold(duration_s)]);
    camera.start.y = -1.0;
    let fps = [16.0, 24.0, 25.0, 30.0][dice.random_range(0..4)];
    let mut clip = PoseClip::film(&actors, &camera.sample(fps, width / height), size.0, size.1);
    if let Some(hidden) = hidden {
        for (index, people) in clip.frames.iter_mut().enumerate() {
            if hidden.contains(&(index as f64 / fps)) {
                people[0].points = [None; 18];
            }
        }
    }
    clip
}

/// Somebody who walks to the frame's right (1) or left (−1) and is `apart` metres behind the
/// middle of the frame at a time.
fn walker(dice: &mut StdRng, z: f64, way: f64, middle_s: f64, apart: f64) -> Actor {
    let heading = way * 90.0 + dice.random_range(-8.0..8.0);
    let pace = dice.random_range(95.0..125.0);
    let mut actor =
        Actor::at(0.0, z, heading)
            .acting(&[Action::new(ActionKind::Walking, -2.0, 20.0).amount(pace)]);
    let gone = actor.place(middle_s).x;
    actor.start.x = -gone - way * apart;
    actor
}

fn anything(dice: &mut StdRng) -> Action {
    use ActionKind as A;
    let kinds = [
        A::StandingStill,
        A::Walking,
        A::Waving,
        A::RaisingArm,
        A::Turning,
        A::Bending,
        A::Crouching,
        A::Jumping,
    ];
    let side = [Side::Left, Side::Right, Side::Both][dice.random_range(0..3)];
    Action::new(kinds[dice.random_range(0..kinds.len())], 0.2, 1.5).side(side)
}
