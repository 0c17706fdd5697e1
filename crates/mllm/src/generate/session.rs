//! A model with what it remembers: the rows of the last conversation and the features of its
//! media. After an edit only what follows it is read again.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Instant;

use decoupage_dialogue::{
    Conversation, Failure, Guide, MediaLimits, Outcome, Sampling, Stage, Step, Usage,
};

use super::features::FeatureStore;
use super::guide::{Listener, Writer, Written};
use super::reel::{Memory, Reel, keys};
use crate::GoOn;
use crate::media::Media;
use crate::model::{Model, Preparation};
use crate::prepared::{Features, MediumKind, Prepared};

/// Kept free for an answer without a guide.
const FREE_ANSWER: usize = 1_024;

/// What is to be written.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    /// What the model is shown.
    pub conversation: &'a Conversation<Media>,
    /// The script of the answer.
    pub guide: &'a Guide,
    /// How its words are drawn.
    pub sampling: &'a Sampling,
    /// How much of the media the model is shown.
    pub limits: &'a MediaLimits,
}

/// Hears how the work goes on.
pub trait Watch {
    /// So much of a stage is done.
    fn stage(&mut self, stage: Stage, done: u64, total: u64);
    /// Something the person should know.
    fn note(&mut self, text: &str);
    /// Words of a field, or of no field; tokens so far, and how many a second.
    fn wrote(&mut self, field: Option<&str>, text: &str, tokens: u64, tokens_per_s: f64);
}

/// What came of a request.
#[derive(Debug, Clone, Default)]
pub struct Answer {
    /// All of the answer.
    pub text: String,
    /// Each field of the guide.
    pub fields: BTreeMap<String, String>,
    /// What it took.
    pub usage: Usage,
    /// Why it ended before its end; what was written is there.
    pub failure: Option<Failure>,
}

/// A model at work.
pub struct Session {
    model: Model,
    memory: Memory,
    features: FeatureStore,
}

impl Session {
    /// `folder` keeps features on disk.
    pub fn new(model: Model, folder: Option<PathBuf>) -> Self {
        Self {
            memory: Memory::new(&model),
            features: FeatureStore::new(model.identity(), folder),
            model,
        }
    }

    /// The model.
    pub fn model(&self) -> &Model {
        &self.model
    }

    /// Writes an answer. What was written before a failure is in the answer.
    pub fn write(
        &mut self,
        request: &Request<'_>,
        watch: &mut dyn Watch,
        go_on: &GoOn<'_>,
    ) -> Answer {
        let mut answer = Answer::default();
        let mut written = Written::default();
        let outcome = self.run(request, watch, go_on, &mut answer.usage, &mut written);
        answer.usage.written_tokens = written.tokens;
        answer.text = written.text;
        answer.fields = written.fields;
        answer.failure = outcome.err();
        answer
    }

    fn run(
        &mut self,
        request: &Request<'_>,
        watch: &mut dyn Watch,
        go_on: &GoOn<'_>,
        usage: &mut Usage,
        written: &mut Written,
    ) -> Outcome<()> {
        let began = Instant::now();
        let prompt = self
            .model
            .prepare(request.conversation, &preparation(request))?;
        prompt.notes.iter().for_each(|note| watch.note(note));
        usage.prompt_tokens = prompt.ids.len();
        time(usage, "preparing", began);

        let seen = self.perceive(&prompt, watch, go_on, usage)?;
        let stage = Instant::now();
        let mut reel = Reel::new(&self.model, &mut self.memory, &prompt, &seen, go_on);
        reel.prefill(&mut |done, total| watch.stage(Stage::Prefill, done as u64, total as u64))?;
        time(usage, "prefill", stage);

        let stage = Instant::now();
        let clock = RefCell::new(Clock {
            began,
            first: None,
            drawn: 0,
        });
        let mut teller = Teller {
            watch,
            clock: &clock,
            go_on,
        };
        let room = self.model.context().saturating_sub(prompt.ids.len());
        let mut writer = Writer::new(
            self.model.tokens(),
            &mut reel,
            &mut teller,
            request.sampling,
            room,
        )?;
        let outcome = writer.write(request.guide);
        *written = writer.written();
        usage.reused_tokens = reel.reused;
        usage.first_token_ms = clock.borrow().first.unwrap_or_default();
        time(usage, "writing", stage);
        outcome
    }

    /// Features of the media whose rows are not in memory.
    fn perceive(
        &mut self,
        prompt: &Prepared,
        watch: &mut dyn Watch,
        go_on: &GoOn<'_>,
        usage: &mut Usage,
    ) -> Outcome<Vec<Option<Features>>> {
        let keys = keys(prompt);
        let held = Reel::common(&keys, &self.memory);
        // Delta nets go back to a mark: rows before the edit may have to be read again.
        let always = self.model.config().text.delta.is_some();
        let stage_of = |kind: MediumKind| match kind {
            MediumKind::Image | MediumKind::Video => Stage::Seeing,
            MediumKind::Audio => Stage::Hearing,
        };
        let total = |stage: Stage| {
            let media = prompt.media.iter();
            media
                .filter(|medium| stage_of(medium.kind) == stage)
                .count() as u64
        };
        let mut done = [0; 2];
        let mut found = Vec::with_capacity(prompt.media.len());
        for medium in &prompt.media {
            go_on()?;
            let began = Instant::now();
            let stage = stage_of(medium.kind);
            let count = &mut done[usize::from(stage == Stage::Hearing)];
            watch.stage(stage, *count, total(stage));
            let end = medium.places.last().map_or(0, |place| place.end);
            let width = self.model.config().text.hidden;
            let (dtype, device) = (self.model.dtype(), self.model.device());
            let known = self.features.get(medium, width, dtype, device);
            usage.reused_media += usize::from(known.is_some() || end <= held);
            let features = match known {
                Some(features) => Some(features),
                None if end <= held && !always => None,
                None => {
                    let features = self.model.encode(medium, go_on)?;
                    self.features.put(medium, &features);
                    Some(features)
                }
            };
            found.push(features);
            *count += 1;
            watch.stage(stage, *count, total(stage));
            let name = match stage {
                Stage::Hearing => "hearing",
                _ => "seeing",
            };
            time(usage, name, began);
        }
        Ok(found)
    }
}

/// Room for what the guide may write; thinking as the guide begins.
fn preparation(request: &Request<'_>) -> Preparation {
    let mut tokens = 0;
    for step in &request.guide.steps {
        tokens += match step {
            // A token has three letters or more, mostly.
            Step::Given { text, .. } => text.chars().count() / 3 + 2,
            Step::Open { max_tokens, .. } => *max_tokens,
            Step::Choose { options, .. } => {
                options.iter().map(|o| o.chars().count()).max().unwrap_or(0) + 2
            }
            Step::Moments {
                max_moments,
                max_tokens,
                ..
            } => max_moments.saturating_mul(max_tokens + 8),
        };
    }
    let opens_thinking = matches!(
        request.guide.steps.first(),
        Some(Step::Given { text, .. }) if text.trim_start().starts_with("<think>")
    );
    let free = request.guide.steps.is_empty();
    Preparation {
        limits: *request.limits,
        answer_tokens: if free { FREE_ANSWER } else { tokens },
        thinking: (!free).then_some(opens_thinking),
        opens_thinking,
    }
}

fn time(usage: &mut Usage, stage: &str, began: Instant) {
    let spent = began.elapsed().as_secs_f64() * 1_000.0;
    *usage.milliseconds.entry(stage.into()).or_default() += spent;
}

struct Clock {
    began: Instant,
    /// Milliseconds to the first drawn token.
    first: Option<f64>,
    drawn: u64,
}

struct Teller<'a> {
    watch: &'a mut dyn Watch,
    clock: &'a RefCell<Clock>,
    go_on: &'a GoOn<'a>,
}

impl Listener for Teller<'_> {
    fn wrote(&mut self, field: Option<&str>, text: &str, tokens: usize) -> Outcome<()> {
        (self.go_on)()?;
        let rate = {
            let clock = self.clock.borrow();
            let since = clock.began.elapsed().as_secs_f64() - clock.first.unwrap_or(0.0) / 1_000.0;
            if clock.first.is_some() && since > 0.0 {
                clock.drawn.saturating_sub(1) as f64 / since
            } else {
                0.0
            }
        };
        self.watch.wrote(field, text, tokens as u64, rate);
        Ok(())
    }

    fn drawn(&mut self) {
        let mut clock = self.clock.borrow_mut();
        clock.drawn += 1;
        if clock.first.is_none() {
            clock.first = Some(clock.began.elapsed().as_secs_f64() * 1_000.0);
        }
    }
}
