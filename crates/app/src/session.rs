//! The open project: document, history, autosave.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use decoupage_media::MediaInfo;
use decoupage_shot::store::assets;
use decoupage_shot::{
    Code, Condition, ConditionId, ContentHash, Edit, Fault, History, Opened, Outcome, Project,
    Shot, ShotId, Store,
};

use crate::api::{ConditionMedia, Response, SaveState, View};
use crate::{Core, hold, opened};

/// How long an edit may wait before it is saved: long enough to save a burst of typing once,
/// short enough that a crash costs less than a sentence.
const AUTOSAVE_AFTER: Duration = Duration::from_millis(300);
/// How long to wait before saving is tried again after it failed.
const RETRY_AFTER: Duration = Duration::from_secs(5);

/// The open project.
pub(crate) struct Session {
    pub(crate) store: Store,
    pub(crate) project: Project,
    history: History,
    save: SaveState,
    notices: Vec<String>,
    infos: HashMap<ContentHash, MediaInfo>,
    revision: u64,
    /// Tells the sessions of one core apart, so that an autosave never writes into another.
    number: u64,
}

impl Session {
    fn new(store: Store, project: Project, notices: Vec<String>) -> Self {
        static NUMBER: std::sync::atomic::AtomicU64 = std::sync::atomic::AtomicU64::new(1);
        Self {
            store,
            project,
            history: History::default(),
            save: SaveState::Saved,
            notices,
            infos: HashMap::new(),
            revision: 0,
            number: NUMBER.fetch_add(1, std::sync::atomic::Ordering::Relaxed),
        }
    }

    pub(crate) fn apply(&mut self, edit: Edit, gesture: Option<&str>) -> Outcome<()> {
        self.history.apply(&mut self.project, edit, gesture)?;
        self.touch();
        Ok(())
    }

    pub(crate) fn undo(&mut self) -> Outcome<()> {
        if self.history.undo(&mut self.project)? {
            self.touch();
        }
        Ok(())
    }

    pub(crate) fn redo(&mut self) -> Outcome<()> {
        if self.history.redo(&mut self.project)? {
            self.touch();
        }
        Ok(())
    }

    fn touch(&mut self) {
        self.revision += 1;
        self.save = SaveState::Pending;
    }

    pub(crate) fn save(&mut self) -> Outcome<()> {
        if self.save == SaveState::Saved {
            return Ok(());
        }
        self.revision += 1;
        match self.store.save(&self.project) {
            Ok(()) => {
                self.save = SaveState::Saved;
                Ok(())
            }
            Err(fault) => {
                self.save = SaveState::Failed {
                    fault: fault.clone(),
                };
                Err(fault)
            }
        }
    }

    pub(crate) fn save_copy(&mut self, folder: &Path) -> Outcome<()> {
        let mut project = self.project.clone();
        project.name = name_of(folder);
        let folder = with_ending(folder);
        let store = self.store.save_copy(&folder, &mut project)?;
        // The original is left as it stands on disk; its last edits belong to it too.
        self.save()?;
        self.store = store;
        self.project = project;
        // Steps back would lead links through the old folder.
        self.history = History::default();
        self.save = SaveState::Saved;
        self.revision += 1;
        Ok(())
    }

    pub(crate) fn shot(&self, id: ShotId) -> Outcome<&Shot> {
        self.project
            .shot(id)
            .ok_or_else(|| Fault::new(Code::Invalid, "There is no such shot any more."))
    }

    pub(crate) fn condition(&self, id: ConditionId) -> Outcome<&Condition> {
        self.project
            .condition(id)
            .ok_or_else(|| Fault::new(Code::Invalid, "There is no such condition any more."))
    }

    /// A condition and where its file is.
    pub(crate) fn located(&self, id: ConditionId) -> Outcome<(Condition, PathBuf)> {
        let condition = self.condition(id)?;
        let path = assets::resolve(self.store.folder(), &condition.media)?;
        Ok((condition.clone(), path))
    }

    pub(crate) fn know(&mut self, hash: ContentHash, info: MediaInfo) {
        self.infos.insert(hash, info);
        self.revision += 1;
    }

    pub(crate) fn knows(&self, hash: &ContentHash) -> bool {
        self.infos.contains_key(hash)
    }

    /// The view for a window that has just come. What there is to say after opening goes with
    /// every view until then: a shell may open a project before its window is there.
    pub(crate) fn first_view(&mut self) -> View {
        let view = self.view();
        self.notices.clear();
        view
    }

    pub(crate) fn view(&self) -> View {
        let media = self
            .project
            .shots
            .iter()
            .flat_map(|shot| &shot.conditions)
            .map(|condition| {
                let path = assets::resolve(self.store.folder(), &condition.media);
                ConditionMedia {
                    condition: condition.id,
                    missing: !path.as_ref().is_ok_and(|path| path.exists()),
                    path: path.unwrap_or_default(),
                    info: self.infos.get(&condition.media.hash).cloned(),
                }
            })
            .collect();
        View {
            project: self.project.clone(),
            revision: self.revision,
            folder: self.store.folder().to_owned(),
            undo: self.history.undo_label().map(str::to_owned),
            redo: self.history.redo_label().map(str::to_owned),
            save: self.save.clone(),
            media,
            notices: self.notices.clone(),
        }
    }
}

impl Core {
    pub(crate) fn new_project(
        &self,
        folder: &Path,
        prompt: Option<String>,
        duration_s: Option<f64>,
    ) -> Outcome<Response> {
        let mut project = Project::new(name_of(folder));
        let shot = project.shots[0].id;
        if let Some(prompt) = prompt {
            project.apply(Edit::SetPrompt { shot, prompt })?;
        }
        if duration_s.is_some() {
            project.apply(Edit::SetDuration { shot, duration_s })?;
        }
        self.put_away()?;
        let store = Store::create(&with_ending(folder), &project)?;
        self.put_session(Session::new(store, project, Vec::new()))
    }

    pub(crate) fn open_project(&self, folder: &Path) -> Outcome<Response> {
        // Opening what is open already is a way back to the start, not a conflict with oneself.
        let same = hold(&self.inner.session).as_ref().is_some_and(|session| {
            folder
                .canonicalize()
                .is_ok_and(|folder| folder.starts_with(session.store.folder()))
        });
        if same {
            return self.change(|_| Ok(()));
        }
        let Opened {
            store,
            project,
            notices,
        } = Store::open(folder)?;
        self.put_away()?;
        self.put_session(Session::new(store, project, notices))
    }

    /// Saves and closes the open project.
    fn put_away(&self) -> Outcome<()> {
        let mut guard = hold(&self.inner.session);
        if let Some(session) = guard.as_mut() {
            session.save()?;
        }
        *guard = None;
        Ok(())
    }

    fn put_session(&self, session: Session) -> Outcome<Response> {
        let view = session.view();
        let number = session.number;
        *hold(&self.inner.session) = Some(session);
        self.autosave(number)?;
        self.learn_media();
        self.tell_view(&view);
        Ok(Response::View {
            view: Box::new(view),
        })
    }

    /// Saves soon after edits for as long as this session is the open one.
    fn autosave(&self, number: u64) -> Outcome<()> {
        let core = self.clone();
        std::thread::Builder::new()
            .name("autosave".to_owned())
            .spawn(move || {
                loop {
                    let wait = match hold(&core.inner.session).as_ref() {
                        Some(session) if session.number == number => match session.save {
                            SaveState::Failed { .. } => RETRY_AFTER,
                            _ => AUTOSAVE_AFTER,
                        },
                        _ => return,
                    };
                    std::thread::sleep(wait);
                    let mut guard = hold(&core.inner.session);
                    let Some(session) = guard.as_mut().filter(|s| s.number == number) else {
                        return;
                    };
                    if session.save == SaveState::Saved {
                        continue;
                    }
                    // The fault is part of the view, where the person sees it.
                    let _ = session.save();
                    let view = session.view();
                    drop(guard);
                    core.tell_view(&view);
                }
            })
            .map_err(|e| Fault::io(&e, "start autosave", ""))?;
        Ok(())
    }

    /// Probes the media of the open project in the background, so that cards know their size
    /// and length without the window waiting.
    pub(crate) fn learn_media(&self) {
        let core = self.clone();
        let spawned = std::thread::Builder::new()
            .name("probe".to_owned())
            .spawn(move || {
                loop {
                    let next = {
                        let guard = hold(&core.inner.session);
                        let Some(session) = guard.as_ref() else {
                            return;
                        };
                        session
                            .project
                            .shots
                            .iter()
                            .flat_map(|shot| &shot.conditions)
                            .find(|condition| {
                                crate::media::has_pictures(condition.kind)
                                    && !session.knows(&condition.media.hash)
                                    && !core.inner.previews.unprobeable(&condition.media.hash)
                            })
                            .and_then(|condition| session.located(condition.id).ok())
                    };
                    let Some((condition, path)) = next else {
                        return;
                    };
                    match decoupage_media::probe(&path) {
                        Ok(info) => {
                            let mut guard = hold(&core.inner.session);
                            let Some(session) = guard.as_mut() else {
                                return;
                            };
                            session.know(condition.media.hash, info);
                            let view = session.view();
                            drop(guard);
                            core.tell_view(&view);
                        }
                        Err(_) => core.inner.previews.give_up_on(condition.media.hash),
                    }
                }
            });
        // Without this thread cards only lack their size until they are opened.
        drop(spawned);
    }

    /// What `act` makes of the open project, without changing it.
    pub(crate) fn with<T>(&self, act: impl FnOnce(&Session) -> Outcome<T>) -> Outcome<T> {
        let mut guard = hold(&self.inner.session);
        act(opened(&mut guard)?)
    }
}

fn name_of(folder: &Path) -> String {
    let name = folder.file_name().unwrap_or_default().to_string_lossy();
    let ending = format!(".{}", decoupage_shot::store::FOLDER_ENDING);
    let name = name.strip_suffix(&ending).unwrap_or(&name);
    if name.is_empty() {
        "Untitled".to_owned()
    } else {
        name.to_owned()
    }
}

/// Project folders are recognised by their ending.
fn with_ending(folder: &Path) -> PathBuf {
    let ending = decoupage_shot::store::FOLDER_ENDING;
    if folder.extension().is_some_and(|found| found == ending) {
        return folder.to_owned();
    }
    let mut name = folder.as_os_str().to_owned();
    name.push(".");
    name.push(ending);
    PathBuf::from(name)
}
