//! Plain tables of numbers, one pose a line: RealEstate10K, TUM, KITTI and `.chan`.

use decoupage_shot::{Code, Fault, Outcome, ReadOptions};
use glam::{DMat3, DQuat, DVec3};

use super::lines::{Lines, finite_numbers, numbers};
use super::{Format, RawPath, RawPose, RawTimes, push_pose};
use crate::camera::Intrinsics;
use crate::camera::convention::{Convention, normal_key};

/// RealEstate10K, CameraCtrl and VideoX-Fun: a first line with a URL (blank or absent in
/// some), then 19 columns: time in microseconds, fx, fy, cx, cy as shares of the picture, two
/// unused, and a row-major 3×4 world-to-camera matrix in OpenCV axes. VideoX-Fun writes 0 for
/// every time.
pub(crate) fn realestate10k(mut lines: Lines<'_>) -> Outcome<RawPath> {
    let mut poses = Vec::new();
    let mut micros = Vec::new();
    let mut first = true;
    while let Some((number, line)) = lines.next_data()? {
        let header = std::mem::replace(&mut first, false) && numbers(&line).is_none();
        if header {
            continue;
        }
        let v: [f64; 19] = finite_numbers(number, &line, "a RealEstate10K path")?;
        micros.push(v[0] * 1e-6);
        push_pose(
            &mut poses,
            RawPose {
                intrinsics: intrinsics(v[1], v[2], v[3], v[4]),
                ..from_3x4(&v[7..19])
            },
        )?;
    }
    Ok(RawPath {
        times: RawTimes::Seconds(micros),
        ..RawPath::new(Format::RealEstate10k, Convention::OpencvW2c, poses)
    })
}

/// KITTI odometry: 12 columns, a row-major 3×4 camera-to-world matrix, no time. A leading
/// frame number (13 columns) is accepted.
pub(crate) fn kitti(mut lines: Lines<'_>) -> Outcome<RawPath> {
    let mut poses = Vec::new();
    let mut frames = Vec::new();
    while let Some((number, line)) = lines.next_data()? {
        if super::lines::columns(&line).count() == 13 {
            let v: [f64; 13] = finite_numbers(number, &line, "a numbered KITTI path")?;
            frames.push(v[0]);
            push_pose(&mut poses, from_3x4(&v[1..13]))?;
        } else {
            let v: [f64; 12] = finite_numbers(number, &line, "a KITTI path")?;
            push_pose(&mut poses, from_3x4(&v))?;
        }
    }
    let times = if frames.len() == poses.len() && !frames.is_empty() {
        RawTimes::Frames(frames)
    } else {
        RawTimes::None
    };
    Ok(RawPath {
        times,
        ..RawPath::new(Format::Kitti, Convention::OpencvC2w, poses)
    })
}

/// TUM RGB-D: time, translation, quaternion (x y z w), camera-to-world. Seconds by the
/// dataset's definition; EuRoC-style exports in nanoseconds are recognised by their step.
pub(crate) fn tum(mut lines: Lines<'_>) -> Outcome<RawPath> {
    let mut rows: Vec<(f64, RawPose)> = Vec::new();
    let mut first = true;
    while let Some((number, line)) = lines.next_data()? {
        if std::mem::replace(&mut first, false) && numbers(&line).is_none() {
            continue;
        }
        let v: [f64; 8] = finite_numbers(number, &line, "a TUM path")?;
        let rotation = quaternion(v[4], v[5], v[6], v[7], number)?;
        super::check_count(rows.len())?;
        rows.push((
            v[0],
            RawPose {
                rotation,
                translation: DVec3::new(v[1], v[2], v[3]),
                intrinsics: None,
            },
        ));
    }
    rows.sort_by(|a, b| a.0.total_cmp(&b.0));
    rows.dedup_by(|next, kept| next.0 == kept.0);
    let mut steps: Vec<f64> = rows.windows(2).map(|pair| pair[1].0 - pair[0].0).collect();
    steps.sort_by(f64::total_cmp);
    // A step of more than a quarter of an hour is not a camera: the clock ticks finer.
    let unit = match steps.get(steps.len() / 2) {
        Some(step) if *step > 1e6 => 1e-9,
        Some(step) if *step > 1e3 => 1e-6,
        _ => 1.0,
    };
    let (times, poses): (Vec<f64>, Vec<RawPose>) = rows.into_iter().unzip();
    let first_time = times.first().copied().unwrap_or(0.0);
    Ok(RawPath {
        times: RawTimes::Seconds(
            times
                .into_iter()
                .map(|time| (time - first_time) * unit)
                .collect(),
        ),
        ..RawPath::new(Format::Tum, Convention::OpencvC2w, poses)
    })
}

/// Rotation orders a `.chan` file may have been written with: the axis named first turns
/// first (Nuke and Blender name them alike).
const ORDERS: [&str; 6] = ["zxy", "xyz", "xzy", "yxz", "yzx", "zyx"];

/// The key without a trailing rotation order.
pub(crate) fn without_order(key: &str) -> &str {
    let trimmed = key.trim();
    match trimmed.rsplit_once(['_', '-']) {
        Some((rest, order)) if ORDERS.contains(&order.to_ascii_lowercase().as_str()) => rest,
        _ => trimmed,
    }
}

/// Nuke and Blender `.chan`: frame, translation, Euler angles in degrees, and in some the
/// vertical field of view in degrees. The rotation order is not stored: Nuke's default, ZXY,
/// unless the convention key ends in another (`opengl_c2w_xyz`).
pub(crate) fn chan(mut lines: Lines<'_>, options: &ReadOptions) -> Outcome<RawPath> {
    let order = options
        .convention
        .as_deref()
        .map(normal_key)
        .and_then(|key| {
            ORDERS
                .into_iter()
                .find(|order| key.ends_with(&format!("_{order}")))
        })
        .unwrap_or("zxy");
    let mut poses = Vec::new();
    let mut frames = Vec::new();
    let mut angles_used = [false; 3];
    while let Some((number, line)) = lines.next_data()? {
        let (v, fov) = if super::lines::columns(&line).count() == 8 {
            let v: [f64; 8] = finite_numbers(number, &line, "a .chan path")?;
            let fov = v[7];
            (v, Some(fov))
        } else {
            let v: [f64; 7] = finite_numbers(number, &line, "a .chan path")?;
            let mut padded = [0.0; 8];
            padded[..7].copy_from_slice(&v);
            (padded, None)
        };
        for (used, angle) in angles_used.iter_mut().zip(&v[4..7]) {
            *used |= angle.abs() > 1e-6;
        }
        frames.push(v[0]);
        push_pose(
            &mut poses,
            RawPose {
                rotation: euler(order, [v[4], v[5], v[6]]),
                translation: DVec3::new(v[1], v[2], v[3]),
                intrinsics: fov.and_then(|fov| from_vertical_fov(fov.to_radians(), 16.0 / 9.0)),
            },
        )?;
    }
    let mut notes = Vec::new();
    if angles_used.iter().filter(|used| **used).count() > 1 {
        notes.push(format!(
            "The file does not store the order of its rotations; it is read as {}.",
            order.to_ascii_uppercase()
        ));
    }
    Ok(RawPath {
        times: RawTimes::Frames(frames),
        order: Some(order),
        notes,
        ..RawPath::new(Format::Chan, Convention::OpenglC2w, poses)
    })
}

/// Rotation from Euler angles in degrees (about x, y, z); the axis named first turns first.
fn euler(order: &str, degrees: [f64; 3]) -> DMat3 {
    order.chars().fold(DMat3::IDENTITY, |turned, axis| {
        let turn = match axis {
            'x' => DMat3::from_rotation_x(degrees[0].to_radians()),
            'y' => DMat3::from_rotation_y(degrees[1].to_radians()),
            _ => DMat3::from_rotation_z(degrees[2].to_radians()),
        };
        turn * turned
    })
}

/// A row-major 3×4 matrix (extra numbers are ignored, missing ones make it singular).
pub(crate) fn from_3x4(v: &[f64]) -> RawPose {
    let at = |index: usize| v.get(index).copied().unwrap_or(0.0);
    RawPose {
        rotation: DMat3::from_cols(
            DVec3::new(at(0), at(4), at(8)),
            DVec3::new(at(1), at(5), at(9)),
            DVec3::new(at(2), at(6), at(10)),
        ),
        translation: DVec3::new(at(3), at(7), at(11)),
        intrinsics: None,
    }
}

/// A rotation from a quaternion that is about one long.
pub(crate) fn quaternion(x: f64, y: f64, z: f64, w: f64, line: u64) -> Outcome<DMat3> {
    let quaternion = DQuat::from_xyzw(x, y, z, w);
    let length = quaternion.length();
    if !length.is_finite() || (length - 1.0).abs() > 0.05 {
        return Err(Fault::new(
            Code::Damaged,
            format!("The quaternion in line {line} is not one long, so it is not a rotation."),
        )
        .advise("Check that the file is a camera path, or choose its format by hand."));
    }
    Ok(DMat3::from_quat(quaternion.normalize()))
}

/// Normalised intrinsics where they make sense: positive focal lengths.
pub(crate) fn intrinsics(fx: f64, fy: f64, cx: f64, cy: f64) -> Option<Intrinsics> {
    let sound = [fx, fy, cx, cy].iter().all(|value| value.is_finite())
        && (1e-4..1e4).contains(&fx)
        && (1e-4..1e4).contains(&fy);
    sound.then_some(Intrinsics { fx, fy, cx, cy })
}

/// Intrinsics from a vertical field of view in radians and width/height.
pub(crate) fn from_vertical_fov(fov: f64, aspect: f64) -> Option<Intrinsics> {
    if !(fov > 0.0 && fov < std::f64::consts::PI && aspect > 0.0) {
        return None;
    }
    let fy = 0.5 / (fov / 2.0).tan();
    intrinsics(fy / aspect, fy, 0.5, 0.5)
}
