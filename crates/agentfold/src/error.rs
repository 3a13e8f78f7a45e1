//! [`Error`]: why a fold can't answer.

use std::fmt;

/// Why a fold can't answer, or a saved one can't be restored.
///
/// ```
/// let error = agentfold::Fold::new().restore(b"not a fold").expect_err("refused");
/// assert_eq!(error.code(), "not_saved");
/// assert_eq!(error.to_string(), "not a saved fold");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error {
    kind: ErrorKind,
    /// The number of agents times buckets that a report would have, and the limit.
    too_many_rows: Option<(u64, u64)>,
}

/// What kind of [`Error`] it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The state was asked for at an instant before an agent's cut.
    BeforeCut,
    /// Folds whose events were dated by different fields can't be merged.
    DifferentOptions,
    /// A report's boundaries are fewer than two, or do not rise.
    NotRising,
    /// There would be more than 1,000,000 buckets of this length.
    TooManyBuckets,
    /// A report would have more agents times buckets than its limit.
    TooManyRows,
    /// The text is not a track, or not one that this question can be asked of.
    NoTrack,
    /// A key for stand-ins has fewer than 16 bytes.
    ShortKey,
    /// The bytes are no saved fold.
    NotSaved,
    /// The saved fold is damaged.
    Damaged,
    /// The saved fold was written by a newer version of this library.
    NewerVersion,
}

impl ErrorKind {
    /// Every kind.
    pub const ALL: &[ErrorKind] = &[
        ErrorKind::BeforeCut,
        ErrorKind::DifferentOptions,
        ErrorKind::NotRising,
        ErrorKind::TooManyBuckets,
        ErrorKind::TooManyRows,
        ErrorKind::NoTrack,
        ErrorKind::ShortKey,
        ErrorKind::NotSaved,
        ErrorKind::Damaged,
        ErrorKind::NewerVersion,
    ];
}

impl Error {
    pub(crate) fn too_many_rows(asked: u64, limit: u64) -> Error {
        Error { kind: ErrorKind::TooManyRows, too_many_rows: Some((asked, limit)) }
    }

    /// What kind of error it is.
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// The stable name of the kind, one list for all languages.
    pub fn code(&self) -> &'static str {
        match self.kind {
            ErrorKind::BeforeCut => "before_cut",
            ErrorKind::DifferentOptions => "different_options",
            ErrorKind::NotRising => "not_rising",
            ErrorKind::TooManyBuckets => "too_many_buckets",
            ErrorKind::TooManyRows => "too_many_rows",
            ErrorKind::NoTrack => "no_track",
            ErrorKind::ShortKey => "short_key",
            ErrorKind::NotSaved => "not_saved",
            ErrorKind::Damaged => "damaged",
            ErrorKind::NewerVersion => "newer_version",
        }
    }
}

impl From<ErrorKind> for Error {
    fn from(kind: ErrorKind) -> Error {
        Error { kind, too_many_rows: None }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some((asked, limit)) = self.too_many_rows {
            return write!(
                f,
                "the report has {asked} pairs of an agent and a bucket, and the limit is {limit}: use \
                 longer buckets, a shorter window or fewer agents"
            );
        }
        f.write_str(match self.kind {
            ErrorKind::BeforeCut => {
                "the instant lies before an agent's cut: its history was compacted away"
            }
            ErrorKind::DifferentOptions => {
                "the folds date events by different fields and can't be merged"
            }
            ErrorKind::NotRising => {
                "a report needs two boundaries or more, each later than the one before"
            }
            ErrorKind::TooManyBuckets => {
                "the window has more than 1000000 buckets: use longer buckets or a shorter window"
            }
            ErrorKind::TooManyRows => {
                "the report has too many rows: use longer buckets, a shorter window or fewer agents"
            }
            ErrorKind::NoTrack => {
                "not a track that can be asked for: expected `unified_state`, `groups`, `chat_status`, \
                 `chat_engagements`, or one of a channel, such as `state[support]`, \
                 `access[support]`, `max_capacity[support]`, `load[support]` or \
                 `work_item[123]@support`"
            }
            ErrorKind::ShortKey => "the key has fewer than 16 bytes: take 32 random ones",
            ErrorKind::NotSaved => "not a saved fold",
            ErrorKind::Damaged => "the saved fold is damaged: restore another copy",
            ErrorKind::NewerVersion => {
                "the fold was saved by a newer version of agentfold: upgrade to read it"
            }
        })
    }
}

impl std::error::Error for Error {}
