"""The cases of each family: what is asked, what goes in, and what the reference makes of it."""

import json

import numpy as np
import torch
from safetensors.torch import save_file

from . import media
from .families import GEOMETRY

MAX_TOKENS = 16
# Least distance of the best from the second-best logit, as a share of the logits' range.
MARGIN = 0.02
DISTINCT = 9

SUBJECTS = ["A woman", "The old man", "A child", "The dog", "A train", "The crowd", "A boat", "Nobody", "The rain"]
DEEDS = ["crosses the square", "waits at the door", "turns to the light", "runs along the shore", "leaves the frame"]
MANNERS = ["slowly.", "at dusk.", "without a word.", "while the camera pans left.", "in a red coat.", "again, 12 times."]

# Media of a case: ("image", height, width), ("video", frames, height, width, fps),
# ("audio", samples). Text parts are filled in by the search.
_PAIR = {
    "qwen2_vl": [("image", 130, 100), ("image", 22, 30)],
    "qwen2_5_vl": [("image", 150, 190), ("image", 90, 70)],
    "qwen3_vl": [("image", 150, 132), ("image", 36, 52)],
    "qwen2_5_omni": [("image", 90, 120), ("image", 22, 27)],
    "qwen3_5": [("image", 130, 100), ("image", 25, 40)],
}
_ONE = {
    "qwen2_vl": ("image", 71, 50),
    "qwen2_5_vl": ("image", 72, 76),
    "qwen3_vl": ("image", 100, 70),
    "qwen2_5_omni": ("image", 45, 51),
    "qwen3_5": ("image", 70, 90),
}


def listing(family):
    """Case name → (media, text place, options)."""
    one, pair = _ONE[family], _PAIR[family]
    small = pair[1]
    cases = {
        "text": ([], {}),
        "one_image": ([one], {}),
        "two_images": (pair, {}),
        "video_odd": ([("video", 5, 40, 52, 2.0)], {}),
        "image_and_video": ([small, ("video", 4, 36, 70, 3.0)], {}),
    }
    if family == "qwen3_5":
        cases["text_not_thinking"] = ([], {"enable_thinking": False})
    if family == "qwen2_5_omni":
        cases["audio"] = ([("audio", 33123)], {})
        cases["audio_and_video"] = (
            [("video", 10, 24, 33, 2.0), ("audio", 65700)],
            {"use_audio_in_video": True},
        )
        cases["audio_beside_video"] = ([("video", 3, 24, 33, 2.0), ("audio", 14007)], {})
    return cases


def sentence(rng):
    return " ".join([SUBJECTS[rng.integers(len(SUBJECTS))], DEEDS[rng.integers(len(DEEDS))], MANNERS[rng.integers(len(MANNERS))]])


def invent(family, name, seed):
    """The messages and the tensors of a case, from a seed."""
    wanted, options = listing(family)[name]
    rng = np.random.default_rng([seed, *name.encode(), *family.encode()])
    parts, tensors, counts = [], {}, {}
    for kind, *shape in wanted:
        index = counts.get(kind, 0)
        counts[kind] = index + 1
        key = f"{kind}{index}"
        part = {"type": kind, "tensor": "inputs.safetensors", "name": key}
        if kind == "image":
            tensors[key] = media.picture(rng, *shape)
        elif kind == "video":
            tensors[key] = media.clip(rng, *shape[:3])
            part["fps"] = shape[3]
        else:
            tensors[key] = media.sound(rng, shape[0])
        parts.append(part)
    words = {"type": "text", "text": sentence(rng)}
    if len(parts) == 2 and not options.get("use_audio_in_video"):
        middle = {"type": "text", "text": sentence(rng)}
        parts = [parts[0], middle, parts[1], words]
    else:
        parts.append(words)
    case = {"messages": [{"role": "user", "content": parts}], "use_audio_in_video": False}
    case.update({k: v for k, v in options.items()})
    if "video" in counts:
        smallest, largest = GEOMETRY[family]["video"]
        case["min_pixels"], case["max_pixels"] = {"video": smallest}, {"video": largest}
    case.update(seed=0, max_tokens=MAX_TOKENS)
    return case, tensors


def template_messages(case):
    """The messages as the template sees them: with the track of a video taken out."""
    shown = []
    for message in case["messages"]:
        parts, videos = [], 0
        for part in message["content"]:
            if part["type"] == "video":
                videos += 1
            if part["type"] == "audio" and case["use_audio_in_video"] and videos > 0:
                videos -= 1
                continue
            parts.append(part if part["type"] == "text" else {"type": part["type"]})
        shown.append({"role": message["role"], "content": parts})
    return shown


def prepare(reference, case, tensors):
    """Everything that goes into the model, made by the reference's own processor."""
    parts = [p for m in case["messages"] for p in m["content"]]
    images = [tensors[p["name"]] for p in parts if p["type"] == "image"]
    clips = [p for p in parts if p["type"] == "video"]
    factor = reference.patch * 2
    videos = [
        media.fit_frames(tensors[p["name"]], factor, case["min_pixels"]["video"], case["max_pixels"]["video"])
        for p in clips
    ]
    audio = [tensors[p["name"]] for p in parts if p["type"] == "audio"]
    variables = {"enable_thinking": case["enable_thinking"]} if "enable_thinking" in case else {}
    text = reference.render(template_messages(case), add_generation_prompt=True, **variables)
    images = [torch.from_numpy(i).permute(2, 0, 1) for i in images]
    return reference.process(text, images, videos, [p["fps"] for p in clips], audio, case["use_audio_in_video"])


def sound_enough(reference, inputs):
    """Greedy tokens, when no step of theirs is near a tie and they do not run in circles."""
    ids, logits = reference.generate(inputs, MAX_TOKENS)
    span = logits.amax(-1) - logits.amin(-1)
    best = logits.topk(2, dim=-1).values
    margin = ((best[:, 0] - best[:, 1]) / span).min().item()
    good = margin > MARGIN and len(set(ids)) >= DISTINCT and max(ids) < reference.first_special
    return ids if good else None


def few(count, most):
    """At most about `most` of `count` rows, the first and the last among them."""
    if count <= most + most // 3:
        return list(range(count))
    step = count // most | 1
    return sorted(set(range(0, count, step)) | {count - 1})


def expected(reference, inputs, generated):
    """The tensors to compare with."""
    out = reference.features(inputs)
    positions, logits = reference.prefill(inputs)
    ids = inputs["input_ids"][0]
    out["input_ids"], out["position_ids"] = ids, positions
    out["generated_ids"] = torch.tensor(generated)
    count = len(ids)
    step = 8 if count <= 100 else 16
    at = sorted(set(range(max(0, count - 16), count)) | set(range(0, count, step)))
    out["logits"] = logits[at]
    if len(at) < count:
        out["logits_at"] = torch.tensor(at)
    for key in ("pixel_values", "pixel_values_videos"):
        if key in inputs:
            rows = few(len(inputs[key]), 12)
            out[key] = inputs[key][rows]
            if len(rows) < len(inputs[key]):
                out[key + "_at"] = torch.tensor(rows)
    for key in ("image_grid_thw", "video_grid_thw"):
        if key in inputs:
            out[key] = inputs[key]
    if "input_features" in inputs:
        keep = inputs["feature_attention_mask"].bool()
        mel = torch.cat([f[:, k] for f, k in zip(inputs["input_features"], keep)], dim=1)
        columns = few(mel.shape[1], 48)
        out["input_features"] = mel[:, columns]
        if len(columns) < mel.shape[1]:
            out["input_features_at"] = torch.tensor(columns)
        out["audio_lengths"] = keep.sum(-1)
    return {k: v.detach().contiguous().clone() for k, v in out.items()}


def write(reference, family, folder, only=None, keep=False):
    """Looks for a sound seed for each case and writes the case."""
    for name in only or listing(family):
        if keep and (folder / "cases" / name / "expected.safetensors").exists():
            continue
        for seed in range(2000):
            case, tensors = invent(family, name, seed)
            inputs = prepare(reference, case, tensors)
            ids = sound_enough(reference, inputs)
            if ids is not None:
                break
        else:
            raise SystemExit(f"{family}/{name}: no seed without a near tie")
        place = folder / "cases" / name
        place.mkdir(parents=True, exist_ok=True)
        (place / "case.json").write_text(json.dumps(case, indent=2) + "\n")
        if tensors:
            save_file({k: torch.from_numpy(v) for k, v in tensors.items()}, place / "inputs.safetensors")
        found = expected(reference, inputs, ids)
        reference.check(inputs, ids, found)
        save_file(found, place / "expected.safetensors")
        size = sum(f.stat().st_size for f in place.iterdir()) // 1024
        print(f"{family}/{name}: seed {seed}, {len(found['input_ids'])} tokens, {size} KiB, {ids}", flush=True)
