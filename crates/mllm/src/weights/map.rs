//! Files mapped into memory: read where they lie, without a copy of their own.
#![allow(
    unsafe_code,
    reason = "mapping a file is unsafe: another program could change it meanwhile"
)]

use std::fs::File;
use std::path::{Path, PathBuf};

use decoupage_dialogue::Outcome;
use memmap2::Mmap;

use crate::failure;

/// A whole file, mapped read-only.
#[derive(Debug)]
pub struct MappedFile {
    path: PathBuf,
    map: Mmap,
}

impl MappedFile {
    /// Maps a file.
    ///
    /// # Errors
    /// It is missing or may not be read.
    pub fn open(path: &Path) -> Outcome<Self> {
        let file = File::open(path).map_err(|error| failure::file(path, &error))?;
        // SAFETY: the mapping is read-only and lives as long as `Self`. A checkpoint that another
        // program overwrites while it is loaded gives wrong numbers or ends the worker process,
        // which the application outlives; every loader of weights accepts this.
        let map = unsafe { Mmap::map(&file) }.map_err(|error| failure::file(path, &error))?;
        Ok(Self {
            path: path.to_owned(),
            map,
        })
    }

    /// Where the file lies.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The file's bytes.
    pub fn bytes(&self) -> &[u8] {
        &self.map
    }

    /// Lets the system forget the pages of a range that was read and is not needed soon, so that
    /// they do not count as this process's memory. They are read from the file again when
    /// needed.
    pub fn release(&self, start: usize, length: usize) {
        #[cfg(unix)]
        {
            let end = start.saturating_add(length).min(self.map.len());
            // SAFETY: the mapping is read-only and backed by a file: pages that are dropped come
            // back with the same contents.
            let released = unsafe {
                self.map.unchecked_advise_range(
                    memmap2::UncheckedAdvice::DontNeed,
                    start.min(end),
                    end - start.min(end),
                )
            };
            // Advice only: memory is used a little longer where it is not taken.
            drop(released);
        }
        #[cfg(not(unix))]
        {
            let _ = (start, length);
        }
    }
}
