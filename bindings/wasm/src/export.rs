//! Zendesk's Chat incremental export, pulled and served.

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

/// [`Served`], by the host's clock where `now` is left out.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ServedGiven<'a> {
    url: &'a str,
    now: Option<Instant>,
    #[serde(borrow)]
    end: Option<End<'a>>,
}

/// How [`ExportCursor::take`] moves on.
#[derive(Deserialize, Default)]
#[serde(default, deny_unknown_fields)]
struct TakeGiven {
    now: Option<Instant>,
    jitter: Option<f64>,
}

/// Pulls the Chat incremental export, page by page, without a hole or a repeat. It sends nothing: it
/// says what to ask, and takes what came back.
///
/// Saved by `JSON.stringify` after the events were stored, it goes on after a crash where it was.
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
    /// From an instant on, that instant included.
    ///
    /// @throws {AgentfoldError} `bad_argument`
    #[wasm_bindgen(constructor)]
    pub fn new(
        #[wasm_bindgen(unchecked_param_type = "CursorOptions")] options: &JsValue,
    ) -> Result<ExportCursor, Thrown> {
        let options: CursorOptions = given(options, "options")?;
        Ok(ExportCursor(options.into()))
    }

    /// A cursor as it was saved.
    ///
    /// @throws {AgentfoldError} `bad_argument` if it is none, or of a newer version.
    pub fn from(
        #[wasm_bindgen(unchecked_param_type = "SavedCursor | string")] saved: &JsValue,
    ) -> Result<ExportCursor, Thrown> {
        parsed(saved, "saved").map(ExportCursor)
    }

    /// The cursor as data, to save.
    #[wasm_bindgen(js_name = toJSON, unchecked_return_type = "SavedCursor")]
    pub fn to_json(&self) -> JsValue {
        data(&self.0)
    }

    /// How many events were handed out.
    #[wasm_bindgen(getter, js_name = handedOut)]
    pub fn handed_out(&self) -> f64 {
        self.0.handed_out() as f64
    }

    /// From when on it asks next; all before was handed out.
    #[wasm_bindgen(getter, js_name = startTime)]
    pub fn start_time(&self) -> String {
        self.0.start_time().to_string()
    }

    /// What to do next: a request, by GET, or a wait. By the host's clock where `now` is left out.
    #[wasm_bindgen(unchecked_return_type = "ExportRequest | Pause")]
    pub fn next(
        &self,
        #[wasm_bindgen(unchecked_optional_param_type = "string")] now: &JsValue,
    ) -> Result<JsValue, Thrown> {
        Ok(data(&self.0.next(instant_or_now(now, "now")?)))
    }

    /// Takes the reply to the request, and moves on if it is a page; what passes answers how long to
    /// wait.
    ///
    /// @throws {AgentfoldError} Whose code is a `RefusalCode`, if to ask again would not help; the
    /// cursor stays as it was.
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
        Ok(data(&self.0.take(&reply, now, jitter)?))
    }

    /// Says that no reply came, and answers how long to wait.
    #[wasm_bindgen(unchecked_return_type = "Pause")]
    pub fn lost(
        &mut self,
        #[wasm_bindgen(js_name = jitter, unchecked_optional_param_type = "number")] given: &JsValue,
    ) -> Result<JsValue, Thrown> {
        Ok(data(&Taken::Pause(self.0.lost(jitter(given)?))))
    }
}

/// Answers a query as the endpoint of Zendesk's Chat incremental export does: status 200 and a page, or
/// 400 and an error. `events` are events of the Chat export in the order of their instants.
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
    #[wasm_bindgen(unchecked_param_type = "Uint8Array | string | ChatEvent[]")] events: &JsValue,
    #[wasm_bindgen(unchecked_param_type = "Served")] served: &JsValue,
) -> Result<JsValue, Thrown> {
    let (query, events) = (text(query, "query")?, bytes(events, "events")?);
    let served = argument(served, "served")?;
    let ServedGiven { url, now: at, end } = served.read()?;
    let now = at.map_or_else(now, Ok)?;
    let chats = chats("events", &events)?;
    let events = chats.iter().map(Exported::from);
    let answered = export::answer(&query, events, &Served { url, now, end });
    Ok(data(&answered))
}

/// What `tellChat` told before and would tell otherwise now, by time: pairs of one id. Only what lies at
/// `told_until` or before, as far as was told then, is compared.
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
    Ok(list(corrections.iter().map(ToldCorrection::to_data)))
}
