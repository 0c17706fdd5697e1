//! How the whole picture moves from one frame to the next, and what does not move with it.
//!
//! A camera that turns or zooms, or that looks at one plane, moves the picture by the field of
//! a small homography: eight numbers, linear in small motions (Longuet-Higgins and Prazdny
//! 1980, "The interpretation of a moving retinal image"). They are found by the direct method,
//! linearised constancy of brightness, coarse to fine, with weights that let go of what moves
//! on its own (Bergen et al. 1992, "Hierarchical model-based motion estimation"; Odobez and
//! Bouthemy 1995). Brightness may change by a factor and a shift, so that fades and flicker
//! are not taken for motion.

use super::grey::Grey;
use crate::linear::solve;

/// Unknowns: eight of the field, two of the brightness.
const N: usize = 10;

/// Cells of the grid along the longer side: what moves beside the camera is measured in them.
pub(crate) const CELLS: usize = 16;

/// Motion of the whole picture between two frames. Places are from the centre, right and down,
/// in widths of the picture.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Field {
    /// Shift right and down at the centre, widths.
    pub shift: [f64; 2],
    /// Change of the shift to the right with the place: per width to the right, and down.
    pub right_by: [f64; 2],
    /// Change of the shift down with the place.
    pub down_by: [f64; 2],
    /// Bends of second order: `x·(b₀x + b₁y)` to the right, `y·(b₀x + b₁y)` down. A turn of the
    /// camera has them, a sideways travel along a plane before it has not.
    pub bend: [f64; 2],
    /// Brightness becomes `(1 + gain)·brightness + offset`.
    pub gain: f64,
    /// See `gain`.
    pub offset: f64,
}

impl Field {
    /// Shift of the picture at a place.
    pub fn at(&self, x: f64, y: f64) -> [f64; 2] {
        let bend = self.bend[0] * x + self.bend[1] * y;
        [
            self.shift[0] + self.right_by[0] * x + self.right_by[1] * y + bend * x,
            self.shift[1] + self.down_by[0] * x + self.down_by[1] * y + bend * y,
        ]
    }

    /// How the picture grows, as a share a frame.
    pub fn spread(&self) -> f64 {
        (self.right_by[0] + self.down_by[1]) / 2.0
    }

    /// How the picture turns clockwise, radians.
    pub fn turn(&self) -> f64 {
        (self.down_by[0] - self.right_by[1]) / 2.0
    }

    fn plus(mut self, step: &[f64; N]) -> Self {
        let [right, down, rest @ ..] = step;
        let [xx, xy, yx, yy, bend_x, bend_y, gain, offset] = rest;
        let add = |pair: &mut [f64; 2], step: [&f64; 2]| {
            pair[0] += step[0];
            pair[1] += step[1];
        };
        add(&mut self.shift, [right, down]);
        add(&mut self.right_by, [xx, xy]);
        add(&mut self.down_by, [yx, yy]);
        add(&mut self.bend, [bend_x, bend_y]);
        self.gain += gain;
        self.offset += offset;
        self
    }
}

/// What one cell of the picture does against the field.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Cell {
    /// Own shift right and down, widths; zero where nothing can be followed.
    pub own: [f32; 2],
    /// Whether there is texture to follow.
    pub textured: bool,
    /// How fast its brightness changes along its slopes, widths: motion of any direction.
    pub stir: f32,
    /// Mean change of brightness that the field does not explain, 0–1, signed.
    pub change: f32,
}

/// Two frames compared.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Compared {
    /// The field.
    pub field: Field,
    /// Correlation of the first frame with the second moved back, −1 to 1.
    pub likeness: f64,
    /// Mean difference of brightness after moving back, 0–1, without making up for brightness.
    pub difference: f64,
    /// Cells row by row, [`grid`] of them.
    pub cells: Vec<Cell>,
}

/// Columns and rows of cells of a picture.
pub(crate) fn grid(width: usize, height: usize) -> (usize, usize) {
    let longest = width.max(height).max(1);
    let side = |length: usize| ((length * CELLS + longest / 2) / longest).max(1);
    (side(width), side(height))
}

/// Compares two pyramids of one size; `None` where they are too small.
pub(crate) fn compare(from: &[Grey], to: &[Grey]) -> Option<Compared> {
    let coarsest = from.first().zip(to.first())?;
    let mut field = search(coarsest.0, coarsest.1);
    for (one, other) in from.iter().zip(to) {
        let slopes = Slopes::of(one);
        for _ in 0..4 {
            let Some(step) = step(one, other, &slopes, &field) else {
                break;
            };
            field = field.plus(&step);
            let moved = step.iter().take(6).map(|s| s.abs()).sum::<f64>();
            if moved * (one.width as f64) < 0.02 {
                break;
            }
        }
    }
    let (one, other) = from.last().zip(to.last())?;
    if ![field.shift[0], field.shift[1], field.spread(), field.turn()]
        .iter()
        .all(|value| value.is_finite() && value.abs() < 0.7)
    {
        field = Field::default();
    }
    Some(rest(one, other, &Slopes::of(one), field))
}

/// Slopes of brightness, per pixel.
struct Slopes {
    right: Vec<f32>,
    down: Vec<f32>,
}

impl Slopes {
    fn of(picture: &Grey) -> Self {
        let count = picture.values.len();
        let (mut right, mut down) = (Vec::with_capacity(count), Vec::with_capacity(count));
        for y in 0..picture.height as isize {
            for x in 0..picture.width as isize {
                right.push((picture.get(x + 1, y) - picture.get(x - 1, y)) / 2.0);
                down.push((picture.get(x, y + 1) - picture.get(x, y - 1)) / 2.0);
            }
        }
        Self { right, down }
    }
}

/// The whole-pixel shift that makes two small pictures most alike, up to two fifths of a side:
/// where the fine search begins, so that fast moves are found too.
fn search(one: &Grey, other: &Grey) -> Field {
    let (width, height) = (one.width as isize, one.height as isize);
    let mut best = (f64::INFINITY, 0, 0);
    for dy in -height * 2 / 5..=height * 2 / 5 {
        for dx in -width * 2 / 5..=width * 2 / 5 {
            let (mut sum, mut sum_one, mut sum_other, mut count) = (0.0, 0.0, 0.0, 0.0);
            let rows = 0.max(-dy)..height.min(height - dy);
            for y in rows.clone() {
                for x in 0.max(-dx)..width.min(width - dx) {
                    sum_one += f64::from(one.get(x, y));
                    sum_other += f64::from(other.get(x + dx, y + dy));
                    count += 1.0;
                }
            }
            let lift = (sum_other - sum_one) / f64::max(count, 1.0);
            for y in rows {
                for x in 0.max(-dx)..width.min(width - dx) {
                    let change = f64::from(other.get(x + dx, y + dy) - one.get(x, y));
                    sum += (change - lift).abs();
                }
            }
            // Small shifts are likelier, and less of the picture is likelier to fit by chance.
            let far = ((dx * dx + dy * dy) as f64).sqrt() / width as f64;
            let cost = (sum / f64::max(count, 1.0)) * (1.0 + 1.5 * far) + 0.01 * far;
            if cost < best.0 {
                best = (cost, dx, dy);
            }
        }
    }
    Field {
        shift: [best.1 as f64 / width as f64, best.2 as f64 / width as f64],
        ..Field::default()
    }
}

/// A pixel of the first picture and what the second shows where the field takes it.
struct Match {
    /// Place of the pixel, widths from the centre.
    place: [f64; 2],
    index: usize,
    here: f64,
    there: f64,
}

fn matches<'a>(
    one: &'a Grey,
    other: &'a Grey,
    field: &'a Field,
) -> impl Iterator<Item = Match> + 'a {
    let width = one.width as f64;
    let (most_x, most_y) = (width - 1.001, one.height as f64 - 1.001);
    (1..one.height.saturating_sub(1)).flat_map(move |y| {
        (1..one.width.saturating_sub(1)).filter_map(move |x| {
            let place = [
                (x as f64 + 0.5 - width / 2.0) / width,
                (y as f64 + 0.5 - one.height as f64 / 2.0) / width,
            ];
            let [right, down] = field.at(place[0], place[1]);
            let (to_x, to_y) = (x as f64 + right * width, y as f64 + down * width);
            if !(to_x >= 0.0 && to_y >= 0.0 && to_x <= most_x && to_y <= most_y) {
                return None;
            }
            let index = y * one.width + x;
            Some(Match {
                place,
                index,
                here: f64::from(one.values.get(index).copied().unwrap_or(0.0)),
                there: f64::from(other.between(to_x as f32, to_y as f32)),
            })
        })
    })
}

/// One linearised improvement of a field.
fn step(one: &Grey, other: &Grey, slopes: &Slopes, field: &Field) -> Option<[f64; N]> {
    let width = one.width as f64;
    let mut rows: Vec<([f64; N], f64)> = Vec::with_capacity(one.values.len());
    // Where there are thousands of pixels, every other one settles ten numbers as well.
    let sparse = one.values.len() > ENOUGH;
    for m in matches(one, other, field) {
        if sparse && (m.index % one.width + m.index / one.width) % 2 == 1 {
            continue;
        }
        let slope = |of: &[f32]| f64::from(of.get(m.index).copied().unwrap_or(0.0)) * width;
        let (gx, gy) = (slope(&slopes.right), slope(&slopes.down));
        let [x, y] = m.place;
        let along = gx * x + gy * y;
        let off = m.there - (1.0 + field.gain) * m.here - field.offset;
        rows.push((
            [
                gx,
                gy,
                gx * x,
                gx * y,
                gy * x,
                gy * y,
                along * x,
                along * y,
                -m.here,
                -1.0,
            ],
            -off,
        ));
    }
    if rows.len() < 8 * N {
        return None;
    }
    let mut sizes: Vec<f64> = rows.iter().map(|row| row.1.abs()).collect();
    let middle = sizes.len() / 2;
    let (_, median, _) = sizes.select_nth_unstable_by(middle, f64::total_cmp);
    // Half a grey level is the noise of 8-bit footage.
    let scale = (2.0 * *median).max(0.004);
    let mut matrix = [[0.0_f64; N]; N];
    let mut right = [0.0_f64; N];
    for (row, target) in &rows {
        let ratio = target / scale;
        let weight = 1.0 / (1.0 + ratio * ratio).powi(2);
        for (number, (line, a)) in matrix.iter_mut().zip(row).enumerate() {
            for (cell, b) in line.iter_mut().zip(row).skip(number) {
                *cell += weight * a * b;
            }
        }
        for (sum, a) in right.iter_mut().zip(row) {
            *sum += weight * a * target;
        }
    }
    let count = rows.len() as f64;
    for number in 0..N {
        let (done, left) = matrix.split_at_mut(number);
        if let Some(row) = left.first_mut() {
            for (cell, upper) in row.iter_mut().zip(done.iter()) {
                *cell = upper[number];
            }
        }
        // What the picture does not show stays as it is.
        matrix[number][number] += 1e-6 * matrix[number][number] + count * RIDGE[number];
    }
    solve(matrix, right)
}

/// Pixels beyond which half of them are enough.
const ENOUGH: usize = 2_000;

/// How strongly each unknown is held, per pixel: a picture without slopes moves nowhere.
const RIDGE: [f64; N] = [1e-5, 1e-5, 1e-5, 1e-5, 1e-5, 1e-5, 1e-5, 1e-5, 1e-4, 1e-4];

/// Sums of one cell.
#[derive(Clone, Copy, Default)]
struct Sums {
    count: f64,
    xx: f64,
    xy: f64,
    yy: f64,
    x: f64,
    y: f64,
    off: f64,
    size: f64,
    slope: f64,
}

/// What is left when the field is taken out.
fn rest(one: &Grey, other: &Grey, slopes: &Slopes, field: Field) -> Compared {
    let (columns, rows) = grid(one.width, one.height);
    let mut sums = vec![Sums::default(); columns * rows];
    let width = one.width as f64;
    let (mut count, mut here, mut there) = (0.0, 0.0, 0.0);
    let (mut here2, mut there2, mut both, mut difference) = (0.0, 0.0, 0.0, 0.0);
    for m in matches(one, other, &field) {
        count += 1.0;
        here += m.here;
        there += m.there;
        here2 += m.here * m.here;
        there2 += m.there * m.there;
        both += m.here * m.there;
        difference += (m.there - m.here).abs();
        let (x, y) = (m.index % one.width, m.index / one.width);
        let cell = (y * rows / one.height) * columns + x * columns / one.width;
        let Some(sum) = sums.get_mut(cell) else {
            continue;
        };
        let slope = |of: &[f32]| f64::from(of.get(m.index).copied().unwrap_or(0.0)) * width;
        let (gx, gy) = (slope(&slopes.right), slope(&slopes.down));
        let off = m.there - (1.0 + field.gain) * m.here - field.offset;
        sum.count += 1.0;
        sum.xx += gx * gx;
        sum.xy += gx * gy;
        sum.yy += gy * gy;
        sum.x -= gx * off;
        sum.y -= gy * off;
        sum.off += off;
        sum.size += off.abs();
        sum.slope += gx.abs() + gy.abs();
    }
    let n = f64::max(count, 1.0);
    let variance = |square: f64, sum: f64| (square / n - (sum / n).powi(2)).max(0.0);
    let (v_here, v_there) = (variance(here2, here), variance(there2, there));
    // A flat picture is like any other flat one and unlike everything else.
    const FLAT: f64 = 6e-5;
    let likeness = if v_here < FLAT && v_there < FLAT {
        1.0
    } else if v_here < FLAT || v_there < FLAT || count < 8.0 {
        0.0
    } else {
        (both / n - here / n * there / n) / (v_here * v_there).sqrt()
    };
    let cells = sums.iter().map(|sum| cell(sum, width)).collect();
    Compared {
        field,
        likeness,
        difference: difference / n,
        cells,
    }
}

fn cell(sum: &Sums, width: f64) -> Cell {
    if sum.count < 4.0 {
        return Cell::default();
    }
    let half = (sum.xx + sum.yy) / 2.0;
    let apart = (((sum.xx - sum.yy) / 2.0).powi(2) + sum.xy * sum.xy).sqrt();
    // Slopes of at least one grey level a pixel in every direction.
    let enough = sum.count * (0.0045 * width).powi(2);
    let textured = half - apart > enough;
    let own = if textured {
        let det = sum.xx * sum.yy - sum.xy * sum.xy;
        let most = 2.0 / width;
        [
            ((sum.yy * sum.x - sum.xy * sum.y) / det).clamp(-most, most) as f32,
            ((sum.xx * sum.y - sum.xy * sum.x) / det).clamp(-most, most) as f32,
        ]
    } else {
        [0.0; 2]
    };
    Cell {
        own,
        textured,
        stir: (sum.size / (sum.slope + sum.count * 0.004 * width)) as f32,
        change: (sum.off / sum.count) as f32,
    }
}

#[cfg(test)]
mod tests {
    use super::super::grey::pyramid;
    use super::*;

    /// A picture of soft blobs, seen through a shift, a growth and a turn.
    fn seen(shift: [f64; 2], spread: f64, turn: f64, gain: f64) -> Grey {
        let (width, height) = (160_usize, 90_usize);
        let mut values = Vec::new();
        for y in 0..height {
            for x in 0..width {
                let px = (x as f64 + 0.5 - 80.0) / 160.0 - shift[0];
                let py = (y as f64 + 0.5 - 45.0) / 160.0 - shift[1];
                let scale = (-spread).exp();
                let (sin, cos) = (-turn).sin_cos();
                let (u, v) = (scale * (cos * px - sin * py), scale * (sin * px + cos * py));
                let value = 0.5
                    + 0.12 * (31.0 * u + 3.0 * v).sin()
                    + 0.12 * (27.0 * v - 9.0 * u + 1.0).sin()
                    + 0.12 * (17.0 * u + 22.0 * v + 2.0).cos();
                values.push((value * (1.0 + gain)) as f32);
            }
        }
        Grey {
            width,
            height,
            values,
        }
    }

    fn field(shift: [f64; 2], spread: f64, turn: f64, gain: f64) -> Compared {
        let one = pyramid(&seen([0.0; 2], 0.0, 0.0, 0.0));
        let other = pyramid(&seen(shift, spread, turn, gain));
        compare(&one, &other).expect("large enough")
    }

    #[test]
    fn shifts_growth_and_turns_are_found() {
        let found = field([0.013, -0.006], 0.01, 0.015, 0.1);
        let near = |a: f64, b: f64| assert!((a - b).abs() < 0.0015, "{a} for {b}: {found:?}");
        near(found.field.shift[0], 0.013);
        near(found.field.shift[1], -0.006);
        near(found.field.spread(), 0.01);
        near(found.field.turn(), 0.015);
        assert!(found.likeness > 0.98, "{}", found.likeness);
    }

    #[test]
    fn a_still_picture_does_not_move() {
        let found = field([0.0; 2], 0.0, 0.0, 0.0);
        assert!(found.field.shift[0].abs() < 1e-6, "{:?}", found.field);
        assert!(found.difference < 1e-6);
    }

    #[test]
    fn flat_and_tiny_pictures_are_no_trouble() {
        let flat = Grey {
            width: 64,
            height: 36,
            values: vec![0.2; 64 * 36],
        };
        let levels = pyramid(&flat);
        let found = compare(&levels, &levels).expect("large enough");
        assert_eq!(found.field.shift, [0.0; 2]);
        assert!((found.likeness - 1.0).abs() < 1e-9);
        let dot = Grey {
            width: 1,
            height: 1,
            values: vec![0.5],
        };
        assert!(pyramid(&dot).is_empty());
        assert!(compare(&[], &[]).is_none());
    }
}
