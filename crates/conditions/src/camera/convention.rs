//! Pose conventions: which way the axes of a stored matrix point and which way it maps.

use decoupage_shot::{Code, Fault, Outcome};
use glam::{DMat3, DVec3};

/// How a stored matrix or quaternion is to be understood.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Convention {
    /// Camera-to-world, x right, y down, z forward.
    OpencvC2w,
    /// World-to-camera, x right, y down, z forward.
    OpencvW2c,
    /// Camera-to-world, x right, y up, looking along −z (OpenGL, Blender, glTF, nerfstudio).
    OpenglC2w,
    /// World-to-camera, x right, y up, looking along −z.
    OpenglW2c,
    /// Camera-to-world of Unreal: x forward, y right, z up, in a left-handed world, so that
    /// the matrix in OpenCV axes has determinant −1. Relative poses come out right-handed.
    UnrealC2w,
}

impl Convention {
    pub(crate) const ALL: [Self; 5] = [
        Self::OpencvC2w,
        Self::OpencvW2c,
        Self::OpenglC2w,
        Self::OpenglW2c,
        Self::UnrealC2w,
    ];

    /// The key shown to people and taken from them.
    pub(crate) fn key(self) -> &'static str {
        match self {
            Self::OpencvC2w => "opencv_c2w",
            Self::OpencvW2c => "opencv_w2c",
            Self::OpenglC2w => "opengl_c2w",
            Self::OpenglW2c => "opengl_w2c",
            Self::UnrealC2w => "unreal_c2w",
        }
    }

    /// The convention with this key; `-` and `_` are the same, Blender's is OpenGL's.
    pub(crate) fn from_key(key: &str) -> Outcome<Self> {
        let key = normal_key(key).replace("blender", "opengl");
        Self::ALL
            .into_iter()
            .find(|convention| convention.key() == key)
            .ok_or_else(|| {
                Fault::new(
                    Code::Invalid,
                    format!("There is no camera convention called “{key}”."),
                )
                .advise(format!(
                    "Choose one of {}.",
                    Self::ALL.map(Self::key).join(", ")
                ))
            })
    }

    /// The camera's axes (columns: right, down, forward, in the file's world) and its centre.
    /// The rotation must be invertible.
    pub(crate) fn axes_and_centre(self, rotation: DMat3, translation: DVec3) -> (DMat3, DVec3) {
        match self {
            Self::OpencvC2w => (rotation, translation),
            Self::OpenglC2w => (flip_yz(rotation), translation),
            Self::OpencvW2c => invert(rotation, translation),
            Self::OpenglW2c => {
                let (axes, centre) = invert(rotation, translation);
                (flip_yz(axes), centre)
            }
            Self::UnrealC2w => (
                DMat3::from_cols(rotation.y_axis, -rotation.z_axis, rotation.x_axis),
                translation,
            ),
        }
    }
}

/// Lower case, `_` between words.
pub(crate) fn normal_key(key: &str) -> String {
    key.trim().to_ascii_lowercase().replace(['-', ' '], "_")
}

fn flip_yz(axes: DMat3) -> DMat3 {
    DMat3::from_cols(axes.x_axis, -axes.y_axis, -axes.z_axis)
}

fn invert(rotation: DMat3, translation: DVec3) -> (DMat3, DVec3) {
    let inverse = rotation.inverse();
    (inverse, -(inverse * translation))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_come_back_and_blender_is_opengl() {
        for convention in Convention::ALL {
            assert_eq!(Convention::from_key(convention.key()).unwrap(), convention);
        }
        assert_eq!(
            Convention::from_key("Blender-C2W").unwrap(),
            Convention::OpenglC2w
        );
        assert_eq!(
            Convention::from_key("maya").unwrap_err().code,
            Code::Invalid
        );
    }

    #[test]
    fn unreal_axes_are_right_down_forward() {
        let (axes, _) = Convention::UnrealC2w.axes_and_centre(DMat3::IDENTITY, DVec3::ZERO);
        assert_eq!(axes.x_axis, DVec3::Y);
        assert_eq!(axes.y_axis, -DVec3::Z);
        assert_eq!(axes.z_axis, DVec3::X);
        assert!((axes.determinant() + 1.0).abs() < 1e-12);
    }
}
