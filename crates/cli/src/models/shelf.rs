//! Which models there are, which fit, fetching and checking them.

use std::process::ExitCode;

use decoupage_app::api::JobEnd;
use decoupage_app::api::models::{ModelCard, Models};
use decoupage_app::{Core, Event, Request, Response};
use decoupage_catalogue::{FileState, FitKind, FoundState, Precision};
use decoupage_shot::{Code, Fault, Outcome};
use serde_json::json;

use super::progress::Progress;
use crate::arguments::{Listed, OneModel};
use crate::print;
use crate::projects::unexpected;

/// The catalogue, and what else is on this computer.
pub(super) fn list(core: &Core, arguments: &Listed) -> Outcome<()> {
    let shelf = shelf(core)?;
    if arguments.json {
        return print::json(&shelf);
    }
    if let Some(notice) = &shelf.notice {
        eprintln!("decoupage: {notice}");
    }
    for fault in &shelf.faults {
        eprintln!("decoupage: {fault}");
    }
    let (here, away): (Vec<_>, Vec<_>) = shelf.models.iter().partition(|c| !c.found.is_empty());
    if !here.is_empty() {
        println!("On this computer");
        here.iter().for_each(|card| line(card));
        println!();
    }
    println!("To fetch (decoupage models download ID)");
    away.iter().for_each(|card| line(card));
    Ok(())
}

fn line(card: &ModelCard) {
    let fit = best(card).map_or("", |(precision, verdict)| match (precision, verdict) {
        (_, FitKind::TooBig) => "too big",
        (Precision::Q4K, _) => "fits in 4-bit",
        (Precision::Q8_0, _) => "fits in 8-bit",
        _ => "fits",
    });
    let bytes = match (card.found.first(), &card.entry) {
        (Some(found), _) => found.bytes,
        (None, Some(entry)) => entry.download_bytes,
        (None, None) => 0,
    };
    println!(
        "  {:<28} {:<24} {:>8}  {fit}",
        card.id,
        card.name,
        gigabytes(bytes)
    );
    for found in &card.found {
        if let FoundState::Unusable { fault, .. } = &found.state {
            println!("  {:<28} {fault}", "");
        }
    }
}

/// The best precision that fits, else the smallest.
fn best(card: &ModelCard) -> Option<(Precision, FitKind)> {
    let fitting = card.choices.iter().find(|c| c.fit.fit != FitKind::TooBig);
    fitting
        .or(card.choices.last())
        .map(|choice| (choice.precision, choice.fit.fit))
}

/// How much memory a model takes at each precision.
pub(super) fn fit(core: &Core, arguments: &OneModel) -> Outcome<()> {
    let shelf = shelf(core)?;
    let card = card(&shelf, &arguments.model)?;
    if arguments.json {
        return print::json(&json!({
            "model": card.id,
            "device": shelf.devices.first(),
            "choices": card.choices,
        }));
    }
    if let Some(device) = shelf.devices.first() {
        println!(
            "{} on {}: {} of {} free",
            card.name,
            device.name,
            gigabytes(device.available_bytes),
            gigabytes(device.total_bytes)
        );
    }
    for choice in &card.choices {
        println!(
            "  {:<26} {:>8}  {}",
            choice.precision.name(),
            gigabytes(choice.memory.total),
            choice.fit.sentence
        );
    }
    Ok(())
}

/// Fetches a model, going on where it stopped.
pub(super) fn download(core: &Core, arguments: &OneModel) -> Outcome<()> {
    let request = Request::DownloadModel {
        model: arguments.model.clone(),
    };
    watch(core, request)?;
    let shelf = shelf(core)?;
    let card = card(&shelf, &arguments.model)?;
    if arguments.json {
        return print::json(card);
    }
    if let Some(found) = card.found.first() {
        println!("{} is in {}.", card.name, found.place.path.display());
    }
    Ok(())
}

/// Compares a model's files with what was published.
pub(super) fn verify(core: &Core, arguments: &OneModel) -> Outcome<ExitCode> {
    let request = Request::VerifyModel {
        model: arguments.model.clone(),
    };
    let JobEnd::Verified { verification, .. } = watch(core, request)? else {
        return Err(unexpected());
    };
    if arguments.json {
        print::json(&verification)?;
    } else {
        for file in &verification.files {
            match &file.state {
                FileState::Damaged { why } => println!("{}: {why}", file.name),
                FileState::Missing => println!("{}: missing", file.name),
                FileState::Sound | FileState::Whole => {}
            }
        }
        println!("{}", verification.sentence);
    }
    Ok(if verification.sound {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn shelf(core: &Core) -> Outcome<Models> {
    match core.ask(Request::Models)? {
        Response::Models { models } => Ok(*models),
        _ => Err(unexpected()),
    }
}

fn card<'a>(shelf: &'a Models, id: &str) -> Outcome<&'a ModelCard> {
    shelf
        .models
        .iter()
        .find(|card| card.id == id || card.name == id)
        .ok_or_else(|| {
            Fault::new(Code::Missing, format!("No model is called “{id}”."))
                .advise("`decoupage models` lists them.")
        })
}

fn watch(core: &Core, request: Request) -> Outcome<JobEnd> {
    let mut progress = Progress::new();
    let what = match request {
        Request::DownloadModel { .. } => "Fetching",
        _ => "Checking",
    };
    let end = core.run(request, |event| {
        if let Event::Progress { done, total, .. } = event {
            progress.tell(what, *done, *total);
        }
    });
    progress.clear();
    end
}

fn gigabytes(bytes: u64) -> String {
    format!("{:.1} GB", bytes as f64 / 1e9)
}
