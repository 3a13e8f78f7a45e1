//! Stand-ins for what tells of people.

use wasm_bindgen::prelude::*;

use crate::argument::{bytes, id, options, text};
use crate::thrown::Thrown;

/// Replaces the ids of accounts, agents, groups and work items, and free text, by stand-ins that a key
/// decides: the same for the same, always, and nobody without the key can tell from what.
#[wasm_bindgen]
pub struct Scrubber(agentfold::scrub::Scrubber);

#[wasm_bindgen]
impl Scrubber {
    /// A scrubber with a key of 16 bytes or more, best random ones.
    ///
    /// @throws {AgentfoldError} `short_key`
    #[wasm_bindgen(constructor)]
    pub fn new(
        #[wasm_bindgen(unchecked_param_type = "Uint8Array | string")] key: &JsValue,
    ) -> Result<Scrubber, Thrown> {
        Ok(Scrubber(agentfold::scrub::Scrubber::new(&bytes(key, "key")?)?))
    }

    /// The event with stand-ins, as a JSON text in Zendesk's shape.
    ///
    /// @throws {AgentfoldError} If it is no event.
    pub fn scrub(
        &self,
        #[wasm_bindgen(unchecked_param_type = "EventInput")] event: &JsValue,
        #[wasm_bindgen(js_name = options, unchecked_optional_param_type = "ReadOptions")]
        how: &JsValue,
    ) -> Result<String, Thrown> {
        Ok(self.0.scrub(&options(how)?.parse(&bytes(event, "event")?)?))
    }

    /// The stand-in of an account's id.
    pub fn account(
        &self,
        #[wasm_bindgen(js_name = id, unchecked_param_type = "string")] of: &JsValue,
    ) -> Result<String, Thrown> {
        Ok(self.0.account(id(of, "id")?).to_string())
    }

    /// The stand-in of an agent's id, the same in every account.
    pub fn agent(
        &self,
        #[wasm_bindgen(js_name = id, unchecked_param_type = "string")] of: &JsValue,
    ) -> Result<String, Thrown> {
        Ok(self.0.agent(id(of, "id")?).to_string())
    }

    /// The stand-in of a group's id.
    pub fn group(
        &self,
        #[wasm_bindgen(js_name = id, unchecked_param_type = "string")] of: &JsValue,
    ) -> Result<String, Thrown> {
        Ok(self.0.group(&text(of, "id")?))
    }

    /// The stand-in of a work item's id.
    #[wasm_bindgen(js_name = workItem)]
    pub fn work_item(
        &self,
        #[wasm_bindgen(js_name = id, unchecked_param_type = "string")] of: &JsValue,
    ) -> Result<String, Thrown> {
        Ok(self.0.work_item(&text(of, "id")?))
    }

    /// The stand-in of a unified state's name; Zendesk's own names stay.
    pub fn name(
        &self,
        #[wasm_bindgen(js_name = name, unchecked_param_type = "string")] of: &JsValue,
    ) -> Result<String, Thrown> {
        Ok(self.0.name(&text(of, "name")?))
    }
}
