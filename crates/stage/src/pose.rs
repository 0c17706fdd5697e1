//! People seen by a camera: projected keypoints, and the truth of what they do.

use glam::DVec3;

use crate::actor::{Action, ActionKind, Actor, Body, Side};
use crate::camera::{CameraPose, CameraTrack};
use crate::noise::Noise;

/// One keypoint in a picture.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Keypoint {
    /// Pixels from the left.
    pub x: f64,
    /// Pixels from the top.
    pub y: f64,
    /// Metres along the optical axis.
    pub depth: f64,
}

/// One person in one frame.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PersonView {
    /// COCO-18 order; `None` outside the frame, behind the camera or turned away.
    pub points: [Option<Keypoint>; 18],
    /// Between the hips.
    pub mid_hip: Option<Keypoint>,
    /// Big toe, small toe, heel of the right and the left foot.
    pub feet: [[Option<Keypoint>; 3]; 2],
}

/// People over time, as one camera sees them.
#[derive(Debug, Clone, PartialEq)]
pub struct PoseClip {
    /// Picture width, pixels.
    pub width: u32,
    /// Picture height, pixels.
    pub height: u32,
    /// Frames per second.
    pub fps: f64,
    /// For every frame, every actor's view in the actors' order.
    pub frames: Vec<Vec<PersonView>>,
}

/// One action that an actor is known to do within a clip.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ActionTruth {
    /// Which actor, from 0, in the scene's order.
    pub actor: usize,
    /// What.
    pub kind: ActionKind,
    /// Begin within the clip, seconds.
    pub start_s: f64,
    /// End within the clip, seconds.
    pub end_s: f64,
    /// Which arm, for raising and waving.
    pub side: Side,
    /// As [`Action::amount`].
    pub amount: f64,
}

/// The actions of some actors, cut to a clip's length, by start time.
pub fn action_truth(actors: &[Actor], duration_s: f64) -> Vec<ActionTruth> {
    let mut truth: Vec<ActionTruth> = actors
        .iter()
        .enumerate()
        .flat_map(|(actor, one)| {
            one.actions.iter().map(move |action: &Action| ActionTruth {
                actor,
                kind: action.kind,
                start_s: action.start_s.max(0.0),
                end_s: action.end_s.min(duration_s),
                side: action.side,
                amount: action.amount,
            })
        })
        .filter(|action| action.end_s > action.start_s)
        .collect();
    truth.sort_by(|a, b| a.start_s.total_cmp(&b.start_s));
    truth
}

/// How a body appears to a camera.
pub fn view(body: &Body, camera: &CameraPose, width: u32, height: u32) -> PersonView {
    let (w, h) = (f64::from(width), f64::from(height));
    let place = |point: DVec3| {
        let (x, y, depth) = camera.project(point, w, h)?;
        ((0.0..w).contains(&x) && (0.0..h).contains(&y)).then_some(Keypoint { x, y, depth })
    };
    let to_camera = (camera.centre - body.head).normalize_or_zero();
    // A face point is seen while its outward direction is turned towards the camera; a
    // detector still finds an ear that is just edge-on.
    let faces = |outward: DVec3, least: f64| outward.normalize_or_zero().dot(to_camera) > least;
    let side = body.gaze.cross(body.crown).normalize_or_zero();
    let mut points = body.points.map(place);
    let seen = [
        (0, faces(body.gaze, -0.15)),
        (14, faces(body.gaze + side * 0.45, 0.0)),
        (15, faces(body.gaze - side * 0.45, 0.0)),
        (16, faces(side, -0.25)),
        (17, faces(-side, -0.25)),
    ];
    for (point, visible) in seen {
        if !visible {
            points[point] = None;
        }
    }
    PersonView {
        points,
        mid_hip: place(body.mid_hip),
        feet: body.feet.map(|foot| foot.map(place)),
    }
}

impl PoseClip {
    /// Films actors with a camera.
    pub fn film(actors: &[Actor], track: &CameraTrack, width: u32, height: u32) -> Self {
        Self {
            width,
            height,
            fps: track.fps,
            frames: track
                .poses
                .iter()
                .map(|pose| {
                    actors
                        .iter()
                        .map(|actor| view(&actor.body(pose.time_s), pose, width, height))
                        .collect()
                })
                .collect(),
        }
    }

    /// The same with every keypoint moved by a seeded error, `pixels` root mean square, as
    /// detectors make.
    #[must_use]
    pub fn jittered(mut self, pixels: f64, seed: u64) -> Self {
        let noise = Noise::new(seed);
        let mut index = 0;
        // Evenly spread errors of root mean square 1 reach to the root of 3.
        let reach = pixels * 3f64.sqrt();
        for person in self.frames.iter_mut().flatten() {
            let feet = person.feet.iter_mut().flatten();
            for point in person.points.iter_mut().chain(feet).flatten() {
                point.x += noise.between(index, -reach, reach);
                point.y += noise.between(index + 1, -reach, reach);
                index += 2;
            }
        }
        self
    }

    /// The same with a share of every joint's sightings lost, seeded, in bursts of up to a fifth
    /// of a second, as detectors lose what is hidden or blurred.
    #[must_use]
    pub fn losing(mut self, share: f64, seed: u64) -> Self {
        const LONGEST: f64 = 6.0;
        let noise = Noise::new(seed);
        // A burst takes half the longest on average.
        let starts = share / (LONGEST / 2.0);
        let people = self.frames.first().map_or(0, Vec::len);
        for person in 0..people {
            for joint in 0..18 {
                let mut left = 0.0;
                for frame in 0..self.frames.len() {
                    let index = ((person * 18 + joint) * self.frames.len() + frame) as u64 * 2;
                    if left <= 0.0 && noise.share(index) < starts {
                        left = noise.between(index + 1, 1.0, LONGEST).round();
                    }
                    if left > 0.0 {
                        left -= 1.0;
                        if let Some(view) = self.frames[frame].get_mut(person) {
                            view.points[joint] = None;
                        }
                    }
                }
            }
        }
        self
    }

    /// Length in seconds: frames over rate.
    pub fn duration_s(&self) -> f64 {
        self.frames.len() as f64 / self.fps
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::camera::{CameraScript, Segment};

    fn seen(heading: f64) -> PersonView {
        let mut script = CameraScript::of(vec![Segment::hold(1.0)]);
        script.start = DVec3::new(0.0, -1.0, 0.0);
        let actors = [Actor::at(0.0, 4.0, heading)];
        let clip = PoseClip::film(&actors, &script.sample(25.0, 1.0), 512, 512);
        clip.frames[10][0]
    }

    #[test]
    fn a_face_shows_its_near_side() {
        let visible = |heading| {
            let view = seen(heading);
            [0, 14, 15, 16, 17].map(|point| view.points[point].is_some())
        };
        assert_eq!(visible(0.0), [true; 5]);
        // In profile to the frame's right the own right side is near.
        assert_eq!(visible(90.0), [true, true, false, true, false]);
        assert_eq!(visible(-90.0), [true, false, true, false, true]);
        assert_eq!(visible(180.0), [false, false, false, true, true]);
    }

    #[test]
    fn keypoints_stand_where_the_pinhole_puts_them() {
        let view = seen(0.0);
        let neck = view.points[1].unwrap();
        assert!((neck.x - 256.0).abs() < 2.0 && (neck.depth - 4.0).abs() < 0.1);
        // Neck at 1.4 m, camera at 1.0 m, 4 m away, focal 0.9 × 512.
        let expected = 256.0 - 0.9 * 512.0 * (1.7 * 0.815 - 1.0) / 4.0;
        assert!((neck.y - expected).abs() < 8.0, "{} {expected}", neck.y);
        let ankle = view.points[10].unwrap();
        assert!(ankle.y > view.points[9].unwrap().y);
    }

    #[test]
    fn jitter_is_seeded_and_small() {
        let actors = [Actor::at(0.0, 5.0, 0.0)];
        let track = CameraScript::of(vec![Segment::hold(1.0)]).sample(10.0, 1.0);
        let clip = PoseClip::film(&actors, &track, 512, 512);
        let a = clip.clone().jittered(1.0, 3);
        assert_eq!(a, clip.clone().jittered(1.0, 3));
        assert_ne!(a, clip);
    }
}
