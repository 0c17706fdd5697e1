//! A reading laid open, and corrected by hand.

use decoupage_app::api::JobEnd;
use decoupage_app::{Core, Request};
use decoupage_conditions::outline::{Changeable, Item, Outline};
use decoupage_shot::{Change, Code, Condition, Correction, Edit, Fault, Outcome, Shot};

use crate::arguments::Correct;
use crate::print;
use crate::projects::{open, shot_of, unexpected, view};

pub(crate) fn run(core: &Core, arguments: &Correct) -> Outcome<()> {
    let before = open(core, &arguments.project)?;
    let condition = condition_of(shot_of(&before, arguments.shot)?, &arguments.condition)?;
    let (outline, _) = read(core, condition)?;
    let Some(key) = &arguments.item else {
        return list(core, condition, &outline, arguments.json);
    };
    let item = outline
        .items
        .iter()
        .find(|item| item.key == *key)
        .ok_or_else(|| {
            Fault::new(
                Code::Invalid,
                format!("The reading of “{}” has no {key}.", condition.name),
            )
            .advise("Leave the item out to see what there is.")
        })?;
    let mut corrections = condition.corrections.clone();
    match change_of(arguments, item)? {
        None => corrections.retain(|correction| correction.item != *key),
        Some(change) => {
            // A second change of the same sort replaces the first.
            corrections.retain(|correction| {
                correction.item != *key
                    || std::mem::discriminant(&correction.change) != std::mem::discriminant(&change)
            });
            corrections.push(Correction {
                item: key.clone(),
                was: item.words.clone(),
                change,
            });
        }
    }
    let after = view(core.ask(Request::Edit {
        edit: Box::new(Edit::SetCorrections {
            condition: condition.id,
            corrections,
        }),
        gesture: None,
    })?)?;
    let condition = condition_of(shot_of(&after, arguments.shot)?, &arguments.condition)?;
    list(core, condition, &outline, arguments.json)
}

fn change_of(arguments: &Correct, item: &Item) -> Outcome<Option<Change>> {
    let allowed = |changeable: Changeable, what: &str| {
        if item.changes.contains(&changeable) {
            Ok(())
        } else {
            Err(Fault::new(
                Code::Invalid,
                format!("“{}” cannot be {what}.", item.words),
            ))
        }
    };
    if arguments.as_measured {
        return Ok(None);
    }
    if arguments.delete {
        allowed(Changeable::Delete, "deleted")?;
        return Ok(Some(Change::Delete));
    }
    if let Some(to) = &arguments.rename {
        allowed(Changeable::Rename, "renamed")?;
        let choices = &item.choices;
        let chosen = choices
            .iter()
            .find(|choice| choice.key == *to || choice.words.eq_ignore_ascii_case(to));
        return match chosen {
            Some(choice) => Ok(Some(Change::Rename {
                to: choice.key.clone(),
            })),
            None if choices.is_empty() => Ok(Some(Change::Rename { to: to.clone() })),
            None => {
                let keys: Vec<&str> = choices.iter().map(|choice| choice.key.as_str()).collect();
                Err(Fault::new(
                    Code::Invalid,
                    format!("“{}” cannot become “{to}”.", item.words),
                )
                .advise(format!("It can be {}.", keys.join(", "))))
            }
        };
    }
    if let [start_s, end_s] = arguments.retime.as_slice() {
        allowed(Changeable::Retime, "moved in time")?;
        return Ok(Some(Change::Retime {
            start_s: *start_s,
            end_s: *end_s,
        }));
    }
    Err(Fault::new(
        Code::Invalid,
        "Say what to change: --delete, --rename, --retime or --as-measured.",
    ))
}

/// A condition by its name, or by its place in the shot, counted from 1.
pub(crate) fn condition_of<'a>(shot: &'a Shot, wanted: &str) -> Outcome<&'a Condition> {
    let named = shot.conditions.iter().find(|c| c.name == wanted);
    let placed = || {
        let number: usize = wanted.parse().ok()?;
        shot.conditions.get(number.checked_sub(1)?)
    };
    named.or_else(placed).ok_or_else(|| {
        let names: Vec<&str> = shot.conditions.iter().map(|c| c.name.as_str()).collect();
        Fault::new(
            Code::Invalid,
            format!("There is no condition “{wanted}” in {}.", shot.name),
        )
        .advise(format!("It has {}.", names.join(", ")))
    })
}

fn read(core: &Core, condition: &Condition) -> Outcome<(Outline, Vec<Correction>)> {
    let request = Request::Read {
        condition: condition.id,
    };
    match core.run(request, |_| {})? {
        JobEnd::Reading { outline, unmet, .. } => Ok((*outline, unmet)),
        _ => Err(unexpected()),
    }
}

/// Every item with its key and time, and what a hand made of it.
fn list(core: &Core, condition: &Condition, outline: &Outline, json: bool) -> Outcome<()> {
    if json {
        return print::json(outline);
    }
    let (_, unmet) = read(core, condition)?;
    for item in &outline.items {
        let time = item.span.map_or_else(String::new, |span| {
            format!(" [{:.2}–{:.2} s]", span.start_s, span.end_s)
        });
        println!("{:<24} {}{time}", item.key, item.words);
        for correction in condition.corrections.iter().filter(|c| c.item == item.key) {
            println!("{:<24} → {}", "", made(correction, item));
        }
    }
    for correction in &unmet {
        eprintln!(
            "decoupage: the correction of “{}” no longer applies.",
            correction.was
        );
    }
    Ok(())
}

fn made(correction: &Correction, item: &Item) -> String {
    match &correction.change {
        Change::Delete => "deleted by hand".to_owned(),
        Change::Rename { to } => item
            .choices
            .iter()
            .find(|choice| choice.key == *to)
            .map_or_else(|| to.clone(), |choice| choice.words.clone()),
        Change::Retime { start_s, end_s } => format!("{start_s:.2}–{end_s:.2} s"),
    }
}
