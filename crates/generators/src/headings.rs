//! The six headings, as we write them and as others do.

use decoupage_shot::Section;

/// Reads a line as a heading: its section and what follows on the same line.
///
/// Numbers, list marks, `#`, `**bold**`, "caption", missing colons and full-width colons are
/// understood, and the names that ReaDe gives its sections ("Movement").
pub(crate) fn heading(line: &str) -> Option<(Section, &str)> {
    let trimmed = line.trim();
    let marks =
        |c: char| c.is_whitespace() || matches!(c, '#' | '*' | '_' | '-' | '•' | '>' | '[' | '<');
    let mut rest = trimmed.trim_start_matches(marks);
    let digits = rest.trim_start_matches(|c: char| c.is_ascii_digit());
    if digits.len() < rest.len() && digits.starts_with(['.', ')', ':']) {
        rest = digits[1..].trim_start_matches(marks);
    }
    let marked = rest.len() < trimmed.len();
    for (name, section) in NAMES {
        let Some(after) = strip_ignoring_case(rest, name) else {
            continue;
        };
        let mut after = after;
        for word in [
            " caption",
            " description",
            " section",
            "_caption",
            "_description",
            "s",
        ] {
            if let Some(shorter) = strip_ignoring_case(after, word) {
                after = shorter;
            }
        }
        let closing = after.trim_start_matches(['*', '_', ']', '>', ' ', '"']);
        if let Some(text) = closing.strip_prefix([':', '：']) {
            let text = text.trim_start_matches(['*', '_', ' ']);
            return Some((section, text.trim_end()));
        }
        if closing.is_empty() {
            return Some((section, ""));
        }
        // A missing colon: "**Camera** Trucks right", "1. Dense caption - At dusk".
        if marked && after.len() > closing.len() && after.starts_with('*') {
            return Some((section, closing.trim_end()));
        }
        if let Some(text) = closing.strip_prefix(['-', '–', '—'])
            && text.starts_with(' ')
        {
            return Some((section, text.trim()));
        }
        // "1. Dense caption At dusk …": the number and the word "caption" make it a heading.
        if marked
            && closing.len() < after.len()
            && after.as_ptr() != rest[name.len()..].as_ptr()
            && rest.len() > name.len() + 2
            && trimmed.starts_with(|c: char| c.is_ascii_digit())
        {
            return Some((section, closing.trim_end()));
        }
        return None;
    }
    None
}

/// Longer names first, so that "main object" is not read as "main".
const NAMES: [(&str, Section); 24] = [
    ("main object", Section::MainObject),
    ("main_object", Section::MainObject),
    ("main objects", Section::MainObject),
    ("main subject", Section::MainObject),
    ("main_subject", Section::MainObject),
    ("mainobject", Section::MainObject),
    ("subjects", Section::MainObject),
    ("subject", Section::MainObject),
    ("dense", Section::Dense),
    ("overall", Section::Dense),
    ("detailed", Section::Dense),
    ("background", Section::Background),
    ("environment", Section::Background),
    ("camera movement", Section::Camera),
    ("camera_movement", Section::Camera),
    ("camera motion", Section::Camera),
    ("cameras", Section::Camera),
    ("camera", Section::Camera),
    ("style", Section::Style),
    ("actions", Section::Action),
    ("action", Section::Action),
    ("movements", Section::Action),
    ("movement", Section::Action),
    ("motion", Section::Action),
];

fn strip_ignoring_case<'a>(text: &'a str, prefix: &str) -> Option<&'a str> {
    let head = text.get(..prefix.len())?;
    head.eq_ignore_ascii_case(prefix)
        .then(|| &text[prefix.len()..])
}

/// A line that a section holds, made safe to stand under a heading.
fn escape(line: &str) -> String {
    let bare = line.trim_start_matches('\\');
    if heading(bare).is_some() {
        format!("\\{line}")
    } else {
        line.to_owned()
    }
}

/// Takes back [`escape`].
pub(crate) fn unescape(line: &str) -> &str {
    match line.strip_prefix('\\') {
        Some(rest) if heading(rest.trim_start_matches('\\')).is_some() => rest,
        _ => line,
    }
}

/// The six sections under their headings; empty sections are left out.
pub(crate) fn headed(caption: &decoupage_shot::Caption) -> String {
    let mut text = String::new();
    for section in Section::ALL {
        let words = caption.get(section).trim();
        if words.is_empty() {
            continue;
        }
        if !text.is_empty() {
            text.push_str("\n\n");
        }
        text.push_str(section.title());
        text.push_str(":\n");
        let lines: Vec<String> = words.split('\n').map(escape).collect();
        text.push_str(&lines.join("\n"));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headings_of_many_hands_are_read() {
        let cases = [
            ("1. Dense caption: At dusk", Section::Dense, "At dusk"),
            ("1. Dense caption At dusk", Section::Dense, "At dusk"),
            (
                "2. Main object caption: A woman",
                Section::MainObject,
                "A woman",
            ),
            ("Main object caption", Section::MainObject, ""),
            ("**Camera:** Trucks right", Section::Camera, "Trucks right"),
            ("**Camera**: Trucks right", Section::Camera, "Trucks right"),
            ("**Camera** Trucks right", Section::Camera, "Trucks right"),
            ("### Style", Section::Style, ""),
            (
                "- Background caption - Stalls",
                Section::Background,
                "Stalls",
            ),
            ("6) Movement: She walks", Section::Action, "She walks"),
            ("ACTION：她走", Section::Action, "她走"),
            ("Main_object_caption: A dog", Section::MainObject, "A dog"),
        ];
        for (line, section, text) in cases {
            assert_eq!(heading(line), Some((section, text)), "{line}");
        }
    }

    #[test]
    fn sentences_are_not_headings() {
        for line in [
            "Camera trucks right.",
            "Style is everything: she knows.",
            "Action follows.",
            "Subject to change: nothing.",
            "The camera: still.",
            "1. A dense wood",
            "",
        ] {
            assert_eq!(heading(line), None, "{line}");
        }
    }
}
