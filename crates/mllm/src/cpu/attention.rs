//! Causal attention over a cache, tile by tile with a running softmax (Dao et al. 2022), on the
//! processor: no scores are kept, hidden keys are not computed, keys and values are read where
//! they lie and shared by the queries of a group.

use candle_core::{CpuStorage, CustomOp3, Layout, Result, Shape};
use half::f16;
use half::slice::HalfFloatSliceExt;
use pulp::{Arch, Simd, WithSimd};

use super::{contiguous, numbers, spread, vector};

/// Query rows of one piece of work.
const ROWS: usize = 16;
/// Keys of one tile.
const KEYS: usize = 64;
/// From so many query rows on, keys are turned on their side first, so that scores are computed
/// for many keys at once.
const MANY_ROWS: usize = 8;

/// `q` `[rows, heads, width]`, keys and values `[kv heads, length, width]` (any stride between
/// heads, f32 or f16): `[rows, heads × width]`. The last rows of the keys belong to the queries.
pub(crate) struct Attend {
    /// What scores are multiplied with.
    pub(crate) scale: f32,
}

impl CustomOp3 for Attend {
    fn name(&self) -> &'static str {
        "attend"
    }

    fn cpu_fwd(
        &self,
        q: &CpuStorage,
        q_layout: &Layout,
        keys: &CpuStorage,
        keys_layout: &Layout,
        values: &CpuStorage,
        values_layout: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let (rows, heads, width) = q_layout.shape().dims3()?;
        let (kv_heads, length, kv_width) = keys_layout.shape().dims3()?;
        let fits = values_layout.dims() == keys_layout.dims()
            && kv_width == width
            && heads % kv_heads == 0
            && length >= rows;
        if !fits {
            candle_core::bail!("queries do not fit their keys and values");
        }
        let q = contiguous(q, q_layout)?;
        let keys = Heads::of(keys, keys_layout)?;
        let values = Heads::of(values, values_layout)?;
        let group = heads / kv_heads;
        let mut out = vec![0f32; rows * heads * width];
        let call = Call {
            q,
            keys,
            values,
            group,
            width,
            heads,
            past: length - rows,
            length,
            scale: self.scale,
        };
        let arch = Arch::new();
        if rows < MANY_ROWS {
            for (row, out) in out.chunks_mut(heads * width).enumerate() {
                // One group of heads each.
                spread(out, group * width, |head, out| {
                    arch.dispatch(Single {
                        call: &call,
                        row,
                        head,
                        out,
                    });
                });
            }
        } else {
            let mut sideways = vec![0f32; kv_heads * width * length];
            spread(&mut sideways, width * length, |head, out| {
                let mut room = Vec::new();
                let start = head * call.keys.stride;
                let keys = call.keys.numbers.range(start, length * width, &mut room);
                turn(keys, width, length, out);
            });
            spread(&mut out, ROWS * heads * width, |block, out| {
                arch.dispatch(Block {
                    call: &call,
                    sideways: &sideways,
                    first: block * ROWS,
                    out,
                });
            });
        }
        Ok((CpuStorage::F32(out), (rows, heads * width).into()))
    }
}

/// Keys or values of all heads.
struct Heads<'a> {
    numbers: Numbers<'a>,
    stride: usize,
}

/// Numbers as a cache holds them.
#[derive(Clone, Copy)]
enum Numbers<'a> {
    Whole(&'a [f32]),
    Half(&'a [f16]),
}

impl<'a> Numbers<'a> {
    /// A range as f32: where it lies, or in `room`.
    fn range(self, start: usize, count: usize, room: &'a mut Vec<f32>) -> &'a [f32] {
        match self {
            Self::Whole(numbers) => &numbers[start..start + count],
            Self::Half(numbers) => {
                room.resize(count, 0.0);
                numbers[start..start + count].convert_to_f32_slice(room);
                room
            }
        }
    }
}

impl<'a> Heads<'a> {
    fn of(storage: &'a CpuStorage, layout: &Layout) -> Result<Self> {
        let (_, _, width) = layout.shape().dims3()?;
        let [stride, row, 1] = *layout.stride() else {
            candle_core::bail!("keys and values with gaps: {layout:?}");
        };
        if row != width {
            candle_core::bail!("keys and values with gaps: {layout:?}");
        }
        let numbers = match storage {
            CpuStorage::F16(values) => Numbers::Half(&values[layout.start_offset()..]),
            _ => Numbers::Whole(numbers(storage, layout)?),
        };
        Ok(Self { numbers, stride })
    }
}

struct Call<'a> {
    q: &'a [f32],
    keys: Heads<'a>,
    values: Heads<'a>,
    group: usize,
    width: usize,
    heads: usize,
    past: usize,
    length: usize,
    scale: f32,
}

/// `[length, width]` to `[width, length]`.
fn turn(x: &[f32], width: usize, length: usize, out: &mut [f32]) {
    // In squares that stay in the nearest cache.
    const SIDE: usize = 16;
    for first in (0..length).step_by(SIDE) {
        for column in (0..width).step_by(SIDE) {
            for row in first..length.min(first + SIDE) {
                for column in column..width.min(column + SIDE) {
                    out[column * length + row] = x[row * width + column];
                }
            }
        }
    }
}

/// One row of one group of heads: scores key by key.
struct Single<'a> {
    call: &'a Call<'a>,
    row: usize,
    head: usize,
    out: &'a mut [f32],
}

impl WithSimd for Single<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let call = self.call;
        let (width, group) = (call.width, call.group);
        let first = (self.row * call.heads + self.head * group) * width;
        let q = &call.q[first..first + group * width];
        let seen = call.past + self.row + 1;
        let mut scores = vec![0f32; group * KEYS];
        let (mut key_room, mut value_room) = (Vec::new(), Vec::new());
        let mut states = vec![State::default(); group];
        for first in (0..seen).step_by(KEYS) {
            let count = KEYS.min(seen - first);
            let start = self.head * call.keys.stride + first * width;
            let keys = call.keys.numbers.range(start, count * width, &mut key_room);
            for (key, k) in keys.chunks_exact(width).enumerate() {
                for (member, q) in q.chunks_exact(width).enumerate() {
                    scores[member * KEYS + key] = vector::dot(simd, q, k) * call.scale;
                }
            }
            for (member, out) in self.out.chunks_exact_mut(width).enumerate() {
                let scores = &mut scores[member * KEYS..][..count];
                states[member].soften(simd, scores, out);
            }
            let start = self.head * call.values.stride + first * width;
            let numbers = call.values.numbers;
            let values = numbers.range(start, count * width, &mut value_room);
            product(
                simd, &scores, KEYS, group, count, values, width, self.out, width, width,
            );
        }
        for (state, out) in states.iter().zip(self.out.chunks_exact_mut(width)) {
            vector::scale(simd, out, 1.0 / state.sum);
        }
    }
}

/// Many rows of all heads.
struct Block<'a> {
    call: &'a Call<'a>,
    sideways: &'a [f32],
    first: usize,
    out: &'a mut [f32],
}

impl WithSimd for Block<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let call = self.call;
        let (width, group, length) = (call.width, call.group, call.length);
        let rows = self.out.len() / (call.heads * width);
        let members = rows * group;
        let mut q = vec![0f32; members * width];
        let mut out = vec![0f32; members * width];
        let mut scores = vec![0f32; members * KEYS];
        let mut states = vec![State::default(); members];
        let mut room = Vec::new();
        for head in 0..call.heads / group {
            for row in 0..rows {
                let at = ((self.first + row) * call.heads + head * group) * width;
                let to = row * group * width;
                let q = &mut q[to..to + group * width];
                q.copy_from_slice(&call.q[at..at + group * width]);
                vector::scale(simd, q, call.scale);
            }
            out.fill(0.0);
            states.fill(State::default());
            let keys = &self.sideways[head * width * length..][..width * length];
            let end = call.past + self.first + rows;
            for first in (0..end).step_by(KEYS) {
                let count = KEYS.min(end - first);
                scores.fill(0.0);
                let keys = &keys[first..];
                product(
                    simd,
                    &q,
                    width,
                    members,
                    width,
                    keys,
                    length,
                    &mut scores,
                    KEYS,
                    count,
                );
                for (member, state) in states.iter_mut().enumerate() {
                    let seen = call.past + self.first + member / group + 1;
                    let scores = &mut scores[member * KEYS..][..count];
                    let hidden = seen.saturating_sub(first).min(count);
                    scores[hidden..].fill(f32::NEG_INFINITY);
                    if hidden == 0 {
                        // Nothing of this tile is seen: no share for any of it.
                        scores.fill(0.0);
                        continue;
                    }
                    let out = &mut out[member * width..][..width];
                    state.soften(simd, scores, out);
                }
                let start = head * call.values.stride + first * width;
                let numbers = call.values.numbers;
                let values = numbers.range(start, count * width, &mut room);
                product(
                    simd, &scores, KEYS, members, count, values, width, &mut out, width, width,
                );
            }
            for (member, (state, out)) in states.iter().zip(out.chunks_exact(width)).enumerate() {
                let (row, place) = (member / group, member % group);
                let at = (row * call.heads + head * group + place) * width;
                let to = &mut self.out[at..at + width];
                to.copy_from_slice(out);
                vector::scale(simd, to, 1.0 / state.sum);
            }
        }
    }
}

/// The running softmax of one query.
#[derive(Clone, Copy)]
struct State {
    most: f32,
    sum: f32,
}

impl Default for State {
    fn default() -> Self {
        Self {
            most: f32::NEG_INFINITY,
            sum: 0.0,
        }
    }
}

impl State {
    /// Turns scores into shares and scales what was summed before to them.
    #[inline(always)]
    fn soften<S: Simd>(&mut self, simd: S, scores: &mut [f32], out: &mut [f32]) {
        let most = self.most.max(vector::largest(simd, scores));
        let fade = (self.most - most).exp();
        if fade != 1.0 {
            vector::scale(simd, out, fade);
        }
        self.sum = self.sum * fade + vector::exp_sum(simd, scores, most);
        self.most = most;
    }
}

/// c `[rows, columns]` += a `[rows, depth]` · b `[depth, columns]`, rows of each apart by a
/// stride.
#[inline(always)]
#[expect(
    clippy::too_many_arguments,
    reason = "three matrices and their strides"
)]
fn product<S: Simd>(
    simd: S,
    a: &[f32],
    a_stride: usize,
    rows: usize,
    depth: usize,
    b: &[f32],
    b_stride: usize,
    c: &mut [f32],
    c_stride: usize,
    columns: usize,
) {
    let mut row = 0;
    while row < rows {
        let a = &a[row * a_stride..];
        let c = &mut c[row * c_stride..];
        if rows - row >= 4 {
            strip::<S, 4>(simd, a, a_stride, depth, b, b_stride, c, c_stride, columns);
            row += 4;
        } else {
            strip::<S, 1>(simd, a, a_stride, depth, b, b_stride, c, c_stride, columns);
            row += 1;
        }
    }
}

#[inline(always)]
#[expect(
    clippy::too_many_arguments,
    reason = "three matrices and their strides"
)]
fn strip<S: Simd, const R: usize>(
    simd: S,
    a: &[f32],
    a_stride: usize,
    depth: usize,
    b: &[f32],
    b_stride: usize,
    c: &mut [f32],
    c_stride: usize,
    columns: usize,
) {
    let lanes = S::F32_LANES;
    let mut column = 0;
    while columns - column >= 4 * lanes {
        let (b, c) = (&b[column..], &mut c[column..]);
        tile::<S, R, 4>(simd, a, a_stride, depth, b, b_stride, c, c_stride);
        column += 4 * lanes;
    }
    while columns - column >= lanes {
        let (b, c) = (&b[column..], &mut c[column..]);
        tile::<S, R, 1>(simd, a, a_stride, depth, b, b_stride, c, c_stride);
        column += lanes;
    }
    for column in column..columns {
        for row in 0..R {
            let a = &a[row * a_stride..][..depth];
            let sum: f32 = a
                .iter()
                .enumerate()
                .map(|(i, a)| a * b[i * b_stride + column])
                .sum();
            c[row * c_stride + column] += sum;
        }
    }
}

/// R rows by V vectors, kept in registers.
#[inline(always)]
#[expect(
    clippy::too_many_arguments,
    reason = "three matrices and their strides"
)]
fn tile<S: Simd, const R: usize, const V: usize>(
    simd: S,
    a: &[f32],
    a_stride: usize,
    depth: usize,
    b: &[f32],
    b_stride: usize,
    c: &mut [f32],
    c_stride: usize,
) {
    let columns = V * S::F32_LANES;
    let mut sums = [[simd.splat_f32s(0.0); V]; R];
    let a: [&[f32]; R] = std::array::from_fn(|row| &a[row * a_stride..][..depth]);
    for i in 0..depth {
        let (b, _) = S::as_simd_f32s(&b[i * b_stride..][..columns]);
        for (sums, a) in sums.iter_mut().zip(&a) {
            let a = simd.splat_f32s(a[i]);
            for (sum, b) in sums.iter_mut().zip(b) {
                *sum = simd.mul_add_e_f32s(a, *b, *sum);
            }
        }
    }
    for (row, sums) in sums.iter().enumerate() {
        let (c, _) = S::as_mut_simd_f32s(&mut c[row * c_stride..][..columns]);
        for (c, sum) in c.iter_mut().zip(sums) {
            *c = simd.add_f32s(*c, *sum);
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]

    use candle_core::{DType, Device, Tensor};

    use super::*;

    fn wave(shape: &[usize], step: usize) -> Tensor {
        let count: usize = shape.iter().product();
        let values: Vec<f32> = (0..count)
            .map(|i| ((i * step + i * i % 13) % 101) as f32 / 50.0 - 1.0)
            .collect();
        Tensor::from_vec(values, shape, &Device::Cpu).unwrap()
    }

    #[test]
    fn agrees_with_whole_scores() {
        for (rows, past, heads, kv_heads, width) in [
            (1, 0, 2, 1, 16),
            (1, 130, 14, 2, 64),
            (5, 70, 4, 4, 20),
            (40, 0, 6, 2, 24),
            (33, 100, 8, 8, 128),
            (100, 29, 4, 2, 10),
        ] {
            let length = past + rows;
            let q = wave(&[rows, heads, width], 37);
            // Room for more rows than are in use, as in a cache.
            let keys = wave(&[kv_heads, length + 9, width], 41)
                .narrow(1, 0, length)
                .unwrap();
            let values = wave(&[kv_heads, length + 9, width], 43)
                .narrow(1, 0, length)
                .unwrap();
            let op = Attend { scale: 0.3 };
            let mixed = q.apply_op3_no_bwd(&keys, &values, &op).unwrap();
            let halves = |x: &Tensor| x.to_dtype(DType::F16).unwrap();
            let near = q
                .apply_op3_no_bwd(&halves(&keys), &halves(&values), &op)
                .unwrap();
            let off = (&near - &mixed).unwrap().abs().unwrap().max_all();
            assert!(off.unwrap().to_scalar::<f32>().unwrap() < 5e-3);

            let group = heads / kv_heads;
            let repeat = |x: &Tensor| {
                x.unsqueeze(1)
                    .unwrap()
                    .broadcast_as((kv_heads, group, length, width))
                    .unwrap()
                    .contiguous()
                    .unwrap()
                    .reshape((heads, length, width))
                    .unwrap()
            };
            let q = q.transpose(0, 1).unwrap().contiguous().unwrap();
            let scores = (q.matmul(&repeat(&keys).t().unwrap()).unwrap() * 0.3).unwrap();
            let hidden: Vec<f32> = (0..rows * length)
                .map(|i| {
                    if i % length > past + i / length {
                        f32::NEG_INFINITY
                    } else {
                        0.0
                    }
                })
                .collect();
            let hidden = Tensor::from_vec(hidden, (rows, length), &Device::Cpu).unwrap();
            let shares = candle_nn::ops::softmax_last_dim(&scores.broadcast_add(&hidden).unwrap());
            let wanted = shares.unwrap().matmul(&repeat(&values)).unwrap();
            let wanted = wanted.transpose(0, 1).unwrap().contiguous().unwrap();
            let wanted = wanted.reshape((rows, heads * width)).unwrap();
            assert_eq!(mixed.dtype(), DType::F32);
            let off = (mixed - wanted).unwrap().abs().unwrap().max_all().unwrap();
            assert!(
                off.to_scalar::<f32>().unwrap() < 1e-5,
                "{rows} {past} {heads}"
            );
        }
    }
}
