//! [`effects`]: which tracks an event touches, and how (`fold.md`, Tracks).

use super::id::{ItemId, by_number};
use super::names::{Name, Names};
use super::tracks::Target;
use super::value::{Previous, Unified, Value, Work, groups_text};
use crate::event::{Body, ChatField, Event, UnifiedState};
use crate::vocabulary::CHANNEL_CHANGE;

/// An event's effect on one track, but for its stamp.
#[derive(Debug, Clone)]
pub(crate) struct Effect {
    pub(crate) target: Target,
    pub(crate) value: Value,
    pub(crate) previous: Previous,
}

/// Puts an event's effects into `effects`, which is empty; none for what is not known.
#[inline]
pub(crate) fn effects(event: &Event<'_>, names: &mut Names, effects: &mut Vec<Effect>) {
    let mut add = |target, value, previous| effects.push(Effect { target, value, previous });
    match event {
        Event::Availability(event) => of_body(&event.body, names, &mut add),
        Event::Chat(event) => match &event.field {
            ChatField::Status { previous_value, value } => {
                let previous = previous_value.as_deref().map(|value| names.add(value));
                add(
                    Target::ChatStatus,
                    Value::Name(names.add(value)),
                    stated(previous.map(Value::Name)),
                );
            }
            ChatField::Engagements { previous_value, value } => {
                let previous = stated(previous_value.map(Value::Number));
                add(Target::ChatEngagements, Value::Number(*value), previous);
            }
        },
        Event::Unknown(_) => {}
    }
}

#[inline]
fn of_body(body: &Body<'_>, names: &mut Names, add: &mut impl FnMut(Target, Value, Previous)) {
    match body {
        Body::StateChanged { channel, previous_state, new_state } => {
            let previous = previous_state.as_deref().map(|state| Value::Name(names.add(state)));
            let value = Value::Name(names.add(new_state));
            add(Target::State(names.add(channel)), value, stated(previous));
        }
        Body::WorkItemAdded { work_item_id, channel, reason } => {
            let (target, channel) = item(work_item_id, channel, names);
            let previous = match &**reason {
                CHANNEL_CHANGE => Previous::Unstated,
                _ => Previous::NotOpen,
            };
            let reason = Some(names.add(reason));
            add(target, Value::Work(Work { channel, reason, open: true }), previous);
        }
        Body::WorkItemUpdated { work_item_id, channel, previous_reason, reason } => {
            let (target, channel) = item(work_item_id, channel, names);
            let previous = match previous_reason {
                Some(previous) => Previous::Open(Some(names.add(previous))),
                None => Previous::Unstated,
            };
            let reason = Some(names.add(reason));
            add(target, Value::Work(Work { channel, reason, open: true }), previous);
        }
        Body::WorkItemRemoved { work_item_id, channel, reason } => {
            let (target, channel) = item(work_item_id, channel, names);
            let reason = reason.as_deref().map(|reason| names.add(reason));
            add(target, Value::Work(Work { channel, reason, open: false }), Previous::Open(None));
        }
        Body::MaxCapacityChanged { max_capacity } => {
            let limit = |limit: Option<u64>| limit.map_or(Value::Null, Value::Number);
            for capacity in max_capacity {
                let target = Target::MaxCapacity(names.add(&capacity.channel));
                add(target, limit(capacity.current), stated(capacity.previous.map(limit)));
            }
        }
        Body::UnifiedStateChanged { previous_unified_state, new_unified_state } => {
            let previous = previous_unified_state.as_ref().map(|state| unified(state, names));
            add(Target::UnifiedState, unified(new_unified_state, names), stated(previous));
        }
        Body::ChannelCreated { channel } => {
            let target = Target::Access(names.add(channel));
            add(target, Value::Bool(true), Previous::Value(Value::Bool(false)));
        }
        Body::ChannelDeleted { channel } => {
            let channel = names.add(channel);
            add(Target::Access(channel), Value::Bool(false), Previous::Value(Value::Bool(true)));
            add(Target::State(channel), Value::Null, Previous::Unstated);
        }
        Body::GroupsUpdated { previous_group_ids, new_group_ids } => {
            let previous = previous_group_ids.as_ref().map(|ids| groups(ids, names));
            add(Target::Groups, groups(new_group_ids, names), stated(previous));
        }
    }
}

fn stated(previous: Option<Value>) -> Previous {
    previous.map_or(Previous::Unstated, Previous::Value)
}

fn item(id: &str, channel: &str, names: &mut Names) -> (Target, Name) {
    let channel = names.add(channel);
    (Target::WorkItem(ItemId::new(id), channel), channel)
}

fn unified(state: &UnifiedState<'_>, names: &mut Names) -> Value {
    let mut text = |text: &Option<_>| text.as_deref().map(|text: &str| names.add(text));
    let (name, reason) = (text(&state.name), text(&state.reason));
    Value::Unified(Unified { id: names.add(&state.id), name, reason })
}

fn groups(ids: &[impl AsRef<str>], names: &mut Names) -> Value {
    let mut ids: Vec<&str> = ids.iter().map(AsRef::as_ref).collect();
    ids.sort_by(|a, b| by_number(a, b));
    ids.dedup();
    Value::Groups(names.add(&groups_text(&ids)))
}
