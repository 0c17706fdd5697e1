//! Camera paths written out in the formats filmmakers and researchers meet, each in its own
//! convention (axes, direction, units), so that a reader has to get every one right.

use std::fmt::Write as _;
use std::path::Path;

use decoupage_shot::Outcome;
use glam::{DMat3, DMat4, DQuat, DVec3, EulerRot};
use serde_json::{Map, Value, json};

use crate::camera::{CameraPose, CameraTrack};
use crate::files::{make_folder, write};

/// A format a camera path can be written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CameraFormat {
    /// RealEstate10K / CameraCtrl .txt: world-to-camera, OpenCV, microseconds, normalised
    /// intrinsics, a URL on the first line.
    RealEstate10k,
    /// The same with an empty first line and no times, as VideoX-Fun writes it.
    VideoxFun,
    /// MotionCtrl .json: world-to-camera 3×4, no times, no intrinsics.
    MotionCtrl,
    /// ReCamMaster .json: transposed Unreal matrices in centimetres; camera `cam01` is the
    /// path, `cam02` rests at its start.
    ReCamMaster,
    /// nerfstudio transforms.json: camera-to-world, OpenGL, pixels.
    Nerfstudio,
    /// nerfstudio render path: camera-to-world, OpenGL, vertical field of view, its own rate.
    NerfstudioPath,
    /// instant-ngp transforms.json: camera-to-world, OpenGL, one field of view for all.
    InstantNgp,
    /// TUM: time, centre, quaternion x y z w, camera-to-world.
    Tum,
    /// KITTI: camera-to-world 3×4, no times.
    Kitti,
    /// COLMAP text model: a folder with `images.txt` and `cameras.txt`, one camera a picture.
    Colmap,
    /// Nuke .chan: frame, centre, Euler degrees (order ZXY), vertical field of view; y up.
    Chan,
    /// glTF: an animated node with a camera, metres, y up; the keys in a file beside it.
    Gltf,
}

impl CameraFormat {
    /// Every format.
    pub const ALL: [Self; 12] = [
        Self::RealEstate10k,
        Self::VideoxFun,
        Self::MotionCtrl,
        Self::ReCamMaster,
        Self::Nerfstudio,
        Self::NerfstudioPath,
        Self::InstantNgp,
        Self::Tum,
        Self::Kitti,
        Self::Colmap,
        Self::Chan,
        Self::Gltf,
    ];

    /// A usual file name; for COLMAP the name of the file to open, beside its `cameras.txt`.
    pub fn file_name(self) -> &'static str {
        match self {
            Self::RealEstate10k => "realestate10k.txt",
            Self::VideoxFun => "videox_fun.txt",
            Self::MotionCtrl => "motionctrl.json",
            Self::ReCamMaster => "camera_extrinsics.json",
            Self::Nerfstudio | Self::InstantNgp => "transforms.json",
            Self::NerfstudioPath => "camera_path.json",
            Self::Tum => "tum.txt",
            Self::Kitti => "kitti.txt",
            Self::Colmap => "images.txt",
            Self::Chan => "camera.chan",
            Self::Gltf => "camera.gltf",
        }
    }

    /// Whether the format stores times.
    pub fn has_times(self) -> bool {
        matches!(
            self,
            Self::RealEstate10k | Self::Tum | Self::NerfstudioPath | Self::Gltf
        )
    }

    /// Whether translations are metres by the format's own definition.
    pub fn is_metric(self) -> bool {
        matches!(self, Self::ReCamMaster | Self::Gltf)
    }

    /// Whether the format stores focal lengths that change over time.
    pub fn has_zoom(self) -> bool {
        matches!(
            self,
            Self::RealEstate10k
                | Self::VideoxFun
                | Self::Nerfstudio
                | Self::NerfstudioPath
                | Self::Colmap
                | Self::Chan
        )
    }

    /// Writes the path to a file (COLMAP: also `cameras.txt` beside it).
    ///
    /// # Errors
    /// A fault when the file cannot be written.
    pub fn write(self, track: &CameraTrack, path: &Path) -> Outcome<()> {
        match self {
            Self::RealEstate10k => write(path, realestate(track, "stage://path", true)),
            Self::VideoxFun => write(path, realestate(track, "", false)),
            Self::MotionCtrl => write(path, motionctrl(track).to_string()),
            Self::ReCamMaster => write(path, recammaster(track).to_string()),
            Self::Nerfstudio => write(path, nerfstudio(track).to_string()),
            Self::Tum => write(path, tum(track)),
            Self::Kitti => write(path, kitti(track)),
            Self::Colmap => {
                let folder = path.parent().unwrap_or(Path::new("."));
                make_folder(folder)?;
                let (images, cameras) = colmap(track);
                write(&folder.join("cameras.txt"), cameras)?;
                write(path, images)
            }
            Self::Chan => write(path, chan(track)),
            Self::NerfstudioPath => write(path, nerfstudio_path(track).to_string()),
            Self::InstantNgp => write(path, instant_ngp(track).to_string()),
            Self::Gltf => {
                let (document, keys) = gltf(track);
                write(&path.with_file_name(GLTF_KEYS), keys)?;
                write(path, document.to_string())
            }
        }
    }
}

/// Height in pixels that pixel formats are written for.
const HEIGHT: f64 = 720.0;

/// Width and height in whole pixels.
fn size(track: &CameraTrack) -> (f64, f64) {
    ((HEIGHT * track.aspect).round(), HEIGHT)
}

/// Rotation and translation of camera from world.
fn camera_from_world(pose: &CameraPose) -> (DMat3, DVec3) {
    let rotation = pose.world_from_camera.transpose();
    (rotation, -(rotation * pose.centre))
}

/// The numbers of a 3×4 matrix, row by row.
fn rows(rotation: DMat3, translation: DVec3) -> [f64; 12] {
    let r = rotation.transpose();
    let mut out = [0.0; 12];
    for (row, (axis, shift)) in [r.x_axis, r.y_axis, r.z_axis]
        .into_iter()
        .zip(translation.to_array())
        .enumerate()
    {
        out[row * 4..row * 4 + 3].copy_from_slice(&axis.to_array());
        out[row * 4 + 3] = shift;
    }
    out
}

fn line(out: &mut String, numbers: &[f64]) {
    for (index, number) in numbers.iter().enumerate() {
        let space = if index == 0 { "" } else { " " };
        // Writing to a string cannot fail.
        let _ = write!(out, "{space}{number:.9}");
    }
    out.push('\n');
}

fn realestate(track: &CameraTrack, url: &str, times: bool) -> String {
    let mut out = format!("{url}\n");
    for pose in &track.poses {
        let (rotation, translation) = camera_from_world(pose);
        let time_us = if times {
            (pose.time_s * 1e6).round() as i64
        } else {
            0
        };
        let _ = write!(out, "{time_us} ");
        let mut numbers = vec![pose.focal, pose.focal * track.aspect];
        numbers.extend(track.principal);
        numbers.extend([0.0, 0.0]);
        numbers.extend(rows(rotation, translation));
        line(&mut out, &numbers);
    }
    out
}

fn motionctrl(track: &CameraTrack) -> Value {
    track
        .poses
        .iter()
        .map(|pose| {
            let (rotation, translation) = camera_from_world(pose);
            json!(rows(rotation, translation))
        })
        .collect()
}

/// Unreal's world is left-handed: x forward, y right, z up, centimetres. The file stores the
/// transposed matrix whose columns are the camera's forward, right and up axes.
fn recammaster(track: &CameraTrack) -> Value {
    let unreal = |v: DVec3| DVec3::new(v.z, v.x, -v.y);
    let text = |pose: &CameraPose| {
        let m = pose.world_from_camera;
        let mut out = String::new();
        for (axis, last) in [
            (unreal(m.z_axis), 0),
            (unreal(m.x_axis), 0),
            (unreal(-m.y_axis), 0),
            (unreal(pose.centre * 100.0), 1),
        ] {
            let _ = write!(out, "[{:.6} {:.6} {:.6} {last}] ", axis.x, axis.y, axis.z);
        }
        out
    };
    let mut frames = Map::new();
    for (index, pose) in track.poses.iter().enumerate() {
        let resting = track.poses.first().unwrap_or(pose);
        frames.insert(
            format!("frame{index}"),
            json!({"cam01": text(pose), "cam02": text(resting)}),
        );
    }
    Value::Object(frames)
}

/// OpenGL's camera: y up, looking along −z.
fn flipped(rotation: DMat3) -> DMat3 {
    rotation * DMat3::from_diagonal(DVec3::new(1.0, -1.0, -1.0))
}

/// OpenGL's camera-to-world matrix.
fn world_from_opengl(pose: &CameraPose) -> DMat4 {
    let mut matrix = DMat4::from_mat3(flipped(pose.world_from_camera));
    matrix.w_axis = pose.centre.extend(1.0);
    matrix
}

/// Vertical field of view of a pose, radians.
fn vertical_fov(pose: &CameraPose, aspect: f64) -> f64 {
    2.0 * (0.5 / (pose.focal * aspect)).atan()
}

fn nerfstudio_path(track: &CameraTrack) -> Value {
    let frames: Vec<Value> = track
        .poses
        .iter()
        .map(|pose| {
            json!({
                "camera_to_world": world_from_opengl(pose).transpose().to_cols_array(),
                "fov": vertical_fov(pose, track.aspect).to_degrees(),
                "aspect": track.aspect,
            })
        })
        .collect();
    json!({
        "camera_type": "perspective",
        "fps": track.fps,
        "seconds": track.duration_s(),
        "camera_path": frames,
    })
}

fn instant_ngp(track: &CameraTrack) -> Value {
    let frames: Vec<Value> = track
        .poses
        .iter()
        .enumerate()
        .map(|(index, pose)| {
            json!({
                "file_path": format!("./train/r_{index}"),
                "transform_matrix": world_from_opengl(pose).transpose().to_cols_array_2d(),
            })
        })
        .collect();
    let focal = track.poses.first().map_or(1.0, |pose| pose.focal);
    json!({"camera_angle_x": 2.0 * (0.5 / focal).atan(), "frames": frames})
}

/// The file of keys beside a glTF document.
const GLTF_KEYS: &str = "camera.bin";

/// A glTF document and its keys: times, places and turns in single precision. glTF's world
/// has y up and its cameras look along −z.
fn gltf(track: &CameraTrack) -> (Value, Vec<u8>) {
    let flip = DMat3::from_diagonal(DVec3::new(1.0, -1.0, -1.0));
    let count = track.poses.len();
    let mut keys: Vec<u8> = Vec::with_capacity(count * 32);
    let mut put = |numbers: &[f64]| {
        for number in numbers {
            keys.extend((*number as f32).to_le_bytes());
        }
    };
    for pose in &track.poses {
        put(&[pose.time_s]);
    }
    for pose in &track.poses {
        put(&(flip * pose.centre).to_array());
    }
    for pose in &track.poses {
        put(&DQuat::from_mat3(&(flip * flipped(pose.world_from_camera))).to_array());
    }
    let last = track.poses.last().map_or(0.0, |pose| pose.time_s);
    let fov = track
        .poses
        .first()
        .map_or(0.8, |pose| vertical_fov(pose, track.aspect));
    let document = json!({
        "asset": {"version": "2.0"},
        "scene": 0,
        "scenes": [{"nodes": [0]}],
        "nodes": [{"name": "camera", "camera": 0}],
        "cameras": [{"type": "perspective", "perspective":
            {"yfov": fov, "znear": 0.1, "aspectRatio": track.aspect}}],
        "buffers": [{"uri": GLTF_KEYS, "byteLength": keys.len()}],
        "bufferViews": [
            {"buffer": 0, "byteOffset": 0, "byteLength": 4 * count},
            {"buffer": 0, "byteOffset": 4 * count, "byteLength": 12 * count},
            {"buffer": 0, "byteOffset": 16 * count, "byteLength": 16 * count}],
        "accessors": [
            {"bufferView": 0, "componentType": 5126, "count": count, "type": "SCALAR",
             "min": [0.0], "max": [last as f32]},
            {"bufferView": 1, "componentType": 5126, "count": count, "type": "VEC3"},
            {"bufferView": 2, "componentType": 5126, "count": count, "type": "VEC4"}],
        "animations": [{
            "samplers": [
                {"input": 0, "output": 1, "interpolation": "LINEAR"},
                {"input": 0, "output": 2, "interpolation": "LINEAR"}],
            "channels": [
                {"sampler": 0, "target": {"node": 0, "path": "translation"}},
                {"sampler": 1, "target": {"node": 0, "path": "rotation"}}]}],
    });
    (document, keys)
}

fn nerfstudio(track: &CameraTrack) -> Value {
    let (width, height) = size(track);
    let frames: Vec<Value> = track
        .poses
        .iter()
        .enumerate()
        .map(|(index, pose)| {
            let m = world_from_opengl(pose).transpose().to_cols_array_2d();
            json!({
                "file_path": format!("images/frame_{index:05}.png"),
                "fl_x": pose.focal * width,
                "fl_y": pose.focal * width,
                "transform_matrix": m,
            })
        })
        .collect();
    let focal = track.poses.first().map_or(1.0, |pose| pose.focal) * width;
    json!({
        "camera_model": "OPENCV",
        "w": width as u64, "h": height as u64,
        "fl_x": focal, "fl_y": focal,
        "cx": width * track.principal[0], "cy": height * track.principal[1],
        "frames": frames,
    })
}

fn tum(track: &CameraTrack) -> String {
    let mut out = String::from("# timestamp tx ty tz qx qy qz qw\n");
    for pose in &track.poses {
        let q = DQuat::from_mat3(&pose.world_from_camera);
        let c = pose.centre;
        line(&mut out, &[pose.time_s, c.x, c.y, c.z, q.x, q.y, q.z, q.w]);
    }
    out
}

fn kitti(track: &CameraTrack) -> String {
    let mut out = String::new();
    for pose in &track.poses {
        line(&mut out, &rows(pose.world_from_camera, pose.centre));
    }
    out
}

fn colmap(track: &CameraTrack) -> (String, String) {
    let (width, height) = size(track);
    let mut images = String::from(
        "# Image list with two lines of data per image:\n\
         #   IMAGE_ID, QW, QX, QY, QZ, TX, TY, TZ, CAMERA_ID, NAME\n\
         #   POINTS2D[] as (X, Y, POINT3D_ID)\n",
    );
    let mut cameras = String::from("# CAMERA_ID, MODEL, WIDTH, HEIGHT, PARAMS[]\n");
    for (index, pose) in track.poses.iter().enumerate() {
        let id = index + 1;
        let (rotation, t) = camera_from_world(pose);
        let q = DQuat::from_mat3(&rotation);
        let _ = writeln!(
            images,
            "{id} {:.9} {:.9} {:.9} {:.9} {:.9} {:.9} {:.9} {id} frame_{index:05}.png\n",
            q.w, q.x, q.y, q.z, t.x, t.y, t.z
        );
        let f = pose.focal * width;
        let _ = writeln!(
            cameras,
            "{id} PINHOLE {width} {height} {f:.6} {f:.6} {:.1} {:.1}",
            width * track.principal[0],
            height * track.principal[1]
        );
    }
    (images, cameras)
}

/// Nuke turns about z first, then x, then y (its default order ZXY), in a world with y up.
fn chan(track: &CameraTrack) -> String {
    let mut out = String::new();
    let flip = DMat3::from_diagonal(DVec3::new(1.0, -1.0, -1.0));
    for (index, pose) in track.poses.iter().enumerate() {
        let rotation = flip * flipped(pose.world_from_camera);
        let centre = flip * pose.centre;
        let (y, x, z) = DQuat::from_mat3(&rotation).to_euler(EulerRot::YXZ);
        let vertical = vertical_fov(pose, track.aspect);
        let _ = writeln!(
            out,
            "{}\t{:.6}\t{:.6}\t{:.6}\t{:.6}\t{:.6}\t{:.6}\t{:.6}",
            index + 1,
            centre.x,
            centre.y,
            centre.z,
            x.to_degrees(),
            y.to_degrees(),
            z.to_degrees(),
            vertical.to_degrees()
        );
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::camera::{CameraScript, MoveKind, Segment};

    fn track() -> CameraTrack {
        let mut script = CameraScript::of(vec![
            Segment::new(
                1.0,
                &[(MoveKind::TruckRight, 1.0), (MoveKind::PanRight, 20.0)],
            ),
            Segment::new(1.0, &[(MoveKind::TiltUp, 10.0), (MoveKind::RollCw, 8.0)]),
        ]);
        script.start = DVec3::new(0.3, -1.5, 2.0);
        script.sample(12.0, 16.0 / 9.0)
    }

    fn numbers(text: &str) -> Vec<f64> {
        text.split_whitespace()
            .filter_map(|word| word.parse().ok())
            .collect()
    }

    fn world_from_rows(n: &[f64]) -> DMat4 {
        DMat4::from_cols_array(&[
            n[0], n[4], n[8], 0.0, n[1], n[5], n[9], 0.0, n[2], n[6], n[10], 0.0, n[3], n[7],
            n[11], 1.0,
        ])
    }

    fn expect_pose(matrix: DMat4, pose: &CameraPose, what: &str) {
        let want = DMat4::from_cols(
            pose.world_from_camera.x_axis.extend(0.0),
            pose.world_from_camera.y_axis.extend(0.0),
            pose.world_from_camera.z_axis.extend(0.0),
            pose.centre.extend(1.0),
        );
        assert!(matrix.abs_diff_eq(want, 1e-5), "{what}: {matrix} {want}");
    }

    #[test]
    fn text_formats_read_back_to_the_same_poses() {
        let track = track();
        let text = realestate(&track, "url", true);
        assert_eq!(text.lines().count(), track.poses.len() + 1);
        for (row, pose) in text.lines().skip(1).zip(&track.poses) {
            let n = numbers(row);
            assert_eq!(n.len(), 19);
            assert!((n[0] / 1e6 - pose.time_s).abs() < 1e-6);
            expect_pose(world_from_rows(&n[7..]).inverse(), pose, "realestate10k");
        }
        for (row, pose) in kitti(&track).lines().zip(&track.poses) {
            expect_pose(world_from_rows(&numbers(row)), pose, "kitti");
        }
        for (row, pose) in tum(&track).lines().skip(1).zip(&track.poses) {
            let n = numbers(row);
            let matrix = DMat4::from_rotation_translation(
                DQuat::from_xyzw(n[4], n[5], n[6], n[7]).normalize(),
                DVec3::new(n[1], n[2], n[3]),
            );
            expect_pose(matrix, pose, "tum");
        }
        let (images, cameras) = colmap(&track);
        let data: Vec<&str> = images.lines().filter(|row| !row.starts_with('#')).collect();
        assert_eq!(data.len(), 2 * track.poses.len());
        assert_eq!(cameras.lines().count(), track.poses.len() + 1);
        for (row, pose) in data.iter().step_by(2).zip(&track.poses) {
            let n = numbers(row);
            let matrix = DMat4::from_rotation_translation(
                DQuat::from_xyzw(n[2], n[3], n[4], n[1]).normalize(),
                DVec3::new(n[5], n[6], n[7]),
            );
            expect_pose(matrix.inverse(), pose, "colmap");
        }
    }

    #[test]
    fn chan_turns_z_then_x_then_y_with_y_up() {
        let track = track();
        for (row, pose) in chan(&track).lines().zip(&track.poses) {
            let n = numbers(row);
            let rotation = DMat4::from_rotation_y(n[5].to_radians())
                * DMat4::from_rotation_x(n[4].to_radians())
                * DMat4::from_rotation_z(n[6].to_radians());
            let gl = DMat4::from_translation(DVec3::new(n[1], n[2], n[3])) * rotation;
            let flip = DMat4::from_diagonal(glam::DVec4::new(1.0, -1.0, -1.0, 1.0));
            expect_pose(flip * gl * flip, pose, "chan");
        }
    }

    #[test]
    fn recammaster_gives_the_relative_path_after_its_known_conversion() {
        let track = track();
        let value = recammaster(&track);
        let matrix = |index: usize| {
            let text = value[format!("frame{index}")]["cam01"].as_str().unwrap();
            let n = numbers(&text.replace(['[', ']'], " "));
            assert_eq!(n.len(), 16);
            // Sixteen numbers read as columns are the transposed rows of the text.
            let m = DMat4::from_cols_slice(&n);
            let t = m.w_axis.truncate() / 100.0;
            DMat4::from_cols(m.y_axis, -m.z_axis, m.x_axis, t.extend(1.0))
        };
        let first = matrix(0);
        assert!((first.determinant() + 1.0).abs() < 1e-4);
        for frame in [5, 17, 23] {
            let relative = first.inverse() * matrix(frame);
            let (rotation, centre) = track.relative(frame).unwrap();
            assert!(DMat3::from_mat4(relative).abs_diff_eq(rotation, 1e-4));
            assert!((relative.w_axis.truncate() - centre).length() < 1e-4);
        }
    }

    #[test]
    fn nerfstudio_and_motionctrl_hold_every_frame() {
        let track = track();
        let value = nerfstudio(&track);
        let frames = value["frames"].as_array().unwrap();
        assert_eq!(frames.len(), track.poses.len());
        let last = &frames[frames.len() - 1]["transform_matrix"];
        let pose = track.poses.last().unwrap();
        assert!((last[2][2].as_f64().unwrap() + pose.world_from_camera.z_axis.z).abs() < 1e-9);
        assert!((last[0][3].as_f64().unwrap() - pose.centre.x).abs() < 1e-9);
        let value = motionctrl(&track);
        assert!(
            value
                .as_array()
                .unwrap()
                .iter()
                .all(|row| row.as_array().unwrap().len() == 12)
        );
    }

    #[test]
    fn every_format_writes_its_file() {
        let folder = tempfile::tempdir().unwrap();
        for format in CameraFormat::ALL {
            let path = folder.path().join(format.file_name());
            format.write(&track(), &path).unwrap();
            assert!(path.metadata().unwrap().len() > 200, "{format:?}");
        }
    }
}
