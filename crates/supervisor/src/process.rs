//! A running worker: its standard streams, each on a thread of its own.

use std::ffi::OsString;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, SyncSender, channel, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use decoupage_dialogue::{Ask, Failure, FailureCode, Outcome, Tell};

use crate::lines::{self, Line, Tail};

/// The longest line a worker may tell: a whole answer fits many times over.
const MOST_TOLD: usize = 8 << 20;

/// The longest line of its standard error that is looked at.
const MOST_SAID: usize = 64 << 10;

/// How many tells wait to be heard before the worker has to.
const WAITING: usize = 256;

/// How often it is looked whether a process has ended.
const LOOK: Duration = Duration::from_millis(10);

/// How long the last words of a process that has ended may be on their way.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// What came from a worker.
#[derive(Debug)]
pub(crate) enum Heard {
    /// A line of the protocol.
    Tell(Tell),
    /// Nothing in the time given.
    Nothing,
    /// Its output has ended: it is gone, or about to be.
    Ended,
}

/// A running worker. Dropping it ends it.
#[derive(Debug)]
pub(crate) struct Process {
    child: Child,
    /// Dropped to close the worker's input, which tells it to end.
    asks: Option<Sender<String>>,
    tells: Receiver<Tell>,
    words: Arc<Mutex<Tail>>,
    /// Disconnected once its standard error has ended.
    silence: Receiver<()>,
}

impl Process {
    /// Starts a program.
    pub(crate) fn start(
        program: &Path,
        arguments: &[&str],
        environment: &[(OsString, OsString)],
    ) -> Outcome<Self> {
        let mut command = Command::new(program);
        command
            .args(arguments)
            .envs(environment.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        hide_console(&mut command);
        let mut child = command.spawn().map_err(|error| refused(&error))?;
        let streams = (child.stdin.take(), child.stdout.take(), child.stderr.take());
        let (Some(input), Some(output), Some(errors)) = streams else {
            // All three were asked for just above.
            let _ = child.kill();
            let _ = child.wait();
            return Err(Failure::new(
                FailureCode::Internal,
                "The model worker started without its standard streams.",
            ));
        };
        let words = Arc::new(Mutex::new(Tail::default()));
        let (asks, to_write) = channel();
        let (to_tell, tells) = sync_channel(WAITING);
        let (speaking, silence) = channel();
        let mut process = Self {
            child,
            asks: Some(asks),
            tells,
            words: Arc::clone(&words),
            silence,
        };
        // A worker that does not read must not stop whoever asks: each stream has a thread,
        // which ends with the stream.
        let spawned = spawn("worker-asks", move || write_asks(input, &to_write))
            .and_then(|()| {
                let words = Arc::clone(&words);
                spawn("worker-tells", move || {
                    read_tells(BufReader::new(output), &to_tell, &words);
                })
            })
            .and_then(|()| {
                spawn("worker-words", move || {
                    read_words(BufReader::new(errors), &words);
                    drop(speaking);
                })
            });
        match spawned {
            Ok(()) => Ok(process),
            Err(failure) => {
                process.kill();
                Err(failure)
            }
        }
    }

    /// Sends an ask. A worker that is gone is noticed by [`Process::hear`].
    pub(crate) fn ask(&self, ask: &Ask) -> Outcome<()> {
        let mut line = serde_json::to_string(ask).map_err(|error| {
            Failure::new(
                FailureCode::Internal,
                format!("What the model is asked cannot be written down: {error}."),
            )
        })?;
        line.push('\n');
        if let Some(asks) = &self.asks {
            let _ = asks.send(line);
        }
        Ok(())
    }

    /// Waits for what the worker tells next.
    pub(crate) fn hear(&self, wait: Duration) -> Heard {
        match self.tells.recv_timeout(wait) {
            Ok(tell) => Heard::Tell(tell),
            Err(RecvTimeoutError::Timeout) => Heard::Nothing,
            Err(RecvTimeoutError::Disconnected) => Heard::Ended,
        }
    }

    /// Whether it still runs.
    pub(crate) fn runs(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }

    /// Closes its input.
    pub(crate) fn close_input(&mut self) {
        self.asks = None;
    }

    /// Waits for it to end by itself; `None` if it does not in time.
    pub(crate) fn wait(&mut self, longest: Duration) -> Option<ExitStatus> {
        let until = Instant::now() + longest;
        loop {
            match self.child.try_wait() {
                Ok(Some(status)) => return Some(status),
                Ok(None) if Instant::now() < until => thread::sleep(LOOK),
                Ok(None) | Err(_) => return None,
            }
        }
    }

    /// Asks it to end by closing its input, and ends it if it does not.
    pub(crate) fn end(mut self, patience: Duration) {
        self.close_input();
        let _ = self.wait(patience);
        // Dropping kills what is left.
    }

    /// Ends it at once.
    pub(crate) fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// The last it said outside the protocol. Asked of a process that has ended: what it said
    /// just before may still be on its way, and is waited for.
    pub(crate) fn last_words(&self) -> Vec<String> {
        let _ = self.silence.recv_timeout(LAST_WORDS);
        self.words
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .lines()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
    }
}

fn spawn(name: &str, run: impl FnOnce() + Send + 'static) -> Outcome<()> {
    thread::Builder::new()
        .name(name.to_owned())
        .spawn(run)
        .map(|_| ())
        .map_err(|error| {
            Failure::new(
                FailureCode::Internal,
                format!("The system starts no more threads: {error}."),
            )
            .advise("Close other programs and try again.")
        })
}

fn write_asks(mut input: ChildStdin, asks: &Receiver<String>) {
    while let Ok(line) = asks.recv() {
        if input
            .write_all(line.as_bytes())
            .and_then(|()| input.flush())
            .is_err()
        {
            return;
        }
    }
}

fn read_tells(mut output: impl BufRead, tells: &SyncSender<Tell>, words: &Mutex<Tail>) {
    let note = |text: &str| {
        words
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(text);
    };
    loop {
        match lines::next(&mut output, MOST_TOLD) {
            Ok(Line::Whole(line)) => match serde_json::from_slice(&line) {
                Ok(tell) => {
                    if tells.send(tell).is_err() {
                        return;
                    }
                }
                // Drivers and libraries print where they like: kept as words, else skipped.
                Err(_) => note(&String::from_utf8_lossy(&line)),
            },
            Ok(Line::TooLong(bytes)) => note(&format!("(a line of {bytes} bytes)")),
            Ok(Line::End) | Err(_) => return,
        }
    }
}

fn read_words(mut errors: impl BufRead, words: &Mutex<Tail>) {
    while let Ok(line) = lines::next(&mut errors, MOST_SAID) {
        let text = match line {
            Line::Whole(line) => String::from_utf8_lossy(&line).into_owned(),
            Line::TooLong(bytes) => format!("(a line of {bytes} bytes)"),
            Line::End => return,
        };
        words
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(&text);
    }
}

/// Why a program could not even be started.
fn refused(error: &std::io::Error) -> Failure {
    use std::io::ErrorKind;
    let why = match error.kind() {
        ErrorKind::NotFound => "it is not there".to_owned(),
        ErrorKind::PermissionDenied => "the system does not allow it".to_owned(),
        // ENOEXEC and ERROR_BAD_EXE_FORMAT: built for another processor or system.
        _ if matches!(error.raw_os_error(), Some(8 | 193)) => {
            "it was built for another kind of computer".to_owned()
        }
        _ => error.to_string(),
    };
    Failure::new(FailureCode::Missing, why)
}

#[cfg(windows)]
fn hide_console(command: &mut Command) {
    use std::os::windows::process::CommandExt;
    const CREATE_NO_WINDOW: u32 = 0x0800_0000;
    command.creation_flags(CREATE_NO_WINDOW);
}

#[cfg(not(windows))]
fn hide_console(_: &mut Command) {}
