//! Identity pictures, against known truth.

use crate::{Chapter, Effort};

/// Measures and reports.
pub fn chapter(_effort: Effort) -> Chapter {
    Chapter {
        title: "Identity pictures",
        body: String::new(),
    }
}
