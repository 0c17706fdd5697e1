//! Models on the command line.

mod case;
mod progress;
mod shelf;

use std::process::ExitCode;

use decoupage_app::Core;
use decoupage_shot::Outcome;

pub(crate) use case::{device, precision};

use crate::arguments::{Listed, Models};

pub(crate) fn run(core: &Core, arguments: Option<&Models>) -> Outcome<ExitCode> {
    match arguments {
        None => shelf::list(core, &Listed { json: false })?,
        Some(Models::List(arguments)) => shelf::list(core, arguments)?,
        Some(Models::Fit(arguments)) => shelf::fit(core, arguments)?,
        Some(Models::Download(arguments)) => shelf::download(core, arguments)?,
        Some(Models::Verify(arguments)) => return shelf::verify(core, arguments),
        Some(Models::Run(arguments)) => case::run(arguments)?,
    }
    Ok(ExitCode::SUCCESS)
}
