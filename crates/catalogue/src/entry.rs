//! The catalogue: the checkpoints that Decoupage knows, from `models/*.toml`.

use std::sync::OnceLock;

use decoupage_shot::{Code, Fault, Outcome};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::family::Family;
use crate::shape::ModelShape;

/// Name and text of every file of the catalogue, gathered by the build script.
static FILES: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/entries.rs"));

/// One checkpoint of the catalogue.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct CatalogueEntry {
    /// Short name for the command line and settings; once shipped it does not change.
    pub id: String,
    /// What people call it.
    pub name: String,
    /// Which code runs it.
    pub family: Family,
    /// What it is good for, in a filmmaker's words: one or two sentences.
    pub good_for: String,
    /// All parameters together, talker and other unused parts of the checkpoint included.
    #[ts(type = "number")]
    pub parameters: u64,
    /// Roughly how much is downloaded, bytes. The server tells the exact size.
    #[ts(type = "number")]
    pub download_bytes: u64,
    /// Where it is published: `organisation/name` on the hub.
    pub repository: String,
    /// Branch, tag or commit to fetch.
    #[serde(default = "main_branch")]
    pub revision: String,
    /// How the weights are stored.
    pub format: EntryFormat,
    /// The files to fetch. Empty: every file of the repository that a model needs, as the
    /// server lists them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<CatalogueFile>,
    /// The longest context it was trained for, tokens.
    pub context: u32,
    /// How to sample unless told otherwise.
    pub sampling: Sampling,
    /// The licence of the weights.
    pub licence: Licence,
    /// Takes pictures and video.
    pub sees: bool,
    /// Takes sound.
    pub hears: bool,
    /// The measures of the architecture, from its `config.json`: for estimates before a
    /// download.
    pub shape: ModelShape,
}

/// How a catalogue entry's weights are stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum EntryFormat {
    /// A folder in the Hugging Face layout.
    Safetensors,
    /// One GGUF file and the vision part (mmproj) beside it.
    Gguf,
}

/// One file to fetch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct CatalogueFile {
    /// Its path in the repository, with `/`.
    pub name: String,
    /// Exact size in bytes, where it is known from a public source.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional, type = "number")]
    pub bytes: Option<u64>,
    /// SHA-256 of the content, 64 hexadecimal digits, where it is known from a public source.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub sha256: Option<String>,
}

/// Default sampling.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct Sampling {
    /// 0 is greedy: the likeliest word each time.
    pub temperature: f32,
    /// Draw from the smallest set of tokens that holds this share of probability.
    pub top_p: f32,
    /// Draw from this many likeliest tokens; 0 is all of them.
    pub top_k: u32,
    /// Above 1, words that were already said become less likely.
    pub repetition_penalty: f32,
    /// Write at most this many tokens.
    pub max_tokens: u32,
}

/// Under what terms weights may be used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct Licence {
    /// Its name.
    pub name: String,
    /// Its text.
    pub url: String,
}

fn main_branch() -> String {
    "main".to_owned()
}

fn parse() -> Outcome<Vec<CatalogueEntry>> {
    let mut entries = Vec::new();
    for (name, text) in FILES {
        let entry: CatalogueEntry = toml::from_str(text).map_err(|error| {
            Fault::new(
                Code::Internal,
                format!("A file of the catalogue is wrong: {}.", error.message()),
            )
            .at(name)
        })?;
        entries.push(entry);
    }
    entries.sort_by(|a, b| {
        (a.family, a.format as u8, a.parameters, &a.id).cmp(&(
            b.family,
            b.format as u8,
            b.parameters,
            &b.id,
        ))
    });
    Ok(entries)
}

/// Every checkpoint of the catalogue, by family and size.
pub fn catalogue() -> Outcome<&'static [CatalogueEntry]> {
    static ENTRIES: OnceLock<Outcome<Vec<CatalogueEntry>>> = OnceLock::new();
    match ENTRIES.get_or_init(parse) {
        Ok(entries) => Ok(entries),
        Err(fault) => Err(fault.clone()),
    }
}

/// The entry of that id.
pub fn entry(id: &str) -> Outcome<&'static CatalogueEntry> {
    let entries = catalogue()?;
    entries.iter().find(|entry| entry.id == id).ok_or_else(|| {
        let known: Vec<&str> = entries.iter().map(|entry| entry.id.as_str()).collect();
        Fault::new(
            Code::Invalid,
            format!("No model of the catalogue is called “{id}”."),
        )
        .advise(format!("Choose one of: {}.", known.join(", ")))
    })
}

#[cfg(test)]
#[path = "entry_tests.rs"]
mod tests;
