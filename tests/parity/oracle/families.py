"""The tiny checkpoints: one config per family in the style of the released files, and weights.

Shapes are small but real: grouped attention, M-RoPE sections that sum to half the head, windows
that do not divide the picture, deepstack, a learned position grid that has to be interpolated.
"""

import hashlib
import json
import math

import torch

CLIP = {
    "image_mean": [0.48145466, 0.4578275, 0.40821073],
    "image_std": [0.26862954, 0.26130258, 0.27577711],
}
HALF = {"image_mean": [0.5, 0.5, 0.5], "image_std": [0.5, 0.5, 0.5]}

# Padded beyond the tokenizer, as the released vocabularies are.
VOCABULARY = 336

TEMPLATE_FILE = {
    "qwen2_vl": "tokenizer_config.json",
    "qwen2_5_vl": "chat_template.json",
    "qwen3_vl": "chat_template.json",
    "qwen2_5_omni": "chat_template.json",
    "qwen3_5": "chat_template.jinja",
}

# patch size, then the smallest and largest pictures in pixels (set in preprocessor_config.json),
# then those of a video frame (said in the case).
GEOMETRY = {
    "qwen2_vl": {"patch": 8, "image": (4 * 256, 16 * 256), "video": (4 * 256, 12 * 256)},
    "qwen2_5_vl": {"patch": 14, "image": (20 * 784, 26 * 784), "video": (4 * 784, 8 * 784)},
    "qwen3_vl": {"patch": 16, "image": (4 * 1024, 12 * 1024), "video": (4 * 1024, 8 * 1024)},
    "qwen2_5_omni": {"patch": 4, "image": (16 * 64, 40 * 64), "video": (4 * 64, 30 * 64)},
    "qwen3_5": {"patch": 8, "image": (6 * 256, 24 * 256), "video": (4 * 256, 8 * 256)},
}


def config(family, ids):
    """config.json as a released checkpoint of `family` has it; `ids` maps token → id."""
    chat = {"bos_token_id": ids["<|endoftext|>"], "eos_token_id": ids["<|im_end|>"]}
    if family != "qwen2_5_omni":
        vision = {
            "vision_start_token_id": ids["<|vision_start|>"],
            "vision_end_token_id": ids["<|vision_end|>"],
            "image_token_id": ids["<|image_pad|>"],
            "video_token_id": ids["<|video_pad|>"],
        }
    if family in ("qwen2_vl", "qwen2_5_vl"):
        second = family == "qwen2_vl"
        name = "Qwen2VLForConditionalGeneration" if second else "Qwen2_5_VLForConditionalGeneration"
        text = {
            "attention_dropout": 0.0,
            "hidden_act": "silu",
            "hidden_size": 64,
            "initializer_range": 0.02,
            "intermediate_size": 72,
            "max_position_embeddings": 32768,
            "max_window_layers": 2,
            "num_attention_heads": 4,
            "num_hidden_layers": 2,
            "num_key_value_heads": 2,
            "rms_norm_eps": 1e-06,
            "rope_theta": 1000000.0,
            "sliding_window": 32768,
            "tie_word_embeddings": second,
            "torch_dtype": "float32",
            "transformers_version": "4.41.2",
            "use_cache": True,
            "use_sliding_window": False,
            "rope_scaling": {"type": "mrope", "mrope_section": [2, 3, 3]},
            "vocab_size": VOCABULARY,
        }
        tower = {"depth": 3, "embed_dim": 24, "mlp_ratio": 2, "num_heads": 2, "in_chans": 3, "hidden_size": 64}
        if not second:
            tower = {
                "depth": 4,
                "hidden_act": "silu",
                "hidden_size": 24,
                "intermediate_size": 44,
                "num_heads": 2,
                "in_chans": 3,
                "out_hidden_size": 64,
                "window_size": 112,
                "fullatt_block_indexes": [1, 3],
                "tokens_per_second": 2,
            }
        patch = GEOMETRY[family]["patch"]
        tower.update(patch_size=patch, spatial_merge_size=2, spatial_patch_size=patch, temporal_patch_size=2)
        extra = {"vision_token_id": ids["<|vision_pad|>"]}
        return {"architectures": [name], "model_type": family, **chat, **vision, **extra, **text, "vision_config": tower}

    tower = {
        "depth": 4 if family == "qwen3_vl" else 3,
        "hidden_act": "gelu_pytorch_tanh",
        "hidden_size": 24,
        "in_channels": 3,
        "initializer_range": 0.02,
        "intermediate_size": 48,
        "model_type": family,
        "num_heads": 2,
        "num_position_embeddings": 36 if family == "qwen3_vl" else 16,
        "out_hidden_size": 48,
        "patch_size": GEOMETRY[family]["patch"],
        "spatial_merge_size": 2,
        "temporal_patch_size": 2,
        "deepstack_visual_indexes": [0, 2] if family == "qwen3_vl" else [],
    }
    if family == "qwen3_vl":
        text = {
            "attention_bias": False,
            "attention_dropout": 0.0,
            **chat,
            "dtype": "float32",
            "head_dim": 16,
            "hidden_act": "silu",
            "hidden_size": 48,
            "initializer_range": 0.02,
            "intermediate_size": 72,
            "max_position_embeddings": 262144,
            "model_type": "qwen3_vl_text",
            "num_attention_heads": 4,
            "num_hidden_layers": 3,
            "num_key_value_heads": 2,
            "rms_norm_eps": 1e-06,
            "rope_scaling": {"mrope_interleaved": True, "mrope_section": [4, 2, 2], "rope_type": "default"},
            "rope_theta": 5000000,
            "use_cache": True,
            "vocab_size": VOCABULARY,
        }
        return {
            "architectures": ["Qwen3VLForConditionalGeneration"],
            "image_token_id": vision["image_token_id"],
            "model_type": family,
            "text_config": text,
            "tie_word_embeddings": False,
            "transformers_version": "4.57.0.dev0",
            **vision,
            "vision_config": tower,
        }
    if family == "qwen3_5":
        text = {
            "attention_bias": False,
            "attention_dropout": 0.0,
            "attn_output_gate": True,
            "dtype": "float32",
            "eos_token_id": ids["<|endoftext|>"],
            "full_attention_interval": 4,
            "head_dim": 32,
            "hidden_act": "silu",
            "hidden_size": 48,
            "initializer_range": 0.02,
            "intermediate_size": 72,
            "layer_types": ["linear_attention"] * 3 + ["full_attention"],
            "linear_conv_kernel_dim": 4,
            "linear_key_head_dim": 16,
            "linear_num_key_heads": 2,
            "linear_num_value_heads": 4,
            "linear_value_head_dim": 16,
            "mamba_ssm_dtype": "float32",
            "max_position_embeddings": 262144,
            "mlp_only_layers": [],
            "model_type": "qwen3_5_text",
            "mtp_num_hidden_layers": 1,
            "mtp_use_dedicated_embeddings": False,
            "num_attention_heads": 4,
            "num_hidden_layers": 4,
            "num_key_value_heads": 2,
            "rms_norm_eps": 1e-06,
            "rope_parameters": {
                "mrope_interleaved": True,
                "mrope_section": [2, 1, 1],
                "partial_rotary_factor": 0.25,
                "rope_theta": 10000000,
                "rope_type": "default",
            },
            "use_cache": True,
            "vocab_size": VOCABULARY,
        }
        return {
            "architectures": ["Qwen3_5ForConditionalGeneration"],
            "model_type": family,
            "text_config": text,
            "tie_word_embeddings": False,
            "transformers_version": "4.57.0.dev0",
            **vision,
            "vision_config": tower,
        }

    # Qwen2.5-Omni: the thinker alone. `whole_omni` wraps it as the whole model is published.
    return {
        "architectures": ["Qwen2_5OmniThinkerForConditionalGeneration"],
        "audio_config": {
            "activation_dropout": 0.0,
            "activation_function": "gelu",
            "attention_dropout": 0.0,
            "d_model": 32,
            "dropout": 0.0,
            "encoder_attention_heads": 2,
            "encoder_ffn_dim": 48,
            "encoder_layers": 2,
            "init_std": 0.02,
            "max_source_positions": 150,
            "model_type": "qwen2_5_omni_audio_encoder",
            "n_window": 100,
            "num_hidden_layers": 2,
            "num_mel_bins": 128,
            "output_dim": 64,
            "scale_embedding": False,
        },
        "audio_end_token_id": ids["<|audio_eos|>"],
        "audio_start_token_id": ids["<|audio_bos|>"],
        "audio_token_index": ids["<|AUDIO|>"],
        "bos_token_id": ids["<|im_start|>"],
        "eos_token_id": ids["<|im_end|>"],
        "ignore_index": -100,
        "image_token_index": ids["<|IMAGE|>"],
        "init_std": 0.02,
        "model_type": "qwen2_5_omni_thinker",
        "pad_token_id": ids["<|endoftext|>"],
        "position_id_per_seconds": 25,
        "seconds_per_chunk": 2,
        "text_config": {
            "hidden_act": "silu",
            "hidden_size": 64,
            "init_std": 0.02,
            "intermediate_size": 72,
            "max_position_embeddings": 32768,
            "max_window_layers": 2,
            "model_type": "qwen2_5_omni_text",
            "num_attention_heads": 4,
            "num_hidden_layers": 2,
            "num_key_value_heads": 2,
            "rms_norm_eps": 1e-06,
            "rope_scaling": {"mrope_section": [2, 3, 3], "rope_type": "default", "type": "default"},
            "rope_theta": 1000000.0,
            "sliding_window": 32768,
            "use_cache": True,
            "use_sliding_window": False,
            "vocab_size": VOCABULARY,
        },
        "torch_dtype": "float32",
        "user_token_id": 872,
        "video_token_index": ids["<|VIDEO|>"],
        "vision_config": {
            "depth": 4,
            "embed_dim": 24,
            "fullatt_block_indexes": [1, 3],
            "hidden_act": "silu",
            "hidden_size": 24,
            "in_channels": 3,
            "in_chans": 3,
            "init_std": 0.02,
            "intermediate_size": 44,
            "model_type": "qwen2_5_omni_vision_encoder",
            "num_heads": 2,
            "out_hidden_size": 64,
            "patch_size": 4,
            "spatial_merge_size": 2,
            "spatial_patch_size": 4,
            "temporal_patch_size": 2,
            "tokens_per_second": 25,
            "window_size": 32,
        },
        "vision_end_token_id": ids["<|vision_eos|>"],
        "vision_start_token_id": ids["<|vision_bos|>"],
        "vision_token_id": ids["<|vision_pad|>"],
    }


def whole_omni(thinker):
    """The config of the whole Omni model around a thinker's config."""
    return {
        "architectures": ["Qwen2_5OmniModel"],
        "enable_audio_output": True,
        "enable_talker": True,
        "model_type": "qwen2_5_omni",
        "talker_config": {"model_type": "qwen2_5_omni_talker", "hidden_size": 8, "num_hidden_layers": 1},
        "thinker_config": dict(thinker, architectures=["Qwen2OmniNaViTThinkerForConditionalGeneration"]),
        "token2wav_config": {"model_type": "qwen2_5_omni_token2wav"},
        "torch_dtype": "bfloat16",
    }


def write_processors(family, folder, ids):
    """preprocessor_config.json and, where the released checkpoints have them, its neighbours."""

    def write(name, data):
        (folder / name).write_text(json.dumps(data, indent=2) + "\n")

    geometry = GEOMETRY[family]
    smallest, largest = geometry["image"]
    common = {"merge_size": 2, "patch_size": geometry["patch"], "temporal_patch_size": 2}
    if family in ("qwen3_vl", "qwen3_5"):
        common.update(HALF, processor_class="Qwen3VLProcessor")
        size = {"longest_edge": largest, "shortest_edge": smallest}
        write("preprocessor_config.json", {"size": size, **common, "image_processor_type": "Qwen2VLImageProcessorFast"})
        size = {"longest_edge": 64 * geometry["video"][1], "shortest_edge": geometry["video"][0]}
        write("video_preprocessor_config.json", {"size": size, **common, "video_processor_type": "Qwen3VLVideoProcessor"})
    else:
        common.update(CLIP, min_pixels=smallest, max_pixels=largest, image_processor_type="Qwen2VLImageProcessor")
        if family == "qwen2_5_omni":
            common.update(
                chunk_length=30,
                dither=0.0,
                feature_extractor_type="WhisperFeatureExtractor",
                feature_size=128,
                hop_length=160,
                n_fft=400,
                n_samples=480000,
                nb_max_frames=3000,
                padding_side="right",
                padding_value=0.0,
                return_attention_mask=True,
                sampling_rate=16000,
                processor_class="Qwen2_5OmniProcessor",
            )
        else:
            common["processor_class"] = "Qwen2VLProcessor" if family == "qwen2_vl" else "Qwen2_5_VLProcessor"
        write("preprocessor_config.json", common)
    sampling = {"do_sample": True, "repetition_penalty": 1.05, "temperature": 0.7, "top_k": 20, "top_p": 0.8}
    ends = [ids["<|im_end|>"], ids["<|endoftext|>"]]
    write(
        "generation_config.json",
        {"bos_token_id": ids["<|endoftext|>"], "pad_token_id": ids["<|endoftext|>"], "eos_token_id": ends, **sampling},
    )


def _generator(*words):
    seed = int.from_bytes(hashlib.sha256("/".join(map(str, words)).encode()).digest()[:6], "big")
    return torch.Generator().manual_seed(seed)


def randomise(model, family, seed, first_special):
    """Gives every parameter random values, each from its own name, so that order does not matter.

    Matrices keep the size of what passes through them; norms lie around one (around zero where the
    family adds the one itself); every bias is different from zero. Rows of the head for special
    and unused ids are damped so that greedy decoding speaks words.
    """
    tied = model.config.get_text_config().tie_word_embeddings
    done = set()
    with torch.no_grad():
        for name, parameter in sorted(model.named_parameters()):
            if parameter.data_ptr() in done:
                continue
            done.add(parameter.data_ptr())
            draw = _generator(family, seed, name)
            shape = parameter.shape
            normal = torch.randn(shape, generator=draw)
            uniform = torch.rand(shape, generator=draw)
            last = name.split(".")[-1]
            vision = "visual" in name or "audio_tower" in name
            if name.endswith("A_log"):
                value = (uniform * 0.6 + 0.02).log()
            elif name.endswith("dt_bias"):
                value = normal * 0.7 - 1.0
            elif "conv1d" in name:
                value = normal * 0.5
            elif "embed_tokens" in name:
                value = normal / math.sqrt(shape[1]) if tied else normal
                if tied:
                    value[first_special:] *= 0.3
            elif "lm_head" in name:
                value = normal / math.sqrt(shape[1]) * torch.exp(0.35 * torch.randn((shape[0], 1), generator=draw))
                value[first_special:] *= 0.3
            elif "pos_embed" in name:
                value = normal * 0.5
            elif last == "bias":
                value = normal * 0.15
            elif parameter.dim() == 1:
                zero_centred = family == "qwen3_5" and not vision and "linear_attn.norm" not in name
                value = uniform * 0.8 + (-0.4 if zero_centred else 0.6)
                if "q_norm" in name or "k_norm" in name:
                    value = value + 0.8
            else:
                # Sharp attention, so that what is said depends on what was seen.
                gain = 1.0 if vision else 2.0 if "q_proj" in name or "k_proj" in name or "o_proj" in name else 1.3
                value = normal * gain / math.sqrt(math.prod(shape[1:]))
            parameter.copy_(value)
