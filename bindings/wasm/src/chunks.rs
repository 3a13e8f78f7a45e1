//! Folds bytes of the host in chunks.

use std::cell::RefCell;

use agentfold::stream::{Stream, Unreadable};
use agentfold::{Counts, Fold};
use wasm_bindgen::prelude::*;

#[wasm_bindgen(raw_module = "../src/bytes.js")]
extern "C" {
    /// Passes the memory that the module reads bytes from.
    fn lend(memory: &JsValue);

    /// Copies up to `room` of `bytes`, beginning at index `from`, to `to`. Returns the total number of
    /// bytes, or -1 if `bytes` is not an array of bytes, or has none.
    fn copy(bytes: &JsValue, from: usize, to: *mut u8, room: usize) -> f64;
}

/// The number of bytes copied at a time: few enough to be in a cache when they are read.
const CHUNK: usize = 1 << 18;

thread_local! {
    /// Kept between calls, because allocating memory takes longer than reading one delivery.
    static STREAM: RefCell<Option<Stream>> = const { RefCell::new(None) };
}

/// Reads all events of bytes, as [`Fold::read`] does. Returns `None` if the value is not an array of
/// bytes, or has none.
pub(crate) fn read(
    fold: &mut Fold,
    bytes: &JsValue,
    mut unreadable: impl FnMut(Unreadable<'_>),
) -> Option<Counts> {
    STREAM.with_borrow_mut(|kept| {
        if kept.is_none() {
            lend(&wasm_bindgen::memory());
        }
        let is_of = |stream: &Stream| {
            let mut options = *stream.options();
            options.now = fold.options().now;
            options == *fold.options()
        };
        if !kept.as_ref().is_some_and(is_of) {
            *kept = Some(fold.stream());
        }
        let stream = kept.as_mut()?;
        if let Some(now) = fold.options().now {
            stream.set_now(now);
        }
        stream.restart();
        let (mut taken, mut counts) = (0, Counts::default());
        while !stream.is_finished() {
            let room = stream.room(CHUNK);
            let all = copy(bytes, taken, room.as_mut_ptr(), room.len());
            if all < 0.0 {
                return None;
            }
            let more = room.len().min(all as usize - taken);
            stream.fill(more);
            taken += more;
            if taken == all as usize {
                stream.end();
            }
            counts += fold.read_stream(stream, &mut unreadable);
        }
        Some(counts)
    })
}
