//! Pulls and serves the Chat incremental export.

use std::borrow::Cow;

use agentfold::border::chats;
use agentfold::export::{self, Cursor, CursorOptions, End, Exported, Reply, Served, Taken};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList, PyType};
use serde_json::value::RawValue;

use crate::argument::{argument, bytes, jitter as chance, plain};
use crate::data::{data, parsed};
use crate::headers::pairs;
use crate::instant::{instant, instant_or_now};
use crate::raised::Raised;

/// The position of a pull of the Chat export. It returns each request to send and handles the reply, so
/// that no event is missed or repeated. It sends nothing itself.
///
/// Store the events of a page, then save the cursor. A pull then continues after a crash where it was.
///
/// Args:
///     since: The instant to begin at, inclusive.
///     limit: The maximum number of events on a page, from 1 to 1000.
///     endpoint: `"chat"`, the current path; `"document"`, the path in Zendesk's older documentation;
///         or `"agent_timeline"`, the export of time spans.
///     unit: The unit of times in requests: `"seconds"` or `"microseconds"`. Default: the one of the
///         endpoint.
///     all_fields: Whether to request all fields, including undocumented ones.
///
/// Raises:
///     AgentfoldError: `bad_argument`, `bad_instant` or `naive_datetime`.
///
/// Example:
///     >>> cursor = ExportCursor("2018-10-01T00:00:00Z")
///     >>> step = cursor.next()
///     >>> step["step"], step["path"]
///     ('request', '/api/v2/chat/incremental/agent_events')
///     >>> body = b'{"agent_events": [], "count": 0}'
///     >>> taken = cursor.take(host="acme.zendesk.com", status=200, headers={}, body=body)
///     >>> taken["events"], taken["is_last"]
///     ([], True)
#[pyclass(module = "agentfold")]
pub(crate) struct ExportCursor(Cursor);

#[pymethods]
impl ExportCursor {
    #[new]
    #[pyo3(signature = (since, *, limit = 1000, endpoint = "chat", unit = None, all_fields = false))]
    fn new(
        since: &Bound<'_, PyAny>,
        limit: u16,
        endpoint: &str,
        unit: Option<&str>,
        all_fields: bool,
    ) -> Result<ExportCursor, Raised> {
        let options = CursorOptions {
            since: instant(since, "since")?,
            limit: plain(limit, "limit")?,
            endpoint: plain(endpoint, "endpoint")?,
            unit: unit.map(|unit| plain(unit, "unit")).transpose()?,
            all_fields,
        };
        Ok(ExportCursor(options.into()))
    }

    /// Returns a cursor from its saved form.
    ///
    /// Raises:
    ///     AgentfoldError: `bad_argument` if it is not a saved cursor, or one of a newer version.
    #[classmethod]
    #[pyo3(signature = (saved, /))]
    fn restore(_: &Bound<'_, PyType>, saved: &Bound<'_, PyAny>) -> Result<ExportCursor, Raised> {
        let bytes = bytes(saved, "saved")?;
        Ok(ExportCursor(argument(&bytes, "saved")?.read()?))
    }

    /// Returns the cursor as JSON text.
    fn save(&self) -> Result<String, Raised> {
        serde_json::to_string(&self.0).map_err(|_| Raised::argument("cursor"))
    }

    /// The number of events returned so far.
    #[getter]
    fn handed_out(&self) -> u64 {
        self.0.handed_out()
    }

    /// The instant from which the next request starts. All earlier events were returned.
    #[getter]
    fn start_time(&self) -> String {
        self.0.start_time().to_string()
    }

    /// Returns the next request to send, or how long to wait.
    ///
    /// Args:
    ///     now: The current time. Default: the host's clock.
    ///
    /// Returns:
    ///     An `ExportRequest` to send with GET, or a `Pause`.
    ///
    /// Raises:
    ///     AgentfoldError: `start_in_future` if the cursor begins after `now`.
    #[pyo3(signature = (now = None))]
    fn next<'py>(
        &self,
        py: Python<'py>,
        now: Option<&Bound<'py, PyAny>>,
    ) -> Result<Bound<'py, PyAny>, Raised> {
        Ok(data(py, &self.0.next(instant_or_now(now, "now")?)?)?)
    }

    /// Handles the reply to a request. Returns a page and advances, or returns how long to wait if the
    /// failure is temporary.
    ///
    /// Args:
    ///     host: The host that was asked, with its port if it is not the default one.
    ///     status: The status of the reply.
    ///     headers: The headers of the reply: a mapping or pairs.
    ///     body: The bytes of the reply, uncompressed; of a body with more than `max_bytes` of the
    ///         request, one byte more than that is enough.
    ///     now: The current time. Default: the host's clock.
    ///     jitter: A random number from 0 to 1, so that clients do not retry at the same moment.
    ///         Default: one from the host.
    ///
    /// Returns:
    ///     An `ExportPage`, whose events are JSON texts as received, or a `Pause`.
    ///
    /// Raises:
    ///     AgentfoldError: If a retry would not help, or did not help several times. `code` is a
    ///         `RefusalCode`. The cursor is unchanged.
    #[pyo3(signature = (*, host, status, headers, body, now = None, jitter = None))]
    #[expect(clippy::too_many_arguments, reason = "they are keywords")]
    fn take<'py>(
        &mut self,
        py: Python<'py>,
        host: &str,
        status: u16,
        headers: &Bound<'py, PyAny>,
        body: &Bound<'py, PyAny>,
        now: Option<&Bound<'py, PyAny>>,
        jitter: Option<f64>,
    ) -> Result<Bound<'py, PyAny>, Raised> {
        let all = pairs(headers)?;
        let all: Vec<(Cow<'_, str>, Cow<'_, str>)> =
            all.iter().map(|(name, value)| (name.text(), value.text())).collect();
        let all: Vec<(&str, &str)> = all.iter().map(|(name, value)| (&**name, &**value)).collect();
        let (now, body) = (instant_or_now(now, "now")?, bytes(body, "body")?);
        let reply = Reply { host, status, headers: &all, body: &body };
        Ok(data(py, &self.0.take(&reply, now, chance(jitter))?)?)
    }

    /// Records that no reply arrived. Returns how long to wait.
    #[pyo3(signature = (*, jitter = None))]
    fn lost<'py>(
        &mut self,
        py: Python<'py>,
        jitter: Option<f64>,
    ) -> Result<Bound<'py, PyAny>, Raised> {
        Ok(data(py, &Taken::Pause(self.0.lost(chance(jitter))))?)
    }

    fn __eq__(&self, other: &ExportCursor) -> bool {
        self.0 == other.0
    }

    fn __repr__(&self) -> String {
        format!("<ExportCursor at {}, {} handed out>", self.0.start_time(), self.0.handed_out())
    }

    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> Result<(Bound<'py, PyAny>, (String,)), Raised> {
        Ok((slf.get_type().getattr("restore")?, (slf.borrow().save()?,)))
    }
}

/// Returns the response of the Chat export endpoint to a query.
///
/// Args:
///     query: The query of the URL, without `?`.
///     events: Events of the Chat export sorted by instant, as `tell_chat` returns them.
///     url: The URL of the endpoint, without a query.
///     now: The current time of the server. Default: the host's clock.
///     end: The point up to which the source is complete, as an id and an instant, if it is after the
///         last event.
///
/// Returns:
///     `{"status": 200, "body": ...}` with a page as JSON text, or status 400 with an error.
///
/// Raises:
///     AgentfoldError: If `events` contains anything but events of the Chat export.
///
/// Example:
///     >>> url = "https://acme.example/api/v2/chat/incremental/agent_events"
///     >>> answer_export("limit=10&start_time=1767600000", [], url=url)["status"]
///     200
#[pyfunction]
#[pyo3(signature = (query, events, *, url, now = None, end = None))]
pub(crate) fn answer_export<'py>(
    query: &str,
    events: &Bound<'py, PyAny>,
    url: &str,
    now: Option<&Bound<'py, PyAny>>,
    end: Option<(String, Bound<'py, PyAny>)>,
) -> Result<Bound<'py, PyAny>, Raised> {
    let bytes = bytes(events, "events")?;
    let now = instant_or_now(now, "now")?;
    let end = end.map(|(id, at)| Ok::<_, Raised>((id, instant(&at, "end")?))).transpose()?;
    let end = end.as_ref().map(|(id, at)| End { id, at: *at });
    let chats = chats("events", &bytes)?;
    let told = chats.iter().map(Exported::from);
    let answered = export::answer(query, told, &Served { url, now, end });
    Ok(data(events.py(), &answered)?)
}

/// Returns the exported events that have changed, as pairs of before and after, sorted by time.
///
/// Args:
///     before: The events as exported earlier.
///     after: The events as they would be exported now.
///     told_until: The end of the earlier export. Only events up to this instant, inclusive, are
///         compared.
///
/// Returns:
///     A list of `ToldCorrection`s.
///
/// Raises:
///     AgentfoldError: If a list contains anything but events of the Chat export.
///
/// Example:
///     >>> told = {"account_id": 2, "agent_id": 7, "field_name": "status", "id": "a",
///     ...         "timestamp": "2026-01-05T09:00:00Z", "value": "away"}
///     >>> [it] = told_corrections([told], [{**told, "value": "online"}], "2026-01-05T10:00:00Z")
///     >>> it["before"]["value"], it["after"]["value"]
///     ('away', 'online')
#[pyfunction]
#[pyo3(signature = (before, after, told_until))]
pub(crate) fn told_corrections<'py>(
    before: &Bound<'py, PyAny>,
    after: &Bound<'py, PyAny>,
    told_until: &Bound<'py, PyAny>,
) -> Result<Bound<'py, PyList>, Raised> {
    let py = before.py();
    let (before, after) = (bytes(before, "before")?, bytes(after, "after")?);
    let (before, after) = (chats("before", &before)?, chats("after", &after)?);
    let until = instant(told_until, "told_until")?;
    let told = |json: Option<Box<RawValue>>| json.map(|json| parsed(py, json.get())).transpose();
    let list = PyList::empty(py);
    for correction in export::told_corrections(&before, &after, until) {
        let (correction, pair) = (correction.to_data(), PyDict::new(py));
        pair.set_item("before", told(correction.before)?)?;
        pair.set_item("after", told(correction.after)?)?;
        list.append(pair)?;
    }
    Ok(list)
}
