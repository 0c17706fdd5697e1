//! Silence, speech, music and the rest, told by the signal alone.
//!
//! What tells them apart (Scheirer and Slaney 1997, "Construction and evaluation of a robust
//! multifeature speech/music discriminator", lists such features): a voice is voiced in
//! stretches, its pitch always glides and its level falls between syllables several times a
//! second; music holds its spectral lines, or strikes at even times; noise does neither.

use std::ops::Range;

use super::spectrum::{Frame, HOP_S};
use super::{SoundKind, SoundRegion, hundredth};

/// Level below which all is silence, dBFS, and how far below the loud parts it is silence too.
const SILENT: f64 = -58.0;
const BELOW_LOUD: f64 = 42.0;
/// The shortest silence, seconds: a voice rests between words for less.
const SILENCE_S: f64 = 0.45;
/// The length of sound that is judged at once, and how often, seconds.
const JUDGED_S: f64 = 1.5;
const STEP_S: f64 = 0.25;
/// The shortest stretch of speech, music or other sound, seconds.
const SHORTEST_S: f64 = 0.8;

/// Level of silence in this sound, dBFS.
pub(crate) fn silent_below(frames: &[Frame]) -> f64 {
    let mut levels: Vec<f64> = frames.iter().map(Frame::level).collect();
    levels.sort_by(f64::total_cmp);
    let loud = levels
        .get((levels.len() * 95 / 100).min(levels.len().saturating_sub(1)))
        .copied()
        .unwrap_or(-100.0);
    SILENT.max(loud - BELOW_LOUD)
}

/// The kinds of sound over time, without gaps.
pub(crate) fn find(frames: &[Frame], length_s: f64) -> Vec<SoundRegion> {
    if frames.is_empty() {
        return Vec::new();
    }
    let count = |seconds: f64| (seconds / HOP_S).round() as usize;
    let limit = silent_below(frames);
    let mut stretches: Vec<(Range<usize>, SoundKind, f64)> = Vec::new();
    for run in same(frames, |frame| frame.level() < limit) {
        let silent = frames.get(run.start).is_some_and(|f| f.level() < limit);
        if silent && run.len() >= count(SILENCE_S) {
            stretches.push((run, SoundKind::Silence, 0.95));
            continue;
        }
        match stretches.last_mut() {
            Some((last, kind, _)) if *kind != SoundKind::Silence => last.end = run.end,
            _ => stretches.push((run, SoundKind::Other, 0.5)),
        }
    }
    let mut found: Vec<(Range<usize>, SoundKind, f64)> = Vec::new();
    for (run, kind, sure) in stretches {
        if kind == SoundKind::Silence {
            found.push((run, kind, sure));
        } else {
            found.extend(judged(frames, run));
        }
    }
    found
        .into_iter()
        .map(|(run, kind, sure)| SoundRegion {
            kind,
            start_s: hundredth(run.start as f64 * HOP_S),
            end_s: hundredth((run.end as f64 * HOP_S).min(length_s)),
            confidence: hundredth(sure),
        })
        .filter(|region| region.end_s > region.start_s)
        .collect()
}

/// Runs of frames of which one thing holds or does not.
fn same(frames: &[Frame], holds: impl Fn(&Frame) -> bool) -> Vec<Range<usize>> {
    let mut runs: Vec<Range<usize>> = Vec::new();
    let mut last = None;
    for (at, frame) in frames.iter().enumerate() {
        let now = holds(frame);
        match runs.last_mut() {
            Some(run) if last == Some(now) => run.end = at + 1,
            _ => runs.push(at..at + 1),
        }
        last = Some(now);
    }
    runs
}

/// A stretch of sound, parted into kinds.
fn judged(frames: &[Frame], run: Range<usize>) -> Vec<(Range<usize>, SoundKind, f64)> {
    let count = |seconds: f64| (seconds / HOP_S).round() as usize;
    let step = count(STEP_S).max(1);
    let half = count(JUDGED_S) / 2;
    // How much each kind is like it, at every step.
    let steps: Vec<[f64; 3]> = (run.start..run.end)
        .step_by(step)
        .map(|start| {
            let centre = start + step / 2;
            let range = centre.saturating_sub(half).max(run.start)..(centre + half).min(run.end);
            likeness(frames, &range, &run)
        })
        .collect();
    let kinds = best_path(&steps);
    let mut found: Vec<(Range<usize>, SoundKind, f64)> = Vec::new();
    for (number, (kind, scores)) in kinds.iter().zip(&steps).enumerate() {
        let range = run.start + number * step..(run.start + (number + 1) * step).min(run.end);
        let sure = scores[slot(*kind)];
        match found.last_mut() {
            Some((last, same, sum)) if same == kind => {
                last.end = range.end;
                *sum += sure;
            }
            _ => found.push((range, *kind, sure)),
        }
    }
    for (range, _, sum) in &mut found {
        let steps = range.len().div_ceil(step).max(1) as f64;
        *sum = (*sum / steps).clamp(0.3, 0.9);
    }
    found
}

const KINDS: [SoundKind; 3] = [SoundKind::Speech, SoundKind::Music, SoundKind::Other];

fn slot(kind: SoundKind) -> usize {
    match kind {
        SoundKind::Speech => 0,
        SoundKind::Music => 1,
        SoundKind::Other | SoundKind::Silence => 2,
    }
}

/// The likeliest sequence of kinds, where changing costs (Viterbi 1967).
fn best_path(steps: &[[f64; 3]]) -> Vec<SoundKind> {
    let cost = 0.7 * SHORTEST_S / STEP_S;
    let mut totals = [0.0_f64; 3];
    let mut from: Vec<[usize; 3]> = Vec::with_capacity(steps.len());
    for scores in steps {
        let mut next = [0.0; 3];
        let mut chosen = [0; 3];
        for to in 0..3 {
            let (best, total) = (0..3)
                .map(|before| {
                    (
                        before,
                        totals[before] - if before == to { 0.0 } else { cost },
                    )
                })
                .max_by(|a, b| a.1.total_cmp(&b.1))
                .unwrap_or((to, 0.0));
            chosen[to] = best;
            next[to] = total + scores[to];
        }
        totals = next;
        from.push(chosen);
    }
    let mut at = (0..3)
        .max_by(|a, b| totals[*a].total_cmp(&totals[*b]))
        .unwrap_or(2);
    let mut path = vec![SoundKind::Other; steps.len()];
    for (slot, chosen) in path.iter_mut().zip(&from).rev() {
        *slot = KINDS[at];
        at = chosen[at];
    }
    path
}

/// 0 below `low`, 1 above `high`.
fn ramp(value: f64, low: f64, high: f64) -> f64 {
    ((value - low) / (high - low)).clamp(0.0, 1.0)
}

/// What is measured of a stretch of a second or two.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Traits {
    /// How well spectral lines are held, by power, 0–1.
    pub held: f64,
    /// Share of the frames that are voiced.
    pub voiced: f64,
    /// How much the pitch glides where it is voiced, semitones in 50 ms.
    pub glide: f64,
    /// Share of frames far below the mean power.
    pub gaps: f64,
    /// How much the share of hiss changes.
    pub hiss: f64,
    /// How even the onsets are, 0–1.
    pub pulse: f64,
}

fn likeness(frames: &[Frame], range: &Range<usize>, whole: &Range<usize>) -> [f64; 3] {
    let t = traits(frames, range, whole);
    let speech = ramp(t.voiced, 0.12, 0.35)
        * ramp(t.glide, 0.1, 0.3)
        * ramp(t.gaps.max(t.hiss), 0.08, 0.22)
        * (1.0 - ramp(t.held, 0.62, 0.78));
    let notes = ramp(t.held, 0.52, 0.7) * (1.0 - 0.7 * ramp(t.glide, 0.25, 0.6) * t.voiced);
    let beat = ramp(t.pulse, 0.45, 0.65) * (1.0 - speech);
    let music = notes.max(beat);
    let other = (0.9 * (1.0 - speech.max(music))).clamp(0.1, 0.8);
    [speech, music, other]
}

pub(crate) fn traits(frames: &[Frame], range: &Range<usize>, whole: &Range<usize>) -> Traits {
    let inside = frames.get(range.clone()).unwrap_or_default();
    if inside.is_empty() {
        return Traits::default();
    }
    let count = inside.len() as f64;
    let power: f64 = inside.iter().map(|f| f64::from(f.power)).sum::<f64>() / count;
    let mut weights = 0.0;
    let mut held = 0.0;
    for frame in inside {
        // By the root, so that one loud stroke does not speak for all.
        let weight = f64::from(frame.power).sqrt();
        weights += weight;
        held += weight * f64::from(frame.held);
    }
    let loud = |frame: &Frame| f64::from(frame.power) > 0.1 * power;
    let voiced = |frame: &Frame| frame.voiced > 0.55 && loud(frame);
    let mut glides: Vec<f64> = Vec::new();
    for pair in inside.windows(6) {
        let (Some(one), Some(other)) = (pair.first(), pair.last()) else {
            continue;
        };
        if pair.iter().all(voiced) {
            let semitones = 12.0 * f64::from(other.pitch / one.pitch).log2().abs();
            // More is another note or an octave taken for another.
            if semitones < 4.0 {
                glides.push(semitones);
            }
        }
    }
    glides.sort_by(f64::total_cmp);
    let hiss: Vec<f64> = inside
        .iter()
        .filter(|frame| f64::from(frame.power) > 0.01 * power)
        .map(|frame| f64::from(frame.hiss))
        .collect();
    let mean = hiss.iter().sum::<f64>() / hiss.len().max(1) as f64;
    let spread =
        (hiss.iter().map(|h| (h - mean).powi(2)).sum::<f64>() / hiss.len().max(1) as f64).sqrt();
    Traits {
        held: held / weights.max(1e-9),
        voiced: inside.iter().filter(|frame| voiced(frame)).count() as f64 / count,
        glide: glides.get(glides.len() / 2).copied().unwrap_or(0.0),
        gaps: inside
            .iter()
            .filter(|frame| f64::from(frame.power) < 0.1 * power)
            .count() as f64
            / count,
        hiss: spread,
        pulse: pulse(frames, range, whole),
    }
}

/// How even the onsets are about a stretch: the highest autocorrelation from a quarter of a
/// second to a second and a quarter.
fn pulse(frames: &[Frame], range: &Range<usize>, whole: &Range<usize>) -> f64 {
    let about = (1.5 / HOP_S) as usize;
    let from = range.start.saturating_sub(about).max(whole.start);
    let to = (range.end + about).min(whole.end);
    let onsets: Vec<f64> = frames
        .get(from..to)
        .unwrap_or_default()
        .iter()
        .map(|frame| f64::from(frame.onset))
        .collect();
    let longest = (1.25 / HOP_S) as usize;
    if onsets.len() < 2 * longest {
        return 0.0;
    }
    super::tempo::autocorrelation(&onsets, longest)
        .iter()
        .skip((0.25 / HOP_S) as usize)
        .copied()
        .fold(0.0, f64::max)
}
