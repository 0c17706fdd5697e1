//! Colormaps: telling which one colours a depth picture, and back from colour to depth.
//!
//! The tables are matplotlib's, where depth models take theirs from: viridis, inferno, magma,
//! plasma and turbo as `colorous` carries them; `Spectral` (ColorBrewer's eleven colours,
//! joined by straight lines) and `jet` are given by their corner points.

use std::sync::OnceLock;

use super::Colormap;

/// Number of steps in a table.
const STEPS: usize = 256;

impl Colormap {
    /// Every colormap that can be told.
    pub const ALL: [Self; 8] = [
        Self::Grey,
        Self::Inferno,
        Self::SpectralReversed,
        Self::Turbo,
        Self::Viridis,
        Self::Magma,
        Self::Plasma,
        Self::Jet,
    ];

    /// The colormap's name in a sentence.
    pub fn title(self) -> &'static str {
        match self {
            Self::Grey => "grey",
            Self::Inferno => "inferno",
            Self::SpectralReversed => "Spectral (reversed)",
            Self::Turbo => "turbo",
            Self::Viridis => "viridis",
            Self::Magma => "magma",
            Self::Plasma => "plasma",
            Self::Jet => "jet",
        }
    }

    /// The colour at `value`, 0–1.
    pub fn colour(self, value: f32) -> [u8; 3] {
        let value = if value.is_finite() {
            value.clamp(0.0, 1.0)
        } else {
            0.0
        };
        let index = (value * (STEPS - 1) as f32).round() as usize;
        table(self).steps.get(index).copied().unwrap_or_default()
    }

    /// The value 0–1 whose colour is nearest, and how far off (8-bit RGB, Euclidean) it is.
    pub fn value(self, rgb: [u8; 3]) -> (f32, f32) {
        if self == Self::Grey {
            let [low, high] = [rgb.iter().min(), rgb.iter().max()].map(|v| v.map_or(0, |v| *v));
            let sum: u16 = rgb.iter().map(|channel| u16::from(*channel)).sum();
            return (f32::from(sum) / 765.0, f32::from(high - low));
        }
        let table = table(self);
        let near = usize::from(table.coarse.get(coarse(rgb)).copied().unwrap_or(0));
        // The coarse grid is right to a few steps: look around it.
        let mut best = (i32::MAX, near);
        for index in near.saturating_sub(12)..(near + 13).min(STEPS) {
            let Some(step) = table.steps.get(index) else {
                continue;
            };
            let off = squared(*step, rgb);
            if off < best.0 {
                best = (off, index);
            }
        }
        (best.1 as f32 / (STEPS - 1) as f32, (best.0 as f32).sqrt())
    }
}

/// A colormap's steps, and for every cell of a coarse RGB grid the step nearest to it.
struct Table {
    steps: Vec<[u8; 3]>,
    coarse: Vec<u8>,
}

/// Index of an RGB colour in the 32 × 32 × 32 grid.
fn coarse([r, g, b]: [u8; 3]) -> usize {
    (usize::from(r >> 3) << 10) | (usize::from(g >> 3) << 5) | usize::from(b >> 3)
}

/// Squared distance in 8-bit RGB. In whole numbers: a table compares eight million pairs.
fn squared([r, g, b]: [u8; 3], [x, y, z]: [u8; 3]) -> i32 {
    let (r, g, b) = (
        i32::from(r) - i32::from(x),
        i32::from(g) - i32::from(y),
        i32::from(b) - i32::from(z),
    );
    r * r + g * g + b * b
}

fn table(map: Colormap) -> &'static Table {
    static TABLES: [OnceLock<Table>; 8] = [const { OnceLock::new() }; 8];
    let slot = Colormap::ALL
        .iter()
        .position(|other| *other == map)
        .unwrap_or(0);
    let make = || build(map);
    match TABLES.get(slot) {
        Some(slot) => slot.get_or_init(make),
        None => {
            static GREY: OnceLock<Table> = OnceLock::new();
            GREY.get_or_init(|| build(Colormap::Grey))
        }
    }
}

fn build(map: Colormap) -> Table {
    let steps: Vec<[u8; 3]> = (0..STEPS)
        .map(|index| exact(map, index as f64 / (STEPS - 1) as f64))
        .collect();
    let coarse = (0..32 * 32 * 32_usize)
        .map(|cell| {
            let centre = [cell >> 10, (cell >> 5) & 31, cell & 31].map(|v| (v * 8 + 4) as u8);
            let mut best = (i32::MAX, 0_u8);
            for (index, step) in (0..=u8::MAX).zip(&steps) {
                let off = squared(*step, centre);
                if off < best.0 {
                    best = (off, index);
                }
            }
            best.1
        })
        .collect();
    Table { steps, coarse }
}

/// ColorBrewer's `Spectral`, red to violet.
const SPECTRAL: [u32; 11] = [
    0x9e0142, 0xd53e4f, 0xf46d43, 0xfdae61, 0xfee08b, 0xffffbf, 0xe6f598, 0xabdda4, 0x66c2a5,
    0x3288bd, 0x5e4fa2,
];

fn exact(map: Colormap, value: f64) -> [u8; 3] {
    let of = |gradient: colorous::Gradient| gradient.eval_continuous(value).into_array();
    match map {
        Colormap::Grey => [(value * 255.0).round() as u8; 3],
        Colormap::Inferno => of(colorous::INFERNO),
        Colormap::Turbo => of(colorous::TURBO),
        Colormap::Viridis => of(colorous::VIRIDIS),
        Colormap::Magma => of(colorous::MAGMA),
        Colormap::Plasma => of(colorous::PLASMA),
        Colormap::SpectralReversed => {
            let at = (1.0 - value) * (SPECTRAL.len() - 1) as f64;
            let low = (at.floor() as usize).min(SPECTRAL.len() - 2);
            let corner = |index: usize| {
                let hex = SPECTRAL.get(index).copied().unwrap_or(0);
                [(hex >> 16) & 255, (hex >> 8) & 255, hex & 255].map(f64::from)
            };
            let (from, to) = (corner(low), corner(low + 1));
            let part = at - low as f64;
            let mix = |index: usize| {
                let pair = from.get(index).zip(to.get(index));
                pair.map_or(0, |(a, b)| (a + (b - a) * part).round() as u8)
            };
            [mix(0), mix(1), mix(2)]
        }
        Colormap::Jet => {
            // Three trapezia, a quarter apart.
            let slope = |centre: f64| {
                let height = 1.5 - 4.0 * (value - centre).abs();
                (height.clamp(0.0, 1.0) * 255.0).round() as u8
            };
            [slope(0.75), slope(0.5), slope(0.25)]
        }
    }
}

/// How well a colormap explains a set of colours.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Fit {
    /// The colormap.
    pub map: Colormap,
    /// Mean distance of the colours to it (8-bit RGB).
    pub error: f32,
    /// Share of colours that lie near it.
    pub near: f32,
}

impl Fit {
    /// Whether the colormap explains the colours at all.
    pub fn good(&self) -> bool {
        self.error < 14.0 && self.near > 0.9
    }
}

/// The colormap that explains the colours best. Video compression shifts colours, so a
/// distance of a dozen 8-bit steps still counts as near.
pub fn detect(colours: &[[u8; 3]]) -> Fit {
    let fit = |map: Colormap| {
        let mut sum = 0.0;
        let mut near = 0_usize;
        for colour in colours {
            let (_, off) = map.value(*colour);
            sum += off;
            near += usize::from(off < 24.0);
        }
        let count = colours.len().max(1) as f32;
        Fit {
            map,
            error: sum / count,
            near: near as f32 / count,
        }
    };
    let grey = fit(Colormap::Grey);
    if grey.error < 5.0 && grey.near > 0.97 {
        return grey;
    }
    Colormap::ALL
        .into_iter()
        .map(fit)
        .min_by(|one, other| one.error.total_cmp(&other.error))
        .unwrap_or(grey)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_colormap_is_told_and_inverted() {
        for map in Colormap::ALL {
            let colours: Vec<_> = (0..200).map(|i| map.colour(i as f32 / 199.0)).collect();
            assert_eq!(detect(&colours).map, map);
            for index in 0..200 {
                let value = index as f32 / 199.0;
                let (back, off) = map.value(map.colour(value));
                assert!((back - value).abs() < 0.02, "{map:?} {value} {back}");
                assert!(off < 1.0);
            }
        }
    }

    #[test]
    fn compression_noise_is_borne() {
        let colours: Vec<_> = (0..400)
            .map(|i| {
                let [r, g, b] = Colormap::Inferno.colour(i as f32 / 399.0);
                let noise = [0, 5, 9, 3][i % 4];
                [
                    r.saturating_add(noise),
                    g.saturating_sub(noise),
                    b.saturating_add(noise / 2),
                ]
            })
            .collect();
        let fit = detect(&colours);
        assert_eq!(fit.map, Colormap::Inferno);
        assert!(fit.good());
    }

    #[test]
    fn corner_colours_are_matplotlibs() {
        assert_eq!(Colormap::SpectralReversed.colour(0.0), [0x5e, 0x4f, 0xa2]);
        assert_eq!(Colormap::SpectralReversed.colour(1.0), [0x9e, 0x01, 0x42]);
        assert_eq!(Colormap::Jet.colour(0.0), [0, 0, 128]);
        assert_eq!(Colormap::Inferno.colour(0.0), [0, 0, 4]);
    }
}
