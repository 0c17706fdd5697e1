//! The application's end of the worker: started on demand, one piece of work at a time, ended
//! when it idles.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use decoupage_dialogue::{
    Ask, Device, DeviceWish, Failure, FailureCode, JobNumber, MediaLimits, ModelWish, Outcome,
    Source,
};
use decoupage_shot::Watch;

use crate::asking::{Answer, Event, Found, Request, Unfinished};
use crate::exit::{self, End};
use crate::probe::{self, Probed, STEP};
use crate::process::{Heard, Process};
use crate::programs::{Build, Program};
use crate::smaller::{self, Attempt, Memory, Remembered};
use crate::so_far::{SoFar, Told};

/// How long a worker whose input was closed may take to end by itself.
const PATIENCE: Duration = Duration::from_secs(2);

/// How the worker is found, started and ended.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The programs there are, best first.
    pub programs: Vec<Program>,
    /// Where the steps that worked are remembered; nowhere where absent.
    pub data: Option<PathBuf>,
    /// After so long without work the worker ends and its memory is free; never where absent.
    pub idle: Option<Duration>,
    /// How long a probe may take: drivers can take seconds to wake a card.
    pub probe_wait: Duration,
    /// How long starting may take.
    pub ready_wait: Duration,
    /// How long a cancelled worker may take to answer before it is ended.
    pub cancel_wait: Duration,
    /// Variables of its environment that differ from the application's own.
    pub environment: Vec<(OsString, OsString)>,
}

impl Settings {
    /// The programs beside the application, and the usual times. `data` is the application's
    /// data folder.
    pub fn of_this_application(data: &Path) -> Self {
        Self {
            programs: Program::of_this_application(),
            data: Some(data.to_owned()),
            idle: Some(Duration::from_secs(10 * 60)),
            probe_wait: Duration::from_secs(20),
            ready_wait: Duration::from_secs(60),
            cancel_wait: Duration::from_secs(2),
            environment: Vec::new(),
        }
    }
}

/// The worker. Clones share it; the last one dropped ends it.
#[derive(Debug, Clone)]
pub struct Worker(Arc<Handle>);

#[derive(Debug)]
struct Handle {
    inner: Arc<Inner>,
    janitor: Mutex<Option<JoinHandle<()>>>,
}

#[derive(Debug)]
struct Inner {
    settings: Settings,
    state: Mutex<State>,
    changed: Condvar,
    memory: Mutex<Memory>,
}

#[derive(Debug)]
struct State {
    /// Somebody has the turn, and the process with it.
    busy: bool,
    closing: bool,
    running: Option<Running>,
    /// What each program said when it was probed.
    probes: Vec<Option<Outcome<Probed>>>,
    next_job: u64,
    /// When the worker had something to do last.
    used: Instant,
    /// The notes on programs that cannot be used were told.
    told: bool,
}

#[derive(Debug)]
struct Running {
    process: Process,
    /// Which of the programs.
    program: usize,
    devices: Vec<Device>,
}

impl Worker {
    /// A worker that is not yet started.
    pub fn new(settings: Settings) -> Self {
        let memory = Memory::open(settings.data.as_deref());
        let probes = vec![None; settings.programs.len()];
        Self(Arc::new(Handle {
            inner: Arc::new(Inner {
                settings,
                state: Mutex::new(State {
                    busy: false,
                    closing: false,
                    running: None,
                    probes,
                    next_job: 1,
                    used: Instant::now(),
                    told: false,
                }),
                changed: Condvar::new(),
                memory: Mutex::new(memory),
            }),
            janitor: Mutex::default(),
        }))
    }

    /// What models can run on here; probes the programs, which takes a moment.
    ///
    /// # Errors
    /// One sentence where no program can be used at all; cancelled.
    pub fn devices(&self, watch: &dyn Watch) -> Outcome<Found> {
        let mut turn = Turn::take(&self.0.inner, watch)?;
        let (_, probed, notes) = turn.choose(DeviceWish::Best, watch)?;
        Ok(Found {
            devices: probed.devices,
            notes,
        })
    }

    /// A wish with the steps that worked for this model before, where the person left the
    /// choice open.
    pub fn remembered(&self, model: &ModelWish, limits: &MediaLimits) -> Remembered {
        hold(&self.0.inner.memory).apply(model, limits)
    }

    /// Forgets the steps that worked for a model, so that it is tried in full again.
    pub fn forget(&self, model: &ModelWish) {
        hold(&self.0.inner.memory).forget(model);
    }

    /// Loads a model so that the first answer comes sooner.
    ///
    /// # Errors
    /// Why it could not, with the next smaller steps; cancelled.
    pub fn load(
        &self,
        model: &ModelWish,
        watch: &dyn Watch,
        on_event: &mut dyn FnMut(Event),
    ) -> Result<Answer, Box<Unfinished>> {
        let attempt = Attempt {
            model: model.clone(),
            limits: None,
            clips: false,
        };
        let ask = |job| Ask::Load {
            job,
            model: model.clone(),
        };
        self.work(&attempt, &ask, watch, on_event)
    }

    /// Writes an answer.
    ///
    /// # Errors
    /// Why it could not, with the next smaller steps and what was written so far; cancelled.
    pub fn write(
        &self,
        request: &Request,
        watch: &dyn Watch,
        on_event: &mut dyn FnMut(Event),
    ) -> Result<Answer, Box<Unfinished>> {
        let attempt = Attempt {
            model: request.model.clone(),
            limits: Some(request.limits),
            clips: request
                .conversation
                .media()
                .any(|source| matches!(source, Source::Clip { .. } | Source::Frames { .. })),
        };
        let ask = |job| Ask::Write {
            job,
            model: request.model.clone(),
            conversation: request.conversation.clone(),
            guide: request.guide.clone(),
            sampling: request.sampling.clone(),
            limits: request.limits,
        };
        self.work(&attempt, &ask, watch, on_event)
    }

    /// Runs one comparison case and dumps its tensors.
    ///
    /// # Errors
    /// As [`Worker::write`].
    pub fn run_case(
        &self,
        model: &ModelWish,
        case: &Path,
        dump: &Path,
        watch: &dyn Watch,
        on_event: &mut dyn FnMut(Event),
    ) -> Result<Answer, Box<Unfinished>> {
        let attempt = Attempt {
            model: model.clone(),
            limits: None,
            clips: false,
        };
        let ask = |job| Ask::Case {
            job,
            model: model.clone(),
            case: case.to_owned(),
            dump: dump.to_owned(),
        };
        self.work(&attempt, &ask, watch, on_event)
    }

    /// Frees the model's memory by ending the worker; the next work starts it again. Answers
    /// false while it is at work, which goes on.
    pub fn unload(&self) -> bool {
        let running = {
            let mut state = hold(&self.0.inner.state);
            if state.busy {
                return false;
            }
            state.running.take()
        };
        if let Some(running) = running {
            running.process.end(PATIENCE);
        }
        true
    }

    /// Whether the worker's process runs and is not at work.
    pub fn idles(&self) -> bool {
        hold(&self.0.inner.state).running.is_some()
    }

    fn work(
        &self,
        attempt: &Attempt,
        ask: &dyn Fn(JobNumber) -> Ask,
        watch: &dyn Watch,
        on_event: &mut dyn FnMut(Event),
    ) -> Result<Answer, Box<Unfinished>> {
        self.watch_idleness();
        let inner = &self.0.inner;
        let mut turn = Turn::take(inner, watch)?;
        let outcome = turn
            .start(attempt.model.device, watch, on_event)
            .map_err(Box::from);
        let outcome = outcome.and_then(|()| turn.work(attempt, ask, watch, on_event));
        drop(turn);
        let mut memory = hold(&inner.memory);
        match &outcome {
            Ok(_) => memory.worked(attempt),
            Err(unfinished) if !unfinished.failure.smaller.is_empty() => memory.failed(attempt),
            Err(_) => {}
        }
        outcome
    }

    /// Starts the thread that ends an idle worker, once.
    fn watch_idleness(&self) {
        let Some(idle) = self.0.inner.settings.idle else {
            return;
        };
        let mut janitor = hold(&self.0.janitor);
        if janitor.is_none() {
            let inner = Arc::clone(&self.0.inner);
            // Without the thread the model merely stays in memory.
            *janitor = std::thread::Builder::new()
                .name("worker-idle".to_owned())
                .spawn(move || inner.end_when_idle(idle))
                .ok();
        }
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        let running = {
            let mut state = hold(&self.inner.state);
            state.closing = true;
            state.running.take()
        };
        self.inner.changed.notify_all();
        if let Some(running) = running {
            running.process.end(Duration::from_millis(200));
        }
        let janitor = hold(&self.janitor).take();
        if let Some(janitor) = janitor {
            let _ = janitor.join();
        }
    }
}

impl Inner {
    fn end_when_idle(&self, idle: Duration) {
        let mut state = hold(&self.state);
        while !state.closing {
            let rests = !state.busy && state.running.is_some();
            let wait = idle.saturating_sub(state.used.elapsed());
            if rests && wait.is_zero() {
                let running = state.running.take();
                drop(state);
                if let Some(running) = running {
                    running.process.end(PATIENCE);
                }
                state = hold(&self.state);
                continue;
            }
            // Without a process there is nothing to wait for but news.
            state = if rests {
                self.changed
                    .wait_timeout(state, wait)
                    .map_or_else(|e| e.into_inner().0, |(state, _)| state)
            } else {
                self.changed
                    .wait(state)
                    .unwrap_or_else(PoisonError::into_inner)
            };
        }
    }
}

/// The turn to work with the process. Dropping it passes it on.
struct Turn<'a> {
    inner: &'a Inner,
    running: Option<Running>,
}

impl<'a> Turn<'a> {
    /// Waits for whoever works now.
    fn take(inner: &'a Inner, watch: &dyn Watch) -> Outcome<Self> {
        let mut state = hold(&inner.state);
        while state.busy {
            if watch.cancelled() {
                return Err(Failure::cancelled());
            }
            state = inner
                .changed
                .wait_timeout(state, STEP)
                .map_or_else(|e| e.into_inner().0, |(state, _)| state);
        }
        state.busy = true;
        let running = state.running.take();
        Ok(Self { inner, running })
    }

    /// The best program that can run here, what it says of itself, and why better ones are not
    /// used.
    fn choose(
        &mut self,
        wish: DeviceWish,
        watch: &dyn Watch,
    ) -> Outcome<(usize, Probed, Vec<String>)> {
        let programs = &self.inner.settings.programs;
        if programs.is_empty() {
            return Err(not_installed());
        }
        let mut order: Vec<usize> = (0..programs.len()).collect();
        if wish == DeviceWish::Cpu {
            // Without a graphics driver in its process there is less to go wrong.
            order.sort_by_key(|&i| programs.get(i).map(|p| p.build != Build::Plain));
        }
        let mut refused = Vec::new();
        let mut second_best = None;
        for index in order {
            let Some(program) = programs.get(index) else {
                continue;
            };
            match self.probed(index, program, watch) {
                Ok(probed) if probed.suits(program.build) || wish == DeviceWish::Cpu => {
                    return Ok((index, probed, notes(&refused)));
                }
                Ok(probed) => {
                    let what = match program.build {
                        Build::Metal => "Apple graphics processor",
                        Build::Cuda | Build::Plain => "NVIDIA card",
                    };
                    refused.push(Failure::new(
                        FailureCode::Unsupported,
                        format!("No {what} was found."),
                    ));
                    second_best.get_or_insert((index, probed));
                }
                Err(failure) if failure.code == FailureCode::Cancelled => return Err(failure),
                Err(failure) => refused.push(failure),
            }
        }
        match second_best {
            Some((index, probed)) => Ok((index, probed, notes(&refused))),
            None => Err(refused.pop().unwrap_or_else(not_installed)),
        }
    }

    fn probed(&mut self, index: usize, program: &Program, watch: &dyn Watch) -> Outcome<Probed> {
        if let Some(running) = self.running.as_ref().filter(|r| r.program == index) {
            return Ok(Probed {
                version: String::new(),
                devices: running.devices.clone(),
            });
        }
        let known = hold(&self.inner.state).probes.get(index).cloned().flatten();
        if let Some(known) = known {
            return known;
        }
        let settings = &self.inner.settings;
        let probed = probe::probe(program, settings.probe_wait, &settings.environment, watch);
        self.remember_probe(index, &probed);
        probed
    }

    fn remember_probe(&self, index: usize, probed: &Outcome<Probed>) {
        let cancelled = matches!(probed, Err(failure) if failure.code == FailureCode::Cancelled);
        if cancelled {
            return;
        }
        if let Some(place) = hold(&self.inner.state).probes.get_mut(index) {
            *place = Some(probed.clone());
        }
    }

    /// Sees to it that the right program runs and is ready.
    fn start(
        &mut self,
        wish: DeviceWish,
        watch: &dyn Watch,
        on_event: &mut dyn FnMut(Event),
    ) -> Outcome<()> {
        // What ended while nobody listened is started again without a word.
        if self.running.as_mut().is_some_and(|r| !r.process.runs()) {
            self.running = None;
        }
        // A program that probes well and then does not start is not tried twice, so this ends.
        loop {
            let (index, _, notes) = self.choose(wish, watch)?;
            if self.running.as_ref().is_some_and(|r| r.program == index) {
                return Ok(());
            }
            if let Some(other) = self.running.take() {
                other.process.end(PATIENCE);
            }
            let settings = &self.inner.settings;
            let Some(program) = settings.programs.get(index) else {
                return Err(not_installed());
            };
            let started = Process::start(&program.path, &[], &settings.environment)
                .map_err(|failure| probe::unusable(program, &failure.message))
                .and_then(|mut process| {
                    let ready = probe::ready(&mut process, program, settings.ready_wait, watch)?;
                    Ok((process, ready))
                });
            match started {
                Ok((process, ready)) => {
                    self.running = Some(Running {
                        process,
                        program: index,
                        devices: ready.devices,
                    });
                    let told = std::mem::replace(&mut hold(&self.inner.state).told, true);
                    if !told {
                        notes.into_iter().map(Event::Note).for_each(on_event);
                    }
                    return Ok(());
                }
                Err(failure) if failure.code == FailureCode::Cancelled => return Err(failure),
                Err(failure) => self.remember_probe(index, &Err(failure)),
            }
        }
    }

    /// Asks, and listens until the work ends one way or another.
    fn work(
        &mut self,
        attempt: &Attempt,
        ask: &dyn Fn(JobNumber) -> Ask,
        watch: &dyn Watch,
        on_event: &mut dyn FnMut(Event),
    ) -> Result<Answer, Box<Unfinished>> {
        let job = {
            let mut state = hold(&self.inner.state);
            state.next_job += 1;
            JobNumber(state.next_job)
        };
        let ask = ask(job);
        let only_loads = matches!(ask, Ask::Load { .. });
        let Some(running) = self.running.as_mut() else {
            return Err(not_installed().into());
        };
        running.process.ask(&ask)?;
        let mut so_far = SoFar::default();
        let mut cancelled_until: Option<Instant> = None;
        loop {
            if cancelled_until.is_none() && watch.cancelled() {
                running.process.ask(&Ask::Cancel { job })?;
                cancelled_until = Some(Instant::now() + self.inner.settings.cancel_wait);
            }
            if cancelled_until.is_some_and(|until| Instant::now() >= until) {
                self.running = None;
                return Err(so_far.unfinished(Failure::cancelled()));
            }
            match running.process.hear(STEP) {
                Heard::Nothing => {}
                Heard::Ended => {
                    let status = running.process.wait(PATIENCE);
                    let words = running.process.last_words();
                    let device = so_far.device_kind(attempt, &running.devices);
                    self.running = None;
                    if cancelled_until.is_some() {
                        return Err(so_far.unfinished(Failure::cancelled()));
                    }
                    let end = status.map_or_else(
                        || End::Crash("closed its output".to_owned()),
                        |status| exit::read(status, &words),
                    );
                    let failure = so_far.crashed(&end, attempt, device);
                    return Err(so_far.unfinished(failure));
                }
                Heard::Tell(tell) => {
                    let device = so_far.device_kind(attempt, &running.devices);
                    match so_far.hear(tell, job, on_event) {
                        Told::Goes => {}
                        Told::Loaded if !only_loads => {}
                        Told::Loaded => {
                            return Ok(Answer {
                                device: so_far.device,
                                ..Answer::default()
                            });
                        }
                        Told::Done(mut answer) => {
                            answer.device = so_far.device;
                            return Ok(answer);
                        }
                        Told::Failed(mut failure) => {
                            if failure.code == FailureCode::OutOfMemory {
                                failure.smaller = attempt.left(device, so_far.loads());
                                let advice = smaller::advice(&failure.smaller);
                                failure.advice.get_or_insert(advice);
                            }
                            return Err(so_far.unfinished(failure));
                        }
                    }
                }
            }
        }
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        let mut state = hold(&self.inner.state);
        state.running = self.running.take();
        state.busy = false;
        state.used = Instant::now();
        drop(state);
        self.inner.changed.notify_all();
    }
}

fn not_installed() -> Failure {
    Failure::new(
        FailureCode::Missing,
        "The program that runs models is not beside the application.",
    )
    .advise("Install Decoupage again, or build it with cargo build -p decoupage-worker.")
}

/// Why better programs are not used, told with what is used in their place.
fn notes(refused: &[Failure]) -> Vec<String> {
    refused
        .iter()
        .map(|failure| format!("{} Models run without it.", failure.message.trim_end()))
        .collect()
}

fn hold<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
