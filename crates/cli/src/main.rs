//! `decoupage`: everything the window does, headless, and the loopback server.
//!
//! Results go to standard output; errors to standard error as one sentence with what to do.
//! Exit code 1 for errors, 2 for usage.

// Printing is what a command line is for.
#![allow(clippy::print_stdout)]

mod arguments;
mod check;
mod correct;
mod demo;
mod describe;
mod interpret;
mod models;
mod print;
mod projects;
mod read;
mod serve;
mod together;

use std::process::ExitCode;

use clap::Parser;
use decoupage_app::{Core, Places};
use decoupage_shot::{Code, Outcome};

use arguments::{Arguments, Command};

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let core = Core::new(Places::of_this_person(), false);
    match run(&core, arguments.command) {
        Ok(code) => code,
        Err(fault) => {
            eprintln!("decoupage: {fault}");
            ExitCode::from(if fault.code == Code::Invalid && fault.path.is_none() {
                2
            } else {
                1
            })
        }
    }
}

fn run(core: &Core, command: Command) -> Outcome<ExitCode> {
    match command {
        Command::Demo(arguments) => demo::run(core, &arguments)?,
        Command::New(arguments) => projects::new(core, arguments)?,
        Command::Add(arguments) => projects::add(core, arguments)?,
        Command::Read(arguments) => read::run(&arguments)?,
        Command::Correct(arguments) => correct::run(core, &arguments)?,
        Command::Describe(arguments) => describe::run(core, &arguments)?,
        Command::Conditions(arguments) => together::run(core, &arguments)?,
        Command::Interpret(arguments) => interpret::run(core, &arguments)?,
        Command::Export(arguments) => projects::export(core, arguments)?,
        Command::Check(arguments) => return check::run(core, &arguments),
        Command::Models(arguments) => return models::run(core, arguments.command.as_ref()),
        Command::Serve(arguments) => serve::run(core, &arguments)?,
    }
    core.close()?;
    Ok(ExitCode::SUCCESS)
}
