//! Rendered skeletons, against known truth.

pub mod scenes;
pub mod score;

use decoupage_stage::encode::{ClipStyle, write_frames, write_mp4};
use decoupage_stage::skeleton::SkeletonStyle;
use image::DynamicImage;

use crate::scores::table;
use crate::{Chapter, Effort};
use scenes::{Cast, Size, scene};
use score::{HEAD, Score};

/// Seeds from here on are kept for the page; thresholds were chosen on smaller ones.
pub const REPORTED: u64 = 1_000_000;

/// How a clip reaches the reader.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Form {
    /// x264's constant rate factor; `None` for a folder of PNG pictures.
    pub crf: Option<u32>,
    /// How it is drawn.
    pub style: SkeletonStyle,
}

impl Form {
    /// Drawn as usual, as a clip of this quality.
    pub fn clip(crf: u32) -> Self {
        Self {
            crf: Some(crf),
            style: SkeletonStyle::default(),
        }
    }
}

/// The sides of the usual canvas, pixels.
pub const CANVAS: Size = (512, 512);

/// Draws, writes and reads `count` scenes of a cast from a first seed on.
pub fn measure(cast: Cast, form: Form, size: Size, count: usize, first: u64) -> Score {
    let mut score = Score::default();
    for seed in (first..).take(count) {
        one(cast, form, size, seed, &mut score);
    }
    score
}

/// Draws, writes and reads one scene.
///
/// # Panics
/// When nothing can be written to a temporary folder, or what was written is not read: a
/// measure of nothing would look like a good one.
pub fn one(cast: Cast, form: Form, size: Size, seed: u64, score: &mut Score) {
    let clip = scene(cast, seed, size);
    #[allow(clippy::expect_used, reason = "see above")]
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (path, written) = match form.crf {
        Some(crf) => {
            let path = folder.path().join("pose.mp4");
            let style = ClipStyle {
                fps: (clip.fps.round() as u32, 1),
                crf,
            };
            let written = write_mp4(&path, clip.drawn(form.style), style);
            (path, written)
        }
        None => {
            let path = folder.path().join("frames");
            let frames = clip.drawn(form.style).map(DynamicImage::ImageRgb8);
            let written = write_frames(&path, frames);
            (path, written)
        }
    };
    let read = written.and_then(|()| score.read(&path, &clip));
    assert!(read.is_ok(), "{cast:?} {seed}: {read:?}");
}

/// How people are drawn with hands and faces.
pub fn whole() -> SkeletonStyle {
    SkeletonStyle {
        hands: true,
        face: true,
        ..SkeletonStyle::default()
    }
}

/// How people are drawn with red and blue exchanged.
pub fn swapped() -> SkeletonStyle {
    SkeletonStyle {
        swapped: true,
        ..SkeletonStyle::default()
    }
}

/// Measures and reports.
pub fn chapter(effort: Effort) -> Chapter {
    let count = effort.scenes(2, 16);
    let usual = Form::clip(23);
    let with = |crf, style| Form { crf, style };
    let plain = SkeletonStyle::default();
    let drawings = [
        ("one or two people, PNG", Cast::Plain, with(None, plain)),
        ("the same, h264 at crf 23", Cast::Plain, usual),
        ("the same, h264 at crf 32", Cast::Plain, Form::clip(32)),
        (
            "the same, red and blue exchanged, crf 23",
            Cast::Plain,
            with(Some(23), swapped()),
        ),
        (
            "the same, with hands and faces, crf 23",
            Cast::Plain,
            with(Some(23), whole()),
        ),
        ("walking in profile, crf 23", Cast::Profile, usual),
        ("three or four close together, crf 23", Cast::Crowd, usual),
        ("about 100 px tall, crf 23", Cast::Small, usual),
        ("about 100 px tall, crf 32", Cast::Small, Form::clip(32)),
    ];
    let drawings =
        drawings.map(|(name, cast, form)| measure(cast, form, CANVAS, count, REPORTED).row(name));
    let sizes: [Size; 8] = [
        (256, 256),
        (384, 672),
        (512, 512),
        (832, 480),
        (1024, 576),
        (720, 1280),
        (1280, 720),
        (1280, 544),
    ];
    let sizes = sizes.map(|size| {
        let mut score = Score::default();
        for seed in (REPORTED..).take(count / 2) {
            for cast in [Cast::Plain, Cast::Profile] {
                one(cast, usual, size, seed, &mut score);
            }
        }
        score.row(&format!("{} × {}", size.0, size.1))
    });
    let crossings = [
        ("two cross", Cast::Crossing(2)),
        ("three cross", Cast::Crossing(3)),
        ("four cross", Cast::Crossing(4)),
        ("one is not drawn for 0.3 to 0.95 s", Cast::Hidden),
        ("one leaves the frame, one enters", Cast::Leaving),
    ];
    let crossings =
        crossings.map(|(name, cast)| measure(cast, usual, CANVAS, count, REPORTED).row(name));
    Chapter {
        title: "Rendered skeletons",
        body: format!(
            "{INTRODUCTION}\n### By drawing, at 512 × 512\n\n{}\n### By canvas\n\nOne or two \
             people and walks in profile, h264 at crf 23.\n\n{}\n### By meeting, at 512 × 512, \
             h264 at crf 23\n\n{}\n{LIMITS}",
            table(&HEAD, drawings),
            table(&HEAD, sizes),
            table(&HEAD, crossings),
        ),
    }
}

const INTRODUCTION: &str = "\
Actors are filmed, drawn as OpenPose and DWPose draw them, written to clips and read back. Errors
are distances from the drawn keypoints, in pixels of a canvas whose longer side is 512 pixels;
every keypoint read for somebody who is there counts, however far off. A keypoint is right within
10 such pixels. Drawn keypoints that others hide count as missed when they are not read. An
identity switches when somebody's number changes within a clip.
";

const LIMITS: &str = "\
What is missed: the nose where a drawn face's white dots cover it; wrists and elbows hidden by
others for longer than a quarter of a second; much of somebody about 100 pixels tall who is seen
from the side or crouches, where the dots cover the whole body. Skeletons drawn over a picture
and the colours of MMPose are not read.
";
