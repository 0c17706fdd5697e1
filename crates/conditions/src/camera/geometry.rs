//! What the shape of a stretch of path says: a straight track, or an arc about a point.

use glam::{DMat3, DVec3};

use super::signals::Signals;

/// How a stretch of path runs.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Shape {
    /// From the first centre to the last.
    pub chord: DVec3,
    /// Largest distance of the path from its chord, as a share of the chord.
    pub bulge: f64,
    /// Angle between the first and the last camera axes, degrees.
    pub turned_deg: f64,
}

/// The shape of the path between two times.
pub(crate) fn shape(signals: &Signals, start_s: f64, end_s: f64) -> Shape {
    let (a, b) = (signals.index(start_s), signals.index(end_s));
    let first = signals.centres[a];
    let chord = signals.centres[b] - first;
    let length = chord.length();
    let bulge = if length > 0.0 {
        let along = chord / length;
        signals.centres[a..=b]
            .iter()
            .map(|centre| (*centre - first).reject_from_normalized(along).length())
            .fold(0.0, f64::max)
            / length
    } else {
        f64::MAX
    };
    let between = signals.axes[a].transpose() * signals.axes[b];
    let trace = between.x_axis.x + between.y_axis.y + between.z_axis.z;
    Shape {
        chord,
        bulge,
        turned_deg: ((trace - 1.0) / 2.0).clamp(-1.0, 1.0).acos().to_degrees(),
    }
}

/// How far the chord of a circular arc lies from it at most, as a share of the chord, where
/// the camera turns by `turned_deg` and travels evenly along its own axes.
pub(crate) fn arc_bulge(turned_deg: f64) -> f64 {
    0.5 * (turned_deg.to_radians() / 4.0).tan()
}

/// Whether the camera runs along a straight track while it turns: the path bulges much less
/// than it would if the travel turned along with the camera.
pub(crate) fn is_straight_track(shape: &Shape, noise: f64) -> bool {
    shape.turned_deg >= 5.0
        && shape.bulge < 0.4 * arc_bulge(shape.turned_deg) + 2.0 * noise / shape.chord.length()
}

/// The point that all views nearly share, and how nearly.
#[derive(Debug, Clone, Copy)]
pub(crate) struct LookAt {
    /// Mean distance from camera to point, in shares of the extent.
    pub distance: f64,
    /// Root-mean-square distance of the point from the viewing rays, over `distance`.
    pub miss: f64,
    /// Whether the point lies in front of the camera all the time.
    pub in_front: bool,
    /// Whether it lies behind the camera all the time.
    pub is_behind: bool,
}

/// Least-squares meeting point of the viewing rays between two times.
pub(crate) fn look_at(signals: &Signals, start_s: f64, end_s: f64) -> Option<LookAt> {
    let (a, b) = (signals.index(start_s), signals.index(end_s));
    let every = ((b - a) / 64).max(1);
    let rays: Vec<(DVec3, DVec3)> = (a..=b)
        .step_by(every)
        .map(|index| (signals.centres[index], signals.axes[index].z_axis))
        .collect();
    let mut matrix = DMat3::ZERO;
    let mut vector = DVec3::ZERO;
    for (centre, forward) in &rays {
        let across = DMat3::IDENTITY
            - DMat3::from_cols(
                *forward * forward.x,
                *forward * forward.y,
                *forward * forward.z,
            );
        matrix += across;
        vector += across * *centre;
    }
    let scale = rays.len() as f64;
    if (matrix * (1.0 / scale)).determinant().abs() < 1e-9 {
        return None;
    }
    let point = matrix.inverse() * vector;
    let mut distance = 0.0;
    let mut miss = 0.0;
    let (mut in_front, mut is_behind) = (true, true);
    for (centre, forward) in &rays {
        let to_point = point - *centre;
        distance += to_point.length();
        miss += to_point.reject_from_normalized(*forward).length_squared();
        in_front &= to_point.dot(*forward) > 0.0;
        is_behind &= to_point.dot(*forward) < 0.0;
    }
    distance /= scale;
    (distance > 0.0).then(|| LookAt {
        distance,
        miss: (miss / scale).sqrt() / distance,
        in_front,
        is_behind,
    })
}
