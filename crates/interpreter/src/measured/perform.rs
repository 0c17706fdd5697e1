//! What the people of a pose clip do, in words and in time order.

use decoupage_conditions::pose::{
    Across, ActionKind, Approach, Facing, Person, PersonAction, Side,
};

use super::cast::Performer;
use super::clock::{Clock, Part, steps};
use super::compose::{Source, Words};
use super::facts::Facts;

/// Measured actions worth a word, in time order, at most eight.
pub(crate) fn actions(person: &Person) -> Vec<&PersonAction> {
    let mut all: Vec<&PersonAction> = person
        .actions
        .iter()
        .filter(|a| a.confidence >= 0.35 && a.start_s.is_finite() && a.end_s >= a.start_s)
        .collect();
    let other = all.iter().any(|a| a.action != ActionKind::Moving);
    if other {
        all.retain(|a| a.action != ActionKind::Moving);
    }
    if all.len() > 8 {
        all.sort_by(|a, b| (b.end_s - b.start_s).total_cmp(&(a.end_s - a.start_s)));
        all.truncate(8);
    }
    all.sort_by(|a, b| {
        a.start_s
            .total_cmp(&b.start_s)
            .then(a.action.cmp(&b.action))
    });
    all
}

/// Whether the person is on the move in this action.
fn gait(kind: ActionKind) -> bool {
    matches!(
        kind,
        ActionKind::Walking | ActionKind::Running | ActionKind::Moving
    )
}

/// The base form of the verb for an action.
pub(crate) fn base(kind: ActionKind) -> &'static str {
    use ActionKind::*;
    match kind {
        StandingStill => "stand",
        Walking => "walk",
        Running => "run",
        RaisingArm => "raise",
        Waving => "wave",
        Turning => "turn",
        Bending => "bend",
        Crouching => "crouch",
        SittingDown | Sitting => "sit",
        StandingUp => "stand",
        Jumping => "jump",
        Moving => "move",
        Kneeling => "kneel",
        LyingDown | Lying => "lie",
        Pointing => "point",
        Clapping => "clap",
        Reaching => "reach",
        PickingUp => "stoop",
        Throwing => "throw",
        Kicking => "kick",
        Punching => "punch",
        TouchingFace => "touch",
        TurningHead => "turn",
        LookingDown | LookingUp => "look",
        Dancing => "dance",
        Hugging => "embrace",
        Approaching => "come",
        Parting => "part",
    }
}

/// The -ing form of the verb for an action.
fn doing(kind: ActionKind) -> &'static str {
    use ActionKind::*;
    match kind {
        StandingStill | StandingUp => "standing",
        Walking => "walking",
        Running => "running",
        RaisingArm => "raising",
        Waving => "waving",
        Turning => "turning",
        Bending => "bending",
        Crouching => "crouching",
        SittingDown | Sitting => "sitting",
        Jumping => "jumping",
        Moving => "moving",
        Kneeling => "kneeling",
        LyingDown | Lying => "lying",
        Pointing => "pointing",
        Clapping => "clapping",
        Reaching => "reaching",
        PickingUp => "stooping",
        Throwing => "throwing",
        Kicking => "kicking",
        Punching => "punching",
        TouchingFace => "touching",
        TurningHead => "turning",
        LookingDown | LookingUp => "looking",
        Dancing => "dancing",
        Hugging => "embracing",
        Approaching => "coming",
        Parting => "parting",
    }
}

/// When an arm goes up; how long it stays up is no part of raising it.
fn raised(clock: Clock, action: &PersonAction, when: &str) -> String {
    if clock.assumed || clock.length_s <= 0.0 {
        return when.to_owned();
    }
    format!("at {:.1} s", (action.start_s + clock.offset_s).max(0.0))
}

/// What follows the verb of an action.
fn object(action: &PersonAction, possessive: &str, travels: bool) -> String {
    use ActionKind::*;
    let arm = match action.side {
        Some(Side::Left) => format!("{possessive} left arm"),
        Some(Side::Right) => format!("{possessive} right arm"),
        Some(Side::Both) => format!(
            "{} arms",
            if possessive == "the" {
                "both"
            } else {
                possessive
            }
        ),
        None => "an arm".to_owned(),
    };
    match action.action {
        StandingStill => "still".to_owned(),
        RaisingArm => arm,
        Waving => format!("with {arm}"),
        Turning => match action.amount_deg.filter(|d| d.is_finite()) {
            Some(d) if d.abs() >= 150.0 => "right round".to_owned(),
            Some(d) if d.abs() >= 15.0 => {
                format!("about {:.0} degrees", (d.abs() / 15.0).round() * 15.0)
            }
            _ => "a little".to_owned(),
        },
        Bending => "forward".to_owned(),
        SittingDown => "down".to_owned(),
        StandingUp => "up".to_owned(),
        Moving if !travels => "without leaving the spot".to_owned(),
        LyingDown => "down".to_owned(),
        Lying => "on the ground".to_owned(),
        Pointing => format!("with {arm}"),
        Reaching => format!("out with {arm}"),
        PickingUp => "to the ground and comes up again".to_owned(),
        Throwing => format!("overarm with {arm}"),
        Punching => format!("with {arm}"),
        Kicking => match action.side {
            Some(Side::Left) => format!("with {possessive} left foot"),
            Some(Side::Right) => format!("with {possessive} right foot"),
            _ => String::new(),
        },
        TouchingFace => format!("{possessive} face"),
        TurningHead => match action.side {
            Some(Side::Left) => format!("{possessive} head to the left"),
            Some(Side::Right) => format!("{possessive} head to the right"),
            _ => format!("{possessive} head"),
        },
        LookingDown => "down".to_owned(),
        LookingUp => "up".to_owned(),
        Hugging => "the other".to_owned(),
        Approaching => "up to the other".to_owned(),
        Parting => "from the other".to_owned(),
        _ => String::new(),
    }
}

/// Which way a person goes: "from left to right", "towards the camera".
pub(crate) fn travel(person: &Person) -> String {
    let mut parts = Vec::new();
    match person.travel.across {
        Across::LeftToRight => parts.push("from left to right"),
        Across::RightToLeft => parts.push("from right to left"),
        Across::None => {}
    }
    match person.travel.depth {
        Approach::Toward => parts.push("towards the camera"),
        Approach::Away => parts.push("away from the camera"),
        Approach::None => {}
    }
    parts.join(", ")
}

/// Which way a person faces, for someone who stays in place.
pub(crate) fn facing(person: &Person) -> Option<&'static str> {
    Some(match person.facing {
        Facing::Camera => "facing the camera",
        Facing::Away => "facing away from the camera",
        Facing::Left => "in profile, facing left",
        Facing::Right => "in profile, facing right",
        Facing::ThreeQuarterLeft => "turned three-quarters to the left",
        Facing::ThreeQuarterRight => "turned three-quarters to the right",
        Facing::Unknown => return None,
    })
}

/// Where in frame someone is who stays in place.
pub(crate) fn place(person: &Person) -> Option<&'static str> {
    let x = person.position.x;
    (person.travel.across == Across::None && x.is_finite()).then_some(match x {
        x if x < 0.36 => "on the left of the frame",
        x if x > 0.64 => "on the right of the frame",
        _ => "in the middle of the frame",
    })
}

/// How to speak of the pace of a walk.
pub(crate) fn pace(facts: &Facts<'_>, performer: Performer<'_>) -> Option<&'static str> {
    let walks = performer
        .person
        .actions
        .iter()
        .any(|a| a.action == ActionKind::Walking);
    let cadence = facts.cadence(performer).filter(|_| walks)?;
    Some(match cadence {
        c if c < 85.0 => "at a slow pace",
        c if c <= 118.0 => "at an easy pace",
        c if c <= 135.0 => "at a brisk pace",
        _ => "at a fast pace",
    })
}

/// The measured actions of a performer as sentences with `who` as subject.
///
/// `verbs` gives the prompt's verb for an action where the prompt names it.
pub(crate) fn sentences(
    facts: &Facts<'_>,
    index: usize,
    performer: Performer<'_>,
    who: Words,
    again: Words,
    plural: bool,
    skip: &dyn Fn(ActionKind) -> bool,
) -> Vec<Words> {
    let person = performer.person;
    let id = performer.condition.id;
    let clock = facts.clock_of(performer);
    let keeps_travel = !facts.decisions.lost_travel.contains(&index);
    let of_many = facts.cast.get(index).is_some_and(|m| facts.plural(m)) && !plural;
    // "Mara raises the right arm" where she is one of "two dancers".
    let possessive = if of_many {
        "the".to_owned()
    } else {
        facts.possessive(index)
    };
    let conjugate = |b: &str| crate::prompt::present(b, plural);
    let mut line = Words::new();
    let mut asides: Vec<Words> = Vec::new();
    let mut last_end = f64::NEG_INFINITY;
    let mut count = 0;
    let mut gait_said = false;
    for action in actions(person) {
        if skip(action.action) {
            continue;
        }
        // Movement that is neither an action nor a way tells nothing.
        if action.action == ActionKind::Moving && (!keeps_travel || travel(person).is_empty()) {
            continue;
        }
        let whole = clock.part(action.start_s, action.end_s) == Part::Whole;
        let when = clock.when(action.start_s, action.end_s);
        let travels = keeps_travel && !travel(person).is_empty();
        let said = facts
            .clauses_of(index)
            .find(|c| c.pose == Some(action.action) && !c.negated && !of_many)
            .map(|c| c.verb.clone());
        let verb = |words: Words| match &said {
            Some(verb) => words.prompt(verb),
            None => words.of(id, conjugate(base(action.action))),
        };
        let mut detail = object(action, &possessive, travels);
        let mut extra = String::new();
        if gait(action.action) && !gait_said {
            gait_said = true;
            let goes = if keeps_travel {
                travel(person)
            } else {
                String::new()
            };
            let mut parts: Vec<String> = Vec::new();
            if !goes.is_empty() {
                parts.push(goes);
            }
            if let Some(cadence) = facts
                .cadence(performer)
                .filter(|_| action.action != ActionKind::Moving)
            {
                parts.push(format!("at {}", steps(cadence)));
            }
            extra = parts.join(" ");
        } else if matches!(
            action.action,
            ActionKind::StandingStill | ActionKind::Sitting | ActionKind::Crouching
        ) && count == 0
        {
            let spot = place(person);
            let faces = facing(person);
            extra = [spot, faces]
                .into_iter()
                .flatten()
                .collect::<Vec<_>>()
                .join(", ");
            if extra.starts_with(['t', 'f']) || spot.is_none() && !extra.is_empty() {
                extra = format!(", {extra}");
            }
        }
        if !extra.is_empty() {
            detail = if detail.is_empty() {
                extra
            } else {
                format!("{detail} {extra}").replace(" ,", ",")
            };
        }
        let overlaps = action.start_s < last_end - 0.25 && count > 0;
        if overlaps && when.is_empty() && said.is_none() {
            line = line.of(id, format!(", {} {detail}", doing(action.action)));
            continue;
        }
        if overlaps {
            let mut aside = Words::new();
            let lead = if when.is_empty() {
                "all the while".to_owned()
            } else {
                when
            };
            aside.push(Source::Condition(id), super::compose::capital(&lead));
            aside = verb(aside.then(again.clone())).of(id, &detail);
            asides.push(aside);
            continue;
        }
        if count == 0 {
            line = verb(who.clone()).of(id, &detail);
            if action.action == ActionKind::RaisingArm && !whole {
                line = line.of(id, raised(clock, action, &when));
            } else if !whole && !when.is_empty() {
                let comma = if detail.contains(',') { ", " } else { "" };
                line = line.of(id, format!("{comma}{when}"));
            }
        } else {
            line = line.of(id, ", then");
            line = verb(line).of(id, &detail);
            let lasts = clock.how_long(action.start_s, action.end_s);
            let brief = matches!(
                action.action,
                ActionKind::RaisingArm
                    | ActionKind::Turning
                    | ActionKind::SittingDown
                    | ActionKind::StandingUp
                    | ActionKind::Jumping
                    | ActionKind::LyingDown
                    | ActionKind::Reaching
                    | ActionKind::PickingUp
                    | ActionKind::Throwing
                    | ActionKind::Kicking
                    | ActionKind::Punching
                    | ActionKind::TurningHead
                    | ActionKind::LookingDown
                    | ActionKind::LookingUp
                    | ActionKind::Approaching
                    | ActionKind::Parting
            );
            line = if action.action == ActionKind::RaisingArm {
                line.of(id, raised(clock, action, &when))
            } else if brief {
                line.of(id, &when)
            } else {
                line.of(id, &lasts)
            };
        }
        count += 1;
        last_end = last_end.max(action.end_s);
    }
    let mut out = Vec::new();
    if !line.is_empty() {
        out.push(line);
    }
    out.extend(asides);
    out
}

/// The words after a prompt's own clause that say where its performer goes.
pub(crate) fn crossing(
    facts: &Facts<'_>,
    index: usize,
    performer: Performer<'_>,
) -> Option<String> {
    if facts.decisions.lost_travel.contains(&index) {
        return None;
    }
    let person = performer.person;
    let moves =
        actions(person).iter().any(|a| gait(a.action)) || person.travel.across_share.abs() > 0.1;
    if !moves {
        return None;
    }
    let across = match person.travel.across {
        Across::LeftToRight => Some("crossing the frame from left to right"),
        Across::RightToLeft => Some("crossing the frame from right to left"),
        Across::None => None,
    };
    let depth = match person.travel.depth {
        Approach::Toward => Some("coming towards the camera"),
        Approach::Away => Some("going away from the camera"),
        Approach::None => None,
    };
    let mut parts: Vec<&str> = [across, depth].into_iter().flatten().collect();
    let pace = pace(facts, performer).filter(|_| !facts.decisions.lost_action.contains(&index));
    if parts.is_empty() {
        return None;
    }
    let joined = parts.join(" and ");
    parts.clear();
    Some(match pace {
        Some(pace) => format!("{joined} {pace}"),
        None => joined,
    })
}

/// Whether the performer walks or runs at this time on the clip's own clock.
pub(crate) fn moving_at(performer: Performer<'_>, time_s: f64) -> Option<ActionKind> {
    actions(performer.person)
        .into_iter()
        .find(|a| {
            matches!(a.action, ActionKind::Walking | ActionKind::Running)
                && a.start_s <= time_s
                && time_s <= a.end_s
        })
        .map(|a| a.action)
}
