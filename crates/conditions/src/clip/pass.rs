//! One pass through a clip: every frame decoded once, small, and compared with the one before.

use std::path::Path;

use decoupage_media::{MediaForm, Pick};
use decoupage_shot::{Code, ConditionKind, Fault, Outcome, ReadOptions, Watch};
use image::{DynamicImage, RgbImage};

use super::flow::{self, Compared};
use super::grey::{self, Grey};
use super::transitions::Span;
use crate::colour::{Canvas, canvas, lab, swatches};
use crate::identity::Swatch;
use crate::plain::{self, PlainReading};
use crate::style::{Look, Meter};

/// The longest side frames are looked at, pixels.
pub(crate) const LOOKED: u32 = 160;
/// The most frames that are looked at: five minutes at thirty a second. Beyond it they are
/// spread evenly.
const MOST: usize = 9_000;
/// How many frames the look of the whole clip is taken from.
const FOR_LOOK: usize = 8;
/// Pixels of a thumbnail along its longer side: enough for the main colours of a shot.
const THUMB: usize = 40;
/// Levels a channel of the colour histogram.
const LEVELS: usize = 4;

/// What is kept of a frame.
#[derive(Debug, Clone)]
pub(crate) struct Frame {
    /// Seconds since the first frame.
    pub time_s: f64,
    /// How it compares with the frame before; `None` for the first, and where pictures are too
    /// small.
    pub compared: Option<Compared>,
    /// How far its colours are from those of the frame before, 0–1.
    pub recoloured: f64,
    /// How far its colours are from those two frames before, 0–1.
    pub recoloured_by_two: f64,
    /// Mean brightness, 0–1.
    pub mean: f64,
    /// Standard deviation of the brightness.
    pub contrast: f64,
    /// Some of its pixels.
    pub thumb: Vec<[u8; 3]>,
}

/// What a clip looks like over time.
#[derive(Debug, Clone)]
pub(crate) struct Seen {
    /// Every frame.
    pub frames: Vec<Frame>,
    /// Columns and rows of cells.
    pub grid: (usize, usize),
}

/// Looks at every frame: what is said of any clip, its look, and what it looks like over time.
pub(crate) fn look(
    path: &Path,
    role: ConditionKind,
    options: &ReadOptions,
    watch: &dyn Watch,
) -> Outcome<(PlainReading, Look, Seen)> {
    let info = decoupage_media::probe(path)?;
    if info.form == MediaForm::Audio {
        return Err(
            Fault::new(Code::Unsupported, "This file holds sound and no pictures.")
                .advise("Add it as audio.")
                .at(path),
        );
    }
    let sound = decoupage_media::audio(path)?;
    let expected = info.frames.clamp(1, MOST as u64) as usize;
    let mut frames: Vec<Frame> = Vec::with_capacity(expected);
    let mut histograms: [Option<Histogram>; 2] = [None, None];
    let mut before: Vec<Grey> = Vec::new();
    let mut canvases = Vec::new();
    let mut meter = Meter::coarse();
    let mut grid = (0, 0);
    decoupage_media::stills(
        path,
        &Pick::All { most: MOST },
        Some(LOOKED),
        options.fps,
        watch,
        &mut |still| {
            let number = frames.len();
            let due = |share: usize| share * expected.saturating_sub(1) / (FOR_LOOK - 1);
            if canvases.len() < FOR_LOOK && number >= due(canvases.len()) {
                canvases.push(Canvas::of(&still.picture, options.region.as_ref()));
                meter.add(&still.picture, options.region.as_ref());
            }
            let picture = flattened(&still.picture, options);
            let grey = Grey::of(&picture);
            grid = flow::grid(grey.width, grey.height);
            let (mean, contrast) = grey.spread();
            let levels = grey::pyramid(&grey);
            let compared = match before.last().zip(levels.last()) {
                Some((one, other)) if (one.width, one.height) == (other.width, other.height) => {
                    flow::compare(&before, &levels)
                }
                _ => None,
            };
            let histogram = Histogram::of(&picture);
            let distance = |other: &Option<Histogram>| {
                other
                    .as_ref()
                    .map_or(0.0, |other| other.distance(&histogram))
            };
            let [last, last_but_one] = &histograms;
            frames.push(Frame {
                time_s: still.time_s,
                compared,
                recoloured: distance(last),
                recoloured_by_two: distance(last_but_one),
                mean,
                contrast,
                thumb: thumb(&picture),
            });
            histograms.swap(0, 1);
            histograms[0] = Some(histogram);
            before = levels;
            Ok(())
        },
    )?;
    let plain = plain::of_clip(path, role, options, &info, sound.is_some(), &canvases)?;
    let look = meter.finish().look;
    Ok((plain, look, Seen { frames, grid }))
}

/// The part of a picture that is to be read, without alpha.
fn flattened(picture: &DynamicImage, options: &ReadOptions) -> RgbImage {
    match picture {
        DynamicImage::ImageRgb8(rgb) if options.region.is_none() => rgb.clone(),
        _ => DynamicImage::ImageRgba8(canvas::small(picture, options.region.as_ref(), LOOKED))
            .to_rgb8(),
    }
}

fn thumb(picture: &RgbImage) -> Vec<[u8; 3]> {
    let step = (picture.width().max(picture.height()) as usize)
        .div_ceil(THUMB)
        .max(1);
    picture
        .rows()
        .step_by(step)
        .flat_map(|row| row.step_by(step).map(|pixel| pixel.0))
        .collect()
}

/// How often each colour occurs.
struct Histogram(Vec<f32>);

impl Histogram {
    fn of(picture: &RgbImage) -> Self {
        let mut bins = vec![0.0_f32; LEVELS * LEVELS * LEVELS];
        let share = 1.0 / (picture.width() * picture.height()).max(1) as f32;
        for image::Rgb(rgb) in picture.pixels() {
            // Each value is shared between two levels, so that a slow drift is no leap.
            let [r, g, b] = rgb.map(|value| {
                let at = f32::from(value) / 255.0 * (LEVELS - 1) as f32;
                let low = (at as usize).min(LEVELS - 2);
                (low, at - low as f32)
            });
            for (dr, wr) in [(0, 1.0 - r.1), (1, r.1)] {
                for (dg, wg) in [(0, 1.0 - g.1), (1, g.1)] {
                    for (db, wb) in [(0, 1.0 - b.1), (1, b.1)] {
                        let bin = ((r.0 + dr) * LEVELS + g.0 + dg) * LEVELS + b.0 + db;
                        if let Some(bin) = bins.get_mut(bin) {
                            *bin += share * wr * wg * wb;
                        }
                    }
                }
            }
        }
        Self(bins)
    }

    /// Half the sum of differences: 0 for alike, 1 for nothing in common.
    fn distance(&self, other: &Self) -> f64 {
        let sum: f32 = self
            .0
            .iter()
            .zip(&other.0)
            .map(|(a, b)| (a - b).abs())
            .sum();
        f64::from(sum / 2.0)
    }
}

/// The colours of a shot, from six of its frames.
pub(crate) fn palette(seen: &Seen, span: &Span) -> Vec<Swatch> {
    let frames = seen.frames.get(span.frames.clone()).unwrap_or_default();
    let step = frames.len().div_ceil(6).max(1);
    swatches(
        frames
            .iter()
            .skip(step / 2)
            .step_by(step)
            .flat_map(|frame| frame.thumb.iter().map(|rgb| lab(*rgb))),
    )
}
