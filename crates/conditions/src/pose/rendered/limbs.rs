//! Where joints may be, and which pairs of them a limb is drawn between.
//!
//! Every dot is a possible joint, and so is each end of every limb patch, for the dots that
//! compression or other people hide. A limb is accepted between two possible joints when its
//! colour is seen along the line, as part-affinity fields do it with learned evidence.

use super::blobs::Blob;
use super::palette::{Ink, InkMap};
use crate::pose::joints::{JOINTS, LIMBS, Point, distance};

/// A place where a joint may be.
#[derive(Debug, Clone, PartialEq)]
pub struct Candidate {
    /// Where, pixels.
    pub at: Point,
    /// Whether a dot of the joint's colour is there.
    pub dot: bool,
    /// How many ends of fitting limbs come together there.
    pub support: f64,
}

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

/// The radius of dots and half-width of limbs at the size they are drawn at.
pub const DRAWN_RADIUS: f64 = 4.0;
/// The most candidates of one joint: more are clutter.
const MOST_CANDIDATES: usize = 48;

/// How large the skeleton is drawn, relative to a dot radius of 4 pixels; `None` when nothing
/// looks like a limb.
pub fn scale(blobs: &[Blob]) -> Option<f64> {
    let mut widths: Vec<(f64, f64)> = blobs
        .iter()
        .filter(|blob| matches!(blob.ink, Ink::Limb(_)))
        .filter(|blob| blob.half_width >= 1.0 && blob.half_length > 2.5 * blob.half_width)
        .map(|blob| (blob.half_width, blob.area))
        .collect();
    widths.sort_by(|a, b| a.0.total_cmp(&b.0));
    let total: f64 = widths.iter().map(|w| w.1).sum();
    let mut sofar = 0.0;
    widths
        .iter()
        .find(|w| {
            sofar += w.1;
            sofar >= 0.5 * total
        })
        .map(|w| (w.0 / DRAWN_RADIUS).clamp(0.25, 8.0))
}

/// The places where each joint may be.
pub fn candidates(map: &InkMap, blobs: &[Blob], scale: f64) -> [Vec<Candidate>; JOINTS] {
    let radius = DRAWN_RADIUS * scale;
    let disc = std::f64::consts::PI * (radius + 0.5) * (radius + 0.5);
    let mut all: [Vec<Candidate>; JOINTS] = std::array::from_fn(|_| Vec::new());
    for blob in blobs {
        if let Ink::Dot(colour) = blob.ink
            && (0.2 * disc..=2.2 * disc).contains(&blob.area)
            && blob.half_length < 2.2 * blob.half_width.max(0.5 * radius)
            && blob.half_width > 0.35 * radius
            && let Some(places) = all.get_mut(usize::from(colour))
        {
            // A second piece of a dot cut in two belongs to the first.
            if let Some(near) = places
                .iter_mut()
                .find(|near| distance(near.at, blob.centre) < 1.5 * radius)
            {
                near.at = super::super::joints::midway(near.at, blob.centre);
                continue;
            }
            places.push(Candidate {
                at: blob.centre,
                dot: true,
                support: 0.0,
            });
        }
    }
    for blob in blobs {
        let Ink::Limb(limb) = blob.ink else { continue };
        let Some(&(from, to)) = LIMBS.get(usize::from(limb)) else {
            continue;
        };
        // Fingers are drawn two pixels wide, rings around dots are narrower still.
        if blob.area < 0.25 * disc || blob.half_width < 0.35 * radius {
            continue;
        }
        for end in blob.ends {
            if goes_on(map, limb, blob.centre, end, radius) {
                continue;
            }
            for joint in [from, to] {
                let places = &mut all[joint];
                let reach = |place: &Candidate| {
                    // Where no dot is seen, others hide it, and with it the tips of its limbs.
                    let most = if place.dot { 2.2 } else { 2.5 };
                    distance(place.at, end) < most * radius
                };
                match places
                    .iter_mut()
                    .filter(|place| reach(place))
                    .min_by(|a, b| distance(a.at, end).total_cmp(&distance(b.at, end)))
                {
                    Some(place) => {
                        if !place.dot {
                            let weight = place.support;
                            for (own, new) in place.at.iter_mut().zip(end) {
                                *own = (*own * weight + new) / (weight + 1.0);
                            }
                        }
                        place.support += 1.0;
                    }
                    None => places.push(Candidate {
                        at: end,
                        dot: false,
                        support: 1.0,
                    }),
                }
            }
        }
    }
    for places in &mut all {
        // Dots first, then by how much comes together there.
        places.sort_by(|a, b| {
            (b.dot.cmp(&a.dot))
                .then(b.support.total_cmp(&a.support))
                .then(a.at[0].total_cmp(&b.at[0]))
                .then(a.at[1].total_cmp(&b.at[1]))
        });
        places.truncate(MOST_CANDIDATES);
    }
    all
}

/// Whether the same limb is seen again beyond the end of a patch, after something drawn over it:
/// then the patch is a piece, and this end of it is no joint.
fn goes_on(map: &InkMap, limb: u8, centre: Point, end: Point, radius: f64) -> bool {
    let length = distance(centre, end);
    if length < 0.5 {
        return false;
    }
    let along = [(end[0] - centre[0]) / length, (end[1] - centre[1]) / length];
    // Fingers of the same hue are thin: what goes on must go on for a while.
    let enough = radius.ceil().max(2.0) as usize;
    let mut own = 0;
    for step in 2..(8.0 * radius) as usize {
        let t = step as f64;
        match near(map, limb, end[0] + t * along[0], end[1] + t * along[1]) {
            Near::Own => own += 1,
            Near::Ground => return false,
            Near::Hidden => own = 0,
        }
        if own >= enough {
            return true;
        }
    }
    false
}

/// The limbs seen in the picture, best first.
pub fn links(map: &InkMap, all: &[Vec<Candidate>; JOINTS], scale: f64) -> Vec<Link> {
    let mut kept: Vec<Link> = Vec::new();
    for (limb, &(a, b)) in LIMBS.iter().enumerate() {
        let mut found = Vec::new();
        for (from, one) in all[a].iter().enumerate() {
            for (to, other) in all[b].iter().enumerate() {
                let ends = (one.at, other.at);
                if runs_past(&all[a], ends, scale) || runs_past(&all[b], ends, scale) {
                    continue;
                }
                if let Some(score) = evidence(map, limb as u8, one, other, scale) {
                    found.push(Link {
                        limb,
                        from,
                        to,
                        score,
                    });
                }
            }
        }
        found.sort_by(|x, y| {
            y.score
                .total_cmp(&x.score)
                .then((x.from, x.to).cmp(&(y.from, y.to)))
        });
        let first = kept.len();
        for link in found {
            let ends = (all[a][link.from].at, all[b][link.to].at);
            let taken = kept.iter().skip(first).any(|other| {
                other.from == link.from
                    || other.to == link.to
                    || covered(ends, (all[a][other.from].at, all[b][other.to].at), scale)
            });
            if !taken {
                kept.push(link);
            }
        }
    }
    kept.sort_by(|x, y| {
        y.score
            .total_cmp(&x.score)
            .then((x.limb, x.from, x.to).cmp(&(y.limb, y.from, y.to)))
    });
    kept
}

/// How much speaks for a limb between two places; `None` when too little does.
fn evidence(map: &InkMap, limb: u8, a: &Candidate, b: &Candidate, scale: f64) -> Option<f64> {
    let radius = DRAWN_RADIUS * scale;
    let length = distance(a.at, b.at);
    let bonus = |place: &Candidate| {
        let dot = if place.dot { 3.0 } else { 0.0 };
        radius * (dot + 0.5 * place.support.min(3.0))
    };
    if length < 0.5 * radius {
        return None;
    }
    let along = [(b.at[0] - a.at[0]) / length, (b.at[1] - a.at[1]) / length];
    // Dots hide the tips of a limb; of a very short one they hide all.
    let skip = (1.1 * radius).min(0.3 * length);
    let step = (0.4 * radius).max(1.0);
    let steps = (((length - 2.0 * skip) / step).floor() as usize).clamp(2, 4096);
    let (mut own, mut ground, mut total) = (0.0, 0.0, 0.0);
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
                Near::Hidden => {}
            }
        }
    }
    let hidden_by_dots = length < 3.0 * radius && a.dot && b.dot;
    if ground > 0.12 * total || (own < 0.3 * total && !hidden_by_dots) {
        return None;
    }
    // Hidden stretches speak a little against it, or lines would run on under other limbs.
    let hidden = total - own - ground;
    Some(length * (own - 0.1 * hidden - 2.0 * ground) / total + bonus(a) + bonus(b))
}

/// Whether a line runs on past a dot that it should have ended at.
fn runs_past(places: &[Candidate], (from, to): (Point, Point), scale: f64) -> bool {
    let radius = DRAWN_RADIUS * scale;
    places.iter().any(|place| {
        place.dot
            && distance(place.at, from) > 5.0 * radius
            && distance(place.at, to) > 5.0 * radius
            && to_segment(place.at, (from, to)) < 0.75 * radius
    })
}

enum Near {
    Own,
    Ground,
    Hidden,
}

/// What is at a point, within a pixel.
fn near(map: &InkMap, limb: u8, x: f64, y: f64) -> Near {
    let (x, y) = (x.round() as i64, y.round() as i64);
    let mut ground = 0;
    for (dx, dy) in [(0, 0), (1, 0), (-1, 0), (0, 1), (0, -1)] {
        match map.at(x + dx, y + dy) {
            Ink::Limb(colour) if colour == limb => return Near::Own,
            Ink::Black => ground += 1,
            _ => {}
        }
    }
    if ground >= 3 {
        Near::Ground
    } else {
        Near::Hidden
    }
}

/// Whether most of a segment lies on another.
fn covered(one: (Point, Point), other: (Point, Point), scale: f64) -> bool {
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
