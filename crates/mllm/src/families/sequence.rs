//! Tokens as they are put one after another, with their positions.

use std::ops::Range;

use decoupage_dialogue::Outcome;

use super::Layout;
use crate::config::MediaTokens;
use crate::tokens::Tokens;

/// Grows token by token. Words count on from the highest position of the block before them
/// (Qwen2-VL §2.1).
pub(super) struct Sequence<'a> {
    tokens: &'a Tokens,
    merge: usize,
    pub(super) temporal_patch: usize,
    /// Words that are not tokens yet: neighbouring words are encoded together.
    words: String,
    ids: Vec<u32>,
    positions: Vec<[u32; 3]>,
    next: u32,
    places: Vec<Vec<Range<usize>>>,
}

/// A stretch of features with their positions counted from the block's start.
pub(super) struct Stretch {
    /// Index into the media that the block adds.
    pub(super) medium: usize,
    pub(super) token: u32,
    pub(super) positions: Vec<[u32; 3]>,
}

impl<'a> Sequence<'a> {
    pub(super) fn new(tokens: &'a Tokens, merge: usize, temporal_patch: usize) -> Self {
        Self {
            tokens,
            merge: merge.max(1),
            temporal_patch: temporal_patch.max(1),
            words: String::new(),
            ids: Vec::new(),
            positions: Vec::new(),
            next: 0,
            places: Vec::new(),
        }
    }

    pub(super) fn media(&self) -> &'a MediaTokens {
        self.tokens.media()
    }

    /// A grid of merged tokens.
    pub(super) fn merged(&self, grid: [usize; 3]) -> [usize; 3] {
        [grid[0], grid[1] / self.merge, grid[2] / self.merge]
    }

    pub(super) fn words(&mut self, text: &str) {
        self.words.push_str(text);
    }

    fn flush(&mut self) -> Outcome<()> {
        let words = std::mem::take(&mut self.words);
        for id in self.tokens.encode(&words)? {
            self.push(id);
        }
        Ok(())
    }

    fn push(&mut self, id: u32) {
        self.ids.push(id);
        self.positions.push([self.next; 3]);
        self.next = self.next.saturating_add(1);
    }

    /// A special token.
    pub(super) fn token(&mut self, id: u32) -> Outcome<()> {
        self.flush()?;
        self.push(id);
        Ok(())
    }

    /// Two special tokens on one position.
    pub(super) fn pair(&mut self, first: u32, second: u32) -> Outcome<()> {
        self.token(first)?;
        self.next = self.next.saturating_sub(1);
        self.token(second)
    }

    /// A medium with one place: a row of moments, each a grid.
    pub(super) fn grid(
        &mut self,
        token: u32,
        times: &[u32],
        down: usize,
        across: usize,
    ) -> Outcome<()> {
        self.block(vec![Stretch {
            medium: 0,
            token,
            positions: grid_positions(times, down, across),
        }])
    }

    /// A medium whose tokens count on like words.
    pub(super) fn line(&mut self, token: u32, count: usize) -> Outcome<()> {
        let positions = (0..count as u32).map(|i| [i; 3]).collect();
        self.block(vec![Stretch {
            medium: 0,
            token,
            positions,
        }])
    }

    /// Adds media whose stretches alternate, all counted from where the block starts. What
    /// follows counts on from the highest position of the last stretch, as the reference does.
    pub(super) fn block(&mut self, stretches: Vec<Stretch>) -> Outcome<()> {
        self.flush()?;
        let start = self.next;
        let first = self.places.len();
        for stretch in stretches {
            let medium = first + stretch.medium;
            while self.places.len() <= medium {
                self.places.push(Vec::new());
            }
            let highest = self.add(start, &stretch, medium);
            self.next = highest.map_or(self.next, |highest| highest.saturating_add(1));
        }
        Ok(())
    }

    /// One more grid of the last medium that was added: its features stand in several places.
    pub(super) fn more(
        &mut self,
        token: u32,
        down: usize,
        across: usize,
        first: bool,
    ) -> Outcome<()> {
        self.flush()?;
        if first {
            self.places.push(Vec::new());
        }
        let stretch = Stretch {
            medium: 0,
            token,
            positions: grid_positions(&[0], down, across),
        };
        let medium = self.places.len() - 1;
        let highest = self.add(self.next, &stretch, medium);
        self.next = highest.map_or(self.next, |highest| highest.saturating_add(1));
        Ok(())
    }

    fn add(&mut self, start: u32, stretch: &Stretch, medium: usize) -> Option<u32> {
        let from = self.ids.len();
        let mut highest = None;
        for &[t, y, x] in &stretch.positions {
            let position = [t, y, x].map(|offset| start.saturating_add(offset));
            highest = highest.max(position.into_iter().max());
            self.ids.push(stretch.token);
            self.positions.push(position);
        }
        if from < self.ids.len() {
            self.places[medium].push(from..self.ids.len());
        }
        highest
    }

    pub(super) fn finish(mut self) -> Outcome<Layout> {
        self.flush()?;
        let highest = self.positions.iter().flatten().max();
        Ok(Layout {
            next_position: highest.map_or(0, |highest| highest.saturating_add(1)),
            ids: self.ids,
            positions: self.positions,
            places: self.places,
        })
    }
}

pub(super) fn grid_positions(times: &[u32], down: usize, across: usize) -> Vec<[u32; 3]> {
    let mut positions = Vec::with_capacity(times.len() * down * across);
    for &t in times {
        for y in 0..down as u32 {
            for x in 0..across as u32 {
                positions.push([t, y, x]);
            }
        }
    }
    positions
}
