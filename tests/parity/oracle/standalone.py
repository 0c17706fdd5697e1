"""Fixtures of single steps: resizing, target sizes, frame choice, mel, templates."""

import io
import json

import numpy as np
import torch
from PIL import Image
from safetensors.torch import save_file
from torchvision.transforms import InterpolationMode
from torchvision.transforms import functional as F
from torchvision.transforms.v2 import functional as v2

from . import media
from .templates import dialogues


def render(reference, family):
    """The prompts that the family's template makes of `dialogues`."""
    out = []
    for entry in dialogues(family):
        variables = {k: v for k, v in entry.items() if k != "messages"}
        out.append({**entry, "rendered": reference.render(entry["messages"], **variables)})
    return out


def resize():
    """u8 sources and their bicubic, antialiased results, as they are made for `image`s (torchvision's
    v2 functions, 8 bits between the two passes), for video `frames` (torchvision's first functions,
    floats rounded at the end) and by `pil`."""
    rng = np.random.default_rng(11)
    out = {}
    sizes = [
        ((60, 80), (28, 56)),
        ((37, 53), (56, 84)),
        ((90, 64), (84, 56)),
        ((100, 30), (32, 32)),
        ((28, 28), (28, 28)),
        ((17, 200), (28, 112)),
        ((3, 5), (28, 28)),
    ]
    for index, (source, target) in enumerate(sizes):
        pixels = media.picture(rng, *source)
        if index == 2:
            pixels = rng.integers(0, 2, pixels.shape).astype(np.uint8) * 255  # overshoots must be cut
        chw = torch.from_numpy(pixels).permute(2, 0, 1)
        bicubic = {"interpolation": InterpolationMode.BICUBIC, "antialias": True}
        out[f"source{index}"] = torch.from_numpy(pixels)
        out[f"image{index}"] = v2.resize(chw, list(target), **bicubic).permute(1, 2, 0)
        out[f"frames{index}"] = F.resize(chw, list(target), **bicubic).permute(1, 2, 0)
        pil = Image.fromarray(pixels).resize((target[1], target[0]), Image.Resampling.BICUBIC)
        out[f"pil{index}"] = torch.from_numpy(np.array(pil))
        apart = {k: (out[f"image{index}"].int() - out[f"{k}{index}"].int()).abs().max().item() for k in ("frames", "pil")}
        print(f"resize {source} to {target}: from image by at most {apart}")
    return {k: v.contiguous().clone() for k, v in out.items()}


def smart_resize():
    """Target sizes: those of the image processor, and those of the step before it for videos."""
    from transformers.models.qwen2_vl.image_processing_qwen2_vl import smart_resize as processors

    rng = np.random.default_rng(12)
    rows = []
    bounds = [(3136, 12845056), (4 * 784, 12 * 784), (65536, 16777216), (128 * 784, 768 * 784)]
    sizes = [(42, 42), (14, 70), (70, 98), (98, 126), (48, 80), (16, 112), (1080, 1920), (4000, 3000), (1, 1)]
    sizes += [(10, 1000), (28, 5600), (210, 350), (56, 56), (1, 200), (719, 1279)]
    sizes += [(int(h), int(w)) for h, w in rng.integers(8, 2500, (30, 2))]
    for height, width in sizes:
        for factor in (28, 32):
            for smallest, largest in bounds:
                row = {"height": height, "width": width, "factor": factor, "min_pixels": smallest, "max_pixels": largest}
                row["processor"] = list(processors(height, width, factor, smallest, largest))
                row["frames"] = list(media.smart_resize(height, width, factor, smallest, largest))
                rows.append(row)
    return rows


def sampling():
    """How many and which frames are taken of a video."""
    rows = []
    for total in [4, 5, 6, 7, 9, 10, 11, 24, 25, 30, 49, 60, 97, 101, 120, 250, 301, 719, 1501, 4000, 20001]:
        for rate in [2.0, 12.5, 23.976, 25.0, 30.0, 59.94]:
            for fps in [1.0, 2.0]:
                count = media.frame_count(total, rate, fps)
                indices = media.frame_indices(total, count)
                row = {"total": total, "video_fps": rate, "fps": fps, "count": count}
                row["sampled_fps"] = count / total * rate
                if len(indices) <= 64:
                    row["indices"] = indices
                else:
                    row["indices_head"], row["indices_tail"] = indices[:24], indices[-24:]
                    row["indices_sum"] = sum(indices)
                rows.append(row)
    return rows


def mel():
    """Sounds and their log-mel features, without the padding's frames."""
    from transformers import WhisperFeatureExtractor

    extractor = WhisperFeatureExtractor(feature_size=128, chunk_length=30)
    rng = np.random.default_rng(13)
    quiet = media.sound(rng, 8000) * 1e-3
    quiet[2000:5000] = 0.0
    out = {}
    for index, wave in enumerate([media.sound(rng, 12007), quiet, media.sound(rng, 401), np.zeros(1600, np.float32)]):
        found = extractor(
            wave, sampling_rate=16000, padding="max_length", return_attention_mask=True, return_tensors="pt"
        )
        out[f"audio{index}"] = torch.from_numpy(np.ascontiguousarray(wave, dtype=np.float32))
        out[f"mel{index}"] = found["input_features"][0][:, found["attention_mask"][0].bool()].contiguous()
    return out


def write(folder):
    """Writes all of them."""

    def lines(name, rows):
        text = io.StringIO()
        text.write("[\n" + ",\n".join(json.dumps(r) for r in rows) + "\n]\n")
        (folder / name).write_text(text.getvalue())

    save_file(resize(), folder / "resize.safetensors")
    save_file(mel(), folder / "mel.safetensors")
    lines("smart_resize.json", smart_resize())
    lines("sampling.json", sampling())
