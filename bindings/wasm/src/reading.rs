//! [`Reading`]: a stream of bytes that is read into a fold.

use std::cell::RefCell;
use std::rc::Rc;

use agentfold::stream::{Record, Stream};
use agentfold::{Fold, Instant};
use wasm_bindgen::prelude::*;

use crate::argument::{Clock, bytes};
use crate::data::AppliedList;
use crate::packed::PackedStream;
use crate::thrown::Thrown;
use crate::told::Told;

/// A stream of bytes that is read into a fold. The fold is borrowed for one chunk at a time, so that it can
/// be asked while the next one is awaited.
#[wasm_bindgen(skip_typescript)]
pub struct Reading {
    /// Not a weak reference: a caller who needs only the results may let go of the fold.
    fold: Rc<RefCell<Fold>>,
    clock: Clock,
    stream: PackedStream,
    told: Told,
}

#[wasm_bindgen]
impl Reading {
    /// Reads a chunk.
    pub fn read(&mut self, chunk: &JsValue) -> Result<(), Thrown> {
        let chunk = bytes(chunk, "source")?;
        let Reading { stream, told, .. } = self;
        with(&self.fold, self.clock, |fold, now| {
            stream.push(&chunk, now, |stream| read(fold, stream, told))
        })
    }

    /// Reads what is left at the end, and returns the result of all.
    #[wasm_bindgen(js_name = endRead)]
    pub fn end_read(&mut self) -> Result<JsValue, Thrown> {
        let Reading { stream, told, .. } = self;
        with(&self.fold, self.clock, |fold, now| {
            stream.end(now, |stream| read(fold, stream, told))
        })?;
        self.told.data(&JsValue::UNDEFINED)
    }

    /// Applies a chunk, and returns the result of each record.
    pub fn apply(&mut self, chunk: &JsValue) -> Result<JsValue, Thrown> {
        let (chunk, mut all) = (bytes(chunk, "source")?, AppliedList::default());
        let stream = &mut self.stream;
        with(&self.fold, self.clock, |fold, now| {
            stream.push(&chunk, now, |stream| apply(fold, stream, &mut all))
        })?;
        all.data()
    }

    /// Applies what is left at the end.
    #[wasm_bindgen(js_name = endApply)]
    pub fn end_apply(&mut self) -> Result<JsValue, Thrown> {
        let mut all = AppliedList::default();
        let stream = &mut self.stream;
        with(&self.fold, self.clock, |fold, now| {
            stream.end(now, |stream| apply(fold, stream, &mut all))
        })?;
        all.data()
    }
}

impl Reading {
    pub(crate) fn new(fold: &Rc<RefCell<Fold>>, clock: Clock) -> Reading {
        Reading {
            fold: Rc::clone(fold),
            clock,
            stream: PackedStream::new(fold.borrow().options()),
            told: Told::default(),
        }
    }
}

/// Calls a function with the fold.
fn with(
    fold: &RefCell<Fold>,
    clock: Clock,
    call: impl FnOnce(&mut Fold, Instant),
) -> Result<(), Thrown> {
    let now = clock.now()?;
    let mut fold = fold.borrow_mut();
    fold.set_now(now);
    call(&mut fold, now);
    Ok(())
}

/// Takes in the records that are complete.
fn read(fold: &mut Fold, stream: &mut Stream, told: &mut Told) {
    let counts = fold.read_stream(stream, |bad| told.note(bad));
    told.counts += counts;
}

/// The same, and adds the result of each.
fn apply(fold: &mut Fold, stream: &mut Stream, all: &mut AppliedList) {
    while let Some(record) = stream.next() {
        match record {
            Record::Event(event) => all.add(&fold.apply(&event)),
            Record::Unreadable(bad) => all.add_unreadable(&bad.without_bytes()),
        }
    }
}
