//! Text to lines.

use super::{Format, Line};

/// The most lines that are kept.
const MOST_LINES: usize = 5_000;
/// The longest line, letters.
const LONGEST: usize = 1_000;
/// The longest name of a speaker, letters.
const LONGEST_NAME: usize = 30;

/// The text of a file: UTF-8 or UTF-16 with or without a mark at its begin, else Latin 1.
pub fn decode(bytes: &[u8]) -> String {
    let wide = |bytes: &[u8], unit: fn([u8; 2]) -> u16| {
        let units: Vec<u16> = bytes
            .chunks_exact(2)
            .filter_map(|pair| pair.try_into().ok().map(unit))
            .collect();
        String::from_utf16_lossy(&units)
    };
    match bytes {
        [0xff, 0xfe, rest @ ..] => wide(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => wide(rest, u16::from_be_bytes),
        _ => {
            let bytes = bytes.strip_prefix(&[0xef, 0xbb, 0xbf]).unwrap_or(bytes);
            match std::str::from_utf8(bytes) {
                Ok(text) => text.to_owned(),
                // A text cut off within its last letter is still UTF-8.
                Err(error) if error.error_len().is_none() => {
                    String::from_utf8_lossy(bytes.get(..error.valid_up_to()).unwrap_or_default())
                        .into_owned()
                }
                Err(_) => bytes.iter().map(|byte| char::from(*byte)).collect(),
            }
        }
    }
}

/// Whether a text is words rather than numbers or code.
pub(super) fn is_prose(text: &str) -> bool {
    let mut letters = 0_usize;
    let mut others = 0_usize;
    for c in text.chars().filter(|c| !c.is_whitespace()) {
        match c.is_alphabetic() {
            true => letters += 1,
            false => others += 1,
        }
    }
    letters >= 2 && letters >= 2 * others
}

/// The lines of a transcript by time, and how many entries could not be read.
pub fn parse(text: &str, format: Format) -> (Vec<Line>, u32) {
    // Old Macs end lines with a carriage return alone.
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let text = text.trim_start_matches('\u{feff}');
    let (mut lines, skipped) = match format {
        Format::Srt | Format::Vtt => cues(text),
        Format::Text => (plain(text), 0),
    };
    if format != Format::Text {
        lines.sort_by(|a, b| {
            let start = |line: &Line| line.start_s.unwrap_or(0.0);
            start(a).total_cmp(&start(b))
        });
    }
    lines.truncate(MOST_LINES);
    (lines, skipped)
}

/// Cues of SubRip and WebVTT: a line with two times, and words up to an empty line.
fn cues(text: &str) -> (Vec<Line>, u32) {
    let mut found = Vec::new();
    let mut skipped = 0_u32;
    let mut rows = text.lines().peekable();
    while let Some(row) = rows.next() {
        let Some((from, to)) = row.split_once("-->") else {
            continue;
        };
        let mut words: Vec<&str> = Vec::new();
        while let Some(next) = rows.peek() {
            if next.trim().is_empty() {
                break;
            }
            if next.contains("-->") {
                // No empty line between: the last row was the next cue's number.
                if words.last().is_some_and(|last| is_number(last)) {
                    words.pop();
                }
                break;
            }
            words.push(next);
            rows.next();
        }
        let times = time(from).zip(to.split_whitespace().next().and_then(time));
        match times.filter(|(start, end)| start < end) {
            Some((start, end)) => found.extend(said(&words, Some(start), Some(end))),
            None => skipped = skipped.saturating_add(1),
        }
    }
    (found, skipped)
}

fn is_number(text: &str) -> bool {
    let text = text.trim();
    !text.is_empty() && text.chars().all(|c| c.is_ascii_digit())
}

/// Lines of a plain text; `[00:01:02]` or `0:12` before the words is a time.
fn plain(text: &str) -> Vec<Line> {
    text.lines()
        .flat_map(|row| {
            let (start, words) = leading_time(row.trim());
            said(&[words], start, None)
        })
        .collect()
}

fn leading_time(row: &str) -> (Option<f64>, &str) {
    let (inside, rest) = match row.strip_prefix(['[', '(']) {
        Some(opened) => match opened.split_once([']', ')']) {
            Some(parts) => parts,
            None => return (None, row),
        },
        None => row.split_once(char::is_whitespace).unwrap_or((row, "")),
    };
    match time(inside) {
        Some(start) if inside.contains(':') => {
            (Some(start), rest.trim_start_matches(['-', '–', ' ', '\t']))
        }
        _ => (None, row),
    }
}

/// Seconds of "01:02:03,456", "02:03.4", "2:03" and the like.
pub(super) fn time(text: &str) -> Option<f64> {
    let text = text.trim();
    let (whole, part) = match text.rsplit_once([',', '.']) {
        Some((whole, part)) => (whole, Some(part)),
        None => (text, None),
    };
    let digits = |text: &str| {
        let text = text.trim();
        let sound = !text.is_empty() && text.len() <= 6 && text.chars().all(|c| c.is_ascii_digit());
        sound.then(|| text.parse::<u32>().ok()).flatten()
    };
    let mut seconds = 0.0;
    let mut fields = 0;
    for field in whole.split(':') {
        seconds = seconds * 60.0 + f64::from(digits(field)?);
        fields += 1;
    }
    if !(2..=3).contains(&fields) {
        return None;
    }
    let part = match part {
        Some(part) => {
            let part = part.trim();
            f64::from(digits(part)?) / 10_f64.powi(part.len() as i32)
        }
        None => 0.0,
    };
    let seconds = seconds + part;
    // A day is more than any shot.
    (seconds <= 86_400.0).then_some(seconds)
}

/// What is said in the rows of one cue: one line, or one for each speaker.
fn said(rows: &[&str], start_s: Option<f64>, end_s: Option<f64>) -> Vec<Line> {
    let mut found: Vec<Line> = Vec::new();
    let talk = rows.len() > 1 && rows.iter().filter(|row| is_dashed(row)).count() > 1;
    for row in rows {
        for (voice, words) in voices(row) {
            let words = clean(&words);
            let words = words
                .trim_start_matches(['-', '–', '—', '>', '‐'])
                .trim()
                .to_owned();
            if words.is_empty() {
                continue;
            }
            let (named, words) = match voice {
                Some(voice) => (Some(voice), words),
                None => prefixed(&words),
            };
            let continues = named.is_none() && !(talk && is_dashed(row));
            match found.last_mut() {
                Some(last) if continues => {
                    last.text.push(' ');
                    last.text.push_str(&words);
                }
                _ => found.push(Line {
                    start_s,
                    end_s,
                    speaker: named,
                    text: words,
                }),
            }
        }
    }
    for line in &mut found {
        if let Some((cut, _)) = line.text.char_indices().nth(LONGEST) {
            line.text.truncate(cut);
        }
    }
    found
}

fn is_dashed(row: &str) -> bool {
    clean(row).starts_with(['-', '–', '—', '‐'])
}

/// The parts of a row by the voice tags of WebVTT: `<v Anna>Hello</v>`.
fn voices(row: &str) -> Vec<(Option<String>, String)> {
    let mut found = Vec::new();
    let mut voice: Option<String> = None;
    let mut rest = row;
    while let Some((before, tag, after)) = voice_tag(rest) {
        if !before.trim().is_empty() {
            found.push((voice.take(), before.to_owned()));
        }
        voice = name(tag);
        rest = after;
    }
    found.push((voice, rest.to_owned()));
    found
}

/// The text before a voice tag, the name in it, and the text after it.
fn voice_tag(row: &str) -> Option<(&str, &str, &str)> {
    let at = row.find("<v ").or_else(|| row.find("<v."))?;
    let (before, tag) = row.split_at_checked(at)?;
    let (inside, after) = tag.get(2..)?.split_once('>')?;
    // `<v.loud Anna>`: classes come before the name.
    let tag = match inside.strip_prefix('.') {
        Some(classes) => classes.split_once(' ').map_or("", |(_, name)| name),
        None => inside,
    };
    Some((before, tag, after))
}

/// A name that can be one; `None` for what is too long or empty.
fn name(text: &str) -> Option<String> {
    let text = clean(text);
    let letters = text.chars().count();
    (letters > 0 && letters <= LONGEST_NAME).then_some(text)
}

/// "ANNA: Hello", "Dr. Lee: Hello": a name and a colon before the words.
fn prefixed(words: &str) -> (Option<String>, String) {
    let split = words.split_once(':').filter(|(before, after)| {
        let few = before.split_whitespace().count() <= 3;
        let names = before.split_whitespace().all(|word| {
            word.chars()
                .next()
                .is_some_and(|c| c.is_uppercase() || c.is_ascii_digit())
        });
        let begins = before.chars().next().is_some_and(char::is_uppercase);
        few && names && begins && after.starts_with(' ') && !after.trim().is_empty()
    });
    match split.and_then(|(before, after)| Some((name(before)?, after))) {
        Some((name, after)) => (Some(name), after.trim().to_owned()),
        None => (None, words.to_owned()),
    }
}

/// Words without styling: tags, `{\an8}`, entities, needless spaces.
fn clean(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(['<', '{']) {
        let (before, tag) = rest.split_at(at);
        out.push_str(before);
        let end = match tag.starts_with('<') {
            true => is_tag(tag).then(|| tag.find('>')).flatten(),
            false => tag.starts_with("{\\").then(|| tag.find('}')).flatten(),
        };
        match end {
            Some(end) => rest = tag.get(end + 1..).unwrap_or_default(),
            None => {
                let mut letters = tag.chars();
                out.extend(letters.next());
                rest = letters.as_str();
            }
        }
    }
    out.push_str(rest);
    for (entity, letter) in [
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&#39;", "'"),
        ("&apos;", "'"),
        ("&nbsp;", " "),
        ("&lrm;", ""),
        ("&rlm;", ""),
        ("&amp;", "&"),
    ] {
        if out.contains(entity) {
            out = out.replace(entity, letter);
        }
    }
    out.retain(|c| !matches!(c, '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{feff}' | '\0'));
    out.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// `<i>`, `</b>`, `<font …>`, `<00:01.000>`; but not "a < b".
fn is_tag(text: &str) -> bool {
    let mut letters = text.chars().skip(1);
    letters
        .next()
        .is_some_and(|c| c == '/' || c.is_ascii_alphanumeric())
}
