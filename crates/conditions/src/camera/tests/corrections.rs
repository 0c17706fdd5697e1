//! A reading's parts, corrected: what a person says wins, and the sentences follow.

use decoupage_shot::{Change, Correction};
use decoupage_stage::camera::{MoveKind as K, Segment};

use super::super::{CameraReading, MoveKind, MoveUnit, Steadiness};
use super::{CameraScript, reading_of};
use crate::correct::{Parts, correct};
use crate::outline::{Changeable, outline};
use crate::reading::{Evidence, Reading};

/// Trucks right over the first 2 s, holds, then pans left.
fn measured() -> CameraReading {
    reading_of(
        &CameraScript::of(vec![
            Segment::new(2.0, &[(K::TruckRight, 1.5)]),
            Segment::hold(1.0),
            Segment::new(2.0, &[(K::PanLeft, 30.0)]),
        ]),
        24.0,
    )
}

fn corrected(key: &str, change: Change) -> CameraReading {
    let reading = Reading::Camera(measured());
    let was = outline(&reading)
        .items
        .into_iter()
        .find(|item| item.key == key)
        .expect("the item")
        .words;
    let corrected = correct(
        &reading,
        &[Correction {
            item: key.to_owned(),
            was,
            change,
        }],
    );
    assert_eq!(corrected.unmet, []);
    match corrected.reading {
        Reading::Camera(reading) => reading,
        other => panic!("{other:?}"),
    }
}

fn says(reading: &CameraReading, words: &str) -> bool {
    reading
        .statements
        .iter()
        .any(|statement| statement.text.contains(words))
}

#[test]
fn every_move_and_the_steadiness_can_be_looked_at() {
    let reading = measured();
    let items = reading.items();
    let words: Vec<&str> = items.iter().map(|item| item.words.as_str()).collect();
    assert_eq!(
        words,
        [
            "Trucks right",
            "Holds still",
            "Pans left",
            "Smooth, without shake"
        ]
    );
    assert_eq!(items[0].choices.len(), MoveKind::ALL.len());
    assert_eq!(items[0].choices[0].words, "Holds still");
    assert!(items[0].changes.contains(&Changeable::Retime));
    assert!(!items[0].marks.is_empty());
    assert_eq!(items[3].changes, [Changeable::Rename]);
    let curves = reading.curves();
    let names: Vec<&str> = curves.iter().map(|curve| curve.name.as_str()).collect();
    assert_eq!(names, ["Pan", "Truck"]);
    let pan = &curves[0];
    assert!((pan.values.last().unwrap() + 30.0).abs() < 1.0, "{pan:?}");
    assert!(curves.iter().all(|curve| curve.values.len() <= 400));
}

#[test]
fn a_deleted_move_is_no_longer_said() {
    assert!(says(&measured(), "pans left"));
    let reading = corrected("move/2", Change::Delete);
    assert!(!says(&reading, "pans left"), "{:?}", reading.statements);
    assert!(says(&reading, "trucks right"));
}

#[test]
fn a_renamed_move_is_said_anew_and_rests_on_the_person() {
    let reading = corrected(
        "move/2",
        Change::Rename {
            to: "truck_left".to_owned(),
        },
    );
    assert_eq!(reading.moves[2].kind, MoveKind::TruckLeft);
    assert!(says(&reading, "trucks left"), "{:?}", reading.statements);
    assert!(!says(&reading, "°"), "degrees are no measure of a truck");
    let reading = corrected(
        "move/0",
        Change::Rename {
            to: "dolly_in".to_owned(),
        },
    );
    assert!(says(&reading, "dollies in"));
    assert!(
        reading
            .statements
            .iter()
            .any(|statement| statement.evidence == Evidence::Person)
    );
    let mut reading = measured();
    let unknown = Change::Rename {
        to: "levitate".to_owned(),
    };
    assert!(!reading.correct("move/0", &unknown));
    assert!(!reading.correct("move/99", &Change::Delete));
    assert!(!reading.correct("move/", &Change::Delete));
    assert!(!reading.correct("elsewhere", &Change::Delete));
}

#[test]
fn a_retimed_move_is_said_at_its_new_time() {
    let reading = corrected(
        "move/0",
        Change::Retime {
            start_s: 0.0,
            end_s: 1.4,
        },
    );
    assert!(
        says(&reading, "over the first 1.4 s"),
        "{:?}",
        reading.statements
    );
    assert!((reading.moves[0].end_s - 1.4).abs() < 1e-9);
    let mut reading = measured();
    for (start_s, end_s) in [(1.0, 1.0), (f64::NAN, 2.0), (90.0, 95.0), (3.0, 1.0)] {
        assert!(!reading.correct("move/0", &Change::Retime { start_s, end_s }));
    }
}

#[test]
fn steadiness_can_be_renamed_but_not_deleted() {
    let reading = corrected(
        "steadiness",
        Change::Rename {
            to: "unsteady".to_owned(),
        },
    );
    assert_eq!(reading.steadiness, Steadiness::Unsteady);
    assert!(says(&reading, "as if held by hand"));
    assert!(!measured().correct("steadiness", &Change::Delete));
}

#[test]
fn sentences_are_the_same_when_nothing_was_corrected() {
    let mut reading = measured();
    let before = reading.statements.clone();
    reading.restate();
    assert_eq!(reading.statements, before);
}

#[test]
fn a_deleted_cut_joins_what_it_parted() {
    use super::super::{Amplitude, Move, Speed};
    let part = |start_s: f64, end_s: f64| Move {
        kind: MoveKind::PanLeft,
        start_s,
        end_s,
        amount: 10.0,
        unit: MoveUnit::Deg,
        speed: Speed::Slow,
        amplitude: Amplitude::Small,
        confidence: 0.9,
    };
    let mut reading = CameraReading {
        duration_s: 4.0,
        moves: vec![part(0.0, 2.0), part(2.0, 4.0)],
        cuts: vec![2.0],
        ..CameraReading::default()
    };
    reading.restate();
    assert!(says(&reading, "After the cut at 2.0 s"));
    assert!(says(&reading, "cuts to another place at 2.0 s"));
    assert!(reading.correct("cut/0", &Change::Delete));
    reading.restate();
    assert_eq!(reading.moves.len(), 1);
    assert!((reading.moves[0].amount - 20.0).abs() < 1e-9);
    assert!(!says(&reading, "cut"), "{:?}", reading.statements);
    assert!(!reading.correct("cut/0", &Change::Delete));
}
