//! Text files line by line, bounded: nothing is held beyond the line at hand.

use std::io::BufRead;

use decoupage_shot::{Code, Fault, Outcome, Watch};

/// The longest line that is kept; the rest of a longer one is skipped unread.
const LONGEST_LINE: usize = 16 * 1024;

/// Reads a text file line by line, telling line numbers and hearing of cancellation.
pub(crate) struct Lines<'a> {
    reader: Box<dyn BufRead + 'a>,
    watch: &'a dyn Watch,
    number: u64,
    line: Vec<u8>,
}

impl<'a> Lines<'a> {
    pub(crate) fn new(reader: impl BufRead + 'a, watch: &'a dyn Watch) -> Self {
        Self {
            reader: Box::new(reader),
            watch,
            number: 0,
            line: Vec::new(),
        }
    }

    /// The next line without its end, at most [`LONGEST_LINE`] bytes of it, and its number
    /// from 1.
    pub(crate) fn next_line(&mut self) -> Outcome<Option<(u64, String)>> {
        if self.number.is_multiple_of(4096) {
            self.watch.go_on()?;
        }
        self.line.clear();
        let mut any = false;
        loop {
            let buffer = self
                .reader
                .fill_buf()
                .map_err(|error| Fault::io(&error, "read the camera path", ""))?;
            if buffer.is_empty() {
                break;
            }
            any = true;
            let (part, ended) = match buffer.iter().position(|byte| *byte == b'\n') {
                Some(end) => (&buffer[..end], true),
                None => (buffer, false),
            };
            let room = LONGEST_LINE.saturating_sub(self.line.len());
            self.line.extend_from_slice(&part[..part.len().min(room)]);
            let used = part.len() + usize::from(ended);
            self.reader.consume(used);
            if ended {
                break;
            }
        }
        if !any {
            return Ok(None);
        }
        self.number += 1;
        let mut text = String::from_utf8_lossy(&self.line).into_owned();
        if self.number == 1
            && let Some(rest) = text.strip_prefix('\u{feff}')
        {
            text = rest.to_owned();
        }
        Ok(Some((self.number, text.trim().to_owned())))
    }

    /// The next line that is neither blank nor a `#` comment.
    pub(crate) fn next_data(&mut self) -> Outcome<Option<(u64, String)>> {
        while let Some((number, line)) = self.next_line()? {
            if !line.is_empty() && !line.starts_with('#') {
                return Ok(Some((number, line)));
            }
        }
        Ok(None)
    }
}

/// The columns of a line: separated by blanks, tabs, commas or semicolons.
pub(crate) fn columns(line: &str) -> impl Iterator<Item = &str> {
    line.split(|c: char| c.is_whitespace() || c == ',' || c == ';')
        .filter(|word| !word.is_empty())
}

/// The numbers of a line, as many as there are columns; a word that is no number gives `None`.
pub(crate) fn numbers(line: &str) -> Option<Vec<f64>> {
    columns(line)
        .map(|word| word.parse::<f64>().ok())
        .collect::<Option<Vec<_>>>()
}

/// The numbers of line `number`, which must be `wanted` finite ones.
pub(crate) fn finite_numbers<const N: usize>(
    number: u64,
    line: &str,
    title: &str,
) -> Outcome<[f64; N]> {
    let mut values = [0.0; N];
    let mut count = 0;
    for word in columns(line) {
        let value: f64 = word.parse().map_err(|_| {
            Fault::new(
                Code::Damaged,
                format!(
                    "Line {number} holds “{}”, which is not a number.",
                    short(word)
                ),
            )
        })?;
        if !value.is_finite() {
            return Err(not_finite(number));
        }
        if let Some(slot) = values.get_mut(count) {
            *slot = value;
        }
        count += 1;
    }
    if count == N {
        Ok(values)
    } else {
        Err(Fault::new(
            Code::Damaged,
            format!("Line {number} has {count} columns where {title} has {N}."),
        ))
    }
}

/// The fault for NaN and infinity in a line.
pub(crate) fn not_finite(number: u64) -> Fault {
    Fault::new(
        Code::Damaged,
        format!("Line {number} holds a number that is not finite."),
    )
    .advise("Export the path again; a solver may have lost the camera there.")
}

/// At most 24 characters of a word, for use in a sentence.
pub(crate) fn short(word: &str) -> String {
    let mut text: String = word.chars().filter(|c| !c.is_control()).take(24).collect();
    if text.len() < word.len() {
        text.push('…');
    }
    text
}
