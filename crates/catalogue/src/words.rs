//! Numbers and names as people read them.

/// "1.9 GB": decimal, as disks and hubs count.
pub(crate) fn bytes(bytes: u64) -> String {
    let value = bytes as f64;
    match bytes {
        0..1_000 => format!("{bytes} bytes"),
        1_000..1_000_000 => format!("{:.1} kB", value / 1e3),
        1_000_000..1_000_000_000 => format!("{:.0} MB", value / 1e6),
        1_000_000_000..100_000_000_000 => format!("{:.1} GB", value / 1e9),
        _ => format!("{:.0} GB", value / 1e9),
    }
}

/// A name from a file, short and without control characters, fit for a sentence.
pub(crate) fn short(name: &str) -> String {
    let mut clean: String = name
        .chars()
        .filter(|letter| !letter.is_control())
        .take(80)
        .collect();
    if name.chars().count() > 80 {
        clean.push('…');
    }
    format!("“{clean}”")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_read_well() {
        assert_eq!(bytes(12), "12 bytes");
        assert_eq!(bytes(1_929_901_056), "1.9 GB");
        assert_eq!(bytes(709_883_360), "710 MB");
        assert_eq!(bytes(142_000_000_000), "142 GB");
    }

    #[test]
    fn names_stay_short_and_printable() {
        assert_eq!(short("a\u{7}b\n"), "“ab”");
        assert!(short(&"x".repeat(500)).chars().count() < 90);
    }
}
