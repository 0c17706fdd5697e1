//! A shot's conditions taken together, and ties that suggest themselves.

use std::collections::BTreeMap;

use decoupage_interpreter::{bindings, compose};
use decoupage_shot::{ConditionKind, Outcome, ShotId, Silent};

use crate::Core;
use crate::api::Response;

impl Core {
    pub(crate) fn suggest_bindings(&self, shot: ShotId) -> Outcome<Response> {
        let shot = self.with(|session| Ok(session.shot(shot)?.clone()))?;
        // Who is in a pose decides; the other kinds need no measuring for a suggestion. A pose
        // that cannot be read suggests nothing.
        let readings = shot
            .conditions
            .iter()
            .filter(|condition| condition.kind == ConditionKind::Pose)
            .filter_map(|condition| {
                let (condition, path) = self.with(|s| s.located(condition.id)).ok()?;
                let reading = self.inner.readings.get(&condition, &path, &Silent).ok()?;
                Some((condition.id, (*reading).clone()))
            })
            .collect();
        Ok(Response::Bindings {
            suggestions: bindings::suggest(&shot, &readings),
        })
    }

    pub(crate) fn composition(&self, shot: ShotId) -> Outcome<Response> {
        let shot = self.with(|session| Ok(session.shot(shot)?.clone()))?;
        let mut readings = BTreeMap::new();
        let mut unread = Vec::new();
        for condition in &shot.conditions {
            let known = self
                .with(|session| session.located(condition.id))
                .ok()
                .and_then(|(condition, path)| self.inner.readings.known(&condition, &path));
            match known {
                Some(reading) => {
                    readings.insert(condition.id, (*reading).clone());
                }
                None => unread.push(condition.id),
            }
        }
        Ok(Response::Composition {
            composition: Box::new(compose(&shot, &readings)),
            unread,
        })
    }
}
