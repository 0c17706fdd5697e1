//! What is to be filled, and what changes from the first frame to the last.

use decoupage_conditions::frame::{self, AreaChange, FrameReading, HoleMark};
use decoupage_shot::{ConditionKind, ReadOptions, Silent};
use decoupage_stage::looks::{Development, develop, scene};
use decoupage_stage::noise::Noise;
use image::{DynamicImage, RgbaImage};

use crate::Effort;
use crate::scores::{Confusion, Count, quantile};

/// How right holes are read.
#[derive(Debug, Clone, Default)]
pub struct HoleScores {
    /// Intersection over union of the hole's bounds; 0 where it was missed.
    pub iou: Vec<f64>,
    /// What marks it: right, wrong, missed.
    pub marks: Count,
    /// Whole pictures in which a hole was seen.
    pub invented: usize,
    /// Whole pictures.
    pub whole: usize,
}

const MARKS: [HoleMark; 5] = [
    HoleMark::Transparent,
    HoleMark::White,
    HoleMark::Black,
    HoleMark::Grey,
    HoleMark::Green,
];

fn read(picture: &RgbaImage, role: ConditionKind, folder: &std::path::Path) -> FrameReading {
    let path = folder.join("frame.png");
    picture.save(&path).expect("a temporary folder takes files");
    frame::read(&path, role, &ReadOptions::default(), &Silent).expect("readable")
}

/// Reads `scenes` pictures with one hole each, and each once whole.
pub fn holes(first: u64, scenes: usize) -> HoleScores {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut scores = HoleScores::default();
    for seed in first..first + scenes as u64 {
        let noise = Noise::new(seed ^ 0x686f_6c65);
        let (width, height) = (480, 270);
        let picture = DynamicImage::ImageRgb8(scene(seed, width, height, 22)).to_rgba8();
        scores.whole += 1;
        let whole = read(&picture, ConditionKind::MaskedImage, folder.path());
        scores.invented += usize::from(whole.hole.is_some());
        let mark = MARKS[seed as usize % MARKS.len()];
        let (hx, hy) = (noise.between(1, 0.06, 0.25), noise.between(2, 0.08, 0.3));
        let (cx, cy) = (
            noise.between(3, hx, 1.0 - hx),
            noise.between(4, hy, 1.0 - hy),
        );
        let round = noise.share(5) < 0.5;
        let mut holed = picture.clone();
        for (x, y, pixel) in holed.enumerate_pixels_mut() {
            let dx = ((f64::from(x) + 0.5) / f64::from(width) - cx) / hx;
            let dy = ((f64::from(y) + 0.5) / f64::from(height) - cy) / hy;
            let inside = if round {
                dx.hypot(dy) < 1.0
            } else {
                dx.abs().max(dy.abs()) < 1.0
            };
            if inside {
                pixel.0 = match mark {
                    HoleMark::White => [255; 4],
                    HoleMark::Black => [0, 0, 0, 255],
                    HoleMark::Grey => [127, 127, 127, 255],
                    HoleMark::Green => [0, 255, 0, 255],
                    _ => [0; 4],
                };
            }
        }
        match read(&holed, ConditionKind::MaskedImage, folder.path()).hole {
            Some(hole) => {
                scores.marks.right += usize::from(hole.by == mark);
                scores.marks.wrong += usize::from(hole.by != mark);
                let (l, t) = (cx - hx, cy - hy);
                let overlap = |a: f64, b: f64, c: f64, d: f64| (b.min(d) - a.max(c)).max(0.0);
                let bounds = hole.bounds;
                let both = overlap(l, cx + hx, bounds.x, bounds.x + bounds.width)
                    * overlap(t, cy + hy, bounds.y, bounds.y + bounds.height);
                let either = 4.0 * hx * hy + bounds.width * bounds.height - both;
                scores.iou.push(both / either);
            }
            None => {
                scores.marks.missed += 1;
                scores.iou.push(0.0);
            }
        }
    }
    scores
}

/// What is done between the first frame and the last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// Nothing but noise.
    Nothing,
    /// The window slides over the scene.
    Slides,
    /// The window narrows or widens.
    Grows,
    /// It gets lighter or darker.
    Light,
    /// A thing moves.
    Moves,
    /// A thing appears.
    Appears,
    /// A thing goes.
    Vanishes,
    /// It is another place.
    Other,
}

impl Change {
    /// Every change.
    pub const ALL: [Self; 8] = [
        Self::Nothing,
        Self::Slides,
        Self::Grows,
        Self::Light,
        Self::Moves,
        Self::Appears,
        Self::Vanishes,
        Self::Other,
    ];

    fn word(self) -> &'static str {
        match self {
            Self::Nothing => "nothing",
            Self::Slides => "view slides",
            Self::Grows => "view grows or shrinks",
            Self::Light => "light",
            Self::Moves => "thing moves",
            Self::Appears => "thing appears",
            Self::Vanishes => "thing goes",
            Self::Other => "another place",
        }
    }
}

/// Pairs of frames and what was read: right pairs, all pairs, confusions, and how far slides
/// (shares of the width) and growths (factor less 1) are off.
pub fn changes(first: u64, scenes: usize) -> (usize, usize, Confusion, Vec<f64>, Vec<f64>) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (mut right, mut all) = (0, 0);
    let mut confusion = Confusion::default();
    let (mut slides, mut grows) = (Vec::new(), Vec::new());
    for seed in first..first + scenes as u64 {
        let noise = Noise::new(seed ^ 0x6368_616e);
        let change = Change::ALL[seed as usize % Change::ALL.len()];
        let wide = scene(seed, 900, 506, 40);
        // A window on the scene: its middle and its width, shares of the scene.
        let window = |x: f64, y: f64, size: f64, from: &image::RgbImage| {
            let (w, h) = (900.0 * size, 506.0 * size);
            let left = (x * 900.0 - w / 2.0).clamp(0.0, 900.0 - w);
            let top = (y * 506.0 - h / 2.0).clamp(0.0, 506.0 - h);
            let part = image::imageops::crop_imm(from, left as u32, top as u32, w as u32, h as u32);
            image::imageops::resize(
                &part.to_image(),
                480,
                270,
                image::imageops::FilterType::Triangle,
            )
        };
        let slide = noise.between(1, 0.08, 0.25) * if noise.share(2) < 0.5 { -1.0 } else { 1.0 };
        let grow = noise.between(3, 1.12, 1.4);
        let grow = if noise.share(4) < 0.5 {
            grow
        } else {
            1.0 / grow
        };
        let size = 0.6;
        let before = window(0.5, 0.5, size, &wide);
        let mut after = match change {
            // A slide to the right moves what is seen to the left.
            Change::Slides => window(0.5 + slide * size, 0.5, size, &wide),
            Change::Grows => window(0.5, 0.5, size / grow, &wide),
            Change::Other => window(0.5, 0.5, size, &scene(seed ^ 0xffff_ffff, 900, 506, 40)),
            _ => before.clone(),
        };
        if change == Change::Light {
            let levels = (0.0, noise.between(5, 0.45, 0.75));
            after = develop(
                &after,
                &Development {
                    levels,
                    ..Development::default()
                },
                seed,
            );
        }
        let mut before = before;
        let thing = |picture: &mut image::RgbImage, x: f64, y: f64| {
            let colour = [200, 30, 40].map(|v: u8| v.wrapping_add((noise.share(9) * 40.0) as u8));
            for (px, py, pixel) in picture.enumerate_pixels_mut() {
                let dx = (f64::from(px) / 480.0 - x) / 0.07;
                let dy = (f64::from(py) / 270.0 - y) / 0.16;
                if dx.hypot(dy) < 1.0 {
                    pixel.0 = colour;
                }
            }
        };
        let (x0, y0) = (noise.between(6, 0.12, 0.35), noise.between(7, 0.25, 0.75));
        let x1 = noise.between(8, 0.6, 0.88);
        if matches!(change, Change::Moves | Change::Vanishes) {
            thing(&mut before, x0, y0);
        }
        if matches!(change, Change::Moves | Change::Appears) {
            thing(&mut after, x1, y0);
        }
        let grainy = |picture: &image::RgbImage, salt: u64| {
            let grain = Development {
                grain: 2.0,
                ..Development::default()
            };
            DynamicImage::ImageRgb8(develop(picture, &grain, seed ^ salt)).to_rgba8()
        };
        let one = read(
            &grainy(&before, 1),
            ConditionKind::FirstFrame,
            folder.path(),
        );
        let other = read(&grainy(&after, 2), ConditionKind::LastFrame, folder.path());
        let read = frame::change(&one, &other);
        let said = told(&read);
        confusion.count(change.word(), said.word());
        all += 1;
        right += usize::from(said == change);
        if let Some(view) = read.view {
            match change {
                Change::Slides => slides.push((view.dx + slide).abs()),
                Change::Grows => grows.push((view.scale / grow - 1.0).abs()),
                _ => {}
            }
        }
    }
    (right, all, confusion, slides, grows)
}

/// The one thing a reading says has changed most.
fn told(change: &frame::FrameChange) -> Change {
    if let Some(view) = &change.view {
        return if (view.scale - 1.0).abs() > view.dx.abs() {
            Change::Grows
        } else {
            Change::Slides
        };
    }
    match change.areas.first().map(|area| area.change) {
        Some(AreaChange::Moves) => return Change::Moves,
        Some(AreaChange::Appears) => return Change::Appears,
        Some(AreaChange::Vanishes) => return Change::Vanishes,
        _ => {}
    }
    if change.light.abs() >= 0.04 && change.alike > 0.3 {
        return Change::Light;
    }
    if change.alike < 0.6 {
        Change::Other
    } else {
        Change::Nothing
    }
}

/// The section on frames.
pub(super) fn report(effort: Effort, first: u64) -> String {
    let scenes = effort.scenes(10, 100);
    let holes = holes(first, scenes);
    let pairs = effort.scenes(16, 160);
    let (right, all, confusion, slides, grows) = changes(first, pairs);
    format!(
        "### Parts to fill\n\nOne hole in each of {scenes} scenes, transparent or painted white, \
black, grey or green: IoU of its bounds {:.3} in the median, {:.3} in the worst tenth; what marks \
it is told with precision {:.2} and recall {:.2}. In {} whole pictures {} holes were seen where \
something of an even pure colour is part of the scene. \
A painted hole beside the very same grey, white or black in the scene runs into it and is missed.\n\n### From the first frame to the last\n\n\
{pairs} pairs of frames, with grain, of which {:.0} % are told right; slides are off by {:.1} % of \
the width in the median, growths by {:.1} %.\n\n{}",
        quantile(&holes.iou, 0.5),
        quantile(&holes.iou, 0.1),
        holes.marks.precision(),
        holes.marks.recall(),
        holes.whole,
        holes.invented,
        right as f64 / all.max(1) as f64 * 100.0,
        quantile(&slides, 0.5) * 100.0,
        quantile(&grows, 0.5) * 100.0,
        confusion.table()
    )
}
