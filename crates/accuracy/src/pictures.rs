//! Style, segmentation, sketches and frames, against known truth.

mod drawn;
mod frames;
mod looks;

pub use drawn::{Drawn, MaskScores, Saved, SketchScores, masks, sketches};
pub use frames::{Change, HoleScores, changes, holes};
pub use looks::{LookScores, looks};

use std::path::Path;

use image::DynamicImage;

use crate::{Chapter, Effort};

/// Seeds of the reported scenes; thresholds were chosen on seeds from 0.
const REPORTED: u64 = 1_000_000;

/// Writes a JPEG of a quality.
pub(crate) fn write_jpeg(picture: &DynamicImage, path: &Path, quality: u8) {
    let mut bytes = Vec::new();
    let encoder = image::codecs::jpeg::JpegEncoder::new_with_quality(&mut bytes, quality);
    picture
        .to_rgb8()
        .write_with_encoder(encoder)
        .expect("pictures of this size can be encoded");
    std::fs::write(path, bytes).expect("a temporary folder takes files");
}

/// Measures and reports.
pub fn chapter(effort: Effort) -> Chapter {
    let body = [
        looks::report(effort, REPORTED),
        drawn::report(effort, REPORTED),
        frames::report(effort, REPORTED),
    ]
    .join("\n\n");
    Chapter {
        title: "Style, segmentation, sketches and frames",
        body,
    }
}
