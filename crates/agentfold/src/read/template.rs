//! The speculative layer: events spelled just as Zendesk spells them, key by key, without a space.
//!
//! Nothing is looked up, nothing is looked at twice. At the first byte that differs it gives up, and
//! the fast layer begins anew, whose answers are the same. The rarer types are left to that layer.

use std::borrow::Cow;

use super::cursor::Cursor;
use crate::event::{Availability, Detail, Event, InstantFrom};
use crate::fact::{Change, Fact, Unified};
use crate::kind::Kind;
use crate::{Agent, Id, Instant};

/// A webhook delivery as it usually is, borrowed from its text.
#[derive(Clone, Copy)]
pub(crate) struct Usual<'a> {
    account_id: Id,
    detail_account_id: Id,
    agent_id: Id,
    version: u64,
    updated_at: Instant,
    kind: Kind,
    change: Change<'a>,
    id: &'a str,
    subject: &'a str,
    time: Instant,
    zendesk_event_version: &'a str,
}

/// Reads the delivery that a text begins with, and tells where it ends.
#[inline(always)]
pub(crate) fn read(text: &str) -> Option<(Usual<'_>, usize)> {
    let mut cursor = Cursor::new(text);
    cursor.skip(b"{\"account_id\":")?;
    let (account_id, account) = cursor.number_and_text()?;
    cursor.skip(b",\"detail\":{\"account_id\":\"")?;
    // Usually the same.
    let detail_account_id = match cursor.skip_part(account) {
        Some(()) if cursor.peek() == b'"' => account_id,
        Some(()) => return None,
        None => cursor.number()?,
    };
    cursor.skip(b"\",\"agent_id\":\"")?;
    let (agent_id, agent) = cursor.number_and_text()?;
    cursor.skip(b"\",\"version\":\"")?;
    let version = cursor.number()?;
    cursor.skip(b"\"},\"event\":{\"updated_at\":")?;
    let updated_at = cursor.instant()?;
    let change = change(&mut cursor)?;
    cursor.skip(b"},\"id\":")?;
    // Usually a ULID.
    let id = cursor.text_of::<26>().or_else(|| cursor.text())?;
    cursor.skip(b",\"subject\":")?;
    let subject = cursor.text_that_ends(b"zen:agent:", agent).or_else(|| cursor.text())?;
    cursor.skip(b",\"time\":")?;
    let time = cursor.instant()?;
    cursor.skip(b",\"type\":\"zen:event-type:agent.")?;
    let kind = kind(&mut cursor, &change)?;
    cursor.skip(b"\",\"zendesk_event_version\":")?;
    let zendesk_event_version = cursor.text_of::<10>().or_else(|| cursor.text())?;
    cursor.skip(b"}")?;
    let usual = Usual {
        account_id: Id::new(account_id),
        detail_account_id: Id::new(detail_account_id),
        agent_id: Id::new(agent_id),
        version,
        updated_at,
        kind,
        change,
        id,
        subject,
        time,
        zendesk_event_version,
    };
    Some((usual, cursor.used()))
}

#[inline(always)]
fn change<'a>(cursor: &mut Cursor<'a>) -> Option<Change<'a>> {
    if cursor.skip(b",\"work_item_id\":").is_some() {
        let id = cursor.text()?;
        cursor.skip(b",\"channel\":")?;
        let channel = cursor.text()?;
        let previous_reason = match cursor.skip(b",\"previous_reason\":") {
            Some(()) => Some(cursor.text()?),
            None => None,
        };
        let reason = match cursor.skip(b",\"reason\":") {
            Some(()) => Some(cursor.text()?),
            None => None,
        };
        return Some(Change::WorkItem { id, channel, previous_reason, reason });
    }
    if cursor.skip(b",\"previous_state\":").is_some() {
        let previous = Some(cursor.text()?);
        cursor.skip(b",\"new_state\":")?;
        let new = cursor.text()?;
        cursor.skip(b",\"channel\":")?;
        return Some(Change::State { channel: cursor.text()?, previous, new });
    }
    if cursor.skip(b",\"previous_unified_state\":").is_some() {
        let previous = Some(unified_state(cursor)?);
        cursor.skip(b",\"new_unified_state\":")?;
        return Some(Change::UnifiedState { previous, new: unified_state(cursor)? });
    }
    cursor.skip(b",\"channel\":")?;
    cursor.text().map(Change::Channel)
}

#[inline(always)]
fn unified_state<'a>(cursor: &mut Cursor<'a>) -> Option<Unified<'a>> {
    cursor.skip(b"{\"id\":")?;
    let id = cursor.text()?;
    cursor.skip(b",\"name\":")?;
    let name = Some(cursor.text()?);
    cursor.skip(b",\"reason\":")?;
    let reason = Some(cursor.text()?);
    cursor.skip(b"}")?;
    Some(Unified { id, name, reason })
}

/// The rest of the type's name, if the change has its form.
#[inline(always)]
fn kind(cursor: &mut Cursor<'_>, change: &Change<'_>) -> Option<Kind> {
    let (kind, fits) = match change {
        Change::WorkItem { previous_reason, reason, .. } => {
            if cursor.skip(b"work_item_updated").is_some() {
                (Kind::WorkItemUpdated, reason.is_some())
            } else if cursor.skip(b"work_item_added").is_some() {
                (Kind::WorkItemAdded, previous_reason.is_none() && reason.is_some())
            } else {
                cursor.skip(b"work_item_removed")?;
                (Kind::WorkItemRemoved, previous_reason.is_none())
            }
        }
        Change::State { .. } => {
            cursor.skip(b"state_changed")?;
            (Kind::StateChanged, true)
        }
        Change::UnifiedState { .. } => {
            cursor.skip(b"unified_state_changed")?;
            (Kind::UnifiedStateChanged, true)
        }
        Change::Channel(_) if cursor.skip(b"channel_created").is_some() => {
            (Kind::ChannelCreated, true)
        }
        Change::Channel(_) => {
            cursor.skip(b"channel_deleted")?;
            (Kind::ChannelDeleted, true)
        }
        _ => return None,
    };
    fits.then_some(kind)
}

impl<'a> Usual<'a> {
    /// The fact that it tells; `None` if something is wrong with its instant.
    #[inline(always)]
    pub(crate) fn fact(&self, from: InstantFrom) -> Option<Fact<'a>> {
        let agent = Agent::new(self.detail_account_id, self.agent_id);
        let at = match from {
            InstantFrom::UpdatedAt if self.updated_at > self.time => return None,
            InstantFrom::UpdatedAt => self.updated_at,
            InstantFrom::Time => self.time,
        };
        let Usual { version, kind, id, change, .. } = *self;
        Some(Fact { agent, at, version, kind, id, change })
    }

    /// The whole event.
    #[inline(always)]
    pub(crate) fn event(&self) -> Option<Event<'a>> {
        Some(Event::Availability(Availability {
            account_id: Some(self.account_id),
            detail: Detail {
                account_id: Some(self.detail_account_id),
                agent_id: self.agent_id,
                version: Some(self.version),
            },
            body: self.change.body(self.kind)?,
            updated_at: self.updated_at,
            id: Cow::Borrowed(self.id),
            subject: Some(Cow::Borrowed(self.subject)),
            time: Some(self.time),
            zendesk_event_version: Some(Cow::Borrowed(self.zendesk_event_version)),
            unknown_fields: Vec::new(),
        }))
    }
}
