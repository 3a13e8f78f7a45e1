//! Ids and numbers in answers and in Zendesk's events.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use crate::Id;

impl JsonSchema for Id {
    fn schema_name() -> Cow<'static, str> {
        "Id".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "An id, as text: JavaScript's numbers would lose digits.",
            "type": "string",
            "pattern": "^(0|[1-9][0-9]{0,19})$",
        })
    }
}

/// Defines types that only have a schema.
macro_rules! shapes {
    ($($(#[$doc:meta])* $name:ident => $schema:expr;)+) => {$(
        $(#[$doc])*
        pub(crate) struct $name;

        impl JsonSchema for $name {
            fn schema_name() -> Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                $schema
            }
        }
    )+};
}
pub(super) use shapes;

shapes! {
    /// An account's or agent's id, or a version, in events.
    WireId => json_schema!({
        "description": "A whole number below 2^64, written as a number or as text.",
        "anyOf": [
            { "type": "integer", "minimum": 0, "maximum": u64::MAX },
            { "type": "string", "pattern": "^[0-9]+$" },
        ],
    });
    /// Any other id in events.
    WireTextId => json_schema!({
        "description": "An id of any form: text, or a whole number.",
        "anyOf": [{ "type": "integer", "minimum": 0 }, { "type": "string" }],
    });
    /// A count in events.
    WireNumber => json_schema!({
        "description": "A whole number below 2^32.",
        "type": "integer",
        "minimum": 0,
        "maximum": u32::MAX,
    });
    /// A capacity in events.
    WireLimit => json_schema!({
        "description": "A number of items, below 2^32; null for no limit.",
        "type": ["integer", "null"],
        "minimum": 0,
        "maximum": u32::MAX,
    });
}
