//! Where one shot gives way to the next: hard cuts, dissolves, fades.
//!
//! A hard cut is one frame unlike the one before even after the picture's own motion is taken
//! out, among frames that are alike. A fade loses its contrast towards an empty picture. A
//! dissolve changes every part of the picture steadily, in one direction, in a way that no
//! motion and no change of brightness explains (the production-model view of transitions:
//! Hampapur, Jain and Weymouth 1995; Boreczky and Rowe 1996 compare such measures).

use std::ops::Range;

use super::pass::Frame;
use super::{Cut, CutKind, thousandth};

/// The frames of one shot.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Span {
    /// Begin, seconds.
    pub start_s: f64,
    /// End, seconds; `None` for the clip's end.
    pub end_s: Option<f64>,
    /// All its frames.
    pub frames: Range<usize>,
    /// Those of them that show this shot alone, at full strength.
    pub clear: Range<usize>,
}

/// What was found.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Found {
    /// Cuts, dissolves and fades in order.
    pub cuts: Vec<Cut>,
    /// The shots in order; at least one.
    pub shots: Vec<Span>,
}

/// A transition in frames: the first frame that differs from the shot before, and the first
/// that is all of the next.
struct Passage {
    frames: Range<usize>,
    cut: Cut,
}

/// Finds the cuts and shots of a clip of at least one frame.
pub(crate) fn find(frames: &[Frame]) -> Found {
    let empty = empty_runs(frames);
    let hard = hard_cuts(frames);
    let mut passages: Vec<Passage> = Vec::new();
    for (at, confidence) in &hard {
        let time = time(frames, *at);
        passages.push(Passage {
            frames: *at..*at,
            cut: Cut {
                kind: CutKind::Hard,
                start_s: thousandth(time),
                end_s: thousandth(time),
                confidence: *confidence,
            },
        });
    }
    let hard: Vec<usize> = hard.iter().map(|(at, _)| *at).collect();
    passages.extend(fades(frames, &empty, &hard));
    let taken: Vec<Range<usize>> = passages
        .iter()
        .map(|passage| passage.frames.clone())
        .chain(empty.iter().cloned())
        .collect();
    passages.extend(dissolves(frames, &taken));
    passages.sort_by_key(|passage| passage.frames.start);
    let shots = shots(frames, &passages, &empty);
    Found {
        cuts: passages.into_iter().map(|passage| passage.cut).collect(),
        shots,
    }
}

fn time(frames: &[Frame], at: usize) -> f64 {
    frames
        .get(at)
        .or(frames.last())
        .map_or(0.0, |frame| frame.time_s)
}

/// Runs of black or white frames.
fn empty_runs(frames: &[Frame]) -> Vec<Range<usize>> {
    runs(frames.len(), |at| {
        frames
            .get(at)
            .is_some_and(|frame| frame.contrast < 0.02 && (frame.mean < 0.08 || frame.mean > 0.92))
    })
}

/// Runs of numbers below `count` for which something holds.
pub(crate) fn runs(count: usize, holds: impl Fn(usize) -> bool) -> Vec<Range<usize>> {
    let mut found: Vec<Range<usize>> = Vec::new();
    for at in 0..count {
        if !holds(at) {
            continue;
        }
        match found.last_mut() {
            Some(run) if run.end == at => run.end = at + 1,
            _ => found.push(at..at + 1),
        }
    }
    found
}

/// Frames on either side that a cut is measured against.
const AROUND: usize = 6;

/// The first frames of new shots after hard cuts, and how sure each is.
fn hard_cuts(frames: &[Frame]) -> Vec<(usize, f64)> {
    let difference = |at: usize| {
        frames
            .get(at)
            .and_then(|frame| frame.compared.as_ref())
            .map(|compared| compared.difference)
    };
    let mut found: Vec<(usize, f64, f64)> = Vec::new();
    for (at, frame) in frames.iter().enumerate().skip(1) {
        let Some(compared) = &frame.compared else {
            // Too small to follow: colours alone must tell.
            if frame.recoloured > 0.6 {
                found.push((at, 0.5, frame.recoloured));
            }
            continue;
        };
        let unlike = compared.likeness < 0.6
            && compared.difference > 0.03
            && (frame.recoloured > 0.15 || compared.likeness < 0.3);
        if !unlike {
            continue;
        }
        let mut around: Vec<f64> = (at.saturating_sub(AROUND)..=at + AROUND)
            .filter(|other| *other != at)
            .filter_map(difference)
            .collect();
        around.sort_by(f64::total_cmp);
        let usual = around.get(around.len() / 2).copied().unwrap_or(0.0);
        if compared.difference < 2.5 * usual + 0.01 || is_flash(frames, at) {
            continue;
        }
        let clear = (compared.difference / (2.5 * usual + 0.01) - 1.0).min(1.0);
        let confidence = 0.75 + 0.1 * clear + 0.14 * (1.0 - compared.likeness.max(0.0));
        let strength = compared.difference;
        match found.last_mut() {
            // One cut cannot follow another within two frames.
            Some(last) if at - last.0 < 3 => {
                if strength > last.2 {
                    *last = (at, confidence, strength);
                }
            }
            _ => found.push((at, confidence, strength)),
        }
    }
    found
        .into_iter()
        .map(|(at, confidence, _)| (at, (confidence.min(0.99) * 100.0).round() / 100.0))
        .collect()
}

/// A flash gives way to what was there before.
fn is_flash(frames: &[Frame], at: usize) -> bool {
    let here = frames.get(at).map_or(0.0, |frame| frame.recoloured);
    let back = |at: usize| {
        frames
            .get(at)
            .is_some_and(|frame| frame.recoloured_by_two < 0.35 * here)
    };
    here > 0.1 && ((at >= 2 && back(at)) || back(at + 1))
}

/// The fewest frames of a fade.
const SHORTEST_FADE: usize = 4;

/// Fades before and after empty pictures.
fn fades(frames: &[Frame], empty: &[Range<usize>], hard: &[usize]) -> Vec<Passage> {
    let contrast = |at: usize| frames.get(at).map_or(0.0, |frame| frame.contrast);
    // Where a fade that shows its empty end at `ramp.0` and its full picture at `ramp.1`
    // would have no contrast left: the straight line through both.
    let reach = |from: usize, to: usize| {
        let (low, high) = (contrast(from), contrast(to));
        let steps = from.abs_diff(to) as f64;
        (low / ((high - low) / steps).max(1e-6))
            .min(0.2 * steps)
            .round() as usize
    };
    let mut found = Vec::new();
    for run in empty {
        let mut first = run.start;
        while first > 0 && !hard.contains(&first) && contrast(first - 1) > 1.01 * contrast(first) {
            first -= 1;
        }
        if run.start - first >= SHORTEST_FADE && contrast(first) > 0.04 {
            let end = (run.start + reach(run.start, first)).min(run.end);
            found.push(passage(frames, CutKind::FadeOut, first..end));
        }
        let last = run.end - 1;
        let mut full = last;
        while full + 1 < frames.len()
            && !hard.contains(&(full + 1))
            && contrast(full + 1) > 1.01 * contrast(full)
        {
            full += 1;
        }
        if full - last >= SHORTEST_FADE && contrast(full) > 0.04 {
            let start = last.saturating_sub(reach(last, full)).max(run.start);
            found.push(passage(frames, CutKind::FadeIn, start..full));
        }
    }
    found
}

fn passage(frames: &[Frame], kind: CutKind, range: Range<usize>) -> Passage {
    Passage {
        cut: Cut {
            kind,
            start_s: thousandth(time(frames, range.start)),
            end_s: thousandth(time(frames, range.end)),
            confidence: if kind == CutKind::Dissolve {
                0.75
            } else {
                0.85
            },
        },
        frames: range,
    }
}

/// How much the parts of the picture must change in all to be another picture, 0–1.
const DISSOLVED: f64 = 0.036;
/// The share of the picture that must change.
const SPREAD: f64 = 0.4;
/// Change a frame and cell, against which a run of change begins.
const STIRRED: f64 = 0.0009;
/// How like its neighbours every frame of a dissolve is: it changes little by little. A picture
/// that a fast camera leaves behind from frame to frame is not.
const ALIKE: f64 = 0.93;
/// Frames that each picture is seen alone before and after a dissolve.
const ALONE: usize = 3;
/// The longest dissolve, seconds.
const LONGEST_S: f64 = 4.0;

fn dissolves(frames: &[Frame], taken: &[Range<usize>]) -> Vec<Passage> {
    let count = frames.len();
    let is_free = |at: usize| {
        taken
            .iter()
            .all(|range| at < range.start || at > range.end.max(range.start))
    };
    // How the cells change from frame to frame, hard cuts and fades left out.
    let changes: Vec<Option<Vec<f32>>> = frames
        .iter()
        .enumerate()
        .map(|(at, frame)| {
            let compared = frame.compared.as_ref().filter(|_| is_free(at))?;
            Some(compared.cells.iter().map(|cell| cell.change).collect())
        })
        .collect();
    let sums = |range: Range<usize>| -> Option<(f64, f64, f64)> {
        let mut total: Vec<(f32, f32)> = Vec::new();
        for cells in changes.get(range)? {
            let cells = cells.as_ref()?;
            total.resize(cells.len(), (0.0, 0.0));
            for ((sum, path), change) in total.iter_mut().zip(cells) {
                *sum += change;
                *path += change.abs();
            }
        }
        let cells = total.len().max(1) as f64;
        let mean = total
            .iter()
            .map(|(sum, _)| f64::from(sum.abs()))
            .sum::<f64>()
            / cells;
        let path = total.iter().map(|(_, path)| f64::from(*path)).sum::<f64>() / cells;
        let wide = total.iter().filter(|(sum, _)| sum.abs() > 0.018).count() as f64 / cells;
        Some((mean, path, wide))
    };
    let length = frames.last().map_or(0.0, |frame| frame.time_s);
    let fps = (count.saturating_sub(1)) as f64 / length.max(1e-3);
    let half = ((0.1 * fps).round() as usize).clamp(1, 8);
    let stirred: Vec<f64> = (0..count)
        .map(|at| {
            let range = at.saturating_sub(half)..(at + half + 1).min(count);
            let frames = range.len() as f64;
            sums(range).map_or(0.0, |(mean, _, _)| mean / frames)
        })
        .collect();
    let strong = |at: usize, least: f64| stirred.get(at).is_some_and(|value| *value > least);
    let mut found = Vec::new();
    for run in runs(count, |at| strong(at, STIRRED)) {
        // The run begins and ends where the change is well below what it is inside.
        let mut inside: Vec<f64> = stirred.get(run.clone()).unwrap_or_default().to_vec();
        inside.sort_by(f64::total_cmp);
        let usual = inside.get(inside.len() * 3 / 4).copied().unwrap_or(0.0);
        for core in runs(run.end, |at| at >= run.start && strong(at, 0.45 * usual)) {
            let seconds = core.len() as f64 / fps;
            let Some((mean, path, wide)) = sums(core.clone()) else {
                continue;
            };
            let other = thumbs_alike(frames, core.start.saturating_sub(1), core.end) < 0.8;
            let smooth = usual_likeness(frames, core.clone()) > ALIKE;
            // Before and after it each picture is seen alone.
            let alone = core.start >= ALONE
                && core.end + ALONE <= count
                && (core.start - ALONE..core.end + ALONE).all(is_free);
            if core.len() >= 5
                && alone
                && seconds <= LONGEST_S
                && mean > DISSOLVED
                && mean > 0.45 * path
                && wide > SPREAD
                && other
                && smooth
            {
                found.push(passage(
                    frames,
                    CutKind::Dissolve,
                    core.start.saturating_sub(1)..core.end.min(count - 1),
                ));
            }
        }
    }
    found
}

/// The median likeness of some frames to the ones before.
fn usual_likeness(frames: &[Frame], range: Range<usize>) -> f64 {
    let mut found: Vec<f64> = frames
        .get(range)
        .unwrap_or_default()
        .iter()
        .filter_map(|frame| frame.compared.as_ref())
        .map(|compared| compared.likeness)
        .collect();
    found.sort_by(f64::total_cmp);
    found.get(found.len() / 2).copied().unwrap_or(0.0)
}

/// Correlation of two frames' thumbnails.
fn thumbs_alike(frames: &[Frame], one: usize, other: usize) -> f64 {
    let other = other.min(frames.len().saturating_sub(1));
    let Some((one, other)) = frames.get(one).zip(frames.get(other)) else {
        return 1.0;
    };
    let value = |rgb: &[u8; 3]| rgb.iter().map(|v| f64::from(*v)).sum::<f64>();
    let count = one.thumb.len().min(other.thumb.len()).max(1) as f64;
    let (mut a, mut b, mut aa, mut bb, mut ab) = (0.0, 0.0, 0.0, 0.0, 0.0);
    for (x, y) in one.thumb.iter().zip(&other.thumb) {
        let (x, y) = (value(x), value(y));
        a += x;
        b += y;
        aa += x * x;
        bb += y * y;
        ab += x * y;
    }
    let spread = ((aa - a * a / count) * (bb - b * b / count))
        .max(0.0)
        .sqrt();
    if spread < 1e-6 {
        return 0.0;
    }
    (ab - a * b / count) / spread
}

/// Empty pictures at the clip's ends shorter than this belong to the first or last shot.
const SHORT_EMPTY_S: f64 = 0.5;

fn shots(frames: &[Frame], passages: &[Passage], empty: &[Range<usize>]) -> Vec<Span> {
    let count = frames.len();
    let end = time(frames, count);
    let mut borders: Vec<(usize, f64)> = Vec::new();
    for passage in passages {
        match passage.cut.kind {
            CutKind::Hard => borders.push((passage.frames.start, passage.cut.start_s)),
            CutKind::Dissolve => borders.push((
                usize::midpoint(passage.frames.start, passage.frames.end),
                f64::midpoint(passage.cut.start_s, passage.cut.end_s),
            )),
            CutKind::FadeIn | CutKind::FadeOut => {}
        }
    }
    for run in empty {
        let lasts = time(frames, run.end) - time(frames, run.start);
        let at_end = run.start == 0 || run.end == count;
        if at_end && lasts < SHORT_EMPTY_S {
            continue;
        }
        for at in [run.start, run.end] {
            if at > 0 && at < count {
                borders.push((at, time(frames, at)));
            }
        }
    }
    borders.sort_by_key(|border| border.0);
    borders.dedup_by_key(|border| border.0);
    let mut spans = Vec::new();
    let starts = std::iter::once((0, 0.0)).chain(borders.iter().copied());
    let ends = borders
        .iter()
        .map(|(at, time)| (*at, Some(*time)))
        .chain(std::iter::once((count, None)));
    for ((first, start_s), (last, end_s)) in starts.zip(ends) {
        let is_empty = empty
            .iter()
            .any(|run| run.start <= first && run.end >= last);
        let has_length = end_s.unwrap_or(end) - start_s > 0.0 || count == 1;
        if is_empty || !has_length || first >= last {
            continue;
        }
        let mut clear = first..last;
        for passage in passages {
            let range = &passage.frames;
            if range.start <= first && range.end > first {
                clear.start = clear.start.max(range.end);
            } else if range.start < last && range.start > first && range.end >= last {
                clear.end = clear.end.min(range.start + 1);
            } else if range.start > first && range.end <= last && !range.is_empty() {
                // A fade within a shot: at its begin or its end.
                if range.start - first < last - range.end {
                    clear.start = clear.start.max(range.end);
                } else {
                    clear.end = clear.end.min(range.start + 1);
                }
            }
        }
        if clear.start >= clear.end {
            clear = first..last;
        }
        spans.push(Span {
            start_s,
            end_s,
            frames: first..last,
            clear,
        });
    }
    if spans.is_empty() {
        spans.push(Span {
            start_s: 0.0,
            end_s: None,
            frames: 0..count,
            clear: 0..count,
        });
    }
    spans
}
