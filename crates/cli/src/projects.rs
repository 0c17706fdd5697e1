//! Making projects, adding to them, exporting from them.

use std::path::Path;

use decoupage_app::api::{AddFile, JobEnd, View};
use decoupage_app::{Core, Request, Response};
use decoupage_shot::{Code, Fault, Outcome, Shot};

use crate::arguments::{Add, Export, New};

pub(crate) fn new(core: &Core, arguments: New) -> Outcome<()> {
    let view = view(core.ask(Request::NewProject {
        folder: arguments.folder,
        prompt: arguments.prompt,
        duration_s: arguments.duration,
    })?)?;
    println!("{}", view.folder.display());
    Ok(())
}

pub(crate) fn add(core: &Core, arguments: Add) -> Outcome<()> {
    let view = open(core, &arguments.project)?;
    let shot = shot_of(&view, arguments.shot)?.id;
    let storage = arguments.storage();
    let end = core.run(
        Request::Add {
            shot,
            files: vec![AddFile {
                path: arguments.file,
                kind: arguments.kind,
                name: arguments.name,
                place: None,
            }],
            storage,
        },
        |_| {},
    )?;
    let JobEnd::Added {
        conditions,
        refused,
    } = end
    else {
        return Err(unexpected());
    };
    if let Some(fault) = refused.into_iter().find_map(|guess| guess.fault) {
        return Err(fault);
    }
    let view = self::view(core.ask(Request::View)?)?;
    for condition in conditions
        .iter()
        .filter_map(|id| view.project.condition(*id))
    {
        println!("{} ({})", condition.name, condition.kind.title());
    }
    Ok(())
}

pub(crate) fn export(core: &Core, arguments: Export) -> Outcome<()> {
    let view = open(core, &arguments.project)?;
    let folder = arguments.out.unwrap_or_else(|| view.folder.join("exports"));
    let generators = match arguments.generator.as_str() {
        "all" => Vec::new(),
        one => vec![one.to_owned()],
    };
    let Response::Files { files } = core.ask(Request::Export {
        shot: None,
        generators,
        format: arguments.format.into(),
        folder,
    })?
    else {
        return Err(unexpected());
    };
    for file in files {
        println!("{}", file.display());
    }
    Ok(())
}

pub(crate) fn open(core: &Core, project: &Path) -> Outcome<View> {
    let view = view(core.ask(Request::OpenProject {
        folder: project.to_owned(),
    })?)?;
    for notice in &view.notices {
        eprintln!("decoupage: {notice}");
    }
    Ok(view)
}

pub(crate) fn view(response: Response) -> Outcome<View> {
    match response {
        Response::View { view } => Ok(*view),
        _ => Err(unexpected()),
    }
}

/// The shot with this number, counted from 1.
pub(crate) fn shot_of(view: &View, number: usize) -> Outcome<&Shot> {
    number
        .checked_sub(1)
        .and_then(|index| view.project.shots.get(index))
        .ok_or_else(|| {
            Fault::new(
                Code::Invalid,
                format!("There is no shot {number} in this project."),
            )
            .advise(format!("It has {}.", view.project.shots.len()))
        })
}

pub(crate) fn unexpected() -> Fault {
    Fault::new(Code::Internal, "The core answered something else.")
}
