//! What part of a masked picture is open to be filled.

use decoupage_shot::Region;
use image::RgbaImage;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::depth::places;
use crate::identity::ground::components;

/// The part of a picture that is to be filled.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct Hole {
    /// What marks it.
    pub by: HoleMark,
    /// Share of the frame, 0–1.
    pub share: f64,
    /// Where it is, completing "it is …".
    pub place: String,
    /// Its bounds, shares of the frame from the top left.
    pub bounds: Region,
    /// The bounds of its separate parts, largest first, at most 12.
    pub parts: Vec<Region>,
    /// How sure that this is what marks it, 0–1.
    pub confidence: f64,
}

/// What marks the part to fill.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum HoleMark {
    /// It is transparent.
    Transparent,
    /// It is pure white.
    White,
    /// It is pure black.
    Black,
    /// It is one even middle grey.
    Grey,
    /// It is pure green.
    Green,
    /// The file is a mask by itself, white where is to be filled.
    Mask,
}

/// The smallest share of the frame that is a hole.
const SMALLEST: f64 = 0.004;

/// Finds the hole of a picture; `within` is the true picture inside black bars.
pub fn find(picture: &RgbaImage, within: Option<&Region>) -> Option<Hole> {
    let (width, height) = (picture.width() as usize, picture.height() as usize);
    let clear: Vec<bool> = picture.pixels().map(|pixel| pixel.0[3] < 128).collect();
    if share(&clear) >= SMALLEST {
        return hole(clear, width, height, HoleMark::Transparent, 0.96);
    }
    let is = |of: fn([u8; 4]) -> bool| -> Vec<bool> {
        picture.pixels().map(|pixel| of(pixel.0)).collect()
    };
    let white = is(|[r, g, b, _]| r.min(g).min(b) >= 248);
    let black = is(|[r, g, b, _]| r.max(g).max(b) <= 8);
    let (whites, blacks) = (share(&white), share(&black));
    if whites + blacks > 0.97 && whites.min(blacks) >= SMALLEST {
        return hole(white, width, height, HoleMark::Mask, 0.85);
    }
    let green = is(|[r, g, b, _]| g >= 236 && r <= 24 && b <= 24);
    let grey = is(|[r, g, b, _]| {
        let (low, high) = (r.min(g).min(b), r.max(g).max(b));
        high - low <= 4 && (124..=131).contains(&low)
    });
    let inside = |at: usize| {
        let (x, y) = (
            (at % width) as f64 / width as f64,
            (at / width) as f64 / height as f64,
        );
        within.is_none_or(|part| {
            x >= part.x && y >= part.y && x < part.x + part.width && y < part.y + part.height
        })
    };
    let candidates = [
        (green, HoleMark::Green, 0.85),
        (grey, HoleMark::Grey, 0.75),
        (white, HoleMark::White, 0.75),
        (black, HoleMark::Black, 0.65),
    ];
    candidates
        .into_iter()
        .filter_map(|(mut mask, mark, confidence)| {
            for (at, is) in mask.iter_mut().enumerate() {
                *is = *is && inside(at);
            }
            solid(&mut mask, picture);
            hole(mask, width, height, mark, confidence)
        })
        .filter(|hole| hole.share >= 0.008)
        .max_by(|one, other| {
            (one.share * one.confidence).total_cmp(&(other.share * other.confidence))
        })
}

fn share(mask: &[bool]) -> f64 {
    mask.iter().filter(|is| **is).count() as f64 / mask.len().max(1) as f64
}

/// Keeps the large, solid parts: a mask is painted, a highlight or a shadow frays.
fn solid(mask: &mut [bool], picture: &RgbaImage) {
    let (width, height) = (picture.width() as usize, picture.height() as usize);
    let luma = crate::colour::Plane::luma(picture).values;
    let least = (mask.len() / 250).max(9);
    for part in components(mask, width, height) {
        // Of a painted part most pixels lie inside, with all four neighbours in it too.
        let inner = part
            .iter()
            .filter(|&&at| {
                let (x, y) = (at % width, at / width);
                (x == 0 || mask.get(at - 1) == Some(&true))
                    && (x + 1 >= width || mask.get(at + 1) == Some(&true))
                    && (y == 0 || mask.get(at - width) == Some(&true))
                    && (y + 1 >= height || mask.get(at + width) == Some(&true))
            })
            .count();
        // And it is of one value; compression moves it by a level or two.
        let mut values: Vec<f32> = part
            .iter()
            .filter_map(|at| luma.get(*at).copied())
            .collect();
        let middle = crate::colour::plane::quantile(&mut values, 0.5);
        let one = values
            .iter()
            .filter(|v| (**v - middle).abs() <= 1.6)
            .count();
        if part.len() < least || inner * 4 < part.len() * 3 || one * 10 < part.len() * 9 {
            for at in part {
                if let Some(is) = mask.get_mut(at) {
                    *is = false;
                }
            }
        }
    }
}

fn hole(
    mask: Vec<bool>,
    width: usize,
    height: usize,
    by: HoleMark,
    confidence: f64,
) -> Option<Hole> {
    let share = share(&mask);
    if share < SMALLEST {
        return None;
    }
    let mut found = components(&mask, width, height);
    found.sort_by_key(|part| std::cmp::Reverse(part.len()));
    let largest = found.first().map_or(0, Vec::len);
    let large = || found.iter().filter(|part| part.len() * 25 >= largest);
    let parts = large()
        .take(12)
        .map(|part| bounds(part, width, height))
        .collect();
    let all: Vec<usize> = large().flatten().copied().collect();
    let shares: Vec<f32> = mask.iter().map(|is| f32::from(u8::from(*is))).collect();
    let place = places::of(&shares, width, height);
    Some(Hole {
        by,
        share: round(share),
        place: place.words,
        bounds: bounds(&all, width, height),
        parts,
        confidence,
    })
}

fn bounds(part: &[usize], width: usize, height: usize) -> Region {
    let mut edges = [width, height, 0, 0];
    for at in part {
        let (x, y) = (at % width, at / width);
        edges = [
            edges[0].min(x),
            edges[1].min(y),
            edges[2].max(x + 1),
            edges[3].max(y + 1),
        ];
    }
    let (width, height) = (width.max(1) as f64, height.max(1) as f64);
    Region {
        x: round(edges[0] as f64 / width),
        y: round(edges[1] as f64 / height),
        width: round((edges[2] - edges[0]) as f64 / width),
        height: round((edges[3] - edges[1]) as f64 / height),
    }
}

fn round(value: f64) -> f64 {
    (value * 1000.0).round() / 1000.0
}
