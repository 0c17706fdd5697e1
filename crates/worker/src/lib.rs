//! Runs models in a process of its own: asks on standard input, tells on standard output, one
//! JSON document a line ([`decoupage_dialogue::Ask`], [`decoupage_dialogue::Tell`]).
//!
//! One thread reads asks, so that [`decoupage_dialogue::Ask::Cancel`] is heard at any time;
//! another one works. One model stays loaded with what it remembers of the last conversation.
//! When the input ends, the process ends.

pub mod coalesce;
pub mod decode;
pub mod desk;
pub mod devices;
pub mod job;
pub mod memory;
pub mod models;
pub mod program;
pub mod serve;
pub mod writer;

pub use serve::serve;
