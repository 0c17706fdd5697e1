//! `decoupage-worker`: runs models on the processor. Started by the application, not by people.

use std::process::ExitCode;

fn main() -> ExitCode {
    decoupage_worker::program::main()
}
