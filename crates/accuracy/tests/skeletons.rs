//! Rendered skeletons are read as well as the accuracy page says.

use decoupage_accuracy::skeletons::scenes::{Cast, Size};
use decoupage_accuracy::skeletons::score::Score;
use decoupage_accuracy::skeletons::{CANVAS, Form, REPORTED, measure, swapped, whole};
use decoupage_stage::skeleton::SkeletonStyle;

/// What is promised: error in pixels of a 512-pixel canvas, shares of keypoints.
struct Promise {
    median_px: f64,
    most_px: f64,
    found: f64,
    right: f64,
}

/// Ordinary drawings.
const USUAL: Promise = Promise {
    median_px: 1.0,
    most_px: 3.0,
    found: 0.97,
    right: 0.98,
};

fn keep(promise: &Promise, score: &Score, what: &str) {
    let (median, most) = (score.median_px(), score.worst_px());
    assert!(median < promise.median_px, "{what}: median {median:.2} px");
    assert!(most < promise.most_px, "{what}: 95 % below {most:.2} px");
    let (found, right) = (score.points.recall(), score.points.precision());
    assert!(found > promise.found, "{what}: {found:.3} are found");
    assert!(right > promise.right, "{what}: {right:.3} are right");
}

fn read(cast: Cast, crf: Option<u32>, style: SkeletonStyle, size: Size) -> Score {
    measure(cast, Form { crf, style }, size, 2, REPORTED)
}

#[test]
fn keypoints_lie_where_they_are_drawn_however_it_is_written() {
    let usual = SkeletonStyle::default();
    for (what, crf, style) in [
        ("PNG", None, usual),
        ("crf 23", Some(23), usual),
        ("crf 32", Some(32), usual),
        ("red and blue exchanged", Some(23), swapped()),
    ] {
        let score = read(Cast::Plain, crf, style, CANVAS);
        keep(&USUAL, &score, what);
        assert_eq!((score.invented, score.miscounted), (0, 0), "{what}");
    }
}

#[test]
fn hands_and_faces_are_no_limbs() {
    let score = read(Cast::Plain, Some(23), whole(), CANVAS);
    let promise = Promise {
        // The nose under a face's dots is off by ten pixels and more.
        most_px: 11.0,
        found: 0.87,
        right: 0.94,
        ..USUAL
    };
    keep(&promise, &score, "hands and faces");
    assert_eq!((score.invented, score.miscounted), (0, 0));
}

#[test]
fn walks_in_profile_keep_both_legs_on_any_canvas() {
    for size in [CANVAS, (1024, 576), (1280, 720)] {
        let score = read(Cast::Profile, Some(23), SkeletonStyle::default(), size);
        keep(&USUAL, &score, &format!("{size:?}"));
        assert_eq!((score.invented, score.miscounted), (0, 0), "{size:?}");
    }
}

#[test]
fn crowds_are_told_apart() {
    let score = read(Cast::Crowd, Some(23), SkeletonStyle::default(), CANVAS);
    let promise = Promise {
        found: 0.95,
        right: 0.95,
        ..USUAL
    };
    keep(&promise, &score, "a crowd");
    assert_eq!((score.switches, score.miscounted), (0, 0));
}

#[test]
fn small_people_are_found() {
    let score = read(Cast::Small, Some(23), SkeletonStyle::default(), CANVAS);
    let promise = Promise {
        // A known gap: somebody so small in profile is little but dots, and read badly.
        most_px: 60.0,
        found: 0.4,
        right: 0.5,
        ..USUAL
    };
    keep(&promise, &score, "small people");
}

#[test]
fn people_who_cross_or_hide_keep_their_numbers() {
    let casts = [
        Cast::Crossing(2),
        Cast::Crossing(3),
        Cast::Crossing(4),
        Cast::Hidden,
        Cast::Leaving,
    ];
    for cast in casts {
        let score = read(cast, Some(23), SkeletonStyle::default(), CANVAS);
        // A known gap: where three and four meet, some numbers are exchanged.
        let most = match cast {
            Cast::Crossing(3) => 2,
            Cast::Crossing(4) => 5,
            _ => 0,
        };
        assert!(
            score.switches <= most * score.clips,
            "{cast:?}: {}",
            score.switches
        );
        assert!(score.points.precision() > 0.9, "{cast:?}");
    }
}
