//! Writes text piece by piece, each piece with its origin, so that spans are right by
//! construction.

use std::collections::BTreeSet;

use decoupage_shot::{ConditionId, Origin, OriginSpan};

/// Where a piece of text came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Source {
    Prompt,
    Condition(ConditionId),
    Inferred,
}

/// A phrase or sentence in pieces.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Words(Vec<(String, Source)>);

impl Words {
    pub fn new() -> Self {
        Self::default()
    }

    pub fn add(mut self, source: Source, text: impl AsRef<str>) -> Self {
        self.push(source, text);
        self
    }

    pub fn push(&mut self, source: Source, text: impl AsRef<str>) {
        let text = text.as_ref().trim();
        if !text.is_empty() {
            self.0.push((text.to_owned(), source));
        }
    }

    /// Words of the prompt.
    pub fn prompt(self, text: impl AsRef<str>) -> Self {
        self.add(Source::Prompt, text)
    }

    /// Words a condition supports.
    pub fn of(self, id: ConditionId, text: impl AsRef<str>) -> Self {
        self.add(Source::Condition(id), text)
    }

    /// Words nobody gave.
    pub fn own(self, text: impl AsRef<str>) -> Self {
        self.add(Source::Inferred, text)
    }

    pub fn then(mut self, other: Self) -> Self {
        self.0.extend(other.0);
        self
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The words without their origins.
    pub fn plain(&self) -> String {
        let mut out = String::new();
        for (text, _) in &self.0 {
            if !out.is_empty() && spaced(text) {
                out.push(' ');
            }
            out.push_str(text);
        }
        out
    }
}

fn spaced(text: &str) -> bool {
    !text.starts_with([',', '.', ';', ':', '!', '?', ')', '…', '’'])
}

/// Remembers which sentences have been written, so that none is said twice in a take.
#[derive(Debug, Default)]
pub(crate) struct Said {
    sentences: BTreeSet<String>,
    vocabulary: Vocabulary,
}

/// The words of the prompt, to tell what it says from what only paraphrases it.
#[derive(Debug, Default)]
pub(crate) struct Vocabulary(BTreeSet<String>);

/// Words that carry no claim of their own; they go with the words around them.
pub(crate) const GRAMMAR: &[&str] = &[
    "a", "an", "the", "of", "and", "or", "in", "on", "at", "to", "with", "by", "for", "from", "is",
    "are", "do", "does", "not", "she", "he", "it", "they", "her", "his", "its", "their", "him",
    "them", "this", "that", "who", "while", "then", "as",
];

impl Vocabulary {
    pub fn of(prompt: &str) -> Self {
        Self(parts(prompt).map(|w| stem(&w)).collect())
    }

    /// Whether the prompt has this word in some form; nothing for a word of grammar.
    fn knows(&self, word: &str) -> Option<bool> {
        let mut content = parts(word)
            .filter(|w| !GRAMMAR.contains(&w.as_str()))
            .peekable();
        content.peek()?;
        Some(content.all(|w| {
            let adjective = w.strip_suffix("ly").map(stem);
            self.0.contains(&stem(&w)) || adjective.is_some_and(|a| self.0.contains(&a))
        }))
    }

    /// Whether a note says something that neither the prompt nor the name does.
    pub fn news(&self, note: &str, name: &str) -> bool {
        let named: Vec<String> = parts(name).collect();
        parts(note).any(|w| !named.contains(&w) && self.knows(&w) == Some(false))
    }
}

fn parts(text: &str) -> impl Iterator<Item = String> + '_ {
    text.split(|c: char| !c.is_alphanumeric())
        .filter(|w| !w.is_empty())
        .map(str::to_lowercase)
}

/// One form for all forms of a word: "walks" and "walking", "stall" and "stalls".
pub(crate) fn stem(lower: &str) -> String {
    match crate::prompt::verbs::verb(lower) {
        Some((base, _)) => base.to_owned(),
        None => crate::prompt::verbs::singular(lower),
    }
}

impl Said {
    /// Nothing said yet, of a shot with this prompt.
    pub fn of(prompt: &str) -> Self {
        Self {
            sentences: BTreeSet::new(),
            vocabulary: Vocabulary::of(prompt),
        }
    }

    pub fn vocabulary(&self) -> &Vocabulary {
        &self.vocabulary
    }

    /// Marks the sentences of a kept text as said.
    pub fn keep(&mut self, text: &str) {
        for sentence in sentences(text) {
            self.sentences.insert(normal(&sentence));
        }
    }

    pub fn has(&self, words: &Words) -> bool {
        self.sentences.contains(&normal(&words.plain()))
    }
}

/// A sentence as it is compared: letters and digits only.
pub(crate) fn normal(sentence: &str) -> String {
    let words: Vec<String> = sentence
        .split(|c: char| !c.is_alphanumeric())
        .filter(|w| !w.is_empty())
        .map(str::to_lowercase)
        .collect();
    words.join(" ")
}

/// Splits a text at full stops that end a sentence.
pub(crate) fn sentences(text: &str) -> Vec<String> {
    let chars: Vec<char> = text.chars().collect();
    let mut out = Vec::new();
    let mut current = String::new();
    for (i, &c) in chars.iter().enumerate() {
        current.push(c);
        let ends = matches!(c, '.' | '!' | '?' | '。')
            && chars
                .get(i + 1)
                .is_none_or(|n| n.is_whitespace() || c == '。');
        if ends {
            out.push(current.trim().to_owned());
            current.clear();
        }
    }
    if !current.trim().is_empty() {
        out.push(current.trim().to_owned());
    }
    out
}

/// Builds one section.
#[derive(Debug, Default)]
pub(crate) struct Composer {
    text: String,
    scalars: u32,
    spans: Vec<OriginSpan>,
}

impl Composer {
    /// Writes a sentence: with a capital and a full stop, unless the take already has it.
    pub fn sentence(&mut self, words: Words, said: &mut Said) -> bool {
        if words.is_empty() || !said.sentences.insert(normal(&words.plain())) {
            return false;
        }
        let ended = words
            .plain()
            .ends_with(['.', '!', '?', '…', '。', '！', '？'])
            || words.plain().ends_with(".”")
            || words.plain().ends_with(".\"");
        for (i, (text, source)) in words.0.into_iter().enumerate() {
            let text = if i == 0 { capital(&text) } else { text };
            if source == Source::Prompt {
                self.claimed(&text, &said.vocabulary);
            } else {
                self.piece(&text, source);
            }
        }
        if !ended {
            self.stop();
        }
        true
    }

    /// Writes words said to be the prompt's; those it does not have are marked as inferred.
    fn claimed(&mut self, text: &str, vocabulary: &Vocabulary) {
        if vocabulary.0.is_empty() {
            return self.piece(text, Source::Prompt);
        }
        let words: Vec<&str> = text.split(' ').collect();
        let mut known: Vec<Option<bool>> = words.iter().map(|w| vocabulary.knows(w)).collect();
        // A word of grammar goes with the word after it, the last ones with the word before.
        let mut next = known.iter().rev().find_map(|k| *k).unwrap_or(true);
        for slot in known.iter_mut().rev() {
            next = *slot.get_or_insert(next);
        }
        let mut run: Vec<&str> = Vec::new();
        let mut mine = known.first().copied().flatten().unwrap_or(true);
        for (word, known) in words.into_iter().zip(known) {
            let known = known.unwrap_or(true);
            if known != mine {
                self.piece(
                    &run.join(" "),
                    if mine {
                        Source::Prompt
                    } else {
                        Source::Inferred
                    },
                );
                run.clear();
                mine = known;
            }
            run.push(word);
        }
        self.piece(
            &run.join(" "),
            if mine {
                Source::Prompt
            } else {
                Source::Inferred
            },
        );
    }

    fn piece(&mut self, text: &str, source: Source) {
        if !self.text.is_empty() && spaced(text) {
            self.text.push(' ');
            self.scalars += 1;
        }
        let start = self.scalars;
        self.text.push_str(text);
        self.scalars += u32::try_from(text.chars().count()).unwrap_or(u32::MAX);
        let (origin, condition) = match source {
            Source::Prompt => (Origin::Prompt, None),
            Source::Condition(id) => (Origin::Condition, Some(id)),
            Source::Inferred => (Origin::Inferred, None),
        };
        match self.spans.last_mut() {
            Some(span) if span.origin == origin && span.condition == condition => {
                span.end = self.scalars;
            }
            _ => self.spans.push(OriginSpan {
                start,
                end: self.scalars,
                origin,
                condition,
            }),
        }
    }

    /// A full stop goes with the words before it.
    fn stop(&mut self) {
        self.text.push('.');
        self.scalars += 1;
        if let Some(span) = self.spans.last_mut() {
            span.end = self.scalars;
        }
    }

    pub fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// Whether any words so far come from this condition.
    pub fn mentions(&self, id: ConditionId) -> bool {
        self.spans.iter().any(|s| s.condition == Some(id))
    }

    pub fn finish(self) -> (String, Vec<OriginSpan>) {
        (self.text, self.spans)
    }
}

/// The text with a capital at its head.
pub(crate) fn capital(text: &str) -> String {
    let mut chars = text.chars();
    match chars.next() {
        Some(first) => first.to_uppercase().chain(chars).collect(),
        None => String::new(),
    }
}

/// "a" or "an", by sound as far as letters tell it.
pub(crate) fn article(word: &str) -> &'static str {
    let lower = word.to_lowercase();
    let vowel = lower.starts_with(['a', 'e', 'i', 'o', 'u']);
    let hard = ["uni", "use", "usu", "eu", "one", "once"]
        .iter()
        .any(|p| lower.starts_with(p));
    let silent = ["hour", "honest", "heir"]
        .iter()
        .any(|p| lower.starts_with(p));
    let eight = lower.starts_with('8') || lower.starts_with("11") || lower.starts_with("18");
    if (vowel && !hard) || silent || eight {
        "an"
    } else {
        "a"
    }
}

/// A list in plain words: "a, b and c".
pub(crate) fn listed<S: AsRef<str>>(items: &[S]) -> String {
    let mut out = String::new();
    for (i, item) in items.iter().enumerate() {
        if i > 0 {
            out.push_str(if i + 1 == items.len() { " and " } else { ", " });
        }
        out.push_str(item.as_ref());
    }
    out
}

/// A small whole number in words.
pub(crate) fn number(n: usize) -> String {
    let words = [
        "no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
    ];
    words
        .get(n)
        .map_or_else(|| n.to_string(), |w| (*w).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_cover_what_was_written() {
        let mut said = Said::default();
        let mut composer = Composer::default();
        let words = Words::new()
            .own("a")
            .prompt("cafè")
            .of(ConditionId(4), ", low and warm");
        assert!(composer.sentence(words.clone(), &mut said));
        assert!(
            !composer.sentence(words, &mut said),
            "nothing is said twice"
        );
        let (text, spans) = composer.finish();
        assert_eq!(text, "A cafè, low and warm.");
        let ends: Vec<_> = spans.iter().map(|s| (s.start, s.end)).collect();
        assert_eq!(ends, [(0, 1), (2, 6), (6, 21)]);
    }

    #[test]
    fn articles_follow_the_sound() {
        assert_eq!(article("old man"), "an");
        assert_eq!(article("uniform"), "a");
        assert_eq!(article("hour"), "an");
        assert_eq!(article("woman"), "a");
    }
}
