use decoupage_shot::Silent;
use image::{Rgba, RgbaImage};
use proptest::prelude::*;

use super::*;

fn picture(make: impl Fn(u32, u32) -> [u8; 4]) -> DynamicImage {
    DynamicImage::ImageRgba8(RgbaImage::from_fn(200, 240, |x, y| Rgba(make(x, y))))
}

fn texts(reading: &IdentityReading) -> Vec<&str> {
    reading.statements.iter().map(|s| s.text.as_str()).collect()
}

/// A figure in a red coat with a pale scarf, from the picture's lower edge up.
fn coat(x: u32, y: u32) -> Option<[u8; 3]> {
    let inside = (60..140).contains(&x) && y >= 20;
    inside.then_some(if y < 70 {
        [0xf0, 0xef, 0xea]
    } else {
        [0x8f, 0x12, 0x20]
    })
}

#[test]
fn a_subject_on_a_plain_ground_is_told_from_it() {
    let reading = measure(
        &picture(|x, y| {
            let [r, g, b] = coat(x, y).unwrap_or([0x80, 0x80, 0x80]);
            [r, g, b, 255]
        }),
        None,
    );
    assert_eq!(reading.background.kind, BackgroundKind::Plain);
    assert_eq!(
        reading.background.colour.as_ref().map(|c| c.name.as_str()),
        Some("mid-grey")
    );
    assert!(reading.framing.cut_at_bottom);
    let subject = reading.framing.subject.expect("told");
    assert!(
        (subject.x - 0.3).abs() < 0.02 && (subject.width - 0.4).abs() < 0.02,
        "{subject:?}"
    );
    let texts = texts(&reading);
    assert_eq!(
        texts[0],
        "The subject fills most of the picture's height and is cut off by the lower edge."
    );
    assert_eq!(
        texts[1],
        "The subject's main colours are deep red and off-white, against a plain mid-grey ground."
    );
}

#[test]
fn a_backdrop_with_falloff_is_still_plain() {
    let reading = measure(
        &picture(|x, y| {
            let fall = 150 - (x / 8) as u8 - (y / 10) as u8;
            let [r, g, b] = coat(x, y).unwrap_or([fall, fall, fall + 8]);
            [r, g, b, 255]
        }),
        None,
    );
    assert_eq!(reading.background.kind, BackgroundKind::Plain);
    assert!(reading.framing.subject.is_some());
}

#[test]
fn a_cut_out_knows_its_subject() {
    let reading = measure(
        &picture(|x, y| match coat(x, y) {
            Some([r, g, b]) if y < 180 => [r, g, b, 255],
            _ => [0, 0, 0, 0],
        }),
        None,
    );
    assert_eq!(reading.background.kind, BackgroundKind::CutOut);
    assert!(!reading.framing.cut_at_bottom);
    assert_eq!(reading.palette[0].name, "deep red");
    assert!(texts(&reading)[1].contains("cut out on a transparent ground"));
}

#[test]
fn nothing_is_claimed_of_a_subject_in_a_scene() {
    // Sky above, land below that runs out of both sides, a figure before them.
    let scene = picture(|x, y| {
        let [r, g, b] = match coat(x, y) {
            Some(colour) if y > 100 => colour,
            _ if y < 110 => [0xa6, 0xbc, 0xd2],
            _ => [0xb0 - (x % 40) as u8, 0x90, 0x60 + (y % 30) as u8],
        };
        [r, g, b, 255]
    });
    let reading = measure(&scene, None);
    assert_eq!(reading.background.kind, BackgroundKind::Scene);
    assert_eq!(reading.framing.subject, None);
    assert!(
        texts(&reading).iter().all(|text| !text.contains("subject")),
        "{:?}",
        texts(&reading)
    );
    // The person says where it is: then it is known, and only its part is measured.
    let mark = Region {
        x: 0.31,
        y: 0.5,
        width: 0.38,
        height: 0.5,
    };
    let marked = measure(&scene, Some(&mark));
    assert_eq!(marked.framing.subject, Some(mark));
    assert_eq!(marked.palette[0].name, "deep red");
}

#[test]
fn a_file_is_read_with_its_prompt() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("mara.png");
    picture(|_, _| [30, 60, 90, 255])
        .save(&path)
        .expect("saved");
    let reading = read(&path, &ReadOptions::default(), &Silent).expect("read");
    assert_eq!((reading.width, reading.height), (200, 240));
    assert_eq!(reading.framing.orientation, Orientation::Portrait);
    assert_eq!(reading.embedded_prompt, None);
    assert_eq!(reading.palette.len(), 1);
}

#[test]
fn thirds_have_their_own_colours_and_can_be_corrected() {
    use crate::reading::Reading;
    use decoupage_shot::{Change, Correction};

    let make = |legs: [u8; 3]| {
        measure(
            &picture(|x, y| {
                let inside = (70..130).contains(&x) && (20..230).contains(&y);
                let [r, g, b] = match y {
                    _ if !inside => [0x80, 0x80, 0x80],
                    0..90 => [0xf0, 0xef, 0xea],
                    90..160 => [0x8f, 0x12, 0x20],
                    _ => legs,
                };
                [r, g, b, 255]
            }),
            None,
        )
    };
    let reading = make([0x16, 0x21, 0x3f]);
    let regions = reading.regions.as_ref().expect("told");
    let names = [&regions.upper, &regions.middle, &regions.lower].map(|p| p[0].name.clone());
    assert_eq!(names, ["off-white", "deep red", "navy"]);
    assert!(
        texts(&reading)
            .iter()
            .any(|text| text.starts_with("From top to bottom of the figure: off-white above")),
        "{:?}",
        texts(&reading)
    );
    // Writing the sentences anew changes nothing by itself.
    let mut again = reading.clone();
    crate::correct::Parts::restate(&mut again);
    assert_eq!(again, reading);

    let measured = Reading::Identity(reading);
    let outline = crate::outline(&measured);
    let correct = |key: &str, change| {
        let item = outline
            .items
            .iter()
            .find(|item| item.key == key)
            .expect(key);
        let correction = Correction {
            item: item.key.clone(),
            was: item.words.clone(),
            change,
        };
        let corrected = crate::correct(&measured, &[correction]);
        assert!(corrected.unmet.is_empty());
        format!("{:?}", corrected.reading.statements())
    };
    let to = "oxblood".to_owned();
    assert!(correct("middle/0", Change::Rename { to }).contains("oxblood in the middle"));
    assert!(!correct("colour/0", Change::Delete).contains(&format!("colours are {}", names[1])));
    let gone = correct("subject", Change::Delete);
    assert!(
        !gone.contains("The subject") && !gone.contains("From top"),
        "{gone}"
    );
}

#[test]
fn a_models_words_stand_last_and_say_whose_they_are() {
    use crate::reading::Evidence;

    let mut reading = measure(&picture(|_, _| [30, 60, 90, 255]), None);
    reading.described = Some(Description {
        text: "A woman in a red coat.".to_owned(),
        model: "a-model".to_owned(),
    });
    crate::correct::Parts::restate(&mut reading);
    crate::correct::Parts::restate(&mut reading);
    let last = reading.statements.last().expect("said");
    assert_eq!(
        last.evidence,
        Evidence::Model {
            model: "a-model".to_owned()
        }
    );
    assert_eq!(
        texts(&reading)
            .iter()
            .filter(|t| **t == "A woman in a red coat.")
            .count(),
        1
    );
}

#[test]
fn views_group_and_copies_are_found_from_readings_alone() {
    let person = |coat: [u8; 3], wide: u32, ground: u8| {
        measure(
            &picture(|x, y| {
                let inside = x.abs_diff(100) < wide && y >= 30;
                let [r, g, b] = match (inside, y) {
                    (false, _) => [ground; 3],
                    (true, 0..80) => [0xc9, 0x8e, 0x6c],
                    _ => coat,
                };
                [r, g, b, 255]
            }),
            None,
        )
    };
    let red = person([0x8f, 0x12, 0x20], 40, 150);
    let turned = person([0x86, 0x10, 0x1c], 30, 205);
    let blue = person([0x20, 0x3a, 0x90], 40, 150);
    assert!(views::same_subject(&red, &turned) > 0.5);
    assert!(views::same_subject(&red, &blue) < 0.5);
    let all = [&red, &blue, &turned, &red];
    assert_eq!(views::groups(&all), [vec![0, 2, 3], vec![1]]);
    let copies = views::duplicates(&all);
    assert_eq!(copies.len(), 1);
    assert!((copies[0].one, copies[0].other) == (0, 3) && copies[0].exact);
    assert!(views::groups(&[]).is_empty());
    let mut none = blue.clone();
    none.signature = Some(Signature {
        hash: "no hash".to_owned(),
        ..Signature::default()
    });
    assert_eq!(views::same_subject(&red, &none), 0.0);
    assert!(views::duplicates(&[&red, &none]).is_empty());
}

#[test]
fn a_backdrop_from_light_to_dark_is_plain() {
    let reading = measure(
        &picture(|x, y| {
            let fall = (235 - y / 2 - x / 5) as u8;
            let [r, g, b] = coat(x, y).unwrap_or([fall, fall, fall]);
            [r, g, b, 255]
        }),
        None,
    );
    assert_eq!(reading.background.kind, BackgroundKind::Plain);
    let subject = reading.framing.subject.expect("told");
    assert!((subject.width - 0.4).abs() < 0.03, "{subject:?}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_picture_is_measured(
        width in 1_u32..60, height in 1_u32..60, bytes in proptest::collection::vec(any::<u8>(), 1..80),
        region in proptest::option::of((any::<f64>(), any::<f64>(), any::<f64>(), any::<f64>())),
    ) {
        let picture = DynamicImage::ImageRgba8(RgbaImage::from_fn(width, height, |x, y| {
            let at = |k: u32| bytes[((x * 5 + y * 11 + k) as usize) % bytes.len()];
            Rgba([at(0), at(1), at(2), at(3)])
        }));
        let region = region.map(|(x, y, width, height)| Region { x, y, width, height });
        let reading = measure(&picture, region.as_ref());
        let shares: f64 = reading.palette.iter().map(|swatch| swatch.share).sum();
        prop_assert!(shares <= 1.01);
        prop_assert!(reading.statements.iter().all(|s| (0.0..=1.0).contains(&s.confidence)));
        prop_assert!(reading.statements.iter().all(|s| s.text.ends_with('.')));
    }
}
