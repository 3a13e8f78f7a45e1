//! [`Availability`]: a webhook delivery about an agent's availability.

use std::borrow::Cow;
use std::collections::BTreeSet;

use serde::Serialize;

use super::{FUTURE_TOLERANCE, InstantFrom, MAX_COUNT, OUT_OF_RANGE, UnknownField};
use crate::issue::{Code, Issue};
use crate::pointer::escape;
use crate::{Agent, Id, Instant};

/// A webhook delivery about an agent's availability.
///
/// Read one with [`Event::parse`](crate::Event::parse), or build one with [`Availability::new`].
///
/// ```
/// use agentfold::event::{Availability, Body};
/// use agentfold::{Agent, Event, Instant};
///
/// let agent = Agent::new(2, 10011);
/// let at: Instant = "2026-01-05T09:00:00Z".parse()?;
/// let body = Body::StateChanged {
///     channel: "support".into(),
///     previous_state: Some("offline".into()),
///     new_state: "online".into(),
/// };
/// let event = Availability::new(agent, at, "event-1", body).expect("no channel stands twice");
/// let event = Event::from(event.with_version(3));
/// assert_eq!(event.check(), []);
/// assert_eq!(Event::parse(event.to_json().as_bytes()), Ok(event));
/// # Ok::<(), agentfold::BadInstant>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Availability<'a> {
    /// The account, as the envelope states it.
    pub account_id: Option<Id>,
    /// The agent that the event is about.
    pub detail: Detail,
    /// The change.
    pub body: Body<'a>,
    /// When the change happened.
    pub updated_at: Instant,
    /// The event's id, usually a ULID.
    pub id: Cow<'a, str>,
    /// Usually `zen:agent:` and the agent's id.
    pub subject: Option<Cow<'a, str>>,
    /// When Zendesk issued the event.
    pub time: Option<Instant>,
    /// The version of the payload's schema: `2022-11-06` in Zendesk's documentation.
    pub zendesk_event_version: Option<Cow<'a, str>>,
    pub(crate) unknown_fields: Vec<UnknownField<'a>>,
}

/// The agent that an availability event is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Detail {
    /// The account. If it is missing, the envelope's account applies.
    pub account_id: Option<Id>,
    /// The agent.
    pub agent_id: Id,
    /// The agent's version, which increases with each of the agent's events.
    pub version: Option<u64>,
}

/// The change that an availability event reports, by event type.
///
/// A previous value is `None` if the event does not state it: the field was absent or null.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Body<'a> {
    /// `agent.state_changed`: the agent's state on one channel.
    StateChanged {
        /// The channel, such as `support`.
        channel: Cow<'a, str>,
        /// The state before, such as `offline`.
        previous_state: Option<Cow<'a, str>>,
        /// The state from now on, such as `online`.
        new_state: Cow<'a, str>,
    },
    /// `agent.work_item_added`: a work item was offered or assigned to the agent.
    WorkItemAdded {
        /// The work item's id, such as a ticket's.
        work_item_id: Cow<'a, str>,
        /// The channel that the item is on.
        channel: Cow<'a, str>,
        /// Why the item was added, such as `OFFERED`.
        reason: Cow<'a, str>,
    },
    /// `agent.work_item_updated`: the reason or the channel of a work item changed.
    WorkItemUpdated {
        /// The work item's id.
        work_item_id: Cow<'a, str>,
        /// The channel that the item is on from now on.
        channel: Cow<'a, str>,
        /// The reason before, such as `OFFERED`.
        previous_reason: Option<Cow<'a, str>>,
        /// Why the item was updated, such as `ACCEPTED`.
        reason: Cow<'a, str>,
    },
    /// `agent.work_item_removed`: a work item left the agent.
    WorkItemRemoved {
        /// The work item's id.
        work_item_id: Cow<'a, str>,
        /// The channel that the item was on.
        channel: Cow<'a, str>,
        /// Why the item was removed, such as `WORK_ITEM_SOLVED`.
        reason: Option<Cow<'a, str>>,
    },
    /// `agent.max_capacity_changed`: how many work items the agent can have.
    MaxCapacityChanged {
        /// The maximum of each channel whose maximum changed, each channel once.
        max_capacity: Vec<Capacity<'a>>,
    },
    /// `agent.unified_state_changed`: the agent's state across all channels.
    UnifiedStateChanged {
        /// The unified state before.
        previous_unified_state: Option<UnifiedState<'a>>,
        /// The unified state from now on.
        new_unified_state: UnifiedState<'a>,
    },
    /// `agent.channel_created`: the agent gained access to a channel.
    ChannelCreated {
        /// The channel.
        channel: Cow<'a, str>,
    },
    /// `agent.channel_deleted`: the agent lost access to a channel.
    ChannelDeleted {
        /// The channel.
        channel: Cow<'a, str>,
    },
    /// `agent.groups_updated`: the groups that the agent is in.
    GroupsUpdated {
        /// The ids of the groups before.
        previous_group_ids: Option<Vec<Cow<'a, str>>>,
        /// The ids of the groups from now on.
        new_group_ids: Vec<Cow<'a, str>>,
    },
}

/// The maximum capacity of one channel, in work items.
///
/// ```
/// use agentfold::event::Capacity;
///
/// let capacity = Capacity::new("support", Some(15)).with_previous(None);
/// assert_eq!((capacity.current, capacity.previous), (Some(15), Some(None)));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
#[non_exhaustive]
pub struct Capacity<'a> {
    /// The channel.
    pub channel: Cow<'a, str>,
    /// The maximum from now on; `None` for no limit.
    pub current: Option<u64>,
    /// The maximum before: `None` if the event does not state it, `Some(None)` for no limit.
    pub previous: Option<Option<u64>>,
}

/// A unified state: an agent's state across all channels.
///
/// ```
/// use agentfold::event::UnifiedState;
///
/// let state = UnifiedState::new("3").with_name("online");
/// assert_eq!((&*state.id, state.name.as_deref(), state.reason), ("3", Some("online"), None));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
#[non_exhaustive]
pub struct UnifiedState<'a> {
    /// The state's id.
    pub id: Cow<'a, str>,
    /// The state's name, in any language.
    pub name: Option<Cow<'a, str>>,
    /// Why the agent entered it, such as `AGENT_STATUS_SWITCHER`.
    pub reason: Option<Cow<'a, str>>,
}

impl<'a> Availability<'a> {
    /// Creates the event of a change that happened to an agent at an instant.
    ///
    /// Version, subject, issue time and payload version are left out; add them with the `with_` methods.
    ///
    /// # Errors
    /// `duplicate_key` if the body names a channel twice, `out_of_range` if a capacity is 2^32 or more.
    ///
    /// ```
    /// use agentfold::event::{Availability, Body, Capacity};
    /// use agentfold::{Agent, Instant};
    ///
    /// let agent = Agent::new(2, 7);
    /// let support = Capacity::new("support", Some(3));
    /// let twice = Body::MaxCapacityChanged { max_capacity: vec![support.clone(), support] };
    /// let issue = Availability::new(agent, Instant::MIN, "a", twice).expect_err("a channel twice");
    /// assert_eq!(issue.path, "/event/maxCapacity/support");
    /// ```
    pub fn new(
        agent: Agent,
        at: Instant,
        id: impl Into<Cow<'a, str>>,
        body: Body<'a>,
    ) -> Result<Availability<'a>, Issue> {
        let Agent { account_id, agent_id } = agent;
        let event = Availability {
            account_id: Some(account_id),
            detail: Detail { account_id: Some(account_id), agent_id, version: None },
            body,
            updated_at: at,
            id: id.into(),
            subject: None,
            time: None,
            zendesk_event_version: None,
            unknown_fields: Vec::new(),
        };
        event.refusal().map_or(Ok(event), Err)
    }

    /// States the agent's version, which orders events with the same instant.
    #[must_use]
    pub fn with_version(mut self, version: u64) -> Availability<'a> {
        self.detail.version = Some(version);
        self
    }

    /// States when the event was issued.
    ///
    /// # Errors
    /// `future_instant` if the change is dated more than 24 hours after that.
    pub fn with_time(mut self, time: Instant) -> Result<Availability<'a>, Issue> {
        self.time = Some(time);
        self.at(InstantFrom::UpdatedAt)?;
        Ok(self)
    }

    /// States the subject, usually `zen:agent:` and the agent's id.
    #[must_use]
    pub fn with_subject(mut self, subject: impl Into<Cow<'a, str>>) -> Availability<'a> {
        self.subject = Some(subject.into());
        self
    }

    /// States the version of the payload's schema, such as `2022-11-06`.
    #[must_use]
    pub fn with_zendesk_event_version(
        mut self,
        version: impl Into<Cow<'a, str>>,
    ) -> Availability<'a> {
        self.zendesk_event_version = Some(version.into());
        self
    }

    /// The agent that the event is about; `None` if neither the detail nor the envelope states an account.
    ///
    /// The detail's account takes precedence over the envelope's.
    pub fn agent(&self) -> Option<Agent> {
        let account_id = self.detail.account_id.or(self.account_id)?;
        Some(Agent::new(account_id, self.detail.agent_id))
    }

    /// The fields that Zendesk's documentation does not have, sorted by path.
    pub fn unknown_fields(&self) -> &[UnknownField<'a>] {
        &self.unknown_fields
    }

    pub(super) fn at(&self, from: InstantFrom) -> Result<Instant, Issue> {
        match (from, self.time) {
            (InstantFrom::Time, Some(time)) => Ok(time),
            (InstantFrom::Time, None) => Err(Issue::new(
                Code::MissingField,
                "/time",
                "`time` is missing, and changes are dated by it",
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

    /// Why the reader would refuse the event, instants apart. An event that was read has no such issue.
    pub(crate) fn refusal(&self) -> Option<Issue> {
        if self.agent().is_none() {
            let message = "`account_id` is missing";
            return Some(Issue::new(Code::MissingField, "/detail/account_id", message));
        }
        let Body::MaxCapacityChanged { max_capacity } = &self.body else {
            return None;
        };
        let is_too_large = |number: Option<u64>| number.is_some_and(|number| number > MAX_COUNT);
        for Capacity { channel, current, previous } in max_capacity {
            let key = match (is_too_large(*current), is_too_large(previous.flatten())) {
                (true, _) => "current",
                (_, true) => "previous",
                _ => continue,
            };
            let path = format!("/event/maxCapacity/{}/{key}", escape(channel));
            return Some(Issue::new(Code::OutOfRange, path, OUT_OF_RANGE));
        }
        let mut channels = BTreeSet::new();
        let twice = max_capacity.iter().find(|capacity| !channels.insert(&capacity.channel));
        twice.map(|capacity| {
            let path = format!("/event/maxCapacity/{}", escape(&capacity.channel));
            Issue::new(Code::DuplicateKey, path, "the key stands twice in its object")
        })
    }
}

impl<'a> Capacity<'a> {
    /// The maximum of a channel from now on, `None` for no limit; the maximum before is not stated.
    pub fn new(channel: impl Into<Cow<'a, str>>, current: Option<u64>) -> Capacity<'a> {
        Capacity { channel: channel.into(), current, previous: None }
    }

    /// States the maximum before, `None` for no limit.
    #[must_use]
    pub fn with_previous(mut self, previous: Option<u64>) -> Capacity<'a> {
        self.previous = Some(previous);
        self
    }
}

impl<'a> UnifiedState<'a> {
    /// The unified state with an id, without a name or a reason.
    pub fn new(id: impl Into<Cow<'a, str>>) -> UnifiedState<'a> {
        UnifiedState { id: id.into(), name: None, reason: None }
    }

    /// States the state's name.
    #[must_use]
    pub fn with_name(mut self, name: impl Into<Cow<'a, str>>) -> UnifiedState<'a> {
        self.name = Some(name.into());
        self
    }

    /// States why the agent entered it.
    #[must_use]
    pub fn with_reason(mut self, reason: impl Into<Cow<'a, str>>) -> UnifiedState<'a> {
        self.reason = Some(reason.into());
        self
    }
}
