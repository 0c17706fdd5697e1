//! Photographs with a known look: a scene of many colours that average to grey, then light,
//! lens, stock and format put over it one after another.

use glam::Vec3;
use image::{Rgb, RgbImage};

use crate::noise::Noise;
use crate::portrait::{to_encoded, to_linear};

/// What is put over a scene, in this order. The default changes nothing.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Development {
    /// Colour temperature of the light on grey things, kelvin; `None` leaves it at the screen's
    /// white.
    pub kelvin: Option<f64>,
    /// Encoded levels that black and white are moved to, 0–1.
    pub levels: (f64, f64),
    /// Blur of the whole picture: σ in pixels.
    pub blur: f64,
    /// Light lost in the corners, 0–1.
    pub vignette: f64,
    /// Grain: standard deviation in encoded levels of 255.
    pub grain: f64,
    /// Width over height of the picture inside black bars.
    pub ratio: Option<f64>,
}

impl Default for Development {
    fn default() -> Self {
        Self {
            kelvin: None,
            levels: (0.0, 1.0),
            blur: 0.0,
            vignette: 0.0,
            grain: 0.0,
            ratio: None,
        }
    }
}

/// A scene of overlapping things in colours that come in opposite pairs. `things` are drawn
/// with sharp edges.
pub fn scene(seed: u64, width: u32, height: u32, things: u64) -> RgbImage {
    let noise = Noise::new(seed);
    let shapes: Vec<[f64; 8]> = (0..things)
        .map(|thing| {
            let at = |k: u64| noise.share(thing * 16 + k);
            // Every second thing has the opposite colour of the one before, of its size.
            let pair = thing / 2 * 2;
            let of_pair = |k: u64| noise.share(pair * 16 + k);
            let hue = of_pair(8) * std::f64::consts::TAU
                + if thing % 2 == 1 {
                    std::f64::consts::PI
                } else {
                    0.0
                };
            let size = 0.05 + 0.13 * of_pair(9);
            [
                at(0),
                at(1),
                size,
                0.6 + of_pair(10),
                hue,
                0.5 * of_pair(11),
                0.08 + 0.75 * of_pair(12).powi(2),
                at(3),
            ]
        })
        .collect();
    let ratio = f64::from(width) / f64::from(height);
    RgbImage::from_fn(width, height, |px, py| {
        let x = (f64::from(px) + 0.5) / f64::from(width);
        let y = (f64::from(py) + 0.5) / f64::from(height);
        let ground = 0.14 + 0.16 * y + 0.05 * (x * 3.0 + noise.share(3)).sin();
        let mut colour = Vec3::splat(ground as f32);
        for [cx, cy, size, shape, hue, strength, light, kind] in &shapes {
            let (dx, dy) = ((x - cx) / size * shape, (y - cy) / size / ratio * 1.6);
            let inside = if *kind < 0.5 {
                dx.hypot(dy) < 1.0
            } else {
                dx.abs().max(dy.abs()) < 0.9
            };
            if inside {
                // Opposite hues about one grey, in linear light.
                let third = std::f64::consts::TAU / 3.0;
                colour = Vec3::from_array(
                    [0.0, 1.0, 2.0]
                        .map(|k| (light * (1.0 + strength * (hue + k * third).cos())) as f32),
                );
            }
        }
        Rgb(colour.to_array().map(to_encoded))
    })
}

/// Develops a scene.
pub fn develop(scene: &RgbImage, look: &Development, seed: u64) -> RgbImage {
    let (width, height) = scene.dimensions();
    let gain = look
        .kelvin
        .map_or(Vec3::ONE, |kelvin| light_of(kelvin).as_vec3());
    let mut picture = RgbImage::from_fn(width, height, |x, y| {
        let light = Vec3::from_array(scene.get_pixel(x, y).0.map(to_linear)) * gain;
        let (low, high) = look.levels;
        Rgb(light.to_array().map(|value| {
            let encoded = f64::from(to_encoded(value)) / 255.0;
            ((low + (high - low) * encoded) * 255.0).round() as u8
        }))
    });
    if look.blur > 0.0 {
        picture = image::imageops::blur(&picture, look.blur as f32);
    }
    if look.vignette > 0.0 {
        for (x, y, pixel) in picture.enumerate_pixels_mut() {
            let dx = f64::from(x) / f64::from(width) * 2.0 - 1.0;
            let dy = f64::from(y) / f64::from(height) * 2.0 - 1.0;
            let out = dx.hypot(dy) / std::f64::consts::SQRT_2;
            let left = (1.0 - look.vignette * out.powi(4)) as f32;
            pixel.0 = pixel.0.map(|value| to_encoded(to_linear(value) * left));
        }
    }
    if look.grain > 0.0 {
        let noise = Noise::new(seed ^ 0x67_7261_696e);
        for (at, pixel) in picture.pixels_mut().enumerate() {
            // Twelve even numbers add up to one that is as good as normal.
            let sum: f64 = (0..12).map(|k| noise.share(at as u64 * 12 + k)).sum();
            let off = (sum - 6.0) * look.grain;
            pixel.0 = pixel
                .0
                .map(|value| (f64::from(value) + off).round().clamp(0.0, 255.0) as u8);
        }
    }
    if let Some(ratio) = look.ratio {
        let own = f64::from(width) / f64::from(height);
        let (wide, tall) = if ratio > own {
            (width, (f64::from(width) / ratio).round() as u32)
        } else {
            ((f64::from(height) * ratio).round() as u32, height)
        };
        let (left, top) = ((width - wide) / 2, (height - tall) / 2);
        for (x, y, pixel) in picture.enumerate_pixels_mut() {
            if !(left..left + wide).contains(&x) || !(top..top + tall).contains(&y) {
                pixel.0 = [0; 3];
            }
        }
    }
    picture
}

/// Linear sRGB of a black body's light, its largest part 1 (xy after Kim et al. 2002).
pub fn light_of(kelvin: f64) -> glam::DVec3 {
    let t = 1000.0 / kelvin.clamp(1667.0, 25_000.0);
    let x = if kelvin <= 4000.0 {
        -0.266_123_9 * t.powi(3) - 0.234_358_9 * t.powi(2) + 0.877_695_6 * t + 0.179_910
    } else {
        -3.025_846_9 * t.powi(3) + 2.107_037_9 * t.powi(2) + 0.222_634_7 * t + 0.240_390
    };
    let y = if kelvin <= 2222.0 {
        -1.106_381_4 * x.powi(3) - 1.348_110_2 * x.powi(2) + 2.185_558_32 * x - 0.202_196_83
    } else if kelvin <= 4000.0 {
        -0.954_947_6 * x.powi(3) - 1.374_185_93 * x.powi(2) + 2.091_370_15 * x - 0.167_488_67
    } else {
        3.081_758 * x.powi(3) - 5.873_386_7 * x.powi(2) + 3.751_129_97 * x - 0.370_014_83
    };
    let (big_x, big_z) = (x / y, (1.0 - x - y) / y);
    let rgb = glam::DVec3::new(
        3.2406 * big_x - 1.5372 - 0.4986 * big_z,
        -0.9689 * big_x + 1.8758 + 0.0415 * big_z,
        0.0557 * big_x - 0.2040 + 1.0570 * big_z,
    )
    .max(glam::DVec3::ZERO);
    rgb / rgb.max_element()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lamps_are_orange_and_shade_is_blue() {
        let (lamp, shade) = (light_of(2800.0), light_of(10_000.0));
        assert!(lamp.x > lamp.y && lamp.y > lamp.z);
        assert!(shade.z > shade.x);
    }

    #[test]
    fn developing_is_the_same_twice() {
        let scene = scene(4, 96, 54, 12);
        let look = Development {
            grain: 4.0,
            ratio: Some(2.39),
            ..Development::default()
        };
        let picture = develop(&scene, &look, 1);
        assert_eq!(picture, develop(&scene, &look, 1));
        assert_eq!(picture.get_pixel(40, 2).0, [0; 3]);
        assert_eq!(develop(&scene, &Development::default(), 1), scene);
    }
}
