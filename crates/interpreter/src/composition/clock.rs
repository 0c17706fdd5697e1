//! Every condition on the shot's one clock.

use std::collections::BTreeMap;

use decoupage_conditions::Reading;
use decoupage_shot::{Condition, ConditionId, ConditionKind, Shot};

use super::{ClockLane, Composition, RateSuggestion};
use crate::measured::facts::label;

/// Ends closer than this are the same end, seconds.
const SAME_END_S: f64 = 0.25;
/// Rates closer than this are the same rate, as a share.
const SAME_RATE: f64 = 0.02;
/// Proportions closer than this are the same, as a share.
const SAME_SHAPE: f64 = 0.04;

/// A condition that runs, and for how long.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Length<'a> {
    pub condition: &'a Condition,
    /// On its own clock, seconds.
    pub length_s: f64,
    /// Whether its seconds are only assumed.
    pub assumed: bool,
    /// How many frames it has, where it has frames.
    pub frames: Option<u32>,
}

impl Length<'_> {
    fn start_s(&self) -> f64 {
        if self.condition.offset_s.is_finite() {
            self.condition.offset_s
        } else {
            0.0
        }
    }

    fn end_s(&self) -> f64 {
        self.start_s() + self.length_s
    }

    /// Frames per second.
    fn rate(&self) -> Option<f64> {
        let frames = self.frames.filter(|frames| *frames > 1)?;
        Some(f64::from(frames) / self.length_s)
    }
}

/// The conditions that run, in the order of the shot.
pub(crate) fn lengths<'a>(
    shot: &'a Shot,
    readings: &BTreeMap<ConditionId, Reading>,
) -> Vec<Length<'a>> {
    shot.conditions
        .iter()
        .filter_map(|condition| {
            let reading = readings.get(&condition.id)?;
            let length_s = reading.duration_s().filter(|d| d.is_finite() && *d > 0.0)?;
            let (assumed, frames) = match reading {
                Reading::Camera(r) => (r.times_assumed, Some(r.frames)),
                Reading::Pose(r) => (r.times_assumed, Some(r.frames)),
                Reading::Depth(r) => (r.times_assumed, Some(r.frames)),
                _ => (false, None),
            };
            Some(Length {
                condition,
                length_s,
                assumed: assumed && condition.options.fps.is_none(),
                frames,
            })
        })
        .collect()
}

/// Fills in the clock: length, lanes, notes, rates.
pub(super) fn reconcile(
    shot: &Shot,
    readings: &BTreeMap<ConditionId, Reading>,
    out: &mut Composition,
) {
    let lengths = lengths(shot, readings);
    let last = lengths.iter().map(Length::end_s).fold(0.0, f64::max);
    let wanted = shot.duration_s.filter(|d| d.is_finite() && *d > 0.0);
    out.duration_s = wanted.unwrap_or(last);
    for length in &lengths {
        out.lanes.push(ClockLane {
            condition: length.condition.id,
            start_s: length.start_s(),
            end_s: length.end_s(),
            note: lane_note(length, out.duration_s),
        });
    }
    let known: Vec<&Length<'_>> = lengths.iter().filter(|length| !length.assumed).collect();
    out.notes.extend(ends(&known, out.duration_s));
    out.notes.extend(rates(&known));
    out.notes.extend(shapes(shot, readings));
    for length in lengths.iter().filter(|length| length.assumed) {
        if let Some(suggestion) = rate_of(length, &known) {
            out.rates.push(suggestion);
        }
    }
}

fn lane_note(length: &Length<'_>, duration_s: f64) -> Option<String> {
    if length.start_s() >= duration_s && duration_s > 0.0 {
        return Some("begins after the shot has ended".to_owned());
    }
    if length.end_s() > duration_s + SAME_END_S {
        let over = length.end_s() - duration_s;
        return Some(format!("its last {over:.1} s lie beyond the shot's end"));
    }
    length
        .assumed
        .then(|| "its seconds are assumed: the file stores no times".to_owned())
}

/// What ends before the shot does.
fn ends(known: &[&Length<'_>], duration_s: f64) -> Option<String> {
    let short: Vec<_> = known
        .iter()
        .filter(|length| length.end_s() < duration_s - SAME_END_S)
        .collect();
    let first = short
        .iter()
        .min_by(|a, b| a.end_s().total_cmp(&b.end_s()))?;
    let others = if short.len() > 1 {
        format!(" (and {} more end early)", short.len() - 1)
    } else {
        String::new()
    };
    Some(format!(
        "{} ends at {:.1} s of {duration_s:.1}; after that nothing of it is measured{others}.",
        label(first.condition),
        first.end_s()
    ))
}

/// Rates that differ are no conflict: everything is told in seconds. People want to know it.
fn rates(known: &[&Length<'_>]) -> Option<String> {
    let rated: Vec<(&Condition, f64)> = known
        .iter()
        .filter_map(|length| Some((length.condition, length.rate()?)))
        .collect();
    let (slow, slowest) = rated.iter().min_by(|a, b| a.1.total_cmp(&b.1))?;
    let (fast, fastest) = rated.iter().max_by(|a, b| a.1.total_cmp(&b.1))?;
    (*fastest > *slowest * (1.0 + SAME_RATE)).then(|| {
        format!(
            "{} runs at {}, {} at {}; they are brought together in seconds.",
            label(fast),
            rate_words(*fastest),
            label(slow),
            rate_words(*slowest)
        )
    })
}

fn rate_words(rate: f64) -> String {
    let rounded = (rate * 100.0).round() / 100.0;
    if (rounded - rounded.round()).abs() < 0.005 {
        format!("{rounded:.0} frames a second")
    } else {
        format!("{rounded:.2} frames a second")
    }
}

/// Pictures that stand in the shot and have another shape than it.
fn shapes(shot: &Shot, readings: &BTreeMap<ConditionId, Reading>) -> Vec<String> {
    let wanted = f64::from(shot.aspect.width) / f64::from(shot.aspect.height.max(1));
    shot.conditions
        .iter()
        .filter(|condition| {
            matches!(
                condition.kind,
                ConditionKind::FirstFrame
                    | ConditionKind::LastFrame
                    | ConditionKind::MaskedImage
                    | ConditionKind::Sketch
                    | ConditionKind::Segmentation
            )
        })
        .filter_map(|condition| {
            let plain = readings.get(&condition.id)?.plain()?;
            let (width, height) = (plain.width?, plain.height?);
            let has = f64::from(width) / f64::from(height.max(1));
            let wider = has > wanted * (1.0 + SAME_SHAPE);
            let narrower = has < wanted * (1.0 - SAME_SHAPE);
            let (shape, lost) = match (wider, narrower) {
                (true, _) => ("wider", "its sides"),
                (_, true) => ("narrower", "its top and bottom"),
                _ => return None,
            };
            Some(format!(
                "{} is {shape} than the shot ({width} × {height} against {}:{}); {lost} will be \
                 cut, or bars added.",
                label(condition),
                shot.aspect.width,
                shot.aspect.height
            ))
        })
        .collect()
}

/// A clip without times that has as many frames as one with times most likely runs beside it.
fn rate_of(length: &Length<'_>, known: &[&Length<'_>]) -> Option<RateSuggestion> {
    let frames = length.frames.filter(|frames| *frames > 1)?;
    let other = known
        .iter()
        .find(|other| other.frames.is_some_and(|n| n.abs_diff(frames) <= 1))?;
    let fps = (other.rate()? * 1000.0).round() / 1000.0;
    let assumed = length.rate()?;
    ((assumed - fps).abs() > SAME_RATE * fps).then(|| RateSuggestion {
        condition: length.condition.id,
        fps,
        because: format!(
            "{} stores no times and has as many frames as {}: at {} they run together.",
            label(length.condition),
            label(other.condition),
            rate_words(fps)
        ),
    })
}
