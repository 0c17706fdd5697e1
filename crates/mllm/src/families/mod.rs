//! What differs between the families: how media stand in the tokens, and the positions they
//! take. One folder each; everything else is shared.

mod qwen25_omni;
mod qwen25_vl;
mod qwen2_vl;
mod qwen35;
mod qwen3_vl;
mod sequence;

use std::ops::Range;

use decoupage_dialogue::{Failure, FailureCode, Outcome};

use crate::config::{Family, MediaTokens, ModelConfig};
use crate::media::SourceFrames;
use crate::tokens::{Segment, Tokens};
use sequence::Sequence;

/// Names that people know the families by.
impl Family {
    /// As its makers call it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Qwen2Vl => "Qwen2-VL",
            Self::Qwen25Vl => "Qwen2.5-VL",
            Self::Qwen3Vl => "Qwen3-VL",
            Self::Qwen25Omni => "Qwen2.5-Omni",
            Self::Qwen35 => "Qwen3.5",
        }
    }
}

/// A medium as far as the tokens go.
#[derive(Debug, Clone, PartialEq)]
pub enum Shape {
    /// A still picture.
    Picture {
        /// Patches over time (1), down and across.
        grid: [usize; 3],
    },
    /// A clip.
    Clip {
        /// Patches over time, down and across.
        grid: [usize; 3],
        /// Frames per second of the sampled frames.
        fps: f64,
        /// How many frames were sampled.
        frames: usize,
        /// Where they come from.
        source: Option<SourceFrames>,
        /// Tokens of its own sound, where the model hears it together with the picture.
        sound: Option<usize>,
    },
    /// Sound.
    Sound {
        /// Its tokens.
        tokens: usize,
    },
}

/// Tokens and positions of a conversation.
#[derive(Debug, Clone, PartialEq)]
pub struct Layout {
    /// Token ids, placeholders expanded.
    pub ids: Vec<u32>,
    /// Time, height, width of each.
    pub positions: Vec<[u32; 3]>,
    /// The position of the first written token.
    pub next_position: u32,
    /// Where each medium's features go. The sound of a clip follows the clip as a medium of
    /// its own.
    pub places: Vec<Vec<Range<usize>>>,
}

/// How one family writes media. The methods put tokens into a sequence.
trait Writer {
    /// A picture in the place of its token.
    fn picture(&self, sequence: &mut Sequence<'_>, grid: [usize; 3]) -> Outcome<()> {
        let [_, down, across] = sequence.merged(grid);
        let token = sequence.media().image;
        sequence.grid(token, &[0], down, across)
    }

    /// A clip in the place of its token. With `wrapped` the tokens around it are the writer's to
    /// put too: the template has them.
    fn clip(&self, sequence: &mut Sequence<'_>, clip: &ClipShape<'_>, wrapped: bool)
    -> Outcome<()>;
}

/// A clip's part of [`Shape`].
struct ClipShape<'a> {
    grid: [usize; 3],
    fps: f64,
    frames: usize,
    source: Option<&'a SourceFrames>,
    sound: Option<usize>,
}

/// Puts a rendered conversation and its media together.
///
/// # Errors
/// Of code `Unsupported` when the model's template leaves a medium out or has no place for
/// sound.
pub fn lay_out(
    config: &ModelConfig,
    tokens: &Tokens,
    rendered: &[Segment],
    media: &[Shape],
) -> Outcome<Layout> {
    let writer: &dyn Writer = match config.family {
        Family::Qwen2Vl => &qwen2_vl::Family,
        Family::Qwen25Vl => &qwen25_vl::Family {
            positions_per_second: config.positions_per_second,
        },
        Family::Qwen3Vl => &qwen3_vl::Family,
        Family::Qwen25Omni => &qwen25_omni::Family {
            positions_per_second: config.positions_per_second,
            seconds_per_chunk: config.seconds_per_chunk,
        },
        Family::Qwen35 => &qwen35::Family,
    };
    let names = tokens.media();
    let mut sequence = Sequence::new(tokens, config.vision.merge, config.vision.temporal_patch);
    let mut waiting = media.iter();
    let mut at = 0;
    while let Some(segment) = rendered.get(at) {
        let id = match segment {
            Segment::Text(text) => {
                sequence.words(text);
                at += 1;
                continue;
            }
            Segment::Special(id) => *id,
        };
        let wrapped = id == names.vision_start
            && rendered.get(at + 1) == Some(&Segment::Special(names.video))
            && rendered.get(at + 2) == Some(&Segment::Special(names.vision_end));
        if !wrapped && !stands_for_media(names, id) {
            sequence.token(id)?;
            at += 1;
            continue;
        }
        let misplaced = || left_out(config.family);
        match waiting.next().ok_or_else(misplaced)? {
            Shape::Picture { grid } if id == names.image => writer.picture(&mut sequence, *grid)?,
            Shape::Sound { tokens: count } if Some(id) == names.audio => {
                sequence.line(id, *count)?;
            }
            Shape::Clip {
                grid,
                fps,
                frames,
                source,
                sound,
            } if wrapped || id == names.video => {
                let clip = ClipShape {
                    grid: *grid,
                    fps: *fps,
                    frames: *frames,
                    source: source.as_ref(),
                    sound: *sound,
                };
                writer.clip(&mut sequence, &clip, wrapped)?;
            }
            _ => return Err(misplaced()),
        }
        at += if wrapped { 3 } else { 1 };
    }
    if waiting.next().is_some() {
        return Err(left_out(config.family));
    }
    sequence.finish()
}

fn stands_for_media(names: &MediaTokens, id: u32) -> bool {
    id == names.image || id == names.video || Some(id) == names.audio
}

fn left_out(family: Family) -> Failure {
    Failure::new(
        FailureCode::Unsupported,
        format!(
            "The chat template of this {} model has no place for one of the pictures, clips or sounds.",
            family.name()
        ),
    )
    .advise("Put media into the person's message, or use the chat template that was published with the model.")
}

#[cfg(test)]
mod tests;
