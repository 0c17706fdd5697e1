use decoupage_shot::{Change, Correction};

use super::correct;
use crate::outline::outline;
use crate::reading::{Evidence, Reading};

fn still() -> Reading {
    let picture = image::RgbImage::from_pixel(64, 48, image::Rgb([180, 40, 40]));
    Reading::Identity(crate::identity::measure(&picture.into(), None))
}

fn change(reading: &Reading, number: usize, change: Change) -> Correction {
    let laid = outline(reading);
    let item = laid
        .items
        .iter()
        .filter(|item| item.key.starts_with("statement/"))
        .nth(number)
        .expect("a statement");
    Correction {
        item: item.key.clone(),
        was: item.words.clone(),
        change,
    }
}

#[test]
fn sentences_are_renamed_and_deleted_by_what_they_said() {
    let measured = still();
    assert!(measured.statements().len() >= 2, "{measured:?}");
    let second = measured.statements()[1].text.clone();
    let corrected = correct(
        &measured,
        &[
            change(&measured, 0, Change::Delete),
            change(
                &measured,
                1,
                Change::Rename {
                    to: "Her coat is crimson.".to_owned(),
                },
            ),
        ],
    );
    assert!(corrected.unmet.is_empty());
    let statements = corrected.reading.statements();
    assert_eq!(statements.len(), measured.statements().len() - 1);
    assert_eq!(statements[0].text, "Her coat is crimson.");
    assert_eq!(statements[0].evidence, Evidence::Person);
    assert!(statements.iter().all(|s| s.text != second));
}

#[test]
fn corrections_of_what_is_not_there_are_told() {
    let measured = still();
    let stray = Correction {
        item: "statement/0".to_owned(),
        was: "Something it never said.".to_owned(),
        change: Change::Delete,
    };
    let lost = Correction {
        item: "move/7".to_owned(),
        ..stray.clone()
    };
    let corrected = correct(&measured, &[stray.clone(), lost.clone()]);
    assert_eq!(corrected.reading, measured);
    assert_eq!(corrected.unmet, vec![lost, stray]);
}
