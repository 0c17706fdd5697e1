//! What an endpoint offers.

use std::sync::PoisonError;

use decoupage_dialogue::{Failure, FailureCode, Guide};
use decoupage_shot::Watch;
use reqwest::header::RETRY_AFTER;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Client, header};
use crate::structure::Structure;
use crate::trouble::Trouble;

/// The largest body of an answer that is not streamed, and of an error.
const LONGEST_BODY: usize = 4 << 20;
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

impl Client {
    pub(super) async fn offer(&self, watch: &dyn Watch) -> Result<Offer, Trouble> {
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

    pub(super) async fn get(
        &self,
        http: &reqwest::Client,
        address: &str,
    ) -> Result<Value, Trouble> {
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

    pub(super) async fn body(&self, mut response: reqwest::Response) -> Result<String, Trouble> {
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

    /// The structure to ask for: the server's own way, then what it has not refused.
    pub(super) fn structure(&self, offer: &Offer, guide: &Guide) -> Structure {
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

    pub(super) fn model_of(&self, offer: &Offer) -> Result<Option<String>, Trouble> {
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

    pub(super) fn no_model(&self, trouble: Trouble, offer: &Offer) -> Trouble {
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
}
