//! Fetching from the Hugging Face hub, or a mirror of it, into the cache that other tools share.
//!
//! The crate `hf-hub` (1.0, mid-2026) has the same cache layout, but writes every partial file
//! anew after a restart, compares no content with its hash, has no limit for a transfer that
//! stands still, and cannot be cancelled between two bytes; it also brings a whole chunk store
//! (Xet) with it. So the conventions are its own, and the transfer is written here on `reqwest`:
//! metadata from `HEAD` (`X-Repo-Commit`, `X-Linked-Etag`, `X-Linked-Size`), content by `GET` with
//! `Range`. The functions block; they are meant for a job's own thread.

mod cache;
mod client;
mod download;
pub(crate) mod names;
mod settings;
mod transfer;

use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

pub use download::{arrived_bytes, download, download_repository};
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
