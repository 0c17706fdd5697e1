//! Checks the files of a model that is there, and fetches damaged ones again.
//!
//! In the hub's cache every file has a published sum: its blob is named after it. Elsewhere the
//! catalogue knows some; of the rest it can only be said whether they are whole.

use std::fs;
use std::path::{Path, PathBuf};

use decoupage_shot::{Code, Fault, Outcome, Phase, Watch};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::entry::{CatalogueFile, entry};
use crate::found::{FoundModel, WeightFormat};
use crate::hub::{Downloaded, HubSettings, download_repository};
use crate::sums::Sum;
use crate::{gguf, safetensors, words};

/// What was found when the files of a model were checked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Verification {
    /// Every file, by name.
    pub files: Vec<FileCheck>,
    /// Whether no file is damaged or missing.
    pub sound: bool,
    /// One sentence that says so.
    pub sentence: String,
}

/// One file that was checked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct FileCheck {
    /// Its name.
    pub name: String,
    /// Where it lies.
    #[ts(type = "string")]
    pub path: PathBuf,
    /// Its size, bytes.
    #[ts(type = "number")]
    pub bytes: u64,
    /// How it is.
    pub state: FileState,
}

/// How a file is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum FileState {
    /// Its content is what was published.
    Sound,
    /// It is whole, but there is no published sum to compare it with.
    Whole,
    /// It is not what was published, or cut short.
    Damaged {
        /// One sentence.
        why: String,
    },
    /// It is not there.
    Missing,
}

/// Checks every file of a model. Reports [`Phase::Verifying`] in bytes.
///
/// # Errors
/// Cancellation, and a folder that cannot be read. Damaged and missing files are no errors: they
/// are what is told.
pub fn verify(model: &FoundModel, watch: &dyn Watch) -> Outcome<Verification> {
    let files = files(model)?;
    let total = files
        .iter()
        .filter_map(|path| fs::metadata(path).ok())
        .map(|about| about.len())
        .sum();
    let mut done = 0;
    let mut checks = Vec::new();
    watch.report(Phase::Verifying, 0, total);
    for path in files {
        watch.go_on()?;
        let bytes = fs::metadata(&path).map_or(0, |about| about.len());
        let start = done;
        let state = check(model, &path, watch, |read| {
            done += read;
            watch.report(Phase::Verifying, done.min(total), total);
        })?;
        done = start + bytes;
        watch.report(Phase::Verifying, done, total);
        checks.push(FileCheck {
            name: name_of(&path),
            path,
            bytes,
            state,
        });
    }
    let bad = checks.iter().filter(|file| is_bad(&file.state)).count();
    let unknown = checks
        .iter()
        .filter(|file| file.state == FileState::Whole)
        .count();
    let count = checks.len();
    let sentence = match (bad, unknown) {
        (0, 0) => format!("All {count} files are what was published."),
        (0, _) if unknown == count => {
            format!(
                "All {count} files are whole; there are no published sums to compare them with."
            )
        }
        (0, _) => format!(
            "{} files are what was published, {unknown} are whole without a sum to compare them with.",
            count - unknown
        ),
        (1, _) => match checks.iter().find(|file| is_bad(&file.state)) {
            Some(file) => format!(
                "{} is damaged or missing; it can be fetched again.",
                file.name
            ),
            None => String::new(),
        },
        (bad, _) => format!("{bad} files are damaged or missing; they can be fetched again."),
    };
    Ok(Verification {
        files: checks,
        sound: bad == 0,
        sentence,
    })
}

/// Fetches again what is damaged or missing of a model in the hub's cache. Damaged content is
/// set aside, not deleted.
///
/// # Errors
/// As [`crate::download`]; [`Code::Unsupported`] for a model that does not lie in the cache:
/// files that a person put somewhere are theirs.
pub fn repair(
    model: &FoundModel,
    found: &Verification,
    settings: &HubSettings,
    watch: &dyn Watch,
) -> Outcome<Downloaded> {
    let (Some(repository), Some(revision)) = (&model.place.repository, &model.place.revision)
    else {
        return Err(Fault::new(
            Code::Unsupported,
            "This model was not fetched by Decoupage or another Hugging Face tool, so it cannot be mended.",
        )
        .advise("Replace its files yourself, or fetch the model from the list.")
        .at(&model.place.path));
    };
    if settings.offline {
        // Nothing may be set aside that cannot be fetched.
        return Err(Fault::new(
            Code::Network,
            "Decoupage is set to stay offline, so nothing was fetched.",
        )
        .advise("Allow downloads in the settings of the models."));
    }
    for file in &found.files {
        if let FileState::Damaged { .. } = file.state {
            // Without links the content itself stands in the snapshot.
            let content = blob_of(&file.path).unwrap_or_else(|| file.path.clone());
            let mut aside = content.clone().into_os_string();
            aside.push(".damaged");
            fs::rename(&content, &aside)
                .map_err(|error| Fault::io(&error, "set a damaged file aside", &content))?;
        }
    }
    let files: Vec<CatalogueFile> = match model.format {
        WeightFormat::Safetensors { .. } => Vec::new(),
        WeightFormat::Gguf { .. } => found
            .files
            .iter()
            .map(|file| CatalogueFile {
                name: file.name.clone(),
                bytes: None,
                sha256: None,
            })
            .collect(),
    };
    download_repository(repository, revision, &files, settings, watch)
}

fn is_bad(state: &FileState) -> bool {
    matches!(state, FileState::Damaged { .. } | FileState::Missing)
}

fn name_of(path: &Path) -> String {
    path.file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned()
}

/// The files of a model, those included that its index names and that are not there.
fn files(model: &FoundModel) -> Outcome<Vec<PathBuf>> {
    let place = &model.place;
    if let WeightFormat::Gguf { .. } = model.format {
        return Ok([Some(place.path.clone()), place.vision.clone()]
            .into_iter()
            .flatten()
            .collect());
    }
    let entries = fs::read_dir(&place.path)
        .map_err(|error| Fault::io(&error, "look into the folder of the model", &place.path))?;
    let mut files: Vec<PathBuf> = entries
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| !path.is_dir() && !name_of(path).starts_with('.'))
        .collect();
    if let Ok(shards) = crate::scan::shards(&place.path, &files) {
        files.extend(shards);
    }
    files.sort();
    files.dedup();
    Ok(files)
}

/// The blob of the cache that a file is a link to.
fn blob_of(path: &Path) -> Option<PathBuf> {
    let target = path.parent()?.join(fs::read_link(path).ok()?);
    let folder = target.parent()?.file_name()?;
    (folder == "blobs").then_some(target)
}

fn check(
    model: &FoundModel,
    path: &Path,
    watch: &dyn Watch,
    read: impl FnMut(u64),
) -> Outcome<FileState> {
    if !path.exists() {
        return Ok(FileState::Missing);
    }
    let name = name_of(path);
    let known = model
        .catalogue
        .as_deref()
        .and_then(|id| entry(id).ok())
        .and_then(|entry| entry.files.iter().find(|file| file.name == name));
    let published = blob_of(path).and_then(|blob| Sum::of_blob(&name_of(&blob)));
    let sum = published.or_else(|| known?.sha256.clone().map(Sum::Sha256));
    // A file that is cut short need not be read to its end.
    let whole = match path.extension().and_then(|kind| kind.to_str()) {
        Some("safetensors") => safetensors::read(path).map(|_| ()),
        Some("gguf") => gguf::read(path).map(|_| ()),
        _ => Ok(()),
    };
    if let Err(fault) = whole {
        if fault.code == Code::Damaged {
            return Ok(FileState::Damaged { why: fault.message });
        }
        if fault.code != Code::Unsupported {
            return Err(fault);
        }
    }
    let Some(sum) = sum else {
        return Ok(FileState::Whole);
    };
    Ok(if sum.fits(path, watch, read)? {
        FileState::Sound
    } else {
        FileState::Damaged {
            why: format!(
                "The content of {} is not what was published.",
                words::short(&name)
            ),
        }
    })
}
