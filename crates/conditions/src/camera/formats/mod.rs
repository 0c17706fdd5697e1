//! File formats of camera paths: detection by content and one parser a family.

pub(crate) mod colmap;
pub(crate) mod gltf;
pub(crate) mod json;
pub(crate) mod lines;
pub(crate) mod tables;
#[cfg(test)]
mod tests;

use std::fs::File;
use std::io::{BufReader, Cursor, Read};
use std::path::{Path, PathBuf};

use decoupage_shot::{Code, Fault, Outcome, ReadOptions, Watch};
use glam::{DMat3, DVec3};

use super::Intrinsics;
use super::convention::{Convention, normal_key};
use lines::Lines;
pub(crate) use tables::without_order;

/// The most bytes a camera file may have; COLMAP lists, whose lines of image points are
/// skipped unread, may have [`MOST_COLMAP_BYTES`].
pub(crate) const MOST_BYTES: u64 = 64 << 20;
/// The most bytes of a COLMAP `images.txt`.
pub(crate) const MOST_COLMAP_BYTES: u64 = 2 << 30;
/// The most poses of a path: two hours at 27 frames per second.
pub(crate) const MOST_POSES: usize = 200_000;
/// How much of a text file is looked at to tell its format.
const HEAD_BYTES: usize = 64 * 1024;

/// A file format of camera paths.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    RealEstate10k,
    MotionCtrl,
    ReCamMaster,
    Nerfstudio,
    NerfstudioPath,
    InstantNgp,
    Colmap,
    Tum,
    Kitti,
    Chan,
    Gltf,
}

impl Format {
    pub(crate) const ALL: [Self; 11] = [
        Self::RealEstate10k,
        Self::MotionCtrl,
        Self::ReCamMaster,
        Self::Nerfstudio,
        Self::NerfstudioPath,
        Self::InstantNgp,
        Self::Colmap,
        Self::Tum,
        Self::Kitti,
        Self::Chan,
        Self::Gltf,
    ];

    pub(crate) fn key(self) -> &'static str {
        match self {
            Self::RealEstate10k => "realestate10k",
            Self::MotionCtrl => "motionctrl",
            Self::ReCamMaster => "recammaster",
            Self::Nerfstudio => "nerfstudio",
            Self::NerfstudioPath => "nerfstudio_path",
            Self::InstantNgp => "instant_ngp",
            Self::Colmap => "colmap",
            Self::Tum => "tum",
            Self::Kitti => "kitti",
            Self::Chan => "chan",
            Self::Gltf => "gltf",
        }
    }

    pub(crate) fn title(self) -> &'static str {
        match self {
            Self::RealEstate10k => "RealEstate10K",
            Self::MotionCtrl => "MotionCtrl",
            Self::ReCamMaster => "ReCamMaster",
            Self::Nerfstudio => "nerfstudio transforms",
            Self::NerfstudioPath => "nerfstudio camera path",
            Self::InstantNgp => "instant-ngp transforms",
            Self::Colmap => "COLMAP",
            Self::Tum => "TUM",
            Self::Kitti => "KITTI",
            Self::Chan => ".chan",
            Self::Gltf => "glTF",
        }
    }

    /// The rate its makers use, for formats (or files) that store no times: MotionCtrl's
    /// 16-frame clips play at 8, ReCamMaster's dataset at 15, VideoX-Fun's presets (81 frames
    /// for Wan) at 16, KITTI records at 10; film's 24 elsewhere.
    pub(crate) fn habitual_fps(self) -> f64 {
        match self {
            Self::RealEstate10k => 16.0,
            Self::MotionCtrl => 8.0,
            Self::ReCamMaster => 15.0,
            Self::Kitti => 10.0,
            _ => 24.0,
        }
    }

    /// The format with this key or an everyday name for it.
    pub(crate) fn from_key(key: &str) -> Outcome<Self> {
        let key = normal_key(key);
        let key = match key.as_str() {
            "cameractrl" | "videox_fun" | "videoxfun" | "wan_fun" | "re10k" => "realestate10k",
            "motioncontrol" => "motionctrl",
            "gendop" | "transforms" => "nerfstudio",
            "nerf" | "blender_nerf" => "instant_ngp",
            "glb" => "gltf",
            "nuke" => "chan",
            other => other,
        };
        Self::ALL
            .into_iter()
            .find(|format| format.key() == key)
            .ok_or_else(|| {
                Fault::new(
                    Code::Invalid,
                    format!("There is no camera format called “{}”.", lines::short(key)),
                )
                .advise(format!(
                    "Choose one of {}.",
                    Self::ALL.map(Self::key).join(", ")
                ))
            })
    }
}

/// The poses of a file as they are stored.
#[derive(Debug, Clone)]
pub(crate) struct RawPath {
    pub format: Format,
    pub convention: Convention,
    /// Rotation order, for formats of Euler angles.
    pub order: Option<&'static str>,
    pub poses: Vec<RawPose>,
    pub times: RawTimes,
    pub cameras: Vec<String>,
    pub metric: bool,
    /// Length of one file unit in the path's units.
    pub unit: f64,
    /// Whether matrices may carry a uniform scale.
    pub scaled: bool,
    /// Sentences about how the file was read.
    pub notes: Vec<String>,
}

impl RawPath {
    pub(crate) fn new(format: Format, convention: Convention, poses: Vec<RawPose>) -> Self {
        Self {
            format,
            convention,
            order: None,
            poses,
            times: RawTimes::None,
            cameras: Vec::new(),
            metric: false,
            unit: 1.0,
            scaled: false,
            notes: Vec::new(),
        }
    }
}

/// One pose as stored.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RawPose {
    pub rotation: DMat3,
    pub translation: DVec3,
    pub intrinsics: Option<Intrinsics>,
}

/// What a file says about time.
#[derive(Debug, Clone)]
pub(crate) enum RawTimes {
    /// Nothing.
    None,
    /// Seconds.
    Seconds(Vec<f64>),
    /// Frame numbers.
    Frames(Vec<f64>),
    /// Seconds of an animation that was sampled here.
    Sampled(Vec<f64>),
}

/// Adds a pose, within [`MOST_POSES`].
pub(crate) fn push_pose(poses: &mut Vec<RawPose>, pose: RawPose) -> Outcome<()> {
    check_count(poses.len())?;
    poses.push(pose);
    Ok(())
}

pub(crate) fn check_count(count: usize) -> Outcome<()> {
    if count < MOST_POSES {
        Ok(())
    } else {
        Err(Fault::new(
            Code::TooLarge,
            format!("The path has more than {MOST_POSES} poses."),
        )
        .advise("Cut it to the shot before adding it."))
    }
}

/// Reads the poses in the file or folder at `path`.
pub(crate) fn read(path: &Path, options: &ReadOptions, watch: &dyn Watch) -> Outcome<RawPath> {
    let forced = options
        .format
        .as_deref()
        .map(Format::from_key)
        .transpose()?;
    let path = &colmap::find_in_folder(path)?;
    let metadata =
        std::fs::metadata(path).map_err(|error| Fault::io(&error, "open the camera path", path))?;
    if !metadata.is_file() {
        return Err(Fault::new(
            Code::Unsupported,
            "This is not a file, so it holds no camera path.",
        ));
    }
    if metadata.len() == 0 {
        return Err(
            Fault::new(Code::Damaged, "The file is empty.").advise("Copy or export it again.")
        );
    }
    let open = || File::open(path).map_err(|error| Fault::io(&error, "open the camera path", path));
    let mut head = Vec::new();
    open()?
        .take(HEAD_BYTES as u64)
        .read_to_end(&mut head)
        .map_err(|error| Fault::io(&error, "read the camera path", path))?;
    let kind = match forced {
        Some(format) => Kind::of(format),
        None => Kind::detect(&head, path)?,
    };
    let most = if kind == Kind::Text(Format::Colmap) {
        MOST_COLMAP_BYTES
    } else {
        MOST_BYTES
    };
    if metadata.len() > most {
        return Err(Fault::new(
            Code::TooLarge,
            format!(
                "The file is larger than the {} MiB a camera path may have.",
                most >> 20
            ),
        )
        .advise("Cut it to the shot before adding it."));
    }
    match kind {
        Kind::Text(format) => {
            let reader = BufReader::with_capacity(1 << 16, open()?.take(most));
            parse_text(
                format,
                Lines::new(reader, watch),
                options,
                Some(path),
                watch,
            )
        }
        Kind::Json(_) | Kind::Binary => {
            let mut bytes = Vec::with_capacity(metadata.len().min(most) as usize);
            open()?
                .take(most)
                .read_to_end(&mut bytes)
                .map_err(|error| Fault::io(&error, "read the camera path", path))?;
            watch.go_on()?;
            parse_bytes(forced, &bytes, options, Some(path), watch)
        }
    }
}

/// The format of a file by its content, without its poses.
pub(crate) fn probe(path: &Path) -> Outcome<Option<&'static str>> {
    let Ok(path) = colmap::find_in_folder(path) else {
        return Ok(None);
    };
    let file =
        File::open(&path).map_err(|error| Fault::io(&error, "open the camera path", &path))?;
    let metadata = file
        .metadata()
        .map_err(|error| Fault::io(&error, "open the camera path", &path))?;
    if !metadata.is_file() {
        return Ok(None);
    }
    let mut head = Vec::new();
    (&file)
        .take(HEAD_BYTES as u64)
        .read_to_end(&mut head)
        .map_err(|error| Fault::io(&error, "read the camera path", &path))?;
    Ok(match Kind::detect(&head, &path) {
        Ok(Kind::Text(format)) => Some(format.key()),
        Ok(Kind::Binary) => Some(Format::Gltf.key()),
        Ok(Kind::Json(_)) if metadata.len() <= MOST_BYTES => {
            (&file)
                .take(MOST_BYTES)
                .read_to_end(&mut head)
                .map_err(|error| Fault::io(&error, "read the camera path", &path))?;
            json::detect(&head).ok().flatten().map(Format::key)
        }
        _ => None,
    })
}

/// How a file must be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Text(Format),
    Json(Option<Format>),
    Binary,
}

impl Kind {
    fn of(format: Format) -> Self {
        match format {
            Format::RealEstate10k | Format::Tum | Format::Kitti | Format::Chan | Format::Colmap => {
                Self::Text(format)
            }
            Format::Gltf => Self::Binary,
            json => Self::Json(Some(json)),
        }
    }

    fn detect(head: &[u8], path: &Path) -> Outcome<Self> {
        if head.starts_with(b"glTF") {
            return Ok(Self::Binary);
        }
        let start = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head);
        match start.iter().find(|byte| !byte.is_ascii_whitespace()) {
            Some(b'{' | b'[') => Ok(Self::Json(None)),
            _ => detect_text(head, path).map(Self::Text),
        }
    }
}

/// Parses bytes already in memory, as a file of that content would be: used for JSON, glTF
/// and in tests.
pub(crate) fn parse_bytes(
    forced: Option<Format>,
    bytes: &[u8],
    options: &ReadOptions,
    path: Option<&Path>,
    watch: &dyn Watch,
) -> Outcome<RawPath> {
    let kind = match forced {
        Some(format) => Kind::of(format),
        None => Kind::detect(
            &bytes[..bytes.len().min(HEAD_BYTES)],
            path.unwrap_or(Path::new("")),
        )?,
    };
    match kind {
        Kind::Text(format) => parse_text(
            format,
            Lines::new(Cursor::new(bytes), watch),
            options,
            path,
            watch,
        ),
        Kind::Binary => gltf::read(bytes, options, path, watch),
        Kind::Json(known) => {
            let format = match known {
                Some(format) => Some(format),
                None => json::detect(bytes)?,
            };
            match format {
                Some(Format::MotionCtrl) => json::motionctrl(bytes),
                Some(Format::ReCamMaster) => json::recammaster(bytes, options),
                Some(format @ (Format::Nerfstudio | Format::InstantNgp)) => {
                    json::transforms(bytes, format)
                }
                Some(Format::NerfstudioPath) => json::nerfstudio_path(bytes),
                Some(Format::Gltf) => gltf::read(bytes, options, path, watch),
                _ => Err(not_a_path("This JSON file is not a camera path.")),
            }
        }
    }
}

fn parse_text(
    format: Format,
    lines: Lines<'_>,
    options: &ReadOptions,
    path: Option<&Path>,
    watch: &dyn Watch,
) -> Outcome<RawPath> {
    match format {
        Format::RealEstate10k => tables::realestate10k(lines),
        Format::Kitti => tables::kitti(lines),
        Format::Tum => tables::tum(lines),
        Format::Chan => tables::chan(lines, options),
        _ => {
            let beside: Option<PathBuf> = path.map(|path| path.with_file_name("cameras.txt"));
            colmap::read(lines, options, beside.as_deref(), watch)
        }
    }
}

pub(crate) fn not_a_path(message: impl Into<String>) -> Fault {
    Fault::new(Code::Unsupported, message).advise(
        "Camera paths come as RealEstate10K, MotionCtrl, ReCamMaster, nerfstudio, COLMAP, TUM, \
         KITTI, .chan or glTF files.",
    )
}

/// The format of a table by its columns.
fn detect_text(head: &[u8], path: &Path) -> Outcome<Format> {
    if head.contains(&0) {
        return Err(not_a_path(
            "This file is not text, so it is not a camera path.",
        ));
    }
    let whole = head.len() < HEAD_BYTES;
    let text = String::from_utf8_lossy(head);
    let mut data: Vec<&str> = text
        .trim_start_matches('\u{feff}')
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .collect();
    if !whole && data.len() > 1 {
        data.pop();
    }
    if let Some(name) = colmap::other_file(path) {
        return Err(
            Fault::new(Code::Unsupported, format!("{name} holds no camera poses."))
                .advise("Add the images.txt that lies beside it, or their folder."),
        );
    }
    if data.is_empty() {
        return Err(not_a_path("The file holds no camera poses."));
    }
    if data.first().is_some_and(|line| colmap::is_image_line(line)) {
        return Ok(Format::Colmap);
    }
    let rows: Vec<Vec<f64>> = data
        .iter()
        .take(200)
        .filter_map(|line| lines::numbers(line))
        .collect();
    if rows.len() * 2 < data.len().min(200) || rows.is_empty() {
        return Err(not_a_path("This text is not a camera path."));
    }
    // The commonest number of columns decides, so that a single broken line is reported as
    // such and does not hide the format.
    let mut counts = std::collections::BTreeMap::new();
    for row in &rows {
        *counts.entry(row.len()).or_insert(0_usize) += 1;
    }
    let width = counts
        .iter()
        .max_by_key(|(_, count)| **count)
        .map_or(0, |(width, _)| *width);
    match width {
        19 => Ok(Format::RealEstate10k),
        12 | 13 => Ok(Format::Kitti),
        7 => Ok(Format::Chan),
        8 => {
            let unit = rows.iter().filter(|row| row.len() == 8).all(|row| {
                let length: f64 = row[4..8].iter().map(|value| value * value).sum();
                (length.sqrt() - 1.0).abs() < 0.05 || !length.is_finite()
            });
            Ok(if unit { Format::Tum } else { Format::Chan })
        }
        _ => Err(not_a_path(format!(
            "This table has {width} columns, which is no known camera path."
        ))),
    }
}
