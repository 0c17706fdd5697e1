//! A picture made small and turned into CIELAB, so that every measurement costs the same
//! whatever the picture's size.

use decoupage_shot::Region;
use image::{DynamicImage, GenericImageView, RgbaImage};

use super::{Lab, lab};

/// The longest side of a canvas, pixels.
pub const LONGEST: u32 = 256;

/// A small picture in CIELAB with its alpha.
#[derive(Debug, Clone)]
pub struct Canvas {
    /// Width, pixels.
    pub width: usize,
    /// Height, pixels.
    pub height: usize,
    /// Row by row from the top left.
    pub lab: Vec<Lab>,
    /// Opacity 0–255, in the same order.
    pub alpha: Vec<u8>,
}

impl Canvas {
    /// Makes a canvas of a picture, or of a part of it.
    pub fn of(picture: &DynamicImage, region: Option<&Region>) -> Self {
        let small = small(picture, region, LONGEST);
        let (width, height) = (small.width() as usize, small.height() as usize);
        let mut labs = Vec::with_capacity(width * height);
        let mut alpha = Vec::with_capacity(width * height);
        for pixel in small.pixels() {
            let [r, g, b, a] = pixel.0;
            labs.push(lab([r, g, b]));
            alpha.push(a);
        }
        Self {
            width,
            height,
            lab: labs,
            alpha,
        }
    }

    /// The colours that can be seen: pixels at least half opaque.
    pub fn visible(&self) -> impl Iterator<Item = Lab> + '_ {
        self.lab
            .iter()
            .zip(&self.alpha)
            .filter(|(_, alpha)| **alpha >= 128)
            .map(|(lab, _)| *lab)
    }

    /// Share of pixels that are more than half transparent, 0–1.
    pub fn clear_share(&self) -> f64 {
        let clear = self.alpha.iter().filter(|alpha| **alpha < 128).count();
        clear as f64 / self.alpha.len().max(1) as f64
    }
}

/// The picture (or a part of it) as 8-bit sRGB with alpha, no side beyond `longest`.
///
/// Floating-point pictures (EXR) are scene-linear and get the sRGB curve; darker or brighter
/// values than it holds are clipped.
pub fn small(picture: &DynamicImage, region: Option<&Region>, longest: u32) -> RgbaImage {
    let part;
    let picture = match region.and_then(|region| pixels(region, picture.dimensions())) {
        Some((x, y, width, height)) => {
            part = picture.crop_imm(x, y, width, height);
            &part
        }
        None => picture,
    };
    let shrunk;
    let picture = if picture.width().max(picture.height()) > longest {
        shrunk = picture.thumbnail(longest, longest);
        &shrunk
    } else {
        picture
    };
    match picture {
        DynamicImage::ImageRgb32F(_) | DynamicImage::ImageRgba32F(_) => {
            let linear = picture.to_rgba32f();
            RgbaImage::from_fn(linear.width(), linear.height(), |x, y| {
                let [r, g, b, a] = linear.get_pixel(x, y).0;
                image::Rgba([
                    encode(r),
                    encode(g),
                    encode(b),
                    (a.clamp(0.0, 1.0) * 255.0).round() as u8,
                ])
            })
        }
        _ => picture.to_rgba8(),
    }
}

fn encode(linear: f32) -> u8 {
    let linear = if linear.is_finite() {
        linear.clamp(0.0, 1.0)
    } else {
        0.0
    };
    let curved = if linear <= 0.003_130_8 {
        12.92 * linear
    } else {
        1.055 * linear.powf(1.0 / 2.4) - 0.055
    };
    (curved * 255.0).round() as u8
}

/// A region in whole pixels `(x, y, width, height)`; `None` when it covers nothing.
pub fn pixels(region: &Region, (width, height): (u32, u32)) -> Option<(u32, u32, u32, u32)> {
    let all = [region.x, region.y, region.width, region.height];
    if all.iter().any(|value| !value.is_finite()) || width == 0 || height == 0 {
        return None;
    }
    let edge = |share: f64, size: u32| (share.clamp(0.0, 1.0) * f64::from(size)).round() as u32;
    let (left, right) = (edge(region.x, width), edge(region.x + region.width, width));
    let (top, bottom) = (
        edge(region.y, height),
        edge(region.y + region.height, height),
    );
    (right > left && bottom > top).then(|| (left, top, right - left, bottom - top))
}
