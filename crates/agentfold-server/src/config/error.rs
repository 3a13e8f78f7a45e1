//! [`ConfigError`]: all that is wrong with settings.

use std::fmt;
use std::path::{Path, PathBuf};

use agentfold::Shown;

/// All that is wrong with the settings. It contains no secret, so it is safe to log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigError {
    /// The file that is wrong, if it is one.
    pub(super) file: Option<PathBuf>,
    pub(super) problems: Vec<Problem>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Problem {
    pub(super) line: Option<usize>,
    pub(super) message: String,
}

impl Problem {
    pub(super) fn of(message: impl Into<String>) -> Problem {
        Problem { line: None, message: message.into() }
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(file) = &self.file {
            write!(f, "{} is wrong:", shown(file))?;
        }
        for (at, Problem { line, message }) in self.problems.iter().enumerate() {
            if at > 0 || self.file.is_some() {
                f.write_str("\n  ")?;
            }
            match line {
                Some(line) => write!(f, "line {line}: {message}")?,
                None => f.write_str(message)?,
            }
        }
        Ok(())
    }
}

impl std::error::Error for ConfigError {}

/// A path without line breaks, so that it looks like no other problem.
pub(super) fn shown(file: &Path) -> Shown<String> {
    Shown(file.display().to_string())
}
