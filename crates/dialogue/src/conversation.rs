//! What a model is shown: messages of words, pictures, clips and sound.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// Messages in order. `M` is how media are held: [`Source`] (where they lie) until they are
/// decoded.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Conversation<M = Source> {
    /// Oldest first.
    pub messages: Vec<Message<M>>,
}

/// One message.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Message<M = Source> {
    /// Who speaks.
    pub role: Role,
    /// Words and media in reading order.
    pub parts: Vec<Part<M>>,
}

/// Who speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Instructions.
    System,
    /// The person.
    User,
    /// The model.
    Assistant,
}

/// A piece of a message.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Part<M = Source> {
    /// Words.
    Text(String),
    /// A picture, a clip or sound.
    Media(M),
}

/// Where a medium lies.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum Source {
    /// A still picture.
    Picture {
        /// The file.
        path: PathBuf,
    },
    /// A clip; its frames are sampled within [`MediaLimits`].
    Clip {
        /// The file.
        path: PathBuf,
        /// Hear its sound too, where the model can and the clip has any.
        with_sound: bool,
    },
    /// Frames that lie beside one another as pictures.
    Frames {
        /// In order.
        paths: Vec<PathBuf>,
        /// Frames per second.
        fps: f64,
    },
    /// Sound alone.
    Sound {
        /// The file.
        path: PathBuf,
    },
}

/// How much of the media a model is shown.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct MediaLimits {
    /// Frames per second taken from a clip.
    pub fps: f64,
    /// At most so many frames of one clip (even).
    pub max_frames: usize,
    /// At most so many visual tokens for one picture.
    pub picture_tokens: usize,
    /// At most so many visual tokens for one frame pair of a clip.
    pub frame_tokens: usize,
    /// At most so many visual tokens for one whole clip.
    pub clip_tokens: usize,
    /// At most so many seconds of sound.
    pub sound_s: f64,
}

impl Default for MediaLimits {
    /// What reads a shot of a few seconds well within a small context.
    fn default() -> Self {
        Self {
            fps: 2.0,
            max_frames: 32,
            picture_tokens: 1_024,
            frame_tokens: 256,
            clip_tokens: 4_096,
            sound_s: 60.0,
        }
    }
}

impl<M> Conversation<M> {
    /// The same words with each medium turned into another form of it.
    ///
    /// # Errors
    /// The first that `change` returns.
    pub fn try_map<N, E>(
        &self,
        mut change: impl FnMut(&M) -> Result<N, E>,
    ) -> Result<Conversation<N>, E> {
        let messages = self
            .messages
            .iter()
            .map(|message| {
                let parts = message
                    .parts
                    .iter()
                    .map(|part| {
                        Ok(match part {
                            Part::Text(text) => Part::Text(text.clone()),
                            Part::Media(media) => Part::Media(change(media)?),
                        })
                    })
                    .collect::<Result<_, E>>()?;
                Ok(Message {
                    role: message.role,
                    parts,
                })
            })
            .collect::<Result<_, E>>()?;
        Ok(Conversation { messages })
    }

    /// Every medium in reading order.
    pub fn media(&self) -> impl Iterator<Item = &M> {
        self.messages
            .iter()
            .flat_map(|message| &message.parts)
            .filter_map(|part| match part {
                Part::Media(media) => Some(media),
                Part::Text(_) => None,
            })
    }
}
