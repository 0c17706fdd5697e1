//! The positive prompt of a ComfyUI graph: from a sampler's `positive` link back to the words.
//!
//! Both shapes that ComfyUI embeds are read: the API graph (`prompt`) and, where only that is
//! there, the editor's own (`workflow`).

use std::collections::BTreeSet;

use serde_json::{Map, Value};

/// How many links are followed from a sampler back to its words.
const DEEPEST: usize = 48;
/// Inputs that hold words, in the order they are read.
const WORDS: [&str; 14] = [
    "text",
    "prompt",
    "positive_prompt",
    "text_g",
    "text_l",
    "clip_l",
    "t5xxl",
    "llama",
    "wildcard_text",
    "string",
    "value",
    "positive",
    "string_a",
    "string_b",
];
/// Inputs that carry conditioning through a node.
const THROUGH: [&str; 8] = [
    "conditioning",
    "conditioning_1",
    "conditioning_2",
    "conditioning_to",
    "conditioning_from",
    "cond1",
    "guider",
    "source",
];

/// Positive and negative words of an API graph (`{"6": {"class_type", "inputs"}}`).
pub fn from_prompt(text: &str) -> Option<(String, Option<String>)> {
    let graph: Value = serde_json::from_str(&without_nan(text)).ok()?;
    let graph = graph.as_object()?;
    let side = |name: &str| {
        let mut found = Vec::new();
        for (id, node) in graph {
            let Some(inputs) = node.get("inputs").and_then(Value::as_object) else {
                continue;
            };
            // Nodes that pass both sides on are met on the way; only ends count as samplers.
            if ["control_net", "clip_vision_output"]
                .iter()
                .any(|key| inputs.contains_key(*key))
            {
                continue;
            }
            let sampler = class(node).is_some_and(|class| class.contains("Sampler"));
            let starts = match name {
                "positive" => ["positive", "conditioning", "cond1"].as_slice(),
                _ => ["negative"].as_slice(),
            };
            let guider = class(node).is_some_and(|class| class.contains("Guider"));
            for start in starts {
                let ends = guider || (*start == name && (sampler || !is_passed_on(graph, id)));
                if ends && let Some(link) = inputs.get(*start).and_then(as_link) {
                    let words = follow(graph, link, name, &mut BTreeSet::new(), 0);
                    push_new(&mut found, words);
                }
            }
        }
        (!found.is_empty()).then(|| found.join("\n"))
    };
    if let Some(positive) = side("positive") {
        return Some((positive, side("negative")));
    }
    // No sampler: one single text encoder speaks for itself; several would be a guess.
    let mut encoders = Vec::new();
    for node in graph.values() {
        if class(node).is_some_and(|class| class.contains("TextEncode"))
            && let Some(inputs) = node.get("inputs").and_then(Value::as_object)
        {
            push_new(&mut encoders, own_words(inputs));
        }
    }
    match encoders.as_slice() {
        [one] => Some((one.clone(), None)),
        _ => None,
    }
}

fn class(node: &Value) -> Option<&str> {
    node.get("class_type").and_then(Value::as_str)
}

fn as_link(value: &Value) -> Option<(&str, u64)> {
    match value.as_array()?.as_slice() {
        [id, slot] => Some((id.as_str()?, slot.as_u64()?)),
        _ => None,
    }
}

/// Whether another node takes conditioning from this one.
fn is_passed_on(graph: &Map<String, Value>, id: &str) -> bool {
    graph.values().any(|node| {
        node.get("inputs")
            .and_then(Value::as_object)
            .is_some_and(|inputs| {
                ["positive", "negative", "conditioning"]
                    .iter()
                    .filter_map(|key| inputs.get(*key).and_then(as_link))
                    .any(|(from, _)| from == id)
            })
    })
}

/// Follows a link back to its words.
fn follow(
    graph: &Map<String, Value>,
    (id, slot): (&str, u64),
    side: &str,
    seen: &mut BTreeSet<String>,
    depth: usize,
) -> Vec<String> {
    if depth > DEEPEST || !seen.insert(format!("{id}/{slot}")) {
        return Vec::new();
    }
    let Some(inputs) = graph
        .get(id)
        .and_then(|node| node.get("inputs"))
        .and_then(Value::as_object)
    else {
        return Vec::new();
    };
    // A node that takes both sides gives the positive out of slot 0, the negative out of 1.
    let both = inputs
        .get("positive")
        .and_then(as_link)
        .zip(inputs.get("negative").and_then(as_link));
    if let Some((positive, negative)) = both {
        let next = match (slot, side) {
            (1, _) => negative,
            (0, _) => positive,
            (_, "negative") => negative,
            _ => positive,
        };
        return follow(graph, next, side, seen, depth + 1);
    }
    let mut words = own_words(inputs);
    let onward = THROUGH
        .iter()
        .chain(&WORDS)
        .filter_map(|key| inputs.get(*key).and_then(as_link));
    for link in onward {
        for text in follow(graph, link, side, seen, depth + 1) {
            push_new(&mut words, vec![text]);
        }
    }
    words
}

fn own_words(inputs: &Map<String, Value>) -> Vec<String> {
    let mut words = Vec::new();
    for key in WORDS {
        if let Some(text) = inputs.get(key).and_then(Value::as_str) {
            push_new(&mut words, vec![text.to_owned()]);
        }
    }
    words
}

fn push_new(words: &mut Vec<String>, more: Vec<String>) {
    for text in more {
        let text = text.trim().to_owned();
        if !text.is_empty() && !words.contains(&text) && words.len() < 32 {
            words.push(text);
        }
    }
}

/// Positive and negative words of the editor's graph (`{"nodes", "links"}`).
pub fn from_workflow(text: &str) -> Option<(String, Option<String>)> {
    let graph: Value = serde_json::from_str(&without_nan(text)).ok()?;
    let nodes = graph.get("nodes")?.as_array()?;
    let links = graph.get("links")?.as_array()?;
    let node = |id: u64| {
        nodes
            .iter()
            .find(|node| node.get("id").and_then(Value::as_u64) == Some(id))
    };
    // A link is [id, from node, from slot, to node, to slot, type].
    let origin = |link: u64| {
        links.iter().find_map(|entry| {
            let entry = entry.as_array()?;
            (entry.first()?.as_u64()? == link)
                .then(|| entry.get(1)?.as_u64())
                .flatten()
        })
    };
    let input = |node: &Value, name: &str| {
        node.get("inputs")?.as_array()?.iter().find_map(|input| {
            (input.get("name")?.as_str()? == name)
                .then(|| input.get("link")?.as_u64())
                .flatten()
        })
    };
    let side = |name: &str| {
        let mut words = Vec::new();
        for sampler in nodes {
            let kind = sampler
                .get("type")
                .and_then(Value::as_str)
                .unwrap_or_default();
            if !kind.contains("Sampler") && !kind.contains("Guider") {
                continue;
            }
            let mut link = input(sampler, name);
            for _ in 0..DEEPEST {
                let Some(from) = link.and_then(origin).and_then(node) else {
                    break;
                };
                let onward = [name, "conditioning", "conditioning_1", "text"]
                    .iter()
                    .find_map(|key| input(from, key));
                if onward.is_none() {
                    let text = from
                        .get("widgets_values")
                        .and_then(Value::as_array)
                        .and_then(|values| values.iter().find_map(Value::as_str));
                    push_new(&mut words, text.map(str::to_owned).into_iter().collect());
                    break;
                }
                link = onward;
            }
        }
        (!words.is_empty()).then(|| words.join("\n"))
    };
    side("positive").map(|positive| (positive, side("negative")))
}

/// Python writes `NaN` and `Infinity` into JSON: outside strings they become `null`.
fn without_nan(text: &str) -> String {
    let mut clean = String::with_capacity(text.len());
    let mut rest = text;
    let mut quoted = false;
    while let Some(first) = rest.chars().next() {
        if !quoted
            && let Some(token) = ["-Infinity", "Infinity", "NaN"]
                .iter()
                .find(|token| rest.starts_with(**token))
        {
            clean.push_str("null");
            rest = rest.get(token.len()..).unwrap_or_default();
            continue;
        }
        let mut taken = first.len_utf8();
        if first == '"' {
            quoted = !quoted;
        } else if quoted && first == '\\' {
            // Keep an escape together, so that \" does not end the string.
            taken += rest.chars().nth(1).map_or(0, char::len_utf8);
        }
        clean.push_str(rest.get(..taken).unwrap_or_default());
        rest = rest.get(taken..).unwrap_or_default();
    }
    clean
}
