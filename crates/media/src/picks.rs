//! Which frame numbers a [`Pick`] means.

use crate::Pick;

/// How far before a frame's own time a wanted time may lie and still mean that frame, seconds:
/// times written with three decimals name the frame they were rounded from.
pub(crate) const TIME_SLACK_S: f64 = 0.001;

/// Frame numbers, ascending, of a clip with `count` frames; `at` finds the frame shown at a
/// time. Times and numbers may name a frame more than once, the other picks never do.
pub(crate) fn indices(pick: &Pick, count: u64, at: impl Fn(f64) -> u64) -> Vec<u64> {
    if count == 0 {
        return Vec::new();
    }
    match pick {
        Pick::Even(most) => even(*most as u64, count),
        Pick::All { most } => even(*most as u64, count),
        Pick::Times(times) => forward(times.iter().map(|&t| at(t)), count),
        Pick::Frames(numbers) => forward(numbers.iter().copied(), count),
    }
}

/// Out-of-order frames never run backwards: decoding goes forward only.
fn forward(frames: impl Iterator<Item = u64>, count: u64) -> Vec<u64> {
    let mut last = 0;
    frames
        .map(|frame| {
            last = frame.min(count - 1).max(last);
            last
        })
        .collect()
}

fn even(most: u64, count: u64) -> Vec<u64> {
    if most >= count {
        return (0..count).collect();
    }
    match most {
        0 => Vec::new(),
        1 => vec![0],
        _ => (0..most)
            .map(|i| {
                // Rounded to the nearest in whole numbers, so every machine picks the same.
                let (num, den) = (u128::from(i) * u128::from(count - 1), u128::from(most - 1));
                ((2 * num + den) / (2 * den)) as u64
            })
            .collect(),
    }
}

/// The frame of an evenly timed clip that is shown at `t` seconds.
pub(crate) fn floor_frame(t: f64, fps: f64, count: u64) -> u64 {
    let frame = ((t + TIME_SLACK_S) * fps).floor();
    if frame.is_finite() && frame > 0.0 {
        (frame as u64).min(count.saturating_sub(1))
    } else {
        0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn even_picks_hold_both_ends_and_never_repeat() {
        for count in 1..80 {
            for most in 2..90 {
                let picked = even(most, count);
                assert_eq!(picked.len() as u64, most.min(count));
                assert_eq!(picked.first(), Some(&0));
                assert_eq!(picked.last(), Some(&(count - 1)));
                assert!(picked.windows(2).all(|w| w[0] < w[1]));
            }
        }
        assert_eq!(even(1, 9), [0]);
        assert!(even(0, 9).is_empty());
    }

    #[test]
    fn numbers_stay_within_the_clip_and_go_forward() {
        let picked = indices(&Pick::Frames(vec![2, 1, 4, 99]), 6, |_| 0);
        assert_eq!(picked, [2, 2, 4, 5]);
        assert!(indices(&Pick::Frames(vec![2]), 0, |_| 0).is_empty());
    }

    #[test]
    fn times_name_the_frame_shown() {
        assert_eq!(floor_frame(0.0, 25.0, 10), 0);
        assert_eq!(floor_frame(0.079, 25.0, 10), 2);
        assert_eq!(floor_frame(0.077, 25.0, 10), 1);
        assert_eq!(floor_frame(99.0, 25.0, 10), 9);
        assert_eq!(floor_frame(f64::NAN, 25.0, 10), 0);
        assert_eq!(floor_frame(f64::NEG_INFINITY, 25.0, 10), 0);
    }
}
