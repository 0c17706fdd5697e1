//! Actions, against known truth.

use crate::{Chapter, Effort};

/// Measures and reports.
pub fn chapter(_effort: Effort) -> Chapter {
    Chapter {
        title: "Actions",
        body: String::new(),
    }
}
