//! Which kind of condition a file most likely is, from its content first and its name second.

mod look;
mod text;

use std::fs::File;
use std::io::Read;
use std::path::Path;

use decoupage_media::{MediaForm, Pick};
use decoupage_shot::{Code, ConditionKind, Fault, Outcome, Watch};

use look::Look;

/// A guess at a file's kind.
#[derive(Debug, Clone, PartialEq)]
pub struct Guess {
    /// The likeliest kind.
    pub kind: ConditionKind,
    /// How sure, 0–1.
    pub confidence: f64,
    /// Why, one short clause ("joint colours of a rendered skeleton").
    pub because: String,
}

impl Guess {
    fn new(kind: ConditionKind, confidence: f64, because: impl Into<String>) -> Self {
        Self {
            kind,
            confidence,
            because: because.into(),
        }
    }
}

/// How much of a file is looked at to tell text from media.
const PREFIX: u64 = 64 << 10;
/// The most frames of a clip that are looked at.
const FRAMES: usize = 5;
/// The longest side frames are looked at with, pixels.
const LONGEST: u32 = 384;

/// Guesses what a file or folder is for.
///
/// # Errors
/// A fault with one sentence saying why the file cannot be used at all (not media, not a
/// camera path, not keypoints).
pub fn guess(path: &Path, watch: &dyn Watch) -> Outcome<Guess> {
    watch.go_on()?;
    let about = path
        .metadata()
        .map_err(|error| Fault::io(&error, "open this file", path))?;
    if about.is_dir() {
        return folder(path, watch);
    }
    if about.len() == 0 {
        return Err(Fault::new(Code::Damaged, "This file is empty.").at(path));
    }
    let mut head = Vec::new();
    File::open(path)
        .and_then(|file| file.take(PREFIX).read_to_end(&mut head))
        .map_err(|error| Fault::io(&error, "read this file", path))?;
    if head.starts_with(b"glTF") {
        return Ok(Guess::new(
            ConditionKind::Camera,
            0.9,
            "a glTF scene, read for its camera",
        ));
    }
    if let Some(text) = text::of(&head) {
        return text::guess(path, &text, watch);
    }
    media(path, watch)
}

/// A folder is a clip of frames, a set of keypoint files, or a COLMAP model.
fn folder(path: &Path, watch: &dyn Watch) -> Outcome<Guess> {
    if path.join("images.txt").is_file() {
        return Ok(Guess::new(
            ConditionKind::Camera,
            0.95,
            "a COLMAP model with its images.txt",
        ));
    }
    let entries =
        std::fs::read_dir(path).map_err(|error| Fault::io(&error, "read this folder", path))?;
    let keypoints = entries
        .flatten()
        .take(10_000)
        .map(|entry| entry.path())
        .filter(|entry| {
            entry
                .extension()
                .is_some_and(|ext| ext.eq_ignore_ascii_case("json"))
        })
        .min();
    match media(path, watch) {
        Ok(guess) => Ok(guess),
        Err(fault) => match keypoints {
            Some(file) => match guess(&file, watch) {
                Ok(guess) if guess.kind == ConditionKind::Pose => Ok(Guess::new(
                    ConditionKind::Pose,
                    guess.confidence,
                    "a folder of keypoint files",
                )),
                _ => Err(fault),
            },
            None => Err(fault),
        },
    }
}

fn media(path: &Path, watch: &dyn Watch) -> Outcome<Guess> {
    let info = decoupage_media::probe(path)?;
    if info.form == MediaForm::Audio {
        return Ok(Guess::new(
            ConditionKind::Audio,
            0.98,
            "sound without pictures",
        ));
    }
    let mut looks = Vec::new();
    decoupage_media::stills(
        path,
        &Pick::Even(FRAMES),
        Some(LONGEST),
        None,
        watch,
        &mut |still| {
            looks.push(Look::of(&still.picture));
            Ok(())
        },
    )?;
    if looks.is_empty() {
        return Err(Fault::new(Code::Damaged, "No frame of this clip can be decoded.").at(path));
    }
    let clip = info.form != MediaForm::Picture && looks.len() > 1;
    let named = named(path);
    Ok(by_look(&looks, clip, named))
}

/// What the look of its frames says a picture or clip is for; a name decides where the look
/// leaves it open.
fn by_look(looks: &[Look], clip: bool, named: Option<(ConditionKind, &'static str)>) -> Guess {
    let most = |is: fn(&Look) -> bool| {
        let count = looks.iter().filter(|look| is(look)).count();
        count * 2 > looks.len()
    };
    // Without anything drawn a frame can belong to a pose clip: nobody is in it yet.
    if looks.iter().any(Look::skeleton) && looks.iter().all(|l| l.skeleton() || l.blank()) {
        return Guess::new(
            ConditionKind::Pose,
            0.93,
            "joint colours of a rendered skeleton",
        );
    }
    if most(Look::masked) {
        return Guess::new(
            ConditionKind::MaskedImage,
            0.85,
            "a transparent hole inside the picture",
        );
    }
    if most(Look::cut_out) {
        return Guess::new(
            ConditionKind::Identity,
            0.9,
            "a cut-out on a transparent ground",
        );
    }
    if most(Look::depth_beside) {
        return Guess::new(
            ConditionKind::Depth,
            0.93,
            "a colour picture with its depth beside it",
        );
    }
    if most(Look::colormapped) {
        return Guess::new(
            ConditionKind::Depth,
            0.88,
            "smooth shapes in a depth colormap",
        );
    }
    if most(Look::sketch) {
        let sure = if named.is_some_and(|(kind, _)| kind == ConditionKind::Sketch) {
            0.95
        } else {
            0.82
        };
        return Guess::new(ConditionKind::Sketch, sure, "thin lines on an even ground");
    }
    if let Some((kind @ ConditionKind::Segmentation, why)) = named
        && most(Look::flat)
    {
        return Guess::new(kind, 0.95, why);
    }
    if most(Look::grey_smooth) {
        let sure = if named.is_some_and(|(kind, _)| kind == ConditionKind::Depth) {
            0.95
        } else {
            0.85
        };
        return Guess::new(
            ConditionKind::Depth,
            sure,
            "smooth grey shapes, as depth is drawn",
        );
    }
    if most(Look::flat) {
        return Guess::new(
            ConditionKind::Segmentation,
            0.75,
            "flat regions of few colours",
        );
    }
    if let Some((kind, why)) = named {
        let fits = match kind {
            ConditionKind::Identity => !clip,
            // The picture itself looks like neither.
            ConditionKind::Depth | ConditionKind::Pose | ConditionKind::Sketch => false,
            ConditionKind::Segmentation => false,
            _ => true,
        };
        if fits {
            return Guess::new(kind, 0.75, why);
        }
    }
    if clip {
        Guess::new(
            ConditionKind::ReferenceVideo,
            0.7,
            "a clip of moving pictures",
        )
    } else {
        Guess::new(ConditionKind::Identity, 0.6, "a picture in colour")
    }
}

/// What a file's own name (or, failing that, its folder's) says it is for.
fn named(path: &Path) -> Option<(ConditionKind, &'static str)> {
    const HINTS: [(&[&str], ConditionKind, &str); 10] = [
        (&["depth"], ConditionKind::Depth, "its name says depth"),
        (
            &["openpose", "dwpose", "skeleton", "pose"],
            ConditionKind::Pose,
            "its name says pose",
        ),
        (
            &["segmentation", "segment", "seg"],
            ConditionKind::Segmentation,
            "its name says segmentation",
        ),
        (
            &["sketch", "scribble", "lineart", "canny", "softedge"],
            ConditionKind::Sketch,
            "its name says line art",
        ),
        (
            &["masked", "inpaint"],
            ConditionKind::MaskedImage,
            "its name says masked",
        ),
        (
            &["first", "start"],
            ConditionKind::FirstFrame,
            "its name says first frame",
        ),
        (
            &["last", "end"],
            ConditionKind::LastFrame,
            "its name says last frame",
        ),
        (&["style"], ConditionKind::Style, "its name says style"),
        (
            &["identity", "character"],
            ConditionKind::Identity,
            "its name says identity",
        ),
        (
            &["reference"],
            ConditionKind::ReferenceVideo,
            "its name says reference",
        ),
    ];
    let parts = [path.file_stem(), path.parent().and_then(Path::file_name)];
    parts.into_iter().flatten().find_map(|part| {
        let name = part.to_string_lossy().to_lowercase();
        let words: Vec<&str> = name.split(|c: char| !c.is_alphabetic()).collect();
        HINTS
            .iter()
            .find(|(keys, ..)| keys.iter().any(|key| words.contains(key)))
            .map(|(_, kind, why)| (*kind, *why))
    })
}

#[cfg(test)]
mod tests;
