//! Stored bytes to numbers, in parallel.

use std::borrow::Cow;

use candle_core::quantized::{GgmlDType, QStorage, QTensor};
use candle_core::{CpuStorage, Device, WithDType};
use decoupage_dialogue::Outcome;
use half::{bf16, f16};
use rayon::prelude::*;

use super::source::Stored;
use crate::failure::{self, Computing};

/// Numbers decoded by one thread at a time: large enough that threads are worth it.
const CHUNK: usize = 1 << 16;

/// A kind of number that tensors are held as.
pub(super) trait Number: WithDType {
    fn from_f32_bits(value: f32) -> Self;
}

impl Number for f32 {
    fn from_f32_bits(value: f32) -> Self {
        value
    }
}

impl Number for bf16 {
    fn from_f32_bits(value: f32) -> Self {
        bf16::from_f32(value)
    }
}

impl Number for f16 {
    fn from_f32_bits(value: f32) -> Self {
        f16::from_f32(value)
    }
}

/// Decodes bytes into as many numbers as `out` takes.
///
/// # Errors
/// The bytes are of another length, or blocks that cannot be decoded.
pub(super) fn decode<T: Number>(stored: Stored, bytes: &[u8], out: &mut [T]) -> Outcome<()> {
    if stored.row_bytes(out.len()) != Some(bytes.len()) {
        return Err(failure::damaged(
            "A tensor's length does not fit its shape.",
        ));
    }
    match stored {
        Stored::F32 => each::<4, T>(bytes, out, f32::from_le_bytes),
        Stored::F16 => each::<2, T>(bytes, out, |b| f16::from_le_bytes(b).to_f32()),
        Stored::Bf16 => each::<2, T>(bytes, out, |b| bf16::from_le_bytes(b).to_f32()),
        Stored::Blocks(kind) => {
            let block = kind.block_size();
            let blocks = (CHUNK / block).max(1);
            out.par_chunks_mut(blocks * block)
                .zip(bytes.par_chunks(blocks * kind.type_size()))
                .try_for_each(|(out, bytes)| {
                    let values = dequantise(kind, bytes, out.len())?;
                    for (out, value) in out.iter_mut().zip(values) {
                        *out = T::from_f32_bits(value);
                    }
                    Ok(())
                })?;
        }
    }
    Ok(())
}

/// One row, on the calling thread.
pub(super) fn decode_row(stored: Stored, bytes: &[u8], out: &mut [f32]) -> Outcome<()> {
    match stored {
        Stored::F32 => {
            for (out, bytes) in out.iter_mut().zip(bytes.as_chunks::<4>().0) {
                *out = f32::from_le_bytes(*bytes);
            }
        }
        Stored::F16 => {
            for (out, bytes) in out.iter_mut().zip(bytes.as_chunks::<2>().0) {
                *out = f16::from_le_bytes(*bytes).to_f32();
            }
        }
        Stored::Bf16 => {
            for (out, bytes) in out.iter_mut().zip(bytes.as_chunks::<2>().0) {
                *out = bf16::from_le_bytes(*bytes).to_f32();
            }
        }
        Stored::Blocks(kind) => {
            let values = dequantise(kind, bytes, out.len())?;
            out.copy_from_slice(&values);
        }
    }
    Ok(())
}

fn each<const N: usize, T: Number>(
    bytes: &[u8],
    out: &mut [T],
    number: impl Fn([u8; N]) -> f32 + Sync,
) {
    out.par_chunks_mut(CHUNK)
        .zip(bytes.par_chunks(CHUNK * N))
        .for_each(|(out, bytes)| {
            for (out, bytes) in out.iter_mut().zip(bytes.as_chunks::<N>().0) {
                *out = T::from_f32_bits(number(*bytes));
            }
        });
}

fn dequantise(kind: GgmlDType, bytes: &[u8], count: usize) -> Outcome<Vec<f32>> {
    // candle asserts the alignment of blocks (at most 4): bytes that lie askew are copied.
    let bytes = if bytes.as_ptr().align_offset(4) == 0 {
        Cow::Borrowed(bytes)
    } else {
        Cow::Owned(bytes.to_vec())
    };
    let storage = kind.from_data(bytes);
    match storage.dequantize(count).computing()? {
        CpuStorage::F32(values) => Ok(values),
        _ => Err(failure::damaged("A quantised tensor cannot be read.")),
    }
}

/// The same blocks on another device.
///
/// # Errors
/// The device has too little memory.
pub(super) fn onto(tensor: QTensor, device: &Device) -> Outcome<QTensor> {
    if device.is_cpu() {
        return Ok(tensor);
    }
    let data = tensor.data().computing()?;
    let storage = QStorage::from_data(data, device, tensor.dtype()).computing()?;
    QTensor::new(storage, tensor.shape()).computing()
}
