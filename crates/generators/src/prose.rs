//! From the notes of a section to sentences of a paragraph.
//!
//! A section may say "Trucks right, slow and even": under its heading that is clear, in a
//! paragraph it needs "The camera".

use std::collections::BTreeSet;
use std::sync::LazyLock;

use regex::Regex;

/// A pattern fixed in this file.
pub(crate) fn pattern(pattern: &'static str) -> Option<Regex> {
    Regex::new(pattern).ok()
}

fn replace(pattern: &LazyLock<Option<Regex>>, text: &str, with: &str) -> String {
    match pattern.as_ref() {
        Some(regex) => regex.replace_all(text, with).into_owned(),
        None => text.to_owned(),
    }
}

/// One line, single spaces, and a mark at the end.
pub(crate) fn tidy(text: &str) -> String {
    let mut line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let closed = line
        .chars()
        .rev()
        .find(|c| !matches!(c, '"' | '”' | '’' | ')' | ']' | '」' | '』' | '»'))
        .is_none_or(|c| matches!(c, '.' | '!' | '?' | '…' | '。' | '！' | '？' | '．' | '｡'));
    if !closed {
        let cut = line.trim_end_matches([',', ';', ':', ' ']).len();
        line.truncate(cut);
        line.push('.');
    }
    line
}

/// The first letter in upper case.
pub(crate) fn capitalise(text: &str) -> String {
    let mut chars = text.chars();
    match chars.next() {
        Some(first) => first.to_uppercase().chain(chars).collect(),
        None => String::new(),
    }
}

fn lower_first(text: &str) -> String {
    let mut chars = text.chars();
    match chars.next() {
        // "POV", "3D", "I" keep their capitals.
        Some(first) if !chars.clone().next().is_some_and(char::is_uppercase) => {
            first.to_lowercase().chain(chars).collect()
        }
        _ => text.to_owned(),
    }
}

/// Verbs of the camera in the third person, and the move each stands for.
const CAMERA_VERBS: [(&str, Move); 56] = [
    ("trucks", Move::Truck),
    ("tracks", Move::Truck),
    ("slides", Move::Truck),
    ("pans", Move::Pan),
    ("whips", Move::Pan),
    ("tilts", Move::Tilt),
    ("dollies", Move::Dolly),
    ("pushes", Move::Dolly),
    ("pulls", Move::Dolly),
    ("creeps", Move::Dolly),
    ("retreats", Move::Dolly),
    ("advances", Move::Dolly),
    ("backs", Move::Dolly),
    ("closes", Move::Dolly),
    ("pedestals", Move::Pedestal),
    ("booms", Move::Pedestal),
    ("lifts", Move::Pedestal),
    ("rises", Move::Pedestal),
    ("sinks", Move::Pedestal),
    ("lowers", Move::Pedestal),
    ("descends", Move::Pedestal),
    ("ascends", Move::Pedestal),
    ("climbs", Move::Pedestal),
    ("drops", Move::Pedestal),
    ("cranes", Move::Crane),
    ("rolls", Move::Roll),
    ("zooms", Move::Zoom),
    ("arcs", Move::Arc),
    ("orbits", Move::Arc),
    ("circles", Move::Arc),
    ("holds", Move::Hold),
    ("stays", Move::Hold),
    ("remains", Move::Hold),
    ("rests", Move::Hold),
    ("stops", Move::Hold),
    ("settles", Move::Hold),
    ("stands", Move::Hold),
    ("pauses", Move::Hold),
    ("comes", Move::Other),
    ("moves", Move::Other),
    ("glides", Move::Other),
    ("drifts", Move::Other),
    ("travels", Move::Other),
    ("follows", Move::Other),
    ("leads", Move::Other),
    ("turns", Move::Other),
    ("swings", Move::Other),
    ("starts", Move::Other),
    ("begins", Move::Other),
    ("ends", Move::Other),
    ("keeps", Move::Other),
    ("shakes", Move::Other),
    ("goes", Move::Other),
    ("continues", Move::Other),
    ("frames", Move::Other),
    ("looks", Move::Other),
];

/// A kind of camera move, for telling whether two sentences tell the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Move {
    /// Sideways.
    Truck,
    /// Turning sideways.
    Pan,
    /// Turning up or down.
    Tilt,
    /// Forward or back.
    Dolly,
    /// Up or down.
    Pedestal,
    /// Up or down in an arc.
    Crane,
    /// About the line of sight.
    Roll,
    /// Focal length.
    Zoom,
    /// Around the subject.
    Arc,
    /// At rest.
    Hold,
    /// A verb that may be any of them.
    Other,
}

/// Adjectives that describe the camera when they begin a sentence.
const CAMERA_STATES: [&str; 17] = [
    "steady",
    "unsteady",
    "shaky",
    "static",
    "still",
    "motionless",
    "stationary",
    "locked",
    "locked-off",
    "fixed",
    "handheld",
    "hand-held",
    "smooth",
    "level",
    "slightly",
    "very",
    "completely",
];

fn verb_move(word: &str) -> Option<Move> {
    let word = word
        .trim_matches(|c: char| !c.is_alphanumeric())
        .to_lowercase();
    CAMERA_VERBS
        .iter()
        .find(|(verb, _)| *verb == word)
        .map(|&(_, kind)| kind)
}

/// The camera moves a sentence names.
pub(crate) fn moves(text: &str) -> BTreeSet<Move> {
    text.split(|c: char| !(c.is_alphanumeric() || c == '-'))
        .filter_map(verb_move_or_noun)
        .chain(
            text.to_lowercase()
                .contains("to rest")
                .then_some(Move::Hold),
        )
        .filter(|kind| *kind != Move::Other)
        .collect()
}

fn verb_move_or_noun(word: &str) -> Option<Move> {
    let lower = word.to_lowercase();
    match lower.as_str() {
        "static" | "motionless" | "stationary" | "locked-off" => return Some(Move::Hold),
        _ => {}
    }
    // "pan", "panning", "trucking": the verb without its ending.
    verb_move(&lower).or_else(|| {
        let stem = lower.strip_suffix("ing").unwrap_or(&lower);
        if stem.len() < 3 {
            return None;
        }
        // "panning" has doubled its last letter, "rolling" has not.
        let mut letters = stem.chars();
        let last = letters.next_back();
        let single = letters.as_str();
        verb_move(&format!("{stem}s"))
            .or_else(|| verb_move(&format!("{stem}es")))
            .or_else(|| {
                single
                    .ends_with(last?)
                    .then(|| verb_move(&format!("{single}s")))?
            })
            .or_else(|| (stem == "dolly").then_some(Move::Dolly))
    })
}

/// Whether a sentence has the camera as its subject.
pub(crate) fn is_about_camera(text: &str) -> bool {
    let mut words = text.split_whitespace().map(|word| {
        word.trim_matches(|c: char| !c.is_alphanumeric())
            .to_lowercase()
    });
    match words.next().as_deref() {
        Some("camera") => true,
        Some("the" | "a" | "then" | "our") => words.take(2).any(|word| word == "camera"),
        Some(first) => verb_move(first).is_some(),
        None => false,
    }
}

/// Gives a sentence of the camera section its subject. `after_camera` says whether the
/// sentence before it has the camera as its subject, so that "it" is clear.
pub(crate) fn camera_sentence(text: &str, after_camera: bool) -> String {
    let line = tidy(text);
    let subject = if after_camera { "It" } else { "The camera" };
    let mut words = line.split(' ');
    let first = words.next().unwrap_or_default();
    let second = words.next().unwrap_or_default();
    let bare = first
        .trim_matches(|c: char| !c.is_alphanumeric())
        .to_lowercase();
    if bare == "it" && !after_camera {
        return format!("The camera{}", line.get(first.len()..).unwrap_or_default());
    }
    if bare == "camera" {
        return format!("The {}", lower_first(&line));
    }
    if verb_move(first).is_some() {
        return format!("{subject} {}", lower_first(&line));
    }
    if bare == "then" && verb_move(second).is_some() {
        let rest = line.split_once(' ').map_or("", |(_, rest)| rest);
        return format!("Then {} {rest}", lower_first(subject));
    }
    if (bare.ends_with("ly") || bare == "always") && verb_move(second).is_some() {
        return format!("{subject} {}", lower_first(&line));
    }
    // "Trucking right": the same, going on.
    if bare.ends_with("ing") && verb_move_or_noun(&bare).is_some() {
        return format!("{subject} is {}", lower_first(&line));
    }
    if CAMERA_STATES.contains(&bare.as_str()) && !names_a_shot(&line) {
        let line = line.replacen(", no ", ", with no ", 1);
        return format!("{subject} is {}", lower_first(&line));
    }
    if bare == "no" && !line.contains(" is ") && !line.contains(" are ") {
        return format!("There is {}", lower_first(&line));
    }
    line
}

/// "Static wide shot": a noun, not a state.
fn names_a_shot(line: &str) -> bool {
    line.split([',', ';', '.'])
        .next()
        .unwrap_or_default()
        .to_lowercase()
        .split(|c: char| !c.is_alphanumeric())
        .any(|word| {
            matches!(
                word,
                "shot" | "frame" | "framing" | "view" | "take" | "camera" | "up"
            )
        })
}

/// Takes times in figures out of a sentence ("over the first 3.0 s"): generators that read
/// prose do not count seconds. Spelled-out lengths ("for three seconds") stay.
pub(crate) fn without_clock(text: &str) -> String {
    static CLOCK: LazyLock<Option<Regex>> = LazyLock::new(|| {
        pattern(concat!(
            r"(?i),?\s*\(?\b(?:(?:over|during|for|in|within|throughout|after|until|at|by|across)\s+)?",
            r"(?:(?:about|around|roughly|another|a further)\s+)?(?:the\s+)?(?:(?:first|last|next|final|full|whole|remaining|other)\s+)*",
            r"(?:from\s+|between\s+|since\s+)?(?:\d+(?:\.\d+)?\s*(?:s|sec|seconds?)?\s*(?:–|-|—|\bto\b|\band\b)\s*)?\d+(?:\.\d+)?\s*(?:s|sec|seconds?)\b(?:\s+(?:mark|in|on|onwards?)\b)?\)?,?"
        ))
    });
    static STAMP: LazyLock<Option<Regex>> = LazyLock::new(|| {
        pattern(
            r"(?i)\s*[\[\(]?\b(?:at\s+|from\s+)?\d{1,2}:\d{2}(?:[.,]\d{1,3})?(?:\s*(?:–|-|to)\s*\d{1,2}:\d{2}(?:[.,]\d{1,3})?)?[\]\)]?,?",
        )
    });
    static SPACES: LazyLock<Option<Regex>> = LazyLock::new(|| pattern(r"\s+([,.;:!?])"));
    static DOUBLES: LazyLock<Option<Regex>> = LazyLock::new(|| pattern(r"([,;:])(?:\s*[,;:])+"));
    let text = replace(&CLOCK, text, ",");
    let text = replace(&STAMP, &text, "");
    let text = replace(&DOUBLES, &text, "$1");
    let text = replace(&SPACES, &text, "$1");
    let text = text.replace(",.", ".").replace(";.", ".");
    let text = text.trim_start_matches([',', ';', ' ', '.']);
    static JOINED: LazyLock<Option<Regex>> = LazyLock::new(|| pattern(r",(\S)"));
    capitalise(&replace(&JOINED, text, ", $1"))
}

/// Takes out what is said of a reference picture and not of the shot ("seen from the knees up
/// in her reference picture", "against a plain grey ground"): a generator would draw it. In
/// the main object section any "the picture" is the reference; elsewhere it is the shot's own.
/// Empty when nothing else is left.
pub(crate) fn without_reference_talk(text: &str, of_subject: bool) -> String {
    static TALK: LazyLock<Option<Regex>> = LazyLock::new(|| {
        pattern(concat!(
            r"(?i)\b(?:reference|identity|source)\s+(?:picture|image|photo|photograph|still|clip)s?\b",
            r"|\b(?:picture|image)\s+\d|\bcut[- ]out\b|\btransparent ground\b",
            r"|\bagainst\s+(?:a|an|its|her|his|their)\s+(?:plain|flat|empty|even|seamless|ground)\b"
        ))
    });
    static PICTURE: LazyLock<Option<Regex>> = LazyLock::new(|| {
        pattern(r"(?i)\b(?:the|her|his|its|their)\s+(?:picture|photo|photograph|marked part)\b")
    });
    let is_talk = |text: &str| {
        TALK.as_ref().is_some_and(|talk| talk.is_match(text))
            || (of_subject
                && PICTURE
                    .as_ref()
                    .is_some_and(|picture| picture.is_match(text)))
    };
    if !is_talk(text) {
        return text.to_owned();
    }
    let mut kept = String::new();
    let mut rest = text;
    loop {
        let cut = rest
            .match_indices([',', ';'])
            .map(|(at, _)| at + 1)
            .find(|at| rest[*at..].starts_with(' '));
        let (clause, more) = cut.map_or((rest, ""), |at| rest.split_at(at));
        if !is_talk(clause) {
            kept.push_str(clause);
        }
        if more.is_empty() {
            break;
        }
        rest = more;
    }
    let kept = kept.trim().trim_end_matches([',', ';', ':', '.']).trim();
    if kept.is_empty() {
        String::new()
    } else {
        tidy(&capitalise(kept))
    }
}

/// Garments: who is "in" one wears it.
const GARMENTS: [&str; 30] = [
    "coat", "jacket", "dress", "shirt", "t-shirt", "suit", "hat", "cap", "uniform", "sweater",
    "hoodie", "jeans", "skirt", "blouse", "robe", "gown", "cloak", "scarf", "trousers", "shorts",
    "boots", "vest", "cardigan", "raincoat", "overalls", "armour", "armor", "apron", "kimono",
    "costume",
];

/// Makes "A woman in a deep red coat …" say more of the woman that `before` has introduced:
/// "The woman wears a deep red coat …". A second "a woman" would read as a second woman.
pub(crate) fn known_subject(text: &str, before: &str) -> String {
    static NOUN: LazyLock<Option<Regex>> = LazyLock::new(|| {
        pattern(
            r"^(?:A|An|One)\s+((?:[\w-]+\s+){0,2}?)([\w-]+)\s+(in|with|wearing|holding|carrying)\s+(.*)$",
        )
    });
    static NAMED: LazyLock<Option<Regex>> =
        LazyLock::new(|| pattern(r"^((?:A|An|One)\s+)?([\w-]+(?:\s+[\w-]+)?), ([^,;]+.*)$"));
    let line = tidy(text);
    let known = |noun: &str| {
        before
            .to_lowercase()
            .split(|c: char| !(c.is_alphanumeric() || c == '-'))
            .any(|word| word == noun.to_lowercase())
    };
    // "A dog, dark brown." and "Mara, a woman in a raincoat.": what is known is so.
    if let Some(found) = NAMED.as_ref().and_then(|named| named.captures(&line)) {
        let group = |at: usize| found.get(at).map_or("", |found| found.as_str());
        let (article, noun, rest) = (group(1), group(2), group(3));
        let last = noun.split_whitespace().last().unwrap_or_default();
        let named = article.is_empty() && noun.chars().next().is_some_and(char::is_uppercase);
        let clause = rest.to_lowercase();
        let describes = clause.starts_with("a ")
            || clause.starts_with("an ")
            || (!article.is_empty() && rest.split([',', ';']).next() == Some(rest));
        if known(last) && (named || !article.is_empty()) && describes && !has_verb(rest) {
            return if named {
                format!("{noun} is {rest}")
            } else {
                format!("The {noun} is {rest}")
            };
        }
    }
    let Some(found) = NOUN.as_ref().and_then(|noun| noun.captures(&line)) else {
        return line;
    };
    let group = |at: usize| found.get(at).map_or("", |found| found.as_str());
    let (adjectives, noun, how, rest) = (group(1), group(2), group(3), group(4));
    // With a verb of its own the sentence stands as it is.
    if !known(noun) || has_verb(rest) {
        return line;
    }
    let clause = rest.split([',', ';', '.']).next().unwrap_or_default();
    let wears = clause
        .to_lowercase()
        .split_whitespace()
        .any(|word| GARMENTS.contains(&word));
    let verb = match how {
        "in" if wears => "wears",
        "in" => "is in",
        "with" => "has",
        "wearing" => "wears",
        "holding" => "holds",
        _ => "carries",
    };
    format!("The {adjectives}{noun} {verb} {rest}")
}

/// Whether a description has a verb of its own.
fn has_verb(text: &str) -> bool {
    const VERBS: [&str; 16] = [
        "is", "are", "has", "have", "was", "wears", "holds", "carries", "walks", "stands", "sits",
        "runs", "looks", "turns", "moves", "waits",
    ];
    text.split(|c: char| !c.is_alphanumeric())
        .any(|word| VERBS.contains(&word))
}

/// Gives a list of layers its verb: "Three depths: …" becomes "The frame has three depths: …".
pub(crate) fn layers_sentence(text: &str) -> String {
    static LAYERS: LazyLock<Option<Regex>> = LazyLock::new(|| {
        pattern(
            r"^(?:One|Two|Three|Four|Five|Six|Several)\s+(?:depths?|layers?|planes?|distances?)\s*[:,]",
        )
    });
    let line = tidy(text);
    if LAYERS.as_ref().is_some_and(|layers| layers.is_match(&line)) {
        return format!("The frame has {}", lower_first(&line));
    }
    line
}

/// Words that carry no content of their own.
const SMALL_WORDS: [&str; 44] = [
    "a", "an", "the", "and", "or", "of", "in", "on", "at", "to", "from", "with", "by", "for", "as",
    "is", "are", "it", "its", "she", "he", "they", "her", "his", "their", "then", "while", "that",
    "this", "there", "be", "into", "over", "who", "which", "through", "past", "has", "have", "up",
    "down", "also", "very", "so",
];

/// The words of a sentence that carry content, plurals and third persons cut to their stem.
pub(crate) fn content(text: &str) -> BTreeSet<String> {
    text.to_lowercase()
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty() && !SMALL_WORDS.contains(word))
        .map(|word| {
            word.strip_suffix('s')
                .filter(|stem| stem.chars().count() > 2 && !stem.ends_with('s'))
                .unwrap_or(word)
                .to_owned()
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headless_camera_notes_get_their_subject() {
        let cases = [
            (
                "Trucks right, slow and even, then holds still.",
                "The camera trucks right, slow and even, then holds still.",
            ),
            ("Steady, no shake.", "The camera is steady, with no shake."),
            ("Slowly pushes in", "The camera slowly pushes in."),
            ("Then holds.", "Then the camera holds."),
            ("Panning left.", "The camera is panning left."),
            ("Camera holds.", "The camera holds."),
            ("The camera pans left.", "The camera pans left."),
            ("Static wide shot.", "Static wide shot."),
            ("Medium close-up, eye level.", "Medium close-up, eye level."),
            ("No shake.", "There is no shake."),
        ];
        for (note, sentence) in cases {
            assert_eq!(camera_sentence(note, false), sentence);
        }
        assert_eq!(
            camera_sentence("Steady, no shake.", true),
            "It is steady, with no shake."
        );
    }

    #[test]
    fn times_in_figures_leave_whole_sentences_behind() {
        let cases = [
            (
                "The camera trucks right, slow and even, over the first 3.0 s, then holds still for 1.2 s.",
                "The camera trucks right, slow and even, then holds still.",
            ),
            (
                "From 0.0 s to 2.5 s the camera pans left.",
                "The camera pans left.",
            ),
            (
                "It pans left from 1.0 to 2.5 s and then tilts up.",
                "It pans left, and then tilts up.",
            ),
            ("At 00:03.500, she turns.", "She turns."),
            (
                "She raises her left arm at 2.1 s.",
                "She raises her left arm.",
            ),
            (
                "She walks at about 110 steps a minute.",
                "She walks at about 110 steps a minute.",
            ),
            (
                "It then cranes up over the last 1.5 s and pans left from 2.0 s on.",
                "It then cranes up, and pans left.",
            ),
            (
                "The camera dollies in by 1.3 m while tilting up by 12° over the whole 4.2 s.",
                "The camera dollies in by 1.3 m while tilting up by 12°.",
            ),
            (
                "She waits for three seconds.",
                "She waits for three seconds.",
            ),
            (
                "The camera trucks right (0.0–3.0 s).",
                "The camera trucks right.",
            ),
        ];
        for (with, without) in cases {
            assert_eq!(without_clock(with), without);
        }
    }

    #[test]
    fn what_only_the_reference_shows_is_left_out() {
        assert_eq!(
            without_reference_talk(
                "A woman in a deep red coat, seen from the knees up in her reference picture, dark against a plain grey ground; her dog beside her.",
                true
            ),
            "A woman in a deep red coat, her dog beside her."
        );
        assert_eq!(
            without_reference_talk("Seen full length in the reference picture.", true),
            ""
        );
        assert_eq!(without_reference_talk("A coat.", true), "A coat.");
    }

    #[test]
    fn a_known_subject_is_not_introduced_twice() {
        let before = "At dusk a woman in a red coat walks.";
        assert_eq!(
            known_subject("A woman in a deep red coat, her dog beside her.", before),
            "The woman wears a deep red coat, her dog beside her."
        );
        assert_eq!(
            known_subject("A dog, dark brown.", "A dog runs."),
            "The dog is dark brown."
        );
        assert_eq!(
            known_subject("Mara, a woman in a raincoat.", "Mara waits."),
            "Mara is a woman in a raincoat."
        );
        assert_eq!(
            known_subject("Her dog, a terrier, waits.", "Her dog runs."),
            "Her dog, a terrier, waits."
        );
        assert_eq!(
            known_subject("A man in a grey hat.", before),
            "A man in a grey hat."
        );
        assert_eq!(
            known_subject("A woman with short hair", before),
            "The woman has short hair."
        );
    }

    #[test]
    fn moves_are_told_apart() {
        assert_eq!(
            moves("Trucks right while panning left, then comes to rest"),
            BTreeSet::from([Move::Truck, Move::Pan, Move::Hold])
        );
        assert_eq!(
            moves("pedestalling up while rolling, craning and dollying"),
            BTreeSet::from([Move::Pedestal, Move::Roll, Move::Crane, Move::Dolly])
        );
        assert_eq!(moves("A slow dolly in."), BTreeSet::from([Move::Dolly]));
        assert!(moves("Steady, no shake.").is_empty());
    }

    proptest::proptest! {
        #[test]
        fn no_words_break_it(text in "\\PC{0,60}[,;. ]{0,3}\\PC{0,60}") {
            let _ = (tidy(&text), without_clock(&text), without_reference_talk(&text, true), moves(&text));
            let _ = (camera_sentence(&text, false), known_subject(&text, &text), layers_sentence(&text));
        }
    }
}
