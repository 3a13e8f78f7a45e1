//! Names of agents and groups.

use wasm_bindgen::prelude::*;

use crate::argument::bytes;
use crate::data::data;
use crate::thrown::Thrown;

/// Reads names of agents and groups, for tables and pictures. They are never part of a fold.
///
/// Reads JSON `{id: name}`, whose names are of agents and of groups; JSON with `agents` and `groups`, as this
/// function returns it; pages of Zendesk's `users.json` and `groups.json`, of which only ids and names are kept,
/// and no end users; and CSV with the columns `id` and `name`, and optionally `kind`, which says `agent` or
/// `group`. At most 64 MiB, 100,000 entries, and 1,024 bytes for a name.
///
/// @throws {AgentfoldError} If it is not a table of names: `issues` contains all problems, and none of the names.
/// @example
/// ```js
/// const names = parseNames('{"users": [{"id": 10011, "name": "Ann Lee", "email": "ann@example.com"}]}');
/// console.log(names.agents["10011"] ?? "10011"); // Ann Lee
/// ```
#[wasm_bindgen(js_name = parseNames, unchecked_return_type = "Names")]
pub fn parse_names(
    #[wasm_bindgen(unchecked_param_type = "NamesInput")] names: &JsValue,
) -> Result<JsValue, Thrown> {
    data(&agentfold::names::Names::parse(&bytes(names, "names")?)?)
}
