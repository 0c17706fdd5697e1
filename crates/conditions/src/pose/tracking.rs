//! Who is who from frame to frame.
//!
//! Each frame's people are assigned to the tracks so far by the mean distance of their joints to
//! where the track's own motion would take them, nearest pair first, as in SORT with keypoints
//! in place of boxes.

use super::joints::{Body, bounds};

/// One person's way through the clip.
#[derive(Debug, Clone, PartialEq)]
pub struct Track {
    /// Frame numbers and points (shares of the canvas), ascending.
    pub sightings: Vec<(usize, Body)>,
}

/// A person may be hidden this long and still be the same, seconds.
const LONGEST_GAP_S: f64 = 1.0;
/// Joints may be this far from where they are expected, as a share of the body's size.
const REACH: f64 = 0.35;
/// How much further a joint may be for every second out of sight, in body sizes.
const REACH_PER_SECOND: f64 = 1.0;
/// How much it counts against a pair that joints are seen in only one of the two, body sizes.
const MISSING: f64 = 0.3;
/// Tracks seen in fewer frames are slips of the estimator, in clips that are longer.
const LEAST_SIGHTINGS: usize = 3;

/// Tells the people of a clip apart. Tracks come left to right by first appearance. `aspect`
/// is width over height: distances are in units of the canvas height.
pub fn track(frames: &[(f64, Vec<Body>)], aspect: f64) -> Vec<Track> {
    let mut tracks: Vec<Track> = Vec::new();
    for (number, (time_s, people)) in frames.iter().enumerate() {
        let mut pairs = Vec::new();
        for (at, track) in tracks.iter().enumerate() {
            let Some(expected) = expect(track, frames, *time_s) else {
                continue;
            };
            for (who, body) in people.iter().enumerate() {
                if let Some(cost) = cost(&expected, body, aspect) {
                    let new = track.sightings.len() < LEAST_SIGHTINGS;
                    pairs.push((cost + if new { MISSING } else { 0.0 }, at, who));
                }
            }
        }
        pairs.sort_by(|a, b| a.0.total_cmp(&b.0).then((a.1, a.2).cmp(&(b.1, b.2))));
        let mut placed = vec![false; people.len()];
        let mut followed = vec![false; tracks.len()];
        for (_, at, who) in pairs {
            if !followed[at] && !placed[who] {
                followed[at] = true;
                placed[who] = true;
                tracks[at].sightings.push((number, people[who]));
            }
        }
        for (who, body) in people.iter().enumerate() {
            if !placed[who] {
                tracks.push(Track {
                    sightings: vec![(number, *body)],
                });
            }
        }
    }
    drop_echoes(&mut tracks);
    let flickers = |track: &Track| match (track.sightings.first(), track.sightings.last()) {
        (Some((first, _)), Some((last, _))) => 5 * track.sightings.len() < 2 * (last - first + 1),
        _ => true,
    };
    if !tracks.iter().all(flickers) {
        tracks.retain(|track| !flickers(track));
    }
    if frames.len() >= 4 * LEAST_SIGHTINGS {
        let keep = |track: &Track| track.sightings.len() >= LEAST_SIGHTINGS;
        if tracks.iter().any(keep) {
            tracks.retain(keep);
        }
    }
    tracks.sort_by(|a, b| {
        let key = |track: &Track| {
            track
                .sightings
                .first()
                .map(|(frame, body)| (*frame, bounds(body).map_or(0.0, |b| b[0] + b[2])))
                .unwrap_or((usize::MAX, 0.0))
        };
        let (a, b) = (key(a), key(b));
        a.0.cmp(&b.0).then(a.1.total_cmp(&b.1))
    });
    tracks
}

/// What a track is expected to look like now.
struct Expected {
    body: Body,
    unseen_s: f64,
}

fn expect(track: &Track, frames: &[(f64, Vec<Body>)], now_s: f64) -> Option<Expected> {
    let (last, body) = track.sightings.last()?;
    let last_s = frames.get(*last)?.0;
    let unseen_s = now_s - last_s;
    if unseen_s > LONGEST_GAP_S {
        return None;
    }
    let mut expected = *body;
    if let Some((before, earlier)) = track.sightings.iter().rev().nth(1)
        && let Some((before_s, _)) = frames.get(*before)
        && last_s - before_s > 0.0
    {
        // The body as a whole goes on as it went; single joints are too noisy to extrapolate.
        let mut moved = [0.0; 2];
        let mut shared = 0.0;
        for (new, old) in body.iter().zip(earlier) {
            if let (Some(new), Some(old)) = (new, old) {
                moved = [moved[0] + new[0] - old[0], moved[1] + new[1] - old[1]];
                shared += 1.0;
            }
        }
        if shared > 0.0 {
            let ahead = (unseen_s / (last_s - before_s)).min(3.0) / shared;
            for point in expected.iter_mut().flatten() {
                *point = [point[0] + moved[0] * ahead, point[1] + moved[1] * ahead];
            }
        }
    }
    Some(Expected {
        body: expected,
        unseen_s,
    })
}

/// Mean joint distance in body sizes; `None` beyond reach or without shared joints.
fn cost(expected: &Expected, body: &Body, aspect: f64) -> Option<f64> {
    let size =
        |body: &Body| bounds(body).map(|[l, t, r, b]| ((r - l) * aspect).max(b - t).max(0.02));
    let scale = size(&expected.body)?.max(size(body)?);
    let mut sum = 0.0;
    let mut shared = 0.0;
    let mut either = 0.0;
    for (a, b) in expected.body.iter().zip(body) {
        if let (Some(a), Some(b)) = (a, b) {
            sum += ((a[0] - b[0]) * aspect).hypot(a[1] - b[1]);
            shared += 1.0;
        }
        either += f64::from(u8::from(a.is_some() || b.is_some()));
    }
    if shared < 1.0 {
        return None;
    }
    let cost = sum / shared / scale;
    // An arm alone lies closer to a body's arm than a whole body to itself: joints that only one
    // of the two has count against the pair, but do not put it out of reach.
    let apart = MISSING * (1.0 - shared / either);
    (cost < REACH + REACH_PER_SECOND * expected.unseen_s).then_some(cost + apart)
}

/// Drops tracks of a few joints that mostly lie within the box of someone better seen: pieces of
/// that person that an estimator or a drawing set apart.
fn drop_echoes(tracks: &mut Vec<Track>) {
    let joints = |track: &Track| {
        let all: usize = track
            .sightings
            .iter()
            .map(|(_, body)| body.iter().flatten().count())
            .sum();
        all as f64 / track.sightings.len().max(1) as f64
    };
    let all = tracks.clone();
    tracks.retain(|track| {
        let own = joints(track);
        !all.iter().any(|other| {
            if joints(other) < 1.5 * own || other.sightings.len() < track.sightings.len() {
                return false;
            }
            let within = track
                .sightings
                .iter()
                .filter(|(frame, body)| {
                    let found = other.sightings.binary_search_by_key(frame, |(f, _)| *f);
                    let Some((_, whole)) = found.ok().and_then(|at| other.sightings.get(at)) else {
                        return false;
                    };
                    match (bounds(body), bounds(whole)) {
                        (Some([l, t, r, b]), Some([ol, ot, or, ob])) => {
                            let (x, y) = (f64::midpoint(l, r), f64::midpoint(t, b));
                            (ol..=or).contains(&x) && (ot..=ob).contains(&y)
                        }
                        _ => false,
                    }
                })
                .count();
            within * 2 > track.sightings.len()
        })
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    fn person(x: f64) -> Body {
        std::array::from_fn(|joint| {
            Some([x + 0.01 * (joint % 3) as f64, 0.3 + 0.02 * joint as f64])
        })
    }

    #[test]
    fn two_who_cross_keep_their_identities() {
        let frames: Vec<_> = (0..40)
            .map(|n| {
                let t = n as f64 / 39.0;
                (
                    n as f64 / 24.0,
                    vec![person(0.8 - 0.6 * t), person(0.2 + 0.6 * t)],
                )
            })
            .collect();
        let tracks = track(&frames, 1.0);
        assert_eq!(tracks.len(), 2);
        let ends = |track: &Track| {
            let x = |sighting: &(usize, Body)| sighting.1[0].unwrap()[0];
            (
                x(track.sightings.first().unwrap()),
                x(track.sightings.last().unwrap()),
            )
        };
        let (first, last) = ends(&tracks[0]);
        assert!(first < 0.25 && last > 0.75, "{first} {last}");
    }

    #[test]
    fn one_who_is_hidden_for_a_moment_is_the_same() {
        let frames: Vec<_> = (0..30)
            .map(|n| {
                let people = if (10..16).contains(&n) {
                    Vec::new()
                } else {
                    vec![person(0.2 + 0.01 * n as f64)]
                };
                (n as f64 / 24.0, people)
            })
            .collect();
        assert_eq!(track(&frames, 1.0).len(), 1);
    }

    #[test]
    fn a_slip_of_one_frame_is_nobody() {
        let frames: Vec<_> = (0..30)
            .map(|n| {
                let mut people = vec![person(0.2)];
                if n == 7 {
                    people.push(person(0.8));
                }
                (n as f64 / 24.0, people)
            })
            .collect();
        assert_eq!(track(&frames, 1.0).len(), 1);
    }
}
