//! [`Error`]: why a fold can't answer.

use std::fmt;

use crate::word::words;
use crate::{Agent, Instant};

/// Why a fold can't answer a question, merge with another fold, or be restored.
///
/// ```
/// use agentfold::{ErrorKind, Fold};
///
/// let error = Fold::new().restore(b"not a fold").expect_err("refused");
/// assert_eq!(error.kind(), ErrorKind::NotSaved);
/// assert_eq!(error.code(), "not_saved");
/// assert_eq!(error.to_string(), "not a saved fold");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Error {
    kind: ErrorKind,
    detail: Option<Detail>,
}

/// What an error tells beyond its kind.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Detail {
    BeforeCut {
        agent: Agent,
        cut: Instant,
        asked: Instant,
    },
    /// The largest number of rows that a report would have, and its pairs of an agent and a bucket.
    TooManyRows {
        rows: u64,
        pairs: u64,
        limit: u64,
    },
    OtherBuckets {
        before: [Instant; 2],
        after: [Instant; 2],
    },
    ReversedWindow,
}

words! {
    /// What kind of [`Error`] it is.
    #[non_exhaustive]
    pub enum ErrorKind {
        /// The question is about an instant before an agent's cut: [`Error::agent`] and
        /// [`Error::cut`] tell which agent, and where its cut is.
        BeforeCut = "before_cut",
        /// The folds date events by different fields, so they can't be merged.
        DifferentOptions = "different_options",
        /// A report has fewer than two boundaries, or a boundary is not later than the one before, or a
        /// window ends before it begins.
        NotRising = "not_rising",
        /// There would be more than 1,000,000 buckets of this length.
        TooManyBuckets = "too_many_buckets",
        /// A report would have more rows, or more agents times buckets, than its limit.
        TooManyRows = "too_many_rows",
        /// Two reports that are compared have buckets that overlap and differ.
        OtherBuckets = "other_buckets",
        /// The text is not a track, or not one that this question can be asked of.
        NoTrack = "no_track",
        /// The key of a scrubber has fewer than 16 bytes.
        ShortKey = "short_key",
        /// The bytes are not a saved fold.
        NotSaved = "not_saved",
        /// The saved fold is damaged.
        Damaged = "damaged",
        /// The fold was saved by a newer version of this library.
        NewerVersion = "newer_version",
    }
}

impl Error {
    pub(crate) fn before_cut(agent: Agent, cut: Instant, asked: Instant) -> Error {
        let detail = Detail::BeforeCut { agent, cut, asked };
        Error { kind: ErrorKind::BeforeCut, detail: Some(detail) }
    }

    pub(crate) fn too_many_rows(rows: u64, pairs: u64, limit: u64) -> Error {
        let detail = Detail::TooManyRows { rows, pairs, limit };
        Error { kind: ErrorKind::TooManyRows, detail: Some(detail) }
    }

    pub(crate) fn reversed_window() -> Error {
        Error { kind: ErrorKind::NotRising, detail: Some(Detail::ReversedWindow) }
    }

    pub(crate) fn other_buckets(before: [Instant; 2], after: [Instant; 2]) -> Error {
        let detail = Detail::OtherBuckets { before, after };
        Error { kind: ErrorKind::OtherBuckets, detail: Some(detail) }
    }

    /// What kind of error it is.
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// The stable name of the kind: [`kind`](Error::kind) as a text, the same in every language.
    pub fn code(&self) -> &'static str {
        self.kind.as_str()
    }

    /// The agent whose history was compacted away, for [`ErrorKind::BeforeCut`].
    pub fn agent(&self) -> Option<Agent> {
        match self.detail {
            Some(Detail::BeforeCut { agent, .. }) => Some(agent),
            _ => None,
        }
    }

    /// The agent's cut, for [`ErrorKind::BeforeCut`]: from this instant on, there is an answer.
    ///
    /// ```
    /// use agentfold::{ErrorKind, Fold, Instant};
    ///
    /// let mut fold = Fold::new();
    /// fold.read(
    ///     br#"{"account_id": 2, "agent_id": 7, "field_name": "status", "id": "a",
    ///         "timestamp": "2026-01-05T09:00:00Z", "value": "away"}"#,
    ///     |bad| panic!("{bad:?}"),
    /// );
    /// let (agent, cut) = (fold.agents().next().expect("one"), "2026-01-06T00:00:00Z".parse()?);
    /// fold.compact(cut);
    ///
    /// let error = fold.state_at(agent, "2026-01-05T10:00:00Z".parse()?).expect_err("too early");
    /// assert_eq!(error.kind(), ErrorKind::BeforeCut);
    /// assert_eq!((error.agent(), error.cut()), (Some(agent), Some(cut)));
    /// assert!(fold.state_at(agent, cut)?.is_some());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn cut(&self) -> Option<Instant> {
        match self.detail {
            Some(Detail::BeforeCut { cut, .. }) => Some(cut),
            _ => None,
        }
    }
}

impl From<ErrorKind> for Error {
    fn from(kind: ErrorKind) -> Error {
        Error { kind, detail: None }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.detail {
            Some(Detail::BeforeCut { agent, cut, asked }) => {
                return write!(
                    f,
                    "the state of agent {agent} as of {asked} is not known: its history before its \
                     cut {cut} was compacted away"
                );
            }
            Some(Detail::TooManyRows { rows, pairs, limit }) => {
                return write!(
                    f,
                    "the report would have up to {rows} rows, of {pairs} pairs of an agent and a \
                     bucket, and the limit is {limit}: use longer buckets, a shorter window, fewer \
                     agents or channels, or a higher limit"
                );
            }
            Some(Detail::OtherBuckets { before, after }) => {
                let ([from, to], [later_from, later_to]) = (before, after);
                return write!(
                    f,
                    "the reports have other buckets: one from {from} to {to} before, one from \
                     {later_from} to {later_to} after; compare reports over the same buckets"
                );
            }
            Some(Detail::ReversedWindow) => {
                return f.write_str("the window ends before it begins: swap its two instants");
            }
            None => {}
        }
        f.write_str(match self.kind {
            ErrorKind::BeforeCut => "the agent's history from then was compacted away",
            ErrorKind::DifferentOptions => {
                "the folds date events by different fields, so they can't be merged"
            }
            ErrorKind::NotRising => {
                "a report needs two or more boundaries, each later than the one before"
            }
            ErrorKind::TooManyBuckets => {
                "the window has more than 1000000 buckets: use longer buckets or a shorter window"
            }
            ErrorKind::TooManyRows => {
                "the report has too many rows: use longer buckets, a shorter window or fewer agents"
            }
            ErrorKind::OtherBuckets => {
                "the reports have other buckets: compare reports over the same buckets"
            }
            ErrorKind::NoTrack => {
                "not a track that can be asked for: expected `unified_state`, `groups`, `chat_status`, \
                 `chat_engagements`, or one of a channel, such as `state[support]`, \
                 `access[support]`, `max_capacity[support]`, `load[support]` or \
                 `work_item[123]@support`"
            }
            ErrorKind::ShortKey => "the key has fewer than 16 bytes: use 32 random ones",
            ErrorKind::NotSaved => "not a saved fold",
            ErrorKind::Damaged => "the saved fold is damaged: restore another copy",
            ErrorKind::NewerVersion => {
                "the fold was saved by a newer version of agentfold: upgrade to read it"
            }
        })
    }
}

impl std::error::Error for Error {}
