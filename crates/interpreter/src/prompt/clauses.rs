//! Finds subject and verb in a run of tokens.

use decoupage_conditions::pose::ActionKind;

use super::lexicon as lex;
use super::token::{Kind, Token};
use super::verbs::{self, Form, has};

/// The main verb of a clause.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct MainVerb {
    /// First token of the verb group.
    pub start: usize,
    /// One past its last token.
    pub end: usize,
    /// Base form, empty for a verb that is not known.
    pub base: String,
    /// The form it has in the prompt.
    pub form: Form,
    /// The words to use instead where the base is not known or the verb is to be kept.
    pub keep: Option<String>,
    /// Whether it is denied.
    pub negated: bool,
}

pub(crate) fn lower(tokens: &[Token], i: usize) -> &str {
    tokens
        .get(i)
        .filter(|t| t.kind == Kind::Word)
        .map_or("", |t| t.lower.as_str())
}

pub(crate) fn adverb(word: &str) -> bool {
    (word.ends_with("ly")
        && word.len() > 4
        && !matches!(
            word,
            "family"
                | "butterfly"
                | "italy"
                | "lily"
                | "lonely"
                | "elderly"
                | "early"
                | "ugly"
                | "curly"
                | "friendly"
                | "jelly"
                | "belly"
        ))
        || matches!(
            word,
            "then"
                | "now"
                | "still"
                | "never"
                | "always"
                | "just"
                | "both"
                | "all"
                | "also"
                | "alone"
                | "together"
                | "again"
        )
}

pub(crate) fn opens_phrase(word: &str) -> bool {
    has(lex::DETERMINERS, word) || word.chars().next().is_some_and(|c| c.is_ascii_digit())
}

fn participle_of_state(base: &str) -> bool {
    matches!(
        base,
        "surround"
            | "cover"
            | "fill"
            | "dress"
            | "park"
            | "make"
            | "build"
            | "light"
            | "call"
            | "hold"
            | "wrap"
            | "tie"
            | "hide"
            | "break"
            | "shatter"
            | "burn"
            | "paint"
            | "lock"
            | "cut"
            | "draw"
            | "shoot"
            | "hang"
            | "pile"
            | "curl"
            | "fold"
            | "spread"
            | "polish"
            | "perch"
            | "plant"
            | "freeze"
            | "drive"
            | "show"
            | "see"
            | "lose"
            | "close"
            | "watch"
            | "reflect"
            | "load"
            | "stack"
            | "follow"
            | "carry"
            | "wear"
    )
}

/// The word before `i` that counts for grammar: adverbs and commas are passed over.
fn before(tokens: &[Token], from: usize, i: usize) -> usize {
    let mut at = i;
    while at > from {
        at -= 1;
        let word = lower(tokens, at);
        if !(adverb(word) || word.is_empty()) {
            return at;
        }
    }
    from
}

/// Finds the main verb in `from..to`, with a subject before it.
pub(crate) fn main_verb(tokens: &[Token], from: usize, to: usize) -> Option<MainVerb> {
    let mut participle: Option<MainVerb> = None;
    let mut relative = false;
    for i in from..to {
        let word = lower(tokens, i);
        if word.is_empty() {
            continue;
        }
        if matches!(word, "who" | "which" | "whose") || (word == "that" && i > from) {
            relative = true;
            continue;
        }
        if i == from {
            continue;
        }
        if let Some(verb) = auxiliary(tokens, i, to) {
            if !relative {
                return Some(verb);
            }
            relative = false;
            continue;
        }
        let prev_at = before(tokens, from, i);
        let prev = lower(tokens, prev_at);
        let next = if i + 1 < to { lower(tokens, i + 1) } else { "" };
        let blocked = opens_phrase(prev)
            || has(lex::PREPOSITIONS, prev) && !matches!(prev, "up" | "down" | "out" | "off")
            || has(lex::ADJECTIVES, prev)
                && !has(lex::COLOURS, prev)
                && !verbs::known_noun(prev)
                && tokens
                    .get(i.wrapping_sub(1))
                    .is_none_or(|t| t.kind != Kind::Comma)
            || matches!(prev, "to" | "and" | "or" | "not");
        let pronoun = has(lex::PRONOUNS, prev);
        let known = verbs::verb(word);
        let one = matches!(lower(tokens, from), "a" | "an" | "one")
            && matches!(known, Some((_, Form::Third)))
            && !(from..i).any(|k| has(lex::PREPOSITIONS, lower(tokens, k)));
        let acts = one
            || pronoun
            || verbs::being(prev)
            || proper(tokens, prev_at)
            || (opens_phrase(next) && !blocked);
        let noun_first = has(lex::NOUN_FIRST, word) && !acts;
        match known {
            Some((base, form)) if !blocked && !noun_first => {
                let fits = match form {
                    Form::Third => !verbs::is_plural(prev) || pronoun || prev.ends_with('s'),
                    Form::Base => {
                        (verbs::is_plural(prev) && !verbs::known_verb_like(prev))
                            || matches!(prev, "they" | "we" | "you" | "i")
                            || coordinated(tokens, from, i)
                    }
                    Form::Past => {
                        !(participle_of_state(base)
                            && (has(lex::PREPOSITIONS, next) || next.is_empty()))
                    }
                    Form::Ing => true,
                };
                if !fits {
                    continue;
                }
                let verb = MainVerb {
                    start: i,
                    end: i + 1,
                    base: base.to_owned(),
                    form,
                    keep: None,
                    negated: false,
                };
                if form == Form::Ing {
                    if !has(lex::ING_NOUNS, word) {
                        participle.get_or_insert(verb);
                    }
                } else if relative {
                    relative = false;
                } else {
                    return Some(verb);
                }
            }
            None if !blocked
                && verbs::being(prev)
                && verbs::is_plural(prev)
                && !relative
                && !word.ends_with("ing")
                && !verbs::known_noun(word)
                && !matches!(word, "and" | "or" | "while" | "as" | "then")
                && !adverb(word)
                && !has(lex::PREPOSITIONS, word)
                && !has(lex::FUNCTION_WORDS, word)
                && (has(lex::PREPOSITIONS, next) || opens_phrase(next) || adverb(next)) =>
            {
                return Some(MainVerb {
                    start: i,
                    end: i + 1,
                    base: String::new(),
                    form: Form::Base,
                    keep: Some(word.to_owned()),
                    negated: false,
                });
            }
            None if !blocked => {
                let after_being = verbs::being(prev) && !verbs::is_plural(prev);
                let object_follows = opens_phrase(next)
                    || adverb(next)
                    || has(lex::PRONOUNS, next)
                    || opens_phrase(lower(tokens, from)) && has(lex::PREPOSITIONS, next);
                let third = word.ends_with('s')
                    && !word.ends_with("ss")
                    && word.len() > 3
                    && !verbs::known_noun(word)
                    && after_being
                    && object_follows;
                let ing = word.ends_with("ing")
                    && word.len() > 5
                    && !has(lex::ING_NOUNS, word)
                    && (verbs::being(prev) || object_follows);
                let unknown = MainVerb {
                    start: i,
                    end: i + 1,
                    base: String::new(),
                    form: if ing { Form::Ing } else { Form::Third },
                    keep: Some(word.to_owned()),
                    negated: false,
                };
                if ing {
                    participle.get_or_insert(unknown);
                } else if third && !relative {
                    return Some(unknown);
                }
            }
            _ => {}
        }
    }
    participle
}

/// A name: written with a capital that is not the sentence's first.
fn proper(tokens: &[Token], at: usize) -> bool {
    tokens.get(at).is_some_and(|t| {
        t.text.chars().next().is_some_and(char::is_uppercase)
            && !verbs::known_noun(&t.lower)
            && !has(lex::ADJECTIVES, &t.lower)
            && !opens_phrase(&t.lower)
    })
}

/// "a boy and his mother walk": two subjects joined before the verb.
fn coordinated(tokens: &[Token], from: usize, verb: usize) -> bool {
    let joined = (from..verb).rev().find(|&i| lower(tokens, i) == "and");
    joined.is_some_and(|at| {
        at > from && opens_phrase(lower(tokens, at + 1)) || {
            joined.is_some_and(|at| proper(tokens, at + 1))
        }
    })
}

/// "is walking", "does not move", "has": verb groups with an auxiliary.
fn auxiliary(tokens: &[Token], i: usize, to: usize) -> Option<MainVerb> {
    let word = lower(tokens, i);
    let mut at = i + 1;
    let mut negated;
    let denied = |w: &str| matches!(w, "not" | "never");
    match word {
        "is" | "are" | "was" | "were" | "isn't" | "aren't" => {
            negated = word.ends_with("n't");
            while at < to && (denied(lower(tokens, at)) || adverb(lower(tokens, at))) {
                negated |= denied(lower(tokens, at));
                at += 1;
            }
            let copula = match word {
                "is" | "was" => "is",
                "are" | "were" => "are",
                other => other,
            };
            let next = lower(tokens, at);
            if at < to
                && !negated
                && at == i + 1
                && let Some((base, Form::Ing)) = verbs::verb(next)
            {
                return Some(MainVerb {
                    start: i,
                    end: at + 1,
                    base: base.to_owned(),
                    form: Form::Ing,
                    keep: None,
                    negated,
                });
            }
            if at < to
                && !negated
                && at == i + 1
                && next.ends_with("ing")
                && next.len() > 5
                && !has(lex::ING_NOUNS, next)
            {
                return Some(MainVerb {
                    start: i,
                    end: at + 1,
                    base: String::new(),
                    form: Form::Third,
                    keep: Some(format!("{copula} {next}")),
                    negated,
                });
            }
            Some(MainVerb {
                start: i,
                end: i + 1,
                base: "be".to_owned(),
                form: Form::Third,
                keep: Some(copula.to_owned()),
                negated,
            })
        }
        "doesn't" | "don't" | "does" | "do" | "can" | "cannot" | "can't" | "will" | "must"
        | "should" => {
            let mut end = i + 1;
            negated = word.ends_with("n't") || word == "cannot";
            if denied(lower(tokens, end)) {
                negated = true;
                end += 1;
            }
            let (base, Form::Base) = verbs::verb(lower(tokens, end)).filter(|_| end < to)? else {
                return None;
            };
            if !negated && matches!(word, "will" | "must" | "should" | "does" | "do") {
                return Some(MainVerb {
                    start: i,
                    end: end + 1,
                    base: base.to_owned(),
                    form: Form::Ing,
                    keep: None,
                    negated,
                });
            }
            let kept: Vec<_> = (i..=end).map(|k| lower(tokens, k)).collect();
            Some(MainVerb {
                start: i,
                end: end + 1,
                base: base.to_owned(),
                form: Form::Base,
                keep: Some(kept.join(" ")),
                negated,
            })
        }
        "has" | "have" | "had" => Some(MainVerb {
            start: i,
            end: i + 1,
            base: "have".to_owned(),
            form: if word == "have" {
                Form::Base
            } else {
                Form::Third
            },
            keep: None,
            negated: false,
        }),
        _ => None,
    }
}

/// What a pose clip would call a verb with the words after it.
pub(crate) fn pose_of(base: &str, rest: &str) -> Option<ActionKind> {
    use ActionKind::*;
    let first = rest.split(' ').next().unwrap_or_default();
    Some(match base {
        "stand" | "get" | "rise" if first == "up" => StandingUp,
        "sit" if first == "down" => SittingDown,
        "walk" | "stroll" | "wander" | "stride" | "march" | "pace" | "saunter" | "limp"
        | "hike" | "trudge" | "tiptoe" | "shuffle" => Walking,
        "run" | "sprint" | "jog" | "dash" | "race" | "flee" => Running,
        "stand" | "wait" | "pose" | "linger" => StandingStill,
        "sit" => Sitting,
        "wave" => Waving,
        "raise" | "lift" if ["arm", "hand"].iter().any(|w| rest.contains(w)) => RaisingArm,
        "turn" if !matches!(first, "the" | "a" | "on" | "off" | "into") => Turning,
        "spin" | "twirl" => Turning,
        "bend" | "bow" | "stoop" => Bending,
        "crouch" | "squat" => Crouching,
        "kneel" => Kneeling,
        "lie" if first == "down" => LyingDown,
        "lie" => Lying,
        "clap" | "applaud" => Clapping,
        "dance" => Dancing,
        "look" if rest == "down" => LookingDown,
        "look" if rest == "up" => LookingUp,
        // What is thrown, kicked or pointed at is the prompt's to tell.
        "point" if rest.is_empty() => Pointing,
        "throw" if rest.is_empty() => Throwing,
        "kick" if rest.is_empty() => Kicking,
        "punch" if rest.is_empty() => Punching,
        "hug" | "embrace" if rest.is_empty() => Hugging,
        "jump" | "leap" | "hop" => Jumping,
        _ => return None,
    })
}
