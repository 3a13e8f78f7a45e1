//! Instants in answers and in events.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use super::id::shapes;
use crate::Instant;

impl JsonSchema for Instant {
    fn schema_name() -> Cow<'static, str> {
        "Instant".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "An instant (RFC 3339) in UTC, with 0, 3, 6 or 9 fraction digits.",
            "type": "string",
            "format": "date-time",
            "pattern": concat!(
                "^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])",
                "T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]([.]([0-9]{3}){1,3})?Z$",
            ),
        })
    }
}

shapes! {
    /// An instant in events.
    WireInstant => json_schema!({
        "description": "An instant (RFC 3339), to the nanosecond.",
        "type": "string",
        "format": "date-time",
        "pattern": concat!(
            "^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])",
            "[Tt ]([01][0-9]|2[0-3]):[0-5][0-9]:([0-5][0-9]|60)([.][0-9]+)?",
            "([Zz]|[+-]([01][0-9]|2[0-3]):[0-5][0-9])$",
        ),
    });
}
