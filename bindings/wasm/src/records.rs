//! Many events from a stream of bytes.

use agentfold::event::{EventData, InstantFrom};
use agentfold::stream::{Record, Stream, Unreadable};
use serde::Serialize;
use wasm_bindgen::prelude::*;

use crate::argument::{Clock, bytes, options_given};
use crate::data::list;
use crate::packed::PackedStream;
use crate::thrown::Thrown;

#[derive(Serialize)]
#[serde(untagged)]
enum RecordData {
    Event(EventData),
    Unreadable(Unreadable<'static>),
}

/// Finds and parses the events in a stream of bytes that arrives in chunks of any size.
///
/// Detects a single object, NDJSON, concatenated JSON objects, a JSON array, and pages of the Chat
/// export, and unpacks gzip. A record that can't be read is returned in its place; damaged gzip after the
/// records that come before the damage.
///
/// @example
/// ```js
/// const records = new Records();
/// for (const chunk of chunks) handle(records.push(chunk));
/// handle(records.end());
/// ```
#[wasm_bindgen]
pub struct Records {
    stream: PackedStream,
    clock: Clock,
}

#[wasm_bindgen]
impl Records {
    /// Creates a reader at the beginning of a stream.
    ///
    /// @throws {AgentfoldError} `bad_argument`
    #[wasm_bindgen(constructor)]
    pub fn new(
        #[wasm_bindgen(js_name = options, unchecked_optional_param_type = "ReadOptions")]
        how: &JsValue,
    ) -> Result<Records, Thrown> {
        let options = options_given(how)?;
        Ok(Records { stream: PackedStream::new(&options), clock: Clock::of(&options) })
    }

    /// Adds a chunk. Returns the records that are complete.
    #[wasm_bindgen(unchecked_return_type = "Array<ParsedEvent | Unreadable>")]
    pub fn push(
        &mut self,
        #[wasm_bindgen(unchecked_param_type = "Bytes | string")] chunk: &JsValue,
    ) -> Result<JsValue, Thrown> {
        let (chunk, mut told) = (bytes(chunk, "chunk")?, Vec::new());
        let instant = self.stream.options().instant;
        self.stream.push(&chunk, self.clock.now()?, |stream| told.extend(records(stream, instant)));
        list(told.into_iter())
    }

    /// Ends the stream. Returns the remaining records. The next chunk begins another stream.
    #[wasm_bindgen(unchecked_return_type = "Array<ParsedEvent | Unreadable>")]
    pub fn end(&mut self) -> Result<JsValue, Thrown> {
        let (instant, mut told) = (self.stream.options().instant, Vec::new());
        self.stream.end(self.clock.now()?, |stream| told.extend(records(stream, instant)));
        list(told.into_iter())
    }
}

/// The records of a stream that are complete.
fn records(stream: &mut Stream, instant: InstantFrom) -> impl Iterator<Item = RecordData> {
    std::iter::from_fn(move || {
        Some(match stream.next()? {
            Record::Event(event) => RecordData::Event(event.to_data(instant)),
            Record::Unreadable(bad) => RecordData::Unreadable(bad.without_bytes()),
        })
    })
}
