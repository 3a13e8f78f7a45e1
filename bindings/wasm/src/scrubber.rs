//! Pseudonyms for ids and free text.

use wasm_bindgen::prelude::*;

use crate::argument::{bytes, id, options, text};
use crate::thrown::Thrown;

/// Replaces the ids of accounts, agents, groups and work items, and free text, by pseudonyms that
/// depend on a key. The same value always gets the same pseudonym. Without the key, the value can't be
/// found.
#[wasm_bindgen]
pub struct Scrubber(agentfold::scrub::Scrubber);

#[wasm_bindgen]
impl Scrubber {
    /// Creates a scrubber with a key of at least 16 bytes. Use random bytes.
    ///
    /// @throws {AgentfoldError} `short_key`
    #[wasm_bindgen(constructor)]
    pub fn new(
        #[wasm_bindgen(unchecked_param_type = "Bytes | string")] key: &JsValue,
    ) -> Result<Scrubber, Thrown> {
        Ok(Scrubber(agentfold::scrub::Scrubber::new(&bytes(key, "key")?)?))
    }

    /// Returns an event with pseudonyms, as JSON text in Zendesk's format.
    ///
    /// @throws {AgentfoldError} If it is not an event.
    pub fn scrub(
        &self,
        #[wasm_bindgen(unchecked_param_type = "EventInput")] event: &JsValue,
        #[wasm_bindgen(js_name = options, unchecked_optional_param_type = "ReadOptions")]
        how: &JsValue,
    ) -> Result<String, Thrown> {
        Ok(self.0.scrub(&options(how)?.parse(&bytes(event, "event")?)?))
    }

    /// Returns the pseudonym of an account id.
    pub fn account(
        &self,
        #[wasm_bindgen(js_name = id, unchecked_param_type = "string")] of: &JsValue,
    ) -> Result<String, Thrown> {
        Ok(self.0.account(id(of, "id")?).to_string())
    }

    /// Returns the pseudonym of an agent id, the same in every account.
    pub fn agent(
        &self,
        #[wasm_bindgen(js_name = id, unchecked_param_type = "string")] of: &JsValue,
    ) -> Result<String, Thrown> {
        Ok(self.0.agent(id(of, "id")?).to_string())
    }

    /// Returns the pseudonym of a group id.
    pub fn group(
        &self,
        #[wasm_bindgen(js_name = id, unchecked_param_type = "string")] of: &JsValue,
    ) -> Result<String, Thrown> {
        Ok(self.0.group(&text(of, "id")?))
    }

    /// Returns the pseudonym of a work item id.
    #[wasm_bindgen(js_name = workItem)]
    pub fn work_item(
        &self,
        #[wasm_bindgen(js_name = id, unchecked_param_type = "string")] of: &JsValue,
    ) -> Result<String, Thrown> {
        Ok(self.0.work_item(&text(of, "id")?))
    }

    /// Returns the pseudonym of a unified state's name. Zendesk's own names are kept.
    pub fn name(
        &self,
        #[wasm_bindgen(js_name = name, unchecked_param_type = "string")] of: &JsValue,
    ) -> Result<String, Thrown> {
        Ok(self.0.name(&text(of, "name")?))
    }
}
