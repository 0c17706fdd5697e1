//! Writes along a guide: what is given is read token by token, what is open is drawn, and the
//! structure holds whatever the logits are.

use std::collections::{BTreeMap, HashSet};

use decoupage_dialogue::{Failure, FailureCode, Guide, Outcome, Sampling, Step};

use super::sampling::{Sampler, check};
use super::span::Span;
use super::stops::Stops;
use super::words::{Avoid, occurs, phrase};
use crate::tokens::Tokens;

/// What continues a text: a model with the prompt it has read, or a fake in tests.
pub trait Context {
    /// Reads tokens behind those already read; logits of what comes next. With no tokens: of what
    /// comes next here.
    ///
    /// # Errors
    /// The computation's own, or the person's cancellation.
    fn read(&mut self, ids: &[u32]) -> Outcome<Vec<f32>>;

    /// Forgets all but the first so many of the tokens read since the prompt.
    ///
    /// # Errors
    /// The computation's own.
    fn forget_to(&mut self, count: usize) -> Outcome<()>;

    /// One is likely to come back here.
    ///
    /// # Errors
    /// The computation's own.
    fn mark(&mut self) -> Outcome<()> {
        Ok(())
    }
}

/// Hears the words as they are written. Of a span that reaches its limit the last words may have
/// been told although they are taken back: the fields at the end are what counts.
pub trait Listener {
    /// Words of a field, or of no field: headings and free answers.
    ///
    /// # Errors
    /// Those of a listener that wants no more.
    fn wrote(&mut self, field: Option<&str>, text: &str, tokens: usize) -> Outcome<()>;

    /// A token was drawn.
    fn drawn(&mut self) {}
}

/// What was written.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Written {
    /// All of it.
    pub text: String,
    /// Each field, trimmed.
    pub fields: BTreeMap<String, String>,
    /// How many tokens it has.
    pub tokens: usize,
}

/// Writes one answer.
pub struct Writer<'a> {
    pub(super) tokens: &'a Tokens,
    pub(super) context: &'a mut dyn Context,
    pub(super) listener: &'a mut dyn Listener,
    pub(super) sampling: &'a Sampling,
    pub(super) sampler: Sampler,
    pub(super) avoid: Avoid,
    pub(super) headings: Stops,
    /// Tokens that the context has read since the prompt.
    pub(super) ids: Vec<u32>,
    /// What they write.
    pub(super) bytes: Vec<u8>,
    /// Words that are settled but not read yet: they are encoded together with what follows.
    pub(super) pending: String,
    /// What comes next; none until the context is asked.
    pub(super) logits: Option<Vec<f32>>,
    /// Tokens that may still be read.
    room: usize,
    text: String,
    fields: BTreeMap<String, String>,
    /// The span being written, as far as it was told.
    pub(super) partial: Option<(Option<String>, String)>,
}

/// Tokens of an answer without a guide: a model that never ends is stopped.
const MOST_FREE: usize = 4_096;
/// More would not be listed by anyone.
const MOST_MOMENTS: usize = 256;
const MOST_SECONDS: u32 = 7_200;

impl<'a> Writer<'a> {
    /// `room` is how many tokens the context still holds.
    ///
    /// # Errors
    /// Of code `Invalid` when the sampling makes no sense.
    pub fn new(
        tokens: &'a Tokens,
        context: &'a mut dyn Context,
        listener: &'a mut dyn Listener,
        sampling: &'a Sampling,
        room: usize,
    ) -> Outcome<Self> {
        check(sampling)?;
        Ok(Self {
            tokens,
            context,
            listener,
            sampling,
            sampler: Sampler::new(sampling.seed),
            avoid: Avoid::new(&sampling.avoid, tokens),
            headings: Stops::default(),
            ids: Vec::new(),
            bytes: Vec::new(),
            pending: String::new(),
            logits: None,
            room,
            text: String::new(),
            fields: BTreeMap::new(),
            partial: None,
        })
    }

    /// Writes the whole guide. What was written before a failure stays in [`Self::written`].
    ///
    /// # Errors
    /// A guide that makes no sense, a full context, the computation's own, cancellation.
    pub fn write(&mut self, guide: &Guide) -> Outcome<()> {
        self.check(guide)?;
        self.headings = Stops::of_headings(guide);
        if guide.steps.is_empty() {
            let most = self.room_left().min(MOST_FREE);
            let words = self.span(Span::free(most))?;
            self.text.push_str(&words.text);
            return Ok(());
        }
        for (at, step) in guide.steps.iter().enumerate() {
            match step {
                Step::Given { text, field } => self.given(text, field.as_deref())?,
                Step::Open {
                    field,
                    until,
                    max_tokens,
                    min_tokens,
                    must_include,
                    sampling,
                } => {
                    let mut stops = self.headings.clone();
                    until.iter().for_each(|text| stops.add(text, false));
                    let span = Span {
                        field: Some(field),
                        stops,
                        most: *max_tokens,
                        least: *min_tokens,
                        must: must_include,
                        sampling: sampling.as_ref(),
                        free: false,
                    };
                    let words = self.span(span)?;
                    self.text.push_str(&words.text);
                    self.collect(field, &words.text);
                }
                Step::Choose { field, options } => {
                    let after = match guide.steps.get(at + 1) {
                        Some(Step::Given { text, .. }) => text.as_str(),
                        _ => "",
                    };
                    let chosen = self.choose(options, after)?;
                    self.say(Some(field), &chosen)?;
                    self.collect(field, &chosen);
                }
                Step::Moments {
                    field,
                    last_s,
                    max_moments,
                    max_tokens,
                } => self.moments(field, *last_s, *max_moments, *max_tokens)?,
            }
        }
        Ok(())
    }

    /// What is written so far.
    pub fn written(&self) -> Written {
        let (mut text, mut fields) = (self.text.clone(), self.fields.clone());
        if let Some((field, words)) = &self.partial {
            text.push_str(words);
            if let Some(field) = field {
                collect(&mut fields, field, words);
            }
        }
        Written {
            text,
            fields,
            tokens: self.ids.len() + self.tokens.encode(&self.pending).map_or(0, |ids| ids.len()),
        }
    }

    fn check(&self, guide: &Guide) -> Outcome<()> {
        let wrong = |what: String| Err(Failure::new(FailureCode::Invalid, what));
        for step in &guide.steps {
            match step {
                Step::Choose { field, options } if options.iter().all(String::is_empty) => {
                    return wrong(format!("There is nothing to choose from for {field}."));
                }
                Step::Open {
                    must_include,
                    sampling,
                    ..
                } => {
                    if let Some(sampling) = sampling {
                        check(sampling)?;
                    }
                    let avoided = sampling.as_ref().map_or(&self.sampling.avoid, |s| &s.avoid);
                    for word in must_include.iter().filter_map(|word| phrase(word)) {
                        let spoilt = avoided.iter().find(|avoided| {
                            phrase(avoided).is_some_and(|avoided| occurs(&word, &avoided))
                        });
                        if let Some(spoilt) = spoilt {
                            let advice = "Take it off one of the two lists.";
                            return wrong(format!(
                                "\"{spoilt}\" must occur and be avoided at once."
                            ))
                            .map_err(|failure| failure.advise(advice));
                        }
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }

    pub(super) fn room_left(&self) -> usize {
        self.room.saturating_sub(self.ids.len())
    }

    fn collect(&mut self, field: &str, text: &str) {
        collect(&mut self.fields, field, text);
    }

    /// Settles words that will be read with what follows them.
    fn say(&mut self, field: Option<&str>, text: &str) -> Outcome<()> {
        self.pending.push_str(text);
        self.text.push_str(text);
        self.tell(field, text)
    }

    pub(super) fn tell(&mut self, field: Option<&str>, text: &str) -> Outcome<()> {
        if text.is_empty() {
            return Ok(());
        }
        self.listener.wrote(field, text, self.ids.len())
    }

    fn given(&mut self, text: &str, field: Option<&str>) -> Outcome<()> {
        self.say(field, text)?;
        if let Some(field) = field {
            self.collect(field, text);
        }
        Ok(())
    }

    /// Whether a line begins here.
    pub(super) fn at_line_start(&self) -> bool {
        self.text.is_empty() || self.text.ends_with('\n')
    }

    /// What is written here already, for words that straddle the border.
    pub(super) fn text_before(&self) -> &str {
        &self.text
    }

    /// Reads what is pending.
    pub(super) fn settle(&mut self) -> Outcome<()> {
        let words = std::mem::take(&mut self.pending);
        let ids = self.tokens.encode(&words)?;
        self.read(&ids)
    }

    pub(super) fn read(&mut self, ids: &[u32]) -> Outcome<()> {
        if ids.is_empty() {
            return Ok(());
        }
        if ids.len() > self.room_left() {
            return Err(Failure::new(
                FailureCode::TooLong,
                "The answer does not fit into the model's context.",
            )
            .advise(
                "Show it less media or a shorter prompt, or raise the context in its settings.",
            ));
        }
        self.logits = Some(self.context.read(ids)?);
        for &id in ids {
            self.ids.push(id);
            self.bytes.extend_from_slice(self.tokens.bytes(id));
        }
        Ok(())
    }

    pub(super) fn next(&mut self) -> Outcome<Vec<f32>> {
        match self.logits.take() {
            Some(logits) => Ok(logits),
            None => self.context.read(&[]),
        }
    }

    /// Goes back so that the tokens write no more than so many bytes; the rest of the last one
    /// that is cut becomes pending.
    pub(super) fn cut(&mut self, bytes: usize) -> Outcome<()> {
        if bytes >= self.bytes.len() {
            return Ok(());
        }
        let mut kept = self.ids.len();
        let mut length = self.bytes.len();
        // Also back to where a letter begins: what remains has to be words.
        while length > bytes
            || (kept > 0 && std::str::from_utf8(&self.bytes[length..bytes]).is_err())
        {
            kept -= 1;
            length -= self.tokens.bytes(self.ids[kept]).len();
        }
        let rest = String::from_utf8_lossy(&self.bytes[length..bytes]).into_owned();
        self.pending.insert_str(0, &rest);
        self.bytes.truncate(length);
        self.ids.truncate(kept);
        self.logits = None;
        self.context.forget_to(kept)
    }

    /// The likeliest of the options, walking down the tree of their tokens. `after` is what will
    /// follow: it tells "pan" from "pan left".
    fn choose(&mut self, options: &[String], after: &str) -> Outcome<String> {
        let mut ways: Vec<(&String, Vec<u32>)> = Vec::with_capacity(options.len());
        for option in options.iter().filter(|option| !option.is_empty()) {
            let ids = self
                .tokens
                .encode(&format!("{}{option}{after}", self.pending))?;
            if !ways.iter().any(|(known, _)| *known == option) {
                ways.push((option, ids));
            }
        }
        let base = (self.ids.len(), self.bytes.len());
        self.context.mark()?;
        let mut depth = 0;
        let mut read = 0;
        while ways.len() > 1 {
            let next: HashSet<Option<u32>> = ways
                .iter()
                .map(|(_, ids)| ids.get(depth).copied())
                .collect();
            if next.len() == 1 {
                if next.contains(&None) {
                    break; // the same tokens: the first option stands
                }
                depth += 1;
                continue;
            }
            let step = ways[0].1[read..depth].to_vec();
            self.read(&step)?;
            read = depth;
            let logits = self.next()?;
            let score = |id: Option<u32>| {
                let of = |id: u32| logits.get(id as usize).copied().filter(|l| !l.is_nan());
                let ends = self.tokens.ends().iter();
                id.map_or_else(
                    || {
                        ends.filter_map(|&end| of(end))
                            .fold(f32::NEG_INFINITY, f32::max)
                    },
                    |id| of(id).unwrap_or(f32::NEG_INFINITY),
                )
            };
            let mut best: Option<(Option<u32>, f32)> = None;
            for (_, ids) in &ways {
                let id = ids.get(depth).copied();
                if best.is_none_or(|(_, known)| score(id) > known) {
                    best = Some((id, score(id)));
                }
            }
            self.logits = Some(logits);
            let Some((taken, _)) = best else { break };
            ways.retain(|(_, ids)| ids.get(depth).copied() == taken);
            if taken.is_none() {
                break;
            }
            depth += 1;
        }
        let chosen = ways.first().map(|(option, _)| (*option).clone());
        if read > 0 {
            // Back to where the choice began: what was read holds the pending words too.
            self.ids.truncate(base.0);
            self.bytes.truncate(base.1);
            self.logits = None;
            self.context.forget_to(base.0)?;
        }
        Ok(chosen.unwrap_or_default())
    }

    /// "At 3s, she stops. At 5s, …"
    fn moments(
        &mut self,
        field: &str,
        last_s: u32,
        max_moments: usize,
        max_tokens: usize,
    ) -> Outcome<()> {
        let last_s = last_s.min(MOST_SECONDS);
        let mut stops = self.headings.clone();
        stops.add("\n", false);
        for digit in 0..10 {
            stops.add(&format!("At {digit}"), false);
        }
        let from = self.text.len();
        let mut now = 0;
        for moment in 0..max_moments.min(MOST_MOMENTS) {
            let apart = moment > 0 || !(self.text.is_empty() || self.text.ends_with([' ', '\n']));
            self.say(Some(field), if apart { " At " } else { "At " })?;
            let seconds: Vec<String> = (now..=last_s).map(|s| s.to_string()).collect();
            let second = self.choose(&seconds, "s, ")?;
            now = second.parse().unwrap_or(now);
            self.say(Some(field), &format!("{second}s, "))?;
            let words = self.span(Span {
                field: Some(field),
                stops: stops.clone(),
                most: max_tokens,
                least: 0,
                must: &[],
                sampling: None,
                free: false,
            })?;
            self.text.push_str(&words.text);
            if words.ended {
                break;
            }
        }
        let words = self.text[from..].to_owned();
        self.collect(field, &words);
        Ok(())
    }
}

fn collect(fields: &mut BTreeMap<String, String>, field: &str, text: &str) {
    let words = fields.entry(field.to_owned()).or_default();
    if !words.is_empty() {
        words.push('\n');
    }
    words.push_str(text.trim());
}
