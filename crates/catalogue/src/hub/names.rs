//! Names that come from a server or a file and become names on this disk.

/// Whether a name is that of one file directly in a folder: no separators, no way up, nothing
/// that another system would take for a drive or a stream.
pub(crate) fn is_file_name(name: &str) -> bool {
    !name.is_empty()
        && name.len() <= 200
        && name != "."
        && name != ".."
        && !name.ends_with(['.', ' '])
        && !name.chars().any(|letter| {
            letter.is_control()
                || matches!(letter, '/' | '\\' | ':' | '*' | '?' | '"' | '<' | '>' | '|')
        })
        && !is_reserved(name)
}

/// Names that Windows keeps for devices, whatever their extension.
fn is_reserved(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or(name).to_ascii_uppercase();
    matches!(stem.as_str(), "CON" | "PRN" | "AUX" | "NUL")
        || ["COM", "LPT"].iter().any(|device| {
            stem.strip_prefix(device).is_some_and(|number| {
                number.len() == 1 && number.chars().all(|digit| digit.is_ascii_digit())
            })
        })
}

/// Whether a path in a repository stays below the folder it is put into.
pub(crate) fn is_safe_path(path: &str) -> bool {
    path.len() <= 400 && path.split('/').count() <= 8 && path.split('/').all(is_file_name)
}

/// `organisation/name`, or a name alone, as the hub allows them.
pub(crate) fn is_repository(repository: &str) -> bool {
    let part = |part: &str| {
        is_file_name(part)
            && part
                .chars()
                .all(|letter| letter.is_ascii_alphanumeric() || "-_.".contains(letter))
            && !part.contains("--")
    };
    (1..=2).contains(&repository.split('/').count()) && repository.split('/').all(part)
}

/// A commit: 40 hexadecimal digits.
pub(crate) fn is_commit(revision: &str) -> bool {
    is_hex(revision, 40)
}

/// That many lower-case hexadecimal digits.
pub(crate) fn is_hex(text: &str, digits: usize) -> bool {
    text.len() == digits
        && text
            .bytes()
            .all(|digit| matches!(digit, b'0'..=b'9' | b'a'..=b'f'))
}

/// The name that an ETag gives a blob: without quotes and the mark of a weak one. `None` where
/// that is no file name.
pub(crate) fn blob_of(etag: &str) -> Option<String> {
    let etag = etag.trim();
    let name = etag.strip_prefix("W/").unwrap_or(etag).trim_matches('"');
    let sound = (4..=128).contains(&name.len())
        && name
            .chars()
            .all(|letter| letter.is_ascii_alphanumeric() || "-_".contains(letter));
    sound.then(|| name.to_owned())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn ways_out_of_a_folder_are_refused() {
        for name in [
            "..",
            ".",
            "",
            "../a",
            "a/b",
            "a\\b",
            "C:",
            "C:a",
            "a\0",
            "nul",
            "COM1.json",
            "a.",
            "a ",
            "a:stream",
        ] {
            assert!(!is_file_name(name), "{name:?}");
        }
        for path in ["a//b", "/a", "a/", "a/../b", "\\\\server\\a"] {
            assert!(!is_safe_path(path), "{path:?}");
        }
        assert!(is_safe_path("model-00001-of-00002.safetensors"));
        assert!(is_safe_path("vision/config.json"));
    }

    #[test]
    fn repositories_are_two_plain_names() {
        assert!(is_repository("Qwen/Qwen3-VL-4B-Instruct"));
        assert!(is_repository("gpt2"));
        for name in ["", "a/b/c", "../a", "a/b--c", "a/b?x=1", "a b/c", "a/"] {
            assert!(!is_repository(name), "{name:?}");
        }
    }

    #[test]
    fn etags_become_blob_names() {
        assert_eq!(blob_of("\"abcd1234\"").as_deref(), Some("abcd1234"));
        assert_eq!(blob_of("W/\"abcd1234\"").as_deref(), Some("abcd1234"));
        assert_eq!(blob_of("\"../../etc\""), None);
        assert_eq!(blob_of("\"\""), None);
    }

    proptest! {
        #[test]
        fn a_safe_path_stays_below_its_folder(path in ".{0,60}") {
            if is_safe_path(&path) {
                let whole = std::path::Path::new("/models").join(&path);
                prop_assert!(whole.starts_with("/models"));
                prop_assert!(whole.components().all(|part| part != std::path::Component::ParentDir));
                prop_assert!(whole.components().count() > 2);
            }
        }
    }
}
