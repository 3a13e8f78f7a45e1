//! Buckets of reports, by the host's time zone data.

use agentfold::Instant;
use agentfold::border::{self, BucketsData, Failure};
use agentfold::report::Every;
use serde::Deserialize;
use wasm_bindgen::prelude::*;

use crate::argument::given;
use crate::data::data;
use crate::thrown::Thrown;

#[wasm_bindgen(raw_module = "../src/zone.js")]
extern "C" {
    type Clocks;

    fn clocks(tz: &str) -> Option<Clocks>;

    #[wasm_bindgen(method)]
    fn offset(this: &Clocks, second: f64) -> i32;
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct BucketsOptions {
    from: String,
    to: String,
    every: Every,
    tz: Option<String>,
    as_of: Option<String>,
}

/// Returns the buckets of a report between two instants. A bucket begins when the clocks of the time
/// zone show a multiple of the length, also across daylight saving changes. Uses the host's time zone
/// data.
///
/// @throws {AgentfoldError} `bad_instant`, `bad_argument`, `unknown_time_zone`, `not_rising` or
/// `too_many_buckets`.
/// @example
/// ```js
/// const day = buckets({ from: "2026-03-28T23:00:00Z", to: "2026-03-29T22:00:00Z", every: "1h",
///   tz: "Europe/Berlin" });
/// day.boundaries.length; // 24: the day has 23 hours
/// ```
#[wasm_bindgen(unchecked_return_type = "Buckets")]
pub fn buckets(
    #[wasm_bindgen(unchecked_param_type = "BucketsOptions")] options: &JsValue,
) -> Result<JsValue, Thrown> {
    // The fields of the options are the arguments.
    let BucketsOptions { from, to, every, tz, as_of } = given(options, "")?;
    let (from, to) = (border::instant("from", &from)?, border::instant("to", &to)?);
    let as_of = as_of.map(|as_of| border::instant("as_of", &as_of)).transpose()?;
    let zone = clocks(tz.as_deref().unwrap_or("UTC")).ok_or_else(|| {
        let message = "no IANA time zone has this name; an example is `Europe/Berlin`";
        Failure::new("unknown_time_zone", "/tz".to_owned(), message.to_owned())
    })?;
    let offset = |at: Instant| zone.offset(at.unix_seconds() as f64);
    data(&BucketsData::every(every, &offset, from, to, as_of)?)
}
