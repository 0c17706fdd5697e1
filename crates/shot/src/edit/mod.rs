//! Edits: everything a person can change in the document, each with its inverse.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::caption::{OriginSpan, Section};
use crate::condition::{
    Condition, ConditionKind, Correction, Media, Place, ReadOptions, Region, Storage,
};
use crate::project::{Aspect, Binding, ConditionId, Shot, ShotId, TakeId};
use crate::take::Take;

/// One change to the document. Applying it yields the edit that takes it back.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(tag = "edit", rename_all = "snake_case")]
#[allow(missing_docs, reason = "the fields are named after what they change")]
#[allow(
    clippy::large_enum_variant,
    reason = "edits are made one at a time, by hand; lists of them are short"
)]
pub enum Edit {
    /// Renames the project.
    RenameProject { name: String },
    /// Whether media added from now on is copied or linked.
    SetStorage { storage: Storage },
    /// Adds an empty shot at the end.
    AddShot { name: String },
    /// Copies a shot with its conditions, and places the copy after it.
    DuplicateShot { shot: ShotId },
    /// Removes a shot.
    RemoveShot { shot: ShotId },
    /// Moves a shot to another place in the list.
    MoveShot { shot: ShotId, to: usize },
    /// Renames a shot.
    RenameShot { shot: ShotId, name: String },
    /// Changes the short prompt.
    SetPrompt { shot: ShotId, prompt: String },
    /// Changes the length; `None` follows the longest condition.
    SetDuration {
        shot: ShotId,
        #[ts(optional)]
        duration_s: Option<f64>,
    },
    /// Changes the picture's proportions.
    SetAspect { shot: ShotId, aspect: Aspect },
    /// Changes the generator the prompt is for.
    SetGenerator { shot: ShotId, generator: String },
    /// Adds a condition (its identity is given anew).
    AddCondition { shot: ShotId, condition: Condition },
    /// Removes a condition and its bindings; its media stays on disk.
    RemoveCondition { condition: ConditionId },
    /// Changes what a condition is for.
    SetKind {
        condition: ConditionId,
        kind: ConditionKind,
    },
    /// Renames a condition.
    RenameCondition {
        condition: ConditionId,
        name: String,
    },
    /// Changes what the person says about a condition.
    SetNote {
        condition: ConditionId,
        note: String,
    },
    /// Changes the part of the picture that is meant.
    SetRegion {
        condition: ConditionId,
        #[ts(optional)]
        region: Option<Region>,
    },
    /// Changes how a condition is read.
    SetOptions {
        condition: ConditionId,
        options: ReadOptions,
    },
    /// Changes the person's corrections to what was measured.
    SetCorrections {
        condition: ConditionId,
        corrections: Vec<Correction>,
    },
    /// Changes where a condition begins on the shot's clock.
    SetOffset {
        condition: ConditionId,
        offset_s: f64,
    },
    /// Moves a condition's card.
    PlaceCondition {
        condition: ConditionId,
        place: Place,
    },
    /// Puts another file behind a condition.
    ReplaceMedia {
        condition: ConditionId,
        media: Media,
    },
    /// Ties a condition to an identity or to the shot; replaces a tie of the same kind from the
    /// same condition and person.
    Bind { shot: ShotId, binding: Binding },
    /// Takes a tie away.
    Unbind { shot: ShotId, binding: Binding },
    /// Adds a take (its identity is given anew) and makes it the current one.
    AddTake { shot: ShotId, take: Box<Take> },
    /// Removes a take.
    RemoveTake { take: TakeId },
    /// Renames a take.
    RenameTake { take: TakeId, name: String },
    /// Makes a take the current one.
    ChooseTake {
        shot: ShotId,
        #[ts(optional)]
        take: Option<TakeId>,
    },
    /// Writes a section by hand: spans that the hand left alone keep their origin.
    WriteSection {
        take: TakeId,
        section: Section,
        text: String,
    },
    /// Locks or unlocks a section against new interpretations.
    LockSection {
        take: TakeId,
        section: Section,
        locked: bool,
    },
    /// Several edits as one.
    Batch { edits: Vec<Edit> },
    /// Puts back a removed or changed shot (the inverse of shot edits).
    #[serde(skip)]
    RestoreShot { index: usize, shot: Box<Shot> },
    /// Puts back a removed condition and the ties it had.
    #[serde(skip)]
    RestoreCondition {
        shot: ShotId,
        index: usize,
        condition: Box<Condition>,
        bindings: Vec<Binding>,
    },
    /// Puts back the ties of a shot.
    #[serde(skip)]
    RestoreBindings {
        shot: ShotId,
        bindings: Vec<Binding>,
    },
    /// Puts back a removed take.
    #[serde(skip)]
    RestoreTake {
        shot: ShotId,
        index: usize,
        take: Box<Take>,
        current: Option<TakeId>,
    },
    /// Puts back a section with its origins.
    #[serde(skip)]
    RestoreSection {
        take: TakeId,
        section: Section,
        text: String,
        origins: Vec<OriginSpan>,
    },
}

mod apply;
mod history;

pub use history::{History, Step};

impl Edit {
    /// What the step is called in the undo menu.
    pub fn label(&self) -> &'static str {
        match self {
            Self::RenameProject { .. } => "Rename project",
            Self::SetStorage { .. } => "Change how media is kept",
            Self::AddShot { .. } => "Add shot",
            Self::DuplicateShot { .. } => "Duplicate shot",
            Self::RemoveShot { .. } => "Remove shot",
            Self::MoveShot { .. } => "Move shot",
            Self::RenameShot { .. } => "Rename shot",
            Self::SetPrompt { .. } => "Edit prompt",
            Self::SetDuration { .. } => "Change duration",
            Self::SetAspect { .. } => "Change aspect",
            Self::SetGenerator { .. } => "Change generator",
            Self::AddCondition { .. } => "Add condition",
            Self::RemoveCondition { .. } => "Remove condition",
            Self::SetKind { .. } => "Change kind",
            Self::RenameCondition { .. } => "Rename condition",
            Self::SetNote { .. } => "Edit note",
            Self::SetRegion { .. } => "Change region",
            Self::SetOptions { .. } => "Change how it is read",
            Self::SetCorrections { .. } => "Correct reading",
            Self::SetOffset { .. } => "Move in time",
            Self::PlaceCondition { .. } => "Move card",
            Self::ReplaceMedia { .. } => "Replace media",
            Self::Bind { .. } => "Bind",
            Self::Unbind { .. } => "Unbind",
            Self::AddTake { .. } => "New take",
            Self::RemoveTake { .. } => "Remove take",
            Self::RenameTake { .. } => "Rename take",
            Self::ChooseTake { .. } => "Choose take",
            Self::WriteSection { .. } => "Edit caption",
            Self::LockSection { locked: true, .. } => "Lock section",
            Self::LockSection { locked: false, .. } => "Unlock section",
            Self::Batch { edits } => edits.first().map_or("Change", Self::label),
            Self::RestoreShot { .. }
            | Self::RestoreCondition { .. }
            | Self::RestoreBindings { .. }
            | Self::RestoreTake { .. }
            | Self::RestoreSection { .. } => "Change",
        }
    }
}
