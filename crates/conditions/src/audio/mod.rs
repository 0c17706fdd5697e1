//! Sound: loudness, tempo, what is speech, music and silence, and what is said where a
//! transcript lies beside it.

mod changes;
mod loudness;
pub(crate) mod parts;
mod regions;
mod spectrum;
mod tempo;
#[cfg(test)]
mod tests;
pub mod transcript;
pub(crate) mod words;

use std::path::Path;

use decoupage_shot::{Code, ConditionKind, Fault, Outcome, ReadOptions, Watch};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

pub use transcript::{Line, Transcript};

use crate::plain::{self, PlainReading};

/// What was measured in a sound.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct AudioReading {
    /// Size, length and look.
    #[serde(flatten)]
    #[ts(flatten)]
    pub plain: PlainReading,
    /// How many of the statements, the first ones, tell of the file rather than of what was
    /// measured over time.
    #[serde(default)]
    pub file_statements: u32,
    /// What is heard.
    #[serde(flatten)]
    #[ts(flatten)]
    pub sound: SoundReading,
}

impl From<PlainReading> for AudioReading {
    /// A reading of which nothing but the plain part is known.
    fn from(plain: PlainReading) -> Self {
        Self {
            file_statements: plain.statements.len() as u32,
            plain,
            sound: SoundReading::default(),
        }
    }
}

/// What was measured in a sound track.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, TS)]
pub struct SoundReading {
    /// How loud it is; absent where nothing is heard.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub loudness: Option<Loudness>,
    /// Tempo and beats of the music, where there is a beat.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub tempo: Option<Tempo>,
    /// Speech, music and silence, in order and without gaps.
    #[serde(default)]
    pub regions: Vec<SoundRegion>,
    /// Where it becomes much louder or softer, in order.
    #[serde(default)]
    pub changes: Vec<SoundChange>,
    /// What is said, from a file beside it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub transcript: Option<Transcript>,
    /// What was measured over time, thinned.
    #[serde(default)]
    pub levels: SoundCurves,
}

/// How loud a sound is, after ITU-R BS.1770-4 and EBU R 128.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, TS)]
pub struct Loudness {
    /// Integrated loudness, LUFS.
    pub integrated_lufs: f64,
    /// Loudness range, LU.
    pub range_lu: f64,
    /// The highest peak between samples, dBTP.
    pub true_peak_db: f64,
    /// The highest sample, dBFS.
    pub sample_peak_db: f64,
}

/// A beat.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct Tempo {
    /// Beats a minute.
    pub bpm: f64,
    /// How sure it is, 0–1.
    pub confidence: f64,
    /// Where the beats fall, seconds.
    pub beats_s: Vec<f64>,
}

/// A stretch of one kind of sound.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct SoundRegion {
    /// Which kind.
    pub kind: SoundKind,
    /// Begin, seconds.
    pub start_s: f64,
    /// End, seconds.
    pub end_s: f64,
    /// How sure it is, 0–1.
    pub confidence: f64,
}

/// A kind of sound, told by its signal: how its pitch, its loudness and its spectrum change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum SoundKind {
    /// Nothing to be heard.
    Silence,
    /// A voice that speaks.
    Speech,
    /// Held or struck notes, a beat.
    Music,
    /// Anything else: noise, wind, machines.
    Other,
}

/// Where a sound becomes much louder or softer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct SoundChange {
    /// How.
    pub kind: ChangeKind,
    /// Begin, seconds.
    pub start_s: f64,
    /// End, seconds; shortly after the begin for sudden changes.
    pub end_s: f64,
    /// By how much, dB, always positive.
    pub amount_db: f64,
}

/// How a sound becomes louder or softer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum ChangeKind {
    /// It grows louder for a while.
    Swell,
    /// It grows softer for a while.
    Fade,
    /// It sets in suddenly after silence.
    Start,
    /// It stops suddenly.
    Stop,
    /// It becomes louder at once.
    Jump,
    /// It becomes softer at once.
    Drop,
}

/// What was measured over time. All lists have the length of `times_s`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, TS)]
pub struct SoundCurves {
    /// Seconds.
    pub times_s: Vec<f32>,
    /// Momentary loudness (400 ms), LUFS, at least −70.
    pub loudness: Vec<f32>,
    /// How strongly new sounds set in, 0–1 of the strongest.
    pub onsets: Vec<f32>,
}

/// The rate sounds are looked at, samples a second: all that tells speech from music lies
/// below 8 kHz.
pub(crate) const RATE: u32 = 16_000;
/// The longest sound that is measured, seconds.
const MOST_S: f64 = 3_600.0;

/// What was measured in a sound.
///
/// # Errors
/// A fault with one sentence when the file cannot be decoded.
pub fn read(
    path: &Path,
    role: ConditionKind,
    options: &ReadOptions,
    watch: &dyn Watch,
) -> Outcome<AudioReading> {
    let plain = plain::read(path, role, options, watch)?;
    let sound = measure(path, watch)?
        .ok_or_else(|| Fault::new(Code::Unsupported, "There is no sound in this file.").at(path))?;
    let mut reading = AudioReading {
        sound,
        ..AudioReading::from(plain)
    };
    let sentences = words::write(&reading.sound);
    reading.plain.statements.extend(sentences);
    Ok(reading)
}

/// What was measured in a file's sound track; `None` where it has none.
///
/// # Errors
/// A fault where the track cannot be decoded; the person's cancellation.
pub fn measure(path: &Path, watch: &dyn Watch) -> Outcome<Option<SoundReading>> {
    let mut meter = loudness::Meter::default();
    let samples = decoupage_media::listen(path, RATE, MOST_S, watch, &mut |heard| {
        meter.hear(heard);
        Ok(())
    })?;
    let Some(samples) = samples else {
        return Ok(None);
    };
    let frames = spectrum::frames(&samples, watch)?;
    let length_s = samples.len() as f64 / f64::from(RATE);
    let regions = regions::find(&frames, length_s);
    let tempo = tempo::find(&frames, &regions);
    let (loudness, momentary) = meter.finish();
    Ok(Some(SoundReading {
        loudness,
        tempo,
        changes: changes::find(&frames, length_s),
        regions,
        // A transcript that cannot be read leaves the sound as it is.
        transcript: transcript::beside(path).and_then(|beside| transcript::read(&beside).ok()),
        levels: curves(&momentary, &frames),
    }))
}

fn curves(momentary: &[(f64, f64)], frames: &[spectrum::Frame]) -> SoundCurves {
    let step = momentary.len().div_ceil(crate::outline::Curve::MOST).max(1);
    let strongest = frames.iter().map(|frame| frame.onset).fold(1e-6, f32::max);
    let mut curves = SoundCurves::default();
    let mut from = 0;
    for chunk in momentary.chunks(step) {
        let Some((time_s, _)) = chunk.last() else {
            continue;
        };
        let loudness = chunk.iter().map(|(_, l)| *l).fold(-70.0, f64::max);
        let to = ((time_s / spectrum::HOP_S) as usize).min(frames.len());
        let onset = frames
            .get(from..to)
            .unwrap_or_default()
            .iter()
            .map(|frame| frame.onset)
            .fold(0.0, f32::max);
        from = to.max(from);
        curves
            .times_s
            .push(((time_s * 1000.0).round() / 1000.0) as f32);
        curves
            .loudness
            .push(((loudness * 10.0).round() / 10.0) as f32);
        curves
            .onsets
            .push((onset / strongest * 1000.0).round() / 1000.0);
    }
    curves
}

pub(crate) fn hundredth(value: f64) -> f64 {
    (value * 100.0).round() / 100.0
}
