//! Which pairs of places a limb is drawn between.
//!
//! A limb is accepted between two possible joints when its colour is seen along the line, as
//! part-affinity fields do it with learned evidence. Limbs are drawn in a fixed order: what is
//! drawn earlier cannot hide a limb of the same body, what is drawn later can.

use super::candidates::{Candidate, Candidates, DIM_DOT, DRAWN_RADIUS, Near, near};
use super::palette::InkMap;
use crate::pose::joints::{LIMBS, Point, distance};

/// A limb seen between two candidates.
#[derive(Debug, Clone, PartialEq)]
pub struct Link {
    /// Which limb, an index into [`LIMBS`].
    pub limb: usize,
    /// Candidate of its first joint.
    pub from: usize,
    /// Candidate of its second joint.
    pub to: usize,
    /// Length of line on which its colour is seen, less what speaks against it, pixels.
    pub score: f64,
}

/// Every limb that may be in the picture, by limb.
pub fn links(map: &InkMap, all: &Candidates, scale: f64) -> Vec<Vec<Link>> {
    let mut links = Vec::with_capacity(LIMBS.len());
    for (limb, &(a, b)) in LIMBS.iter().enumerate() {
        let mut found = Vec::new();
        for (from, one) in all[a].iter().enumerate() {
            for (to, other) in all[b].iter().enumerate() {
                let Some(score) = evidence(map, limb as u8, one, other, scale) else {
                    continue;
                };
                let ends = (one.at, other.at);
                if runs_past(&all[a], ends, scale) || runs_past(&all[b], ends, scale) {
                    continue;
                }
                found.push(Link {
                    limb,
                    from,
                    to,
                    score,
                });
            }
        }
        links.push(found);
    }
    links
}

/// How much speaks for a limb between two places, pixels; `None` when too little does.
fn evidence(map: &InkMap, limb: u8, a: &Candidate, b: &Candidate, scale: f64) -> Option<f64> {
    // Nothing is drawn at either end.
    let guess = |place: &Candidate| place.dot == 0.0 && place.support == 0.0;
    if guess(a) && guess(b) {
        return None;
    }
    let radius = DRAWN_RADIUS * scale;
    let length = distance(a.at, b.at);
    let seen_apart = |place: &Candidate| place.dot > 0.0 || place.limbs & !(1 << limb) != 0;
    if length < 1.2 * radius {
        // Foreshortened to nothing: only if both joints are seen by something else.
        return (seen_apart(a) && seen_apart(b)).then_some(0.0);
    }
    // Most lines cross the ground: a few looks tell.
    let looks = (1..8).filter(|look| {
        let t = f64::from(*look) / 8.0;
        let x = a.at[0] + t * (b.at[0] - a.at[0]);
        let y = a.at[1] + t * (b.at[1] - a.at[1]);
        matches!(near(map, limb, x, y), Near::Ground)
    });
    if looks.take(2).count() > 1 {
        return None;
    }
    let along = [(b.at[0] - a.at[0]) / length, (b.at[1] - a.at[1]) / length];
    // Dots hide the tips of a limb; of a very short one they hide all.
    let skip = (1.1 * radius).min(0.3 * length);
    let step = (0.4 * radius).max(1.0);
    let steps = (((length - 2.0 * skip) / step).floor() as usize).clamp(2, 4096);
    let (mut own, mut ground, mut under, mut total) = (0.0, 0.0, 0.0, 0.0);
    for index in 0..=steps {
        let t = skip + (length - 2.0 * skip) * index as f64 / steps as f64;
        let middle = (t / length - 0.5).abs() < 0.2;
        let lanes: &[f64] = if middle { &[0.0, -0.5, 0.5] } else { &[0.0] };
        for lane in lanes {
            let x = a.at[0] + t * along[0] - lane * radius * along[1];
            let y = a.at[1] + t * along[1] + lane * radius * along[0];
            total += 1.0;
            match near(map, limb, x, y) {
                Near::Own => own += 1.0,
                Near::Ground => ground += 1.0,
                Near::Under => under += 1.0,
                Near::Over => {}
            }
        }
    }
    let hidden_by_dots = length < 3.0 * radius && a.dot > 0.0 && b.dot > 0.0;
    let least = if a.dot > 0.3 && b.dot > 0.3 {
        0.15
    } else {
        0.3
    };
    if ground > 0.12 * total || (own < least * total && !hidden_by_dots) {
        return None;
    }
    // Hidden stretches speak a little against it, or lines would run on under other limbs.
    let over = total - own - ground - under;
    Some(length * (own - 0.3 * over - 0.7 * under - 2.0 * ground) / total)
}

/// Whether a line runs on past a dot that it should have ended at.
fn runs_past(places: &[Candidate], (from, to): (Point, Point), scale: f64) -> bool {
    let radius = DRAWN_RADIUS * scale;
    places.iter().any(|place| {
        place.dot > DIM_DOT
            && distance(place.at, from) > 5.0 * radius
            && distance(place.at, to) > 5.0 * radius
            && to_segment(place.at, (from, to)) < 0.75 * radius
    })
}

/// Whether most of a segment lies on another.
pub fn covered(one: (Point, Point), other: (Point, Point), scale: f64) -> bool {
    const PARTS: usize = 8;
    let on = (0..=PARTS)
        .filter(|part| {
            let t = *part as f64 / PARTS as f64;
            let point = [
                one.0[0] + t * (one.1[0] - one.0[0]),
                one.0[1] + t * (one.1[1] - one.0[1]),
            ];
            to_segment(point, other) < 0.9 * DRAWN_RADIUS * scale
        })
        .count();
    on * 2 > PARTS
}

fn to_segment(point: Point, (a, b): (Point, Point)) -> f64 {
    let (dx, dy) = (b[0] - a[0], b[1] - a[1]);
    let square = dx * dx + dy * dy;
    if square == 0.0 {
        return distance(point, a);
    }
    let t = ((point[0] - a[0]) * dx + (point[1] - a[1]) * dy) / square;
    let t = t.clamp(0.0, 1.0);
    distance(point, [a[0] + t * dx, a[1] + t * dy])
}
