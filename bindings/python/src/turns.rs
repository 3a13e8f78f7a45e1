//! Long calls. Other threads of Python run meanwhile, and a signal, such as Ctrl-C, ends the call.
//!
//! The core works in a thread of its own, on data that nobody else waits for: [`wait`], or [`Pages`] for
//! many rows. Python's objects are built in turns: [`Turns`].

use std::panic::resume_unwind;
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::thread;
use std::time::{Duration, Instant};

use pyo3::ffi::PyGILState_GetThisThreadState;
use pyo3::prelude::*;
use pyo3::types::PyList;
use serde::Serialize;

use crate::data::data;

/// How long signals, progress and other threads may have to wait while the core works.
pub(crate) const TURN: Duration = Duration::from_millis(50);

/// How long other threads may have to wait while objects are built: as long as for Python's own code.
const SWITCH: Duration = Duration::from_millis(5);

/// How many objects are built between two looks at the clock.
const OBJECTS: usize = 32;

/// How many rows the core computes at a time.
const PAGE: usize = 1024;

/// Does work of the core in a thread of its own, and waits for it.
///
/// If a signal's handler raises, the work goes on to its end, and its result is dropped. So the work must
/// hold no lock.
pub(crate) fn wait<T: Send + 'static>(
    py: Python<'_>,
    work: impl FnOnce() -> T + Send + 'static,
) -> PyResult<T> {
    let (done, mut result) = sync_channel(1);
    let worker = thread::Builder::new().spawn(move || drop(done.send(work())))?;
    match receive(py, &mut result, |_| Ok(()))? {
        Some(result) => Ok(result),
        // It ended without a result.
        None => resume_unwind(worker.join().err().unwrap_or_else(|| Box::new("no result"))),
    }
}

/// Like [`wait`], in any thread: in one that is not Python's, nobody else waits and no signal arrives.
pub(crate) fn wait_anywhere<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> PyResult<T> {
    let mut work = Some(work);
    let mut take = || work.take().expect("INVARIANT: it is taken once");
    if is_of_python()
        && let Some(done) = Python::try_attach(|py| wait(py, take()))
    {
        return done;
    }
    Ok(take()())
}

/// Waits for a message of another thread; `None` if it ends without one. Calls `each_turn` meanwhile.
pub(crate) fn receive<T: Send>(
    py: Python<'_>,
    messages: &mut Receiver<T>,
    mut each_turn: impl FnMut(Python<'_>) -> PyResult<()>,
) -> PyResult<Option<T>> {
    loop {
        py.check_signals()?;
        let messages = &mut *messages;
        match py.detach(move || messages.recv_timeout(TURN)) {
            Ok(message) => return Ok(Some(message)),
            Err(RecvTimeoutError::Disconnected) => return Ok(None),
            Err(RecvTimeoutError::Timeout) => each_turn(py)?,
        }
    }
}

/// Whether this thread has run Python's code. A library that reads a table has threads of its own, in which
/// waiting for the interpreter could wait for the library itself.
#[expect(unsafe_code, reason = "the interpreter is asked by its C interface")]
fn is_of_python() -> bool {
    // SAFETY: The function may be called in any thread, with and without the interpreter, as long as the
    // interpreter exists. It does, because this code is part of a module of it.
    !unsafe { PyGILState_GetThisThreadState() }.is_null()
}

/// Lets other threads run, and signals arrive, while objects are built.
pub(crate) struct Turns {
    objects: usize,
    begun: Instant,
}

impl Turns {
    pub(crate) fn new() -> Turns {
        Turns { objects: 0, begun: Instant::now() }
    }

    /// To be called before each object.
    pub(crate) fn next(&mut self, py: Python<'_>) -> PyResult<()> {
        self.objects += 1;
        if self.objects.is_multiple_of(OBJECTS) && self.begun.elapsed() > SWITCH {
            py.check_signals()?;
            py.detach(|| ());
            self.begun = Instant::now();
        }
        Ok(())
    }
}

/// Converts values to a list.
pub(crate) fn list<'py, T: Serialize>(
    py: Python<'py>,
    values: impl IntoIterator<Item = T>,
) -> PyResult<Bound<'py, PyList>> {
    let list = PyList::empty(py);
    extend(&list, values)?;
    Ok(list)
}

/// Appends values to a list.
pub(crate) fn extend<T: Serialize>(
    list: &Bound<'_, PyList>,
    values: impl IntoIterator<Item = T>,
) -> PyResult<()> {
    let (py, mut turns) = (list.py(), Turns::new());
    for value in values {
        turns.next(py)?;
        list.append(data(py, &value)?)?;
    }
    Ok(())
}

/// Rows that the core computes page by page.
pub(crate) struct Pages<T> {
    /// `None` at the end, and if a signal ended them.
    rows: Option<Box<dyn Iterator<Item = T> + Send + Sync>>,
}

impl<T: Send + 'static> Pages<T> {
    pub(crate) fn new(rows: impl Iterator<Item = T> + Send + Sync + 'static) -> Pages<T> {
        Pages { rows: Some(Box::new(rows)) }
    }

    /// Returns the next page; an empty one at the end.
    pub(crate) fn next(&mut self, py: Python<'_>) -> PyResult<Vec<T>> {
        let Some(mut rows) = self.rows.take() else {
            return Ok(Vec::new());
        };
        let (rest, page) = wait(py, move || {
            let page: Vec<T> = rows.by_ref().take(PAGE).collect();
            ((page.len() == PAGE).then_some(rows), page)
        })?;
        self.rows = rest;
        Ok(page)
    }
}

impl<T: Serialize + Send + 'static> Pages<T> {
    /// Returns all rows as a list of dicts. Calls `on_progress` with the number of rows of each page.
    pub(crate) fn list<'py>(
        mut self,
        py: Python<'py>,
        on_progress: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyList>> {
        let list = PyList::empty(py);
        loop {
            let page = self.next(py)?;
            let count = page.len();
            extend(&list, page)?;
            if let (Some(callback), 1..) = (on_progress, count) {
                callback.call1((count,))?;
            }
            if self.rows.is_none() {
                return Ok(list);
            }
        }
    }
}
