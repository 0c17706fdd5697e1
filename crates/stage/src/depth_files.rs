//! Depth pictures and clips in the ways estimators write them.

use std::path::Path;

use decoupage_shot::{Code, Fault, Outcome};
use glam::Vec3;
use image::{DynamicImage, ImageBuffer, Luma, Rgb, RgbImage};

use crate::encode::{ClipStyle, write_frames, write_mp4};
use crate::render::DepthMap;

/// How depth becomes a picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DepthLook {
    /// Inverse depth in grey, near is bright: what generators expect.
    NearBright,
    /// Depth in grey, near is dark.
    NearDark,
    /// Inverse depth through matplotlib's inferno, near is bright yellow.
    Inferno,
    /// Inverse depth through matplotlib's Spectral_r, near is red.
    SpectralReversed,
    /// Inverse depth through turbo, near is red.
    Turbo,
    /// Inverse depth in grey turned over: near is dark, and the ground still rises evenly.
    InverseNearDark,
    /// Inverse depth through matplotlib's viridis, near is yellow.
    Viridis,
    /// Inverse depth through matplotlib's magma, near is pale.
    Magma,
    /// Inverse depth through matplotlib's plasma, near is yellow.
    Plasma,
    /// Inverse depth through matplotlib's jet, near is dark red.
    Jet,
}

/// Over what values are stretched to the whole range.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scaling {
    /// The whole clip, as Video Depth Anything does.
    Clip,
    /// Every frame by itself, as Depth Anything's command line does.
    Frame,
}

impl DepthLook {
    /// Every look.
    pub const ALL: [Self; 10] = [
        Self::NearBright,
        Self::NearDark,
        Self::Inferno,
        Self::SpectralReversed,
        Self::Turbo,
        Self::InverseNearDark,
        Self::Viridis,
        Self::Magma,
        Self::Plasma,
        Self::Jet,
    ];

    /// A word for file names.
    pub fn key(self) -> &'static str {
        match self {
            Self::NearBright => "near_bright",
            Self::NearDark => "near_dark",
            Self::Inferno => "inferno",
            Self::SpectralReversed => "spectral_r",
            Self::Turbo => "turbo",
            Self::InverseNearDark => "inverse_near_dark",
            Self::Viridis => "viridis",
            Self::Magma => "magma",
            Self::Plasma => "plasma",
            Self::Jet => "jet",
        }
    }

    /// Whether the picture has no colours.
    pub fn is_grey(self) -> bool {
        matches!(
            self,
            Self::NearBright | Self::NearDark | Self::InverseNearDark
        )
    }

    /// Whether near things are at the dark end.
    pub fn is_near_dark(self) -> bool {
        matches!(self, Self::NearDark | Self::InverseNearDark)
    }

    /// A value 0–1 (0 far, 1 near, but for near-dark grey, where it is metric) as colour.
    fn paint(self, share: f64) -> Rgb<u8> {
        let s = share.clamp(0.0, 1.0);
        match self {
            Self::NearBright | Self::NearDark => Rgb([(s * 255.0).round() as u8; 3]),
            Self::Inferno => Rgb(colorous::INFERNO.eval_continuous(s).into_array()),
            Self::Turbo => Rgb(colorous::TURBO.eval_continuous(s).into_array()),
            Self::SpectralReversed => spectral(1.0 - s),
            Self::InverseNearDark => Rgb([((1.0 - s) * 255.0).round() as u8; 3]),
            Self::Viridis => Rgb(colorous::VIRIDIS.eval_continuous(s).into_array()),
            Self::Magma => Rgb(colorous::MAGMA.eval_continuous(s).into_array()),
            Self::Plasma => Rgb(colorous::PLASMA.eval_continuous(s).into_array()),
            Self::Jet => jet(s),
        }
    }
}

/// matplotlib's Spectral: straight lines between the eleven colours of ColorBrewer's scheme.
fn spectral(share: f64) -> Rgb<u8> {
    const STOPS: [u32; 11] = [
        0x9e0142, 0xd53e4f, 0xf46d43, 0xfdae61, 0xfee08b, 0xffffbf, 0xe6f598, 0xabdda4, 0x66c2a5,
        0x3288bd, 0x5e4fa2,
    ];
    let position = share.clamp(0.0, 1.0) * 10.0;
    let below = (position.floor() as usize).min(9);
    let channels = |hex: u32| {
        Vec3::new(
            ((hex >> 16) & 255) as f32,
            ((hex >> 8) & 255) as f32,
            (hex & 255) as f32,
        )
    };
    let colour =
        channels(STOPS[below]).lerp(channels(STOPS[below + 1]), (position - below as f64) as f32);
    Rgb(colour.to_array().map(|channel| channel.round() as u8))
}

/// matplotlib's jet: straight lines between the corners of each channel.
fn jet(share: f64) -> Rgb<u8> {
    const RED: [(f64, f64); 5] = [
        (0.0, 0.0),
        (0.35, 0.0),
        (0.66, 1.0),
        (0.89, 1.0),
        (1.0, 0.5),
    ];
    const GREEN: [(f64, f64); 6] = [
        (0.0, 0.0),
        (0.125, 0.0),
        (0.375, 1.0),
        (0.64, 1.0),
        (0.91, 0.0),
        (1.0, 0.0),
    ];
    const BLUE: [(f64, f64); 5] = [
        (0.0, 0.5),
        (0.11, 1.0),
        (0.34, 1.0),
        (0.65, 0.0),
        (1.0, 0.0),
    ];
    let channel = |corners: &[(f64, f64)]| {
        let value = corners
            .windows(2)
            .find(|pair| share <= pair[1].0)
            .map_or(0.0, |pair| {
                let ((x0, y0), (x1, y1)) = (pair[0], pair[1]);
                y0 + (y1 - y0) * (share - x0) / (x1 - x0)
            });
        (value * 255.0).round() as u8
    };
    Rgb([channel(&RED), channel(&GREEN), channel(&BLUE)])
}

/// Farthest depth that is told apart in near-dark grey, metres.
const FARTHEST_M: f32 = 30.0;

/// The range of a clip's values, so that every frame is scaled alike.
fn range(maps: &[DepthMap], value: fn(f32) -> f32) -> (f32, f32) {
    maps.iter()
        .flat_map(|map| &map.metres)
        .map(|&metres| value(metres))
        .fold((f32::INFINITY, f32::NEG_INFINITY), |(low, high), v| {
            (low.min(v), high.max(v))
        })
}

fn inverse(metres: f32) -> f32 {
    1.0 / metres.max(0.05)
}

fn capped(metres: f32) -> f32 {
    metres.min(FARTHEST_M)
}

/// Depth maps as pictures, scaled over the whole clip from its least to its largest value.
pub fn pictures(maps: &[DepthMap], look: DepthLook) -> Vec<RgbImage> {
    scaled_pictures(maps, look, Scaling::Clip)
}

/// Depth maps as pictures, stretched as `scaling` says.
pub fn scaled_pictures(maps: &[DepthMap], look: DepthLook, scaling: Scaling) -> Vec<RgbImage> {
    let value = if look == DepthLook::NearDark {
        capped
    } else {
        inverse
    };
    let whole = range(maps, value);
    // Colours repeat over thousands of pixels: paint a table once.
    let table: Vec<Rgb<u8>> = (0..=1023)
        .map(|step| look.paint(f64::from(step) / 1023.0))
        .collect();
    maps.iter()
        .map(|map| {
            let (low, high) = match scaling {
                Scaling::Clip => whole,
                Scaling::Frame => range(std::slice::from_ref(map), value),
            };
            let span = (high - low).max(1e-9);
            let mut picture = RgbImage::new(map.width, map.height);
            for (pixel, &metres) in picture.pixels_mut().zip(&map.metres) {
                let share = (value(metres) - low) / span;
                *pixel = table[((share * 1023.0).round() as usize).min(1023)];
            }
            picture
        })
        .collect()
}

/// Depth maps as 16-bit grey, metres × 256 as ZoeDepth writes them; the sky and what lies
/// beyond is 65535, and a hole (not a number) 0.
pub fn metric(maps: &[DepthMap]) -> Vec<DynamicImage> {
    maps.iter()
        .map(|map| {
            let values = map
                .metres
                .iter()
                .map(|metres| (metres * 256.0).round().clamp(0.0, 65535.0) as u16)
                .collect();
            ImageBuffer::<Luma<u16>, _>::from_raw(map.width, map.height, values)
                .map_or_else(|| DynamicImage::new_luma16(1, 1), DynamicImage::ImageLuma16)
        })
        .collect()
}

/// Colour, 50 white pixels, depth: the layout of Depth Anything's command line.
///
/// # Errors
/// A fault when the two have different heights.
pub fn side_by_side(colour: &RgbImage, depth: &RgbImage) -> Outcome<RgbImage> {
    const GAP: u32 = 50;
    if colour.height() != depth.height() {
        return Err(Fault::new(
            Code::Invalid,
            "Colour and depth must have one height to stand side by side.",
        ));
    }
    let start = colour.width() + GAP;
    let mut out =
        RgbImage::from_pixel(start + depth.width(), colour.height(), Rgb([255, 255, 255]));
    image::imageops::replace(&mut out, colour, 0, 0);
    image::imageops::replace(&mut out, depth, i64::from(start), 0);
    Ok(out)
}

/// Writes a depth clip as mp4.
///
/// # Errors
/// As [`write_mp4`].
pub fn write_clip(
    path: &Path,
    maps: &[DepthMap],
    look: DepthLook,
    style: ClipStyle,
) -> Outcome<()> {
    write_mp4(path, pictures(maps, look), style)
}

/// Writes a folder of 8-bit PNG frames.
///
/// # Errors
/// As [`write_frames`].
pub fn write_folder(folder: &Path, maps: &[DepthMap], look: DepthLook) -> Outcome<()> {
    write_frames(
        folder,
        pictures(maps, look).into_iter().map(|picture| {
            let picture = DynamicImage::ImageRgb8(picture);
            if look.is_grey() {
                DynamicImage::ImageLuma8(picture.to_luma8())
            } else {
                picture
            }
        }),
    )
}

/// Writes a folder of 16-bit metric PNG frames.
///
/// # Errors
/// As [`write_frames`].
pub fn write_metric_folder(folder: &Path, maps: &[DepthMap]) -> Outcome<()> {
    write_frames(folder, metric(maps))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map() -> DepthMap {
        DepthMap {
            width: 4,
            height: 1,
            metres: vec![2.0, 4.0, 8.0, f32::INFINITY],
        }
    }

    #[test]
    fn looks_run_the_right_way() {
        let grey = |look| {
            pictures(&[map()], look)[0]
                .pixels()
                .map(|p| p.0[0])
                .collect::<Vec<_>>()
        };
        assert_eq!(grey(DepthLook::NearBright), [255, 128, 64, 0]);
        assert_eq!(grey(DepthLook::NearDark), [0, 18, 55, 255]);
        let inferno = pictures(&[map()], DepthLook::Inferno);
        assert_eq!(inferno[0].get_pixel(3, 0).0, [0, 0, 4]);
        let spectral = pictures(&[map()], DepthLook::SpectralReversed);
        assert_eq!(spectral[0].get_pixel(0, 0).0, [0x9e, 0x01, 0x42]);
        assert_eq!(spectral[0].get_pixel(3, 0).0, [0x5e, 0x4f, 0xa2]);
    }

    #[test]
    fn a_clip_is_scaled_as_a_whole() {
        let mut far = map();
        far.metres = vec![4.0; 4];
        let both = pictures(&[map(), far], DepthLook::NearBright);
        assert_eq!(both[1].get_pixel(0, 0).0[0], 128);
    }

    #[test]
    fn metric_pictures_hold_metres() {
        let folder = tempfile::tempdir().unwrap();
        write_metric_folder(folder.path(), &[map()]).unwrap();
        let read = image::open(folder.path().join("00000.png"))
            .unwrap()
            .into_luma16();
        let values: Vec<u16> = read.pixels().map(|pixel| pixel.0[0]).collect();
        assert_eq!(values, [512, 1024, 2048, 65535]);
    }

    #[test]
    fn side_by_side_has_its_white_gap() {
        let picture = RgbImage::new(8, 4);
        let both = side_by_side(&picture, &picture).unwrap();
        assert_eq!(both.width(), 66);
        assert_eq!(both.get_pixel(30, 2).0, [255; 3]);
        assert!(side_by_side(&picture, &RgbImage::new(8, 5)).is_err());
    }
}
