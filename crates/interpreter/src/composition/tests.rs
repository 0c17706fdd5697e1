use std::collections::BTreeMap;

use decoupage_conditions::Reading;
use decoupage_conditions::camera::CameraReading;
use decoupage_conditions::pose::PoseReading;
use decoupage_shot::{
    Condition, ConditionId, ConditionKind, ContentHash, Media, Place, ReadOptions, Shot, ShotId,
    Storage,
};

use super::compose;

fn condition(id: u64, kind: ConditionKind, name: &str) -> Condition {
    Condition {
        id: ConditionId(id),
        kind,
        name: name.to_owned(),
        note: String::new(),
        media: Media {
            path: format!("media/{name}"),
            storage: Storage::Copied,
            hash: ContentHash::default(),
            bytes: 0,
            sequence: false,
        },
        region: None,
        offset_s: 0.0,
        place: Place::default(),
        options: ReadOptions::default(),
        corrections: Vec::new(),
    }
}

fn pose(frames: u32, duration_s: f64, times_assumed: bool) -> Reading {
    Reading::Pose(
        serde_json::from_value::<PoseReading>(serde_json::json!({
            "frames": frames, "duration_s": duration_s, "times_assumed": times_assumed,
            "format": "openpose_body25", "swapped_colours": false, "people": [], "statements": [],
        }))
        .expect("a pose reading"),
    )
}

fn shot(conditions: Vec<Condition>) -> Shot {
    Shot {
        conditions,
        ..Shot::new(ShotId(1), "Shot 1")
    }
}

#[test]
fn lengths_and_rates_are_reconciled_and_said() {
    let mut late = condition(2, ConditionKind::Pose, "wave");
    late.offset_s = 1.0;
    let shot = shot(vec![condition(1, ConditionKind::Pose, "walk"), late]);
    let readings = BTreeMap::from([
        (ConditionId(1), pose(126, 4.2, false)),
        (ConditionId(2), pose(48, 2.0, false)),
    ]);
    let composition = compose(&shot, &readings);
    assert!((composition.duration_s - 4.2).abs() < 1e-9);
    let second = &composition.lanes[1];
    assert!((second.start_s, second.end_s) == (1.0, 3.0), "{second:?}");
    assert_eq!(
        composition.notes,
        [
            "Pose clip “wave” ends at 3.0 s of 4.2; after that nothing of it is measured.",
            "Pose clip “walk” runs at 30 frames a second, Pose clip “wave” at 24 frames a second; \
             they are brought together in seconds.",
        ]
    );
    assert_eq!(composition.conflicts.len(), 1, "lengths differ");
    assert_eq!(
        composition.conflicts[0].text,
        "Pose clip “walk” runs 4.2 s, but pose clip “wave” runs 2.0 s."
    );
}

#[test]
fn as_many_frames_suggest_the_same_clock() {
    let shot = shot(vec![
        condition(1, ConditionKind::Pose, "filmed"),
        condition(2, ConditionKind::Pose, "numbers"),
    ]);
    let readings = BTreeMap::from([
        (ConditionId(1), pose(120, 4.0, false)),
        (ConditionId(2), pose(121, 121.0 / 24.0, true)),
    ]);
    let composition = compose(&shot, &readings);
    assert_eq!(composition.rates.len(), 1);
    let rate = &composition.rates[0];
    assert_eq!(rate.condition, ConditionId(2));
    assert!((rate.fps - 30.0).abs() < 1e-9, "{rate:?}");
    assert!(
        composition.conflicts.is_empty(),
        "assumed seconds contradict nothing"
    );
}

#[test]
fn an_empty_shot_composes_to_nothing() {
    assert_eq!(
        compose(&shot(Vec::new()), &BTreeMap::new()),
        super::Composition::default()
    );
}

#[test]
fn who_keeps_place_beside_a_trucking_camera_is_tracked() {
    let shot = shot(vec![
        condition(1, ConditionKind::Camera, "truck"),
        condition(2, ConditionKind::Pose, "walk"),
    ]);
    let camera = Reading::Camera(CameraReading {
        frames: 73,
        duration_s: 3.0,
        moves: vec![
            serde_json::from_value(serde_json::json!({
                "move": "truck_right", "start_s": 0.0, "end_s": 3.0, "amount": 1.0,
                "unit": "share", "speed": "regular", "amplitude": "medium", "confidence": 0.9,
            }))
            .expect("a move"),
        ],
        ..CameraReading::default()
    });
    // Where the walker is seen: in one place, or crossing the frame.
    let walker = |goes: f64| {
        let path: Vec<[f64; 3]> = (0..30)
            .map(|n| f64::from(n) / 10.0)
            .map(|time_s| [time_s, 0.2 + goes * time_s, 0.5])
            .collect();
        Reading::Pose(
            serde_json::from_value::<PoseReading>(serde_json::json!({
                "frames": 73, "duration_s": 3.0, "times_assumed": false, "format": "x",
                "swapped_colours": false, "statements": [],
                "people": [{
                    "id": 1, "present": {"start_s": 0.0, "end_s": 3.0}, "facing": "right",
                    "actions": [{"action": "walking", "start_s": 0.0, "end_s": 3.0, "confidence": 0.9}],
                    "position": {"x": 0.5, "y": 0.5, "height": 0.6, "framing": "full_figure"},
                    "travel": {"across": "none", "across_share": 0.0, "depth": "none", "size_ratio": 1.0},
                    "path": path, "statements": [],
                }],
            }))
            .expect("a pose reading"),
        )
    };
    let told = |goes: f64| {
        let readings = BTreeMap::from([
            (ConditionId(1), camera.clone()),
            (ConditionId(2), walker(goes)),
        ]);
        compose(&shot, &readings)
            .agreements
            .iter()
            .any(|a| a.text.contains("travels beside the figure"))
    };
    assert!(told(0.0));
    assert!(!told(0.2), "who crosses the frame is not tracked");
}
