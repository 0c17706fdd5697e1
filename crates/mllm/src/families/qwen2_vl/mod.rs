//! Qwen2-VL (Wang et al. 2024): the moments of a clip count 0, 1, 2, …

use decoupage_dialogue::Outcome;

use super::sequence::Sequence;
use super::{ClipShape, Writer};

pub(super) struct Family;

impl Writer for Family {
    fn clip(
        &self,
        sequence: &mut Sequence<'_>,
        clip: &ClipShape<'_>,
        wrapped: bool,
    ) -> Outcome<()> {
        let times: Vec<u32> = (0..clip.grid[0] as u32).collect();
        plain_clip(sequence, clip, wrapped, &times)
    }
}

/// One grid over all moments, inside the template's own markers. Sound is not heard.
pub(super) fn plain_clip(
    sequence: &mut Sequence<'_>,
    clip: &ClipShape<'_>,
    wrapped: bool,
    times: &[u32],
) -> Outcome<()> {
    let media = sequence.media();
    let [_, down, across] = sequence.merged(clip.grid);
    if wrapped {
        sequence.token(media.vision_start)?;
    }
    sequence.grid(media.video, times, down, across)?;
    if wrapped {
        sequence.token(media.vision_end)?;
    }
    Ok(())
}
