//! The pull layer: one pass over an event whose keys come in any order, borrowing all of it.
//!
//! It answers an event only where the strict layer would answer the same; whatever is unusual
//! (escapes, repeated keys, nulls, unknown types, errors) is left to that layer.

use std::borrow::Cow;

use super::cursor::{ChatValue, Cursor};
use crate::event::{
    Availability, Body, Capacity, Chat, ChatField, Detail, Event, UnifiedState, UnknownField,
};
use crate::kind::Kind;
use crate::pointer::escape;
use crate::{Id, Instant};

/// Reads the event that a text begins with, and tells where it ends. Whether its instant is in the
/// future, or unknown fields are too deep, is not looked at.
pub(crate) fn read(text: &str) -> Option<(Event<'_>, usize)> {
    let mut cursor = Cursor::new(text);
    cursor.space();
    let mut top = Top::default();
    cursor.object(|cursor, key| top.field(cursor, key))?;
    top.unknown_fields.sort_by(|a, b| a.path.cmp(&b.path));
    Some((top.event()?, cursor.used()))
}

/// The fields of a record's outermost object, of either feed.
#[derive(Default)]
struct Top<'a> {
    account_id: Option<Id>,
    agent_id: Option<Id>,
    detail: Option<InDetail>,
    change: Option<Change<'a>>,
    id: Option<&'a str>,
    subject: Option<&'a str>,
    time: Option<Instant>,
    kind: Option<Kind>,
    zendesk_event_version: Option<&'a str>,
    field_name: Option<Kind>,
    timestamp: Option<Instant>,
    value: Option<ChatValue<'a>>,
    previous_value: Option<ChatValue<'a>>,
    unknown_fields: Vec<UnknownField<'a>>,
}

#[derive(Default)]
struct InDetail {
    account_id: Option<Id>,
    agent_id: Option<Id>,
    version: Option<u64>,
}

#[derive(Default)]
struct Change<'a> {
    updated_at: Option<Instant>,
    channel: Option<&'a str>,
    previous_state: Option<&'a str>,
    new_state: Option<&'a str>,
    work_item_id: Option<&'a str>,
    previous_reason: Option<&'a str>,
    reason: Option<&'a str>,
    max_capacity: Option<Vec<Capacity<'a>>>,
    previous_unified_state: Option<UnifiedState<'a>>,
    new_unified_state: Option<UnifiedState<'a>>,
    previous_group_ids: Option<Vec<Cow<'a, str>>>,
    new_group_ids: Option<Vec<Cow<'a, str>>>,
    fields: u32,
}

/// Puts a value where none was; a second one is a repeated key.
#[inline]
fn put<T>(slot: &mut Option<T>, value: T) -> Option<()> {
    match slot {
        None => {
            *slot = Some(value);
            Some(())
        }
        Some(_) => None,
    }
}

/// Keeps a field that is not known, and stands in the object at `parent`.
#[cold]
fn unknown_field<'a>(
    cursor: &mut Cursor<'a>,
    parent: &str,
    key: &str,
    fields: &mut Vec<UnknownField<'a>>,
) -> Option<()> {
    let path = format!("{parent}/{}", escape(key));
    if fields.iter().any(|field| field.path == path) {
        return None;
    }
    fields.push(UnknownField { path, json: Cow::Borrowed(cursor.value()?) });
    Some(())
}

impl<'a> Top<'a> {
    #[inline]
    fn field(&mut self, cursor: &mut Cursor<'a>, key: &str) -> Option<()> {
        match key {
            "account_id" => put(&mut self.account_id, cursor.number_id()?),
            "detail" => put(&mut self.detail, InDetail::read(cursor, &mut self.unknown_fields)?),
            "event" => put(&mut self.change, Change::read(cursor, &mut self.unknown_fields)?),
            "id" => put(&mut self.id, cursor.text_id()?),
            "subject" => put(&mut self.subject, cursor.text()?),
            "time" => put(&mut self.time, cursor.instant()?),
            "type" => put(&mut self.kind, Kind::of_type(cursor.text()?)?),
            "zendesk_event_version" => put(&mut self.zendesk_event_version, cursor.text()?),
            "agent_id" => put(&mut self.agent_id, cursor.number_id()?),
            "field_name" => put(&mut self.field_name, Kind::of_field_name(cursor.text()?)?),
            "timestamp" => put(&mut self.timestamp, cursor.instant()?),
            "value" => put(&mut self.value, cursor.chat_value()?),
            "previous_value" => put(&mut self.previous_value, cursor.chat_value()?),
            // A CloudEvent, of which the strict layer reads the data.
            "specversion" => None,
            _ => unknown_field(cursor, "", key, &mut self.unknown_fields),
        }
    }

    #[inline]
    fn event(self) -> Option<Event<'a>> {
        match (self.kind, self.field_name) {
            (Some(kind), None) => self.availability(kind),
            (None, Some(kind)) => self.chat(kind),
            _ => None,
        }
    }

    #[inline]
    fn availability(self, kind: Kind) -> Option<Event<'a>> {
        let (detail, change) = (self.detail?, self.change?);
        let chat = self.agent_id.is_some()
            || self.timestamp.is_some()
            || self.value.is_some()
            || self.previous_value.is_some();
        if chat || (detail.account_id.is_none() && self.account_id.is_none()) {
            return None;
        }
        Some(Event::Availability(Availability {
            account_id: self.account_id,
            detail: Detail {
                account_id: detail.account_id,
                agent_id: detail.agent_id?,
                version: detail.version,
            },
            updated_at: change.updated_at?,
            body: change.body(kind)?,
            id: Cow::Borrowed(self.id?),
            subject: self.subject.map(Cow::Borrowed),
            time: self.time,
            zendesk_event_version: self.zendesk_event_version.map(Cow::Borrowed),
            unknown_fields: self.unknown_fields,
        }))
    }

    fn chat(self, kind: Kind) -> Option<Event<'a>> {
        let webhook = self.detail.is_some()
            || self.change.is_some()
            || self.subject.is_some()
            || self.time.is_some()
            || self.zendesk_event_version.is_some();
        if webhook {
            return None;
        }
        use ChatValue::{Number, Text};
        let field = match (kind, self.value?, self.previous_value) {
            (Kind::ChatStatus, Text(value), None) => {
                ChatField::Status { previous_value: None, value: Cow::Borrowed(value) }
            }
            (Kind::ChatStatus, Text(value), Some(Text(previous))) => ChatField::Status {
                previous_value: Some(Cow::Borrowed(previous)),
                value: Cow::Borrowed(value),
            },
            (Kind::ChatEngagements, Number(value), None) => {
                ChatField::Engagements { previous_value: None, value }
            }
            (Kind::ChatEngagements, Number(value), Some(Number(previous))) => {
                ChatField::Engagements { previous_value: Some(previous), value }
            }
            _ => return None,
        };
        Some(Event::Chat(Chat {
            account_id: self.account_id?,
            agent_id: self.agent_id?,
            field,
            id: Cow::Borrowed(self.id?),
            timestamp: self.timestamp?,
            unknown_fields: self.unknown_fields,
        }))
    }
}

impl InDetail {
    #[inline]
    fn read<'a>(
        cursor: &mut Cursor<'a>,
        unknown_fields: &mut Vec<UnknownField<'a>>,
    ) -> Option<InDetail> {
        let mut detail = InDetail::default();
        cursor.object(|cursor, key| match key {
            "account_id" => put(&mut detail.account_id, cursor.number_id()?),
            "agent_id" => put(&mut detail.agent_id, cursor.number_id()?),
            "version" => put(&mut detail.version, cursor.number_or_digits()?),
            _ => unknown_field(cursor, "/detail", key, unknown_fields),
        })?;
        Some(detail)
    }
}

impl<'a> Change<'a> {
    #[inline]
    fn read(
        cursor: &mut Cursor<'a>,
        unknown_fields: &mut Vec<UnknownField<'a>>,
    ) -> Option<Change<'a>> {
        let mut change = Change::default();
        cursor.object(|cursor, key| {
            change.fields += 1;
            match key {
                "updated_at" => put(&mut change.updated_at, cursor.instant()?),
                "channel" => put(&mut change.channel, cursor.text()?),
                "previous_state" => put(&mut change.previous_state, cursor.text()?),
                "new_state" => put(&mut change.new_state, cursor.text()?),
                "work_item_id" => put(&mut change.work_item_id, cursor.text_id()?),
                "previous_reason" => put(&mut change.previous_reason, cursor.text()?),
                "reason" => put(&mut change.reason, cursor.text()?),
                "maxCapacity" => put(&mut change.max_capacity, capacities(cursor)?),
                "previous_unified_state" => {
                    put(&mut change.previous_unified_state, unified_state(cursor)?)
                }
                "new_unified_state" => put(&mut change.new_unified_state, unified_state(cursor)?),
                "previous_group_ids" => put(&mut change.previous_group_ids, cursor.list()?),
                "new_group_ids" => put(&mut change.new_group_ids, cursor.list()?),
                _ => {
                    change.fields -= 1;
                    unknown_field(cursor, "/event", key, unknown_fields)
                }
            }
        })?;
        Some(change)
    }

    /// The body of this kind, if the fields are just its own.
    #[inline]
    fn body(self, kind: Kind) -> Option<Body<'a>> {
        let channel = self.channel.map(Cow::Borrowed);
        let work_item_id = self.work_item_id.map(Cow::Borrowed);
        let reason = self.reason.map(Cow::Borrowed);
        let (body, own) = match kind {
            Kind::StateChanged => {
                let previous_state = self.previous_state.map(Cow::Borrowed);
                let own = 3 + u32::from(previous_state.is_some());
                let new_state = Cow::Borrowed(self.new_state?);
                (Body::StateChanged { channel: channel?, previous_state, new_state }, own)
            }
            Kind::WorkItemAdded => {
                let (work_item_id, channel, reason) = (work_item_id?, channel?, reason?);
                (Body::WorkItemAdded { work_item_id, channel, reason }, 4)
            }
            Kind::WorkItemUpdated => {
                let previous_reason = self.previous_reason.map(Cow::Borrowed);
                let own = 4 + u32::from(previous_reason.is_some());
                let (work_item_id, channel, reason) = (work_item_id?, channel?, reason?);
                (Body::WorkItemUpdated { work_item_id, channel, previous_reason, reason }, own)
            }
            Kind::WorkItemRemoved => {
                let own = 3 + u32::from(reason.is_some());
                let (work_item_id, channel) = (work_item_id?, channel?);
                (Body::WorkItemRemoved { work_item_id, channel, reason }, own)
            }
            Kind::MaxCapacityChanged => {
                (Body::MaxCapacityChanged { max_capacity: self.max_capacity? }, 2)
            }
            Kind::UnifiedStateChanged => {
                let previous_unified_state = self.previous_unified_state;
                let own = 2 + u32::from(previous_unified_state.is_some());
                let new_unified_state = self.new_unified_state?;
                (Body::UnifiedStateChanged { previous_unified_state, new_unified_state }, own)
            }
            Kind::ChannelCreated => (Body::ChannelCreated { channel: channel? }, 2),
            Kind::ChannelDeleted => (Body::ChannelDeleted { channel: channel? }, 2),
            Kind::GroupsUpdated => {
                let previous_group_ids = self.previous_group_ids;
                let own = 2 + u32::from(previous_group_ids.is_some());
                (
                    Body::GroupsUpdated { previous_group_ids, new_group_ids: self.new_group_ids? },
                    own,
                )
            }
            Kind::ChatStatus | Kind::ChatEngagements => return None,
        };
        (own == self.fields).then_some(body)
    }
}

fn capacities<'a>(cursor: &mut Cursor<'a>) -> Option<Vec<Capacity<'a>>> {
    let mut capacities: Vec<Capacity<'a>> = Vec::new();
    cursor.object(|cursor, key| {
        if capacities.iter().any(|capacity| capacity.channel == key) {
            return None;
        }
        let (mut current, mut previous) = (None, None);
        cursor.object(|cursor, key| match key {
            "current" => put(&mut current, cursor.number_or_null()?),
            "previous" => put(&mut previous, cursor.number_or_null()?),
            _ => None,
        })?;
        capacities.push(Capacity { channel: Cow::Borrowed(key), current: current?, previous });
        Some(())
    })?;
    Some(capacities)
}

fn unified_state<'a>(cursor: &mut Cursor<'a>) -> Option<UnifiedState<'a>> {
    let (mut id, mut name, mut reason) = (None, None, None);
    cursor.object(|cursor, key| match key {
        "id" => put(&mut id, cursor.text()?),
        "name" => put(&mut name, cursor.text()?),
        "reason" => put(&mut reason, cursor.text()?),
        _ => None,
    })?;
    Some(UnifiedState {
        id: Cow::Borrowed(id?),
        name: name.map(Cow::Borrowed),
        reason: reason.map(Cow::Borrowed),
    })
}
