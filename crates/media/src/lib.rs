//! Pictures, clips and audio in: probing, frame-exact stills, posters and filmstrips.
//!
//! Work is bounded in memory (one decoded frame at a time, sizes checked before allocation)
//! and cancellable through [`decoupage_shot::Watch`].

use std::path::Path;

use decoupage_shot::{Outcome, Watch};
use image::DynamicImage;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// What a file or folder holds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct MediaInfo {
    /// Picture, folder of frames, video or sound.
    pub form: MediaForm,
    /// Width in pixels, upright and with square pixels; 0 for sound.
    pub width: u32,
    /// Height in pixels, upright; 0 for sound.
    pub height: u32,
    /// Number of frames (1 for a picture, 0 for sound; for videos counted from the container's
    /// index, or estimated from duration and rate where there is none).
    #[ts(type = "number")]
    pub frames: u64,
    /// Frames per second; `None` for stills, sound and folders (which store no rate).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub fps: Option<f64>,
    /// Length in seconds; `None` for stills and folders of frames.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub duration_s: Option<f64>,
    /// Whether there is an audio track.
    pub has_audio: bool,
    /// Whether pixels can be transparent.
    pub has_alpha: bool,
    /// Bits per channel.
    pub bit_depth: u8,
    /// Codec or picture format ("h264", "png").
    pub codec: String,
}

/// What form a medium has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum MediaForm {
    /// One still picture.
    Picture,
    /// A folder of frames.
    Sequence,
    /// A video (or animated GIF).
    Video,
    /// Sound alone.
    Audio,
}

/// Frames per second assumed for folders of frames and formats that store no rate.
pub const ASSUMED_FPS: f64 = 24.0;

/// One decoded frame, upright, with square pixels; 16-bit and alpha kept.
#[derive(Debug, Clone)]
pub struct Still {
    /// Frame number, from 0.
    pub index: u64,
    /// Seconds since the first frame.
    pub time_s: f64,
    /// The pixels.
    pub picture: DynamicImage,
}

/// Which frames of a clip are wanted.
#[derive(Debug, Clone, PartialEq)]
pub enum Pick {
    /// `n` frames evenly spread from the first to the last, both included.
    Even(usize),
    /// The frames shown at these times, seconds, in ascending order.
    Times(Vec<f64>),
    /// Every frame up to a most; beyond it, evenly spread.
    All {
        /// The most frames that are delivered.
        most: usize,
    },
}

/// What a file or folder holds, without decoding more than its header (and the folder's first
/// frame).
///
/// # Errors
/// A fault with one sentence for files that are missing, unreadable, truncated, empty, beyond
/// the size bounds or not media at all.
pub fn probe(path: &Path) -> Outcome<MediaInfo> {
    let _ = path;
    Err(unfinished())
}

/// Decodes the wanted frames in order and hands each to `each`, scaled down (never up) so that
/// no side exceeds `longest` pixels. Pictures are clips of one frame.
///
/// # Errors
/// As [`probe`]; also what `each` returns, and the person's cancellation.
pub fn stills(
    path: &Path,
    pick: &Pick,
    longest: Option<u32>,
    fps: Option<f64>,
    watch: &dyn Watch,
    each: &mut dyn FnMut(Still) -> Outcome<()>,
) -> Outcome<MediaInfo> {
    let _ = (path, pick, longest, fps, watch, each);
    Err(unfinished())
}

fn unfinished() -> decoupage_shot::Fault {
    decoupage_shot::Fault::new(decoupage_shot::Code::Internal, "being built")
}
