//! What is promised of depth readings, on fewer scenes than the page reports.
#![allow(clippy::unwrap_used, reason = "tests fail by panicking")]

use decoupage_accuracy::depth::{calibration, measure};
use decoupage_accuracy::scores::quantile;

fn share((right, all): (usize, usize)) -> f64 {
    right as f64 / all.max(1) as f64
}

#[test]
fn depth_is_read_as_promised() {
    let scores = measure::measure(1_000_000..1_000_032).unwrap();
    assert!(scores.failed.is_empty(), "{:?}", scores.failed);
    let [polarity, colormap, layout, normalisation, scale] = scores.told.map(share);
    assert!(polarity >= 0.93, "polarity {polarity}");
    assert!(colormap >= 0.98, "colormap {colormap}");
    assert!(layout >= 0.98, "layout {layout}");
    assert!(normalisation >= 0.7, "normalisation {normalisation}");
    assert!(scale >= 0.9, "scale {scale}");
    let inside = scores.inside;
    assert!(
        inside.precision() >= 0.92 && inside.recall() >= 0.9,
        "{inside:?}"
    );
    // In open places the horizon is told nearly always, and within a fiftieth of the height.
    let (off, all) = &scores.horizon_open;
    assert!(off.len() * 10 >= all * 8, "{} of {all}", off.len());
    assert!(
        quantile(off, 0.5) < 0.01 && quantile(off, 0.8) < 0.03,
        "{off:?}"
    );
    let objects = scores.objects;
    assert!(
        objects.precision() >= 0.5 && objects.recall() >= 0.7,
        "{objects:?}"
    );
    let movers = scores
        .movers
        .into_iter()
        .reduce(|one, other| one.plus(other))
        .unwrap();
    assert!(
        movers.precision() >= 0.7 && movers.recall() >= 0.7,
        "{movers:?}"
    );
    assert!(share(scores.ways[0]) >= 0.85, "{:?}", scores.ways);
    // The camera is left open rather than guessed: about half of the moves are told.
    let moves = scores.moves;
    assert!(moves.precision() >= 0.65, "{moves:?}");
    let (_, twice) = calibration(&scores);
    assert!(twice >= 0.6, "{:?}", scores.amounts);
    assert!(share(scores.agreement[0]) >= 0.6, "{:?}", scores.agreement);
    assert!(share(scores.agreement[1]) >= 0.85, "{:?}", scores.agreement);
}
