//! Light, palette, medium.

use decoupage_conditions::Reading;
use decoupage_conditions::identity::{BackgroundKind, Light, LightKey, Swatch};
use decoupage_conditions::style::Look;
use decoupage_shot::{Condition, ConditionKind};

use super::super::compose::{Composer, Said, Words, listed};
use super::super::facts::Facts;
use super::super::references;
use crate::prompt::StyleKind;

pub(super) fn write(facts: &Facts<'_>, composer: &mut Composer, said: &mut Said) {
    let of = |kind: StyleKind| -> Vec<&str> {
        facts
            .intent
            .style
            .iter()
            .filter(|s| s.kind == kind)
            .map(|s| s.text.as_str())
            .collect()
    };
    let (light, colour, medium, mood) = (
        of(StyleKind::Light),
        of(StyleKind::Colour),
        of(StyleKind::Medium),
        of(StyleKind::Mood),
    );
    let mut words = Words::new();
    if !light.is_empty() {
        words = words.prompt(light.join(", "));
    } else if let Some(hour) = hour(facts) {
        words = words.then(hour);
    }
    let reference = pictures(facts, composer, said);
    for group in [&colour, &mood, &medium] {
        if !group.is_empty() {
            if !words.is_empty() {
                words = words.prompt(";");
            }
            words = words.prompt(group.join(", "));
        }
    }
    if facts.intent.edit.is_some() && words.is_empty() && !reference {
        composer.sentence(
            Words::new().own("Light, colour and medium stay as they are"),
            said,
        );
        return;
    }
    if medium.is_empty() && colour.is_empty() && mood.is_empty() && !reference {
        words = if words.is_empty() {
            Words::new().own(if composer.is_empty() {
                plain(facts)
            } else {
                "Naturalistic live action"
            })
        } else {
            words.own("; naturalistic live action")
        };
    } else if light.is_empty() && facts.intent.times.is_empty() && !reference && !words.is_empty() {
        words = words.own(", lit simply and evenly");
    }
    composer.sentence(words, said);
}

/// Light for a shot whose prompt names none.
fn plain(facts: &Facts<'_>) -> &'static str {
    match facts.intent.weather.first().map(|w| w.key.as_str()) {
        Some("rain" | "drizzle" | "downpour" | "raining") => {
            "Soft, grey light with a sheen on wet surfaces; naturalistic live action"
        }
        Some("snow" | "snowfall" | "blizzard" | "snowing") => {
            "Flat, bright light off the snow; naturalistic live action"
        }
        Some("fog" | "mist" | "haze") => {
            "Diffuse light that thins with distance; naturalistic live action"
        }
        Some("overcast") => "Soft light without hard shadows; naturalistic live action",
        _ => "Naturalistic live action in soft, even light",
    }
}

/// The light an hour suggests; the hour is the prompt's, the light is inferred.
fn hour(facts: &Facts<'_>) -> Option<Words> {
    let term = facts.intent.times.first()?;
    let key = term.key.as_str();
    let light = match key {
        "dusk" | "twilight" | "nightfall" => "the low, warm light of",
        "dawn" | "daybreak" | "sunrise" | "first light" => "the pale, cool light of",
        "sunset" => "the long, warm light of",
        "golden hour" | "magic hour" => "the low, warm light of the",
        "blue hour" => "the deep, even light of the",
        "night" | "midnight" | "nighttime" => "Low light with deep shadows, as",
        "noon" | "midday" => "hard light from above, as at",
        "morning" => "the clear, slanting light of",
        "afternoon" => "the full, slanting light of",
        "evening" => "the soft, fading light of",
        "daylight" | "daytime" => "clear",
        _ => return None,
    };
    let shown = match key {
        "night" | "midnight" | "nighttime" => format!("at {key}"),
        "morning" | "afternoon" | "evening" => key.to_owned(),
        "daytime" => "daylight".to_owned(),
        _ => key.to_owned(),
    };
    Some(Words::new().own(light).prompt(shown))
}

/// The look of style pictures and frames.
fn pictures(facts: &Facts<'_>, composer: &mut Composer, said: &mut Said) -> bool {
    let mut any = false;
    for (condition, reading) in &facts.looks {
        let source = match reading.role {
            ConditionKind::Style => "the style picture",
            ConditionKind::FirstFrame => "the first frame",
            ConditionKind::ReferenceVideo => "the reference video",
            ConditionKind::MaskedImage => "the masked image",
            ConditionKind::LastFrame => "the last frame",
            _ => continue,
        };
        if reading.role == ConditionKind::LastFrame && any {
            continue;
        }
        let colours = palette(&reading.palette);
        let lost = facts.decisions.lost_palette;
        let mut parts: Vec<String> = Vec::new();
        if !colours.is_empty() && !lost {
            parts.push(listed(&colours));
        }
        if let Some(light) = reading.light.filter(|_| !lost) {
            parts.push(light_words(light));
        }
        if let Some(look) = look_of(facts, condition) {
            parts.extend(references::look_words(look));
        }
        let text = match parts.as_slice() {
            [] => format!("The look follows {source}, but for its colours"),
            parts => format!("{}, after {source}", parts.join("; ")),
        };
        composer.sentence(Words::new().of(condition.id, text), said);
        any = true;
    }
    for condition in facts.conditions(ConditionKind::Style) {
        if facts.brief.readings.get(&condition.id).is_none() {
            any |= composer.sentence(
                Words::new().of(condition.id, "The look follows the style picture"),
                said,
            );
        }
        super::note(condition, composer, said);
    }
    for condition in facts.conditions(ConditionKind::ReferenceVideo) {
        super::note(condition, composer, said);
        if facts.brief.readings.get(&condition.id).is_none() {
            any |= composer.sentence(
                Words::new().of(condition.id, "Light and colour follow the reference video"),
                said,
            );
        }
    }
    if !any
        && facts.intent.style.is_empty()
        && facts.intent.times.is_empty()
        && facts.intent.weather.is_empty()
    {
        // A scene behind an identity is the only light there is to go by.
        let pictures = facts.conditions(ConditionKind::Identity).count();
        for condition in facts.conditions(ConditionKind::Identity) {
            // Of several pictures, one of nobody in the shot does not light it.
            let apart = (0..facts.cast.len()).any(|i| {
                facts.loose(i)
                    && facts.cast.get(i).is_some_and(|m| {
                        m.identities.iter().any(|p| p.condition.id == condition.id)
                    })
            });
            if apart && pictures > 1 {
                continue;
            }
            if let Some(Reading::Identity(reading)) = facts.brief.readings.get(&condition.id)
                && reading.background.kind == BackgroundKind::Scene
            {
                let text = format!(
                    "{}, as in the reference picture",
                    light_words(reading.light)
                );
                composer.sentence(Words::new().of(condition.id, text), said);
                return false;
            }
        }
    }
    any
}

/// The measured look of a condition.
fn look_of<'a>(facts: &Facts<'a>, condition: &Condition) -> Option<&'a Look> {
    match facts.brief.readings.get(&condition.id)? {
        Reading::Style(reading) => Some(&reading.look),
        Reading::Frame(reading) => Some(&reading.look),
        Reading::ReferenceVideo(reading) => Some(&reading.look),
        _ => None,
    }
}

fn palette(swatches: &[Swatch]) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    for swatch in swatches.iter().filter(|s| s.share >= 0.06).take(4) {
        if !out.contains(&swatch.name) {
            out.push(swatch.name.clone());
        }
    }
    out
}

/// Light and contrast in a few words.
pub(crate) fn light_words(light: Light) -> String {
    let key = match light.key {
        LightKey::High => "bright, high-key light",
        LightKey::Middle => "even, middle-key light",
        LightKey::Low => "dark, low-key light",
    };
    let contrast = match light.contrast {
        c if c > 0.75 => " with strong contrast",
        c if c < 0.35 => " with little contrast",
        _ => "",
    };
    let warmth = match light.warmth {
        w if w > 0.2 => ", warm in tone",
        w if w < -0.2 => ", cool in tone",
        _ => "",
    };
    format!("{key}{contrast}{warmth}")
}
