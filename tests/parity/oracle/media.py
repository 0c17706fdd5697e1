"""Invented pictures, clips and sounds, and the steps before the processor."""

import math

import numpy as np
import torch
from torchvision.transforms import InterpolationMode
from torchvision.transforms import functional as F


def picture(rng, height, width):
    """A picture with soft shapes, edges and grain: u8 [height, width, 3]."""
    coarse = torch.from_numpy(rng.uniform(0, 255, (1, 3, 4, 5)).astype(np.float32))
    soft = torch.nn.functional.interpolate(coarse, size=(height, width), mode="bilinear", align_corners=True)[0]
    soft = soft.permute(1, 2, 0).numpy()
    y, x = np.mgrid[0:height, 0:width]
    stripes = 40.0 * np.sign(np.sin(x / rng.uniform(2, 6) + y / rng.uniform(3, 9)))
    grain = rng.normal(0, 12, (height, width, 3))
    return np.ascontiguousarray(np.clip(soft + stripes[..., None] + grain, 0, 255).astype(np.uint8))


def clip(rng, frames, height, width):
    """A clip that moves: u8 [frames, height, width, 3]."""
    wide = picture(rng, height, width + 3 * frames)
    moving = np.stack([wide[:, 3 * i : 3 * i + width] for i in range(frames)]).astype(np.float32)
    light = 1.0 + 0.25 * np.sin(np.arange(frames) * rng.uniform(0.4, 1.4))
    return np.ascontiguousarray(np.clip(moving * light[:, None, None, None], 0, 255).astype(np.uint8))


def sound(rng, samples):
    """Chirps over soft noise, with a silent stretch: f32 mono at 16 kHz."""
    t = np.arange(samples) / 16000.0
    wave = np.zeros(samples)
    for _ in range(4):
        f, slope, phase = rng.uniform(120, 3000), rng.uniform(-400, 400), rng.uniform(0, 6)
        wave += rng.uniform(0.05, 0.2) * np.sin(2 * math.pi * (f * t + slope * t * t / 2) + phase)
    wave *= 0.5 + 0.5 * np.sin(2 * math.pi * rng.uniform(0.5, 3) * t)
    wave += rng.normal(0, 0.01, samples)
    wave[int(samples * 0.6) : int(samples * 0.6) + samples // 12] = 0.0
    return wave.astype(np.float32)


def smart_resize(height, width, factor, smallest, largest):
    """The size that a picture is brought to: multiples of `factor`, pixels within the bounds.

    Rounds half to even, as Python's `round` does.
    """
    if max(height, width) / min(height, width) > 200:
        raise ValueError("the picture is too narrow")
    h, w = max(factor, round(height / factor) * factor), max(factor, round(width / factor) * factor)
    if h * w > largest:
        beta = math.sqrt(height * width / largest)
        h = max(factor, math.floor(height / beta / factor) * factor)
        w = max(factor, math.floor(width / beta / factor) * factor)
    elif h * w < smallest:
        beta = math.sqrt(smallest / (height * width))
        h, w = math.ceil(height * beta / factor) * factor, math.ceil(width * beta / factor) * factor
    return h, w


def frame_count(total, video_fps, fps=2.0, smallest=4, largest=768):
    """How many frames are taken of a video of `total` frames: even, within the bounds."""
    least = math.ceil(smallest / 2) * 2
    most = math.floor(min(largest, total) / 2) * 2
    count = total / video_fps * fps
    count = min(min(max(count, least), most), total)
    return math.floor(count / 2) * 2


def frame_indices(total, count, start=0, end=None):
    """Which frames are taken: evenly spread, ends included, half rounded to even (in f32)."""
    end = total - 1 if end is None else end
    return torch.linspace(start, end, count).round().long().tolist()


def fit_frames(frames, factor, smallest, largest):
    """u8 [t, h, w, 3] → float [t', 3, h', w']: an even number of frames (the last one again), each
    at its target size, bicubic with antialiasing in 8 bits."""
    video = torch.from_numpy(frames).permute(0, 3, 1, 2)
    if video.shape[0] % 2:
        video = torch.cat([video, video[-1:]])
    size = smart_resize(video.shape[2], video.shape[3], factor, smallest, largest)
    return F.resize(video, list(size), interpolation=InterpolationMode.BICUBIC, antialias=True).float()
