//! The flat colours of a drawn segmentation, and which pixel is of which.

use std::collections::BTreeMap;

use image::RgbaImage;

use super::classes::distance;

/// How far neighbours may differ for a pixel to count as inside a flat area.
const EVEN: u8 = 14;
/// Colours nearer than this are one, however compression has moved them.
const ONE: f32 = 12.0;
/// Pixels farther than this from every flat colour are blends along an edge.
const BLEND: f32 = 44.0;
/// The smallest share of the picture that makes a colour a region of its own.
const SMALLEST: f64 = 0.0025;
/// The most regions told apart.
const MOST: usize = 48;

/// No region: a pixel of an edge, or of a speck.
pub const NONE: u8 = u8::MAX;

/// The flat colours of all frames together, largest first, with the share each covers.
pub fn colours(frames: &[RgbaImage]) -> Vec<([f32; 3], f64)> {
    let mut cells: BTreeMap<[u8; 3], (f64, [f64; 3])> = BTreeMap::new();
    let mut total = 0.0;
    for frame in frames {
        for (x, y, pixel) in frame.enumerate_pixels() {
            let [r, g, b, a] = pixel.0;
            total += 1.0;
            if a < 128 || !even(frame, x, y) {
                continue;
            }
            let (count, sum) = cells.entry([r >> 2, g >> 2, b >> 2]).or_default();
            *count += 1.0;
            for (sum, value) in sum.iter_mut().zip([r, g, b]) {
                *sum += f64::from(value);
            }
        }
    }
    let mut cells: Vec<(f64, [f32; 3])> = cells
        .into_values()
        .map(|(count, sum)| (count, sum.map(|sum| (sum / count) as f32)))
        .collect();
    cells.sort_by(|one, other| other.0.total_cmp(&one.0));
    // The most frequent colour near by wins; what compression scattered around it joins it.
    let mut found: Vec<(f64, [f32; 3], [f64; 3])> = Vec::new();
    for (count, colour) in cells {
        let near = found
            .iter()
            .map(|(_, seed, _)| distance(*seed, colour))
            .enumerate()
            .min_by(|one, other| one.1.total_cmp(&other.1))
            .filter(|(_, off)| *off < ONE)
            .and_then(|(at, _)| found.get_mut(at));
        if let Some((weight, _, sum)) = near {
            *weight += count;
            for (sum, value) in sum.iter_mut().zip(colour) {
                *sum += f64::from(value) * count;
            }
        } else if found.len() < 1024 {
            found.push((count, colour, colour.map(|value| f64::from(value) * count)));
        }
    }
    let mut colours: Vec<([f32; 3], f64)> = found
        .into_iter()
        .filter(|(count, ..)| *count >= total * SMALLEST)
        .map(|(count, _, sum)| (sum.map(|sum| (sum / count) as f32), count / total))
        .collect();
    colours.sort_by(|one, other| other.1.total_cmp(&one.1));
    colours.truncate(MOST);
    colours
}

/// Whether a pixel hardly differs from its four neighbours.
fn even(frame: &RgbaImage, x: u32, y: u32) -> bool {
    let here = frame.get_pixel(x, y).0;
    [
        (x.wrapping_sub(1), y),
        (x + 1, y),
        (x, y.wrapping_sub(1)),
        (x, y + 1),
    ]
    .into_iter()
    .filter_map(|(x, y)| frame.get_pixel_checked(x, y))
    .all(|there| {
        here.into_iter()
            .zip(there.0)
            .all(|(one, other)| one.abs_diff(other) <= EVEN)
    })
}

/// Which colour each pixel is of: [`NONE`] for blends along edges and for specks.
pub fn labels(frame: &RgbaImage, colours: &[[f32; 3]]) -> Vec<u8> {
    let (width, height) = (frame.width() as usize, frame.height() as usize);
    let mut labels: Vec<u8> = frame
        .pixels()
        .map(|pixel| {
            let [r, g, b, a] = pixel.0;
            if a < 128 {
                return NONE;
            }
            let here = [r, g, b].map(f32::from);
            colours
                .iter()
                .map(|colour| distance(*colour, here))
                .enumerate()
                .min_by(|one, other| one.1.total_cmp(&other.1))
                .filter(|(_, off)| *off < BLEND)
                .map_or(NONE, |(label, _)| label as u8)
        })
        .collect();
    drop_specks(&mut labels, width, height);
    labels
}

/// Takes out parts that are too small or too thin to be anything but a blend of two colours.
fn drop_specks(labels: &mut [u8], width: usize, height: usize) {
    let least = (width * height / 1500).max(6);
    let mut seen = vec![false; labels.len()];
    let mut part = Vec::new();
    for start in 0..labels.len() {
        let Some(&label) = labels.get(start) else {
            continue;
        };
        if label == NONE || seen.get(start) != Some(&false) {
            continue;
        }
        part.clear();
        part.push(start);
        seen[start] = true;
        let mut head = 0;
        let mut thick = false;
        while let Some(&at) = part.get(head) {
            head += 1;
            let (x, y) = (at % width, at / width);
            let mut around = 0;
            for (dx, dy) in [(-1_isize, 0_isize), (1, 0), (0, -1), (0, 1)] {
                let (x, y) = (x as isize + dx, y as isize + dy);
                if x < 0 || y < 0 || x >= width as isize || y >= height as isize {
                    around += 1;
                    continue;
                }
                let next = y as usize * width + x as usize;
                if labels.get(next) == Some(&label) {
                    around += 1;
                    if let Some(seen) = seen.get_mut(next).filter(|seen| !**seen) {
                        *seen = true;
                        part.push(next);
                    }
                }
            }
            thick |= around == 4;
        }
        if part.len() < least || !thick {
            for &at in &part {
                if let Some(label) = labels.get_mut(at) {
                    *label = NONE;
                }
            }
        }
    }
}

/// How many pixels of each pair of labels face each other, across a blend of up to three
/// pixels: `faces[one][other]`, both ways alike.
pub fn faces(labels: &[u8], width: usize, height: usize, number: usize) -> Vec<Vec<usize>> {
    const REACH: usize = 4;
    let mut faces = vec![vec![0_usize; number]; number];
    let mut count = |one: u8, other: u8| {
        if one == other || one == NONE || other == NONE {
            return;
        }
        let (one, other) = (usize::from(one), usize::from(other));
        for (a, b) in [(one, other), (other, one)] {
            if let Some(cell) = faces.get_mut(a).and_then(|row| row.get_mut(b)) {
                *cell += 1;
            }
        }
    };
    // Runs of blended pixels are skipped: the next labelled one within reach faces this one.
    let mut walk = |length: usize, at: &dyn Fn(usize) -> usize| {
        let mut last: Option<(usize, u8)> = None;
        for step in 0..length {
            let Some(&label) = labels.get(at(step)) else {
                continue;
            };
            if label == NONE {
                continue;
            }
            if let Some((place, before)) = last
                && step - place <= REACH
            {
                count(before, label);
            }
            last = Some((step, label));
        }
    };
    for y in 0..height {
        walk(width, &|x| y * width + x);
    }
    for x in 0..width {
        walk(height, &|y| y * width + x);
    }
    faces
}
