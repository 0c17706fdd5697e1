//! Hands and faces as DWPose draws them over a body: fingers as thin lines in the colours of
//! the rainbow with blue dots, faces as white dots.
//!
//! The stage's actors have no fingers and no features: a spread hand is laid out on from the
//! forearm and a face around the nose, of human size, so that readers meet what real drawings
//! hold.

use image::{Rgb, RgbImage};

use super::{disc, line};
use crate::pose::{Keypoint, PersonView};

/// Radius of the blue dots of hands, pixels.
const HAND_DOT: f64 = 4.0;
/// Radius of the white dots of faces, pixels.
const FACE_DOT: f64 = 3.0;
/// Half the width of fingers, pixels.
const FINGER: f64 = 1.0;
/// A hand's length as a share of the torso, neck to hips.
const HAND_LENGTH: f64 = 0.34;
/// Half a face's height as a share of the torso.
const HALF_FACE: f64 = 0.22;

/// Draws the hands of a person, `swapped` with red and blue exchanged.
pub fn hands(picture: &mut RgbImage, person: &PersonView, swapped: bool) {
    for (elbow, wrist) in [(3, 4), (6, 7)] {
        if let (Some(elbow), Some(wrist)) = (person.points[elbow], person.points[wrist]) {
            hand(picture, elbow, wrist, HAND_LENGTH * torso(person), swapped);
        }
    }
}

/// One hand: four knuckles on each of five fingers spread about the forearm's direction.
fn hand(picture: &mut RgbImage, elbow: Keypoint, wrist: Keypoint, length: f64, swapped: bool) {
    let direction = (wrist.y - elbow.y).atan2(wrist.x - elbow.x);
    let finger = |finger: usize| {
        let angle = direction + (finger as f64 - 2.0) * 0.3;
        let longest = length * if finger == 0 { 0.7 } else { 1.0 };
        [0.0, 0.5, 0.7, 0.86, 1.0].map(|share| {
            let reach = longest * share;
            (wrist.x + reach * angle.cos(), wrist.y + reach * angle.sin())
        })
    };
    for number in 0..5 {
        for (bone, ends) in finger(number).windows(2).enumerate() {
            let colour = rainbow((number * 4 + bone) as f64 / 20.0, swapped);
            line(picture, ends[0], ends[1], FINGER, colour);
        }
    }
    let blue = Rgb(if swapped { [255, 0, 0] } else { [0, 0, 255] });
    for number in 0..5 {
        for knuckle in finger(number) {
            disc(picture, knuckle, HAND_DOT, blue);
        }
    }
}

/// Draws the face of a person whose nose and at least one eye are seen: 68 white dots.
pub fn face(picture: &mut RgbImage, person: &PersonView) {
    let (Some(nose), Some(eye)) = (person.points[0], person.points[14].or(person.points[15]))
    else {
        return;
    };
    let tall = HALF_FACE * torso(person);
    // In profile a face is half as wide, behind the nose.
    let both = person.points[14].is_some() && person.points[15].is_some();
    let (wide, middle) = if both {
        (0.75 * tall, nose.x)
    } else {
        (0.4 * tall, nose.x + (eye.x - nose.x).signum() * 0.35 * tall)
    };
    let mut dot = |x: f64, y: f64| {
        let at = (middle + x * wide, nose.y + y * tall);
        disc(picture, at, FACE_DOT, Rgb([255; 3]));
    };
    let arc = |count: u32, from: f64, to: f64| {
        (0..count)
            .map(move |n| (from + (to - from) * f64::from(n) / f64::from(count - 1)).sin_cos())
    };
    let round = std::f64::consts::TAU;
    for (sin, cos) in arc(17, 0.0, round / 2.0) {
        dot(cos, sin);
    }
    for side in [-1.0, 1.0] {
        for step in 0..5 {
            dot(side * (0.2 + 0.14 * f64::from(step)), -0.6);
        }
        for (sin, cos) in arc(7, 0.0, round).take(6) {
            dot(side * 0.45 + 0.17 * cos, -0.35 + 0.1 * sin);
        }
    }
    for step in 0..4 {
        dot(0.0, -0.35 + 0.12 * f64::from(step));
    }
    for step in -2..3 {
        dot(0.1 * f64::from(step), 0.1);
    }
    for (sin, cos) in arc(13, 0.0, round).take(12) {
        dot(0.4 * cos, 0.5 + 0.18 * sin);
    }
    for (sin, cos) in arc(9, 0.0, round).take(8) {
        dot(0.28 * cos, 0.5 + 0.06 * sin);
    }
}

/// From the neck to between the hips, pixels; a guess for someone cut off by the frame.
fn torso(person: &PersonView) -> f64 {
    match (person.points[1], person.mid_hip) {
        (Some(neck), Some(hip)) => (neck.x - hip.x).hypot(neck.y - hip.y).max(8.0),
        _ => 60.0,
    }
}

/// A fully saturated colour, its hue a share of the circle.
fn rainbow(hue: f64, swapped: bool) -> Rgb<u8> {
    let channel = |shift: f64| {
        let away = (hue * 6.0 + shift).rem_euclid(6.0);
        ((away - 3.0).abs() - 1.0).clamp(0.0, 1.0) * 255.0
    };
    let [r, g, b] = [0.0, 4.0, 2.0].map(channel).map(|value| value as u8);
    Rgb(if swapped { [b, g, r] } else { [r, g, b] })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rainbow_begins_with_red_and_goes_on_to_green() {
        assert_eq!(rainbow(0.0, false), Rgb([255, 0, 0]));
        assert_eq!(rainbow(1.0 / 3.0, false), Rgb([0, 255, 0]));
        assert_eq!(rainbow(2.0 / 3.0, false), Rgb([0, 0, 255]));
        assert_eq!(rainbow(0.0, true), Rgb([0, 0, 255]));
    }
}
