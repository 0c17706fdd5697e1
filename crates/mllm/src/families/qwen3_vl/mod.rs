//! Qwen3-VL (2025): each moment of a clip is a picture with its time written before it.

use decoupage_dialogue::Outcome;

use super::sequence::Sequence;
use super::{ClipShape, Writer};

pub(super) struct Family;

impl Writer for Family {
    /// The markers around the whole clip give way to markers around each moment.
    fn clip(
        &self,
        sequence: &mut Sequence<'_>,
        clip: &ClipShape<'_>,
        _wrapped: bool,
    ) -> Outcome<()> {
        let media = sequence.media();
        let [moments, down, across] = sequence.merged(clip.grid);
        let times = times(clip, sequence.temporal_patch);
        for moment in 0..moments {
            let time = times.get(moment).or(times.last()).copied().unwrap_or(0.0);
            sequence.words(&format!("<{time:.1} seconds>"));
            sequence.token(media.vision_start)?;
            sequence.more(media.video, down, across, moment == 0)?;
            sequence.token(media.vision_end)?;
        }
        Ok(())
    }
}

/// Seconds of each moment: the mean of its first and last frame. A clip that does not fill its
/// last moment repeats its last frame; where its source is not known, as if it went on.
fn times(clip: &ClipShape<'_>, temporal_patch: usize) -> Vec<f64> {
    let (mut indices, fps) = match clip.source {
        Some(source) if !source.indices.is_empty() => (source.indices.clone(), source.fps),
        _ => {
            let frames = clip.frames.next_multiple_of(temporal_patch);
            ((0..frames).collect(), clip.fps)
        }
    };
    let fps = fps.max(f64::MIN_POSITIVE);
    while indices.len() % temporal_patch != 0 {
        indices.extend(indices.last().copied());
    }
    let second = |index: usize| index as f64 / fps;
    indices
        .chunks(temporal_patch)
        .map(|pair| (second(pair[0]) + second(pair[pair.len() - 1])) / 2.0)
        .collect()
}
