//! Many events from a stream of bytes.

use agentfold::event::EventData;
use agentfold::stream::{Record, Stream, Unreadable};
use serde::Serialize;
use wasm_bindgen::prelude::*;

use crate::argument::{Clock, bytes, options_given};
use crate::data::list;
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
/// export. A record that can't be read is returned in its place.
///
/// @example
/// ```js
/// const records = new Records();
/// for (const chunk of chunks) handle(records.push(chunk));
/// handle(records.end());
/// ```
#[wasm_bindgen]
pub struct Records(Stream, Clock);

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
        Ok(Records(Stream::new(&options), Clock::of(&options)))
    }

    /// Adds a chunk. Returns the records that are complete.
    #[wasm_bindgen(unchecked_return_type = "Array<ParsedEvent | Unreadable>")]
    pub fn push(
        &mut self,
        #[wasm_bindgen(unchecked_param_type = "Uint8Array | ArrayBuffer | string")] chunk: &JsValue,
    ) -> Result<JsValue, Thrown> {
        self.0.push(&bytes(chunk, "chunk")?);
        self.told()
    }

    /// Ends the stream. Returns the remaining records. The next chunk begins another stream.
    #[wasm_bindgen(unchecked_return_type = "Array<ParsedEvent | Unreadable>")]
    pub fn end(&mut self) -> Result<JsValue, Thrown> {
        self.0.end();
        let told = self.told();
        self.0.restart();
        told
    }

    fn told(&mut self) -> Result<JsValue, Thrown> {
        self.0.set_now(self.1.now()?);
        let instant = self.0.options().instant;
        let records = std::iter::from_fn(|| {
            Some(match self.0.next()? {
                Record::Event(event) => RecordData::Event(event.to_data(instant)),
                Record::Unreadable(bad) => RecordData::Unreadable(bad.without_bytes()),
            })
        });
        Ok(list(records))
    }
}
