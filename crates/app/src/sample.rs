//! The sample shot: made by the stage, opened like any other project.

use std::path::{Path, PathBuf};

use decoupage_shot::store::{DOCUMENT, assets};
use decoupage_shot::{
    Binding, Code, Condition, ConditionId, Edit, Fault, Outcome, Place, Project, ReadOptions,
    Silent, Storage, Store,
};
use decoupage_stage::sample::{SampleShot, sample_shot};

use crate::Core;
use crate::api::Response;

/// The sample project's folder.
const FOLDER: &str = "Sample shot.decoupage";
/// How many windows may each have a sample shot of their own.
const MOST_COPIES: usize = 20;

impl Core {
    /// Opens the sample shot; where another window has it open, one of its own is made.
    pub(crate) fn open_sample(&self) -> Outcome<Response> {
        let mut answer = Err(Fault::new(
            Code::Denied,
            "The sample shot is open elsewhere.",
        ));
        for number in 1..=MOST_COPIES {
            let folder = match number {
                1 => self.inner.places.data.join(FOLDER),
                n => self
                    .inner
                    .places
                    .data
                    .join(format!("Sample shot {n}.decoupage")),
            };
            answer = write(&folder).and_then(|()| self.open_project(&folder));
            match &answer {
                Err(fault) if fault.code == Code::Denied => {}
                _ => break,
            }
        }
        answer
    }
}

/// Makes the sample project in `out`, or in this person's data folder, and answers its folder.
/// One that is already there is kept as it is.
///
/// # Errors
/// The system's refusal.
pub fn write_demo(out: Option<&Path>) -> Outcome<PathBuf> {
    let folder = match out {
        Some(out) => out.join(FOLDER),
        None => crate::Places::of_this_person()
            .data
            .join("demo")
            .join(FOLDER),
    };
    write(&folder)?;
    Ok(folder)
}

fn write(folder: &Path) -> Outcome<()> {
    if folder.join(DOCUMENT).exists() {
        return Ok(());
    }
    let scratch = tempfile::tempdir()
        .map_err(|e| Fault::io(&e, "make a temporary folder", std::env::temp_dir()))?;
    let sample = sample_shot(scratch.path())?;
    // Made beside its place and moved there whole: a window closed on the way leaves no half
    // sample shot behind.
    let parent = folder.parent().unwrap_or(Path::new("."));
    std::fs::create_dir_all(parent).map_err(|e| Fault::io(&e, "make the folder", parent))?;
    let making = tempfile::Builder::new()
        .prefix(".unfinished-")
        .tempdir_in(parent)
        .map_err(|e| Fault::io(&e, "make the sample shot", parent))?;
    let half = making.path().join("project");
    let mut project = Project::new("Sample shot");
    let store = Store::create(&half, &project)?;
    fill(&mut project, &store, sample)?;
    store.save(&project)?;
    drop(store);
    std::fs::rename(&half, folder).map_err(|e| Fault::io(&e, "make the sample shot", folder))
}

fn fill(project: &mut Project, store: &Store, sample: SampleShot) -> Outcome<()> {
    let shot = project.shots[0].id;
    project.apply(Edit::RenameShot {
        shot,
        name: "Market at dusk".to_owned(),
    })?;
    project.apply(Edit::SetPrompt {
        shot,
        prompt: sample.prompt,
    })?;
    project.apply(Edit::SetDuration {
        shot,
        duration_s: Some(sample.duration_s),
    })?;
    project.apply(Edit::SetAspect {
        shot,
        aspect: sample.aspect,
    })?;
    for file in sample.files {
        let media = assets::take_in(store.folder(), &file.path, Storage::Copied, &Silent)?;
        project.apply(Edit::AddCondition {
            shot,
            condition: Condition {
                id: ConditionId(0),
                kind: file.kind,
                name: file.name,
                note: file.note,
                media,
                region: None,
                offset_s: 0.0,
                place: Place::default(),
                options: ReadOptions::default(),
                corrections: Vec::new(),
            },
        })?;
    }
    let ids: Vec<_> = project.shots[0].conditions.iter().map(|c| c.id).collect();
    for binding in sample.bindings {
        let Some(from) = ids.get(binding.from) else {
            continue;
        };
        project.apply(Edit::Bind {
            shot,
            binding: Binding {
                kind: binding.kind,
                from: *from,
                person: None,
                to: binding.to.and_then(|to| ids.get(to).copied()),
            },
        })?;
    }
    Ok(())
}
