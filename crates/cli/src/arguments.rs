//! What the command line takes.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use decoupage_app::api::models::Writing;
use decoupage_dialogue::{DeviceWish, Precision};
use decoupage_generators::FileFormat;
use decoupage_shot::{ConditionKind, Engine, Storage};

use crate::models;

/// Breaks a shot down into words: pictures, depth, poses and camera paths in, an editable
/// six-section caption out.
#[derive(Debug, Parser)]
#[command(name = "decoupage", version, max_term_width = 100)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Make the sample shot, interpret it and write its prompt files
    Demo(Demo),
    /// Make a project folder
    New(New),
    /// Add a file (or a folder of frames) to a shot
    Add(Add),
    /// Measure one condition
    Read(Read),
    /// Lay a condition's reading open, and correct it by hand
    Correct(Correct),
    /// Have a model on this computer say what an identity picture shows
    Describe(Describe),
    /// Take a shot's conditions together: one clock, ties, agreements and conflicts
    Conditions(Conditions),
    /// Write a new take of a shot
    Interpret(Interpret),
    /// Write prompt files
    Export(Export),
    /// Check a caption file, or a project's current takes
    Check(Check),
    /// Models: which there are, which fit, fetching and checking them
    Models(ModelsCommand),
    /// Serve the same window to a browser on this machine
    Serve(Serve),
}

#[derive(Debug, Args)]
pub(crate) struct ModelsCommand {
    #[command(subcommand)]
    pub(crate) command: Option<Models>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Models {
    /// The catalogue, and the models on this computer
    List(Listed),
    /// How much memory a model takes, and whether this computer has it
    Fit(OneModel),
    /// Fetch a model of the catalogue, going on where it stopped
    Download(OneModel),
    /// Compare a model's files with what was published
    Verify(OneModel),
    /// Run one comparison case and dump its tensors
    Run(RunCase),
}

#[derive(Debug, Args)]
pub(crate) struct Listed {
    /// Print one JSON document
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct OneModel {
    /// Its id, as `decoupage models` lists it
    #[arg(value_name = "MODEL")]
    pub(crate) model: String,
    /// Print one JSON document
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct RunCase {
    /// The checkpoint's folder, or a GGUF file
    #[arg(value_name = "DIR")]
    pub(crate) model: PathBuf,
    /// The case: messages with files or tensors, as tests/parity/README.md describes it
    #[arg(long, value_name = "FILE")]
    pub(crate) case: PathBuf,
    /// The safetensors file to write
    #[arg(long, value_name = "FILE")]
    pub(crate) dump: PathBuf,
    /// The vision part (mmproj) of a GGUF model
    #[arg(long, value_name = "FILE")]
    pub(crate) projector: Option<PathBuf>,
    /// How weights are held: auto, f32, bf16, f16, q8_0 or q4_k
    #[arg(long, value_name = "NAME", value_parser = models::precision, default_value = "f32")]
    pub(crate) precision: Precision,
    /// Where it runs: best, cpu, gpu or gpu:N
    #[arg(long, value_name = "NAME", value_parser = models::device, default_value = "best")]
    pub(crate) device: DeviceWish,
    /// Print one JSON document
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Demo {
    /// Where to make it [default: a folder of this person's]
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct New {
    /// The project folder; `.decoupage` is added where it is missing
    #[arg(value_name = "DIR")]
    pub(crate) folder: PathBuf,
    /// The short prompt of its first shot
    #[arg(long, value_name = "TEXT")]
    pub(crate) prompt: Option<String>,
    /// How long the first shot is meant to be, seconds
    #[arg(long, value_name = "S")]
    pub(crate) duration: Option<f64>,
}

#[derive(Debug, Args)]
pub(crate) struct Add {
    #[arg(value_name = "PROJECT")]
    pub(crate) project: PathBuf,
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    /// What it is for; guessed from its content where not said
    #[arg(long = "as", value_name = "KIND", value_parser = kind)]
    pub(crate) kind: Option<ConditionKind>,
    /// What to call it
    #[arg(long, value_name = "NAME")]
    pub(crate) name: Option<String>,
    /// Which shot, counted from 1
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub(crate) shot: usize,
    /// Leave the file where it is instead of copying it into the project
    #[arg(long)]
    pub(crate) link: bool,
}

impl Add {
    pub(crate) fn storage(&self) -> Option<Storage> {
        self.link.then_some(Storage::Linked)
    }
}

#[derive(Debug, Args)]
pub(crate) struct Read {
    /// A file, or a folder of frames
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    /// What it is for; guessed from its content where not said
    #[arg(long = "as", value_name = "KIND", value_parser = kind)]
    pub(crate) kind: Option<ConditionKind>,
    /// Frames per second, for formats that store none
    #[arg(long, value_name = "N")]
    pub(crate) fps: Option<f64>,
    /// The format's key, where detection is wrong
    #[arg(long, value_name = "KEY")]
    pub(crate) format: Option<String>,
    /// The convention's key, where the file's own is not what its format says
    #[arg(long, value_name = "KEY")]
    pub(crate) convention: Option<String>,
    /// Which camera of a file with several
    #[arg(long, value_name = "NAME")]
    pub(crate) camera: Option<String>,
    /// Print one JSON document
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Correct {
    #[arg(value_name = "PROJECT")]
    pub(crate) project: PathBuf,
    /// The condition: its name, or its place in the shot, counted from 1
    #[arg(value_name = "CONDITION")]
    pub(crate) condition: String,
    /// What to correct (`move/0`, `person/1`); every item is listed where it is not said
    #[arg(value_name = "ITEM")]
    pub(crate) item: Option<String>,
    /// It is not so
    #[arg(long, requires = "item", conflicts_with_all = ["rename", "retime", "as_measured"])]
    pub(crate) delete: bool,
    /// It is something else, or goes by another name
    #[arg(long, value_name = "TO", requires = "item", conflicts_with_all = ["retime", "as_measured"])]
    pub(crate) rename: Option<String>,
    /// It happens at another time, in seconds of the condition
    #[arg(long, value_names = ["START", "END"], num_args = 2, requires = "item", conflicts_with = "as_measured")]
    pub(crate) retime: Vec<f64>,
    /// Take it as it was measured again
    #[arg(long, requires = "item")]
    pub(crate) as_measured: bool,
    /// Which shot, counted from 1
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub(crate) shot: usize,
    /// Print one JSON document
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Describe {
    #[arg(value_name = "PROJECT")]
    pub(crate) project: PathBuf,
    /// The picture: its name, or its place in the shot, counted from 1
    #[arg(value_name = "CONDITION")]
    pub(crate) condition: String,
    /// The model; the one chosen in the window where not said
    #[arg(long, value_name = "ID")]
    pub(crate) model: Option<String>,
    /// Which shot, counted from 1
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub(crate) shot: usize,
    /// Print one JSON document
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Conditions {
    #[arg(value_name = "PROJECT")]
    pub(crate) project: PathBuf,
    /// Which shot, counted from 1
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub(crate) shot: usize,
    /// Print one JSON document
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Interpret {
    #[arg(value_name = "PROJECT")]
    pub(crate) project: PathBuf,
    /// Which shot, counted from 1
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub(crate) shot: usize,
    #[arg(long, value_enum, default_value_t = EngineName::Measured)]
    pub(crate) engine: EngineName,
    /// The model (local) or the server's name (server); the one chosen in the window where not said
    #[arg(long, value_name = "ID")]
    pub(crate) model: Option<String>,
    /// Words that a model must use; may be given several times
    #[arg(long = "must-say", value_name = "WORDS")]
    pub(crate) must_include: Vec<String>,
    /// Words that a model must not use; may be given several times
    #[arg(long = "never-say", value_name = "WORDS")]
    pub(crate) avoid: Vec<String>,
    /// Overrides the model's own temperature; 0 always writes the likeliest word
    #[arg(long, value_name = "T")]
    pub(crate) temperature: Option<f64>,
    /// Varies engines that can vary
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(crate) seed: u64,
    /// Print one JSON document
    #[arg(long)]
    pub(crate) json: bool,
}

impl Interpret {
    pub(crate) fn writing(&self) -> Writing {
        Writing {
            must_include: self.must_include.clone(),
            avoid: self.avoid.clone(),
            temperature: self.temperature,
            ..Writing::default()
        }
    }
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum EngineName {
    Measured,
    Local,
    Server,
}

impl From<EngineName> for Engine {
    fn from(name: EngineName) -> Self {
        match name {
            EngineName::Measured => Self::Measured,
            EngineName::Local => Self::Local,
            EngineName::Server => Self::Server,
        }
    }
}

#[derive(Debug, Args)]
pub(crate) struct Export {
    #[arg(value_name = "PROJECT")]
    pub(crate) project: PathBuf,
    /// A generator's key, or `all`
    #[arg(long = "for", value_name = "GENERATOR", default_value = "plain")]
    pub(crate) generator: String,
    #[arg(long, value_enum, default_value_t = FormatName::Txt)]
    pub(crate) format: FormatName,
    /// Where to write [default: `exports` in the project folder]
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum FormatName {
    Txt,
    Json,
    Jsonl,
    Csv,
}

impl From<FormatName> for FileFormat {
    fn from(name: FormatName) -> Self {
        match name {
            FormatName::Txt => Self::Txt,
            FormatName::Json => Self::Json,
            FormatName::Jsonl => Self::Jsonl,
            FormatName::Csv => Self::Csv,
        }
    }
}

#[derive(Debug, Args)]
pub(crate) struct Check {
    /// A caption file or a project
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    /// Check the budget of this generator too
    #[arg(long = "for", value_name = "GENERATOR")]
    pub(crate) generator: Option<String>,
    /// Print one JSON document
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Serve {
    /// The port; a free one is taken where not said
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(crate) port: u16,
    /// Open this project at once
    #[arg(long, value_name = "PROJECT")]
    pub(crate) open: Option<PathBuf>,
}

fn kind(text: &str) -> Result<ConditionKind, String> {
    ConditionKind::from_key(text).ok_or_else(|| {
        let known: Vec<_> = ConditionKind::ALL.iter().map(|kind| kind.key()).collect();
        format!("known kinds are {}", known.join(", "))
    })
}
