//! Ties that suggest themselves: who performs a pose, which path is the camera.

use decoupage_interpreter::bindings;
use decoupage_shot::{Outcome, ShotId};

use crate::Core;
use crate::api::{Response, Suggestion};

impl Core {
    pub(crate) fn suggest_bindings(&self, shot: ShotId) -> Outcome<Response> {
        let shot = self.with(|session| Ok(session.shot(shot)?.clone()))?;
        // Only what is measured already: a suggestion is not worth waiting for.
        let readings = self.inner.readings.known(&shot);
        Ok(Response::Bindings {
            suggestions: bindings::suggest(&shot, &readings)
                .into_iter()
                .map(|(binding, because)| Suggestion { binding, because })
                .collect(),
        })
    }
}
