//! The buckets of reports, by Python's tables of time zones.

use std::cell::RefCell;

use agentfold::Instant;
use agentfold::report::{BadLength, Buckets, Every};
use pyo3::prelude::*;
use serde::{Deserialize, Serialize};

use crate::argument::{given, text};
use crate::data::data;
use crate::instant::instant;
use crate::raised::Raised;

/// Buckets as they cross the border.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct BucketsGiven {
    boundaries: Vec<Instant>,
    as_of: Instant,
}

/// The parts of a report.
pub(crate) fn buckets(value: &Bound<'_, PyAny>) -> Result<Buckets, Raised> {
    let BucketsGiven { boundaries, as_of } = given(value, "buckets")?;
    Ok(Buckets::new(boundaries, as_of)?)
}

/// Buckets by a function from seconds since 1970 to how many seconds the clocks are ahead of UTC then.
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
    let as_of = as_of.map_or(Ok(to), |as_of| instant(as_of, "as_of"))?;
    let every: Every = text(every, "every")?.parse().map_err(|error: BadLength| {
        Raised::new("bad_argument", "/every", &format!("`every` is {error}"))
    })?;
    let raised = RefCell::new(None);
    let zone = |at: Instant| {
        let told = offset.call1((at.unix_seconds(),)).and_then(|offset| offset.extract());
        told.unwrap_or_else(|error| {
            *raised.borrow_mut() = Some(error);
            0
        })
    };
    let buckets = Buckets::every(every, &zone, from, to, to);
    if let Some(error) = raised.take() {
        return Err(error.into());
    }
    let buckets = buckets.map_err(|error| {
        let path = if from < to { "/every" } else { "/to" };
        Raised::new(error.code(), path, &error.to_string())
    })?;
    let boundaries = buckets.boundaries().to_vec();
    Ok(data(offset.py(), &BucketsGiven { boundaries, as_of })?)
}
