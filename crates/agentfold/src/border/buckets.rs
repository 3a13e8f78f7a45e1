//! [`BucketsData`]: the buckets of a report as data.

use serde::{Deserialize, Serialize};

use super::failure::Failure;
use crate::report::{BadLength, Buckets, Every, Zone};
use crate::{Error, Instant};

/// The buckets of a report as data: an object with boundaries, not yet clipped at `as_of`.
///
/// ```
/// use agentfold::border::BucketsData;
/// use agentfold::report::{Buckets, Utc};
///
/// let (from, to) = ("2026-01-05T09:00:00Z".parse()?, "2026-01-05T12:00:00Z".parse()?);
/// let hours = BucketsData::every("1h", &Utc, from, to, None)?;
/// assert_eq!(serde_json::to_value(&hours)?["as_of"], "2026-01-05T12:00:00Z");
/// assert_eq!(Buckets::try_from(hours)?.len(), 3);
///
/// let failure = BucketsData::every("1h", &Utc, to, from, None).expect_err("backwards");
/// assert_eq!((failure.code(), failure.path()), ("not_rising", "/to"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BucketsData {
    boundaries: Vec<Instant>,
    as_of: Instant,
    /// The largest number of rows, and of pairs of an agent and a bucket.
    #[serde(skip_serializing_if = "Option::is_none")]
    row_limit: Option<u64>,
}

impl BucketsData {
    /// Makes buckets by [`Buckets::every`], from arguments named `every`, `from`, `to` and `as_of`.
    /// `as_of` is `to` by default.
    ///
    /// # Errors
    /// - `bad_argument` at `/every` if the text is not a length.
    /// - `not_rising` at `/to`, and `too_many_buckets` at `/every`, as for [`Buckets::every`].
    pub fn every(
        every: &str,
        zone: &(impl Zone + ?Sized),
        from: Instant,
        to: Instant,
        as_of: Option<Instant>,
    ) -> Result<BucketsData, Failure> {
        let every: Every = every.parse().map_err(|error: BadLength| {
            Failure::bad_argument("every", format!("`every` is {error}"))
        })?;
        let buckets = Buckets::every(every, zone, from, to, to).map_err(|error| {
            let path = if from < to { "/every" } else { "/to" };
            Failure::new(error.code(), path.to_owned(), error.to_string())
        })?;
        let boundaries = buckets.boundaries().to_vec();
        Ok(BucketsData { boundaries, as_of: as_of.unwrap_or(to), row_limit: None })
    }
}

impl BucketsData {
    /// The buckets, for a report of which the caller holds at most `row_limit` rows unless the data
    /// gives another limit.
    ///
    /// # Errors
    /// `not_rising`, as for [`Buckets::new`].
    pub fn with_default_limit(self, row_limit: u64) -> Result<Buckets, Error> {
        let buckets = Buckets::new(self.boundaries, self.as_of)?;
        Ok(buckets.with_row_limit(self.row_limit.unwrap_or(row_limit)))
    }
}

impl TryFrom<BucketsData> for Buckets {
    type Error = Error;

    fn try_from(data: BucketsData) -> Result<Buckets, Error> {
        data.with_default_limit(Buckets::ROW_LIMIT)
    }
}
