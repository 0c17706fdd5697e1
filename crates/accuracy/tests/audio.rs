//! What the page promises of sound, on fewer sounds.

use decoupage_accuracy::scores::quantile;
use decoupage_accuracy::{Effort, audio};

#[test]
fn sounds_are_read_as_promised() {
    let scores = audio::scores(Effort::Tests);
    assert!(
        quantile(&scores.loudness[0], 1.0) < 0.15,
        "{:?}",
        scores.loudness
    );
    let [pieces, right, octave, _, _] = scores.tempo;
    assert!(8 * right >= 5 * pieces, "{:?}", scores.tempo);
    assert!(4 * (right + octave) >= 3 * pieces, "{:?}", scores.tempo);
    assert!(scores.beats.f1() >= 0.85, "{:?}", scores.beats);
    assert_eq!(
        scores.beatless[1], 0,
        "a tempo was told where there is no beat"
    );
    for (truth, least) in [
        ("speech", 0.75),
        ("band", 0.85),
        ("silence", 0.85),
        ("noise", 0.75),
    ] {
        let right = scores.right(truth);
        assert!(right >= least, "{truth}: {right}: {:?}", scores.regions);
    }
    let (mut made, mut found, mut wrong) = (0, 0, 0);
    for count in scores.changes.values() {
        made += count.right + count.missed;
        found += count.right;
        wrong += count.wrong;
    }
    assert!(10 * found >= 6 * made, "{:?}", scores.changes);
    assert!(2 * wrong <= made, "{:?}", scores.changes);
    assert_eq!(
        scores.lines.missed + scores.lines.wrong,
        0,
        "{:?}",
        scores.lines
    );
}
