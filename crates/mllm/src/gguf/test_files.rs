//! Checkpoints of tests/parity written as llama.cpp's converter writes them.

use std::collections::BTreeMap;
use std::io::BufWriter;
use std::path::{Path, PathBuf};

use candle_core::quantized::gguf_file::{self, Value};
use candle_core::quantized::{GgmlDType, QTensor};
use candle_core::{D, Device, Tensor};
use serde_json::Value as Json;

use crate::config::ModelConfig;
use crate::weights::{Shards, TensorSource};

pub(super) fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/parity/fixtures")
}

pub(super) fn json(path: &Path) -> Json {
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

pub(super) fn floats(bytes: &[u8]) -> Vec<f32> {
    let numbers = bytes.as_chunks::<4>().0.iter();
    numbers.map(|b| f32::from_le_bytes(*b)).collect()
}

/// A checkpoint written as llama.cpp's converter would: the tensors by `rename` (none: left out),
/// the rest by the caller.
pub(super) struct Written {
    pub(super) text: BTreeMap<String, Tensor>,
    pub(super) tower: BTreeMap<String, Tensor>,
}

impl Written {
    pub(super) fn of(folder: &Path, renames: &[(&str, &str)]) -> Self {
        let shards = Shards::open(folder).unwrap();
        let (mut text, mut tower) = (BTreeMap::new(), BTreeMap::new());
        for name in shards.names() {
            let entry = shards.entry(name).unwrap();
            let values = floats(&shards.bytes(name).unwrap());
            let tensor = Tensor::from_vec(values, entry.shape.as_slice(), &Device::Cpu).unwrap();
            let mut theirs = name.to_owned();
            for (ours, new) in renames {
                theirs = theirs.replace(ours, new);
            }
            if name.starts_with("text.") || name.starts_with("head.") {
                text.insert(theirs, tensor);
            } else {
                tower.insert(theirs, tensor);
            }
        }
        Self { text, tower }
    }

    pub(super) fn split_patches(&mut self) {
        let whole = self.tower.remove("v.patch_embd.weight").unwrap();
        for (moment, name) in ["v.patch_embd.weight", "v.patch_embd.weight.1"]
            .iter()
            .enumerate()
        {
            let half = whole.narrow(2, moment, 1).unwrap().squeeze(2).unwrap();
            self.tower
                .insert((*name).into(), half.contiguous().unwrap());
        }
    }

    pub(super) fn split_attention(&mut self) {
        let names: Vec<String> = self
            .tower
            .keys()
            .filter(|n| n.contains("attn_qkv"))
            .cloned()
            .collect();
        for name in names {
            let whole = self.tower.remove(&name).unwrap();
            let rows = whole.dim(0).unwrap() / 3;
            for (third, letter) in ["attn_q", "attn_k", "attn_v"].iter().enumerate() {
                let part = whole.narrow(0, third * rows, rows).unwrap();
                self.tower.insert(name.replace("attn_qkv", letter), part);
            }
        }
    }

    pub(super) fn write(
        &self,
        folder: &Path,
        text: Vec<(String, Value)>,
        tower: Vec<(String, Value)>,
        kind: GgmlDType,
    ) {
        let list = |tensors: &BTreeMap<String, Tensor>| {
            tensors
                .iter()
                .map(|(name, tensor)| {
                    let row = tensor.dim(D::Minus1).unwrap();
                    // Copied: quantising reads all of what a view looks at.
                    let values: Vec<f32> = tensor.flatten_all().unwrap().to_vec1().unwrap();
                    let tensor = Tensor::from_vec(values, tensor.shape(), &Device::Cpu).unwrap();
                    let kind = if tensor.rank() == 2 && row.is_multiple_of(kind.block_size()) {
                        kind
                    } else {
                        GgmlDType::F32
                    };
                    (name.clone(), QTensor::quantize(&tensor, kind).unwrap())
                })
                .collect::<Vec<_>>()
        };
        write(&folder.join("model.gguf"), &text, &list(&self.text));
        write(
            &folder.join("mmproj-model.gguf"),
            &tower,
            &list(&self.tower),
        );
    }
}

pub(super) fn write(path: &Path, metadata: &[(String, Value)], tensors: &[(String, QTensor)]) {
    let mut file = BufWriter::new(std::fs::File::create(path).unwrap());
    let metadata: Vec<_> = metadata
        .iter()
        .map(|(key, value)| (key.as_str(), value))
        .collect();
    let tensors: Vec<_> = tensors
        .iter()
        .map(|(name, tensor)| (name.as_str(), tensor))
        .collect();
    gguf_file::write(&mut file, &metadata, &tensors).unwrap();
}

pub(super) fn key(key: &str, value: usize) -> (String, Value) {
    (key.into(), Value::U32(value as u32))
}

pub(super) fn word(key: &str, value: &str) -> (String, Value) {
    (key.into(), Value::String(value.into()))
}

/// What the converter writes of every text part and its vocabulary.
pub(super) fn text_metadata(folder: &Path, architecture: &str, pre: &str) -> Vec<(String, Value)> {
    let config = ModelConfig::read(folder).unwrap();
    let text = &config.text;
    let name = |end: &str| format!("{architecture}.{end}");
    let mut sections = text.rope.sections.map(|n| Value::I32(n as i32)).to_vec();
    sections.push(Value::I32(0));
    let file = json(&folder.join("tokenizer.json"));
    let mut tokens: Vec<String> = (0..text.vocabulary).map(|n| format!("[PAD{n}]")).collect();
    let mut kinds = vec![5; tokens.len()];
    for (token, id) in file["model"]["vocab"].as_object().unwrap() {
        let id = id.as_u64().unwrap() as usize;
        (tokens[id], kinds[id]) = (token.clone(), 1);
    }
    for token in file["added_tokens"].as_array().unwrap() {
        let id = token["id"].as_u64().unwrap() as usize;
        tokens[id] = token["content"].as_str().unwrap().into();
        kinds[id] = if token["special"] == true { 3 } else { 4 };
    }
    let merges = file["model"]["merges"]
        .as_array()
        .unwrap()
        .iter()
        .map(|merge| {
            let part = |n: usize| merge[n].as_str().unwrap();
            Value::String(format!("{} {}", part(0), part(1)))
        });
    let end = tokens
        .iter()
        .position(|token| token == "<|im_end|>")
        .unwrap();
    vec![
        word("general.architecture", architecture),
        key(&name("block_count"), text.layers.len()),
        key(&name("context_length"), text.context),
        key(&name("embedding_length"), text.hidden),
        key(&name("feed_forward_length"), text.intermediate),
        key(&name("attention.head_count"), text.heads),
        key(&name("attention.head_count_kv"), text.kv_heads),
        key(&name("attention.key_length"), text.head_dim),
        (
            name("attention.layer_norm_rms_epsilon"),
            Value::F32(text.norm_epsilon as f32),
        ),
        (name("rope.freq_base"), Value::F32(text.rope.theta as f32)),
        (name("rope.dimension_sections"), Value::Array(sections)),
        key(&name("rope.dimension_count"), text.rope.rotary_dim),
        word("tokenizer.ggml.model", "gpt2"),
        word("tokenizer.ggml.pre", pre),
        (
            "tokenizer.ggml.tokens".into(),
            Value::Array(tokens.into_iter().map(Value::String).collect()),
        ),
        (
            "tokenizer.ggml.token_type".into(),
            Value::Array(kinds.into_iter().map(Value::I32).collect()),
        ),
        (
            "tokenizer.ggml.merges".into(),
            Value::Array(merges.collect()),
        ),
        key("tokenizer.ggml.eos_token_id", end),
        word("tokenizer.chat_template", "<|im_start|>"),
    ]
}

pub(super) fn vision_metadata(folder: &Path, projector: &str) -> Vec<(String, Value)> {
    let vision = ModelConfig::read(folder).unwrap().vision;
    vec![
        word("general.architecture", "clip"),
        word("clip.projector_type", projector),
        key("clip.vision.block_count", vision.depth),
        key("clip.vision.attention.head_count", vision.heads),
        key("clip.vision.embedding_length", vision.hidden),
        // The converter takes the text's width for it in Qwen2-VL.
        key("clip.vision.feed_forward_length", 0),
    ]
}

pub(super) const TEXT: [(&str, &str); 15] = [
    ("text.embed_tokens", "token_embd"),
    ("text.norm", "output_norm"),
    ("head.", "output."),
    ("text.layers.", "blk."),
    ("input_layernorm", "attn_norm"),
    ("self_attn.q_proj", "attn_q"),
    ("self_attn.k_proj", "attn_k"),
    ("self_attn.v_proj", "attn_v"),
    ("self_attn.o_proj", "attn_output"),
    ("self_attn.q_norm", "attn_q_norm"),
    ("self_attn.k_norm", "attn_k_norm"),
    ("post_attention_layernorm", "ffn_norm"),
    ("mlp.gate_proj", "ffn_gate"),
    ("mlp.up_proj", "ffn_up"),
    ("mlp.down_proj", "ffn_down"),
];

pub(super) const TOWER: [(&str, &str); 17] = [
    ("vision.blocks.", "v.blk."),
    ("vision.patch_embed.proj", "v.patch_embd"),
    ("vision.pos_embed", "v.position_embd"),
    ("vision.merger.ln_q", "v.post_ln"),
    ("vision.merger.norm", "v.post_ln"),
    ("vision.merger.mlp.", "mm."),
    ("vision.merger.linear_fc1", "mm.0"),
    ("vision.merger.linear_fc2", "mm.2"),
    (".norm1.", ".ln1."),
    (".norm2.", ".ln2."),
    ("attn.qkv", "attn_qkv"),
    ("attn.proj", "attn_out"),
    ("mlp.linear_fc1", "ffn_up"),
    ("mlp.linear_fc2", "ffn_down"),
    ("attn.q.", "attn_q."),
    ("attn.k.", "attn_k."),
    ("attn.v.", "attn_v."),
];

/// Value heads dealt out in turn along the rows of `x`, after `lead` rows.
pub(super) fn dealt(x: &Tensor, lead: usize, keys: usize, values: usize) -> Tensor {
    let rows = x.dim(0).unwrap();
    let width = (rows - lead) / values;
    let rest = x
        .narrow(0, lead, rows - lead)
        .unwrap()
        .flatten_from(1)
        .unwrap_or_else(|_| x.narrow(0, lead, rows - lead).unwrap());
    let rest = rest
        .reshape((keys, values / keys, width, ()))
        .unwrap()
        .transpose(0, 1)
        .unwrap()
        .contiguous()
        .unwrap();
    let mut shape = x.dims().to_vec();
    shape[0] = rows - lead;
    let rest = rest.reshape(shape).unwrap();
    if lead == 0 {
        return rest;
    }
    Tensor::cat(&[&x.narrow(0, 0, lead).unwrap(), &rest], 0).unwrap()
}

pub(super) fn qwen35(kind: GgmlDType) -> (tempfile::TempDir, PathBuf) {
    let family = fixtures().join("qwen3_5");
    let mut renames: Vec<_> = TEXT.into_iter().chain(TOWER).collect();
    for (ours, theirs) in &mut renames {
        if *ours == "post_attention_layernorm" {
            *theirs = "post_attention_norm";
        }
    }
    renames.extend([
        ("linear_attn.in_proj_qkv", "attn_qkv"),
        ("linear_attn.in_proj_z", "attn_gate"),
        ("linear_attn.in_proj_a", "ssm_alpha"),
        ("linear_attn.in_proj_b", "ssm_beta"),
        ("linear_attn.conv1d", "ssm_conv1d"),
        ("linear_attn.dt_bias", "ssm_dt.bias"),
        ("linear_attn.A_log", "ssm_a"),
        ("linear_attn.norm", "ssm_norm"),
        ("linear_attn.out_proj", "ssm_out"),
    ]);
    let mut written = Written::of(&family, &renames);
    written.split_patches();
    let delta = ModelConfig::read(&family).unwrap().text.delta.unwrap();
    let (keys, values) = (delta.key_heads, delta.value_heads);
    let lead = 2 * keys * delta.key_dim;
    for (name, x) in &mut written.text {
        let end = name
            .rsplit("blk.")
            .next()
            .unwrap()
            .split_once('.')
            .map_or("", |(_, end)| end);
        *x = match end {
            "attn_qkv.weight" => dealt(x, lead, keys, values),
            "ssm_conv1d.weight" => dealt(&x.squeeze(1).unwrap(), lead, keys, values),
            "attn_gate.weight" | "ssm_alpha.weight" | "ssm_beta.weight" => {
                dealt(x, 0, keys, values)
            }
            "ssm_dt.bias" => dealt(x, 0, keys, values),
            "ssm_a" => dealt(&x.exp().unwrap().neg().unwrap(), 0, keys, values),
            "ssm_out.weight" => {
                let turned = dealt(&x.t().unwrap().contiguous().unwrap(), 0, keys, values);
                turned.t().unwrap().contiguous().unwrap()
            }
            "ssm_norm.weight" => x.clone(),
            end if end.ends_with("norm.weight") || name == "output_norm.weight" => {
                (&*x + 1.0).unwrap()
            }
            _ => x.clone(),
        };
    }
    let mut text = text_metadata(&family, "qwen35", "qwen35");
    text.extend([
        key("qwen35.ssm.conv_kernel", delta.convolution),
        key("qwen35.ssm.state_size", delta.key_dim),
        key("qwen35.ssm.group_count", keys),
        key("qwen35.ssm.time_step_rank", values),
        key("qwen35.ssm.inner_size", values * delta.value_dim),
        key("qwen35.full_attention_interval", 4),
    ]);
    let folder = tempfile::tempdir().unwrap();
    let tower = vision_metadata(&family, "qwen3vl_merger");
    written.write(folder.path(), text, tower, kind);
    let path = folder.path().join("model.gguf");
    (folder, path)
}
