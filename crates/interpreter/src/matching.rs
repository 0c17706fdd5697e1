//! Where a model's words came from: its text is matched against the prompt, and against what
//! each condition says (its name, note, readings and the measured engine's own wording of them).
//!
//! Words are compared by stem and, for the vocabulary of the trade, by meaning ("slides" and
//! "trucks", "crimson" and "red"). Strong words decide on their own; weak ones ("right", "slow",
//! a number), which every source has, count only in the company of strong ones of the same
//! source. What matches nothing is inferred. Every character of the text gets an origin.

use std::collections::{BTreeMap, BTreeSet};

use decoupage_conditions::Reading;
use decoupage_shot::{BindingKind, ConditionId, ConditionKind, Origin, OriginSpan, Section};

use crate::grounding::fact_lines;
use crate::measured::Facts;
use crate::measured::cast::given_name;
use crate::measured::compose::{GRAMMAR, stem};
use crate::measured::sections::own_words;

/// What words can be matched against.
#[derive(Debug)]
pub(crate) struct Sources {
    prompt: BTreeSet<String>,
    conditions: Vec<Source>,
}

#[derive(Debug)]
struct Source {
    id: ConditionId,
    kind: ConditionKind,
    /// Words by meaning.
    words: BTreeSet<String>,
    /// Words by stem.
    exact: BTreeSet<String>,
    /// Words that follow one another, by meaning.
    pairs: BTreeSet<(String, String)>,
    /// Words that are this source's beyond doubt: a name.
    names: BTreeSet<String>,
}

/// Words that many sources have and that prove nothing alone.
const WEAK: &[&str] = &[
    "left",
    "right",
    "up",
    "down",
    "in",
    "out",
    "frame",
    "picture",
    "clip",
    "figure",
    "subject",
    "slow",
    "slowly",
    "fast",
    "still",
    "steady",
    "smooth",
    "moderate",
    "speed",
    "first",
    "last",
    "second",
    "end",
    "start",
    "begin",
    "about",
    "minute",
    "over",
    "one",
    "two",
    "three",
    "four",
    "side",
    "move",
    "s",
    "then",
    "while",
    "middle",
    "centre",
    "center",
    "near",
    "far",
    "across",
    "whole",
    "part",
    "shot",
    "hold",
    "keep",
    "stand",
    "main",
    "colour",
    "color",
    "full",
    "light",
    "dark",
    "ground",
    "plain",
    "even",
    "edge",
    "bottom",
    "top",
    "upper",
    "lower",
    "third",
    "half",
    "towards",
    "toward",
    "away",
    "from",
    "see",
    "look",
    "face",
    "large",
    "small",
    "grow",
    "place",
    "run",
    "layer",
    "fill",
    "something",
    "pace",
    "time",
    "step",
];

/// One word for words of the trade that mean the same.
fn meaning(stem: &str) -> Option<&'static str> {
    Some(match stem {
        "truck" | "track" | "slide" | "lateral" | "laterally" | "sideways" => "truck",
        "dolly" | "push" | "pull" | "closer" | "dolly-zoom" => "dolly",
        "pan" | "whip-pan" => "pan",
        "tilt" => "tilt",
        "zoom" => "zoom",
        "pedestal" | "crane" | "boom" | "jib" | "rise" | "sink" | "ascend" | "descend" => {
            "pedestal"
        }
        "arc" | "orbit" | "circle" | "revolve" => "arc",
        "roll" => "roll",
        "static" | "stationary" | "locked" | "locked-off" | "fixed" | "motionless" | "unmoving"
        | "standstill" | "rest" => "static",
        "shake" | "shaky" | "handheld" | "hand-held" | "jitter" | "wobble" => "shake",
        "crimson" | "scarlet" | "red" | "burgundy" | "maroon" | "ruby" | "vermilion" => "red",
        "navy" | "blue" | "azure" | "cobalt" | "indigo" => "blue",
        "emerald" | "green" | "olive" => "green",
        "charcoal" | "grey" | "gray" | "slate" => "grey",
        "black" | "near-black" => "black",
        "ivory" | "cream" | "off-white" | "white" => "white",
        "tan" | "beige" | "sand" | "brown" | "chestnut" => "brown",
        "amber" | "gold" | "golden" | "yellow" => "yellow",
        "walk" | "stride" | "stroll" => "walk",
        "run" | "sprint" | "jog" | "dash" => "run",
        "crouch" | "squat" => "crouch",
        "sit" | "seat" | "seated" => "sit",
        "wave" | "waving" => "wave",
        "raise" | "lift" => "raise",
        "turn" | "pivot" | "spin" | "rotate" => "turn",
        "bend" | "stoop" | "lean" => "bend",
        "jump" | "leap" | "hop" => "jump",
        "background" | "backdrop" => "background",
        "foreground" => "foreground",
        _ => return None,
    })
}

/// Words of camera work: what a path says of them counts before what depth suggests.
fn of_camera(key: &str) -> bool {
    matches!(
        key,
        "camera"
            | "truck"
            | "dolly"
            | "pan"
            | "tilt"
            | "zoom"
            | "pedestal"
            | "arc"
            | "roll"
            | "static"
            | "shake"
    )
}

/// A word's stem.
fn root(word: &str) -> String {
    let lower = word.to_lowercase();
    let lower = lower
        .trim_matches(|c: char| !c.is_alphanumeric())
        .trim_end_matches("'s")
        .trim_end_matches("’s");
    let stem = stem(lower);
    match stem.strip_suffix("ly") {
        Some(adjective) if adjective.len() > 2 => adjective.to_owned(),
        _ => stem,
    }
}

/// A word as it is compared.
fn key(word: &str) -> String {
    let root = root(word);
    meaning(&root).map_or(root, str::to_owned)
}

fn weak(key: &str) -> bool {
    WEAK.contains(&key) || key.chars().all(|c| c.is_ascii_digit() || c == '.')
}

fn keys(text: &str) -> impl Iterator<Item = String> + '_ {
    content(text).map(key)
}

/// The words of a text that carry a claim.
fn content(text: &str) -> impl Iterator<Item = &str> + '_ {
    text.split(|c: char| c.is_whitespace() || matches!(c, '–' | '—' | '/' | '(' | ')' | '“' | '”'))
        .map(|w| w.trim_matches(|c: char| !c.is_alphanumeric()))
        .filter(|w| !w.is_empty())
        .filter(|w| !GRAMMAR.contains(&w.to_lowercase().as_str()))
}

impl Sources {
    /// Everything that can be an origin in this shot.
    pub fn gather(facts: &Facts<'_>) -> Self {
        let shot = facts.shot;
        let prompt: BTreeSet<String> = keys(&shot.prompt).collect();
        // What the measured engine says from a condition are that condition's words.
        let mut own: BTreeMap<ConditionId, String> = BTreeMap::new();
        for (id, words) in own_words(facts) {
            let slot = own.entry(id).or_default();
            slot.push(' ');
            slot.push_str(&words);
        }
        let conditions = shot
            .conditions
            .iter()
            .map(|condition| {
                let mut lines = vec![condition.note.clone()];
                if let Some(reading) = facts.brief.readings.get(&condition.id) {
                    lines.extend(fact_lines(condition, reading));
                    if let Reading::Identity(r) = reading {
                        lines.extend(r.palette.iter().map(|s| s.name.clone()));
                    }
                }
                lines.extend(own.get(&condition.id).cloned());
                let mut source = Source {
                    id: condition.id,
                    kind: condition.kind,
                    words: BTreeSet::new(),
                    exact: BTreeSet::new(),
                    pairs: BTreeSet::new(),
                    names: BTreeSet::new(),
                };
                for line in &lines {
                    let keys: Vec<String> = keys(line).collect();
                    source
                        .pairs
                        .extend(keys.iter().cloned().zip(keys.iter().skip(1).cloned()));
                    source.words.extend(keys);
                    source.exact.extend(content(line).map(root));
                }
                // A file's name is no name of someone, whatever it looks like.
                if condition.kind == ConditionKind::Identity
                    && let Some(name) = given_name(&condition.name)
                {
                    source.names = keys(name).filter(|k| !weak(k)).collect();
                }
                source
            })
            .collect();
        let mut out = Self { prompt, conditions };
        // Two pictures of one person share its name; the first is named.
        for binding in &shot.bindings {
            if binding.kind == BindingKind::SameAs
                && let (Some(to), Some(from)) = (
                    out.conditions.iter().position(|s| Some(s.id) == binding.to),
                    out.conditions.iter().position(|s| s.id == binding.from),
                )
                && to != from
            {
                let names = std::mem::take(&mut out.conditions[from].names);
                out.conditions[to].names.extend(names);
            }
        }
        out
    }

    /// The origins of a section's text: contiguous spans from its first scalar to its last.
    pub fn origins(&self, section: Section, text: &str) -> Vec<OriginSpan> {
        let words = split(text);
        if words.is_empty() {
            return crate::answer::all_inferred(text);
        }
        let verdicts = self.judge(section, &words);
        spans(text, &words, &verdicts)
    }

    fn judge(
        &self,
        section: Section,
        words: &[Token],
    ) -> Vec<Option<(Origin, Option<ConditionId>)>> {
        let support = self.support(words);
        let best = |at: usize, word: &Token| {
            self.conditions
                .iter()
                .enumerate()
                .filter(|(_, s)| s.words.contains(&word.key))
                .filter_map(|(k, s)| {
                    let claim = |place: Place| support.get(&(place, k)).copied().unwrap_or(0);
                    let (clause, sentence) = (
                        claim(Place::Clause(word.clause)),
                        claim(Place::Sentence(word.sentence)),
                    );
                    let paired = self.paired(words, at, s);
                    let camera = of_camera(&word.key) && s.kind == ConditionKind::Camera;
                    // A weak word needs company of its source, near or, all else silent, in
                    // its sentence; or its neighbour as in the source.
                    let proven = !weak(&word.key) || clause > 0 || sentence > 1 || paired;
                    proven.then_some((
                        camera,
                        clause,
                        paired,
                        sentence,
                        fits(section, s.kind),
                        std::cmp::Reverse(k),
                    ))
                })
                .max()
                .and_then(|(.., std::cmp::Reverse(k))| self.conditions.get(k))
        };
        let mut out: Vec<Option<(Origin, Option<ConditionId>)>> = words
            .iter()
            .enumerate()
            .map(|(at, word)| {
                if !word.content {
                    return None;
                }
                let named = self.conditions.iter().find(|s| s.names.contains(&word.key));
                let by_prompt = self.prompt.contains(&word.key);
                if by_prompt && !weak(&word.key) {
                    return Some((Origin::Prompt, None));
                }
                if let Some(source) = named {
                    return Some((Origin::Condition, Some(source.id)));
                }
                if let Some(source) = best(at, word) {
                    return Some((Origin::Condition, Some(source.id)));
                }
                // A weak word of the prompt in a clause that is the prompt's.
                let company = by_prompt
                    && words.iter().any(|w| {
                        w.clause == word.clause && !weak(&w.key) && self.prompt.contains(&w.key)
                    });
                Some((
                    if company {
                        Origin::Prompt
                    } else {
                        Origin::Inferred
                    },
                    None,
                ))
            })
            .collect();
        // A word of grammar goes with the word after it, the last ones with the word before.
        let mut next = out.iter().rev().find_map(|o| *o);
        for (slot, word) in out.iter_mut().zip(words).rev() {
            match slot {
                Some(origin) => next = Some(*origin),
                None if word.ends => *slot = None,
                None => *slot = next,
            }
        }
        let mut before = None;
        for slot in &mut out {
            match slot {
                Some(origin) => before = Some(*origin),
                None => *slot = before,
            }
        }
        out
    }

    /// How much each condition says in each clause and sentence: its strong words, those that
    /// are its own to the letter twice.
    fn support(&self, words: &[Token]) -> BTreeMap<(Place, usize), usize> {
        let mut out: BTreeMap<(Place, usize), usize> = BTreeMap::new();
        for word in words.iter().filter(|w| w.content && !weak(&w.key)) {
            for (k, source) in self.conditions.iter().enumerate() {
                let more = if source.exact.contains(&word.root) || source.names.contains(&word.key)
                {
                    2
                } else if source.words.contains(&word.key) {
                    1
                } else {
                    continue;
                };
                for place in [Place::Clause(word.clause), Place::Sentence(word.sentence)] {
                    *out.entry((place, k)).or_default() += more;
                }
            }
        }
        out
    }

    /// Whether a word stands beside the one that it stands beside in the source.
    fn paired(&self, words: &[Token], at: usize, source: &Source) -> bool {
        let Some(word) = words.get(at) else {
            return false;
        };
        let beside = |other: Option<&Token>, before: bool| {
            other
                .filter(|o| o.sentence == word.sentence)
                .is_some_and(|o| {
                    let pair = if before {
                        (o.key.clone(), word.key.clone())
                    } else {
                        (word.key.clone(), o.key.clone())
                    };
                    source.pairs.contains(&pair)
                })
        };
        let before = words
            .get(..at)
            .unwrap_or_default()
            .iter()
            .rfind(|w| w.content);
        let after = words
            .get(at + 1..)
            .unwrap_or_default()
            .iter()
            .find(|w| w.content);
        beside(before, true) || beside(after, false)
    }
}

/// A part of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Place {
    Clause(usize),
    Sentence(usize),
}

/// How well a kind of condition fits a section, for ties.
fn fits(section: Section, kind: ConditionKind) -> u8 {
    use ConditionKind::*;
    match (section, kind) {
        (Section::Camera, Camera)
        | (Section::Action, Pose)
        | (Section::MainObject, Identity)
        | (Section::Background, Depth | Segmentation)
        | (Section::Style, Style) => 3,
        (_, FirstFrame | LastFrame) => 2,
        (Section::Dense, _) => 1,
        _ => 0,
    }
}

/// A word of a text.
#[derive(Debug)]
struct Token {
    key: String,
    root: String,
    /// First scalar.
    start: usize,
    content: bool,
    /// Which clause it stands in.
    clause: usize,
    /// Which sentence.
    sentence: usize,
    /// Whether a clause ends with it.
    ends: bool,
}

fn split(text: &str) -> Vec<Token> {
    let mut out: Vec<Token> = Vec::new();
    let mut word = String::new();
    let mut start = 0;
    let mut clause = 0;
    let mut sentence = 0;
    let chars: Vec<char> = text.chars().chain([' ']).collect();
    for (at, &c) in chars.iter().enumerate() {
        let next = chars.get(at + 1).copied().unwrap_or(' ');
        let inner =
            matches!(c, '-' | '\'' | '’' | '.') && next.is_alphanumeric() && !word.is_empty();
        if c.is_alphanumeric() || inner {
            if word.is_empty() {
                start = at;
            }
            word.push(c);
            continue;
        }
        if !word.is_empty() {
            let lower = word.to_lowercase();
            let content = !GRAMMAR.contains(&lower.as_str());
            out.push(Token {
                key: key(&word),
                root: root(&word),
                start,
                content,
                clause,
                sentence,
                ends: false,
            });
            word.clear();
            if matches!(lower.as_str(), "while" | "then" | "as") {
                clause += 1;
            }
        }
        if matches!(
            c,
            ',' | '.' | ';' | ':' | '!' | '?' | '。' | '，' | '—' | '–'
        ) {
            clause += 1;
            sentence += usize::from(matches!(c, '.' | '!' | '?' | '。'));
            if let Some(last) = out.last_mut() {
                last.ends = true;
            }
        }
    }
    out
}

/// Contiguous spans: what stands between two words goes with the first of them.
fn spans(
    text: &str,
    words: &[Token],
    verdicts: &[Option<(Origin, Option<ConditionId>)>],
) -> Vec<OriginSpan> {
    let length = text.chars().count();
    let mut out: Vec<OriginSpan> = Vec::new();
    for (k, (word, verdict)) in words.iter().zip(verdicts).enumerate() {
        let start = if k == 0 { 0 } else { word.start };
        let end = words.get(k + 1).map_or(length, |w| w.start);
        let (origin, condition) = verdict.unwrap_or((Origin::Inferred, None));
        let (start, end) = (
            u32::try_from(start).unwrap_or(u32::MAX),
            u32::try_from(end).unwrap_or(u32::MAX),
        );
        match out.last_mut() {
            Some(last) if last.origin == origin && last.condition == condition => last.end = end,
            _ => out.push(OriginSpan {
                start,
                end,
                origin,
                condition,
            }),
        }
    }
    out
}
