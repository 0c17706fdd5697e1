//! Qwen2.5-VL (Bai et al. 2025): the moments of a clip count in time.

use decoupage_dialogue::Outcome;

use super::qwen2_vl::plain_clip;
use super::sequence::Sequence;
use super::{ClipShape, Writer};

pub(super) struct Family {
    /// 2 in the released models.
    pub(super) positions_per_second: f64,
}

impl Writer for Family {
    fn clip(
        &self,
        sequence: &mut Sequence<'_>,
        clip: &ClipShape<'_>,
        wrapped: bool,
    ) -> Outcome<()> {
        // The reference (transformers 4.57) keeps whole seconds of a moment only: at more than
        // two frames a second all moments share one time.
        let seconds = sequence.temporal_patch as f64 / clip.fps.max(f64::MIN_POSITIVE);
        let step = seconds.trunc() * self.positions_per_second;
        let times: Vec<u32> = (0..clip.grid[0])
            .map(|t| (t as f64 * step) as u32)
            .collect();
        plain_clip(sequence, clip, wrapped, &times)
    }
}
