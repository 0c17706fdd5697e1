//! Models behind an OpenAI-compatible endpoint: vLLM, SGLang, llama-server and others, for
//! people who outgrow one machine.
//!
//! A conversation and a guide go in; words stream out, field by field. Structure is enforced
//! by the server where it can (a grammar, a JSON schema), else the answer is read tolerantly
//! and repaired once. Nothing here knows of shots: the caller encodes media, reads free
//! answers and keeps keys.

#![allow(
    clippy::result_large_err,
    reason = "a failure is made once in seconds of work, and carries its words"
)]

mod address;
mod batch;
mod client;
mod encode;
mod keys;
mod stream;
mod structure;
mod trouble;
mod wire;

pub use address::{Address, parse_address};
pub use batch::{Lane, spread};
pub use client::{Broken, Client, Offer, Parsed, Patience, Reply, Server, Task, Told};
pub use encode::{Encode, Encoded, Format, MAX_MEDIA_BYTES, MAX_MEDIUM_BYTES, Shown};
pub use keys::{Keys, MemoryKeys, Secret, SystemKeys};
pub use structure::{Structure, grammar, schema};
pub use trouble::Blame;
