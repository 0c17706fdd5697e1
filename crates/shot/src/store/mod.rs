//! Where a project lives: `NAME.decoupage/` with `project.json` and the media it was told to
//! copy. Saves are atomic; a kill at any moment leaves the old file or the new one, whole.

pub mod assets;
pub mod atomic;

use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};

use crate::fault::{Code, Fault, Outcome};
use crate::project::{Project, SCHEMA_VERSION};

/// The document's file in the project folder.
pub const DOCUMENT: &str = "project.json";
/// The document as it was when it was last opened soundly.
pub const BACKUP: &str = "project.backup.json";
/// Where copied media lies.
pub const MEDIA: &str = "media";
/// The ending of project folders.
pub const FOLDER_ENDING: &str = "decoupage";
/// Largest document that is read, bytes.
pub const LARGEST_DOCUMENT: u64 = 256 << 20;

/// An open project folder, locked against a second writer until dropped.
#[derive(Debug)]
pub struct Store {
    folder: PathBuf,
    _lock: File,
}

/// A project as it was found on disk.
#[derive(Debug)]
pub struct Opened {
    /// Its folder, locked.
    pub store: Store,
    /// The document.
    pub project: Project,
    /// What was recovered or migrated, a sentence each.
    pub notices: Vec<String>,
}

impl Store {
    /// Makes a project folder and saves the document into it.
    ///
    /// # Errors
    /// [`Code::Invalid`] when the folder already holds a project or other files, else the
    /// system's refusal.
    pub fn create(folder: &Path, project: &Project) -> Outcome<Self> {
        if folder.join(DOCUMENT).exists() {
            return Err(
                Fault::new(Code::Invalid, "There is already a project in that folder.")
                    .advise("Open it, or choose another name.")
                    .at(folder),
            );
        }
        if fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_some()) {
            return Err(Fault::new(Code::Invalid, "That folder is not empty.")
                .advise("Choose a new folder, so that nothing in it is mixed with the project.")
                .at(folder));
        }
        fs::create_dir_all(folder.join(MEDIA))
            .map_err(|e| Fault::io(&e, "make the project folder", folder))?;
        let folder = absolute(folder)?;
        let store = Self {
            _lock: lock(&folder)?,
            folder,
        };
        store.save(project)?;
        Ok(store)
    }

    /// Opens a project folder, or the folder of a `project.json`. A damaged document is put
    /// aside and the backup opened in its place.
    ///
    /// # Errors
    /// [`Code::Missing`], [`Code::Damaged`] or [`Code::NewerVersion`], each with what to do;
    /// [`Code::Denied`] when it is open elsewhere.
    pub fn open(path: &Path) -> Outcome<Opened> {
        let folder = match path.file_name() {
            Some(name) if name == DOCUMENT => path.parent().unwrap_or(Path::new(".")),
            _ => path,
        };
        let folder = absolute(folder)?;
        let document = folder.join(DOCUMENT);
        if !document.exists() && !folder.join(BACKUP).exists() {
            return Err(Fault::new(
                Code::Missing,
                "There is no Decoupage project in that folder.",
            )
            .advise("Choose a folder that holds a project.json.")
            .at(&folder));
        }
        let lock = lock(&folder)?;
        atomic::sweep(&folder);
        let mut notices = Vec::new();
        let project = match load(&document) {
            Ok(project) => {
                // A sound document becomes the new backup. Not being able to write one is no
                // reason to refuse work: the folder may be on a read-only medium.
                let _ = fs::read(&document)
                    .map(|bytes| atomic::write(&folder.join(BACKUP), &bytes).ok());
                project
            }
            Err(fault) if matches!(fault.code, Code::Damaged | Code::Missing) => {
                let project = load(&folder.join(BACKUP)).map_err(|_| fault.clone())?;
                if document.exists() {
                    let aside = folder.join("project.damaged.json");
                    fs::rename(&document, &aside)
                        .map_err(|e| Fault::io(&e, "put the damaged document aside", &aside))?;
                }
                notices.push(
                    "The project file was damaged; the last sound version was opened, and the \
                     damaged one was kept as project.damaged.json."
                        .to_owned(),
                );
                project
            }
            Err(fault) => return Err(fault),
        };
        Ok(Opened {
            store: Self {
                folder,
                _lock: lock,
            },
            project,
            notices,
        })
    }

    /// Saves the document atomically.
    ///
    /// # Errors
    /// The system's refusal (full disk, locked folder); the file on disk is then as before.
    pub fn save(&self, project: &Project) -> Outcome<()> {
        let mut bytes = serde_json::to_vec_pretty(project).map_err(|e| {
            Fault::new(
                Code::Internal,
                format!("The project could not be written: {e}."),
            )
        })?;
        bytes.push(b'\n');
        atomic::write(&self.folder.join(DOCUMENT), &bytes)
    }

    /// The project folder, absolute.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Copies the project with its copied media to a new folder and opens the copy. Links are
    /// led from the new place to the same files.
    ///
    /// # Errors
    /// As [`Store::create`], and the system's refusal while copying.
    pub fn save_copy(&self, folder: &Path, project: &mut Project) -> Outcome<Self> {
        let copy = Self::create(folder, project)?;
        for condition in project
            .shots
            .iter_mut()
            .flat_map(|shot| &mut shot.conditions)
        {
            assets::carry(&self.folder, copy.folder(), &mut condition.media)?;
        }
        copy.save(project)?;
        Ok(copy)
    }
}

/// Reads a document and brings it to the present schema.
fn load(path: &Path) -> Outcome<Project> {
    let size = fs::metadata(path)
        .map_err(|e| Fault::io(&e, "open the project", path))?
        .len();
    if size > LARGEST_DOCUMENT {
        return Err(Fault::new(
            Code::TooLarge,
            "The project file is larger than any project can be (256 MB).",
        )
        .advise("Check that it is a Decoupage project.")
        .at(path));
    }
    let bytes = fs::read(path).map_err(|e| Fault::io(&e, "open the project", path))?;
    parse(&bytes).map_err(|fault| fault.at(path))
}

/// Reads a document from bytes and brings it to the present schema.
///
/// # Errors
/// [`Code::Damaged`] when it is not a project; [`Code::NewerVersion`] when it was written by a
/// later version.
pub fn parse(bytes: &[u8]) -> Outcome<Project> {
    let damaged = |why: String| {
        Fault::new(
            Code::Damaged,
            format!("The project file is damaged ({why})."),
        )
    };
    let value: serde_json::Value =
        serde_json::from_slice(bytes).map_err(|e| damaged(e.to_string()))?;
    let schema = value
        .get("schema")
        .and_then(serde_json::Value::as_u64)
        .ok_or_else(|| damaged("it does not say its version".to_owned()))?;
    if schema > u64::from(SCHEMA_VERSION) {
        return Err(Fault::new(
            Code::NewerVersion,
            "This project was made by a newer version of Decoupage.",
        )
        .advise("Update Decoupage to open it; nothing was changed."));
    }
    let mut project: Project = serde_json::from_value(value).map_err(|e| damaged(e.to_string()))?;
    project.schema = SCHEMA_VERSION;
    mend(&mut project);
    Ok(project)
}

/// Repairs what a hand in the file may have broken: identities beyond `next_id`, ties and
/// choices to what is not there.
fn mend(project: &mut Project) {
    let mut highest = 0;
    for shot in &mut project.shots {
        highest = highest.max(shot.id.0);
        for condition in &shot.conditions {
            highest = highest.max(condition.id.0);
        }
        for take in &shot.takes {
            highest = highest.max(take.id.0);
        }
        let known: Vec<_> = shot
            .conditions
            .iter()
            .map(|condition| condition.id)
            .collect();
        shot.bindings.retain(|binding| {
            known.contains(&binding.from) && binding.to.is_none_or(|to| known.contains(&to))
        });
        if shot.take().is_none() {
            shot.current_take = shot.takes.last().map(|take| take.id);
        }
    }
    project.next_id = project.next_id.max(highest.saturating_add(1));
}

fn lock(folder: &Path) -> Outcome<File> {
    let path = folder.join(".lock");
    let file = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(&path)
        .map_err(|e| Fault::io(&e, "open the project folder for writing", folder))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(Fault::new(
            Code::Denied,
            "This project is open in another window or command.",
        )
        .advise("Close it there first.")
        .at(folder)),
        // Some network file systems know no locks: one writer is then the person's own care.
        Err(TryLockError::Error(_)) => Ok(file),
    }
}

fn absolute(path: &Path) -> Outcome<PathBuf> {
    path.canonicalize()
        .map_err(|e| Fault::io(&e, "open the folder", path))
}

#[cfg(test)]
mod tests;
