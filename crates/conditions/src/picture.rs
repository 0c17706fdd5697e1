//! Getting pictures in.

use std::path::Path;

use decoupage_media::{MediaInfo, Pick};
use decoupage_shot::{Code, Fault, Outcome, Watch};
use image::DynamicImage;

/// The first frame of a picture, clip or folder of frames, no side beyond `longest` pixels.
///
/// # Errors
/// A fault with one sentence when the file cannot be decoded or holds no picture.
pub fn first(
    path: &Path,
    longest: Option<u32>,
    watch: &dyn Watch,
) -> Outcome<(MediaInfo, DynamicImage)> {
    let mut first = None;
    let info = decoupage_media::stills(
        path,
        &Pick::Times(vec![0.0]),
        longest,
        None,
        watch,
        &mut |still| {
            first.get_or_insert(still.picture);
            Ok(())
        },
    )?;
    first
        .map(|picture| (info, picture))
        .ok_or_else(|| Fault::new(Code::Unsupported, "There is no picture in this file.").at(path))
}
