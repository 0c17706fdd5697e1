//! The thinker of Qwen2.5-Omni (Xu et al. 2025): TMRoPE, where pictures and sound that belong
//! together share one clock and alternate in chunks of two seconds.

use decoupage_dialogue::{Failure, FailureCode, Outcome};

use super::qwen2_vl::plain_clip;
use super::sequence::{Sequence, Stretch, grid_positions};
use super::{ClipShape, Writer};

pub(super) struct Family {
    /// 25 in the released models: one for 40 ms, as long as a token of sound.
    pub(super) positions_per_second: f64,
    /// 2 in the released models.
    pub(super) seconds_per_chunk: f64,
}

impl Writer for Family {
    fn clip(
        &self,
        sequence: &mut Sequence<'_>,
        clip: &ClipShape<'_>,
        wrapped: bool,
    ) -> Outcome<()> {
        // In 32 bits, as the reference counts.
        let seconds = (sequence.temporal_patch as f64 / clip.fps.max(f64::MIN_POSITIVE)) as f32;
        let times: Vec<u32> = (0..clip.grid[0])
            .map(|t| (t as f32 * seconds * self.positions_per_second as f32) as u32)
            .collect();
        match clip.sound {
            Some(sound) if wrapped => self.heard_clip(sequence, clip, &times, sound),
            _ => plain_clip(sequence, clip, wrapped, &times),
        }
    }
}

impl Family {
    /// Start of the picture and start of the sound, chunks of both in turn, both ends.
    fn heard_clip(
        &self,
        sequence: &mut Sequence<'_>,
        clip: &ClipShape<'_>,
        times: &[u32],
        sound: usize,
    ) -> Outcome<()> {
        let media = sequence.media();
        let (Some(audio), Some(audio_start), Some(audio_end)) =
            (media.audio, media.audio_start, media.audio_end)
        else {
            return Err(Failure::new(
                FailureCode::Damaged,
                "The model's configuration names no tokens for sound.",
            ));
        };
        let [_, down, across] = sequence.merged(clip.grid);
        let chunk = ((self.positions_per_second * self.seconds_per_chunk) as u32).max(1);
        let seen = grid_positions(times, down, across);
        let heard: Vec<_> = (0..sound as u32).map(|i| [i; 3]).collect();
        let mut seen = chunks(&seen, chunk).into_iter();
        let mut heard = chunks(&heard, chunk).into_iter();
        let mut stretches = Vec::new();
        loop {
            let next = [(0, media.video, seen.next()), (1, audio, heard.next())];
            if next.iter().all(|(_, _, chunk)| chunk.is_none()) {
                break;
            }
            for (medium, token, positions) in next {
                stretches.extend(positions.map(|positions| Stretch {
                    medium,
                    token,
                    positions,
                }));
            }
        }
        sequence.pair(media.vision_start, audio_start)?;
        sequence.block(stretches)?;
        sequence.pair(audio_end, media.vision_end)
    }
}

/// Cuts where the time passes the next multiple of `chunk`. A step over several chunks cuts
/// once, as in the reference.
fn chunks(positions: &[[u32; 3]], chunk: u32) -> Vec<Vec<[u32; 3]>> {
    let mut found = vec![Vec::new()];
    let mut end = chunk;
    for &position in positions {
        if position[0] >= end {
            end += chunk;
            found.push(Vec::new());
        }
        if let Some(last) = found.last_mut() {
            last.push(position);
        }
    }
    found
}
