//! One piece of work as the application hears of it.

use std::collections::BTreeMap;
use std::io::Write;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use decoupage_dialogue::{Device, Failure, JobNumber, Stage, Tell};

use crate::coalesce::{Piece, Steps, Words};
use crate::writer::{Listener, Written};

/// The worker's standard output: whole lines, from any thread.
pub struct Teller(Mutex<Box<dyn Write + Send>>);

impl Teller {
    /// Tells on `output`.
    pub fn new(output: impl Write + Send + 'static) -> Self {
        Self(Mutex::new(Box::new(output)))
    }

    /// Tells a line. When nobody listens any more the input ends too, and with it the worker.
    pub fn tell(&self, tell: &Tell) {
        let Ok(mut line) = serde_json::to_vec(tell) else {
            // Text, numbers and lists always have a JSON form.
            return;
        };
        line.push(b'\n');
        let mut output = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let _ = output.write_all(&line).and_then(|()| output.flush());
    }
}

/// Tells of one piece of work.
pub struct Telling<'a> {
    teller: &'a Teller,
    job: JobNumber,
    words: Words,
    steps: Steps,
    tokens: u64,
    tokens_per_s: f64,
    fields: BTreeMap<String, String>,
}

impl<'a> Telling<'a> {
    /// Of the job with this number.
    pub fn new(teller: &'a Teller, job: JobNumber) -> Self {
        Self {
            teller,
            job,
            words: Words::default(),
            steps: Steps::default(),
            tokens: 0,
            tokens_per_s: 0.0,
            fields: BTreeMap::new(),
        }
    }

    /// The job's number.
    pub fn job(&self) -> JobNumber {
        self.job
    }

    /// The model is in memory.
    pub fn loaded(&self, device: Device) {
        self.teller.tell(&Tell::Loaded {
            job: self.job,
            device,
        });
    }

    /// It is done, or ended before its end.
    pub fn end(mut self, written: Written) {
        self.tell_rest();
        let job = self.job;
        self.teller.tell(&match written.failure {
            None => Tell::Done {
                job,
                text: written.text,
                fields: written.fields,
                usage: written.usage,
            },
            Some(failure) => Tell::Failed {
                job,
                failure,
                fields: if written.fields.is_empty() {
                    self.fields
                } else {
                    written.fields
                },
            },
        });
    }

    /// It failed before anything came back; what was told is told again whole.
    pub fn fail(self, failure: Failure) {
        self.end(Written {
            failure: Some(failure),
            ..Written::default()
        });
    }

    fn tell_rest(&mut self) {
        let rest = self.words.rest();
        self.tell_pieces(rest);
    }

    fn tell_pieces(&self, pieces: Vec<Piece>) {
        for Piece { field, text } in pieces {
            self.teller.tell(&Tell::Text {
                job: self.job,
                field,
                text,
                tokens: self.tokens,
                tokens_per_s: self.tokens_per_s,
            });
        }
    }
}

impl Listener for Telling<'_> {
    fn stage(&mut self, stage: Stage, done: u64, total: u64) {
        if self.steps.is_due(stage, done, total, Instant::now()) {
            self.teller.tell(&Tell::Progress {
                job: self.job,
                stage,
                done,
                total,
            });
        }
    }

    fn note(&mut self, text: &str) {
        self.teller.tell(&Tell::Note {
            job: self.job,
            text: text.to_owned(),
        });
    }

    fn wrote(&mut self, field: Option<&str>, text: &str, tokens: u64, tokens_per_s: f64) {
        self.tokens = tokens;
        // JSON has no infinity.
        self.tokens_per_s = if tokens_per_s.is_finite() {
            tokens_per_s
        } else {
            0.0
        };
        if text.is_empty() {
            return;
        }
        if let Some(field) = field {
            self.fields
                .entry(field.to_owned())
                .or_default()
                .push_str(text);
        }
        let due = self.words.push(field, text, Instant::now());
        self.tell_pieces(due);
    }
}
