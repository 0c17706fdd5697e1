//! Lines of bounded length, and the last of what was said.

use std::collections::VecDeque;
use std::io::{self, BufRead};

/// A line as it was read.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Line {
    /// A whole line, without its end.
    Whole(Vec<u8>),
    /// A line beyond the bound, of so many bytes; its content is dropped.
    TooLong(u64),
    /// Nothing follows.
    End,
}

/// Reads the next line; never holds more than `most` bytes of it.
pub(crate) fn next(reader: &mut impl BufRead, most: usize) -> io::Result<Line> {
    let mut line = Vec::new();
    let mut length = 0_u64;
    loop {
        let available = match reader.fill_buf() {
            Ok(available) => available,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        if available.is_empty() {
            return Ok(match length {
                0 => Line::End,
                _ => done(line, length, most),
            });
        }
        let (part, ended) = match available.iter().position(|&b| b == b'\n') {
            Some(at) => (&available[..at], true),
            None => (available, false),
        };
        length += part.len() as u64;
        if length <= most as u64 {
            line.extend_from_slice(part);
        } else {
            line = Vec::new();
        }
        let used = part.len() + usize::from(ended);
        reader.consume(used);
        if ended {
            return Ok(done(line, length, most));
        }
    }
}

fn done(mut line: Vec<u8>, length: u64, most: usize) -> Line {
    if length > most as u64 {
        return Line::TooLong(length);
    }
    if line.last() == Some(&b'\r') {
        line.pop();
    }
    Line::Whole(line)
}

/// The last lines a process said outside the protocol.
#[derive(Debug, Default)]
pub(crate) struct Tail(VecDeque<String>);

impl Tail {
    /// The most lines that are kept.
    const LINES: usize = 40;
    /// The most characters of a line that are kept.
    const LENGTH: usize = 300;

    pub(crate) fn push(&mut self, line: &str) {
        let line: String = line
            .chars()
            .filter(|c| !c.is_control())
            .take(Self::LENGTH)
            .collect();
        if line.trim().is_empty() {
            return;
        }
        if self.0.len() == Self::LINES {
            self.0.pop_front();
        }
        self.0.push_back(line);
    }

    pub(crate) fn lines(&self) -> Vec<String> {
        self.0.iter().cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "reading from memory cannot fail")]
    use super::*;
    use proptest::prelude::*;
    use std::io::BufReader;

    fn all(bytes: &[u8], most: usize, buffer: usize) -> Vec<Line> {
        let mut reader = BufReader::with_capacity(buffer, bytes);
        let mut lines = Vec::new();
        loop {
            match next(&mut reader, most).unwrap() {
                Line::End => return lines,
                line => lines.push(line),
            }
        }
    }

    #[test]
    fn long_lines_are_left_out_and_the_next_one_is_read() {
        assert_eq!(
            all(b"ab\r\n0123456789\ncd\n\nlast", 4, 3),
            [
                Line::Whole(b"ab".to_vec()),
                Line::TooLong(10),
                Line::Whole(b"cd".to_vec()),
                Line::Whole(Vec::new()),
                Line::Whole(b"last".to_vec()),
            ]
        );
    }

    #[test]
    fn only_the_last_words_are_kept() {
        let mut tail = Tail::default();
        for i in 0..1000 {
            tail.push(&format!("{i} {}", "x".repeat(2000)));
        }
        tail.push("\u{1b}\u{7}");
        assert_eq!(tail.lines().len(), Tail::LINES);
        assert!(tail.lines().last().unwrap().starts_with("999"));
        assert!(tail.lines().iter().all(|l| l.len() <= Tail::LENGTH));
    }

    proptest! {
        #[test]
        fn any_bytes_are_cut_at_line_ends_only(
            bytes in proptest::collection::vec(any::<u8>(), 0..400),
            most in 0_usize..40,
            buffer in 1_usize..20,
        ) {
            let mut expected: Vec<&[u8]> = bytes.split(|&b| b == b'\n').collect();
            if expected.last().is_some_and(|last| last.is_empty()) {
                expected.pop();
            }
            let got = all(&bytes, most, buffer);
            prop_assert_eq!(got.len(), expected.len());
            for (got, expected) in got.iter().zip(expected) {
                match got {
                    Line::Whole(line) => {
                        prop_assert!(line.len() <= most);
                        prop_assert_eq!(&line[..], expected.strip_suffix(b"\r").unwrap_or(expected));
                    }
                    Line::TooLong(length) => {
                        prop_assert_eq!(*length, expected.len() as u64);
                        prop_assert!(expected.len() > most);
                    }
                    Line::End => prop_assert!(false),
                }
            }
        }
    }
}
