//! One answer: asked for, streamed, asked for again, read and repaired.

use std::collections::BTreeMap;
use std::sync::PoisonError;
use std::time::{Duration, Instant};

use decoupage_dialogue::{Guide, Usage};
use decoupage_shot::Watch;
use reqwest::header::{CONTENT_TYPE, RETRY_AFTER};
use serde_json::{Value, json};

use super::{Attempt, Client, Offer, Parsed, Reply, Task, Told, header};
use crate::encode::Encode;
use crate::stream::Events;
use crate::structure::{Structure, follow, json_fields};
use crate::trouble::Trouble;
use crate::wire;

impl Client {
    /// Waits before the next try: what the server asked, else ever longer.
    pub(super) async fn pause(
        &self,
        tries: u32,
        trouble: &Trouble,
        watch: &dyn Watch,
    ) -> Result<(), Trouble> {
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
    pub(super) async fn answer<M>(
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
