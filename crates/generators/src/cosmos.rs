//! Cosmos 3's JSON document.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use decoupage_shot::{ConditionKind, Section, Shot};
use regex::Regex;
use serde::Serialize;

use crate::material::Sentence;
use crate::profiles::{CameraFrom, Recipe};
use crate::prose::{self, pattern};
use crate::{Outcome, paragraph};

/// The caption over time: what happens, in order.
const TEMPORAL: Recipe = Recipe {
    order: &[Section::Dense, Section::Action, Section::Camera],
    camera: CameraFrom::Dense,
    always_camera: false,
};

#[derive(Serialize)]
struct Document {
    subjects: Vec<Subject>,
    #[serde(skip_serializing_if = "String::is_empty")]
    background_setting: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    lighting: Option<Lighting>,
    #[serde(skip_serializing_if = "Option::is_none")]
    aesthetics: Option<Aesthetics>,
    cinematography: Cinematography,
    #[serde(skip_serializing_if = "Option::is_none")]
    style_medium: Option<String>,
    #[serde(skip_serializing_if = "String::is_empty")]
    artistic_style: String,
    actions: Vec<Action>,
    temporal_caption: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    aspect_ratio: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    duration: Option<String>,
}

#[derive(Serialize)]
struct Subject {
    description: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    action: String,
}

#[derive(Serialize)]
struct Lighting {
    conditions: String,
}

#[derive(Serialize)]
struct Aesthetics {
    color_scheme: String,
}

#[derive(Serialize)]
struct Cinematography {
    camera_motion: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    framing: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    camera_angle: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    depth_of_field: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    focus: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    lens_focal_length: Option<String>,
}

#[derive(Serialize)]
struct Action {
    #[serde(skip_serializing_if = "Option::is_none")]
    time: Option<String>,
    description: String,
}

/// Writes the document.
pub(crate) fn render(shot: &Shot, all: &[Sentence]) -> Outcome<String> {
    let section = |section: Section| -> Vec<String> {
        all.iter()
            .filter(|s| s.section == section)
            .map(|s| {
                if s.by_hand() || section == Section::Camera || section == Section::Action {
                    prose::tidy(&s.text)
                } else {
                    prose::without_reference_talk(&s.text, section == Section::MainObject)
                }
            })
            .filter(|line| !line.is_empty())
            .collect()
    };
    let camera = section(Section::Camera);
    let everywhere = all
        .iter()
        .filter(|s| matches!(s.section, Section::Camera | Section::Dense | Section::Style))
        .map(|s| s.text.as_str())
        .collect::<Vec<_>>()
        .join(" ");
    let mut lines: Vec<String> = Vec::new();
    for line in &camera {
        let after = lines
            .last()
            .is_some_and(|line| line.starts_with("The camera ") || line.starts_with("It "));
        lines.push(prose::camera_sentence(line, after));
    }
    if lines.is_empty() {
        lines = all
            .iter()
            .filter(|s| prose::is_about_camera(&s.text))
            .map(|s| prose::camera_sentence(&s.text, false))
            .collect();
    }
    if lines.is_empty() {
        lines.push(paragraph::STATIC.to_owned());
    }
    let (light, colour, look) = style(&section(Section::Style));
    let plan = paragraph::plan(TEMPORAL, false, all)
        .into_iter()
        .filter(|index| {
            all.get(*index)
                .is_some_and(|s| TEMPORAL.order.contains(&s.section))
        })
        .collect::<Vec<_>>();
    let document = Document {
        subjects: subjects(shot, all, &section(Section::MainObject)),
        background_setting: section(Section::Background).join(" "),
        lighting: (!light.is_empty()).then_some(Lighting { conditions: light }),
        aesthetics: (!colour.is_empty()).then_some(Aesthetics {
            color_scheme: colour,
        }),
        cinematography: Cinematography {
            camera_motion: lines.join(" "),
            framing: find(&FRAMING, &everywhere),
            camera_angle: find(&ANGLE, &everywhere),
            depth_of_field: find(&DEPTH_OF_FIELD, &everywhere),
            focus: find(&FOCUS, &everywhere),
            lens_focal_length: find(&LENS, &everywhere),
        },
        style_medium: find(&MEDIUM, &everywhere),
        artistic_style: look,
        actions: section(Section::Action)
            .into_iter()
            .map(|line| Action {
                time: time(&line, shot.duration_s),
                description: line,
            })
            .collect(),
        temporal_caption: paragraph::render(TEMPORAL, all, &plan, &BTreeSet::new()),
        aspect_ratio: (shot.aspect.width > 0 && shot.aspect.height > 0)
            .then(|| format!("{},{}", shot.aspect.width, shot.aspect.height)),
        duration: whole_seconds(shot.duration_s).map(|seconds| format!("{seconds}s")),
    };
    crate::write::to_json(&document)
}

/// One subject for each identity that the take speaks of by itself; else one for all.
fn subjects(shot: &Shot, all: &[Sentence], lines: &[String]) -> Vec<Subject> {
    let action = all
        .iter()
        .filter(|s| s.section == Section::Action)
        .map(|s| prose::tidy(&s.text))
        .collect::<Vec<_>>()
        .join(" ");
    let own: Vec<Subject> = shot
        .conditions
        .iter()
        .filter(|condition| condition.kind == ConditionKind::Identity)
        .filter_map(|condition| {
            let lines: Vec<String> = all
                .iter()
                .filter(|s| s.section == Section::MainObject && s.conditions == [condition.id])
                .map(|s| prose::without_reference_talk(&s.text, true))
                .filter(|line| !line.is_empty())
                .collect();
            (!lines.is_empty()).then(|| Subject {
                description: lines.join(" "),
                action: String::new(),
            })
        })
        .collect();
    if own.len() > 1 {
        return own;
    }
    if lines.is_empty() {
        return Vec::new();
    }
    vec![Subject {
        description: lines.join(" "),
        action,
    }]
}

/// The style section's clauses: light, colours, the rest.
fn style(lines: &[String]) -> (String, String, String) {
    static LIGHT: LazyLock<Option<Regex>> = LazyLock::new(|| {
        pattern(
            r"(?i)\b(?:light|lights|lit|lighting|backlit|sunlight|daylight|shadows?|sun|contrast|glow|lamps?)\b",
        )
    });
    static COLOUR: LazyLock<Option<Regex>> = LazyLock::new(|| {
        pattern(
            r"(?i)\b(?:palette|colou?rs?|tones?|hues?|saturat\w+|monochrome|black[- ]and[- ]white)\b",
        )
    });
    let mut sorted: [Vec<String>; 3] = Default::default();
    for clause in lines.iter().flat_map(|line| line.split(';')) {
        let clause = clause.trim();
        if clause.is_empty() {
            continue;
        }
        let is = |pattern: &LazyLock<Option<Regex>>| {
            pattern
                .as_ref()
                .is_some_and(|pattern| pattern.is_match(clause))
        };
        let at = if is(&LIGHT) {
            0
        } else if is(&COLOUR) {
            1
        } else {
            2
        };
        if let Some(list) = sorted.get_mut(at) {
            list.push(prose::tidy(&prose::capitalise(clause)));
        }
    }
    let [light, colour, look] = sorted;
    (light.join(" "), colour.join(" "), look.join(" "))
}

type Term = LazyLock<Option<Regex>>;

static FRAMING: Term = LazyLock::new(|| {
    pattern(
        r"(?i)\b(?:extreme |big )?(?:close-?up|medium close-?up|medium shot|medium wide shot|wide shot|long shot|full shot|establishing shot|two-shot|over-the-shoulder(?: shot)?|cowboy shot|from the (?:knees|waist|chest) up|full length)\b",
    )
});
static ANGLE: Term = LazyLock::new(|| {
    pattern(
        r"(?i)\b(?:(?:low|high|dutch|overhead|top-down)[- ]angle|eye[- ]level|bird's[- ]eye(?: view)?|worm's[- ]eye(?: view)?|overhead|top-down|aerial(?: view)?)\b",
    )
});
static DEPTH_OF_FIELD: Term =
    LazyLock::new(|| pattern(r"(?i)\b(?:(?:very )?(?:shallow|deep) (?:depth of field|focus))\b"));
static FOCUS: Term = LazyLock::new(|| {
    pattern(r"(?i)\b(?:rack focus|soft focus|pulls? focus|focus pull|sharp focus)\b")
});
static LENS: Term = LazyLock::new(|| {
    pattern(r"(?i)\b(?:\d{1,3}(?:\.\d)? ?mm lens|wide-angle|telephoto|macro|fisheye)(?: lens)?\b")
});
static MEDIUM: Term = LazyLock::new(|| {
    pattern(
        r"(?i)\b(?:(?:16|35|65|70) ?mm film|live[- ]action|stop[- ]motion|claymation|watercolou?r|oil painting|anime|cel animation|2D animation|3D animation|CGI|animation|documentary)\b",
    )
});

fn find(term: &Term, text: &str) -> Option<String> {
    term.as_ref()?
        .find(text)
        .map(|found| found.as_str().to_lowercase())
}

fn whole_seconds(duration_s: Option<f64>) -> Option<u64> {
    duration_s
        .filter(|seconds| seconds.is_finite() && *seconds > 0.0 && *seconds < 36_000.0)
        .map(|seconds| (seconds.round() as u64).max(1))
}

/// The span a sentence speaks of, where it names one; else the whole shot.
fn time(line: &str, duration_s: Option<f64>) -> Option<String> {
    static SPAN: Term = LazyLock::new(|| {
        pattern(
            r"(\d{1,4}(?:\.\d+)?)\s*(?:s|seconds?)?\s*(?:–|-|to|and)\s*(\d{1,4}(?:\.\d+)?)\s*(?:s|seconds?)\b",
        )
    });
    let clock = |seconds: u64| format!("{}:{:02}", seconds / 60, seconds % 60);
    static UNTIL: Term =
        LazyLock::new(|| pattern(r"(?i)\buntil\s+(\d{1,4}(?:\.\d+)?)\s*(?:s|seconds?)\b"));
    let number = |found: &regex::Captures<'_>, at: usize| -> Option<f64> {
        found.get(at)?.as_str().parse().ok()
    };
    let named = SPAN.as_ref().and_then(|span| {
        let found = span.captures(line)?;
        let (start, mut end) = (number(&found, 1)?, number(&found, 2)?);
        let later = span
            .captures_iter(line)
            .filter_map(|found| number(&found, 2));
        let until = UNTIL.as_ref().into_iter().flat_map(|until| {
            until
                .captures_iter(line)
                .filter_map(|found| number(&found, 1))
                .collect::<Vec<_>>()
        });
        end = later.chain(until).fold(end, f64::max);
        (start < end).then(|| (start.floor() as u64, end.ceil() as u64))
    });
    match named {
        Some((start, end)) => Some(format!("{}-{}", clock(start), clock(end))),
        None => whole_seconds(duration_s).map(|end| format!("{}-{}", clock(0), clock(end))),
    }
}
