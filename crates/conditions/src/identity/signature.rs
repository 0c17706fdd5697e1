//! What a picture of someone is recognised by, small enough to stand in the reading.

use image::{DynamicImage, RgbaImage};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::ground::Ground;
use crate::colour::{Canvas, Lab};

/// What a picture is recognised by.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Signature {
    /// A perceptual hash of the whole picture, 64 bits in hexadecimal: the signs of the lowest
    /// cosine waves of its brightness.
    pub hash: String,
    /// Colour histograms of the upper, middle and lower third of the subject, of the whole
    /// picture where none can be told, in hexadecimal: two digits for each of 4 × 5 × 5 cells
    /// of CIELAB (L*, a*, b*), the largest being ff.
    pub colours: [String; 3],
}

/// Cells along L*, a* and b*.
const CELLS: [usize; 3] = [4, 5, 5];
/// Where the cells' centres begin and how far apart they stand.
const FROM: [f32; 3] = [12.5, -44.0, -44.0];
const STEP: [f32; 3] = [25.0, 22.0, 22.0];

/// The signature of a picture with its thirds: each third's colours.
pub fn of(picture: &DynamicImage, thirds: &[Vec<Lab>; 3]) -> Signature {
    Signature {
        hash: format!("{:016x}", hash(picture)),
        colours: [&thirds[0], &thirds[1], &thirds[2]].map(|colours| write(&histogram(colours))),
    }
}

/// The colours of the upper, middle and lower third of the subject, by its bounds; of the
/// whole picture where it cannot be told.
pub fn thirds(canvas: &Canvas, ground: &Ground) -> [Vec<Lab>; 3] {
    let [_, top, _, bottom] = ground.bounds.unwrap_or([0, 0, canvas.width, canvas.height]);
    let tall = bottom.saturating_sub(top).max(1);
    let told = !ground.subject.is_empty();
    let mut thirds = [Vec::new(), Vec::new(), Vec::new()];
    for (at, lab) in canvas.lab.iter().enumerate() {
        let y = at / canvas.width.max(1);
        let is = if told {
            ground.subject.get(at) == Some(&true)
        } else {
            true
        };
        // Half-transparent edges mix in whatever lies under them.
        if !is || canvas.alpha.get(at).is_none_or(|alpha| *alpha < 200) || y < top {
            continue;
        }
        if let Some(third) = thirds.get_mut(((y - top) * 3 / tall).min(2)) {
            third.push(*lab);
        }
    }
    thirds
}

/// Each colour counts for the eight cells around it by its nearness, so that a little more
/// light does not move it from one cell to another at once.
fn histogram(colours: &[Lab]) -> Vec<f32> {
    let mut cells = vec![0.0_f32; CELLS.iter().product()];
    for colour in colours {
        let mut places = [(0_usize, 0_usize, 0.0_f32); 3];
        let values = [colour.l, colour.a, colour.b];
        for (axis, place) in places.iter_mut().enumerate() {
            let at = (values[axis] - FROM[axis]) / STEP[axis];
            let at = at.clamp(0.0, (CELLS[axis] - 1) as f32);
            let low = at.floor() as usize;
            *place = (low, (low + 1).min(CELLS[axis] - 1), at - at.floor());
        }
        for corner in 0..8_usize {
            let (mut index, mut weight) = (0, 1.0);
            for (axis, (low, high, part)) in places.iter().enumerate() {
                let upper = corner >> axis & 1 == 1;
                index = index * CELLS[axis] + if upper { *high } else { *low };
                weight *= if upper { *part } else { 1.0 - *part };
            }
            if let Some(cell) = cells.get_mut(index) {
                *cell += weight;
            }
        }
    }
    cells
}

fn write(cells: &[f32]) -> String {
    let most = cells.iter().copied().fold(0.0, f32::max);
    cells
        .iter()
        .map(|value| {
            let share = if most > 0.0 { value / most } else { 0.0 };
            // Square roots keep small cells alive in one byte.
            format!("{:02x}", (share.sqrt() * 255.0).round() as u8)
        })
        .collect()
}

/// A written histogram as shares that add up to one; `None` for one that is none.
pub(super) fn shares(written: &str) -> Option<Vec<f32>> {
    if written.len() != 2 * CELLS.iter().product::<usize>() {
        return None;
    }
    let cells: Option<Vec<f32>> = (0..written.len() / 2)
        .map(|at| {
            let digits = written.get(at * 2..at * 2 + 2)?;
            let root = f32::from(u8::from_str_radix(digits, 16).ok()?) / 255.0;
            Some(root * root)
        })
        .collect();
    let mut cells = cells?;
    let sum: f32 = cells.iter().sum();
    if sum <= 0.0 {
        return None;
    }
    cells.iter_mut().for_each(|cell| *cell /= sum);
    Some(cells)
}

/// The signs of the lowest 8 × 8 cosine waves (but the mean) of brightness against their
/// median, as widely used for perceptual hashes.
fn hash(picture: &DynamicImage) -> u64 {
    const SIZE: usize = 32;
    let small = crate::colour::canvas::small(picture, None, 256);
    let small: RgbaImage = image::imageops::resize(
        &small,
        SIZE as u32,
        SIZE as u32,
        image::imageops::FilterType::Triangle,
    );
    let values = crate::colour::Plane::luma(&small).values;
    let wave = |k: usize, n: usize| {
        (std::f64::consts::PI * k as f64 * (n as f64 + 0.5) / SIZE as f64).cos()
    };
    let mut waves = Vec::with_capacity(64);
    for v in 0..8 {
        for u in 0..8 {
            let sum: f64 = values
                .iter()
                .enumerate()
                .map(|(at, value)| f64::from(*value) * wave(u, at % SIZE) * wave(v, at / SIZE))
                .sum();
            waves.push(sum);
        }
    }
    let mut sorted: Vec<f64> = waves.iter().skip(1).copied().collect();
    sorted.sort_by(f64::total_cmp);
    let middle = sorted.get(sorted.len() / 2).copied().unwrap_or(0.0);
    waves
        .iter()
        .skip(1)
        .enumerate()
        .filter(|(_, wave)| **wave > middle)
        .fold(0, |bits, (at, _)| bits | 1 << at)
}
