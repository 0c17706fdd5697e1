use decoupage_shot::{Change, Correction, Silent};
use image::{DynamicImage, Rgb, Rgba, RgbaImage};
use proptest::prelude::*;

use super::*;
use crate::reading::Reading;

fn read_as(picture: &DynamicImage, role: ConditionKind) -> FrameReading {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("picture.png");
    picture.save(&path).expect("saved");
    read(&path, role, &ReadOptions::default(), &Silent).expect("read")
}

fn said(reading: &FrameReading) -> Vec<&str> {
    reading
        .plain
        .statements
        .iter()
        .map(|s| s.text.as_str())
        .collect()
}

/// A place of smooth colours, seen through a window that can shift and shrink.
fn place(dx: f64, scale: f64, thing: Option<f64>) -> DynamicImage {
    DynamicImage::ImageRgb8(image::RgbImage::from_fn(320, 180, |x, y| {
        let (x, y) = (f64::from(x) / 320.0, f64::from(y) / 180.0);
        if let Some(at) = thing
            && (x - at).abs() < 0.06
            && (y - 0.6).abs() < 0.2
        {
            return Rgb([200, 30, 40]);
        }
        let u = (x - 0.5) / scale + 0.5 + dx;
        let v = (y - 0.5) / scale + 0.5;
        let wave = |a: f64, b: f64, c: f64| (128.0 + 80.0 * (a * u + b * v + c).sin()) as u8;
        Rgb([
            wave(9.0, 3.0, 0.0),
            wave(4.0, 11.0, 1.0),
            wave(14.0, 5.0, 2.0),
        ])
    }))
}

fn compare(first: &DynamicImage, last: &DynamicImage) -> FrameChange {
    change(
        &read_as(first, ConditionKind::FirstFrame),
        &read_as(last, ConditionKind::LastFrame),
    )
}

#[test]
fn a_masked_picture_says_how_much_is_open_and_where() {
    let picture = DynamicImage::ImageRgba8(RgbaImage::from_fn(120, 80, |x, y| {
        let open = (10..50).contains(&x) && (20..60).contains(&y);
        Rgba([120, 60, 40, if open { 0 } else { 255 }])
    }));
    let reading = read_as(&picture, ConditionKind::MaskedImage);
    let first = said(&reading)[0];
    assert!(
        first.starts_with("About a fifth of the picture is open"),
        "{first}"
    );
    assert!(first.contains("left"), "{first}");
    let measured = Reading::Frame(reading);
    let correct = |change| {
        let correction = Correction {
            item: "hole".to_owned(),
            was: "Part to fill".to_owned(),
            change,
        };
        let corrected = crate::correct(&measured, &[correction]);
        assert!(corrected.unmet.is_empty());
        corrected.reading.statements()[0].text.clone()
    };
    assert!(correct(Change::Delete).starts_with("No part"));
    let to = "a doorway".to_owned();
    assert!(correct(Change::Rename { to }).contains("filled with a doorway"));
}

#[test]
fn painted_masks_are_found_and_bright_places_are_not() {
    let base = place(0.0, 1.0, None);
    let painted = |colour: [u8; 3]| {
        let mut picture = base.to_rgb8();
        for y in 30..120 {
            for x in 200..290 {
                picture.put_pixel(x, y, Rgb(colour));
            }
        }
        read_as(
            &DynamicImage::ImageRgb8(picture),
            ConditionKind::MaskedImage,
        )
        .hole
    };
    for (colour, mark) in [
        ([255, 255, 255], HoleMark::White),
        ([0, 0, 0], HoleMark::Black),
        ([127, 127, 127], HoleMark::Grey),
        ([0, 255, 0], HoleMark::Green),
    ] {
        let hole = painted(colour).expect("found");
        assert_eq!(hole.by, mark);
        assert!(
            (hole.share - 90.0 * 90.0 / (320.0 * 180.0)).abs() < 0.01,
            "{hole:?}"
        );
    }
    let none = read_as(&base, ConditionKind::MaskedImage);
    assert_eq!(none.hole, None);
    assert!(said(&none)[0].starts_with("No part"));
}

#[test]
fn a_push_in_and_a_pan_are_seen() {
    let first = place(0.0, 1.0, None);
    let push = compare(&first, &place(0.0, 1.25, None))
        .view
        .expect("a push");
    assert!((push.scale - 1.25).abs() < 0.03, "{push:?}");
    let pan = compare(&first, &place(0.15, 1.0, None));
    let view = pan.view.expect("a pan");
    assert!((view.dx + 0.15).abs() < 0.02, "{view:?}");
    assert!(
        pan.statements[0]
            .text
            .starts_with("The camera pans or trucks right")
    );
    assert_eq!(compare(&first, &first).view, None);
    assert!(compare(&first, &first).alike > 0.99);
}

#[test]
fn things_move_appear_and_vanish() {
    let (left, right, none) = (
        place(0.0, 1.0, Some(0.2)),
        place(0.0, 1.0, Some(0.75)),
        place(0.0, 1.0, None),
    );
    let moved = compare(&left, &right);
    assert_eq!(moved.areas.len(), 1, "{moved:?}");
    assert_eq!(moved.areas[0].change, AreaChange::Moves);
    assert!(
        moved
            .statements
            .iter()
            .any(|s| s.text.contains("moves to the right")),
        "{moved:?}"
    );
    let gone = compare(&left, &none);
    assert_eq!(gone.areas[0].change, AreaChange::Vanishes);
    let new = compare(&none, &right);
    assert_eq!(new.areas[0].change, AreaChange::Appears);
    assert!((new.areas[0].bounds.x - 0.69).abs() < 0.05, "{new:?}");
}

#[test]
fn light_that_falls_is_no_movement() {
    let first = place(0.0, 1.0, None);
    let darker = DynamicImage::ImageRgb8({
        let mut picture = first.to_rgb8();
        for pixel in picture.pixels_mut() {
            pixel.0 = pixel.0.map(|value| (f64::from(value) * 0.6) as u8);
        }
        picture
    });
    let change = compare(&first, &darker);
    assert_eq!(change.view, None);
    assert!(change.light < -0.1);
    assert!(
        change.statements.iter().any(|s| s.text.contains("darker")),
        "{change:?}"
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn any_two_frames_compare(
        width in 1_u32..50, height in 1_u32..50, bytes in proptest::collection::vec(any::<u8>(), 1..60),
    ) {
        let make = |off: u32| RgbaImage::from_fn(width, height, |x, y| {
            let at = |k: u32| bytes[((x * 5 + y * 11 + k + off) as usize) % bytes.len()];
            Rgba([at(0), at(1), at(2), at(3)])
        });
        let plain = || read_as(&DynamicImage::ImageRgba8(make(0)), ConditionKind::MaskedImage);
        let (mut one, mut other) = (plain(), plain());
        one.grid = Grid::of(&make(0));
        other.grid = Grid::of(&make(7));
        let change = change(&one, &other);
        prop_assert!((0.0..=1.0).contains(&change.alike));
        other.grid.cells.pop();
        let _ = super::change(&one, &other);
    }
}
