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
pub struct Error(ErrorKind);

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
        ErrorKind::NoTrack,
        ErrorKind::ShortKey,
        ErrorKind::NotSaved,
        ErrorKind::Damaged,
        ErrorKind::NewerVersion,
    ];
}

impl Error {
    /// What kind of error it is.
    pub fn kind(&self) -> ErrorKind {
        self.0
    }

    /// The stable name of the kind, one list for all languages.
    pub fn code(&self) -> &'static str {
        match self.0 {
            ErrorKind::BeforeCut => "before_cut",
            ErrorKind::DifferentOptions => "different_options",
            ErrorKind::NotRising => "not_rising",
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
        Error(kind)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            ErrorKind::BeforeCut => {
                "the instant lies before an agent's cut: its history was compacted away"
            }
            ErrorKind::DifferentOptions => {
                "the folds date events by different fields and can't be merged"
            }
            ErrorKind::NotRising => {
                "a report needs two boundaries or more, each later than the one before"
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
