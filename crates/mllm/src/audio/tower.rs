//! The audio tower of Qwen2.5-Omni (technical report, §2.1): Whisper's encoder over chunks of two
//! seconds that do not see one another, halved once more by pooling, at the text model's width.
//!
//! The reference pads all chunks to one length, masks the padding out of the second convolution
//! and attends under a block-diagonal mask. Whole chunks are of one length here and go through
//! together as a batch, the shorter rest by itself: the same numbers without padding or mask.

use candle_core::{D, DType, Device, Result, Tensor};
use candle_nn::{LayerNorm, Module};
use decoupage_dialogue::{Failure, FailureCode, Outcome};

use crate::GoOn;
use crate::config::AudioConfig;
use crate::failure::Computing;
use crate::linear::Linear;
use crate::weights::{Bias, Scope};

/// LayerNorm's epsilon in every norm of the tower.
const EPSILON: f64 = 1e-5;

/// The longest period of the sinusoids, in frames (Vaswani et al. 2017).
const LONGEST_PERIOD: f64 = 10_000.0;

/// Chunks that go through at once on the processor: enough rows for its products to be fast, few
/// enough that a block takes well below 200 ms, within which a cancellation must take effect.
const CHUNKS_ON_PROCESSOR: usize = 2;

/// Chunks that go through at once on an accelerator.
const CHUNKS_ON_ACCELERATOR: usize = 32;

/// The audio tower.
#[derive(Debug, Clone)]
pub struct Tower {
    bins: usize,
    /// Mel frames of a chunk.
    chunk: usize,
    /// `[width, bins, 3]` and `[width]`.
    conv1: (Tensor, Tensor),
    /// `[width, width, 3]` and `[width]`, stride two.
    conv2: (Tensor, Tensor),
    /// `[chunk / 2, width]`.
    positions: Tensor,
    blocks: Vec<Block>,
    norm: LayerNorm,
    projection: Linear,
    dtype: DType,
    device: Device,
}

#[derive(Debug, Clone)]
struct Block {
    attention_norm: LayerNorm,
    /// Queries, keys (without a bias) and values.
    qkv: Linear,
    out: Linear,
    feed_forward_norm: LayerNorm,
    up: Linear,
    down: Linear,
    heads: usize,
}

impl Tower {
    /// Reads the tower below `scope` ([`crate::weights::Weights::audio`]).
    ///
    /// # Errors
    /// The configuration does not fit together, or a tensor is missing or of another shape; it is
    /// named.
    pub fn load(config: &AudioConfig, scope: &Scope) -> Outcome<Self> {
        let width = config.hidden;
        let (device, dtype) = (scope.device().clone(), scope.dtype());
        if width < 4
            || config.heads == 0
            || !width.is_multiple_of(config.heads)
            || !width.is_multiple_of(2)
            || config.window == 0
            || config.window > config.positions
        {
            return Err(crate::failure::damaged(
                "The numbers of the audio tower in the model's configuration do not fit together.",
            ));
        }
        let convolution = |part: &str, input: usize| -> Outcome<(Tensor, Tensor)> {
            let weight = scope.tensor(&format!("{part}.weight"), &[width, input, 3])?;
            Ok((weight, scope.tensor(&format!("{part}.bias"), &[width])?))
        };
        let blocks = (0..config.depth)
            .map(|layer| Block::load(config, &scope.at(&format!("layers.{layer}"))))
            .collect::<Outcome<Vec<_>>>()?;
        Ok(Self {
            bins: config.mel_bins,
            chunk: 2 * config.window,
            conv1: convolution("conv1", config.mel_bins)?,
            conv2: convolution("conv2", width)?,
            positions: sinusoids(config.window, width)
                .and_then(|positions| positions.to_dtype(dtype)?.to_device(&device))
                .computing()?,
            blocks,
            norm: norm(scope, "ln_post", width)?,
            projection: scope.linear(&["proj"], width, &[config.output], true)?,
            dtype,
            device,
        })
    }

    /// The features `[tokens, width of the text model]` of a spectrogram `[bins, frames]`, as many
    /// as [`super::tokens`] says.
    ///
    /// # Errors
    /// The spectrogram has another number of bins or leaves no token, the device fails, or
    /// `go_on`'s own.
    pub fn forward(&self, mel: &Tensor, go_on: &GoOn) -> Outcome<Tensor> {
        let (bins, frames) = mel.dims2().computing()?;
        if bins != self.bins {
            return Err(Failure::new(
                FailureCode::Invalid,
                format!(
                    "The sound was prepared with {bins} mel bins where this model hears {}.",
                    self.bins
                ),
            ));
        }
        if super::tokens(frames) == 0 {
            return Err(
                Failure::new(FailureCode::Invalid, "The sound is too short to be heard.")
                    .advise("Choose a sound of at least 30 ms."),
            );
        }
        let mel = mel
            .to_dtype(self.dtype)
            .and_then(|mel| mel.to_device(&self.device))
            .computing()?;
        let at_once = if self.device.is_cpu() {
            CHUNKS_ON_PROCESSOR
        } else {
            CHUNKS_ON_ACCELERATOR
        };
        let whole = frames / self.chunk;
        let mut features = Vec::new();
        for first in (0..whole).step_by(at_once) {
            let chunks = at_once.min(whole - first);
            let part = mel.narrow(1, first * self.chunk, chunks * self.chunk);
            features.push(self.chunks(&part.computing()?, chunks, go_on)?);
        }
        let rest = frames % self.chunk;
        if rest > 0 {
            let part = mel.narrow(1, whole * self.chunk, rest).computing()?;
            features.push(self.chunks(&part, 1, go_on)?);
        }
        go_on()?;
        Tensor::cat(&features, 0)
            .and_then(|features| self.pooled(&features))
            .computing()
    }

    /// `[bins, chunks · frames]` to `[chunks · frames / 2, width]`.
    fn chunks(&self, mel: &Tensor, chunks: usize, go_on: &GoOn) -> Outcome<Tensor> {
        go_on()?;
        let mut x = self.convolved(mel, chunks).computing()?;
        for block in &self.blocks {
            go_on()?;
            x = block.attend(&x).computing()?;
            go_on()?;
            x = block.feed_forward(&x).computing()?;
        }
        x.flatten_to(1).computing()
    }

    fn convolved(&self, mel: &Tensor, chunks: usize) -> Result<Tensor> {
        let mel = mel.reshape((self.bins, chunks, ()))?.transpose(0, 1)?;
        let convolve = |x: &Tensor, (weight, bias): &(Tensor, Tensor), stride: usize| {
            let x = x.contiguous()?.conv1d(weight, 1, stride, 1, 1)?;
            x.broadcast_add(&bias.unsqueeze(1)?)?.gelu_erf()
        };
        let x = convolve(&mel, &self.conv1, 1)?;
        let x = convolve(&x, &self.conv2, 2)?.transpose(1, 2)?;
        let positions = self.positions.narrow(0, 0, x.dim(1)?)?;
        x.contiguous()?.broadcast_add(&positions)
    }

    /// Averages of two neighbours (an odd last one is dropped), normed, at the text model's width.
    fn pooled(&self, x: &Tensor) -> Result<Tensor> {
        let (rows, width) = x.dims2()?;
        let pairs = rows / 2;
        let x = x
            .narrow(0, 0, 2 * pairs)?
            .reshape((pairs, 2, width))?
            .mean(1)?;
        self.projection.forward(&self.norm.forward(&x)?)
    }
}

impl Block {
    fn load(config: &AudioConfig, scope: &Scope) -> Outcome<Self> {
        let width = config.hidden;
        Ok(Self {
            attention_norm: norm(scope, "self_attn_layer_norm", width)?,
            qkv: scope.at("self_attn").linear(
                &["q_proj", "k_proj", "v_proj"],
                width,
                &[width; 3],
                Bias::WherePresent,
            )?,
            out: scope.linear(&["self_attn.out_proj"], width, &[width], true)?,
            feed_forward_norm: norm(scope, "final_layer_norm", width)?,
            up: scope.linear(&["fc1"], width, &[config.intermediate], true)?,
            down: scope.linear(&["fc2"], config.intermediate, &[width], true)?,
            heads: config.heads,
        })
    }

    /// `[chunks, frames, width]`, every frame to all of its chunk. A chunk has at most a hundred
    /// frames: next to the linear layers the products of attention are small, and plain ones do.
    fn attend(&self, x: &Tensor) -> Result<Tensor> {
        let (chunks, frames, width) = x.dims3()?;
        let head = width / self.heads;
        let qkv = self
            .qkv
            .forward(&self.attention_norm.forward(x)?)?
            .reshape((chunks, frames, 3, self.heads, head))?
            .permute((2, 0, 3, 1, 4))?
            .contiguous()?;
        let (q, k, v) = (qkv.get(0)?, qkv.get(1)?, qkv.get(2)?);
        let q = (q * (head as f64).powf(-0.5))?;
        let weights = q.matmul(&k.t()?)?;
        let weights = candle_nn::ops::softmax_last_dim(&weights)?;
        let heard = weights
            .matmul(&v)?
            .transpose(1, 2)?
            .reshape((chunks, frames, width))?;
        x + self.out.forward(&heard)?
    }

    fn feed_forward(&self, x: &Tensor) -> Result<Tensor> {
        let y = self
            .up
            .forward(&self.feed_forward_norm.forward(x)?)?
            .gelu_erf()?;
        let x = (x + self.down.forward(&y)?)?;
        if x.dtype() == DType::F16 {
            // Loud frames pass what 16-bit floats hold; the reference clamps there too.
            let most = f64::from(half::f16::MAX.to_f32()) - 1_000.0;
            return x.clamp(-most, most);
        }
        Ok(x)
    }
}

fn norm(scope: &Scope, part: &str, width: usize) -> Outcome<LayerNorm> {
    let weight = scope.tensor(&format!("{part}.weight"), &[width])?;
    let bias = scope.tensor(&format!("{part}.bias"), &[width])?;
    Ok(LayerNorm::new(weight, bias, EPSILON))
}

/// `[length, width]`: sines in the first half of a row, cosines in the second, their periods in
/// geometric steps.
fn sinusoids(length: usize, width: usize) -> Result<Tensor> {
    let half = width / 2;
    let step = LONGEST_PERIOD.ln() / (half as f64 - 1.0);
    let angles: Vec<f32> = (0..length)
        .flat_map(|position| {
            // Frequencies are rounded to 32 bits before they are multiplied, as in the reference.
            (0..half).map(move |n| position as f32 * (-step * n as f64).exp() as f32)
        })
        .collect();
    let angles = Tensor::from_vec(angles, (length, half), &Device::Cpu)?;
    Tensor::cat(&[angles.sin()?, angles.cos()?], D::Minus1)
}

#[cfg(test)]
#[path = "tower_tests.rs"]
mod tests;
