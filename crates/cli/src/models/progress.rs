//! One line on standard error that is written over, where a person looks on.

use std::io::{IsTerminal, Write as _};

/// The line.
pub(super) struct Progress {
    shown: bool,
    wanted: bool,
}

impl Progress {
    pub(super) fn new() -> Self {
        Self {
            shown: false,
            wanted: std::io::stderr().is_terminal(),
        }
    }

    /// Writes what is done of a whole.
    pub(super) fn tell(&mut self, what: &str, done: u64, total: u64) {
        if self.wanted {
            let share = 100.0 * done as f64 / total.max(1) as f64;
            eprint!("\r\x1b[K{what}: {share:.0} %");
            let _ = std::io::stderr().flush();
            self.shown = true;
        }
    }

    /// A sentence that stays, whoever looks on.
    pub(super) fn say(&mut self, text: &str) {
        self.clear();
        eprintln!("{text}");
    }

    pub(super) fn clear(&mut self) {
        if std::mem::take(&mut self.shown) {
            eprint!("\r\x1b[K");
        }
    }
}
