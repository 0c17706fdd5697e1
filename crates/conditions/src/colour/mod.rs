//! Colour as people see and name it: CIELAB, names, palettes and the look of a picture.

pub mod canvas;
pub mod names;
pub mod plane;
pub mod swatches;

pub use canvas::Canvas;
pub use names::name;
pub use plane::Plane;
pub use swatches::{main_colours, swatches};

use palette::white_point::D65;
use palette::{FromColor, Srgb};

/// A colour in CIELAB (D65): `l` 0–100, `a` green to red, `b` blue to yellow.
pub type Lab = palette::Lab<D65, f32>;

/// The CIELAB colour of an 8-bit sRGB triple.
pub fn lab(rgb: [u8; 3]) -> Lab {
    Lab::from_color(Srgb::from(rgb).into_format::<f32>())
}

/// The nearest 8-bit sRGB triple of a CIELAB colour.
pub fn rgb(lab: Lab) -> [u8; 3] {
    let colour: Srgb<u8> = Srgb::from_color(lab).into_format();
    [colour.red, colour.green, colour.blue]
}

/// `#rrggbb`.
pub fn hex(lab: Lab) -> String {
    let [r, g, b] = rgb(lab);
    format!("#{r:02x}{g:02x}{b:02x}")
}

/// Chroma: distance from grey.
pub fn chroma(lab: Lab) -> f32 {
    lab.a.hypot(lab.b)
}

/// Euclidean distance in CIELAB (CIE 1976): cheap and right enough for near colours.
pub fn distance(one: Lab, other: Lab) -> f32 {
    let (l, a, b) = (one.l - other.l, one.a - other.a, one.b - other.b);
    (l * l + a * a + b * b).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_colours_have_their_published_lab_values() {
        let red = lab([255, 0, 0]);
        assert!((red.l - 53.24).abs() < 0.1, "{red:?}");
        assert!((red.a - 80.09).abs() < 0.2, "{red:?}");
        assert!((red.b - 67.20).abs() < 0.2, "{red:?}");
        assert!((lab([255, 255, 255]).l - 100.0).abs() < 0.01);
        assert_eq!(hex(lab([18, 52, 86])), "#123456");
    }
}
