//! The six-section caption and where its words came from.
//!
//! Sections and their order follow Any2Caption (see `docs/formats.md`).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::project::ConditionId;

/// One of the six sections, in caption order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Section {
    /// The whole shot in two or three sentences.
    Dense,
    /// Who or what the shot is about: appearance.
    MainObject,
    /// Place and depth.
    Background,
    /// How the camera moves and frames.
    Camera,
    /// Light, palette, medium.
    Style,
    /// Who does what, when.
    Action,
}

impl Section {
    /// All six, in caption order.
    pub const ALL: [Self; 6] = [
        Self::Dense,
        Self::MainObject,
        Self::Background,
        Self::Camera,
        Self::Style,
        Self::Action,
    ];

    /// The section's key in JSON.
    pub fn key(self) -> &'static str {
        match self {
            Self::Dense => "dense",
            Self::MainObject => "main_object",
            Self::Background => "background",
            Self::Camera => "camera",
            Self::Style => "style",
            Self::Action => "action",
        }
    }

    /// The section's heading as people read it.
    pub fn title(self) -> &'static str {
        match self {
            Self::Dense => "Dense",
            Self::MainObject => "Main object",
            Self::Background => "Background",
            Self::Camera => "Camera",
            Self::Style => "Style",
            Self::Action => "Action",
        }
    }

    /// The section with this JSON key.
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|section| section.key() == key)
    }
}

/// The words of the six sections.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(default)]
pub struct Caption {
    /// The whole shot in two or three sentences.
    pub dense: String,
    /// Who or what the shot is about.
    pub main_object: String,
    /// Place and depth.
    pub background: String,
    /// How the camera moves and frames.
    pub camera: String,
    /// Light, palette, medium.
    pub style: String,
    /// Who does what, when.
    pub action: String,
}

impl Caption {
    /// The words of one section.
    pub fn get(&self, section: Section) -> &str {
        match section {
            Section::Dense => &self.dense,
            Section::MainObject => &self.main_object,
            Section::Background => &self.background,
            Section::Camera => &self.camera,
            Section::Style => &self.style,
            Section::Action => &self.action,
        }
    }

    /// The words of one section, to change.
    pub fn get_mut(&mut self, section: Section) -> &mut String {
        match section {
            Section::Dense => &mut self.dense,
            Section::MainObject => &mut self.main_object,
            Section::Background => &mut self.background,
            Section::Camera => &mut self.camera,
            Section::Style => &mut self.style,
            Section::Action => &mut self.action,
        }
    }
}

/// Where a span of words came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// Supplied by the interpreter: neither asked for nor measured.
    Inferred,
    /// Measured in a condition, or said by the person about it.
    Condition,
    /// The person's short prompt.
    Prompt,
    /// Written by hand in the section itself.
    Hand,
}

/// A span of one section and its origin. Offsets count Unicode scalar values.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct OriginSpan {
    /// First scalar of the span.
    pub start: u32,
    /// One past the last scalar of the span.
    pub end: u32,
    /// Where the words came from.
    pub origin: Origin,
    /// The condition they came from, where that is their origin.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub condition: Option<ConditionId>,
}

/// The origin spans of every section: sorted, not overlapping, within the text.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(transparent)]
pub struct Origins(
    #[ts(as = "std::collections::HashMap<Section, Vec<OriginSpan>>")]
    pub  BTreeMap<Section, Vec<OriginSpan>>,
);

impl Origins {
    /// The spans of one section.
    pub fn get(&self, section: Section) -> &[OriginSpan] {
        self.0.get(&section).map_or(&[], Vec::as_slice)
    }
}
