//! How ggml numbers the kinds of blocks that tensors are stored as.

use candle_core::quantized::GgmlDType;

use crate::weights::Stored;

/// Kinds that can be run. Q8_1 and Q8_K are left out: ggml makes them of activations only.
const RUN: [(u32, Stored); 13] = [
    (0, Stored::F32),
    (1, Stored::F16),
    (2, Stored::Blocks(GgmlDType::Q4_0)),
    (3, Stored::Blocks(GgmlDType::Q4_1)),
    (6, Stored::Blocks(GgmlDType::Q5_0)),
    (7, Stored::Blocks(GgmlDType::Q5_1)),
    (8, Stored::Blocks(GgmlDType::Q8_0)),
    (10, Stored::Blocks(GgmlDType::Q2K)),
    (11, Stored::Blocks(GgmlDType::Q3K)),
    (12, Stored::Blocks(GgmlDType::Q4K)),
    (13, Stored::Blocks(GgmlDType::Q5K)),
    (14, Stored::Blocks(GgmlDType::Q6K)),
    (30, Stored::Bf16),
];

/// Kinds that cannot be run, by the names that people choose files by.
const NAMES: [(u32, &str); 21] = [
    (9, "Q8_1"),
    (15, "Q8_K"),
    (16, "IQ2_XXS"),
    (17, "IQ2_XS"),
    (18, "IQ3_XXS"),
    (19, "IQ1_S"),
    (20, "IQ4_NL"),
    (21, "IQ3_S"),
    (22, "IQ2_S"),
    (23, "IQ4_XS"),
    (24, "I8"),
    (25, "I16"),
    (26, "I32"),
    (27, "I64"),
    (28, "F64"),
    (29, "IQ1_M"),
    (34, "TQ1_0"),
    (35, "TQ2_0"),
    (39, "MXFP4"),
    (40, "NVFP4"),
    (41, "Q1_0"),
];

/// What a number of ggml stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Can be run.
    Known(Stored),
    /// Cannot be run.
    Foreign(u32),
}

impl Kind {
    pub(super) fn of(number: u32) -> Self {
        RUN.iter()
            .find(|(known, _)| *known == number)
            .map_or(Self::Foreign(number), |(_, stored)| Self::Known(*stored))
    }
}

/// What people call a kind that cannot be run.
pub(super) fn name(number: u32) -> String {
    NAMES
        .iter()
        .find(|(known, _)| *known == number)
        .map_or_else(|| format!("kind {number}"), |(_, name)| (*name).to_owned())
}
