//! Things followed through time.

use decoupage_shot::{Outcome, Watch};

use super::maps::Clip;
use super::things::{self, Thing};

/// A thing through time: the maps it is seen in, ascending, with what is seen.
#[derive(Debug, Clone)]
pub struct Track {
    /// Map and thing.
    pub seen: Vec<(usize, Thing)>,
}

/// How many maps a thing may be out of sight and still be the same.
const GAP: usize = 3;
/// How long, as a share of the clip, something may be hidden and still go on as it went.
const HIDDEN: f64 = 0.35;
/// How far from where it should be it may come back, shares of the frame.
const ASTRAY: f64 = 0.09;

impl Track {
    /// The first map.
    pub fn first(&self) -> usize {
        self.seen.first().map_or(0, |(index, _)| *index)
    }

    /// The last map.
    pub fn last(&self) -> usize {
        self.seen.last().map_or(0, |(index, _)| *index)
    }

    /// Pixels it has in the middle of its life.
    pub fn size(&self) -> usize {
        let mut sizes: Vec<usize> = self
            .seen
            .iter()
            .map(|(_, thing)| thing.pixels.len())
            .collect();
        sizes.sort_unstable();
        sizes.get(sizes.len() / 2).copied().unwrap_or(0)
    }

    /// Shift a map over its last or first looks, shares of the frame.
    fn pace(&self, late: bool) -> [f64; 2] {
        let count = self.seen.len();
        let kept = count.min(5);
        let part = if late {
            self.seen.get(count - kept..)
        } else {
            self.seen.get(..kept)
        };
        let (Some((from, one)), Some((to, other))) =
            (part.and_then(<[_]>::first), part.and_then(<[_]>::last))
        else {
            return [0.0; 2];
        };
        let steps = to.saturating_sub(*from).max(1) as f64;
        [
            (other.centre[0] - one.centre[0]) / steps,
            (other.centre[1] - one.centre[1]) / steps,
        ]
    }
}

/// The things of every map, linked by where they should be.
///
/// # Errors
/// The person's cancellation.
pub fn follow(clip: &Clip, watch: &dyn Watch) -> Outcome<Vec<Track>> {
    let mut tracks: Vec<Track> = Vec::new();
    let mut owner = vec![0_u32; clip.width * clip.height];
    for (index, map) in clip.maps.iter().enumerate() {
        watch.go_on()?;
        let mut things: Vec<Option<Thing>> = things::find(map, clip.width, clip.height)
            .into_iter()
            .map(Some)
            .collect();
        owner.fill(0);
        for (name, thing) in (1_u32..).zip(things.iter().flatten()) {
            for at in &thing.pixels {
                if let Some(owner) = owner.get_mut(*at) {
                    *owner = name;
                }
            }
        }
        let mut pairs: Vec<(f64, usize, usize)> = Vec::new();
        for (number, track) in tracks.iter().enumerate() {
            if track.last() + GAP < index {
                continue;
            }
            pairs.extend(
                likeness(clip, track, index, &things, &owner)
                    .into_iter()
                    .map(|(slot, score)| (score, number, slot)),
            );
        }
        pairs.sort_by(|one, other| other.0.total_cmp(&one.0));
        for (_, number, slot) in pairs {
            let Some(track) = tracks
                .get_mut(number)
                .filter(|track| track.last() < index || track.seen.is_empty())
            else {
                continue;
            };
            if let Some(thing) = things.get_mut(slot).and_then(Option::take) {
                track.seen.push((index, thing));
            }
        }
        tracks.extend(things.into_iter().flatten().map(|thing| Track {
            seen: vec![(index, thing)],
        }));
    }
    Ok(join(tracks, clip.maps.len()))
}

/// How much each thing looks like a track's next sight: slot and score.
fn likeness(
    clip: &Clip,
    track: &Track,
    index: usize,
    things: &[Option<Thing>],
    owner: &[u32],
) -> Vec<(usize, f64)> {
    let Some((last, before)) = track.seen.last() else {
        return Vec::new();
    };
    let gone = (index - last) as f64;
    let [right, down] = track.pace(true);
    let shift = |pace: f64, size: usize| (pace * gone * size as f64).round() as isize;
    let (dx, dy) = (shift(right, clip.width), shift(down, clip.height));
    let mut common = vec![0_usize; things.len()];
    for at in &before.pixels {
        let x = (at % clip.width) as isize + dx;
        let y = (at / clip.width) as isize + dy;
        if x < 0 || y < 0 || x >= clip.width as isize || y >= clip.height as isize {
            continue;
        }
        let name = owner
            .get(y as usize * clip.width + x as usize)
            .copied()
            .unwrap_or(0);
        if let Some(count) = (name as usize)
            .checked_sub(1)
            .and_then(|slot| common.get_mut(slot))
        {
            *count += 1;
        }
    }
    common
        .into_iter()
        .enumerate()
        .filter_map(|(slot, common)| {
            let thing = things.get(slot)?.as_ref()?;
            let (one, other) = (thing.pixels.len() as f64, before.pixels.len() as f64);
            let ratio = one / other.max(1.0);
            let share = common as f64 / one.min(other).max(1.0);
            let off = (thing.near - before.near).abs();
            let alike = share > 0.35 && off < 0.14 && (0.35..2.9).contains(&ratio);
            alike.then(|| (slot, common as f64 / one.max(other) - off))
        })
        .collect()
}

/// Joins tracks of one thing that was hidden for a while: where one ends and another begins
/// that is as near, as tall, and where the first would have got to.
fn join(mut tracks: Vec<Track>, count: usize) -> Vec<Track> {
    // Flicker of two maps is no thing.
    tracks.retain(|track| track.seen.len() >= 3 || count < 6);
    tracks.sort_by_key(Track::first);
    let most = ((count as f64 * HIDDEN) as usize).max(GAP);
    loop {
        let mut best: Option<(f64, usize, usize)> = None;
        for (early, one) in tracks.iter().enumerate() {
            for (late, other) in tracks.iter().enumerate() {
                if early == late || other.first() <= one.last() || other.first() - one.last() > most
                {
                    continue;
                }
                if let Some(off) = astray(one, other)
                    && best.is_none_or(|best| off < best.0)
                {
                    best = Some((off, early, late));
                }
            }
        }
        let Some((_, early, late)) = best else {
            return tracks;
        };
        let other = tracks.remove(late);
        let early = if late < early { early - 1 } else { early };
        if let Some(track) = tracks.get_mut(early) {
            track.seen.extend(other.seen);
        }
    }
}

/// How far one track's end is from another's begin, where they may be one thing's.
fn astray(one: &Track, other: &Track) -> Option<f64> {
    let ((last, end), (first, begin)) = (one.seen.last()?, other.seen.first()?);
    let gone = first.saturating_sub(*last) as f64;
    let (before, after) = (one.pace(true), other.pace(false));
    let pace = [(before[0] + after[0]) / 2.0, (before[1] + after[1]) / 2.0];
    let off = (begin.centre[0] - end.centre[0] - pace[0] * gone)
        .hypot(begin.centre[1] - end.centre[1] - pace[1] * gone);
    let tall = |thing: &Thing| thing.sides[3] - thing.sides[1];
    let ratio = tall(begin) / tall(end).max(1e-3);
    // They go the same way, or neither goes far.
    let along = before[0] * after[0] + before[1] * after[1];
    let fast = before[0].hypot(before[1]).min(after[0].hypot(after[1]));
    let same_way = along > 0.0 || fast < 0.004;
    let alike = (begin.near - end.near).abs() < 0.1 && (0.6..1.67).contains(&ratio) && same_way;
    (alike && off < ASTRAY).then_some(off)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn thing(x: f64, near: f64) -> Thing {
        Thing {
            pixels: vec![0; 100],
            centre: [x, 0.5],
            sides: [x - 0.05, 0.3, x + 0.05, 0.7],
            near,
            clear: 1.0,
            deep: 0.0,
        }
    }

    fn track(from: usize, to: usize, x: f64, pace: f64, near: f64) -> Track {
        Track {
            seen: (from..to)
                .map(|index| (index, thing(x + pace * (index - from) as f64, near)))
                .collect(),
        }
    }

    #[test]
    fn one_that_was_hidden_is_joined_and_another_is_not() {
        let walks = track(0, 8, 0.1, 0.02, 0.6);
        let comes_back = track(12, 20, 0.34, 0.02, 0.6);
        let other = track(12, 20, 0.34, -0.02, 0.3);
        let joined = join(vec![walks, comes_back, other], 24);
        assert_eq!(joined.len(), 2);
        assert_eq!((joined[0].first(), joined[0].last()), (0, 19));
        assert!(join(Vec::new(), 0).is_empty());
    }
}
