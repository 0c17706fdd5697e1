//! The sample shot: a woman in a red coat walks her dog past market stalls at dusk.
//!
//! Pictures, depth, pose and camera path are made from one scene, so they agree exactly: the
//! camera trucks right more slowly than she walks, comes to rest after three seconds, and she
//! walks on across the frame.

use std::path::{Path, PathBuf};

use decoupage_shot::{Aspect, BindingKind, ConditionKind, Outcome};
use glam::{DMat3, DVec3};
use image::{DynamicImage, RgbImage};

use crate::actor::{Action, ActionKind, Actor};
use crate::camera::{CameraPose, CameraScript, CameraTrack, MoveKind, Segment};
use crate::camera_files::CameraFormat;
use crate::depth_files::{DepthLook, write_clip};
use crate::encode::{ClipStyle, write_mp4, write_png};
use crate::figure::{Dog, Wardrobe, leash, person};
use crate::portrait::{Studio, portrait};
use crate::pose::PoseClip;
use crate::render::{DepthMap, colour, depth};
use crate::scene::Scene;
use crate::skeleton::SkeletonStyle;

/// The short prompt of the sample shot.
pub const PROMPT: &str = "A woman in a red coat walks her dog past market stalls at dusk";
/// Frames per second of its clips.
pub const FPS: u32 = 25;
/// Seconds the camera trucks.
pub const TRUCK_S: f64 = 3.0;
/// Seconds the camera rests after it.
pub const HOLD_S: f64 = 1.2;
/// How far the camera trucks, metres.
pub const TRUCK_M: f64 = 1.5;
/// Her steps a minute.
pub const CADENCE: f64 = 110.0;
/// Size of the depth clip, pixels: whole blocks of 16, which encode to the same bytes every
/// time (x264 weighs the filling of cut blocks by chance).
pub const CLIP: (u32, u32) = (512, 288);

/// Size of the pose clip, pixels: larger, so that the drawing's dots keep apart.
pub const POSE_CLIP: (u32, u32) = (1280, 720);

/// One file of the sample shot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SampleFile {
    /// Where it was written.
    pub path: PathBuf,
    /// What it is for.
    pub kind: ConditionKind,
    /// What a person would call it.
    pub name: String,
    /// What a person would note about it.
    pub note: String,
}

/// Who performs what: positions in [`SampleShot::files`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SampleBinding {
    /// What kind of tie this is.
    pub kind: BindingKind,
    /// The file that is bound.
    pub from: usize,
    /// The identity it is bound to; `None` binds to the shot.
    pub to: Option<usize>,
}

/// The sample shot as a person would set it up.
#[derive(Debug, Clone, PartialEq)]
pub struct SampleShot {
    /// The short prompt.
    pub prompt: String,
    /// Length, seconds.
    pub duration_s: f64,
    /// Proportions.
    pub aspect: Aspect,
    /// The inputs, in the order a person would add them.
    pub files: Vec<SampleFile>,
    /// Who performs what.
    pub bindings: Vec<SampleBinding>,
}

/// The camera of the sample shot.
pub fn camera() -> CameraScript {
    CameraScript {
        start: DVec3::new(0.0, -1.6, 0.0),
        turned: DMat3::from_rotation_x((-6.0f64).to_radians()),
        focal: 0.9,
        subject_m: 6.2,
        segments: vec![
            Segment::new(TRUCK_S, &[(MoveKind::TruckRight, TRUCK_M)]),
            Segment::hold(HOLD_S),
        ],
        shake: None,
    }
}

/// The woman of the sample shot: she walks along the far side of the near counter, to the
/// frame's right.
pub fn woman() -> Actor {
    let mut actor =
        Actor::at(-1.85, 6.2, 90.0)
            .acting(&[Action::new(ActionKind::Walking, -2.0, 8.0).amount(CADENCE)]);
    actor.height_m = 1.68;
    actor.seed = 3;
    actor
}

/// Her dog at a time: a little ahead and nearer to the camera.
pub fn dog(time_s: f64) -> Dog {
    let place = woman().place(time_s);
    Dog {
        place: (place.x as f32 + 0.92, place.y as f32 - 0.42),
        heading_deg: 90.0,
        stride: Some((time_s * CADENCE / 60.0 * 0.9) as f32),
        wag: (time_s * 9.0).sin() as f32,
        look_deg: 0.0,
    }
}

/// The market with the woman and her dog at a time.
pub fn scene(time_s: f64) -> Scene {
    let mut scene = Scene::market(2);
    let body = woman().body(time_s);
    let dog = dog(time_s);
    let hand = (body.points[4] + (body.points[4] - body.points[3]) * 0.3).as_vec3();
    scene.solids.extend(person(&body, Wardrobe::RED_COAT));
    scene.solids.extend(dog.solids());
    scene.solids.extend(leash(hand, dog.collar()));
    scene
}

/// A still of the shot at a time, with `fine` × `fine` samples a pixel.
pub fn still(time_s: f64, width: u32, height: u32, fine: u32) -> RgbImage {
    colour(&scene(time_s), &camera().pose(time_s), width, height, fine)
}

/// The camera path at the clips' rate.
pub fn track() -> CameraTrack {
    camera().sample(f64::from(FPS), f64::from(CLIP.0) / f64::from(CLIP.1))
}

/// Her keypoints as the camera sees them.
pub fn pose() -> PoseClip {
    PoseClip::film(&[woman()], &track(), POSE_CLIP.0, POSE_CLIP.1)
}

/// Depth of every frame.
pub fn depths() -> Vec<DepthMap> {
    film_depth(&track(), CLIP.0, CLIP.1, scene)
}

/// Depth of every pose of a path, with the scene as it is at each time; frames are shared out
/// among the machine's cores.
pub fn film_depth(
    track: &CameraTrack,
    width: u32,
    height: u32,
    scene: impl Fn(f64) -> Scene + Sync,
) -> Vec<DepthMap> {
    let workers = std::thread::available_parallelism()
        .map_or(1, usize::from)
        .clamp(1, 8);
    let share = track.poses.len().div_ceil(workers).max(1);
    let one = |pose: &CameraPose| depth(&scene(pose.time_s), pose, width, height);
    let mut out = Vec::with_capacity(track.poses.len());
    std::thread::scope(|scope| {
        let parts: Vec<_> = track
            .poses
            .chunks(share)
            .map(|poses| scope.spawn(|| poses.iter().map(one).collect::<Vec<_>>()))
            .collect();
        for part in parts {
            // A worker only fails by a fault of ours: let it be seen, not swallowed.
            match part.join() {
                Ok(maps) => out.extend(maps),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
    });
    out
}

/// The woman's identity picture: from the knees up on plain grey.
pub fn woman_portrait() -> RgbImage {
    let mut actor = Actor::at(0.0, 0.0, 24.0);
    actor.height_m = 1.68;
    actor.seed = 3;
    let solids = person(&actor.body(0.0), Wardrobe::RED_COAT);
    let (width, height) = (512, 640);
    // The frame runs from just above the head down to the knees.
    let eye = look_at(
        DVec3::new(0.0, -1.30, -5.2),
        DVec3::new(0.0, -1.150, 0.0),
        3.75 * f64::from(height) / f64::from(width),
    );
    portrait(&solids, &eye, Studio::grey(), width, height, 3)
}

/// The dog's identity picture: the whole dog on plain light ground.
pub fn dog_portrait() -> RgbImage {
    let dog = Dog {
        place: (0.0, 0.0),
        heading_deg: 58.0,
        stride: None,
        wag: 0.4,
        look_deg: -22.0,
    };
    let eye = look_at(
        DVec3::new(0.0, -0.78, -4.4),
        DVec3::new(0.02, -0.455, 0.0),
        3.2,
    );
    portrait(&dog.solids(), &eye, Studio::light(), 640, 512, 3)
}

/// A camera at a place looking at another, upright.
pub fn look_at(from: DVec3, to: DVec3, focal: f64) -> CameraPose {
    let forward = (to - from).normalize();
    let right = DVec3::Y.cross(forward).normalize();
    CameraPose {
        time_s: 0.0,
        world_from_camera: DMat3::from_cols(right, forward.cross(right), forward),
        centre: from,
        focal,
    }
}

/// Writes the sample shot's media into a folder: `mara.png`, `dog.png`, `depth.mp4`,
/// `walk.mp4` and `camera.txt`. The same bytes every time on one machine.
///
/// # Errors
/// A fault when a file cannot be written or the machine has no h264 encoder.
pub fn sample_shot(folder: &Path) -> Outcome<SampleShot> {
    let file = |file: &str, kind, name: &str, note: &str| SampleFile {
        path: folder.join(file),
        kind,
        name: name.to_owned(),
        note: note.to_owned(),
    };
    let files = vec![
        file(
            "mara.png",
            ConditionKind::Identity,
            "Mara",
            "the woman in the red coat",
        ),
        file("dog.png", ConditionKind::Identity, "Dog", "her dog"),
        file("depth.mp4", ConditionKind::Depth, "Market depth", ""),
        file("walk.mp4", ConditionKind::Pose, "Walk", ""),
        file("camera.txt", ConditionKind::Camera, "Truck right", ""),
    ];
    let style = ClipStyle::fps(FPS);
    for (index, file) in files.iter().enumerate() {
        match index {
            0 => write_png(&file.path, &DynamicImage::ImageRgb8(woman_portrait()))?,
            1 => write_png(&file.path, &DynamicImage::ImageRgb8(dog_portrait()))?,
            2 => write_clip(&file.path, &depths(), DepthLook::NearBright, style)?,
            3 => write_mp4(&file.path, pose().drawn(SkeletonStyle::default()), style)?,
            _ => CameraFormat::RealEstate10k.write(&track(), &file.path)?,
        }
    }
    Ok(SampleShot {
        prompt: PROMPT.to_owned(),
        duration_s: camera().duration_s(),
        aspect: Aspect::default(),
        files,
        bindings: vec![
            SampleBinding {
                kind: BindingKind::PerformedBy,
                from: 3,
                to: Some(0),
            },
            SampleBinding {
                kind: BindingKind::ShotCamera,
                from: 4,
                to: None,
            },
        ],
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn she_crosses_the_frame_while_the_camera_follows_and_rests() {
        let clip = pose();
        assert_eq!(clip.frames.len(), 105);
        let share = |frame: usize| {
            clip.frames[frame][0].points[1]
                .expect("her neck is always in frame")
                .x
                / f64::from(POSE_CLIP.0)
        };
        assert!((0.15..0.35).contains(&share(0)), "{}", share(0));
        assert!((0.65..0.85).contains(&share(104)), "{}", share(104));
        for frame in 1..105 {
            assert!(share(frame) > share(frame - 1) - 1e-3);
        }
        // While the camera trucks she gains less of the frame a second than afterwards.
        let during = (share(70) - share(10)) / 60.0;
        let after = (share(104) - share(78)) / 26.0;
        assert!(after > during * 1.4, "{during} {after}");
        let truth = camera().truth();
        assert_eq!(truth[0].kind, MoveKind::TruckRight);
        assert_eq!((truth[0].end_s, truth[1].end_s), (3.0, 4.2));
    }

    #[test]
    fn depth_pose_and_camera_agree() {
        let time = 2.0;
        let camera = camera().pose(time);
        let map = depth(&scene(time), &camera, CLIP.0, CLIP.1);
        let view = crate::pose::view(&woman().body(time), &camera, CLIP.0, CLIP.1);
        // Joints lie a little under the cloth: the depth there is theirs less its thickness.
        for joint in [1, 2, 8, 9] {
            let point = view.points[joint].expect("in frame");
            let seen = f64::from(map.at(point.x as u32, point.y as u32));
            assert!(
                (-0.05..0.45).contains(&(point.depth - seen)),
                "{joint}: {} {seen}",
                point.depth
            );
        }
    }

    #[test]
    fn the_picture_has_a_near_edge_a_walkway_and_a_far_row() {
        let map = depth(&scene(0.0), &camera().pose(0.0), CLIP.0, CLIP.1);
        let median = |share: f64| {
            let y = (f64::from(CLIP.1) * share) as u32;
            let mut row: Vec<f32> = (0..CLIP.0).map(|x| map.at(x, y)).collect();
            row.sort_by(f32::total_cmp);
            row[row.len() / 2]
        };
        assert!(median(0.96) < 3.6, "{}", median(0.96));
        assert!((4.5..8.0).contains(&median(0.71)), "{}", median(0.71));
        assert!(median(0.17) > 8.5, "{}", median(0.17));
    }

    #[test]
    fn the_shot_is_written_the_same_twice() {
        let folders = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
        let shots = folders
            .each_ref()
            .map(|folder| sample_shot(folder.path()).unwrap());
        assert_eq!(shots[0].files.len(), 5);
        for (a, b) in shots[0].files.iter().zip(&shots[1].files) {
            let name = &a.path;
            let (a, b) = (
                std::fs::read(&a.path).unwrap(),
                std::fs::read(&b.path).unwrap(),
            );
            assert!(a == b, "{} differs", name.display());
            assert!(a.len() > 4000, "{} is too small", name.display());
        }
        for binding in &shots[0].bindings {
            assert!(binding.from < 5 && binding.to.is_none_or(|to| to < 2));
        }
        assert!((shots[0].duration_s - 4.2).abs() < 1e-9);
    }
}
