//! Tracking shots: a camera that goes along with somebody.
//!
//! A path alone cannot tell a truck from a tracking shot; where the subject stays in the frame
//! can. Words after CameraBench's tracking shots (side, lead, tail, pan, arc).

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{CameraReading, Move, MoveKind};

/// How a camera goes along with its subject.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum TrackingKind {
    /// Beside it: the camera trucks and the subject keeps its place in the frame.
    Side,
    /// Before it: the camera dollies out and the subject keeps its place and size.
    Lead,
    /// Behind it: the camera dollies in and the subject keeps its place and size.
    Tail,
    /// From where it stands: the camera pans and the subject keeps its place.
    Pan,
    /// Round it: the camera arcs about a point and the subject stays near the middle.
    Arc,
}

/// A camera that goes along with somebody.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, TS)]
pub struct Tracking {
    /// How.
    pub kind: TrackingKind,
    /// Begin, seconds.
    pub start_s: f64,
    /// End, seconds.
    pub end_s: f64,
    /// How sure it is, 0–1.
    pub confidence: f64,
}

/// Where a subject is seen at one time.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sight {
    /// Seconds on the path's clock.
    pub time_s: f64,
    /// Its middle from the left, share of the frame's width.
    pub x: f64,
    /// Its height, share of the frame's, where it is known: without it nobody can tell going
    /// along from coming near.
    pub height: Option<f64>,
}

/// The least part of a move during which the subject has to be seen.
const SEEN: f64 = 0.6;
/// How far from its middle place a subject may stray that the camera goes along with, share of
/// the frame's width: people bob and sway, operators lag.
const STRAY: f64 = 0.12;
/// How much its height may change, as a factor.
const GROWTH: f64 = 1.25;
/// How far from the middle of the frame the subject of an arc may be.
const OFF_MIDDLE: f64 = 0.25;
/// A turn or travel has to be this large to say anything, degrees.
const LEAST_TURN_DEG: f64 = 8.0;

/// The tracking shots among a path's moves, given where its subject is seen over time. Sights
/// outside the path and those that are no numbers are left out.
///
/// A subject that keeps its place while the camera trucks or pans moves along with it, or is
/// very far away; `confidence` says so.
pub fn follows(reading: &CameraReading, sights: &[Sight]) -> Vec<Tracking> {
    reading
        .moves
        .iter()
        .filter_map(|one| {
            let kind = goes(one)?;
            let seen = Seen::during(one, sights)?;
            let keeps = seen.stray <= STRAY;
            let grows = seen.growth.map(|growth| growth <= GROWTH);
            let tracks = match kind {
                TrackingKind::Side | TrackingKind::Pan => keeps,
                TrackingKind::Lead | TrackingKind::Tail => keeps && grows == Some(true),
                TrackingKind::Arc => keeps && (seen.middle - 0.5).abs() <= OFF_MIDDLE,
            };
            tracks.then(|| Tracking {
                kind,
                start_s: one.start_s,
                end_s: one.end_s,
                confidence: one.confidence
                    * (0.9 - 1.5 * seen.stray)
                    * if grows == Some(false) { 0.8 } else { 1.0 },
            })
        })
        .collect()
}

/// How a move would go along with a subject, if one kept its place.
fn goes(one: &Move) -> Option<TrackingKind> {
    use MoveKind as K;
    match one.kind {
        K::TruckLeft | K::TruckRight => Some(TrackingKind::Side),
        K::DollyOut => Some(TrackingKind::Lead),
        K::DollyIn => Some(TrackingKind::Tail),
        K::PanLeft | K::PanRight if one.amount >= LEAST_TURN_DEG => Some(TrackingKind::Pan),
        K::ArcCw | K::ArcCcw => Some(TrackingKind::Arc),
        _ => None,
    }
}

/// What is seen of a subject during a move.
struct Seen {
    /// Its middle place.
    middle: f64,
    /// How far it strays from that, 90 % of the time.
    stray: f64,
    /// How its height changes from the first to the last third, as a factor above 1.
    growth: Option<f64>,
}

impl Seen {
    fn during(one: &Move, sights: &[Sight]) -> Option<Self> {
        let mut within: Vec<Sight> = sights
            .iter()
            .filter(|sight| sight.time_s >= one.start_s && sight.time_s <= one.end_s)
            .filter(|sight| sight.x.is_finite())
            .copied()
            .collect();
        within.sort_by(|a, b| a.time_s.total_cmp(&b.time_s));
        let (first, last) = (within.first()?, within.last()?);
        let length = one.end_s - one.start_s;
        if within.len() < 4 || last.time_s - first.time_s < SEEN * length {
            return None;
        }
        let middle = median(within.iter().map(|sight| sight.x))?;
        let mut strays: Vec<f64> = within
            .iter()
            .map(|sight| (sight.x - middle).abs())
            .collect();
        strays.sort_by(f64::total_cmp);
        let heights = |part: &[Sight]| {
            median(
                part.iter()
                    .filter_map(|sight| sight.height)
                    .filter(|height| height.is_finite() && *height > 0.0),
            )
        };
        let third = within.len().div_ceil(3);
        let growth = heights(within.get(..third)?)
            .zip(heights(within.get(within.len() - third..)?))
            .map(|(before, after)| (after / before).max(before / after));
        Some(Self {
            middle,
            stray: strays.get((strays.len() - 1) * 9 / 10).copied()?,
            growth,
        })
    }
}

fn median(values: impl Iterator<Item = f64>) -> Option<f64> {
    let mut sorted: Vec<f64> = values.collect();
    sorted.sort_by(f64::total_cmp);
    sorted.get(sorted.len() / 2).copied()
}

#[cfg(test)]
mod tests {
    use super::super::{Amplitude, MoveUnit, Speed};
    use super::*;

    fn reading(kind: MoveKind) -> CameraReading {
        CameraReading {
            duration_s: 4.0,
            moves: vec![Move {
                kind,
                start_s: 0.0,
                end_s: 4.0,
                amount: 30.0,
                unit: MoveUnit::Deg,
                speed: Speed::Regular,
                amplitude: Amplitude::Medium,
                confidence: 0.9,
            }],
            ..CameraReading::default()
        }
    }

    fn sights(x: impl Fn(f64) -> f64, height: impl Fn(f64) -> Option<f64>) -> Vec<Sight> {
        (0..=40)
            .map(|number| {
                let time_s = f64::from(number) / 10.0;
                Sight {
                    time_s,
                    x: x(time_s / 4.0),
                    height: height(time_s / 4.0),
                }
            })
            .collect()
    }

    fn kinds(kind: MoveKind, sights: &[Sight]) -> Vec<TrackingKind> {
        follows(&reading(kind), sights)
            .into_iter()
            .map(|tracking| tracking.kind)
            .collect()
    }

    #[test]
    fn who_keeps_their_place_is_tracked_and_who_leaves_the_frame_is_not() {
        let keeps = sights(|at| 0.4 + 0.03 * (9.0 * at).sin(), |_| Some(0.6));
        let crosses = sights(|at| 0.9 - 0.8 * at, |_| Some(0.6));
        for (kind, tracking) in [
            (MoveKind::TruckRight, TrackingKind::Side),
            (MoveKind::DollyOut, TrackingKind::Lead),
            (MoveKind::DollyIn, TrackingKind::Tail),
            (MoveKind::PanLeft, TrackingKind::Pan),
            (MoveKind::ArcCw, TrackingKind::Arc),
        ] {
            assert_eq!(kinds(kind, &keeps), [tracking]);
            assert_eq!(kinds(kind, &crosses), []);
        }
        assert_eq!(kinds(MoveKind::TiltUp, &keeps), []);
    }

    #[test]
    fn coming_near_is_not_following() {
        let grows = sights(|_| 0.5, |at| Some(0.3 + 0.5 * at));
        let unknown = sights(|_| 0.5, |_| None);
        assert_eq!(kinds(MoveKind::DollyIn, &grows), []);
        assert_eq!(kinds(MoveKind::DollyIn, &unknown), []);
        assert_eq!(kinds(MoveKind::TruckLeft, &unknown), [TrackingKind::Side]);
    }

    #[test]
    fn too_few_or_broken_sights_say_nothing() {
        assert_eq!(kinds(MoveKind::TruckLeft, &[]), []);
        let broken = sights(|_| f64::NAN, |_| Some(f64::NAN));
        assert_eq!(kinds(MoveKind::TruckLeft, &broken), []);
        let short: Vec<Sight> = sights(|_| 0.5, |_| None).into_iter().take(12).collect();
        assert_eq!(kinds(MoveKind::TruckLeft, &short), []);
    }
}
