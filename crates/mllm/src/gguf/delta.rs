//! Qwen3.5's gated delta nets as llama.cpp stores them, turned back into the order of the
//! checkpoints.
//!
//! Several value heads share a key head. Checkpoints have the value heads of one key head beside
//! one another; the converter deals them out in turn (first of every key head, second of every
//! key head, …) in every tensor that has value heads, and stores the decay as −exp(A) instead of
//! A.

use candle_core::CpuStorage;
use candle_core::quantized::k_quants::BlockQ8_0;
use candle_core::quantized::{GgmlDType, GgmlType, QStorage, QTensor};
use half::{bf16, f16};

use crate::config::DeltaConfig;
use crate::weights::Stored;

/// The heads of a delta net.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Heads {
    key: usize,
    value: usize,
    key_dim: usize,
    value_dim: usize,
}

impl From<&DeltaConfig> for Heads {
    fn from(config: &DeltaConfig) -> Self {
        Self {
            key: config.key_heads,
            value: config.value_heads,
            key_dim: config.key_dim,
            value_dim: config.value_dim,
        }
    }
}

/// How a tensor is turned back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Turn {
    /// Pieces of so many bytes, one for each value head, after a lead that stays; again and again.
    Pieces {
        heads: Heads,
        lead: usize,
        piece: usize,
    },
    /// Numbers, one for each value head: −exp(A) to A.
    Decay(Heads),
    /// The columns of a matrix whose blocks reach over several heads, which turns into 8 bits:
    /// blocks cannot be cut.
    Columns { heads: Heads, stored: Stored },
}

/// How a tensor is turned back, with its shape and kind of numbers afterwards.
pub(super) type Turned = (Turn, Vec<usize>, Stored);

/// How the tensor of a canonical name is turned back; none when it lies as it should.
///
/// # Errors
/// Why it cannot be.
pub(super) fn turn(
    name: &str,
    heads: Heads,
    shape: &[usize],
    stored: Stored,
) -> Result<Option<Turned>, &'static str> {
    let Some((_, part)) = name.split_once(".linear_attn.") else {
        return Ok(None);
    };
    let wrong = "it has another shape than its model's other tensors";
    let keys = 2 * heads.key * heads.key_dim;
    let values = heads.value * heads.value_dim;
    let row = shape.last().copied().ok_or(wrong)?;
    let row_bytes = stored.row_bytes(row).ok_or(wrong)?;
    let expect = |rows: usize| (shape.len() == 2 && shape[0] == rows).then_some(());
    let pieces = |lead: usize, piece: usize| Turn::Pieces { heads, lead, piece };
    let same = |turn: Turn| Ok(Some((turn, shape.to_vec(), stored)));
    match part {
        "in_proj_qkv.weight" => {
            expect(keys + values).ok_or(wrong)?;
            same(pieces(keys * row_bytes, heads.value_dim * row_bytes))
        }
        "in_proj_z.weight" => {
            expect(values).ok_or(wrong)?;
            same(pieces(0, heads.value_dim * row_bytes))
        }
        "in_proj_a.weight" | "in_proj_b.weight" => {
            expect(heads.value).ok_or(wrong)?;
            same(pieces(0, row_bytes))
        }
        "conv1d.weight" => {
            expect(keys + values).ok_or(wrong)?;
            let turn = pieces(keys * row_bytes, heads.value_dim * row_bytes);
            Ok(Some((turn, vec![keys + values, 1, row], stored)))
        }
        "dt_bias" => {
            let number = stored.row_bytes(1).filter(|_| shape == [heads.value]);
            same(pieces(0, number.ok_or(wrong)?))
        }
        "A_log" => {
            if shape != [heads.value] || stored != Stored::F32 {
                return Err(wrong);
            }
            same(Turn::Decay(heads))
        }
        "out_proj.weight" => {
            if shape.len() != 2 || row != values {
                return Err(wrong);
            }
            match stored.row_bytes(heads.value_dim) {
                Some(piece) => same(pieces(0, piece)),
                None if heads.key == heads.value => Ok(None),
                None => {
                    let turned = Stored::Blocks(GgmlDType::Q8_0);
                    turned.row_bytes(row).ok_or(wrong)?;
                    let turn = Turn::Columns { heads, stored };
                    Ok(Some((turn, shape.to_vec(), turned)))
                }
            }
        }
        _ => Ok(None),
    }
}

impl Heads {
    /// Where each value head, in the checkpoint's order, lies in the file.
    fn order(self) -> impl Iterator<Item = usize> {
        let each = (self.value / self.key.max(1)).max(1);
        (0..self.value).map(move |head| head % each * self.key + head / each)
    }
}

impl Turn {
    /// The bytes in the checkpoint's order, `length` of them; none when they do not fit.
    pub(super) fn back(&self, bytes: &[u8], length: usize) -> Option<Vec<u8>> {
        let mut out = Vec::with_capacity(length);
        match self {
            Self::Pieces { heads, lead, piece } => {
                let group = heads.value.checked_mul(*piece)?.checked_add(*lead)?;
                if group == 0 {
                    return None;
                }
                for group in bytes.chunks(group) {
                    let (lead, pieces) = group.split_at_checked(*lead)?;
                    out.extend_from_slice(lead);
                    for at in heads.order() {
                        out.extend_from_slice(pieces.get(at * piece..(at + 1) * piece)?);
                    }
                }
            }
            Self::Decay(heads) => {
                let numbers = bytes.as_chunks::<4>().0;
                for at in heads.order() {
                    let decay = f32::from_le_bytes(*numbers.get(at)?);
                    out.extend((-decay).ln().to_le_bytes());
                }
            }
            Self::Columns { heads, stored } => {
                let width = heads.value * heads.value_dim;
                let row_bytes = stored.row_bytes(width)?;
                let each = width / BlockQ8_0::BLCK_SIZE;
                let rows = bytes.len() / row_bytes.max(1);
                let mut blocks = vec![BlockQ8_0::zeros(); rows * each];
                for (row, blocks) in bytes.chunks(row_bytes).zip(blocks.chunks_mut(each)) {
                    let numbers = numbers(*stored, row, width)?;
                    let mut turned = Vec::with_capacity(width);
                    for at in heads.order() {
                        let head = at * heads.value_dim..(at + 1) * heads.value_dim;
                        turned.extend_from_slice(numbers.get(head)?);
                    }
                    BlockQ8_0::from_float(&turned, blocks);
                }
                let matrix = QTensor::new(QStorage::Cpu(Box::new(blocks)), (rows, width)).ok()?;
                out.extend_from_slice(&matrix.data().ok()?);
            }
        }
        (out.len() == length).then_some(out)
    }
}

fn numbers(stored: Stored, row: &[u8], width: usize) -> Option<Vec<f32>> {
    match stored {
        Stored::F32 => Some(
            row.as_chunks()
                .0
                .iter()
                .map(|b| f32::from_le_bytes(*b))
                .collect(),
        ),
        Stored::F16 => {
            let numbers = row.as_chunks().0.iter();
            Some(numbers.map(|b| f16::from_le_bytes(*b).to_f32()).collect())
        }
        Stored::Bf16 => {
            let numbers = row.as_chunks().0.iter();
            Some(numbers.map(|b| bf16::from_le_bytes(*b).to_f32()).collect())
        }
        Stored::Blocks(kind) => match kind.from_data(row.to_vec().into()).dequantize(width) {
            Ok(CpuStorage::F32(numbers)) => Some(numbers),
            _ => None,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADS: Heads = Heads {
        key: 2,
        value: 6,
        key_dim: 1,
        value_dim: 128,
    };

    #[test]
    fn heads_that_were_dealt_out_come_back() {
        // Grouped: 0 1 2 (of key head 0), 3 4 5 (of key head 1); dealt out: 0 3 1 4 2 5.
        let dealt: Vec<u8> = vec![9, 0, 3, 1, 4, 2, 5];
        let turn = Turn::Pieces {
            heads: HEADS,
            lead: 1,
            piece: 1,
        };
        assert_eq!(turn.back(&dealt, 7).unwrap(), [9, 0, 1, 2, 3, 4, 5]);
        assert_eq!(turn.back(&dealt[..5], 7), None);
        assert_eq!(turn.back(&dealt, 8), None);
    }

    #[test]
    fn the_decay_is_a_logarithm_again() {
        let stored: Vec<u8> = [0_f32, 3.0, 1.0, 4.0, 2.0, 5.0]
            .iter()
            .flat_map(|a| (-a.exp()).to_le_bytes())
            .collect();
        let back = Turn::Decay(HEADS).back(&stored, 24).unwrap();
        for (n, bytes) in back.chunks_exact(4).enumerate() {
            let a = f32::from_le_bytes(bytes.try_into().unwrap());
            assert!((a - n as f32).abs() < 1e-6, "{a} for {n}");
        }
    }

    #[test]
    fn columns_in_blocks_over_several_heads_become_eight_bits() {
        let stored = Stored::Blocks(GgmlDType::Q4K);
        let name = "text.layers.0.linear_attn.out_proj.weight";
        let (turn, shape, kind) = super::turn(name, HEADS, &[1, 768], stored)
            .unwrap()
            .unwrap();
        assert_eq!(
            (shape, kind),
            (vec![1, 768], Stored::Blocks(GgmlDType::Q8_0))
        );
        // Every head has values of its own.
        let value = |head: usize, at: usize| head as f32 + (at % 16) as f32 / 64.0;
        let dealt: Vec<f32> = [0, 3, 1, 4, 2, 5]
            .into_iter()
            .flat_map(|head| (0..128).map(move |at| value(head, at)))
            .collect();
        let mut blocks = vec![candle_core::quantized::k_quants::BlockQ4K::zeros(); 3];
        candle_core::quantized::k_quants::BlockQ4K::from_float(&dealt, &mut blocks);
        let tensor = QTensor::new(QStorage::Cpu(Box::new(blocks)), (1, 768)).unwrap();
        let length = kind.row_bytes(768).unwrap();
        let back = turn.back(&tensor.data().unwrap(), length).unwrap();
        let numbers = numbers(kind, &back, 768).unwrap();
        for (at, number) in numbers.iter().enumerate() {
            assert!(
                (number - value(at / 128, at)).abs() < 0.2,
                "{number} at {at}"
            );
        }
    }
}
