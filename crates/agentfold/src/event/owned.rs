//! Events that outlive the text that they were read from.

use std::borrow::Cow;

use super::{
    Availability, Body, Capacity, Chat, ChatField, Event, UnifiedState, Unknown, UnknownField,
};

fn owned(text: Cow<'_, str>) -> Cow<'static, str> {
    Cow::Owned(text.into_owned())
}

fn all_owned(texts: Vec<Cow<'_, str>>) -> Vec<Cow<'static, str>> {
    texts.into_iter().map(owned).collect()
}

fn owned_fields(fields: Vec<UnknownField<'_>>) -> Vec<UnknownField<'static>> {
    fields.into_iter().map(UnknownField::into_owned).collect()
}

impl Event<'_> {
    /// The same event, independent of the text that it was read from.
    ///
    /// ```
    /// use std::sync::mpsc;
    ///
    /// use agentfold::Event;
    ///
    /// let (sender, receiver) = mpsc::channel::<Event<'static>>();
    /// {
    ///     let bytes = br#"{"account_id": 2, "agent_id": 7, "field_name": "engagements", "id": "x",
    ///         "timestamp": "2018-10-19T12:33:50Z", "value": 1}"#.to_vec();
    ///     let event = Event::parse(&bytes)?;
    ///     sender.send(event.into_owned()).expect("received below");
    /// }
    /// assert_eq!(receiver.recv().expect("sent").agent().expect("known").agent_id, 7);
    /// # Ok::<(), agentfold::Issues>(())
    /// ```
    pub fn into_owned(self) -> Event<'static> {
        match self {
            Event::Availability(event) => Event::Availability(event.into_owned()),
            Event::Chat(event) => Event::Chat(event.into_owned()),
            Event::Unknown(event) => Event::Unknown(event.into_owned()),
        }
    }
}

impl Availability<'_> {
    /// The same event, independent of the text that it was read from.
    pub fn into_owned(self) -> Availability<'static> {
        Availability {
            account_id: self.account_id,
            detail: self.detail,
            body: self.body.into_owned(),
            updated_at: self.updated_at,
            id: owned(self.id),
            subject: self.subject.map(owned),
            time: self.time,
            zendesk_event_version: self.zendesk_event_version.map(owned),
            unknown_fields: owned_fields(self.unknown_fields),
        }
    }
}

impl Body<'_> {
    /// The same change, independent of the text that it was read from.
    pub fn into_owned(self) -> Body<'static> {
        match self {
            Body::StateChanged { channel, previous_state, new_state } => Body::StateChanged {
                channel: owned(channel),
                previous_state: previous_state.map(owned),
                new_state: owned(new_state),
            },
            Body::WorkItemAdded { work_item_id, channel, reason } => Body::WorkItemAdded {
                work_item_id: owned(work_item_id),
                channel: owned(channel),
                reason: owned(reason),
            },
            Body::WorkItemUpdated { work_item_id, channel, previous_reason, reason } => {
                Body::WorkItemUpdated {
                    work_item_id: owned(work_item_id),
                    channel: owned(channel),
                    previous_reason: previous_reason.map(owned),
                    reason: owned(reason),
                }
            }
            Body::WorkItemRemoved { work_item_id, channel, reason } => Body::WorkItemRemoved {
                work_item_id: owned(work_item_id),
                channel: owned(channel),
                reason: reason.map(owned),
            },
            Body::MaxCapacityChanged { max_capacity } => Body::MaxCapacityChanged {
                max_capacity: max_capacity.into_iter().map(Capacity::into_owned).collect(),
            },
            Body::UnifiedStateChanged { previous_unified_state, new_unified_state } => {
                Body::UnifiedStateChanged {
                    previous_unified_state: previous_unified_state.map(UnifiedState::into_owned),
                    new_unified_state: new_unified_state.into_owned(),
                }
            }
            Body::ChannelCreated { channel } => Body::ChannelCreated { channel: owned(channel) },
            Body::ChannelDeleted { channel } => Body::ChannelDeleted { channel: owned(channel) },
            Body::GroupsUpdated { previous_group_ids, new_group_ids } => Body::GroupsUpdated {
                previous_group_ids: previous_group_ids.map(all_owned),
                new_group_ids: all_owned(new_group_ids),
            },
        }
    }
}

impl Capacity<'_> {
    /// The same capacity, independent of the text that it was read from.
    pub fn into_owned(self) -> Capacity<'static> {
        let Capacity { channel, current, previous } = self;
        Capacity { channel: owned(channel), current, previous }
    }
}

impl UnifiedState<'_> {
    /// The same state, independent of the text that it was read from.
    pub fn into_owned(self) -> UnifiedState<'static> {
        let UnifiedState { id, name, reason } = self;
        UnifiedState { id: owned(id), name: name.map(owned), reason: reason.map(owned) }
    }
}

impl Chat<'_> {
    /// The same record, independent of the text that it was read from.
    pub fn into_owned(self) -> Chat<'static> {
        Chat {
            account_id: self.account_id,
            agent_id: self.agent_id,
            field: self.field.into_owned(),
            id: owned(self.id),
            timestamp: self.timestamp,
            unknown_fields: owned_fields(self.unknown_fields),
        }
    }
}

impl ChatField<'_> {
    /// The same change, independent of the text that it was read from.
    pub fn into_owned(self) -> ChatField<'static> {
        match self {
            ChatField::Status { previous_value, value } => {
                ChatField::Status { previous_value: previous_value.map(owned), value: owned(value) }
            }
            ChatField::Engagements { previous_value, value } => {
                ChatField::Engagements { previous_value, value }
            }
        }
    }
}

impl Unknown<'_> {
    /// The same event, independent of the text that it was read from.
    pub fn into_owned(self) -> Unknown<'static> {
        let Unknown { name, agent, version, json } = self;
        Unknown { name: owned(name), agent, version, json: owned(json) }
    }
}

impl UnknownField<'_> {
    /// The same field, independent of the text that it was read from.
    pub fn into_owned(self) -> UnknownField<'static> {
        let UnknownField { path, json } = self;
        UnknownField { path, json: owned(json) }
    }
}
