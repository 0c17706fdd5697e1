//! The measures of an architecture, as far as memory depends on them.
//!
//! Read from a released `config.json`: the flat style of Qwen2-VL and Qwen2.5-VL, the nested
//! style of Qwen3-VL and Qwen3.5 (`text_config`), the style of Omni (`thinker_config`), and what
//! transformers 5 writes. What a config leaves out is what the architecture's own configuration
//! class of transformers would put there.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use ts_rs::TS;

use crate::family::Family;
use crate::gguf::Header;

/// The measures of a whole model.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct ModelShape {
    /// Decoder layers.
    pub layers: u32,
    /// Width of the residual stream.
    pub hidden: u32,
    /// Width of the feed-forward part (SwiGLU: three matrices).
    pub intermediate: u32,
    /// Query heads.
    pub heads: u32,
    /// Key and value heads.
    pub kv_heads: u32,
    /// Width of one head.
    pub head_dim: u32,
    /// Rows of the token embedding.
    pub vocab: u32,
    /// Whether the output head is the token embedding.
    pub tied: bool,
    /// The vision tower.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub vision: Option<VisionShape>,
    /// The audio tower.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub audio: Option<AudioShape>,
    /// Layers with linear attention (gated delta net) in place of softmax attention.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub linear: Option<LinearShape>,
}

/// A vision tower and its mergers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct VisionShape {
    /// Layers.
    pub layers: u32,
    /// Width.
    pub hidden: u32,
    /// Width of the feed-forward part.
    pub intermediate: u32,
    /// Heads.
    pub heads: u32,
    /// Side of a patch, pixels.
    pub patch: u32,
    /// Side of the square of patches that becomes one token.
    pub merge: u32,
    /// Whether the feed-forward part is gated (three matrices instead of two).
    #[serde(default)]
    pub gated: bool,
    /// Layers whose features are fed to the decoder besides the last (deepstack).
    #[serde(default)]
    pub taps: u32,
}

/// An audio tower.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct AudioShape {
    /// Layers.
    pub layers: u32,
    /// Width.
    pub hidden: u32,
    /// Width of the feed-forward part.
    pub intermediate: u32,
}

/// Gated delta net layers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct LinearShape {
    /// How many of the decoder layers are such layers.
    pub layers: u32,
    /// Key heads.
    pub key_heads: u32,
    /// Value heads.
    pub value_heads: u32,
    /// Width of a key head.
    pub key_dim: u32,
    /// Width of a value head.
    pub value_dim: u32,
}

/// Parameters by where they stand, which decides how they can be stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Parameters {
    /// Token embedding, and the output head where it is not the embedding.
    pub embedding: u64,
    /// The decoder layers.
    pub decoder: u64,
    /// Vision tower, mergers and audio tower.
    pub towers: u64,
}

impl Parameters {
    /// All of them.
    pub fn total(self) -> u64 {
        self.embedding + self.decoder + self.towers
    }
}

/// Bounds that every sound model keeps by far; with them, no product of the estimates reaches
/// 2^63.
const LARGEST: u64 = 1 << 20;
const WIDEST: u64 = 1 << 16;
const MOST: u64 = 1024;
const MERGED: u64 = 16;

impl ModelShape {
    /// Decoder layers that keep keys and values of every token.
    pub fn cached_layers(&self) -> u32 {
        let linear = self.linear.as_ref().map_or(0, |linear| linear.layers);
        self.layers.saturating_sub(linear)
    }

    /// How many parameters there are, without the biases and norms (less than 0.1 % of them).
    pub fn parameters(&self) -> Parameters {
        let hidden = u64::from(self.hidden);
        let queries = u64::from(self.heads) * u64::from(self.head_dim);
        let keys = u64::from(self.kv_heads) * u64::from(self.head_dim);
        let feed_forward = 3 * hidden * u64::from(self.intermediate);
        // Models with linear layers also gate their attention's output: queries twice.
        let gates = u64::from(self.linear.is_some());
        let attention = hidden * (queries * (2 + gates) + 2 * keys);
        let full = u64::from(self.cached_layers()) * (attention + feed_forward);
        let linear = self.linear.as_ref().map_or(0, |linear| {
            let keys = u64::from(linear.key_heads) * u64::from(linear.key_dim);
            let values = u64::from(linear.value_heads) * u64::from(linear.value_dim);
            let mixer =
                hidden * (2 * keys + 3 * values) + 2 * hidden * u64::from(linear.value_heads);
            u64::from(linear.layers) * (mixer + feed_forward)
        });
        let embedding = u64::from(self.vocab) * hidden;
        Parameters {
            embedding: if self.tied { embedding } else { 2 * embedding },
            decoder: full + linear,
            towers: self
                .vision
                .as_ref()
                .map_or(0, |vision| vision.parameters(hidden))
                + self
                    .audio
                    .as_ref()
                    .map_or(0, |audio| audio.parameters(hidden)),
        }
    }

    /// Reads the measures from a parsed `config.json`. `None` where a needed field is missing or
    /// out of all bounds; the path of that field is the error.
    pub fn from_config(family: Family, config: &Value) -> Result<Self, String> {
        let root = config.get("thinker_config").unwrap_or(config);
        let text = root.get("text_config").unwrap_or(root);
        let at = if root.get("text_config").is_some() {
            "text_config."
        } else {
            ""
        };
        let hidden = width(text, at, "hidden_size")?;
        let heads = count(text, at, "num_attention_heads")?;
        let layers = count(text, at, "num_hidden_layers")?;
        let default_tied = matches!(family, Family::Qwen35);
        let tied = [root, text, config]
            .iter()
            .find_map(|part| part.get("tie_word_embeddings").and_then(Value::as_bool))
            .unwrap_or(default_tied);
        let head_dim = match text.get("head_dim") {
            Some(Value::Null) | None => bounded(u64::from(hidden / heads), MOST)
                .ok_or_else(|| format!("{at}num_attention_heads"))?,
            Some(_) => count(text, at, "head_dim")?,
        };
        let linear = if family == Family::Qwen35 {
            Some(LinearShape::from_config(text, at, layers)?)
        } else {
            None
        };
        Ok(Self {
            layers,
            hidden,
            intermediate: size(text, at, "intermediate_size")?,
            heads,
            kv_heads: count(text, at, "num_key_value_heads").unwrap_or(heads),
            head_dim,
            vocab: size(text, at, "vocab_size")?,
            tied,
            vision: match root.get("vision_config") {
                Some(vision) => Some(VisionShape::from_config(family, vision)?),
                None => None,
            },
            audio: match root.get("audio_config") {
                Some(audio) => Some(AudioShape::from_config(audio)?),
                None => None,
            },
            linear,
        })
    }
}

impl ModelShape {
    /// Reads the measures from the header of a GGUF model and, where there is one, of the vision
    /// part beside it. `None` where something needed is missing or out of bounds.
    pub(crate) fn from_gguf(
        family: Family,
        model: &Header,
        vision: Option<&Header>,
    ) -> Option<Self> {
        let architecture = model.architecture()?;
        let number = |name: &str, most: u64| {
            let number = model.number(&format!("{architecture}.{name}"))?;
            bounded(u64::from(number), most)
        };
        let hidden = number("embedding_length", WIDEST)?;
        let heads = number("attention.head_count", MOST)?;
        let layers = number("block_count", MOST)?;
        let vocab = *model.shapes.get("token_embd.weight")?.get(1)?;
        let head_dim = match number("attention.key_length", MOST) {
            Some(width) => width,
            None => bounded(u64::from(hidden / heads), MOST)?,
        };
        // llama.cpp keeps the gated delta net's measures under state-space names.
        let linear = match family {
            Family::Qwen35 => {
                let interval = number("full_attention_interval", MOST).unwrap_or(4);
                let value_heads = number("ssm.time_step_rank", MOST)?;
                let inner = number("ssm.inner_size", LARGEST)?;
                Some(LinearShape {
                    layers: layers - layers / interval,
                    key_heads: number("ssm.group_count", MOST)?,
                    value_heads,
                    key_dim: number("ssm.state_size", MOST)?,
                    value_dim: bounded(u64::from(inner / value_heads), MOST)?,
                })
            }
            _ => None,
        };
        Some(Self {
            layers,
            hidden,
            intermediate: number("feed_forward_length", LARGEST)?,
            heads,
            kv_heads: number("attention.head_count_kv", MOST).unwrap_or(heads),
            head_dim,
            vocab: bounded(vocab, LARGEST)?,
            tied: !model.shapes.contains_key("output.weight"),
            vision: vision.and_then(|vision| VisionShape::from_gguf(family, vision)),
            audio: vision.and_then(AudioShape::from_gguf),
            linear,
        })
    }
}

/// The longest context a `config.json` speaks of, tokens.
pub(crate) fn context_of(config: &Value) -> Option<u32> {
    let root = config.get("thinker_config").unwrap_or(config);
    let text = root.get("text_config").unwrap_or(root);
    let context = text.get("max_position_embeddings")?.as_u64()?;
    u32::try_from(context).ok()
}

impl VisionShape {
    fn parameters(&self, output: u64) -> u64 {
        let hidden = u64::from(self.hidden);
        let matrices = if self.gated { 3 } else { 2 };
        let layer = 4 * hidden * hidden + matrices * hidden * u64::from(self.intermediate);
        let patches = hidden * 3 * 2 * u64::from(self.patch).pow(2);
        let merged = hidden * u64::from(self.merge).pow(2);
        let merger = merged * merged + merged * output;
        u64::from(self.layers) * layer + patches + (1 + u64::from(self.taps)) * merger
    }

    fn from_config(family: Family, vision: &Value) -> Result<Self, String> {
        let at = "vision_config.";
        // Qwen2-VL calls the tower's width embed_dim and its output hidden_size.
        let hidden = match family {
            Family::Qwen2Vl => {
                width(vision, at, "embed_dim").or_else(|_| width(vision, at, "hidden_size"))?
            }
            _ => width(vision, at, "hidden_size")?,
        };
        let intermediate = match size(vision, at, "intermediate_size") {
            Ok(intermediate) => intermediate,
            Err(_) if family == Family::Qwen2Vl => {
                let ratio = vision
                    .get("mlp_ratio")
                    .and_then(Value::as_f64)
                    .unwrap_or(4.0);
                bounded((f64::from(hidden) * ratio) as u64, LARGEST)
                    .ok_or_else(|| format!("{at}mlp_ratio"))?
            }
            Err(field) => return Err(field),
        };
        let taps = vision
            .get("deepstack_visual_indexes")
            .and_then(Value::as_array)
            .map_or(0, Vec::len);
        Ok(Self {
            layers: count(vision, at, "depth")?,
            hidden,
            intermediate,
            heads: count(vision, at, "num_heads")?,
            patch: count(vision, at, "patch_size")
                .or_else(|_| count(vision, at, "spatial_patch_size"))?,
            merge: field(vision, at, "spatial_merge_size", MERGED).unwrap_or(2),
            gated: matches!(family, Family::Qwen25Vl | Family::Qwen25Omni),
            taps: bounded(taps as u64, MOST)
                .or((taps == 0).then_some(0))
                .ok_or_else(|| format!("{at}deepstack_visual_indexes"))?,
        })
    }
}

impl VisionShape {
    fn from_gguf(family: Family, part: &Header) -> Option<Self> {
        let number = |name: &str, most: u64| {
            bounded(
                u64::from(part.number(&format!("clip.vision.{name}"))?),
                most,
            )
        };
        let taps = part
            .shapes
            .keys()
            .filter(|name| name.starts_with("v.deepstack.") && name.ends_with(".fc1.weight"))
            .count();
        Some(Self {
            layers: number("block_count", MOST)?,
            hidden: number("embedding_length", WIDEST)?,
            intermediate: number("feed_forward_length", LARGEST)?,
            heads: number("attention.head_count", MOST)?,
            patch: number("patch_size", MOST)?,
            merge: number("spatial_merge_size", MERGED).unwrap_or(2),
            gated: matches!(family, Family::Qwen25Vl | Family::Qwen25Omni),
            taps: bounded(taps as u64, MOST).unwrap_or(0),
        })
    }
}

impl AudioShape {
    fn from_gguf(part: &Header) -> Option<Self> {
        let number = |name: &str, most: u64| {
            bounded(u64::from(part.number(&format!("clip.audio.{name}"))?), most)
        };
        Some(Self {
            layers: number("block_count", MOST)?,
            hidden: number("embedding_length", WIDEST)?,
            intermediate: number("feed_forward_length", LARGEST)?,
        })
    }

    fn parameters(&self, output: u64) -> u64 {
        let hidden = u64::from(self.hidden);
        let layer = 4 * hidden * hidden + 2 * hidden * u64::from(self.intermediate);
        let convolutions = 3 * hidden * 128 + 3 * hidden * hidden;
        u64::from(self.layers) * layer + convolutions + hidden * output
    }

    fn from_config(audio: &Value) -> Result<Self, String> {
        let at = "audio_config.";
        Ok(Self {
            layers: count(audio, at, "encoder_layers")?,
            hidden: width(audio, at, "d_model")?,
            intermediate: size(audio, at, "encoder_ffn_dim")?,
        })
    }
}

impl LinearShape {
    fn from_config(text: &Value, at: &str, layers: u32) -> Result<Self, String> {
        let linear = match text.get("layer_types").and_then(Value::as_array) {
            Some(types) => types
                .iter()
                .filter(|layer| layer.as_str() == Some("linear_attention"))
                .count() as u64,
            None => {
                let interval = count(text, at, "full_attention_interval").unwrap_or(4);
                u64::from(layers - layers / interval)
            }
        };
        if linear > u64::from(layers) {
            return Err(format!("{at}layer_types"));
        }
        Ok(Self {
            layers: linear as u32,
            key_heads: count(text, at, "linear_num_key_heads")?,
            value_heads: count(text, at, "linear_num_value_heads")?,
            key_dim: count(text, at, "linear_key_head_dim")?,
            value_dim: count(text, at, "linear_value_head_dim")?,
        })
    }
}

fn bounded(value: u64, most: u64) -> Option<u32> {
    (1..=most)
        .contains(&value)
        .then(|| u32::try_from(value).ok())
        .flatten()
}

fn field(part: &Value, at: &str, name: &str, most: u64) -> Result<u32, String> {
    part.get(name)
        .and_then(Value::as_u64)
        .and_then(|value| bounded(value, most))
        .ok_or_else(|| format!("{at}{name}"))
}

/// Rows of an embedding, width of a feed-forward part.
fn size(part: &Value, at: &str, name: &str) -> Result<u32, String> {
    field(part, at, name, LARGEST)
}

/// The width of a residual stream.
fn width(part: &Value, at: &str, name: &str) -> Result<u32, String> {
    field(part, at, name, WIDEST)
}

/// Layers, heads, the width of a head, the side of a patch.
fn count(part: &Value, at: &str, name: &str) -> Result<u32, String> {
    field(part, at, name, MOST)
}

#[cfg(test)]
#[path = "shape_tests.rs"]
mod tests;
