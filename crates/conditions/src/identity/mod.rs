//! Identity pictures: how the subject sits in the picture, its ground, colours and light, and
//! what is written in the file.

use std::path::Path;

use decoupage_shot::{Outcome, Phase, ReadOptions, Region, Watch};
use image::DynamicImage;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::colour::{Canvas, swatches};
use crate::reading::Statement;

mod crop;
pub mod embedded;
pub mod ground;
pub mod light;
mod parts;
mod signature;
pub mod views;
pub(crate) mod words;

pub use crop::Crop;
pub use signature::Signature;

/// What was measured in an identity picture.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, TS)]
pub struct IdentityReading {
    /// Picture width, pixels, upright.
    pub width: u32,
    /// Picture height, pixels, upright.
    pub height: u32,
    /// The subject's colours where it can be told from the ground, else the picture's; by
    /// share, largest first.
    pub palette: Vec<Swatch>,
    /// How the subject sits in the picture.
    pub framing: SubjectFraming,
    /// The ground behind the subject.
    pub background: Background,
    /// Light and contrast.
    pub light: Light,
    /// A prompt or description embedded in the file: offered, never taken as measured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub embedded_prompt: Option<EmbeddedPrompt>,
    /// How much of a person is in frame, where the outline tells.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub crop: Option<Crop>,
    /// The subject by itself, where it can be told from the ground.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub figure: Option<Figure>,
    /// The subject's colours in the upper, middle and lower third of its height, where it can
    /// be told from the ground.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub regions: Option<FigureRegions>,
    /// What the picture and its subject are recognised by.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub signature: Option<Signature>,
    /// What a model on this computer says of it; filled in by the application.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub described: Option<Description>,
    /// Sentences.
    pub statements: Vec<Statement>,
}

/// The subject by itself.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, TS)]
pub struct Figure {
    /// Light and contrast of the subject alone.
    pub light: Light,
    /// Mean lightness of the subject less the ground's, CIE L*; for plain grounds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub over_ground: Option<f64>,
    /// Share of the picture that the subject covers, 0–1.
    pub share: f64,
    /// How sure the separation from the ground is, 0–1.
    pub confidence: f64,
}

/// Colours of a figure from top to bottom: of a person on their feet head and shoulders, trunk,
/// legs. Shares are of each third.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, TS)]
pub struct FigureRegions {
    /// The upper third.
    pub upper: Vec<Swatch>,
    /// The middle third.
    pub middle: Vec<Swatch>,
    /// The lower third.
    pub lower: Vec<Swatch>,
}

/// What a model says of a picture.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Description {
    /// Its words, a full sentence.
    pub text: String,
    /// Which model.
    pub model: String,
}

/// One colour of a palette.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct Swatch {
    /// The name people use ("deep red", "off-white").
    pub name: String,
    /// sRGB, `#rrggbb`.
    pub hex: String,
    /// Share of what the palette is of, 0–1.
    pub share: f64,
}

/// How the subject sits in the picture. Without a plain or cut-out ground the subject cannot
/// be told from the picture: then `subject` is `None` and nothing is claimed.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, TS)]
pub struct SubjectFraming {
    /// The subject's bounding box.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub subject: Option<Region>,
    /// Whether the subject is cut off by the lower edge (so not a full figure).
    pub cut_at_bottom: bool,
    /// Orientation of the picture.
    pub orientation: Orientation,
}

/// Orientation of a picture.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the names say it")]
pub enum Orientation {
    #[default]
    Portrait,
    Landscape,
    Square,
}

/// The ground behind a subject.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, TS)]
pub struct Background {
    /// What kind.
    pub kind: BackgroundKind,
    /// Its colour, for plain grounds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub colour: Option<Swatch>,
}

/// What kind of ground.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum BackgroundKind {
    /// One even colour or a smooth gradient.
    Plain,
    /// Transparent.
    CutOut,
    /// A place.
    #[default]
    Scene,
}

/// Light and contrast.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize, TS)]
pub struct Light {
    /// Overall key.
    pub key: LightKey,
    /// Mean luminance, 0–1, CIE L* / 100.
    pub brightness: f64,
    /// Contrast: spread of luminance between the 5th and 95th percentile, 0–1.
    pub contrast: f64,
    /// Colour temperature: below 0 cool, above 0 warm, −1–1.
    pub warmth: f64,
    /// Mean chroma, 0–1.
    pub saturation: f64,
}

/// Overall key.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the names are the field's own")]
pub enum LightKey {
    High,
    #[default]
    Middle,
    Low,
}

/// A prompt or description found in a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct EmbeddedPrompt {
    /// Where it was found ("ComfyUI workflow", "A1111 parameters", "XMP description", "IPTC caption",
    /// "EXIF description").
    pub source: String,
    /// The words.
    pub text: String,
    /// The negative prompt, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub negative: Option<String>,
}

/// The longest side a picture is decoded at, pixels; measuring shrinks it further.
const DECODED: u32 = 1024;

/// Reads an identity picture (the first frame of a clip).
///
/// # Errors
/// A fault with one sentence when the file cannot be decoded.
pub fn read(path: &Path, options: &ReadOptions, watch: &dyn Watch) -> Outcome<IdentityReading> {
    watch.report(Phase::Reading, 0, 1);
    let (info, picture) = crate::picture::first(path, Some(DECODED), watch)?;
    watch.go_on()?;
    let mut reading = measure(&picture, options.region.as_ref());
    watch.go_on()?;
    (reading.width, reading.height) = (info.width, info.height);
    reading.framing.orientation = orientation(info.width, info.height);
    reading.embedded_prompt = embedded::find(path);
    if let Some(embedded) = &reading.embedded_prompt {
        reading.statements.push(embedded::statement(embedded));
    }
    watch.report(Phase::Reading, 1, 1);
    Ok(reading)
}

/// Measures a picture, or the marked part of it.
pub fn measure(picture: &DynamicImage, region: Option<&Region>) -> IdentityReading {
    let (width, height) = (picture.width(), picture.height());
    let region =
        region.filter(|region| crate::colour::canvas::pixels(region, (width, height)).is_some());
    let canvas = Canvas::of(picture, region);
    let ground = ground::split(&canvas);
    let thirds = signature::thirds(&canvas, &ground);
    let told = !ground.subject.is_empty();
    let palette = if ground.subject.is_empty() {
        swatches(canvas.visible())
    } else {
        let subject = canvas.lab.iter().zip(&ground.subject).zip(&canvas.alpha);
        // Half-transparent edges mix in whatever lies under them.
        swatches(
            subject
                .filter(|((_, is), alpha)| **is && **alpha >= 200)
                .map(|((lab, _), _)| *lab),
        )
    };
    let colour = (ground.kind == BackgroundKind::Plain)
        .then(|| ground_colour(&canvas, &ground))
        .flatten();
    let framing = SubjectFraming {
        subject: subject_region(&canvas, &ground, region),
        cut_at_bottom: ground.cut_at_bottom
            && region.is_none_or(|region| region.y + region.height > 0.985),
        orientation: orientation(width, height),
    };
    let mut reading = IdentityReading {
        width,
        height,
        palette,
        framing,
        background: Background {
            kind: ground.kind,
            colour,
        },
        light: light::measure(&canvas),
        embedded_prompt: None,
        crop: region
            .is_none()
            .then(|| crop::of(&ground, canvas.width))
            .flatten(),
        figure: told.then(|| figure(&canvas, &ground)),
        signature: Some(signature::of(picture, &thirds)),
        regions: told.then(|| {
            let [upper, middle, lower] = thirds.map(|colours| swatches(colours.into_iter()));
            FigureRegions {
                upper,
                middle,
                lower,
            }
        }),
        described: None,
        statements: Vec::new(),
    };
    reading.statements = words::statements(&reading);
    reading
}

/// The subject's own light, and how it stands against its ground.
fn figure(canvas: &Canvas, ground: &ground::Ground) -> Figure {
    let of = |subject: bool| -> Vec<crate::colour::Lab> {
        canvas
            .lab
            .iter()
            .zip(&ground.subject)
            .filter(|(_, is)| **is == subject)
            .map(|(lab, _)| *lab)
            .collect()
    };
    let mean = |colours: &[crate::colour::Lab]| {
        colours.iter().map(|c| f64::from(c.l)).sum::<f64>() / colours.len().max(1) as f64
    };
    let (subject, behind) = (of(true), of(false));
    let over = mean(&subject) - mean(&behind);
    let share = subject.len() as f64 / canvas.lab.len().max(1) as f64;
    let round = |value: f64| (value * 1000.0).round() / 1000.0;
    Figure {
        over_ground: (ground.kind == BackgroundKind::Plain).then(|| (over * 10.0).round() / 10.0),
        share: round(share),
        confidence: round(ground.confidence),
        light: light::of(subject),
    }
}

/// The ground's middle colour, as a swatch whose share is of the whole picture.
fn ground_colour(canvas: &Canvas, ground: &ground::Ground) -> Option<Swatch> {
    let colours: Vec<_> = canvas
        .lab
        .iter()
        .zip(&ground.subject)
        .filter(|(_, subject)| !**subject)
        .map(|(lab, _)| *lab)
        .collect();
    let share = colours.len() as f64 / canvas.lab.len().max(1) as f64;
    let mut palette = swatches(colours.into_iter());
    (!palette.is_empty()).then(|| Swatch {
        share: (share * 1000.0).round() / 1000.0,
        ..palette.swap_remove(0)
    })
}

/// The subject's bounds as shares of the whole picture. A person who marks a part of a picture
/// says where the subject is; nothing finer than the mark is claimed in a scene.
fn subject_region(
    canvas: &Canvas,
    ground: &ground::Ground,
    region: Option<&Region>,
) -> Option<Region> {
    let whole = Region {
        x: 0.0,
        y: 0.0,
        width: 1.0,
        height: 1.0,
    };
    let within = region.unwrap_or(&whole);
    let Some([left, top, right, bottom]) = ground.bounds else {
        return region.copied();
    };
    let across = |x: usize| x as f64 / canvas.width.max(1) as f64 * within.width;
    let down = |y: usize| y as f64 / canvas.height.max(1) as f64 * within.height;
    let round = |value: f64| (value * 1000.0).round() / 1000.0;
    Some(Region {
        x: round(within.x + across(left)),
        y: round(within.y + down(top)),
        width: round(across(right) - across(left)),
        height: round(down(bottom) - down(top)),
    })
}

fn orientation(width: u32, height: u32) -> Orientation {
    let ratio = f64::from(width) / f64::from(height.max(1));
    if ratio > 1.05 {
        Orientation::Landscape
    } else if ratio < 0.95 {
        Orientation::Portrait
    } else {
        Orientation::Square
    }
}

#[cfg(test)]
mod tests;
