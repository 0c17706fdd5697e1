//! Depth, against known truth.

use crate::scores::{Count, quantile, table};
use crate::{Chapter, Effort};

pub mod measure;

use measure::Scores;

/// Seeds of the scenes that are reported; thresholds were chosen on seeds from 0.
const REPORTED: u64 = 1_000_000;

/// Measures and reports.
pub fn chapter(effort: Effort) -> Chapter {
    let scenes = effort.scenes(24, 400) as u64;
    let body = match measure::measure(REPORTED..REPORTED + scenes) {
        Ok(scores) => report(&scores),
        Err(fault) => format!("The scenes could not be made: {fault}\n"),
    };
    Chapter {
        title: "Depth",
        body,
    }
}

fn percent(part: usize, whole: usize) -> String {
    if whole == 0 {
        return "–".to_owned();
    }
    format!("{:.1} % of {whole}", 100.0 * part as f64 / whole as f64)
}

fn row(name: &str, count: &Count) -> Vec<String> {
    vec![
        name.to_owned(),
        format!("{:.3}", count.precision()),
        format!("{:.3}", count.recall()),
        format!("{}", count.right + count.missed),
    ]
}

/// The chapter's paragraphs and tables.
pub fn report(scores: &Scores) -> String {
    let mut out = format!(
        "{} scenes: open places with and without houses, rooms with doorways, corridors with side \
         doors; up to four things that stand, up to three that move (walkers, boxes and balls, \
         each in its own lane of depth, some towards the camera or away from it); a camera that \
         rests or makes one move. Two seconds at 10 frames a second, 192 × 112 pixels. Half of them \
         are written plainly (inverse depth in grey, an mp4), the others in ten looks, stretched \
         by frame or by clip, as clips, frames, side by side or in metres, with soft edges and \
         a scale that flickers.\n\n",
        scores.scenes
    );
    if !scores.failed.is_empty() {
        out.push_str(&format!("Not read: {}.\n\n", scores.failed.len()));
    }
    let names = [
        "polarity",
        "colormap",
        "layout",
        "normalisation (where the choice changes the picture)",
        "even with distance or its inverse",
    ];
    let rows = names
        .iter()
        .zip(scores.told)
        .map(|(name, (right, all))| vec![(*name).to_owned(), percent(right, all)]);
    out.push_str(&table(&["how it is written", "right"], rows));
    out.push_str(&format!(
        "\nIndoors or outdoors: {} right, {} wrong, {} left open.\n\n{}",
        scores.inside.right,
        scores.inside.wrong,
        scores.inside.missed,
        scores.setting.table()
    ));
    let horizon = |(off, all): &(Vec<f64>, usize)| {
        vec![
            percent(off.len(), *all),
            format!("{:.3}", quantile(off, 0.5)),
            format!("{:.3}", quantile(off, 0.9)),
        ]
    };
    let with = |name: &str, rest: Vec<String>| {
        let mut row = vec![name.to_owned()];
        row.extend(rest);
        row
    };
    out.push('\n');
    out.push_str(&table(
        &[
            "horizon",
            "told",
            "median error, share of height",
            "nine in ten under",
        ],
        [
            with("open places", horizon(&scores.horizon_open)),
            with("everywhere", horizon(&scores.horizon)),
        ],
    ));
    out.push('\n');
    out.push_str(&table(
        &["found", "precision", "recall", "there are"],
        [
            row("doorways", &scores.openings),
            row("things that stand", &scores.objects),
            row("movers, camera at rest", &scores.movers[0]),
            row("movers, camera pans or tilts", &scores.movers[1]),
            row("movers, camera travels", &scores.movers[2]),
        ],
    ));
    out.push_str(&format!(
        "\nThe number of things that stand is right in {}. The way of movers that are found is right \
         for {} across the frame and {} towards the camera or away from it.\n",
        percent(scores.number.0, scores.number.1),
        percent(scores.ways[0].0, scores.ways[0].1),
        percent(scores.ways[1].0, scores.ways[1].1),
    ));
    let (within, twice) = calibration(scores);
    let off: Vec<f64> = scores
        .amounts
        .iter()
        .map(|[read, so, _]| (read - so).abs() / so.max(1e-6))
        .collect();
    out.push_str(&format!(
        "\nThe camera is told with a precision of {:.3} and a recall of {:.3} (nothing said counts \
         against recall only). Its amount is off by {:.0} % in the median and by {:.0} % in nine of \
         ten; {:.0} % of the true amounts lie within one of its standard deviations and {:.0} % \
         within two.\n\n{}",
        scores.moves.precision(),
        scores.moves.right as f64
            / (scores.moves.right + scores.moves.wrong + scores.moves.missed).max(1) as f64,
        100.0 * quantile(&off, 0.5),
        100.0 * quantile(&off, 0.9),
        100.0 * within,
        100.0 * twice,
        scores.camera.table()
    ));
    out.push_str(&format!(
        "\nHeld against a camera path, depth agrees with the right one in {} and objects to one that \
         goes the other way in {}.\n",
        percent(scores.agreement[0].0, scores.agreement[0].1),
        percent(scores.agreement[1].0, scores.agreement[1].1),
    ));
    let frames = scores.cost.2.max(1) as f64;
    out.push_str(&format!(
        "\nReading takes {:.1} ms a frame of this size with its decoding, which alone takes {:.1} ms \
         (unoptimised builds take longer); of longer clips 48 frames are measured.\n",
        1e3 * scores.cost.0 / frames,
        1e3 * scores.cost.1 / frames,
    ));
    out
}

/// The shares of amounts within one and within two of their standard deviations.
pub fn calibration(scores: &Scores) -> (f64, f64) {
    let all = scores.amounts.len().max(1) as f64;
    let within = |times: f64| {
        scores
            .amounts
            .iter()
            .filter(|[read, so, sigma]| (read - so).abs() <= times * sigma)
            .count() as f64
            / all
    };
    (within(1.0), within(2.0))
}
