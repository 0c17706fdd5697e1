//! What is promised of camera readings, on fewer paths than the page reports.
#![allow(clippy::unwrap_used, reason = "tests fail by panicking")]

use decoupage_accuracy::camera::{measure, tally::Tally};
use decoupage_stage::camera::paths::{Hand, Plan};
use std::sync::LazyLock;

/// Seeds that no threshold was chosen on, and that the page does not report either.
static TALLY: LazyLock<Tally> = LazyLock::new(|| measure(2_000_000, 320));

fn worst(tally: &Tally) -> String {
    tally
        .faults
        .iter()
        .filter(|line| !line.starts_with("near"))
        .take(12)
        .cloned()
        .collect::<Vec<_>>()
        .join("\n")
}

#[test]
fn no_path_is_refused_and_no_direction_is_wrong() {
    assert_eq!(TALLY.refused, Vec::<String>::new());
    assert_eq!(TALLY.all.opposite, 0, "{}", worst(&TALLY));
}

#[test]
fn moves_are_found_and_none_is_made_up() {
    let count = TALLY.all.count;
    assert!(count.precision() >= 0.96, "{count:?}\n{}", worst(&TALLY));
    assert!(count.recall() >= 0.96, "{count:?}\n{}", worst(&TALLY));
    for (kind, score) in &TALLY.kinds {
        let all = score.count.right + score.count.missed;
        let (precision, recall) = (score.count.precision(), score.count.recall());
        assert!(
            all < 10 || (precision >= 0.85 && recall >= 0.85),
            "{kind:?} {:?}\n{}",
            score.count,
            worst(&TALLY)
        );
    }
}

#[test]
fn boundaries_and_amounts_are_met_as_far_as_the_hand_lets() {
    // The aim is 0.15 s and 5 % everywhere. Strong shake blurs a begin by more than that:
    // there the check is what is reached.
    for (hand, boundaries, amounts) in [
        (Hand::None, 0.99, 0.99),
        (Hand::Slight, 0.94, 0.97),
        (Hand::HandHeld, 0.85, 0.84),
        (Hand::Strong, 0.74, 0.60),
    ] {
        let score = TALLY.hands.get(&hand).unwrap();
        assert!(
            score.boundaries_near() >= boundaries,
            "{hand:?} {:.3}",
            score.boundaries_near()
        );
        assert!(
            score.amounts_near() >= amounts,
            "{hand:?} {:.3}",
            score.amounts_near()
        );
    }
}

#[test]
fn clean_paths_are_read_without_fault() {
    let score = TALLY.hands.get(&Hand::None).unwrap();
    assert!(score.count.precision() >= 0.99 && score.count.recall() >= 0.99);
    let dusty = TALLY.plans.get(&Plan::Tripod).unwrap();
    assert!(
        dusty.count.precision() >= 0.97 && dusty.count.recall() >= 0.97,
        "{:?}\n{}",
        dusty.count,
        worst(&TALLY)
    );
}

#[test]
fn cuts_are_noticed_and_steadiness_is_told() {
    assert!(TALLY.cuts.precision() >= 0.98, "{:?}", TALLY.cuts);
    assert!(TALLY.cuts.recall() >= 0.97, "{:?}", TALLY.cuts);
    let told = TALLY.steadiness_right as f64 / TALLY.paths as f64;
    assert!(told >= 0.80, "{told:.3}\n{}", TALLY.steadiness.table());
}
