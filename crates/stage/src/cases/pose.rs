//! Acting people with known actions.

use std::path::{Path, PathBuf};

use decoupage_shot::Outcome;
use glam::DVec3;
use image::DynamicImage;

use crate::actor::{Action, ActionKind, Actor, Side};
use crate::camera::{CameraScript, Segment};
use crate::encode::{ClipStyle, write_frames, write_mp4};
use crate::noise::Noise;
use crate::pose::{ActionTruth, PoseClip, action_truth};
use crate::pose_files::PoseFormat;
use crate::skeleton::SkeletonStyle;

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
    /// Share of the written keypoints that are lost, in bursts, as detectors lose them.
    pub lost: f64,
    /// What they do, by start time.
    pub truth: Vec<ActionTruth>,
}

impl PoseCase {
    /// The projected keypoints.
    pub fn clip(&self) -> PoseClip {
        let aspect = f64::from(self.size.0) / f64::from(self.size.1);
        let track = self.camera.sample(self.fps, aspect);
        let clip = PoseClip::film(&self.actors, &track, self.size.0, self.size.1);
        let clip = if self.jitter_px > 0.0 {
            clip.jittered(self.jitter_px, 17)
        } else {
            clip
        };
        if self.lost > 0.0 {
            clip.losing(self.lost, 23)
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
            lost: 0.0,
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
    // A wave swings across the body: it shows from the front, not from the side.
    let stop = [
        Action::new(A::Walking, -2.0, 2.2).amount(cadence),
        Action::new(A::Waving, 2.6, 4.4).side(Side::Left),
    ];
    add(
        "walks_stops_waves",
        vec![Actor::at(-1.6, 5.2, 40.0).acting(&stop)],
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
