//! Poses: keypoint files and rendered skeletons, people tracked, and what they do.

mod assignment;
mod formats;
mod joints;
mod measure;
mod mending;
mod motion;
mod parts;
mod pieces;
mod rendered;
mod source;
#[cfg(test)]
mod tests;
mod tracking;
mod words;

use std::path::Path;

use decoupage_shot::{Outcome, ReadOptions, Watch};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::reading::{Statement, TimeSpan};

/// Keypoints over time, in the canonical form: OpenPose COCO-18 order, positions as shares of
/// the canvas from the top left.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct PoseTrack {
    /// Key of the source's format ("openpose_body25", "rendered_openpose", …).
    pub format: String,
    /// Whether red and blue were exchanged in a rendered skeleton.
    pub swapped_colours: bool,
    /// Width over height of the canvas.
    pub aspect: f64,
    /// Whether the times are assumed, because the format stores none.
    pub times_assumed: bool,
    /// One entry a frame, time ascending.
    pub frames: Vec<PoseFrame>,
}

/// All people at one time.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct PoseFrame {
    /// Seconds since the first frame.
    pub time_s: f64,
    /// The people seen, each with the identity it keeps through the clip.
    pub people: Vec<Skeleton>,
}

/// One person's keypoints at one time.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct Skeleton {
    /// The person's identity within the clip, from 1, left to right by first appearance.
    pub id: u32,
    /// 18 points in COCO-18 order (0 nose, 1 neck, 2–4 right shoulder, elbow, wrist, 5–7
    /// left, 8–10 right hip, knee, ankle, 11–13 left, 14/15 right/left eye, 16/17 right/left
    /// ear); `null` where not seen. Shares of canvas width and height.
    pub points: Vec<Option<[f64; 2]>>,
}

/// What was measured in a pose clip or picture.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct PoseReading {
    /// Number of frames.
    pub frames: u32,
    /// Length in seconds (0 for a single frame).
    pub duration_s: f64,
    /// Whether the times are assumed, because the format stores none.
    pub times_assumed: bool,
    /// Key of the format.
    pub format: String,
    /// Whether red and blue were exchanged in a rendered skeleton.
    pub swapped_colours: bool,
    /// The people, by identity.
    pub people: Vec<Person>,
    /// Sentences about the clip as a whole (how many people, who is where).
    pub statements: Vec<Statement>,
}

/// One person of a pose clip.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct Person {
    /// Identity within the clip, from 1, left to right by first appearance.
    pub id: u32,
    /// When the person is in frame.
    pub present: TimeSpan,
    /// What the person does, by start time; actions may overlap (walking while waving).
    pub actions: Vec<PersonAction>,
    /// Which way the person mostly faces, as seen in the frame.
    pub facing: Facing,
    /// Where and how large in frame, at the middle of the time present.
    pub position: Position,
    /// How the person moves through the frame.
    pub travel: Travel,
    /// Steps a minute while walking or running.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub cadence: Option<f64>,
    /// Sentences about this person.
    pub statements: Vec<Statement>,
}

/// One thing a person does.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct PersonAction {
    /// What.
    pub action: ActionKind,
    /// Begin, seconds.
    pub start_s: f64,
    /// End, seconds.
    pub end_s: f64,
    /// How sure, 0–1.
    pub confidence: f64,
    /// Which side, for arms.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub side: Option<Side>,
    /// How far, degrees, for turns.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub amount_deg: Option<f64>,
}

/// What a person can be seen to do from keypoints.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the names say it")]
pub enum ActionKind {
    StandingStill,
    Walking,
    Running,
    RaisingArm,
    Waving,
    Turning,
    Bending,
    Crouching,
    /// Going from standing to seated, or the reverse within the clip.
    SittingDown,
    StandingUp,
    /// Seated throughout the span.
    Sitting,
    Jumping,
    /// Moving in a way none of the others names.
    Moving,
}

/// Left or right of the person's own body.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the names say it")]
pub enum Side {
    Left,
    Right,
    Both,
}

/// Which way a person faces, as seen in the frame: `Left` is towards the frame's left edge.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the names say it")]
pub enum Facing {
    Camera,
    Away,
    Left,
    Right,
    ThreeQuarterLeft,
    ThreeQuarterRight,
    Unknown,
}

/// Where and how large a person is in frame.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, TS)]
pub struct Position {
    /// Centre of the body, share of canvas width, 0 left.
    pub x: f64,
    /// Centre of the body, share of canvas height, 0 top.
    pub y: f64,
    /// Height of the visible body, share of canvas height.
    pub height: f64,
    /// How the person is framed.
    pub framing: BodyFraming,
}

/// How much of a body is in frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the names are the field's own")]
pub enum BodyFraming {
    FullFigure,
    KneesUp,
    WaistUp,
    HeadAndShoulders,
    /// Only part of a body without a head, or too few points to say.
    Partial,
}

/// How a person moves through the frame while present.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, TS)]
pub struct Travel {
    /// Which way, across the frame.
    pub across: Across,
    /// Net distance across the frame, share of canvas width.
    pub across_share: f64,
    /// Nearer or farther, by the change of size.
    pub depth: Approach,
    /// Size at the end over size at the beginning.
    pub size_ratio: f64,
}

/// Across the frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the names say it")]
pub enum Across {
    None,
    LeftToRight,
    RightToLeft,
}

/// Towards or away from the camera.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the names say it")]
pub enum Approach {
    None,
    Toward,
    Away,
}

/// Reads the keypoints in a file or folder, recovers and tracks people, and measures what they
/// do.
///
/// # Errors
/// A fault with one sentence when no pose can be found.
pub fn read(path: &Path, options: &ReadOptions, watch: &dyn Watch) -> Outcome<PoseReading> {
    let (raw, tracks) = tracked(path, options, watch)?;
    Ok(measure::reading(&raw, &tracks))
}

/// Reads the tracked keypoints alone, for the overlay.
///
/// # Errors
/// As [`read`].
pub fn track(path: &Path, options: &ReadOptions, watch: &dyn Watch) -> Outcome<PoseTrack> {
    let (raw, tracks) = tracked(path, options, watch)?;
    let mut frames: Vec<PoseFrame> = raw
        .frames
        .iter()
        .map(|(time_s, _)| PoseFrame {
            time_s: *time_s,
            people: Vec::new(),
        })
        .collect();
    for (id, track) in (1..).zip(&tracks) {
        for (number, body) in &track.sightings {
            if let Some(frame) = frames.get_mut(*number) {
                frame.people.push(Skeleton {
                    id,
                    points: body.to_vec(),
                });
            }
        }
    }
    Ok(PoseTrack {
        format: raw.format,
        swapped_colours: raw.swapped_colours,
        aspect: raw.aspect,
        times_assumed: raw.times_assumed,
        frames,
    })
}

fn tracked(
    path: &Path,
    options: &ReadOptions,
    watch: &dyn Watch,
) -> Outcome<(source::Raw, Vec<tracking::Track>)> {
    let raw = source::load(path, options, watch)?;
    let drawn = raw.is_drawn();
    let mut tracks = tracking::track(&raw.frames, raw.aspect, drawn);
    if drawn {
        let times: Vec<f64> = raw.frames.iter().map(|(time_s, _)| *time_s).collect();
        mending::mend(&mut tracks, &times, raw.times_assumed, raw.aspect);
    }
    Ok((raw, tracks))
}
