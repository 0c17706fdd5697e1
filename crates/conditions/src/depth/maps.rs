//! Depth pictures as numbers: decoded, cropped to the depth, inverted from their colormap and
//! brought to one scale over the clip.

use std::path::Path;

use decoupage_media::{MediaForm, MediaInfo, Pick};
use decoupage_shot::{Code, Fault, Outcome, ReadOptions, Region, Watch};
use image::{DynamicImage, RgbaImage};

use super::colormap::{self, Fit};
use super::{Colormap, DepthLayout, Normalisation, layout};
use crate::colour::canvas::pixels;

/// The most frames that are measured: cost stays linear in this, not in the clip.
const FRAMES: usize = 48;
/// The longest side frames are decoded at, pixels.
const DECODED: u32 = 512;
/// The longest side depth is measured at, pixels.
pub const LONGEST: usize = 192;

/// A clip of depth maps of one size.
#[derive(Debug, Clone)]
pub struct Clip {
    /// Width of a map.
    pub width: usize,
    /// Height of a map.
    pub height: usize,
    /// One map a frame, row by row: brightness in the file's own direction, 0–1 over the
    /// clip. Unknown depth is NaN.
    pub maps: Vec<Vec<f32>>,
    /// Time of each map, seconds.
    pub times_s: Vec<f64>,
    /// How the colours were explained.
    pub fit: Fit,
    /// How the frames are laid out.
    pub layout: DepthLayout,
    /// Whether the file stores more than 8 bits that were never stretched to the full range,
    /// as metric depth is.
    pub looks_metric: bool,
    /// The file's values that became 0 and 1.
    pub range: (f32, f32),
    /// The nearness of what is infinitely far, where it is known.
    pub nothing: Option<f32>,
    /// The least and the largest value of every frame, 0–1 over what the file can store.
    pub ends: Vec<(f32, f32)>,
    /// What the file is.
    pub info: MediaInfo,
}

/// How near to the ends of the range counts as reaching them.
const FULL: f32 = 0.035;
/// Mean change of the values from which on a clip is not still.
const CHANGED: f32 = 0.012;

struct Frame {
    time_s: f64,
    width: usize,
    height: usize,
    values: Vec<f32>,
}

/// Decodes up to 48 evenly spread frames.
///
/// # Errors
/// As [`decoupage_media::stills`]; also for pictures in ordinary colours.
pub fn load(path: &Path, options: &ReadOptions, watch: &dyn Watch) -> Outcome<Clip> {
    let mut frames: Vec<Frame> = Vec::new();
    let mut settled: Option<(Fit, DepthLayout, bool)> = None;
    let info = decoupage_media::stills(
        path,
        &Pick::Even(FRAMES),
        Some(DECODED),
        options.fps,
        watch,
        &mut |still| {
            let high = is_high(&still.picture);
            let (fit, found, _) = *settled.get_or_insert_with(|| settle(&still.picture, high));
            if !fit.good() {
                return Err(not_depth());
            }
            frames.push(frame(
                &still.picture,
                still.time_s,
                fit,
                found,
                options.region.as_ref(),
            ));
            Ok(())
        },
    )
    .map_err(|fault| fault.at(path))?;
    let Some((fit, layout, high)) = settled else {
        return Err(Fault::new(Code::Damaged, "No frame of this clip can be decoded.").at(path));
    };
    let first = frames.first().map(|frame| (frame.width, frame.height));
    let Some((width, height)) = first.filter(|(w, h)| *w >= 4 && *h >= 4) else {
        return Err(Fault::new(
            Code::Unsupported,
            "This picture is too small to read depth from.",
        )
        .at(path));
    };
    frames.retain(|frame| (frame.width, frame.height) == (width, height));
    let ends = frames.iter().map(|frame| ends(&frame.values)).collect();
    let (looks_metric, range) = stretch(&mut frames, high);
    Ok(Clip {
        width,
        height,
        times_s: frames.iter().map(|frame| frame.time_s).collect(),
        maps: frames.into_iter().map(|frame| frame.values).collect(),
        fit,
        layout,
        looks_metric,
        range,
        nothing: None,
        ends,
        info,
    })
}

fn not_depth() -> Fault {
    Fault::new(
        Code::Unsupported,
        "This is a picture in ordinary colours, not depth: they fit no depth colormap.",
    )
    .advise("Add it as a style picture or reference video, or render the depth in grey.")
}

/// The least and the largest of some values, but for a few stray ones.
fn ends(values: &[f32]) -> (f32, f32) {
    let mut sorted: Vec<f32> = values.iter().copied().filter(|v| v.is_finite()).collect();
    sorted.sort_by(f32::total_cmp);
    let at = |share: f64| {
        let index = (share * sorted.len().saturating_sub(1) as f64).round() as usize;
        sorted.get(index).copied().unwrap_or(0.0)
    };
    (at(0.001), at(0.999))
}

impl Clip {
    /// Over what the values are stretched: distances are not; frames stretched one by one all
    /// reach both ends of the range, those of a clip stretched as a whole do not. `None` where
    /// the two would look alike, and for single pictures.
    pub fn normalisation(&self) -> Option<Normalisation> {
        if self.looks_metric {
            return Some(Normalisation::Metric);
        }
        if self.ends.len() < 3 {
            return None;
        }
        let (mut lows, mut highs) = ((f32::MAX, f32::MIN), (f32::MAX, f32::MIN));
        for (low, high) in &self.ends {
            lows = (lows.0.min(*low), lows.1.max(*low));
            highs = (highs.0.min(*high), highs.1.max(*high));
        }
        if lows.1 < FULL && highs.0 > 1.0 - FULL {
            let (first, last) = (self.maps.first()?, self.maps.last()?);
            let change = first
                .iter()
                .zip(last)
                .map(|(one, other)| (one - other).abs())
                .filter(|change| change.is_finite())
                .sum::<f32>()
                / first.len().max(1) as f32;
            return (change > CHANGED).then_some(Normalisation::Frame);
        }
        (lows.0 < FULL && highs.1 > 1.0 - FULL).then_some(Normalisation::Clip)
    }
    /// Frames in the file, length in seconds, and whether the times are assumed.
    pub fn length(&self, options: &ReadOptions) -> (u32, f64, bool) {
        let frames = u32::try_from(self.info.frames).unwrap_or(u32::MAX);
        if self.info.form == MediaForm::Picture || frames <= 1 {
            return (frames.max(1), 0.0, false);
        }
        let rate = options.fps.filter(|fps| fps.is_finite() && *fps > 0.0);
        match self.info.duration_s {
            Some(duration_s) => (frames, duration_s, false),
            None => {
                let fps = rate.unwrap_or(decoupage_media::ASSUMED_FPS);
                (frames, f64::from(frames) / fps, rate.is_none())
            }
        }
    }
}

/// Whether a picture stores depth in more than 8 bits.
fn is_high(picture: &DynamicImage) -> bool {
    match picture {
        DynamicImage::ImageLuma16(_)
        | DynamicImage::ImageLumaA16(_)
        | DynamicImage::ImageRgb32F(_)
        | DynamicImage::ImageRgba32F(_) => true,
        DynamicImage::ImageRgb16(rgb) => rgb
            .pixels()
            .step_by(97)
            .all(|p| p.0[0].abs_diff(p.0[1]) < 512 && p.0[0].abs_diff(p.0[2]) < 512),
        _ => false,
    }
}

fn settle(picture: &DynamicImage, high: bool) -> (Fit, DepthLayout, bool) {
    let grey = Fit {
        map: Colormap::Grey,
        error: 0.0,
        near: 1.0,
    };
    if high {
        return (grey, DepthLayout::Plain, true);
    }
    let frame = picture.to_rgba8();
    let columns = layout::side_by_side(&frame);
    let step = (frame.as_raw().len() / 4 / 12_000).max(1);
    let (first, last) = columns.unwrap_or((0, frame.width()));
    let colours: Vec<[u8; 3]> = frame
        .enumerate_pixels()
        .filter(|(x, ..)| (first..last).contains(x))
        .step_by(step)
        .map(|(_, _, pixel)| [pixel.0[0], pixel.0[1], pixel.0[2]])
        .collect();
    let layout = match columns {
        Some(_) => DepthLayout::SideBySide,
        None => DepthLayout::Plain,
    };
    (colormap::detect(&colours), layout, false)
}

fn frame(
    picture: &DynamicImage,
    time_s: f64,
    fit: Fit,
    found: DepthLayout,
    region: Option<&Region>,
) -> Frame {
    let map = fit.map;
    let (width, height, values) = if is_high(picture) {
        let (width, height) = (picture.width() as usize, picture.height() as usize);
        (width, height, Source::High(high_values(picture)))
    } else {
        let frame = crop(&picture.to_rgba8(), found);
        let (width, height) = (frame.width() as usize, frame.height() as usize);
        (width, height, Source::Colour(frame))
    };
    let all = (0, 0, width as u32, height as u32);
    let (left, top, part_width, part_height) = region
        .and_then(|region| pixels(region, (width as u32, height as u32)))
        .unwrap_or(all);
    let (part_width, part_height) = (part_width as usize, part_height as usize);
    let step = (part_width.max(part_height).div_ceil(LONGEST)).max(1);
    let (small_width, small_height) = (part_width / step, part_height / step);
    let mut small = Vec::with_capacity(small_width * small_height);
    for y in 0..small_height {
        for x in 0..small_width {
            // The middle of each cell: averaging would invent depths at every edge.
            let x = left as usize + x * step + step / 2;
            let y = top as usize + y * step + step / 2;
            small.push(values.at(x, y, width, map));
        }
    }
    Frame {
        time_s,
        width: small_width,
        height: small_height,
        values: small,
    }
}

enum Source {
    High(Vec<f32>),
    Colour(RgbaImage),
}

impl Source {
    fn at(&self, x: usize, y: usize, width: usize, map: Colormap) -> f32 {
        match self {
            Self::High(values) => values.get(y * width + x).copied().unwrap_or(f32::NAN),
            Self::Colour(frame) => match frame.get_pixel_checked(x as u32, y as u32) {
                Some(pixel) if pixel.0[3] >= 128 => {
                    map.value([pixel.0[0], pixel.0[1], pixel.0[2]]).0
                }
                _ => f32::NAN,
            },
        }
    }
}

/// The depth part of a frame.
pub fn crop(frame: &RgbaImage, found: DepthLayout) -> RgbaImage {
    if found == DepthLayout::Plain {
        return frame.clone();
    }
    let (width, height) = frame.dimensions();
    let (first, last) = layout::side_by_side(frame).unwrap_or((width / 2, width));
    image::imageops::crop_imm(frame, first, 0, last.saturating_sub(first), height).to_image()
}

/// The numbers of a picture with more than 8 bits: 16-bit as a share of the range, floats as
/// they are.
fn high_values(picture: &DynamicImage) -> Vec<f32> {
    match picture {
        DynamicImage::ImageRgb32F(rgb) => rgb.pixels().map(|pixel| pixel.0[0]).collect(),
        DynamicImage::ImageRgba32F(rgba) => rgba.pixels().map(|pixel| pixel.0[0]).collect(),
        _ => picture
            .to_luma16()
            .pixels()
            .map(|pixel| f32::from(pixel.0[0]) / 65535.0)
            .collect(),
    }
}

/// The depth values of one picture, 0–1 over the picture, in the file's own direction, with
/// its size after cropping.
pub fn of_picture(
    picture: &DynamicImage,
    map: Colormap,
    found: DepthLayout,
) -> (u32, u32, Vec<f32>) {
    if is_high(picture) {
        let mut frames = [Frame {
            time_s: 0.0,
            width: 0,
            height: 0,
            values: high_values(picture),
        }];
        stretch(&mut frames, true);
        let [frame] = frames;
        return (picture.width(), picture.height(), frame.values);
    }
    let frame = crop(&picture.to_rgba8(), found);
    let values = frame
        .pixels()
        .map(|pixel| map.value([pixel.0[0], pixel.0[1], pixel.0[2]]).0)
        .collect();
    (frame.width(), frame.height(), values)
}

/// Stretches the clip's values to 0–1 between robust ends, and tells whether they look metric
/// and what the ends were.
///
/// In pictures with more than 8 bits, 0 and values that are not finite mean "unknown", and a
/// far value of a whole background (Blender writes 10¹⁰) is cut to the farthest that is real.
fn stretch(frames: &mut [Frame], high: bool) -> (bool, (f32, f32)) {
    let mut all: Vec<f32> = Vec::new();
    for frame in frames.iter_mut() {
        for value in &mut frame.values {
            if high && (!value.is_finite() || *value == 0.0) {
                *value = if value.is_infinite() && *value > 0.0 {
                    f32::MAX
                } else {
                    f32::NAN
                };
            }
        }
        let step = (frame.values.len() / 4096).max(1);
        let real = |value: &f32| value.is_finite() && (!high || *value < 1e6);
        all.extend(frame.values.iter().copied().step_by(step).filter(real));
    }
    all.sort_by(f32::total_cmp);
    let at = |share: f64| {
        let index = (share * all.len().saturating_sub(1) as f64).round() as usize;
        all.get(index).copied().unwrap_or(0.0)
    };
    let (low, top) = (at(0.004), at(0.996));
    let span = top - low;
    // A clip without any spread is all one depth: leave it as it is.
    let (low, span) = if span > 1e-6 && (high || span > 0.02) {
        (low, span)
    } else {
        (0.0, if high { top.max(1.0) } else { 1.0 })
    };
    for frame in frames.iter_mut() {
        for value in &mut frame.values {
            *value = ((*value - low) / span).clamp(0.0, 1.0);
        }
    }
    // A sky at the largest number the file can hold stands far beyond everything else.
    let below = all.partition_point(|value| *value < 0.999);
    let beyond = all.len() - below;
    let most = all.get(below * 19 / 20).copied().unwrap_or(1.0);
    let has_sky = beyond * 100 > all.len() && most < 0.5;
    let metric = high && (has_sky || !(top > 0.985 && top <= 1.0 && low < 0.02));
    (metric, (low, low + span))
}
