//! What people do: actions, their times and rates, and which way people face, read from keypoint
//! files of acting people.

mod count;

use decoupage_conditions::pose::ActionKind;

pub use count::{Tally, key, measure};

use crate::scores::{Count, quantile, table};
use crate::{Chapter, Effort};

/// The first seed of the scenes that are reported; those below chose the thresholds.
pub const FIRST_SEED: u64 = 1_000_000;

/// Measures and reports.
pub fn chapter(effort: Effort) -> Chapter {
    let scenes = effort.scenes(60, 600) as u64;
    let tally = measure(FIRST_SEED..FIRST_SEED + scenes);
    Chapter {
        title: "Actions",
        body: body(scenes, &tally),
    }
}

fn percent(share: f64) -> String {
    format!("{:.0} %", 100.0 * share)
}

fn body(scenes: u64, tally: &Tally) -> String {
    let mut rows = Vec::new();
    let mut all = Count::default();
    for kind in ActionKind::ALL {
        let Some(count) = tally.counts.get(&key(kind)) else {
            continue;
        };
        if count.right + count.missed == 0 {
            continue;
        }
        all = all.plus(*count);
        let errors = tally
            .borders
            .get(&key(kind))
            .map_or(0.0, |e| quantile(e, 0.5));
        rows.push(vec![
            key(kind).replace('_', " "),
            (count.right + count.missed).to_string(),
            percent(count.precision()),
            percent(count.recall()),
            format!("{:.2}", count.f1()),
            format!("{errors:.2} s"),
        ]);
    }
    let weak: Vec<String> = ActionKind::ALL
        .into_iter()
        .filter_map(|kind| {
            let count = tally.counts.get(&key(kind))?;
            (count.right + count.missed > 0 && count.f1() < aim(kind)).then(|| {
                format!(
                    "{} ({:.2}, the aim is {:.2})",
                    key(kind).replace('_', " "),
                    count.f1(),
                    aim(kind)
                )
            })
        })
        .collect();
    let missed = if weak.is_empty() {
        "Every action reaches its aim.".to_owned()
    } else {
        format!("Below their aim stay: {}.", weak.join("; "))
    };
    format!(
        "{scenes} random scenes of one to four acting people, written as keypoint files: bodies of \
         1.5 to 1.92 m with other proportions, slow to brisk, from all sides, before a still or a \
         slowly moving camera; two thirds of them with errors of up to 2 % of the body's height in \
         every keypoint, more than half with up to 8 % of the keypoints lost. Gestures across the \
         body (waving, clapping, a hand at the face, looks aside) are filmed from the front or \
         from behind, gestures ahead of it (pointing, reaching, throwing, punching, kicking, \
         bending, picking up, lying) within 50° of the side: from elsewhere keypoints hardly show \
         them, and they are told less surely than here.\n\n\
         An action counts as read when one of its kind overlaps it by at least 0.4 (intersection \
         over union). The error is the median over both ends. The scenes' movements are made, not \
         filmed: real people vary more.\n\n{}\nAll together: precision {}, recall {}, F1 {:.2}. \
         {missed}\n\n\
         - Steps a minute of walks and runs: median error {:.1} %, nine in ten within {:.1} %.\n\
         - Tempo of dances: median error {:.1} %, nine in ten within {:.1} %.\n\
         - Turns: median error of the amount {:.0}°, the way round right in {} of those found.\n\
         - Sides of arms and legs: right in {}.\n\
         - Facing, sampled five times a second, borders between two facings taken with 12° of \
         grace: right in {}; while walking {}, while gesturing {}.\n\n\
         What was taken for what, where it was not read as what it is (“nothing” in the first \
         column: read, but not there):\n\n{}",
        table(
            &[
                "action",
                "times",
                "precision",
                "recall",
                "F1",
                "ends off by"
            ],
            rows
        ),
        percent(all.precision()),
        percent(all.recall()),
        all.f1(),
        quantile(&tally.cadence, 0.5),
        quantile(&tally.cadence, 0.9),
        quantile(&tally.tempo, 0.5),
        quantile(&tally.tempo, 0.9),
        quantile(&tally.turns, 0.5),
        percent(tally.ways.recall()),
        percent(tally.sides.recall()),
        percent(tally.facing[0].recall()),
        percent(tally.facing[1].recall()),
        percent(tally.facing[2].recall()),
        tally.confused()
    )
}

/// The F1 that is aimed at.
pub fn aim(kind: ActionKind) -> f64 {
    use ActionKind as A;
    match kind {
        A::Walking
        | A::Running
        | A::Sitting
        | A::SittingDown
        | A::StandingUp
        | A::Jumping
        | A::Crouching
        | A::Waving
        | A::RaisingArm
        | A::Turning => 0.9,
        _ => 0.75,
    }
}
