//! The layout of the cache that Hugging Face tools share, so that a model that one fetched is
//! there for all:
//!
//! ```text
//! models--ORGANISATION--NAME/
//!   blobs/ETAG                    the content, named after its hash
//!   blobs/ETAG.incomplete         what has arrived so far
//!   refs/main                     the commit that a branch stood for when it was fetched
//!   snapshots/COMMIT/FILE         a relative link to ../../blobs/ETAG
//! .locks/models--…/ETAG.lock      held while a blob is written
//! ```
//!
//! Where the system has no links (Windows without the right to make them), a hard link, and
//! else the content itself, stands in the snapshot.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use decoupage_shot::{Code, Fault, Outcome, Watch};

/// The folder of one repository in a cache.
#[derive(Debug, Clone)]
pub(crate) struct Repository {
    cache: PathBuf,
    name: String,
}

/// Held while a blob is written; the system lets go of it when the process ends, however it
/// ends.
#[derive(Debug)]
pub(crate) struct Lock {
    _file: File,
}

impl Repository {
    /// The folder of `organisation/name`, which the caller has checked.
    pub(crate) fn new(cache: &Path, repository: &str) -> Self {
        Self {
            cache: cache.to_owned(),
            name: format!("models--{}", repository.replace('/', "--")),
        }
    }

    fn root(&self) -> PathBuf {
        self.cache.join(&self.name)
    }

    pub(crate) fn snapshot(&self, commit: &str) -> PathBuf {
        self.root().join("snapshots").join(commit)
    }

    pub(crate) fn blob(&self, etag: &str) -> PathBuf {
        self.root().join("blobs").join(etag)
    }

    pub(crate) fn incomplete(&self, etag: &str) -> PathBuf {
        self.root().join("blobs").join(format!("{etag}.incomplete"))
    }

    /// How much of the repository has arrived, bytes: blobs, whole and incomplete.
    pub(crate) fn arrived(&self) -> u64 {
        let Ok(entries) = fs::read_dir(self.root().join("blobs")) else {
            return 0;
        };
        entries
            .flatten()
            .filter(|entry| !entry.file_name().to_string_lossy().ends_with(".damaged"))
            .filter_map(|entry| entry.metadata().ok())
            .map(|about| about.len())
            .sum()
    }

    pub(crate) fn damaged(&self, etag: &str) -> PathBuf {
        self.root().join("blobs").join(format!("{etag}.damaged"))
    }

    /// Notes which commit a branch or tag stands for.
    pub(crate) fn note_commit(&self, revision: &str, commit: &str) -> Outcome<()> {
        if revision == commit {
            return Ok(());
        }
        let path = self.root().join("refs").join(revision);
        let folder = path.parent().unwrap_or(&path);
        make_folder(folder)?;
        let written = tempfile::NamedTempFile::new_in(folder).and_then(|mut file| {
            file.write_all(commit.as_bytes())?;
            file.persist(&path).map_err(|error| error.error)
        });
        written
            .map(|_| ())
            .map_err(|error| Fault::io(&error, "note the version of the model", &path))
    }

    /// Waits until no other process writes this blob.
    pub(crate) fn lock(&self, etag: &str, watch: &dyn Watch) -> Outcome<Lock> {
        let folder = self.cache.join(".locks").join(&self.name);
        make_folder(&folder)?;
        let path = folder.join(format!("{etag}.lock"));
        let file = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&path)
            .map_err(|error| Fault::io(&error, "lock the cache of models", &path))?;
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(Lock { _file: file }),
                Err(fs::TryLockError::WouldBlock) => {
                    watch.go_on()?;
                    std::thread::sleep(Duration::from_millis(100));
                }
                // Some network disks have no locks: go on without one, as other tools do.
                Err(fs::TryLockError::Error(error))
                    if error.kind() == io::ErrorKind::Unsupported =>
                {
                    return Ok(Lock { _file: file });
                }
                Err(fs::TryLockError::Error(error)) => {
                    return Err(Fault::io(&error, "lock the cache of models", &path));
                }
            }
        }
    }

    /// Makes a file of a snapshot stand for a blob.
    pub(crate) fn link(&self, commit: &str, name: &str, etag: &str) -> Outcome<()> {
        let pointer = self.snapshot(commit).join(name);
        let folder = pointer.parent().unwrap_or(&pointer);
        make_folder(folder)?;
        if let Err(error) = fs::remove_file(&pointer)
            && error.kind() != io::ErrorKind::NotFound
        {
            return Err(Fault::io(&error, "replace a file of the model", &pointer));
        }
        let blob = self.blob(etag);
        let up = "../".repeat(2 + name.matches('/').count());
        let target = PathBuf::from(format!("{up}blobs/{etag}"));
        symlink(&target, &pointer)
            .or_else(|_| fs::hard_link(&blob, &pointer))
            .or_else(|_| fs::rename(&blob, &pointer))
            .map_err(|error| Fault::io(&error, "put a file of the model into place", &pointer))
    }
}

#[cfg(unix)]
fn symlink(target: &Path, link: &Path) -> io::Result<()> {
    std::os::unix::fs::symlink(target, link)
}

#[cfg(windows)]
fn symlink(target: &Path, link: &Path) -> io::Result<()> {
    let target: PathBuf = target.components().collect();
    std::os::windows::fs::symlink_file(target, link)
}

#[cfg(not(any(unix, windows)))]
fn symlink(_: &Path, _: &Path) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

pub(crate) fn make_folder(folder: &Path) -> Outcome<()> {
    fs::create_dir_all(folder)
        .map_err(|error| Fault::io(&error, "make a folder for the model", folder))
}

/// Refuses a download that the disk has no room for, before it begins.
pub(crate) fn make_sure_of_room(cache: &Path, bytes: u64) -> Outcome<()> {
    /// A disk should not be filled to the last byte.
    const SPARE: u64 = 256 << 20;
    let Ok(free) = fs4::available_space(cache) else {
        // Some network disks do not tell: the write itself will.
        return Ok(());
    };
    let needed = bytes.saturating_add(SPARE);
    if bytes == 0 || needed <= free {
        return Ok(());
    }
    Err(Fault::new(
        Code::DiskFull,
        format!(
            "The disk has no room for this model: {} are needed, {} are free.",
            crate::words::bytes(needed),
            crate::words::bytes(free)
        ),
    )
    .advise("Free some space, or choose another folder for models.")
    .at(cache))
}

#[cfg(test)]
mod tests {
    use decoupage_shot::Silent;

    use super::*;

    #[test]
    fn a_snapshot_links_to_its_blobs_from_any_depth() {
        let cache = tempfile::tempdir().expect("a folder");
        let repository = Repository::new(cache.path(), "Qwen/Tiny");
        make_folder(&cache.path().join("models--Qwen--Tiny/blobs")).expect("a folder");
        fs::write(repository.blob("abcd"), "hello").expect("a blob");
        let commit = "0".repeat(40);
        for name in ["config.json", "vision/deep/config.json"] {
            repository.link(&commit, name, "abcd").expect("a link");
            repository
                .link(&commit, name, "abcd")
                .expect("a link, again");
            let file = repository.snapshot(&commit).join(name);
            assert_eq!(fs::read_to_string(&file).expect("a file"), "hello");
            #[cfg(unix)]
            assert!(fs::read_link(&file).expect("a link").is_relative());
        }
    }

    #[test]
    fn a_branch_is_remembered() {
        let cache = tempfile::tempdir().expect("a folder");
        let repository = Repository::new(cache.path(), "Qwen/Tiny");
        let commit = "a".repeat(40);
        let refs = cache.path().join("models--Qwen--Tiny/refs");
        for revision in ["main", "pr/1", &commit] {
            repository.note_commit(revision, &commit).expect("a note");
        }
        for branch in ["main", "pr/1"] {
            let noted = fs::read_to_string(refs.join(branch)).expect("a note");
            assert_eq!(noted, commit);
        }
        assert!(!refs.join(&commit).exists());
    }

    #[test]
    fn a_blob_has_one_writer() {
        struct Impatient;
        impl Watch for Impatient {
            fn report(&self, _: decoupage_shot::Phase, _: u64, _: u64) {}
            fn cancelled(&self) -> bool {
                true
            }
        }
        let cache = tempfile::tempdir().expect("a folder");
        let repository = Repository::new(cache.path(), "Qwen/Tiny");
        let held = repository.lock("abcd", &Silent).expect("a lock");
        let fault = repository.lock("abcd", &Impatient).expect_err("held");
        assert_eq!(fault.code, Code::Cancelled);
        drop(held);
        repository.lock("abcd", &Silent).expect("free again");
    }

    #[test]
    fn no_disk_has_room_for_everything() {
        let cache = tempfile::tempdir().expect("a folder");
        make_sure_of_room(cache.path(), 0).expect("nothing fits");
        let fault = make_sure_of_room(cache.path(), u64::MAX / 2).expect_err("full");
        assert_eq!(fault.code, Code::DiskFull);
    }
}
