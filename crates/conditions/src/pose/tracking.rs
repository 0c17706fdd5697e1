//! Who is who from frame to frame.
//!
//! Each frame's people are paired with the tracks so far so that the joints lie nearest to
//! where the tracks' own motion would take them, all pairs together (SORT, Bewley et al. 2016,
//! with keypoints in place of boxes). Nothing of looks is used: drawings look alike.

use super::assignment::assign;
use super::joints::{Body, JOINTS, L_HIP, L_SHOULDER, NECK, Point, R_HIP, R_SHOULDER, bounds};
use super::pieces;

/// One person's way through the clip.
#[derive(Debug, Clone, PartialEq)]
pub struct Track {
    /// Frame numbers and points (shares of the canvas), ascending.
    pub sightings: Vec<(usize, Body)>,
}

/// A person may be hidden this long and still be the same, seconds.
const LONGEST_GAP_S: f64 = 1.0;
/// Joints may be this far from where they are expected, as a share of the body's size.
const REACH: f64 = 0.35;
/// How much further a joint may be for every second out of sight, in body sizes.
const REACH_PER_SECOND: f64 = 1.0;
/// How much it counts against a pair that joints are seen in only one of the two, body sizes.
const MISSING: f64 = 0.3;
/// What it costs to leave somebody unpaired, body sizes.
const UNPAIRED: f64 = 0.7;
/// A single joint counts at most so much, body sizes: a slip is not somebody else.
const FARTHEST_JOINT: f64 = 0.5;
/// A joint is remembered so long after it was last seen, seconds.
const MEMORY_S: f64 = 0.5;
/// Speed is measured over this time, seconds.
const SPEED_OVER_S: f64 = 0.3;
/// Tracks seen in fewer frames are slips of the estimator, in clips that are longer.
const LEAST_SIGHTINGS: usize = 3;
/// Joints that go where the body goes.
const TORSO: [usize; 5] = [NECK, R_SHOULDER, L_SHOULDER, R_HIP, L_HIP];

/// Tells the people of a clip apart. Tracks come left to right by first appearance. `aspect`
/// is width over height: distances are in units of the canvas height. With `drawn`, the people
/// were put together from drawings, which mixes up and tears apart those who overlap: joints
/// are given back to whom they belong, and pieces joined to their person.
pub fn track(frames: &[(f64, Vec<Body>)], aspect: f64, drawn: bool) -> Vec<Track> {
    let mut runners: Vec<Runner> = Vec::new();
    let mut done: Vec<Track> = Vec::new();
    for (number, (time_s, people)) in frames.iter().enumerate() {
        let (gone, running): (Vec<_>, Vec<_>) = runners
            .into_iter()
            .partition(|runner| time_s - runner.seen_s > LONGEST_GAP_S);
        done.extend(gone.into_iter().map(|runner| runner.track));
        runners = running;
        let expected: Vec<Expected> = runners.iter().map(|one| one.expect(*time_s)).collect();
        let costs: Vec<Vec<f64>> = runners
            .iter()
            .zip(&expected)
            .map(|(runner, expected)| {
                let new = runner.track.sightings.len() < LEAST_SIGHTINGS;
                let doubt = if new { MISSING } else { 0.0 };
                people
                    .iter()
                    .map(|body| cost(expected, body, aspect).map_or(f64::NAN, |cost| cost + doubt))
                    .collect()
            })
            .collect();
        let mut people = people.clone();
        let mut pairs = assign(&costs, UNPAIRED);
        if drawn {
            let taken: Vec<(usize, usize)> = pairs
                .iter()
                .enumerate()
                .filter_map(|(at, who)| Some((at, (*who)?)))
                .collect();
            give_back(&mut people, &taken, &expected, aspect);
            join_pieces(&mut people, &mut pairs, &expected, aspect);
        }
        let mut placed = vec![false; people.len()];
        for (runner, who) in runners.iter_mut().zip(&pairs) {
            if let Some(who) = who
                && let (Some(body), Some(placed)) = (people.get(*who), placed.get_mut(*who))
            {
                runner.follow(number, *time_s, *body);
                *placed = true;
            }
        }
        for (body, placed) in people.iter().zip(placed) {
            if !placed && body.iter().any(Option::is_some) {
                runners.push(Runner::new(number, *time_s, *body));
            }
        }
    }
    done.extend(runners.into_iter().map(|runner| runner.track));
    let mut tracks = done;
    if drawn {
        pieces::join(&mut tracks);
    }
    pieces::drop_echoes(&mut tracks);
    let flickers = |track: &Track| match (track.sightings.first(), track.sightings.last()) {
        (Some((first, _)), Some((last, _))) => 5 * track.sightings.len() < 2 * (last - first + 1),
        _ => true,
    };
    if !tracks.iter().all(flickers) {
        tracks.retain(|track| !flickers(track));
    }
    if frames.len() >= 4 * LEAST_SIGHTINGS {
        let keep = |track: &Track| track.sightings.len() >= LEAST_SIGHTINGS;
        if tracks.iter().any(keep) {
            tracks.retain(keep);
        }
    }
    tracks.sort_by(|a, b| {
        let key = |track: &Track| {
            track
                .sightings
                .first()
                .map(|(frame, body)| (*frame, bounds(body).map_or(0.0, |b| b[0] + b[2])))
                .unwrap_or((usize::MAX, 0.0))
        };
        let (a, b) = (key(a), key(b));
        a.0.cmp(&b.0).then(a.1.total_cmp(&b.1))
    });
    tracks
}

/// A track that may go on.
struct Runner {
    track: Track,
    /// When the person was last seen.
    seen_s: f64,
    /// Where each joint was last seen, and when.
    joints: [Option<(f64, Point)>; JOINTS],
    /// The last few times and places of the body's middle.
    places: Vec<(f64, Body)>,
    /// Shares of the canvas a second.
    speed: Point,
}

/// What a track is expected to look like now.
struct Expected {
    body: Body,
    unseen_s: f64,
}

impl Runner {
    fn new(number: usize, time_s: f64, body: Body) -> Self {
        let mut runner = Self {
            track: Track {
                sightings: Vec::new(),
            },
            seen_s: time_s,
            joints: [None; JOINTS],
            places: Vec::new(),
            speed: [0.0; 2],
        };
        runner.follow(number, time_s, body);
        runner
    }

    fn follow(&mut self, number: usize, time_s: f64, body: Body) {
        self.track.sightings.push((number, body));
        self.seen_s = time_s;
        for (joint, point) in self.joints.iter_mut().zip(body) {
            *joint = point.map(|point| (time_s, point)).or(*joint);
        }
        self.places
            .retain(|(then_s, _)| time_s - then_s <= SPEED_OVER_S);
        if let Some(speed) = self
            .places
            .first()
            .and_then(|(then_s, before)| travelled(before, &body, time_s - then_s))
        {
            self.speed = speed;
        }
        self.places.push((time_s, body));
    }

    /// The body as a whole goes on as it went; single joints are too noisy to extrapolate.
    fn expect(&self, now_s: f64) -> Expected {
        Expected {
            body: self.joints.map(|joint| {
                let (then_s, at) = joint.filter(|(then_s, _)| self.seen_s - then_s <= MEMORY_S)?;
                let ahead = now_s - then_s;
                Some([at[0] + self.speed[0] * ahead, at[1] + self.speed[1] * ahead])
            }),
            unseen_s: now_s - self.seen_s,
        }
    }
}

/// How a body moved between two times, shares of the canvas a second: the median of its torso's
/// joints, or of all where too few of these are seen.
fn travelled(before: &Body, after: &Body, seconds: f64) -> Option<Point> {
    if seconds <= 0.0 {
        return None;
    }
    let moved = |joints: &mut dyn Iterator<Item = usize>| -> Vec<Point> {
        joints
            .filter_map(|joint| Some((before[joint]?, after[joint]?)))
            .map(|(from, to)| [(to[0] - from[0]) / seconds, (to[1] - from[1]) / seconds])
            .collect()
    };
    let mut moves = moved(&mut TORSO.into_iter());
    if moves.len() < 3 {
        moves = moved(&mut (0..JOINTS));
    }
    let median = |axis: usize| {
        let mut values: Vec<f64> = moves.iter().map(|point| point[axis]).collect();
        values.sort_by(f64::total_cmp);
        values.get(values.len() / 2).copied()
    };
    Some([median(0)?, median(1)?])
}

/// The larger side of a body's box, in canvas heights.
fn size(body: &Body, aspect: f64) -> Option<f64> {
    bounds(body).map(|[l, t, r, b]| ((r - l) * aspect).max(b - t).max(0.02))
}

/// How far two points lie apart, in canvas heights.
fn apart(a: Point, b: Point, aspect: f64) -> f64 {
    ((a[0] - b[0]) * aspect).hypot(a[1] - b[1])
}

/// Mean joint distance in body sizes; `None` beyond reach or without shared joints.
fn cost(expected: &Expected, body: &Body, aspect: f64) -> Option<f64> {
    let scale = size(&expected.body, aspect)?.max(size(body, aspect)?);
    let reach = REACH + REACH_PER_SECOND * expected.unseen_s;
    let farthest = FARTHEST_JOINT.max(2.0 * reach);
    let mut sum = 0.0;
    let mut shared = 0.0;
    let mut either = 0.0;
    for (a, b) in expected.body.iter().zip(body) {
        if let (Some(a), Some(b)) = (a, b) {
            sum += (apart(*a, *b, aspect) / scale).min(farthest);
            shared += 1.0;
        }
        either += f64::from(u8::from(a.is_some() || b.is_some()));
    }
    if shared < 1.0 {
        return None;
    }
    let cost = sum / shared;
    // An arm alone lies closer to a body's arm than a whole body to itself: joints that only one
    // of the two has count against the pair, but do not put it out of reach.
    let missing = MISSING * (1.0 - shared / either);
    (cost < reach).then_some(cost + missing)
}

/// Joints that lie much nearer to where somebody else's are expected were given to the wrong
/// one of two people who overlap. `taken` pairs tracks with people.
fn give_back(people: &mut [Body], taken: &[(usize, usize)], expected: &[Expected], aspect: f64) {
    for (index, &(one, who)) in taken.iter().enumerate() {
        for &(other, whom) in taken.iter().skip(index + 1) {
            let (Some(a), Some(b)) = (expected.get(one), expected.get(other)) else {
                continue;
            };
            let (Some(mine), Some(theirs)) = (people.get(who), people.get(whom)) else {
                continue;
            };
            let (Some(large), Some(larger)) = (size(&a.body, aspect), size(&b.body, aspect)) else {
                continue;
            };
            let scale = large.max(larger);
            let (mut mine, mut theirs) = (*mine, *theirs);
            for joint in 0..JOINTS {
                let (Some(for_me), Some(for_them)) = (a.body[joint], b.body[joint]) else {
                    continue;
                };
                let far = |point: Option<Point>, place: Point| {
                    point.map_or(0.0, |point| apart(point, place, aspect))
                };
                let kept = far(mine[joint], for_me) + far(theirs[joint], for_them);
                let changed = far(theirs[joint], for_me) + far(mine[joint], for_them);
                if changed + 0.08 * scale < kept && changed < 0.5 * kept {
                    std::mem::swap(&mut mine[joint], &mut theirs[joint]);
                }
            }
            for (at, body) in [(who, mine), (whom, theirs)] {
                if let Some(place) = people.get_mut(at) {
                    *place = body;
                }
            }
        }
    }
}

/// Pieces of a drawing that nobody is paired with belong to the one whose missing joints are
/// expected where they lie. What is joined is emptied.
fn join_pieces(
    people: &mut [Body],
    pairs: &mut [Option<usize>],
    expected: &[Expected],
    aspect: f64,
) {
    for piece in 0..people.len() {
        if pairs.contains(&Some(piece)) {
            continue;
        }
        let Some(own) = people.get(piece).copied() else {
            continue;
        };
        let home = expected
            .iter()
            .zip(pairs.iter())
            .filter_map(|(expected, who)| {
                let who = (*who)?;
                let scale = size(&expected.body, aspect)?;
                let body = people.get(who)?;
                let (mut sum, mut count, mut clash) = (0.0, 0.0, 0.0);
                for joint in 0..JOINTS {
                    let Some(point) = own[joint] else { continue };
                    if body[joint].is_some() {
                        clash += 1.0;
                    }
                    if let Some(place) = expected.body[joint] {
                        sum += apart(point, place, aspect) / scale;
                        count += 1.0;
                    }
                }
                let all = own.iter().flatten().count() as f64;
                let fits = count >= 0.5 * all && clash <= 0.34 * all && sum / count < 0.12;
                fits.then_some((who, sum / count))
            })
            .min_by(|a, b| a.1.total_cmp(&b.1));
        if let Some((who, _)) = home {
            if let Some(body) = people.get_mut(who) {
                for (joint, point) in body.iter_mut().zip(own) {
                    *joint = joint.or(point);
                }
            }
            if let Some(emptied) = people.get_mut(piece) {
                *emptied = [None; JOINTS];
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn person(x: f64) -> Body {
        std::array::from_fn(|joint| {
            Some([x + 0.01 * (joint % 3) as f64, 0.3 + 0.02 * joint as f64])
        })
    }

    #[test]
    fn two_who_cross_keep_their_identities() {
        let frames: Vec<_> = (0..40)
            .map(|n| {
                let t = n as f64 / 39.0;
                (
                    n as f64 / 24.0,
                    vec![person(0.8 - 0.6 * t), person(0.2 + 0.6 * t)],
                )
            })
            .collect();
        let tracks = track(&frames, 1.0, false);
        assert_eq!(tracks.len(), 2);
        let ends = |track: &Track| {
            let x = |sighting: &(usize, Body)| sighting.1[0].unwrap()[0];
            (
                x(track.sightings.first().unwrap()),
                x(track.sightings.last().unwrap()),
            )
        };
        let (first, last) = ends(&tracks[0]);
        assert!(first < 0.25 && last > 0.75, "{first} {last}");
    }

    #[test]
    fn one_who_is_hidden_for_a_moment_is_the_same() {
        let frames: Vec<_> = (0..30)
            .map(|n| {
                let people = if (10..16).contains(&n) {
                    Vec::new()
                } else {
                    vec![person(0.2 + 0.01 * n as f64)]
                };
                (n as f64 / 24.0, people)
            })
            .collect();
        assert_eq!(track(&frames, 1.0, false).len(), 1);
    }

    #[test]
    fn a_slip_of_one_frame_is_nobody() {
        let frames: Vec<_> = (0..30)
            .map(|n| {
                let mut people = vec![person(0.2)];
                if n == 7 {
                    people.push(person(0.8));
                }
                (n as f64 / 24.0, people)
            })
            .collect();
        assert_eq!(track(&frames, 1.0, false).len(), 1);
    }

    #[test]
    fn one_who_passes_behind_another_comes_out_as_before() {
        // Somebody walks right and is hidden for 0.8 s behind somebody who walks left.
        let frames: Vec<_> = (0..75)
            .map(|n| {
                let t = n as f64 / 25.0;
                let mut people = vec![person(0.8 - 0.2 * t)];
                if !(1.1..1.9).contains(&t) {
                    people.insert(0, person(0.2 + 0.2 * t));
                }
                (t, people)
            })
            .collect();
        let tracks = track(&frames, 1.0, true);
        assert_eq!(tracks.len(), 2);
        let last = tracks[0].sightings.last().unwrap();
        assert_eq!(last.0, 74);
        assert!(last.1[0].unwrap()[0] > 0.75, "{last:?}");
    }

    #[test]
    fn one_who_leaves_is_not_one_who_enters_elsewhere() {
        let frames: Vec<_> = (0..60)
            .map(|n| {
                let t = n as f64 / 25.0;
                let people = match n {
                    0..25 => vec![person(0.6 + 0.3 * t)],
                    25..30 => Vec::new(),
                    _ => vec![person(0.05 + 0.2 * (t - 1.2))],
                };
                (t, people)
            })
            .collect();
        assert_eq!(track(&frames, 1.0, true).len(), 2);
    }

    #[test]
    fn a_leg_given_to_the_wrong_one_is_given_back() {
        let frames: Vec<_> = (0..30)
            .map(|n| {
                let (mut one, mut other) = (person(0.3 + 0.002 * n as f64), person(0.5));
                if (10..20).contains(&n) {
                    for joint in [9, 10] {
                        std::mem::swap(&mut one[joint], &mut other[joint]);
                    }
                }
                (n as f64 / 25.0, vec![one, other])
            })
            .collect();
        let tracks = track(&frames, 1.0, true);
        assert_eq!(tracks.len(), 2);
        for (_, body) in &tracks[0].sightings {
            assert!(body[10].unwrap()[0] < 0.45, "{body:?}");
        }
    }
}
