//! Applying an edit and finding the edit that takes it back.

use crate::caption::{OriginSpan, Section};
use crate::condition::{self, Condition};
use crate::edit::Edit;
use crate::fault::{Code, Fault, Outcome};
use crate::origins;
use crate::project::{Binding, ConditionId, Project, Shot, ShotId, TakeId};
use crate::take::Take;

/// Longest name, prompt, note or section that is accepted, in bytes: far beyond anything a
/// person writes, small enough that a slip of the clipboard cannot swamp the document.
pub const LONGEST_TEXT: usize = 1 << 20;

impl Project {
    /// Applies an edit and returns the one that takes it back. A refused edit changes nothing.
    ///
    /// # Errors
    /// [`Code::Invalid`] when the edit names what is not there or holds unusable values.
    pub fn apply(&mut self, edit: Edit) -> Outcome<Edit> {
        match edit {
            Edit::RenameProject { name } => {
                let name = named(name)?;
                Ok(Edit::RenameProject {
                    name: std::mem::replace(&mut self.name, name),
                })
            }
            Edit::SetStorage { storage } => Ok(Edit::SetStorage {
                storage: std::mem::replace(&mut self.storage, storage),
            }),
            Edit::AddShot { .. }
            | Edit::DuplicateShot { .. }
            | Edit::RemoveShot { .. }
            | Edit::MoveShot { .. }
            | Edit::RestoreShot { .. } => self.apply_to_list(edit),
            Edit::RenameShot { .. }
            | Edit::SetPrompt { .. }
            | Edit::SetDuration { .. }
            | Edit::SetAspect { .. }
            | Edit::SetGenerator { .. }
            | Edit::Bind { .. }
            | Edit::Unbind { .. }
            | Edit::RestoreBindings { .. } => self.apply_to_shot(edit),
            Edit::AddCondition { .. }
            | Edit::RemoveCondition { .. }
            | Edit::RestoreCondition { .. }
            | Edit::SetKind { .. }
            | Edit::RenameCondition { .. }
            | Edit::SetNote { .. }
            | Edit::SetRegion { .. }
            | Edit::SetOptions { .. }
            | Edit::SetCorrections { .. }
            | Edit::SetOffset { .. }
            | Edit::PlaceCondition { .. }
            | Edit::ReplaceMedia { .. } => self.apply_to_condition(edit),
            Edit::AddTake { .. }
            | Edit::RemoveTake { .. }
            | Edit::RestoreTake { .. }
            | Edit::RenameTake { .. }
            | Edit::ChooseTake { .. }
            | Edit::WriteSection { .. }
            | Edit::LockSection { .. }
            | Edit::RestoreSection { .. } => self.apply_to_take(edit),
            Edit::Batch { edits } => self.apply_batch(edits),
        }
    }

    fn apply_batch(&mut self, edits: Vec<Edit>) -> Outcome<Edit> {
        let mut inverses = Vec::with_capacity(edits.len());
        for edit in edits {
            match self.apply(edit) {
                Ok(inverse) => inverses.push(inverse),
                Err(fault) => {
                    // All or nothing: inverses of applied edits apply to the state they left.
                    while let Some(inverse) = inverses.pop() {
                        self.apply(inverse)?;
                    }
                    return Err(fault);
                }
            }
        }
        inverses.reverse();
        Ok(Edit::Batch { edits: inverses })
    }

    fn apply_to_list(&mut self, edit: Edit) -> Outcome<Edit> {
        match edit {
            Edit::AddShot { name } => {
                let name = named(name)?;
                let id = ShotId(self.fresh());
                self.shots.push(Shot::new(id, name));
                Ok(Edit::RemoveShot { shot: id })
            }
            Edit::DuplicateShot { shot } => {
                let index = self.shot_index(shot)?;
                let copy = self.copy_of(index);
                let id = copy.id;
                self.shots.insert(index + 1, copy);
                Ok(Edit::RemoveShot { shot: id })
            }
            Edit::RemoveShot { shot } => {
                let index = self.shot_index(shot)?;
                let shot = Box::new(self.shots.remove(index));
                Ok(Edit::RestoreShot { index, shot })
            }
            Edit::MoveShot { shot, to } => {
                let from = self.shot_index(shot)?;
                let moved = self.shots.remove(from);
                self.shots.insert(to.min(self.shots.len()), moved);
                Ok(Edit::MoveShot { shot, to: from })
            }
            Edit::RestoreShot { index, shot } => {
                let id = shot.id;
                self.shots.insert(index.min(self.shots.len()), *shot);
                Ok(Edit::RemoveShot { shot: id })
            }
            other => Err(misrouted(&other)),
        }
    }

    fn apply_to_shot(&mut self, edit: Edit) -> Outcome<Edit> {
        match edit {
            Edit::RenameShot { shot, name } => {
                let name = named(name)?;
                let target = self.shot_mut(shot)?;
                Ok(Edit::RenameShot {
                    shot,
                    name: std::mem::replace(&mut target.name, name),
                })
            }
            Edit::SetPrompt { shot, prompt } => {
                let prompt = bounded(prompt)?;
                let target = self.shot_mut(shot)?;
                Ok(Edit::SetPrompt {
                    shot,
                    prompt: std::mem::replace(&mut target.prompt, prompt),
                })
            }
            Edit::SetDuration { shot, duration_s } => {
                if duration_s.is_some_and(|d| !(d.is_finite() && d > 0.0 && d <= 86_400.0)) {
                    return Err(Fault::new(
                        Code::Invalid,
                        "A shot lasts more than nothing and at most a day.",
                    )
                    .advise("Give its length in seconds."));
                }
                let target = self.shot_mut(shot)?;
                Ok(Edit::SetDuration {
                    shot,
                    duration_s: std::mem::replace(&mut target.duration_s, duration_s),
                })
            }
            Edit::SetAspect { shot, aspect } => {
                if aspect.width == 0 || aspect.height == 0 {
                    return Err(Fault::new(
                        Code::Invalid,
                        "An aspect needs a width and a height.",
                    ));
                }
                let target = self.shot_mut(shot)?;
                Ok(Edit::SetAspect {
                    shot,
                    aspect: std::mem::replace(&mut target.aspect, aspect),
                })
            }
            Edit::SetGenerator { shot, generator } => {
                let target = self.shot_mut(shot)?;
                Ok(Edit::SetGenerator {
                    shot,
                    generator: std::mem::replace(&mut target.generator, generator),
                })
            }
            Edit::Bind { shot, binding } => {
                let target = self.shot_mut(shot)?;
                for id in [Some(binding.from), binding.to].into_iter().flatten() {
                    if target.condition(id).is_none() {
                        return Err(unknown("condition"));
                    }
                }
                let before = target.bindings.clone();
                target.bindings.retain(|old| {
                    (old.kind, old.from, old.person) != (binding.kind, binding.from, binding.person)
                });
                target.bindings.push(binding);
                Ok(Edit::RestoreBindings {
                    shot,
                    bindings: before,
                })
            }
            Edit::Unbind { shot, binding } => {
                let target = self.shot_mut(shot)?;
                let before = target.bindings.clone();
                target.bindings.retain(|old| *old != binding);
                Ok(Edit::RestoreBindings {
                    shot,
                    bindings: before,
                })
            }
            Edit::RestoreBindings { shot, bindings } => {
                let target = self.shot_mut(shot)?;
                Ok(Edit::RestoreBindings {
                    shot,
                    bindings: std::mem::replace(&mut target.bindings, bindings),
                })
            }
            other => Err(misrouted(&other)),
        }
    }

    fn apply_to_condition(&mut self, edit: Edit) -> Outcome<Edit> {
        match edit {
            Edit::AddCondition {
                shot,
                mut condition,
            } => {
                condition.name = named(condition.name)?;
                condition.id = ConditionId(self.fresh());
                let id = condition.id;
                self.shot_mut(shot)?.conditions.push(condition);
                Ok(Edit::RemoveCondition { condition: id })
            }
            Edit::RemoveCondition { condition: id } => {
                let shot = self
                    .shots
                    .iter_mut()
                    .find(|shot| shot.condition(id).is_some())
                    .ok_or_else(|| unknown("condition"))?;
                let index = shot
                    .conditions
                    .iter()
                    .position(|condition| condition.id == id)
                    .ok_or_else(|| unknown("condition"))?;
                let condition = Box::new(shot.conditions.remove(index));
                let bindings = shot.bindings.clone();
                shot.bindings
                    .retain(|binding| binding.from != id && binding.to != Some(id));
                Ok(Edit::RestoreCondition {
                    shot: shot.id,
                    index,
                    condition,
                    bindings,
                })
            }
            Edit::RestoreCondition {
                shot,
                index,
                condition,
                bindings,
            } => {
                let id = condition.id;
                let target = self.shot_mut(shot)?;
                let index = index.min(target.conditions.len());
                target.conditions.insert(index, *condition);
                target.bindings = bindings;
                Ok(Edit::RemoveCondition { condition: id })
            }
            Edit::SetKind { condition, kind } => {
                let target = self.condition_mut(condition)?;
                Ok(Edit::SetKind {
                    condition,
                    kind: std::mem::replace(&mut target.kind, kind),
                })
            }
            Edit::RenameCondition { condition, name } => {
                let name = named(name)?;
                let target = self.condition_mut(condition)?;
                Ok(Edit::RenameCondition {
                    condition,
                    name: std::mem::replace(&mut target.name, name),
                })
            }
            Edit::SetNote { condition, note } => {
                let note = bounded(note)?;
                let target = self.condition_mut(condition)?;
                Ok(Edit::SetNote {
                    condition,
                    note: std::mem::replace(&mut target.note, note),
                })
            }
            Edit::SetRegion { condition, region } => {
                let target = self.condition_mut(condition)?;
                Ok(Edit::SetRegion {
                    condition,
                    region: std::mem::replace(&mut target.region, region),
                })
            }
            Edit::SetOptions { condition, options } => {
                let target = self.condition_mut(condition)?;
                Ok(Edit::SetOptions {
                    condition,
                    options: std::mem::replace(&mut target.options, options),
                })
            }
            Edit::SetCorrections {
                condition,
                corrections,
            } => {
                condition::sound(&corrections)?;
                let target = self.condition_mut(condition)?;
                Ok(Edit::SetCorrections {
                    condition,
                    corrections: std::mem::replace(&mut target.corrections, corrections),
                })
            }
            Edit::SetOffset {
                condition,
                offset_s,
            } => {
                if !offset_s.is_finite() || offset_s.abs() > 86_400.0 {
                    return Err(Fault::new(
                        Code::Invalid,
                        "A condition begins within a day of the shot.",
                    ));
                }
                let target = self.condition_mut(condition)?;
                Ok(Edit::SetOffset {
                    condition,
                    offset_s: std::mem::replace(&mut target.offset_s, offset_s),
                })
            }
            Edit::PlaceCondition { condition, place } => {
                if !(place.x.is_finite() && place.y.is_finite()) {
                    return Err(Fault::new(Code::Invalid, "A card needs a place."));
                }
                let target = self.condition_mut(condition)?;
                Ok(Edit::PlaceCondition {
                    condition,
                    place: std::mem::replace(&mut target.place, place),
                })
            }
            Edit::ReplaceMedia { condition, media } => {
                let target = self.condition_mut(condition)?;
                Ok(Edit::ReplaceMedia {
                    condition,
                    media: std::mem::replace(&mut target.media, media),
                })
            }
            other => Err(misrouted(&other)),
        }
    }

    fn apply_to_take(&mut self, edit: Edit) -> Outcome<Edit> {
        match edit {
            Edit::AddTake { shot, mut take } => {
                take.id = TakeId(self.fresh());
                let id = take.id;
                let target = self.shot_mut(shot)?;
                if take.name.trim().is_empty() {
                    take.name = format!("Take {}", target.takes.len() + 1);
                }
                target.takes.push(*take);
                let before = target.current_take.replace(id);
                Ok(Edit::Batch {
                    edits: vec![
                        Edit::ChooseTake { shot, take: before },
                        Edit::RemoveTake { take: id },
                    ],
                })
            }
            Edit::RemoveTake { take: id } => {
                let shot = self
                    .shots
                    .iter_mut()
                    .find(|shot| shot.takes.iter().any(|take| take.id == id))
                    .ok_or_else(|| unknown("take"))?;
                let index = shot
                    .takes
                    .iter()
                    .position(|take| take.id == id)
                    .ok_or_else(|| unknown("take"))?;
                let take = Box::new(shot.takes.remove(index));
                let current = shot.current_take;
                if current == Some(id) {
                    let next = index.min(shot.takes.len().saturating_sub(1));
                    shot.current_take = shot.takes.get(next).map(|take| take.id);
                }
                Ok(Edit::RestoreTake {
                    shot: shot.id,
                    index,
                    take,
                    current,
                })
            }
            Edit::RestoreTake {
                shot,
                index,
                take,
                current,
            } => {
                let id = take.id;
                let target = self.shot_mut(shot)?;
                let index = index.min(target.takes.len());
                target.takes.insert(index, *take);
                let before = std::mem::replace(&mut target.current_take, current);
                Ok(Edit::Batch {
                    edits: vec![
                        Edit::RemoveTake { take: id },
                        Edit::ChooseTake { shot, take: before },
                    ],
                })
            }
            Edit::RenameTake { take, name } => {
                let name = named(name)?;
                let target = self.take_mut(take)?;
                Ok(Edit::RenameTake {
                    take,
                    name: std::mem::replace(&mut target.name, name),
                })
            }
            Edit::ChooseTake { shot, take } => {
                let target = self.shot_mut(shot)?;
                if let Some(id) = take
                    && !target.takes.iter().any(|take| take.id == id)
                {
                    return Err(unknown("take"));
                }
                Ok(Edit::ChooseTake {
                    shot,
                    take: std::mem::replace(&mut target.current_take, take),
                })
            }
            Edit::WriteSection {
                take,
                section,
                text,
            } => {
                let text = bounded(text)?;
                let target = self.take_mut(take)?;
                if target.caption.get(section) == text {
                    return Ok(Edit::WriteSection {
                        take,
                        section,
                        text,
                    });
                }
                let spans = origins::amend(
                    target.caption.get(section),
                    target.origins.get(section),
                    &text,
                );
                Ok(write_section(target, section, text, spans))
            }
            Edit::RestoreSection {
                take,
                section,
                text,
                origins,
            } => {
                let target = self.take_mut(take)?;
                Ok(write_section(target, section, text, origins))
            }
            Edit::LockSection {
                take,
                section,
                locked,
            } => {
                let target = self.take_mut(take)?;
                let before = if locked {
                    !target.locked.insert(section)
                } else {
                    target.locked.remove(&section)
                };
                Ok(Edit::LockSection {
                    take,
                    section,
                    locked: before,
                })
            }
            other => Err(misrouted(&other)),
        }
    }

    fn fresh(&mut self) -> u64 {
        let id = self.next_id;
        self.next_id += 1;
        id
    }

    /// A copy of a shot with identities of its own all the way down.
    fn copy_of(&mut self, index: usize) -> Shot {
        let mut shot = self.shots[index].clone();
        shot.id = ShotId(self.fresh());
        shot.name = format!("{} copy", shot.name);
        let mut renamed = std::collections::HashMap::new();
        for condition in &mut shot.conditions {
            let id = ConditionId(self.fresh());
            renamed.insert(condition.id, id);
            condition.id = id;
        }
        let rename = |id: &mut ConditionId| {
            if let Some(new) = renamed.get(id) {
                *id = *new;
            }
        };
        for Binding { from, to, .. } in &mut shot.bindings {
            rename(from);
            to.iter_mut().for_each(rename);
        }
        let mut takes = std::collections::HashMap::new();
        for take in &mut shot.takes {
            let id = TakeId(self.fresh());
            takes.insert(take.id, id);
            take.id = id;
            for span in take.origins.0.values_mut().flatten() {
                span.condition.iter_mut().for_each(rename);
            }
            for note in &mut take.trace.conditions {
                note.condition.iter_mut().for_each(rename);
            }
            for agreement in &mut take.trace.alignment.agreements {
                agreement.conditions.iter_mut().for_each(rename);
            }
            for conflict in &mut take.trace.alignment.conflicts {
                conflict.condition.iter_mut().for_each(rename);
            }
        }
        for take in &mut shot.takes {
            take.parent = take.parent.and_then(|id| takes.get(&id).copied());
        }
        shot.current_take = shot.current_take.and_then(|id| takes.get(&id).copied());
        shot
    }

    fn shot_index(&self, id: ShotId) -> Outcome<usize> {
        self.shots
            .iter()
            .position(|shot| shot.id == id)
            .ok_or_else(|| unknown("shot"))
    }

    fn shot_mut(&mut self, id: ShotId) -> Outcome<&mut Shot> {
        self.shots
            .iter_mut()
            .find(|shot| shot.id == id)
            .ok_or_else(|| unknown("shot"))
    }

    fn condition_mut(&mut self, id: ConditionId) -> Outcome<&mut Condition> {
        self.shots
            .iter_mut()
            .flat_map(|shot| &mut shot.conditions)
            .find(|condition| condition.id == id)
            .ok_or_else(|| unknown("condition"))
    }

    fn take_mut(&mut self, id: TakeId) -> Outcome<&mut Take> {
        self.shots
            .iter_mut()
            .flat_map(|shot| &mut shot.takes)
            .find(|take| take.id == id)
            .ok_or_else(|| unknown("take"))
    }
}

fn write_section(take: &mut Take, section: Section, text: String, spans: Vec<OriginSpan>) -> Edit {
    let text = std::mem::replace(take.caption.get_mut(section), text);
    let origins = take.origins.0.remove(&section).unwrap_or_default();
    if !spans.is_empty() {
        take.origins.0.insert(section, spans);
    }
    Edit::RestoreSection {
        take: take.id,
        section,
        text,
        origins,
    }
}

fn bounded(text: String) -> Outcome<String> {
    if text.len() > LONGEST_TEXT {
        return Err(Fault::new(
            Code::TooLarge,
            "That is more than a million characters of text.",
        )
        .advise("Shorten it; nothing was changed."));
    }
    Ok(text)
}

fn named(name: String) -> Outcome<String> {
    let name = bounded(name)?;
    let trimmed = name.trim();
    if trimmed.is_empty() {
        return Err(Fault::new(Code::Invalid, "A name cannot be empty."));
    }
    Ok(trimmed.to_owned())
}

fn unknown(what: &str) -> Fault {
    Fault::new(
        Code::Invalid,
        format!("There is no such {what} in this project any more."),
    )
}

fn misrouted(edit: &Edit) -> Fault {
    Fault::new(
        Code::Internal,
        format!("The edit “{}” reached the wrong place.", edit.label()),
    )
}
