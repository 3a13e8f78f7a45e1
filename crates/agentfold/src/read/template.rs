//! The template layer: reads events in exactly Zendesk's spelling, key by key, without spaces.
//!
//! It makes one pass, without look-ups. At the first byte that differs it gives up, and the pull layer
//! starts again; both give the same results. The rarer types are left to that layer.

use std::borrow::Cow;

use super::Options;
use super::scanner::Scanner;
use crate::event::{Availability, Detail, Event, InstantFrom};
use crate::fact::{Delta, Fact, Unified};
use crate::kind::Kind;
use crate::{Agent, Id, Instant};

/// A webhook delivery in the usual spelling, borrowed from its text.
#[derive(Clone, Copy)]
pub(crate) struct Usual<'a> {
    account_id: Id,
    detail_account_id: Id,
    agent_id: Id,
    version: u64,
    updated_at: Instant,
    kind: Kind,
    change: Delta<'a>,
    id: &'a str,
    subject: &'a str,
    time: Instant,
    zendesk_event_version: &'a str,
}

/// Reads the delivery at the beginning of a text, and returns where it ends.
#[inline(always)]
pub(crate) fn read(text: &str) -> Option<(Usual<'_>, usize)> {
    let mut scanner = Scanner::new(text);
    scanner.skip(b"{\"account_id\":")?;
    let (account_id, account) = scanner.number_and_text()?;
    scanner.skip(b",\"detail\":{\"account_id\":\"")?;
    // Usually the same account.
    let detail_account_id = match scanner.skip_part(account) {
        Some(()) if scanner.peek() == b'"' => account_id,
        Some(()) => return None,
        None => scanner.number()?,
    };
    scanner.skip(b"\",\"agent_id\":\"")?;
    let (agent_id, agent) = scanner.number_and_text()?;
    scanner.skip(b"\",\"version\":\"")?;
    let version = scanner.number()?;
    scanner.skip(b"\"},\"event\":{\"updated_at\":")?;
    let updated_at = scanner.instant()?;
    let change = change(&mut scanner)?;
    scanner.skip(b"},\"id\":")?;
    // Usually a ULID.
    let id = scanner.text_of::<26>().or_else(|| scanner.text())?;
    scanner.skip(b",\"subject\":")?;
    let subject = scanner.text_that_ends(b"zen:agent:", agent).or_else(|| scanner.text())?;
    scanner.skip(b",\"time\":")?;
    let time = scanner.instant()?;
    scanner.skip(b",\"type\":\"zen:event-type:agent.")?;
    let kind = kind(&mut scanner, &change)?;
    scanner.skip(b"\",\"zendesk_event_version\":")?;
    let zendesk_event_version = scanner.text_of::<10>().or_else(|| scanner.text())?;
    scanner.skip(b"}")?;
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
    Some((usual, scanner.used()))
}

#[inline(always)]
fn change<'a>(scanner: &mut Scanner<'a>) -> Option<Delta<'a>> {
    if scanner.skip(b",\"work_item_id\":").is_some() {
        let id = scanner.text()?;
        scanner.skip(b",\"channel\":")?;
        let channel = scanner.text()?;
        let previous_reason = match scanner.skip(b",\"previous_reason\":") {
            Some(()) => Some(scanner.text()?),
            None => None,
        };
        let reason = match scanner.skip(b",\"reason\":") {
            Some(()) => Some(scanner.text()?),
            None => None,
        };
        return Some(Delta::WorkItem { id, channel, previous_reason, reason });
    }
    if scanner.skip(b",\"previous_state\":").is_some() {
        let previous = Some(scanner.text()?);
        scanner.skip(b",\"new_state\":")?;
        let new = scanner.text()?;
        scanner.skip(b",\"channel\":")?;
        return Some(Delta::State { channel: scanner.text()?, previous, new });
    }
    if scanner.skip(b",\"previous_unified_state\":").is_some() {
        let previous = Some(unified_state(scanner)?);
        scanner.skip(b",\"new_unified_state\":")?;
        return Some(Delta::UnifiedState { previous, new: unified_state(scanner)? });
    }
    scanner.skip(b",\"channel\":")?;
    scanner.text().map(Delta::Channel)
}

#[inline(always)]
fn unified_state<'a>(scanner: &mut Scanner<'a>) -> Option<Unified<'a>> {
    scanner.skip(b"{\"id\":")?;
    let id = scanner.text()?;
    scanner.skip(b",\"name\":")?;
    let name = Some(scanner.text()?);
    scanner.skip(b",\"reason\":")?;
    let reason = Some(scanner.text()?);
    scanner.skip(b"}")?;
    Some(Unified { id, name, reason })
}

/// Reads the rest of the type's name. `None` if the change does not fit the type.
#[inline(always)]
fn kind(scanner: &mut Scanner<'_>, change: &Delta<'_>) -> Option<Kind> {
    let (kind, fits) = match change {
        Delta::WorkItem { previous_reason, reason, .. } => {
            if scanner.skip(b"work_item_updated").is_some() {
                (Kind::WorkItemUpdated, reason.is_some())
            } else if scanner.skip(b"work_item_added").is_some() {
                (Kind::WorkItemAdded, previous_reason.is_none() && reason.is_some())
            } else {
                scanner.skip(b"work_item_removed")?;
                (Kind::WorkItemRemoved, previous_reason.is_none())
            }
        }
        Delta::State { .. } => {
            scanner.skip(b"state_changed")?;
            (Kind::StateChanged, true)
        }
        Delta::UnifiedState { .. } => {
            scanner.skip(b"unified_state_changed")?;
            (Kind::UnifiedStateChanged, true)
        }
        Delta::Channel(_) if scanner.skip(b"channel_created").is_some() => {
            (Kind::ChannelCreated, true)
        }
        Delta::Channel(_) => {
            scanner.skip(b"channel_deleted")?;
            (Kind::ChannelDeleted, true)
        }
        _ => return None,
    };
    fits.then_some(kind)
}

impl<'a> Usual<'a> {
    /// The fact of the delivery; `None` if the change is dated after its envelope, or far after the
    /// reader's clock.
    #[inline(always)]
    pub(crate) fn fact(&self, options: &Options) -> Option<Fact<'a>> {
        let agent = Agent::new(self.detail_account_id, self.agent_id);
        let at = match options.instant {
            InstantFrom::UpdatedAt if self.updated_at > self.time => return None,
            InstantFrom::UpdatedAt => self.updated_at,
            InstantFrom::Time => self.time,
        };
        if options.is_future(at) {
            return None;
        }
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
