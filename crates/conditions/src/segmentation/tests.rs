use decoupage_shot::Change;
use decoupage_shot::{Correction, Silent};
use image::{Rgba, RgbaImage};
use proptest::prelude::*;

use super::*;
use crate::reading::Reading;

const SKY: [u8; 3] = [6, 230, 230];
const ROAD: [u8; 3] = [140, 140, 140];
const PERSON: [u8; 3] = [150, 5, 61];

/// Sky over a road with a person at a share of the width.
fn street(at: f64) -> RgbaImage {
    RgbaImage::from_fn(320, 180, |x, y| {
        let across = (f64::from(x) / 320.0 - at).abs();
        let [r, g, b] = match y {
            60..150 if across < 0.06 => PERSON,
            0..90 => SKY,
            _ => ROAD,
        };
        Rgba([r, g, b, 255])
    })
}

fn reading(frames: &[RgbaImage]) -> SegmentationReading {
    let folder = tempfile::tempdir().expect("a folder");
    let path = if frames.len() == 1 {
        let path = folder.path().join("seg.jpg");
        image::DynamicImage::ImageRgba8(frames[0].clone())
            .to_rgb8()
            .save(&path)
            .expect("saved");
        path
    } else {
        for (number, frame) in frames.iter().enumerate() {
            frame
                .save(folder.path().join(format!("{number:04}.png")))
                .expect("saved");
        }
        folder.path().to_owned()
    };
    read(
        &path,
        ConditionKind::Segmentation,
        &ReadOptions::default(),
        &Silent,
    )
    .expect("read")
}

fn said(reading: &Reading) -> String {
    let texts: Vec<_> = reading
        .statements()
        .iter()
        .map(|s| s.text.as_str())
        .collect();
    texts.join(" ")
}

#[test]
fn classes_are_named_through_compression() {
    let reading = reading(&[street(0.3)]);
    assert_eq!(reading.classes, Some(ClassSet::Ade20k));
    let names: Vec<_> = reading
        .regions
        .iter()
        .map(|region| region.name.as_str())
        .collect();
    assert_eq!(names, ["sky", "road", "person"]);
    let person = &reading.regions[2];
    assert_eq!(person.touches, [1, 2]);
    assert!(
        (person.bounds.x - 0.24).abs() < 0.015,
        "{:?}",
        person.bounds
    );
    let said = said(&Reading::Segmentation(reading));
    assert!(
        said.contains("The sky fills the upper half of the frame"),
        "{said}"
    );
    assert!(
        said.contains("The person borders on the sky and the road."),
        "{said}"
    );
}

#[test]
fn regions_of_a_clip_move() {
    let frames: Vec<_> = (0..8).map(|n| street(0.2 + 0.08 * f64::from(n))).collect();
    let reading = reading(&frames);
    let motion = reading.regions[2].motion.as_ref().expect("it moves");
    assert!((motion.dx - 0.56).abs() < 0.02, "{motion:?}");
    assert!(reading.regions[0].motion.is_none() && reading.regions[1].motion.is_none());
    let measured = Reading::Segmentation(reading);
    assert!(
        said(&measured).contains("The person moves to the right"),
        "{}",
        said(&measured)
    );
    let outline = crate::outline(&measured);
    let item = outline
        .items
        .iter()
        .find(|item| item.key == "motion/3")
        .expect("listed");
    let correct = |change| {
        let correction = Correction {
            item: item.key.clone(),
            was: item.words.clone(),
            change,
        };
        let corrected = crate::correct(&measured, &[correction]);
        assert!(corrected.unmet.is_empty());
        corrected.reading
    };
    assert!(!said(&correct(Change::Delete)).contains("moves"));
    let later = correct(Change::Retime {
        start_s: 0.1,
        end_s: 0.2,
    });
    assert!(
        later
            .statements()
            .iter()
            .any(|s| s.span.is_some_and(|span| span.start_s == 0.1))
    );
}

#[test]
fn unknown_colours_are_regions_that_can_be_named() {
    let picture = RgbaImage::from_fn(200, 100, |x, _| {
        let [r, g, b] = if x < 70 { [77, 20, 181] } else { [23, 99, 40] };
        Rgba([r, g, b, 255])
    });
    let reading = reading(&[picture]);
    assert_eq!(reading.classes, None);
    assert_eq!(reading.regions[0].name, "region 1");
    let measured = Reading::Segmentation(reading);
    let renamed = crate::correct(
        &measured,
        &[Correction {
            item: "region/2".to_owned(),
            was: "Region 2".to_owned(),
            change: Change::Rename {
                to: "the harbour wall".to_owned(),
            },
        }],
    );
    assert!(renamed.unmet.is_empty());
    assert!(
        said(&renamed.reading).contains("The harbour wall lies on the left"),
        "{}",
        said(&renamed.reading)
    );
    let gone = crate::correct(
        &measured,
        &[Correction {
            item: "region/2".to_owned(),
            was: "Region 2".to_owned(),
            change: Change::Delete,
        }],
    );
    assert!(!said(&gone.reading).contains("Region 2"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn anything_is_divided_without_fault(
        width in 1_u32..60, height in 1_u32..60, bytes in proptest::collection::vec(any::<u8>(), 1..60),
    ) {
        let frame = RgbaImage::from_fn(width, height, |x, y| {
            let at = |k: u32| bytes[((x / 7 * 5 + y / 5 * 11 + k) as usize) % bytes.len()];
            Rgba([at(0), at(1), at(2), at(3)])
        });
        let (_, regions) = measure(&[frame.clone(), frame], &[0.0, 1.0]);
        prop_assert!(regions.iter().map(|region| region.share).sum::<f64>() <= 1.01);
        prop_assert!(regions.iter().all(|region| region.motion.is_none()));
    }
}
