//! [`AnyEvent`]: everything that the reader accepts as one event.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::{Value as Json, json};

use super::chat::{ChatEvent, OtherChatEvent};
use super::webhook::{messages, types};

/// An event of either feed, of a known or unknown type, plain or as the data of a CloudEvent.
pub(super) struct AnyEvent;

/// An event of either feed that is not in a CloudEvent.
pub(crate) struct PlainEvent;

impl JsonSchema for AnyEvent {
    fn schema_name() -> Cow<'static, str> {
        "Event".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let plain = generator.subschema_for::<PlainEvent>();
        json_schema!({
            "description": "An event of either feed that agentfold reads, plain or as the data of a \
                            CloudEvent 1.0.",
            "if": {
                "type": "object",
                "properties": { "specversion": { "type": "string", "pattern": "^1[.]" } },
                "required": ["specversion", "data"],
            },
            "then": { "properties": { "data": plain } },
            "else": plain,
        })
    }
}

impl JsonSchema for PlainEvent {
    fn schema_name() -> Cow<'static, str> {
        "PlainEvent".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let messages = messages(generator);
        let known: Vec<String> = messages.iter().flat_map(|message| types(message.kind)).collect();
        let other = json!({
            "description": "A webhook delivery of a type that Zendesk's documents do not have.",
            "type": "object",
            "properties": { "type": { "type": "string", "not": { "enum": known } } },
            "required": ["type"],
        });
        let chat =
            [generator.subschema_for::<ChatEvent>(), generator.subschema_for::<OtherChatEvent>()];
        // An event with a type is a delivery.
        let chat = json!({ "not": { "required": ["type"] }, "anyOf": chat });
        let payloads = messages.into_iter().map(|message| Json::from(message.payload));
        let all: Vec<Json> = payloads.chain([other, chat]).collect();
        json_schema!({ "description": "An event of either feed.", "anyOf": all })
    }
}
