//! Buckets of reports, by Python's time zone data.

use std::cell::RefCell;

use agentfold::Instant;
use agentfold::border::BucketsData;
use agentfold::report::Every;
use pyo3::prelude::*;

use crate::argument::given;
use crate::data::data;
use crate::instant::instant;
use crate::raised::Raised;

/// The largest number of rows in a list, by default. A row takes about 4 kB.
pub(crate) const ROW_LIMIT: u64 = 1_000_000;

/// The largest number of rows that are computed while they are read, by default. They take no memory, but
/// time: this many take about an hour.
pub(crate) const STREAM_ROW_LIMIT: u64 = 1_000_000_000;

/// Reads the buckets of a report of which at most `row_limit` rows are held, unless the buckets give
/// another limit.
pub(crate) fn buckets(value: &Bound<'_, PyAny>, row_limit: u64) -> Result<BucketsData, Raised> {
    Ok(given::<BucketsData>(value, "buckets")?.with_default_limit(row_limit)?)
}

/// Returns buckets by the clocks of a zone, given its offset from UTC in seconds at an instant in
/// seconds since 1970.
#[pyfunction]
#[pyo3(signature = (from_, to, every, as_of, offset, /))]
pub(crate) fn buckets_by_offset<'py>(
    from_: &Bound<'py, PyAny>,
    to: &Bound<'py, PyAny>,
    every: &Bound<'py, PyAny>,
    as_of: Option<&Bound<'py, PyAny>>,
    offset: &Bound<'py, PyAny>,
) -> Result<Bound<'py, PyAny>, Raised> {
    let (from, to) = (instant(from_, "from_")?, instant(to, "to")?);
    let as_of = as_of.map(|as_of| instant(as_of, "as_of")).transpose()?;
    let every: Every = given(every, "every")?;
    let raised = RefCell::new(None);
    let zone = |at: Instant| {
        let told = offset.call1((at.unix_seconds(),)).and_then(|offset| offset.extract());
        told.unwrap_or_else(|error| {
            *raised.borrow_mut() = Some(error);
            0
        })
    };
    let buckets = BucketsData::every(every, &zone, from, to, as_of);
    if let Some(error) = raised.take() {
        return Err(error.into());
    }
    Ok(data(offset.py(), &buckets?)?)
}
