//! Ink and ground: how dense a drawing is and where its shapes are.

use decoupage_shot::Region;

use crate::colour::Plane;
use crate::colour::plane::quantile;
use crate::depth::places;
use crate::identity::ground::components;

use super::DrawnShape;

/// A drawing split into ink and ground.
pub struct Ink {
    /// Whether the lines are light on a dark ground.
    pub light_on_dark: bool,
    /// Share of the picture that ink covers.
    pub density: f64,
    /// Where ink is.
    pub mask: Vec<bool>,
}

/// The longest side shapes are looked for at, cells.
const CELLS: usize = 160;
/// The most shapes listed.
const MOST: usize = 8;

/// Tells ink from ground: the ground is the most frequent level.
pub fn split(plane: &Plane) -> Ink {
    let mut levels = [0_usize; 16];
    for value in &plane.values {
        if let Some(count) = levels.get_mut((value / 16.0).clamp(0.0, 15.0) as usize) {
            *count += 1;
        }
    }
    let bin = levels
        .iter()
        .enumerate()
        .max_by_key(|(_, count)| **count)
        .map_or(15, |(bin, _)| bin);
    let mut inside: Vec<f32> = plane
        .values
        .iter()
        .filter(|value| (*value / 16.0) as usize == bin)
        .copied()
        .collect();
    let ground = quantile(&mut inside, 0.5);
    let mut off: Vec<f32> = plane
        .values
        .iter()
        .map(|value| (value - ground).abs())
        .collect();
    let threshold = (quantile(&mut off, 0.995) * 0.35).max(30.0);
    let mask: Vec<bool> = plane
        .values
        .iter()
        .map(|value| (value - ground).abs() > threshold)
        .collect();
    let count = mask.iter().filter(|is| **is).count();
    Ink {
        light_on_dark: ground < 128.0,
        density: count as f64 / mask.len().max(1) as f64,
        mask,
    }
}

/// The main shapes: ink that hangs together, with a little slack for broken lines.
pub fn shapes(ink: &Ink, width: usize, height: usize) -> Vec<DrawnShape> {
    let by = width.max(height).div_ceil(CELLS).max(1);
    let (columns, rows) = (width.div_ceil(by), height.div_ceil(by));
    let mut cells = vec![0_usize; columns * rows];
    for (at, _) in ink.mask.iter().enumerate().filter(|(_, is)| **is) {
        let cell = (at / width / by) * columns + at % width / by;
        if let Some(count) = cells.get_mut(cell) {
            *count += 1;
        }
    }
    let total: usize = cells.iter().sum();
    if total == 0 {
        return Vec::new();
    }
    // The widest slack that still tells several shapes apart.
    let mut shapes = Vec::new();
    for slack in [2_usize, 1, 0] {
        let near: Vec<bool> = (0..cells.len())
            .map(|at| {
                let (x, y) = (at % columns, at / columns);
                (y.saturating_sub(slack)..(y + slack + 1).min(rows)).any(|y| {
                    (x.saturating_sub(slack)..(x + slack + 1).min(columns))
                        .any(|x| cells.get(y * columns + x).is_some_and(|count| *count > 0))
                })
            })
            .collect();
        shapes = components(&near, columns, rows)
            .iter()
            .filter_map(|part| shape(part, &cells, total, columns, rows))
            .collect();
        if shapes.len() > 1 {
            break;
        }
    }
    shapes.sort_by(|one, other| other.share.total_cmp(&one.share));
    shapes.truncate(MOST);
    shapes
}

fn shape(
    part: &[usize],
    cells: &[usize],
    total: usize,
    columns: usize,
    rows: usize,
) -> Option<DrawnShape> {
    let inked: Vec<usize> = part
        .iter()
        .copied()
        .filter(|at| cells.get(*at).is_some_and(|count| *count > 0))
        .collect();
    let ink: usize = inked.iter().filter_map(|at| cells.get(*at)).sum();
    let share = ink as f64 / total as f64;
    if share < 0.03 {
        return None;
    }
    let mut edges = [columns, rows, 0, 0];
    for at in &inked {
        let (x, y) = (at % columns, at / columns);
        edges = [
            edges[0].min(x),
            edges[1].min(y),
            edges[2].max(x + 1),
            edges[3].max(y + 1),
        ];
    }
    let round = |value: f64| (value * 1000.0).round() / 1000.0;
    let bounds = Region {
        x: round(edges[0] as f64 / columns as f64),
        y: round(edges[1] as f64 / rows as f64),
        width: round((edges[2] - edges[0]) as f64 / columns as f64),
        height: round((edges[3] - edges[1]) as f64 / rows as f64),
    };
    // A drawn shape is what its outline encloses, not the thin line itself.
    let mut mask = vec![0.0_f32; columns * rows];
    for y in edges[1]..edges[3] {
        for x in edges[0]..edges[2] {
            if let Some(cell) = mask.get_mut(y * columns + x) {
                *cell = 1.0;
            }
        }
    }
    Some(DrawnShape {
        name: None,
        bounds,
        place: places::of(&mask, columns, rows).words,
        share: round(share),
    })
}
