//! Rendered skeletons: keypoints recovered from the pictures that OpenPose and DWPose draw.
//!
//! Joint dots (radius 4) and limbs (ellipses of half-width 4 at 0.6 of the brightness) share
//! eighteen colours 20° of hue apart (`CMU-Perceptual-Computing-Lab/openpose`,
//! `IDEA-Research/DWPose`). Exchanging red and blue maps the colours onto one another, so which
//! way a drawing is coloured is told by how well its limbs and dots hang together.
//!
//! The drawing's order helps: limbs lie under all dots, and among both, later ones hide earlier
//! ones. So a joint that is not seen lies under a later dot, and a limb that is not seen under a
//! later limb. What single pictures hide is told from those before and after, once people are
//! tracked.

mod assemble;
mod blobs;
mod candidates;
mod evidence;
mod palette;
#[cfg(test)]
mod tests;
mod tree;

use image::RgbImage;

use super::joints::{Body, LIMBS};
use assemble::Found;
use palette::InkMap;

/// The people recovered from one picture.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Recovered {
    /// Read with the colours as they are.
    standard: Found,
    /// Read with red and blue exchanged.
    swapped: Found,
}

impl Recovered {
    /// The people, points as pixels of the picture.
    pub fn people(&self, swapped: bool) -> &[Body] {
        if swapped {
            &self.swapped.people
        } else {
            &self.standard.people
        }
    }

    /// How well the drawing fits the scheme of limbs and dots, with and without exchange.
    pub fn fit(&self, swapped: bool) -> f64 {
        if swapped {
            self.swapped.fit
        } else {
            self.standard.fit
        }
    }

    /// Whether there is anything of a skeleton: one person with a few limbs.
    pub fn is_skeleton(&self) -> bool {
        let most = |found: &Found| found.people.iter().map(drawn_limbs).max().unwrap_or(0);
        most(&self.standard).max(most(&self.swapped)) >= 4
    }
}

fn drawn_limbs(body: &Body) -> usize {
    LIMBS
        .iter()
        .filter(|(a, b)| body[*a].is_some() && body[*b].is_some())
        .count()
}

/// At least this share of a rendered skeleton's picture is ground.
const LEAST_GROUND: f64 = 0.5;

/// Recovers the people drawn in a picture. `swapped` says how the colours are to be read;
/// `None` tries both. A picture that is no drawing of skeletons yields nobody.
pub fn recover(picture: &RgbImage, swapped: Option<bool>) -> Recovered {
    let map = InkMap::new(picture, false);
    let pixels = (map.width * map.height) as f64;
    if pixels == 0.0 || (map.black as f64) < LEAST_GROUND * pixels || map.coloured == 0 {
        return Recovered::default();
    }
    Recovered {
        standard: match swapped {
            Some(true) => Found::default(),
            _ => one_way(&map),
        },
        swapped: match swapped {
            Some(false) => Found::default(),
            _ => one_way(&map.exchanged()),
        },
    }
}

fn one_way(map: &InkMap) -> Found {
    let Some(blobs) = blobs::find(map) else {
        return Found::default();
    };
    let Some(scale) = candidates::scale(&blobs) else {
        return Found::default();
    };
    let all = candidates::candidates(map, &blobs, scale);
    let links = evidence::links(map, &all, scale);
    let size = [map.width as f64, map.height as f64];
    assemble::people(&all, links, scale, size)
}
