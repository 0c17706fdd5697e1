//! Builds tensors and matrices from stored bytes, one at a time so that loading needs little
//! more memory than what is kept.

use candle_core::quantized::k_quants::{BlockQ4K, BlockQ8_0};
use std::sync::Arc;

use candle_core::quantized::{GgmlDType, GgmlType, QStorage, QTensor, QuantizedType};
use candle_core::{DType, Device, Tensor};
use decoupage_dialogue::Outcome;
use half::{bf16, f16};
use rayon::prelude::*;

use super::decode::{self, Number};
use super::source::{Stored, TensorSource};
use super::stored_blocks;
use super::{Hold, Weights};
use crate::failure::{self, Computing};
use crate::linear::Matrix;
use crate::linear::packed::{self, Blocks};
use crate::linear::tiles::{self, BLOCK, Bits, Block, Tiles};

/// Rows quantised by one thread at a time.
const ROWS: usize = 16;

/// Tensors of one width one below another in one plain tensor, on the processor for f32 and on
/// the device otherwise.
pub(super) fn plain(
    weights: &Weights,
    names: &[&str],
    shape: &[usize],
    dtype: DType,
) -> Outcome<Tensor> {
    match dtype {
        DType::BF16 => stack::<bf16>(weights, names, shape),
        DType::F16 => stack::<f16>(weights, names, shape),
        _ => stack::<f32>(weights, names, shape),
    }
}

fn stack<T: Number>(weights: &Weights, names: &[&str], shape: &[usize]) -> Outcome<Tensor> {
    let source = &weights.shared.source;
    let count = shape.iter().product();
    let mut values = vec![T::from_f32_bits(0.0); count];
    let mut rest = values.as_mut_slice();
    for name in names {
        let bytes = source.bytes(name)?;
        let stored = stored(source.as_ref(), name)?;
        let numbers = source
            .entry(name)
            .map_or(0, |entry| entry.shape.iter().product());
        let (head, tail) = rest
            .split_at_mut_checked(numbers)
            .ok_or_else(|| failure::damaged("A tensor's length does not fit its shape."))?;
        decode::decode(stored, &bytes, head)?;
        rest = tail;
        weights.shared.read(bytes.len())?;
        source.release(name);
    }
    Tensor::from_vec(values, shape, &Device::Cpu).computing()
}

/// The matrices of one linear layer: one where all parts can be held in the same way, else one
/// for each run of parts that can.
pub(super) fn matrices(
    weights: &Weights,
    hold: Hold,
    names: &[String],
    input: usize,
    outs: &[usize],
) -> Outcome<Vec<Matrix>> {
    let source = weights.shared.source.as_ref();
    let mut runs: Vec<(Option<GgmlDType>, Vec<&str>, usize)> = Vec::new();
    for (name, out) in names.iter().zip(outs) {
        let kind = kind(hold, stored(source, name)?, input, weights.device());
        match runs.last_mut() {
            Some((last, names, rows)) if *last == kind => {
                names.push(name);
                *rows += out;
            }
            _ => runs.push((kind, vec![name], *out)),
        }
    }
    runs.into_iter()
        .map(|(kind, names, rows)| match kind {
            None => {
                let tensor = plain(weights, &names, &[rows, input], weights.dtype())?;
                let tensor = tensor.to_device(weights.device()).computing()?;
                Ok(Matrix::Plain(tensor))
            }
            Some(kind) => blocks(weights, kind, &names, rows, input),
        })
        .collect()
}

/// The kind of blocks a stored matrix is held in; none for plain.
fn kind(hold: Hold, stored: Stored, input: usize, device: &Device) -> Option<GgmlDType> {
    match (hold, stored) {
        (Hold::Plain, _) => None,
        // Two bytes a weight: f16 and bf16 alike become bf16.
        (Hold::Half, _) => Some(GgmlDType::BF16),
        (Hold::Blocks(kind), _) => Some(kind),
        (Hold::AsStored, Stored::Blocks(kind)) => Some(packed::runnable(kind, input, device)),
        (Hold::AsStored, _) => None,
    }
}

fn stored(source: &dyn TensorSource, name: &str) -> Outcome<Stored> {
    source
        .entry(name)
        .map(|entry| entry.stored)
        .ok_or_else(|| super::missing(&source.label(), name))
}

fn blocks(
    weights: &Weights,
    kind: GgmlDType,
    names: &[&str],
    rows: usize,
    input: usize,
) -> Outcome<Matrix> {
    let device = weights.device();
    let bits = match kind {
        GgmlDType::Q8_0 => Some(Bits::Eight),
        GgmlDType::Q4K => Some(Bits::Four),
        GgmlDType::BF16 => Some(Bits::Half),
        _ => None,
    };
    if let Some(bits) = bits.filter(|bits| device.is_cpu() && tiles::available(*bits)) {
        return tile(weights, bits, names, rows, input);
    }
    by_candle(weights, kind, names, rows, input)
}

/// Rows in candle's own blocks.
pub(super) fn by_candle(
    weights: &Weights,
    kind: GgmlDType,
    names: &[&str],
    rows: usize,
    input: usize,
) -> Outcome<Matrix> {
    let device = weights.device();
    let padded = packed::padded(kind, input, device);
    let tall = packed::padded_rows(rows, device);
    let source = weights.shared.source.as_ref();
    let mut as_stored = true;
    for name in names {
        as_stored &= stored(source, name)? == Stored::Blocks(kind);
    }
    let data: Box<dyn QuantizedType> = match kind {
        // Quantising blocks again would lose a little each time, and takes long.
        kind if as_stored => copy(weights, kind, names, input, padded, tall)?,
        GgmlDType::Q8_0 => quantise::<BlockQ8_0>(weights, names, input, padded, tall)?,
        GgmlDType::Q4K => quantise::<BlockQ4K>(weights, names, input, padded, tall)?,
        GgmlDType::BF16 => quantise::<bf16>(weights, names, input, padded, tall)?,
        kind => {
            return Err(failure::unsupported(format!(
                "Weights cannot be held as {kind:?} here."
            )));
        }
    };
    if device.is_cpu() {
        let tensor = Blocks::packed(data, tall, padded)?;
        return Ok(Matrix::quantised(tensor, rows));
    }
    let storage = QStorage::Cpu(data);
    let tensor = QTensor::new(storage, (tall, padded)).computing()?;
    Ok(Matrix::quantised(decode::onto(tensor, device)?, rows))
}

/// Rows in tiles, made straight from what is stored.
fn tile(
    weights: &Weights,
    bits: Bits,
    names: &[&str],
    rows: usize,
    input: usize,
) -> Outcome<Matrix> {
    let source = weights.shared.source.as_ref();
    let mut tiles = Tiles::new(bits, rows, input);
    let mut parts = Vec::new();
    let mut first = 0;
    for name in names {
        let bytes = source.bytes(name)?;
        let stored = stored(source, name)?;
        let row_bytes = stored
            .row_bytes(input)
            .filter(|bytes| *bytes > 0)
            .ok_or_else(|| failure::damaged("A tensor's rows are no whole blocks."))?;
        let count = bytes.len() / row_bytes;
        parts.push((first, bytes, stored, row_bytes));
        first += count;
    }
    if first != rows {
        return Err(failure::damaged(
            "A tensor's length does not fit its shape.",
        ));
    }
    let find = |row: usize| {
        let part = parts.partition_point(|(first, ..)| *first <= row) - 1;
        let (first, bytes, stored, row_bytes) = &parts[part];
        let start = (row - first) * row_bytes;
        (*stored, &bytes[start..start + row_bytes])
    };
    match bits {
        Bits::Half => tiles.fill_half(|row, out| {
            let (stored, bytes) = find(row);
            decode::decode_row(stored, bytes, out)
        })?,
        Bits::Eight => tiles.fill(|row, put| {
            let (stored, bytes) = find(row);
            if stored == Stored::Blocks(GgmlDType::Q8_0) {
                stored_blocks::eight(bytes, put);
                return Ok(());
            }
            let mut values = vec![0f32; input.next_multiple_of(BLOCK)];
            decode::decode_row(stored, bytes, &mut values[..input])?;
            for (step, values) in values.as_chunks::<BLOCK>().0.iter().enumerate() {
                put(step, Block::eight(values));
            }
            Ok(())
        })?,
        Bits::Four => tiles.fill(|row, put| {
            let (stored, bytes) = find(row);
            match stored {
                Stored::Blocks(GgmlDType::Q4K) => stored_blocks::four_k(bytes, put),
                Stored::Blocks(GgmlDType::Q4_0) => stored_blocks::four_0(bytes, put),
                Stored::Blocks(GgmlDType::Q4_1) => stored_blocks::four_1(bytes, put),
                _ => {
                    let width = input.next_multiple_of(BlockQ4K::BLCK_SIZE);
                    let mut values = vec![0f32; width];
                    decode::decode_row(stored, bytes, &mut values[..input])?;
                    let mut blocks = vec![BlockQ4K::zeros(); width / BlockQ4K::BLCK_SIZE];
                    BlockQ4K::from_float(&values, &mut blocks);
                    let storage = QStorage::Cpu(Box::new(blocks));
                    let row = QTensor::new(storage, (1, width)).computing()?;
                    stored_blocks::four_k(&row.data().computing()?, put);
                }
            }
            Ok(())
        })?,
    }
    for ((_, bytes, ..), name) in parts.iter().zip(names) {
        weights.shared.read(bytes.len())?;
        source.release(name);
    }
    Ok(Matrix::Tiled(Arc::new(tiles)))
}

/// Rows in blocks of another kind, padded with zeros to the right and below.
fn quantise<T: GgmlType + Send + Sync + 'static>(
    weights: &Weights,
    names: &[&str],
    input: usize,
    padded: usize,
    tall: usize,
) -> Outcome<Box<dyn QuantizedType>> {
    let source = weights.shared.source.as_ref();
    let width = padded / T::BLCK_SIZE;
    let mut blocks = vec![T::zeros(); tall * width];
    let mut rest = blocks.as_mut_slice();
    for name in names {
        let bytes = source.bytes(name)?;
        let stored = stored(source, name)?;
        let row_bytes = stored
            .row_bytes(input)
            .filter(|bytes| *bytes > 0)
            .ok_or_else(|| failure::damaged("A tensor's rows are no whole blocks."))?;
        let rows = bytes.len() / row_bytes;
        let (head, tail) = rest
            .split_at_mut_checked(rows * width)
            .ok_or_else(|| failure::damaged("A tensor's length does not fit its shape."))?;
        head.par_chunks_mut(ROWS * width)
            .zip(bytes.par_chunks(ROWS * row_bytes))
            .try_for_each(|(out, bytes)| {
                let mut row = vec![0f32; padded];
                for (out, bytes) in out.chunks_mut(width).zip(bytes.chunks(row_bytes)) {
                    decode::decode_row(stored, bytes, &mut row[..input])?;
                    T::from_float(&row, out);
                }
                Ok(())
            })?;
        rest = tail;
        weights.shared.read(bytes.len())?;
        source.release(name);
    }
    Ok(Box::new(blocks))
}

/// Blocks as they are stored, padded with zeros to the right and below: blocks of zero bytes are
/// zeros in every kind.
fn copy(
    weights: &Weights,
    kind: GgmlDType,
    names: &[&str],
    input: usize,
    padded: usize,
    tall: usize,
) -> Outcome<Box<dyn QuantizedType>> {
    let source = weights.shared.source.as_ref();
    let stored = Stored::Blocks(kind);
    let (Some(row), Some(width)) = (stored.row_bytes(input), stored.row_bytes(padded)) else {
        return Err(failure::damaged("A tensor's rows are no whole blocks."));
    };
    let mut all = vec![0_u8; tall * width];
    let mut rest = all.chunks_exact_mut(width.max(1));
    for name in names {
        let bytes = source.bytes(name)?;
        for row in bytes.chunks_exact(row.max(1)) {
            let place = rest
                .next()
                .and_then(|place| place.get_mut(..row.len()))
                .ok_or_else(|| failure::damaged("A tensor's length does not fit its shape."))?;
            place.copy_from_slice(row);
        }
        weights.shared.read(bytes.len())?;
        source.release(name);
    }
    Ok(kind.from_data(all.into()))
}

/// Rows of a matrix by number, one after another into `out`.
pub(super) fn gather(
    source: &dyn TensorSource,
    name: &str,
    width: usize,
    ids: &[u32],
    out: &mut [f32],
) -> Outcome<()> {
    let bytes = source.bytes(name)?;
    let stored = stored(source, name)?;
    let row_bytes = stored
        .row_bytes(width)
        .ok_or_else(|| failure::damaged("A tensor's rows are no whole blocks."))?;
    for (id, out) in ids.iter().zip(out.chunks_mut(width)) {
        let start = *id as usize * row_bytes;
        let row = bytes
            .get(start..start + row_bytes)
            .ok_or_else(|| failure::damaged("A tensor's length does not fit its shape."))?;
        decode::decode_row(stored, row, out)?;
    }
    Ok(())
}
