//! The reading of one condition.

use std::path::Path;

use decoupage_conditions::{Reading, Statement, sniff};
use decoupage_shot::{ConditionKind, Outcome, ReadOptions, Silent};

use crate::arguments::Read;
use crate::print;

pub(crate) fn run(arguments: &Read) -> Outcome<()> {
    let path: &Path = &arguments.file;
    let kind = match arguments.kind {
        Some(kind) => kind,
        None => sniff::guess(path, &Silent)?.kind,
    };
    let options = ReadOptions {
        fps: arguments.fps,
        format: arguments.format.clone(),
        convention: arguments.convention.clone(),
        camera: arguments.camera.clone(),
        ..ReadOptions::default()
    };
    let reading = decoupage_conditions::read(path, kind, &options, &Silent)?;
    if arguments.json {
        return print::json(&reading);
    }
    println!("{}", heading(kind));
    for statement in reading.statements() {
        sentence(statement, "");
    }
    if let Reading::Pose(pose) = &reading {
        for person in &pose.people {
            println!("  Person {}:", person.id);
            for statement in &person.statements {
                sentence(statement, "  ");
            }
        }
    }
    Ok(())
}

fn heading(kind: ConditionKind) -> String {
    let title = kind.title();
    let mut letters = title.chars();
    letters
        .next()
        .map(|first| first.to_uppercase().chain(letters).collect())
        .unwrap_or_default()
}

fn sentence(statement: &Statement, indent: &str) {
    let time = statement.span.map_or_else(String::new, |span| {
        format!(" [{:.1}–{:.1} s]", span.start_s, span.end_s)
    });
    println!("{indent}  {}{time}", statement.text);
}
