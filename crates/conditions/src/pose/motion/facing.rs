//! Which way a person faces, from the order and width of the shoulders and from which parts of
//! the head are seen.

use super::signals::{SHOULDERS_PER_TORSO, Signals};
use super::spans::{median, quantile};
use crate::pose::joints::{L_EAR, L_EYE, L_SHOULDER, NECK, NOSE, R_EAR, R_EYE, R_SHOULDER};
use crate::pose::{ActionKind, Facing, FacingSpan, PersonAction, Side};

/// No shoulders are broader than this, in torso lengths: what seems so is a trunk bent forward.
const BROADEST_SHOULDERS: f64 = 0.85;

/// The person's heading in each frame, degrees: 0 towards the camera, −90 towards the frame's
/// left edge, +90 towards its right edge, ±180 away.
pub fn headings(signals: &Signals) -> Vec<Option<f64>> {
    let width = |frame: usize| {
        let right = signals.joint(frame, R_SHOULDER)?;
        let left = signals.joint(frame, L_SHOULDER)?;
        // Who comes nearer or goes away changes size: the trunk of the same frame is the measure.
        let trunk = signals.torso(frame).filter(|t| *t > 0.4 * signals.unit);
        // Facing the camera, the right shoulder is on the viewer's left.
        Some((left[0] - right[0]) / trunk.unwrap_or(signals.unit))
    };
    // Broad-shouldered people would never seem to turn, narrow ones always.
    let own = quantile((0..signals.len()).filter_map(width).map(f64::abs), 0.95);
    let frontal = own.map_or(SHOULDERS_PER_TORSO, |own| {
        own.clamp(SHOULDERS_PER_TORSO, BROADEST_SHOULDERS)
    });
    let widths = super::features::smoothed(signals, &signals.map(width), WIDTH_OVER_S);
    let width = |frame: usize| widths.get(frame).copied().flatten();
    // From behind neither side of the face is seen: the heading goes on from the last one.
    let mut kept = KeptSide::default();
    signals.map(|frame| {
        let side = head_side(signals, frame);
        let from_behind = is_back_of_head(signals, frame);
        let Some(width) = width(frame) else {
            // A head alone.
            return match (side, from_behind) {
                (_, true) => Some(180.0),
                (Some(side), _) => Some(side.clamp(-1.0, 1.0) * 90.0),
                (None, false) => None,
            };
        };
        let turned = (width.abs() / frontal).min(1.0).acos().to_degrees();
        let from_camera = if width < 0.0 || (from_behind && width < 0.2) {
            180.0 - turned
        } else if turned < 50.0 && side.is_some_and(|side| side.abs() < 0.25) {
            // The face looks straight out between the shoulders: narrow, not turned.
            turned.min(25.0)
        } else {
            turned
        };
        let seen = side.map(f64::signum);
        // Straight towards or away needs no side.
        if seen.is_none()
            && (20.0..160.0).contains(&from_camera)
            && !(from_camera > 90.0 && no_face(signals, frame))
            && kept.sign.is_none()
        {
            return None;
        }
        Some(kept.sign(seen, from_camera, signals.time(frame)) * from_camera)
    })
}

/// Shoulder widths are averaged over this long, seconds.
const WIDTH_OVER_S: f64 = 0.28;
/// Who turns to the other side passes through facing the camera or away from it, to within this
/// many degrees; a head may look to the other side meanwhile.
const PASSED_DEG: f64 = 24.0;
/// A head turned to the other side for longer than this belongs to a body that is, seconds.
const LONGEST_LOOK_S: f64 = 2.8;

/// To which side the body is turned, kept while only the head turns.
#[derive(Default)]
struct KeptSide {
    sign: Option<f64>,
    passed: bool,
    /// Since when the head has been turned to the other side, seconds.
    contrary_since: Option<f64>,
}

impl KeptSide {
    fn sign(&mut self, seen: Option<f64>, from_camera: f64, time_s: f64) -> f64 {
        if !(PASSED_DEG..=180.0 - PASSED_DEG).contains(&from_camera) {
            self.passed = true;
        }
        let Some(seen) = seen else {
            return self.sign.unwrap_or(1.0);
        };
        let kept = *self.sign.get_or_insert(seen);
        if seen == kept {
            self.contrary_since = None;
            if (PASSED_DEG..=180.0 - PASSED_DEG).contains(&from_camera) {
                self.passed = false;
            }
            return kept;
        }
        let since = *self.contrary_since.get_or_insert(time_s);
        if self.passed || time_s - since > LONGEST_LOOK_S {
            self.sign = Some(seen);
            self.contrary_since = None;
            return seen;
        }
        kept
    }
}

/// Nose and eyes unseen.
fn no_face(signals: &Signals, frame: usize) -> bool {
    [NOSE, R_EYE, L_EYE]
        .into_iter()
        .all(|joint| signals.joint(frame, joint).is_none())
}

/// Which way the head is turned, −1 (frame's left) to 1 (right); `None` when it cannot be told.
fn head_side(signals: &Signals, frame: usize) -> Option<f64> {
    let at = |joint: usize| signals.joint(frame, joint);
    let unit = signals.unit;
    match (at(NOSE), at(R_EAR), at(L_EAR)) {
        (Some(nose), Some(right), Some(left)) => {
            let middle = f64::midpoint(right[0], left[0]);
            let half = ((left[0] - right[0]).abs() / 2.0).max(0.06 * unit);
            Some(((nose[0] - middle) / half).clamp(-1.0, 1.0))
        }
        // Only one ear: the head is turned to the other side of the nose.
        (Some(nose), Some(ear), None) | (Some(nose), None, Some(ear)) => {
            let offset = (nose[0] - ear[0]) / (0.25 * unit);
            Some(offset.clamp(-1.0, 1.0))
        }
        (Some(nose), None, None) => {
            let (right, left) = (at(R_EYE), at(L_EYE));
            if let (Some(right), Some(left)) = (right, left) {
                let middle = f64::midpoint(right[0], left[0]);
                let half = ((left[0] - right[0]).abs() / 2.0).max(0.03 * unit);
                return Some(((nose[0] - middle) / half).clamp(-1.0, 1.0));
            }
            let neck = at(NECK)?;
            let offset = (nose[0] - neck[0]) / (0.3 * unit);
            (offset.abs() > 0.4).then(|| offset.clamp(-1.0, 1.0))
        }
        (None, Some(ear), None) | (None, None, Some(ear)) => {
            let eye = at(R_EYE).or(at(L_EYE))?;
            Some(((eye[0] - ear[0]) / (0.2 * unit)).clamp(-1.0, 1.0))
        }
        _ => None,
    }
}

/// Ears without nose and eyes: the back of a head.
fn is_back_of_head(signals: &Signals, frame: usize) -> bool {
    let at = |joint: usize| signals.joint(frame, joint).is_some();
    (at(R_EAR) || at(L_EAR)) && no_face(signals, frame)
}

/// The name of a heading.
pub fn name(heading: f64) -> Facing {
    let turned = heading.abs();
    if turned < 32.0 {
        Facing::Camera
    } else if turned > 140.0 {
        Facing::Away
    } else if turned < 62.0 {
        if heading < 0.0 {
            Facing::ThreeQuarterLeft
        } else {
            Facing::ThreeQuarterRight
        }
    } else if heading < 0.0 {
        Facing::Left
    } else {
        Facing::Right
    }
}

/// The way the person faces most of the time; unknown when it cannot be told most of the time.
pub fn mostly(headings: &[Option<f64>]) -> Facing {
    let known: Vec<f64> = headings.iter().flatten().copied().collect();
    if known.is_empty() || known.len() * 2 < headings.len() {
        return Facing::Unknown;
    }
    let all = [
        Facing::Camera,
        Facing::Away,
        Facing::Left,
        Facing::Right,
        Facing::ThreeQuarterLeft,
        Facing::ThreeQuarterRight,
    ];
    let count = |facing: Facing| known.iter().filter(|h| name(**h) == facing).count();
    let best = all.into_iter().max_by_key(|facing| {
        (
            count(*facing),
            std::cmp::Reverse(all.iter().position(|f| f == facing)),
        )
    });
    match best {
        Some(facing) if count(facing) * 2 >= known.len() => facing,
        // Between two neighbours: the middle heading, if headings do not scatter.
        _ => {
            let spread =
                quantile(known.iter().copied(), 0.8).zip(quantile(known.iter().copied(), 0.2));
            match (spread, median(known.iter().copied())) {
                (Some((high, low)), Some(middle)) if high - low < 60.0 => name(middle),
                _ => Facing::Unknown,
            }
        }
    }
}

/// The least change of heading that is a turn, degrees.
const LEAST_TURN: f64 = 55.0;
/// Over how long headings are compared.
const TURN_WINDOW_S: f64 = 0.3;

/// Turns: from one heading that is held to another.
pub fn turns(signals: &Signals, headings: &[Option<f64>]) -> Vec<PersonAction> {
    let steady = steady_headings(signals, headings);
    let mut turns: Vec<PersonAction> = Vec::new();
    let mut held: Option<(usize, f64)> = None;
    for (frame, heading) in steady.iter().enumerate() {
        let Some(heading) = *heading else { continue };
        let Some((since, before)) = held else {
            held = Some((frame, heading));
            continue;
        };
        let change = wrap(heading - before);
        if change.abs() < LEAST_TURN * 0.5 {
            // Drifts with small changes, and remembers when it last was there.
            held = Some((frame, before + 0.03 * change));
            continue;
        }
        let stays = (frame..steady.len())
            .take_while(|f| signals.time(*f) - signals.time(frame) <= TURN_WINDOW_S)
            .filter_map(|f| steady[f])
            .all(|h| wrap(h - heading).abs() < 25.0);
        let long_enough =
            signals.time(steady.len() - 1) - signals.time(frame) >= 0.8 * TURN_WINDOW_S;
        if change.abs() >= LEAST_TURN && stays && long_enough {
            let (since, end) = (
                settled(signals, &steady, since, false),
                settled(signals, &steady, frame, true),
            );
            let heading = steady.get(end).copied().flatten().unwrap_or(heading);
            let change = wrap(heading - before);
            let mut turn = PersonAction::new(
                ActionKind::Turning,
                signals.time(since),
                signals.time(end),
                0.65,
            );
            // To the own left is towards the frame's right for who faces the camera.
            turn.side = Some(if change > 0.0 {
                Side::Left
            } else {
                Side::Right
            });
            turn.amount_deg = Some((change.abs() / 15.0).round() * 15.0);
            turn.from = Some(name(wrap(before)));
            turn.to = Some(name(heading));
            turns.push(turn);
            held = Some((frame, heading));
        }
    }
    turns.retain(|turn| turn.from != turn.to);
    joined(turns)
}

/// Turns further apart than this are two turns, seconds.
const ONE_TURN_S: f64 = 0.25;

/// A turn that seems to rest for a moment goes on.
fn joined(turns: Vec<PersonAction>) -> Vec<PersonAction> {
    let mut all: Vec<PersonAction> = Vec::new();
    for turn in turns {
        match all.last_mut() {
            // Right round, the way cannot always be told: what overlaps is one turn.
            Some(last)
                if turn.start_s < last.end_s - 0.05
                    || last.side == turn.side && turn.start_s - last.end_s < ONE_TURN_S =>
            {
                let sum = |one: Option<f64>, other: Option<f64>| {
                    one.zip(other).map(|(one, other)| (one + other).min(360.0))
                };
                last.amount_deg = if turn.start_s > last.end_s - 0.1 {
                    sum(last.amount_deg, turn.amount_deg)
                } else {
                    last.amount_deg
                        .zip(turn.amount_deg)
                        .map(|(one, other)| one.max(other))
                };
                if turn.end_s > last.end_s {
                    last.end_s = turn.end_s;
                    last.to = turn.to;
                }
            }
            _ => all.push(turn),
        }
    }
    all
}

/// From a frame in a turn, forwards or backwards to where the heading no longer changes.
fn settled(signals: &Signals, steady: &[Option<f64>], from: usize, forwards: bool) -> usize {
    let step = signals.frames_in(0.1).max(1);
    let mut frame = from;
    while let Some(next) = if forwards {
        Some(frame + step)
    } else {
        frame.checked_sub(step)
    } {
        match (
            steady.get(frame).copied().flatten(),
            steady.get(next).copied().flatten(),
        ) {
            (Some(a), Some(b)) if wrap(b - a).abs() > 4.0 => frame = next,
            _ => break,
        }
    }
    frame
}

/// A facing is held for at least this long, seconds.
const LEAST_FACING_S: f64 = 0.4;

/// The facings that are held, one after the other.
pub fn facings(signals: &Signals, headings: &[Option<f64>]) -> Vec<FacingSpan> {
    let steady = steady_headings(signals, headings);
    let mut spans: Vec<FacingSpan> = Vec::new();
    for (frame, heading) in steady.iter().enumerate() {
        let Some(heading) = *heading else { continue };
        let time_s = signals.time(frame);
        let facing = match spans.last() {
            // Near the border between two facings the one before goes on.
            Some(last) if name_near(heading, last.facing) => last.facing,
            _ => name(heading),
        };
        match spans.last_mut() {
            Some(last) if last.facing == facing => last.end_s = time_s,
            _ => spans.push(FacingSpan {
                facing,
                start_s: time_s,
                end_s: time_s,
            }),
        }
    }
    spans.retain(|span| span.end_s - span.start_s >= LEAST_FACING_S);
    let mut merged: Vec<FacingSpan> = Vec::new();
    for span in spans {
        match merged.last_mut() {
            Some(last) if last.facing == span.facing => last.end_s = span.end_s,
            _ => merged.push(span),
        }
    }
    merged
}

/// Whether a heading is no more than a little beyond the borders of a facing.
fn name_near(heading: f64, facing: Facing) -> bool {
    [-8.0, 0.0, 8.0]
        .into_iter()
        .any(|off| name(wrap(heading + off)) == facing)
}

/// Headings averaged as directions over [`TURN_WINDOW_S`].
fn steady_headings(signals: &Signals, headings: &[Option<f64>]) -> Vec<Option<f64>> {
    let reach = signals.frames_in(TURN_WINDOW_S / 2.0);
    (0..headings.len())
        .map(|frame| {
            let window = headings
                .get(frame.saturating_sub(reach)..(frame + reach + 1).min(headings.len()))?;
            let known: Vec<f64> = window.iter().flatten().copied().collect();
            if known.len() * 2 < window.len() || known.is_empty() {
                return None;
            }
            let (x, y) = known.iter().fold((0.0, 0.0), |(x, y), h| {
                let angle = h.to_radians();
                (x + angle.cos(), y + angle.sin())
            });
            Some(y.atan2(x).to_degrees())
        })
        .collect()
}

fn wrap(angle: f64) -> f64 {
    (angle + 180.0).rem_euclid(360.0) - 180.0
}
