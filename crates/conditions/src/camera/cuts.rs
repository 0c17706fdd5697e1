//! Cuts inside a path: between two frames the camera is suddenly elsewhere.

use glam::DMat3;

use super::signals;
use super::{CameraPath, CameraPose};

/// A step between two frames is a cut only where it is this many times larger than each of
/// the steps around it: the fastest whip pan takes several frames.
const ABOVE_NEIGHBOURS: f64 = 6.0;
/// And this many times larger than nearly all steps (95 %) of the path.
const ABOVE_MOST: f64 = 4.0;
/// Steps looked at on either side.
const NEIGHBOURS: usize = 4;
/// The least turn of a cut, degrees.
const LEAST_TURN_DEG: f64 = 8.0;
/// The least jump of a cut that does not turn, as a share of all other travel.
const LEAST_JUMP: f64 = 0.1;
/// And at least this many of the file's units: less is a step of its rounding.
const LEAST_JUMP_UNITS: f64 = 0.001;
/// The least change of lens that is a cut, logarithm of the focal factor.
const LEAST_LENS: f64 = 0.15;
/// The fewest frames of a place.
const LEAST_FRAMES: usize = 3;
/// Frames further apart than this tell no cuts: a quick pan may fall between two.
const COARSEST_S: f64 = 0.2;
/// A path with more cuts than this is no edit but a broken table.
const MOST_CUTS: usize = 200;

/// A part of a path between cuts, as a path of its own.
pub(crate) struct Place {
    /// When it begins, seconds in the whole path.
    pub start_s: f64,
    /// Its poses, relative to its first in place and time.
    pub path: CameraPath,
}

impl Place {
    /// The largest distance between two of its centres, in the file's units.
    pub(crate) fn extent(&self) -> f64 {
        signals::extent(&self.path)
    }
}

/// The places of a path: all of it where there is no cut.
pub(crate) fn places(path: &CameraPath) -> Vec<Place> {
    let mut edges = find(&path.poses);
    edges.insert(0, 0);
    edges.push(path.poses.len());
    edges
        .windows(2)
        .filter_map(|edge| path.poses.get(edge[0]..edge[1]))
        .filter_map(|poses| {
            let first = poses.first()?;
            Some(Place {
                start_s: first.time_s,
                path: CameraPath {
                    poses: poses.iter().map(|pose| relative(first, pose)).collect(),
                    metric: path.metric,
                },
            })
        })
        .collect()
}

/// A pose in the axes of another, from its time on.
fn relative(first: &CameraPose, pose: &CameraPose) -> CameraPose {
    let to_first = first.world_from_camera.transpose();
    CameraPose {
        time_s: pose.time_s - first.time_s,
        world_from_camera: to_first * pose.world_from_camera,
        centre: to_first * (pose.centre - first.centre),
        intrinsics: pose.intrinsics,
    }
}

/// The numbers of the first frames after cuts, ascending.
fn find(poses: &[CameraPose]) -> Vec<usize> {
    let length = match (poses.first(), poses.last()) {
        (Some(first), Some(last)) => last.time_s - first.time_s,
        _ => 0.0,
    };
    if poses.len() < 2 * LEAST_FRAMES || length > COARSEST_S * poses.len() as f64 {
        return Vec::new();
    }
    let pairs = || {
        poses
            .windows(2)
            .filter_map(|pair| Some((pair.first()?, pair.last()?)))
    };
    let turns =
        Steps::of(pairs().map(|(a, b)| angle_deg(a.world_from_camera, b.world_from_camera)));
    let jumps = Steps::of(pairs().map(|(a, b)| a.centre.distance(b.centre)));
    let lenses = Steps::of(pairs().map(|(a, b)| match (a.intrinsics, b.intrinsics) {
        (Some(a), Some(b)) => (b.fx / a.fx).ln().abs() + (b.fy / a.fy).ln().abs(),
        _ => 0.0,
    }));
    let mut cuts: Vec<usize> = Vec::new();
    for step in 0..poses.len() - 1 {
        let is_cut = turns.stands_out(step, LEAST_TURN_DEG)
            || jumps.stands_out(
                step,
                LEAST_JUMP_UNITS.max(LEAST_JUMP * (jumps.sum - jumps.at(step))),
            )
            || lenses.stands_out(step, 2.0 * LEAST_LENS);
        let first = step + 1;
        let room = first - cuts.last().copied().unwrap_or(0) >= LEAST_FRAMES
            && poses.len() - first >= LEAST_FRAMES;
        if is_cut && room {
            cuts.push(first);
        }
    }
    if cuts.len() > MOST_CUTS {
        return Vec::new();
    }
    cuts
}

/// How far something changes from each frame to the next.
struct Steps {
    sizes: Vec<f64>,
    /// The size below which 95 % of the steps stay.
    most: f64,
    sum: f64,
}

impl Steps {
    fn of(sizes: impl Iterator<Item = f64>) -> Self {
        let sizes: Vec<f64> = sizes.collect();
        let mut sorted = sizes.clone();
        sorted.sort_by(f64::total_cmp);
        Self {
            most: sorted
                .get(sorted.len().saturating_sub(1) * 19 / 20)
                .copied()
                .unwrap_or(0.0),
            sum: sizes.iter().sum(),
            sizes,
        }
    }

    fn at(&self, step: usize) -> f64 {
        self.sizes.get(step).copied().unwrap_or(0.0)
    }

    /// Whether a step is at least `least` and much larger than those around it and than most.
    fn stands_out(&self, step: usize, least: f64) -> bool {
        let size = self.at(step);
        if size <= 0.0 || size < least {
            return false;
        }
        let from = step.saturating_sub(NEIGHBOURS);
        let to = (step + NEIGHBOURS).min(self.sizes.len().saturating_sub(1));
        let around = (from..=to)
            .filter(|other| *other != step)
            .map(|other| self.at(other))
            .fold(0.0, f64::max);
        size > ABOVE_NEIGHBOURS * around && (self.sizes.len() < 40 || size > ABOVE_MOST * self.most)
    }
}

/// The angle between two sets of axes, degrees.
fn angle_deg(a: DMat3, b: DMat3) -> f64 {
    let between = a.transpose() * b;
    let trace = between.x_axis.x + between.y_axis.y + between.z_axis.z;
    ((trace - 1.0) / 2.0).clamp(-1.0, 1.0).acos().to_degrees()
}
