//! A shot's conditions taken together.

use decoupage_app::{Core, Request, Response};
use decoupage_shot::{ConditionId, Outcome, Shot};

use crate::arguments::Conditions;
use crate::print;
use crate::projects::{open, shot_of, unexpected};

pub(crate) fn run(core: &Core, arguments: &Conditions) -> Outcome<()> {
    let view = open(core, &arguments.project)?;
    let shot = shot_of(&view, arguments.shot)?;
    for condition in &shot.conditions {
        let read = Request::Read {
            condition: condition.id,
        };
        if let Err(fault) = core.run(read, |_| {}) {
            // The others can still be taken together.
            eprintln!("decoupage: {}: {fault}", condition.name);
        }
    }
    let Response::Composition { composition, .. } =
        core.ask(Request::Composition { shot: shot.id })?
    else {
        return Err(unexpected());
    };
    if arguments.json {
        return print::json(&composition);
    }
    println!("{}, {:.1} s", shot.name, composition.duration_s);
    for lane in &composition.lanes {
        let note = lane
            .note
            .as_ref()
            .map_or_else(String::new, |note| format!(" ({note})"));
        println!(
            "  {:.1}–{:.1} s  {}{note}",
            lane.start_s,
            lane.end_s,
            name_of(shot, lane.condition)
        );
    }
    let notes = composition.notes.iter().cloned();
    let rates = composition.rates.iter().map(|rate| rate.because.clone());
    let groups = composition.groups.iter().map(|group| group.because.clone());
    let ties = composition.suggestions.iter().map(|tie| {
        format!(
            "{} could be bound: {}",
            name_of(shot, tie.binding.from),
            tie.because
        )
    });
    let agreements = composition.agreements.iter().map(|a| a.text.clone());
    let clashes = composition
        .conflicts
        .iter()
        .map(|clash| format!("{} {}", clash.text, clash.resolution));
    for text in notes
        .chain(rates)
        .chain(groups)
        .chain(ties)
        .chain(agreements)
        .chain(clashes)
    {
        println!("  {text}");
    }
    Ok(())
}

fn name_of(shot: &Shot, id: ConditionId) -> &str {
    shot.condition(id).map_or("", |c| c.name.as_str())
}
