//! Camera paths, against known truth.

pub mod compare;
pub mod tally;

use decoupage_conditions::camera;
use decoupage_shot::Silent;
use decoupage_stage::camera::paths::PathCase;

use crate::{Chapter, Effort};
use tally::Tally;

/// Paths for the page begin here; thresholds were chosen on paths below.
const REPORTED_FROM: u64 = 1_000_000;

/// Measures and reports.
pub fn chapter(effort: Effort) -> Chapter {
    let tally = measure(REPORTED_FROM, effort.scenes(300, 3000));
    Chapter {
        title: "Camera paths",
        body: tally.page(),
    }
}

/// Writes, reads and compares `count` paths from a seed on.
///
/// # Panics
/// Where a path cannot be written to the temporary folder.
pub fn measure(first: u64, count: usize) -> Tally {
    let mut tally = Tally::default();
    let folder = tempfile::tempdir().expect("a temporary folder");
    for seed in first..first + count as u64 {
        let case = PathCase::of(seed);
        let path = case.write(folder.path()).expect("the path is written");
        match camera::read(&path, &case.options(), &Silent) {
            Ok(reading) => {
                let compared = compare::compare(&case, &reading);
                tally.count(&case, &reading, &compared);
            }
            Err(fault) => tally.refuse(&case, &fault),
        }
        // The folder would grow by gigabytes otherwise; what stays is removed with it.
        if let Some(folder) = path.parent() {
            let _ = std::fs::remove_dir_all(folder);
        }
    }
    tally
}
