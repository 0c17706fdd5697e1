//! How a process ended, in words.

use std::process::ExitStatus;

/// Why a process is no longer there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum End {
    /// Memory ran out.
    Memory,
    /// It crashed; completes "it …".
    Crash(String),
}

/// What a program returns that the system's memory guard ended, as shells and containers pass
/// it on: 128 + SIGKILL.
const KILLED: i32 = 137;
const SIGKILL: i32 = 9;

/// What Windows returns for STATUS_NO_MEMORY and STATUS_COMMITMENT_LIMIT.
const WINDOWS_MEMORY: [u32; 2] = [0xC000_0017, 0xC000_012D];

/// Parts of lines by which allocators and drivers say that memory ran out. Asked only of a
/// process that is gone: one that lives says it with a code.
const MEMORY_WORDS: [&str; 6] = [
    "memory allocation of",
    "out of memory",
    "out_of_memory",
    "outofmemory",
    "cannot allocate memory",
    "bad_alloc",
];

/// Reads how a process ended that was not asked to.
pub(crate) fn read(status: ExitStatus, last_words: &[String]) -> End {
    let ran_out = last_words.iter().rev().take(8).any(|line| {
        let line = line.to_lowercase();
        MEMORY_WORDS.iter().any(|words| line.contains(words))
    });
    if ran_out || was_killed(status) {
        return End::Memory;
    }
    let how = match (signal(status), status.code()) {
        (Some(signal), _) => format!("was ended by the system ({})", signal_name(signal)),
        (None, Some(0)) => "stopped without finishing".to_owned(),
        (None, Some(code)) => format!("ended with code {code}"),
        (None, None) => "ended".to_owned(),
    };
    End::Crash(match last_words.last() {
        Some(words) => format!("{how}: {}", words.trim().trim_end_matches('.')),
        None => how,
    })
}

/// Whether the status is one by which systems end a process that takes too much memory.
fn was_killed(status: ExitStatus) -> bool {
    if signal(status) == Some(SIGKILL) {
        return true;
    }
    match status.code() {
        Some(KILLED) => true,
        Some(code) => WINDOWS_MEMORY.contains(&(code as u32)),
        None => false,
    }
}

#[cfg(unix)]
pub(crate) fn signal(status: ExitStatus) -> Option<i32> {
    use std::os::unix::process::ExitStatusExt;
    status.signal()
}

#[cfg(not(unix))]
pub(crate) fn signal(_: ExitStatus) -> Option<i32> {
    None
}

pub(crate) fn signal_name(signal: i32) -> String {
    match signal {
        4 => "it met an instruction this processor does not have".to_owned(),
        6 => "it gave up".to_owned(),
        // Weights are mapped, not read: a file that shrinks or a disk that goes away ends so.
        7 | 10 => "a file it was reading went away, or the disk failed".to_owned(),
        8 => "a number could not be computed".to_owned(),
        11 => "it reached for memory that is not its own".to_owned(),
        15 => "it was told to stop".to_owned(),
        other => format!("signal {other}"),
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use std::os::unix::process::ExitStatusExt;

    fn signalled(signal: i32) -> ExitStatus {
        ExitStatus::from_raw(signal)
    }

    fn code(code: i32) -> ExitStatus {
        ExitStatus::from_raw(code << 8)
    }

    #[test]
    fn memory_is_told_from_crashes() {
        let words = |line: &str| vec!["before".to_owned(), line.to_owned()];
        assert_eq!(read(signalled(9), &[]), End::Memory);
        assert_eq!(read(code(137), &[]), End::Memory);
        assert_eq!(
            read(
                signalled(6),
                &words("memory allocation of 8589934592 bytes failed")
            ),
            End::Memory
        );
        assert_eq!(
            read(code(1), &words("DriverError(CUDA_ERROR_OUT_OF_MEMORY)")),
            End::Memory
        );
        assert_eq!(
            read(signalled(11), &[]),
            End::Crash(
                "was ended by the system (it reached for memory that is not its own)".to_owned()
            )
        );
        assert_eq!(
            read(code(101), &words("thread main panicked.")),
            End::Crash("ended with code 101: thread main panicked".to_owned())
        );
        assert_eq!(
            read(code(0), &[]),
            End::Crash("stopped without finishing".to_owned())
        );
    }
}
