//! What a person chose about models, kept in the data folder.

use std::path::{Path, PathBuf};

use decoupage_shot::{Code, Fault, Outcome};

use crate::api::models::ModelSettings;

/// No settings file is larger.
const MOST_BYTES: u64 = 1 << 20;

fn file(data: &Path) -> PathBuf {
    data.join("models.json")
}

/// The settings, or the defaults where there are none. A damaged file is set aside.
pub(crate) fn load(data: &Path) -> ModelSettings {
    let path = file(data);
    let readable = std::fs::metadata(&path).is_ok_and(|meta| meta.len() <= MOST_BYTES);
    let text = readable
        .then(|| std::fs::read_to_string(&path).ok())
        .flatten();
    match text.map(|text| serde_json::from_str(&text)) {
        Some(Ok(settings)) => settings,
        Some(Err(_)) => {
            // What the person chose stays readable for them; nothing depends on it.
            let _ = std::fs::rename(&path, path.with_extension("json.damaged"));
            ModelSettings::default()
        }
        None => ModelSettings::default(),
    }
}

/// Writes the settings whole or not at all.
pub(crate) fn save(data: &Path, settings: &ModelSettings) -> Outcome<()> {
    let text = serde_json::to_vec_pretty(settings).map_err(|e| {
        Fault::new(
            Code::Internal,
            format!("The settings could not be written: {e}."),
        )
    })?;
    decoupage_shot::store::atomic::write(&file(data), &text)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn what_was_chosen_is_there_again_and_damage_is_set_aside() {
        let place = tempfile::tempdir().unwrap();
        assert_eq!(load(place.path()), ModelSettings::default());
        let chosen = ModelSettings {
            model: Some("qwen3-vl-4b-instruct".to_owned()),
            frames: 16,
            ..ModelSettings::default()
        };
        save(place.path(), &chosen).unwrap();
        assert_eq!(load(place.path()), chosen);
        std::fs::write(file(place.path()), "{ not").unwrap();
        assert_eq!(load(place.path()), ModelSettings::default());
        assert!(place.path().join("models.json.damaged").exists());
    }
}
