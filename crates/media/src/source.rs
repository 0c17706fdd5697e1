//! Opening a file and finding out what it holds: the content decides, never the name.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

use decoupage_shot::{Code, Fault, Outcome};
use image::ImageFormat;

use crate::picture;

/// What the first bytes of a file say it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Content {
    /// A still picture (or a GIF, which may move).
    Picture(ImageFormat),
    /// Anything else: video and sound are told apart by opening them.
    Other,
}

/// How many first bytes are looked at.
const HEAD: u64 = 4096;

/// Opens a file for reading and looks at its first bytes.
pub(crate) fn open(path: &Path) -> Outcome<(File, Content)> {
    let doing = "open this file";
    let metadata = path.metadata().map_err(|e| Fault::io(&e, doing, path))?;
    if !metadata.is_file() {
        return Err(Fault::new(
            Code::Unsupported,
            "This is neither a file nor a folder of frames.",
        )
        .at(path));
    }
    if metadata.len() == 0 {
        return Err(
            Fault::new(Code::Damaged, "This file is empty: it holds no bytes.")
                .advise("Copy it again from where it came.")
                .at(path),
        );
    }
    let mut file = File::open(path).map_err(|e| Fault::io(&e, doing, path))?;
    let head = head(&mut file).map_err(|e| Fault::io(&e, doing, path))?;
    let content = match picture::format_of(&head) {
        Some(format) => Content::Picture(format),
        None => Content::Other,
    };
    Ok((file, content))
}

fn head(file: &mut File) -> std::io::Result<Vec<u8>> {
    let mut head = Vec::with_capacity(HEAD as usize);
    file.seek(SeekFrom::Start(0))?;
    file.by_ref().take(HEAD).read_to_end(&mut head)?;
    file.seek(SeekFrom::Start(0))?;
    Ok(head)
}

/// Names that promise a picture, video or sound.
const PROMISES: [(&str, &[&str]); 3] = [
    (
        "a picture",
        &[
            "png", "jpg", "jpeg", "webp", "tif", "tiff", "exr", "gif", "bmp",
        ],
    ),
    (
        "a video",
        &[
            "mp4", "mov", "m4v", "mkv", "webm", "avi", "mpg", "mpeg", "ts", "mxf", "gif",
        ],
    ),
    (
        "sound",
        &["wav", "mp3", "flac", "m4a", "aac", "ogg", "opus", "aiff"],
    ),
];

/// Says in one sentence why a file could be opened neither as picture, video nor sound.
pub(crate) fn explain(path: &Path) -> Fault {
    let head = File::open(path)
        .and_then(|mut file| head(&mut file))
        .unwrap_or_default();
    let promise = path
        .extension()
        .and_then(|e| e.to_str())
        .and_then(|ending| {
            PROMISES
                .iter()
                .find(|(_, known)| known.iter().any(|k| k.eq_ignore_ascii_case(ending)))
                .map(|(what, _)| (*what, ending.to_ascii_lowercase()))
        });
    let fault = match promise {
        _ if brand(&head).is_some_and(|b| b == "heic" || b == "heif" || b == "avif") => Fault::new(
            Code::Unsupported,
            "This is a HEIC or AVIF picture, which cannot be read here.",
        )
        .advise("Save it as PNG or JPEG and add that."),
        Some((what, ending)) if is_text(&head) => Fault::new(
            Code::Damaged,
            format!("This file is named .{ending} like {what} but holds text."),
        )
        .advise("Check where it came from: a failed download often leaves a page of text."),
        Some((what, _)) if brand(&head).is_some() => Fault::new(
            Code::Damaged,
            format!("This file begins like {what} but its index is missing: it is cut short."),
        )
        .advise("Copy or record it again, to its end."),
        Some((what, ending)) => Fault::new(
            Code::Damaged,
            format!(
                "This file is named .{ending} but holds no {} that can be read.",
                what.trim_start_matches("a ")
            ),
        )
        .advise("It may be damaged or cut short: copy it again from where it came."),
        None if brand(&head).is_some() => Fault::new(
            Code::Damaged,
            "This file begins like a video but its index is missing: it is cut short.",
        )
        .advise("Copy or record it again, to its end."),
        None if is_text(&head) => Fault::new(
            Code::Unsupported,
            "This is a text file, not a picture, video or sound.",
        ),
        None => Fault::new(
            Code::Unsupported,
            "This file is not a picture, video or sound that can be read here.",
        ),
    };
    fault.at(path)
}

/// The major brand of an ISO media file (MP4, MOV, HEIC).
fn brand(head: &[u8]) -> Option<&str> {
    match (head.get(4..8), head.get(8..12)) {
        (Some(b"ftyp"), Some(brand)) => std::str::from_utf8(brand).ok(),
        _ => None,
    }
}

fn is_text(head: &[u8]) -> bool {
    let valid = match std::str::from_utf8(head) {
        Ok(text) => text,
        // The head may end inside a character.
        Err(error) if error.error_len().is_none() => head
            .get(..error.valid_up_to())
            .and_then(|h| std::str::from_utf8(h).ok())
            .unwrap_or(""),
        Err(_) => return false,
    };
    !valid.is_empty()
        && !valid
            .chars()
            .any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t' | '\u{c}' | '\u{1b}'))
}
