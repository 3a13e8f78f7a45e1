//! Conversion of results to plain data.

use std::io::{self, Write};

use agentfold::{Applied, Change};
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

#[wasm_bindgen(raw_module = "../src/read.js")]
extern "C" {
    /// Returns the result of `Fold.apply` with changes.
    #[wasm_bindgen(js_name = applied)]
    fn applied_of(json: &str) -> JsValue;
}

/// Changes without what those of one event have in common.
struct Rows<'a>(&'a [Change]);

impl Serialize for Rows<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.iter().map(|change| {
            let Change { track, part, from, to, .. } = change;
            (change.label(), track.aspect(), part, track.channel(), track.work_item_id(), from, to)
        }))
    }
}

/// Converts the result of an event. JSON of whole changes would be three times as long.
pub(crate) fn applied(applied: &Applied) -> JsValue {
    let Applied { outcome, changes } = applied;
    let Some(Change { agent, at, .. }) = changes.first() else {
        return data(applied);
    };
    let mut json = Vec::with_capacity(512);
    write(&mut json, &(outcome.as_str(), agent.account_id, agent.agent_id, at, Rows(changes)));
    applied_of(&String::from_utf8(json).expect("INVARIANT: JSON is UTF-8"))
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
