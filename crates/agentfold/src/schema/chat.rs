//! [`ChatEvent`] and [`ChatPage`]: what the Chat export gives.
//!
//! Source: Zendesk, *Chat incremental agent events*.
#![expect(dead_code, reason = "these types are only shapes")]

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::{Value as Json, json};

use super::id::{WireId, WireNumber, WireTextId, shapes};
use super::instant::WireInstant;
use super::word::ChatStatus;

/// A change of an agent's status, or of the number of chats that it is in.
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

/// What changed: the value before, which need not be stated, and the value after.
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

/// A page of the export when only some `fields` are asked for.
#[derive(JsonSchema)]
pub(super) struct PartialChatPage {
    /// The events, oldest first, with those of their fields that were asked for.
    agent_events: Vec<serde_json::Map<String, Json>>,
    #[serde(flatten)]
    end: PageEnd,
}

/// Where a page ends.
#[derive(JsonSchema)]
struct PageEnd {
    /// How many events are on this page: fewer than `limit` on the last one.
    count: Option<u64>,
    /// The id of the last event.
    end_id: Option<String>,
    /// The time of the last event, in seconds since 1970.
    end_time: Option<Time>,
    /// Where the next page is. It may be there on the last page too.
    next_page: Option<String>,
}

/// The body of an answer with status 400.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(super) struct ExportError {
    /// What kind of problem it is: `InvalidValue` or `StartTimeTooRecent`.
    error: String,
    /// The problem in words.
    description: String,
}

/// An event of a page: as known, or of a field that is not known.
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
        "description": "Seconds since 1970, with a fraction, or microseconds; also as text.",
        "type": ["number", "string"],
    });
    /// A record of a field that is not known.
    OtherChatEvent => json_schema!({
        "description": "A record of another field than the documents know.",
        "type": "object",
        "properties": {
            "field_name": { "type": "string", "not": { "enum": ["status", "engagements"] } },
        },
        "required": ["field_name"],
    });
}

/// The document's sample of an event.
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

/// The document's sample of a page.
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
