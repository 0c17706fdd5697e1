"""A small byte-level BPE tokenizer per family, with all the special tokens of that family."""

import json

from tokenizers import AddedToken, Regex, Tokenizer, decoders, normalizers, pre_tokenizers, processors
from tokenizers.models import BPE
from tokenizers.trainers import BpeTrainer

QWEN2_WORDS = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*"
    r"|\s*[\r\n]+|\s+(?!\S)|\s+"
)
QWEN3_5_WORDS = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?[\p{L}\p{M}]+|\p{N}| ?[^\s\p{L}\p{M}\p{N}]+[\r\n]*"
    r"|\s*[\r\n]+|\s+(?!\S)|\s+"
)

_LINES = [
    "A woman in a red coat walks her dog past market stalls at dusk.",
    "The camera trucks right with her for three seconds, then comes to rest.",
    "A slow push in on the man at the window; the light is low and warm.",
    "Two children run along the shore while the camera pans left to follow them.",
    "The train leaves the station and the platform stays empty behind it.",
    "In the foreground a cup of tea, in the background the rain on the glass.",
    "She turns, sees the letter on the table and sits down without a word.",
    "Describe the scene, the camera, the style and the action in the video.",
    "You are a helpful assistant.\nuser\nassistant\nsystem\n",
]

_VISION = ["<|vision_start|>", "<|vision_end|>", "<|vision_pad|>", "<|image_pad|>", "<|video_pad|>"]
_CHAT = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]
_SPANS = [
    "<|object_ref_start|>",
    "<|object_ref_end|>",
    "<|box_start|>",
    "<|box_end|>",
    "<|quad_start|>",
    "<|quad_end|>",
]

# In the order of the released vocabularies. Tokens of the second list are added but not special.
_ADDED = {
    "qwen2_vl": (_CHAT + _SPANS + _VISION, []),
    "qwen2_5_vl": (_CHAT + _SPANS + _VISION, ["<tool_call>", "</tool_call>"]),
    "qwen3_vl": (
        _CHAT + _SPANS + _VISION,
        ["<tool_call>", "</tool_call>", "<tool_response>", "</tool_response>", "<think>", "</think>"],
    ),
    "qwen3_5": (
        _CHAT + _SPANS + _VISION + ["<|audio_start|>", "<|audio_end|>", "<|audio_pad|>"],
        ["<tool_call>", "</tool_call>", "<tool_response>", "</tool_response>", "<think>", "</think>"],
    ),
    "qwen2_5_omni": (
        _CHAT
        + ["<|AUDIO|>", "<|audio_bos|>", "<|audio_eos|>", "<|box_end|>", "<|quad_start|>", "<|quad_end|>"]
        + ["<|vision_bos|>", "<|vision_eos|>", "<|vision_pad|>", "<|IMAGE|>", "<|VIDEO|>"],
        ["<tool_call>", "</tool_call>"],
    ),
}

_OMNI_NAMES = {
    "image_token": "<|IMAGE|>",
    "audio_token": "<|AUDIO|>",
    "video_token": "<|VIDEO|>",
    "vision_bos_token": "<|vision_bos|>",
    "vision_eos_token": "<|vision_eos|>",
    "audio_bos_token": "<|audio_bos|>",
    "audio_eos_token": "<|audio_eos|>",
}


def write(family, folder, template, template_file):
    """Writes tokenizer.json, tokenizer_config.json and the template; returns token → id.

    `template_file` is `tokenizer_config.json`, `chat_template.json` or `chat_template.jinja`:
    where the released checkpoints of this family keep it.
    """
    tokenizer = Tokenizer(BPE(fuse_unk=False, byte_fallback=False))
    tokenizer.normalizer = normalizers.NFC()
    words = QWEN3_5_WORDS if family == "qwen3_5" else QWEN2_WORDS
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(words), behavior="isolated", invert=False),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.post_processor = processors.ByteLevel(trim_offsets=False)
    trainer = BpeTrainer(
        vocab_size=256 + 44,
        min_frequency=2,
        show_progress=False,
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
    )
    tokenizer.train_from_iterator(_LINES, trainer)
    special, plain = _ADDED[family]
    tokenizer.add_special_tokens([AddedToken(t, normalized=False, special=True) for t in special])
    tokenizer.add_tokens([AddedToken(t, normalized=False, special=False) for t in plain])
    tokenizer.save(str(folder / "tokenizer.json"))

    config = {
        "add_bos_token": False,
        "add_prefix_space": False,
        "added_tokens_decoder": {
            str(tokenizer.token_to_id(t)): {
                "content": t,
                "lstrip": False,
                "normalized": False,
                "rstrip": False,
                "single_word": False,
                "special": t in special,
            }
            for t in special + plain
        },
        "additional_special_tokens": special[1:],
        "bos_token": None,
        "clean_up_tokenization_spaces": False,
        "eos_token": "<|im_end|>",
        "errors": "replace",
        "model_max_length": 32768,
        "pad_token": "<|endoftext|>",
        "split_special_tokens": False,
        "tokenizer_class": "Qwen2Tokenizer",
        "unk_token": None,
    }
    if family == "qwen2_5_omni":
        config.update(_OMNI_NAMES)
        config["extra_special_tokens"] = _OMNI_NAMES
    if template_file == "tokenizer_config.json":
        config["chat_template"] = template
    elif template_file == "chat_template.json":
        (folder / template_file).write_text(json.dumps({"chat_template": template}, indent=2) + "\n")
    else:
        (folder / template_file).write_text(template)
    (folder / "tokenizer_config.json").write_text(json.dumps(config, indent=2) + "\n")
    return tokenizer.get_vocab()
