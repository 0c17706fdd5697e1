//! Depth pictures and clips: polarity, colormap, layers, what moves.

use std::path::Path;

use decoupage_shot::{Outcome, Phase, Polarity, ReadOptions, Region, Watch};
use image::{DynamicImage, Rgba, RgbaImage};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::camera::MoveKind;
use crate::reading::{Statement, TimeSpan};

pub mod colormap;
mod flow;
mod layers;
pub(crate) mod layout;
mod maps;
mod motion;
mod movers;
mod parts;
pub(crate) mod places;
mod polarity;
mod words;

/// What was measured in a depth picture or clip.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct DepthReading {
    /// Number of frames.
    pub frames: u32,
    /// Length in seconds (0 for a picture).
    pub duration_s: f64,
    /// Whether the times are assumed, because the format stores none.
    pub times_assumed: bool,
    /// Which way depth runs.
    pub polarity: Polarity,
    /// How sure the polarity is, 0–1.
    pub polarity_confidence: f64,
    /// How depth is coloured.
    pub colormap: Colormap,
    /// How the picture is laid out.
    pub layout: DepthLayout,
    /// Near, middle, far: only the layers that are there, nearest first.
    pub layers: Vec<DepthLayer>,
    /// What moves independently of the picture as a whole, by size.
    pub moving_regions: Vec<MovingRegion>,
    /// Camera motion as far as depth shows it; `None` where it cannot be told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub camera_motion: Option<DepthMotion>,
    /// Sentences.
    pub statements: Vec<Statement>,
}

/// How depth is coloured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the names are the field's own")]
pub enum Colormap {
    Grey,
    Inferno,
    /// matplotlib's `Spectral_r`, Depth Anything's default.
    SpectralReversed,
    Turbo,
    Viridis,
    Magma,
    Plasma,
    Jet,
}

/// How a depth picture is laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum DepthLayout {
    /// Depth alone.
    Plain,
    /// Colour picture, white gap, depth.
    SideBySide,
}

/// One band of depth.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct DepthLayer {
    /// Which band.
    pub band: Band,
    /// Share of the frame it fills, 0–1.
    pub share: f64,
    /// Where it sits, in words ("along the bottom of the frame", "the upper third").
    pub place: String,
    /// Its bounding box.
    pub bounds: Region,
}

/// Near, middle or far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the names say it")]
pub enum Band {
    Near,
    Mid,
    Far,
}

/// Something that moves on its own.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct MovingRegion {
    /// Where, over the whole span.
    pub bounds: Region,
    /// In which band.
    pub band: Band,
    /// When.
    pub span: TimeSpan,
    /// Which way across the frame: share of width, right positive.
    pub dx: f64,
    /// Which way down the frame: share of height, down positive.
    pub dy: f64,
    /// How sure, 0–1.
    pub confidence: f64,
}

/// Camera motion seen in depth.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct DepthMotion {
    /// Which move: only static, dolly, truck, pedestal (and `complex`) can be told from depth.
    #[serde(rename = "move")]
    pub kind: MoveKind,
    /// How sure, 0–1.
    pub confidence: f64,
}

/// Reads a depth picture, clip or folder of frames.
///
/// # Errors
/// A fault with one sentence when the file cannot be decoded.
pub fn read(path: &Path, options: &ReadOptions, watch: &dyn Watch) -> Outcome<DepthReading> {
    let mut clip = maps::load(path, options, watch)?;
    let (detected, sure) = polarity::detect(&clip);
    let (polarity, polarity_confidence) = match options.polarity {
        Some(said) => (said, 1.0),
        None => (detected, sure),
    };
    // From here on the maps hold nearness.
    if polarity == Polarity::NearDark {
        for value in clip.maps.iter_mut().flatten() {
            *value = 1.0 - *value;
        }
    }
    let bands = layers::bands(&clip);
    let layers = layers::measure(&clip, &bands);
    let total = clip.maps.len() as u64;
    let fields = motion::fields(&clip, &mut |done| {
        watch.report(Phase::Reading, done as u64, total);
        watch.go_on()
    })?;
    let movers = movers::find(&clip, &fields, &bands);
    let camera_motion = motion::name(&clip, &fields);
    watch.report(Phase::Reading, total, total);
    let (frames, duration_s, times_assumed) = clip.length(options);
    let mut reading = DepthReading {
        frames,
        duration_s,
        times_assumed,
        polarity,
        polarity_confidence,
        colormap: clip.fit.map,
        layout: clip.layout,
        layers,
        moving_regions: movers.iter().map(|mover| mover.region.clone()).collect(),
        camera_motion,
        statements: Vec::new(),
    };
    reading.statements = words::statements(&reading, &movers);
    Ok(reading)
}

/// A depth picture in another colormap, near things at its bright end whatever the file's own
/// direction. Of a side-by-side picture only the depth is drawn.
pub fn recolour(picture: &DynamicImage, reading: &DepthReading, colormap: Colormap) -> RgbaImage {
    let (width, height, values) = maps::of_picture(picture, reading.colormap, reading.layout);
    let mut values = values.into_iter();
    RgbaImage::from_fn(width, height, |_, _| {
        let value = values.next().unwrap_or(f32::NAN);
        if !value.is_finite() {
            return Rgba([0, 0, 0, 0]);
        }
        let near = match reading.polarity {
            Polarity::NearBright => value,
            Polarity::NearDark => 1.0 - value,
        };
        let [r, g, b] = colormap.colour(near);
        Rgba([r, g, b, 255])
    })
}

#[cfg(test)]
mod tests;
