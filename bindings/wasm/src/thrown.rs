//! [`Thrown`]: the errors that are thrown, always a JavaScript `AgentfoldError`.

use agentfold::border::Failure;
use wasm_bindgen::prelude::*;

use crate::data::data;

#[wasm_bindgen(raw_module = "../src/error.js")]
extern "C" {
    type AgentfoldError;

    #[wasm_bindgen(constructor)]
    fn new(code: &str, path: &str, message: &str, more: JsValue) -> AgentfoldError;
}

/// An error with its code, path and message, and its other properties.
pub struct Thrown(JsValue);

impl Thrown {
    fn new(failure: &Failure) -> Thrown {
        // Small enough for any host.
        let more = data(failure.more()).unwrap_or_else(|thrown| thrown.0);
        Thrown(AgentfoldError::new(failure.code(), failure.path(), failure.message(), more).into())
    }

    /// An `AgentfoldError` that was made by the host.
    pub(crate) fn by_host(error: JsValue) -> Thrown {
        Thrown(error)
    }

    /// Returns the error for an argument of the wrong type.
    pub(crate) fn argument(name: &str) -> Thrown {
        Failure::argument(name).into()
    }
}

impl<E: Into<Failure>> From<E> for Thrown {
    fn from(error: E) -> Thrown {
        Thrown::new(&error.into())
    }
}

impl From<Thrown> for JsValue {
    fn from(thrown: Thrown) -> JsValue {
        thrown.0
    }
}
