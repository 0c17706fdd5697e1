//! A reading's parts, to look at and to correct.

use decoupage_shot::Change;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::words::{self, faces};
use super::{Across, ActionKind, Facing, Person, PersonAction, PoseReading, Side};
use crate::correct::Parts;
use crate::outline::{Choice, Curve, Item, Mark, Shape};
use crate::reading::Statement;

impl Parts for PoseReading {
    fn statements(&self) -> Vec<&Statement> {
        let people = self.people.iter().flat_map(|person| &person.statements);
        self.statements.iter().chain(people).collect()
    }

    fn statements_mut(&mut self) -> Vec<&mut Vec<Statement>> {
        let people = self.people.iter_mut().map(|person| &mut person.statements);
        std::iter::once(&mut self.statements)
            .chain(people)
            .collect()
    }

    fn items(&self) -> Vec<Item> {
        let names = words::names(&self.people);
        self.people
            .iter()
            .zip(&names)
            .flat_map(|(person, name)| items_of(person, name))
            .collect()
    }

    fn curves(&self) -> Vec<Curve> {
        let names = words::names(&self.people);
        self.people
            .iter()
            .zip(&names)
            .filter_map(|(person, name)| {
                let samples: Vec<(f64, f64)> = person.hips.iter().map(|h| (h[0], h[1])).collect();
                let name = match self.people.len() {
                    1 => "Hips above the feet".to_owned(),
                    _ => format!("{name}: hips above the feet"),
                };
                Curve::new(name, "trunk lengths", &samples)
            })
            .collect()
    }

    fn correct(&mut self, key: &str, change: &Change) -> bool {
        let Some((id, part)) = split(key) else {
            return false;
        };
        if part.is_empty() && *change == Change::Delete {
            let before = self.people.len();
            self.people.retain(|person| person.id != id);
            for person in &mut self.people {
                person.actions.retain(|action| action.other != Some(id));
            }
            return self.people.len() < before;
        }
        let Some(person) = self.people.iter_mut().find(|person| person.id == id) else {
            return false;
        };
        match part {
            "" => match change {
                Change::Rename { to } if !to.trim().is_empty() => {
                    person.name = Some(to.trim().to_owned());
                    true
                }
                _ => false,
            },
            "facing" => match change {
                Change::Delete => {
                    person.facing = Facing::Unknown;
                    true
                }
                Change::Rename { to } => parsed(to).is_some_and(|facing| {
                    person.facing = facing;
                    true
                }),
                Change::Retime { .. } => false,
            },
            "travel" => match change {
                Change::Delete => {
                    person.travel.across = Across::None;
                    true
                }
                Change::Rename { to } => parsed(to).is_some_and(|across| {
                    person.travel.across = across;
                    true
                }),
                Change::Retime { .. } => false,
            },
            _ => part
                .strip_prefix("action/")
                .and_then(|number| number.parse().ok())
                .is_some_and(|number| correct_action(person, number, change)),
        }
    }

    fn restate(&mut self) {
        for person in &mut self.people {
            person.cadence = person
                .actions
                .iter()
                .filter(|action| matches!(action.action, ActionKind::Walking | ActionKind::Running))
                .max_by_key(|action| action.steps)
                .and_then(|action| action.per_minute);
        }
        words::state(self);
    }
}

/// A key's person, and what follows.
fn split(key: &str) -> Option<(u32, &str)> {
    let rest = key.strip_prefix("person/")?;
    let (id, part) = rest.split_once('/').unwrap_or((rest, ""));
    Some((id.parse().ok()?, part))
}

fn correct_action(person: &mut Person, number: usize, change: &Change) -> bool {
    let Some(action) = person.actions.get_mut(number) else {
        return false;
    };
    match change {
        Change::Delete => {
            person.actions.remove(number);
        }
        Change::Rename { to } => {
            let Some(kind) = parsed::<ActionKind>(to) else {
                return false;
            };
            // What was measured of the old action is not true of the new one, but times, sides
            // of limbs, steps between gaits and whom it is done with are.
            let gait = |kind| matches!(kind, ActionKind::Walking | ActionKind::Running);
            let mut renamed = PersonAction::new(kind, action.start_s, action.end_s, 1.0);
            if limbs(kind) && limbs(action.action) {
                renamed.side = action.side;
            }
            if gait(kind) && gait(action.action) {
                renamed.steps = action.steps;
                renamed.per_minute = action.per_minute;
            }
            renamed.other = action.other;
            *action = renamed;
        }
        Change::Retime { start_s, end_s } => {
            if !(start_s.is_finite() && end_s.is_finite() && start_s < end_s) {
                return false;
            }
            (action.start_s, action.end_s) = (*start_s, *end_s);
        }
    }
    true
}

/// Whether an action's side is an arm's or a leg's.
fn limbs(kind: ActionKind) -> bool {
    use ActionKind as A;
    matches!(
        kind,
        A::RaisingArm
            | A::Waving
            | A::Pointing
            | A::Reaching
            | A::PickingUp
            | A::Throwing
            | A::Punching
            | A::TouchingFace
            | A::Kicking
            | A::Clapping
    )
}

/// The key of a value with named variants.
fn key(value: impl Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(key)) => key,
        _ => String::new(),
    }
}

fn parsed<T: DeserializeOwned>(key: &str) -> Option<T> {
    serde_json::from_value(serde_json::Value::String(key.to_owned())).ok()
}

const FACINGS: [Facing; 6] = [
    Facing::Camera,
    Facing::Away,
    Facing::Left,
    Facing::Right,
    Facing::ThreeQuarterLeft,
    Facing::ThreeQuarterRight,
];

fn facing_words(facing: Facing) -> String {
    faces(facing).map_or_else(
        || "Faces a way that cannot be told".to_owned(),
        |words| format!("Faces {words}"),
    )
}

fn travel_words(across: Across) -> &'static str {
    match across {
        Across::None => "Stays in its part of the frame",
        Across::LeftToRight => "Goes from left to right",
        Across::RightToLeft => "Goes from right to left",
    }
}

/// An action in a word or two, of nobody in particular.
fn kind_words(kind: ActionKind) -> &'static str {
    use ActionKind as A;
    match kind {
        A::StandingStill => "Stands still",
        A::Walking => "Walks",
        A::Running => "Runs",
        A::RaisingArm => "Raises an arm",
        A::Waving => "Waves",
        A::Turning => "Turns",
        A::Bending => "Bends forward",
        A::Crouching => "Crouches",
        A::SittingDown => "Sits down",
        A::StandingUp => "Stands up",
        A::Sitting => "Sits",
        A::Jumping => "Jumps",
        A::Moving => "Moves",
        A::Kneeling => "Kneels",
        A::LyingDown => "Lies down",
        A::Lying => "Lies on the ground",
        A::Pointing => "Points",
        A::Clapping => "Claps",
        A::Reaching => "Reaches out",
        A::PickingUp => "Picks something up",
        A::Throwing => "Throws",
        A::Kicking => "Kicks",
        A::Punching => "Punches",
        A::TouchingFace => "Touches the face",
        A::TurningHead => "Turns the head",
        A::LookingDown => "Looks down",
        A::LookingUp => "Looks up",
        A::Dancing => "Dances",
        A::Hugging => "Hugs someone",
        A::Approaching => "Comes up to someone",
        A::Parting => "Parts from someone",
    }
}

fn action_words(action: &PersonAction) -> String {
    let words = kind_words(action.action);
    match (action.side, action.amount_deg) {
        (Some(Side::Both), _) if action.action == ActionKind::RaisingArm => {
            "Raises both arms".to_owned()
        }
        (Some(Side::Left), _) if action.action == ActionKind::RaisingArm => {
            "Raises the left arm".to_owned()
        }
        (Some(Side::Right), _) if action.action == ActionKind::RaisingArm => {
            "Raises the right arm".to_owned()
        }
        (side, Some(degrees)) => match side {
            Some(Side::Left) => format!("{words} {degrees:.0}° to the own left"),
            Some(Side::Right) => format!("{words} {degrees:.0}° to the own right"),
            _ => format!("{words} {degrees:.0}°"),
        },
        (Some(Side::Left), None) => format!("{words}, left"),
        (Some(Side::Right), None) => format!("{words}, right"),
        _ => words.to_owned(),
    }
}

fn items_of(person: &Person, name: &str) -> Vec<Item> {
    let id = person.id;
    let skeleton = || Mark::new(Shape::Person { person: id });
    let points: Vec<[f64; 2]> = person.path.iter().map(|p| [p[1], p[2]]).collect();
    let mut whole = Item::new(format!("person/{id}"), name, 0.9)
        .renamed_to(Vec::new())
        .drawn([skeleton().labelled(name)]);
    if points.len() > 1 {
        whole = whole.drawn([Mark::new(Shape::Way {
            points: points.clone(),
        })]);
    }
    let mut items = vec![whole];
    if person.facing != Facing::Unknown {
        let choices = FACINGS.map(|facing| Choice {
            key: key(facing),
            words: facing_words(facing),
        });
        items.push(
            Item::new(
                format!("person/{id}/facing"),
                facing_words(person.facing),
                0.75,
            )
            .renamed_to(choices.to_vec())
            .drawn([skeleton()]),
        );
    }
    if person.travel.across != Across::None {
        let choices =
            [Across::LeftToRight, Across::RightToLeft, Across::None].map(|across| Choice {
                key: key(across),
                words: travel_words(across).to_owned(),
            });
        let mut item = Item::new(
            format!("person/{id}/travel"),
            travel_words(person.travel.across),
            0.8,
        )
        .renamed_to(choices.to_vec());
        if let (Some(from), Some(to)) = (points.first(), points.last()) {
            item = item.drawn([Mark::new(Shape::Arrow {
                from: *from,
                to: *to,
            })]);
        }
        items.push(item);
    }
    let choices: Vec<Choice> = ActionKind::ALL
        .into_iter()
        .map(|kind| Choice {
            key: key(kind),
            words: kind_words(kind).to_owned(),
        })
        .collect();
    for (number, action) in person.actions.iter().enumerate() {
        let words = action_words(action);
        let mut marks = vec![
            skeleton()
                .during(action.start_s, action.end_s)
                .labelled(words.clone()),
        ];
        if matches!(action.action, ActionKind::Walking | ActionKind::Running) {
            let within = |p: &&[f64; 3]| (action.start_s..=action.end_s).contains(&p[0]);
            let points: Vec<[f64; 2]> = person
                .path
                .iter()
                .filter(within)
                .map(|p| [p[1], p[2]])
                .collect();
            if points.len() > 1 {
                let way = Mark::new(Shape::Way { points });
                marks.push(way.during(action.start_s, action.end_s));
            }
        }
        items.push(
            Item::new(
                format!("person/{id}/action/{number}"),
                words,
                action.confidence,
            )
            .during(action.start_s, action.end_s)
            .renamed_to(choices.clone())
            .drawn(marks),
        );
    }
    items
}
