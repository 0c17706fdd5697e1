//! From the words of a prompt to what it asks for.

use super::camera_terms::move_at;
use super::clauses::{adverb, lower, main_verb, opens_phrase};
use super::lexicon as lex;
use super::nouns::mass;
use super::terms::{What, term_at};
use super::token::{Kind, Span, Token, squeeze, tokens};
use super::verbs::{self, Form, has};
use super::{EditKind, EditRequest, Intent, Term};

/// Reads a short prompt. Never fails: what cannot be read is kept as it stands.
pub fn parse(prompt: &str) -> Intent {
    let tokens = tokens(prompt);
    if !tokens
        .iter()
        .any(|t| matches!(t.kind, Kind::Word | Kind::Quote))
    {
        return Intent::default();
    }
    if foreign(&tokens) {
        return Intent {
            verbatim: Some(verbatim(prompt)),
            ..Intent::default()
        };
    }
    let mut parser = Parser {
        tokens: &tokens,
        out: Intent::default(),
        sentence: 0,
        first: true,
    };
    let mut from = 0;
    while from < tokens.len() {
        let to = (from..tokens.len())
            .find(|&i| tokens.get(i).is_some_and(|t| t.kind == Kind::Stop))
            .unwrap_or(tokens.len());
        if from < to {
            parser.sentence(from, to);
            parser.sentence += 1;
        }
        from = to + 1;
    }
    parser.pronouns();
    if parser.out.is_empty() {
        parser.out.verbatim = Some(verbatim(prompt));
    }
    parser.out
}

/// The prompt on one line, without the marks that would end a sentence twice.
fn verbatim(prompt: &str) -> String {
    let text: String = prompt.chars().take(super::token::LONGEST).collect();
    squeeze(&text)
}

/// Whether a prompt is in a language this parser does not read.
fn foreign(tokens: &[Token]) -> bool {
    let words: Vec<&str> = tokens
        .iter()
        .filter(|t| t.kind == Kind::Word)
        .map(|t| t.lower.as_str())
        .collect();
    let latin = |w: &&&str| {
        w.chars()
            .all(|c| c.is_ascii() || ('\u{00C0}'..'\u{0250}').contains(&c) || c == '’')
    };
    let latin_words = words.iter().filter(latin).count();
    if latin_words * 2 < words.len() {
        return true;
    }
    let known = |w: &&&str| {
        has(lex::DETERMINERS, w)
            || has(lex::PREPOSITIONS, w)
            || has(lex::FUNCTION_WORDS, w)
            || has(lex::ADJECTIVES, w)
            || verbs::known_noun(w)
            || verbs::verb(w).is_some()
    };
    let english = words.iter().filter(known).count();
    let other = words.iter().filter(|w| has(lex::FOREIGN, w)).count();
    other >= 2 && other * 2 > english || (other >= 1 && english == 0 && words.len() > 1)
}

pub(super) struct Parser<'t> {
    pub(super) tokens: &'t [Token],
    pub(super) out: Intent,
    pub(super) sentence: usize,
    /// Whether the next clause is the first of its sentence.
    pub(super) first: bool,
}

impl Parser<'_> {
    pub(super) fn word(&self, i: usize) -> &str {
        lower(self.tokens, i)
    }

    pub(super) fn span(&self, from: usize, to: usize) -> Span {
        let ends = (self.tokens.get(from), self.tokens.get(to.saturating_sub(1)));
        match ends {
            (Some(a), Some(b)) => a.span.join(b.span),
            _ => Span::default(),
        }
    }

    /// The words of a run, evenly spaced. The first is decapitalised unless it looks like a name.
    pub(super) fn text(&self, from: usize, to: usize) -> String {
        let mut out = String::new();
        for i in from..to.min(self.tokens.len()) {
            let Some(token) = self.tokens.get(i) else {
                break;
            };
            match token.kind {
                Kind::Comma | Kind::Stop => {
                    if i + 1 < to && !out.is_empty() && !out.ends_with(',') {
                        out.push(',');
                    }
                }
                Kind::Word | Kind::Quote => {
                    if !out.is_empty() {
                        out.push(' ');
                    }
                    if self.lowers(i) {
                        out.push_str(&token.lower);
                    } else {
                        out.push_str(&token.text);
                    }
                }
            }
        }
        out
    }

    /// Whether a capitalised word only has its capital from opening a sentence.
    pub(super) fn lowers(&self, i: usize) -> bool {
        let Some(token) = self.tokens.get(i) else {
            return false;
        };
        if token.kind != Kind::Word || !token.text.chars().next().is_some_and(char::is_uppercase) {
            return false;
        }
        let shouted = token.text.chars().filter(|c| c.is_alphabetic()).count() > 1
            && !token.text.chars().any(char::is_lowercase);
        if shouted || token.lower == "i" {
            return false;
        }
        let opens = i == 0
            || self
                .tokens
                .get(i - 1)
                .is_some_and(|t| t.kind == Kind::Stop || t.kind == Kind::Comma);
        opens && !self.named(i)
    }

    /// Whether the word at `i` is a name: capitalised and not an everyday word.
    pub(super) fn named(&self, i: usize) -> bool {
        let Some(token) = self.tokens.get(i).filter(|t| t.kind == Kind::Word) else {
            return false;
        };
        let capital = token.text.chars().next().is_some_and(char::is_uppercase);
        if !capital {
            return false;
        }
        let w = token.lower.as_str();
        if has(lex::CITIES, w) {
            return true;
        }
        let everyday = has(lex::DETERMINERS, w)
            || has(lex::PREPOSITIONS, w)
            || has(lex::FUNCTION_WORDS, w)
            || has(lex::ADJECTIVES, w)
            || has(lex::PRONOUNS, w)
            || verbs::known_noun(w)
            || verbs::verb(w).is_some()
            || adverb(w)
            || mass(w)
            || term_at(self.tokens, i).is_some()
            || move_at(self.tokens, i, false).is_some();
        if everyday {
            return false;
        }
        let opens = i == 0
            || self
                .tokens
                .get(i - 1)
                .is_some_and(|t| t.kind == Kind::Stop || t.kind == Kind::Comma);
        if !opens {
            return true;
        }
        // At the head of a sentence a name is followed by what it does, another name, or nothing.
        let next = self.word(i + 1);
        let again = self.tokens.iter().any(|t| t.text == token.lower);
        !again
            && (verbs::verb(next).is_some_and(|(_, form)| form != Form::Past)
                || matches!(next, "is" | "has" | "and" | "")
                || has(lex::PREPOSITIONS, next)
                || adverb(next)
                || self
                    .tokens
                    .get(i + 1)
                    .is_some_and(|t| t.text.chars().next().is_some_and(char::is_uppercase)))
    }

    pub(super) fn term(&self, from: usize, to: usize, key: &str) -> Term {
        Term {
            text: self.text(from, to),
            key: key.to_owned(),
            span: self.span(from, to),
        }
    }

    pub(super) fn sentence(&mut self, from: usize, to: usize) {
        self.first = true;
        if self.edit(from, to) {
            return;
        }
        let mut start = from;
        let mut open: Option<usize> = None;
        for i in from..=to {
            let comma = i == to || self.tokens.get(i).is_some_and(|t| t.kind == Kind::Comma);
            if !comma {
                continue;
            }
            if start < i {
                let begin = open.take().unwrap_or(start);
                if i < to && self.continues(begin, i, i + 1, to) {
                    open = Some(begin);
                } else {
                    self.fragment(begin, i, if begin == from { "" } else { "," });
                }
            }
            start = i + 1;
        }
        if let Some(begin) = open {
            self.fragment(begin, to, "");
        }
    }

    /// Whether the fragment after a comma goes on with the verb of the noun phrase before it:
    /// "A man, old and tired, walks home".
    pub(super) fn continues(&self, begin: usize, end: usize, next: usize, to: usize) -> bool {
        let finite = |i: usize| {
            matches!(verbs::verb(self.word(i)), Some((_, Form::Third)))
                && !has(lex::NOUN_FIRST, self.word(i))
        };
        if !opens_phrase(self.word(begin)) && !self.named(begin)
            || main_verb(self.tokens, begin, end).is_some_and(|v| v.form != Form::Ing)
        {
            return false;
        }
        let stop = (next..to)
            .find(|&i| self.tokens.get(i).is_some_and(|t| t.kind == Kind::Comma))
            .unwrap_or(to);
        if finite(next) {
            return true;
        }
        let plain = (next..stop).all(|i| {
            let w = self.word(i);
            has(lex::ADJECTIVES, w)
                || adverb(w)
                || matches!(w, "and" | "but")
                || verbs::verb(w).is_some_and(|(_, f)| f == Form::Past)
        });
        plain && stop < to && finite(stop + 1)
    }

    /// "Add …", "Make …", "Remove …".
    pub(super) fn edit(&mut self, from: usize, to: usize) -> bool {
        let mut at = from;
        while matches!(self.word(at), "please" | "now" | "then" | "and" | "also") && at < to {
            at += 1;
        }
        let verb = self.word(at).to_owned();
        let next = self.word(at + 1);
        let object = opens_phrase(next)
            || matches!(next, "it" | "him" | "them" | "everything" | "all" | "more")
            || next.is_empty()
            || verbs::is_plural(next)
            || mass(next);
        let kind = if has(lex::EDIT_ADD, &verb) {
            EditKind::Add
        } else if has(lex::EDIT_REMOVE, &verb) {
            EditKind::Remove
        } else if has(lex::EDIT_MODIFY, &verb) {
            EditKind::Modify
        } else {
            return false;
        };
        if !object || at + 1 >= to {
            return false;
        }
        if verb == "keep" && self.out.edit.is_none() && self.sentence > 0 {
            return false;
        }
        let stop = (at + 1..to)
            .find(|&i| {
                self.tokens.get(i).is_some_and(|t| t.kind == Kind::Comma)
                    || (i > at + 1
                        && matches!(
                            self.word(i),
                            "to" | "from"
                                | "in"
                                | "on"
                                | "with"
                                | "into"
                                | "at"
                                | "beside"
                                | "behind"
                                | "near"
                                | "next"
                                | "by"
                                | "and"
                        ))
            })
            .unwrap_or(to);
        let target = self.text(at + 1, stop);
        let target = match target.rsplit_once(' ') {
            // "make the sky darker": the sky is what changes.
            Some((thing, last))
                if kind == EditKind::Modify
                    && (has(lex::ADJECTIVES, last) || last.ends_with("er"))
                    && !verbs::known_noun(last) =>
            {
                thing.to_owned()
            }
            _ => target,
        };
        if kind == EditKind::Add {
            self.noun_phrase(at + 1, stop, None, None);
        }
        for i in at + 1..to {
            if let Some((_, What::Time)) = term_at(self.tokens, i) {
                let key = self.word(i).to_owned();
                let term = self.term(i, i + 1, &key);
                self.out.times.push(term);
            }
        }
        let request = EditRequest {
            kind,
            text: self.text(at, to),
            target,
            span: self.span(at, to),
        };
        match &mut self.out.edit {
            Some(first) => {
                first.text = format!("{}; {}", first.text, request.text);
                first.span = first.span.join(request.span);
            }
            none => *none = Some(request),
        }
        true
    }

    pub(super) fn fragment(&mut self, mut from: usize, mut to: usize, joiner: &str) {
        let mut joiner = joiner.to_owned();
        while from < to
            && matches!(
                self.word(from),
                "and" | "then" | "but" | "while" | "as" | "with" | "meanwhile"
            )
        {
            let word = self.word(from).to_owned();
            if matches!(word.as_str(), "with" | "as") && !self.camera_subject(from + 1) {
                break;
            }
            if self.negation_word(from + 1) {
                from += 1;
                continue;
            }
            joiner = match (joiner.as_str(), word.as_str()) {
                (_, "with") => joiner,
                ("," | "", "and" | "then" | "but") => format!(", {word}"),
                ("and" | "but", "then") => "and then".to_owned(),
                (_, other) => other.to_owned(),
            };
            from += 1;
        }
        if self.word(from) == "there" && matches!(self.word(from + 1), "is" | "are") {
            from += 2;
        }
        if from >= to {
            return;
        }
        // The camera as a subject, first or further on.
        for i in from..to {
            if self.camera_subject(i) {
                if i > from {
                    let mut end = i;
                    while end > from
                        && matches!(
                            self.word(end - 1),
                            "and" | "while" | "as" | "with" | "then" | "but"
                        )
                    {
                        end -= 1;
                    }
                    self.fragment(from, end, &joiner);
                }
                self.camera_clause(i, to);
                return;
            }
        }
        if self.negation(from, to) || self.style_phrase(from, to) || self.tag(from, to) {
            return;
        }
        // A camera term that opens the fragment: "Close-up of …", "Slow push in on …".
        if let Some(rest) = self.opening_camera(from, to) {
            if rest < to {
                self.fragment(rest, to, "");
            }
            return;
        }
        (from, to) = self.trim_edges(from, to);
        if from < to {
            self.inner_terms(from, to);
            self.clause(from, to, &joiner);
        }
    }
}
