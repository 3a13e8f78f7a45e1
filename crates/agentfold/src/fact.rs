//! [`Fact`]: the part of an event that a fold stores.

use std::borrow::Cow;

use crate::event::{Body, Capacity, ChatField, Event, InstantFrom, UnifiedState};
use crate::issue::Issue;
use crate::kind::Kind;
use crate::{Agent, Instant};

/// The part of an event of a known type that a fold stores, borrowed from the event or from its text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Fact<'e> {
    pub(crate) agent: Agent,
    pub(crate) at: Instant,
    /// 0 for none.
    pub(crate) version: u64,
    pub(crate) kind: Kind,
    pub(crate) id: &'e str,
    pub(crate) change: Delta<'e>,
}

/// The change. Several kinds of event can share a form; the fact's kind tells them apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Delta<'e> {
    State {
        channel: &'e str,
        previous: Option<&'e str>,
        new: &'e str,
    },
    WorkItem {
        id: &'e str,
        channel: &'e str,
        previous_reason: Option<&'e str>,
        reason: Option<&'e str>,
    },
    MaxCapacity(&'e [Capacity<'e>]),
    UnifiedState {
        previous: Option<Unified<'e>>,
        new: Unified<'e>,
    },
    Channel(&'e str),
    Groups {
        previous: Option<&'e [Cow<'e, str>]>,
        new: &'e [Cow<'e, str>],
    },
    ChatStatus {
        previous: Option<&'e str>,
        new: &'e str,
    },
    ChatEngagements {
        previous: Option<u64>,
        new: u64,
    },
}

/// A unified state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Unified<'e> {
    pub(crate) id: &'e str,
    pub(crate) name: Option<&'e str>,
    pub(crate) reason: Option<&'e str>,
}

impl<'e> Unified<'e> {
    fn of(state: &'e UnifiedState<'_>) -> Unified<'e> {
        Unified { id: &state.id, name: state.name.as_deref(), reason: state.reason.as_deref() }
    }
}

impl<'e> Fact<'e> {
    /// The fact of an event; `None` if the event is of an unknown type.
    ///
    /// # Errors
    /// As [`Event::at`].
    pub(crate) fn of(event: &'e Event<'_>, from: InstantFrom) -> Result<Option<Fact<'e>>, Issue> {
        let (Some(at), Some(agent), Some(kind)) = (event.at(from)?, event.agent(), Kind::of(event))
        else {
            return Ok(None);
        };
        let (id, change): (&str, _) = match event {
            Event::Availability(event) => (&event.id, Delta::of_body(&event.body)),
            Event::Chat(event) => (&event.id, Delta::of_chat(&event.field)),
            Event::Unknown(_) => return Ok(None),
        };
        Ok(Some(Fact { agent, at, version: event.version(), kind, id, change }))
    }
}

impl<'e> Delta<'e> {
    fn of_body(body: &'e Body<'_>) -> Delta<'e> {
        match body {
            Body::StateChanged { channel, previous_state, new_state } => {
                Delta::State { channel, previous: previous_state.as_deref(), new: new_state }
            }
            Body::WorkItemAdded { work_item_id: id, channel, reason } => {
                Delta::WorkItem { id, channel, previous_reason: None, reason: Some(reason) }
            }
            Body::WorkItemUpdated { work_item_id: id, channel, previous_reason, reason } => {
                let previous_reason = previous_reason.as_deref();
                Delta::WorkItem { id, channel, previous_reason, reason: Some(reason) }
            }
            Body::WorkItemRemoved { work_item_id: id, channel, reason } => {
                Delta::WorkItem { id, channel, previous_reason: None, reason: reason.as_deref() }
            }
            Body::MaxCapacityChanged { max_capacity } => Delta::MaxCapacity(max_capacity),
            Body::UnifiedStateChanged { previous_unified_state, new_unified_state } => {
                let previous = previous_unified_state.as_ref().map(Unified::of);
                Delta::UnifiedState { previous, new: Unified::of(new_unified_state) }
            }
            Body::ChannelCreated { channel } | Body::ChannelDeleted { channel } => {
                Delta::Channel(channel)
            }
            Body::GroupsUpdated { previous_group_ids, new_group_ids } => {
                Delta::Groups { previous: previous_group_ids.as_deref(), new: new_group_ids }
            }
        }
    }

    fn of_chat(field: &'e ChatField<'_>) -> Delta<'e> {
        match field {
            ChatField::Status { previous_value, value } => {
                Delta::ChatStatus { previous: previous_value.as_deref(), new: value }
            }
            ChatField::Engagements { previous_value, value } => {
                Delta::ChatEngagements { previous: *previous_value, new: *value }
            }
        }
    }
}
