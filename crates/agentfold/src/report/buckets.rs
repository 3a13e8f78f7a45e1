//! [`Buckets`]: the parts of a report's window.

use crate::Instant;
use crate::error::{Error, ErrorKind};
use crate::history::Window;

/// The buckets of a report: each from one boundary up to, not with, the next.
///
/// Buckets that begin at `as_of` or later have no rows; the last one before it is clipped there.
/// Only transitions at `as_of` or before are used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Buckets {
    /// Clipped at `as_of`.
    // INVARIANT: rising.
    boundaries: Vec<Instant>,
    as_of: Instant,
}

impl Buckets {
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
        Ok(Buckets { boundaries, as_of })
    }

    /// Where they begin and end, clipped at `as_of`.
    pub(crate) fn boundaries(&self) -> &[Instant] {
        &self.boundaries
    }

    /// All of them together.
    pub(crate) fn window(&self) -> Window {
        let (from, to) = (self.boundaries[0], self.boundaries[self.boundaries.len() - 1]);
        Window { from, to, as_of: self.as_of }
    }

    /// The place of the bucket that an instant is in.
    pub(crate) fn place(&self, at: Instant) -> Option<usize> {
        let begun = self.boundaries.partition_point(|boundary| *boundary <= at);
        begun.checked_sub(1).filter(|place| place + 1 < self.boundaries.len())
    }
}
