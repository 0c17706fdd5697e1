//! A small renderer of the scheme, and how well its skeletons are found again.

use image::{Rgb, RgbImage};

use super::super::joints::{
    Body, COLOURS, JOINTS, L_SHOULDER, LIMBS, NECK, Point, R_SHOULDER, distance,
};
use super::recover;

/// Draws people as DWPose does: limbs in order as ellipses, dimmed to 0.6, then dots.
fn draw(people: &[Body], width: u32, height: u32, scale: f64) -> RgbImage {
    let radius = 4.0 * scale;
    let mut picture = RgbImage::new(width, height);
    for body in people {
        for (limb, (a, b)) in LIMBS.iter().enumerate() {
            if let (Some(a), Some(b)) = (body[*a], body[*b]) {
                ellipse(&mut picture, a, b, radius, COLOURS[limb].map(dim));
            }
        }
    }
    for body in people {
        for (joint, point) in body.iter().enumerate() {
            if let Some(point) = point {
                ellipse(&mut picture, *point, *point, radius, COLOURS[joint]);
            }
        }
    }
    picture
}

fn dim(value: u8) -> u8 {
    (f64::from(value) * 0.6) as u8
}

/// A filled ellipse from tip to tip; a disc where both tips are the same.
fn ellipse(picture: &mut RgbImage, a: Point, b: Point, radius: f64, colour: [u8; 3]) {
    let centre = [f64::midpoint(a[0], b[0]), f64::midpoint(a[1], b[1])];
    let long = (distance(a, b) / 2.0).max(radius);
    let angle = (b[1] - a[1]).atan2(b[0] - a[0]);
    for y in 0..picture.height() {
        for x in 0..picture.width() {
            let (dx, dy) = (f64::from(x) - centre[0], f64::from(y) - centre[1]);
            if dx.abs() > long + 1.0 || dy.abs() > long + 1.0 {
                continue;
            }
            let u = dx * angle.cos() + dy * angle.sin();
            let v = -dx * angle.sin() + dy * angle.cos();
            if (u / long).powi(2) + (v / radius).powi(2) <= 1.0 {
                picture.put_pixel(x, y, Rgb(colour));
            }
        }
    }
}

/// A standing figure facing the camera, its neck at `neck`, about `size` pixels tall.
fn figure(neck: Point, size: f64, swing: f64) -> Body {
    let at = |x: f64, y: f64| Some([neck[0] + x * size, neck[1] + y * size]);
    [
        at(0.0, -0.1),
        at(0.0, 0.0),
        at(-0.11, 0.0),
        at(-0.15, 0.17),
        at(-0.17 + swing, 0.33),
        at(0.11, 0.0),
        at(0.15, 0.17),
        at(0.17 + swing, 0.33),
        at(-0.07, 0.33),
        at(-0.08 - swing, 0.55),
        at(-0.08 - 1.6 * swing, 0.78),
        at(0.07, 0.33),
        at(0.08 + swing, 0.55),
        at(0.08 + 1.6 * swing, 0.78),
        at(-0.025, -0.125),
        at(0.025, -0.125),
        at(-0.06, -0.115),
        at(0.06, -0.115),
    ]
}

/// Distances between true and found joints of the person found nearest, joints not found
/// counting as infinitely far.
fn errors(truth: &Body, found: &[Body]) -> Vec<f64> {
    let all = |body: &Body| -> Vec<f64> {
        (0..JOINTS)
            .filter_map(|joint| {
                let truth = truth[joint]?;
                Some(body[joint].map_or(f64::INFINITY, |p| distance(p, truth)))
            })
            .collect()
    };
    found
        .iter()
        .map(all)
        .min_by(|a, b| median(a).total_cmp(&median(b)))
        .unwrap_or_else(|| vec![f64::INFINITY; JOINTS])
}

fn median(values: &[f64]) -> f64 {
    let mut values = values.to_vec();
    values.sort_by(f64::total_cmp);
    values
        .get(values.len() / 2)
        .copied()
        .unwrap_or(f64::INFINITY)
}

fn exchange(picture: &RgbImage) -> RgbImage {
    let mut other = picture.clone();
    for Rgb([r, _, b]) in other.pixels_mut() {
        std::mem::swap(r, b);
    }
    other
}

#[test]
fn one_figure_is_found_to_the_pixel_in_either_order_of_colours() {
    let truth = figure([256.0, 140.0], 380.0, 0.06);
    let picture = draw(&[truth], 512, 512, 1.0);
    for (picture, swapped) in [(picture.clone(), false), (exchange(&picture), true)] {
        let found = recover(&picture, None);
        assert!(found.fit(swapped) > 2.0 * found.fit(!swapped));
        assert_eq!(found.people(swapped).len(), 1);
        let errors = errors(&truth, found.people(swapped));
        assert!(median(&errors) < 0.7, "{errors:?}");
        assert!(errors.iter().all(|e| *e < 3.0), "{errors:?}");
    }
}

#[test]
fn several_people_are_kept_apart() {
    let truth = [
        figure([110.0, 150.0], 300.0, 0.05),
        figure([250.0, 120.0], 330.0, -0.04),
        figure([400.0, 170.0], 260.0, 0.02),
    ];
    let found = recover(&draw(&truth, 512, 512, 1.0), None);
    assert_eq!(found.people(false).len(), 3);
    for body in &truth {
        let errors = errors(body, found.people(false));
        assert!(median(&errors) < 1.0, "{errors:?}");
    }
}

#[test]
fn people_who_overlap_are_still_two() {
    let truth = [
        figure([230.0, 130.0], 340.0, 0.05),
        figure([285.0, 150.0], 330.0, -0.05),
    ];
    let found = recover(&draw(&truth, 512, 512, 1.0), None);
    assert_eq!(found.people(false).len(), 2);
    for body in &truth {
        let errors = errors(body, found.people(false));
        assert!(median(&errors) < 2.0, "{errors:?}");
    }
}

#[test]
fn drawings_of_other_sizes_are_found() {
    for (width, height, scale, size) in [
        (256, 256, 0.75, 190.0),
        (720, 1280, 1.0, 900.0),
        (1024, 1024, 2.0, 760.0),
    ] {
        let neck = [f64::from(width) / 2.0, f64::from(height) * 0.25];
        let truth = figure(neck, size, 0.05);
        let found = recover(&draw(&[truth], width, height, scale), None);
        let errors = errors(&truth, found.people(false));
        assert!(median(&errors) < 2.0, "{width}×{height}: {errors:?}");
    }
}

#[test]
fn half_size_after_drawing_is_found() {
    let truth = figure([256.0, 140.0], 380.0, 0.06);
    let picture = draw(&[truth], 512, 512, 1.0);
    let half = image::imageops::resize(&picture, 256, 256, image::imageops::FilterType::Triangle);
    let found = recover(&half, None);
    let expected = truth.map(|p| p.map(|[x, y]| [(x + 0.5) / 2.0 - 0.5, (y + 0.5) / 2.0 - 0.5]));
    let errors = errors(&expected, found.people(false));
    assert!(median(&errors) < 1.0, "{errors:?}");
}

#[test]
fn drawn_hands_and_faces_are_no_limbs() {
    let truth = figure([256.0, 140.0], 380.0, 0.03);
    let mut picture = draw(&[truth], 512, 512, 1.0);
    // Hands: thin full-bright lines from the wrist and blue dots on them.
    for wrist in [4, 7] {
        let root = truth[wrist].unwrap();
        for finger in 0..5_usize {
            let angle = 0.9 + 0.3 * finger as f64;
            let mut from = root;
            for knuckle in 0..4_usize {
                let to = [from[0] + 9.0 * angle.cos(), from[1] + 9.0 * angle.sin()];
                let colour = COLOURS[(finger * 4 + knuckle) * 18 / 20];
                ellipse(&mut picture, from, to, 1.0, colour);
                from = to;
            }
        }
        for finger in 0..5_usize {
            let angle = 0.9 + 0.3 * finger as f64;
            for knuckle in 0..5 {
                let at = [
                    root[0] + 9.0 * f64::from(knuckle) * angle.cos(),
                    root[1] + 9.0 * f64::from(knuckle) * angle.sin(),
                ];
                ellipse(&mut picture, at, at, 4.0, [0, 0, 255]);
            }
        }
    }
    // A face: white dots around the nose.
    let nose = truth[0].unwrap();
    for step in 0..24 {
        let angle = f64::from(step) * std::f64::consts::TAU / 24.0;
        let at = [nose[0] + 26.0 * angle.cos(), nose[1] + 32.0 * angle.sin()];
        ellipse(&mut picture, at, at, 3.0, [255, 255, 255]);
    }
    let found = recover(&picture, None);
    assert_eq!(found.people(false).len(), 1);
    let errors = errors(&truth, found.people(false));
    assert!(median(&errors) < 1.0, "{errors:?}");
    assert!(
        errors.iter().filter(|e| **e < 6.0).count() >= 16,
        "{errors:?}"
    );
}

#[test]
fn a_body_cut_by_the_frame_keeps_what_is_drawn() {
    let mut truth = figure([256.0, 300.0], 600.0, 0.0);
    for point in &mut truth {
        if point.is_some_and(|p| p[1] > 511.0) {
            *point = None;
        }
    }
    let found = recover(&draw(&[truth], 512, 512, 1.0), None);
    assert_eq!(found.people(false).len(), 1);
    let body = found.people(false)[0];
    assert!(body[NECK].is_some() && body[R_SHOULDER].is_some() && body[L_SHOULDER].is_some());
    for joint in 0..JOINTS {
        assert!(
            truth[joint].is_some() || body[joint].is_none(),
            "joint {joint} is invented"
        );
    }
}

#[test]
fn other_pictures_hold_nobody() {
    let black = RgbImage::new(64, 64);
    assert!(!recover(&black, None).is_skeleton());
    let noise = RgbImage::from_fn(128, 128, |x, y| {
        let v = x
            .wrapping_mul(2_654_435_761)
            .wrapping_add(y.wrapping_mul(40_503))
            >> 7;
        Rgb([v as u8, (v >> 8) as u8, (v >> 16) as u8])
    });
    assert!(!recover(&noise, None).is_skeleton());
    let sunset = RgbImage::from_fn(128, 128, |x, y| Rgb([200, (x + y) as u8 / 2, 40]));
    assert!(!recover(&sunset, None).is_skeleton());
    assert!(!recover(&RgbImage::new(0, 0), None).is_skeleton());
}

#[test]
fn a_far_leg_behind_the_near_one_is_found() {
    // Seen from the side: both hips, both shoulders and the neck lie within a few pixels.
    let mut truth = figure([256.0, 140.0], 380.0, 0.08);
    for (joint, x) in [(2, -3.0), (5, 3.0), (8, -2.0), (11, 2.0)] {
        truth[joint] = truth[joint].map(|[_, y]| [256.0 + x, y]);
    }
    for (joint, x) in [(9, 24.0), (10, 10.0), (12, -16.0), (13, -60.0)] {
        truth[joint] = truth[joint].map(|[_, y]| [256.0 + x, y]);
    }
    let found = recover(&draw(&[truth], 512, 512, 1.0), Some(false));
    assert_eq!(found.people(false).len(), 1);
    let body = found.people(false)[0];
    for joint in 8..14 {
        let (Some(found), Some(truth)) = (body[joint], truth[joint]) else {
            panic!("joint {joint} is lost: {body:?}");
        };
        assert!(distance(found, truth) < 5.0, "{joint}: {found:?} {truth:?}");
    }
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(48))]

    /// Whatever is drawn in the scheme's colours, people lie within the picture.
    #[test]
    fn blots_of_colour_never_break_it(
        width in 1_u32..96,
        height in 1_u32..96,
        blots in proptest::collection::vec(
            (0_usize..18, proptest::bool::ANY, -10.0_f64..100.0, -10.0_f64..100.0,
             -10.0_f64..100.0, -10.0_f64..100.0, 0.5_f64..6.0),
            0..40,
        ),
    ) {
        let mut picture = RgbImage::new(width, height);
        for (colour, dot, ax, ay, bx, by, radius) in blots {
            let colour = COLOURS[colour];
            let (a, b) = ([ax, ay], if dot { [ax, ay] } else { [bx, by] });
            ellipse(&mut picture, a, b, radius, if dot { colour } else { colour.map(dim) });
        }
        let found = recover(&picture, None);
        for [x, y] in found.people(false).iter().chain(found.people(true)).flatten().flatten() {
            proptest::prop_assert!((0.0..f64::from(width)).contains(x));
            proptest::prop_assert!((0.0..f64::from(height)).contains(y));
        }
    }
}
