//! Pixels to rows of normalised patches, in the order in which the towers take them.

use std::borrow::Cow;

use candle_core::{Device, Tensor};
use decoupage_dialogue::{Failure, FailureCode, Outcome, Smaller};
use rayon::prelude::*;

use super::Patches;
use super::resize::resize;
use super::rules::Rules;
use super::size::Way;
use crate::media::Picture;

/// The frames, each brought to `size` (height, width), as patches `[t × h × w, features]`: merge
/// blocks one after another, row by row, the patches of a block within it, and in a patch colour,
/// frame, row, column. The last frame fills up the last temporal patch.
///
/// Only the frames of the temporal patches being worked on are held resized.
pub(super) fn make(
    frames: &[Picture],
    size: (usize, usize),
    rules: &Rules,
    way: Way,
) -> Outcome<Patches> {
    let layout = Layout {
        height: size.0,
        width: size.1,
        patch: rules.patch,
        temporal: rules.temporal_patch,
        merge: rules.merge,
        table: table(rules),
    };
    let steps = frames.len().div_ceil(layout.temporal);
    let grid = [steps, size.0 / rules.patch, size.1 / rules.patch];
    let features = rules.features();
    let of_step = grid[1] * grid[2] * features;
    let mut values = zeros(steps.checked_mul(of_step))?;
    values
        .par_chunks_mut(of_step)
        .enumerate()
        .try_for_each(|(step, out)| -> Outcome<()> {
            let first = step * layout.temporal;
            let present = &frames[first..frames.len().min(first + layout.temporal)];
            let resized = present
                .par_iter()
                .map(|frame| resize(frame, size.0, size.1, way))
                .collect::<Outcome<Vec<_>>>()?;
            out.par_chunks_mut(layout.merge * grid[2] * features)
                .enumerate()
                .for_each(|(row, out)| layout.block_row(&resized, row, out));
            Ok(())
        })?;
    let rows = grid.iter().product::<usize>();
    let values = Tensor::from_vec(values, (rows, features), &Device::Cpu).map_err(|error| {
        Failure::new(
            FailureCode::Internal,
            format!("Patches could not be made: {error}."),
        )
    })?;
    Ok(Patches { values, grid })
}

/// Zeros, or a plain failure when memory does not suffice.
fn zeros(count: Option<usize>) -> Outcome<Vec<f32>> {
    let mut values = Vec::new();
    match count.map(|count| values.try_reserve_exact(count)) {
        Some(Ok(())) => {}
        _ => {
            return Err(Failure::new(
                FailureCode::OutOfMemory,
                "The pictures need more memory than there is.",
            )
            .advise("Show the model fewer frames or fewer tokens per frame.")
            .offer([Smaller::FewerFrames]));
        }
    }
    values.resize(count.unwrap_or_default(), 0.0);
    Ok(values)
}

/// What each 8-bit level of each colour becomes. Scaling is folded into mean and deviation, in
/// 32-bit floats, as the reference's fast processors do.
fn table(rules: &Rules) -> [[f32; 256]; 3] {
    let mut table = [[0.0; 256]; 3];
    let levels = (1.0 / rules.level) as f32;
    for ((row, mean), deviation) in table.iter_mut().zip(rules.mean).zip(rules.deviation) {
        let (mean, deviation) = (mean as f32 * levels, deviation as f32 * levels);
        for (level, value) in row.iter_mut().enumerate() {
            *value = (level as f32 - mean) / deviation;
        }
    }
    table
}

struct Layout {
    height: usize,
    width: usize,
    patch: usize,
    temporal: usize,
    merge: usize,
    table: [[f32; 256]; 3],
}

impl Layout {
    /// One row of merge blocks. `frames` are the frames of the temporal patch that there are.
    fn block_row(&self, frames: &[Cow<'_, [u8]>], row: usize, out: &mut [f32]) {
        debug_assert!((row + 1) * self.merge * self.patch <= self.height);
        let plane = self.patch * self.patch;
        let across = self.width / self.patch;
        let mut patches = out.chunks_exact_mut(3 * self.temporal * plane);
        for block in 0..across / self.merge {
            for inner_row in 0..self.merge {
                for inner_column in 0..self.merge {
                    let Some(patch) = patches.next() else { return };
                    let top = (row * self.merge + inner_row) * self.patch;
                    let left = (block * self.merge + inner_column) * self.patch;
                    let colours = patch.chunks_exact_mut(self.temporal * plane);
                    for (colour, out) in colours.enumerate() {
                        for (out, frame) in out.chunks_exact_mut(plane).zip(frames) {
                            self.plane(frame, top, left, colour, out);
                        }
                        let given = frames.len() * plane;
                        for at in (given..out.len()).step_by(plane) {
                            out.copy_within(at - plane..at, at);
                        }
                    }
                }
            }
        }
    }

    /// One colour of one frame's square.
    fn plane(&self, frame: &[u8], top: usize, left: usize, colour: usize, out: &mut [f32]) {
        let table = &self.table[colour];
        for (y, out) in out.chunks_exact_mut(self.patch).enumerate() {
            let start = ((top + y) * self.width + left) * 3;
            let pixels = frame[start..start + self.patch * 3].chunks_exact(3);
            for (out, pixel) in out.iter_mut().zip(pixels) {
                *out = table[usize::from(pixel[colour])];
            }
        }
    }
}
