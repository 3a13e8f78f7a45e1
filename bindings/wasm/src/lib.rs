//! agentfold for JavaScript: names, conversions and errors. It contains no rule about agents.
//!
//! Arguments are bytes and text. Results are plain data: JSON text that the host parses. Ids and
//! instants are strings. Errors are thrown as an `AgentfoldError` with `code`, `path` and `message`.
//! `types.d.ts` has the types.

pub mod alert;
mod argument;
pub mod buckets;
mod chunks;
mod columns;
mod data;
pub mod event;
pub mod export;
pub mod fold;
pub mod names;
mod packed;
pub mod reading;
pub mod records;
pub mod scrubber;
mod thrown;
mod told;
pub mod webhook;

use wasm_bindgen::prelude::*;

#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = include_str!("../types.d.ts");
