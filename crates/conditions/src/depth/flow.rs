//! How a depth map as a whole moves from one frame to the next.
//!
//! A camera that translates shifts every point by an amount that grows with its nearness
//! (parallax); one that dollies also spreads the picture from its centre. With nearness `z` of
//! a relative depth map (disparity up to scale and offset) both are linear:
//! `u = p₀ + p₁z + sz·x`, `v = q₀ + q₁z + sz·y`, and the values may change by
//! `g₀ + g₁z + sz²`: models stretch every frame anew, and what a dolly brings nearer gains
//! nearness with its square. A spread that is the same near and far (a zoom) is left out: on
//! floors and walls it cannot be told from stretched values. The seven numbers are found by the direct
//! method (linearised constancy of the values, coarse to fine, robustly weighted), so things
//! that move on their own do not pull on them.

use crate::linear::solve;

/// Slopes below this, nearness over the width, are flat.
const FLAT: f64 = 0.6;
/// Unknowns of a field.
const N: usize = 7;

/// Motion of the whole picture between two frames. Lengths are shares of the picture's width.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Field {
    /// Shift right (`p₀`), and per nearness (`p₁`).
    pub right: [f64; 2],
    /// Shift down (`q₀`, `q₁`).
    pub down: [f64; 2],
    /// Spread from the centre per nearness (`s`).
    pub spread: f64,
    /// Change of the values (`g₀`, `g₁`).
    pub value: [f64; 2],
}

impl Field {
    /// Shift at a place (from the centre, in widths) and nearness.
    pub fn at(&self, x: f64, y: f64, near: f64) -> [f64; 2] {
        let spread = self.spread * near;
        [
            self.right[0] + self.right[1] * near + spread * x,
            self.down[0] + self.down[1] * near + spread * y,
        ]
    }

    /// Change of a value of this nearness.
    pub fn lift(&self, near: f64) -> f64 {
        self.value[0] + (self.value[1] + self.spread * near) * near
    }

    /// One motion after another, for small motions.
    pub fn and(self, other: Self) -> Self {
        let add = |a: [f64; 2], b: [f64; 2]| [a[0] + b[0], a[1] + b[1]];
        Self {
            right: add(self.right, other.right),
            down: add(self.down, other.down),
            spread: self.spread + other.spread,
            value: add(self.value, other.value),
        }
    }

    fn from_array([p0, p1, q0, q1, spread, g0, g1]: [f64; N]) -> Self {
        Self {
            right: [p0, p1],
            down: [q0, q1],
            spread,
            value: [g0, g1],
        }
    }
}

/// A map with its size; unknown depth counts as far.
#[derive(Debug, Clone)]
pub struct Grid {
    /// Width.
    pub width: usize,
    /// Height.
    pub height: usize,
    /// Nearness, row by row.
    pub values: Vec<f32>,
}

impl Grid {
    /// A grid of a nearness map.
    pub fn new(width: usize, height: usize, map: &[f32]) -> Self {
        Self {
            width,
            height,
            values: map
                .iter()
                .map(|v| if v.is_finite() { *v } else { 0.0 })
                .collect(),
        }
    }

    /// The value at a pixel, clamped to the edge.
    pub fn get(&self, x: isize, y: isize) -> f32 {
        let x = x.clamp(0, self.width as isize - 1) as usize;
        let y = y.clamp(0, self.height as isize - 1) as usize;
        self.values.get(y * self.width + x).copied().unwrap_or(0.0)
    }

    /// The value between pixels.
    pub fn between(&self, x: f64, y: f64) -> f32 {
        let (left, top) = (x.floor(), y.floor());
        let (part_x, part_y) = ((x - left) as f32, (y - top) as f32);
        let (left, top) = (left as isize, top as isize);
        let above = self.get(left, top) * (1.0 - part_x) + self.get(left + 1, top) * part_x;
        let below = self.get(left, top + 1) * (1.0 - part_x) + self.get(left + 1, top + 1) * part_x;
        above * (1.0 - part_y) + below * part_y
    }

    /// Half the size, each pixel the mean of four.
    fn halved(&self) -> Self {
        let (width, height) = (self.width / 2, self.height / 2);
        let mut values = Vec::with_capacity(width * height);
        for y in 0..height as isize {
            for x in 0..width as isize {
                let sum = self.get(2 * x, 2 * y)
                    + self.get(2 * x + 1, 2 * y)
                    + self.get(2 * x, 2 * y + 1)
                    + self.get(2 * x + 1, 2 * y + 1);
                values.push(sum / 4.0);
            }
        }
        Self {
            width,
            height,
            values,
        }
    }

    /// A little softened, so that edges have a slope to be followed on.
    fn soft(&self) -> Self {
        let mut values = Vec::with_capacity(self.values.len());
        for y in 0..self.height as isize {
            for x in 0..self.width as isize {
                let row = |y: isize| self.get(x - 1, y) + 2.0 * self.get(x, y) + self.get(x + 1, y);
                values.push((row(y - 1) + 2.0 * row(y) + row(y + 1)) / 16.0);
            }
        }
        Self {
            width: self.width,
            height: self.height,
            values,
        }
    }

    /// Place of a pixel from the centre, in widths.
    pub fn place(&self, x: usize, y: usize) -> [f64; 2] {
        let width = self.width as f64;
        [
            (x as f64 + 0.5 - width / 2.0) / width,
            (y as f64 + 0.5 - self.height as f64 / 2.0) / width,
        ]
    }
}

/// Coarse to fine copies of a map, the coarsest first.
pub fn pyramid(grid: &Grid) -> Vec<Grid> {
    let mut levels = vec![grid.halved()];
    while levels
        .last()
        .is_some_and(|last| last.width.min(last.height) >= 44)
    {
        let next = levels.last().map(Grid::halved);
        levels.extend(next);
    }
    levels.reverse();
    levels.iter().map(|level| level.soft().soft()).collect()
}

/// The motion of the whole picture from one pyramid to the next.
pub fn between(from: &[Grid], to: &[Grid]) -> Field {
    let mut field = Field::default();
    for (one, other) in from.iter().zip(to) {
        if one.width < 12 || one.height < 12 {
            continue;
        }
        for _ in 0..3 {
            let Some(step) = step(one, other, &field) else {
                break;
            };
            field = field.and(step);
        }
    }
    field
}

/// One linearised improvement of a field.
fn step(one: &Grid, other: &Grid, field: &Field) -> Option<Field> {
    let width = one.width as f64;
    let mut rows: Vec<([f64; N], f64)> = Vec::new();
    for y in 1..one.height - 1 {
        for x in 1..one.width - 1 {
            let (ix, iy) = (x as isize, y as isize);
            let here = f64::from(one.get(ix, iy));
            // An edge moves with the nearer of its sides.
            let mut near = here;
            for (dx, dy) in [(-1, 0), (1, 0), (0, -1), (0, 1)] {
                near = near.max(f64::from(one.get(ix + dx, iy + dy)));
            }
            let [px, py] = one.place(x, y);
            let [u, v] = field.at(px, py, near);
            let (tx, ty) = (x as f64 + u * width, y as f64 + v * width);
            if tx < 1.0 || ty < 1.0 || tx > width - 2.0 || ty > one.height as f64 - 2.0 {
                continue;
            }
            let slope_x =
                f64::from(other.between(tx + 1.0, ty) - other.between(tx - 1.0, ty)) / 2.0 * width;
            let slope_y =
                f64::from(other.between(tx, ty + 1.0) - other.between(tx, ty - 1.0)) / 2.0 * width;
            let change = f64::from(other.between(tx, ty)) - here - field.lift(here);
            // Flat parts say little, and most of a depth map is flat: a few of them will do.
            let flat = slope_x.abs() + slope_y.abs() < FLAT;
            if flat && (x + 3 * y) % 10 != 0 {
                continue;
            }
            let spread = slope_x * px + slope_y * py;
            rows.push((
                [
                    slope_x,
                    slope_x * near,
                    slope_y,
                    slope_y * near,
                    spread * near - here * here,
                    -1.0,
                    -here,
                ],
                -change,
            ));
        }
    }
    if rows.len() < 4 * N {
        return None;
    }
    let mut solution = [0.0; N];
    for _ in 0..4 {
        let off = |row: &([f64; N], f64), solution: &[f64; N]| {
            row.0.iter().zip(solution).map(|(a, s)| a * s).sum::<f64>() - row.1
        };
        // Only edges tell how far off the picture is; flat parts never are.
        let edge = |row: &&([f64; N], f64)| row.0[0].abs() + row.0[2].abs() >= FLAT;
        let mut sizes: Vec<f64> = rows
            .iter()
            .filter(edge)
            .map(|row| off(row, &solution).abs())
            .collect();
        if sizes.is_empty() {
            return None;
        }
        let middle = sizes.len() / 2;
        let (_, median, _) = sizes.select_nth_unstable_by(middle, f64::total_cmp);
        let scale = (*median * 1.5).max(0.006);
        let mut matrix = [[0.0_f64; N]; N];
        let mut right = [0.0_f64; N];
        for row in &rows {
            let ratio = off(row, &solution) / scale;
            let weight = 1.0 / (1.0 + ratio * ratio).powi(2);
            for ((line, a), target) in matrix.iter_mut().zip(&row.0).zip(&mut right) {
                for (cell, b) in line.iter_mut().zip(&row.0) {
                    *cell += weight * a * b;
                }
                *target += weight * a * row.1;
            }
        }
        // What the picture does not show stays at zero.
        let count = rows.len() as f64;
        for (index, line) in matrix.iter_mut().enumerate() {
            if let Some(cell) = line.get_mut(index) {
                *cell += *cell * 1e-3 + count * if index < 5 { 2e-4 } else { 2e-2 };
            }
        }
        solution = solve(matrix, right)?;
    }
    Some(Field::from_array(solution))
}
