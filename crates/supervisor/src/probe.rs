//! Asking a worker program whether it can run here, before it is relied on.

use std::ffi::OsString;
use std::process::ExitStatus;
use std::time::{Duration, Instant};

use decoupage_dialogue::{Device, DeviceKind, Failure, FailureCode, Outcome, PROTOCOL, Tell};
use decoupage_shot::Watch;

use crate::exit;
use crate::process::{Heard, Process};
use crate::programs::{Build, Program};

/// How often cancellation is looked for while waiting.
pub(crate) const STEP: Duration = Duration::from_millis(20);

/// How long a program that has closed its output may take to be gone.
const GONE: Duration = Duration::from_secs(2);

/// What a program that can run here says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Probed {
    /// Its version.
    pub version: String,
    /// What it can run on, best first.
    pub devices: Vec<Device>,
}

impl Probed {
    /// Whether the program finds what it was built for.
    pub(crate) fn suits(&self, build: Build) -> bool {
        let wanted = match build {
            Build::Cuda => DeviceKind::Cuda,
            Build::Metal => DeviceKind::Metal,
            Build::Plain => return true,
        };
        self.devices.iter().any(|device| device.kind == wanted)
    }
}

/// Starts the program with `--probe`: it prints its ready line and ends.
///
/// # Errors
/// Why it cannot be used here, in one sentence; cancelled.
pub(crate) fn probe(
    program: &Program,
    wait: Duration,
    environment: &[(OsString, OsString)],
    watch: &dyn Watch,
) -> Outcome<Probed> {
    let mut process = Process::start(&program.path, &["--probe"], environment)
        .map_err(|failure| unusable(program, &failure.message))?;
    process.close_input();
    ready(&mut process, program, wait, watch)
}

/// Waits for a program's ready line.
///
/// # Errors
/// As [`probe`].
pub(crate) fn ready(
    process: &mut Process,
    program: &Program,
    wait: Duration,
    watch: &dyn Watch,
) -> Outcome<Probed> {
    let until = Instant::now() + wait;
    loop {
        if watch.cancelled() {
            return Err(Failure::cancelled());
        }
        match process.hear(STEP) {
            Heard::Tell(Tell::Ready {
                version,
                protocol,
                devices,
            }) => {
                if protocol != PROTOCOL {
                    return Err(unusable(
                        program,
                        "it belongs to another version of Decoupage",
                    )
                    .advise("Install Decoupage again."));
                }
                return Ok(Probed { version, devices });
            }
            // Nothing else is told before it is ready; a line that is has no meaning.
            Heard::Tell(_) => {}
            Heard::Nothing => {
                if Instant::now() >= until {
                    return Err(unusable(
                        program,
                        &format!("it did not answer within {} s", wait.as_secs().max(1)),
                    ));
                }
            }
            Heard::Ended => {
                let status = process.wait(GONE);
                return Err(unusable(program, &why(status, &process.last_words())));
            }
        }
    }
}

fn unusable(program: &Program, why: &str) -> Failure {
    Failure::new(
        FailureCode::Unsupported,
        format!("The {} cannot run here: {why}.", program.build.title()),
    )
}

/// Why a program that was only asked for its ready line ended without one. The system's loader
/// says so on standard error, before the program itself runs at all.
fn why(status: Option<ExitStatus>, last_words: &[String]) -> String {
    let said = |words: &str| last_words.iter().any(|line| line.contains(words));
    if said("libcuda") || said("CUDA_ERROR_NO_DEVICE") || said("CUDA_ERROR_STUB_LIBRARY") {
        return "the NVIDIA driver is not installed".to_owned();
    }
    if said("INSUFFICIENT_DRIVER") || said("CUDA_ERROR_SYSTEM_DRIVER_MISMATCH") {
        return "the NVIDIA driver is too old for it".to_owned();
    }
    for library in ["libcublas", "libcudart", "libcurand", "libnvrtc"] {
        if said(library) {
            return format!("a library of CUDA is not installed ({library})");
        }
    }
    if said("GLIBC_") || said("GLIBCXX_") {
        return "it needs a newer system".to_owned();
    }
    if let Some(library) = last_words.iter().find_map(|line| {
        line.split_once("error while loading shared libraries: ")
            .and_then(|(_, rest)| rest.split(':').next())
    }) {
        return format!("{} is not installed", library.trim());
    }
    let Some(status) = status else {
        return "it closed its output without a word".to_owned();
    };
    let how = match (exit::signal(status), status.code()) {
        (Some(signal), _) => exit::signal_name(signal),
        (None, Some(code)) => format!("it ended with code {code}"),
        (None, None) => "it ended".to_owned(),
    };
    match last_words.last() {
        Some(words) => format!("{how} ({})", words.trim().trim_end_matches('.')),
        None => how,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_loader_says_is_put_in_words() {
        let words = |line: &str| why(None, &[line.to_owned()]);
        let missing = "x: error while loading shared libraries: ";
        assert_eq!(
            words(&format!(
                "{missing}libcuda.so.1: cannot open shared object file"
            )),
            "the NVIDIA driver is not installed"
        );
        assert_eq!(
            words(&format!("{missing}libcublas.so.13: cannot open")),
            "a library of CUDA is not installed (libcublas)"
        );
        assert_eq!(
            words(&format!("{missing}libavcodec.so.59: cannot open")),
            "libavcodec.so.59 is not installed"
        );
        assert_eq!(
            words("x: /lib/libc.so.6: version `GLIBC_2.38' not found (required by x)"),
            "it needs a newer system"
        );
        assert_eq!(why(None, &[]), "it closed its output without a word");
    }
}
