"""The reference implementation behind one face for all families."""

import torch
import transformers


class Reference:
    """A checkpoint folder, loaded with `transformers` as a user would load it."""

    CLASSES = {
        "qwen2_vl": "Qwen2VLForConditionalGeneration",
        "qwen2_5_vl": "Qwen2_5_VLForConditionalGeneration",
        "qwen3_vl": "Qwen3VLForConditionalGeneration",
        "qwen2_5_omni": "Qwen2_5OmniThinkerForConditionalGeneration",
        "qwen3_5": "Qwen3_5ForConditionalGeneration",
    }

    def __init__(self, family, folder, patch, first_special):
        self.family, self.patch, self.first_special = family, patch, first_special
        kind = getattr(transformers, self.CLASSES[family])
        self.model, report = kind.from_pretrained(
            folder, dtype=torch.float32, attn_implementation="eager", output_loading_info=True
        )
        self.model = self.model.float().eval()
        # The folder's own sampling would otherwise fill in what `generate` is not told.
        self.model.generation_config = transformers.GenerationConfig(do_sample=False)
        missing = set(report["missing_keys"])
        strange = {k for k in report["unexpected_keys"] if not k.startswith(("mtp.", "talker.", "token2wav."))}
        if missing or strange or report["mismatched_keys"]:
            raise SystemExit(f"{family}: missing {missing}, unexpected {strange}, {report['mismatched_keys']}")
        self.processor = self._processor(folder)
        self.tokenizer = self.processor.tokenizer

    def _processor(self, folder):
        if self.family == "qwen3_5":
            # Put together by hand: the released folders need their own tokenizer class, while the
            # tokenizer file alone says everything.
            from transformers import AutoImageProcessor, AutoVideoProcessor, PreTrainedTokenizerFast, Qwen3VLProcessor

            tokenizer = PreTrainedTokenizerFast.from_pretrained(folder)
            return Qwen3VLProcessor(
                AutoImageProcessor.from_pretrained(folder, backend="torchvision"),
                tokenizer,
                AutoVideoProcessor.from_pretrained(folder),
                chat_template=(folder / "chat_template.jinja").read_text(),
            )
        return transformers.AutoProcessor.from_pretrained(folder, use_fast=True)

    def render(self, messages, **variables):
        """The prompt, before the placeholders of media are repeated."""
        template = self.processor.chat_template or self.tokenizer.chat_template
        return self.tokenizer.apply_chat_template(messages, chat_template=template, tokenize=False, **variables)

    def process(self, text, images, videos, fps, audio, use_audio_in_video):
        """The processor's outputs. Videos come resized; each has its own frame rate."""
        given = {"text": [text], "return_tensors": "pt"}
        if images:
            given["images"] = images
        if videos:
            options = {"do_resize": False, "do_sample_frames": False}
            given["videos"] = videos
            if self.family in ("qwen3_vl", "qwen3_5"):
                options["video_metadata"] = [
                    {"fps": f, "frames_indices": list(range(len(v))), "total_num_frames": len(v)}
                    for f, v in zip(fps, videos)
                ]
                if self.family == "qwen3_5":
                    # transformers 5 keeps the markers around the whole video beside those around
                    # each pair of frames; the models were trained without (4.57 drops them).
                    given["text"] = [text.replace("<|vision_start|><|video_pad|><|vision_end|>", "<|video_pad|>")]
            elif len(fps) == 1:
                options["fps"] = fps[0]
            else:
                raise SystemExit("one video a case")
            given["videos_kwargs"] = options
        if self.family == "qwen2_5_omni":
            if audio:
                given["audio"] = audio
            given.setdefault("videos_kwargs", {})["use_audio_in_video"] = use_audio_in_video
        inputs = dict(self.processor(**given))
        if self.family == "qwen2_5_omni":
            inputs["use_audio_in_video"] = use_audio_in_video
        inputs = {k: torch.tensor(v) if isinstance(v, list) else v for k, v in inputs.items()}
        for key in ("second_per_grid_ts", "video_second_per_grid"):
            if key in inputs and not torch.is_tensor(inputs[key]):
                inputs[key] = torch.tensor(inputs[key])
        inputs.pop("video_metadata", None)
        return inputs

    @torch.no_grad()
    def generate(self, inputs, count):
        """Greedy ids, and the logits of each step [count, vocabulary], with the cache."""
        self._forget()
        found = self.model.generate(
            **inputs,
            generation_config=transformers.GenerationConfig(
                do_sample=False,
                max_new_tokens=count,
                eos_token_id=None,
                pad_token_id=0,
                output_logits=True,
                return_dict_in_generate=True,
            ),
        )
        ids = found.sequences[0, inputs["input_ids"].shape[1] :].tolist()
        return ids, torch.cat(found.logits).float()

    def _forget(self):
        for part in (self.model, getattr(self.model, "model", None)):
            if hasattr(part, "rope_deltas"):
                part.rope_deltas = None

    @torch.no_grad()
    def _forward(self, inputs):
        """Logits [n, vocabulary] and the position ids [3, n] that the text model was given."""
        self._forget()
        seen = {}
        text = self.model.model if self.family == "qwen2_5_omni" else self.model.model.language_model

        def look(_module, _args, kwargs):
            seen["positions"] = kwargs.get("position_ids")

        handle = text.register_forward_pre_hook(look, with_kwargs=True)
        try:
            logits = self.model(**inputs).logits[0].float()
        finally:
            handle.remove()
        positions = seen["positions"]
        count = inputs["input_ids"].shape[1]
        if positions is None:
            positions = torch.arange(count).expand(3, 1, count)
        return positions[-3:, 0].long(), logits

    def prefill(self, inputs):
        """Position ids [3, n] and logits [n, vocabulary] of the prompt."""
        positions, logits = self._forward(inputs)
        ruled = self._rule(inputs)
        if ruled is not None and not torch.equal(ruled, positions):
            raise SystemExit(f"{self.family}: the text model saw other positions than get_rope_index gives")
        return positions, logits

    def _rule(self, inputs):
        ids, mask = inputs["input_ids"], inputs["attention_mask"]
        images, videos = inputs.get("image_grid_thw"), inputs.get("video_grid_thw")
        if images is None and videos is None:
            return None
        if self.family == "qwen2_vl":
            found = self.model.model.get_rope_index(ids, images, videos, attention_mask=mask)
        elif self.family == "qwen2_5_vl":
            seconds = inputs.get("second_per_grid_ts")
            found = self.model.model.get_rope_index(ids, images, videos, seconds, attention_mask=mask)
        elif self.family == "qwen3_vl":
            found = self.model.model.get_rope_index(ids, images, videos, attention_mask=mask)
        else:
            return None
        return found[0][-3:, 0].long()

    @torch.no_grad()
    def features(self, inputs):
        """Vision and audio features as they enter the text model."""
        out = {}
        for kind, pixels, grid in (
            ("image", "pixel_values", "image_grid_thw"),
            ("video", "pixel_values_videos", "video_grid_thw"),
        ):
            if pixels not in inputs:
                continue
            found = getattr(self.model, f"get_{kind}_features")(inputs[pixels], inputs[grid])
            if self.family == "qwen3_vl":
                found, deep = found
                out[f"deepstack_{kind}_features"] = torch.stack(list(deep)).float()
            found = getattr(found, "pooler_output", found)
            out[f"{kind}_features"] = (torch.cat(list(found)) if isinstance(found, (tuple, list)) else found).float()
        if "input_features" in inputs:
            out["audio_features"] = self.model.get_audio_features(
                inputs["input_features"], feature_attention_mask=inputs["feature_attention_mask"]
            ).float()
        return out

    def check(self, inputs, ids, found):
        """The same words without the cache: one pass over prompt and answer together."""
        more = dict(inputs)
        tail = torch.tensor([ids])
        more["input_ids"] = torch.cat([inputs["input_ids"], tail], dim=1)
        more["attention_mask"] = torch.ones_like(more["input_ids"])
        if "mm_token_type_ids" in more:
            more["mm_token_type_ids"] = torch.cat([inputs["mm_token_type_ids"], torch.zeros_like(tail)], dim=1)
        positions, logits = self._forward(more)
        count = inputs["input_ids"].shape[1]
        again = logits[count - 1 : -1].argmax(-1).tolist()
        if again != ids:
            raise SystemExit(f"{self.family}: other words without the cache: {ids} {again}")
        if not torch.equal(positions[:, :count], found["position_ids"]):
            raise SystemExit(f"{self.family}: other positions with the answer")
        print(f"    logits: standard deviation {found['logits'].std():.2f}", end=" ")
        for key in ("image_features", "video_features", "audio_features"):
            if key in found:
                print(f"{key} {found[key].std():.2f}", end=" ")
        print()
