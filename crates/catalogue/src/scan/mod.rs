//! Looks for models in the places of [`crate::places`]. Only headers are read; nothing is
//! copied, moved or written.

mod folder;
mod gguf;

pub(crate) use folder::shards;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use decoupage_shot::{Code, Fault, Outcome, Watch};

use crate::entry::{CatalogueEntry, EntryFormat, catalogue};
use crate::family::Family;
use crate::found::{FoundModel, FoundState, Place, WeightFormat};
use crate::places::{ModelPlaces, PlaceKind};

/// How deep below a place models are looked for.
const DEEPEST: usize = 5;
/// How many files and folders of one place are looked at: a person may add a whole disk.
const MOST_ENTRIES: usize = 50_000;
/// A `config.json` is a few kilobytes.
pub(crate) const LARGEST_CONFIG: u64 = 4 << 20;

/// What is common to all models of one place.
#[derive(Clone)]
pub(crate) struct Origin {
    kind: PlaceKind,
    repository: Option<String>,
    revision: Option<String>,
}

impl Origin {
    fn place(&self, path: &Path, vision: Option<PathBuf>) -> Place {
        Place {
            kind: self.kind,
            path: path.to_owned(),
            vision,
            repository: self.repository.clone(),
            revision: self.revision.clone(),
        }
    }
}

/// What was found in all places.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Found {
    /// The models: usable ones first, by name.
    pub models: Vec<FoundModel>,
    /// What could not be looked into (a folder without permission, a disk that is not there).
    pub faults: Vec<Fault>,
}

/// Looks for models in every place.
///
/// # Errors
/// Cancellation only: a place that cannot be read is told in [`Found::faults`].
pub fn find_models(places: &ModelPlaces, watch: &dyn Watch) -> Outcome<Found> {
    let mut found = Found::default();
    let mut seen = BTreeSet::new();
    for (kind, place) in places.all() {
        watch.go_on()?;
        // A cache or a folder of our own that nothing was ever put into is no fault.
        if !place.exists() {
            if kind == PlaceKind::Added {
                found.faults.push(
                    Fault::new(Code::Missing, "A folder of models is not there.")
                        .advise("Connect its disk, or remove it from the list.")
                        .at(place),
                );
            }
            continue;
        }
        let mut scan = Scan {
            found: &mut found,
            seen: &mut seen,
            left: MOST_ENTRIES,
            watch,
        };
        let origin = Origin {
            kind,
            repository: None,
            revision: None,
        };
        if place.is_file() {
            let models = read_files(place, &[place.to_owned()], &origin);
            scan.found.models.extend(models);
        } else {
            scan.folder(place, &origin, 0)?;
        }
        if scan.left == 0 {
            found.faults.push(
                Fault::new(
                    Code::TooLarge,
                    "A folder holds too many files to look at them all.",
                )
                .advise("Add the folders of the models themselves.")
                .at(place),
            );
        }
    }
    found.models.sort_by_key(|model| {
        (
            model.family().is_none(),
            model.name.to_lowercase(),
            model.id.clone(),
        )
    });
    Ok(found)
}

/// Looks at one folder or GGUF file, as something the person points at: what is wrong with it is
/// an answer, not nothing.
///
/// # Errors
/// [`Code::Missing`] where it is not there, [`Code::Unsupported`] where it holds no model.
pub fn look_at(path: &Path, watch: &dyn Watch) -> Outcome<Vec<FoundModel>> {
    let places = ModelPlaces {
        hub_cache: None,
        own: None,
        added: vec![path.to_owned()],
    };
    let found = find_models(&places, watch)?;
    if found.models.is_empty() {
        return Err(found.faults.into_iter().next().unwrap_or_else(|| {
            Fault::new(Code::Unsupported, "There is no model here.")
                .advise("Choose a folder with config.json and .safetensors files, or a .gguf file.")
                .at(path)
        }));
    }
    Ok(found.models)
}

struct Scan<'a> {
    found: &'a mut Found,
    seen: &'a mut BTreeSet<PathBuf>,
    left: usize,
    watch: &'a dyn Watch,
}

impl Scan<'_> {
    fn folder(&mut self, folder: &Path, origin: &Origin, depth: usize) -> Outcome<()> {
        self.watch.go_on()?;
        // Links may lead in circles.
        let real = folder.canonicalize().unwrap_or_else(|_| folder.to_owned());
        if !self.seen.insert(real) {
            return Ok(());
        }
        if let Some(repository) = repository_of(folder) {
            self.snapshots(folder, &repository, origin.kind);
            return Ok(());
        }
        let entries = match fs::read_dir(folder) {
            Ok(entries) => entries,
            Err(error) => {
                self.found
                    .faults
                    .push(Fault::io(&error, "look into a folder of models", folder));
                return Ok(());
            }
        };
        let mut folders = Vec::new();
        let mut files = Vec::new();
        for entry in entries.flatten() {
            if self.left == 0 {
                break;
            }
            self.left -= 1;
            let path = entry.path();
            // The kind of what a link leads to; a link to nowhere is neither.
            if path.is_dir() {
                let hidden = entry.file_name().to_string_lossy().starts_with('.');
                if !hidden && depth < DEEPEST {
                    folders.push(path);
                }
            } else {
                files.push(path);
            }
        }
        files.sort();
        folders.sort();
        self.found.models.extend(read_files(folder, &files, origin));
        for folder in folders {
            self.folder(&folder, origin, depth + 1)?;
        }
        Ok(())
    }

    /// The models of a repository in the hub's cache. Each is listed once, whatever number of
    /// versions there is: a usable one, and of those the one that `main` stands for.
    fn snapshots(&mut self, repository: &Path, name: &str, kind: PlaceKind) {
        let Ok(entries) = fs::read_dir(repository.join("snapshots")) else {
            return;
        };
        let main = fs::read_to_string(repository.join("refs").join("main")).unwrap_or_default();
        let mut models = Vec::new();
        for entry in entries.flatten().take(64) {
            let snapshot = entry.path();
            let origin = Origin {
                kind,
                repository: Some(name.to_owned()),
                revision: Some(entry.file_name().to_string_lossy().into_owned()),
            };
            // Links to nowhere stay in the list: their files are missing, and are named.
            let mut files: Vec<PathBuf> = fs::read_dir(&snapshot)
                .map(|entries| entries.flatten().map(|entry| entry.path()).collect())
                .unwrap_or_default();
            files.sort();
            models.extend(read_files(&snapshot, &files, &origin));
        }
        let revision = |model: &FoundModel| model.place.revision.clone().unwrap_or_default();
        models.sort_by_key(|model| {
            (
                model.family().is_none(),
                revision(model) != main.trim(),
                revision(model),
            )
        });
        let mut listed = BTreeSet::new();
        models.retain(|model| listed.insert(model.name.clone()));
        self.found.models.extend(models);
    }
}

/// The models that the files of one folder make.
fn read_files(folder: &Path, files: &[PathBuf], origin: &Origin) -> Vec<FoundModel> {
    let has = |kind: &str| files.iter().any(|file| is(file, kind));
    let named = |name: &str| files.iter().any(|file| file.ends_with(name));
    let mut models = Vec::new();
    if named("config.json")
        && (has("safetensors") || has("bin") || named("model.safetensors.index.json"))
    {
        models.extend(folder::read(folder, files, origin));
    }
    let gguf: Vec<PathBuf> = files
        .iter()
        .filter(|file| is(file, "gguf"))
        .cloned()
        .collect();
    models.extend(gguf::read(&gguf, origin));
    models
}

/// `organisation/name` of a folder of the hub's cache, `models--organisation--name`.
fn repository_of(folder: &Path) -> Option<String> {
    let name = folder.file_name()?.to_str()?.strip_prefix("models--")?;
    folder
        .join("snapshots")
        .is_dir()
        .then(|| name.replacen("--", "/", 1))
}

fn is(file: &Path, kind: &str) -> bool {
    file.extension()
        .is_some_and(|extension| extension.eq_ignore_ascii_case(kind))
}

/// The catalogue's entry for a safetensors model: by repository, else by the name of its folder
/// (people download into folders named after the repository).
pub(crate) fn entry_for_folder(
    folder: &Path,
    family: Option<Family>,
    origin: &Origin,
) -> Option<&'static CatalogueEntry> {
    let name = folder.file_name()?.to_str()?;
    catalogue().ok()?.iter().find(|entry| {
        entry.format == EntryFormat::Safetensors
            && match &origin.repository {
                Some(repository) => entry.repository.eq_ignore_ascii_case(repository),
                None => {
                    family == Some(entry.family)
                        && entry
                            .repository
                            .split('/')
                            .next_back()
                            .is_some_and(|last| last.eq_ignore_ascii_case(name))
                }
            }
    })
}

/// The catalogue's entry for a GGUF model: by the name of its file.
pub(crate) fn entry_for_file(file: &Path) -> Option<&'static CatalogueEntry> {
    let name = file.file_name()?.to_str()?;
    catalogue().ok()?.iter().find(|entry| {
        entry.format == EntryFormat::Gguf && entry.files.iter().any(|file| file.name == name)
    })
}

pub(crate) struct Draft<'a> {
    pub name: String,
    pub family: Option<Family>,
    pub fault: Option<Fault>,
    pub place: Place,
    pub format: WeightFormat,
    pub bytes: u64,
    pub entry: Option<&'a CatalogueEntry>,
    pub context: Option<u32>,
    pub shape: Option<crate::shape::ModelShape>,
}

impl Draft<'_> {
    pub(crate) fn finish(self) -> FoundModel {
        let hash = blake3::hash(self.place.path.as_os_str().as_encoded_bytes()).to_hex();
        let slug: String = self
            .name
            .chars()
            .map(|letter| match letter {
                'A'..='Z' | 'a'..='z' | '0'..='9' | '.' => letter.to_ascii_lowercase(),
                _ => '-',
            })
            .take(60)
            .collect();
        FoundModel {
            id: format!("{slug}@{}", &hash[..8]),
            name: self.entry.map_or(self.name, |entry| entry.name.clone()),
            state: match (self.family, self.fault) {
                (Some(family), None) => FoundState::Ready { family },
                (family, Some(fault)) => FoundState::Unusable { family, fault },
                (None, None) => FoundState::Unusable {
                    family: None,
                    fault: unknown_family(None),
                },
            },
            place: self.place,
            format: self.format,
            bytes: self.bytes,
            catalogue: self.entry.map(|entry| entry.id.clone()),
            context: self.context.or(self.entry.map(|entry| entry.context)),
            shape: self.shape,
        }
    }
}

/// A model of a family that cannot be run.
pub(crate) fn unknown_family(name: Option<&str>) -> Fault {
    let message = match name {
        Some(name) => format!(
            "Decoupage cannot run models of the family {}.",
            crate::words::short(name)
        ),
        None => "It is not said which family this model is of.".to_owned(),
    };
    Fault::new(Code::Unsupported, message).advise(format!(
        "It runs {} (dense ones, with vision).",
        Family::known()
    ))
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
