//! Suggests who performs what, where it is plain.

use std::collections::BTreeMap;

use decoupage_conditions::Reading;
use decoupage_conditions::pose::Person;
use decoupage_shot::{Binding, BindingKind, Condition, ConditionId, ConditionKind, Shot};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::measured::cast::{given_name, group};

/// A tie that suggests itself, and why.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct Suggestion {
    /// The tie.
    pub binding: Binding,
    /// Why, one sentence.
    pub because: String,
}

/// Bindings that a shot does not have yet and that suggest themselves, each with its reason in
/// one sentence: the only camera path is the shot's camera; people of poses are performed by
/// the identities, left to right in the order of the pictures.
pub fn suggest(shot: &Shot, readings: &BTreeMap<ConditionId, Reading>) -> Vec<Suggestion> {
    let mut out = Vec::new();
    camera(shot, &mut out);
    poses(shot, readings, &mut out);
    out
}

fn camera(shot: &Shot, out: &mut Vec<Suggestion>) {
    if shot
        .bindings
        .iter()
        .any(|b| b.kind == BindingKind::ShotCamera)
    {
        return;
    }
    let mut paths = of(shot, ConditionKind::Camera);
    if let (Some(path), None) = (paths.next(), paths.next()) {
        let binding = Binding {
            kind: BindingKind::ShotCamera,
            from: path.id,
            person: None,
            to: None,
        };
        out.push(Suggestion {
            binding,
            because: "It is the only camera path of the shot.".to_owned(),
        });
    }
}

fn poses(shot: &Shot, readings: &BTreeMap<ConditionId, Reading>, out: &mut Vec<Suggestion>) {
    let bound: Vec<&Binding> = shot
        .bindings
        .iter()
        .filter(|b| b.kind == BindingKind::PerformedBy)
        .collect();
    let second_views: Vec<ConditionId> = shot
        .bindings
        .iter()
        .filter(|b| b.kind == BindingKind::SameAs)
        .map(|b| b.from)
        .collect();
    let mut free: Vec<&Condition> = of(shot, ConditionKind::Identity)
        .filter(|c| !second_views.contains(&c.id) && !bound.iter().any(|b| b.to == Some(c.id)))
        .collect();
    let mut people: Vec<(&Condition, &Person, usize)> = Vec::new();
    for condition in of(shot, ConditionKind::Pose) {
        let Some(Reading::Pose(reading)) = readings.get(&condition.id) else {
            continue;
        };
        let mut here: Vec<&Person> = reading
            .people
            .iter()
            .filter(|p| {
                !bound.iter().any(|b| {
                    b.from == condition.id && (b.person.is_none() || b.person == Some(p.id))
                })
            })
            .collect();
        here.sort_by(|a, b| a.position.x.total_cmp(&b.position.x).then(a.id.cmp(&b.id)));
        people.extend(
            here.into_iter()
                .map(|p| (condition, p, reading.people.len())),
        );
    }
    // A picture of several is no one figure's.
    free.retain(|c| !group(c));
    if people.is_empty() || free.is_empty() {
        return;
    }
    // One picture and several people: nothing tells which of them is meant.
    if free.len() == 1 && people.len() > 1 {
        return;
    }
    let alone = people.len() == 1 && free.len() == 1;
    // More pictures than people: nothing tells which pictures perform.
    if people.len() < free.len() && people.len() != 1 {
        return;
    }
    if people.len() == 1 && free.len() > 1 {
        return;
    }
    let count = people.len();
    free.truncate(count);
    for (k, ((pose, person, of_pose), identity)) in people.into_iter().zip(free).enumerate() {
        let name = given_name(&identity.name)
            .map_or_else(|| format!("picture {}", k + 1), ToOwned::to_owned);
        let why = if alone {
            "There is one figure and one identity picture.".to_owned()
        } else {
            let place = match (k, count) {
                (0, _) => "on the left".to_owned(),
                (k, n) if k + 1 == n => "on the right".to_owned(),
                (k, _) => format!("in place {} from the left", k + 1),
            };
            format!("The figure {place} goes with {name}, by the order of the pictures.")
        };
        let binding = Binding {
            kind: BindingKind::PerformedBy,
            from: pose.id,
            person: (of_pose > 1).then_some(person.id),
            to: Some(identity.id),
        };
        out.push(Suggestion {
            binding,
            because: why,
        });
    }
}

fn of(shot: &Shot, kind: ConditionKind) -> impl Iterator<Item = &Condition> {
    shot.conditions.iter().filter(move |c| c.kind == kind)
}
