//! Paths in JSON: MotionCtrl, ReCamMaster, nerfstudio, instant-ngp.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::fmt;

use decoupage_shot::{Code, Fault, Outcome, ReadOptions};
use glam::{DMat3, DVec3};
use serde::Deserialize;
use serde::de::{IgnoredAny, MapAccess, Visitor};

use super::lines::short;
use super::tables::{from_3x4, from_vertical_fov, intrinsics};
use super::{Format, RawPath, RawPose, RawTimes, push_pose};
use crate::camera::Intrinsics;
use crate::camera::convention::Convention;

/// The first top-level keys of a JSON object, its values unread: enough to tell formats apart.
pub(crate) struct Keys(pub Vec<String>);

impl<'de> Deserialize<'de> for Keys {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Look;
        impl<'de> Visitor<'de> for Look {
            type Value = Keys;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Keys, A::Error> {
                let mut keys = Vec::new();
                while let Some(key) = map.next_key::<String>()? {
                    map.next_value::<IgnoredAny>()?;
                    if keys.len() < 64 {
                        keys.push(key);
                    }
                }
                Ok(Keys(keys))
            }
        }
        deserializer.deserialize_map(Look)
    }
}

/// The format of a JSON text by its top-level shape; `None` where no format fits.
pub(crate) fn detect(bytes: &[u8]) -> Outcome<Option<Format>> {
    match bytes.iter().find(|byte| !byte.is_ascii_whitespace()) {
        Some(b'[') => {
            let head = &bytes[..bytes.len().min(400)];
            let opens = head.iter().filter(|byte| **byte == b'[').count();
            let names = head.contains(&b'{') || head.contains(&b'"');
            Ok((opens >= 2 && !names).then_some(Format::MotionCtrl))
        }
        _ => {
            let Keys(keys) = parse(bytes)?;
            let has = |key: &str| keys.iter().any(|known| known == key);
            Ok(if has("asset") && (has("nodes") || has("scenes")) {
                Some(Format::Gltf)
            } else if has("camera_path") {
                Some(Format::NerfstudioPath)
            } else if has("frames") && has("camera_angle_x") && !has("fl_x") {
                Some(Format::InstantNgp)
            } else if has("frames") {
                Some(Format::Nerfstudio)
            } else if keys.iter().any(|key| frame_number(key).is_some()) {
                Some(Format::ReCamMaster)
            } else {
                None
            })
        }
    }
}

fn parse<'a, T: Deserialize<'a>>(bytes: &'a [u8]) -> Outcome<T> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    serde_json::from_slice(bytes).map_err(|error| {
        use serde_json::error::Category;
        let place = format!("line {}, column {}", error.line(), error.column());
        match error.classify() {
            Category::Eof => Fault::new(Code::Damaged, format!("The JSON breaks off at {place}."))
                .advise("Copy or export the file again."),
            Category::Data => Fault::new(
                Code::Damaged,
                format!("The JSON at {place} is not what a camera path holds there."),
            )
            .advise("Check that the file is a camera path, or choose its format by hand."),
            _ => Fault::new(Code::Damaged, format!("The JSON is malformed at {place}."))
                .advise("NaN and Infinity are not JSON; export the path again."),
        }
    })
}

/// MotionCtrl: a list of row-major 3×4 world-to-camera matrices of 12 numbers each, OpenCV
/// axes, no times. Lists of 16 numbers and nested rows are read as well.
pub(crate) fn motionctrl(bytes: &[u8]) -> Outcome<RawPath> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Rows {
        Flat(Vec<f64>),
        Nested(Vec<Vec<f64>>),
    }
    let rows: Vec<Rows> = parse(bytes)?;
    let mut poses = Vec::new();
    for (index, row) in rows.into_iter().enumerate() {
        let flat = match row {
            Rows::Flat(flat) => flat,
            Rows::Nested(nested) => nested.concat(),
        };
        if flat.len() != 12 && flat.len() != 16 {
            return Err(Fault::new(
                Code::Damaged,
                format!(
                    "Pose {} holds {} numbers where a MotionCtrl pose has 12.",
                    index + 1,
                    flat.len()
                ),
            ));
        }
        push_pose(&mut poses, from_3x4(&flat))?;
    }
    Ok(RawPath::new(
        Format::MotionCtrl,
        Convention::OpencvW2c,
        poses,
    ))
}

/// ReCamMaster: `frameN.camNN` holds four bracketed rows as text, an Unreal matrix with row
/// vectors, in centimetres.
pub(crate) fn recammaster(bytes: &[u8], options: &ReadOptions) -> Outcome<RawPath> {
    let frames: BTreeMap<String, BTreeMap<String, String>> = parse(bytes)?;
    let mut ordered: Vec<(u64, BTreeMap<String, String>)> = frames
        .into_iter()
        .filter_map(|(key, cameras)| Some((frame_number(&key)?, cameras)))
        .collect();
    ordered.sort_by_key(|(number, _)| *number);
    let mut names: Vec<String> = ordered
        .first()
        .map(|(_, cameras)| cameras.keys().cloned().collect())
        .unwrap_or_default();
    names.sort_by(|a, b| natural(a, b));
    let chosen = choose(&names, options.camera.as_deref())?;
    let mut poses = Vec::new();
    let mut numbers = Vec::new();
    for (number, mut cameras) in ordered {
        let text = cameras.remove(&chosen).ok_or_else(|| {
            Fault::new(
                Code::Damaged,
                format!("Camera “{}” is missing in frame {number}.", short(&chosen)),
            )
        })?;
        let values: Option<Vec<f64>> = text
            .split(|c: char| c.is_whitespace() || "[],;".contains(c))
            .filter(|word| !word.is_empty())
            .map(|word| word.parse().ok())
            .collect();
        let Some(v) = values.filter(|values| values.len() == 16) else {
            return Err(Fault::new(
                Code::Damaged,
                format!("The matrix of frame {number} is not four rows of four numbers."),
            ));
        };
        // Rows are stored for row vectors: each stored row is a column of camera-to-world.
        let row = |index: usize| {
            let at = |offset: usize| v.get(4 * index + offset).copied().unwrap_or(0.0);
            DVec3::new(at(0), at(1), at(2))
        };
        numbers.push(number as f64);
        push_pose(
            &mut poses,
            RawPose {
                rotation: DMat3::from_cols(row(0), row(1), row(2)),
                translation: row(3),
                intrinsics: None,
            },
        )?;
    }
    Ok(RawPath {
        times: RawTimes::Frames(numbers),
        cameras: first_chosen(names, &chosen),
        metric: true,
        unit: 0.01,
        ..RawPath::new(Format::ReCamMaster, Convention::UnrealC2w, poses)
    })
}

#[derive(Deserialize)]
struct Transforms {
    frames: Vec<TransformsFrame>,
    #[serde(flatten)]
    lens: Lens,
    camera_angle_x: Option<f64>,
    camera_angle_y: Option<f64>,
    fps: Option<f64>,
}

#[derive(Deserialize)]
struct TransformsFrame {
    transform_matrix: Vec<Vec<f64>>,
    file_path: Option<String>,
    time: Option<f64>,
    #[serde(flatten)]
    lens: Lens,
}

/// Pixel intrinsics, at the top or in a frame.
#[derive(Deserialize, Default, Clone, Copy)]
struct Lens {
    w: Option<f64>,
    h: Option<f64>,
    fl_x: Option<f64>,
    fl_y: Option<f64>,
    cx: Option<f64>,
    cy: Option<f64>,
}

impl Lens {
    fn or(self, other: Self) -> Self {
        Self {
            w: self.w.or(other.w),
            h: self.h.or(other.h),
            fl_x: self.fl_x.or(other.fl_x),
            fl_y: self.fl_y.or(other.fl_y),
            cx: self.cx.or(other.cx),
            cy: self.cy.or(other.cy),
        }
    }

    fn normalised(self) -> Option<Intrinsics> {
        let (fl_x, w) = (self.fl_x?, self.w?);
        let fl_y = self.fl_y.unwrap_or(fl_x);
        // Without a height the picture is taken as 16:9, as for formats that store a field
        // of view alone.
        let h = self.h.unwrap_or(w * 9.0 / 16.0);
        let centre = |value: Option<f64>, size: f64| value.map_or(0.5, |value| value / size);
        intrinsics(fl_x / w, fl_y / h, centre(self.cx, w), centre(self.cy, h))
    }
}

/// nerfstudio, GenDoP and instant-ngp `transforms.json`: 4×4 camera-to-world matrices in
/// OpenGL axes; intrinsics in pixels, or a horizontal field of view (`camera_angle_x`).
/// Frames with file names come in the names' order.
pub(crate) fn transforms(bytes: &[u8], format: Format) -> Outcome<RawPath> {
    let file: Transforms = parse(bytes)?;
    let angle = file.camera_angle_x.and_then(|fov_x| {
        let aspect = match (file.lens.w, file.lens.h) {
            (Some(w), Some(h)) if w > 0.0 && h > 0.0 => w / h,
            _ => 16.0 / 9.0,
        };
        let fx = 0.5 / (fov_x / 2.0).tan();
        let fy = file
            .camera_angle_y
            .map_or(fx * aspect, |fov_y| 0.5 / (fov_y / 2.0).tan());
        intrinsics(fx, fy, 0.5, 0.5)
    });
    let mut frames = file.frames;
    let named = frames.iter().all(|frame| frame.file_path.is_some());
    if named {
        frames.sort_by(|a, b| {
            natural(
                a.file_path.as_deref().unwrap_or(""),
                b.file_path.as_deref().unwrap_or(""),
            )
        });
    }
    let times: Option<Vec<f64>> = frames.iter().map(|frame| frame.time).collect();
    let mut poses = Vec::new();
    for (index, frame) in frames.into_iter().enumerate() {
        let flat = frame.transform_matrix.concat();
        if flat.len() != 16 && flat.len() != 12 {
            return Err(Fault::new(
                Code::Damaged,
                format!("The matrix of pose {} is not 4 by 4.", index + 1),
            ));
        }
        push_pose(
            &mut poses,
            RawPose {
                intrinsics: frame.lens.or(file.lens).normalised().or(angle),
                ..from_3x4(&flat)
            },
        )?;
    }
    // D-NeRF writes times from 0 to 1 for the whole clip: an order, not seconds.
    let times = match (times, file.fps) {
        (Some(times), _) if times.iter().any(|time| *time > 1.5) => RawTimes::Seconds(times),
        (_, Some(fps)) if fps.is_finite() && fps > 0.0 => {
            RawTimes::Seconds((0..poses.len()).map(|index| index as f64 / fps).collect())
        }
        _ => RawTimes::None,
    };
    Ok(RawPath {
        times,
        scaled: true,
        ..RawPath::new(format, Convention::OpenglC2w, poses)
    })
}

/// nerfstudio's render path: `camera_path[].camera_to_world` of 16 numbers, vertical field of
/// view in degrees, with its rate in `fps`.
pub(crate) fn nerfstudio_path(bytes: &[u8]) -> Outcome<RawPath> {
    #[derive(Deserialize)]
    struct File {
        camera_path: Vec<Pose>,
        fps: Option<f64>,
    }
    #[derive(Deserialize)]
    struct Pose {
        camera_to_world: Vec<f64>,
        fov: Option<f64>,
        aspect: Option<f64>,
    }
    let file: File = parse(bytes)?;
    let mut poses = Vec::new();
    for (index, pose) in file.camera_path.into_iter().enumerate() {
        if pose.camera_to_world.len() != 16 {
            return Err(Fault::new(
                Code::Damaged,
                format!("The matrix of pose {} is not 4 by 4.", index + 1),
            ));
        }
        let aspect = pose.aspect.unwrap_or(16.0 / 9.0);
        push_pose(
            &mut poses,
            RawPose {
                intrinsics: pose
                    .fov
                    .and_then(|fov| from_vertical_fov(fov.to_radians(), aspect)),
                ..from_3x4(&pose.camera_to_world)
            },
        )?;
    }
    let times = match file.fps {
        Some(fps) if fps.is_finite() && fps > 0.0 => {
            RawTimes::Seconds((0..poses.len()).map(|index| index as f64 / fps).collect())
        }
        _ => RawTimes::None,
    };
    Ok(RawPath {
        times,
        scaled: true,
        ..RawPath::new(Format::NerfstudioPath, Convention::OpenglC2w, poses)
    })
}

fn frame_number(key: &str) -> Option<u64> {
    key.strip_prefix("frame")?.trim_matches('_').parse().ok()
}

/// The camera a person means: by name, or by number ("3" for "cam03"); the first by default.
pub(crate) fn choose(names: &[String], wanted: Option<&str>) -> Outcome<String> {
    let Some(first) = names.first() else {
        return Err(Fault::new(Code::Damaged, "The file holds no cameras."));
    };
    let Some(wanted) = wanted.map(str::trim).filter(|wanted| !wanted.is_empty()) else {
        return Ok(first.clone());
    };
    let number = |text: &str| {
        text.trim_start_matches(|c: char| !c.is_ascii_digit())
            .parse::<u64>()
            .ok()
    };
    names
        .iter()
        .find(|name| name.eq_ignore_ascii_case(wanted))
        .or_else(|| {
            names
                .iter()
                .find(|name| number(name).is_some() && number(name) == number(wanted))
        })
        .cloned()
        .ok_or_else(|| {
            let list: Vec<String> = names.iter().take(12).map(|name| short(name)).collect();
            Fault::new(
                Code::Invalid,
                format!("The file has no camera called “{}”.", short(wanted)),
            )
            .advise(format!("Choose one of {}.", list.join(", ")))
        })
}

/// The names with the chosen one first; a single name is no choice and is left out.
pub(crate) fn first_chosen(mut names: Vec<String>, chosen: &str) -> Vec<String> {
    if let Some(index) = names.iter().position(|name| name == chosen) {
        let name = names.remove(index);
        names.insert(0, name);
    }
    names
}

/// Order of names in which numbers count as numbers (`frame_2` before `frame_10`).
pub(crate) fn natural(a: &str, b: &str) -> Ordering {
    let (mut a_rest, mut b_rest) = (a, b);
    loop {
        let (a_text, a_number, a_next) = split_number(a_rest);
        let (b_text, b_number, b_next) = split_number(b_rest);
        let order = a_text.cmp(b_text).then_with(|| {
            let (a_digits, b_digits) = (
                a_number.trim_start_matches('0'),
                b_number.trim_start_matches('0'),
            );
            a_digits
                .len()
                .cmp(&b_digits.len())
                .then_with(|| a_digits.cmp(b_digits))
        });
        if order != Ordering::Equal {
            return order;
        }
        if a_next.is_empty() || b_next.is_empty() {
            return a_next.len().cmp(&b_next.len()).then_with(|| a.cmp(b));
        }
        (a_rest, b_rest) = (a_next, b_next);
    }
}

fn split_number(text: &str) -> (&str, &str, &str) {
    let start = text
        .find(|c: char| c.is_ascii_digit())
        .unwrap_or(text.len());
    let (lead, rest) = text.split_at(start);
    let end = rest
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(rest.len());
    let (digits, tail) = rest.split_at(end);
    (lead, digits, tail)
}
