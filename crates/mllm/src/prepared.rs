//! A conversation as a model takes it: tokens, positions, and pixels or mel frames.

use std::ops::Range;

use candle_core::Tensor;

/// A conversation ready to be computed.
#[derive(Debug, Clone)]
pub struct Prepared {
    /// Token ids, media placeholders expanded.
    pub ids: Vec<u32>,
    /// Position of each token: time, height, width (M-RoPE, Qwen2-VL §2.1).
    pub positions: Vec<[u32; 3]>,
    /// The position that the first written token takes.
    pub next_position: u32,
    /// Media in the order of their first place.
    pub media: Vec<PreparedMedium>,
    /// What was reduced so that it fits, one sentence each.
    pub notes: Vec<String>,
}

/// What kind of features a medium has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum MediumKind {
    /// A still picture.
    Image,
    /// Frames of a clip.
    Video,
    /// Sound.
    Audio,
}

/// One medium, preprocessed.
#[derive(Debug, Clone)]
pub struct PreparedMedium {
    /// What kind it is.
    pub kind: MediumKind,
    /// Pictures and clips: `[patches, channels × temporal patch × patch × patch]` f32,
    /// normalised, in merge-block order. Sound: mel `[bins, frames]` f32.
    pub values: Tensor,
    /// Patches over time, down and across; sound: `[1, 1, mel frames]`.
    pub grid: [usize; 3],
    /// Where its embeddings go among the tokens, in order; their lengths add up to the number
    /// of its features. Several where text stands between (times of frames, sound chunks).
    pub places: Vec<Range<usize>>,
    /// blake3 of `values` and `grid`: the key of cached features.
    pub hash: [u8; 32],
}

/// What a medium turns into.
#[derive(Debug, Clone)]
pub struct Features {
    /// `[tokens, hidden]`, as they stand in for the placeholder tokens.
    pub embeddings: Tensor,
    /// Deepstack (Qwen3-VL): one `[tokens, hidden]` for each of the first text layers.
    pub deep: Vec<Tensor>,
}
