//! One naming of tensors for all layouts that checkpoints come in.
//!
//! Canonical names are the paths of `transformers` below the part they belong to:
//! - `text.embed_tokens.weight`, `text.layers.N.{input_layernorm,self_attn.q_proj,…}.weight`,
//!   `text.norm.weight`,
//! - `head.weight` (absent where the head is the embedding),
//! - `vision.patch_embed.proj.weight`, `vision.blocks.N.…`, `vision.merger.…`, …
//! - `audio.conv1.weight`, `audio.layers.N.…`, …

/// Beginnings of names in files and what stands for them, the more particular first. None: the
/// tensor belongs to a part that is not run (speech output, several tokens at once).
const BEGINNINGS: [(&str, Option<&str>); 14] = [
    ("talker.", None),
    ("token2wav.", None),
    ("mtp.", None),
    ("model.language_model.", Some("text.")),
    ("language_model.model.", Some("text.")),
    ("language_model.lm_head.", Some("head.")),
    ("model.visual.", Some("vision.")),
    ("visual.", Some("vision.")),
    ("model.audio_tower.", Some("audio.")),
    ("audio_tower.", Some("audio.")),
    ("lm_head.", Some("head.")),
    ("model.lm_head.", Some("head.")),
    ("language_model.", Some("text.")),
    ("model.", Some("text.")),
];

/// The canonical name of a tensor as `transformers` and the released checkpoints call it; none
/// for parts that are not run.
pub fn canonical(file_name: &str) -> Option<String> {
    // Omni's full class puts the thinker beside the talker.
    let name = file_name.strip_prefix("thinker.").unwrap_or(file_name);
    for (beginning, replacement) in BEGINNINGS {
        if let Some(rest) = name.strip_prefix(beginning) {
            return replacement.map(|part| format!("{part}{rest}"));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::canonical;

    #[test]
    fn every_layout_gives_the_same_names() {
        for (file, name) in [
            (
                "model.layers.0.mlp.up_proj.weight",
                "text.layers.0.mlp.up_proj.weight",
            ),
            ("model.language_model.norm.weight", "text.norm.weight"),
            (
                "thinker.model.embed_tokens.weight",
                "text.embed_tokens.weight",
            ),
            ("visual.merger.ln_q.weight", "vision.merger.ln_q.weight"),
            ("model.visual.pos_embed.weight", "vision.pos_embed.weight"),
            (
                "thinker.visual.blocks.3.attn.q.bias",
                "vision.blocks.3.attn.q.bias",
            ),
            ("thinker.audio_tower.conv1.weight", "audio.conv1.weight"),
            ("audio_tower.proj.bias", "audio.proj.bias"),
            ("lm_head.weight", "head.weight"),
            ("thinker.lm_head.weight", "head.weight"),
        ] {
            assert_eq!(canonical(file).as_deref(), Some(name));
        }
        for skipped in [
            "talker.model.norm.weight",
            "token2wav.x",
            "mtp.fc.weight",
            "other",
        ] {
            assert_eq!(canonical(skipped), None);
        }
    }
}
