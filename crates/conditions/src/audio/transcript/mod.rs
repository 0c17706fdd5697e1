//! What is said in a sound, from a transcript that lies beside it.
//!
//! SubRip (`.srt`) and WebVTT (`.vtt`) give times; a plain `.txt` gives the words. Real files
//! break the formats in many small ways: what can be read is read, what cannot is counted.

mod parse;
#[cfg(test)]
mod tests;

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use decoupage_shot::{Code, Fault, Outcome};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

pub use parse::{decode, parse};

/// A transcript.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct Transcript {
    /// The file's name.
    pub file: String,
    /// Its lines by time.
    pub lines: Vec<Line>,
    /// How many entries could not be read.
    #[serde(default)]
    pub skipped: u32,
}

/// Something said.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct Line {
    /// Begin, seconds, where the file says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub start_s: Option<f64>,
    /// End, seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub end_s: Option<f64>,
    /// Who says it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub speaker: Option<String>,
    /// The words, without styling.
    pub text: String,
}

/// How a transcript is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Format {
    /// SubRip.
    Srt,
    /// WebVTT.
    Vtt,
    /// Words alone, with or without times before them.
    Text,
}

impl Format {
    /// The format by a file's ending.
    pub fn of(path: &Path) -> Option<Self> {
        let ending = path.extension()?.to_str()?.to_ascii_lowercase();
        match ending.as_str() {
            "srt" => Some(Self::Srt),
            "vtt" => Some(Self::Vtt),
            "txt" => Some(Self::Text),
            _ => None,
        }
    }
}

/// The largest transcript, bytes: three hours of talk are a tenth of it.
const MOST_BYTES: u64 = 4 << 20;
/// How many names of a folder are looked at for a transcript.
const MOST_NAMES: usize = 20_000;
/// How much of a text is looked at to see whether it is prose, bytes.
const TASTE: usize = 8_192;

/// Reads a transcript.
///
/// # Errors
/// A fault with one sentence where the file cannot be read, is far too large, or holds nothing
/// that is said.
pub fn read(path: &Path) -> Outcome<Transcript> {
    let format = Format::of(path).ok_or_else(|| {
        Fault::new(
            Code::Unsupported,
            "A transcript is a file ending in .srt, .vtt or .txt.",
        )
        .at(path)
    })?;
    let bytes = bytes(path, MOST_BYTES)?;
    if bytes.len() as u64 > MOST_BYTES {
        return Err(Fault::new(Code::TooLarge, "This transcript is larger than 4 MB.").at(path));
    }
    let text = decode(&bytes);
    if format == Format::Text && !parse::is_prose(&text) {
        return Err(
            Fault::new(Code::Unsupported, "This text holds no words that are said.").at(path),
        );
    }
    let (lines, skipped) = parse(&text, format);
    if lines.is_empty() {
        return Err(Fault::new(
            Code::Damaged,
            "This transcript holds no line that can be read.",
        )
        .at(path));
    }
    Ok(Transcript {
        file: path
            .file_name()
            .map(|name| name.to_string_lossy().into_owned())
            .unwrap_or_default(),
        lines,
        skipped,
    })
}

/// The bytes of a file, at most one more than `most`.
fn bytes(path: &Path, most: u64) -> Outcome<Vec<u8>> {
    let fault = |error: &std::io::Error| Fault::io(error, "read the transcript", path);
    let mut bytes = Vec::new();
    fs::File::open(path)
        .map_err(|error| fault(&error))?
        .take(most + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| fault(&error))?;
    Ok(bytes)
}

/// The transcript that lies beside a sound or a clip: a file of the same name ending in `.srt`,
/// `.vtt` or `.txt`, or with a language between (`talk.en.srt`). A name without language goes
/// first, then SubRip before WebVTT before text. Texts count only beside sounds, since beside
/// clips they are captions and camera paths as a rule, and only where they hold prose.
pub fn beside(path: &Path) -> Option<PathBuf> {
    let stem = path.file_stem()?.to_str()?;
    let folder = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    let for_clip = path
        .extension()
        .and_then(|ending| ending.to_str())
        .is_some_and(|ending| {
            [
                "mp4", "m4v", "mov", "mkv", "webm", "avi", "gif", "mpg", "mpeg", "mxf", "ts",
            ]
            .contains(&ending.to_ascii_lowercase().as_str())
        });
    let mut found: Vec<(bool, Format, PathBuf)> = fs::read_dir(folder)
        .ok()?
        .take(MOST_NAMES)
        .filter_map(Result::ok)
        .filter_map(|entry| {
            let other = entry.path();
            let format =
                Format::of(&other).filter(|format| !(for_clip && *format == Format::Text))?;
            let name = other.file_stem()?.to_str()?;
            let language = match name.strip_prefix(stem)? {
                "" => false,
                rest => is_language(rest.strip_prefix('.')?).then_some(true)?,
            };
            let is_file = entry.metadata().is_ok_and(|data| data.is_file()) || other.is_file();
            (is_file && other != path).then_some((language, format, other))
        })
        .collect();
    found.sort();
    found
        .into_iter()
        .find(|(_, format, other)| {
            *format != Format::Text
                || bytes(other, TASTE as u64).is_ok_and(|bytes| parse::is_prose(&decode(&bytes)))
        })
        .map(|(_, _, other)| other)
}

/// "en", "pt-BR", "zh_Hans", "eng", with "sdh" or "forced" after it.
fn is_language(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= 20
        && text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'))
        && text.split(['-', '_', '.']).next().is_some_and(|first| {
            (2..=3).contains(&first.len()) && first.chars().all(|c| c.is_ascii_alphabetic())
        })
}
