//! Grouped-query attention with rotary positions, over a cache.

use candle_core::{DType, Device, Result, Tensor};
use decoupage_dialogue::Outcome;

use super::cache::KeysValues;
use super::norm::RmsNorm;
use super::rope::Angles;
use crate::config::TextConfig;
use crate::linear::Linear;
use crate::weights::Scope;

/// Query rows whose scores are computed together: bounds the memory of scores, and leaves out
/// half of what the causal mask would hide.
const BLOCK: usize = 128;

/// Softmax attention (Ainslie et al. 2023 for the grouping; Qwen3-Next for the output gate).
pub(super) struct Attention {
    qkv: Linear,
    output: Linear,
    norms: Option<(RmsNorm, RmsNorm)>,
    heads: usize,
    kv_heads: usize,
    width: usize,
    gated: bool,
}

impl Attention {
    pub(super) fn load(config: &TextConfig, scope: &Scope) -> Outcome<Self> {
        let width = config.head_dim;
        let query = config.heads * width * if config.gated_attention { 2 } else { 1 };
        let kv = config.kv_heads * width;
        let norms = if config.qk_norm {
            Some((
                RmsNorm::load(scope, "q_norm.weight", width, config)?,
                RmsNorm::load(scope, "k_norm.weight", width, config)?,
            ))
        } else {
            None
        };
        Ok(Self {
            qkv: scope.linear(
                &["q_proj", "k_proj", "v_proj"],
                config.hidden,
                &[query, kv, kv],
                config.qkv_bias,
            )?,
            // Qwen2 has biases on q, k and v alone.
            output: scope.linear(
                &["o_proj"],
                config.heads * width,
                &[config.hidden],
                crate::weights::Bias::WherePresent,
            )?,
            norms,
            heads: config.heads,
            kv_heads: config.kv_heads,
            width,
            gated: config.gated_attention,
        })
    }

    /// `x` `[rows, hidden]`, already normed, to `[rows, hidden]`.
    pub(super) fn forward(
        &self,
        x: &Tensor,
        angles: &Angles,
        masks: &Masks,
        kept: &mut KeysValues,
    ) -> Result<Tensor> {
        let rows = x.dim(0)?;
        let (heads, kv_heads, width) = (self.heads, self.kv_heads, self.width);
        let qkv = self.qkv.forward(x)?;
        let query = heads * width * if self.gated { 2 } else { 1 };
        let kv = kv_heads * width;
        let (q, gate) = if self.gated {
            // Each head's queries are followed by its gate.
            let both = qkv.narrow(1, 0, query)?.reshape((rows, heads, 2 * width))?;
            let gate = both
                .narrow(2, width, width)?
                .reshape((rows, heads * width))?;
            (both.narrow(2, 0, width)?, Some(gate))
        } else {
            let q = qkv.narrow(1, 0, query)?.reshape((rows, heads, width))?;
            (q, None)
        };
        let k = qkv.narrow(1, query, kv)?.reshape((rows, kv_heads, width))?;
        let v = qkv
            .narrow(1, query + kv, kv)?
            .reshape((rows, kv_heads, width))?;
        let (q, k) = match &self.norms {
            Some((q_norm, k_norm)) => (q_norm.forward(&q)?, k_norm.forward(&k)?),
            None => (q, k),
        };
        let q = angles.turn(&q)?;
        let k = angles.turn(&k)?;
        let (keys, values) = kept.append(&k.transpose(0, 1)?, &v.transpose(0, 1)?)?;
        let scale = 1.0 / (width as f64).sqrt();
        let mixed = attend(&q, &keys, &values, scale, masks)?;
        let mixed = match gate {
            Some(gate) => (mixed * candle_nn::ops::sigmoid(&gate)?)?,
            None => mixed,
        };
        self.output.forward(&mixed)
    }
}

/// What the rows of one chunk may not see, made once for all layers.
#[derive(Debug)]
pub(super) struct Masks {
    /// Rows in the cache before the chunk.
    past: usize,
    /// For each block of query rows: 0 or −∞ `[rows, keys up to its end]`.
    blocks: Vec<Tensor>,
}

impl Masks {
    pub(super) fn new(rows: usize, past: usize, dtype: DType, device: &Device) -> Result<Self> {
        let mut blocks = Vec::new();
        // A single row sees everything; the others' own attention masks by itself.
        if rows > 1 && !flash(dtype, device) && !on_processor(dtype, device) {
            for first in (0..rows).step_by(BLOCK) {
                let count = BLOCK.min(rows - first);
                let keys = past + first + count;
                let mut values = vec![0f32; count * keys];
                for (row, values) in values.chunks_mut(keys).enumerate() {
                    values[past + first + row + 1..].fill(f32::NEG_INFINITY);
                }
                let mask = Tensor::from_vec(values, (count, keys), device)?;
                blocks.push(mask.to_dtype(dtype)?);
            }
        }
        Ok(Self { past, blocks })
    }
}

/// Whether flash attention computes this.
fn flash(dtype: DType, device: &Device) -> bool {
    cfg!(feature = "flash-attn") && device.is_cuda() && matches!(dtype, DType::BF16 | DType::F16)
}

/// Whether the processor's own attention computes this.
fn on_processor(dtype: DType, device: &Device) -> bool {
    device.is_cpu() && dtype == DType::F32
}

/// `q` `[rows, heads, width]` over `keys` and `values` `[kv heads, length, width]`, the last rows
/// of which belong to the queries: `[rows, heads × width]`.
fn attend(q: &Tensor, keys: &Tensor, values: &Tensor, scale: f64, masks: &Masks) -> Result<Tensor> {
    #[cfg(feature = "flash-attn")]
    if flash(q.dtype(), q.device()) {
        let (rows, heads, width) = q.dims3()?;
        let mixed = candle_flash_attn::flash_attn(
            &q.unsqueeze(0)?,
            &keys.transpose(0, 1)?.unsqueeze(0)?,
            &values.transpose(0, 1)?.unsqueeze(0)?,
            scale as f32,
            rows > 1,
        )?;
        return mixed.reshape((rows, heads * width));
    }
    if on_processor(q.dtype(), q.device()) {
        let op = crate::cpu::attention::Attend {
            scale: scale as f32,
        };
        return q.contiguous()?.apply_op3_no_bwd(keys, values, &op);
    }
    blockwise(q, keys, values, scale, masks)
}

/// [`attend`] in candle's own operations, for any device.
fn blockwise(
    q: &Tensor,
    keys: &Tensor,
    values: &Tensor,
    scale: f64,
    masks: &Masks,
) -> Result<Tensor> {
    let (rows, heads, width) = q.dims3()?;
    let kv_heads = keys.dim(0)?;
    let group = heads / kv_heads;
    // The queries of one group share keys and values: they become more rows of one product,
    // so that neither is repeated.
    let q = (q * scale)?.reshape((rows, kv_heads, group, width))?;
    let mut outputs = Vec::new();
    for first in (0..rows).step_by(BLOCK) {
        let count = BLOCK.min(rows - first);
        let length = masks.past + first + count;
        let q = q.narrow(0, first, count)?.permute((1, 2, 0, 3))?.reshape((
            kv_heads,
            group * count,
            width,
        ))?;
        let keys = keys.narrow(1, 0, length)?;
        let values = values.narrow(1, 0, length)?;
        let scores = q.matmul(&keys.t()?)?;
        let scores = match masks.blocks.get(first / BLOCK) {
            Some(mask) => scores
                .reshape((heads, count, length))?
                .broadcast_add(mask)?
                .reshape((kv_heads, group * count, length))?,
            None => scores,
        };
        let shares = candle_nn::ops::softmax_last_dim(&scores)?;
        let mixed = shares.matmul(&values)?;
        outputs.push(
            mixed
                .reshape((kv_heads, group, count, width))?
                .permute((2, 0, 1, 3))?
                .reshape((count, heads * width))?,
        );
    }
    match outputs.len() {
        1 => Ok(outputs.remove(0)),
        _ => Tensor::cat(&outputs, 0),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]

    use super::*;

    fn wave(shape: &[usize], step: usize) -> Tensor {
        let count: usize = shape.iter().product();
        let values: Vec<f64> = (0..count)
            .map(|i| ((i * step + i * i % 13) % 101) as f64 / 50.0 - 1.0)
            .collect();
        Tensor::from_vec(values, shape, &Device::Cpu).unwrap()
    }

    /// What other devices compute is what the processor's own attention computes.
    #[test]
    fn both_ways_agree() {
        for (rows, past, heads, kv_heads) in [(1, 40, 4, 2), (300, 50, 4, 2), (128, 0, 3, 3)] {
            let width = 16;
            let length = past + rows;
            let q = wave(&[rows, heads, width], 37);
            let keys = wave(&[kv_heads, length, width], 41);
            let values = wave(&[kv_heads, length, width], 43);
            let single = |x: &Tensor| x.to_dtype(DType::F32).unwrap();
            let masks = Masks::new(rows, past, DType::F32, &Device::Cpu).unwrap();
            assert!(masks.blocks.is_empty());
            let (q, keys, values) = (single(&q), single(&keys), single(&values));
            let own = attend(&q, &keys, &values, 0.25, &masks).unwrap();
            let masks = Masks::new(rows, past, DType::F64, &Device::Cpu).unwrap();
            let double = |x: &Tensor| x.to_dtype(DType::F64).unwrap();
            let (q, keys, values) = (double(&q), double(&keys), double(&values));
            let other = attend(&q, &keys, &values, 0.25, &masks).unwrap();
            let off = (double(&own) - other).unwrap().abs().unwrap();
            assert!(off.max_all().unwrap().to_scalar::<f64>().unwrap() < 1e-5);
        }
    }
}
