//! Elementwise steps of the towers, in one parallel pass on the processor: there candle computes
//! them one after another on one thread. Elsewhere its own operations are taken.

use candle_core::{CpuStorage, CustomOp1, DType, InplaceOp1, Layout, Result, Shape, Tensor, bail};
use rayon::prelude::*;

use crate::config::VisionFeedForward;

/// Whether the passes of this module apply.
fn here(x: &Tensor) -> bool {
    x.device().is_cpu() && x.dtype() == DType::F32 && x.is_contiguous()
}

/// Softmax over the last dimension; `x` is used up.
pub(super) fn softmax(x: Tensor) -> Result<Tensor> {
    if !here(&x) {
        return candle_nn::ops::softmax_last_dim(&x);
    }
    x.inplace_op1(&Softmax)?;
    Ok(x)
}

/// The feed-forward's curve over `[rows, width]`; for SwiGLU `[rows, 2 × width]`, the gates first,
/// becomes `[rows, width]`. `x` is used up.
pub(super) fn curve(kind: VisionFeedForward, x: Tensor) -> Result<Tensor> {
    match (kind, here(&x)) {
        (VisionFeedForward::SwiGlu, true) => x.apply_op1_no_bwd(&Gate),
        (VisionFeedForward::SwiGlu, false) => {
            let parts = x.chunk(2, candle_core::D::Minus1)?;
            parts[0].silu()? * &parts[1]
        }
        (VisionFeedForward::QuickGelu, true) => {
            x.inplace_op1(&Curve(|x| x * sigmoid(1.702 * x)))?;
            Ok(x)
        }
        (VisionFeedForward::QuickGelu, false) => {
            let gate = candle_nn::ops::sigmoid(&(&x * 1.702)?)?;
            x * gate
        }
        (VisionFeedForward::GeluTanh, true) => {
            // tanh(y) = 2 sigmoid(2 y) − 1.
            x.inplace_op1(&Curve(|x| {
                x * sigmoid(1.595_769_2 * (x + 0.044_715 * x * x * x))
            }))?;
            Ok(x)
        }
        (VisionFeedForward::GeluTanh, false) => x.gelu(),
    }
}

#[inline(always)]
fn sigmoid(x: f32) -> f32 {
    1.0 / (1.0 + exp(-x))
}

/// eˣ to about 1e-7 of itself, without branches, so that loops over it become vector code:
/// 2 to the nearest whole number times a polynomial of the rest.
#[inline(always)]
fn exp(x: f32) -> f32 {
    // Adding and taking away 1.5 × 2²³ rounds to a whole number.
    const ROUND: f32 = 12_582_912.0;
    let x = x.clamp(-87.3, 88.3);
    let whole = (x * std::f32::consts::LOG2_E + ROUND) - ROUND;
    // ln 2 in two parts, the first exact in few bits.
    let rest = (x - whole * 0.693_359_4) + whole * 2.121_944_4e-4;
    let mut sum = 1.987_569_1e-4;
    for term in [1.398_2e-3, 8.333_452e-3, 4.166_579_6e-2, 0.166_666_65, 0.5] {
        sum = sum * rest + term;
    }
    let sum = sum * rest * rest + rest + 1.0;
    sum * f32::from_bits(((whole as i32 + 127) << 23) as u32)
}

/// Numbers that one thread takes at a time at the least.
const PIECE: usize = 1 << 14;

fn piece<'a>(storage: &'a mut CpuStorage, layout: &Layout) -> Result<&'a mut [f32]> {
    match (storage, layout.contiguous_offsets()) {
        (CpuStorage::F32(values), Some((start, end))) => Ok(&mut values[start..end]),
        _ => bail!("an elementwise pass takes contiguous 32-bit floats"),
    }
}

struct Softmax;

impl InplaceOp1 for Softmax {
    fn name(&self) -> &'static str {
        "softmax-in-place"
    }

    fn cpu_fwd(&self, storage: &mut CpuStorage, layout: &Layout) -> Result<()> {
        let width = layout.dims().last().copied().unwrap_or(1).max(1);
        let rows = (PIECE / width).max(1);
        piece(storage, layout)?
            .par_chunks_mut(rows * width)
            .for_each(|rows| {
                for row in rows.chunks_exact_mut(width) {
                    let most = row.iter().copied().fold(f32::NEG_INFINITY, f32::max);
                    for value in row.iter_mut() {
                        *value = exp(*value - most);
                    }
                    let total = 1.0 / row.iter().sum::<f32>();
                    for value in row.iter_mut() {
                        *value *= total;
                    }
                }
            });
        Ok(())
    }
}

struct Curve<F>(F);

impl<F: Fn(f32) -> f32 + Sync> InplaceOp1 for Curve<F> {
    fn name(&self) -> &'static str {
        "curve-in-place"
    }

    fn cpu_fwd(&self, storage: &mut CpuStorage, layout: &Layout) -> Result<()> {
        let function = &self.0;
        piece(storage, layout)?
            .par_chunks_mut(PIECE)
            .for_each(|values| {
                for value in values {
                    *value = function(*value);
                }
            });
        Ok(())
    }
}

struct Gate;

impl CustomOp1 for Gate {
    fn name(&self) -> &'static str {
        "swiglu"
    }

    fn cpu_fwd(&self, storage: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        let (CpuStorage::F32(values), Some((start, end))) = (storage, layout.contiguous_offsets())
        else {
            bail!("an elementwise pass takes contiguous 32-bit floats");
        };
        let mut dims = layout.dims().to_vec();
        let Some(width) = dims.last_mut().filter(|width| **width >= 2) else {
            bail!("a gate takes rows of gates and values");
        };
        *width /= 2;
        let width = *width;
        let values = &values[start..end];
        let mut out = vec![0f32; values.len() / 2];
        out.par_chunks_mut(width)
            .zip(values.par_chunks(width * 2))
            .with_min_len((PIECE / width).max(1))
            .for_each(|(out, row)| {
                let (gates, values) = row.split_at(width);
                for ((out, gate), value) in out.iter_mut().zip(gates).zip(values) {
                    *out = gate * sigmoid(*gate) * value;
                }
            });
        Ok((CpuStorage::F32(out), Shape::from_dims(&dims)))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use candle_core::Device;

    use super::*;

    #[test]
    fn the_exponential_is_right_to_a_few_units() {
        for step in -8_700..8_830 {
            let x = step as f32 / 100.0;
            let right = f64::from(x).exp();
            let apart = (f64::from(exp(x)) - right).abs() / right;
            assert!(apart < 3e-7, "{x}: {apart}");
        }
        assert!(exp(-1e30) < 2e-38 && exp(f32::NEG_INFINITY) < 2e-38);
        assert_eq!(exp(0.0), 1.0);
    }

    fn numbers(rows: usize, width: usize) -> Tensor {
        let values: Vec<f32> = (0..rows * width)
            .map(|at| ((at * 37 % 201) as f32 - 100.0) / 11.0)
            .collect();
        Tensor::from_vec(values, (rows, width), &Device::Cpu).unwrap()
    }

    fn apart(a: &Tensor, b: &Tensor) -> f32 {
        assert_eq!(a.dims(), b.dims());
        (a - b)
            .unwrap()
            .abs()
            .unwrap()
            .flatten_all()
            .unwrap()
            .max(0)
            .unwrap()
            .to_scalar()
            .unwrap()
    }

    /// Against candle's own operations, which are taken for other types and devices.
    #[test]
    fn passes_agree_with_the_operations_they_stand_for() {
        let x = numbers(300, 170);
        let soft = softmax(x.copy().unwrap()).unwrap();
        assert!(apart(&soft, &candle_nn::ops::softmax_last_dim(&x).unwrap()) < 1e-6);
        for kind in [
            VisionFeedForward::QuickGelu,
            VisionFeedForward::GeluTanh,
            VisionFeedForward::SwiGlu,
        ] {
            let double = x.to_dtype(DType::F64).unwrap();
            let right = curve(kind, double).unwrap().to_dtype(DType::F32).unwrap();
            assert!(
                apart(&curve(kind, x.copy().unwrap()).unwrap(), &right) < 2e-5,
                "{kind:?}"
            );
        }
    }
}
