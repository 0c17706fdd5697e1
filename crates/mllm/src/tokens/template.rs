//! Chat templates: the checkpoint's own jinja, run with bounds.

use std::path::Path;

use decoupage_dialogue::{Conversation, Failure, FailureCode, Outcome, Part, Role};
use minijinja::syntax::SyntaxConfig;
use minijinja::value::Kwargs;
use minijinja::{Environment, Error, ErrorKind, Value};
use serde_json::json;

use crate::prepared::MediumKind;

/// No released template is longer than a tenth of this.
const MOST_BYTES: u64 = 1 << 20;
/// Steps of the template's machine; a conversation of hundreds of messages takes a thousandth.
const FUEL: u64 = 50_000_000;
/// Nested calls of macros.
const DEPTH: usize = 64;
const NAME: &str = "chat";

/// ChatML as Qwen writes it, for folders that bring no template.
const CHATML: &str = r"{%- for message in messages %}
{{- '<|im_start|>' + message.role + '\n' }}
{%- if message.content is string %}
{{- message.content }}
{%- else %}
{%- for part in message.content %}
{%- if part.type == 'image' %}{{ '<|vision_start|><|image_pad|><|vision_end|>' }}
{%- elif part.type == 'video' %}{{ '<|vision_start|><|video_pad|><|vision_end|>' }}
{%- else %}{{ part.text }}
{%- endif %}
{%- endfor %}
{%- endif %}
{{- '<|im_end|>\n' }}
{%- endfor %}
{%- if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}";

/// A chat template, parsed.
#[derive(Debug)]
pub struct Template {
    environment: Environment<'static>,
}

/// What a template is asked for beside the messages.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Wish {
    /// Whether the model thinks before it answers, for templates that ask (Qwen3.5).
    pub thinking: Option<bool>,
}

impl Template {
    /// Parses a template.
    ///
    /// # Errors
    /// Of code `Damaged` when it is no jinja, or too long to be a chat template.
    pub fn parse(source: &str) -> Outcome<Self> {
        let damaged = |why: String| {
            Failure::new(
                FailureCode::Damaged,
                format!("The model's chat template cannot be read: {why}."),
            )
            .advise("Download the model again, or its chat_template file alone.")
        };
        if source.len() as u64 > MOST_BYTES {
            return Err(damaged("it is too long".into()));
        }
        let mut environment = Environment::new();
        // As transformers sets jinja up.
        let syntax = SyntaxConfig::builder()
            .trim_blocks(true)
            .lstrip_blocks(true)
            .build()
            .map_err(|e| damaged(plain(&e)))?;
        environment.set_syntax(syntax);
        environment.set_recursion_limit(DEPTH);
        environment.set_fuel(Some(FUEL));
        environment
            .set_unknown_method_callback(minijinja_contrib::pycompat::unknown_method_callback);
        environment.add_function("raise_exception", refuse);
        environment.add_filter("tojson", to_json);
        environment
            .add_template_owned(NAME, source.to_owned())
            .map_err(|e| damaged(plain(&e)))?;
        Ok(Self { environment })
    }

    /// ChatML as Qwen writes it.
    ///
    /// # Errors
    /// Never in practice: the template is ours.
    pub fn chatml() -> Outcome<Self> {
        Self::parse(CHATML)
    }

    /// The folder's own template: `chat_template.jinja`, `chat_template.json`, or the one in
    /// `tokenizer_config.json`; ChatML where it has none.
    ///
    /// # Errors
    /// Of code `Damaged` when there is one that cannot be read.
    pub fn open(folder: &Path) -> Outcome<Self> {
        if let Some(source) = read_bounded(&folder.join("chat_template.jinja"))? {
            return Self::parse(&source);
        }
        for file in ["chat_template.json", "tokenizer_config.json"] {
            let Some(text) = read_bounded(&folder.join(file))? else {
                continue;
            };
            let value: serde_json::Value = serde_json::from_str(&text).map_err(|e| {
                Failure::new(
                    FailureCode::Damaged,
                    format!("{file} of the model is not JSON: {e}."),
                )
                .advise("Download this file again.")
            })?;
            if let Some(source) = named_template(&value["chat_template"]) {
                return Self::parse(source);
            }
        }
        Self::chatml()
    }

    /// The prompt, ending where the model goes on.
    ///
    /// # Errors
    /// Of code `Invalid` when the template refuses the messages.
    pub fn render<M>(
        &self,
        conversation: &Conversation<M>,
        kind: impl Fn(&M) -> MediumKind,
        wish: Wish,
        guard: impl Fn(&str) -> String,
    ) -> Outcome<String> {
        let messages: Vec<_> = conversation
            .messages
            .iter()
            .map(|message| {
                let role = match message.role {
                    Role::System => "system",
                    Role::User => "user",
                    Role::Assistant => "assistant",
                };
                json!({"role": role, "content": content(&message.parts, &kind, &guard)})
            })
            .collect();
        let mut context = json!({"messages": messages, "add_generation_prompt": true});
        if let Some(on) = wish.thinking {
            context["enable_thinking"] = on.into();
        }
        self.run(&context)
    }

    /// Renders with any variables: `messages`, `add_generation_prompt`, `tools` and so on.
    ///
    /// # Errors
    /// Of code `Invalid` when the template refuses.
    pub fn run(&self, context: &serde_json::Value) -> Outcome<String> {
        let failed = |e: Error| {
            Failure::new(
                FailureCode::Invalid,
                format!("The model's chat template refuses this: {}.", plain(&e)),
            )
        };
        let template = self.environment.get_template(NAME).map_err(failed)?;
        template
            .render(minijinja::value::Serde(context))
            .map_err(failed)
    }
}

/// A string where there are words only (older templates know nothing else), else a list.
fn content<M>(
    parts: &[Part<M>],
    kind: &impl Fn(&M) -> MediumKind,
    guard: &impl Fn(&str) -> String,
) -> serde_json::Value {
    let words: Option<String> = parts
        .iter()
        .map(|part| match part {
            Part::Text(text) => Some(guard(text)),
            Part::Media(_) => None,
        })
        .collect();
    if let Some(words) = words {
        return words.into();
    }
    parts
        .iter()
        .map(|part| match part {
            Part::Text(text) => json!({"type": "text", "text": guard(text)}),
            Part::Media(media) => json!({"type": match kind(media) {
                MediumKind::Image => "image",
                MediumKind::Video => "video",
                MediumKind::Audio => "audio",
            }}),
        })
        .collect()
}

/// Either the template itself, or the one named `default` in a list of named ones.
fn named_template(value: &serde_json::Value) -> Option<&str> {
    if let Some(source) = value.as_str() {
        return Some(source);
    }
    let named = value.as_array()?;
    let default = named.iter().find(|entry| entry["name"] == "default");
    default.or(named.first())?["template"].as_str()
}

/// None where there is no such file.
pub(crate) fn read_bounded(path: &Path) -> Outcome<Option<String>> {
    let name = path
        .file_name()
        .map(|n| n.to_string_lossy().into_owned())
        .unwrap_or_default();
    let damaged = |why: String| {
        Failure::new(
            FailureCode::Damaged,
            format!("{name} of the model cannot be read: {why}."),
        )
    };
    let Ok(about) = std::fs::metadata(path) else {
        return Ok(None);
    };
    // tokenizer_config.json lists added tokens and may be larger than its template.
    if about.len() > 16 * MOST_BYTES {
        return Err(damaged("it is too long".into()));
    }
    std::fs::read_to_string(path)
        .map(Some)
        .map_err(|e| damaged(e.to_string()))
}

fn refuse(why: String) -> Result<Value, Error> {
    Err(Error::new(
        ErrorKind::InvalidOperation,
        why.trim_end_matches('.').to_owned(),
    ))
}

fn plain(error: &Error) -> String {
    error
        .detail()
        .map_or_else(|| error.kind().to_string(), str::to_owned)
        .trim_end_matches('.')
        .to_owned()
}

/// JSON as Python writes it (", " and ": " between things): transformers puts this filter in
/// the place of jinja's, which would also escape angle brackets.
fn to_json(value: &Value, kwargs: Kwargs) -> Result<Value, Error> {
    let indent: Option<usize> = kwargs.get("indent")?;
    // Others (`ensure_ascii`, `sort_keys`) are accepted where they change nothing here.
    let _: Option<bool> = kwargs.get("ensure_ascii")?;
    kwargs.assert_all_used()?;
    let value = serde_json::to_value(value)
        .map_err(|e| Error::new(ErrorKind::BadSerialization, e.to_string()))?;
    let mut out = String::new();
    write_json(&value, indent, 0, &mut out);
    Ok(Value::from_safe_string(out))
}

fn write_json(value: &serde_json::Value, indent: Option<usize>, depth: usize, out: &mut String) {
    use serde_json::Value as Json;
    let line = |depth: usize, out: &mut String| {
        if let Some(width) = indent {
            out.push('\n');
            out.extend(std::iter::repeat_n(' ', width * depth));
        }
    };
    let between = if indent.is_some() { "," } else { ", " };
    match value {
        Json::Array(items) if !items.is_empty() => {
            out.push('[');
            for (i, item) in items.iter().enumerate() {
                if i > 0 {
                    out.push_str(between);
                }
                line(depth + 1, out);
                write_json(item, indent, depth + 1, out);
            }
            line(depth, out);
            out.push(']');
        }
        Json::Object(items) if !items.is_empty() => {
            out.push('{');
            for (i, (key, item)) in items.iter().enumerate() {
                if i > 0 {
                    out.push_str(between);
                }
                line(depth + 1, out);
                out.push_str(&Json::from(key.as_str()).to_string());
                out.push_str(": ");
                write_json(item, indent, depth + 1, out);
            }
            line(depth, out);
            out.push('}');
        }
        other => out.push_str(&other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chatml_is_written_with_places_for_media() {
        let conversation = Conversation {
            messages: vec![decoupage_dialogue::Message {
                role: Role::User,
                parts: vec![Part::Media(MediumKind::Image), Part::Text("Who?".into())],
            }],
        };
        let text = Template::chatml()
            .unwrap()
            .render(&conversation, |k| *k, Wish::default(), str::to_owned)
            .unwrap();
        assert_eq!(
            text,
            "<|im_start|>user\n<|vision_start|><|image_pad|><|vision_end|>Who?<|im_end|>\n<|im_start|>assistant\n"
        );
    }

    #[test]
    fn a_template_that_runs_wild_is_stopped() {
        let template = Template::parse(
            "{% for a in range(9999) %}{% for b in range(9999) %}{% for c in range(9999) %}{% endfor %}{% endfor %}{% endfor %}",
        )
        .unwrap();
        let failure = template.run(&json!({})).unwrap_err();
        assert_eq!(failure.code, FailureCode::Invalid);
    }

    #[test]
    fn a_refusal_is_told_in_the_templates_words() {
        let template = Template::parse("{{ raise_exception('No system message.') }}").unwrap();
        let failure = template.run(&json!({})).unwrap_err();
        assert!(failure.message.contains("No system message"), "{failure}");
        assert_eq!(
            Template::parse("{% if %}").unwrap_err().code,
            FailureCode::Damaged
        );
    }

    #[test]
    fn the_folders_own_template_is_found() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        let say = |f: &Path| Template::open(f).unwrap().run(&json!({})).unwrap();
        assert_eq!(say(folder.path()), "");
        std::fs::write(at("tokenizer_config.json"), r#"{"chat_template":[{"name":"tools","template":"t"},{"name":"default","template":"a"}]}"#).unwrap();
        assert_eq!(say(folder.path()), "a");
        std::fs::write(at("chat_template.json"), r#"{"chat_template":"b"}"#).unwrap();
        assert_eq!(say(folder.path()), "b");
        std::fs::write(at("chat_template.jinja"), "c").unwrap();
        assert_eq!(say(folder.path()), "c");
    }
}
