//! What all readings share. The typed measurements of each kind stand in its own module.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::audio::AudioReading;
use crate::camera::CameraReading;
use crate::clip::ClipReading;
use crate::correct::Parts;
use crate::depth::DepthReading;
use crate::frame::FrameReading;
use crate::identity::IdentityReading;
use crate::plain::PlainReading;
use crate::pose::PoseReading;
use crate::segmentation::SegmentationReading;
use crate::sketch::SketchReading;
use crate::style::StyleReading;

/// What was measured in one condition.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Reading {
    /// A camera path.
    Camera(CameraReading),
    /// People and what they do.
    Pose(PoseReading),
    /// Near, middle and far.
    Depth(DepthReading),
    /// Someone or something that appears.
    Identity(IdentityReading),
    /// A look to take after.
    Style(StyleReading),
    /// Regions by colour.
    Segmentation(SegmentationReading),
    /// Line art.
    Sketch(SketchReading),
    /// A picture the shot begins or ends on, or one with a part to fill.
    Frame(FrameReading),
    /// A clip to take after.
    ReferenceVideo(ClipReading),
    /// Sound.
    Audio(AudioReading),
}

impl Reading {
    /// The reading's statements about the whole condition.
    pub fn statements(&self) -> &[Statement] {
        match self {
            Self::Camera(reading) => &reading.statements,
            Self::Pose(reading) => &reading.statements,
            Self::Depth(reading) => &reading.statements,
            Self::Identity(reading) => &reading.statements,
            Self::Style(reading) => &reading.plain.statements,
            Self::Segmentation(reading) => &reading.plain.statements,
            Self::Sketch(reading) => &reading.plain.statements,
            Self::Frame(reading) => &reading.plain.statements,
            Self::ReferenceVideo(reading) => &reading.plain.statements,
            Self::Audio(reading) => &reading.plain.statements,
        }
    }

    /// What is the same of every picture, clip and sound that has no kind of measurement all
    /// its own: size, length, look.
    pub fn plain(&self) -> Option<&PlainReading> {
        match self {
            Self::Camera(_) | Self::Pose(_) | Self::Depth(_) | Self::Identity(_) => None,
            Self::Style(reading) => Some(&reading.plain),
            Self::Segmentation(reading) => Some(&reading.plain),
            Self::Sketch(reading) => Some(&reading.plain),
            Self::Frame(reading) => Some(&reading.plain),
            Self::ReferenceVideo(reading) => Some(&reading.plain),
            Self::Audio(reading) => Some(&reading.plain),
        }
    }

    /// The reading as parts to look at.
    pub fn parts(&self) -> &dyn Parts {
        match self {
            Self::Camera(reading) => reading,
            Self::Pose(reading) => reading,
            Self::Depth(reading) => reading,
            Self::Identity(reading) => reading,
            Self::Style(reading) => reading,
            Self::Segmentation(reading) => reading,
            Self::Sketch(reading) => reading,
            Self::Frame(reading) => reading,
            Self::ReferenceVideo(reading) => reading,
            Self::Audio(reading) => reading,
        }
    }

    /// The reading as parts to correct.
    pub fn parts_mut(&mut self) -> &mut dyn Parts {
        match self {
            Self::Camera(reading) => reading,
            Self::Pose(reading) => reading,
            Self::Depth(reading) => reading,
            Self::Identity(reading) => reading,
            Self::Style(reading) => reading,
            Self::Segmentation(reading) => reading,
            Self::Sketch(reading) => reading,
            Self::Frame(reading) => reading,
            Self::ReferenceVideo(reading) => reading,
            Self::Audio(reading) => reading,
        }
    }

    /// How long the condition runs, seconds; `None` for stills.
    pub fn duration_s(&self) -> Option<f64> {
        match self {
            Self::Camera(reading) => Some(reading.duration_s),
            Self::Pose(reading) => (reading.frames > 1).then_some(reading.duration_s),
            Self::Depth(reading) => (reading.frames > 1).then_some(reading.duration_s),
            Self::Identity(_) => None,
            Self::Style(_)
            | Self::Segmentation(_)
            | Self::Sketch(_)
            | Self::Frame(_)
            | Self::ReferenceVideo(_)
            | Self::Audio(_) => self.plain().and_then(|plain| plain.duration_s),
        }
    }
}

/// One sentence that a measurement supports.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct Statement {
    /// A full sentence in plain film English, present tense.
    pub text: String,
    /// When it holds; `None` for the whole length.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub span: Option<TimeSpan>,
    /// What it rests on.
    pub evidence: Evidence,
    /// How sure it is, 0–1.
    pub confidence: f64,
}

impl Statement {
    /// A statement about the whole length.
    pub fn new(text: impl Into<String>, evidence: Evidence, confidence: f64) -> Self {
        Self {
            text: text.into(),
            span: None,
            evidence,
            confidence,
        }
    }

    /// Limits the statement to a time.
    #[must_use]
    pub fn during(mut self, start_s: f64, end_s: f64) -> Self {
        self.span = Some(TimeSpan { start_s, end_s });
        self
    }
}

/// From one time to another on the condition's own clock, seconds.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, TS)]
pub struct TimeSpan {
    /// Begin.
    pub start_s: f64,
    /// End.
    pub end_s: f64,
}

/// What a statement rests on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(tag = "from", rename_all = "snake_case")]
pub enum Evidence {
    /// A measured quantity.
    Measurement {
        /// What was measured ("yaw", "cadence", "share of near pixels").
        quantity: String,
        /// Its value.
        value: f64,
        /// Its unit ("deg", "s", "share", "steps/min").
        unit: String,
    },
    /// Something written in the file (metadata, an embedded prompt).
    Metadata {
        /// Where it stands ("PNG text `parameters`", "XMP dc:description").
        field: String,
    },
    /// The kind of file and how it is laid out.
    Format,
    /// The person said so (name, note, override, correction).
    Person,
    /// A model on this computer looked at it and said so.
    Model {
        /// Which.
        model: String,
    },
}

impl Evidence {
    /// A measured quantity.
    pub fn measured(quantity: impl Into<String>, value: f64, unit: impl Into<String>) -> Self {
        Self::Measurement {
            quantity: quantity.into(),
            value,
            unit: unit.into(),
        }
    }
}
