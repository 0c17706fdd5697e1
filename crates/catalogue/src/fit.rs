//! How much memory a model takes, and whether a device has it.
//!
//! The estimate follows from the measures of the architecture: weights as they will be stored,
//! keys and values of the whole context, the vision tower at work on the largest piece it gets,
//! and the decoder at work on one piece of the prompt. It is meant to err on the large side by a
//! few percent: a model that is said to fit must load.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::device::{Device, DeviceKind};
use crate::shape::ModelShape;
use crate::words;

/// How weights are kept in memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Precision {
    /// 32-bit floats.
    F32,
    /// 16-bit brain floats, as most checkpoints are released.
    Bf16,
    /// 8-bit blocks (GGML's Q8_0): next to no loss.
    #[serde(rename = "q8_0")]
    Q8_0,
    /// About 4.5 bits (GGML's Q4_K): a small loss for half the memory.
    #[serde(rename = "q4_k")]
    Q4K,
    /// As the GGUF file stores them.
    Stored,
}

impl Precision {
    /// Words for a menu.
    pub fn name(self) -> &'static str {
        match self {
            Self::F32 => "Full precision (32-bit)",
            Self::Bf16 => "Half precision (16-bit)",
            Self::Q8_0 => "8-bit",
            Self::Q4K => "4-bit",
            Self::Stored => "As stored",
        }
    }
}

/// What a model is asked to hold at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Workload {
    /// Tokens of prompt, media and answer together.
    pub context_tokens: u32,
    /// Of these, tokens of pictures and frames.
    pub vision_tokens: u32,
}

impl Default for Workload {
    /// A usual shot: 32 frames of 128 tokens, two identity pictures, the readings and an answer.
    fn default() -> Self {
        Self {
            context_tokens: 16_384,
            vision_tokens: 8_192,
        }
    }
}

/// Memory by what takes it, bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct MemoryEstimate {
    /// The weights.
    #[ts(type = "number")]
    pub weights: u64,
    /// Keys and values (and the state of linear layers) of the whole context.
    #[ts(type = "number")]
    pub kv_cache: u64,
    /// The vision tower at work, and its features.
    #[ts(type = "number")]
    pub vision: u64,
    /// The decoder at work, and what the runtime itself needs.
    #[ts(type = "number")]
    pub activations: u64,
    /// All of these.
    #[ts(type = "number")]
    pub total: u64,
}

/// Whether a model fits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum FitKind {
    /// It fits, with room to spare.
    Fits,
    /// It should load, but little or nothing is left for other programs.
    Tight,
    /// It needs more than there is. Loading anyway is the person's choice.
    TooBig,
}

/// Whether a model fits, and one sentence that says so.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Fit {
    /// The verdict.
    pub fit: FitKind,
    /// One sentence with the numbers, and what to do where it does not fit.
    pub sentence: String,
}

/// The best precision for a device.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Choice {
    /// How to keep the weights.
    pub precision: Precision,
    /// What that takes.
    pub memory: MemoryEstimate,
    /// Whether it fits.
    pub fit: Fit,
}

/// No context is longer; keeps every product below 2^63.
const MOST_TOKENS: u32 = 1 << 24;
/// Tokens of the prompt that are computed at once.
const PREFILL_PIECE: u64 = 512;
/// Query rows of attention that are computed at once.
const ATTENTION_ROWS: u64 = 512;
/// Patches of one frame at most: 768 tokens of 2 × 2 patches.
const FRAME_PATCHES: u64 = 3072;
/// Program, tokenizer, thread stacks.
const RUNTIME_BYTES: u64 = 200 << 20;
/// What a CUDA context with its libraries takes on the card.
const CUDA_CONTEXT_BYTES: u64 = 500 << 20;

/// Bytes that `parameters` take in blocks of `values` with `bytes` each.
fn blocks(parameters: u64, values: u64, bytes: u64) -> u64 {
    parameters.div_ceil(values).saturating_mul(bytes)
}

fn weights(shape: &ModelShape, precision: Precision, kind: DeviceKind) -> u64 {
    let parameters = shape.parameters();
    let each = |bytes: u64| parameters.total().saturating_mul(bytes);
    match precision {
        Precision::F32 => each(4),
        Precision::Bf16 => each(2),
        Precision::Q8_0 => blocks(parameters.total(), 32, 34),
        // Head, embedding and towers stay in 8 bits: they are a small part of the whole, and
        // the choice of words and what is seen suffer first.
        Precision::Q4K | Precision::Stored => {
            blocks(parameters.embedding + parameters.towers, 32, 34)
                + match kind {
                    // Laid out for fast products, 32 weights take 16 bytes and two halves.
                    DeviceKind::Cpu => blocks(parameters.decoder, 32, 20),
                    DeviceKind::Cuda | DeviceKind::Metal => blocks(parameters.decoder, 256, 144),
                }
        }
    }
}

/// Estimates the memory that a model takes on a kind of device. With [`Precision::Stored`] and
/// no file to ask, weights count as in a Q4_K_M file; [`estimate_stored`] knows better.
pub fn estimate(
    shape: &ModelShape,
    precision: Precision,
    kind: DeviceKind,
    workload: Workload,
) -> MemoryEstimate {
    with_weights(
        shape,
        weights(shape, precision, kind),
        precision,
        kind,
        workload,
    )
}

/// Estimates the memory that a GGUF model takes, whose files hold `stored` bytes of weights.
pub fn estimate_stored(
    shape: &ModelShape,
    stored: u64,
    kind: DeviceKind,
    workload: Workload,
) -> MemoryEstimate {
    with_weights(shape, stored, Precision::Stored, kind, workload)
}

fn with_weights(
    shape: &ModelShape,
    weights: u64,
    precision: Precision,
    kind: DeviceKind,
    workload: Workload,
) -> MemoryEstimate {
    // Graphics cards compute in 16 bits unless told otherwise; processors in 32.
    let element: u64 = if kind == DeviceKind::Cpu || precision == Precision::F32 {
        4
    } else {
        2
    };
    let context = u64::from(workload.context_tokens.min(MOST_TOKENS));
    let tokens = u64::from(workload.vision_tokens.min(MOST_TOKENS));
    let hidden = u64::from(shape.hidden);
    let heads = u64::from(shape.heads);
    let keys = u64::from(shape.kv_heads) * u64::from(shape.head_dim);
    let mut kv_cache = 2 * u64::from(shape.cached_layers()) * keys * context * element;
    if let Some(linear) = &shape.linear {
        let state = u64::from(linear.value_heads)
            * u64::from(linear.key_dim)
            * u64::from(linear.value_dim)
            * 4;
        kv_cache += u64::from(linear.layers) * state;
    }
    let vision = shape.vision.as_ref().map_or(0, |vision| {
        let merged = u64::from(vision.merge).pow(2);
        let patches = tokens * merged;
        let width = u64::from(vision.hidden);
        let pixels = 3 * 2 * u64::from(vision.patch).pow(2);
        let stream = 6 * width + 2 * u64::from(vision.intermediate);
        let rows = patches.min(ATTENTION_ROWS);
        let scores = rows * patches.min(FRAME_PATCHES) * u64::from(vision.heads);
        let features = tokens * hidden * (1 + u64::from(vision.taps));
        4 * patches * pixels + element * (patches * stream + scores + features)
    });
    let piece = context.min(PREFILL_PIECE);
    let stream = 6 * hidden
        + 2 * u64::from(shape.intermediate)
        + 2 * (heads * u64::from(shape.head_dim) + 2 * keys);
    let scores = piece * context * heads;
    let logits = 4 * u64::from(shape.vocab) * 2;
    let runtime = match kind {
        DeviceKind::Cuda => CUDA_CONTEXT_BYTES,
        DeviceKind::Cpu | DeviceKind::Metal => RUNTIME_BYTES,
    };
    let activations = element * (piece * stream + scores) + logits + runtime;
    MemoryEstimate {
        weights,
        kv_cache,
        vision,
        activations,
        total: weights
            .saturating_add(kv_cache)
            .saturating_add(vision)
            .saturating_add(activations),
    }
}

/// Whether an estimate fits a device: with room to spare below 85 % of what is free; tightly up
/// to what is free, and on a processor or an Apple graphics processor, where other programs can
/// make room, up to 90 % of all there is.
pub fn fit(memory: &MemoryEstimate, device: &Device) -> Fit {
    let needs = memory.total;
    let free = device.available_bytes;
    let others = match device.kind {
        DeviceKind::Cuda => 0,
        DeviceKind::Cpu | DeviceKind::Metal => device.total_bytes / 10 * 9,
    };
    let (needs_words, free_words) = (words::bytes(needs), words::bytes(free));
    let (fit, sentence) = if needs <= free / 100 * 85 {
        (
            FitKind::Fits,
            format!("Fits: it needs about {needs_words} of the {free_words} that are free."),
        )
    } else if needs <= free {
        (
            FitKind::Tight,
            format!(
                "Tight: it needs about {needs_words} of the {free_words} that are free; \
                 other programs may slow down."
            ),
        )
    } else if needs <= others {
        (
            FitKind::Tight,
            format!(
                "Tight: it needs about {needs_words} and {free_words} are free; close other \
                 programs first."
            ),
        )
    } else {
        (
            FitKind::TooBig,
            format!(
                "Too big: it needs about {needs_words}, and this device has {free_words} free \
                 of {}. Choose a smaller model, fewer frames, or load it anyway.",
                words::bytes(device.total_bytes)
            ),
        )
    };
    Fit { fit, sentence }
}

/// The best way to keep a safetensors model's weights on a device: the first that fits with room
/// to spare, else the first that fits at all, else the smallest.
///
/// Graphics cards start at 16 bits. Processors start at 8: there memory is what limits the
/// speed, 32 bits read four times as much for a gain no one sees, and 16-bit kernels are slow
/// (`docs/benchmarks.md`).
pub fn best_precision(shape: &ModelShape, device: &Device, workload: Workload) -> Choice {
    let choice = |precision| {
        let memory = estimate(shape, precision, device.kind, workload);
        Choice {
            precision,
            memory,
            fit: fit(&memory, device),
        }
    };
    let mut choices = Vec::new();
    if device.kind != DeviceKind::Cpu {
        choices.push(choice(Precision::Bf16));
    }
    choices.push(choice(Precision::Q8_0));
    let smallest = choice(Precision::Q4K);
    choices.push(smallest.clone());
    for wanted in [FitKind::Fits, FitKind::Tight] {
        if let Some(found) = choices.iter().find(|choice| choice.fit.fit == wanted) {
            return found.clone();
        }
    }
    smallest
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entry::{catalogue, entry};
    use crate::family::Family;

    fn card(gigabytes: u64) -> Device {
        Device {
            name: "Card".to_owned(),
            kind: DeviceKind::Cuda,
            total_bytes: gigabytes * 1_000_000_000,
            available_bytes: gigabytes * 1_000_000_000,
        }
    }

    fn shape(id: &str) -> &'static ModelShape {
        &entry(id).expect("an entry").shape
    }

    #[test]
    fn weights_are_those_of_the_released_files() {
        // model.safetensors of Qwen2-VL-2B-Instruct holds 2 208 985 600 parameters.
        let bytes = weights(
            shape("qwen2-vl-2b-instruct"),
            Precision::Bf16,
            DeviceKind::Cuda,
        );
        assert!(bytes.abs_diff(2 * 2_208_985_600) < 10_000_000, "{bytes}");
        // Qwen2.5-VL-7B-Instruct: 8 292 166 656.
        let bytes = weights(
            shape("qwen2.5-vl-7b-instruct"),
            Precision::Bf16,
            DeviceKind::Cuda,
        );
        assert!(bytes.abs_diff(2 * 8_292_166_656) < 40_000_000, "{bytes}");
    }

    #[test]
    fn smaller_precisions_take_less_everywhere() {
        for entry in catalogue().expect("a catalogue") {
            let total = |precision| {
                estimate(
                    &entry.shape,
                    precision,
                    DeviceKind::Cuda,
                    Workload::default(),
                )
                .total
            };
            assert!(total(Precision::F32) > total(Precision::Bf16));
            assert!(total(Precision::Bf16) > total(Precision::Q8_0));
            assert!(total(Precision::Q8_0) > total(Precision::Q4K));
        }
    }

    #[test]
    fn the_cache_is_two_vectors_for_each_token_and_layer() {
        let memory = estimate(
            shape("qwen2.5-vl-7b-instruct"),
            Precision::Bf16,
            DeviceKind::Cuda,
            Workload {
                context_tokens: 1000,
                vision_tokens: 0,
            },
        );
        assert_eq!(memory.kv_cache, 2 * 28 * 4 * 128 * 1000 * 2);
        assert_eq!(memory.vision, 0);
        assert_eq!(
            memory.total,
            memory.weights + memory.kv_cache + memory.activations
        );
    }

    #[test]
    fn the_best_precision_follows_the_memory() {
        let shape = shape("qwen2.5-vl-7b-instruct");
        let at = |gigabytes| best_precision(shape, &card(gigabytes), Workload::default());
        assert_eq!(at(48).precision, Precision::Bf16);
        assert_eq!(at(48).fit.fit, FitKind::Fits);
        assert_eq!(at(16).precision, Precision::Q8_0);
        assert_eq!(at(11).precision, Precision::Q4K);
        assert_eq!(at(4).precision, Precision::Q4K);
        assert_eq!(at(4).fit.fit, FitKind::TooBig);
        assert!(at(4).fit.sentence.contains("load it anyway"));
    }

    #[test]
    fn on_a_processor_other_programs_can_make_room() {
        let memory = MemoryEstimate {
            weights: 10_000_000_000,
            kv_cache: 0,
            vision: 0,
            activations: 0,
            total: 10_000_000_000,
        };
        let processor = |available_bytes| Device {
            name: "Processor".to_owned(),
            kind: DeviceKind::Cpu,
            total_bytes: 16_000_000_000,
            available_bytes,
        };
        assert_eq!(fit(&memory, &processor(15_000_000_000)).fit, FitKind::Fits);
        assert_eq!(fit(&memory, &processor(11_000_000_000)).fit, FitKind::Tight);
        let crowded = fit(&memory, &processor(4_000_000_000));
        assert_eq!(crowded.fit, FitKind::Tight);
        assert!(crowded.sentence.contains("close other programs"));
        let mut small = processor(4_000_000_000);
        small.total_bytes = 8_000_000_000;
        assert_eq!(fit(&memory, &small).fit, FitKind::TooBig);
    }

    #[test]
    fn hostile_measures_do_not_overflow() {
        // The largest of everything that a config is allowed to say.
        let config = serde_json::json!({ "text_config": {
            "num_hidden_layers": 1024, "hidden_size": 65536, "intermediate_size": 1 << 20,
            "num_attention_heads": 1024, "num_key_value_heads": 1024, "head_dim": 1024,
            "vocab_size": 1 << 20, "tie_word_embeddings": false,
            "linear_num_key_heads": 1024, "linear_num_value_heads": 1024,
            "linear_key_head_dim": 1024, "linear_value_head_dim": 1024
        }, "vision_config": {
            "depth": 1024, "hidden_size": 65536, "intermediate_size": 1 << 20,
            "num_heads": 1024, "patch_size": 1024, "spatial_merge_size": 16,
            "deepstack_visual_indexes": vec![0; 1024]
        }});
        let shape = ModelShape::from_config(Family::Qwen35, &config).expect("a shape");
        for precision in [Precision::F32, Precision::Q4K] {
            let memory = estimate(
                &shape,
                precision,
                DeviceKind::Cpu,
                Workload {
                    context_tokens: u32::MAX,
                    vision_tokens: u32::MAX,
                },
            );
            assert!(memory.total >= memory.weights);
        }
    }
}
