//! Measurements kept on disk by content: what was read once need not be read again, in this
//! project or another, today or tomorrow.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::SystemTime;

use decoupage_shot::store::atomic;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

/// Larger measurements are made anew instead: reading them back would take as long.
const LARGEST: u64 = 16 << 20;
/// All that is kept together, bytes; what was not used longest goes first.
const MOST: u64 = 256 << 20;
/// After so many additions the shelf is looked through.
const TIDY_EVERY: u32 = 32;

/// A folder of measurements, each under the hash of what it was measured from.
pub(crate) struct Shelf {
    folder: PathBuf,
    added: AtomicU32,
}

/// The key stands in the file: two keys of one name would be found out.
#[derive(Serialize)]
struct Entry<'a, T> {
    key: &'a str,
    value: &'a T,
}

#[derive(Deserialize)]
struct Found<T> {
    key: String,
    value: T,
}

impl Shelf {
    pub(crate) fn new(folder: PathBuf) -> Self {
        Self {
            folder,
            added: AtomicU32::new(0),
        }
    }

    /// What is kept under a key. Whatever cannot be read is as good as not there.
    pub(crate) fn get<T: DeserializeOwned>(&self, key: &str) -> Option<T> {
        let path = self.place(key);
        if fs::metadata(&path).ok()?.len() > LARGEST {
            return None;
        }
        let found: Found<T> = serde_json::from_slice(&fs::read(&path).ok()?).ok()?;
        if found.key != key {
            return None;
        }
        // What is used stays; a file system without times only forgets earlier.
        if let Ok(file) = fs::File::options().append(true).open(&path) {
            let _ = file.set_modified(SystemTime::now());
        }
        Some(found.value)
    }

    /// Keeps a value and answers with it as it will be found again, so that the first reading
    /// and the next are the same to the last digit. A disk that refuses costs time, not work:
    /// then the value itself is the answer.
    pub(crate) fn keep<T: Serialize + DeserializeOwned>(&self, key: &str, value: T) -> T {
        let Ok(bytes) = serde_json::to_vec(&Entry { key, value: &value }) else {
            return value;
        };
        let Ok(found) = serde_json::from_slice::<Found<T>>(&bytes) else {
            return value;
        };
        if bytes.len() as u64 <= LARGEST && fs::create_dir_all(&self.folder).is_ok() {
            let _ = atomic::write(&self.place(key), &bytes);
            let added = self.added.fetch_add(1, Ordering::Relaxed);
            if added.is_multiple_of(TIDY_EVERY) {
                tidy(&self.folder, MOST);
            }
        }
        found.value
    }

    fn place(&self, key: &str) -> PathBuf {
        let hash = blake3::hash(key.as_bytes());
        self.folder.join(format!("{}.json", hash.to_hex()))
    }
}

/// Removes what was not used longest, until at most `most` bytes are left.
fn tidy(folder: &Path, most: u64) {
    atomic::sweep(folder);
    let Ok(entries) = fs::read_dir(folder) else {
        return;
    };
    let mut files: Vec<(SystemTime, u64, PathBuf)> = entries
        .flatten()
        .filter_map(|entry| {
            let meta = entry.metadata().ok().filter(fs::Metadata::is_file)?;
            let used = meta.modified().unwrap_or(SystemTime::UNIX_EPOCH);
            Some((used, meta.len(), entry.path()))
        })
        .collect();
    files.sort();
    let mut left: u64 = files.iter().map(|(_, bytes, _)| bytes).sum();
    for (_, bytes, path) in files {
        if left <= most {
            return;
        }
        if fs::remove_file(path).is_ok() {
            left = left.saturating_sub(bytes);
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests say loudly what is missing")]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn what_is_kept_is_found_by_its_key_alone() {
        let home = tempfile::tempdir().unwrap();
        let shelf = Shelf::new(home.path().join("readings"));
        assert_eq!(shelf.get::<Vec<f64>>("a"), None);
        let value = vec![0.1 + 0.2, 1.0 / 3.0];
        let kept = shelf.keep("a", value.clone());
        assert_eq!(shelf.get::<Vec<f64>>("a"), Some(kept));
        assert_eq!(shelf.get::<Vec<f64>>("b"), None);
    }

    #[test]
    fn damaged_entries_are_as_good_as_missing() {
        let home = tempfile::tempdir().unwrap();
        let shelf = Shelf::new(home.path().to_owned());
        shelf.keep("a", 1_u32);
        fs::write(shelf.place("a"), b"{\"key\":\"a\",\"val").unwrap();
        assert_eq!(shelf.get::<u32>("a"), None);
        fs::write(shelf.place("a"), b"{\"key\":\"z\",\"value\":1}").unwrap();
        assert_eq!(shelf.get::<u32>("a"), None);
    }

    #[test]
    fn a_place_that_cannot_be_written_costs_nothing_but_time() {
        let home = tempfile::tempdir().unwrap();
        let file = home.path().join("file");
        fs::write(&file, b"").unwrap();
        let shelf = Shelf::new(file.join("below a file"));
        assert_eq!(shelf.keep("a", 7_u32), 7);
        assert_eq!(shelf.get::<u32>("a"), None);
    }

    #[test]
    fn the_longest_unused_goes_first() {
        let home = tempfile::tempdir().unwrap();
        for (name, age) in [("old", 300), ("new", 10), ("middle", 100)] {
            let path = home.path().join(name);
            fs::write(&path, [0; 100]).unwrap();
            let file = fs::File::options().append(true).open(&path).unwrap();
            file.set_modified(SystemTime::now() - Duration::from_secs(age))
                .unwrap();
        }
        tidy(home.path(), 200);
        assert!(!home.path().join("old").exists());
        assert!(home.path().join("middle").exists() && home.path().join("new").exists());
    }
}
