//! A batch of shots over several endpoints: whoever is free takes the next one.
//!
//! All work lies in one queue; each lane (a place at an endpoint) takes from it. An endpoint
//! that fails is rested, ever longer, and its work goes back to the head of the queue, where
//! the others find it.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use decoupage_dialogue::{Failure, FailureCode};
use decoupage_shot::Watch;

use crate::trouble::Blame;

/// An endpoint's share in a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lane {
    /// How many answers it writes at once.
    pub places: usize,
    /// How long it is rested after its first failure; doubled with each further one.
    pub rest: Duration,
    /// After so many failures in a row it is given up.
    pub patience: u32,
}

impl Default for Lane {
    fn default() -> Self {
        Self {
            places: 1,
            rest: Duration::from_secs(5),
            patience: 3,
        }
    }
}

/// How often a waiting place looks whether it is still wanted.
const LOOK: Duration = Duration::from_millis(40);

struct Shared<R> {
    waiting: VecDeque<usize>,
    running: usize,
    results: Vec<Option<Result<R, Failure>>>,
    lanes: Vec<Health>,
    last: Option<Failure>,
}

#[derive(Clone)]
struct Health {
    failures: u32,
    rested_until: Option<Instant>,
    given_up: bool,
}

/// Does `count` pieces of work over the lanes; the results are in the order of the work.
///
/// `run` does the piece with the given number at the endpoint with the given number, and says
/// whose fault a failure is: the endpoint's (the piece is tried elsewhere) or the work's (it
/// has failed). Where all endpoints are given up, what is left fails with the last failure.
/// After a cancel no further piece is begun.
pub fn spread<R: Send>(
    count: usize,
    lanes: &[Lane],
    run: &(dyn Fn(usize, usize) -> Result<R, (Failure, Blame)> + Sync),
    watch: &dyn Watch,
) -> Vec<Result<R, Failure>> {
    let shared = Mutex::new(Shared {
        waiting: (0..count).collect(),
        running: 0,
        results: (0..count).map(|_| None).collect(),
        lanes: vec![
            Health {
                failures: 0,
                rested_until: None,
                given_up: false,
            };
            lanes.len()
        ],
        last: None,
    });
    let changed = Condvar::new();
    std::thread::scope(|scope| {
        for (number, lane) in lanes.iter().enumerate() {
            for _ in 0..lane.places.clamp(1, 64) {
                let (shared, changed) = (&shared, &changed);
                scope.spawn(move || place(number, *lane, shared, changed, run, watch));
            }
        }
    });
    let shared = shared.into_inner().unwrap_or_else(PoisonError::into_inner);
    let cancelled = watch.cancelled();
    let last = shared.last;
    shared
        .results
        .into_iter()
        .map(|result| {
            result.unwrap_or_else(|| {
                Err(if cancelled {
                    Failure::cancelled()
                } else {
                    last.clone().unwrap_or_else(|| {
                        Failure::new(FailureCode::Invalid, "There is no endpoint to write this.")
                            .advise("Add one, or choose another engine.")
                    })
                })
            })
        })
        .collect()
}

fn hold<R>(shared: &Mutex<Shared<R>>) -> MutexGuard<'_, Shared<R>> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

/// One place at an endpoint: takes work until there is none, or it is given up.
fn place<R: Send>(
    number: usize,
    lane: Lane,
    shared: &Mutex<Shared<R>>,
    changed: &Condvar,
    run: &(dyn Fn(usize, usize) -> Result<R, (Failure, Blame)> + Sync),
    watch: &dyn Watch,
) {
    loop {
        let piece = {
            let mut state = hold(shared);
            loop {
                if watch.cancelled() || state.lanes.get(number).is_none_or(|l| l.given_up) {
                    return;
                }
                // Work that is running elsewhere may come back.
                if state.waiting.is_empty() && state.running == 0 {
                    changed.notify_all();
                    return;
                }
                let rested = state
                    .lanes
                    .get(number)
                    .and_then(|l| l.rested_until)
                    .is_none_or(|until| Instant::now() >= until);
                if rested && let Some(piece) = state.waiting.pop_front() {
                    state.running += 1;
                    break piece;
                }
                state = changed
                    .wait_timeout(state, LOOK)
                    .unwrap_or_else(PoisonError::into_inner)
                    .0;
            }
        };
        let result = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| run(number, piece)))
            .unwrap_or_else(|_| {
                Err((
                    Failure::new(
                        FailureCode::Internal,
                        "Writing this shot failed inside the program.",
                    ),
                    Blame::Work,
                ))
            });
        let mut state = hold(shared);
        state.running -= 1;
        match result {
            Err((failure, Blame::Endpoint)) => {
                state.waiting.push_front(piece);
                state.last = Some(failure);
                if let Some(health) = state.lanes.get_mut(number) {
                    // Places of one endpoint that fail together count once.
                    let resting = health.rested_until.is_some_and(|u| Instant::now() < u);
                    if !resting {
                        health.failures += 1;
                        health.given_up = health.failures >= lane.patience.max(1);
                        let rest = lane
                            .rest
                            .saturating_mul(2_u32.saturating_pow((health.failures - 1).min(8)));
                        health.rested_until = Some(Instant::now() + rest);
                    }
                }
            }
            done => {
                if let Some(health) = state.lanes.get_mut(number)
                    && done.is_ok()
                {
                    health.failures = 0;
                    health.rested_until = None;
                }
                if let Some(slot) = state.results.get_mut(piece) {
                    *slot = Some(done.map_err(|(failure, _)| failure));
                }
            }
        }
        changed.notify_all();
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::*;
    use decoupage_shot::{Cancel, Silent};
    use std::sync::atomic::{AtomicUsize, Ordering};

    fn quick() -> Lane {
        Lane {
            places: 2,
            rest: Duration::from_millis(5),
            patience: 2,
        }
    }

    fn down() -> (Failure, Blame) {
        (
            Failure::new(FailureCode::Missing, "Nothing listens there."),
            Blame::Endpoint,
        )
    }

    #[test]
    fn work_of_a_failing_endpoint_goes_to_the_others_in_order() {
        let run = |lane: usize, piece: usize| {
            if lane == 0 {
                Err(down())
            } else {
                Ok(piece * 10)
            }
        };
        let out = spread(9, &[quick(), quick()], &run, &Silent);
        let values: Vec<usize> = out.into_iter().map(Result::unwrap).collect();
        assert_eq!(values, (0..9).map(|n| n * 10).collect::<Vec<_>>());
    }

    #[test]
    fn an_endpoint_that_recovers_is_used_again() {
        let calls = AtomicUsize::new(0);
        let run = |_: usize, piece: usize| {
            if calls.fetch_add(1, Ordering::SeqCst) == 0 {
                Err(down())
            } else {
                Ok(piece)
            }
        };
        let lane = Lane {
            places: 1,
            ..quick()
        };
        let out = spread(3, &[lane], &run, &Silent);
        assert!(out.iter().all(Result::is_ok));
        assert_eq!(calls.load(Ordering::SeqCst), 4);
    }

    #[test]
    fn without_any_endpoint_left_the_rest_says_why() {
        let out = spread(3, &[quick()], &|_, _| Err::<(), _>(down()), &Silent);
        assert!(
            out.iter()
                .all(|r| r.as_ref().unwrap_err().message == "Nothing listens there.")
        );
        let none = spread(1, &[], &|_, _| Ok(()), &Silent);
        assert_eq!(none[0].as_ref().unwrap_err().code, FailureCode::Invalid);
    }

    #[test]
    fn a_fault_of_the_work_is_its_own() {
        let run = |_: usize, piece: usize| match piece {
            1 => Err((Failure::new(FailureCode::TooLong, "Too long."), Blame::Work)),
            2 => panic!("a fault of ours"),
            n => Ok(n),
        };
        let out = spread(4, &[quick()], &run, &Silent);
        assert_eq!(out[0], Ok(0));
        assert_eq!(out[1].as_ref().unwrap_err().code, FailureCode::TooLong);
        assert_eq!(out[2].as_ref().unwrap_err().code, FailureCode::Internal);
        assert_eq!(out[3], Ok(3));
    }

    #[test]
    fn a_cancel_begins_nothing_more() {
        let cancel = Cancel::default();
        let begun = AtomicUsize::new(0);
        let run = |_: usize, piece: usize| {
            begun.fetch_add(1, Ordering::SeqCst);
            cancel.raise();
            Ok(piece)
        };
        let lane = Lane {
            places: 1,
            ..quick()
        };
        let out = spread(5, &[lane], &run, &cancel);
        assert_eq!(begun.load(Ordering::SeqCst), 1);
        assert_eq!(out[0], Ok(0));
        assert!(
            out[1..]
                .iter()
                .all(|r| r.as_ref().unwrap_err().code == FailureCode::Cancelled)
        );
    }
}
