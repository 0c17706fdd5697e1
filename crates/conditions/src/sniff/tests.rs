use std::path::PathBuf;

use decoupage_shot::Silent;
use image::{Rgb, RgbImage, Rgba, RgbaImage};
use proptest::prelude::*;

use super::*;
use crate::depth::Colormap;

fn picture(name: &str, make: impl Fn(u32, u32) -> [u8; 3]) -> Outcome<Guess> {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join(name);
    RgbImage::from_fn(160, 120, |x, y| Rgb(make(x, y)))
        .save(&path)
        .expect("saved");
    guess(&path, &Silent)
}

fn written(name: &str, bytes: &[u8]) -> Outcome<Guess> {
    let folder = tempfile::tempdir().expect("a folder");
    let path: PathBuf = folder.path().join(name);
    std::fs::write(&path, bytes).expect("written");
    guess(&path, &Silent)
}

/// Something like a photograph: colour that varies everywhere.
fn busy(x: u32, y: u32) -> [u8; 3] {
    let mix = x.wrapping_mul(2_654_435_761) ^ y.wrapping_mul(40_503);
    [
        (60 + x + (mix >> 7) % 40) as u8,
        (180 - y + (mix >> 11) % 40) as u8,
        (40 + (mix >> 3) % 70) as u8,
    ]
}

#[test]
fn smooth_grey_is_depth() {
    let guess = picture("any.png", |_, y| [(y * 2) as u8; 3]).expect("guessed");
    assert_eq!(guess.kind, ConditionKind::Depth);
}

#[test]
fn a_colormap_is_depth() {
    for map in [
        Colormap::Inferno,
        Colormap::SpectralReversed,
        Colormap::Turbo,
    ] {
        let guess = picture("any.png", |x, y| map.colour((x + y) as f32 / 280.0)).expect("guessed");
        assert_eq!(guess.kind, ConditionKind::Depth, "{map:?}");
    }
}

#[test]
fn joint_colours_on_black_are_a_pose() {
    let hues: [[u8; 3]; 8] = [
        [255, 0, 0],
        [255, 170, 0],
        [170, 255, 0],
        [0, 255, 0],
        [0, 255, 170],
        [0, 170, 255],
        [0, 0, 255],
        [170, 0, 255],
    ];
    let guess = picture("any.png", |x, y| {
        if x % 20 < 3 && (20..100).contains(&y) {
            hues[(x / 20) as usize % 8]
        } else {
            [0; 3]
        }
    })
    .expect("guessed");
    assert_eq!(guess.kind, ConditionKind::Pose);
}

#[test]
fn thin_lines_on_paper_are_a_sketch() {
    let guess = picture("any.png", |x, y| {
        let ring = (x as i32 - 80).pow(2) + (y as i32 - 60).pow(2);
        if (1500..1700).contains(&ring) || x.abs_diff(y) < 2 {
            [20; 3]
        } else {
            [250; 3]
        }
    })
    .expect("guessed");
    assert_eq!(guess.kind, ConditionKind::Sketch);
}

#[test]
fn flat_regions_are_a_segmentation() {
    let guess = picture("any.png", |x, y| match (x / 50, y / 40) {
        (0, _) => [120, 120, 80],
        (1, 0) => [6, 230, 230],
        (1, _) => [4, 200, 3],
        (_, 2) => [204, 5, 255],
        _ => [235, 255, 7],
    })
    .expect("guessed");
    assert_eq!(guess.kind, ConditionKind::Segmentation);
}

#[test]
fn a_hole_is_a_mask_and_a_clear_ground_a_cut_out() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("any.png");
    let save = |clear: &dyn Fn(u32, u32) -> bool| {
        RgbaImage::from_fn(120, 120, |x, y| {
            let [r, g, b] = busy(x, y);
            Rgba([r, g, b, if clear(x, y) { 0 } else { 255 }])
        })
        .save(&path)
        .expect("saved");
        guess(&path, &Silent).expect("guessed").kind
    };
    assert_eq!(
        save(&|x, y| (40..80).contains(&x) && (40..80).contains(&y)),
        ConditionKind::MaskedImage
    );
    assert_eq!(
        save(&|x, y| !(40..80).contains(&x) || y < 30),
        ConditionKind::Identity
    );
}

#[test]
fn names_decide_what_the_look_leaves_open() {
    assert_eq!(
        picture("mara.png", busy).expect("guessed").kind,
        ConditionKind::Identity
    );
    assert_eq!(
        picture("first_frame.png", busy).expect("guessed").kind,
        ConditionKind::FirstFrame
    );
    assert_eq!(
        picture("last-frame.png", busy).expect("guessed").kind,
        ConditionKind::LastFrame
    );
    assert_eq!(
        picture("style.png", busy).expect("guessed").kind,
        ConditionKind::Style
    );
    // A name alone makes no depth of a photograph.
    assert_eq!(
        picture("depth.png", busy).expect("guessed").kind,
        ConditionKind::Identity
    );
}

#[test]
fn text_is_told_by_its_first_lines() {
    use text::{Promise, promise};
    let is_camera = |head: &str| matches!(promise(head), Promise::Camera(_));
    let is_pose = |head: &str| matches!(promise(head), Promise::Pose(_));
    assert!(is_camera(
        "https://example.org/v\n0 0.5 0.8 0.5 0.5 0 0 1 0 0 0 0 1 0 0 0 0 1 0\n"
    ));
    assert!(is_camera(
        "1 0 0 0 0 1 0 0 0 0 1 0\n1 0 0 0 0 1 0 0 0 0 1 0.1\n"
    ));
    assert!(is_camera(
        "# time tx ty tz qx qy qz qw\n0.0 0 0 0 0 0 0 1\n"
    ));
    assert!(is_camera("1\t0\t0\t0\t0\t0\t0\n2\t0\t0\t0.1\t0\t0\t0\n"));
    assert!(is_camera("[[1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0], [1,0"));
    assert!(is_camera(
        r#"{"frames": [{"file_path": "a", "transform_matrix": [[1,0,0,0]"#
    ));
    assert!(is_pose(
        r#"{"version": 1.3, "people": [{"pose_keypoints_2d": [1,2,1"#
    ));
    assert!(is_pose(r#"[{"image_id": "0.jpg", "keypoints": [1,2"#));
    assert_eq!(
        promise("Dear all,\nplease find attached 12 pictures."),
        Promise::Nothing
    );
    assert_eq!(promise("{\"name\": \"package\"}"), Promise::Nothing);
    assert_eq!(promise(""), Promise::Nothing);
}

#[test]
fn unusable_files_get_one_sentence() {
    let message = |result: Outcome<Guess>| result.expect_err("refused").message;
    assert_eq!(
        message(written("notes.txt", b"Dear all, please find attached.")),
        "This is text, not a camera path or keypoints."
    );
    assert_eq!(
        message(written("clip.mp4", b"this is not a video at all")),
        "This is text, not a camera path or keypoints."
    );
    assert_eq!(message(written("empty.png", b"")), "This file is empty.");
    assert!(written("cut.png", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR").is_err());
    assert!(guess(Path::new("/nowhere/at/all"), &Silent).is_err());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn any_bytes_are_guessed_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        if let Ok(guess) = written("any.bin", &bytes) {
            prop_assert!((0.0..=1.0).contains(&guess.confidence));
        }
    }

    #[test]
    fn any_text_keeps_its_promise_without_panic(text in r#"[\[\]{}",:.\-a-z0-9\n\t ]{0,300}"#) {
        let _ = text::promise(&text);
        let _ = text::of(text.as_bytes());
    }
}
