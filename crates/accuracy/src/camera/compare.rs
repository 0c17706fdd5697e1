//! One reading against what is known of its path.

use decoupage_conditions::camera::{CameraReading, Move, MoveKind, MoveUnit};
use decoupage_stage::camera::paths::PathCase;
use decoupage_stage::camera::{MoveTruth, Unit};
use glam::DVec3;

/// A boundary counts as met within this many seconds.
pub const NEAR_S: f64 = 0.15;

/// A true move and the one that was read for it.
#[derive(Debug, Clone)]
pub struct Met {
    /// What is so.
    pub truth: MoveTruth,
    /// Seconds between the read and the true begin and end.
    pub boundaries_s: [f64; 2],
    /// Difference of the amounts as a share of the true one; `None` where a hold has none.
    pub amount: Option<f64>,
}

/// What came of one path.
#[derive(Debug, Clone, Default)]
pub struct Compared {
    /// Moves that were read as they are.
    pub met: Vec<Met>,
    /// Moves that were not read.
    pub missed: Vec<MoveTruth>,
    /// What was read and is not so.
    pub wrong: Vec<Move>,
    /// Moves that were read the other way round.
    pub opposite: usize,
    /// Seconds between read and true cuts.
    pub cuts: Vec<f64>,
    /// Cuts that were not read, and cuts read where there is none.
    pub cuts_missed: usize,
    /// Cuts read where there is none.
    pub cuts_wrong: usize,
}

impl Compared {
    /// Whether every move was read with nothing besides, all boundaries and amounts right.
    pub fn is_right(&self) -> bool {
        self.missed.is_empty()
            && self.wrong.is_empty()
            && self.cuts_missed + self.cuts_wrong == 0
            && self.met.iter().all(|met| {
                met.boundaries_s.iter().all(|error| *error <= NEAR_S)
                    && met.amount.is_none_or(|error| error <= 0.05)
            })
    }
}

/// A move's key in JSON.
pub fn key(kind: MoveKind) -> String {
    format!("{kind:?}")
        .chars()
        .flat_map(|c| {
            let line = c.is_uppercase().then_some('_');
            line.into_iter().chain(c.to_lowercase())
        })
        .collect::<String>()
        .trim_start_matches('_')
        .to_owned()
}

/// Compares a reading with its path's truth.
pub fn compare(case: &PathCase, reading: &CameraReading) -> Compared {
    let mut compared = Compared::default();
    let extent = extent(case);
    let mut free: Vec<&Move> = reading.moves.iter().collect();
    for truth in &case.truth {
        // A rest shorter than a breath need not be called a hold.
        let is_hold = truth.kind.unit() == Unit::Seconds;
        let found = free
            .iter()
            .enumerate()
            .filter(|(_, one)| key(one.kind) == truth.kind.key())
            .map(|(index, one)| (index, overlap(one, truth)))
            .filter(|(_, shared)| *shared >= 0.5)
            .max_by(|a, b| a.1.total_cmp(&b.1));
        let Some((index, _)) = found else {
            compared.opposite += usize::from(free.iter().any(|one| {
                Some(key(one.kind).as_str()) == opposite(truth.kind.key()).as_deref()
                    && overlap(one, truth) >= 0.5
            }));
            compared.missed.push(*truth);
            continue;
        };
        let one = free.remove(index);
        compared.met.push(Met {
            truth: *truth,
            boundaries_s: [
                (one.start_s - truth.start_s).abs(),
                (one.end_s - truth.end_s).abs(),
            ],
            amount: (!is_hold)
                .then(|| wanted(truth, one.unit, case.scale, extent))
                .flatten()
                .map(|wanted| (one.amount / wanted - 1.0).abs()),
        });
    }
    compared.wrong = free.into_iter().cloned().collect();
    let mut left: Vec<f64> = reading.cuts.clone();
    for cut in &case.cuts {
        let nearest = left
            .iter()
            .enumerate()
            .map(|(index, read)| (index, (read - cut).abs()))
            .min_by(|a, b| a.1.total_cmp(&b.1));
        match nearest {
            Some((index, error)) if error <= NEAR_S => {
                left.remove(index);
                compared.cuts.push(error);
            }
            _ => compared.cuts_missed += 1,
        }
    }
    compared.cuts_wrong = left.len();
    compared
}

/// The amount a reading has to say, in its unit.
fn wanted(truth: &MoveTruth, unit: MoveUnit, scale: f64, extent: f64) -> Option<f64> {
    match (truth.kind.unit(), unit) {
        (Unit::Degrees, MoveUnit::Deg) | (Unit::Factor, MoveUnit::Factor) => Some(truth.amount),
        (Unit::Metres, MoveUnit::Share) => Some(truth.amount * scale / extent),
        (Unit::Metres, MoveUnit::M) => Some(truth.amount * scale),
        _ => None,
    }
}

/// The largest distance between two centres of one place, in the file's units.
fn extent(case: &PathCase) -> f64 {
    let track = case.track();
    let mut edges: Vec<usize> = case
        .cuts
        .iter()
        .map(|cut| (cut * case.fps).round() as usize)
        .collect();
    edges.insert(0, 0);
    edges.push(track.poses.len());
    let mut most: f64 = 0.0;
    for edge in edges.windows(2) {
        let Some(place) = track.poses.get(edge[0]..edge[1]) else {
            continue;
        };
        let centres: Vec<DVec3> = place
            .iter()
            .step_by(place.len().div_ceil(200).max(1))
            .chain(place.last())
            .map(|pose| pose.centre)
            .collect();
        for (index, a) in centres.iter().enumerate() {
            for b in &centres[index + 1..] {
                most = most.max(a.distance(*b));
            }
        }
    }
    most
}

/// Shared time over the longer of both.
fn overlap(one: &Move, truth: &MoveTruth) -> f64 {
    let shared = one.end_s.min(truth.end_s) - one.start_s.max(truth.start_s);
    let longer = (one.end_s - one.start_s).max(truth.end_s - truth.start_s);
    if longer > 0.0 {
        (shared / longer).max(0.0)
    } else {
        0.0
    }
}

/// The same move the other way.
fn opposite(key: &str) -> Option<String> {
    let (stem, way) = key.rsplit_once('_')?;
    let other = match way {
        "left" => "right",
        "right" => "left",
        "up" => "down",
        "down" => "up",
        "in" => "out",
        "out" => "in",
        "cw" => "ccw",
        "ccw" => "cw",
        _ => return None,
    };
    Some(format!("{stem}_{other}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_those_of_the_contract() {
        assert_eq!(key(MoveKind::DollyZoomIn), "dolly_zoom_in");
        assert_eq!(key(MoveKind::Static), "static");
        assert_eq!(opposite("pan_left").as_deref(), Some("pan_right"));
        assert_eq!(opposite("static"), None);
    }
}
