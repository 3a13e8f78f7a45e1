//! Bytes of the host, folded a part at a time.

use std::cell::RefCell;

use agentfold::stream::{Stream, Unreadable};
use agentfold::{Counts, Fold};
use wasm_bindgen::prelude::*;

#[wasm_bindgen(raw_module = "../src/bytes.js")]
extern "C" {
    /// Hands over the module's memory.
    fn lend(memory: &JsValue);

    /// Copies what fits of bytes, from one of them on, to where there is room, and tells how many there
    /// are in all; -1 if these are no bytes.
    fn copy(bytes: &JsValue, from: usize, to: *mut u8, room: usize) -> f64;
}

/// How many bytes are taken over at a time: few enough for them to be in a cache when they are read.
const CHUNK: usize = 1 << 18;

thread_local! {
    /// Kept, since one delivery takes less time than to ask for memory.
    static STREAM: RefCell<Option<Stream>> = const { RefCell::new(None) };
}

/// Takes in every event of bytes, as [`Fold::read`] does; nothing if these are no bytes.
pub(crate) fn read(
    fold: &mut Fold,
    bytes: &JsValue,
    mut unreadable: impl FnMut(Unreadable<'_>),
) -> Option<Counts> {
    STREAM.with_borrow_mut(|kept| {
        if kept.is_none() {
            lend(&wasm_bindgen::memory());
        }
        if kept.as_ref().is_none_or(|stream| stream.options() != fold.options()) {
            *kept = Some(fold.stream());
        }
        let stream = kept.as_mut()?;
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
