//! How right readings are: measured against scenes whose truth is known.
//!
//! Every chapter makes scenes on the stage, reads them as a person's files are read, and counts
//! how often and how far the readings are off. The binary writes `docs/accuracy.md`; the tests
//! hold the same numbers, on fewer scenes, to what is promised.

#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "this is for developers: a scene that cannot be made must stop the measurement"
)]

pub mod audio;
pub mod camera;
pub mod clip;
pub mod depth;
pub mod identity;
pub mod pictures;
pub mod pose;
pub mod scores;
pub mod skeletons;

/// How many scenes are made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effort {
    /// As many as tests have time for.
    Tests,
    /// As many as the page reports.
    Page,
}

impl Effort {
    /// `tests` scenes for tests, `page` for the page.
    pub fn scenes(self, tests: usize, page: usize) -> usize {
        match self {
            Self::Tests => tests,
            Self::Page => page,
        }
    }
}

/// One part of the page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chapter {
    /// Its heading.
    pub title: &'static str,
    /// Its paragraphs and tables, in Markdown.
    pub body: String,
}

/// A chapter's name on the command line and how it is made.
pub type Maker = (&'static str, fn(Effort) -> Chapter);

/// Every chapter in the page's order.
pub const CHAPTERS: [Maker; 8] = [
    ("camera", camera::chapter),
    ("skeletons", skeletons::chapter),
    ("pose", pose::chapter),
    ("depth", depth::chapter),
    ("identity", identity::chapter),
    ("pictures", pictures::chapter),
    ("clip", clip::chapter),
    ("audio", audio::chapter),
];
