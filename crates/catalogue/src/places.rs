//! Where models are looked for.
//!
//! The hub's cache is found as huggingface_hub finds it: `HF_HUB_CACHE` (or its old name
//! `HUGGINGFACE_HUB_CACHE`), else `HF_HOME/hub`, else `XDG_CACHE_HOME/huggingface/hub`, else
//! `~/.cache/huggingface/hub` (on every system).

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// What kind of place a model was found in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum PlaceKind {
    /// The cache that Hugging Face tools share.
    HubCache,
    /// Decoupage's own folder of models.
    Own,
    /// A folder or file that the person added.
    Added,
}

/// The folders to look into.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModelPlaces {
    /// The cache that Hugging Face tools share; models are fetched into it.
    pub hub_cache: Option<PathBuf>,
    /// Decoupage's own folder of models.
    pub own: Option<PathBuf>,
    /// Folders and single GGUF files that the person added.
    pub added: Vec<PathBuf>,
}

impl ModelPlaces {
    /// The places of this computer, with Decoupage's own folder and those the person added.
    pub fn of_this_computer(own: Option<PathBuf>, added: Vec<PathBuf>) -> Self {
        let base = directories::BaseDirs::new();
        let home = base.as_ref().map(|base| base.home_dir());
        Self::from_environment(|name| std::env::var_os(name), home, own, added)
    }

    /// The places that environment variables and a home folder lead to.
    pub fn from_environment(
        variable: impl Fn(&str) -> Option<OsString>,
        home: Option<&Path>,
        own: Option<PathBuf>,
        added: Vec<PathBuf>,
    ) -> Self {
        let hub_cache = set(&variable, "HF_HUB_CACHE", home)
            .or_else(|| set(&variable, "HUGGINGFACE_HUB_CACHE", home))
            .or_else(|| hub_home(&variable, home).map(|folder| folder.join("hub")));
        Self {
            hub_cache,
            own,
            added,
        }
    }

    /// Every place with its kind, in the order of looking.
    pub fn all(&self) -> impl Iterator<Item = (PlaceKind, &Path)> {
        let named = [
            (PlaceKind::HubCache, self.hub_cache.as_deref()),
            (PlaceKind::Own, self.own.as_deref()),
        ];
        named
            .into_iter()
            .filter_map(|(kind, path)| Some((kind, path?)))
            .chain(
                self.added
                    .iter()
                    .map(|path| (PlaceKind::Added, path.as_path())),
            )
    }
}

/// A variable that is set to a path; `~` at its start is the home folder.
fn set(
    variable: impl Fn(&str) -> Option<OsString>,
    name: &str,
    home: Option<&Path>,
) -> Option<PathBuf> {
    let path = PathBuf::from(variable(name).filter(|value| !value.is_empty())?);
    match (path.strip_prefix("~"), home) {
        (Ok(rest), Some(home)) => Some(home.join(rest)),
        _ => Some(path),
    }
}

/// Where Hugging Face tools keep their cache and token.
pub(crate) fn hub_home(
    variable: impl Fn(&str) -> Option<OsString>,
    home: Option<&Path>,
) -> Option<PathBuf> {
    set(&variable, "HF_HOME", home).or_else(|| {
        let cache = set(&variable, "XDG_CACHE_HOME", home)
            .or_else(|| home.map(|home| home.join(".cache")))?;
        Some(cache.join("huggingface"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cache(variables: &[(&str, &str)]) -> Option<PathBuf> {
        ModelPlaces::from_environment(
            |name| {
                variables
                    .iter()
                    .find(|(variable, _)| *variable == name)
                    .map(|(_, value)| OsString::from(value))
            },
            Some(Path::new("/home/ana")),
            None,
            Vec::new(),
        )
        .hub_cache
    }

    #[test]
    fn the_cache_is_found_as_other_tools_find_it() {
        let all = [
            ("HF_HUB_CACHE", "/a"),
            ("HF_HOME", "/b"),
            ("XDG_CACHE_HOME", "/c"),
        ];
        assert_eq!(cache(&all), Some("/a".into()));
        assert_eq!(cache(&all[1..]), Some("/b/hub".into()));
        assert_eq!(cache(&all[2..]), Some("/c/huggingface/hub".into()));
        assert_eq!(cache(&[]), Some("/home/ana/.cache/huggingface/hub".into()));
        assert_eq!(cache(&[("HUGGINGFACE_HUB_CACHE", "/d")]), Some("/d".into()));
        assert_eq!(cache(&[("HF_HOME", "")]), cache(&[]));
        assert_eq!(
            cache(&[("HF_HOME", "~/hf")]),
            Some("/home/ana/hf/hub".into())
        );
    }

    #[test]
    fn every_place_is_looked_into_once() {
        let places = ModelPlaces {
            hub_cache: Some("/hub".into()),
            own: None,
            added: vec!["/films/models".into()],
        };
        let all: Vec<_> = places.all().collect();
        assert_eq!(
            all,
            [
                (PlaceKind::HubCache, Path::new("/hub")),
                (PlaceKind::Added, Path::new("/films/models"))
            ]
        );
    }
}
