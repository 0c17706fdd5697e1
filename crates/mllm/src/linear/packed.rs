//! Quantised matrices on the processor without a second copy.
//!
//! candle 0.11 rearranges the blocks of a matrix for its fast kernels at the first product and
//! keeps the original blocks beside them, about doubling the memory. Its storage of blocks is
//! an open trait, though: [`Blocks`] lends the originals until every rearranged copy is made,
//! and then lets them go. Whether a matrix is rearranged at all depends on the machine and is
//! nowhere to be asked; it shows in whether [`QuantizedType::matmul_t`] is called, which only
//! happens for matrices that are computed as they are stored.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use candle_core::quantized::{GgmlDType, QStorage, QTensor, QuantizedType};
use candle_core::{CpuStorage, DType, Device, Module, Result, Tensor};
use decoupage_dialogue::Outcome;
use half::f16;

use super::tiles::{self, Bits};
use crate::failure::Computing;

/// Rows of the products that make candle rearrange a matrix in all the ways it may use: one row
/// for writing, many for reading (AMX has a layout of its own from 32 rows).
const ROUSING_ROWS: [usize; 2] = [1, 33];

/// A row length that the fast kernels take.
const FAST_ROW: usize = 256;
/// Rows that the fast kernels take at a time.
const FAST_ROWS: usize = 16;

/// The kind that a stored matrix is held in: as it is where that is fast, 8 bits otherwise.
pub(crate) fn runnable(kind: GgmlDType, input: usize, device: &Device) -> GgmlDType {
    if !device.is_cpu() {
        return kind;
    }
    match kind {
        GgmlDType::F32 | GgmlDType::F16 | GgmlDType::BF16 => GgmlDType::BF16,
        GgmlDType::Q4K if input.is_multiple_of(FAST_ROW) => GgmlDType::Q4K,
        // Tiles hold these without loss; four bits of candle's kernels would not.
        GgmlDType::Q4_0 | GgmlDType::Q4_1 if tiles::available(Bits::Four) => GgmlDType::Q4K,
        // Q6_K keeps its originals beside the rearranged copy (single rows are computed from
        // the former), which is more than 8 bits.
        _ => GgmlDType::Q8_0,
    }
}

/// The row length that a matrix is padded to.
pub(crate) fn padded(kind: GgmlDType, input: usize, device: &Device) -> usize {
    let multiple = match kind {
        GgmlDType::BF16 | GgmlDType::F16 | GgmlDType::F32 => 1,
        kind if device.is_cpu() => kind.block_size().max(FAST_ROW),
        kind => kind.block_size(),
    };
    input.next_multiple_of(multiple)
}

/// The number of rows that a matrix is padded to.
pub(crate) fn padded_rows(rows: usize, device: &Device) -> usize {
    if device.is_cpu() {
        rows.next_multiple_of(FAST_ROWS)
    } else {
        rows
    }
}

type Held = Arc<RwLock<Option<Box<dyn QuantizedType>>>>;

/// Blocks that are let go once candle has rearranged copies of them.
pub(crate) struct Blocks {
    held: Held,
    kind: GgmlDType,
    bytes: usize,
    as_stored: Arc<AtomicBool>,
}

impl Blocks {
    /// A matrix `[rows, width]` of blocks, rearranged now, without the originals where they are
    /// not needed.
    pub(crate) fn packed(
        data: Box<dyn QuantizedType>,
        rows: usize,
        width: usize,
    ) -> Outcome<QTensor> {
        let held: Held = Arc::new(RwLock::new(None));
        let as_stored = Arc::new(AtomicBool::new(false));
        let blocks = Self {
            kind: data.dtype(),
            bytes: data.storage_size_in_bytes(),
            held: Arc::clone(&held),
            as_stored: Arc::clone(&as_stored),
        };
        *held.write().unwrap_or_else(PoisonError::into_inner) = Some(data);
        let kind = blocks.kind;
        let tensor = QTensor::new(QStorage::Cpu(Box::new(blocks)), (rows, width)).computing()?;
        if !matches!(kind, GgmlDType::Q8_0 | GgmlDType::Q4K) {
            return Ok(tensor);
        }
        let matrix = candle_core::quantized::QMatMul::QTensor(Arc::new(tensor));
        for rousing in ROUSING_ROWS {
            let zeros = Tensor::zeros((rousing, width), DType::F32, &Device::Cpu).computing()?;
            matrix.forward(&zeros).computing()?;
        }
        let candle_core::quantized::QMatMul::QTensor(tensor) = matrix else {
            return Err(crate::failure::unsupported(
                "A quantised matrix cannot be run here.",
            ));
        };
        if !as_stored.load(Ordering::Relaxed) {
            *held.write().unwrap_or_else(PoisonError::into_inner) = None;
        }
        Arc::try_unwrap(tensor)
            .map_err(|_| crate::failure::unsupported("A quantised matrix cannot be run here."))
    }

    fn with<T>(&self, work: impl FnOnce(&dyn QuantizedType) -> Result<T>) -> Result<T> {
        let held = self.held.read().unwrap_or_else(PoisonError::into_inner);
        match held.as_deref() {
            Some(data) => work(data),
            None => candle_core::bail!("the original blocks of this matrix were let go"),
        }
    }
}

impl QuantizedType for Blocks {
    fn dtype(&self) -> GgmlDType {
        self.kind
    }

    fn matmul_t(&self, mkn: (usize, usize, usize), lhs: &[f32], dst: &mut [f32]) -> Result<()> {
        self.as_stored.store(true, Ordering::Relaxed);
        self.with(|data| data.matmul_t(mkn, lhs, dst))
    }

    fn matmul_t_f16(&self, mkn: (usize, usize, usize), lhs: &[f16], dst: &mut [f16]) -> Result<()> {
        self.as_stored.store(true, Ordering::Relaxed);
        self.with(|data| data.matmul_t_f16(mkn, lhs, dst))
    }

    fn embedding(&self, ids: &[u32], rows: usize, hidden: usize) -> Result<CpuStorage> {
        self.with(|data| data.embedding(ids, rows, hidden))
    }

    fn dequantize(&self, elem_count: usize) -> Result<CpuStorage> {
        self.with(|data| data.dequantize(elem_count))
    }

    fn storage_size_in_bytes(&self) -> usize {
        // candle reads so many bytes at `as_ptr`: none once they are let go.
        self.with(|data| Ok(data.storage_size_in_bytes()))
            .unwrap_or(0)
    }

    fn as_ptr(&self) -> *const u8 {
        self.with(|data| Ok(data.as_ptr()))
            .unwrap_or(std::ptr::NonNull::<u64>::dangling().as_ptr() as *const u8)
    }

    fn block_size(&self) -> usize {
        self.kind.block_size()
    }

    fn from_float(&mut self, xs: &[f32]) {
        let mut held = self.held.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(data) = held.as_deref_mut() {
            data.from_float(xs);
        }
    }

    fn from_float_imatrix(&mut self, xs: &[f32], imatrix_weights: &[f32], n_per_row: usize) {
        let mut held = self.held.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(data) = held.as_deref_mut() {
            data.from_float_imatrix(xs, imatrix_weights, n_per_row);
        }
    }

    fn size(&self) -> usize {
        self.bytes
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]

    use super::*;

    /// Values that are not all alike, without a generator.
    fn wave(rows: usize, width: usize) -> Tensor {
        let values: Vec<f32> = (0..rows * width)
            .map(|i| ((i * 37 % 101) as f32 / 50.0 - 1.0) * 0.7)
            .collect();
        Tensor::from_vec(values, (rows, width), &Device::Cpu).unwrap()
    }

    #[test]
    fn a_packed_matrix_multiplies_as_before() {
        for kind in [GgmlDType::Q8_0, GgmlDType::Q4K] {
            let weight = wave(32, 512);
            let plain = QTensor::quantize(&weight, kind).unwrap();
            let bytes = plain.data().unwrap();
            let packed = Blocks::packed(kind.from_data(bytes), 32, 512).unwrap();
            for rows in [1, 3, 8, 40] {
                let x = wave(rows, 512);
                let a = x.apply_op1_no_bwd(&plain).unwrap();
                let b = x.apply_op1_no_bwd(&packed).unwrap();
                let a = a.to_vec2::<f32>().unwrap();
                assert_eq!(a, b.to_vec2::<f32>().unwrap());
            }
        }
    }

    #[test]
    fn rows_that_miss_the_fast_kernels_are_padded() {
        let cpu = Device::Cpu;
        assert_eq!(padded(GgmlDType::Q8_0, 896, &cpu), 1024);
        assert_eq!(padded(GgmlDType::Q4K, 2048, &cpu), 2048);
        assert_eq!(padded(GgmlDType::BF16, 896, &cpu), 896);
        assert_eq!(runnable(GgmlDType::Q5_0, 2048, &cpu), GgmlDType::Q8_0);
        assert_eq!(runnable(GgmlDType::Q4K, 2048, &cpu), GgmlDType::Q4K);
        assert_eq!(padded_rows(151_936, &cpu), 151_936);
        assert_eq!(padded_rows(100, &cpu), 112);
    }
}
