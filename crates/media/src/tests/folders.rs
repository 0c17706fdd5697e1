use std::fs;

use decoupage_shot::{Code, Silent};
use image::{Rgb, RgbImage};

use super::clips;
use super::collect;
use crate::{ASSUMED_FPS, MediaForm, Pick, frames_of, probe, stills};

/// A frame of one grey.
fn grey(value: u8, width: u32) -> RgbImage {
    RgbImage::from_pixel(width, 16, Rgb([value, value, value]))
}

#[test]
fn a_folder_of_frames_is_a_clip() {
    let folder = tempfile::tempdir().unwrap();
    // Numbers without leading zeros: 10 comes after 9.
    for i in 1..=12_u8 {
        grey(i * 10, 24)
            .save(folder.path().join(format!("shot {i}.png")))
            .unwrap();
    }
    fs::write(folder.path().join("notes.txt"), "take two").unwrap();
    fs::write(folder.path().join("._shot 1.png"), "not a picture").unwrap();
    fs::create_dir(folder.path().join("more.png")).unwrap();
    let info = probe(folder.path()).unwrap();
    assert_eq!(info.form, MediaForm::Sequence);
    assert_eq!((info.width, info.height, info.frames), (24, 16, 12));
    assert_eq!((info.fps, info.duration_s), (None, None));
    let (_, got) = collect(folder.path(), &Pick::All { most: 100 }, None).unwrap();
    for (i, still) in got.iter().enumerate() {
        assert_eq!(still.index, i as u64);
        assert_eq!(still.time_s, i as f64 / ASSUMED_FPS);
        let value = still.picture.to_luma8().get_pixel(3, 3).0[0];
        assert_eq!(value, (i as u8 + 1) * 10);
    }
}

#[test]
fn a_rate_can_be_given() {
    let folder = tempfile::tempdir().unwrap();
    for i in 0..10_u8 {
        grey(i * 20, 24)
            .save(folder.path().join(format!("{i}.png")))
            .unwrap();
    }
    let mut got = Vec::new();
    stills(
        folder.path(),
        &Pick::Times(vec![0.0, 0.55, 99.0]),
        None,
        Some(10.0),
        &Silent,
        &mut |s| {
            got.push((s.index, s.time_s));
            Ok(())
        },
    )
    .unwrap();
    assert_eq!(got, [(0, 0.0), (5, 0.5), (9, 0.9)]);
}

#[test]
fn frames_of_different_sizes_are_named() {
    let folder = tempfile::tempdir().unwrap();
    for i in 0..4_u32 {
        let width = if i == 2 { 40 } else { 24 };
        grey(9, width)
            .save(folder.path().join(format!("{i}.png")))
            .unwrap();
    }
    let fault = collect(folder.path(), &Pick::Even(4), None).unwrap_err();
    assert_eq!(fault.code, Code::Unsupported);
    assert!(fault.message.contains("frame 3 is 40 × 16"), "{fault}");
    assert!(fault.path.unwrap().ends_with("2.png"));
}

#[test]
fn folders_without_frames_say_so() {
    let folder = tempfile::tempdir().unwrap();
    let fault = probe(folder.path()).unwrap_err();
    assert_eq!(fault.code, Code::Unsupported);
    assert!(fault.message.contains("no pictures"));
    clips::Recipe::h264().make(folder.path());
    assert_eq!(probe(folder.path()).unwrap_err().code, Code::Unsupported);
}

#[test]
fn a_frame_that_is_no_picture_is_named() {
    let folder = tempfile::tempdir().unwrap();
    grey(9, 24).save(folder.path().join("1.png")).unwrap();
    fs::write(folder.path().join("2.png"), "hello").unwrap();
    let fault = collect(folder.path(), &Pick::Even(2), None).unwrap_err();
    assert_eq!(fault.code, Code::Damaged);
    assert!(fault.path.unwrap().ends_with("2.png"));
}

#[cfg(unix)]
#[test]
fn links_are_followed_and_loops_are_not() {
    use std::os::unix::fs::symlink;
    let folder = tempfile::tempdir().unwrap();
    let frames = folder.path().join("frames");
    fs::create_dir(&frames).unwrap();
    grey(9, 24).save(frames.join("1.png")).unwrap();
    symlink(frames.join("1.png"), frames.join("2.png")).unwrap();
    symlink(&frames, frames.join("up.png")).unwrap();
    symlink(frames.join("nowhere.png"), frames.join("3.png")).unwrap();
    symlink(frames.join("4.png"), frames.join("4.png")).unwrap();
    assert_eq!(frames_of(&frames).unwrap().len(), 2);
    let linked = folder.path().join("linked");
    symlink(&frames, &linked).unwrap();
    assert_eq!(probe(&linked).unwrap().frames, 2);
    let turning = folder.path().join("turning");
    symlink(&turning, &turning).unwrap();
    assert!(!probe(&turning).unwrap_err().message.is_empty());
}
