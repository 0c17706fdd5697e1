//! What a take says of sound, for generators that make it.

use std::sync::LazyLock;

use decoupage_shot::{ConditionKind, Shot};
use regex::Regex;

use crate::material::Sentence;
use crate::prose::{self, pattern};

/// What is heard, as far as anyone has said.
pub(crate) struct Soundtrack {
    /// Sounds of the scene.
    pub scene: Vec<String>,
    /// Music laid over it.
    pub music: Vec<String>,
}

/// Sentences about sound, and the notes of audio conditions.
pub(crate) fn soundtrack(shot: &Shot, all: &[Sentence]) -> Soundtrack {
    static SOUND: LazyLock<Option<Regex>> = LazyLock::new(|| {
        pattern(
            r"(?i)\b(?:sounds?|noises?|hears?|heard|audible|voices?|says|said|whispers?|shouts?|sings?|silence|silent|murmurs?|hums?|barks?|rustles?|footsteps|ambience|dialogue)\b",
        )
    });
    static MUSIC: LazyLock<Option<Regex>> =
        LazyLock::new(|| pattern(r"(?i)\b(?:music|soundtrack|song|melody)\b"));
    let is = |pattern: &LazyLock<Option<Regex>>, text: &str| {
        pattern
            .as_ref()
            .is_some_and(|pattern| pattern.is_match(text))
    };
    let mut track = Soundtrack {
        scene: Vec::new(),
        music: Vec::new(),
    };
    let notes = shot
        .conditions
        .iter()
        .filter(|condition| condition.kind == ConditionKind::Audio)
        .map(|condition| condition.note.as_str());
    for text in notes.clone().filter(|note| !note.trim().is_empty()) {
        let list = if is(&MUSIC, text) {
            &mut track.music
        } else {
            &mut track.scene
        };
        list.push(prose::tidy(text));
    }
    for sentence in all {
        let list = if is(&MUSIC, &sentence.text) {
            &mut track.music
        } else if is(&SOUND, &sentence.text) {
            &mut track.scene
        } else {
            continue;
        };
        let line = prose::tidy(&sentence.text);
        if !list.contains(&line) {
            list.push(line);
        }
    }
    track
}
