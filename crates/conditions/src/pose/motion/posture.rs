//! The body as a whole: standing still, bending, crouching, sitting, jumping, moving.

use super::arms;
use super::signals::Signals;
use super::spans::{Run, above, median, tidy};
use crate::pose::joints::{
    L_ANKLE, L_HIP, L_KNEE, L_SHOULDER, NECK, NOSE, R_ANKLE, R_HIP, R_KNEE, R_SHOULDER, distance,
};
use crate::pose::{ActionKind, PersonAction};

/// The trunk leans at least this far from upright, degrees, and less than the second again.
const BENT_FROM: f64 = 30.0;
const UPRIGHT_FROM: f64 = 22.0;
const LEAST_BENT_S: f64 = 0.25;

/// How far the trunk leans from upright in each frame, degrees; needs the hips.
pub fn lean(signals: &Signals) -> Vec<Option<f64>> {
    signals.map(|frame| {
        let (neck, hips) = (signals.joint(frame, NECK)?, signals.hips(frame)?);
        let (across, up) = (neck[0] - hips[0], hips[1] - neck[1]);
        (distance(neck, hips) > 0.3 * signals.unit).then(|| across.abs().atan2(up).to_degrees())
    })
}

/// The stretches in which the person is bent over. The hips must have been seen.
pub fn bent(signals: &Signals) -> Vec<Run> {
    tidy(
        above(&lean(signals), BENT_FROM, UPRIGHT_FROM),
        &signals.times,
        0.2,
        LEAST_BENT_S,
    )
}

/// How the legs carry the body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stance {
    Upright,
    Seated,
    Crouched,
}

/// The stance in each frame; needs hips, knees and ankles.
fn stances(signals: &Signals) -> Vec<Option<Stance>> {
    // Full leg length: thigh and shin at their longest in the picture, at least what a body of
    // this size has (foreshortened thighs are short throughout a seated clip).
    let bone = |a: usize, b: usize| {
        super::spans::quantile(
            (0..signals.len()).filter_map(|f| {
                Some(distance(signals.joint(f, a)?, signals.joint(f, b)?) / signals.unit)
            }),
            0.9,
        )
    };
    let longest = |pairs: [(usize, usize); 2]| {
        pairs
            .into_iter()
            .filter_map(|(a, b)| bone(a, b))
            .reduce(f64::max)
    };
    let (Some(thigh), Some(shin)) = (
        longest([(R_HIP, R_KNEE), (L_HIP, L_KNEE)]),
        longest([(R_KNEE, R_ANKLE), (L_KNEE, L_ANKLE)]),
    ) else {
        return vec![None; signals.len()];
    };
    let thigh = thigh.max(0.7 * shin);
    signals.map(|frame| {
        let legs = [(R_HIP, R_KNEE, R_ANKLE), (L_HIP, L_KNEE, L_ANKLE)];
        let mut drops = Vec::new();
        let mut shins = Vec::new();
        let mut heights = Vec::new();
        for (hip, knee, ankle) in legs {
            if let (Some(hip), Some(knee), Some(ankle)) = (
                signals.joint(frame, hip),
                signals.joint(frame, knee),
                signals.joint(frame, ankle),
            ) {
                drops.push((knee[1] - hip[1]) / signals.unit / thigh);
                shins.push((ankle[1] - knee[1]) / signals.unit / shin);
                heights.push((ankle[1] - hip[1]) / signals.unit / (thigh + shin));
            }
        }
        let drop = median(drops)?;
        let shin_upright = median(shins)?;
        let hips_up = median(heights)?;
        // Seated, the hips stay a shin's length above the feet; in a crouch they come down to
        // them, however upright the shins are. Upright thighs drop their whole length; seated ones run level; in a crouch the knees
        // come up to the hips or above, and the shins lean.
        Some(if drop > 0.6 {
            Stance::Upright
        } else if hips_up < 0.34 || (drop < 0.12 && shin_upright < 0.8) {
            Stance::Crouched
        } else if drop < 0.5 && shin_upright > 0.6 {
            Stance::Seated
        } else if drop < 0.35 {
            Stance::Crouched
        } else {
            Stance::Upright
        })
    })
}

const LEAST_STANCE_S: f64 = 0.4;
const TRANSITION_S: f64 = 1.6;

/// Sitting, sitting down, standing up, crouching.
pub fn seats(signals: &Signals) -> Vec<PersonAction> {
    let stances = stances(signals);
    let runs_of = |which: Stance| {
        let values: Vec<Option<f64>> = stances
            .iter()
            .map(|s| s.map(|s| f64::from(u8::from(s == which))))
            .collect();
        tidy(
            above(&values, 0.5, 0.5),
            &signals.times,
            0.25,
            LEAST_STANCE_S,
        )
    };
    let upright = runs_of(Stance::Upright);
    let mut actions = Vec::new();
    let mut push = |action: ActionKind, start_s: f64, end_s: f64, confidence: f64| {
        actions.push(PersonAction {
            action,
            start_s,
            end_s,
            confidence,
            side: None,
            amount_deg: None,
        });
    };
    let time = |frame: usize| signals.time(frame);
    for run in runs_of(Stance::Crouched) {
        // Going down and coming up are part of it.
        push(
            ActionKind::Crouching,
            descent(signals, run.first, false),
            descent(signals, run.last, true),
            0.65,
        );
    }
    for run in runs_of(Stance::Seated) {
        push(ActionKind::Sitting, time(run.first), time(run.last), 0.65);
        let before = upright.iter().rev().find(|u| u.last < run.first);
        if let Some(before) = before
            && time(run.first) - time(before.last) <= TRANSITION_S
        {
            push(
                ActionKind::SittingDown,
                descent(signals, run.first, false),
                descent(signals, run.first, true),
                0.7,
            );
        }
        let after = upright.iter().find(|u| u.first > run.last);
        if let Some(after) = after
            && time(after.first) - time(run.last) <= TRANSITION_S
        {
            push(
                ActionKind::StandingUp,
                descent(signals, run.last, false),
                descent(signals, run.last, true),
                0.7,
            );
        }
    }
    actions.retain(|action| action.end_s > action.start_s);
    actions
}

/// From a frame backwards (or forwards), the time at which the hips stop moving up or down.
fn descent(signals: &Signals, from: usize, forwards: bool) -> f64 {
    let mut frame = from;
    let still = 0.15;
    loop {
        let next = if forwards {
            (frame + 1 < signals.len()).then_some(frame + 1)
        } else {
            frame.checked_sub(1)
        };
        let Some(next) = next else { break };
        let (Some(a), Some(b)) = (signals.hips(frame), signals.hips(next)) else {
            break;
        };
        let passed = (signals.time(next) - signals.time(frame)).abs();
        let fast = passed > 0.0 && (b[1] - a[1]).abs() / passed / signals.unit > still;
        if !fast || (signals.time(next) - signals.time(from)).abs() > TRANSITION_S {
            break;
        }
        frame = next;
    }
    signals.time(frame)
}

/// Both feet leave the ground by at least this much, body units.
const LEAST_JUMP: f64 = 0.18;
const JUMP_S: std::ops::RangeInclusive<f64> = 0.12..=1.1;

/// Jumps: both ankles and the hips rise together and come down again.
pub fn jumps(signals: &Signals) -> Vec<PersonAction> {
    if !signals.ankles_seen() {
        return Vec::new();
    }
    // The lower of the two ankles: in a step one foot stays on the ground.
    let feet = signals.map(|frame| {
        let (r, l) = (
            signals.joint(frame, R_ANKLE)?,
            signals.joint(frame, L_ANKLE)?,
        );
        Some(r[1].max(l[1]))
    });
    let reach = signals.frames_in(0.9).max(2);
    let ground = |side: std::ops::Range<usize>| {
        let window = feet.get(side)?;
        super::spans::quantile(window.iter().flatten().copied(), 0.75)
    };
    let height = signals.map(|frame| {
        // Ground before and ground after: someone who walks away also rises in frame.
        let before = ground(frame.saturating_sub(reach)..frame)?;
        let after = ground((frame + 1).min(feet.len())..(frame + 1 + reach).min(feet.len()))?;
        Some((before.min(after) - feet[frame]?) / signals.unit)
    });
    let runs = tidy(above(&height, LEAST_JUMP, 0.06), &signals.times, 0.0, 0.0);
    runs.into_iter()
        .filter(|run| JUMP_S.contains(&(signals.time(run.last) - signals.time(run.first))))
        .filter(|run| hips_rise(signals, *run))
        .map(|run| PersonAction {
            action: ActionKind::Jumping,
            start_s: signals.time(run.first),
            end_s: signals.time(run.last),
            confidence: 0.75,
            side: None,
            amount_deg: None,
        })
        .collect()
}

fn hips_rise(signals: &Signals, run: Run) -> bool {
    let y = |frame: usize| signals.hips(frame).map(|p| p[1]);
    let top = (run.first..=run.last).filter_map(y).reduce(f64::min);
    match (y(run.first), y(run.last), top) {
        (Some(a), Some(b), Some(top)) => (a.min(b) - top) / signals.unit > 0.08,
        _ => false,
    }
}

/// The trunk, head and legs move less than this, body units a second.
const STILL_BELOW: f64 = 0.22;
/// And the arms less than this.
const ARMS_STILL_BELOW: f64 = 0.45;
const LEAST_STILL_S: f64 = 0.6;

/// How fast trunk, head and legs move, the second fastest of them, so that one slip is none.
fn trunk_speed(signals: &Signals, frame: usize) -> Option<f64> {
    let mut speeds: Vec<f64> = [
        NOSE, NECK, R_SHOULDER, L_SHOULDER, R_HIP, L_HIP, R_KNEE, L_KNEE, R_ANKLE, L_ANKLE,
    ]
    .into_iter()
    .filter_map(|joint| signals.speed(frame, joint))
    .collect();
    speeds.sort_by(|a, b| b.total_cmp(a));
    speeds.get(1).or(speeds.first()).copied()
}

/// Stretches in which trunk, head and legs hardly move; the arms may.
pub fn in_place(signals: &Signals) -> Vec<Run> {
    let values =
        signals.map(|frame| trunk_speed(signals, frame).map(|s| STILL_BELOW / s.max(1e-3)));
    tidy(above(&values, 1.0, 0.7), &signals.times, 0.2, LEAST_STILL_S)
}

/// Whether the legs, as far as they are seen, carry the body upright: thighs near vertical.
pub fn stands(signals: &Signals, run: Run) -> bool {
    let mut upright = 0;
    let mut told = 0;
    for frame in run.first..=run.last {
        for (hip, knee, ankle) in [(R_HIP, R_KNEE, R_ANKLE), (L_HIP, L_KNEE, L_ANKLE)] {
            if let (Some(hip), Some(knee)) = (signals.joint(frame, hip), signals.joint(frame, knee))
            {
                told += 1;
                // A thigh of at least half a trunk's length, straight down; a shin below it.
                let drop = (knee[1] - hip[1]) / signals.unit;
                let slant = (knee[0] - hip[0]).abs() / signals.unit;
                let shin = signals
                    .joint(frame, ankle)
                    .is_none_or(|ankle| ankle[1] > knee[1] + 0.3 * signals.unit);
                if drop > 0.5 && slant < 0.6 * drop && shin {
                    upright += 1;
                }
            }
        }
    }
    told > 0 && upright * 4 >= told * 3
}

/// Standing still: upright legs that are seen, and nothing that moves, the arms included.
pub fn standing_still(signals: &Signals) -> Vec<PersonAction> {
    if !signals.knees_seen() {
        return Vec::new();
    }
    let values = signals.map(|frame| {
        let trunk = trunk_speed(signals, frame)? / STILL_BELOW;
        let arms = arms::speed(signals, frame).map_or(0.0, |s| s / ARMS_STILL_BELOW);
        Some(1.0 / trunk.max(arms).max(1e-3))
    });
    tidy(above(&values, 1.0, 0.7), &signals.times, 0.2, LEAST_STILL_S)
        .into_iter()
        .filter(|run| stands(signals, *run))
        .map(|run| action(signals, run, ActionKind::StandingStill, 0.8))
        .collect()
}

const MOVING_FROM: f64 = 0.7;
const LEAST_MOVING_S: f64 = 0.3;
/// Movement this near to a named action is its beginning or end, seconds.
const BORDER_S: f64 = 0.3;

/// Stretches of movement that none of `named` covers.
pub fn otherwise_moving(signals: &Signals, named: &[PersonAction]) -> Vec<PersonAction> {
    let values = signals.map(|frame| {
        let time = signals.time(frame);
        let covered = named
            .iter()
            .any(|action| (action.start_s - BORDER_S..=action.end_s + BORDER_S).contains(&time));
        if covered {
            return None;
        }
        let trunk = trunk_speed(signals, frame).unwrap_or(0.0);
        let arms = arms::speed(signals, frame).unwrap_or(0.0);
        Some(trunk.max(0.6 * arms))
    });
    tidy(
        above(&values, MOVING_FROM, 0.5 * MOVING_FROM),
        &signals.times,
        0.3,
        LEAST_MOVING_S,
    )
    .into_iter()
    .map(|run| action(signals, run, ActionKind::Moving, 0.6))
    .collect()
}

/// An action over a run.
pub fn action(signals: &Signals, run: Run, kind: ActionKind, confidence: f64) -> PersonAction {
    PersonAction {
        action: kind,
        start_s: signals.time(run.first),
        end_s: signals.time(run.last),
        confidence,
        side: None,
        amount_deg: None,
    }
}
