//! Which media a model is shown, and in which order.

use decoupage_conditions::Reading;
use decoupage_shot::{Condition, ConditionId, ConditionKind};
use serde::{Deserialize, Serialize};

/// A medium as the interpreter asks for it; the application knows where it lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum MediaRequest {
    /// A condition's own file.
    File {
        /// Which condition.
        condition: ConditionId,
        /// What it is shown as.
        shape: Shape,
    },
    /// A drawing of a camera path from above and from the side, a picture.
    CameraPlot {
        /// Which condition.
        condition: ConditionId,
    },
    /// The skeletons of a pose that is stored as keypoints, drawn as a clip (a picture where
    /// it has one frame).
    Skeleton {
        /// Which condition.
        condition: ConditionId,
        /// Whether it moves.
        shape: Shape,
    },
}

impl MediaRequest {
    /// The condition it shows.
    pub fn condition(self) -> ConditionId {
        match self {
            Self::File { condition, .. }
            | Self::CameraPlot { condition }
            | Self::Skeleton { condition, .. } => condition,
        }
    }

    /// What it is shown as.
    pub fn shape(self) -> Shape {
        match self {
            Self::File { shape, .. } | Self::Skeleton { shape, .. } => shape,
            Self::CameraPlot { .. } => Shape::Picture,
        }
    }
}

/// What a medium is shown as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Shape {
    /// A still picture.
    Picture,
    /// A clip.
    Clip,
    /// A clip whose sound is to be heard too.
    ClipWithSound,
    /// Sound alone.
    Sound,
}

/// What a model can take in and the application can draw.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Senses {
    /// Pictures.
    pub pictures: bool,
    /// Clips.
    pub clips: bool,
    /// Sound.
    pub sound: bool,
    /// Drawn camera paths.
    pub plots: bool,
    /// Drawn skeletons.
    pub skeletons: bool,
    /// At most so many media.
    pub most: usize,
}

impl Default for Senses {
    /// A vision model, and an application that draws paths and skeletons.
    fn default() -> Self {
        Self {
            pictures: true,
            clips: true,
            sound: false,
            plots: true,
            skeletons: true,
            most: 16,
        }
    }
}

impl Senses {
    /// A model that reads words only.
    pub fn blind() -> Self {
        Self {
            pictures: false,
            clips: false,
            sound: false,
            plots: false,
            skeletons: false,
            most: 0,
        }
    }

    /// What a condition is shown as, if it is shown.
    pub(crate) fn request(
        self,
        condition: &Condition,
        reading: Option<&Reading>,
    ) -> Option<MediaRequest> {
        let id = condition.id;
        let file = |shape| {
            Some(MediaRequest::File {
                condition: id,
                shape,
            })
        };
        // A clip shown to a model that takes pictures only is shown by its first frame.
        let moving = |moves: bool| match (moves, self.clips, self.pictures) {
            (true, true, _) => Some(Shape::Clip),
            (_, _, true) => Some(Shape::Picture),
            _ => None,
        };
        match condition.kind {
            ConditionKind::Camera => {
                (self.plots && self.pictures && matches!(reading, Some(Reading::Camera(_))))
                    .then_some(MediaRequest::CameraPlot { condition: id })
            }
            ConditionKind::Pose => match reading {
                Some(Reading::Pose(r)) if r.format.starts_with("rendered") => {
                    file(moving(r.frames > 1)?)
                }
                Some(Reading::Pose(r)) if self.skeletons => Some(MediaRequest::Skeleton {
                    condition: id,
                    shape: moving(r.frames > 1)?,
                }),
                _ => None,
            },
            ConditionKind::Depth => match reading {
                Some(Reading::Depth(r)) => file(moving(r.frames > 1)?),
                _ => None,
            },
            ConditionKind::Audio => {
                (self.sound && reading.is_some()).then_some(file(Shape::Sound)?)
            }
            ConditionKind::Identity => {
                matches!(reading, Some(Reading::Identity(_))).then_some(file(moving(false)?)?)
            }
            _ => match reading.and_then(Reading::plain) {
                Some(r) => {
                    let moves = r.duration_s.is_some_and(|d| d > 0.0);
                    let shape = moving(moves)?;
                    let heard = shape == Shape::Clip && self.sound && r.has_audio;
                    file(if heard { Shape::ClipWithSound } else { shape })
                }
                _ => None,
            },
        }
    }
}

/// The order in which conditions are told: who, then what the frame holds, then space,
/// movement, camera, sound. It does not depend on edits of the prompt.
pub(crate) fn rank(kind: ConditionKind) -> u8 {
    match kind {
        ConditionKind::Identity => 0,
        ConditionKind::FirstFrame => 1,
        ConditionKind::LastFrame => 2,
        ConditionKind::MaskedImage => 3,
        ConditionKind::Style => 4,
        ConditionKind::Sketch => 5,
        ConditionKind::Segmentation => 6,
        ConditionKind::ReferenceVideo => 7,
        ConditionKind::Depth => 8,
        ConditionKind::Pose => 9,
        ConditionKind::Camera => 10,
        ConditionKind::Audio => 11,
    }
}
