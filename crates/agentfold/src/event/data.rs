//! [`EventData`]: an event as the data that other languages get.

use serde::ser::Error;
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;

use super::{Event, InstantFrom, Kind};
use crate::{Agent, Instant};

/// An event as the data that JavaScript and Python get: its kind, agent and instant beside its JSON.
///
/// ```
/// use agentfold::Event;
/// use agentfold::event::InstantFrom;
///
/// let event = Event::parse(br#"{"account_id": 2, "agent_id": 7, "field_name": "status",
///     "id": "x", "timestamp": "2018-10-19T12:33:50Z", "value": "away"}"#)?;
/// let data = serde_json::to_value(event.to_data(InstantFrom::UpdatedAt)).expect("data");
/// assert_eq!(data["kind"], "status");
/// assert_eq!(data["agent"]["agent_id"], "7");
/// assert_eq!(data["at"], "2018-10-19T12:33:50Z");
/// assert_eq!(data["event"]["value"], "away");
/// # Ok::<(), agentfold::Issues>(())
/// ```
#[derive(Debug, Clone, Serialize)]
pub struct EventData {
    /// The [`Kind`]'s name; `unknown` for a type that this library does not know.
    pub kind: &'static str,
    /// The agent that the event is about, if it states one.
    pub agent: Option<Agent>,
    /// When the change happened; `None` for an unknown type.
    pub at: Option<Instant>,
    /// The event as [`Event::to_json_with_text_ids`] prints it.
    pub event: EventJson,
}

/// The JSON text of an event. In data, it is the value that the text describes.
#[derive(Debug, Clone)]
pub struct EventJson(String);

impl EventJson {
    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Serialize for EventJson {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let json: &RawValue = serde_json::from_str(&self.0).map_err(S::Error::custom)?;
        json.serialize(serializer)
    }
}

impl Event<'_> {
    /// The event as [`Event::to_json_with_text_ids`] prints it, for serde_json.
    pub fn to_raw(&self) -> Box<RawValue> {
        let json = RawValue::from_string(self.to_json_with_text_ids());
        json.expect("INVARIANT: an event prints as JSON")
    }

    /// The event as data, dated by the field that `from` names.
    pub fn to_data(&self, from: InstantFrom) -> EventData {
        EventData {
            kind: self.kind().map_or("unknown", Kind::as_str),
            agent: self.agent(),
            at: self.at(from).ok().flatten(),
            event: EventJson(self.to_json_with_text_ids()),
        }
    }
}
