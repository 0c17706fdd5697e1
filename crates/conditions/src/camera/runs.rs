//! Runs: when one signal goes steadily one way, and by how much.

/// A time during which a signal goes one way.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Run {
    /// Begin, in samples.
    pub start: f64,
    /// End, in samples.
    pub end: f64,
    /// Net change, signed.
    pub amount: f64,
}

/// What counts as a run.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rule {
    /// The least change that counts.
    pub least: f64,
    /// Noise of the smoothed signal.
    pub noise: f64,
    /// A rest is slower than this share of the run's own typical speed.
    pub rest: f64,
    /// The shortest rest, in samples, that separates two runs the same way.
    pub hold: f64,
    /// The shortest run, in samples.
    pub shortest: f64,
}

/// How many times the slower remainder beside a fast run is looked at.
const DEPTH: usize = 4;

/// Finds the runs of a smoothed, accumulated signal.
///
/// The signal is first cut at its turning points, ignoring reversals smaller than
/// `rule.least`; each leg is then cut at its rests, which are judged by the leg's own typical
/// speed, so that nothing depends on units.
pub(crate) fn find(signal: &[f64], rule: &Rule) -> Vec<Run> {
    let mut runs = Vec::new();
    for (from, to) in legs(signal, rule.least) {
        split(signal, from, to, rule, DEPTH, &mut runs);
    }
    runs.sort_by(|a, b| a.start.total_cmp(&b.start));
    merge(signal, runs, rule)
}

/// Turning points: consecutive extremes at least `least` apart.
pub(crate) fn legs(signal: &[f64], least: f64) -> Vec<(usize, usize)> {
    let mut legs = Vec::new();
    let Some(first) = signal.first() else {
        return legs;
    };
    let (mut low, mut high) = ((0, *first), (0, *first));
    let mut direction = 0.0;
    let mut start = 0;
    for (index, value) in signal.iter().copied().enumerate() {
        if direction >= 0.0 && value > high.1 {
            high = (index, value);
        }
        if direction <= 0.0 && value < low.1 {
            low = (index, value);
        }
        if direction == 0.0 {
            if high.0 > low.0 && value - low.1 >= least {
                (direction, start) = (1.0, low.0);
                high = (index, value);
            } else if low.0 > high.0 && high.1 - value >= least {
                (direction, start) = (-1.0, high.0);
                low = (index, value);
            }
        } else if direction > 0.0 && high.1 - value >= least {
            legs.push((start, high.0));
            (direction, start) = (-1.0, high.0);
            low = (index, value);
        } else if direction < 0.0 && value - low.1 >= least {
            legs.push((start, low.0));
            (direction, start) = (1.0, low.0);
            high = (index, value);
        }
    }
    if direction > 0.0 {
        legs.push((start, high.0));
    } else if direction < 0.0 {
        legs.push((start, low.0));
    }
    legs
}

/// Cuts one leg at its rests; what is left beside the fast part is looked at again for a
/// slower run.
fn split(signal: &[f64], from: usize, to: usize, rule: &Rule, depth: usize, runs: &mut Vec<Run>) {
    let amount = signal[to] - signal[from];
    if to <= from || amount.abs() < rule.least || depth == 0 {
        return;
    }
    let sign = amount.signum();
    let steps: Vec<f64> = signal[from..=to]
        .windows(2)
        .map(|pair| sign * (pair[1] - pair[0]))
        .collect();
    let typical = typical_step(&steps);
    let fast: Vec<bool> = steps
        .iter()
        .map(|step| *step > rule.rest * typical)
        .collect();
    // Moving stretches, with rests shorter than a hold closed.
    let mut stretches: Vec<(usize, usize)> = Vec::new();
    for (index, moving) in fast.iter().copied().enumerate() {
        if !moving {
            continue;
        }
        match stretches.last_mut() {
            Some(last) if (index - last.1) as f64 <= rule.hold => last.1 = index + 1,
            _ => stretches.push((index, index + 1)),
        }
    }
    let least = rule.least.max(0.05 * amount.abs());
    let mut kept: Vec<(usize, usize)> = stretches
        .into_iter()
        .map(|(a, b)| (from + a, from + b))
        .filter(|(a, b)| sign * (signal[*b] - signal[*a]) >= least)
        .collect();
    if kept.is_empty() {
        kept.push((from, to));
    }
    let mut edge = from;
    for (index, (a, b)) in kept.iter().copied().enumerate() {
        split(signal, edge, a, rule, depth - 1, runs);
        let next = kept.get(index + 1).map_or(to, |next| next.0);
        if let Some(run) = trim(signal, (edge, next), (a, b), sign, rule)
            && run.end - run.start >= rule.shortest
        {
            runs.push(run);
        }
        edge = b;
    }
    if kept.first() != Some(&(from, to)) {
        split(signal, edge, to, rule, depth - 1, runs);
    }
}

/// The speed at which half of the way is done faster: a mean that rests do not pull down.
fn typical_step(steps: &[f64]) -> f64 {
    let mut sorted: Vec<f64> = steps.iter().copied().filter(|step| *step > 0.0).collect();
    sorted.sort_by(|a, b| b.total_cmp(a));
    let total: f64 = sorted.iter().sum();
    let mut sum = 0.0;
    for step in sorted {
        sum += step;
        if sum >= 0.5 * total {
            return step;
        }
    }
    0.0
}

/// Finds where within a stretch the motion really begins and ends: where its first and last
/// sliver of way is done, carried on to zero at the speed it has there.
fn trim(
    signal: &[f64],
    around: (usize, usize),
    stretch: (usize, usize),
    sign: f64,
    rule: &Rule,
) -> Option<Run> {
    let (a, b) = stretch;
    let base = signal[a];
    let amount = sign * (signal[b] - base);
    if amount <= 0.0 {
        return None;
    }
    let sliver = (0.005 * amount).max(2.0 * rule.noise).min(0.1 * amount);
    let halfway = (a..=b).find(|index| sign * (signal[*index] - base) >= 0.5 * amount);
    // The last time, walking back from halfway, that the way done is still below the level.
    let begins = |level: f64| -> f64 {
        let mut index = halfway.unwrap_or(b);
        while index > a && sign * (signal[index] - base) > level {
            index -= 1;
        }
        between(signal, index, sign, base + sign * level)
    };
    let ends = |level: f64| -> f64 {
        let mut index = halfway.unwrap_or(a);
        while index < b && sign * (signal[b] - signal[index]) > level {
            index += 1;
        }
        between(
            signal,
            index.saturating_sub(1),
            sign,
            signal[b] - sign * level,
        )
    };
    let start = carried_on(LEVELS.map(|level| begins(level * sliver)));
    let end = carried_on(LEVELS.map(|level| ends(level * sliver)));
    let start = start.clamp(around.0.min(a) as f64, b as f64);
    let end = end.clamp(start, around.1.max(b) as f64);
    Some(Run {
        start,
        end,
        amount: sign * amount,
    })
}

/// Levels of way done, in slivers, at which a begin or an end is looked at.
const LEVELS: [f64; 3] = [1.0, 3.0, 6.0];

/// Where way that grows as a power of time was nought, from the times it reached [`LEVELS`].
///
/// For a power p the times are t + c, t + 3^(1/p) c and t + 6^(1/p) c: how much sooner the
/// third follows the second than the second the first tells the power, and that how far back
/// the begin lies. Even speed (p = 1) and even acceleration (p = 2) are met exactly; between
/// them and up to p = 3 a straight line is within a few hundredths.
fn carried_on(times: [f64; 3]) -> f64 {
    let [near, middle, far] = times;
    let first = middle - near;
    if first.abs() < 1e-12 {
        return near;
    }
    let ratio = (far - middle) / first;
    let back = (0.5 + (1.5 - ratio) / 0.52 * 0.866).clamp(0.5, 2.3);
    near - back * first
}

/// The position between sample `index` and the next at which the signal reaches `level`.
fn between(signal: &[f64], index: usize, sign: f64, level: f64) -> f64 {
    let next = (index + 1).min(signal.len() - 1);
    let step = sign * (signal[next] - signal[index]);
    let share = if step > 0.0 {
        (sign * (level - signal[index]) / step).clamp(0.0, 1.0)
    } else {
        0.0
    };
    index as f64 + share
}

/// Joins neighbours that go the same way without a rest between them.
fn merge(signal: &[f64], runs: Vec<Run>, rule: &Rule) -> Vec<Run> {
    let mut merged: Vec<Run> = Vec::new();
    for run in runs {
        match merged.last_mut() {
            Some(last)
                if last.amount.signum() == run.amount.signum()
                    && run.start - last.end < rule.hold =>
            {
                last.end = run.end;
                let at = |position: f64| {
                    signal[(position.round().max(0.0) as usize).min(signal.len() - 1)]
                };
                last.amount = at(last.end) - at(last.start);
            }
            _ => merged.push(run),
        }
    }
    merged.retain(|run| run.amount.abs() >= rule.least);
    merged
}
