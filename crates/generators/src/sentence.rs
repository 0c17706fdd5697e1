//! Text into sentences, so that shortening never cuts one in half.

/// One sentence of a text, with its place in Unicode scalar values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Span<'a> {
    /// First scalar.
    pub start: u32,
    /// One past the last scalar.
    pub end: u32,
    /// The words, without the white space around them.
    pub text: &'a str,
}

/// Words before a full stop that do not end a sentence.
const ABBREVIATIONS: [&str; 20] = [
    "mr", "mrs", "ms", "dr", "prof", "st", "sr", "jr", "vs", "cf", "e.g", "i.e", "approx", "ca",
    "fig", "vol", "ed", "gen", "capt", "sgt",
];

fn ends_sentence(c: char) -> bool {
    matches!(c, '.' | '!' | '?' | '…' | '。' | '！' | '？' | '．' | '｡')
}

/// Full-width marks need no white space after them.
fn is_full_width(c: char) -> bool {
    matches!(c, '。' | '！' | '？' | '．' | '｡')
}

fn closes(c: char) -> bool {
    matches!(
        c,
        '"' | '\'' | '”' | '’' | '»' | ')' | ']' | '」' | '』' | '）' | '*'
    )
}

/// Open quotation marks at one place of the text.
#[derive(Default)]
struct Quotes {
    depth: i32,
    straight: bool,
}

impl Quotes {
    fn see(&mut self, c: char, straight_pairs: bool) {
        match c {
            '“' | '「' | '『' => self.depth += 1,
            '”' | '」' | '』' => self.depth = (self.depth - 1).max(0),
            '"' if straight_pairs => self.straight = !self.straight,
            _ => {}
        }
    }

    fn open(&self) -> bool {
        self.depth > 0 || self.straight
    }
}

/// Splits a text into sentences. Decimals ("3.0 s"), titles ("Mr. Hale"), initials, ellipses
/// in mid-sentence and full stops inside quotation marks do not end one; full-width stops and
/// blank lines do.
pub(crate) fn split(text: &str) -> Vec<Span<'_>> {
    let chars: Vec<(usize, char)> = text.char_indices().collect();
    // Marks without a partner (inches, a forgotten one) must not swallow the rest of the text.
    let straight_pairs = text.matches('"').count().is_multiple_of(2);
    let count = |set: &[char]| text.matches(set).count();
    let curly_pairs = count(&['“', '「', '『']) == count(&['”', '」', '』']);
    let mut quotes = Quotes::default();
    let mut spans = Vec::new();
    let mut start = 0;
    let mut at = 0;
    while let Some(&(_, c)) = chars.get(at) {
        quotes.see(c, straight_pairs);
        let open = |quotes: &Quotes| quotes.open() && (curly_pairs || quotes.straight);
        let mut last = at;
        let boundary = if c == '\n' {
            line_ends(&chars, at)
        } else if ends_sentence(c) {
            while let Some(&(_, next)) = chars.get(last + 1) {
                if !ends_sentence(next) && !closes(next) {
                    break;
                }
                quotes.see(next, straight_pairs);
                last += 1;
            }
            !open(&quotes) && stops(&chars, start, at, last)
        } else {
            false
        };
        at = last + 1;
        if boundary {
            push(text, &chars, start, at, &mut spans);
            start = at;
        }
    }
    push(text, &chars, start, chars.len(), &mut spans);
    spans
}

/// Whether a line break ends a sentence: before a blank line or a list item.
fn line_ends(chars: &[(usize, char)], at: usize) -> bool {
    chars[at + 1..]
        .iter()
        .map(|&(_, c)| c)
        .find(|c| *c == '\n' || !c.is_whitespace())
        .is_none_or(|next| matches!(next, '\n' | '-' | '*' | '•'))
}

/// Whether the marks `at..=last` end the sentence that begins at `start`.
fn stops(chars: &[(usize, char)], start: usize, at: usize, last: usize) -> bool {
    let marks = &chars[at..=last];
    if marks.iter().any(|&(_, c)| is_full_width(c)) {
        return true;
    }
    let mut after = chars[last + 1..].iter().map(|&(_, c)| c);
    match after.next() {
        None => return true,
        Some(c) if !c.is_whitespace() => return false,
        Some(_) => {}
    }
    let Some(next) = after.find(|c| !c.is_whitespace()) else {
        return true;
    };
    if next.is_lowercase() {
        return false;
    }
    if marks.len() == 1 && chars[at].1 == '.' {
        let word: String = chars[start..at]
            .iter()
            .rev()
            .map(|&(_, c)| c)
            .take_while(|c| c.is_alphanumeric() || *c == '.')
            .collect::<Vec<_>>()
            .into_iter()
            .rev()
            .collect();
        let mut letters = word.chars();
        if let (Some(only), None) = (letters.next(), letters.next())
            && only.is_uppercase()
            && only != 'I'
        {
            return false;
        }
        let lower = word.to_lowercase();
        if ABBREVIATIONS.contains(&lower.as_str()) {
            return false;
        }
        if lower == "no" && next.is_ascii_digit() {
            return false;
        }
    }
    true
}

fn push<'a>(
    text: &'a str,
    chars: &[(usize, char)],
    mut start: usize,
    mut end: usize,
    spans: &mut Vec<Span<'a>>,
) {
    while start < end && chars[start].1.is_whitespace() {
        start += 1;
    }
    while end > start && chars[end - 1].1.is_whitespace() {
        end -= 1;
    }
    if start == end {
        return;
    }
    let from = chars[start].0;
    let to = chars.get(end).map_or(text.len(), |&(byte, _)| byte);
    spans.push(Span {
        start: start as u32,
        end: end as u32,
        text: &text[from..to],
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(text: &str) -> Vec<&str> {
        split(text).into_iter().map(|span| span.text).collect()
    }

    #[test]
    fn decimals_titles_and_initials_do_not_end_a_sentence() {
        assert_eq!(
            texts(
                "Trucks right over the first 3.0 s, then holds. Mr. Hale and J. Smith wait. Steady."
            ),
            [
                "Trucks right over the first 3.0 s, then holds.",
                "Mr. Hale and J. Smith wait.",
                "Steady."
            ]
        );
    }

    #[test]
    fn a_stop_inside_quotes_does_not_end_the_sentence_around_it() {
        assert_eq!(
            texts("A sign says “Stop. Go.” in red. She asks \"Why? How?\" and leaves. He nods."),
            [
                "A sign says “Stop. Go.” in red.",
                "She asks \"Why? How?\" and leaves.",
                "He nods."
            ]
        );
    }

    #[test]
    fn an_unpaired_mark_does_not_swallow_the_rest() {
        assert_eq!(texts("A 6\" knife. A table."), ["A 6\" knife.", "A table."]);
        assert_eq!(
            texts("She says “go. Then she leaves."),
            ["She says “go.", "Then she leaves."]
        );
    }

    #[test]
    fn full_width_stops_and_blank_lines_end_a_sentence() {
        assert_eq!(texts("她走路。狗跟着！好"), ["她走路。", "狗跟着！", "好"]);
        assert_eq!(texts("One\nline\n\nAnother"), ["One\nline", "Another"]);
    }

    #[test]
    fn ellipses_end_only_before_a_capital() {
        assert_eq!(
            texts("She waits... then runs… Then stops."),
            ["She waits... then runs…", "Then stops."]
        );
    }

    #[test]
    fn offsets_count_scalars() {
        let spans = split("Été. 🐕 runs.");
        assert_eq!((spans[1].start, spans[1].end), (5, 12));
    }

    proptest::proptest! {
        #[test]
        fn sentences_are_in_order_and_lose_no_letter(text in "\\PC{0,80}[.!?\" \\n]{0,4}\\PC{0,40}") {
            let spans = split(&text);
            let joined: String = spans.iter().flat_map(|span| span.text.chars()).filter(|c| !c.is_whitespace()).collect();
            let whole: String = text.chars().filter(|c| !c.is_whitespace()).collect();
            proptest::prop_assert_eq!(joined, whole);
            for span in &spans {
                let cut: String = text.chars().skip(span.start as usize).take((span.end - span.start) as usize).collect();
                proptest::prop_assert_eq!(cut.as_str(), span.text);
            }
        }
    }
}
