//! What can go wrong with an endpoint, in one sentence each, and whether trying again helps.

use std::time::Duration;

use decoupage_dialogue::{Failure, FailureCode, Smaller};
use serde_json::Value;

/// Whose trouble it is: another endpoint may do better, or none will.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Blame {
    /// The endpoint's.
    Endpoint,
    /// The work's own: too long, cancelled, made no sense.
    Work,
}

/// Something went wrong.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Trouble {
    pub failure: Failure,
    pub blame: Blame,
    /// Whether the same request may do better in a while.
    pub again: bool,
    /// What the server asked to wait.
    pub wait: Option<Duration>,
    /// The HTTP status, where the server answered.
    pub status: Option<u16>,
    /// What the server said, in its own words.
    pub said: String,
}

/// The longest wait that a server may ask for.
const LONGEST_WAIT: Duration = Duration::from_secs(120);

impl Trouble {
    fn new(blame: Blame, failure: Failure) -> Self {
        Self {
            failure,
            blame,
            again: false,
            wait: None,
            status: None,
            said: String::new(),
        }
    }

    /// The person cancelled.
    pub fn cancelled() -> Self {
        Self::new(Blame::Work, Failure::cancelled())
    }

    /// The work cannot be sent.
    pub fn work(failure: Failure) -> Self {
        Self::new(Blame::Work, failure)
    }

    /// A fault of ours.
    pub fn internal(what: impl std::fmt::Display) -> Self {
        Self::new(
            Blame::Work,
            Failure::new(
                FailureCode::Internal,
                format!("The request could not be made: {what}."),
            ),
        )
    }

    /// It answers, but not as an OpenAI-compatible endpoint does.
    pub fn strange(how: &str) -> Self {
        Self::new(
            Blame::Endpoint,
            Failure::new(
                FailureCode::Unsupported,
                format!("The server does not answer as an OpenAI-compatible endpoint does: {how}."),
            )
            .advise("Check the address; it usually ends in /v1."),
        )
    }

    /// The stream broke off.
    pub fn cut() -> Self {
        Self {
            again: true,
            ..Self::new(
                Blame::Endpoint,
                Failure::new(
                    FailureCode::Missing,
                    "The server broke off in the middle of its answer.",
                )
                .advise("Try again; if it happens again, look at the server's log."),
            )
        }
    }

    /// Nothing came for so long.
    pub fn silent(first: bool, waited: Duration) -> Self {
        let text = if first {
            format!(
                "The server has not begun to answer after {} seconds.",
                waited.as_secs()
            )
        } else {
            format!(
                "The server stopped in the middle of its answer for {} seconds.",
                waited.as_secs()
            )
        };
        Self {
            again: !first,
            ..Self::new(
                Blame::Endpoint,
                Failure::new(FailureCode::Missing, text)
                    .advise("It may be busy or still loading its model: try again later, or show it fewer frames.")
                    .offer([Smaller::FewerFrames]),
            )
        }
    }

    /// The connection failed.
    pub fn connection(error: &reqwest::Error, at: &str) -> Self {
        let mut causes = String::new();
        let mut next: Option<&dyn std::error::Error> = Some(error);
        let mut reset = false;
        let mut refused = false;
        while let Some(cause) = next {
            causes.push_str(&cause.to_string());
            causes.push('\n');
            if let Some(io) = cause.downcast_ref::<std::io::Error>() {
                use std::io::ErrorKind::*;
                reset |= matches!(
                    io.kind(),
                    ConnectionReset | ConnectionAborted | BrokenPipe | UnexpectedEof
                );
                refused |= io.kind() == ConnectionRefused;
            }
            next = cause.source();
        }
        let lower = causes.to_lowercase();
        let tls = [
            "certificate",
            "tls",
            "handshake",
            "invalidcontenttype",
            "corrupt message",
        ]
        .iter()
        .any(|w| lower.contains(w));
        let name = lower.contains("dns") || lower.contains("lookup");
        let (message, advice, again) = if tls {
            (
                format!(
                    "The connection to {at} cannot be made safe: its certificate is not trusted, or it does not speak TLS."
                ),
                "Check the address; for a server of your own without a certificate use http and agree to it.",
                false,
            )
        } else if name {
            (
                format!("No server is called {at}."),
                "Check the spelling of the address and the network.",
                false,
            )
        } else if refused {
            (
                format!("Nothing listens at {at}."),
                "Start the server, or check its port.",
                true,
            )
        } else if error.is_timeout() {
            (
                format!("{at} does not answer."),
                "Check the address, the network and that the server runs.",
                true,
            )
        } else if reset
            || error.is_connect()
            || error.is_request()
            || error.is_body()
            || error.is_decode()
        {
            (
                format!("The connection to {at} broke off."),
                "Try again; if it happens again, look at the server's log.",
                true,
            )
        } else {
            (
                format!("The connection to {at} failed."),
                "Check the address, the network and that the server runs.",
                true,
            )
        };
        Self {
            again,
            said: causes,
            ..Self::new(
                Blame::Endpoint,
                Failure::new(FailureCode::Missing, message).advise(advice),
            )
        }
    }

    /// The server answered with an error.
    pub fn answered(status: u16, body: &str) -> Self {
        let said = words_of(body);
        let lower = said.to_lowercase();
        let quote = if said.is_empty() {
            String::new()
        } else {
            format!(" It says: “{}”", short(&said))
        };
        let too_long = [
            "context length",
            "context_length",
            "context size",
            "exceed_context",
            "maximum context",
            "max_model_len",
            "longer than the model",
            "too many tokens",
        ]
        .iter()
        .any(|w| lower.contains(w) || body.to_lowercase().contains(w));
        let new = Self::new;
        let mut trouble = match status {
            _ if too_long => new(
                Blame::Work,
                Failure::new(
                    FailureCode::TooLong,
                    format!("The shot's pictures and words are more than the server's model holds.{quote}"),
                )
                .advise("Show it fewer frames or smaller pictures, or start the server with a longer context.")
                .offer([Smaller::FewerFrames]),
            ),
            401 => new(
                Blame::Endpoint,
                Failure::new(FailureCode::Invalid, "The server does not accept the key, or wants one.")
                    .advise("Enter the endpoint's key again."),
            ),
            403 => new(
                Blame::Endpoint,
                Failure::new(
                    FailureCode::Invalid,
                    format!("The server knows the key and does not allow this.{quote}"),
                )
                .advise("Ask whoever runs it, or choose another model."),
            ),
            404 | 405 => new(
                Blame::Endpoint,
                Failure::new(
                    FailureCode::Missing,
                    format!("The server has no such service or model.{quote}"),
                )
                .advise("Check the address (it usually ends in /v1) and the model's name."),
            ),
            413 => new(
                Blame::Work,
                Failure::new(FailureCode::TooLong, "The server does not take so many pictures at once.")
                    .advise("Show it fewer frames or smaller pictures, or raise its limit on requests.")
                    .offer([Smaller::FewerFrames]),
            ),
            429 => new(
                Blame::Endpoint,
                Failure::new(
                    FailureCode::Missing,
                    format!("The server takes no more requests just now.{quote}"),
                )
                .advise("Wait a little and try again, or check the account's limits."),
            ),
            400 | 422 => new(
                Blame::Work,
                Failure::new(
                    FailureCode::Unsupported,
                    format!("The server does not take this request.{quote}"),
                )
                .advise("Its model may not see pictures, or the server may be too old."),
            ),
            _ => new(
                Blame::Endpoint,
                Failure::new(
                    FailureCode::Missing,
                    format!("The server has a fault of its own (status {status}).{quote}"),
                )
                .advise("Look at its log, or try again later."),
            ),
        };
        trouble.again =
            !too_long && matches!(status, 408 | 425 | 429 | 500 | 502 | 503 | 504 | 529);
        trouble.status = Some(status);
        trouble.said = format!("{said}\n{body}");
        trouble
    }

    /// With what the server asks to wait (`Retry-After` in seconds; dates are not followed).
    #[must_use]
    pub fn after(mut self, header: Option<&str>) -> Self {
        self.wait = header
            .and_then(|h| h.trim().parse::<f64>().ok())
            .filter(|s| s.is_finite() && *s >= 0.0)
            .map(|s| Duration::from_secs_f64(s.min(LONGEST_WAIT.as_secs_f64())));
        self
    }

    /// Whether the server refuses the form of the answer that was asked for.
    pub fn refuses_structure(&self) -> bool {
        let lower = self.said.to_lowercase();
        matches!(self.status, Some(400 | 422 | 500 | 501))
            && [
                "response_format",
                "json_schema",
                "guided",
                "structured",
                "grammar",
                "schema",
            ]
            .iter()
            .any(|w| lower.contains(w))
    }

    /// Whether the server refuses something else of ours that it does not know.
    pub fn refuses_extras(&self) -> bool {
        let lower = self.said.to_lowercase();
        matches!(self.status, Some(400 | 422))
            && [
                "unrecognized",
                "unknown",
                "unsupported",
                "extra inputs",
                "not permitted",
                "unexpected",
                "extra_forbidden",
            ]
            .iter()
            .any(|w| lower.contains(w))
    }
}

/// The words of an error body, whatever its shape.
fn words_of(body: &str) -> String {
    let Ok(value) = serde_json::from_str::<Value>(body) else {
        // A page of a proxy is no sentence.
        return if body.contains('<') {
            String::new()
        } else {
            body.trim().to_owned()
        };
    };
    let text = |v: &Value| v.as_str().map(str::to_owned);
    value
        .pointer("/error/message")
        .and_then(text)
        .or_else(|| value.get("error").and_then(text))
        .or_else(|| value.get("message").and_then(text))
        .or_else(|| value.get("detail").and_then(text))
        .or_else(|| value.pointer("/detail/0/msg").and_then(text))
        .unwrap_or_default()
}

fn short(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() <= 240 {
        return line;
    }
    let mut cut: String = line.chars().take(240).collect();
    cut.push('…');
    cut
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_of_many_shapes_become_one_sentence() {
        let long = [
            (
                400,
                r#"{"error":{"message":"the request exceeds the available context size","type":"exceed_context_size_error","code":400}}"#,
            ),
            (
                400,
                r#"{"object":"error","message":"This model's maximum context length is 4096 tokens. However, you requested 5000."}"#,
            ),
            (
                400,
                r#"{"error":{"code":"context_length_exceeded","message":"Too long"}}"#,
            ),
            (
                500,
                r#"{"error":"The input (9000 tokens) is longer than the model's context length (4096 tokens)."}"#,
            ),
        ];
        for (status, body) in long {
            let trouble = Trouble::answered(status, body);
            assert_eq!(trouble.failure.code, FailureCode::TooLong, "{body}");
            assert!(!trouble.again && trouble.blame == Blame::Work);
        }
        assert!(Trouble::answered(503, "<html>").again);
        assert!(
            !Trouble::answered(503, "<html>busy")
                .failure
                .message
                .contains('<')
        );
        let wait = Trouble::answered(429, "").after(Some("2.5"));
        assert_eq!(wait.wait, Some(Duration::from_millis(2_500)));
        assert_eq!(
            Trouble::answered(429, "").after(Some("1e30")).wait,
            Some(LONGEST_WAIT)
        );
        assert!(
            Trouble::answered(
                400,
                r#"{"error":{"message":"response_format is not supported"}}"#
            )
            .refuses_structure()
        );
    }
}
