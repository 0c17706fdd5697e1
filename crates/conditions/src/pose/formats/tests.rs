//! Every format, small files of it and damaged ones.

use decoupage_shot::{Cancel, Code, Silent};
use proptest::prelude::*;

use super::super::joints::{L_ANKLE, NECK, NOSE, R_WRIST};
use super::*;

fn read(text: &str) -> Outcome<Keypoints> {
    read_bytes(text.as_bytes(), &Silent)
}

/// A flat list of `points` points of `stride` numbers; point `i` lies at (10 i + 10, 5 i + 5).
fn flat(points: usize, stride: usize, factor: f64) -> String {
    let mut numbers = Vec::new();
    for index in 0..points {
        numbers.push(format!("{}", (10.0 * index as f64 + 10.0) * factor));
        numbers.push(format!("{}", (5.0 * index as f64 + 5.0) * factor));
        if stride == 3 {
            numbers.push("0.9".to_owned());
        }
    }
    format!("[{}]", numbers.join(","))
}

#[test]
fn openpose_body25_is_one_frame_on_an_estimated_canvas() {
    let text = format!(
        r#"{{"version":1.3,"people":[{{"person_id":[-1],"pose_keypoints_2d":{},"face_keypoints_2d":[]}}]}}"#,
        flat(25, 3, 1.0)
    );
    let clip = read(&text).unwrap();
    assert_eq!(clip.format, "openpose_body25");
    assert_eq!(clip.canvas.known, CanvasKnown::Estimated);
    assert_eq!((clip.canvas.width, clip.canvas.height), (640.0, 360.0));
    let body = clip.frames[0][0];
    assert_eq!(body[L_ANKLE], Some([150.0 / 640.0, 75.0 / 360.0]));
}

#[test]
fn comfyui_keypoints_in_pixels_and_in_shares_agree() {
    let with = |factor: f64, extra: &str| {
        format!(
            r#"[{{"people":[{{"pose_keypoints_2d":{},"hand_left_keypoints_2d":null{extra}}}],"canvas_width":400,"canvas_height":400}},
                {{"people":[{{"pose_keypoints_2d":null}}],"canvas_width":400,"canvas_height":400}},
                {{"people":[],"canvas_width":400,"canvas_height":400}}]"#,
            flat(18, 3, factor)
        )
    };
    let pixels = read(&with(1.0, "")).unwrap();
    let shares = read(&with(1.0 / 400.0, r#","face_keypoints_2d":null"#)).unwrap();
    assert_eq!(pixels.format, "comfyui_pose_keypoint");
    assert_eq!(pixels.frames.len(), 3);
    assert_eq!(pixels.canvas.known, CanvasKnown::Stored);
    let (a, b) = (pixels.frames[0][0][R_WRIST], shares.frames[0][0][R_WRIST]);
    let (a, b) = (a.unwrap(), b.unwrap());
    assert!((a[0] - b[0]).abs() < 1e-6 && (a[1] - b[1]).abs() < 1e-6);
    assert_eq!(a, [50.0 / 400.0, 25.0 / 400.0]);
}

#[test]
fn a_point_at_the_origin_or_without_confidence_is_not_seen() {
    let mut numbers: Vec<String> = flat(18, 3, 1.0)
        .trim_matches(['[', ']'])
        .split(',')
        .map(str::to_owned)
        .collect();
    numbers[0] = "0".into();
    numbers[1] = "0".into();
    numbers[14] = "0.0".into(); // right wrist's score
    let text = format!(
        r#"{{"people":[{{"pose_keypoints_2d":[{}]}}]}}"#,
        numbers.join(",")
    );
    let body = read(&text).unwrap().frames[0][0];
    assert_eq!((body[NOSE], body[R_WRIST]), (None, None));
    assert!(body[NECK].is_some());
}

#[test]
fn alphapose_is_grouped_by_picture_and_gaps_are_empty_frames() {
    let person = |image: &str| {
        format!(
            r#"{{"image_id":"{image}","category_id":1,"keypoints":{},"score":2.9,"box":[1,2,3,4],"idx":[0.0]}}"#,
            flat(17, 3, 1.0)
        )
    };
    let text = format!(
        "[{},{},{},{}]",
        person("10.jpg"),
        person("9.jpg"),
        person("9.jpg"),
        person("12.jpg")
    );
    let clip = read(&text).unwrap();
    assert_eq!(clip.format, "alphapose");
    let people: Vec<_> = clip.frames.iter().map(Vec::len).collect();
    assert_eq!(people, [2, 1, 0, 1]);
}

#[test]
fn mmpose_predictions_with_and_without_meta_information() {
    let points: Vec<String> = (0..133)
        .map(|i| format!("[{},{}]", 10 + i, 20 + i))
        .collect();
    let scores: Vec<&str> = (0..133)
        .map(|i| if i == 0 { "0.1" } else { "0.8" })
        .collect();
    let instance = format!(
        r#"{{"keypoints":[{}],"keypoint_scores":[{}],"bbox":[[0,0,9,9]],"bbox_score":0.9}}"#,
        points.join(","),
        scores.join(",")
    );
    let frames =
        format!(r#"[{{"frame_id":0,"instances":[{instance}]}},{{"frame_id":1,"instances":[]}}]"#);
    for text in [
        frames.clone(),
        format!(r#"{{"meta_info":{{"dataset_name":"coco"}},"instance_info":{frames}}}"#),
    ] {
        let clip = read(&text).unwrap();
        assert_eq!(clip.format, "mmpose_wholebody133");
        assert_eq!(clip.frames.len(), 2);
        assert_eq!(clip.frames[0][0][NOSE], None);
        assert!(clip.frames[0][0][NECK].is_some());
    }
    let clip = read(&format!("[{instance}]")).unwrap();
    assert_eq!(clip.frames.len(), 1);
}

#[test]
fn coco_annotations_use_visibility_and_the_stored_size() {
    let text = format!(
        r#"{{"images":[{{"id":7,"width":800,"height":600,"file_name":"a_0001.jpg"}}],
            "annotations":[{{"image_id":7,"keypoints":{},"num_keypoints":17,"bbox":[0,0,1,1]}}],
            "categories":[{{"keypoints":["nose","left_eye"]}}]}}"#,
        flat(17, 3, 1.0).replace("0.9", "2")
    );
    let clip = read(&text).unwrap();
    assert_eq!(clip.format, "coco");
    assert_eq!(clip.canvas.known, CanvasKnown::Stored);
    assert_eq!(clip.frames[0][0][NOSE], Some([10.0 / 800.0, 5.0 / 600.0]));
}

#[test]
fn python_not_a_numbers_are_points_not_seen() {
    let numbers = flat(18, 3, 1.0).replacen("10,5,0.9", "NaN,Infinity,-Infinity", 1);
    let text = format!(r#"{{"people":[{{"pose_keypoints_2d":{numbers}}}],"note":"NaN stays"}}"#);
    let body = read(&text).unwrap().frames[0][0];
    assert_eq!(body[NOSE], None);
    assert!(body[NECK].is_some());
}

#[test]
fn what_is_wrong_is_said_in_one_sentence() {
    for (text, code) in [
        ("{\"people\":[{\"pose_keypoints_2d\":[1,2,", Code::Damaged),
        ("{\"people\": oops}", Code::Damaged),
        ("{\"people\":\"none\"}", Code::Unsupported),
        ("{\"name\":\"a scene\"}", Code::Unsupported),
        ("[]", Code::Unsupported),
        (
            "{\"people\":[{\"pose_keypoints_2d\":[1,2,3,4,5,6,7]}]}",
            Code::Unsupported,
        ),
        ("{\"people\":[]}", Code::Invalid),
        (
            "{\"people\":[{\"pose_keypoints_2d\":[[1,2],[3]]}]}",
            Code::Unsupported,
        ),
    ] {
        let fault = read(text).unwrap_err();
        assert_eq!(fault.code, code, "{text}: {fault}");
        assert_eq!(fault.message.matches(". ").count(), 0, "{fault}");
    }
}

#[test]
fn too_many_people_and_too_many_entries_are_refused_before_they_are_kept() {
    let person = r#"{"pose_keypoints_2d":null}"#;
    let crowd = vec![person; MAX_PEOPLE + 1].join(",");
    let fault = read(&format!("{{\"people\":[{crowd}]}}")).unwrap_err();
    assert_eq!(fault.code, Code::TooLarge);
    assert!(fault.message.contains("64"), "{fault}");
    let entries = vec!["{}"; MAX_BODIES + 1].join(",");
    assert_eq!(
        read(&format!("[{entries}]")).unwrap_err().code,
        Code::TooLarge
    );
    let numbers = vec!["1"; 2000].join(",");
    let fault = read(&format!(
        r#"{{"people":[{{"pose_keypoints_2d":[{numbers}]}}]}}"#
    ));
    assert_eq!(fault.unwrap_err().code, Code::TooLarge);
}

#[test]
fn ten_million_lines_are_refused_and_can_be_cancelled() {
    // One number a line, as pretty-printers write them: streamed, never held.
    struct Lines(u64);
    impl Read for Lines {
        fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
            let line = if self.0 == 0 { "[\n" } else { "{},\n" };
            self.0 += 1;
            if self.0 > 10_000_000 {
                return Ok(0);
            }
            let bytes = line.as_bytes();
            buffer[..bytes.len()].copy_from_slice(bytes);
            Ok(bytes.len())
        }
    }
    assert_eq!(parse(Lines(0), &Silent).unwrap_err().code, Code::TooLarge);
    let cancel = Cancel::default();
    cancel.raise();
    struct Spaces;
    impl Read for Spaces {
        fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
            buffer.fill(b' ');
            Ok(buffer.len())
        }
    }
    assert_eq!(parse(Spaces, &cancel).unwrap_err().code, Code::Cancelled);
}

#[test]
fn a_folder_is_read_in_the_order_of_its_numbers() {
    let folder = tempfile::tempdir().unwrap();
    let mut files = Vec::new();
    for (number, factor) in [(1, 1.0), (2, 1.1), (10, 1.2)] {
        let path = folder.path().join(format!("clip_{number}_keypoints.json"));
        let text = format!(
            r#"{{"version":1.1,"people":[{{"pose_keypoints":{}}}]}}"#,
            flat(18, 3, factor)
        );
        std::fs::write(&path, text).unwrap();
        files.push(path);
    }
    let clip = read_folder(&files, folder.path(), &Silent).unwrap();
    assert_eq!(clip.format, "openpose_coco18");
    let x: Vec<f64> = clip.frames.iter().map(|f| f[0][NECK].unwrap()[0]).collect();
    assert!(x[0] < x[1] && x[1] < x[2]);
    std::fs::write(&files[1], "{\"people\":[").unwrap();
    let fault = read_folder(&files, folder.path(), &Silent).unwrap_err();
    assert_eq!(fault.path.as_deref(), Some(files[1].as_path()));
}

#[test]
fn frame_numbers_are_found_in_names() {
    assert_eq!(last_number("clip_000012_keypoints.json"), Some(12));
    assert_eq!(last_number("7.jpg"), Some(7));
    assert_eq!(last_number("still.png"), None);
}

proptest! {
    #[test]
    fn arbitrary_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..512)) {
        let _ = read_bytes(&bytes, &Silent);
    }

    #[test]
    fn damaged_keypoint_files_never_panic(
        cut in 0usize..700,
        at in 0usize..700,
        with in "[0-9eE+.,NIan\"\\[\\]{}:-]{0,6}",
    ) {
        let mut text = format!(
            r#"[{{"people":[{{"pose_keypoints_2d":{}}}],"canvas_width":512,"canvas_height":512,"image_id":3,"keypoints":[[1,2]],"frame_id":1,"instances":null}}]"#,
            flat(25, 3, 1.0)
        );
        let at = at.min(text.len());
        text.insert_str(at, &with);
        let cut = cut.min(text.len());
        let _ = read(&text);
        let _ = read_bytes(&text.as_bytes()[..cut], &Silent);
    }

    #[test]
    fn every_point_that_is_read_is_a_number(
        values in proptest::collection::vec(
            prop_oneof![any::<f64>().prop_map(|v| format!("{v:e}")), Just("null".to_owned()), Just("0".to_owned())],
            54,
        ),
    ) {
        let text = format!(r#"{{"people":[{{"pose_keypoints_2d":[{}]}}]}}"#, values.join(","));
        if let Ok(clip) = read(&text) {
            for point in clip.frames.iter().flatten().flatten().flatten() {
                prop_assert!(point.iter().all(|v| v.is_finite()));
            }
        }
    }
}
