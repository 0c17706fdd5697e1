//! A tiny renderer of scenes with known camera, depth and pose: the sample shot, and ground
//! truth for tests.
//!
//! One world for everything, in OpenCV's axes: x right, y down, z forward, metres; the ground
//! is the plane y = 0, so heights are negative y. The same input gives the same bytes.

pub mod actor;
pub mod camera;
pub mod camera_files;
pub mod cases;
pub mod depth_files;
pub mod encode;
pub mod estimator;
pub mod figure;
mod files;
pub mod looks;
pub mod masks;
pub mod noise;
pub mod portrait;
pub mod pose;
pub mod pose_files;
pub mod render;
pub mod sample;
pub mod scene;
pub mod skeleton;
pub mod sketches;
pub mod solid;

use image::RgbImage;

use crate::actor::{Action, ActionKind, Actor};
use crate::camera::{CameraScript, Segment};

/// A sheet with every action as rendered skeletons, one row an action, six moments of two
/// seconds, `cell` pixels each: for the eye.
pub fn pose_sheet(cell: u32) -> RgbImage {
    const MOMENTS: u32 = 6;
    let mut script = CameraScript::of(vec![Segment::hold(2.0)]);
    script.start.y = -1.0;
    let track = script.sample(25.0, 1.0);
    let mut sheet = RgbImage::new(cell * MOMENTS, cell * ActionKind::ALL.len() as u32);
    for (row, kind) in ActionKind::ALL.into_iter().enumerate() {
        let heading = match kind {
            ActionKind::Walking | ActionKind::Running => 90.0,
            ActionKind::RaisingArm | ActionKind::Waving | ActionKind::StandingStill => 0.0,
            _ => 50.0,
        };
        let start = if heading == 90.0 { -1.2 } else { 0.0 };
        let actor = Actor::at(start, 3.4, heading).acting(&[Action::new(kind, 0.2, 1.8)]);
        let clip = pose::PoseClip::film(&[actor], &track, cell, cell);
        for moment in 0..MOMENTS {
            let people = &clip.frames[moment as usize * 9 + 2];
            let style = skeleton::SkeletonStyle {
                dot: 3.0,
                limb: 3.0,
                ..skeleton::SkeletonStyle::default()
            };
            let picture = skeleton::draw(people, cell, cell, style);
            let (x, y) = (i64::from(moment * cell), i64::from(row as u32 * cell));
            image::imageops::replace(&mut sheet, &picture, x, y);
        }
    }
    sheet
}
