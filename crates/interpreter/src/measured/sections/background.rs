//! Place and depth.

use decoupage_conditions::Reading;
use decoupage_conditions::depth::{Band, DepthReading};
use decoupage_shot::ConditionKind;

use super::super::compose::{Composer, Said, Words, capital, number};
use super::super::facts::Facts;
use super::super::references;
use super::{conditions_of_light, note, places};

pub(super) fn write(facts: &Facts<'_>, composer: &mut Composer, said: &mut Said) {
    setting(facts, composer, said);
    for (condition, depth) in &facts.depths {
        // A place that the prompt names is what it is.
        if facts.intent.places.is_empty()
            && let Some(text) = references::place(depth)
        {
            composer.sentence(Words::new().of(condition.id, text), said);
        }
        if let Some(text) = layers(depth) {
            composer.sentence(Words::new().of(condition.id, text), said);
        }
    }
    for condition in facts.conditions(ConditionKind::Depth) {
        let read = facts
            .depths
            .iter()
            .any(|(c, d)| c.id == condition.id && !d.layers.is_empty());
        if !read {
            composer.sentence(
                Words::new().of(condition.id, "The layout in depth follows the depth clip"),
                said,
            );
        }
    }
    references(facts, composer, said);
    for negation in facts.intent.negations.iter().filter(|n| !n.camera) {
        composer.sentence(Words::new().prompt(&negation.text), said);
    }
    for kind in [ConditionKind::Depth, ConditionKind::Segmentation] {
        for condition in facts.conditions(kind) {
            note(condition, composer, said);
        }
    }
}

fn setting(facts: &Facts<'_>, composer: &mut Composer, said: &mut Said) {
    let place = places(facts, false);
    let light = conditions_of_light(facts).join(", ");
    if !place.is_empty() {
        let words = if light.is_empty() {
            place
        } else {
            place.prompt(&light)
        };
        if said.has(&words) {
            // The dense text is this place and nothing else.
            let noun = facts.place_noun().unwrap_or("place");
            let verb = if crate::prompt::verbs::is_plural(noun) {
                "fill"
            } else {
                "fills"
            };
            composer.sentence(
                Words::new()
                    .prompt(format!("The {noun}"))
                    .own(format!("{verb} the frame from edge to edge")),
                said,
            );
        } else {
            composer.sentence(words, said);
        }
        return;
    }
    let weather = facts.intent.weather.first();
    let taken = facts.intent.edit.is_some()
        || facts.conditions(ConditionKind::FirstFrame).next().is_some()
        || facts
            .conditions(ConditionKind::MaskedImage)
            .next()
            .is_some();
    if taken {
        if facts.intent.edit.is_some() {
            composer.sentence(Words::new().own("The surroundings stay as they are"), said);
        }
        return;
    }
    if facts.intent.verbatim.is_some() {
        composer.sentence(
            Words::new().own("The surroundings the prompt asks for, in its own words"),
            said,
        );
        return;
    }
    if !light.is_empty() {
        composer.sentence(
            Words::new().own("An open, uncluttered place").prompt(light),
            said,
        );
    } else if let Some(weather) = weather {
        composer.sentence(
            Words::new()
                .own("Open ground, and around it")
                .prompt(&weather.text),
            said,
        );
    } else if facts.depths.is_empty() {
        let shown: Vec<usize> = (0..facts.cast.len())
            .filter(|i| !facts.decisions.left_out.contains(i))
            .collect();
        match shown.first().copied() {
            Some(index) => {
                let tail = match facts.pronoun(index).filter(|_| shown.len() == 1) {
                    _ if shown.len() > 1 => Words::new().own("them"),
                    Some(p) => Words::new().own(p.object()),
                    None => facts.noun(index),
                };
                composer.sentence(
                    Words::new()
                        .own("Plain, uncluttered surroundings that leave the eye on")
                        .then(tail),
                    said,
                );
            }
            None => {
                composer.sentence(Words::new().own("Plain, uncluttered surroundings"), said);
            }
        }
    }
}

/// Where a layer sits, after a comma: "along the bottom of the frame", "filling the upper third".
pub(crate) fn sits(place: &str) -> String {
    let place = place.trim().trim_end_matches('.');
    let first = place.split(' ').next().unwrap_or_default();
    match first {
        "" => "somewhere in the frame".to_owned(),
        "the" | "a" | "an" | "most" | "almost" | "all" | "half" | "nearly" => {
            format!("filling {place}")
        }
        _ => place.to_owned(),
    }
}

fn share(share: f64) -> Option<&'static str> {
    Some(match share {
        s if !s.is_finite() || s < 0.04 => return None,
        s if s < 0.15 => "about a tenth",
        s if s < 0.22 => "about a fifth",
        s if s < 0.29 => "about a quarter",
        s if s < 0.42 => "about a third",
        s if s < 0.58 => "about half",
        s if s < 0.71 => "about two thirds",
        s if s < 0.85 => "about three quarters",
        _ => "nearly all",
    })
}

/// The layers in one sentence.
fn layers(depth: &DepthReading) -> Option<String> {
    let count = depth.layers.len();
    if count == 0 {
        return None;
    }
    if let [only] = depth.layers.as_slice() {
        let fills = share(only.share)
            .map(|s| format!(", {s} of the picture"))
            .unwrap_or_default();
        return Some(format!("One depth, {}{fills}", sits(&only.place)));
    }
    let nested = depth.layers.iter().any(|l| l.place.contains(','));
    let mut text = format!("{} depths:", capital(&number(count)));
    for (k, layer) in depth.layers.iter().enumerate() {
        let what = match (&layer.name, layer.band) {
            (Some(name), _) => name.as_str(),
            (None, Band::Near) if layer.share < 0.15 => "a near edge",
            (None, Band::Near) => "a foreground",
            (None, Band::Mid) => "a middle ground",
            (None, Band::Far) => "a background",
        };
        let place = sits(&layer.place).replace("filling ", "that fills ");
        let place = match k {
            0 => place,
            // The frame is named once.
            _ => place
                .replace("most of the frame", "most of it")
                .replace("almost the whole frame", "almost all of it")
                .replace(" of the frame", ""),
        };
        let glue = match k {
            0 => " ",
            _ if nested => "; ",
            k if k + 1 == count && count > 2 => ", and ",
            k if k + 1 == count => " and ",
            _ => ", ",
        };
        text.push_str(&format!("{glue}{what} {place}"));
    }
    Some(text)
}

/// The layers in a few words, for a shot that has nothing else.
pub(super) fn layers_brief(facts: &Facts<'_>) -> Option<String> {
    let (_, depth) = facts.depths.first()?;
    let names: Vec<&str> = depth
        .layers
        .iter()
        .map(|l| match l.band {
            Band::Near => "a near foreground",
            Band::Mid => "a middle ground",
            Band::Far => "a far distance",
        })
        .collect();
    (!names.is_empty())
        .then(|| format!("staged in depth: {}", super::super::compose::listed(&names)))
}

/// Pictures that say what the frame holds.
fn references(facts: &Facts<'_>, composer: &mut Composer, said: &mut Said) {
    for (kind, text) in [
        (
            ConditionKind::FirstFrame,
            "The shot opens on the given first frame and keeps its place",
        ),
        (ConditionKind::LastFrame, "It ends on the given last frame"),
        (
            ConditionKind::MaskedImage,
            "Outside the mask the given picture stays as it is",
        ),
        (
            ConditionKind::Segmentation,
            "The regions of the frame follow the segmentation",
        ),
        (
            ConditionKind::Sketch,
            "The composition follows the lines of the sketch",
        ),
    ] {
        let all: Vec<_> = facts.conditions(kind).collect();
        if let Some(condition) = all.first() {
            let measured = match facts.brief.readings.get(&condition.id) {
                Some(Reading::Segmentation(reading)) => references::regions(reading),
                Some(Reading::Sketch(reading)) => references::drawing(reading),
                Some(Reading::Frame(reading)) => references::open_part(reading),
                _ => None,
            };
            let text = measured.unwrap_or_else(|| text.to_owned());
            composer.sentence(Words::new().of(condition.id, text), said);
        }
        for condition in all.iter().skip(1) {
            composer.sentence(
                Words::new().of(
                    condition.id,
                    format!(
                        "A second {} refines it: “{}”",
                        kind.title(),
                        condition.name.trim()
                    ),
                ),
                said,
            );
        }
        for condition in all
            .iter()
            .filter(|_| !matches!(kind, ConditionKind::Segmentation))
        {
            note(condition, composer, said);
        }
    }
}
