#!/usr/bin/env python3
"""Makes the parity fixtures: tiny random checkpoints, cases, and what the reference makes of them.

    pip install --target REF --no-deps transformers==4.57.6 huggingface-hub==0.36.0 tokenizers==0.22.1
    PYTHONPATH=REF  python3 tests/parity/make_fixtures.py            # all families but Qwen3.5
    pip install --target REF5 --no-deps transformers==5.23.0 ...
    PYTHONPATH=REF5:REF python3 tests/parity/make_fixtures.py        # Qwen3.5

Versions: torch 2.15.0 (CPU), torchvision 0.29.2, transformers 4.57.6 (Qwen3.5: 5.23.0), tokenizers,
safetensors, numpy, Pillow. The families that the installed transformers is the reference for are
made; names on the command line choose among them, `--keep` goes on where a run was ended. Everything is seeded; see README.md for what the
files hold.
"""

import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
sys.dont_write_bytecode = True
os.environ.setdefault("HF_HUB_OFFLINE", "1")

import json  # noqa: E402
import shutil  # noqa: E402

import torch  # noqa: E402
import transformers  # noqa: E402
from safetensors.torch import load_file, save_file  # noqa: E402

from oracle import cases, families, standalone, templates, tokens  # noqa: E402
from oracle.reference import Reference  # noqa: E402

HERE = Path(__file__).parent / "fixtures"
WEIGHTS_SEED = {"qwen2_vl": 0, "qwen2_5_vl": 0, "qwen3_vl": 0, "qwen2_5_omni": 0, "qwen3_5": 0}


def first_special(ids):
    return ids["<|endoftext|>"]


def make_checkpoint(family, folder):
    """Writes the whole folder of a tiny checkpoint; returns token → id."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    ids = tokens.write(family, folder, templates.TEMPLATES[family], families.TEMPLATE_FILE[family])
    if max(ids.values()) >= families.VOCABULARY:
        raise SystemExit(f"{family}: {max(ids.values()) + 1} tokens do not fit {families.VOCABULARY} rows")
    wanted = families.config(family, ids)
    (folder / "config.json").write_text(json.dumps(wanted, indent=2) + "\n")

    kind = getattr(transformers, Reference.CLASSES[family])
    config = kind.config_class.from_pretrained(folder)
    config._attn_implementation = "eager"
    torch.manual_seed(0)
    model = kind(config).float().eval()
    families.randomise(model, family, WEIGHTS_SEED[family], first_special(ids))
    model.generation_config = transformers.GenerationConfig()
    scratch = folder / "scratch"
    model.save_pretrained(scratch, max_shard_size="300KB" if family == "qwen2_5_vl" else "1GB")
    for file in scratch.iterdir():
        if file.name.startswith("model"):
            shutil.move(file, folder / file.name)
    shutil.rmtree(scratch)
    if family == "qwen3_5":
        file = folder / "model.safetensors"
        weights = load_file(file)
        weights["mtp.fc.weight"] = torch.zeros(4, 8)  # the released files carry a part that we skip
        save_file(weights, file, metadata={"format": "pt"})
    families.write_processors(family, folder, ids)

    loaded, _ = kind.from_pretrained(folder, dtype=torch.float32, output_loading_info=True)
    theirs = dict(loaded.named_parameters())
    for name, parameter in model.named_parameters():
        if not torch.equal(parameter, theirs[name]):
            raise SystemExit(f"{family}: {name} is not what was saved")
    return ids


def make_whole_omni(source, folder):
    """The thinker as a part of the whole model, in bf16: other names, parts to skip."""
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(source, folder, ignore=shutil.ignore_patterns("cases", "model*"))
    thinker = json.loads((source / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(families.whole_omni(thinker), indent=2) + "\n")
    weights = {f"thinker.{k}": v.to(torch.bfloat16) for k, v in load_file(source / "model.safetensors").items()}
    weights["talker.codec_head.weight"] = torch.zeros(4, 8, dtype=torch.bfloat16)
    weights["token2wav.code2wav_dit_model.proj_out.bias"] = torch.zeros(4)
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})


def whole_omni_reference(source, folder, ids):
    """The reference for it: the bf16 values, calculated in f32."""
    scratch = folder.parent / "scratch-omni"
    shutil.rmtree(scratch, ignore_errors=True)
    shutil.copytree(source, scratch, ignore=shutil.ignore_patterns("cases"))
    whole = load_file(folder / "model.safetensors")
    weights = {k.removeprefix("thinker."): v.float() for k, v in whole.items() if k.startswith("thinker.")}
    save_file(weights, scratch / "model.safetensors", metadata={"format": "pt"})
    family = "qwen2_5_omni"
    reference = Reference(family, scratch, families.GEOMETRY[family]["patch"], first_special(ids))
    shutil.rmtree(scratch)
    return reference


def main():
    torch.set_num_threads(1)
    transformers.logging.set_verbosity_error()
    newest = transformers.__version__.startswith("5.")
    here = ["qwen3_5"] if newest else ["qwen2_vl", "qwen2_5_vl", "qwen3_vl", "qwen2_5_omni"]
    keep = "--keep" in sys.argv
    asked = [word for word in sys.argv[1:] if word != "--keep"] or here + ["standalone"]
    rendered = HERE / "templates.json"
    for family in [f for f in here if f in asked]:
        folder = HERE / family
        if keep and (folder / "cases").exists():
            ids = json.loads((folder / "tokenizer.json").read_text())["added_tokens"]
            ids = {token["content"]: token["id"] for token in ids}
        else:
            ids = make_checkpoint(family, folder)
        reference = Reference(family, folder, families.GEOMETRY[family]["patch"], first_special(ids))
        cases.write(reference, family, folder, keep=keep)
        known = json.loads(rendered.read_text()) if rendered.exists() else {}
        known[family] = standalone.render(reference, family)
        rendered.write_text(json.dumps(dict(sorted(known.items())), indent=1) + "\n")
        if family == "qwen2_5_omni":
            whole = HERE / "qwen2_5_omni_whole_bf16"
            if not (keep and (whole / "cases").exists()):
                make_whole_omni(folder, whole)
            reference = whole_omni_reference(folder, whole, ids)
            cases.write(reference, family, whole, only=["text", "audio_beside_video"], keep=keep)
    if "standalone" in asked and not newest:
        standalone.write(HERE)


if __name__ == "__main__":
    main()
