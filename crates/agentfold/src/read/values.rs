//! [`Values`]: what a record states, field by field, before it becomes a fact or an event.

use std::borrow::Cow;
use std::cell::OnceCell;
use std::ops::Range;

use smallvec::SmallVec;

use super::Options;
use super::parts::unescape;
use super::scanner::Text;
use super::shapes::{Read, Span};
use super::slot::{INSTANTS, Level, NUMBERS, Slot, Slots, TEXTS};
use super::strict::deeper_than;
use crate::event::{
    Availability, Body, Capacity, Chat, ChatField, ChatId, Detail, Event, FUTURE_TOLERANCE,
    InstantFrom, UnifiedState, UnknownField,
};
use crate::fact::{Delta, Fact, Unified};
use crate::kind::Kind;
use crate::{Agent, Id, Instant};

/// What records that are spelled alike have in common.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Form {
    pub(crate) kind: Kind,
    /// The fields that are there, and not null. They fit the kind.
    pub(crate) stated: Slots,
    /// How many lines break within it.
    pub(crate) newlines: usize,
}

/// The values of one record. They are kept for the next one, so only those count that its form states.
#[derive(Debug)]
pub(crate) struct Values<'a> {
    pub(crate) numbers: [u64; NUMBERS],
    pub(crate) instants: [Instant; INSTANTS],
    /// As they are written.
    pub(crate) texts: [&'a str; TEXTS],
    /// Which texts have escapes, by place.
    pub(crate) escaped: u32,
    pub(crate) capacities: Vec<Capacity<'a>>,
    pub(crate) groups: [Vec<Cow<'a, str>>; 2],
    /// The unknown fields, as JSON.
    pub(crate) unknown: SmallVec<[&'a str; 4]>,
    /// The objects and keys of the unknown fields, and where all values stand. Only the pull layer
    /// notes them.
    pub(crate) names: SmallVec<[(Level, &'a str); 4]>,
    spans: [Span; SPANS],
    noted: usize,
}

/// How many values are noted at most.
const SPANS: usize = 40;

impl<'a> Values<'a> {
    pub(crate) fn new() -> Values<'a> {
        Values {
            numbers: [0; NUMBERS],
            instants: [Instant::MIN; INSTANTS],
            texts: [""; TEXTS],
            escaped: 0,
            capacities: Vec::new(),
            groups: [Vec::new(), Vec::new()],
            unknown: SmallVec::new(),
            names: SmallVec::new(),
            spans: [Span::NONE; SPANS],
            noted: 0,
        }
    }

    /// Begins the next record.
    #[inline(always)]
    pub(crate) fn clear(&mut self) {
        self.escaped = 0;
        self.unknown.clear();
        self.names.clear();
        self.noted = 0;
    }

    #[inline(always)]
    pub(crate) fn put_text(&mut self, place: usize, text: Text<'a>) {
        self.texts[place] = text.raw;
        self.escaped |= u32::from(text.escaped) << place;
    }

    /// Notes where a value stands.
    #[inline(always)]
    pub(crate) fn note(&mut self, span: Span) {
        if let Some(place) = self.spans.get_mut(self.noted) {
            *place = span;
        }
        self.noted += 1;
    }

    /// Where all values stand; `None` if there are too many.
    pub(crate) fn spans(&self) -> Option<&[Span]> {
        self.spans.get(..self.noted)
    }

    fn number(&self, slot: Slot) -> u64 {
        self.numbers[slot.place()]
    }

    fn instant(&self, slot: Slot) -> Instant {
        self.instants[slot.place()]
    }

    fn text(&self, slot: Slot) -> Option<Cow<'a, str>> {
        let place = slot.place();
        let text = Text { raw: self.texts[place], escaped: self.escaped >> place & 1 == 1 };
        text.unescaped()
    }

    /// A text that may not be stated. `None` if it can't be read.
    fn optional(&self, form: &Form, slot: Slot) -> Option<Option<Cow<'a, str>>> {
        if form.stated.has(slot) { self.text(slot).map(Some) } else { Some(None) }
    }

    /// The instant of the change. `None` if it is too far in the future, or an unknown field too deep.
    #[inline(always)]
    fn at(&self, read: &Read<'_>, id: &str, options: &Options) -> Option<Instant> {
        let Read { form, text, .. } = read;
        let nested = |json: &&str| json.starts_with(['{', '[']);
        if self.unknown.iter().any(nested) && deeper_than(text.as_bytes(), options.max_depth) {
            return None;
        }
        let at = if form.stated.has(Slot::Timestamp) {
            let (at, told) = (self.instant(Slot::Timestamp), ChatId::parse(id));
            let is_future = told.is_some_and(|told| at.is_past(told.made_at, FUTURE_TOLERANCE));
            (!is_future).then_some(at)?
        } else {
            let (at, time) = (self.instant(Slot::UpdatedAt), self.instant(Slot::Time));
            match (options.instant, form.stated.has(Slot::Time)) {
                (InstantFrom::Time, has_time) => has_time.then_some(time)?,
                (InstantFrom::UpdatedAt, true) if at.is_past(time, FUTURE_TOLERANCE) => {
                    return None;
                }
                (InstantFrom::UpdatedAt, _) => at,
            }
        };
        (!options.is_future(at)).then_some(at)
    }

    /// The fact of the record. Texts with escapes are put into `room`. `None` for a record that has
    /// lists, or that the strict layer should look at.
    #[inline(never)]
    pub(crate) fn fact<'e>(
        &self,
        read: &Read<'_>,
        options: &Options,
        room: &'e OnceCell<String>,
    ) -> Option<Fact<'e>>
    where
        'a: 'e,
    {
        let form = &read.form;
        let plain;
        // A fact has neither of these two.
        const UNUSED: u32 = 1 << Slot::Subject.place() | 1 << Slot::EventVersion.place();
        let escaped = self.escaped & !UNUSED;
        let texts: &[&'e str; TEXTS] = if escaped == 0 {
            &self.texts
        } else {
            plain = self.plain_texts(escaped, room)?;
            &plain
        };
        let text = |slot: Slot| texts[slot.place()];
        let stated = |slot: Slot| form.stated.has(slot).then(|| texts[slot.place()]);
        let id = text(Slot::Id);
        let at = self.at(read, id, options)?;
        let is_chat = form.stated.has(Slot::Timestamp);
        let account = if form.stated.has(Slot::DetailAccountId) {
            Slot::DetailAccountId
        } else {
            Slot::AccountId
        };
        let agent = if is_chat { Slot::AgentId } else { Slot::DetailAgentId };
        let agent = Agent::new(Id::new(self.number(account)), Id::new(self.number(agent)));
        let version = if form.stated.has(Slot::Version) { self.number(Slot::Version) } else { 0 };
        let change = match form.kind {
            Kind::StateChanged => Delta::State {
                channel: text(Slot::Channel),
                previous: stated(Slot::PreviousState),
                new: text(Slot::NewState),
            },
            Kind::WorkItemAdded | Kind::WorkItemUpdated | Kind::WorkItemRemoved => {
                Delta::WorkItem {
                    id: text(Slot::WorkItemId),
                    channel: text(Slot::Channel),
                    previous_reason: stated(Slot::PreviousReason),
                    reason: stated(Slot::Reason),
                }
            }
            Kind::UnifiedStateChanged => Delta::UnifiedState {
                previous: form.stated.has(Slot::PreviousUnified).then(|| Unified {
                    id: text(Slot::PreviousUnifiedId),
                    name: stated(Slot::PreviousUnifiedName),
                    reason: stated(Slot::PreviousUnifiedReason),
                }),
                new: Unified {
                    id: text(Slot::NewUnifiedId),
                    name: stated(Slot::NewUnifiedName),
                    reason: stated(Slot::NewUnifiedReason),
                },
            },
            Kind::ChannelCreated | Kind::ChannelDeleted => Delta::Channel(text(Slot::Channel)),
            Kind::ChatStatus => {
                Delta::ChatStatus { previous: stated(Slot::PreviousWord), new: text(Slot::Word) }
            }
            Kind::ChatEngagements => Delta::ChatEngagements {
                previous: form
                    .stated
                    .has(Slot::PreviousCount)
                    .then(|| self.number(Slot::PreviousCount)),
                new: self.number(Slot::Count),
            },
            Kind::MaxCapacityChanged | Kind::GroupsUpdated => return None,
        };
        Some(Fact { agent, at, version, kind: form.kind, id, change })
    }

    /// The texts, put into `room` without their escapes where they are `escaped`.
    #[cold]
    fn plain_texts<'e>(&self, escaped: u32, room: &'e OnceCell<String>) -> Option<[&'e str; TEXTS]>
    where
        'a: 'e,
    {
        let mut ranges = SmallVec::<[(usize, Range<usize>); TEXTS]>::new();
        let places = || (0..TEXTS).filter(|place| escaped >> place & 1 == 1);
        let mut all = String::with_capacity(places().map(|place| self.texts[place].len()).sum());
        for place in places() {
            let start = all.len();
            unescape(self.texts[place], &mut all)?;
            ranges.push((place, start..all.len()));
        }
        let all: &'e str = room.get_or_init(|| all);
        let mut texts: [&'e str; TEXTS] = self.texts;
        for (place, range) in ranges {
            texts[place] = all.get(range)?;
        }
        Some(texts)
    }

    /// The paths of the unknown fields of a record that the pull layer has read.
    pub(crate) fn paths(&self) -> Vec<String> {
        self.names.iter().map(|(level, key)| level.path(key)).collect()
    }

    /// The event. `paths` are those of its unknown fields. `None` for a record that the strict layer
    /// should look at.
    pub(crate) fn event(
        &mut self,
        read: &Read<'_>,
        options: &Options,
        paths: Vec<String>,
    ) -> Option<Event<'a>> {
        let form = &read.form;
        let id = self.text(Slot::Id)?;
        self.at(read, &id, options)?;
        let fields = paths.into_iter().zip(&self.unknown);
        let fields = fields.map(|(path, json)| UnknownField { path, json: Cow::Borrowed(json) });
        let mut unknown_fields: Vec<UnknownField<'a>> = fields.collect();
        unknown_fields.sort_by(|a, b| a.path.cmp(&b.path));
        let stated = |slot: Slot| form.stated.has(slot).then_some(slot);
        let number = |slot: Slot| Id::new(self.number(slot));
        if form.stated.has(Slot::Timestamp) {
            let count = |slot| stated(slot).map(|slot| self.number(slot));
            let field = match form.kind {
                Kind::ChatStatus => ChatField::Status {
                    previous_value: self.optional(form, Slot::PreviousWord)?,
                    value: self.text(Slot::Word)?,
                },
                _ => ChatField::Engagements {
                    previous_value: count(Slot::PreviousCount),
                    value: self.number(Slot::Count),
                },
            };
            return Some(Event::Chat(Chat {
                account_id: number(Slot::AccountId),
                agent_id: number(Slot::AgentId),
                field,
                id,
                timestamp: self.instant(Slot::Timestamp),
                unknown_fields,
            }));
        }
        let detail = Detail {
            account_id: stated(Slot::DetailAccountId).map(number),
            agent_id: number(Slot::DetailAgentId),
            version: stated(Slot::Version).map(|slot| self.number(slot)),
        };
        let subject = self.optional(form, Slot::Subject)?;
        let zendesk_event_version = self.optional(form, Slot::EventVersion)?;
        let account_id = stated(Slot::AccountId).map(number);
        let time = stated(Slot::Time).map(|slot| self.instant(slot));
        let updated_at = self.instant(Slot::UpdatedAt);
        Some(Event::Availability(Availability {
            account_id,
            detail,
            body: self.body(form)?,
            updated_at,
            id,
            subject,
            time,
            zendesk_event_version,
            unknown_fields,
        }))
    }

    fn body(&mut self, form: &Form) -> Option<Body<'a>> {
        let optional = |slot: Slot| self.optional(form, slot);
        let text = |slot: Slot| self.text(slot);
        Some(match form.kind {
            Kind::StateChanged => Body::StateChanged {
                channel: text(Slot::Channel)?,
                previous_state: optional(Slot::PreviousState)?,
                new_state: text(Slot::NewState)?,
            },
            Kind::WorkItemAdded => Body::WorkItemAdded {
                work_item_id: text(Slot::WorkItemId)?,
                channel: text(Slot::Channel)?,
                reason: text(Slot::Reason)?,
            },
            Kind::WorkItemUpdated => Body::WorkItemUpdated {
                work_item_id: text(Slot::WorkItemId)?,
                channel: text(Slot::Channel)?,
                previous_reason: optional(Slot::PreviousReason)?,
                reason: text(Slot::Reason)?,
            },
            Kind::WorkItemRemoved => Body::WorkItemRemoved {
                work_item_id: text(Slot::WorkItemId)?,
                channel: text(Slot::Channel)?,
                reason: optional(Slot::Reason)?,
            },
            Kind::UnifiedStateChanged => Body::UnifiedStateChanged {
                previous_unified_state: match form.stated.has(Slot::PreviousUnified) {
                    true => Some(UnifiedState {
                        id: text(Slot::PreviousUnifiedId)?,
                        name: optional(Slot::PreviousUnifiedName)?,
                        reason: optional(Slot::PreviousUnifiedReason)?,
                    }),
                    false => None,
                },
                new_unified_state: UnifiedState {
                    id: text(Slot::NewUnifiedId)?,
                    name: optional(Slot::NewUnifiedName)?,
                    reason: optional(Slot::NewUnifiedReason)?,
                },
            },
            Kind::ChannelCreated => Body::ChannelCreated { channel: text(Slot::Channel)? },
            Kind::ChannelDeleted => Body::ChannelDeleted { channel: text(Slot::Channel)? },
            Kind::MaxCapacityChanged => {
                Body::MaxCapacityChanged { max_capacity: std::mem::take(&mut self.capacities) }
            }
            Kind::GroupsUpdated => {
                let has_previous = form.stated.has(Slot::PreviousGroups);
                let [previous, new] = std::mem::take(&mut self.groups);
                Body::GroupsUpdated {
                    previous_group_ids: has_previous.then_some(previous),
                    new_group_ids: new,
                }
            }
            Kind::ChatStatus | Kind::ChatEngagements => return None,
        })
    }
}
