//! Sums of files: SHA-256, by which the hub names large files, and Git's blob id, by which it
//! names small ones.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use decoupage_shot::{Fault, Outcome, Watch};
use sha1::{Digest, Sha1};
use sha2::Sha256;

use crate::hub::names::is_hex;

/// What a file's content must add up to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Sum {
    /// SHA-256 of the content.
    Sha256(String),
    /// SHA-1 of "blob LENGTH\0" and the content.
    GitBlob(String),
}

impl Sum {
    /// The sum that the name of a blob is, if it is one.
    pub(crate) fn of_blob(name: &str) -> Option<Self> {
        if is_hex(name, 64) {
            Some(Self::Sha256(name.to_owned()))
        } else if is_hex(name, 40) {
            Some(Self::GitBlob(name.to_owned()))
        } else {
            None
        }
    }

    /// Whether a file's content adds up. `read` hears how many bytes were read, piece by piece.
    pub(crate) fn fits(
        &self,
        path: &Path,
        watch: &dyn Watch,
        mut read: impl FnMut(u64),
    ) -> Outcome<bool> {
        let wrong = |error: std::io::Error| Fault::io(&error, "check a file of the model", path);
        let mut file = File::open(path).map_err(wrong)?;
        let length = file.metadata().map_err(wrong)?.len();
        let mut buffer = vec![0; 1 << 20];
        let mut each = |update: &mut dyn FnMut(&[u8])| -> Outcome<()> {
            loop {
                watch.go_on()?;
                let count = file.read(&mut buffer).map_err(wrong)?;
                if count == 0 {
                    return Ok(());
                }
                update(&buffer[..count]);
                read(count as u64);
            }
        };
        Ok(match self {
            Self::Sha256(expected) => {
                let mut sum = Sha256::new();
                each(&mut |piece| sum.update(piece))?;
                hex(&sum.finalize()) == *expected
            }
            Self::GitBlob(expected) => {
                let mut sum = Sha1::new();
                sum.update(format!("blob {length}\0"));
                each(&mut |piece| sum.update(piece))?;
                hex(&sum.finalize()) == *expected
            }
        })
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use decoupage_shot::Silent;

    use super::*;

    #[test]
    fn known_sums_are_met() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("hello");
        std::fs::write(&path, "hello\n").expect("a file");
        let fits = |name: &str| {
            let mut read = 0;
            let sum = Sum::of_blob(name).expect("a sum");
            let fits = sum
                .fits(&path, &Silent, |bytes| read += bytes)
                .expect("a check");
            assert_eq!(read, 6);
            fits
        };
        // `git hash-object` and `sha256sum` of the same file.
        assert!(fits("ce013625030ba8dba906f756967f9e9ca394464a"));
        assert!(fits(
            "5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03"
        ));
        assert!(!fits(&"0".repeat(64)));
        assert_eq!(Sum::of_blob("etag-of-another-server"), None);
    }
}
