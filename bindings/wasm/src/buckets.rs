//! The buckets of reports, by the host's tables of time zones.

use agentfold::Instant;
use agentfold::report::{BadLength, Buckets, Every};
use serde::{Deserialize, Serialize};
use wasm_bindgen::prelude::*;

use crate::argument::{field, instant, is_left_out, text};
use crate::data::data;
use crate::thrown::Thrown;

#[wasm_bindgen(raw_module = "../src/zone.js")]
extern "C" {
    type Clocks;

    fn clocks(tz: &str) -> Option<Clocks>;

    #[wasm_bindgen(method)]
    fn offset(this: &Clocks, second: f64) -> i32;
}

/// Buckets as they cross the border.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct BucketsGiven {
    pub(crate) boundaries: Vec<Instant>,
    pub(crate) as_of: Instant,
}

/// The buckets of a report from one instant to another, which begin at whole times of day on the clocks
/// of a time zone, right across daylight saving, by the host's own tables.
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
    let [from, to, every, tz, as_of] =
        ["from", "to", "every", "tz", "as_of"].map(|name| field(options, name));
    let (from, to, as_of) = (instant(&from?, "from")?, instant(&to?, "to")?, as_of?);
    let as_of = if is_left_out(&as_of) { to } else { instant(&as_of, "as_of")? };
    let every: Every = text(&every?, "every")?.parse().map_err(|error: BadLength| {
        Thrown::new("bad_argument", "/every", &format!("`every` is {error}"))
    })?;
    let tz = tz?;
    let tz = if is_left_out(&tz) { "UTC".to_owned() } else { text(&tz, "tz")? };
    let zone = clocks(&tz).ok_or_else(|| {
        let message = "the host knows no IANA time zone of this name; one is `Europe/Berlin`";
        Thrown::new("unknown_time_zone", "/tz", message)
    })?;
    let offset = |at: Instant| zone.offset(at.unix_seconds() as f64);
    let buckets = Buckets::every(every, &offset, from, to, to).map_err(|error| {
        let path = if from < to { "/every" } else { "/to" };
        Thrown::new(error.code(), path, &error.to_string())
    })?;
    Ok(data(&BucketsGiven { boundaries: buckets.boundaries().to_vec(), as_of }))
}
