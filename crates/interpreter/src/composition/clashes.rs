//! Where two conditions say the same, and where they contradict.

use std::collections::BTreeMap;

use decoupage_conditions::camera::tracking::{Sight, TrackingKind, follows};
use decoupage_conditions::camera::{CameraReading, MoveKind};
use decoupage_conditions::depth::{DepthReading, MovingRegion, agreement};
use decoupage_conditions::identity::LightKey;
use decoupage_conditions::pose::{Across, ActionKind, Person};
use decoupage_conditions::{Reading, TimeSpan};
use decoupage_shot::{Agreement, BindingKind, Condition, ConditionId, ConditionKind, Shot};

use super::Clash;
use super::clock::{Length, lengths};
use crate::measured::compose::{capital, number};
use crate::measured::facts::label;
use crate::measured::moves::{does, fulfils, opposite, summary};

/// Movement across the frame that is worth comparing, as a share of its width.
const TRAVELS: f64 = 0.05;

/// What the conditions of a shot say of each other.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Between {
    pub agreements: Vec<Agreement>,
    pub clashes: Vec<Clash>,
}

/// Compares every pair of conditions that can be compared.
pub(crate) fn between(shot: &Shot, readings: &BTreeMap<ConditionId, Reading>) -> Between {
    let mut work = Work {
        shot,
        readings,
        out: Between::default(),
    };
    work.depths();
    work.clips_and_path();
    work.tracking();
    work.lengths();
    work.spare_paths();
    work.looks();
    work.out
}

struct Work<'a> {
    shot: &'a Shot,
    readings: &'a BTreeMap<ConditionId, Reading>,
    out: Between,
}

impl<'a> Work<'a> {
    fn agree(&mut self, about: &str, text: String, conditions: Vec<ConditionId>) {
        self.out.agreements.push(Agreement {
            about: about.to_owned(),
            text,
            conditions,
        });
    }

    fn clash(
        &mut self,
        about: &str,
        (first, first_says): (ConditionId, String),
        (second, second_says): (ConditionId, String),
        resolution: &str,
    ) -> &mut Clash {
        let mut says = second_says.chars();
        let lower: String = says
            .next()
            .map(|c| c.to_lowercase().chain(says).collect())
            .unwrap_or_default();
        self.out.clashes.push(Clash {
            about: about.to_owned(),
            conditions: vec![first, second],
            text: format!("{first_says}, but {lower}."),
            first_says,
            second_says,
            resolution: resolution.to_owned(),
            span: None,
        });
        let last = self.out.clashes.len() - 1;
        &mut self.out.clashes[last]
    }

    fn paths(&self) -> Vec<(&'a Condition, &'a CameraReading)> {
        let bound = |id: ConditionId| {
            self.shot
                .bindings
                .iter()
                .any(|b| b.kind == BindingKind::ShotCamera && b.from == id)
        };
        let mut paths: Vec<_> = self
            .shot
            .conditions
            .iter()
            .filter_map(|condition| match self.readings.get(&condition.id) {
                Some(Reading::Camera(reading)) => Some((condition, reading)),
                _ => None,
            })
            .collect();
        // The path that is bound to the shot leads; the order of the others stays.
        paths.sort_by_key(|(condition, _)| !bound(condition.id));
        paths
    }

    fn depths(&mut self) {
        let depths: Vec<_> = self
            .shot
            .conditions
            .iter()
            .filter_map(|condition| match self.readings.get(&condition.id) {
                Some(Reading::Depth(reading)) => Some((condition, reading)),
                _ => None,
            })
            .collect();
        for (condition, depth) in depths {
            self.depth_and_path(condition, depth);
            self.depth_and_poses(condition, depth);
        }
    }

    fn depth_and_path(&mut self, condition: &Condition, depth: &DepthReading) {
        let Some((path, reading)) = self.paths().first().copied() else {
            return;
        };
        let Some(found) = agreement(depth, reading).filter(|found| found.confidence >= 0.5) else {
            return;
        };
        let Some(seen) = &depth.camera_motion else {
            return;
        };
        if found.agrees {
            // A move of several kinds has no one word to agree on.
            let text = if seen.kind == MoveKind::Complex {
                found.because
            } else {
                format!("Depth and path agree: the camera {}.", does(seen.kind))
            };
            self.agree("camera", text, vec![condition.id, path.id]);
        } else {
            self.clash(
                "camera",
                (path.id, format!("{} {}", label(path), summary(reading))),
                (
                    condition.id,
                    format!(
                        "{} suggests that the camera {}",
                        label(condition),
                        does(seen.kind)
                    ),
                ),
                "The path is followed: it states the camera, depth only suggests it.",
            );
        }
    }

    /// A reference clip of one shot against the path: only what goes the other way contradicts.
    fn clips_and_path(&mut self) {
        let Some((path, reading)) = self.paths().first().copied() else {
            return;
        };
        let kinds: Vec<MoveKind> = reading.moves.iter().map(|m| m.kind).collect();
        let clips: Vec<_> = self
            .shot
            .conditions
            .iter()
            .filter_map(|condition| match self.readings.get(&condition.id) {
                Some(Reading::ReferenceVideo(reading)) => Some((condition, reading)),
                _ => None,
            })
            .collect();
        for (condition, clip) in clips {
            let [shot] = clip.shots.as_slice() else {
                continue;
            };
            let Some(main) = shot
                .moves
                .iter()
                .filter(|m| m.kind != MoveKind::Static && m.confidence >= 0.5)
                .max_by(|a, b| (a.end_s - a.start_s).total_cmp(&(b.end_s - b.start_s)))
            else {
                continue;
            };
            let either: Vec<MoveKind> = std::iter::once(main.kind).chain(main.or).collect();
            if either.iter().any(|k| kinds.iter().any(|p| fulfils(*k, *p))) {
                self.agree(
                    "camera",
                    format!(
                        "{} moves as the path does: it {}.",
                        label(condition),
                        does(main.kind)
                    ),
                    vec![condition.id, path.id],
                );
            } else if kinds.iter().any(|p| either.contains(&opposite(*p))) {
                self.clash(
                    "camera",
                    (path.id, format!("{} {}", label(path), summary(reading))),
                    (
                        condition.id,
                        format!("{} {}", label(condition), does(main.kind)),
                    ),
                    "The path is followed: it states the camera, the reference only shows one.",
                );
            }
        }
    }

    /// Who crosses the frame in a pose must be seen to cross it in depth.
    fn depth_and_poses(&mut self, condition: &Condition, depth: &DepthReading) {
        let movers: Vec<&MovingRegion> = depth
            .moving_regions
            .iter()
            .filter(|region| region.confidence >= 0.5 && region.dx.abs() > TRAVELS)
            .collect();
        let Some(largest) = movers
            .iter()
            .max_by(|a, b| a.dx.abs().total_cmp(&b.dx.abs()))
        else {
            return;
        };
        let travellers: Vec<(&Condition, &Person)> = self
            .shot
            .conditions
            .iter()
            .filter_map(|pose| match self.readings.get(&pose.id) {
                Some(Reading::Pose(reading)) => Some((pose, reading)),
                _ => None,
            })
            .flat_map(|(pose, reading)| reading.people.iter().map(move |person| (pose, person)))
            .filter(|(_, person)| person.travel.across != Across::None)
            .collect();
        let rightwards = |person: &Person| person.travel.across == Across::LeftToRight;
        let shared = travellers.iter().find_map(|(pose, person)| {
            let mover = movers
                .iter()
                .find(|mover| (mover.dx > 0.0) == rightwards(person))?;
            Some((pose.id, mover.dx))
        });
        match (shared, travellers.first()) {
            (Some((pose, dx)), _) => self.agree(
                "direction",
                format!("Depth and pose agree: the movement runs {}.", way(dx)),
                vec![condition.id, pose],
            ),
            (None, Some((pose, person))) => {
                let goes = if rightwards(person) { 1.0 } else { -1.0 };
                let span = TimeSpan {
                    start_s: largest.span.start_s + condition.offset_s,
                    end_s: largest.span.end_s + condition.offset_s,
                };
                self.clash(
                    "direction",
                    (pose.id, format!("{} travels {}", label(pose), way(goes))),
                    (
                        condition.id,
                        format!(
                            "{} shows something moving {}",
                            label(condition),
                            way(largest.dx)
                        ),
                    ),
                    "The pose is followed: it tells whose movement it is.",
                )
                .span = Some(span);
            }
            (None, None) => {}
        }
    }

    /// A camera that goes along with somebody: the path moves, and who is filmed keeps place.
    fn tracking(&mut self) {
        let Some((path, reading)) = self.paths().first().copied() else {
            return;
        };
        let poses: Vec<_> = self
            .shot
            .conditions
            .iter()
            .filter_map(|condition| match self.readings.get(&condition.id) {
                Some(Reading::Pose(pose)) if pose.people.len() == 1 => {
                    Some((condition, pose.people.first()?))
                }
                _ => None,
            })
            .collect();
        for (condition, person) in poses {
            // Who stands is merely filmed.
            let goes = person
                .actions
                .iter()
                .any(|action| matches!(action.action, ActionKind::Walking | ActionKind::Running));
            if !goes {
                continue;
            }
            let later = condition.offset_s - path.offset_s;
            let sights: Vec<Sight> = person
                .path
                .iter()
                .map(|[time_s, x, _]| Sight {
                    time_s: time_s + later,
                    x: *x,
                    height: None,
                })
                .collect();
            let surest = follows(reading, &sights)
                .into_iter()
                .filter(|tracking| tracking.confidence >= 0.5)
                .max_by(|a, b| a.confidence.total_cmp(&b.confidence));
            let Some(tracking) = surest else { continue };
            let how = match tracking.kind {
                TrackingKind::Side => "travels beside",
                TrackingKind::Lead => "leads",
                TrackingKind::Tail => "follows",
                TrackingKind::Pan => "pans with",
                TrackingKind::Arc => "circles",
            };
            self.agree(
                "camera",
                format!(
                    "A tracking shot: the camera {how} the figure, who keeps the same place in frame."
                ),
                vec![path.id, condition.id],
            );
        }
    }

    fn lengths(&mut self) {
        let lengths: Vec<Length<'_>> = lengths(self.shot, self.readings)
            .into_iter()
            .filter(|length| !length.assumed)
            .collect();
        // A length that the person set is the prompt's side of the matter.
        if self.shot.duration_s.is_some_and(|d| d > 0.0) {
            return;
        }
        let differs = |a: f64, b: f64| (a - b).abs() > (0.1 * a.max(b)).max(0.25);
        let Some(longest) = lengths
            .iter()
            .max_by(|a, b| a.length_s.total_cmp(&b.length_s))
            .copied()
        else {
            return;
        };
        let most = longest.length_s;
        let same: Vec<ConditionId> = lengths
            .iter()
            .filter(|length| !differs(most, length.length_s))
            .map(|length| length.condition.id)
            .collect();
        if same.len() > 1 {
            self.agree(
                "length",
                format!(
                    "{} conditions run {most:.1} s.",
                    capital(&number(same.len()))
                ),
                same,
            );
        }
        for length in lengths.iter().filter(|l| differs(most, l.length_s)) {
            self.clash(
                "length",
                (
                    longest.condition.id,
                    format!("{} runs {most:.1} s", label(longest.condition)),
                ),
                (
                    length.condition.id,
                    format!("{} runs {:.1} s", label(length.condition), length.length_s),
                ),
                "The longest condition sets the length of the shot.",
            );
        }
    }

    fn spare_paths(&mut self) {
        let paths = self.paths();
        let Some(((path, reading), spare)) = paths.split_first() else {
            return;
        };
        for (other, other_reading) in spare {
            self.clash(
                "camera",
                (path.id, format!("{} {}", label(path), summary(reading))),
                (
                    other.id,
                    format!("{} {}", label(other), summary(other_reading)),
                ),
                "One shot has one camera: the first path, or the one bound to the shot, is followed.",
            );
        }
    }

    /// Two pictures of how the shot looks, one bright and one dark.
    fn looks(&mut self) {
        let lit: Vec<(&Condition, LightKey)> = self
            .shot
            .conditions
            .iter()
            .filter(|condition| {
                matches!(
                    condition.kind,
                    ConditionKind::FirstFrame
                        | ConditionKind::Style
                        | ConditionKind::ReferenceVideo
                )
            })
            .filter_map(|condition| {
                let light = self.readings.get(&condition.id)?.plain()?.light?;
                (light.key != LightKey::Middle).then_some((condition, light.key))
            })
            .collect();
        // What stands in the shot itself outranks what it only takes after.
        let Some((leader, key)) = lit
            .iter()
            .min_by_key(|(condition, _)| condition.kind != ConditionKind::FirstFrame)
            .copied()
        else {
            return;
        };
        let words = |key: LightKey| match key {
            LightKey::High => "bright, high-key light",
            LightKey::Middle => "even light",
            LightKey::Low => "dark, low-key light",
        };
        for (other, other_key) in lit.iter().filter(|(_, other)| *other != key) {
            self.clash(
                "light",
                (leader.id, format!("{} shows {}", label(leader), words(key))),
                (
                    other.id,
                    format!("{} shows {}", label(other), words(*other_key)),
                ),
                if leader.kind == ConditionKind::FirstFrame {
                    "The first frame is followed: it stands in the shot itself."
                } else {
                    "The first of them is followed."
                },
            );
        }
    }
}

pub(crate) fn way(dx: f64) -> &'static str {
    if dx > 0.0 {
        "left to right"
    } else {
        "right to left"
    }
}
