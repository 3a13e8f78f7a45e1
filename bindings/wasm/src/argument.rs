//! What callers hand over, checked: a wrong argument is an error, never a wrong answer.

use agentfold::{Agent, Instant, Options};
use js_sys::{Array, ArrayBuffer, Date, JSON, Math, Uint8Array};
use serde::de::DeserializeOwned;
use wasm_bindgen::prelude::*;

use crate::given::Given;
use crate::thrown::Thrown;

#[wasm_bindgen(raw_module = "../src/headers.js")]
extern "C" {
    /// Names and values, one after the other, of headers in any of the forms that hosts have.
    #[wasm_bindgen(catch, js_name = namesAndValues)]
    fn names_and_values(headers: &JsValue) -> Result<Array, JsValue>;
}

/// Bytes or a text as they are, anything else as its JSON.
pub(crate) fn bytes(value: &JsValue, name: &str) -> Result<Vec<u8>, Thrown> {
    if let Some(bytes) = value.dyn_ref::<Uint8Array>() {
        return Ok(bytes.to_vec());
    }
    if let Some(text) = value.as_string() {
        return Ok(text.into_bytes());
    }
    if value.is_instance_of::<ArrayBuffer>() {
        return Ok(Uint8Array::new(value).to_vec());
    }
    Ok(json(value, name)?.into_bytes())
}

/// Data as the core has it; of a text or bytes, what is in their JSON.
pub(crate) fn parsed<T: DeserializeOwned>(value: &JsValue, name: &str) -> Result<T, Thrown> {
    let text = String::from_utf8(bytes(value, name)?).map_err(|_| Thrown::argument(name))?;
    read(&text, name)
}

/// Data as the core has it.
pub(crate) fn given<T: DeserializeOwned>(value: &JsValue, name: &str) -> Result<T, Thrown> {
    read(&json(value, name)?, name)
}

/// The host reads JSON, so that the module need not hold what reads numbers of any form.
fn read<T: DeserializeOwned>(json: &str, name: &str) -> Result<T, Thrown> {
    let plain = JSON::parse(json).map_err(|_| Thrown::argument(name))?;
    T::deserialize(Given(plain)).map_err(|_| Thrown::argument(name))
}

/// The same of what may be left out.
pub(crate) fn given_or_default<T: DeserializeOwned + Default>(
    value: &JsValue,
    name: &str,
) -> Result<T, Thrown> {
    if is_left_out(value) { Ok(T::default()) } else { given(value, name) }
}

pub(crate) fn options(value: &JsValue) -> Result<Options, Thrown> {
    given_or_default(value, "options")
}

pub(crate) fn text(value: &JsValue, name: &str) -> Result<String, Thrown> {
    value.as_string().ok_or_else(|| Thrown::argument(name))
}

pub(crate) fn instant(value: &JsValue, name: &str) -> Result<Instant, Thrown> {
    parse_instant(&text(value, name)?, name)
}

/// An instant; by the host's clock where it is left out.
pub(crate) fn instant_or_now(value: &JsValue, name: &str) -> Result<Instant, Thrown> {
    match is_left_out(value) {
        true => now(),
        false => instant(value, name),
    }
}

pub(crate) fn now() -> Result<Instant, Thrown> {
    parse_instant(&String::from(Date::new_0().to_iso_string()), "now")
}

pub(crate) fn parse_instant(text: &str, name: &str) -> Result<Instant, Thrown> {
    let wrong = |error: agentfold::BadInstant| {
        Thrown::new("bad_instant", &format!("/{name}"), &format!("`{name}` is {error}"))
    };
    text.parse().map_err(wrong)
}

pub(crate) fn id(value: &JsValue, name: &str) -> Result<u64, Thrown> {
    parse_id(&text(value, name)?, name)
}

pub(crate) fn parse_id(text: &str, name: &str) -> Result<u64, Thrown> {
    let wrong = |_| {
        let message = format!("`{name}` is an id, which is a whole number as a string");
        Thrown::new("bad_id", &format!("/{name}"), &message)
    };
    text.parse().map_err(wrong)
}

/// An agent, or anything that names one: a state, a change, a row.
pub(crate) fn agent(value: &JsValue) -> Result<Agent, Thrown> {
    let id = |name| id(&field(value, name)?, name);
    Ok(Agent::new(id("account_id")?, id("agent_id")?))
}

/// A field of an object.
pub(crate) fn field(object: &JsValue, name: &str) -> Result<JsValue, Thrown> {
    js_sys::Reflect::get(object, &name.into()).map_err(|_| Thrown::argument(name))
}

/// A part of chance from 0 to 1; the host's where it is left out.
pub(crate) fn jitter(value: &JsValue) -> Result<f64, Thrown> {
    match is_left_out(value) {
        true => Ok(Math::random()),
        false => value.as_f64().ok_or_else(|| Thrown::argument("jitter")),
    }
}

pub(crate) fn headers(value: &JsValue) -> Result<Vec<(String, String)>, Thrown> {
    let all = names_and_values(value).map_err(|_| Thrown::argument("headers"))?;
    let texts: Option<Vec<String>> = all.iter().map(|text| text.as_string()).collect();
    let texts = texts.ok_or_else(|| Thrown::argument("headers"))?;
    Ok(texts.chunks_exact(2).map(|pair| (pair[0].clone(), pair[1].clone())).collect())
}

pub(crate) fn is_left_out(value: &JsValue) -> bool {
    value.is_undefined() || value.is_null()
}

pub(crate) fn json(value: &JsValue, name: &str) -> Result<String, Thrown> {
    let text = JSON::stringify(value).map_err(|_| Thrown::argument(name))?;
    text.as_string().ok_or_else(|| Thrown::argument(name))
}
