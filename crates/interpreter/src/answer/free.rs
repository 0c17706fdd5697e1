//! Answers in free text, read tolerantly: headings in the order and spelling of Any2Caption or
//! ReaDe, numbered or not, with or without a colon, in markdown, in a code fence, on one line;
//! `<think>` missing or never closed; or the same as JSON.

use std::collections::BTreeMap;

use decoupage_shot::Section;

use crate::script::{
    AGREEMENTS, INTENT, OTHER_CONFLICTS, Plan, SUPPLEMENT, note_field, resolution_field,
};

/// The most of an answer that is read, in bytes.
const LONGEST: usize = 256 << 10;

/// What a free answer holds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Free {
    /// The fields of the script that it fills.
    pub fields: BTreeMap<String, String>,
    /// What it lacks, in words ("the Camera caption", "the four steps in <think>").
    pub missing: Vec<String>,
}

/// Where a line of text belongs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Slot {
    Nowhere,
    Step(u8),
    Section(Section),
}

/// Reads a free answer.
pub fn read(text: &str, plan: &Plan) -> Free {
    let end = (0..=text.len().min(LONGEST))
        .rev()
        .find(|i| text.is_char_boundary(*i))
        .unwrap_or(0);
    let text = text.get(..end).unwrap_or_default();
    let mut free = Free::default();
    if !from_json(text, &mut free) {
        from_lines(text, plan, &mut free);
    }
    for section in plan.open() {
        if free
            .fields
            .get(section.key())
            .is_none_or(|t| t.trim().is_empty())
        {
            free.missing.push(format!(
                "“{}”",
                crate::script::numbered(section).trim_end_matches(':')
            ));
        }
    }
    if plan.trace.is_none() && !free.fields.contains_key(INTENT) {
        free.missing.push("the four steps in <think>".to_owned());
    }
    free
}

/// A JSON object with the sections as keys, anywhere in the text.
fn from_json(text: &str, free: &mut Free) -> bool {
    let Some(from) = text.find('{') else {
        return false;
    };
    let body = text.get(from..).unwrap_or_default();
    let mut values = serde_json::Deserializer::from_str(body).into_iter::<serde_json::Value>();
    let Some(Ok(serde_json::Value::Object(object))) = values.next() else {
        return false;
    };
    let mut found = false;
    let mut stack = vec![object];
    while let Some(object) = stack.pop() {
        for (key, value) in object {
            match value {
                serde_json::Value::String(text) => {
                    let plain = key.to_lowercase().replace(['_', '-'], " ");
                    if let Some(section) = section_named(plain.trim()) {
                        free.fields.insert(section.key().to_owned(), text);
                        found = true;
                    } else {
                        free.fields.insert(key, text);
                    }
                }
                serde_json::Value::Object(inner) if stack.len() < 8 => stack.push(inner),
                _ => {}
            }
        }
    }
    if !found {
        free.fields.clear();
    }
    found
}

fn from_lines(text: &str, plan: &Plan, free: &mut Free) {
    let text = broken(text);
    let mut slot = Slot::Nowhere;
    let mut thinking = false;
    let mut steps: BTreeMap<u8, Vec<String>> = BTreeMap::new();
    let mut sections: BTreeMap<Section, Vec<String>> = BTreeMap::new();
    for line in text.lines() {
        let mut line = line.trim();
        if line.starts_with("```") || line.starts_with("~~~") {
            continue;
        }
        // Tags may share a line with words.
        for (tag, thinks) in [
            ("<think>", true),
            ("</think>", false),
            ("<answer>", false),
            ("</answer>", false),
        ] {
            if let Some(rest) = line.strip_prefix(tag) {
                thinking = thinks;
                slot = Slot::Nowhere;
                line = rest.trim();
            }
        }
        if line.is_empty() {
            continue;
        }
        if let Some((found, rest)) = heading(line, thinking) {
            // An unclosed <think> ends where the sections begin.
            if let Slot::Section(_) = found {
                thinking = false;
            }
            slot = found;
            line = rest;
            if let Slot::Section(section) = found {
                let before = sections.entry(section).or_default();
                // A heading that comes again (a draft in the thoughts): the last one counts.
                before.clear();
            }
        }
        let line = line
            .replace("</think>", "")
            .replace("</answer>", "")
            .replace("<answer>", "");
        if line.trim().is_empty() {
            continue;
        }
        match slot {
            Slot::Step(step) => steps.entry(step).or_default().push(line),
            Slot::Section(section) => sections.entry(section).or_default().push(line),
            Slot::Nowhere => {}
        }
    }
    for (section, lines) in sections {
        let text = lines.join(" ").trim().to_owned();
        if !text.is_empty() {
            free.fields.insert(section.key().to_owned(), text);
        }
    }
    thoughts(&steps, plan, free);
}

/// The steps' lines as the script's fields.
fn thoughts(steps: &BTreeMap<u8, Vec<String>>, plan: &Plan, free: &mut Free) {
    let joined = |step: u8| {
        steps
            .get(&step)
            .map(|lines| lines.join(" ").trim().to_owned())
            .filter(|t| !t.is_empty())
    };
    if let Some(text) = joined(1) {
        free.fields.insert(INTENT.to_owned(), text);
    }
    let mut last: Option<usize> = None;
    for line in steps.get(&2).into_iter().flatten() {
        let bare = line.trim_start_matches(['-', '*', '•', ' ']);
        let hit = plan
            .notes
            .iter()
            .position(|note| starts_with(bare, &note.label));
        let (index, words) = match hit {
            Some(index) => {
                let label = plan.notes.get(index).map_or("", |n| n.label.as_str());
                let rest: String = bare.chars().skip(label.chars().count()).collect();
                let rest = match rest.split_once(':') {
                    // "camera path “dolly” (picture 2): …"
                    Some((short, rest)) if short.chars().count() < 24 => rest.to_owned(),
                    _ => rest,
                };
                (Some(index), rest)
            }
            // A line of its own belongs to the condition whose kind it opens with, another
            // goes on with the condition before.
            None => match kind_opens(bare, plan) {
                Some((index, rest)) => (Some(index), rest),
                None => (last, bare.to_owned()),
            },
        };
        let Some(index) = index else { continue };
        last = Some(index);
        let slot = free.fields.entry(note_field(index)).or_default();
        if !slot.is_empty() {
            slot.push(' ');
        }
        slot.push_str(words.trim());
    }
    let mut agreements: Vec<String> = Vec::new();
    let mut others: Vec<String> = Vec::new();
    let mut resolved = 0_usize;
    let mut conflicting = false;
    for line in steps.get(&3).into_iter().flatten() {
        let bare = line
            .trim_start_matches(['-', '*', '•', ' '])
            .replace("**", "");
        let lower = bare.to_lowercase();
        let after = |bare: &str| {
            bare.split_once(':')
                .map_or(String::new(), |(_, rest)| rest.trim().to_owned())
        };
        if lower.starts_with("agree") {
            conflicting = false;
            agreements.push(after(&bare));
        } else if lower.starts_with("other conflict") {
            conflicting = true;
            others.push(after(&bare));
        } else if lower.starts_with("conflict") || lower.starts_with("contradict") {
            conflicting = true;
            match lower.find("resolution:") {
                Some(at) if resolved < plan.conflicts.len() => {
                    // ASCII letters keep their length in lower case; others may not.
                    let rest = bare
                        .get(at + "resolution:".len()..)
                        .unwrap_or_default()
                        .trim()
                        .to_owned();
                    free.fields.insert(resolution_field(resolved), rest);
                    resolved += 1;
                }
                _ => others.push(after(&bare)),
            }
        } else if conflicting {
            others.push(bare);
        } else {
            agreements.push(bare);
        }
    }
    for (field, lines) in [(AGREEMENTS, agreements), (OTHER_CONFLICTS, others)] {
        let text = lines.join(" ").trim().to_owned();
        if !text.is_empty() {
            free.fields.insert(field.to_owned(), text);
        }
    }
    if let Some(text) = joined(4) {
        let text = text
            .split(" - ")
            .map(|t| t.trim_start_matches(['-', '*', '•', ' ']))
            .collect::<Vec<_>>()
            .join(" ");
        free.fields.insert(SUPPLEMENT.to_owned(), text);
    }
}

fn starts_with(text: &str, label: &str) -> bool {
    let mut of = text.chars().flat_map(char::to_lowercase);
    let quotes = |c: char| if matches!(c, '“' | '”') { '"' } else { c };
    label
        .chars()
        .flat_map(char::to_lowercase)
        .all(|c| of.next().map(quotes) == Some(quotes(c)))
}

/// The only condition of the kind that a line opens with ("Camera path: …").
fn kind_opens(line: &str, plan: &Plan) -> Option<(usize, String)> {
    let (head, rest) = line.split_once(':')?;
    let head = head.replace("**", "").to_lowercase();
    if head.chars().count() > 60 {
        return None;
    }
    let mut hits = plan.notes.iter().enumerate().filter(|(_, note)| {
        let label = note.label.to_lowercase();
        let (kind, name) = match label.split_once(" “") {
            Some((kind, name)) => (kind.to_owned(), name.trim_end_matches('”').to_owned()),
            None => (label, String::new()),
        };
        head.contains(&kind)
            || name.chars().count() >= 3 && head.contains(&name)
            || kind
                .split(' ')
                .next()
                .is_some_and(|first| head.trim() == first)
    });
    match (hits.next(), hits.next()) {
        (Some((index, _)), None) => Some((index, rest.trim().to_owned())),
        _ => None,
    }
}

/// Puts headings that share a line with other words on lines of their own.
fn broken(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 64);
    let mut rest = text;
    while let Some(at) = rest.find(|c: char| c.is_ascii_digit() || c == '<') {
        let (before, from) = rest.split_at(at);
        out.push_str(before);
        let tag = ["<think>", "</think>", "<answer>", "</answer>"]
            .iter()
            .any(|t| from.starts_with(t));
        let spaced = out.is_empty() || out.ends_with([' ', '*', '\n']);
        let mut chars = from.chars();
        let first = chars.next();
        let numbered = spaced
            && first.is_some_and(|c| ('1'..='6').contains(&c))
            && matches!(chars.next(), Some('.' | ')'))
            && {
                let name = from
                    .get(2..)
                    .unwrap_or_default()
                    .trim_start_matches([' ', '*']);
                let lower: String = name.chars().take(28).collect::<String>().to_lowercase();
                NAMES.iter().any(|(n, _)| {
                    lower
                        .strip_prefix(n)
                        .is_some_and(|r| r.starts_with(" caption"))
                })
            };
        if tag || numbered {
            // Opening marks of bold text and headings stay with their heading.
            let marks = out.len() - out.trim_end_matches(['*', '#', ' ', '-', '>']).len();
            out.truncate(out.len() - marks);
            out.push('\n');
        }
        let step = first.map_or(1, char::len_utf8);
        out.push_str(from.get(..step).unwrap_or_default());
        rest = from.get(step..).unwrap_or_default();
    }
    out.push_str(rest);
    out
}

/// Names of sections, the longest first, in lower case.
const NAMES: &[(&str, Section)] = &[
    ("detailed dense", Section::Dense),
    ("dense", Section::Dense),
    ("overall", Section::Dense),
    ("main objects", Section::MainObject),
    ("main object", Section::MainObject),
    ("main subjects", Section::MainObject),
    ("main subject", Section::MainObject),
    ("subject", Section::MainObject),
    ("object", Section::MainObject),
    ("background", Section::Background),
    ("camera movement", Section::Camera),
    ("camera", Section::Camera),
    ("style", Section::Style),
    ("actions", Section::Action),
    ("action", Section::Action),
    ("movements", Section::Action),
    ("movement", Section::Action),
    ("motion", Section::Action),
];

fn section_named(plain: &str) -> Option<Section> {
    let plain = plain
        .trim_end_matches(" caption")
        .trim_end_matches(" description");
    NAMES.iter().find(|(n, _)| *n == plain).map(|(_, s)| *s)
}

/// Names of steps, in lower case.
const STEPS: &[(&str, u8)] = &[
    ("textual intent", 1),
    ("understanding the textual intent", 1),
    ("intent", 1),
    ("non-textual understanding", 2),
    ("non-textual conditions", 2),
    ("non-textual", 2),
    ("conditions", 2),
    ("condition", 2),
    ("multimodal alignment", 3),
    ("alignment", 3),
    ("supplementary details", 4),
    ("supplementary detail", 4),
    ("supplementary", 4),
    ("supplements", 4),
    ("supplement", 4),
];

/// A heading at the head of a line, and the words after it.
fn heading(line: &str, thinking: bool) -> Option<(Slot, &str)> {
    let mut rest = line;
    let mut marked = false;
    let mut number = None;
    loop {
        let trimmed = rest.trim_start_matches(['#', '>', ' ', '\t']);
        marked |= trimmed.len() != rest.len() && rest.starts_with('#');
        rest = trimmed;
        if let Some(after) = rest.strip_prefix("**").or_else(|| rest.strip_prefix("__")) {
            marked = true;
            rest = after;
            continue;
        }
        if let Some(after) = rest.strip_prefix(['-', '*', '•']) {
            rest = after;
            continue;
        }
        let lower: String = rest.chars().take(5).collect::<String>().to_lowercase();
        if number.is_none() && lower == "step " {
            rest = rest.get(5..).unwrap_or_default();
            continue;
        }
        let digits = rest.chars().take_while(char::is_ascii_digit).count();
        if number.is_none() && (1..=2).contains(&digits) {
            let after = rest.get(digits..).unwrap_or_default();
            if let Some(after) = after.strip_prefix(['.', ')', ':']) {
                number = rest.get(..digits).and_then(|d| d.parse::<u8>().ok());
                rest = after;
                continue;
            }
        }
        break;
    }
    let lower = rest.to_lowercase();
    // Lower-casing must not have moved the places.
    if lower.len() != rest.len() {
        return None;
    }
    if thinking || number.is_some() || marked {
        let step = STEPS.iter().find_map(|(name, step)| {
            let after = lower.strip_prefix(name)?;
            ends(after, false, number.is_some(), marked).map(|skip| (*step, name.len() + skip))
        });
        if let Some((step, at)) = step {
            return Some((Slot::Step(step), rest.get(at..).unwrap_or_default().trim()));
        }
    }
    let (section, at) = NAMES.iter().find_map(|(name, section)| {
        let mut after = lower.strip_prefix(name)?;
        let mut at = name.len();
        let captioned = [" caption", "_caption", "-caption", " description"]
            .iter()
            .find_map(|word| after.strip_prefix(word).map(|r| (r, word.len())));
        if let Some((r, length)) = captioned {
            after = r;
            at += length;
        }
        // Thoughts speak of the camera too: there only the full heading counts.
        if thinking && captioned.is_none() {
            return None;
        }
        let skip = ends(after, captioned.is_some(), number.is_some(), marked)?;
        Some((*section, at + skip))
    })?;
    Some((
        Slot::Section(section),
        rest.get(at..).unwrap_or_default().trim(),
    ))
}

/// Whether a heading ends here, and how many bytes of marks close it.
fn ends(after: &str, captioned: bool, numbered: bool, marked: bool) -> Option<usize> {
    let mut skip = 0;
    let mut rest = after;
    let mut closed = false;
    loop {
        if let Some(r) = rest.strip_prefix("**").or_else(|| rest.strip_prefix("__")) {
            skip += 2;
            rest = r;
            closed |= marked;
        } else if let Some(r) = rest.strip_prefix([':', '：']) {
            skip += rest.len() - r.len();
            rest = r;
            closed = true;
        } else if let Some(r) = rest
            .strip_prefix(" - ")
            .or_else(|| rest.strip_prefix(" – "))
        {
            skip += rest.len() - r.len();
            rest = r;
            closed = true;
        } else {
            break;
        }
    }
    let whole = rest.trim().is_empty();
    let word_ends = rest.chars().next().is_none_or(|c| c.is_whitespace());
    // A missing colon is forgiven where the heading cannot be anything else.
    (closed || whole && (captioned || numbered || marked) || word_ends && (captioned || numbered))
        .then_some(skip)
}

#[cfg(test)]
mod tests;
