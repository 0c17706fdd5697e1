//! Folders of frames: a folder with pictures is a clip, in the order a person would count.

use std::cmp::Ordering;
use std::path::{Path, PathBuf};

use decoupage_shot::{Code, Fault, Outcome, Phase, Watch};

use crate::bounds::MAX_FOLDER_FRAMES;
use crate::source::{self, Content};
use crate::{ASSUMED_FPS, MediaForm, MediaInfo, Pick, Still, picks, picture};

/// Name endings that mark a file in a folder as a frame.
const ENDINGS: [&str; 10] = [
    "png", "jpg", "jpeg", "webp", "tif", "tiff", "exr", "gif", "bmp", "jpe",
];

/// The pictures of a folder in natural order (2 before 10). Hidden files, folders and files
/// that are no pictures by their name are left out; what remains decides by its content.
///
/// # Errors
/// One sentence for a folder that cannot be listed, holds no pictures, or holds more than
/// [`MAX_FOLDER_FRAMES`].
pub fn frames_of(folder: &Path) -> Outcome<Vec<PathBuf>> {
    let mut frames = Vec::new();
    // Links are followed for the folder itself and its files, but no folder below is entered,
    // so a link that points back up cannot turn this into a loop.
    for entry in walkdir::WalkDir::new(folder)
        .follow_root_links(true)
        .min_depth(1)
        .max_depth(1)
    {
        let entry = entry.map_err(|error| {
            let at = error.path().unwrap_or(folder).to_owned();
            match error.into_io_error() {
                Some(error) => Fault::io(&error, "list this folder", at),
                None => Fault::new(
                    Code::Unsupported,
                    "This folder is a link that leads back to itself.",
                )
                .at(at),
            }
        })?;
        let name = entry.file_name().to_string_lossy();
        let hidden = name.starts_with('.');
        let is_frame = Path::new(name.as_ref())
            .extension()
            .and_then(|e| e.to_str())
            .is_some_and(|e| ENDINGS.iter().any(|known| known.eq_ignore_ascii_case(e)));
        if hidden || !is_frame {
            continue;
        }
        // A dangling or looping link is no frame.
        if !entry.path().metadata().is_ok_and(|m| m.is_file()) {
            continue;
        }
        if frames.len() == MAX_FOLDER_FRAMES {
            return Err(Fault::new(
                Code::TooLarge,
                format!("This folder holds more than {MAX_FOLDER_FRAMES} pictures."),
            )
            .advise("Split it into shots, or make a video of it.")
            .at(folder));
        }
        frames.push(entry.into_path());
    }
    if frames.is_empty() {
        return Err(Fault::new(
            Code::Unsupported,
            "This folder holds no pictures, so it is no clip.",
        )
        .advise("Choose the folder that holds the frames themselves.")
        .at(folder));
    }
    frames.sort_by(|a, b| natural(&name_of(a), &name_of(b)).then_with(|| a.cmp(b)));
    Ok(frames)
}

fn name_of(path: &Path) -> String {
    path.file_name()
        .map(|n| n.to_string_lossy().into_owned())
        .unwrap_or_default()
}

/// Orders names as a person counts: runs of digits compare as numbers, letters without case.
pub fn natural(a: &str, b: &str) -> Ordering {
    let (mut a, mut b) = (a.chars().peekable(), b.chars().peekable());
    loop {
        match (a.peek().copied(), b.peek().copied()) {
            (None, None) => return Ordering::Equal,
            (None, Some(_)) => return Ordering::Less,
            (Some(_), None) => return Ordering::Greater,
            (Some(x), Some(y)) if x.is_ascii_digit() && y.is_ascii_digit() => {
                let (x, y) = (digits(&mut a), digits(&mut b));
                // Without leading zeros, the longer number is the greater one.
                let order = x.len().cmp(&y.len()).then_with(|| x.cmp(&y));
                if order != Ordering::Equal {
                    return order;
                }
            }
            (Some(x), Some(y)) => {
                let order = x.to_lowercase().cmp(y.to_lowercase());
                if order != Ordering::Equal {
                    return order;
                }
                a.next();
                b.next();
            }
        }
    }
}

fn digits(chars: &mut std::iter::Peekable<std::str::Chars<'_>>) -> String {
    let mut run = String::new();
    while let Some(c) = chars.next_if(char::is_ascii_digit) {
        if !(run.is_empty() && c == '0') {
            run.push(c);
        }
    }
    run
}

/// What the folder holds, by its first frame.
pub(crate) fn probe(folder: &Path) -> Outcome<MediaInfo> {
    let frames = frames_of(folder)?;
    info_of(&frames)
}

fn info_of(frames: &[PathBuf]) -> Outcome<MediaInfo> {
    let first = frames.first().ok_or_else(Fault::cancelled)?;
    let (file, content) = source::open(first)?;
    let Content::Picture(format) = content else {
        return Err(no_picture(first));
    };
    let info = picture::probe(file, format, first)?;
    Ok(MediaInfo {
        form: MediaForm::Sequence,
        frames: frames.len() as u64,
        ..info
    })
}

fn no_picture(path: &Path) -> Fault {
    Fault::new(
        Code::Damaged,
        "This frame of the folder is named like a picture but holds none.",
    )
    .advise("Remove it or replace it.")
    .at(path)
}

/// Decodes the wanted frames of a folder in order.
pub(crate) fn stills(
    folder: &Path,
    pick: &Pick,
    longest: Option<u32>,
    fps: Option<f64>,
    watch: &dyn Watch,
    each: &mut dyn FnMut(Still) -> Outcome<()>,
) -> Outcome<MediaInfo> {
    let frames = frames_of(folder)?;
    let info = info_of(&frames)?;
    let fps = fps
        .filter(|fps| fps.is_finite() && *fps > 0.0)
        .unwrap_or(ASSUMED_FPS);
    let indices = picks::indices(pick, frames.len() as u64, |t| {
        picks::floor_frame(t, fps, frames.len() as u64)
    });
    let total = indices.len() as u64;
    for (done, index) in indices.into_iter().enumerate() {
        watch.go_on()?;
        watch.report(Phase::Decoding, done as u64, total);
        let Some(path) = frames.get(index as usize) else {
            continue;
        };
        let (file, content) = source::open(path)?;
        let Content::Picture(format) = content else {
            return Err(no_picture(path));
        };
        let (own, picture) = picture::decode(file, format, path, longest)?;
        if (own.width, own.height) != (info.width, info.height) {
            return Err(Fault::new(
                Code::Unsupported,
                format!(
                    "The frames of this folder differ in size: frame {} is {} × {} pixels, the \
                     first one {} × {}.",
                    index + 1,
                    own.width,
                    own.height,
                    info.width,
                    info.height
                ),
            )
            .advise("A clip needs frames of one size; add pictures of different sizes one by one.")
            .at(path));
        }
        each(Still {
            index,
            time_s: index as f64 / fps,
            picture,
        })?;
    }
    watch.report(Phase::Decoding, total, total);
    Ok(info)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_sort_as_a_person_counts() {
        let mut names = vec![
            "f10.png", "f2.png", "F1.png", "f02b.png", "a.png", "f002.png",
        ];
        names.sort_by(|a, b| natural(a, b));
        assert_eq!(
            names,
            [
                "a.png", "F1.png", "f2.png", "f002.png", "f02b.png", "f10.png"
            ]
        );
    }
}
