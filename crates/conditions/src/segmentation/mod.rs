//! Regions by colour: what each is, where and how large.

pub mod classes;
mod flat;
mod measure;
mod parts;

use std::path::Path;

use decoupage_media::Pick;
use decoupage_shot::{ConditionKind, Outcome, ReadOptions, Region, Watch};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::correct::Parts;
use crate::plain::{self, PlainReading, Sight};
pub use classes::ClassSet;
pub use measure::measure;

/// The longest side frames are decoded at, pixels.
const DECODED: u32 = 512;
/// The most frames of a clip that are looked at.
const FRAMES: usize = 16;

/// What was measured in a segmentation picture or clip.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct SegmentationReading {
    /// Size, length and look.
    #[serde(flatten)]
    #[ts(flatten)]
    pub plain: PlainReading,
    /// Whose colours it is drawn in, where they are known ones.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub classes: Option<ClassSet>,
    /// Its regions, largest first.
    #[serde(default)]
    pub regions: Vec<SegmentRegion>,
}

/// One region: all that is drawn in one colour.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct SegmentRegion {
    /// Names it within the reading, from 1, by size.
    pub id: u32,
    /// What it is: its class ("sky"), what a person called it, or "region 3".
    pub name: String,
    /// Its class in the set whose colours match.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub class: Option<String>,
    /// Its colour, sRGB `#rrggbb`.
    pub colour: String,
    /// What people call that colour.
    pub colour_name: String,
    /// Share of the frame, 0–1: the mean over the frames that show it.
    pub share: f64,
    /// Where it is, completing "it is …", in the first frame that shows it.
    pub place: String,
    /// Its bounds there, shares of the frame from the top left.
    pub bounds: Region,
    /// Of how many separate parts it is there.
    pub parts: u32,
    /// The regions it touches, by id.
    pub touches: Vec<u32>,
    /// How it moves, in a clip.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub motion: Option<RegionMotion>,
    /// How sure its name is, 0–1.
    pub confidence: f64,
}

/// How a region moves between the first and the last frame that show it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct RegionMotion {
    /// First seen, seconds.
    pub start_s: f64,
    /// Last seen, seconds.
    pub end_s: f64,
    /// How far its middle moves to the right, shares of the frame's width.
    pub dx: f64,
    /// How far its middle moves down, shares of the frame's height.
    pub dy: f64,
    /// How much taller and wider it gets: 2 for twice.
    pub grows: f64,
    /// The way of its middle: at most 16 points.
    pub way: Vec<[f64; 2]>,
}

impl From<PlainReading> for SegmentationReading {
    /// A reading of which nothing but the plain part is known.
    fn from(plain: PlainReading) -> Self {
        Self {
            plain,
            classes: None,
            regions: Vec::new(),
        }
    }
}

/// What was measured in a segmentation picture or clip.
///
/// # Errors
/// A fault with one sentence when the file cannot be decoded.
pub fn read(
    path: &Path,
    role: ConditionKind,
    options: &ReadOptions,
    watch: &dyn Watch,
) -> Outcome<SegmentationReading> {
    let sight = Sight {
        frames: Pick::Even(FRAMES),
        longest: DECODED,
    };
    let mut frames = Vec::new();
    let mut times = Vec::new();
    let plain = plain::see(path, role, &sight, options, watch, &mut |still| {
        let frame = crate::colour::canvas::small(&still.picture, options.region.as_ref(), DECODED);
        // Frames of one clip are of one size; one that is not says nothing about motion.
        if frames
            .first()
            .is_none_or(|first: &image::RgbaImage| first.dimensions() == frame.dimensions())
        {
            frames.push(frame);
            times.push(still.time_s);
        }
        watch.go_on()
    })?;
    let (classes, mut regions) = measure(&frames, &times);
    for region in &mut regions {
        region.bounds = plain::in_whole(options.region.as_ref(), region.bounds);
        for point in region.motion.iter_mut().flat_map(|motion| &mut motion.way) {
            *point = plain::point_in_whole(options.region.as_ref(), *point);
        }
    }
    let mut reading = SegmentationReading {
        plain,
        classes,
        regions,
    };
    reading.restate();
    Ok(reading)
}

#[cfg(test)]
mod tests;
