//! A picture as a coarse grid of colours, kept in the reading so that two frames can be compared
//! without their files.

use image::RgbaImage;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::colour::{Plane, lab};

/// Columns of every grid: fine enough for a pan of a few hundredths of the frame.
pub const COLUMNS: usize = 32;
/// Rows of every grid, whatever the picture's shape: cells are shares of the frame.
pub const ROWS: usize = 18;

/// Mean colour and detail of the cells of a picture.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, TS)]
pub struct Grid {
    /// Columns.
    pub columns: u32,
    /// Rows.
    pub rows: u32,
    /// Row by row from the top left: CIE L* (0–100), a*, b*, and the spread of luma within the
    /// cell (levels of 255).
    pub cells: Vec<[f32; 4]>,
}

impl Grid {
    /// The grid of a picture; what is transparent counts as middle grey.
    pub fn of(picture: &RgbaImage) -> Self {
        let (width, height) = (picture.width() as usize, picture.height() as usize);
        if width == 0 || height == 0 {
            return Self::default();
        }
        let luma = Plane::luma(picture);
        let mut sums = vec![[0.0_f64; 6]; COLUMNS * ROWS];
        for (at, pixel) in picture.pixels().enumerate() {
            let (x, y) = (at % width, at / width);
            let [r, g, b, a] = pixel.0;
            let colour = lab(if a < 128 { [119, 119, 119] } else { [r, g, b] });
            let value = f64::from(luma.values.get(at).copied().unwrap_or(0.0));
            // A picture smaller than the grid fills several cells with one pixel.
            let span = |place: usize, size: usize, cells: usize| {
                let first = place * cells / size;
                first
                    ..((place + 1) * cells)
                        .div_ceil(size)
                        .max(first + 1)
                        .min(cells)
            };
            let (rows, columns) = if width >= COLUMNS && height >= ROWS {
                let (row, column) = (y * ROWS / height, x * COLUMNS / width);
                (row..row + 1, column..column + 1)
            } else {
                (span(y, height, ROWS), span(x, width, COLUMNS))
            };
            for row in rows {
                for column in columns.clone() {
                    if let Some(sum) = sums.get_mut(row * COLUMNS + column) {
                        let add = [
                            f64::from(colour.l),
                            f64::from(colour.a),
                            f64::from(colour.b),
                            value,
                            value * value,
                            1.0,
                        ];
                        for (sum, add) in sum.iter_mut().zip(add) {
                            *sum += add;
                        }
                    }
                }
            }
        }
        let cells = sums
            .into_iter()
            .map(|[l, a, b, luma, square, count]| {
                let count = count.max(1.0);
                let mean = luma / count;
                let spread = (square / count - mean * mean).max(0.0).sqrt();
                [l / count, a / count, b / count, spread].map(|v| (v * 10.0).round() as f32 / 10.0)
            })
            .collect();
        Self {
            columns: COLUMNS as u32,
            rows: ROWS as u32,
            cells,
        }
    }

    /// The size in cells, where the grid is whole.
    pub(super) fn size(&self) -> Option<(usize, usize)> {
        let (columns, rows) = (self.columns as usize, self.rows as usize);
        let whole = columns > 1
            && rows > 1
            && columns <= 256
            && rows <= 256
            && self.cells.len() == columns * rows
            && self.cells.iter().flatten().all(|value| value.is_finite());
        whole.then_some((columns, rows))
    }
}
