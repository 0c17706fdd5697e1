use std::path::Path;

use decoupage_shot::{Change, Correction, Fault, Silent};
use decoupage_stage::encode::{ClipStyle, write_mp4};
use decoupage_stage::footage::{FilmMove, FilmShot, Footage, Join};
use proptest::prelude::*;

use super::*;
use crate::correct::{Corrected, Parts, correct};
use crate::reading::Reading;

fn open(path: &Path) -> Result<ClipReading, Fault> {
    read(
        path,
        ConditionKind::ReferenceVideo,
        &ReadOptions::default(),
        &Silent,
    )
}

fn filmed(shots: Vec<(Join, FilmShot)>) -> ClipReading {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("clip.mp4");
    let footage = Footage {
        width: 160,
        height: 96,
        fps: 25.0,
        shots,
        grain: 0.0,
        seed: 7,
    };
    write_mp4(&path, footage.frames(), ClipStyle::fps(25)).expect("a clip");
    open(&path).expect("a reading")
}

fn pan_then_still() -> ClipReading {
    filmed(vec![
        (
            Join::Cut,
            FilmShot::still(11, 2.0).moving(FilmMove::PanRight, 0.5, 0.0, 2.0),
        ),
        (Join::Cut, FilmShot::still(12, 1.6)),
    ])
}

fn texts(reading: &ClipReading) -> Vec<&str> {
    reading
        .plain
        .statements
        .iter()
        .map(|s| s.text.as_str())
        .collect()
}

#[test]
fn a_cut_and_a_pan_are_told_in_words() {
    let reading = pan_then_still();
    assert_eq!(reading.cuts.len(), 1, "{:?}", reading.cuts);
    assert_eq!(reading.cuts[0].start_s, 2.0);
    let texts = texts(&reading);
    assert!(
        texts.contains(&"It has two shots, with a cut at 2.0 s."),
        "{texts:#?}"
    );
    assert!(
        texts
            .iter()
            .any(|text| text.starts_with("In shot 1 the camera pans ")
                && text.contains("right by about half the frame's width")),
        "{texts:#?}"
    );
    assert!(
        texts.contains(&"In shot 2 the camera holds still."),
        "{texts:#?}"
    );
    assert_eq!(reading.motion.times_s.len(), reading.motion.energy.len());
    assert!(reading.motion.right.iter().any(|right| *right > 0.4));
}

/// Applies one change to the item whose key begins so.
fn changed(reading: &ClipReading, key: &str, change: Change) -> Corrected {
    let item = reading
        .items()
        .into_iter()
        .find(|item| item.key == key)
        .expect("an item");
    correct(
        &Reading::ReferenceVideo(reading.clone()),
        &[Correction {
            item: item.key,
            was: item.words,
            change,
        }],
    )
}

fn words_of(corrected: &Corrected) -> String {
    assert!(corrected.unmet.is_empty(), "{:?}", corrected.unmet);
    corrected
        .reading
        .statements()
        .iter()
        .map(|s| format!("{}\n", s.text))
        .collect()
}

#[test]
fn corrections_win_and_change_the_sentences() {
    let reading = pan_then_still();
    let words = words_of(&changed(&reading, "cut/0", Change::Delete));
    assert!(words.contains("It is a single, unbroken shot."), "{words}");
    let truck = Change::Rename {
        to: "truck_left".to_owned(),
    };
    let words = words_of(&changed(&reading, "shot/0/move/0", truck));
    assert!(
        words.contains("In shot 1 the camera trucks left"),
        "{words}"
    );
    let words = words_of(&changed(&reading, "shot/0/move/0", Change::Delete));
    assert!(
        words.contains("In shot 1 the camera holds still."),
        "{words}"
    );
    let later = Change::Retime {
        start_s: 1.0,
        end_s: 1.5,
    };
    let words = words_of(&changed(&reading, "shot/0/move/0", later.clone()));
    assert!(words.contains("holds still for 1.0 s, then"), "{words}");
    let words = words_of(&changed(&reading, "cut/0", later));
    assert!(words.contains("a cut at 1.0 s"), "{words}");
    let dissolve = Change::Rename {
        to: "dissolve".to_owned(),
    };
    let words = words_of(&changed(&reading, "cut/0", dissolve));
    assert!(words.contains("a dissolve from 2.0 to 2.0 s"), "{words}");
    // What the file itself says stays.
    assert!(words.starts_with("The clip runs 3.6 seconds."), "{words}");
}

#[test]
fn sentences_are_a_function_of_the_reading() {
    let reading = pan_then_still();
    let mut again = reading.clone();
    again.restate();
    assert_eq!(again, reading);
    let json = serde_json::to_string(&reading).expect("JSON");
    let back: ClipReading = serde_json::from_str(&json).expect("a reading");
    assert_eq!(back.shots, reading.shots);
}

#[test]
fn something_that_moves_is_placed_and_can_be_named() {
    let mut shot = FilmShot::still(21, 2.0);
    shot.mover = Some([0.5, 0.0]);
    let reading = filmed(vec![(Join::Cut, shot)]);
    let area = &reading.shots[0].moving[0];
    let middle = area.bounds.x + area.bounds.width / 2.0;
    assert!((middle - 0.5).abs() < 0.15, "{area:?}");
    let named = Change::Rename {
        to: "a red ball".to_owned(),
    };
    let words = words_of(&changed(&reading, "shot/0/moving/0", named));
    assert!(words.contains("A red ball moves"), "{words}");
}

#[test]
fn other_files_and_odd_clips_get_a_sentence_or_a_modest_reading() {
    let folder = tempfile::tempdir().expect("a folder");
    let at = |name: &str| folder.path().join(name);
    assert!(open(&at("none.mp4")).is_err());
    std::fs::write(at("empty.mp4"), b"").expect("written");
    assert!(open(&at("empty.mp4")).is_err());
    // One frame, one pixel, all black.
    image::RgbImage::new(1, 1)
        .save(at("dot.png"))
        .expect("saved");
    let dot = open(&at("dot.png")).expect("a reading");
    assert!(dot.shots.is_empty() && dot.cuts.is_empty());
    let black = (0..30).map(|_| image::RgbImage::new(64, 48));
    write_mp4(&at("black.mp4"), black, ClipStyle::fps(25)).expect("a clip");
    let black = open(&at("black.mp4")).expect("a reading");
    assert_eq!((black.shots.len(), black.cuts.len()), (1, 0));
    let thin = (0..20).map(|n| image::RgbImage::from_pixel(200, 2, image::Rgb([n * 9, 90, 40])));
    write_mp4(&at("thin.mp4"), thin, ClipStyle::fps(25)).expect("a clip");
    assert_eq!(open(&at("thin.mp4")).expect("a reading").shots.len(), 1);
    let whole = std::fs::read(at("black.mp4")).expect("bytes");
    std::fs::write(at("cut.mp4"), &whole[..whole.len() / 3]).expect("written");
    let _ = open(&at("cut.mp4"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Whatever is in two pictures, their comparison is finite.
    #[test]
    fn any_two_pictures_can_be_compared(
        width in 1..70_usize,
        height in 1..50_usize,
        one in any::<u64>(),
        other in any::<u64>(),
    ) {
        let picture = |seed: u64| grey::Grey {
            width,
            height,
            values: (0..width * height)
                .map(|n| ((seed.wrapping_mul(n as u64 + 1) >> 40) % 256) as f32 / 255.0)
                .collect(),
        };
        let levels = [one, other].map(|seed| grey::pyramid(&picture(seed)));
        if let Some(found) = flow::compare(&levels[0], &levels[1]) {
            prop_assert!(found.field.shift.iter().all(|v| v.is_finite()));
            prop_assert!(found.likeness.is_finite() && found.difference.is_finite());
            prop_assert!(found.cells.iter().all(|c| c.own[0].is_finite() && c.stir.is_finite()));
        }
    }
}
