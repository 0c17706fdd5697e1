//! The seam between the worker's lines and the models: what loads, and what writes.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use decoupage_dialogue::{
    Conversation, Device, Failure, Guide, MediaLimits, ModelWish, Outcome, Sampling, Source, Stage,
    Usage,
};
use decoupage_mllm::GoOn;
use decoupage_mllm::media::Media;

/// Told the bytes read so far and all bytes; an error (the person cancelled) ends the loading.
pub type OnBytes = Arc<dyn Fn(u64, u64) -> Outcome<()> + Send + Sync>;

/// Turns a file into a medium.
pub type Decode<'a> = dyn Fn(&Source, &MediaLimits) -> Outcome<Media> + 'a;

/// Loads models.
pub trait Loader {
    /// What models can run on, best first.
    fn devices(&self) -> Vec<Device>;

    /// Loads a model.
    ///
    /// # Errors
    /// One sentence about what is missing, damaged or too large; cancelled.
    fn load(&mut self, wish: &ModelWish, on_bytes: OnBytes) -> Outcome<Box<dyn Writer>>;
}

/// What is to be written.
#[derive(Debug, Clone, Copy)]
pub struct Shown<'a> {
    /// What the model is shown.
    pub conversation: &'a Conversation<Media>,
    /// The script of the answer.
    pub guide: &'a Guide,
    /// How its words are drawn.
    pub sampling: &'a Sampling,
    /// How much of the media it is shown.
    pub limits: &'a MediaLimits,
}

/// Hears how the work goes on.
pub trait Listener {
    /// So much of a stage is done.
    fn stage(&mut self, stage: Stage, done: u64, total: u64);
    /// Something the person should know, one sentence.
    fn note(&mut self, text: &str);
    /// Words of a field, or of no field; tokens written so far, and how many a second lately.
    fn wrote(&mut self, field: Option<&str>, text: &str, tokens: u64, tokens_per_s: f64);
}

/// What came of it.
#[derive(Debug, Clone, Default)]
pub struct Written {
    /// All of the answer.
    pub text: String,
    /// Each field of the guide.
    pub fields: BTreeMap<String, String>,
    /// What it took.
    pub usage: Usage,
    /// Why it ended before its end; what was written is there.
    pub failure: Option<Failure>,
}

/// A loaded model.
pub trait Writer {
    /// Where it runs.
    fn device(&self) -> Device;

    /// Writes an answer.
    fn write(
        &mut self,
        shown: &Shown<'_>,
        listener: &mut dyn Listener,
        go_on: &GoOn<'_>,
    ) -> Written;

    /// Runs one comparison case and dumps its tensors.
    ///
    /// # Errors
    /// What the case lacks, or why it could not be computed; cancelled.
    fn case(
        &mut self,
        case: &Path,
        dump: &Path,
        decode: &Decode<'_>,
        listener: &mut dyn Listener,
        go_on: &GoOn<'_>,
    ) -> Outcome<Written>;
}
