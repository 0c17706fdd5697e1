//! Where asks lie until they are taken up, and how the one at work hears that it is cancelled.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use decoupage_dialogue::{Ask, Failure, JobNumber, Outcome};
use decoupage_shot::{Phase, Watch};

/// The most asks that wait; further ones are refused.
const MOST_WAITING: usize = 64;

/// What became of an ask that was put down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Put {
    /// It waits, or was a cancellation that was passed on.
    Well,
    /// This job was waiting and is cancelled now.
    Dropped(JobNumber),
    /// Too many wait already.
    Refused(Option<JobNumber>),
}

/// Asks between the thread that reads them and the one that works.
#[derive(Debug, Default)]
pub struct Desk {
    state: Mutex<State>,
    news: Condvar,
    /// The job at work is to stop.
    stop: AtomicBool,
}

#[derive(Debug, Default)]
struct State {
    waiting: VecDeque<Ask>,
    at_work: Option<JobNumber>,
    closed: bool,
}

/// The job an ask is.
fn job_of(ask: &Ask) -> Option<JobNumber> {
    match ask {
        Ask::Load { job, .. } | Ask::Write { job, .. } | Ask::Case { job, .. } => Some(*job),
        Ask::Cancel { .. } | Ask::Unload => None,
    }
}

impl Desk {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Puts an ask down. A cancellation takes effect at once.
    pub fn put(&self, ask: Ask) -> Put {
        let mut state = self.state();
        if let Ask::Cancel { job } = ask {
            if state.at_work == Some(job) {
                self.stop.store(true, Ordering::Relaxed);
                return Put::Well;
            }
            let before = state.waiting.len();
            state.waiting.retain(|waiting| job_of(waiting) != Some(job));
            return if state.waiting.len() < before {
                Put::Dropped(job)
            } else {
                // Done already: the answer is on its way.
                Put::Well
            };
        }
        if state.waiting.len() >= MOST_WAITING {
            return Put::Refused(job_of(&ask));
        }
        state.waiting.push_back(ask);
        drop(state);
        self.news.notify_all();
        Put::Well
    }

    /// No more asks come: what is at work stops, what waits is dropped.
    pub fn close(&self) {
        let mut state = self.state();
        state.closed = true;
        state.waiting.clear();
        self.stop.store(true, Ordering::Relaxed);
        drop(state);
        self.news.notify_all();
    }

    /// Waits for the next ask, which is at work from now on; `None` when none will come.
    pub fn take(&self) -> Option<Ask> {
        let mut state = self.state();
        state.at_work = None;
        loop {
            if state.closed {
                return None;
            }
            if let Some(ask) = state.waiting.pop_front() {
                state.at_work = job_of(&ask);
                self.stop.store(false, Ordering::Relaxed);
                return Some(ask);
            }
            state = self
                .news
                .wait(state)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Whether the job at work is to stop.
    pub fn stops(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    /// `Err(cancelled)` once the job at work is to stop.
    ///
    /// # Errors
    /// Cancelled.
    pub fn check(&self) -> Outcome<()> {
        if self.stops() {
            Err(Failure::cancelled())
        } else {
            Ok(())
        }
    }
}

impl Watch for Desk {
    fn report(&self, _: Phase, _: u64, _: u64) {}
    fn cancelled(&self) -> bool {
        self.stops()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use decoupage_dialogue::{DeviceWish, ModelWish, Precision};

    fn load(job: u64) -> Ask {
        Ask::Load {
            job: JobNumber(job),
            model: ModelWish {
                weights: "w".into(),
                projector: None,
                precision: Precision::Auto,
                device: DeviceWish::Best,
                context: None,
                feature_cache: None,
            },
        }
    }

    fn cancel(job: u64) -> Ask {
        Ask::Cancel {
            job: JobNumber(job),
        }
    }

    #[test]
    fn cancelling_meets_the_job_it_means() {
        let desk = Desk::default();
        for job in 1..=3 {
            assert_eq!(desk.put(load(job)), Put::Well);
        }
        assert_eq!(desk.take(), Some(load(1)));
        assert_eq!(desk.put(cancel(2)), Put::Dropped(JobNumber(2)));
        assert_eq!(desk.put(cancel(7)), Put::Well);
        assert!(desk.check().is_ok());
        assert_eq!(desk.put(cancel(1)), Put::Well);
        assert!(desk.check().is_err());
        // The next one begins afresh, and a late cancellation of the last does not meet it.
        assert_eq!(desk.take(), Some(load(3)));
        assert_eq!(desk.put(cancel(1)), Put::Well);
        assert!(desk.check().is_ok());
    }

    #[test]
    fn closing_stops_everything() {
        let desk = Desk::default();
        desk.put(load(1));
        desk.put(load(2));
        assert!(desk.take().is_some());
        desk.close();
        assert!(desk.stops());
        assert_eq!(desk.take(), None);
    }

    #[test]
    fn the_desk_is_bounded() {
        let desk = Desk::default();
        for job in 0..MOST_WAITING as u64 {
            assert_eq!(desk.put(load(job)), Put::Well);
        }
        assert_eq!(desk.put(load(99)), Put::Refused(Some(JobNumber(99))));
    }
}
