//! Models: which checkpoints there are, which a person has, which fit, and how they are fetched.
//!
//! - [`catalogue`]: the checkpoints that Decoupage knows (`models/*.toml`).
//! - [`find_models`]: the models that a person has, in the hub's cache, in folders, as GGUF.
//! - [`download`]: fetches one into the hub's cache, resuming and checking.
//! - [`verify()`]: checks one that is there, [`repair`] fetches damaged files again.
//! - [`fit`]: how much memory a model takes, and whether a device has it.
//!
//! Nothing here runs a model. Nothing here touches the network unless it is asked to fetch.

mod device;
mod entry;
mod family;
pub mod fit;
mod found;
mod gguf;
pub mod hub;
mod places;
mod safetensors;
mod scan;
mod shape;
mod sums;
mod verify;
mod words;

pub use device::{Device, DeviceKind, processor};
pub use entry::{CatalogueEntry, CatalogueFile, EntryFormat, Licence, Sampling, catalogue, entry};
pub use family::Family;
pub use fit::{
    Choice, Fit, FitKind, MemoryEstimate, Precision, Workload, best_precision, estimate,
    estimate_stored,
};
pub use found::{FoundModel, FoundState, Place, WeightFormat};
pub use hub::{Downloaded, HubSettings, Token, arrived_bytes, download, download_repository};
pub use places::{ModelPlaces, PlaceKind};
pub use scan::{Found, find_models, look_at};
pub use shape::{AudioShape, LinearShape, ModelShape, Parameters, VisionShape};
pub use verify::{FileCheck, FileState, Verification, repair, verify};

#[cfg(test)]
mod types_tests;
