//! Words of a prompt with their places in it.

/// A stretch of the prompt. Offsets count Unicode scalar values, `end` is one past the last.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// First scalar.
    pub start: u32,
    /// One past the last scalar.
    pub end: u32,
}

impl Span {
    /// The smallest span that covers both.
    #[must_use]
    pub fn join(self, other: Self) -> Self {
        Self {
            start: self.start.min(other.start),
            end: self.end.max(other.end),
        }
    }

    /// The words of `text` that the span covers; empty where it lies outside.
    pub fn slice(self, text: &str) -> String {
        let count = self.end.saturating_sub(self.start) as usize;
        text.chars().skip(self.start as usize).take(count).collect()
    }
}

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Letters or digits, with inner hyphens and apostrophes.
    Word,
    /// A quotation with its marks.
    Quote,
    /// A comma, colon, dash or bracket.
    Comma,
    /// The end of a sentence or line.
    Stop,
}

/// One token.
#[derive(Debug, Clone)]
pub(crate) struct Token {
    pub kind: Kind,
    /// As it is to be shown: decased where the whole prompt is in capitals.
    pub text: String,
    /// Lower case, typographic apostrophes and hyphens made plain.
    pub lower: String,
    pub span: Span,
}

/// Prompts beyond this many scalars are read up to here; the rest is not parsed.
pub(crate) const LONGEST: usize = 40_000;

/// Whether a prompt shouts: several letters, none of them lower case.
fn is_capitals(chars: &[char]) -> bool {
    let upper = chars.iter().filter(|c| c.is_uppercase()).count();
    upper >= 8 && !chars.iter().any(|c| c.is_lowercase())
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || is_mark(c)
}

/// Combining marks and joiners belong to the letter before them.
fn is_mark(c: char) -> bool {
    matches!(c, '\u{0300}'..='\u{036F}' | '\u{0900}'..='\u{0DFF}' | '\u{0E31}'..='\u{0E4E}' | '\u{064B}'..='\u{065F}')
}

/// Cuts a prompt into tokens; symbols, emoji and control characters vanish.
pub(crate) fn tokens(prompt: &str) -> Vec<Token> {
    let chars: Vec<char> = prompt.chars().take(LONGEST).collect();
    let decase = is_capitals(&chars);
    let mut out = Vec::new();
    let mut at = 0;
    while let Some(&c) = chars.get(at) {
        let start = at;
        if is_word(c) && !is_mark(c) {
            at += 1;
            while let Some(&next) = chars.get(at) {
                let inner = matches!(next, '\'' | '’' | '-' | '‑' | '/' | '.' | ',' | ':')
                    && chars.get(at + 1).is_some_and(|n| n.is_alphanumeric())
                    && (matches!(next, '\'' | '’' | '-' | '‑')
                        || (chars.get(at + 1).is_some_and(char::is_ascii_digit)
                            && chars
                                .get(at - 1)
                                .is_some_and(|p| p.is_ascii_digit() || next == '/')));
                if is_word(next) || inner {
                    at += 1;
                } else {
                    break;
                }
            }
            out.push(word(&chars, start, at, decase));
        } else if let Some(close) = closing(c) {
            match quotation_end(&chars, at, close) {
                Some(end) => {
                    at = end;
                    let text: String = chars.get(start..at).unwrap_or_default().iter().collect();
                    out.push(Token {
                        kind: Kind::Quote,
                        lower: "\"".to_owned(),
                        text: squeeze(&text),
                        span: span(start, at),
                    });
                }
                None => at += 1,
            }
        } else {
            at += 1;
            let spaced = |i: usize| chars.get(i).is_none_or(|c| c.is_whitespace());
            let kind = match c {
                '.' | '!' | '?' | ';' | '\n' | '。' | '！' | '？' | '…' | '|' => {
                    Some(Kind::Stop)
                }
                ',' | ':' | '(' | ')' | '[' | ']' | '—' | '–' | '、' | '，' => {
                    Some(Kind::Comma)
                }
                '-' if spaced(at) => Some(Kind::Comma),
                _ => None,
            };
            if let Some(kind) = kind {
                out.push(Token {
                    kind,
                    text: c.to_string(),
                    lower: c.to_string(),
                    span: span(start, at),
                });
            }
        }
    }
    out
}

fn word(chars: &[char], start: usize, end: usize, decase: bool) -> Token {
    let raw: String = chars.get(start..end).unwrap_or_default().iter().collect();
    let lower = raw.to_lowercase().replace('’', "'").replace('‑', "-");
    Token {
        kind: Kind::Word,
        text: if decase { lower.clone() } else { raw },
        lower,
        span: span(start, end),
    }
}

fn span(start: usize, end: usize) -> Span {
    Span {
        start: u32::try_from(start).unwrap_or(u32::MAX),
        end: u32::try_from(end).unwrap_or(u32::MAX),
    }
}

fn closing(open: char) -> Option<char> {
    match open {
        '"' => Some('"'),
        '“' | '„' => Some('”'),
        '«' => Some('»'),
        '「' => Some('」'),
        _ => None,
    }
}

/// A quotation closes within 300 scalars, or it is a stray mark.
fn quotation_end(chars: &[char], open: usize, close: char) -> Option<usize> {
    let inside = chars.iter().enumerate().skip(open + 1).take(300);
    for (at, &c) in inside {
        if c == '\n' {
            return None;
        }
        if c == close || (close == '”' && c == '“') {
            return (at > open + 1).then_some(at + 1);
        }
    }
    None
}

/// Makes any run of white space and control characters one space.
pub(crate) fn squeeze(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for part in text.split(|c: char| c.is_whitespace() || c.is_control()) {
        if !part.is_empty() {
            if !out.is_empty() {
                out.push(' ');
            }
            out.push_str(part);
        }
    }
    out
}
