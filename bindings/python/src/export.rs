//! Zendesk's Chat incremental export, pulled and served.

use agentfold::border::chats;
use agentfold::export::{self, Cursor, CursorOptions, End, Exported, Reply, Served, Taken};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList, PyType};
use serde_json::value::RawValue;

use crate::argument::{argument, bytes, headers as pairs, jitter as chance, plain};
use crate::data::{data, parsed};
use crate::instant::{instant, instant_or_now};
use crate::raised::Raised;

/// Pulls the Chat incremental export, page by page, without a hole or a repeat. It sends nothing: it
/// says what to ask, and takes what came back. Saved after the events were stored, it goes on after a
/// crash where it was.
///
/// Args:
///     since: From when on, that instant included.
///     limit: The most events of a page: 1 to 1000.
///     endpoint: Where the export is today, `"chat"`; where the document has it, `"document"`; or its
///         sibling, `"agent_timeline"`.
///     unit: What times are counted in, `"seconds"` or `"microseconds"`; by default as the endpoint does.
///     all_fields: Whether to ask for fields that the document does not have.
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

    /// A cursor as it was saved.
    ///
    /// Raises:
    ///     AgentfoldError: `bad_argument` if it is none, or of a newer version.
    #[classmethod]
    #[pyo3(signature = (saved, /))]
    fn restore(_: &Bound<'_, PyType>, saved: &Bound<'_, PyAny>) -> Result<ExportCursor, Raised> {
        let bytes = bytes(saved, "saved")?;
        Ok(ExportCursor(argument(&bytes, "saved")?.read()?))
    }

    /// The cursor as a JSON text.
    fn save(&self) -> Result<String, Raised> {
        serde_json::to_string(&self.0).map_err(|_| Raised::argument("cursor"))
    }

    /// How many events were handed out.
    #[getter]
    fn handed_out(&self) -> u64 {
        self.0.handed_out()
    }

    /// From when on it asks next; all before was handed out.
    #[getter]
    fn start_time(&self) -> String {
        self.0.start_time().to_string()
    }

    /// What to do next.
    ///
    /// Args:
    ///     now: The caller's instant; by the host's clock where it is left out.
    ///
    /// Returns:
    ///     An `ExportRequest`, to send by GET, or a `Pause`.
    #[pyo3(signature = (now = None))]
    fn next<'py>(
        &self,
        py: Python<'py>,
        now: Option<&Bound<'py, PyAny>>,
    ) -> Result<Bound<'py, PyAny>, Raised> {
        Ok(data(py, &self.0.next(instant_or_now(now, "now")?))?)
    }

    /// Takes the reply to the request, and moves on if it is a page; what passes answers how long to
    /// wait.
    ///
    /// Args:
    ///     host: The host that was asked, with its port if it is not the usual one.
    ///     status: The reply's status.
    ///     headers: A mapping or pairs.
    ///     body: The reply's bytes.
    ///     now: The caller's instant; by the host's clock where it is left out.
    ///     jitter: A part of chance from 0 to 1, so that not all ask again at once.
    ///
    /// Returns:
    ///     An `ExportPage`, whose events are JSON texts as they came, or a `Pause`.
    ///
    /// Raises:
    ///     AgentfoldError: Whose `code` is a `RefusalCode`, if to ask again would not help; the cursor
    ///         stays as it was.
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
        let all: Vec<(&str, &str)> = all.iter().map(|(name, value)| (&**name, &**value)).collect();
        let (now, body) = (instant_or_now(now, "now")?, bytes(body, "body")?);
        let reply = Reply { host, status, headers: &all, body: &body };
        Ok(data(py, &self.0.take(&reply, now, chance(jitter))?)?)
    }

    /// Says that no reply came, and answers how long to wait.
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

/// Answers a query as the endpoint of Zendesk's Chat incremental export does.
///
/// Args:
///     query: The URL's query, without `?`.
///     events: Events of the Chat export in the order of their instants, as `tell_chat` gives them.
///     url: The endpoint's URL, without a query.
///     now: The server's instant; by the host's clock where it is left out.
///     end: The id and the instant of how far the source has looked, if that is past its last event.
///
/// Returns:
///     `{"status": 200, "body": ...}` with a page as JSON text, or 400 and an error.
///
/// Raises:
///     AgentfoldError: If `events` has something else than events of the Chat export.
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

/// What `tell_chat` told before and would tell otherwise now, by time: pairs of one id.
///
/// Args:
///     before: The events that were told.
///     after: What would be told now.
///     told_until: How far was told then: only what lies there or before is compared.
///
/// Returns:
///     A list of `ToldCorrection`s.
///
/// Raises:
///     AgentfoldError: If one has something else than events of the Chat export.
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
