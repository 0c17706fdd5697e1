//! Conditions: the inputs of a shot and the media behind them.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::fault::{Code, Fault, Outcome};
use crate::project::ConditionId;

/// What a condition is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum ConditionKind {
    /// A picture of someone or something that appears.
    Identity,
    /// A depth picture or clip.
    Depth,
    /// Keypoints or a rendered skeleton.
    Pose,
    /// A camera path.
    Camera,
    /// A picture or clip for its look.
    Style,
    /// Regions by colour.
    Segmentation,
    /// Line art.
    Sketch,
    /// A picture with a part to fill.
    MaskedImage,
    /// The picture the shot begins on.
    FirstFrame,
    /// The picture the shot ends on.
    LastFrame,
    /// A clip to take after.
    ReferenceVideo,
    /// Sound.
    Audio,
}

impl ConditionKind {
    /// Every kind, in the order of the canvas.
    pub const ALL: [Self; 12] = [
        Self::Identity,
        Self::Depth,
        Self::Pose,
        Self::Camera,
        Self::Style,
        Self::Segmentation,
        Self::Sketch,
        Self::MaskedImage,
        Self::FirstFrame,
        Self::LastFrame,
        Self::ReferenceVideo,
        Self::Audio,
    ];

    /// The kind's key in JSON and on the command line.
    pub fn key(self) -> &'static str {
        match self {
            Self::Identity => "identity",
            Self::Depth => "depth",
            Self::Pose => "pose",
            Self::Camera => "camera",
            Self::Style => "style",
            Self::Segmentation => "segmentation",
            Self::Sketch => "sketch",
            Self::MaskedImage => "masked_image",
            Self::FirstFrame => "first_frame",
            Self::LastFrame => "last_frame",
            Self::ReferenceVideo => "reference_video",
            Self::Audio => "audio",
        }
    }

    /// The kind as people read it.
    pub fn title(self) -> &'static str {
        match self {
            Self::Identity => "identity picture",
            Self::Depth => "depth clip",
            Self::Pose => "pose clip",
            Self::Camera => "camera path",
            Self::Style => "style picture",
            Self::Segmentation => "segmentation",
            Self::Sketch => "sketch",
            Self::MaskedImage => "masked image",
            Self::FirstFrame => "first frame",
            Self::LastFrame => "last frame",
            Self::ReferenceVideo => "reference video",
            Self::Audio => "audio",
        }
    }

    /// The kind with this key; `-` and `_` are the same.
    pub fn from_key(key: &str) -> Option<Self> {
        let key = key.trim().to_ascii_lowercase().replace('-', "_");
        Self::ALL.into_iter().find(|kind| kind.key() == key)
    }
}

/// One input of a shot.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct Condition {
    /// Identity within the project.
    pub id: ConditionId,
    /// What it is for.
    pub kind: ConditionKind,
    /// What the person calls it ("Mara", "Walk cycle"); the file's stem at first.
    pub name: String,
    /// What the person says about it, in their words; it counts as measured truth.
    #[serde(default)]
    pub note: String,
    /// The file or folder behind it.
    pub media: Media,
    /// The part of the picture that is meant ("the right-most person").
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub region: Option<Region>,
    /// Where it begins on the shot's clock, seconds.
    #[serde(default)]
    pub offset_s: f64,
    /// Where its card lies on the canvas.
    #[serde(default)]
    pub place: Place,
    /// The person's corrections to how the file is read.
    #[serde(default)]
    pub options: ReadOptions,
    /// The person's corrections to what was measured; they win over the measurement.
    #[serde(default)]
    pub corrections: Vec<Correction>,
}

/// A person's correction of one item of a reading.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
// The interface knows a correction of a caption, too.
#[ts(rename = "ReadingCorrection")]
pub struct Correction {
    /// Which item: its key in the reading's outline ("move/0", "person/2/action/1",
    /// "statement/3").
    pub item: String,
    /// What the item said when it was corrected. Where the item says something else now, the
    /// correction does not apply and is told to the person instead.
    pub was: String,
    /// What is changed.
    pub change: Change,
}

/// What a person changes of an item of a reading.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(tag = "change", rename_all = "snake_case")]
pub enum Change {
    /// It is not so.
    Delete,
    /// It is something else, or goes by another name: the key of one of the item's choices,
    /// or words where it has none.
    Rename {
        /// The choice or the words.
        to: String,
    },
    /// It happens at another time, on the condition's own clock.
    Retime {
        /// Begin, seconds.
        start_s: f64,
        /// End, seconds.
        end_s: f64,
    },
}

/// The most corrections of one condition.
const MOST_CORRECTIONS: usize = 2000;
/// The longest name or sentence a person may put in place of a measured one, bytes.
const LONGEST_WORDS: usize = 4000;

/// Whether corrections can be kept: finite times in order, words of a length people write.
///
/// # Errors
/// A fault with one sentence for the first that cannot.
pub(crate) fn sound(corrections: &[Correction]) -> Outcome<()> {
    let refuse = |message: &str| Err(Fault::new(Code::Invalid, message));
    if corrections.len() > MOST_CORRECTIONS {
        return refuse("There are more corrections than one condition can keep.");
    }
    for correction in corrections {
        match &correction.change {
            Change::Delete => {}
            Change::Rename { to } if to.trim().is_empty() => {
                return refuse("Say what it should be called.");
            }
            Change::Rename { to } if to.len() > LONGEST_WORDS => {
                return refuse("That is longer than a correction can be.");
            }
            Change::Rename { .. } => {}
            Change::Retime { start_s, end_s } => {
                let day = 0.0..=86_400.0;
                if !(day.contains(start_s) && day.contains(end_s) && start_s < end_s) {
                    return refuse("It must begin before it ends, within a day.");
                }
            }
        }
    }
    Ok(())
}

/// How the project holds a file.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Storage {
    /// Copied into the project's `media/` folder.
    #[default]
    Copied,
    /// Left where it is.
    Linked,
}

/// A BLAKE3 hash in lower-case hexadecimal: of a file's bytes, or, for a folder of frames, of
/// its sorted file names and their hashes.
#[derive(
    Debug, Clone, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, TS,
)]
#[serde(transparent)]
pub struct ContentHash(pub String);

/// The file or folder behind a condition.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Media {
    /// Path relative to the project folder, `/` between parts. Linked files may lead out of
    /// it with `..` or be absolute where no relative path exists; copied ones never leave it.
    pub path: String,
    /// Copied or linked.
    pub storage: Storage,
    /// Content hash, by which a moved file is found again.
    pub hash: ContentHash,
    /// Size in bytes, all frames together for a folder.
    #[ts(type = "number")]
    pub bytes: u64,
    /// Whether it is a folder of frames.
    #[serde(default)]
    pub sequence: bool,
}

/// A rectangle in a picture, as shares of its width and height from the top left.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, TS)]
pub struct Region {
    /// Left edge, 0–1.
    pub x: f64,
    /// Top edge, 0–1.
    pub y: f64,
    /// Width, 0–1.
    pub width: f64,
    /// Height, 0–1.
    pub height: f64,
}

/// A place on the canvas, in canvas units.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize, TS)]
pub struct Place {
    /// To the right.
    pub x: f64,
    /// Downwards.
    pub y: f64,
}

/// Which way depth values run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Polarity {
    /// Near things are bright.
    NearBright,
    /// Near things are dark.
    NearDark,
}

/// How a file is to be read where detection should be overridden. `None` means: detect.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, TS)]
#[serde(default)]
pub struct ReadOptions {
    /// Frames per second of a format that stores none (camera paths, keypoint lists, folders
    /// of frames).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub fps: Option<f64>,
    /// The format's key, where detection is wrong ("realestate10k", "kitti", …).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub format: Option<String>,
    /// The convention's key, where the file's own is not what the format says ("opencv_c2w",
    /// "opencv_w2c", "opengl_c2w", …).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub convention: Option<String>,
    /// Which camera of a file with several.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub camera: Option<String>,
    /// Which way depth runs.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub polarity: Option<Polarity>,
    /// Whether red and blue of a rendered skeleton are exchanged.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub swap_colours: Option<bool>,
    /// The part of the picture to read.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub region: Option<Region>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn corrections_that_make_no_sense_are_refused() {
        let with = |change| {
            sound(&[Correction {
                item: "move/0".to_owned(),
                was: "Trucks right".to_owned(),
                change,
            }])
        };
        assert!(with(Change::Delete).is_ok());
        assert!(with(Change::Rename { to: " ".to_owned() }).is_err());
        let retimed = |start_s, end_s| with(Change::Retime { start_s, end_s });
        assert!(retimed(0.5, 2.0).is_ok());
        assert!(retimed(2.0, 0.5).is_err());
        assert!(retimed(f64::NAN, 1.0).is_err());
        assert!(retimed(0.0, f64::INFINITY).is_err());
    }
}
