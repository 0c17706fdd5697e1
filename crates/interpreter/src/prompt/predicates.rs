//! Clauses: subject, verb and what follows.

use super::clauses::{MainVerb, adverb, main_verb, opens_phrase, pose_of};
use super::lexicon as lex;
use super::nouns::{heading, mass, span_of, thing};
use super::parse::Parser;
use super::verbs::{self, Form, has};
use super::{Clause, Place, Term};

/// What follows a predicate.
pub(super) struct Follow {
    begin: usize,
    joiner: String,
    verb: Option<MainVerb>,
}

impl Parser<'_> {
    /// A clause, a coordinated predicate, or a noun phrase.
    pub(super) fn clause(&mut self, from: usize, to: usize, joiner: &str) {
        let starts_verb = verbs::verb(self.word(from)).filter(|(_, form)| {
            matches!(form, Form::Third | Form::Ing)
                && !has(lex::NOUN_FIRST, self.word(from))
                && !has(lex::ING_NOUNS, self.word(from))
        });
        let verb = main_verb(self.tokens, from, to);
        if let Some((base, form)) = starts_verb
            && verb
                .as_ref()
                .is_none_or(|v| v.form == Form::Ing || !self.plausible_subject(from, v.start))
        {
            if form == Form::Third && !self.first {
                let verb = MainVerb {
                    start: from,
                    end: from + 1,
                    base: base.to_owned(),
                    form,
                    keep: None,
                    negated: false,
                };
                self.predicate(from, from, &verb, to, joiner);
                return;
            }
            if form == Form::Ing {
                self.participle(from, to);
                return;
            }
        }
        match verb {
            Some(verb) => self.predicate(from, verb.start, &verb, to, joiner),
            None => self.fragment_of_nouns(from, to),
        }
    }

    pub(super) fn plausible_subject(&self, from: usize, verb: usize) -> bool {
        (from..verb).any(|i| {
            let w = self.word(i);
            opens_phrase(w) || has(lex::PRONOUNS, w) || verbs::being(w) || mass(w) || self.named(i)
        })
    }

    /// Records a clause whose subject stands in `from..verb.start`.
    pub(super) fn predicate(
        &mut self,
        from: usize,
        subject_end: usize,
        verb: &MainVerb,
        to: usize,
        joiner: &str,
    ) {
        // Adverbs and a fronted place before the subject.
        let mut from = from;
        let mut subject_end = subject_end;
        if has(lex::PLACE_PREPOSITIONS, self.word(from)) {
            // "In a quiet kitchen a man cooks": the subject opens with the last determiner.
            let split = (from + 2..subject_end)
                .rev()
                .find(|&i| opens_phrase(self.word(i)) && !has(lex::PREPOSITIONS, self.word(i - 1)));
            if let Some(split) = split {
                self.places_in(from, split, false);
                from = split;
            }
        }
        let mut adverbs = Vec::new();
        while subject_end > from && adverb(self.word(subject_end - 1)) {
            subject_end -= 1;
            adverbs.insert(0, self.text(subject_end, subject_end + 1));
        }
        while from < subject_end && (adverb(self.word(from)) || self.word(from).is_empty()) {
            if !self.word(from).is_empty() {
                adverbs.push(self.text(from, from + 1));
            }
            from += 1;
        }
        // "…, steam rising" is a clause of its own beside the one before it.
        let joiner = if joiner == "," && verb.form == Form::Ing && !self.first && from < subject_end
        {
            "while"
        } else {
            joiner
        };
        let (subject, subject_text) = if from < subject_end {
            let index = self.noun_phrase(from, subject_end, Some(verb), None);
            (index, self.text(from, subject_end))
        } else {
            (
                self.out.clauses.last().and_then(|c| c.subject),
                String::new(),
            )
        };
        let plural = subject
            .and_then(|i| self.out.subjects.get(i))
            .is_some_and(|s| s.plural)
            || matches!(subject_text.as_str(), "they" | "we" | "you" | "i");
        let present = match (&verb.keep, verb.form) {
            (Some(kept), Form::Ing) => format!("{} {kept}", if plural { "are" } else { "is" }),
            (Some(kept), _) => kept.clone(),
            (None, Form::Third | Form::Base) if verb.base != "have" => {
                self.text(verb.start, verb.end)
            }
            (None, _) if verb.base == "have" => if plural { "have" } else { "has" }.to_owned(),
            (None, _) => verbs::present(&verb.base, plural),
        };
        let (end, next) = self.split_predicate(verb.end, to, verb);
        let rest = self.text(verb.end, end);
        let clause = Clause {
            sentence: self.sentence,
            joiner: if self.first {
                String::new()
            } else {
                joiner.to_owned()
            },
            subject,
            subject_text,
            adverb: adverbs.join(" "),
            pose: pose_of(&verb.base, &rest).filter(|_| !verb.negated),
            heading: heading(&rest),
            verb: present,
            base: verb.base.clone(),
            rest,
            negated: verb.negated,
            span: self.span(from, end),
        };
        self.out.clauses.push(clause);
        self.first = false;
        self.companions(verb.end, end, subject);
        self.place_object(verb, end);
        self.places_in(verb.end, end, true);
        match next {
            Some(Follow {
                begin,
                joiner,
                verb: Some(verb),
            }) => {
                self.predicate(begin, verb.start, &verb, to, &joiner);
            }
            Some(Follow {
                begin,
                joiner,
                verb: None,
            }) => self.fragment_or_clause(begin, to, &joiner),
            None => {}
        }
    }

    /// "crosses a bridge", "enters the hall": the object is the place.
    pub(super) fn place_object(&mut self, verb: &MainVerb, end: usize) {
        let crosses = matches!(
            verb.base.as_str(),
            "cross"
                | "enter"
                | "leave"
                | "climb"
                | "approach"
                | "explore"
                | "patrol"
                | "pass"
                | "exit"
                | "descend"
                | "ascend"
                | "sweep"
        );
        if !crosses || verb.end >= end {
            return;
        }
        let stop = self.phrase_end(verb.end, end);
        let head = self.head(verb.end, stop);
        if verbs::place(self.word(head)) {
            let place = Place {
                preposition: String::new(),
                text: self.text(verb.end, stop),
                head: self.word(head).to_owned(),
                in_clause: true,
                span: self.span(verb.end, stop),
            };
            self.out.places.push(place);
        }
    }

    pub(super) fn fragment_or_clause(&mut self, from: usize, to: usize, joiner: &str) {
        if self.camera_subject(from) {
            self.camera_clause(from, to);
        } else {
            self.clause(from, to, joiner);
        }
    }

    /// Where the words after a verb give way to another verb or clause.
    ///
    /// Yields the end of the predicate, and where the next clause begins, with its joiner and,
    /// where it shares the subject, its verb.
    pub(super) fn split_predicate(
        &self,
        from: usize,
        to: usize,
        verb: &MainVerb,
    ) -> (usize, Option<Follow>) {
        for i in from..to {
            let word = self.word(i);
            if !matches!(
                word,
                "and" | "then" | "but" | "while" | "as" | "when" | "before" | "until"
            ) {
                continue;
            }
            let mut next = i + 1;
            let mut joiner = word.to_owned();
            if word == "and" && self.word(next) == "then" {
                next += 1;
                joiner = "and then".to_owned();
            }
            while next < to && adverb(self.word(next)) {
                next += 1;
            }
            let form = verbs::verb(self.word(next)).filter(|_| next < to);
            let parallel = form.is_some_and(|(_, form)| form == verb.form);
            let afterwards = self.word(next + 1);
            let solid = !has(lex::NOUN_FIRST, self.word(next))
                || opens_phrase(afterwards)
                || has(lex::PRONOUNS, afterwards)
                || matches!(
                    self.word(next),
                    "leaves" | "waves" | "looks" | "points" | "drops" | "steps"
                );
            if let (true, Some((base, form))) = (
                matches!(word, "and" | "then" | "but") && parallel && solid,
                form,
            ) {
                let verb = MainVerb {
                    start: next,
                    end: next + 1,
                    base: base.to_owned(),
                    form,
                    keep: None,
                    negated: false,
                };
                let begin = i + 1 + usize::from(joiner == "and then");
                return (
                    i,
                    Some(Follow {
                        begin,
                        joiner,
                        verb: Some(verb),
                    }),
                );
            }
            let subject = main_verb(self.tokens, i + 1, to).is_some_and(|v| {
                v.start > i + 1 && v.form != Form::Ing && self.plausible_subject(i + 1, v.start)
            });
            if subject {
                return (
                    i,
                    Some(Follow {
                        begin: i + 1,
                        joiner,
                        verb: None,
                    }),
                );
            }
        }
        (to, None)
    }

    /// ", holding an umbrella": goes with the clause or the subject before it.
    pub(super) fn participle(&mut self, from: usize, to: usize) {
        let text = self.text(from, to);
        self.places_in(from, to, true);
        let sentence = self.sentence;
        if let Some(last) = self
            .out
            .clauses
            .last_mut()
            .filter(|c| c.sentence == sentence)
        {
            last.rest = format!("{}, {text}", last.rest)
                .trim_start_matches(", ")
                .to_owned();
            last.span = last.span.join(span_of(self.tokens, from, to));
            return;
        }
        if let Some((index, subject)) = self.out.subjects.iter().enumerate().next_back()
            && let Some((base, _)) = verbs::verb(self.word(from))
        {
            let rest = self.text(from + 1, to);
            let clause = Clause {
                sentence,
                subject: Some(index),
                subject_text: subject.text.clone(),
                verb: verbs::present(base, subject.plural),
                base: base.to_owned(),
                pose: pose_of(base, &rest),
                heading: heading(&rest),
                rest,
                span: subject.span.join(self.span(from, to)),
                ..Clause::default()
            };
            self.out.clauses.push(clause);
            self.first = false;
            return;
        }
        let term = self.term(from, to, "");
        self.out.other.push(term);
    }

    pub(super) fn fragment_of_nouns(&mut self, from: usize, to: usize) {
        let first = self.word(from).to_owned();
        if has(lex::PREPOSITIONS, &first) {
            let before = self.out.places.len();
            self.places_in(from, to, false);
            if self.out.places.len() == before {
                self.attach(from, to);
            }
            return;
        }
        let adjectives = (from..to).all(|i| {
            let w = self.word(i);
            has(lex::ADJECTIVES, w) || adverb(w) || matches!(w, "and" | "very" | "but")
        });
        if adjectives {
            self.attach(from, to);
            return;
        }
        let head = self.head(from, to);
        let head_word = self.word(head).to_owned();
        let stop = self.phrase_end(from, to);
        let is_place = verbs::place(&head_word) && !verbs::being(&head_word) && !thing(&head_word);
        if is_place {
            let place = Place {
                preposition: String::new(),
                text: self.text(from, to),
                head: head_word,
                in_clause: false,
                span: self.span(from, to),
            };
            self.out.places.push(place);
            let _ = stop;
        } else {
            self.noun_phrase(from, to, None, None);
            self.places_in(head + 1, to, true);
        }
    }

    pub(super) fn attach(&mut self, from: usize, to: usize) {
        let text = self.text(from, to);
        let span = self.span(from, to);
        let sentence = self.sentence;
        if let Some(last) = self
            .out
            .clauses
            .last_mut()
            .filter(|c| c.sentence == sentence)
        {
            last.rest = format!("{}, {text}", last.rest)
                .trim_start_matches(", ")
                .to_owned();
            last.span = last.span.join(span);
        } else if let Some(last) = self.out.subjects.last_mut() {
            last.text = format!("{}, {text}", last.text);
            last.span = last.span.join(span);
        } else {
            self.out.other.push(Term {
                text,
                key: String::new(),
                span,
            });
        }
    }
}
