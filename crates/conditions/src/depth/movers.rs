//! Things that move on their own: change that the motion of the whole picture does not explain.

use decoupage_shot::Region;

use super::flow::{Field, Grid};
use super::layers::Bands;
use super::maps::Clip;
use super::{MovingRegion, places};
use crate::identity::ground::components;
use crate::reading::TimeSpan;

/// Change of nearness that counts.
const CHANGE: f32 = 0.09;
/// How much nearer than the ground of its row a thing stands.
const STANDS_OUT: f32 = 0.11;
/// The smallest share of the frame that a thing has.
const SMALLEST: f64 = 0.008;
/// The share of a thing's pixels that must change for it to count as moving.
const ALIVE: f64 = 0.05;
/// The most movers that are told.
const MOST: usize = 4;
/// How far, in picture widths, the camera's motion must take a thing to be the reason for its
/// way.
const CARRIED: f64 = 0.03;

/// A moving region and what it does, for the sentences.
#[derive(Debug, Clone)]
pub struct Mover {
    /// The region.
    pub region: MovingRegion,
    /// Where, in words.
    pub place: String,
    /// Size at the end over size at the beginning.
    pub growth: f64,
    /// Whether it leaves the frame by the edge it touches.
    pub leaves: bool,
    /// Share of the frame it covers, on average.
    pub share: f64,
}

/// A thing in one frame: pixels that stand out from the ground, connected.
#[derive(Debug, Clone)]
struct Thing {
    pixels: Vec<usize>,
    x: f64,
    y: f64,
    near: f64,
}

/// A thing through time.
#[derive(Debug, Clone)]
struct Track {
    first: usize,
    things: Vec<Thing>,
}

/// Finds what moves in a clip of nearness maps: things that stand out from the ground of their
/// row are followed from frame to frame, and kept where they change in a way that the motion
/// of the whole picture does not explain.
pub fn find(clip: &Clip, fields: &[Field], bands: &Bands) -> Vec<Mover> {
    let count = clip.maps.len();
    if count < 3 {
        return Vec::new();
    }
    let active = activity(clip, fields);
    let tracks = tracks(clip);
    let mut movers: Vec<Mover> = tracks
        .into_iter()
        .filter_map(|track| steady_part(track, count))
        .filter(|track| !is_carried(clip, track, fields))
        .filter_map(|track| tell(clip, &track, &active, bands))
        .collect();
    movers.sort_by(|one, other| other.share.total_cmp(&one.share));
    movers.truncate(MOST);
    movers
}

/// Where each map changes towards the one a little later, beyond the motion of the whole.
fn activity(clip: &Clip, fields: &[Field]) -> Vec<Vec<bool>> {
    let count = clip.maps.len();
    let stride = (count / 8).clamp(1, 4);
    let grids: Vec<Grid> = clip
        .maps
        .iter()
        .map(|map| Grid::new(clip.width, clip.height, map))
        .collect();
    grids
        .iter()
        .zip(grids.iter().skip(stride))
        .enumerate()
        .map(|(from, (one, other))| {
            let field = fields
                .get(from..from + stride)
                .unwrap_or_default()
                .iter()
                .fold(Field::default(), |sum, field| sum.and(*field));
            changed(one, other, &field)
        })
        .collect()
}

/// Where the second map differs from the first moved along the field.
fn changed(one: &Grid, other: &Grid, field: &Field) -> Vec<bool> {
    let width = one.width as f64;
    let mut mask = Vec::with_capacity(one.values.len());
    for y in 0..one.height {
        for x in 0..one.width {
            let here = one.get(x as isize, y as isize);
            let [px, py] = one.place(x, y);
            let [u, v] = field.at(px, py, f64::from(here));
            let expected = here + (field.value[0] + field.value[1] * f64::from(here)) as f32;
            let (tx, ty) = (x as f64 + u * width, y as f64 + v * width);
            // Off by a pixel is no change.
            let mut least = f32::INFINITY;
            for (dx, dy) in [(0.0, 0.0), (-1.0, 0.0), (1.0, 0.0), (0.0, -1.0), (0.0, 1.0)] {
                least = least.min((other.between(tx + dx, ty + dy) - expected).abs());
            }
            mask.push(least > CHANGE);
        }
    }
    mask
}

/// The things of every frame, linked by overlap.
fn tracks(clip: &Clip) -> Vec<Track> {
    let mut done: Vec<Track> = Vec::new();
    let mut open: Vec<Track> = Vec::new();
    for (index, map) in clip.maps.iter().enumerate() {
        let mut things: Vec<Option<Thing>> = things(map, clip.width, clip.height)
            .into_iter()
            .map(Some)
            .collect();
        // Large tracks choose first.
        open.sort_by_key(|track| std::cmp::Reverse(last_size(track)));
        let mut still = Vec::new();
        for mut track in open {
            let Some(last) = track.things.last() else {
                continue;
            };
            let mut mask = vec![false; clip.width * clip.height];
            for at in &last.pixels {
                if let Some(cell) = mask.get_mut(*at) {
                    *cell = true;
                }
            }
            let best = things
                .iter()
                .enumerate()
                .filter_map(|(slot, thing)| {
                    let thing = thing.as_ref()?;
                    let common = thing
                        .pixels
                        .iter()
                        .filter(|at| mask.get(**at) == Some(&true))
                        .count();
                    let smaller = thing.pixels.len().min(last.pixels.len());
                    (common * 5 > smaller * 2).then_some((common, slot))
                })
                .max();
            match best
                .and_then(|(_, slot)| things.get_mut(slot))
                .and_then(Option::take)
            {
                Some(thing) => {
                    track.things.push(thing);
                    still.push(track);
                }
                None => done.push(track),
            }
        }
        still.extend(things.into_iter().flatten().map(|thing| Track {
            first: index,
            things: vec![thing],
        }));
        open = still;
    }
    done.extend(open);
    done
}

fn last_size(track: &Track) -> usize {
    track.things.last().map_or(0, |thing| thing.pixels.len())
}

/// The connected parts of a map that are clearly nearer than the ground of their row: its 35th
/// percentile. Thin bridges (an outstretched arm) are cut first.
fn things(map: &[f32], width: usize, height: usize) -> Vec<Thing> {
    let mut mask = Vec::with_capacity(map.len());
    for row in map.chunks(width.max(1)) {
        let mut sorted: Vec<f32> = row.iter().copied().filter(|v| v.is_finite()).collect();
        sorted.sort_by(f32::total_cmp);
        let ground = sorted.get(sorted.len() * 35 / 100).copied().unwrap_or(1.0);
        mask.extend(row.iter().map(|value| *value > ground + STANDS_OUT));
    }
    let radius = (width.min(height) / 80).max(1);
    let outside: Vec<bool> = mask.iter().map(|is| !is).collect();
    let core: Vec<bool> = dilate(&outside, width, height, radius)
        .iter()
        .map(|is| !is)
        .collect();
    let least = SMALLEST * (width * height) as f64;
    components(&core, width, height)
        .into_iter()
        .filter(|part| part.len() as f64 >= least * 0.5)
        .filter_map(|part| {
            // Grow the core back to the thing's outline.
            let mut grown = vec![false; mask.len()];
            for at in part {
                if let Some(cell) = grown.get_mut(at) {
                    *cell = true;
                }
            }
            let grown = dilate(&grown, width, height, radius);
            let pixels: Vec<usize> = grown
                .iter()
                .zip(&mask)
                .enumerate()
                .filter(|(_, (grown, is))| **grown && **is)
                .map(|(at, _)| at)
                .collect();
            let count = pixels.len() as f64;
            if count < least {
                return None;
            }
            let sum = |of: &dyn Fn(usize) -> f64| pixels.iter().map(|at| of(*at)).sum::<f64>();
            Some(Thing {
                x: sum(&|at| (at % width) as f64 + 0.5) / count / width as f64,
                y: sum(&|at| (at / width) as f64 + 0.5) / count / height as f64,
                near: sum(&|at| f64::from(map.get(at).copied().unwrap_or(0.0))) / count,
                pixels,
            })
        })
        .collect()
}

/// The longest part of a track without a jump in size: two things that touch are one for as
/// long as they do. `None` for tracks too short to say anything.
fn steady_part(track: Track, frames: usize) -> Option<Track> {
    let mut best = (0, 0);
    let mut start = 0;
    for index in 1..=track.things.len() {
        let jump = match (track.things.get(index - 1), track.things.get(index)) {
            (Some(one), Some(other)) => {
                let ratio = other.pixels.len() as f64 / one.pixels.len().max(1) as f64;
                !(0.72..1.39).contains(&ratio)
            }
            _ => true,
        };
        if jump {
            if index - start > best.1 - best.0 {
                best = (start, index);
            }
            start = index;
        }
    }
    let (from, to) = best;
    let least = (frames / 4).max(3);
    (to - from >= least).then(|| Track {
        first: track.first + from,
        things: track
            .things
            .into_iter()
            .skip(from)
            .take(to - from)
            .collect(),
    })
}

/// Whether a track goes where the camera's own motion takes a thing of its nearness: what
/// slides past a trucking camera stands still.
fn is_carried(clip: &Clip, track: &Track, fields: &[Field]) -> bool {
    let tall = clip.height as f64 / clip.width as f64;
    let mut at = [0.0, 0.0];
    let mut way = vec![at];
    for (thing, field) in track.things.iter().zip(fields.iter().skip(track.first)) {
        let [right, down] = field.at(thing.x - 0.5, (thing.y - 0.5) * tall, thing.near);
        at = [at[0] + right, at[1] + down];
        way.push(at);
    }
    way.truncate(track.things.len());
    let quarter = way.len().div_ceil(4);
    let (Some(begin), Some(end)) = (way.get(..quarter), way.get(way.len() - quarter..)) else {
        return false;
    };
    let mean = |points: &[[f64; 2]], axis: usize| {
        points.iter().map(|point| point[axis]).sum::<f64>() / points.len().max(1) as f64
    };
    let taken = [mean(end, 0) - mean(begin, 0), mean(end, 1) - mean(begin, 1)];
    let (Some(first), Some(last)) = (
        track.things.get(..quarter),
        track
            .things
            .get(track.things.len().saturating_sub(quarter)..),
    ) else {
        return false;
    };
    let place = |things: &[Thing], of: fn(&Thing) -> f64| {
        things.iter().map(of).sum::<f64>() / things.len().max(1) as f64
    };
    let went = [
        place(last, |thing| thing.x) - place(first, |thing| thing.x),
        (place(last, |thing| thing.y) - place(first, |thing| thing.y)) * tall,
    ];
    let length = taken[0].hypot(taken[1]);
    let off = (went[0] - taken[0]).hypot(went[1] - taken[1]);
    length > CARRIED && off < CARRIED.max(0.5 * length)
}

/// What a track does; `None` where it does not move on its own.
fn tell(clip: &Clip, track: &Track, active: &[Vec<bool>], bands: &Bands) -> Option<Mover> {
    let (width, height) = (clip.width, clip.height);
    let mut alive = 0_usize;
    let mut looked = 0_usize;
    for (thing, mask) in track.things.iter().zip(active.iter().skip(track.first)) {
        let hits = thing
            .pixels
            .iter()
            .filter(|at| mask.get(**at) == Some(&true))
            .count();
        looked += 1;
        alive += usize::from(hits as f64 > ALIVE * thing.pixels.len() as f64);
    }
    if looked == 0 || alive * 3 < looked {
        return None;
    }
    let count = track.things.len();
    let quarter = count.div_ceil(4);
    let mean = |things: &[Thing], of: fn(&Thing) -> f64| {
        things.iter().map(of).sum::<f64>() / things.len().max(1) as f64
    };
    let begin = track.things.get(..quarter)?;
    let end = track.things.get(count - quarter..)?;
    let size = |thing: &Thing| thing.pixels.len() as f64;
    let growth = mean(end, size) / mean(begin, size).max(1.0);
    // What hardly shifts must change for long: a thing that another one passes changes too.
    let shift = (mean(end, |thing| thing.x) - mean(begin, |thing| thing.x))
        .hypot(mean(end, |thing| thing.y) - mean(begin, |thing| thing.y));
    if shift < 0.025 && count * 2 < clip.maps.len() {
        return None;
    }
    let last_index = track.first + count - 1;
    let mut often = vec![0.0_f32; width * height];
    for at in track.things.iter().flat_map(|thing| &thing.pixels) {
        if let Some(cell) = often.get_mut(*at) {
            *cell += 1.0 / count as f32;
        }
    }
    let place = places::of(&often, width, height);
    let time = |index: usize| clip.times_s.get(index).copied();
    let shrunk = track.things.last().map_or(0.0, size)
        < 0.5 * track.things.iter().map(size).fold(0.0, f64::max);
    let gone = last_index + 1 < clip.maps.len();
    let round = |value: f64| (value * 1000.0).round() / 1000.0;
    let share = mean(&track.things, size) / (width * height) as f64;
    Some(Mover {
        region: MovingRegion {
            bounds: place.bounds,
            band: bands.of(mean(&track.things, |thing| thing.near) as f32),
            span: TimeSpan {
                start_s: time(track.first)?,
                end_s: time(last_index)?,
            },
            dx: round(mean(end, |thing| thing.x) - mean(begin, |thing| thing.x)),
            dy: round(mean(end, |thing| thing.y) - mean(begin, |thing| thing.y)),
            confidence: round(0.4 + 0.4 * alive as f64 / looked as f64),
        },
        place: place.words,
        growth,
        leaves: shrunk && gone && touches_edge(&place.bounds),
        share,
    })
}

fn touches_edge(bounds: &Region) -> bool {
    bounds.x < 0.02
        || bounds.y < 0.02
        || bounds.x + bounds.width > 0.98
        || bounds.y + bounds.height > 0.98
}

fn dilate(mask: &[bool], width: usize, height: usize, radius: usize) -> Vec<bool> {
    let mut wide = vec![false; mask.len()];
    for y in 0..height {
        for x in 0..width {
            let from = x.saturating_sub(radius);
            let to = (x + radius + 1).min(width);
            let row = mask
                .get(y * width + from..y * width + to)
                .unwrap_or_default();
            if let Some(cell) = wide.get_mut(y * width + x) {
                *cell = row.iter().any(|is| *is);
            }
        }
    }
    let mut tall = vec![false; mask.len()];
    for y in 0..height {
        for x in 0..width {
            let mut near = y.saturating_sub(radius)..(y + radius + 1).min(height);
            if let Some(cell) = tall.get_mut(y * width + x) {
                *cell = near.any(|y| wide.get(y * width + x) == Some(&true));
            }
        }
    }
    tall
}
