//! [`Effect`]: which tracks a fact sets, and to what ([the contract](crate::contract::fold#tracks)).

use smallvec::{SmallVec, smallvec};

use super::id::{ItemId, by_number};
use super::names::Names;
use super::tracks::Target;
use super::value::{self, Previous, Value, Work, groups_text};
use crate::fact::{Delta, Fact, Unified};
use crate::kind::Kind;
use crate::vocabulary::CHANNEL_CHANGE;

/// An event's effect on one track, without its stamp.
#[derive(Debug, Clone)]
pub(crate) struct Effect {
    pub(crate) target: Target,
    pub(crate) value: Value,
    pub(crate) previous: Previous,
}

/// A fact's effect if it has exactly one, as most facts do.
#[inline(always)]
pub(crate) fn effect(fact: &Fact<'_>, names: &mut Names) -> Option<Effect> {
    let (target, value, previous) = match fact.change {
        Delta::State { channel, previous, new } => {
            let previous = previous.map(|state| Value::Name(names.add(state)));
            let value = Value::Name(names.add(new));
            (Target::State(names.add(channel)), value, stated(previous))
        }
        Delta::WorkItem { id, channel, previous_reason, reason } => {
            let channel = names.add(channel);
            let open = fact.kind != Kind::WorkItemRemoved;
            let previous = match (fact.kind, previous_reason) {
                (Kind::WorkItemAdded, _) if reason != Some(CHANNEL_CHANGE) => Previous::NotOpen,
                (Kind::WorkItemUpdated, Some(previous)) => {
                    Previous::Open(Some(names.add(previous)))
                }
                (Kind::WorkItemRemoved, _) => Previous::Open(None),
                _ => Previous::Unstated,
            };
            let reason = reason.map(|reason| names.add(reason));
            let value = Value::Work(Work { channel, reason, open });
            (Target::WorkItem(ItemId::new(id), channel), value, previous)
        }
        Delta::UnifiedState { previous, new } => {
            let previous = previous.map(|state| unified(state, names));
            (Target::UnifiedState, unified(new, names), stated(previous))
        }
        Delta::Channel(channel) if fact.kind == Kind::ChannelCreated => {
            let previous = Previous::Value(Value::Bool(false));
            (Target::Access(names.add(channel)), Value::Bool(true), previous)
        }
        Delta::Groups { previous, new } => {
            let previous = previous.map(|ids| groups(ids, names));
            (Target::Groups, groups(new, names), stated(previous))
        }
        Delta::ChatStatus { previous, new } => {
            let previous = previous.map(|status| Value::Name(names.add(status)));
            (Target::ChatStatus, Value::Name(names.add(new)), stated(previous))
        }
        Delta::ChatEngagements { previous, new } => {
            let previous = stated(previous.map(Value::Number));
            (Target::ChatEngagements, Value::Number(new), previous)
        }
        Delta::Channel(_) | Delta::MaxCapacity(_) => return None,
    };
    Some(Effect { target, value, previous })
}

/// The effects of a fact: one, as a rule.
pub(crate) type Effects = SmallVec<[Effect; 1]>;

/// The effects of a fact that can have several, or none.
pub(crate) fn effects(fact: &Fact<'_>, names: &mut Names) -> Effects {
    match fact.change {
        Delta::MaxCapacity(capacities) => {
            let limit = |limit: Option<u64>| limit.map_or(Value::Null, Value::Number);
            let effects = capacities.iter().map(|capacity| Effect {
                target: Target::MaxCapacity(names.add(&capacity.channel)),
                value: limit(capacity.current),
                previous: stated(capacity.previous.map(limit)),
            });
            effects.collect()
        }
        Delta::Channel(channel) if fact.kind == Kind::ChannelDeleted => {
            let channel = names.add(channel);
            let [lost, unknown] = [Target::Access(channel), Target::State(channel)];
            let previous = Previous::Value(Value::Bool(true));
            smallvec![
                Effect { target: lost, value: Value::Bool(false), previous },
                Effect { target: unknown, value: Value::Null, previous: Previous::Unstated },
            ]
        }
        _ => effect(fact, names).into_iter().collect(),
    }
}

fn stated(previous: Option<Value>) -> Previous {
    previous.map_or(Previous::Unstated, Previous::Value)
}

fn unified(state: Unified<'_>, names: &mut Names) -> Value {
    let id = names.add(state.id);
    let mut text = |text: Option<&str>| text.map(|text| names.add(text));
    Value::Unified(value::Unified { id, name: text(state.name), reason: text(state.reason) })
}

pub(crate) fn groups(ids: &[impl AsRef<str>], names: &mut Names) -> Value {
    let mut ids: Vec<&str> = ids.iter().map(AsRef::as_ref).collect();
    ids.sort_by(|a, b| by_number(a, b));
    ids.dedup();
    Value::Groups(names.add(&groups_text(&ids)))
}
