//! Media as an endpoint takes them: bytes of pictures and sound, within bounds.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use decoupage_dialogue::{Failure, FailureCode, MediaLimits, Outcome, Smaller};
use decoupage_shot::Watch;
use serde_json::{Value, json};

/// The most bytes of one picture, frame or sound.
pub const MAX_MEDIUM_BYTES: usize = 8 << 20;
/// The most bytes of all media of one request.
pub const MAX_MEDIA_BYTES: usize = 32 << 20;

/// What bytes are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// A JPEG picture.
    Jpeg,
    /// A PNG picture.
    Png,
    /// WAVE sound.
    Wav,
    /// MP3 sound.
    Mp3,
}

/// One encoded picture or sound.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Encoded {
    /// What the bytes are.
    pub format: Format,
    /// The file's bytes.
    pub bytes: Vec<u8>,
}

/// A medium ready to be sent.
#[derive(Debug, Clone, PartialEq)]
pub enum Shown {
    /// A picture.
    Picture(Encoded),
    /// Frames of a clip, with their times in seconds.
    Frames(Vec<(f64, Encoded)>),
    /// Sound.
    Sound(Encoded),
    /// Words that stand for what cannot be shown.
    Words(String),
}

/// Turns media into bytes: the caller's part, who knows where they lie and how to decode them.
pub trait Encode<M> {
    /// A medium within the limits.
    ///
    /// # Errors
    /// What decoding meets; [`FailureCode::Cancelled`] when the watch says so.
    fn encode(&self, medium: &M, limits: &MediaLimits, watch: &dyn Watch) -> Outcome<Shown>;
}

/// Counts what a request holds.
#[derive(Debug, Default)]
pub(crate) struct Load {
    bytes: usize,
}

impl Load {
    fn take(&mut self, encoded: &Encoded) -> Outcome<()> {
        self.bytes = self.bytes.saturating_add(encoded.bytes.len());
        if encoded.bytes.len() > MAX_MEDIUM_BYTES || self.bytes > MAX_MEDIA_BYTES {
            return Err(Failure::new(
                FailureCode::TooLong,
                format!(
                    "The pictures and frames of this shot are too many to send: {} MB, and {} MB are the most.",
                    self.bytes >> 20,
                    MAX_MEDIA_BYTES >> 20
                ),
            )
            .advise("Show the model fewer frames or smaller pictures.")
            .offer([Smaller::FewerFrames]));
        }
        Ok(())
    }

    /// The parts of a message that show a medium.
    pub fn parts(&mut self, shown: &Shown) -> Outcome<Vec<Value>> {
        Ok(match shown {
            Shown::Picture(picture) => vec![self.part(picture)?],
            Shown::Frames(frames) => {
                let mut parts = Vec::with_capacity(frames.len() * 2);
                for (time_s, frame) in frames {
                    parts.push(json!({"type": "text", "text": format!("[{time_s:.1} s]")}));
                    parts.push(self.part(frame)?);
                }
                parts
            }
            Shown::Sound(sound) => vec![self.part(sound)?],
            Shown::Words(words) => vec![json!({"type": "text", "text": words})],
        })
    }

    fn part(&mut self, encoded: &Encoded) -> Outcome<Value> {
        self.take(encoded)?;
        let data = STANDARD.encode(&encoded.bytes);
        Ok(match encoded.format {
            Format::Jpeg => {
                json!({"type": "image_url", "image_url": {"url": format!("data:image/jpeg;base64,{data}")}})
            }
            Format::Png => {
                json!({"type": "image_url", "image_url": {"url": format!("data:image/png;base64,{data}")}})
            }
            Format::Wav => {
                json!({"type": "input_audio", "input_audio": {"data": data, "format": "wav"}})
            }
            Format::Mp3 => {
                json!({"type": "input_audio", "input_audio": {"data": data, "format": "mp3"}})
            }
        })
    }
}
