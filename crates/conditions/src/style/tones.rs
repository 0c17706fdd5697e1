//! Colour over the tonal range: temperature, shadows against highlights, black and white,
//! falloff to the corners.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::colour::{Canvas, Lab, chroma};

/// The colour that a part of the tonal range leans to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct Tint {
    /// What people call it ("teal", "orange").
    pub name: String,
    /// Hue angle in CIELAB, degrees: 0 red, 90 yellow, 180 green, 270 blue.
    pub hue_deg: f64,
    /// Distance from grey in CIELAB.
    pub chroma: f64,
}

/// The lightness (L*) of shadows.
pub const SHADOWS: std::ops::Range<f32> = 4.0..36.0;
/// The lightness (L*) of highlights.
pub const HIGHLIGHTS: std::ops::Range<f32> = 62.0..98.5;

/// The mean tint of the colours whose lightness lies in a range; `None` where they are few or
/// lean nowhere.
pub fn tint(colours: &[Lab], lightness: std::ops::Range<f32>) -> Option<Tint> {
    let (mut count, mut a, mut b) = (0_usize, 0.0_f64, 0.0_f64);
    for colour in colours.iter().filter(|c| lightness.contains(&c.l)) {
        count += 1;
        a += f64::from(colour.a);
        b += f64::from(colour.b);
    }
    if count * 25 < colours.len() || count == 0 {
        return None;
    }
    let (a, b) = (a / count as f64, b / count as f64);
    let hue_deg = b.atan2(a).to_degrees().rem_euclid(360.0);
    let strength = a.hypot(b);
    (strength >= 4.0).then(|| Tint {
        name: hue_name(hue_deg).to_owned(),
        hue_deg: hue_deg.round(),
        chroma: (strength * 10.0).round() / 10.0,
    })
}

/// What people call a hue of a grade.
fn hue_name(hue_deg: f64) -> &'static str {
    match hue_deg {
        hue if hue < 20.0 => "pink",
        hue if hue < 45.0 => "red",
        hue if hue < 82.0 => "orange",
        hue if hue < 108.0 => "yellow",
        hue if hue < 165.0 => "green",
        hue if hue < 242.0 => "teal",
        hue if hue < 295.0 => "blue",
        hue if hue < 330.0 => "purple",
        _ => "magenta",
    }
}

/// The colour temperature of the light that would make the picture's colours average out to
/// its own shade of grey, in kelvin: an estimate, as every such number from a finished picture
/// is. `None` where the average is far from any lamp's or daylight's colour.
///
/// Shades of grey (Finlayson and Trezzi 2004) with a norm of 5, then McCamy's (1992) cubic.
pub fn temperature_k(colours: &[Lab]) -> Option<f64> {
    let mut sums = [0.0_f64; 3];
    let mut count = 0_usize;
    for colour in colours.iter().filter(|c| (8.0..97.5).contains(&c.l)) {
        for (sum, value) in sums.iter_mut().zip(crate::colour::rgb(*colour)) {
            *sum += linear(value).powi(5);
        }
        count += 1;
    }
    if count * 5 < colours.len() || count == 0 {
        return None;
    }
    let [r, g, b] = sums.map(|sum| (sum / count as f64).powf(0.2));
    // sRGB's primaries and white (IEC 61966-2-1).
    let x = 0.4124 * r + 0.3576 * g + 0.1805 * b;
    let y = 0.2126 * r + 0.7152 * g + 0.0722 * b;
    let z = 0.0193 * r + 0.1192 * g + 0.9505 * b;
    let sum = x + y + z;
    if sum <= 1e-6 {
        return None;
    }
    let (x, y) = (x / sum, y / sum);
    let n = (x - 0.3320) / (0.1858 - y);
    let kelvin = 449.0 * n.powi(3) + 3525.0 * n.powi(2) + 6823.3 * n + 5520.33;
    // How far the average lies from daylight's curve (CIE D series), in xy.
    let daylight = -3.0 * x * x + 2.87 * x - 0.275;
    let near = (y - daylight).abs() < 0.035;
    (near && (1800.0..=15_000.0).contains(&kelvin)).then(|| (kelvin / 50.0).round() * 50.0)
}

fn linear(value: u8) -> f64 {
    let value = f64::from(value) / 255.0;
    if value <= 0.040_45 {
        value / 12.92
    } else {
        ((value + 0.055) / 1.055).powf(2.4)
    }
}

/// Whether a picture has colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Chromatic {
    /// Black and white.
    Grey,
    /// One hue over all tones: a black-and-white picture toned.
    Toned,
    /// Colour.
    Colour,
}

/// The angle between two hues, degrees.
pub fn turn(one: f64, other: f64) -> f64 {
    let turn = (one - other).rem_euclid(360.0);
    turn.min(360.0 - turn)
}

/// Tells black and white, toned and colour apart.
pub fn chromatic(colours: &[Lab]) -> Chromatic {
    if colours.is_empty() {
        return Chromatic::Colour;
    }
    let count = colours.len() as f64;
    let mean = colours.iter().map(|c| f64::from(chroma(*c))).sum::<f64>() / count;
    let mut chromas: Vec<f32> = colours.iter().map(|c| chroma(*c)).collect();
    if mean < 2.0 && crate::colour::plane::quantile(&mut chromas, 0.99) < 6.0 {
        return Chromatic::Grey;
    }
    // Colours of one lightness all but agree when a picture is toned.
    let mut bins = vec![(0.0_f64, [0.0_f64; 4]); 21];
    for colour in colours {
        if let Some((number, [a, b, a2, b2])) = bins.get_mut((colour.l / 5.0).max(0.0) as usize) {
            let (one, other) = (f64::from(colour.a), f64::from(colour.b));
            *number += 1.0;
            *a += one;
            *b += other;
            *a2 += one * one;
            *b2 += other * other;
        }
    }
    let spread: f64 = bins
        .iter()
        .filter(|(number, _)| *number > 0.0)
        .map(|(number, [a, b, a2, b2])| a2 + b2 - (a * a + b * b) / number)
        .sum::<f64>()
        / count;
    let filled = bins
        .iter()
        .filter(|(number, _)| *number > count * 0.03)
        .count();
    let two = tint(colours, SHADOWS)
        .zip(tint(colours, HIGHLIGHTS))
        .is_some_and(|(one, other)| turn(one.hue_deg, other.hue_deg) > 60.0);
    if spread < 6.0 && filled >= 5 && mean >= 3.0 && !two {
        Chromatic::Toned
    } else {
        Chromatic::Colour
    }
}

/// How much darker all four corners are than the picture halfway out in the same direction,
/// 0–1 of linear light: the least of the four.
pub fn vignette(canvas: &Canvas) -> f64 {
    let (half_x, half_y) = (canvas.width as f64 / 2.0, canvas.height as f64 / 2.0);
    // Per corner: light halfway out and at the corner.
    let mut sums = [[(0.0_f64, 0.0_f64); 2]; 4];
    for (at, colour) in canvas.lab.iter().enumerate() {
        let x = ((at % canvas.width.max(1)) as f64 + 0.5) / half_x - 1.0;
        let y = ((at / canvas.width.max(1)) as f64 + 0.5) / half_y - 1.0;
        let radius = x.hypot(y) / std::f64::consts::SQRT_2;
        let ring = match radius {
            r if (0.35..0.6).contains(&r) => 0,
            r if r > 0.86 => 1,
            _ => continue,
        };
        let corner = usize::from(x > 0.0) + 2 * usize::from(y > 0.0);
        let light = (f64::from(colour.l) / 100.0).powf(2.6);
        if let Some((sum, count)) = sums.get_mut(corner).and_then(|rings| rings.get_mut(ring)) {
            *sum += light;
            *count += 1.0;
        }
    }
    let falls = sums.map(|rings| {
        let [inner, outer] = rings.map(|(sum, count)| sum / count.max(1.0));
        if inner < 0.004 {
            0.0
        } else {
            1.0 - outer / inner
        }
    });
    let least = falls.into_iter().fold(1.0, f64::min).max(0.0);
    let most = falls.into_iter().fold(0.0, f64::max);
    // A lens darkens all corners alike; a place seldom does.
    if most - least > 0.35 { 0.0 } else { least }
}
