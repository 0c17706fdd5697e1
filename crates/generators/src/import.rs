//! Captions read back from files.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::LazyLock;

use decoupage_shot::{Caption, Code, Fault, Origins, Outcome, Section, Trace};
use regex::Regex;
use serde::Deserialize as _;
use serde_json::Value;

use crate::document::{self, Document, FORMAT, VERSION};
use crate::headings::{heading, unescape};

/// The largest file that is read.
pub const MAX_IMPORT_BYTES: u64 = 16 << 20;

/// What a file told.
#[derive(Debug, Clone, PartialEq)]
pub struct Imported {
    /// The six sections; those the file lacks are empty.
    pub caption: Caption,
    /// Where their words came from: as the file says, else by hand.
    pub origins: Origins,
    /// The four steps, where the file has them.
    pub trace: Option<Trace>,
    /// The short prompt it was written from, where the file has it.
    pub prompt: Option<String>,
    /// The shot's name, where the file has it.
    pub shot: Option<String>,
}

impl Imported {
    fn plain(caption: Caption) -> Self {
        Self {
            origins: document::by_hand(&caption),
            caption,
            trace: None,
            prompt: None,
            shot: None,
        }
    }

    /// Tells two captions apart by what they hold.
    fn fingerprint(&self) -> [u8; 32] {
        let whole = (&self.caption, &self.origins, &self.prompt, &self.shot);
        let mut hasher = blake3::Hasher::new();
        // Writing plain strings and numbers into a hasher cannot fail.
        let _ = serde_json::to_writer(&mut hasher, &whole);
        *hasher.finalize().as_bytes()
    }
}

/// Reads a caption back from a file of any format that [`crate::write`] makes, from the
/// structured JSON, or from text with the six headings (tolerant of numbering and missing
/// colons). Of a file with several captions it is the first.
///
/// # Errors
/// As [`import_take`].
pub fn import(path: &Path) -> Outcome<Caption> {
    import_take(path).map(|imported| imported.caption)
}

/// As [`import`], with origins, trace and short prompt where the file has them.
///
/// # Errors
/// [`Code::TooLarge`] beyond [`MAX_IMPORT_BYTES`], [`Code::NewerVersion`] for a file of a newer
/// version, [`Code::Damaged`] for what is not text, [`Code::Unsupported`] when no section can
/// be found, and what the system says when the file cannot be read.
pub fn import_take(path: &Path) -> Outcome<Imported> {
    import_takes(path)?
        .into_iter()
        .next()
        .ok_or_else(|| no_section().at(path))
}

/// All different captions of a file, in order: a JSON-lines or CSV file may hold many shots,
/// and the same take for many generators.
///
/// # Errors
/// As [`import_take`].
pub fn import_takes(path: &Path) -> Outcome<Vec<Imported>> {
    use std::io::Read as _;
    let doing = "read the caption";
    let about = std::fs::metadata(path).map_err(|error| Fault::io(&error, doing, path))?;
    if about.is_dir() {
        return Err(
            Fault::new(Code::Unsupported, "This is a folder, not a caption file.").at(path),
        );
    }
    let too_large = || {
        Fault::new(
            Code::TooLarge,
            "The file is larger than 16 MB, too large for a caption.",
        )
        .at(path)
    };
    if about.len() > MAX_IMPORT_BYTES {
        return Err(too_large());
    }
    let mut bytes = Vec::new();
    // Bounded while reading too: the file may grow, or be a pipe without a length.
    std::fs::File::open(path)
        .and_then(|file| file.take(MAX_IMPORT_BYTES + 1).read_to_end(&mut bytes))
        .map_err(|error| Fault::io(&error, doing, path))?;
    if bytes.len() as u64 > MAX_IMPORT_BYTES {
        return Err(too_large());
    }
    parse(&bytes).map_err(|fault| fault.at(path))
}

fn no_section() -> Fault {
    Fault::new(Code::Unsupported, "No section of a caption is found in this file.").advise(
        "A caption file has headings such as “Dense:” or “Camera:”, or is a JSON, JSON-lines or CSV export.",
    )
}

/// Reads the bytes of a caption file, whatever its name says.
///
/// # Errors
/// As [`import_takes`].
pub(crate) fn parse(bytes: &[u8]) -> Outcome<Vec<Imported>> {
    let text = decode(bytes)?;
    let text = text.trim_start_matches('\u{feff}');
    let mut all = Vec::new();
    let text = unfenced(text);
    let begins = text.trim_start();
    if begins.is_empty() {
        return Err(Fault::new(Code::Damaged, "The file is empty."));
    }
    let mut broken = false;
    if begins.starts_with(['{', '[']) {
        let values = serde_json::Deserializer::from_str(text).into_iter::<Value>();
        for value in values {
            match value {
                Ok(value) => from_json(&value, &mut all)?,
                // A line cut short at the end of a JSON-lines file does not cost the others.
                Err(_) if !all.is_empty() => break,
                Err(error) if error.is_eof() => {
                    return Err(Fault::new(
                        Code::Damaged,
                        "The JSON in this file is cut short.",
                    ));
                }
                // "[Shot 1] …" is text that begins with a bracket.
                Err(_) => {
                    broken = begins.starts_with('{');
                    break;
                }
            }
        }
    }
    if all.is_empty() {
        from_table(text, &mut all);
    }
    if all.is_empty()
        && let Some(caption) = from_text(text)
    {
        all.push(Imported::plain(caption));
    }
    if all.is_empty() && broken {
        return Err(Fault::new(
            Code::Damaged,
            "The JSON in this file is damaged.",
        ));
    }
    let mut seen = BTreeSet::new();
    all.retain(|imported| seen.insert(imported.fingerprint()));
    if all.is_empty() {
        return Err(no_section());
    }
    Ok(all)
}

/// UTF-8, or UTF-16 with its mark, as Windows' editors write it.
fn decode(bytes: &[u8]) -> Outcome<String> {
    let not_text = || Fault::new(Code::Damaged, "The file is not text.");
    let wide = |little: bool| {
        let units: Vec<u16> = bytes[2..]
            .chunks_exact(2)
            .map(|pair| match (pair, little) {
                (&[a, b], true) => u16::from_le_bytes([a, b]),
                (&[a, b], false) => u16::from_be_bytes([a, b]),
                _ => 0,
            })
            .collect();
        String::from_utf16(&units).map_err(|_| not_text())
    };
    match bytes {
        [0xFF, 0xFE, ..] => wide(true),
        [0xFE, 0xFF, ..] => wide(false),
        _ => String::from_utf8(bytes.to_vec()).map_err(|_| not_text()),
    }
}

fn has_words(caption: &Caption) -> bool {
    Section::ALL
        .into_iter()
        .any(|section| !caption.get(section).trim().is_empty())
}

/// A document of ours, the structured JSON, the JSON of `interpret --json`, or a list of them.
fn from_json(value: &Value, all: &mut Vec<Imported>) -> Outcome<()> {
    match value {
        Value::Array(items) => {
            for item in items {
                from_json(item, all)?;
            }
            return Ok(());
        }
        Value::Object(_) => {}
        _ => return Ok(()),
    }
    let field = |name: &str| value.get(name);
    let text = |value: Option<&Value>| value.and_then(Value::as_str).map(str::to_owned);
    if field("format").and_then(Value::as_str) == Some(FORMAT) {
        let version = field("version").and_then(Value::as_u64).unwrap_or(0);
        if version > u64::from(VERSION) {
            return Err(Fault::new(
                Code::NewerVersion,
                "This prompt file was written by a newer version of Decoupage.",
            )
            .advise("Update Decoupage to read it."));
        }
        if let Ok(document) = Document::deserialize(value) {
            all.push(Imported {
                origins: document::sound(document.origins, &document.caption),
                caption: document.caption,
                trace: Some(document.trace),
                prompt: Some(document.take.prompt),
                shot: Some(document.shot.name),
            });
            return Ok(());
        }
    }
    let sections = field("caption").filter(|v| v.is_object()).unwrap_or(value);
    let mut caption = Caption::default();
    if let Some(fields) = sections.as_object() {
        for (key, words) in fields {
            let section = Section::from_key(key)
                .or_else(|| heading(&key.replace('_', " ")).map(|(section, _)| section));
            if let (Some(section), Some(words)) = (section, words.as_str())
                && (caption.get(section).is_empty() || Section::from_key(key).is_some())
            {
                *caption.get_mut(section) = words.to_owned();
            }
        }
    }
    if !has_words(&caption) {
        // A caption as text inside JSON ("text", "caption", "prompt").
        for key in ["caption", "text", "structured_caption", "prompt"] {
            if let Some(found) = field(key).and_then(Value::as_str).and_then(from_text) {
                all.push(Imported::plain(found));
                break;
            }
        }
        return Ok(());
    }
    let origins = field("origins").and_then(read::<Origins>).map_or_else(
        || document::by_hand(&caption),
        |origins| document::sound(origins, &caption),
    );
    all.push(Imported {
        origins,
        trace: field("trace").and_then(read),
        prompt: text(field("prompt")),
        shot: text(field("shot")),
        caption,
    });
    Ok(())
}

fn read<T: serde::de::DeserializeOwned>(value: &Value) -> Option<T> {
    T::deserialize(value).ok()
}

/// A table whose first row names at least one section.
fn from_table(text: &str, all: &mut Vec<Imported>) {
    let first = text.lines().next().unwrap_or_default();
    let delimiter = [',', ';', '\t']
        .into_iter()
        .max_by_key(|mark| first.matches(*mark).count())
        .unwrap_or(',');
    if !first.contains(delimiter) {
        return;
    }
    let mut reader = csv::ReaderBuilder::new()
        .flexible(true)
        .delimiter(delimiter as u8)
        .from_reader(text.as_bytes());
    let Ok(columns) = reader.headers().cloned() else {
        return;
    };
    let sections: Vec<(usize, Section)> = columns
        .iter()
        .enumerate()
        .filter_map(|(at, name)| {
            let name = name.trim().to_lowercase().replace(' ', "_");
            Section::from_key(&name)
                .or_else(|| Section::from_key(name.trim_end_matches("_caption")))
                .map(|section| (at, section))
        })
        .collect();
    if sections.is_empty() {
        return;
    }
    for row in reader.records().map_while(Result::ok) {
        let named = |name: &str| {
            columns
                .iter()
                .position(|column| column.trim() == name)
                .and_then(|at| row.get(at))
        };
        let mut caption = Caption::default();
        for &(at, section) in &sections {
            row.get(at)
                .unwrap_or_default()
                .clone_into(caption.get_mut(section));
        }
        if !has_words(&caption) {
            continue;
        }
        let origins = named("origins")
            .and_then(|text| serde_json::from_str::<Origins>(text).ok())
            .map_or_else(
                || document::by_hand(&caption),
                |origins| document::sound(origins, &caption),
            );
        all.push(Imported {
            origins,
            trace: named("trace").and_then(|text| serde_json::from_str(text).ok()),
            prompt: named("short_prompt").map(str::to_owned),
            shot: named("shot").map(str::to_owned),
            caption,
        });
    }
}

/// What stands between the marks of a code block, as models wrap their answers.
fn unfenced(text: &str) -> &str {
    let Some(rest) = text.trim_start().strip_prefix("```") else {
        return text;
    };
    let inside = rest.split_once('\n').map_or("", |(_, inside)| inside);
    inside.rfind("```").map_or(inside, |at| &inside[..at])
}

/// The answer of a model that thinks aloud: what follows `</think>`, or stands in `<answer>`.
fn answer(text: &str) -> &str {
    let begins = text.trim_start();
    let tagged = begins.starts_with("<think>") || begins.starts_with("<answer>");
    let on_its_own = text.lines().any(|line| line.trim() == "</think>");
    if !tagged && !on_its_own {
        return text;
    }
    let text = text
        .rfind("<answer>")
        .map(|at| at + "<answer>".len())
        .or_else(|| text.rfind("</think>").map(|at| at + "</think>".len()))
        .map_or(text, |at| &text[at..]);
    text.rfind("</answer>").map_or(text, |at| &text[..at])
}

/// Text with headings; `None` without one.
fn from_text(text: &str) -> Option<Caption> {
    let text = answer(text);
    let mut sections = under_headings(text);
    // "1. Dense caption: … 2. Main object caption: …" in one line.
    if sections.len() <= 1 && sections.first().is_none_or(|(_, words)| !words.is_empty()) {
        static NUMBERED: LazyLock<Option<Regex>> = LazyLock::new(|| {
            crate::prose::pattern(
                r"(?i)\s+(\d[.)]\s*\**\s*(?:dense|main[ _]object|background|camera|style|action|movement)(?:[ _]caption)?\s*\**\s*[:：])",
            )
        });
        if let Some(numbered) = NUMBERED.as_ref() {
            let broken = numbered.replace_all(text, "\n$1");
            if broken != text {
                sections = under_headings(&broken);
            }
        }
    }
    gather(&sections)
}

/// The lines under each heading, in order; a heading's own words are its first line.
fn under_headings(text: &str) -> Vec<(Section, Vec<String>)> {
    let mut sections: Vec<(Section, Vec<String>)> = Vec::new();
    for line in text.split('\n') {
        let line = line.strip_suffix('\r').unwrap_or(line);
        if let Some((section, rest)) = heading(line) {
            let words = if rest.is_empty() {
                Vec::new()
            } else {
                vec![rest.to_owned()]
            };
            sections.push((section, words));
        } else if let Some((_, words)) = sections.last_mut() {
            words.push(unescape(line).to_owned());
        }
    }
    sections
}

fn gather(sections: &[(Section, Vec<String>)]) -> Option<Caption> {
    let mut caption = Caption::default();
    for (section, words) in sections {
        let words = words.join("\n");
        let words = words.trim();
        if words.is_empty() {
            continue;
        }
        let place = caption.get_mut(*section);
        // A heading that comes again goes on.
        if !place.is_empty() {
            place.push_str("\n\n");
        }
        place.push_str(words);
    }
    has_words(&caption).then_some(caption)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn caption(text: &str) -> Caption {
        parse(text.as_bytes()).unwrap().remove(0).caption
    }

    #[test]
    fn a_models_answer_is_read_without_its_thoughts() {
        let text = "<think>\nCamera: maybe a pan?\n</think>\n<answer>\n1. Dense caption: A dog runs.\n2. Main object caption\nA brown dog.\n4. Camera: Holds.\n6. Movement: It runs.\n</answer>";
        let caption = caption(text);
        assert_eq!(caption.dense, "A dog runs.");
        assert_eq!(caption.main_object, "A brown dog.");
        assert_eq!(caption.camera, "Holds.");
        assert_eq!(caption.action, "It runs.");
        assert_eq!(caption.style, "");
    }

    #[test]
    fn headings_in_one_line_are_read() {
        let caption = caption(
            "1. Dense caption: A dog runs. 2. Main object caption: A brown dog. 3. Background caption: Sand. 6. Action caption: It runs.",
        );
        assert_eq!(caption.dense, "A dog runs.");
        assert_eq!(caption.main_object, "A brown dog.");
        assert_eq!(caption.background, "Sand.");
        assert_eq!(caption.action, "It runs.");
    }

    #[test]
    fn foreign_json_is_read() {
        assert_eq!(
            caption(
                "```json\n{\"Dense Caption\": \"A dog.\", \"camera_caption\": \"Holds.\"}\n```"
            )
            .camera,
            "Holds."
        );
        assert_eq!(
            caption("{\"text\": \"Dense: A dog.\\nStyle: Flat.\"}").style,
            "Flat."
        );
        assert_eq!(
            caption("[{\"caption\": {\"dense\": \"A dog.\"}}]").dense,
            "A dog."
        );
    }

    #[test]
    fn a_table_of_another_program_is_read() {
        let all =
            parse("shot;dense;camera\n1;\"A dog; brown\";Holds.\n2;A cat.;\n".as_bytes()).unwrap();
        assert_eq!(all.len(), 2);
        assert_eq!(all[0].caption.dense, "A dog; brown");
        assert_eq!(all[1].shot.as_deref(), Some("2"));
    }

    #[test]
    fn utf_16_is_read() {
        let mut bytes = vec![0xFF, 0xFE];
        bytes.extend("Dense: Été.".encode_utf16().flat_map(u16::to_le_bytes));
        assert_eq!(parse(&bytes).unwrap()[0].caption.dense, "Été.");
    }

    #[test]
    fn what_holds_no_caption_is_told_plainly() {
        let code = |bytes: &[u8]| parse(bytes).unwrap_err().code;
        assert_eq!(code(b""), Code::Damaged);
        assert_eq!(code(b" \n"), Code::Damaged);
        assert_eq!(code(b"\xff\xd8\xff\xe0 picture"), Code::Damaged);
        assert_eq!(code(b"{\"dense\": \"A d"), Code::Damaged);
        assert_eq!(code(b"{dense}"), Code::Damaged);
        assert_eq!(code(b"Just a sentence."), Code::Unsupported);
        assert_eq!(code(b"[1, 2]"), Code::Unsupported);
        assert_eq!(
            code(b"{\"format\":\"decoupage.prompt\",\"version\":99}"),
            Code::NewerVersion
        );
    }

    proptest::proptest! {
        #[test]
        fn no_bytes_break_it(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..400)) {
            let _ = parse(&bytes);
        }

        #[test]
        fn no_text_breaks_it(text in "(\\PC|[{}\\[\\]\":,;\n\\\\*#]|Dense|Camera|caption|[0-9]\\. ){0,60}") {
            let _ = parse(text.as_bytes());
        }
    }
}
