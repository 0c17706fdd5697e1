//! The plain reading that every other kind gets: size, length and look.

use std::path::Path;

use decoupage_media::{AudioInfo, MediaForm, MediaInfo, Pick};
use decoupage_shot::{Code, ConditionKind, Fault, Outcome, Phase, ReadOptions, Watch};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::colour::{Canvas, main_colours, swatches};
use crate::identity::words::{list, share_words};
use crate::identity::{EmbeddedPrompt, Light, Swatch, embedded, light};
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
    let mut canvases = Vec::new();
    decoupage_media::stills(
        path,
        &Pick::Even(FRAMES),
        Some(DECODED),
        options.fps,
        watch,
        &mut |still| {
            canvases.push(Canvas::of(&still.picture, options.region.as_ref()));
            Ok(())
        },
    )?;
    let reading = of_clip(path, role, options, &info, sound.is_some(), &canvases)?;
    watch.report(Phase::Reading, 1, 1);
    Ok(reading)
}

/// The plain reading of a clip whose frames were looked at already; `canvases` are some of them,
/// evenly spread.
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
    let Some(first) = canvases.first() else {
        return Err(Fault::new(Code::Damaged, "No frame of this clip can be decoded.").at(path));
    };
    let colours: Vec<_> = canvases.iter().flat_map(Canvas::visible).collect();
    let mut reading = PlainReading {
        role,
        width: Some(info.width),
        height: Some(info.height),
        duration_s: length(info, options),
        has_audio,
        palette: swatches(colours.iter().copied()),
        light: None,
        embedded_prompt: embedded::find(path),
        statements: Vec::new(),
    };
    let light = light::of(colours);
    reading.light = Some(light);
    reading.statements = seen(&reading, info, &light, first);
    if has_audio {
        reading.statements.push(Statement::new(
            "The clip carries a sound track.",
            Evidence::Format,
            1.0,
        ));
    }
    if let Some(found) = &reading.embedded_prompt {
        reading.statements.push(embedded::statement(found));
    }
    Ok(reading)
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

/// The sentences about pictures.
fn seen(
    reading: &PlainReading,
    info: &MediaInfo,
    light: &Light,
    canvas: &Canvas,
) -> Vec<Statement> {
    let mut statements = Vec::new();
    if let Some(duration_s) = reading.duration_s {
        statements.push(Statement::new(
            format!("The clip runs {}.", seconds(duration_s)),
            Evidence::measured("length", duration_s, "s"),
            // A folder of frames stores no rate.
            if info.duration_s.is_some() { 1.0 } else { 0.5 },
        ));
    }
    if reading.role == ConditionKind::MaskedImage {
        statements.push(hole(canvas));
    }
    let colours = main_colours(&reading.palette);
    if reading.role == ConditionKind::Sketch {
        let dark = light.brightness < 0.5;
        let text = if dark {
            "Light lines on a dark ground."
        } else {
            "Dark lines on a light ground."
        };
        statements.push(Statement::new(
            text,
            Evidence::measured("mean lightness", light.brightness, "share"),
            0.8,
        ));
        return statements;
    }
    if let Some(largest) = reading.palette.first() {
        let what = if reading.role == ConditionKind::Segmentation {
            "Its regions are marked in"
        } else if colours.len() == 1 {
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
    if reading.role != ConditionKind::Segmentation {
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

/// How much of a masked picture is open, and where.
fn hole(canvas: &Canvas) -> Statement {
    let share = canvas.clear_share();
    if share < 0.002 {
        return Statement::new(
            "No part of the picture is transparent, so nothing marks what to fill.",
            Evidence::measured("transparent share", share, "share"),
            0.9,
        );
    }
    let mask: Vec<f32> = canvas
        .alpha
        .iter()
        .map(|alpha| if *alpha < 128 { 1.0 } else { 0.0 })
        .collect();
    let place = crate::depth::places::of(&mask, canvas.width, canvas.height);
    let place = match place.words.as_str() {
        words
            if ["the ", "most ", "almost "]
                .iter()
                .any(|start| words.starts_with(start)) =>
        {
            String::new()
        }
        words => format!(", {words}"),
    };
    let part = share_words(share);
    let part = part
        .strip_prefix("about ")
        .map_or(part.to_owned(), |part| format!("About {part}"));
    let mut part = part;
    if let Some(first) = part.get(..1).map(str::to_uppercase) {
        part.replace_range(..1, &first);
    }
    Statement::new(
        format!("{part} of the picture is open to be filled{place}."),
        Evidence::measured("transparent share", share, "share"),
        0.95,
    )
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
    fn a_masked_picture_says_how_much_is_open_and_where() {
        let reading = picture(ConditionKind::MaskedImage, |x, y| {
            let open = (10..50).contains(&x) && (20..60).contains(&y);
            [120, 60, 40, if open { 0 } else { 255 }]
        });
        let first = &reading.statements[0].text;
        assert!(
            first.starts_with("About a fifth of the picture is open"),
            "{first}"
        );
        assert!(first.contains("left"), "{first}");
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
    fn line_art_says_which_way_round_it_is() {
        let reading = picture(ConditionKind::Sketch, |x, _| {
            if x % 20 == 0 {
                [10, 10, 10, 255]
            } else {
                [255, 255, 255, 255]
            }
        });
        assert_eq!(reading.statements[0].text, "Dark lines on a light ground.");
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
