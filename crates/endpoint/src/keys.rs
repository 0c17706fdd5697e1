//! Keys of endpoints: kept by the system, never in a project, never written out.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Mutex;

use decoupage_dialogue::{Failure, FailureCode, Outcome};

/// A key. It has no serialisation, and shows nothing of itself.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// A key as it was typed or pasted.
    ///
    /// # Errors
    /// [`FailureCode::Invalid`] for what cannot stand in a request's head.
    pub fn new(typed: &str) -> Outcome<Self> {
        let key = typed.trim();
        if key.is_empty() || key.len() > 4_096 || !key.chars().all(|c| c.is_ascii_graphic()) {
            return Err(Failure::new(
                FailureCode::Invalid,
                "This is no key: it is empty, too long or has characters that keys do not have.",
            )
            .advise("Copy it again from where it was made."));
        }
        Ok(Self(key.to_owned()))
    }

    /// For the one place that sends it.
    pub(crate) fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// Where keys are kept, by the endpoint's address.
pub trait Keys: Send + Sync {
    /// The key of an endpoint, if it has one.
    ///
    /// # Errors
    /// When the keyring cannot be asked.
    fn get(&self, endpoint: &str) -> Outcome<Option<Secret>>;
    /// Keeps a key.
    ///
    /// # Errors
    /// When the keyring refuses.
    fn set(&self, endpoint: &str, key: &Secret) -> Outcome<()>;
    /// Forgets a key; forgetting what is not there is fine.
    ///
    /// # Errors
    /// When the keyring refuses.
    fn forget(&self, endpoint: &str) -> Outcome<()>;
}

/// Keys for as long as the program runs: where the system has no keyring, and for tests.
#[derive(Debug, Default)]
pub struct MemoryKeys(Mutex<BTreeMap<String, Secret>>);

impl MemoryKeys {
    fn held(&self) -> std::sync::MutexGuard<'_, BTreeMap<String, Secret>> {
        self.0
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

impl Keys for MemoryKeys {
    fn get(&self, endpoint: &str) -> Outcome<Option<Secret>> {
        Ok(self.held().get(endpoint).cloned())
    }
    fn set(&self, endpoint: &str, key: &Secret) -> Outcome<()> {
        self.held().insert(endpoint.to_owned(), key.clone());
        Ok(())
    }
    fn forget(&self, endpoint: &str) -> Outcome<()> {
        self.held().remove(endpoint);
        Ok(())
    }
}

/// The system's own keyring: Keychain, Credential Manager, Secret Service.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemKeys;

/// Under which name the keyring lists our entries.
const SERVICE: &str = "Decoupage";

impl SystemKeys {
    fn entry(endpoint: &str) -> Outcome<keyring::Entry> {
        keyring::Entry::new(SERVICE, endpoint).map_err(|error| refused(&error))
    }
}

fn refused(error: &keyring::Error) -> Failure {
    Failure::new(
        FailureCode::Unsupported,
        format!("The system's keyring cannot be used: {error}."),
    )
    .advise("Unlock or install it, or enter the key for this session only.")
}

impl Keys for SystemKeys {
    fn get(&self, endpoint: &str) -> Outcome<Option<Secret>> {
        match Self::entry(endpoint)?.get_password() {
            Ok(key) => Secret::new(&key).map(Some),
            Err(keyring::Error::NoEntry) => Ok(None),
            Err(error) => Err(refused(&error)),
        }
    }
    fn set(&self, endpoint: &str, key: &Secret) -> Outcome<()> {
        Self::entry(endpoint)?
            .set_password(key.reveal())
            .map_err(|error| refused(&error))
    }
    fn forget(&self, endpoint: &str) -> Outcome<()> {
        match Self::entry(endpoint)?.delete_credential() {
            Ok(()) | Err(keyring::Error::NoEntry) => Ok(()),
            Err(error) => Err(refused(&error)),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::*;

    #[test]
    fn keys_are_kept_and_forgotten_and_never_shown() {
        let keys = MemoryKeys::default();
        let key = Secret::new(" sk-12345 ").unwrap();
        assert_eq!(format!("{key:?}"), "Secret(…)");
        keys.set("a", &key).unwrap();
        assert_eq!(keys.get("a").unwrap(), Some(key));
        assert!(!format!("{keys:?}").contains("12345"));
        keys.forget("a").unwrap();
        keys.forget("a").unwrap();
        assert_eq!(keys.get("a").unwrap(), None);
        assert!(Secret::new("two words").is_err());
        assert!(Secret::new("line\nbreak").is_err());
    }
}
