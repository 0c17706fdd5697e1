use decoupage_shot::{Change, Correction, Silent};
use image::{DynamicImage, Rgb, RgbImage};
use proptest::prelude::*;

use super::*;
use crate::reading::Reading;

/// A picture with soft fields and hard edges, drawn by a function of shares of its sides.
fn picture(width: u32, height: u32, make: impl Fn(f64, f64) -> [f64; 3]) -> DynamicImage {
    DynamicImage::ImageRgb8(RgbImage::from_fn(width, height, |x, y| {
        let rgb = make(
            (f64::from(x) + 0.5) / f64::from(width),
            (f64::from(y) + 0.5) / f64::from(height),
        );
        Rgb(rgb.map(|value| value.clamp(0.0, 255.0).round() as u8))
    }))
}

fn tiles(x: f64, y: f64) -> f64 {
    if ((x * 8.0) as u32 + (y * 5.0) as u32).is_multiple_of(2) {
        60.0
    } else {
        190.0
    }
}

/// Numbers that look random, the same every time; about normal.
fn noise(picture: &DynamicImage, spread: f64) -> DynamicImage {
    let mut state = 0x9e37_79b9_u32;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        f64::from(state) / f64::from(u32::MAX)
    };
    let mut noisy = picture.to_rgb8();
    for pixel in noisy.pixels_mut() {
        let off = ((0..12).map(|_| next()).sum::<f64>() - 6.0) * spread;
        pixel.0 = pixel
            .0
            .map(|value| (f64::from(value) + off).round().clamp(0.0, 255.0) as u8);
    }
    DynamicImage::ImageRgb8(noisy)
}

fn terms(look: &Look) -> Vec<&str> {
    look.terms.iter().map(|term| term.term.as_str()).collect()
}

#[test]
fn noise_is_measured_in_flat_parts() {
    let clean = picture(640, 360, |x, y| [tiles(x, y); 3]);
    assert!(look([&clean]).grain.expect("flat") < 0.3);
    for spread in [2.0, 5.0, 10.0] {
        let grain = look([&noise(&clean, spread)]).grain.expect("flat");
        assert!((grain / spread - 1.0).abs() < 0.12, "{spread}: {grain}");
    }
}

#[test]
fn black_and_white_toned_and_colour_are_told_apart() {
    let grey = look([&picture(320, 200, |x, y| {
        [tiles(x, y) * (0.6 + 0.4 * x); 3]
    })]);
    assert_eq!(grey.chromatic, Some(Chromatic::Grey));
    assert!(has(&grey, "black_and_white"));
    assert_eq!(grey.temperature_k, None);
    let sepia = look([&picture(320, 200, |x, _| [x * 250.0, x * 215.0, x * 170.0])]);
    assert_eq!(sepia.chromatic, Some(Chromatic::Toned));
    let colour = look([&picture(320, 200, |x, y| [x * 255.0, y * 255.0, 90.0])]);
    assert_eq!(colour.chromatic, Some(Chromatic::Colour));
}

#[test]
fn split_toning_names_both_ends() {
    let graded = look([&picture(320, 200, |x, y| {
        let level = 20.0 + 200.0 * (x * 0.8 + y * 0.2);
        let lean = (level - 120.0) / 110.0;
        [level + lean * 30.0, level, level - lean * 34.0]
    })]);
    assert!(
        has(&graded, "teal_and_orange") || has(&graded, "split_toned"),
        "{graded:?}"
    );
}

#[test]
fn bars_give_the_true_ratio_and_are_no_part_of_the_colours() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("still.png");
    // 2.39:1 in 16:9: bars of 12.8 % above and below.
    picture(1280, 720, |x, y| {
        if (92.0 / 720.0..628.0 / 720.0).contains(&y) {
            [200.0 - 40.0 * x, 120.0, 60.0]
        } else {
            [0.0; 3]
        }
    })
    .save(&path)
    .expect("saved");
    let reading = read(
        &path,
        ConditionKind::Style,
        &ReadOptions::default(),
        &Silent,
    )
    .expect("read");
    assert!(
        (reading.look.ratio - 2.39).abs() < 0.02,
        "{}",
        reading.look.ratio
    );
    assert!(has(&reading.look, "letterboxed"));
    assert!(
        reading
            .plain
            .palette
            .iter()
            .all(|swatch| swatch.name != "black")
    );
    let said = |reading: &StyleReading| {
        let texts: Vec<_> = reading
            .plain
            .statements
            .iter()
            .map(|s| s.text.clone())
            .collect();
        texts.join(" ")
    };
    assert!(
        said(&reading).contains("letterboxed to 2.39:1"),
        "{}",
        said(&reading)
    );

    let measured = Reading::Style(reading);
    let outline = crate::outline(&measured);
    let item = outline
        .items
        .iter()
        .find(|item| item.words.starts_with("Letterboxed"))
        .expect("an item");
    assert_eq!(item.marks.len(), 1);
    let correction = |change| Correction {
        item: item.key.clone(),
        was: item.words.clone(),
        change,
    };
    let gone = crate::correct(&measured, &[correction(Change::Delete)]);
    assert!(gone.unmet.is_empty());
    assert!(!format!("{:?}", gone.reading.statements()).contains("letterboxed"));
    let to = "masked for scope".to_owned();
    let renamed = crate::correct(&measured, &[correction(Change::Rename { to })]);
    assert!(
        renamed
            .reading
            .statements()
            .iter()
            .any(|s| s.text == "The picture is masked for scope."),
        "{:?}",
        renamed.reading.statements()
    );
    let colour = outline.items.first().expect("a colour");
    let renamed = crate::correct(
        &measured,
        &[Correction {
            item: colour.key.clone(),
            was: colour.words.clone(),
            change: Change::Rename {
                to: "copper".to_owned(),
            },
        }],
    );
    assert!(format!("{:?}", renamed.reading.statements()).contains("copper"));
}

#[test]
fn a_sharp_subject_on_a_soft_ground_is_shallow_focus() {
    let sharp = picture(768, 432, |x, y| {
        let stripe = if ((x * 60.0) as u32 + (y * 34.0) as u32).is_multiple_of(2) {
            50.0
        } else {
            200.0
        };
        [stripe; 3]
    });
    assert_eq!(look([&sharp]).focus, None);
    assert!(!has(&look([&sharp]), "soft_focus"));
    let soft = sharp.blur(5.0);
    let all_soft = look([&soft]);
    assert!(has(&all_soft, "soft_focus"), "{all_soft:?}");
    let mut mixed = soft.to_rgb8();
    let subject = sharp.crop_imm(270, 140, 200, 220).to_rgb8();
    image::imageops::replace(&mut mixed, &subject, 270, 140);
    let mixed = look([&DynamicImage::ImageRgb8(mixed)]);
    let focus = mixed.focus.expect("a sharp part");
    assert!((focus.sharp.x - 0.35).abs() < 0.06, "{focus:?}");
    assert!(terms(&mixed).contains(&"shallow_focus"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn any_picture_has_a_look(
        width in 1_u32..90, height in 1_u32..90, bytes in proptest::collection::vec(any::<u8>(), 1..60),
    ) {
        let picture = DynamicImage::ImageRgba8(image::RgbaImage::from_fn(width, height, |x, y| {
            let at = |k: u32| bytes[((x * 5 + y * 11 + k) as usize) % bytes.len()];
            image::Rgba([at(0), at(1), at(2), at(3)])
        }));
        let look = look([&picture, &picture]);
        prop_assert!(look.ratio.is_finite() && look.ratio > 0.0);
        prop_assert!(statements(&look).iter().all(|s| s.text.ends_with('.')));
        prop_assert!(look.terms.iter().all(|t| (0.0..=1.0).contains(&t.confidence)));
    }
}
