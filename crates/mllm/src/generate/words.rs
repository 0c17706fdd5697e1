//! Whole words in any case: words to avoid, words that must occur.

use std::collections::HashMap;

use crate::tokens::Tokens;

/// Lower case, with every run of white space as one space.
pub(crate) fn fold(text: &str) -> Vec<char> {
    let mut folded = Vec::with_capacity(text.len());
    for character in text.chars() {
        if character.is_whitespace() {
            if folded.last() != Some(&' ') {
                folded.push(' ');
            }
        } else {
            folded.extend(character.to_lowercase());
        }
    }
    folded
}

/// A phrase as [`fold`] has it, without space around; nothing where it holds no letter or digit.
pub(crate) fn phrase(text: &str) -> Option<Vec<char>> {
    let folded = fold(text.trim());
    folded.iter().any(|c| c.is_alphanumeric()).then_some(folded)
}

/// Whether the phrase stands in the folded text as whole words.
pub(crate) fn occurs(folded: &[char], phrase: &[char]) -> bool {
    occurs_behind(folded, phrase, 0)
}

/// Whether it stands there, beginning no earlier than at the letter `from`.
fn occurs_behind(folded: &[char], phrase: &[char], from: usize) -> bool {
    !phrase.is_empty()
        && folded
            .windows(phrase.len())
            .enumerate()
            .skip(from)
            .any(|(at, window)| {
                window == phrase
                    && starts_word(folded.get(..at).and_then(<[char]>::last), phrase)
                    && ends_word(folded.get(at + phrase.len()), phrase)
            })
}

fn starts_word(before: Option<&char>, phrase: &[char]) -> bool {
    let joined = |c: Option<&char>| c.is_some_and(|c| c.is_alphanumeric());
    !(joined(before) && joined(phrase.first()))
}

fn ends_word(after: Option<&char>, phrase: &[char]) -> bool {
    let joined = |c: Option<&char>| c.is_some_and(|c| c.is_alphanumeric());
    !(joined(after) && joined(phrase.last()))
}

/// Words that are never written. A token is suppressed when a phrase would stand complete at its
/// end or inside it: also when the token only brings the phrase's last letters, or begins in the
/// middle of a word.
pub(crate) struct Avoid {
    phrases: Vec<Vec<char>>,
    /// Tokens that hold a whole phrase after their own first letter.
    always: Vec<u32>,
    /// For a phrase and how many of its last letters: the tokens that begin with these.
    completing: HashMap<(usize, usize), Vec<u32>>,
}

impl Avoid {
    pub(crate) fn new(words: &[String], tokens: &Tokens) -> Self {
        let phrases: Vec<_> = words.iter().filter_map(|word| phrase(word)).collect();
        let mut avoid = Self {
            phrases,
            always: Vec::new(),
            completing: HashMap::new(),
        };
        if !avoid.phrases.is_empty() {
            avoid.index(tokens);
        }
        avoid
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.phrases.is_empty()
    }

    fn index(&mut self, tokens: &Tokens) {
        for id in 0..tokens.count() as u32 {
            let token = fold(&String::from_utf8_lossy(tokens.bytes(id)));
            for (which, phrase) in self.phrases.iter().enumerate() {
                for last in 1..=phrase.len() {
                    let ending = &phrase[phrase.len() - last..];
                    if token.starts_with(ending) && ends_word(token.get(last), phrase) {
                        let tokens = self.completing.entry((which, last)).or_default();
                        tokens.push(id);
                    }
                }
                let inside = token.len() > phrase.len()
                    && (1..=token.len() - phrase.len()).any(|at| {
                        token[at..].starts_with(phrase)
                            && starts_word(token.get(at - 1), phrase)
                            && ends_word(token.get(at + phrase.len()), phrase)
                    });
                if inside {
                    self.always.push(id);
                }
            }
        }
    }

    /// How many folded letters before a token have to be known.
    pub(crate) fn reach(&self) -> usize {
        1 + self.phrases.iter().map(Vec::len).max().unwrap_or(0)
    }

    /// Suppresses what would complete a phrase after the folded text.
    pub(crate) fn suppress(&self, before: &[char], logits: &mut [f32]) {
        let mut forbid = |tokens: &[u32]| {
            for &id in tokens {
                if let Some(logit) = logits.get_mut(id as usize) {
                    *logit = f32::NEG_INFINITY;
                }
            }
        };
        forbid(&self.always);
        for (which, phrase) in self.phrases.iter().enumerate() {
            for last in 1..=phrase.len() {
                let beginning = &phrase[..phrase.len() - last];
                let Some(rest) = before.strip_suffix(beginning) else {
                    continue;
                };
                if starts_word(rest.last(), phrase)
                    && let Some(tokens) = self.completing.get(&(which, last))
                {
                    forbid(tokens);
                }
            }
        }
    }

    /// Whether any phrase stands in the text, beginning no earlier than at the letter `from`. The
    /// last word in case [`Self::suppress`] missed one: letters of several tokens each, doubled
    /// spaces.
    pub(crate) fn spoils(&self, folded: &[char], from: usize) -> bool {
        let mut phrases = self.phrases.iter();
        phrases.any(|phrase| occurs_behind(folded, phrase, from))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tokens::testing;

    fn suppressed(words: &[&str], before: &str) -> Vec<String> {
        let tokens = testing::tokens();
        let words: Vec<_> = words.iter().map(|&w| w.to_owned()).collect();
        let mut logits = vec![0.0; tokens.count()];
        Avoid::new(&words, &tokens).suppress(&fold(before), &mut logits);
        let ids = (0..tokens.count() as u32).filter(|&id| logits[id as usize].is_infinite());
        let mut found: Vec<_> = ids.map(|id| tokens.decode(&[id])).collect();
        found.sort();
        found
    }

    #[test]
    fn words_are_whole_and_of_any_case() {
        let text = fold("A  Red\ncoat, bored.");
        let has = |p: &str| occurs(&text, &phrase(p).unwrap());
        assert!(has("red coat") && has("RED") && has("bored"));
        assert!(!has("ore") && !has("re") && !has("coa"));
        assert_eq!(phrase(" … "), None);
    }

    #[test]
    fn tokens_that_complete_a_word_are_suppressed() {
        assert_eq!(suppressed(&["red"], "the"), [" red"]);
        assert_eq!(suppressed(&["red"], "the re"), [" red", "D", "d"]);
        assert_eq!(suppressed(&["red"], "bo"), [" red"]);
        assert_eq!(suppressed(&["Dog"], "a"), Vec::<String>::new());
        assert_eq!(suppressed(&["Dog"], "a do"), ["G", "g", "g."]);
        assert_eq!(suppressed(&["red coat"], "a red"), [" coat"]);
    }
}
