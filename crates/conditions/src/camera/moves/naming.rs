//! From runs to the names of film moves: arcs, cranes and dolly zooms are joined from two.

use super::super::MoveKind;
use super::super::geometry;
use super::super::runs::Run;
use super::super::signals::{CHANNELS, DOWN, FORWARD, PAN, RIGHT, ROLL, Signals, TILT, ZOOM};
use super::Part;

/// Names runs, joining those that are one film move: arcs, cranes and dolly zooms.
pub(super) fn name(signals: &Signals, mut runs: [Vec<Run>; CHANNELS]) -> Vec<Part> {
    // How many times a run stands out from its shake.
    let clarity = |channel: usize, run: &Run| {
        let rough = signals.noise[channel].max(signals.unrest_beside(channel));
        run.amount.abs() / rough.max(1e-9)
    };
    let mut parts = Vec::new();
    join(&mut runs, FORWARD, ZOOM, |dolly, zoom| {
        (dolly.amount * zoom.amount < 0.0).then(|| Part {
            kind: if dolly.amount > 0.0 {
                MoveKind::DollyZoomIn
            } else {
                MoveKind::DollyZoomOut
            },
            start: dolly.start.min(zoom.start),
            end: dolly.end.max(zoom.end),
            amount: dolly.amount.abs(),
            clarity: clarity(FORWARD, dolly).max(clarity(ZOOM, zoom)),
        })
    })
    .into_iter()
    .for_each(|part| parts.push(part));
    // Clockwise as seen from above: a camera that goes left while it turns right keeps a point
    // before it in view and goes round it clockwise.
    parts.extend(join(&mut runs, RIGHT, PAN, |truck, pan| {
        let turns_back = truck.amount * pan.amount < 0.0;
        (turns_back && is_about_a_point(signals, truck, pan, PAN)).then(|| Part {
            kind: if truck.amount < 0.0 {
                MoveKind::ArcCw
            } else {
                MoveKind::ArcCcw
            },
            start: truck.start.min(pan.start),
            end: truck.end.max(pan.end),
            amount: pan.amount.abs(),
            clarity: clarity(PAN, pan).max(clarity(RIGHT, truck)),
        })
    }));
    parts.extend(join(&mut runs, DOWN, TILT, |pedestal, tilt| {
        let turns_back = pedestal.amount * tilt.amount > 0.0;
        (turns_back && is_about_a_point(signals, pedestal, tilt, TILT)).then(|| Part {
            kind: if pedestal.amount < 0.0 {
                MoveKind::CraneUp
            } else {
                MoveKind::CraneDown
            },
            start: pedestal.start.min(tilt.start),
            end: pedestal.end.max(tilt.end),
            amount: tilt.amount.abs(),
            clarity: clarity(TILT, tilt).max(clarity(DOWN, pedestal)),
        })
    }));
    for (channel, list) in runs.iter().enumerate() {
        for run in list {
            parts.push(Part {
                kind: kind(channel, run.amount > 0.0),
                start: run.start,
                end: run.end,
                amount: run.amount.abs(),
                clarity: clarity(channel, run),
            });
        }
    }
    parts
}

/// Takes out pairs of runs of two channels that share most of their time and `make` one part.
fn join(
    runs: &mut [Vec<Run>; CHANNELS],
    first: usize,
    second: usize,
    make: impl Fn(&Run, &Run) -> Option<Part>,
) -> Vec<Part> {
    let mut made = Vec::new();
    let mut index = 0;
    while let Some(a) = runs[first].get(index).copied() {
        let found = runs[second].iter().enumerate().find_map(|(other, b)| {
            let shared = a.end.min(b.end) - a.start.max(b.start);
            let longer = (a.end - a.start).max(b.end - b.start);
            (shared >= 0.7 * longer)
                .then(|| make(&a, b))
                .flatten()
                .map(|part| (other, part))
        });
        match found {
            Some((other, part)) => {
                made.push(part);
                runs[first].remove(index);
                runs[second].remove(other);
            }
            None => index += 1,
        }
    }
    made
}

/// Whether travel and turning together go round a point in front: the views nearly meet in
/// it, and the path bends as it would.
fn is_about_a_point(signals: &Signals, travel: &Run, turn: &Run, turning: usize) -> bool {
    let (start, end) = (travel.start.max(turn.start), travel.end.min(turn.end));
    let turned = signals.change(turning, start, end).abs();
    let margin = 0.05 * (end - start);
    let shape = geometry::shape(signals, start + margin, end - margin);
    if turned < 5.0 || shape.bulge < 0.5 * geometry::arc_bulge(0.9 * turned) {
        return false;
    }
    geometry::look_at(signals, start, end)
        .is_some_and(|point| point.in_front && point.miss < 0.06 && point.distance < 20.0)
}

fn kind(channel: usize, positive: bool) -> MoveKind {
    use MoveKind::{
        DollyIn, DollyOut, PanLeft, PanRight, PedestalDown, PedestalUp, RollCcw, RollCw, TiltDown,
        TiltUp, TruckLeft, TruckRight, ZoomIn, ZoomOut,
    };
    let (plus, minus) = match channel {
        RIGHT => (TruckRight, TruckLeft),
        DOWN => (PedestalDown, PedestalUp),
        FORWARD => (DollyIn, DollyOut),
        TILT => (TiltUp, TiltDown),
        PAN => (PanRight, PanLeft),
        ROLL => (RollCw, RollCcw),
        _ => (ZoomIn, ZoomOut),
    };
    if positive { plus } else { minus }
}

/// Lets boundaries that mean the same moment be the same moment.
pub(super) fn tidy(signals: &Signals, mut parts: Vec<Part>, hold: f64) -> Vec<Part> {
    // What a hand shakes begins and ends less sharply.
    let blur = signals.blur();
    let near = (0.03 * signals.duration)
        .min(0.12 * blur)
        .max(0.3 * signals.frame_s);
    let ends = (0.75 * signals.frame_s)
        .max(near)
        .min(0.5 * blur * hold.max(near))
        .min(0.5);
    let mut edges: Vec<(f64, usize, bool)> = parts
        .iter()
        .enumerate()
        .flat_map(|(index, part)| [(part.start, index, true), (part.end, index, false)])
        .collect();
    edges.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut group: Vec<(f64, usize, bool)> = Vec::new();
    let settle = |group: &mut Vec<(f64, usize, bool)>, parts: &mut Vec<Part>| {
        if group.is_empty() {
            return;
        }
        // What stands out more from its shake tells the moment better.
        let weight = |index: usize| {
            parts
                .get(index)
                .map_or(0.0, |part| part.clarity.powi(2).clamp(1e-6, 1e12))
        };
        let all: f64 = group.iter().map(|edge| weight(edge.1)).sum();
        let mean = group
            .iter()
            .map(|edge| edge.0 * weight(edge.1))
            .sum::<f64>()
            / all.max(1e-12);
        let time = if mean <= ends {
            0.0
        } else if mean >= signals.duration - ends {
            signals.duration
        } else {
            mean
        };
        for (_, index, is_start) in group.drain(..) {
            if is_start {
                parts[index].start = time;
            } else {
                parts[index].end = time;
            }
        }
    };
    for edge in edges {
        let far = group.first().is_some_and(|first| edge.0 - first.0 > near);
        let both = group
            .iter()
            .any(|other| other.1 == edge.1 && other.2 != edge.2);
        if far || both {
            settle(&mut group, &mut parts);
        }
        group.push(edge);
    }
    settle(&mut group, &mut parts);
    parts.retain(|part| part.end > part.start);
    parts
}
