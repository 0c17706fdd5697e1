//! How the whole view shifts and grows between two frames, from their grids.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::colour::{Lab, distance};
use crate::identity::words::share_words;
use crate::reading::{Evidence, Statement};

/// One shift and growth that explains most of the difference between two frames.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, TS)]
pub struct Shift {
    /// How far what is seen moves to the right, shares of the frame's width: below 0 the camera
    /// pans or trucks right.
    pub dx: f64,
    /// How far what is seen moves down, shares of the frame's height.
    pub dy: f64,
    /// How much larger what is seen gets around the middle: above 1 the camera pushes or zooms
    /// in.
    pub scale: f64,
    /// How much of the difference it explains, 0–1.
    pub explains: f64,
}

/// The least share of cells that must be seen in both frames.
const OVERLAP: f64 = 0.45;
/// How much of the difference a shift must explain.
const EXPLAINS: f64 = 0.4;

/// What the last frame's cell showed in the first frame; `None` for what came into view.
pub(super) fn seen(
    first: &[Lab],
    (columns, rows): (usize, usize),
    view: &Shift,
    column: usize,
    row: usize,
) -> Option<Lab> {
    let x = (column as f64 + 0.5) / columns as f64;
    let y = (row as f64 + 0.5) / rows as f64;
    let from_x = (x - 0.5 - view.dx) / view.scale + 0.5;
    let from_y = (y - 0.5 - view.dy) / view.scale + 0.5;
    if !(0.0..=1.0).contains(&from_x) || !(0.0..=1.0).contains(&from_y) {
        return None;
    }
    let place = |share: f64, count: usize| {
        let at = (share * count as f64 - 0.5).clamp(0.0, (count - 1) as f64);
        let low = at.floor() as usize;
        (low, (low + 1).min(count - 1), (at - at.floor()) as f32)
    };
    let (x0, x1, u) = place(from_x, columns);
    let (y0, y1, v) = place(from_y, rows);
    let at = |x: usize, y: usize| first.get(y * columns + x).copied();
    let mix = |one: Lab, other: Lab, part: f32| {
        Lab::new(
            one.l + (other.l - one.l) * part,
            one.a + (other.a - one.a) * part,
            one.b + (other.b - one.b) * part,
        )
    };
    let above = mix(at(x0, y0)?, at(x1, y0)?, u);
    let below = mix(at(x0, y1)?, at(x1, y1)?, u);
    Some(mix(above, below, v))
}

/// How far two frames differ under a shift: the mean over all cells in common of what each
/// differs, where large differences (things that changed by themselves) count no more than
/// `CUT`. `None` where too little is in common.
fn cost(first: &[Lab], last: &[Lab], size: (usize, usize), view: &Shift) -> Option<f64> {
    const CUT: f32 = 24.0;
    let (mut sum, mut count) = (0.0_f64, 0_usize);
    for (at, other) in last.iter().enumerate() {
        if let Some(one) = seen(first, size, view, at % size.0, at / size.0) {
            sum += f64::from(distance(one, *other).min(CUT));
            count += 1;
        }
    }
    (count as f64 >= last.len() as f64 * OVERLAP).then(|| sum / count as f64)
}

/// The one shift and growth that explains the most, where it explains enough.
pub(super) fn shift(first: &[[f32; 4]], last: &[[f32; 4]], size: (usize, usize)) -> Option<Shift> {
    // Light that changes as a whole is no movement.
    let level = |cells: &[[f32; 4]]| -> Vec<Lab> {
        let count = cells.len().max(1) as f32;
        let mean = |of: usize| cells.iter().filter_map(|c| c.get(of)).sum::<f32>() / count;
        let (l, a, b) = (mean(0), mean(1), mean(2));
        cells
            .iter()
            .map(|c| Lab::new(c[0] - l, c[1] - a, c[2] - b))
            .collect()
    };
    let (first, last) = (level(first), level(last));
    let none = Shift {
        dx: 0.0,
        dy: 0.0,
        scale: 1.0,
        explains: 0.0,
    };
    let still = cost(&first, &last, size, &none)?;
    // All but nothing differs, or there is nothing to line up.
    if still < 1.2 {
        return None;
    }
    let mut best = (still, none);
    let attempt = |view: Shift, best: &mut (f64, Shift)| {
        if let Some(cost) = cost(&first, &last, size, &view).filter(|cost| *cost < best.0) {
            *best = (cost, view);
        }
    };
    let (step_x, step_y) = (1.0 / size.0 as f64, 1.0 / size.1 as f64);
    for grow in -6..=6 {
        let scale = 1.07_f64.powi(grow);
        for down in -6..=6 {
            for across in -14..=14 {
                let (dx, dy) = (f64::from(across) * step_x, f64::from(down) * step_y);
                attempt(
                    Shift {
                        dx,
                        dy,
                        scale,
                        explains: 0.0,
                    },
                    &mut best,
                );
            }
        }
    }
    let mut step = 0.5;
    for _ in 0..5 {
        let around = best.1;
        for (grow, across, down) in (0..27).map(|n| (n % 3 - 1, n / 3 % 3 - 1, n / 9 - 1)) {
            attempt(
                Shift {
                    dx: around.dx + f64::from(across) * step_x * step,
                    dy: around.dy + f64::from(down) * step_y * step,
                    scale: around.scale * (1.0 + 0.07 * step * f64::from(grow)),
                    explains: 0.0,
                },
                &mut best,
            );
        }
        step *= 0.6;
    }
    let (cost, view) = best;
    let explains = 1.0 - cost / still;
    let moves = view.dx.abs() > 0.012 || view.dy.abs() > 0.02 || (view.scale - 1.0).abs() > 0.025;
    let round = |value: f64| (value * 1000.0).round() / 1000.0;
    (explains >= EXPLAINS && moves).then(|| Shift {
        dx: round(view.dx),
        dy: round(view.dy),
        scale: round(view.scale),
        explains: round(explains),
    })
}

/// A shift of the view in a camera's words. Two frames cannot tell a pan from a truck, nor a
/// push from a zoom, and the words say so.
pub(super) fn statements(view: &Shift) -> Vec<Statement> {
    let mut statements = Vec::new();
    let sure = 0.45 + 0.4 * view.explains;
    if (view.scale - 1.0).abs() > 0.04 {
        let (words, by) = if view.scale > 1.0 {
            (
                "The camera pushes or zooms in: what is seen grows",
                view.scale - 1.0,
            )
        } else {
            (
                "The camera pulls back or zooms out: what is seen shrinks",
                1.0 - view.scale,
            )
        };
        statements.push(Statement::new(
            format!("{words} by {:.0} %.", by * 100.0),
            Evidence::measured("growth of the view", view.scale, "times"),
            sure,
        ));
    }
    let far = |share: f64| match share.abs() {
        share if share < 0.04 => "a little".to_owned(),
        share => format!("by {} of the frame", share_words(share)),
    };
    if view.dx.abs() > 0.025 && view.dx.abs() * 1.5 > view.dy.abs() {
        let (side, other) = if view.dx < 0.0 {
            ("right", "left")
        } else {
            ("left", "right")
        };
        statements.push(Statement::new(
            format!(
                "The camera pans or trucks {side}: the view slides to the {other} {}.",
                far(view.dx)
            ),
            Evidence::measured("shift of the view to the right", view.dx, "share"),
            sure,
        ));
    }
    if view.dy.abs() > 0.035 && view.dy.abs() * 1.5 > view.dx.abs() {
        let (side, other) = if view.dy > 0.0 {
            ("up", "down")
        } else {
            ("down", "up")
        };
        statements.push(Statement::new(
            format!(
                "The camera tilts or rises {side}: the view slides {other} {}.",
                far(view.dy)
            )
            .replace("rises down", "sinks down"),
            Evidence::measured("shift of the view downwards", view.dy, "share"),
            sure,
        ));
    }
    statements
}
