//! Many events from a stream of bytes.

use agentfold::Options;
use agentfold::stream::{Record, Stream};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList};

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
///     **options: How to read events: `ReadOptions`.
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
pub(crate) struct Records(Stream);

#[pymethods]
impl Records {
    #[new]
    #[pyo3(signature = (**options))]
    fn new(options: Option<&Bound<'_, PyDict>>) -> Result<Records, Raised> {
        Ok(Records(Stream::new(&self::options(options, &[])?)))
    }

    /// Takes the next bytes, and tells the records that are whole by now.
    #[pyo3(signature = (chunk, /))]
    fn push<'py>(&mut self, chunk: &Bound<'py, PyAny>) -> Result<Bound<'py, PyList>, Raised> {
        self.0.push(&bytes(chunk, "chunk")?);
        self.told(chunk.py())
    }

    /// Says that the stream is at its end, and tells the records that are left. The next bytes begin
    /// another stream.
    fn end<'py>(&mut self, py: Python<'py>) -> Result<Bound<'py, PyList>, Raised> {
        self.0.end();
        let told = self.told(py);
        self.0.restart();
        told
    }
}

impl Records {
    fn told<'py>(&mut self, py: Python<'py>) -> Result<Bound<'py, PyList>, Raised> {
        let (told, options) = (PyList::empty(py), *self.0.options());
        while let Some(record) = self.0.next() {
            told.append(record_data(py, record, &options)?)?;
        }
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
///     **options: How to read events: `ReadOptions`.
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
#[pyo3(signature = (source, *, column = None, **options))]
pub(crate) fn read_events(
    source: &Bound<'_, PyAny>,
    column: Option<&str>,
    options: Option<&Bound<'_, PyDict>>,
) -> Result<EventReader, Raised> {
    let stream = Stream::new(&self::options(options, &["column"])?);
    Ok(EventReader { events: Some(Events { stream, source: Source::new(source, column)? }) })
}

/// What `read_events` gives.
#[pyclass(module = "agentfold")]
pub(crate) struct EventReader {
    /// Nothing once they are being read as a table.
    events: Option<Events>,
}

/// Events that are read from a source.
pub(crate) struct Events {
    pub(crate) stream: Stream,
    pub(crate) source: Source,
}

impl Events {
    /// Waits for more bytes. A signal, such as Ctrl-C, is handled at once.
    pub(crate) fn more(&mut self) -> Result<(), Raised> {
        match self.source.more(&mut self.stream) {
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {
                Ok(Python::attach(|py| py.check_signals())?)
            }
            more => Ok(more?),
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
        let options = *events.stream.options();
        loop {
            if let Some(record) = events.stream.next() {
                return record_data(py, record, &options).map(Some);
            }
            if events.stream.is_finished() {
                return Ok(None);
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
        Record::Event(event) => Ok(event_data(py, event.to_data(options.instant))?.into_any()),
        Record::Unreadable(bad) => Ok(data(py, &bad)?),
    }
}
