//! The sample shot, end to end.

use decoupage_app::{Core, Request, Response};
use decoupage_generators::FileFormat;
use decoupage_shot::Outcome;

use crate::arguments::Demo;
use crate::interpret::current;
use crate::print;
use crate::projects::{open, unexpected, view};

pub(crate) fn run(core: &Core, arguments: &Demo) -> Outcome<()> {
    let project = decoupage_app::write_demo(arguments.out.as_deref())?;
    let opened = open(core, &project)?;
    let shot = opened.project.shots[0].id;
    core.run(Request::interpret(shot), |_| {})?;
    let after = view(core.ask(Request::View)?)?;
    let (shot, take) = current(&after, 1)?;
    print::take(shot, take);
    let Response::Files { files } = core.ask(Request::Export {
        shot: Some(shot.id),
        generators: Vec::new(),
        format: FileFormat::Txt,
        folder: project.join("exports"),
    })?
    else {
        return Err(unexpected());
    };
    println!("\nPROMPT FILES\n");
    for file in files {
        println!("  {}", file.display());
    }
    println!("\nThe project: {}", project.display());
    Ok(())
}
