use decoupage_shot::{Change, Correction, Silent};
use image::Rgba;
use proptest::prelude::*;

use super::*;
use crate::reading::Reading;

/// A white sheet to draw on.
struct Sheet(RgbaImage);

impl Sheet {
    fn new() -> Self {
        Self(RgbaImage::from_pixel(640, 360, Rgba([255; 4])))
    }

    fn line(mut self, from: (f64, f64), to: (f64, f64)) -> Self {
        let steps = 2000;
        for step in 0..=steps {
            let part = f64::from(step) / f64::from(steps);
            let x = from.0 + (to.0 - from.0) * part;
            let y = from.1 + (to.1 - from.1) * part;
            for (dx, dy) in [(0.0, 0.0), (1.0, 0.0), (0.0, 1.0)] {
                let (x, y) = ((x + dx) as u32, (y + dy) as u32);
                if x < 640 && y < 360 {
                    self.0.put_pixel(x, y, Rgba([20, 20, 20, 255]));
                }
            }
        }
        self
    }
}

/// A corridor whose lines run to a point.
fn corridor(x: f64, y: f64) -> RgbaImage {
    let mut sheet = Sheet::new();
    for (cx, cy) in [
        (0.0, 0.0),
        (640.0, 0.0),
        (0.0, 360.0),
        (640.0, 360.0),
        (0.0, 270.0),
        (640.0, 120.0),
        (150.0, 360.0),
        (480.0, 0.0),
    ] {
        let part = 0.7;
        sheet = sheet.line((cx, cy), (cx + (x - cx) * part, cy + (y - cy) * part));
    }
    sheet.0
}

fn read_sketch(picture: &RgbaImage) -> SketchReading {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("sketch.png");
    picture.save(&path).expect("saved");
    read(
        &path,
        ConditionKind::Sketch,
        &ReadOptions::default(),
        &Silent,
    )
    .expect("read")
}

#[test]
fn one_point_perspective_gives_point_and_horizon() {
    let reading = read_sketch(&corridor(400.0, 150.0));
    let point = reading.vanishing_points.first().expect("a point");
    assert!((point.at[0] - 400.0 / 640.0).abs() < 0.01, "{point:?}");
    assert!((point.at[1] - 150.0 / 360.0).abs() < 0.015, "{point:?}");
    assert_eq!(reading.vanishing_points.len(), 1);
    let horizon = reading.horizon.expect("a horizon");
    assert!((horizon.left - 150.0 / 360.0).abs() < 0.02);
    assert!(!reading.light_on_dark);
    assert_eq!(
        reading.plain.statements[0].text,
        "Dark lines on a light ground."
    );
    let measured = Reading::Sketch(reading);
    let text = |reading: &Reading| format!("{:?}", reading.statements());
    assert!(
        text(&measured).contains("right of the middle"),
        "{}",
        text(&measured)
    );
    let gone = crate::correct(
        &measured,
        &[Correction {
            item: "vanishing/0".to_owned(),
            was: "Vanishing point 1".to_owned(),
            change: Change::Delete,
        }],
    );
    assert!(gone.unmet.is_empty());
    assert!(!text(&gone.reading).contains("perspective: its"));
}

#[test]
fn a_long_level_line_is_said_to_be_perhaps_the_horizon() {
    let sea = Sheet::new().line((0.0, 120.0), (640.0, 122.0)).0;
    let reading = read_sketch(&sea);
    let horizon = reading.horizon.expect("a line");
    assert_eq!(horizon.by, HorizonBy::Line);
    assert!((horizon.left - 121.0 / 360.0).abs() < 0.01, "{horizon:?}");
    assert!(reading.vanishing_points.is_empty());
    assert!(
        reading
            .plain
            .statements
            .iter()
            .any(|s| s.text.contains("may be the horizon"))
    );
}

#[test]
fn shapes_lie_apart_and_can_be_named() {
    let ring = |sheet: Sheet, x: f64, y: f64, r: f64| {
        (0..24).fold(sheet, |sheet, n| {
            let at = |n: i32| {
                let angle = f64::from(n) / 24.0 * std::f64::consts::TAU;
                (x + r * angle.cos(), y + r * angle.sin())
            };
            sheet.line(at(n), at(n + 1))
        })
    };
    let two = ring(ring(Sheet::new(), 140.0, 180.0, 90.0), 500.0, 200.0, 70.0).0;
    let inverted = RgbaImage::from_fn(640, 360, |x, y| {
        let [r, g, b, _] = two.get_pixel(x, y).0;
        Rgba([255 - r, 255 - g, 255 - b, 255])
    });
    assert!(read_sketch(&inverted).light_on_dark);
    let reading = read_sketch(&two);
    assert_eq!(reading.shapes.len(), 2, "{:?}", reading.shapes);
    assert!(reading.vanishing_points.is_empty() && reading.horizon.is_none());
    let measured = Reading::Sketch(reading);
    let renamed = crate::correct(
        &measured,
        &[Correction {
            item: "shape/1".to_owned(),
            was: "Shape 2".to_owned(),
            change: Change::Rename {
                to: "the moon".to_owned(),
            },
        }],
    );
    assert!(renamed.unmet.is_empty());
    let text = format!("{:?}", renamed.reading.statements());
    assert!(text.contains("the moon on the right"), "{text}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn any_picture_is_measured(
        width in 1_u32..70, height in 1_u32..70, bytes in proptest::collection::vec(any::<u8>(), 1..60),
    ) {
        let picture = RgbaImage::from_fn(width, height, |x, y| {
            let at = |k: u32| bytes[((x * 5 + y * 11 + k) as usize) % bytes.len()];
            Rgba([at(0), at(1), at(2), at(3)])
        });
        let drawn = measure(&picture);
        prop_assert!((0.0..=1.0).contains(&drawn.density));
        prop_assert!(drawn.shapes.iter().all(|shape| shape.share <= 1.0));
    }
}
