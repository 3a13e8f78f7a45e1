//! [`Unknown`] and [`UnknownField`]: what this library does not know, kept as it was received.

use std::borrow::Cow;

use crate::Agent;

/// A webhook of an unknown type, or a chat record of an unknown field, kept as it was received.
///
/// Only reading makes one, so that its parts always agree.
///
/// ```
/// use agentfold::Event;
///
/// let json = br#"{"detail": {"account_id": 2, "agent_id": 7, "version": 5},
///     "type": "zen:event-type:agent.napped"}"#;
/// let Ok(Event::Unknown(unknown)) = Event::parse(json) else { panic!("an unknown type") };
/// assert_eq!(unknown.name(), "zen:event-type:agent.napped");
/// assert_eq!(unknown.agent().expect("stated").agent_id, 7);
/// assert_eq!(unknown.version(), Some(5));
/// assert_eq!(unknown.json().as_bytes(), json);
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Unknown<'a> {
    pub(crate) name: Cow<'a, str>,
    pub(crate) agent: Option<Agent>,
    pub(crate) version: Option<u64>,
    pub(crate) json: Cow<'a, str>,
}

/// A field that Zendesk's documentation does not have, kept as it was received.
///
/// Only reading makes one.
///
/// ```
/// use agentfold::Event;
///
/// let event = Event::parse(br#"{"account_id": 2, "detail": {"agent_id": "7", "team": ["a"]},
///     "event": {"updated_at": "2026-01-05T09:00:00Z", "channel": "support"}, "id": "a",
///     "type": "zen:event-type:agent.channel_created"}"#)?;
/// let field = &event.unknown_fields()[0];
/// assert_eq!((field.path(), field.json()), ("/detail/team", r#"["a"]"#));
/// # Ok::<(), agentfold::Issues>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct UnknownField<'a> {
    pub(crate) path: String,
    pub(crate) json: Cow<'a, str>,
}

impl Unknown<'_> {
    /// The webhook's `type`, or the chat record's `field_name`, as it was received.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The agent that the event is about, if it states one.
    pub fn agent(&self) -> Option<Agent> {
        self.agent
    }

    /// The agent's version, if the event states one.
    pub fn version(&self) -> Option<u64> {
        self.version
    }

    /// The whole event as JSON text.
    pub fn json(&self) -> &str {
        &self.json
    }
}

impl UnknownField<'_> {
    /// Where the field is: a JSON Pointer (RFC 6901) into the event.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The field's value as JSON text.
    pub fn json(&self) -> &str {
        &self.json
    }
}
