//! [`ArrowStream`]: rows handed over in Arrow's columns; and rows of others', as bytes.

use std::io::{self, Read};
use std::sync::{Mutex, PoisonError};

use arrow_array::cast::AsArray;
use arrow_array::ffi_stream::{ArrayStreamReader, FFI_ArrowArrayStream};
use arrow_array::{
    Array, ArrayReader, ArrayRef, RecordBatch, RecordBatchIterator, RecordBatchReader,
};
use arrow_schema::ffi::FFI_ArrowSchema;
use arrow_schema::{ArrowError, DataType, Schema, SchemaRef};
use pyo3::prelude::*;
use pyo3::types::PyCapsule;

use crate::raised::Raised;

/// Rows in Arrow's columns: `pyarrow.table(...)`, `polars.DataFrame(...)` and DuckDB's SQL take it as it is,
/// by the Arrow PyCapsule interface.
///
/// Of a fold it is the whole table, which can be taken any number of times; of `read_events` it is read
/// as it is taken, which can be done once.
#[pyclass(frozen, module = "agentfold")]
pub(crate) struct ArrowStream {
    schema: SchemaRef,
    rows: Rows,
}

enum Rows {
    Whole(Vec<RecordBatch>),
    Once(Mutex<Option<Box<dyn RecordBatchReader + Send>>>),
}

impl ArrowStream {
    pub(crate) fn whole(schema: SchemaRef, batches: Vec<RecordBatch>) -> ArrowStream {
        ArrowStream { schema, rows: Rows::Whole(batches) }
    }

    pub(crate) fn once(reader: Box<dyn RecordBatchReader + Send>) -> ArrowStream {
        ArrowStream { schema: reader.schema(), rows: Rows::Once(Mutex::new(Some(reader))) }
    }
}

#[pymethods]
impl ArrowStream {
    /// The columns' names and types, as a capsule.
    fn __arrow_c_schema__<'py>(&self, py: Python<'py>) -> Result<Bound<'py, PyCapsule>, Raised> {
        let schema = FFI_ArrowSchema::try_from(self.schema.as_ref()).map_err(failed)?;
        Ok(PyCapsule::new_with_value(py, schema, c"arrow_schema")?)
    }

    /// The rows, as a capsule. A schema that is asked for is not heeded, as the interface allows.
    ///
    /// Raises:
    ///     AgentfoldError: `already_read` if they are read as they are taken, and were taken.
    #[pyo3(signature = (requested_schema = None))]
    fn __arrow_c_stream__<'py>(
        &self,
        py: Python<'py>,
        requested_schema: Option<Bound<'py, PyAny>>,
    ) -> Result<Bound<'py, PyCapsule>, Raised> {
        drop(requested_schema);
        let reader = match &self.rows {
            Rows::Whole(batches) => {
                let batches = batches.clone().into_iter().map(Ok);
                Box::new(RecordBatchIterator::new(batches, self.schema.clone()))
            }
            Rows::Once(reader) => {
                let message = "these rows were taken before: they are read but once";
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

/// The texts of a column of others' rows, each a line of bytes.
pub(crate) struct Texts {
    rows: ArrayStreamReader,
    /// The column's place in a struct; the rows themselves where they are none.
    place: Option<usize>,
    batch: Option<ArrayRef>,
    row: usize,
    /// How much of the row was told.
    told: usize,
}

impl Texts {
    /// Of an object with `__arrow_c_stream__`; nothing if it has none.
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
                None => return wrong("no column is named so"),
            },
            (DataType::Struct(fields), None) => match &fields[..] {
                [field] => (Some(0), field.data_type()),
                _ => return wrong("there is not one column alone: name that of the events"),
            },
            (plain, _) => (None, plain),
        };
        if !is_text(of) {
            return wrong("the column does not hold texts or bytes");
        }
        Ok(Some(Texts { rows, place, batch: None, row: 0, told: 0 }))
    }

    /// The next batch that has rows; `false` at the end.
    fn next_batch(&mut self) -> io::Result<bool> {
        let batch = self.rows.next().transpose().map_err(io::Error::other)?;
        self.batch = batch.map(|batch| match (self.place, batch.as_struct_opt()) {
            (Some(place), Some(rows)) => rows.column(place).clone(),
            _ => batch,
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
                // What is there is told before more is waited for.
                if filled > 0 || !self.next_batch()? {
                    return Ok(filled);
                }
                continue;
            };
            let text = text(batch, self.row);
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
    use DataType::{Binary, BinaryView, LargeBinary, LargeUtf8, Utf8, Utf8View};
    matches!(of, Binary | BinaryView | LargeBinary | LargeUtf8 | Utf8 | Utf8View)
}

/// A text of a column; nothing where it is null.
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
#[expect(unsafe_code, reason = "what other libraries hand over is a pointer")]
fn stream(capsule: &Bound<'_, PyAny>) -> Result<ArrayStreamReader, Raised> {
    let capsule = capsule.cast::<PyCapsule>().map_err(PyErr::from)?;
    let pointer = capsule.pointer_checked(Some(c"arrow_array_stream"))?;
    // SAFETY: By the PyCapsule interface a capsule of this name holds a stream that is initialised and
    // aligned, until it is dropped. It is moved out while this thread has the interpreter, and what is
    // left behind is marked as taken.
    let stream = unsafe { ArrayStreamReader::from_raw(pointer.as_ptr().cast()) };
    stream.map_err(failed)
}

/// The columns' names and types.
pub(crate) fn schema(named: &[crate::column::Named]) -> SchemaRef {
    Schema::new(crate::column::fields(named)).into()
}
