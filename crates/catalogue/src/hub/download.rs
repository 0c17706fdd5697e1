//! Fetches a whole model: which files, how large, what is there already, is there room, then
//! one file after another, small ones first.

use std::fs;

use decoupage_shot::{Code, Fault, Outcome, Phase, Watch};
use serde_json::Value;

use super::Downloaded;
use super::cache::{Repository, make_folder, make_sure_of_room};
use super::client::{Client, strange};
use super::names::{is_commit, is_file_name, is_hex, is_repository, is_safe_path};
use super::settings::HubSettings;
use super::transfer::{Progress, Wanted, fetch};
use crate::entry::{CatalogueEntry, CatalogueFile};
use crate::sums::Sum;

/// No model is stored in more files.
const MOST_FILES: usize = 512;

/// Fetches a model of the catalogue into the cache, or completes what is there of it.
///
/// Reports [`Phase::Downloading`] in bytes of the whole model, and [`Phase::Verifying`] while a
/// file is checked. Cancelling keeps what has arrived; fetching again goes on from there, also
/// after a restart.
///
/// # Errors
/// [`Code::Cancelled`]; [`Code::Network`] for offline mode, no connection, a server in trouble;
/// [`Code::Denied`] where the publisher wants terms accepted or a token; [`Code::Missing`] where
/// the server has no such file; [`Code::DiskFull`]; [`Code::Damaged`] where a file keeps arriving
/// with another content than was published.
pub fn download(
    entry: &CatalogueEntry,
    settings: &HubSettings,
    watch: &dyn Watch,
) -> Outcome<Downloaded> {
    download_repository(
        &entry.repository,
        &entry.revision,
        &entry.files,
        settings,
        watch,
    )
}

/// How much of a model of the catalogue has arrived in the cache, bytes: what a download that
/// broke off or was cancelled has kept. At most what the whole takes.
pub fn arrived_bytes(entry: &CatalogueEntry, settings: &HubSettings) -> u64 {
    Repository::new(&settings.cache, &entry.repository)
        .arrived()
        .min(entry.download_bytes)
}

/// Fetches files of any repository; with no files named, those that a model in the Hugging Face
/// layout needs.
///
/// # Errors
/// As [`download`]; [`Code::Invalid`] for a name that no repository can have.
pub fn download_repository(
    repository: &str,
    revision: &str,
    files: &[CatalogueFile],
    settings: &HubSettings,
    watch: &dyn Watch,
) -> Outcome<Downloaded> {
    if !is_repository(repository) || !is_safe_path(revision) {
        return Err(Fault::new(
            Code::Invalid,
            format!("{} is no name of a model.", crate::words::short(repository)),
        )
        .advise("It is written as organisation/name."));
    }
    let client = Client::new(settings)?;
    watch.go_on()?;
    let (commit, files) = if files.is_empty() {
        let (commit, names) = listed(&client, repository, revision, watch)?;
        let plain = |name| CatalogueFile {
            name,
            bytes: None,
            sha256: None,
        };
        (Some(commit), names.into_iter().map(plain).collect())
    } else {
        (None, files.to_vec())
    };
    let (commit, mut files) = described(&client, repository, revision, commit, &files, watch)?;
    files.sort_by_key(|file| file.bytes);
    let total = files.iter().map(|file| file.bytes).sum();
    let folder = Repository::new(&settings.cache, repository);
    make_folder(&folder.snapshot(&commit))?;
    make_folder(&folder.blob("").join(""))?;
    let length = |path| fs::metadata(path).map_or(0, |about: fs::Metadata| about.len());
    let there = |file: &Described| length(folder.snapshot(&commit).join(&file.name)) == file.bytes;
    let missing = files
        .iter()
        .filter(|file| !there(file) && length(folder.blob(&file.etag)) != file.bytes)
        .map(|file| {
            file.bytes
                .saturating_sub(length(folder.incomplete(&file.etag)))
        })
        .fold(0, u64::saturating_add);
    make_sure_of_room(&settings.cache, missing)?;
    folder.note_commit(revision, &commit)?;
    let mut progress = Progress {
        watch,
        done: 0,
        total,
    };
    watch.report(Phase::Downloading, 0, total);
    for file in &files {
        watch.go_on()?;
        if !there(file) {
            let lock = folder.lock(&file.etag, watch)?;
            let wanted = Wanted {
                url: client.file(repository, &commit, &file.name),
                name: &file.name,
                etag: &file.etag,
                bytes: file.bytes,
                sum: file.sum.clone(),
            };
            fetch(&client, &folder, &wanted, &progress)?;
            folder.link(&commit, &file.name, &file.etag)?;
            drop(lock);
        }
        progress.done += file.bytes;
        watch.report(Phase::Downloading, progress.done, total);
    }
    Ok(Downloaded {
        folder: folder.snapshot(&commit),
        repository: repository.to_owned(),
        revision: commit,
        bytes: total,
    })
}

/// A file as the server describes it.
struct Described {
    name: String,
    etag: String,
    bytes: u64,
    sum: Option<Sum>,
}

/// The commit of a revision, and the names of the files that a model needs.
fn listed(
    client: &Client,
    repository: &str,
    revision: &str,
    watch: &dyn Watch,
) -> Outcome<(String, Vec<String>)> {
    let mut url = client.address(["api", "models", repository, "revision"]);
    if let Ok(mut segments) = url.path_segments_mut() {
        segments.push(revision);
    }
    let list = client.retrying(watch, async || client.json(&url, watch).await)?;
    let commit = list
        .get("sha")
        .and_then(Value::as_str)
        .filter(|commit| is_commit(commit))
        .ok_or_else(|| strange("it does not name the model's version"))?;
    let names: Vec<String> = list
        .get("siblings")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(|file| file.get("rfilename")?.as_str())
        .filter(|name| is_needed(name))
        .map(str::to_owned)
        .collect();
    if names.len() > MOST_FILES {
        return Err(strange("it lists more files than any model has"));
    }
    if !names.iter().any(|name| name.ends_with(".safetensors")) {
        return Err(Fault::new(
            Code::Unsupported,
            "This repository has no weights in the safetensors format.",
        )
        .advise("Choose another model, or one in GGUF."));
    }
    Ok((commit.to_owned(), names))
}

/// Whether a model in the Hugging Face layout needs a file: weights, configuration, tokenizer,
/// chat template and licence at the top of the repository. Other forms of the same weights are
/// left where they are, and so is any name that could leave the folder.
fn is_needed(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    is_file_name(name)
        && ([".safetensors", ".json", ".jinja"]
            .iter()
            .any(|kind| lower.ends_with(kind))
            || ["merges.txt", "vocab.txt"].contains(&lower.as_str())
            || lower.starts_with("licen"))
}

/// Asks what each file is.
fn described(
    client: &Client,
    repository: &str,
    revision: &str,
    commit: Option<String>,
    files: &[CatalogueFile],
    watch: &dyn Watch,
) -> Outcome<(String, Vec<Described>)> {
    let mut commit = commit.or_else(|| is_commit(revision).then(|| revision.to_owned()));
    let mut described = Vec::new();
    for file in files {
        watch.go_on()?;
        if !is_safe_path(&file.name) {
            return Err(strange("a file of the model has an impossible name"));
        }
        // Once the commit is known, it is what every file is asked of: the branch may move.
        let at = commit.as_deref().unwrap_or(revision).to_owned();
        let url = client.file(repository, &at, &file.name);
        let about = client
            .retrying(watch, async || client.about(&url, watch).await)
            .map_err(|mut fault| {
                if fault.code == Code::Missing {
                    fault.message = fault
                        .message
                        .replace("one of the model's files", &crate::words::short(&file.name));
                }
                fault
            })?;
        if commit.is_none() {
            commit = about.commit.clone().filter(|commit| is_commit(commit));
        }
        let published = Sum::of_blob(&about.etag);
        let other_size = file.bytes.is_some_and(|bytes| bytes != about.bytes);
        let other_sum = match (&file.sha256, &published) {
            (Some(known), Some(Sum::Sha256(published))) => known != published,
            _ => false,
        };
        if other_size || other_sum {
            return Err(Fault::new(
                Code::Damaged,
                format!(
                    "The server offers another {} than the one that Decoupage knows.",
                    crate::words::short(&file.name)
                ),
            )
            .advise("Do not use it unless you trust the server; try the public hub."));
        }
        let known = file
            .sha256
            .clone()
            .filter(|sum| is_hex(sum, 64))
            .map(Sum::Sha256);
        described.push(Described {
            name: file.name.clone(),
            etag: about.etag,
            bytes: about.bytes,
            sum: known.or(published),
        });
    }
    let commit = commit.ok_or_else(|| strange("it does not name the model's version"))?;
    Ok((commit, described))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_forms_of_the_same_weights_are_left_alone() {
        for name in [
            "config.json",
            "model-00001-of-00002.safetensors",
            "merges.txt",
            "chat_template.jinja",
            "LICENSE",
        ] {
            assert!(is_needed(name), "{name}");
        }
        for name in [
            "pytorch_model.bin",
            "spk_dict.pt",
            "onnx/model.onnx",
            "README.md",
            ".gitattributes",
            "../config.json",
            "original/model.safetensors",
            "..\\config.json",
        ] {
            assert!(!is_needed(name), "{name}");
        }
    }
}
