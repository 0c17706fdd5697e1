//! Writing a file so that a crash, a kill or a full disk leaves the old one untouched.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;

use crate::fault::{Fault, Outcome};

/// The mark in the names of unfinished files.
const UNFINISHED: &str = ".unfinished-";

/// Replaces the file at `path` by `bytes`: written beside it, flushed to disk, then renamed.
///
/// # Errors
/// The system's refusal; the old file is then as before.
pub fn write(path: &Path, bytes: &[u8]) -> Outcome<()> {
    write_with(path, |file| file.write_all(bytes))
}

/// Like [`write`], with the content written by `fill`.
///
/// # Errors
/// As [`write`], and what `fill` returns.
pub fn write_with(path: &Path, fill: impl FnOnce(&mut File) -> io::Result<()>) -> Outcome<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let name = path
        .file_name()
        .map(|name| name.to_string_lossy().into_owned())
        .unwrap_or_default();
    let unfinished = tempfile::Builder::new()
        .prefix(&format!("{UNFINISHED}{name}-"))
        .tempfile_in(folder)
        .map_err(|e| Fault::io(&e, "save", path))?;
    let mut unfinished = unfinished;
    fill(unfinished.as_file_mut())
        .and_then(|()| unfinished.as_file().sync_all())
        .map_err(|e| Fault::io(&e, "save", path))?;
    set_plain_permissions(unfinished.as_file());
    unfinished
        .persist(path)
        .map_err(|e| Fault::io(&e.error, "save", path))?;
    // The rename itself must reach the disk too; systems without folder handles do it anyway.
    if let Ok(folder) = File::open(folder) {
        let _ = folder.sync_all();
    }
    Ok(())
}

/// Removes what a killed process left unfinished. Called when a folder is opened, under its
/// lock.
pub fn sweep(folder: &Path) {
    let Ok(entries) = fs::read_dir(folder) else {
        return;
    };
    for entry in entries.flatten() {
        if entry.file_name().to_string_lossy().starts_with(UNFINISHED) {
            let _ = fs::remove_file(entry.path());
        }
    }
}

/// Temporary files are private to their owner; documents are as readable as any other file.
#[cfg(unix)]
fn set_plain_permissions(file: &File) {
    use std::os::unix::fs::PermissionsExt;
    let _ = file.set_permissions(fs::Permissions::from_mode(0o644));
}

#[cfg(not(unix))]
fn set_plain_permissions(_: &File) {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fault::Code;

    #[test]
    fn a_full_disk_leaves_the_old_file_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("project.json");
        write(&path, b"old").unwrap();
        let fault = write_with(&path, |file| {
            file.write_all(b"half")?;
            Err(io::ErrorKind::StorageFull.into())
        })
        .unwrap_err();
        assert_eq!(fault.code, Code::DiskFull);
        assert_eq!(fs::read(&path).unwrap(), b"old");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn what_a_kill_left_behind_is_swept_away() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(".unfinished-project.json-x"), "half").unwrap();
        fs::write(folder.path().join("project.json"), "whole").unwrap();
        sweep(folder.path());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
