//! Camera paths with known moves: a script of segments is evaluated to one pose a frame, and
//! says of itself which move happens when, and how far it goes.
//!
//! World and camera axes are OpenCV's: x right, y down, z forward. Translations are metres.

mod kinds;
pub mod paths;
#[cfg(test)]
mod tests;

use glam::{DMat3, DVec3};

use crate::noise::Noise;

pub use kinds::{MoveKind, Unit};

/// One move of a segment: which, and how far over the whole segment.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Step {
    /// Which move.
    pub kind: MoveKind,
    /// How far, positive, in [`MoveKind::unit`]; ignored for holds.
    pub amount: f64,
}

/// How a segment's progress runs over its time.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Ease {
    /// Even speed from the first frame to the last.
    #[default]
    Linear,
    /// Even speed with a short ramp (a tenth of the segment) at both ends.
    Ramped,
    /// Slow out of the start and into the end (smoothstep).
    Smooth,
}

impl Ease {
    /// Progress 0–1 at a share 0–1 of the segment's time.
    pub fn progress(self, share: f64) -> f64 {
        let s = share.clamp(0.0, 1.0);
        match self {
            Self::Linear => s,
            Self::Smooth => s * s * (3.0 - 2.0 * s),
            Self::Ramped => {
                const RAMP: f64 = 0.1;
                // Trapezoid of speed with unit area: its plateau is 1 / (1 - RAMP).
                let plateau = 1.0 / (1.0 - RAMP);
                if s < RAMP {
                    0.5 * plateau * s * s / RAMP
                } else if s > 1.0 - RAMP {
                    1.0 - 0.5 * plateau * (1.0 - s) * (1.0 - s) / RAMP
                } else {
                    plateau * (s - 0.5 * RAMP)
                }
            }
        }
    }
}

/// One stretch of time with moves that run together; none means a hold.
#[derive(Debug, Clone, PartialEq)]
pub struct Segment {
    /// How long, seconds.
    pub duration_s: f64,
    /// The moves that run together.
    pub steps: Vec<Step>,
    /// How progress runs.
    pub ease: Ease,
    /// Where the camera is put at the segment's beginning: a cut to another place.
    pub cut_to: Option<Place>,
}

/// Where a camera stands and how it is turned.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Place {
    /// Camera centre in the world, metres.
    pub centre: DVec3,
    /// World from camera.
    pub turned: DMat3,
}

impl Segment {
    /// A stretch with even speed.
    pub fn new(duration_s: f64, steps: &[(MoveKind, f64)]) -> Self {
        Self {
            duration_s,
            steps: steps
                .iter()
                .map(|&(kind, amount)| Step { kind, amount })
                .collect(),
            ease: Ease::Linear,
            cut_to: None,
        }
    }

    /// A stretch in which the camera rests.
    pub fn hold(duration_s: f64) -> Self {
        Self::new(duration_s, &[])
    }

    /// The same with another ease.
    #[must_use]
    pub fn eased(mut self, ease: Ease) -> Self {
        self.ease = ease;
        self
    }

    /// The same, begun with a cut to another place.
    #[must_use]
    pub fn after_cut_to(mut self, place: Place) -> Self {
        self.cut_to = Some(place);
        self
    }
}

/// Shake of a hand-held camera.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Shake {
    /// Typical angle, degrees (root mean square per axis).
    pub angle_deg: f64,
    /// Typical displacement, metres (root mean square per axis).
    pub offset_m: f64,
    /// Seed; the same seed gives the same shake.
    pub seed: u64,
}

/// A camera path as a script.
#[derive(Debug, Clone, PartialEq)]
pub struct CameraScript {
    /// Where the camera begins, world axes, metres.
    pub start: DVec3,
    /// How it is turned at the beginning: world from camera.
    pub turned: DMat3,
    /// Horizontal focal length as a share of picture width.
    pub focal: f64,
    /// Distance to the subject that arcs, cranes and dolly zooms refer to, metres.
    pub subject_m: f64,
    /// What happens, one after the other.
    pub segments: Vec<Segment>,
    /// Hand-held shake over the whole path.
    pub shake: Option<Shake>,
}

/// Where the camera stands and looks at one time.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CameraPose {
    /// Seconds since the first frame.
    pub time_s: f64,
    /// Rotation of world from camera: columns are the camera's right, down and forward axes.
    pub world_from_camera: DMat3,
    /// Camera centre in the world, metres.
    pub centre: DVec3,
    /// Horizontal focal length as a share of picture width.
    pub focal: f64,
}

impl CameraPose {
    /// A point of the world in the camera's axes, metres.
    pub fn camera_from_world(&self, point: DVec3) -> DVec3 {
        self.world_from_camera.transpose() * (point - self.centre)
    }

    /// Where a point of the world appears, in pixels from the top left of a `width` × `height`
    /// picture with square pixels, and its depth along the optical axis in metres. `None`
    /// behind the camera.
    pub fn project(&self, point: DVec3, width: f64, height: f64) -> Option<(f64, f64, f64)> {
        let q = self.camera_from_world(point);
        if q.z < 0.05 {
            return None;
        }
        let f = self.focal * width;
        Some((
            width / 2.0 + f * q.x / q.z,
            height / 2.0 + f * q.y / q.z,
            q.z,
        ))
    }
}

/// One move that a script is known to hold.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MoveTruth {
    /// Which move.
    pub kind: MoveKind,
    /// Begin, seconds.
    pub start_s: f64,
    /// End, seconds.
    pub end_s: f64,
    /// How far, in [`MoveKind::unit`].
    pub amount: f64,
}

/// A sampled camera path.
#[derive(Debug, Clone, PartialEq)]
pub struct CameraTrack {
    /// Frames per second.
    pub fps: f64,
    /// Picture width over height, for vertical focal lengths.
    pub aspect: f64,
    /// The principal point, shares of picture width and height; the middle for most lenses.
    pub principal: [f64; 2],
    /// One pose a frame.
    pub poses: Vec<CameraPose>,
}

impl Default for CameraScript {
    fn default() -> Self {
        Self {
            start: DVec3::ZERO,
            turned: DMat3::IDENTITY,
            focal: 0.9,
            subject_m: 5.0,
            segments: Vec::new(),
            shake: None,
        }
    }
}

#[derive(Clone, Copy)]
struct State {
    turned: DMat3,
    centre: DVec3,
    focal: f64,
}

impl CameraScript {
    /// A script of these segments from the origin, looking forward.
    pub fn of(segments: Vec<Segment>) -> Self {
        Self {
            segments,
            ..Self::default()
        }
    }

    /// How long the script runs, seconds.
    pub fn duration_s(&self) -> f64 {
        self.segments.iter().map(|segment| segment.duration_s).sum()
    }

    /// The pose at a time; before the beginning and after the end the camera rests.
    pub fn pose(&self, time_s: f64) -> CameraPose {
        let mut state = State {
            turned: self.turned,
            centre: self.start,
            focal: self.focal,
        };
        let mut begin = 0.0;
        for segment in &self.segments {
            match segment.cut_to {
                // The first frame after a cut shows the new place already.
                Some(place) if time_s >= begin - 1e-6 => {
                    state.centre = place.centre;
                    state.turned = place.turned;
                }
                _ if time_s <= begin => break,
                _ => {}
            }
            let share = if segment.duration_s > 0.0 {
                (time_s - begin) / segment.duration_s
            } else {
                1.0
            };
            state = self.advance(state, segment, segment.ease.progress(share));
            begin += segment.duration_s;
        }
        if let Some(shake) = self.shake {
            let noise = Noise::new(shake.seed);
            let angle = shake.angle_deg.to_radians();
            let at = |axis: u64| noise.wander(axis, time_s) - noise.wander(axis, 0.0);
            let jitter = DMat3::from_rotation_y(angle * at(0))
                * DMat3::from_rotation_x(angle * at(1))
                * DMat3::from_rotation_z(0.5 * angle * at(2));
            state.centre += state.turned * (DVec3::new(at(3), at(4), at(5)) * shake.offset_m);
            state.turned *= jitter;
        }
        CameraPose {
            time_s,
            world_from_camera: state.turned,
            centre: state.centre,
            focal: state.focal,
        }
    }

    /// The script at `fps` frames per second: one pose at every `frame / fps`, up to but not
    /// including the end.
    pub fn sample(&self, fps: f64, aspect: f64) -> CameraTrack {
        let frames = (self.duration_s() * fps).round().max(1.0) as usize;
        self.sample_frames(fps, aspect, frames)
    }

    /// The first `frames` frames of the script at `fps` frames per second.
    pub fn sample_frames(&self, fps: f64, aspect: f64, frames: usize) -> CameraTrack {
        CameraTrack {
            fps,
            aspect,
            principal: [0.5; 2],
            poses: (0..frames)
                .map(|frame| self.pose(frame as f64 / fps))
                .collect(),
        }
    }

    /// The moves of the script: one entry for every step, and one for every hold.
    pub fn truth(&self) -> Vec<MoveTruth> {
        let mut moves = Vec::new();
        let mut begin = 0.0;
        for segment in &self.segments {
            let end = begin + segment.duration_s;
            if segment.steps.is_empty() {
                moves.push(MoveTruth {
                    kind: MoveKind::Static,
                    start_s: begin,
                    end_s: end,
                    amount: segment.duration_s,
                });
            }
            for step in &segment.steps {
                moves.push(MoveTruth {
                    kind: step.kind,
                    start_s: begin,
                    end_s: end,
                    amount: if step.kind == MoveKind::Static {
                        segment.duration_s
                    } else {
                        step.amount
                    },
                });
            }
            begin = end;
        }
        moves
    }

    /// Straight rails: translations follow the axes the camera has when the segment begins;
    /// pans turn about its vertical, tilts and rolls about its own axes.
    fn advance(&self, from: State, segment: &Segment, progress: f64) -> State {
        let (right, down, forward) = (from.turned.x_axis, from.turned.y_axis, from.turned.z_axis);
        let mut centre = from.centre;
        let mut focal = from.focal;
        let (mut yaw, mut tilt, mut roll) = (0.0, 0.0, 0.0);
        let mut orbit = DMat3::IDENTITY;
        for step in &segment.steps {
            let far = step.amount * progress;
            let angle = far.to_radians();
            match step.kind {
                MoveKind::Static => {}
                MoveKind::PanLeft => yaw -= angle,
                MoveKind::PanRight => yaw += angle,
                MoveKind::TiltUp => tilt += angle,
                MoveKind::TiltDown => tilt -= angle,
                MoveKind::RollCw => roll += angle,
                MoveKind::RollCcw => roll -= angle,
                MoveKind::DollyIn => centre += forward * far,
                MoveKind::DollyOut => centre -= forward * far,
                MoveKind::TruckLeft => centre -= right * far,
                MoveKind::TruckRight => centre += right * far,
                MoveKind::PedestalUp => centre -= down * far,
                MoveKind::PedestalDown => centre += down * far,
                MoveKind::ZoomIn => focal *= step.amount.powf(progress),
                MoveKind::ZoomOut => focal /= step.amount.powf(progress),
                MoveKind::ArcCw => orbit = DMat3::from_axis_angle(down, angle) * orbit,
                MoveKind::ArcCcw => orbit = DMat3::from_axis_angle(down, -angle) * orbit,
                // Turning about the camera's right axis by a positive angle tilts up; the
                // centre swings the other way round the subject.
                MoveKind::CraneUp => orbit = DMat3::from_axis_angle(right, -angle) * orbit,
                MoveKind::CraneDown => orbit = DMat3::from_axis_angle(right, angle) * orbit,
                MoveKind::DollyZoomIn => {
                    centre += forward * far;
                    focal *= (self.subject_m - far) / self.subject_m;
                }
                MoveKind::DollyZoomOut => {
                    centre -= forward * far;
                    focal *= (self.subject_m + far) / self.subject_m;
                }
            }
        }
        let to_subject = forward * self.subject_m;
        centre += to_subject - orbit * to_subject;
        let pan = DMat3::from_axis_angle(down, yaw);
        State {
            turned: orbit
                * pan
                * from.turned
                * DMat3::from_rotation_x(tilt)
                * DMat3::from_rotation_z(roll),
            centre,
            focal,
        }
    }
}

impl CameraTrack {
    /// The same path with its translations multiplied, for formats of arbitrary scale.
    #[must_use]
    pub fn scaled(mut self, scale: f64) -> Self {
        for pose in &mut self.poses {
            pose.centre *= scale;
        }
        self
    }

    /// Length in seconds: frames over rate.
    pub fn duration_s(&self) -> f64 {
        self.poses.len() as f64 / self.fps
    }

    /// Pose `frame` relative to frame 0: rotation and centre in the first camera's axes.
    pub fn relative(&self, frame: usize) -> Option<(DMat3, DVec3)> {
        let first = self.poses.first()?;
        let pose = self.poses.get(frame)?;
        Some((
            first.world_from_camera.transpose() * pose.world_from_camera,
            first.camera_from_world(pose.centre),
        ))
    }
}
