//! From the words of a prompt to what it asks for.

use super::camera_terms::{FoundMove, move_at};
use super::clauses::{MainVerb, adverb, lower, main_verb, opens_phrase, pose_of};
use super::lexicon as lex;
use super::terms::{What, term_at};
use super::token::{Kind, Span, Token, squeeze, tokens};
use super::verbs::{self, Form, has};
use super::{
    CameraTerm, CameraWish, Clause, EditKind, EditRequest, Heading, Intent, Negation, Place,
    Pronoun, StyleKind, StyleTerm, Subject, Term,
};

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

/// What follows a predicate.
struct Follow {
    begin: usize,
    joiner: String,
    verb: Option<MainVerb>,
}

struct Parser<'t> {
    tokens: &'t [Token],
    out: Intent,
    sentence: usize,
    /// Whether the next clause is the first of its sentence.
    first: bool,
}

impl Parser<'_> {
    fn word(&self, i: usize) -> &str {
        lower(self.tokens, i)
    }

    fn span(&self, from: usize, to: usize) -> Span {
        let ends = (self.tokens.get(from), self.tokens.get(to.saturating_sub(1)));
        match ends {
            (Some(a), Some(b)) => a.span.join(b.span),
            _ => Span::default(),
        }
    }

    /// The words of a run, evenly spaced. The first is decapitalised unless it looks like a name.
    fn text(&self, from: usize, to: usize) -> String {
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
    fn lowers(&self, i: usize) -> bool {
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
    fn named(&self, i: usize) -> bool {
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

    fn term(&self, from: usize, to: usize, key: &str) -> Term {
        Term {
            text: self.text(from, to),
            key: key.to_owned(),
            span: self.span(from, to),
        }
    }

    fn sentence(&mut self, from: usize, to: usize) {
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
    fn continues(&self, begin: usize, end: usize, next: usize, to: usize) -> bool {
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
    fn edit(&mut self, from: usize, to: usize) -> bool {
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

    fn fragment(&mut self, mut from: usize, mut to: usize, joiner: &str) {
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

    /// "the camera" or "camera" before a verb.
    fn camera_subject(&self, i: usize) -> bool {
        let article = matches!(self.word(i), "the" | "our" | "a");
        let at = if article { i + 1 } else { i };
        let at = at
            + usize::from(matches!(
                self.word(at),
                "handheld" | "steady" | "static" | "drone" | "slow" | "smooth"
            ));
        if self.word(at) != "camera" {
            return false;
        }
        let next = self.word(at + 1);
        let says = verbs::verb(next)
            .is_some_and(|(base, form)| form != Form::Base || !matches!(base, "move" | "shake"))
            || matches!(
                next,
                "is" | "does"
                    | "doesn't"
                    | "remains"
                    | "stays"
                    | "holds"
                    | "trucks"
                    | "dollies"
                    | "pans"
                    | "tilts"
                    | "tracks"
                    | "zooms"
                    | "pushes"
                    | "cranes"
                    | "never"
                    | "should"
                    | "must"
                    | "slowly"
                    | "gently"
                    | "smoothly"
                    | "orbits"
                    | "arcs"
                    | "pulls"
            )
            || adverb(next)
            || move_at(self.tokens, at + 1, true).is_some_and(|m| m.end > at + 2);
        says && !matches!(
            self.word(i.wrapping_sub(1)),
            "at" | "toward" | "towards" | "to" | "into" | "past" | "from"
        )
    }

    fn camera_clause(&mut self, from: usize, to: usize) {
        // "… as she runs": another clause follows.
        let mut end = to;
        let noun = (from..to)
            .find(|&i| self.word(i) == "camera")
            .unwrap_or(from);
        for i in noun + 2..to {
            if matches!(self.word(i), "as" | "while" | "and" | "when")
                && !self.camera_subject(i + 1)
                && main_verb(self.tokens, i + 1, to)
                    .is_some_and(|v| v.start > i + 1 && move_at(self.tokens, i + 1, true).is_none())
            {
                end = i;
                break;
            }
        }
        let joiner_at = end;
        self.camera_words(noun, end);
        if joiner_at < to {
            self.fragment(joiner_at + 1, to, "");
        }
    }

    /// Everything said of the camera after the word "camera".
    fn camera_words(&mut self, noun: usize, end: usize) {
        let span = self.span(noun, end);
        let text = self.text(noun, end);
        let denied = (noun + 1..end)
            .find(|&i| matches!(self.word(i), "not" | "doesn't" | "never" | "don't"));
        let stays = (noun..end).any(|i| matches!(term_at(self.tokens, i), Some((_, What::Static))))
            || ((noun + 1..end).any(|i| {
                matches!(
                    self.word(i),
                    "stays" | "remains" | "holds" | "rests" | "is" | "stay" | "hold"
                )
            }) && (noun + 1..end).any(|i| {
                matches!(
                    self.word(i),
                    "still" | "static" | "fixed" | "locked" | "put" | "motionless" | "stationary"
                )
            }));
        if denied.is_some_and(|d| self.word(d + 1).starts_with("shake")) {
            self.push_camera(text, span, CameraWish::Steady);
            return;
        }
        if denied.is_some() || stays {
            self.push_camera(text, span, CameraWish::Static);
            return;
        }
        let mut i = noun + 1;
        let mut found: Vec<FoundMove> = Vec::new();
        while i < end {
            if let Some((len, what)) = term_at(self.tokens, i)
                && what.camera()
            {
                self.camera_term(i, (i + len).min(end), what);
                i += len;
            } else if let Some(m) = move_at(self.tokens, i, true).filter(|m| m.end <= end) {
                i = m.end;
                found.push(m);
            } else {
                i += 1;
            }
        }
        let mut says = Some(self.camera_predicate(noun + 1, end));
        for m in found {
            self.push_camera(
                text.clone(),
                span,
                CameraWish::Move {
                    kinds: m.kinds,
                    says: says.take().unwrap_or_default(),
                },
            );
        }
        // A verb that is no known move is still what the prompt asks of the camera.
        if let Some(says) = says.filter(|s| !s.is_empty())
            && !self
                .out
                .camera
                .iter()
                .any(|c| span.start <= c.span.start && c.span.end <= span.end)
        {
            self.push_camera(
                text,
                span,
                CameraWish::Move {
                    kinds: Vec::new(),
                    says,
                },
            );
        }
        self.companions(noun + 1, end, None);
        self.places_in(noun + 1, end, true);
    }

    /// The predicate of the camera in the present tense.
    fn camera_predicate(&self, from: usize, to: usize) -> String {
        let mut from = from;
        while from < to
            && matches!(
                self.word(from),
                "is" | "should" | "must" | "will" | "that" | "which"
            )
        {
            from += 1;
        }
        let mut words = Vec::new();
        let mut done = false;
        for i in from..to {
            let word = self.text(i, i + 1);
            match verbs::verb(self.word(i)) {
                Some((base, form)) if !done => {
                    done = true;
                    words.push(if form == Form::Third {
                        word
                    } else {
                        verbs::third(base)
                    });
                }
                _ if word.is_empty() => {
                    if let Some(last) = words.last_mut() {
                        last.push(',');
                    }
                }
                _ => words.push(word),
            }
        }
        words.join(" ").trim_end_matches(',').to_owned()
    }

    fn push_camera(&mut self, text: String, span: Span, wish: CameraWish) {
        self.out.camera.push(CameraTerm { text, span, wish });
    }

    fn camera_term(&mut self, from: usize, to: usize, what: What) {
        let wish = match what {
            What::Static => CameraWish::Static,
            What::Handheld => CameraWish::Handheld,
            What::Steady => CameraWish::Steady,
            What::Framing => CameraWish::Framing,
            What::Angle => CameraWish::Angle,
            What::Lens => CameraWish::Lens,
            _ => CameraWish::Speed,
        };
        let text = self.text(from, to);
        self.push_camera(text, self.span(from, to), wish);
    }

    fn negation_word(&self, i: usize) -> bool {
        matches!(self.word(i), "no" | "without" | "don't" | "never" | "avoid")
            || (self.word(i) == "do" && self.word(i + 1) == "not")
            || self.word(i) == "not" && !self.word(i + 1).is_empty()
    }

    /// "no people", "without camera shake", "don't move the camera".
    fn negation(&mut self, from: usize, to: usize) -> bool {
        if !self.negation_word(from) {
            return false;
        }
        let skip = if self.word(from) == "do" { 2 } else { 1 };
        let what = self.text(from + skip, to);
        if what.is_empty() {
            return false;
        }
        let about = |words: &[&str]| (from..to).any(|i| words.contains(&self.word(i)));
        let camera = about(&[
            "camera", "shake", "shaking", "handheld", "zoom", "zooms", "pan", "pans", "cuts",
            "shaky",
        ]);
        if camera {
            let (text, span) = (self.text(from, to), self.span(from, to));
            if about(&["shake", "shaking", "handheld", "shaky"]) {
                self.push_camera(text, span, CameraWish::Steady);
            } else if about(&["move", "movement", "motion", "moves", "moving"]) {
                self.push_camera(text, span, CameraWish::Static);
            }
        }
        self.out.negations.push(Negation {
            text: self.text(from, to),
            what,
            camera,
            span: self.span(from, to),
        });
        true
    }

    /// "in the style of …", "shot on …", "… style", "… lighting".
    fn style_phrase(&mut self, from: usize, to: usize) -> bool {
        let opens = |words: &[&str]| {
            words
                .iter()
                .enumerate()
                .all(|(k, w)| self.word(from + k) == *w)
        };
        let last = self.word(to - 1);
        let ends = matches!(
            last,
            "style"
                | "lighting"
                | "palette"
                | "aesthetic"
                | "mood"
                | "atmosphere"
                | "look"
                | "tones"
                | "grading"
                | "grade"
                | "film"
                | "vibe"
                | "vibes"
                | "light"
                | "feel"
                | "colours"
                | "colors"
        ) && to - from > 1
            && to - from <= 6
            && main_verb(self.tokens, from, to).is_none_or(|v| v.end == to || v.form == Form::Ing);
        let kind = if opens(&["in", "the", "style"])
            || opens(&["shot", "on"])
            || opens(&["filmed", "on"])
            || opens(&["rendered", "in"])
        {
            StyleKind::Medium
        } else if ends {
            match last {
                "lighting" | "light" => StyleKind::Light,
                "palette" | "tones" | "grading" | "grade" | "colours" | "colors" => {
                    StyleKind::Colour
                }
                "mood" | "atmosphere" | "vibe" | "vibes" | "feel" => StyleKind::Mood,
                _ => StyleKind::Medium,
            }
        } else {
            return false;
        };
        let lens = (from..to).any(|i| self.word(i).ends_with("lens"));
        if lens {
            let text = self.text(from, to);
            self.push_camera(text, self.span(from, to), CameraWish::Lens);
        } else {
            let (text, span) = (self.text(from, to), self.span(from, to));
            self.out.style.push(StyleTerm { text, span, kind });
        }
        true
    }

    /// A fragment that holds nothing but terms of setting, camera and style.
    fn tag(&mut self, from: usize, to: usize) -> bool {
        let mut matches: Vec<(usize, usize, Option<What>, Option<FoundMove>)> = Vec::new();
        let mut i = from;
        while i < to {
            let term = term_at(self.tokens, i).filter(|(len, _)| i + len <= to);
            let found = move_at(self.tokens, i, false).filter(|m| m.end <= to);
            match (term, found) {
                (_, Some(m)) if term.is_none_or(|(len, _)| m.end - i > len) => {
                    let end = m.end;
                    matches.push((i, end, None, Some(m)));
                    i = end;
                }
                (Some((len, what)), _) => {
                    matches.push((i, i + len, Some(what), None));
                    i += len;
                }
                _ => {
                    let w = self.word(i);
                    let filler = has(lex::FUNCTION_WORDS, w) && !matches!(w, "has" | "is" | "are")
                        || has(lex::PREPOSITIONS, w)
                        || has(lex::DETERMINERS, w)
                        || has(lex::ADJECTIVES, w)
                        || adverb(w)
                        || matches!(
                            w,
                            "shot"
                                | "camera"
                                | "lens"
                                | "lighting"
                                | "light"
                                | "style"
                                | "look"
                                | "film"
                                | "movie"
                                | "footage"
                                | "scene"
                                | "video"
                                | "mood"
                                | "tone"
                                | "tones"
                                | "view"
                                | "angle"
                                | "movement"
                                | "motion"
                                | "late"
                                | "early"
                                | "heavy"
                                | "light-rain"
                                | "falling"
                                | "framing"
                                | "filmed"
                                | "take"
                                | "composition"
                                | "work"
                                | "aesthetic"
                                | "framed"
                                | "very"
                        );
                    if !filler {
                        return false;
                    }
                    i += 1;
                }
            }
        }
        if matches.is_empty() {
            return false;
        }
        let mut begin = from;
        let count = matches.len();
        for (k, (start, end, what, found)) in matches.into_iter().enumerate() {
            let _ = start;
            // Trailing nouns of the last term belong to it ("soft light").
            let stop = if k + 1 == count { to } else { end };
            while begin < start
                && (self.word(begin) == "and"
                    || self.word(begin) == "with"
                    || (has(lex::PREPOSITIONS, self.word(begin))
                        && !matches!(what, Some(What::Time | What::Weather))))
            {
                begin += 1;
            }
            self.record(begin, stop, what, found, start, end);
            begin = end;
        }
        true
    }

    fn record(
        &mut self,
        from: usize,
        to: usize,
        what: Option<What>,
        found: Option<FoundMove>,
        start: usize,
        end: usize,
    ) {
        match (what, found) {
            (_, Some(m)) => {
                let (text, span) = (self.text(from, to), self.span(from, to));
                self.push_camera(
                    text,
                    span,
                    CameraWish::Move {
                        kinds: m.kinds,
                        says: m.says,
                    },
                );
            }
            (Some(What::Style(kind)), _) => {
                let (text, span) = (self.text(from, to), self.span(from, to));
                let text = match text.as_str() {
                    "cinematic" => return,
                    _ => text,
                };
                self.out.style.push(StyleTerm { text, span, kind });
            }
            (Some(What::Time), _) => {
                let key = self.text(start, end).to_lowercase();
                let term = self.term(from, to, &key);
                self.out.times.push(term);
            }
            (Some(What::Weather), _) => {
                let key = self.text(start, end).to_lowercase();
                let term = self.term(from, to, &key);
                self.out.weather.push(term);
            }
            (Some(what), _) => self.camera_term(from, to, what),
            (None, None) => {}
        }
    }

    /// A camera term at the head of a fragment; returns where the rest begins.
    fn opening_camera(&mut self, from: usize, to: usize) -> Option<usize> {
        let mut at = from;
        let mut end;
        let found = move_at(self.tokens, at, false).filter(|m| m.end < to);
        if let Some(m) = found {
            end = m.end;
            let next = self.word(end).to_owned();
            let mut says = m.says;
            let split = matches!(
                next.as_str(),
                "of" | "on" | "as" | "while" | "showing" | "with" | "and"
            );
            let stop = if split { end } else { to };
            let mut last = stop;
            if !split {
                last = self.trim_edges(end, to).1;
                says = format!("{says} {}", self.text(end, last));
                self.places_in(end, last, true);
            }
            let (text, span) = (self.text(from, last), self.span(from, last));
            self.push_camera(
                text,
                span,
                CameraWish::Move {
                    kinds: m.kinds,
                    says,
                },
            );
            let skip = usize::from(split);
            return Some(stop + skip);
        }
        while at < to
            && (matches!(
                self.word(at),
                "a" | "an"
                    | "the"
                    | "slow"
                    | "steady"
                    | "tight"
                    | "smooth"
                    | "long"
                    | "static"
                    | "handheld"
                    | "cinematic"
                    | "single"
            ))
            && term_at(self.tokens, at).is_none()
        {
            at += 1;
        }
        let mut first = at;
        end = at;
        let mut any = false;
        while let Some((len, what)) = term_at(self.tokens, at).filter(|(len, what)| {
            at + len <= to && (what.camera() || matches!(what, What::Style(_)))
        }) {
            let next = at + len;
            // Only a real opening counts: "static on the radio" would not be one.
            let moving = matches!(what, What::Framing | What::Angle)
                && matches!(verbs::verb(self.word(next)), Some((_, Form::Ing)));
            let goes_on = moving
                || matches!(
                    self.word(next),
                    "of" | "on"
                        | "showing"
                        | "from"
                        | "as"
                        | "shot"
                        | "with"
                        | "following"
                        | "in"
                        | "video"
                        | "view"
                        | "footage"
                )
                || term_at(self.tokens, next).is_some();
            if !goes_on {
                break;
            }
            if what.camera() {
                self.camera_term(first, next, what);
            } else {
                self.record(first, next, Some(what), None, at, next);
            }
            any = true;
            at = next;
            first = next;
            end = next;
        }
        if !any {
            return None;
        }
        while matches!(
            self.word(end),
            "shot" | "view" | "footage" | "video" | "scene"
        ) && end < to
        {
            end += 1;
        }
        // "Drone shot flying over a forest", "POV walking down a hallway": the camera moves.
        if end < to && matches!(verbs::verb(self.word(end)), Some((_, Form::Ing))) {
            let last = self.trim_edges(end, to).1;
            let (text, span) = (self.text(end, last), self.span(end, last));
            let says = self.camera_predicate(end, last);
            self.push_camera(
                text,
                span,
                CameraWish::Move {
                    kinds: Vec::new(),
                    says,
                },
            );
            self.places_in(end, last, true);
            return Some(to);
        }
        if matches!(self.word(end), "of" | "on" | "showing" | "as" | "with") {
            end += 1;
        }
        Some(end)
    }

    /// Cuts times of day and camera terms from both ends of a fragment and records them.
    fn trim_edges(&mut self, mut from: usize, mut to: usize) -> (usize, usize) {
        // Front: "At dusk a woman …".
        if matches!(self.word(from), "at" | "in" | "on" | "during" | "by") {
            let mut at = from + 1;
            while at < to
                && (has(lex::ADJECTIVES, self.word(at))
                    || matches!(self.word(at), "the" | "a" | "an" | "late" | "early"))
            {
                at += 1;
            }
            if let Some((len, What::Time)) = term_at(self.tokens, at)
                && at + len < to
                && !verbs::place(self.word(at + len))
            {
                self.record(from, at + len, Some(What::Time), None, at, at + len);
                from = at + len;
            }
        }
        // End: "… at dusk", "… in slow motion", "… handheld".
        'ends: loop {
            for start in from + 1..to {
                let term = term_at(self.tokens, start).filter(|(len, _)| start + len == to);
                let found = move_at(self.tokens, start, false).filter(|m| m.end == to);
                let what = term.map(|(_, what)| what);
                if !(found.is_some() || what.is_some_and(|w| w.camera() || w == What::Time)) {
                    continue;
                }
                let mut left = start;
                while left > from + 1
                    && (has(lex::ADJECTIVES, self.word(left - 1))
                        || matches!(
                            self.word(left - 1),
                            "the" | "a" | "an" | "late" | "early" | "very"
                        ))
                {
                    left -= 1;
                }
                let preposition = matches!(
                    self.word(left - 1),
                    "in" | "at" | "on" | "with" | "from" | "during" | "by" | "as"
                ) && left > from + 1;
                if !preposition
                    && (what == Some(What::Time)
                        || matches!(what, Some(What::Steady | What::Static))
                        || found.is_some() && left == start)
                {
                    continue;
                }
                if what == Some(What::Angle) && self.word(start) == "from" && left == start {
                    // "seen from above" carries its own preposition.
                } else if !preposition && left != start && what != Some(What::Handheld) {
                    continue;
                }
                let mut cut = if preposition { left - 1 } else { left };
                let begin = if what == Some(What::Time) { cut } else { left };
                while cut > from + 1
                    && matches!(
                        self.word(cut - 1),
                        "filmed" | "shot" | "captured" | "seen" | "framed" | "with" | "in"
                    )
                {
                    cut -= 1;
                }
                self.record(begin, to, what, found, start, to);
                to = cut;
                continue 'ends;
            }
            return (from, to);
        }
    }

    /// Terms that stay where they are but are worth knowing: weather, light, mood.
    fn inner_terms(&mut self, from: usize, to: usize) {
        let mut i = from;
        while i < to {
            let Some((len, what)) = term_at(self.tokens, i).filter(|(len, _)| i + len <= to) else {
                i += 1;
                continue;
            };
            let after = i + len;
            let ends = after >= to
                || has(lex::PREPOSITIONS, self.word(after))
                || self.word(after) == "and";
            match what {
                What::Weather
                    if ends && !matches!(self.word(i), "fall" | "spring")
                        || what == What::Weather && self.word(i + 1).starts_with("fall") =>
                {
                    let key = self.word(i).to_owned();
                    let term = self.term(i, after, &key);
                    self.out.weather.push(term);
                }
                What::Time => {
                    let key = self.text(i, after).to_lowercase();
                    let term = self.term(i, after, &key);
                    self.out.times.push(term);
                }
                What::Style(StyleKind::Light) => self.record(i, after, Some(what), None, i, after),
                What::Style(StyleKind::Mood) if !ends => {
                    self.record(i, after, Some(what), None, i, after)
                }
                _ => {}
            }
            i = after;
        }
    }

    /// A clause, a coordinated predicate, or a noun phrase.
    fn clause(&mut self, from: usize, to: usize, joiner: &str) {
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

    fn plausible_subject(&self, from: usize, verb: usize) -> bool {
        (from..verb).any(|i| {
            let w = self.word(i);
            opens_phrase(w) || has(lex::PRONOUNS, w) || verbs::being(w) || mass(w) || self.named(i)
        })
    }

    /// Records a clause whose subject stands in `from..verb.start`.
    fn predicate(
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
    fn place_object(&mut self, verb: &MainVerb, end: usize) {
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

    fn fragment_or_clause(&mut self, from: usize, to: usize, joiner: &str) {
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
    fn split_predicate(&self, from: usize, to: usize, verb: &MainVerb) -> (usize, Option<Follow>) {
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
    fn participle(&mut self, from: usize, to: usize) {
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

    fn fragment_of_nouns(&mut self, from: usize, to: usize) {
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

    fn attach(&mut self, from: usize, to: usize) {
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

    /// Where the first noun chunk of a run ends.
    fn phrase_end(&self, from: usize, to: usize) -> usize {
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
    fn head(&self, from: usize, to: usize) -> usize {
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
    fn noun_phrase(
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
    fn companions(&mut self, from: usize, to: usize, subject: Option<usize>) {
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
    fn places_in(&mut self, from: usize, to: usize, in_clause: bool) {
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
            let style = (begin..end).any(|k| matches!(term_at(self.tokens, k), Some((_, what)) if what != What::Time && what != What::Weather));
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
    fn pronouns(&mut self) {
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

fn span_of(tokens: &[Token], from: usize, to: usize) -> Span {
    match (tokens.get(from), tokens.get(to.saturating_sub(1))) {
        (Some(a), Some(b)) => a.span.join(b.span),
        _ => Span::default(),
    }
}

/// Places that are also things: alone in a fragment they are what the shot is about.
fn thing(head: &str) -> bool {
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

fn gender(head: &str) -> Option<Pronoun> {
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

fn number(word: &str) -> Option<u32> {
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

fn heading(rest: &str) -> Option<Heading> {
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
