//! One channel of a picture as numbers, for everything that looks at edges and textures.

use image::RgbaImage;

/// A channel row by row from the top left; values 0–255.
#[derive(Debug, Clone, PartialEq)]
pub struct Plane {
    /// Width, pixels.
    pub width: usize,
    /// Height, pixels.
    pub height: usize,
    /// `width` × `height` values.
    pub values: Vec<f32>,
}

impl Plane {
    /// Luma (Rec. 709 weights on the encoded values), transparent pixels as white paper.
    pub fn luma(picture: &RgbaImage) -> Self {
        let values = picture
            .pixels()
            .map(|pixel| {
                let [r, g, b, a] = pixel.0.map(f32::from);
                let luma = 0.2126 * r + 0.7152 * g + 0.0722 * b;
                255.0 + (luma - 255.0) * a / 255.0
            })
            .collect();
        Self {
            width: picture.width() as usize,
            height: picture.height() as usize,
            values,
        }
    }

    /// The value at a place; the nearest edge's beyond it, 0 for an empty plane.
    pub fn at(&self, x: isize, y: isize) -> f32 {
        let x = x.clamp(0, self.width.saturating_sub(1) as isize) as usize;
        let y = y.clamp(0, self.height.saturating_sub(1) as isize) as usize;
        self.values.get(y * self.width + x).copied().unwrap_or(0.0)
    }

    /// One row; empty beyond the last.
    pub fn row(&self, y: usize) -> &[f32] {
        self.values
            .get(y * self.width..(y + 1) * self.width)
            .unwrap_or_default()
    }

    /// A part, cut to what there is.
    #[must_use]
    pub fn part(&self, x: usize, y: usize, width: usize, height: usize) -> Self {
        let right = (x + width).min(self.width);
        let rows = y..(y + height).min(self.height);
        let tall = rows.len();
        let values: Vec<f32> = rows
            .flat_map(|row| self.row(row).get(x..right).unwrap_or_default())
            .copied()
            .collect();
        Self {
            width: values.len().checked_div(tall).unwrap_or(0),
            height: tall,
            values,
        }
    }

    /// The picture's means over whole squares of `by` × `by` pixels.
    #[must_use]
    pub fn shrunk(&self, by: usize) -> Self {
        let by = by.max(1);
        let (width, height) = (self.width / by, self.height / by);
        let mut values = vec![0.0_f32; width * height];
        let weight = 1.0 / (by * by) as f32;
        for (y, out) in values.chunks_mut(width.max(1)).enumerate() {
            for row in (0..by).map(|dy| self.row(y * by + dy)) {
                for (sum, cells) in out.iter_mut().zip(row.chunks(by)) {
                    *sum += cells.iter().sum::<f32>() * weight;
                }
            }
        }
        Self {
            width,
            height,
            values,
        }
    }
}

/// The value below which a share of the values lies; 0 for none. Reorders the values.
pub fn quantile(values: &mut [f32], share: f64) -> f32 {
    if values.is_empty() {
        return 0.0;
    }
    let at = (share.clamp(0.0, 1.0) * (values.len() - 1) as f64).round() as usize;
    *values.select_nth_unstable_by(at, f32::total_cmp).1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn planes_shrink_to_means_and_bear_nothing() {
        let plane = Plane {
            width: 5,
            height: 2,
            values: vec![0.0, 4.0, 8.0, 8.0, 99.0, 0.0, 4.0, 8.0, 8.0, 99.0],
        };
        assert_eq!(plane.shrunk(2).values, [2.0, 8.0]);
        assert_eq!(plane.at(-3, 9), 0.0);
        assert_eq!(plane.part(3, 0, 9, 9).values, [8.0, 99.0, 8.0, 99.0]);
        let none = plane.part(9, 9, 4, 4);
        assert_eq!((none.width, none.height, none.at(0, 0)), (0, 0, 0.0));
        assert_eq!(none.shrunk(4).values.len(), 0);
        assert_eq!(quantile(&mut [3.0, 1.0, 2.0], 0.5), 2.0);
        assert_eq!(quantile(&mut [], 0.5), 0.0);
    }
}
