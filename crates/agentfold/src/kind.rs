//! [`Kind`]: an event type's place in the contract's table of tracks.

use crate::event::{Body, ChatField, Event};

/// What kind of change a transition stems from; of simultaneous ones, the lower kind is first
/// ([the contract](crate::contract::fold#tracks)).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub(crate) enum Kind {
    StateChanged = 0,
    WorkItemAdded = 1,
    WorkItemUpdated = 2,
    WorkItemRemoved = 3,
    MaxCapacityChanged = 4,
    UnifiedStateChanged = 5,
    ChannelCreated = 6,
    ChannelDeleted = 7,
    GroupsUpdated = 8,
    ChatStatus = 9,
    ChatEngagements = 10,
    /// What the REST record says, which is no event.
    Rest = 11,
}

impl Kind {
    const ALL: [Kind; 12] = [
        Kind::StateChanged,
        Kind::WorkItemAdded,
        Kind::WorkItemUpdated,
        Kind::WorkItemRemoved,
        Kind::MaxCapacityChanged,
        Kind::UnifiedStateChanged,
        Kind::ChannelCreated,
        Kind::ChannelDeleted,
        Kind::GroupsUpdated,
        Kind::ChatStatus,
        Kind::ChatEngagements,
        Kind::Rest,
    ];

    pub(crate) fn from_number(number: u8) -> Option<Kind> {
        Kind::ALL.get(usize::from(number)).copied()
    }

    /// The kind of an event, `None` if its type or field is not known.
    pub(crate) fn of(event: &Event<'_>) -> Option<Kind> {
        match event {
            Event::Availability(event) => Some(Kind::of_body(&event.body)),
            Event::Chat(event) => match event.field {
                ChatField::Status { .. } => Some(Kind::ChatStatus),
                ChatField::Engagements { .. } => Some(Kind::ChatEngagements),
            },
            Event::Unknown(_) => None,
        }
    }

    pub(crate) fn of_body(body: &Body<'_>) -> Kind {
        match body {
            Body::StateChanged { .. } => Kind::StateChanged,
            Body::WorkItemAdded { .. } => Kind::WorkItemAdded,
            Body::WorkItemUpdated { .. } => Kind::WorkItemUpdated,
            Body::WorkItemRemoved { .. } => Kind::WorkItemRemoved,
            Body::MaxCapacityChanged { .. } => Kind::MaxCapacityChanged,
            Body::UnifiedStateChanged { .. } => Kind::UnifiedStateChanged,
            Body::ChannelCreated { .. } => Kind::ChannelCreated,
            Body::ChannelDeleted { .. } => Kind::ChannelDeleted,
            Body::GroupsUpdated { .. } => Kind::GroupsUpdated,
        }
    }

    /// The event type without its prefix; for the chat feed, the field's name.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Kind::StateChanged => "agent.state_changed",
            Kind::WorkItemAdded => "agent.work_item_added",
            Kind::WorkItemUpdated => "agent.work_item_updated",
            Kind::WorkItemRemoved => "agent.work_item_removed",
            Kind::MaxCapacityChanged => "agent.max_capacity_changed",
            Kind::UnifiedStateChanged => "agent.unified_state_changed",
            Kind::ChannelCreated => "agent.channel_created",
            Kind::ChannelDeleted => "agent.channel_deleted",
            Kind::GroupsUpdated => "agent.groups_updated",
            Kind::ChatStatus => "status",
            Kind::ChatEngagements => "engagements",
            Kind::Rest => "rest",
        }
    }

    /// The kind of a webhook's `type`, written with a colon or a slash.
    #[inline]
    pub(crate) fn of_type(text: &str) -> Option<Kind> {
        let [b':' | b'/', ..] = text.strip_prefix(TYPE_PREFIX)?.as_bytes() else {
            return None;
        };
        let name = &text[TYPE_PREFIX.len() + 1..];
        Kind::ALL[..=Kind::GroupsUpdated as usize].iter().find(|kind| kind.name() == name).copied()
    }
}

/// What every known webhook type begins with, before a colon or a slash.
pub(crate) const TYPE_PREFIX: &str = "zen:event-type";
