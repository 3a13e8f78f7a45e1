//! [`Told`]: the result of reading many records.

use agentfold::Counts;
use agentfold::stream::{Unreadable, UnreadableCodes};
use wasm_bindgen::prelude::*;

use crate::data::data;
use crate::thrown::Thrown;

#[wasm_bindgen(raw_module = "../src/read.js")]
extern "C" {
    /// Returns the result of `Fold.read`. Takes numbers instead of JSON, because every delivery pays
    /// for this call.
    #[wasm_bindgen(js_name = told)]
    fn read_told(
        applied: f64,
        late: f64,
        duplicate: f64,
        expired: f64,
        ignored: f64,
        limit: f64,
        unreadable: f64,
        records: &JsValue,
        changes: &JsValue,
    ) -> JsValue;
}

/// How many records had each outcome, and those that could not be read.
#[derive(Default)]
pub(crate) struct Told {
    pub(crate) counts: Counts,
    unreadable: Vec<Unreadable<'static>>,
    codes: UnreadableCodes,
}

impl Told {
    /// Notes a record that could not be read.
    pub(crate) fn note(&mut self, bad: Unreadable<'_>) {
        if self.codes.add(&bad) {
            self.unreadable.push(bad.without_bytes());
        }
    }

    /// Converts the result, with changes unless they are undefined.
    pub(crate) fn data(&self, changes: &JsValue) -> Result<JsValue, Thrown> {
        let records = match self.unreadable.is_empty() {
            true => JsValue::UNDEFINED,
            false => data(&(&self.unreadable, &self.codes))?,
        };
        let Counts { applied, late, duplicate, expired, ignored, limit, unreadable } = self.counts;
        Ok(read_told(
            applied as f64,
            late as f64,
            duplicate as f64,
            expired as f64,
            ignored as f64,
            limit as f64,
            unreadable as f64,
            &records,
            changes,
        ))
    }
}
