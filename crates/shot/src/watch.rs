//! How long work tells of its progress and hears that it is no longer wanted.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::fault::{Fault, Outcome};

/// What a job is busy with, in words the interface has a label for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// Copying or linking media into the project.
    Adding,
    /// Decoding pictures or frames.
    Decoding,
    /// Measuring a condition.
    Reading,
    /// Reading a model's weights.
    Loading,
    /// A model looks at pictures and clips.
    Seeing,
    /// A model listens to sound.
    Hearing,
    /// A model reads its instructions.
    Prefill,
    /// Reasoning and writing the caption.
    Writing,
    /// Writing prompt files.
    Exporting,
    /// Fetching a model's files; counted in bytes.
    Downloading,
    /// Checking a model's files against their sums; counted in bytes.
    Verifying,
}

/// Hears of progress and says whether to stop. Callers check [`Watch::go_on`] at least once
/// per decoded frame or per megabyte.
pub trait Watch: Send + Sync {
    /// Tells that `done` of `total` units of `phase` are finished.
    fn report(&self, phase: Phase, done: u64, total: u64);
    /// Whether the person has cancelled.
    fn cancelled(&self) -> bool;
    /// `Err(cancelled)` once the person has cancelled.
    fn go_on(&self) -> Outcome<()> {
        if self.cancelled() {
            Err(Fault::cancelled())
        } else {
            Ok(())
        }
    }
}

/// A watch that hears nothing and never cancels: for command lines and tests.
#[derive(Debug, Clone, Copy, Default)]
pub struct Silent;

impl Watch for Silent {
    fn report(&self, _: Phase, _: u64, _: u64) {}
    fn cancelled(&self) -> bool {
        false
    }
}

/// A flag that can be raised from another thread; clones share it.
#[derive(Debug, Clone, Default)]
pub struct Cancel(Arc<AtomicBool>);

impl Cancel {
    /// Asks the work to stop.
    pub fn raise(&self) {
        self.0.store(true, Ordering::Relaxed);
    }
    /// Whether the work was asked to stop.
    pub fn raised(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

impl Watch for Cancel {
    fn report(&self, _: Phase, _: u64, _: u64) {}
    fn cancelled(&self) -> bool {
        self.raised()
    }
}
