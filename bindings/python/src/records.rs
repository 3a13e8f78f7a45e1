//! Many events from a stream of bytes.

use agentfold::Options;
use agentfold::stream::{Next, Record};
use pyo3::prelude::*;
use pyo3::types::PyList;

use crate::argument::{bytes, options};
use crate::arrow::ArrowStream;
use crate::data::data;
use crate::event::event_data;
use crate::event_table::EventTable;
use crate::raised::Raised;
use crate::source::Source;

/// Finds and reads the events in a stream of bytes, in chunks of any size: one object, NDJSON, objects
/// one after another, a JSON array, or pages of the Chat export, told apart by looking. What can't be
/// read is told in its place.
///
/// Args:
///     instant: Which field says when a change happened, `"updated_at"` or `"time"`.
///     max_bytes: The most bytes that an event may have.
///     max_depth: How deep an event may be nested.
///
/// Raises:
///     AgentfoldError: `bad_argument`
///
/// Example:
///     >>> records = Records()
///     >>> records.push(b'{"account_id": 2')
///     []
///     >>> [record["kind"] for record in records.end()]
///     ['unreadable']
#[pyclass(module = "agentfold")]
pub(crate) struct Records {
    options: Options,
    records: agentfold::stream::Records,
    /// What is not used yet.
    rest: Vec<u8>,
}

#[pymethods]
impl Records {
    #[new]
    #[pyo3(signature = (*, instant = "updated_at", max_bytes = 1048576, max_depth = 64))]
    fn new(instant: &str, max_bytes: usize, max_depth: usize) -> Result<Records, Raised> {
        let options = options(instant, max_bytes, max_depth)?;
        Ok(Records {
            options,
            records: agentfold::stream::Records::new(&options),
            rest: Vec::new(),
        })
    }

    /// Takes the next bytes, and tells the records that are whole by now.
    #[pyo3(signature = (chunk, /))]
    fn push<'py>(&mut self, chunk: &Bound<'py, PyAny>) -> Result<Bound<'py, PyList>, Raised> {
        self.rest.extend_from_slice(&bytes(chunk, "chunk")?);
        self.told(chunk.py(), false)
    }

    /// Says that the stream is at its end, and tells the records that are left. The next bytes begin
    /// another stream.
    fn end<'py>(&mut self, py: Python<'py>) -> Result<Bound<'py, PyList>, Raised> {
        let told = self.told(py, true);
        self.records = agentfold::stream::Records::new(&self.options);
        told
    }
}

impl Records {
    fn told<'py>(&mut self, py: Python<'py>, end: bool) -> Result<Bound<'py, PyList>, Raised> {
        let (told, mut from) = (PyList::empty(py), 0);
        loop {
            let (used, next) = self.records.next(&self.rest[from..], end);
            from += used;
            match next {
                Next::Item(record) => told.append(record_data(py, record, &self.options)?)?,
                Next::More | Next::End => break,
            }
        }
        self.rest.drain(..from);
        Ok(told)
    }
}

/// The events of a source, one after another: an iterator, whose memory does not grow with the source.
///
/// Args:
///     source: `bytes`; a path, as a text or an `os.PathLike`; a file that is open; an iterable of
///         `bytes` (pieces of one stream, cut anywhere), texts or dicts (whole records); or Arrow's
///         columns. NDJSON, objects one after another, arrays and pages are told apart by looking, and
///         gzip and zstd are unpacked.
///     column: Which of Arrow's columns holds the events, where there are several.
///     instant: Which field says when a change happened, `"updated_at"` or `"time"`.
///     max_bytes: The most bytes that an event may have.
///     max_depth: How deep an event may be nested.
///
/// Returns:
///     An iterator of `ParsedEvent`s and, in its place, an `Unreadable` for what is no event. Its
///     `to_arrow` has the same as a table.
///
/// Raises:
///     AgentfoldError: `bad_argument`
///     OSError: If a file can't be read.
///
/// Example:
///     >>> lines = b'{"account_id": 2, "agent_id": 7, "field_name": "engagements", "id": "a", '
///     >>> lines += b'"timestamp": "2026-01-05T08:00:00Z", "value": 1}\n{}'
///     >>> [record["kind"] for record in read_events(lines)]
///     ['engagements', 'unreadable']
#[pyfunction]
#[pyo3(signature = (
    source,
    *,
    column = None,
    instant = "updated_at",
    max_bytes = 1048576,
    max_depth = 64
))]
pub(crate) fn read_events(
    source: &Bound<'_, PyAny>,
    column: Option<&str>,
    instant: &str,
    max_bytes: usize,
    max_depth: usize,
) -> Result<EventReader, Raised> {
    let options = options(instant, max_bytes, max_depth)?;
    let (records, source) =
        (agentfold::stream::Records::new(&options), Source::new(source, column)?);
    Ok(EventReader { events: Some(Events { options, records, source, end: false }) })
}

/// What `read_events` gives.
#[pyclass(module = "agentfold")]
pub(crate) struct EventReader {
    /// Nothing once they are being read as a table.
    events: Option<Events>,
}

/// Events that are read from a source.
pub(crate) struct Events {
    pub(crate) options: Options,
    pub(crate) records: agentfold::stream::Records,
    pub(crate) source: Source,
    pub(crate) end: bool,
}

impl Events {
    /// Waits for more bytes.
    pub(crate) fn more(&mut self) -> Result<(), Raised> {
        match self.source.more() {
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => Ok(()),
            more => {
                self.end = more?.1;
                Ok(())
            }
        }
    }
}

#[pymethods]
impl EventReader {
    /// What is left of the source as a table, a row for each event, read as it is taken, in batches of
    /// 65,536 rows at the most. This reader is at its end then.
    ///
    /// The columns are `kind`, `account_id`, `agent_id`, `at`, `time` (when it was issued), `version`, `id`,
    /// and what Zendesk calls the fields of the kinds of events; the `value` of a chat record is its
    /// `status` or `engagements`. What an event does not have is null. A record that is no event is a
    /// row of the kind `"unreadable"`, with its `line` and the code of its first `issue`.
    ///
    /// Args:
    ///     json: Whether a last column, `json`, has the whole event in Zendesk's spelling, by which the
    ///         table can be read again: `Fold.read(table, column="json")`.
    ///
    /// Returns:
    ///     An `ArrowStream`, which can be taken once. Ids and words are dictionary-encoded, instants
    ///     `timestamp[ns, UTC]`: null before 1677-09-21 and after 2262-04-11, which 64 bits can't hold.
    ///
    /// Example:
    ///     >>> lines = b'{"account_id": 2, "agent_id": 7, "field_name": "engagements", "id": "a", '
    ///     >>> lines += b'"timestamp": "2026-01-05T08:00:00Z", "value": 1}'
    ///     >>> read_events(lines).to_arrow()
    ///     <ArrowStream of kind, account_id, agent_id, at, time, version, id, channel, ...>
    #[pyo3(name = "to_arrow", signature = (*, json = false))]
    fn arrow(&mut self, json: bool) -> ArrowStream {
        ArrowStream::once(Box::new(EventTable::new(self.events.take(), json)))
    }

    fn __iter__(reader: PyRef<'_, Self>) -> PyRef<'_, Self> {
        reader
    }

    fn __next__<'py>(&mut self, py: Python<'py>) -> Result<Option<Bound<'py, PyAny>>, Raised> {
        let Some(events) = &mut self.events else {
            return Ok(None);
        };
        loop {
            let (used, next) = events.records.next(events.source.rest(), events.end);
            let record = match next {
                Next::Item(record) => Some(record_data(py, record, &events.options)),
                Next::More => None,
                Next::End => return Ok(None),
            };
            events.source.used(used);
            if let Some(record) = record {
                return record.map(Some);
            }
            py.check_signals()?;
            py.detach(|| events.more())?;
        }
    }
}

fn record_data<'py>(
    py: Python<'py>,
    record: Record<'_>,
    options: &Options,
) -> Result<Bound<'py, PyAny>, Raised> {
    match record {
        Record::Event(event) => Ok(event_data(py, &event, options.instant)?.into_any()),
        Record::Unreadable(bad) => Ok(data(py, &bad)?),
    }
}
