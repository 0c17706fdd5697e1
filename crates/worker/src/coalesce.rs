//! Words and progress, put together so that the application is told often enough and no oftener.

use std::time::{Duration, Instant};

use decoupage_dialogue::Stage;

/// Least time between two lines of words: twenty a second.
const WORDS: Duration = Duration::from_millis(50);

/// Least time between two lines of progress within a stage.
const PROGRESS: Duration = Duration::from_millis(100);

/// Words of one field, or of none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    /// The guide's field.
    pub field: Option<String>,
    /// What came since the last line.
    pub text: String,
}

/// Collects words until a line is due.
#[derive(Debug, Default)]
pub struct Words {
    pieces: Vec<Piece>,
    /// No line before this.
    next: Option<Instant>,
}

impl Words {
    /// Takes words. Answers the pieces that are to be told now: each is a line, and none come
    /// for as long as they would take at the rate.
    pub fn push(&mut self, field: Option<&str>, text: &str, now: Instant) -> Vec<Piece> {
        match self.pieces.last_mut() {
            Some(last) if last.field.as_deref() == field => last.text.push_str(text),
            _ => self.pieces.push(Piece {
                field: field.map(str::to_owned),
                text: text.to_owned(),
            }),
        }
        if self.next.is_some_and(|next| now < next) {
            return Vec::new();
        }
        let due = self.rest();
        self.next = Some(now + WORDS * due.len() as u32);
        due
    }

    /// All that was not told yet.
    pub fn rest(&mut self) -> Vec<Piece> {
        std::mem::take(&mut self.pieces)
    }
}

/// Leaves out progress that comes too often.
#[derive(Debug, Default)]
pub struct Steps {
    last: Option<(Stage, Instant)>,
}

impl Steps {
    /// Whether this step is to be told: a new stage, the end of one, and now and then between.
    pub fn is_due(&mut self, stage: Stage, done: u64, total: u64, now: Instant) -> bool {
        let due = match self.last {
            Some((last, at)) if last == stage => done >= total || now >= at + PROGRESS,
            _ => true,
        };
        if due {
            self.last = Some((stage, now));
        }
        due
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_come_at_twenty_lines_a_second_at_most_and_whole() {
        let begun = Instant::now();
        let mut words = Words::default();
        let (mut lines, mut told) = (0, String::new());
        let mut expected = String::new();
        // A thousand tokens in two seconds, a field of its own every seventh.
        for i in 0..1000_u32 {
            let now = begun + Duration::from_millis(2) * i;
            let field = format!("field {}", i / 7);
            let text = format!("{i} ");
            expected.push_str(&text);
            for piece in words.push(Some(&field), &text, now) {
                lines += 1;
                told.push_str(&piece.text);
            }
            if i == 0 {
                assert_eq!(lines, 1, "the first word comes at once");
            }
        }
        assert!(lines <= 42, "{lines} lines in two seconds");
        for piece in words.rest() {
            told.push_str(&piece.text);
        }
        assert_eq!(told, expected);
        assert!(words.rest().is_empty());
    }

    #[test]
    fn words_stay_with_their_field() {
        let now = Instant::now();
        let mut words = Words::default();
        words.push(None, "x", now);
        for (field, text) in [(Some("a"), "1"), (Some("a"), "2"), (None, "\n"), (Some("b"), "3")] {
            assert!(words.push(field, text, now).is_empty());
        }
        let piece = |field: Option<&str>, text: &str| Piece {
            field: field.map(str::to_owned),
            text: text.to_owned(),
        };
        assert_eq!(
            words.rest(),
            [
                piece(Some("a"), "12"),
                piece(None, "\n"),
                piece(Some("b"), "3")
            ]
        );
    }

    #[test]
    fn beginnings_and_ends_of_stages_are_always_told() {
        let now = Instant::now();
        let mut steps = Steps::default();
        assert!(steps.is_due(Stage::Loading, 0, 10, now));
        assert!(!steps.is_due(Stage::Loading, 1, 10, now));
        assert!(steps.is_due(Stage::Loading, 2, 10, now + PROGRESS));
        assert!(steps.is_due(Stage::Loading, 10, 10, now + PROGRESS));
        assert!(steps.is_due(Stage::Prefill, 0, 10, now + PROGRESS));
    }
}
