//! Seeded depth scenes: open places, rooms and corridors, still and moving things at several
//! depths, a camera that rests or makes one move, and every manner of writing depth.

use std::path::{Path, PathBuf};

use decoupage_shot::Outcome;
use glam::{DMat3, DVec3, Mat3, Vec3};
use image::DynamicImage;

use super::depth::{DepthCase, Prop};
use crate::actor::{Action, ActionKind, Actor};
use crate::camera::{CameraPose, CameraScript, MoveKind, Segment};
use crate::depth_files::{DepthLook, Scaling, metric, scaled_pictures, side_by_side};
use crate::encode::{ClipStyle, write_frames, write_mp4};
use crate::estimator::Estimator;
use crate::noise::Noise;
use crate::render::{DepthMap, colour, depth};
use crate::scene::{Scene, at};
use crate::solid::{Paint, Solid};

/// Where a scene is set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Place {
    Open,
    Room,
    Corridor,
}

/// A depth scene.
#[derive(Debug, Clone, PartialEq)]
pub struct DepthScene {
    /// Scene, people, things that glide, camera.
    pub case: DepthCase,
    /// Where it is set.
    pub place: Place,
    /// How many of the scene's solids, from the last, are things that stand there.
    things: usize,
    /// Corners of the openings in its walls, world axes.
    openings: Vec<[Vec3; 4]>,
}

/// Something that moves on its own.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SceneMover {
    /// Its box in the first frame it is seen in, shares: x, y, width, height.
    pub begin: [f64; 4],
    /// Its box in the last.
    pub end: [f64; 4],
    /// Its own way in the camera's axes half way, metres over the clip: right, down, forward.
    pub way: DVec3,
    /// How its size would change by its own way: depth at the begin over depth at the end.
    pub growth: f64,
    /// The share of the clip in which most of it can be seen.
    pub seen: f64,
}

/// What a reading of a scene has to find.
#[derive(Debug, Clone, PartialEq)]
pub struct DepthTruth {
    /// Height of the horizon half way through, share from the top.
    pub horizon: f64,
    /// Boxes of the things that stand there half way through, those that can be seen well.
    pub objects: Vec<[f64; 4]>,
    /// Boxes of openings in walls half way through, those that can be seen well.
    pub openings: Vec<[f64; 4]>,
    /// What moves.
    pub movers: Vec<SceneMover>,
    /// The camera's move.
    pub camera: MoveKind,
    /// How far near things (90th percentile of nearness) slide past far ones (10th) by it, as
    /// a share of the frame's width; for a dolly at the frame's edge.
    pub parallax: f64,
    /// How far a pan or tilt shifts the picture, share of the frame's width.
    pub shift: f64,
}

/// What depth is wrapped in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Wrapping {
    Clip,
    Frames,
    SideBySide,
    /// 16-bit PNG frames, metres × 256; the look does not matter.
    Metric,
}

/// How a scene's depth is written.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Manner {
    /// Polarity and colours.
    pub look: DepthLook,
    /// Normalisation.
    pub scaling: Scaling,
    /// File.
    pub wrapping: Wrapping,
    /// The estimator's faults.
    pub estimator: Estimator,
}

impl Manner {
    /// As generators expect it: inverse depth in grey, an mp4, without faults.
    pub const PLAIN: Self = Self {
        look: DepthLook::NearBright,
        scaling: Scaling::Clip,
        wrapping: Wrapping::Clip,
        estimator: Estimator::EXACT,
    };
}

/// Seconds of a scene.
const DURATION_S: f64 = 2.0;
/// Size of a scene's pictures: whole blocks of 16.
const SIZE: (u32, u32) = (192, 112);
const FPS: f64 = 10.0;

/// The scene with this seed.
pub fn depth_scene(seed: u64) -> DepthScene {
    let noise = Noise::new(seed.wrapping_mul(7919));
    let place = match seed % 4 {
        0 | 1 => Place::Open,
        2 => Place::Room,
        _ => Place::Corridor,
    };
    let mut maker = Maker {
        noise,
        next: 0,
        scene: Scene::empty(),
        openings: Vec::new(),
    };
    match place {
        Place::Open => maker.far_houses(),
        Place::Room => maker.room(),
        Place::Corridor => maker.corridor(),
    }
    let wants_movers = maker.share() < 0.6;
    let things = maker.things(place, wants_movers);
    let (actors, props) = if wants_movers {
        maker.movers(place)
    } else {
        (Vec::new(), Vec::new())
    };
    let camera = maker.camera(place);
    DepthScene {
        case: DepthCase {
            name: format!("scene_{seed}"),
            scene: maker.scene,
            actors,
            props,
            truth: camera.truth(),
            camera,
            fps: FPS,
            size: SIZE,
        },
        place,
        things,
        openings: maker.openings,
    }
}

/// Makes a scene from a row of numbers.
struct Maker {
    noise: Noise,
    next: u64,
    scene: Scene,
    openings: Vec<[Vec3; 4]>,
}

impl Maker {
    fn share(&mut self) -> f64 {
        self.next += 1;
        self.noise.share(self.next)
    }

    fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.share()
    }

    fn number(&mut self, low: f64, high: f64) -> f32 {
        self.between(low, high) as f32
    }

    /// A box from one corner to the other, heights upwards.
    fn wall(&mut self, low: [f32; 3], high: [f32; 3]) {
        let (low, high) = (at(low[0], low[1], low[2]), at(high[0], high[1], high[2]));
        let half = (high - low).abs() / 2.0;
        if half.min_element() > 1e-4 {
            let paint = Paint::srgb(0x9a938a);
            self.scene
                .solids
                .push(Solid::block((low + high) / 2.0, half, paint));
        }
    }

    fn far_houses(&mut self) {
        let count = (self.share() * 6.0) as usize;
        for _ in 0..count {
            let z = self.number(26.0, 45.0);
            let x = self.number(-0.6, 0.6) * z;
            let (wide, tall) = (self.number(3.0, 6.0), self.number(2.5, 7.0));
            self.wall([x - wide, 0.0, z], [x + wide, tall, z + 4.0]);
        }
    }

    /// A room with a doorway in its back wall (most of the time) and another room behind.
    fn room(&mut self) {
        let (half, tall, deep) = (
            self.number(2.0, 3.4),
            self.number(2.5, 3.2),
            self.number(6.5, 11.0),
        );
        let behind = deep + self.number(3.0, 6.0);
        self.wall([-half - 0.2, 0.0, -3.0], [-half, tall, behind]);
        self.wall([half, 0.0, -3.0], [half + 0.2, tall, behind]);
        self.wall([-half, tall, -3.0], [half, tall + 0.2, behind]);
        self.wall([-half, 0.0, behind], [half, tall, behind + 0.2]);
        let doorway = self.share() < 0.75;
        let wide = if doorway { self.number(0.9, 1.6) } else { 0.0 };
        let left = self.number(-0.7, 0.7) * (half - wide).max(0.1) - wide / 2.0;
        self.cut_across(deep, [-half, half], tall, doorway.then_some((left, wide)));
    }

    /// A wall across the view with a doorway.
    fn cut_across(&mut self, z: f32, ends: [f32; 2], tall: f32, door: Option<(f32, f32)>) {
        let back = z + 0.15;
        let Some((left, wide)) = door else {
            self.wall([ends[0], 0.0, z], [ends[1], tall, back]);
            return;
        };
        let top = tall.min(2.15);
        let right = left + wide;
        self.wall([ends[0], 0.0, z], [left, tall, back]);
        self.wall([right, 0.0, z], [ends[1], tall, back]);
        self.wall([left, top, z], [right, tall, back]);
        self.openings.push([
            at(left, 0.0, z),
            at(left, top, z),
            at(right, 0.0, z),
            at(right, top, z),
        ]);
    }

    /// A corridor with doorways to its sides, each with a room behind it.
    fn corridor(&mut self) {
        let (half, tall, deep) = (
            self.number(0.9, 1.4),
            self.number(2.4, 2.9),
            self.number(12.0, 20.0),
        );
        self.wall([-half - 4.0, tall, -3.0], [half + 4.0, tall + 0.2, deep]);
        self.wall([-half - 4.0, 0.0, deep], [half + 4.0, tall, deep + 0.2]);
        for side in [-1.0_f32, 1.0] {
            let door = (self.share() < 0.6).then(|| (self.number(4.0, 6.5), self.number(0.9, 1.3)));
            let mut piece = |from: f32, to: f32, low: f32| {
                let (a, b) = (side * half, side * (half + 0.15));
                self.wall([a.min(b), low, from], [a.max(b), tall, to]);
            };
            let Some((from, wide)) = door else {
                piece(-3.0, deep, 0.0);
                continue;
            };
            let top = tall.min(2.1);
            piece(-3.0, from, 0.0);
            piece(from + wide, deep, 0.0);
            piece(from, from + wide, top);
            let far = side * (half + 3.0);
            self.wall(
                [far.min(far + 0.2), 0.0, -3.0],
                [far.max(far + 0.2), tall, deep],
            );
            let x = side * half;
            self.openings.push([
                at(x, 0.0, from),
                at(x, top, from),
                at(x, 0.0, from + wide),
                at(x, top, from + wide),
            ]);
        }
    }

    /// Things that stand, each in a lane of the picture of its own; their number.
    fn things(&mut self, place: Place, movers: bool) -> usize {
        let most = match (place, movers) {
            (Place::Open, false) => 5.0,
            (Place::Open, true) | (Place::Room, false) => 3.0,
            _ => 2.0,
        };
        let count = (self.share() * most) as usize;
        let before = self.scene.solids.len();
        let turn = self.share();
        for thing in 0..count {
            let lane = (thing as f64 + turn) % count as f64;
            let across = ((lane + 0.5) / count as f64 - 0.5) * 0.9;
            let (z, across) = match place {
                Place::Open => (self.between(4.5, 9.5), across),
                Place::Room => (self.between(4.2, 5.6), across * 0.75),
                Place::Corridor => (self.between(4.5, 6.5), across * 0.28),
            };
            let big = if place == Place::Corridor { 0.5 } else { 1.0 };
            let x = (across * z) as f32;
            let z = z as f32;
            let tall = self.number(0.6, 1.9);
            let wide = self.number(0.22, 0.42) * big;
            let paint = Paint::srgb(0x7a5a3a);
            let solid = match (self.share() * 3.0) as usize {
                0 => Solid::limb(at(x, tall, z), wide * 0.6, at(x, 0.0, z), wide * 0.6, paint),
                1 => Solid::ball(at(x, wide, z), wide, paint),
                _ => Solid::turned(
                    at(x, tall / 2.0, z),
                    Vec3::new(wide, tall / 2.0, wide),
                    Mat3::from_rotation_y(self.number(0.0, 1.5)),
                    paint,
                ),
            };
            self.scene.solids.push(solid);
        }
        self.scene.solids.len() - before
    }

    /// One to three movers, each in a lane of depth of its own.
    fn movers(&mut self, place: Place) -> (Vec<Actor>, Vec<Prop>) {
        let lanes: &[(f64, f64)] = match place {
            Place::Open => &[(3.8, 4.6), (6.4, 7.4), (10.0, 12.0)],
            Place::Room => &[(3.6, 4.0), (5.8, 6.2)],
            Place::Corridor => &[(3.6, 4.4)],
        };
        let count = 1 + (self.share() * lanes.len() as f64) as usize;
        let (mut actors, mut props) = (Vec::new(), Vec::new());
        for (near, far) in lanes.iter().take(count) {
            let z = self.between(*near, *far);
            let side = if self.share() < 0.5 { -1.0 } else { 1.0 };
            // Corridors are walked along; elsewhere most go across.
            let along = place == Place::Corridor || self.share() < 0.2;
            let middle = self.between(-0.12, 0.12) * z;
            let middle = if place == Place::Corridor {
                middle * 0.4
            } else {
                middle
            };
            if self.share() < 0.55 {
                let pace = self.between(90.0, 120.0);
                let heading = match (along, side > 0.0) {
                    (true, true) => 0.0,
                    (true, false) => 180.0,
                    (false, right) => {
                        if right {
                            90.0
                        } else {
                            270.0
                        }
                    }
                };
                let mut actor = Actor::at(middle, z, heading).acting(&[Action::new(
                    ActionKind::Walking,
                    -3.0,
                    9.0,
                )
                .amount(pace)]);
                let speed = actor.speed(DURATION_S / 2.0);
                if along {
                    actor.start.y =
                        z + side * speed * DURATION_S / 2.0 + if side > 0.0 { 0.8 } else { 0.0 };
                } else {
                    actor.start.x = middle - side * speed * DURATION_S / 2.0;
                }
                actor.height_m = self.between(1.55, 1.85);
                actor.seed = self.next;
                actors.push(actor);
            } else {
                let speed = side as f32 * self.number(0.6, 1.3);
                let tall = self.number(0.6, 1.6);
                let wide =
                    self.number(0.25, 0.5) * if place == Place::Corridor { 0.6 } else { 1.0 };
                let paint = Paint::srgb(0x3c6e8f);
                let solid = if self.share() < 0.3 {
                    Solid::ball(at(middle as f32, 0.4, z as f32), 0.4, paint)
                } else {
                    Solid::block(
                        at(middle as f32, tall / 2.0, z as f32),
                        Vec3::new(wide, tall / 2.0, 0.3),
                        paint,
                    )
                };
                let velocity = if along {
                    Vec3::new(0.0, 0.0, -speed)
                } else {
                    Vec3::new(speed, 0.0, 0.0)
                };
                props.push(Prop { solid, velocity });
            }
        }
        (actors, props)
    }

    fn camera(&mut self, place: Place) -> CameraScript {
        use MoveKind as M;
        let room = if place == Place::Open { 1.0 } else { 0.5 };
        let (kind, amount) = match (self.share() * 14.0) as usize {
            0..=3 => (M::Static, 0.0),
            4 => (M::TruckRight, self.between(0.5, 1.4) * room),
            5 => (M::TruckLeft, self.between(0.5, 1.4) * room),
            6 | 7 => (M::DollyIn, self.between(0.8, 1.8) * room),
            8 => (M::DollyOut, self.between(0.8, 1.8) * room),
            9 => (M::PedestalUp, self.between(0.4, 0.8) * room),
            10 => (M::PedestalDown, self.between(0.3, 0.6) * room),
            11 => (M::PanLeft, self.between(6.0, 14.0)),
            12 => (M::PanRight, self.between(6.0, 14.0)),
            _ if self.share() < 0.5 => (M::TiltUp, self.between(4.0, 9.0)),
            _ => (M::TiltDown, self.between(4.0, 9.0)),
        };
        let mut camera = CameraScript::of(vec![if kind == M::Static {
            Segment::hold(DURATION_S)
        } else {
            Segment::new(DURATION_S, &[(kind, amount)])
        }]);
        camera.start = DVec3::new(0.0, -self.between(1.3, 1.75), 0.0);
        camera.focal = self.between(0.8, 1.05);
        camera.turned = DMat3::from_rotation_x(self.between(-8.0, 3.0).to_radians());
        camera
    }
}

impl DepthScene {
    fn middle(&self) -> CameraPose {
        self.case.camera.pose(DURATION_S / 2.0)
    }

    /// What a reading has to find; `maps` are the scene's own.
    pub fn truth(&self, maps: &[DepthMap]) -> DepthTruth {
        let pose = self.middle();
        let (width, height) = (f64::from(SIZE.0), f64::from(SIZE.1));
        let forward = pose.world_from_camera.transpose() * DVec3::Z;
        let horizon = 0.5 + pose.focal * width / height * forward.y / forward.z;
        let first = self.case.scene.solids.len() - self.things;
        let objects = (first..self.case.scene.solids.len())
            .filter_map(|index| {
                let solid = self.case.scene.solids.get(index)?;
                self.seen(std::slice::from_ref(solid), DURATION_S / 2.0)
            })
            .collect();
        let openings = self
            .openings
            .iter()
            .filter_map(|corners| self.opening(corners))
            .collect();
        let movers = (0..self.case.actors.len() + self.case.props.len())
            .filter_map(|number| self.scene_mover(number))
            .collect();
        let step = self.case.truth.first();
        let (kind, amount) = step.map_or((MoveKind::Static, 0.0), |one| (one.kind, one.amount));
        let range = nearness_range(maps);
        let turned = pose.focal * amount.to_radians();
        let (parallax, shift) = match kind {
            MoveKind::TruckLeft
            | MoveKind::TruckRight
            | MoveKind::PedestalUp
            | MoveKind::PedestalDown => (pose.focal * amount * range, 0.0),
            MoveKind::DollyIn | MoveKind::DollyOut => (0.5 * amount * range, 0.0),
            MoveKind::Static => (0.0, 0.0),
            _ => (0.0, turned),
        };
        DepthTruth {
            horizon,
            objects,
            openings,
            movers,
            camera: kind,
            parallax,
            shift,
        }
    }

    /// The box of some solids at a time, where most of them can be seen and they are no speck.
    fn seen(&self, solids: &[Solid], time_s: f64) -> Option<[f64; 4]> {
        let pose = self.case.camera.pose(time_s);
        let alone = Scene {
            solids: solids.to_vec(),
            ground: None,
            light: self.case.scene.light.clone(),
        };
        let (width, height) = SIZE;
        let own = depth(&alone, &pose, width, height);
        let whole = depth(&self.case.at(time_s), &pose, width, height);
        let (mut all, mut free) = (0_u32, 0_u32);
        for (own, whole) in own.metres.iter().zip(&whole.metres) {
            if own.is_finite() {
                all += 1;
                free += u32::from(*own <= *whole + 1e-3);
            }
        }
        let bounds = self.case.outline(solids, &pose);
        let large = f64::from(free) >= 0.008 * f64::from(width * height);
        (large && f64::from(free) > 0.55 * f64::from(all)).then_some(bounds)
    }

    fn opening(&self, corners: &[Vec3; 4]) -> Option<[f64; 4]> {
        let pose = self.middle();
        let (width, height) = (f64::from(SIZE.0), f64::from(SIZE.1));
        let (mut low, mut high) = ([f64::INFINITY; 2], [f64::NEG_INFINITY; 2]);
        for corner in corners {
            let (x, y, _) = pose.project(corner.as_dvec3(), width, height)?;
            for (axis, value) in [x / width, y / height].into_iter().enumerate() {
                low[axis] = low[axis].min(value.clamp(0.0, 1.0));
                high[axis] = high[axis].max(value.clamp(0.0, 1.0));
            }
        }
        let (wide, tall) = (high[0] - low[0], high[1] - low[1]);
        let inside = low[0] > 0.0 && high[0] < 1.0;
        (inside && wide > 0.03 && tall > 0.12).then_some([low[0], low[1], wide, tall])
    }

    fn scene_mover(&self, number: usize) -> Option<SceneMover> {
        const LOOKS: usize = 9;
        let times: Vec<f64> = (0..LOOKS)
            .map(|look| look as f64 / (LOOKS - 1) as f64 * (DURATION_S - 1.0 / FPS))
            .collect();
        let seen: Vec<(f64, [f64; 4])> = times
            .iter()
            .filter_map(|time| {
                let bounds = self.seen(&self.case.mover(number, *time), *time)?;
                Some((*time, bounds))
            })
            .collect();
        let (first, last) = (seen.first()?, seen.last()?);
        let world = |time: f64| match self.case.actors.get(number) {
            Some(actor) => {
                let place = actor.place(time);
                DVec3::new(place.x, 0.0, place.y)
            }
            None => self
                .case
                .mover(number, time)
                .first()
                .map_or(DVec3::ZERO, |solid| solid.shape.bound().0.as_dvec3()),
        };
        let pose = self.middle();
        let way = pose.world_from_camera.transpose() * (world(last.0) - world(first.0));
        let near = |time: f64| pose.camera_from_world(world(time)).z;
        Some(SceneMover {
            begin: first.1,
            end: last.1,
            way,
            growth: near(first.0) / near(last.0).max(0.1),
            seen: seen.len() as f64 / LOOKS as f64,
        })
    }

    /// Writes the scene's depth into a folder and returns what to read.
    ///
    /// # Errors
    /// A fault when a file cannot be written.
    pub fn write(&self, maps: &[DepthMap], manner: Manner, folder: &Path) -> Outcome<PathBuf> {
        let folder = folder.join(&self.case.name);
        let mut maps = maps.to_vec();
        manner.estimator.estimate(&mut maps);
        let pictures = || scaled_pictures(&maps, manner.look, manner.scaling);
        let style = ClipStyle::fps(FPS as u32);
        let (width, height) = SIZE;
        match manner.wrapping {
            Wrapping::Clip => {
                let path = folder.join("depth.mp4");
                write_mp4(&path, pictures(), style)?;
                Ok(path)
            }
            Wrapping::Frames => {
                write_frames(&folder, pictures().into_iter().map(DynamicImage::ImageRgb8))?;
                Ok(folder)
            }
            Wrapping::Metric => {
                write_frames(&folder, metric(&maps))?;
                Ok(folder)
            }
            Wrapping::SideBySide => {
                let path = folder.join("both.mp4");
                let frames = self
                    .case
                    .track()
                    .poses
                    .iter()
                    .zip(pictures())
                    .map(|(pose, map)| {
                        let scene = self.case.at(pose.time_s);
                        side_by_side(&colour(&scene, pose, width, height, 1), &map)
                    })
                    .collect::<Outcome<Vec<_>>>()?;
                write_mp4(&path, frames, style)?;
                Ok(path)
            }
        }
    }
}

/// From the 10th to the 90th percentile of inverse depth over a clip, 1/m.
fn nearness_range(maps: &[DepthMap]) -> f64 {
    let mut all: Vec<f32> = maps
        .iter()
        .flat_map(|map| map.metres.iter().step_by(7))
        .map(|metres| 1.0 / metres.max(0.05))
        .collect();
    all.sort_by(f32::total_cmp);
    let at = |share: f64| {
        let index = (share * all.len() as f64) as usize;
        all.get(index).map_or(0.0, |v| f64::from(*v))
    };
    at(0.9) - at(0.1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scenes_are_seeded_and_their_truth_lies_in_frame() {
        assert_eq!(depth_scene(5), depth_scene(5));
        let (mut movers, mut objects, mut openings) = (0, 0, 0);
        for seed in 0..24 {
            let scene = depth_scene(seed);
            let maps = scene.case.maps();
            let truth = scene.truth(&maps);
            movers += truth.movers.len();
            objects += truth.objects.len();
            openings += truth.openings.len();
            // A tilt takes it nearer to the edge.
            assert!((0.1..0.9).contains(&truth.horizon), "{seed}: {truth:?}");
            // Nothing but sky or wall lies above the horizon: the ground never does.
            let map = &maps[maps.len() / 2];
            let sky = map.metres.iter().filter(|m| m.is_infinite()).count();
            assert_eq!(scene.place == Place::Open, sky > 0, "{seed}");
            for [x, y, w, h] in truth.objects.iter().chain(&truth.openings) {
                assert!(*x >= 0.0 && *y >= 0.0 && x + w <= 1.001 && y + h <= 1.001);
            }
        }
        assert!(
            movers > 8 && objects > 8 && openings > 4,
            "{movers} {objects} {openings}"
        );
    }

    #[test]
    fn a_dolly_brings_near_and_a_truck_has_parallax() {
        let of = |kind| {
            (0..200)
                .map(depth_scene)
                .find(|scene| scene.case.truth[0].kind == kind)
                .unwrap()
        };
        for kind in [MoveKind::DollyIn, MoveKind::TruckLeft] {
            let scene = of(kind);
            let truth = scene.truth(&scene.case.maps());
            assert!(truth.parallax > 0.02 && truth.shift == 0.0, "{truth:?}");
        }
        let scene = of(MoveKind::PanLeft);
        let truth = scene.truth(&scene.case.maps());
        assert!(truth.shift > 0.05 && truth.parallax == 0.0, "{truth:?}");
    }
}
