//! What callers hand over, checked: a wrong argument is an error, never a wrong answer.

use agentfold::border::{self, Argument};
use agentfold::{Agent, Id, Instant, Options};
use js_sys::{Array, ArrayBuffer, Date, JSON, Math, Uint8Array};
use serde::de::DeserializeOwned;
use serde_wasm_bindgen::Deserializer;
use wasm_bindgen::prelude::*;

use crate::thrown::Thrown;

#[wasm_bindgen(raw_module = "../src/headers.js")]
extern "C" {
    /// Names and values, one after the other, of headers in any of the forms that hosts have.
    #[wasm_bindgen(catch, js_name = namesAndValues)]
    fn names_and_values(headers: &JsValue) -> Result<Array, JsValue>;
}

/// Bytes or a text as they are, anything else as its JSON.
pub(crate) fn bytes(value: &JsValue, name: &str) -> Result<Vec<u8>, Thrown> {
    match raw(value) {
        Some(bytes) => Ok(bytes),
        None => Ok(json(value, name)?.into_bytes()),
    }
}

/// Bytes or a text.
fn raw(value: &JsValue) -> Option<Vec<u8>> {
    if let Some(bytes) = value.dyn_ref::<Uint8Array>() {
        return Some(bytes.to_vec());
    }
    if value.is_instance_of::<ArrayBuffer>() {
        return Some(Uint8Array::new(value).to_vec());
    }
    value.as_string().map(String::into_bytes)
}

/// Data as the core has it; of a text or bytes, what is in their JSON, which the host reads.
pub(crate) fn parsed<T: DeserializeOwned>(
    value: &JsValue,
    name: &'static str,
) -> Result<T, Thrown> {
    let Some(bytes) = raw(value) else {
        return given(value, name);
    };
    let text = String::from_utf8(bytes).map_err(|_| Thrown::argument(name))?;
    given(&JSON::parse(&text).map_err(|_| Thrown::argument(name))?, name)
}

/// Data as the core has it.
pub(crate) fn given<T: DeserializeOwned>(value: &JsValue, name: &'static str) -> Result<T, Thrown> {
    Ok(argument(value, name)?.read()?)
}

/// Data, to be read as the core has it.
pub(crate) fn argument(value: &JsValue, name: &'static str) -> Result<Argument, Thrown> {
    Ok(Argument::new(name, Deserializer::from(value.clone()))?)
}

/// The same of what may be left out.
pub(crate) fn given_or_default<T: DeserializeOwned + Default>(
    value: &JsValue,
    name: &'static str,
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
    Ok(border::instant(name, &text(value, name)?)?)
}

/// An instant; by the host's clock where it is left out.
pub(crate) fn instant_or_now(value: &JsValue, name: &str) -> Result<Instant, Thrown> {
    match is_left_out(value) {
        true => now(),
        false => instant(value, name),
    }
}

pub(crate) fn now() -> Result<Instant, Thrown> {
    Ok(border::instant("now", &String::from(Date::new_0().to_iso_string()))?)
}

pub(crate) fn id(value: &JsValue, name: &str) -> Result<Id, Thrown> {
    Ok(border::id(name, &text(value, name)?)?)
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

/// A random number from 0 to 1; the host's where it is left out.
pub(crate) fn jitter(value: &JsValue) -> Result<f64, Thrown> {
    match is_left_out(value) {
        true => Ok(chance()),
        false => value.as_f64().ok_or_else(|| Thrown::argument("jitter")),
    }
}

/// A random number of the host's, from 0 to 1.
pub(crate) fn chance() -> f64 {
    Math::random()
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
