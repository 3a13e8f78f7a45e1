//! Which alerts to tell, and what to send.

use agentfold::Instant;
use agentfold::alert::{self, Alert, AlertNames, Episode, MessageForm, Turn};
use serde::Deserialize;
use wasm_bindgen::prelude::*;

use crate::argument::{given, given_or_default, instant, now};
use crate::data::{data, json_text};
use crate::thrown::Thrown;

/// Compares the alerts of an instant with those that were reported: what began, what goes on and what ended.
///
/// Each episode is reported at most once, also if a late event changes when it began. Store `told` once the
/// messages are sent, and pass it at the next look; at first it is an empty array. If a message could not be
/// sent, leave its episode out of what you store: it begins again at the next look.
///
/// @throws {AgentfoldError} `bad_argument`, `bad_instant`
/// @example
/// ```js
/// const { began, ended, told } = episodes(stored, fold.alerts(thresholds, at), at);
/// for (const alert of began) await send(alertMessage(alert, "began"));
/// ```
#[wasm_bindgen(unchecked_return_type = "Episodes")]
pub fn episodes(
    #[wasm_bindgen(unchecked_param_type = "Episode[]")] told: &JsValue,
    #[wasm_bindgen(unchecked_param_type = "Alert[]")] alerts: &JsValue,
    #[wasm_bindgen(unchecked_param_type = "string")] at: &JsValue,
) -> Result<JsValue, Thrown> {
    let told: Vec<Episode> = given(told, "told")?;
    let alerts: Vec<Alert> = given(alerts, "alerts")?;
    data(&alert::episodes(&told, alerts, instant(at, "at")?))
}

/// How a message is written.
#[derive(Deserialize, Default)]
#[serde(default, deny_unknown_fields)]
struct MessageGiven {
    form: Option<MessageForm>,
    at: Option<Instant>,
    names: AlertNames,
}

/// Returns the body of an outgoing webhook about an alert: JSON of an `AlertMessage`, or Slack's form.
///
/// Send it with the headers of `webhook.sign`, so that a receiver can verify it with `webhook.verify`, as it
/// verifies Zendesk's webhooks. Slack ignores the signature.
///
/// @throws {AgentfoldError} `bad_argument`
/// @example
/// ```js
/// const body = alertMessage(alert, "began", { form: "slack", names: { agents: { 7: "Ada" } } });
/// const headers = { "content-type": "application/json", ...webhook.sign(body, secret) };
/// await fetch(url, { method: "POST", headers, body });
/// ```
#[wasm_bindgen(js_name = alertMessage)]
pub fn alert_message(
    #[wasm_bindgen(unchecked_param_type = "Alert")] alert: &JsValue,
    #[wasm_bindgen(unchecked_param_type = "Turn")] turn: &JsValue,
    #[wasm_bindgen(unchecked_optional_param_type = "AlertMessageOptions")] options: &JsValue,
) -> Result<String, Thrown> {
    let alert: Alert = given(alert, "alert")?;
    let turn: Turn = given(turn, "turn")?;
    let MessageGiven { form, at, names } = given_or_default(options, "options")?;
    let form = form.unwrap_or(MessageForm::Agentfold);
    Ok(json_text(&alert::message(&alert, turn, form, at.map_or_else(now, Ok)?, &names)))
}
