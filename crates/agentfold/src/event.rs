//! [`Event`]: one record of either feed, read.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use crate::issue::{Code, Issue};
use crate::kind::Kind;
use crate::{Agent, Instant};

/// One record of either feed, borrowed from the text it was read from.
///
/// Known types have their fields; what is not known is kept as it came, so that parse, print, parse
/// gives the same event. Sources: Zendesk's *Agent Availability Events* and *Chat incremental agent
/// events*.
///
/// ```
/// use agentfold::Event;
/// use agentfold::event::Body;
///
/// let text = br#"{"account_id": 2, "detail": {"agent_id": "10011", "version": "3"},
///     "event": {"updated_at": "2023-04-05T23:30:58Z", "channel": "support"},
///     "id": "01GX79ST1QX01C889XV42S2J5Z", "type": "zen:event-type:agent.channel_created"}"#;
/// let event = Event::parse(text).expect("a good event");
/// assert_eq!(event.agent().expect("known").agent_id, 10011);
/// let Event::Availability(availability) = &event else { panic!("a webhook") };
/// assert_eq!(availability.body, Body::ChannelCreated { channel: "support".into() });
/// assert_eq!(Event::parse(event.to_json().as_bytes()).as_ref(), Ok(&event));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event<'a> {
    /// A webhook delivery of one of the nine agent types.
    Availability(Availability<'a>),
    /// A record of the Chat incremental export.
    Chat(Chat<'a>),
    /// A webhook of a type, or a chat record of a field, that this library does not know.
    Unknown(Unknown<'a>),
}

/// A webhook delivery about an agent's availability.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Availability<'a> {
    /// The envelope's account, where it has one.
    pub account_id: Option<u64>,
    /// Whom the event is about.
    pub detail: Detail,
    /// The change itself.
    pub body: Body<'a>,
    /// When the change happened.
    pub updated_at: Instant,
    /// The event's id, usually a ULID.
    pub id: Cow<'a, str>,
    /// Usually `zen:agent:` and the agent's id.
    pub subject: Option<Cow<'a, str>>,
    /// When the event was issued.
    pub time: Option<Instant>,
    /// The version of the payload's schema, `2022-11-06` in the documents.
    pub zendesk_event_version: Option<Cow<'a, str>>,
    /// Fields that the documents do not have, by path.
    pub unknown_fields: Vec<UnknownField<'a>>,
}

/// Whom an availability event is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Detail {
    /// The account; where it is missing, the envelope's stands in.
    pub account_id: Option<u64>,
    /// The agent.
    pub agent_id: u64,
    /// The agent's version, which rises with its events.
    pub version: Option<u64>,
}

/// What an availability event says, by type.
///
/// A previous value is `None` where it was absent or null: not stated.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Body<'a> {
    /// `agent.state_changed`: the state on one channel.
    #[expect(missing_docs, reason = "the fields are the document's")]
    StateChanged {
        channel: Cow<'a, str>,
        previous_state: Option<Cow<'a, str>>,
        new_state: Cow<'a, str>,
    },
    /// `agent.work_item_added`: an item was offered or assigned.
    #[expect(missing_docs, reason = "the fields are the document's")]
    WorkItemAdded { work_item_id: Cow<'a, str>, channel: Cow<'a, str>, reason: Cow<'a, str> },
    /// `agent.work_item_updated`: an item's reason changed, or its channel.
    #[expect(missing_docs, reason = "the fields are the document's")]
    WorkItemUpdated {
        work_item_id: Cow<'a, str>,
        channel: Cow<'a, str>,
        previous_reason: Option<Cow<'a, str>>,
        reason: Cow<'a, str>,
    },
    /// `agent.work_item_removed`: an item left the agent.
    #[expect(missing_docs, reason = "the fields are the document's")]
    WorkItemRemoved {
        work_item_id: Cow<'a, str>,
        channel: Cow<'a, str>,
        reason: Option<Cow<'a, str>>,
    },
    /// `agent.max_capacity_changed`: how many items an agent may have, for each channel named.
    #[expect(missing_docs, reason = "the fields are the document's")]
    MaxCapacityChanged { max_capacity: Vec<Capacity<'a>> },
    /// `agent.unified_state_changed`: the agent's overall status.
    #[expect(missing_docs, reason = "the fields are the document's")]
    UnifiedStateChanged {
        previous_unified_state: Option<UnifiedState<'a>>,
        new_unified_state: UnifiedState<'a>,
    },
    /// `agent.channel_created`: the agent gained access to a channel.
    #[expect(missing_docs, reason = "the fields are the document's")]
    ChannelCreated { channel: Cow<'a, str> },
    /// `agent.channel_deleted`: the agent lost access to a channel.
    #[expect(missing_docs, reason = "the fields are the document's")]
    ChannelDeleted { channel: Cow<'a, str> },
    /// `agent.groups_updated`: the agent's groups.
    #[expect(missing_docs, reason = "the fields are the document's")]
    GroupsUpdated {
        previous_group_ids: Option<Vec<Cow<'a, str>>>,
        new_group_ids: Vec<Cow<'a, str>>,
    },
}

/// The maximum capacity of one channel, in items.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Capacity<'a> {
    /// The channel.
    pub channel: Cow<'a, str>,
    /// The maximum now; `None` for no limit.
    pub current: Option<u64>,
    /// The maximum before: `None` if not stated, `Some(None)` for no limit.
    pub previous: Option<Option<u64>>,
}

/// A unified state: an agent's overall status.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnifiedState<'a> {
    /// The state's id.
    pub id: Cow<'a, str>,
    /// The state's name, in any language.
    pub name: Option<Cow<'a, str>>,
    /// Why the agent is in it.
    pub reason: Option<Cow<'a, str>>,
}

/// A record of the Chat incremental export.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chat<'a> {
    /// The account.
    pub account_id: u64,
    /// The agent.
    pub agent_id: u64,
    /// What changed.
    pub field: ChatField<'a>,
    /// The event's id: `<time in base 62>.agent:<agent_id>.<random>`.
    pub id: Cow<'a, str>,
    /// When the change happened.
    pub timestamp: Instant,
    /// Fields that the document does not have, by path.
    pub unknown_fields: Vec<UnknownField<'a>>,
}

/// What a chat record says, by `field_name`.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ChatField<'a> {
    /// `status`: offline, online, away or invisible.
    #[expect(missing_docs, reason = "the fields are the document's")]
    Status { previous_value: Option<Cow<'a, str>>, value: Cow<'a, str> },
    /// `engagements`: the number of chats at once.
    #[expect(missing_docs, reason = "the fields are the document's")]
    Engagements { previous_value: Option<u64>, value: u64 },
}

/// A webhook of an unknown type, or a chat record of an unknown field, kept as it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unknown<'a> {
    /// The type, or the field's name, as it came.
    pub kind: Cow<'a, str>,
    /// The agent and version, where the detail names them.
    pub about: Option<(Agent, Option<u64>)>,
    /// The whole event as JSON text.
    pub json: Cow<'a, str>,
}

/// A field that the documents do not have, kept as it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownField<'a> {
    /// Where it stood: a JSON Pointer into the event.
    pub path: String,
    /// Its value as JSON text.
    pub json: Cow<'a, str>,
}

/// Which field says when a change happened.
///
/// The documents' property table could be read so that work item updates repeat the time at which
/// the item was added; should that prove true, [`InstantFrom::Time`] orders by the envelope.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InstantFrom {
    /// `event.updated_at`.
    #[default]
    UpdatedAt,
    /// The envelope's `time`. Chat records keep their `timestamp`.
    Time,
}

/// How long after its envelope an event may be dated, in seconds.
const FUTURE_TOLERANCE: i64 = 24 * 3600;

impl Event<'_> {
    /// The agent it is about, where it names one.
    pub fn agent(&self) -> Option<Agent> {
        match self {
            Event::Availability(event) => Some(event.agent()),
            Event::Chat(event) => Some(event.agent()),
            Event::Unknown(event) => event.about.map(|(agent, _)| agent),
        }
    }

    /// The word for what changed: the event type without its prefix, such as `agent.state_changed`; for
    /// the chat feed the field's name, `status` or `engagements`. `None` for a type that is not known.
    ///
    /// ```
    /// let event = agentfold::Event::parse(br#"{"account_id": 2, "agent_id": 7, "field_name": "status",
    ///     "id": "x", "timestamp": "2018-10-19T12:33:50Z", "value": "away"}"#);
    /// assert_eq!(event.expect("a good event").kind(), Some("status"));
    /// ```
    pub fn kind(&self) -> Option<&'static str> {
        Kind::of(self).map(Kind::name)
    }

    /// The fields that the documents do not have; an unknown type has none, since all of it is kept.
    pub fn unknown_fields(&self) -> &[UnknownField<'_>] {
        match self {
            Event::Availability(event) => &event.unknown_fields,
            Event::Chat(event) => &event.unknown_fields,
            Event::Unknown(_) => &[],
        }
    }

    /// The agent's version that it tells, 0 for none.
    pub(crate) fn version(&self) -> u64 {
        match self {
            Event::Availability(event) => event.detail.version.unwrap_or(0),
            Event::Chat(_) => 0,
            Event::Unknown(event) => event.about.and_then(|(_, version)| version).unwrap_or(0),
        }
    }

    /// The instant of the change, taken as `from` says; `None` for a type that is not known.
    ///
    /// # Errors
    /// `future_instant` if the change is dated more than 24 hours after the envelope's `time`, or
    /// after the time in a chat id; `missing_field` if `time` is asked for and not there.
    ///
    /// ```
    /// use agentfold::{Code, Event};
    /// use agentfold::event::InstantFrom;
    ///
    /// let event = Event::parse(br#"{"account_id": 2, "detail": {"agent_id": "7"}, "id": "a",
    ///     "event": {"updated_at": "2026-01-05T09:00:00Z", "channel": "support"},
    ///     "type": "zen:event-type:agent.channel_created"}"#).expect("a good event");
    /// let at = event.at(InstantFrom::UpdatedAt).expect("not in the future").expect("known");
    /// assert_eq!(at.to_string(), "2026-01-05T09:00:00Z");
    /// assert_eq!(event.at(InstantFrom::Time).expect_err("no time").code, Code::MissingField);
    /// ```
    pub fn at(&self, from: InstantFrom) -> Result<Option<Instant>, Issue> {
        match self {
            Event::Availability(event) => event.at(from).map(Some),
            Event::Chat(event) => event.at().map(Some),
            Event::Unknown(_) => Ok(None),
        }
    }
}

impl Availability<'_> {
    /// The agent it is about: the detail's account decides, the envelope's stands in.
    pub fn agent(&self) -> Agent {
        let account_id = self.detail.account_id.or(self.account_id).unwrap_or_default();
        Agent::new(account_id, self.detail.agent_id)
    }

    fn at(&self, from: InstantFrom) -> Result<Instant, Issue> {
        match (from, self.time) {
            (InstantFrom::Time, Some(time)) => Ok(time),
            (InstantFrom::Time, None) => Err(Issue::new(
                Code::MissingField,
                "/time",
                "`time` is missing, which is to date the change",
            )),
            (InstantFrom::UpdatedAt, Some(time))
                if self.updated_at.is_past(time, FUTURE_TOLERANCE) =>
            {
                let message = "the change is dated more than 24 hours after the event was issued";
                Err(Issue::new(Code::FutureInstant, "/event/updated_at", message))
            }
            (InstantFrom::UpdatedAt, _) => Ok(self.updated_at),
        }
    }
}

impl Chat<'_> {
    /// The agent it is about.
    pub fn agent(&self) -> Agent {
        Agent::new(self.account_id, self.agent_id)
    }

    fn at(&self) -> Result<Instant, Issue> {
        match ChatId::parse(&self.id) {
            Some(id) if self.timestamp.is_past(id.made_at, FUTURE_TOLERANCE) => {
                let message = "the change is dated more than 24 hours after its id was made";
                Err(Issue::new(Code::FutureInstant, "/timestamp", message))
            }
            _ => Ok(self.timestamp),
        }
    }
}

/// What the id of a chat record tells: when it was made, and for whom.
pub(crate) struct ChatId<'a> {
    pub(crate) made_at: Instant,
    pub(crate) agent_id: &'a str,
}

impl<'a> ChatId<'a> {
    /// Reads `<7 base62 digits of epoch milliseconds>.agent:<agent_id>.<random>`.
    pub(crate) fn parse(id: &'a str) -> Option<ChatId<'a>> {
        let (time, rest) = id.split_once('.')?;
        let (agent_id, _random) = rest.strip_prefix("agent:")?.split_once('.')?;
        if time.len() != 7 {
            return None;
        }
        let millis = time.bytes().try_fold(0_u64, |sum, byte| {
            let digit = match byte {
                b'0'..=b'9' => byte - b'0',
                b'A'..=b'Z' => byte - b'A' + 10,
                b'a'..=b'z' => byte - b'a' + 36,
                _ => return None,
            };
            Some(sum * 62 + u64::from(digit))
        })?;
        let nanos = u32::try_from(millis % 1000).ok()? * 1_000_000;
        let made_at = Instant::from_unix(i64::try_from(millis / 1000).ok()?, nanos)?;
        Some(ChatId { made_at, agent_id })
    }
}
