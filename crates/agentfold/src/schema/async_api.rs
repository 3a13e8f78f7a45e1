//! The AsyncAPI document of the webhooks.
//!
//! Source: Zendesk, *Agent Availability Events* and *Verifying webhook authenticity*; AsyncAPI 3.0.

use schemars::generate::{Contract, SchemaSettings};
use schemars::transform::RemoveRefSiblings;
use serde_json::{Map, Value as Json, json};

use super::webhook::{Message, messages};
use super::{COMPONENTS, generator};
use crate::webhook::{ACCOUNT_HEADER, SIGNATURE_HEADER, TIMESTAMP_HEADER};

/// The document.
pub(super) fn document() -> Json {
    // AsyncAPI's own schemas are of draft 7, where a `$ref` has no other keys beside it.
    let settings = SchemaSettings::draft07()
        .with(|settings| settings.definitions_path = COMPONENTS.into())
        .with_transform(RemoveRefSiblings::default());
    let mut generator = generator(settings, Contract::Deserialize);
    let messages = messages(&mut generator);
    let mut schemas = generator.take_definitions(true);
    schemas.insert("Headers".to_owned(), headers());

    let name = |message: &Message| message.kind.as_str().trim_start_matches("agent.").to_owned();
    let refer = |place: &str| {
        let refer =
            |message| (name(message), json!({ "$ref": format!("#/{place}/{}", name(message)) }));
        messages.iter().map(refer).collect::<Map<String, Json>>()
    };
    let of_channel = refer("components/messages");
    let of_operation: Vec<Json> =
        refer("channels/deliveries/messages").into_iter().map(|(_, message)| message).collect();
    let components: Map<String, Json> = messages.iter().map(|m| (name(m), message(m))).collect();
    json!({
        "asyncapi": "3.0.0",
        "id": "urn:agentfold:asyncapi",
        "info": {
            "title": "Zendesk agent availability webhooks",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "Zendesk's webhooks about its agents, one event a delivery, as agentfold \
                            reads them. Unknown fields, types and words are not errors. Deliveries are \
                            best effort: they may be duplicated, late, out of order or lost. agentfold \
                            is independent of Zendesk, and neither made nor endorsed by it.",
            "externalDocs": {
                "url": "https://developer.zendesk.com/api-reference/webhooks/event-types/agent-availability-events/",
            },
        },
        "defaultContentType": "application/json",
        "channels": {
            "deliveries": {
                "title": "Deliveries",
                "description": "The URL that the webhook was created with.",
                "address": null,
                "messages": of_channel,
            },
        },
        "operations": {
            "receive": {
                "action": "receive",
                "channel": { "$ref": "#/channels/deliveries" },
                "title": "Receive a delivery",
                "description": "Answer within 12 seconds: 200 if the event was understood, even if it \
                                is a duplicate, late or of an unknown type; 400 if the body is not an \
                                event; 401 if it is not trusted; 409 if it could not be stored, which \
                                Zendesk retries up to three times; 413 if it is too large. Zendesk does \
                                not retry after a 500.",
                "bindings": { "http": { "method": "POST", "bindingVersion": "0.3.0" } },
                "messages": of_operation,
            },
        },
        "components": { "messages": components, "schemas": schemas },
    })
}

fn message(message: &Message) -> Json {
    let name = message.kind.as_str();
    json!({
        "name": name,
        "title": name,
        "summary": message.about,
        "contentType": "application/json",
        "headers": { "$ref": "#/components/schemas/Headers" },
        "payload": message.payload,
        "examples": [{ "summary": "The sample of Zendesk's document", "payload": message.sample }],
    })
}

fn headers() -> Json {
    json!({
        "description": "The headers of a delivery. Their names may be in any case.",
        "type": "object",
        "properties": {
            SIGNATURE_HEADER: {
                "description": format!(
                    "The signature: the padded base64 of the HMAC-SHA256 of the text of \
                     `{TIMESTAMP_HEADER}`, directly followed by the raw body. The key is the text of \
                     the webhook's secret. Compare it in constant time."
                ),
                "type": "string",
                "pattern": "^[A-Za-z0-9+/]{43}=$",
            },
            TIMESTAMP_HEADER: {
                "description": "When it was signed (RFC 3339). Refuse times that are minutes from now.",
                "type": "string",
                "format": "date-time",
            },
            ACCOUNT_HEADER: {
                "description": "The account. The header is not signed; the event's own account is.",
                "type": "string",
                "pattern": "^[0-9]+$",
            },
            "x-zendesk-webhook-id": { "description": "The webhook's id.", "type": "string" },
            "x-zendesk-webhook-invocation-id": {
                "description": "The delivery's id.",
                "type": "string",
            },
        },
        "required": [SIGNATURE_HEADER, TIMESTAMP_HEADER],
    })
}
