//! What is wrong with a caption file, or with a project's current takes.

use std::process::ExitCode;

use decoupage_app::{Core, Request, Response};
use decoupage_interpreter::check::{Finding, Severity};
use decoupage_shot::Outcome;
use serde::Serialize;

use crate::arguments::Check;
use crate::print;
use crate::projects::{open, unexpected, view};

#[derive(Serialize)]
struct Checked {
    shot: String,
    findings: Vec<Finding>,
}

/// Exit code 1 where a problem was found.
pub(crate) fn run(core: &Core, arguments: &Check) -> Outcome<ExitCode> {
    let is_project = arguments.file.is_dir()
        || arguments
            .file
            .file_name()
            .is_some_and(|name| name == decoupage_shot::store::DOCUMENT);
    // A caption file is checked as the only take of a shot without conditions.
    let scratch = tempfile::tempdir().map_err(|e| {
        decoupage_shot::Fault::io(&e, "make a temporary folder", std::env::temp_dir())
    })?;
    let view = if is_project {
        open(core, &arguments.file)?
    } else {
        let view = view(core.ask(Request::NewProject {
            folder: scratch.path().join("caption"),
            prompt: None,
            duration_s: None,
        })?)?;
        self::view(core.ask(Request::ImportCaption {
            shot: view.project.shots[0].id,
            path: arguments.file.clone(),
        })?)?
    };
    let mut checked = Vec::new();
    for shot in view
        .project
        .shots
        .iter()
        .filter(|shot| shot.take().is_some())
    {
        let Response::Findings { mut findings } = core.ask(Request::Check {
            shot: shot.id,
            take: None,
        })?
        else {
            return Err(unexpected());
        };
        if let Some(generator) = &arguments.generator {
            findings.extend(budget(core, shot.id, generator)?);
        }
        checked.push(Checked {
            shot: shot.name.clone(),
            findings,
        });
    }
    let problem = checked
        .iter()
        .flat_map(|checked| &checked.findings)
        .any(|finding| finding.severity == Severity::Problem);
    if arguments.json {
        print::json(&checked)?;
    } else {
        for checked in &checked {
            if is_project {
                println!("{}", checked.shot);
            }
            print::findings(&checked.findings);
        }
    }
    core.close()?;
    Ok(ExitCode::from(u8::from(problem)))
}

fn budget(core: &Core, shot: decoupage_shot::ShotId, generator: &str) -> Outcome<Vec<Finding>> {
    let Response::Prompt { prompt } = core.ask(Request::Compose {
        shot,
        generator: generator.to_owned(),
        take: None,
    })?
    else {
        return Err(unexpected());
    };
    let dropped = prompt.dropped.iter().map(|dropped| Finding {
        severity: Severity::Warning,
        check: "budget".to_owned(),
        section: Some(dropped.section),
        text: format!("Left out to fit the budget: {}", dropped.text),
        span: None,
        correction: None,
    });
    let warnings = prompt.warnings.iter().map(|warning| Finding {
        severity: Severity::Note,
        check: "generator".to_owned(),
        section: None,
        text: warning.clone(),
        span: None,
        correction: None,
    });
    Ok(dropped.chain(warnings).collect())
}
