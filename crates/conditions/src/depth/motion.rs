//! The camera's motion as far as depth shows it.

use super::flow::{self, Field, Grid};
use super::layers::Bands;
use super::maps::Clip;
use super::{Band, DepthMotion, DepthObject, DepthSignals, MovingRegion};
use crate::camera::MoveKind;
use decoupage_shot::Region;

/// The motion between every two neighbouring maps of nearness, a clip's own or those without
/// what moves on its own.
pub fn fields(
    clip: &Clip,
    maps: &[Vec<f32>],
    go_on: &mut dyn FnMut(usize) -> decoupage_shot::Outcome<()>,
) -> decoupage_shot::Outcome<Vec<Field>> {
    let mut fields = Vec::new();
    let mut before: Option<Vec<Grid>> = None;
    for (index, map) in maps.iter().enumerate() {
        go_on(index)?;
        let here = flow::pyramid(&Grid::new(clip.width, clip.height, map));
        if let Some(before) = &before {
            fields.push(flow::between(before, &here));
        }
        before = Some(here);
    }
    Ok(fields)
}

/// The least displacement, in picture widths over the clip, that counts as a move.
const LEAST: f64 = 0.03;
/// Below this the camera stands still.
const STILL: f64 = 0.012;

/// Names the camera's motion over the clip; `None` where depth does not show it.
///
/// Pans and tilts shift near and far alike and are named where something far has edges to be
/// followed; zooms are never named: depth cannot tell them from a slow dolly.
pub fn name(clip: &Clip, fields: &[Field]) -> Option<DepthMotion> {
    let (low, high) = ends(clip)?;
    if fields.is_empty() || high - low < 0.15 {
        return None;
    }
    let total = fields
        .iter()
        .fold(Field::default(), |sum, field| sum.and(*field));
    // The farthest the picture gets from where it began: a move there and back is no stand.
    let mut sum = Field::default();
    let mut farthest: f64 = 0.0;
    for field in fields {
        sum = sum.and(*field);
        farthest = farthest.max(size(&sum, low, high));
    }
    if farthest < STILL {
        return Some(DepthMotion {
            kind: MoveKind::Static,
            amount: Some(0.0),
            sigma: Some(round(FLOOR)),
            confidence: round(0.85 - farthest / STILL * 0.25),
        });
    }
    let depth = high - low;
    let parallax = |shift: [f64; 2]| shift[1] * depth;
    let across = parallax(total.right);
    let along = parallax(total.down);
    // Spread at the frame's edge: near things beyond far ones.
    let grow = total.spread * depth * 0.5;
    // A pan shifts near and far alike: a truck must shift near things clearly more.
    let near_more =
        |shift: [f64; 2]| (shift[1] * depth).abs() > 0.3 * (shift[0] + shift[1] * high).abs();
    // Without edges far away a pan and a truck look alike.
    let far = far_edges(clip, low + 0.35 * depth);
    if far < FAR_EDGES && (total.right[0] + total.right[1] * high).abs() > STILL {
        return None;
    }
    let mut moves = [
        (
            across.abs(),
            // The camera goes right: the scene goes left.
            if across < 0.0 {
                MoveKind::TruckRight
            } else {
                MoveKind::TruckLeft
            },
            near_more(total.right),
        ),
        (
            along.abs(),
            if along > 0.0 {
                MoveKind::PedestalUp
            } else {
                MoveKind::PedestalDown
            },
            near_more(total.down),
        ),
        (
            grow.abs(),
            if grow > 0.0 {
                MoveKind::DollyIn
            } else {
                MoveKind::DollyOut
            },
            true,
        ),
    ];
    moves.sort_by(|one, other| other.0.total_cmp(&one.0));
    let [(first, kind, clear), (second, ..), _] = moves;
    if first < LEAST || !clear {
        return turn(&total, fields, low, high);
    }
    // What turns the whole picture as much is no plain travel, or a thing's way taken for it.
    let turned = total.right[0].abs().max(total.down[0].abs());
    if turned > 3.0 * first {
        return turn(&total, fields, low, high);
    }
    // Moves that keep their direction are surer than ones that waver.
    let steady = steadiness(fields, kind);
    if steady < 0.5 {
        return None;
    }
    if second > first * 0.6 {
        // Two moves as large as each other: the camera does both, or one is an artefact of
        // things that move. Only a very steady pair is worth the word.
        return (steady > 0.85).then(|| DepthMotion {
            kind: MoveKind::Complex,
            amount: Some(round(first.hypot(second))),
            sigma: Some(sigma(first.hypot(second), fields, kind, depth)),
            confidence: round(0.4 * steady + 0.1),
        });
    }
    let clearness = 1.0 - second / first;
    let amount = first;
    Some(DepthMotion {
        kind,
        amount: Some(round(amount)),
        sigma: Some(sigma(amount, fields, kind, depth)),
        confidence: round((0.35 + 0.25 * clearness + 0.3 * (first / 0.12).min(1.0)) * steady),
    })
}

/// The share of the frame that must be upright edges among far things.
const FAR_EDGES: f64 = 0.002;

/// The share of a clip's first map that is upright edges between far things.
fn far_edges(clip: &Clip, nearest: f64) -> f64 {
    let Some(map) = clip.maps.first() else {
        return 0.0;
    };
    let edges = map
        .chunks(clip.width.max(1))
        .flat_map(|row| row.windows(3))
        .filter(|part| match part {
            [one, middle, other] => {
                let nearer = one.max(*middle).max(*other);
                f64::from(nearer) < nearest && (one - other).abs() > 0.02
            }
            _ => false,
        })
        .count();
    edges as f64 / map.len().max(1) as f64
}

/// Whether a named motion can be the camera's: a lesser one than that of a thing that moves on
/// its own, without anything that stands to vouch for it, may as well be the thing's.
pub fn stands(motion: &DepthMotion, movers: &[MovingRegion], objects: &[DepthObject]) -> bool {
    let Some(amount) = motion.amount.filter(|_| motion.kind != MoveKind::Static) else {
        return true;
    };
    let fastest = movers
        .iter()
        .map(|mover| {
            let size = |region: Option<Region>| region.map_or(0.0, |r| r.width * r.height);
            let weight = (size(mover.begin).max(size(mover.end)) / 0.04).min(1.0);
            weight * mover.own_dx.hypot(mover.own_dy)
        })
        .fold(0.0, f64::max);
    fastest < 1.6 * amount || objects.len() >= 2
}

/// A pan or tilt: near and far shift alike, steadily, and nothing spreads. `None` where the
/// shift is no clear turn of the camera.
fn turn(total: &Field, fields: &[Field], low: f64, high: f64) -> Option<DepthMotion> {
    let far = |shift: [f64; 2]| shift[0] + shift[1] * low;
    let near = |shift: [f64; 2]| shift[0] + shift[1] * high;
    let (across, along) = (total.right, total.down);
    let size = |shift: [f64; 2]| far(shift);
    let (main, other, is_pan) = if size(across).abs() >= size(along).abs() {
        (across, along, true)
    } else {
        (along, across, false)
    };
    let shift = size(main);
    // A truck past things at like distances looks almost so: what is between is left open.
    let alike = (near(main) - far(main)).abs() < 0.25 * shift.abs();
    if shift.abs() < LEAST || !alike || size(other).abs() > 0.4 * shift.abs() {
        return None;
    }
    let part = |field: &Field| size(if is_pan { field.right } else { field.down });
    let net: f64 = fields.iter().map(part).sum();
    let way: f64 = fields.iter().map(|field| part(field).abs()).sum();
    let steady = net.abs() / way.max(1e-9);
    if steady < 0.6 {
        return None;
    }
    // The camera turns right: the picture goes left.
    let kind = match (is_pan, shift > 0.0) {
        (true, true) => MoveKind::PanLeft,
        (true, false) => MoveKind::PanRight,
        (false, true) => MoveKind::TiltUp,
        (false, false) => MoveKind::TiltDown,
    };
    Some(DepthMotion {
        kind,
        amount: Some(round(shift.abs())),
        sigma: Some(round(
            scatter(fields, part).hypot(FLOOR).hypot(RELATIVE * shift),
        )),
        confidence: round(0.35 + 0.35 * steady * (shift.abs() / 0.1).min(1.0)),
    })
}

/// The smallest standard deviation of an amount, calibrated on scenes with known truth.
const FLOOR: f64 = 0.008;
/// The part of it that grows with the amount, likewise.
const RELATIVE: f64 = 0.2;

/// Standard deviation of an amount: the scatter from frame to frame, and what the method is
/// off by.
fn sigma(amount: f64, fields: &[Field], kind: MoveKind, depth: f64) -> f64 {
    let part = |field: &Field| match kind {
        MoveKind::TruckLeft | MoveKind::TruckRight => field.right[1] * depth,
        MoveKind::PedestalUp | MoveKind::PedestalDown => field.down[1] * depth,
        _ => field.spread * depth * 0.5,
    };
    round(scatter(fields, part).hypot(FLOOR).hypot(RELATIVE * amount))
}

/// Standard deviation of a sum of steps that scatter about their own trend.
fn scatter(fields: &[Field], part: impl Fn(&Field) -> f64) -> f64 {
    let steps: Vec<f64> = fields.iter().map(part).collect();
    let count = steps.len() as f64;
    if steps.len() < 3 {
        return 0.05;
    }
    // Differences of neighbours leave a change of speed out.
    let sum: f64 = steps
        .windows(2)
        .map(|pair| match pair {
            [one, other] => (other - one).powi(2),
            _ => 0.0,
        })
        .sum();
    (sum / 2.0 / (count - 1.0) * count).sqrt()
}

/// The share of near things and the camera's way at every time.
pub fn signals(clip: &Clip, fields: &[Field], bands: &Bands) -> DepthSignals {
    let mut out = DepthSignals::default();
    let (low, high) = ends(clip).unwrap_or_default();
    let depth = high - low;
    if clip.maps.len() < 2 {
        return out;
    }
    let mut sum = Field::default();
    for (index, (map, time_s)) in clip.maps.iter().zip(&clip.times_s).enumerate() {
        if let Some(field) = index.checked_sub(1).and_then(|before| fields.get(before)) {
            sum = sum.and(*field);
        }
        let near = map
            .iter()
            .filter(|value| value.is_finite() && bands.of(**value) == Band::Near)
            .count();
        let short = |value: f64| ((value * 10_000.0).round() / 10_000.0) as f32;
        out.times_s.push(short(*time_s));
        out.near_share
            .push(short(near as f64 / map.len().max(1) as f64));
        out.right.push(short(-sum.right[1] * depth));
        out.up.push(short(sum.down[1] * depth));
        out.forward.push(short(sum.spread * depth * 0.5));
    }
    out
}

/// The 10th and 90th percentile of nearness.
fn ends(clip: &Clip) -> Option<(f64, f64)> {
    let mut all: Vec<f32> = clip
        .maps
        .iter()
        .flat_map(|map| map.iter().copied().step_by(7))
        .filter(|value| value.is_finite())
        .collect();
    all.sort_by(f32::total_cmp);
    let at = |share: f64| {
        all.get((share * all.len() as f64) as usize)
            .map(|v| f64::from(*v))
    };
    Some((at(0.1)?, at(0.9)?))
}

/// Mean displacement over the picture, in widths.
fn size(field: &Field, low: f64, high: f64) -> f64 {
    let mut sum = 0.0;
    let mut count = 0.0;
    for near in [low, (low + high) / 2.0, high] {
        for (x, y) in [
            (-0.35, -0.25),
            (0.35, -0.25),
            (0.0, 0.0),
            (-0.35, 0.25),
            (0.35, 0.25),
        ] {
            let [u, v] = field.at(x, y, near);
            sum += u.hypot(v);
            count += 1.0;
        }
    }
    sum / count
}

/// Share of the path that goes the named way: 1 for a move in one direction.
fn steadiness(fields: &[Field], kind: MoveKind) -> f64 {
    let part = |field: &Field| match kind {
        MoveKind::TruckLeft | MoveKind::TruckRight => field.right[1],
        MoveKind::PedestalUp | MoveKind::PedestalDown => field.down[1],
        _ => field.spread,
    };
    let net: f64 = fields.iter().map(part).sum();
    let way: f64 = fields.iter().map(|field| part(field).abs()).sum();
    net.abs() / way.max(1e-9)
}

fn round(value: f64) -> f64 {
    (value.clamp(0.0, 1.0) * 1000.0).round() / 1000.0
}
