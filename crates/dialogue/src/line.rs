//! The lines between the application and its model worker: one JSON document a line, asks on
//! the worker's standard input, tells on its standard output. The worker says
//! [`Tell::Ready`] first and ends when its input ends.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::conversation::{Conversation, MediaLimits};
use crate::failure::Failure;
use crate::guide::Guide;
use crate::sampling::Sampling;

/// Grows when the lines change their meaning; the application refuses another number.
pub const PROTOCOL: u32 = 1;

/// Identity of a piece of work, given by the application.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct JobNumber(pub u64);

/// What the application asks.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "ask", rename_all = "snake_case")]
pub enum Ask {
    /// Loads a model (unloading another) so that the first answer comes sooner.
    Load {
        /// The work's number.
        job: JobNumber,
        /// What to load and how.
        model: ModelWish,
    },
    /// Writes an answer, loading the model first where needed.
    Write {
        /// The work's number.
        job: JobNumber,
        /// What to load and how.
        model: ModelWish,
        /// What the model is shown.
        conversation: Conversation,
        /// The script of the answer.
        guide: Guide,
        /// How its words are drawn.
        sampling: Sampling,
        /// How much of the media it is shown.
        limits: MediaLimits,
    },
    /// Runs one comparison case and dumps its tensors.
    Case {
        /// The work's number.
        job: JobNumber,
        /// What to load and how.
        model: ModelWish,
        /// The case's `case.json`.
        case: PathBuf,
        /// The safetensors file to write.
        dump: PathBuf,
    },
    /// Stops a piece of work; what is written so far is told.
    Cancel {
        /// The work's number.
        job: JobNumber,
    },
    /// Frees the model's memory.
    Unload,
}

/// A model and how to run it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ModelWish {
    /// A checkpoint's folder, or a GGUF file.
    pub weights: PathBuf,
    /// The vision part of a GGUF model (`mmproj`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub projector: Option<PathBuf>,
    /// How the weights are held in memory.
    pub precision: Precision,
    /// Where to run.
    pub device: DeviceWish,
    /// Most tokens of prompt and answer together; the model's own limit where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub context: Option<usize>,
    /// Folder for vision features, kept by the content of the media.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub feature_cache: Option<PathBuf>,
}

/// How weights are held in memory.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(rename = "PrecisionWish")]
pub enum Precision {
    /// What suits the device and the file: bf16 on a graphics card, GGUF as it stands, f32
    /// otherwise.
    #[default]
    Auto,
    /// 32-bit floats.
    F32,
    /// 16-bit brain floats.
    Bf16,
    /// 16-bit floats.
    F16,
    /// 8 bits in blocks of 32 with a scale each.
    Q8_0,
    /// About 4.5 bits in super-blocks of 256.
    Q4K,
}

/// Where a model should run.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum DeviceWish {
    /// The best there is.
    #[default]
    Best,
    /// The processor.
    Cpu,
    /// A graphics card, counted from 0.
    Gpu(usize),
}

/// Something a model can run on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Device {
    /// What kind it is.
    pub kind: DeviceKind,
    /// Its name, for people.
    pub name: String,
    /// All of its memory, where it can be known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub total_bytes: Option<u64>,
    /// Memory free now, where it can be known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub free_bytes: Option<u64>,
}

/// Kinds of devices.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeviceKind {
    /// The processor.
    Cpu,
    /// An NVIDIA card.
    Cuda,
    /// An Apple graphics processor.
    Metal,
}

/// What a worker is busy with before it writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// Reading weights, in bytes.
    Loading,
    /// Decoding media, in media.
    Decoding,
    /// Looking at pictures and clips, in media.
    Seeing,
    /// Listening to sound, in media.
    Hearing,
    /// Reading the prompt, in tokens.
    Prefill,
}

/// What the worker tells.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "tell", rename_all = "snake_case")]
pub enum Tell {
    /// The first line.
    Ready {
        /// The worker's version.
        version: String,
        /// [`PROTOCOL`].
        protocol: u32,
        /// What it can run on, best first.
        devices: Vec<Device>,
    },
    /// A piece of work goes on.
    Progress {
        /// Which.
        job: JobNumber,
        /// What it is busy with.
        stage: Stage,
        /// Units done.
        done: u64,
        /// Of so many.
        total: u64,
    },
    /// Something the person should know: what was reduced and how to change it.
    Note {
        /// Which.
        job: JobNumber,
        /// One sentence.
        text: String,
    },
    /// Words, as they are written.
    Text {
        /// Which.
        job: JobNumber,
        /// The guide's field they belong to; none for headings and free answers.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        field: Option<String>,
        /// What came to the field since the last line.
        text: String,
        /// Tokens written so far.
        tokens: u64,
        /// Tokens a second, lately.
        tokens_per_s: f64,
    },
    /// The model is in memory.
    Loaded {
        /// Which.
        job: JobNumber,
        /// Where it runs.
        device: Device,
    },
    /// The answer is written.
    Done {
        /// Which.
        job: JobNumber,
        /// All of the answer.
        text: String,
        /// Each field of the guide.
        fields: BTreeMap<String, String>,
        /// What it took.
        usage: Usage,
    },
    /// It failed or was cancelled.
    Failed {
        /// Which.
        job: JobNumber,
        /// Why.
        failure: Failure,
        /// The fields as far as they were written.
        fields: BTreeMap<String, String>,
    },
    /// The model's memory is free again.
    Unloaded,
}

/// What an answer took.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Usage {
    /// Tokens of the prompt, media included.
    pub prompt_tokens: usize,
    /// Of these, tokens that were still in memory from before.
    pub reused_tokens: usize,
    /// Tokens of the answer, given words included.
    pub written_tokens: usize,
    /// Media whose features were still on disk or in memory.
    pub reused_media: usize,
    /// Milliseconds by stage: loading, decoding, seeing, hearing, prefill, writing.
    pub milliseconds: BTreeMap<String, f64>,
    /// Milliseconds from the ask to the first open token.
    pub first_token_ms: f64,
}
