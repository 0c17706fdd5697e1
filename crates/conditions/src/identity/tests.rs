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
    inside.then(|| {
        if y < 70 {
            [0xf0, 0xef, 0xea]
        } else {
            [0x8f, 0x12, 0x20]
        }
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
