//! What a checkpoint's `config.json` says, in one form for all families.

mod parse;
mod section;

/// A model family.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Family {
    /// Qwen2-VL.
    Qwen2Vl,
    /// Qwen2.5-VL.
    Qwen25Vl,
    /// Qwen3-VL, dense.
    Qwen3Vl,
    /// Qwen2.5-Omni's thinker: ASID-Captioner is this.
    Qwen25Omni,
    /// Qwen3.5, 3.6 and 3.8, dense.
    Qwen35,
}

/// A whole model.
#[derive(Debug, Clone, PartialEq)]
pub struct ModelConfig {
    /// Which family.
    pub family: Family,
    /// The decoder.
    pub text: TextConfig,
    /// The vision tower.
    pub vision: VisionConfig,
    /// The audio tower, where the model hears.
    pub audio: Option<AudioConfig>,
    /// Ids of the tokens that stand for media.
    pub tokens: MediaTokens,
    /// Temporal position ids per second of video (Qwen2.5-VL: 2, Omni: 25).
    pub positions_per_second: f64,
    /// Seconds per chunk in which Omni interleaves video and sound.
    pub seconds_per_chunk: f64,
}

/// Ids of the tokens that stand for media.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MediaTokens {
    /// One feature of a picture.
    pub image: u32,
    /// One feature of a clip.
    pub video: u32,
    /// Before a picture or clip.
    pub vision_start: u32,
    /// After it.
    pub vision_end: u32,
    /// One feature of sound.
    pub audio: Option<u32>,
    /// Before sound.
    pub audio_start: Option<u32>,
    /// After it.
    pub audio_end: Option<u32>,
}

/// The text decoder.
#[derive(Debug, Clone, PartialEq)]
pub struct TextConfig {
    /// Rows of the embedding.
    pub vocabulary: usize,
    /// Width of the residual stream.
    pub hidden: usize,
    /// One entry for each layer.
    pub layers: Vec<LayerKind>,
    /// Query heads.
    pub heads: usize,
    /// Key and value heads.
    pub kv_heads: usize,
    /// Width of a head.
    pub head_dim: usize,
    /// Width of the SwiGLU.
    pub intermediate: usize,
    /// RMSNorm's epsilon.
    pub norm_epsilon: f64,
    /// RMSNorm multiplies with 1 + weight (Qwen3.5).
    pub norm_plus_one: bool,
    /// Biases on q, k, v (Qwen2).
    pub qkv_bias: bool,
    /// RMSNorm on each query and key head (Qwen3).
    pub qk_norm: bool,
    /// The query projection carries a sigmoid output gate (Qwen3.5).
    pub gated_attention: bool,
    /// Rotary positions.
    pub rope: RopeConfig,
    /// Gated delta net (Qwen3.5).
    pub delta: Option<DeltaConfig>,
    /// The head is the embedding.
    pub tied: bool,
    /// Most tokens it was trained for.
    pub context: usize,
}

/// What a text layer mixes tokens with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LayerKind {
    /// Softmax attention.
    Attention,
    /// Gated delta net.
    Delta,
}

/// Multimodal rotary positions.
#[derive(Debug, Clone, PartialEq)]
pub struct RopeConfig {
    /// The base.
    pub theta: f64,
    /// Frequencies for time, height, width; they add up to `rotary_dim / 2`.
    pub sections: [usize; 3],
    /// Interleaved T H W T H W … (Qwen3-VL) instead of blocks.
    pub interleaved: bool,
    /// How much of a head is rotated.
    pub rotary_dim: usize,
}

/// Gated delta net (Yang et al. 2024; Qwen3-Next).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeltaConfig {
    /// Key and query heads.
    pub key_heads: usize,
    /// Value heads.
    pub value_heads: usize,
    /// Width of a key head.
    pub key_dim: usize,
    /// Width of a value head.
    pub value_dim: usize,
    /// Taps of the short causal convolution.
    pub convolution: usize,
}

/// The vision tower.
#[derive(Debug, Clone, PartialEq)]
pub struct VisionConfig {
    /// Blocks.
    pub depth: usize,
    /// Width.
    pub hidden: usize,
    /// Heads.
    pub heads: usize,
    /// Width of the feed-forward.
    pub intermediate: usize,
    /// Pixels of a patch's side.
    pub patch: usize,
    /// Frames of a patch.
    pub temporal_patch: usize,
    /// Patches of a merged token's side.
    pub merge: usize,
    /// Width of the merged tokens: the text model's.
    pub output: usize,
    /// The feed-forward's form.
    pub feed_forward: VisionFeedForward,
    /// RMSNorm instead of LayerNorm (Qwen2.5-VL).
    pub rms_norm: bool,
    /// The patch embedding has a bias (Qwen3-VL).
    pub patch_bias: bool,
    /// Attention windows.
    pub windows: Option<Windows>,
    /// Side of the learned position grid (Qwen3-VL: 48).
    pub learned_grid: Option<usize>,
    /// Blocks after which features are taken for the first text layers.
    pub deepstack: Vec<usize>,
    /// How the merger is laid out.
    pub merger: MergerKind,
}

/// Feed-forward of a vision block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum VisionFeedForward {
    /// x · sigmoid(1.702 x).
    QuickGelu,
    /// The tanh approximation of GELU.
    GeluTanh,
    /// SwiGLU with biases.
    SwiGlu,
}

/// Layout of the patch merger.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MergerKind {
    /// `ln_q`, `mlp.0`, GELU, `mlp.2` (Qwen2-VL and 2.5).
    Mlp,
    /// `norm`, `linear_fc1`, GELU (erf), `linear_fc2` (Qwen3-VL and later).
    Named,
}

/// Windowed attention of Qwen2.5-VL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Windows {
    /// Pixels of a window's side.
    pub pixels: usize,
    /// Blocks that attend to the whole picture.
    pub full_blocks: Vec<usize>,
}

/// The audio tower of Qwen2.5-Omni.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AudioConfig {
    /// Blocks.
    pub depth: usize,
    /// Width.
    pub hidden: usize,
    /// Heads.
    pub heads: usize,
    /// Width of the feed-forward.
    pub intermediate: usize,
    /// Mel bins.
    pub mel_bins: usize,
    /// Half the mel frames of a chunk.
    pub window: usize,
    /// Most positions.
    pub positions: usize,
    /// Width of the features: the text model's.
    pub output: usize,
}
