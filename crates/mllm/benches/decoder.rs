//! Times a decoder of a given shape with random weights: loading, reading a prompt, writing.
//!
//! `cargo bench -p decoupage-mllm --bench decoder -- [SHAPE] [PRECISION] [PROMPT] [WRITTEN]`
//! with a shape of [`SHAPES`], a precision of f32, bf16, q8_0, q4_k, and numbers of tokens.
//! Nothing else may run on the machine meanwhile.
#![allow(clippy::print_stdout, clippy::expect_used, missing_docs)]

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant;

use candle_core::Device;
use decoupage_dialogue::{Outcome, Precision};
use decoupage_mllm::config::ModelConfig;
use decoupage_mllm::text::Decoder;
use decoupage_mllm::weights::{Entry, Stored, TensorSource, WeightOptions, Weights};

/// Name, family, layers, hidden, heads, key heads, width of a head, feed-forward, vocabulary.
type Shape = (&'static str, &'static str, [usize; 7]);

const SHAPES: [Shape; 5] = [
    (
        "qwen2-0.5b",
        "qwen2_vl",
        [24, 896, 14, 2, 64, 4864, 151_936],
    ),
    (
        "qwen3-0.6b",
        "qwen3_vl",
        [28, 1024, 16, 8, 128, 3072, 151_936],
    ),
    (
        "qwen2-1.5b",
        "qwen2_vl",
        [28, 1536, 12, 2, 128, 8960, 151_936],
    ),
    (
        "qwen3.5-0.8b",
        "qwen3_5",
        [24, 1024, 8, 2, 256, 3584, 248_320],
    ),
    ("qwen2-small", "qwen2_vl", [4, 512, 8, 2, 64, 1024, 8_192]),
];

/// Tensors whose numbers are made when they are asked for.
struct Random {
    tensors: BTreeMap<String, Entry>,
}

impl Random {
    fn of(config: &ModelConfig) -> Self {
        let mut random = Self {
            tensors: BTreeMap::new(),
        };
        let text = &config.text;
        let (hidden, width) = (text.hidden, text.head_dim);
        random.add("text.embed_tokens.weight", &[text.vocabulary, hidden]);
        random.add("text.norm.weight", &[hidden]);
        for (layer, kind) in text.layers.iter().enumerate() {
            let mut add = |name: &str, shape: &[usize]| {
                random.add(&format!("text.layers.{layer}.{name}"), shape);
            };
            add("input_layernorm.weight", &[hidden]);
            add("post_attention_layernorm.weight", &[hidden]);
            add("mlp.gate_proj.weight", &[text.intermediate, hidden]);
            add("mlp.up_proj.weight", &[text.intermediate, hidden]);
            add("mlp.down_proj.weight", &[hidden, text.intermediate]);
            match (&text.delta, kind) {
                (Some(delta), decoupage_mllm::config::LayerKind::Delta) => {
                    let keys = delta.key_heads * delta.key_dim;
                    let values = delta.value_heads * delta.value_dim;
                    let channels = 2 * keys + values;
                    add("linear_attn.in_proj_qkv.weight", &[channels, hidden]);
                    add("linear_attn.in_proj_z.weight", &[values, hidden]);
                    add("linear_attn.in_proj_a.weight", &[delta.value_heads, hidden]);
                    add("linear_attn.in_proj_b.weight", &[delta.value_heads, hidden]);
                    add("linear_attn.out_proj.weight", &[hidden, values]);
                    add(
                        "linear_attn.conv1d.weight",
                        &[channels, 1, delta.convolution],
                    );
                    add("linear_attn.A_log", &[delta.value_heads]);
                    add("linear_attn.dt_bias", &[delta.value_heads]);
                    add("linear_attn.norm.weight", &[delta.value_dim]);
                }
                _ => {
                    let gate = if text.gated_attention { 2 } else { 1 };
                    let (q, kv) = (text.heads * width, text.kv_heads * width);
                    add("self_attn.q_proj.weight", &[q * gate, hidden]);
                    add("self_attn.k_proj.weight", &[kv, hidden]);
                    add("self_attn.v_proj.weight", &[kv, hidden]);
                    add("self_attn.o_proj.weight", &[hidden, q]);
                    add("self_attn.q_proj.bias", &[q * gate]);
                    add("self_attn.k_proj.bias", &[kv]);
                    add("self_attn.v_proj.bias", &[kv]);
                    add("self_attn.q_norm.weight", &[width]);
                    add("self_attn.k_norm.weight", &[width]);
                }
            }
        }
        random
    }

    fn add(&mut self, name: &str, shape: &[usize]) {
        let entry = Entry {
            shape: shape.to_vec(),
            stored: Stored::Bf16,
            bytes: 2 * shape.iter().product::<usize>(),
            file_name: name.to_owned(),
        };
        self.tensors.insert(name.to_owned(), entry);
    }
}

impl TensorSource for Random {
    fn entry(&self, name: &str) -> Option<&Entry> {
        self.tensors.get(name)
    }

    fn names(&self) -> Vec<&str> {
        self.tensors.keys().map(String::as_str).collect()
    }

    fn bytes(&self, name: &str) -> Outcome<Cow<'_, [u8]>> {
        let entry = self.tensors.get(name).expect("the tensor was listed");
        // A linear congruence (Knuth's MMIX): cheap, and random enough for timing.
        let mut state = name
            .bytes()
            .fold(1u64, |a, b| a.wrapping_mul(31) + u64::from(b));
        let mut bytes = Vec::with_capacity(entry.bytes);
        for _ in 0..entry.bytes / 2 {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            let value = ((state >> 40) as f32 / (1 << 24) as f32 - 0.5) * 0.1;
            bytes.extend_from_slice(&half::bf16::from_f32(value).to_le_bytes());
        }
        Ok(Cow::Owned(bytes))
    }

    fn label(&self) -> String {
        "random weights".to_owned()
    }
}

fn config((_, family, [layers, hidden, heads, kv, width, feed, vocabulary]): &Shape) -> String {
    let sections = match *family {
        "qwen3_5" => vec![width / 8 - 2 * (width / 24), width / 24, width / 24],
        _ => vec![width / 2 - 2 * (width / 6), width / 6, width / 6],
    };
    format!(
        r#"{{"model_type": "{family}", "tie_word_embeddings": true, "text_config": {{
        "hidden_size": {hidden}, "num_hidden_layers": {layers}, "num_attention_heads": {heads},
        "num_key_value_heads": {kv}, "head_dim": {width}, "intermediate_size": {feed},
        "vocab_size": {vocabulary}, "linear_num_value_heads": 16,
        "rope_parameters": {{"rope_type": "default", "mrope_section": {sections:?}}}}}}}"#
    )
}

/// Bytes of this process's memory at its largest, where the system tells.
fn peak() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmHWM"));
    let kilobytes = line.and_then(|line| line.split_whitespace().nth(1)?.parse::<f64>().ok());
    kilobytes.unwrap_or(f64::NAN) / 1e6
}

/// Seconds that this process kept processors busy, where the system tells: what is left of a
/// measurement on a machine that is not calm, with CANDLE_NUM_THREADS=1 and RAYON_NUM_THREADS=1.
fn busy() -> f64 {
    let status = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields = status.rsplit(')').next().unwrap_or_default();
    let ticks: f64 = fields
        .split_whitespace()
        .skip(11)
        .take(2)
        .filter_map(|field| field.parse::<f64>().ok())
        .sum();
    ticks / 100.0
}

fn main() {
    // Cargo hands its own flags on.
    let arguments: Vec<String> = std::env::args()
        .skip(1)
        .filter(|a| !a.starts_with("--"))
        .collect();
    let word = |at: usize, default: &str| arguments.get(at).cloned().unwrap_or(default.to_owned());
    let number = |at: usize, default: usize| {
        let given = arguments
            .get(at)
            .map(|text| text.parse().expect("a number of tokens"));
        given.unwrap_or(default)
    };
    let name = word(0, "qwen2-small");
    let shape = SHAPES
        .iter()
        .find(|shape| shape.0 == name)
        .expect("one of the shapes");
    let precision = match word(1, "q8_0").as_str() {
        "f32" => Precision::F32,
        "bf16" => Precision::Bf16,
        "q8_0" => Precision::Q8_0,
        "q4_k" => Precision::Q4K,
        other => panic!("{other} is no precision"),
    };
    let (prompt, written) = (number(2, 512), number(3, 64));

    let config = ModelConfig::parse(&config(shape)).expect("a sound configuration");
    let options = WeightOptions {
        device: Device::Cpu,
        precision,
        on_progress: None,
    };
    let started = Instant::now();
    let weights = Weights::from_source(Arc::new(Random::of(&config)), &options);
    let decoder = Decoder::load(&config, &weights).expect("a sound decoder");
    println!(
        "{name} {precision:?}: made in {:.1} s, peak {:.2} GB",
        started.elapsed().as_secs_f64(),
        peak()
    );

    let go = || Ok(());
    let row: Vec<f32> = (0..config.text.hidden)
        .map(|i| (i % 17) as f32 / 17.0 - 0.5)
        .collect();
    let rows = |count: usize| {
        let values: Vec<f32> = (0..count)
            .flat_map(|at| row.iter().map(move |v| v * (1.0 + at as f32 * 1e-3)))
            .collect();
        candle_core::Tensor::from_vec(values, (count, config.text.hidden), &Device::Cpu)
            .expect("rows")
    };
    let positions: Vec<[u32; 3]> = (0..(prompt + written) as u32).map(|i| [i; 3]).collect();
    for round in 0..3 {
        let mut cache = decoder.new_cache();
        let (busy_before, started) = (busy(), Instant::now());
        let normed = decoder
            .forward(&rows(prompt), &positions[..prompt], &[], &mut cache, &go)
            .expect("a read prompt");
        let last = normed.narrow(0, prompt - 1, 1).expect("a last row");
        decoder.logits(&last).expect("logits");
        let read = started.elapsed().as_secs_f64();
        let (busy_read, started) = (busy() - busy_before, Instant::now());
        for at in 0..written {
            let normed = decoder
                .forward(
                    &rows(1),
                    &positions[prompt + at..=prompt + at],
                    &[],
                    &mut cache,
                    &go,
                )
                .expect("a written row");
            decoder.logits(&normed).expect("logits");
        }
        let wrote = started.elapsed().as_secs_f64();
        println!(
            "round {round}: prompt {:.0} tokens/s, writing {:.1} tokens/s, peak {:.2} GB; a busy \
             second reads {:.0} and writes {:.1} tokens",
            prompt as f64 / read,
            written as f64 / wrote,
            peak(),
            prompt as f64 / busy_read,
            written as f64 / (busy() - busy_before - busy_read),
        );
    }
}
