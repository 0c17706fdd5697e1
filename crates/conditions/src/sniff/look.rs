//! What one frame looks like, in the few features that tell kinds of condition apart.

use image::{DynamicImage, RgbaImage};

use crate::colour::canvas::small;
use crate::depth::colormap;

/// Features of one frame.
#[derive(Debug, Clone)]
pub struct Look {
    /// Share of pixels more than half transparent.
    clear: f64,
    /// Share of the border that is transparent.
    clear_border: f64,
    /// Share of (nearly) black pixels.
    black: f64,
    /// Share of (nearly) white pixels.
    white: f64,
    /// Among pixels that are not black: share of saturated ones.
    vivid: f64,
    /// Number of hues (of 18) that a noteworthy part of the vivid pixels has.
    hues: usize,
    /// Share of pixels without colour.
    grey: f64,
    /// Share of pixels that hardly differ from their right and lower neighbours.
    smooth: f64,
    /// Share of pixels that are exactly like their right and lower neighbours.
    even: f64,
    /// Number of grey levels that a noteworthy part of the pixels has.
    levels: usize,
    /// Share of pixels that the most frequent colours cover, and how many those are.
    few: (f64, usize),
    /// Share of pixels at either end of the range (paper and ink).
    two_tone: f64,
    /// Whether a depth colormap other than grey explains the colours.
    mapped: bool,
    /// Whether it is a colour picture, a white gap and depth.
    beside: bool,
}

impl Look {
    /// Looks at a frame.
    pub fn of(picture: &DynamicImage) -> Self {
        let frame = small(picture, None, super::LONGEST);
        let (width, height) = frame.dimensions();
        let total = f64::from(width * height).max(1.0);
        let mut count = Counts::default();
        let mut hues = [0_usize; 18];
        let mut levels = [0_usize; 64];
        let mut colours = std::collections::BTreeMap::<[u8; 3], usize>::new();
        for (x, y, pixel) in frame.enumerate_pixels() {
            let [r, g, b, a] = pixel.0;
            let (low, high) = (r.min(g).min(b), r.max(g).max(b));
            if a < 128 {
                count.clear += 1;
                if x == 0 || y == 0 || x + 1 == width || y + 1 == height {
                    count.clear_border += 1;
                }
                continue;
            }
            count.black += usize::from(high <= 26);
            count.white += usize::from(low >= 240);
            count.ends += usize::from(high <= 48 || low >= 207);
            count.grey += usize::from(high - low <= 10);
            if high > 48 && u16::from(high - low) * 10 >= u16::from(high) * 6 {
                count.vivid += 1;
                if let Some(bin) = hues.get_mut(hue_bin(r, g, b)) {
                    *bin += 1;
                }
            }
            if let Some(level) = levels.get_mut(usize::from(high >> 2)) {
                *level += 1;
            }
            *colours.entry([r & 0xf0, g & 0xf0, b & 0xf0]).or_default() += 1;
            let step = neighbour_step(&frame, x, y);
            count.smooth += usize::from(step <= 5);
            count.even += usize::from(step <= 2);
        }
        let share = |count: usize| count as f64 / total;
        let lit = (total - count.black as f64 - count.clear as f64).max(1.0);
        let mut frequent: Vec<usize> = colours.into_values().collect();
        frequent.sort_unstable_by(|one, other| other.cmp(one));
        frequent.retain(|number| share(*number) > 0.004);
        frequent.truncate(24);
        let fit = colormap::detect(&samples(&frame));
        Self {
            clear: share(count.clear),
            clear_border: count.clear_border as f64 / f64::from((2 * (width + height)).max(5) - 4),
            black: share(count.black),
            white: share(count.white),
            vivid: count.vivid as f64 / lit,
            hues: hues
                .iter()
                .filter(|number| **number * 60 > count.vivid)
                .count(),
            grey: share(count.grey),
            smooth: share(count.smooth),
            even: share(count.even),
            levels: levels
                .iter()
                .filter(|number| share(**number) > 0.002)
                .count(),
            few: (share(frequent.iter().sum()), frequent.len()),
            two_tone: share(count.ends),
            mapped: fit.map != crate::depth::Colormap::Grey && fit.good(),
            beside: crate::depth::layout::side_by_side(&frame).is_some(),
        }
    }

    /// Black all over.
    pub fn blank(&self) -> bool {
        self.black > 0.995
    }

    /// Thin limbs in many vivid hues on black.
    pub fn skeleton(&self) -> bool {
        self.black > 0.8 && self.black < 0.999 && self.vivid > 0.3 && self.hues >= 5
    }

    /// A transparent hole that does not reach most of the border.
    pub fn masked(&self) -> bool {
        self.clear > 0.01 && self.clear_border < 0.3
    }

    /// A transparent ground.
    pub fn cut_out(&self) -> bool {
        self.clear > 0.02 && self.clear_border >= 0.3
    }

    /// Colour picture, white gap, depth.
    pub fn depth_beside(&self) -> bool {
        self.beside
    }

    /// Smooth shapes in the colours of a depth colormap.
    pub fn colormapped(&self) -> bool {
        self.mapped && self.grey < 0.6 && self.smooth > 0.7
    }

    /// Smooth shapes in many greys.
    pub fn grey_smooth(&self) -> bool {
        self.grey > 0.97 && self.smooth > 0.82 && self.levels >= 6 && self.white < 0.85
    }

    /// Ink on paper, or the reverse.
    pub fn sketch(&self) -> bool {
        let ground = self.white.max(self.black);
        self.grey > 0.95
            && self.two_tone > 0.8
            && (0.55..0.997).contains(&ground)
            && self.even < 0.97
            && self.levels_between() < 0.3
    }

    fn levels_between(&self) -> f64 {
        1.0 - self.two_tone
    }

    /// Flat regions of a few colours.
    pub fn flat(&self) -> bool {
        let (share, number) = self.few;
        share > 0.9
            && (3..=24).contains(&number)
            && self.even > 0.9
            && self.grey < 0.9
            && self.white < 0.5
    }
}

#[derive(Default)]
struct Counts {
    clear: usize,
    clear_border: usize,
    black: usize,
    white: usize,
    ends: usize,
    grey: usize,
    vivid: usize,
    smooth: usize,
    even: usize,
}

/// The largest channel difference to the right and lower neighbour.
fn neighbour_step(frame: &RgbaImage, x: u32, y: u32) -> u8 {
    let here = frame.get_pixel(x, y).0;
    [(x + 1, y), (x, y + 1)]
        .into_iter()
        .filter_map(|(x, y)| frame.get_pixel_checked(x, y))
        .flat_map(|there| here.into_iter().zip(there.0).take(3))
        .map(|(one, other)| one.abs_diff(other))
        .max()
        .unwrap_or(0)
}

fn samples(frame: &RgbaImage) -> Vec<[u8; 3]> {
    let step = (frame.as_raw().len() / 4 / 6_000).max(1);
    frame
        .pixels()
        .step_by(step)
        .map(|pixel| [pixel.0[0], pixel.0[1], pixel.0[2]])
        .collect()
}

/// The hue of a colour, in 18 bins of 20 degrees.
fn hue_bin(r: u8, g: u8, b: u8) -> usize {
    let [r, g, b] = [r, g, b].map(f32::from);
    let (low, high) = (r.min(g).min(b), r.max(g).max(b));
    let spread = (high - low).max(1.0);
    let sixth = if high == r {
        ((g - b) / spread).rem_euclid(6.0)
    } else if high == g {
        (b - r) / spread + 2.0
    } else {
        (r - g) / spread + 4.0
    };
    (sixth * 3.0) as usize % 18
}
