//! [`Value`] and [`Previous`]: a track's value, and the previous value that an event states.

use minicbor::{Decode, Encode};
use serde::{Serialize, Serializer};

use super::names::{Name, Names};
use crate::TrackValue;
use crate::read::parts;

/// A value of any track.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
pub(crate) enum Value {
    /// The state of a deleted channel, or a capacity without limit.
    #[n(0)]
    Null,
    /// Access to a channel.
    #[n(1)]
    Bool(#[n(0)] bool),
    /// A maximum capacity, or a number of engagements.
    #[n(2)]
    Number(#[n(0)] u64),
    /// A state, or a chat status.
    #[n(3)]
    Name(#[n(0)] Name),
    /// A unified state.
    #[n(4)]
    Unified(#[n(0)] Unified),
    /// A set of groups, named by its sorted JSON list.
    #[n(5)]
    Groups(#[n(0)] Name),
    /// What happened to a work item.
    #[n(6)]
    Work(#[n(0)] Work),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
pub(crate) struct Unified {
    #[n(0)]
    pub(crate) id: Name,
    #[n(1)]
    pub(crate) name: Option<Name>,
    #[n(2)]
    pub(crate) reason: Option<Name>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
pub(crate) struct Work {
    #[n(0)]
    pub(crate) channel: Name,
    /// Always present if the item is open.
    #[n(1)]
    pub(crate) reason: Option<Name>,
    #[n(2)]
    pub(crate) open: bool,
}

impl Work {
    /// Whether the item came from another channel.
    pub(crate) fn is_move(&self) -> bool {
        self.open && self.reason == Some(Name::CHANNEL_CHANGE)
    }
}

/// What an event states about the previous value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
pub(crate) enum Previous {
    #[n(0)]
    Unstated,
    #[n(1)]
    Value(#[n(0)] Value),
    /// A work item was not open.
    #[n(2)]
    NotOpen,
    /// A work item was open; with a reason, if one is stated.
    #[n(3)]
    Open(#[n(0)] Option<Name>),
}

impl Value {
    /// Whether both are the same value, so that `since` does not change. Unified states are compared by
    /// id.
    pub(crate) fn is_same(self, other: Value) -> bool {
        match (self, other) {
            (Value::Unified(a), Value::Unified(b)) => a.id == b.id,
            _ => self == other,
        }
    }

    /// The state or chat status.
    pub(crate) fn name(self) -> Option<Name> {
        match self {
            Value::Name(name) => Some(name),
            _ => None,
        }
    }

    /// The maximum capacity, if there is a limit, or the number of engagements.
    pub(crate) fn number(self) -> Option<u64> {
        match self {
            Value::Number(number) => Some(number),
            _ => None,
        }
    }

    /// Every name in it, to be read or replaced.
    pub(crate) fn names_mut(&mut self) -> impl Iterator<Item = &mut Name> {
        let (first, rest) = match self {
            Value::Name(name) | Value::Groups(name) => (Some(name), [None, None]),
            Value::Unified(unified) => {
                (Some(&mut unified.id), [unified.name.as_mut(), unified.reason.as_mut()])
            }
            Value::Work(work) => (Some(&mut work.channel), [work.reason.as_mut(), None]),
            Value::Null | Value::Bool(_) | Value::Number(_) => (None, [None, None]),
        };
        first.into_iter().chain(rest.into_iter().flatten())
    }

    /// Returns the value as data.
    pub(crate) fn data(self, names: &Names) -> TrackValue {
        let text = |name: Name| names.text(name).to_owned();
        match self {
            Value::Null => TrackValue::Null,
            Value::Bool(value) => TrackValue::Bool(value),
            Value::Number(number) => TrackValue::Number(number),
            Value::Name(name) => TrackValue::Text(text(name)),
            Value::Groups(groups) => TrackValue::Groups(groups_of(names.text(groups))),
            Value::Unified(Unified { id, name, reason }) => TrackValue::UnifiedState {
                id: text(id),
                name: name.map(text),
                reason: reason.map(text),
            },
            Value::Work(Work { reason, open, .. }) => {
                TrackValue::WorkItem { open, reason: reason.map(text) }
            }
        }
    }
}

/// A value in the form of the contract's rule for conflicts.
struct Named<'a>(Value, &'a Names);

impl Serialize for Named<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct UnifiedData<'a> {
            id: &'a str,
            name: Option<&'a str>,
            reason: Option<&'a str>,
        }
        let Named(value, names) = self;
        let text = |name: Option<Name>| name.map(|name| names.text(name));
        match *value {
            Value::Null => to.serialize_none(),
            Value::Bool(value) => to.serialize_bool(value),
            Value::Number(value) => to.serialize_u64(value),
            Value::Name(name) => to.serialize_str(names.text(name)),
            Value::Unified(Unified { id, name, reason }) => {
                let (name, reason) = (text(name), text(reason));
                UnifiedData { id: names.text(id), name, reason }.serialize(to)
            }
            Value::Groups(groups) => groups_of(names.text(groups)).serialize(to),
            Value::Work(Work { channel, reason, open }) => {
                let word = if open { "open" } else { "closed" };
                (word, names.text(channel), text(reason)).serialize(to)
            }
        }
    }
}

impl Previous {
    /// The bytes that decide which of two conflicting transitions is greater.
    pub(crate) fn conflict_key(self, value: Value, names: &Names) -> String {
        let value = Named(value, names);
        let key = match self {
            Previous::Unstated => serde_json::to_string(&[value]),
            Previous::Value(previous) => serde_json::to_string(&[value, Named(previous, names)]),
            Previous::NotOpen => serde_json::to_string(&(value, ["not open"])),
            Previous::Open(None) => serde_json::to_string(&(value, ["open"])),
            Previous::Open(Some(reason)) => {
                serde_json::to_string(&(value, ["open", names.text(reason)]))
            }
        };
        key.expect("INVARIANT: a value is JSON")
    }

    /// Every name in it, to be read or replaced.
    pub(crate) fn names_mut(&mut self) -> impl Iterator<Item = &mut Name> {
        let (value, reason) = match self {
            Previous::Value(value) => (Some(value), None),
            Previous::Open(reason) => (None, reason.as_mut()),
            Previous::Unstated | Previous::NotOpen => (None, None),
        };
        value.into_iter().flat_map(Value::names_mut).chain(reason)
    }

    /// Whether this states another value than `before`.
    ///
    /// It does not apply to work items, whose previous value is a map of channels.
    pub(crate) fn contradicts(self, before: Value) -> bool {
        matches!(self, Previous::Value(stated) if !stated.is_same(before))
    }
}

/// The text that names a set of groups.
pub(crate) fn groups_text(sorted: &[&str]) -> String {
    serde_json::to_string(sorted).expect("a list of texts is JSON")
}

/// The groups of a set named by [`groups_text`].
pub(crate) fn groups_of(text: &str) -> Vec<String> {
    groups(text).expect("INVARIANT: groups are named by their JSON list")
}

/// Whether a text names a set of groups.
pub(crate) fn is_groups(text: &str) -> bool {
    groups(text).is_some()
}

fn groups(text: &str) -> Option<Vec<String>> {
    let items = parts::items(parts::whole(text).ok()?)?.into_iter();
    items.map(|item| parts::text(item).map(String::from)).collect()
}
