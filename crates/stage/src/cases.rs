//! Ground truth by the dozen: seeded camera paths, acting people and depth scenes, each with
//! what a reading of it has to find.

use std::path::{Path, PathBuf};

use decoupage_shot::{Code, Fault, Outcome};
use glam::DVec3;
use image::DynamicImage;

use crate::actor::{Action, ActionKind, Actor, Side};
use crate::camera::{CameraScript, CameraTrack, Ease, MoveKind, MoveTruth, Segment, Shake, Unit};
use crate::camera_files::CameraFormat;
use crate::depth_files::{
    DepthLook, pictures, side_by_side, write_clip, write_folder, write_metric_folder,
};
use crate::encode::{ClipStyle, write_frames, write_mp4};
use crate::figure::{Wardrobe, person};
use crate::noise::Noise;
use crate::pose::{ActionTruth, PoseClip, action_truth};
use crate::pose_files::PoseFormat;
use crate::render::{DepthMap, colour, depth};
use crate::sample::film_depth;
use crate::scene::Scene;
use crate::skeleton::SkeletonStyle;
use crate::solid::Solid;

/// A camera path with its truth.
#[derive(Debug, Clone, PartialEq)]
pub struct CameraCase {
    /// A name for messages and files: only letters, digits, `-` and `_`.
    pub name: String,
    /// The path as a script.
    pub script: CameraScript,
    /// Frames per second.
    pub fps: f64,
    /// Translations are multiplied by this when written.
    pub scale: f64,
    /// The moves in it, by start time.
    pub truth: Vec<MoveTruth>,
}

impl CameraCase {
    /// The sampled path at the case's rate and scale.
    pub fn track(&self) -> CameraTrack {
        self.script.sample(self.fps, 16.0 / 9.0).scaled(self.scale)
    }

    /// Writes the path into a folder and returns the file to read.
    ///
    /// # Errors
    /// A fault when a file cannot be written.
    pub fn write(&self, format: CameraFormat, folder: &Path) -> Outcome<PathBuf> {
        // COLMAP's two files have fixed names: every case gets a folder of its own.
        let path = folder.join(&self.name).join(format.file_name());
        format.write(&self.track(), &path)?;
        Ok(path)
    }

    /// Whether the case's moves can be told from a file of this format: zooms need stored
    /// focal lengths, everything else can be told from any.
    pub fn told_by(&self, format: CameraFormat) -> bool {
        format.has_zoom()
            || !self.truth.iter().any(|one| {
                matches!(
                    one.kind,
                    MoveKind::ZoomIn
                        | MoveKind::ZoomOut
                        | MoveKind::DollyZoomIn
                        | MoveKind::DollyZoomOut
                )
            })
    }
}

/// A middling amount of a move, varied by a share 0–1.
fn amount(kind: MoveKind, share: f64) -> f64 {
    match (kind, kind.unit()) {
        (MoveKind::ArcCw | MoveKind::ArcCcw, _) => 30.0 + 30.0 * share,
        (MoveKind::CraneUp | MoveKind::CraneDown, _) => 20.0 + 15.0 * share,
        (_, Unit::Degrees) => 14.0 + 26.0 * share,
        (_, Unit::Metres) => 0.8 + 1.2 * share,
        (_, Unit::Factor) => 1.4 + 0.8 * share,
        (_, Unit::Seconds) => 1.0,
    }
}

/// Camera paths: every move alone, pairs at once, sequences with holds, easing, hand-held
/// shake, other scales and rates.
pub fn camera_cases(seed: u64) -> Vec<CameraCase> {
    let noise = Noise::new(seed);
    let mut index = 0u64;
    let mut share = move || {
        index += 1;
        noise.share(index)
    };
    let mut cases = Vec::new();
    let mut add = |name: String, segments: Vec<Segment>, shake, fps, scale| {
        let mut script = CameraScript::of(segments);
        script.start = DVec3::new(0.4, -1.6, -0.8);
        script.shake = shake;
        cases.push(CameraCase {
            truth: script.truth(),
            name,
            script,
            fps,
            scale,
        });
    };
    for kind in MoveKind::ALL {
        let far = amount(kind, share());
        let segment = if kind == MoveKind::Static {
            Segment::hold(3.0)
        } else {
            Segment::new(3.0, &[(kind, far)])
        };
        add(kind.key().to_owned(), vec![segment], None, 24.0, 1.0);
    }
    use MoveKind as M;
    for (a, b) in [
        (M::TruckLeft, M::PanRight),
        (M::TruckRight, M::PanRight),
        (M::DollyIn, M::TiltUp),
        (M::DollyIn, M::PanLeft),
        (M::DollyOut, M::PedestalUp),
        (M::PedestalDown, M::TiltUp),
        (M::DollyIn, M::RollCw),
        (M::TruckRight, M::PedestalUp),
        (M::PanLeft, M::TiltDown),
        (M::ZoomIn, M::PanRight),
    ] {
        let steps = [(a, amount(a, share())), (b, amount(b, share()))];
        let name = format!("{}_with_{}", a.key(), b.key());
        add(name, vec![Segment::new(3.0, &steps)], None, 24.0, 1.0);
    }
    for (a, b) in [
        (M::TruckRight, M::Static),
        (M::Static, M::DollyIn),
        (M::PanLeft, M::DollyIn),
        (M::DollyIn, M::PanRight),
        (M::TiltUp, M::Static),
        (M::PedestalUp, M::TruckLeft),
        (M::ArcCcw, M::Static),
        (M::PanRight, M::PanLeft),
        (M::DollyIn, M::DollyOut),
    ] {
        let mut segment = |kind: MoveKind| {
            let seconds = 1.4 + 0.2 * (share() * 7.0).floor();
            if kind == M::Static {
                Segment::hold(seconds)
            } else {
                Segment::new(seconds, &[(kind, amount(kind, share()))])
            }
        };
        let segments = vec![segment(a), segment(b)];
        let name = format!("{}_then_{}", a.key(), b.key());
        add(name, segments, None, 25.0, 1.0);
    }
    let three = vec![
        Segment::new(2.0, &[(M::TruckLeft, 1.6)]),
        Segment::hold(1.0),
        Segment::new(2.0, &[(M::PanRight, 30.0)]),
    ];
    add(
        "truck_left_hold_pan_right".to_owned(),
        three,
        None,
        30.0,
        1.0,
    );
    for (name, ease) in [("ramped", Ease::Ramped), ("smooth", Ease::Smooth)] {
        let segments = vec![
            Segment::new(3.0, &[(M::DollyIn, 2.0)]).eased(ease),
            Segment::hold(1.0),
        ];
        add(
            format!("dolly_in_{name}_then_static"),
            segments,
            None,
            24.0,
            1.0,
        );
    }
    for (name, angle_deg, offset_m) in [("slight", 0.08, 0.002), ("handheld", 0.7, 0.012)] {
        let shake = Some(Shake {
            angle_deg,
            offset_m,
            seed: seed ^ 0x5eed,
        });
        let walk = vec![Segment::new(4.0, &[(M::DollyIn, 2.4)])];
        add(format!("dolly_in_{name}"), walk, shake, 24.0, 1.0);
        add(
            format!("static_{name}"),
            vec![Segment::hold(4.0)],
            shake,
            24.0,
            1.0,
        );
    }
    for (name, scale) in [("tiny", 0.01), ("huge", 400.0)] {
        let segments = vec![
            Segment::new(2.0, &[(M::TruckRight, 1.5)]),
            Segment::hold(1.0),
        ];
        add(
            format!("truck_right_then_static_{name}"),
            segments,
            None,
            24.0,
            scale,
        );
    }
    for (name, fps) in [("8fps", 8.0), ("60fps", 60.0)] {
        let segments = vec![
            Segment::new(2.0, &[(M::PanRight, 35.0)]),
            Segment::new(2.0, &[(M::DollyIn, 1.5)]),
        ];
        add(
            format!("pan_right_then_dolly_in_{name}"),
            segments,
            None,
            fps,
            1.0,
        );
    }
    cases
}

/// How a pose case is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PoseForm {
    /// As keypoints in a file or folder.
    Keypoints(PoseFormat),
    /// As a rendered skeleton in an mp4; red and blue exchanged or not.
    Rendered {
        /// Whether red and blue are exchanged.
        swapped: bool,
    },
    /// As a folder of rendered PNG frames.
    RenderedFrames,
}

/// Acting people with their truth.
#[derive(Debug, Clone, PartialEq)]
pub struct PoseCase {
    /// A name for messages and files.
    pub name: String,
    /// The people.
    pub actors: Vec<Actor>,
    /// The camera that films them.
    pub camera: CameraScript,
    /// Frames per second.
    pub fps: f64,
    /// Picture size, pixels.
    pub size: (u32, u32),
    /// Error of the written keypoints, pixels root mean square.
    pub jitter_px: f64,
    /// What they do, by start time.
    pub truth: Vec<ActionTruth>,
}

impl PoseCase {
    /// The projected keypoints.
    pub fn clip(&self) -> PoseClip {
        let aspect = f64::from(self.size.0) / f64::from(self.size.1);
        let track = self.camera.sample(self.fps, aspect);
        let clip = PoseClip::film(&self.actors, &track, self.size.0, self.size.1);
        if self.jitter_px > 0.0 {
            clip.jittered(self.jitter_px, 17)
        } else {
            clip
        }
    }

    /// Writes the case into a folder and returns what to read.
    ///
    /// # Errors
    /// A fault when a file cannot be written.
    pub fn write(&self, form: PoseForm, folder: &Path) -> Outcome<PathBuf> {
        let folder = folder.join(&self.name);
        let clip = self.clip();
        match form {
            PoseForm::Keypoints(format) => {
                let path = folder.join(format.name());
                format.write(&clip, &path)?;
                Ok(path)
            }
            PoseForm::Rendered { swapped } => {
                let name = if swapped { "swapped.mp4" } else { "pose.mp4" };
                let path = folder.join(name);
                let style = SkeletonStyle {
                    swapped,
                    ..SkeletonStyle::default()
                };
                let rate = ClipStyle::fps(self.fps.round() as u32);
                write_mp4(&path, clip.drawn(style), rate)?;
                Ok(path)
            }
            PoseForm::RenderedFrames => {
                let path = folder.join("frames");
                let frames = clip.drawn(SkeletonStyle::default());
                write_frames(&path, frames.map(DynamicImage::ImageRgb8))?;
                Ok(path)
            }
        }
    }
}

/// Acting people: every action alone, actions one after the other and at once, facing every
/// way, coming nearer and going away, one to four at a time, and a little detector noise.
pub fn pose_cases(seed: u64) -> Vec<PoseCase> {
    let noise = Noise::new(seed ^ 0x90_5e);
    let mut index = 0u64;
    let mut between = move |low: f64, high: f64| {
        index += 1;
        noise.between(index, low, high)
    };
    let mut cases = Vec::new();
    let mut add = |name: &str, actors: Vec<Actor>, duration_s: f64, jitter_px: f64| {
        let mut camera = CameraScript::of(vec![Segment::hold(duration_s)]);
        camera.start = DVec3::new(0.0, -1.0, 0.0);
        cases.push(PoseCase {
            name: name.to_owned(),
            truth: action_truth(&actors, duration_s),
            actors,
            camera,
            fps: 25.0,
            size: (768, 512),
            jitter_px,
        });
    };
    use ActionKind as A;
    let whole = |kind| Action::new(kind, -2.0, 9.0);
    add(
        "standing",
        vec![Actor::at(0.0, 3.6, between(-10.0, 10.0))],
        3.0,
        0.0,
    );
    let cadence = between(96.0, 122.0);
    let walker = |x, z, heading, cadence: f64| {
        Actor::at(x, z, heading).acting(&[whole(A::Walking).amount(cadence)])
    };
    add(
        "walking_right",
        vec![walker(-1.7, 4.2, 90.0, cadence)],
        3.0,
        0.0,
    );
    add(
        "walking_left",
        vec![walker(1.7, 4.2, -90.0, cadence)],
        3.0,
        0.0,
    );
    add(
        "walking_towards",
        vec![walker(0.2, 7.5, 0.0, cadence)],
        3.0,
        0.0,
    );
    add(
        "walking_away",
        vec![walker(0.2, 3.6, 180.0, cadence)],
        3.0,
        0.0,
    );
    let runner = Actor::at(-3.2, 7.2, 90.0).acting(&[whole(A::Running)]);
    add("running_right", vec![runner], 1.8, 0.0);
    for (name, side) in [
        ("right", Side::Right),
        ("left", Side::Left),
        ("both", Side::Both),
    ] {
        let raise = Action::new(A::RaisingArm, 0.8, 2.6).side(side);
        let raiser = Actor::at(0.0, 3.6, between(-12.0, 12.0)).acting(&[raise]);
        add(&format!("raising_{name}_arm"), vec![raiser], 3.4, 0.0);
    }
    for (name, side) in [("right", Side::Right), ("left", Side::Left)] {
        let wave = Action::new(A::Waving, 0.7, 3.0).side(side);
        let waver = Actor::at(0.0, 3.6, between(-12.0, 12.0)).acting(&[wave]);
        add(&format!("waving_{name}"), vec![waver], 3.6, 0.0);
    }
    for (name, degrees) in [("left_90", 90.0), ("right_90", -90.0), ("left_180", 180.0)] {
        let turn = Action::new(A::Turning, 0.8, 2.4).amount(degrees);
        add(
            &format!("turning_{name}"),
            vec![Actor::at(0.0, 3.6, 0.0).acting(&[turn])],
            3.2,
            0.0,
        );
    }
    for (name, kind) in [("bending", A::Bending), ("crouching", A::Crouching)] {
        for (facing, heading) in [("right", 80.0), ("front", 15.0)] {
            let act = Action::new(kind, 0.8, 2.8);
            let actor = Actor::at(0.0, 3.6, heading).acting(&[act]);
            add(&format!("{name}_facing_{facing}"), vec![actor], 3.6, 0.0);
        }
    }
    let sit = [
        Action::new(A::SittingDown, 0.8, 1.8),
        Action::new(A::Sitting, 1.8, 3.2),
        Action::new(A::StandingUp, 3.2, 4.2),
    ];
    add(
        "sitting_down_and_up",
        vec![Actor::at(0.0, 3.6, 55.0).acting(&sit)],
        5.0,
        0.0,
    );
    let seated = Actor::at(0.0, 3.6, 50.0).acting(&[whole(A::Sitting)]);
    add("sitting", vec![seated], 3.0, 0.0);
    let jumper = Actor::at(0.0, 3.8, 10.0).acting(&[Action::new(A::Jumping, 0.8, 2.0)]);
    add("jumping", vec![jumper], 2.8, 0.0);
    let both = [
        whole(A::Walking).amount(cadence),
        Action::new(A::Waving, 0.8, 2.6).side(Side::Right),
    ];
    let walking_waver = Actor::at(-1.7, 4.2, 60.0).acting(&both);
    add("walking_while_waving", vec![walking_waver], 3.2, 0.0);
    let stop = [
        Action::new(A::Walking, -2.0, 2.2).amount(cadence),
        Action::new(A::Waving, 2.6, 4.4).side(Side::Left),
    ];
    add(
        "walks_stops_waves",
        vec![Actor::at(-2.0, 4.4, 90.0).acting(&stop)],
        5.0,
        0.0,
    );
    add(
        "two_people",
        vec![
            Actor::at(-0.9, 4.2, 0.0).acting(&[Action::new(A::Waving, 0.6, 2.4).side(Side::Right)]),
            Actor::at(0.9, 4.2, 0.0),
        ],
        3.0,
        0.0,
    );
    add(
        "two_cross",
        vec![
            walker(-1.6, 4.0, 90.0, cadence),
            walker(1.8, 5.2, -90.0, cadence),
        ],
        3.0,
        0.0,
    );
    add(
        "four_people",
        vec![
            Actor::at(-1.8, 5.2, 10.0),
            Actor::at(-0.6, 5.0, -10.0)
                .acting(&[Action::new(A::RaisingArm, 0.8, 2.4).side(Side::Left)]),
            Actor::at(0.6, 5.2, 0.0).acting(&[Action::new(A::Crouching, 0.8, 2.6)]),
            Actor::at(1.8, 5.0, -10.0),
        ],
        3.2,
        0.0,
    );
    add(
        "walking_right_noisy",
        vec![walker(-1.7, 4.2, 90.0, cadence)],
        3.0,
        1.2,
    );
    add("standing_noisy", vec![Actor::at(0.0, 3.6, 0.0)], 3.0, 1.2);
    cases
}

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

/// A depth scene with its truth.
#[derive(Debug, Clone, PartialEq)]
pub struct DepthCase {
    /// A name for messages and files.
    pub name: String,
    /// The place without people.
    pub scene: Scene,
    /// The people in it.
    pub actors: Vec<Actor>,
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
    fn at(&self, time_s: f64) -> Scene {
        let mut scene = self.scene.clone();
        for (number, actor) in self.actors.iter().enumerate() {
            let body = actor.body(time_s);
            scene
                .solids
                .extend(person(&body, Wardrobe::passer_by(number)));
        }
        scene
    }

    fn track(&self) -> CameraTrack {
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
        let bounds = |actor: &Actor, pose: &crate::camera::CameraPose| {
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
    fn outline(&self, solids: &[Solid], pose: &crate::camera::CameraPose) -> [f64; 4] {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_truth_is_in_time() {
        let cameras = camera_cases(1);
        let poses = pose_cases(1);
        let depths = depth_cases(1);
        let mut names: Vec<&str> = cameras.iter().map(|case| case.name.as_str()).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), cameras.len());
        for case in &cameras {
            let end = case.script.duration_s() + 1e-9;
            assert!(
                case.truth
                    .iter()
                    .all(|one| one.end_s <= end && one.start_s < one.end_s)
            );
            assert!(MoveKind::ALL.len() + 10 < cameras.len());
        }
        for kind in MoveKind::ALL {
            assert!(cameras.iter().any(|case| case.truth[0].kind == kind));
        }
        for kind in ActionKind::ALL {
            let told = poses
                .iter()
                .any(|case| case.truth.iter().any(|one| one.kind == kind));
            assert!(told || kind == ActionKind::StandingStill, "{kind:?}");
        }
        assert!(depths.len() > 8);
    }

    #[test]
    fn people_are_in_frame_throughout() {
        for case in pose_cases(3) {
            let clip = case.clip();
            for (frame, people) in clip.frames.iter().enumerate() {
                for person in people {
                    let seen = person.points.iter().filter(|point| point.is_some()).count();
                    assert!(seen >= 11, "{} frame {frame}: {seen} points", case.name);
                }
            }
        }
    }

    #[test]
    fn a_seed_gives_one_set() {
        assert_eq!(camera_cases(7), camera_cases(7));
        assert_ne!(camera_cases(7), camera_cases(8));
        assert_eq!(pose_cases(7), pose_cases(7));
    }

    #[test]
    fn every_form_is_written() {
        let folder = tempfile::tempdir().unwrap();
        let case = &pose_cases(1)[0];
        for form in [
            PoseForm::Keypoints(PoseFormat::ComfyUi),
            PoseForm::Rendered { swapped: true },
            PoseForm::RenderedFrames,
        ] {
            assert!(case.write(form, folder.path()).unwrap().exists());
        }
        let mut case = depth_cases(1).swap_remove(0);
        case.camera.segments = vec![Segment::hold(0.25)];
        for form in [
            DepthForm::Clip(DepthLook::Inferno),
            DepthForm::Frames(DepthLook::NearDark),
            DepthForm::Metric,
            DepthForm::SideBySide(DepthLook::SpectralReversed),
        ] {
            assert!(case.write(form, folder.path()).unwrap().exists());
        }
    }

    #[test]
    fn a_walker_is_known_to_cross() {
        let case = depth_cases(1)
            .into_iter()
            .find(|case| case.name == "yard_static_walker")
            .unwrap();
        let movers = case.movers();
        assert_eq!(movers.len(), 1);
        assert!(movers[0].end[0] > movers[0].begin[0] + 0.3, "{movers:?}");
    }
}
