//! A new take, in words or as the contract's JSON document.

use std::collections::BTreeMap;
use std::time::Instant;

use decoupage_app::api::{JobEnd, View};
use decoupage_app::{Core, Event, Request};
use decoupage_conditions::Reading;
use decoupage_shot::{Caption, Engine, Origins, Outcome, Phase, Shot, Take, Trace};
use serde::Serialize;

use crate::arguments::Interpret;
use crate::print;
use crate::projects::{open, shot_of, unexpected, view};

/// What `interpret --json` prints.
#[derive(Serialize)]
struct Document<'a> {
    shot: &'a str,
    engine: Engine,
    model: Option<&'a str>,
    readings: Vec<Read>,
    trace: &'a Trace,
    caption: &'a Caption,
    origins: &'a Origins,
    timings_ms: BTreeMap<&'static str, f64>,
}

#[derive(Serialize)]
struct Read {
    condition: u64,
    name: String,
    #[serde(flatten)]
    reading: Reading,
}

pub(crate) fn run(core: &Core, arguments: &Interpret) -> Outcome<()> {
    let begun = Instant::now();
    let before = open(core, &arguments.project)?;
    let shot = shot_of(&before, arguments.shot)?.id;
    let opened = begun.elapsed();
    let mut readings = Vec::new();
    for condition in &shot_of(&before, arguments.shot)?.conditions {
        let read = Request::Read {
            condition: condition.id,
        };
        match core.run(read, |_| {}) {
            Ok(JobEnd::Reading { reading, .. }) => readings.push(Read {
                condition: condition.id.0,
                name: condition.name.clone(),
                reading: *reading,
            }),
            Ok(_) => return Err(unexpected()),
            // The take says so too; the others are still worth reading.
            Err(fault) => eprintln!("decoupage: {}: {fault}", condition.name),
        }
    }
    let read = begun.elapsed() - opened;
    core.run(
        Request::Interpret {
            shot,
            engine: arguments.engine.into(),
            model: arguments.model.clone(),
            seed: arguments.seed,
            sections: Vec::new(),
            writing: Box::new(arguments.writing()),
        },
        follow,
    )?;
    let written = begun.elapsed() - opened - read;
    let after = view(core.ask(Request::View)?)?;
    let (shot, take) = current(&after, arguments.shot)?;
    if arguments.json {
        let timings_ms = [("open", opened), ("read", read), ("write", written)]
            .into_iter()
            .map(|(name, time)| (name, time.as_secs_f64() * 1_000.0))
            .collect();
        return print::json(&Document {
            shot: &shot.name,
            engine: take.engine,
            model: take.model.as_deref(),
            readings,
            trace: &take.trace,
            caption: &take.caption,
            origins: &take.origins,
            timings_ms,
        });
    }
    print::take(shot, take);
    Ok(())
}

/// Says on stderr what takes its time, one line a phase.
fn follow(event: &Event) {
    match event {
        Event::Note { text, .. } => eprintln!("decoupage: {text}"),
        Event::Progress {
            phase: Phase::Loading,
            done: 0,
            ..
        } => eprintln!("decoupage: loading the model"),
        _ => {}
    }
}

/// A shot and its current take.
pub(crate) fn current(view: &View, number: usize) -> Outcome<(&Shot, &Take)> {
    let shot = shot_of(view, number)?;
    Ok((shot, shot.take().ok_or_else(unexpected)?))
}
