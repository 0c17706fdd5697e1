//! Ties that suggest themselves: who performs a pose, which path is the camera.

use decoupage_interpreter::bindings;
use decoupage_shot::{ConditionKind, Outcome, ShotId, Silent};

use crate::Core;
use crate::api::{Response, Suggestion};

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
            suggestions: bindings::suggest(&shot, &readings)
                .into_iter()
                .map(|(binding, because)| Suggestion { binding, because })
                .collect(),
        })
    }
}
