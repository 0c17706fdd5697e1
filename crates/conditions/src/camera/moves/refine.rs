//! When moves begin and end, and how far they go, from all samples together.

use super::super::fit::{self, Fitted};
use super::super::runs::{Rule, Run};
use super::super::signals::{CHANNELS, Signals};

/// A signal whose shake is more than this share of a run is shaken: its first and last
/// slivers tell little.
const SHAKEN: f64 = 0.002;
/// In a clean signal, a fit that leaves more than this share of the move is of another shape.
const CLEAN_REST: f64 = 0.004;
/// Two runs the same way are one move where one even move explains both to within this many
/// times the shake.
const ONE_MOVE: f64 = 3.5;
/// A begin or an end that something else speaks for (the path's own begin or end, another
/// move that runs at the same time) is taken where the fit leaves no more than this many times
/// what its best leaves.
const AS_GOOD: f64 = 1.12;
/// How far such a begin or end may lie from the best one, as a share of the move's length.
const NOT_FAR: f64 = 0.35;
/// Moves at the same time share at least this part of it.
const TOGETHER: f64 = 0.6;

/// A run with the window it is fitted in.
#[derive(Clone, Copy)]
struct Placed {
    channel: usize,
    index: usize,
    /// Seconds of the signal that are this run's and its rests'.
    between: (f64, f64),
    /// What its best fit leaves.
    rest: f64,
    /// How many times it stands out from its shake.
    clarity: f64,
}

/// Fits runs to their signals, joins those that only shake parts, and drops those that turn
/// out too small.
pub(super) fn refine(signals: &Signals, runs: &mut [Vec<Run>; CHANNELS], rules: &[Rule; CHANNELS]) {
    let mut placed = Vec::new();
    for (channel, list) in runs.iter_mut().enumerate() {
        let rough = rough(signals, channel);
        join(signals, channel, list, rough);
        let before = list.clone();
        for (index, run) in list.iter_mut().enumerate() {
            let from = index
                .checked_sub(1)
                .and_then(|index| before.get(index))
                .map_or(0.0, |other| other.end);
            let to = before
                .get(index + 1)
                .map_or(signals.duration, |other| other.start);
            let Some((mut best, between)) = fitted(signals, channel, run, (from, to)) else {
                continue;
            };
            let shaken = rough >= SHAKEN * run.amount.abs();
            if !shaken && best.rest > CLEAN_REST * run.amount.abs() {
                continue;
            }
            if shaken {
                best = to_the_ends(signals, channel, best, between);
            }
            take(signals, channel, run, &best.run);
            placed.push(Placed {
                channel,
                index,
                between,
                rest: best.rest,
                clarity: run.amount.abs() / rough.max(1e-9),
            });
        }
    }
    share(signals, runs, placed);
    for (list, rule) in runs.iter_mut().zip(rules) {
        list.retain(|run| run.amount.abs() >= 0.9 * rule.least);
    }
}

/// How rough a channel is: noise from frame to frame, or a hand's shake.
fn rough(signals: &Signals, channel: usize) -> f64 {
    signals.noise[channel].max(signals.unrest_beside(channel))
}

/// Gives a run the begin, end and amount of its fit. What was told otherwise than the channel
/// says (a straight track of a turning camera) keeps its amount.
fn take(signals: &Signals, channel: usize, run: &mut Run, best: &Run) {
    let own = signals.change(channel, run.start, run.end);
    let is_own = (own - run.amount).abs() <= 0.05 * run.amount.abs();
    run.start = best.start;
    run.end = best.end;
    if is_own {
        run.amount = best.amount;
    }
}

/// Lets a move begin with the path, or last to its end, where that fits as well.
fn to_the_ends(signals: &Signals, channel: usize, best: Fitted, between: (f64, f64)) -> Fitted {
    let least = best.rest;
    let mut best = best;
    let far = NOT_FAR * (best.run.end - best.run.start);
    if best.run.start < far && between.0 <= signals.dt {
        best = as_good(signals, channel, best, least, (0.0, best.run.end), between);
    }
    if signals.duration - best.run.end < far && between.1 >= signals.duration - signals.dt {
        let to = (best.run.start, signals.duration);
        best = as_good(signals, channel, best, least, to, between);
    }
    best
}

/// The fit with this begin and end, where it leaves hardly more than `least`.
fn as_good(
    signals: &Signals,
    channel: usize,
    best: Fitted,
    least: f64,
    (start, end): (f64, f64),
    between: (f64, f64),
) -> Fitted {
    let in_samples = |time: f64| time / signals.dt;
    fit::at(
        &signals.raw[channel],
        in_samples(start),
        in_samples(end),
        (in_samples(between.0), in_samples(between.1)),
    )
    .filter(|other| other.rest <= AS_GOOD * least && other.run.amount * best.run.amount > 0.0)
    .map_or(best, |other| Fitted {
        run: Run {
            start,
            end,
            ..other.run
        },
        ..other
    })
}

/// Moves that run at the same time mostly begin and end together: the clearest of them says
/// when, where that fits the others as well.
fn share(signals: &Signals, runs: &mut [Vec<Run>; CHANNELS], mut placed: Vec<Placed>) {
    placed.sort_by(|a, b| b.clarity.total_cmp(&a.clarity));
    for follower in 1..placed.len() {
        let Some(one) = placed.get(follower).copied() else {
            continue;
        };
        let Some(run) = runs[one.channel].get(one.index).copied() else {
            continue;
        };
        let length = run.end - run.start;
        let leader = placed.iter().take(follower).find_map(|other| {
            let lead = runs[other.channel].get(other.index)?;
            let shared = run.end.min(lead.end) - run.start.max(lead.start);
            let longer = length.max(lead.end - lead.start);
            (other.channel != one.channel && shared >= TOGETHER * longer).then_some(*lead)
        });
        let Some(lead) = leader else {
            continue;
        };
        let best = Fitted {
            run,
            rest: one.rest,
        };
        let inside = |time: f64| time.clamp(one.between.0, one.between.1);
        let (start, end) = (inside(lead.start), inside(lead.end));
        // Both together, or the one that fits.
        for to in [(start, end), (start, run.end), (run.start, end)] {
            let other = as_good(signals, one.channel, best, one.rest, to, one.between);
            if other.run != run {
                if let Some(run) = runs[one.channel].get_mut(one.index) {
                    take(signals, one.channel, run, &other.run);
                }
                break;
            }
        }
    }
}

/// Joins neighbours the same way that one even move explains as well.
fn join(signals: &Signals, channel: usize, list: &mut Vec<Run>, rough: f64) {
    let mut index = 0;
    while let (Some(one), Some(next)) = (list.get(index).copied(), list.get(index + 1).copied()) {
        let whole = Run {
            start: one.start,
            end: next.end,
            amount: one.amount + next.amount,
        };
        let is_one = one.amount * next.amount > 0.0
            && fitted(signals, channel, &whole, (one.start, next.end))
                .is_some_and(|(fitted, _)| fitted.rest < ONE_MOVE * rough);
        if is_one && let Some(run) = list.get_mut(index) {
            *run = whole;
            list.remove(index + 1);
        } else {
            index += 1;
        }
    }
}

/// The best fit of a run between two times and the window it was found in, in seconds.
fn fitted(
    signals: &Signals,
    channel: usize,
    run: &Run,
    limits: (f64, f64),
) -> Option<(Fitted, (f64, f64))> {
    let reach = (0.4 * (run.end - run.start)).clamp(0.3, 4.0);
    let margin = reach.max(1.0);
    let between = (
        (run.start - margin).max(limits.0),
        (run.end + margin).min(limits.1),
    );
    let in_samples = |time: f64| time / signals.dt;
    let mut fitted = fit::fit(
        &signals.raw[channel],
        &Run {
            start: in_samples(run.start),
            end: in_samples(run.end),
            amount: signals.change(channel, run.start, run.end),
        },
        (in_samples(between.0), in_samples(between.1)),
        in_samples(reach),
    )?;
    fitted.run.start *= signals.dt;
    fitted.run.end *= signals.dt;
    Some((fitted, between))
}
