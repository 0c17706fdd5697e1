//! Words along a guide: drawing tokens, spans that stop, the memory of what was read.

mod features;
mod guide;
mod reel;
pub mod sampling;
mod session;
mod span;
mod stops;
mod words;

pub use features::FeatureStore;
pub use guide::{Context, Listener, Writer, Written};
pub(crate) use reel::greedy;
pub use session::{Answer, Request, Session, Watch};

#[cfg(test)]
mod tests;
