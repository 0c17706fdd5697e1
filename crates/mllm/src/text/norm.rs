//! Root-mean-square normalisation (Zhang and Sennrich 2019).

use candle_core::{DType, Result, Tensor};
use decoupage_dialogue::Outcome;

use crate::config::TextConfig;
use crate::failure::Computing;
use crate::weights::Scope;

/// x / rms(x) · w over the last dimension.
#[derive(Debug, Clone)]
pub(super) struct RmsNorm {
    weight: Tensor,
    epsilon: f32,
}

impl RmsNorm {
    pub(super) fn load(
        scope: &Scope,
        name: &str,
        width: usize,
        config: &TextConfig,
    ) -> Outcome<Self> {
        let weight = if config.norm_plus_one {
            // 1 + w does not fit bf16 without loss: it is kept in f32.
            let weight = scope.tensor_as(name, &[width], DType::F32)?;
            (weight + 1.0).computing()?
        } else {
            scope.tensor(name, &[width])?
        };
        Ok(Self {
            weight,
            epsilon: config.norm_epsilon as f32,
        })
    }

    /// A norm whose weight is taken as it is.
    pub(super) fn new(weight: Tensor, epsilon: f64) -> Self {
        Self {
            weight,
            epsilon: epsilon as f32,
        }
    }

    pub(super) fn forward(&self, x: &Tensor) -> Result<Tensor> {
        let dtype = x.dtype();
        if x.device().is_cpu() && dtype == DType::F32 && self.weight.dtype() == DType::F32 {
            let op = crate::cpu::rows::RmsNorm {
                epsilon: self.epsilon,
            };
            return x.apply_op2_no_bwd(&self.weight, &op);
        }
        let x = x.to_dtype(self.weight.dtype())?.contiguous()?;
        candle_nn::ops::rms_norm(&x, &self.weight, self.epsilon)?.to_dtype(dtype)
    }
}
