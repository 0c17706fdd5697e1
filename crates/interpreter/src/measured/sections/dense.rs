//! The whole shot in two to four sentences.

use decoupage_conditions::camera::MoveKind;
use decoupage_conditions::pose::{Across, ActionKind};

use super::super::compose::{Composer, Said, Words};
use super::super::facts::Facts;
use super::super::moves::{Beat, beats, does, together};
use super::super::perform::{crossing, moving_at, sentences};
use super::{conditions_of_light, predicate};
use crate::prompt::{CameraWish, EditKind};

pub(super) fn write(facts: &Facts<'_>, composer: &mut Composer, said: &mut Said) {
    if let Some(text) = &facts.intent.verbatim {
        composer.sentence(Words::new().prompt(text), said);
    }
    edit(facts, composer, said);
    // Whoever is only named comes first where the prompt names them first.
    let named_first = match (
        facts.intent.clauses.first(),
        facts.intent.subjects.iter().enumerate().find(|(i, s)| {
            s.with.is_none() && !facts.intent.clauses.iter().any(|c| c.subject == Some(*i))
        }),
    ) {
        (Some(clause), Some((_, subject))) => subject.span.start < clause.span.start,
        _ => false,
    };
    if named_first {
        unvoiced(facts, composer, said);
        clauses(facts, composer, said);
    } else {
        clauses(facts, composer, said);
        unvoiced(facts, composer, said);
    }
    still_life(facts, composer, said);
    camera(facts, composer, said);
    style(facts, composer, said);
}

fn edit(facts: &Facts<'_>, composer: &mut Composer, said: &mut Said) {
    let Some(edit) = &facts.intent.edit else {
        return;
    };
    let words = match edit.kind {
        EditKind::Add => {
            let what = edit
                .text
                .split_once(' ')
                .map_or(edit.text.as_str(), |(_, what)| what);
            Words::new()
                .own("Everything stays as it is, with one addition:")
                .prompt(what)
        }
        EditKind::Modify => Words::new()
            .own("Everything stays as it is, with one change:")
            .prompt(&edit.text),
        EditKind::Remove => Words::new()
            .own("Everything stays as it is, but for")
            .prompt(&edit.target)
            .own(", which")
            .prompt(
                if crate::prompt::verbs::is_plural(
                    edit.target.rsplit(' ').next().unwrap_or_default(),
                ) {
                    "are gone"
                } else {
                    "is gone"
                },
            ),
    };
    composer.sentence(words, said);
}

/// The prompt's own clauses, sentence by sentence, with what the poses add.
fn clauses(facts: &Facts<'_>, composer: &mut Composer, said: &mut Said) {
    let lead = conditions_of_light(facts);
    let mut number = None;
    let mut words = Words::new();
    let mut mentioned: Vec<usize> = Vec::new();
    let mut first = true;
    for clause in &facts.intent.clauses {
        if number != Some(clause.sentence) {
            if number.is_some() {
                composer.sentence(std::mem::take(&mut words), said);
            }
            number = Some(clause.sentence);
        }
        if words.is_empty() && first {
            first = false;
            // Light and place lead into the shot: "At dusk, in a quiet kitchen, a man cooks".
            let mut opening: Vec<String> = lead.clone();
            if let Some(place) = facts.intent.places.iter().find(|p| !p.in_clause) {
                let at = if place.preposition.is_empty() {
                    "in".to_owned()
                } else {
                    place.preposition.clone()
                };
                let text = with_article(&place.text, &place.head);
                opening.push(format!("{at} {text}"));
            }
            if let Some((last, before)) = opening.split_last() {
                for part in before {
                    words = words.prompt(format!("{part},"));
                }
                // A single "at dusk" needs no comma.
                let comma = if opening.len() > 1 || last.split(' ').count() > 3 {
                    ","
                } else {
                    ""
                };
                words = words.prompt(format!("{last}{comma}"));
            }
        } else if !words.is_empty() {
            let joiner = clause.joiner.as_str();
            words = match joiner {
                "" | "," => words.prompt(","),
                other => words.prompt(other),
            };
        }
        let member = facts
            .cast
            .iter()
            .position(|m| m.subject.is_some() && m.subject == clause.subject);
        if !clause.subject_text.is_empty() {
            match member {
                Some(index) if !mentioned.contains(&index) => {
                    mentioned.push(index);
                    words = words.then(facts.full(index));
                }
                _ => words = words.prompt(&clause.subject_text),
            }
        }
        words = words.prompt(predicate(clause));
        let last_of_member = facts
            .intent
            .clauses
            .iter()
            .rfind(|c| c.subject == clause.subject && c.sentence == clause.sentence)
            .is_some_and(|c| std::ptr::eq(c, clause));
        if let (Some(index), true) = (member, last_of_member)
            && let Some(performer) = facts.cast.get(index).and_then(|m| m.performer())
            && clause.heading.is_none()
            && facts
                .clauses_of(index)
                .next()
                .is_some_and(|c| c.sentence == clause.sentence)
            && let Some(crossing) = crossing(facts, index, performer)
        {
            words = words.of(performer.condition.id, format!(", {crossing}"));
        }
    }
    if !words.is_empty() {
        composer.sentence(words, said);
    }
    for term in &facts.intent.other {
        composer.sentence(Words::new().prompt(&term.text), said);
    }
}

/// "neon alley" as "a neon alley".
pub(crate) fn with_article(text: &str, head: &str) -> String {
    let first = text.split(' ').next().unwrap_or_default();
    let open = crate::prompt::lexicon::DETERMINERS.contains(&first)
        || crate::prompt::verbs::is_plural(head)
        || text.chars().next().is_some_and(char::is_uppercase) && !text.contains(' ')
        || text.chars().next().is_some_and(char::is_uppercase)
            && !crate::prompt::verbs::place(head)
        || crate::prompt::mass_noun(head);
    if open {
        text.to_owned()
    } else {
        format!("{} {text}", super::super::compose::article(first))
    }
}

/// Members of the cast for whom the prompt has no clause.
fn unvoiced(facts: &Facts<'_>, composer: &mut Composer, said: &mut Said) {
    let mut lead = facts
        .intent
        .clauses
        .is_empty()
        .then(|| conditions_of_light(facts));
    for index in 0..facts.cast.len() {
        if facts.decisions.left_out.contains(&index) || facts.clauses_of(index).next().is_some() {
            continue;
        }
        let Some(member) = facts.cast.get(index) else {
            continue;
        };
        let subject = facts.subject(member);
        // Pictures the prompt has no words for are told with the main object.
        if subject.is_none()
            && member.performers.is_empty()
            && (facts.loose(index) || !facts.intent.subjects.is_empty())
        {
            continue;
        }
        // Companions and objects are named with whom they go.
        let filmed = subject.is_some_and(|s| {
            facts
                .intent
                .camera
                .iter()
                .any(|c| c.span.start <= s.span.start && s.span.end <= c.span.end)
        });
        if filmed && member.performers.is_empty()
            || subject.is_some_and(|s| s.with.is_some())
            || facts.intent.edit.is_some() && subject.is_some()
        {
            continue;
        }
        let mut who = Words::new();
        if let Some(lead) = lead.take().filter(|l| !l.is_empty()) {
            who = who.prompt(format!("{},", lead.join(", ")));
        }
        let named_after = |p: &crate::prompt::Place| {
            p.preposition.is_empty() && subject.is_some_and(|s| s.span.start < p.span.start)
        };
        if let Some(place) = facts
            .intent
            .places
            .iter()
            .find(|p| !p.in_clause && facts.intent.clauses.is_empty() && !named_after(p))
        {
            let at = if place.preposition.is_empty() {
                "in"
            } else {
                place.preposition.as_str()
            };
            who = who.prompt(format!("{at} {},", with_article(&place.text, &place.head)));
        }
        who = who.then(facts.full(index));
        for place in facts
            .intent
            .places
            .iter()
            .filter(|p| !p.in_clause && facts.intent.clauses.is_empty() && named_after(p))
        {
            who = who.prompt(format!(", {}", place.text));
        }
        let written = member.performer().map(|performer| {
            sentences(
                facts,
                index,
                performer,
                who.clone(),
                facts.noun(index),
                facts.plural(member),
                &|_| false,
            )
        });
        match written.and_then(|s| s.into_iter().next()) {
            Some(_) => {
                // The action section tells it with times; here the gist is enough.
                let performer = member.performer();
                let gist = performer.map(|p| gist(facts, index, p)).unwrap_or_default();
                let id = performer.map(|p| p.condition.id);
                let words = match id {
                    Some(id) => who.of(id, gist),
                    None => who,
                };
                composer.sentence(words, said);
            }
            // A figure of whom the pose tells nothing is no sentence.
            None if subject.is_none() && member.identities.is_empty() => {}
            None => {
                composer.sentence(who, said);
            }
        }
    }
}

/// What a performer does, without times: "walks from left to right, then stands still".
fn gist(facts: &Facts<'_>, index: usize, performer: super::super::cast::Performer<'_>) -> String {
    let person = performer.person;
    let plural = facts.cast.get(index).is_some_and(|m| facts.plural(m));
    let mut parts: Vec<String> = Vec::new();
    let mut glue: Vec<&str> = Vec::new();
    let mut last_end = f64::NEG_INFINITY;
    for action in super::super::perform::actions(person).into_iter().take(5) {
        let base = super::super::perform::base(action.action);
        let verb = crate::prompt::present(base, plural);
        let tail = match action.action {
            ActionKind::StandingStill => " still",
            ActionKind::RaisingArm => " an arm",
            ActionKind::SittingDown => " down",
            ActionKind::StandingUp => " up",
            ActionKind::Bending => " forward",
            ActionKind::Moving => " in place",
            ActionKind::LyingDown | ActionKind::LookingDown => " down",
            ActionKind::Lying => " on the ground",
            ActionKind::Reaching => " out",
            ActionKind::LookingUp => " up",
            ActionKind::PickingUp => " to the ground",
            ActionKind::Throwing => " overarm",
            ActionKind::TouchingFace => " the face",
            ActionKind::TurningHead => " the head",
            ActionKind::Hugging => " the other",
            ActionKind::Approaching => " up to the other",
            ActionKind::Parting => " from the other",
            ActionKind::Walking | ActionKind::Running => match person.travel.across {
                Across::LeftToRight => " across the frame from left to right",
                Across::RightToLeft => " across the frame from right to left",
                Across::None => "",
            },
            _ => "",
        };
        let text = format!("{verb}{tail}");
        if parts.last() != Some(&text) && !parts.contains(&text) {
            glue.push(if action.start_s < last_end - 0.25 {
                " and "
            } else {
                ", then "
            });
            parts.push(text);
        }
        last_end = last_end.max(action.end_s);
    }
    let mut out = String::new();
    for (part, glue) in parts.iter().zip(glue) {
        if !out.is_empty() {
            out.push_str(glue);
        }
        out.push_str(part);
    }
    out
}

/// A shot of a place, with nobody in it.
fn still_life(facts: &Facts<'_>, composer: &mut Composer, said: &mut Said) {
    if !composer.is_empty() {
        return;
    }
    let lead = conditions_of_light(facts);
    if let Some(place) = facts.intent.places.iter().find(|p| !p.text.is_empty()) {
        let text = with_article(&place.text, &place.head);
        let mut words = Words::new().prompt(text);
        if !lead.is_empty() {
            words = words.prompt(lead.join(", "));
        }
        let rest: Vec<_> = facts
            .intent
            .places
            .iter()
            .filter(|p| !std::ptr::eq(*p, place))
            .collect();
        for other in rest {
            words = words.prompt(format!(", {}", with_article(&other.text, &other.head)));
        }
        composer.sentence(words, said);
    } else if !lead.is_empty() {
        composer.sentence(
            Words::new()
                .own("A quiet, open view")
                .prompt(lead.join(", ")),
            said,
        );
    } else if let Some((condition, _)) = facts.depths.first() {
        let words = match super::background::layers_brief(facts) {
            Some(brief) => Words::new().own("A view").of(condition.id, brief),
            None => Words::new().of(condition.id, "A view laid out in depth"),
        };
        composer.sentence(words, said);
    } else if facts.intent.edit.is_none() {
        // The other sections say in what surroundings and light.
        if !(facts.path.is_some() && facts.decisions.path_moves) {
            composer.sentence(
                Words::new().own("One continuous shot of a single subject"),
                said,
            );
        }
    }
}

fn camera(facts: &Facts<'_>, composer: &mut Composer, said: &mut Said) {
    let intent = &facts.intent;
    let wishes: Vec<&str> = intent
        .camera
        .iter()
        .filter_map(|w| match &w.wish {
            CameraWish::Move { says, .. } if !says.is_empty() => Some(says.as_str()),
            _ => None,
        })
        .collect();
    let fixed = intent.camera.iter().any(|w| w.wish == CameraWish::Static);
    if let (Some(path), true) = (facts.path, facts.decisions.path_moves) {
        let beats = beats(path.reading);
        composer.sentence(journey(facts, path, &beats), said);
    } else if !wishes.is_empty() {
        let mut words = Words::new().prompt("the camera");
        for (i, says) in wishes.iter().enumerate() {
            if i > 0 {
                words = words.own(", then");
            }
            words = words.prompt(*says);
        }
        composer.sentence(words, said);
    } else if fixed {
        let held = intent
            .camera
            .iter()
            .filter(|w| w.wish == CameraWish::Static)
            .find_map(|w| {
                let text = w.text.to_lowercase();
                [
                    "static",
                    "locked off",
                    "locked-off",
                    "fixed",
                    "stationary",
                    "motionless",
                    "still",
                ]
                .into_iter()
                .find(|key| text.contains(key))
            });
        let words = match held {
            Some(key) => Words::new().own("The camera remains").prompt(key),
            None => Words::new().own("The camera does not move"),
        };
        composer.sentence(words, said);
    } else if facts.path.is_none() && facts.intent.edit.is_none() {
        let depth = facts.depths.iter().find_map(|(c, d)| {
            d.camera_motion
                .as_ref()
                .filter(|m| m.confidence >= 0.5 && m.kind != MoveKind::Complex)
                .map(|m| (c.id, m.kind))
        });
        match depth {
            Some((id, MoveKind::Static)) => {
                composer.sentence(Words::new().of(id, "The camera stays where it is"), said);
            }
            Some((id, kind)) => {
                composer.sentence(
                    Words::new().of(id, format!("The camera {}", does(kind))),
                    said,
                );
            }
            None => {
                composer.sentence(Words::new().own("The camera holds still"), said);
            }
        }
    }
}

/// "The camera trucks right with her for three seconds, then comes to rest while she walks on."
fn journey(facts: &Facts<'_>, path: super::super::facts::Path<'_>, beats: &[Beat<'_>]) -> Words {
    let id = path.condition.id;
    if beats.iter().all(Beat::still) {
        return Words::new().of(id, "The camera stands still from first frame to last");
    }
    let mut words = Words::new().of(id, "The camera");
    let traveller = (0..facts.cast.len()).find_map(|i| {
        let member = facts.cast.get(i)?;
        let performer = member.performer()?;
        (performer.person.travel.across != Across::None
            && !facts.decisions.lost_travel.contains(&i)
            && !facts.decisions.left_out.contains(&i))
        .then_some((i, performer))
    });
    let moving = beats.iter().filter(|b| !b.still()).count();
    for (k, beat) in beats.iter().take(6).enumerate() {
        if k > 0 {
            words = words.of(id, ", then");
        }
        if beat.still() {
            words = if k == 0 {
                words.of(
                    id,
                    format!(
                        "holds still {}",
                        path.clock.spoken(beat.start_s, beat.end_s)
                    ),
                )
            } else {
                words.of(id, "comes to rest")
            };
            if k > 0
                && let Some((index, performer)) = traveller
            {
                let middle = (beat.start_s + beat.end_s) / 2.0 + path.clock.offset_s
                    - performer.condition.offset_s;
                let plural = facts.cast.get(index).is_some_and(|m| facts.plural(m));
                if let Some(kind) = moving_at(performer, middle)
                    .filter(|_| !facts.decisions.lost_action.contains(&index))
                    // With assumed times nobody knows who still walks when the camera rests.
                    .filter(|_| !facts.clock_of(performer).assumed && !path.clock.assumed)
                {
                    let verb = if kind == ActionKind::Walking {
                        "walk"
                    } else {
                        "run"
                    };
                    words = words
                        .of(performer.condition.id, "while")
                        .then(facts.short(index))
                        .of(
                            performer.condition.id,
                            format!("{} on", crate::prompt::present(verb, plural)),
                        );
                }
            }
            continue;
        }
        words = words.then(beat_words(facts, path, beat));
        if let Some((index, performer)) = traveller
            && beat.moves.len() == 1
        {
            let kind = beat.moves.first().map(|m| m.kind);
            let with = matches!(
                (kind, performer.person.travel.across),
                (Some(MoveKind::TruckRight), Across::LeftToRight)
                    | (Some(MoveKind::TruckLeft), Across::RightToLeft)
            );
            if with {
                words = match facts.pronoun(index) {
                    Some(p) => words.of(id, format!("with {}", p.object())),
                    None => words.of(id, "with").then(facts.noun(index)),
                };
            }
        }
        let part = path.clock.part(beat.start_s, beat.end_s);
        if moving + usize::from(beats.len() > moving) > 1
            && part != super::super::clock::Part::Whole
            && beats.len() <= 3
        {
            words = words.of(id, path.clock.spoken(beat.start_s, beat.end_s));
        }
    }
    words
}

/// A beat in the prompt's own words where it asked for just this, else in the path's.
pub(super) fn beat_words(
    facts: &Facts<'_>,
    path: super::super::facts::Path<'_>,
    beat: &Beat<'_>,
) -> Words {
    let asked = match beat.moves.as_slice() {
        [only] => facts.intent.camera.iter().find_map(|w| match &w.wish {
            CameraWish::Move { kinds, says }
                if !says.is_empty()
                    && kinds
                        .iter()
                        .any(|k| super::super::moves::fulfils(*k, only.kind)) =>
            {
                Some(says.clone())
            }
            _ => None,
        }),
        _ => None,
    };
    // "tracks alongside her" says less about the direction than the path does.
    match asked {
        Some(says) => Words::new().prompt(says),
        None => Words::new().of(path.condition.id, together(beat)),
    }
}

fn style(facts: &Facts<'_>, composer: &mut Composer, said: &mut Said) {
    let terms: Vec<&str> = facts
        .intent
        .style
        .iter()
        .filter(|s| {
            !facts
                .intent
                .clauses
                .iter()
                .any(|c| s.span.start >= c.span.start && s.span.end <= c.span.end)
        })
        .filter(|s| {
            !facts
                .intent
                .subjects
                .iter()
                .any(|x| s.span.start >= x.span.start && s.span.end <= x.span.end)
        })
        .filter(|s| {
            !facts
                .intent
                .places
                .iter()
                .any(|x| s.span.start >= x.span.start && s.span.end <= x.span.end)
        })
        .map(|s| s.text.as_str())
        .collect();
    if let Some((first, rest)) = terms.split_first() {
        let mut text = (*first).to_owned();
        for term in rest {
            text.push_str(", ");
            text.push_str(term);
        }
        composer.sentence(Words::new().own("The look:").prompt(text), said);
    }
}
