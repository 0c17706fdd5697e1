//! Names in a folder, for shells without system dialogs.

use std::path::Path;

use decoupage_shot::store::DOCUMENT;
use decoupage_shot::{Fault, Outcome};

use crate::api::{FolderEntry, Response};

/// Most names that are listed.
const MOST_NAMES: usize = 5_000;

pub(crate) fn browse(folder: &Path) -> Outcome<Response> {
    let refused = |e: &std::io::Error| Fault::io(e, "open the folder", folder);
    let folder = folder.canonicalize().map_err(|e| refused(&e))?;
    let mut entries = Vec::new();
    for entry in std::fs::read_dir(&folder)
        .map_err(|e| refused(&e))?
        .flatten()
        .take(MOST_NAMES)
    {
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.starts_with('.') {
            continue;
        }
        let path = entry.path();
        entries.push(FolderEntry {
            name,
            folder: path.is_dir(),
            project: path.join(DOCUMENT).exists(),
            path,
        });
    }
    entries.sort_by_key(|entry| (!entry.folder, entry.name.to_lowercase()));
    Ok(Response::Folder {
        parent: folder.parent().map(Path::to_owned),
        folder,
        entries,
    })
}
