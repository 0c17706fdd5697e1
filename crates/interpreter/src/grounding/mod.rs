//! From a shot and its readings to what a model is shown, and the script it writes along.
//!
//! What rarely changes comes first (system message, media, readings, bindings), then how to
//! write, then the prompt, what was measured against it, and the locked sections: after an
//! edit of the prompt or a section, everything before stays in the model's memory.

pub mod media;
mod readings;
pub(crate) mod words;

use decoupage_conditions::Reading;
use decoupage_dialogue::{Conversation, Guide, Message, Part, Role};
use decoupage_shot::{BindingKind, Condition, ConditionId, ConditionKind, Section};

pub use self::media::{MediaRequest, Senses, Shape};
pub(crate) use self::readings::lines as fact_lines;
use self::words::plain;
use crate::Brief;
use crate::measured::align::align;
use crate::measured::cast::given_name;
use crate::measured::compose::{capital, listed};
use crate::measured::facts::Facts;
use crate::measured::trace;
use crate::script::{self, MOST_CONFLICTS, MOST_NOTES, Plan, PlannedNote, PlannedSection};
use crate::wishes::{Wishes, WritingStyle};

/// Everything a model is given for one shot.
#[derive(Debug, Clone, PartialEq)]
pub struct Grounded {
    /// What it is shown. The application turns each request into a source
    /// ([`Conversation::try_map`]).
    pub conversation: Conversation<MediaRequest>,
    /// The script it writes along.
    pub guide: Guide,
    /// The media of the conversation, in its order.
    pub media: Vec<WantedMedium>,
    /// What its answer is assembled by.
    pub plan: Plan,
    /// What the person should know: wishes that could not be met, media left out.
    pub notes: Vec<String>,
}

/// A medium of the conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WantedMedium {
    /// What the model knows it by: "picture 1".
    pub name: String,
    /// What is shown.
    pub request: MediaRequest,
    /// What the person calls it: "identity picture “Mara”".
    pub label: String,
}

/// Grounds a shot: conversation, script and plan.
pub fn ground(brief: &Brief<'_>, wishes: &Wishes, senses: Senses) -> Grounded {
    let facts = Facts::gather(brief);
    let (alignment, _) = align(&facts);
    let mut notes = Vec::new();
    let mut conditions: Vec<&Condition> = brief.shot.conditions.iter().collect();
    conditions.sort_by_key(|c| media::rank(c.kind));
    let last_s = facts
        .length()
        .map(|(length, _)| length.floor())
        .filter(|s| (1.0..=3_600.0).contains(s))
        .map(|s| s as u32);
    let plan = plan(
        brief,
        wishes,
        &facts,
        &conditions,
        alignment.conflicts.clone(),
        last_s,
        &mut notes,
    );

    let mut parts: Vec<Part<MediaRequest>> = Vec::new();
    let mut text = String::from(if conditions.is_empty() {
        "No conditions are given: there is only the prompt.\n"
    } else {
        "The material:\n"
    });
    let mut media: Vec<WantedMedium> = Vec::new();
    let mut left_out: Vec<String> = Vec::new();
    for condition in &conditions {
        let reading = brief.readings.get(&condition.id);
        let request = senses.request(condition, reading);
        let shown = request.filter(|_| media.len() < senses.most);
        if request.is_some() && shown.is_none() {
            left_out.push(label(condition));
        }
        text.push('\n');
        text.push_str(&capital(&label(condition)));
        if let Some(request) = shown {
            let name = name_of(request, &media);
            text.push_str(&format!(" ({name}):\n"));
            parts.push(Part::Text(std::mem::take(&mut text)));
            parts.push(Part::Media(request));
            text.push('\n');
            media.push(WantedMedium {
                name,
                request,
                label: label(condition),
            });
        } else {
            text.push_str(":\n");
        }
        facts_of(condition, reading, shown.is_some(), &mut text);
    }
    if !left_out.is_empty() {
        notes.push(format!(
            "The model is shown {} media; {} {} told in words only. Remove conditions that the shot does not need, or choose a model that takes more.",
            media.len(),
            listed(&left_out),
            if left_out.len() == 1 { "is" } else { "are" }
        ));
    }
    bindings(brief, &facts, &mut text);
    the_shot(brief, &facts, &mut text);
    text.push('\n');
    let open: Vec<Section> = Section::ALL
        .into_iter()
        .filter(|s| plan.open().any(|o| o == *s))
        .collect();
    text.push_str(&words::manner(wishes, last_s, &open));
    the_prompt(brief, &facts, &alignment, &plan, &mut text);
    parts.push(Part::Text(text));

    Grounded {
        conversation: Conversation {
            messages: vec![
                Message {
                    role: Role::System,
                    parts: vec![Part::Text(words::SYSTEM.to_owned())],
                },
                Message {
                    role: Role::User,
                    parts,
                },
            ],
        },
        guide: script::script(&plan, wishes),
        media,
        plan,
        notes,
    }
}

fn plan(
    brief: &Brief<'_>,
    wishes: &Wishes,
    facts: &Facts<'_>,
    conditions: &[&Condition],
    conflicts: Vec<decoupage_shot::Conflict>,
    last_s: Option<u32>,
    notes: &mut Vec<String>,
) -> Plan {
    let measured = trace::conditions(facts);
    let mut plan = Plan {
        notes: conditions
            .iter()
            .take(MOST_NOTES)
            .map(|c| PlannedNote {
                condition: c.id,
                label: label(c),
                measured: measured
                    .iter()
                    .find(|n| n.condition == Some(c.id))
                    .map(|n| n.text.clone())
                    .unwrap_or_default(),
            })
            .collect(),
        conflicts: conflicts.into_iter().take(MOST_CONFLICTS).collect(),
        sections: Vec::new(),
        // A trace of another prompt would argue against the new one.
        trace: brief
            .keep
            .filter(|take| wishes.keep_trace && take.prompt.trim() == brief.shot.prompt.trim())
            .map(|take| take.trace.clone())
            .filter(|trace| !trace.intent.trim().is_empty()),
    };
    for section in Section::ALL {
        let kept = brief
            .keep
            .filter(|take| take.locked.contains(&section))
            .map(|take| {
                (
                    take.caption.get(section).to_owned(),
                    take.origins.get(section).to_vec(),
                )
            })
            .filter(|(text, _)| !text.trim().is_empty());
        let mut style = wishes.style_of(section);
        if style == WritingStyle::Moments && last_s.is_none() && kept.is_none() {
            style = WritingStyle::Sections;
            notes.push(format!(
                "The {} section is written without moments, because the shot has no length: set one, or add a clip.",
                section.title().to_lowercase()
            ));
        }
        plan.sections.push(PlannedSection {
            section,
            style,
            kept,
            last_s: last_s.unwrap_or(0),
        });
    }
    // What is locked comes first: what is open is written in sight of it.
    plan.sections.sort_by_key(|s| s.kept.is_none());
    plan
}

/// A condition as the model knows it: "camera path “dolly”".
fn label(condition: &Condition) -> String {
    let name = plain(&condition.name, 60);
    if name.is_empty() {
        condition.kind.title().to_owned()
    } else {
        format!("{} {}", condition.kind.title(), quoted(&name, 60))
    }
}

/// Words from outside between quotation marks that they cannot close.
fn quoted(text: &str, most: usize) -> String {
    format!("“{}”", plain(text, most).replace(['“', '”'], "\""))
}

/// A measured sentence that goes on within another one: its label begins small.
pub(crate) fn within(text: &str) -> String {
    let begins = ConditionKind::ALL
        .iter()
        .any(|kind| text.starts_with(&capital(kind.title())));
    let mut chars = text.chars();
    match chars.next() {
        Some(first) if begins => first.to_lowercase().chain(chars).collect(),
        _ => text.to_owned(),
    }
}

fn name_of(request: MediaRequest, before: &[WantedMedium]) -> String {
    let noun = |shape| match shape {
        Shape::Picture => "picture",
        Shape::Clip | Shape::ClipWithSound => "clip",
        Shape::Sound => "sound",
    };
    let own = noun(request.shape());
    let count = before
        .iter()
        .filter(|m| noun(m.request.shape()) == own)
        .count();
    format!("{own} {}", count + 1)
}

/// What is known of one condition.
fn facts_of(condition: &Condition, reading: Option<&Reading>, shown: bool, text: &mut String) {
    let note = plain(&condition.note, 600);
    if !note.is_empty() {
        text.push_str(&format!("Said by the director: {}\n", quoted(&note, 600)));
    }
    if let Some(name) =
        given_name(&condition.name).filter(|_| condition.kind == ConditionKind::Identity)
    {
        text.push_str(&format!("Called {}.\n", plain(name, 60)));
    }
    if let Some(region) = condition.region {
        text.push_str(&format!(
            "Meant is the part from {:.0} to {:.0} % of the width and {:.0} to {:.0} % of the height.\n",
            region.x * 100.0,
            (region.x + region.width) * 100.0,
            region.y * 100.0,
            (region.y + region.height) * 100.0
        ));
    }
    match reading {
        Some(reading) => {
            let lines = readings::lines(condition, reading);
            if !lines.is_empty() {
                text.push_str("Measured:\n");
                for line in lines {
                    text.push_str(&format!("- {line}\n"));
                }
            }
        }
        None => text.push_str("It could not be read: nothing is known of it but its name.\n"),
    }
    let look = readings::look_for(condition.kind, shown);
    if !look.is_empty() && reading.is_some() {
        text.push_str(look);
        text.push('\n');
    }
}

/// Who performs what, as sentences.
fn bindings(brief: &Brief<'_>, facts: &Facts<'_>, text: &mut String) {
    let name = |id: ConditionId| {
        brief.shot.condition(id).map(|c| match given_name(&c.name) {
            Some(name) if c.kind == ConditionKind::Identity => plain(name, 60),
            _ => format!("the subject of {}", label(c)),
        })
    };
    let mut lines = Vec::new();
    for binding in &brief.shot.bindings {
        let Some(from) = brief.shot.condition(binding.from) else {
            continue;
        };
        let to = binding.to.and_then(name);
        match (binding.kind, to) {
            (BindingKind::PerformedBy, Some(to)) => {
                let who = match binding.person {
                    Some(person) => format!("Figure {person} of {}", label(from)),
                    None => format!("The figure of {}", label(from)),
                };
                let place = binding.person.and_then(|p| place_of(brief, from.id, p));
                lines.push(format!("{who}{} is {to}.", place.unwrap_or_default()));
            }
            (BindingKind::ShotCamera, _) => {
                lines.push(format!("{} is this shot's camera.", capital(&label(from))));
            }
            (BindingKind::SameAs, Some(to)) => lines.push(format!(
                "{} shows {to} again: one and the same.",
                capital(&label(from))
            )),
            _ => {}
        }
    }
    for spare in &facts.spare_paths {
        lines.push(format!(
            "{} is not this shot's camera.",
            capital(&label(spare.condition))
        ));
    }
    if lines.is_empty() {
        return;
    }
    text.push_str("\nWho is who:\n");
    for line in lines {
        text.push_str(&format!("- {line}\n"));
    }
}

/// ", on the left," where several figures are told apart by place.
fn place_of(brief: &Brief<'_>, pose: ConditionId, person: u32) -> Option<String> {
    let Some(Reading::Pose(reading)) = brief.readings.get(&pose) else {
        return None;
    };
    let mut across: Vec<_> = reading.people.iter().collect();
    across.sort_by(|a, b| a.position.x.total_cmp(&b.position.x));
    let place = across.iter().position(|p| p.id == person)?;
    Some(match (across.len(), place) {
        (0 | 1, _) => return None,
        (_, 0) => ", on the left,".to_owned(),
        (n, p) if p + 1 == n => ", on the right,".to_owned(),
        (3, _) => ", in the middle,".to_owned(),
        (_, p) => format!(", number {} from the left,", p + 1),
    })
}

fn the_shot(brief: &Brief<'_>, facts: &Facts<'_>, text: &mut String) {
    let aspect = brief.shot.aspect;
    text.push_str(&match facts.length() {
        Some((length, _)) => format!(
            "\nThe shot lasts {length:.1} s; its picture is {} to {}.\n",
            aspect.width, aspect.height
        ),
        None => format!(
            "\nThe shot's length is open; its picture is {} to {}.\n",
            aspect.width, aspect.height
        ),
    });
}

/// Who of the material the prompt's people are.
fn who(facts: &Facts<'_>, text: &mut String) {
    let mut lines = Vec::new();
    for member in &facts.cast {
        let Some(subject) = facts.subject(member) else {
            continue;
        };
        let mut shown: Vec<String> = member
            .identities
            .iter()
            .map(|i| format!("seen in {}", label(i.condition)))
            .collect();
        shown.extend(member.performers.iter().map(|p| {
            if p.reading.people.len() > 1 {
                format!(
                    "performed by figure {} of {}",
                    p.person.id,
                    label(p.condition)
                )
            } else {
                format!("performed by the figure of {}", label(p.condition))
            }
        }));
        if !shown.is_empty() {
            lines.push(format!(
                "- {}: {}",
                quoted(&subject.text, 120),
                listed(&shown)
            ));
        }
    }
    if !lines.is_empty() {
        text.push_str(&format!("Its people and things:\n{}\n", lines.join("\n")));
    }
}

/// What changes with every edit: the prompt, what was measured against it, what is locked.
fn the_prompt(
    brief: &Brief<'_>,
    facts: &Facts<'_>,
    alignment: &decoupage_shot::Alignment,
    plan: &Plan,
    text: &mut String,
) {
    let prompt = brief.shot.prompt.trim();
    if prompt.is_empty() {
        text.push_str("\nThere is no prompt: the material alone says what the shot is.\n");
    } else {
        text.push_str(&format!("\nThe prompt:\n{}\n", quoted(prompt, usize::MAX)));
        who(facts, text);
    }
    let unwanted: Vec<String> = facts
        .intent
        .negations
        .iter()
        .map(|n| quoted(&n.text, 120))
        .collect();
    if !unwanted.is_empty() {
        text.push_str(&format!("It rules out: {}.\n", unwanted.join(", ")));
    }
    // That conditions are as long as one another is nothing to write of.
    let agreements: Vec<_> = alignment
        .agreements
        .iter()
        .filter(|a| a.about != "length")
        .collect();
    if !agreements.is_empty() || !plan.conflicts.is_empty() {
        text.push_str("\nMeasured against the prompt and one another:\n");
        for agreement in agreements {
            text.push_str(&format!("- agrees: {}\n", plain(&agreement.text, 300)));
        }
        for conflict in &plan.conflicts {
            text.push_str(&format!(
                "- contradicts ({}): {}, but {}. {}\n",
                conflict.about,
                within(&plain(&conflict.prompt_says, 240)),
                within(&plain(&conflict.condition_says, 240)),
                plain(&conflict.resolution, 240)
            ));
        }
    }
    let mut kept: Vec<&PlannedSection> =
        plan.sections.iter().filter(|s| s.kept.is_some()).collect();
    kept.sort_by_key(|s| s.section);
    if !kept.is_empty() {
        text.push_str(
            "\nThe director has settled these sections. They stay word for word; all others agree with them and do not repeat them:\n",
        );
        for planned in kept {
            if let Some((words, _)) = &planned.kept {
                text.push_str(&format!(
                    "{} {}\n",
                    script::numbered(planned.section),
                    plain(words, usize::MAX)
                ));
            }
        }
    }
    text.push_str("\nReason in the four steps, then write the six sections.");
}
