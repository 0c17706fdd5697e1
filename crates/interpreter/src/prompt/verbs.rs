//! Verb forms and nouns: just enough grammar to say a prompt's words in the present tense.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use super::lexicon as lex;

/// A form of a verb.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// walk
    Base,
    /// walks
    Third,
    /// walking
    Ing,
    /// walked
    Past,
}

/// A set of words for fast look-up.
pub(crate) fn has(list: &'static [&'static str], word: &str) -> bool {
    list.contains(&word)
}

static FORMS: LazyLock<HashMap<String, (&'static str, Form)>> = LazyLock::new(|| {
    let mut map = HashMap::new();
    for &(base, third, ing, past) in lex::IRREGULAR {
        for (word, form) in [
            (past, Form::Past),
            (ing, Form::Ing),
            (third, Form::Third),
            (base, Form::Base),
        ] {
            map.insert(word.to_owned(), (base, form));
        }
    }
    for &base in lex::VERBS {
        for (word, form) in [
            (regular_past(base), Form::Past),
            (regular_ing(base), Form::Ing),
            (regular_third(base), Form::Third),
            (base.to_owned(), Form::Base),
        ] {
            map.entry(word).or_insert((base, form));
        }
    }
    map
});

static NOUNS: LazyLock<HashSet<&'static str>> = LazyLock::new(|| {
    lex::BEINGS
        .iter()
        .chain(lex::PLACES)
        .chain(lex::WORN)
        .chain(lex::TIMES)
        .chain(lex::WEATHER)
        .copied()
        .collect()
});

/// The base form and the form of a known verb.
pub(crate) fn verb(lower: &str) -> Option<(&'static str, Form)> {
    FORMS.get(lower).copied()
}

/// Whether a word in -s is a verb rather than a plural ("walks").
pub(crate) fn known_verb_like(lower: &str) -> bool {
    matches!(verb(lower), Some((_, Form::Third)))
        && !known_noun(lower)
        && !has(lex::NOUN_FIRST, lower)
}

/// Whether a word is known as a noun, in either number.
pub(crate) fn known_noun(lower: &str) -> bool {
    NOUNS.contains(lower) || NOUNS.contains(singular(lower).as_str())
}

/// Whether a word names a person, animal or being, in either number.
pub(crate) fn being(lower: &str) -> bool {
    has(lex::BEINGS, lower) || has(lex::BEINGS, &singular(lower))
}

/// Whether a word names a place, in either number.
pub(crate) fn place(lower: &str) -> bool {
    has(lex::PLACES, lower) || has(lex::PLACES, &singular(lower))
}

/// The singular of a noun, by rule.
pub(crate) fn singular(lower: &str) -> String {
    match lower {
        "women" => return "woman".into(),
        "men" => return "man".into(),
        "children" => return "child".into(),
        "wolves" => return "wolf".into(),
        "mice" => return "mouse".into(),
        "fishermen" => return "fisherman".into(),
        "heroes" => return "hero".into(),
        _ => {}
    }
    if let Some(stem) = lower.strip_suffix("ies") {
        return format!("{stem}y");
    }
    for ending in ["ches", "shes", "sses", "xes"] {
        if let (true, Some(stem)) = (lower.ends_with(ending), lower.strip_suffix("es")) {
            return stem.to_owned();
        }
    }
    match lower.strip_suffix('s') {
        Some(stem) if !stem.ends_with('s') && stem.len() > 2 => stem.to_owned(),
        _ => lower.to_owned(),
    }
}

/// Whether a noun's form is plural.
pub(crate) fn is_plural(lower: &str) -> bool {
    matches!(
        lower,
        "people"
            | "men"
            | "women"
            | "children"
            | "wolves"
            | "mice"
            | "fishermen"
            | "sheep"
            | "police"
    ) || (lower.ends_with('s')
        && !lower.ends_with("ss")
        && !lower.ends_with("us")
        && !lower.ends_with("is")
        && !lower.ends_with("'s"))
}

fn ends_in_consonant_y(base: &str) -> bool {
    let mut back = base.chars().rev();
    back.next() == Some('y') && back.next().is_some_and(|c| !"aeiou".contains(c))
}

fn regular_third(base: &str) -> String {
    if ends_in_consonant_y(base) {
        return format!("{}ies", base.trim_end_matches('y'));
    }
    if ["s", "x", "z", "ch", "sh", "o"]
        .iter()
        .any(|e| base.ends_with(e))
    {
        return format!("{base}es");
    }
    format!("{base}s")
}

fn doubled(base: &str) -> String {
    match base.chars().last() {
        Some(last) if has(lex::DOUBLING, base) => format!("{base}{last}"),
        _ => base.to_owned(),
    }
}

fn regular_ing(base: &str) -> String {
    match base.strip_suffix('e') {
        Some(stem) if !base.ends_with("ee") && !base.ends_with("oe") => format!("{stem}ing"),
        _ => format!("{}ing", doubled(base)),
    }
}

fn regular_past(base: &str) -> String {
    if base.ends_with('e') {
        return format!("{base}d");
    }
    if ends_in_consonant_y(base) {
        return format!("{}ied", base.trim_end_matches('y'));
    }
    format!("{}ed", doubled(base))
}

/// The third person singular of a base form.
pub(crate) fn third(base: &str) -> String {
    match base {
        "be" => return "is".into(),
        "have" => return "has".into(),
        _ => {}
    }
    lex::IRREGULAR
        .iter()
        .find(|(b, ..)| *b == base)
        .map_or_else(|| regular_third(base), |(_, t, ..)| (*t).to_owned())
}

/// The present tense of a base form for a subject of this number.
pub(crate) fn present(base: &str, plural: bool) -> String {
    if plural { base.to_owned() } else { third(base) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_follow_the_rules_and_their_exceptions() {
        assert_eq!(verb("walking"), Some(("walk", Form::Ing)));
        assert_eq!(verb("dancing"), Some(("dance", Form::Ing)));
        assert_eq!(verb("runs"), Some(("run", Form::Third)));
        assert_eq!(verb("jogging"), Some(("jog", Form::Ing)));
        assert_eq!(verb("carried"), Some(("carry", Form::Past)));
        assert_eq!(verb("stalls"), None);
        assert_eq!(third("carry"), "carries");
        assert_eq!(third("watch"), "watches");
        assert_eq!(third("go"), "goes");
    }

    #[test]
    fn numbers_of_nouns() {
        assert_eq!(singular("ladies"), "lady");
        assert_eq!(singular("witches"), "witch");
        assert_eq!(singular("dogs"), "dog");
        assert_eq!(singular("glass"), "glass");
        assert!(is_plural("children"));
        assert!(!is_plural("dress"));
    }
}
