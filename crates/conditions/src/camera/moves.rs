//! From signals to moves: which runs matter, which belong together, and when the camera
//! holds still.
//!
//! Nothing here knows metres. Turning counts from 2° on; travel is measured in shares of the
//! path's own extent, the largest distance between two of its points. Vocabulary after
//! CameraBench (`linzhiqiu/t2v_metrics`), the idea of reading moves off velocities along the
//! camera's own axes after E.T. (`robincourant/the-exceptional-trajectories`); its metric
//! thresholds are replaced by relative ones.

use super::geometry;
use super::runs::{self, Rule, Run};
use super::signals::{CHANNELS, DOWN, FORWARD, PAN, RIGHT, ROLL, Signals, TILT, ZOOM};
use super::steadiness::Shake;
use super::{Amplitude, CameraPath, Move, MoveKind, MoveUnit, Speed, Steadiness, steadiness};

/// The least turning that is called a move, degrees.
const LEAST_TURN_DEG: f64 = 2.0;
/// The least travel that is called a move, as a share of the path's extent.
const LEAST_TRAVEL: f64 = 0.05;
/// The least change of focal length that is called a zoom, as a factor.
const LEAST_ZOOM: f64 = 1.04;
/// A run must stand out this many times above the noise of its signal.
const ABOVE_NOISE: f64 = 6.0;
/// A run must be this many times larger than the swings of a hand-held camera.
const ABOVE_SWAY: f64 = 1.6;
/// Of simultaneous travel along two axes, the lesser is dropped below this share of the
/// greater (a direction less than 19° off the axis).
const LESSER_TRAVEL: f64 = 0.35;
/// Of simultaneous turning about two axes, the lesser is dropped below this share.
const LESSER_TURN: f64 = 0.25;

/// Below this share of a simultaneous longer move along another axis of its group, a run is a
/// correction on the way.
const SLIGHT: f64 = 0.15;

/// What moves in a path, and how steadily.
#[derive(Debug, Clone, PartialEq)]
pub struct Motion {
    /// The moves, by start time; simultaneous moves overlap.
    pub moves: Vec<Move>,
    /// How steady the camera is held.
    pub steadiness: Steadiness,
    /// Turning that is not intended motion, root mean square, degrees.
    pub shake_deg: f64,
    /// Travel that is not intended motion, root mean square, shares of the path's extent.
    pub shake_share: f64,
    /// Whether the path has frames enough a second to tell shake at all.
    pub shake_known: bool,
    /// Largest distance between two points of the path, in its own units.
    pub extent: f64,
    /// How sure the moves are, 0–1: less where they barely stand out from the shake, or where
    /// a path that mostly turns travels by an amount whose scale cannot be known.
    pub confidence: f64,
}

/// A run with the move it stands for.
#[derive(Debug, Clone, Copy)]
struct Part {
    kind: MoveKind,
    start: f64,
    end: f64,
    /// Degrees, shares of the extent, or the logarithm of a focal factor; always positive.
    amount: f64,
}

/// Finds the moves of a path.
pub fn find(path: &CameraPath) -> Motion {
    let signals = Signals::of(path);
    let hold = hold_s(&signals);
    let sway = [
        sway(&signals, &[RIGHT, DOWN, FORWARD], 0.1 * LEAST_TRAVEL),
        sway(&signals, &[TILT, PAN, ROLL], 0.1 * LEAST_TURN_DEG),
    ];
    let mut runs: [Vec<Run>; CHANNELS] = std::array::from_fn(|channel| {
        let rule = rule(&signals, channel, hold, sway);
        runs::find(&signals.smooth[channel], &rule)
            .into_iter()
            .map(|run| Run {
                start: run.start * signals.dt,
                end: run.end * signals.dt,
                ..run
            })
            .collect()
    });
    lay_straight_tracks(&signals, &mut runs, LEAST_TRAVEL.max(ABOVE_SWAY * sway[0]));
    drop_lesser(&signals, &mut runs, &[RIGHT, DOWN, FORWARD], LESSER_TRAVEL);
    drop_lesser(&signals, &mut runs, &[TILT, PAN, ROLL], LESSER_TURN);
    let travels = runs[..3].iter().any(|list| !list.is_empty());
    let parts = name(&signals, runs);
    let parts = tidy(&signals, parts, hold);
    let edges: Vec<f64> = parts
        .iter()
        .flat_map(|part| [part.start, part.end])
        .collect();
    let shake = steadiness::measure(&signals, &edges);
    let confidence = confidence(&signals, &parts, shake);
    let moving = !parts.is_empty();
    let mut moves: Vec<Move> = parts
        .iter()
        .map(|part| describe(part, &signals, path.metric))
        .collect();
    fill_rests(&signals, &mut moves, hold, sway);
    if is_fragmented(&moves) {
        moves = vec![plain(MoveKind::Complex, 0.0, signals.duration)];
    }
    moves.sort_by(|a, b| {
        a.start_s
            .total_cmp(&b.start_s)
            .then(b.end_s.total_cmp(&a.end_s))
            .then(a.kind.cmp(&b.kind))
    });
    Motion {
        steadiness: steadiness::word(shake, moving, travels, steadiness::is_known(&signals)),
        shake_known: steadiness::is_known(&signals),
        shake_deg: shake.turn_deg,
        shake_share: shake.travel_share,
        extent: signals.extent,
        confidence,
        moves,
    }
}

/// The shortest rest that is called a hold, seconds.
fn hold_s(signals: &Signals) -> f64 {
    (0.1 * signals.duration)
        .clamp(0.15, 0.4)
        .max(1.2 * signals.frame_s)
}

/// How far a hand-held camera swings to and fro, in the channels' unit, where a group of
/// channels keeps reversing; 0 where it does not. The greatest swing is left out: it may be
/// the move itself.
fn sway(signals: &Signals, group: &[usize], least: f64) -> f64 {
    let mut swings: Vec<(f64, f64)> = Vec::new();
    let (mut reversals, mut swinging) = (0, 0);
    for channel in group {
        let values = &signals.smooth[*channel];
        let legs = runs::legs(values, least);
        reversals += legs.len().saturating_sub(1);
        swinging += usize::from(legs.len() > 1);
        swings.extend(legs.into_iter().map(|(from, to)| {
            let length = (to - from) as f64 * signals.dt;
            ((values[to] - values[from]).abs(), length)
        }));
    }
    swings.sort_by(|a, b| a.0.total_cmp(&b.0));
    let greatest = swings.pop().map_or(0.0, |swing| swing.0);
    let mean = swings.iter().map(|swing| swing.1).sum::<f64>() / swings.len().max(1) as f64;
    if reversals < 3 || swings.len() < 4 || mean > 1.2 {
        return 0.0;
    }
    // Where nothing stands out among many swings, there is no move but the swaying.
    let third = swings[swings.len() - 2].0;
    if swinging > 1 && reversals as f64 >= signals.duration && third >= 0.4 * greatest {
        return greatest;
    }
    swings[(swings.len() - 1) * 3 / 4].0
}

fn rule(signals: &Signals, channel: usize, hold: f64, sway: [f64; 2]) -> Rule {
    let range = |channels: &[usize]| {
        channels
            .iter()
            .map(|channel| {
                let values = &signals.smooth[*channel];
                let high = values.iter().copied().fold(f64::MIN, f64::max);
                let low = values.iter().copied().fold(f64::MAX, f64::min);
                high - low
            })
            .fold(0.0, f64::max)
    };
    let least = match channel {
        RIGHT..=FORWARD => LEAST_TRAVEL,
        // Beside a wide turn, small corrections are not moves of their own.
        TILT..=ROLL => LEAST_TURN_DEG.max(0.05 * range(&[TILT, PAN, ROLL])),
        _ => LEAST_ZOOM.ln(),
    };
    let sway = match channel {
        RIGHT..=FORWARD => sway[0],
        TILT..=ROLL => sway[1],
        _ => 0.0,
    };
    let noise = signals.noise[channel];
    Rule {
        least: least.max(ABOVE_NOISE * noise).max(ABOVE_SWAY * sway),
        noise: (0.5 * noise).max(0.3 * sway),
        rest: if sway > 0.0 { 0.25 } else { 0.12 },
        hold: hold / signals.dt,
        shortest: (0.04 * signals.duration).min(0.2) / signals.dt,
    }
}

/// Where the camera runs along a straight track while it turns, its travel along its own axes
/// wanders from one to another; the track is then named by the camera's axes at its start.
fn lay_straight_tracks(signals: &Signals, runs: &mut [Vec<Run>; CHANNELS], least: f64) {
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
    let noise = signals.noise[..3].iter().copied().fold(0.0, f64::max);
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
fn drop_lesser(signals: &Signals, runs: &mut [Vec<Run>; CHANNELS], group: &[usize], share: f64) {
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

/// Names runs, joining those that are one film move: arcs, cranes and dolly zooms.
fn name(signals: &Signals, mut runs: [Vec<Run>; CHANNELS]) -> Vec<Part> {
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
        })
    }));
    for (channel, list) in runs.iter().enumerate() {
        for run in list {
            parts.push(Part {
                kind: kind(channel, run.amount > 0.0),
                start: run.start,
                end: run.end,
                amount: run.amount.abs(),
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
fn tidy(signals: &Signals, mut parts: Vec<Part>, hold: f64) -> Vec<Part> {
    let near = (0.03 * signals.duration)
        .min(0.12)
        .max(0.3 * signals.frame_s);
    let ends = (0.75 * signals.frame_s).max(near).min(0.5 * hold.max(near));
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
        let mean = group.iter().map(|edge| edge.0).sum::<f64>() / group.len() as f64;
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

fn describe(part: &Part, signals: &Signals, metric: bool) -> Move {
    use MoveKind::{
        ArcCcw, ArcCw, CraneDown, CraneUp, PanLeft, PanRight, RollCcw, RollCw, TiltDown, TiltUp,
        ZoomIn, ZoomOut,
    };
    let seconds = (part.end - part.start).max(1e-6);
    let (amount, unit, rate, limits) = match part.kind {
        PanLeft | PanRight | TiltUp | TiltDown | RollCw | RollCcw | ArcCw | ArcCcw | CraneUp
        | CraneDown => (part.amount, MoveUnit::Deg, part.amount, SPEEDS_DEG),
        ZoomIn | ZoomOut => (
            part.amount.exp(),
            MoveUnit::Factor,
            part.amount,
            SPEEDS_ZOOM,
        ),
        _ if metric => {
            let metres = part.amount * signals.extent;
            (metres, MoveUnit::M, metres, SPEEDS_M)
        }
        _ => (
            part.amount.min(1.0),
            MoveUnit::Share,
            part.amount,
            SPEEDS_SHARE,
        ),
    };
    let far = match unit {
        MoveUnit::Deg => AMPLITUDES_DEG,
        MoveUnit::Factor => AMPLITUDES_FACTOR,
        MoveUnit::M => AMPLITUDES_M,
        _ => AMPLITUDES_SHARE,
    };
    Move {
        kind: part.kind,
        start_s: part.start,
        end_s: part.end,
        amount,
        unit,
        speed: match rate / seconds {
            rate if rate < limits.0 => Speed::Slow,
            rate if rate > limits.1 => Speed::Fast,
            _ => Speed::Regular,
        },
        amplitude: match amount {
            amount if amount < far.0 => Amplitude::Small,
            amount if amount > far.1 => Amplitude::Large,
            _ => Amplitude::Medium,
        },
    }
}

/// Slow below the first, fast above the second: degrees a second.
const SPEEDS_DEG: (f64, f64) = (8.0, 30.0);
/// Shares of the path's extent a second: the whole path in more than 7 s is slow, in less
/// than 1.5 s fast.
const SPEEDS_SHARE: (f64, f64) = (0.14, 0.66);
/// Metres a second: below a stroll, above a jog.
const SPEEDS_M: (f64, f64) = (0.4, 2.0);
/// Logarithm of the focal factor a second: doubling in more than 7 s is slow, in less than
/// 1.5 s fast.
const SPEEDS_ZOOM: (f64, f64) = (0.1, 0.46);
/// Small below the first, large above the second: degrees.
const AMPLITUDES_DEG: (f64, f64) = (15.0, 45.0);
/// Shares of the path's extent.
const AMPLITUDES_SHARE: (f64, f64) = (0.25, 0.75);
/// Metres.
const AMPLITUDES_M: (f64, f64) = (0.5, 3.0);
/// Focal factors.
const AMPLITUDES_FACTOR: (f64, f64) = (1.25, 2.0);

fn plain(kind: MoveKind, start_s: f64, end_s: f64) -> Move {
    Move {
        kind,
        start_s,
        end_s,
        amount: end_s - start_s,
        unit: MoveUnit::S,
        speed: if kind == MoveKind::Static {
            Speed::Slow
        } else {
            Speed::Regular
        },
        amplitude: if kind == MoveKind::Static {
            Amplitude::Small
        } else {
            Amplitude::Medium
        },
    }
}

/// Puts a hold, or motion that nothing simpler describes, wherever no move runs.
fn fill_rests(signals: &Signals, moves: &mut Vec<Move>, hold: f64, sway: [f64; 2]) {
    let mut spans: Vec<(f64, f64)> = moves.iter().map(|m| (m.start_s, m.end_s)).collect();
    spans.sort_by(|a, b| a.0.total_cmp(&b.0));
    spans.push((signals.duration, signals.duration));
    let alone = moves.is_empty();
    let mut edge = 0.0_f64;
    for (start, end) in spans {
        if start - edge >= hold || (alone && start > edge) {
            let kind = if wanders(signals, edge, start, sway) {
                MoveKind::Complex
            } else {
                MoveKind::Static
            };
            moves.push(plain(kind, edge, start));
        }
        edge = edge.max(end);
    }
}

/// Whether the camera goes well away from where it is and nothing names how.
fn wanders(signals: &Signals, start: f64, end: f64, sway: [f64; 2]) -> bool {
    let (a, b) = (signals.index(start), signals.index(end));
    let spread = |channel: usize| {
        let values = &signals.smooth[channel][a..=b];
        let high = values.iter().copied().fold(f64::MIN, f64::max);
        let low = values.iter().copied().fold(f64::MAX, f64::min);
        let above = high - low - 6.0 * signals.noise[channel];
        above.max(0.0)
    };
    let travel = (0..3).map(spread).fold(0.0, f64::max);
    let turn = (3..6).map(spread).fold(0.0, f64::max);
    let rough = signals.noise[..3].iter().copied().fold(0.0, f64::max);
    turn > (3.0 * LEAST_TURN_DEG).max(4.0 * sway[1])
        || (travel > (4.0 * LEAST_TRAVEL).max(4.0 * sway[0]) && rough < 0.02)
}

/// Many short moves one after another are not a sequence that anyone directed.
fn is_fragmented(moves: &[Move]) -> bool {
    let moving: Vec<f64> = moves
        .iter()
        .filter(|m| m.kind != MoveKind::Static)
        .map(|m| m.end_s - m.start_s)
        .collect();
    moving.len() > 12 && moving.iter().sum::<f64>() / (moving.len() as f64) < 0.8
}

fn confidence(signals: &Signals, parts: &[Part], shake: Shake) -> f64 {
    let shake = (shake.travel_share / 0.2).max(shake.turn_deg / 8.0);
    let turned = signals.smooth[TILT..=ROLL]
        .iter()
        .map(|values| values.last().copied().unwrap_or(0.0).abs())
        .fold(0.0, f64::max);
    let turns = parts.iter().any(|part| {
        use MoveKind::{PanLeft, PanRight, RollCcw, RollCw, TiltDown, TiltUp};
        matches!(
            part.kind,
            PanLeft | PanRight | TiltUp | TiltDown | RollCw | RollCcw
        )
    });
    // A camera that mostly turns also travels a little; how little, only a scale would tell.
    let doubtful = turns && turned > 10.0 && signals.extent > 0.0 && parts.len() > 1;
    let base = if doubtful { 0.8 } else { 0.95 };
    (base - 0.5 * shake.min(1.0)).max(0.3)
}
