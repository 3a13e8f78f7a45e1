//! [`TrackValue`]: what a track can hold.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use super::id::shapes;

shapes! {
    /// The value of a track, as data.
    TrackValue => json_schema!({
        "description": "The value of a track: null for none or no limit, an access, a number of \
                        items or chats, a state, status, reason or instant, groups, a unified state, \
                        or what happened to a work item.",
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
    });
}
