//! Reads many events in turns, so that Python can run in between.

use std::io;
use std::sync::{PoisonError, RwLock};
use std::time::Instant;

use agentfold::stream::{Stream, Unreadable, UnreadableCodes};
use agentfold::{Change, Counts, Fold};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList};

use crate::data::data;
use crate::raised::Raised;
use crate::source::Source;
use crate::turns::{TURN, extend};

/// The functions to call while reading.
pub(crate) struct Callbacks<'py> {
    pub(crate) progress: Option<Bound<'py, PyAny>>,
    pub(crate) unreadable: Option<Bound<'py, PyAny>>,
}

/// The result of one or more turns.
#[derive(Default)]
pub(crate) struct Told {
    pub(crate) counts: Counts,
    /// The first unreadable records of each code, or all of them.
    pub(crate) unreadable: Vec<Unreadable<'static>>,
    pub(crate) codes: UnreadableCodes,
    keeps_all: bool,
    /// `None` if they were not requested.
    changes: Option<Vec<Change>>,
}

/// Reads all events of a source. Returns the number of events by outcome.
pub(crate) fn read<'py>(
    py: Python<'py>,
    fold: &RwLock<Fold>,
    mut source: Source,
    mut stream: Stream,
    with_changes: bool,
    callbacks: &Callbacks<'py>,
) -> Result<Bound<'py, PyDict>, Raised> {
    let (unreadable, changes) = (PyList::empty(py), PyList::empty(py));
    let mut told = Told {
        changes: with_changes.then(Vec::new),
        keeps_all: callbacks.unreadable.is_some(),
        ..Told::default()
    };
    loop {
        let end = py.detach(|| turn(fold, &mut source, &mut stream, &mut told))?;
        match &callbacks.unreadable {
            Some(callback) => {
                for bad in told.unreadable.drain(..) {
                    callback.call1((data(py, &bad)?,))?;
                }
            }
            None => extend(&unreadable, told.unreadable.drain(..))?,
        }
        extend(&changes, told.changes.iter_mut().flat_map(|changes| changes.drain(..)))?;
        if let (Some(callback), more @ 1..) = (&callbacks.progress, source.progress()) {
            callback.call1((more,))?;
        }
        py.check_signals()?;
        if end {
            break;
        }
    }
    let read = PyDict::new(py);
    read.set_item("counts", data(py, &told.counts)?)?;
    read.set_item("unreadable", unreadable)?;
    read.set_item("unreadable_codes", data(py, &told.codes)?)?;
    if with_changes {
        read.set_item("changes", changes)?;
    }
    Ok(read)
}

/// Reads for the length of a turn. Returns whether the source has ended.
pub(crate) fn turn(
    fold: &RwLock<Fold>,
    source: &mut Source,
    stream: &mut Stream,
    told: &mut Told,
) -> io::Result<bool> {
    let begin = Instant::now();
    let Told { counts, unreadable, codes, keeps_all, changes } = told;
    loop {
        // The fold is not locked while Python reads bytes, because that code may use the fold.
        match source.more(stream) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => return Ok(false),
            more => more?,
        }
        let mut fold = fold.write().unwrap_or_else(PoisonError::into_inner);
        let note = |bad: Unreadable<'_>| {
            if codes.add(&bad) || *keeps_all {
                unreadable.push(bad.without_bytes());
            }
        };
        *counts += match changes {
            None => fold.read_stream(stream, note),
            Some(changes) => fold.apply_stream(stream, |change| changes.push(change), note),
        };
        drop(fold);
        if stream.is_finished() {
            return Ok(true);
        }
        if begin.elapsed() > TURN {
            return Ok(false);
        }
    }
}
