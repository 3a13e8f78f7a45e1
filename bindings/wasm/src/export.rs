//! Pulls and serves the Chat incremental export.

use agentfold::Instant;
use agentfold::border::chats;
use agentfold::export::{
    self, Cursor, CursorOptions, End, Exported, Reply, Served, Taken, ToldCorrection,
};
use serde::Deserialize;
use wasm_bindgen::prelude::*;

use crate::argument::{
    argument, bytes, chance, field, given, given_or_default, headers, instant, instant_or_now,
    jitter, now, parsed, text,
};
use crate::data::{data, list};
use crate::thrown::Thrown;

/// [`Served`], with the host's clock as the default of `now`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ServedGiven<'a> {
    url: &'a str,
    now: Option<Instant>,
    #[serde(borrow)]
    end: Option<End<'a>>,
}

impl<'a> ServedGiven<'a> {
    pub(crate) fn served(self) -> Result<Served<'a>, Thrown> {
        let ServedGiven { url, now: at, end } = self;
        Ok(Served { url, now: at.map_or_else(now, Ok)?, end })
    }
}

/// The options of [`ExportCursor::take`].
#[derive(Deserialize, Default)]
#[serde(default, deny_unknown_fields)]
struct TakeGiven {
    now: Option<Instant>,
    jitter: Option<f64>,
}

/// The position of a pull of the Chat export. It returns each request to send and handles the reply, so
/// that no event is missed or repeated. It sends nothing itself.
///
/// Store the events of a page, then save the cursor with `JSON.stringify`. A pull then continues after
/// a crash where it was.
///
/// @example
/// ```js
/// const cursor = new ExportCursor({ since: "2018-10-01T00:00:00Z" });
/// const step = cursor.next();
/// if (step.step === "request") {
///   const reply = await fetch(`https://${host}${step.path}?${step.query}`, { headers });
///   const taken = cursor.take({ host, status: reply.status, headers: reply.headers,
///     body: await reply.arrayBuffer() });
/// }
/// ```
#[wasm_bindgen]
pub struct ExportCursor(Cursor);

#[wasm_bindgen]
impl ExportCursor {
    /// Creates a cursor that begins at an instant, inclusive.
    ///
    /// @throws {AgentfoldError} `bad_argument`
    #[wasm_bindgen(constructor)]
    pub fn new(
        #[wasm_bindgen(unchecked_param_type = "CursorOptions")] options: &JsValue,
    ) -> Result<ExportCursor, Thrown> {
        let options: CursorOptions = given(options, "options")?;
        Ok(ExportCursor(options.into()))
    }

    /// Returns a cursor from its saved form.
    ///
    /// @throws {AgentfoldError} `bad_argument` if it is not a saved cursor, or one of a newer version.
    pub fn from(
        #[wasm_bindgen(unchecked_param_type = "SavedCursor | string")] saved: &JsValue,
    ) -> Result<ExportCursor, Thrown> {
        parsed(saved, "saved").map(ExportCursor)
    }

    /// Returns the cursor as data to save.
    #[wasm_bindgen(js_name = toJSON, unchecked_return_type = "SavedCursor")]
    pub fn to_json(&self) -> Result<JsValue, Thrown> {
        data(&self.0)
    }

    /// The number of events returned so far.
    #[wasm_bindgen(getter, js_name = handedOut)]
    pub fn handed_out(&self) -> f64 {
        self.0.handed_out() as f64
    }

    /// The instant from which the next request starts. All earlier events were returned.
    #[wasm_bindgen(getter, js_name = startTime)]
    pub fn start_time(&self) -> String {
        self.0.start_time().to_string()
    }

    /// Returns the next request to send with GET, or how long to wait. Default of `now`: the host's
    /// clock.
    ///
    /// @throws {AgentfoldError} `start_in_future` if the cursor begins after `now`.
    #[wasm_bindgen(unchecked_return_type = "ExportRequest | Pause")]
    pub fn next(
        &self,
        #[wasm_bindgen(unchecked_optional_param_type = "string")] now: &JsValue,
    ) -> Result<JsValue, Thrown> {
        data(&self.0.next(instant_or_now(now, "now")?)?)
    }

    /// Handles the reply to a request. Returns a page and advances, or returns how long to wait if the
    /// failure is temporary.
    ///
    /// @throws {AgentfoldError} If a retry would not help, or did not help several times. `code` is a
    /// `RefusalCode`. The cursor is unchanged.
    #[wasm_bindgen(unchecked_return_type = "ExportPage | Pause")]
    pub fn take(
        &mut self,
        #[wasm_bindgen(unchecked_param_type = "ExportReply")] reply: &JsValue,
        #[wasm_bindgen(unchecked_optional_param_type = "{ now?: string; jitter?: number }")]
        options: &JsValue,
    ) -> Result<JsValue, Thrown> {
        let TakeGiven { now: at, jitter } = given_or_default(options, "options")?;
        let (now, jitter) = (at.map_or_else(now, Ok)?, jitter.unwrap_or_else(chance));
        let host = text(&field(reply, "host")?, "host")?;
        let status = field(reply, "status")?.as_f64().ok_or_else(|| Thrown::argument("status"))?;
        let all = headers(&field(reply, "headers")?)?;
        let all: Vec<(&str, &str)> = all.iter().map(|(name, value)| (&**name, &**value)).collect();
        let body = bytes(&field(reply, "body")?, "body")?;
        let reply = Reply { host: &host, status: status as u16, headers: &all, body: &body };
        data(&self.0.take(&reply, now, jitter)?)
    }

    /// Records that no reply arrived. Returns how long to wait.
    #[wasm_bindgen(unchecked_return_type = "Pause")]
    pub fn lost(
        &mut self,
        #[wasm_bindgen(js_name = jitter, unchecked_optional_param_type = "number")] given: &JsValue,
    ) -> Result<JsValue, Thrown> {
        data(&Taken::Pause(self.0.lost(jitter(given)?)))
    }
}

/// Returns the response of the Chat export endpoint to a query: status 200 and a page, or 400 and an
/// error. `events` are events of the Chat export, sorted by instant.
///
/// @throws {AgentfoldError} `bad_argument`
/// @example
/// ```js
/// const answer = answerExport(url.search.slice(1), fold.tellChat("messaging", from, now), { url, now });
/// return new Response(answer.body, { status: answer.status });
/// ```
#[wasm_bindgen(js_name = answerExport, unchecked_return_type = "{ status: number; body: string }")]
pub fn answer_export(
    #[wasm_bindgen(unchecked_param_type = "string")] query: &JsValue,
    #[wasm_bindgen(unchecked_param_type = "Bytes | string | ChatEvent[]")] events: &JsValue,
    #[wasm_bindgen(unchecked_param_type = "Served")] served: &JsValue,
) -> Result<JsValue, Thrown> {
    let (query, events) = (text(query, "query")?, bytes(events, "events")?);
    let served = argument(served, "served")?;
    let served = served.read::<ServedGiven<'_>>()?.served()?;
    let chats = chats("events", &events)?;
    let events = chats.iter().map(Exported::from);
    data(&export::answer(&query, events, &served))
}

/// Returns the exported events that have changed, as pairs of before and after, sorted by time.
/// Compares only events up to `told_until`, the end of the earlier export.
///
/// @throws {AgentfoldError} `bad_argument`
#[wasm_bindgen(js_name = toldCorrections, unchecked_return_type = "ToldCorrection[]")]
pub fn told_corrections(
    #[wasm_bindgen(unchecked_param_type = "ChatEvent[]")] before: &JsValue,
    #[wasm_bindgen(unchecked_param_type = "ChatEvent[]")] after: &JsValue,
    #[wasm_bindgen(unchecked_param_type = "string")] told_until: &JsValue,
) -> Result<JsValue, Thrown> {
    let (before, after) = (bytes(before, "before")?, bytes(after, "after")?);
    let (before, after) = (chats("before", &before)?, chats("after", &after)?);
    let until = instant(told_until, "told_until")?;
    let corrections = export::told_corrections(&before, &after, until);
    list(corrections.iter().map(ToldCorrection::to_data))
}
