//! The reasoning trace: intent, conditions, supplement. Alignment has its own module.

use decoupage_conditions::Reading;
use decoupage_shot::{ConditionKind, Supplement, TraceNote};

use super::compose::{capital, listed};
use super::facts::{Facts, label};
use super::moves::{held, summary};
use super::sections::{conditions_of_light, predicate};
use crate::prompt::{CameraWish, EditKind, squeeze};

/// Step 1: what the short prompt asks for.
pub(crate) fn intent(facts: &Facts<'_>) -> String {
    let intent = &facts.intent;
    if let Some(text) = &intent.verbatim {
        return format!(
            "The prompt is taken as it was written, because its words could not be read here: “{}”.",
            short(text, 160)
        );
    }
    if intent.is_empty() {
        return "There is no prompt: the conditions alone say what the shot is.".to_owned();
    }
    let mut out = Vec::new();
    match &intent.edit {
        Some(edit) => {
            let kind = match edit.kind {
                EditKind::Add => "an addition",
                EditKind::Modify => "a change",
                EditKind::Remove => "a removal",
            };
            out.push(format!("Asks for {kind}: {}.", edit.text));
        }
        None => {
            let who: Vec<&str> = intent
                .subjects
                .iter()
                .take(8)
                .map(|s| s.text.as_str())
                .collect();
            out.push(if who.is_empty() {
                "Asks for a shot of a place.".to_owned()
            } else {
                format!("Asks for a shot of {}.", listed(&who))
            });
        }
    }
    let does: Vec<String> = intent.clauses.iter().take(10).map(predicate).collect();
    if !does.is_empty() {
        out.push(format!("What happens: {}.", does.join("; ")));
    }
    let mut place: Vec<String> = intent
        .places
        .iter()
        .map(|p| format!("{} {}", p.preposition, p.text).trim().to_owned())
        .collect();
    place.extend(conditions_of_light(facts));
    if !place.is_empty() {
        out.push(format!("Where and when: {}.", place.join(", ")));
    }
    let camera: Vec<&str> = intent.camera.iter().map(|c| c.text.as_str()).collect();
    if !camera.is_empty() {
        out.push(format!("Camera: {}.", unique(&camera).join(", ")));
    }
    let style: Vec<&str> = intent.style.iter().map(|c| c.text.as_str()).collect();
    if !style.is_empty() {
        out.push(format!("Style: {}.", unique(&style).join(", ")));
    }
    let not: Vec<&str> = intent.negations.iter().map(|n| n.what.as_str()).collect();
    if !not.is_empty() {
        out.push(format!("Not wanted: {}.", unique(&not).join(", ")));
    }
    out.join(" ")
}

fn unique<'s>(items: &[&'s str]) -> Vec<&'s str> {
    let mut out: Vec<&str> = Vec::new();
    for item in items {
        if !out.contains(item) {
            out.push(item);
        }
    }
    out
}

/// The first words of a long text.
fn short(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    let cut: String = text.chars().take(most).collect();
    let cut = cut.rsplit_once(' ').map_or(cut.as_str(), |(head, _)| head);
    format!("{cut} …")
}

/// Step 2: what each condition shows.
pub(crate) fn conditions(facts: &Facts<'_>) -> Vec<TraceNote> {
    facts
        .shot
        .conditions
        .iter()
        .map(|condition| {
            let reading = facts.brief.readings.get(&condition.id);
            let mut text = match reading {
                None => format!(
                    "{} could not be read; nothing is measured in it.",
                    label(condition)
                ),
                Some(reading) => {
                    let said = said(reading);
                    format!("{}: {said}", label(condition))
                }
            };
            let note = squeeze(&condition.note);
            if !note.is_empty() {
                let end = if note.ends_with(['.', '!', '?']) {
                    ""
                } else {
                    "."
                };
                text.push_str(&format!(" Your note: {note}{end}"));
            }
            let offered = match reading {
                Some(Reading::Identity(r)) => r.embedded_prompt.as_ref(),
                Some(Reading::Plain(r)) => r.embedded_prompt.as_ref(),
                _ => None,
            };
            if let Some(offer) = offered {
                text.push_str(&format!(
                    " The file carries a description ({}), offered and not used: “{}”.",
                    offer.source,
                    short(&squeeze(&offer.text), 160)
                ));
            }
            if condition.offset_s.abs() >= 0.05 {
                text.push_str(&format!(
                    " It begins at {:.1} s of the shot.",
                    condition.offset_s
                ));
            }
            TraceNote {
                condition: Some(condition.id),
                text,
            }
        })
        .collect()
}

/// A reading's own sentences, or its measurements where it has none.
fn said(reading: &Reading) -> String {
    let own: Vec<String> = match reading {
        Reading::Pose(r) => r
            .statements
            .iter()
            .chain(r.people.iter().flat_map(|p| p.statements.iter().take(3)))
            .take(6)
            .map(|s| sentence(&s.text))
            .collect(),
        other => other
            .statements()
            .iter()
            .take(4)
            .map(|s| sentence(&s.text))
            .collect(),
    };
    if !own.is_empty() {
        return own.join(" ");
    }
    match reading {
        Reading::Camera(r) => format!("the camera {}. {}.", summary(r), held(r.steadiness)),
        Reading::Pose(r) => {
            let people: Vec<String> = r
                .people
                .iter()
                .map(|p| {
                    let does: Vec<&str> = super::perform::actions(p)
                        .iter()
                        .map(|a| super::align::naming(a.action))
                        .collect();
                    let way = super::perform::travel(p);
                    let does = if does.is_empty() {
                        "no action that has a name".to_owned()
                    } else {
                        does.join(", ")
                    };
                    format!(
                        "person {}: {does}{}",
                        p.id,
                        if way.is_empty() {
                            String::new()
                        } else {
                            format!(", {way}")
                        }
                    )
                })
                .collect();
            if people.is_empty() {
                "nobody is seen.".to_owned()
            } else {
                format!("{}.", people.join("; "))
            }
        }
        Reading::Depth(r) => {
            let layers: Vec<String> = r
                .layers
                .iter()
                .map(|l| format!("{}: {}", band(l.band), l.place))
                .collect();
            if layers.is_empty() {
                "depth without clear layers.".to_owned()
            } else {
                format!("{}.", layers.join("; "))
            }
        }
        Reading::Identity(r) => {
            let colours: Vec<&str> = r.palette.iter().take(3).map(|s| s.name.as_str()).collect();
            if colours.is_empty() {
                format!("a picture of {} by {} pixels.", r.width, r.height)
            } else {
                format!("mostly {}.", listed(&colours))
            }
        }
        Reading::Plain(r) => match (r.width, r.height, r.duration_s) {
            (Some(w), Some(h), Some(d)) => format!("{w} by {h} pixels, {d:.1} s."),
            (Some(w), Some(h), None) => format!("a picture of {w} by {h} pixels."),
            (_, _, Some(d)) => format!("{d:.1} s of sound."),
            _ => "nothing could be measured.".to_owned(),
        },
    }
}

fn band(band: decoupage_conditions::depth::Band) -> &'static str {
    use decoupage_conditions::depth::Band;
    match band {
        Band::Near => "near",
        Band::Mid => "middle",
        Band::Far => "far",
    }
}

fn sentence(text: &str) -> String {
    let text = capital(&squeeze(text));
    if text.ends_with(['.', '!', '?', '”']) {
        text
    } else {
        format!("{text}.")
    }
}

/// Step 4: what nobody gave and was chosen.
pub(crate) fn supplement(facts: &Facts<'_>) -> Vec<Supplement> {
    let mut out = Vec::new();
    let mut add = |text: &str, why: &str| {
        out.push(Supplement {
            text: text.to_owned(),
            why: why.to_owned(),
        });
    };
    let intent = &facts.intent;
    let moves = intent
        .camera
        .iter()
        .any(|c| matches!(c.wish, CameraWish::Move { .. } | CameraWish::Static));
    let depth_motion = facts.depths.iter().any(|(_, d)| {
        d.camera_motion
            .as_ref()
            .is_some_and(|m| m.confidence >= 0.5)
    });
    let any = |kind| facts.conditions(kind).next().is_some();
    if !moves
        && facts.path.is_none()
        && !depth_motion
        && !any(ConditionKind::Camera)
        && !any(ConditionKind::ReferenceVideo)
    {
        add(
            "A locked-off camera.",
            "No camera path was given and the prompt says nothing of the camera.",
        );
    }
    let style = !intent.style.is_empty()
        || any(ConditionKind::Style)
        || any(ConditionKind::FirstFrame)
        || any(ConditionKind::ReferenceVideo);
    if let Some(time) = intent.times.first()
        && !intent
            .style
            .iter()
            .any(|s| s.kind == crate::prompt::StyleKind::Light)
    {
        add(
            &format!("The light that goes with “{}”.", time.text),
            "The prompt names the hour and not the light.",
        );
    }
    if !style {
        add(
            "Naturalistic live action.",
            "No look was asked for and no style picture was given.",
        );
    }
    if intent.places.is_empty()
        && facts.depths.is_empty()
        && !any(ConditionKind::FirstFrame)
        && intent.edit.is_none()
        && intent.verbatim.is_none()
    {
        add(
            "Plain surroundings.",
            "Neither prompt nor conditions name a place.",
        );
    }
    for (index, member) in facts.cast.iter().enumerate() {
        let animal_walks = facts
            .subject(member)
            .is_some_and(|s| s.with.is_some() && super::cast::animal(&s.head));
        let leader = facts.subject(member).and_then(|s| s.with);
        let walks = intent.clauses.iter().any(|c| {
            c.subject == leader
                && leader.is_some()
                && matches!(
                    c.pose,
                    Some(
                        decoupage_conditions::pose::ActionKind::Walking
                            | decoupage_conditions::pose::ActionKind::Running
                    )
                )
        });
        if animal_walks && walks && member.performers.is_empty() {
            let noun = facts.noun(index).plain();
            add(
                &format!("{} keeps pace.", capital(&noun)),
                "The pose shows one person only; nothing measures the animal.",
            );
        }
    }
    if facts.shot.duration_s.is_none()
        && facts.lengths().is_empty()
        && !facts.shot.conditions.is_empty()
        && !intent.is_empty()
    {
        add(
            "No length.",
            "Neither the shot nor any condition has one; the generator's own applies.",
        );
    }
    out
}
