//! Style, segmentation, sketches and frames, against known truth.

use crate::{Chapter, Effort};

/// Measures and reports.
pub fn chapter(_effort: Effort) -> Chapter {
    Chapter {
        title: "Style, segmentation, sketches and frames",
        body: String::new(),
    }
}
