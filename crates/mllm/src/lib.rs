//! Vision-language models on candle. Knows tensors and tokens, and nothing of shots.
//!
//! A conversation's way: [`media`] (decoded pictures, clips, sound) → [`tokens`] (chat template,
//! tokens, places for media) and [`preprocess`] (pixels and mel frames) → [`vision`] and
//! [`audio`] (features) → [`text`] (the decoder) → [`generate`] (words along a guide).
//! [`families`] puts the parts together, one folder for each family; [`config`] and [`weights`]
//! read checkpoints, [`gguf`] those of llama.cpp.

pub mod audio;
pub mod case;
pub mod config;
mod cpu;
pub mod failure;
pub mod families;
pub mod generate;
pub mod gguf;
pub mod linear;
pub mod media;
pub mod model;
pub mod prepared;
pub mod preprocess;
pub mod text;
pub mod tokens;
pub mod vision;
pub mod weights;

pub use decoupage_dialogue::{Failure, FailureCode, Outcome};

/// Long computations call this between layers and blocks; it returns [`Failure::cancelled`]
/// once the person cancelled.
pub type GoOn<'a> = dyn Fn() -> Outcome<()> + 'a;
