//! Noun phrases: subjects, companions and places.

use super::clauses::{MainVerb, adverb, opens_phrase};
use super::lexicon as lex;
use super::parse::Parser;
use super::terms::{What, term_at};
use super::token::{Span, Token};
use super::verbs::{self, Form, has};
use super::{Heading, Place, Pronoun, Subject};

impl Parser<'_> {
    /// Where the first noun chunk of a run ends.
    pub(super) fn phrase_end(&self, from: usize, to: usize) -> usize {
        (from + 1..to)
            .find(|&i| {
                let w = self.word(i);
                w.is_empty()
                    || has(lex::PREPOSITIONS, w) && w != "of"
                    || matches!(
                        w,
                        "who" | "that" | "which" | "or" | "is" | "are" | "while" | "as"
                    )
                    || w == "and"
                        && !(has(lex::ADJECTIVES, self.word(i - 1))
                            && has(lex::ADJECTIVES, self.word(i + 1)))
                    || matches!(verbs::verb(w), Some((_, Form::Ing)))
                        && !opens_phrase(self.word(i - 1))
                        && !has(lex::ING_NOUNS, w)
                    || matches!(verbs::verb(w), Some((_, Form::Past)))
                        && !opens_phrase(self.word(i - 1))
                        && has(lex::PREPOSITIONS, self.word(i + 1))
            })
            .unwrap_or(to)
    }

    /// The head noun's token. "a group of dancers" has "dancers".
    pub(super) fn head(&self, from: usize, to: usize) -> usize {
        let end = self.phrase_end(from, to);
        let mut at = end.saturating_sub(1).max(from);
        if let Some(of) = (from..end).find(|&i| self.word(i) == "of") {
            let first = self.word(of.saturating_sub(1));
            if !matches!(
                first,
                "group"
                    | "crowd"
                    | "couple"
                    | "pair"
                    | "dozens"
                    | "hundreds"
                    | "thousands"
                    | "row"
                    | "line"
                    | "lot"
                    | "flock"
                    | "herd"
            ) {
                at = of.saturating_sub(1).max(from);
            }
        }
        while at > from && (adverb(self.word(at)) || self.word(at).is_empty()) {
            at -= 1;
        }
        at
    }

    /// Adds a subject, or finds the one that is meant.
    pub(super) fn noun_phrase(
        &mut self,
        from: usize,
        to: usize,
        verb: Option<&MainVerb>,
        with: Option<usize>,
    ) -> Option<usize> {
        let first = self.word(from).to_owned();
        if has(lex::PRONOUNS, &first) && to - from <= 2 {
            let pronoun = match first.as_str() {
                "she" => Some(Pronoun::She),
                "he" => Some(Pronoun::He),
                "they" => Some(Pronoun::They),
                "it" => Some(Pronoun::It),
                _ => None,
            };
            let index = self.out.subjects.iter().position(|s| {
                s.with.is_none()
                    && match pronoun {
                        Some(Pronoun::She | Pronoun::He) => {
                            s.being && !s.plural && s.pronoun.is_none_or(|p| Some(p) == pronoun)
                        }
                        Some(Pronoun::They) => s.plural,
                        _ => true,
                    }
            });
            if let Some(subject) = index.and_then(|i| self.out.subjects.get_mut(i)) {
                subject.pronoun = subject.pronoun.or(pronoun);
            } else if pronoun.is_some() {
                self.out.subjects.push(Subject {
                    text: first.clone(),
                    head: first.clone(),
                    span: self.span(from, to),
                    plural: first == "they",
                    count: None,
                    being: first != "it",
                    proper: true,
                    pronoun,
                    with: None,
                });
                return Some(self.out.subjects.len() - 1);
            }
            return index;
        }
        if first == "there" || first.is_empty() && to - from == 1 {
            return None;
        }
        let head_at = self.head(from, to);
        let head_lower = self.word(head_at).to_owned();
        if head_lower.is_empty() {
            return None;
        }
        // "A slow look around a house" is the camera's, and nobody in the shot.
        if matches!(head_lower.as_str(), "look" | "view" | "glimpse" | "tour") && verb.is_none() {
            let term = self.term(from, to, &head_lower);
            self.out.other.push(term);
            return None;
        }
        let proper = self.named(head_at) && !opens_phrase(&first);
        let same = self.out.subjects.iter().position(|s| {
            s.head.to_lowercase() == head_lower
                && (first == "the" || proper || verbs::has(lex::POSSESSIVES, &first))
        });
        if same.is_some() {
            return same;
        }
        let joined = (from..to).any(|i| {
            self.word(i) == "and"
                && (opens_phrase(self.word(i + 1))
                    || verbs::being(self.word(i + 1))
                    || self.named(i + 1))
        });
        let count = number(&first).or_else(|| (joined && to - from <= 8).then_some(2));
        let plural = joined
            || count.is_some_and(|n| n > 1)
            || matches!(
                first.as_str(),
                "several" | "many" | "some" | "both" | "these" | "those" | "few"
            ) && verbs::is_plural(&head_lower)
            || verb.is_some_and(|v| {
                v.form == Form::Base
                    && v.keep
                        .as_deref()
                        .is_none_or(|k| k.starts_with("do ") || k.starts_with("don't"))
            })
            || verbs::is_plural(&head_lower) && !matches!(first.as_str(), "a" | "an" | "one");
        let plural = plural
            && !verb.is_some_and(|v| v.form == Form::Third && v.keep.as_deref() != Some("are"));
        let pronoun = gender(&head_lower)
            .filter(|_| !plural)
            .or(plural.then_some(Pronoun::They));
        self.out.subjects.push(Subject {
            text: self.text(from, to),
            head: self.text(head_at, head_at + 1),
            span: self.span(from, to),
            plural,
            count,
            being: verbs::being(&head_lower) || proper,
            proper,
            pronoun,
            with,
        });
        let index = self.out.subjects.len() - 1;
        // A name that an appositive explains or a second being in the phrase.
        if with.is_none() && !joined {
            self.companions(head_at + 1, to, Some(index));
        }
        Some(index)
    }

    /// Other beings in a predicate: "her dog", "a dragon".
    pub(super) fn companions(&mut self, from: usize, to: usize, subject: Option<usize>) {
        let mut i = from;
        while i < to {
            if opens_phrase(self.word(i)) {
                let end = self.phrase_end(i, to);
                let head = self.head(i, end.max(i + 1));
                let lower_head = self.word(head).to_owned();
                if head > i
                    && verbs::being(&lower_head)
                    && !matches!(lower_head.as_str(), "figure" | "crowd" | "model")
                {
                    self.noun_phrase(i, head + 1, None, subject);
                    i = head;
                }
            }
            i += 1;
        }
    }

    /// Records the places named by prepositional phrases.
    pub(super) fn places_in(&mut self, from: usize, to: usize, in_clause: bool) {
        let mut i = from;
        while i < to {
            let preposition = self.word(i).to_owned();
            if !has(lex::PLACE_PREPOSITIONS, &preposition) || i + 1 >= to {
                i += 1;
                continue;
            }
            let mut begin = i + 1;
            let mut name = preposition.clone();
            while begin < to
                && (has(lex::PLACE_PREPOSITIONS, self.word(begin))
                    || self.word(begin) == "of"
                    || matches!(
                        self.word(begin),
                        "front" | "middle" | "edge" | "side" | "top"
                    ) && self.word(begin + 1) == "of"
                    || self.word(begin) == "the"
                        && matches!(
                            self.word(begin + 1),
                            "middle" | "edge" | "side" | "top" | "front"
                        )
                        && self.word(begin + 2) == "of")
            {
                name.push(' ');
                name.push_str(self.word(begin));
                begin += 1;
            }
            let mut end = begin;
            while end < to {
                let w = self.word(end);
                let ing = matches!(verbs::verb(w), Some((_, Form::Ing)))
                    && end > begin
                    && !has(lex::ING_NOUNS, w)
                    && !opens_phrase(self.word(end - 1))
                    && !has(lex::ADJECTIVES, self.word(end - 1));
                if w.is_empty()
                    || (has(lex::PREPOSITIONS, w) && w != "of")
                    || matches!(
                        w,
                        "and"
                            | "while"
                            | "as"
                            | "who"
                            | "that"
                            | "where"
                            | "then"
                            | "left"
                            | "right"
                    )
                    || ing
                    || (adverb(w) && end > begin)
                {
                    break;
                }
                end += 1;
            }
            if end <= begin {
                i = begin.max(i + 1);
                continue;
            }
            let head = self.head(begin, end);
            let head_word = self.word(head).to_owned();
            let single = crate::prompt::verbs::singular(&head_word);
            let excluded = |w: &str| {
                has(lex::WORN, w) || has(lex::MANNER, w) || has(lex::TIMES, w) || verbs::being(w)
            };
            let known = verbs::place(&head_word);
            let weather = has(lex::WEATHER, &head_word);
            let path = has(lex::PATH_PREPOSITIONS, &preposition);
            let described =
                opens_phrase(self.word(begin)) && !has(lex::POSSESSIVES, self.word(begin));
            let named = self.named(head);
            let open = matches!(
                preposition.as_str(),
                "in" | "on"
                    | "at"
                    | "inside"
                    | "outside"
                    | "near"
                    | "under"
                    | "over"
                    | "beside"
                    | "behind"
                    | "beneath"
                    | "above"
                    | "atop"
                    | "by"
                    | "around"
            );
            let style = (begin..end).any(|k| match term_at(self.tokens, k) {
                None | Some((_, What::Time | What::Weather)) => false,
                // "a sunlit room" is a place, "soft light" is none.
                Some((_, What::Style(_))) => k == head || !known,
                Some(_) => true,
            });
            let weather = weather || has(lex::TIMES, self.word(end - 1));
            let is_place = !style
                && (known
                    || named && !verbs::being(&head_word)
                    || !excluded(&head_word)
                        && !excluded(&single)
                        && !weather
                        && (path || open && described));
            if is_place {
                let place = Place {
                    preposition: name,
                    text: self.text(begin, end),
                    head: head_word,
                    in_clause,
                    span: self.span(i, end),
                };
                if !self.out.places.iter().any(|p| p.text == place.text) {
                    self.out.places.push(place);
                }
            }
            i = end;
        }
    }

    /// Possessives and pronouns of the prompt tell how to speak of a subject.
    pub(super) fn pronouns(&mut self) {
        let main: Vec<usize> = (0..self.out.subjects.len())
            .filter(|&i| {
                self.out
                    .subjects
                    .get(i)
                    .is_some_and(|s| s.with.is_none() && s.being && !s.plural)
            })
            .collect();
        let [only] = main.as_slice() else { return };
        let said = self.tokens.iter().find_map(|t| match t.lower.as_str() {
            "she" | "her" | "herself" => Some(Pronoun::She),
            "he" | "his" | "him" | "himself" => Some(Pronoun::He),
            "they" | "their" | "themselves" => Some(Pronoun::They),
            _ => None,
        });
        if let (Some(pronoun), Some(subject)) = (said, self.out.subjects.get_mut(*only))
            && subject.pronoun.is_none()
        {
            // "they" of one person would need plural verbs; the noun is repeated instead.
            if pronoun != Pronoun::They {
                subject.pronoun = Some(pronoun);
            }
        }
    }
}

pub(super) fn span_of(tokens: &[Token], from: usize, to: usize) -> Span {
    match (tokens.get(from), tokens.get(to.saturating_sub(1))) {
        (Some(a), Some(b)) => a.span.join(b.span),
        _ => Span::default(),
    }
}

/// Places that are also things: alone in a fragment they are what the shot is about.
pub(super) fn thing(head: &str) -> bool {
    matches!(
        verbs::singular(head).as_str(),
        "car"
            | "train"
            | "bus"
            | "plane"
            | "ship"
            | "boat"
            | "spaceship"
            | "wave"
            | "rock"
            | "tree"
            | "door"
            | "table"
            | "desk"
            | "moon"
            | "planet"
            | "lighthouse"
            | "windmill"
            | "volcano"
            | "waterfall"
            | "fountain"
            | "sofa"
            | "bed"
            | "bench"
            | "leave"
            | "window"
            | "gate"
            | "tent"
    )
}

/// Nouns that take no article.
pub(crate) fn mass(word: &str) -> bool {
    matches!(
        word,
        "smoke"
            | "rain"
            | "snow"
            | "water"
            | "fog"
            | "mist"
            | "dust"
            | "light"
            | "sunlight"
            | "fire"
            | "sand"
            | "grass"
            | "wind"
            | "steam"
            | "traffic"
            | "music"
            | "blood"
            | "hair"
            | "ice"
            | "lightning"
            | "thunder"
            | "neon"
            | "confetti"
            | "paint"
            | "ink"
            | "milk"
            | "coffee"
            | "wine"
            | "food"
            | "silence"
            | "lava"
            | "everything"
            | "someone"
            | "nobody"
            | "something"
            | "nothing"
            | "moonlight"
            | "darkness"
            | "life"
            | "space"
            | "honey"
            | "oil"
            | "chocolate"
            | "sparks"
            | "tea"
            | "bread"
            | "money"
            | "text"
            | "art"
            | "earth"
            | "police"
    )
}

pub(super) fn gender(head: &str) -> Option<Pronoun> {
    Some(match head {
        "woman" | "girl" | "lady" | "mother" | "mom" | "mum" | "daughter" | "sister"
        | "grandmother" | "ballerina" | "actress" | "waitress" | "queen" | "princess" | "witch"
        | "bride" | "heroine" => Pronoun::She,
        "man" | "boy" | "gentleman" | "guy" | "father" | "dad" | "son" | "brother"
        | "grandfather" | "king" | "prince" | "policeman" | "fisherman" | "cowboy" | "groom"
        | "monk" => Pronoun::He,
        _ => return None,
    })
}

pub(super) fn number(word: &str) -> Option<u32> {
    Some(match word {
        "one" => 1,
        "two" | "both" | "couple" | "pair" => 2,
        "three" => 3,
        "four" => 4,
        "five" => 5,
        "six" => 6,
        "seven" => 7,
        "eight" => 8,
        "nine" => 9,
        "ten" => 10,
        other => return other.parse().ok().filter(|n| *n > 0 && *n < 1000),
    })
}

pub(super) fn heading(rest: &str) -> Option<Heading> {
    let words: Vec<&str> = rest.split([' ', ',']).collect();
    for (i, word) in words.iter().enumerate() {
        let after = |k: usize| words.get(i + k).copied().unwrap_or_default();
        match *word {
            "left" | "leftward" | "leftwards" if after(1) == "to" && after(2) == "right" => {
                return Some(Heading::Right);
            }
            "right" | "rightward" | "rightwards" if after(1) == "to" && after(2) == "left" => {
                return Some(Heading::Left);
            }
            "right-to-left" => return Some(Heading::Left),
            "left-to-right" => return Some(Heading::Right),
            "left" | "leftward" | "leftwards" | "right" | "rightward" | "rightwards" => {
                // "her left hand" names a side, not a way.
                let before = i
                    .checked_sub(1)
                    .and_then(|k| words.get(k))
                    .copied()
                    .unwrap_or_default();
                let noun = !after(1).is_empty()
                    && !has(lex::PREPOSITIONS, after(1))
                    && !has(lex::FUNCTION_WORDS, after(1))
                    && !adverb(after(1));
                if noun || has(lex::POSSESSIVES, before) || before == "from" {
                    continue;
                }
                return Some(if word.starts_with("left") {
                    Heading::Left
                } else {
                    Heading::Right
                });
            }
            _ => {}
        }
    }
    None
}
