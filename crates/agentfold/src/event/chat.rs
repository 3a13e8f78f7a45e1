//! [`Chat`]: a record of the Chat incremental export.

use std::borrow::Cow;

use super::{FUTURE_TOLERANCE, MAX_COUNT, OUT_OF_RANGE, UnknownField};
use crate::issue::{Code, Issue};
use crate::{Agent, Id, Instant};

/// A record of the Chat incremental export.
///
/// Read one with [`Event::parse`](crate::Event::parse), or build one with [`Chat::new`].
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Chat<'a> {
    /// The account.
    pub account_id: Id,
    /// The agent.
    pub agent_id: Id,
    /// The change.
    pub field: ChatField<'a>,
    /// The record's id: `<time in base 62>.agent:<agent_id>.<random>`.
    pub id: Cow<'a, str>,
    /// When the change happened.
    pub timestamp: Instant,
    pub(crate) unknown_fields: Vec<UnknownField<'a>>,
}

/// The change that a chat record reports, by `field_name`.
///
/// A previous value is `None` if the record does not state it: the field was absent or null.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ChatField<'a> {
    /// `status`: the agent's status in Chat.
    Status {
        /// The status before.
        previous_value: Option<Cow<'a, str>>,
        /// The status from now on: `offline`, `online`, `away` or `invisible`.
        value: Cow<'a, str>,
    },
    /// `engagements`: how many chats the agent has at once.
    Engagements {
        /// The number before.
        previous_value: Option<u64>,
        /// The number from now on.
        value: u64,
    },
}

impl<'a> Chat<'a> {
    /// Creates the record of a change that happened to an agent at an instant.
    ///
    /// # Errors
    /// `future_instant` if the id is of the export's form, and `at` is more than 24 hours after the time in
    /// it; `out_of_range` if a number of engagements is 2^32 or more.
    ///
    /// ```
    /// use agentfold::event::{Chat, ChatField};
    /// use agentfold::{Agent, Event, Instant};
    ///
    /// let agent = Agent::new(2, 980824);
    /// let at: Instant = "2018-10-19T12:34:09.989Z".parse()?;
    /// let field = ChatField::Engagements { previous_value: Some(0), value: 1 };
    /// let chat = Chat::new(agent, at, "R6vTXhl.agent:980824.y7Q4aI", field).expect("not in the future");
    /// let event = Event::from(chat);
    /// assert_eq!(Event::parse(event.to_json().as_bytes()), Ok(event));
    /// # Ok::<(), agentfold::BadInstant>(())
    /// ```
    pub fn new(
        agent: Agent,
        at: Instant,
        id: impl Into<Cow<'a, str>>,
        field: ChatField<'a>,
    ) -> Result<Chat<'a>, Issue> {
        let Agent { account_id, agent_id } = agent;
        let unknown_fields = Vec::new();
        let chat =
            Chat { account_id, agent_id, field, id: id.into(), timestamp: at, unknown_fields };
        chat.at()?;
        chat.refusal().map_or(Ok(chat), Err)
    }

    /// The agent that the record is about.
    pub fn agent(&self) -> Agent {
        Agent::new(self.account_id, self.agent_id)
    }

    /// The fields that Zendesk's documentation does not have, sorted by path.
    pub fn unknown_fields(&self) -> &[UnknownField<'a>] {
        &self.unknown_fields
    }

    /// Why the reader would refuse the record, instants apart. One that was read has no such issue.
    pub(crate) fn refusal(&self) -> Option<Issue> {
        let ChatField::Engagements { previous_value, value } = self.field else {
            return None;
        };
        let path = match previous_value {
            _ if value > MAX_COUNT => "/value",
            Some(previous) if previous > MAX_COUNT => "/previous_value",
            _ => return None,
        };
        Some(Issue::new(Code::OutOfRange, path, OUT_OF_RANGE))
    }

    pub(super) fn at(&self) -> Result<Instant, Issue> {
        match ChatId::parse(&self.id) {
            Some(id) if self.timestamp.is_past(id.made_at, FUTURE_TOLERANCE) => {
                let message = "the change is dated more than 24 hours after its id was made";
                Err(Issue::new(Code::FutureInstant, "/timestamp", message))
            }
            _ => Ok(self.timestamp),
        }
    }
}

/// What the id of a chat record states: when it was made, and for which agent.
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
