//! What is wrong with a caption, measured against its shot.

mod camera;
mod colours;
mod correct;
mod people;

use std::collections::BTreeMap;

use decoupage_shot::{Section, Take};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use self::camera::{camera_moves, moves_in, says_static};
use crate::Brief;
use crate::measured::Facts;
use crate::measured::cast::given_name;
use crate::measured::compose::{normal, sentences};
use crate::measured::moves::{does, fulfils, opposite};
use crate::prompt::CameraWish;
use crate::prompt::verbs;

/// One thing a check found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct Finding {
    /// How bad.
    pub severity: Severity,
    /// Key of the check ("sections_present", "camera_agrees", "condition_mentioned",
    /// "prompt_kept", "contradiction", "repetition", "filler", "negation", "pose_agrees",
    /// "people_agree", "colours_agree").
    pub check: String,
    /// The section concerned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub section: Option<Section>,
    /// One sentence: what is wrong and what to do.
    pub text: String,
    /// The words concerned, Unicode scalar offsets into the section.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub span: Option<(u32, u32)>,
    /// Other words that put it right, where measurement has them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub correction: Option<Correction>,
}

/// A change that puts a finding right: the measured engine's own wording for the fact.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Correction {
    /// The section to change.
    pub section: Section,
    /// First scalar that is replaced.
    pub start: u32,
    /// One past the last scalar that is replaced.
    pub end: u32,
    /// What is written instead.
    pub replacement: String,
}

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Worth knowing.
    Note,
    /// Probably wrong.
    Warning,
    /// Wrong: the prompt would not do what was asked.
    Problem,
}

/// Checks a take against its shot and readings.
pub fn check(brief: &Brief<'_>, take: &Take) -> Vec<Finding> {
    let facts = Facts::gather(brief);
    let mut out = Vec::new();
    present(take, &mut out);
    camera::camera(&facts, take, &mut out);
    people::people(&facts, take, &mut out);
    colours::colours(&facts, take, &mut out);
    mentioned(&facts, take, &mut out);
    kept(&facts, take, &mut out);
    contradictions(take, &mut out);
    repetition(take, &mut out);
    filler(take, &mut out);
    negated(&facts, take, &mut out);
    out
}

fn finding(
    severity: Severity,
    check: &str,
    section: Option<Section>,
    text: String,
    span: Option<(u32, u32)>,
) -> Finding {
    Finding {
        severity,
        check: check.to_owned(),
        section,
        text,
        span,
        correction: None,
    }
}

/// A word of a text: lower case, with its place in scalars.
struct Word {
    lower: String,
    start: u32,
    end: u32,
    /// Which sentence of the text it stands in.
    sentence: usize,
}

fn words(text: &str) -> Vec<Word> {
    let mut out: Vec<Word> = Vec::new();
    let mut current = String::new();
    let mut start = 0;
    let mut at = 0_u32;
    let mut sentence = 0;
    for c in text.chars().chain([' ']) {
        if c.is_alphanumeric() || matches!(c, '-' | '\'' | '’') {
            if current.is_empty() {
                start = at;
            }
            current.extend(c.to_lowercase());
        } else {
            if !current.is_empty() {
                out.push(Word {
                    lower: std::mem::take(&mut current),
                    start,
                    end: at,
                    sentence,
                });
            }
            if matches!(c, '.' | '!' | '?' | ';' | '。') {
                sentence += 1;
            }
        }
        at = at.saturating_add(1);
    }
    out
}

fn present(take: &Take, out: &mut Vec<Finding>) {
    for section in Section::ALL {
        if take.caption.get(section).trim().is_empty() {
            out.push(finding(
                Severity::Problem,
                "sections_present",
                Some(section),
                format!(
                    "The section “{}” is empty; write it, or interpret the shot again.",
                    section.title()
                ),
                None,
            ));
        }
    }
}

fn all_text(take: &Take) -> String {
    let all: Vec<String> = Section::ALL
        .iter()
        .map(|s| take.caption.get(*s).to_lowercase())
        .collect();
    all.join(" \n ")
}

fn mentioned(facts: &Facts<'_>, take: &Take, out: &mut Vec<Finding>) {
    let text = all_text(take);
    let conflicts: Vec<_> = take
        .trace
        .alignment
        .conflicts
        .iter()
        .filter_map(|c| c.condition)
        .collect();
    for condition in &facts.shot.conditions {
        let by_origin = Section::ALL.iter().any(|s| {
            take.origins
                .get(*s)
                .iter()
                .any(|o| o.condition == Some(condition.id))
        });
        let by_name = given_name(&condition.name).is_some_and(|n| text.contains(&n.to_lowercase()));
        let by_kind = text.contains(condition.kind.title());
        if by_origin || by_name || by_kind || conflicts.contains(&condition.id) {
            continue;
        }
        out.push(finding(
            Severity::Warning,
            "condition_mentioned",
            None,
            format!(
                "Nothing in the caption comes from {} “{}”; mention it or remove it from the shot.",
                condition.kind.title(),
                condition.name.trim()
            ),
            None,
        ));
    }
}

/// Whether some form of a word stands in the text.
fn stands(text_words: &[Word], word: &str) -> bool {
    let word = word.to_lowercase();
    let base = verbs::verb(&word).map(|(b, _)| b);
    let single = verbs::singular(&word);
    text_words.iter().any(|w| {
        w.lower == word
            || verbs::singular(&w.lower) == single
            || base.is_some() && verbs::verb(&w.lower).map(|(b, _)| b) == base
    })
}

fn kept(facts: &Facts<'_>, take: &Take, out: &mut Vec<Finding>) {
    let text = all_text(take);
    let found = words(&text);
    let mut miss = |severity, section, what: String| {
        out.push(finding(severity, "prompt_kept", Some(section), what, None));
    };
    if let Some(prompt) = &facts.intent.verbatim {
        if !text.contains(&prompt.to_lowercase()) {
            miss(
                Severity::Warning,
                Section::Dense,
                "The prompt's own words no longer stand in the caption.".to_owned(),
            );
        }
        return;
    }
    for subject in &facts.intent.subjects {
        let pronoun =
            crate::prompt::lexicon::PRONOUNS.contains(&subject.head.to_lowercase().as_str());
        if !pronoun && !stands(&found, &subject.head) {
            miss(
                Severity::Problem,
                Section::MainObject,
                format!(
                    "The prompt asks for “{}”, which the caption does not name.",
                    subject.text
                ),
            );
        }
    }
    for clause in &facts.intent.clauses {
        let verb = clause.verb.split(' ').next_back().unwrap_or_default();
        if !stands(&found, verb) {
            miss(
                Severity::Problem,
                Section::Action,
                format!(
                    "The prompt says “{}”, which the caption does not.",
                    clause.verb
                ),
            );
        }
    }
    for place in &facts.intent.places {
        if !stands(&found, &place.head) {
            miss(
                Severity::Warning,
                Section::Background,
                format!(
                    "The prompt places it “{}”, which the caption does not name.",
                    format!("{} {}", place.preposition, place.text).trim()
                ),
            );
        }
    }
    for term in facts.intent.times.iter().chain(&facts.intent.weather) {
        if !term.key.split(' ').all(|w| stands(&found, w)) {
            miss(
                Severity::Warning,
                Section::Background,
                format!(
                    "The prompt says “{}”, which the caption does not.",
                    term.text
                ),
            );
        }
    }
    for term in &facts.intent.style {
        if !text.contains(&term.text.to_lowercase()) {
            miss(
                Severity::Warning,
                Section::Style,
                format!(
                    "The prompt asks for “{}”, which the caption does not name.",
                    term.text
                ),
            );
        }
    }
    let camera = take.caption.get(Section::Camera).to_lowercase();
    for term in &facts.intent.camera {
        let there = match &term.wish {
            CameraWish::Move { kinds, .. } => {
                moves_in(&camera)
                    .iter()
                    .any(|(k, ..)| kinds.iter().any(|w| fulfils(*w, *k)))
                    || kinds.len() != 1
                    || term
                        .text
                        .split(' ')
                        .any(|w| w.len() > 3 && stands(&words(&camera), w))
            }
            CameraWish::Static => says_static(&camera).is_some(),
            CameraWish::Handheld => camera.contains("hand"),
            CameraWish::Steady => {
                camera.contains("stead")
                    || camera.contains("no shake")
                    || camera.contains("without")
                    || camera.contains("smooth")
                    || camera.contains(&term.text.to_lowercase())
            }
            _ => camera.contains(&term.text.to_lowercase()),
        };
        if !there {
            miss(
                Severity::Problem,
                Section::Camera,
                format!(
                    "The prompt asks for “{}”, which the camera section does not say.",
                    term.text
                ),
            );
        }
    }
}

fn contradictions(take: &Take, out: &mut Vec<Finding>) {
    let text = take.caption.get(Section::Camera);
    let moves = moves_in(text);
    if let (Some(span), Some((kind, ..))) = (says_static(text), moves.first()) {
        out.push(finding(
            Severity::Problem,
            "contradiction",
            Some(Section::Camera),
            format!(
                "The camera is said not to move and also that it {}; keep one.",
                does(*kind)
            ),
            Some(span),
        ));
    }
    let dense = take.caption.get(Section::Dense);
    let elsewhere = camera_moves(Section::Dense, dense);
    for (kind, start, end, _) in &elsewhere {
        let turned = moves.iter().any(|(k, ..)| *k == opposite(*kind))
            && !moves.iter().any(|(k, ..)| k == kind);
        if turned {
            out.push(finding(
                Severity::Problem,
                "contradiction",
                Some(Section::Dense),
                format!(
                    "The dense section says that the camera {}, the camera section the opposite.",
                    does(*kind)
                ),
                Some((*start, *end)),
            ));
        }
    }
    if says_static(dense).is_some() && elsewhere.is_empty() && !moves.is_empty() {
        out.push(finding(
            Severity::Problem,
            "contradiction",
            Some(Section::Dense),
            "The dense section says that the camera does not move, the camera section that it does.".to_owned(),
            says_static(dense),
        ));
    }
    let crossing = |section| {
        let text: String = take.caption.get(section).to_lowercase();
        (
            text.contains("left to right"),
            text.contains("right to left"),
        )
    };
    if let ((true, false), (false, true)) | ((false, true), (true, false)) =
        (crossing(Section::Dense), crossing(Section::Action))
    {
        out.push(finding(
            Severity::Problem,
            "contradiction",
            Some(Section::Action),
            "The dense section and the action section send the movement opposite ways across the frame.".to_owned(),
            None,
        ));
    }
}

fn repetition(take: &Take, out: &mut Vec<Finding>) {
    let mut seen: BTreeMap<String, Section> = BTreeMap::new();
    for section in Section::ALL {
        let text = take.caption.get(section);
        let mut from = 0_usize;
        for sentence in sentences(text) {
            let at = text
                .get(from..)
                .and_then(|t| t.find(sentence.as_str()))
                .map_or(from, |i| i + from);
            let start = text.get(..at).map_or(0, |t| t.chars().count());
            let end = start + sentence.chars().count();
            from = at + sentence.len();
            let key = normal(&sentence);
            if key.is_empty() {
                continue;
            }
            if let Some(first) = seen.get(&key) {
                out.push(finding(
                    Severity::Warning,
                    "repetition",
                    Some(section),
                    format!(
                        "This sentence already stands under “{}”; say it once.",
                        first.title()
                    ),
                    u32::try_from(start).ok().zip(u32::try_from(end).ok()),
                ));
            } else {
                seen.insert(key, section);
            }
        }
    }
}

/// Words that say nothing, and names that only a program gives.
const FILLER: &[&str] = &[
    "the video shows",
    "this video",
    "the scene shows",
    "a scene with",
    "the image shows",
    "we see",
    "can be seen",
    "in this shot",
    "cinematic",
    "visually stunning",
    "breathtaking",
    "masterpiece",
    "8k",
    "identity 1",
    "identity 2",
    "truck_right",
    "truck_left",
    "dolly_in",
    "dolly_out",
    "pan_left",
    "pan_right",
    "lorem ipsum",
    "todo",
    "tbd",
    "[insert",
    "xxx",
    "placeholder",
];

fn filler(take: &Take, out: &mut Vec<Finding>) {
    for section in Section::ALL {
        let text = take.caption.get(section);
        let spaced = words(text);
        for phrase in FILLER {
            let parts: Vec<&str> = phrase
                .split(['_', ' ', '['])
                .filter(|p| !p.is_empty())
                .collect();
            let hit = spaced
                .windows(parts.len().max(1))
                .find(|run| run.iter().zip(&parts).all(|(w, p)| w.lower == *p));
            let raw = phrase.contains(['_', '[']) && !text.to_lowercase().contains(phrase);
            if let (Some(run), false) = (hit, raw)
                && let (Some(first), Some(last)) = (run.first(), run.last())
            {
                out.push(finding(
                    Severity::Note,
                    "filler",
                    Some(section),
                    format!(
                        "“{phrase}” says nothing that can be filmed; take it out or be specific."
                    ),
                    Some((first.start, last.end)),
                ));
            }
        }
    }
}

fn negated(facts: &Facts<'_>, take: &Take, out: &mut Vec<Finding>) {
    for negation in facts.intent.negations.iter().filter(|n| !n.camera) {
        let head = words(&negation.what).into_iter().find(|w| {
            !matches!(
                w.lower.as_str(),
                "any" | "the" | "a" | "an" | "in" | "other" | "visible"
            )
        });
        let Some(head) = head else { continue };
        for section in Section::ALL {
            let text = words(take.caption.get(section));
            let hit = text.iter().enumerate().find(|(i, w)| {
                let same = verbs::singular(&w.lower) == verbs::singular(&head.lower);
                let denied = text
                    .get(i.saturating_sub(4)..*i)
                    .unwrap_or_default()
                    .iter()
                    .any(|b| {
                        b.sentence == w.sentence
                            && matches!(
                                b.lower.as_str(),
                                "no" | "without"
                                    | "not"
                                    | "never"
                                    | "free"
                                    | "nobody"
                                    | "avoid"
                                    | "don't"
                            )
                    });
                same && !denied
            });
            if let Some((_, word)) = hit {
                out.push(finding(
                    Severity::Problem,
                    "negation",
                    Some(section),
                    format!(
                        "The prompt says “{}”, but the section names it.",
                        negation.text
                    ),
                    Some((word.start, word.end)),
                ));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_know_their_places() {
        let all = words("Ö b. c");
        let places: Vec<_> = all.iter().map(|w| (w.start, w.end, w.sentence)).collect();
        assert_eq!(places, [(0, 1, 0), (2, 3, 0), (5, 6, 1)]);
    }
}
