//! COLMAP text models: `images.txt` with `cameras.txt` beside it, or a folder with both.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufReader, Read};
use std::path::{Path, PathBuf};

use decoupage_shot::{Code, Fault, Outcome, ReadOptions, Watch};
use glam::DVec3;

use super::json::{choose, first_chosen, natural};
use super::lines::{Lines, columns, not_finite, numbers, short};
use super::tables::{intrinsics, quaternion};
use super::{Format, MOST_BYTES, RawPath, RawPose, check_count};
use crate::camera::Intrinsics;
use crate::camera::convention::Convention;

/// Where COLMAP's tools leave a text model inside a folder.
const PLACES: [&str; 4] = [
    "images.txt",
    "sparse/0/images.txt",
    "sparse/images.txt",
    "0/images.txt",
];

/// The file meant by a path: a folder stands for the `images.txt` in it.
pub(crate) fn find_in_folder(path: &Path) -> Outcome<PathBuf> {
    if !path.is_dir() {
        return Ok(path.to_owned());
    }
    if let Some(found) = PLACES
        .iter()
        .map(|place| path.join(place))
        .find(|file| file.is_file())
    {
        return Ok(found);
    }
    let json = path.join("transforms.json");
    if json.is_file() {
        return Ok(json);
    }
    let binary = PLACES
        .iter()
        .any(|place| path.join(place).with_extension("bin").is_file());
    Err(if binary {
        Fault::new(
            Code::Unsupported,
            "The folder holds a COLMAP model in binary form.",
        )
        .advise("Export it as text in COLMAP (File → Export model as text).")
    } else {
        Fault::new(Code::Unsupported, "The folder holds no camera path.")
            .advise("Add the file itself, or a COLMAP folder with images.txt in it.")
    })
}

/// The name of a COLMAP file that holds no poses, where `path` is one.
pub(crate) fn other_file(path: &Path) -> Option<&'static str> {
    match path.file_name()?.to_str()? {
        "cameras.txt" => Some("cameras.txt"),
        "points3D.txt" => Some("points3D.txt"),
        _ => None,
    }
}

/// Whether a line is an image line: `ID QW QX QY QZ TX TY TZ CAMERA NAME`.
pub(crate) fn is_image_line(line: &str) -> bool {
    let words: Vec<&str> = columns(line).take(11).collect();
    let Some(values) = words.get(..9).and_then(|head| numbers(&head.join(" "))) else {
        return false;
    };
    let name = words
        .get(9)
        .is_some_and(|word| word.parse::<f64>().is_err());
    let length: f64 = values[1..5].iter().map(|value| value * value).sum();
    name && (length.sqrt() - 1.0).abs() < 0.05
}

struct Image {
    name: String,
    camera: String,
    pose: RawPose,
}

/// Reads the image lines of `images.txt`; the lines of image points between them are skipped
/// unread. Images come in the order of their names. Of several cameras that each took several
/// pictures, one is read.
pub(crate) fn read(
    mut lines: Lines<'_>,
    options: &ReadOptions,
    cameras: Option<&Path>,
    watch: &dyn Watch,
) -> Outcome<RawPath> {
    let mut images = Vec::new();
    while let Some((number, line)) = lines.next_data()? {
        check_count(images.len())?;
        images.push(image(number, &line)?);
        // The line of image points may be blank, and is never looked at.
        lines.next_line()?;
    }
    images.sort_by(|a, b| natural(&a.name, &b.name));
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for image in &images {
        *counts.entry(image.camera.as_str()).or_insert(0) += 1;
    }
    // A camera for each picture is one camera that was calibrated picture by picture.
    let rig = counts.len() > 1 && counts.values().all(|count| *count > 1);
    let mut names = Vec::new();
    if rig {
        let mut by_count: Vec<(&str, usize)> = counts.into_iter().collect();
        by_count.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| natural(a.0, b.0)));
        let all: Vec<String> = by_count
            .iter()
            .map(|(name, _)| (*name).to_owned())
            .collect();
        let chosen = choose(&all, options.camera.as_deref())?;
        images.retain(|image| image.camera == chosen);
        names = first_chosen(all, &chosen);
    }
    let lenses = match cameras {
        Some(path) if path.is_file() => lenses(path, watch)?,
        _ => BTreeMap::new(),
    };
    let poses = images
        .into_iter()
        .map(|image| RawPose {
            intrinsics: lenses.get(&image.camera).copied(),
            ..image.pose
        })
        .collect();
    Ok(RawPath {
        cameras: names,
        ..RawPath::new(Format::Colmap, Convention::OpencvW2c, poses)
    })
}

fn image(number: u64, line: &str) -> Outcome<Image> {
    let words: Vec<&str> = columns(line).collect();
    let values = words
        .get(..8)
        .and_then(|head| numbers(&head.join(" ")))
        .ok_or_else(|| {
            Fault::new(
                Code::Damaged,
                format!("Line {number} is not an image line of COLMAP's images.txt."),
            )
        })?;
    if values.iter().any(|value| !value.is_finite()) {
        return Err(not_finite(number));
    }
    let (Some(camera), Some(_)) = (words.get(8), words.get(9)) else {
        return Err(Fault::new(
            Code::Damaged,
            format!(
                "Line {number} has {} columns where a COLMAP image has 10.",
                words.len()
            ),
        ));
    };
    Ok(Image {
        name: words[9..].join(" "),
        camera: (*camera).to_owned(),
        pose: RawPose {
            rotation: quaternion(values[2], values[3], values[4], values[1], number)?,
            translation: DVec3::new(values[5], values[6], values[7]),
            intrinsics: None,
        },
    })
}

/// Intrinsics by camera id, from `cameras.txt`: `ID MODEL WIDTH HEIGHT PARAMS…`.
fn lenses(path: &Path, watch: &dyn Watch) -> Outcome<BTreeMap<String, Intrinsics>> {
    let file = File::open(path).map_err(|error| Fault::io(&error, "open cameras.txt", path))?;
    let mut lines = Lines::new(BufReader::new(file.take(MOST_BYTES)), watch);
    let mut found = BTreeMap::new();
    while let Some((number, line)) = lines.next_data()? {
        check_count(found.len())?;
        let words: Vec<&str> = columns(&line).collect();
        let parts = (|| {
            let model = words.get(1)?;
            let values = numbers(&words.get(2..)?.join(" "))?;
            let [w, h, ref parameters @ ..] = values[..] else {
                return None;
            };
            // Models with one focal length come before those with two in COLMAP's own list.
            let one = matches!(
                *model,
                "SIMPLE_PINHOLE"
                    | "SIMPLE_RADIAL"
                    | "RADIAL"
                    | "SIMPLE_RADIAL_FISHEYE"
                    | "RADIAL_FISHEYE"
            );
            let (fx, fy, rest) = match parameters {
                [f, rest @ ..] if one => (*f, *f, rest),
                [fx, fy, rest @ ..] => (*fx, *fy, rest),
                _ => return None,
            };
            let [cx, cy, ..] = rest else { return None };
            Some((
                words.first()?.to_string(),
                intrinsics(fx / w, fy / h, cx / w, cy / h),
            ))
        })();
        match parts {
            Some((id, Some(lens))) => {
                found.insert(id, lens);
            }
            _ => {
                return Err(Fault::new(
                    Code::Damaged,
                    format!(
                        "Line {number} of cameras.txt is not a COLMAP camera: “{}”.",
                        short(&line)
                    ),
                )
                .at(path));
            }
        }
    }
    Ok(found)
}
