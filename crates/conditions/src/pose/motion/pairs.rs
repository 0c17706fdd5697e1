//! What two people do together: coming up to one another, embracing, parting.

use super::features::{Features, Series, smoothed};
use super::signals::Signals;
use super::spans::{above, tidy};
use crate::pose::{ActionKind, PersonAction};

/// A person as far as others are concerned.
#[derive(Debug, Clone, Copy)]
pub struct Party<'a> {
    /// Identity.
    pub id: u32,
    /// The joints.
    pub signals: &'a Signals,
    /// What is measured of them.
    pub features: &'a Features,
    /// What the person does alone.
    pub actions: &'a [PersonAction],
}

/// Two people are together when nearer than this across the frame, in trunk lengths.
const TOGETHER: f64 = 3.0;
/// And in each other's arms when nearer than this.
const EMBRACED: f64 = 2.1;
/// A hand around someone is this near to the middle of them across the frame.
const AROUND: f64 = 0.8;
const LEAST_EMBRACE_S: f64 = 0.6;
/// Coming up to someone brings one nearer by at least this.
const LEAST_NEARER: f64 = 1.0;
/// Distance changes at least this fast, trunk lengths a second, while coming or going.
const LEAST_RATE: f64 = 0.45;
/// They stay together at least this long, seconds: who walks past someone does not.
const LEAST_STAY_S: f64 = 0.45;
/// People whose trunks differ more than this in size stand behind one another.
const SAME_DEPTH: f64 = 1.3;

/// What each of two people does with the other.
pub fn together(one: Party<'_>, other: Party<'_>) -> [Vec<PersonAction>; 2] {
    let none = [Vec::new(), Vec::new()];
    let (first, second) = (one.signals, other.signals);
    let unit = f64::midpoint(first.unit, second.unit);
    let alike = first.unit.max(second.unit) / first.unit.min(second.unit).max(1e-9);
    if alike > SAME_DEPTH || first.len() < 3 {
        return none;
    }
    // Frames of the other person at the times of the first.
    let start = second
        .times
        .iter()
        .position(|time| *time >= first.time(0) - 1e-9)
        .unwrap_or(0);
    let lead = first
        .times
        .iter()
        .position(|time| *time >= second.time(0) - 1e-9)
        .unwrap_or(first.len());
    let partner = |frame: usize| {
        (frame + start)
            .checked_sub(lead)
            .filter(|f| *f < second.len())
    };
    let gap = first.map(|frame| {
        let (a, b) = (first.centre(frame)?, second.centre(partner(frame)?)?);
        Some((b[0] - a[0]).abs() / unit)
    });
    let gap = smoothed(first, &gap, 0.3);
    let mut shared: Vec<(ActionKind, f64, f64, f64)> = Vec::new();
    let near: Series = gap.iter().map(|g| g.map(|g| EMBRACED - g)).collect();
    for run in tidy(above(&near, 0.0, -0.15), &first.times, 0.3, LEAST_EMBRACE_S) {
        let (run_s, run_e) = (first.time(run.first), first.time(run.last));
        if around_for(one, other, run_s, run_e) > LEAST_EMBRACE_S
            && around_for(other, one, run_s, run_e) > LEAST_EMBRACE_S
        {
            let (from, to) = embrace(one, other, run_s, run_e);
            shared.push((ActionKind::Hugging, from, to, 0.75));
        }
    }
    let reach = first.frames_in(0.2).max(1);
    let rate = first.map(|frame| {
        let (before, after) = (
            frame.saturating_sub(reach),
            (frame + reach).min(first.len() - 1),
        );
        let passed = first.time(after) - first.time(before);
        let (a, b) = (gap.get(before).copied()??, gap.get(after).copied()??);
        (passed > 0.0).then(|| (b - a) / passed)
    });
    for (sign, kind) in [(-1.0, ActionKind::Approaching), (1.0, ActionKind::Parting)] {
        let values: Series = rate.iter().map(|r| r.map(|r| r * sign)).collect();
        for run in tidy(
            above(&values, 1.6 * LEAST_RATE, LEAST_RATE),
            &first.times,
            0.25,
            0.4,
        ) {
            let at = |frame: usize| gap.get(frame).copied().flatten();
            let (Some(a), Some(b)) = (at(run.first), at(run.last)) else {
                continue;
            };
            let (near, close) = if sign < 0.0 {
                (b, run.last)
            } else {
                (a, run.first)
            };
            if near > TOGETHER || (b - a) * sign < LEAST_NEARER {
                continue;
            }
            if stays(first, &gap, close, near, sign < 0.0) {
                shared.push((kind, first.time(run.first), first.time(run.last), 0.7));
            }
        }
    }
    let told = |party: Party<'_>, partner: u32| -> Vec<PersonAction> {
        shared
            .iter()
            .filter(|(kind, start, end, _)| {
                *kind == ActionKind::Hugging || goes(party, *start, *end)
            })
            .map(|(kind, start, end, confidence)| {
                let mut action = PersonAction::new(*kind, *start, *end, *confidence);
                action.other = Some(partner);
                action
            })
            .collect()
    };
    [told(one, other.id), told(other, one.id)]
}

/// For how long at least one hand of a person is around another, seconds.
fn around_for(party: Party<'_>, other: Party<'_>, start_s: f64, end_s: f64) -> f64 {
    let signals = party.signals;
    (1..signals.len())
        .filter(|frame| (start_s..=end_s).contains(&signals.time(*frame)))
        .filter(|frame| {
            let time_s = signals.time(*frame);
            let same = other.signals.times.partition_point(|t| *t < time_s - 1e-9);
            let Some(centre) = other.signals.centre(same) else {
                return false;
            };
            party.features.arms.iter().any(|arm| {
                let up = arm.up.get(*frame).copied().flatten();
                let wrist = signals.joint(*frame, arm.arm.wrist);
                up > Some(-0.7)
                    && wrist.is_some_and(|w| (w[0] - centre[0]).abs() < AROUND * signals.unit)
            })
        })
        .map(|frame| signals.time(frame) - signals.time(frame - 1))
        .sum()
}

/// From where the first hand comes up to where the last goes down.
fn embrace(one: Party<'_>, other: Party<'_>, start_s: f64, end_s: f64) -> (f64, f64) {
    let mut span: Option<(f64, f64)> = None;
    for party in [one, other] {
        for arm in &party.features.arms {
            for run in super::held::away(party.signals, arm) {
                let (a, b) = (
                    party.signals.time(run.first).max(start_s - 0.3),
                    party.signals.time(run.last).min(end_s + 0.3),
                );
                if b > a {
                    span = Some(span.map_or((a, b), |(x, y)| (x.min(a), y.max(b))));
                }
            }
        }
    }
    span.unwrap_or((start_s, end_s))
}

/// Whether two stay near one another after (or before) a frame.
fn stays(signals: &Signals, gap: &Series, from: usize, near: f64, after: bool) -> bool {
    let mut frame = from;
    loop {
        if (signals.time(frame) - signals.time(from)).abs() >= LEAST_STAY_S {
            return true;
        }
        let next = if after {
            (frame + 1 < signals.len()).then_some(frame + 1)
        } else {
            frame.checked_sub(1)
        };
        match next.and_then(|next| Some((next, gap.get(next).copied().flatten()?))) {
            Some((next, gap)) if (gap - near).abs() < 0.7 => frame = next,
            _ => return false,
        }
    }
}

/// Whether a person goes anywhere in a time.
fn goes(party: Party<'_>, start_s: f64, end_s: f64) -> bool {
    party.actions.iter().any(|action| {
        matches!(
            action.action,
            ActionKind::Walking | ActionKind::Running | ActionKind::Moving
        ) && action.start_s < end_s
            && action.end_s > start_s
    })
}
