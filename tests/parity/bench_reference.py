#!/usr/bin/env python3
"""Times `transformers` (torch on the CPU) on a checkpoint and prints one JSON document.

    PYTHONPATH=REF python3 tests/parity/bench_reference.py FOLDER [--dtype f32 bf16] [--rounds 3] [--threads N]

FOLDER is what `make_bench_checkpoint.py` writes. Each precision runs in a process of its own, so
that its peak memory is its own. Per precision:

- `prefill_tokens_per_s`: a prompt of 512 tokens, ids (7919 i + 13) mod 151643;
- `decode_tokens_per_s`: 64 greedy tokens after it, with the cache;
- `image_first_token_s`: one picture of 448×448, u8 (5 x + 3 y + 85 c) mod 256, between its markers and
  64 tokens of text: preprocessing, vision tower and prefill until the first token is known;
  `image_preprocess_s` and `image_vision_s` are parts of it;
- `peak_rss_mb`: the largest resident size of the process, weights included; `text_peak_rss_mb`:
  before the picture.

The best of the rounds counts, the first pass is not timed. Never measure beside other work.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import time
from pathlib import Path

PROMPT, ANSWER, IMAGE_TEXT, SIDE = 512, 64, 64, 448


def peak_mb():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def ids_of(count):
    return [(7919 * i + 13) % 151643 for i in range(count)]


def measure(folder, dtype, rounds, threads):
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    import numpy as np
    import torch
    import transformers

    transformers.logging.set_verbosity_error()
    torch.set_num_threads(threads)
    kind = {"f32": torch.float32, "bf16": torch.bfloat16}[dtype]
    started = time.perf_counter()
    model = transformers.Qwen2_5_VLForConditionalGeneration.from_pretrained(
        folder, dtype=kind, attn_implementation="sdpa"
    ).eval()
    loaded = time.perf_counter() - started
    pixels = transformers.AutoImageProcessor.from_pretrained(folder, use_fast=True)
    prompt = torch.tensor([ids_of(PROMPT)])

    def first(ids, **media):
        model.model.rope_deltas = None
        out = model(input_ids=ids, attention_mask=torch.ones_like(ids), use_cache=True, logits_to_keep=1, **media)
        return out.logits[0, -1].argmax().item(), out.past_key_values

    def text_round():
        start = time.perf_counter()
        token, cache = first(prompt)
        prefilled = time.perf_counter()
        for _ in range(ANSWER):
            at = torch.tensor([cache.get_seq_length()])
            out = model(
                input_ids=torch.tensor([[token]]),
                position_ids=at.view(1, 1, 1).expand(3, 1, 1),
                cache_position=at,
                past_key_values=cache,
                use_cache=True,
            )
            token, cache = out.logits[0, -1].argmax().item(), out.past_key_values
        return prefilled - start, time.perf_counter() - prefilled

    y, x, c = np.mgrid[0:SIDE, 0:SIDE, 0:3]
    picture = torch.from_numpy(((5 * x + 3 * y + 85 * c) % 256).astype(np.uint8)).permute(2, 0, 1)

    def image_round():
        start = time.perf_counter()
        made = pixels(images=[picture], return_tensors="pt")
        ready = time.perf_counter()
        model.get_image_features(made["pixel_values"].to(kind), made["image_grid_thw"])
        seen = time.perf_counter()
        count = int(made["image_grid_thw"].prod()) // 4
        config = model.config
        ids = [config.vision_start_token_id] + [config.image_token_id] * count + [config.vision_end_token_id]
        alone = time.perf_counter()
        first(
            torch.tensor([ids + ids_of(IMAGE_TEXT)]),
            pixel_values=made["pixel_values"].to(kind),
            image_grid_thw=made["image_grid_thw"],
        )
        whole = time.perf_counter() - alone + (ready - start)
        return whole, ready - start, seen - ready, count + 2 + IMAGE_TEXT

    with torch.inference_mode():
        text_round()
        texts = [text_round() for _ in range(rounds)]
        text_peak = peak_mb()
        image_round()
        images = [image_round() for _ in range(rounds)]
    best = min(images)
    return {
        "dtype": dtype,
        "load_s": round(loaded, 3),
        "prefill_tokens_per_s": round(PROMPT / min(t[0] for t in texts), 2),
        "decode_tokens_per_s": round(ANSWER / min(t[1] for t in texts), 2),
        "image_first_token_s": round(best[0], 4),
        "image_preprocess_s": round(min(i[1] for i in images), 4),
        "image_vision_s": round(min(i[2] for i in images), 4),
        "image_tokens": best[3],
        "text_peak_rss_mb": round(text_peak),
        "peak_rss_mb": round(peak_mb()),
    }


def main():
    words = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    words.add_argument("folder", type=Path)
    words.add_argument("--dtype", nargs="+", choices=["f32", "bf16"], default=["f32", "bf16"])
    words.add_argument("--rounds", type=int, default=3)
    words.add_argument("--threads", type=int, default=os.cpu_count())
    words.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    given = words.parse_args()
    if given.inside:
        print(json.dumps(measure(given.folder, given.dtype[0], given.rounds, given.threads)))
        return
    results = []
    for dtype in given.dtype:
        command = [sys.executable, __file__, str(given.folder), "--inside", "--dtype", dtype]
        command += ["--rounds", str(given.rounds), "--threads", str(given.threads)]
        run = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
        results.append(json.loads(run.stdout.strip().splitlines()[-1]))
    import torch
    import transformers

    versions = {"torch": torch.__version__, "transformers": transformers.__version__}
    inputs = {"prompt_tokens": PROMPT, "decoded_tokens": ANSWER, "image": [SIDE, SIDE], "image_text_tokens": IMAGE_TEXT}
    document = {"peer": "transformers", **versions, "threads": given.threads, "rounds": given.rounds, **inputs}
    print(json.dumps({**document, "results": results}, indent=2))


if __name__ == "__main__":
    main()
