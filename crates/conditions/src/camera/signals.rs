//! A camera path as signals over time: travel and turning along the camera's own axes.

use glam::{DMat3, DQuat, DVec3};

use super::CameraPath;

/// The most samples an analysis works on; a longer path is sampled more coarsely.
const MOST_SAMPLES: usize = 24_000;
/// A short path is sampled at least this finely, so that boundaries fall between frames.
const LEAST_SAMPLES: usize = 96;

/// Travel along the camera's right, down and forward axes, in shares of the path's extent.
pub(crate) const RIGHT: usize = 0;
pub(crate) const DOWN: usize = 1;
pub(crate) const FORWARD: usize = 2;
/// Turning in degrees: up about the right axis, right about the down axis, clockwise about
/// the forward axis.
pub(crate) const TILT: usize = 3;
pub(crate) const PAN: usize = 4;
pub(crate) const ROLL: usize = 5;
/// Natural logarithm of the focal length.
pub(crate) const ZOOM: usize = 6;
/// Number of channels.
pub(crate) const CHANNELS: usize = 7;

/// The path on an even clock.
#[derive(Debug, Clone)]
pub(crate) struct Signals {
    /// Seconds between samples.
    pub dt: f64,
    /// Length in seconds.
    pub duration: f64,
    /// Typical seconds between the file's frames.
    pub frame_s: f64,
    /// Accumulated channels from 0 at the first sample, smoothed.
    pub smooth: [Vec<f64>; CHANNELS],
    /// Root-mean-square noise of each channel, frame to frame.
    pub noise: [f64; CHANNELS],
    /// Accumulated channels as they are in the file.
    pub raw: [Vec<f64>; CHANNELS],
    /// Camera centres, in shares of the extent, smoothed.
    pub centres: Vec<DVec3>,
    /// Camera axes.
    pub axes: Vec<DMat3>,
    /// The largest distance between two centres, in the path's units.
    pub extent: f64,
}

impl Signals {
    pub(crate) fn of(path: &CameraPath) -> Self {
        let poses = &path.poses;
        let duration = poses.last().map_or(0.0, |pose| pose.time_s).max(1e-6);
        let mut steps: Vec<f64> = poses
            .windows(2)
            .map(|pair| pair[1].time_s - pair[0].time_s)
            .collect();
        steps.sort_by(f64::total_cmp);
        let frame_s = steps
            .get(steps.len() / 2)
            .copied()
            .unwrap_or(duration)
            .clamp(1e-6, duration);
        let samples = ((duration / frame_s).ceil() as usize)
            .clamp(LEAST_SAMPLES, MOST_SAMPLES)
            .max((duration / 0.05) as usize)
            .min(MOST_SAMPLES)
            + 1;
        let dt = duration / (samples - 1) as f64;
        let extent = extent(path);
        let scale = if extent > 0.0 { 1.0 / extent } else { 0.0 };
        let raw_centres: Vec<DVec3> = poses.iter().map(|pose| pose.centre * scale).collect();
        let quaternions: Vec<DQuat> = poses
            .iter()
            .map(|pose| DQuat::from_mat3(&pose.world_from_camera).normalize())
            .collect();
        let mut centres = Vec::with_capacity(samples);
        let mut turns = Vec::with_capacity(samples);
        let mut focal = Vec::with_capacity(samples);
        let logs = log_focals(path);
        let mut left = 0;
        for sample in 0..samples {
            let time = sample as f64 * dt;
            while left + 2 < poses.len() && poses[left + 1].time_s <= time {
                left += 1;
            }
            let right = (left + 1).min(poses.len() - 1);
            let span = poses[right].time_s - poses[left].time_s;
            let share = if span > 0.0 {
                ((time - poses[left].time_s) / span).clamp(0.0, 1.0)
            } else {
                0.0
            };
            centres.push(raw_centres[left].lerp(raw_centres[right], share));
            turns.push(quaternions[left].slerp(quaternions[right], share));
            focal.push(
                logs.as_ref()
                    .map_or(0.0, |logs| logs[left] + (logs[right] - logs[left]) * share),
            );
        }
        let mut raw: [Vec<f64>; CHANNELS] = Default::default();
        for channel in &mut raw {
            channel.reserve(samples);
            channel.push(0.0);
        }
        for index in 1..samples {
            let before = turns[index - 1];
            let step = before.inverse() * turns[index];
            let turned = step.normalize().to_scaled_axis();
            let middle = before.slerp(turns[index], 0.5);
            let moved = middle.inverse() * (centres[index] - centres[index - 1]);
            let steps = [
                moved.x,
                moved.y,
                moved.z,
                turned.x.to_degrees(),
                turned.y.to_degrees(),
                turned.z.to_degrees(),
                focal[index] - focal[index - 1],
            ];
            for (channel, step) in raw.iter_mut().zip(steps) {
                let last = channel[index - 1];
                channel.push(last + step);
            }
        }
        turn_about_vertical(&turns, &mut raw);
        let noise = std::array::from_fn(|channel| noise(&raw[channel], dt, frame_s));
        let smooth: [Vec<f64>; CHANNELS] = std::array::from_fn(|channel| {
            let group: &[usize] = match channel {
                RIGHT..=FORWARD => &[RIGHT, DOWN, FORWARD],
                TILT..=ROLL => &[TILT, PAN, ROLL],
                _ => &[ZOOM],
            };
            let range = group
                .iter()
                .map(|channel| range(&raw[*channel]))
                .fold(0.0, f64::max);
            let rough = group
                .iter()
                .map(|channel| noise[*channel])
                .fold(0.0, f64::max);
            gaussian(&raw[channel], window(rough, range, duration) / dt)
        });
        let translation_window = window(
            noise[..3].iter().copied().fold(0.0, f64::max),
            1.0,
            duration,
        ) / dt;
        let parts: [Vec<f64>; 3] = std::array::from_fn(|axis| {
            let part: Vec<f64> = centres.iter().map(|centre| centre[axis]).collect();
            gaussian(&part, translation_window)
        });
        let centres = (0..samples)
            .map(|index| DVec3::new(parts[0][index], parts[1][index], parts[2][index]))
            .collect();
        Self {
            dt,
            duration,
            frame_s,
            smooth,
            noise,
            raw,
            centres,
            axes: turns.into_iter().map(DMat3::from_quat).collect(),
            extent,
        }
    }

    /// Number of samples.
    pub(crate) fn len(&self) -> usize {
        self.centres.len()
    }

    /// The sample nearest to a time.
    pub(crate) fn index(&self, time_s: f64) -> usize {
        ((time_s / self.dt).round().max(0.0) as usize).min(self.len() - 1)
    }

    /// The net change of a channel between two times.
    pub(crate) fn change(&self, channel: usize, start_s: f64, end_s: f64) -> f64 {
        self.smooth[channel][self.index(end_s)] - self.smooth[channel][self.index(start_s)]
    }
}

/// How wide to smooth, in seconds: clean paths hardly at all, so that boundaries stay sharp.
fn window(noise: f64, range: f64, duration: f64) -> f64 {
    let share = if range > 0.0 { noise / range } else { 0.0 };
    let wide: f64 = if share < 0.001 {
        0.02
    } else if share < 0.005 {
        0.07
    } else {
        0.15
    };
    wide.min(duration / 25.0)
}

fn range(values: &[f64]) -> f64 {
    let (low, high) = values
        .iter()
        .fold((f64::MAX, f64::MIN), |(low, high), value| {
            (low.min(*value), high.max(*value))
        });
    (high - low).max(0.0)
}

/// The largest distance between two camera centres.
fn extent(path: &CameraPath) -> f64 {
    let every = path.poses.len().div_ceil(400);
    let mut points: Vec<DVec3> = path
        .poses
        .iter()
        .step_by(every)
        .map(|pose| pose.centre)
        .collect();
    points.extend(path.poses.last().map(|pose| pose.centre));
    let mut most: f64 = 0.0;
    for (index, a) in points.iter().enumerate() {
        for b in &points[index + 1..] {
            most = most.max(a.distance_squared(*b));
        }
    }
    most.sqrt()
}

/// Logarithms of the focal length, where every pose has one.
fn log_focals(path: &CameraPath) -> Option<Vec<f64>> {
    path.poses
        .iter()
        .map(|pose| {
            pose.intrinsics
                .map(|lens| 0.5 * (lens.fx.ln() + lens.fy.ln()))
        })
        .collect()
}

/// On a tripod head the camera pans about the vertical even while it is tilted. Takes the
/// turning apart that way (yaw, then pitch, then roll) where that explains the path with much
/// less roll than turning about the camera's own axes.
fn turn_about_vertical(turns: &[DQuat], raw: &mut [Vec<f64>; CHANNELS]) {
    let mut angles: [Vec<f64>; 3] = Default::default();
    for turn in turns {
        let axes = DMat3::from_quat(*turn);
        let forward = axes.z_axis;
        let pitch = (-forward.y).clamp(-1.0, 1.0).asin();
        if pitch.abs() > 75_f64.to_radians() {
            return;
        }
        let yaw = forward.x.atan2(forward.z);
        let level = DMat3::from_rotation_y(yaw) * DMat3::from_rotation_x(pitch);
        let rest = level.transpose() * axes;
        let roll = rest.x_axis.y.atan2(rest.x_axis.x);
        for (list, angle) in angles.iter_mut().zip([pitch, yaw, roll]) {
            let angle = angle.to_degrees();
            let last = list.last().copied().unwrap_or(0.0);
            list.push(angle + 360.0 * ((last - angle) / 360.0).round());
        }
    }
    let travelled = |values: &[f64]| -> f64 {
        values
            .windows(2)
            .map(|pair| (pair[1] - pair[0]).abs())
            .sum()
    };
    let before = travelled(&raw[ROLL]);
    let after = travelled(&angles[2]);
    let body = travelled(&raw[TILT]) + travelled(&raw[PAN]) + before;
    if before < 1.0 || before < 0.03 * body || after > 0.5 * before {
        return;
    }
    let [tilt, pan, roll] = angles;
    raw[TILT] = tilt;
    raw[PAN] = pan;
    raw[ROLL] = roll;
}

/// Frame-to-frame noise. Neighbouring third differences of white noise of standard deviation s
/// have covariance −15 s², those of smooth motion a positive one; single outliers (starts and
/// stops) are cut to three times the median, so that only noise that is there all the time
/// counts.
fn noise(values: &[f64], dt: f64, frame_s: f64) -> f64 {
    let step = ((frame_s / dt).round() as usize).max(1);
    let at_rate: Vec<f64> = values.iter().copied().step_by(step).collect();
    if at_rate.len() < 7 {
        return 0.0;
    }
    let differences: Vec<f64> = at_rate
        .windows(4)
        .map(|w| w[3] - 3.0 * w[2] + 3.0 * w[1] - w[0])
        .collect();
    let mut sizes: Vec<f64> = differences.iter().map(|value| value.abs()).collect();
    sizes.sort_by(f64::total_cmp);
    let most = 3.0 * sizes[sizes.len() / 2];
    let covariance = differences
        .windows(2)
        .map(|pair| pair[0].clamp(-most, most) * pair[1].clamp(-most, most))
        .sum::<f64>()
        / (differences.len() - 1) as f64;
    (-covariance / 15.0).max(0.0).sqrt()
}

/// Gaussian smoothing with a standard deviation in samples. Beyond the ends the signal is
/// continued point-symmetrically, so that even motion stays even up to the last frame.
pub(crate) fn gaussian(values: &[f64], sigma: f64) -> Vec<f64> {
    let reach = (3.0 * sigma).round() as isize;
    let count = values.len() as isize;
    if reach < 1 || count < 3 {
        return values.to_vec();
    }
    let reach = reach.min(count - 1);
    let weights: Vec<f64> = (0..=reach)
        .map(|offset| (-0.5 * (offset as f64 / sigma).powi(2)).exp())
        .collect();
    let total = weights[0] + 2.0 * weights[1..].iter().sum::<f64>();
    let (first, last) = (values[0], values[values.len() - 1]);
    let at = |index: isize| {
        if index < 0 {
            2.0 * first - values[(-index) as usize]
        } else if index >= count {
            2.0 * last - values[(2 * (count - 1) - index) as usize]
        } else {
            values[index as usize]
        }
    };
    (0..count)
        .map(|centre| {
            let mut sum = weights[0] * values[centre as usize];
            for offset in 1..=reach {
                sum += weights[offset as usize] * (at(centre - offset) + at(centre + offset));
            }
            sum / total
        })
        .collect()
}
