//! The plain reading that every other kind gets: size, length and look.

use std::path::Path;

use decoupage_media::{AudioInfo, MediaForm, MediaInfo, Pick, Still};
use decoupage_shot::{
    Change, Code, ConditionKind, Fault, Outcome, Phase, ReadOptions, Region, Watch,
};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::colour::canvas::pixels;
use crate::colour::{Canvas, Lab, main_colours, swatches};
use crate::identity::words::list;
use crate::identity::{EmbeddedPrompt, Light, Swatch, embedded, light};
use crate::outline::{Item, Mark, Shape};
use crate::reading::{Evidence, Statement};

/// What can be said of any picture, clip or sound.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct PlainReading {
    /// What the condition is for.
    #[serde(rename = "as")]
    pub role: ConditionKind,
    /// Picture width, pixels, upright; absent for sound.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub width: Option<u32>,
    /// Picture height, pixels, upright.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub height: Option<u32>,
    /// Length in seconds; absent for stills.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub duration_s: Option<f64>,
    /// Whether there is sound.
    pub has_audio: bool,
    /// Colours, by share, largest first.
    pub palette: Vec<Swatch>,
    /// Light and contrast; absent for sound.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub light: Option<Light>,
    /// A prompt or description embedded in the file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub embedded_prompt: Option<EmbeddedPrompt>,
    /// Sentences.
    pub statements: Vec<Statement>,
}

/// The most frames of a clip that are looked at.
const FRAMES: usize = 8;
/// The longest side frames are decoded at, pixels.
const DECODED: u32 = 512;

/// Which frames a kind of reading looks at, and how large.
#[derive(Debug, Clone)]
pub(crate) struct Sight {
    /// Which.
    pub frames: Pick,
    /// The longest side, pixels.
    pub longest: u32,
}

impl Default for Sight {
    fn default() -> Self {
        Self {
            frames: Pick::Even(FRAMES),
            longest: DECODED,
        }
    }
}

/// Reads what can be said of any file.
///
/// # Errors
/// A fault with one sentence when the file cannot be decoded, or holds sound where pictures
/// are needed and the reverse.
pub fn read(
    path: &Path,
    role: ConditionKind,
    options: &ReadOptions,
    watch: &dyn Watch,
) -> Outcome<PlainReading> {
    let sight = Sight::default();
    let mut reading = see(path, role, &sight, options, watch, &mut |_| Ok(()))?;
    if reading.light.is_some() {
        let said = looks(&reading);
        restate(&mut reading, said);
    }
    Ok(reading)
}

/// Reads size, length, colours and light, shows every frame that is looked at to `on`, and
/// leaves the sentences about what is seen to the kind: only those that rest on the file are
/// there.
///
/// # Errors
/// As [`read`], and whatever `on` returns.
pub(crate) fn see(
    path: &Path,
    role: ConditionKind,
    sight: &Sight,
    options: &ReadOptions,
    watch: &dyn Watch,
    on: &mut dyn FnMut(&Still) -> Outcome<()>,
) -> Outcome<PlainReading> {
    watch.report(Phase::Reading, 0, 1);
    let info = decoupage_media::probe(path)?;
    let sound = decoupage_media::audio(path)?;
    let mut reading = PlainReading {
        role,
        width: None,
        height: None,
        duration_s: length(&info, options),
        has_audio: sound.is_some(),
        palette: Vec::new(),
        light: None,
        embedded_prompt: None,
        statements: Vec::new(),
    };
    if role == ConditionKind::Audio || info.form == MediaForm::Audio {
        if role != ConditionKind::Audio {
            return Err(
                Fault::new(Code::Unsupported, "This file holds sound and no pictures.")
                    .advise("Add it as audio.")
                    .at(path),
            );
        }
        let Some(sound) = sound else {
            return Err(Fault::new(Code::Unsupported, "There is no sound in this file.").at(path));
        };
        reading.duration_s = sound.duration_s.or(reading.duration_s);
        reading.statements.extend(heard(&sound, reading.duration_s));
        watch.report(Phase::Reading, 1, 1);
        return Ok(reading);
    }
    let mut colours = Vec::new();
    let mut seen = false;
    decoupage_media::stills(
        path,
        &sight.frames,
        Some(sight.longest),
        options.fps,
        watch,
        &mut |still| {
            let canvas = Canvas::of(&still.picture, options.region.as_ref());
            colours.extend(canvas.visible());
            seen = true;
            on(&still)
        },
    )?;
    if !seen {
        return Err(Fault::new(Code::Damaged, "No frame of this clip can be decoded.").at(path));
    }
    fill(&mut reading, path, &info, colours);
    watch.report(Phase::Reading, 1, 1);
    Ok(reading)
}

/// The plain reading of a clip whose frames were looked at already; `canvases` are some of them,
/// evenly spread. The sentences about what is seen are left to the kind.
///
/// # Errors
/// A fault where there is no frame.
pub(crate) fn of_clip(
    path: &Path,
    role: ConditionKind,
    options: &ReadOptions,
    info: &MediaInfo,
    has_audio: bool,
    canvases: &[Canvas],
) -> Outcome<PlainReading> {
    if canvases.is_empty() {
        return Err(Fault::new(Code::Damaged, "No frame of this clip can be decoded.").at(path));
    }
    let mut reading = PlainReading {
        role,
        width: None,
        height: None,
        duration_s: length(info, options),
        has_audio,
        palette: Vec::new(),
        light: None,
        embedded_prompt: None,
        statements: Vec::new(),
    };
    let colours = canvases.iter().flat_map(Canvas::visible).collect();
    fill(&mut reading, path, info, colours);
    Ok(reading)
}

/// What pictures say, and the sentences that rest on the file.
fn fill(reading: &mut PlainReading, path: &Path, info: &MediaInfo, colours: Vec<Lab>) {
    reading.width = Some(info.width);
    reading.height = Some(info.height);
    reading.palette = swatches(colours.iter().copied());
    reading.light = Some(light::of(colours));
    reading.embedded_prompt = embedded::find(path);
    if let Some(duration_s) = reading.duration_s {
        reading.statements.push(Statement::new(
            format!("The clip runs {}.", seconds(duration_s)),
            Evidence::measured("length", duration_s, "s"),
            // A folder of frames stores no rate.
            if info.duration_s.is_some() { 1.0 } else { 0.5 },
        ));
    }
    if reading.has_audio {
        reading.statements.push(Statement::new(
            "The clip carries a sound track.",
            Evidence::Format,
            1.0,
        ));
    }
    if let Some(found) = &reading.embedded_prompt {
        reading.statements.push(embedded::statement(found));
    }
}

/// Puts the sentences about what is seen in place, after the length and before those that rest
/// on the file.
pub(crate) fn restate(reading: &mut PlainReading, said: Vec<Statement>) {
    let kept = std::mem::take(&mut reading.statements);
    let is_length = |statement: &Statement| matches!(&statement.evidence, Evidence::Measurement { quantity, .. } if quantity == "length");
    let (lengths, others): (Vec<_>, Vec<_>) = kept.into_iter().partition(is_length);
    let of_file = others.into_iter().filter(|statement| {
        matches!(
            statement.evidence,
            Evidence::Metadata { .. } | Evidence::Format | Evidence::Model { .. }
        )
    });
    reading.statements = lengths.into_iter().chain(said).chain(of_file).collect();
}

/// The sentences about colours and light.
pub(crate) fn looks(reading: &PlainReading) -> Vec<Statement> {
    let mut statements = Vec::new();
    let colours = main_colours(&reading.palette);
    if let Some(largest) = reading.palette.first() {
        let what = if colours.len() == 1 {
            "Its main colour is"
        } else {
            "Its main colours are"
        };
        statements.push(Statement::new(
            format!("{what} {}.", list(&colours)),
            Evidence::measured("palette", largest.share, "share"),
            0.85,
        ));
    }
    if let Some(light) = &reading.light {
        let tone =
            light::tone(light).map_or(String::new(), |tone| format!("; its colours are {tone}"));
        statements.push(Statement::new(
            format!("It is {}{tone}.", light::words(light)),
            Evidence::measured("mean lightness", light.brightness, "share"),
            0.85,
        ));
    }
    statements
}

/// The colours as items that can be renamed and deleted.
pub(crate) fn colour_items(palette: &[Swatch], key: &str) -> Vec<Item> {
    palette
        .iter()
        .enumerate()
        .map(|(number, swatch)| {
            Item::new(format!("{key}/{number}"), capital(&swatch.name), 0.85)
                .renamed_to(Vec::new())
                .resting_on(Evidence::measured("share", swatch.share, "share"))
                .drawn([Mark::new(Shape::Swatch {
                    hex: swatch.hex.clone(),
                })])
        })
        .collect()
}

/// Corrects one of the colours that [`colour_items`] lists; `false` where it is none.
pub(crate) fn correct_colour(
    palette: &mut Vec<Swatch>,
    prefix: &str,
    key: &str,
    change: &Change,
) -> bool {
    let number = key
        .strip_prefix(prefix)
        .and_then(|rest| rest.strip_prefix('/'))
        .and_then(|number| number.parse::<usize>().ok());
    let Some(number) = number.filter(|number| *number < palette.len()) else {
        return false;
    };
    match change {
        Change::Delete => {
            palette.remove(number);
            true
        }
        Change::Rename { to } => palette.get_mut(number).is_some_and(|swatch| {
            swatch.name.clone_from(to);
            true
        }),
        Change::Retime { .. } => false,
    }
}

/// A place within the marked part of a picture as a place in the whole; as it is where no part
/// is marked.
pub(crate) fn in_whole(marked: Option<&Region>, part: Region) -> Region {
    let Some(marked) = marked.filter(|marked| pixels(marked, (1000, 1000)).is_some()) else {
        return part;
    };
    let round = |value: f64| (value * 10_000.0).round() / 10_000.0;
    Region {
        x: round(marked.x + part.x * marked.width),
        y: round(marked.y + part.y * marked.height),
        width: round(part.width * marked.width),
        height: round(part.height * marked.height),
    }
}

/// A point within the marked part of a picture as a point in the whole.
pub(crate) fn point_in_whole(marked: Option<&Region>, [x, y]: [f64; 2]) -> [f64; 2] {
    let point = Region {
        x,
        y,
        width: 0.0,
        height: 0.0,
    };
    let whole = in_whole(marked, point);
    [whole.x, whole.y]
}

/// A place from [`crate::depth::places`] as a predicate: "fills the upper third of the frame",
/// "lies on the left of the frame".
pub(crate) fn lies(place: &str) -> String {
    let fills = ["the ", "most ", "almost "]
        .iter()
        .any(|start| place.starts_with(start));
    format!("{} {place}", if fills { "fills" } else { "lies" })
}

/// Words with a capital first letter.
pub(crate) fn capital(words: &str) -> String {
    let mut letters = words.chars();
    letters
        .next()
        .map(|first| first.to_uppercase().chain(letters).collect())
        .unwrap_or_default()
}

/// Length in seconds; `None` for stills.
fn length(info: &MediaInfo, options: &ReadOptions) -> Option<f64> {
    if info.form == MediaForm::Picture || (info.form != MediaForm::Audio && info.frames <= 1) {
        return None;
    }
    info.duration_s.or_else(|| {
        let rate = options.fps.filter(|fps| fps.is_finite() && *fps > 0.0);
        Some(info.frames as f64 / rate.unwrap_or(decoupage_media::ASSUMED_FPS))
    })
}

fn heard(sound: &AudioInfo, duration_s: Option<f64>) -> Option<Statement> {
    let channels = match sound.channels {
        1 => "in mono".to_owned(),
        2 => "in stereo".to_owned(),
        number => format!("on {number} channels"),
    };
    let duration_s = duration_s?;
    Some(Statement::new(
        format!("The sound lasts {}, {channels}.", seconds(duration_s)),
        Evidence::measured("length", duration_s, "s"),
        1.0,
    ))
}

fn seconds(duration_s: f64) -> String {
    let rounded = (duration_s * 10.0).round() / 10.0;
    if (rounded - 1.0).abs() < 1e-9 {
        "1 second".to_owned()
    } else if (rounded - rounded.round()).abs() < 1e-9 {
        format!("{rounded:.0} seconds")
    } else {
        format!("{rounded:.1} seconds")
    }
}

#[cfg(test)]
mod tests {
    use decoupage_shot::Silent;
    use image::{Rgba, RgbaImage};

    use super::*;

    fn picture(role: ConditionKind, make: impl Fn(u32, u32) -> [u8; 4]) -> PlainReading {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("picture.png");
        RgbaImage::from_fn(120, 80, |x, y| Rgba(make(x, y)))
            .save(&path)
            .expect("saved");
        read(&path, role, &ReadOptions::default(), &Silent).expect("read")
    }

    #[test]
    fn a_style_picture_has_colours_and_light() {
        let reading = picture(ConditionKind::Style, |x, _| {
            if x < 80 {
                [0x16, 0x21, 0x3f, 255]
            } else {
                [0xe6, 0xa0, 0x1e, 255]
            }
        });
        assert_eq!(
            reading.statements[0].text,
            "Its main colours are navy and amber."
        );
        assert_eq!((reading.width, reading.height), (Some(120), Some(80)));
        assert_eq!(reading.duration_s, None);
    }

    #[test]
    fn a_picture_is_no_sound() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("picture.png");
        RgbaImage::new(8, 8).save(&path).expect("saved");
        let fault = read(
            &path,
            ConditionKind::Audio,
            &ReadOptions::default(),
            &Silent,
        );
        assert_eq!(
            fault.map_err(|f| f.message),
            Err("There is no sound in this file.".to_owned())
        );
    }
}
