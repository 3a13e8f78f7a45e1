//! [`Fields`]: what an event says, as a flat row.

use std::borrow::Cow;

use serde::Serialize;

use super::{Body, Capacity, ChatField, Event, UnifiedState};

/// What an event says, as a flat row: for tables, and to get a field from an event of any type.
///
/// Each field that some known type has is here once, by Zendesk's name in snake case; the `value` of a
/// chat record is its `status` or `engagements`. A field is `None` if the event does not state it.
///
/// ```
/// let event = agentfold::Event::parse(br#"{"account_id": 2, "agent_id": 7, "field_name": "status",
///     "id": "x", "timestamp": "2018-10-19T12:33:50Z", "value": "away"}"#)?;
/// let fields = event.fields();
/// assert_eq!((fields.status, fields.previous_status), (Some("away"), None));
/// assert_eq!(fields.channel, None);
/// # Ok::<(), agentfold::Issues>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize)]
#[expect(missing_docs, reason = "the variants of `Body` and `ChatField` document the fields")]
#[non_exhaustive]
pub struct Fields<'e> {
    pub channel: Option<&'e str>,
    pub previous_state: Option<&'e str>,
    pub new_state: Option<&'e str>,
    pub work_item_id: Option<&'e str>,
    pub previous_reason: Option<&'e str>,
    pub reason: Option<&'e str>,
    pub max_capacity: Option<&'e [Capacity<'e>]>,
    pub previous_unified_state: Option<&'e UnifiedState<'e>>,
    pub new_unified_state: Option<&'e UnifiedState<'e>>,
    pub previous_group_ids: Option<&'e [Cow<'e, str>]>,
    pub new_group_ids: Option<&'e [Cow<'e, str>]>,
    pub previous_status: Option<&'e str>,
    pub status: Option<&'e str>,
    pub previous_engagements: Option<u64>,
    pub engagements: Option<u64>,
}

impl Event<'_> {
    /// What the event says, as a flat row; all `None` for an unknown type.
    pub fn fields(&self) -> Fields<'_> {
        match self {
            Event::Availability(event) => Fields::of_body(&event.body),
            Event::Chat(event) => Fields::of_field(&event.field),
            Event::Unknown(_) => Fields::default(),
        }
    }
}

impl<'e> Fields<'e> {
    fn of_body(body: &'e Body<'_>) -> Fields<'e> {
        let none = Fields::default();
        match body {
            Body::StateChanged { channel, previous_state, new_state } => Fields {
                channel: Some(channel),
                previous_state: previous_state.as_deref(),
                new_state: Some(new_state),
                ..none
            },
            Body::WorkItemAdded { work_item_id, channel, reason } => Fields {
                work_item_id: Some(work_item_id),
                channel: Some(channel),
                reason: Some(reason),
                ..none
            },
            Body::WorkItemUpdated { work_item_id, channel, previous_reason, reason } => Fields {
                work_item_id: Some(work_item_id),
                channel: Some(channel),
                previous_reason: previous_reason.as_deref(),
                reason: Some(reason),
                ..none
            },
            Body::WorkItemRemoved { work_item_id, channel, reason } => Fields {
                work_item_id: Some(work_item_id),
                channel: Some(channel),
                reason: reason.as_deref(),
                ..none
            },
            Body::MaxCapacityChanged { max_capacity } => {
                Fields { max_capacity: Some(max_capacity), ..none }
            }
            Body::UnifiedStateChanged { previous_unified_state, new_unified_state } => Fields {
                previous_unified_state: previous_unified_state.as_ref(),
                new_unified_state: Some(new_unified_state),
                ..none
            },
            Body::ChannelCreated { channel } | Body::ChannelDeleted { channel } => {
                Fields { channel: Some(channel), ..none }
            }
            Body::GroupsUpdated { previous_group_ids, new_group_ids } => Fields {
                previous_group_ids: previous_group_ids.as_deref(),
                new_group_ids: Some(new_group_ids),
                ..none
            },
        }
    }

    fn of_field(field: &'e ChatField<'_>) -> Fields<'e> {
        let none = Fields::default();
        match field {
            ChatField::Status { previous_value, value } => {
                Fields { previous_status: previous_value.as_deref(), status: Some(value), ..none }
            }
            ChatField::Engagements { previous_value, value } => {
                Fields { previous_engagements: *previous_value, engagements: Some(*value), ..none }
            }
        }
    }
}
