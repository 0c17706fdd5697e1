//! The camera's motion as far as depth shows it.

use super::DepthMotion;
use super::flow::{self, Field, Grid};
use super::maps::Clip;
use crate::camera::MoveKind;

/// The motion between every two neighbouring maps of a clip of nearness.
pub fn fields(
    clip: &Clip,
    go_on: &mut dyn FnMut(usize) -> decoupage_shot::Outcome<()>,
) -> decoupage_shot::Outcome<Vec<Field>> {
    let mut fields = Vec::new();
    let mut before: Option<Vec<Grid>> = None;
    for (index, map) in clip.maps.iter().enumerate() {
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
/// Pans, tilts and zooms move near and far alike, and a depth map has too little drawing to
/// tell them from a moving ground: they are never named.
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
            confidence: round(0.85 - farthest / STILL * 0.25),
        });
    }
    let depth = high - low;
    let parallax = |shift: [f64; 2]| shift[1] * depth;
    let across = parallax(total.right);
    let along = parallax(total.down);
    // Spread at the frame's edge, near things; only what grows with nearness tells a dolly
    // from a zoom.
    let grow = (total.spread[0] + total.spread[1] * high) * 0.5;
    let grow_more = total.spread[1] * depth * 0.5;
    // A pan shifts near and far alike: a truck must shift near things clearly more.
    let near_more =
        |shift: [f64; 2]| (shift[1] * depth).abs() > 0.3 * (shift[0] + shift[1] * high).abs();
    // A zoom spreads near and far alike and leaves the depths as they are.
    let nearing = total.value[1] * grow.signum();
    let dollies = grow_more * grow > 0.0
        && (grow_more.abs() > grow.abs() * 0.4
            || (grow_more.abs() > grow.abs() * 0.15 && nearing > 0.05));
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
            dollies,
        ),
    ];
    moves.sort_by(|one, other| other.0.total_cmp(&one.0));
    let [(first, kind, clear), (second, ..), _] = moves;
    if first < LEAST || !clear {
        return None;
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
            confidence: round(0.4 * steady + 0.1),
        });
    }
    let clearness = 1.0 - second / first;
    Some(DepthMotion {
        kind,
        confidence: round((0.35 + 0.25 * clearness + 0.3 * (first / 0.12).min(1.0)) * steady),
    })
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
        _ => field.spread[0] + field.spread[1],
    };
    let net: f64 = fields.iter().map(part).sum();
    let way: f64 = fields.iter().map(|field| part(field).abs()).sum();
    net.abs() / way.max(1e-9)
}

fn round(value: f64) -> f64 {
    (value.clamp(0.0, 1.0) * 1000.0).round() / 1000.0
}
