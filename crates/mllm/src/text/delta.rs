//! Gated delta net (Yang, Kautz and Hatamizadeh 2024; as Qwen3-Next and Qwen3.5 lay it out).
//!
//! Each value head carries a matrix S of `[key width, value width]`. A row with key k, value v,
//! decay a and strength b first lets S fade, then writes what S does not know yet:
//! S ← a S + b k (v − (a S)ᵀ k)ᵀ, and reads o = Sᵀ q.

use candle_core::{D, DType, Result, Tensor};
use candle_nn::ops::sigmoid;
use decoupage_dialogue::Outcome;

use super::cache::DeltaState;
use super::norm::RmsNorm;
use crate::config::{DeltaConfig, TextConfig};
use crate::linear::Linear;
use crate::weights::Scope;

/// Rows that are written to S together.
const CHUNK: usize = 64;
/// Added to squared lengths before keys and queries are brought to length 1.
pub(crate) const LENGTH_EPSILON: f64 = 1e-6;

/// A gated delta net with its short convolution and output gate.
pub(super) struct DeltaNet {
    /// Queries, keys and values, then the output gate.
    input: Linear,
    /// Strength and decay, one each for a value head; never quantised: they are few, and errors
    /// of the decay add up over all rows.
    gates: Linear,
    output: Linear,
    /// `[taps, channels]`.
    taps: Tensor,
    /// −exp(A), f32 `[value heads]`.
    rate: Tensor,
    /// f32 `[value heads]`.
    rate_bias: Tensor,
    /// The same where the processor reads them.
    rates: (Vec<f32>, Vec<f32>),
    norm: RmsNorm,
    config: DeltaConfig,
}

impl DeltaNet {
    pub(super) fn load(text: &TextConfig, config: &DeltaConfig, scope: &Scope) -> Outcome<Self> {
        use crate::failure::Computing;
        let keys = config.key_heads * config.key_dim;
        let values = config.value_heads * config.value_dim;
        let channels = 2 * keys + values;
        let heads = config.value_heads;
        let taps = scope
            .tensor("conv1d.weight", &[channels, 1, config.convolution])?
            .squeeze(1)
            .and_then(|taps| taps.t()?.contiguous())
            .computing()?;
        let rate = scope
            .tensor_as("A_log", &[heads], DType::F32)?
            .exp()
            .and_then(|rate| rate.neg())
            .computing()?;
        let norm = scope.tensor_as("norm.weight", &[config.value_dim], DType::F32)?;
        let rate_bias = scope.tensor_as("dt_bias", &[heads], DType::F32)?;
        let rates = (
            rate.to_vec1().computing()?,
            rate_bias.to_vec1().computing()?,
        );
        Ok(Self {
            input: scope.linear(
                &["in_proj_qkv", "in_proj_z"],
                text.hidden,
                &[channels, values],
                false,
            )?,
            gates: scope.plain().linear(
                &["in_proj_b", "in_proj_a"],
                text.hidden,
                &[heads; 2],
                false,
            )?,
            output: scope.linear(&["out_proj"], values, &[text.hidden], false)?,
            taps,
            rate,
            rate_bias,
            rates,
            norm: RmsNorm::new(norm, text.norm_epsilon),
            config: config.clone(),
        })
    }

    /// `x` `[rows, hidden]`, already normed, to `[rows, hidden]`.
    pub(super) fn forward(&self, x: &Tensor, state: &mut DeltaState) -> Result<Tensor> {
        let dtype = x.dtype();
        let rows = x.dim(0)?;
        let config = &self.config;
        let (heads, width) = (config.value_heads, config.value_dim);
        let keys = config.key_heads * config.key_dim;
        let channels = 2 * keys + heads * width;
        let projected = self.input.forward(x)?;
        let mixed = self.convolve(&projected.narrow(1, 0, channels)?, state)?;
        let mixed = mixed.to_dtype(DType::F32)?;
        let gates = self.gates.forward(x)?.to_dtype(DType::F32)?;
        let read = if x.device().is_cpu() {
            self.remember_on_processor(&mixed, &gates, state)?
        } else {
            self.remember(&mixed, &gates, state)?
        };
        let gate = projected
            .narrow(1, channels, heads * width)?
            .reshape((rows, heads, width))?
            .to_dtype(DType::F32)?;
        let read = (self.norm.forward(&read)? * gate.silu()?)?;
        let read = read.reshape((rows, heads * width))?.to_dtype(dtype)?;
        self.output.forward(&read)
    }

    /// Reads and writes the memory, row by row on the processor: `[rows, heads, value width]`.
    fn remember_on_processor(
        &self,
        mixed: &Tensor,
        gates: &Tensor,
        state: &mut DeltaState,
    ) -> Result<Tensor> {
        let config = &self.config;
        let rows = mixed.dim(0)?;
        let (heads, width) = (config.value_heads, config.value_dim);
        let memory = self.memory(state, mixed)?;
        let op = crate::cpu::delta::Remember {
            config,
            rate: &self.rates.0,
            rate_bias: &self.rates.1,
        };
        let both = mixed.contiguous()?.apply_op3_no_bwd(gates, &memory, &op)?;
        let memory = both.narrow(1, rows * width, config.key_dim * width)?;
        // A copy of its own, so that what was read is not kept with it.
        let memory = memory.copy()?.reshape((heads, config.key_dim, width))?;
        state.memory = Some(memory);
        both.narrow(1, 0, rows * width)?
            .reshape((heads, rows, width))?
            .transpose(0, 1)?
            .contiguous()
    }

    fn memory(&self, state: &mut DeltaState, like: &Tensor) -> Result<Tensor> {
        let config = &self.config;
        let shape = (config.value_heads, config.key_dim, config.value_dim);
        match state.memory.take() {
            Some(memory) => Ok(memory),
            None => Tensor::zeros(shape, DType::F32, like.device()),
        }
    }

    /// Reads and writes the memory in candle's own operations, for any device.
    fn remember(&self, mixed: &Tensor, gates: &Tensor, state: &mut DeltaState) -> Result<Tensor> {
        let config = &self.config;
        let rows = mixed.dim(0)?;
        let (heads, width) = (config.value_heads, config.value_dim);
        let keys = config.key_heads * config.key_dim;
        let q = self.directions(&mixed.narrow(1, 0, keys)?)?;
        let q = (q / (config.key_dim as f64).sqrt())?;
        let k = self.directions(&mixed.narrow(1, keys, keys)?)?;
        let v = mixed
            .narrow(1, 2 * keys, heads * width)?
            .reshape((rows, heads, width))?
            .transpose(0, 1)?
            .contiguous()?;
        let strength = sigmoid(&gates.narrow(1, 0, heads)?.contiguous()?)?;
        let decay = softplus(
            &gates
                .narrow(1, heads, heads)?
                .broadcast_add(&self.rate_bias)?,
        )?
        .broadcast_mul(&self.rate)?;
        let strength = strength.t()?.contiguous()?;
        let decay = decay.t()?.contiguous()?;
        let memory = self.memory(state, mixed)?;
        let (read, memory) = if rows == 1 {
            step(&q, &k, &v, &decay, &strength, &memory)?
        } else {
            chunked(&q, &k, &v, &decay, &strength, memory)?
        };
        state.memory = Some(memory);
        read.transpose(0, 1)?.contiguous()
    }

    /// The causal convolution of each channel by itself, then SiLU: `[rows, channels]`.
    fn convolve(&self, x: &Tensor, state: &mut DeltaState) -> Result<Tensor> {
        let (rows, channels) = x.dims2()?;
        let taps = self.config.convolution;
        let before = match state.inputs.take() {
            Some(before) => before,
            None => Tensor::zeros((taps - 1, channels), x.dtype(), x.device())?,
        };
        let all = Tensor::cat(&[&before, x], 0)?;
        // A copy of its own, so that the whole chunk is not kept for a few rows.
        state.inputs = Some(all.narrow(0, rows, taps - 1)?.copy()?);
        if x.device().is_cpu() && x.dtype() == DType::F32 {
            return all.apply_op2_no_bwd(&self.taps, &crate::cpu::delta::Convolve);
        }
        let mut sum = all
            .narrow(0, 0, rows)?
            .broadcast_mul(&self.taps.narrow(0, 0, 1)?)?;
        for tap in 1..taps {
            let part = all.narrow(0, tap, rows)?;
            sum = (sum + part.broadcast_mul(&self.taps.narrow(0, tap, 1)?)?)?;
        }
        sum.silu()
    }

    /// Keys or queries `[rows, key heads × key width]` of length 1, for each value head:
    /// `[value heads, rows, key width]`.
    fn directions(&self, x: &Tensor) -> Result<Tensor> {
        let rows = x.dim(0)?;
        let (heads, width) = (self.config.key_heads, self.config.key_dim);
        let x = x.reshape((rows, heads, width))?;
        let length = (x.sqr()?.sum_keepdim(2)? + LENGTH_EPSILON)?.sqrt()?;
        let x = x.broadcast_div(&length)?.transpose(0, 1)?;
        // Neighbouring value heads share a key head.
        let group = self.config.value_heads / heads;
        x.unsqueeze(1)?
            .broadcast_as((heads, group, rows, width))?
            .contiguous()?
            .reshape((heads * group, rows, width))
    }
}

fn softplus(x: &Tensor) -> Result<Tensor> {
    // log(1 + eˣ) without overflow: max(x, 0) + log(1 + e^−|x|).
    x.relu()? + (x.abs()?.neg()?.exp()? + 1.0)?.log()?
}

/// One row: q, k `[heads, 1, key width]`, v `[heads, 1, value width]`, log decay and strength
/// `[heads, 1]`. Returns what is read `[heads, 1, value width]` and the new memory.
fn step(
    q: &Tensor,
    k: &Tensor,
    v: &Tensor,
    decay: &Tensor,
    strength: &Tensor,
    memory: &Tensor,
) -> Result<(Tensor, Tensor)> {
    let faded = memory.broadcast_mul(&decay.exp()?.unsqueeze(2)?)?;
    let known = k.matmul(&faded)?;
    let news = (v - known)?.broadcast_mul(&strength.unsqueeze(2)?)?;
    let memory = (faded + k.transpose(1, 2)?.matmul(&news)?)?;
    Ok((q.matmul(&memory)?, memory))
}

/// Many rows, in chunks whose inner dependencies are solved as one triangular system (the UT
/// transform of Yang et al. 2024, §3). Shapes as in [`step`] with more rows.
fn chunked(
    q: &Tensor,
    k: &Tensor,
    v: &Tensor,
    decay: &Tensor,
    strength: &Tensor,
    mut memory: Tensor,
) -> Result<(Tensor, Tensor)> {
    let rows = q.dim(1)?;
    let mut outputs = Vec::new();
    for first in (0..rows).step_by(CHUNK) {
        let count = CHUNK.min(rows - first);
        let part = |x: &Tensor| x.narrow(1, first, count)?.contiguous();
        let (q, k, v) = (part(q)?, part(k)?, part(v)?);
        let strength = part(strength)?.unsqueeze(2)?;
        // How much of the memory at the chunk's start is left at each row, as a logarithm.
        let faded = part(decay)?.cumsum(1)?;
        let left = faded.exp()?.unsqueeze(2)?;
        let between = between(&faded)?;
        let written = k.matmul(&k.t()?)?.mul(&between)?.broadcast_mul(&strength)?;
        let solved = unit_lower_inverse(&written)?;
        let values = solved.matmul(&v.broadcast_mul(&strength)?)?;
        let keys = solved.matmul(&k.broadcast_mul(&strength)?.broadcast_mul(&left)?)?;
        let news = (values - keys.matmul(&memory)?)?;
        let inner = q.matmul(&k.t()?)?.mul(&between)?;
        let read = (q.broadcast_mul(&left)?.matmul(&memory)? + inner.matmul(&news)?)?;
        outputs.push(read);
        let last = faded.narrow(1, count - 1, 1)?;
        let onward = last.broadcast_sub(&faded)?.exp()?.unsqueeze(2)?;
        let kept = memory.broadcast_mul(&last.exp()?.unsqueeze(2)?)?;
        memory = (kept
            + k.broadcast_mul(&onward)?
                .transpose(1, 2)?
                .contiguous()?
                .matmul(&news)?)?;
    }
    let read = match outputs.len() {
        1 => outputs.remove(0),
        _ => Tensor::cat(&outputs, 1)?,
    };
    Ok((read, memory))
}

/// exp(faded of i − faded of j) for rows i ≥ j, else 0: `[heads, rows, rows]`.
fn between(faded: &Tensor) -> Result<Tensor> {
    let rows = faded.dim(1)?;
    let mut hidden = vec![0f32; rows * rows];
    for (row, hidden) in hidden.chunks_mut(rows).enumerate() {
        hidden[row + 1..].fill(f32::NEG_INFINITY);
    }
    let hidden = Tensor::from_vec(hidden, (rows, rows), faded.device())?;
    faded
        .unsqueeze(2)?
        .broadcast_sub(&faded.unsqueeze(1)?)?
        // Above the diagonal the difference may be too large for exp: it is hidden before.
        .minimum(0.0)?
        .broadcast_add(&hidden)?
        .exp()
}

/// (I + the part of `x` below its diagonal)⁻¹ for `x` `[heads, n, n]`: by halves, as forward
/// substitution does it, but in products of whole blocks.
fn unit_lower_inverse(x: &Tensor) -> Result<Tensor> {
    let (heads, n, _) = x.dims3()?;
    if n == 1 {
        return Tensor::ones((heads, 1, 1), x.dtype(), x.device());
    }
    let half = n / 2;
    let rest = n - half;
    let top = unit_lower_inverse(&x.narrow(1, 0, half)?.narrow(2, 0, half)?)?;
    let bottom = unit_lower_inverse(&x.narrow(1, half, rest)?.narrow(2, half, rest)?)?;
    let corner = x.narrow(1, half, rest)?.narrow(2, 0, half)?.contiguous()?;
    let corner = bottom.matmul(&corner)?.matmul(&top)?.neg()?;
    let nothing = Tensor::zeros((heads, half, rest), x.dtype(), x.device())?;
    Tensor::cat(
        &[
            Tensor::cat(&[top, nothing], D::Minus1)?,
            Tensor::cat(&[corner, bottom], D::Minus1)?,
        ],
        1,
    )
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]

    use candle_core::Device;

    use super::*;

    fn wave(shape: &[usize], step: usize) -> Tensor {
        let count: usize = shape.iter().product();
        let values: Vec<f32> = (0..count)
            .map(|i| ((i * step + i * i % 13) % 101) as f32 / 50.0 - 1.0)
            .collect();
        Tensor::from_vec(values, shape, &Device::Cpu).unwrap()
    }

    /// Rows one by one and in chunks give the same, for keys that are alike (the hardest system)
    /// and for decays from none to all at once.
    #[test]
    fn chunks_and_single_rows_agree() {
        for (alike, decay) in [(false, -0.1), (true, -1e-4), (true, -30.0), (false, 0.0)] {
            let (heads, rows, keys, values) = (2, 150, 16, 8);
            let unit = |x: Tensor| {
                let length = x.sqr().unwrap().sum_keepdim(2).unwrap().sqrt().unwrap();
                x.broadcast_div(&length).unwrap()
            };
            let k = if alike {
                let row = wave(&[heads, 1, keys], 37);
                row.broadcast_as((heads, rows, keys))
                    .unwrap()
                    .contiguous()
                    .unwrap()
            } else {
                wave(&[heads, rows, keys], 37)
            };
            let (k, q) = (unit(k), unit(wave(&[heads, rows, keys], 41)));
            let v = wave(&[heads, rows, values], 43);
            let decay = (wave(&[heads, rows], 3).abs().unwrap() * decay).unwrap();
            let strength = sigmoid(&wave(&[heads, rows], 5)).unwrap();
            let start = wave(&[heads, keys, values], 7);
            let (read, end) = chunked(&q, &k, &v, &decay, &strength, start.clone()).unwrap();
            let mut memory = start;
            let mut singles = Vec::new();
            for row in 0..rows {
                let at = |x: &Tensor| x.narrow(1, row, 1).unwrap().contiguous().unwrap();
                let (read, new) = step(
                    &at(&q),
                    &at(&k),
                    &at(&v),
                    &at(&decay),
                    &at(&strength),
                    &memory,
                )
                .unwrap();
                memory = new;
                singles.push(read);
            }
            let singles = Tensor::cat(&singles, 1).unwrap();
            for (a, b) in [(&read, &singles), (&end, &memory)] {
                let off = (a - b).unwrap().abs().unwrap().max_all().unwrap();
                let off = off.to_scalar::<f32>().unwrap();
                assert!(off < 2e-4, "alike {alike}: {off}");
            }
        }
    }

    /// What other devices compute is what the processor's own memory computes.
    #[test]
    fn both_ways_agree() {
        let config = DeltaConfig {
            key_heads: 2,
            value_heads: 4,
            key_dim: 16,
            value_dim: 8,
            convolution: 4,
        };
        let (channels, hidden) = (2 * 2 * 16 + 4 * 8, 12);
        let linear = |out: usize, input: usize| {
            Linear::new((wave(&[out, input], 29) * 0.3).unwrap(), None).unwrap()
        };
        let rate = (wave(&[4], 3).abs().unwrap() * -0.5).unwrap();
        let rate_bias = wave(&[4], 5);
        let net = DeltaNet {
            input: linear(channels + 32, hidden),
            gates: linear(8, hidden),
            output: linear(hidden, 32),
            taps: wave(&[4, channels], 7),
            rates: (rate.to_vec1().unwrap(), rate_bias.to_vec1().unwrap()),
            rate,
            rate_bias,
            norm: RmsNorm::new(wave(&[8], 11), 1e-6),
            config,
        };
        let mixed = wave(&[70, channels], 13);
        let gates = wave(&[70, 8], 17);
        let (mut own, mut other) = (DeltaState::default(), DeltaState::default());
        for (first, count) in [(0, 67), (67, 1), (68, 2)] {
            let part = |x: &Tensor| x.narrow(0, first, count).unwrap().contiguous().unwrap();
            let (mixed, gates) = (part(&mixed), part(&gates));
            let a = net.remember_on_processor(&mixed, &gates, &mut own).unwrap();
            let b = net.remember(&mixed, &gates, &mut other).unwrap();
            for (a, b) in [
                (a, b),
                (own.memory.clone().unwrap(), other.memory.clone().unwrap()),
            ] {
                let off = (a - b).unwrap().abs().unwrap().max_all().unwrap();
                assert!(off.to_scalar::<f32>().unwrap() < 1e-4);
            }
        }
    }

    #[test]
    fn an_inverse_undoes_its_matrix() {
        for n in [1, 2, 7, 64] {
            let below = wave(&[3, n, n], 11);
            let inverse = unit_lower_inverse(&(below.clone() * 0.2).unwrap()).unwrap();
            let mut lower = vec![0f32; n * n];
            for row in 0..n {
                lower[row * n..row * n + row].fill(0.2);
            }
            let lower = Tensor::from_vec(lower, (n, n), &Device::Cpu).unwrap();
            let eye = Tensor::eye(n, DType::F32, &Device::Cpu).unwrap();
            let whole = below
                .broadcast_mul(&lower)
                .unwrap()
                .broadcast_add(&eye)
                .unwrap();
            let product = whole.matmul(&inverse).unwrap();
            let off = product.broadcast_sub(&eye).unwrap().abs().unwrap();
            assert!(off.max_all().unwrap().to_scalar::<f32>().unwrap() < 1e-3);
        }
    }
}
