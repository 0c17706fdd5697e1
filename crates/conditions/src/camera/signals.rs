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
    /// Typical size of each channel's shake above about 1 Hz; 0 where frames are too few to
    /// tell.
    pub unrest: [f64; CHANNELS],
    /// Accumulated channels as they are in the file.
    pub raw: [Vec<f64>; CHANNELS],
    /// Camera centres, in shares of the extent, smoothed.
    pub centres: Vec<DVec3>,
    /// Camera axes.
    pub axes: Vec<DMat3>,
    /// How wide turning is smoothed, standard deviation in samples.
    turn_window: f64,
    /// The largest distance between two centres, in the path's units.
    pub extent: f64,
}

impl Signals {
    /// The signals of a path whose travel is told in shares of `extent`.
    pub(crate) fn of(path: &CameraPath, extent: f64) -> Self {
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
        let noise: [f64; CHANNELS] =
            std::array::from_fn(|channel| noise(&raw[channel], dt, frame_s));
        let unrest: [f64; CHANNELS] =
            std::array::from_fn(|channel| unrest(&raw[channel], dt, frame_s));
        let group_window = |group: &[usize]| {
            let range = group
                .iter()
                .map(|channel| range(&raw[*channel]))
                .fold(0.0, f64::max);
            let rough = group
                .iter()
                .map(|channel| noise[*channel].max(unrest[*channel]))
                .fold(0.0, f64::max);
            window(rough, range, duration) / dt
        };
        let travel_window = group_window(&[RIGHT, DOWN, FORWARD]);
        let turn_window = group_window(&[TILT, PAN, ROLL]);
        let zoom_window = group_window(&[ZOOM]);
        let smooth: [Vec<f64>; CHANNELS] = std::array::from_fn(|channel| {
            let window = match channel {
                RIGHT..=FORWARD => travel_window,
                TILT..=ROLL => turn_window,
                _ => zoom_window,
            };
            gaussian(&raw[channel], window)
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
            unrest,
            raw,
            centres,
            axes: turns.into_iter().map(DMat3::from_quat).collect(),
            turn_window,
            extent,
        }
    }

    /// The largest shake among the channels of a channel's group: a hand shakes all of them.
    pub(crate) fn unrest_beside(&self, channel: usize) -> f64 {
        let group = match channel {
            RIGHT..=FORWARD => &self.unrest[RIGHT..=FORWARD],
            TILT..=ROLL => &self.unrest[TILT..=ROLL],
            _ => &self.unrest[ZOOM..],
        };
        group.iter().copied().fold(0.0, f64::max)
    }

    /// How much a hand's shake blurs begins and ends: 1 for none.
    pub(crate) fn blur(&self) -> f64 {
        let turn = self.unrest_beside(PAN) / 0.15;
        let travel = self.unrest_beside(RIGHT) / 0.006;
        1.0 + turn.max(travel).min(2.5)
    }

    /// Whether frames are close enough, and the path is long enough, to tell shake.
    pub(crate) fn tells_shake(&self) -> bool {
        tells_shake(self.duration, self.frame_s)
    }

    /// Whether a hand shakes the camera enough to blur when its moves begin and end.
    pub(crate) fn is_shaken(&self) -> bool {
        self.unrest[TILT..=ROLL].iter().any(|shake| *shake > 0.08)
            || self.unrest[RIGHT..=FORWARD]
                .iter()
                .any(|shake| *shake > 0.003)
    }

    /// Number of samples.
    pub(crate) fn len(&self) -> usize {
        self.centres.len()
    }

    /// The sample nearest to a time.
    pub(crate) fn index(&self, time_s: f64) -> usize {
        ((time_s / self.dt).round().max(0.0) as usize).min(self.len() - 1)
    }

    /// Pitch (up), yaw (right) and roll (clockwise) between two times, degrees, relative to
    /// the axes at the first, smoothed as the turning is; `None` where the camera comes near
    /// looking straight up or down from there.
    pub(crate) fn angles(&self, start_s: f64, end_s: f64) -> Option<[Vec<f64>; 3]> {
        let (a, b) = (self.index(start_s), self.index(end_s));
        let to_first = self.axes.get(a)?.transpose();
        let turns: Vec<DMat3> = self
            .axes
            .get(a..=b)?
            .iter()
            .map(|axes| to_first * *axes)
            .collect();
        let angles = euler(turns.iter().copied())?;
        Some(angles.map(|values| gaussian(&values, self.turn_window)))
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
    } else if share < 0.02 {
        0.15
    } else {
        0.25
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
pub(crate) fn extent(path: &CameraPath) -> f64 {
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

/// Pitch (up), yaw (right) and roll (clockwise) in degrees, without jumps of a full turn;
/// `None` where the camera looks nearly straight up or down.
fn euler(turns: impl Iterator<Item = DMat3>) -> Option<[Vec<f64>; 3]> {
    let mut angles: [Vec<f64>; 3] = Default::default();
    for axes in turns {
        let forward = axes.z_axis;
        let pitch = (-forward.y).clamp(-1.0, 1.0).asin();
        if pitch.abs() > 75_f64.to_radians() {
            return None;
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
    Some(angles)
}

/// On a tripod head the camera pans about the vertical even while it is tilted. Takes the
/// turning apart that way (yaw, then pitch, then roll) where that explains the path with much
/// less roll than turning about the camera's own axes.
fn turn_about_vertical(turns: &[DQuat], raw: &mut [Vec<f64>; CHANNELS]) {
    let Some(angles) = euler(turns.iter().map(|turn| DMat3::from_quat(*turn))) else {
        return;
    };
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

/// Smoothing that separates shake from intended motion, seconds: shake is above about 1 Hz.
pub(crate) const SHAKE_S: f64 = 0.2;

fn tells_shake(duration: f64, frame_s: f64) -> bool {
    frame_s <= 0.6 * SHAKE_S && duration >= 4.0 * SHAKE_S
}

/// What a doubled high-pass leaves of a signal, which removes every cubic ease; `None` where
/// frames lie too far apart or the path is too short for it.
pub(crate) fn above_shake(values: &[f64], dt: f64, frame_s: f64) -> Option<Vec<f64>> {
    if !tells_shake(values.len() as f64 * dt, frame_s) {
        return None;
    }
    let sigma = SHAKE_S / dt;
    let minus = |values: &[f64]| -> Vec<f64> {
        gaussian(values, sigma)
            .iter()
            .zip(values)
            .map(|(smooth, value)| value - smooth)
            .collect()
    };
    Some(minus(&minus(values)))
}

/// The typical size of a signal's shake: what is left above it half of the time, as the
/// standard deviation of a normal spread. Sudden starts and stops hardly count, and what bends
/// one way without swinging is a curve of the path.
fn unrest(values: &[f64], dt: f64, frame_s: f64) -> f64 {
    let Some(left) = above_shake(values, dt, frame_s) else {
        return 0.0;
    };
    let swings = left.windows(2).filter(|w| w[0] * w[1] < 0.0).count() as f64;
    if swings < 1.5 * left.len() as f64 * dt {
        return 0.0;
    }
    let mut sizes: Vec<f64> = left.iter().map(|value| value.abs()).collect();
    sizes.sort_by(f64::total_cmp);
    1.4826 * sizes.get(sizes.len() / 2).copied().unwrap_or(0.0)
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
