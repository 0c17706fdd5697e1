//! The plane of the ground, and depth turned into evenly inverse distance.
//!
//! Under a pinhole camera the inverse distance of a plane is linear in the picture's rows and
//! columns (the plane's normal over its distance, times the ray), and stays so when it is
//! scaled and shifted as relative depth is. A floor is the plane that rises towards the lower
//! edge, a ceiling the one that rises towards the upper; where two level planes meet, nothing
//! is left of inverse distance: that is the horizon. The planes are found by random samples of
//! three points and the count of those that agree (Fischler and Bolles 1981), from a fixed
//! seed.

use decoupage_shot::Polarity;

use super::DepthScale;
use super::maps::Clip;

/// Frames that are looked at.
const LOOKS: usize = 7;
/// Points of a frame that are sampled.
const POINTS: usize = 900;
/// Planes that are tried in a frame.
const TRIES: usize = 160;
/// How far off a plane a point may lie, nearness.
const OFF: f64 = 0.012;
/// The least rise of a floor over the frame's height, nearness.
const LEAST_RISE: f64 = 0.12;
/// The least share of the points below the middle that a floor holds.
const LEAST_SUPPORT: f64 = 0.16;

/// Nearness as a plane over the picture: `level + across · x + down · y`, x and y as shares of
/// the frame from its top left.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Plane {
    /// Nearness at the top left corner.
    pub level: f64,
    /// Change over the width.
    pub across: f64,
    /// Change over the height.
    pub down: f64,
    /// Share of the points it was looked for among that lie on it.
    pub support: f64,
}

impl Plane {
    /// Nearness at a place.
    pub fn at(&self, x: f64, y: f64) -> f64 {
        self.level + self.across * x + self.down * y
    }
}

/// Floor and ceiling of one frame.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Planes {
    /// Which of the clip's maps.
    pub index: usize,
    /// The floor.
    pub floor: Option<Plane>,
    /// The ceiling.
    pub ceiling: Option<Plane>,
}

/// Indices of the maps that are looked at, evenly spread.
pub fn looks(count: usize) -> Vec<usize> {
    let kept = count.min(LOOKS);
    (0..kept)
        .map(|look| look * count.saturating_sub(1) / kept.saturating_sub(1).max(1))
        .collect()
}

/// Floor and ceiling of several frames of a clip of nearness.
pub fn fit(clip: &Clip) -> Vec<Planes> {
    looks(clip.maps.len())
        .into_iter()
        .filter_map(|index| {
            let map = clip.maps.get(index)?;
            let lower = points(map, clip.width, clip.height, 0.35, 1.0);
            let upper = points(map, clip.width, clip.height, 0.0, 0.5);
            Some(Planes {
                index,
                floor: plane(&lower, 1.0),
                ceiling: plane(&upper, -1.0),
            })
        })
        .collect()
}

/// Points of a band of rows: x, y, nearness.
fn points(map: &[f32], width: usize, height: usize, from: f64, to: f64) -> Vec<[f64; 3]> {
    let first = (from * height as f64) as usize;
    let last = (to * height as f64) as usize;
    let count = last.saturating_sub(first) * width;
    // A step that shares no factor with the width walks over every column.
    let step = (count / POINTS).max(1) | 1;
    (0..count)
        .step_by(step)
        .filter_map(|at| {
            let at = first * width + at;
            let near = map.get(at).copied().filter(|near| near.is_finite())?;
            let x = ((at % width) as f64 + 0.5) / width as f64;
            let y = ((at / width) as f64 + 0.5) / height as f64;
            Some([x, y, f64::from(near)])
        })
        .collect()
}

/// The level plane that most points lie on, rising downwards (`sign` 1) or upwards (−1).
fn plane(points: &[[f64; 3]], sign: f64) -> Option<Plane> {
    if points.len() < 24 {
        return None;
    }
    let mut seed = 0x2545_f491_4f6c_dd1d_u64;
    let mut pick = || {
        seed = seed
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        points.get((seed >> 33) as usize % points.len()).copied()
    };
    let level = |plane: &Plane| {
        plane.down * sign > LEAST_RISE && plane.across.abs() < 0.35 * plane.down.abs()
    };
    let holds =
        |plane: &Plane, point: &[f64; 3]| (plane.at(point[0], point[1]) - point[2]).abs() < OFF;
    let mut best: Option<Plane> = None;
    for _ in 0..TRIES {
        let (Some(one), Some(two), Some(three)) = (pick(), pick(), pick()) else {
            continue;
        };
        let Some(mut plane) = through(&[one, two, three]).filter(level) else {
            continue;
        };
        let count = points.iter().filter(|point| holds(&plane, point)).count();
        plane.support = count as f64 / points.len() as f64;
        if best.is_none_or(|best| plane.support > best.support) {
            best = Some(plane);
        }
    }
    // Least squares over the points that agree, twice.
    let mut plane = best?;
    for _ in 0..2 {
        let mine: Vec<[f64; 3]> = points
            .iter()
            .copied()
            .filter(|point| holds(&plane, point))
            .collect();
        let support = mine.len() as f64 / points.len() as f64;
        plane = Plane {
            support,
            ..through(&mine).filter(level)?
        };
    }
    (plane.support > LEAST_SUPPORT).then_some(plane)
}

/// The plane with the least squares through some points.
fn through(points: &[[f64; 3]]) -> Option<Plane> {
    let count = points.len() as f64;
    let mean = |axis: usize| points.iter().map(|point| point[axis]).sum::<f64>() / count;
    let (mx, my, mn) = (mean(0), mean(1), mean(2));
    let (mut xx, mut xy, mut yy, mut xn, mut yn) = (0.0, 0.0, 0.0, 0.0, 0.0);
    for [x, y, n] in points {
        let (x, y, n) = (x - mx, y - my, n - mn);
        xx += x * x;
        xy += x * y;
        yy += y * y;
        xn += x * n;
        yn += y * n;
    }
    let spread = xx * yy - xy * xy;
    if spread.is_nan() || spread < 1e-9 {
        return None;
    }
    let across = (xn * yy - yn * xy) / spread;
    let down = (yn * xx - xn * xy) / spread;
    Some(Plane {
        level: mn - across * mx - down * my,
        across,
        down,
        support: 0.0,
    })
}

/// Offsets that are tried for distances whose zero is unknown, as shares of their range.
const OFFSETS: [f32; 9] = [0.03, 0.05, 0.075, 0.11, 0.15, 0.2, 0.27, 0.4, 0.6];

/// Turns a clip in the file's own direction into nearness, even with inverse distance, and says
/// what it was even with.
///
/// Near-bright maps are inverse already, and metric ones have a known zero. Near-dark grey of
/// 8 bits may be either: the ground decides, which is a plane only in inverse distance.
pub fn to_nearness(clip: &mut Clip, polarity: Polarity) -> DepthScale {
    if polarity == Polarity::NearBright {
        return DepthScale::Inverse;
    }
    let (low, high) = clip.range;
    if clip.looks_metric && low > 0.0 && high > low {
        let span = high - low;
        for value in clip.maps.iter_mut().flatten() {
            *value = low / (low + *value * span);
        }
        clip.nothing = Some(0.0);
        return DepthScale::Distance;
    }
    let inverse = |offset: f32, value: f32| {
        let (near, far) = (1.0 / offset, 1.0 / (1.0 + offset));
        (1.0 / (value + offset) - far) / (near - far)
    };
    let mut best = (0.0, None);
    for offset in std::iter::once(None).chain(OFFSETS.map(Some)) {
        let mut supports: Vec<f64> = looks(clip.maps.len())
            .into_iter()
            .step_by(2)
            .filter_map(|index| clip.maps.get(index))
            .map(|map| {
                let near: Vec<f32> = map
                    .iter()
                    .map(|value| match offset {
                        None => 1.0 - value,
                        Some(offset) => inverse(offset, *value),
                    })
                    .collect();
                let points = points(&near, clip.width, clip.height, 0.35, 1.0);
                plane(&points, 1.0).map_or(0.0, |plane| plane.support)
            })
            .collect();
        supports.sort_by(f64::total_cmp);
        let support = supports.get(supports.len() / 2).copied().unwrap_or(0.0);
        // Turned-over nearness needs no explanation; distance must explain clearly more.
        let better = match best.1 {
            None => support > best.0 * 1.25 + 0.05,
            Some(_) => support > best.0,
        };
        if offset.is_none() {
            best = (support, None);
        } else if better {
            best = (support, offset);
        }
    }
    for value in clip.maps.iter_mut().flatten() {
        *value = match best.1 {
            None => 1.0 - *value,
            Some(offset) => inverse(offset, *value),
        };
    }
    // Where 1 / (value + offset) runs out, `inverse` gives the offset below nothing.
    clip.nothing = best.1.map(|offset| -offset);
    match best.1 {
        None => DepthScale::Inverse,
        Some(_) => DepthScale::Distance,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_floor_is_found_under_things_that_stand_on_it() {
        let (width, height) = (96, 64);
        let map: Vec<f32> = (0..width * height)
            .map(|at| {
                let (x, y) = (at % width, at / width);
                let ground = ((y as f32 + 0.5) / height as f32 - 0.4).max(0.0) * 1.5;
                if (20..40).contains(&x) && (20..50).contains(&y) {
                    0.7
                } else {
                    ground
                }
            })
            .collect();
        let floor = plane(&points(&map, width, height, 0.35, 1.0), 1.0).expect("a floor");
        assert!((floor.down - 1.5).abs() < 0.03, "{floor:?}");
        assert!((floor.at(0.5, 0.4)).abs() < 0.02, "{floor:?}");
        assert!(plane(&points(&map, width, height, 0.0, 0.5), -1.0).is_none());
    }

    #[test]
    fn nothing_is_found_in_nothing() {
        assert_eq!(plane(&[], 1.0), None);
        let flat = vec![0.5_f32; 64 * 64];
        assert_eq!(plane(&points(&flat, 64, 64, 0.35, 1.0), 1.0), None);
        assert!(looks(0).is_empty());
        assert_eq!(looks(1), [0]);
        assert_eq!(looks(48).last(), Some(&47));
    }
}
