//! Who consumes the prompt: profiles, budgets and prompt files.

use std::path::{Path, PathBuf};

use decoupage_shot::{Caption, Code, Fault, Origin, Outcome, Section, Shot, Take};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// What a generator wants.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct Profile {
    /// Key on the command line and in projects ("wan-2.2").
    pub key: String,
    /// Name as people know it ("Wan 2.2").
    pub title: String,
    /// The most it takes.
    pub limit: Option<Limit>,
    /// What it wants, one or two sentences for the person.
    pub advice: String,
    /// Its default negative prompt; `None` where it takes none.
    pub negative: Option<String>,
    /// Which text encoder counts the budget, in words ("umt5-xxl").
    pub tokenizer: Option<String>,
}

/// The most a generator takes.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, TS)]
pub struct Limit {
    /// How many.
    pub most: u32,
    /// Of what.
    pub unit: LimitUnit,
}

/// What a limit counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the names say it")]
pub enum LimitUnit {
    Tokens,
    Words,
    Characters,
}

/// How much of the budget a prompt uses.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct Budget {
    /// Used.
    pub used: u32,
    /// The most; `None` where the generator states none.
    pub limit: Option<Limit>,
    /// Whether `used` is an estimate, because no tokenizer file is at hand.
    pub estimated: bool,
}

/// A sentence left out to fit the budget.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct Dropped {
    /// From which section.
    pub section: Section,
    /// The words.
    pub text: String,
    /// Their least important origin.
    pub origin: Origin,
}

/// A prompt as one generator takes it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct Prompt {
    /// Key of the generator.
    pub generator: String,
    /// The prompt: a paragraph, headed sections or a JSON document, as the generator wants it.
    pub text: String,
    /// The negative prompt.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub negative: Option<String>,
    /// What it uses.
    pub budget: Budget,
    /// What was left out to fit.
    pub dropped: Vec<Dropped>,
    /// Warnings a person should see ("the default negative prompt forbids camera shake, and
    /// this shot is hand-held").
    pub warnings: Vec<String>,
}

/// The kind of prompt file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the names say it")]
pub enum FileFormat {
    Txt,
    Json,
    Jsonl,
    Csv,
}

/// All profiles, in the order of the menu; the first is plain text.
pub fn profiles() -> Vec<Profile> {
    Vec::new()
}

/// Writes the prompt of a take for one generator, within its budget. `tokenizers` is a folder
/// that may hold `NAME/tokenizer.json` files.
///
/// # Errors
/// [`Code::Invalid`] for an unknown generator.
pub fn compose(
    generator: &str,
    shot: &Shot,
    take: &Take,
    tokenizers: Option<&Path>,
) -> Outcome<Prompt> {
    let _ = (shot, take, tokenizers);
    Err(Fault::new(
        Code::Invalid,
        format!("No generator is called “{generator}”."),
    ))
}

/// Writes prompt files of several shots and generators into `folder`, atomically, and names
/// them after shot and generator. Files that are already there are replaced only if they are
/// ours.
///
/// # Errors
/// A fault when the folder cannot be written.
pub fn write(
    prompts: &[(&Shot, &Take, Prompt)],
    format: FileFormat,
    folder: &Path,
) -> Outcome<Vec<PathBuf>> {
    let _ = (prompts, format, folder);
    Err(Fault::new(Code::Internal, "being built"))
}

/// Reads a caption back from a file of any format that [`write`] makes, from the structured
/// JSON, or from text with the six headings (tolerant of numbering and missing colons).
///
/// # Errors
/// A fault when no section can be found.
pub fn import(path: &Path) -> Outcome<Caption> {
    Err(Fault::new(Code::Internal, "being built").at(path))
}
