//! Conversion of instants.

use std::time::SystemTime;

use agentfold::{Instant, Options, border};
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::PyString;

use crate::raised::Raised;

/// Reads an instant: RFC 3339 text, or an aware `datetime`.
pub(crate) fn instant(value: &Bound<'_, PyAny>, name: &str) -> Result<Instant, Raised> {
    if let Ok(text) = value.cast::<PyString>() {
        return parse(text.to_str().map_err(|_| Raised::argument(name))?, name);
    }
    if !is_datetime(value)? {
        let message = format!("`{name}` must be RFC 3339 text or an aware `datetime`");
        return Err(Raised::new("bad_argument", &format!("/{name}"), &message));
    }
    let text = aware(value, name)?;
    parse(text.cast::<PyString>().map_err(PyErr::from)?.to_str()?, name)
}

/// Like [`instant`]. Default: the host's clock.
pub(crate) fn instant_or_now(
    value: Option<&Bound<'_, PyAny>>,
    name: &str,
) -> Result<Instant, Raised> {
    value.map_or_else(|| Ok(now()), |value| instant(value, name))
}

pub(crate) fn parse(text: &str, name: &str) -> Result<Instant, Raised> {
    Ok(border::instant(name, text)?)
}

/// Returns an instant as RFC 3339 text in UTC.
///
/// Args:
///     instant: An aware `datetime` (also a pandas `Timestamp`, with its nanoseconds), an `int` in
///         nanoseconds since 1970, or RFC 3339 text.
///
/// Returns:
///     The text, with 0, 3, 6 or 9 fraction digits: as few as the instant needs.
///
/// Raises:
///     AgentfoldError: `naive_datetime` if a `datetime` has no time zone; `bad_instant`.
///
/// Example:
///     >>> from datetime import datetime, timezone
///     >>> to_instant(datetime(2026, 1, 5, 8, 30, tzinfo=timezone.utc))
///     '2026-01-05T08:30:00Z'
///     >>> to_instant(1767601800000000001)
///     '2026-01-05T08:30:00.000000001Z'
#[pyfunction]
#[pyo3(signature = (instant, /))]
pub(crate) fn to_instant(instant: &Bound<'_, PyAny>) -> Result<String, Raised> {
    if !instant.hasattr("__index__")? {
        return Ok(self::instant(instant, "instant")?.to_string());
    }
    let instant = instant.extract().ok().and_then(Instant::from_unix_nanos);
    let wrong =
        || Raised::new("bad_instant", "/instant", "`instant` is outside the years 0 to 9999");
    Ok(instant.ok_or_else(wrong)?.to_string())
}

/// Returns an instant as nanoseconds since 1970.
///
/// Args:
///     instant: RFC 3339 text, or an aware `datetime`.
///
/// Raises:
///     AgentfoldError: `naive_datetime` or `bad_instant`.
///
/// Example:
///     >>> to_ns("2026-01-05T08:30:00.000000001Z")
///     1767601800000000001
#[pyfunction]
#[pyo3(signature = (instant, /))]
pub(crate) fn to_ns(instant: &Bound<'_, PyAny>) -> Result<i128, Raised> {
    Ok(self::instant(instant, "instant")?.unix_nanos())
}

/// Converts what JSON does not have when an argument is written as JSON: a `datetime` to text, a `timedelta`
/// to seconds, and an integer of another library, such as NumPy, to an `int`.
#[pyfunction]
pub(crate) fn json_default<'py>(value: &Bound<'py, PyAny>) -> Result<Bound<'py, PyAny>, Raised> {
    static TIMEDELTA: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    let py = value.py();
    if is_datetime(value)? {
        return Ok(PyString::new(py, &instant(value, "instant")?.to_string()).into_any());
    }
    if value.is_instance(TIMEDELTA.import(py, "datetime", "timedelta")?)? {
        return Ok(value.call_method0("total_seconds")?);
    }
    if value.hasattr("__index__")? {
        return Ok(value.call_method0("__index__")?);
    }
    Err(PyTypeError::new_err("not JSON").into())
}

pub(crate) fn now() -> Instant {
    let now = SystemTime::now().max(SystemTime::UNIX_EPOCH);
    Instant::try_from(now).unwrap_or(Instant::MAX)
}

/// The clock that dates are compared with: the option `now`, or the host's clock at each question.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Clock(Option<Instant>);

impl Clock {
    pub(crate) fn of(options: &Options) -> Clock {
        Clock(options.now)
    }

    pub(crate) fn now(self) -> Instant {
        self.0.unwrap_or_else(now)
    }
}

fn is_datetime(value: &Bound<'_, PyAny>) -> PyResult<bool> {
    static CLASS: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    value.is_instance(CLASS.import(value.py(), "datetime", "datetime")?)
}

/// Returns an aware `datetime` as text in UTC.
fn aware<'py>(value: &Bound<'py, PyAny>, name: &str) -> Result<Bound<'py, PyAny>, Raised> {
    static UTC: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    if value.call_method0("utcoffset")?.is_none() {
        let message = format!("`{name}` has no time zone: pass an aware `datetime`");
        return Err(Raised::new("naive_datetime", &format!("/{name}"), &message));
    }
    static TIMEZONE: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    let py = value.py();
    let zone = TIMEZONE.import(py, "datetime", "timezone")?;
    let utc = UTC.get_or_try_init(py, || zone.getattr("utc").map(Bound::unbind))?;
    Ok(value.call_method1("astimezone", (utc,))?.call_method0("isoformat")?)
}
