//! Recovered keypoints beside the drawn ones.

use std::path::Path;

use decoupage_conditions::pose::{self, PoseTrack, Skeleton};
use decoupage_shot::{Outcome, ReadOptions, Silent};
use decoupage_stage::pose::{PersonView, PoseClip};

use crate::scores::{Count, quantile};

/// A keypoint this far from its truth is another place, pixels of a 512-pixel canvas.
const REACH_PX: f64 = 10.0;
/// Two bodies whose keypoints are so far apart on average are two people, pixels of a
/// 512-pixel canvas.
const APART_PX: f64 = 40.0;

/// How well clips were read.
#[derive(Debug, Clone, Default)]
pub struct Score {
    /// Clips read.
    pub clips: usize,
    /// Frames read.
    pub frames: usize,
    /// Distances of keypoints from their truth, pixels of a 512-pixel canvas: all that are
    /// read for somebody who is there, however far off.
    pub errors: Vec<f64>,
    /// Keypoints within [`REACH_PX`] of their truth, elsewhere, and not read.
    pub points: Count,
    /// People read where nobody is, summed over frames.
    pub invented: usize,
    /// How often somebody's number changes within a clip.
    pub switches: usize,
    /// Clips in which the number of people read is not the number drawn.
    pub miscounted: usize,
}

impl Score {
    /// Reads a file that a clip was drawn to and counts.
    ///
    /// # Errors
    /// A fault when the file cannot be read as a pose at all.
    pub fn read(&mut self, path: &Path, clip: &PoseClip) -> Outcome<()> {
        let options = ReadOptions {
            fps: path.is_dir().then_some(clip.fps),
            ..ReadOptions::default()
        };
        self.count(&pose::track(path, &options, &Silent)?, clip);
        Ok(())
    }

    /// Counts a track against its truth.
    pub fn count(&mut self, track: &PoseTrack, clip: &PoseClip) {
        let (width, height) = (f64::from(clip.width), f64::from(clip.height));
        let scale = 512.0 / width.max(height);
        let actors = clip.frames.first().map_or(0, Vec::len);
        let mut numbers: Vec<Option<u32>> = vec![None; actors];
        self.clips += 1;
        let mut ids: Vec<u32> = Vec::new();
        for (number, people) in clip.frames.iter().enumerate() {
            self.frames += 1;
            // Shares of the canvas lie between pixels' corners, drawn points on their middles.
            let found: Vec<(u32, Points)> = track.frames.get(number).map_or(Vec::new(), |frame| {
                let place = |skeleton: &Skeleton| {
                    let points: Vec<Option<[f64; 2]>> = skeleton
                        .points
                        .iter()
                        .map(|point| point.map(|[x, y]| [x * width - 0.5, y * height - 0.5]))
                        .collect();
                    (skeleton.id, points)
                };
                frame.people.iter().map(place).collect()
            });
            for (id, _) in &found {
                if !ids.contains(id) {
                    ids.push(*id);
                }
            }
            let matched = matches(people, &found, scale);
            for (actor, person) in people.iter().enumerate() {
                let own = matched.iter().find(|(who, _)| *who == actor);
                let read = own.and_then(|(_, at)| found.get(*at));
                if let Some((id, _)) = read {
                    if numbers[actor].is_some_and(|before| before != *id) {
                        self.switches += 1;
                    }
                    numbers[actor] = Some(*id);
                }
                self.compare(person, read.map(|(_, points)| points), scale);
            }
            for (at, (_, points)) in found.iter().enumerate() {
                if matched.iter().all(|(_, taken)| *taken != at) {
                    self.invented += 1;
                    self.points.wrong += points.iter().flatten().count();
                }
            }
        }
        let drawn = (0..actors)
            .filter(|actor| clip.frames.iter().any(|people| seen(&people[*actor]) >= 4))
            .count();
        self.miscounted += usize::from(ids.len() != drawn);
    }

    fn compare(&mut self, person: &PersonView, read: Option<&Points>, scale: f64) {
        for (joint, truth) in person.points.iter().enumerate() {
            let read = read.and_then(|points| points.get(joint).copied().flatten());
            match (truth, read) {
                (Some(truth), Some([x, y])) => {
                    let error = (x - truth.x).hypot(y - truth.y) * scale;
                    self.errors.push(error);
                    if error <= REACH_PX {
                        self.points.right += 1;
                    } else {
                        self.points.wrong += 1;
                        self.points.missed += 1;
                    }
                }
                (Some(_), None) => self.points.missed += 1,
                (None, Some(_)) => self.points.wrong += 1,
                (None, None) => {}
            }
        }
    }

    /// Half of the keypoints are nearer to their truth, pixels of a 512-pixel canvas.
    pub fn median_px(&self) -> f64 {
        quantile(&self.errors, 0.5)
    }

    /// 95 % of the keypoints are nearer to their truth, pixels of a 512-pixel canvas.
    pub fn worst_px(&self) -> f64 {
        quantile(&self.errors, 0.95)
    }

    /// The cells of a table's row, as [`HEAD`] names them.
    pub fn row(&self, name: &str) -> Vec<String> {
        let frames = self.frames.max(1) as f64;
        vec![
            name.to_owned(),
            self.clips.to_string(),
            format!("{:.2}", self.median_px()),
            format!("{:.2}", self.worst_px()),
            format!("{:.1} %", 100.0 * self.points.recall()),
            format!("{:.1} %", 100.0 * self.points.precision()),
            format!("{:.1}", 100.0 * self.invented as f64 / frames),
            self.switches.to_string(),
            self.miscounted.to_string(),
        ]
    }
}

/// What the cells of [`Score::row`] hold.
pub const HEAD: [&str; 9] = [
    "drawing",
    "clips",
    "median error, px",
    "95 % below, px",
    "keypoints found",
    "of those read, right",
    "invented people in 100 frames",
    "identity switches",
    "clips with a wrong number of people",
];

type Points = Vec<Option<[f64; 2]>>;

fn seen(person: &PersonView) -> usize {
    person.points.iter().flatten().count()
}

/// Pairs of an actor and somebody read, nearest first.
fn matches(people: &[PersonView], found: &[(u32, Points)], scale: f64) -> Vec<(usize, usize)> {
    let mut pairs = Vec::new();
    for (actor, person) in people.iter().enumerate() {
        for (at, (_, points)) in found.iter().enumerate() {
            let (mut sum, mut shared) = (0.0, 0);
            for (truth, read) in person.points.iter().zip(points) {
                if let (Some(truth), Some([x, y])) = (truth, read) {
                    // A few joints far off do not make another person.
                    sum += ((x - truth.x).hypot(y - truth.y) * scale).min(2.0 * APART_PX);
                    shared += 1;
                }
            }
            let apart = sum / f64::from(shared.max(1));
            if shared > 0 && apart < APART_PX {
                // Of two pieces of one person, the larger is that person.
                pairs.push((apart + 18.0 - f64::from(shared), actor, at));
            }
        }
    }
    pairs.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut matched: Vec<(usize, usize)> = Vec::new();
    for (_, actor, at) in pairs {
        if matched.iter().all(|(a, b)| *a != actor && *b != at) {
            matched.push((actor, at));
        }
    }
    matched
}
