//! Which worker programs there are.

use std::path::{Path, PathBuf};

/// Names the worker program, or the folder that holds the worker programs.
pub const PROGRAM_VARIABLE: &str = "DECOUPAGE_WORKER";

/// What a worker program was built for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Build {
    /// NVIDIA cards.
    Cuda,
    /// Apple graphics processors.
    Metal,
    /// The processor.
    Plain,
}

impl Build {
    /// Best first.
    const ALL: [Self; 3] = [Self::Cuda, Self::Metal, Self::Plain];

    /// The program's name, without the system's ending.
    fn name(self) -> &'static str {
        match self {
            Self::Cuda => "decoupage-worker-cuda",
            Self::Metal => "decoupage-worker-metal",
            Self::Plain => "decoupage-worker",
        }
    }

    /// What it is, for people; completes "The …".
    pub(crate) fn title(self) -> &'static str {
        match self {
            Self::Cuda => "model worker for NVIDIA cards",
            Self::Metal => "model worker for Apple graphics",
            Self::Plain => "model worker",
        }
    }
}

/// A worker program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Program {
    /// Where it lies.
    pub path: PathBuf,
    /// What it was built for, by its name.
    pub build: Build,
}

impl Program {
    /// A program by its path; what it was built for is told by its name.
    pub fn at(path: impl Into<PathBuf>) -> Self {
        let path = path.into();
        let stem = path
            .file_stem()
            .map(|stem| stem.to_string_lossy().into_owned())
            .unwrap_or_default();
        let build = Build::ALL
            .into_iter()
            .find(|build| build.name() == stem)
            .unwrap_or(Build::Plain);
        Self { path, build }
    }

    /// The worker programs in a folder, best first.
    pub fn all_in(folder: &Path) -> Vec<Self> {
        Build::ALL
            .into_iter()
            .map(|build| Self {
                path: folder.join(format!("{}{}", build.name(), std::env::consts::EXE_SUFFIX)),
                build,
            })
            .filter(|program| program.path.is_file())
            .collect()
    }

    /// The worker programs beside the running application, best first; those that
    /// [`PROGRAM_VARIABLE`] names in their place.
    pub fn of_this_application() -> Vec<Self> {
        if let Some(chosen) = std::env::var_os(PROGRAM_VARIABLE).filter(|v| !v.is_empty()) {
            let chosen = PathBuf::from(chosen);
            return if chosen.is_dir() {
                Self::all_in(&chosen)
            } else {
                // Kept even if it is not there: the person is told that it is missing.
                vec![Self::at(chosen)]
            };
        }
        std::env::current_exe()
            .ok()
            .as_deref()
            .and_then(Path::parent)
            .map(Self::all_in)
            .unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test that cannot make its files has failed")]
    use super::*;

    #[test]
    fn programs_of_a_folder_come_best_first() {
        let folder = tempfile::tempdir().unwrap();
        let ending = std::env::consts::EXE_SUFFIX;
        for name in ["decoupage-worker", "decoupage-worker-cuda", "decoupage"] {
            std::fs::write(folder.path().join(format!("{name}{ending}")), "").unwrap();
        }
        let builds: Vec<_> = Program::all_in(folder.path())
            .into_iter()
            .map(|program| program.build)
            .collect();
        assert_eq!(builds, [Build::Cuda, Build::Plain]);
    }

    #[test]
    fn a_name_tells_what_a_program_was_built_for() {
        assert_eq!(Program::at("/x/decoupage-worker-cuda").build, Build::Cuda);
        assert_eq!(Program::at("/x/my-own-worker").build, Build::Plain);
    }
}
