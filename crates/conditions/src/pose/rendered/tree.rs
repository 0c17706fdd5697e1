//! Bodies grown from the neck, limb by limb, so that all of a body's limbs together are seen
//! best.
//!
//! The limbs form a tree, so the best body for each place of the neck is found exactly, from
//! the wrists, ankles and ears inwards (max-sum on a tree, as pictorial structures do it;
//! Felzenszwalb and Huttenlocher, “Pictorial Structures for Object Recognition”, section 3). The
//! best body of all is taken, then the best of what is left.

use super::candidates::{Candidate, Candidates, DRAWN_RADIUS};
use super::evidence::{Link, covered};
use crate::pose::joints::{JOINTS, LIMBS, NECK, Point};

/// A limb's number and its two ends.
type Segment = (usize, (Point, Point));

/// A person in the making: which candidate each joint is.
#[derive(Debug, Clone)]
pub struct Part {
    /// The candidate of each joint.
    pub joints: [Option<usize>; JOINTS],
    /// How many limbs hold them together.
    pub limbs: usize,
    /// How much of limbs and dots is seen, pixels of limb.
    pub score: f64,
}

/// What a dot that is wholly seen counts, in dot radii of limb.
const DOT: f64 = 6.0;
/// What the end of a limb counts, in dot radii of limb.
const END: f64 = 0.5;
/// What counts against a place where nothing is seen, in dot radii of limb.
const GUESS: f64 = 1.0;
/// No picture holds more bodies.
const MOST_PARTS: usize = 64;

/// Bodies and pieces of bodies, best first. No place is used twice.
pub fn grow(all: &Candidates, mut links: Vec<Vec<Link>>, scale: f64) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut taken: [Vec<bool>; JOINTS] = std::array::from_fn(|joint| {
        all.get(joint)
            .map_or(Vec::new(), |places| vec![false; places.len()])
    });
    // Bodies grow from necks first; what has none grows from wherever it is seen best.
    for from in [From::Neck, From::HiddenNeck, From::Anywhere] {
        while parts.len() < MOST_PARTS {
            let best = Best::of(all, &links, scale);
            let Some(root) = best.root(all, &taken, from) else {
                break;
            };
            let (part, segments) = best.body(root, all);
            if part.limbs == 0 {
                break;
            }
            for (joint, place) in part.joints.iter().enumerate() {
                if let Some(place) = place
                    && let Some(taken) = taken.get_mut(joint).and_then(|t| t.get_mut(*place))
                {
                    *taken = true;
                }
            }
            // What is left must not use the same places, nor run where the body's limbs run.
            for (limb, (links, (a, b))) in links.iter_mut().zip(LIMBS).enumerate() {
                let is_taken = |joint: usize, at: usize| taken[joint].get(at) == Some(&true);
                links.retain(|link| {
                    if is_taken(a, link.from) || is_taken(b, link.to) {
                        return false;
                    }
                    let (Some(from), Some(to)) = (all[a].get(link.from), all[b].get(link.to))
                    else {
                        return false;
                    };
                    !segments.iter().any(|(other, segment)| {
                        *other == limb && covered((from.at, to.at), *segment, scale)
                    })
                });
            }
            parts.push(part);
        }
    }
    parts
}

/// What bodies are grown from.
#[derive(Clone, Copy, PartialEq, Eq)]
enum From {
    /// A neck that is seen, or where at least two limbs meet.
    Neck,
    /// The end of one limb that may be a neck.
    HiddenNeck,
    /// Any other joint.
    Anywhere,
}

/// For every place of every joint, the best that can hang on it.
struct Best {
    /// By joint and place: what all that hangs on it counts.
    scores: [Vec<f64>; JOINTS],
    /// By limb and place of its first joint: the place of its second joint.
    choices: Vec<Vec<Option<usize>>>,
    /// By joint and place: how many limbs hang on it.
    limbs: [Vec<usize>; JOINTS],
}

impl Best {
    fn of(all: &Candidates, links: &[Vec<Link>], scale: f64) -> Self {
        let radius = DRAWN_RADIUS * scale;
        let own = |place: &Candidate| {
            if place.dot == 0.0 && place.support == 0.0 {
                return -GUESS * radius;
            }
            radius * (DOT * place.dot + END * place.support.min(3.0))
        };
        let mut scores: [Vec<f64>; JOINTS] = std::array::from_fn(|joint| {
            all.get(joint)
                .map_or(Vec::new(), |places| places.iter().map(own).collect())
        });
        let mut limbs: [Vec<usize>; JOINTS] =
            std::array::from_fn(|joint| vec![0; scores[joint].len()]);
        let mut choices = vec![Vec::new(); LIMBS.len()];
        // Limbs are listed from the neck outwards.
        for (limb, (a, b)) in LIMBS.into_iter().enumerate().rev() {
            let mut best: Vec<Option<(f64, usize)>> = vec![None; scores[a].len()];
            for link in links.get(limb).into_iter().flatten() {
                let Some(far) = scores[b].get(link.to) else {
                    continue;
                };
                let score = link.score + far;
                if let Some(best) = best.get_mut(link.from)
                    && score > best.map_or(0.0, |(score, _)| score)
                {
                    *best = Some((score, link.to));
                }
            }
            for (from, found) in best.iter().enumerate() {
                if let Some((score, to)) = found {
                    scores[a][from] += score;
                    limbs[a][from] += 1 + limbs[b][*to];
                }
            }
            choices[limb] = best.into_iter().map(|found| Some(found?.1)).collect();
        }
        Self {
            scores,
            choices,
            limbs,
        }
    }

    /// The joint and place that a body is best grown from.
    fn root(
        &self,
        all: &Candidates,
        taken: &[Vec<bool>; JOINTS],
        from: From,
    ) -> Option<(usize, usize)> {
        let neck = |place: usize| {
            let place = all[NECK].get(place);
            place.is_some_and(|place| place.dot > 0.2 || place.limbs.count_ones() > 1)
        };
        (0..JOINTS)
            .filter(|joint| (from != From::Anywhere) == (*joint == NECK))
            .flat_map(|joint| (0..self.scores[joint].len()).map(move |place| (joint, place)))
            .filter(|(joint, place)| {
                let least = match from {
                    From::Neck => 2,
                    From::HiddenNeck => 4,
                    From::Anywhere => 1,
                };
                (from != From::Neck || neck(*place))
                    && self.limbs[*joint][*place] >= least
                    && taken[*joint].get(*place) == Some(&false)
            })
            .max_by(|a, b| self.scores[a.0][a.1].total_cmp(&self.scores[b.0][b.1]))
    }

    /// The body on a root, and where its limbs run.
    fn body(&self, (joint, place): (usize, usize), all: &Candidates) -> (Part, Vec<Segment>) {
        let mut part = Part {
            joints: [None; JOINTS],
            limbs: 0,
            score: self.scores[joint].get(place).copied().unwrap_or(0.0),
        };
        let mut segments = Vec::new();
        part.joints[joint] = Some(place);
        for (limb, (a, b)) in LIMBS.into_iter().enumerate() {
            let Some(from) = part.joints[a] else { continue };
            let Some(to) = self.choices[limb].get(from).copied().flatten() else {
                continue;
            };
            part.joints[b] = Some(to);
            part.limbs += 1;
            if let (Some(from), Some(to)) = (all[a].get(from), all[b].get(to)) {
                segments.push((limb, (from.at, to.at)));
            }
        }
        (part, segments)
    }
}
