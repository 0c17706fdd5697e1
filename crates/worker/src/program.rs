//! The worker's program, whatever it is built for.

use std::io::{BufReader, Write, stdin, stdout};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use clap::Parser;

use crate::job::Teller;
use crate::models::Models;
use crate::serve::{ready, serve};

/// How long a piece of work may take to stop once the input has ended.
const STOPPING: Duration = Duration::from_millis(1_500);

/// Runs models for Decoupage: asks on standard input, tells on standard output.
#[derive(Debug, Parser)]
#[command(name = "decoupage-worker", version)]
struct Arguments {
    /// Tell what models can run on here, and end
    #[arg(long)]
    probe: bool,
}

/// Runs the program with the process's own arguments and streams.
pub fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let mut models = Models;
    if arguments.probe {
        let Ok(line) = serde_json::to_string(&ready(&models)) else {
            return ExitCode::FAILURE;
        };
        return match writeln!(stdout(), "{line}") {
            Ok(()) => ExitCode::SUCCESS,
            Err(_) => ExitCode::FAILURE,
        };
    }
    // As many threads as cores, not as hardware threads: two on one core get in each other's
    // way when numbers are multiplied. RAYON_NUM_THREADS and CANDLE_NUM_THREADS say otherwise.
    let _ = rayon::ThreadPoolBuilder::new()
        .num_threads(candle_core::utils::get_num_threads())
        .build_global();
    let teller = Arc::new(Teller::new(stdout()));
    serve(BufReader::new(stdin()), teller, &mut models, || {
        // The application is gone or wants us gone: nothing may keep the memory.
        std::thread::sleep(STOPPING);
        std::process::exit(0);
    });
    ExitCode::SUCCESS
}
