//! [`Failure`]: why a command ends early, and with which exit code.

use std::io;

/// Why a command did not simply succeed.
#[derive(Debug)]
pub(crate) enum Failure {
    /// It ran, and found problems: exit code 1.
    Problems(String),
    /// It can't run as it was called: exit code 2.
    WrongUse(String),
    /// Nobody reads its output any more, which is no error.
    ClosedPipe,
}

/// What failed to write results.
impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Failure {
        match error.kind() {
            io::ErrorKind::BrokenPipe => Failure::ClosedPipe,
            _ => Failure::Problems(format!("can't write the results: {error}")),
        }
    }
}

impl From<csv::Error> for Failure {
    fn from(error: csv::Error) -> Failure {
        match error.into_kind() {
            csv::ErrorKind::Io(error) => error.into(),
            other => Failure::Problems(format!("can't write the results: {other:?}")),
        }
    }
}
