//! Pictures, clips and sound from files, as models take them.

use std::path::{Path, PathBuf};
use std::time::SystemTime;

use decoupage_dialogue::{Failure, FailureCode, MediaLimits, Outcome, Source};
use decoupage_media::{ASSUMED_FPS, MediaForm, Pick, Still};
use decoupage_mllm::media::{Clip, Media, Picture, SOUND_RATE, Sound, SourceFrames};
use decoupage_mllm::preprocess::sample_frames;
use decoupage_shot::{Code, Fault, Watch};
use image::{DynamicImage, Rgba};

/// The fewest frames of a clip, as the models were trained.
const FEWEST_FRAMES: usize = 4;

/// The most memory the frames of one clip may take before they are made smaller, bytes.
const MOST_FRAME_BYTES: u64 = 512 << 20;

/// A decoded medium and what was left out, one sentence each.
#[derive(Debug)]
pub struct Decoded {
    /// The medium.
    pub media: Media,
    /// For the person.
    pub notes: Vec<String>,
}

/// Decodes what a source names.
///
/// # Errors
/// One sentence about the file that is missing, damaged or of another kind; cancelled.
pub fn decode(source: &Source, limits: &MediaLimits, watch: &dyn Watch) -> Outcome<Decoded> {
    let mut notes = Vec::new();
    let media = match source {
        Source::Picture { path } => Media::Picture(picture(path, watch)?),
        Source::Clip { path, with_sound } => {
            let mut clip = clip(path, limits, watch, &mut notes)?;
            if *with_sound {
                clip.sound = sound(path, limits, watch, &mut notes)?;
            }
            Media::Clip(clip)
        }
        Source::Frames { paths, fps } => Media::Clip(frames_of(paths, *fps, limits, watch)?),
        Source::Sound { path } => match sound(path, limits, watch, &mut notes)? {
            Some(sound) => Media::Sound(sound),
            None => {
                return Err(Failure::new(
                    FailureCode::Unsupported,
                    format!("{} has no sound.", name(path)),
                ));
            }
        },
    };
    Ok(Decoded { media, notes })
}

/// A fault in terms of what the worker tells.
fn failure(fault: Fault) -> Failure {
    let code = match fault.code {
        Code::Cancelled => return Failure::cancelled(),
        Code::Missing | Code::Denied => FailureCode::Missing,
        Code::Damaged => FailureCode::Damaged,
        Code::Unsupported | Code::NewerVersion => FailureCode::Unsupported,
        Code::TooLarge => FailureCode::TooLong,
        Code::OutOfMemory => FailureCode::OutOfMemory,
        Code::Invalid => FailureCode::Invalid,
        Code::DiskFull | Code::Network | Code::Internal => FailureCode::Internal,
    };
    let message = match &fault.path {
        Some(path) => format!("{}: {}", name(path), fault.message),
        None => fault.message,
    };
    let failure = Failure::new(code, message);
    match fault.advice {
        Some(advice) => failure.advise(advice),
        None => failure,
    }
}

fn name(path: &Path) -> String {
    path.file_name().map_or_else(
        || path.display().to_string(),
        |name| name.to_string_lossy().into_owned(),
    )
}

fn picture(path: &Path, watch: &dyn Watch) -> Outcome<Picture> {
    let mut found = None;
    decoupage_media::stills(path, &Pick::Even(1), None, None, watch, &mut |still| {
        found = Some(on_white(still.picture));
        Ok(())
    })
    .map_err(failure)?;
    found.ok_or_else(|| {
        Failure::new(
            FailureCode::Damaged,
            format!("{} holds no picture.", name(path)),
        )
    })
}

/// RGB with 8 bits; what is clear lies on white, as models were trained.
fn on_white(picture: DynamicImage) -> Picture {
    let (width, height) = (picture.width() as usize, picture.height() as usize);
    let rgb = if picture.color().has_alpha() {
        let over = |v: u8, a: u8| {
            let (v, a) = (u32::from(v), u32::from(a));
            ((v * a + 255 * (255 - a) + 127) / 255) as u8
        };
        picture
            .to_rgba8()
            .pixels()
            .flat_map(|&Rgba([r, g, b, a])| [over(r, a), over(g, a), over(b, a)])
            .collect()
    } else {
        picture.into_rgb8().into_raw()
    };
    Picture { width, height, rgb }
}

fn clip(
    path: &Path,
    limits: &MediaLimits,
    watch: &dyn Watch,
    notes: &mut Vec<String>,
) -> Outcome<Clip> {
    let info = decoupage_media::probe(path).map_err(failure)?;
    if info.form == MediaForm::Audio {
        return Err(Failure::new(
            FailureCode::Unsupported,
            format!("{} holds sound and no pictures.", name(path)),
        ));
    }
    let total = usize::try_from(info.frames).unwrap_or(usize::MAX);
    let source_fps = info.fps.unwrap_or(ASSUMED_FPS);
    let wanted = sample_frames(total, source_fps, limits.fps, FEWEST_FRAMES, limits.max_frames);
    let seconds = total as f64 / source_fps;
    if wanted.len() >= limits.max_frames && seconds * limits.fps > limits.max_frames as f64 + 1.0 {
        notes.push(format!(
            "{}: {} frames are shown instead of {:.0}; raise the most frames of a clip to show more.",
            name(path),
            wanted.len(),
            seconds * limits.fps
        ));
    }
    let longest = longest_side(info.width, info.height, wanted.len());
    let pick = Pick::Frames(wanted.iter().map(|&i| i as u64).collect());
    let mut taken: Vec<Picture> = Vec::with_capacity(wanted.len());
    let mut indices = Vec::with_capacity(wanted.len());
    let mut each = |still: Still| {
        indices.push(usize::try_from(still.index).unwrap_or(usize::MAX));
        taken.push(on_white(still.picture));
        Ok(())
    };
    decoupage_media::stills(path, &pick, longest, info.fps, watch, &mut each).map_err(failure)?;
    if taken.is_empty() {
        return Err(Failure::new(
            FailureCode::Damaged,
            format!("{} holds no frames.", name(path)),
        ));
    }
    Ok(Clip {
        fps: rate(taken.len(), total, source_fps),
        frames: taken,
        source: Some(SourceFrames {
            indices,
            fps: source_fps,
        }),
        sound: None,
    })
}

/// Frames per second of `taken` frames, spread over `total` at `source_fps`.
fn rate(taken: usize, total: usize, source_fps: f64) -> f64 {
    taken as f64 / total.max(1) as f64 * source_fps
}

/// Frames as large as they are, unless together they would take too much memory.
fn longest_side(width: u32, height: u32, count: usize) -> Option<u32> {
    let bytes = u64::from(width) * u64::from(height) * 3 * count as u64;
    (bytes > MOST_FRAME_BYTES).then(|| {
        let share = (MOST_FRAME_BYTES as f64 / bytes as f64).sqrt();
        (f64::from(width.max(height)) * share) as u32
    })
}

fn frames_of(
    paths: &[PathBuf],
    fps: f64,
    limits: &MediaLimits,
    watch: &dyn Watch,
) -> Outcome<Clip> {
    if !(fps.is_finite() && fps > 0.0) {
        return Err(Failure::new(
            FailureCode::Invalid,
            "The frame rate of these frames is no positive number.",
        ));
    }
    let wanted = sample_frames(paths.len(), fps, limits.fps, FEWEST_FRAMES, limits.max_frames);
    let mut taken: Vec<Picture> = Vec::with_capacity(wanted.len());
    for &index in &wanted {
        let Some(path) = paths.get(index) else {
            continue;
        };
        let frame = picture(path, watch)?;
        if let Some(first) = taken.first()
            && (first.width, first.height) != (frame.width, frame.height)
        {
            return Err(Failure::new(
                FailureCode::Invalid,
                format!(
                    "{} is {} × {} pixels and the first frame {} × {}.",
                    name(path),
                    frame.width,
                    frame.height,
                    first.width,
                    first.height
                ),
            )
            .advise("A clip needs frames of one size."));
        }
        taken.push(frame);
    }
    if taken.is_empty() {
        return Err(Failure::new(
            FailureCode::Invalid,
            "A clip needs at least one frame.",
        ));
    }
    Ok(Clip {
        fps: rate(taken.len(), paths.len(), fps),
        frames: taken,
        source: Some(SourceFrames {
            indices: wanted,
            fps,
        }),
        sound: None,
    })
}

fn sound(
    path: &Path,
    limits: &MediaLimits,
    watch: &dyn Watch,
    notes: &mut Vec<String>,
) -> Outcome<Option<Sound>> {
    let found = decoupage_media::sound(path, SOUND_RATE as u32, limits.sound_s, watch);
    let samples = found.map_err(failure)?;
    let length = decoupage_media::audio(path)
        .ok()
        .flatten()
        .and_then(|audio| audio.duration_s);
    if let Some(length) = length.filter(|length| *length > limits.sound_s + 0.5) {
        notes.push(format!(
            "{}: the first {:.0} of {length:.0} seconds are heard; raise the most seconds of sound to hear more.",
            name(path),
            limits.sound_s
        ));
    }
    Ok(samples
        .filter(|samples| !samples.is_empty())
        .map(|samples| Sound { samples }))
}

/// What a decoded medium was made from: the same again need not be decoded again.
#[derive(Debug, Clone, PartialEq)]
pub struct Key {
    source: Source,
    limits: MediaLimits,
    stamps: Vec<Option<(u64, SystemTime)>>,
}

impl Key {
    /// Of a source as its files are now.
    pub fn of(source: &Source, limits: &MediaLimits) -> Self {
        let stamp = |path: &PathBuf| {
            let about = path.metadata().ok()?;
            Some((about.len(), about.modified().ok()?))
        };
        let stamps = match source {
            Source::Picture { path } | Source::Clip { path, .. } | Source::Sound { path } => {
                vec![stamp(path)]
            }
            Source::Frames { paths, .. } => paths.iter().map(stamp).collect(),
        };
        Self {
            source: source.clone(),
            limits: *limits,
            stamps,
        }
    }

    /// Whether all files are there and could be told from changed ones. Folders change without
    /// a sign of their own.
    pub fn is_sure(&self) -> bool {
        let folder = matches!(&self.source, Source::Clip { path, .. } if path.is_dir());
        !folder && self.stamps.iter().all(Option::is_some)
    }
}
