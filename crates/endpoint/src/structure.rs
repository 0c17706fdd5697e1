//! A guide as a server can enforce it: a grammar (GBNF), or a JSON schema; and the fields of
//! an answer that was enforced.

use std::collections::BTreeMap;

use decoupage_dialogue::{Guide, Step};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

/// How an answer's structure is brought about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Structure {
    /// llama.cpp's `grammar`.
    Grammar,
    /// vLLM's `structured_outputs` with a grammar.
    StructuredOutputs,
    /// `response_format` with a JSON schema.
    JsonSchema,
    /// vLLM's older `guided_json`.
    GuidedJson,
    /// Asked for in words only, read tolerantly, repaired once.
    Free,
}

/// Longer given beginnings (a kept trace, locked sections) are not written out again by a
/// server that enforces a grammar: it starts at the last heading.
const LONGEST_LEAD: usize = 240;

/// The longest run of characters without a space, in a grammar.
const LONGEST_WORD: usize = 28;

/// What the steps before the first open one give, shortened where it is long.
fn lead(guide: &Guide) -> (String, usize) {
    let mut text = String::new();
    let mut count = 0;
    for step in &guide.steps {
        let Step::Given { text: given, .. } = step else {
            break;
        };
        text.push_str(given);
        count += 1;
    }
    if text.chars().count() > LONGEST_LEAD {
        let heading = text.rsplit('\n').next().unwrap_or_default();
        text = format!("<answer>\n{heading}");
    }
    (text, count)
}

/// The guide as a GBNF grammar, as llama.cpp and xgrammar read it. Lengths are bounded in
/// words, so that no span runs away.
pub fn grammar(guide: &Guide) -> String {
    let mut rules = String::new();
    let mut root: Vec<String> = Vec::new();
    let (text, given) = lead(guide);
    if !text.is_empty() {
        root.push(quoted(&text));
    }
    let mut words_used: BTreeMap<Vec<char>, usize> = BTreeMap::new();
    for (index, step) in guide.steps.iter().enumerate().skip(given) {
        match step {
            Step::Given { text, .. } => root.push(quoted(text)),
            Step::Open {
                until, max_tokens, ..
            } => {
                // A span holds no character that one of its ends begins with.
                let mut stops: Vec<char> = until.iter().filter_map(|u| u.chars().next()).collect();
                stops.push('\n');
                stops.sort_unstable();
                stops.dedup();
                let next = words_used.len();
                let word = *words_used.entry(stops).or_insert(next);
                // Three words to four tokens; repetitions are written out by the servers, so
                // they stay in the hundreds.
                let most = (max_tokens * 3 / 4).clamp(4, 400);
                rules.push_str(&format!(
                    "span-{index} ::= \" \"? word-{word} (\" \" word-{word}){{0,{}}}\n",
                    most - 1
                ));
                root.push(format!("span-{index}"));
            }
            Step::Choose { options, .. } => {
                let options: Vec<String> = options.iter().map(|o| quoted(o)).collect();
                rules.push_str(&format!("pick-{index} ::= {}\n", options.join(" | ")));
                root.push(format!("pick-{index}"));
            }
            Step::Moments {
                last_s,
                max_moments,
                max_tokens,
                ..
            } => {
                let next = words_used.len();
                let word = *words_used.entry(vec!['\n', '<']).or_insert(next);
                let most = (max_tokens * 3 / 4).clamp(4, 60);
                rules.push_str(&format!(
                    "words-{index} ::= word-{word} (\" \" word-{word}){{0,{}}}\n",
                    most - 1
                ));
                moments(index, *last_s, (*max_moments).clamp(1, 16), &mut rules);
                rules.push_str(&format!("span-{index} ::= \" \"? m{index}-0-1\n"));
                root.push(format!("span-{index}"));
            }
        }
    }
    let mut out = format!("root ::= {}\n", root.join(" "));
    out.push_str(&rules);
    for (stops, number) in words_used {
        let mut class = String::from(" ");
        for c in stops {
            match c {
                '\n' => class.push_str("\\n\\r\\t"),
                ']' | '[' | '\\' | '^' | '-' => {
                    class.push('\\');
                    class.push(c);
                }
                ' ' => {}
                c => class.push(c),
            }
        }
        // Unbounded words would let a model that never writes a space run away.
        out.push_str(&format!(
            "word-{number} ::= [^{class}]{{1,{LONGEST_WORD}}}\n"
        ));
    }
    out
}

/// Rules for moments in time order: `mI-S-N` writes the N-th moment at the S-th time or a later
/// one, and maybe further ones after it. Long shots have moments at even distances.
fn moments(index: usize, last_s: u32, most: usize, rules: &mut String) {
    let stride = (last_s / 60).max(1);
    let times: Vec<u32> = (0..=last_s).step_by(stride as usize).collect();
    for nth in 1..=most {
        for (k, second) in times.iter().enumerate() {
            let last = k + 1 == times.len();
            let mut rule = format!("m{index}-{k}-{nth} ::= \"At {second}s, \" words-{index}");
            if !last && nth < most {
                rule.push_str(&format!(" (\" \" m{index}-{}-{})?", k + 1, nth + 1));
            }
            if !last {
                rule.push_str(&format!(" | m{index}-{}-{nth}", k + 1));
            }
            rule.push('\n');
            rules.push_str(&rule);
        }
    }
}

fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// The fields of a guide as a JSON schema: one string for each that the model writes, in
/// order.
pub fn schema(guide: &Guide) -> Value {
    let mut properties = Map::new();
    let mut required = Vec::new();
    for step in &guide.steps {
        let (field, value) = match step {
            Step::Given { .. } => continue,
            Step::Open { field, .. } => (field, json!({"type": "string"})),
            Step::Choose { field, options } => (field, json!({"type": "string", "enum": options})),
            Step::Moments { field, .. } => (
                field,
                json!({"type": "string", "description": "At 0s, … At 2s, …"}),
            ),
        };
        required.push(Value::String(field.clone()));
        properties.insert(field.clone(), value);
    }
    json!({
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": false,
    })
}

/// Words that ask for the fields of a schema, for servers that enforce one: what the
/// conversation calls steps and sections is there called by these keys.
pub(crate) fn keys_in_words(guide: &Guide) -> String {
    let mut out = String::from(
        "Answer with one JSON object and nothing else. Its keys, in this order, each a string on one line:\n",
    );
    let mut heading = String::new();
    for step in &guide.steps {
        match step {
            Step::Given { text, field: None } => {
                heading = text
                    .rsplit('\n')
                    .find(|l| !l.trim().is_empty())
                    .unwrap_or_default()
                    .trim_end_matches(':')
                    .trim()
                    .to_owned();
            }
            Step::Given { .. } => {}
            Step::Open { field, .. } | Step::Choose { field, .. } | Step::Moments { field, .. } => {
                out.push_str(&format!("- \"{field}\": {heading}\n"));
            }
        }
    }
    out
}

/// The fields of an answer along a grammar, as far as it is written; nothing where it strays
/// from the guide.
pub(crate) fn follow(guide: &Guide, text: &str) -> Option<(BTreeMap<String, String>, bool)> {
    let mut fields = BTreeMap::new();
    let (lead, given) = lead(guide);
    let mut rest = match ahead(text, &lead) {
        Ahead::Past(rest) => rest,
        Ahead::Within => return Some((fields, false)),
        Ahead::Astray => return None,
    };
    let steps = guide.steps.get(given..).unwrap_or_default();
    for (index, step) in steps.iter().enumerate() {
        match step {
            Step::Given { text, .. } => match ahead(rest, text) {
                Ahead::Past(after) => rest = after,
                Ahead::Within => return Some((fields, false)),
                Ahead::Astray => return None,
            },
            Step::Open { field, .. } | Step::Choose { field, .. } | Step::Moments { field, .. } => {
                // The span ends where the next given words begin. Those of a guide begin with
                // a character that no span holds.
                let next = steps.get(index + 1).and_then(|s| match s {
                    Step::Given { text, .. } => text.chars().next(),
                    _ => None,
                });
                let end = match next {
                    Some(c) => rest.find(c),
                    None => Some(rest.len()),
                };
                let span = rest.get(..end.unwrap_or(rest.len())).unwrap_or_default();
                fields.insert(field.clone(), span.trim().to_owned());
                match end {
                    Some(end) => rest = rest.get(end..).unwrap_or_default(),
                    None => return Some((fields, false)),
                }
            }
        }
    }
    Some((fields, true))
}

enum Ahead<'t> {
    Past(&'t str),
    Within,
    Astray,
}

fn ahead<'t>(text: &'t str, given: &str) -> Ahead<'t> {
    match text.strip_prefix(given) {
        Some(rest) => Ahead::Past(rest),
        None if given.starts_with(text) => Ahead::Within,
        None => Ahead::Astray,
    }
}

/// The string fields of a JSON object, as far as it is written.
pub(crate) fn json_fields(text: &str) -> Option<(BTreeMap<String, String>, bool)> {
    let start = text.find('{')?;
    // Words before the object are not JSON: the server did not enforce anything.
    if !text
        .get(..start)?
        .trim()
        .trim_start_matches("```json")
        .trim()
        .is_empty()
    {
        return None;
    }
    let mut fields = BTreeMap::new();
    let mut chars = text.get(start + 1..)?.chars().peekable();
    loop {
        skip(&mut chars);
        match chars.peek() {
            None => return Some((fields, false)),
            Some('}') => return Some((fields, true)),
            Some('"') => {}
            Some(_) => return None,
        }
        let (key, closed) = string(&mut chars)?;
        if !closed {
            return Some((fields, false));
        }
        skip(&mut chars);
        match chars.next() {
            None => return Some((fields, false)),
            Some(':') => {}
            Some(_) => return None,
        }
        skip(&mut chars);
        match chars.peek() {
            None => return Some((fields, false)),
            Some('"') => {}
            Some(_) => return None,
        }
        let (value, closed) = string(&mut chars)?;
        fields.insert(key, value);
        if !closed {
            return Some((fields, false));
        }
        skip(&mut chars);
        match chars.next() {
            None => return Some((fields, false)),
            Some(',') => {}
            Some('}') => return Some((fields, true)),
            Some(_) => return None,
        }
    }
}

type Chars<'t> = std::iter::Peekable<std::str::Chars<'t>>;

fn skip(chars: &mut Chars<'_>) {
    while chars.next_if(|c| c.is_whitespace()).is_some() {}
}

/// A JSON string and whether it is closed; nothing for what is none.
fn string(chars: &mut Chars<'_>) -> Option<(String, bool)> {
    if chars.next() != Some('"') {
        return None;
    }
    let mut out = String::new();
    let mut high: Option<u32> = None;
    while let Some(c) = chars.next() {
        match c {
            '"' => return Some((out, true)),
            '\\' => match chars.next() {
                None => return Some((out, false)),
                Some('n') => out.push('\n'),
                Some('t') => out.push('\t'),
                Some('r' | 'b' | 'f') => {}
                Some('u') => {
                    let mut code = 0_u32;
                    for _ in 0..4 {
                        match chars.next() {
                            None => return Some((out, false)),
                            Some(d) => code = code * 16 + d.to_digit(16)?,
                        }
                    }
                    match (high.take(), code) {
                        (_, 0xD800..=0xDBFF) => high = Some(code),
                        (Some(h), 0xDC00..=0xDFFF) => {
                            let joined = 0x1_0000 + ((h - 0xD800) << 10) + (code - 0xDC00);
                            out.push(char::from_u32(joined).unwrap_or('\u{FFFD}'));
                        }
                        (_, code) => out.push(char::from_u32(code).unwrap_or('\u{FFFD}')),
                    }
                }
                Some(other) => out.push(other),
            },
            c => out.push(c),
        }
    }
    Some((out, false))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::*;
    use proptest::prelude::*;

    fn given(text: &str) -> Step {
        Step::Given {
            text: text.to_owned(),
            field: None,
        }
    }

    fn open(field: &str) -> Step {
        Step::Open {
            field: field.to_owned(),
            until: vec!["\n".to_owned(), "<".to_owned()],
            max_tokens: 40,
            min_tokens: 1,
            must_include: Vec::new(),
            sampling: None,
        }
    }

    fn guide() -> Guide {
        Guide {
            steps: vec![
                given("<think>\n1. Intent:"),
                open("intent"),
                given("\n</think>\n<answer>\n1. Dense caption:"),
                open("dense"),
                given("\n</answer>"),
            ],
        }
    }

    #[test]
    fn a_grammar_has_every_heading_and_bounded_spans() {
        let grammar = grammar(&guide());
        assert!(grammar.starts_with(
            "root ::= \"<think>\\n1. Intent:\" span-1 \"\\n</think>\\n<answer>\\n1. Dense caption:\" span-3 \"\\n</answer>\"\n"
        ), "{grammar}");
        assert!(
            grammar.contains("word-0 ::= [^ \\n\\r\\t<]{1,28}"),
            "{grammar}"
        );
        assert!(grammar.contains("{0,29}"), "{grammar}");
    }

    #[test]
    fn moments_can_only_go_forward() {
        let guide = Guide {
            steps: vec![Step::Moments {
                field: "action".into(),
                last_s: 2,
                max_moments: 2,
                max_tokens: 8,
            }],
        };
        let grammar = grammar(&guide);
        for rule in [
            "span-0 ::= \" \"? m0-0-1\n",
            "m0-0-1 ::= \"At 0s, \" words-0 (\" \" m0-1-2)? | m0-1-1\n",
            "m0-2-1 ::= \"At 2s, \" words-0\n",
            "m0-1-2 ::= \"At 1s, \" words-0 | m0-2-2\n",
        ] {
            assert!(grammar.contains(rule), "{grammar}");
        }
    }

    #[test]
    fn an_answer_along_the_grammar_is_followed_at_every_length() {
        let text = "<think>\n1. Intent: A walk.\n</think>\n<answer>\n1. Dense caption: She walks.\n</answer>";
        for end in 0..=text.len() {
            let (fields, complete) = follow(&guide(), &text[..end]).unwrap();
            assert_eq!(complete, end == text.len(), "{end}");
            for (field, whole) in [("intent", "A walk."), ("dense", "She walks.")] {
                let so_far = fields.get(field).map(String::as_str).unwrap_or_default();
                assert!(whole.starts_with(so_far), "{so_far}");
            }
        }
        assert!(follow(&guide(), "Sure! Here it is").is_none());
    }

    #[test]
    fn a_long_given_beginning_is_not_written_again() {
        let mut guide = guide();
        guide.steps[0] = given(&format!("<think>\n{}\n1. Intent:", "so ".repeat(200)));
        assert!(grammar(&guide).starts_with("root ::= \"<answer>\\n1. Intent:\" span-1"));
    }

    #[test]
    fn json_is_read_while_it_grows() {
        let text =
            "{\"intent\": \"A \\\"walk\\\" \\u00e9\\ud83d\\ude00\", \"dense\": \"She\\nwalks.\"}";
        for end in (0..=text.len()).filter(|i| text.is_char_boundary(*i)) {
            let _ = json_fields(&text[..end]);
        }
        let (fields, complete) = json_fields(text).unwrap();
        assert!(complete);
        assert_eq!(fields["intent"], "A \"walk\" é😀");
        assert_eq!(fields["dense"], "She\nwalks.");
        assert_eq!(json_fields("I think {\"a\": \"b\"}"), None);
        let (partial, complete) = json_fields("{\"a\": \"b").unwrap();
        assert!(!complete && partial["a"] == "b");
    }

    #[test]
    fn a_schema_asks_for_the_open_fields_only() {
        let schema = schema(&guide());
        assert_eq!(schema["required"], json!(["intent", "dense"]));
        assert!(keys_in_words(&guide()).contains("\"dense\": 1. Dense caption"));
    }

    proptest! {
        #[test]
        fn nothing_breaks_the_readers(text in "\\PC{0,200}") {
            let _ = json_fields(&text);
            let _ = follow(&guide(), &text);
        }
    }
}
