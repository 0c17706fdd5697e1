//! The vision tower of all families: patches to tokens of the text model's width.
//!
//! One body for Qwen2-VL (§2.1), Qwen2.5-VL (§2.1: windows, RMSNorm, SwiGLU), Qwen2.5-Omni (the
//! same with separate q, k, v), Qwen3-VL (learned grid, deepstack) and Qwen3.5. Frames of a clip
//! do not see one another, so a clip passes in groups of frames and memory is bounded however
//! long it is; within a frame rows and attention are computed in bounded pieces.

mod attention;
mod block;
mod fused;
mod layout;
mod merger;

use candle_core::{DType, Device, Result, Tensor};
use decoupage_dialogue::{Failure, FailureCode, Outcome};

use crate::GoOn;
use crate::config::VisionConfig;
use crate::failure::{Computing, unsupported};
use crate::linear::Linear;
use crate::prepared::Features;
use crate::weights::Scope;
use attention::joined;
use block::{Block, Rotation};
use layout::{Layout, Run};
use merger::Merger;

/// A vision tower in memory.
pub struct Tower {
    config: VisionConfig,
    device: Device,
    dtype: DType,
    embedding: Linear,
    /// `[side², hidden]`.
    grid: Option<Tensor>,
    blocks: Vec<Block>,
    merger: Merger,
    between: Vec<Merger>,
}

impl Tower {
    /// Takes a tower's weights from the vision part of a checkpoint.
    ///
    /// # Errors
    /// A tensor is missing, damaged or of another shape (it is named), or the configuration's
    /// numbers cannot belong together.
    pub fn load(config: &VisionConfig, scope: Scope) -> Outcome<Self> {
        check(config)?;
        let features = 3 * config.temporal_patch * config.patch * config.patch;
        let hidden = config.hidden;
        let grid = match config.learned_grid {
            Some(side) => Some(scope.tensor("pos_embed.weight", &[side * side, hidden])?),
            None => None,
        };
        Ok(Self {
            device: scope.device().clone(),
            dtype: scope.dtype(),
            // The convolution's kernels do not overlap: it is a linear layer of patches.
            embedding: scope.linear(
                &["patch_embed.proj"],
                features,
                &[hidden],
                config.patch_bias,
            )?,
            grid,
            blocks: (0..config.depth)
                .map(|index| Block::load(config, &scope.at(&format!("blocks.{index}"))))
                .collect::<Outcome<_>>()?,
            merger: Merger::last(config, &scope.at("merger"))?,
            between: (0..config.deepstack.len())
                .map(|index| {
                    let scope = scope.at(&format!("deepstack_merger_list.{index}"));
                    Merger::between(config, &scope)
                })
                .collect::<Outcome<_>>()?,
            config: config.clone(),
        })
    }

    /// The features of one picture or clip: `values` `[patches, features]` as
    /// [`crate::preprocess`] makes them, `grid` patches over time, down and across. The features
    /// are on the tower's device, in its compute type.
    ///
    /// # Errors
    /// The grid does not fit the values, the person cancelled, or memory ran out.
    pub fn forward(&self, values: &Tensor, grid: [usize; 3], go_on: &GoOn) -> Outcome<Features> {
        self.check_values(values, grid)?;
        let [frames, rows, columns] = grid;
        let layout = Layout::new(rows, columns, &self.config);
        let frame = self.frame(&layout).computing()?;
        let patches = rows * columns;
        let together = (self.patches_at_once() / patches).clamp(1, frames);
        let mut found = Vec::new();
        let mut deep = vec![Vec::new(); self.between.len()];
        for first in (0..frames).step_by(together) {
            let count = together.min(frames - first);
            let values = values
                .narrow(0, first * patches, count * patches)
                .computing()?;
            let features = self.group(&values, count, &layout, &frame, go_on)?;
            found.push(features.embeddings);
            for (all, one) in deep.iter_mut().zip(features.deep) {
                all.push(one);
            }
        }
        Ok(Features {
            embeddings: joined(found, 0).computing()?,
            deep: deep
                .into_iter()
                .map(|parts| joined(parts, 0).computing())
                .collect::<Outcome<_>>()?,
        })
    }

    /// Patches that pass together where a frame has fewer.
    fn patches_at_once(&self) -> usize {
        if self.device.is_cpu() {
            1 << 11
        } else {
            1 << 14
        }
    }

    /// What all frames of one layout share.
    fn frame(&self, layout: &Layout) -> Result<Frame> {
        let patches = layout.places.len();
        let half = self.config.hidden / self.config.heads / 2;
        let angles = layout.angles(half * 2);
        // Cosines of large angles are computed here: every device then has the same ones.
        let table = |turn: fn(f32) -> f32| {
            let values: Vec<f32> = angles.iter().copied().map(turn).collect();
            Tensor::from_vec(values, (patches, half), &Device::Cpu)?.to_device(&self.device)
        };
        let index = |order: Vec<u32>| {
            let count = order.len();
            Tensor::from_vec(order, count, &Device::Cpu)?.to_device(&self.device)
        };
        Ok(Frame {
            rotation: Rotation {
                cos: table(f32::cos)?,
                sin: table(f32::sin)?,
            },
            order: layout.order.clone().map(index).transpose()?,
            back: layout.back().map(index).transpose()?,
            positions: match (&self.grid, self.config.learned_grid) {
                (Some(grid), Some(side)) => {
                    let (points, weights) = layout.surrounding(side);
                    let mut sum: Option<Tensor> = None;
                    for (points, weights) in points.into_iter().zip(weights) {
                        let weights = Tensor::from_vec(weights, (patches, 1), &Device::Cpu)?
                            .to_device(&self.device)?
                            .to_dtype(self.dtype)?;
                        let part = grid
                            .index_select(&index(points)?, 0)?
                            .broadcast_mul(&weights)?;
                        sum = Some(match sum {
                            Some(sum) => (sum + part)?,
                            None => part,
                        });
                    }
                    sum
                }
                _ => None,
            },
        })
    }

    /// A group of frames, `[frames × patches, features]`.
    fn group(
        &self,
        values: &Tensor,
        frames: usize,
        layout: &Layout,
        frame: &Frame,
        go_on: &GoOn,
    ) -> Outcome<Features> {
        go_on()?;
        let patches = layout.places.len();
        let whole = [Run { count: 1, patches }];
        let mut x = self.embed(values, frames, frame).computing()?;
        let mut deep = Vec::with_capacity(self.between.len());
        for (index, block) in self.blocks.iter().enumerate() {
            let windowed = (self.config.windows.as_ref())
                .is_some_and(|windows| !windows.full_blocks.contains(&index));
            let windows = if windowed {
                &layout.windows
            } else {
                &whole[..]
            };
            x = block.forward(&x, frames, &frame.rotation, windows, go_on)?;
            let taken = self.config.deepstack.iter().zip(&self.between);
            for (_, merger) in taken.filter(|(after, _)| **after == index) {
                deep.push(self.merge(merger, &x, frames, frame, go_on)?);
            }
        }
        Ok(Features {
            embeddings: self.merge(&self.merger, &x, frames, frame, go_on)?,
            deep,
        })
    }

    /// Patches to rows of the tower's width, in the layout's order, with learned positions.
    fn embed(&self, values: &Tensor, frames: usize, frame: &Frame) -> Result<Tensor> {
        let values = values.to_device(&self.device)?.to_dtype(self.dtype)?;
        let mut x = self.embedding.forward(&values)?;
        let (rows, hidden) = x.dims2()?;
        if let Some(positions) = &frame.positions {
            x = x
                .reshape((frames, rows / frames, hidden))?
                .broadcast_add(positions)?
                .reshape((rows, hidden))?;
        }
        let Some(order) = &frame.order else {
            return Ok(x);
        };
        let unit = self.config.merge * self.config.merge;
        x.reshape((frames, rows / frames / unit, unit * hidden))?
            .index_select(order, 1)?
            .reshape((rows, hidden))
    }

    /// Merged tokens in the order of the input.
    fn merge(
        &self,
        merger: &Merger,
        x: &Tensor,
        frames: usize,
        frame: &Frame,
        go_on: &GoOn,
    ) -> Outcome<Tensor> {
        let merged = merger.forward(x, go_on)?;
        let Some(back) = &frame.back else {
            return Ok(merged);
        };
        let restore = || -> Result<Tensor> {
            let (tokens, width) = merged.dims2()?;
            merged
                .reshape((frames, tokens / frames, width))?
                .index_select(back, 1)?
                .reshape((tokens, width))
        };
        restore().computing()
    }

    fn check_values(&self, values: &Tensor, grid: [usize; 3]) -> Outcome<()> {
        let config = &self.config;
        let patches = grid
            .iter()
            .try_fold(1usize, |product, side| product.checked_mul(*side));
        let features = 3 * config.temporal_patch * config.patch * config.patch;
        let blocks = grid[1].is_multiple_of(config.merge) && grid[2].is_multiple_of(config.merge);
        if let (Ok((rows, width)), Some(patches)) = (values.dims2(), patches)
            && (rows, width) == (patches, features)
            && patches > 0
            && blocks
        {
            return Ok(());
        }
        Err(Failure::new(
            FailureCode::Invalid,
            format!(
                "A picture of {} × {} × {} patches came as numbers of the shape {:?}.",
                grid[0],
                grid[1],
                grid[2],
                values.dims()
            ),
        )
        .advise("Please report this."))
    }
}

/// What all frames of one layout share, on the device.
struct Frame {
    rotation: Rotation,
    order: Option<Tensor>,
    back: Option<Tensor>,
    /// `[patches, hidden]`.
    positions: Option<Tensor>,
}

fn check(config: &VisionConfig) -> Outcome<()> {
    let counts = [
        config.depth,
        config.hidden,
        config.heads,
        config.intermediate,
        config.patch,
        config.temporal_patch,
        config.merge,
        config.output,
    ];
    let whole = counts.iter().all(|count| (1..1 << 20).contains(count))
        && config.hidden.is_multiple_of(config.heads)
        && (config.hidden / config.heads).is_multiple_of(4)
        && config.patch <= 64
        && config.merge <= 16
        && config.temporal_patch <= 16
        && config
            .learned_grid
            .is_none_or(|side| (1..4096).contains(&side))
        && config.deepstack.windows(2).all(|pair| pair[0] < pair[1])
        && config.deepstack.iter().all(|after| *after < config.depth);
    if whole {
        return Ok(());
    }
    Err(unsupported(
        "The sizes of the vision tower in the model's config.json do not belong together.",
    )
    .advise("Download the model again or choose another one."))
}

#[cfg(test)]
mod tests;
