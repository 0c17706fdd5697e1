//! The camera as a subject: what a prompt asks of it.

use super::camera_terms::{FoundMove, move_at};
use super::clauses::{adverb, main_verb};
use super::parse::Parser;
use super::terms::{What, term_at};
use super::token::Span;
use super::verbs::{self, Form};
use super::{CameraTerm, CameraWish};

impl Parser<'_> {
    /// "the camera" or "camera" before a verb.
    pub(super) fn camera_subject(&self, i: usize) -> bool {
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

    pub(super) fn camera_clause(&mut self, from: usize, to: usize) {
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
    pub(super) fn camera_words(&mut self, noun: usize, end: usize) {
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
    pub(super) fn camera_predicate(&self, from: usize, to: usize) -> String {
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

    pub(super) fn push_camera(&mut self, text: String, span: Span, wish: CameraWish) {
        self.out.camera.push(CameraTerm { text, span, wish });
    }

    pub(super) fn camera_term(&mut self, from: usize, to: usize, what: What) {
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
}
