//! What style pictures, drawings, segmentations, frames, reference clips and sounds add to a
//! caption, in its own sentences. None ends with a stop: the composer sets it.

use decoupage_conditions::audio::{AudioReading, Line, SoundKind, SoundReading};
use decoupage_conditions::camera::{MoveKind, Steadiness};
use decoupage_conditions::clip::{ClipReading, ShotMove};
use decoupage_conditions::depth::{DepthReading, Setting};
use decoupage_conditions::frame::{FrameReading, change};
use decoupage_conditions::segmentation::SegmentationReading;
use decoupage_conditions::sketch::SketchReading;
use decoupage_conditions::style::Look;

use super::clock::Clock;
use super::compose::{capital, listed, number};
use super::moves::does;
use super::sections::background::sits;

/// From here on a measurement is sure enough to be told as fact.
const SURE: f64 = 0.6;
/// The most film words of one look.
const MOST_TERMS: usize = 4;
/// The most regions of a segmentation that are named.
const MOST_REGIONS: usize = 5;
/// The most lines of a transcript that are quoted, and their longest, in scalars.
const MOST_LINES: usize = 6;
const LONGEST_LINE: usize = 200;
/// The most changes between a first and a last frame that are told.
const MOST_CHANGES: usize = 3;

/// Film words of a look beyond its key, contrast and warmth, which the light's words say.
pub(crate) fn look_words(look: &Look) -> Vec<String> {
    const TOLD: [&str; 6] = [
        "high_key",
        "low_key",
        "high_contrast",
        "low_contrast",
        "warm",
        "cool",
    ];
    look.terms
        .iter()
        .filter(|term| term.confidence >= SURE && !TOLD.contains(&term.term.as_str()))
        .take(MOST_TERMS)
        .map(|term| term.words.clone())
        .collect()
}

/// The regions that have names, and where they lie.
pub(crate) fn regions(reading: &SegmentationReading) -> Option<String> {
    let named: Vec<String> = reading
        .regions
        .iter()
        .filter(|region| {
            region.confidence >= SURE
                && !region.name.starts_with("region ")
                && region.name != "unlabelled part"
        })
        .take(MOST_REGIONS)
        .map(|region| format!("{} {}", region.name, sits(&region.place)))
        .collect();
    (!named.is_empty()).then(|| {
        format!(
            "The frame is laid out as in the segmentation: {}",
            named.join("; ")
        )
    })
}

/// How a drawing is laid out.
pub(crate) fn drawing(reading: &SketchReading) -> Option<String> {
    let mut parts = Vec::new();
    let points: Vec<_> = reading
        .vanishing_points
        .iter()
        .filter(|point| point.confidence >= SURE)
        .collect();
    match points.as_slice() {
        [] => {}
        [one] => parts.push(format!(
            "one-point perspective towards a point {}",
            across(one.at[0])
        )),
        _ => parts.push("two-point perspective".to_owned()),
    }
    if let Some(horizon) = reading.horizon.filter(|horizon| horizon.confidence >= SURE) {
        let height = f64::midpoint(horizon.left, horizon.right);
        parts.push(format!("the horizon {}", down(height)?));
    }
    let names: Vec<String> = reading
        .shapes
        .iter()
        .filter_map(|shape| Some(format!("{} {}", shape.name.as_ref()?, sits(&shape.place))))
        .collect();
    parts.extend(names);
    (!parts.is_empty()).then(|| {
        format!(
            "The composition follows the lines of the sketch: {}",
            parts.join(", ")
        )
    })
}

fn across(x: f64) -> &'static str {
    match x {
        x if x < 0.0 => "beyond the frame's left edge",
        x if x < 0.38 => "left of centre",
        x if x <= 0.62 => "near the centre",
        x if x <= 1.0 => "right of centre",
        _ => "beyond the frame's right edge",
    }
}

/// A height in the frame, from its top; `None` where it lies outside.
fn down(y: f64) -> Option<&'static str> {
    Some(match y {
        y if !(0.0..=1.0).contains(&y) => return None,
        y if y < 0.2 => "near the top of the frame",
        y if y < 0.42 => "about a third of the way down",
        y if y <= 0.58 => "about half way down",
        y if y <= 0.8 => "about two thirds of the way down",
        _ => "near the bottom of the frame",
    })
}

/// What a masked image leaves open.
pub(crate) fn open_part(reading: &FrameReading) -> Option<String> {
    let hole = reading
        .hole
        .as_ref()
        .filter(|hole| hole.confidence >= SURE)?;
    let with = reading
        .hole_name
        .as_ref()
        .map_or(String::new(), |name| format!(" with {name}"));
    Some(format!(
        "Outside the mask the given picture stays as it is; the part {} is filled{with}",
        hole.place
    ))
}

/// What changes between the first and the last frame.
pub(crate) fn changes(first: &FrameReading, last: &FrameReading) -> Vec<String> {
    change(first, last)
        .statements
        .into_iter()
        .filter(|statement| statement.confidence >= SURE)
        .take(MOST_CHANGES)
        .map(|statement| statement.text.trim_end_matches('.').to_owned())
        .collect()
}

/// Whether depth shows a room, a corridor or open ground, and where its horizon lies.
pub(crate) fn place(reading: &DepthReading) -> Option<String> {
    let setting = reading
        .setting
        .filter(|setting| setting.confidence >= SURE)?;
    let named: Vec<&str> = reading
        .openings
        .iter()
        .filter(|opening| opening.confidence >= SURE)
        .filter_map(|opening| opening.name.as_deref())
        .collect();
    let mut text = match setting.kind {
        Setting::Interior => "Enclosed, as a room is".to_owned(),
        Setting::Corridor => "A passage that runs away from the camera".to_owned(),
        Setting::Open => {
            let horizon = reading.horizon.filter(|horizon| horizon.confidence >= SURE);
            match horizon.and_then(|horizon| down(horizon.height)) {
                Some(height) => format!("Open, with the horizon {height}"),
                None => "Open, without walls".to_owned(),
            }
        }
    };
    if !named.is_empty() {
        text.push_str(&format!(", opening onto {}", listed(&named)));
    }
    Some(text)
}

/// What the camera of a reference clip does, where the clip is one shot.
pub(crate) fn filmed(reading: &ClipReading, offset_s: f64) -> Option<String> {
    let [shot] = reading.shots.as_slice() else {
        return None;
    };
    let clock = Clock {
        offset_s,
        length_s: reading.plain.duration_s.unwrap_or(shot.end_s),
        assumed: false,
    };
    let moving: Vec<&ShotMove> = shot
        .moves
        .iter()
        .filter(|m| m.kind != MoveKind::Static && m.confidence >= 0.5)
        .collect();
    let held = match shot.steadiness {
        Steadiness::Unsteady => ", hand-held",
        Steadiness::VeryUnsteady => ", with strong shake",
        _ => "",
    };
    if moving.is_empty() {
        return Some(format!(
            "The camera stays where it is{held}, as in the reference video"
        ));
    }
    let parts: Vec<String> = moving
        .iter()
        .take(4)
        .map(|m| {
            let either =
                m.or.map_or(String::new(), |other| format!(" or {}", does(other)));
            format!(
                "{}{either} {}",
                does(m.kind),
                clock.when(m.start_s, m.end_s)
            )
            .trim_end()
            .to_owned()
        })
        .collect();
    Some(capital(&format!(
        "{}{held}, as in the reference video",
        parts.join(", then ")
    )))
}

/// What a sound adds to the action: words spoken, beats to move to, where it breaks off.
pub(crate) fn heard(reading: &AudioReading, offset_s: f64) -> Vec<String> {
    let mut out = Vec::new();
    out.push(match reading.plain.duration_s {
        Some(length) => format!(
            "The movement is timed to {length:.1} s of {}",
            what(&reading.sound)
        ),
        None => format!("The movement is timed to {}", what(&reading.sound)),
    });
    if let Some(tempo) = reading
        .sound
        .tempo
        .as_ref()
        .filter(|tempo| tempo.confidence >= SURE)
    {
        out.push(format!(
            "The beat runs at about {:.0} a minute",
            tempo.bpm.round()
        ));
    }
    out.extend(spoken(&reading.sound, offset_s));
    out
}

/// The words of a transcript.
pub(crate) fn spoken(sound: &SoundReading, offset_s: f64) -> Vec<String> {
    let Some(transcript) = &sound.transcript else {
        return Vec::new();
    };
    let mut out: Vec<String> = transcript
        .lines
        .iter()
        .take(MOST_LINES)
        .map(|line| quoted(line, offset_s))
        .collect();
    if transcript.lines.len() > MOST_LINES {
        out.push(format!(
            "{} more lines follow",
            capital(&number(transcript.lines.len() - MOST_LINES))
        ));
    }
    out
}

fn quoted(line: &Line, offset_s: f64) -> String {
    let who = line.speaker.as_deref().unwrap_or("A voice");
    let mut text: String = line.text.chars().take(LONGEST_LINE).collect();
    if line.text.chars().count() > LONGEST_LINE {
        text.push('…');
    }
    match (line.start_s, line.end_s) {
        (Some(start_s), Some(end_s)) => format!(
            "From {:.1} to {:.1} s {} says “{}”",
            start_s + offset_s,
            end_s + offset_s,
            line.speaker.as_deref().unwrap_or("a voice"),
            text.trim_end_matches('.')
        ),
        _ => format!("{who} says “{}”", text.trim_end_matches('.')),
    }
}

/// What a sound is, by what most of it is.
fn what(sound: &SoundReading) -> &'static str {
    let of = |kind: SoundKind| -> f64 {
        sound
            .regions
            .iter()
            .filter(|region| region.kind == kind && region.confidence >= 0.5)
            .map(|region| region.end_s - region.start_s)
            .sum()
    };
    let (speech, music, other) = (
        of(SoundKind::Speech),
        of(SoundKind::Music),
        of(SoundKind::Other),
    );
    match () {
        () if speech > 0.0 && music > 0.3 * speech && speech > 0.3 * music => "speech and music",
        () if speech > music && speech > other => "speech",
        () if music > speech && music > other => "music",
        () => "sound",
    }
}
