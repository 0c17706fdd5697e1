//! Fetching from the Hugging Face hub, or a mirror of it.

pub(crate) mod names;
mod settings;

use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

pub use settings::{HubSettings, PUBLIC_ENDPOINT, Token};

/// A model that is all there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Downloaded {
    /// The folder of its files (links into the cache).
    #[ts(type = "string")]
    pub folder: PathBuf,
    /// `organisation/name`.
    pub repository: String,
    /// The commit.
    pub revision: String,
    /// Size of all its files, bytes.
    #[ts(type = "number")]
    pub bytes: u64,
}
