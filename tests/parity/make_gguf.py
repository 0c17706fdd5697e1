#!/usr/bin/env python3
"""Writes a checkpoint folder (Qwen2-VL, Qwen2.5-VL, Qwen3-VL) as a GGUF and an mmproj, in f32.

    PYTHONPATH=REF python3 tests/parity/make_gguf.py FOLDER OUT       # OUT/text.gguf, OUT/mmproj.gguf
    PYTHONPATH=REF python3 tests/parity/make_gguf.py                  # the committed pairs

Needs gguf 0.19, safetensors, torch and numpy. Names, metadata and layouts are those that llama.cpp's own
converter writes for these families (checked against it, tensor by tensor, with the tree inside
llama-cpp-python 0.3.36): the text's q and k rows are not permuted; the patch convolution is split
in time into `.weight` and `.weight.1`; Qwen2-VL and Qwen2.5-VL split the tower's qkv into three,
Qwen3-VL keeps them together; deepstack mergers carry the number of the vision layer they follow.
"""

import json
import sys
from pathlib import Path

import gguf
import numpy as np
from safetensors.torch import load_file

HERE = Path(__file__).parent / "fixtures"
ARCHITECTURE = {"qwen2_vl": "qwen2vl", "qwen2_5_vl": "qwen2vl", "qwen3_vl": "qwen3vl"}
PROJECTOR = {"qwen2_vl": "qwen2vl_merger", "qwen2_5_vl": "qwen2.5vl_merger", "qwen3_vl": "qwen3vl_merger"}

TEXT_LAYER = {
    "input_layernorm": "attn_norm",
    "post_attention_layernorm": "ffn_norm",
    "self_attn.q_proj": "attn_q",
    "self_attn.k_proj": "attn_k",
    "self_attn.v_proj": "attn_v",
    "self_attn.o_proj": "attn_output",
    "self_attn.q_norm": "attn_q_norm",
    "self_attn.k_norm": "attn_k_norm",
    "mlp.gate_proj": "ffn_gate",
    "mlp.up_proj": "ffn_up",
    "mlp.down_proj": "ffn_down",
}
TEXT = {"embed_tokens": "token_embd", "norm": "output_norm", "lm_head": "output"}
VISION_LAYER = {
    "norm1": "ln1",
    "norm2": "ln2",
    "attn.q": "attn_q",
    "attn.k": "attn_k",
    "attn.v": "attn_v",
    "attn.qkv": "attn_qkv",
    "attn.proj": "attn_out",
    "mlp.gate_proj": "ffn_gate",
    "mlp.up_proj": "ffn_up",
    "mlp.down_proj": "ffn_down",
    "mlp.fc1": "ffn_up",
    "mlp.fc2": "ffn_down",
    "mlp.linear_fc1": "ffn_up",
    "mlp.linear_fc2": "ffn_down",
}
VISION = {
    "merger.ln_q": "v.post_ln",
    "merger.norm": "v.post_ln",
    "merger.mlp.0": "mm.0",
    "merger.mlp.2": "mm.2",
    "merger.linear_fc1": "mm.0",
    "merger.linear_fc2": "mm.2",
    "patch_embed.proj": "v.patch_embd",
    "pos_embed": "v.position_embd",
}
DEEPSTACK = {"norm": "norm", "linear_fc1": "fc1", "linear_fc2": "fc2"}


def load(folder):
    """All tensors of a folder, sharded or not."""
    found = {}
    for file in sorted(folder.glob("*.safetensors")):
        found.update({name: value.float().numpy() for name, value in load_file(file).items()})
    return found


def split_name(name):
    stem, _, end = name.rpartition(".")
    return stem, end


def text_tensors(weights):
    """(GGUF name, array) for every tensor of the language model."""
    for name, value in sorted(weights.items()):
        if "visual." in name:
            continue
        short = name.removeprefix("model.").removeprefix("language_model.")
        stem, end = split_name(short)
        if stem.startswith("layers."):
            _, number, part = stem.split(".", 2)
            yield f"blk.{number}.{TEXT_LAYER[part]}.{end}", value
        else:
            yield f"{TEXT[stem]}.{end}", value


def vision_tensors(weights, vision, whole_qkv):
    """(GGUF name, array) for every tensor of the vision tower and its merger."""
    for name, value in sorted(weights.items()):
        if "visual." not in name:
            continue
        stem, end = split_name(name.split("visual.", 1)[1])
        if stem == "patch_embed.proj" and end == "weight":
            if value.shape[2] != 2:
                raise SystemExit("only pairs of frames can be written")
            yield "v.patch_embd.weight", value[:, :, 0]
            yield "v.patch_embd.weight.1", value[:, :, 1]
        elif stem.startswith("blocks."):
            _, number, part = stem.split(".", 2)
            if part == "attn.qkv" and not whole_qkv:
                for letter, third in zip("qkv", np.split(value, 3)):
                    yield f"v.blk.{number}.attn_{letter}.{end}", third
            else:
                yield f"v.blk.{number}.{VISION_LAYER[part]}.{end}", value
        elif stem.startswith("deepstack_merger_list."):
            _, number, part = stem.split(".", 2)
            layer = vision["deepstack_visual_indexes"][int(number)]
            yield f"v.deepstack.{layer}.{DEEPSTACK[part]}.{end}", value
        else:
            yield f"{VISION[stem]}.{end}", value


def add_tensors(writer, tensors):
    for name, value in tensors:
        writer.add_tensor(name, np.ascontiguousarray(value))


def finish(writer):
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def add_tokenizer(writer, folder, text, bos):
    """The vocabulary, padded to the embedding's rows as the converter does."""
    data = json.loads((folder / "tokenizer.json").read_text())
    settings = json.loads((folder / "tokenizer_config.json").read_text())
    tokens = [f"[PAD{i}]" for i in range(text["vocab_size"])]
    kinds = [gguf.TokenType.UNUSED] * len(tokens)
    for token, index in data["model"]["vocab"].items():
        tokens[index], kinds[index] = token, gguf.TokenType.NORMAL
    for token in data["added_tokens"]:
        tokens[token["id"]] = token["content"]
        kinds[token["id"]] = gguf.TokenType.CONTROL if token["special"] else gguf.TokenType.USER_DEFINED
    merges = [m if isinstance(m, str) else " ".join(m) for m in data["model"]["merges"]]
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("qwen2")
    writer.add_token_list(tokens)
    writer.add_token_types(kinds)
    writer.add_token_merges(merges)
    writer.add_eos_token_id(tokens.index(settings["eos_token"]))
    writer.add_pad_token_id(tokens.index(settings["pad_token"]))
    writer.add_bos_token_id(bos)
    writer.add_add_bos_token(False)
    writer.add_add_eos_token(False)
    template = settings.get("chat_template")
    for file in ("chat_template.json", "chat_template.jinja"):
        if template is None and (folder / file).exists():
            words = (folder / file).read_text()
            template = json.loads(words)["chat_template"] if file.endswith("json") else words
    if template is not None:
        writer.add_chat_template(template)


def write_text(folder, config, weights, out):
    family = config["model_type"]
    arch = ARCHITECTURE[family]
    text = config.get("text_config", config)
    writer = gguf.GGUFWriter(out, arch)
    writer.add_type("model")
    writer.add_name(folder.name)
    writer.add_block_count(text["num_hidden_layers"])
    writer.add_context_length(text["max_position_embeddings"])
    writer.add_embedding_length(text["hidden_size"])
    writer.add_feed_forward_length(text["intermediate_size"])
    writer.add_head_count(text["num_attention_heads"])
    writer.add_head_count_kv(text["num_key_value_heads"])
    writer.add_rope_dimension_sections(text["rope_scaling"]["mrope_section"] + [0])
    writer.add_rope_freq_base(float(text["rope_theta"]))
    writer.add_layer_norm_rms_eps(text["rms_norm_eps"])
    if "head_dim" in text:
        writer.add_key_length(text["head_dim"])
        writer.add_value_length(text["head_dim"])
    if family == "qwen3_vl":
        writer.add_uint32(f"{arch}.n_deepstack_layers", len(config["vision_config"]["deepstack_visual_indexes"]))
    writer.add_file_type(gguf.LlamaFileType.ALL_F32)
    writer.add_quantization_version(gguf.GGML_QUANT_VERSION)
    add_tokenizer(writer, folder, text, text["bos_token_id"])
    add_tensors(writer, text_tensors(weights))
    finish(writer)


def write_vision(folder, config, weights, out):
    family, vision = config["model_type"], config["vision_config"]
    text = config.get("text_config", config)
    pixels = json.loads((folder / "preprocessor_config.json").read_text())
    width = vision.get("embed_dim", vision["hidden_size"])
    # Qwen2-VL's config has no inner width, and the converter writes the text's.
    inner = vision["hidden_size"] if "embed_dim" in vision else vision["intermediate_size"]
    side = 560
    if "num_position_embeddings" in vision:
        side = int(vision["num_position_embeddings"] ** 0.5) * vision["patch_size"]
    writer = gguf.GGUFWriter(out, "clip")
    writer.add_type("mmproj")
    writer.add_name(folder.name)
    writer.add_file_type(gguf.LlamaFileType.ALL_F32)
    writer.add_bool("clip.has_vision_encoder", True)
    for key, value in {
        "projection_dim": text["hidden_size"],
        "image_size": side,
        "patch_size": vision["patch_size"],
        "embedding_length": width,
        "feed_forward_length": inner,
        "block_count": vision["depth"],
        "attention.head_count": vision["num_heads"],
    }.items():
        writer.add_uint32(f"clip.vision.{key}", value)
    writer.add_array("clip.vision.image_mean", pixels["image_mean"])
    writer.add_array("clip.vision.image_std", pixels["image_std"])
    writer.add_string("clip.projector_type", PROJECTOR[family])
    if family == "qwen2_5_vl":
        writer.add_bool("clip.use_silu", True)
        writer.add_uint32("clip.vision.n_wa_pattern", vision["fullatt_block_indexes"][0] + 1)
    if family == "qwen3_vl":
        writer.add_bool("clip.use_gelu", True)
        writer.add_uint32("clip.vision.spatial_merge_size", vision["spatial_merge_size"])
        deep = vision["deepstack_visual_indexes"]
        writer.add_array("clip.vision.is_deepstack_layers", [i in deep for i in range(vision["depth"])])
    writer.add_float32("clip.vision.attention.layer_norm_epsilon", text["rms_norm_eps"])
    writer.add_quantization_version(gguf.GGML_QUANT_VERSION)
    add_tensors(writer, vision_tensors(weights, vision, whole_qkv=family == "qwen3_vl"))
    finish(writer)


def convert(folder, out):
    """Writes the pair for the checkpoint in `folder`."""
    config = json.loads((folder / "config.json").read_text())
    if config["model_type"] not in ARCHITECTURE:
        raise SystemExit(f"{folder}: {config['model_type']} is not one of {', '.join(ARCHITECTURE)}")
    weights = load(folder)
    out.mkdir(parents=True, exist_ok=True)
    write_text(folder, config, weights, out / "text.gguf")
    write_vision(folder, config, weights, out / "mmproj.gguf")


def main():
    if len(sys.argv) == 3:
        convert(Path(sys.argv[1]), Path(sys.argv[2]))
        return
    for family in ("qwen2_5_vl", "qwen3_vl"):
        convert(HERE / family, HERE / "gguf" / family)


if __name__ == "__main__":
    main()
