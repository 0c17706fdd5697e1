//! Pictures, clips and audio in: probing, frame-exact stills, posters and filmstrips.
//!
//! Work is bounded in memory (one decoded frame at a time, sizes checked before allocation)
//! and cancellable through [`decoupage_shot::Watch`].

mod bounds;
mod pass;
mod picks;
mod picture;
mod preview;
mod raw;
mod scale;
mod sequence;
mod sound;
mod source;
#[cfg(test)]
mod tests;
mod timeline;
mod video;

use std::path::Path;

use decoupage_shot::{Code, Fault, Outcome, Phase, Silent, Watch};
use image::{DynamicImage, ImageFormat};
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
    /// The frames with these numbers, in ascending order; beyond the end, the last one.
    Frames(Vec<u64>),
    /// Every frame up to a most; beyond it, evenly spread.
    All {
        /// The most frames that are delivered.
        most: usize,
    },
}

pub use bounds::{MAX_DECODED_BYTES, MAX_FOLDER_FRAMES, MAX_SIDE};
pub use picture::{decode_bytes, shrink};
pub use preview::{
    Filmstrip, MAX_STRIP_FRAMES, PreviewFormat, display, encode_preview, filmstrip, poster,
};
pub use sequence::{frames_of, natural};

/// What a file's audio track is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct AudioInfo {
    /// Codec ("aac", "pcm_s16le").
    pub codec: String,
    /// Samples per second.
    pub sample_rate: u32,
    /// Number of channels.
    pub channels: u8,
    /// Length in seconds, if the file says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub duration_s: Option<f64>,
}

/// What an open file holds.
enum Medium {
    Picture(std::fs::File, ImageFormat),
    Clip(Box<video::Clip>),
    Sound(MediaInfo),
}

fn open(path: &Path) -> Outcome<Medium> {
    let (file, content) = source::open(path)?;
    match content {
        // A GIF of one frame is a picture, any other a clip.
        source::Content::Picture(ImageFormat::Gif) => {
            let again = file
                .try_clone()
                .map_err(|e| Fault::io(&e, "open this file", path))?;
            match video::open(file, path) {
                Ok(video::Opened::Clip(mut clip)) => {
                    let timeline = timeline::Timeline::of(&mut clip, path, &Silent)?;
                    if timeline.count() > 1 {
                        clip.info.frames = timeline.count();
                        return Ok(Medium::Clip(Box::new(clip.rewound(path)?)));
                    }
                }
                Ok(video::Opened::Sound(_)) | Err(_) => {}
            }
            Ok(Medium::Picture(again, ImageFormat::Gif))
        }
        source::Content::Picture(format) => Ok(Medium::Picture(file, format)),
        source::Content::Other => Ok(match video::open(file, path)? {
            video::Opened::Clip(clip) => Medium::Clip(clip),
            video::Opened::Sound(info) => Medium::Sound(info),
        }),
    }
}

fn is_folder(path: &Path) -> Outcome<bool> {
    path.metadata()
        .map(|m| m.is_dir())
        .map_err(|e| Fault::io(&e, "open this file", path))
}

/// What a file or folder holds, without decoding more than its header (and the folder's first
/// frame). Videos without an index of up to 256 MB are read through, not decoded, so that their
/// frames are counted.
///
/// # Errors
/// A fault with one sentence for files that are missing, unreadable, truncated, empty, beyond
/// the size bounds or not media at all.
pub fn probe(path: &Path) -> Outcome<MediaInfo> {
    if is_folder(path)? {
        return sequence::probe(path);
    }
    match open(path)? {
        Medium::Picture(file, format) => picture::probe(file, format, path),
        Medium::Sound(info) => Ok(info),
        Medium::Clip(mut clip) => {
            if !clip.counted && clip.survey {
                let timeline = timeline::Timeline::of(&mut clip, path, &Silent)?;
                clip.info.frames = timeline.count();
            }
            Ok(clip.info)
        }
    }
}

/// Decodes the wanted frames in order and hands each to `each`, scaled down (never up) so that
/// no side exceeds `longest` pixels. Pictures are clips of one frame. `fps` is the rate of
/// folders of frames ([`ASSUMED_FPS`] without it); videos keep their own times. Where more
/// frames are asked for than there are, each is delivered once; times beyond the end mean the
/// last frame.
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
    watch.go_on()?;
    if is_folder(path)? {
        return sequence::stills(path, pick, longest, fps, watch, each);
    }
    match open(path)? {
        Medium::Clip(clip) => pass::stills(*clip, path, pick, longest, watch, each),
        Medium::Sound(_) => {
            Err(Fault::new(Code::Unsupported, "This file holds sound and no pictures.").at(path))
        }
        Medium::Picture(file, format) => {
            let wanted = picks::indices(pick, 1, |_| 0).len();
            let (info, picture) = picture::decode(file, format, path, longest)?;
            for done in 0..wanted {
                watch.go_on()?;
                watch.report(Phase::Decoding, done as u64, wanted as u64);
                each(Still {
                    index: 0,
                    time_s: 0.0,
                    picture: picture.clone(),
                })?;
            }
            watch.report(Phase::Decoding, wanted as u64, wanted as u64);
            Ok(info)
        }
    }
}

/// The audio track of a file: `None` where it has none (pictures, folders, silent clips).
///
/// # Errors
/// As [`probe`].
pub fn audio(path: &Path) -> Outcome<Option<AudioInfo>> {
    if is_folder(path)? {
        return Ok(None);
    }
    match source::open(path)? {
        (_, source::Content::Picture(_)) => Ok(None),
        (file, source::Content::Other) => video::audio(file, path),
    }
}

/// The sound of a file: the mean of the channels of its first audio track, in −1…1, at `rate`
/// samples per second, at most `most_s` seconds from the beginning. `None` where it has none
/// (pictures, folders, silent clips).
///
/// # Errors
/// As [`probe`]; a fault where the track cannot be decoded; the person's cancellation.
pub fn sound(path: &Path, rate: u32, most_s: f64, watch: &dyn Watch) -> Outcome<Option<Vec<f32>>> {
    decode_sound(path, rate, most_s, watch, None)
}

/// A decoded stretch of sound as the file stores it.
#[derive(Debug, Clone, Copy)]
pub struct Heard<'a> {
    /// Samples per second.
    pub rate: u32,
    /// Number of channels, at least one.
    pub channels: usize,
    /// The samples moment by moment, `channels` each; full scale is −1…1. Lossy codecs
    /// overshoot it, damaged files hold what is no number.
    pub samples: &'a [f32],
}

/// As [`sound`], and hands every decoded stretch to `each` before its channels are made one: in
/// one pass, what is heard (mono at `rate`) and how loud it is (every channel, unscaled).
///
/// # Errors
/// As [`sound`]; what `each` returns.
pub fn listen(
    path: &Path,
    rate: u32,
    most_s: f64,
    watch: &dyn Watch,
    each: &mut dyn FnMut(Heard<'_>) -> Outcome<()>,
) -> Outcome<Option<Vec<f32>>> {
    decode_sound(path, rate, most_s, watch, Some(each))
}

fn decode_sound(
    path: &Path,
    rate: u32,
    most_s: f64,
    watch: &dyn Watch,
    listener: Option<sound::Listener<'_>>,
) -> Outcome<Option<Vec<f32>>> {
    watch.go_on()?;
    if is_folder(path)? {
        return Ok(None);
    }
    match source::open(path)? {
        (_, source::Content::Picture(_)) => Ok(None),
        (file, source::Content::Other) => sound::decode(file, path, rate, most_s, watch, listener),
    }
}
