//! From signals to moves: which runs matter, which belong together, and when the camera
//! holds still.
//!
//! Nothing here knows metres. Turning counts from 2° on; travel is measured in shares of the
//! path's own extent, the largest distance between two of its points. Vocabulary after
//! CameraBench (`linzhiqiu/t2v_metrics`), the idea of reading moves off velocities along the
//! camera's own axes after E.T. (`robincourant/the-exceptional-trajectories`); its metric
//! thresholds are replaced by relative ones.

pub(super) mod measures;
mod naming;
mod refine;
mod rests;
mod tracks;

use super::runs::{self, Rule, Run};
use super::signals::{CHANNELS, DOWN, FORWARD, PAN, RIGHT, ROLL, Signals, TILT, ZOOM};
use super::steadiness::{self, Shake};
use super::{CameraPath, Move, MoveKind, Steadiness, curves, cuts};
use crate::outline::Curve;

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
/// And this many times larger than the shake above 1 Hz: hands swing slower, too, and further
/// the slower.
const ABOVE_UNREST: f64 = 13.0;
/// Travel of a metric path below this is no move, metres.
const LEAST_METRES: f64 = 0.01;
/// Beside turning of [`BESIDE_TURN_DEG`] or a zoom, a whole path that extends less than this
/// many of its file's units (metres, where it is metric) does not travel: what is left is a
/// solver's drift or rounding. Scenes measure tenths of units or more in every format.
const LEAST_EXTENT: f64 = 0.001;
/// How far a camera has to turn before tiny travel is put down to that.
const BESIDE_TURN_DEG: f64 = 4.0;

/// What moves in a path, and how steadily.
#[derive(Debug, Clone, PartialEq)]
pub struct Motion {
    /// The moves, by start time; simultaneous moves overlap, none runs across a cut.
    pub moves: Vec<Move>,
    /// When a new place begins, seconds.
    pub cuts: Vec<f64>,
    /// How steady the camera is held.
    pub steadiness: Steadiness,
    /// What shake there is.
    pub shake: Shake,
    /// What moves, over time.
    pub curves: Vec<Curve>,
    /// Largest distance between two points of a place, in the path's own units.
    pub extent: f64,
}

/// A run with the move it stands for.
#[derive(Debug, Clone, Copy)]
struct Part {
    kind: MoveKind,
    start: f64,
    end: f64,
    /// Degrees, shares of the extent, or the logarithm of a focal factor; always positive.
    amount: f64,
    /// How many times it stands out from the shake of its signal.
    clarity: f64,
}

/// What one place of a path (all of it, where there is no cut) holds.
struct Measured {
    moves: Vec<Move>,
    shake: Shake,
    moving: bool,
    travels: bool,
    signals: Signals,
}

/// Finds the cuts and the moves of a path.
pub fn find(path: &CameraPath) -> Motion {
    let places = cuts::places(path);
    let extent = places.iter().map(cuts::Place::extent).fold(0.0, f64::max);
    let last = path.poses.last().map_or(0.0, |pose| pose.time_s);
    let mut moves = Vec::new();
    let mut measured = Vec::with_capacity(places.len());
    for (index, place) in places.iter().enumerate() {
        let mut found = measure(&place.path, extent);
        // The last frame before a cut is shown until the cut.
        let shown = found.signals.duration;
        let end = places.get(index + 1).map_or(last, |next| next.start_s) - place.start_s;
        for mut one in found.moves.drain(..) {
            if one.end_s >= shown - 1e-9 && index + 1 < places.len() {
                measures::extend(&mut one, end);
            }
            one.start_s += place.start_s;
            one.end_s += place.start_s;
            moves.push(one);
        }
        measured.push((place.start_s, found));
    }
    let all: Vec<&Measured> = measured.iter().map(|(_, found)| found).collect();
    let shake = Shake::together(
        all.iter()
            .map(|found| (found.shake, found.signals.duration)),
    );
    Motion {
        steadiness: steadiness::word(
            shake,
            all.iter().any(|found| found.moving),
            all.iter().any(|found| found.travels),
        ),
        shake,
        curves: curves::of(
            measured
                .iter()
                .map(|(start_s, found)| (*start_s, &found.signals)),
            path.metric,
        ),
        cuts: places.iter().skip(1).map(|place| place.start_s).collect(),
        extent,
        moves,
    }
}

/// Finds the moves of one place; `extent` is that of the whole path.
fn measure(path: &CameraPath, extent: f64) -> Measured {
    let signals = Signals::of(path, extent);
    let hold = hold_s(&signals);
    let sway = [
        swaying(&signals, &[RIGHT, DOWN, FORWARD], 0.1 * LEAST_TRAVEL),
        swaying(&signals, &[TILT, PAN, ROLL], 0.1 * LEAST_TURN_DEG),
    ];
    let rules: [Rule; CHANNELS] =
        std::array::from_fn(|channel| rule(&signals, channel, hold, sway, path.metric));
    let mut runs: [Vec<Run>; CHANNELS] = std::array::from_fn(|channel| {
        runs::find(&signals.smooth[channel], &rules[channel])
            .into_iter()
            .map(|run| Run {
                start: run.start * signals.dt,
                end: run.end * signals.dt,
                ..run
            })
            .collect()
    });
    if is_dust(&signals, &runs) {
        runs[RIGHT..=FORWARD].iter_mut().for_each(Vec::clear);
    }
    tracks::lay_straight_tracks(&signals, &mut runs, LEAST_TRAVEL.max(ABOVE_SWAY * sway[0]));
    tracks::lay_turns(
        &signals,
        &mut runs,
        [TILT, PAN, ROLL].map(|channel| rules[channel].least),
    );
    tracks::drop_swings(&signals, &mut runs, path.metric);
    tracks::drop_lesser(
        &signals,
        &mut runs,
        &[RIGHT, DOWN, FORWARD],
        tracks::LESSER_TRAVEL,
    );
    tracks::drop_lesser(&signals, &mut runs, &[TILT, PAN, ROLL], tracks::LESSER_TURN);
    refine::refine(&signals, &mut runs, &rules);
    let travels = runs[..3].iter().any(|list| !list.is_empty());
    let parts = naming::name(&signals, runs);
    let parts = naming::tidy(&signals, parts, hold);
    let edges: Vec<f64> = parts
        .iter()
        .flat_map(|part| [part.start, part.end])
        .collect();
    let shake = steadiness::measure(&signals, &edges);
    let confidence = confidence(&signals, &parts, shake);
    let moving = !parts.is_empty();
    let mut moves: Vec<Move> = parts
        .iter()
        .map(|part| measures::describe(part, &signals, path.metric, confidence))
        .collect();
    rests::join_tangles(&mut moves);
    rests::fill_rests(&signals, &mut moves, hold, sway, confidence);
    if rests::is_fragmented(&moves) {
        moves = vec![measures::plain(
            MoveKind::Complex,
            0.0,
            signals.duration,
            confidence,
        )];
    }
    moves.sort_by(|a, b| {
        a.start_s
            .total_cmp(&b.start_s)
            .then(b.end_s.total_cmp(&a.end_s))
            .then(a.kind.cmp(&b.kind))
    });
    Measured {
        moves,
        shake,
        moving,
        travels,
        signals,
    }
}

/// Whether the travel of a path is nothing but what turning or zooming leaves in the numbers.
fn is_dust(signals: &Signals, runs: &[Vec<Run>; CHANNELS]) -> bool {
    let turned = runs[TILT..=ROLL]
        .iter()
        .flatten()
        .map(|run| run.amount.abs())
        .fold(0.0, f64::max);
    signals.extent < LEAST_EXTENT && (turned > BESIDE_TURN_DEG || !runs[ZOOM].is_empty())
}

/// The shortest rest that is called a hold, seconds.
fn hold_s(signals: &Signals) -> f64 {
    let least = if signals.is_shaken() { 0.35 } else { 0.15 };
    (0.1 * signals.duration)
        .clamp(least, 0.4)
        .max(1.2 * signals.frame_s)
}

/// How far a hand-held camera swings to and fro. Swings that are far larger than its shake
/// are no swaying but moves there and back.
fn swaying(signals: &Signals, group: &[usize], least: f64) -> f64 {
    let unrest = group
        .first()
        .map_or(0.0, |channel| signals.unrest_beside(*channel));
    let sway = sway(signals, group, least);
    if signals.tells_shake() {
        sway.min(ABOVE_UNREST * unrest / ABOVE_SWAY)
    } else {
        sway
    }
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

fn rule(signals: &Signals, channel: usize, hold: f64, sway: [f64; 2], metric: bool) -> Rule {
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
        RIGHT..=FORWARD if metric => LEAST_TRAVEL.max(LEAST_METRES / signals.extent.max(1e-12)),
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
    let unrest = signals.unrest_beside(channel);
    Rule {
        least: least
            .max(ABOVE_NOISE * noise)
            .max(ABOVE_SWAY * sway)
            .max(ABOVE_UNREST * unrest),
        noise: (0.5 * noise).max(0.3 * sway).max(0.5 * unrest),
        rest: if sway > 0.0 || signals.is_shaken() {
            0.25
        } else {
            0.12
        },
        hold: hold / signals.dt,
        shortest: (0.04 * signals.duration).min(0.2) / signals.dt,
    }
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
