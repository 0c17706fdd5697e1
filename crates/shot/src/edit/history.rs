//! Undo and redo: one gesture, one step.

use std::collections::VecDeque;

use crate::edit::Edit;
use crate::fault::Outcome;
use crate::project::Project;

/// Most steps that are kept.
const DEEPEST: usize = 1_000;

/// One undo step: the edits that take a gesture back, newest first.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// What the step is called in the undo menu.
    pub label: &'static str,
    /// The gesture it came from; consecutive edits of one gesture share a step.
    gesture: Option<String>,
    edits: Vec<Edit>,
}

/// The steps that can be taken back and done again. Holds changes only, never whole documents.
#[derive(Debug, Clone, Default)]
pub struct History {
    past: VecDeque<Step>,
    future: Vec<Step>,
}

impl History {
    /// Applies an edit to the document and remembers how to take it back. An edit that changes
    /// nothing leaves no step.
    ///
    /// # Errors
    /// As [`Project::apply`]; a refused edit leaves no trace.
    pub fn apply(
        &mut self,
        project: &mut Project,
        edit: Edit,
        gesture: Option<&str>,
    ) -> Outcome<()> {
        let label = edit.label();
        let same = edit.clone();
        let inverse = project.apply(edit)?;
        if inverse == same {
            return Ok(());
        }
        self.future.clear();
        if let (Some(gesture), Some(last)) = (gesture, self.past.back_mut())
            && last.gesture.as_deref() == Some(gesture)
        {
            last.edits.insert(0, inverse);
            fold(&mut last.edits);
            return Ok(());
        }
        self.past.push_back(Step {
            label,
            gesture: gesture.map(str::to_owned),
            edits: vec![inverse],
        });
        if self.past.len() > DEEPEST {
            self.past.pop_front();
        }
        Ok(())
    }

    /// Takes the last step back; `false` where there is none.
    ///
    /// # Errors
    /// As [`Project::apply`].
    pub fn undo(&mut self, project: &mut Project) -> Outcome<bool> {
        let Some(step) = self.past.pop_back() else {
            return Ok(false);
        };
        let step = turn(project, step)?;
        self.future.push(step);
        Ok(true)
    }

    /// Does the last undone step again; `false` where there is none.
    ///
    /// # Errors
    /// As [`Project::apply`].
    pub fn redo(&mut self, project: &mut Project) -> Outcome<bool> {
        let Some(step) = self.future.pop() else {
            return Ok(false);
        };
        let mut step = turn(project, step)?;
        // A later edit of the same gesture is a step of its own once the person has undone.
        step.gesture = None;
        self.past.push_back(step);
        Ok(true)
    }

    /// Label of the step that undo would take back.
    pub fn undo_label(&self) -> Option<&'static str> {
        self.past.back().map(|step| step.label)
    }

    /// Label of the step that redo would do again.
    pub fn redo_label(&self) -> Option<&'static str> {
        self.future.last().map(|step| step.label)
    }
}

fn turn(project: &mut Project, step: Step) -> Outcome<Step> {
    let inverse = project.apply(Edit::Batch { edits: step.edits })?;
    Ok(Step {
        label: step.label,
        gesture: step.gesture,
        edits: match inverse {
            Edit::Batch { edits } => edits,
            other => vec![other],
        },
    })
}

/// Keeps a long gesture (typing, dragging) as one inverse where the older inverse alone takes
/// everything back: the newest sits in front of the oldest and is overwritten by it.
fn fold(edits: &mut Vec<Edit>) {
    if let [newer, older] = edits.as_slice() {
        let covered = match (newer, older) {
            (Edit::SetPrompt { shot: a, .. }, Edit::SetPrompt { shot: b, .. }) => a == b,
            (
                Edit::PlaceCondition { condition: a, .. },
                Edit::PlaceCondition { condition: b, .. },
            )
            | (Edit::SetNote { condition: a, .. }, Edit::SetNote { condition: b, .. })
            | (Edit::SetOffset { condition: a, .. }, Edit::SetOffset { condition: b, .. })
            | (
                Edit::RenameCondition { condition: a, .. },
                Edit::RenameCondition { condition: b, .. },
            ) => a == b,
            (
                Edit::RestoreSection {
                    take: a,
                    section: x,
                    ..
                },
                Edit::RestoreSection {
                    take: b,
                    section: y,
                    ..
                },
            ) => a == b && x == y,
            _ => false,
        };
        if covered {
            edits.remove(0);
        }
    }
}
