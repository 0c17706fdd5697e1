//! Files in: what they are, adding them, finding them again.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use decoupage_conditions::audio::transcript;
use decoupage_conditions::sniff;
use decoupage_shot::store::{DOCUMENT, assets};
use decoupage_shot::{
    Code, Condition, ConditionId, ConditionKind, Edit, Fault, Outcome, Phase, ReadOptions, ShotId,
    Silent, Storage, Watch,
};

use crate::Core;
use crate::api::{AddFile, FileGuess, JobEnd, Response};

/// Most files that are added at once.
const MOST_FILES: usize = 500;

/// Whether the kind's media can be shown as pictures or heard: camera paths cannot, and poses
/// may be numbers.
pub(crate) fn has_pictures(kind: ConditionKind) -> bool {
    kind != ConditionKind::Camera
}

/// Whether what is heard in the kind's media is measured.
pub(crate) fn has_sound(kind: ConditionKind) -> bool {
    matches!(kind, ConditionKind::Audio | ConditionKind::ReferenceVideo)
}

/// What files most likely are.
pub(crate) fn guess(paths: &[PathBuf]) -> Response {
    Response::Guesses {
        guesses: paths.iter().map(|path| guess_one(path, &Silent)).collect(),
    }
}

fn guess_one(path: &Path, watch: &dyn Watch) -> FileGuess {
    match usable(path).and_then(|()| sniff::guess(path, watch)) {
        Ok(guess) => FileGuess {
            path: path.to_owned(),
            kind: Some(guess.kind),
            confidence: guess.confidence,
            because: guess.because,
            fault: None,
        },
        Err(fault) => FileGuess {
            path: path.to_owned(),
            kind: None,
            confidence: 0.0,
            because: String::new(),
            fault: Some(fault.at(path)),
        },
    }
}

fn usable(path: &Path) -> Outcome<()> {
    if path.join(DOCUMENT).exists() {
        return Err(Fault::new(
            Code::Invalid,
            "This is a Decoupage project, not a condition.",
        )
        .advise("Open it from the project menu instead.")
        .at(path));
    }
    Ok(())
}

impl Core {
    pub(crate) fn add(
        &self,
        shot: ShotId,
        files: Vec<AddFile>,
        storage: Option<Storage>,
    ) -> Outcome<Response> {
        let (folder, storage) = self.with(|session| {
            session.shot(shot)?;
            Ok((
                session.store.folder().to_owned(),
                storage.unwrap_or(session.project.storage),
            ))
        })?;
        if files.len() > MOST_FILES {
            return Err(Fault::new(
                Code::TooLarge,
                format!("That is more than {MOST_FILES} files at once."),
            )
            .advise("Drop the folder that holds the frames instead of the frames themselves."));
        }
        self.start(move |core, job| {
            let mut edits = Vec::new();
            let mut refused = Vec::new();
            let total = files.len() as u64;
            for (number, file) in files.into_iter().enumerate() {
                job.go_on()?;
                job.report(Phase::Adding, number as u64, total);
                match prepare(&folder, &file, storage, job) {
                    Ok(condition) => edits.push(Edit::AddCondition { shot, condition }),
                    Err(fault) if fault.code == Code::Cancelled => return Err(fault),
                    Err(fault) => refused.push(FileGuess {
                        path: file.path.clone(),
                        kind: file.kind,
                        confidence: 0.0,
                        because: String::new(),
                        fault: Some(fault.at(&file.path)),
                    }),
                }
            }
            let mut conditions = Vec::new();
            if !edits.is_empty() {
                let first = core.with(|session| Ok(session.project.next_id))?;
                core.change(|session| session.apply(Edit::Batch { edits }, None))?;
                conditions = core.with(|session| {
                    Ok(session
                        .shot(shot)?
                        .conditions
                        .iter()
                        .map(|condition| condition.id)
                        .filter(|id| id.0 >= first)
                        .collect())
                })?;
                core.learn_media();
            }
            Ok(JobEnd::Added {
                conditions,
                refused,
            })
        })
    }

    pub(crate) fn relocate(&self, id: ConditionId, path: &Path) -> Outcome<Response> {
        let (folder, condition) = self.with(|session| {
            Ok((
                session.store.folder().to_owned(),
                session.condition(id)?.clone(),
            ))
        })?;
        readable(path, condition.kind, &condition.options, &Silent)?;
        let media = assets::take_in(&folder, path, condition.media.storage, &Silent)?;
        let answer = self.change(|session| {
            session.apply(
                Edit::ReplaceMedia {
                    condition: id,
                    media,
                },
                None,
            )
        });
        self.learn_media();
        answer
    }

    pub(crate) fn find_missing(&self, folder: PathBuf) -> Outcome<Response> {
        let (home, missing) = self.with(|session| {
            let missing: BTreeMap<_, _> = session
                .project
                .shots
                .iter()
                .flat_map(|shot| &shot.conditions)
                .filter(|condition| {
                    !assets::resolve(session.store.folder(), &condition.media)
                        .is_ok_and(|path| path.exists())
                })
                .map(|condition| (condition.id, condition.media.clone()))
                .collect();
            Ok((session.store.folder().to_owned(), missing))
        })?;
        self.start(move |core, job| {
            let wanted: Vec<_> = missing.values().cloned().collect();
            let found = assets::find(&folder, &wanted, job)?;
            let mut conditions = Vec::new();
            let mut edits = Vec::new();
            for ((id, media), path) in missing.iter().zip(found) {
                if let Some(path) = path {
                    conditions.push(*id);
                    edits.push(Edit::ReplaceMedia {
                        condition: *id,
                        media: assets::take_in(&home, &path, media.storage, job)?,
                    });
                }
            }
            if !edits.is_empty() {
                core.change(|session| session.apply(Edit::Batch { edits }, None))?;
                core.learn_media();
            }
            Ok(JobEnd::Found { conditions })
        })
    }
}

/// Takes one file in: known to be readable as what it is for, then copied or linked.
fn prepare(
    folder: &Path,
    file: &AddFile,
    storage: Storage,
    watch: &dyn Watch,
) -> Outcome<Condition> {
    usable(&file.path)?;
    let kind = match file.kind {
        Some(kind) => {
            readable(&file.path, kind, &ReadOptions::default(), watch)?;
            kind
        }
        None => sniff::guess(&file.path, watch)?.kind,
    };
    let name = match &file.name {
        Some(name) if !name.trim().is_empty() => name.trim().to_owned(),
        _ => file
            .path
            .file_stem()
            .map(|stem| stem.to_string_lossy().into_owned())
            .unwrap_or_else(|| kind.title().to_owned()),
    };
    let media = assets::take_in(folder, &file.path, storage, watch)?;
    if has_sound(kind)
        && let Some(transcript) = transcript::beside(&file.path)
    {
        assets::take_along(folder, &media, &transcript)?;
    }
    Ok(Condition {
        id: ConditionId(0),
        kind,
        name,
        note: String::new(),
        media,
        region: None,
        offset_s: 0.0,
        place: file.place.unwrap_or_default(),
        options: ReadOptions::default(),
        corrections: Vec::new(),
    })
}

/// Whether a file can be read as a kind at all: cheap for media, whole for the small formats.
fn readable(
    path: &Path,
    kind: ConditionKind,
    options: &ReadOptions,
    watch: &dyn Watch,
) -> Outcome<()> {
    match kind {
        ConditionKind::Camera => decoupage_conditions::camera::load(path, options, watch).map(drop),
        // Keypoints or pictures: the sniffing tells which, and refuses what is neither.
        ConditionKind::Pose => match sniff::guess(path, watch)?.kind {
            ConditionKind::Camera | ConditionKind::Audio => Err(Fault::new(
                Code::Unsupported,
                "There are no poses in this file.",
            )
            .advise("Use keypoints (OpenPose, AlphaPose, ComfyUI) or a rendered skeleton.")
            .at(path)),
            _ => Ok(()),
        },
        ConditionKind::Audio => {
            let info = decoupage_media::probe(path)?;
            if info.has_audio {
                Ok(())
            } else {
                Err(Fault::new(Code::Unsupported, "There is no sound in this file.").at(path))
            }
        }
        _ => {
            let info = decoupage_media::probe(path)?;
            if info.form == decoupage_media::MediaForm::Audio {
                return Err(Fault::new(
                    Code::Unsupported,
                    format!(
                        "This is sound; a {} needs a picture or a clip.",
                        kind.title()
                    ),
                )
                .at(path));
            }
            Ok(())
        }
    }
}
