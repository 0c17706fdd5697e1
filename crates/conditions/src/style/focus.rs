//! How sharp a picture is, and where.

use decoupage_shot::Region;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::colour::Plane;
use crate::colour::plane::quantile;
use crate::identity::ground::components;

/// Sharpness is judged at this width or a little below, so that a soft lens is not mistaken for
/// a large file.
const WIDTH: usize = 1024;
/// Side of the blocks that are judged, pixels.
const BLOCK: usize = 32;
/// From here on an edge is sharp: it rises within about 2 pixels of 1024.
const SHARP: f32 = 0.52;
/// Up to here it is soft: it rises over 6 pixels or more.
const SOFT: f32 = 0.3;

/// Below this a block holds a slope from side to side, no edge.
const SLOPE: f32 = 0.085;

/// Where a picture is sharp when its ground is not.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, TS)]
pub struct Focus {
    /// The sharp part's bounds.
    pub sharp: Region,
    /// How much of what has edges at all is soft, 0–1.
    pub soft_share: f64,
}

/// Sharpness of a frame.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Sharpness {
    /// How steep the sharpest tenth of its edges is: 1 for steps from pixel to pixel, 0.4 for a
    /// blur of 2 pixels, 0.2 for 4; at a width of about 1024. `None` without edges.
    pub edges: Option<f64>,
    /// Blocks with edges.
    pub told: usize,
    /// Sharp part against soft ground, where there is one.
    pub focus: Option<Focus>,
}

/// Measures sharpness. `noise` is the standard deviation of luma in flat parts.
///
/// An edge's slope over two pixels is compared with its whole height within a block: for a
/// step blurred by a Gaussian of σ pixels the ratio is erf(1/(σ√2)), whatever its contrast.
pub fn of(plane: &Plane, noise: f64) -> Sharpness {
    let by = (plane.width.max(plane.height)).div_ceil(WIDTH).max(1);
    let shrunk;
    let plane = if by > 1 {
        shrunk = plane.shrunk(by);
        &shrunk
    } else {
        plane
    };
    let noise = noise as f32 / by as f32;
    let (columns, rows) = (plane.width / BLOCK, plane.height / BLOCK);
    let ratios: Vec<Option<f32>> = (0..columns * rows)
        .map(|at| ratio(plane, at % columns * BLOCK, at / columns * BLOCK, noise))
        .collect();
    // Slopes that only fill a block are light falling off, not edges.
    let mut told: Vec<f32> = ratios
        .iter()
        .flatten()
        .copied()
        .filter(|ratio| *ratio > SLOPE)
        .collect();
    if told.len() < 4 {
        return Sharpness::default();
    }
    Sharpness {
        edges: Some(f64::from(quantile(&mut told, 0.9)).min(1.0)),
        told: told.len(),
        focus: focus(&ratios, columns, rows),
    }
}

/// Slope over height of a block's steepest edge; `None` where nothing rises above the noise.
fn ratio(plane: &Plane, left: usize, top: usize, noise: f32) -> Option<f32> {
    let mut values = plane.part(left, top, BLOCK, BLOCK).values;
    let height = quantile(&mut values, 0.97) - quantile(&mut values, 0.03);
    if height < 14.0 + 9.0 * noise {
        return None;
    }
    let mut slopes = Vec::with_capacity(BLOCK * BLOCK * 2);
    for y in top + 1..top + BLOCK - 1 {
        let (above, here, below) = (plane.row(y - 1), plane.row(y), plane.row(y + 1));
        for x in left + 1..left + BLOCK - 1 {
            let across = here.get(x + 1)? - here.get(x - 1)?;
            let down = below.get(x)? - above.get(x)?;
            slopes.push(across.hypot(down));
        }
    }
    let steep = quantile(&mut slopes, 0.985);
    // What the noise alone would make of the steepest slopes.
    let chance = 2.9 * noise * std::f32::consts::SQRT_2;
    Some((steep * steep - chance * chance).max(0.0).sqrt() / height)
}

/// A compact sharp part where a good share of the other edges is soft.
fn focus(ratios: &[Option<f32>], columns: usize, rows: usize) -> Option<Focus> {
    let sharp: Vec<bool> = ratios
        .iter()
        .map(|ratio| ratio.is_some_and(|ratio| ratio > SHARP))
        .collect();
    let told = ratios.iter().flatten().count();
    let sharps = sharp.iter().filter(|is| **is).count();
    let soft = ratios
        .iter()
        .flatten()
        .filter(|ratio| (SLOPE..SOFT).contains(*ratio))
        .count();
    let soft_share = soft as f64 / told.max(1) as f64;
    if told < 24 || sharps * 25 < told || soft_share < 0.35 {
        return None;
    }
    // Neighbouring blocks belong together even where one between has no edge.
    let near = |at: usize| {
        let (x, y) = (at % columns, at / columns);
        (y.saturating_sub(1)..=(y + 1).min(rows - 1))
            .flat_map(|y| (x.saturating_sub(1)..=(x + 1).min(columns - 1)).map(move |x| (x, y)))
            .any(|(x, y)| sharp.get(y * columns + x) == Some(&true))
    };
    let grown: Vec<bool> = (0..columns * rows).map(near).collect();
    let largest = components(&grown, columns, rows)
        .into_iter()
        .max_by_key(Vec::len)?;
    let kept: Vec<usize> = largest
        .into_iter()
        .filter(|at| sharp.get(*at) == Some(&true))
        .collect();
    if kept.len() * 3 < sharps * 2 {
        return None;
    }
    let mut edges = [columns, rows, 0, 0];
    for at in kept {
        let (x, y) = (at % columns, at / columns);
        edges = [
            edges[0].min(x),
            edges[1].min(y),
            edges[2].max(x + 1),
            edges[3].max(y + 1),
        ];
    }
    let share =
        |value: usize, of: usize| (value as f64 / of.max(1) as f64 * 1000.0).round() / 1000.0;
    Some(Focus {
        sharp: Region {
            x: share(edges[0], columns),
            y: share(edges[1], rows),
            width: share(edges[2] - edges[0], columns),
            height: share(edges[3] - edges[1], rows),
        },
        soft_share: (soft_share * 1000.0).round() / 1000.0,
    })
}
