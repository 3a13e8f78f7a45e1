//! Tracks and their values.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use crate::{Track, TrackValue};

impl JsonSchema for Track {
    fn schema_name() -> Cow<'static, str> {
        "Track".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A track in the contract's form: `state[support]`, `work_item[7]@talk`.",
            "type": "string",
            "examples": ["state[support]", "work_item[7]@talk"],
        })
    }
}

impl JsonSchema for TrackValue {
    fn schema_name() -> Cow<'static, str> {
        "TrackValue".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "The value of a track: null for none or no limit, an access, a number of \
                            items or chats, a state, status, reason or instant, groups, a unified state, \
                            or a work item's.",
            "anyOf": [
                { "type": ["null", "boolean", "string"] },
                { "type": "integer", "minimum": 0 },
                { "type": "array", "items": { "type": "string" } },
                {
                    "type": "object",
                    "properties": {
                        "id": { "type": "string" },
                        "name": { "type": ["string", "null"] },
                        "reason": { "type": ["string", "null"] },
                    },
                    "required": ["id", "name", "reason"],
                    "additionalProperties": false,
                },
                {
                    "type": "object",
                    "properties": {
                        "open": { "type": "boolean" },
                        "reason": { "type": ["string", "null"] },
                    },
                    "required": ["open", "reason"],
                    "additionalProperties": false,
                },
            ],
        })
    }
}
