//! Small helpers of the writers: whole files in, faults out.

use std::path::Path;

use decoupage_shot::{Fault, Outcome};

/// Writes a text file, creating its folder.
pub(crate) fn write(path: &Path, content: impl AsRef<[u8]>) -> Outcome<()> {
    if let Some(folder) = path.parent() {
        make_folder(folder)?;
    }
    std::fs::write(path, content).map_err(|error| Fault::io(&error, "write the file", path))
}

/// Creates a folder and those above it.
pub(crate) fn make_folder(folder: &Path) -> Outcome<()> {
    std::fs::create_dir_all(folder).map_err(|error| Fault::io(&error, "create the folder", folder))
}
