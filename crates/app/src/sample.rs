//! The sample shot: made by the stage, opened like any other project.

use std::path::Path;

use decoupage_shot::{Code, Fault, Outcome};

use crate::Core;
use crate::api::Response;

impl Core {
    pub(crate) fn open_sample(&self) -> Outcome<Response> {
        Err(Fault::new(Code::Internal, "being built"))
    }
}

/// Makes the sample project.
///
/// # Errors
/// The system's refusal.
pub fn write_demo(out: Option<&Path>) -> Outcome<std::path::PathBuf> {
    {
        let _ = out;
        Err(Fault::new(Code::Internal, "being built"))
    }
}
