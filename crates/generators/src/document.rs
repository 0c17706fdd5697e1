//! What a prompt file holds, so that reading it back loses nothing.

use decoupage_shot::{
    Binding, Caption, Condition, Origin, OriginSpan, Origins, Section, Shot, Take, Trace,
};
use serde::{Deserialize, Serialize};

use crate::Prompt;

/// Marks our JSON files.
pub(crate) const FORMAT: &str = "decoupage.prompt";

/// The version of [`Document`] this code writes.
pub(crate) const VERSION: u32 = 1;

/// One prompt with all that led to it: the JSON file, and one line of the JSON-lines file.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Document {
    /// [`FORMAT`].
    pub format: String,
    /// [`VERSION`] at the time of writing.
    pub version: u32,
    pub generator: String,
    /// The prompt as the generator takes it.
    pub prompt: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub negative: Option<String>,
    /// Budget, what was dropped and warnings stand beside it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub budget: Option<crate::Budget>,
    #[serde(default)]
    pub dropped: Vec<crate::Dropped>,
    #[serde(default)]
    pub warnings: Vec<String>,
    pub shot: ShotFacts,
    pub take: TakeFacts,
    pub caption: Caption,
    #[serde(default)]
    pub origins: Origins,
    #[serde(default)]
    pub trace: Trace,
    #[serde(default)]
    pub conditions: Vec<Condition>,
    #[serde(default)]
    pub bindings: Vec<Binding>,
}

/// The shot, without its media's readings and its other takes.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct ShotFacts {
    pub name: String,
    /// The person's short prompt.
    #[serde(default)]
    pub prompt: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duration_s: Option<f64>,
    #[serde(default)]
    pub aspect: decoupage_shot::Aspect,
}

/// The take, without its words.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct TakeFacts {
    pub name: String,
    pub engine: decoupage_shot::Engine,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    #[serde(default)]
    pub seed: u64,
    /// The short prompt it was written from, which may not be the shot's any more.
    #[serde(default)]
    pub prompt: String,
}

impl Document {
    /// Everything about one prompt.
    pub fn new(shot: &Shot, take: &Take, prompt: &Prompt) -> Self {
        Self {
            format: FORMAT.to_owned(),
            version: VERSION,
            generator: prompt.generator.clone(),
            prompt: prompt.text.clone(),
            negative: prompt.negative.clone(),
            budget: Some(prompt.budget.clone()),
            dropped: prompt.dropped.clone(),
            warnings: prompt.warnings.clone(),
            shot: ShotFacts {
                name: shot.name.clone(),
                prompt: shot.prompt.clone(),
                duration_s: shot.duration_s.filter(|seconds| seconds.is_finite()),
                aspect: shot.aspect,
            },
            take: TakeFacts {
                name: take.name.clone(),
                engine: take.engine,
                model: take.model.clone(),
                seed: take.seed,
                prompt: take.prompt.clone(),
            },
            caption: take.caption.clone(),
            origins: take.origins.clone(),
            trace: take.trace.clone(),
            conditions: shot.conditions.clone(),
            bindings: shot.bindings.clone(),
        }
    }
}

/// Keeps the spans that fit the caption: sorted, not overlapping, within the text. A file may
/// have been edited by another program.
pub(crate) fn sound(origins: Origins, caption: &Caption) -> Origins {
    let mut sound = Origins::default();
    for (section, mut spans) in origins.0 {
        let length = u32::try_from(caption.get(section).chars().count()).unwrap_or(u32::MAX);
        spans.sort_by_key(|span| (span.start, span.end));
        let mut from = 0;
        let mut kept: Vec<OriginSpan> = Vec::new();
        for span in spans {
            if span.start >= from && span.start < span.end && span.end <= length {
                from = span.end;
                kept.push(span);
            }
        }
        if !kept.is_empty() {
            sound.0.insert(section, kept);
        }
    }
    sound
}

/// All words by hand: what a caption without origins means when a person brings it.
pub(crate) fn by_hand(caption: &Caption) -> Origins {
    let mut origins = Origins::default();
    for section in Section::ALL {
        let end = u32::try_from(caption.get(section).chars().count()).unwrap_or(u32::MAX);
        if end > 0 {
            origins.0.insert(
                section,
                vec![OriginSpan {
                    start: 0,
                    end,
                    origin: Origin::Hand,
                    condition: None,
                }],
            );
        }
    }
    origins
}
