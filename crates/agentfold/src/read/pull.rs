//! The pull layer: reads an event with keys in any order, in one pass and without copying.
//!
//! It returns an event only if the strict layer would return the same. Anything unusual (escapes,
//! repeated keys, nulls, unknown types, errors) is left to that layer.

use std::borrow::Cow;

use super::scanner::{ChatValue, Scanner};
use crate::event::{
    Availability, Body, Capacity, Chat, ChatField, Detail, Event, UnifiedState, UnknownField,
};
use crate::kind::Kind;
use crate::pointer::escape;
use crate::{Id, Instant};

/// How many keys are compared one by one.
const FEW: usize = 32;

/// Reads the event at the beginning of a text, and returns where it ends. Does not check whether its
/// instant is in the future, or unknown fields are too deep.
pub(crate) fn read(text: &str) -> Option<(Event<'_>, usize)> {
    let mut scanner = Scanner::new(text);
    scanner.space();
    let mut top = Top::default();
    scanner.object(|scanner, key| top.field(scanner, key))?;
    top.unknown_fields.sort_by(|a, b| a.path.cmp(&b.path));
    Some((top.event()?, scanner.used()))
}

/// The top-level fields of a record of either feed.
#[derive(Default)]
struct Top<'a> {
    account_id: Option<Id>,
    agent_id: Option<Id>,
    detail: Option<InDetail>,
    change: Option<Slots<'a>>,
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
struct Slots<'a> {
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

/// Puts a value into an empty slot. A full one means a repeated key.
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

/// Keeps an unknown field of the object at `parent`.
#[cold]
fn unknown_field<'a>(
    scanner: &mut Scanner<'a>,
    parent: &str,
    key: &str,
    fields: &mut Vec<UnknownField<'a>>,
) -> Option<()> {
    let path = format!("{parent}/{}", escape(key));
    // The strict layer is quick with many keys.
    if fields.len() == FEW || fields.iter().any(|field| field.path == path) {
        return None;
    }
    fields.push(UnknownField { path, json: Cow::Borrowed(scanner.value()?) });
    Some(())
}

impl<'a> Top<'a> {
    #[inline]
    fn field(&mut self, scanner: &mut Scanner<'a>, key: &str) -> Option<()> {
        match key {
            "account_id" => put(&mut self.account_id, scanner.number_id()?),
            "detail" => put(&mut self.detail, InDetail::read(scanner, &mut self.unknown_fields)?),
            "event" => put(&mut self.change, Slots::read(scanner, &mut self.unknown_fields)?),
            "id" => put(&mut self.id, scanner.text_id()?),
            "subject" => put(&mut self.subject, scanner.text()?),
            "time" => put(&mut self.time, scanner.instant()?),
            "type" => put(&mut self.kind, Kind::of_type(scanner.text()?)?),
            "zendesk_event_version" => put(&mut self.zendesk_event_version, scanner.text()?),
            "agent_id" => put(&mut self.agent_id, scanner.number_id()?),
            "field_name" => put(&mut self.field_name, Kind::of_field_name(scanner.text()?)?),
            "timestamp" => put(&mut self.timestamp, scanner.instant()?),
            "value" => put(&mut self.value, scanner.chat_value()?),
            "previous_value" => put(&mut self.previous_value, scanner.chat_value()?),
            // A CloudEvent: the strict layer reads its data.
            "specversion" => None,
            _ => unknown_field(scanner, "", key, &mut self.unknown_fields),
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
        scanner: &mut Scanner<'a>,
        unknown_fields: &mut Vec<UnknownField<'a>>,
    ) -> Option<InDetail> {
        let mut detail = InDetail::default();
        scanner.object(|scanner, key| match key {
            "account_id" => put(&mut detail.account_id, scanner.number_id()?),
            "agent_id" => put(&mut detail.agent_id, scanner.number_id()?),
            "version" => put(&mut detail.version, scanner.number_or_digits()?),
            _ => unknown_field(scanner, "/detail", key, unknown_fields),
        })?;
        Some(detail)
    }
}

impl<'a> Slots<'a> {
    #[inline]
    fn read(
        scanner: &mut Scanner<'a>,
        unknown_fields: &mut Vec<UnknownField<'a>>,
    ) -> Option<Slots<'a>> {
        let mut change = Slots::default();
        scanner.object(|scanner, key| {
            change.fields += 1;
            match key {
                "updated_at" => put(&mut change.updated_at, scanner.instant()?),
                "channel" => put(&mut change.channel, scanner.text()?),
                "previous_state" => put(&mut change.previous_state, scanner.text()?),
                "new_state" => put(&mut change.new_state, scanner.text()?),
                "work_item_id" => put(&mut change.work_item_id, scanner.text_id()?),
                "previous_reason" => put(&mut change.previous_reason, scanner.text()?),
                "reason" => put(&mut change.reason, scanner.text()?),
                "maxCapacity" => put(&mut change.max_capacity, capacities(scanner)?),
                "previous_unified_state" => {
                    put(&mut change.previous_unified_state, unified_state(scanner)?)
                }
                "new_unified_state" => put(&mut change.new_unified_state, unified_state(scanner)?),
                "previous_group_ids" => put(&mut change.previous_group_ids, scanner.list()?),
                "new_group_ids" => put(&mut change.new_group_ids, scanner.list()?),
                _ => {
                    change.fields -= 1;
                    unknown_field(scanner, "/event", key, unknown_fields)
                }
            }
        })?;
        Some(change)
    }

    /// The body of this kind, if there are exactly its fields.
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

fn capacities<'a>(scanner: &mut Scanner<'a>) -> Option<Vec<Capacity<'a>>> {
    let mut capacities: Vec<Capacity<'a>> = Vec::new();
    scanner.object(|scanner, key| {
        if capacities.len() == FEW || capacities.iter().any(|one| one.channel == key) {
            return None;
        }
        let (mut current, mut previous) = (None, None);
        scanner.object(|scanner, key| match key {
            "current" => put(&mut current, scanner.count_or_null()?),
            "previous" => put(&mut previous, scanner.count_or_null()?),
            _ => None,
        })?;
        capacities.push(Capacity { channel: Cow::Borrowed(key), current: current?, previous });
        Some(())
    })?;
    Some(capacities)
}

fn unified_state<'a>(scanner: &mut Scanner<'a>) -> Option<UnifiedState<'a>> {
    let (mut id, mut name, mut reason) = (None, None, None);
    scanner.object(|scanner, key| match key {
        "id" => put(&mut id, scanner.text()?),
        "name" => put(&mut name, scanner.text()?),
        "reason" => put(&mut reason, scanner.text()?),
        _ => None,
    })?;
    Some(UnifiedState {
        id: Cow::Borrowed(id?),
        name: name.map(Cow::Borrowed),
        reason: reason.map(Cow::Borrowed),
    })
}
