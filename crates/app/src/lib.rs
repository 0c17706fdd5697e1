//! The one API: every action the shells offer, jobs, undo and events.
//!
//! Shells make one [`Core`], call [`Core::ask`] and hand on what [`Core::listen`] tells. All
//! state lives here; shells hold none.

pub mod api;

mod browse;
mod describe;
mod engines;
mod export;
mod interpret;
mod jobs;
mod media;
mod models;
mod previews;
mod readings;
mod sample;
mod session;
mod settings;
mod shelf;
mod suggest;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use decoupage_catalogue::ModelPlaces;
use decoupage_dialogue::Smaller;
use decoupage_endpoint::{Client, Keys, SystemKeys};
use decoupage_shot::{Code, Fault, Outcome};
use decoupage_supervisor::Worker;

pub use api::{Event, Request, Response};
pub use sample::write_demo;

use api::models::{EndpointSettings, ModelSettings};
use api::{JobEnd, View};
use jobs::Jobs;
use previews::Previews;
use readings::Readings;
use session::Session;

/// The application behind every shell.
#[derive(Clone)]
pub struct Core {
    inner: Arc<Inner>,
}

/// Where the core keeps what is not a project.
#[derive(Debug, Clone)]
pub struct Places {
    /// The sample shot, settings, caches and the person's tokenizers.
    pub data: PathBuf,
    /// The cache of models that Hugging Face tools share; models are fetched into it.
    pub models: PathBuf,
    /// Where file panels begin.
    pub home: PathBuf,
}

impl Places {
    /// The system's places for this person; `DECOUPAGE_HOME` puts the data folder elsewhere.
    pub fn of_this_person() -> Self {
        let base = directories::BaseDirs::new();
        let home = base
            .as_ref()
            .map_or_else(std::env::temp_dir, |base| base.home_dir().to_owned());
        let data = std::env::var_os("DECOUPAGE_HOME")
            .map(PathBuf::from)
            .or_else(|| base.map(|base| base.data_dir().join("decoupage")))
            .unwrap_or_else(|| home.join(".decoupage"));
        let models = ModelPlaces::of_this_computer(None, Vec::new())
            .hub_cache
            .unwrap_or_else(|| data.join("models").join("hub"));
        Self { data, models, home }
    }
}

pub(crate) struct Inner {
    places: Places,
    dialogs: bool,
    session: Mutex<Option<Session>>,
    listeners: Mutex<Vec<Sender<Event>>>,
    jobs: Jobs,
    readings: Readings,
    previews: Previews,
    model_settings: Mutex<Option<ModelSettings>>,
    /// The worker that runs models, and how many minutes it may idle.
    worker: Mutex<Option<(u32, Worker)>>,
    /// Smaller steps that a person took for a model after a failure.
    smaller: Mutex<BTreeMap<String, Vec<Smaller>>>,
    keys: Arc<dyn Keys>,
    /// Clients of the endpoints that were asked.
    clients: Mutex<Vec<(EndpointSettings, Arc<Client>)>>,
}

impl Core {
    /// A core with no project open. `dialogs` says whether the shell has system dialogs.
    pub fn new(places: Places, dialogs: bool) -> Self {
        Self {
            inner: Arc::new(Inner {
                dialogs,
                session: Mutex::default(),
                listeners: Mutex::default(),
                jobs: Jobs::default(),
                readings: Readings::new(places.data.join("readings")),
                previews: Previews::default(),
                model_settings: Mutex::default(),
                worker: Mutex::default(),
                smaller: Mutex::default(),
                keys: Arc::new(SystemKeys),
                clients: Mutex::default(),
                places,
            }),
        }
    }

    /// Events from now on. Dropping the receiver ends the listening.
    pub fn listen(&self) -> Receiver<Event> {
        let (sender, receiver) = channel();
        hold(&self.inner.listeners).push(sender);
        receiver
    }

    /// Answers one request. Quick requests answer with their result, long ones with a job.
    ///
    /// # Errors
    /// A fault to show: one sentence and what to do.
    pub fn ask(&self, request: Request) -> Outcome<Response> {
        match request {
            Request::Hello => Ok(Response::Hello {
                version: env!("CARGO_PKG_VERSION").to_owned(),
                generators: decoupage_generators::profiles(),
                dialogs: self.inner.dialogs,
                home: self.inner.places.home.clone(),
            }),
            Request::NewProject {
                folder,
                prompt,
                duration_s,
            } => self.new_project(&folder, prompt, duration_s),
            Request::OpenProject { folder } => self.open_project(&folder),
            Request::OpenSample => self.open_sample(),
            Request::View => match hold(&self.inner.session).as_mut() {
                Some(session) => Ok(Response::View {
                    view: Box::new(session.first_view()),
                }),
                None => Ok(Response::NoProject),
            },
            Request::Save => {
                let mut guard = hold(&self.inner.session);
                let session = opened(&mut guard)?;
                session.save()?;
                Ok(Response::View {
                    view: Box::new(session.view()),
                })
            }
            Request::SaveCopy { folder } => self.change(|session| session.save_copy(&folder)),
            Request::Edit { edit, gesture } => {
                self.change(|session| session.apply(*edit, gesture.as_deref()))
            }
            Request::Undo => self.change(Session::undo),
            Request::Redo => self.change(Session::redo),
            Request::Guess { paths } => Ok(media::guess(&paths)),
            Request::Add {
                shot,
                files,
                storage,
            } => self.add(shot, files, storage),
            Request::Relocate { condition, path } => self.relocate(condition, &path),
            Request::FindMissing { folder } => self.find_missing(folder),
            Request::Read { condition } => self.read(condition),
            Request::Describe { condition, model } => self.describe(condition, model),
            Request::Still {
                condition,
                time_s,
                longest,
                colormap,
            } => self.still(condition, time_s, longest, colormap),
            Request::Filmstrip {
                condition,
                count,
                height,
            } => self.filmstrip(condition, count, height),
            Request::CameraPlot { condition } => self.camera_plot(condition),
            Request::Skeleton { condition } => self.skeleton(condition),
            Request::SuggestBindings { shot } => self.suggest_bindings(shot),
            Request::Composition { shot } => self.composition(shot),
            Request::Interpret {
                shot,
                engine,
                model,
                seed,
                sections,
                writing,
            } => self.interpret(shot, engine, model, seed, sections, *writing),
            Request::InterpretAll {
                shots,
                seed,
                writing,
            } => self.interpret_all(shots, seed, *writing),
            Request::Models => self.models(),
            Request::SetModelSettings { settings } => self.set_model_settings(*settings),
            Request::DownloadModel { model } => self.download_model(model),
            Request::VerifyModel { model } => self.verify_model(model),
            Request::UnloadModel => self.unload_model(),
            Request::GoSmaller { model, step } => self.go_smaller(&model, step),
            Request::SetKey { endpoint, key } => self.set_key(&endpoint, key.as_deref()),
            Request::TryEndpoint { endpoint } => self.try_endpoint(endpoint),
            Request::Cancel { job } => {
                self.inner.jobs.cancel(job);
                Ok(Response::Done)
            }
            Request::Check { shot, take } => self.check(shot, take),
            Request::Compose {
                shot,
                generator,
                take,
            } => self.compose(shot, &generator, take),
            Request::Export {
                shot,
                generators,
                format,
                folder,
            } => self.export(shot, &generators, format, &folder),
            Request::ImportCaption { shot, path } => self.import_caption(shot, &path),
            Request::Browse { folder } => {
                browse::browse(folder.as_deref().unwrap_or(&self.inner.places.home))
            }
        }
    }

    /// Waits until everything is on disk and stops every job: for shells about to close.
    ///
    /// # Errors
    /// The fault that keeps the project from being saved.
    pub fn close(&self) -> Outcome<()> {
        self.inner.jobs.cancel_all();
        match hold(&self.inner.session).as_mut() {
            Some(session) => session.save(),
            None => Ok(()),
        }
    }

    /// Changes the open project, tells every listener and answers with the new view.
    fn change(&self, act: impl FnOnce(&mut Session) -> Outcome<()>) -> Outcome<Response> {
        let mut guard = hold(&self.inner.session);
        let session = opened(&mut guard)?;
        act(session)?;
        let view = session.view();
        drop(guard);
        self.tell_view(&view);
        Ok(Response::View {
            view: Box::new(view),
        })
    }

    fn tell_view(&self, view: &View) {
        self.tell(&Event::View {
            view: Box::new(view.clone()),
        });
    }

    fn tell(&self, event: &Event) {
        hold(&self.inner.listeners).retain(|listener| listener.send(event.clone()).is_ok());
    }

    /// Runs `work` on a thread of its own and tells its progress and its end.
    fn start(
        &self,
        work: impl FnOnce(&Core, &jobs::Job) -> Outcome<JobEnd> + Send + 'static,
    ) -> Outcome<Response> {
        let core = self.clone();
        let job = self.inner.jobs.start(&core);
        let id = job.id;
        std::thread::Builder::new()
            .name(format!("job {}", id.0))
            .spawn(move || {
                let end = match work(&core, &job) {
                    Ok(end) => end,
                    Err(fault) if fault.code == Code::Cancelled => JobEnd::Cancelled,
                    Err(fault) => JobEnd::Failed {
                        fault,
                        offers: Vec::new(),
                    },
                };
                job.end(end);
            })
            .map_err(|e| Fault::io(&e, "start the work", ""))?;
        Ok(Response::Job { job: id })
    }

    /// Runs a request that answers with a job, and waits for its end: for command lines.
    /// Events on the way go to `each`.
    ///
    /// # Errors
    /// The job's fault, or the request's.
    pub fn run(&self, request: Request, mut each: impl FnMut(&Event)) -> Outcome<JobEnd> {
        let events = self.listen();
        let Response::Job { job: wanted } = self.ask(request)? else {
            return Err(Fault::new(Code::Internal, "That request starts no job."));
        };
        for event in events {
            if let Event::End { job, end } = event {
                if job == wanted {
                    return match end {
                        JobEnd::Failed { fault, .. } => Err(fault),
                        JobEnd::Cancelled => Err(Fault::cancelled()),
                        end => Ok(end),
                    };
                }
            } else {
                each(&event);
            }
        }
        Err(Fault::new(Code::Internal, "The job was lost."))
    }
}

fn opened(session: &mut Option<Session>) -> Outcome<&mut Session> {
    session.as_mut().ok_or_else(|| {
        Fault::new(Code::Invalid, "No project is open.").advise("Open or make one first.")
    })
}

/// Locks, also after another thread panicked while holding: the data is a document whose edits
/// are applied whole, and a person's work must stay within reach.
fn hold<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
