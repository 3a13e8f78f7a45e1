//! [`Failure`]: why a command fails, which decides its exit code.

use std::io;

/// Why a command did not succeed.
#[derive(Debug)]
pub(crate) enum Failure {
    /// It ran and found a problem: exit code 1.
    Problems(String),
    /// It cannot run with these arguments or files: exit code 2.
    WrongUse(String),
    /// As before, with a heading and a problem on each line. Text from outside is escaped already, so that it
    /// makes no lines.
    WrongLines(String),
    /// The reader of its output closed the pipe, which is not an error.
    ClosedPipe,
}

/// A failure to write results.
impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Failure {
        match error.kind() {
            io::ErrorKind::BrokenPipe => Failure::ClosedPipe,
            _ => Failure::Problems(format!("cannot write the results: {error}")),
        }
    }
}

impl From<csv::Error> for Failure {
    fn from(error: csv::Error) -> Failure {
        match error.into_kind() {
            csv::ErrorKind::Io(error) => error.into(),
            other => Failure::Problems(format!("cannot write the results: {other:?}")),
        }
    }
}
