//! Formats: detection, overrides, and everything that can be wrong with a file.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use decoupage_shot::{Code, Fault, Outcome, ReadOptions, Silent};
use glam::DVec3;
use proptest::prelude::*;

use super::{Format, parse_bytes};
use crate::camera::canonical::{Loaded, canonical};

fn open(text: &str, options: &ReadOptions) -> Outcome<Loaded> {
    parse_bytes(
        options
            .format
            .as_deref()
            .map(Format::from_key)
            .transpose()?,
        text.as_bytes(),
        options,
        None,
        &Silent,
    )
    .and_then(|raw| canonical(raw, options))
}

fn detect(text: &str) -> Outcome<Loaded> {
    open(text, &ReadOptions::default())
}

fn fault(text: &str) -> Fault {
    let fault = detect(text).unwrap_err();
    assert!(fault.message.ends_with('.'), "{fault}");
    assert_eq!(fault.message.matches(". ").count(), 0, "{fault}");
    fault
}

/// Two frames, the second one unit to the right: world-to-camera rows.
const W2C_RIGHT: [&str; 2] = ["1 0 0 0  0 1 0 0  0 0 1 0", "1 0 0 -1  0 1 0 0  0 0 1 0"];

fn realestate(times: [u32; 2], header: &str) -> String {
    format!(
        "{header}{} 0.5 0.9 0.5 0.5 0 0 {}\n{} 0.5 0.9 0.5 0.5 0 0 {}\n",
        times[0], W2C_RIGHT[0], times[1], W2C_RIGHT[1]
    )
}

#[test]
fn realestate_with_url_blank_and_no_first_line() {
    for header in ["https://example.org/watch\n", "\n", ""] {
        let loaded = detect(&realestate([1_000_000, 1_500_000], header)).unwrap();
        assert_eq!(loaded.format, "realestate10k");
        assert_eq!(loaded.convention, "opencv_w2c");
        assert!(!loaded.times_assumed);
        let end = loaded.path.poses[1];
        assert!((end.time_s - 0.5).abs() < 1e-9);
        assert!(end.centre.abs_diff_eq(DVec3::X, 1e-9));
        assert_eq!(end.intrinsics.map(|lens| lens.fy), Some(0.9));
    }
}

#[test]
fn times_of_zero_are_assumed_and_a_stated_rate_is_not() {
    let text = realestate([0, 0], "\n");
    let loaded = detect(&text).unwrap();
    assert!(loaded.times_assumed);
    assert!((loaded.path.poses[1].time_s - 1.0 / 16.0).abs() < 1e-9);
    let stated = ReadOptions {
        fps: Some(4.0),
        ..ReadOptions::default()
    };
    let loaded = open(&text, &stated).unwrap();
    assert!(!loaded.times_assumed);
    assert!((loaded.path.poses[1].time_s - 0.25).abs() < 1e-9);
    let wrong = ReadOptions {
        fps: Some(f64::NAN),
        ..ReadOptions::default()
    };
    assert_eq!(open(&text, &wrong).unwrap_err().code, Code::Invalid);
}

#[test]
fn format_and_convention_can_be_overridden() {
    let kitti = format!("{}\n{}\n", W2C_RIGHT[0], W2C_RIGHT[1]);
    let loaded = detect(&kitti).unwrap();
    assert_eq!(
        (loaded.format, loaded.convention.as_str()),
        ("kitti", "opencv_c2w")
    );
    assert!(loaded.path.poses[1].centre.abs_diff_eq(-DVec3::X, 1e-9));
    let turned = ReadOptions {
        convention: Some("opencv-w2c".to_owned()),
        ..ReadOptions::default()
    };
    let loaded = open(&kitti, &turned).unwrap();
    assert_eq!(loaded.convention, "opencv_w2c");
    assert!(loaded.path.poses[1].centre.abs_diff_eq(DVec3::X, 1e-9));
    let unknown = ReadOptions {
        convention: Some("left_handed".to_owned()),
        ..ReadOptions::default()
    };
    assert_eq!(open(&kitti, &unknown).unwrap_err().code, Code::Invalid);
    let forced = ReadOptions {
        format: Some("tum".to_owned()),
        ..ReadOptions::default()
    };
    assert_eq!(open(&kitti, &forced).unwrap_err().code, Code::Damaged);
    let unknown = ReadOptions {
        format: Some("fbx".to_owned()),
        ..ReadOptions::default()
    };
    assert_eq!(open(&kitti, &unknown).unwrap_err().code, Code::Invalid);
}

/// Frame `n` of camera `n` in ReCamMaster's spelling: Unreal looks along +x.
fn recammaster() -> String {
    let matrix = |x: i32, y: i32, z: i32| format!("[1 0 0 0] [0 1 0 0] [0 0 1 0] [{x} {y} {z} 1] ");
    serde_json::json!({
        "frame0": {"cam01": matrix(100, 0, 0), "cam02": matrix(0, 0, 0), "cam10": matrix(0, 0, 0)},
        "frame1": {"cam01": matrix(350, 0, 0), "cam02": matrix(0, 50, 0), "cam10": matrix(0, 0, 75)},
    })
    .to_string()
}

#[test]
fn recammaster_is_metric_and_its_camera_is_chosen() {
    let loaded = detect(&recammaster()).unwrap();
    assert_eq!(loaded.format, "recammaster");
    assert_eq!(loaded.cameras, ["cam01", "cam02", "cam10"]);
    assert!(loaded.path.metric);
    // Forward is Unreal's x, right its y, up its z; centimetres become metres.
    assert!(
        loaded.path.poses[1]
            .centre
            .abs_diff_eq(DVec3::new(0.0, 0.0, 2.5), 1e-9)
    );
    for (camera, end) in [
        ("cam02", DVec3::new(0.5, 0.0, 0.0)),
        ("10", DVec3::new(0.0, -0.75, 0.0)),
    ] {
        let options = ReadOptions {
            camera: Some(camera.to_owned()),
            ..ReadOptions::default()
        };
        let loaded = open(&recammaster(), &options).unwrap();
        assert!(
            loaded.path.poses[1].centre.abs_diff_eq(end, 1e-9),
            "{camera}"
        );
        assert!(loaded.cameras[0].ends_with(camera));
        let determinant = loaded.path.poses[1].world_from_camera.determinant();
        assert!((determinant - 1.0).abs() < 1e-9);
    }
    let options = ReadOptions {
        camera: Some("cam77".to_owned()),
        ..ReadOptions::default()
    };
    let fault = open(&recammaster(), &options).unwrap_err();
    assert_eq!(fault.code, Code::Invalid);
    assert!(fault.advice.unwrap().contains("cam10"));
}

#[test]
fn transforms_come_in_the_order_of_their_names_with_scale_taken_out() {
    let frame = |name: &str, x: f64| {
        serde_json::json!({"file_path": name, "transform_matrix":
            [[2.0, 0.0, 0.0, x], [0.0, 2.0, 0.0, 0.0], [0.0, 0.0, 2.0, 0.0], [0.0, 0.0, 0.0, 1.0]]})
    };
    let text = serde_json::json!({
        "camera_angle_x": 1.0,
        "frames": [frame("f_10.png", 3.0), frame("f_2.png", 2.0), frame("f_1.png", 1.0)],
    })
    .to_string();
    let loaded = detect(&text).unwrap();
    assert_eq!(
        (loaded.format, loaded.convention.as_str()),
        ("instant_ngp", "opengl_c2w")
    );
    let xs: Vec<f64> = loaded.path.poses.iter().map(|pose| pose.centre.x).collect();
    assert_eq!(xs, [0.0, 1.0, 2.0]);
    let lens = loaded.path.poses[0].intrinsics.unwrap();
    assert!((lens.fx - 0.5 / 0.5_f64.tan()).abs() < 1e-9);
}

#[test]
fn tum_and_chan_are_told_apart_by_their_quaternions() {
    let tum = detect("# time\n10.0 0 0 0 0 0 0 1\n10.5 0 0 1 0 0 0 1\n").unwrap();
    assert_eq!(tum.format, "tum");
    assert!((tum.path.poses[1].time_s - 0.5).abs() < 1e-9);
    let chan = detect("1\t0\t0\t0\t0\t0\t0\t40\n25\t0\t0\t-1\t0\t-90\t0\t40\n").unwrap();
    assert_eq!(
        (chan.format, chan.convention.as_str()),
        ("chan", "opengl_c2w_zxy")
    );
    assert!((chan.path.poses[1].time_s - 1.0).abs() < 1e-9);
    assert!(chan.path.poses[1].centre.abs_diff_eq(DVec3::Z, 1e-9));
    // A turn of −90° about +y looks right.
    let forward = chan.path.poses[1].world_from_camera.z_axis;
    assert!(forward.abs_diff_eq(DVec3::X, 1e-9), "{forward}");
    let nanos =
        detect("1403636579000000000 0 0 0 0 0 0 1\n1403636579500000000 0 0 1 0 0 0 1\n").unwrap();
    assert!((nanos.path.poses[1].time_s - 0.5).abs() < 1e-6);
}

#[test]
fn the_order_of_rotations_is_told_and_can_be_chosen() {
    let text = "1 0 0 0 0 0 0\n2 0 0 0 30 40 0\n";
    let default = detect(text).unwrap();
    assert!(default.notes[0].contains("ZXY"));
    let options = ReadOptions {
        convention: Some("opengl_c2w_zyx".to_owned()),
        ..ReadOptions::default()
    };
    let other = open(text, &options).unwrap();
    assert_eq!(other.convention, "opengl_c2w_zyx");
    let difference = default.path.poses[1].world_from_camera.z_axis
        - other.path.poses[1].world_from_camera.z_axis;
    assert!(difference.length() > 0.1);
}

#[test]
fn a_colmap_folder_is_read_with_its_lenses() {
    let folder = tempfile::tempdir().unwrap();
    let model = folder.path().join("sparse/0");
    std::fs::create_dir_all(&model).unwrap();
    std::fs::write(
        model.join("images.txt"),
        "# Image list\n2 1 0 0 0 -2 0 0 1 frame 10.png\n100 200 -1 5 6 7\n1 1 0 0 0 0 0 0 1 frame 9.png\n\n",
    )
    .unwrap();
    std::fs::write(
        model.join("cameras.txt"),
        "1 SIMPLE_RADIAL 200 100 150 100 50 0.01\n",
    )
    .unwrap();
    let path = crate::camera::load(folder.path(), &ReadOptions::default(), &Silent).unwrap();
    assert!(path.poses[1].centre.abs_diff_eq(DVec3::X * 2.0, 1e-9));
    let lens = path.poses[0].intrinsics.unwrap();
    assert_eq!((lens.fx, lens.fy, lens.cx), (0.75, 1.5, 0.5));
    assert_eq!(crate::camera::probe(folder.path()).unwrap(), Some("colmap"));
    let cameras = crate::camera::load(&model.join("cameras.txt"), &ReadOptions::default(), &Silent);
    assert_eq!(cameras.unwrap_err().code, Code::Unsupported);
    let empty = tempfile::tempdir().unwrap();
    let none = crate::camera::load(empty.path(), &ReadOptions::default(), &Silent);
    assert_eq!(none.unwrap_err().code, Code::Unsupported);
    assert_eq!(crate::camera::probe(empty.path()).unwrap(), None);
}

#[test]
fn bad_numbers_get_one_sentence() {
    let good = realestate([0, 1], "");
    assert_eq!(fault(&good.replacen("0.9", "nan", 1)).code, Code::Damaged);
    assert!(
        fault(&good.replacen("0.9", "inf", 1))
            .message
            .contains("Line 1")
    );
    assert!(
        fault(&good.replacen("0.9 ", "", 1))
            .message
            .contains("18 columns")
    );
    // Singular, sheared and mirrored matrices.
    let kitti = |matrix: &str| format!("{}\n{matrix}\n", W2C_RIGHT[0]);
    for matrix in [
        "0 0 0 0  0 0 0 0  0 0 0 0",
        "1 0 0 0  1 0 0 0  0 0 1 0",
        "1 0.5 0 0  0 1 0 0  0 0 1 0",
        "3 0 0 0  0 3 0 0  0 0 3 0",
    ] {
        let fault = fault(&kitti(matrix));
        assert!(fault.message.contains("not a rotation"), "{fault}");
    }
    assert!(
        fault(&kitti("-1 0 0 0  0 1 0 0  0 0 1 0"))
            .message
            .contains("mirrored")
    );
    assert!(
        fault(&kitti("1 0 0 1e40  0 1 0 0  0 0 1 0"))
            .message
            .contains("further away")
    );
}

#[test]
fn what_is_no_path_is_said_to_be_none() {
    assert_eq!(fault(W2C_RIGHT[0]).code, Code::Unsupported);
    for text in [
        "# only a comment\n",
        "\n\n",
        "Dear diary, today the camera pans left.\nAnd right.\n",
        "1 2 3\n4 5 6\n",
        "{\"people\": []}",
        "[{\"keypoints\": [1, 2]}]",
        "\0\u{1}\u{2}binary",
    ] {
        assert_eq!(fault(text).code, Code::Unsupported, "{text}");
    }
    assert_eq!(fault("[]").code, Code::Unsupported);
    assert_eq!(fault("[[1, 2], [3]]").code, Code::Damaged);
    assert!(fault("{\"frames\": [").message.contains("breaks off"));
    assert!(fault("[[NaN, 0]]").message.contains("malformed"));
    assert_eq!(fault("{\"frames\": []}").code, Code::Damaged);
    assert_eq!(fault("glTF\u{2}\0\0\0").code, Code::Damaged);
}

#[test]
fn files_are_bounded_before_they_are_read() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("long.txt");
    std::fs::write(&file, "").unwrap();
    let read = || crate::camera::load(&file, &ReadOptions::default(), &Silent).unwrap_err();
    assert_eq!(read().code, Code::Damaged);
    // A sparse file takes no room on disk; its head is a sound path.
    std::fs::write(&file, realestate([0, 1], "").repeat(700)).unwrap();
    let handle = std::fs::OpenOptions::new().write(true).open(&file).unwrap();
    handle.set_len(super::MOST_BYTES + 1).unwrap();
    assert_eq!(read().code, Code::TooLarge);
    let many = format!("{}\n", W2C_RIGHT[0].replace("  ", " ")).repeat(super::MOST_POSES + 1);
    assert_eq!(detect(&many).unwrap_err().code, Code::TooLarge);
    let missing = crate::camera::load(
        &folder.path().join("none.txt"),
        &ReadOptions::default(),
        &Silent,
    );
    assert_eq!(missing.unwrap_err().code, Code::Missing);
}

#[test]
fn cancelling_is_heard() {
    let cancel = decoupage_shot::Cancel::default();
    cancel.raise();
    let text = realestate([0, 1], "");
    let fault = parse_bytes(
        None,
        text.as_bytes(),
        &ReadOptions::default(),
        None,
        &cancel,
    );
    assert_eq!(fault.unwrap_err().code, Code::Cancelled);
}

/// A glTF document with one camera under a parent; the parent travels, the camera turns.
fn gltf(interpolation: &str) -> String {
    let floats: Vec<f32> = [
        vec![0.0, 1.0, 2.0],
        // The parent's places: 2 m along −z, then rest.
        vec![0.0, 0.0, 0.0, 0.0, 0.0, -2.0, 0.0, 0.0, -2.0],
        // The camera's rotations: rest, then 40° to the right (about −y).
        vec![0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0],
        vec![
            0.0,
            -(20_f32.to_radians().sin()),
            0.0,
            20_f32.to_radians().cos(),
        ],
    ]
    .concat();
    let bytes: Vec<u8> = floats
        .iter()
        .flat_map(|value| value.to_le_bytes())
        .collect();
    let text = STANDARD.encode(&bytes);
    serde_json::json!({
        "asset": {"version": "2.0"},
        "scene": 0,
        "scenes": [{"nodes": [0]}],
        "nodes": [{"name": "rig", "children": [1]}, {"name": "hero", "camera": 0},
                  {"name": "idle", "camera": 0}],
        "cameras": [{"type": "perspective", "perspective": {"yfov": 0.7, "znear": 0.1, "aspectRatio": 1.5}}],
        "buffers": [{"byteLength": bytes.len(), "uri": format!("data:application/octet-stream;base64,{text}")}],
        "bufferViews": [
            {"buffer": 0, "byteOffset": 0, "byteLength": 12},
            {"buffer": 0, "byteOffset": 12, "byteLength": 36},
            {"buffer": 0, "byteOffset": 48, "byteLength": 48}],
        "accessors": [
            {"bufferView": 0, "componentType": 5126, "count": 3, "type": "SCALAR", "min": [0.0], "max": [2.0]},
            {"bufferView": 1, "componentType": 5126, "count": 3, "type": "VEC3"},
            {"bufferView": 2, "componentType": 5126, "count": 3, "type": "VEC4"}],
        "animations": [{
            "samplers": [{"input": 0, "output": 1, "interpolation": interpolation},
                         {"input": 0, "output": 2, "interpolation": interpolation}],
            "channels": [{"sampler": 0, "target": {"node": 0, "path": "translation"}},
                         {"sampler": 1, "target": {"node": 1, "path": "rotation"}}]}],
    })
    .to_string()
}

#[test]
fn an_animated_gltf_camera_is_sampled_through_its_parents() {
    let loaded = detect(&gltf("LINEAR")).unwrap();
    assert_eq!(loaded.format, "gltf");
    assert_eq!(loaded.cameras, ["hero", "idle"]);
    assert!(loaded.path.metric && !loaded.times_assumed);
    assert_eq!(loaded.path.poses.len(), 49);
    let end = loaded.path.poses[48];
    assert!((end.time_s - 2.0).abs() < 1e-9);
    assert!(end.centre.abs_diff_eq(DVec3::new(0.0, 0.0, 2.0), 1e-6));
    let forward = end.world_from_camera.z_axis;
    assert!((forward.x.atan2(forward.z).to_degrees() - 40.0).abs() < 1e-3);
    let lens = end.intrinsics.unwrap();
    assert!((lens.fy / lens.fx - 1.5).abs() < 1e-6);
    let moves: Vec<(crate::camera::MoveKind, f64)> = crate::camera::moves::find(&loaded.path)
        .moves
        .iter()
        .map(|m| (m.kind, m.amount))
        .collect();
    assert_eq!(moves[0].0, crate::camera::MoveKind::DollyIn);
    assert!((moves[0].1 - 2.0).abs() < 0.05, "metres: {moves:?}");
    assert_eq!(moves[1].0, crate::camera::MoveKind::PanRight);
    let idle = ReadOptions {
        camera: Some("idle".to_owned()),
        ..ReadOptions::default()
    };
    assert_eq!(
        open(&gltf("LINEAR"), &idle).unwrap_err().code,
        Code::Unsupported
    );
    assert_eq!(detect(&gltf("STEP")).unwrap().path.poses.len(), 49);
    // A spline needs three values a key: these are too few.
    assert_eq!(
        detect(&gltf("CUBICSPLINE")).unwrap_err().code,
        Code::Damaged
    );
}

#[test]
fn a_gltf_that_points_outside_its_data_is_refused() {
    let text = gltf("LINEAR");
    for (from, to) in [
        ("\"byteOffset\":48", "\"byteOffset\":4800"),
        ("\"byteLength\":36", "\"byteLength\":8"),
        ("\"byteLength\":12", "\"byteLength\":12,\"byteStride\":4000"),
    ] {
        assert!(text.contains(from));
        assert_eq!(
            detect(&text.replacen(from, to, 1)).unwrap_err().code,
            Code::Damaged
        );
    }
    let outside = text.replacen("data:application", "../../secret?", 1);
    assert_eq!(detect(&outside).unwrap_err().code, Code::Unsupported);
}

/// A path as text in some format, with one place spoilt.
fn spoilt() -> impl Strategy<Value = (Vec<u8>, Option<Format>)> {
    let sources = vec![
        realestate([0, 1], "url\n").into_bytes(),
        format!("{}\n{}\n", W2C_RIGHT[0], W2C_RIGHT[1]).into_bytes(),
        recammaster().into_bytes(),
        gltf("LINEAR").into_bytes(),
        b"1 0 0 0 0 0 0 1\n2 0 0 0 0 0 0 1\n".to_vec(),
        b"1 1 0 0 0 0 0 0 1 a.png\n\n2 1 0 0 0 1 0 0 1 b.png\n\n".to_vec(),
        b"[[1,0,0,0,0,1,0,0,0,0,1,0],[1,0,0,1,0,1,0,0,0,0,1,0]]".to_vec(),
        b"{\"frames\":[{\"transform_matrix\":[[1,0,0,0],[0,1,0,0],[0,0,1,0],[0,0,0,1]]}]}".to_vec(),
    ];
    (
        proptest::sample::select(sources),
        proptest::collection::vec((any::<proptest::sample::Index>(), any::<u8>()), 0..6),
        proptest::option::of(proptest::sample::select(Format::ALL.to_vec())),
    )
        .prop_map(|(mut bytes, changes, format)| {
            for (place, byte) in changes {
                let index = place.index(bytes.len());
                bytes[index] = byte;
            }
            (bytes, format)
        })
}

/// Whatever comes out is a path that can be measured.
fn never_panics(bytes: &[u8], format: Option<Format>) -> Result<(), TestCaseError> {
    let options = ReadOptions::default();
    let read = parse_bytes(format, bytes, &options, None, &Silent);
    if let Ok(loaded) = read.and_then(|raw| canonical(raw, &options)) {
        let motion = crate::camera::moves::find(&loaded.path);
        prop_assert!(!motion.moves.is_empty());
        for m in motion.moves {
            prop_assert!(m.amount.is_finite() && m.amount >= 0.0, "{m:?}");
            prop_assert!(m.start_s <= m.end_s, "{m:?}");
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(192))]

    #[test]
    fn arbitrary_bytes_never_panic(
        bytes in proptest::collection::vec(any::<u8>(), 0..400),
        format in proptest::option::of(proptest::sample::select(Format::ALL.to_vec())),
    ) {
        never_panics(&bytes, format)?;
    }

    #[test]
    fn spoilt_files_never_panic((bytes, format) in spoilt()) {
        never_panics(&bytes, format)?;
    }

    #[test]
    fn arbitrary_tables_never_panic(
        rows in proptest::collection::vec(
            proptest::collection::vec(prop_oneof![-2.0..2.0_f64, any::<f64>()], 19),
            0..6,
        ),
        width in proptest::sample::select(vec![7_usize, 8, 12, 13, 19]),
    ) {
        let text: String = rows
            .iter()
            .map(|row| row[..width].iter().map(|v| format!("{v} ")).collect::<String>() + "\n")
            .collect();
        never_panics(text.as_bytes(), None)?;
    }

    #[test]
    fn any_smooth_path_can_be_measured(
        steps in proptest::collection::vec(
            (-3.0..3.0_f64, -3.0..3.0_f64, -3.0..3.0_f64, -1.0..1.0_f64), 1..40),
    ) {
        let text: String = steps
            .iter()
            .enumerate()
            .map(|(index, (x, y, z, turn))| {
                let (sin, cos) = (turn * index as f64 / 2.0).sin_cos();
                format!("{index} {x} {y} {z} 0 {sin} 0 {cos}\n")
            })
            .collect();
        never_panics(text.as_bytes(), Some(Format::Tum))?;
    }
}
