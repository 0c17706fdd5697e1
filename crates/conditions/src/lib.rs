//! Readings: what can be measured in one condition.
//!
//! Every reading is a set of typed measurements and statements; each statement carries the
//! time it holds for, what it rests on and how sure it is.

pub mod audio;
pub mod camera;
pub mod clip;
pub mod colour;
pub mod correct;
pub mod depth;
pub mod frame;
pub mod identity;
mod linear;
pub mod outline;
pub mod picture;
pub mod plain;
pub mod pose;
pub mod reading;
pub mod segmentation;
pub mod sketch;
pub mod sniff;
pub mod style;

pub use correct::{Corrected, correct};
pub use outline::{Outline, outline};
pub use reading::{Evidence, Reading, Statement, TimeSpan};

/// Grows whenever the same file would be read otherwise than before, so that readings kept on
/// disk are measured anew.
pub const READING_VERSION: u32 = 2;

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
        ConditionKind::Style => Reading::Style(style::read(path, kind, options, watch)?),
        ConditionKind::Segmentation => {
            Reading::Segmentation(segmentation::read(path, kind, options, watch)?)
        }
        ConditionKind::Sketch => Reading::Sketch(sketch::read(path, kind, options, watch)?),
        ConditionKind::MaskedImage | ConditionKind::FirstFrame | ConditionKind::LastFrame => {
            Reading::Frame(frame::read(path, kind, options, watch)?)
        }
        ConditionKind::ReferenceVideo => {
            Reading::ReferenceVideo(clip::read(path, kind, options, watch)?)
        }
        ConditionKind::Audio => Reading::Audio(audio::read(path, kind, options, watch)?),
    })
}
