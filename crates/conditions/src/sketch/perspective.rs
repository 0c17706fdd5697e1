//! Vanishing points and the horizon, from the straight lines of a drawing.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::lines::Segment;

/// Where lines that run away from the viewer meet.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, TS)]
pub struct VanishingPoint {
    /// Its place, shares of the frame from the top left; it may lie outside.
    pub at: [f64; 2],
    /// How many lines run to it.
    pub lines: u32,
    /// How sure, 0–1.
    pub confidence: f64,
}

/// The line at the height of the eye.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, TS)]
// The interface knows another thing by this name.
#[ts(rename = "DrawnHorizon")]
pub struct Horizon {
    /// Its height at the left edge of the frame, share from the top.
    pub left: f64,
    /// Its height at the right edge.
    pub right: f64,
    /// What it rests on.
    pub by: HorizonBy,
    /// How sure, 0–1.
    pub confidence: f64,
}

/// What a horizon rests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum HorizonBy {
    /// A long level line.
    Line,
    /// Vanishing points.
    VanishingPoints,
    /// A long level line through the vanishing points.
    Both,
}

/// Lines nearer to level or upright than this run to no point of their own.
const LEVEL_DEG: f64 = 3.0;
const UPRIGHT_DEG: f64 = 4.0;
/// How far a line may miss the point it runs to, degrees.
const MISS_DEG: f64 = 1.6;
/// Pairs of lines tried for each point.
const TRIES: usize = 2500;

/// The vanishing points of a drawing of `width` × `height` pixels, surest first, at most two.
///
/// Pairs of lines propose a point where they cross, by a fixed sequence of numbers, so that one
/// drawing always gives one answer; the point that most of the drawn length runs to wins and is
/// set to the weighted least squares of its lines.
pub fn vanishing(segments: &[Segment], width: f64, height: f64) -> Vec<VanishingPoint> {
    let mut left: Vec<Segment> = segments
        .iter()
        .filter(|segment| {
            let angle = segment.angle_deg().abs();
            angle > LEVEL_DEG && angle < 90.0 - UPRIGHT_DEG
        })
        .copied()
        .collect();
    let total: f64 = left.iter().map(Segment::length).sum();
    let mut found = Vec::new();
    let mut random = 0x2545_f491_4f6c_dd1d_u64;
    for _ in 0..2 {
        let Some((point, inliers)) = strongest(&left, width, height, &mut random) else {
            break;
        };
        let weight: f64 = inliers.iter().map(|s| s.length()).sum();
        let share = weight / total.max(1e-9);
        let directions = spread_deg(&inliers, point);
        // Both sides of a stroke are found: strokes are told apart by their direction.
        let strokes = strokes(&inliers, point);
        if strokes < 5 || share < 0.25 || directions < 12.0 {
            break;
        }
        found.push(VanishingPoint {
            at: [round(point[0] / width), round(point[1] / height)],
            lines: strokes as u32,
            confidence: round((0.4 + 0.3 * share + 0.02 * strokes.min(12) as f64).min(0.92)),
        });
        left.retain(|segment| miss_deg(segment, point) > MISS_DEG * 2.0);
    }
    // Two points of one building lie at the same height; a second far from it is chance.
    if let [one, other] = found.as_slice()
        && ((one.at[1] - other.at[1]).abs() > 0.12
            || (one.at[0] - other.at[0]).abs() < 0.4
            || other.confidence < 0.5)
    {
        found.truncate(1);
    }
    found
}

/// The point that most drawn length runs to, and the lines that do.
fn strongest(
    segments: &[Segment],
    width: f64,
    height: f64,
    random: &mut u64,
) -> Option<([f64; 2], Vec<Segment>)> {
    if segments.len() < 5 {
        return None;
    }
    let mut next = || {
        *random ^= *random << 13;
        *random ^= *random >> 7;
        *random ^= *random << 17;
        (*random >> 16) as usize % segments.len()
    };
    let near = |[x, y]: [f64; 2]| {
        (-3.0 * width..4.0 * width).contains(&x) && (-height..2.0 * height).contains(&y)
    };
    let mut best = (0.0, None);
    for _ in 0..TRIES {
        let (one, other) = (segments.get(next())?, segments.get(next())?);
        let Some(point) = crossing(one, other).filter(|point| near(*point)) else {
            continue;
        };
        let score = score(segments, point);
        if score > best.0 {
            best = (score, Some(point));
        }
    }
    let mut point = best.1?;
    let within = |point: [f64; 2]| -> Vec<Segment> {
        segments
            .iter()
            .filter(|segment| miss_deg(segment, point) < MISS_DEG)
            .copied()
            .collect()
    };
    for _ in 0..4 {
        match meet(&within(point), point).filter(|better| near(*better)) {
            Some(better) if score(segments, better) >= score(segments, point) * 0.98 => {
                point = better;
            }
            _ => break,
        }
    }
    let inliers = within(point);
    Some((point, inliers))
}

fn score(segments: &[Segment], point: [f64; 2]) -> f64 {
    segments
        .iter()
        .map(|segment| {
            let miss = miss_deg(segment, point);
            segment.length() * (1.0 - miss / MISS_DEG).max(0.0)
        })
        .sum()
}

/// The angle between a line and the way from its middle to a point, degrees.
fn miss_deg(segment: &Segment, point: [f64; 2]) -> f64 {
    let ([mx, my], [dx, dy]) = (segment.middle(), segment.direction());
    let (x, y) = (point[0] - mx, point[1] - my);
    let away = x.hypot(y);
    // A point on the line itself says nothing about where the line runs.
    if away < segment.length() * 0.35 {
        return 90.0;
    }
    ((x * dy - y * dx).abs() / away)
        .clamp(0.0, 1.0)
        .asin()
        .to_degrees()
}

fn crossing(one: &Segment, other: &Segment) -> Option<[f64; 2]> {
    let (p, d) = (one.middle(), one.direction());
    let (q, e) = (other.middle(), other.direction());
    let cross = d[0] * e[1] - d[1] * e[0];
    // Lines of nearly one direction meet too far away to say where.
    if cross.abs() < 0.02 {
        return None;
    }
    let along = ((q[0] - p[0]) * e[1] - (q[1] - p[1]) * e[0]) / cross;
    Some([p[0] + along * d[0], p[1] + along * d[1]])
}

/// The point nearest to all lines, nearer ones counting as their angle says.
fn meet(segments: &[Segment], from: [f64; 2]) -> Option<[f64; 2]> {
    let (mut a, mut b, mut c, mut u, mut v) = (0.0, 0.0, 0.0, 0.0, 0.0);
    for segment in segments {
        let ([mx, my], [dx, dy]) = (segment.middle(), segment.direction());
        let away = (from[0] - mx).hypot(from[1] - my).max(1.0);
        let weight = segment.length().powi(3) / (away * away);
        // The line's normal.
        let (nx, ny) = (-dy, dx);
        let off = nx * mx + ny * my;
        a += weight * nx * nx;
        b += weight * nx * ny;
        c += weight * ny * ny;
        u += weight * nx * off;
        v += weight * ny * off;
    }
    let determinant = a * c - b * b;
    (determinant.abs() > 1e-9 * (a + c) * (a + c))
        .then(|| [(c * u - b * v) / determinant, (a * v - b * u) / determinant])
}

/// How many strokes run to a point: directions from it more than a degree or so apart.
fn strokes(segments: &[Segment], point: [f64; 2]) -> usize {
    let mut angles: Vec<f64> = segments
        .iter()
        .map(|segment| {
            let [x, y] = segment.middle();
            (y - point[1]).atan2(x - point[0]).to_degrees()
        })
        .collect();
    angles.sort_by(f64::total_cmp);
    let mut last = f64::MIN;
    let mut count = 0;
    for angle in angles {
        if angle - last > 1.2 {
            count += 1;
            last = angle;
        }
    }
    count
}

/// How wide a fan the lines to a point make, degrees.
fn spread_deg(segments: &[Segment], point: [f64; 2]) -> f64 {
    let mut angles: Vec<f64> = segments
        .iter()
        .map(|segment| {
            let [x, y] = segment.middle();
            (y - point[1])
                .atan2(x - point[0])
                .to_degrees()
                .rem_euclid(180.0)
        })
        .collect();
    angles.sort_by(f64::total_cmp);
    // The widest gap is what the fan leaves out.
    let wrap = angles
        .first()
        .zip(angles.last())
        .map_or(180.0, |(first, last)| first + 180.0 - last);
    let gap = angles
        .windows(2)
        .filter_map(|pair| Some(pair.last()? - pair.first()?))
        .fold(wrap, f64::max);
    180.0 - gap
}

/// The horizon, from a long level line, from vanishing points, or from both.
pub fn horizon(
    segments: &[Segment],
    points: &[VanishingPoint],
    width: f64,
    height: f64,
) -> Option<Horizon> {
    let by_points = match points {
        [one, other] => {
            let slope = (other.at[1] - one.at[1]) / (other.at[0] - one.at[0]);
            // Shares of width against shares of height: a tilt of a few degrees at most.
            let slope = slope.clamp(-0.15, 0.15);
            let left = one.at[1] - slope * one.at[0];
            Some((left, left + slope, one.confidence.min(other.confidence)))
        }
        [one] => Some((one.at[1], one.at[1], one.confidence)),
        _ => None,
    };
    let line = level(segments, width, height);
    match (by_points, line) {
        (Some((left, right, sure)), Some((a, b, covered))) => {
            let off = ((left + right) - (a + b)).abs() / 2.0;
            if off < 0.03 {
                Some(Horizon {
                    left: round(a),
                    right: round(b),
                    by: HorizonBy::Both,
                    confidence: round((sure + 0.1).min(0.95)),
                })
            } else if sure > 0.6 || covered < 0.75 {
                Some(by_vanishing(left, right, sure))
            } else {
                Some(by_line(a, b, covered))
            }
        }
        (Some((left, right, sure)), None) => Some(by_vanishing(left, right, sure)),
        (None, Some((a, b, covered))) => Some(by_line(a, b, covered)),
        (None, None) => None,
    }
}

fn by_vanishing(left: f64, right: f64, sure: f64) -> Horizon {
    Horizon {
        left: round(left),
        right: round(right),
        by: HorizonBy::VanishingPoints,
        confidence: round(sure * 0.9),
    }
}

fn by_line(left: f64, right: f64, covered: f64) -> Horizon {
    Horizon {
        left: round(left),
        right: round(right),
        by: HorizonBy::Line,
        confidence: round(0.3 + 0.4 * covered.min(1.0)),
    }
}

/// The near-level line that is drawn over the greatest part of the width: its heights at both
/// edges as shares, and that part.
fn level(segments: &[Segment], width: f64, height: f64) -> Option<(f64, f64, f64)> {
    let flat: Vec<&Segment> = segments
        .iter()
        .filter(|segment| segment.angle_deg().abs() < 5.0)
        .take(120)
        .collect();
    let margin = height * 0.03;
    let mut best: Option<(f64, f64, f64)> = None;
    for seed in &flat {
        let [dx, dy] = seed.direction();
        let [mx, my] = seed.middle();
        let slope = dy / dx;
        let at = |x: f64| my + slope * (x - mx);
        // A frame drawn round the picture is no horizon.
        if at(width / 2.0) < margin || at(width / 2.0) > height - margin {
            continue;
        }
        let mut spans: Vec<(f64, f64)> = flat
            .iter()
            .filter(|other| {
                [other.from, other.to]
                    .iter()
                    .all(|[x, y]| (at(*x) - y).abs() < height * 0.012)
            })
            .map(|other| {
                (
                    other.from[0].min(other.to[0]),
                    other.from[0].max(other.to[0]),
                )
            })
            .collect();
        spans.sort_by(|one, other| one.0.total_cmp(&other.0));
        let (mut covered, mut end) = (0.0, f64::MIN);
        for (from, to) in spans {
            covered += (to - from.max(end)).max(0.0);
            end = end.max(to);
        }
        let covered = covered / width;
        if covered > best.map_or(0.4, |(.., covered)| covered) {
            best = Some((at(0.0) / height, at(width) / height, covered));
        }
    }
    best
}

fn round(value: f64) -> f64 {
    (value * 1000.0).round() / 1000.0
}
