//! Asking an endpoint: what it is, and for an answer.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use decoupage_dialogue::{
    Conversation, Failure, FailureCode, Guide, MediaLimits, Outcome, Sampling, Usage,
};
use decoupage_shot::Watch;
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderValue, RETRY_AFTER};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::address::Address;
use crate::encode::Encode;
use crate::keys::Secret;
use crate::stream::{Events, Growing};
use crate::structure::{Structure, follow, json_fields};
use crate::trouble::{Blame, Trouble};
use crate::wire;

/// The largest body of an answer that is not streamed, and of an error.
const LONGEST_BODY: usize = 4 << 20;
/// How often work looks whether it is still wanted.
const LOOK: Duration = Duration::from_millis(40);
/// The most models of a list that are read.
const MOST_MODELS: usize = 500;

/// What kind of server it is, as far as it behaves differently.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Server {
    /// llama.cpp's `llama-server`.
    LlamaCpp,
    /// vLLM.
    Vllm,
    /// SGLang.
    Sglang,
    /// Anything else that speaks the protocol.
    Other,
}

/// What an endpoint offers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Offer {
    /// What it is.
    pub server: Server,
    /// Its models, by name.
    pub models: Vec<String>,
    /// The tokens a request may have, where it says so.
    pub context: Option<usize>,
    /// Whether it sees pictures, where it says so.
    pub pictures: Option<bool>,
    /// How it is asked for structure first.
    pub structure: Structure,
}

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

    async fn offer(&self, watch: &dyn Watch) -> Result<Offer, Trouble> {
        let known = self
            .offer
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        if let Some(offer) = known {
            return Ok(offer);
        }
        let http = self.http()?;
        let mut tries = 0;
        let models = loop {
            tries += 1;
            match self.get(&http, &self.address.service("models")).await {
                Ok(value) => break value,
                Err(trouble) if trouble.again && tries < self.patience.tries => {
                    self.pause(tries, &trouble, watch).await?;
                }
                Err(trouble) => return Err(trouble),
            }
        };
        let list = models
            .get("data")
            .and_then(Value::as_array)
            .ok_or_else(|| Trouble::strange("it does not list its models"))?;
        let owner = list
            .first()
            .and_then(|m| m.get("owned_by"))
            .and_then(Value::as_str)
            .unwrap_or_default();
        let mut offer = Offer {
            server: match owner {
                "llamacpp" => Server::LlamaCpp,
                "vllm" => Server::Vllm,
                "sglang" => Server::Sglang,
                _ => Server::Other,
            },
            models: list
                .iter()
                .filter_map(|m| m.get("id").and_then(Value::as_str))
                .take(MOST_MODELS)
                .map(str::to_owned)
                .collect(),
            context: list
                .first()
                .and_then(|m| m.get("max_model_len").or_else(|| m.pointer("/meta/n_ctx")))
                .and_then(Value::as_u64)
                .and_then(|n| usize::try_from(n).ok()),
            pictures: None,
            structure: Structure::JsonSchema,
        };
        // Only llama-server has this; others answer that they do not know it.
        if matches!(offer.server, Server::LlamaCpp | Server::Other)
            && let Ok(props) = self.get(&http, &self.address.beside("props")).await
            && props.get("default_generation_settings").is_some()
        {
            offer.server = Server::LlamaCpp;
            offer.context = props
                .pointer("/default_generation_settings/n_ctx")
                .and_then(Value::as_u64)
                .and_then(|n| usize::try_from(n).ok())
                .or(offer.context);
            offer.pictures = props.pointer("/modalities/vision").and_then(Value::as_bool);
        }
        if offer.server == Server::LlamaCpp {
            offer.structure = Structure::Grammar;
        }
        *self.offer.lock().unwrap_or_else(PoisonError::into_inner) = Some(offer.clone());
        Ok(offer)
    }

    async fn get(&self, http: &reqwest::Client, address: &str) -> Result<Value, Trouble> {
        let request = self
            .signed(http.get(address))?
            .timeout(self.patience.between);
        let response = request
            .send()
            .await
            .map_err(|e| Trouble::connection(&e, &self.shown()))?;
        let status = response.status().as_u16();
        let wait = header(&response, RETRY_AFTER.as_str());
        let body = self.body(response).await?;
        if status != 200 {
            return Err(Trouble::answered(status, &body).after(wait.as_deref()));
        }
        serde_json::from_str(&body)
            .map_err(|_| Trouble::strange("it answers with something else than JSON"))
    }

    async fn body(&self, mut response: reqwest::Response) -> Result<String, Trouble> {
        let mut bytes: Vec<u8> = Vec::new();
        loop {
            let next = tokio::time::timeout(self.patience.between, response.chunk())
                .await
                .map_err(|_| Trouble::silent(false, self.patience.between))?;
            match next.map_err(|e| Trouble::connection(&e, &self.shown()))? {
                Some(chunk) if bytes.len() + chunk.len() > LONGEST_BODY => {
                    return Err(Trouble::strange("its answer does not end"));
                }
                Some(chunk) => bytes.extend_from_slice(&chunk),
                None => return Ok(String::from_utf8_lossy(&bytes).into_owned()),
            }
        }
    }

    /// Waits before the next try: what the server asked, else ever longer.
    async fn pause(&self, tries: u32, trouble: &Trouble, watch: &dyn Watch) -> Result<(), Trouble> {
        let grown = self
            .patience
            .pause
            .saturating_mul(2_u32.saturating_pow(tries.saturating_sub(1).min(10)))
            .min(Duration::from_secs(30));
        tokio::time::sleep(trouble.wait.unwrap_or(grown)).await;
        if watch.cancelled() {
            return Err(Trouble::cancelled());
        }
        Ok(())
    }

    #[allow(
        clippy::too_many_arguments,
        reason = "what an answer needs and what is left of it"
    )]
    async fn answer<M>(
        &self,
        task: &Task<'_, M>,
        encode: &dyn Encode<M>,
        read: &dyn Fn(&str) -> Parsed,
        tell: &mut dyn FnMut(Told),
        watch: &dyn Watch,
        last: &mut Attempt,
        begun: Instant,
    ) -> Result<Reply, Trouble> {
        let offer = self.offer(watch).await?;
        let model = self.model_of(&offer)?;
        let messages =
            wire::messages(task.conversation, encode, task.limits, watch).map_err(Trouble::work)?;
        let http = self.http()?;
        let mut structure = self.structure(&offer, task.guide);
        let mut tries = 0;
        loop {
            tries += 1;
            if tries > 1 {
                *last = Attempt::default();
                tell(Told::Again);
            }
            let extras = *self.extras.lock().unwrap_or_else(PoisonError::into_inner);
            let body = wire::body(
                model.as_deref(),
                &messages,
                task.guide,
                task.sampling,
                structure,
                offer.server,
                extras,
            );
            let trouble = match self
                .stream(&http, &body, task.guide, structure, tell, last, begun)
                .await
            {
                Ok(()) => {
                    return self
                        .settle(
                            &http,
                            task,
                            &messages,
                            model.as_deref(),
                            structure,
                            &offer,
                            read,
                            tell,
                            last,
                            begun,
                        )
                        .await;
                }
                Err(trouble) => trouble,
            };
            if structure != Structure::Free && trouble.refuses_structure() {
                self.refused
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .push(structure);
                structure = self.structure(&offer, task.guide);
                tries -= 1;
                continue;
            }
            if extras && trouble.refuses_extras() {
                *self.extras.lock().unwrap_or_else(PoisonError::into_inner) = false;
                tries -= 1;
                continue;
            }
            if trouble.status == Some(404) {
                return Err(self.no_model(trouble, &offer));
            }
            if !trouble.again || tries >= self.patience.tries {
                return Err(trouble);
            }
            self.pause(tries, &trouble, watch).await?;
        }
    }

    /// The structure to ask for: the server's own way, then what it has not refused.
    fn structure(&self, offer: &Offer, guide: &Guide) -> Structure {
        if guide.steps.is_empty() {
            return Structure::Free;
        }
        let ways: &[Structure] = match offer.server {
            Server::LlamaCpp => &[Structure::Grammar, Structure::JsonSchema],
            Server::Vllm => &[
                Structure::JsonSchema,
                Structure::StructuredOutputs,
                Structure::GuidedJson,
            ],
            Server::Sglang | Server::Other => &[Structure::JsonSchema],
        };
        let refused = self.refused.lock().unwrap_or_else(PoisonError::into_inner);
        ways.iter()
            .copied()
            .find(|way| !refused.contains(way))
            .unwrap_or(Structure::Free)
    }

    fn model_of(&self, offer: &Offer) -> Result<Option<String>, Trouble> {
        match &self.model {
            None => Ok(offer.models.first().cloned()),
            // llama-server answers for whatever model is named; a list of none says nothing.
            Some(model)
                if offer.models.is_empty()
                    || offer.server == Server::LlamaCpp
                    || offer.models.len() >= MOST_MODELS
                    || offer.models.contains(model) =>
            {
                Ok(Some(model.clone()))
            }
            Some(_) => Err(self.no_model(Trouble::answered(404, ""), offer)),
        }
    }

    fn no_model(&self, trouble: Trouble, offer: &Offer) -> Trouble {
        let Some(model) = &self.model else {
            return trouble;
        };
        if offer.models.is_empty() || offer.models.contains(model) {
            return trouble;
        }
        let some: Vec<&str> = offer.models.iter().take(8).map(String::as_str).collect();
        let more = offer.models.len().saturating_sub(some.len());
        let more = if more > 0 {
            format!(" and {more} more")
        } else {
            String::new()
        };
        Trouble {
            failure: Failure::new(
                FailureCode::Missing,
                format!("The server has no model called “{model}”."),
            )
            .advise(format!("It has {}{more}: choose one.", some.join(", "))),
            ..trouble
        }
    }

    #[allow(
        clippy::too_many_arguments,
        reason = "one request and where its words go"
    )]
    async fn stream(
        &self,
        http: &reqwest::Client,
        body: &Value,
        guide: &Guide,
        structure: Structure,
        tell: &mut dyn FnMut(Told),
        last: &mut Attempt,
        begun: Instant,
    ) -> Result<(), Trouble> {
        let request = self
            .signed(http.post(self.address.service("chat/completions")))?
            .header(CONTENT_TYPE, "application/json")
            .body(body.to_string());
        let mut response = tokio::time::timeout(self.patience.first, request.send())
            .await
            .map_err(|_| Trouble::silent(true, self.patience.first))?
            .map_err(|e| Trouble::connection(&e, &self.shown()))?;
        let status = response.status().as_u16();
        let kind = header(&response, CONTENT_TYPE.as_str()).unwrap_or_default();
        if status != 200 {
            let wait = header(&response, RETRY_AFTER.as_str());
            let body = self.body(response).await?;
            return Err(Trouble::answered(status, &body).after(wait.as_deref()));
        }
        if kind.contains("html") {
            return Err(Trouble::strange("it answers with a web page"));
        }
        if kind.contains("application/json") {
            // It does not stream: all comes at once.
            let body = self.body(response).await?;
            let value: Value = serde_json::from_str(&body)
                .map_err(|_| Trouble::strange("its answer is not JSON"))?;
            if value.get("error").is_some_and(|e| !e.is_null()) {
                return Err(Trouble::answered(500, &body));
            }
            last.growing.document(&value)?;
            last.growing.done = true;
            last.first_word_ms = begun.elapsed().as_secs_f64() * 1e3;
            show(guide, structure, tell, last);
            return Ok(());
        }
        let mut events = Events::default();
        let mut words = false;
        loop {
            let wait = if words {
                self.patience.between
            } else {
                self.patience.first
            };
            let chunk = tokio::time::timeout(wait, response.chunk())
                .await
                .map_err(|_| Trouble::silent(!words, wait))?;
            let over = matches!(chunk, Ok(None));
            let data = match chunk {
                Ok(Some(bytes)) => events.take(&bytes)?,
                Ok(None) => events.end().into_iter().collect(),
                // Some servers close without the last chunk's mark: what came, came.
                Err(_) if last.growing.whole() => return Ok(()),
                Err(error) => return Err(Trouble::connection(&error, &self.shown())),
            };
            let mut grew = false;
            for one in data {
                grew |= last.growing.take(&one)?;
            }
            if grew {
                if !words {
                    words = true;
                    last.first_word_ms = begun.elapsed().as_secs_f64() * 1e3;
                }
                show(guide, structure, tell, last);
            }
            if last.growing.done {
                return Ok(());
            }
            if over {
                let complete = last.growing.whole()
                    || enforced(guide, structure, last).is_some_and(|(_, c)| c);
                return if complete {
                    Ok(())
                } else {
                    Err(Trouble::cut())
                };
            }
        }
    }

    /// Reads the answer; where something is missing, asks once for a repair.
    #[allow(
        clippy::too_many_arguments,
        reason = "everything the repair turn needs again"
    )]
    async fn settle<M>(
        &self,
        http: &reqwest::Client,
        task: &Task<'_, M>,
        messages: &[Value],
        model: Option<&str>,
        structure: Structure,
        offer: &Offer,
        read: &dyn Fn(&str) -> Parsed,
        tell: &mut dyn FnMut(Told),
        last: &mut Attempt,
        begun: Instant,
    ) -> Result<Reply, Trouble> {
        let parsed = parsed(task.guide, structure, read, last);
        let mut reply = Reply {
            text: last.growing.text(),
            fields: parsed.fields,
            missing: parsed.missing,
            structure,
            repaired: false,
            usage: usage(last, begun),
        };
        if reply.missing.is_empty() || task.guide.steps.is_empty() {
            return Ok(reply);
        }
        let mut again = messages.to_vec();
        again.push(json!({"role": "assistant", "content": reply.text}));
        again.push(json!({"role": "user", "content": format!(
            "Your answer lacks: {}. Write the whole answer again in exactly the form that was asked for, with every step and every section, and nothing else.",
            reply.missing.join(", ")
        )}));
        let extras = *self.extras.lock().unwrap_or_else(PoisonError::into_inner);
        let body = wire::body(
            model,
            &again,
            task.guide,
            task.sampling,
            Structure::Free,
            offer.server,
            extras,
        );
        let mut second = Attempt::default();
        // The first answer stays on show until the second is there.
        let quiet = &mut |_: Told| {};
        match self
            .stream(
                http,
                &body,
                task.guide,
                Structure::Free,
                quiet,
                &mut second,
                begun,
            )
            .await
        {
            Ok(()) => {
                let better = parsed_free(read, &second.growing.text());
                if better.missing.len() < reply.missing.len() {
                    tell(Told::Again);
                    tell(Told::Whole {
                        text: second.growing.text(),
                    });
                    // What only the first answer has is kept.
                    let mut fields = reply.fields;
                    fields.extend(better.fields);
                    let written = reply.usage.written_tokens;
                    reply = Reply {
                        text: second.growing.text(),
                        fields,
                        missing: better.missing,
                        structure: Structure::Free,
                        repaired: true,
                        usage: usage(&second, begun),
                    };
                    reply.usage.written_tokens += written;
                }
                Ok(reply)
            }
            // The repair is a favour: without it the first answer stands.
            Err(_) => Ok(reply),
        }
    }
}

fn header(response: &reqwest::Response, name: &str) -> Option<String> {
    response
        .headers()
        .get(name)
        .and_then(|v| v.to_str().ok())
        .map(str::to_lowercase)
}

/// The fields of an answer whose structure is enforced, and whether it is complete.
fn enforced(
    guide: &Guide,
    structure: Structure,
    last: &Attempt,
) -> Option<(BTreeMap<String, String>, bool)> {
    match structure {
        Structure::Grammar | Structure::StructuredOutputs => follow(guide, &last.growing.text()),
        Structure::JsonSchema | Structure::GuidedJson => json_fields(&last.growing.content),
        Structure::Free => None,
    }
}

/// Tells what came since the last time.
fn show(guide: &Guide, structure: Structure, tell: &mut dyn FnMut(Told), last: &mut Attempt) {
    match enforced(guide, structure, last) {
        Some((fields, _)) => {
            for (field, text) in &fields {
                let before = last.fields.get(field).map_or("", String::as_str);
                if let Some(more) = text.strip_prefix(before)
                    && !more.is_empty()
                {
                    tell(Told::Field {
                        field: field.clone(),
                        text: more.to_owned(),
                    });
                }
            }
            last.fields = fields;
        }
        None => {
            last.fields.clear();
            tell(Told::Whole {
                text: last.growing.text(),
            });
        }
    }
}

fn parsed(
    guide: &Guide,
    structure: Structure,
    read: &dyn Fn(&str) -> Parsed,
    last: &Attempt,
) -> Parsed {
    if let Some((fields, _)) = enforced(guide, structure, last) {
        let missing: Vec<String> = guide
            .steps
            .iter()
            .filter_map(|step| match step {
                decoupage_dialogue::Step::Open { field, .. }
                | decoupage_dialogue::Step::Moments { field, .. } => Some(field),
                _ => None,
            })
            .filter(|field| fields.get(*field).is_none_or(|t| t.trim().is_empty()))
            .cloned()
            .collect();
        // An enforced answer that was cut by the length limit has what it has.
        if !fields.is_empty() {
            return Parsed { fields, missing };
        }
    }
    parsed_free(read, &last.growing.text())
}

fn parsed_free(read: &dyn Fn(&str) -> Parsed, text: &str) -> Parsed {
    read(text)
}

fn usage(last: &Attempt, begun: Instant) -> Usage {
    Usage {
        prompt_tokens: last.growing.prompt_tokens,
        written_tokens: last.growing.written_tokens,
        first_token_ms: last.first_word_ms,
        milliseconds: [(
            "writing".to_owned(),
            begun.elapsed().as_secs_f64() * 1e3 - last.first_word_ms,
        )]
        .into(),
        ..Usage::default()
    }
}
