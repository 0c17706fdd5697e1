//! Ground truth by the dozen: seeded camera paths, acting people and depth scenes, each with
//! what a reading of it has to find.

mod acting;
mod camera;
mod depth;
mod depth_scenes;
mod pose;

pub use acting::acting_case;
pub use camera::{CameraCase, camera_cases};
pub use depth::{DepthCase, DepthForm, MoverTruth, Prop, depth_cases};
pub use depth_scenes::{DepthScene, DepthTruth, Manner, Place, SceneMover, Wrapping, depth_scene};
pub use pose::{PoseCase, PoseForm, pose_cases};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::actor::ActionKind;
    use crate::camera::{MoveKind, Segment};
    use crate::depth_files::DepthLook;
    use crate::pose_files::PoseFormat;

    #[test]
    fn names_are_unique_and_truth_is_in_time() {
        let cameras = camera_cases(1);
        let poses = pose_cases(1);
        let depths = depth_cases(1);
        let acting: Vec<PoseCase> = (0..90).map(acting_case).collect();
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
                .chain(&acting)
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
