//! What remains where readings of the same movement overlap: the one that says more.

use crate::pose::ActionKind as A;
use crate::pose::{PersonAction, Side};

/// Those that say most come first: what remains of them explains what follows.
const ORDER: [A; 21] = [
    A::Dancing,
    A::LyingDown,
    A::Lying,
    A::PickingUp,
    A::Hugging,
    A::Running,
    A::Jumping,
    A::Waving,
    A::Clapping,
    A::Kicking,
    A::Throwing,
    A::Punching,
    A::TouchingFace,
    A::Reaching,
    A::Pointing,
    A::RaisingArm,
    A::SittingDown,
    A::StandingUp,
    A::Crouching,
    A::Kneeling,
    A::Turning,
];

/// Drops what another action explains better.
pub fn resolve(actions: &mut Vec<PersonAction>) {
    let rank = |kind: A| {
        ORDER
            .iter()
            .position(|one| *one == kind)
            .unwrap_or(ORDER.len())
    };
    let mut all = std::mem::take(actions);
    all.sort_by_key(|action| rank(action.action));
    for action in all {
        if !actions.iter().any(|other| explains(other, &action)) {
            actions.push(action);
        }
    }
    // Some explain what stands before them in the order.
    let kept = actions.clone();
    actions.retain(|action| {
        !kept
            .iter()
            .any(|other| other != action && explains(other, action))
    });
}

/// Standing still is what lies between all else: cuts it to that.
pub fn cut_stillness(actions: &mut Vec<PersonAction>, least_s: f64) {
    let busy: Vec<(f64, f64)> = actions
        .iter()
        .filter(|action| !matches!(action.action, A::StandingStill | A::Moving))
        .map(|action| (action.start_s, action.end_s))
        .collect();
    let mut cut = Vec::new();
    for action in actions.iter() {
        if action.action != A::StandingStill {
            cut.push(action.clone());
            continue;
        }
        let mut pieces = vec![(action.start_s, action.end_s)];
        for (start_s, end_s) in &busy {
            pieces = pieces
                .into_iter()
                .flat_map(|(from, to)| [(from, to.min(*start_s)), (from.max(*end_s), to)])
                .filter(|(from, to)| to - from >= least_s)
                .collect();
            pieces.dedup();
        }
        cut.extend(pieces.into_iter().map(|(start_s, end_s)| PersonAction {
            start_s,
            end_s,
            ..action.clone()
        }));
    }
    *actions = cut;
}

/// The share of an action that lies within another one's time.
fn covered(action: &PersonAction, by: &PersonAction) -> f64 {
    let shared = by.end_s.min(action.end_s) - by.start_s.max(action.start_s);
    (shared / (action.end_s - action.start_s).max(1e-6)).max(0.0)
}

fn same_arm(one: &PersonAction, other: &PersonAction) -> bool {
    one.side == other.side || one.side == Some(Side::Both) || other.side == Some(Side::Both)
}

/// Whether `other` explains what was taken for `action`.
fn explains(other: &PersonAction, action: &PersonAction) -> bool {
    let share = covered(action, other);
    let arms = |kind: A| {
        matches!(
            kind,
            A::RaisingArm | A::Pointing | A::Reaching | A::TouchingFace | A::Punching | A::Throwing
        )
    };
    match (other.action, action.action) {
        // Who holds a gesture or a posture stands still for that, not besides.
        (
            A::Pointing
            | A::Reaching
            | A::TouchingFace
            | A::TurningHead
            | A::LookingDown
            | A::LookingUp
            | A::Clapping
            | A::Waving
            | A::Kneeling
            | A::Bending
            | A::PickingUp
            | A::Hugging
            | A::RaisingArm
            | A::Dancing
            | A::Lying,
            A::StandingStill,
        ) => share > 0.55,
        // A dance is many gestures.
        (A::Dancing, kind) if arms(kind) => share > 0.4,
        (
            A::Dancing,
            A::Waving
            | A::Clapping
            | A::Kicking
            | A::Walking
            | A::Crouching
            | A::Kneeling
            | A::TurningHead
            | A::LookingDown
            | A::LookingUp
            | A::Turning
            | A::Jumping,
        ) => share > 0.4,
        (A::Hugging, kind) if arms(kind) => share > 0.3,
        (A::Hugging, A::Waving | A::Clapping | A::TurningHead | A::Bending) => share > 0.3,
        (A::Hugging, A::LookingDown | A::LookingUp) => share > 0.2,
        // On the ground and on the way there, arms, trunk and head go along.
        (A::Lying | A::LyingDown | A::PickingUp, kind) if arms(kind) => share > 0.2,
        (
            A::Lying | A::LyingDown,
            A::PickingUp
            | A::Bending
            | A::Kicking
            | A::Walking
            | A::Turning
            | A::Dancing
            | A::Jumping
            | A::TurningHead
            | A::LookingDown
            | A::LookingUp
            | A::Crouching,
        ) => share > 0.2,
        (
            A::PickingUp,
            A::Bending
            | A::Crouching
            | A::Sitting
            | A::SittingDown
            | A::StandingUp
            | A::Kneeling
            | A::LookingDown
            | A::LookingUp
            | A::TurningHead
            | A::Walking
            | A::Turning,
        ) => share > 0.3,
        // A head goes along with the trunk.
        (
            A::Bending
            | A::SittingDown
            | A::StandingUp
            | A::Crouching
            | A::Kneeling
            | A::Jumping
            | A::Running
            | A::Reaching
            | A::Throwing
            | A::Kicking,
            A::LookingDown | A::LookingUp | A::TurningHead,
        ) => share > 0.3,
        (
            A::Bending | A::Crouching | A::Kneeling | A::Jumping | A::SittingDown | A::StandingUp,
            A::Reaching | A::Punching | A::Throwing | A::Pointing | A::TouchingFace | A::Clapping,
        ) => share > 0.4,
        (A::Crouching | A::Kneeling | A::Sitting, A::Bending) => share > 0.4,
        (A::Jumping, A::RaisingArm | A::Crouching | A::Waving | A::Bending) => share > 0.3,
        (A::Running, kind) if arms(kind) => {
            share > 0.3 && action.height != Some(crate::pose::HandHeight::AboveHead)
        }
        (A::Running, A::Clapping | A::Kicking | A::Jumping) => share > 0.3,
        (A::Walking, A::Punching | A::Kicking) => share > 0.5 && other.steps > Some(2),
        (A::Walking, A::TurningHead) => share > 0.7 && action.amount_deg < Some(45.0),
        (A::Turning, A::TurningHead) => {
            // The head finds its new rest only after a while.
            other.start_s < action.end_s + 0.8 && other.end_s > action.start_s - 0.8
        }
        // A kick looks like a step or two, and arms go out for balance.
        (A::Kicking, A::Walking) => share > 0.4 && action.steps < Some(4),
        (A::Kicking, A::Punching | A::Throwing | A::Pointing | A::Reaching | A::Kneeling) => {
            share > 0.3
        }
        (A::Kicking, A::Jumping | A::Bending) => share > 0.5,
        // Waving and clapping hands are raised, and now and then straight or fast.
        (A::Waving | A::Clapping, kind) if arms(kind) => share > 0.3 && same_arm(other, action),
        (A::Clapping, A::Waving) => share > 0.3,
        (A::Throwing | A::Punching, kind)
            if arms(kind) && !matches!(kind, A::Throwing | A::Punching) =>
        {
            share > 0.3 && (same_arm(other, action) || other.action == A::Punching)
        }
        (A::Throwing, A::Punching) => share > 0.3 && same_arm(other, action),
        (A::Throwing | A::Punching | A::Reaching, A::Bending) => share > 0.5,
        (A::TouchingFace, A::RaisingArm | A::Pointing | A::Reaching) => {
            share > 0.4 && same_arm(other, action)
        }
        (A::Reaching, A::RaisingArm | A::Pointing) => share > 0.4 && same_arm(other, action),
        (A::Pointing, A::RaisingArm) => share > 0.4 && same_arm(other, action),
        (A::RaisingArm, A::Pointing | A::Reaching | A::TouchingFace | A::Punching) => {
            share > 0.4
                && same_arm(other, action)
                && other.height == Some(crate::pose::HandHeight::AboveHead)
        }
        // A turn steps round on the spot.
        (A::Turning, A::Walking) => share > 0.6 && action.steps < Some(4),
        _ => false,
    }
}
