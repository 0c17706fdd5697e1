//! File names that every system takes.

/// Names that Windows keeps for devices, whatever follows the first full stop.
const DEVICES: [&str; 6] = ["con", "prn", "aux", "nul", "conin$", "conout$"];

/// Longest stem in bytes; with generator and ending it stays under the usual 255.
const MAX_BYTES: usize = 120;

fn is_device(stem: &str) -> bool {
    let lower = stem
        .split('.')
        .next()
        .unwrap_or_default()
        .trim()
        .to_lowercase();
    if DEVICES.contains(&lower.as_str()) {
        return true;
    }
    let port = lower
        .strip_prefix("com")
        .or_else(|| lower.strip_prefix("lpt"));
    port.is_some_and(|rest| {
        let mut chars = rest.chars();
        matches!(chars.next(), Some('0'..='9' | '¹' | '²' | '³')) && chars.next().is_none()
    })
}

/// Control characters and the invisible ones that turn the direction of text.
fn is_invisible(c: char) -> bool {
    c.is_control()
        || matches!(u32::from(c), 0x200B..=0x200F | 0x2028..=0x202E | 0x2060..=0x206F | 0xFEFF)
}

/// Makes a person's name safe as a file name on Linux, macOS and Windows: it never holds a
/// path separator, never is `.` or `..`, a device or empty.
pub(crate) fn safe(name: &str) -> String {
    let mut stem = String::new();
    for c in name.chars() {
        if stem.len() >= MAX_BYTES {
            break;
        }
        match c {
            '/' | '\\' | ':' | '*' | '?' | '"' | '<' | '>' | '|' => stem.push('-'),
            c if is_invisible(c) => {}
            c if c.is_whitespace() => stem.push(' '),
            c => stem.push(c),
        }
    }
    let stem = stem.trim_matches(|c: char| c == '.' || c.is_whitespace());
    if stem.is_empty() {
        return "shot".to_owned();
    }
    if is_device(stem) {
        return format!("_{stem}");
    }
    stem.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_safe_everywhere() {
        let cases = [
            ("Shot 1", "Shot 1"),
            ("../../etc/passwd", "-..-etc-passwd"),
            ("a/b:c*?", "a-b-c--"),
            ("CON", "_CON"),
            ("com1.txt", "_com1.txt"),
            ("nul .x", "_nul .x"),
            ("...", "shot"),
            ("  ", "shot"),
            ("Día 🐕", "Día 🐕"),
            ("a\u{202e}b\n", "ab"),
            ("end. ", "end"),
        ];
        for (name, stem) in cases {
            assert_eq!(safe(name), stem, "{name:?}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_name_leaves_the_folder(name in "\\PC{0,200}|[./\\\\:a\u{0}-\u{20}]{0,20}") {
            let stem = safe(&name);
            let path = std::path::Path::new(&stem);
            proptest::prop_assert_eq!(path.components().count(), 1);
            proptest::prop_assert!(matches!(path.components().next(), Some(std::path::Component::Normal(_))));
            proptest::prop_assert!(!stem.contains(['/', '\\', ':', '\0']));
            proptest::prop_assert!(stem.len() <= MAX_BYTES + 5);
        }
    }
}
