//! Warnings: where what a generator is told by default works against the shot.

use std::sync::LazyLock;

use decoupage_shot::{ConditionKind, Section, Shot};
use regex::Regex;

use crate::material::Sentence;
use crate::profiles::{Shape, Spec};
use crate::prose::{Move, moves, pattern};

type Term = LazyLock<Option<Regex>>;

/// Something a shot may want, and the terms of a negative prompt that forbid it.
struct Clash {
    wanted: &'static Term,
    forbidden: &'static [&'static str],
    /// Completes "… forbids X, and this shot …".
    what: &'static str,
    shot: &'static str,
}

static SHAKE: Term = LazyLock::new(|| {
    pattern(r"(?i)\b(?:hand-?held|shaky|shakes?|shaking|unsteady|camera shake|jitter\w*)\b")
});
static TILTED: Term = LazyLock::new(|| {
    pattern(r"(?i)\b(?:dutch (?:angle|tilt)|canted|tilted (?:camera|horizon|frame))\b")
});
static BLUR: Term = LazyLock::new(|| pattern(r"(?i)\bmotion blur\b"));
static AERIAL: Term = LazyLock::new(|| {
    pattern(r"(?i)\b(?:aerial|drone|bird['’]s[- ]eye|from above|top-down|overhead)\b")
});
static DRAWN: Term = LazyLock::new(|| {
    pattern(
        r"(?i)\b(?:painting|painted|painterly|watercolou?r|anime|cartoon|cel[- ]shaded|sketch(?:ed)?|illustration|illustrated|drawn|animation|animated|claymation|comic)\b",
    )
});
static CROWD: Term =
    LazyLock::new(|| pattern(r"(?i)\b(?:crowds?|crowded|busy street|many people|passers-by)\b"));
static BACKWARDS: Term = LazyLock::new(|| pattern(r"(?i)\bwalk(?:s|ing)? backwards?\b"));
static LETTERING: Term = LazyLock::new(|| pattern(r"(?i)\b(?:subtitles?|captions? on screen)\b"));

static CLASHES: [Clash; 8] = [
    Clash {
        wanted: &SHAKE,
        forbidden: &["camera shake", "shaky", "jitter"],
        what: "camera shake",
        shot: "is not steady",
    },
    Clash {
        wanted: &TILTED,
        forbidden: &["tilted camera", "dutch angle"],
        what: "a tilted camera",
        shot: "has one",
    },
    Clash {
        wanted: &BLUR,
        forbidden: &["motion blur"],
        what: "motion blur",
        shot: "asks for it",
    },
    Clash {
        wanted: &AERIAL,
        forbidden: &["aerial view"],
        what: "aerial views",
        shot: "is seen from above",
    },
    Clash {
        wanted: &DRAWN,
        forbidden: &["画作", "cartoon", "painting"],
        what: "drawn and painted styles",
        shot: "asks for one",
    },
    Clash {
        wanted: &CROWD,
        forbidden: &["背景人很多"],
        what: "many people in the background",
        shot: "has a crowd",
    },
    Clash {
        wanted: &BACKWARDS,
        forbidden: &["倒着走"],
        what: "walking backwards",
        shot: "shows it",
    },
    Clash {
        wanted: &LETTERING,
        forbidden: &["字幕", "subtitles"],
        what: "subtitles",
        shot: "asks for them",
    },
];

/// Whether `text` names the thing and does not deny it ("no shake", "without shake").
fn wants(term: &Term, text: &str) -> bool {
    let Some(term) = term.as_ref() else {
        return false;
    };
    term.find_iter(text).any(|found| {
        let before: Vec<String> = text[..found.start()]
            .split_whitespace()
            .rev()
            .take(3)
            .map(str::to_lowercase)
            .collect();
        !before
            .iter()
            .take_while(|word| !word.ends_with(['.', ';']))
            .any(|word| {
                matches!(
                    word.trim_matches(|c: char| !c.is_alphanumeric()),
                    "no" | "not" | "without" | "never" | "free" | "hardly" | "nor"
                )
            })
    })
}

/// What a person should know before sending.
pub(crate) fn warnings(
    spec: &Spec,
    negative: Option<&str>,
    shot: &Shot,
    all: &[Sentence],
) -> Vec<String> {
    let mut warnings = Vec::new();
    let text = all
        .iter()
        .map(|s| s.text.as_str())
        .collect::<Vec<_>>()
        .join("\n");
    let lower = negative.unwrap_or_default().to_lowercase();
    for clash in &CLASHES {
        if wants(clash.wanted, &text) && clash.forbidden.iter().any(|term| lower.contains(term)) {
            warnings.push(format!(
                "The default negative prompt of {} forbids {}, and this shot {}: take it out before sending.",
                spec.title, clash.what, clash.shot
            ));
        }
    }
    let camera: std::collections::BTreeSet<Move> = all
        .iter()
        .filter(|s| {
            s.section == Section::Camera
                || (s.section == Section::Dense && crate::prose::is_about_camera(&s.text))
        })
        .flat_map(|s| moves(&s.text))
        .collect();
    let still = camera.len() == 1 && camera.contains(&Move::Hold);
    if still && lower.contains("静态") {
        warnings.push(format!(
            "The default negative prompt of {} opposes static pictures (静态, 静止), and this shot's camera does not move: take those terms out before sending.",
            spec.title
        ));
    }
    let has = |kind: ConditionKind| shot.conditions.iter().any(|c| c.kind == kind);
    let from_image = has(ConditionKind::FirstFrame);
    if from_image && spec.traits.no_camera_from_image && !camera.is_empty() && !still {
        warnings.push(format!(
            "{} does not follow camera moves well when it starts from a picture.",
            spec.title
        ));
    }
    if spec.traits.distilled_ignores_negative && negative.is_some_and(|text| !text.is_empty()) {
        warnings.push(format!(
            "The distilled model of {} ignores the negative prompt.",
            spec.title
        ));
    }
    if spec.traits.makes_sound && matches!(spec.shape, Shape::Paragraph(_)) && !all.is_empty() {
        let track = crate::soundtrack::soundtrack(shot, all);
        if track.scene.is_empty() && track.music.is_empty() {
            warnings.push(format!(
                "{} makes sound too, and this take does not say what is heard.",
                spec.title
            ));
        }
    }
    warnings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_denied_is_not_wanted() {
        assert!(wants(&SHAKE, "Hand-held, close behind her."));
        assert!(!wants(&SHAKE, "Steady, no shake."));
        assert!(!wants(&SHAKE, "It is steady, without any shake."));
        assert!(wants(&SHAKE, "There is no music. Shaky throughout."));
    }
}
