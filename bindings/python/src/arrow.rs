//! [`ArrowStream`]: rows in Arrow columns for other libraries. [`Texts`]: rows of other libraries, as
//! bytes.

use std::io::{self, Read};
use std::sync::{Mutex, PoisonError};

use arrow_array::cast::AsArray;
use arrow_array::ffi_stream::{ArrayStreamReader, FFI_ArrowArrayStream};
use arrow_array::{Array, ArrayReader, ArrayRef, RecordBatchReader};
use arrow_schema::ffi::FFI_ArrowSchema;
use arrow_schema::{ArrowError, DataType, SchemaRef};
use pyo3::exceptions::PyKeyboardInterrupt;
use pyo3::prelude::*;
use pyo3::types::PyCapsule;

use crate::raised::Raised;

/// Rows in Arrow columns, for pyarrow, polars, pandas and DuckDB. `pyarrow.table(...)`,
/// `polars.DataFrame(...)` and DuckDB's SQL accept it as it is, by the Arrow PyCapsule interface.
///
/// The rows are computed in batches of at most 65,536 while they are read, so a table of any length takes
/// little memory. A table of a fold has what the fold knew when the table was made, and can be read any
/// number of times; each time, the rows are computed again. A table of `read_events` is read from the
/// source, once.
#[pyclass(frozen, module = "agentfold")]
pub(crate) struct ArrowStream {
    schema: SchemaRef,
    rows: Rows,
}

/// Batches that are computed when they are read.
type Reader = Box<dyn RecordBatchReader + Send>;

enum Rows {
    Anew(Box<dyn Fn() -> Reader + Send + Sync>),
    Once(Mutex<Option<Reader>>),
}

impl ArrowStream {
    /// A table of which each reading is a reader of its own.
    pub(crate) fn anew(
        schema: SchemaRef,
        reader: impl Fn() -> Reader + Send + Sync + 'static,
    ) -> ArrowStream {
        ArrowStream { schema, rows: Rows::Anew(Box::new(reader)) }
    }

    pub(crate) fn once(reader: Reader) -> ArrowStream {
        ArrowStream { schema: reader.schema(), rows: Rows::Once(Mutex::new(Some(reader))) }
    }
}

#[pymethods]
impl ArrowStream {
    /// Returns the names and types of the columns as a capsule.
    fn __arrow_c_schema__<'py>(&self, py: Python<'py>) -> Result<Bound<'py, PyCapsule>, Raised> {
        let schema = FFI_ArrowSchema::try_from(self.schema.as_ref()).map_err(failed)?;
        Ok(PyCapsule::new_with_value(py, schema, c"arrow_schema")?)
    }

    /// Returns the rows as a capsule. `requested_schema` is ignored, as the interface allows.
    ///
    /// Raises:
    ///     AgentfoldError: `already_read` if the rows can be read once, and were read.
    #[pyo3(signature = (requested_schema = None))]
    fn __arrow_c_stream__<'py>(
        &self,
        py: Python<'py>,
        requested_schema: Option<Bound<'py, PyAny>>,
    ) -> Result<Bound<'py, PyCapsule>, Raised> {
        drop(requested_schema);
        let reader = match &self.rows {
            Rows::Anew(reader) => reader(),
            Rows::Once(reader) => {
                let message = "these rows were read before, and can be read only once";
                let reader = reader.lock().unwrap_or_else(PoisonError::into_inner).take();
                reader.ok_or_else(|| Raised::new("already_read", "", message))?
            }
        };
        let stream = FFI_ArrowArrayStream::new(reader);
        Ok(PyCapsule::new_with_value(py, stream, c"arrow_array_stream")?)
    }

    fn __repr__(&self) -> String {
        let fields = self.schema.fields();
        let names: Vec<_> = fields.iter().take(8).map(|field| field.name().as_str()).collect();
        let more = if fields.len() > names.len() { ", ..." } else { "" };
        format!("<ArrowStream of {}{more}>", names.join(", "))
    }
}

pub(crate) fn failed(error: ArrowError) -> Raised {
    io::Error::other(error).into()
}

/// Returns an error for the library that reads a table. It knows no exceptions of Python, and raises one of
/// its own.
pub(crate) fn told(error: Raised) -> ArrowError {
    let error = PyErr::from(error);
    // Arrow's C interface ends a message at the first NUL, so the message must not contain one.
    let message = error.to_string().replace('\0', " ");
    Python::try_attach(|py| {
        if error.is_instance_of::<PyKeyboardInterrupt>(py) {
            // The program handles the library's error as any other. Ctrl-C must still reach it.
            drop(py.import("_thread").and_then(|thread| thread.call_method0("interrupt_main")));
        }
    });
    ArrowError::ExternalError(message.into())
}

/// The text values of a column of another library's rows, each followed by a line break.
pub(crate) struct Texts {
    rows: ArrayStreamReader,
    /// The index of the column in a struct; `None` if the rows are not structs.
    place: Option<usize>,
    batch: Option<Column>,
    row: usize,
    /// How many bytes of the row were returned.
    told: usize,
}

/// A batch of the column.
struct Column {
    /// The values, of a dictionary those that its keys refer to.
    values: ArrayRef,
    /// The keys of a dictionary, and which of them are null.
    keys: Option<(ArrayRef, Vec<usize>)>,
}

impl Column {
    fn new(column: ArrayRef) -> Column {
        let Some(dictionary) = column.as_any_dictionary_opt() else {
            return Column { values: column, keys: None };
        };
        let values = dictionary.values().clone();
        // Without any values, all rows are null.
        let places = if values.is_empty() { Vec::new() } else { dictionary.normalized_keys() };
        Column { values, keys: Some((column, places)) }
    }

    fn len(&self) -> usize {
        self.keys.as_ref().map_or(self.values.len(), |(keys, _)| keys.len())
    }

    /// Returns the text of a row; empty if it is null.
    fn text(&self, row: usize) -> &[u8] {
        match &self.keys {
            None => text(&self.values, row),
            Some((keys, _)) if keys.is_null(row) => &[],
            Some((_, places)) => places.get(row).map_or(&[], |place| text(&self.values, *place)),
        }
    }
}

impl Texts {
    /// Reads an object with `__arrow_c_stream__`. Returns `None` if it has none.
    pub(crate) fn of(
        source: &Bound<'_, PyAny>,
        column: Option<&str>,
    ) -> Result<Option<Texts>, Raised> {
        if !source.hasattr("__arrow_c_stream__")? {
            return Ok(None);
        }
        let rows = stream(&source.call_method0("__arrow_c_stream__")?)?;
        let wrong = |message: &str| Err(Raised::new("bad_argument", "/column", message));
        let (place, of) = match (rows.field().data_type(), column) {
            (DataType::Struct(fields), Some(name)) => match fields.find(name) {
                Some((place, field)) => (Some(place), field.data_type()),
                None => return wrong("no column has this name"),
            },
            (DataType::Struct(fields), None) => match &fields[..] {
                [field] => (Some(0), field.data_type()),
                _ => return wrong("there is not exactly one column: name the one with the events"),
            },
            (plain, _) => (None, plain),
        };
        if !is_text(of) {
            return wrong("the column does not contain text or bytes");
        }
        Ok(Some(Texts { rows, place, batch: None, row: 0, told: 0 }))
    }

    /// Reads the next batch. Returns `false` at the end.
    fn next_batch(&mut self) -> io::Result<bool> {
        let batch = self.rows.next().transpose().map_err(io::Error::other)?;
        self.batch = batch.map(|batch| match (self.place, batch.as_struct_opt()) {
            (Some(place), Some(rows)) => Column::new(rows.column(place).clone()),
            _ => Column::new(batch),
        });
        (self.row, self.told) = (0, 0);
        Ok(self.batch.is_some())
    }
}

impl Read for Texts {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut filled = 0;
        loop {
            let Some(batch) = self.batch.as_ref().filter(|batch| self.row < batch.len()) else {
                // Return what is available before waiting for more.
                if filled > 0 || !self.next_batch()? {
                    return Ok(filled);
                }
                continue;
            };
            let text = batch.text(self.row);
            while filled < buffer.len() && self.told <= text.len() {
                let rest = &text[self.told..];
                let count = rest.len().min(buffer.len() - filled);
                buffer[filled..filled + count].copy_from_slice(&rest[..count]);
                (filled, self.told) = (filled + count, self.told + count);
                if count == rest.len() && filled < buffer.len() {
                    buffer[filled] = b'\n';
                    (filled, self.told) = (filled + 1, self.told + 1);
                }
            }
            if self.told <= text.len() {
                return Ok(filled);
            }
            (self.row, self.told) = (self.row + 1, 0);
        }
    }
}

fn is_text(of: &DataType) -> bool {
    use DataType::{Binary, BinaryView, Dictionary, LargeBinary, LargeUtf8, Utf8, Utf8View};
    match of {
        Binary | BinaryView | LargeBinary | LargeUtf8 | Utf8 | Utf8View => true,
        Dictionary(_, values) => is_text(values),
        _ => false,
    }
}

/// Returns a text value of a column; empty if it is null.
fn text(column: &ArrayRef, row: usize) -> &[u8] {
    if column.is_null(row) {
        return &[];
    }
    match column.data_type() {
        DataType::Utf8 => column.as_string::<i32>().value(row).as_bytes(),
        DataType::LargeUtf8 => column.as_string::<i64>().value(row).as_bytes(),
        DataType::Utf8View => column.as_string_view().value(row).as_bytes(),
        DataType::Binary => column.as_binary::<i32>().value(row),
        DataType::LargeBinary => column.as_binary::<i64>().value(row),
        DataType::BinaryView => column.as_binary_view().value(row),
        _ => &[],
    }
}

/// Takes a stream out of its capsule.
#[expect(unsafe_code, reason = "other libraries pass a pointer")]
fn stream(capsule: &Bound<'_, PyAny>) -> Result<ArrayStreamReader, Raised> {
    let capsule = capsule.cast::<PyCapsule>().map_err(PyErr::from)?;
    let pointer = capsule.pointer_checked(Some(c"arrow_array_stream"))?;
    // SAFETY: By the PyCapsule interface, a capsule of this name contains a stream that is initialised
    // and aligned until it is dropped. The stream is moved out while this thread holds the interpreter,
    // and what is left behind is marked as taken.
    let stream = unsafe { ArrayStreamReader::from_raw(pointer.as_ptr().cast()) };
    stream.map_err(failed)
}
