//! Small grey pictures, coarse to fine.

/// A grey picture; values are 0–1, row by row from the top left.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Grey {
    pub width: usize,
    pub height: usize,
    pub values: Vec<f32>,
}

impl Grey {
    /// The brightness of an 8-bit picture (BT.601 weights).
    pub fn of(picture: &image::RgbImage) -> Self {
        Self {
            width: picture.width() as usize,
            height: picture.height() as usize,
            values: picture
                .pixels()
                .map(|image::Rgb([r, g, b])| {
                    (0.299 * f32::from(*r) + 0.587 * f32::from(*g) + 0.114 * f32::from(*b)) / 255.0
                })
                .collect(),
        }
    }

    /// The value at a pixel, clamped to the edge.
    pub fn get(&self, x: isize, y: isize) -> f32 {
        let x = x.clamp(0, self.width as isize - 1) as usize;
        let y = y.clamp(0, self.height as isize - 1) as usize;
        self.values.get(y * self.width + x).copied().unwrap_or(0.0)
    }

    /// The value between pixels that lie inside the picture.
    pub fn between(&self, x: f32, y: f32) -> f32 {
        let (left, top) = (x.floor(), y.floor());
        let (part_x, part_y) = (x - left, y - top);
        let at = top as usize * self.width + left as usize;
        let pair = |at: usize| match self.values.get(at..at + 2) {
            Some([one, other]) => one + (other - one) * part_x,
            _ => self.values.get(at).copied().unwrap_or(0.0),
        };
        let above = pair(at);
        let below = pair(at + self.width);
        above + (below - above) * part_y
    }

    /// Half the size, each pixel from the sixteen about it (binomial weights): no jags that
    /// would be taken for motion.
    fn halved(&self) -> Self {
        const WEIGHTS: [f32; 4] = [0.125, 0.375, 0.375, 0.125];
        let (width, height) = (self.width / 2, self.height / 2);
        let mut across = Vec::with_capacity(width * self.height);
        for y in 0..self.height as isize {
            for x in 0..width as isize {
                let sum: f32 = WEIGHTS
                    .iter()
                    .zip(2 * x - 1..)
                    .map(|(weight, x)| weight * self.get(x, y))
                    .sum();
                across.push(sum);
            }
        }
        let across = Self {
            width,
            height: self.height,
            values: across,
        };
        let mut values = Vec::with_capacity(width * height);
        for y in 0..height as isize {
            for x in 0..width as isize {
                let sum: f32 = WEIGHTS
                    .iter()
                    .zip(2 * y - 1..)
                    .map(|(weight, y)| weight * across.get(x, y))
                    .sum();
                values.push(sum);
            }
        }
        Self {
            width,
            height,
            values,
        }
    }

    /// A little softened: shifts by parts of a pixel then cost no sharpness, which would be
    /// taken for motion where there is grain.
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

    /// Mean and standard deviation.
    pub fn spread(&self) -> (f64, f64) {
        let count = self.values.len().max(1) as f64;
        let mean = self.values.iter().map(|v| f64::from(*v)).sum::<f64>() / count;
        let square = self
            .values
            .iter()
            .map(|v| (f64::from(*v) - mean).powi(2))
            .sum::<f64>();
        (mean, (square / count).sqrt())
    }
}

/// The shortest side of a level.
const SHORTEST: usize = 10;

/// Coarse to fine copies, the coarsest first; the finest has half the size where that leaves
/// enough of it. Empty for pictures too small to follow anything in.
pub(crate) fn pyramid(picture: &Grey) -> Vec<Grey> {
    let mut levels: Vec<Grey> = Vec::new();
    if picture.width.min(picture.height) < SHORTEST {
        return levels;
    }
    let finest = if picture.width.min(picture.height) >= 3 * SHORTEST {
        picture.halved()
    } else {
        picture.clone()
    };
    levels.push(finest);
    while let Some(last) = levels.last()
        && last.width.min(last.height) >= 2 * SHORTEST
    {
        let next = last.halved();
        levels.push(next);
    }
    if let Some(finest) = levels.first_mut() {
        *finest = finest.soft();
    }
    levels.reverse();
    levels
}
