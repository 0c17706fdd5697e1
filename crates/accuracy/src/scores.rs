//! Counts and the tables they are shown in.

use std::collections::BTreeMap;

/// Right, wrong and missed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Count {
    /// Said and so.
    pub right: usize,
    /// Said and not so.
    pub wrong: usize,
    /// So and not said.
    pub missed: usize,
}

impl Count {
    /// Of what was said, how much is so; 1 where nothing was said.
    pub fn precision(&self) -> f64 {
        share(self.right, self.right + self.wrong)
    }

    /// Of what is so, how much was said; 1 where there is nothing to say.
    pub fn recall(&self) -> f64 {
        share(self.right, self.right + self.missed)
    }

    /// The harmonic mean of both.
    pub fn f1(&self) -> f64 {
        share(2 * self.right, 2 * self.right + self.wrong + self.missed)
    }

    /// Both counts together.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self {
            right: self.right + other.right,
            wrong: self.wrong + other.wrong,
            missed: self.missed + other.missed,
        }
    }
}

fn share(part: usize, whole: usize) -> f64 {
    if whole == 0 {
        1.0
    } else {
        part as f64 / whole as f64
    }
}

/// The value below which a share of the values lies; 0 for none.
pub fn quantile(values: &[f64], share: f64) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let at = (share * sorted.len().saturating_sub(1) as f64).round() as usize;
    sorted.get(at).copied().unwrap_or(0.0)
}

/// What was taken for what: how often each true label was read as each label.
#[derive(Debug, Clone, Default)]
pub struct Confusion {
    cells: BTreeMap<(String, String), usize>,
}

impl Confusion {
    /// Counts one.
    pub fn count(&mut self, truth: impl Into<String>, read: impl Into<String>) {
        *self.cells.entry((truth.into(), read.into())).or_default() += 1;
    }

    /// As a table: a row for each truth, a column for each reading, blanks for none.
    pub fn table(&self) -> String {
        let truths: Vec<&String> = dedup(self.cells.keys().map(|(truth, _)| truth));
        let mut reads: Vec<&String> = self.cells.keys().map(|(_, read)| read).collect();
        reads.sort();
        reads.dedup();
        let mut head = vec!["is, read as".to_owned()];
        head.extend(reads.iter().map(|read| (*read).clone()));
        let rows = truths.into_iter().map(|truth| {
            let mut row = vec![truth.clone()];
            row.extend(reads.iter().map(|read| {
                self.cells
                    .get(&(truth.clone(), (*read).clone()))
                    .map_or(String::new(), ToString::to_string)
            }));
            row
        });
        table(&head, rows)
    }
}

fn dedup<'a>(labels: impl Iterator<Item = &'a String>) -> Vec<&'a String> {
    let mut labels: Vec<&String> = labels.collect();
    labels.dedup();
    labels
}

/// A Markdown table.
pub fn table<S: AsRef<str>>(head: &[S], rows: impl IntoIterator<Item = Vec<String>>) -> String {
    let line = |cells: Vec<&str>| format!("| {} |\n", cells.join(" | "));
    let mut out = line(head.iter().map(AsRef::as_ref).collect());
    out.push_str(&line(head.iter().map(|_| "---").collect()));
    for row in rows {
        out.push_str(&line(row.iter().map(String::as_str).collect()));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scores_follow_their_definitions() {
        let count = Count {
            right: 8,
            wrong: 2,
            missed: 8,
        };
        assert!((count.precision() - 0.8).abs() < 1e-12);
        assert!((count.recall() - 0.5).abs() < 1e-12);
        assert!((count.f1() - 16.0 / 26.0).abs() < 1e-12);
        assert!((quantile(&[3.0, 1.0, 2.0], 0.5) - 2.0).abs() < 1e-12);
    }

    #[test]
    fn confusions_become_tables() {
        let mut confusion = Confusion::default();
        confusion.count("walk", "walk");
        confusion.count("walk", "run");
        confusion.count("run", "run");
        assert_eq!(
            confusion.table(),
            "| is, read as | run | walk |\n| --- | --- | --- |\n| run | 1 |  |\n| walk | 1 | 1 |\n"
        );
    }
}
