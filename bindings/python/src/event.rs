//! Single events: parsed, checked, printed, and as CloudEvents.

use agentfold::Event;
use agentfold::event::EventData;
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::argument::{bytes, options};
use crate::data::{data, parsed};
use crate::object::word;
use crate::raised::Raised;

/// Returns an event as a dict.
pub(crate) fn event_data<'py>(py: Python<'py>, event: EventData) -> PyResult<Bound<'py, PyDict>> {
    let EventData { kind, agent, at, event } = event;
    let dict = PyDict::new(py);
    dict.set_item(word(py, "kind"), word(py, kind))?;
    dict.set_item(word(py, "agent"), data(py, &agent)?)?;
    dict.set_item(word(py, "at"), data(py, &at)?)?;
    dict.set_item(word(py, "event"), parsed(py, event.as_str())?)?;
    Ok(dict)
}

/// Returns an event in Zendesk's format, with ids as strings.
pub(crate) fn raw<'py>(py: Python<'py>, event: &Event<'_>) -> PyResult<Bound<'py, PyAny>> {
    parsed(py, &event.to_json_with_text_ids())
}

/// Parses one event of either feed.
///
/// Args:
///     event: The bytes or text as received, or a dict.
///     **options: How events are read: `ReadOptions`.
///
/// Returns:
///     A `ParsedEvent`. `kind` is its type. `event` has Zendesk's format, with ids as strings.
///
/// Raises:
///     AgentfoldError: If it is not an event: `issues` contains all problems.
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
    let options = self::options(options)?;
    let bytes = bytes(event, "event")?;
    Ok(event_data(event.py(), options.parse(&bytes)?.to_data(options.instant))?)
}

/// Returns all problems of one event: errors first, then by path. An event without errors can be
/// applied.
///
/// Args:
///     event: The bytes or text as received, or a dict.
///     **options: How events are read: `ReadOptions`.
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
    let options = self::options(options)?;
    Ok(data(event.py(), &options.check(&bytes(event, "event")?))?)
}

/// Returns an event as JSON text in Zendesk's own format: ids are numbers where Zendesk writes numbers.
/// Parsing the text gives an equal event.
///
/// Args:
///     event: The bytes or text as received, or a dict.
///     **options: How events are read: `ReadOptions`.
///
/// Raises:
///     AgentfoldError: If it is not an event.
///
/// Example:
///     >>> print_event({"account_id": "2", "agent_id": "7", "field_name": "status", "id": "a",
///     ...              "timestamp": "2018-10-19T12:33:50.000Z", "value": "away"})[:49]
///     '{"account_id":2,"agent_id":7,"field_name":"status'
#[pyfunction]
#[pyo3(signature = (event, **options))]
pub(crate) fn print_event(
    event: &Bound<'_, PyAny>,
    options: Option<&Bound<'_, PyDict>>,
) -> Result<String, Raised> {
    let options = self::options(options)?;
    Ok(options.parse(&bytes(event, "event")?)?.to_json())
}

/// Returns an event as a CloudEvent 1.0 in JSON; `None` for an unknown type. Every function that reads
/// events accepts the text.
///
/// Args:
///     event: The bytes or text as received, or a dict.
///     **options: How events are read: `ReadOptions`.
///
/// Raises:
///     AgentfoldError: If it is not an event.
///
/// Example:
///     >>> import json
///     >>> text = to_cloud_event({"account_id": 2, "agent_id": 7, "field_name": "status", "id": "a",
///     ...                        "timestamp": "2018-10-19T12:33:50Z", "value": "away"})
///     >>> event = json.loads(text)
///     >>> event["specversion"], event["subject"], event["type"]
///     ('1.0', 'zen:agent:7', 'com.zendesk.chat.agent_event.status')
#[pyfunction]
#[pyo3(signature = (event, **options))]
pub(crate) fn to_cloud_event(
    event: &Bound<'_, PyAny>,
    options: Option<&Bound<'_, PyDict>>,
) -> Result<Option<String>, Raised> {
    let options = self::options(options)?;
    Ok(options.parse(&bytes(event, "event")?)?.to_cloud_event())
}
