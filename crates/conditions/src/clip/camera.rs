//! What the camera does in a shot, from how the picture moves.

use std::ops::Range;

use super::flow::{Compared, Field};
use super::pass::{Frame, Seen};
use super::transitions::{Span, runs};
use super::{MotionCurves, ShotMove, moving};
use crate::camera::{MoveKind, MoveUnit, Steadiness};
use crate::outline::Curve;

/// What was found in one shot.
pub(crate) struct Filmed {
    /// The moves by start.
    pub moves: Vec<ShotMove>,
    /// How steady it is held.
    pub steadiness: Steadiness,
    /// Root mean square of the shake, shares of the width.
    pub shake: f64,
    /// Whether near and far were seen to move differently.
    pub parallax: bool,
}

/// The camera's velocity between two frames, a second: widths to the right and up, growth of
/// the picture, radians clockwise.
type Velocity = [f64; 4];

const RIGHT: usize = 0;
const UP: usize = 1;
const GROWTH: usize = 2;
const ROLL: usize = 3;

/// The slowest move on each axis that is told, a second, and the smallest in all.
const SLOWEST: Velocity = [0.018, 0.018, 0.018, 0.026];
const SMALLEST: Velocity = [0.03, 0.03, 0.035, 0.035];

/// Below this likeness two frames are too unlike to follow anything between them.
const FOLLOWED: f64 = 0.4;

fn velocity(field: &Field, lasts_s: f64) -> Velocity {
    [
        -field.shift[0],
        field.shift[1],
        field.spread(),
        -field.turn(),
    ]
    .map(|value| value / lasts_s)
}

/// Velocities between the frames of a range; where nothing can be followed, the one before.
fn velocities(frames: &[Frame], range: &Range<usize>) -> Vec<Velocity> {
    let mut found: Vec<Velocity> = Vec::with_capacity(range.len());
    for at in range.start + 1..range.end {
        let pair = frames.get(at).zip(frames.get(at - 1));
        let Some((frame, before)) = pair else { break };
        let lasts_s = (frame.time_s - before.time_s).max(1e-3);
        let here = frame
            .compared
            .as_ref()
            .filter(|compared| compared.likeness > FOLLOWED)
            .map(|compared| velocity(&compared.field, lasts_s));
        found.push(here.or_else(|| found.last().copied()).unwrap_or_default());
    }
    found
}

/// What the camera does in a shot.
pub(crate) fn film(seen: &Seen, span: &Span) -> Filmed {
    let frames = &seen.frames;
    let range = span.clear.clone();
    let raw = velocities(frames, &range);
    let time = |at: usize| frames.get(at).map_or(0.0, |frame| frame.time_s);
    let lasts_s = time(range.end.saturating_sub(1)) - time(range.start);
    if raw.len() < 3 || lasts_s <= 0.0 {
        return Filmed {
            moves: Vec::new(),
            steadiness: Steadiness::Static,
            shake: 0.0,
            parallax: false,
        };
    }
    let rate = raw.len() as f64 / lasts_s;
    let speed = raw.iter().map(|v| v[RIGHT].hypot(v[UP])).sum::<f64>() / raw.len() as f64;
    let shake = (shake(&raw, rate) - BLUR * speed).max(0.0);
    let level = SHAKES.iter().filter(|limit| shake >= **limit).count();
    let smooth = if level >= 2 { 0.3 } else { 0.1 };
    let mut found: Vec<Run> = Vec::new();
    for axis in [RIGHT, UP, GROWTH, ROLL] {
        let series: Vec<f64> = raw.iter().map(|v| v[axis]).collect();
        let smallest = SMALLEST[axis].max(7.0 * shake);
        found.extend(runs_of(axis, &series, rate, smooth, smallest));
    }
    drop_echoes(&mut found);
    let mut parallax = false;
    let mut moves: Vec<ShotMove> = Vec::new();
    for run in &found {
        let first = range.start + run.range.start;
        let last = range.start + run.range.end;
        if !is_whole(seen, run.axis, first + 1..last + 1) {
            continue;
        }
        let told = tell(seen, run, first + 1..last + 1);
        parallax |= told.parallax;
        let at_end = last + 1 >= span.frames.end;
        moves.push(ShotMove {
            kind: told.kind,
            or: told.or,
            start_s: time(first),
            end_s: match at_end {
                true => f64::INFINITY,
                false => time(last),
            },
            amount: match run.axis {
                GROWTH => super::thousandth(run.sum.abs().exp()),
                ROLL => (run.sum.abs().to_degrees() * 10.0).round() / 10.0,
                _ => super::thousandth(run.sum.abs()),
            },
            unit: match run.axis {
                GROWTH => MoveUnit::Factor,
                ROLL => MoveUnit::Deg,
                _ => MoveUnit::Share,
            },
            confidence: told.confidence,
        });
    }
    moves.sort_by(|a, b| a.start_s.total_cmp(&b.start_s));
    let steadiness = match (level, moves.is_empty()) {
        (0, true) => Steadiness::Static,
        (0, false) => Steadiness::Steady,
        (1, _) => Steadiness::MinimalShake,
        (2, _) => Steadiness::Unsteady,
        _ => Steadiness::VeryUnsteady,
    };
    Filmed {
        moves,
        steadiness,
        shake,
        parallax,
    }
}

/// Shake, as shares of the width, from which each word on holds: barely seen, held by hand,
/// strong. On a picture of 1920 pixels about 1, 3 and 9 pixels.
const SHAKES: [f64; 3] = [0.0005, 0.0015, 0.0045];

/// Fast moves are measured less finely, by this share of their speed: it is not held for shake.
const BLUR: f64 = 0.009;

/// Root mean square of what swings faster than about once a second. The path less its smooth
/// copy, taken twice, leaves no trace of even and of accelerating moves.
fn shake(raw: &[Velocity], rate: f64) -> f64 {
    let mut total = 0.0;
    for axis in [RIGHT, UP] {
        let mut at = 0.0;
        let path: Vec<f64> = raw
            .iter()
            .map(|v| {
                at += v[axis] / rate;
                at
            })
            .collect();
        let fast = |path: &[f64]| -> Vec<f64> {
            let smooth = smoothed(path, 0.2 * rate);
            path.iter().zip(smooth).map(|(p, s)| p - s).collect()
        };
        let mut off: Vec<f64> = fast(&fast(&path)).iter().map(|value| value.abs()).collect();
        let low = off.len() * 3 / 10;
        if off.is_empty() {
            continue;
        }
        // By the calmer part of the shot: starts and stops are no shake. Of a bell-shaped
        // swing, three tenths lie within 0.385 of its root mean square.
        let (_, calm, _) = off.select_nth_unstable_by(low, f64::total_cmp);
        total += (*calm / 0.385).powi(2);
    }
    total.sqrt()
}

/// Smoothed by a bell of this width (standard deviation, samples); ends are mirrored through
/// their last value, so that a slope goes on.
fn smoothed(values: &[f64], sigma: f64) -> Vec<f64> {
    let reach = (2.5 * sigma).ceil() as isize;
    let bell: Vec<f64> = (-reach..=reach)
        .map(|offset| (-(offset as f64 / sigma.max(1e-3)).powi(2) / 2.0).exp())
        .collect();
    let weight: f64 = bell.iter().sum();
    let last = values.len() as isize - 1;
    let get = |at: isize| values.get(at as usize).copied().unwrap_or(0.0);
    let value = |at: isize| match at {
        _ if at < 0 => 2.0 * get(0) - get((-at).min(last)),
        _ if at > last => 2.0 * get(last) - get((2 * last - at).max(0)),
        _ => get(at),
    };
    (0..=last)
        .map(|at| {
            let sum: f64 = bell
                .iter()
                .zip(at - reach..)
                .map(|(weight, other)| weight * value(other))
                .sum();
            sum / weight
        })
        .collect()
}

/// A stretch of one axis going one way; the range counts velocities.
struct Run {
    axis: usize,
    range: Range<usize>,
    /// How far in all.
    sum: f64,
}

/// The shortest move, seconds.
const SHORTEST_S: f64 = 0.2;
/// Stretches that go the same way with a shorter rest between them are one move, seconds.
const REST_S: f64 = 0.25;

fn runs_of(axis: usize, series: &[f64], rate: f64, smooth_s: f64, smallest: f64) -> Vec<Run> {
    let smooth = smoothed(series, smooth_s * rate);
    let light = smoothed(series, 0.05 * rate);
    let mut found: Vec<Range<usize>> = Vec::new();
    for sign in [1.0, -1.0] {
        let mut stretches: Vec<Range<usize>> = Vec::new();
        let fast = runs(smooth.len(), |at| {
            smooth.get(at).is_some_and(|v| v * sign > SLOWEST[axis])
        });
        for run in fast {
            match stretches.last_mut() {
                Some(last) if ((run.start - last.end) as f64) < REST_S * rate => {
                    last.end = run.end;
                }
                _ => stretches.push(run),
            }
        }
        for stretch in stretches {
            let inside = series.get(stretch.clone()).unwrap_or_default();
            let peak = inside.iter().map(|v| v * sign).fold(0.0, f64::max);
            let least = (0.08 * peak).max(0.5 * SLOWEST[axis]);
            let on = |at: &usize| light.get(*at).is_some_and(|v| v * sign > least);
            let start = stretch.clone().find(on).unwrap_or(stretch.start);
            let end = stretch
                .clone()
                .rev()
                .find(on)
                .map_or(stretch.end, |at| at + 1);
            found.push(start..end.max(start + 1));
        }
    }
    found.sort_by_key(|range| range.start);
    found
        .into_iter()
        .map(|range| {
            let inside = series.get(range.clone()).unwrap_or_default();
            Run {
                axis,
                sum: inside.iter().sum::<f64>() / rate,
                range,
            }
        })
        .filter(|run| run.sum.abs() >= smallest && run.range.len() as f64 >= SHORTEST_S * rate)
        .collect()
}

/// A slant of a move is no move of its own: shifts that are small beside another at the same
/// time, growth and roll that are small beside a large shift.
fn drop_echoes(found: &mut Vec<Run>) {
    let strong: Vec<(usize, Range<usize>, f64)> = found
        .iter()
        .map(|run| (run.axis, run.range.clone(), run.sum.abs()))
        .collect();
    found.retain(|run| {
        !strong.iter().any(|(axis, range, sum)| {
            let shared =
                range.end.min(run.range.end) as f64 - range.start.max(run.range.start) as f64;
            let share = match run.axis {
                RIGHT | UP => 0.14,
                _ => 0.2,
            };
            *axis != run.axis
                && (*axis == RIGHT || *axis == UP || run.axis == RIGHT || run.axis == UP)
                && shared > 0.6 * run.range.len() as f64
                && run.sum.abs() < share * sum
        })
    });
}

/// Whether a roll turns, and a zoom grows, the picture's width and its height alike. Ground that
/// slides past below the horizon slants the picture, and a wall beside the way stretches it:
/// half a turn, half a growth.
fn is_whole(seen: &Seen, axis: usize, pairs: Range<usize>) -> bool {
    let field = cells(seen, pairs).field;
    let (one, other) = match axis {
        ROLL => (field.down_by[0], -field.right_by[1]),
        GROWTH => (field.right_by[0], field.down_by[1]),
        _ => return true,
    };
    (one - other).abs() < 0.6 * (one + other).abs()
}

/// A move by name.
struct Told {
    kind: MoveKind,
    or: Option<MoveKind>,
    confidence: f64,
    parallax: bool,
}

/// What the cells of the picture did during a move.
struct Cells {
    /// Sum of the fields.
    field: Field,
    /// Place and sum of own shifts of each cell that could be followed most of the time.
    own: Vec<([f64; 2], [f64; 2])>,
    /// How many cells there are.
    all: usize,
}

fn cells(seen: &Seen, pairs: Range<usize>) -> Cells {
    let (columns, rows) = seen.grid;
    let mut field = Field::default();
    let mut own = vec![([0.0_f64; 2], 0_usize); columns * rows];
    let count = pairs.len();
    let compared = seen
        .frames
        .get(pairs)
        .unwrap_or_default()
        .iter()
        .filter_map(|frame| frame.compared.as_ref());
    for Compared {
        field: f, cells, ..
    } in compared.filter(|c| c.likeness > FOLLOWED)
    {
        for (sum, value) in [
            (&mut field.shift, f.shift),
            (&mut field.right_by, f.right_by),
            (&mut field.down_by, f.down_by),
            (&mut field.bend, f.bend),
        ] {
            sum[0] += value[0];
            sum[1] += value[1];
        }
        for ((sum, times), cell) in own.iter_mut().zip(cells).filter(|(_, cell)| cell.textured) {
            sum[0] += f64::from(cell.own[0]);
            sum[1] += f64::from(cell.own[1]);
            *times += 1;
        }
    }
    let width = columns as f64;
    let own = own
        .iter()
        .enumerate()
        .filter(|(_, (_, times))| 2 * times > count)
        .map(|(cell, (sum, times))| {
            let place = [
                ((cell % columns) as f64 + 0.5 - width / 2.0) / width,
                ((cell / columns) as f64 + 0.5 - rows as f64 / 2.0) / width,
            ];
            let scale = count as f64 / *times as f64;
            (place, [sum[0] * scale, sum[1] * scale])
        })
        .collect();
    Cells {
        field,
        own,
        all: columns * rows,
    }
}

/// How far the middle 70 % of some values are apart; `None` for too few.
fn apart(mut values: Vec<f64>) -> Option<f64> {
    if values.len() < 8 {
        return None;
    }
    values.sort_by(f64::total_cmp);
    let at = |share: f64| values.get((share * (values.len() - 1) as f64).round() as usize);
    Some(at(0.85)? - at(0.15)?)
}

/// The bend of a turning camera is one over its focal length (in widths) squared: lenses from
/// 18 to 75 mm on a full frame.
const BENDS: Range<f64> = 0.22..4.5;
/// Below this sum a shift is too small for its bend or parallax to tell what it is.
const TELLING: f64 = 0.06;

/// Names a move. Parallax proves a camera that travels; the bend of a turn proves one that
/// turns; without either both names stand.
fn tell(seen: &Seen, run: &Run, pairs: Range<usize>) -> Told {
    use MoveKind as K;
    if run.axis == ROLL {
        return Told {
            kind: if run.sum > 0.0 { K::RollCw } else { K::RollCcw },
            or: None,
            confidence: 0.85,
            parallax: false,
        };
    }
    let cells = cells(seen, pairs);
    let size = run.sum.abs();
    let seen_enough = 3 * cells.own.len() >= cells.all && size >= TELLING;
    let field = &cells.field;
    let turned = Field {
        right_by: [field.spread(), -field.turn()],
        down_by: [field.turn(), field.spread()],
        ..*field
    };
    let layered = match run.axis {
        GROWTH => apart(
            cells
                .own
                .iter()
                .filter(|([x, y], _)| x.hypot(*y) > 0.15)
                .map(|([x, y], own)| {
                    let whole = field.at(*x, *y);
                    let along = (whole[0] - field.shift[0] + own[0]) * x
                        + (whole[1] - field.shift[1] + own[1]) * y;
                    along / (x * x + y * y)
                })
                .collect(),
        )
        .map(|spread| spread / size > 0.3 + 0.015 / size),
        axis => apart(
            cells
                .own
                .iter()
                .map(|([x, y], own)| {
                    let (whole, turn) = (field.at(*x, *y), turned.at(*x, *y));
                    let of = usize::from(axis == UP);
                    whole[of] - turn[of] + own[of]
                })
                .collect(),
        )
        .map(|spread| spread / size > 0.18 + 0.008 / size),
    };
    let travels = seen_enough && layered == Some(true);
    let forward = run.sum > 0.0;
    let (turn, travel) = match (run.axis, forward) {
        (RIGHT, true) => (K::PanRight, K::TruckRight),
        (RIGHT, false) => (K::PanLeft, K::TruckLeft),
        (UP, true) => (K::TiltUp, K::PedestalUp),
        (UP, false) => (K::TiltDown, K::PedestalDown),
        (_, true) => (K::ZoomIn, K::DollyIn),
        (_, false) => (K::ZoomOut, K::DollyOut),
    };
    let bend = match run.axis {
        RIGHT => field.bend[0] / field.shift[0],
        UP => field.bend[1] / field.shift[1],
        _ => 0.0,
    };
    let (kind, or, confidence) = if travels {
        (travel, None, 0.75)
    } else if seen_enough && layered == Some(false) && BENDS.contains(&bend) {
        (turn, None, 0.75)
    } else {
        (turn, Some(travel), if size > TELLING { 0.8 } else { 0.65 })
    };
    Told {
        kind,
        or,
        confidence,
        parallax: travels,
    }
}

/// What was measured from frame to frame, thinned to what a timeline shows.
pub(crate) fn curves(seen: &Seen, shots: &[Span]) -> MotionCurves {
    let frames = &seen.frames;
    let mut inside = vec![false; frames.len()];
    for shot in shots {
        for on in inside
            .iter_mut()
            .take(shot.clear.end)
            .skip(shot.clear.start + 1)
        {
            *on = true;
        }
    }
    let step = frames.len().div_ceil(Curve::MOST).max(1);
    let mut curves = MotionCurves::default();
    let mut at = [0.0_f64; 4];
    let (mut energy, mut counted) = (0.0, 0_usize);
    for (number, frame) in frames.iter().enumerate() {
        if inside.get(number) == Some(&true) {
            energy += moving::energy_at(frames, number);
            counted += 1;
            let compared = frame.compared.as_ref();
            if let Some(compared) = compared.filter(|c| c.likeness > FOLLOWED) {
                for (sum, v) in at.iter_mut().zip(velocity(&compared.field, 1.0)) {
                    *sum += v;
                }
            }
        }
        if number % step != 0 {
            continue;
        }
        let rounded = |value: f64| ((value * 1000.0).round() / 1000.0) as f32;
        curves.times_s.push(rounded(frame.time_s));
        curves.right.push(rounded(at[RIGHT]));
        curves.up.push(rounded(at[UP]));
        curves.zoom.push(rounded(at[GROWTH].clamp(-5.0, 5.0).exp()));
        curves.roll.push(rounded(at[ROLL].to_degrees()));
        curves.energy.push(rounded(energy / counted.max(1) as f64));
        (energy, counted) = (0.0, 0);
    }
    curves
}
