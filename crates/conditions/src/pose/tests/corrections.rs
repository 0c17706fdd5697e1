//! Readings laid open and corrected.

use super::*;
use crate::correct::{Parts, correct};
use crate::reading::Reading;
use decoupage_shot::{Change, Correction};

/// Someone who walks in from the left and waves, beside someone who stands.
fn two() -> Reading {
    Reading::Pose(read_bodies(4.0, |t| {
        let still = Figure {
            hips: [0.8, 0.5],
            ..Figure::default()
        };
        let mut walker = walk(t, 110.0, 0.1, 0.5, 4.0);
        walker.hips[1] = 0.52;
        vec![still.body(), walker.body()]
    }))
}

fn corrected(change: impl Fn(&str, &str) -> Option<Change>) -> PoseReading {
    let measured = two();
    let corrections: Vec<Correction> = measured
        .parts()
        .items()
        .into_iter()
        .filter_map(|item| {
            Some(Correction {
                change: change(&item.key, &item.words)?,
                item: item.key,
                was: item.words,
            })
        })
        .collect();
    assert!(!corrections.is_empty(), "{:?}", measured.parts().items());
    let done = correct(&measured, &corrections);
    assert_eq!(done.unmet, []);
    match done.reading {
        Reading::Pose(reading) => reading,
        other => panic!("{other:?}"),
    }
}

fn all_words(reading: &PoseReading) -> String {
    let all: Vec<_> = reading
        .statements()
        .into_iter()
        .map(|s| s.text.as_str())
        .collect();
    all.join(" ")
}

#[test]
fn sentences_follow_from_the_reading_alone() {
    let Reading::Pose(measured) = two() else {
        unreachable!()
    };
    let mut again: PoseReading =
        serde_json::from_str(&serde_json::to_string(&measured).unwrap()).unwrap();
    again.restate();
    assert_eq!(all_words(&again), all_words(&measured));
}

#[test]
fn a_named_person_is_told_by_name() {
    let reading =
        corrected(|key, _| (key == "person/1").then(|| Change::Rename { to: "Mara".into() }));
    assert!(
        all_words(&reading).contains("Mara walks"),
        "{}",
        all_words(&reading)
    );
}

#[test]
fn a_deleted_person_is_nobody() {
    let reading = corrected(|key, _| (key == "person/2").then_some(Change::Delete));
    assert_eq!(reading.people.len(), 1);
    assert!(all_words(&reading).starts_with("One figure is seen"));
}

#[test]
fn actions_are_deleted_renamed_and_retimed() {
    let walks = |words: &str| words == "Walks";
    let reading = corrected(|_, words| walks(words).then_some(Change::Delete));
    assert!(!all_words(&reading).contains("walks"));
    let reading = corrected(|_, words| {
        walks(words).then(|| Change::Rename {
            to: "running".into(),
        })
    });
    assert!(all_words(&reading).contains("runs from left to right at about 110"));
    let reading = corrected(|_, words| {
        walks(words).then_some(Change::Retime {
            start_s: 1.0,
            end_s: 2.5,
        })
    });
    assert!(
        all_words(&reading).contains("from 1.0 s to 2.5 s"),
        "{}",
        all_words(&reading)
    );
}

#[test]
fn facing_and_travel_are_renamed() {
    let reading = corrected(|key, _| {
        (key == "person/1/travel").then(|| Change::Rename {
            to: "right_to_left".into(),
        })
    });
    assert!(all_words(&reading).contains("walks from right to left"));
    let reading = corrected(|key, _| {
        (key == "person/2/facing").then(|| Change::Rename { to: "away".into() })
    });
    assert!(all_words(&reading).contains("The figure on the right faces away"));
}

#[test]
fn what_cannot_be_changed_is_left() {
    let Reading::Pose(mut reading) = two() else {
        unreachable!()
    };
    let before = reading.clone();
    for key in [
        "person/9",
        "person/1/action/99",
        "person/x",
        "nobody",
        "person/1/hat",
    ] {
        assert!(!reading.correct(key, &Change::Delete), "{key}");
    }
    let late = Change::Retime {
        start_s: f64::NAN,
        end_s: 1.0,
    };
    assert!(!reading.correct("person/1/action/0", &late));
    let nonsense = Change::Rename {
        to: "hatted".into(),
    };
    assert!(!reading.correct("person/1/action/0", &nonsense));
    assert_eq!(reading, before);
}
