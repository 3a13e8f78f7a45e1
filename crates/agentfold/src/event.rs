//! Events: records of both feeds, read or built, and what they say.
//!
//! [`Event`] is a webhook delivery ([`Availability`]), a record of the Chat incremental export ([`Chat`]),
//! or one of a type that this library does not know ([`Unknown`]). Its [`Kind`] names the type; [`Fields`]
//! gives what it says as a flat row, [`EventData`] as the data that other languages get.

mod availability;
mod chat;
mod check;
mod data;
mod fields;
mod owned;
mod transcode;
mod unknown;

pub use self::availability::{Availability, Body, Capacity, Detail, UnifiedState};
pub(crate) use self::chat::ChatId;
pub use self::chat::{Chat, ChatField};
pub use self::data::{EventData, EventJson};
pub use self::fields::Fields;
pub use self::unknown::{Unknown, UnknownField};
pub use crate::kind::Kind;

use crate::issue::{Code, Issue};
use crate::word::words;
use crate::{Agent, Instant, Options};

/// One record of either feed.
///
/// An event borrows from the text that it was read from; [`Event::into_owned`] makes one that can outlive
/// the text. What the library does not know is kept as it was received, so that printing an event and
/// reading it again gives the same event.
///
/// With serde, an event is the JSON that [`Event::to_json`] prints, in human-readable formats as data and
/// in others as text. Deserializing refuses what [`Event::parse`] refuses; of numbers in unknown fields it
/// keeps what 64 bits can hold.
///
/// Source: Zendesk, *Agent Availability Events* and *Chat incremental agent events*.
///
/// ```
/// use agentfold::Event;
/// use agentfold::event::Body;
///
/// let text = br#"{"account_id": 2, "detail": {"agent_id": "10011", "version": "3"},
///     "event": {"updated_at": "2023-04-05T23:30:58Z", "channel": "support"},
///     "id": "01GX79ST1QX01C889XV42S2J5Z", "type": "zen:event-type:agent.channel_created"}"#;
/// let event = Event::parse(text)?;
/// assert_eq!(event.agent().expect("known").agent_id, 10011);
/// let Event::Availability(availability) = &event else { panic!("a webhook") };
/// assert_eq!(availability.body, Body::ChannelCreated { channel: "support".into() });
/// assert_eq!(Event::parse(event.to_json().as_bytes())?, event);
/// # Ok::<(), agentfold::Issues>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Event<'a> {
    /// A webhook delivery of one of the nine agent event types.
    Availability(Availability<'a>),
    /// A record of the Chat incremental export.
    Chat(Chat<'a>),
    /// A webhook of a type, or a chat record of a field, that this library does not know.
    Unknown(Unknown<'a>),
}

words! {
    /// The field that dates a change.
    ///
    /// Zendesk's documentation can be read such that a work item update repeats the time at which the
    /// item was added. If that turns out to be true, [`InstantFrom::Time`] orders events by the envelope
    /// instead.
    #[derive(Default)]
    pub enum InstantFrom {
        /// `event.updated_at`.
        #[default]
        UpdatedAt = "updated_at",
        /// The envelope's `time`. Chat records are dated by `timestamp` either way.
        Time = "time",
    }
}

/// The greatest capacity, and number of engagements, that an event can state. Some programs write it for
/// "no limit".
// INVARIANT: no sum of a report overflows. A number below 2^32, times the nanoseconds of 10,000 years
// (below 2^69), is below 2^101, so that 2^27 agents add up in 128 bits, and 2^32 agents in a floor's 64.
pub(crate) const MAX_COUNT: u64 = u32::MAX as u64;
pub(crate) const OUT_OF_RANGE: &str = "more than 4294967295, which no floor has";

/// How long after its envelope or the reader's clock an event can be dated, in seconds.
pub(crate) const FUTURE_TOLERANCE: i64 = 24 * 3600;

impl Event<'_> {
    /// The agent that the event is about, if it states one.
    pub fn agent(&self) -> Option<Agent> {
        match self {
            Event::Availability(event) => event.agent(),
            Event::Chat(event) => Some(event.agent()),
            Event::Unknown(event) => event.agent,
        }
    }

    /// The event's type; `None` if this library does not know it.
    ///
    /// ```
    /// use agentfold::Event;
    /// use agentfold::event::Kind;
    ///
    /// let event = Event::parse(br#"{"account_id": 2, "agent_id": 7, "field_name": "status",
    ///     "id": "x", "timestamp": "2018-10-19T12:33:50Z", "value": "away"}"#)?;
    /// assert_eq!(event.kind(), Some(Kind::ChatStatus));
    /// # Ok::<(), agentfold::Issues>(())
    /// ```
    pub fn kind(&self) -> Option<Kind> {
        Kind::of(self)
    }

    /// The fields that Zendesk's documentation does not have, sorted by path.
    ///
    /// An event of an unknown type has none, since all of it is kept.
    pub fn unknown_fields(&self) -> &[UnknownField<'_>] {
        match self {
            Event::Availability(event) => &event.unknown_fields,
            Event::Chat(event) => &event.unknown_fields,
            Event::Unknown(_) => &[],
        }
    }

    /// The agent's version that the event states; 0 for none.
    pub(crate) fn version(&self) -> u64 {
        match self {
            Event::Availability(event) => event.detail.version.unwrap_or(0),
            Event::Chat(_) => 0,
            Event::Unknown(event) => event.version.unwrap_or(0),
        }
    }

    /// The instant of the change, by the field that `from` names; `None` for an unknown type.
    ///
    /// # Errors
    /// `future_instant` if the change is dated more than 24 hours after the envelope's `time`, or
    /// after the time in a chat id; `missing_field` if `from` is `Time` and the event has none.
    ///
    /// ```
    /// use agentfold::{Code, Event};
    /// use agentfold::event::InstantFrom;
    ///
    /// let event = Event::parse(br#"{"account_id": 2, "detail": {"agent_id": "7"}, "id": "a",
    ///     "event": {"updated_at": "2026-01-05T09:00:00Z", "channel": "support"},
    ///     "type": "zen:event-type:agent.channel_created"}"#)?;
    /// let at = event.at(InstantFrom::UpdatedAt)?.expect("of a known type");
    /// assert_eq!(at.to_string(), "2026-01-05T09:00:00Z");
    /// assert_eq!(event.at(InstantFrom::Time).expect_err("no time").code, Code::MissingField);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn at(&self, from: InstantFrom) -> Result<Option<Instant>, Issue> {
        match self {
            Event::Availability(event) => event.at(from).map(Some),
            Event::Chat(event) => event.at().map(Some),
            Event::Unknown(_) => Ok(None),
        }
    }

    /// Like [`Event::at`], and refuses what is dated far after the reader's clock.
    pub(crate) fn at_by(&self, options: &Options) -> Result<Option<Instant>, Issue> {
        let at = self.at(options.instant)?;
        if at.is_some_and(|at| options.is_future(at)) {
            let message = "the change is dated more than 24 hours after the reader's clock";
            return Err(Issue::new(Code::FutureInstant, self.at_path(options.instant), message));
        }
        Ok(at)
    }

    /// Where the instant of the change is.
    pub(crate) fn at_path(&self, from: InstantFrom) -> &'static str {
        match (self, from) {
            (Event::Chat(_), _) => "/timestamp",
            (_, InstantFrom::UpdatedAt) => "/event/updated_at",
            (_, InstantFrom::Time) => "/time",
        }
    }
}

impl<'a> From<Availability<'a>> for Event<'a> {
    fn from(event: Availability<'a>) -> Event<'a> {
        Event::Availability(event)
    }
}

impl<'a> From<Chat<'a>> for Event<'a> {
    fn from(event: Chat<'a>) -> Event<'a> {
        Event::Chat(event)
    }
}
