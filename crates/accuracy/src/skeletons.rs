//! Rendered skeletons, against known truth.

use crate::{Chapter, Effort};

/// Measures and reports.
pub fn chapter(_effort: Effort) -> Chapter {
    Chapter {
        title: "Rendered skeletons",
        body: String::new(),
    }
}
