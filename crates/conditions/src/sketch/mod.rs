//! Line art: how dense, how laid out, and its perspective.

mod ink;
pub mod lines;
mod parts;
pub mod perspective;

use std::path::Path;

use decoupage_media::Pick;
use decoupage_shot::{ConditionKind, Outcome, ReadOptions, Region, Watch};
use image::RgbaImage;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::colour::Plane;
use crate::correct::Parts;
use crate::plain::{self, PlainReading, Sight};
pub use perspective::{Horizon, HorizonBy, VanishingPoint};

/// The longest side drawings are decoded at, pixels.
const DECODED: u32 = 768;

/// What was measured in line art.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct SketchReading {
    /// Size, length and look.
    #[serde(flatten)]
    #[ts(flatten)]
    pub plain: PlainReading,
    /// Whether the lines are light on a dark ground.
    #[serde(default)]
    pub light_on_dark: bool,
    /// Share of the picture that ink covers, 0–1.
    #[serde(default)]
    pub density: f64,
    /// Its main shapes, by ink.
    #[serde(default)]
    pub shapes: Vec<DrawnShape>,
    /// The height of the eye.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub horizon: Option<Horizon>,
    /// Where receding lines meet: one for one-point, two for two-point perspective.
    #[serde(default)]
    pub vanishing_points: Vec<VanishingPoint>,
}

/// A shape of a drawing: ink that hangs together.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct DrawnShape {
    /// What a person says it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub name: Option<String>,
    /// Its bounds, shares of the frame from the top left.
    pub bounds: Region,
    /// Where it is, completing "it is …".
    pub place: String,
    /// Share of the drawing's ink, 0–1.
    pub share: f64,
}

/// What the lines of a drawing say.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Drawn {
    /// Whether the lines are light on a dark ground.
    pub light_on_dark: bool,
    /// Share of the picture that ink covers, 0–1.
    pub density: f64,
    /// Its main shapes, by ink.
    pub shapes: Vec<DrawnShape>,
    /// The height of the eye.
    pub horizon: Option<Horizon>,
    /// Where receding lines meet.
    pub vanishing_points: Vec<VanishingPoint>,
}

impl From<PlainReading> for SketchReading {
    /// A reading of which nothing but the plain part is known.
    fn from(plain: PlainReading) -> Self {
        Self {
            plain,
            light_on_dark: false,
            density: 0.0,
            shapes: Vec::new(),
            horizon: None,
            vanishing_points: Vec::new(),
        }
    }
}

/// Measures a drawing.
pub fn measure(picture: &RgbaImage) -> Drawn {
    let plane = Plane::luma(picture);
    let (width, height) = (plane.width, plane.height);
    if width == 0 || height == 0 {
        return Drawn::default();
    }
    let ink = ink::split(&plane);
    let least = (width as f64).hypot(height as f64) * 0.05;
    let segments = lines::segments(&plane, least.max(12.0));
    let (wide, tall) = (width as f64, height as f64);
    let vanishing_points = perspective::vanishing(&segments, wide, tall);
    Drawn {
        light_on_dark: ink.light_on_dark,
        density: (ink.density * 10_000.0).round() / 10_000.0,
        shapes: ink::shapes(&ink, width, height),
        horizon: perspective::horizon(&segments, &vanishing_points, wide, tall),
        vanishing_points,
    }
}

/// What was measured in line art (the first frame of a clip).
///
/// # Errors
/// A fault with one sentence when the file cannot be decoded.
pub fn read(
    path: &Path,
    role: ConditionKind,
    options: &ReadOptions,
    watch: &dyn Watch,
) -> Outcome<SketchReading> {
    let sight = Sight {
        frames: Pick::Times(vec![0.0]),
        longest: DECODED,
    };
    let mut drawn = Drawn::default();
    let plain = plain::see(path, role, &sight, options, watch, &mut |still| {
        let frame = crate::colour::canvas::small(&still.picture, options.region.as_ref(), DECODED);
        drawn = measure(&frame);
        watch.go_on()
    })?;
    let marked = options.region.as_ref();
    for shape in &mut drawn.shapes {
        shape.bounds = plain::in_whole(marked, shape.bounds);
    }
    for point in &mut drawn.vanishing_points {
        point.at = plain::point_in_whole(marked, point.at);
    }
    if let (Some(horizon), Some(_)) = (&mut drawn.horizon, marked) {
        // Carried on to the edges of the whole frame.
        let [left, y0] = plain::point_in_whole(marked, [0.0, horizon.left]);
        let [right, y1] = plain::point_in_whole(marked, [1.0, horizon.right]);
        let slope = (y1 - y0) / (right - left).max(1e-3);
        let round = |value: f64| (value * 1000.0).round() / 1000.0;
        horizon.left = round(y0 - slope * left);
        horizon.right = round(y0 + slope * (1.0 - left));
    }
    let mut reading = SketchReading {
        light_on_dark: drawn.light_on_dark,
        density: drawn.density,
        shapes: drawn.shapes,
        horizon: drawn.horizon,
        vanishing_points: drawn.vanishing_points,
        plain,
    };
    reading.restate();
    Ok(reading)
}

#[cfg(test)]
mod tests;
