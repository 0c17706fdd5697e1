//! The look of a picture or clip: everything about it that a grade, a lens or a stock decides.

use decoupage_shot::Region;
use image::{DynamicImage, RgbaImage};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::bars::{self, Bars};
use super::focus::{self, Focus};
use super::grain;
use super::terms::{self, Term};
use super::tones::{self, Chromatic, Tint};
use crate::colour::plane::quantile;
use crate::colour::{Canvas, Lab, Plane, swatches};
use crate::identity::{Light, LightKey, Swatch, light};

/// The longest side frames should be decoded at for their grain to be seen, pixels.
pub const DECODED: u32 = 2048;
/// The most frames of a clip worth looking at.
pub const FRAMES: usize = 8;

/// What was measured of a look. Places are shares of the whole frame from the top left.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, TS)]
pub struct Look {
    /// Overall key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub key: Option<LightKey>,
    /// Spread of lightness between the 5th and 95th percentile, 0–1 (CIE L* / 100).
    pub contrast: f64,
    /// Lightness of the darkest hundredth, 0–1.
    pub black: f64,
    /// Lightness of the brightest hundredth, 0–1.
    pub white: f64,
    /// Mean chroma, 0–1 (CIELAB / 100).
    pub saturation: f64,
    /// Colour, toned or black and white.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub chromatic: Option<Chromatic>,
    /// Estimated colour temperature of the light as rendered, kelvin.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub temperature_k: Option<f64>,
    /// What the shadows lean to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub shadows: Option<Tint>,
    /// What the highlights lean to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub highlights: Option<Tint>,
    /// Noise in flat parts: standard deviation of luma in levels of 255, at the size it was
    /// looked at (no side beyond 2048 pixels).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub grain: Option<f64>,
    /// Steepness of the sharpest edges at a width of about 1024, 0–1: 1 from pixel to pixel.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub sharpness: Option<f64>,
    /// The sharp part, where the rest is soft.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub focus: Option<Focus>,
    /// The true picture inside black bars.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub picture: Option<Region>,
    /// Width over height of the true picture.
    pub ratio: f64,
    /// How much light all four corners lose, 0–1.
    pub vignette: f64,
    /// Film words that follow from these measurements, each with its reason.
    pub terms: Vec<Term>,
}

/// Gathers a look from frames, one at a time.
#[derive(Debug, Default)]
pub struct Meter {
    /// Whether frames are too small for grain, focus and the edges of bars to be told.
    coarse: bool,
    size: Option<(u32, u32)>,
    bars: Vec<Bars>,
    frames: Vec<Frame>,
    colours: Vec<Lab>,
}

/// What is kept of one frame.
#[derive(Debug)]
struct Frame {
    grain: Option<f64>,
    sharpness: focus::Sharpness,
    vignette: f64,
}

/// A gathered look with the colours and light inside the bars.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Metered {
    /// The look.
    pub look: Look,
    /// Colours of the true picture, by share.
    pub palette: Vec<Swatch>,
    /// Its light; `None` without a frame.
    pub light: Option<Light>,
}

impl Meter {
    /// For frames that were decoded small: tone and colour are told, nothing finer.
    pub fn coarse() -> Self {
        Self {
            coarse: true,
            ..Self::default()
        }
    }

    /// Looks at a frame, or at the marked part of it.
    pub fn add(&mut self, picture: &DynamicImage, region: Option<&Region>) {
        let frame = crate::colour::canvas::small(picture, region, DECODED);
        if frame.width() == 0 || frame.height() == 0 {
            return;
        }
        self.size.get_or_insert(frame.dimensions());
        let luma = Plane::luma(&frame);
        let bars = bars::of(&luma);
        let found = bars::picture(&[bars], luma.width, luma.height);
        let (luma, inside) = match found {
            Some(part) => within(&luma, frame, &part),
            None => (luma, DynamicImage::ImageRgba8(frame)),
        };
        self.bars.push(bars);
        let canvas = Canvas::of(&inside, None);
        let (grain, sharpness) = if self.coarse {
            (None, focus::Sharpness::default())
        } else {
            let grain = grain::of(&luma);
            (grain, focus::of(&luma, grain.unwrap_or(0.0)))
        };
        self.frames.push(Frame {
            grain,
            sharpness,
            vignette: tones::vignette(&canvas),
        });
        self.colours.extend(canvas.visible());
    }

    /// The look of all frames together.
    pub fn finish(mut self) -> Metered {
        let Some((width, height)) = self.size else {
            return Metered::default();
        };
        let light = light::of(self.colours.clone());
        let mut levels: Vec<f32> = self.colours.iter().map(|colour| colour.l).collect();
        let mut level = |share| round(f64::from(quantile(&mut levels, share)) / 100.0);
        let picture = bars::picture(&self.bars, width as usize, height as usize);
        let (wide, tall) = picture.map_or((1.0, 1.0), |part| (part.width, part.height));
        let chromatic = tones::chromatic(&self.colours);
        let toned = chromatic != Chromatic::Grey;
        let mut look = Look {
            key: Some(light.key),
            contrast: light.contrast,
            black: level(0.01),
            white: level(0.99),
            saturation: light.saturation,
            chromatic: Some(chromatic),
            temperature_k: toned.then(|| tones::temperature_k(&self.colours)).flatten(),
            shadows: toned
                .then(|| tones::tint(&self.colours, tones::SHADOWS))
                .flatten(),
            highlights: toned
                .then(|| tones::tint(&self.colours, tones::HIGHLIGHTS))
                .flatten(),
            grain: middle(self.frames.iter().filter_map(|frame| frame.grain)),
            sharpness: middle(self.frames.iter().filter_map(|f| f.sharpness.edges)),
            focus: self.focus().map(|focus| inside(focus, picture.as_ref())),
            picture,
            ratio: round(f64::from(width) * wide / (f64::from(height) * tall).max(1e-9)),
            vignette: middle(self.frames.iter().map(|frame| frame.vignette)).unwrap_or(0.0),
            terms: Vec::new(),
        };
        look.terms = terms::of(&look, &self.facts(&light));
        Metered {
            look,
            palette: swatches(std::mem::take(&mut self.colours).into_iter()),
            light: Some(light),
        }
    }

    /// A sharp part against soft ground counts where most frames show one.
    fn focus(&self) -> Option<Focus> {
        let found: Vec<Focus> = self
            .frames
            .iter()
            .filter_map(|f| f.sharpness.focus)
            .collect();
        (found.len() * 2 > self.frames.len())
            .then(|| found.get(found.len() / 2).copied())
            .flatten()
    }

    fn facts(&self, light: &Light) -> terms::Facts {
        let count = self.colours.len().max(1) as f64;
        let share = |fits: fn(&Lab) -> bool| {
            self.colours.iter().filter(|colour| fits(colour)).count() as f64 / count
        };
        terms::Facts {
            brightness: light.brightness,
            bright: share(|colour| colour.l > 70.0),
            dark: share(|colour| colour.l < 25.0),
            warmth: light.warmth,
            edges: self
                .frames
                .iter()
                .map(|f| f.sharpness.told)
                .max()
                .unwrap_or(0),
        }
    }
}

impl Look {
    /// Its places as places in the whole picture, of which it was read in a marked part.
    pub(crate) fn place(&mut self, marked: Option<&Region>) {
        let whole = |part: Region| crate::plain::in_whole(marked, part);
        self.picture = self.picture.map(whole);
        if let Some(focus) = &mut self.focus {
            focus.sharp = whole(focus.sharp);
        }
    }
}

/// The look of a few frames of one picture or clip, in their order. Frames should be decoded
/// with no side beyond [`DECODED`] pixels; what is larger is shrunk.
pub fn look<'a>(frames: impl IntoIterator<Item = &'a DynamicImage>) -> Look {
    let mut meter = Meter::default();
    for frame in frames {
        meter.add(frame, None);
    }
    meter.finish().look
}

/// The part of a frame inside its bars.
fn within(luma: &Plane, frame: RgbaImage, part: &Region) -> (Plane, DynamicImage) {
    let frame = DynamicImage::ImageRgba8(frame);
    match crate::colour::canvas::pixels(part, (frame.width(), frame.height())) {
        Some((x, y, width, height)) => {
            let plane = luma.part(x as usize, y as usize, width as usize, height as usize);
            (plane, frame.crop_imm(x, y, width, height))
        }
        None => (luma.clone(), frame),
    }
}

/// A place inside the bars as a place in the whole frame.
fn inside(focus: Focus, picture: Option<&Region>) -> Focus {
    let Some(picture) = picture else { return focus };
    let sharp = Region {
        x: round(picture.x + focus.sharp.x * picture.width),
        y: round(picture.y + focus.sharp.y * picture.height),
        width: round(focus.sharp.width * picture.width),
        height: round(focus.sharp.height * picture.height),
    };
    Focus { sharp, ..focus }
}

fn middle(values: impl Iterator<Item = f64>) -> Option<f64> {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).map(|value| round(*value))
}

fn round(value: f64) -> f64 {
    (value * 1000.0).round() / 1000.0
}
