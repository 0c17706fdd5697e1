//! Things in one depth map: connected surfaces that are nearer than the ground of their rows
//! and end in steps of depth.

use std::collections::VecDeque;

use decoupage_shot::Region;

/// How much nearer than the ground of its row a thing stands.
const STANDS_OUT: f32 = 0.045;
/// A step of depth over two pixels that parts two surfaces.
const STEP: f32 = 0.05;
/// The smallest share of the frame that a thing has.
pub const SMALLEST: f64 = 0.006;
/// The largest.
const LARGEST: f64 = 0.5;
/// The share of a thing's outline that must be a step down in nearness.
const CLEAR: f64 = 0.45;

/// How far in nearness a thing may reach: walls and floors run away from the camera.
const DEEPEST: f64 = 0.16;

/// A thing in one frame.
#[derive(Debug, Clone)]
pub struct Thing {
    /// Its pixels.
    pub pixels: Vec<usize>,
    /// Its centre, shares of the frame.
    pub centre: [f64; 2],
    /// Left, top, right, bottom without stray pixels, shares of the frame.
    pub sides: [f64; 4],
    /// Its median nearness.
    pub near: f64,
    /// The share of its outline that is a step, 0–1.
    pub clear: f64,
    /// From its 10th to its 90th percentile of nearness.
    pub deep: f64,
}

impl Thing {
    /// Which sides lie on the frame's edge: left, top, right, bottom.
    pub fn cut(&self) -> [bool; 4] {
        let [left, top, right, bottom] = self.sides;
        [left < 0.012, top < 0.012, right > 0.988, bottom > 0.985]
    }

    /// Its box.
    pub fn bounds(&self) -> Region {
        let [left, top, right, bottom] = self.sides;
        let round = |value: f64| (value * 1000.0).round() / 1000.0;
        Region {
            x: round(left),
            y: round(top),
            width: round(right - left),
            height: round(bottom - top),
        }
    }

    /// Share of the frame it covers.
    pub fn share(&self, width: usize, height: usize) -> f64 {
        self.pixels.len() as f64 / (width * height).max(1) as f64
    }
}

/// The things of a map of nearness.
pub fn find(map: &[f32], width: usize, height: usize) -> Vec<Thing> {
    if width < 8 || height < 8 || map.len() < width * height {
        return Vec::new();
    }
    let known: Vec<f32> = map
        .iter()
        .map(|value| if value.is_finite() { *value } else { 0.0 })
        .collect();
    let mut stands = Vec::with_capacity(map.len());
    for row in known.chunks(width) {
        let mut sorted = row.to_vec();
        sorted.sort_by(f32::total_cmp);
        let ground = sorted.get(width * 35 / 100).copied().unwrap_or(1.0);
        let opened = opened(row, (width / 2).max(3));
        stands.extend(
            row.iter()
                .zip(&opened)
                .map(|(near, opened)| *near > opened.min(ground) + STANDS_OUT),
        );
    }
    let at = |x: usize, y: usize| known.get(y * width + x).copied().unwrap_or(0.0);
    let mut core = vec![false; map.len()];
    for y in 0..height {
        for x in 0..width {
            let index = y * width + x;
            let across = at((x + 1).min(width - 1), y) - at(x.saturating_sub(1), y);
            let down = at(x, (y + 1).min(height - 1)) - at(x, y.saturating_sub(1));
            if let Some(cell) = core.get_mut(index) {
                *cell =
                    stands.get(index) == Some(&true) && across.abs() < STEP && down.abs() < STEP;
            }
        }
    }
    let least = SMALLEST * (width * height) as f64;
    let parts = crate::identity::ground::components(&core, width, height);
    let mut owner = vec![0_u32; map.len()];
    let mut kept: Vec<Vec<usize>> = Vec::new();
    for part in parts {
        if (part.len() as f64) < least * 0.35 {
            continue;
        }
        kept.push(part);
        for index in kept.last().into_iter().flatten() {
            if let Some(owner) = owner.get_mut(*index) {
                *owner = kept.len() as u32;
            }
        }
    }
    grow(&mut kept, &mut owner, &stands, &known, width, height);
    (1_u32..)
        .zip(kept)
        .filter_map(|(name, pixels)| thing(pixels, name, &owner, &known, width, height))
        .filter(|thing| {
            let share = thing.share(width, height);
            (SMALLEST..=LARGEST).contains(&share)
                && thing.clear > CLEAR
                && thing.deep < DEEPEST.max(0.35 * thing.near)
        })
        .collect()
}

/// Grows surfaces over the pixels that stand out between them, each to its own nearness.
fn grow(
    kept: &mut [Vec<usize>],
    owner: &mut [u32],
    stands: &[bool],
    known: &[f32],
    width: usize,
    height: usize,
) {
    let mut queue: VecDeque<(usize, u8)> = kept.iter().flatten().map(|index| (*index, 0)).collect();
    while let Some((index, far)) = queue.pop_front() {
        let name = owner.get(index).copied().unwrap_or(0);
        if far >= 4 || name == 0 {
            continue;
        }
        let (x, y) = (index % width, index / width);
        let near = known.get(index).copied().unwrap_or(0.0);
        let next = [
            (x > 0).then(|| index - 1),
            (x + 1 < width).then(|| index + 1),
            (y > 0).then(|| index - width),
            (y + 1 < height).then(|| index + width),
        ];
        for next in next.into_iter().flatten() {
            let free = owner.get(next) == Some(&0) && stands.get(next) == Some(&true);
            if free && (known.get(next).copied().unwrap_or(0.0) - near).abs() < 0.16 {
                if let Some(owner) = owner.get_mut(next) {
                    *owner = name;
                }
                if let Some(pixels) = kept.get_mut(name as usize - 1) {
                    pixels.push(next);
                }
                queue.push_back((next, far + 1));
            }
        }
    }
}

fn thing(
    pixels: Vec<usize>,
    name: u32,
    owner: &[u32],
    known: &[f32],
    width: usize,
    height: usize,
) -> Option<Thing> {
    let count = pixels.len();
    let mut nears: Vec<f32> = pixels
        .iter()
        .filter_map(|at| known.get(*at).copied())
        .collect();
    nears.sort_by(f32::total_cmp);
    let part = |share: usize| nears.get(nears.len() * share / 100).copied();
    let (near, deep) = (part(50)?, f64::from(part(90)? - part(10)?));
    let mut columns = vec![0_u32; width];
    let mut rows = vec![0_u32; height];
    let (mut outline, mut steps) = (0_u32, 0_u32);
    let at = |x: isize, y: isize| {
        (x >= 0 && y >= 0 && (x as usize) < width && (y as usize) < height)
            .then(|| y as usize * width + x as usize)
    };
    for index in &pixels {
        let (x, y) = (index % width, index / width);
        if let (Some(column), Some(row)) = (columns.get_mut(x), rows.get_mut(y)) {
            *column += 1;
            *row += 1;
        }
        // What a thing stands on is as near as its feet: below it no step is asked for.
        for (dx, dy) in [(-1, 0), (1, 0), (0, -1)] {
            let (ix, iy) = (x as isize, y as isize);
            let Some(beside) = at(ix + dx, iy + dy) else {
                continue;
            };
            if owner.get(beside) == Some(&name) {
                continue;
            }
            outline += 1;
            let inside = at(ix - 2 * dx, iy - 2 * dy).unwrap_or(*index);
            let outside = at(ix + 3 * dx, iy + 3 * dy).unwrap_or(beside);
            let value = |at: usize| known.get(at).copied().unwrap_or(0.0);
            steps += u32::from(value(inside) - value(outside) > STEP * 1.1);
        }
    }
    let (left, right) = span(&columns, count);
    let (top, bottom) = span(&rows, count);
    let mean = |sums: &[u32]| {
        sums.iter()
            .enumerate()
            .map(|(at, sum)| (at as f64 + 0.5) * f64::from(*sum))
            .sum::<f64>()
            / count as f64
            / sums.len() as f64
    };
    Some(Thing {
        centre: [mean(&columns), mean(&rows)],
        sides: [left, top, right, bottom],
        near: f64::from(near),
        clear: f64::from(steps) / f64::from(outline.max(1)),
        deep,
        pixels,
    })
}

/// From where to where all but a hundredth on either side lies, shares of the axis.
fn span(sums: &[u32], count: usize) -> (f64, f64) {
    let stray = (count / 100) as u32;
    let mut sum = 0;
    let first = sums.iter().position(|value| {
        sum += value;
        sum > stray
    });
    let mut sum = 0;
    let last = sums.iter().rposition(|value| {
        sum += value;
        sum > stray
    });
    let length = sums.len().max(1) as f64;
    (
        first.unwrap_or(0) as f64 / length,
        (last.unwrap_or(0) + 1) as f64 / length,
    )
}

/// Opening of a row: peaks narrower than `reach` are taken off. Windows that the frame's edge
/// would cut are left out, so that what stands at the edge is a peak too.
fn opened(row: &[f32], reach: usize) -> Vec<f32> {
    let reach = reach.clamp(1, row.len().max(1));
    // The least of every window, by its first pixel.
    let least = sliding(row, reach, |new, old| new <= old);
    // The largest of the windows over each pixel.
    let mut padded = vec![f32::NEG_INFINITY; reach - 1];
    padded.extend(&least);
    padded.extend(std::iter::repeat_n(f32::NEG_INFINITY, reach - 1));
    sliding(&padded, reach, |new, old| new >= old)
}

/// The best value of every window of `reach` values, in time linear in their number.
fn sliding(values: &[f32], reach: usize, beats: fn(f32, f32) -> bool) -> Vec<f32> {
    let mut best: VecDeque<(usize, f32)> = VecDeque::new();
    let mut out = Vec::with_capacity(values.len());
    for (index, value) in values.iter().enumerate() {
        while best.back().is_some_and(|(_, old)| beats(*value, *old)) {
            best.pop_back();
        }
        best.push_back((index, *value));
        if best
            .front()
            .is_some_and(|(first, _)| first + reach <= index)
        {
            best.pop_front();
        }
        if index + 1 >= reach {
            out.push(best.front().map_or(*value, |(_, value)| *value));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn peaks_are_taken_off_and_wide_things_stay() {
        let mut row = vec![0.1_f32; 40];
        row[0] = 0.9;
        row[12..16].fill(0.8);
        row[20..38].fill(0.5);
        let low = opened(&row, 10);
        assert_eq!(low.len(), 40);
        assert!(low[0] < 0.11 && low[13] < 0.11 && low[30] > 0.49, "{low:?}");
    }

    #[test]
    fn two_things_one_behind_the_other_are_two() {
        let (width, height) = (96, 64);
        let map: Vec<f32> = (0..width * height)
            .map(|at| {
                let (x, y) = (at % width, at / width);
                match (x, y) {
                    (30..=41, 16..=55) => 0.8,
                    (36..=60, 24..=50) => 0.45,
                    _ => 0.1,
                }
            })
            .collect();
        let mut things = find(&map, width, height);
        things.sort_by(|one, other| other.near.total_cmp(&one.near));
        assert_eq!(things.len(), 2, "{things:?}");
        assert!((things[0].sides[0] - 30.0 / 96.0).abs() < 0.02);
        assert!(things[0].near > 0.75 && things[1].near < 0.5);
    }

    #[test]
    fn walls_and_floors_are_no_things() {
        let (width, height) = (96, 64);
        let map: Vec<f32> = (0..width * height)
            .map(|at| {
                let (x, y) = ((at % width) as f32 / 96.0, (at / width) as f32 / 64.0);
                let wall = (x - 0.5).abs() * 1.2;
                let floor = (y - 0.5) * 1.5;
                wall.max(floor).max(0.15)
            })
            .collect();
        assert!(find(&map, width, height).is_empty());
        assert!(find(&[], 0, 0).is_empty());
        assert!(find(&[f32::NAN; 64 * 64], 64, 64).is_empty());
    }
}
