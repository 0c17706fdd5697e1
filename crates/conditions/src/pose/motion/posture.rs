//! The body as a whole: standing still, bending, jumping, moving.

use super::arms;
use super::features::Features;
use super::signals::Signals;
use super::spans::{Run, above, tidy};
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
        0.45,
        LEAST_BENT_S,
    )
}

/// Both feet leave the ground by at least this much, body units.
const LEAST_JUMP: f64 = 0.18;
const JUMP_S: std::ops::RangeInclusive<f64> = 0.12..=1.1;

/// Jumps: both ankles and the hips rise together and come down again.
pub fn jumps(signals: &Signals, features: &Features) -> Vec<PersonAction> {
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
        .map(|run| {
            let whole = with_squats(signals, features, run);
            action(signals, whole, ActionKind::Jumping, 0.75)
        })
        .collect()
}

/// Gathering before a jump and giving way after it take no longer than this, seconds.
const LONGEST_SQUAT_S: f64 = 0.55;

/// A flight with the knees' bending before and after it.
fn with_squats(signals: &Signals, features: &Features, run: Run) -> Run {
    let hips = super::features::smoothed(signals, &features.hips, 0.1);
    let Some(standing) = super::features::share(&hips, 0.7) else {
        return run;
    };
    let low = |frame: &usize| {
        let height = hips.get(*frame).copied().flatten();
        height.is_some_and(|height| height < 0.955 * standing)
    };
    let near = |frame: &usize, from: usize| {
        (signals.time(*frame) - signals.time(from)).abs() <= LONGEST_SQUAT_S
    };
    Run {
        first: (0..run.first)
            .filter(|frame| near(frame, run.first))
            .find(low)
            .unwrap_or(run.first),
        last: (run.last..signals.len())
            .rev()
            .filter(|frame| near(frame, run.last))
            .find(low)
            .unwrap_or(run.last),
    }
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
/// Stillness lasts at least this long, seconds.
pub const LEAST_STILL_S: f64 = 0.6;

/// Joints that tremble seem to move this fast, a second, for each unit of their tremble.
const TREMBLING: f64 = 13.0;

/// The speed below which a trunk is still, body units a second.
fn still(signals: &Signals) -> f64 {
    STILL_BELOW + TREMBLING * signals.tremble
}

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
        signals.map(|frame| trunk_speed(signals, frame).map(|s| still(signals) / s.max(1e-3)));
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
        let trunk = trunk_speed(signals, frame)? / still(signals);
        let least = ARMS_STILL_BELOW + TREMBLING * signals.tremble;
        let arms = arms::speed(signals, frame).map_or(0.0, |s| s / least);
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
    PersonAction::new(
        kind,
        signals.time(run.first),
        signals.time(run.last),
        confidence,
    )
}
