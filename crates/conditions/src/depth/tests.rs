use decoupage_shot::{Region, Silent};
use image::{ImageBuffer, Luma, Rgb, RgbImage};
use proptest::prelude::*;

use super::*;
use crate::camera::MoveKind;

const WIDTH: u32 = 160;
const HEIGHT: u32 = 120;

/// An upright box: left, right, top, bottom, near, far (x right, y down, z forward).
type Block = [f64; 6];

/// Things that stand around: nearness falls off into depth, and every side has an edge.
const STREET: [Block; 4] = [
    [-2.6, -1.8, -0.6, 1.4, 4.0, 4.6],
    [1.5, 2.3, -1.2, 1.4, 5.0, 5.8],
    [-0.9, 0.1, 0.2, 1.4, 7.0, 7.6],
    [3.2, 4.6, -2.2, 1.4, 9.0, 9.6],
];

/// Distance along the view ray of every pixel: a floor, a back wall and blocks, seen from a
/// level camera at `eye`.
fn distances(eye: [f64; 3], blocks: &[Block]) -> Vec<f64> {
    let mut out = Vec::new();
    for y in 0..HEIGHT {
        for x in 0..WIDTH {
            let dx = (f64::from(x) + 0.5) / f64::from(WIDTH) * 1.2 - 0.6;
            let dy = ((f64::from(y) + 0.5) / f64::from(HEIGHT) - 0.5) * 0.9;
            let mut nearest = 14.0 - eye[2];
            if dy > 1e-6 {
                nearest = nearest.min((1.4 - eye[1]) / dy);
            }
            for [left, right, top, bottom, near, far] in blocks {
                let (mut enter, mut leave) = (near - eye[2], far - eye[2]);
                for (low, high, eye, slope) in
                    [(*left, *right, eye[0], dx), (*top, *bottom, eye[1], dy)]
                {
                    let (a, b) = ((low - eye) / slope, (high - eye) / slope);
                    enter = enter.max(a.min(b));
                    leave = leave.min(a.max(b));
                }
                if enter < leave && enter > 0.2 {
                    nearest = nearest.min(enter);
                }
            }
            out.push(nearest);
        }
    }
    out
}

/// Writes frames of a scene that moves with `at` (0–1) and reads them back.
fn read_clip(
    frames: usize,
    polarity: Polarity,
    colormap: Colormap,
    scene: impl Fn(f64) -> ([f64; 3], Vec<Block>),
) -> DepthReading {
    let folder = tempfile::tempdir().expect("a folder");
    for index in 0..frames {
        let (eye, blocks) = scene(index as f64 / (frames - 1).max(1) as f64);
        let depth = distances(eye, &blocks);
        let picture = RgbImage::from_fn(WIDTH, HEIGHT, |x, y| {
            let near = 2.6 / depth[(y * WIDTH + x) as usize];
            let value = match polarity {
                Polarity::NearBright => near,
                Polarity::NearDark => 1.0 - near.min(1.0),
            };
            Rgb(colormap.colour(value as f32))
        });
        picture
            .save(folder.path().join(format!("{index:04}.png")))
            .expect("saved");
    }
    read(folder.path(), &ReadOptions::default(), &Silent).expect("read")
}

fn still(at: f64) -> ([f64; 3], Vec<Block>) {
    let _ = at;
    ([0.0; 3], STREET.to_vec())
}

#[test]
fn both_polarities_are_told() {
    let bright = read_clip(3, Polarity::NearBright, Colormap::Grey, still);
    assert_eq!(bright.polarity, Polarity::NearBright);
    let dark = read_clip(3, Polarity::NearDark, Colormap::Grey, still);
    assert_eq!(dark.polarity, Polarity::NearDark);
    assert!(dark.polarity_confidence > 0.7);
    assert_eq!(bright.layers.len(), dark.layers.len());
    assert!((bright.layers[0].share - dark.layers[0].share).abs() < 0.05);
}

#[test]
fn a_still_camera_is_told_and_nothing_moves() {
    let reading = read_clip(8, Polarity::NearBright, Colormap::Inferno, still);
    assert_eq!(reading.colormap, Colormap::Inferno);
    assert_eq!(
        reading.camera_motion.map(|m| m.kind),
        Some(MoveKind::Static)
    );
    assert!(
        reading.moving_regions.is_empty(),
        "{:?}",
        reading.moving_regions
    );
}

#[test]
fn camera_moves_are_named_or_left_open() {
    type Path = fn(f64) -> [f64; 3];
    let cases: [(Path, MoveKind); 6] = [
        (|at| [0.0, 0.0, 1.4 * at], MoveKind::DollyIn),
        (|at| [0.0, 0.0, 1.4 - 1.4 * at], MoveKind::DollyOut),
        (|at| [0.9 * at, 0.0, 0.0], MoveKind::TruckRight),
        (|at| [-0.9 * at, 0.0, 0.0], MoveKind::TruckLeft),
        (|at| [0.0, -0.8 * at, 0.0], MoveKind::PedestalUp),
        (|at| [0.0, 0.8 * at, 0.0], MoveKind::PedestalDown),
    ];
    let mut named = 0;
    for (path, expected) in cases {
        let reading = read_clip(16, Polarity::NearBright, Colormap::Grey, |at| {
            (path(at), STREET.to_vec())
        });
        if let Some(motion) = &reading.camera_motion {
            assert_eq!(motion.kind, expected, "{reading:?}");
            named += 1;
        }
    }
    // Sideways moves past things at like distances are left open rather than taken for turns.
    assert!(named >= 4, "only {named} of 6 are named");
}

#[test]
fn a_thing_that_crosses_is_found_with_its_direction() {
    let reading = read_clip(16, Polarity::NearBright, Colormap::Grey, |at| {
        let mut blocks = STREET.to_vec();
        let x = -1.6 + 2.2 * at;
        blocks.push([x, x + 0.6, -0.8, 1.4, 3.4, 3.8]);
        ([0.0; 3], blocks)
    });
    let [mover, ..] = reading.moving_regions.as_slice() else {
        panic!("nothing found: {reading:?}");
    };
    assert!(mover.dx > 0.15, "{mover:?}");
    assert!(mover.dy.abs() < 0.1, "{mover:?}");
    assert_eq!(mover.band, Band::Near);
    assert_eq!(
        reading.moving_regions.len(),
        1,
        "{:?}",
        reading.moving_regions
    );
    assert!(
        reading
            .statements
            .iter()
            .any(|s| s.text.contains("moves right"))
    );
}

#[test]
fn layers_come_nearest_first_and_sit_where_they_are() {
    // A wall far behind, a floor strip, and a box near on the left.
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("layers.png");
    RgbImage::from_fn(WIDTH, HEIGHT, |x, y| {
        if x < 45 && y > 30 {
            Rgb([235; 3])
        } else if y > 80 {
            Rgb([130; 3])
        } else {
            Rgb([20; 3])
        }
    })
    .save(&path)
    .expect("saved");
    let reading = read(&path, &ReadOptions::default(), &Silent).expect("read");
    let bands: Vec<_> = reading.layers.iter().map(|layer| layer.band).collect();
    assert_eq!(bands, [Band::Near, Band::Mid, Band::Far]);
    assert!(
        reading.layers[0].place.contains("left"),
        "{:?}",
        reading.layers
    );
    assert!(
        reading.layers[2].place.contains("upper"),
        "{:?}",
        reading.layers
    );
    assert!((reading.layers[0].share - 45.0 * 89.0 / (160.0 * 120.0)).abs() < 0.02);
}

#[test]
fn one_depth_is_one_layer() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("flat.png");
    RgbImage::from_pixel(64, 64, Rgb([120; 3]))
        .save(&path)
        .expect("saved");
    let reading = read(&path, &ReadOptions::default(), &Silent).expect("read");
    assert_eq!(reading.layers.len(), 1);
    assert_eq!(reading.camera_motion, None);
}

#[test]
fn sixteen_bits_of_distance_read_far_as_large() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("metric.png");
    let depth = distances([0.0; 3], &STREET);
    // Millimetres, unknown in one corner.
    ImageBuffer::from_fn(WIDTH, HEIGHT, |x, y| {
        let mm = depth[(y * WIDTH + x) as usize] * 1000.0;
        Luma([if x < 8 && y < 8 { 0 } else { mm as u16 }])
    })
    .save(&path)
    .expect("saved");
    let reading = read(&path, &ReadOptions::default(), &Silent).expect("read");
    assert_eq!(reading.polarity, Polarity::NearDark);
    assert!(reading.polarity_confidence > 0.8);
}

#[test]
fn the_person_overrides_polarity() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("ramp.png");
    RgbImage::from_fn(64, 64, |_, y| Rgb([(y * 4) as u8; 3]))
        .save(&path)
        .expect("saved");
    let options = ReadOptions {
        polarity: Some(Polarity::NearDark),
        ..ReadOptions::default()
    };
    let reading = read(&path, &options, &Silent).expect("read");
    assert_eq!(reading.polarity, Polarity::NearDark);
    assert!((reading.polarity_confidence - 1.0).abs() < 1e-9);
    assert!(
        reading.layers[0].place.contains("upper"),
        "{:?}",
        reading.layers
    );
}

#[test]
fn side_by_side_is_read_and_recoloured_from_its_right_half() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("both.png");
    let depth = distances([0.0; 3], &STREET);
    let both = RgbImage::from_fn(2 * WIDTH + 50, HEIGHT, |x, y| {
        if x < WIDTH {
            Rgb([(x + y) as u8, (x * 3 % 200) as u8, (y * 2) as u8])
        } else if x < WIDTH + 50 {
            Rgb([255; 3])
        } else {
            let near = 2.6 / depth[(y * WIDTH + x - WIDTH - 50) as usize];
            Rgb(Colormap::SpectralReversed.colour(near as f32))
        }
    });
    both.save(&path).expect("saved");
    let reading = read(&path, &ReadOptions::default(), &Silent).expect("read");
    assert_eq!(reading.layout, DepthLayout::SideBySide);
    assert_eq!(reading.colormap, Colormap::SpectralReversed);
    assert_eq!(reading.polarity, Polarity::NearBright);
    let grey = recolour(&DynamicImage::ImageRgb8(both), &reading, Colormap::Grey);
    assert!(grey.width().abs_diff(WIDTH) <= 2);
    assert_eq!(grey.height(), HEIGHT);
    let floor = grey.get_pixel(80, HEIGHT - 1).0[0];
    let wall = grey.get_pixel(80, 10).0[0];
    assert!(floor > wall + 60, "{floor} {wall}");
}

#[test]
fn ordinary_colours_are_no_depth() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("colours.png");
    RgbImage::from_fn(64, 64, |x, y| Rgb([60 + x as u8, 140, 90 + y as u8]))
        .save(&path)
        .expect("saved");
    let fault = read(&path, &ReadOptions::default(), &Silent).expect_err("refused");
    assert!(fault.message.contains("not depth"), "{fault}");
    assert_eq!(fault.path.as_deref(), Some(path.as_path()));
}

#[test]
fn sound_and_rubbish_are_faults() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("rubbish.png");
    std::fs::write(&path, b"\x89PNG\r\n\x1a\nnothing").expect("written");
    assert!(read(&path, &ReadOptions::default(), &Silent).is_err());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn any_small_picture_is_read_or_refused(
        width in 1_u32..40, height in 1_u32..40, bytes in proptest::collection::vec(any::<u8>(), 1..64),
        region in proptest::option::of((any::<f64>(), any::<f64>(), any::<f64>(), any::<f64>())),
    ) {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("any.png");
        RgbImage::from_fn(width, height, |x, y| {
            let at = |k: u32| bytes[((x * 7 + y * 13 + k) as usize) % bytes.len()];
            Rgb([at(0), at(1), at(2)])
        }).save(&path).expect("saved");
        let options = ReadOptions {
            region: region.map(|(x, y, width, height)| Region { x, y, width, height }),
            ..ReadOptions::default()
        };
        if let Ok(reading) = read(&path, &options, &Silent) {
            let shares: f64 = reading.layers.iter().map(|layer| layer.share).sum();
            prop_assert!(shares <= 1.01);
            prop_assert!(reading.statements.iter().all(|s| (0.0..=1.0).contains(&s.confidence)));
        }
    }
}
