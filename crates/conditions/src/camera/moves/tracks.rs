//! Which runs belong to one straight track, one turn of the head, or one stronger move.

use super::super::geometry;
use super::super::runs::Run;
use super::super::signals::{CHANNELS, DOWN, FORWARD, RIGHT, ROLL, Signals, TILT};
use super::{LEAST_TRAVEL, LEAST_TURN_DEG};

/// Below this share of a simultaneous longer move along another axis of its group, a run is a
/// correction on the way.
const SLIGHT: f64 = 0.15;
/// Of simultaneous travel along two axes, the lesser is dropped below this share of the
/// greater (a direction less than 19° off the axis).
pub(super) const LESSER_TRAVEL: f64 = 0.35;
/// Of simultaneous turning about two axes, the lesser is dropped below this share.
pub(super) const LESSER_TURN: f64 = 0.25;

/// Where the camera runs along a straight track while it turns, its travel along its own axes
/// wanders from one to another; the track is then named by the camera's axes at its start.
pub(super) fn lay_straight_tracks(signals: &Signals, runs: &mut [Vec<Run>; CHANNELS], least: f64) {
    let mut all: Vec<Run> = runs[..3].iter().flatten().copied().collect();
    all.sort_by(|a, b| a.start.total_cmp(&b.start));
    let mut spans: Vec<(f64, f64)> = Vec::new();
    for run in all {
        match spans.last_mut() {
            Some(last) if run.start < last.1 - 0.02 * signals.duration => {
                last.1 = last.1.max(run.end);
            }
            _ => spans.push((run.start, run.end)),
        }
    }
    for (start, end) in spans {
        if lay_straight_track(signals, runs, start, end, least) {
            continue;
        }
        // Several tracks in a row: the camera starts or stops turning where one ends.
        let mut cuts: Vec<f64> = runs[TILT..=ROLL]
            .iter()
            .flatten()
            .flat_map(|run| [run.start, run.end])
            .filter(|cut| *cut > start + 0.15 && *cut < end - 0.15)
            .collect();
        cuts.extend([start, end]);
        cuts.sort_by(f64::total_cmp);
        for pair in cuts.windows(2) {
            if cuts.len() > 2 && pair[1] - pair[0] > 0.1 {
                lay_straight_track(signals, runs, pair[0], pair[1], least);
            }
        }
    }
    for list in &mut runs[..3] {
        list.sort_by(|a, b| a.start.total_cmp(&b.start));
        let mut joined: Vec<Run> = Vec::new();
        for run in list.drain(..) {
            match joined.last_mut() {
                Some(last)
                    if last.amount * run.amount > 0.0
                        && run.start - last.end < 2.0 * signals.dt =>
                {
                    last.end = run.end;
                    last.amount += run.amount;
                }
                _ => joined.push(run),
            }
        }
        *list = joined;
    }
}

/// Replaces the travel between two times by one straight track, if it is one.
fn lay_straight_track(
    signals: &Signals,
    runs: &mut [Vec<Run>; CHANNELS],
    start: f64,
    end: f64,
    least: f64,
) -> bool {
    let noise = roughness(signals);
    let margin = 0.05 * (end - start);
    let shape = geometry::shape(signals, start + margin, end - margin);
    if !geometry::is_straight_track(&shape, noise) || !goes_one_way(signals, start, end) {
        return false;
    }
    let chord = signals.centres[signals.index(end)] - signals.centres[signals.index(start)];
    let along = signals.axes[signals.index(start)].transpose() * chord;
    let most = along.abs().max_element();
    for channel in [RIGHT, DOWN, FORWARD] {
        let outside: Vec<Run> = runs[channel]
            .iter()
            .flat_map(|run| {
                let pieces = [
                    (run.start, run.end.min(start)),
                    (run.start.max(end), run.end),
                ];
                let whole = run.end <= start || run.start >= end;
                pieces
                    .into_iter()
                    .filter(move |(from, to)| whole || to > from)
                    .take(if whole { 1 } else { 2 })
                    .map(move |(from, to)| match whole {
                        true => *run,
                        false => Run {
                            start: from,
                            end: to,
                            amount: signals.change(channel, from, to),
                        },
                    })
            })
            .filter(|run| run.amount.abs() >= least)
            .collect();
        runs[channel] = outside;
        let amount = along[channel];
        if amount.abs() >= LESSER_TRAVEL * most {
            runs[channel].push(Run { start, end, amount });
        }
    }
    true
}

/// Whether the path between two times never turns back along its chord.
fn goes_one_way(signals: &Signals, start: f64, end: f64) -> bool {
    let (a, b) = (signals.index(start), signals.index(end));
    let chord = signals.centres[b] - signals.centres[a];
    let travelled: f64 = signals.centres[a..=b]
        .windows(2)
        .map(|pair| pair[0].distance(pair[1]))
        .sum();
    travelled <= 1.1 * chord.length() + 4.0 * signals.noise[RIGHT]
}

/// Drops runs that are a small part of a simultaneous stronger one, unless they go on alone.
pub(super) fn drop_lesser(
    signals: &Signals,
    runs: &mut [Vec<Run>; CHANNELS],
    group: &[usize],
    share: f64,
) {
    let before = runs.clone();
    for channel in group {
        let least = match *channel {
            RIGHT..=FORWARD => LEAST_TRAVEL,
            _ => LEAST_TURN_DEG,
        };
        runs[*channel].retain(|run| {
            let mut alone = run.amount.abs();
            let mut lesser = false;
            let mut slight = false;
            for other in group.iter().filter(|other| *other != channel) {
                for rival in &before[*other] {
                    let (start, end) = (run.start.max(rival.start), run.end.min(rival.end));
                    if end <= start {
                        continue;
                    }
                    // A correction on the way, not a move of its own.
                    slight |= run.amount.abs() < SLIGHT * rival.amount.abs()
                        && end - start > 0.9 * (run.end - run.start);
                    let portion = |of: &Run| (end - start) / (of.end - of.start).max(1e-9);
                    let own = if portion(run) > 0.999 {
                        run.amount.abs()
                    } else {
                        signals.change(*channel, start, end).abs()
                    };
                    let theirs = if portion(rival) > 0.999 {
                        rival.amount.abs()
                    } else {
                        signals.change(*other, start, end).abs()
                    };
                    if own < share * theirs {
                        lesser = true;
                        alone -= own;
                    }
                }
            }
            !slight && (!lesser || alone >= least.max(0.5 * run.amount.abs()))
        });
    }
}

/// Times during which runs of a group of channels overlap.
fn spans(runs: &[Vec<Run>]) -> Vec<(f64, f64)> {
    let mut all: Vec<(f64, f64)> = runs
        .iter()
        .flatten()
        .map(|run| (run.start, run.end))
        .collect();
    all.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut spans: Vec<(f64, f64)> = Vec::new();
    for (start, end) in all {
        match spans.last_mut() {
            Some(last) if start < last.1 => last.1 = last.1.max(end),
            _ => spans.push((start, end)),
        }
    }
    spans
}

/// Turning about two axes at once can be told in more than one way: a camera that tilts while
/// it rolls seems to pan, too, when its turning is read about its own axes. Where yaw, pitch
/// and roll from the turn's beginning tell it with less, they are taken.
pub(super) fn lay_turns(signals: &Signals, runs: &mut [Vec<Run>; CHANNELS], least: [f64; 3]) {
    for (start, end) in spans(&runs[TILT..=ROLL]) {
        let within = |run: &Run| run.start >= start - 1e-9 && run.end <= end + 1e-9;
        let axes = runs[TILT..=ROLL]
            .iter()
            .filter(|list| list.iter().any(within))
            .count();
        if axes < 2 {
            continue;
        }
        let Some(angles) = signals.angles(start, end) else {
            continue;
        };
        let first = signals.index(start);
        let change = |axis: usize, run: &Run| {
            let at = |time: f64| {
                angles[axis]
                    .get(signals.index(time).saturating_sub(first))
                    .or(angles[axis].last())
                    .copied()
                    .unwrap_or(0.0)
            };
            at(run.end) - at(run.start)
        };
        let (mut before, mut after) = (0.0, 0.0);
        for (axis, channel) in (TILT..=ROLL).enumerate() {
            for run in runs[channel].iter().filter(|run| within(run)) {
                before += run.amount.abs();
                after += change(axis, run).abs();
            }
        }
        if after > 0.97 * before {
            continue;
        }
        for (axis, channel) in (TILT..=ROLL).enumerate() {
            for run in runs[channel].iter_mut().filter(|run| within(run)) {
                run.amount = change(axis, run);
            }
            runs[channel].retain(|run| !within(run) || run.amount.abs() >= least[axis]);
        }
    }
}

/// How rough the travel is: noise from frame to frame, or a hand's shake.
fn roughness(signals: &Signals) -> f64 {
    signals.noise[RIGHT..=FORWARD]
        .iter()
        .chain(&signals.unrest[RIGHT..=FORWARD])
        .copied()
        .fold(0.0, f64::max)
}

/// The farthest a tripod head's or an arm's pivot lies behind the lens, metres.
const FURTHEST_PIVOT_M: f64 = 0.5;

/// A camera that turns on a head behind its lens swings a little way along with the turn.
/// Where the views meet in a point behind the camera and the path bends round it, the travel
/// is the turn's own and no move beside it.
pub(super) fn drop_swings(signals: &Signals, runs: &mut [Vec<Run>; CHANNELS], metric: bool) {
    let turns: Vec<(f64, f64)> = spans(&runs[TILT..=ROLL]);
    let swings = |run: &Run| {
        turns.iter().any(|(start, end)| {
            let (from, to) = (run.start.max(*start), run.end.min(*end));
            if to - from < 0.7 * (run.end - run.start) {
                return false;
            }
            let shape = geometry::shape(signals, from, to);
            let chord = shape.chord.length();
            let bends = shape.bulge
                > 0.6 * geometry::arc_bulge(0.9 * shape.turned_deg)
                    + 3.0 * roughness(signals) / chord.max(1e-9);
            let forward = signals.axes[signals.index(0.5 * (from + to))].z_axis;
            let is_across = shape.chord.dot(forward).abs() < 0.4 * chord;
            if shape.turned_deg < 5.0 || !bends || !is_across {
                return false;
            }
            geometry::look_at(signals, from, to).is_some_and(|point| {
                let swing = 2.0 * point.distance * (0.5 * shape.turned_deg.to_radians()).sin();
                let near = !metric || point.distance * signals.extent < FURTHEST_PIVOT_M;
                point.is_behind && near && (swing / chord - 1.0).abs() < 0.25
            })
        })
    };
    for list in &mut runs[RIGHT..=FORWARD] {
        list.retain(|run| !swings(run));
    }
}
