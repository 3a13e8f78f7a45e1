//! Many events from a stream of bytes.

use agentfold::Options;
use agentfold::stream::{Record, Stream};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList};

use crate::argument::{bytes, options_given};
use crate::arrow::ArrowStream;
use crate::data::data;
use crate::event::event_data;
use crate::event_table::EventTable;
use crate::instant::Clock;
use crate::raised::Raised;
use crate::request::Keywords;
use crate::source::Source;

/// Finds and parses the events in a stream of bytes that arrives in chunks of any size.
///
/// Detects a single object, NDJSON, concatenated JSON objects, a JSON array, and pages of the Chat
/// export. A record that can't be read is returned in its place.
///
/// Args:
///     **options: How events are read: `ReadOptions`.
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
pub(crate) struct Records(Stream, Clock);

#[pymethods]
impl Records {
    #[new]
    #[pyo3(signature = (**options))]
    fn new(options: Option<&Bound<'_, PyDict>>) -> Result<Records, Raised> {
        let options = options_given(options, &[])?;
        Ok(Records(Stream::new(&options), Clock::of(&options)))
    }

    /// Adds a chunk. Returns the records that are complete.
    #[pyo3(signature = (chunk, /))]
    fn push<'py>(&mut self, chunk: &Bound<'py, PyAny>) -> Result<Bound<'py, PyList>, Raised> {
        self.0.push(&bytes(chunk, "chunk")?);
        self.told(chunk.py())
    }

    /// Ends the stream. Returns the remaining records. The next chunk begins another stream.
    fn end<'py>(&mut self, py: Python<'py>) -> Result<Bound<'py, PyList>, Raised> {
        self.0.end();
        let told = self.told(py);
        self.0.restart();
        told
    }
}

impl Records {
    fn told<'py>(&mut self, py: Python<'py>) -> Result<Bound<'py, PyList>, Raised> {
        self.0.set_now(self.1.now());
        let (told, options) = (PyList::empty(py), *self.0.options());
        while let Some(record) = self.0.next() {
            told.append(record_data(py, record, &options)?)?;
        }
        Ok(told)
    }
}

/// Returns an iterator over the events of a source, with `Unreadable` for other records. Memory does
/// not grow with the source.
///
/// Args:
///     source: `bytes`; a path, as `str` or `os.PathLike`; an open file; an iterable of `bytes` (chunks
///         of one stream, cut anywhere), of `str` or dicts (whole records); or Arrow columns with an
///         event in each row, also as polars' `LazyFrame`. Detects NDJSON, concatenated JSON objects, JSON arrays and pages of the
///         Chat export. Unpacks gzip and zstd.
///     column: The name of the Arrow column with the events. Required if there are several columns.
///     **options: How events are read: `ReadOptions`.
///
/// Returns:
///     An iterator of `ParsedEvent`s, and of an `Unreadable` in the place of each record that is not an
///     event. Its `to_arrow` returns the same as a table.
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
    let options = options_given(options, &["column"])?;
    let source = Source::new(source, column)?.with_clock(Clock::of(&options));
    Ok(EventReader { events: Some(Events { stream: Stream::new(&options), source }) })
}

/// An iterator over the events of a source. Returned by `read_events`.
#[pyclass(module = "agentfold")]
pub(crate) struct EventReader {
    /// `None` once they are read as a table.
    events: Option<Events>,
}

/// The events of a source.
pub(crate) struct Events {
    pub(crate) stream: Stream,
    pub(crate) source: Source,
}

impl Events {
    /// Waits for more bytes. Handles a signal, such as Ctrl-C, at once.
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
    /// Returns the remaining events as a table, a row for each event, read in batches of at most 65,536
    /// rows. Can be read once. This iterator ends.
    ///
    /// The columns are `kind`, `account_id`, `agent_id`, `at`, `time` (when the event was issued),
    /// `version`, `id`, and the fields of all event types with Zendesk's names; the `value` of a Chat
    /// record is its `status` or `engagements`. Fields that an event does not have are null. A record
    /// that could not be read is a row with the kind `"unreadable"`, its `line`, and the code of its
    /// first `issue`.
    ///
    /// Args:
    ///     json: Whether to add a last column, `json`, with the whole event in Zendesk's format, so
    ///         that the table can be read again: `Fold.read(table, column="json")`.
    ///     **form: `strings`, `unit`, `flat` and `dialect`, as for `Fold.to_arrow`.
    ///
    /// Returns:
    ///     An `ArrowStream`, which can be read once. Ids and words are dictionary-encoded, instants
    ///     `timestamp[ns, UTC]`: null before 1677-09-21 and after 2262-04-11, which 64 bits can't hold.
    ///
    /// Example:
    ///     >>> lines = b'{"account_id": 2, "agent_id": 7, "field_name": "engagements", "id": "a", '
    ///     >>> lines += b'"timestamp": "2026-01-05T08:00:00Z", "value": 1}'
    ///     >>> read_events(lines).to_arrow()
    ///     <ArrowStream of kind, account_id, agent_id, at, time, version, id, channel, ...>
    #[pyo3(name = "to_arrow", signature = (*, json = false, **form))]
    fn arrow(
        &mut self,
        json: bool,
        form: Option<&Bound<'_, PyDict>>,
    ) -> Result<ArrowStream, Raised> {
        let mut keywords = Keywords::new(form)?;
        let form = keywords.form()?;
        keywords.none_left()?;
        Ok(ArrowStream::once(Box::new(EventTable::new(self.events.take(), json, form))))
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
