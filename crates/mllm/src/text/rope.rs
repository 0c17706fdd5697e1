//! Multimodal rotary positions (Qwen2-VL §2.1; interleaved: Qwen3-VL).

use candle_core::{DType, Device, Result, Tensor};

use crate::config::RopeConfig;

/// The frequencies and the axis that each belongs to.
#[derive(Debug, Clone)]
pub(super) struct Rope {
    /// Radians per position, for each pair of a head's numbers.
    frequencies: Vec<f32>,
    /// 0 time, 1 height, 2 width.
    axes: Vec<usize>,
}

/// Cosines and sines of rows: `[rows, rotary / 2]` each.
#[derive(Debug, Clone)]
pub(super) struct Angles {
    cos: Tensor,
    sin: Tensor,
}

impl Rope {
    pub(super) fn new(config: &RopeConfig) -> Self {
        let half = config.rotary_dim / 2;
        let theta = config.theta as f32;
        let frequencies = (0..half)
            .map(|index| 1.0 / theta.powf((2 * index) as f32 / config.rotary_dim as f32))
            .collect();
        let [time, height, _] = config.sections;
        let axes = (0..half)
            .map(|index| {
                if config.interleaved {
                    // T H W T H W …, each axis until its share is used up, then time.
                    match index % 3 {
                        axis @ (1 | 2) if index < config.sections[axis] * 3 => axis,
                        _ => 0,
                    }
                } else if index < time {
                    0
                } else if index < time + height {
                    1
                } else {
                    2
                }
            })
            .collect();
        Self { frequencies, axes }
    }

    /// What rows at these positions are turned by.
    pub(super) fn angles(
        &self,
        positions: &[[u32; 3]],
        dtype: DType,
        device: &Device,
    ) -> Result<Angles> {
        let half = self.frequencies.len();
        let mut cos = Vec::with_capacity(positions.len() * half);
        let mut sin = Vec::with_capacity(positions.len() * half);
        for position in positions {
            for (frequency, axis) in self.frequencies.iter().zip(&self.axes) {
                let angle = position[*axis] as f32 * frequency;
                cos.push(angle.cos());
                sin.push(angle.sin());
            }
        }
        let shape = (positions.len(), half);
        Ok(Angles {
            cos: Tensor::from_vec(cos, shape, device)?.to_dtype(dtype)?,
            sin: Tensor::from_vec(sin, shape, device)?.to_dtype(dtype)?,
        })
    }
}

impl Angles {
    /// Turns `[rows, heads, width]`: number i of the rotated part together with number
    /// i + rotary / 2, the rest stays.
    pub(super) fn turn(&self, x: &Tensor) -> Result<Tensor> {
        if x.device().is_cpu() && x.dtype() == DType::F32 {
            return x.apply_op3_no_bwd(&self.cos, &self.sin, &crate::cpu::rows::Turn);
        }
        let (_, _, width) = x.dims3()?;
        let rotary = self.cos.dim(1)? * 2;
        if rotary == width {
            return self.turn_all(x);
        }
        let turned = self.turn_all(&x.narrow(2, 0, rotary)?)?;
        Tensor::cat(&[turned, x.narrow(2, rotary, width - rotary)?], 2)
    }

    fn turn_all(&self, x: &Tensor) -> Result<Tensor> {
        let x = x.unsqueeze(0)?.contiguous()?;
        candle_nn::rotary_emb::rope_thd(&x, &self.cos, &self.sin)?.squeeze(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn axes(sections: [usize; 3], interleaved: bool) -> Vec<usize> {
        Rope::new(&RopeConfig {
            theta: 1e6,
            sections,
            interleaved,
            rotary_dim: sections.iter().sum::<usize>() * 2,
        })
        .axes
    }

    #[test]
    fn blocks_follow_one_another() {
        assert_eq!(axes([2, 3, 1], false), [0, 0, 1, 1, 1, 2]);
    }

    #[test]
    fn interleaved_axes_end_in_time() {
        // Qwen3-VL: 24 + 20 + 20 of 64.
        let axes = axes([24, 20, 20], true);
        assert_eq!(axes[..6], [0, 1, 2, 0, 1, 2]);
        assert_eq!(axes[57..], [0, 1, 2, 0, 0, 0, 0]);
        let count = |axis| axes.iter().filter(|a| **a == axis).count();
        assert_eq!([count(0), count(1), count(2)], [24, 20, 20]);
    }
}
