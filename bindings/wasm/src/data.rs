//! Conversion of results to plain data.

use std::io::{self, Write};

use agentfold::border::Failure;
use agentfold::stream::Unreadable;
use agentfold::{Applied, Change};
use js_sys::{Array, JSON};
use serde::Serialize;
use serde_json::Serializer;
use serde_json::ser::Formatter;
use wasm_bindgen::prelude::*;

use crate::thrown::Thrown;

#[wasm_bindgen(raw_module = "../src/read.js")]
extern "C" {
    /// Returns the result of `Fold.apply`.
    #[wasm_bindgen(catch, js_name = applied)]
    fn applied_of(json: &str) -> Result<JsValue, JsValue>;

    /// Returns the results of `Fold.applyFrom`.
    #[wasm_bindgen(catch, js_name = appliedList)]
    fn applied_list_of(json: &str) -> Result<JsValue, JsValue>;

    /// Adds the elements of an array, given as JSON, to another one.
    #[wasm_bindgen(catch)]
    fn append(array: &Array, json: &str) -> Result<(), JsValue>;
}

/// How many values of a list are converted at once: the module holds little JSON, whatever the list's length.
pub(crate) const PAGE: usize = 256;

/// Converts a value to plain JavaScript data: writes JSON, which the host parses.
pub(crate) fn data(value: &(impl Serialize + ?Sized)) -> Result<JsValue, Thrown> {
    JSON::parse(&json_text(value)).map_err(|_| too_large())
}

/// Converts values to an array.
pub(crate) fn list<T: Serialize>(values: impl Iterator<Item = T>) -> Result<JsValue, Thrown> {
    let (array, mut page) = (Array::new(), Vec::new());
    for (i, value) in values.enumerate() {
        if i % PAGE == 0 {
            end(&mut page, &array)?;
        }
        page.push(if page.is_empty() { b'[' } else { b',' });
        write(&mut page, &value);
    }
    end(&mut page, &array)?;
    Ok(array.into())
}

/// Adds the values of a page to an array, and begins the next page.
fn end(page: &mut Vec<u8>, array: &Array) -> Result<(), Thrown> {
    if page.is_empty() {
        return Ok(());
    }
    page.push(b']');
    append(array, &text(std::mem::take(page))).map_err(|_| too_large())
}

#[cold]
fn too_large() -> Thrown {
    let message =
        "the answer is larger than this host can hold: ask for less, or for its rows one by one";
    Failure::new("too_large", String::new(), message.to_owned()).into()
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

/// Converts the result of an event.
pub(crate) fn applied(applied: &Applied) -> Result<JsValue, Thrown> {
    let mut json = Vec::with_capacity(512);
    write_applied(&mut json, applied);
    applied_of(&text(json)).map_err(|_| too_large())
}

/// Results of events, and of records that are not events.
#[derive(Default)]
pub(crate) struct AppliedList(Vec<u8>);

impl AppliedList {
    pub(crate) fn add(&mut self, applied: &Applied) {
        self.separate();
        write_applied(&mut self.0, applied);
    }

    pub(crate) fn add_unreadable(&mut self, bad: &Unreadable<'_>) {
        self.separate();
        write(&mut self.0, bad);
    }

    /// Converts them to an array.
    pub(crate) fn data(mut self) -> Result<JsValue, Thrown> {
        if self.0.is_empty() {
            return Ok(Array::new().into());
        }
        self.0.push(b']');
        applied_list_of(&text(self.0)).map_err(|_| too_large())
    }

    fn separate(&mut self) {
        self.0.push(if self.0.is_empty() { b'[' } else { b',' });
    }
}

/// Writes the result of an event. JSON of whole changes would be three times as long.
fn write_applied(json: &mut Vec<u8>, applied: &Applied) {
    let Applied { outcome, changes } = applied;
    match changes.first() {
        None => write(json, applied),
        Some(Change { agent, at, .. }) => {
            let what = outcome.as_str();
            write(json, &(what, agent.account_id, agent.agent_id, at, Rows(changes)));
        }
    }
}

/// Writes a value as JSON.
pub(crate) fn json_text(value: &(impl Serialize + ?Sized)) -> String {
    let mut json = Vec::with_capacity(512);
    write(&mut json, value);
    text(json)
}

fn write(json: &mut Vec<u8>, value: &(impl Serialize + ?Sized)) {
    let written = value.serialize(&mut Serializer::with_formatter(json, HostsNumbers));
    written.expect("INVARIANT: the core's data is JSON");
}

fn text(json: Vec<u8>) -> String {
    String::from_utf8(json).expect("INVARIANT: JSON is UTF-8")
}

/// Lets the host write ratios, because the tables that this needs take ten kilobytes.
struct HostsNumbers;

impl Formatter for HostsNumbers {
    fn write_f64<W: Write + ?Sized>(&mut self, to: &mut W, number: f64) -> io::Result<()> {
        let text = JSON::stringify(&number.into()).map(String::from);
        to.write_all(text.expect("INVARIANT: a number is JSON").as_bytes())
    }
}
