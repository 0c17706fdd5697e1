//! Prompt files: txt, json, jsonl, csv.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write as _;
use std::path::{Path, PathBuf};

use decoupage_shot::{Code, Fault, Outcome, Section, Shot, Take};
use serde::Serialize;

use crate::document::Document;
use crate::names::safe;
use crate::{FileFormat, Prompt};

/// Remembers which files of a folder are ours and what they held, so that a file somebody
/// else made, or edited since, is never replaced.
const LEDGER: &str = ".decoupage-exports.json";

/// The largest ledger that is read.
const MAX_LEDGER_BYTES: u64 = 4 << 20;

/// Columns of a CSV file. Origins, trace, conditions and what was dropped are JSON.
pub(crate) const COLUMNS: [&str; 21] = [
    "shot",
    "take",
    "generator",
    "prompt",
    "negative",
    "dense",
    "main_object",
    "background",
    "camera",
    "style",
    "action",
    "short_prompt",
    "budget_used",
    "budget_most",
    "budget_unit",
    "budget_estimated",
    "warnings",
    "dropped",
    "origins",
    "trace",
    "conditions",
];

/// Writes prompt files of several shots and generators into `folder`, atomically: txt and json
/// one for each shot and generator (txt with a second file for a negative prompt), jsonl and
/// csv one for all. The folder is made if it is not there. A file that is already there is
/// replaced only if an earlier export wrote it and nobody has changed it since; otherwise the
/// new one gets a number.
///
/// # Errors
/// A fault when the folder cannot be made or written, the disk is full, or there is nothing
/// to write.
pub fn write(
    prompts: &[(&Shot, &Take, Prompt)],
    format: FileFormat,
    folder: &Path,
) -> Outcome<Vec<PathBuf>> {
    if prompts.is_empty() {
        return Err(Fault::new(Code::Invalid, "There is no take to export.")
            .advise("Interpret a shot first."));
    }
    let mut files: Vec<(String, &'static str, Vec<u8>)> = Vec::new();
    let documents = || {
        prompts
            .iter()
            .map(|(shot, take, prompt)| Document::new(shot, take, prompt))
    };
    let stem = |shot: &Shot, prompt: &Prompt| {
        format!("{} - {}", safe(&shot.name), safe(&prompt.generator))
    };
    match format {
        FileFormat::Txt => {
            for (shot, _, prompt) in prompts {
                files.push((stem(shot, prompt), "txt", line_file(&prompt.text)));
                if let Some(negative) = prompt.negative.as_deref().filter(|text| !text.is_empty()) {
                    files.push((stem(shot, prompt), "negative.txt", line_file(negative)));
                }
            }
        }
        FileFormat::Json => {
            for ((shot, _, prompt), document) in prompts.iter().zip(documents()) {
                files.push((stem(shot, prompt), "json", line_file(&to_json(&document)?)));
            }
        }
        FileFormat::Jsonl => {
            let mut lines = Vec::new();
            for document in documents() {
                serde_json::to_writer(&mut lines, &document).map_err(|error| unwritable(&error))?;
                lines.push(b'\n');
            }
            files.push(("prompts".to_owned(), "jsonl", lines));
        }
        FileFormat::Csv => files.push(("prompts".to_owned(), "csv", table(prompts)?)),
    }
    std::fs::create_dir_all(folder)
        .map_err(|error| Fault::io(&error, "make the folder for the prompt files", folder))?;
    let mut ledger = read_ledger(folder);
    let mut taken = BTreeSet::new();
    let mut written = Vec::new();
    for (stem, ending, bytes) in files {
        let name = free_name(folder, &stem, ending, &ledger, &taken);
        let path = folder.join(&name);
        replace(&path, &bytes)?;
        taken.insert(name.to_lowercase());
        ledger.insert(name, blake3::hash(&bytes).to_hex().to_string());
        written.push(path);
    }
    replace(&folder.join(LEDGER), &line_file(&to_json(&ledger)?))?;
    Ok(written)
}

/// A text file ends with a line break.
fn line_file(text: &str) -> Vec<u8> {
    let mut bytes = text.as_bytes().to_vec();
    bytes.push(b'\n');
    bytes
}

fn unwritable(error: &dyn std::fmt::Display) -> Fault {
    Fault::new(
        Code::Internal,
        format!("The prompt cannot be written down: {error}."),
    )
}

/// Indented JSON.
pub(crate) fn to_json(value: &impl Serialize) -> Outcome<String> {
    serde_json::to_string_pretty(value).map_err(|error| unwritable(&error))
}

fn table(prompts: &[(&Shot, &Take, Prompt)]) -> Outcome<Vec<u8>> {
    let compact = |value: serde_json::Result<String>| value.map_err(|error| unwritable(&error));
    let mut writer = csv::Writer::from_writer(Vec::new());
    let mut put = |row: &[&str]| writer.write_record(row).map_err(|error| unwritable(&error));
    put(&COLUMNS)?;
    for (shot, take, prompt) in prompts {
        let limit = prompt.budget.limit;
        let section = |section: Section| take.caption.get(section);
        let unit = match limit {
            Some(limit) => compact(serde_json::to_string(&limit.unit))?.replace('"', ""),
            None => String::new(),
        };
        put(&[
            &shot.name,
            &take.name,
            &prompt.generator,
            &prompt.text,
            prompt.negative.as_deref().unwrap_or_default(),
            section(Section::Dense),
            section(Section::MainObject),
            section(Section::Background),
            section(Section::Camera),
            section(Section::Style),
            section(Section::Action),
            &take.prompt,
            &prompt.budget.used.to_string(),
            &limit.map_or_else(String::new, |limit| limit.most.to_string()),
            &unit,
            &prompt.budget.estimated.to_string(),
            &prompt.warnings.join("\n"),
            &compact(serde_json::to_string(&prompt.dropped))?,
            &compact(serde_json::to_string(&take.origins))?,
            &compact(serde_json::to_string(&take.trace))?,
            &compact(serde_json::to_string(&shot.conditions))?,
        ])?;
    }
    writer.into_inner().map_err(|error| unwritable(&error))
}

/// File names and what they held, as BLAKE3 in hexadecimal. What cannot be read counts as
/// nothing: then no file is replaced.
fn read_ledger(folder: &Path) -> BTreeMap<String, String> {
    let path = folder.join(LEDGER);
    let readable = std::fs::metadata(&path)
        .is_ok_and(|about| about.is_file() && about.len() <= MAX_LEDGER_BYTES);
    if !readable {
        return BTreeMap::new();
    }
    std::fs::read(&path)
        .ok()
        .and_then(|bytes| serde_json::from_slice(&bytes).ok())
        .unwrap_or_default()
}

/// The first of `STEM.ENDING`, `STEM (2).ENDING`, … that is free or ours.
fn free_name(
    folder: &Path,
    stem: &str,
    ending: &str,
    ledger: &BTreeMap<String, String>,
    taken: &BTreeSet<String>,
) -> String {
    let mut number = 1_u32;
    loop {
        let name = if number == 1 {
            format!("{stem}.{ending}")
        } else {
            format!("{stem} ({number}).{ending}")
        };
        let path = folder.join(&name);
        let free = match std::fs::symlink_metadata(&path) {
            Err(_) => true,
            Ok(about) => {
                about.is_file() && ledger.get(&name).is_some_and(|hash| holds(&path, hash))
            }
        };
        if free && !taken.contains(&name.to_lowercase()) {
            return name;
        }
        number += 1;
    }
}

/// Whether a file still holds what we wrote.
fn holds(path: &Path, hash: &str) -> bool {
    let mut hasher = blake3::Hasher::new();
    std::fs::File::open(path)
        .and_then(|file| hasher.update_reader(file).map(|_| ()))
        .is_ok_and(|()| hasher.finalize().to_hex().as_str() == hash)
}

/// Writes beside the target and renames: a full disk or a crash leaves the old file whole.
fn replace(path: &Path, bytes: &[u8]) -> Outcome<()> {
    let doing = "write the prompt file";
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut builder = tempfile::Builder::new();
    builder.prefix(".decoupage-").suffix(".tmp");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        // As any new file: the person's umask decides.
        builder.permissions(std::fs::Permissions::from_mode(0o666));
    }
    let mut file = builder
        .tempfile_in(folder)
        .map_err(|error| Fault::io(&error, doing, folder))?;
    file.write_all(bytes)
        .and_then(|()| file.as_file().sync_all())
        .map_err(|error| Fault::io(&error, doing, path))?;
    file.persist(path)
        .map_err(|error| Fault::io(&error.error, doing, path))?;
    Ok(())
}
