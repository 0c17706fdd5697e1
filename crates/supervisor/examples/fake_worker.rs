//! A worker that plays a script: the file `PROGRAM.script` beside it says what it does when it
//! is probed, started and asked. For tests of the supervisor.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    missing_docs,
    reason = "a fake that cannot play its part fails its test"
)]

use std::collections::BTreeMap;
use std::io::{BufRead, Write};
use std::time::Duration;

use decoupage_dialogue::{Ask, Device, DeviceKind, JobNumber, PROTOCOL, Tell};
use serde::Deserialize;
use serde_json::Value;

/// What is done, by what sets it off: probe, start, load, write, cancel, unload.
type Script = BTreeMap<String, Vec<Step>>;

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Step {
    /// The ready line, with kinds of devices.
    Ready(Vec<DeviceKind>),
    /// The ready line of another protocol.
    ReadyAs(u32),
    /// A tell; "job" is filled in.
    Tell(Value),
    /// Raw text on standard output.
    Raw(String),
    /// A line of so many bytes on standard output.
    Long(usize),
    /// A line on standard error.
    Say(String),
    Sleep(u64),
    Exit(i32),
    /// Ends itself with a signal.
    #[cfg(unix)]
    Signal(i32),
    /// Writes its process number to this file.
    Pid(std::path::PathBuf),
}

fn main() {
    let program = std::env::args_os().next().unwrap();
    let script = std::path::PathBuf::from(program).with_extension("script");
    let script: Script = serde_json::from_slice(&std::fs::read(script).unwrap()).unwrap();
    let none = JobNumber(0);
    if std::env::args().any(|argument| argument == "--probe") {
        play(&script, "probe", none);
        return;
    }
    play(&script, "start", none);
    for line in std::io::stdin().lock().lines() {
        let (what, job) = match serde_json::from_str::<Ask>(&line.unwrap()).unwrap() {
            Ask::Load { job, .. } => ("load", job),
            Ask::Write { job, .. } => ("write", job),
            Ask::Case { job, .. } => ("case", job),
            Ask::Cancel { job } => ("cancel", job),
            Ask::Unload => ("unload", none),
        };
        play(&script, what, job);
    }
    play(&script, "end", none);
}

fn play(script: &Script, what: &str, job: JobNumber) {
    let usual = vec![Step::Ready(vec![DeviceKind::Cpu])];
    let steps = match script.get(what) {
        Some(steps) => steps,
        None if what == "probe" || what == "start" => &usual,
        None => return,
    };
    for step in steps {
        match step.clone() {
            Step::Ready(kinds) => ready(PROTOCOL, &kinds),
            Step::ReadyAs(protocol) => ready(protocol, &[DeviceKind::Cpu]),
            Step::Tell(mut tell) => {
                if tell.get("job").is_none() {
                    tell["job"] = job.0.into();
                }
                tell_line(&tell.to_string());
            }
            Step::Raw(text) => {
                print!("{text}");
                std::io::stdout().flush().unwrap();
            }
            Step::Long(bytes) => tell_line(&"x".repeat(bytes)),
            Step::Say(line) => eprintln!("{line}"),
            Step::Sleep(ms) => std::thread::sleep(Duration::from_millis(ms)),
            Step::Exit(code) => std::process::exit(code),
            #[cfg(unix)]
            Step::Signal(number) => {
                std::process::Command::new("kill")
                    .args([format!("-{number}"), std::process::id().to_string()])
                    .status()
                    .unwrap();
                std::thread::sleep(Duration::from_secs(60));
            }
            Step::Pid(file) => std::fs::write(file, std::process::id().to_string()).unwrap(),
        }
    }
}

fn ready(protocol: u32, kinds: &[DeviceKind]) {
    let tell = Tell::Ready {
        version: "0.0.0".to_owned(),
        protocol,
        devices: kinds
            .iter()
            .map(|&kind| Device {
                kind,
                name: format!("{kind:?}"),
                total_bytes: None,
                free_bytes: None,
            })
            .collect(),
    };
    tell_line(&serde_json::to_string(&tell).unwrap());
}

fn tell_line(line: &str) {
    println!("{line}");
    std::io::stdout().flush().unwrap();
}
