//! When a move begins and ends in a shaken path, and how far it goes: the even move that fits
//! best.
//!
//! Where a signal crosses a level tells little once a hand shakes the camera. All samples
//! together tell more: a move is fitted by least squares as speed that rises evenly, stays and
//! falls evenly (a trapezoid) or as a parabola, with rest before and after.

use super::runs::Run;

/// The most samples a fit looks at.
const MOST_SAMPLES: usize = 160;
/// Shares of a move's time in which its speed rises, and falls.
const RAMPS: [f64; 5] = [0.0, 0.12, 0.3, 0.5, EASED];
/// Stands for speed that rises and falls as a parabola, the ease of most animation tools.
const EASED: f64 = 1.0;

/// A move as it fits best.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Fitted {
    /// Begin, end (samples) and amount.
    pub run: Run,
    /// Root-mean-square distance of the signal from it.
    pub rest: f64,
}

/// A move's begin, end and amount fitted to `signal` between two samples, in samples; begin
/// and end stay within `reach` samples of where they were thought to be. `None` where there is
/// too little to fit.
pub(crate) fn fit(signal: &[f64], run: &Run, between: (f64, f64), reach: f64) -> Option<Fitted> {
    let (points, low, high) = window(signal, between)?;
    let inside = |start: f64, end: f64| {
        start >= low - 1e-9
            && end <= high + 1e-9
            && end - start > 0.3 * (run.end - run.start)
            && (start - run.start).abs() <= reach
            && (end - run.end).abs() <= reach
    };
    let mut best = (f64::MAX, *run, RAMPS[0]);
    let consider = |start: f64, end: f64, ramp: f64, best: &mut (f64, Run, f64)| {
        if !inside(start, end) {
            return;
        }
        if let Some((error, amount)) = residual(&points, start, end, ramp)
            && error < best.0
        {
            *best = (error, Run { start, end, amount }, ramp);
        }
    };
    let start = run.start.clamp(low, high);
    let end = run.end.clamp(start, high);
    for ramp in RAMPS {
        consider(start, end, ramp, &mut best);
    }
    let mut step = 0.5 * reach;
    let finest = (0.01 * reach).max(0.05);
    while step > finest {
        let before = best.0;
        let (at, ramp) = (best.1, best.2);
        for by in [-step, step] {
            for ramp in RAMPS {
                consider(at.start + by, at.end, ramp, &mut best);
                consider(at.start, at.end + by, ramp, &mut best);
            }
            consider(at.start + by, at.end + by, ramp, &mut best);
            consider(at.start + by, at.end - by, ramp, &mut best);
        }
        if best.0 >= before {
            step *= 0.5;
        }
    }
    (best.0 < f64::MAX && best.1.amount * run.amount > 0.0).then(|| Fitted {
        run: best.1,
        rest: (best.0.max(0.0) / points.len() as f64).sqrt(),
    })
}

/// The best move with this begin and end, as [`fit`] would look at it.
pub(crate) fn at(signal: &[f64], start: f64, end: f64, between: (f64, f64)) -> Option<Fitted> {
    let (points, ..) = window(signal, between)?;
    RAMPS
        .into_iter()
        .filter_map(|ramp| residual(&points, start, end, ramp))
        .min_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(error, amount)| Fitted {
            run: Run { start, end, amount },
            rest: (error.max(0.0) / points.len() as f64).sqrt(),
        })
}

/// Samples with their places, and the first and last place.
type Window = (Vec<(f64, f64)>, f64, f64);

/// The samples of a window, thinned, and its first and last place.
fn window(signal: &[f64], between: (f64, f64)) -> Option<Window> {
    let first = between.0.max(0.0) as usize;
    let last = (between.1.max(0.0).ceil() as usize).min(signal.len().saturating_sub(1));
    let window = signal.get(first..=last).filter(|window| window.len() > 8)?;
    let every = window.len().div_ceil(MOST_SAMPLES);
    let points = window
        .iter()
        .enumerate()
        .step_by(every)
        .map(|(index, value)| ((first + index) as f64, *value))
        .collect();
    Some((points, first as f64, last as f64))
}

/// The squared error of the best move of this shape, and its amount.
fn residual(points: &[(f64, f64)], start: f64, end: f64, ramp: f64) -> Option<(f64, f64)> {
    let count = points.len() as f64;
    let (mut p, mut pp, mut y, mut yy, mut py) = (0.0, 0.0, 0.0, 0.0, 0.0);
    for (time, value) in points {
        let done = progress((time - start) / (end - start).max(1e-9), ramp);
        p += done;
        pp += done * done;
        y += value;
        yy += value * value;
        py += done * value;
    }
    let spread = pp - p * p / count;
    if spread < 1e-9 {
        return None;
    }
    let shared = py - p * y / count;
    let amount = shared / spread;
    Some((yy - y * y / count - amount * shared, amount))
}

/// Way done at a share of a move's time whose speed rises and falls for a share `ramp` of it.
fn progress(share: f64, ramp: f64) -> f64 {
    let s = share.clamp(0.0, 1.0);
    if ramp <= 0.0 {
        return s;
    }
    if ramp >= EASED {
        return s * s * (3.0 - 2.0 * s);
    }
    let most = 1.0 / (1.0 - ramp);
    if s < ramp {
        0.5 * most * s * s / ramp
    } else if s > 1.0 - ramp {
        1.0 - 0.5 * most * (1.0 - s) * (1.0 - s) / ramp
    } else {
        most * (s - 0.5 * ramp)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shaken_move_is_met_better_than_its_crossings() {
        let noise = |index: usize| {
            let t = index as f64 / 24.0;
            0.5 * (7.0 * t).sin() + 0.4 * (11.3 * t + 1.0).sin()
        };
        for ramp in [0.0, 0.1, 0.5, EASED] {
            let signal: Vec<f64> = (0..=120)
                .map(|index| 20.0 * progress((index as f64 - 30.0) / 60.0, ramp) + noise(index))
                .collect();
            let thought = Run {
                start: 36.0,
                end: 84.0,
                amount: 19.0,
            };
            let fitted = fit(&signal, &thought, (0.0, 120.0), 15.0).unwrap();
            let run = fitted.run;
            assert!((run.start - 30.0).abs() < 6.0, "{ramp} {run:?}");
            assert!((run.end - 90.0).abs() < 6.0, "{ramp} {run:?}");
            assert!((run.amount - 20.0).abs() < 0.6, "{ramp} {run:?}");
            assert!(fitted.rest < 0.6, "{ramp} {fitted:?}");
        }
    }

    #[test]
    fn nothing_to_fit_gives_nothing() {
        let run = Run {
            start: 0.0,
            end: 2.0,
            amount: 1.0,
        };
        assert_eq!(fit(&[], &run, (0.0, 5.0), 3.0), None);
        assert_eq!(fit(&[0.0; 40], &run, (0.0, 39.0), 3.0), None);
    }
}
