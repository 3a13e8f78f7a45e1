//! Many events from a stream of bytes.

use agentfold::event::{EventData, InstantFrom};
use agentfold::stream::{Record, Stream, Unreadable};
use agentfold_unpack::{Damage, Unpacker};
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
    stream: Stream,
    clock: Clock,
    unpacker: Unpacker,
    /// Whether the packed bytes are damaged, so that the rest is dropped.
    damaged: bool,
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
        Ok(Records {
            stream: Stream::new(&options),
            clock: Clock::of(&options),
            unpacker: Unpacker::new(),
            damaged: false,
        })
    }

    /// Adds a chunk. Returns the records that are complete.
    #[wasm_bindgen(unchecked_return_type = "Array<ParsedEvent | Unreadable>")]
    pub fn push(
        &mut self,
        #[wasm_bindgen(unchecked_param_type = "Bytes | string")] chunk: &JsValue,
    ) -> Result<JsValue, Thrown> {
        let (chunk, mut told) = (bytes(chunk, "chunk")?, Vec::new());
        self.stream.set_now(self.clock.now()?);
        let instant = self.stream.options().instant;
        self.unpack(|unpacker, stream| {
            unpacker.push(&chunk, |bytes| {
                stream.push(bytes);
                told.extend(records(stream, instant));
            })
        });
        list(told.into_iter())
    }

    /// Ends the stream. Returns the remaining records. The next chunk begins another stream.
    #[wasm_bindgen(unchecked_return_type = "Array<ParsedEvent | Unreadable>")]
    pub fn end(&mut self) -> Result<JsValue, Thrown> {
        self.stream.set_now(self.clock.now()?);
        let instant = self.stream.options().instant;
        self.unpack(|unpacker, stream| unpacker.end(|bytes| stream.push(bytes)));
        self.stream.end();
        let told: Vec<_> = records(&mut self.stream, instant).collect();
        self.stream.restart();
        (self.unpacker, self.damaged) = (Unpacker::new(), false);
        list(told.into_iter())
    }
}

impl Records {
    /// Unpacks bytes, unless those before were damaged.
    fn unpack(&mut self, unpack: impl FnOnce(&mut Unpacker, &mut Stream) -> Result<(), Damage>) {
        if self.damaged {
            return;
        }
        if let Err(Damage { words, at }) = unpack(&mut self.unpacker, &mut self.stream) {
            self.stream.end_damaged(words, at);
            self.damaged = true;
        }
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
