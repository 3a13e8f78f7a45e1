//! The fast layer: one pass over an event that is as it should be, borrowing all of it.
//!
//! It answers an event only where the strict layer would answer the same; whatever is unusual
//! (escapes, unknown fields, repeated keys, errors) is left to that layer.

use std::borrow::Cow;

use super::Options;
use crate::Instant;
use crate::event::{Availability, Body, Capacity, Chat, ChatField, Detail, Event, UnifiedState};
use crate::kind::Kind;

/// Reads events that are as they should be.
#[derive(Debug, Clone)]
pub(crate) struct Parser {
    options: Options,
}

impl Parser {
    pub(crate) fn new(options: &Options) -> Parser {
        Parser { options: *options }
    }

    /// Reads the event that `bytes` begin with, and tells where it ends.
    pub(crate) fn read<'a>(&mut self, bytes: &'a [u8]) -> Option<(Event<'a>, usize)> {
        let mut cursor = Cursor { bytes, at: 0 };
        cursor.space();
        let mut top = Top::default();
        cursor.object(|cursor, key| top.field(cursor, key))?;
        let event = top.event()?;
        event.at(self.options.instant).ok()?;
        Some((event, cursor.at))
    }
}

/// The fields of a record's outermost object, of either feed.
#[derive(Default)]
struct Top<'a> {
    account_id: Option<u64>,
    agent_id: Option<u64>,
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
}

#[derive(Default)]
struct InDetail {
    account_id: Option<u64>,
    agent_id: Option<u64>,
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

#[derive(Clone, Copy)]
enum ChatValue<'a> {
    Text(&'a str),
    Number(u64),
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

impl<'a> Top<'a> {
    #[inline]
    fn field(&mut self, cursor: &mut Cursor<'a>, key: &[u8]) -> Option<()> {
        match key {
            b"account_id" => put(&mut self.account_id, cursor.number_id()?),
            b"detail" => put(&mut self.detail, InDetail::read(cursor)?),
            b"event" => put(&mut self.change, Change::read(cursor)?),
            b"id" => put(&mut self.id, cursor.text()?),
            b"subject" => put(&mut self.subject, cursor.text()?),
            b"time" => put(&mut self.time, cursor.instant()?),
            b"type" => put(&mut self.kind, Kind::of_type(cursor.text()?)?),
            b"zendesk_event_version" => put(&mut self.zendesk_event_version, cursor.text()?),
            b"agent_id" => put(&mut self.agent_id, cursor.number_id()?),
            b"field_name" => put(
                &mut self.field_name,
                match cursor.text()? {
                    "status" => Kind::ChatStatus,
                    "engagements" => Kind::ChatEngagements,
                    _ => return None,
                },
            ),
            b"timestamp" => put(&mut self.timestamp, cursor.instant()?),
            b"value" => put(&mut self.value, cursor.chat_value()?),
            b"previous_value" => put(&mut self.previous_value, cursor.chat_value()?),
            _ => None,
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
            unknown_fields: Vec::new(),
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
            unknown_fields: Vec::new(),
        }))
    }
}

impl InDetail {
    #[inline]
    fn read(cursor: &mut Cursor<'_>) -> Option<InDetail> {
        let mut detail = InDetail::default();
        cursor.object(|cursor, key| match key {
            b"account_id" => put(&mut detail.account_id, cursor.number_id()?),
            b"agent_id" => put(&mut detail.agent_id, cursor.number_id()?),
            b"version" => put(&mut detail.version, cursor.number_id()?),
            _ => None,
        })?;
        Some(detail)
    }
}

impl<'a> Change<'a> {
    #[inline]
    fn read(cursor: &mut Cursor<'a>) -> Option<Change<'a>> {
        let mut change = Change::default();
        cursor.object(|cursor, key| {
            change.fields += 1;
            match key {
                b"updated_at" => put(&mut change.updated_at, cursor.instant()?),
                b"channel" => put(&mut change.channel, cursor.text()?),
                b"previous_state" => put(&mut change.previous_state, cursor.text()?),
                b"new_state" => put(&mut change.new_state, cursor.text()?),
                b"work_item_id" => put(&mut change.work_item_id, cursor.text()?),
                b"previous_reason" => put(&mut change.previous_reason, cursor.text()?),
                b"reason" => put(&mut change.reason, cursor.text()?),
                b"maxCapacity" => put(&mut change.max_capacity, capacities(cursor)?),
                b"previous_unified_state" => {
                    put(&mut change.previous_unified_state, unified_state(cursor)?)
                }
                b"new_unified_state" => put(&mut change.new_unified_state, unified_state(cursor)?),
                b"previous_group_ids" => put(&mut change.previous_group_ids, cursor.list()?),
                b"new_group_ids" => put(&mut change.new_group_ids, cursor.list()?),
                _ => None,
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
        let channel = std::str::from_utf8(key).ok()?;
        if capacities.iter().any(|capacity| capacity.channel == channel) {
            return None;
        }
        let (mut current, mut previous) = (None, None);
        cursor.object(|cursor, key| match key {
            b"current" => put(&mut current, cursor.number_or_null()?),
            b"previous" => put(&mut previous, cursor.number_or_null()?),
            _ => None,
        })?;
        capacities.push(Capacity { channel: Cow::Borrowed(channel), current: current?, previous });
        Some(())
    })?;
    Some(capacities)
}

fn unified_state<'a>(cursor: &mut Cursor<'a>) -> Option<UnifiedState<'a>> {
    let (mut id, mut name, mut reason) = (None, None, None);
    cursor.object(|cursor, key| match key {
        b"id" => put(&mut id, cursor.text()?),
        b"name" => put(&mut name, cursor.text()?),
        b"reason" => put(&mut reason, cursor.text()?),
        _ => None,
    })?;
    Some(UnifiedState {
        id: Cow::Borrowed(id?),
        name: name.map(Cow::Borrowed),
        reason: reason.map(Cow::Borrowed),
    })
}

/// A place in the bytes of an event.
struct Cursor<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Cursor<'a> {
    #[inline]
    fn peek(&self) -> u8 {
        self.bytes.get(self.at).copied().unwrap_or(0)
    }

    #[inline]
    fn space(&mut self) {
        while matches!(self.peek(), b' ' | b'\n' | b'\t' | b'\r') {
            self.at += 1;
        }
    }

    /// Steps over `byte`, which must come next.
    #[inline]
    fn skip(&mut self, byte: u8) -> Option<()> {
        (self.peek() == byte).then(|| self.at += 1)
    }

    /// Reads an object, each of its values by `field`.
    #[inline]
    fn object(
        &mut self,
        mut field: impl FnMut(&mut Cursor<'a>, &'a [u8]) -> Option<()>,
    ) -> Option<()> {
        self.skip(b'{')?;
        self.space();
        if self.peek() == b'}' {
            self.at += 1;
            return Some(());
        }
        loop {
            let key = self.quoted()?;
            self.space();
            self.skip(b':')?;
            self.space();
            field(self, key)?;
            self.space();
            match self.peek() {
                b',' => self.at += 1,
                b'}' => {
                    self.at += 1;
                    return Some(());
                }
                _ => return None,
            }
            self.space();
        }
    }

    /// The bytes of a string without escapes.
    #[inline]
    fn quoted(&mut self) -> Option<&'a [u8]> {
        self.skip(b'"')?;
        let start = self.at;
        let mut rest = &self.bytes[start..];
        while let Some((word, more)) = rest.split_first_chunk::<8>() {
            let end = first_special(u64::from_le_bytes(*word));
            if end < 8 {
                self.at = self.bytes.len() - rest.len() + end;
                return self.end_quoted(start);
            }
            rest = more;
        }
        self.at = self.bytes.len() - rest.len();
        while self.peek() >= 0x20 && !matches!(self.peek(), b'"' | b'\\') {
            self.at += 1;
        }
        self.end_quoted(start)
    }

    #[inline]
    fn end_quoted(&mut self, start: usize) -> Option<&'a [u8]> {
        let text = &self.bytes[start..self.at];
        self.skip(b'"')?;
        Some(text)
    }

    #[inline]
    fn text(&mut self) -> Option<&'a str> {
        std::str::from_utf8(self.quoted()?).ok()
    }

    #[inline]
    fn instant(&mut self) -> Option<Instant> {
        Instant::parse(self.quoted()?).ok()
    }

    /// A whole number that fits, its digits ended by anything else.
    #[inline]
    fn number(&mut self) -> Option<u64> {
        let first = self.at;
        let mut number = 0_u64;
        while self.peek().is_ascii_digit() {
            number = number.checked_mul(10)?.checked_add(u64::from(self.peek() - b'0'))?;
            self.at += 1;
        }
        // A leading zero, a fraction or an exponent is for the strict layer.
        let plain = match self.at - first {
            0 => false,
            1 => true,
            _ => self.bytes[first] != b'0',
        };
        (plain && !matches!(self.peek(), b'.' | b'e' | b'E')).then_some(number)
    }

    #[inline]
    fn number_id(&mut self) -> Option<u64> {
        if self.peek() != b'"' {
            return self.number();
        }
        self.at += 1;
        let number = self.number()?;
        self.skip(b'"')?;
        Some(number)
    }

    #[inline]
    fn number_or_null(&mut self) -> Option<Option<u64>> {
        if self.bytes[self.at..].starts_with(b"null") {
            self.at += 4;
            return Some(None);
        }
        self.number().map(Some)
    }

    #[inline]
    fn chat_value(&mut self) -> Option<ChatValue<'a>> {
        if self.peek() == b'"' {
            self.text().map(ChatValue::Text)
        } else {
            self.number().map(ChatValue::Number)
        }
    }

    fn list(&mut self) -> Option<Vec<Cow<'a, str>>> {
        let mut list = Vec::new();
        self.skip(b'[')?;
        self.space();
        if self.peek() == b']' {
            self.at += 1;
            return Some(list);
        }
        loop {
            list.push(Cow::Borrowed(self.text()?));
            self.space();
            match self.peek() {
                b',' => self.at += 1,
                b']' => {
                    self.at += 1;
                    return Some(list);
                }
                _ => return None,
            }
            self.space();
        }
    }
}

/// The index of the first byte that ends or breaks a plain string (a quote, a backslash, a control
/// character), or 8. A byte at a time in one word: a borrow can only falsify the bytes above a hit.
#[inline]
fn first_special(word: u64) -> usize {
    const ONES: u64 = u64::MAX / 255;
    const HIGHS: u64 = ONES << 7;
    let zero = |word: u64| word.wrapping_sub(ONES) & !word;
    let quote = zero(word ^ (ONES * b'"' as u64));
    let backslash = zero(word ^ (ONES * b'\\' as u64));
    let control = word.wrapping_sub(ONES * 0x20) & !word;
    ((quote | backslash | control) & HIGHS).trailing_zeros() as usize / 8
}
