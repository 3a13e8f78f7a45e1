//! Conversion of results to plain data.

use std::io::{self, Write};

use js_sys::JSON;
use serde::Serialize;
use serde_json::Serializer;
use serde_json::ser::Formatter;
use wasm_bindgen::prelude::*;

/// Converts a value to plain JavaScript data: writes JSON, which the host parses.
pub(crate) fn data(value: &(impl Serialize + ?Sized)) -> JsValue {
    let mut json = Vec::new();
    write(&mut json, value);
    parsed(json)
}

/// Converts values to an array, one at a time.
pub(crate) fn list<T: Serialize>(values: impl Iterator<Item = T>) -> JsValue {
    let mut json = Vec::from(b"[");
    for (i, value) in values.enumerate() {
        json.extend_from_slice(if i == 0 { b"" } else { b"," });
        write(&mut json, &value);
    }
    json.push(b']');
    parsed(json)
}

fn write(json: &mut Vec<u8>, value: &(impl Serialize + ?Sized)) {
    let written = value.serialize(&mut Serializer::with_formatter(json, HostsNumbers));
    written.expect("INVARIANT: the core's data is JSON");
}

fn parsed(json: Vec<u8>) -> JsValue {
    let json = String::from_utf8(json).expect("INVARIANT: JSON is UTF-8");
    JSON::parse(&json).expect_throw("the text is too long for this host")
}

/// Lets the host write ratios, because the tables that this needs take ten kilobytes.
struct HostsNumbers;

impl Formatter for HostsNumbers {
    fn write_f64<W: Write + ?Sized>(&mut self, to: &mut W, number: f64) -> io::Result<()> {
        let text = JSON::stringify(&number.into()).map(String::from);
        to.write_all(text.expect("INVARIANT: a number is JSON").as_bytes())
    }
}
