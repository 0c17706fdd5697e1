//! Who does what, when.

use decoupage_conditions::pose::ActionKind;
use decoupage_shot::ConditionKind;

use super::super::cast::animal;
use super::super::compose::{Composer, Said, Words};
use super::super::facts::Facts;
use super::super::perform::{crossing, sentences};
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
    sound(facts, composer, said);
    if composer.is_empty() {
        nothing(facts, composer, said);
    }
}

fn member(facts: &Facts<'_>, index: usize, composer: &mut Composer, said: &mut Said) {
    let Some(member) = facts.cast.get(index) else { return };
    let clauses: Vec<_> = facts.clauses_of(index).collect();
    let plural = facts.plural(member);
    let lost = facts.decisions.lost_action.contains(&index);
    let performer = member.performer();
    // Clauses the pose shows are told by the pose, with times; the others in the prompt's words.
    let shown = |kind: Option<ActionKind>| {
        !lost && kind.is_some_and(|k| performer.is_some_and(|p| p.person.actions.iter().any(|a| a.action == k && a.confidence >= 0.35)))
    };
    let mut told = Vec::new();
    for clause in clauses.iter().filter(|c| !shown(c.pose)) {
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
    }
    if !line.is_empty() {
        if let Some(performer) = performer.filter(|_| lost || told.len() == clauses.len())
            && told.iter().all(|c| c.heading.is_none())
            && lost
            && let Some(crossing) = crossing(facts, index, performer)
        {
            line = line.of(performer.condition.id, format!(", {crossing}"));
        }
        if said.has(&line) {
            line = again(facts, line);
        }
        composer.sentence(line, said);
        who = facts.short(index);
    }
    if let Some(performer) = performer {
        let skip = |kind: ActionKind| {
            lost && matches!(kind, ActionKind::Walking | ActionKind::Running | ActionKind::StandingStill | ActionKind::Sitting | ActionKind::Crouching | ActionKind::Moving)
        };
        let count = member.performers.len();
        if count > 1 && plural {
            several(facts, index, composer, said);
        } else {
            let written = sentences(facts, index, performer, who, facts.short(index), plural, &skip);
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
        let note = crate::prompt::squeeze(&performer.condition.note);
        for sentence in super::super::compose::sentences(&note) {
            composer.sentence(Words::new().of(performer.condition.id, sentence), said);
        }
    } else if line_empty(&told) && member.subject.is_none() && facts.intent.clauses.is_empty() {
        // A picture of someone and no word of what they do.
        let verb = if plural { "hold" } else { "holds" };
        let place = if plural { "their places" } else { "the frame" };
        composer.sentence(facts.noun(index).own(format!("{verb} {place}, with only small, natural movements")), said);
    } else if told.is_empty() && facts.subject(member).is_some_and(|s| s.with.is_none() && s.being) && facts.intent.edit.is_none() {
        let verb = if plural { "stay" } else { "stays" };
        composer.sentence(facts.short(index).own(format!("{verb} in frame, with only small, natural movements")), said);
    }
}

fn line_empty<T>(told: &[T]) -> bool {
    told.is_empty()
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
    let Some(member) = facts.cast.get(index) else { return Words::new() };
    let walks = facts
        .clauses_of(index)
        .any(|c| matches!(c.pose, Some(ActionKind::Walking | ActionKind::Running)));
    let dog = facts.intent.subjects.iter().find(|s| {
        s.with.is_some() && s.with == member.subject && animal(&s.head) && s.text.split(' ').next().is_some_and(|w| crate::prompt::lexicon::POSSESSIVES.contains(&w))
    });
    match dog {
        Some(dog) if walks && !lost => Words::new()
            .own(";")
            .prompt(format!("the {}", dog.head))
            .own(if dog.plural { "keep pace" } else { "keeps pace" }),
        _ => Words::new(),
    }
}

/// Several performers of one plural subject: left to right.
fn several(facts: &Facts<'_>, index: usize, composer: &mut Composer, said: &mut Said) {
    let Some(member) = facts.cast.get(index) else { return };
    let count = member.performers.len();
    for (k, performer) in member.performers.iter().enumerate() {
        let name = member
            .identities
            .get(k)
            .and_then(|i| Some((i.condition.id, super::super::cast::given_name(&i.condition.name)?)));
        let id = performer.condition.id;
        let who = match (name, count, k) {
            (Some((id, name)), ..) => Words::new().of(id, name),
            (None, _, 0) => Words::new().of(id, "the one on the left"),
            (None, n, k) if k + 1 == n => Words::new().of(id, "the one on the right"),
            (None, 3, _) => Words::new().of(id, "the one in the middle"),
            (None, _, k) => Words::new().of(id, format!("the {} from the left", ["first", "second", "third", "fourth", "fifth", "sixth"].get(k).copied().unwrap_or("next"))),
        };
        for words in sentences(facts, index, *performer, who.clone(), who.clone(), false, &|_| false) {
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
            if region.dx > 0.0 { "from left to right" } else { "from right to left" }
        } else if region.dy > 0.0 {
            "downwards"
        } else {
            "upwards"
        };
        composer.sentence(Words::new().of(condition.id, format!("One shape {band} moves {way}")), said);
    }
}

fn sound(facts: &Facts<'_>, composer: &mut Composer, said: &mut Said) {
    for condition in facts.conditions(ConditionKind::Audio) {
        let length = facts.brief.readings.get(&condition.id).and_then(|r| r.duration_s());
        let text = match length {
            Some(length) => format!("The movement is timed to {length:.1} s of sound"),
            None => "The movement is timed to the sound".to_owned(),
        };
        composer.sentence(Words::new().of(condition.id, text), said);
        let note = crate::prompt::squeeze(&condition.note);
        for sentence in super::super::compose::sentences(&note) {
            composer.sentence(Words::new().of(condition.id, sentence), said);
        }
    }
}

fn nothing(facts: &Facts<'_>, composer: &mut Composer, said: &mut Said) {
    let pose = facts.conditions(ConditionKind::Pose).next();
    if let Some(pose) = pose {
        let nobody = facts.intent.negations.iter().any(|n| n.what.starts_with("people") || n.what.starts_with("person"));
        if !nobody {
            composer.sentence(Words::new().of(pose.id, "The movement follows the pose clip"), said);
            return;
        }
    }
    if let Some(edit) = &facts.intent.edit {
        let _ = edit;
        composer.sentence(Words::new().own("The movement stays as it is"), said);
        return;
    }
    if facts.intent.verbatim.is_some() {
        composer.sentence(Words::new().own("The action runs as the prompt words it"), said);
        return;
    }
    if let Some(condition) = facts.conditions(ConditionKind::ReferenceVideo).next() {
        composer.sentence(Words::new().of(condition.id, "The action follows the reference video"), said);
        return;
    }
    let moves = facts.decisions.path_moves || facts.intent.camera.iter().any(|c| matches!(c.wish, CameraWish::Move { .. }));
    let weather = facts.intent.weather.first().map(|w| w.key.clone());
    let falls = match weather.as_deref() {
        Some("rain" | "drizzle" | "downpour") => Some("falls steadily"),
        Some("snow" | "snowfall") => Some("drifts down"),
        Some("fog" | "mist" | "haze") => Some("hangs in the air"),
        Some("wind") => Some("stirs whatever it reaches"),
        _ => None,
    };
    let words = match (weather, falls) {
        (Some(weather), Some(falls)) => Words::new().prompt(format!("The {weather}")).own(format!("{falls}; nothing else moves")),
        _ if moves => Words::new().own("Nothing moves but the camera"),
        _ => Words::new().own("Nothing moves; the moment is held"),
    };
    composer.sentence(words, said);
}
