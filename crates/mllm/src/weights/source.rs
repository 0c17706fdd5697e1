//! Where tensors come from: a seam between the files of a checkpoint and the models.

use std::borrow::Cow;

use candle_core::quantized::GgmlDType;
use decoupage_dialogue::Outcome;

/// How a tensor's numbers are stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stored {
    /// 32-bit floats.
    F32,
    /// 16-bit floats.
    F16,
    /// 16-bit brain floats.
    Bf16,
    /// Blocks of llama.cpp, rows one after another.
    Blocks(GgmlDType),
}

impl Stored {
    /// Bytes of a row of so many numbers; none when a row is no whole number of blocks, or longer
    /// than there are bytes.
    pub fn row_bytes(self, width: usize) -> Option<usize> {
        let (block, bytes) = match self {
            Self::F32 => (1, 4),
            Self::F16 | Self::Bf16 => (1, 2),
            Self::Blocks(kind) => (kind.block_size(), kind.type_size()),
        };
        if !width.is_multiple_of(block) {
            return None;
        }
        (width / block).checked_mul(bytes)
    }
}

/// What is known of a tensor before it is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its shape, rows first as torch writes it.
    pub shape: Vec<usize>,
    /// How its numbers are stored.
    pub stored: Stored,
    /// Its length in bytes.
    pub bytes: usize,
    /// What the file calls it, for people.
    pub file_name: String,
}

/// The tensors of a checkpoint under their canonical names (see [`super::names`]).
pub trait TensorSource: Send + Sync {
    /// What is known of a tensor; none when the checkpoint does not have it.
    fn entry(&self, name: &str) -> Option<&Entry>;

    /// All canonical names.
    fn names(&self) -> Vec<&str>;

    /// A tensor's bytes, little-endian, mapped where possible.
    ///
    /// # Errors
    /// The tensor is missing or its file is damaged.
    fn bytes(&self, name: &str) -> Outcome<Cow<'_, [u8]>>;

    /// The bytes were read and are not needed soon.
    fn release(&self, _name: &str) {}

    /// What the checkpoint is called in sentences: its folder or file.
    fn label(&self) -> String;
}
