//! Blocks of llama.cpp's formats (ggml `ggml-common.h`) taken apart without loss.

use half::f16;

use crate::linear::tiles::{BLOCK, Block};

/// Bytes of a block of Q8_0: scale, 32 numbers.
const EIGHT: usize = 34;
/// Bytes of a block of Q4_0: scale, 32 numbers in 16 bytes.
const FOUR_0: usize = 18;
/// Bytes of a block of Q4_1: scale, least value, 32 numbers in 16 bytes.
const FOUR_1: usize = 20;
/// Bytes of a block of Q4_K: two scales of scales, 8 × 2 scales of 6 bits, 256 numbers.
const FOUR_K: usize = 144;

fn half(bytes: &[u8], at: usize) -> f32 {
    f16::from_le_bytes([bytes[at], bytes[at + 1]]).to_f32()
}

/// Numbers whose first half stands in the low four bits and whose second in the high ones.
fn halves(bytes: &[u8]) -> [i8; BLOCK] {
    std::array::from_fn(|at| (bytes[at % 16] >> (at / 16 * 4) & 15) as i8)
}

/// A row of Q8_0.
pub(super) fn eight(bytes: &[u8], put: &mut dyn FnMut(usize, Block)) {
    for (step, bytes) in bytes.as_chunks::<EIGHT>().0.iter().enumerate() {
        let block = Block {
            scale: half(bytes, 0),
            least: 0.0,
            numbers: std::array::from_fn(|at| bytes[2 + at] as i8),
        };
        put(step, block);
    }
}

/// A row of Q4_0: scale · (number − 8).
pub(super) fn four_0(bytes: &[u8], put: &mut dyn FnMut(usize, Block)) {
    for (step, bytes) in bytes.as_chunks::<FOUR_0>().0.iter().enumerate() {
        let scale = half(bytes, 0);
        let block = Block {
            scale,
            least: 8.0 * scale,
            numbers: halves(&bytes[2..]),
        };
        put(step, block);
    }
}

/// A row of Q4_1: scale · number + least.
pub(super) fn four_1(bytes: &[u8], put: &mut dyn FnMut(usize, Block)) {
    for (step, bytes) in bytes.as_chunks::<FOUR_1>().0.iter().enumerate() {
        let block = Block {
            scale: half(bytes, 0),
            least: -half(bytes, 2),
            numbers: halves(&bytes[4..]),
        };
        put(step, block);
    }
}

/// A row of Q4_K: eight blocks of 32 in each of 256.
pub(super) fn four_k(bytes: &[u8], put: &mut dyn FnMut(usize, Block)) {
    for (step, bytes) in bytes.as_chunks::<FOUR_K>().0.iter().enumerate() {
        let (scale, least) = (half(bytes, 0), half(bytes, 2));
        let scales = &bytes[4..16];
        for part in 0..8 {
            // The first four pairs stand in six bits each, the others in four and two.
            let (own_scale, own_least) = if part < 4 {
                (scales[part] & 63, scales[part + 4] & 63)
            } else {
                (
                    scales[part + 4] & 15 | scales[part - 4] >> 6 << 4,
                    scales[part + 4] >> 4 | scales[part] >> 6 << 4,
                )
            };
            // Two blocks share 32 bytes: the even one has the low bits.
            let numbers = &bytes[16 + part / 2 * 32..][..32];
            let shift = part % 2 * 4;
            let block = Block {
                scale: scale * f32::from(own_scale),
                least: least * f32::from(own_least),
                numbers: std::array::from_fn(|at| (numbers[at] >> shift & 15) as i8),
            };
            put(step * 8 + part, block);
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]

    use candle_core::quantized::{GgmlDType, QTensor};
    use candle_core::{Device, Tensor};

    use super::*;

    /// What is taken apart says what candle reads.
    #[test]
    fn every_format_is_read_as_it_was_written() {
        let values: Vec<f32> = (0..768)
            .map(|i| ((i * 37 % 101) as f32 / 50.0 - 0.8) * 0.7)
            .collect();
        let values = Tensor::from_vec(values, (1, 768), &Device::Cpu).unwrap();
        type Take = fn(&[u8], &mut dyn FnMut(usize, Block));
        let formats: [(GgmlDType, Take); 4] = [
            (GgmlDType::Q8_0, eight),
            (GgmlDType::Q4_0, four_0),
            (GgmlDType::Q4_1, four_1),
            (GgmlDType::Q4K, four_k),
        ];
        for (kind, take) in formats {
            let quantised = QTensor::quantize(&values, kind).unwrap();
            let wanted: Vec<f32> = quantised
                .dequantize(&Device::Cpu)
                .unwrap()
                .flatten_all()
                .unwrap()
                .to_vec1()
                .unwrap();
            let mut read = vec![f32::NAN; 768];
            take(&quantised.data().unwrap(), &mut |step, block| {
                let out = &mut read[step * BLOCK..][..BLOCK];
                for (out, number) in out.iter_mut().zip(block.numbers) {
                    *out = block.scale * f32::from(number) - block.least;
                }
            });
            for (a, b) in read.iter().zip(&wanted) {
                assert!((a - b).abs() < 1e-5, "{kind:?}: {a} {b}");
            }
        }
    }
}
