//! The words about people against their poses: what they do, which way they go and face, how
//! many they are. Only where the shot has one figure can a sentence be said to be about it.

use decoupage_conditions::pose::{Across, ActionKind, Facing, Person};
use decoupage_shot::{Section, Take};

use super::{Correction, Finding, Severity, Word, finding, words};
use crate::measured::Facts;
use crate::measured::align::{align, naming};
use crate::measured::cast::animal;
use crate::measured::compose::number;
use crate::prompt::lexicon as lex;
use crate::prompt::verbs::{self, Form};

pub(super) fn people(facts: &Facts<'_>, take: &Take, out: &mut Vec<Finding>) {
    let shown: usize = facts.cast.iter().map(|m| m.performers.len()).sum();
    let (_, decisions) = align(facts);
    count(facts, shown, take, out);
    let figures = figures(facts);
    let [(index, person)] = figures.as_slice() else {
        return;
    };
    let (index, person) = (*index, *person);
    // Someone else in the shot may well do something else.
    let others = facts.cast.iter().enumerate().any(|(i, m)| {
        i != index && facts.is_figure(m) && facts.subject(m).is_none_or(|s| !animal(&s.head))
    });
    if others || facts.cast.get(index).is_some_and(|m| facts.plural(m)) {
        return;
    }
    if !decisions.lost_action.contains(&index) {
        gait(facts, index, person, take, out);
    }
    if !decisions.lost_travel.contains(&index) {
        direction(person, take, out);
    }
    facing(person, take, out);
}

/// The members that perform, with who performs them.
fn figures<'a>(facts: &Facts<'a>) -> Vec<(usize, &'a Person)> {
    facts
        .cast
        .iter()
        .enumerate()
        .flat_map(|(i, m)| m.performers.iter().map(move |p| (i, p.person)))
        .collect()
}

/// The gait or posture that a verb claims.
fn claims(word: &Word, next: &str) -> Option<(ActionKind, Form)> {
    let (base, form) = verbs::verb(&word.lower)?;
    let kind = match base {
        "walk" | "stroll" | "stride" => ActionKind::Walking,
        "run" | "sprint" | "jog" => ActionKind::Running,
        "crouch" | "squat" => ActionKind::Crouching,
        // "sits down" and "stands up" are changes, not states; "stands out" is neither.
        "sit" if !matches!(next, "down" | "up") => ActionKind::Sitting,
        "stand" if matches!(next, "still" | "motionless") => ActionKind::StandingStill,
        _ => return None,
    };
    matches!(form, Form::Third | Form::Ing).then_some((kind, form))
}

/// Whether the words before a verb in its clause give it another subject, or deny it.
fn elsewhere(all: &[Word], at: usize) -> bool {
    let Some(word) = all.get(at) else {
        return true;
    };
    all.get(..at)
        .unwrap_or_default()
        .iter()
        .rev()
        .take_while(|w| w.sentence == word.sentence)
        .take(8)
        .any(|w| {
            let noun = verbs::singular(&w.lower);
            animal(&noun)
                || matches!(
                    w.lower.as_str(),
                    "not"
                        | "never"
                        | "no"
                        | "without"
                        | "crowd"
                        | "passers-by"
                        | "pedestrians"
                        | "others"
                        | "strangers"
                        | "camera"
                        | "if"
                        | "as"
                        | "about"
                )
                || matches!(
                    w.lower.as_str(),
                    "people" | "vendors" | "shoppers" | "children" | "figures"
                )
        })
}

fn gait(facts: &Facts<'_>, index: usize, person: &Person, take: &Take, out: &mut Vec<Finding>) {
    let measured: Vec<ActionKind> = {
        let mut kinds: Vec<ActionKind> = person
            .actions
            .iter()
            .filter(|a| a.confidence >= 0.5)
            .map(|a| a.action)
            .filter(|k| state(*k))
            .collect();
        kinds.sort();
        kinds.dedup();
        kinds
    };
    // Someone who does several things one after another may be told in any order.
    let [right] = measured.as_slice() else { return };
    let right = *right;
    if person.actions.iter().any(|a| {
        matches!(
            a.action,
            ActionKind::SittingDown | ActionKind::StandingUp | ActionKind::Moving
        )
    }) {
        return;
    }
    let asked: Vec<ActionKind> = facts.clauses_of(index).filter_map(|c| c.pose).collect();
    let pose = facts.cast.get(index).and_then(|m| m.performer());
    for section in [Section::Dense, Section::Action] {
        let all = words(take.caption.get(section));
        for (i, word) in all.iter().enumerate() {
            let next = all.get(i + 1).map_or("", |w| w.lower.as_str());
            let Some((kind, form)) = claims(word, next) else {
                continue;
            };
            if kind == right || asked.contains(&kind) || elsewhere(&all, i) {
                continue;
            }
            let (start, end) = match kind {
                ActionKind::StandingStill => {
                    (word.start, all.get(i + 1).map_or(word.end, |w| w.end))
                }
                _ => (word.start, word.end),
            };
            let base = match right {
                ActionKind::Walking => "walk",
                ActionKind::Running => "run",
                ActionKind::Crouching => "crouch",
                ActionKind::Sitting => "sit",
                _ => "stand",
            };
            let mut replacement = match form {
                Form::Ing => ing(base).to_owned(),
                _ => verbs::third(base),
            };
            if right == ActionKind::StandingStill {
                replacement.push_str(" still");
            }
            // "runs past the stalls" can become "walks past the stalls", not "sits past them".
            let swaps = matches!(kind, ActionKind::Walking | ActionKind::Running)
                == matches!(right, ActionKind::Walking | ActionKind::Running);
            let label =
                pose.map_or_else(String::new, |p| crate::measured::facts::label(p.condition));
            out.push(Finding {
                correction: swaps.then_some(Correction {
                    section,
                    start,
                    end,
                    replacement,
                }),
                ..finding(
                    Severity::Problem,
                    "pose_agrees",
                    Some(section),
                    format!(
                        "“{}” is not what is measured: {label} shows {}; change the words or the pose.",
                        word.lower,
                        naming(right)
                    ),
                    Some((start, end)),
                )
            });
        }
    }
}

fn state(kind: ActionKind) -> bool {
    matches!(
        kind,
        ActionKind::Walking
            | ActionKind::Running
            | ActionKind::StandingStill
            | ActionKind::Sitting
            | ActionKind::Crouching
    )
}

fn ing(base: &str) -> &'static str {
    match base {
        "walk" => "walking",
        "run" => "running",
        "crouch" => "crouching",
        "sit" => "sitting",
        _ => "standing",
    }
}

/// "from left to right" and "walks to the left" against the measured travel.
fn direction(person: &Person, take: &Take, out: &mut Vec<Finding>) {
    let (wrong, right) = match person.travel.across {
        Across::LeftToRight => (("right", "left"), ("left", "right")),
        Across::RightToLeft => (("left", "right"), ("right", "left")),
        Across::None => return,
    };
    for section in [Section::Dense, Section::Action] {
        let all = words(take.caption.get(section));
        for (i, word) in all.iter().enumerate() {
            let at = |k: usize| all.get(i + k).map_or("", |w| w.lower.as_str());
            // "right to left"
            let crossing = word.lower == wrong.0 && at(1) == "to" && at(2) == wrong.1;
            let crossing_end = if at(2) == wrong.1 { 2 } else { 0 };
            // "walks left", "walks to the left"
            let goes = matches!(
                verbs::verb(&word.lower),
                Some((
                    "walk" | "run" | "stroll" | "stride" | "head" | "jog" | "sprint",
                    Form::Third | Form::Ing
                ))
            );
            let aim = if at(1) == wrong.1 {
                1
            } else if matches!(at(1), "to" | "towards" | "toward")
                && at(2) == "the"
                && at(3) == wrong.1
            {
                3
            } else {
                0
            };
            let (from, to, replacement) = if crossing {
                (i, i + crossing_end, format!("{} to {}", right.0, right.1))
            } else if goes && aim > 0 {
                (i + aim, i + aim, right.1.to_owned())
            } else {
                continue;
            };
            if elsewhere(&all, i) || camera_speaks(&all, i) {
                continue;
            }
            let (Some(first), Some(last)) = (all.get(from), all.get(to)) else {
                continue;
            };
            out.push(Finding {
                correction: Some(Correction {
                    section,
                    start: first.start,
                    end: last.end,
                    replacement,
                }),
                ..finding(
                    Severity::Problem,
                    "pose_agrees",
                    Some(section),
                    format!(
                        "The figure is measured to cross the frame from {} to {}, and these words say the opposite.",
                        right.0, right.1
                    ),
                    Some((first.start, last.end)),
                )
            });
        }
    }
}

/// Whether a sentence has spoken of the camera, or of what it does, before this word.
fn camera_speaks(all: &[Word], at: usize) -> bool {
    let Some(word) = all.get(at) else {
        return true;
    };
    all.get(..at).unwrap_or_default().iter().any(|w| {
        w.sentence == word.sentence
            && (w.lower.starts_with("camera")
                || matches!(
                    w.lower.as_str(),
                    "pans"
                        | "panning"
                        | "trucks"
                        | "trucking"
                        | "tracks"
                        | "tracking"
                        | "shot"
                        | "light"
                        | "wind"
                ))
    })
}

/// "facing left" against a figure that faces right, "facing the camera" against one seen from
/// behind.
fn facing(person: &Person, take: &Take, out: &mut Vec<Finding>) {
    let (wrong, right): (&[&str], &str) = match person.facing {
        Facing::Left | Facing::ThreeQuarterLeft => (&["right"], "left"),
        Facing::Right | Facing::ThreeQuarterRight => (&["left"], "right"),
        Facing::Camera => (&["away", "from", "the", "camera"], "the camera"),
        Facing::Away => (&["the", "camera"], "away from the camera"),
        Facing::Unknown => return,
    };
    // Someone who turns faces more than one way.
    if person
        .actions
        .iter()
        .any(|a| a.action == ActionKind::Turning)
    {
        return;
    }
    for section in [Section::Dense, Section::MainObject, Section::Action] {
        let all = words(take.caption.get(section));
        for (i, word) in all.iter().enumerate() {
            if !matches!(word.lower.as_str(), "facing" | "faces") || elsewhere(&all, i) {
                continue;
            }
            let skip = usize::from(matches!(
                all.get(i + 1).map(|w| w.lower.as_str()),
                Some("to" | "towards" | "toward")
            ));
            let skip = skip
                + usize::from(
                    wrong.len() == 1 && all.get(i + 1 + skip).is_some_and(|w| w.lower == "the"),
                );
            let from = i + 1 + skip;
            let hit = wrong.iter().enumerate().all(|(k, w)| {
                all.get(from + k)
                    .is_some_and(|x| x.lower == *w && x.sentence == word.sentence)
            });
            let (Some(first), Some(last)) = (all.get(from), all.get(from + wrong.len() - 1)) else {
                continue;
            };
            if !hit {
                continue;
            }
            out.push(Finding {
                correction: Some(Correction {
                    section,
                    start: first.start,
                    end: last.end,
                    replacement: right.to_owned(),
                }),
                ..finding(
                    Severity::Warning,
                    "pose_agrees",
                    Some(section),
                    format!("The figure is measured to face {right}."),
                    Some((first.start, last.end)),
                )
            });
        }
    }
}

/// How many people a section opens with, against how many the poses show.
fn count(facts: &Facts<'_>, shown: usize, take: &Take, out: &mut Vec<Finding>) {
    // The prompt's own numbers, and conflicts about them, are settled elsewhere.
    let poses = facts
        .shot
        .conditions
        .iter()
        .filter(|c| c.kind == decoupage_shot::ConditionKind::Pose)
        .count();
    let said_more = facts
        .intent
        .subjects
        .iter()
        .any(|s| s.being && !animal(&s.head) && (s.plural || s.with.is_some()));
    let humans = facts
        .intent
        .subjects
        .iter()
        .filter(|s| s.being && !animal(&s.head))
        .count();
    let members = facts
        .cast
        .iter()
        .filter(|m| m.performers.is_empty() && !m.identities.is_empty())
        .count();
    if shown == 0 || poses != 1 || said_more || members > 0 || humans > 0 && humans != shown {
        return;
    }
    for section in [Section::Dense, Section::MainObject, Section::Action] {
        let all = words(take.caption.get(section));
        let Some(first) = all.first() else { continue };
        let Some(n) = (2..=10).find(|n| number(*n) == first.lower) else {
            continue;
        };
        let noun = all.iter().take(4).skip(1).find(|w| {
            verbs::is_plural(&w.lower)
                && verbs::being(&w.lower)
                && !animal(&verbs::singular(&w.lower))
                && !lex::FILE_WORDS.contains(&w.lower.as_str())
        });
        let Some(noun) = noun.filter(|_| n != shown) else {
            continue;
        };
        let correction = (shown > 1).then(|| Correction {
            section,
            start: first.start,
            end: first.end,
            replacement: crate::measured::compose::capital(&number(shown)),
        });
        out.push(Finding {
            correction,
            ..finding(
                Severity::Problem,
                "people_agree",
                Some(section),
                format!(
                    "The words name {} {}, and the pose shows {}.",
                    first.lower,
                    noun.lower,
                    if shown == 1 {
                        "one figure".to_owned()
                    } else {
                        format!("{} figures", number(shown))
                    }
                ),
                Some((first.start, noun.end)),
            )
        });
    }
}
