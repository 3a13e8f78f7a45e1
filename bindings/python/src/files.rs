//! [`fold_files`]: folds files on all cores.

use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, PoisonError, RwLock};
use std::thread::{self, ScopedJoinHandle};

use agentfold::Options;
use agentfold::stream::{Stream, Unreadable, UnreadableCodes};
use agentfold_unpack::is_packed;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString};
use serde::Serialize;

use crate::argument::options_given;
use crate::data::data;
use crate::fold::Fold;
use crate::instant::Clock;
use crate::raised::Raised;
use crate::read::{Told, turn};
use crate::source::{Source, path};
use crate::turns::{self, list};

/// The approximate size of a part of a file in bytes. It does not depend on the number of threads, so
/// that their number does not change the result.
const PART: u64 = 8 << 20;

/// The approximate number of bytes that a packed byte unpacks to.
const PACKED: u64 = 10;

/// A part of a file.
#[derive(Debug, Clone)]
struct Part {
    file: usize,
    /// Its bytes; `None` for the whole file.
    bytes: Option<Range<u64>>,
    /// The approximate cost of reading it.
    weight: u64,
}

/// The result of reading a part.
struct PartRead {
    told: Told,
    /// The number of line breaks.
    lines: u64,
}

/// A file that can't be read.
struct Unread {
    file: usize,
    error: io::Error,
}

/// An unreadable record of a file.
#[derive(Serialize)]
struct UnreadableOfFile<'f> {
    file: &'f str,
    #[serde(flatten)]
    unreadable: Unreadable<'static>,
}

/// Folds files on all cores. Returns the fold, and the records that could not be read.
///
/// The saved bytes of the fold are the same for any number of threads. Each thread folds consecutive
/// files and parts of large files into a fold of its own; then these are merged. Memory grows with the
/// fold and the unreadable records, but not with the files. `KeyboardInterrupt` stops it.
///
/// Args:
///     paths: One path, or an iterable of paths. Detects NDJSON, concatenated JSON objects, JSON arrays
///         and pages of the Chat export. Unpacks gzip and zstd; each packed file is read by one thread.
///     threads: The number of threads. Default: the number of cores.
///     on_progress: Called regularly with the number of bytes read from the files since the last call,
///         before unpacking. `tqdm(total=...).update` fits.
///     **options: How events are read: `ReadOptions`.
///
/// Returns:
///     The fold, and a `FilesRead`: the number of `records`, and the `unreadable` ones, file by file,
///     with `file`, `line` and `offset`: the first 1,000 of each code. `unreadable_codes` counts all.
///
/// Raises:
///     AgentfoldError: `bad_argument`
///     OSError: If a file can't be read.
///
/// Example:
///     >>> fold, read = fold_files([])
///     >>> len(fold), read
///     (0, {'records': 0, 'unreadable': [], 'unreadable_codes': {}})
#[pyfunction]
#[pyo3(signature = (paths, *, threads = None, on_progress = None, **options))]
pub(crate) fn fold_files<'py>(
    paths: &Bound<'py, PyAny>,
    threads: Option<usize>,
    on_progress: Option<Bound<'py, PyAny>>,
    options: Option<&Bound<'py, PyDict>>,
) -> Result<(Fold, Bound<'py, PyDict>), Raised> {
    let (py, options) = (paths.py(), options_given(options, &["threads", "on_progress"])?);
    let paths = self::paths(paths)?;
    let threads = match threads {
        Some(0) => return Err(Raised::argument("threads")),
        Some(threads) => threads,
        None => thread::available_parallelism().map_or(1, usize::from),
    };
    let raised = |unread: Unread| Raised::file(&unread.error, &paths[unread.file]);
    let parts = py.detach(|| parts(&paths, &options)).map_err(raised)?;
    let (stop, taken) = (AtomicBool::new(false), Arc::new(AtomicU64::new(0)));
    let on_progress = on_progress.map(Bound::unbind);
    let (fold, reads) = py.detach(|| {
        thread::scope(|scope| {
            let (working, done) = channel::<()>();
            let workers: Vec<_> = shares(&parts, threads)
                .into_iter()
                .map(|share| {
                    let (working, taken) = (working.clone(), taken.clone());
                    let (paths, stop, options) = (&paths, &stop, &options);
                    scope.spawn(move || {
                        let share = fold_parts(share, paths, options, stop, &taken);
                        stop.fetch_or(share.is_err(), Ordering::Relaxed);
                        drop(working);
                        share
                    })
                })
                .collect();
            drop(working);
            let waited = wait(done, &taken, on_progress.as_ref());
            stop.fetch_or(waited.is_err(), Ordering::Relaxed);
            let shares: Vec<_> = workers.into_iter().map(joined).collect();
            waited?;
            merged(&options, shares.into_iter().collect::<Result<_, _>>().map_err(raised)?)
        })
    })?;
    Ok((Fold::of(fold, options), told(py, &paths, &parts, reads)?))
}

fn paths(paths: &Bound<'_, PyAny>) -> Result<Vec<PathBuf>, Raised> {
    if paths.is_instance_of::<PyString>() || paths.hasattr("__fspath__")? {
        return Ok(vec![path(paths, "paths")?]);
    }
    let no_paths = |_| {
        let message = "`paths` must be a path, or an iterable of paths";
        Raised::new("bad_argument", "/paths", message)
    };
    paths.try_iter().map_err(no_paths)?.map(|one| path(&one?, "paths")).collect()
}

/// Returns the parts of all files, in order.
fn parts(paths: &[PathBuf], options: &Options) -> Result<Vec<Part>, Unread> {
    let mut all = Vec::new();
    for (file, path) in paths.iter().enumerate() {
        let (cuts, size) = cuts(path, options).map_err(|error| Unread { file, error })?;
        if cuts.is_empty() {
            all.push(Part { file, bytes: None, weight: size });
            continue;
        }
        let ends = cuts.iter().skip(1).copied().chain([size]);
        all.extend(cuts.iter().zip(ends).map(|(from, to)| Part {
            file,
            bytes: Some(*from..to),
            weight: to - from,
        }));
    }
    Ok(all)
}

/// Returns where the parts of a file begin, and its size. No parts if the file is read as one, packed
/// or not.
fn cuts(path: &Path, options: &Options) -> io::Result<(Vec<u64>, u64)> {
    let data = fs::metadata(path)?;
    let size = data.len();
    // A pipe can be opened only once.
    if !data.is_file() {
        return Ok((Vec::new(), size));
    }
    let mut file = File::open(path)?;
    let mut magic = Vec::new();
    file.by_ref().take(4).read_to_end(&mut magic)?;
    if is_packed(&magic) {
        return Ok((Vec::new(), size.saturating_mul(PACKED)));
    }
    let mut cuts = vec![0];
    let mut near = Vec::new();
    while let Some(after) = cuts.last().map(|cut| (cut / PART + 1) * PART).filter(|at| *at < size) {
        file.seek(SeekFrom::Start(after))?;
        near.clear();
        // An event of the maximum size may be here.
        let most = (options.max_bytes as u64).saturating_add(1 << 16);
        file.by_ref().take(most).read_to_end(&mut near)?;
        match cut(&near) {
            Some(place) => cuts.push(after + place as u64),
            None => break,
        }
    }
    Ok((if cuts.len() > 1 { cuts } else { Vec::new() }, size))
}

/// Finds the first line that begins with `{` after a line that ends with `}`. A record ends there: JSON
/// strings contain no line breaks, and the objects of an array are separated by a comma.
fn cut(bytes: &[u8]) -> Option<usize> {
    memchr::memchr_iter(b'\n', bytes).find_map(|end| {
        let begin = bytes[end..].iter().position(|byte| !byte.is_ascii_whitespace())?;
        let ended = bytes[..end].trim_ascii_end().ends_with(b"}");
        (ended && bytes[end + begin] == b'{').then_some(end + 1)
    })
}

/// Divides the parts into consecutive shares of about the same cost, one for each thread.
fn shares(parts: &[Part], threads: usize) -> Vec<&[Part]> {
    let whole: u128 = parts.iter().map(|part| u128::from(part.weight)).sum();
    let mut before = 0;
    let places: Vec<u128> = parts
        .iter()
        .map(|part| {
            let place = before * threads as u128 / whole.max(1);
            before += u128::from(part.weight);
            place
        })
        .collect();
    let mut rest = parts;
    let rows = places.chunk_by(|a, b| a == b).map(|row| {
        let (share, more) = rest.split_at(row.len());
        rest = more;
        share
    });
    rows.collect()
}

/// Folds parts one after another.
fn fold_parts(
    parts: &[Part],
    paths: &[PathBuf],
    options: &Options,
    stop: &AtomicBool,
    taken: &Arc<AtomicU64>,
) -> Result<(agentfold::Fold, Vec<PartRead>), Unread> {
    let fold = RwLock::new(agentfold::Fold::with_options(options));
    let mut reads = Vec::with_capacity(parts.len());
    for part in parts {
        let unread = |error| Unread { file: part.file, error };
        let source = opened(part, &paths[part.file], taken).map_err(unread)?;
        let mut source = source.with_clock(Clock::of(options));
        let (mut stream, mut told) = (Stream::new(options), Told::default());
        while !stop.load(Ordering::Relaxed)
            && !turn(&fold, &mut source, &mut stream, &mut told).map_err(unread)?
        {}
        reads.push(PartRead { told, lines: stream.line() - 1 });
    }
    Ok((fold.into_inner().unwrap_or_else(PoisonError::into_inner), reads))
}

fn opened(part: &Part, path: &Path, taken: &Arc<AtomicU64>) -> io::Result<Source> {
    let mut file = File::open(path)?;
    let Some(bytes) = &part.bytes else {
        return Source::of_stream(file, taken.clone());
    };
    file.seek(SeekFrom::Start(bytes.start))?;
    Source::of_stream(file.take(bytes.end - bytes.start), taken.clone())
}

/// Waits for the threads. Handles signals and reports progress meanwhile.
fn wait(
    mut done: Receiver<()>,
    taken: &AtomicU64,
    on_progress: Option<&Py<PyAny>>,
) -> Result<(), Raised> {
    let mut told = 0;
    let mut tell = |py: Python<'_>| {
        let now = taken.load(Ordering::Relaxed);
        let more = now - std::mem::replace(&mut told, now);
        if let (Some(callback), 1..) = (on_progress, more) {
            callback.call1(py, (more,))?;
        }
        Ok(())
    };
    Python::attach(|py| {
        turns::receive(py, &mut done, &mut tell)?;
        tell(py)?;
        Ok(py.check_signals()?)
    })
}

fn joined<T>(worker: ScopedJoinHandle<'_, T>) -> T {
    worker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}

fn merged(
    options: &Options,
    shares: Vec<(agentfold::Fold, Vec<PartRead>)>,
) -> Result<(agentfold::Fold, Vec<PartRead>), Raised> {
    let mut shares = shares.into_iter();
    let none = || (agentfold::Fold::with_options(options), Vec::new());
    let (mut fold, mut reads) = shares.next().unwrap_or_else(none);
    for (other, more) in shares {
        fold.absorb(other)?;
        reads.extend(more);
    }
    Ok((fold, reads))
}

/// Returns the result of all parts as data, with lines and offsets of the files.
fn told<'py>(
    py: Python<'py>,
    paths: &[PathBuf],
    parts: &[Part],
    reads: Vec<PartRead>,
) -> Result<Bound<'py, PyDict>, Raised> {
    let names: Vec<_> = paths.iter().map(|path| path.to_string_lossy()).collect();
    let (mut records, mut unreadable) = (0, Vec::new());
    let (mut kept, mut codes) = (UnreadableCodes::default(), UnreadableCodes::default());
    let (mut file, mut lines) = (0, 0);
    for (part, read) in parts.iter().zip(reads) {
        if part.file != file {
            (file, lines) = (part.file, 0);
        }
        records += read.told.counts.total();
        let begin = part.bytes.as_ref().map_or(0, |bytes| bytes.start);
        codes.merge(&read.told.codes);
        let bad = read.told.unreadable.into_iter().filter(|bad| kept.add(bad));
        unreadable.extend(bad.map(|mut bad| {
            bad.text.line += lines;
            bad.text.offset += begin;
            UnreadableOfFile { file: &names[file], unreadable: bad }
        }));
        lines += read.lines;
    }
    let told = PyDict::new(py);
    told.set_item("records", records)?;
    told.set_item("unreadable", list(py, unreadable)?)?;
    told.set_item("unreadable_codes", data(py, &codes)?)?;
    Ok(told)
}
