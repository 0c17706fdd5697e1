//! What ends a span: strings that may straddle tokens and are never written, and the ends of
//! sentences.

use decoupage_dialogue::{Guide, Step};

/// Strings before which a span ends.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Stops {
    stops: Vec<Stop>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Stop {
    text: String,
    /// Only where a line begins.
    line: bool,
}

/// A heading as short as "1." may stand inside words; one as long as this may not.
const SHORT: usize = 6;

impl Stops {
    /// The headings of a guide: a span that wrote one would break the structure.
    pub(crate) fn of_headings(guide: &Guide) -> Self {
        let mut stops = Self::default();
        for step in &guide.steps {
            if let Step::Given { text, field: None } = step {
                for line in text.lines() {
                    stops.heading(line.trim());
                }
            }
        }
        stops
    }

    fn heading(&mut self, line: &str) {
        if !line.chars().any(char::is_alphanumeric) {
            return;
        }
        // Several tags on a line: each is one.
        let tags = line.split_inclusive('>').map(str::trim);
        for tag in tags.filter(|tag| tag.starts_with('<') && tag.ends_with('>')) {
            self.add(tag, false);
        }
        let short = line.chars().count() < SHORT;
        self.add(line, short);
        let number: String = line.chars().take_while(char::is_ascii_digit).collect();
        if !number.is_empty() && line[number.len()..].starts_with(['.', ')']) {
            self.add(&line[..=number.len()], true);
        }
    }

    /// One more; empty ones say nothing.
    pub(crate) fn add(&mut self, text: &str, line: bool) {
        let stop = Stop {
            text: text.to_owned(),
            line,
        };
        if !text.is_empty() && !self.stops.contains(&stop) {
            self.stops.push(stop);
        }
    }

    /// Whether a text is one of the strings.
    pub(crate) fn is_one(&self, text: &str) -> bool {
        self.stops.iter().any(|stop| stop.text == text)
    }

    /// Where the first of them begins, as far as it ends behind `seen` bytes.
    pub(crate) fn find(&self, text: &str, seen: usize, line_start: bool) -> Option<usize> {
        let find = |stop: &Stop| {
            let mut from = seen.saturating_sub(stop.text.len() - 1);
            while !text.is_char_boundary(from) {
                from -= 1;
            }
            text[from..]
                .match_indices(&stop.text)
                .map(|(at, _)| from + at)
                .find(|&at| {
                    !stop.line
                        || if at == 0 {
                            line_start
                        } else {
                            text[..at].ends_with('\n')
                        }
                })
        };
        self.stops.iter().filter_map(find).min()
    }

    /// How much of the text cannot be shown yet, because one of them may begin in it.
    pub(crate) fn held_back(&self, text: &str) -> usize {
        let held = |stop: &Stop| {
            stop.text
                .char_indices()
                .map(|(at, _)| at)
                .rev()
                .find(|&length| text.ends_with(&stop.text[..length]))
                .unwrap_or(0)
        };
        self.stops.iter().map(held).max().unwrap_or(0)
    }
}

/// Where sentences end in a text: behind the mark and what closes it, followed by white space or
/// the text's end. "J. Smith" and "e.g. " are no ends.
pub(crate) fn sentence_ends(text: &str, at_end_too: bool) -> impl Iterator<Item = usize> {
    let characters: Vec<(usize, char)> = text.char_indices().collect();
    let mut ends = Vec::new();
    for (i, &(_, mark)) in characters.iter().enumerate() {
        let wide = matches!(mark, '。' | '！' | '？');
        if !wide && !matches!(mark, '.' | '!' | '?' | '…') {
            continue;
        }
        let mut after = i + 1;
        while characters
            .get(after)
            .is_some_and(|(_, c)| matches!(c, '"' | '\'' | '”' | '’' | ')' | ']' | '」'))
        {
            after += 1;
        }
        let follows = characters.get(after).map(|(_, c)| *c);
        let closes = match follows {
            None => at_end_too,
            Some(next) => wide || next.is_whitespace(),
        };
        let word_length = characters[..i]
            .iter()
            .rev()
            .take_while(|(_, c)| c.is_alphabetic())
            .count();
        let abbreviated = mark == '.' && word_length == 1;
        if closes && !abbreviated {
            ends.push(characters.get(after).map_or(text.len(), |(at, _)| *at));
        }
    }
    ends.into_iter()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stops() -> Stops {
        Stops::of_headings(&Guide {
            steps: vec![Step::Given {
                text: "</think>\n<answer>\n1. Dense caption: ".into(),
                field: None,
            }],
        })
    }

    #[test]
    fn headings_stop_where_they_would_break_the_structure() {
        let at = |text: &str| stops().find(text, 0, false);
        assert_eq!(at("so </think>"), Some(3));
        assert_eq!(at("a\n1. She"), Some(2));
        assert_eq!(at("It is 1. She"), None);
        assert_eq!(at("The 1. Dense caption: is"), Some(4));
        assert_eq!(stops().find("1. She", 0, true), Some(0));
        assert_eq!(at("nothing <b>"), None);
        assert!(stops().is_one("<answer>"));
    }

    #[test]
    fn what_may_become_a_stop_is_held_back() {
        assert_eq!(stops().held_back("so </thi"), 5);
        assert_eq!(stops().held_back("so <"), 1);
        assert_eq!(stops().held_back("so"), 0);
        assert_eq!(stops().find("so </think>", 9, false), Some(3));
    }

    #[test]
    fn sentences_end_behind_what_closes_them() {
        let ends = |text| sentence_ends(text, true).collect::<Vec<_>>();
        assert_eq!(ends("One. Two!"), [4, 9]);
        assert_eq!(ends("At 3.5 s he said \"go.\" Then"), [22]);
        assert_eq!(ends("J. Smith walks"), Vec::<usize>::new());
        assert_eq!(sentence_ends("One.", false).count(), 0);
    }
}
