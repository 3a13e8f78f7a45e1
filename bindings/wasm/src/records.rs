//! Many events from a stream of bytes.

use agentfold::Options;
use agentfold::event::EventData;
use agentfold::stream::{Next, Record, Unreadable};
use serde::Serialize;
use wasm_bindgen::prelude::*;

use crate::argument::{bytes, options};
use crate::data::list;
use crate::thrown::Thrown;

#[derive(Serialize)]
#[serde(untagged)]
enum RecordData {
    Event(EventData),
    Unreadable(Unreadable<'static>),
}

/// Finds and reads the events in a stream of bytes, in chunks of any size: one object, NDJSON, objects
/// one after another, a JSON array, or pages of the Chat export, told apart by looking. What can't be
/// read is told in its place.
///
/// @example
/// ```js
/// const records = new Records();
/// for (const chunk of chunks) handle(records.push(chunk));
/// handle(records.end());
/// ```
#[wasm_bindgen]
pub struct Records {
    options: Options,
    records: agentfold::stream::Records,
    /// What is not used yet.
    rest: Vec<u8>,
}

#[wasm_bindgen]
impl Records {
    /// A reader at the beginning of a stream.
    ///
    /// @throws {AgentfoldError} `bad_argument`
    #[wasm_bindgen(constructor)]
    pub fn new(
        #[wasm_bindgen(js_name = options, unchecked_optional_param_type = "ReadOptions")]
        how: &JsValue,
    ) -> Result<Records, Thrown> {
        let options = options(how)?;
        Ok(Records {
            options,
            records: agentfold::stream::Records::new(&options),
            rest: Vec::new(),
        })
    }

    /// Takes the next bytes, and tells the records that are whole by now.
    #[wasm_bindgen(unchecked_return_type = "Array<ParsedEvent | Unreadable>")]
    pub fn push(
        &mut self,
        #[wasm_bindgen(unchecked_param_type = "Uint8Array | ArrayBuffer | string")] chunk: &JsValue,
    ) -> Result<JsValue, Thrown> {
        let more = bytes(chunk, "chunk")?;
        match self.rest.is_empty() {
            true => self.rest = more,
            false => self.rest.extend(more),
        }
        Ok(self.told(false))
    }

    /// Says that the stream is at its end, and tells the records that are left. The next bytes begin
    /// another stream.
    #[wasm_bindgen(unchecked_return_type = "Array<ParsedEvent | Unreadable>")]
    pub fn end(&mut self) -> JsValue {
        let told = self.told(true);
        self.records = agentfold::stream::Records::new(&self.options);
        told
    }

    fn told(&mut self, end: bool) -> JsValue {
        let mut from = 0;
        let records = std::iter::from_fn(|| {
            let (used, next) = self.records.next(&self.rest[from..], end);
            from += used;
            match next {
                Next::Item(Record::Event(event)) => {
                    Some(RecordData::Event(event.to_data(self.options.instant)))
                }
                Next::Item(Record::Unreadable(bad)) => {
                    Some(RecordData::Unreadable(bad.without_bytes()))
                }
                Next::More | Next::End => None,
            }
        });
        let told = list(records);
        self.rest.drain(..from);
        told
    }
}
