//! An endpoint that can be asked: what it is, and for an answer.

mod answer;
mod offer;

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use decoupage_dialogue::{Conversation, Failure, Guide, MediaLimits, Outcome, Sampling, Usage};
use decoupage_shot::Watch;
use reqwest::header::{AUTHORIZATION, HeaderValue};

pub use self::offer::{Offer, Server};
use crate::address::Address;
use crate::encode::Encode;
use crate::keys::Secret;
use crate::stream::Growing;
use crate::structure::Structure;
use crate::trouble::{Blame, Trouble};

/// How often work looks whether it is still wanted.
const LOOK: Duration = Duration::from_millis(40);

/// How long is waited for what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Patience {
    /// For a connection.
    pub connect: Duration,
    /// For the first word: a large prompt takes its time.
    pub first: Duration,
    /// Between words.
    pub between: Duration,
    /// How often a request is made at most.
    pub tries: u32,
    /// The pause after the first failure; it doubles.
    pub pause: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            first: Duration::from_secs(300),
            between: Duration::from_secs(60),
            tries: 4,
            pause: Duration::from_millis(500),
        }
    }
}

/// One answer that is wanted.
#[derive(Debug, Clone, Copy)]
pub struct Task<'a, M> {
    /// What the model is shown.
    pub conversation: &'a Conversation<M>,
    /// The script of the answer; empty for a free one.
    pub guide: &'a Guide,
    /// How words are drawn. Words to avoid and to include are in the conversation: servers
    /// have no common way to enforce them.
    pub sampling: &'a Sampling,
    /// How much of the media it is shown.
    pub limits: &'a MediaLimits,
}

/// What a free answer was read as.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Parsed {
    /// The guide's fields that it fills.
    pub fields: BTreeMap<String, String>,
    /// What is missing, in words.
    pub missing: Vec<String>,
}

/// What is told while an answer comes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Told {
    /// Words came to a field.
    Field {
        /// Which.
        field: String,
        /// What came.
        text: String,
    },
    /// A free answer has grown to this.
    Whole {
        /// All of it so far.
        text: String,
    },
    /// What was told so far no longer counts: the answer is written again.
    Again,
}

/// An answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Reply {
    /// As the server wrote it.
    pub text: String,
    /// The guide's fields.
    pub fields: BTreeMap<String, String>,
    /// What is missing in the end, in words.
    pub missing: Vec<String>,
    /// How its structure was brought about.
    pub structure: Structure,
    /// Whether a repair turn was needed.
    pub repaired: bool,
    /// What it took.
    pub usage: Usage,
}

/// An answer that failed or was cancelled.
#[derive(Debug, Clone, PartialEq)]
pub struct Broken {
    /// Why.
    pub failure: Failure,
    /// Whose trouble it was.
    pub blame: Blame,
    /// The fields as far as they were written.
    pub fields: BTreeMap<String, String>,
}

/// An endpoint that can be asked.
#[derive(Debug)]
pub struct Client {
    address: Address,
    model: Option<String>,
    key: Option<Secret>,
    patience: Patience,
    offer: Mutex<Option<Offer>>,
    /// Structures that the server has refused.
    refused: Mutex<Vec<Structure>>,
    extras: Mutex<bool>,
}

/// What stands of an attempt.
#[derive(Debug, Default)]
struct Attempt {
    growing: Growing,
    fields: BTreeMap<String, String>,
    first_word_ms: f64,
}

impl Client {
    /// A client of an endpoint; without a model, the server's only one (or its default).
    pub fn new(
        address: Address,
        model: Option<String>,
        key: Option<Secret>,
        patience: Patience,
    ) -> Self {
        Self {
            address,
            model: model.filter(|m| !m.trim().is_empty()),
            key,
            patience,
            offer: Mutex::default(),
            refused: Mutex::default(),
            extras: Mutex::new(true),
        }
    }

    /// Where it is, for people.
    pub fn shown(&self) -> String {
        self.address.shown()
    }

    /// What the endpoint offers; asked once, then remembered.
    ///
    /// # Errors
    /// One sentence for everything that keeps it from answering.
    pub fn probe(&self, watch: &dyn Watch) -> Outcome<Offer> {
        self.alone(self.offer(watch), watch).map_err(|t| t.failure)
    }

    /// An answer. `read` reads a free answer tolerantly; `tell` hears words as they come.
    ///
    /// # Errors
    /// [`Broken`], with the fields as far as they were written.
    pub fn write<M>(
        &self,
        task: &Task<'_, M>,
        encode: &dyn Encode<M>,
        read: &dyn Fn(&str) -> Parsed,
        tell: &mut dyn FnMut(Told),
        watch: &dyn Watch,
    ) -> Result<Reply, Broken> {
        let begun = Instant::now();
        let mut last = Attempt::default();
        let work = self.answer(task, encode, read, tell, watch, &mut last, begun);
        match self.alone(work, watch) {
            Ok(reply) => Ok(reply),
            Err(trouble) => {
                let mut fields = std::mem::take(&mut last.fields);
                if fields.is_empty() && !last.growing.content.is_empty() {
                    fields = read(&last.growing.text()).fields;
                }
                Err(Broken {
                    failure: trouble.failure,
                    blame: trouble.blame,
                    fields,
                })
            }
        }
    }

    /// Runs a future until it ends or the person cancels; dropping it closes its connection,
    /// by which servers stop writing.
    fn alone<T>(
        &self,
        work: impl Future<Output = Result<T, Trouble>>,
        watch: &dyn Watch,
    ) -> Result<T, Trouble> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(Trouble::internal)?;
        let out = runtime.block_on(async {
            let cancelled = async {
                while !watch.cancelled() {
                    tokio::time::sleep(LOOK).await;
                }
            };
            tokio::select! {
                biased;
                () = cancelled => Err(Trouble::cancelled()),
                out = work => out,
            }
        });
        // A name that is still being looked up must not hold the cancel up.
        runtime.shutdown_background();
        out
    }

    fn http(&self) -> Result<reqwest::Client, Trouble> {
        // Another part of the program may have installed one already.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let mut builder = reqwest::Client::builder()
            .connect_timeout(self.patience.connect)
            .user_agent(concat!("Decoupage/", env!("CARGO_PKG_VERSION")))
            // A redirect could carry the key and the pictures to another machine.
            .redirect(reqwest::redirect::Policy::none());
        if self.address.loopback() {
            builder = builder.no_proxy();
        }
        builder.build().map_err(Trouble::internal)
    }

    fn signed(&self, request: reqwest::RequestBuilder) -> Result<reqwest::RequestBuilder, Trouble> {
        let Some(key) = &self.key else {
            return Ok(request);
        };
        let mut value = HeaderValue::from_str(&format!("Bearer {}", key.reveal()))
            .map_err(Trouble::internal)?;
        value.set_sensitive(true);
        Ok(request.header(AUTHORIZATION, value))
    }
}

fn header(response: &reqwest::Response, name: &str) -> Option<String> {
    response
        .headers()
        .get(name)
        .and_then(|v| v.to_str().ok())
        .map(str::to_lowercase)
}
