//! Long work: identity, throttled progress, cancel as an outcome.

use std::collections::HashMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use decoupage_shot::{Cancel, Code, Fault, Phase, Watch};

use crate::api::{Event, JobEnd, JobId};
use crate::{Core, hold};

/// Progress is told at most this often.
const THROTTLE: Duration = Duration::from_millis(100);

/// The running jobs.
#[derive(Default)]
pub(crate) struct Jobs {
    next: AtomicU64,
    running: Mutex<HashMap<JobId, Cancel>>,
}

impl Jobs {
    pub(crate) fn start(&self, core: &Core) -> Job {
        let id = JobId(self.next.fetch_add(1, Ordering::Relaxed) + 1);
        let cancel = Cancel::default();
        hold(&self.running).insert(id, cancel.clone());
        Job {
            id,
            cancel,
            core: core.clone(),
            told: Mutex::new(None),
            ended: false,
        }
    }

    /// Cancelling a job that has ended is no error: the person was a moment late.
    pub(crate) fn cancel(&self, id: JobId) {
        if let Some(cancel) = hold(&self.running).get(&id) {
            cancel.raise();
        }
    }

    pub(crate) fn cancel_all(&self) {
        hold(&self.running).values().for_each(Cancel::raise);
    }
}

/// One running job: a watch for the work, and a guard that tells of an end in any case.
pub(crate) struct Job {
    pub(crate) id: JobId,
    cancel: Cancel,
    core: Core,
    told: Mutex<Option<(Instant, Phase)>>,
    ended: bool,
}

impl Job {
    pub(crate) fn tell(&self, event: &Event) {
        self.core.tell(event);
    }

    pub(crate) fn end(mut self, end: JobEnd) {
        self.finish(end);
    }

    fn finish(&mut self, end: JobEnd) {
        self.ended = true;
        hold(&self.core.inner.jobs.running).remove(&self.id);
        self.core.tell(&Event::End { job: self.id, end });
    }
}

impl Drop for Job {
    /// A panic in the work ends the job, not the application.
    fn drop(&mut self) {
        if !self.ended {
            let fault = Fault::new(Code::Internal, "That went wrong inside Decoupage.")
                .advise("Nothing was lost; please try again, and report it if it stays.");
            self.finish(JobEnd::Failed {
                fault,
                offers: Vec::new(),
            });
        }
    }
}

impl Watch for Job {
    fn report(&self, phase: Phase, done: u64, total: u64) {
        let mut told = hold(&self.told);
        let now = Instant::now();
        let fresh = told.is_none_or(|(at, last)| last != phase || now - at >= THROTTLE);
        if fresh {
            *told = Some((now, phase));
            drop(told);
            self.core.tell(&Event::Progress {
                job: self.id,
                phase,
                done,
                total,
            });
        }
    }

    fn cancelled(&self) -> bool {
        self.cancel.raised()
    }
}
