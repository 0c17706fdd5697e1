//! The reasoning trace: intent, conditions, supplement. Alignment has its own module.

use decoupage_conditions::Reading;
use decoupage_conditions::audio::AudioReading;
use decoupage_conditions::clip::ClipReading;
use decoupage_conditions::frame::FrameReading;
use decoupage_conditions::segmentation::SegmentationReading;
use decoupage_conditions::sketch::SketchReading;
use decoupage_conditions::style::StyleReading;
use decoupage_shot::{ConditionKind, Supplement, TraceNote};

use super::compose::{capital, listed};
use super::facts::Facts;
use super::moves::{held, summary};
use super::sections::dense::with_article;
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
                EditKind::Add => "An addition to",
                EditKind::Modify => "A change to",
                EditKind::Remove => "A removal from",
            };
            out.push(format!("{kind} what is there: {}.", edit.text));
        }
        None => out.extend(happens(facts)),
    }
    let camera: Vec<String> = quoted(intent.camera.iter().map(|c| c.text.as_str()));
    let style: Vec<String> = quoted(intent.style.iter().map(|c| c.text.as_str()));
    if intent.edit.is_none() || !camera.is_empty() || !style.is_empty() {
        out.push(match (camera.as_slice(), style.as_slice()) {
            ([], []) => "No camera and no look are asked for.".to_owned(),
            ([], look) => format!(
                "For the look it asks for {}; the camera is left open.",
                listed(look)
            ),
            (camera, []) => format!(
                "For the camera it asks for {}; the look is left open.",
                listed(camera)
            ),
            (camera, look) => format!(
                "For the camera it asks for {}, for the look {}.",
                listed(camera),
                listed(look)
            ),
        });
    }
    let not: Vec<&str> = intent.negations.iter().map(|n| n.what.as_str()).collect();
    if !not.is_empty() {
        out.push(format!("It rules out {}.", listed(&unique(&not))));
    }
    out.join(" ")
}

/// What the prompt lets happen, as it would be told: who does what, where and when.
fn happens(facts: &Facts<'_>) -> Vec<String> {
    let intent = &facts.intent;
    let mut setting: Vec<String> = intent
        .places
        .iter()
        .filter(|p| !p.in_clause)
        .map(|p| {
            let text = with_article(&p.text, &p.head);
            match (p.preposition.as_str(), intent.clauses.is_empty()) {
                // "A lighthouse on a cliff, stormy sea below": named beside the subject.
                ("", true) => format!(", {text}"),
                ("", false) => format!("in {text}"),
                (at, _) => format!("{at} {text}"),
            }
        })
        .collect();
    setting.extend(conditions_of_light(facts));
    let mut lines: Vec<(usize, String)> = Vec::new();
    for clause in intent.clauses.iter().take(10) {
        let who = match clause.subject.and_then(|i| intent.subject(i)) {
            Some(subject) if subject.text == clause.subject_text => {
                super::facts::with_article(subject)
            }
            _ => clause.subject_text.clone(),
        };
        let text = format!("{who} {}", predicate(clause)).trim().to_owned();
        match lines.last_mut() {
            Some((sentence, line)) if *sentence == clause.sentence => {
                match clause.joiner.as_str() {
                    "" | "," => line.push_str(", "),
                    other => {
                        line.push(' ');
                        line.push_str(other);
                        line.push(' ');
                    }
                }
                line.push_str(&text);
            }
            _ => lines.push((clause.sentence, text)),
        }
    }
    if lines.is_empty() {
        let who: Vec<String> = intent
            .subjects
            .iter()
            .filter(|s| s.with.is_none())
            .take(8)
            .map(super::facts::with_article)
            .collect();
        let text = if who.is_empty() {
            // A shot of a place: its preposition has nothing to lean on.
            match intent.places.iter().find(|p| !p.in_clause) {
                Some(place) => {
                    if let Some(first) = setting.first_mut() {
                        *first = with_article(&place.text, &place.head);
                    }
                    String::new()
                }
                None => String::new(),
            }
        } else {
            listed(&who)
        };
        lines.push((0, text));
    }
    if let (Some((_, first)), false) = (lines.first_mut(), setting.is_empty()) {
        let setting = setting.join(" ").replace(" ,", ",");
        let glue = match (first.is_empty(), first.contains(',')) {
            (true, _) => "",
            _ if setting.starts_with(',') => "",
            (false, true) => ", ",
            (false, false) => " ",
        };
        first.push_str(glue);
        first.push_str(&setting);
    }
    lines
        .into_iter()
        .map(|(_, line)| line)
        .filter(|line| !line.is_empty())
        .chain(intent.other.iter().map(|term| term.text.clone()))
        .map(|line| sentence(&line.replace(" ,", ",")))
        .collect()
}

fn quoted<'s>(items: impl Iterator<Item = &'s str>) -> Vec<String> {
    let items: Vec<&str> = items.collect();
    unique(&items)
        .into_iter()
        .map(|text| format!("“{text}”"))
        .collect()
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
                None => "It could not be read; nothing is measured in it.".to_owned(),
                Some(reading) => capital(&said(reading)),
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
                Some(r) => r.plain().and_then(|plain| plain.embedded_prompt.as_ref()),
                None => None,
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
            .take(1)
            .chain(r.people.iter().flat_map(|p| {
                p.statements
                    .iter()
                    .take(if r.people.len() > 1 { 1 } else { 2 })
            }))
            .take(5)
            .map(|s| sentence(&s.text))
            .collect(),
        other => other
            .statements()
            .iter()
            .take(
                if matches!(other, Reading::Depth(_) | Reading::Identity(_)) {
                    2
                } else {
                    3
                },
            )
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
        Reading::Style(StyleReading { plain: r, .. })
        | Reading::Segmentation(SegmentationReading { plain: r, .. })
        | Reading::Sketch(SketchReading { plain: r, .. })
        | Reading::Frame(FrameReading { plain: r, .. })
        | Reading::ReferenceVideo(ClipReading { plain: r, .. })
        | Reading::Audio(AudioReading { plain: r, .. }) => {
            match (r.width, r.height, r.duration_s) {
                (Some(w), Some(h), Some(d)) => format!("{w} by {h} pixels, {d:.1} s."),
                (Some(w), Some(h), None) => format!("a picture of {w} by {h} pixels."),
                (_, _, Some(d)) => format!("{d:.1} s of sound."),
                _ => "nothing could be measured.".to_owned(),
            }
        }
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
