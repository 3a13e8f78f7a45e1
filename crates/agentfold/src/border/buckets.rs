//! [`BucketsData`]: the buckets of a report as data.

use serde::{Deserialize, Serialize};

use super::failure::Failure;
use crate::report::{Buckets, Every, Zone};
use crate::{Error, Fold, Instant};

/// The buckets of a report as data: an object with boundaries, not yet clipped at `as_of`. Without `as_of`,
/// the fold that is asked decides ([`Fold::default_as_of`]).
///
/// ```
/// use agentfold::Fold;
/// use agentfold::border::BucketsData;
/// use agentfold::report::{Every, Utc};
///
/// let (from, to) = ("2026-01-05T09:00:00Z".parse()?, "2026-01-05T12:00:00Z".parse()?);
/// let hours = BucketsData::every(Every::HOUR, &Utc, from, to, None)?;
/// assert!(serde_json::to_value(&hours)?.get("as_of").is_none());
/// assert_eq!(hours.of(&Fold::new())?.len(), 3);
///
/// let failure = BucketsData::every(Every::HOUR, &Utc, to, from, None).expect_err("backwards");
/// assert_eq!((failure.code(), failure.path()), ("not_rising", "/to"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BucketsData {
    boundaries: Vec<Instant>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    as_of: Option<Instant>,
    /// The largest number of rows, and of pairs of an agent and a bucket.
    #[serde(skip_serializing_if = "Option::is_none")]
    row_limit: Option<u64>,
}

impl BucketsData {
    /// Makes buckets by [`Buckets::every`], from arguments named `every`, `from`, `to` and `as_of`.
    ///
    /// # Errors
    /// `not_rising` at `/to`, and `too_many_buckets` at `/every`, as for [`Buckets::every`].
    pub fn every(
        every: Every,
        zone: &(impl Zone + ?Sized),
        from: Instant,
        to: Instant,
        as_of: Option<Instant>,
    ) -> Result<BucketsData, Failure> {
        let buckets = Buckets::every(every, zone, from, to, to).map_err(|error| {
            let path = if from < to { "/every" } else { "/to" };
            Failure::new(error.code(), path.to_owned(), error.to_string())
        })?;
        let boundaries = buckets.boundaries().to_vec();
        Ok(BucketsData { boundaries, as_of, row_limit: None })
    }
}

impl BucketsData {
    /// Sets the largest number of rows unless the data gives one.
    ///
    /// # Errors
    /// `not_rising`, as for [`Buckets::new`].
    pub fn with_default_limit(self, row_limit: u64) -> Result<BucketsData, Error> {
        let data = BucketsData { row_limit: self.row_limit.or(Some(row_limit)), ..self };
        data.as_of(Instant::MAX)?;
        Ok(data)
    }

    /// The buckets of a report of a fold.
    ///
    /// # Errors
    /// `not_rising`, as for [`Buckets::new`].
    pub fn of(&self, fold: &Fold) -> Result<Buckets, Error> {
        let to = self.boundaries.last().copied().unwrap_or(Instant::MAX);
        self.as_of(self.as_of.unwrap_or_else(|| fold.default_as_of(to)))
    }

    /// The buckets of a report of agents that are in several folds.
    ///
    /// # Errors
    /// - `bad_argument` at `/buckets/as_of` if `as_of` is missing: each fold would decide differently.
    /// - `not_rising`, as for [`Buckets::new`].
    ///
    /// ```
    /// use agentfold::border::BucketsData;
    /// use agentfold::report::{Every, Utc};
    ///
    /// let (from, to) = ("2026-01-05T09:00:00Z".parse()?, "2026-01-05T12:00:00Z".parse()?);
    /// assert!(BucketsData::every(Every::HOUR, &Utc, from, to, Some(to))?.of_parts().is_ok());
    /// let failure = BucketsData::every(Every::HOUR, &Utc, from, to, None)?.of_parts().expect_err("unknown");
    /// assert_eq!((failure.code(), failure.path()), ("bad_argument", "/buckets/as_of"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn of_parts(&self) -> Result<Buckets, Failure> {
        let as_of = self.as_of.ok_or_else(|| {
            let message = "`as_of` is required for a report of agents that are kept apart, since no part of \
                           them has the last event of all: give it to `buckets`";
            Failure::bad_argument("buckets/as_of", message.to_owned())
        })?;
        Ok(self.as_of(as_of)?)
    }

    fn as_of(&self, as_of: Instant) -> Result<Buckets, Error> {
        let buckets = Buckets::new(self.boundaries.clone(), as_of)?;
        Ok(buckets.with_row_limit(self.row_limit.unwrap_or(Buckets::ROW_LIMIT)))
    }
}
