//! Where an endpoint is.

use std::net::IpAddr;

use decoupage_dialogue::{Failure, FailureCode, Outcome};
use reqwest::Url;

/// The root of an endpoint, ending in `/v1`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    root: Url,
    loopback: bool,
}

impl Address {
    /// The address of one of the endpoint's services ("models", "chat/completions").
    pub(crate) fn service(&self, name: &str) -> String {
        format!("{}/{name}", self.root.as_str().trim_end_matches('/'))
    }

    /// The address of a service beside `/v1` ("props").
    pub(crate) fn beside(&self, name: &str) -> String {
        let root = self.root.as_str().trim_end_matches('/');
        format!("{}/{name}", root.strip_suffix("/v1").unwrap_or(root))
    }

    /// Whether it is on this machine.
    pub fn loopback(&self) -> bool {
        self.loopback
    }

    /// The address for people, without anything secret.
    pub fn shown(&self) -> String {
        let port = self.root.port().map_or(String::new(), |p| format!(":{p}"));
        format!("{}{port}", self.root.host_str().unwrap_or("the server"))
    }
}

/// Reads an address as people type it: with or without `/v1`, with or without
/// `/chat/completions`. Without a scheme it is `http` on this machine and `https` elsewhere.
///
/// # Errors
/// [`FailureCode::Invalid`] for what is no address, and for plain `http` to another machine
/// unless the person agreed to it: words, pictures and the key would travel readable.
pub fn parse_address(typed: &str, plain_agreed: bool) -> Outcome<Address> {
    let typed = typed.trim();
    let bad = || {
        Failure::new(
            FailureCode::Invalid,
            "This is no address of a server.".to_owned(),
        )
        .advise("An address looks like http://127.0.0.1:8080 or https://models.example.org/v1.")
    };
    if typed.is_empty() || typed.len() > 2_000 {
        return Err(bad());
    }
    let local = |host: &str| {
        let host = host.trim_start_matches('[').trim_end_matches(']');
        host.eq_ignore_ascii_case("localhost")
            || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
    };
    let with_scheme = if typed.contains("://") {
        typed.to_owned()
    } else {
        let guess = Url::parse(&format!("http://{typed}")).map_err(|_| bad())?;
        let scheme = if guess.host_str().is_some_and(local) {
            "http"
        } else {
            "https"
        };
        format!("{scheme}://{typed}")
    };
    let mut root = Url::parse(&with_scheme).map_err(|_| bad())?;
    let host = root.host_str().ok_or_else(bad)?.to_owned();
    if !matches!(root.scheme(), "http" | "https") {
        return Err(bad());
    }
    if !root.username().is_empty() || root.password().is_some() {
        return Err(Failure::new(
            FailureCode::Invalid,
            "A key does not belong into the address, where it would be shown and saved.",
        )
        .advise("Take it out and enter it as the key: keys are kept in the system's keyring."));
    }
    let loopback = local(&host);
    if root.scheme() == "http" && !loopback && !plain_agreed {
        return Err(Failure::new(
            FailureCode::Invalid,
            format!(
                "{host} is another machine and the address is not encrypted: pictures, words and the key could be read on the way."
            ),
        )
        .advise("Use an https address, or agree to plain http for a network that you trust."));
    }
    root.set_query(None);
    root.set_fragment(None);
    let path = root.path().trim_end_matches('/');
    let path = path
        .strip_suffix("/chat/completions")
        .or_else(|| path.strip_suffix("/models"))
        .unwrap_or(path);
    let path = if path.is_empty() { "/v1" } else { path }.to_owned();
    root.set_path(&path);
    Ok(Address { root, loopback })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::*;

    #[test]
    fn addresses_as_people_type_them() {
        for (typed, models) in [
            ("127.0.0.1:8080", "http://127.0.0.1:8080/v1/models"),
            ("localhost:8000/v1/", "http://localhost:8000/v1/models"),
            (
                "https://a.example/v1/chat/completions",
                "https://a.example/v1/models",
            ),
            (
                "https://a.example/api/openai",
                "https://a.example/api/openai/models",
            ),
            ("a.example", "https://a.example/v1/models"),
            ("http://[::1]:9/v1", "http://[::1]:9/v1/models"),
        ] {
            assert_eq!(
                parse_address(typed, false).unwrap().service("models"),
                models
            );
        }
        let local = parse_address("127.0.0.1:1", false).unwrap();
        assert_eq!(local.beside("props"), "http://127.0.0.1:1/props");
    }

    #[test]
    fn plain_http_to_another_machine_wants_the_person_to_agree() {
        assert!(parse_address("http://192.168.0.7:8000", false).is_err());
        assert!(parse_address("http://192.168.0.7:8000", true).is_ok());
        // A name that only begins like this machine's is another's.
        assert!(parse_address("http://127.0.0.1.example.org", false).is_err());
        assert!(parse_address("http://localhost.example.org", false).is_err());
    }

    #[test]
    fn a_key_in_the_address_and_nonsense_are_refused() {
        for typed in [
            "",
            "   ",
            "ftp://a",
            "http://",
            "https://me:secret@a.example",
            "::::",
        ] {
            assert!(parse_address(typed, true).is_err(), "{typed}");
        }
    }
}
