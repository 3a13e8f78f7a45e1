//! Events as CloudEvents 1.0, in structured JSON.

use serde::Serialize;
use serde_json::value::RawValue;

use crate::event::Event;
use crate::{Agent, Instant};

/// A CloudEvent's attributes, in the order in which they are written.
#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(deny_unknown_fields))]
pub(crate) struct CloudEvent<'a> {
    specversion: &'static str,
    id: &'a str,
    source: String,
    #[serde(rename = "type")]
    kind: String,
    subject: String,
    time: Instant,
    #[serde(skip_serializing_if = "Option::is_none")]
    sequence: Option<String>,
    datacontenttype: &'static str,
    #[cfg_attr(feature = "schema", schemars(with = "crate::schema::PlainEvent"))]
    data: &'a RawValue,
}

impl Event<'_> {
    /// Prints the event as a CloudEvent 1.0 in structured JSON.
    ///
    /// Returns `None` for an event of an unknown type, which has no instant, and for one that states no
    /// account.
    ///
    /// - `source` is the agent, such as `/zendesk/accounts/2/agents/10011`;
    /// - `sequence` is the agent's version, padded with zeros so that texts sort like numbers;
    /// - `time` is the instant of the change;
    /// - `data` is the event as [`Event::to_json`] prints it.
    ///
    /// Every reader of this library accepts CloudEvents, alone or in a stream. It reads the event from
    /// `data` and ignores the other attributes.
    ///
    /// Source: CloudEvents 1.0.2, and its extension *sequence*.
    ///
    /// ```
    /// use agentfold::Event;
    ///
    /// let text = br#"{"account_id":2,"agent_id":7,"field_name":"status","id":"x",
    ///     "previous_value":"away","timestamp":"2018-10-19T12:33:50Z","value":"online"}"#;
    /// let event = Event::parse(text)?;
    /// let cloud = event.to_cloud_event().expect("of a known type");
    /// assert!(cloud.starts_with(
    ///     r#"{"specversion":"1.0","id":"x","source":"/zendesk/accounts/2/agents/7","#));
    /// assert_eq!(Event::parse(cloud.as_bytes())?, event);
    /// # Ok::<(), agentfold::Issues>(())
    /// ```
    pub fn to_cloud_event(&self) -> Option<String> {
        let Agent { account_id, agent_id } = self.agent()?;
        let (id, time) = match self {
            Event::Availability(event) => (&event.id, event.updated_at),
            Event::Chat(event) => (&event.id, event.timestamp),
            Event::Unknown(_) => return None,
        };
        let feed = if matches!(self, Event::Chat(_)) { "chat.agent_event." } else { "" };
        let json = self.to_json();
        let cloud = CloudEvent {
            specversion: "1.0",
            id,
            source: format!("/zendesk/accounts/{account_id}/agents/{agent_id}"),
            kind: format!("com.zendesk.{feed}{}", self.kind()?),
            subject: format!("zen:agent:{agent_id}"),
            time,
            sequence: Some(self.version()).filter(|v| *v > 0).map(|v| format!("{v:020}")),
            datacontenttype: "application/json",
            data: serde_json::from_str(&json).ok()?,
        };
        serde_json::to_string(&cloud).ok()
    }
}
