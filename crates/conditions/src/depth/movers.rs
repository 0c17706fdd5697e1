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
/// The smallest share of the frame that a moving region has.
const SMALLEST: f64 = 0.004;
/// The most regions that are told.
const MOST: usize = 4;

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
    /// Share of the frame it sweeps.
    pub share: f64,
}

/// Finds what moves in a clip of nearness maps.
pub fn find(clip: &Clip, fields: &[Field], bands: &Bands) -> Vec<Mover> {
    let count = clip.maps.len();
    if count < 3 {
        return Vec::new();
    }
    let stride = (count / 8).max(1);
    let grids: Vec<Grid> = clip
        .maps
        .iter()
        .map(|map| Grid::new(clip.width, clip.height, map))
        .collect();
    let mut active: Vec<(usize, Vec<bool>)> = Vec::new();
    for from in 0..count - stride {
        let to = from + stride;
        let field = fields
            .get(from..to)
            .unwrap_or_default()
            .iter()
            .fold(Field::default(), |sum, field| sum.and(*field));
        if let (Some(one), Some(other)) = (grids.get(from), grids.get(to)) {
            active.push((from, changed(one, other, &field)));
        }
    }
    let mut often = vec![0_usize; clip.width * clip.height];
    for (_, mask) in &active {
        for (is, often) in mask.iter().zip(&mut often) {
            *often += usize::from(*is);
        }
    }
    // A place that changes only once in the whole clip is noise or a cut.
    let least = if active.len() > 6 { 2 } else { 1 };
    let mask: Vec<bool> = often.iter().map(|often| *often >= least).collect();
    let mask = dilate(&mask, clip.width, clip.height, (clip.width / 64).max(1));
    let total = mask.len().max(1) as f64;
    let mut movers: Vec<Mover> = components(&mask, clip.width, clip.height)
        .into_iter()
        .filter(|part| part.len() as f64 / total >= SMALLEST)
        .filter_map(|part| follow(clip, &part, &active, stride, bands))
        .collect();
    movers.sort_by(|one, other| other.share.total_cmp(&one.share));
    // Change nearly everywhere is the camera's (or a cut), not a thing's.
    movers.retain(|mover| mover.share < 0.6);
    movers.truncate(MOST);
    movers
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

/// Follows what lies in a region of change through the clip.
fn follow(
    clip: &Clip,
    part: &[usize],
    active: &[(usize, Vec<bool>)],
    stride: usize,
    bands: &Bands,
) -> Option<Mover> {
    let (width, height) = (clip.width, clip.height);
    // When: the pairs in which a good part of the region changes.
    let mut when = Vec::new();
    for (from, mask) in active {
        let hits = part
            .iter()
            .filter(|at| mask.get(**at) == Some(&true))
            .count();
        if hits * 25 >= part.len() || hits as f64 > 0.01 * (width * height) as f64 {
            when.push(*from);
        }
    }
    let (first, last) = (*when.first()?, *when.last()? + stride);
    let time = |index: usize| clip.times_s.get(index.min(clip.times_s.len() - 1)).copied();
    let span = TimeSpan {
        start_s: time(first)?,
        end_s: time(last)?,
    };
    // What: the nearer side of the region's depths.
    let mut values: Vec<f32> = clip
        .maps
        .iter()
        .flat_map(|map| {
            part.iter()
                .step_by(3)
                .filter_map(|at| map.get(*at).copied())
        })
        .filter(|value| value.is_finite())
        .collect();
    values.sort_by(f32::total_cmp);
    let threshold = otsu(&values)?;
    let mut track: Vec<(f64, f64, f64, f64, f64)> = Vec::new();
    for index in first..=last.min(clip.maps.len() - 1) {
        let map = clip.maps.get(index)?;
        let (mut area, mut sx, mut sy, mut near) = (0.0, 0.0, 0.0, 0.0);
        for at in part {
            let Some(value) = map.get(*at).filter(|value| **value >= threshold) else {
                continue;
            };
            area += 1.0;
            sx += (at % width) as f64;
            sy += (at / width) as f64;
            near += f64::from(*value);
        }
        if area > 0.0 {
            let scale = (width as f64, height as f64);
            track.push((
                time(index)?,
                sx / area / scale.0,
                sy / area / scale.1,
                area,
                near / area,
            ));
        }
    }
    let (start, end) = (ends(&track, false)?, ends(&track, true)?);
    let (dx, dy) = (end.0 - start.0, end.1 - start.1);
    let mut mask = vec![0.0; width * height];
    for at in part {
        if let Some(cell) = mask.get_mut(*at) {
            *cell = 1.0;
        }
    }
    let place = places::of(&mask, width, height);
    let growth = end.2 / start.2.max(1.0);
    let near = track.iter().map(|point| point.4).sum::<f64>() / track.len().max(1) as f64;
    let regular = when.len() as f64 / ((last - stride).saturating_sub(first) + 1) as f64;
    let round = |value: f64| (value * 1000.0).round() / 1000.0;
    Some(Mover {
        region: MovingRegion {
            bounds: place.bounds,
            band: bands.of(near as f32),
            span,
            dx: round(dx),
            dy: round(dy),
            confidence: round((0.4 + 0.4 * regular).min(0.85)),
        },
        place: place.words,
        growth,
        leaves: growth < 0.35 && touches_edge(&place.bounds),
        share: part.len() as f64 / (width * height) as f64,
    })
}

fn touches_edge(bounds: &Region) -> bool {
    bounds.x < 0.02
        || bounds.y < 0.02
        || bounds.x + bounds.width > 0.98
        || bounds.y + bounds.height > 0.98
}

/// Mean place and size over the first (or last) quarter of a track.
fn ends(track: &[(f64, f64, f64, f64, f64)], last: bool) -> Option<(f64, f64, f64)> {
    let count = track.len().div_ceil(4);
    let part = if last {
        track.get(track.len().checked_sub(count)?..)?
    } else {
        track.get(..count)?
    };
    if part.is_empty() {
        return None;
    }
    let mean = |of: fn(&(f64, f64, f64, f64, f64)) -> f64| {
        part.iter().map(of).sum::<f64>() / part.len() as f64
    };
    Some((mean(|p| p.1), mean(|p| p.2), mean(|p| p.3)))
}

/// Otsu's threshold of sorted values; `None` where they do not fall in two.
fn otsu(sorted: &[f32]) -> Option<f32> {
    let count = sorted.len();
    if count < 16 {
        return None;
    }
    let total: f64 = sorted.iter().map(|v| f64::from(*v)).sum();
    let mut below = 0.0;
    let mut best = (0.0, None);
    for (index, value) in sorted.iter().enumerate().take(count - 1) {
        below += f64::from(*value);
        let (low, high) = ((index + 1) as f64, (count - index - 1) as f64);
        let apart = below / low - (total - below) / high;
        let score = low * high * apart * apart;
        if score > best.0 {
            best = (score, sorted.get(index + 1).copied());
        }
    }
    best.1
}
