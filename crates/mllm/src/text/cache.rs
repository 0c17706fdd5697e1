//! What a decoder remembers of the rows it read.

use std::collections::VecDeque;

use candle_core::{DType, Device, Result, Tensor};
use decoupage_dialogue::Outcome;

use crate::config::{LayerKind, TextConfig};

/// Rows that keys and values are made room for at first.
const FIRST_ROWS: usize = 256;
/// Marks that are kept: each holds the whole state of every delta net.
const MOST_MARKS: usize = 8;

/// Keys and values, and states of delta nets, of the rows read so far.
pub struct Cache {
    layers: Vec<LayerCache>,
    length: usize,
    marks: VecDeque<Snapshot>,
    has_delta: bool,
}

pub(super) enum LayerCache {
    Attention(KeysValues),
    Delta(DeltaState),
}

/// The states of delta nets at one length.
#[derive(Clone, Default)]
pub(super) struct Snapshot {
    length: usize,
    states: Vec<DeltaState>,
}

/// Keys and values of one layer, grown by doubling.
pub(super) struct KeysValues {
    /// `[heads, room, width]` each. None: nothing was read yet.
    held: Option<(Tensor, Tensor)>,
    heads: usize,
    width: usize,
    dtype: DType,
    device: Device,
    /// Rows that are in use; those behind are of no meaning.
    length: usize,
}

/// What a gated delta net carries from row to row. None: nothing was read yet.
#[derive(Clone, Default)]
pub(super) struct DeltaState {
    /// The last inputs of the convolution: `[taps − 1, channels]`.
    pub(super) inputs: Option<Tensor>,
    /// `[value heads, key width, value width]` in f32.
    pub(super) memory: Option<Tensor>,
}

impl Cache {
    pub(super) fn new(config: &TextConfig, device: &Device, dtype: DType) -> Self {
        let layers = config
            .layers
            .iter()
            .map(|kind| match kind {
                LayerKind::Attention => LayerCache::Attention(KeysValues::new(
                    config.kv_heads,
                    config.head_dim,
                    dtype,
                    device,
                )),
                LayerKind::Delta => LayerCache::Delta(DeltaState::default()),
            })
            .collect();
        Self {
            layers,
            length: 0,
            marks: VecDeque::new(),
            has_delta: config.layers.contains(&LayerKind::Delta),
        }
    }

    /// Rows read.
    pub fn len(&self) -> usize {
        self.length
    }

    /// Whether nothing was read.
    pub fn is_empty(&self) -> bool {
        self.length == 0
    }

    /// Remembers the states of delta nets at the current length, so that [`Cache::truncate`] can
    /// come back to it. Eight marks are kept, the farthest from one another. Costs nothing for models without them.
    pub fn mark(&mut self) {
        let known = self.marks.iter().any(|mark| mark.length == self.length);
        if !self.has_delta || known || self.length == 0 {
            return;
        }
        if self.marks.len() == MOST_MARKS {
            // The one from which its neighbour is nearest: coming back there costs the least.
            let before = |at: usize| at.checked_sub(1).map_or(0, |at| self.marks[at].length);
            let crowded =
                (0..self.marks.len()).min_by_key(|&at| self.marks[at].length - before(at));
            crowded.map(|at| self.marks.remove(at));
        }
        let snapshot = self.snapshot();
        self.marks.push_back(snapshot);
    }

    /// Forgets rows so that at most `length` are left, and says how many are: delta nets can
    /// only go back to a mark, or to the beginning.
    pub fn truncate(&mut self, length: usize) -> usize {
        if length >= self.length {
            return self.length;
        }
        if !self.has_delta {
            self.set_length(length);
            return length;
        }
        self.marks.retain(|mark| mark.length <= length);
        let mark = self.marks.iter().max_by_key(|mark| mark.length).cloned();
        self.restore(mark.unwrap_or_default());
        self.length
    }

    /// What [`Cache::restore`] needs to come back to the present state.
    pub(super) fn snapshot(&self) -> Snapshot {
        let states = self
            .layers
            .iter()
            .filter_map(|layer| match layer {
                LayerCache::Delta(state) => Some(state.clone()),
                LayerCache::Attention(_) => None,
            })
            .collect();
        Snapshot {
            length: self.length,
            states,
        }
    }

    /// Back to an earlier state: after a failure some layers are further than others.
    pub(super) fn restore(&mut self, snapshot: Snapshot) {
        let mut states = snapshot.states.into_iter();
        for layer in &mut self.layers {
            if let LayerCache::Delta(state) = layer {
                *state = states.next().unwrap_or_default();
            }
        }
        self.set_length(snapshot.length);
    }

    fn set_length(&mut self, length: usize) {
        self.length = length;
        for layer in &mut self.layers {
            if let LayerCache::Attention(kept) = layer {
                kept.length = kept.length.min(length);
            }
        }
    }

    /// Makes room for more rows in every layer.
    pub(super) fn reserve(&mut self, rows: usize) -> Result<()> {
        let needed = self.length + rows;
        for layer in &mut self.layers {
            if let LayerCache::Attention(kept) = layer {
                kept.reserve(needed)?;
            }
        }
        Ok(())
    }

    pub(super) fn layer(&mut self, index: usize) -> Outcome<&mut LayerCache> {
        self.layers.get_mut(index).ok_or_else(super::foreign_cache)
    }

    pub(super) fn advance(&mut self, rows: usize) {
        self.length += rows;
    }

    /// Bytes of all that is remembered.
    pub fn bytes(&self) -> usize {
        let size = |tensor: &Tensor| tensor.elem_count() * tensor.dtype().size_in_bytes();
        let state = |state: &DeltaState| {
            [&state.inputs, &state.memory]
                .into_iter()
                .flatten()
                .map(size)
                .sum::<usize>()
        };
        let layers: usize = self
            .layers
            .iter()
            .map(|layer| match layer {
                LayerCache::Attention(kept) => kept
                    .held
                    .iter()
                    .map(|(keys, values)| size(keys) + size(values))
                    .sum(),
                LayerCache::Delta(kept) => state(kept),
            })
            .sum();
        let marks: usize = self.marks.iter().flat_map(|m| &m.states).map(state).sum();
        layers + marks
    }
}

impl KeysValues {
    fn new(heads: usize, width: usize, dtype: DType, device: &Device) -> Self {
        Self {
            held: None,
            heads,
            width,
            dtype,
            device: device.clone(),
            length: 0,
        }
    }

    fn reserve(&mut self, needed: usize) -> Result<()> {
        let room = match &self.held {
            Some((keys, _)) => keys.dim(1)?,
            None => 0,
        };
        if room >= needed {
            return Ok(());
        }
        let room = needed.max(room * 2).max(FIRST_ROWS);
        let shape = (self.heads, room, self.width);
        let grow = |old: Option<&Tensor>| -> Result<Tensor> {
            let new = Tensor::zeros(shape, self.dtype, &self.device)?;
            if let Some(old) = old.filter(|_| self.length > 0) {
                new.slice_set(&old.narrow(1, 0, self.length)?.contiguous()?, 1, 0)?;
            }
            Ok(new)
        };
        let keys = grow(self.held.as_ref().map(|(keys, _)| keys))?;
        let values = grow(self.held.as_ref().map(|(_, values)| values))?;
        self.held = Some((keys, values));
        Ok(())
    }

    /// Writes rows `[heads, rows, width]` behind those in use, for which there must be room, and
    /// gives all of them as views `[heads, length, width]`.
    pub(super) fn append(&mut self, keys: &Tensor, values: &Tensor) -> Result<(Tensor, Tensor)> {
        let rows = keys.dim(1)?;
        let keys = keys.contiguous()?.to_dtype(self.dtype)?;
        let values = values.contiguous()?.to_dtype(self.dtype)?;
        let Some((all_keys, all_values)) = &self.held else {
            candle_core::bail!("no room was made for keys and values");
        };
        all_keys.slice_set(&keys, 1, self.length)?;
        all_values.slice_set(&values, 1, self.length)?;
        self.length += rows;
        Ok((
            all_keys.narrow(1, 0, self.length)?,
            all_values.narrow(1, 0, self.length)?,
        ))
    }
}
