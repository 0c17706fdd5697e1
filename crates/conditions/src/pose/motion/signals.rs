//! A tracked person's joints as smooth signals over time.

use super::spans::median;
use crate::pose::joints::{
    Body, JOINTS, L_ANKLE, L_EAR, L_EYE, L_HIP, L_KNEE, L_SHOULDER, NECK, NOSE, Point, R_ANKLE,
    R_EAR, R_EYE, R_HIP, R_KNEE, R_SHOULDER, distance, midway,
};
use crate::pose::tracking::Track;

/// One person's joints over the frames in which the person is present, gaps filled, smoothed.
/// Points are in units of the canvas height, x to the right and y down.
#[derive(Debug, Clone)]
pub struct Signals {
    /// Seconds of each frame.
    pub times: Vec<f64>,
    /// The joints of each frame.
    pub bodies: Vec<Body>,
    /// Width over height of the canvas.
    pub aspect: f64,
    /// Neck to mid-hip, canvas heights: the unit of all body measures. From the shoulders or
    /// the head where the hips are not seen.
    pub unit: f64,
    /// Share of frames in which each joint was seen, 0–1, before gaps were filled.
    pub seen: [f64; JOINTS],
    /// How much the joints tremble after smoothing, root mean square along each axis in body
    /// units: an estimator's error, which no motion may be smaller than.
    pub tremble: f64,
}

/// A joint that is missing for this long is filled in from before and after.
const LONGEST_FILL_S: f64 = 0.35;
/// Joints are averaged over this long.
const SMOOTHING_S: f64 = 0.12;

/// Shoulder width over torso length of a person who faces the camera: adults lie around 0.6–0.7
/// with OpenPose's joints.
pub const SHOULDERS_PER_TORSO: f64 = 0.62;
/// Nose to neck over torso length.
const HEAD_PER_TORSO: f64 = 0.42;

impl Signals {
    /// The signals of a track; `times` are those of all frames of the clip.
    pub fn new(track: &Track, times: &[f64], aspect: f64) -> Option<Self> {
        let (first, _) = track.sightings.first()?;
        let (last, _) = track.sightings.last()?;
        let times = times.get(*first..=*last)?.to_vec();
        let mut bodies: Vec<Body> = vec![[None; JOINTS]; times.len()];
        let mut counts = [0.0; JOINTS];
        for (number, body) in &track.sightings {
            let Some(slot) = bodies.get_mut(number - first) else {
                continue;
            };
            *slot = body.map(|p| p.map(|[x, y]| [x * aspect, y]));
            for (count, point) in counts.iter_mut().zip(body) {
                *count += f64::from(u8::from(point.is_some()));
            }
        }
        let seen = counts.map(|count| count / track.sightings.len() as f64);
        let tremble = tremble(&bodies);
        fill(&mut bodies, &times);
        let bodies = smooth(&bodies, &times);
        let mut signals = Self {
            times,
            bodies,
            aspect,
            unit: 1.0,
            seen,
            tremble: 0.0,
        };
        signals.unit = signals.measure_unit()?;
        let averaged = (2 * signals.frames_in(SMOOTHING_S / 2.0) + 1) as f64;
        signals.tremble = tremble / signals.unit / averaged.sqrt();
        Some(signals)
    }

    fn measure_unit(&self) -> Option<f64> {
        let frames = 0..self.len();
        // Bent or lying the trunk looks shorter: what it is upright counts.
        let torso = super::spans::quantile(frames.clone().filter_map(|i| self.torso(i)), 0.65);
        let shoulders = median(frames.clone().filter_map(|i| {
            Some(distance(
                self.joint(i, L_SHOULDER)?,
                self.joint(i, R_SHOULDER)?,
            ))
        }));
        let head = median(
            frames.filter_map(|i| Some(distance(self.joint(i, NOSE)?, self.joint(i, NECK)?))),
        );
        torso
            .or_else(|| {
                let by_shoulders = shoulders.map_or(0.0, |w| w / SHOULDERS_PER_TORSO);
                let by_head = head.map_or(0.0, |h| h / HEAD_PER_TORSO);
                // In profile the shoulders say too little; the greater one is the better one.
                let unit = by_shoulders.max(by_head);
                (unit > 0.0).then_some(unit)
            })
            .or_else(|| {
                let heights = self.bodies.iter().filter_map(|body| {
                    let [_, t, _, b] = crate::pose::joints::bounds(body)?;
                    Some(b - t)
                });
                median(heights)
            })
            .filter(|unit| *unit > 1e-4)
    }

    /// How many frames.
    pub fn len(&self) -> usize {
        self.times.len()
    }

    /// Seconds of a frame.
    pub fn time(&self, frame: usize) -> f64 {
        self.times.get(frame).copied().unwrap_or(0.0)
    }

    /// Seconds from the first frame to the last.
    pub fn duration(&self) -> f64 {
        self.time(self.len().saturating_sub(1)) - self.time(0)
    }

    /// A joint, canvas heights.
    pub fn joint(&self, frame: usize, joint: usize) -> Option<Point> {
        self.bodies.get(frame)?.get(joint).copied().flatten()
    }

    /// Midway between the hips, or the one that is seen.
    pub fn hips(&self, frame: usize) -> Option<Point> {
        let (right, left) = (self.joint(frame, R_HIP), self.joint(frame, L_HIP));
        match (right, left) {
            (Some(right), Some(left)) => Some(midway(right, left)),
            (one, other) => one.or(other),
        }
    }

    /// Neck to mid-hip.
    pub fn torso(&self, frame: usize) -> Option<f64> {
        Some(distance(self.joint(frame, NECK)?, self.hips(frame)?))
    }

    /// The middle of the trunk, or the neck where the hips are not seen.
    pub fn centre(&self, frame: usize) -> Option<Point> {
        let neck = self.joint(frame, NECK);
        match (neck, self.hips(frame)) {
            (Some(neck), Some(hips)) => Some(midway(neck, hips)),
            (one, other) => one.or(other).or_else(|| {
                let [l, t, r, b] = crate::pose::joints::bounds(self.bodies.get(frame)?)?;
                Some([f64::midpoint(l, r), f64::midpoint(t, b)])
            }),
        }
    }

    /// Whether a joint was seen in most frames.
    pub fn mostly(&self, joint: usize) -> bool {
        self.seen.get(joint).is_some_and(|share| *share >= 0.5)
    }

    /// Whether any part of the head was seen in most frames.
    pub fn head_seen(&self) -> bool {
        [NOSE, R_EYE, L_EYE, R_EAR, L_EAR]
            .into_iter()
            .any(|joint| self.mostly(joint))
    }

    /// Whether both legs were seen down to the ankles.
    pub fn ankles_seen(&self) -> bool {
        self.mostly(R_ANKLE) && self.mostly(L_ANKLE)
    }

    /// Whether both legs were seen down to the knees.
    pub fn knees_seen(&self) -> bool {
        self.mostly(R_KNEE) && self.mostly(L_KNEE)
    }

    /// One value a frame.
    pub fn map<T>(&self, each: impl FnMut(usize) -> Option<T>) -> Vec<Option<T>> {
        (0..self.len()).map(each).collect()
    }

    /// How fast a joint moves, units a second, over about a tenth of a second around a frame.
    pub fn speed(&self, frame: usize, joint: usize) -> Option<f64> {
        let reach = self.frames_in(SMOOTHING_S).max(1);
        let before = frame.saturating_sub(reach);
        let after = (frame + reach).min(self.len().saturating_sub(1));
        let passed = self.time(after) - self.time(before);
        let (a, b) = (self.joint(before, joint)?, self.joint(after, joint)?);
        (passed > 0.0).then(|| distance(a, b) / passed / self.unit)
    }

    /// How many frames pass in a time.
    pub fn frames_in(&self, seconds: f64) -> usize {
        let duration = self.duration();
        if duration <= 0.0 {
            return 0;
        }
        (seconds * (self.len() - 1) as f64 / duration).round() as usize
    }
}

/// The error of single joints along an axis, from how far each lies off the line between its
/// neighbours in time: motion is smooth, errors are not. The middle value, scaled to a root mean
/// square.
fn tremble(bodies: &[Body]) -> f64 {
    let mut off = Vec::new();
    for three in bodies.windows(3) {
        let [first, second, third] = three else {
            continue;
        };
        for ((a, b), c) in first.iter().zip(second).zip(third) {
            if let (Some(a), Some(b), Some(c)) = (a, b, c) {
                off.push((a[0] - 2.0 * b[0] + c[0]).abs());
                off.push((a[1] - 2.0 * b[1] + c[1]).abs());
            }
        }
    }
    median(off).unwrap_or(0.0) * 1.4826 / 6f64.sqrt()
}

/// Fills gaps of single joints from before and after.
fn fill(bodies: &mut [Body], times: &[f64]) {
    for joint in 0..JOINTS {
        let mut last: Option<usize> = None;
        for now in 0..bodies.len() {
            let Some(here) = bodies[now][joint] else {
                continue;
            };
            if let Some(before) = last
                && now - before > 1
                && times[now] - times[before] <= LONGEST_FILL_S
                && let Some(there) = bodies[before][joint]
            {
                for between in before + 1..now {
                    let t = (times[between] - times[before]) / (times[now] - times[before]);
                    bodies[between][joint] = Some([
                        there[0] + t * (here[0] - there[0]),
                        there[1] + t * (here[1] - there[1]),
                    ]);
                }
            }
            last = Some(now);
        }
    }
}

/// Takes single slips out (middle of three), then averages over [`SMOOTHING_S`].
fn smooth(bodies: &[Body], times: &[f64]) -> Vec<Body> {
    let middle: Vec<Body> = (0..bodies.len())
        .map(|now| {
            std::array::from_fn(|joint| {
                let here = bodies[now][joint]?;
                let (Some(before), Some(after)) = (
                    now.checked_sub(1).and_then(|b| bodies[b][joint]),
                    bodies.get(now + 1).and_then(|b| b[joint]),
                ) else {
                    return Some(here);
                };
                let pick = |axis: usize| {
                    let (a, b, c) = (before[axis], here[axis], after[axis]);
                    a.max(b).min(a.max(c)).min(b.max(c))
                };
                Some([pick(0), pick(1)])
            })
        })
        .collect();
    (0..bodies.len())
        .map(|now| {
            std::array::from_fn(|joint| {
                middle[now][joint]?;
                let mut sum = [0.0; 2];
                let mut count = 0.0;
                let mut add = |index: usize| -> bool {
                    if (times[index] - times[now]).abs() > SMOOTHING_S / 2.0 + 1e-9 {
                        return false;
                    }
                    if let Some(point) = middle[index][joint] {
                        sum = [sum[0] + point[0], sum[1] + point[1]];
                        count += 1.0;
                    }
                    true
                };
                let _ = (now..bodies.len()).take_while(|index| add(*index)).count();
                let _ = (0..now).rev().take_while(|index| add(*index)).count();
                (count > 0.0).then(|| [sum[0] / count, sum[1] / count])
            })
        })
        .collect()
}
