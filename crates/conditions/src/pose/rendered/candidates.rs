//! Where joints may be.
//!
//! Every dot is a possible joint, and so is each end of every limb patch, for the dots that
//! compression or other people hide.

use super::blobs::Blob;
use super::palette::{Ink, InkMap};
use crate::pose::joints::{JOINTS, LIMBS, Point, distance, midway};

/// A place where a joint may be.
#[derive(Debug, Clone, PartialEq)]
pub struct Candidate {
    /// Where, pixels.
    pub at: Point,
    /// How much of a dot of the joint's colour is seen there, 0–1; 0 where none is.
    pub dot: f64,
    /// How many ends of fitting limbs come together there.
    pub support: f64,
    /// Which limbs these are: bit `i` for limb `i`.
    pub limbs: u32,
}

/// The places where each joint may be, by joint.
pub type Candidates = [Vec<Candidate>; JOINTS];

/// The radius of dots and half-width of limbs at the size they are drawn at.
pub const DRAWN_RADIUS: f64 = 4.0;
/// The most candidates of one joint: more are clutter.
const MOST_CANDIDATES: usize = 48;
/// Blue and purple: the knee and the ankle of the left leg.
const DARK: std::ops::RangeInclusive<u8> = 12..=13;
/// The colour that only a joint has, no limb: dark patches of it are dots too.
const NO_LIMB: u8 = 17;
/// What a dot counts that is as dark as limbs are: below what counts as a dot by itself.
pub const DIM_DOT: f64 = 0.25;
/// Dots of which less is seen are looked at more closely: their middle is not that of what is
/// seen of them.
const WHOLE_DOT: f64 = 0.5;

/// How large the skeleton is drawn, relative to a dot radius of 4 pixels; `None` when nothing
/// looks like a limb.
pub fn scale(blobs: &[Blob]) -> Option<f64> {
    let mut widths: Vec<(f64, f64)> = blobs
        .iter()
        .filter(|blob| matches!(blob.ink, Ink::Limb(_)))
        .filter(|blob| blob.half_width >= 1.0 && blob.half_length > 2.5 * blob.half_width)
        .map(|blob| (blob.half_width, blob.area))
        .collect();
    let limbs = weighted_median(&mut widths).map(|width| width / DRAWN_RADIUS);
    // People far away have limbs as short as they are wide; their dots are still round.
    let mut radii: Vec<(f64, f64)> = blobs
        .iter()
        .filter(|blob| matches!(blob.ink, Ink::Dot(_)))
        .filter(|blob| blob.half_width >= 1.0 && blob.half_length < 1.25 * blob.half_width)
        .map(|blob| (blob.half_length, blob.area))
        .collect();
    let dots = weighted_median(&mut radii).map(|radius| radius / DRAWN_RADIUS);
    match (limbs, dots) {
        // Pieces of limbs seen between others are narrower than limbs, dots never too wide.
        (Some(limbs), Some(dots)) if limbs < 0.8 * dots && dots < 2.0 * limbs => Some(dots),
        (limbs, dots) => limbs.or(dots),
    }
    .map(|scale| scale.clamp(0.25, 8.0))
}

/// The value at which half of the weight is reached, of pairs of value and weight.
fn weighted_median(values: &mut [(f64, f64)]) -> Option<f64> {
    values.sort_by(|a, b| a.0.total_cmp(&b.0));
    let total: f64 = values.iter().map(|value| value.1).sum();
    let mut sofar = 0.0;
    values
        .iter()
        .find(|value| {
            sofar += value.1;
            sofar >= 0.5 * total
        })
        .map(|value| value.0)
}

/// The places where each joint may be.
pub fn candidates(map: &InkMap, blobs: &[Blob], scale: f64) -> Candidates {
    let radius = DRAWN_RADIUS * scale;
    let mut all: Candidates = std::array::from_fn(|_| Vec::new());
    add_dots(&mut all, map, blobs, radius);
    add_dim_dots(&mut all, blobs, radius);
    add_ends(&mut all, map, blobs, radius);
    for (joint, places) in all.iter_mut().enumerate() {
        places.retain(|place| {
            place.dot > 0.0
                || place.limbs.count_ones() > 1
                || is_covered(map, joint as u8, place.at, radius)
        });
    }
    add_covered(&mut all);
    for places in &mut all {
        // Blue dots of hands are many, but no limb ends on them.
        places.sort_by(|a, b| {
            let worth = |place: &Candidate| 2.0 * place.dot + place.support;
            (worth(b).total_cmp(&worth(a)))
                .then(a.at[0].total_cmp(&b.at[0]))
                .then(a.at[1].total_cmp(&b.at[1]))
        });
        places.truncate(MOST_CANDIDATES);
    }
    all
}

/// The area of a dot, square pixels.
fn disc(radius: f64) -> f64 {
    std::f64::consts::PI * (radius + 0.5) * (radius + 0.5)
}

fn add_dots(all: &mut Candidates, map: &InkMap, blobs: &[Blob], radius: f64) {
    let disc = disc(radius);
    // The largest first: pieces of a dot cut in two join the larger.
    let mut dots: Vec<(&Blob, u8)> = blobs
        .iter()
        .filter_map(|blob| match blob.ink {
            Ink::Dot(colour) | Ink::Limb(colour @ NO_LIMB) => Some((blob, colour)),
            _ => None,
        })
        .filter(|(blob, _)| {
            (0.15 * disc..=2.2 * disc).contains(&blob.area)
                && blob.half_length < 3.0 * blob.half_width.max(0.5 * radius)
                && blob.half_width > 0.25 * radius
        })
        .collect();
    dots.sort_by(|a, b| b.0.area.total_cmp(&a.0.area));
    for (blob, colour) in dots {
        let Some(places) = all.get_mut(usize::from(colour)) else {
            continue;
        };
        let share = (blob.area / disc).min(1.0);
        let round = blob.half_length < 1.25 * blob.half_width;
        if let Some(near) = places
            .iter_mut()
            .find(|near| distance(near.at, blob.centre) < 1.5 * radius)
        {
            if near.dot < WHOLE_DOT {
                near.at = fitted(map, colour, midway(near.at, blob.centre), radius).0;
                near.dot = (near.dot + share).min(1.0);
            }
            continue;
        }
        let at = if share > WHOLE_DOT && round {
            blob.centre
        } else {
            let (at, fit) = fitted(map, colour, blob.centre, radius);
            // Thin lines of fingers fill no disc.
            if fit <= 0.0 {
                continue;
            }
            at
        };
        places.push(Candidate {
            at,
            dot: share,
            support: 0.0,
            limbs: 0,
        });
    }
}

/// Rough compression darkens blue and purple dots until they are as dark as limbs: a round patch
/// may be a dot, where a limb ends on it.
fn add_dim_dots(all: &mut Candidates, blobs: &[Blob], radius: f64) {
    let disc = disc(radius);
    for blob in blobs {
        let Ink::Limb(colour) = blob.ink else {
            continue;
        };
        let round = blob.half_length < 1.6 * blob.half_width && DARK.contains(&colour);
        if !round || !(0.5 * disc..=1.6 * disc).contains(&blob.area) {
            continue;
        }
        let Some(places) = all.get_mut(usize::from(colour)) else {
            continue;
        };
        let known = |place: &Candidate| distance(place.at, blob.centre) < 1.5 * radius;
        if !places.iter().any(known) {
            places.push(Candidate {
                at: blob.centre,
                dot: DIM_DOT,
                support: 0.0,
                limbs: 0,
            });
        }
    }
}

/// Where a dot lies of which only a part is seen: so that it holds what is seen of it, and the
/// rest of it lies under what is drawn later. Dots are drawn in order, over all limbs. Also how
/// well it fits, as a share of a whole dot.
fn fitted(map: &InkMap, colour: u8, near: Point, radius: f64) -> (Point, f64) {
    let reach = (2.0 * radius).ceil() as i64 + 1;
    let (left, top) = (near[0].round() as i64, near[1].round() as i64);
    // What speaks for or against a pixel's lying in the disc, and for its lying outside.
    let mut pixels: Vec<(f64, f64, f64)> = Vec::new();
    for y in top - reach..=top + reach {
        for x in left - reach..=left + reach {
            let weight = match map.at(x, y) {
                Ink::Dot(other) if other == colour => 1.0,
                Ink::Dot(other) if other > colour => continue,
                Ink::Other => continue,
                Ink::Dot(_) | Ink::Limb(_) => -0.5,
                Ink::Black => -1.0,
            };
            pixels.push((x as f64, y as f64, weight));
        }
    }
    let square = (radius + 0.3) * (radius + 0.3);
    let fit = |at: Point| -> f64 {
        let inside = pixels
            .iter()
            .filter(|(x, y, _)| (x - at[0]).powi(2) + (y - at[1]).powi(2) <= square);
        inside.map(|(_, _, weight)| weight).sum()
    };
    // Coarsely first, then finely about the best place.
    let (mut best, mut best_at) = (f64::NEG_INFINITY, near);
    for (steps, step) in [(2, 0.5 * radius), (1, 0.25 * radius), (2, 0.125 * radius)] {
        let middle = best_at;
        let mut equal = 1.0;
        for dy in -steps..=steps {
            for dx in -steps..=steps {
                let at = [
                    middle[0] + f64::from(dx) * step,
                    middle[1] + f64::from(dy) * step,
                ];
                let fit = fit(at);
                // Of places that fit equally well, the middle.
                if fit > best + 1e-9 {
                    (best, best_at, equal) = (fit, at, 1.0);
                } else if fit > best - 1e-9 {
                    equal += 1.0;
                    for (own, new) in best_at.iter_mut().zip(at) {
                        *own += (new - *own) / equal;
                    }
                }
            }
        }
    }
    (best_at, best / disc(radius))
}

fn add_ends(all: &mut Candidates, map: &InkMap, blobs: &[Blob], radius: f64) {
    let disc = disc(radius);
    for blob in blobs {
        let Ink::Limb(limb) = blob.ink else { continue };
        let Some(&(from, to)) = LIMBS.get(usize::from(limb)) else {
            continue;
        };
        // Fingers are drawn two pixels wide, rings around dots are narrower still.
        if blob.area < 0.25 * disc || blob.half_width < 0.35 * radius {
            continue;
        }
        for tip in blob.ends {
            if goes_on(map, limb, blob.centre, tip, radius) {
                continue;
            }
            let end = beyond(map, blob.centre, tip, radius);
            for joint in [from, to] {
                let places = &mut all[joint];
                let reach = |place: &Candidate| {
                    // Where no dot is seen, others hide it, and with it the tips of its limbs.
                    let most = if place.dot > 0.0 { 2.2 } else { 2.5 };
                    distance(place.at, end).min(distance(place.at, tip)) < most * radius
                };
                match places
                    .iter_mut()
                    .filter(|place| reach(place))
                    .min_by(|a, b| distance(a.at, end).total_cmp(&distance(b.at, end)))
                {
                    Some(place) => {
                        if place.dot == 0.0 {
                            let weight = place.support;
                            for (own, new) in place.at.iter_mut().zip(end) {
                                *own = (*own * weight + new) / (weight + 1.0);
                            }
                        }
                        place.support += 1.0;
                        place.limbs |= 1 << limb;
                    }
                    None => places.push(Candidate {
                        at: end,
                        dot: 0.0,
                        support: 1.0,
                        limbs: 1 << limb,
                    }),
                }
            }
        }
    }
}

/// Whether a dot of a joint may lie hidden at a place: dots are drawn over all limbs, in order,
/// so only later dots hide them, and the white ones of faces. Compression shifts hues by one
/// colour, so the dot itself may pass for its neighbour.
fn is_covered(map: &InkMap, joint: u8, at: Point, radius: f64) -> bool {
    let reach = (0.7 * radius).ceil() as i64;
    let (x, y) = (at[0].round() as i64, at[1].round() as i64);
    let (mut over, mut all) = (0, 0);
    for dy in -reach..=reach {
        for dx in -reach..=reach {
            all += 1;
            over += match map.at(x + dx, y + dy) {
                Ink::Dot(other) if other + 1 >= joint => 1,
                Ink::Other => 1,
                _ => 0,
            };
        }
    }
    2 * over >= all
}

/// Where fewer dots of a joint are seen than of others, the missing ones lie under later dots:
/// each of those is a place to look at.
fn add_covered(all: &mut Candidates) {
    let dots = |places: &[Candidate]| places.iter().filter(|place| place.dot > 0.3).count();
    let mut counts = all.each_ref().map(|places| dots(places));
    counts.sort_unstable();
    // The colours of hands are many: most joints tell how many people there are.
    let people = counts[3 * JOINTS / 4];
    for joint in 0..JOINTS {
        if dots(&all[joint]) >= people {
            continue;
        }
        let covers: Vec<Point> = all
            .iter()
            .skip(joint + 1)
            .flatten()
            .filter(|place| place.dot > 0.5)
            .map(|place| place.at)
            .take(MOST_CANDIDATES)
            .collect();
        for at in covers {
            all[joint].push(Candidate {
                at,
                dot: 0.0,
                support: 0.0,
                limbs: 0,
            });
        }
    }
}

/// Where the joint at the end of a limb patch lies: a dot hides the limb's tip, so when
/// something is drawn where the tip would be, the joint lies a dot's radius on.
fn beyond(map: &InkMap, centre: Point, tip: Point, radius: f64) -> Point {
    let length = distance(centre, tip);
    if length < 0.5 {
        return tip;
    }
    let along = [(tip[0] - centre[0]) / length, (tip[1] - centre[1]) / length];
    let mut end = tip;
    for step in 1..=(radius.round() as i32) {
        let next = [
            tip[0] + f64::from(step) * along[0],
            tip[1] + f64::from(step) * along[1],
        ];
        if map.at(next[0].round() as i64, next[1].round() as i64) == Ink::Black {
            break;
        }
        end = next;
    }
    end
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
            Near::Over | Near::Under => own = 0,
        }
        if own >= enough {
            return true;
        }
    }
    false
}

/// What is seen where a limb may be.
pub enum Near {
    /// The limb's own colour.
    Own,
    /// Nothing.
    Ground,
    /// Something that may be drawn over it.
    Over,
    /// A limb that is drawn before it, and so cannot hide it on the same body.
    Under,
}

/// What is at a point, within a pixel.
pub fn near(map: &InkMap, limb: u8, x: f64, y: f64) -> Near {
    let (x, y) = (x.round() as i64, y.round() as i64);
    if map.at(x, y) == Ink::Limb(limb) {
        return Near::Own;
    }
    let mut ground = 0;
    let mut under = 0;
    for (dx, dy) in [(0, 0), (1, 0), (-1, 0), (0, 1), (0, -1)] {
        match map.at(x + dx, y + dy) {
            Ink::Limb(colour) if colour == limb => return Near::Own,
            Ink::Black => ground += 1,
            // Compression shifts hues by one colour.
            Ink::Limb(colour) if colour + 1 < limb => under += 1,
            _ => {}
        }
    }
    if ground >= 3 {
        Near::Ground
    } else if under >= 3 {
        Near::Under
    } else {
        Near::Over
    }
}
