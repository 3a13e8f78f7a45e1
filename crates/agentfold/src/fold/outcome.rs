//! [`Outcome`] and [`Counts`]: what became of events.

use std::fmt;
use std::iter::Sum;
use std::ops::AddAssign;

use serde::{Deserialize, Serialize};

use crate::issues::Issues;
use crate::limits::Limit;

/// What became of one event ([the contract](crate::contract::fold#outcomes)). Only
/// [`unreadable`](Outcome::Unreadable) is an error: repeated, late and reordered events are normal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum Outcome {
    /// It could not be read.
    Unreadable {
        /// Why it could not be read. Only with the outcome `unreadable`.
        issues: Issues,
    },
    /// Its type is unknown, or it sets no track.
    Ignored,
    /// It would exceed a limit of the fold, and was not taken in.
    Limit {
        /// The limit that it would exceed. Only with the outcome `limit`.
        limit: Limit,
    },
    /// It is from before the agent's cut.
    Expired,
    /// All of it was known already.
    Duplicate,
    /// Some track has a new latest transition, or the current state changed.
    Applied,
    /// It only added to history.
    Late,
}

impl Outcome {
    /// The outcome's word, as in data.
    pub fn as_str(&self) -> &'static str {
        match self {
            Outcome::Unreadable { .. } => "unreadable",
            Outcome::Ignored => "ignored",
            Outcome::Limit { .. } => "limit",
            Outcome::Expired => "expired",
            Outcome::Duplicate => "duplicate",
            Outcome::Applied => "applied",
            Outcome::Late => "late",
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// How many events had each outcome.
///
/// ```
/// use agentfold::{Counts, Fold};
///
/// let files: [&[u8]; 2] = [b"{}", b"{}\n{}"];
/// let mut fold = Fold::new();
/// let counts: Counts = files.iter().map(|file| fold.read(file, |_| {})).sum();
/// assert_eq!(counts.unreadable, 3);
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(deny_unknown_fields))]
#[expect(missing_docs, reason = "the fields are the outcomes")]
pub struct Counts {
    pub applied: u64,
    pub late: u64,
    pub duplicate: u64,
    pub expired: u64,
    pub ignored: u64,
    pub limit: u64,
    pub unreadable: u64,
}

impl Counts {
    /// Counts one more outcome.
    pub fn add(&mut self, outcome: &Outcome) {
        *match outcome {
            Outcome::Unreadable { .. } => &mut self.unreadable,
            Outcome::Ignored => &mut self.ignored,
            Outcome::Limit { .. } => &mut self.limit,
            Outcome::Expired => &mut self.expired,
            Outcome::Duplicate => &mut self.duplicate,
            Outcome::Applied => &mut self.applied,
            Outcome::Late => &mut self.late,
        } += 1;
    }

    /// The number of all events.
    pub fn total(&self) -> u64 {
        let taken = self.applied + self.late + self.duplicate;
        taken + self.expired + self.ignored + self.limit + self.unreadable
    }
}

impl AddAssign for Counts {
    fn add_assign(&mut self, more: Counts) {
        self.applied += more.applied;
        self.late += more.late;
        self.duplicate += more.duplicate;
        self.expired += more.expired;
        self.ignored += more.ignored;
        self.limit += more.limit;
        self.unreadable += more.unreadable;
    }
}

impl Sum for Counts {
    fn sum<I: Iterator<Item = Counts>>(counts: I) -> Counts {
        counts.fold(Counts::default(), |mut all, counts| {
            all += counts;
            all
        })
    }
}
