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
pub use formats::CanvasKnown;

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
    /// The canvas the points lie on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub canvas: Option<PoseCanvas>,
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
    /// What a person is called; otherwise by place in the frame.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub name: Option<String>,
    /// Which way the person faces, over time.
    #[serde(default)]
    pub facings: Vec<FacingSpan>,
    /// At which edge of the frame the person comes in, if seen to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub enters: Option<Edge>,
    /// At which edge the person goes out, if seen to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub leaves: Option<Edge>,
    /// For how long trunk and legs hardly move, the arms perhaps.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub in_place: Option<InPlace>,
    /// Mean place across the frame, share of its width.
    #[serde(default)]
    pub mean_x: f64,
    /// The way of the body's centre: seconds and shares of the frame's width and height.
    #[serde(default)]
    pub path: Vec<[f64; 3]>,
    /// How high the hips are above the feet: seconds and trunk lengths.
    #[serde(default)]
    pub hips: Vec<[f64; 2]>,
    /// Sentences about this person.
    pub statements: Vec<Statement>,
}

/// A facing that is held for a time.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, TS)]
pub struct FacingSpan {
    /// Which way.
    pub facing: Facing,
    /// Begin, seconds.
    pub start_s: f64,
    /// End, seconds.
    pub end_s: f64,
}

/// A side of the frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the names say it")]
pub enum Edge {
    Left,
    Right,
}

/// How long someone stays in place.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, TS)]
pub struct InPlace {
    /// All such stretches together, seconds.
    pub seconds: f64,
    /// Whether the legs are seen to stand in all of them.
    pub stands: bool,
}

/// The canvas that keypoints lie on.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, TS)]
pub struct PoseCanvas {
    /// How its size is known.
    pub known: CanvasKnown,
    /// Width in pixels, stored or estimated.
    pub width: f64,
    /// Height in pixels, likewise.
    pub height: f64,
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
    /// Which side, for arms and legs; for turns of the body or the head, towards which.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub side: Option<Side>,
    /// How far, degrees, for turns.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub amount_deg: Option<f64>,
    /// The other person's identity, for what two do together.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub other: Option<u32>,
    /// Steps a minute of a walk or run, beats a minute of a dance; not where times are assumed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub per_minute: Option<f64>,
    /// How many steps were seen, for walks and runs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub steps: Option<u32>,
    /// How high the hand comes, for raised arms.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub height: Option<HandHeight>,
    /// Facing before a turn.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub from: Option<Facing>,
    /// Facing after a turn.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub to: Option<Facing>,
}

impl PersonAction {
    /// An action over a time, nothing more known of it.
    pub fn new(action: ActionKind, start_s: f64, end_s: f64, confidence: f64) -> Self {
        Self {
            action,
            start_s,
            end_s,
            confidence,
            side: None,
            amount_deg: None,
            other: None,
            per_minute: None,
            steps: None,
            height: None,
            from: None,
            to: None,
        }
    }

    /// The same with a side.
    #[must_use]
    pub fn with(mut self, side: Side) -> Self {
        self.side = Some(side);
        self
    }
}

/// How high a hand is brought.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum HandHeight {
    /// A little below the shoulder.
    Chest,
    /// At the shoulder.
    Shoulder,
    /// Above the shoulder.
    AboveShoulder,
    /// Above the head.
    AboveHead,
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
    /// On one knee or both, getting down and up included.
    Kneeling,
    LyingDown,
    /// On the ground throughout the span.
    Lying,
    /// A straight arm held out.
    Pointing,
    Clapping,
    /// A hand goes out with the trunk after it, and back.
    Reaching,
    /// A hand goes to the ground and up again.
    PickingUp,
    Throwing,
    Kicking,
    Punching,
    /// A hand at the face or head.
    TouchingFace,
    /// The head turns aside and back, while the body stays.
    TurningHead,
    LookingDown,
    LookingUp,
    /// Moving to a beat with the whole body.
    Dancing,
    /// Arms around someone, or held by someone: [`PersonAction::other`].
    Hugging,
    /// Coming up to someone.
    Approaching,
    /// Going away from someone.
    Parting,
}

impl ActionKind {
    /// Every action.
    pub const ALL: [Self; 31] = [
        Self::StandingStill,
        Self::Walking,
        Self::Running,
        Self::RaisingArm,
        Self::Waving,
        Self::Turning,
        Self::Bending,
        Self::Crouching,
        Self::SittingDown,
        Self::StandingUp,
        Self::Sitting,
        Self::Jumping,
        Self::Moving,
        Self::Kneeling,
        Self::LyingDown,
        Self::Lying,
        Self::Pointing,
        Self::Clapping,
        Self::Reaching,
        Self::PickingUp,
        Self::Throwing,
        Self::Kicking,
        Self::Punching,
        Self::TouchingFace,
        Self::TurningHead,
        Self::LookingDown,
        Self::LookingUp,
        Self::Dancing,
        Self::Hugging,
        Self::Approaching,
        Self::Parting,
    ];
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
