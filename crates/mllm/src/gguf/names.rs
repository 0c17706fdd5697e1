//! llama.cpp's names of tensors and the canonical ones (see [`crate::weights::names`]).

use crate::config::Family;

/// Parts of a text layer, without `weight` or `bias`.
const TEXT_LAYER: [(&str, &str); 11] = [
    ("attn_norm", "input_layernorm"),
    ("attn_q", "self_attn.q_proj"),
    ("attn_k", "self_attn.k_proj"),
    ("attn_v", "self_attn.v_proj"),
    ("attn_output", "self_attn.o_proj"),
    ("attn_q_norm", "self_attn.q_norm"),
    ("attn_k_norm", "self_attn.k_norm"),
    ("ffn_norm", "post_attention_layernorm"),
    ("ffn_gate", "mlp.gate_proj"),
    ("ffn_up", "mlp.up_proj"),
    ("ffn_down", "mlp.down_proj"),
];

/// Parts of a layer that only Qwen3.5 has.
const DELTA_LAYER: [(&str, &str); 10] = [
    (
        "post_attention_norm.weight",
        "post_attention_layernorm.weight",
    ),
    ("attn_qkv.weight", "linear_attn.in_proj_qkv.weight"),
    ("attn_gate.weight", "linear_attn.in_proj_z.weight"),
    ("ssm_alpha.weight", "linear_attn.in_proj_a.weight"),
    ("ssm_beta.weight", "linear_attn.in_proj_b.weight"),
    ("ssm_conv1d.weight", "linear_attn.conv1d.weight"),
    ("ssm_dt.bias", "linear_attn.dt_bias"),
    ("ssm_a", "linear_attn.A_log"),
    ("ssm_norm.weight", "linear_attn.norm.weight"),
    ("ssm_out.weight", "linear_attn.out_proj.weight"),
];

/// Parts of an audio layer.
const AUDIO_LAYER: [(&str, &str); 8] = [
    ("ln1", "self_attn_layer_norm"),
    ("attn_q", "self_attn.q_proj"),
    ("attn_k", "self_attn.k_proj"),
    ("attn_v", "self_attn.v_proj"),
    ("attn_out", "self_attn.out_proj"),
    ("ln2", "final_layer_norm"),
    ("ffn_up", "fc1"),
    ("ffn_down", "fc2"),
];

/// The canonical name of a tensor of a text file with `depth` layers; none for those that are not
/// run, as the layers behind them that foretell several tokens.
pub(super) fn text(family: Family, depth: usize, name: &str) -> Option<String> {
    match name {
        "token_embd.weight" => return Some("text.embed_tokens.weight".into()),
        "output_norm.weight" => return Some("text.norm.weight".into()),
        "output.weight" => return Some("head.weight".into()),
        _ => {}
    }
    let (layer, rest) = numbered(name.strip_prefix("blk.")?)?;
    if layer >= depth {
        return None;
    }
    if family == Family::Qwen35 {
        let delta = DELTA_LAYER.iter().find(|(theirs, _)| *theirs == rest);
        if let Some((_, ours)) = delta {
            return Some(format!("text.layers.{layer}.{ours}"));
        }
    }
    let (part, end) = ended(rest)?;
    let ours = lookup(&TEXT_LAYER, part)?;
    Some(format!("text.layers.{layer}.{ours}.{end}"))
}

/// What there is to know for the names of a vision tower.
#[derive(Debug, Clone)]
pub(super) struct VisionNames {
    pub(super) family: Family,
    /// Layers that deepstack features are taken after, ascending.
    pub(super) deepstack: Vec<usize>,
    /// Old files have the two matrices of the feed-forward the wrong way round.
    pub(super) swapped: bool,
}

impl VisionNames {
    /// The canonical name of a tensor of the vision part, but for the patch embedding's two
    /// halves; none for those that are not run.
    pub(super) fn of(&self, name: &str) -> Option<String> {
        let newer = matches!(self.family, Family::Qwen3Vl | Family::Qwen35);
        if name == "v.patch_embd.bias" {
            return Some("vision.patch_embed.proj.bias".into());
        }
        if name == "v.position_embd.weight" && newer {
            return Some("vision.pos_embed.weight".into());
        }
        let (part, end) = ended(name)?;
        let merger = match (part, newer) {
            ("v.post_ln", false) => Some("merger.ln_q"),
            ("v.post_ln", true) => Some("merger.norm"),
            ("mm.0", false) => Some("merger.mlp.0"),
            ("mm.0", true) => Some("merger.linear_fc1"),
            ("mm.2", false) => Some("merger.mlp.2"),
            ("mm.2", true) => Some("merger.linear_fc2"),
            _ => None,
        };
        if let Some(merger) = merger {
            return Some(format!("vision.{merger}.{end}"));
        }
        if let Some(rest) = part.strip_prefix("v.deepstack.") {
            let (layer, rest) = numbered(rest)?;
            let index = self.deepstack.iter().position(|deep| *deep == layer)?;
            let ours = match rest {
                "norm" => "norm",
                "fc1" => "linear_fc1",
                "fc2" => "linear_fc2",
                _ => return None,
            };
            return Some(format!("vision.deepstack_merger_list.{index}.{ours}.{end}"));
        }
        let (block, rest) = numbered(part.strip_prefix("v.blk.")?)?;
        let rest = match (rest, self.swapped) {
            ("ffn_up", true) => "ffn_down",
            ("ffn_down", true) => "ffn_up",
            (rest, _) => rest,
        };
        let ours = match (rest, self.family) {
            ("ln1", _) => "norm1",
            ("ln2", _) => "norm2",
            ("attn_qkv", _) => "attn.qkv",
            ("attn_q", _) => "attn.q",
            ("attn_k", _) => "attn.k",
            ("attn_v", _) => "attn.v",
            ("attn_out", _) => "attn.proj",
            ("ffn_up", Family::Qwen2Vl) => "mlp.fc1",
            ("ffn_down", Family::Qwen2Vl) => "mlp.fc2",
            ("ffn_up", Family::Qwen3Vl | Family::Qwen35) => "mlp.linear_fc1",
            ("ffn_down", Family::Qwen3Vl | Family::Qwen35) => "mlp.linear_fc2",
            ("ffn_up", _) => "mlp.up_proj",
            ("ffn_down", _) => "mlp.down_proj",
            ("ffn_gate", _) => "mlp.gate_proj",
            _ => return None,
        };
        Some(format!("vision.blocks.{block}.{ours}.{end}"))
    }
}

/// The canonical name of a tensor of the audio part; none for those that are not run (the
/// sinusoids are computed).
pub(super) fn audio(name: &str) -> Option<String> {
    let (part, end) = ended(name)?;
    let whole = match part {
        "a.conv1d.1" => Some("conv1"),
        "a.conv1d.2" => Some("conv2"),
        "a.post_ln" => Some("ln_post"),
        "mm.a.fc" => Some("proj"),
        _ => None,
    };
    if let Some(whole) = whole {
        return Some(format!("audio.{whole}.{end}"));
    }
    let (layer, rest) = numbered(part.strip_prefix("a.blk.")?)?;
    let ours = lookup(&AUDIO_LAYER, rest)?;
    Some(format!("audio.layers.{layer}.{ours}.{end}"))
}

fn lookup(table: &[(&str, &'static str)], part: &str) -> Option<&'static str> {
    table
        .iter()
        .find_map(|(theirs, ours)| (*theirs == part).then_some(*ours))
}

/// "12.rest" in two.
fn numbered(name: &str) -> Option<(usize, &str)> {
    let (number, rest) = name.split_once('.')?;
    Some((number.parse().ok()?, rest))
}

/// A name and its `weight` or `bias`.
fn ended(name: &str) -> Option<(&str, &str)> {
    let (part, end) = name.rsplit_once('.')?;
    matches!(end, "weight" | "bias").then_some((part, end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_names() {
        for (theirs, ours) in [
            ("token_embd.weight", "text.embed_tokens.weight"),
            ("output.weight", "head.weight"),
            ("blk.3.attn_q.bias", "text.layers.3.self_attn.q_proj.bias"),
            (
                "blk.10.ffn_norm.weight",
                "text.layers.10.post_attention_layernorm.weight",
            ),
        ] {
            assert_eq!(text(Family::Qwen25Vl, 11, theirs).as_deref(), Some(ours));
        }
        assert_eq!(
            text(Family::Qwen35, 4, "blk.0.ssm_a").as_deref(),
            Some("text.layers.0.linear_attn.A_log")
        );
        assert_eq!(text(Family::Qwen3Vl, 4, "blk.0.ssm_a"), None);
        assert_eq!(text(Family::Qwen3Vl, 4, "rope_freqs.weight"), None);
        assert_eq!(text(Family::Qwen35, 4, "blk.4.attn_q.weight"), None);
    }

    #[test]
    fn vision_names() {
        let mut names = VisionNames {
            family: Family::Qwen3Vl,
            deepstack: vec![8, 16, 24],
            swapped: false,
        };
        for (theirs, ours) in [
            (
                "v.deepstack.16.fc1.bias",
                "vision.deepstack_merger_list.1.linear_fc1.bias",
            ),
            ("v.blk.2.attn_qkv.weight", "vision.blocks.2.attn.qkv.weight"),
            (
                "v.blk.2.ffn_up.weight",
                "vision.blocks.2.mlp.linear_fc1.weight",
            ),
            ("v.position_embd.weight", "vision.pos_embed.weight"),
            ("v.post_ln.bias", "vision.merger.norm.bias"),
        ] {
            assert_eq!(names.of(theirs).as_deref(), Some(ours));
        }
        assert_eq!(names.of("v.deepstack.9.fc1.bias"), None);
        names.family = Family::Qwen2Vl;
        names.swapped = true;
        for (theirs, ours) in [
            ("v.blk.2.ffn_up.bias", "vision.blocks.2.mlp.fc2.bias"),
            ("mm.0.weight", "vision.merger.mlp.0.weight"),
        ] {
            assert_eq!(names.of(theirs).as_deref(), Some(ours));
        }
    }

    #[test]
    fn audio_names() {
        for (theirs, ours) in [
            ("a.conv1d.2.bias", "audio.conv2.bias"),
            (
                "a.blk.7.ln2.weight",
                "audio.layers.7.final_layer_norm.weight",
            ),
            ("mm.a.fc.weight", "audio.proj.weight"),
        ] {
            assert_eq!(audio(theirs).as_deref(), Some(ours));
        }
        assert_eq!(audio("a.position_embd.weight"), None);
    }
}
