//! The words that shells and core exchange: one request enum, one response enum, one event
//! stream. TypeScript types are generated from these.

use std::path::PathBuf;

use decoupage_catalogue::Verification;
use decoupage_conditions::camera::CameraReading;
use decoupage_conditions::depth::Colormap;
use decoupage_conditions::pose::PoseTrack;
use decoupage_conditions::{Outline, Reading};
use decoupage_dialogue::Smaller;
use decoupage_generators::{FileFormat, Profile, Prompt};
use decoupage_interpreter::Composition;
use decoupage_interpreter::bindings::Suggestion;
use decoupage_interpreter::check::Finding;
use decoupage_media::MediaInfo;
use decoupage_shot::{
    ConditionId, ConditionKind, Correction, Edit, Engine, Fault, Phase, Place, Project, Section,
    ShotId, Storage, TakeId, Trace,
};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

pub mod models;

use models::{EndpointSettings, ModelSettings, Models, Offer, Writing};

/// Identity of a running job.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
#[serde(transparent)]
#[ts(type = "number")]
pub struct JobId(pub u64);

/// Everything a shell can ask for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(tag = "do", rename_all = "snake_case")]
#[allow(missing_docs, reason = "the fields are named after what they carry")]
pub enum Request {
    /// What this core is and offers. Answer: [`Response::Hello`].
    Hello,
    /// Makes a project folder. Answer: [`Response::View`].
    NewProject {
        #[ts(type = "string")]
        folder: PathBuf,
        #[ts(optional)]
        prompt: Option<String>,
        #[ts(optional)]
        duration_s: Option<f64>,
    },
    /// Opens a project folder (or its `project.json`). Answer: [`Response::View`].
    OpenProject {
        #[ts(type = "string")]
        folder: PathBuf,
    },
    /// Opens the sample shot, making it where it is not there yet. Answer: [`Response::View`].
    OpenSample,
    /// The open project. Answer: [`Response::View`], or [`Response::NoProject`].
    View,
    /// Saves now (saving happens by itself, soon after each edit). Answer: [`Response::View`].
    Save,
    /// Copies the project folder and goes on in the copy. Answer: [`Response::View`].
    SaveCopy {
        #[ts(type = "string")]
        folder: PathBuf,
    },
    /// Changes the document. Edits with the same `gesture` in a row are one undo step.
    /// Answer: [`Response::View`].
    Edit {
        edit: Box<Edit>,
        #[ts(optional)]
        gesture: Option<String>,
    },
    /// Takes the last step back. Answer: [`Response::View`].
    Undo,
    /// Does it again. Answer: [`Response::View`].
    Redo,
    /// What dropped files most likely are. Answer: [`Response::Guesses`].
    Guess {
        #[ts(type = "Array<string>")]
        paths: Vec<PathBuf>,
    },
    /// Adds files to a shot as one undo step. Answer: [`Response::Job`]; its end is
    /// [`JobEnd::Added`].
    Add {
        shot: ShotId,
        files: Vec<AddFile>,
        #[ts(optional)]
        storage: Option<Storage>,
    },
    /// Puts another file behind a condition whose media is missing. Answer: [`Response::View`].
    Relocate {
        condition: ConditionId,
        #[ts(type = "string")]
        path: PathBuf,
    },
    /// Looks for missing media by content in a folder and below. Answer: [`Response::Job`];
    /// its end is [`JobEnd::Found`].
    FindMissing {
        #[ts(type = "string")]
        folder: PathBuf,
    },
    /// Measures a condition (from the cache where nothing has changed). Answer:
    /// [`Response::Job`]; its end is [`JobEnd::Reading`].
    Read { condition: ConditionId },
    /// Has a model on this computer say what an identity picture shows, and adds it to the
    /// picture's reading as the model's words. Answer: [`Response::Job`]; its end is
    /// [`JobEnd::Reading`].
    Describe {
        condition: ConditionId,
        /// The model; the person's choice where absent.
        #[serde(default)]
        #[ts(optional)]
        model: Option<String>,
    },
    /// One still of a condition at a time, scaled down to fit. Answer: [`Response::Picture`].
    Still {
        condition: ConditionId,
        time_s: f64,
        longest: u32,
        /// Colours a depth clip anew.
        #[ts(optional)]
        colormap: Option<Colormap>,
    },
    /// Evenly spread frames side by side in one picture. Answer: [`Response::Filmstrip`].
    Filmstrip {
        condition: ConditionId,
        count: u32,
        /// Height of each frame in pixels.
        height: u32,
    },
    /// A camera path to draw. Answer: [`Response::CameraPlot`].
    CameraPlot { condition: ConditionId },
    /// Tracked keypoints to draw. Answer: [`Response::Skeleton`].
    Skeleton { condition: ConditionId },
    /// Ties that suggest themselves (one pose and one identity; two and two left to left).
    /// Answer: [`Response::Bindings`].
    SuggestBindings { shot: ShotId },
    /// A shot's conditions taken together, as far as they are measured: nothing is measured
    /// for it. Answer: [`Response::Composition`].
    Composition { shot: ShotId },
    /// Writes a new take. Answer: [`Response::Job`]; events [`Event::Trace`] and
    /// [`Event::Section`] follow; its end is [`JobEnd::Take`].
    Interpret {
        shot: ShotId,
        #[serde(default)]
        engine: Engine,
        /// The model or endpoint; the person's choice where absent.
        #[serde(default)]
        #[ts(optional)]
        model: Option<String>,
        #[serde(default)]
        #[ts(type = "number")]
        seed: u64,
        /// Only these sections anew, the others as in the current take; all if empty.
        #[serde(default)]
        sections: Vec<Section>,
        /// How models should write.
        #[serde(default)]
        writing: Box<Writing>,
    },
    /// Writes new takes of several shots, spread over every endpoint that is used. Answer:
    /// [`Response::Job`]; its end is [`JobEnd::Takes`].
    InterpretAll {
        shots: Vec<ShotId>,
        #[serde(default)]
        #[ts(type = "number")]
        seed: u64,
        #[serde(default)]
        writing: Box<Writing>,
    },
    /// Everything about models. Answer: [`Response::Models`].
    Models,
    /// Keeps what the person chose about models. Answer: [`Response::Models`].
    SetModelSettings { settings: Box<ModelSettings> },
    /// Fetches a model of the catalogue, going on where it stopped. Answer: [`Response::Job`];
    /// its end is [`JobEnd::Model`].
    DownloadModel { model: String },
    /// Compares a model's files with what was published. Answer: [`Response::Job`]; its end is
    /// [`JobEnd::Verified`].
    VerifyModel { model: String },
    /// Frees the memory of the model that is loaded. Answer: [`Response::Done`].
    UnloadModel,
    /// From now on runs a model with a smaller step. Answer: [`Response::Models`].
    GoSmaller { model: String, step: Smaller },
    /// Keeps an endpoint's key in the system's keyring, or removes it. Answer:
    /// [`Response::Models`].
    SetKey {
        endpoint: String,
        #[ts(optional)]
        key: Option<String>,
    },
    /// Asks an endpoint what it has. Answer: [`Response::Job`]; its end is
    /// [`JobEnd::Endpoint`].
    TryEndpoint { endpoint: EndpointSettings },
    /// Stops a job; what is finished is kept. Answer: [`Response::Done`].
    Cancel { job: JobId },
    /// What is wrong with a shot's take (the current one by default). Answer:
    /// [`Response::Findings`].
    Check {
        shot: ShotId,
        #[ts(optional)]
        take: Option<TakeId>,
    },
    /// The prompt of a shot's take as a generator takes it. Answer: [`Response::Prompt`].
    Compose {
        shot: ShotId,
        generator: String,
        #[ts(optional)]
        take: Option<TakeId>,
    },
    /// Writes prompt files: for one shot or all that have a take, for the named generators or
    /// all if empty. Answer: [`Response::Files`].
    Export {
        #[ts(optional)]
        shot: Option<ShotId>,
        generators: Vec<String>,
        format: FileFormat,
        #[ts(type = "string")]
        folder: PathBuf,
    },
    /// Reads a caption from a file into a new take. Answer: [`Response::View`].
    ImportCaption {
        shot: ShotId,
        #[ts(type = "string")]
        path: PathBuf,
    },
    /// Names in a folder, for shells without system dialogs. Answer: [`Response::Folder`].
    Browse {
        #[ts(optional, type = "string")]
        folder: Option<PathBuf>,
    },
}

impl Request {
    /// Asks the measured engine for a new take of all sections.
    pub fn interpret(shot: ShotId) -> Self {
        Self::Interpret {
            shot,
            engine: Engine::Measured,
            model: None,
            seed: 0,
            sections: Vec::new(),
            writing: Box::default(),
        }
    }
}

/// A file to add.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct AddFile {
    /// Where it is.
    #[ts(type = "string")]
    pub path: PathBuf,
    /// What it is for; guessed where not said.
    #[serde(default)]
    #[ts(optional)]
    pub kind: Option<ConditionKind>,
    /// What to call it; the file's stem where not said.
    #[serde(default)]
    #[ts(optional)]
    pub name: Option<String>,
    /// Where to put its card.
    #[serde(default)]
    #[ts(optional)]
    pub place: Option<Place>,
}

/// What the core answers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(tag = "is", rename_all = "snake_case")]
#[allow(missing_docs, reason = "the fields are named after what they carry")]
pub enum Response {
    /// What this core is and offers.
    Hello {
        version: String,
        generators: Vec<Profile>,
        /// Whether this machine has system dialogs (the desktop shell sets it).
        dialogs: bool,
        #[ts(type = "string")]
        home: PathBuf,
    },
    /// The open project.
    View { view: Box<View> },
    /// No project is open.
    NoProject,
    /// A job was started.
    Job { job: JobId },
    /// Done; nothing to tell.
    Done,
    /// What files are.
    Guesses { guesses: Vec<FileGuess> },
    /// One picture as a data URL.
    Picture {
        url: String,
        width: u32,
        height: u32,
    },
    /// Frames side by side in one picture.
    Filmstrip {
        url: String,
        count: u32,
        frame_width: u32,
        frame_height: u32,
    },
    /// A camera path.
    CameraPlot { plot: CameraPlot },
    /// Tracked keypoints.
    Skeleton { track: PoseTrack },
    /// Suggested ties.
    Bindings { suggestions: Vec<Suggestion> },
    /// A shot's conditions taken together.
    Composition {
        composition: Box<Composition>,
        /// Conditions that were not measured yet.
        unread: Vec<ConditionId>,
    },
    /// What checks found.
    Findings { findings: Vec<Finding> },
    /// A composed prompt.
    Prompt { prompt: Prompt },
    /// Files that were written.
    Files {
        #[ts(type = "Array<string>")]
        files: Vec<PathBuf>,
    },
    /// Everything about models.
    Models { models: Box<Models> },
    /// Names in a folder.
    Folder {
        #[ts(type = "string")]
        folder: PathBuf,
        #[ts(optional, type = "string")]
        parent: Option<PathBuf>,
        entries: Vec<FolderEntry>,
    },
}

/// The open project as shells show it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct View {
    /// The document.
    pub project: Project,
    /// Grows with every change: of two views the one with the larger number is the newer.
    #[ts(type = "number")]
    pub revision: u64,
    /// Its folder.
    #[ts(type = "string")]
    pub folder: PathBuf,
    /// Label of the step that undo would take back.
    #[ts(optional)]
    pub undo: Option<String>,
    /// Label of the step that redo would do again.
    #[ts(optional)]
    pub redo: Option<String>,
    /// Whether everything is on disk.
    pub save: SaveState,
    /// What is known of each condition's medium.
    pub media: Vec<ConditionMedia>,
    /// Said once after opening: what was recovered, repaired or migrated.
    pub notices: Vec<String>,
}

/// What is known of a condition's medium.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct ConditionMedia {
    /// The condition.
    pub condition: ConditionId,
    /// The resolved path.
    #[ts(type = "string")]
    pub path: PathBuf,
    /// Whether it is not where it was.
    pub missing: bool,
    /// Size, length and form, for pictures, clips and sound.
    #[ts(optional)]
    pub info: Option<MediaInfo>,
}

/// Whether everything is on disk.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum SaveState {
    /// On disk.
    Saved,
    /// Edits are about to be saved.
    Pending,
    /// Saving failed; edits are kept in memory and saving is tried again.
    Failed {
        /// Why, and what to do.
        fault: Fault,
    },
}

/// What a file most likely is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct FileGuess {
    /// The file.
    #[ts(type = "string")]
    pub path: PathBuf,
    /// Its likeliest kind, if it can be used.
    #[ts(optional)]
    pub kind: Option<ConditionKind>,
    /// How sure, 0–1.
    pub confidence: f64,
    /// Why, one short clause.
    pub because: String,
    /// Why it cannot be used.
    #[ts(optional)]
    pub fault: Option<Fault>,
}

/// A camera path to draw: OpenCV axes (x right, y down, z forward) of the first frame.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct CameraPlot {
    /// At most a few hundred samples, time ascending.
    pub samples: Vec<CameraSample>,
    /// Whether the units are metres.
    pub metric: bool,
    /// The moves to mark on the path.
    pub reading: CameraReading,
}

/// One sample of a camera path.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct CameraSample {
    /// Seconds.
    pub time_s: f64,
    /// Camera centre.
    pub centre: [f64; 3],
    /// Unit vector along the look.
    pub forward: [f64; 3],
    /// Unit vector upwards in the picture.
    pub up: [f64; 3],
    /// Horizontal field of view in degrees, where known.
    #[ts(optional)]
    pub fov_deg: Option<f64>,
}

/// One entry of a folder.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct FolderEntry {
    /// Its name.
    pub name: String,
    /// Its path.
    #[ts(type = "string")]
    pub path: PathBuf,
    /// Whether it is a folder.
    pub folder: bool,
    /// Whether it is a Decoupage project.
    pub project: bool,
}

/// What the core tells by itself.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(tag = "event", rename_all = "snake_case")]
#[allow(missing_docs, reason = "the fields are named after what they carry")]
pub enum Event {
    /// The document or its save state changed.
    View { view: Box<View> },
    /// A job goes on.
    Progress {
        job: JobId,
        phase: Phase,
        /// Units done of `total`; `total` 0 where it cannot be known.
        #[ts(type = "number")]
        done: u64,
        #[ts(type = "number")]
        total: u64,
    },
    /// An interpretation's trace so far.
    Trace { job: JobId, trace: Trace },
    /// An interpretation's section so far.
    Section {
        job: JobId,
        section: Section,
        text: String,
    },
    /// A model writes.
    Pace {
        job: JobId,
        #[ts(type = "number")]
        tokens: u64,
        tokens_per_s: f64,
    },
    /// Something the person should know about a job that goes on: what was reduced.
    Note { job: JobId, text: String },
    /// A job ended.
    End { job: JobId, end: JobEnd },
}

/// How a job ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(tag = "end", rename_all = "snake_case")]
#[allow(missing_docs, reason = "the fields are named after what they carry")]
pub enum JobEnd {
    /// Files were added; some may have been refused.
    Added {
        conditions: Vec<ConditionId>,
        refused: Vec<FileGuess>,
    },
    /// Missing media was looked for.
    Found {
        /// Conditions whose media is there again.
        conditions: Vec<ConditionId>,
    },
    /// A condition was measured.
    Reading {
        condition: ConditionId,
        /// As the person corrected it.
        reading: Box<Reading>,
        /// As it was measured: corrections name its items.
        outline: Box<Outline>,
        /// Corrections that no longer apply.
        unmet: Vec<Correction>,
    },
    /// A take was written and is the current one.
    Take {
        shot: ShotId,
        take: TakeId,
        /// Whether the person cancelled and the take holds what was written until then.
        #[serde(default)]
        unfinished: bool,
    },
    /// Takes of several shots were written.
    Takes {
        shots: Vec<ShotId>,
        /// Shots that have none, and why.
        failed: Vec<ShotFault>,
    },
    /// A model is on this computer.
    Model { model: String },
    /// A model's files were compared.
    Verified {
        model: String,
        verification: Verification,
    },
    /// An endpoint answered.
    Endpoint {
        /// Names of its models.
        models: Vec<String>,
        /// One sentence: what it is and how it keeps structure.
        says: String,
    },
    /// The person cancelled.
    Cancelled,
    /// It failed.
    Failed {
        fault: Fault,
        /// Smaller steps that would likely work.
        #[serde(default)]
        offers: Vec<Offer>,
    },
}

/// Why a shot has no new take.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct ShotFault {
    /// Which.
    pub shot: ShotId,
    /// Why.
    pub fault: Fault,
}
