//! Animated cameras of glTF and GLB.

use std::path::Path;

use decoupage_shot::{Code, Fault, Outcome, ReadOptions, Watch};

use super::RawPath;

pub(crate) fn read(
    bytes: &[u8],
    options: &ReadOptions,
    path: Option<&Path>,
    watch: &dyn Watch,
) -> Outcome<RawPath> {
    let _ = (bytes, options, path, watch);
    Err(Fault::new(Code::Unsupported, "glTF is not read yet."))
}
