//! [`Source`]: bytes of Python's or of a file, a part at a time.

use std::fs::File;
use std::io::{self, Cursor, Read};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use flate2::read::MultiGzDecoder;
use pyo3::prelude::*;
use pyo3::pybacked::PyBackedBytes;
use pyo3::types::{PyDict, PyIterator, PyString};

use crate::argument::{Bytes, bytes, json, raw, text};
use crate::raised::Raised;

/// How many bytes are asked for at a time: few enough for them to be in a cache when they are read.
const CHUNK: usize = 1 << 18;

/// Bytes, a part at a time, unpacked where they are gzip. What was not used comes again with more.
pub(crate) struct Source {
    parts: Parts,
    /// How many bytes of the source itself were taken.
    taken: Arc<AtomicU64>,
    told: u64,
}

enum Parts {
    /// All there already.
    Whole {
        bytes: PyBackedBytes,
        start: usize,
        end: usize,
    },
    Stream {
        stream: Box<dyn Read + Send + Sync>,
        buffer: Vec<u8>,
        start: usize,
        filled: usize,
    },
}

impl Source {
    /// Of bytes; of a path, which is a text or an `os.PathLike`; of a file that is open; of a dict; or of
    /// an iterable.
    pub(crate) fn new(source: &Bound<'_, PyAny>) -> Result<Source, Raised> {
        let taken = Arc::new(AtomicU64::new(0));
        let count = |stream| Counted { stream, taken: taken.clone() };
        let parts = if let Some(bytes) = raw(source)? {
            if !is_gzip(&bytes) {
                let parts = Parts::Whole { bytes, start: 0, end: 0 };
                return Ok(Source { parts, taken, told: 0 });
            }
            Parts::stream(Box::new(MultiGzDecoder::new(count(Cursor::new(bytes)))))
        } else if source.is_instance_of::<PyString>() || source.hasattr("__fspath__")? {
            let path: PathBuf = source.extract()?;
            let file = File::open(&path).map_err(|error| Raised::file(&error, &path))?;
            let unpacked = unpacked(Counted { stream: file, taken: taken.clone() });
            Parts::stream(unpacked.map_err(|error| Raised::file(&error, &path))?)
        } else {
            let chunks = Chunks { from: From::new(source)?, chunk: None, at: 0 };
            Parts::stream(unpacked(Counted { stream: chunks, taken: taken.clone() })?)
        };
        Ok(Source { parts, taken, told: 0 })
    }

    /// What is not used yet, with more behind it, and whether that is the end.
    pub(crate) fn more(&mut self) -> io::Result<(&[u8], bool)> {
        match &mut self.parts {
            Parts::Whole { bytes, start, end } => {
                let more = (bytes.len() - *end).min(CHUNK);
                *end += more;
                self.taken.fetch_add(more as u64, Ordering::Relaxed);
                Ok((&bytes[*start..*end], *end == bytes.len()))
            }
            Parts::Stream { stream, buffer, start, filled } => {
                buffer.copy_within(*start..*filled, 0);
                (*start, *filled) = (0, *filled - *start);
                if *filled == buffer.len() {
                    buffer.resize((2 * *filled).max(CHUNK), 0);
                }
                let count = stream.read(&mut buffer[*filled..])?;
                *filled += count;
                Ok((&buffer[..*filled], count == 0))
            }
        }
    }

    /// What is not used yet.
    pub(crate) fn rest(&self) -> &[u8] {
        match &self.parts {
            Parts::Whole { bytes, start, end } => &bytes[*start..*end],
            Parts::Stream { buffer, start, filled, .. } => &buffer[*start..*filled],
        }
    }

    /// Says how many bytes were used.
    pub(crate) fn used(&mut self, count: usize) {
        match &mut self.parts {
            Parts::Whole { start, .. } | Parts::Stream { start, .. } => *start += count,
        }
    }

    /// How many bytes of the source itself, packed or not, were taken since this was last asked.
    pub(crate) fn progress(&mut self) -> u64 {
        let taken = self.taken.load(Ordering::Relaxed);
        taken - std::mem::replace(&mut self.told, taken)
    }
}

impl Parts {
    fn stream(stream: Box<dyn Read + Send + Sync>) -> Parts {
        Parts::Stream { stream, buffer: Vec::new(), start: 0, filled: 0 }
    }
}

fn is_gzip(bytes: &[u8]) -> bool {
    bytes.starts_with(&[0x1f, 0x8b])
}

/// The bytes of a stream as they were before gzip.
fn unpacked(
    mut stream: impl Read + Send + Sync + 'static,
) -> io::Result<Box<dyn Read + Send + Sync>> {
    // No more than it takes, since a live stream may say little at first.
    let mut magic = Vec::new();
    stream.by_ref().take(1).read_to_end(&mut magic)?;
    if magic == [0x1f] {
        stream.by_ref().take(1).read_to_end(&mut magic)?;
    }
    let gzip = is_gzip(&magic);
    let whole = Cursor::new(magic).chain(stream);
    Ok(if gzip { Box::new(MultiGzDecoder::new(whole)) } else { Box::new(whole) })
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

/// What Python hands over piece by piece.
struct Chunks {
    from: From,
    chunk: Option<Bytes>,
    at: usize,
}

enum From {
    /// Asked by its method `read`.
    File(Py<PyAny>),
    Iterator(Py<PyIterator>),
}

impl From {
    fn new(source: &Bound<'_, PyAny>) -> Result<From, Raised> {
        if source.is_instance_of::<PyDict>() {
            let one = pyo3::types::PyList::new(source.py(), [source])?;
            return Ok(From::Iterator(one.try_iter()?.unbind()));
        }
        if source.hasattr("read")? {
            return Ok(From::File(source.clone().unbind()));
        }
        let iterator = source.try_iter().map_err(|_| Raised::argument("source"))?;
        Ok(From::Iterator(iterator.unbind()))
    }

    /// The next chunk; nothing at the end.
    fn next(&self, py: Python<'_>) -> Result<Option<Bytes>, Raised> {
        match self {
            From::File(file) => {
                let chunk =
                    bytes(file.bind(py).call_method1("read", (CHUNK,))?.as_any(), "source")?;
                Ok(Some(chunk).filter(|chunk| !chunk.is_empty()))
            }
            From::Iterator(iterator) => match iterator.bind(py).clone().next() {
                None => Ok(None),
                Some(item) => piece(&item?).map(Some),
            },
        }
    }
}

/// Bytes are a piece of a stream, cut anywhere; a text or a dict is a whole record.
fn piece(item: &Bound<'_, PyAny>) -> Result<Bytes, Raised> {
    if let Some(bytes) = raw(item)? {
        return Ok(Bytes::Bytes(bytes));
    }
    let whole = match item.is_instance_of::<PyString>() {
        true => text(item, "source")?,
        false if item.is_instance_of::<PyDict>() => json(item, "source")?,
        false => return Err(Raised::argument("source")),
    };
    let line = PyString::new(item.py(), &[whole.as_str(), "\n"].concat());
    text(line.as_any(), "source").map(Bytes::Text)
}

impl Read for Chunks {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            if let Some(chunk) = &self.chunk
                && self.at < chunk.len()
            {
                let count = buffer.len().min(chunk.len() - self.at);
                buffer[..count].copy_from_slice(&chunk[self.at..self.at + count]);
                self.at += count;
                return Ok(count);
            }
            let next = Python::attach(|py| self.from.next(py)).map_err(PyErr::from)?;
            if next.is_none() {
                return Ok(0);
            }
            (self.chunk, self.at) = (next, 0);
        }
    }
}
