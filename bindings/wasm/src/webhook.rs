//! Verifies and parses webhook deliveries.

use agentfold::border::Argument;
use agentfold::webhook::{self, Handled, Headers, Policy, Secret};
use js_sys::{Array, Object, Reflect};
use wasm_bindgen::prelude::*;

use crate::argument::{argument, body, given, headers, instant_or_now, is_left_out, now, text};
use crate::data::data;
use crate::thrown::Thrown;

/// A policy, with the options that only bindings have: the clock, and whether to accept public secrets.
struct PolicyGiven {
    policy: Policy,
    now: Option<agentfold::Instant>,
    for_tests: bool,
}

impl PolicyGiven {
    fn new(policy: &JsValue) -> Result<PolicyGiven, Thrown> {
        if is_left_out(policy) {
            return Ok(PolicyGiven { policy: Policy::default(), now: None, for_tests: false });
        }
        PolicyGiven::of(argument(policy, "policy")?)
    }

    fn of(mut argument: Argument) -> Result<PolicyGiven, Thrown> {
        let now = argument.take("now")?;
        let for_tests = argument.take("for_tests")?.unwrap_or_default();
        Ok(PolicyGiven { policy: argument.read()?, now, for_tests })
    }
}

/// The arguments of every verification.
struct Asked {
    headers: Headers,
    body: Vec<u8>,
    secrets: Vec<Secret>,
    now: agentfold::Instant,
    policy: Policy,
}

impl Asked {
    fn new(
        all: &JsValue,
        body: &JsValue,
        with: &JsValue,
        policy: &JsValue,
    ) -> Result<Asked, Thrown> {
        let PolicyGiven { policy, now: at, for_tests } = PolicyGiven::new(policy)?;
        Ok(Asked {
            headers: headers(all)?.into_iter().collect(),
            body: self::body(body)?,
            secrets: secrets(with, for_tests)?,
            now: at.map_or_else(now, Ok)?,
            policy,
        })
    }
}

/// Reads the secrets one by one and never as JSON, so that all copies are wiped.
fn secrets(value: &JsValue, for_tests: bool) -> Result<Vec<Secret>, Thrown> {
    if !Array::is_array(value) {
        return Err(Thrown::argument("secrets"));
    }
    let secret = |value: JsValue| {
        let text = text(&value, "secrets")?;
        if for_tests { Ok(Secret::for_tests(text)) } else { Ok(Secret::new(text)?) }
    };
    Array::from(value).iter().map(secret).collect()
}

/// Returns the maximum size of a body in bytes, by the options of the package's `receive` that are a policy. A
/// receiver need not read more.
///
/// @internal
#[wasm_bindgen(js_name = maxBytes)]
pub fn max_bytes(
    #[wasm_bindgen(unchecked_param_type = "Policy")] policy: &JsValue,
) -> Result<f64, Thrown> {
    // An empty name: the caller wrote the fields as options of their own.
    let argument = argument(policy, "")?.beside(&["secrets", "fold", "apply"]);
    Ok(PolicyGiven::of(argument)?.policy.read.max_bytes as f64)
}

/// Verifies the signature of a delivery. Returns which secret signed it, and when.
///
/// The signed timestamp must be within `tolerance_seconds` of `now`. Pass the body as received: parsed
/// and written again, it has different bytes.
///
/// @throws {AgentfoldError} If the delivery is refused: `code` is a `FlawCode`. Pass `handled` to
/// `advise`.
#[wasm_bindgen(js_name = verifyWebhook, unchecked_return_type = "Signed")]
pub fn verify(
    #[wasm_bindgen(unchecked_param_type = "HeadersInput")] headers: &JsValue,
    #[wasm_bindgen(unchecked_param_type = "Bytes | string")] body: &JsValue,
    #[wasm_bindgen(unchecked_param_type = "string[]")] secrets: &JsValue,
    #[wasm_bindgen(unchecked_optional_param_type = "Policy")] policy: &JsValue,
) -> Result<JsValue, Thrown> {
    let Asked { headers, body, secrets, now, policy } = Asked::new(headers, body, secrets, policy)?;
    data(&webhook::verify(&headers, &body, &secrets, now, &policy)?)
}

/// Parses the event of a delivery without verifying it.
///
/// @throws {AgentfoldError} If it is not an event: `issues` contains all problems.
#[wasm_bindgen(js_name = parseWebhook, unchecked_return_type = "ParsedEvent")]
pub fn parse(
    #[wasm_bindgen(unchecked_param_type = "Bytes | string")] body: &JsValue,
    #[wasm_bindgen(unchecked_optional_param_type = "Policy")] policy: &JsValue,
) -> Result<JsValue, Thrown> {
    let PolicyGiven { policy, now: at, .. } = PolicyGiven::new(policy)?;
    let now = at.or(policy.read.now).map_or_else(now, Ok)?;
    let policy = policy.with_options(policy.read.with_now(now));
    let body = self::body(body)?;
    data(&webhook::parse(&body, &policy)?.to_data(policy.read.instant))
}

/// Verifies and parses a delivery. Returns the event with its signature.
///
/// @throws {AgentfoldError} If verification fails, or if it is not an event. Pass `handled` to
/// `advise`.
/// @example
/// ```js
/// try {
///   const received = webhook.receive(request.headers, body, [secret]);
///   return new Response(null, { status: webhook.advise(fold.apply(received.event).outcome) });
/// } catch (error) {
///   if (!(error instanceof AgentfoldError)) throw error;
///   return new Response(null, { status: webhook.advise(error.handled) });
/// }
/// ```
#[wasm_bindgen(js_name = receiveWebhook, unchecked_return_type = "Received")]
pub fn receive(
    #[wasm_bindgen(unchecked_param_type = "HeadersInput")] headers: &JsValue,
    #[wasm_bindgen(unchecked_param_type = "Bytes | string")] body: &JsValue,
    #[wasm_bindgen(unchecked_param_type = "string[]")] secrets: &JsValue,
    #[wasm_bindgen(unchecked_optional_param_type = "Policy")] policy: &JsValue,
) -> Result<JsValue, Thrown> {
    let Asked { headers, body, secrets, now, policy } = Asked::new(headers, body, secrets, policy)?;
    let received = webhook::receive(&headers, &body, &secrets, now, &policy)?;
    data(&received.to_data(policy.read.instant))
}

/// Returns the headers with which Zendesk would sign a body, for tests and for webhooks of your own.
/// Default of `at`: the host's clock. Any secret is accepted.
#[wasm_bindgen(js_name = signWebhook, unchecked_return_type = "Record<string, string>")]
pub fn sign(
    #[wasm_bindgen(unchecked_param_type = "Bytes | string")] body: &JsValue,
    #[wasm_bindgen(unchecked_param_type = "string")] secret: &JsValue,
    #[wasm_bindgen(unchecked_optional_param_type = "string")] at: &JsValue,
) -> Result<Object, Thrown> {
    let secret = Secret::for_tests(text(secret, "secret")?);
    let (body, at) = (self::body(body)?, instant_or_now(at, "at")?);
    let headers = Object::new();
    for (name, value) in webhook::sign(&body, &secret, at) {
        Reflect::set(&headers, &name.into(), &value.into())
            .map_err(|_| Thrown::argument("body"))?;
    }
    Ok(headers)
}

/// Returns the flaws of a refused delivery, the decisive one first, and the likely mistake. Use it to
/// find a mistake; do not send the flaws to the sender.
///
/// @throws {AgentfoldError} If a secret is refused.
#[wasm_bindgen(js_name = explainWebhook, unchecked_return_type = "Flaw[]")]
pub fn explain(
    #[wasm_bindgen(unchecked_param_type = "HeadersInput")] headers: &JsValue,
    #[wasm_bindgen(unchecked_param_type = "Bytes | string")] body: &JsValue,
    #[wasm_bindgen(unchecked_param_type = "string[]")] secrets: &JsValue,
    #[wasm_bindgen(unchecked_optional_param_type = "Policy")] policy: &JsValue,
) -> Result<JsValue, Thrown> {
    let Asked { headers, body, secrets, now, policy } = Asked::new(headers, body, secrets, policy)?;
    data(&webhook::explain(&headers, &body, &secrets, now, &policy))
}

/// Returns the HTTP status for the result of a delivery, by Zendesk's rules for retries. `handled` is
/// an outcome of `apply`, the `handled` of an error, or `not_stored`. An error without `handled` is not about the
/// delivery, so `undefined` counts as `not_stored`: Zendesk sends it again.
///
/// @throws {AgentfoldError} `bad_argument` for any other value.
#[wasm_bindgen(js_name = adviseWebhook)]
pub fn advise(
    #[wasm_bindgen(unchecked_param_type = "Handled | undefined")] handled: &JsValue,
) -> Result<u16, Thrown> {
    let handled = match is_left_out(handled) {
        true => Handled::NotStored,
        false => given(handled, "handled")?,
    };
    Ok(webhook::advise(handled))
}
