//! Pictures that show the same person or thing.

use std::collections::BTreeMap;

use decoupage_conditions::Reading;
use decoupage_conditions::identity::{IdentityReading, views};
use decoupage_shot::{BindingKind, Condition, ConditionId, Shot};

use super::ViewGroup;
use crate::measured::compose::listed;

/// Groups of identity pictures that are not tied together yet.
pub(super) fn grouped(shot: &Shot, readings: &BTreeMap<ConditionId, Reading>) -> Vec<ViewGroup> {
    let pictures: Vec<(&Condition, &IdentityReading)> = shot
        .conditions
        .iter()
        .filter_map(|condition| match readings.get(&condition.id) {
            Some(Reading::Identity(reading)) => Some((condition, reading)),
            _ => None,
        })
        .collect();
    let measured: Vec<&IdentityReading> = pictures.iter().map(|(_, reading)| *reading).collect();
    let tied = |condition: &Condition| {
        shot.bindings
            .iter()
            .any(|tie| tie.kind == BindingKind::SameAs && tie.from == condition.id)
    };
    let copies = views::duplicates(&measured);
    views::groups(&measured)
        .into_iter()
        .filter_map(|places| {
            let group: Vec<(usize, &Condition)> = places
                .into_iter()
                .filter_map(|place| Some((place, pictures.get(place)?.0)))
                .collect();
            let (first, others) = group.split_first()?;
            // Those that are tied already need no suggestion.
            let loose: Vec<_> = others.iter().filter(|(_, c)| !tied(c)).collect();
            if loose.is_empty() {
                return None;
            }
            let same = |other: usize| {
                copies.iter().any(|copy| {
                    (copy.one, copy.other) == (first.0, other)
                        || (copy.one, copy.other) == (other, first.0)
                })
            };
            let duplicates = loose.iter().all(|(place, _)| same(*place));
            let names: Vec<String> = std::iter::once(first.1)
                .chain(loose.iter().map(|(_, condition)| *condition))
                .map(|condition| format!("“{}”", condition.name.trim()))
                .collect();
            let because = if duplicates {
                format!("{} are the same picture.", listed(&names))
            } else {
                format!(
                    "{} look like the same figure, by the colours of what is worn and where.",
                    listed(&names)
                )
            };
            Some(ViewGroup {
                identities: std::iter::once(first.1.id)
                    .chain(loose.iter().map(|(_, condition)| condition.id))
                    .collect(),
                because,
                duplicates,
            })
        })
        .collect()
}
