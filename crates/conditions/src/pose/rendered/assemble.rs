//! People put together from limbs that share joints.

use super::candidates::{Candidate, Candidates, DIM_DOT, DRAWN_RADIUS};
use super::evidence::Link;
use super::tree::{Part, grow};
use crate::pose::joints::{Body, JOINTS, L_KNEE, NECK, bounds, distance};

/// People found in one picture, points in pixels.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Found {
    /// The people.
    pub people: Vec<Body>,
    /// How well the drawing fits the scheme: limbs that share joints and dots that sit on them.
    pub fit: f64,
}

/// Puts people together from the limbs that may be in the picture.
///
/// `size` is the picture's, pixels.
pub fn people(all: &Candidates, links: Vec<Vec<Link>>, scale: f64, size: [f64; 2]) -> Found {
    let mut parts = grow(all, links, scale);
    weld(&mut parts, all, scale);
    parts.retain(|part| is_seen(part, all));
    gather_fragments(&mut parts, all);
    add_lone_dots(&mut parts, all, scale);
    let fit = parts
        .iter()
        // Limbs that hang together say more than as many scattered ones.
        .map(|part| (part.score.max(0.0) / (DRAWN_RADIUS * scale)).powi(2))
        .sum();
    let mut people: Vec<Body> = parts
        .iter()
        .filter(|part| !is_scrap(part, all, scale))
        .map(|part| body_of(part, all))
        .collect();
    drop_shadows(&mut people, scale);
    for body in &mut people {
        drop_clamped(body, size, scale);
    }
    people.retain(|body| body.iter().flatten().count() >= 3);
    people.sort_by(|a, b| {
        let left = |body: &Body| bounds(body).map_or(0.0, |b| b[0]);
        left(a).total_cmp(&left(b))
    });
    Found { people, fit }
}

/// Joints were hidden and guessed twice: what lies within someone with twice as many joints, or
/// shares the places of several joints with someone better seen, is a piece of that person.
fn drop_shadows(people: &mut Vec<Body>, scale: f64) {
    let count = |body: &Body| body.iter().flatten().count();
    let slack = 3.0 * DRAWN_RADIUS * scale;
    // Best seen first: each is kept unless it is a shadow of one that is kept.
    people.sort_by_key(|body| std::cmp::Reverse(count(body)));
    let mut kept: Vec<Body> = Vec::new();
    for body in people.drain(..) {
        let Some([l, t, r, b]) = bounds(&body) else {
            continue;
        };
        let shadow = kept.iter().any(|other| {
            let within = bounds(other).is_some_and(|[ol, ot, or, ob]| {
                l > ol - slack && t > ot - slack && r < or + slack && b < ob + slack
            });
            let same = body
                .iter()
                .zip(other)
                .filter(|(a, b)| match (a, b) {
                    (Some(a), Some(b)) => distance(*a, *b) < slack,
                    _ => false,
                })
                .count();
            (within && count(other) >= 2 * count(&body)) || (same >= 2 && 4 * same >= count(&body))
        });
        if !shadow {
            kept.push(body);
        }
    }
    *people = kept;
}

/// Estimators clamp what lies outside to the edge of the picture: a joint on the very edge is
/// not known.
fn drop_clamped(body: &mut Body, size: [f64; 2], scale: f64) {
    let margin = 0.75 * DRAWN_RADIUS * scale;
    for point in body.iter_mut() {
        *point = point
            .filter(|p| (0..2).all(|axis| p[axis] > margin && p[axis] < size[axis] - 1.0 - margin));
    }
}

/// Whether a part is too little to be a person: two joints, or a few close together, as the
/// colours of the fingers of a drawn hand can make them.
fn is_scrap(part: &Part, all: &Candidates, scale: f64) -> bool {
    let count = part.joints.iter().flatten().count();
    let size = bounds(&body_of(part, all)).map_or(0.0, |[l, t, r, b]| (r - l).max(b - t));
    count < 3 || (count < 7 && size < 20.0 * DRAWN_RADIUS * scale)
}

/// Whether enough of a part's dots are seen. They are drawn over everything but later dots, so
/// that a body without them was put together from the limbs of others.
fn is_seen(part: &Part, all: &Candidates) -> bool {
    let dots = joints(part, all).filter(|(_, c)| c.dot >= DIM_DOT).count();
    3 * dots >= part.joints.iter().flatten().count()
}

fn joints<'a>(part: &'a Part, all: &'a Candidates) -> impl Iterator<Item = (usize, &'a Candidate)> {
    part.joints
        .iter()
        .enumerate()
        .filter_map(|(joint, index)| Some((joint, all[joint].get((*index)?)?)))
}

fn compatible(one: &Part, other: &Part) -> bool {
    one.joints
        .iter()
        .zip(&other.joints)
        .all(|(a, b)| a.is_none() || b.is_none() || a == b)
}

fn merge(into: &mut Part, from: &Part) {
    for (own, other) in into.joints.iter_mut().zip(&from.joints) {
        *own = own.or(*other);
    }
    into.limbs += from.limbs;
    into.score += from.score;
}

fn body_of(part: &Part, all: &Candidates) -> Body {
    let mut body = [None; JOINTS];
    for (joint, candidate) in joints(part, all) {
        body[joint] = Some(candidate.at);
    }
    body
}

/// Parts that meet at a joint whose dot is hidden, so that its place was guessed twice, are one
/// person.
fn weld(parts: &mut Vec<Part>, all: &Candidates, scale: f64) {
    let reach = 4.0 * DRAWN_RADIUS * scale;
    let mut one = 0;
    while one < parts.len() {
        let meets = |other: &Part| {
            let mut shared = 0;
            let small = [&parts[one], other]
                .into_iter()
                .any(|part| part.joints.iter().flatten().count() <= 4);
            let close =
                (0..JOINTS).all(
                    |joint| match (parts[one].joints[joint], other.joints[joint]) {
                        (Some(a), Some(b)) => {
                            shared += 1;
                            let (a, b) = (&all[joint][a], &all[joint][b]);
                            // A finger drawn across a dot cuts it in two.
                            let reach = match (a.dot > 0.3 && b.dot > 0.3, small) {
                                (false, _) => reach,
                                (true, true) => 0.75 * reach,
                                (true, false) => 0.0,
                            };
                            distance(a.at, b.at) < reach
                        }
                        _ => true,
                    },
                );
            close && shared > 0
        };
        let partner = (one + 1..parts.len()).find(|&other| meets(&parts[other]));
        let Some(other) = partner else {
            one += 1;
            continue;
        };
        let moved = parts.remove(other);
        for (joint, candidate) in moved.joints.iter().enumerate() {
            let Some(new) = candidate else { continue };
            let better = |own: usize| {
                let (own, new) = (&all[joint][own], &all[joint][*new]);
                (new.dot, new.support) > (own.dot, own.support)
            };
            match parts[one].joints[joint] {
                Some(own) if !better(own) => {}
                _ => parts[one].joints[joint] = Some(*new),
            }
        }
        parts[one].limbs += moved.limbs;
        parts[one].score += moved.score;
    }
}

/// Parts without a neck (a head whose neck is out of frame, a forearm whose elbow was not drawn)
/// join the person they lie nearest to, if that person lacks those joints.
fn gather_fragments(parts: &mut Vec<Part>, all: &Candidates) {
    let mut at = 0;
    while at < parts.len() {
        if parts[at].joints[NECK].is_some() {
            at += 1;
            continue;
        }
        let own = body_of(&parts[at], all);
        let home = parts
            .iter()
            .enumerate()
            .filter(|(index, part)| {
                *index != at && part.joints[NECK].is_some() && compatible(part, &parts[at])
            })
            .filter_map(|(index, part)| {
                let body = body_of(part, all);
                let [l, t, r, b] = bounds(&body)?;
                let size = (r - l).max(b - t);
                let gap = own
                    .iter()
                    .flatten()
                    .flat_map(|p| body.iter().flatten().map(move |q| distance(*p, *q)))
                    .min_by(f64::total_cmp)?;
                (gap < 0.35 * size).then_some((index, gap))
            })
            .min_by(|a, b| a.1.total_cmp(&b.1));
        match home {
            Some((index, _)) => {
                let moved = parts.remove(at);
                let index = if index > at { index - 1 } else { index };
                merge(&mut parts[index], &moved);
            }
            None => at += 1,
        }
    }
}

/// Dots that no limb reaches (a hand whose elbow is out of frame) belong to the nearest person
/// who lacks that joint. Blue dots are left out: hands are drawn with the left knee's colour.
fn add_lone_dots(parts: &mut [Part], all: &Candidates, scale: f64) {
    for (joint, places) in all.iter().enumerate() {
        if joint == L_KNEE {
            continue;
        }
        for (index, place) in places
            .iter()
            .enumerate()
            .filter(|(_, place)| place.dot > 0.4)
        {
            if parts.iter().any(|part| part.joints[joint] == Some(index)) {
                continue;
            }
            let home = parts
                .iter_mut()
                .filter(|part| part.limbs >= 3 && part.joints[joint].is_none())
                .filter_map(|part| {
                    let body = body_of(part, all);
                    let [l, t, r, b] = bounds(&body)?;
                    let size = (r - l).max(b - t).max(8.0 * DRAWN_RADIUS * scale);
                    let gap = body
                        .iter()
                        .flatten()
                        .map(|p| distance(*p, place.at))
                        .min_by(f64::total_cmp)?;
                    (gap < 0.3 * size).then_some((part, gap))
                })
                .min_by(|a, b| a.1.total_cmp(&b.1));
            if let Some((part, _)) = home {
                part.joints[joint] = Some(index);
            }
        }
    }
}
