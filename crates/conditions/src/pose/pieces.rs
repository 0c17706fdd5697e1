//! Tracks that are pieces of somebody who has a track already.

use super::joints::{Body, bounds};
use super::tracking::Track;

/// A piece shares at most this part of its joints with the rest of its person.
const MOST_SHARED: f64 = 0.3;
/// A piece is seen together with its person in at least this part of its frames.
const LEAST_TOGETHER: f64 = 0.7;

/// Joins tracks that complete one another: seen together, in one place, and hardly ever with the
/// same joint twice, as the torso and the legs of somebody whose waist is hidden all along.
pub fn join(tracks: &mut Vec<Track>) {
    let mut at = 0;
    while at < tracks.len() {
        let home = tracks.get(at).and_then(|piece| {
            let homes = tracks.iter().enumerate();
            homes
                .filter(|(index, whole)| {
                    *index != at && joints(whole) >= joints(piece) && completes(piece, whole)
                })
                .map(|(index, _)| index)
                .next()
        });
        let Some(home) = home else {
            at += 1;
            continue;
        };
        let piece = tracks.remove(at);
        let home = if home > at { home - 1 } else { home };
        if let Some(whole) = tracks.get_mut(home) {
            for (frame, body) in piece.sightings {
                match whole.sightings.binary_search_by_key(&frame, |(f, _)| *f) {
                    Ok(found) => {
                        if let Some((_, own)) = whole.sightings.get_mut(found) {
                            for (own, new) in own.iter_mut().zip(body) {
                                *own = own.or(new);
                            }
                        }
                    }
                    Err(place) => whole.sightings.insert(place, (frame, body)),
                }
            }
        }
        at = 0;
    }
}

/// Whether a track holds what another lacks, where the other is.
fn completes(piece: &Track, whole: &Track) -> bool {
    let (mut together, mut near) = (0.0, 0.0);
    let (mut shared, mut own) = (0.0, 0.0);
    for (frame, body) in &piece.sightings {
        let Some(rest) = at(whole, *frame) else {
            continue;
        };
        together += 1.0;
        own += body.iter().flatten().count() as f64;
        let both = body
            .iter()
            .zip(rest)
            .filter(|(a, b)| a.is_some() && b.is_some());
        shared += both.count() as f64;
        near += f64::from(u8::from(lies_at(body, rest)));
    }
    together >= LEAST_TOGETHER * piece.sightings.len() as f64
        && near >= LEAST_TOGETHER * together
        && together > 0.0
        && shared <= MOST_SHARED * own
}

/// Whether the middle of a piece lies in the box of a body, widened by three quarters of its height: legs
/// lie below a torso.
fn lies_at(piece: &Body, rest: &Body) -> bool {
    let (Some([l, t, r, b]), Some([rl, rt, rr, rb])) = (bounds(piece), bounds(rest)) else {
        return false;
    };
    let (x, y) = (f64::midpoint(l, r), f64::midpoint(t, b));
    let (wide, tall) = (0.25 * (rr - rl), 0.75 * (rb - rt));
    (rl - wide..=rr + wide).contains(&x) && (rt - tall..=rb + tall).contains(&y)
}

fn at(track: &Track, frame: usize) -> Option<&Body> {
    let found = track.sightings.binary_search_by_key(&frame, |(f, _)| *f);
    found
        .ok()
        .and_then(|found| track.sightings.get(found))
        .map(|(_, body)| body)
}

/// How many joints a track has on average.
fn joints(track: &Track) -> f64 {
    let all: usize = track
        .sightings
        .iter()
        .map(|(_, body)| body.iter().flatten().count())
        .sum();
    all as f64 / track.sightings.len().max(1) as f64
}

/// Drops tracks of a few joints that mostly lie within the box of someone better seen: pieces of
/// that person that an estimator or a drawing set apart.
pub fn drop_echoes(tracks: &mut Vec<Track>) {
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
    use crate::pose::joints::JOINTS;

    fn track(frames: usize, x: f64, has: impl Fn(usize) -> bool) -> Track {
        let body: Body = std::array::from_fn(|joint| {
            has(joint).then_some([x + 0.01 * (joint % 4) as f64, 0.2 + 0.03 * joint as f64])
        });
        Track {
            sightings: (0..frames).map(|frame| (frame, body)).collect(),
        }
    }

    #[test]
    fn legs_and_torso_of_one_place_are_one_person() {
        let torso = track(20, 0.3, |joint| joint < 9);
        let legs = track(20, 0.3, |joint| joint >= 9);
        let mut tracks = vec![legs, torso];
        join(&mut tracks);
        assert_eq!(tracks.len(), 1);
        assert_eq!(tracks[0].sightings[7].1.iter().flatten().count(), JOINTS);
    }

    #[test]
    fn people_with_the_same_joints_or_apart_stay_two() {
        let mut tracks = vec![track(20, 0.3, |_| true), track(20, 0.32, |joint| joint > 3)];
        join(&mut tracks);
        assert_eq!(tracks.len(), 2);
        let mut tracks = vec![
            track(20, 0.3, |joint| joint < 9),
            track(20, 0.6, |joint| joint >= 9),
        ];
        join(&mut tracks);
        assert_eq!(tracks.len(), 2);
    }
}
