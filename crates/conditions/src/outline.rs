//! The outline of a reading: its parts as a person looks at them, with what each rests on drawn
//! on the picture or the plot, and how each can be corrected.

use decoupage_shot::Region;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::reading::{Evidence, Reading, TimeSpan};

/// A reading laid open.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, TS)]
pub struct Outline {
    /// Its parts: first what was measured by kind (moves, people and their actions, layers,
    /// regions), then its sentences.
    pub items: Vec<Item>,
    /// What was measured over time, to plot under the playhead.
    pub curves: Vec<Curve>,
}

/// One part of a reading that can be looked at and corrected.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct Item {
    /// Names it within the reading ("move/0", "person/2/action/1", "statement/3").
    pub key: String,
    /// What it says, in a filmmaker's words ("Trucks right", "Walks").
    pub words: String,
    /// When; `None` for the whole length.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub span: Option<TimeSpan>,
    /// How sure it is, 0–1.
    pub confidence: f64,
    /// What it rests on, where one measurement says it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub evidence: Option<Evidence>,
    /// What a person can change of it.
    pub changes: Vec<Changeable>,
    /// What it can be renamed to; any words where there are none.
    pub choices: Vec<Choice>,
    /// What is drawn to show it.
    pub marks: Vec<Mark>,
}

impl Item {
    /// An item that can be deleted, without marks.
    pub fn new(key: impl Into<String>, words: impl Into<String>, confidence: f64) -> Self {
        Self {
            key: key.into(),
            words: words.into(),
            span: None,
            confidence,
            evidence: None,
            changes: vec![Changeable::Delete],
            choices: Vec::new(),
            marks: Vec::new(),
        }
    }

    /// Limits it to a time, which can then be changed.
    #[must_use]
    pub fn during(mut self, start_s: f64, end_s: f64) -> Self {
        self.span = Some(TimeSpan { start_s, end_s });
        self.changes.push(Changeable::Retime);
        self
    }

    /// Lets it be renamed: to one of `choices`, or to any words where there are none.
    #[must_use]
    pub fn renamed_to(mut self, choices: Vec<Choice>) -> Self {
        self.changes.push(Changeable::Rename);
        self.choices = choices;
        self
    }

    /// Says what it rests on.
    #[must_use]
    pub fn resting_on(mut self, evidence: Evidence) -> Self {
        self.evidence = Some(evidence);
        self
    }

    /// Draws it.
    #[must_use]
    pub fn drawn(mut self, marks: impl IntoIterator<Item = Mark>) -> Self {
        self.marks.extend(marks);
        self
    }
}

/// What a person can change of an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "as in decoupage_shot::Change")]
pub enum Changeable {
    Delete,
    Rename,
    Retime,
}

/// One thing an item can be renamed to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
// The interface knows a choice of precision, too.
#[ts(rename = "OtherName")]
pub struct Choice {
    /// The key that a correction carries ("truck_left").
    pub key: String,
    /// The words a person reads ("Trucks left").
    pub words: String,
}

/// Something drawn on the picture to show what an item rests on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct Mark {
    /// When it is drawn; `None` for always.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub span: Option<TimeSpan>,
    /// What is drawn.
    pub shape: Shape,
    /// A word or two beside it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub label: Option<String>,
}

impl Mark {
    /// A mark without words, drawn always.
    pub fn new(shape: Shape) -> Self {
        Self {
            span: None,
            shape,
            label: None,
        }
    }

    /// Limits it to a time.
    #[must_use]
    pub fn during(mut self, start_s: f64, end_s: f64) -> Self {
        self.span = Some(TimeSpan { start_s, end_s });
        self
    }

    /// Puts words beside it.
    #[must_use]
    pub fn labelled(mut self, label: impl Into<String>) -> Self {
        self.label = Some(label.into());
        self
    }
}

/// What is drawn; places are shares of the picture's width and height from the top left.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(tag = "shape", rename_all = "snake_case")]
#[allow(missing_docs, reason = "the fields are named after what they place")]
pub enum Shape {
    /// A rectangle.
    Box { bounds: Region },
    /// A line.
    Line { from: [f64; 2], to: [f64; 2] },
    /// A line with a head at its end: a direction.
    Arrow { from: [f64; 2], to: [f64; 2] },
    /// A point.
    Point { at: [f64; 2] },
    /// A line through several points (a way over time, an outline).
    Way { points: Vec<[f64; 2]> },
    /// The tracked skeleton of a pose clip's person.
    Person { person: u32 },
    /// A colour, shown beside the picture.
    Swatch { hex: String },
}

/// A measurement over time.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct Curve {
    /// What is measured, in a filmmaker's words ("Pan", "Loudness").
    pub name: String,
    /// Unit of the values ("deg", "share", "dB").
    pub unit: String,
    /// Seconds, ascending; at most [`Curve::MOST`].
    pub times_s: Vec<f32>,
    /// One value a time.
    pub values: Vec<f32>,
}

impl Curve {
    /// The most samples of a curve: more than a timeline has pixels for.
    pub const MOST: usize = 400;

    /// A curve thinned to at most [`Self::MOST`] samples; `None` for fewer than two.
    pub fn new(
        name: impl Into<String>,
        unit: impl Into<String>,
        samples: &[(f64, f64)],
    ) -> Option<Self> {
        if samples.len() < 2 {
            return None;
        }
        let last = samples.len() - 1;
        let kept = samples.len().min(Self::MOST);
        let (times_s, values) = (0..kept)
            .filter_map(|number| samples.get(number * last / (kept - 1)))
            .filter(|(time_s, value)| time_s.is_finite() && value.is_finite())
            .map(|(time_s, value)| (*time_s as f32, *value as f32))
            .unzip();
        Some(Self {
            name: name.into(),
            unit: unit.into(),
            times_s,
            values,
        })
    }
}

/// Lays a reading open.
pub fn outline(reading: &Reading) -> Outline {
    let parts = reading.parts();
    let mut items = parts.items();
    items.extend(
        parts
            .statements()
            .into_iter()
            .enumerate()
            .map(|(number, statement)| Item {
                key: format!("statement/{number}"),
                words: statement.text.clone(),
                span: statement.span,
                confidence: statement.confidence,
                evidence: Some(statement.evidence.clone()),
                changes: match statement.span {
                    Some(_) => vec![Changeable::Delete, Changeable::Rename, Changeable::Retime],
                    None => vec![Changeable::Delete, Changeable::Rename],
                },
                choices: Vec::new(),
                marks: Vec::new(),
            }),
    );
    Outline {
        items,
        curves: parts.curves(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn curves_are_thinned_and_keep_their_ends() {
        let samples: Vec<(f64, f64)> = (0..10_000).map(|n| (f64::from(n), 1.0)).collect();
        let curve = Curve::new("Pan", "deg", &samples).expect("a curve");
        assert_eq!(curve.times_s.len(), Curve::MOST);
        assert_eq!(curve.times_s.first(), Some(&0.0));
        assert_eq!(curve.times_s.last(), Some(&9999.0));
        assert!(Curve::new("Pan", "deg", &[(0.0, 1.0)]).is_none());
    }
}
