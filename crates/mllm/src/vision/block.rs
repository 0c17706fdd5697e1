//! One block of the tower: norm, attention, norm, feed-forward.

use candle_core::{Result, Tensor};
use decoupage_dialogue::Outcome;

use super::attention::{attend, joined, most_scores};
use super::fused;
use super::layout::Run;
use crate::GoOn;
use crate::config::{VisionConfig, VisionFeedForward};
use crate::failure::Computing;
use crate::linear::Linear;
use crate::weights::Scope;

/// Epsilon of every norm in the towers (all families).
const EPSILON: f32 = 1e-6;

/// RMSNorm or LayerNorm.
#[derive(Debug, Clone)]
pub(super) enum Norm {
    Rms { weight: Tensor },
    Layer { weight: Tensor, bias: Tensor },
}

impl Norm {
    pub fn load(scope: &Scope, width: usize, rms: bool) -> Outcome<Self> {
        let weight = scope.tensor("weight", &[width])?;
        Ok(if rms {
            Self::Rms { weight }
        } else {
            Self::Layer {
                weight,
                bias: scope.tensor("bias", &[width])?,
            }
        })
    }

    pub fn forward(&self, x: &Tensor) -> Result<Tensor> {
        match self {
            Self::Rms { weight } => candle_nn::ops::rms_norm(x, weight, EPSILON),
            Self::Layer { weight, bias } => candle_nn::ops::layer_norm(x, weight, bias, EPSILON),
        }
    }
}

/// Rotary positions of one frame's patches: cosines and sines `[patches, head_dim / 2]`.
pub(super) struct Rotation {
    pub cos: Tensor,
    pub sin: Tensor,
}

impl Rotation {
    /// Turns `[frames, heads, patches, head_dim]`, in 32-bit floats whatever the type.
    fn turn(&self, x: &Tensor) -> Result<Tensor> {
        let wide = x.to_dtype(self.cos.dtype())?;
        candle_nn::rotary_emb::rope(&wide, &self.cos, &self.sin)?.to_dtype(x.dtype())
    }
}

/// Rows that a linear layer is given at a time: bounds what lies between layers, and on the
/// processor how long a cancellation waits.
pub(super) fn rows_at_once(x: &Tensor) -> usize {
    if x.device().is_cpu() { 512 } else { 1 << 14 }
}

/// `work` on some rows of `x` `[rows, width]` at a time.
pub(super) fn by_rows(
    x: &Tensor,
    rows: usize,
    go_on: &GoOn,
    work: impl Fn(&Tensor) -> Result<Tensor>,
) -> Outcome<Tensor> {
    let total = x.dim(0).computing()?;
    let rows = rows.max(1);
    let mut parts = Vec::with_capacity(total.div_ceil(rows));
    for first in (0..total).step_by(rows) {
        go_on()?;
        let part = x
            .narrow(0, first, rows.min(total - first))
            .and_then(|part| work(&part))
            .computing()?;
        parts.push(part);
    }
    joined(parts, 0).computing()
}

/// One block.
pub(super) struct Block {
    before_attention: Norm,
    qkv: Linear,
    projection: Linear,
    before_feed_forward: Norm,
    up: Linear,
    down: Linear,
    kind: VisionFeedForward,
    heads: usize,
}

impl Block {
    pub fn load(config: &VisionConfig, scope: &Scope) -> Outcome<Self> {
        let hidden = config.hidden;
        let norm = |name| Norm::load(&scope.at(name), hidden, config.rms_norm);
        let qkv = if scope.has("attn.qkv.weight") {
            scope.linear(&["attn.qkv"], hidden, &[3 * hidden], true)?
        } else {
            // Omni keeps them apart.
            scope.linear(&["attn.q", "attn.k", "attn.v"], hidden, &[hidden; 3], true)?
        };
        let wide = config.intermediate;
        let (up, down) = match (config.feed_forward, scope.has("mlp.fc1.weight")) {
            (VisionFeedForward::SwiGlu, _) => {
                let parts = ["mlp.gate_proj", "mlp.up_proj"];
                (
                    scope.linear(&parts, hidden, &[wide; 2], true)?,
                    "mlp.down_proj",
                )
            }
            (_, true) => (
                scope.linear(&["mlp.fc1"], hidden, &[wide], true)?,
                "mlp.fc2",
            ),
            (_, false) => (
                scope.linear(&["mlp.linear_fc1"], hidden, &[wide], true)?,
                "mlp.linear_fc2",
            ),
        };
        Ok(Self {
            before_attention: norm("norm1")?,
            qkv,
            projection: scope.linear(&["attn.proj"], hidden, &[hidden], true)?,
            before_feed_forward: norm("norm2")?,
            up,
            down: scope.linear(&[down], wide, &[hidden], true)?,
            kind: config.feed_forward,
            heads: config.heads,
        })
    }

    /// `x` `[frames × patches, hidden]`, each frame's patches in the layout's order.
    pub fn forward(
        &self,
        x: &Tensor,
        frames: usize,
        rotation: &Rotation,
        windows: &[Run],
        go_on: &GoOn,
    ) -> Outcome<Tensor> {
        let rows = rows_at_once(x);
        let qkv = by_rows(x, rows, go_on, |x| {
            self.qkv.forward(&self.before_attention.forward(x)?)
        })?;
        let mixed = self.mix(&qkv, frames, rotation, windows, go_on)?;
        let seen = by_rows(&mixed, rows, go_on, |x| self.projection.forward(x))?;
        let x = (x + seen).computing()?;
        let thought = by_rows(&x, rows, go_on, |x| {
            let up = self.up.forward(&self.before_feed_forward.forward(x)?)?;
            self.down.forward(&fused::curve(self.kind, up)?)
        })?;
        (x + thought).computing()
    }

    /// Queries, keys and values `[frames × patches, 3 × hidden]` to what attention makes of them.
    fn mix(
        &self,
        qkv: &Tensor,
        frames: usize,
        rotation: &Rotation,
        windows: &[Run],
        go_on: &GoOn,
    ) -> Outcome<Tensor> {
        let split = || -> Result<[Tensor; 3]> {
            let (rows, width) = qkv.dims2()?;
            let head_dim = width / 3 / self.heads;
            // To [3, frames, heads, patches, head_dim].
            let parts = qkv
                .reshape((frames, rows / frames, 3, self.heads, head_dim))?
                .permute((2, 0, 3, 1, 4))?
                .contiguous()?;
            let q = rotation.turn(&parts.get(0)?)?;
            let q = (q * (1.0 / (head_dim as f64).sqrt()))?;
            Ok([q, rotation.turn(&parts.get(1)?)?, parts.get(2)?])
        };
        let [q, k, v] = split().computing()?;
        let mixed = attend([&q, &k, &v], windows, most_scores(&q), go_on)?;
        let rows = || -> Result<Tensor> {
            let (frames, heads, patches, head_dim) = mixed.dims4()?;
            mixed
                .transpose(1, 2)?
                .contiguous()?
                .reshape((frames * patches, heads * head_dim))
        };
        rows().computing()
    }
}
