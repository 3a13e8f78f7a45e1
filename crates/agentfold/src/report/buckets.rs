//! [`Buckets`]: the parts of a report's window.

use std::ops::Range;

use super::every::Every;
use super::zone::Zone;
use crate::Instant;
use crate::error::{Error, ErrorKind};
use crate::history::Window;

/// The buckets of a report. Each reaches from one boundary to the next, exclusive.
///
/// Buckets that begin at `as_of` or later have no rows; the last one before it is clipped there.
/// Only transitions at `as_of` or before are used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Buckets {
    /// Clipped at `as_of`.
    // INVARIANT: rising.
    boundaries: Vec<Instant>,
    as_of: Instant,
    row_limit: u64,
}

impl Buckets {
    /// The largest number of buckets that [`Buckets::every`] makes.
    pub const MAX: usize = 1_000_000;

    /// The largest number of rows, and of pairs of an agent and a bucket, for which
    /// [`Fold::report`](crate::Fold::report) makes a report, unless [`Buckets::with_row_limit`] sets
    /// another limit.
    pub const ROW_LIMIT: u64 = 10_000_000;

    /// The buckets between boundaries.
    ///
    /// # Errors
    /// `not_rising` if there are fewer than two boundaries, or one is not later than the one before.
    ///
    /// ```
    /// use agentfold::Instant;
    /// use agentfold::report::Buckets;
    ///
    /// let at = |hour: u32| -> Instant { format!("2026-01-05T{hour:02}:00:00Z").parse().expect("valid") };
    /// assert!(Buckets::new(vec![at(9), at(10), at(12)], at(11)).is_ok());
    /// let error = Buckets::new(vec![at(9), at(9)], at(11)).expect_err("refused");
    /// assert_eq!(error.code(), "not_rising");
    /// ```
    pub fn new(mut boundaries: Vec<Instant>, as_of: Instant) -> Result<Buckets, Error> {
        if boundaries.len() < 2 || !boundaries.is_sorted_by(|a, b| a < b) {
            return Err(ErrorKind::NotRising.into());
        }
        let begun = boundaries.partition_point(|boundary| *boundary < as_of);
        if begun < boundaries.len() {
            boundaries.truncate(begun);
            boundaries.push(as_of);
        }
        Ok(Buckets { boundaries, as_of, row_limit: Buckets::ROW_LIMIT })
    }

    /// The buckets from one instant to another that begin at whole times on the clocks of a zone.
    ///
    /// A bucket begins when the clocks show a multiple of the length: a time of day, the same on all
    /// days, or midnight. If the clocks skip that time, the bucket begins at the skip. If they show it
    /// twice, a bucket begins the second time too if a whole length has passed since the first. So a
    /// day on which clocks are set back has 25 buckets of an hour, and four of six hours, one of which
    /// is longer. The first bucket begins at `from` and the last ends at `to`, at any time of day.
    ///
    /// # Errors
    /// - `not_rising` if `from` is not before `to`.
    /// - `too_many_buckets` if there would be more than [`Buckets::MAX`].
    ///
    /// ```
    /// # #[cfg(feature = "chrono-tz")] {
    /// use agentfold::report::{Buckets, Every};
    /// use chrono_tz::Europe::Berlin;
    ///
    /// // A day on which the clocks were set forward.
    /// let (from, to) = ("2026-03-28T23:00:00Z".parse()?, "2026-03-29T22:00:00Z".parse()?);
    /// let hours = Buckets::every(Every::HOUR, &Berlin, from, to, to)?;
    /// assert_eq!(hours.len(), 23);
    /// let parts = Buckets::every("6h".parse()?, &Berlin, from, to, to)?;
    /// assert_eq!(parts.boundaries()[1].to_string(), "2026-03-29T04:00:00Z");
    /// # }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn every(
        every: Every,
        zone: &(impl Zone + ?Sized),
        from: Instant,
        to: Instant,
        as_of: Instant,
    ) -> Result<Buckets, Error> {
        if from >= to {
            return Err(ErrorKind::NotRising.into());
        }
        let (first, last) = (from.unix_seconds(), to.unix_seconds());
        if (last - first) / every.least_seconds() > Buckets::MAX as i64 {
            return Err(ErrorKind::TooManyBuckets.into());
        }
        let inner = every.beginnings(zone, first, last).filter(|at| from < *at && *at < to);
        Buckets::new([from].into_iter().chain(inner).chain([to]).collect(), as_of)
    }

    /// Sets the largest number of rows, and of pairs of an agent and a bucket, for which
    /// [`Fold::report`](crate::Fold::report) makes a report, in place of [`Buckets::ROW_LIMIT`].
    ///
    /// ```
    /// use agentfold::{Fold, Selection};
    /// use agentfold::report::{Buckets, Every, RollUp, Utc};
    ///
    /// let mut fold = Fold::new();
    /// fold.read(
    ///     br#"{"account_id": 2, "agent_id": 7, "field_name": "status", "id": "a",
    ///         "timestamp": "2026-01-05T09:00:00Z", "value": "away"}"#,
    ///     |bad| panic!("{bad:?}"),
    /// );
    /// let (from, to) = ("2026-01-05T00:00:00Z".parse()?, "2026-01-06T00:00:00Z".parse()?);
    /// let hours = Buckets::every(Every::HOUR, &Utc, from, to, to)?.with_row_limit(20);
    /// let error = fold.report(&hours, RollUp::Agent, &Selection::all()).err().expect("24 hours of one agent");
    /// assert_eq!(error.code(), "too_many_rows");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn with_row_limit(self, row_limit: u64) -> Buckets {
        Buckets { row_limit, ..self }
    }

    /// How many buckets there are before `as_of`.
    pub fn len(&self) -> usize {
        self.boundaries.len() - 1
    }

    /// Whether no bucket begins before `as_of`.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Where the buckets begin, and where the last one ends, clipped at `as_of`: one boundary more than
    /// there are buckets.
    pub fn boundaries(&self) -> &[Instant] {
        &self.boundaries
    }

    /// The latest instant whose events are used.
    pub fn as_of(&self) -> Instant {
        self.as_of
    }

    /// The window that the buckets cover.
    pub fn window(&self) -> Window {
        let (from, to) = (self.boundaries[0], self.boundaries[self.boundaries.len() - 1]);
        Window { from, to, as_of: self.as_of }
    }

    /// Checks that a report of at most this many rows, about this many pairs of an agent and a bucket,
    /// is within the limit.
    pub(crate) fn check_rows(&self, pairs: u64, rows: u64) -> Result<(), Error> {
        if rows.max(pairs) > self.row_limit {
            return Err(Error::too_many_rows(rows, pairs, self.row_limit));
        }
        Ok(())
    }

    /// How many slices there are: a report holds the rows of one slice in memory.
    pub(crate) fn slices(&self) -> usize {
        self.len().div_ceil(self.slice_len())
    }

    /// The buckets of a slice.
    pub(crate) fn slice(&self, slice: usize) -> Buckets {
        let first = slice * self.slice_len();
        self.part(first..first + self.slice_len())
    }

    /// The buckets at some places, of which those that are missing are left out.
    pub(crate) fn part(&self, places: Range<usize>) -> Buckets {
        let last = places.end.min(self.len());
        let boundaries = self.boundaries[places.start.min(last)..=last].to_vec();
        Buckets { boundaries, as_of: self.as_of, row_limit: self.row_limit }
    }

    /// How many buckets a slice has. There are few slices, since each looks at all open work items.
    fn slice_len(&self) -> usize {
        (self.len() / 256).max(512)
    }

    /// The place of the bucket that an instant is in.
    pub(crate) fn place(&self, at: Instant) -> Option<usize> {
        let begun = self.boundaries.partition_point(|boundary| *boundary <= at);
        begun.checked_sub(1).filter(|place| place + 1 < self.boundaries.len())
    }
}
