//! An open span: drawn token by token until it stops, ends or reaches its limit.

use std::collections::HashSet;

use decoupage_dialogue::{Outcome, Sampling};

use super::guide::Writer;
use super::stops::{Stops, sentence_ends};
use super::words::{Avoid, fold, occurs, phrase};

/// How one span is written.
pub(super) struct Span<'a> {
    pub(super) field: Option<&'a str>,
    pub(super) stops: Stops,
    /// Tokens at most.
    pub(super) most: usize,
    /// Tokens at least.
    pub(super) least: usize,
    pub(super) must: &'a [String],
    pub(super) sampling: Option<&'a Sampling>,
    /// Markers of the model's own may be written.
    pub(super) free: bool,
}

impl Span<'_> {
    /// Until the model ends its turn.
    pub(super) fn free(most: usize) -> Self {
        Span {
            field: None,
            stops: Stops::default(),
            most,
            least: 0,
            must: &[],
            sampling: None,
            free: true,
        }
    }
}

/// What a span became.
pub(super) struct Words {
    pub(super) text: String,
    /// The model ended its turn or its line here.
    pub(super) ended: bool,
}

/// How the drawing of a span came to rest.
enum Rest {
    /// The model ended its turn.
    End,
    /// A stop begins at this byte.
    Stop(usize),
    /// A sentence ends at this byte, and it was time.
    Sentence(usize),
    /// So many tokens are written.
    Limit,
}

/// How often a missing word is brought in before the span is closed with it.
const ROUNDS: usize = 2;

/// A span in the making. Lengths are bytes of its text, which begins `skip` bytes after `start`
/// in the writer's bytes.
struct Draft<'a> {
    span: Span<'a>,
    own_avoid: Option<Avoid>,
    start: usize,
    first_id: usize,
    /// Bytes at the start that belong to what was given: a space that words begin with.
    required: Vec<u8>,
    /// Bytes that are words already settled (told, or forced) and not searched for stops again.
    seen: usize,
    told: usize,
    line_start: bool,
    /// The text before, folded, for words that straddle the border.
    before: Vec<char>,
    /// Forced words have just been put in: they must not be lengthened.
    whole: bool,
    banned: Vec<u32>,
}

impl Writer<'_> {
    /// Draws a span. Its words are told, but neither collected nor put to the text.
    pub(super) fn span(&mut self, span: Span<'_>) -> Outcome<Words> {
        self.partial = Some((span.field.map(str::to_owned), String::new()));
        let mut draft = self.begin(span)?;
        let mut rounds = 0;
        let ended = loop {
            let missing = self.missing(&draft);
            let reserve = self.length_of(&missing)?;
            let most = draft.span.most.max(1).saturating_sub(reserve).max(1);
            let rest = self.draw_until(&mut draft, most)?;
            let ended = match rest {
                Rest::End => true,
                Rest::Stop(at) => self.text_of(&draft)[at..].starts_with('\n'),
                Rest::Sentence(_) | Rest::Limit => false,
            };
            self.close(&mut draft, &rest)?;
            let missing = self.missing(&draft);
            let spent = self.ids.len() - draft.first_id + reserve;
            if missing.is_empty() {
                break ended;
            }
            let goes_on = rounds < ROUNDS
                && !matches!(rest, Rest::Limit | Rest::Sentence(_))
                && spent + 8 < draft.span.most;
            rounds += 1;
            if !goes_on {
                self.force(&mut draft, &missing, true)?;
                break ended;
            }
            self.force(&mut draft, &missing[..1], false)?;
        };
        let text = self.text_of(&draft);
        let (field, told) = (draft.span.field, draft.told.min(text.len()));
        self.tell(field, &text[told..])?;
        self.partial = None;
        Ok(Words { text, ended })
    }

    fn begin<'s>(&mut self, span: Span<'s>) -> Outcome<Draft<'s>> {
        let line_start = self.at_line_start();
        let own_avoid = span
            .sampling
            .filter(|own| own.avoid != self.sampling.avoid)
            .map(|own| Avoid::new(&own.avoid, self.tokens));
        // A heading's last space belongs to the first word's token, as in all text the model has
        // seen; it must begin with it.
        let required = if self.pending.ends_with(' ') {
            self.pending.pop();
            b" ".to_vec()
        } else {
            Vec::new()
        };
        self.settle()?;
        self.context.mark()?;
        let avoid = own_avoid.as_ref().unwrap_or(&self.avoid);
        let text = self.text_before();
        let tail = text
            .char_indices()
            .rev()
            .nth(avoid.reach() * 2)
            .map_or(0, |(at, _)| at);
        let before = fold(&text[tail..]);
        let banned = self.banned(&span);
        Ok(Draft {
            span,
            own_avoid,
            start: self.bytes.len(),
            first_id: self.ids.len(),
            required,
            seen: 0,
            told: 0,
            line_start,
            before,
            whole: false,
            banned,
        })
    }

    /// Tokens that are never written: special ones, and markers that are no stops here.
    fn banned(&self, span: &Span<'_>) -> Vec<u32> {
        (0..self.tokens.count() as u32)
            .filter(|&id| {
                let bytes = self.tokens.bytes(id);
                bytes.is_empty()
                    || (self.tokens.is_added(id)
                        && (self.tokens.is_special(id)
                            || !(span.free
                                || std::str::from_utf8(bytes)
                                    .is_ok_and(|text| span.stops.is_one(text)))))
            })
            .collect()
    }

    /// The span's text so far; a letter whose bytes are not all there is left out.
    fn text_of(&self, draft: &Draft<'_>) -> String {
        let from = (draft.start + draft.required.len()).min(self.bytes.len());
        let bytes = &self.bytes[from..];
        let mut text = match std::str::from_utf8(bytes) {
            Ok(text) => text.to_owned(),
            Err(error) => String::from_utf8_lossy(&bytes[..error.valid_up_to()]).into_owned(),
        };
        if self.bytes.len() >= draft.start + draft.required.len() {
            text.push_str(&self.pending);
        } else {
            // The cut went back before the first word: its space is pending again.
            let pending = self.pending.get(draft.required.len()..);
            text.push_str(pending.unwrap_or_default());
        }
        text
    }

    fn draw_until(&mut self, draft: &mut Draft<'_>, most: usize) -> Outcome<Rest> {
        self.settle()?;
        loop {
            let count = self.ids.len() - draft.first_id;
            let text = self.text_of(draft);
            if count >= most || self.room_left() == 0 {
                return Ok(Rest::Limit);
            }
            let soft = most - most / 4;
            if count >= soft.max(draft.span.least) && !draft.span.free {
                let behind = draft.seen.min(text.len());
                if let Some(at) = sentence_ends(&text, false).find(|&at| at >= behind) {
                    return Ok(Rest::Sentence(at));
                }
            }
            self.show(draft, &text)?;
            draft.seen = text.len();
            let Some(id) = self.draw(draft, &text, count)? else {
                return Ok(Rest::End);
            };
            self.read(&[id])?;
            draft.whole = false;
            self.listener.drawn();
            let text = self.text_of(draft);
            let found = draft.span.stops.find(&text, draft.seen, draft.line_start);
            if let Some(at) = found {
                return Ok(Rest::Stop(at));
            }
        }
    }

    /// Tells what can no longer become a stop or be trimmed.
    fn show(&mut self, draft: &mut Draft<'_>, text: &str) -> Outcome<()> {
        let held = draft.span.stops.held_back(text);
        let safe = text[..text.len() - held].trim_end();
        if safe.len() > draft.told {
            let words = safe[draft.told..].to_owned();
            draft.told = safe.len();
            if let Some((_, partial)) = &mut self.partial {
                *partial = safe.to_owned();
            }
            let field = draft.span.field;
            self.tell(field, &words)?;
        }
        Ok(())
    }

    /// The next token; none where the span ends.
    fn draw(&mut self, draft: &Draft<'_>, text: &str, count: usize) -> Outcome<Option<u32>> {
        let mut logits = self.next()?;
        let tokens = self.tokens;
        let how = draft.span.sampling.unwrap_or(self.sampling);
        let avoid = draft.own_avoid.as_ref().unwrap_or(&self.avoid);
        let silent = |id: &u32| !tokens.ends().contains(id);
        let beyond = logits.len().min(tokens.count());
        logits.truncate(beyond);
        for id in draft.banned.iter().filter(|id| silent(id)) {
            if let Some(logit) = logits.get_mut(*id as usize) {
                *logit = f32::NEG_INFINITY;
            }
        }
        let mut folded = draft.before.clone();
        folded.extend(fold(text));
        if !avoid.is_empty() {
            let reach = folded.len().saturating_sub(avoid.reach());
            avoid.suppress(&folded[reach..], &mut logits);
        }
        let from = draft.start + draft.required.len();
        // Bytes of a letter that is not whole yet.
        let open = self.bytes.get(from + text.len()..).unwrap_or_default();
        let may_end = |text: &str| {
            draft.span.free || (count >= draft.span.least && text.contains(char::is_alphanumeric))
        };
        let at_required = self.bytes.len() - draft.start;
        let required = draft.required.get(at_required..).unwrap_or_default();
        let allow = |id: u32| {
            if tokens.ends().contains(&id) {
                return open.is_empty() && may_end(text);
            }
            let bytes = tokens.bytes(id);
            let Some(bytes) = after_required(bytes, required) else {
                return false;
            };
            let mut joined = open.to_vec();
            joined.extend_from_slice(bytes);
            let whole = match std::str::from_utf8(&joined) {
                Ok(whole) => whole,
                Err(error) if error.error_len().is_some() => return false,
                Err(error) => {
                    std::str::from_utf8(&joined[..error.valid_up_to()]).unwrap_or_default()
                }
            };
            if whole
                .chars()
                .any(|c| c.is_control() && !matches!(c, '\n' | '\t'))
            {
                return false;
            }
            if draft.whole && (whole.starts_with(char::is_alphanumeric) || whole.is_empty()) {
                return false;
            }
            let longer = format!("{text}{whole}");
            if !whole.is_empty() && longer.trim().is_empty() && !draft.span.free {
                return false; // a span begins with words
            }
            if let Some(at) = draft.span.stops.find(&longer, text.len(), draft.line_start) {
                return may_end(&longer[..at]);
            }
            if avoid.is_empty() {
                return true;
            }
            let own = fold(&longer);
            let mut all = draft.before.clone();
            all.extend(&own);
            let back = avoid.reach() + whole.len();
            let spoils = |text: &[char]| avoid.spoils(text, text.len().saturating_sub(back));
            !spoils(&all) && !spoils(&own)
        };
        let written: HashSet<u32> = if how.repetition_penalty == 1.0 {
            HashSet::new()
        } else {
            self.ids.iter().copied().collect()
        };
        let drawn = self.sampler.draw(&mut logits, &written, how, allow);
        Ok(drawn.filter(silent))
    }

    /// Cuts what does not belong to the span.
    fn close(&mut self, draft: &mut Draft<'_>, rest: &Rest) -> Outcome<()> {
        let text = self.text_of(draft);
        let least = self.least_bytes(draft);
        let mut keep = match *rest {
            Rest::End => text.len(),
            Rest::Stop(at) | Rest::Sentence(at) => at,
            Rest::Limit if draft.span.free => text.len(),
            Rest::Limit => sentence_ends(&text, true)
                .filter(|&at| at >= least)
                .last()
                .or_else(|| last_word(&text).filter(|&at| at >= least))
                .unwrap_or(text.len()),
        };
        keep = text[..keep].trim_end().len();
        let avoid = draft.own_avoid.as_ref().unwrap_or(&self.avoid);
        // A word that was cut short may have become one to avoid.
        while keep > 0 && !avoid.is_empty() && avoid.spoils(&fold(&text[..keep]), 0) {
            keep = last_word(&text[..keep]).unwrap_or(0);
            keep = text[..keep].trim_end().len();
        }
        self.keep(draft, keep)
    }

    /// Cuts the span's text to so many bytes.
    fn keep(&mut self, draft: &mut Draft<'_>, bytes: usize) -> Outcome<()> {
        let whole = draft.start + draft.required.len();
        if bytes == 0 {
            // Nothing remains: the required space is given again.
            self.pending.clear();
            self.cut(draft.start)?;
            self.pending = String::from_utf8_lossy(&draft.required).into_owned();
        } else if whole + bytes <= self.bytes.len() {
            self.pending.clear();
            self.cut(whole + bytes)?;
        } else {
            self.pending.truncate(whole + bytes - self.bytes.len());
        }
        draft.seen = draft.seen.min(bytes);
        draft.told = draft.told.min(bytes);
        Ok(())
    }

    /// Bytes of the span's first tokens, as many as it must have.
    fn least_bytes(&self, draft: &Draft<'_>) -> usize {
        let last = (draft.first_id + draft.span.least).min(self.ids.len());
        let ids = self.ids.get(draft.first_id..last).unwrap_or_default();
        let bytes: usize = ids.iter().map(|&id| self.tokens.bytes(id).len()).sum();
        bytes.saturating_sub(draft.required.len())
    }

    fn missing(&self, draft: &Draft<'_>) -> Vec<String> {
        let text = fold(&self.text_of(draft));
        let misses = |word: &&String| phrase(word).is_some_and(|p| !occurs(&text, &p));
        draft.span.must.iter().filter(misses).cloned().collect()
    }

    fn length_of(&self, words: &[String]) -> Outcome<usize> {
        let mut count = 0;
        for word in words {
            count += 2 + self.tokens.encode(word)?.len();
        }
        Ok(count)
    }

    /// Puts words in that must occur.
    fn force(&mut self, draft: &mut Draft<'_>, words: &[String], last: bool) -> Outcome<()> {
        let mut text = self.text_of(draft);
        let before = text.len();
        for word in words {
            let word = word.trim();
            let ends = text.ends_with(['.', '!', '?', '…', '。', '！', '？', '"', '”', ')']);
            if text.is_empty() || ends {
                let mut letters = word.chars();
                let first = letters.next().map(char::to_uppercase);
                if !text.is_empty() {
                    text.push(' ');
                }
                text.extend(first.into_iter().flatten());
                text.push_str(letters.as_str());
            } else {
                text.push_str(", ");
                text.push_str(word);
            }
        }
        if last && text.ends_with(char::is_alphanumeric) {
            text.push('.');
        }
        if self.bytes.len() == draft.start && self.pending.is_empty() {
            self.pending = String::from_utf8_lossy(&draft.required).into_owned();
        }
        self.pending.push_str(&text[before..]);
        draft.whole = !last;
        draft.seen = text.len();
        Ok(())
    }
}

/// What of a token's bytes remains behind required ones; none where they do not fit.
fn after_required<'t>(bytes: &'t [u8], required: &[u8]) -> Option<&'t [u8]> {
    if required.starts_with(bytes) {
        return Some(&[]);
    }
    bytes.strip_prefix(required)
}

/// Where the last word begins.
fn last_word(text: &str) -> Option<usize> {
    let text = text.trim_end();
    text.rfind(char::is_whitespace)
        .map(|at| text[..at].trim_end().len())
        .filter(|&at| at > 0)
}
