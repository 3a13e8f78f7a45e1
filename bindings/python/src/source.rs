//! [`Source`]: bytes from Python or from a file, in chunks.

use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, Cursor, Read};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use agentfold_unpack::{Damage, Unpacked, is_packed};
use pyo3::prelude::*;
use pyo3::pybacked::PyBackedBytes;
use pyo3::types::{PyDict, PyIterator, PyList, PyString};

use crate::argument::{Bytes, bytes, json, raw, text};
use crate::arrow::Texts;
use crate::instant::Clock;
use crate::raised::Raised;

/// The number of bytes to read at a time: few enough to be in a cache when they are read.
const CHUNK: usize = 1 << 18;

/// Bytes in chunks, unpacked if they are packed.
pub(crate) struct Source {
    parts: Parts,
    /// The number of bytes read from the source itself, before unpacking.
    taken: Arc<AtomicU64>,
    told: u64,
    clock: Clock,
}

enum Parts {
    /// The complete bytes until they are lent to the stream, and how many are left to read.
    Whole(Option<PyBackedBytes>, usize),
    /// It has one reader. The lock is never contended; it only makes the reader `Sync`.
    Stream(Mutex<Box<dyn Read + Send>>),
}

impl Source {
    /// Reads bytes; a path, as text or an `os.PathLike`; an open file; a dict; an iterable; or Arrow
    /// columns, of which `column` contains the records.
    pub(crate) fn new(source: &Bound<'_, PyAny>, column: Option<&str>) -> Result<Source, Raised> {
        let taken = Arc::new(AtomicU64::new(0));
        let bytes = raw(source)?;
        let is_path = source.is_instance_of::<PyString>() || source.hasattr("__fspath__")?;
        if column.is_some() && (is_path || bytes.is_some()) {
            let message = "`column` is only for Arrow columns";
            return Err(Raised::new("bad_argument", "/column", message));
        }
        if let Some(bytes) = bytes {
            if is_packed(&bytes) {
                return Ok(Source::of_stream(Cursor::new(bytes), taken)?);
            }
            let left = bytes.len();
            return Ok(Source {
                parts: Parts::Whole(Some(bytes), left),
                taken,
                told: 0,
                clock: Clock::default(),
            });
        }
        if is_path {
            let path = path(source, "source")?;
            let file = File::open(&path).and_then(|file| Source::of_stream(file, taken));
            return file.map_err(|error| Raised::file(&error, &path));
        }
        if let Some(texts) = Texts::of(source, column)? {
            return Ok(Source::of_stream(texts, taken)?);
        }
        let source = &batches(source)?;
        let column = column.map(str::to_owned);
        let chunks = Chunks { from: From::new(source)?, column, chunk: Chunk::None };
        Ok(Source::of_stream(chunks, taken)?)
    }

    /// Reads a stream, packed or not. Adds the number of bytes read to `taken`.
    pub(crate) fn of_stream(
        stream: impl Read + Send + 'static,
        taken: Arc<AtomicU64>,
    ) -> io::Result<Source> {
        let mut unpacked = Unpacked::new(Counted { stream, taken: taken.clone() });
        unpacked.begin()?;
        Ok(Source {
            parts: Parts::Stream(Mutex::new(Box::new(unpacked))),
            taken,
            told: 0,
            clock: Clock::default(),
        })
    }

    /// Sets the clock that dates are compared with. Default: the host's.
    pub(crate) fn with_clock(self, clock: Clock) -> Source {
        Source { clock, ..self }
    }

    /// Passes the next bytes, or their end, and the time to `stream`.
    pub(crate) fn more(&mut self, stream: &mut agentfold::stream::Stream) -> io::Result<()> {
        stream.set_now(self.clock.now());
        match &mut self.parts {
            Parts::Whole(bytes, left) => {
                if let Some(bytes) = bytes.take() {
                    stream.lend(bytes);
                }
                let part = CHUNK.min(*left);
                stream.fill(part);
                *left -= part;
                self.taken.fetch_add(part as u64, Ordering::Relaxed);
                if *left == 0 {
                    stream.end();
                }
                Ok(())
            }
            Parts::Stream(reader) => {
                let reader = reader.get_mut().unwrap_or_else(PoisonError::into_inner);
                if let Err(error) = stream.read_from(reader) {
                    match Damage::of(&error) {
                        Some(Damage { words, at }) => stream.end_damaged(words, at),
                        None => return Err(error),
                    }
                }
                Ok(())
            }
        }
    }

    /// Returns the number of bytes read from the source itself, before unpacking, since the last call.
    pub(crate) fn progress(&mut self) -> u64 {
        let taken = self.taken.load(Ordering::Relaxed);
        taken - std::mem::replace(&mut self.told, taken)
    }
}

/// The longest text that may be a path.
const PATH: usize = 4096;

/// Reads a path. Text that can't be one is probably what the file should hold.
pub(crate) fn path(path: &Bound<'_, PyAny>, name: &str) -> Result<PathBuf, Raised> {
    if let Ok(text) = path.cast::<PyString>() {
        let text = text.to_string_lossy();
        let is_json = text.trim_start_matches('\u{feff}').trim_start().starts_with(['{', '[']);
        if is_json
            || text.len() > PATH
            || text.contains(['\0', '\n']) && !Path::new(&*text).exists()
        {
            let what = if is_json { "JSON" } else { "too long for a path, or has line breaks" };
            let message = format!(
                "`{name}` is {what}, but text is the path of a file here: pass its bytes, \
                 `{name}.encode()`, or a list with it"
            );
            return Err(Raised::new("bad_argument", &format!("/{name}"), &message));
        }
    }
    path.extract().map_err(|_| Raised::argument(name))
}

/// Whether a record is probably the path of a file.
fn is_path(record: &str) -> bool {
    if record.is_empty() || record.len() > PATH || record.contains(['{', '"', '\n', '\0']) {
        return false;
    }
    let path = Path::new(record);
    let is_known = |end: &OsStr| ENDS.iter().any(|known| end.eq_ignore_ascii_case(known));
    path.extension().is_some_and(is_known) || path.is_file()
}

/// How the names of files with events end.
const ENDS: [&str; 12] =
    ["json", "ndjson", "jsonl", "log", "txt", "gz", "zst", "bz2", "xz", "zip", "csv", "parquet"];

/// Returns the batches of a lazy data frame of polars; anything else as it is.
fn batches<'py>(source: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
    let class = source.get_type();
    if class.name()? != "LazyFrame" || !class.module()?.to_str()?.starts_with("polars") {
        return Ok(source.clone());
    }
    match source.hasattr("collect_batches")? {
        true => source.call_method0("collect_batches"),
        false => Ok(PyList::new(source.py(), [source.call_method0("collect")?])?.into_any()),
    }
}

/// Returns the error for a source that is none.
fn no_source() -> Raised {
    let message = "`source` must be bytes, a path, an open file, an iterable of bytes, texts or dicts, or \
                   Arrow columns";
    Raised::new("bad_argument", "/source", message)
}

struct Counted<R> {
    stream: R,
    taken: Arc<AtomicU64>,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.stream.read(buffer)?;
        self.taken.fetch_add(count as u64, Ordering::Relaxed);
        Ok(count)
    }
}

/// Chunks from Python.
struct Chunks {
    from: From,
    column: Option<String>,
    chunk: Chunk,
}

enum Chunk {
    None,
    Bytes(Cursor<Bytes>),
    Rows(Box<Texts>),
}

enum From {
    /// Read by its method `read`.
    File(Py<PyAny>),
    Iterator(Py<PyIterator>),
}

impl From {
    fn new(source: &Bound<'_, PyAny>) -> Result<From, Raised> {
        if source.is_instance_of::<PyDict>() {
            let one = PyList::new(source.py(), [source])?;
            return Ok(From::Iterator(one.try_iter()?.unbind()));
        }
        if source.hasattr("read")? {
            return Ok(From::File(source.clone().unbind()));
        }
        let iterator = source.try_iter().map_err(|_| no_source())?;
        Ok(From::Iterator(iterator.unbind()))
    }

    /// Returns the next chunk; `None` at the end.
    fn next(&self, py: Python<'_>, column: Option<&str>) -> Result<Option<Chunk>, Raised> {
        match self {
            From::File(file) => {
                let chunk =
                    bytes(file.bind(py).call_method1("read", (CHUNK,))?.as_any(), "source")?;
                Ok((!chunk.is_empty()).then(|| Chunk::Bytes(Cursor::new(chunk))))
            }
            From::Iterator(iterator) => match iterator.bind(py).clone().next() {
                None => Ok(None),
                Some(item) => piece(&item?, column).map(Some),
            },
        }
    }
}

/// Returns an item of an iterable as a chunk. Bytes are a part of a stream, cut anywhere. Text or a
/// dict is a whole record. Arrow columns have a record in each row.
fn piece(item: &Bound<'_, PyAny>, column: Option<&str>) -> Result<Chunk, Raised> {
    if let Some(bytes) = raw(item)? {
        return Ok(Chunk::Bytes(Cursor::new(Bytes::Bytes(bytes))));
    }
    let paths = || {
        let message = "`source` holds paths: read one file at a time, or use `fold_files`";
        Err(Raised::new("bad_argument", "/source", message))
    };
    let whole = match item.is_instance_of::<PyString>() {
        true => match text(item, "source")? {
            text if is_path(&text) => return paths(),
            text => text,
        },
        false if item.is_instance_of::<PyDict>() => json(item, "source")?,
        false if item.hasattr("__fspath__")? => return paths(),
        false => {
            let texts = Texts::of(item, column)?.ok_or_else(no_source)?;
            return Ok(Chunk::Rows(Box::new(texts)));
        }
    };
    let line = PyString::new(item.py(), &[whole.as_str(), "\n"].concat());
    text(line.as_any(), "source").map(|line| Chunk::Bytes(Cursor::new(Bytes::Text(line))))
}

impl Read for Chunks {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            let count = match &mut self.chunk {
                Chunk::None => 0,
                Chunk::Bytes(bytes) => bytes.read(buffer)?,
                Chunk::Rows(texts) => texts.read(buffer)?,
            };
            if count > 0 {
                return Ok(count);
            }
            let column = self.column.as_deref();
            let next = Python::attach(|py| self.from.next(py, column)).map_err(PyErr::from)?;
            match next {
                None => return Ok(0),
                Some(chunk) => self.chunk = chunk,
            }
        }
    }
}
