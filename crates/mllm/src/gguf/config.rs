//! A model's configuration out of a GGUF's metadata and the shapes of its tensors, written down
//! as the `config.json` that the GGUF was made from, and read by the one reader of those.

use decoupage_dialogue::{Failure, FailureCode, Outcome};
use serde_json::{Map, Value, json};

use super::container::{self, Container};
use super::names::VisionNames;
use super::vocabulary::Vocabulary;
use crate::config::{Family, ModelConfig};
use crate::failure;

/// The models that can be run, as people know them.
const KNOWN: &str = "Qwen2-VL, Qwen2.5-VL, Qwen2.5-Omni, Qwen3-VL and Qwen3.5";

/// Qwen2.5-VL's windows; files do not say it.
const WINDOW_PIXELS: usize = 112;

/// Qwen2.5-VL attends to the whole picture in every eighth block, unless the file says otherwise.
const WHOLE_EVERY: usize = 8;

/// Temporal positions per second of Qwen2.5-VL in all published checkpoints; files do not say it.
const POSITIONS_PER_SECOND: usize = 2;

/// What the metadata calls a projector, and whose it is.
const PROJECTORS: [(&str, Family); 4] = [
    ("qwen2vl_merger", Family::Qwen2Vl),
    ("qwen2.5vl_merger", Family::Qwen25Vl),
    ("qwen2.5o", Family::Qwen25Omni),
    ("qwen3vl_merger", Family::Qwen3Vl),
];

/// The text file's architecture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Architecture {
    /// Qwen2-VL, Qwen2.5-VL and Qwen2.5-Omni: told apart by the projector.
    Qwen2Vl,
    Qwen3Vl,
    Qwen35,
}

impl Architecture {
    /// # Errors
    /// It is another one; it is named with those that are known.
    pub(super) fn of(container: &Container) -> Outcome<Self> {
        let name = container.path().display();
        match container.text("general.architecture") {
            Some("qwen2vl") => Ok(Self::Qwen2Vl),
            Some("qwen3vl") => Ok(Self::Qwen3Vl),
            Some("qwen35") => Ok(Self::Qwen35),
            Some("clip") => Err(failure::unsupported(format!(
                "{name} is the vision part (mmproj) of a model alone."
            ))
            .advise("Choose the GGUF with the text part; the mmproj beside it is found.")),
            other => {
                let other: String = other.unwrap_or("unnamed").chars().take(60).collect();
                Err(failure::unsupported(format!(
                    "{name} holds a model of the architecture \"{other}\"; known are {KNOWN}."
                ))
                .advise("Choose a GGUF of one of these."))
            }
        }
    }

    fn key(self) -> &'static str {
        match self {
            Self::Qwen2Vl => "qwen2vl",
            Self::Qwen3Vl => "qwen3vl",
            Self::Qwen35 => "qwen35",
        }
    }

    /// The family, from the projector or, without one, from the vocabulary.
    pub(super) fn family(self, projector: Option<Family>, words: &Vocabulary<'_>) -> Family {
        match (self, projector) {
            (Self::Qwen3Vl, _) => Family::Qwen3Vl,
            (Self::Qwen35, _) => Family::Qwen35,
            (Self::Qwen2Vl, Some(family)) => family,
            (Self::Qwen2Vl, None) if words.special("<|AUDIO|>").is_some() => Family::Qwen25Omni,
            // The text parts of Qwen2-VL and Qwen2.5-VL are computed alike.
            (Self::Qwen2Vl, None) => Family::Qwen25Vl,
        }
    }

    /// Whether a projector of `family` may stand beside a text file of this architecture.
    fn takes(self, family: Family) -> bool {
        match self {
            Self::Qwen2Vl => matches!(
                family,
                Family::Qwen2Vl | Family::Qwen25Vl | Family::Qwen25Omni
            ),
            // Qwen3.5's tower is Qwen3-VL's, projector and all.
            Self::Qwen3Vl | Self::Qwen35 => family == Family::Qwen3Vl,
        }
    }
}

/// The family that a projector says it is of.
///
/// # Errors
/// The file is no projector, or not one of those that are known.
pub(super) fn projector(container: &Container) -> Outcome<Family> {
    let name = container.path().display();
    if container.text("general.architecture") != Some("clip") {
        return Err(failure::unsupported(format!(
            "{name} is not the vision part (mmproj) of a model."
        ))
        .advise("Choose the mmproj file that was published beside the model."));
    }
    let kind = ["clip.projector_type", "clip.vision.projector_type"]
        .iter()
        .find_map(|key| container.text(key))
        .unwrap_or_default();
    PROJECTORS
        .iter()
        .find_map(|(known, family)| (*known == kind).then_some(*family))
        .ok_or_else(|| {
            let kind: String = kind.chars().take(60).collect();
            failure::unsupported(format!(
                "{name} holds a projector of the kind \"{kind}\"; known are those of {KNOWN}."
            ))
            .advise("Choose the mmproj file that was published beside the model.")
        })
}

/// Whether a projector can stand beside a text file.
///
/// # Errors
/// A sentence why not.
pub(super) fn fits(
    text: &Container,
    architecture: Architecture,
    words: &Vocabulary<'_>,
    tower: &Container,
) -> Outcome<Family> {
    let family = projector(tower)?;
    let (theirs, ours) = (tower.path().display(), text.path().display());
    let of_another = |why: String| {
        Failure::new(
            FailureCode::Invalid,
            format!("{theirs} belongs to another model than {ours}: {why}."),
        )
        .advise("Choose the mmproj file that was published beside the model.")
    };
    let hears = words.special("<|AUDIO|>").is_some();
    if !architecture.takes(family)
        || (architecture == Architecture::Qwen2Vl && hears != (family == Family::Qwen25Omni))
    {
        return Err(of_another("they are of different families".into()));
    }
    let width = text
        .shape("token_embd.weight")
        .and_then(|shape| shape.last());
    let output = ["mm.2.weight", "mm.a.fc.weight"]
        .iter()
        .find_map(|name| tower.shape(name))
        .and_then(|shape| shape.first());
    match (width, output) {
        (Some(width), Some(output)) if width != output => Err(of_another(format!(
            "it gives {output} values where the text part takes {width}"
        ))),
        _ => Ok(family),
    }
}

/// The configuration.
///
/// # Errors
/// Something is missing or does not fit together.
pub(super) fn config(
    text: &Container,
    architecture: Architecture,
    family: Family,
    words: &Vocabulary<'_>,
    tower: Option<(&Container, &VisionNames)>,
) -> Outcome<ModelConfig> {
    let mut whole = text_part(text, architecture)?;
    let mut put = |key: &str, value: Value| {
        whole.insert(key.into(), value);
    };
    put(
        "model_type",
        match family {
            Family::Qwen2Vl => "qwen2_vl",
            Family::Qwen25Vl => "qwen2_5_vl",
            Family::Qwen25Omni => "qwen2_5_omni_thinker",
            Family::Qwen3Vl => "qwen3_vl",
            Family::Qwen35 => "qwen3_5",
        }
        .into(),
    );
    for (key, names) in [
        ("image_token_id", ["<|image_pad|>", "<|IMAGE|>"]),
        ("video_token_id", ["<|video_pad|>", "<|VIDEO|>"]),
        (
            "vision_start_token_id",
            ["<|vision_start|>", "<|vision_bos|>"],
        ),
        ("vision_end_token_id", ["<|vision_end|>", "<|vision_eos|>"]),
        ("audio_token_id", ["<|AUDIO|>", "<|AUDIO|>"]),
        ("audio_start_token_id", ["<|audio_bos|>", "<|audio_start|>"]),
        ("audio_end_token_id", ["<|audio_eos|>", "<|audio_end|>"]),
    ] {
        if let Some(id) = names.iter().find_map(|name| words.special(name)) {
            put(key, id.into());
        }
    }
    if let Some((tower, names)) = tower {
        if tower.shape("v.patch_embd.weight").is_some() {
            put("vision_config", vision_part(tower, names)?);
        }
        if tower.shape("a.conv1d.1.weight").is_some() {
            put("audio_config", audio_part(tower)?);
        }
    }
    let mut config = ModelConfig::parse(&Value::Object(whole).to_string())?;
    // The converter writes 1 + weight for Qwen3.5's norms.
    config.text.norm_plus_one = false;
    Ok(config)
}

fn text_part(text: &Container, architecture: Architecture) -> Outcome<Map<String, Value>> {
    let key = |end: &str| format!("{}.{end}", architecture.key());
    let lacks =
        |end: &str| failure::damaged(format!("{} does not say its {end}.", text.path().display()));
    let count = |end: &str| text.count(&key(end));
    let needed = |end: &str| count(end).ok_or_else(|| lacks(end));
    let table = text.shape("token_embd.weight");
    let rows = table.and_then(|shape| shape.first());
    let rows = rows.ok_or_else(|| {
        failure::damaged(format!(
            "{} lacks the tensor \"token_embd.weight\".",
            text.path().display()
        ))
    })?;
    let heads = needed("attention.head_count")?;
    let depth = needed("block_count")?.saturating_sub(count("nextn_predict_layers").unwrap_or(0));
    let mut part = Map::new();
    let mut put = |key: &str, value: Value| part.insert(key.to_owned(), value);
    put("hidden_size", needed("embedding_length")?.into());
    put("num_hidden_layers", depth.into());
    put("num_attention_heads", heads.into());
    let kv_heads = kv_heads(text, &key("attention.head_count_kv"));
    put("num_key_value_heads", kv_heads.unwrap_or(heads).into());
    put("intermediate_size", needed("feed_forward_length")?.into());
    put("vocab_size", (*rows).into());
    put(
        "tie_word_embeddings",
        text.shape("output.weight").is_none().into(),
    );
    if let Some(context) = count("context_length") {
        put("max_position_embeddings", context.into());
    }
    let epsilon = text.number(&key("attention.layer_norm_rms_epsilon"));
    put("rms_norm_eps", epsilon.map(rounded).into());
    let head_width = count("attention.key_length");
    if let Some(width) = head_width {
        put("head_dim", width.into());
    }
    let mut rope = Map::new();
    let scaling = text.text(&key("rope.scaling.type"));
    let scaling = scaling.filter(|kind| *kind != "none").unwrap_or("default");
    rope.insert("rope_type".into(), scaling.into());
    if let Some(base) = text.number(&key("rope.freq_base")) {
        rope.insert("rope_theta".into(), base.into());
    }
    if let Some(sections) = text.integers(&key("rope.dimension_sections")) {
        // A fourth one is written for models with four axes.
        let three: Vec<i64> = sections.iter().take(3).copied().collect();
        rope.insert("mrope_section".into(), three.into());
    }
    if architecture == Architecture::Qwen35 {
        if let (Some(rotated), Some(width)) = (count("rope.dimension_count"), head_width) {
            // Half a number more, so that the product rounds down to the count again.
            let share = (rotated as f64 + 0.5) / width.max(1) as f64;
            rope.insert("partial_rotary_factor".into(), share.into());
        }
        let value_heads = needed("ssm.time_step_rank")?;
        let inner = needed("ssm.inner_size")?;
        put("linear_num_value_heads", value_heads.into());
        put("linear_num_key_heads", needed("ssm.group_count")?.into());
        put("linear_key_head_dim", needed("ssm.state_size")?.into());
        put("linear_value_head_dim", (inner / value_heads.max(1)).into());
        put("linear_conv_kernel_dim", needed("ssm.conv_kernel")?.into());
        put(
            "full_attention_interval",
            count("full_attention_interval").unwrap_or(4).into(),
        );
    }
    put("rope_parameters", Value::Object(rope));
    Ok(part)
}

/// Qwen3.5 files may list the heads of every layer, none for delta nets.
fn kv_heads(text: &Container, key: &str) -> Option<usize> {
    match text.value(key) {
        Some(container::Value::Integers(list)) => list
            .iter()
            .copied()
            .max()
            .and_then(|n| usize::try_from(n).ok()),
        _ => text.count(key),
    }
}

fn vision_part(tower: &Container, names: &VisionNames) -> Outcome<Value> {
    let name = tower.path().display();
    let shape = |tensor: &str| {
        let shape = tower.shape(tensor);
        shape.ok_or_else(|| failure::damaged(format!("{name} lacks the tensor \"{tensor}\".")))
    };
    let (width, patch) = match shape("v.patch_embd.weight")? {
        [width, 3, patch, _] => (*width, *patch),
        other => {
            return Err(failure::damaged(format!(
                "\"v.patch_embd.weight\" in {name} has the shape {other:?}."
            )));
        }
    };
    let up = if names.swapped {
        "v.blk.0.ffn_down.weight"
    } else {
        "v.blk.0.ffn_up.weight"
    };
    let intermediate = shape(up)?.first().copied().unwrap_or_default();
    let output = shape("mm.2.weight")?.first().copied().unwrap_or_default();
    let count = |end: &str| tower.count(&format!("clip.vision.{end}"));
    let needed = |end: &str| {
        count(end).ok_or_else(|| failure::damaged(format!("{name} does not say its {end}.")))
    };
    let depth = needed("block_count")?;
    let mut part = json!({
        "depth": depth,
        "num_heads": needed("attention.head_count")?,
        "patch_size": patch,
        "spatial_merge_size": count("spatial_merge_size").unwrap_or(2),
        "temporal_patch_size": 2,
    });
    let mut put = |key: &str, value: Value| {
        part[key] = value;
    };
    match names.family {
        Family::Qwen2Vl => {
            put("embed_dim", width.into());
            put("hidden_size", output.into());
            // Half a number more, so that the product rounds down to the width again.
            put(
                "mlp_ratio",
                ((intermediate as f64 + 0.5) / width.max(1) as f64).into(),
            );
        }
        family => {
            put("hidden_size", width.into());
            put("out_hidden_size", output.into());
            put("intermediate_size", intermediate.into());
            if matches!(family, Family::Qwen3Vl | Family::Qwen35) {
                let positions = shape("v.position_embd.weight")?.first();
                put(
                    "num_position_embeddings",
                    positions.copied().unwrap_or_default().into(),
                );
                put("deepstack_visual_indexes", names.deepstack.clone().into());
            } else {
                put(
                    "window_size",
                    count("window_size").unwrap_or(WINDOW_PIXELS).into(),
                );
                put("tokens_per_second", POSITIONS_PER_SECOND.into());
                let listed = tower.integers("clip.vision.wa_layer_indexes");
                let whole: Vec<usize> = match listed {
                    Some(layers) => layers.iter().filter_map(|n| (*n).try_into().ok()).collect(),
                    None => {
                        let every = count("n_wa_pattern").filter(|n| *n > 0);
                        let every = every.unwrap_or(WHOLE_EVERY);
                        (0..depth.min(1_024))
                            .filter(|block| (block + 1) % every == 0)
                            .collect()
                    }
                };
                put("fullatt_block_indexes", whole.into());
            }
        }
    }
    Ok(part)
}

fn audio_part(tower: &Container) -> Outcome<Value> {
    let name = tower.path().display();
    let shape = |tensor: &str, axis: usize| {
        let length = tower.shape(tensor).and_then(|shape| shape.get(axis));
        length
            .copied()
            .ok_or_else(|| failure::damaged(format!("{name} lacks the tensor \"{tensor}\".")))
    };
    let needed = |end: &str| {
        tower
            .count(&format!("clip.audio.{end}"))
            .ok_or_else(|| failure::damaged(format!("{name} does not say its audio {end}.")))
    };
    Ok(json!({
        "encoder_layers": needed("block_count")?,
        "encoder_attention_heads": needed("attention.head_count")?,
        "d_model": shape("a.conv1d.1.weight", 0)?,
        "num_mel_bins": shape("a.conv1d.1.weight", 1)?,
        "encoder_ffn_dim": shape("a.blk.0.ffn_up.weight", 0)?,
        "output_dim": shape("mm.a.fc.weight", 0)?,
    }))
}

/// Files hold 32-bit floats: 1e-6 comes back as 9.99999997e-7.
fn rounded(value: f64) -> f64 {
    format!("{value:.6e}").parse().unwrap_or(value)
}
