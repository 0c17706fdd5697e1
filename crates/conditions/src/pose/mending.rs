//! What single drawings hide, told from the drawings before and after.
//!
//! A joint that leaps away and back was read from somebody else's limb or from a piece of its
//! own; a joint or a person missing for a moment was covered. Leaps are dropped, and gaps of up
//! to a quarter of a second are filled along a straight line. Nobody is made up: both ends of a
//! gap are seen.

use super::joints::{Body, JOINTS, Point, bounds};
use super::tracking::Track;

/// Gaps up to this long are filled, seconds.
const LONGEST_GAP_S: f64 = 0.25;
/// The same where the times are assumed: three frames.
const LONGEST_ASSUMED_GAP_S: f64 = 0.13;
/// Who goes over the frame's edge is not followed there: shares of the canvas.
const EDGE: f64 = 0.03;
/// A leap lasts at most so many frames.
const LONGEST_LEAP: usize = 3;
/// A joint further than this from its straight way leaps, body sizes.
const LEAP: f64 = 0.07;
/// How much of its way over the leap is added to that: what moves fast also curves.
const LEAP_PER_WAY: f64 = 0.6;

/// Mends the tracks of drawn people. `times` are the frames' times, seconds; `aspect` is width
/// over height. Where the times are assumed, frames may lie further apart than they say, and
/// only the shortest gaps are filled.
pub fn mend(tracks: &mut [Track], times: &[f64], times_assumed: bool, aspect: f64) {
    let longest_s = if times_assumed {
        LONGEST_ASSUMED_GAP_S
    } else {
        LONGEST_GAP_S
    };
    for track in tracks {
        let Some(mut way) = Way::of(track, times) else {
            continue;
        };
        for joint in 0..JOINTS {
            way.drop_leaps(joint, aspect);
            way.fill(joint, longest_s);
        }
        track.sightings = way.sightings();
    }
}

/// A track with an entry for every frame from its first to its last.
struct Way {
    first: usize,
    times: Vec<f64>,
    bodies: Vec<Body>,
}

impl Way {
    fn of(track: &Track, times: &[f64]) -> Option<Self> {
        let (first, last) = (track.sightings.first()?.0, track.sightings.last()?.0);
        let times = times.get(first..=last)?.to_vec();
        let mut bodies = vec![[None; JOINTS]; times.len()];
        for (frame, body) in &track.sightings {
            if let Some(place) = bodies.get_mut(frame - first) {
                *place = *body;
            }
        }
        Some(Self {
            first,
            times,
            bodies,
        })
    }

    fn sightings(self) -> Vec<(usize, Body)> {
        (self.first..)
            .zip(self.bodies)
            .filter(|(_, body)| body.iter().any(Option::is_some))
            .collect()
    }

    /// The frames in which a joint is seen: number, time and place.
    fn seen(&self, joint: usize) -> Vec<(usize, f64, Point)> {
        (0..)
            .zip(self.times.iter().zip(&self.bodies))
            .filter_map(|(at, (time_s, body))| Some((at, *time_s, body[joint]?)))
            .collect()
    }

    fn drop_leaps(&mut self, joint: usize, aspect: f64) {
        for length in 1..=LONGEST_LEAP {
            let seen = self.seen(joint);
            let mut at = 0;
            while let Some(window) = seen.get(at..at + length + 2) {
                at += 1;
                let (Some(before), Some(after)) = (window.first(), window.last()) else {
                    continue;
                };
                if after.1 - before.1 > LONGEST_GAP_S {
                    continue;
                }
                let apart = |a: Point, b: Point| ((a[0] - b[0]) * aspect).hypot(a[1] - b[1]);
                let inner = window.get(1..=length).unwrap_or_default();
                let leaps = |(number, time_s, place): &(usize, f64, Point)| {
                    let body = self.bodies.get(*number).and_then(bounds);
                    let size = body.map_or(0.0, |[l, t, r, b]| ((r - l) * aspect).max(b - t));
                    let straight = between(before, after, *time_s);
                    apart(*place, straight) > LEAP * size + LEAP_PER_WAY * apart(before.2, after.2)
                };
                if inner.iter().all(leaps) {
                    for (number, _, _) in inner {
                        if let Some(body) = self.bodies.get_mut(*number) {
                            body[joint] = None;
                        }
                    }
                    at += length;
                }
            }
        }
    }

    fn fill(&mut self, joint: usize, longest_s: f64) {
        let seen = self.seen(joint);
        for pair in seen.windows(2) {
            let [before, after] = pair else { continue };
            let at_edge = |place: Point| place.iter().any(|v| !(EDGE..1.0 - EDGE).contains(v));
            if after.1 - before.1 > longest_s + 1e-9 || at_edge(before.2) || at_edge(after.2) {
                continue;
            }
            for number in before.0 + 1..after.0 {
                if let (Some(body), Some(time_s)) =
                    (self.bodies.get_mut(number), self.times.get(number))
                {
                    body[joint] = Some(between(before, after, *time_s));
                }
            }
        }
    }
}

/// The place on the straight way between two sightings at a time.
fn between(before: &(usize, f64, Point), after: &(usize, f64, Point), time_s: f64) -> Point {
    let length = after.1 - before.1;
    let share = if length > 0.0 {
        (time_s - before.1) / length
    } else {
        0.0
    };
    [
        before.2[0] + share * (after.2[0] - before.2[0]),
        before.2[1] + share * (after.2[1] - before.2[1]),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Somebody walking to the right, 25 frames a second.
    fn walk(frames: usize) -> (Track, Vec<f64>) {
        let body = |n: usize| -> Body {
            std::array::from_fn(|joint| Some([0.2 + 0.01 * n as f64, 0.3 + 0.03 * joint as f64]))
        };
        let sightings = (0..frames).map(|n| (n, body(n))).collect();
        let times = (0..frames).map(|n| n as f64 / 25.0).collect();
        (Track { sightings }, times)
    }

    #[test]
    fn a_joint_that_leaps_is_put_back() {
        let (truth, times) = walk(20);
        let mut track = truth.clone();
        track.sightings[6].1[9] = Some([0.9, 0.9]);
        track.sightings[12].1[4] = Some([0.9, 0.1]);
        track.sightings[13].1[4] = Some([0.9, 0.1]);
        mend(std::slice::from_mut(&mut track), &times, false, 1.0);
        for ((_, mended), (_, truth)) in track.sightings.iter().zip(&truth.sightings) {
            for (mended, truth) in mended.iter().zip(truth) {
                let (mended, truth) = (mended.unwrap(), truth.unwrap());
                assert!((mended[0] - truth[0]).abs() < 1e-9, "{mended:?} {truth:?}");
            }
        }
    }

    #[test]
    fn short_gaps_are_filled_and_long_ones_stay() {
        let (truth, times) = walk(30);
        let mut track = truth.clone();
        for (_, body) in &mut track.sightings[5..9] {
            body[10] = None;
        }
        for (_, body) in &mut track.sightings[15..25] {
            body[10] = None;
        }
        track.sightings.remove(27);
        mend(std::slice::from_mut(&mut track), &times, false, 1.0);
        assert_eq!(track.sightings.len(), 30);
        for (number, body) in &track.sightings {
            assert_eq!(body[10].is_some(), !(15..25).contains(number), "{number}");
        }
        let (_, body) = track.sightings[27];
        assert!((body[3].unwrap()[0] - 0.47).abs() < 1e-9);
    }

    #[test]
    fn one_frame_or_none_is_left_alone() {
        let (mut track, times) = walk(1);
        let before = track.clone();
        mend(std::slice::from_mut(&mut track), &times, false, 1.0);
        assert_eq!(track, before);
        let mut nobody = Track {
            sightings: Vec::new(),
        };
        mend(std::slice::from_mut(&mut nobody), &[], true, f64::NAN);
        assert!(nobody.sightings.is_empty());
    }
}
