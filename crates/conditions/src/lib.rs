//! Readings: what can be measured in one condition.
//!
//! Every reading is a set of typed measurements and statements; each statement carries the
//! time it holds for, what it rests on and how sure it is.

pub mod camera;
pub mod colour;
pub mod depth;
pub mod identity;
pub mod picture;
pub mod plain;
pub mod pose;
pub mod reading;
pub mod sniff;

pub use reading::{Evidence, Reading, Statement, TimeSpan};

use std::path::Path;

use decoupage_shot::{ConditionKind, Outcome, ReadOptions, Watch};

/// Measures one condition: the file or folder at `path`, read as `kind`.
///
/// # Errors
/// A [`decoupage_shot::Fault`] with one sentence for everything that can be wrong with a file.
pub fn read(
    path: &Path,
    kind: ConditionKind,
    options: &ReadOptions,
    watch: &dyn Watch,
) -> Outcome<Reading> {
    Ok(match kind {
        ConditionKind::Camera => Reading::Camera(camera::read(path, options, watch)?),
        ConditionKind::Pose => Reading::Pose(pose::read(path, options, watch)?),
        ConditionKind::Depth => Reading::Depth(depth::read(path, options, watch)?),
        ConditionKind::Identity => Reading::Identity(identity::read(path, options, watch)?),
        other => Reading::Plain(plain::read(path, other, options, watch)?),
    })
}
