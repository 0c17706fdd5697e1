//! How noisy a picture is, from its flat parts.

use crate::colour::Plane;
use crate::colour::plane::quantile;

/// Side of the blocks that are judged, pixels.
const BLOCK: usize = 16;
/// The share of blocks that count as flat: those with the least structure.
const FLAT: f64 = 0.2;
/// Blocks darker or brighter than this are clipped and hide their noise.
const RANGE: std::ops::Range<f32> = 18.0..238.0;

/// Noise in the flat parts: standard deviation of luma, in levels of 255; `None` where no part
/// is flat enough to tell.
///
/// The difference of two Laplacians (Immerkær 1996, "Fast Noise Variance Estimation") takes
/// out anything that is linear in a block; its median over the flattest blocks is not moved by
/// the edges that remain.
pub fn of(plane: &Plane) -> Option<f64> {
    let mut blocks: Vec<(f32, f32)> = Vec::new();
    for top in (1..plane.height.saturating_sub(BLOCK)).step_by(BLOCK) {
        for left in (1..plane.width.saturating_sub(BLOCK)).step_by(BLOCK) {
            if let Some(block) = block(plane, left, top) {
                blocks.push(block);
            }
        }
    }
    if blocks.len() < 6 {
        return None;
    }
    blocks.sort_by(|one, other| one.0.total_cmp(&other.0));
    blocks.truncate(((blocks.len() as f64 * FLAT) as usize).max(6));
    let mut levels: Vec<f32> = blocks.iter().map(|(_, noise)| *noise).collect();
    Some(f64::from(quantile(&mut levels, 0.5)))
}

/// A block's structure (spread of its 4 × 4 means) and its noise.
fn block(plane: &Plane, left: usize, top: usize) -> Option<(f32, f32)> {
    let means = plane.part(left, top, BLOCK, BLOCK).shrunk(4).values;
    let middle = means.iter().sum::<f32>() / means.len().max(1) as f32;
    if !RANGE.contains(&middle) {
        return None;
    }
    let spread = means
        .iter()
        .map(|mean| (mean - middle).powi(2))
        .sum::<f32>()
        / 16.0;
    let mut responses = Vec::with_capacity(BLOCK * BLOCK);
    for y in top..top + BLOCK {
        let above = plane.row(y - 1).get(left - 1..=left + BLOCK)?;
        let here = plane.row(y).get(left - 1..=left + BLOCK)?;
        let below = plane.row(y + 1).get(left - 1..=left + BLOCK)?;
        for ((a, h), b) in above.windows(3).zip(here.windows(3)).zip(below.windows(3)) {
            if let ([a0, a1, a2], [h0, h1, h2], [b0, b1, b2]) = (a, h, b) {
                let edge = a0 + a2 + b0 + b2 - 2.0 * (a1 + h0 + h2 + b1) + 4.0 * h1;
                responses.push(edge.abs());
            }
        }
    }
    // The filter's weights have norm 6; the median of a normal's size is 0.6745 of its spread.
    Some((
        spread.sqrt(),
        quantile(&mut responses, 0.5) / (6.0 * 0.6745),
    ))
}
