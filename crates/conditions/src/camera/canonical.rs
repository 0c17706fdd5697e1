//! From the numbers of a file to the one canonical path.

use decoupage_shot::{Code, Fault, Outcome, ReadOptions};
use glam::{DMat3, DVec3};

use super::convention::Convention;
use super::formats::{RawPath, RawTimes};
use super::{CameraPath, CameraPose};

/// How far a stored rotation may be from a true one before the file is refused: files with
/// three decimals and slightly sheared exports pass, other tables of numbers do not.
const ROTATION_TOLERANCE: f64 = 0.05;

/// The largest coordinate that is believed; beyond it, differences drown in rounding.
const FURTHEST: f64 = 1e12;

/// How a canonical path came about.
#[derive(Debug, Clone)]
pub(crate) struct Loaded {
    pub path: CameraPath,
    pub format: &'static str,
    pub convention: String,
    pub cameras: Vec<String>,
    pub times_assumed: bool,
    /// The rate that was assumed or stated, where the file stores no times.
    pub fps: Option<f64>,
    /// Things a person should know about how the file was read, full sentences.
    pub notes: Vec<String>,
}

/// Turns stored poses into the canonical path: OpenCV camera-to-world relative to frame 0.
///
/// Relative poses are composed as matrices, so a left-handed world (ReCamMaster: determinant
/// −1 in every frame) cancels out before anything is treated as a rotation.
pub(crate) fn canonical(raw: RawPath, options: &ReadOptions) -> Outcome<Loaded> {
    if raw.poses.is_empty() {
        return Err(Fault::new(
            Code::Damaged,
            format!("The file holds no camera poses ({}).", raw.format.title()),
        ));
    }
    if raw.poses.len() == 1 {
        return Err(Fault::new(
            Code::Unsupported,
            "The file holds a single camera pose, which is not a path.",
        )
        .advise("Give a path of at least two poses."));
    }
    let convention = match options.convention.as_deref() {
        // A suffix such as `_zxy` is the rotation order, which its parser has used already.
        Some(key) => Convention::from_key(super::formats::without_order(key))?,
        None => raw.convention,
    };
    let mut mirrored = None;
    let mut frames = Vec::with_capacity(raw.poses.len());
    for (index, pose) in raw.poses.iter().enumerate() {
        let which = || format!("pose {} of {}", index + 1, raw.poses.len());
        if !pose.rotation.is_finite() || !pose.translation.is_finite() {
            return Err(Fault::new(
                Code::Damaged,
                format!(
                    "The path holds a number that is not finite, in {}.",
                    which()
                ),
            )
            .advise("Export the path again; a solver may have lost the camera there."));
        }
        if pose.translation.abs().max_element() > FURTHEST {
            return Err(Fault::new(
                Code::Damaged,
                format!(
                    "The camera of {} stands further away than any scene.",
                    which()
                ),
            )
            .advise("Check that the file is a camera path, or choose its format by hand."));
        }
        let (rotation, mirror) = orthonormal(pose.rotation, raw.scaled).ok_or_else(|| {
            Fault::new(
                Code::Damaged,
                format!("The matrix of {} is not a rotation.", which()),
            )
            .advise("Check that the file is a camera path, or choose its format by hand.")
        })?;
        if *mirrored.get_or_insert(mirror) != mirror {
            return Err(Fault::new(
                Code::Damaged,
                format!("The matrix of {} is mirrored against the first.", which()),
            ));
        }
        frames.push(convention.axes_and_centre(rotation, pose.translation));
    }
    let magnitude = raw
        .poses
        .iter()
        .map(|pose| pose.translation.abs().max_element())
        .fold(0.0, f64::max);
    let (first_axes, first_centre) = frames[0];
    let to_first = first_axes.transpose();
    let (times, times_assumed, fps) = times(&raw, options)?;
    let mut poses = Vec::with_capacity(frames.len());
    let mut furthest: f64 = 0.0;
    for (index, ((axes, centre), pose)) in frames.iter().zip(&raw.poses).enumerate() {
        let relative = to_first * *axes;
        let centre = to_first * ((*centre - first_centre) * raw.unit);
        furthest = furthest.max(centre.length());
        poses.push(CameraPose {
            time_s: times[index],
            world_from_camera: if index == 0 {
                DMat3::IDENTITY
            } else {
                polar(relative)
            },
            centre: if index == 0 { DVec3::ZERO } else { centre },
            intrinsics: pose.intrinsics,
        });
    }
    // Files written in single precision leave a dust of about 1e-7 of their own numbers.
    if furthest <= 2e-6 * magnitude * raw.unit || furthest < 1e-12 {
        for pose in &mut poses {
            pose.centre = DVec3::ZERO;
        }
    }
    Ok(Loaded {
        path: CameraPath {
            poses,
            metric: raw.metric,
        },
        format: raw.format.key(),
        convention: match raw.order {
            Some(order) => format!("{}_{order}", convention.key()),
            None => convention.key().to_owned(),
        },
        cameras: raw.cameras,
        times_assumed,
        fps,
        notes: raw.notes,
    })
}

/// Times in seconds from the first frame, whether they are assumed, and the rate used.
fn times(raw: &RawPath, options: &ReadOptions) -> Outcome<(Vec<f64>, bool, Option<f64>)> {
    let count = raw.poses.len();
    let stated = match options.fps {
        Some(fps) if fps.is_finite() && (0.01..=1000.0).contains(&fps) => Some(fps),
        Some(_) => {
            return Err(Fault::new(
                Code::Invalid,
                "The frame rate must lie between 0.01 and 1000 frames per second.",
            ));
        }
        None => None,
    };
    let at_rate = |fps: f64| (0..count).map(|index| index as f64 / fps).collect();
    Ok(match &raw.times {
        // Animations keep their own clock; the rate only says how finely they are sampled.
        RawTimes::Sampled(times) => (from_zero(times), false, None),
        RawTimes::Seconds(times) if stated.is_none() && ascending(times) => {
            (from_zero(times), false, None)
        }
        RawTimes::Frames(numbers) if ascending(numbers) => {
            let fps = stated.unwrap_or(raw.format.habitual_fps());
            let numbers = from_zero(numbers);
            (
                numbers.iter().map(|number| number / fps).collect(),
                stated.is_none(),
                Some(fps),
            )
        }
        _ => {
            let fps = stated.unwrap_or(raw.format.habitual_fps());
            (at_rate(fps), stated.is_none(), Some(fps))
        }
    })
}

fn ascending(times: &[f64]) -> bool {
    times.iter().all(|time| time.is_finite()) && times.windows(2).all(|pair| pair[1] > pair[0])
}

fn from_zero(times: &[f64]) -> Vec<f64> {
    let first = times.first().copied().unwrap_or(0.0);
    times.iter().map(|time| time - first).collect()
}

/// The nearest orthonormal matrix and whether it mirrors; `None` where the matrix is singular
/// or too far from a rotation. With `scaled`, a uniform scale is taken out first.
fn orthonormal(matrix: DMat3, scaled: bool) -> Option<(DMat3, bool)> {
    let determinant = matrix.determinant();
    let size = determinant.abs().cbrt();
    if !size.is_finite() || size < 1e-9 {
        return None;
    }
    let matrix = if scaled {
        matrix * (1.0 / size)
    } else {
        matrix
    };
    let gram = matrix.transpose() * matrix;
    let off = gram - DMat3::IDENTITY;
    let worst = [off.x_axis, off.y_axis, off.z_axis]
        .into_iter()
        .map(|column| column.abs().max_element())
        .fold(0.0, f64::max);
    (worst <= 2.0 * ROTATION_TOLERANCE).then(|| (polar(matrix), determinant < 0.0))
}

/// The orthonormal factor of the polar decomposition, by Newton's iteration (Higham 1986).
fn polar(matrix: DMat3) -> DMat3 {
    let mut rotation = matrix;
    for _ in 0..8 {
        rotation = (rotation + rotation.inverse().transpose()) * 0.5;
    }
    rotation
}
