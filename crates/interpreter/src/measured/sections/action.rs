//! Who does what, when.

use decoupage_conditions::Reading;
use decoupage_conditions::pose::ActionKind;
use decoupage_shot::ConditionKind;

use super::super::cast::animal;
use super::super::compose::{Composer, Said, Words};
use super::super::facts::Facts;
use super::super::perform::{crossing, sentences};
use super::super::references;
use super::predicate;
use crate::prompt::CameraWish;

pub(super) fn write(facts: &Facts<'_>, composer: &mut Composer, said: &mut Said) {
    for index in 0..facts.cast.len() {
        if facts.decisions.left_out.contains(&index) {
            continue;
        }
        member(facts, index, composer, said);
    }
    depth(facts, composer, said);
    for condition in facts.conditions(ConditionKind::Pose) {
        let denied = facts.decisions.left_out.iter().any(|i| {
            let left = facts.cast.get(*i);
            left.is_some_and(|m| m.performers.iter().any(|p| p.condition.id == condition.id))
        });
        if !composer.mentions(condition.id) && !denied {
            let name = condition.name.trim();
            let named = if name.is_empty() {
                String::new()
            } else {
                format!(" “{name}”")
            };
            composer.sentence(
                Words::new().of(
                    condition.id,
                    format!("The movement follows the pose clip{named}"),
                ),
                said,
            );
        }
    }
    frames(facts, composer, said);
    sound(facts, composer, said);
    if composer.is_empty() {
        nothing(facts, composer, said);
    }
}

fn member(facts: &Facts<'_>, index: usize, composer: &mut Composer, said: &mut Said) {
    let Some(member) = facts.cast.get(index) else {
        return;
    };
    let clauses: Vec<_> = facts.clauses_of(index).collect();
    let plural = facts.plural(member);
    let lost = facts.decisions.lost_action.contains(&index);
    let performer = member.performer();
    // Clauses the pose shows are told by the pose, with times; the others in the prompt's words.
    let shown = |kind: Option<ActionKind>| {
        !lost
            && kind.is_some_and(|k| {
                performer.is_some_and(|p| {
                    p.person
                        .actions
                        .iter()
                        .any(|a| a.action == k && a.confidence >= 0.35)
                })
            })
    };
    // One clause that the pose shows is told by the pose; several are told in the prompt's order.
    let mut told = Vec::new();
    for clause in clauses
        .iter()
        .filter(|c| clauses.len() > 1 || !shown(c.pose))
    {
        told.push(*clause);
    }
    // Once a member has been named here, the pronoun will do; elsewhere the dense text has.
    let mut who = facts.short(index);
    let mut line = Words::new();
    for (k, clause) in told.iter().enumerate() {
        if k == 0 {
            line = line.then(who.clone());
        } else if k + 1 == told.len() {
            line = line.own(", then");
        } else {
            line = line.prompt(",");
        }
        line = line.prompt(predicate(clause));
        if let (Some(kind), Some(performer)) = (clause.pose.filter(|p| shown(Some(*p))), performer)
        {
            line = line.of(performer.condition.id, measured(facts, performer, kind));
        }
    }
    if !line.is_empty() {
        if let Some(performer) = performer.filter(|_| lost || told.len() == clauses.len())
            && told.iter().all(|c| c.heading.is_none())
            && lost
            && let Some(crossing) = crossing(facts, index, performer)
        {
            let crossing = crossing.replace("crossing the frame", "moving across the frame");
            line = line.of(performer.condition.id, format!(", {crossing}"));
        }
        if said.has(&line) {
            line = again(facts, line);
        }
        composer.sentence(line, said);
        who = facts.short(index);
    }
    if let Some(performer) = performer {
        let stops = told
            .iter()
            .any(|c| matches!(c.base.as_str(), "stop" | "pause" | "wait" | "halt"));
        let skip = |kind: ActionKind| {
            told.iter().any(|c| c.pose == Some(kind))
                || stops && kind == ActionKind::StandingStill
                || lost
                    && matches!(
                        kind,
                        ActionKind::Walking
                            | ActionKind::Running
                            | ActionKind::StandingStill
                            | ActionKind::Sitting
                            | ActionKind::Crouching
                            | ActionKind::Moving
                    )
        };
        let count = member.performers.len();
        if count > 1 && plural {
            several(facts, index, composer, said);
        } else {
            // A pose of one person does not speak for all of a plural subject.
            let alone = plural && facts.subject(member).is_some_and(|s| s.count != Some(1));
            let (who, again_, plural) = if alone {
                let one = Words::new().of(performer.condition.id, "one of them");
                (one.clone(), one, false)
            } else {
                (who, facts.short(index), plural)
            };
            let written = sentences(facts, index, performer, who, again_, plural, &skip);
            let many = written.len();
            for (k, mut words) in written.into_iter().enumerate() {
                if k + 1 == many.min(1) {
                    words = words.then(companion(facts, index, lost));
                }
                if said.has(&words) {
                    words = again(facts, words);
                }
                composer.sentence(words, said);
            }
        }
        super::note(performer.condition, composer, said);
    } else if told.is_empty()
        && member.subject.is_none()
        && facts.intent.clauses.is_empty()
        && !facts.loose(index)
    {
        // A picture of someone and no word of what they do.
        let verb = if plural { "hold" } else { "holds" };
        let place = if plural { "their places" } else { "the frame" };
        composer.sentence(
            facts.noun(index).own(format!(
                "{verb} {place}, with only small, natural movements"
            )),
            said,
        );
    } else if told.is_empty()
        && facts
            .subject(member)
            .is_some_and(|s| s.with.is_none() && s.being)
        && facts.intent.edit.is_none()
    {
        let verb = if plural { "stay" } else { "stays" };
        composer.sentence(
            facts.short(index).own(format!(
                "{verb} in frame, with only small, natural movements"
            )),
            said,
        );
    }
}

/// What the pose adds to a clause of the prompt: cadence and time.
fn measured(
    facts: &Facts<'_>,
    performer: super::super::cast::Performer<'_>,
    kind: ActionKind,
) -> String {
    let clock = facts.clock_of(performer);
    let Some(action) = super::super::perform::actions(performer.person)
        .into_iter()
        .find(|a| a.action == kind)
    else {
        return String::new();
    };
    let cadence = facts
        .cadence(performer)
        .filter(|_| matches!(kind, ActionKind::Walking | ActionKind::Running))
        .map(|c| format!("at {}", super::super::clock::steps(c)));
    let when = clock.when(action.start_s, action.end_s);
    [cadence.unwrap_or_default(), when]
        .into_iter()
        .filter(|p| !p.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

/// The same action for the whole shot, where it would repeat the dense sentence word for word.
fn again(facts: &Facts<'_>, line: Words) -> Words {
    match facts.length() {
        Some((length, None)) => line.own(format!(", over the whole {length:.1} s")),
        _ => line.own(", from the first frame to the last"),
    }
}

/// "; the dog keeps pace"
fn companion(facts: &Facts<'_>, index: usize, lost: bool) -> Words {
    let Some(member) = facts.cast.get(index) else {
        return Words::new();
    };
    let walks = facts
        .clauses_of(index)
        .any(|c| matches!(c.pose, Some(ActionKind::Walking | ActionKind::Running)));
    let dog = facts.intent.subjects.iter().find(|s| {
        s.with.is_some()
            && s.with == member.subject
            && animal(&s.head)
            && s.text
                .split(' ')
                .next()
                .is_some_and(|w| crate::prompt::lexicon::POSSESSIVES.contains(&w))
    });
    match dog {
        Some(dog) if walks && !lost => Words::new()
            .own(";")
            .prompt(format!("the {}", dog.head))
            .own(if dog.plural {
                "keep pace"
            } else {
                "keeps pace"
            }),
        _ => Words::new(),
    }
}

/// Several performers of one plural subject: left to right.
fn several(facts: &Facts<'_>, index: usize, composer: &mut Composer, said: &mut Said) {
    let Some(member) = facts.cast.get(index) else {
        return;
    };
    let count = member.performers.len();
    for (k, performer) in member.performers.iter().enumerate() {
        let name = member.identities.get(k).and_then(|i| {
            Some((
                i.condition.id,
                super::super::cast::given_name(&i.condition.name)?,
            ))
        });
        let id = performer.condition.id;
        let who = match (name, count, k) {
            (Some((id, name)), n, k) => {
                let one = match (n, k) {
                    (_, 0) => "one of them",
                    (2, _) => "the other",
                    _ => "another",
                };
                Words::new().of(id, format!("{one}, {name},"))
            }
            (None, _, 0) => Words::new().of(id, "the one on the left"),
            (None, n, k) if k + 1 == n => Words::new().of(id, "the one on the right"),
            (None, 3, _) => Words::new().of(id, "the one in the middle"),
            (None, _, k) => Words::new().of(
                id,
                format!(
                    "the {} from the left",
                    ["first", "second", "third", "fourth", "fifth", "sixth"]
                        .get(k)
                        .copied()
                        .unwrap_or("next")
                ),
            ),
        };
        for words in sentences(
            facts,
            index,
            *performer,
            who.clone(),
            name.map_or_else(|| who.clone(), |(id, name)| Words::new().of(id, name)),
            false,
            &|_| false,
        ) {
            composer.sentence(words, said);
        }
    }
}

/// What depth sees moving, where no pose tells whose movement it is.
fn depth(facts: &Facts<'_>, composer: &mut Composer, said: &mut Said) {
    if facts.cast.iter().any(|m| !m.performers.is_empty()) {
        return;
    }
    for (condition, depth) in &facts.depths {
        let region = depth
            .moving_regions
            .iter()
            .filter(|r| r.confidence >= 0.5 && r.dx.abs().max(r.dy.abs()) > 0.03)
            .max_by(|a, b| (a.dx.abs() + a.dy.abs()).total_cmp(&(b.dx.abs() + b.dy.abs())));
        let Some(region) = region else { continue };
        let band = match region.band {
            decoupage_conditions::depth::Band::Near => "in the foreground",
            decoupage_conditions::depth::Band::Mid => "in the middle ground",
            decoupage_conditions::depth::Band::Far => "in the distance",
        };
        let way = if region.dx.abs() >= region.dy.abs() {
            if region.dx > 0.0 {
                "from left to right"
            } else {
                "from right to left"
            }
        } else if region.dy > 0.0 {
            "downwards"
        } else {
            "upwards"
        };
        let what = region.name.as_deref().unwrap_or("One shape");
        composer.sentence(
            Words::new().of(condition.id, format!("{what} {band} moves {way}")),
            said,
        );
    }
}

/// What happens between the first and the last frame.
fn frames(facts: &Facts<'_>, composer: &mut Composer, said: &mut Said) {
    let reading = |kind: ConditionKind| {
        let condition = facts.conditions(kind).next()?;
        match facts.brief.readings.get(&condition.id)? {
            Reading::Frame(reading) => Some((condition, reading)),
            _ => None,
        }
    };
    let (Some((_, first)), Some((condition, last))) = (
        reading(ConditionKind::FirstFrame),
        reading(ConditionKind::LastFrame),
    ) else {
        return;
    };
    for text in references::changes(first, last) {
        composer.sentence(Words::new().of(condition.id, text), said);
    }
}

fn sound(facts: &Facts<'_>, composer: &mut Composer, said: &mut Said) {
    for condition in facts.conditions(ConditionKind::Audio) {
        let heard = match facts.brief.readings.get(&condition.id) {
            Some(Reading::Audio(reading)) => references::heard(reading, condition.offset_s),
            _ => vec!["The movement is timed to the sound".to_owned()],
        };
        for text in heard {
            composer.sentence(Words::new().of(condition.id, text), said);
        }
        super::note(condition, composer, said);
    }
}

fn nothing(facts: &Facts<'_>, composer: &mut Composer, said: &mut Said) {
    if facts.intent.edit.is_some() {
        composer.sentence(Words::new().own("The movement stays as it is"), said);
        return;
    }
    if facts.intent.verbatim.is_some() {
        composer.sentence(
            Words::new().own("The action runs as the prompt words it"),
            said,
        );
        return;
    }
    if let Some(condition) = facts.conditions(ConditionKind::ReferenceVideo).next() {
        composer.sentence(
            Words::new().of(condition.id, "The action follows the reference video"),
            said,
        );
        return;
    }
    let moves = facts.decisions.path_moves
        || facts
            .intent
            .camera
            .iter()
            .any(|c| matches!(c.wish, CameraWish::Move { .. }));
    let weather = facts.intent.weather.first().map(|w| w.key.clone());
    let falls = match weather.as_deref() {
        Some("rain" | "drizzle" | "downpour") => Some("falls steadily"),
        Some("snow" | "snowfall") => Some("drifts down"),
        Some("fog" | "mist" | "haze") => Some("hangs in the air"),
        Some("wind") => Some("stirs whatever it reaches"),
        _ => None,
    };
    let words = match (weather, falls) {
        (Some(weather), Some(falls)) => Words::new()
            .prompt(format!("The {weather}"))
            .own(format!("{falls}; nothing else moves")),
        _ if facts.intent.places.is_empty() && !facts.cast.is_empty()
            || facts
                .intent
                .subjects
                .iter()
                .any(|s| !s.being && s.with.is_none()) =>
        {
            if moves {
                Words::new().own("Apart from the camera, only small, natural movements")
            } else {
                Words::new().own("Only small, natural movements")
            }
        }
        _ if moves => Words::new().own("Nothing moves but the camera"),
        _ => Words::new().own("Nothing moves; the moment is held"),
    };
    composer.sentence(words, said);
}
