//! How a model's words are drawn.

use serde::{Deserialize, Serialize};

/// How a model's words are drawn. The default is greedy: the likeliest word every time.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Sampling {
    /// 0: greedy. Otherwise the softmax temperature.
    pub temperature: f64,
    /// Only the so many likeliest; 0: all.
    pub top_k: usize,
    /// Only the likeliest whose probabilities add up to this; 1: all.
    pub top_p: f64,
    /// Only those at least this share as likely as the likeliest; 0: all.
    pub min_p: f64,
    /// Divides (positive) or multiplies (negative) the logits of words already written
    /// (Keskar et al. 2019); 1: off.
    pub repetition_penalty: f64,
    /// The same seed gives the same words.
    pub seed: u64,
    /// Words and phrases that are never written (whole words, any case).
    pub avoid: Vec<String>,
}

impl Default for Sampling {
    fn default() -> Self {
        Self {
            temperature: 0.0,
            top_k: 0,
            top_p: 1.0,
            min_p: 0.0,
            repetition_penalty: 1.0,
            seed: 0,
            avoid: Vec::new(),
        }
    }
}
