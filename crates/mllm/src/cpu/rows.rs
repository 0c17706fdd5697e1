//! Operations on rows by themselves: norms, rotary positions, gates.

use candle_core::{CpuStorage, CustomOp1, CustomOp2, CustomOp3, Layout, Result, Shape};
use pulp::{Arch, Simd, WithSimd};

use super::{contiguous, each_piece, numbers, vector};

/// Pieces of about so many numbers are handed to threads.
const PIECE: usize = 1 << 13;

/// Rows of at least [`PIECE`] numbers together.
fn rows_of(width: usize) -> usize {
    (PIECE / width.max(1)).max(1)
}

/// x / rms(x) · w: `[…, width]` (with any strides before the last dimension of three) and
/// `[width]`.
pub(crate) struct RmsNorm {
    /// Added to the mean square.
    pub(crate) epsilon: f32,
}

impl CustomOp2 for RmsNorm {
    fn name(&self) -> &'static str {
        "rms-norm-rows"
    }

    fn cpu_fwd(
        &self,
        x: &CpuStorage,
        x_layout: &Layout,
        w: &CpuStorage,
        w_layout: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let rows = Rows::of(x_layout)?;
        let x = numbers(x, x_layout)?;
        let w = contiguous(w, w_layout)?;
        let width = rows.width;
        if w.len() != width {
            candle_core::bail!("a norm of {} numbers on rows of {width}", w.len());
        }
        let mut out = vec![0f32; rows.count() * width];
        let together = rows_of(width);
        let arch = Arch::new();
        each_piece(&mut out, together * width, |piece, out| {
            arch.dispatch(NormRows {
                x,
                w,
                out,
                rows: &rows,
                first: piece * together,
                epsilon: self.epsilon,
            });
        });
        Ok((CpuStorage::F32(out), x_layout.shape().clone()))
    }
}

struct NormRows<'a> {
    x: &'a [f32],
    w: &'a [f32],
    out: &'a mut [f32],
    rows: &'a Rows,
    first: usize,
    epsilon: f32,
}

impl WithSimd for NormRows<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let width = self.rows.width;
        for (row, out) in self.out.chunks_mut(width).enumerate() {
            let x = self.rows.at(self.x, self.first + row);
            let mean = vector::dot(simd, x, x) / width as f32;
            let factor = 1.0 / (mean + self.epsilon).sqrt();
            for ((out, x), w) in out.iter_mut().zip(x).zip(self.w) {
                *out = x * factor * w;
            }
        }
    }
}

/// silu(first half) · second half: `[rows, 2 · width]` to `[rows, width]`.
pub(crate) struct SwiGlu;

impl CustomOp1 for SwiGlu {
    fn name(&self) -> &'static str {
        "swiglu-rows"
    }

    fn cpu_fwd(&self, x: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        let x = contiguous(x, layout)?;
        let (count, both) = layout.shape().dims2()?;
        let width = both / 2;
        let mut out = vec![0f32; count * width];
        let together = rows_of(width);
        let arch = Arch::new();
        each_piece(&mut out, together * width, |piece, out| {
            let x = &x[piece * together * both..];
            arch.dispatch(GateRows { x, out, width });
        });
        Ok((CpuStorage::F32(out), (count, width).into()))
    }
}

struct GateRows<'a> {
    x: &'a [f32],
    out: &'a mut [f32],
    width: usize,
}

impl WithSimd for GateRows<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let rows = self.x.chunks(2 * self.width);
        for (out, x) in self.out.chunks_mut(self.width).zip(rows) {
            let (gate, up) = x.split_at(self.width);
            vector::gated(simd, out, gate, up);
        }
    }
}

/// Turns `[rows, heads, width]` (with any strides) by cosines and sines `[rows, rotary / 2]`;
/// numbers behind the rotated part stay.
pub(crate) struct Turn;

impl CustomOp3 for Turn {
    fn name(&self) -> &'static str {
        "turn-rows"
    }

    fn cpu_fwd(
        &self,
        x: &CpuStorage,
        x_layout: &Layout,
        cos: &CpuStorage,
        cos_layout: &Layout,
        sin: &CpuStorage,
        sin_layout: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let rows = Rows::of(x_layout)?;
        let x = numbers(x, x_layout)?;
        let cos = contiguous(cos, cos_layout)?;
        let sin = contiguous(sin, sin_layout)?;
        let half = cos_layout.shape().dims2()?.1;
        let width = rows.width;
        if 2 * half > width || cos.len() != rows.outer * half || sin.len() != cos.len() {
            candle_core::bail!("angles that do not fit the rows they turn");
        }
        let mut out = vec![0f32; rows.count() * width];
        let together = rows_of(width);
        each_piece(&mut out, together * width, |piece, out| {
            for (row, out) in out.chunks_mut(width).enumerate() {
                let row = piece * together + row;
                let x = rows.at(x, row);
                let at = row / rows.inner * half;
                let (cos, sin) = (&cos[at..at + half], &sin[at..at + half]);
                let (first, rest) = out.split_at_mut(half);
                let (second, rest) = rest.split_at_mut(half);
                let (a, b) = (&x[..half], &x[half..2 * half]);
                for i in 0..half {
                    first[i] = a[i] * cos[i] - b[i] * sin[i];
                    second[i] = b[i] * cos[i] + a[i] * sin[i];
                }
                rest.copy_from_slice(&x[2 * half..]);
            }
        });
        Ok((CpuStorage::F32(out), x_layout.shape().clone()))
    }
}

/// Rows of a tensor of two or three dimensions whose last one has no gaps.
struct Rows {
    outer: usize,
    inner: usize,
    width: usize,
    outer_stride: usize,
    inner_stride: usize,
}

impl Rows {
    fn of(layout: &Layout) -> Result<Self> {
        let (dims, strides) = (layout.dims(), layout.stride());
        let rows = match (dims, strides) {
            ([outer, width], [stride, 1]) => Self {
                outer: *outer,
                inner: 1,
                width: *width,
                outer_stride: *stride,
                inner_stride: 0,
            },
            ([outer, inner, width], [outer_stride, inner_stride, 1]) => Self {
                outer: *outer,
                inner: *inner,
                width: *width,
                outer_stride: *outer_stride,
                inner_stride: *inner_stride,
            },
            _ => candle_core::bail!("rows with gaps: {layout:?}"),
        };
        Ok(rows)
    }

    fn count(&self) -> usize {
        self.outer * self.inner
    }

    fn at<'a>(&self, x: &'a [f32], row: usize) -> &'a [f32] {
        let start = row / self.inner * self.outer_stride + row % self.inner * self.inner_stride;
        &x[start..start + self.width]
    }
}
