//! Finds, starts, watches and ends the process that runs models.
//!
//! Models run in a worker: a program of its own beside the application, spoken to in lines
//! ([`decoupage_dialogue::Ask`], [`decoupage_dialogue::Tell`]). So a build that needs a graphics
//! driver never keeps the application from starting, and a crash costs an answer, never the
//! application. [`Worker`] probes the programs there are, starts the best one on demand, ends it
//! when it idles, and turns whatever happens to it into a sentence and the next smaller step.

mod asking;
mod exit;
mod lines;
mod probe;
mod process;
mod programs;
mod smaller;
mod so_far;
mod worker;

pub use asking::{Answer, Event, Found, Request, Unfinished};
pub use probe::Probed;
pub use programs::{Build, PROGRAM_VARIABLE, Program};
pub use smaller::{Remembered, take};
pub use worker::{Settings, Worker};

use decoupage_dialogue::{Failure, FailureCode};
use decoupage_shot::{Code, Fault};

/// A failure in the terms of the rest of the application. The smaller steps it offers are left
/// out: shells that offer them take them from the failure.
pub fn fault(failure: &Failure) -> Fault {
    let code = match failure.code {
        FailureCode::Cancelled => Code::Cancelled,
        FailureCode::Missing => Code::Missing,
        FailureCode::Damaged => Code::Damaged,
        FailureCode::Unsupported => Code::Unsupported,
        FailureCode::TooLong => Code::TooLarge,
        FailureCode::OutOfMemory => Code::OutOfMemory,
        FailureCode::Invalid => Code::Invalid,
        FailureCode::Internal => Code::Internal,
    };
    let fault = Fault::new(code, failure.message.clone());
    match &failure.advice {
        Some(advice) => fault.advise(advice.clone()),
        None => fault,
    }
}
