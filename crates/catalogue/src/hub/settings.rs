//! Where models are fetched from, with what key, and how patiently.

use std::ffi::OsString;
use std::fmt;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::places::hub_home;

/// The public hub.
pub const PUBLIC_ENDPOINT: &str = "https://huggingface.co";

/// A key to the hub. Never shown, never written.
#[derive(Clone, PartialEq, Eq)]
pub struct Token(String);

impl Token {
    /// A token, if the text can be one.
    pub fn new(text: &str) -> Option<Self> {
        let text = text.trim();
        ((1..=1024).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic()))
            .then(|| Self(text.to_owned()))
    }

    pub(crate) fn secret(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(…)")
    }
}

/// Where models are fetched from, with what key, and how patiently.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HubSettings {
    /// The hub or a mirror of it.
    pub endpoint: String,
    /// Sent to the endpoint's own host only.
    pub token: Option<Token>,
    /// Fetch nothing.
    pub offline: bool,
    /// The cache to fetch into.
    pub cache: PathBuf,
    /// How long a transfer may stand still before it is taken up anew.
    pub stall: Duration,
    /// The first pause before another try; each further one is twice as long, up to 32 times.
    pub pause: Duration,
    /// How many tries in a row may fail without anything arriving.
    pub tries: u32,
}

impl HubSettings {
    /// The public hub, a cache, and the usual patience.
    pub fn new(cache: impl Into<PathBuf>) -> Self {
        Self {
            endpoint: PUBLIC_ENDPOINT.to_owned(),
            token: None,
            offline: false,
            cache: cache.into(),
            stall: Duration::from_secs(30),
            pause: Duration::from_secs(1),
            tries: 5,
        }
    }

    /// What the environment says, as it says it to huggingface_hub: `HF_ENDPOINT`,
    /// `HF_HUB_OFFLINE`, `HF_TOKEN`, `HF_TOKEN_PATH` or the token file beside the cache.
    pub fn of_this_computer(cache: impl Into<PathBuf>) -> Self {
        let base = directories::BaseDirs::new();
        let home = base.as_ref().map(|base| base.home_dir());
        Self::from_environment(cache, |name| std::env::var_os(name), home)
    }

    /// What environment variables and a home folder say.
    pub fn from_environment(
        cache: impl Into<PathBuf>,
        variable: impl Fn(&str) -> Option<OsString>,
        home: Option<&Path>,
    ) -> Self {
        let text = |name: &str| {
            variable(name)
                .and_then(|value| value.into_string().ok())
                .filter(|value| !value.trim().is_empty())
        };
        let mut settings = Self::new(cache);
        if let Some(endpoint) = text("HF_ENDPOINT") {
            settings.endpoint = endpoint.trim().trim_end_matches('/').to_owned();
        }
        settings.offline = text("HF_HUB_OFFLINE").is_some_and(|value| {
            ["1", "on", "yes", "true"].contains(&value.trim().to_ascii_lowercase().as_str())
        });
        settings.token = text("HF_TOKEN")
            .and_then(|token| Token::new(&token))
            .or_else(|| {
                let file = text("HF_TOKEN_PATH")
                    .map(PathBuf::from)
                    .or_else(|| hub_home(&variable, home).map(|folder| folder.join("token")))?;
                let mut token = String::new();
                File::open(file)
                    .ok()?
                    .take(4096)
                    .read_to_string(&mut token)
                    .ok()?;
                Token::new(&token)
            });
        settings
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(variables: &[(&str, &str)], home: Option<&Path>) -> HubSettings {
        HubSettings::from_environment(
            "/cache",
            |name| {
                variables
                    .iter()
                    .find(|(variable, _)| *variable == name)
                    .map(|(_, value)| OsString::from(value))
            },
            home,
        )
    }

    #[test]
    fn the_environment_is_heard() {
        let heard = settings(
            &[
                ("HF_ENDPOINT", "https://hf-mirror.com/"),
                ("HF_HUB_OFFLINE", "1"),
                ("HF_TOKEN", " hf_abc "),
            ],
            None,
        );
        assert_eq!(heard.endpoint, "https://hf-mirror.com");
        assert!(heard.offline);
        assert_eq!(heard.token, Token::new("hf_abc"));
        let plain = settings(&[("HF_HUB_OFFLINE", "0")], None);
        assert_eq!(plain, HubSettings::new("/cache"));
    }

    #[test]
    fn the_token_file_is_read_and_the_token_never_shown() {
        let home = tempfile::tempdir().expect("a folder");
        let folder = home.path().join(".cache/huggingface");
        std::fs::create_dir_all(&folder).expect("a folder");
        std::fs::write(folder.join("token"), "hf_secret\n").expect("a token");
        let heard = settings(&[], Some(home.path()));
        assert_eq!(heard.token, Token::new("hf_secret"));
        assert!(!format!("{heard:?}").contains("secret"));
    }

    #[test]
    fn a_token_with_a_line_break_is_none() {
        assert_eq!(Token::new("a\r\nX-Evil: 1"), None);
        assert_eq!(Token::new("  "), None);
    }
}
