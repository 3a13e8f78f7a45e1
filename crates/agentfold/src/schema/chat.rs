//! [`ChatEvent`] and [`ChatPage`]: records and pages of the Chat export.
//!
//! Source: Zendesk, *Chat incremental agent events*.
#![expect(dead_code, reason = "these types are only shapes")]

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::{Value as Json, json};

use super::id::{WireId, WireNumber, WireTextId, shapes};
use super::instant::WireInstant;
use super::word::ChatStatus;

/// A change of an agent's status, or of its number of chats at once.
#[derive(JsonSchema)]
#[schemars(extend("examples" = [sample_event()]))]
pub(super) struct ChatEvent {
    /// The agent's account id.
    account_id: WireId,
    /// The agent's unique identifier.
    agent_id: WireId,
    /// The event's unique identifier: `<time in base 62>.agent:<agent_id>.<random>`.
    id: WireTextId,
    /// The date and time when the event happened.
    timestamp: WireInstant,
    #[serde(flatten)]
    field: ChatField,
}

/// What changed: the value before, which may be missing, and the value after.
#[derive(JsonSchema)]
#[serde(tag = "field_name", rename_all = "snake_case")]
enum ChatField {
    /// The agent's status.
    Status { previous_value: Option<ChatStatus>, value: ChatStatus },
    /// The number of chats at once.
    Engagements { previous_value: Option<WireNumber>, value: WireNumber },
}

/// A page of the export.
#[derive(JsonSchema)]
#[schemars(extend("examples" = [sample_page()]))]
pub(super) struct ChatPage {
    /// The events, oldest first.
    agent_events: Vec<PageEvent>,
    #[serde(flatten)]
    end: PageEnd,
}

/// A page of the export when only some `fields` are requested.
#[derive(JsonSchema)]
pub(super) struct PartialChatPage {
    /// The events, oldest first, with the requested fields.
    agent_events: Vec<serde_json::Map<String, Json>>,
    #[serde(flatten)]
    end: PageEnd,
}

/// Where a page ends.
#[derive(JsonSchema)]
struct PageEnd {
    /// The number of events on this page. The last page has fewer than `limit`.
    count: Option<u64>,
    /// The id of the last event.
    end_id: Option<String>,
    /// The time of the last event, in seconds since 1970.
    end_time: Option<Time>,
    /// The URL of the next page. The last page may have one too.
    next_page: Option<String>,
}

/// The body of an answer with status 400.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(super) struct ExportError {
    /// What kind of problem it is: `InvalidValue` or `StartTimeTooRecent`.
    error: String,
    /// What is wrong, for people.
    description: String,
}

/// An event of a page, of a known or an unknown field.
struct PageEvent;

impl JsonSchema for PageEvent {
    fn schema_name() -> Cow<'static, str> {
        "PageEvent".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let known = generator.subschema_for::<ChatEvent>();
        let other = generator.subschema_for::<OtherChatEvent>();
        json_schema!({ "anyOf": [known, other] })
    }
}

shapes! {
    /// A time in seconds.
    Time => json_schema!({
        "description": "Seconds since 1970, with an optional fraction, or microseconds; also as text.",
        "type": ["number", "string"],
    });
    /// A record of an unknown field.
    OtherChatEvent => json_schema!({
        "description": "A record of a field that Zendesk's documents do not have.",
        "type": "object",
        "properties": {
            "field_name": { "type": "string", "not": { "enum": ["status", "engagements"] } },
        },
        "required": ["field_name"],
    });
}

/// The sample event in Zendesk's document.
pub(super) fn sample_event() -> Json {
    json!({
        "account_id": 2,
        "agent_id": 980824,
        "field_name": "status",
        "id": "R6vTSXc.agent:980824.WEuQDQ",
        "previous_value": "online",
        "timestamp": "2018-10-19T12:33:50.140101Z",
        "value": "away",
    })
}

/// The sample page in Zendesk's document.
pub(super) fn sample_page() -> Json {
    let engagements = |id: &str, timestamp: &str, previous: u64, value: u64| {
        json!({
            "account_id": 2,
            "agent_id": 980824,
            "field_name": "engagements",
            "id": id,
            "previous_value": previous,
            "timestamp": timestamp,
            "value": value,
        })
    };
    json!({
        "agent_events": [
            sample_event(),
            engagements("R6vTXhl.agent:980824.y7Q4aI", "2018-10-19T12:34:09.989524Z", 0, 1),
            engagements("R6vTZ0i.agent:980824.wpOTDT", "2018-10-19T12:34:15.008359Z", 1, 0),
        ],
        "count": 3,
        "end_id": "R7AfRxf.agent:980824.72oQk1",
        "end_time": 1540176932.8872,
        "next_page": "",
    })
}
