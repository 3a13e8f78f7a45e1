//! Single events: parsed, checked, printed, and as CloudEvents.

use agentfold::Options;
use wasm_bindgen::prelude::*;

use crate::argument::{bytes, options};
use crate::data::data;
use crate::thrown::Thrown;

/// Parses one event of either feed: its bytes or text as received, or an object.
///
/// Prefer the bytes: `JSON.parse` loses digits of ids above 2^53.
///
/// @throws {AgentfoldError} If it is not an event: `issues` contains all problems.
/// @example
/// ```js
/// const parsed = parseEvent('{"account_id": 2, "agent_id": 7, "field_name": "status", "id": "a", ' +
///   '"timestamp": "2018-10-19T12:33:50Z", "value": "away"}');
/// if (parsed.kind === "status") console.log(parsed.event.value); // away
/// ```
#[wasm_bindgen(js_name = parseEvent, unchecked_return_type = "ParsedEvent")]
pub fn parse_event(
    #[wasm_bindgen(unchecked_param_type = "EventInput")] event: &JsValue,
    #[wasm_bindgen(js_name = options, unchecked_optional_param_type = "ReadOptions")] how: &JsValue,
) -> Result<JsValue, Thrown> {
    let (bytes, options) = (bytes(event, "event")?, options(how)?);
    data(&options.parse(&bytes)?.to_data(options.instant))
}

/// Returns all problems of one event: errors first, then by path. An event without errors can be
/// applied.
#[wasm_bindgen(js_name = checkEvent, unchecked_return_type = "Issue[]")]
pub fn check_event(
    #[wasm_bindgen(unchecked_param_type = "EventInput")] event: &JsValue,
    #[wasm_bindgen(js_name = options, unchecked_optional_param_type = "ReadOptions")] how: &JsValue,
) -> Result<JsValue, Thrown> {
    data(&options(how)?.check(&bytes(event, "event")?))
}

/// Returns an event as a CloudEvent 1.0 in JSON; `null` for an unknown type. The result is text, so
/// that ids keep all digits. Every function that reads events accepts it.
///
/// @throws {AgentfoldError} If it is not an event.
#[wasm_bindgen(js_name = toCloudEvent, unchecked_return_type = "string | null")]
pub fn to_cloud_event(
    #[wasm_bindgen(unchecked_param_type = "EventInput")] event: &JsValue,
    #[wasm_bindgen(js_name = options, unchecked_optional_param_type = "ReadOptions")] how: &JsValue,
) -> Result<JsValue, Thrown> {
    let (bytes, options) = (bytes(event, "event")?, options(how)?);
    let cloud = options.parse(&bytes)?.to_cloud_event();
    Ok(cloud.map_or(JsValue::NULL, |text| text.into()))
}

/// Returns an event as JSON text in Zendesk's own format: ids are numbers where Zendesk writes numbers.
/// Parsing the text gives an equal event.
///
/// @throws {AgentfoldError} If it is not an event.
#[wasm_bindgen(js_name = printEvent)]
pub fn print_event(
    #[wasm_bindgen(unchecked_param_type = "EventInput")] event: &JsValue,
    #[wasm_bindgen(js_name = options, unchecked_optional_param_type = "ReadOptions")] how: &JsValue,
) -> Result<String, Thrown> {
    let (bytes, options): (_, Options) = (bytes(event, "event")?, options(how)?);
    Ok(options.parse(&bytes)?.to_json())
}
