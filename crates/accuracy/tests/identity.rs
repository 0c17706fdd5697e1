//! What is promised of identity readings, on fewer scenes than the page reports.

use decoupage_accuracy::identity::{Behind, cut_outs, views};
use decoupage_accuracy::scores::quantile;

#[test]
fn subjects_are_told_from_their_grounds_with_their_colours() {
    for (behind, scores) in Behind::ALL.into_iter().zip(cut_outs(500_000, 4)) {
        let (iou, off) = (quantile(&scores.iou, 0.5), quantile(&scores.thirds, 0.5));
        // Pictures are small here: half a pixel of soft edge is a few hundredths of a figure.
        let least = match behind {
            Behind::Nothing | Behind::Even => 0.95,
            Behind::Rough | Behind::Gradient => 0.9,
        };
        assert!(iou > least, "{behind:?}: {:?}", scores.iou);
        assert!(off < 4.0, "{behind:?}: {:?}", scores.thirds);
        assert_eq!(scores.crops.wrong, 0, "{behind:?}: {:?}", scores.crops);
    }
}

#[test]
fn views_of_one_person_are_put_together_and_copies_found() {
    let scores = views(500_000, 2);
    assert!(scores.pairs.precision() > 0.85, "{scores:?}");
    assert!(scores.pairs.recall() > 0.8, "{scores:?}");
    assert_eq!(
        (scores.copies.wrong, scores.copies.missed),
        (0, 0),
        "{scores:?}"
    );
}
