//! Keypoints written out as the JSON dialects of pose estimators.

use std::path::Path;

use decoupage_shot::Outcome;
use serde_json::{Value, json};

use crate::files::{make_folder, write};
use crate::pose::{Keypoint, PersonView, PoseClip};

/// A keypoint format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PoseFormat {
    /// OpenPose JSON with 25 points: a folder with one file a frame.
    OpenPoseBody25,
    /// OpenPose JSON with 18 points: a folder with one file a frame.
    OpenPoseCoco18,
    /// ComfyUI's POSE_KEYPOINT in pixels: one file with a list of frames.
    ComfyUi,
    /// The same with coordinates as shares of the canvas.
    ComfyUiShares,
    /// AlphaPose: one file with a flat list, COCO-17 points.
    AlphaPose,
}

impl PoseFormat {
    /// Every format.
    pub const ALL: [Self; 5] = [
        Self::OpenPoseBody25,
        Self::OpenPoseCoco18,
        Self::ComfyUi,
        Self::ComfyUiShares,
        Self::AlphaPose,
    ];

    /// A usual name of the file or folder.
    pub fn name(self) -> &'static str {
        match self {
            Self::OpenPoseBody25 => "openpose_body25",
            Self::OpenPoseCoco18 => "openpose_coco18",
            Self::ComfyUi => "pose_keypoint.json",
            Self::ComfyUiShares => "pose_keypoint_shares.json",
            Self::AlphaPose => "alphapose-results.json",
        }
    }

    /// Writes a clip: a folder for OpenPose, a file for the others.
    ///
    /// # Errors
    /// A fault when a file cannot be written.
    pub fn write(self, clip: &PoseClip, path: &Path) -> Outcome<()> {
        match self {
            Self::OpenPoseBody25 => openpose(clip, path, body25),
            Self::OpenPoseCoco18 => openpose(clip, path, coco18),
            Self::ComfyUi => write(path, comfy(clip, false).to_string()),
            Self::ComfyUiShares => write(path, comfy(clip, true).to_string()),
            Self::AlphaPose => write(path, alphapose(clip).to_string()),
        }
    }
}

/// Confidence written for a point that is seen.
const SEEN: f64 = 0.92;

/// x, y and confidence of every point, zeros where not seen.
fn flat(points: impl IntoIterator<Item = Option<Keypoint>>, scale: (f64, f64)) -> Vec<f64> {
    let tidy = |value: f64| (value * 1e4).round() / 1e4;
    points
        .into_iter()
        .flat_map(|point| match point {
            Some(point) => [tidy(point.x * scale.0), tidy(point.y * scale.1), SEEN],
            None => [0.0; 3],
        })
        .collect()
}

fn seen(person: &PersonView) -> bool {
    person.points.iter().any(Option::is_some)
}

fn coco18(person: &PersonView) -> Vec<f64> {
    flat(person.points, (1.0, 1.0))
}

fn body25(person: &PersonView) -> Vec<f64> {
    let p = &person.points;
    let [[r_big, r_small, r_heel], [l_big, l_small, l_heel]] = person.feet;
    let mut points = p[..8].to_vec();
    points.push(person.mid_hip);
    points.extend_from_slice(&p[8..18]);
    points.extend([l_big, l_small, l_heel, r_big, r_small, r_heel]);
    flat(points, (1.0, 1.0))
}

fn openpose(clip: &PoseClip, folder: &Path, points: fn(&PersonView) -> Vec<f64>) -> Outcome<()> {
    make_folder(folder)?;
    for (index, people) in clip.frames.iter().enumerate() {
        let people: Vec<Value> = people
            .iter()
            .filter(|person| seen(person))
            .map(|person| {
                json!({
                    "person_id": [-1],
                    "pose_keypoints_2d": points(person),
                    "face_keypoints_2d": [],
                    "hand_left_keypoints_2d": [],
                    "hand_right_keypoints_2d": [],
                    "pose_keypoints_3d": [],
                })
            })
            .collect();
        let frame = json!({"version": 1.3, "people": people});
        let name = format!("clip_{index:012}_keypoints.json");
        write(&folder.join(name), frame.to_string())?;
    }
    Ok(())
}

fn comfy(clip: &PoseClip, shares: bool) -> Value {
    let scale = if shares {
        (1.0 / f64::from(clip.width), 1.0 / f64::from(clip.height))
    } else {
        (1.0, 1.0)
    };
    clip.frames
        .iter()
        .map(|people| {
            let people: Vec<Value> = people
                .iter()
                .filter(|person| seen(person))
                .map(|person| {
                    json!({
                        "pose_keypoints_2d": flat(person.points, scale),
                        "face_keypoints_2d": null,
                        "hand_left_keypoints_2d": null,
                        "hand_right_keypoints_2d": null,
                    })
                })
                .collect();
            json!({
                "people": people,
                "canvas_width": clip.width,
                "canvas_height": clip.height,
            })
        })
        .collect()
}

/// COCO-18 indices in COCO-17's order, left first.
const COCO17: [usize; 17] = [0, 15, 14, 17, 16, 5, 2, 6, 3, 7, 4, 11, 8, 12, 9, 13, 10];

fn alphapose(clip: &PoseClip) -> Value {
    let mut list = Vec::new();
    for (index, people) in clip.frames.iter().enumerate() {
        for (actor, person) in people.iter().enumerate().filter(|(_, one)| seen(one)) {
            list.push(json!({
                "image_id": format!("{index}.jpg"),
                "category_id": 1,
                "keypoints": flat(COCO17.map(|point| person.points[point]), (1.0, 1.0)),
                "score": 2.7,
                "idx": actor + 1,
            }));
        }
    }
    Value::Array(list)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::actor::{Action, ActionKind, Actor};
    use crate::camera::{CameraScript, Segment};

    fn clip() -> PoseClip {
        let mut script = CameraScript::of(vec![Segment::hold(0.4)]);
        script.start.y = -1.0;
        let actors = [
            Actor::at(-0.8, 5.0, 0.0),
            Actor::at(0.8, 5.0, 90.0).acting(&[Action::new(ActionKind::Walking, 0.0, 1.0)]),
        ];
        PoseClip::film(&actors, &script.sample(10.0, 16.0 / 9.0), 640, 360)
    }

    #[test]
    fn every_dialect_holds_every_frame_and_person() {
        let folder = tempfile::tempdir().unwrap();
        let clip = clip();
        for format in PoseFormat::ALL {
            let path = folder.path().join(format.name());
            format.write(&clip, &path).unwrap();
            if path.is_dir() {
                let files: Vec<_> = std::fs::read_dir(&path).unwrap().collect();
                assert_eq!(files.len(), clip.frames.len());
                let text = std::fs::read_to_string(path.join("clip_000000000003_keypoints.json"));
                let value: Value = serde_json::from_str(&text.unwrap()).unwrap();
                let numbers = &value["people"][1]["pose_keypoints_2d"];
                let body25 = format == PoseFormat::OpenPoseBody25;
                assert_eq!(
                    numbers.as_array().unwrap().len(),
                    if body25 { 75 } else { 54 }
                );
                // The right ankle is point 11 of BODY_25 and point 10 of COCO-18.
                let ankle = clip.frames[3][1].points[10].unwrap();
                let at = if body25 { 33 } else { 30 };
                assert!((numbers[at].as_f64().unwrap() - ankle.x).abs() < 1e-3);
            } else {
                let text = std::fs::read_to_string(&path).unwrap();
                let value: Value = serde_json::from_str(&text).unwrap();
                let people = if format == PoseFormat::AlphaPose {
                    2
                } else {
                    1
                };
                assert_eq!(value.as_array().unwrap().len(), people * clip.frames.len());
            }
        }
    }

    #[test]
    fn alphapose_puts_left_before_right() {
        let value = alphapose(&clip());
        let keypoints = value[0]["keypoints"].as_array().unwrap();
        assert_eq!(keypoints.len(), 51);
        // Facing the camera, the left shoulder (5) is to the right of the right one (6).
        assert!(keypoints[15].as_f64() > keypoints[18].as_f64());
    }
}
