//! [`Thrown`]: what is thrown, always a JavaScript `AgentfoldError`.

use agentfold::export::Refusal;
use agentfold::webhook::{Flaw, Handled, Refused};
use agentfold::{Error, Issues};
use serde_json::{Value as Json, json};
use wasm_bindgen::prelude::*;

use crate::data::data;

#[wasm_bindgen(raw_module = "../src/error.js")]
extern "C" {
    type AgentfoldError;

    #[wasm_bindgen(constructor)]
    fn new(code: &str, path: &str, message: &str, more: JsValue) -> AgentfoldError;
}

/// An error with its code, path and message.
pub struct Thrown(JsValue);

impl Thrown {
    pub(crate) fn new(code: &str, path: &str, message: &str) -> Thrown {
        Thrown::with(code, path, message, &json!({}))
    }

    /// An argument that is not what its type says. Of its value nothing is told.
    pub(crate) fn argument(name: &str) -> Thrown {
        let message = format!("`{name}` is not what its type says");
        Thrown::new("bad_argument", &format!("/{name}"), &message)
    }

    fn with(code: &str, path: &str, message: &str, more: &Json) -> Thrown {
        Thrown(AgentfoldError::new(code, path, message, data(more)).into())
    }

    /// The first issue, with all of them.
    fn issues(issues: &Issues, mut more: Json) -> Thrown {
        more["issues"] = json!(issues);
        let first = issues.first();
        Thrown::with(first.code.as_str(), &first.path, &first.message, &more)
    }
}

impl From<Thrown> for JsValue {
    fn from(thrown: Thrown) -> JsValue {
        thrown.0
    }
}

impl From<Error> for Thrown {
    fn from(error: Error) -> Thrown {
        Thrown::new(error.code(), "", &error.to_string())
    }
}

impl From<Issues> for Thrown {
    fn from(issues: Issues) -> Thrown {
        Thrown::issues(&issues, json!({}))
    }
}

impl From<Flaw> for Thrown {
    fn from(flaw: Flaw) -> Thrown {
        let handled = json!({ "handled": Handled::from(&flaw).as_str() });
        Thrown::with(flaw.code.as_str(), flaw.path, &flaw.message, &handled)
    }
}

impl From<Refused> for Thrown {
    fn from(refused: Refused) -> Thrown {
        let handled = json!({ "handled": Handled::from(&refused).as_str() });
        match refused {
            Refused::Untrusted(flaw) => flaw.into(),
            Refused::NoEvent(issues) => Thrown::issues(&issues, handled),
        }
    }
}

impl From<Refusal> for Thrown {
    fn from(refusal: Refusal) -> Thrown {
        let status = json!({ "status": refusal.status });
        Thrown::with(refusal.code.as_str(), refusal.path, refusal.message, &status)
    }
}
