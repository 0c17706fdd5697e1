//! What moves on its own, and what stands: tracks of things held against the motion of the
//! whole picture.

use decoupage_shot::Region;

use super::flow::{Field, Grid};
use super::layers::Bands;
use super::maps::Clip;
use super::things::Thing;
use super::tracks::Track;
use super::{DepthObject, MovingRegion};
use crate::reading::TimeSpan;

/// Change of nearness that counts as movement within an outline.
const CHANGE: f32 = 0.09;
/// The share of a thing's pixels that must change for it to move in its place.
const ALIVE: f64 = 0.06;
/// The least way of its own that counts, share of the frame.
const LEAST: f64 = 0.03;
/// The share of the camera's own effect that may be misjudged.
const DOUBT: f64 = 0.35;
/// How sure the direction must be: mean over its standard error.
const CLEAR: f64 = 2.6;
/// The least nearness, above the farthest there is, of what stands in the foreground.
const FOREGROUND: f64 = 0.17;
/// How much something must grow, as a natural logarithm, to come or go.
const GROWS: f64 = 0.13;
/// The most movers and objects that are told.
const MOST: usize = 8;

/// A track's way beyond the camera's.
#[derive(Debug, Clone, Copy, Default)]
struct Way {
    /// Shares of the frame over the track: right, down.
    own: [f64; 2],
    /// Likewise, as it looks in the frame.
    seen: [f64; 2],
    /// What the camera's motion would have made of it.
    carried: f64,
    /// Mean of the own way over its standard error.
    clear: f64,
    /// Natural logarithm of the growth in size that the camera does not explain.
    grown: f64,
    /// Its own change in nearness.
    nearer: f64,
}

/// What moves and what stands.
#[derive(Debug, Clone, Default)]
pub struct Found {
    /// What moves, the largest first.
    pub movers: Vec<MovingRegion>,
    /// What stands, the largest first.
    pub objects: Vec<DepthObject>,
    /// Which tracks move, ascending.
    pub tracks: Vec<usize>,
}

/// The track that goes farthest or changes its size most, if any does much.
pub fn liveliest(tracks: &[Track]) -> Vec<usize> {
    tracks
        .iter()
        .enumerate()
        .filter(|(_, track)| track.seen.len() >= 3)
        .filter_map(|(at, track)| {
            let ((_, first), (_, last)) = (track.seen.first()?, track.seen.last()?);
            let far = (last.centre[0] - first.centre[0]).hypot(last.centre[1] - first.centre[1]);
            let life = far + 0.4 * growth(track).0.abs();
            (life > 0.06).then_some((life * (track.size() as f64).sqrt(), at))
        })
        .max_by(|one, other| one.0.total_cmp(&other.0))
        .map(|(_, at)| at)
        .into_iter()
        .collect()
}

/// A clip's maps without some tracks: what is behind them is filled in from their sides.
pub fn without(clip: &Clip, tracks: &[&Track]) -> Vec<Vec<f32>> {
    const MARGIN: usize = 3;
    let mut maps = clip.maps.clone();
    let mut mask = vec![false; clip.width * clip.height];
    for (index, map) in maps.iter_mut().enumerate() {
        let here = tracks.iter().flat_map(|track| {
            let seen = track.seen.iter();
            seen.filter(|(at, _)| *at == index).map(|(_, thing)| thing)
        });
        mask.fill(false);
        for at in here.flat_map(|thing| &thing.pixels) {
            let (x, y) = (at % clip.width, at / clip.width);
            for y in y.saturating_sub(MARGIN)..(y + MARGIN + 1).min(clip.height) {
                let row = y * clip.width;
                let from = row + x.saturating_sub(MARGIN);
                let to = row + (x + MARGIN + 1).min(clip.width);
                if let Some(part) = mask.get_mut(from..to) {
                    part.fill(true);
                }
            }
        }
        for (row, mask) in map
            .chunks_mut(clip.width.max(1))
            .zip(mask.chunks(clip.width.max(1)))
        {
            bridge(row, mask);
        }
    }
    maps
}

/// Fills the masked parts of a row evenly from one side to the other.
fn bridge(row: &mut [f32], mask: &[bool]) {
    let mut x = 0;
    while x < row.len() {
        if mask.get(x) != Some(&true) {
            x += 1;
            continue;
        }
        let end = (x..row.len())
            .find(|at| mask.get(*at) != Some(&true))
            .unwrap_or(row.len());
        let left = x.checked_sub(1).and_then(|at| row.get(at)).copied();
        let right = row.get(end).copied();
        let (left, right) = match (left, right) {
            (Some(left), Some(right)) => (left, right),
            (Some(one), None) | (None, Some(one)) => (one, one),
            (None, None) => return,
        };
        let count = (end - x + 1) as f32;
        for (step, value) in row.iter_mut().skip(x).take(end - x).enumerate() {
            *value = left + (right - left) * (step + 1) as f32 / count;
        }
        x = end;
    }
}

/// Finds what moves and what stands in a clip of nearness maps.
pub fn find(clip: &Clip, tracks: &[Track], fields: &[Field], bands: &Bands) -> Found {
    let count = clip.maps.len();
    let still = still(fields);
    let mut movers: Vec<(usize, MovingRegion)> = Vec::new();
    let mut objects: Vec<(usize, DepthObject)> = Vec::new();
    let least = (count / 5).clamp(1, count.max(1));
    let mut moving = Vec::new();
    for (at, track) in tracks.iter().enumerate() {
        if track.seen.len() < least.max(if count > 3 { 3 } else { 1 }) {
            continue;
        }
        let way = way(clip, track, fields);
        if let Some(region) = mover(clip, track, &way, bands, still) {
            movers.push((track.size(), region));
            moving.push(at);
        } else if track.seen.len() * 5 >= count * 2
            && let Some(object) = object(clip, track, bands)
        {
            objects.push((track.size(), object));
        }
    }
    movers.sort_by_key(|(size, _)| std::cmp::Reverse(*size));
    objects.sort_by_key(|(size, _)| std::cmp::Reverse(*size));
    let movers: Vec<MovingRegion> = movers.into_iter().map(|(_, one)| one).collect();
    let movers = distinct(movers);
    let mut objects: Vec<DepthObject> = objects.into_iter().map(|(_, one)| one).collect();
    // What a mover hides for a while, or leaves behind in pieces, is part of it.
    objects.retain(|object| {
        !movers.iter().any(|mover| {
            object.share < 0.02
                && inside(&object.bounds, &mover.bounds) > 0.85
                && object.confidence < 0.6
        })
    });
    objects.truncate(MOST);
    Found {
        movers,
        objects,
        tracks: moving,
    }
}

/// Parts of one thing that go together become one: the larger stays.
fn distinct(movers: Vec<MovingRegion>) -> Vec<MovingRegion> {
    let mut kept: Vec<MovingRegion> = Vec::new();
    for mover in movers {
        let part = kept.iter().any(|large| {
            let both = |of: fn(&MovingRegion) -> Option<Region>| match (of(&mover), of(large)) {
                (Some(one), Some(other)) => inside(&one, &other),
                _ => 0.0,
            };
            let together =
                mover.span.start_s < large.span.end_s && large.span.start_s < mover.span.end_s;
            together
                && (mover.own_dx - large.own_dx).abs() < 0.08
                && both(|one| one.begin) > 0.6
                && both(|one| one.end) > 0.6
        });
        if !part && kept.len() < MOST {
            kept.push(mover);
        }
    }
    kept
}

/// Share of the first region that lies in the second.
fn inside(one: &Region, other: &Region) -> f64 {
    let wide = (one.x + one.width).min(other.x + other.width) - one.x.max(other.x);
    let tall = (one.y + one.height).min(other.y + other.height) - one.y.max(other.y);
    wide.max(0.0) * tall.max(0.0) / (one.width * one.height).max(1e-9)
}

/// Whether the picture as a whole stands.
fn still(fields: &[Field]) -> bool {
    let total = fields
        .iter()
        .fold(Field::default(), |sum, field| sum.and(*field));
    let [right, down] = total.at(0.2, 0.1, 0.6);
    right.hypot(down) < 0.012
}

/// Shift of a thing from one sight to the next, by the sides that the frame does not cut.
fn shift(one: &Thing, other: &Thing, axis: usize) -> f64 {
    let (low, high) = (axis, axis + 2);
    let (before, after) = (one.cut(), other.cut());
    let by = |side: usize| other.sides[side] - one.sides[side];
    let cut = |side: usize| before[side] || after[side];
    match (cut(low), cut(high)) {
        (false, false) => other.centre[axis] - one.centre[axis],
        (true, false) => by(high),
        (false, true) => by(low),
        (true, true) => 0.0,
    }
}

fn way(clip: &Clip, track: &Track, fields: &[Field]) -> Way {
    let tall = clip.height as f64 / clip.width as f64;
    let mut steps: Vec<[f64; 2]> = Vec::new();
    let mut seen = [0.0; 2];
    let mut carried = [0.0_f64; 2];
    let mut spread = 0.0;
    let mut lift = 0.0;
    for pair in track.seen.windows(2) {
        let [(from, one), (to, other)] = pair else {
            continue;
        };
        let mut taken = [0.0; 2];
        for field in fields.get(*from..*to).unwrap_or_default() {
            let [right, down] =
                field.at(one.centre[0] - 0.5, (one.centre[1] - 0.5) * tall, one.near);
            taken = [taken[0] + right, taken[1] + down / tall];
            spread += field.spread * one.near;
            lift += field.lift(one.near);
        }
        carried = [carried[0] + taken[0], carried[1] + taken[1]];
        let gone = (to - from) as f64;
        let ratio = other.pixels.len() as f64 / one.pixels.len().max(1) as f64;
        // What is just being hidden or shown shifts without moving.
        if (0.8..1.25).contains(&ratio) {
            for _ in *from..*to {
                steps.push([0, 1].map(|axis| (shift(one, other, axis) - taken[axis]) / gone));
            }
            for (axis, seen) in seen.iter_mut().enumerate() {
                *seen += shift(one, other, axis);
            }
        }
    }
    let count = steps.len() as f64;
    if steps.len() < 2 {
        return Way::default();
    }
    let mean = [0, 1].map(|axis| steps.iter().map(|step| step[axis]).sum::<f64>() / count);
    let scatter = [0, 1].map(|axis| {
        let sum: f64 = steps
            .iter()
            .map(|step| (step[axis] - mean[axis]).powi(2))
            .sum();
        (sum / count).sqrt() + 2e-4
    });
    let all = (track.last() - track.first()) as f64;
    let own = mean.map(|mean| mean * all);
    let clear = [0, 1].map(|axis| mean[axis].abs() / scatter[axis] * count.sqrt());
    let main = usize::from(own[1].abs() > own[0].abs());
    let (grown, nearer) = growth(track);
    Way {
        own,
        seen: seen.map(|seen| seen * all / count),
        carried: carried[0].hypot(carried[1]),
        clear: clear[main],
        grown: grown - spread,
        nearer: nearer - lift,
    }
}

/// How a track's things grow from its first to its last quarter: logarithm of their length, and
/// nearness.
fn growth(track: &Track) -> (f64, f64) {
    let whole: Vec<&Thing> = track.seen.iter().map(|(_, thing)| thing).collect();
    let quarter = whole.len().div_ceil(4);
    let (Some(first), Some(last)) = (
        whole.get(..quarter),
        whole.get(whole.len().saturating_sub(quarter)..),
    ) else {
        return (0.0, 0.0);
    };
    let median = |things: &[&Thing], of: &dyn Fn(&Thing) -> f64| {
        let mut values: Vec<f64> = things.iter().map(|thing| of(thing)).collect();
        values.sort_by(f64::total_cmp);
        values.get(values.len() / 2).copied().unwrap_or(0.0)
    };
    let ratio =
        |of: &dyn Fn(&Thing) -> f64| median(last, of).max(1e-6) / median(first, of).max(1e-6);
    let cut = |things: &[&Thing], side: usize| things.iter().any(|thing| thing.cut()[side]);
    let free = |one: usize, other: usize| {
        ![one, other]
            .into_iter()
            .any(|side| cut(first, side) || cut(last, side))
    };
    let grown = if free(1, 3) {
        ratio(&|thing| thing.sides[3] - thing.sides[1]).ln()
    } else if free(0, 2) {
        ratio(&|thing| thing.sides[2] - thing.sides[0]).ln()
    } else {
        ratio(&|thing| thing.pixels.len() as f64).ln() / 2.0
    };
    // From quarter to quarter is three quarters of the way.
    let nearer = median(last, &|thing| thing.near) - median(first, &|thing| thing.near);
    (grown * 1.33, nearer * 1.33)
}

/// What a track does; `None` where it does not move on its own.
fn mover(
    clip: &Clip,
    track: &Track,
    way: &Way,
    bands: &Bands,
    still: bool,
) -> Option<MovingRegion> {
    let count = track.seen.len();
    if count < 3 || clip.maps.len() < 3 {
        return None;
    }
    let far = way.own[0].hypot(way.own[1]);
    let goes = far > LEAST.max(DOUBT * way.carried) && way.clear > CLEAR;
    // What comes nearer grows and gets nearer, both.
    let comes = way.grown.abs() > GROWS
        && way.nearer * way.grown > 0.0
        && way.nearer.abs() > 0.03 + 0.3 * way.carried
        && way.carried < 0.25;
    let stirs = still && !goes && !comes && count * 2 >= clip.maps.len() && stirs(clip, track);
    if !(goes || comes || stirs) {
        return None;
    }
    let things = || track.seen.iter().map(|(_, thing)| thing);
    let mean = |of: fn(&Thing) -> f64| things().map(of).sum::<f64>() / count as f64;
    let (first, last) = (track.seen.first()?, track.seen.last()?);
    let span = TimeSpan {
        start_s: *clip.times_s.get(first.0)?,
        end_s: *clip.times_s.get(last.0)?,
    };
    let sides = things().fold([1.0_f64, 1.0, 0.0, 0.0], |all, thing| {
        [
            all[0].min(thing.sides[0]),
            all[1].min(thing.sides[1]),
            all[2].max(thing.sides[2]),
            all[3].max(thing.sides[3]),
        ]
    });
    let bounds = Region {
        x: round(sides[0]),
        y: round(sides[1]),
        width: round(sides[2] - sides[0]),
        height: round(sides[3] - sides[1]),
    };
    let largest = things().map(|thing| thing.pixels.len()).max().unwrap_or(0);
    let [left, top, right, _] = last.1.cut();
    let gone = track.last() + 1 < clip.maps.len() && last.1.pixels.len() * 2 < largest;
    let clear = (way.clear / 12.0).min(1.0);
    let confidence = if goes {
        0.5 + 0.25 * clear + 0.2 * (far / 0.15).min(1.0)
    } else if comes {
        0.45 + 0.35 * (way.grown.abs() / 0.5).min(1.0)
    } else {
        0.45
    };
    let (own, seen) = if goes {
        (way.own, way.seen)
    } else {
        ([0.0; 2], way.seen)
    };
    Some(MovingRegion {
        bounds,
        band: bands.of(mean(|thing| thing.near) as f32),
        span,
        dx: round(seen[0]),
        dy: round(seen[1]),
        own_dx: round(own[0]),
        own_dy: round(own[1]),
        growth: if comes { round(way.grown.exp()) } else { 1.0 },
        leaves: gone && (left || top || right),
        begin: Some(first.1.bounds()),
        end: Some(last.1.bounds()),
        name: None,
        confidence: round(confidence),
    })
}

/// Whether much of a track changes within its outline, again and again.
fn stirs(clip: &Clip, track: &Track) -> bool {
    let stride = (clip.maps.len() / 8).clamp(1, 4);
    let (mut alive, mut looked) = (0_usize, 0_usize);
    for (index, thing) in &track.seen {
        let (Some(map), Some(later)) = (clip.maps.get(*index), clip.maps.get(index + stride))
        else {
            continue;
        };
        let grid = Grid::new(clip.width, clip.height, later);
        let changed = thing
            .pixels
            .iter()
            .filter(|at| {
                let (x, y) = ((*at % clip.width) as isize, (*at / clip.width) as isize);
                let here = map.get(**at).copied().unwrap_or(0.0);
                // Off by a pixel is no change.
                [(0, 0), (-1, 0), (1, 0), (0, -1), (0, 1)]
                    .into_iter()
                    .all(|(dx, dy)| (grid.get(x + dx, y + dy) - here).abs() > CHANGE)
            })
            .count();
        looked += 1;
        alive += usize::from(changed as f64 > ALIVE * thing.pixels.len() as f64);
    }
    looked > 2 && alive * 2 > looked
}

/// A track that stands, as it looks half way through the clip.
fn object(clip: &Clip, track: &Track, bands: &Bands) -> Option<DepthObject> {
    let middle = clip.maps.len() / 2;
    let near = track.seen.iter().map(|(_, thing)| thing.near);
    if near.sum::<f64>() / track.seen.len().max(1) as f64 <= FOREGROUND {
        return None;
    }
    let (_, thing) = track
        .seen
        .iter()
        .min_by_key(|(index, _)| index.abs_diff(middle))?;
    let long = track.seen.len() as f64 / clip.maps.len().max(1) as f64;
    Some(DepthObject {
        bounds: thing.bounds(),
        band: bands.of(thing.near as f32),
        share: round(thing.share(clip.width, clip.height)),
        name: None,
        confidence: round((0.3 + 0.35 * long.min(1.0) + 0.3 * thing.clear).min(0.95)),
    })
}

fn round(value: f64) -> f64 {
    (value * 1000.0).round() / 1000.0
}
