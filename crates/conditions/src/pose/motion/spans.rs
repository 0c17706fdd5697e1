//! Spans of time in which something holds, with hysteresis and a shortest length.

/// Frames from one to another, both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Run {
    /// First frame.
    pub first: usize,
    /// Last frame.
    pub last: usize,
}

/// The runs in which `value` goes to at least `enter` and stays at least `leave`. `None` values
/// end a run. `enter` ≥ `leave`.
pub fn above(values: &[Option<f64>], enter: f64, leave: f64) -> Vec<Run> {
    let mut runs = Vec::new();
    let mut start: Option<usize> = None;
    let mut entered = false;
    for (index, value) in values.iter().enumerate() {
        match value {
            Some(value) if *value >= leave => {
                start.get_or_insert(index);
                entered |= *value >= enter;
            }
            _ => {
                if let (Some(first), true) = (start, entered) {
                    runs.push(Run {
                        first,
                        last: index - 1,
                    });
                }
                start = None;
                entered = false;
            }
        }
    }
    if let (Some(first), true) = (start, entered) {
        runs.push(Run {
            first,
            last: values.len() - 1,
        });
    }
    runs
}

/// Joins runs that are less than `gap_s` apart and drops those shorter than `least_s`.
pub fn tidy(runs: Vec<Run>, times: &[f64], gap_s: f64, least_s: f64) -> Vec<Run> {
    let at = |index: usize| times.get(index).copied().unwrap_or(0.0);
    let mut joined: Vec<Run> = Vec::new();
    for run in runs {
        match joined.last_mut() {
            Some(last) if at(run.first) - at(last.last) <= gap_s => last.last = run.last,
            _ => joined.push(run),
        }
    }
    joined.retain(|run| at(run.last) - at(run.first) >= least_s);
    joined
}

/// The middle value; `None` of nothing.
pub fn median(values: impl IntoIterator<Item = f64>) -> Option<f64> {
    quantile(values, 0.5)
}

/// The value that a share `q` (0–1) of the values lies below.
pub fn quantile(values: impl IntoIterator<Item = f64>, q: f64) -> Option<f64> {
    let mut values: Vec<f64> = values.into_iter().filter(|v| v.is_finite()).collect();
    values.sort_by(f64::total_cmp);
    let last = values.len().checked_sub(1)?;
    values.get((q * last as f64).round() as usize).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dip_within_the_hysteresis_does_not_end_a_run() {
        let values = [0.0, 0.6, 1.2, 0.7, 1.1, 0.2, 0.7, 0.7].map(Some);
        assert_eq!(above(&values, 1.0, 0.5), [Run { first: 1, last: 4 }]);
    }

    #[test]
    fn short_runs_go_and_near_ones_join() {
        let times: Vec<f64> = (0..40).map(|n| f64::from(n) * 0.1).collect();
        let runs = vec![
            Run { first: 0, last: 5 },
            Run { first: 7, last: 12 },
            Run {
                first: 30,
                last: 31,
            },
        ];
        assert_eq!(tidy(runs, &times, 0.25, 0.3), [Run { first: 0, last: 12 }]);
    }
}
