//! Matrices in tiles for the dot-product instructions of AVX-512 (VNNI, and BF16 for halves).
//!
//! candle rearranges blocks for these instructions too, but into six bits a weight where the
//! blocks have four and a half, only for rows of whole 256s, and keeps the original blocks
//! beside them; and it takes four rows by sixteen columns at a time, which loads more than it
//! multiplies. Here a tile is made straight from the stored rows and is all that is kept.
//!
//! Sixteen rows of the matrix stand side by side in a panel, four (two for halves) numbers of
//! each in one vector of 64 bytes. Blocks of 32 numbers have a scale each (and a least value
//! where they have four bits); activations are rounded to 8 bits in blocks of 32 as llama.cpp
//! does.

#[cfg(target_arch = "x86_64")]
mod x86;

use candle_core::{CpuStorage, CustomOp1, Layout, Result, Shape};
use half::{bf16, f16};
use rayon::prelude::*;

use decoupage_dialogue::Outcome;

/// Rows of a panel: 32-bit lanes of a vector.
const LANES: usize = 16;
/// Panels that are computed together.
const PAIR: usize = 2;
/// Has a unit in the last place of one.
const MAGIC: f32 = 12_582_912.0;
/// Numbers of a block.
pub(crate) const BLOCK: usize = 32;

/// How the numbers of a matrix are held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Bits {
    /// 8 bits and a scale for each block: 8.5 bits a number.
    Eight,
    /// 4 bits, a scale and a least value for each block: 5 bits a number.
    Four,
    /// 16-bit brain floats.
    Half,
}

/// One vector of weights.
#[derive(Clone, Copy)]
#[repr(C, align(64))]
struct Line([u8; 64]);

/// A matrix `[rows, width]` in tiles.
pub(crate) struct Tiles {
    bits: Bits,
    rows: usize,
    width: usize,
    /// Blocks (pairs of numbers for halves) of a row.
    steps: usize,
    /// Panels in pairs, one after another; in each its steps.
    lines: Vec<Line>,
    /// For each panel and block: the scale of each row.
    scales: Vec<[f16; LANES]>,
    /// The same for what is taken away.
    least: Vec<[f16; LANES]>,
}

impl std::fmt::Debug for Tiles {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Tiles[{}, {}; {:?}]", self.rows, self.width, self.bits)
    }
}

/// One block of a row as it is held.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Block {
    /// Values are `scale · number − least`.
    pub(crate) scale: f32,
    pub(crate) least: f32,
    /// 0…15 for four bits; −127…127 for eight.
    pub(crate) numbers: [i8; BLOCK],
}

impl Block {
    /// Numbers rounded to 8 bits.
    pub(crate) fn eight(values: &[f32; BLOCK]) -> Self {
        let most = values
            .iter()
            .fold(0f32, |most, value| most.max(value.abs()));
        // The scale as it is kept, so that rounding takes its own rounding into account.
        let scale = f16::from_f32(most / 127.0).to_f32();
        let inverse = if scale > 0.0 { 1.0 / scale } else { 0.0 };
        Self {
            scale,
            least: 0.0,
            numbers: values.map(|value| {
                // Adding 1.5 · 2²³ leaves the nearest whole number in the low bits: `round` is a
                // call for each number where the build does not ask for newer processors.
                let shifted = (value * inverse).clamp(-127.0, 127.0) + MAGIC;
                (shifted.to_bits() as i32 - MAGIC.to_bits() as i32) as i8
            }),
        }
    }
}

/// Whether this machine has the instructions.
pub(crate) fn available(bits: Bits) -> bool {
    #[cfg(target_arch = "x86_64")]
    {
        let base = is_x86_feature_detected!("avx512f")
            && is_x86_feature_detected!("avx512bw")
            && is_x86_feature_detected!("avx512vl")
            && is_x86_feature_detected!("avx512vnni");
        base && (bits != Bits::Half || is_x86_feature_detected!("avx512bf16"))
    }
    #[cfg(not(target_arch = "x86_64"))]
    {
        let _ = bits;
        false
    }
}

impl Tiles {
    /// Room for a matrix.
    pub(crate) fn new(bits: Bits, rows: usize, width: usize) -> Self {
        let panels = rows.div_ceil(LANES).next_multiple_of(PAIR);
        let (steps, lines) = match bits {
            Bits::Eight => (width.div_ceil(BLOCK), 8),
            Bits::Four => (width.div_ceil(BLOCK), 4),
            Bits::Half => (width.div_ceil(2), 1),
        };
        let blocks = if bits == Bits::Half {
            0
        } else {
            panels * steps
        };
        // Eight bits are held with 128 added: rows that do not exist are zeros too.
        let nothing = if bits == Bits::Eight { 128 } else { 0 };
        let zeros = vec![[f16::ZERO; LANES]; blocks];
        Self {
            bits,
            rows,
            width,
            steps,
            lines: vec![Line([nothing; 64]); panels * steps * lines],
            least: if bits == Bits::Four {
                zeros.clone()
            } else {
                Vec::new()
            },
            scales: zeros,
        }
    }

    /// Fills quantised rows: `row` gives the blocks of a row.
    ///
    /// # Errors
    /// The first that `row` returns.
    pub(crate) fn fill(
        &mut self,
        row: impl Fn(usize, &mut dyn FnMut(usize, Block)) -> Outcome<()> + Sync,
    ) -> Outcome<()> {
        let (steps, rows, bits) = (self.steps, self.rows, self.bits);
        let lines = if bits == Bits::Four { 4 } else { 8 };
        // Empty for eight bits: pieces of an empty slice are none, so they are made up.
        let mut none = Vec::new();
        let least = if bits == Bits::Four {
            &mut self.least
        } else {
            none.resize(self.scales.len(), [f16::ZERO; LANES]);
            &mut none
        };
        self.lines
            .par_chunks_mut(steps * lines)
            .zip(self.scales.par_chunks_mut(steps))
            .zip(least.par_chunks_mut(steps))
            .enumerate()
            .try_for_each(|(panel, ((tiles, scales), least))| {
                for lane in 0..LANES {
                    let index = panel * LANES + lane;
                    if index >= rows {
                        break;
                    }
                    row(index, &mut |step, block| {
                        let (Some(scale), Some(least)) =
                            (scales.get_mut(step), least.get_mut(step))
                        else {
                            // A row may be padded beyond the matrix.
                            return;
                        };
                        scale[lane] = f16::from_f32(block.scale);
                        least[lane] = f16::from_f32(block.least);
                        let tile = &mut tiles[step * lines..][..lines];
                        for (at, number) in block.numbers.iter().enumerate() {
                            if bits == Bits::Four {
                                let byte = &mut tile[at / 8].0[lane * 4 + at % 4];
                                *byte |= (*number as u8) << (at / 4 % 2 * 4);
                            } else {
                                tile[at / 4].0[lane * 4 + at % 4] =
                                    (i16::from(*number) + 128) as u8;
                            }
                        }
                    })?;
                }
                Ok(())
            })
    }

    /// Fills rows of halves: `row` writes the numbers of a row.
    ///
    /// # Errors
    /// The first that `row` returns.
    pub(crate) fn fill_half(
        &mut self,
        row: impl Fn(usize, &mut [f32]) -> Outcome<()> + Sync,
    ) -> Outcome<()> {
        let (steps, rows, width) = (self.steps, self.rows, self.width);
        self.lines
            .par_chunks_mut(steps)
            .enumerate()
            .try_for_each(|(panel, tiles)| {
                let mut numbers = vec![0f32; width];
                for lane in 0..LANES {
                    let index = panel * LANES + lane;
                    if index >= rows {
                        break;
                    }
                    row(index, &mut numbers)?;
                    for (at, number) in numbers.iter().enumerate() {
                        let bytes = bf16::from_f32(*number).to_le_bytes();
                        let place = lane * 4 + at % 2 * 2;
                        tiles[at / 2].0[place..place + 2].copy_from_slice(&bytes);
                    }
                }
                Ok(())
            })
    }
}

/// `[…, width]` times the transposed matrix: `[…, rows]`.
impl CustomOp1 for Tiles {
    fn name(&self) -> &'static str {
        "tiles"
    }

    fn cpu_fwd(&self, storage: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        let CpuStorage::F32(x) = storage else {
            candle_core::bail!("tiles are multiplied with f32");
        };
        let (count, width) = layout.shape().dims2()?;
        if width != self.width || !layout.is_contiguous() {
            candle_core::bail!("rows of {width} where the matrix has {}", self.width);
        }
        let x = &x[layout.start_offset()..][..count * width];
        let mut out = vec![0f32; count * self.rows];
        #[cfg(target_arch = "x86_64")]
        x86::multiply(self, x, count, &mut out);
        #[cfg(not(target_arch = "x86_64"))]
        candle_core::bail!("this machine has no instructions for tiles");
        #[cfg(target_arch = "x86_64")]
        Ok((CpuStorage::F32(out), (count, self.rows).into()))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]

    use candle_core::{Device, Tensor};

    use super::*;

    fn wave(count: usize, step: usize) -> Vec<f32> {
        (0..count)
            .map(|i| ((i * step + i * i % 13) % 101) as f32 / 50.0 - 1.0)
            .collect()
    }

    #[test]
    fn eight_bits_keep_the_largest_and_round_the_rest() {
        let mut values = [0f32; BLOCK];
        values[..5].copy_from_slice(&[-2.54, 2.54, 0.031, -0.029, 0.01]);
        let block = Block::eight(&values);
        assert_eq!(block.numbers[..6], [-127, 127, 2, -1, 0, 0].map(|n: i8| n));
        assert_eq!(Block::eight(&[0.0; BLOCK]).scale, 0.0);
        for wrong in [f32::NAN, f32::INFINITY, 1e30] {
            // A damaged checkpoint gives wrong numbers, not a panic.
            values[7] = wrong;
            let _ = Block::eight(&values);
        }
    }

    #[test]
    fn tiles_multiply_as_their_blocks_say() {
        for bits in [Bits::Eight, Bits::Four, Bits::Half] {
            if !available(bits) {
                continue;
            }
            for (rows, width, count) in [
                (1, 2, 1),
                (40, 64, 1),
                (33, 100, 7),
                (16, 33, 9),
                (70, 896, 21),
            ] {
                let values = wave(rows * width, 37);
                let mut tiles = Tiles::new(bits, rows, width);
                let cut = |row: usize, step: usize| {
                    let mut block = [0f32; BLOCK];
                    let end = width.min((step + 1) * BLOCK);
                    let part = &values[row * width + step * BLOCK..row * width + end];
                    block[..part.len()].copy_from_slice(part);
                    block
                };
                let four = |row: usize, step: usize| Block {
                    scale: 0.125,
                    least: 1.0,
                    numbers: cut(row, step).map(|v| ((v + 1.0) * 8.0).clamp(0.0, 15.0) as i8),
                };
                let make = |row: usize, step: usize| match bits {
                    Bits::Four => four(row, step),
                    _ => Block::eight(&cut(row, step)),
                };
                let steps = width.div_ceil(BLOCK);
                let held: Vec<f32> = match bits {
                    Bits::Half => {
                        let fill = |row: usize, out: &mut [f32]| {
                            out.copy_from_slice(&values[row * width..][..width]);
                            Ok(())
                        };
                        tiles.fill_half(fill).unwrap();
                        values.iter().map(|v| bf16::from_f32(*v).to_f32()).collect()
                    }
                    _ => {
                        tiles
                            .fill(|row, put| {
                                // One block more than there is room for is left out.
                                (0..=steps).for_each(|s| put(s, make(row, s.min(steps - 1))));
                                Ok(())
                            })
                            .unwrap();
                        (0..rows * width)
                            .map(|i| {
                                let (row, at) = (i / width, i % width);
                                let block = make(row, at / BLOCK);
                                block.scale * f32::from(block.numbers[at % BLOCK]) - block.least
                            })
                            .collect()
                    }
                };
                let x = Tensor::from_vec(wave(count * width, 41), (count, width), &Device::Cpu);
                let x = x.unwrap();
                let held = Tensor::from_vec(held, (rows, width), &Device::Cpu).unwrap();
                let wanted = x.matmul(&held.t().unwrap()).unwrap();
                let product = x.apply_op1_no_bwd(&tiles).unwrap();
                let off = (product - wanted)
                    .unwrap()
                    .abs()
                    .unwrap()
                    .max_all()
                    .unwrap();
                let off = off.to_scalar::<f32>().unwrap();
                // Activations are rounded to 1/127 (halves: 1/256) of at most 1, and the errors
                // of so many products with weights of at most 1 add up like a random walk.
                let bound = (width as f32).sqrt() / 100.0;
                assert!(
                    off < bound,
                    "{bits:?} {rows} {width} {count}: {off} of {bound}"
                );
            }
        }
    }
}
