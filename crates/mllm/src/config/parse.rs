//! Reads `config.json`: as the checkpoints were released (text keys at the top, `rope_scaling`)
//! and as transformers 5 writes it (`text_config`, `rope_parameters`). Keys that are absent take
//! the defaults of the family's configuration class in `transformers`.

use std::io::Read;
use std::path::Path;

use decoupage_dialogue::Outcome;
use serde_json::Value;

use super::section::{Section, wrong};
use super::{
    AudioConfig, DeltaConfig, Family, LayerKind, MediaTokens, MergerKind, ModelConfig, RopeConfig,
    TextConfig, VisionConfig, VisionFeedForward, Windows,
};
use crate::failure;

/// A `config.json` has a few kilobytes.
const MOST_BYTES: u64 = 4 << 20;
/// Deeper than every model there is.
const MOST_LAYERS: usize = 512;

/// The families by the `model_type` they are stored under, with the name that people know.
const FAMILIES: [(&str, Family, &str); 6] = [
    ("qwen2_vl", Family::Qwen2Vl, "Qwen2-VL"),
    ("qwen2_5_vl", Family::Qwen25Vl, "Qwen2.5-VL"),
    ("qwen3_vl", Family::Qwen3Vl, "Qwen3-VL"),
    ("qwen2_5_omni", Family::Qwen25Omni, "Qwen2.5-Omni"),
    ("qwen2_5_omni_thinker", Family::Qwen25Omni, "Qwen2.5-Omni"),
    ("qwen3_5", Family::Qwen35, "Qwen3.5"),
];

impl ModelConfig {
    /// Reads `config.json` in a checkpoint's folder.
    ///
    /// # Errors
    /// The file is missing, damaged, or of a family that is not known.
    pub fn read(folder: &Path) -> Outcome<Self> {
        let path = folder.join("config.json");
        let file = std::fs::File::open(&path).map_err(|error| failure::file(&path, &error))?;
        let mut text = String::new();
        file.take(MOST_BYTES + 1)
            .read_to_string(&mut text)
            .map_err(|error| failure::file(&path, &error))?;
        if text.len() as u64 > MOST_BYTES {
            return Err(failure::damaged(format!(
                "{} is too long for a model's configuration.",
                path.display()
            )));
        }
        Self::parse(&text)
    }

    /// Reads the text of a `config.json`.
    ///
    /// # Errors
    /// It is no JSON, has values of the wrong kind or that do not fit one another, or is of a
    /// family that is not known.
    pub fn parse(json: &str) -> Outcome<Self> {
        let value: Value = serde_json::from_str(json)
            .map_err(|_| failure::damaged("The model's config.json is not valid JSON."))?;
        let outer = Section::of(&value)?;
        let family = family(&outer)?;
        // Omni's thinker lies beside a talker, or alone.
        let top = match family {
            Family::Qwen25Omni => outer.section("thinker_config")?.unwrap_or(outer),
            _ => outer,
        };
        let text_part = top.section("text_config")?.unwrap_or(top);
        let text = text(family, &top, &text_part)?;
        let empty = Value::Object(serde_json::Map::new());
        let vision_part = match top.section("vision_config")? {
            Some(section) => section,
            None => Section::of(&empty)?,
        };
        let vision = vision(family, &vision_part, text.hidden)?;
        if vision.output != text.hidden {
            return Err(failure::damaged(format!(
                "The model's config.json does not fit together: the vision part gives {} values \
                 where the text part takes {}.",
                vision.output, text.hidden
            )));
        }
        let audio = match family {
            Family::Qwen25Omni => {
                let section = match top.section("audio_config")? {
                    Some(section) => section,
                    None => Section::of(&empty)?,
                };
                Some(audio(&section, text.hidden)?)
            }
            _ => None,
        };
        let positions_per_second = match family {
            Family::Qwen25Omni => top.number("position_id_per_seconds")?.unwrap_or(25.0),
            // The class default is 4; every released checkpoint says 2.
            Family::Qwen25Vl => vision_part.number("tokens_per_second")?.unwrap_or(4.0),
            _ => 1.0,
        };
        Ok(Self {
            family,
            tokens: tokens(family, &top)?,
            positions_per_second,
            seconds_per_chunk: top.number("seconds_per_chunk")?.unwrap_or(2.0),
            text,
            vision,
            audio,
        })
    }
}

fn family(outer: &Section<'_>) -> Outcome<Family> {
    let kind = outer.text("model_type").unwrap_or_default();
    if let Some((_, family, _)) = FAMILIES.iter().find(|(name, _, _)| *name == kind) {
        return Ok(*family);
    }
    let mut known: Vec<&str> = FAMILIES.iter().map(|(_, _, name)| *name).collect();
    known.dedup();
    let what = if kind.is_empty() {
        "This model does not say which family it is of".to_owned()
    } else {
        let kind: String = kind.chars().take(60).collect();
        format!("This model is of the family \"{kind}\", which cannot be run here")
    };
    Err(
        failure::unsupported(format!("{what}; known are {}.", known.join(", ")))
            .advise("Choose a model of one of these families."),
    )
}

fn text(family: Family, top: &Section<'_>, part: &Section<'_>) -> Outcome<TextConfig> {
    let hidden = part.count_or(
        "hidden_size",
        match family {
            Family::Qwen2Vl | Family::Qwen25Vl => 8192,
            Family::Qwen25Omni => 3584,
            Family::Qwen3Vl | Family::Qwen35 => 4096,
        },
    )?;
    let heads = part.count_or(
        "num_attention_heads",
        match family {
            Family::Qwen2Vl | Family::Qwen25Vl => 64,
            Family::Qwen25Omni => 28,
            Family::Qwen3Vl => 32,
            Family::Qwen35 => 16,
        },
    )?;
    let kv_heads = part.count("num_key_value_heads")?.unwrap_or(heads);
    let head_dim = match part.count("head_dim")? {
        Some(width) => width,
        None => match family {
            Family::Qwen3Vl => 128,
            Family::Qwen35 => 256,
            _ => hidden / heads,
        },
    };
    if heads % kv_heads != 0 || head_dim == 0 || head_dim % 2 != 0 {
        return Err(wrong("num_key_value_heads", "a divisor of the query heads"));
    }
    let depth = part.count_or("num_hidden_layers", 32)?;
    if depth > MOST_LAYERS {
        return Err(wrong("num_hidden_layers", "a count of layers"));
    }
    let layers = layers(family, part, depth)?;
    let delta = if layers.contains(&LayerKind::Delta) {
        let delta = DeltaConfig {
            key_heads: part.count_or("linear_num_key_heads", 16)?,
            value_heads: part.count_or("linear_num_value_heads", 32)?,
            key_dim: part.count_or("linear_key_head_dim", 128)?,
            value_dim: part.count_or("linear_value_head_dim", 128)?,
            convolution: part.count_or("linear_conv_kernel_dim", 4)?,
        };
        if !delta.value_heads.is_multiple_of(delta.key_heads) || delta.convolution > 64 {
            return Err(wrong(
                "linear_num_value_heads",
                "a multiple of the linear key heads",
            ));
        }
        Some(delta)
    } else {
        None
    };
    let newer = matches!(family, Family::Qwen3Vl | Family::Qwen35);
    Ok(TextConfig {
        vocabulary: part.count_or(
            "vocab_size",
            match family {
                Family::Qwen3Vl => 151_936,
                Family::Qwen35 => 248_320,
                _ => 152_064,
            },
        )?,
        hidden,
        layers,
        heads,
        kv_heads,
        head_dim,
        intermediate: part.count_or(
            "intermediate_size",
            match family {
                Family::Qwen2Vl | Family::Qwen25Vl => 29_568,
                Family::Qwen25Omni => 18_944,
                Family::Qwen3Vl => 22_016,
                Family::Qwen35 => 12_288,
            },
        )?,
        norm_epsilon: part.number("rms_norm_eps")?.unwrap_or(match family {
            Family::Qwen2Vl | Family::Qwen25Vl => 1e-5,
            _ => 1e-6,
        }),
        norm_plus_one: family == Family::Qwen35,
        // The newer classes have a switch, off in every released model.
        qkv_bias: !newer || part.flag("attention_bias")?.unwrap_or(false),
        qk_norm: newer,
        gated_attention: family == Family::Qwen35,
        rope: rope(family, part, head_dim)?,
        delta,
        tied: match top.flag("tie_word_embeddings")? {
            Some(tied) => tied,
            None => part.flag("tie_word_embeddings")?.unwrap_or(false),
        },
        context: part
            .count("max_position_embeddings")?
            .unwrap_or(if family == Family::Qwen3Vl {
                128_000
            } else {
                32_768
            }),
    })
}

fn layers(family: Family, part: &Section<'_>, depth: usize) -> Outcome<Vec<LayerKind>> {
    if family != Family::Qwen35 {
        return Ok(vec![LayerKind::Attention; depth]);
    }
    if let Some(kinds) = part.value("layer_types") {
        let kinds: Option<Vec<LayerKind>> = kinds.as_array().and_then(|kinds| {
            kinds
                .iter()
                .map(|kind| match kind.as_str() {
                    Some("full_attention") => Some(LayerKind::Attention),
                    Some("linear_attention") => Some(LayerKind::Delta),
                    _ => None,
                })
                .collect()
        });
        return kinds
            .filter(|kinds| kinds.len() == depth)
            .ok_or_else(|| wrong("layer_types", "one known kind for each layer"));
    }
    let interval = part.count_or("full_attention_interval", 4)?;
    Ok((0..depth)
        .map(|index| {
            if (index + 1) % interval == 0 {
                LayerKind::Attention
            } else {
                LayerKind::Delta
            }
        })
        .collect())
}

fn rope(family: Family, part: &Section<'_>, head_dim: usize) -> Outcome<RopeConfig> {
    let parameters = match part.section("rope_parameters")? {
        Some(section) => Some(section),
        None => part.section("rope_scaling")?,
    };
    let mut theta = part.number("rope_theta")?;
    let mut sections = None;
    let mut share = part.number("partial_rotary_factor")?;
    if let Some(parameters) = &parameters {
        let kind = parameters
            .text("rope_type")
            .or_else(|| parameters.text("type"))
            .unwrap_or("default");
        if !matches!(kind, "default" | "mrope") {
            let kind: String = kind.chars().take(40).collect();
            return Err(failure::unsupported(format!(
                "This model stretches its positions with \"{kind}\", which cannot be done here."
            ))
            .advise("Choose the model with its original positions (rope_scaling of type mrope)."));
        }
        theta = parameters.number("rope_theta")?.or(theta);
        sections = parameters.counts("mrope_section")?;
        share = parameters.number("partial_rotary_factor")?.or(share);
    }
    let (default_theta, default_sections, default_share) = match family {
        Family::Qwen3Vl => (5e6, [24, 20, 20], 1.0),
        Family::Qwen35 => (1e7, [11, 11, 10], 0.25),
        _ => (1e6, [16, 24, 24], 1.0),
    };
    let rotary_dim = (head_dim as f64 * share.unwrap_or(default_share)) as usize;
    let sections: [usize; 3] = match sections {
        None => default_sections,
        Some(sections) => sections
            .try_into()
            .map_err(|_| wrong("mrope_section", "three counts"))?,
    };
    let interleaved = matches!(family, Family::Qwen3Vl | Family::Qwen35);
    if rotary_dim == 0
        || !rotary_dim.is_multiple_of(2)
        || sections.iter().sum::<usize>() * 2 != rotary_dim
    {
        return Err(wrong(
            "mrope_section",
            "three counts that add up to half the rotated width of a head",
        ));
    }
    Ok(RopeConfig {
        theta: theta.unwrap_or(default_theta),
        sections,
        interleaved,
        rotary_dim,
    })
}

fn vision(family: Family, part: &Section<'_>, text_hidden: usize) -> Outcome<VisionConfig> {
    let newer = matches!(family, Family::Qwen3Vl | Family::Qwen35);
    let windowed = matches!(family, Family::Qwen25Vl | Family::Qwen25Omni);
    let depth = part.count_or("depth", if newer { 27 } else { 32 })?;
    if depth > MOST_LAYERS {
        return Err(wrong("depth", "a count of blocks"));
    }
    // Qwen2-VL calls the width embed_dim and the output hidden_size.
    let (hidden, output) = match family {
        Family::Qwen2Vl => (
            part.count_or("embed_dim", 1280)?,
            part.count_or("hidden_size", text_hidden)?,
        ),
        _ => (
            part.count_or("hidden_size", if newer { 1152 } else { 1280 })?,
            part.count_or("out_hidden_size", text_hidden)?,
        ),
    };
    let intermediate = match family {
        Family::Qwen2Vl => (hidden as f64 * part.number("mlp_ratio")?.unwrap_or(4.0)) as usize,
        _ => part.count_or("intermediate_size", if newer { 4304 } else { 3420 })?,
    };
    let heads = part.count_or("num_heads", 16)?;
    if hidden % heads != 0 {
        return Err(wrong("num_heads", "a divisor of the vision width"));
    }
    let learned_grid = if newer {
        let positions = part.count_or("num_position_embeddings", 2304)?;
        let side = positions.isqrt();
        if side * side != positions {
            return Err(wrong("num_position_embeddings", "a square number"));
        }
        Some(side)
    } else {
        None
    };
    let deepstack = match family {
        Family::Qwen3Vl => part
            .counts("deepstack_visual_indexes")?
            .unwrap_or_else(|| vec![8, 16, 24]),
        _ => Vec::new(),
    };
    Ok(VisionConfig {
        depth,
        hidden,
        heads,
        intermediate,
        // Released Qwen2.5-VL says spatial_patch_size too; it is the same number.
        patch: part.count_or("patch_size", if newer { 16 } else { 14 })?,
        temporal_patch: part.count_or("temporal_patch_size", 2)?,
        merge: part.count_or("spatial_merge_size", 2)?,
        output,
        feed_forward: match family {
            Family::Qwen2Vl => VisionFeedForward::QuickGelu,
            Family::Qwen25Vl | Family::Qwen25Omni => VisionFeedForward::SwiGlu,
            Family::Qwen3Vl | Family::Qwen35 => VisionFeedForward::GeluTanh,
        },
        rms_norm: windowed,
        patch_bias: newer,
        windows: if windowed {
            Some(Windows {
                pixels: part.count_or("window_size", 112)?,
                full_blocks: part
                    .counts("fullatt_block_indexes")?
                    .unwrap_or_else(|| vec![7, 15, 23, 31]),
            })
        } else {
            None
        },
        learned_grid,
        deepstack,
        merger: if newer {
            MergerKind::Named
        } else {
            MergerKind::Mlp
        },
    })
}

fn audio(part: &Section<'_>, text_hidden: usize) -> Outcome<AudioConfig> {
    let depth = match part.count("encoder_layers")? {
        Some(depth) => depth,
        None => part.count_or("num_hidden_layers", 32)?,
    };
    let hidden = part.count_or("d_model", 1280)?;
    let heads = part.count_or("encoder_attention_heads", 20)?;
    if depth > MOST_LAYERS || hidden % heads != 0 {
        return Err(wrong(
            "encoder_attention_heads",
            "a divisor of the audio width",
        ));
    }
    Ok(AudioConfig {
        depth,
        hidden,
        heads,
        intermediate: part.count_or("encoder_ffn_dim", 5120)?,
        mel_bins: part.count_or("num_mel_bins", 128)?,
        window: part.count_or("n_window", 100)?,
        positions: part.count_or("max_source_positions", 1500)?,
        output: part.count_or("output_dim", text_hidden)?,
    })
}

fn tokens(family: Family, top: &Section<'_>) -> Outcome<MediaTokens> {
    let either = |first: &str, second: &str, default: u32| -> Outcome<u32> {
        Ok(match top.token(first)? {
            Some(token) => token,
            None => top.token(second)?.unwrap_or(default),
        })
    };
    let newest = family == Family::Qwen35;
    let pick = |older: u32, newer: u32| if newest { newer } else { older };
    let hears = family == Family::Qwen25Omni;
    Ok(MediaTokens {
        image: either(
            "image_token_id",
            "image_token_index",
            pick(151_655, 248_056),
        )?,
        video: either(
            "video_token_id",
            "video_token_index",
            pick(151_656, 248_057),
        )?,
        vision_start: either("vision_start_token_id", "", pick(151_652, 248_053))?,
        vision_end: either("vision_end_token_id", "", pick(151_653, 248_054))?,
        audio: if hears {
            Some(either("audio_token_id", "audio_token_index", 151_646)?)
        } else {
            None
        },
        audio_start: if hears {
            Some(either("audio_start_token_id", "", 151_647)?)
        } else {
            None
        },
        audio_end: if hears {
            Some(either("audio_end_token_id", "", 151_648)?)
        } else {
            None
        },
    })
}

#[cfg(test)]
#[path = "parse_tests.rs"]
mod tests;
