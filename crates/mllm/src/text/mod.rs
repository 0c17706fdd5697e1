//! The decoder: Qwen2, Qwen2.5, Qwen3 and Qwen3.5 text models behind one set of parts.

mod attention;
mod cache;
mod delta;
mod norm;
mod rope;

use candle_core::{DType, Device, Tensor};
use decoupage_dialogue::{Failure, FailureCode, Outcome};

use crate::GoOn;
use crate::config::{LayerKind, ModelConfig, TextConfig};
use crate::failure::Computing;
use crate::linear::{Embedding, Linear};
use crate::weights::{Scope, Weights};
use attention::{Attention, Masks};
pub use cache::Cache;
use cache::LayerCache;
use delta::DeltaNet;
pub(crate) use delta::LENGTH_EPSILON;
use norm::RmsNorm;
use rope::Rope;

/// Multiply-adds that are done before it is asked whether to go on: about a tenth of a second
/// on two processor cores, so that a cancellation is heard within 200 ms.
const WORK_ON_PROCESSOR: usize = 12_000_000_000;
/// The same on a graphics card.
const WORK_ON_CARD: usize = 2_000_000_000_000;
/// Rows that are read together, at least and at most.
const CHUNK_ROWS: (usize, usize) = (32, 512);

/// Values that are added to rows after a layer (deepstack of Qwen3-VL).
#[derive(Debug, Clone)]
pub struct DeepRows {
    /// After which layer, counted from 0.
    pub layer: usize,
    /// The row of the embeddings that the first of the values belongs to.
    pub first_row: usize,
    /// `[rows, hidden]`.
    pub values: Tensor,
}

/// A decoder with its embedding and head.
pub struct Decoder {
    config: TextConfig,
    embedding: Embedding,
    layers: Vec<Layer>,
    norm: RmsNorm,
    head: Linear,
    rope: Rope,
    device: Device,
    dtype: DType,
    cache_dtype: DType,
    chunk_rows: usize,
}

struct Layer {
    input_norm: RmsNorm,
    mixer: Mixer,
    post_norm: RmsNorm,
    gate_up: Linear,
    down: Linear,
    intermediate: usize,
}

enum Mixer {
    Attention(Attention),
    Delta(DeltaNet),
}

impl Decoder {
    /// Takes the decoder's tensors.
    ///
    /// # Errors
    /// A tensor is missing or has another shape than the configuration says; it is named.
    pub fn load(config: &ModelConfig, weights: &Weights) -> Outcome<Self> {
        let config = config.text.clone();
        let text = weights.text();
        let head = if config.tied || !weights.head().has("weight") {
            text.finer().linear(
                &["embed_tokens"],
                config.hidden,
                &[config.vocabulary],
                false,
            )?
        } else {
            weights
                .head()
                .linear(&[""], config.hidden, &[config.vocabulary], false)?
        };
        // A plain head that is the embedding holds its rows already.
        let shared = (config.tied || !weights.head().has("weight"))
            .then(|| Embedding::of(&head))
            .flatten();
        let embedding = match shared {
            Some(embedding) => embedding,
            None => text.embedding("embed_tokens", config.vocabulary, config.hidden)?,
        };
        let layers = config
            .layers
            .iter()
            .enumerate()
            .map(|(index, kind)| Layer::load(&config, *kind, &text.at(&format!("layers.{index}"))))
            .collect::<Outcome<Vec<_>>>()?;
        let norm = RmsNorm::load(&text, "norm.weight", config.hidden, &config)?;
        let device = weights.device().clone();
        let work = if device.is_cpu() {
            WORK_ON_PROCESSOR
        } else {
            WORK_ON_CARD
        };
        let layer_weights = config.hidden * 3 * config.intermediate
            + config.hidden * config.head_dim * 2 * (config.heads + config.kv_heads);
        let rows = work / layer_weights.max(1);
        Ok(Self {
            rope: Rope::new(&config.rope),
            embedding,
            layers,
            norm,
            head,
            device,
            dtype: weights.dtype(),
            cache_dtype: weights.cache_dtype(),
            chunk_rows: rows.clamp(CHUNK_ROWS.0, CHUNK_ROWS.1),
            config,
        })
    }

    /// What the decoder is made of.
    pub fn config(&self) -> &TextConfig {
        &self.config
    }

    /// An empty cache for this decoder.
    pub fn new_cache(&self) -> Cache {
        Cache::new(&self.config, &self.device, self.cache_dtype)
    }

    /// The embeddings of tokens: `[tokens, hidden]`.
    ///
    /// # Errors
    /// A token is outside of the vocabulary.
    pub fn embed(&self, tokens: &[u32]) -> Outcome<Tensor> {
        self.embedding.forward(tokens)
    }

    /// Reads rows that follow those in the cache.
    ///
    /// `embeddings` is `[rows, hidden]`, `positions` time, height and width of each row, `deep`
    /// counts rows of `embeddings`. Returns `[rows, hidden]` after the last norm. After an error
    /// the cache is as it was before.
    ///
    /// # Errors
    /// The person cancelled, memory ran out, or the arguments do not fit one another.
    pub fn forward(
        &self,
        embeddings: &Tensor,
        positions: &[[u32; 3]],
        deep: &[DeepRows],
        cache: &mut Cache,
        go_on: &GoOn<'_>,
    ) -> Outcome<Tensor> {
        let (rows, width) = embeddings.dims2().computing()?;
        if rows != positions.len() || width != self.config.hidden || rows == 0 {
            return Err(Failure::new(
                FailureCode::Internal,
                "The decoder was given rows that do not fit their positions.",
            ));
        }
        let before = cache.snapshot();
        let mut outputs = Vec::new();
        let mut done = 0;
        while done < rows {
            let count = self.chunk_rows.min(rows - done);
            let output = embeddings
                .narrow(0, done, count)
                .computing()
                .and_then(|part| {
                    let deep = cut(deep, done, count)?;
                    self.chunk(part, &positions[done..done + count], &deep, cache, go_on)
                });
            match output {
                Ok(output) => outputs.push(output),
                Err(failure) => {
                    cache.restore(before);
                    return Err(failure);
                }
            }
            done += count;
        }
        match outputs.len() {
            1 => Ok(outputs.remove(0)),
            _ => Tensor::cat(&outputs, 0).computing(),
        }
    }

    fn chunk(
        &self,
        embeddings: Tensor,
        positions: &[[u32; 3]],
        deep: &[DeepRows],
        cache: &mut Cache,
        go_on: &GoOn<'_>,
    ) -> Outcome<Tensor> {
        let rows = positions.len();
        let angles = self
            .rope
            .angles(positions, self.dtype, &self.device)
            .computing()?;
        let masks = Masks::new(rows, cache.len(), self.dtype, &self.device).computing()?;
        let mut x = embeddings.to_dtype(self.dtype).computing()?;
        cache.reserve(rows).computing()?;
        for (index, layer) in self.layers.iter().enumerate() {
            go_on()?;
            let normed = layer.input_norm.forward(&x).computing()?;
            let mixed = match (&layer.mixer, cache.layer(index)?) {
                (Mixer::Attention(attention), LayerCache::Attention(kept)) => {
                    attention.forward(&normed, &angles, &masks, kept)
                }
                (Mixer::Delta(delta), LayerCache::Delta(kept)) => delta.forward(&normed, kept),
                _ => return Err(foreign_cache()),
            }
            .computing()?;
            x = (x + mixed).computing()?;
            if rows > 1 {
                go_on()?;
            }
            x = layer.feed_forward(&x).computing()?;
            for deep in deep.iter().filter(|deep| deep.layer == index) {
                x = add_rows(&x, deep).computing()?;
            }
        }
        cache.advance(rows);
        self.norm.forward(&x).computing()
    }

    /// The logits of normed rows: `[rows, vocabulary]` in f32.
    ///
    /// # Errors
    /// Memory ran out.
    pub fn logits(&self, normed: &Tensor) -> Outcome<Tensor> {
        self.head
            .forward(normed)
            .and_then(|logits| logits.to_dtype(DType::F32))
            .computing()
    }
}

impl Layer {
    fn load(config: &TextConfig, kind: LayerKind, scope: &Scope) -> Outcome<Self> {
        let hidden = config.hidden;
        let mixer = match (kind, &config.delta) {
            (LayerKind::Attention, _) => {
                Mixer::Attention(Attention::load(config, &scope.at("self_attn"))?)
            }
            (LayerKind::Delta, Some(delta)) => {
                Mixer::Delta(DeltaNet::load(config, delta, &scope.at("linear_attn"))?)
            }
            (LayerKind::Delta, None) => return Err(foreign_cache()),
        };
        let mlp = scope.at("mlp");
        Ok(Self {
            input_norm: RmsNorm::load(scope, "input_layernorm.weight", hidden, config)?,
            mixer,
            post_norm: RmsNorm::load(scope, "post_attention_layernorm.weight", hidden, config)?,
            gate_up: mlp.linear(
                &["gate_proj", "up_proj"],
                hidden,
                &[config.intermediate; 2],
                false,
            )?,
            down: mlp.linear(&["down_proj"], config.intermediate, &[hidden], false)?,
            intermediate: config.intermediate,
        })
    }

    fn feed_forward(&self, x: &Tensor) -> candle_core::Result<Tensor> {
        let both = self.gate_up.forward(&self.post_norm.forward(x)?)?;
        if both.device().is_cpu() && both.dtype() == DType::F32 {
            let mixed = both.apply_op1_no_bwd(&crate::cpu::rows::SwiGlu)?;
            return x + self.down.forward(&mixed)?;
        }
        let gate = both.narrow(1, 0, self.intermediate)?.silu()?;
        let up = both.narrow(1, self.intermediate, self.intermediate)?;
        x + self.down.forward(&(gate * up)?)?
    }
}

/// The deep rows of one chunk, counted from its first row.
fn cut(deep: &[DeepRows], first: usize, count: usize) -> Outcome<Vec<DeepRows>> {
    let mut parts = Vec::new();
    for rows in deep {
        let length = rows.values.dim(0).computing()?;
        let from = rows.first_row.max(first);
        let to = (rows.first_row + length).min(first + count);
        if from < to {
            parts.push(DeepRows {
                layer: rows.layer,
                first_row: from - first,
                values: rows
                    .values
                    .narrow(0, from - rows.first_row, to - from)
                    .computing()?,
            });
        }
    }
    Ok(parts)
}

fn add_rows(x: &Tensor, deep: &DeepRows) -> candle_core::Result<Tensor> {
    let rows = x.dim(0)?;
    let count = deep.values.dim(0)?;
    let end = deep.first_row + count;
    let values = deep.values.to_dtype(x.dtype())?.to_device(x.device())?;
    let middle = (x.narrow(0, deep.first_row, count)? + values)?;
    if count == rows {
        return Ok(middle);
    }
    Tensor::cat(
        &[
            x.narrow(0, 0, deep.first_row)?,
            middle,
            x.narrow(0, end, rows - end)?,
        ],
        0,
    )
}

fn foreign_cache() -> Failure {
    Failure::new(
        FailureCode::Internal,
        "The decoder was given the memory of another model.",
    )
}

#[cfg(test)]
mod tests;
