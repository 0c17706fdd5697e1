//! A shot's conditions taken together: one clock, who performs what, where two conditions say
//! the same and where they contradict. The prompt is not asked here; alignment does that.

mod clashes;
mod clock;
mod views;

use std::collections::BTreeMap;

use decoupage_conditions::{Reading, TimeSpan};
use decoupage_shot::{Agreement, ConditionId, Shot};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::bindings::{Suggestion, suggest};

pub(crate) use clashes::between;
pub(crate) use clock::lengths;

/// A shot's conditions taken together.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, TS)]
pub struct Composition {
    /// How long the shot is, seconds: as the person says, else to the end of the last
    /// condition; 0 where nothing runs.
    pub duration_s: f64,
    /// When each condition runs on the shot's clock.
    pub lanes: Vec<ClockLane>,
    /// What a person should know of lengths, rates and shapes that differ.
    pub notes: Vec<String>,
    /// Frame rates that would bring conditions without times onto the others' clock.
    pub rates: Vec<RateSuggestion>,
    /// Ties that suggest themselves.
    pub suggestions: Vec<Suggestion>,
    /// Pictures that show the same person or thing.
    pub groups: Vec<ViewGroup>,
    /// Where two conditions say the same.
    pub agreements: Vec<Agreement>,
    /// Where two conditions contradict.
    pub conflicts: Vec<Clash>,
}

/// When a condition runs on the shot's clock.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct ClockLane {
    /// Which.
    pub condition: ConditionId,
    /// Begin, seconds.
    pub start_s: f64,
    /// End, seconds.
    pub end_s: f64,
    /// What is special about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub note: Option<String>,
}

/// A frame rate for a condition that stores no times.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct RateSuggestion {
    /// Which.
    pub condition: ConditionId,
    /// Frames per second.
    pub fps: f64,
    /// Why, one sentence.
    pub because: String,
}

/// Pictures that show the same person or thing.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct ViewGroup {
    /// The pictures, the first of them first.
    pub identities: Vec<ConditionId>,
    /// Why, one sentence.
    pub because: String,
    /// Whether they are the same picture, and not only the same subject.
    pub duplicates: bool,
}

/// Two conditions that contradict.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct Clash {
    /// What it is about, in a word or two ("camera", "direction", "length").
    pub about: String,
    /// The conditions, the one that is followed first.
    pub conditions: Vec<ConditionId>,
    /// What the first says.
    pub first_says: String,
    /// What the second says.
    pub second_says: String,
    /// Both in one sentence.
    pub text: String,
    /// Which is followed, and why.
    pub resolution: String,
    /// When, on the shot's clock.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub span: Option<TimeSpan>,
}

/// Takes a shot's conditions together. Conditions without a reading are left out.
pub fn compose(shot: &Shot, readings: &BTreeMap<ConditionId, Reading>) -> Composition {
    let between = between(shot, readings);
    let mut composition = Composition {
        agreements: between.agreements,
        conflicts: between.clashes,
        suggestions: suggest(shot, readings),
        groups: views::grouped(shot, readings),
        ..Composition::default()
    };
    clock::reconcile(shot, readings, &mut composition);
    composition
}

#[cfg(test)]
mod tests;
