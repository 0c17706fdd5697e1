//! What the window draws: posters, filmstrips and their encoding.

use std::io::Cursor;
use std::path::Path;

use decoupage_shot::{Code, Fault, Outcome, Silent, Watch};
use image::codecs::jpeg::JpegEncoder;
use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::{DynamicImage, ImageEncoder, RgbImage, Rgba, RgbaImage, imageops};

use crate::{MediaForm, MediaInfo, Pick, Still, bounds, probe, stills};

/// A row of frames, left to right, in one picture.
#[derive(Debug, Clone)]
pub struct Filmstrip {
    /// All frames side by side.
    pub picture: RgbaImage,
    /// Width of one frame, pixels.
    pub frame_width: u32,
    /// Height of one frame, pixels.
    pub frame_height: u32,
    /// The time of each frame, seconds, left to right.
    pub times_s: Vec<f64>,
    /// What the medium holds.
    pub info: MediaInfo,
}

/// How a preview is encoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PreviewFormat {
    /// JPEG with a quality from 1 to 100; transparency is laid over mid grey.
    Jpeg(u8),
    /// PNG, 8-bit, transparency kept.
    Png,
}

/// The most frames a filmstrip holds.
pub const MAX_STRIP_FRAMES: usize = 512;

/// The picture that stands for a medium: the picture itself, or a clip's frame one third in
/// (first frames are often black).
///
/// # Errors
/// As [`stills`].
pub fn poster(path: &Path, longest: u32) -> Outcome<Still> {
    let info = probe(path)?;
    // The third of a folder is found by its frame number, whatever its rate.
    let (third_s, fps) = match info.form {
        MediaForm::Sequence => ((info.frames / 3) as f64, Some(1.0)),
        _ => (info.duration_s.unwrap_or(0.0) / 3.0, None),
    };
    let mut found = None;
    stills(
        path,
        &Pick::Times(vec![third_s]),
        Some(longest),
        fps,
        &Silent,
        &mut |still| {
            found = Some(still);
            Ok(())
        },
    )?;
    let mut still = found.ok_or_else(|| no_frames(path))?;
    if fps.is_some() {
        still.time_s = still.index as f64 / crate::ASSUMED_FPS;
    }
    Ok(still)
}

fn no_frames(path: &Path) -> Fault {
    Fault::new(Code::Damaged, "This file holds no frame that can be shown.").at(path)
}

/// `count` frames evenly spread, each `height` pixels high (never scaled up), side by side.
/// `fps` is the rate of folders of frames.
///
/// # Errors
/// As [`stills`]; also for strips beyond the size bounds.
pub fn filmstrip(
    path: &Path,
    count: usize,
    height: u32,
    fps: Option<f64>,
    watch: &dyn Watch,
) -> Outcome<Filmstrip> {
    let info = probe(path)?;
    if info.form == MediaForm::Audio {
        return Err(
            Fault::new(Code::Unsupported, "This file holds sound and no pictures.").at(path),
        );
    }
    let height = height.clamp(1, info.height.max(1));
    let width = (f64::from(info.width) * f64::from(height) / f64::from(info.height.max(1)))
        .round()
        .max(1.0);
    let count = count
        .clamp(1, MAX_STRIP_FRAMES)
        .min(usize::try_from(info.frames.max(1)).unwrap_or(usize::MAX));
    let (row, height) = bounds::check_area((width * count as f64) as u64, height.into(), 4)
        .map_err(|e| e.at(path))?;
    let width = width as u32;
    let mut picture = RgbaImage::new(row, height);
    let mut times_s = Vec::with_capacity(count);
    let info = stills(
        path,
        &Pick::Even(count),
        Some(width.max(height)),
        fps,
        watch,
        &mut |still| {
            let mut frame = display(&still.picture);
            if frame.dimensions() != (width, height) {
                frame = imageops::resize(&frame, width, height, imageops::FilterType::Triangle);
            }
            let x = times_s.len() as i64 * i64::from(width);
            imageops::replace(&mut picture, &frame, x, 0);
            times_s.push(still.time_s);
            Ok(())
        },
    )?;
    // Fewer frames than the header promised: no empty tail.
    let used = width.saturating_mul(times_s.len() as u32).min(row);
    if used == 0 {
        return Err(no_frames(path));
    }
    if used < row {
        picture = imageops::crop_imm(&picture, 0, 0, used, height).to_image();
    }
    Ok(Filmstrip {
        picture,
        frame_width: width,
        frame_height: height,
        times_s,
        info,
    })
}

/// A picture as a screen shows it: 8-bit, sRGB. Pictures of floating-point numbers (OpenEXR)
/// are taken as linear light; where they go far beyond 1, as depth in metres does, their
/// brightest hundredth becomes white.
pub fn display(picture: &DynamicImage) -> RgbaImage {
    let (DynamicImage::ImageRgb32F(_) | DynamicImage::ImageRgba32F(_)) = picture else {
        return picture.to_rgba8();
    };
    let linear = picture.to_rgba32f();
    let mut peaks: Vec<f32> = linear
        .pixels()
        .map(|Rgba([r, g, b, _])| r.max(*g).max(*b))
        .filter(|v| v.is_finite())
        .collect();
    let at = (peaks.len() * 99 / 100).min(peaks.len().saturating_sub(1));
    let white = if peaks.is_empty() {
        1.0
    } else {
        let (_, white, _) = peaks.select_nth_unstable_by(at, f32::total_cmp);
        white.max(1.0)
    };
    let curve = |v: f32| {
        let v = if v.is_nan() {
            0.0
        } else {
            (v / white).clamp(0.0, 1.0)
        };
        let v = if v <= 0.003_130_8 {
            12.92 * v
        } else {
            1.055 * v.powf(1.0 / 2.4) - 0.055
        };
        (v * 255.0).round() as u8
    };
    let mut shown = RgbaImage::new(linear.width(), linear.height());
    for (out, Rgba([r, g, b, a])) in shown.pixels_mut().zip(linear.pixels()) {
        let alpha = if a.is_nan() { 1.0 } else { a.clamp(0.0, 1.0) };
        *out = Rgba([
            curve(*r),
            curve(*g),
            curve(*b),
            (alpha * 255.0).round() as u8,
        ]);
    }
    shown
}

/// Encodes a picture for the window.
///
/// # Errors
/// Only where the encoder refuses a size (a side of zero or beyond 65 535 pixels for JPEG).
pub fn encode_preview(picture: &DynamicImage, format: PreviewFormat) -> Outcome<Vec<u8>> {
    let shown = display(picture);
    let (width, height) = shown.dimensions();
    let mut bytes = Cursor::new(Vec::new());
    let written = match format {
        PreviewFormat::Png => {
            PngEncoder::new_with_quality(&mut bytes, CompressionType::Fast, FilterType::Adaptive)
                .write_image(&shown, width, height, image::ExtendedColorType::Rgba8)
        }
        PreviewFormat::Jpeg(quality) => {
            let flat = over_grey(&shown);
            JpegEncoder::new_with_quality(&mut bytes, quality.clamp(1, 100)).write_image(
                &flat,
                width,
                height,
                image::ExtendedColorType::Rgb8,
            )
        }
    };
    written.map_err(|_| {
        Fault::new(
            Code::TooLarge,
            format!("A preview of {width} × {height} pixels cannot be encoded."),
        )
    })?;
    Ok(bytes.into_inner())
}

/// Lays transparency over mid grey, as the window's ground is.
fn over_grey(picture: &RgbaImage) -> RgbImage {
    let mut flat = RgbImage::new(picture.width(), picture.height());
    for (out, Rgba([r, g, b, a])) in flat.pixels_mut().zip(picture.pixels()) {
        let alpha = u32::from(*a);
        let mix = |v: u8| ((u32::from(v) * alpha + 128 * (255 - alpha) + 127) / 255) as u8;
        *out = image::Rgb([mix(*r), mix(*g), mix(*b)]);
    }
    flat
}
