//! Bytes of the host, folded a part at a time.

use std::cell::RefCell;

use agentfold::stream::{Records, Unreadable};
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
    static BUFFER: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// Takes in every event of bytes, as [`Fold::read`] does; nothing if these are no bytes.
pub(crate) fn read(
    fold: &mut Fold,
    bytes: &JsValue,
    mut unreadable: impl FnMut(Unreadable<'_>),
) -> Option<Counts> {
    let mut records = Records::new(fold.options());
    let mut counts = Counts::default();
    BUFFER.with_borrow_mut(|buffer| {
        if buffer.is_empty() {
            lend(&wasm_bindgen::memory());
        }
        buffer.resize(CHUNK, 0);
        let (mut taken, mut filled) = (0, 0);
        loop {
            let room = &mut buffer[filled..];
            let all = copy(bytes, taken, room.as_mut_ptr(), room.len());
            if all < 0.0 {
                return None;
            }
            let all = all as usize;
            let more = room.len().min(all - taken);
            (taken, filled) = (taken + more, filled + more);
            let end = taken == all;
            let read = &buffer[..filled];
            let (used, _) = fold.read_some(&mut records, read, end, &mut counts, &mut unreadable);
            if end {
                return Some(counts);
            }
            buffer.copy_within(used..filled, 0);
            filled -= used;
            if filled == buffer.len() {
                buffer.resize(2 * filled, 0);
            }
        }
    })
}
