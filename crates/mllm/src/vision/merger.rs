//! Four neighbouring patches to one token of the text model's width.

use candle_core::Tensor;
use decoupage_dialogue::Outcome;

use super::block::{Norm, by_rows, rows_at_once};
use crate::GoOn;
use crate::config::{MergerKind, VisionConfig};
use crate::linear::Linear;
use crate::weights::Scope;

/// Norm, linear, GELU (erf), linear.
pub(super) struct Merger {
    norm: Norm,
    /// The norm is over the merged row instead of each patch (deepstack).
    norm_merged: bool,
    first: Linear,
    second: Linear,
    merged: usize,
}

impl Merger {
    /// The merger at the end of the tower.
    pub fn last(config: &VisionConfig, scope: &Scope) -> Outcome<Self> {
        Self::load(config, scope, false)
    }

    /// A merger between blocks: its norm follows the merging (Qwen3-VL).
    pub fn between(config: &VisionConfig, scope: &Scope) -> Outcome<Self> {
        Self::load(config, scope, true)
    }

    fn load(config: &VisionConfig, scope: &Scope, norm_merged: bool) -> Outcome<Self> {
        let merged = config.hidden * config.merge * config.merge;
        let (norm, first, second) = match config.merger {
            MergerKind::Mlp => ("ln_q", "mlp.0", "mlp.2"),
            MergerKind::Named => ("norm", "linear_fc1", "linear_fc2"),
        };
        let width = if norm_merged { merged } else { config.hidden };
        Ok(Self {
            norm: Norm::load(&scope.at(norm), width, config.rms_norm)?,
            norm_merged,
            first: scope.linear(&[first], merged, &[merged], true)?,
            second: scope.linear(&[second], merged, &[config.output], true)?,
            merged,
        })
    }

    /// `[patches, hidden]`, merge blocks one after another, to `[tokens, output]`.
    pub fn forward(&self, x: &Tensor, go_on: &GoOn) -> Outcome<Tensor> {
        // A merged row is as much work as several patches.
        by_rows(x, rows_at_once(x), go_on, |x| {
            let (patches, hidden) = x.dims2()?;
            let merged = (patches * hidden / self.merged, self.merged);
            let x = if self.norm_merged {
                self.norm.forward(&x.reshape(merged)?)?
            } else {
                self.norm.forward(x)?.reshape(merged)?
            };
            self.second.forward(&self.first.forward(&x)?.gelu_erf()?)
        })
    }
}
