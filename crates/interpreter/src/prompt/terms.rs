//! Finds the fixed terms of setting, camera and style in a run of tokens.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::StyleKind;
use super::lexicon as lex;
use super::token::{Kind, Token};

/// What a fixed term is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum What {
    Static,
    Handheld,
    Steady,
    Framing,
    Angle,
    Lens,
    Speed,
    Style(StyleKind),
    Time,
    Weather,
}

impl What {
    /// Whether it is a term of camera work.
    pub fn camera(self) -> bool {
        !matches!(self, Self::Style(_) | Self::Time | Self::Weather)
    }
}

type Entry = (Vec<&'static str>, What);

static TERMS: LazyLock<HashMap<&'static str, Vec<Entry>>> = LazyLock::new(|| {
    let lists: [(&[&'static str], What); 14] = [
        (lex::STATIC, What::Static),
        (lex::HANDHELD, What::Handheld),
        (lex::STEADY, What::Steady),
        (lex::FRAMINGS, What::Framing),
        (lex::ANGLES, What::Angle),
        (lex::LENSES, What::Lens),
        (lex::SPEEDS, What::Speed),
        (lex::MEDIA, What::Style(StyleKind::Medium)),
        (lex::LIGHTS, What::Style(StyleKind::Light)),
        (lex::COLOUR_TERMS, What::Style(StyleKind::Colour)),
        (lex::MOODS, What::Style(StyleKind::Mood)),
        (lex::TIMES, What::Time),
        (lex::WEATHER, What::Weather),
        (&["lens", "35mm lens", "50mm lens", "85mm lens"], What::Lens),
    ];
    let mut map: HashMap<&'static str, Vec<Entry>> = HashMap::new();
    for (list, what) in lists {
        for term in list {
            let words: Vec<_> = term.split(' ').collect();
            if let Some(first) = words.first() {
                map.entry(first).or_default().push((words, what));
            }
        }
    }
    for entries in map.values_mut() {
        // Longest first; the sort is stable, so the order of the lists breaks ties.
        entries.sort_by_key(|(words, _)| std::cmp::Reverse(words.len()));
    }
    map
});

/// The longest fixed term that begins at `at`: its length in tokens and what it is.
pub(crate) fn term_at(tokens: &[Token], at: usize) -> Option<(usize, What)> {
    let first = tokens.get(at).filter(|t| t.kind == Kind::Word)?;
    if let Some(what) = lens_figure(tokens, at) {
        return Some(what);
    }
    let entries = TERMS.get(first.lower.as_str())?;
    entries.iter().find_map(|(words, what)| {
        let run = tokens.get(at..at + words.len())?;
        run.iter()
            .zip(words)
            .all(|(token, word)| token.kind == Kind::Word && token.lower == *word)
            .then_some((words.len(), *what))
    })
}

/// "85mm lens", "f/1.4", "24 fps", "50 mm".
fn lens_figure(tokens: &[Token], at: usize) -> Option<(usize, What)> {
    let word = tokens.get(at)?.lower.as_str();
    let next = tokens.get(at + 1).map(|t| t.lower.as_str());
    let digits = |s: &str| !s.is_empty() && s.chars().all(|c| c.is_ascii_digit() || c == '.');
    if word.strip_prefix("f/").is_some_and(digits) {
        return Some((1, What::Lens));
    }
    if let Some(figure) = word.strip_suffix("mm")
        && digits(figure)
    {
        return match next {
            Some("lens" | "prime") => Some((2, What::Lens)),
            _ if matches!(figure, "8" | "16" | "35" | "70") => None,
            _ => Some((1, What::Lens)),
        };
    }
    if digits(word) && next == Some("mm") {
        return match tokens.get(at + 2).map(|t| t.lower.as_str()) {
            Some("lens" | "prime") => Some((3, What::Lens)),
            Some("film") => None,
            _ => Some((2, What::Lens)),
        };
    }
    if digits(word) && next == Some("fps") {
        return Some((2, What::Speed));
    }
    word.strip_suffix("fps")
        .is_some_and(digits)
        .then_some((1, What::Speed))
}
