//! `decoupage-worker-cuda`: runs models on NVIDIA cards. Built with the feature `cuda`.

use std::process::ExitCode;

fn main() -> ExitCode {
    decoupage_worker::program::main()
}
