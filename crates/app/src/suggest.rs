//! Ties that suggest themselves: who performs a pose, which path is the camera.

use std::collections::BTreeMap;

use decoupage_conditions::Reading;
use decoupage_shot::{
    Binding, BindingKind, Condition, ConditionId, ConditionKind, Outcome, Shot, ShotId,
};

use crate::api::{Response, Suggestion};
use crate::{Core, hold, opened};

impl Core {
    pub(crate) fn suggest_bindings(&self, shot: ShotId) -> Outcome<Response> {
        let shot = self.with(|session| Ok(session.shot(shot)?.clone()))?;
        // Only what is measured already: a suggestion is not worth waiting for.
        let readings = {
            let mut guard = hold(&self.inner.session);
            let session = opened(&mut guard)?;
            self.inner.readings.known(session, &shot)
        };
        Ok(Response::Bindings {
            suggestions: suggestions(&shot, &readings),
        })
    }
}

fn suggestions(shot: &Shot, readings: &BTreeMap<ConditionId, Reading>) -> Vec<Suggestion> {
    let of = |kind| {
        shot.conditions
            .iter()
            .filter(move |c| c.kind == kind)
            .collect::<Vec<_>>()
    };
    let mut found = Vec::new();
    if let [path] = of(ConditionKind::Camera)[..]
        && !shot
            .bindings
            .iter()
            .any(|tie| tie.kind == BindingKind::ShotCamera)
    {
        found.push(Suggestion {
            binding: Binding {
                kind: BindingKind::ShotCamera,
                from: path.id,
                person: None,
                to: None,
            },
            because: "It is the only camera path of the shot.".to_owned(),
        });
    }
    found.extend(performers(
        shot,
        &of(ConditionKind::Pose),
        &of(ConditionKind::Identity),
        readings,
    ));
    found
}

/// Who performs which pose: nothing is suggested once the person has tied a pose, and nothing
/// where the numbers of performers and identities differ, for then it would be a guess.
fn performers(
    shot: &Shot,
    poses: &[&Condition],
    identities: &[&Condition],
    readings: &BTreeMap<ConditionId, Reading>,
) -> Vec<Suggestion> {
    let tied = |tie: &Binding| {
        tie.kind == BindingKind::PerformedBy && poses.iter().any(|pose| pose.id == tie.from)
    };
    if shot.bindings.iter().any(tied) {
        return Vec::new();
    }
    let tie = |from: ConditionId, person, to: ConditionId, because: String| Suggestion {
        binding: Binding {
            kind: BindingKind::PerformedBy,
            from,
            person,
            to: Some(to),
        },
        because,
    };
    let left_to_right = |pose: &Condition| match readings.get(&pose.id) {
        Some(Reading::Pose(reading)) => {
            let mut people: Vec<_> = reading.people.iter().collect();
            people.sort_by(|a, b| a.position.x.total_cmp(&b.position.x));
            people.into_iter().map(|person| person.id).collect()
        }
        _ => Vec::new(),
    };
    match (poses, identities) {
        ([pose], [identity]) if left_to_right(pose).len() < 2 => vec![tie(
            pose.id,
            None,
            identity.id,
            "There is one pose and one identity.".to_owned(),
        )],
        ([pose], [_, _, ..]) => {
            let people = left_to_right(pose);
            if people.len() != identities.len() {
                return Vec::new();
            }
            people
                .into_iter()
                .zip(identities)
                .enumerate()
                .map(|(place, (person, identity))| {
                    let because = format!(
                        "Of {} figures it is number {} from the left, as its picture is of the \
                         identities.",
                        identities.len(),
                        place + 1
                    );
                    tie(pose.id, Some(person), identity.id, because)
                })
                .collect()
        }
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use decoupage_shot::{Edit, Media, Place, Project, ReadOptions, Storage};

    use super::*;

    fn shot(kinds: &[ConditionKind]) -> Shot {
        let mut project = Project::new("Test");
        let shot = project.shots[0].id;
        for kind in kinds {
            project
                .apply(Edit::AddCondition {
                    shot,
                    condition: Condition {
                        id: ConditionId(0),
                        kind: *kind,
                        name: kind.title().to_owned(),
                        note: String::new(),
                        media: Media {
                            path: "media/x".to_owned(),
                            hash: decoupage_shot::ContentHash("0".repeat(64)),
                            bytes: 1,
                            storage: Storage::Copied,
                            sequence: false,
                        },
                        region: None,
                        offset_s: 0.0,
                        place: Place::default(),
                        options: ReadOptions::default(),
                    },
                })
                .expect("a condition fits");
        }
        project.shots.remove(0)
    }

    #[test]
    fn one_pose_and_one_identity_suggest_a_tie_once() {
        use ConditionKind::{Identity, Pose};
        let mut shot = shot(&[Identity, Pose]);
        let found = suggestions(&shot, &BTreeMap::new());
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].binding.from, shot.conditions[1].id);
        assert_eq!(found[0].binding.to, Some(shot.conditions[0].id));
        shot.bindings.push(found[0].binding.clone());
        assert!(suggestions(&shot, &BTreeMap::new()).is_empty());
    }

    #[test]
    fn the_only_path_suggests_itself_as_camera_and_of_two_neither() {
        use ConditionKind::Camera;
        let found = suggestions(&shot(&[Camera]), &BTreeMap::new());
        assert_eq!(found[0].binding.kind, BindingKind::ShotCamera);
        assert!(suggestions(&shot(&[Camera, Camera]), &BTreeMap::new()).is_empty());
    }

    #[test]
    fn nobody_is_tied_by_guessing() {
        use ConditionKind::{Identity, Pose};
        // Two identities and a pose that is not measured yet.
        assert!(suggestions(&shot(&[Identity, Identity, Pose]), &BTreeMap::new()).is_empty());
        assert!(suggestions(&shot(&[Identity, Pose, Pose]), &BTreeMap::new()).is_empty());
    }
}
