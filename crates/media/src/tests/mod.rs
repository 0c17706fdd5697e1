//! Clips made on the spot, read back frame by frame.
#![allow(
    clippy::unwrap_used,
    reason = "a test that cannot make its clip has failed"
)]

mod clips;
mod faults;
mod folders;
mod pictures;
mod previews;
mod sounds;
mod videos;

use std::path::Path;

use decoupage_shot::{Outcome, Silent};

use crate::{MediaInfo, Pick, Still, stills};

/// All stills of a pick.
fn collect(path: &Path, pick: &Pick, longest: Option<u32>) -> Outcome<(MediaInfo, Vec<Still>)> {
    let mut got = Vec::new();
    let info = stills(path, pick, longest, None, &Silent, &mut |still| {
        got.push(still);
        Ok(())
    })?;
    Ok((info, got))
}
