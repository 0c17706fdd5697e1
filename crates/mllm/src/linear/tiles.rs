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
#![allow(
    unsafe_code,
    reason = "vector instructions on raw pointers; every bound is checked where they are made"
)]

use candle_core::{CpuStorage, CustomOp1, Layout, Result, Shape};
use half::{bf16, f16};
use rayon::prelude::*;

use decoupage_dialogue::Outcome;

/// Rows of a panel: 32-bit lanes of a vector.
const LANES: usize = 16;
/// Panels that are computed together.
const PAIR: usize = 2;
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
            numbers: values.map(|value| (value * inverse).round().clamp(-127.0, 127.0) as i8),
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

#[cfg(target_arch = "x86_64")]
mod x86 {
    use core::arch::x86_64::*;

    use super::{BLOCK, Bits, LANES, PAIR, Tiles};

    /// Rows of activations that are multiplied together.
    const TOGETHER: usize = 4;
    /// The same for halves, which need no registers for whole numbers.
    const HALVES_TOGETHER: usize = 8;

    /// A place that threads write disjoint parts of.
    #[derive(Clone, Copy)]
    struct Out(*mut f32);
    // SAFETY: see `multiply`: every number is written by one thread.
    unsafe impl Send for Out {}
    // SAFETY: as above.
    unsafe impl Sync for Out {}

    impl Out {
        fn at(self, index: usize) -> *mut f32 {
            // Wrapping: whether it may be written is decided where it is.
            self.0.wrapping_add(index)
        }
    }

    /// Activations in blocks.
    struct Rounded {
        numbers: Vec<i8>,
        scales: Vec<f32>,
        sums: Vec<i32>,
    }

    pub(super) fn multiply(tiles: &Tiles, x: &[f32], count: usize, out: &mut [f32]) {
        assert!(x.len() == count * tiles.width && out.len() == count * tiles.rows);
        assert!(super::available(tiles.bits));
        let pairs = tiles.rows.div_ceil(LANES * PAIR);
        let out = Out(out.as_mut_ptr());
        let pool = candle_core::utils::barrier_pool();
        if tiles.bits == Bits::Half {
            let mut halves = vec![0u32; count * tiles.steps];
            for (x, halves) in x
                .chunks_exact(tiles.width)
                .zip(halves.chunks_exact_mut(tiles.steps))
            {
                // SAFETY: the instructions are there, the lengths are those of one row.
                unsafe { to_halves(x, halves) };
            }
            pool.execute_chunked(pairs, |range| {
                for pair in range {
                    let mut row = 0;
                    while row < count {
                        // SAFETY: the instructions are there; rows and pairs are inside of
                        // `halves`, `tiles` and `out`, and no other thread writes this pair.
                        unsafe {
                            if count - row >= HALVES_TOGETHER {
                                halves_strip::<HALVES_TOGETHER>(tiles, &halves, pair, row, out);
                                row += HALVES_TOGETHER;
                            } else {
                                halves_strip::<1>(tiles, &halves, pair, row, out);
                                row += 1;
                            }
                        }
                    }
                }
            });
            return;
        }
        let rounded = round(tiles, x, count);
        pool.execute_chunked(pairs, |range| {
            for pair in range {
                let mut row = 0;
                while row < count {
                    let many = count - row >= TOGETHER;
                    // SAFETY: as above, with `rounded` in place of `halves`.
                    unsafe {
                        match (tiles.bits == Bits::Four, many) {
                            (true, true) => {
                                strip::<true, TOGETHER>(tiles, &rounded, pair, row, out);
                            }
                            (true, false) => strip::<true, 1>(tiles, &rounded, pair, row, out),
                            (false, true) => {
                                strip::<false, TOGETHER>(tiles, &rounded, pair, row, out);
                            }
                            (false, false) => strip::<false, 1>(tiles, &rounded, pair, row, out),
                        }
                    }
                    row += if many { TOGETHER } else { 1 };
                }
            }
        });
    }

    fn round(tiles: &Tiles, x: &[f32], count: usize) -> Rounded {
        let steps = tiles.steps;
        let mut rounded = Rounded {
            numbers: vec![0; count * steps * BLOCK],
            scales: vec![0.0; count * steps],
            sums: vec![0; count * steps],
        };
        let rows = x
            .chunks_exact(tiles.width)
            .zip(rounded.numbers.chunks_exact_mut(steps * BLOCK))
            .zip(rounded.scales.chunks_exact_mut(steps))
            .zip(rounded.sums.chunks_exact_mut(steps));
        for (((x, numbers), scales), sums) in rows {
            let (blocks, rest) = x.as_chunks::<BLOCK>();
            let (numbers, _) = numbers.as_chunks_mut::<BLOCK>();
            for (step, x) in blocks.iter().enumerate() {
                // SAFETY: the instructions are there.
                (scales[step], sums[step]) = unsafe { round_block(x, &mut numbers[step]) };
            }
            if !rest.is_empty() {
                let step = blocks.len();
                let mut x = [0f32; BLOCK];
                x[..rest.len()].copy_from_slice(rest);
                // SAFETY: the instructions are there.
                (scales[step], sums[step]) = unsafe { round_block(&x, &mut numbers[step]) };
            }
        }
        rounded
    }

    /// The scale and the sum of the rounded numbers.
    #[target_feature(enable = "avx512f,avx512bw,avx512vl")]
    fn round_block(x: &[f32; BLOCK], out: &mut [i8; BLOCK]) -> (f32, i32) {
        // SAFETY: 32 numbers are read, 32 bytes are written.
        unsafe {
            let a = _mm512_loadu_ps(x.as_ptr());
            let b = _mm512_loadu_ps(x.as_ptr().add(LANES));
            let most = _mm512_reduce_max_ps(_mm512_max_ps(_mm512_abs_ps(a), _mm512_abs_ps(b)));
            let scale = most / 127.0;
            let inverse = if scale > 0.0 { 1.0 / scale } else { 0.0 };
            let inverse = _mm512_set1_ps(inverse);
            let a = _mm512_cvtps_epi32(_mm512_mul_ps(a, inverse));
            let b = _mm512_cvtps_epi32(_mm512_mul_ps(b, inverse));
            let sum = _mm512_reduce_add_epi32(_mm512_add_epi32(a, b));
            _mm_storeu_si128(out.as_mut_ptr().cast(), _mm512_cvtsepi32_epi8(a));
            _mm_storeu_si128(out.as_mut_ptr().add(LANES).cast(), _mm512_cvtsepi32_epi8(b));
            (scale, sum)
        }
    }

    /// M rows of activations times the 32 columns of a pair of panels.
    #[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vnni")]
    unsafe fn strip<const FOUR: bool, const M: usize>(
        tiles: &Tiles,
        x: &Rounded,
        pair: usize,
        row: usize,
        out: Out,
    ) {
        let steps = tiles.steps;
        let lines = if FOUR { 4 } else { 8 };
        let panel = pair * PAIR;
        let mask = _mm512_set1_epi8(15);
        let mut sums = [[_mm512_setzero_ps(); PAIR]; M];
        // SAFETY: the caller gives rows and pairs that exist; steps count up to those of a row.
        unsafe {
            let first = tiles.lines.as_ptr().add(panel * steps * lines);
            let second = first.add(steps * lines);
            let scales = tiles.scales.as_ptr().add(panel * steps);
            for step in 0..steps {
                let mut whole = [[_mm512_setzero_si512(); PAIR]; M];
                if !FOUR {
                    // What 128 added to every weight gives too much.
                    for (m, whole) in whole.iter_mut().enumerate() {
                        let sum = *x.sums.as_ptr().add((row + m) * steps + step);
                        *whole = [_mm512_set1_epi32(-128 * sum); PAIR];
                    }
                }
                let numbers: [*const i32; M] = std::array::from_fn(|m| {
                    x.numbers
                        .as_ptr()
                        .add(((row + m) * steps + step) * BLOCK)
                        .cast()
                });
                for line in 0..lines {
                    let a = _mm512_load_si512(first.add(step * lines + line).cast());
                    let b = _mm512_load_si512(second.add(step * lines + line).cast());
                    if FOUR {
                        let low = [_mm512_and_si512(a, mask), _mm512_and_si512(b, mask)];
                        let high = [
                            _mm512_and_si512(_mm512_srli_epi16::<4>(a), mask),
                            _mm512_and_si512(_mm512_srli_epi16::<4>(b), mask),
                        ];
                        for (whole, numbers) in whole.iter_mut().zip(&numbers) {
                            let x = _mm512_set1_epi32(numbers.add(2 * line).read_unaligned());
                            let y = _mm512_set1_epi32(numbers.add(2 * line + 1).read_unaligned());
                            for p in 0..PAIR {
                                whole[p] = _mm512_dpbusd_epi32(whole[p], low[p], x);
                                whole[p] = _mm512_dpbusd_epi32(whole[p], high[p], y);
                            }
                        }
                    } else {
                        for (whole, numbers) in whole.iter_mut().zip(&numbers) {
                            let x = _mm512_set1_epi32(numbers.add(line).read_unaligned());
                            whole[0] = _mm512_dpbusd_epi32(whole[0], a, x);
                            whole[1] = _mm512_dpbusd_epi32(whole[1], b, x);
                        }
                    }
                }
                for p in 0..PAIR {
                    let scale = _mm256_loadu_si256(scales.add(p * steps + step).cast());
                    let scale = _mm512_cvtph_ps(scale);
                    for m in 0..M {
                        let own = *x.scales.as_ptr().add((row + m) * steps + step);
                        let value = _mm512_cvtepi32_ps(whole[m][p]);
                        let value = _mm512_mul_ps(value, _mm512_set1_ps(own));
                        sums[m][p] = _mm512_fmadd_ps(value, scale, sums[m][p]);
                    }
                    if FOUR {
                        let least = tiles.least.as_ptr().add((panel + p) * steps + step);
                        let least = _mm512_cvtph_ps(_mm256_loadu_si256(least.cast()));
                        for (m, sums) in sums.iter_mut().enumerate() {
                            let at = (row + m) * steps + step;
                            let own = *x.scales.as_ptr().add(at);
                            let own = own * *x.sums.as_ptr().add(at) as f32;
                            sums[p] = _mm512_fnmadd_ps(least, _mm512_set1_ps(own), sums[p]);
                        }
                    }
                }
            }
            store(tiles.rows, panel, row, &sums, out);
        }
    }

    /// The same for halves.
    #[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512bf16")]
    unsafe fn halves_strip<const M: usize>(
        tiles: &Tiles,
        x: &[u32],
        pair: usize,
        row: usize,
        out: Out,
    ) {
        let steps = tiles.steps;
        let panel = pair * PAIR;
        let mut sums = [[_mm512_setzero_ps(); PAIR]; M];
        // SAFETY: as in `strip`; vectors of halves and of whole numbers are the same bits.
        unsafe {
            let first = tiles.lines.as_ptr().add(panel * steps);
            let second = first.add(steps);
            let x = x.as_ptr().add(row * steps);
            for step in 0..steps {
                let a = _mm512_load_si512(first.add(step).cast());
                let b = _mm512_load_si512(second.add(step).cast());
                let a: __m512bh = std::mem::transmute(a);
                let b: __m512bh = std::mem::transmute(b);
                for (m, sums) in sums.iter_mut().enumerate() {
                    let x = _mm512_set1_epi32(*x.add(m * steps + step) as i32);
                    let x: __m512bh = std::mem::transmute(x);
                    sums[0] = _mm512_dpbf16_ps(sums[0], a, x);
                    sums[1] = _mm512_dpbf16_ps(sums[1], b, x);
                }
            }
            store(tiles.rows, panel, row, &sums, out);
        }
    }

    /// Numbers in pairs of halves; an odd last one is followed by zero.
    #[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512bf16")]
    fn to_halves(x: &[f32], out: &mut [u32]) {
        let bits = |x: f32| u32::from(half::bf16::from_f32(x).to_bits());
        let (vectors, rest) = x.as_chunks::<LANES>();
        let (starts, ends) = out.split_at_mut(vectors.len() * LANES / 2);
        for (x, out) in vectors.iter().zip(starts.chunks_exact_mut(LANES / 2)) {
            // SAFETY: 16 numbers are read, 32 bytes are written.
            unsafe {
                let halves = _mm512_cvtneps_pbh(_mm512_loadu_ps(x.as_ptr()));
                let halves: __m256i = std::mem::transmute(halves);
                _mm256_storeu_si256(out.as_mut_ptr().cast(), halves);
            }
        }
        for (x, out) in rest.chunks(2).zip(ends) {
            *out = bits(x[0]) | x.get(1).map_or(0, |x| bits(*x) << 16);
        }
    }

    /// Writes what belongs to rows that exist.
    #[target_feature(enable = "avx512f,avx512bw,avx512vl")]
    unsafe fn store<const M: usize>(
        rows: usize,
        panel: usize,
        row: usize,
        sums: &[[__m512; PAIR]; M],
        out: Out,
    ) {
        for (m, sums) in sums.iter().enumerate() {
            for (p, sum) in sums.iter().enumerate() {
                let column = (panel + p) * LANES;
                let count = rows.saturating_sub(column).min(LANES);
                let mask = ((1u32 << count) - 1) as u16;
                // SAFETY: only columns that exist are written, of a row that exists.
                unsafe {
                    _mm512_mask_storeu_ps(out.at((row + m) * rows + column), mask, *sum);
                }
            }
        }
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
