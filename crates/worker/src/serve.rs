//! The worker's loop: one thread reads asks, the calling one works.

use std::collections::BTreeMap;
use std::io::{BufRead, Read};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use decoupage_dialogue::{
    Ask, Conversation, Failure, FailureCode, JobNumber, MediaLimits, ModelWish, Outcome, PROTOCOL,
    Part, Source, Stage, Tell,
};
use decoupage_mllm::media::Media;

use crate::coalesce::Steps;
use crate::decode::{self, Key};
use crate::desk::{Desk, Put};
use crate::job::{Teller, Telling};
use crate::writer::{Listener, Loader, OnBytes, Shown, Writer};

/// The longest ask, bytes: a conversation with all its readings fits many times over.
const MOST_ASKED: u64 = 16 << 20;

/// Serves until the input ends. `ended` is called on the reading thread when it does, while a
/// last piece of work may still be stopping.
pub fn serve(
    input: impl BufRead + Send + 'static,
    teller: Arc<Teller>,
    loader: &mut dyn Loader,
    ended: impl FnOnce() + Send + 'static,
) {
    teller.tell(&ready(loader));
    let desk = Arc::new(Desk::default());
    let reading = {
        let (desk, teller) = (Arc::clone(&desk), Arc::clone(&teller));
        std::thread::Builder::new()
            .name("asks".to_owned())
            .spawn(move || {
                read(input, &desk, &teller);
                desk.close();
                ended();
            })
    };
    if reading.is_err() {
        return;
    }
    let mut shop = Workshop {
        desk: &desk,
        teller: &teller,
        loader,
        loaded: None,
        decoded: Vec::new(),
    };
    while let Some(ask) = desk.take() {
        shop.take_up(ask);
    }
}

/// The worker's first line.
pub fn ready(loader: &dyn Loader) -> Tell {
    Tell::Ready {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        protocol: PROTOCOL,
        devices: loader.devices(),
    }
}

fn read(mut input: impl BufRead, desk: &Desk, teller: &Teller) {
    let mut line = Vec::new();
    loop {
        line.clear();
        let read = input
            .by_ref()
            .take(MOST_ASKED)
            .read_until(b'\n', &mut line);
        match read {
            Ok(0) | Err(_) => return,
            Ok(_) => {}
        }
        if line.last() != Some(&b'\n') && line.len() as u64 >= MOST_ASKED {
            eprintln!("An ask of more than {MOST_ASKED} bytes was left out.");
            if !skip_line(&mut input) {
                return;
            }
            continue;
        }
        if line.iter().all(u8::is_ascii_whitespace) {
            continue;
        }
        match serde_json::from_slice::<Ask>(&line) {
            Ok(ask) => answer(desk.put(ask), teller),
            Err(error) => eprintln!("An ask that is none was left out: {error}."),
        }
    }
}

/// Reads to the end of a line without keeping it; false where the input ends first.
fn skip_line(input: &mut impl BufRead) -> bool {
    loop {
        let (used, ended) = match input.fill_buf() {
            Ok([]) | Err(_) => return false,
            Ok(bytes) => match bytes.iter().position(|&b| b == b'\n') {
                Some(at) => (at + 1, true),
                None => (bytes.len(), false),
            },
        };
        input.consume(used);
        if ended {
            return true;
        }
    }
}

fn answer(put: Put, teller: &Teller) {
    let (job, failure) = match put {
        Put::Well | Put::Refused(None) => return,
        Put::Dropped(job) => (job, Failure::cancelled()),
        Put::Refused(Some(job)) => (
            job,
            Failure::new(FailureCode::Invalid, "Too much is asked at once.")
                .advise("Wait for what is at work, or cancel it."),
        ),
    };
    teller.tell(&Tell::Failed {
        job,
        failure,
        fields: BTreeMap::new(),
    });
}

/// The model that is loaded and what it was shown last.
struct Workshop<'a> {
    desk: &'a Arc<Desk>,
    teller: &'a Arc<Teller>,
    loader: &'a mut dyn Loader,
    loaded: Option<(ModelWish, Box<dyn Writer>)>,
    /// The media of the last conversation: after an edit of the words they are the same.
    decoded: Vec<(Key, Media)>,
}

impl Workshop<'_> {
    /// Does what is asked. A panic ends this piece of work and drops the model, which may be in
    /// any state; the worker goes on.
    fn take_up(&mut self, ask: Ask) {
        let job = match &ask {
            Ask::Load { job, .. } | Ask::Write { job, .. } | Ask::Case { job, .. } => *job,
            Ask::Cancel { .. } => return,
            Ask::Unload => {
                self.unload();
                self.teller.tell(&Tell::Unloaded);
                return;
            }
        };
        if catch_unwind(AssertUnwindSafe(|| self.work(job, ask))).is_err() {
            // The hook has written where and why to standard error.
            self.unload();
            Telling::new(self.teller, job).fail(
                Failure::new(
                    FailureCode::Internal,
                    "The model worker met a fault of its own.",
                )
                .advise("Try again; if it happens again, please report it."),
            );
        }
    }

    fn unload(&mut self) {
        self.loaded = None;
        self.decoded = Vec::new();
    }

    fn work(&mut self, job: JobNumber, ask: Ask) {
        let mut telling = Telling::new(self.teller, job);
        match ask {
            Ask::Load { model, .. } => {
                // Its `Loaded` line is the answer.
                if let Err(failure) = self.load(&model, &mut telling) {
                    telling.fail(failure);
                }
            }
            Ask::Write {
                model,
                conversation,
                guide,
                sampling,
                limits,
                ..
            } => {
                let begun = Instant::now();
                let loading = self.load(&model, &mut telling);
                let loading_ms = milliseconds(begun);
                let begun = Instant::now();
                let shown =
                    loading.and_then(|()| self.decode(&conversation, &limits, &mut telling));
                let (conversation, keys) = match shown {
                    Ok(shown) => shown,
                    Err(failure) => return telling.fail(failure),
                };
                let times = [("loading", loading_ms), ("decoding", milliseconds(begun))];
                let Some((_, writer)) = &mut self.loaded else {
                    return telling.fail(Failure::cancelled());
                };
                let desk = self.desk;
                let mut written = writer.write(
                    &Shown {
                        conversation: &conversation,
                        guide: &guide,
                        sampling: &sampling,
                        limits: &limits,
                    },
                    &mut telling,
                    &|| desk.check(),
                );
                self.decoded = keys.into_iter().zip(media_of(conversation)).collect();
                for (stage, ms) in times {
                    *written
                        .usage
                        .milliseconds
                        .entry(stage.to_owned())
                        .or_default() += ms;
                    written.usage.first_token_ms += ms;
                }
                telling.end(written);
            }
            Ask::Case {
                model, case, dump, ..
            } => {
                let outcome = self.load(&model, &mut telling).and_then(|()| {
                    let Some((_, writer)) = &mut self.loaded else {
                        return Err(Failure::cancelled());
                    };
                    let desk = self.desk;
                    let decode = |source: &Source, limits: &MediaLimits| {
                        decode::decode(source, limits, desk.as_ref()).map(|d| d.media)
                    };
                    writer.case(&case, &dump, &decode, &mut telling, &|| desk.check())
                });
                match outcome {
                    Ok(written) => telling.end(written),
                    Err(failure) => telling.fail(failure),
                }
            }
            Ask::Cancel { .. } | Ask::Unload => {}
        }
    }

    /// Sees to it that this model is loaded, unloading another first.
    fn load(&mut self, wish: &ModelWish, telling: &mut Telling<'_>) -> Outcome<()> {
        if let Some((loaded, writer)) = &self.loaded {
            if loaded == wish {
                telling.loaded(writer.device());
                return Ok(());
            }
            self.unload();
        }
        telling.stage(Stage::Loading, 0, 1);
        let on_bytes = self.on_bytes(telling.job());
        let writer = self.loader.load(wish, on_bytes)?;
        self.desk.check()?;
        telling.loaded(writer.device());
        self.loaded = Some((wish.clone(), writer));
        Ok(())
    }

    /// Tells of a model's bytes as they are read, and ends the reading once it is cancelled.
    fn on_bytes(&self, job: JobNumber) -> OnBytes {
        let (desk, teller) = (Arc::clone(self.desk), Arc::clone(self.teller));
        let steps = Mutex::new(Steps::default());
        Arc::new(move |done, total| {
            let stage = Stage::Loading;
            let is_due = steps
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .is_due(stage, done, total, Instant::now());
            if is_due {
                teller.tell(&Tell::Progress {
                    job,
                    stage,
                    done,
                    total,
                });
            }
            desk.check()
        })
    }

    fn decode(
        &mut self,
        conversation: &Conversation,
        limits: &MediaLimits,
        telling: &mut Telling<'_>,
    ) -> Outcome<(Conversation<Media>, Vec<Key>)> {
        let mut known = std::mem::take(&mut self.decoded);
        let total = conversation.media().count() as u64;
        let mut done = 0;
        let mut keys = Vec::new();
        let decoded = conversation.try_map(|source| {
            telling.stage(Stage::Decoding, done, total);
            self.desk.check()?;
            let key = Key::of(source, limits);
            let same = known
                .iter()
                .position(|(other, _)| *other == key)
                .filter(|_| key.is_sure());
            let media = match same {
                Some(at) => known.swap_remove(at).1,
                None => {
                    let decoded = decode::decode(source, limits, self.desk.as_ref())?;
                    decoded.notes.iter().for_each(|note| telling.note(note));
                    decoded.media
                }
            };
            keys.push(key);
            done += 1;
            telling.stage(Stage::Decoding, done, total);
            Ok::<_, Failure>(media)
        })?;
        Ok((decoded, keys))
    }
}

/// All media, in reading order.
fn media_of(conversation: Conversation<Media>) -> impl Iterator<Item = Media> {
    conversation
        .messages
        .into_iter()
        .flat_map(|message| message.parts)
        .filter_map(|part| match part {
            Part::Media(media) => Some(media),
            Part::Text(_) => None,
        })
}

fn milliseconds(since: Instant) -> f64 {
    since.elapsed().as_secs_f64() * 1e3
}
