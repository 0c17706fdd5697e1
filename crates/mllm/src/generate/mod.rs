//! Words along a guide: drawing tokens, spans that stop, the memory of what was read.

mod guide;
pub mod sampling;
mod span;
mod stops;
mod words;

pub use guide::{Context, Listener, Writer, Written};

#[cfg(test)]
mod tests;
