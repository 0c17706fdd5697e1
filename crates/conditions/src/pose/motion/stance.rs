//! How the legs carry the body: crouching, kneeling, sitting, lying, and getting there and back.

use super::features::{Features, LEGS, Series, middle, ramp};
use super::signals::Signals;
use super::spans::{Run, above, quantile, tidy};
use crate::pose::joints::{L_ANKLE, L_HIP, L_KNEE, R_ANKLE, R_HIP, R_KNEE, distance};
use crate::pose::{ActionKind, PersonAction};

/// How the legs carry the body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stance {
    Upright,
    Seated,
    Crouched,
    Kneeling,
    Lying,
}

/// The stance in each frame; needs hips, knees and ankles.
fn stances(signals: &Signals, features: &Features) -> Vec<Option<Stance>> {
    // Full leg length: thigh and shin at their longest in the picture, at least what a body of
    // this size has (foreshortened thighs are short throughout a seated clip).
    let bone = |a: usize, b: usize| {
        quantile(
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
        // Of each leg: how far the knee is below the hip, the ankle below the knee, the ankle
        // below the hip, as shares of the bones.
        let legs: Vec<[f64; 3]> = LEGS
            .into_iter()
            .filter_map(|(_, hip, knee, ankle)| {
                let [hip, knee, ankle] = [
                    signals.joint(frame, hip)?,
                    signals.joint(frame, knee)?,
                    signals.joint(frame, ankle)?,
                ];
                Some([
                    (knee[1] - hip[1]) / signals.unit / thigh,
                    (ankle[1] - knee[1]) / signals.unit / shin,
                    (ankle[1] - hip[1]) / signals.unit / (thigh + shin),
                ])
            })
            .collect();
        let most = |which: usize| legs.iter().map(|leg| leg[which]).reduce(f64::max);
        let (drop, shin, height) = (most(0)?, most(1)?, most(2)?);
        let trunk = features.trunk.get(frame).copied().flatten();
        // Lying, the trunk is level and the hips are down at the feet.
        if trunk.is_some_and(|trunk| trunk.abs() < 0.5) && height < 0.3 {
            return Some(Stance::Lying);
        }
        // On a knee: its thigh is upright and its shin level; the other leg does the same, or
        // its foot stands ahead with the thigh level.
        let on_knee = |leg: &[f64; 3]| leg[0] > 0.6 && leg[1] < 0.45;
        let ahead = |leg: &[f64; 3]| leg[0] < 0.6 && leg[1] > 0.5;
        if legs.iter().any(on_knee)
            && legs.iter().all(|leg| on_knee(leg) || ahead(leg))
            && (0.3..0.76).contains(&height)
        {
            return Some(Stance::Kneeling);
        }
        // Seated, the hips stay a shin's length above the feet; in a crouch they come down to
        // them, however upright the shins are. Upright thighs drop their whole length; seated
        // ones run level; in a crouch the knees come up to the hips or above, and the shins lean.
        Some(if drop > 0.6 {
            Stance::Upright
        } else if height < 0.34 || (drop < 0.12 && shin < 0.8) {
            Stance::Crouched
        } else if drop < 0.5 && shin > 0.6 {
            // Who bends low over bent knees does not sit.
            if trunk.is_some_and(|trunk| trunk < 0.5) {
                Stance::Crouched
            } else {
                Stance::Seated
            }
        } else if drop < 0.35 {
            Stance::Crouched
        } else {
            Stance::Upright
        })
    })
}

const LEAST_STANCE_S: f64 = 0.4;
/// Getting down or up takes no longer than this, seconds.
const LONGEST_CHANGE_S: f64 = 2.6;

/// Sitting, sitting down, standing up, crouching, kneeling, lying and lying down.
pub fn stances_taken(signals: &Signals, features: &Features) -> Vec<PersonAction> {
    let stances = stances(signals, features);
    let runs_of = |which: Stance| {
        let values: Series = stances
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
    let taker = Taker {
        signals,
        features,
        upright: runs_of(Stance::Upright),
    };
    let mut actions = Vec::new();
    let lying = runs_of(Stance::Lying);
    for run in &lying {
        taker.state(ActionKind::Lying, ActionKind::LyingDown, *run, &mut actions);
    }
    let within = |run: &Run, all: &[PersonAction]| {
        let middle = f64::midpoint(signals.time(run.first), signals.time(run.last));
        all.iter()
            .any(|action| (action.start_s..=action.end_s).contains(&middle))
    };
    for run in runs_of(Stance::Seated) {
        if !within(&run, &actions) {
            taker.state(
                ActionKind::Sitting,
                ActionKind::SittingDown,
                run,
                &mut actions,
            );
        }
    }
    for (stance, kind) in [
        (Stance::Kneeling, ActionKind::Kneeling),
        (Stance::Crouched, ActionKind::Crouching),
    ] {
        for run in runs_of(stance) {
            if !within(&run, &actions) {
                // Going down and coming up are part of it.
                let before = taker.change(run, false);
                let after = taker.change(run, true);
                actions.push(PersonAction::new(
                    kind,
                    before.map_or(signals.time(run.first), |(start, _)| start),
                    after.map_or(signals.time(run.last), |(_, end)| end),
                    0.65,
                ));
            }
        }
    }
    actions.retain(|action| action.end_s > action.start_s);
    actions
}

/// How someone stands is measured within this time of getting down or up, seconds.
const NEAR_S: f64 = 1.3;

struct Taker<'a> {
    signals: &'a Signals,
    features: &'a Features,
    upright: Vec<Run>,
}

impl Taker<'_> {
    /// When the body gets into a stance or (`forwards`) out of it, seconds; `None` where it is
    /// not seen upright near by.
    fn change(&self, run: Run, forwards: bool) -> Option<(f64, f64)> {
        let time = |frame: usize| self.signals.time(frame);
        let near = if forwards {
            self.upright
                .iter()
                .find(|up| up.first > run.last)
                .filter(|up| time(up.first) - time(run.last) <= LONGEST_CHANGE_S)
        } else {
            self.upright
                .iter()
                .rev()
                .find(|up| up.last < run.first)
                .filter(|up| time(run.first) - time(up.last) <= LONGEST_CHANGE_S)
        }?;
        let hips = super::features::smoothed(self.signals, &self.features.hips, 0.16);
        let held = middle(&hips, run.first..=run.last)?;
        // How the person stands just before or after: who walks off gets smaller.
        let close = self.signals.frames_in(NEAR_S);
        let rest = if forwards {
            middle(&hips, near.first..=near.last.min(near.first + close))
        } else {
            middle(
                &hips,
                near.first.max(near.last.saturating_sub(close))..=near.last,
            )
        }?;
        if rest - held < 0.15 {
            return None;
        }
        let from = if forwards { run.last } else { run.first };
        Some(ramp(self.signals, &hips, from, forwards, rest, held))
    }

    /// A stance that is held, and getting into it and up from it.
    fn state(&self, held: ActionKind, down: ActionKind, run: Run, actions: &mut Vec<PersonAction>) {
        let (mut start, mut end) = (self.signals.time(run.first), self.signals.time(run.last));
        let lies = held == ActionKind::Lying;
        if let Some((from, to)) = self.change(run, false) {
            // The hips are down before the trunk lies.
            let to = if lies { start + 0.1 } else { to };
            actions.push(PersonAction::new(down, from, to, 0.7));
            start = to;
        }
        if let Some((from, to)) = self.change(run, true) {
            let from = if lies { end - 0.1 } else { from };
            actions.push(PersonAction::new(ActionKind::StandingUp, from, to, 0.7));
            end = from;
        }
        actions.push(PersonAction::new(held, start, end, 0.65));
    }
}
