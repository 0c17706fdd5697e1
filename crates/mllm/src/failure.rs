//! Turns the errors of candle and of files into words, in one place.

use std::path::Path;

use decoupage_dialogue::{Failure, FailureCode, Outcome, Smaller};

/// What candle, CUDA and Metal write when memory is gone. They have no typed error for it.
const OUT_OF_MEMORY: [&str; 6] = [
    "out of memory",
    "out_of_memory",
    "outofmemory",
    "failed to allocate",
    "failed to create metal resource",
    "cublas_status_alloc_failed",
];

/// A failed computation in words: memory that ran out is told apart from faults of ours.
pub fn computing(error: candle_core::Error) -> Failure {
    let text = error.to_string();
    let lower = text.to_lowercase();
    if OUT_OF_MEMORY.iter().any(|sign| lower.contains(sign)) {
        return out_of_memory();
    }
    Failure::new(
        FailureCode::Internal,
        format!("The model could not be computed: {}.", first_line(&text)),
    )
    .advise("Please report this; another model or precision may work meanwhile.")
}

/// Memory ran out.
pub fn out_of_memory() -> Failure {
    Failure::new(
        FailureCode::OutOfMemory,
        "The model needs more memory than there is.",
    )
    .advise("Show it fewer frames, use a smaller precision, or run it on the processor.")
    .offer([
        Smaller::FewerFrames,
        Smaller::Quantise,
        Smaller::Processor,
        Smaller::SmallerModel,
    ])
}

/// Words for a computation's result.
pub trait Computing<T> {
    /// The value, or [`computing`]'s words.
    ///
    /// # Errors
    /// The computation's own.
    fn computing(self) -> Outcome<T>;
}

impl<T> Computing<T> for candle_core::Result<T> {
    fn computing(self) -> Outcome<T> {
        self.map_err(computing)
    }
}

/// A file that could not be opened or read.
pub fn file(path: &Path, error: &std::io::Error) -> Failure {
    let name = path.display();
    match error.kind() {
        std::io::ErrorKind::NotFound => Failure::new(
            FailureCode::Missing,
            format!("The file {name} is not there."),
        )
        .advise("Download the model again or choose its folder."),
        std::io::ErrorKind::OutOfMemory => out_of_memory(),
        _ => Failure::new(
            FailureCode::Damaged,
            format!("The file {name} cannot be read: {error}."),
        )
        .advise("Check the disk and that you may read the file."),
    }
}

/// A checkpoint whose file is not what it should be.
pub fn damaged(message: impl Into<String>) -> Failure {
    Failure::new(FailureCode::Damaged, message).advise("Download the model again.")
}

/// A sound checkpoint that cannot be run here.
pub fn unsupported(message: impl Into<String>) -> Failure {
    Failure::new(FailureCode::Unsupported, message)
}

fn first_line(text: &str) -> &str {
    text.lines()
        .next()
        .unwrap_or_default()
        .trim_end_matches('.')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_that_ran_out_is_told_apart() {
        let gone = candle_core::Error::Msg("DriverError(CUDA_ERROR_OUT_OF_MEMORY, \"…\")".into());
        let failure = computing(gone);
        assert_eq!(failure.code, FailureCode::OutOfMemory);
        assert!(failure.smaller.contains(&Smaller::Quantise));
        let other = computing(candle_core::Error::Msg("shape mismatch\nbacktrace".into()));
        assert_eq!(other.code, FailureCode::Internal);
        assert!(!other.message.contains("backtrace"));
    }
}
