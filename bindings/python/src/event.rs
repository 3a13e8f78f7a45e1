//! Single events: read, checked, and as CloudEvents.

use agentfold::Event;
use agentfold::event::EventData;
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::argument::{bytes, options};
use crate::data::{data, parsed};
use crate::raised::Raised;

/// An event as data, in a dict.
pub(crate) fn event_data<'py>(py: Python<'py>, event: EventData) -> PyResult<Bound<'py, PyDict>> {
    let EventData { kind, agent, at, event } = event;
    let dict = PyDict::new(py);
    dict.set_item("kind", kind)?;
    dict.set_item("agent", data(py, &agent)?)?;
    dict.set_item("at", data(py, &at)?)?;
    dict.set_item("event", parsed(py, event.get())?)?;
    Ok(dict)
}

/// An event in Zendesk's shape, its ids as texts.
pub(crate) fn raw<'py>(py: Python<'py>, event: &Event<'_>) -> PyResult<Bound<'py, PyAny>> {
    parsed(py, &event.to_json_with_text_ids())
}

/// Reads one event of either feed.
///
/// Args:
///     event: Its bytes or text as they came, or a dict.
///     **options: How to read events: `ReadOptions`.
///
/// Returns:
///     A `ParsedEvent`: `kind` tells which of its shapes, `event` has Zendesk's own, ids as texts.
///
/// Raises:
///     AgentfoldError: If it is no event: `issues` holds all that is wrong with it.
///
/// Example:
///     >>> parsed = parse_event('{"account_id": 2, "agent_id": 7, "field_name": "status", "id": "a", '
///     ...     '"timestamp": "2018-10-19T12:33:50Z", "value": "away"}')
///     >>> parsed["kind"], parsed["agent"], parsed["event"]["value"]
///     ('status', {'account_id': '2', 'agent_id': '7'}, 'away')
#[pyfunction]
#[pyo3(signature = (event, **options))]
pub(crate) fn parse_event<'py>(
    event: &Bound<'py, PyAny>,
    options: Option<&Bound<'py, PyDict>>,
) -> Result<Bound<'py, PyDict>, Raised> {
    let options = self::options(options, &[])?;
    let bytes = bytes(event, "event")?;
    Ok(event_data(event.py(), options.parse(&bytes)?.to_data(options.instant))?)
}

/// Says all that is wrong, or strange, with one event: errors first, then by path. An event without
/// errors can be folded.
///
/// Args:
///     event: Its bytes or text as they came, or a dict.
///     **options: How to read events: `ReadOptions`.
///
/// Example:
///     >>> [(issue["code"], issue["path"]) for issue in check_event("{}")]
///     [('missing_field', '/type')]
#[pyfunction]
#[pyo3(signature = (event, **options))]
pub(crate) fn check_event<'py>(
    event: &Bound<'py, PyAny>,
    options: Option<&Bound<'py, PyDict>>,
) -> Result<Bound<'py, PyAny>, Raised> {
    let options = self::options(options, &[])?;
    Ok(data(event.py(), &options.check(&bytes(event, "event")?))?)
}

/// An event in Zendesk's own shape and spelling, as a JSON text: ids are numbers where Zendesk writes
/// numbers. It can be read again, and equals what was read.
///
/// Args:
///     event: Its bytes or text as they came, or a dict.
///     **options: How to read events: `ReadOptions`.
///
/// Raises:
///     AgentfoldError: If it is no event.
#[pyfunction]
#[pyo3(signature = (event, **options))]
pub(crate) fn print_event(
    event: &Bound<'_, PyAny>,
    options: Option<&Bound<'_, PyDict>>,
) -> Result<String, Raised> {
    let options = self::options(options, &[])?;
    Ok(options.parse(&bytes(event, "event")?)?.to_json())
}

/// An event as a CloudEvent 1.0 in structured JSON, as a text; `None` for an event of unknown type. All
/// that reads events here reads it back.
///
/// Args:
///     event: Its bytes or text as they came, or a dict.
///     **options: How to read events: `ReadOptions`.
///
/// Raises:
///     AgentfoldError: If it is no event.
#[pyfunction]
#[pyo3(signature = (event, **options))]
pub(crate) fn to_cloud_event(
    event: &Bound<'_, PyAny>,
    options: Option<&Bound<'_, PyDict>>,
) -> Result<Option<String>, Raised> {
    let options = self::options(options, &[])?;
    Ok(options.parse(&bytes(event, "event")?)?.to_cloud_event())
}
