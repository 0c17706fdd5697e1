//! Pictures that stand in the shot itself: its first frame, its last, or one with a part to fill.

mod align;
mod change;
mod grid;
mod hole;
mod parts;

use std::path::Path;

use decoupage_media::Pick;
use decoupage_shot::{ConditionKind, Outcome, ReadOptions, Watch};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::colour::canvas::small;
use crate::correct::Parts;
use crate::plain::{self, PlainReading, Sight};
use crate::style::{Look, Meter, look};

pub use align::Shift;
pub use change::{AreaChange, ChangedArea, FrameChange, change};
pub use grid::Grid;
pub use hole::{Hole, HoleMark};

/// What was measured in a first or last frame or a masked image; which, the plain part tells.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct FrameReading {
    /// Size, length, colours and light; the latter two inside black bars.
    #[serde(flatten)]
    #[ts(flatten)]
    pub plain: PlainReading,
    /// The look and the film words that follow from it.
    #[serde(default)]
    pub look: Look,
    /// What is to be filled, in a masked image.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub hole: Option<Hole>,
    /// What a person says is to be filled in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub hole_name: Option<String>,
    /// The picture as a coarse grid, to compare frames by.
    #[serde(default)]
    pub grid: Grid,
}

/// The longest side a hole is looked for at, pixels.
const HOLE: u32 = 512;

impl From<PlainReading> for FrameReading {
    /// A reading of which nothing but the plain part is known.
    fn from(plain: PlainReading) -> Self {
        Self {
            plain,
            look: Look::default(),
            hole: None,
            hole_name: None,
            grid: Grid::default(),
        }
    }
}

/// What was measured in a first or last frame or a masked image. Of a clip the first frame
/// counts, and the last where it is to end the shot.
///
/// # Errors
/// A fault with one sentence when the file cannot be decoded.
pub fn read(
    path: &Path,
    role: ConditionKind,
    options: &ReadOptions,
    watch: &dyn Watch,
) -> Outcome<FrameReading> {
    let frames = if role == ConditionKind::LastFrame {
        Pick::Frames(vec![u64::MAX])
    } else {
        Pick::Times(vec![0.0])
    };
    let sight = Sight {
        frames,
        longest: look::DECODED,
    };
    let mut meter = Meter::default();
    let (mut grid, mut picture) = (Grid::default(), None);
    let plain = plain::see(path, role, &sight, options, watch, &mut |still| {
        meter.add(&still.picture, options.region.as_ref());
        let frame = small(&still.picture, options.region.as_ref(), HOLE);
        grid = Grid::of(&frame);
        picture = Some(frame);
        watch.go_on()
    })?;
    let mut metered = meter.finish();
    let hole = picture
        .filter(|_| role == ConditionKind::MaskedImage)
        .and_then(|picture| hole::find(&picture, metered.look.picture.as_ref()))
        .map(|mut hole| {
            let marked = options.region.as_ref();
            hole.bounds = plain::in_whole(marked, hole.bounds);
            for part in &mut hole.parts {
                *part = plain::in_whole(marked, *part);
            }
            hole
        });
    metered.look.place(options.region.as_ref());
    let mut reading = FrameReading {
        plain,
        look: metered.look,
        hole,
        hole_name: None,
        grid,
    };
    reading.plain.palette = metered.palette;
    reading.plain.light = metered.light;
    reading.restate();
    Ok(reading)
}

#[cfg(test)]
mod tests;
