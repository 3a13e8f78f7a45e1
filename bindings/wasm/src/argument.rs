//! Converts arguments. A wrong argument is an error, never a wrong answer.

use agentfold::border::{self, Argument, Failure};
use agentfold::{Agent, Id, Instant, Options};
use js_sys::{Array, Date, JSON, Math, Uint8Array};
use serde::de::DeserializeOwned;
use serde_wasm_bindgen::Deserializer;
use wasm_bindgen::prelude::*;

use crate::thrown::Thrown;

#[wasm_bindgen(raw_module = "../src/headers.js")]
extern "C" {
    /// Returns the names and values of headers in alternation.
    #[wasm_bindgen(catch, js_name = namesAndValues)]
    fn names_and_values(headers: &JsValue) -> Result<Array, JsValue>;
}

// Their errors are `AgentfoldError`s that name the caller's probable mistake.
#[wasm_bindgen(raw_module = "../src/given.js")]
extern "C" {
    /// Returns the bytes of a buffer or a view of one; `undefined` for plain data.
    #[wasm_bindgen(catch, js_name = bytesOf)]
    fn bytes_of(value: &JsValue, name: &str) -> Result<Option<Uint8Array>, JsValue>;

    /// Returns a copy of plain data.
    #[wasm_bindgen(catch)]
    fn plain(value: &JsValue, name: &str) -> Result<JsValue, JsValue>;

    /// Returns the error for an argument that has a wrong type.
    #[wasm_bindgen(js_name = wrongType)]
    fn wrong_type(value: &JsValue, name: &str) -> JsValue;
}

/// Returns bytes or text unchanged, and objects and arrays of plain data as JSON.
pub(crate) fn bytes(value: &JsValue, name: &str) -> Result<Vec<u8>, Thrown> {
    match raw(value, name)? {
        Some(bytes) => Ok(bytes),
        None if value.is_object() => Ok(json(value, name)?.into_bytes()),
        None => Err(Thrown::by_host(wrong_type(value, name))),
    }
}

/// Returns the body of a delivery, which must be as received.
pub(crate) fn body(value: &JsValue) -> Result<Vec<u8>, Thrown> {
    let name = "body";
    raw(value, name)?.ok_or_else(|| Failure::parsed_body(name).into())
}

/// Returns the bytes of a buffer or text; `None` for plain data.
fn raw(value: &JsValue, name: &str) -> Result<Option<Vec<u8>>, Thrown> {
    if let Some(text) = value.as_string() {
        return Ok(Some(text.into_bytes()));
    }
    let bytes = bytes_of(value, name).map_err(Thrown::by_host)?;
    Ok(bytes.map(|bytes| bytes.to_vec()))
}

/// Reads data into a type of the core. The host parses text and bytes as JSON.
pub(crate) fn parsed<T: DeserializeOwned>(
    value: &JsValue,
    name: &'static str,
) -> Result<T, Thrown> {
    let Some(bytes) = raw(value, name)? else {
        return given(value, name);
    };
    let text = String::from_utf8(bytes).map_err(|_| Thrown::argument(name))?;
    given(&JSON::parse(&text).map_err(|_| Thrown::argument(name))?, name)
}

/// Reads data into a type of the core.
pub(crate) fn given<T: DeserializeOwned>(value: &JsValue, name: &'static str) -> Result<T, Thrown> {
    Ok(argument(value, name)?.read()?)
}

/// Returns data as an [`Argument`], from which types of the core are read.
pub(crate) fn argument(value: &JsValue, name: &'static str) -> Result<Argument, Thrown> {
    let plain = plain(value, name).map_err(Thrown::by_host)?;
    Ok(Argument::new(name, Deserializer::from(plain))?)
}

/// Like [`given`], but returns the default value if the argument is omitted.
pub(crate) fn given_or_default<T: DeserializeOwned + Default>(
    value: &JsValue,
    name: &'static str,
) -> Result<T, Thrown> {
    if is_left_out(value) { Ok(T::default()) } else { given(value, name) }
}

/// Reads the options of a call that reads at once. Default of `now`: the host's clock.
pub(crate) fn options(value: &JsValue) -> Result<Options, Thrown> {
    let options = options_given(value)?;
    Ok(options.with_now(Clock::of(&options).now()?))
}

/// Reads options as they are given.
pub(crate) fn options_given(value: &JsValue) -> Result<Options, Thrown> {
    given_or_default(value, "options")
}

/// The clock that dates are compared with: the option `now`, or the host's clock at each question.
#[derive(Clone, Copy)]
pub(crate) struct Clock(Option<Instant>);

impl Clock {
    pub(crate) fn of(options: &Options) -> Clock {
        Clock(options.now)
    }

    pub(crate) fn now(self) -> Result<Instant, Thrown> {
        self.0.map_or_else(now, Ok)
    }
}

pub(crate) fn text(value: &JsValue, name: &str) -> Result<String, Thrown> {
    value.as_string().ok_or_else(|| Thrown::by_host(wrong_type(value, name)))
}

pub(crate) fn instant(value: &JsValue, name: &str) -> Result<Instant, Thrown> {
    Ok(border::instant(name, &text(value, name)?)?)
}

/// Reads an instant. Default: the host's clock.
pub(crate) fn instant_or_now(value: &JsValue, name: &str) -> Result<Instant, Thrown> {
    match is_left_out(value) {
        true => now(),
        false => instant(value, name),
    }
}

pub(crate) fn now() -> Result<Instant, Thrown> {
    let millis = Date::now();
    let (seconds, millis) = (millis.div_euclid(1000.0), millis.rem_euclid(1000.0));
    let now = Instant::from_unix(seconds as i64, millis as u32 * 1_000_000);
    now.ok_or_else(|| Thrown::argument("now"))
}

pub(crate) fn id(value: &JsValue, name: &str) -> Result<Id, Thrown> {
    Ok(border::id(name, &text(value, name)?)?)
}

/// Reads an agent from any object with both ids, such as a state, a change or a row.
pub(crate) fn agent(value: &JsValue) -> Result<Agent, Thrown> {
    let id = |name| id(&field(value, name)?, name);
    Ok(Agent::new(id("account_id")?, id("agent_id")?))
}

/// Returns a field of an object.
pub(crate) fn field(object: &JsValue, name: &str) -> Result<JsValue, Thrown> {
    js_sys::Reflect::get(object, &name.into()).map_err(|_| Thrown::argument(name))
}

/// Reads a random number from 0 to 1. Default: one from the host.
pub(crate) fn jitter(value: &JsValue) -> Result<f64, Thrown> {
    match is_left_out(value) {
        true => Ok(chance()),
        false => value.as_f64().ok_or_else(|| Thrown::argument("jitter")),
    }
}

/// Returns a random number from 0 to 1, made by the host.
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
