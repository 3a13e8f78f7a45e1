//! Single events: read, checked, and as CloudEvents.

use agentfold::{Event, Options};
use serde_json::value::RawValue;
use wasm_bindgen::prelude::*;

use crate::argument::{bytes, options};
use crate::data::data;
use crate::thrown::Thrown;

/// An event in Zendesk's shape, its ids as texts.
pub(crate) fn raw(event: &Event<'_>) -> Box<RawValue> {
    RawValue::from_string(event.to_json_with_text_ids()).expect("INVARIANT: an event is JSON")
}

/// Reads one event of either feed: from its bytes or text, or from an object.
///
/// Give it the bytes as they came where you can: an object that `JSON.parse` made may have lost
/// digits of its ids already.
///
/// @throws {AgentfoldError} If it is no event: `issues` holds all that is wrong with it.
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
    Ok(data(&options.parse(&bytes)?.to_data(options.instant)))
}

/// Says all that is wrong, or strange, with one event: errors first, then by path. An event without
/// errors can be folded.
#[wasm_bindgen(js_name = checkEvent, unchecked_return_type = "Issue[]")]
pub fn check_event(
    #[wasm_bindgen(unchecked_param_type = "EventInput")] event: &JsValue,
    #[wasm_bindgen(js_name = options, unchecked_optional_param_type = "ReadOptions")] how: &JsValue,
) -> Result<JsValue, Thrown> {
    Ok(data(&options(how)?.check(&bytes(event, "event")?)))
}

/// An event as a CloudEvent 1.0 in structured JSON, as a text, so that no digit of an id is lost;
/// `null` for an event of unknown type. All that reads events here reads it back.
///
/// @throws {AgentfoldError} If it is no event.
#[wasm_bindgen(js_name = toCloudEvent, unchecked_return_type = "string | null")]
pub fn to_cloud_event(
    #[wasm_bindgen(unchecked_param_type = "EventInput")] event: &JsValue,
    #[wasm_bindgen(js_name = options, unchecked_optional_param_type = "ReadOptions")] how: &JsValue,
) -> Result<JsValue, Thrown> {
    let (bytes, options) = (bytes(event, "event")?, options(how)?);
    let cloud = options.parse(&bytes)?.to_cloud_event();
    Ok(cloud.map_or(JsValue::NULL, |text| text.into()))
}

/// An event in Zendesk's own shape and spelling, as a JSON text: ids are numbers where Zendesk writes
/// numbers. It can be read again, and equals what was read.
///
/// @throws {AgentfoldError} If it is no event.
#[wasm_bindgen(js_name = printEvent)]
pub fn print_event(
    #[wasm_bindgen(unchecked_param_type = "EventInput")] event: &JsValue,
    #[wasm_bindgen(js_name = options, unchecked_optional_param_type = "ReadOptions")] how: &JsValue,
) -> Result<String, Thrown> {
    let (bytes, options): (_, Options) = (bytes(event, "event")?, options(how)?);
    Ok(options.parse(&bytes)?.to_json())
}
