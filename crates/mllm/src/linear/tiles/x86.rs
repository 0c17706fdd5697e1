//! The products of tiles in AVX-512.
#![allow(
    unsafe_code,
    reason = "vector instructions on raw pointers; every bound is checked where they are made"
)]

use core::arch::x86_64::*;
use std::sync::{Mutex, PoisonError};

use super::{BLOCK, Bits, LANES, PAIR, Tiles};

/// Rows of activations that are multiplied together.
const TOGETHER: usize = 4;
/// The same for halves, which need no registers for whole numbers.
const HALVES_TOGETHER: usize = 8;
/// From so many rows on, they are rounded by all threads.
const MANY_ROWS: usize = 8;

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
    let rows: Vec<_> = x
        .chunks_exact(tiles.width)
        .zip(rounded.numbers.chunks_exact_mut(steps * BLOCK))
        .zip(rounded.scales.chunks_exact_mut(steps))
        .zip(rounded.sums.chunks_exact_mut(steps))
        .map(Mutex::new)
        .collect();
    let work = |row: usize| {
        // Each row is taken once: the lock is never waited for.
        let mut row = rows[row].lock().unwrap_or_else(PoisonError::into_inner);
        let (((x, numbers), scales), sums) = &mut *row;
        let (numbers, _) = numbers.as_chunks_mut::<BLOCK>();
        let blocks = x
            .chunks(BLOCK)
            .zip(numbers)
            .zip(scales.iter_mut().zip(sums.iter_mut()));
        for ((x, numbers), (scale, sum)) in blocks {
            let mut padded = [0f32; BLOCK];
            let x = x.first_chunk::<BLOCK>().unwrap_or_else(|| {
                padded[..x.len()].copy_from_slice(x);
                &padded
            });
            // SAFETY: the instructions are there.
            (*scale, *sum) = unsafe { round_block(x, numbers) };
        }
    };
    if count < MANY_ROWS {
        (0..count).for_each(&work);
    } else {
        candle_core::utils::barrier_pool().execute_chunked(count, |range| range.for_each(&work));
    }
    drop(rows);
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
