//! What moves beside the camera: how much, where and when.

use decoupage_shot::Region;

use super::pass::{Frame, Seen};
use super::transitions::{Span, runs};
use super::{MovingArea, thousandth};
use crate::reading::TimeSpan;

/// The slowest own motion that is told, widths a second.
const SLOWEST: f64 = 0.012;
/// The shortest own motion that is told, seconds.
const SHORTEST_S: f64 = 0.3;
/// The most areas a shot lists.
const MOST: usize = 4;

/// How fast each cell of a frame stirs beyond what all of the picture does (noise, grain),
/// widths a second.
fn stirs(frames: &[Frame], at: usize) -> Vec<f64> {
    let Some((frame, before)) = frames
        .get(at)
        .zip(at.checked_sub(1).and_then(|b| frames.get(b)))
    else {
        return Vec::new();
    };
    let Some(compared) = &frame.compared else {
        return Vec::new();
    };
    let lasts = (frame.time_s - before.time_s).max(1e-3);
    let mut floor: Vec<f32> = compared.cells.iter().map(|cell| cell.stir).collect();
    let middle = floor.len() / 2;
    let usual = match floor.is_empty() {
        true => 0.0,
        false => *floor.select_nth_unstable_by(middle, f32::total_cmp).1,
    };
    compared
        .cells
        .iter()
        .map(|cell| f64::from((cell.stir - 1.5 * usual).max(0.0)) / lasts)
        .collect()
}

/// Motion beside the camera's at one frame, widths a second, averaged over the picture.
pub(crate) fn energy_at(frames: &[Frame], at: usize) -> f64 {
    let stirs = stirs(frames, at);
    stirs.iter().sum::<f64>() / stirs.len().max(1) as f64
}

/// The mean of [`energy_at`] over a shot.
pub(crate) fn energy(seen: &Seen, span: &Span) -> f64 {
    let range = span.clear.start + 1..span.clear.end;
    let count = range.len().max(1) as f64;
    range.map(|at| energy_at(&seen.frames, at)).sum::<f64>() / count
}

/// Where something moves on its own. Where near and far move differently past the camera
/// (`parallax`), nothing is told: a near thing would look like a mover.
pub(crate) fn areas(seen: &Seen, span: &Span, parallax: bool) -> Vec<MovingArea> {
    let (columns, rows) = seen.grid;
    let range = span.clear.start + 1..span.clear.end;
    if parallax || columns * rows == 0 || range.len() < 3 {
        return Vec::new();
    }
    let frames = &seen.frames;
    let stirred: Vec<Vec<f64>> = range.clone().map(|at| stirs(frames, at)).collect();
    let mut mean = vec![0.0; columns * rows];
    for cells in &stirred {
        for (sum, value) in mean.iter_mut().zip(cells) {
            *sum += value / stirred.len() as f64;
        }
    }
    let strongest = mean.iter().copied().fold(0.0, f64::max);
    let least = (0.25 * strongest).max(SLOWEST);
    let active: Vec<bool> = mean.iter().map(|value| *value > least).collect();
    let share = active.iter().filter(|on| **on).count() as f64 / active.len() as f64;
    // What stirs everywhere is no area.
    if share > 0.6 {
        return Vec::new();
    }
    let mut found: Vec<(f64, MovingArea)> = Vec::new();
    for patch in patches(&active, columns) {
        let weight: f64 = patch.iter().filter_map(|cell| mean.get(*cell)).sum();
        // One cell alone may be a flicker.
        if patch.len() < 2 && weight < 4.0 * SLOWEST {
            continue;
        }
        if let Some(area) = area(&patch, columns, rows, &stirred, frames, range.start) {
            found.push((weight, area));
        }
    }
    found.sort_by(|a, b| b.0.total_cmp(&a.0));
    found.into_iter().take(MOST).map(|(_, area)| area).collect()
}

/// Connected cells that are active.
fn patches(active: &[bool], columns: usize) -> Vec<Vec<usize>> {
    let mut seen = vec![false; active.len()];
    let mut found = Vec::new();
    for start in 0..active.len() {
        let mut patch = Vec::new();
        let mut open = vec![start];
        while let Some(cell) = open.pop() {
            let free = active.get(cell) == Some(&true) && seen.get(cell) == Some(&false);
            if !free {
                continue;
            }
            if let Some(seen) = seen.get_mut(cell) {
                *seen = true;
            }
            patch.push(cell);
            let (x, y) = (cell % columns, cell / columns);
            for dy in [-1_isize, 0, 1] {
                for dx in [-1_isize, 0, 1] {
                    let next = x
                        .checked_add_signed(dx)
                        .filter(|x| *x < columns)
                        .zip(y.checked_add_signed(dy));
                    if let Some((x, y)) = next {
                        open.push(y * columns + x);
                    }
                }
            }
        }
        if !patch.is_empty() {
            found.push(patch);
        }
    }
    found
}

fn area(
    patch: &[usize],
    columns: usize,
    rows: usize,
    stirred: &[Vec<f64>],
    frames: &[Frame],
    first: usize,
) -> Option<MovingArea> {
    let speeds: Vec<f64> = stirred
        .iter()
        .map(|cells| {
            patch
                .iter()
                .filter_map(|cell| cells.get(*cell))
                .sum::<f64>()
                / patch.len() as f64
        })
        .collect();
    let peak = speeds.iter().copied().fold(0.0, f64::max);
    let time = |at: usize| {
        frames
            .get((first + at).min(frames.len() - 1))
            .map_or(0.0, |frame| frame.time_s)
    };
    // From the first to the last stir: what rests for a moment goes on moving.
    let busy = runs(speeds.len(), |at| {
        speeds.get(at).is_some_and(|speed| *speed > 0.2 * peak)
    });
    let (start, end) = (busy.first()?.start, busy.last()?.end);
    let span = TimeSpan {
        start_s: thousandth(time(start)),
        end_s: thousandth(time(end)),
    };
    if span.end_s - span.start_s < SHORTEST_S {
        return None;
    }
    let (x, y) = (
        patch.iter().map(|cell| cell % columns),
        patch.iter().map(|cell| cell / columns),
    );
    let (left, right) = (x.clone().min()?, x.max()? + 1);
    let (top, bottom) = (y.clone().min()?, y.max()? + 1);
    let share = |cell: usize, of: usize| thousandth(cell as f64 / of as f64);
    Some(MovingArea {
        bounds: Region {
            x: share(left, columns),
            y: share(top, rows),
            width: share(right - left, columns),
            height: share(bottom - top, rows),
        },
        span,
        speed: thousandth(speeds.iter().sum::<f64>() / speeds.len().max(1) as f64),
        name: None,
    })
}
