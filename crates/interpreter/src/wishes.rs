//! What a person may ask of a model's writing: which style, how long, which words.

use std::collections::BTreeMap;

use decoupage_dialogue::Sampling;
use decoupage_shot::Section;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// How words are laid out.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "is", content = "of", rename_all = "snake_case")]
pub enum WritingStyle {
    /// Each section tells what its heading says.
    #[default]
    Sections,
    /// One coherent paragraph on the chosen attributes (ASID). None chosen: all eight. Asked
    /// for the whole take it is written into the dense section; the others stay as they are.
    Attributes(Vec<Attribute>),
    /// "At 3s, …" one after another (ASID's timestamps: whole seconds, no ranges). Asked for
    /// the whole take they fill the dense and the action section; the others stay as they are.
    Moments,
}

/// What a description can be about: ASID's eight attributes, in its order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Attribute {
    /// Place, light, weather.
    Scene,
    /// Who is there and what they look like.
    Characters,
    /// Things that matter.
    Objects,
    /// What is done.
    Actions,
    /// What makes it a story: cause, turn, outcome.
    NarrativeElements,
    /// Who says what, and how.
    Speech,
    /// Framing and camera movement.
    Camera,
    /// What is felt, as far as it can be seen.
    Emotions,
}

impl Attribute {
    /// All eight, in ASID's order.
    pub const ALL: [Self; 8] = [
        Self::Scene,
        Self::Characters,
        Self::Objects,
        Self::Actions,
        Self::NarrativeElements,
        Self::Speech,
        Self::Camera,
        Self::Emotions,
    ];

    /// The attribute as people read it.
    pub fn title(self) -> &'static str {
        match self {
            Self::Scene => "scene",
            Self::Characters => "characters",
            Self::Objects => "objects",
            Self::Actions => "actions",
            Self::NarrativeElements => "narrative elements",
            Self::Speech => "speech",
            Self::Camera => "camera",
            Self::Emotions => "emotions",
        }
    }

    /// What a writer is to tell of it.
    pub(crate) fn about(self) -> &'static str {
        match self {
            Self::Scene => "the place, its light and weather",
            Self::Characters => "who is there and what they look like",
            Self::Objects => "the things that matter to the shot",
            Self::Actions => "what is done, in time order",
            Self::NarrativeElements => "what begins, turns and ends within the shot",
            Self::Speech => "who speaks, what is said and how; silence if nobody does",
            Self::Camera => "framing and camera movement",
            Self::Emotions => "what is felt, by what can be seen of it",
        }
    }

    /// A selection in ASID's order, each once; all eight where nothing is chosen.
    pub fn ordered(chosen: &[Self]) -> Vec<Self> {
        Self::ALL
            .into_iter()
            .filter(|a| chosen.is_empty() || chosen.contains(a))
            .collect()
    }
}

/// How much a generator reads of the whole caption.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "unit", content = "most", rename_all = "snake_case")]
pub enum Room {
    /// Tokens of its text encoder.
    Tokens(u32),
    /// Words.
    Words(u32),
    /// Characters.
    Characters(u32),
}

impl Room {
    /// About how many English words that is.
    pub fn words(self) -> u32 {
        match self {
            // 1.4 tokens to a word, as text encoders cut English.
            Self::Tokens(n) => (f64::from(n) / 1.4) as u32,
            Self::Words(n) => n,
            // 5.7 letters to a word, its space included.
            Self::Characters(n) => (f64::from(n) / 5.7) as u32,
        }
    }
}

/// Words that must occur.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct MustInclude {
    /// The words, as they are to stand.
    pub words: String,
    /// Where; the dense section unless said otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub section: Option<Section>,
}

/// What a person asks of a model's writing. The default asks for six plain sections.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(default)]
pub struct Wishes {
    /// The style of the whole.
    pub style: WritingStyle,
    /// Sections with a style of their own.
    #[ts(as = "std::collections::HashMap<Section, WritingStyle>")]
    pub sections: BTreeMap<Section, WritingStyle>,
    /// What the shot's generator reads; `None` where it states no limit.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub room: Option<Room>,
    /// Words that must occur.
    pub must_include: Vec<MustInclude>,
    /// Words and phrases that must not.
    pub avoid: Vec<String>,
    /// Keep the trace of the take that is kept: for a section that is written again alone. A
    /// trace of another prompt is never kept.
    pub keep_trace: bool,
}

impl Wishes {
    /// The style a section is written in.
    pub fn style_of(&self, section: Section) -> WritingStyle {
        if let Some(own) = self.sections.get(&section) {
            return own.clone();
        }
        match (&self.style, section) {
            (WritingStyle::Attributes(_), Section::Dense)
            | (WritingStyle::Moments, Section::Dense | Section::Action) => self.style.clone(),
            _ => WritingStyle::Sections,
        }
    }

    /// The sampling with the words to avoid.
    #[must_use]
    pub fn sampling(&self, mut base: Sampling) -> Sampling {
        for words in &self.avoid {
            let words = words.trim();
            if !words.is_empty() && !base.avoid.iter().any(|w| w == words) {
                base.avoid.push(words.to_owned());
            }
        }
        base
    }

    /// The most words of a section, and the most tokens a model may spend on it.
    ///
    /// Without a limit the sections have the length of a good caption; a generator's room is
    /// shared out among them, the dense section first.
    pub(crate) fn length(&self, section: Section) -> Length {
        // Words of a section at leisure, and its share of a tight room in percent.
        let (words, share) = match section {
            Section::Dense => (110_u32, 28),
            Section::MainObject => (75, 17),
            Section::Background => (70, 15),
            Section::Camera => (60, 13),
            Section::Style => (50, 10),
            Section::Action => (90, 17),
        };
        let words = match self.room {
            Some(room) => (room.words().saturating_mul(share) / 100).clamp(14, words),
            None => words,
        };
        Length {
            words,
            // The span is brought to an end from three quarters on.
            tokens: (words as usize * 19).div_ceil(10),
        }
    }
}

/// How long a section may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Length {
    /// In words, as it is asked for.
    pub words: u32,
    /// In tokens, as it is enforced.
    pub tokens: usize,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attributes_keep_their_order_and_none_means_all() {
        let chosen = [Attribute::Camera, Attribute::Scene, Attribute::Camera];
        assert_eq!(
            Attribute::ordered(&chosen),
            [Attribute::Scene, Attribute::Camera]
        );
        assert_eq!(Attribute::ordered(&[]), Attribute::ALL);
    }

    #[test]
    fn a_style_of_the_whole_lands_in_its_sections() {
        let moments = Wishes {
            style: WritingStyle::Moments,
            ..Wishes::default()
        };
        assert_eq!(moments.style_of(Section::Action), WritingStyle::Moments);
        assert_eq!(moments.style_of(Section::Style), WritingStyle::Sections);
        let mut own = moments.clone();
        own.sections.insert(Section::Action, WritingStyle::Sections);
        assert_eq!(own.style_of(Section::Action), WritingStyle::Sections);
    }

    #[test]
    fn a_tight_room_is_shared_out() {
        let tight = Wishes {
            room: Some(Room::Tokens(226)),
            ..Wishes::default()
        };
        let all: u32 = Section::ALL.iter().map(|s| tight.length(*s).words).sum();
        assert!(all <= 165, "{all}");
        assert_eq!(
            Wishes::default().length(Section::Dense).words,
            Wishes {
                room: Some(Room::Words(4_000)),
                ..Wishes::default()
            }
            .length(Section::Dense)
            .words
        );
    }
}
