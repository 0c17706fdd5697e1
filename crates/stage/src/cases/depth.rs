//! Scenes with known depth, camera and people.

use std::path::{Path, PathBuf};

use decoupage_shot::{Code, Fault, Outcome};
use glam::{DVec3, Vec3};

use crate::actor::{Action, ActionKind, Actor};
use crate::camera::{CameraPose, CameraScript, CameraTrack, MoveKind, MoveTruth, Segment};
use crate::depth_files::{
    DepthLook, pictures, side_by_side, write_clip, write_folder, write_metric_folder,
};
use crate::encode::{ClipStyle, write_mp4};
use crate::figure::{Wardrobe, person};
use crate::render::{DepthMap, colour, depth};
use crate::sample::film_depth;
use crate::scene::Scene;
use crate::solid::Solid;

/// How a depth case is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DepthForm {
    /// An mp4 in this look.
    Clip(DepthLook),
    /// A folder of PNG frames in this look.
    Frames(DepthLook),
    /// A folder of 16-bit metric PNG frames (near is dark).
    Metric,
    /// An mp4 with the colour picture, 50 white pixels and depth side by side.
    SideBySide(DepthLook),
}

/// One thing that is known to move in a depth case.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MoverTruth {
    /// Where it is at the beginning, shares of the frame from the top left: x, y, width, height.
    pub begin: [f64; 4],
    /// Where it is at the end.
    pub end: [f64; 4],
}

/// A thing that glides at an even speed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Prop {
    /// Its form where it is half way through the clip.
    pub solid: Solid,
    /// World axes, metres a second.
    pub velocity: Vec3,
}

/// A depth scene with its truth.
#[derive(Debug, Clone, PartialEq)]
pub struct DepthCase {
    /// A name for messages and files.
    pub name: String,
    /// The place without people.
    pub scene: Scene,
    /// The people in it.
    pub actors: Vec<Actor>,
    /// The things that glide through it.
    pub props: Vec<Prop>,
    /// The camera.
    pub camera: CameraScript,
    /// Frames per second.
    pub fps: f64,
    /// Picture size, pixels.
    pub size: (u32, u32),
    /// The camera's moves.
    pub truth: Vec<MoveTruth>,
}

impl DepthCase {
    pub(super) fn at(&self, time_s: f64) -> Scene {
        let mut scene = self.scene.clone();
        for number in 0..self.actors.len() + self.props.len() {
            scene.solids.extend(self.mover(number, time_s));
        }
        scene
    }

    /// The solids of one thing that may move, people first, at a time.
    pub(super) fn mover(&self, number: usize, time_s: f64) -> Vec<Solid> {
        if let Some(actor) = self.actors.get(number) {
            return person(&actor.body(time_s), Wardrobe::passer_by(number));
        }
        let middle = self.camera.duration_s() / 2.0;
        self.props
            .get(number.saturating_sub(self.actors.len()))
            .map(|prop| {
                let shift = prop.velocity * (time_s - middle) as f32;
                prop.solid.shifted(shift)
            })
            .into_iter()
            .collect()
    }

    pub(super) fn track(&self) -> CameraTrack {
        let aspect = f64::from(self.size.0) / f64::from(self.size.1);
        self.camera.sample(self.fps, aspect)
    }

    /// Metric depth of every frame.
    pub fn maps(&self) -> Vec<DepthMap> {
        film_depth(&self.track(), self.size.0, self.size.1, |time| {
            self.at(time)
        })
    }

    /// The people who move across the frame, as boxes at the first and last frame.
    pub fn movers(&self) -> Vec<MoverTruth> {
        let track = self.track();
        let (Some(first), Some(last)) = (track.poses.first(), track.poses.last()) else {
            return Vec::new();
        };
        let bounds = |actor: &Actor, pose: &CameraPose| {
            let solids = person(&actor.body(pose.time_s), Wardrobe::RED_COAT);
            self.outline(&solids, pose)
        };
        self.actors
            .iter()
            .filter(|actor| actor.speed(track.duration_s() / 2.0) > 0.0)
            .map(|actor| MoverTruth {
                begin: bounds(actor, first),
                end: bounds(actor, last),
            })
            .collect()
    }

    /// The box around some solids in the picture, as shares: x, y, width, height.
    pub(super) fn outline(&self, solids: &[Solid], pose: &CameraPose) -> [f64; 4] {
        let alone = Scene {
            solids: solids.to_vec(),
            ground: None,
            light: self.scene.light.clone(),
        };
        let (width, height) = self.size;
        let map = depth(&alone, pose, width, height);
        let (mut x0, mut x1, mut y0, mut y1) = (width, 0, height, 0);
        for y in 0..height {
            for x in 0..width {
                if map.at(x, y).is_finite() {
                    (x0, x1) = (x0.min(x), x1.max(x + 1));
                    (y0, y1) = (y0.min(y), y1.max(y + 1));
                }
            }
        }
        if x1 <= x0 {
            return [0.0; 4];
        }
        let (w, h) = (f64::from(width), f64::from(height));
        [
            f64::from(x0) / w,
            f64::from(y0) / h,
            f64::from(x1 - x0) / w,
            f64::from(y1 - y0) / h,
        ]
    }

    /// Writes the case into a folder and returns what to read.
    ///
    /// # Errors
    /// A fault when a file cannot be written.
    pub fn write(&self, form: DepthForm, folder: &Path) -> Outcome<PathBuf> {
        let maps = self.maps();
        let folder = folder.join(&self.name);
        let style = ClipStyle::fps(self.fps.round() as u32);
        match form {
            DepthForm::Clip(look) => {
                let path = folder.join(format!("{}.mp4", look.key()));
                write_clip(&path, &maps, look, style)?;
                Ok(path)
            }
            DepthForm::Frames(look) => {
                let path = folder.join(look.key());
                write_folder(&path, &maps, look)?;
                Ok(path)
            }
            DepthForm::Metric => {
                let path = folder.join("metric");
                write_metric_folder(&path, &maps)?;
                Ok(path)
            }
            DepthForm::SideBySide(look) => {
                let path = folder.join(format!("side_by_side_{}.mp4", look.key()));
                let (width, height) = self.size;
                let frames = self
                    .track()
                    .poses
                    .iter()
                    .zip(pictures(&maps, look))
                    .map(|(pose, map)| {
                        let scene = self.at(pose.time_s);
                        side_by_side(&colour(&scene, pose, width, height, 1), &map)
                    })
                    .collect::<Outcome<Vec<_>>>()?;
                if frames.is_empty() {
                    return Err(Fault::new(
                        Code::Invalid,
                        "A clip needs at least one picture.",
                    ));
                }
                write_mp4(&path, frames, style)?;
                Ok(path)
            }
        }
    }
}

/// Depth scenes: a yard seen by a resting, trucking, dollying and rising camera, with and
/// without someone walking through it, and the market.
pub fn depth_cases(seed: u64) -> Vec<DepthCase> {
    use MoveKind as M;
    let moves: [(&str, Vec<Segment>); 7] = [
        ("static", vec![Segment::hold(2.0)]),
        (
            "truck_right",
            vec![Segment::new(2.0, &[(M::TruckRight, 1.2)])],
        ),
        (
            "truck_left",
            vec![Segment::new(2.0, &[(M::TruckLeft, 1.2)])],
        ),
        ("dolly_in", vec![Segment::new(2.0, &[(M::DollyIn, 2.0)])]),
        ("dolly_out", vec![Segment::new(2.0, &[(M::DollyOut, 2.0)])]),
        (
            "pedestal_up",
            vec![Segment::new(2.0, &[(M::PedestalUp, 0.8)])],
        ),
        (
            "truck_right_then_static",
            vec![
                Segment::new(1.5, &[(M::TruckRight, 1.0)]),
                Segment::hold(1.0),
            ],
        ),
    ];
    let mut cases = Vec::new();
    let walker = Actor::at(-1.4, 4.2, 90.0).acting(&[Action::new(ActionKind::Walking, -2.0, 9.0)]);
    for (index, (name, segments)) in moves.into_iter().enumerate() {
        let mut camera = CameraScript::of(segments);
        camera.start = DVec3::new(0.0, -1.6, 0.0);
        let case = |name: String, scene: Scene, actors: Vec<Actor>| DepthCase {
            name,
            scene,
            actors,
            props: Vec::new(),
            truth: camera.truth(),
            camera: camera.clone(),
            fps: 12.0,
            size: (320, 180),
        };
        let yard = Scene::yard(seed.wrapping_add(index as u64));
        cases.push(case(format!("yard_{name}"), yard.clone(), Vec::new()));
        if matches!(name, "static" | "truck_right") {
            cases.push(case(
                format!("yard_{name}_walker"),
                yard,
                vec![walker.clone()],
            ));
            cases.push(case(
                format!("market_{name}"),
                Scene::market(seed),
                Vec::new(),
            ));
        }
    }
    cases
}
