//! Keypoint files: OpenPose JSON, COCO and MMPose, AlphaPose, ComfyUI `POSE_KEYPOINT`.
//!
//! All of them are read as a stream into the canonical body, so memory follows what is kept
//! (eighteen points a person), not the size of the file.

mod json;
mod layout;
mod shapes;
#[cfg(test)]
mod tests;

use std::fs::File;
use std::io::{BufReader, Read};
use std::path::{Path, PathBuf};

use decoupage_shot::{Code, Fault, Outcome, Phase, Watch};

use super::joints::Body;
pub use layout::Layout;
pub use shapes::last_number;

/// The largest keypoint file that is read.
pub const MAX_FILE_BYTES: u64 = 128 << 20;
/// The most frames that are read: twenty minutes at 30 a second.
pub const MAX_FRAMES: usize = 36_000;
/// The most people in one frame.
pub const MAX_PEOPLE: usize = 64;
/// The most people in all frames together.
pub const MAX_BODIES: usize = 200_000;

/// Keypoints as a file holds them, already in canonical order and normalised to the canvas.
#[derive(Debug, Clone, PartialEq)]
pub struct Keypoints {
    /// Key of the format.
    pub format: &'static str,
    /// How many joints a person has in the file, and in which order.
    pub layout: Layout,
    /// The canvas.
    pub canvas: Canvas,
    /// The people of each frame, time ascending.
    pub frames: Vec<Vec<Body>>,
}

/// The canvas that the points lie on.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Canvas {
    /// Width in pixels, or 1 where points are shares and no size is stored.
    pub width: f64,
    /// Height, likewise.
    pub height: f64,
    /// How the size is known.
    pub known: CanvasKnown,
}

/// How the canvas size is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
pub enum CanvasKnown {
    /// The file stores it.
    Stored,
    /// The file stores none: the smallest usual picture size that holds every point.
    Estimated,
    /// The points are shares of a canvas whose proportions the file does not store: a square is
    /// assumed.
    Shares,
}

/// Whether a file is to be read as keypoints, by its first bytes (JSON) and name.
pub fn is_json(path: &Path) -> bool {
    let mut head = [0_u8; 64];
    let Ok(read) = File::open(path).and_then(|mut file| file.read(&mut head)) else {
        return false;
    };
    let head = head.get(..read).unwrap_or_default();
    let head = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head);
    matches!(
        head.iter().find(|byte| !byte.is_ascii_whitespace()),
        Some(b'{' | b'[')
    )
}

/// Reads one keypoint file.
///
/// # Errors
/// A fault with one sentence when the file is too large, damaged or holds no keypoints.
pub fn read_file(path: &Path, watch: &dyn Watch) -> Outcome<Keypoints> {
    let mut clip = shapes::Gathered::default();
    clip.add(parse_file(path, watch)?)
        .map_err(|fault| fault.at(path))?;
    clip.finish().map_err(|fault| fault.at(path))
}

/// Reads a folder with one keypoint file a frame, in the order of the numbers in their names.
///
/// # Errors
/// As [`read_file`]; the fault names the frame's file.
pub fn read_folder(files: &[PathBuf], folder: &Path, watch: &dyn Watch) -> Outcome<Keypoints> {
    if files.len() > MAX_FRAMES {
        return Err(Fault::new(
            Code::TooLarge,
            format!(
                "The folder holds {} keypoint files, more than the {MAX_FRAMES} frames that can be read.",
                files.len()
            ),
        )
        .advise("Cut the clip into shorter pieces.")
        .at(folder));
    }
    let mut clip = shapes::Gathered::default();
    for (done, path) in files.iter().enumerate() {
        watch.go_on()?;
        watch.report(Phase::Reading, done as u64, files.len() as u64);
        clip.add(parse_file(path, watch)?)
            .map_err(|fault| fault.at(path))?;
    }
    clip.finish().map_err(|fault| fault.at(folder))
}

fn parse_file(path: &Path, watch: &dyn Watch) -> Outcome<json::Document> {
    let file = File::open(path).map_err(|error| Fault::io(&error, "open the keypoints", path))?;
    let bytes = file
        .metadata()
        .map_err(|error| Fault::io(&error, "read the keypoints", path))?
        .len();
    if bytes > MAX_FILE_BYTES {
        return Err(Fault::new(
            Code::TooLarge,
            format!(
                "The keypoint file has {} MB, more than the {} MB that can be read.",
                bytes >> 20,
                MAX_FILE_BYTES >> 20
            ),
        )
        .advise("Cut the clip into shorter pieces, or write one file a frame.")
        .at(path));
    }
    if bytes == 0 {
        return Err(Fault::new(Code::Damaged, "The keypoint file is empty.").at(path));
    }
    parse(BufReader::with_capacity(1 << 16, file), watch).map_err(|fault| fault.at(path))
}

fn parse(source: impl Read, watch: &dyn Watch) -> Outcome<json::Document> {
    let source = json::Watched::new(source, watch);
    serde_json::from_reader(BufReader::with_capacity(1 << 16, source)).map_err(|error| {
        if watch.cancelled() {
            Fault::cancelled()
        } else {
            json::explain(&error)
        }
    })
}

/// Reads keypoints from bytes in memory.
#[cfg(test)]
fn read_bytes(bytes: &[u8], watch: &dyn Watch) -> Outcome<Keypoints> {
    let mut clip = shapes::Gathered::default();
    clip.add(parse(bytes, watch)?)?;
    clip.finish()
}
