//! Plain data out.

use agentfold::Agent;
use js_sys::JSON;
use serde::Serialize;
use wasm_bindgen::prelude::*;

/// A value as JavaScript's plain data: a text that the host parses.
pub(crate) fn data(value: &(impl Serialize + ?Sized)) -> JsValue {
    let json = serde_json::to_string(value).expect("INVARIANT: what the core tells is JSON");
    parsed(&json)
}

/// Many values, told one at a time, as an array.
pub(crate) fn list<T: Serialize>(values: impl Iterator<Item = T>) -> JsValue {
    let mut json = String::from("[");
    for (i, value) in values.enumerate() {
        json.push_str(if i == 0 { "" } else { "," });
        json += &serde_json::to_string(&value).expect("INVARIANT: what the core tells is JSON");
    }
    json.push(']');
    parsed(&json)
}

fn parsed(json: &str) -> JsValue {
    JSON::parse(json).expect_throw("a text that is too long for this host")
}

/// An agent, its ids as texts.
#[derive(Serialize)]
pub(crate) struct AgentData {
    account_id: String,
    agent_id: String,
}

impl From<Agent> for AgentData {
    fn from(agent: Agent) -> AgentData {
        let Agent { account_id, agent_id } = agent;
        AgentData { account_id: account_id.to_string(), agent_id: agent_id.to_string() }
    }
}
