//! Which joint or limb colour a pixel has.

use image::RgbImage;

/// What a pixel is, as far as the eighteen colours go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ink {
    /// Ground.
    Black,
    /// Colour `i` at the brightness of limbs (×0.6).
    Limb(u8),
    /// Colour `i` at the full brightness of joint dots.
    Dot(u8),
    /// Something else: the white dots of faces, blurred edges.
    Other,
}

/// Every pixel's ink, row by row.
#[derive(Debug, Clone)]
pub struct InkMap {
    /// Width in pixels.
    pub width: usize,
    /// Height in pixels.
    pub height: usize,
    codes: Vec<u8>,
    /// How many pixels are ground.
    pub black: usize,
    /// How many have one of the colours.
    pub coloured: usize,
}

/// The raw code of ground.
pub(super) const GROUND: u8 = 0;
const OTHER: u8 = u8::MAX;
const DOT: u8 = 32;

/// Darker pixels are ground; compression leaves specks of up to about 40 around edges.
const GROUND_BELOW: u8 = 60;
/// Full colours have 255, limbs 153: the border lies midway.
const DOT_FROM: u8 = 204;
/// The eighteen colours are fully saturated; video leaves at least half of it inside shapes.
const LEAST_SATURATION: f32 = 0.5;
/// Colours that a red-blue exchange maps onto each other have indices that add up to this.
const SWAP_SUM: u8 = 12;

impl InkMap {
    /// Sorts the pixels of a picture. With `swapped`, red and blue are exchanged first.
    pub fn new(picture: &RgbImage, swapped: bool) -> Self {
        let mut black = 0;
        let mut coloured = 0;
        let codes = picture
            .as_raw()
            .chunks_exact(3)
            .map(|pixel| {
                let code = code([pixel[0], pixel[1], pixel[2]]);
                match code {
                    GROUND => black += 1,
                    OTHER => {}
                    _ => coloured += 1,
                }
                if swapped { swap(code) } else { code }
            })
            .collect();
        Self {
            width: picture.width() as usize,
            height: picture.height() as usize,
            codes,
            black,
            coloured,
        }
    }

    /// The same picture with red and blue exchanged: hue h becomes 240° − h, so the colours
    /// map onto one another.
    #[must_use]
    pub fn exchanged(&self) -> Self {
        Self {
            codes: self.codes.iter().map(|&code| swap(code)).collect(),
            ..*self
        }
    }

    /// The ink at a pixel; outside the picture nothing can be told.
    pub fn at(&self, x: i64, y: i64) -> Ink {
        if x < 0 || y < 0 || x >= self.width as i64 || y >= self.height as i64 {
            return Ink::Other;
        }
        self.codes
            .get(y as usize * self.width + x as usize)
            .map_or(Ink::Other, |&code| decode(code))
    }

    /// The raw code at an index: equal codes are equal inks, 0 is ground.
    pub(super) fn code(&self, index: usize) -> u8 {
        self.codes.get(index).copied().unwrap_or(OTHER)
    }
}

/// The ink of a raw code.
pub(super) fn decode(code: u8) -> Ink {
    match code {
        GROUND => Ink::Black,
        OTHER => Ink::Other,
        dot if dot >= DOT => Ink::Dot(dot - DOT),
        limb => Ink::Limb(limb - 1),
    }
}

fn swap(code: u8) -> u8 {
    let other = |index: u8| (SWAP_SUM + 18 - index) % 18;
    match decode(code) {
        Ink::Limb(index) => 1 + other(index),
        Ink::Dot(index) => DOT + other(index),
        Ink::Black | Ink::Other => code,
    }
}

fn code([r, g, b]: [u8; 3]) -> u8 {
    let most = r.max(g).max(b);
    // Most of a drawing is ground.
    if most < GROUND_BELOW {
        return GROUND;
    }
    let least = r.min(g).min(b);
    let spread = f32::from(most - least);
    if spread < LEAST_SATURATION * f32::from(most) {
        return OTHER;
    }
    let (r, g, b) = (f32::from(r), f32::from(g), f32::from(b));
    let sixth = if r >= g && r >= b {
        (g - b) / spread
    } else if g >= b {
        2.0 + (b - r) / spread
    } else {
        4.0 + (r - g) / spread
    };
    // One colour every 20°: a third of a sixth of the circle.
    let index = ((sixth * 3.0).round() as i32).rem_euclid(18) as u8;
    if most >= DOT_FROM {
        DOT + index
    } else {
        1 + index
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::joints::COLOURS;
    use super::*;

    #[test]
    fn every_colour_is_itself_at_both_brightnesses() {
        for (index, colour) in COLOURS.iter().enumerate() {
            assert_eq!(decode(code(*colour)), Ink::Dot(index as u8));
            let dimmed = colour.map(|v| (f64::from(v) * 0.6) as u8);
            assert_eq!(decode(code(dimmed)), Ink::Limb(index as u8));
        }
    }

    #[test]
    fn an_exchange_of_red_and_blue_is_undone() {
        for (index, [r, g, b]) in COLOURS.iter().enumerate() {
            assert_eq!(decode(swap(code([*b, *g, *r]))), Ink::Dot(index as u8));
        }
    }

    #[test]
    fn white_and_black_are_no_colour() {
        assert_eq!(decode(code([255, 255, 255])), Ink::Other);
        assert_eq!(decode(code([12, 0, 0])), Ink::Black);
    }
}
