#!/usr/bin/env python3
"""Writes a random checkpoint of about 0.56B parameters for benchmarks, shaped like Qwen2.5-VL.

    PYTHONPATH=REF python3 tests/parity/make_bench_checkpoint.py FOLDER [--dtype bf16|f32]

Text: 24 layers of 896, 14 heads, 2 of them for keys and values, 4864 inside, 151936 words, tied.
Vision: 12 layers of 640, 8 heads of 80, windows of 112 pixels, every third layer whole. The
tokenizer is synthetic and of the full size, with the released ids of the special tokens. About
1.1 GB in bf16; never into the repository. `make_gguf.py FOLDER OUT` writes it for llama.cpp, whose
`llama-quantize` makes the smaller precisions.
"""

import argparse
import hashlib
import json
import math
import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
sys.dont_write_bytecode = True
os.environ.setdefault("HF_HUB_OFFLINE", "1")

import torch  # noqa: E402
import transformers  # noqa: E402
from safetensors.torch import save_file  # noqa: E402
from tokenizers import AddedToken, Regex, Tokenizer, decoders, normalizers, pre_tokenizers, processors  # noqa: E402
from tokenizers.models import BPE  # noqa: E402

from oracle import families, templates, tokens  # noqa: E402

WORDS = 151643
SPECIAL = [
    "<|endoftext|>",
    "<|im_start|>",
    "<|im_end|>",
    "<|object_ref_start|>",
    "<|object_ref_end|>",
    "<|box_start|>",
    "<|box_end|>",
    "<|quad_start|>",
    "<|quad_end|>",
    "<|vision_start|>",
    "<|vision_end|>",
    "<|vision_pad|>",
    "<|image_pad|>",
    "<|video_pad|>",
]
SHARD_BYTES = 600_000_000


def config(dtype):
    return {
        "architectures": ["Qwen2_5_VLForConditionalGeneration"],
        "attention_dropout": 0.0,
        "bos_token_id": 151643,
        "eos_token_id": 151645,
        "vision_start_token_id": 151652,
        "vision_end_token_id": 151653,
        "vision_token_id": 151654,
        "image_token_id": 151655,
        "video_token_id": 151656,
        "hidden_act": "silu",
        "hidden_size": 896,
        "initializer_range": 0.02,
        "intermediate_size": 4864,
        "max_position_embeddings": 32768,
        "max_window_layers": 24,
        "model_type": "qwen2_5_vl",
        "num_attention_heads": 14,
        "num_hidden_layers": 24,
        "num_key_value_heads": 2,
        "rms_norm_eps": 1e-06,
        "rope_theta": 1000000.0,
        "sliding_window": 32768,
        "tie_word_embeddings": True,
        "torch_dtype": {"bf16": "bfloat16", "f32": "float32"}[dtype],
        "use_cache": True,
        "use_sliding_window": False,
        "rope_scaling": {"type": "mrope", "mrope_section": [8, 12, 12]},
        "vocab_size": 151936,
        "vision_config": {
            "depth": 12,
            "hidden_act": "silu",
            "hidden_size": 640,
            "intermediate_size": 1712,
            "num_heads": 8,
            "in_chans": 3,
            "out_hidden_size": 896,
            "patch_size": 14,
            "spatial_merge_size": 2,
            "spatial_patch_size": 14,
            "window_size": 112,
            "fullatt_block_indexes": [2, 5, 8, 11],
            "tokens_per_second": 2,
            "temporal_patch_size": 2,
        },
    }


def write_tokenizer(folder):
    """Bytes, all pairs of bytes, then pairs with a third: a valid BPE of exactly `WORDS` entries."""
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    letters = [c for c in alphabet if c.isascii() and c.isalpha()] + ["Ġ"]
    vocabulary = {c: i for i, c in enumerate(alphabet)}
    merges = []
    pairs = [(a, b) for a in alphabet for b in alphabet]
    triples = [(a + b, c) for a in letters for b in letters for c in letters]
    for left, right in pairs + triples:
        if len(vocabulary) == WORDS:
            break
        if left + right not in vocabulary:
            vocabulary[left + right] = len(vocabulary)
            merges.append((left, right))
    tokenizer = Tokenizer(BPE(vocab=vocabulary, merges=merges, fuse_unk=False, byte_fallback=False))
    tokenizer.normalizer = normalizers.NFC()
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(tokens.QWEN2_WORDS), behavior="isolated", invert=False),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.post_processor = processors.ByteLevel(trim_offsets=False)
    tokenizer.add_special_tokens([AddedToken(t, normalized=False, special=True) for t in SPECIAL])
    if tokenizer.token_to_id("<|image_pad|>") != 151655:
        raise SystemExit("the special tokens are not at the released ids")
    tokenizer.save(str(folder / "tokenizer.json"), pretty=False)
    settings = {
        "additional_special_tokens": SPECIAL[1:],
        "bos_token": None,
        "chat_template": templates.TEMPLATES["qwen2_5_vl"],
        "eos_token": "<|im_end|>",
        "model_max_length": 32768,
        "pad_token": "<|endoftext|>",
        "tokenizer_class": "Qwen2Tokenizer",
        "unk_token": None,
    }
    (folder / "tokenizer_config.json").write_text(json.dumps(settings, indent=2) + "\n")


def write_weights(folder, kind):
    """Random weights under the released names, in shards."""
    with torch.device("meta"):
        model = transformers.Qwen2_5_VLForConditionalGeneration(
            transformers.Qwen2_5_VLConfig.from_pretrained(folder)
        )
    shapes = {}
    for name, parameter in model.named_parameters():
        shapes[name.replace("model.language_model.", "model.").replace("model.visual.", "visual.")] = parameter.shape
    shapes.pop("lm_head.weight", None)  # tied
    shards, size, total = [{}], 0, 0
    for name, shape in sorted(shapes.items()):
        seed = int.from_bytes(hashlib.sha256(name.encode()).digest()[:6], "big")
        draw = torch.Generator().manual_seed(seed)
        value = torch.randn(shape, generator=draw)
        if len(shape) == 1:
            value = 0.02 * value if name.endswith("bias") else 1.0 + 0.1 * value
        else:
            value = value / math.sqrt(math.prod(shape[1:]))
        value = value.to(kind)
        if size + value.nbytes > SHARD_BYTES and shards[-1]:
            shards.append({})
            size = 0
        shards[-1][name] = value
        size += value.nbytes
        total += value.numel()
    index = {}
    for number, shard in enumerate(shards, 1):
        file = f"model-{number:05}-of-{len(shards):05}.safetensors"
        save_file(shard, folder / file, metadata={"format": "pt"})
        index.update({name: file for name in shard})
    listing = {"metadata": {"total_size": total * kind.itemsize}, "weight_map": index}
    (folder / "model.safetensors.index.json").write_text(json.dumps(listing, indent=2) + "\n")
    print(f"{total / 1e6:.0f} M parameters in {len(shards)} files", file=sys.stderr)


def main():
    words = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    words.add_argument("folder", type=Path)
    words.add_argument("--dtype", choices=["bf16", "f32"], default="bf16")
    given = words.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    (given.folder / "config.json").write_text(json.dumps(config(given.dtype), indent=2) + "\n")
    write_tokenizer(given.folder)
    pixels = {
        "min_pixels": 3136,
        "max_pixels": 12845056,
        "patch_size": 14,
        "temporal_patch_size": 2,
        "merge_size": 2,
        **families.CLIP,
        "image_processor_type": "Qwen2VLImageProcessor",
        "processor_class": "Qwen2_5_VLProcessor",
    }
    (given.folder / "preprocessor_config.json").write_text(json.dumps(pixels, indent=2) + "\n")
    ends = {"bos_token_id": 151643, "pad_token_id": 151643, "eos_token_id": [151645, 151643], "do_sample": False}
    (given.folder / "generation_config.json").write_text(json.dumps(ends, indent=2) + "\n")
    write_weights(given.folder, {"bf16": torch.bfloat16, "f32": torch.float32}[given.dtype])


if __name__ == "__main__":
    main()
