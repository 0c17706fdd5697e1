//! Media as they are decoded, before any model's preprocessing.

/// A medium in memory.
#[derive(Debug, Clone, PartialEq)]
pub enum Media {
    /// A still picture.
    Picture(Picture),
    /// A clip.
    Clip(Clip),
    /// Sound alone.
    Sound(Sound),
}

/// A picture: RGB, 8 bits, rows from the top, no padding (transparency laid on white already).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    /// Pixels across.
    pub width: usize,
    /// Pixels down.
    pub height: usize,
    /// `height × width × 3` bytes.
    pub rgb: Vec<u8>,
}

/// Sampled frames of a clip, all of one size.
#[derive(Debug, Clone, PartialEq)]
pub struct Clip {
    /// In order, at least one.
    pub frames: Vec<Picture>,
    /// Frames per second of `frames` (after sampling).
    pub fps: f64,
    /// Index of each frame in the source and the source's rate, where they are known:
    /// Qwen3-VL writes times from them.
    pub source: Option<SourceFrames>,
    /// The clip's own sound, for models that hear it together with the picture.
    pub sound: Option<Sound>,
}

/// Which frames of the source were taken.
#[derive(Debug, Clone, PartialEq)]
pub struct SourceFrames {
    /// One for each frame.
    pub indices: Vec<usize>,
    /// Frames per second of the source.
    pub fps: f64,
}

/// Mono sound at 16 kHz, samples in −1…1.
#[derive(Debug, Clone, PartialEq)]
pub struct Sound {
    /// The samples.
    pub samples: Vec<f32>,
}

/// Samples per second of [`Sound`].
pub const SOUND_RATE: usize = 16_000;
