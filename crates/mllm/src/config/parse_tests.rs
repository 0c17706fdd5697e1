#![allow(clippy::unwrap_used, clippy::expect_used)]

use decoupage_dialogue::FailureCode;
use proptest::prelude::*;

use super::*;

/// The keys of the released Qwen2.5-VL-3B-Instruct, text keys at the top.
const FLAT: &str = r#"{
    "model_type": "qwen2_5_vl", "hidden_size": 2048, "intermediate_size": 11008,
    "num_attention_heads": 16, "num_hidden_layers": 36, "num_key_value_heads": 2,
    "rms_norm_eps": 1e-06, "rope_theta": 1000000.0, "vocab_size": 151936,
    "tie_word_embeddings": true, "max_position_embeddings": 128000,
    "image_token_id": 151655, "video_token_id": 151656,
    "rope_scaling": {"type": "mrope", "mrope_section": [16, 24, 24]},
    "vision_config": {"depth": 32, "hidden_act": "silu", "hidden_size": 1280,
        "intermediate_size": 3420, "num_heads": 16, "in_chans": 3, "out_hidden_size": 2048,
        "patch_size": 14, "spatial_merge_size": 2, "spatial_patch_size": 14,
        "window_size": 112, "fullatt_block_indexes": [7, 15, 23, 31],
        "tokens_per_second": 2, "temporal_patch_size": 2}
}"#;

#[test]
fn reads_a_released_flat_configuration() {
    let config = ModelConfig::parse(FLAT).unwrap();
    assert_eq!(config.family, Family::Qwen25Vl);
    assert_eq!(config.text.head_dim, 128);
    assert_eq!(config.text.layers.len(), 36);
    assert!(config.text.qkv_bias && config.text.tied && !config.text.qk_norm);
    assert_eq!(config.text.rope.sections, [16, 24, 24]);
    assert_eq!(config.positions_per_second, 2.0);
    assert_eq!(config.vision.output, 2048);
    assert_eq!(config.vision.windows.unwrap().full_blocks, [7, 15, 23, 31]);
}

#[test]
fn reads_a_nested_configuration() {
    let config = ModelConfig::parse(
        r#"{"model_type": "qwen3_5", "tie_word_embeddings": true,
        "text_config": {"model_type": "qwen3_5_text", "hidden_size": 1024, "head_dim": 256,
            "num_hidden_layers": 8, "num_attention_heads": 8, "num_key_value_heads": 2,
            "rope_parameters": {"rope_type": "default", "mrope_section": [11, 11, 10],
                "mrope_interleaved": true, "partial_rotary_factor": 0.25,
                "rope_theta": 10000000}},
        "vision_config": {"out_hidden_size": 1024}}"#,
    )
    .unwrap();
    assert_eq!(config.text.rope.rotary_dim, 64);
    assert_eq!(config.text.rope.theta, 1e7);
    assert!(config.text.gated_attention && config.text.norm_plus_one);
    use LayerKind::{Attention, Delta};
    assert_eq!(config.text.layers[..4], [Delta, Delta, Delta, Attention]);
    assert_eq!(config.vision.learned_grid, Some(48));
    assert!(config.vision.deepstack.is_empty());
    assert_eq!(config.tokens.image, 248_056);
}

#[test]
fn reads_a_thinker_beside_a_talker_or_alone() {
    let thinker = r#"{"model_type": "qwen2_5_omni_thinker", "audio_token_index": 7,
        "text_config": {"hidden_size": 2048, "num_attention_heads": 16,
            "num_key_value_heads": 2, "tie_word_embeddings": false,
            "rope_scaling": {"rope_type": "default", "type": "default",
                "mrope_section": [16, 24, 24]}},
        "vision_config": {"out_hidden_size": 2048}, "audio_config": {"output_dim": 2048}}"#;
    let alone = ModelConfig::parse(thinker).unwrap();
    let beside = ModelConfig::parse(&format!(
        r#"{{"model_type": "qwen2_5_omni", "talker_config": {{}}, "thinker_config": {thinker}}}"#
    ))
    .unwrap();
    assert_eq!(alone, beside);
    assert_eq!(alone.tokens.audio, Some(7));
    assert_eq!(alone.positions_per_second, 25.0);
    assert_eq!(alone.audio.unwrap().hidden, 1280);
}

#[test]
fn a_foreign_family_is_told_which_are_known() {
    let failure = ModelConfig::parse(r#"{"model_type": "llava"}"#).unwrap_err();
    assert_eq!(failure.code, FailureCode::Unsupported);
    for name in [
        "llava",
        "Qwen2-VL",
        "Qwen2.5-VL",
        "Qwen3-VL",
        "Qwen2.5-Omni",
        "Qwen3.5",
    ] {
        assert!(failure.message.contains(name), "{}", failure.message);
    }
}

#[test]
fn values_that_do_not_fit_are_damage() {
    for (from, to) in [
        ("[16, 24, 24]", "[16, 24, 23]"),
        ("\"num_key_value_heads\": 2", "\"num_key_value_heads\": 3"),
        ("\"num_hidden_layers\": 36", "\"num_hidden_layers\": 360000"),
        ("\"hidden_size\": 2048", "\"hidden_size\": 4096"),
        ("\"hidden_size\": 2048", "\"hidden_size\": -1"),
        ("\"vocab_size\": 151936", "\"vocab_size\": \"many\""),
    ] {
        let text = FLAT.replacen(from, to, 1);
        assert_ne!(text, FLAT);
        let failure = ModelConfig::parse(&text).unwrap_err();
        assert_eq!(failure.code, FailureCode::Damaged, "{from} -> {to}");
    }
    let yarn = FLAT.replace("\"mrope\"", "\"yarn\"");
    let failure = ModelConfig::parse(&yarn).unwrap_err();
    assert_eq!(failure.code, FailureCode::Unsupported);
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused(text in ".{0,200}") {
        let _ = ModelConfig::parse(&text);
    }

    #[test]
    fn any_replaced_value_is_read_or_refused(
        key in prop::sample::select(vec![
            "hidden_size", "num_attention_heads", "num_key_value_heads", "num_hidden_layers",
            "rms_norm_eps", "rope_theta", "vocab_size", "rope_scaling", "vision_config",
        ]),
        value in prop::sample::select(vec![
            "0", "-3", "1e300", "null", "\"x\"", "[]", "{}", "[1,2,3]", "18446744073709551615",
        ]),
    ) {
        let mut config: Value = serde_json::from_str(FLAT).unwrap();
        config[key] = serde_json::from_str(value).unwrap();
        if let Ok(config) = ModelConfig::parse(&config.to_string()) {
            prop_assert!(config.text.heads % config.text.kv_heads == 0);
            prop_assert!(config.text.layers.len() <= MOST_LAYERS);
        }
    }
}
