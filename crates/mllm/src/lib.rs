//! Vision-language models on candle. Knows tensors and tokens, and nothing of shots.
//!
//! A conversation's way: [`media`] (decoded pictures, clips, sound) → [`tokens`] (chat template,
//! tokens, places for media) and [`preprocess`] (pixels and mel frames) → [`vision`] and
//! [`audio`] (features) → [`text`] (the decoder) → [`generate`] (words along a guide).
//! [`families`] puts the parts together, one folder for each family; [`config`] and [`weights`]
//! read checkpoints, [`gguf`] those of llama.cpp.

pub mod config;
pub mod families;
pub mod media;
pub mod prepared;
pub mod tokens;

pub use decoupage_dialogue::{Failure, FailureCode, Outcome};
