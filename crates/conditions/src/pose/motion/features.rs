//! What is measured of arms, legs and trunk in every frame, in body units: one signal a question.

use super::signals::Signals;
use super::spans::{median, quantile};
use crate::pose::Side;
use crate::pose::joints::{
    L_ANKLE, L_EAR, L_ELBOW, L_EYE, L_HIP, L_KNEE, L_SHOULDER, L_WRIST, NECK, NOSE, Point, R_ANKLE,
    R_EAR, R_ELBOW, R_EYE, R_HIP, R_KNEE, R_SHOULDER, R_WRIST, distance,
};

/// One value a frame.
pub type Series = Vec<Option<f64>>;

/// The joints of an arm.
#[derive(Debug, Clone, Copy)]
pub struct Arm {
    /// Which.
    pub side: Side,
    /// Its shoulder.
    pub shoulder: usize,
    /// Its elbow.
    pub elbow: usize,
    /// Its wrist.
    pub wrist: usize,
}

/// Right and left.
pub const ARMS: [Arm; 2] = [
    Arm {
        side: Side::Right,
        shoulder: R_SHOULDER,
        elbow: R_ELBOW,
        wrist: R_WRIST,
    },
    Arm {
        side: Side::Left,
        shoulder: L_SHOULDER,
        elbow: L_ELBOW,
        wrist: L_WRIST,
    },
];

/// Hip, knee and ankle of the right and the left leg.
pub const LEGS: [(Side, usize, usize, usize); 2] = [
    (Side::Right, R_HIP, R_KNEE, R_ANKLE),
    (Side::Left, L_HIP, L_KNEE, L_ANKLE),
];

/// An arm over time. Nothing is known of frames in which its joints are not seen.
#[derive(Debug, Clone)]
pub struct ArmSeries {
    /// Which arm.
    pub arm: Arm,
    /// How far the wrist is above the shoulder.
    pub up: Series,
    /// How far the wrist is from the shoulder.
    pub reach: Series,
    /// How far the wrist is to the frame's right of the shoulder.
    pub across: Series,
    /// How straight the elbow is, degrees; 180 for a straight arm.
    pub straight: Series,
    /// How fast the wrist moves against the shoulder, units a second.
    pub speed: Series,
    /// How far the wrist is from the middle of the face.
    pub face: Series,
}

impl ArmSeries {
    fn new(signals: &Signals, arm: Arm) -> Self {
        let unit = signals.unit;
        let offset = signals.map(|frame| {
            let (s, w) = (
                signals.joint(frame, arm.shoulder)?,
                signals.joint(frame, arm.wrist)?,
            );
            Some([(w[0] - s[0]) / unit, (w[1] - s[1]) / unit])
        });
        let at = |frame: usize| offset.get(frame).copied().flatten();
        Self {
            arm,
            up: offset.iter().map(|o| o.map(|o| -o[1])).collect(),
            across: offset.iter().map(|o| o.map(|o| o[0])).collect(),
            reach: offset.iter().map(|o| o.map(|o| o[0].hypot(o[1]))).collect(),
            straight: signals.map(|frame| {
                angle(
                    signals.joint(frame, arm.shoulder)?,
                    signals.joint(frame, arm.elbow)?,
                    signals.joint(frame, arm.wrist)?,
                )
            }),
            speed: signals.map(|frame| {
                let before = frame.saturating_sub(1);
                let after = (frame + 1).min(signals.len() - 1);
                let passed = signals.time(after) - signals.time(before);
                let (a, b) = (at(before)?, at(after)?);
                (passed > 0.0).then(|| distance(a, b) / passed)
            }),
            face: signals.map(|frame| {
                let wrist = signals.joint(frame, arm.wrist)?;
                Some(distance(wrist, face(signals, frame)?) / unit)
            }),
        }
    }
}

/// The middle of the face, or where it must be above the neck.
pub fn face(signals: &Signals, frame: usize) -> Option<Point> {
    let parts: Vec<Point> = [NOSE, R_EYE, L_EYE, R_EAR, L_EAR]
        .into_iter()
        .filter_map(|joint| signals.joint(frame, joint))
        .collect();
    if parts.is_empty() {
        let neck = signals.joint(frame, NECK)?;
        return Some([neck[0], neck[1] - 0.38 * signals.unit]);
    }
    let sum = parts
        .iter()
        .fold([0.0; 2], |sum, p| [sum[0] + p[0], sum[1] + p[1]]);
    let count = parts.len() as f64;
    Some([sum[0] / count, sum[1] / count])
}

/// The angle at the middle of three points, degrees.
pub fn angle(a: Point, middle: Point, b: Point) -> Option<f64> {
    let (u, v) = (
        [a[0] - middle[0], a[1] - middle[1]],
        [b[0] - middle[0], b[1] - middle[1]],
    );
    let lengths = u[0].hypot(u[1]) * v[0].hypot(v[1]);
    (lengths > 1e-12).then(|| {
        ((u[0] * v[0] + u[1] * v[1]) / lengths)
            .clamp(-1.0, 1.0)
            .acos()
            .to_degrees()
    })
}

/// What is measured of a person in every frame.
#[derive(Debug, Clone)]
pub struct Features {
    /// Right and left.
    pub arms: [ArmSeries; 2],
    /// How far the trunk leans from upright, degrees.
    pub lean: Series,
    /// How far the neck is above the hips.
    pub trunk: Series,
    /// How far the hips are above the higher-reaching foot.
    pub hips: Series,
    /// How far the neck is above the lower foot.
    pub neck: Series,
    /// How far each ankle is above the other one: right, left.
    pub lifts: [Series; 2],
}

impl Features {
    /// Measures a person.
    pub fn new(signals: &Signals) -> Self {
        let unit = signals.unit;
        let ground = |frame: usize| {
            LEGS.into_iter()
                .filter_map(|(_, _, _, ankle)| signals.joint(frame, ankle).map(|p| p[1]))
                .reduce(f64::max)
        };
        let lift = |own: usize, other: usize| {
            signals.map(|frame| {
                let (own, other) = (signals.joint(frame, own)?, signals.joint(frame, other)?);
                Some((other[1] - own[1]) / unit)
            })
        };
        Self {
            arms: ARMS.map(|arm| ArmSeries::new(signals, arm)),
            lean: super::posture::lean(signals),
            trunk: signals.map(|frame| {
                Some((signals.hips(frame)?[1] - signals.joint(frame, NECK)?[1]) / unit)
            }),
            hips: signals.map(|frame| Some((ground(frame)? - signals.hips(frame)?[1]) / unit)),
            neck: signals
                .map(|frame| Some((ground(frame)? - signals.joint(frame, NECK)?[1]) / unit)),
            lifts: [lift(R_ANKLE, L_ANKLE), lift(L_ANKLE, R_ANKLE)],
        }
    }
}

/// A series averaged over a time.
pub fn smoothed(signals: &Signals, values: &Series, over_s: f64) -> Series {
    let reach = signals.frames_in(over_s / 2.0);
    (0..values.len())
        .map(|frame| {
            values.get(frame).copied().flatten()?;
            let window =
                values.get(frame.saturating_sub(reach)..(frame + reach + 1).min(values.len()))?;
            let (sum, count) = window
                .iter()
                .flatten()
                .fold((0.0, 0.0), |(sum, count), v| (sum + v, count + 1.0));
            (count > 0.0).then_some(sum / count)
        })
        .collect()
}

/// The middle value of a series over some frames.
pub fn middle(values: &Series, frames: std::ops::RangeInclusive<usize>) -> Option<f64> {
    median(frames.filter_map(|frame| values.get(frame).copied().flatten()))
}

/// The value that a share of a series lies below, over all its frames.
pub fn share(values: &Series, q: f64) -> Option<f64> {
    quantile(values.iter().flatten().copied(), q)
}

/// Someone goes from one level to another with a soft beginning and end: the share of the whole
/// change that lies between the crossings at 15 and 85 %, for a smoothstep.
const BETWEEN_CROSSINGS: f64 = 0.512;

/// Changes take no longer than this, seconds.
const LONGEST_RAMP_S: f64 = 2.2;

/// The time over which a series goes between the level `rest` (on the far side of `from`) and
/// the level `held` (at `from`), seconds in order; looking backwards or forwards from a frame.
pub fn ramp(
    signals: &Signals,
    values: &Series,
    from: usize,
    forwards: bool,
    rest: f64,
    held: f64,
) -> (f64, f64) {
    let share_at = |frame: usize| {
        let value = values.get(frame).copied().flatten()?;
        Some((value - rest) / (held - rest))
    };
    let mut near = from;
    let mut far = from;
    let mut frame = from;
    let mut inner = false;
    // The frame may still be on its way: first to where the level is held.
    loop {
        let next = if forwards {
            frame.checked_sub(1)
        } else {
            (frame + 1 < signals.len()).then_some(frame + 1)
        };
        match next {
            Some(next) if share_at(frame).is_some_and(|s| s < 0.85) => {
                frame = next;
                near = next;
            }
            _ => break,
        }
        if (signals.time(frame) - signals.time(from)).abs() > 1.5 {
            break;
        }
    }
    frame = near;
    loop {
        if let Some(share) = share_at(frame) {
            if share >= 0.85 && !inner {
                near = frame;
            } else if share < 0.85 {
                inner = true;
            }
            far = frame;
            if share <= 0.15 {
                break;
            }
        }
        let next = if forwards {
            (frame + 1 < signals.len()).then_some(frame + 1)
        } else {
            frame.checked_sub(1)
        };
        let Some(next) = next else { break };
        if (signals.time(next) - signals.time(near)).abs() > LONGEST_RAMP_S {
            break;
        }
        frame = next;
    }
    let (near, far) = (signals.time(near), signals.time(far));
    let beyond = (far - near) * (1.0 / BETWEEN_CROSSINGS - 1.0) / 2.0;
    let (first, last) = (signals.time(0), signals.time(signals.len() - 1));
    let (a, b) = (near - beyond, far + beyond);
    (a.min(b).clamp(first, last), a.max(b).clamp(first, last))
}
