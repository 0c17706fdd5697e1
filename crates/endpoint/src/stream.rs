//! Server-sent events as endpoints stream them, bounded.

use serde_json::Value;

use crate::trouble::{Blame, Trouble};

/// The longest line of a stream, in bytes.
const LONGEST_LINE: usize = 1 << 20;
/// The most words of one answer, in bytes.
const LONGEST_ANSWER: usize = 4 << 20;

/// Cuts bytes into the data of events.
#[derive(Debug, Default)]
pub(crate) struct Events {
    rest: Vec<u8>,
}

impl Events {
    /// Takes the next bytes; gives the data of every event that is complete.
    pub fn take(&mut self, bytes: &[u8]) -> Result<Vec<String>, Trouble> {
        self.rest.extend_from_slice(bytes);
        let mut out = Vec::new();
        while let Some(at) = self.rest.iter().position(|b| *b == b'\n') {
            let line: Vec<u8> = self.rest.drain(..=at).collect();
            out.extend(Self::data(&line));
        }
        if self.rest.len() > LONGEST_LINE {
            return Err(Trouble::strange("its lines do not end"));
        }
        Ok(out)
    }

    /// What is left when the stream ends without a last line end.
    pub fn end(&mut self) -> Option<String> {
        let line = std::mem::take(&mut self.rest);
        Self::data(&line)
    }

    fn data(line: &[u8]) -> Option<String> {
        let line = String::from_utf8_lossy(line);
        let data = line.trim().strip_prefix("data:")?.trim();
        (!data.is_empty()).then(|| data.to_owned())
    }
}

/// An answer as it grows.
#[derive(Debug, Default)]
pub(crate) struct Growing {
    /// The words of the answer.
    pub content: String,
    /// What a server's own parser split off as reasoning.
    pub reasoning: String,
    /// Why the server stopped, once it said so.
    pub finish: Option<String>,
    /// Whether `[DONE]` came.
    pub done: bool,
    /// Tokens of the prompt, where the server counts them.
    pub prompt_tokens: usize,
    /// Tokens of the answer.
    pub written_tokens: usize,
}

impl Growing {
    /// Takes the data of one event. Says whether words came.
    pub fn take(&mut self, data: &str) -> Result<bool, Trouble> {
        if data == "[DONE]" {
            self.done = true;
            return Ok(false);
        }
        let value: Value =
            serde_json::from_str(data).map_err(|_| Trouble::strange("its stream is not JSON"))?;
        if let Some(error) = value.get("error").filter(|e| !e.is_null()) {
            let code = error.get("code").and_then(Value::as_u64).unwrap_or(500);
            return Err(Trouble::answered(
                u16::try_from(code).unwrap_or(500),
                &value.to_string(),
            ));
        }
        self.document(&value)
    }

    /// Takes a chunk, or a whole answer of a server that does not stream.
    pub fn document(&mut self, value: &Value) -> Result<bool, Trouble> {
        if let Some(usage) = value.get("usage").filter(|u| u.is_object()) {
            let count = |key| {
                usage
                    .get(key)
                    .and_then(Value::as_u64)
                    .and_then(|n| usize::try_from(n).ok())
            };
            self.prompt_tokens = count("prompt_tokens").unwrap_or(self.prompt_tokens);
            self.written_tokens = count("completion_tokens").unwrap_or(self.written_tokens);
        }
        let Some(choices) = value.get("choices").and_then(Value::as_array) else {
            // Some servers send bare usage or a role before the first words.
            return if value.is_object()
                && value.get("choices").is_none()
                && value.get("usage").is_none()
                && value.get("object").is_none()
            {
                Err(Trouble::strange("its answers have no choices"))
            } else {
                Ok(false)
            };
        };
        let Some(choice) = choices.first() else {
            return Ok(false);
        };
        let body = choice.get("delta").or_else(|| choice.get("message"));
        let words = |key: &str| {
            body.and_then(|b| b.get(key))
                .and_then(Value::as_str)
                .unwrap_or_default()
        };
        let before = self.content.len() + self.reasoning.len();
        self.content.push_str(words("content"));
        self.reasoning.push_str(words("reasoning_content"));
        if words("reasoning_content").is_empty() {
            self.reasoning.push_str(words("reasoning"));
        }
        if self.content.len() + self.reasoning.len() > LONGEST_ANSWER {
            return Err(Trouble {
                blame: Blame::Endpoint,
                ..Trouble::strange("its answer does not end")
            });
        }
        if let Some(finish) = choice.get("finish_reason").and_then(Value::as_str) {
            self.finish = Some(finish.to_owned());
        }
        Ok(self.content.len() + self.reasoning.len() > before)
    }

    /// Whether the answer came to its end, as far as the protocol tells.
    pub fn whole(&self) -> bool {
        self.done || self.finish.is_some()
    }

    /// The answer with what was split off as reasoning put back.
    pub fn text(&self) -> String {
        if self.reasoning.trim().is_empty() || self.content.contains("<think>") {
            return self.content.clone();
        }
        format!(
            "<think>\n{}\n</think>\n{}",
            self.reasoning.trim(),
            self.content
        )
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn events_are_cut_wherever_the_bytes_are() {
        let whole = "data: {\"a\":1}\r\n\r\n: a comment\n\ndata:{\"é\":2}\n\ndata: [DONE]";
        for size in 1..9 {
            let mut events = Events::default();
            let mut all = Vec::new();
            for piece in whole.as_bytes().chunks(size) {
                all.extend(events.take(piece).unwrap());
            }
            all.extend(events.end());
            assert_eq!(all, ["{\"a\":1}", "{\"é\":2}", "[DONE]"]);
        }
    }

    #[test]
    fn a_line_that_never_ends_is_refused() {
        let mut events = Events::default();
        let piece = vec![b'x'; LONGEST_LINE];
        assert!(events.take(&piece).is_ok());
        assert!(events.take(b"x").is_err());
    }

    #[test]
    fn reasoning_that_a_server_split_off_is_put_back() {
        let mut growing = Growing::default();
        growing
            .take(r#"{"choices":[{"delta":{"reasoning_content":"1. Intent: a"}}]}"#)
            .unwrap();
        growing
            .take(r#"{"choices":[{"delta":{"content":"1. Dense caption: b"},"finish_reason":"stop"}]}"#)
            .unwrap();
        assert!(growing.whole());
        assert_eq!(
            growing.text(),
            "<think>\n1. Intent: a\n</think>\n1. Dense caption: b"
        );
    }

    proptest! {
        #[test]
        fn nothing_a_server_sends_breaks_it(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
            let mut events = Events::default();
            let mut growing = Growing::default();
            for data in events.take(&bytes).unwrap_or_default() {
                let _ = growing.take(&data);
            }
        }
    }
}
