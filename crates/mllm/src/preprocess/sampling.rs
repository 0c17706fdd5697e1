//! Which frames of a clip are shown, as qwen-vl-utils 0.0.14 chooses them.

use std::ops::RangeInclusive;

use crate::media::{Clip, SourceFrames};

/// Most frames that any clip is sampled to, whatever is asked for: qwen-vl-utils' own limit.
pub const MOST_FRAMES: usize = 768;

/// Which of `total` frames at `source_fps` are taken so that there are about `wanted_fps` frames
/// per second: an even number between `min` and `max` (rounded inwards to even numbers), evenly
/// spread with the first and the last frame among them, indices rounded half to even.
///
/// A clip of one frame gives that frame, an empty one nothing. A wanted rate that is no positive
/// number is taken as two frames per second, a source's as the wanted one.
pub fn sample_frames(
    total: usize,
    source_fps: f64,
    wanted_fps: f64,
    min: usize,
    max: usize,
) -> Vec<usize> {
    if total < 2 {
        return (0..total).collect();
    }
    spread(total, frame_count(total, source_fps, wanted_fps, min..=max))
}

/// How many frames [`sample_frames`] takes of two or more.
fn frame_count(
    total: usize,
    source_fps: f64,
    wanted_fps: f64,
    bounds: RangeInclusive<usize>,
) -> usize {
    let positive = |fps: f64| (fps.is_finite() && fps > 0.0).then_some(fps);
    let wanted_fps = positive(wanted_fps).unwrap_or(2.0);
    let source_fps = positive(source_fps).unwrap_or(wanted_fps);
    let most = (*bounds.end()).min(MOST_FRAMES).min(total) / 2 * 2;
    let least = (*bounds.start()).min(MOST_FRAMES).div_ceil(2) * 2;
    let wanted = total as f64 / source_fps * wanted_fps;
    let count = wanted.max(least as f64).min(most as f64);
    (count as usize / 2 * 2).max(2)
}

/// `count` indices from the first to the last of `total`, as `torch.linspace(…).round()` gives
/// them: in 32-bit floats, counted from the nearer end, half to even.
fn spread(total: usize, count: usize) -> Vec<usize> {
    let last = total.saturating_sub(1);
    if count < 2 {
        return vec![0; count.min(total)];
    }
    let end = last as f32;
    let step = end / (count - 1) as f32;
    (0..count)
        .map(|index| {
            let at = if index < count / 2 {
                step * index as f32
            } else {
                end - step * (count - index - 1) as f32
            };
            (at.round_ties_even().max(0.0) as usize).min(last)
        })
        .collect()
}

/// The clip with at most `max` frames, evenly taken; what it tells of its times stays true. None
/// when it has no more than that already.
pub fn thin(clip: &Clip, max: usize) -> Option<Clip> {
    let total = clip.frames.len();
    let max = max.max(1);
    if total <= max {
        return None;
    }
    let count = if max < 2 { 1 } else { max / 2 * 2 };
    let kept = spread(total, count);
    Some(Clip {
        frames: kept.iter().map(|at| clip.frames[*at].clone()).collect(),
        fps: clip.fps * count as f64 / total as f64,
        source: clip.source.as_ref().and_then(|source| {
            (source.indices.len() == total).then(|| SourceFrames {
                indices: kept.iter().map(|at| source.indices[*at]).collect(),
                fps: source.fps,
            })
        }),
        sound: clip.sound.clone(),
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::media::Picture;

    #[test]
    fn a_ten_second_clip_gives_two_frames_a_second() {
        let taken = sample_frames(240, 24.0, 2.0, 4, 768);
        assert_eq!(taken.len(), 20);
        assert_eq!((taken[0], taken[1], taken[19]), (0, 13, 239));
    }

    #[test]
    fn short_clips_give_what_they_have() {
        assert_eq!(sample_frames(0, 24.0, 2.0, 4, 768), Vec::<usize>::new());
        assert_eq!(sample_frames(1, 24.0, 2.0, 4, 768), [0]);
        assert_eq!(sample_frames(2, 24.0, 2.0, 4, 768), [0, 1]);
        assert_eq!(sample_frames(3, 24.0, 2.0, 4, 768), [0, 2]);
        assert_eq!(sample_frames(5, 24.0, 2.0, 4, 768), [0, 1, 3, 4]);
    }

    #[test]
    fn a_thinned_clip_keeps_its_times() {
        let frame = |value| Picture {
            width: 1,
            height: 1,
            rgb: vec![value; 3],
        };
        let clip = Clip {
            frames: (0..9).map(frame).collect(),
            fps: 3.0,
            source: Some(SourceFrames {
                indices: (0..9).map(|at| at * 8).collect(),
                fps: 24.0,
            }),
            sound: None,
        };
        assert!(thin(&clip, 9).is_none());
        let less = thin(&clip, 5).unwrap();
        assert_eq!(less.frames.len(), 4);
        assert_eq!(less.source.unwrap().indices, [0, 24, 40, 64]);
        assert!((less.frames.len() as f64 / less.fps - 3.0).abs() < 1e-9);
        assert_eq!(thin(&clip, 0).unwrap().frames.len(), 1);
    }

    proptest! {
        #[test]
        fn indices_rise_and_stay_inside(
            total in 0usize..100_000,
            source in prop_oneof![0.1f64..240.0, Just(0.0), Just(f64::NAN), Just(-1.0)],
            wanted in prop_oneof![0.01f64..60.0, Just(f64::INFINITY), Just(0.0)],
            min in 0usize..20,
            max in 0usize..2_000,
        ) {
            let taken = sample_frames(total, source, wanted, min, max);
            prop_assert!(taken.len() <= MOST_FRAMES.min(total));
            prop_assert!(taken.len() <= max.max(2));
            prop_assert!(taken.is_empty() == (total == 0));
            prop_assert!(taken.windows(2).all(|pair| pair[0] < pair[1]));
            prop_assert!(taken.iter().all(|at| *at < total));
            prop_assert!(total < 2 || taken.len().is_multiple_of(2));
        }
    }
}
