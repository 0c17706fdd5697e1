//! Checkpoints in safetensors: one file, or shards with an index.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;
use std::path::{Component, Path, PathBuf};

use decoupage_dialogue::{Failure, FailureCode, Outcome};
use safetensors::tensor::{Dtype, SafeTensors};
use serde_json::Value;

use super::map::MappedFile;
use super::names;
use super::source::{Entry, Stored, TensorSource};
use crate::failure;

/// The largest index seen has a few hundred kilobytes.
const MOST_INDEX_BYTES: u64 = 64 << 20;
/// Shards of one checkpoint.
const MOST_SHARDS: usize = 1_024;
/// Bytes of the header's length at the start of a safetensors file.
const LENGTH_BYTES: usize = 8;

/// The tensors of a checkpoint's folder, memory-mapped.
#[derive(Debug)]
pub struct Shards {
    folder: PathBuf,
    files: Vec<MappedFile>,
    tensors: BTreeMap<String, Place>,
}

#[derive(Debug)]
struct Place {
    entry: Entry,
    file: usize,
    start: usize,
    /// Not a kind of number that weights are stored as: named when it is asked for.
    foreign: Option<String>,
}

impl Shards {
    /// Opens `model.safetensors`, or the shards that `model.safetensors.index.json` names.
    ///
    /// # Errors
    /// A file is missing, truncated or damaged; it is named.
    pub fn open(folder: &Path) -> Outcome<Self> {
        let mut shards = Self {
            folder: folder.to_owned(),
            files: Vec::new(),
            tensors: BTreeMap::new(),
        };
        for path in shard_paths(folder)? {
            shards.add(&path)?;
        }
        Ok(shards)
    }

    fn add(&mut self, path: &Path) -> Outcome<()> {
        let file = MappedFile::open(path)?;
        let (header, metadata) = SafeTensors::read_metadata(file.bytes()).map_err(|error| {
            use safetensors::SafeTensorError as E;
            let name = path.display();
            match error {
                E::HeaderTooSmall | E::InvalidHeaderLength | E::MetadataIncompleteBuffer => {
                    failure::damaged(format!("{name} is truncated: its download did not finish."))
                }
                _ => failure::damaged(format!("{name} is not a sound safetensors file.")),
            }
        })?;
        let index = self.files.len();
        for (file_name, info) in metadata.tensors() {
            let Some(name) = names::canonical(&file_name) else {
                continue;
            };
            let (stored, foreign) = match info.dtype {
                Dtype::F32 => (Stored::F32, None),
                Dtype::F16 => (Stored::F16, None),
                Dtype::BF16 => (Stored::Bf16, None),
                other => (Stored::F32, Some(format!("{other:?}"))),
            };
            let (from, to) = info.data_offsets;
            self.tensors.insert(
                name,
                Place {
                    entry: Entry {
                        shape: info.shape.clone(),
                        stored,
                        bytes: to - from,
                        file_name,
                    },
                    file: index,
                    start: LENGTH_BYTES + header + from,
                    foreign,
                },
            );
        }
        self.files.push(file);
        Ok(())
    }
}

impl TensorSource for Shards {
    fn entry(&self, name: &str) -> Option<&Entry> {
        self.tensors.get(name).map(|place| &place.entry)
    }

    fn names(&self) -> Vec<&str> {
        self.tensors.keys().map(String::as_str).collect()
    }

    fn bytes(&self, name: &str) -> Outcome<Cow<'_, [u8]>> {
        let place = self
            .tensors
            .get(name)
            .ok_or_else(|| super::missing(&self.label(), name))?;
        if let Some(kind) = &place.foreign {
            return Err(failure::unsupported(format!(
                "\"{}\" in {} is stored as {kind}, which is not a kind of weight that can be run.",
                place.entry.file_name,
                self.label()
            ))
            .advise("Choose the checkpoint in bf16, f16 or f32, or a GGUF of it."));
        }
        // The header was checked against the file's length when it was opened.
        self.files[place.file]
            .bytes()
            .get(place.start..place.start + place.entry.bytes)
            .map(Cow::Borrowed)
            .ok_or_else(|| failure::damaged(format!("{} is truncated.", self.label())))
    }

    fn release(&self, name: &str) {
        if let Some(place) = self.tensors.get(name) {
            self.files[place.file].release(place.start, place.entry.bytes);
        }
    }

    fn label(&self) -> String {
        self.folder.display().to_string()
    }
}

fn shard_paths(folder: &Path) -> Outcome<Vec<PathBuf>> {
    let index = folder.join("model.safetensors.index.json");
    if index.is_file() {
        return indexed(folder, &index);
    }
    let single = folder.join("model.safetensors");
    if single.is_file() {
        return Ok(vec![single]);
    }
    // Some folders hold one file of another name.
    let mut found: Vec<PathBuf> = std::fs::read_dir(folder)
        .map_err(|error| failure::file(folder, &error))?
        .filter_map(|entry| entry.ok().map(|entry| entry.path()))
        .filter(|path| path.extension().is_some_and(|end| end == "safetensors"))
        .collect();
    found.sort();
    match found.len() {
        1 => Ok(found),
        0 => Err(Failure::new(
            FailureCode::Missing,
            format!(
                "There are no weights (model.safetensors) in {}.",
                folder.display()
            ),
        )
        .advise("Download the model again or choose its folder.")),
        _ => Err(Failure::new(
            FailureCode::Missing,
            format!(
                "{} holds several weight files and no index that says how they belong together.",
                folder.display()
            ),
        )
        .advise("Download model.safetensors.index.json of this model into the folder.")),
    }
}

fn indexed(folder: &Path, index: &Path) -> Outcome<Vec<PathBuf>> {
    let file = std::fs::File::open(index).map_err(|error| failure::file(index, &error))?;
    let mut text = String::new();
    file.take(MOST_INDEX_BYTES)
        .read_to_string(&mut text)
        .map_err(|error| failure::file(index, &error))?;
    let broken = || failure::damaged(format!("{} is damaged.", index.display()));
    let value: Value = serde_json::from_str(&text).map_err(|_| broken())?;
    let map = value
        .get("weight_map")
        .and_then(Value::as_object)
        .ok_or_else(broken)?;
    let mut files = BTreeSet::new();
    for file in map.values() {
        let file = file.as_str().ok_or_else(broken)?;
        // A name, not a path: an index must not reach out of its folder.
        let mut parts = Path::new(file).components();
        if !matches!(
            (parts.next(), parts.next()),
            (Some(Component::Normal(_)), None)
        ) {
            return Err(broken());
        }
        files.insert(file);
        if files.len() > MOST_SHARDS {
            return Err(broken());
        }
    }
    if files.is_empty() {
        return Err(broken());
    }
    Ok(files.into_iter().map(|file| folder.join(file)).collect())
}
