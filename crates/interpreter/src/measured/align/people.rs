//! The people of the prompt against the people of the poses.

use decoupage_conditions::pose::{Across, ActionKind, Person};

use super::super::cast::animal;
use super::super::compose::number;
use super::super::facts::label;
use super::{Work, path_label};
use crate::prompt::{Heading, Subject};

impl Work<'_, '_> {
    /// What the prompt lets people do against what their poses show.
    pub(super) fn actions(&mut self) {
        for (index, member) in self.facts.cast.iter().enumerate() {
            let Some(performer) = member.performer() else {
                continue;
            };
            let (id, person) = (performer.condition.id, performer.person);
            let whole = label(performer.condition);
            let clauses: Vec<_> = self.facts.clauses_of(index).cloned().collect();
            for clause in &clauses {
                let words = clause_words(&clause.verb, &clause.rest);
                if let Some(kind) = clause.pose {
                    let seen = shows(person, kind);
                    let other = person
                        .actions
                        .iter()
                        .filter(|a| a.confidence >= 0.35)
                        .find(|a| rivals(kind, a.action));
                    match (seen, other) {
                        (true, _) => self.agree(
                            "action",
                            format!(
                                "The prompt says “{words}”, and {} shows {}.",
                                path_label(performer.condition),
                                naming(kind)
                            ),
                            vec![id],
                        ),
                        (false, Some(other)) => {
                            self.decisions.lost_action.push(index);
                            self.conflict(
                                "action",
                                format!("“{words}”"),
                                format!("{whole} shows {}", naming(other.action)),
                                "The prompt wins: its action is described, the pose only places it in frame.",
                                Some(id),
                            );
                        }
                        (false, None) if gesture(kind) && !person.actions.is_empty() => self
                            .conflict(
                                "action",
                                format!("“{words}”"),
                                format!("{whole} does not show {}", naming(kind)),
                                "The prompt wins: the gesture is described without a time.",
                                Some(id),
                            ),
                        _ => {}
                    }
                }
                let Some(heading) = clause
                    .heading
                    .filter(|_| clause.pose != Some(ActionKind::Turning))
                else {
                    continue;
                };
                let (way, travels) = match heading {
                    Heading::Left => ("left", Across::RightToLeft),
                    Heading::Right => ("right", Across::LeftToRight),
                };
                if person.travel.across == travels {
                    self.agree(
                        "direction",
                        format!(
                            "The prompt and {} both go to frame {way}.",
                            path_label(performer.condition)
                        ),
                        vec![id],
                    );
                } else if person.travel.across != Across::None {
                    self.decisions.lost_travel.push(index);
                    let measured = if way == "left" {
                        "left to right"
                    } else {
                        "right to left"
                    };
                    self.conflict(
                        "direction",
                        format!("“{words}”"),
                        format!("{whole} travels {measured} across the frame"),
                        "The prompt wins: the move across the frame follows it.",
                        Some(id),
                    );
                }
            }
        }
    }

    /// How many people the prompt names and how many the poses show.
    pub(super) fn people(&mut self) {
        let shown: usize = self.facts.cast.iter().map(|m| m.performers.len()).sum();
        let pose = self
            .facts
            .cast
            .iter()
            .find_map(|m| m.performer())
            .map(|p| p.condition);
        let nobody = self.facts.intent.negations.iter().find(|n| {
            let what = n.what.to_lowercase();
            ["people", "person", "humans", "one", "figures", "characters"]
                .iter()
                .any(|w| what.split(' ').next() == Some(w))
                && !what.contains("background")
        });
        if let (Some(nobody), Some(pose)) = (nobody, pose) {
            self.conflict(
                "people",
                format!("“{}”", nobody.text),
                format!("{} shows {}", label(pose), people(shown)),
                "The prompt wins: no figure is described.",
                Some(pose.id),
            );
            self.decisions.left_out = self
                .facts
                .cast
                .iter()
                .enumerate()
                .filter(|(_, m)| m.subject.is_none() && m.identities.is_empty())
                .map(|(i, _)| i)
                .collect();
            return;
        }
        let human = |s: &&Subject| s.being && !animal(&s.head);
        let subjects: Vec<&Subject> = self.facts.intent.subjects.iter().filter(human).collect();
        let counts: Option<Vec<u32>> = subjects
            .iter()
            .map(|s| if s.plural { s.count } else { Some(1) })
            .collect();
        let (Some(counts), Some(pose)) = (counts, pose) else {
            return;
        };
        let asked: usize = counts.iter().map(|n| *n as usize).sum();
        if asked == 0 {
            return;
        }
        if asked == shown {
            if shown > 1 {
                self.agree(
                    "people",
                    format!(
                        "The prompt names {}, and {} shows as many.",
                        people(asked),
                        path_label(pose)
                    ),
                    vec![pose.id],
                );
            }
            return;
        }
        // Identities without words in the prompt are people the person brought in.
        let brought = self
            .facts
            .cast
            .iter()
            .filter(|m| m.subject.is_none() && !m.identities.is_empty())
            .count();
        if asked + brought == shown {
            return;
        }
        let resolution = if asked > shown {
            "The prompt wins: all are described; the pose speaks for those it shows."
        } else {
            "The prompt wins: only those it names are described."
        };
        self.conflict(
            "people",
            people(asked),
            format!("{} shows {}", label(pose), people(shown)),
            resolution,
            Some(pose.id),
        );
        if asked < shown {
            self.decisions.left_out = self
                .facts
                .cast
                .iter()
                .enumerate()
                .filter(|(_, m)| m.subject.is_none() && m.identities.is_empty())
                .map(|(i, _)| i)
                .collect();
        }
    }
}

fn people(n: usize) -> String {
    match n {
        1 => "one person".to_owned(),
        n => format!("{} people", number(n)),
    }
}

fn clause_words(verb: &str, rest: &str) -> String {
    let rest: Vec<&str> = rest.split(' ').take(6).collect();
    format!("{verb} {}", rest.join(" "))
        .trim()
        .trim_end_matches(',')
        .to_owned()
}

/// Whether the person is seen doing this.
pub(crate) fn shows(person: &Person, kind: ActionKind) -> bool {
    use ActionKind::*;
    person
        .actions
        .iter()
        .filter(|a| a.confidence >= 0.35)
        .any(|a| {
            a.action == kind
                || matches!(
                    (kind, a.action),
                    (Sitting, SittingDown)
                        | (SittingDown, Sitting)
                        | (Bending, Crouching)
                        | (Crouching, Bending)
                        | (RaisingArm, Waving)
                        | (Waving, RaisingArm)
                )
        })
}

fn gesture(kind: ActionKind) -> bool {
    use ActionKind::*;
    matches!(
        kind,
        Waving
            | RaisingArm
            | Jumping
            | Turning
            | Bending
            | Pointing
            | Clapping
            | Reaching
            | PickingUp
            | Throwing
            | Kicking
            | Punching
            | TouchingFace
            | TurningHead
            | LookingDown
            | LookingUp
    )
}

/// Whether two actions cannot be the same person's state.
fn rivals(wanted: ActionKind, seen: ActionKind) -> bool {
    use ActionKind::*;
    let gait = |k| matches!(k, Walking | Running | StandingStill | Sitting | Crouching);
    match wanted {
        StandingStill => matches!(seen, Walking | Running | Sitting | Jumping),
        SittingDown | StandingUp => false,
        _ => gait(wanted) && gait(seen) && wanted != seen,
    }
}

/// An action as a noun.
pub(crate) fn naming(kind: ActionKind) -> &'static str {
    use ActionKind::*;
    match kind {
        StandingStill => "standing still",
        Walking => "walking",
        Running => "running",
        RaisingArm => "a raised arm",
        Waving => "a wave of the arm",
        Turning => "a turn",
        Bending => "bending",
        Crouching => "crouching",
        SittingDown => "sitting down",
        StandingUp => "standing up",
        Sitting => "sitting",
        Jumping => "a jump",
        Kneeling => "kneeling",
        LyingDown => "lying down",
        Lying => "lying",
        Pointing => "pointing",
        Clapping => "clapping",
        Reaching => "a reach of the arm",
        PickingUp => "a reach to the ground",
        Throwing => "a throw",
        Kicking => "a kick",
        Punching => "a punch",
        TouchingFace => "a hand at the face",
        TurningHead => "a turn of the head",
        LookingDown => "a look down",
        LookingUp => "a look up",
        Dancing => "dancing",
        Hugging => "an embrace",
        Approaching => "an approach",
        Parting => "a parting",
        Moving => "movement",
    }
}
