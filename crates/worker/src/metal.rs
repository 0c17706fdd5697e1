//! `decoupage-worker-metal`: runs models on Apple graphics. Built with the feature `metal`.

use std::process::ExitCode;

fn main() -> ExitCode {
    decoupage_worker::program::main()
}
