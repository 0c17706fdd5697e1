//! Fragments of terms: negations, style, camera terms and hours at the ends of a fragment.

use super::camera_terms::{FoundMove, move_at};
use super::clauses::{adverb, main_verb};
use super::lexicon as lex;
use super::parse::Parser;
use super::terms::{What, term_at};
use super::verbs::{self, Form, has};
use super::{CameraWish, Negation, StyleKind, StyleTerm};

impl Parser<'_> {
    pub(super) fn negation_word(&self, i: usize) -> bool {
        matches!(self.word(i), "no" | "without" | "don't" | "never" | "avoid")
            || (self.word(i) == "do" && self.word(i + 1) == "not")
            || self.word(i) == "not" && !self.word(i + 1).is_empty()
    }

    /// "no people", "without camera shake", "don't move the camera".
    pub(super) fn negation(&mut self, from: usize, to: usize) -> bool {
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
    pub(super) fn style_phrase(&mut self, from: usize, to: usize) -> bool {
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
    pub(super) fn tag(&mut self, from: usize, to: usize) -> bool {
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

    pub(super) fn record(
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
    pub(super) fn opening_camera(&mut self, from: usize, to: usize) -> Option<usize> {
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
    pub(super) fn trim_edges(&mut self, mut from: usize, mut to: usize) -> (usize, usize) {
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
        loop {
            let mut cut_at = None;
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
                cut_at = Some(cut);
                break;
            }
            match cut_at {
                Some(cut) => to = cut,
                None => return (from, to),
            }
        }
    }

    /// Terms that stay where they are but are worth knowing: weather, light, mood.
    pub(super) fn inner_terms(&mut self, from: usize, to: usize) {
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
}
