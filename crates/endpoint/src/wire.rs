//! What is sent: one request in the protocol's own words.

use decoupage_dialogue::{Conversation, Guide, MediaLimits, Outcome, Part, Role, Sampling, Step};
use decoupage_shot::Watch;
use serde_json::{Map, Value, json};

use crate::client::Server;
use crate::encode::{Encode, Load};
use crate::structure::{Structure, grammar, keys_in_words, schema};

/// The messages of a conversation, with its media as data.
pub(crate) fn messages<M>(
    conversation: &Conversation<M>,
    encode: &dyn Encode<M>,
    limits: &MediaLimits,
    watch: &dyn Watch,
) -> Outcome<Vec<Value>> {
    let mut load = Load::default();
    let mut out = Vec::new();
    for message in &conversation.messages {
        let role = match message.role {
            Role::System => "system",
            Role::User => "user",
            Role::Assistant => "assistant",
        };
        let words = message
            .parts
            .iter()
            .all(|part| matches!(part, Part::Text(_)));
        if words {
            // Plain words as a string: some servers take parts from users only.
            let text: String = message
                .parts
                .iter()
                .filter_map(|part| match part {
                    Part::Text(text) => Some(text.as_str()),
                    Part::Media(_) => None,
                })
                .collect();
            out.push(json!({"role": role, "content": text}));
            continue;
        }
        let mut parts = Vec::new();
        for part in &message.parts {
            match part {
                Part::Text(text) => parts.push(json!({"type": "text", "text": text})),
                Part::Media(medium) => {
                    parts.extend(load.parts(&encode.encode(medium, limits, watch)?)?);
                }
            }
        }
        out.push(json!({"role": role, "content": parts}));
    }
    Ok(out)
}

/// Says in the last message of the person that fields are wanted as JSON.
pub(crate) fn with_keys(messages: &[Value], guide: &Guide) -> Vec<Value> {
    let mut out = messages.to_vec();
    let words = format!("\n\n{}", keys_in_words(guide));
    if let Some(content) = out.last_mut().and_then(|m| m.get_mut("content")) {
        match content {
            Value::String(text) => text.push_str(&words),
            Value::Array(parts) => parts.push(json!({"type": "text", "text": words})),
            _ => {}
        }
    }
    out
}

/// The most tokens that an answer along this guide takes.
pub(crate) fn most_tokens(guide: &Guide) -> usize {
    if guide.steps.is_empty() {
        return 2_048;
    }
    let tokens: usize = guide
        .steps
        .iter()
        .map(|step| match step {
            // Four letters to a token, rather too many than too few.
            Step::Given { text, .. } => text.len().div_ceil(3),
            Step::Open { max_tokens, .. } => *max_tokens,
            Step::Choose { options, .. } => options
                .iter()
                .map(String::len)
                .max()
                .unwrap_or(0)
                .div_ceil(3),
            Step::Moments {
                max_moments,
                max_tokens,
                ..
            } => max_moments * (max_tokens + 6),
        })
        .sum();
    // Servers count with tokenizers of their own, and free answers run over.
    tokens * 5 / 4 + 128
}

/// The body of a request.
pub(crate) fn body(
    model: Option<&str>,
    messages: &[Value],
    guide: &Guide,
    sampling: &Sampling,
    structure: Structure,
    server: Server,
    extras: bool,
) -> Value {
    let mut body = Map::new();
    if let Some(model) = model {
        body.insert("model".into(), json!(model));
    }
    let asked = match structure {
        Structure::JsonSchema | Structure::GuidedJson => with_keys(messages, guide),
        _ => messages.to_vec(),
    };
    body.insert("messages".into(), Value::Array(asked));
    body.insert("stream".into(), json!(true));
    // llama-server's grammar bounds every span: a limit could only cut the structure.
    if structure != Structure::Grammar {
        body.insert("max_tokens".into(), json!(most_tokens(guide)));
    }
    body.insert("temperature".into(), json!(sampling.temperature));
    if sampling.top_p < 1.0 {
        body.insert("top_p".into(), json!(sampling.top_p));
    }
    body.insert("seed".into(), json!(sampling.seed));
    if extras && server != Server::Other {
        body.insert("stream_options".into(), json!({"include_usage": true}));
        // A model's own thinking mode would open its thoughts twice.
        body.insert(
            "chat_template_kwargs".into(),
            json!({"enable_thinking": false}),
        );
        // Servers and checkpoints have defaults of their own: every number is said.
        body.insert("top_p".into(), json!(sampling.top_p));
        body.insert("min_p".into(), json!(sampling.min_p));
        let all = if server == Server::LlamaCpp { 0 } else { -1 };
        body.insert(
            "top_k".into(),
            match sampling.top_k {
                0 => json!(all),
                k => json!(k),
            },
        );
        let key = match server {
            Server::LlamaCpp => "repeat_penalty",
            _ => "repetition_penalty",
        };
        body.insert(key.into(), json!(sampling.repetition_penalty));
        if server == Server::LlamaCpp {
            // The answer as it is written, its <think> block included.
            body.insert("reasoning_format".into(), json!("none"));
            body.insert("cache_prompt".into(), json!(true));
        }
    }
    match structure {
        Structure::Grammar => {
            body.insert("grammar".into(), json!(grammar(guide)));
        }
        Structure::StructuredOutputs => {
            body.insert(
                "structured_outputs".into(),
                json!({"grammar": grammar(guide)}),
            );
        }
        Structure::JsonSchema => {
            body.insert(
                "response_format".into(),
                json!({
                    "type": "json_schema",
                    "json_schema": {"name": "take", "strict": true, "schema": schema(guide)},
                }),
            );
        }
        Structure::GuidedJson => {
            body.insert("guided_json".into(), schema(guide));
        }
        Structure::Free => {}
    }
    Value::Object(body)
}
