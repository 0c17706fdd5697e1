use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::entry::catalogue;

#[test]
fn parameters_are_those_of_the_catalogue() {
    for entry in catalogue().expect("a catalogue") {
        let counted = entry.shape.parameters().total();
        // Omni checkpoints also hold a talker and a vocoder, Qwen3.5 a head that guesses ahead.
        let unused = match entry.family {
            Family::Qwen25Omni => 0.40,
            Family::Qwen35 => 0.08,
            _ => 0.01,
        };
        let stated = entry.parameters as f64;
        let missing = (stated - counted as f64) / stated;
        assert!(
            (-0.01..unused).contains(&missing),
            "{}: {counted} counted, {stated} stated",
            entry.id
        );
    }
}

#[test]
fn the_flat_style_of_qwen2_vl_is_read() {
    let config = json!({
        "model_type": "qwen2_vl", "hidden_size": 1536, "intermediate_size": 8960,
        "num_hidden_layers": 28, "num_attention_heads": 12, "num_key_value_heads": 2,
        "vocab_size": 151936, "tie_word_embeddings": true, "max_position_embeddings": 32768,
        "vision_config": {
            "depth": 32, "embed_dim": 1280, "hidden_size": 1536, "mlp_ratio": 4, "num_heads": 16,
            "patch_size": 14, "spatial_merge_size": 2, "temporal_patch_size": 2
        }
    });
    let shape = ModelShape::from_config(Family::Qwen2Vl, &config).expect("a shape");
    assert_eq!(shape.head_dim, 128);
    let vision = shape.vision.as_ref().expect("a vision tower");
    assert_eq!((vision.hidden, vision.intermediate), (1280, 5120));
    let parameters = shape.parameters().total();
    assert!(
        parameters.abs_diff(2_208_985_600) < 5_000_000,
        "{parameters}"
    );
    assert_eq!(context_of(&config), Some(32768));
}

#[test]
fn the_nested_styles_are_read() {
    let text = json!({
        "hidden_size": 2048, "intermediate_size": 6144, "num_hidden_layers": 28,
        "num_attention_heads": 16, "num_key_value_heads": 8, "head_dim": 128,
        "vocab_size": 151936, "tie_word_embeddings": true
    });
    let vision = json!({
        "depth": 24, "hidden_size": 1024, "intermediate_size": 4096, "num_heads": 16,
        "patch_size": 16, "spatial_merge_size": 2, "deepstack_visual_indexes": [5, 11, 17]
    });
    let config = json!({ "text_config": text, "vision_config": vision });
    let shape = ModelShape::from_config(Family::Qwen3Vl, &config).expect("a shape");
    assert!(shape.tied);
    assert_eq!(shape.vision.as_ref().map(|vision| vision.taps), Some(3));

    let audio = json!({ "encoder_layers": 32, "d_model": 1280, "encoder_ffn_dim": 5120 });
    let omni = json!({ "thinker_config": {
        "text_config": text, "vision_config": vision, "audio_config": audio
    }});
    let shape = ModelShape::from_config(Family::Qwen25Omni, &omni).expect("a shape");
    assert_eq!(shape.audio.as_ref().map(|audio| audio.hidden), Some(1280));
    assert!(shape.vision.is_some_and(|vision| vision.gated));
}

#[test]
fn linear_layers_keep_no_keys() {
    let mut text = json!({
        "hidden_size": 1024, "intermediate_size": 3584, "num_hidden_layers": 24,
        "num_attention_heads": 8, "num_key_value_heads": 2, "head_dim": 256,
        "vocab_size": 248320, "full_attention_interval": 4,
        "linear_num_key_heads": 16, "linear_num_value_heads": 16,
        "linear_key_head_dim": 128, "linear_value_head_dim": 128
    });
    let read = |text: &serde_json::Value| {
        ModelShape::from_config(Family::Qwen35, &json!({ "text_config": text }))
    };
    assert_eq!(read(&text).expect("a shape").cached_layers(), 6);
    text["layer_types"] = json!(["linear_attention", "full_attention"]);
    assert_eq!(read(&text).expect("a shape").cached_layers(), 23);
    text["layer_types"] = json!(vec!["linear_attention"; 30]);
    assert_eq!(read(&text), Err("text_config.layer_types".to_owned()));
}

#[test]
fn a_missing_or_impossible_field_is_named() {
    let mut config = json!({
        "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2,
        "num_attention_heads": 4, "vocab_size": 100
    });
    assert!(ModelShape::from_config(Family::Qwen2Vl, &config).is_ok());
    config["num_attention_heads"] = json!(0);
    assert_eq!(
        ModelShape::from_config(Family::Qwen2Vl, &config),
        Err("num_attention_heads".to_owned())
    );
    config["num_attention_heads"] = json!(4);
    config["vocab_size"] = json!(u64::MAX);
    assert_eq!(
        ModelShape::from_config(Family::Qwen2Vl, &config),
        Err("vocab_size".to_owned())
    );
    for config in [json!(null), json!([]), json!({"text_config": 3})] {
        assert!(ModelShape::from_config(Family::Qwen3Vl, &config).is_err());
    }
}

proptest! {
    #[test]
    fn whatever_a_config_says_is_survived(
        family in proptest::sample::select(Family::ALL.to_vec()),
        numbers in proptest::collection::vec(prop_oneof![0_u64..10_000, any::<u64>()], 24),
    ) {
        let at = |index: usize| json!(numbers[index]);
        let config = json!({ "text_config": {
            "hidden_size": at(0), "intermediate_size": at(1), "num_hidden_layers": at(2),
            "num_attention_heads": at(3), "num_key_value_heads": at(4), "head_dim": at(5),
            "vocab_size": at(6), "full_attention_interval": at(7), "linear_num_key_heads": at(8),
            "linear_num_value_heads": at(9), "linear_key_head_dim": at(10),
            "linear_value_head_dim": at(11)
        }, "vision_config": {
            "depth": at(12), "hidden_size": at(13), "intermediate_size": at(14),
            "num_heads": at(15), "patch_size": at(16), "spatial_merge_size": at(17)
        }, "audio_config": {
            "encoder_layers": at(18), "d_model": at(19), "encoder_ffn_dim": at(20)
        }});
        if let Ok(shape) = ModelShape::from_config(family, &config) {
            let workload = crate::Workload {
                context_tokens: numbers[21] as u32,
                vision_tokens: numbers[22] as u32,
            };
            let memory = crate::estimate(&shape, crate::Precision::F32, crate::DeviceKind::Cpu, workload);
            prop_assert!(memory.total >= memory.weights);
        }
    }
}
