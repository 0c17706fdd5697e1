//! What is promised of actions, on fewer scenes than the page reports.

use decoupage_accuracy::Effort;
use decoupage_accuracy::pose::{FIRST_SEED, Tally, measure};
use decoupage_accuracy::scores::{Count, quantile};
use decoupage_conditions::pose::ActionKind as A;

fn pooled(tally: &Tally, kinds: &[A]) -> Count {
    kinds
        .iter()
        .fold(Count::default(), |sum, kind| sum.plus(tally.of(*kind)))
}

#[test]
fn actions_are_told_as_often_as_promised() {
    let scenes = Effort::Tests.scenes(60, 600) as u64;
    let tally = measure(FIRST_SEED..FIRST_SEED + scenes);
    let groups: [(&str, &[A], f64); 4] = [
        (
            "postures",
            &[
                A::Crouching,
                A::Kneeling,
                A::SittingDown,
                A::Sitting,
                A::StandingUp,
                A::LyingDown,
                A::Lying,
                A::PickingUp,
                A::Jumping,
            ],
            0.85,
        ),
        (
            "steps and turns",
            &[A::Walking, A::Running, A::Turning],
            0.7,
        ),
        (
            "gestures",
            &[
                A::RaisingArm,
                A::Waving,
                A::Pointing,
                A::Reaching,
                A::Clapping,
                A::Throwing,
                A::Punching,
                A::Kicking,
                A::TouchingFace,
            ],
            0.7,
        ),
        ("two people", &[A::Hugging, A::Approaching, A::Parting], 0.8),
    ];
    for (name, kinds, least) in groups {
        let count = pooled(&tally, kinds);
        assert!(count.right > 10, "{name}: {count:?}");
        assert!(
            count.f1() >= least,
            "{name}: F1 {:.2}\n{}",
            count.f1(),
            tally.confused()
        );
    }
    assert!(quantile(&tally.cadence, 0.5) < 4.0, "{:?}", tally.cadence);
    assert!(quantile(&tally.tempo, 0.5) < 4.0, "{:?}", tally.tempo);
    assert!(tally.sides.recall() > 0.95, "{:?}", tally.sides);
    assert!(tally.facing[0].recall() > 0.9, "{:?}", tally.facing);
}
