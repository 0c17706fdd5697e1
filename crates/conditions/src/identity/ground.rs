//! Telling a subject from its ground: by transparency, or by a plain ground that reaches the
//! picture's edges.

use std::collections::VecDeque;

use super::BackgroundKind;
use crate::colour::{Canvas, Lab, distance};

/// How far a neighbour may differ (ΔE 1976) and still belong to the same even ground.
const STEP: f32 = 3.2;
/// How far from the edge colour nearest to it a ground pixel may drift: shadows and falloff.
const DRIFT: f32 = 26.0;
/// The share of left, top and right edges that a plain ground must cover.
const EDGE_SHARE: f64 = 0.72;

/// A subject told from its ground.
#[derive(Debug, Clone)]
pub struct Ground {
    /// What kind of ground.
    pub kind: BackgroundKind,
    /// One entry a pixel: `true` where the subject is. Empty where it cannot be told.
    pub subject: Vec<bool>,
    /// The subject's bounds in canvas pixels: left, top, right, bottom (past the end).
    pub bounds: Option<[usize; 4]>,
    /// Whether the subject runs out of the lower edge.
    pub cut_at_bottom: bool,
    /// How sure the separation is, 0–1.
    pub confidence: f64,
}

impl Ground {
    fn scene() -> Self {
        Self {
            kind: BackgroundKind::Scene,
            subject: Vec::new(),
            bounds: None,
            cut_at_bottom: false,
            confidence: 0.6,
        }
    }
}

/// Tells the subject from its ground.
pub fn split(canvas: &Canvas) -> Ground {
    if canvas.clear_share() > 0.02 {
        return cut_out(canvas).unwrap_or_else(Ground::scene);
    }
    plain(canvas).unwrap_or_else(Ground::scene)
}

/// A transparent ground must reach the border; a hole inside a picture is a mask, no ground.
fn cut_out(canvas: &Canvas) -> Option<Ground> {
    let edge = border(canvas);
    let clear = edge.iter().filter(|&&at| is_clear(canvas, at)).count();
    if (clear as f64) < edge.len() as f64 * 0.3 {
        return None;
    }
    let subject = canvas.alpha.iter().map(|alpha| *alpha >= 128).collect();
    finish(canvas, subject, BackgroundKind::CutOut, 0.97)
}

fn is_clear(canvas: &Canvas, at: usize) -> bool {
    canvas.alpha.get(at).is_some_and(|alpha| *alpha < 128)
}

/// A plain ground: a flood from the edges over small steps that ends at the subject's outline.
fn plain(canvas: &Canvas) -> Option<Ground> {
    let (width, height) = (canvas.width, canvas.height);
    if width < 16 || height < 16 {
        return None;
    }
    let upper = upper_border(canvas);
    let model = Backdrop::fit(canvas, &upper)?;
    let seeds: Vec<usize> = border(canvas)
        .into_iter()
        .filter(|&at| {
            canvas
                .lab
                .get(at)
                .is_some_and(|lab| distance(*lab, model.at(canvas, at)) < DRIFT * 0.8)
        })
        .collect();
    let ground = flood(canvas, &seeds, &model);
    let covered = upper
        .iter()
        .filter(|&&at| ground.get(at) == Some(&true))
        .count();
    let edge_share = covered as f64 / upper.len().max(1) as f64;
    let share = ground.iter().filter(|is| **is).count() as f64 / ground.len().max(1) as f64;
    if edge_share < EDGE_SHARE || !(0.08..=0.985).contains(&share) {
        return None;
    }
    // A horizon: the "ground" is a sky, and what lies below it runs out of both sides.
    if sides(canvas, &ground) < 0.55 {
        return None;
    }
    // A place can be smooth too (sky, sand): it counts as plain only if a slow gradient
    // explains its colours.
    let uneven = unevenness(canvas, &ground, &model);
    if uneven > 4.5 {
        return None;
    }
    let subject = ground.iter().map(|is| !is).collect();
    let confidence = (0.95 - f64::from(uneven) * 0.06) * (0.6 + 0.4 * edge_share);
    finish(canvas, subject, BackgroundKind::Plain, confidence)
}

/// Indices of all border pixels.
fn border(canvas: &Canvas) -> Vec<usize> {
    let (width, height) = (canvas.width, canvas.height);
    (0..width * height)
        .filter(|at| {
            let (x, y) = (at % width, at / width);
            x == 0 || y == 0 || x + 1 == width || y + 1 == height
        })
        .collect()
}

/// The top edge and the upper parts of the sides: subjects mostly leave by the lower edge.
fn upper_border(canvas: &Canvas) -> Vec<usize> {
    let (width, height) = (canvas.width, canvas.height);
    border(canvas)
        .into_iter()
        .filter(|at| {
            let (x, y) = (at % width, at / width);
            y == 0 || ((x == 0 || x + 1 == width) && y < height * 2 / 3)
        })
        .collect()
}

/// The share of the left and right edges that the ground covers.
fn sides(canvas: &Canvas, ground: &[bool]) -> f64 {
    let covered = ground
        .chunks(canvas.width.max(1))
        .flat_map(|row| [row.first(), row.last()])
        .filter(|is| *is == Some(&true))
        .count();
    covered as f64 / (2 * canvas.height).max(1) as f64
}

/// A backdrop's colour over the picture: a slow gradient, linear in both directions.
struct Backdrop {
    /// For L*, a* and b*: the value in the middle, its rise across and its rise down.
    rise: [[f32; 3]; 3],
}

impl Backdrop {
    /// Fits a gradient to edge pixels. What does not fit (a subject that runs out of the edge)
    /// is left out and the rest fitted again.
    fn fit(canvas: &Canvas, at: &[usize]) -> Option<Self> {
        let median = middle_colour(canvas, at)?;
        let flat = [median.l, median.a, median.b].map(|value| [value, 0.0, 0.0]);
        let mut model = Self { rise: flat };
        // A wide net first: a strong gradient lies far from its own median.
        for reach in [60.0, 34.0, 20.0, 12.0] {
            let kept: Vec<usize> = at
                .iter()
                .copied()
                .filter(|at| {
                    let lab = canvas.lab.get(*at);
                    lab.is_some_and(|lab| distance(*lab, model.at(canvas, *at)) < reach)
                })
                .collect();
            // Too few agree: rather an even ground than one bent to a subject's colours.
            if kept.len() * 2 < at.len() {
                return Some(Self { rise: flat });
            }
            let of = |channel: fn(&Lab) -> f32| least_squares(canvas, &kept, channel);
            match (of(|c| c.l), of(|c| c.a), of(|c| c.b)) {
                (Some(l), Some(a), Some(b)) => model.rise = [l, a, b],
                _ => return Some(Self { rise: flat }),
            }
        }
        Some(model)
    }

    fn at(&self, canvas: &Canvas, at: usize) -> Lab {
        let (x, y) = place(canvas, at);
        let [l, a, b] = self
            .rise
            .map(|[middle, across, down]| middle + across * x + down * y);
        Lab::new(l, a, b)
    }
}

/// A pixel's place from the middle, −1–1.
fn place(canvas: &Canvas, at: usize) -> (f32, f32) {
    let (width, height) = (canvas.width.max(1), canvas.height.max(1));
    (
        (at % width) as f32 * 2.0 / width as f32 - 1.0,
        (at / width) as f32 * 2.0 / height as f32 - 1.0,
    )
}

/// A plane through one channel of some pixels: middle, rise across, rise down.
fn least_squares(canvas: &Canvas, at: &[usize], channel: fn(&Lab) -> f32) -> Option<[f32; 3]> {
    let mut normal = glam::DMat3::ZERO;
    let mut right = glam::DVec3::ZERO;
    for &at in at {
        let (x, y) = place(canvas, at);
        let row = glam::DVec3::new(1.0, f64::from(x), f64::from(y));
        normal += glam::DMat3::from_cols(row * row.x, row * row.y, row * row.z);
        right += row * f64::from(channel(canvas.lab.get(at)?));
    }
    let count = at.len() as f64;
    // All on one line: no plane to speak of.
    if normal.determinant() < 1e-4 * count * count * count {
        return None;
    }
    let solved = normal.inverse() * right;
    Some([solved.x as f32, solved.y as f32, solved.z as f32])
}

/// The median colour, channel by channel.
fn middle_colour(canvas: &Canvas, at: &[usize]) -> Option<Lab> {
    let colours: Vec<Lab> = at
        .iter()
        .filter_map(|at| canvas.lab.get(*at).copied())
        .collect();
    let median = |of: fn(&Lab) -> f32| {
        let mut values: Vec<f32> = colours.iter().map(of).collect();
        values.sort_by(f32::total_cmp);
        values.get(values.len() / 2).copied()
    };
    Some(Lab::new(
        median(|c| c.l)?,
        median(|c| c.a)?,
        median(|c| c.b)?,
    ))
}

fn flood(canvas: &Canvas, seeds: &[usize], model: &Backdrop) -> Vec<bool> {
    let (width, height) = (canvas.width, canvas.height);
    let mut ground = vec![false; width * height];
    let mut queue: VecDeque<usize> = VecDeque::new();
    for &seed in seeds {
        if let Some(is) = ground.get_mut(seed).filter(|is| !**is) {
            *is = true;
            queue.push_back(seed);
        }
    }
    while let Some(at) = queue.pop_front() {
        let Some(&here) = canvas.lab.get(at) else {
            continue;
        };
        for next in neighbours(at, width, height) {
            let Some(&there) = canvas.lab.get(next) else {
                continue;
            };
            let main = model.at(canvas, next);
            // Shadows darken a ground more than they colour it.
            let hue_drift = (there.a - main.a).hypot(there.b - main.b);
            let fits = distance(here, there) < STEP
                && distance(there, main) < DRIFT
                && hue_drift < DRIFT * 0.5;
            if fits && let Some(is) = ground.get_mut(next).filter(|is| !**is) {
                *is = true;
                queue.push_back(next);
            }
        }
    }
    ground
}

/// The four neighbours of a pixel.
fn neighbours(at: usize, width: usize, height: usize) -> impl Iterator<Item = usize> {
    let (x, y) = (at % width, at / width);
    [
        (x > 0).then(|| at - 1),
        (x + 1 < width).then(|| at + 1),
        (y > 0).then(|| at - width),
        (y + 1 < height).then(|| at + width),
    ]
    .into_iter()
    .flatten()
}

/// Spread of the ground's colours (ΔE, root mean square) around a slow gradient: the means of
/// the ground in a coarse 4 × 4 grid, bilinearly smooth enough for a studio backdrop.
fn unevenness(canvas: &Canvas, ground: &[bool], model: &Backdrop) -> f32 {
    const GRID: usize = 4;
    let cell = |at: usize| {
        let (x, y) = (at % canvas.width, at / canvas.width);
        (y * GRID / canvas.height.max(1)) * GRID + x * GRID / canvas.width.max(1)
    };
    let mut sums = [([0.0_f64; 3], 0.0_f64); GRID * GRID];
    let chosen = || {
        ground
            .iter()
            .zip(&canvas.lab)
            .enumerate()
            .filter(|(_, (is, _))| **is)
            .map(|(at, (_, lab))| {
                let main = model.at(canvas, at);
                (at, Lab::new(lab.l - main.l, lab.a - main.a, lab.b - main.b))
            })
    };
    for (at, lab) in chosen() {
        if let Some((sum, count)) = sums.get_mut(cell(at)) {
            for (total, value) in sum.iter_mut().zip([lab.l, lab.a, lab.b]) {
                *total += f64::from(value);
            }
            *count += 1.0;
        }
    }
    let (mut square, mut count) = (0.0_f64, 0.0_f64);
    for (at, lab) in chosen() {
        if let Some((sum, number)) = sums.get(cell(at)) {
            let mean = sum.map(|total| (total / number.max(1.0)) as f32);
            let off = distance(lab, Lab::new(mean[0], mean[1], mean[2]));
            square += f64::from(off * off);
            count += 1.0;
        }
    }
    (square / count.max(1.0)).sqrt() as f32
}

/// Keeps the subject's parts that count, and finds its bounds.
fn finish(
    canvas: &Canvas,
    mut subject: Vec<bool>,
    kind: BackgroundKind,
    confidence: f64,
) -> Option<Ground> {
    let (width, height) = (canvas.width, canvas.height);
    let parts = components(&subject, width, height);
    let largest = parts.iter().map(Vec::len).max()?;
    let mut bounds = [width, height, 0, 0];
    for part in &parts {
        if part.len() * 25 < largest {
            for &at in part {
                if let Some(is) = subject.get_mut(at) {
                    *is = false;
                }
            }
            continue;
        }
        for &at in part {
            let (x, y) = (at % width, at / width);
            bounds = [
                bounds[0].min(x),
                bounds[1].min(y),
                bounds[2].max(x + 1),
                bounds[3].max(y + 1),
            ];
        }
    }
    let share = subject.iter().filter(|is| **is).count() as f64 / subject.len().max(1) as f64;
    if !(0.01..=0.97).contains(&share) {
        return None;
    }
    let last_row = height.saturating_sub(1) * width;
    let run = subject.iter().skip(last_row).filter(|is| **is).count();
    Some(Ground {
        kind,
        subject,
        bounds: Some(bounds),
        cut_at_bottom: run as f64 >= width as f64 * 0.03,
        confidence,
    })
}

/// Connected parts of a mask, by 4-neighbourhood.
pub fn components(mask: &[bool], width: usize, height: usize) -> Vec<Vec<usize>> {
    let mut seen = vec![false; mask.len()];
    let mut parts = Vec::new();
    for start in 0..mask.len() {
        if mask.get(start) != Some(&true) || seen.get(start) != Some(&false) {
            continue;
        }
        let mut part = vec![start];
        if let Some(seen) = seen.get_mut(start) {
            *seen = true;
        }
        let mut head = 0;
        while let Some(&at) = part.get(head) {
            head += 1;
            for next in neighbours(at, width, height) {
                if mask.get(next) == Some(&true)
                    && let Some(seen) = seen.get_mut(next).filter(|seen| !**seen)
                {
                    *seen = true;
                    part.push(next);
                }
            }
        }
        parts.push(part);
    }
    parts
}
