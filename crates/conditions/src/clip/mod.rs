//! Reference video: cuts, shot lengths, the camera by optical flow, how much moves.
//!
//! Every frame is decoded once, small. What is kept of it is a few numbers: how it moves
//! against the frame before, how like it is, and a thumbnail for its colours.

mod camera;
mod flow;
mod grey;
mod moving;
mod parts;
mod pass;
#[cfg(test)]
mod tests;
mod transitions;
mod words;

use std::path::Path;

use decoupage_shot::{ConditionKind, Outcome, ReadOptions, Region, Watch};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::audio::SoundReading;
use crate::camera::{MoveKind, MoveUnit, Steadiness};
use crate::identity::Swatch;
use crate::plain::PlainReading;
use crate::reading::TimeSpan;

/// What was measured in a reference video.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct ClipReading {
    /// Size, length and look.
    #[serde(flatten)]
    #[ts(flatten)]
    pub plain: PlainReading,
    /// How many of the statements, the first ones, tell of the file and its look rather than
    /// of what was measured over time.
    #[serde(default)]
    pub file_statements: u32,
    /// Where one shot gives way to the next, and where the picture comes from or goes to black
    /// or white; in order.
    #[serde(default)]
    pub cuts: Vec<Cut>,
    /// The shots, in order.
    #[serde(default)]
    pub shots: Vec<Shot>,
    /// What was measured from frame to frame, thinned.
    #[serde(default)]
    pub motion: MotionCurves,
    /// What was measured in the clip's sound track.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub sound: Option<Box<SoundReading>>,
}

impl ClipReading {
    /// A reading of which no more is known than of any clip.
    pub fn of(plain: PlainReading) -> Self {
        Self {
            file_statements: plain.statements.len() as u32,
            plain,
            cuts: Vec::new(),
            shots: Vec::new(),
            motion: MotionCurves::default(),
            sound: None,
        }
    }
}

/// Where a picture gives way to another.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct Cut {
    /// How.
    pub kind: CutKind,
    /// Begin, seconds; of a hard cut the time of the first new frame.
    pub start_s: f64,
    /// End, seconds; the begin again for a hard cut.
    pub end_s: f64,
    /// How sure it is, 0–1.
    pub confidence: f64,
}

/// How a picture gives way to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum CutKind {
    /// From one frame to the next.
    Hard,
    /// One picture shows through the other for a while.
    Dissolve,
    /// The picture comes from black or white.
    FadeIn,
    /// The picture goes to black or white.
    FadeOut,
}

/// One shot of a clip.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct Shot {
    /// Begin, seconds; in the middle of a dissolve.
    pub start_s: f64,
    /// End, seconds.
    pub end_s: f64,
    /// What the camera does, by start time; empty where it holds still.
    pub moves: Vec<ShotMove>,
    /// How steady the camera is held.
    pub steadiness: Steadiness,
    /// Root mean square of the picture's shake, as a share of its width.
    pub shake: f64,
    /// Mean motion beside the camera's: shares of the picture's width a second, averaged over
    /// the picture.
    pub energy: f64,
    /// Where something moves on its own.
    pub moving: Vec<MovingArea>,
    /// Its colours, by share, largest first.
    pub palette: Vec<Swatch>,
}

/// A move of the camera as the picture shows it. Names and directions are those of camera
/// paths; what cannot be told from the picture alone has a second name.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct ShotMove {
    /// Which move.
    #[serde(rename = "move")]
    pub kind: MoveKind,
    /// The move that would show the same picture: without parallax a pan and a truck, a zoom
    /// and a dolly look alike.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub or: Option<MoveKind>,
    /// Begin, seconds.
    pub start_s: f64,
    /// End, seconds.
    pub end_s: f64,
    /// How much, in `unit`, always positive: how far the larger part of the picture moves as a
    /// share of the picture's width, how far it turns, or by what factor it grows (for moves
    /// out: shrinks).
    pub amount: f64,
    /// Unit of `amount`.
    pub unit: MoveUnit,
    /// How sure it is, 0–1.
    pub confidence: f64,
}

/// A part of the picture in which something moves on its own.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct MovingArea {
    /// Where.
    pub bounds: Region,
    /// When.
    pub span: TimeSpan,
    /// How fast, shares of the picture's width a second.
    pub speed: f64,
    /// What it is, where a person has said so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub name: Option<String>,
}

/// What was measured from frame to frame. All lists have the length of `times_s`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, TS)]
pub struct MotionCurves {
    /// Seconds.
    pub times_s: Vec<f32>,
    /// Where the camera looks, right of where it began, in widths of the picture; goes on
    /// over cuts.
    pub right: Vec<f32>,
    /// The same, up.
    pub up: Vec<f32>,
    /// How large things are against the beginning, a factor.
    pub zoom: Vec<f32>,
    /// How far the camera has rolled, degrees clockwise.
    pub roll: Vec<f32>,
    /// Motion beside the camera's, shares of the picture's width a second.
    pub energy: Vec<f32>,
}

/// What was measured in a reference video.
///
/// # Errors
/// A fault with one sentence when the file cannot be decoded.
pub fn read(
    path: &Path,
    role: ConditionKind,
    options: &ReadOptions,
    watch: &dyn Watch,
) -> Outcome<ClipReading> {
    let (plain, seen) = pass::look(path, role, options, watch)?;
    let mut reading = ClipReading::of(plain);
    if seen.frames.len() > 1 {
        let duration_s = reading.plain.duration_s.unwrap_or(0.0);
        let end_s = duration_s.max(seen.frames.last().map_or(0.0, |frame| frame.time_s));
        let found = transitions::find(&seen.frames);
        for span in &found.shots {
            watch.go_on()?;
            reading.shots.push(shot(&seen, span, end_s));
        }
        reading.cuts = found.cuts;
        reading.motion = camera::curves(&seen, &found.shots);
        // A last fade runs to the clip's end.
        for cut in &mut reading.cuts {
            cut.end_s = cut.end_s.min(end_s);
        }
    }
    if reading.plain.has_audio {
        // A clip whose sound cannot be decoded is still a clip.
        match crate::audio::measure(path, watch) {
            Ok(sound) => reading.sound = sound.map(Box::new),
            Err(fault) if fault.code == decoupage_shot::Code::Cancelled => return Err(fault),
            Err(_) => {}
        }
    }
    let sentences = words::write(&reading);
    reading.plain.statements.extend(sentences);
    Ok(reading)
}

fn shot(seen: &pass::Seen, span: &transitions::Span, end_s: f64) -> Shot {
    let filmed = camera::film(seen, span);
    let moving = moving::areas(seen, span, filmed.parallax);
    let end = span.end_s.unwrap_or(end_s);
    Shot {
        start_s: thousandth(span.start_s),
        end_s: thousandth(end),
        moves: filmed
            .moves
            .into_iter()
            .map(|m| ShotMove {
                start_s: thousandth(m.start_s.max(span.start_s)),
                end_s: thousandth(m.end_s.min(end)),
                ..m
            })
            .collect(),
        steadiness: filmed.steadiness,
        shake: (filmed.shake * 10_000.0).round() / 10_000.0,
        energy: thousandth(moving::energy(seen, span)),
        moving,
        palette: pass::palette(seen, span),
    }
}

pub(crate) fn thousandth(value: f64) -> f64 {
    // Adding zero makes minus nothing nothing.
    (value * 1000.0).round() / 1000.0 + 0.0
}
