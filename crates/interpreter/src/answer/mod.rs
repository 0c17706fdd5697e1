//! From a model's words to a take: fields as they stream in, a free text read tolerantly, and
//! at any time, also after a cancel, the interpretation as far as it is written.

mod free;

use std::collections::BTreeMap;

use decoupage_shot::{
    Agreement, Caption, Conflict, Origin, OriginSpan, Origins, Section, Supplement, Trace,
    TraceNote,
};

pub use self::free::{Free, read};
use crate::measured::Facts;
use crate::measured::compose::sentences;
use crate::script::{
    AGREEMENTS, INTENT, OTHER_CONFLICTS, Plan, SUPPLEMENT, note_field, resolution_field, verdict,
};
use crate::{Brief, Interpretation, Progress, matching};

/// The most of one field that is kept, in bytes: a model that does not stop fills no memory.
const LONGEST_FIELD: usize = 32 << 10;

/// An answer while it is written.
#[derive(Debug, Clone)]
pub struct Assembly {
    plan: Plan,
    fields: BTreeMap<String, String>,
}

/// An answer as far as it was written.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// Trace, caption and origins.
    pub interpretation: Interpretation,
    /// Sections that the model did not write; their text is empty.
    pub missing: Vec<Section>,
    /// Steps of the trace that it did not write, by number; what was measured stands in for
    /// the notes and conflicts.
    pub missing_steps: Vec<u8>,
}

impl Answer {
    /// One sentence on what is missing, where something is.
    pub fn complaint(&self) -> Option<String> {
        if self.missing.is_empty() {
            return None;
        }
        let names: Vec<String> = self
            .missing
            .iter()
            .map(|s| format!("“{}”", s.title()))
            .collect();
        Some(format!(
            "The model wrote nothing for {}: interpret {} again, or write {} by hand.",
            crate::measured::compose::listed(&names),
            if names.len() == 1 { "it" } else { "them" },
            if names.len() == 1 { "it" } else { "them" },
        ))
    }
}

impl Assembly {
    /// Nothing written yet, along this plan.
    pub fn new(plan: &Plan) -> Self {
        Self {
            plan: plan.clone(),
            fields: BTreeMap::new(),
        }
    }

    /// What stands before the model writes: the kept trace and the locked sections.
    pub fn begin(&self) -> Vec<Progress> {
        let mut out = Vec::new();
        if let Some(trace) = &self.plan.trace {
            out.push(Progress::Trace {
                trace: trace.clone(),
            });
        }
        for planned in &self.plan.sections {
            if let Some((text, _)) = &planned.kept {
                out.push(Progress::Section {
                    section: planned.section,
                    text: text.clone(),
                });
            }
        }
        out
    }

    /// Words came to a field. Says what the person sees of it; nothing for headings and for
    /// words of a field that is not the model's to write.
    pub fn add(&mut self, field: Option<&str>, text: &str) -> Option<Progress> {
        let field = field?;
        let slot = self.fields.entry(field.to_owned()).or_default();
        if slot.len().saturating_add(text.len()) > LONGEST_FIELD {
            return None;
        }
        slot.push_str(text);
        self.seen(field)
    }

    /// The fields as the worker or the endpoint told them at the end (or when it failed); those
    /// it did not tell stay as they were streamed.
    pub fn settle(&mut self, fields: &BTreeMap<String, String>) {
        for (field, text) in fields {
            let mut text = text.clone();
            if text.len() > LONGEST_FIELD {
                let end = (0..=LONGEST_FIELD)
                    .rev()
                    .find(|i| text.is_char_boundary(*i))
                    .unwrap_or(0);
                text.truncate(end);
            }
            self.fields.insert(field.clone(), text);
        }
    }

    /// All of a free answer so far (a server without structure). Says what changed.
    pub fn whole(&mut self, text: &str) -> Vec<Progress> {
        let free = read(text, &self.plan);
        let mut out = Vec::new();
        let mut traced = false;
        for (field, text) in free.fields {
            if self.fields.get(&field) == Some(&text) {
                continue;
            }
            self.fields.insert(field.clone(), text);
            match self.seen(&field) {
                Some(Progress::Trace { .. }) if traced => {}
                Some(progress) => {
                    traced |= matches!(progress, Progress::Trace { .. });
                    out.push(progress);
                }
                None => {}
            }
        }
        if traced {
            // One event with every step that changed.
            for progress in &mut out {
                if let Progress::Trace { trace } = progress {
                    *trace = self.trace();
                }
            }
        }
        out
    }

    fn seen(&self, field: &str) -> Option<Progress> {
        if let Some(section) = Section::from_key(field) {
            let planned = self.plan.sections.iter().find(|s| s.section == section)?;
            return planned.kept.is_none().then(|| Progress::Section {
                section,
                text: self.text(section),
            });
        }
        self.plan.trace.is_none().then(|| Progress::Trace {
            trace: self.trace(),
        })
    }

    fn field(&self, field: &str) -> String {
        self.fields.get(field).map(|t| tidy(t)).unwrap_or_default()
    }

    fn text(&self, section: Section) -> String {
        self.field(section.key())
    }

    /// The trace so far. Notes and resolutions that the model has not reached are those that
    /// were measured, once the step before them is written.
    fn trace(&self) -> Trace {
        if let Some(trace) = &self.plan.trace {
            return trace.clone();
        }
        let mut trace = Trace {
            intent: self.field(INTENT),
            ..Trace::default()
        };
        if self.fields.is_empty() {
            return trace;
        }
        for (index, note) in self.plan.notes.iter().enumerate() {
            let written = self.field(&note_field(index));
            let text = if written.is_empty() {
                note.measured.clone()
            } else {
                written
            };
            trace.conditions.push(TraceNote {
                condition: Some(note.condition),
                text,
            });
        }
        let agreements = self.field(AGREEMENTS);
        if !none_said(&agreements) {
            for text in sentences(&agreements) {
                trace.alignment.agreements.push(Agreement {
                    about: about(&text).to_owned(),
                    conditions: self.named(&text),
                    text,
                });
            }
        }
        for (index, conflict) in self.plan.conflicts.iter().enumerate() {
            let written = self.field(&resolution_field(index));
            let resolution = match (written.is_empty(), verdict(&conflict.resolution)) {
                (true, _) => conflict.resolution.clone(),
                // The ruling was given, the model wrote what follows from it.
                (false, Some((ruling, _))) if !written.starts_with(ruling) => {
                    format!("{ruling}: {written}")
                }
                (false, _) => written,
            };
            trace.alignment.conflicts.push(Conflict {
                resolution,
                ..conflict.clone()
            });
        }
        let others = self.field(OTHER_CONFLICTS);
        if !none_said(&others) {
            trace.alignment.conflicts.push(Conflict {
                about: about(&others).to_owned(),
                prompt_says: String::new(),
                condition: self.named(&others).first().copied(),
                condition_says: others,
                resolution: "The prompt wins.".to_owned(),
            });
        }
        let supplement = self.field(SUPPLEMENT);
        if !none_said(&supplement) {
            trace.supplement = sentences(&supplement).into_iter().map(supplied).collect();
        }
        trace
    }

    /// The conditions a sentence names, by name or by kind.
    fn named(&self, text: &str) -> Vec<decoupage_shot::ConditionId> {
        let lower = text.to_lowercase();
        self.plan
            .notes
            .iter()
            .filter(|note| {
                let label = note.label.to_lowercase();
                let (kind, name) = match label.split_once(" “") {
                    Some((kind, name)) => (kind, name.trim_end_matches('”')),
                    None => (label.as_str(), ""),
                };
                let alone = self
                    .plan
                    .notes
                    .iter()
                    .filter(|n| n.label.to_lowercase().starts_with(kind))
                    .count()
                    == 1;
                name.chars().count() >= 3 && has_words(&lower, name)
                    || alone && has_words(&lower, kind)
            })
            .map(|note| note.condition)
            .collect()
    }

    /// The interpretation as far as it is written.
    pub fn finish(&self, brief: &Brief<'_>) -> Answer {
        let trace = self.trace();
        let facts = Facts::gather(brief);
        let sources = matching::Sources::gather(&facts);
        let mut caption = Caption::default();
        let mut origins = Origins::default();
        let mut missing = Vec::new();
        for planned in &self.plan.sections {
            let section = planned.section;
            let (text, spans) = match &planned.kept {
                Some((text, spans)) => (text.clone(), spans.clone()),
                None => {
                    let text = self.text(section);
                    let spans = sources.origins(section, &text);
                    (text, spans)
                }
            };
            if text.is_empty() {
                missing.push(section);
            }
            *caption.get_mut(section) = text;
            origins.0.insert(section, spans);
        }
        missing.sort();
        let mut missing_steps = Vec::new();
        if self.plan.trace.is_none() {
            let wrote = |fields: &[&str]| fields.iter().any(|f| !self.field(f).is_empty());
            let notes: Vec<String> = (0..self.plan.notes.len()).map(note_field).collect();
            let rulings: Vec<String> = (0..self.plan.conflicts.len())
                .map(resolution_field)
                .collect();
            let any = |fields: &[String]| fields.iter().any(|f| !self.field(f).is_empty());
            if !wrote(&[INTENT]) {
                missing_steps.push(1);
            }
            if !notes.is_empty() && !any(&notes) {
                missing_steps.push(2);
            }
            if !wrote(&[AGREEMENTS, OTHER_CONFLICTS]) && !any(&rulings) {
                missing_steps.push(3);
            }
            if !wrote(&[SUPPLEMENT]) {
                missing_steps.push(4);
            }
        }
        Answer {
            interpretation: Interpretation {
                trace,
                caption,
                origins,
            },
            missing,
            missing_steps,
        }
    }
}

/// One paragraph without the marks of a page: what a caption may hold.
fn tidy(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        let mut word = word.replace("**", "").replace("__", "");
        // Nothing that turns or hides the words around it.
        word.retain(|c| {
            !c.is_control() && !matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
        });
        if word.is_empty() {
            continue;
        }
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(&word);
    }
    let out = out.trim_start_matches(['-', '–', '•', '*', ':', ' ']);
    out.to_owned()
}

/// Whether a field says that there is nothing to say.
fn none_said(text: &str) -> bool {
    let lower: String = text
        .to_lowercase()
        .chars()
        .filter(|c| c.is_alphanumeric() || c.is_whitespace())
        .collect();
    let lower = lower.trim();
    lower.is_empty()
        || matches!(
            lower,
            "none" | "no" | "nothing" | "na" | "n a" | "nil" | "not any"
        )
        || [
            "none ",
            "no other",
            "no conflict",
            "no further",
            "nothing else",
            "there are no",
            "there is no",
            "not applicable",
        ]
        .iter()
        .any(|start| lower.starts_with(start))
            && lower.split(' ').count() <= 9
}

/// What a sentence is about, in a word.
fn about(text: &str) -> &'static str {
    let lower = text.to_lowercase();
    let has = |words: &[&str]| words.iter().any(|w| has_words(&lower, w));
    if has(&[
        "camera", "pan", "pans", "tilt", "tilts", "truck", "trucks", "dolly", "dollies", "zoom",
        "zooms", "framing", "handheld",
    ]) {
        "camera"
    } else if has(&["colour", "colours", "color", "colors", "palette"]) {
        "palette"
    } else if has(&["light", "dusk", "night", "dawn", "bright", "dark"]) {
        "light"
    } else if has(&[
        "left to right",
        "right to left",
        "direction",
        "facing",
        "faces",
    ]) {
        "direction"
    } else if has(&[
        "walk", "walks", "walking", "run", "runs", "running", "action", "pose", "stands", "sits",
    ]) {
        "action"
    } else if has(&["seconds", "length", "duration"]) {
        "length"
    } else if has(&["place", "background", "depth", "setting"]) {
        "place"
    } else {
        "content"
    }
}

fn has_words(lower: &str, phrase: &str) -> bool {
    lower.match_indices(phrase).any(|(at, hit)| {
        let before = lower.get(..at).and_then(|t| t.chars().next_back());
        let after = lower.get(at + hit.len()..).and_then(|t| t.chars().next());
        before.is_none_or(|c| !c.is_alphanumeric()) && after.is_none_or(|c| !c.is_alphanumeric())
    })
}

/// "Low evening light, because the prompt names dusk." in its two parts.
fn supplied(sentence: String) -> Supplement {
    for joint in [
        ", because ",
        " because ",
        ", since ",
        ", as ",
        " – ",
        " — ",
        ": ",
        "; ",
    ] {
        if let Some((text, why)) = sentence.split_once(joint)
            && !text.trim().is_empty()
            && !why.trim().is_empty()
        {
            let why = if joint.contains("because") || joint.contains("since") {
                format!("Because {}", why.trim())
            } else {
                crate::measured::compose::capital(why.trim())
            };
            return Supplement {
                text: format!("{}.", text.trim().trim_end_matches('.')),
                why,
            };
        }
    }
    Supplement {
        text: sentence,
        why: String::new(),
    }
}

/// Spans for a text whose words nobody gave.
pub(crate) fn all_inferred(text: &str) -> Vec<OriginSpan> {
    let end = u32::try_from(text.chars().count()).unwrap_or(u32::MAX);
    if end == 0 {
        return Vec::new();
    }
    vec![OriginSpan {
        start: 0,
        end,
        origin: Origin::Inferred,
        condition: None,
    }]
}
