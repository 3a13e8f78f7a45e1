//! The OpenAPI document of the Chat export's endpoint.
//!
//! Source: Zendesk, *Chat incremental agent events*; OpenAPI 3.1.

use schemars::generate::{Contract, SchemaSettings};
use serde_json::{Value as Json, json};

use super::chat::{ChatPage, ExportError, PartialChatPage, sample_page};
use super::{COMPONENTS, generator};
use crate::export::{Endpoint, Limit};

/// The document.
pub(super) fn document() -> Json {
    let settings = SchemaSettings::draft2020_12()
        .with(|settings| settings.definitions_path = COMPONENTS.into());
    let mut generator = generator(settings, Contract::Deserialize);
    let page = generator.subschema_for::<ChatPage>();
    let partial = generator.subschema_for::<PartialChatPage>();
    let error = generator.subschema_for::<ExportError>();
    let schemas = generator.take_definitions(true);

    let path = |id: &str, about: &str| {
        json!({
            "get": {
                "operationId": id,
                "summary": "Incremental export of agent events",
                "description": about,
                "parameters": (["start_time", "start_id", "limit", "fields"].map(
                    |name| json!({ "$ref": format!("#/components/parameters/{name}") })
                )),
                "responses": {
                    "200": { "$ref": "#/components/responses/Page" },
                    "400": { "$ref": "#/components/responses/BadRequest" },
                    "401": { "$ref": "#/components/responses/Unauthorized" },
                    "403": { "$ref": "#/components/responses/Forbidden" },
                    "404": { "$ref": "#/components/responses/NotFound" },
                    "429": { "$ref": "#/components/responses/TooManyRequests" },
                },
            },
        })
    };
    json!({
        "openapi": "3.1.1",
        "info": {
            "title": "Zendesk Chat incremental agent events",
            "version": env!("CARGO_PKG_VERSION"),
            "summary": "Changes of agents' statuses and numbers of chats, oldest first.",
            "description": "The endpoint as Zendesk and agentfold serve it. It is in limited \
                            availability. agentfold is independent of Zendesk, and neither made nor \
                            endorsed by it.",
        },
        "externalDocs": {
            "url": "https://developer.zendesk.com/api-reference/live-chat/chat-api/incremental_agent_events/",
        },
        "servers": [{
            "url": "https://{subdomain}.zendesk.com",
            "variables": { "subdomain": { "default": "example", "description": "The subdomain." } },
        }],
        "security": [{ "basic": [] }, { "bearer": [] }],
        "paths": {
            Endpoint::Chat.path(): path("listChatAgentEvents", "The path that Zendesk uses today."),
            Endpoint::Document.path(): path("listAgentEvents", "The path in Zendesk's document."),
        },
        "components": {
            "parameters": {
                "start_time": {
                    "name": "start_time",
                    "in": "query",
                    "description": "The instant to begin at, inclusive, in seconds since 1970 (with an \
                                    optional fraction) or microseconds. 10^14 or more is microseconds. \
                                    It must be more than five minutes ago.",
                    "schema": { "type": "number", "minimum": 0, "default": 0 },
                },
                "start_id": {
                    "name": "start_id",
                    "in": "query",
                    "description": "The event of the start time after which to begin: the `end_id` of \
                                    the page before.",
                    "schema": { "type": "string", "default": "" },
                },
                "limit": {
                    "name": "limit",
                    "in": "query",
                    "description": "The maximum number of events on a page.",
                    "schema": {
                        "type": "integer",
                        "minimum": 1,
                        "maximum": Limit::MAX.count(),
                        "default": Limit::default().count(),
                    },
                },
                "fields": {
                    "name": "fields",
                    "in": "query",
                    "description": "The fields that events have: all, or those listed.",
                    "schema": {
                        "type": "string",
                        "pattern": "^([*]|agent_events[(]([*]|[A-Za-z0-9_]+(,[A-Za-z0-9_]+)*)[)])$",
                        "default": "*",
                    },
                    "examples": {
                        "all": { "value": "agent_events(*)" },
                        "some": { "value": "agent_events(id,value)" },
                    },
                },
            },
            "responses": {
                "Page": {
                    "description": "A page. It is the last one for now if it has fewer events than \
                                    `limit`. With `fields`, events have only those fields.",
                    "content": { "application/json": {
                        "schema": { "anyOf": [page, partial] },
                        "examples": { "document": {
                            "summary": "The sample of Zendesk's document",
                            "value": sample_page(),
                        } },
                    } },
                },
                "BadRequest": {
                    "description": "A parameter is wrong, or the start is too recent.",
                    "content": { "application/json": {
                        "schema": error,
                        "examples": { "recent": { "value": {
                            "error": "StartTimeTooRecent",
                            "description": "`start_time` must be more than five minutes ago",
                        } } },
                    } },
                },
                "Unauthorized": { "description": "The credentials are wrong." },
                "Forbidden": {
                    "description": "The credentials lack permission. Use an administrator's token with \
                                    the scope to read chat.",
                },
                "NotFound": {
                    "description": "This account does not have the export: it is in limited \
                                    availability.",
                },
                "TooManyRequests": {
                    "description": "Send the request again later.",
                    "headers": { "Retry-After": {
                        "description": "The number of seconds to wait, or an HTTP date (RFC 9110).",
                        "schema": { "type": "string" },
                        "example": "60",
                    } },
                },
            },
            "schemas": schemas,
            "securitySchemes": {
                "basic": {
                    "type": "http",
                    "scheme": "basic",
                    "description": "`{email_address}/token` and an API token.",
                },
                "bearer": { "type": "http", "scheme": "bearer", "description": "An OAuth token." },
            },
        },
    })
}
