//! Black bars around the true picture.

use decoupage_shot::Region;

use crate::colour::Plane;

/// Luma that a bar may have at most: video black is 16, and compression lifts it a little.
const DARK: f32 = 30.0;
/// How far a bar's pixels may lie from its middle value.
const EVEN: f32 = 7.0;
/// How much of a row must be even and dark.
const SHARE: f64 = 0.985;
/// Bars thinner than this share of a side are cropping left-overs, not a format.
const THINNEST: f64 = 0.015;
/// The most that the two bars of a pair may differ, as a share of the side.
const UNEQUAL: f64 = 0.012;
/// How much brighter than a bar some of the line behind it must be: a bar ends at an edge, a
/// dark picture does not.
const STEP: f32 = 14.0;

/// Widths of the bars in pixels: left, top, right, bottom.
pub type Bars = [usize; 4];

/// The bars of one frame: as wide as it is even and dark on each side.
pub fn of(plane: &Plane) -> Bars {
    let rows = |from_end: bool| run(plane.height, from_end, |y| plane.row(y).to_vec());
    let columns = |from_end: bool| {
        run(plane.width, from_end, |x| {
            (0..plane.height)
                .map(|y| plane.at(x as isize, y as isize))
                .collect()
        })
    };
    [columns(false), rows(false), columns(true), rows(true)]
}

fn run(count: usize, from_end: bool, line: impl Fn(usize) -> Vec<f32>) -> usize {
    // More than a good third of the picture on one side is no bar.
    let most = count * 2 / 5;
    let at = |number: usize| if from_end { count - 1 - number } else { number };
    let mut level = None;
    for number in 0..most {
        let mut values = line(at(number));
        let middle = crate::colour::plane::quantile(&mut values, 0.5);
        let level = *level.get_or_insert(middle);
        let fits = values
            .iter()
            .filter(|value| **value <= DARK && (**value - level).abs() <= EVEN)
            .count();
        if (fits as f64) < values.len() as f64 * SHARE {
            let bright = crate::colour::plane::quantile(&mut values, 0.9);
            return if bright > level + STEP { number } else { 0 };
        }
    }
    0
}

/// The true picture's part of the whole, where bars come in equal pairs in every frame.
pub fn picture(bars: &[Bars], width: usize, height: usize) -> Option<Region> {
    // A frame that is black all over has no bars of its own to show.
    let least = |side: usize| {
        bars.iter()
            .filter(|bars| bars.iter().any(|bar| *bar > 0))
            .filter_map(|bars| bars.get(side).copied())
            .min()
            .unwrap_or(0)
    };
    let with = bars
        .iter()
        .filter(|bars| bars.iter().any(|bar| *bar > 0))
        .count();
    if with * 2 < bars.len() {
        return None;
    }
    let pair = |one: usize, other: usize, size: usize| {
        let size = size.max(1) as f64;
        let (one, other) = (one as f64 / size, other as f64 / size);
        let is = one.min(other) >= THINNEST && (one - other).abs() <= UNEQUAL;
        if is { (one, other) } else { (0.0, 0.0) }
    };
    let (left, right) = pair(least(0), least(2), width);
    let (top, bottom) = pair(least(1), least(3), height);
    (left + top > 0.0).then(|| Region {
        x: round(left),
        y: round(top),
        width: round(1.0 - left - right),
        height: round(1.0 - top - bottom),
    })
}

fn round(value: f64) -> f64 {
    (value * 10_000.0).round() / 10_000.0
}

/// What a ratio is called where it is one that films are made in ("2.39:1", "16:9").
pub fn ratio_name(ratio: f64) -> Option<&'static str> {
    const NAMES: [(f64, &str); 14] = [
        (9.0 / 16.0, "9:16"),
        (0.8, "4:5"),
        (1.0, "1:1"),
        (1.19, "1.19:1"),
        (4.0 / 3.0, "4:3"),
        (1.37, "1.37:1"),
        (1.5, "3:2"),
        (1.66, "1.66:1"),
        (16.0 / 9.0, "16:9"),
        (1.85, "1.85:1"),
        (2.0, "2:1"),
        (2.2, "2.20:1"),
        (2.37, "2.39:1"),
        (2.76, "2.76:1"),
    ];
    NAMES
        .iter()
        .map(|(value, name)| ((ratio / value - 1.0).abs(), *name))
        .min_by(|one, other| one.0.total_cmp(&other.0))
        .filter(|(off, _)| *off < 0.014)
        .map(|(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn barred(bar: usize) -> Plane {
        let (width, height) = (320, 180);
        let values = (0..width * height)
            .map(|at| {
                let (x, y) = (at % width, at / width);
                if y < bar || y >= height - bar {
                    16.0
                } else {
                    40.0 + ((x * 7 + y * 13) % 150) as f32
                }
            })
            .collect();
        Plane {
            width,
            height,
            values,
        }
    }

    #[test]
    fn bars_are_found_to_the_row() {
        let plane = barred(23);
        assert_eq!(of(&plane), [0, 23, 0, 23]);
        let picture = picture(&[of(&plane)], 320, 180).expect("bars");
        let ratio = picture.width * 320.0 / (picture.height * 180.0);
        assert_eq!(ratio_name(ratio), Some("2.39:1"));
    }

    #[test]
    fn darkness_is_no_bar() {
        // Night that fades in from the top, without an edge.
        let mut plane = barred(0);
        for (at, value) in plane.values.iter_mut().enumerate() {
            *value = 10.0 + (at / 320) as f32 * 0.2;
        }
        assert_eq!(picture(&[of(&plane)], 320, 180), None);
        assert_eq!(picture(&[], 0, 0), None);
    }
}
