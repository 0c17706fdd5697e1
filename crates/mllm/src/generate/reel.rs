//! Everything that is read, prompt and answer one behind the other, and the cache of what was.

use std::ops::Range;

use candle_core::Tensor;
use decoupage_dialogue::{Failure, FailureCode, Outcome};

use super::guide::Context;
use super::sampling::best;
use crate::GoOn;
use crate::failure::Computing;
use crate::model::Model;
use crate::prepared::{Features, Prepared};
use crate::text::{Cache, DeepRows};

/// Rows that are read at once: often enough asked whether to go on, and few enough for memory.
const CHUNK: usize = 256;

/// What makes a row what it is. The same keys from the beginning have the same cache.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Key {
    id: u32,
    position: [u32; 3],
    /// The medium whose feature stands here.
    medium: Option<[u8; 32]>,
}

/// Keys of a prompt.
pub(super) fn keys(prompt: &Prepared) -> Vec<Key> {
    let mut keys: Vec<Key> = prompt
        .ids
        .iter()
        .zip(&prompt.positions)
        .map(|(&id, &position)| Key {
            id,
            position,
            medium: None,
        })
        .collect();
    for medium in &prompt.media {
        for place in &medium.places {
            for key in keys.get_mut(place.clone()).unwrap_or_default() {
                key.medium = Some(medium.hash);
            }
        }
    }
    keys
}

/// A stretch of rows that are features.
#[derive(Debug, Clone)]
struct Shown {
    rows: Range<usize>,
    medium: usize,
    /// The first of the medium's features here.
    from: usize,
}

/// The cache with what it holds.
pub(super) struct Memory {
    pub(super) cache: Cache,
    /// One for each row of the cache.
    pub(super) held: Vec<Key>,
}

impl Memory {
    pub(super) fn new(model: &Model) -> Self {
        Self {
            cache: model.decoder().new_cache(),
            held: Vec::new(),
        }
    }

    /// Keeps at most so many rows.
    fn truncate(&mut self, rows: usize) {
        let kept = self.cache.truncate(rows);
        self.held.truncate(kept);
    }
}

/// Reads for one answer.
pub(super) struct Reel<'a> {
    model: &'a Model,
    memory: &'a mut Memory,
    go_on: &'a GoOn<'a>,
    /// Prompt and answer. The cache may hold fewer of these rows, or others behind them.
    keys: Vec<Key>,
    prompt: usize,
    next_position: u32,
    shown: Vec<Shown>,
    features: &'a [Option<Features>],
    /// Rows that did not have to be read again.
    pub(super) reused: usize,
    /// Rows at whose start delta nets keep their state.
    marks: Vec<usize>,
    /// All of the prompt was in memory, and nothing of the answer was read yet.
    fresh: bool,
}

impl<'a> Reel<'a> {
    /// `features` has one entry for each medium of the prompt; those that [`Self::needs`] does
    /// not name may be absent.
    pub(super) fn new(
        model: &'a Model,
        memory: &'a mut Memory,
        prompt: &Prepared,
        features: &'a [Option<Features>],
        go_on: &'a GoOn<'a>,
    ) -> Self {
        let mut shown = Vec::new();
        for (medium, prepared) in prompt.media.iter().enumerate() {
            let mut from = 0;
            for rows in &prepared.places {
                shown.push(Shown {
                    rows: rows.clone(),
                    medium,
                    from,
                });
                from += rows.len();
            }
        }
        shown.sort_by_key(|shown| shown.rows.start);
        let keys = keys(prompt);
        // Behind the media, and where the answer begins.
        let mut marks: Vec<usize> = shown.last().map(|s| s.rows.end).into_iter().collect();
        marks.push(keys.len());
        Self {
            model,
            memory,
            go_on,
            prompt: keys.len(),
            next_position: prompt.next_position,
            keys,
            shown,
            features,
            reused: 0,
            marks,
            fresh: false,
        }
    }

    /// How many rows at the beginning are the same in memory.
    pub(super) fn common(keys: &[Key], memory: &Memory) -> usize {
        let pairs = keys.iter().zip(&memory.held);
        pairs.take_while(|(wanted, held)| wanted == held).count()
    }

    /// Reads the prompt, telling how many of its rows are read.
    pub(super) fn prefill(&mut self, told: &mut dyn FnMut(usize, usize)) -> Outcome<()> {
        let common = Self::common(&self.keys, self.memory);
        if common < self.prompt {
            self.memory.truncate(common);
        }
        self.reused = self.memory.held.len().min(self.prompt);
        self.fresh = common >= self.prompt;
        told(self.reused, self.prompt);
        while self.memory.held.len() < self.prompt {
            let to = self.chunk_end(self.prompt);
            self.advance(to, false)?;
            told(to, self.prompt);
        }
        Ok(())
    }

    /// Where the next chunk ends on the way to `target`.
    fn chunk_end(&self, target: usize) -> usize {
        let from = self.memory.held.len();
        let most = target.min(from + CHUNK);
        let mark = self.marks.iter().copied().find(|&m| m > from && m < most);
        mark.unwrap_or(most)
    }

    /// Reads rows up to `to`; the logits behind the last where they are wanted.
    fn advance(&mut self, to: usize, logits: bool) -> Outcome<Option<Vec<f32>>> {
        (self.go_on)()?;
        let from = self.memory.held.len();
        let (embeddings, deep) = self.rows(from..to)?;
        let positions: Vec<[u32; 3]> = self.keys[from..to].iter().map(|k| k.position).collect();
        let decoder = self.model.decoder();
        let normed = decoder.forward(
            &embeddings,
            &positions,
            &deep,
            &mut self.memory.cache,
            self.go_on,
        )?;
        self.memory.held.extend_from_slice(&self.keys[from..to]);
        if self.marks.contains(&to) {
            self.memory.cache.mark();
        }
        if !logits {
            return Ok(None);
        }
        let last = normed.narrow(0, to - from - 1, 1).computing()?;
        let logits = decoder.logits(&last)?.flatten_all().computing()?;
        Ok(Some(logits.to_vec1().computing()?))
    }

    /// Embeddings of rows: of words, and features in the places of media.
    fn rows(&self, rows: Range<usize>) -> Outcome<(Tensor, Vec<DeepRows>)> {
        let decoder = self.model.decoder();
        let (dtype, device) = (self.model.dtype(), self.model.device());
        let mut pieces = Vec::new();
        let mut deep = Vec::new();
        let mut at = rows.start;
        let words = |at: usize, to: usize, pieces: &mut Vec<Tensor>| -> Outcome<()> {
            if at < to {
                let ids: Vec<u32> = self.keys[at..to].iter().map(|key| key.id).collect();
                pieces.push(decoder.embed(&ids)?);
            }
            Ok(())
        };
        for shown in &self.shown {
            let from = shown.rows.start.max(rows.start);
            let to = shown.rows.end.min(rows.end);
            if from >= to {
                continue;
            }
            words(at, from, &mut pieces)?;
            let Some(Some(features)) = self.features.get(shown.medium) else {
                return Err(Failure::new(
                    FailureCode::Internal,
                    "A picture's features are missing.",
                ));
            };
            let first = shown.from + from - shown.rows.start;
            let part = |tensor: &Tensor| {
                tensor
                    .narrow(0, first, to - from)
                    .and_then(|t| t.to_device(device)?.to_dtype(dtype))
                    .computing()
            };
            pieces.push(part(&features.embeddings)?);
            for (layer, values) in features.deep.iter().enumerate() {
                deep.push(DeepRows {
                    layer,
                    first_row: from - rows.start,
                    values: part(values)?,
                });
            }
            at = to;
        }
        words(at, rows.end, &mut pieces)?;
        for piece in &mut pieces {
            *piece = piece.to_dtype(dtype).computing()?;
        }
        let embeddings = match pieces.len() {
            1 => pieces.remove(0),
            _ => Tensor::cat(&pieces, 0).computing()?,
        };
        Ok((embeddings, deep))
    }

    /// Logits behind the last row, reading what is not in the cache yet.
    fn logits(&mut self) -> Outcome<Vec<f32>> {
        let all = self.keys.len();
        let common = Self::common(&self.keys, self.memory);
        // The last row is read again where it is there already: its logits are not.
        self.memory.truncate(common.min(all.saturating_sub(1)));
        if self.fresh {
            // The answer begins with words that it had before: they count as reused.
            self.fresh = false;
            self.reused = self.reused.max(self.memory.held.len());
        }
        loop {
            let to = self.chunk_end(all);
            if let Some(logits) = self.advance(to, to == all)? {
                return Ok(logits);
            }
        }
    }
}

/// Reads a whole prompt and goes on with the likeliest tokens, whatever they are: the logits of
/// the prompt's last `rows`, and `count` tokens.
///
/// # Errors
/// Cancellation, or memory that does not suffice.
pub(crate) fn greedy(
    model: &Model,
    prompt: &Prepared,
    features: &[Option<Features>],
    rows: usize,
    count: usize,
    go_on: &GoOn<'_>,
) -> Outcome<(Tensor, Vec<u32>)> {
    let mut memory = Memory::new(model);
    let mut reel = Reel::new(model, &mut memory, prompt, features, go_on);
    let all = prompt.ids.len();
    let (embeddings, deep) = reel.rows(0..all)?;
    let decoder = model.decoder();
    let cache = &mut reel.memory.cache;
    let normed = decoder.forward(&embeddings, &prompt.positions, &deep, cache, go_on)?;
    reel.memory.held = reel.keys.clone();
    let last = normed.narrow(0, all - rows, rows).computing()?;
    let logits = decoder.logits(&last)?;
    let logits = logits.to_device(&candle_core::Device::Cpu).computing()?;
    let mut next = logits
        .get(rows - 1)
        .and_then(|row| row.to_vec1::<f32>())
        .computing()?;
    let mut ids = Vec::with_capacity(count);
    while ids.len() < count {
        let Some(id) = best(&next) else { break };
        ids.push(id);
        next = reel.read(&[id])?;
    }
    Ok((logits, ids))
}

impl Context for Reel<'_> {
    fn read(&mut self, ids: &[u32]) -> Outcome<Vec<f32>> {
        for &id in ids {
            let behind = (self.keys.len() - self.prompt) as u32;
            let position = [self.next_position.saturating_add(behind); 3];
            self.keys.push(Key {
                id,
                position,
                medium: None,
            });
        }
        self.logits()
    }

    fn forget_to(&mut self, count: usize) -> Outcome<()> {
        self.keys.truncate(self.prompt + count);
        Ok(())
    }

    fn mark(&mut self) -> Outcome<()> {
        if self.memory.held.len() == self.keys.len() {
            self.memory.cache.mark();
        }
        Ok(())
    }
}
