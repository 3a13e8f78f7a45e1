//! The state of agents, now or as of an instant.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::id::by_number;
use super::names::{Name, Names};
use super::tracks::{Channel, Tracks};
use super::transition_set::{TransitionSet, current};
use super::value::{Value, groups_of};
use super::work_item::{Open, OpenOn, open_after};
use crate::{Agent, Instant};

/// The state of one agent, now or as of an instant
/// ([the contract](crate::contract::fold#current-state)).
///
/// Values that no event stated are `None`, and null in JSON.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(deny_unknown_fields))]
#[non_exhaustive]
pub struct AgentState {
    /// The agent.
    #[serde(flatten)]
    pub agent: Agent,
    /// The greatest version of accepted events.
    pub version: Option<u64>,
    /// The latest instant of accepted events.
    pub last_event_at: Instant,
    /// The unified state: the status across all channels, and since when the agent is in it.
    pub unified_state: Option<UnifiedStateNow>,
    /// Every channel that was ever named for the agent, by name.
    pub channels: BTreeMap<String, ChannelState>,
    /// The agent's groups: numbers first, by value, then the rest by bytes.
    pub group_ids: Option<Vec<String>>,
    /// The values of the Chat export; `None` without such an event.
    pub chat: Option<ChatState>,
}

/// A unified state, and since when the agent is in it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(deny_unknown_fields))]
#[non_exhaustive]
pub struct UnifiedStateNow {
    /// The state's id.
    pub id: String,
    /// Its name, as stated last.
    pub name: Option<String>,
    /// Why the agent is in it, as stated last.
    pub reason: Option<String>,
    /// When the agent entered it, by id.
    pub since: Instant,
}

/// An agent's state on one channel.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(deny_unknown_fields))]
#[non_exhaustive]
pub struct ChannelState {
    /// Whether the agent has access to the channel.
    pub access: Option<bool>,
    /// The state, such as `online`. It is `None` after the channel was deleted, too.
    pub state: Option<String>,
    /// When the agent entered that state.
    pub since: Option<Instant>,
    /// The maximum number of items at once; `None` if it is unknown or there is no limit.
    pub max_capacity: Option<u64>,
    /// The open items, by id.
    pub work_items: Vec<WorkItemState>,
    /// How many items are open.
    pub load: u64,
    /// How many more items the known capacity allows; `None` without a known limit.
    pub spare: Option<u64>,
    /// Whether the agent can take one more item; `None` if that is not known.
    pub accepting: Option<bool>,
}

/// An open work item.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(deny_unknown_fields))]
#[non_exhaustive]
pub struct WorkItemState {
    /// The item's id.
    pub id: String,
    /// Why it is with the agent, such as `ACCEPTED`: the reason of the last event that changed it.
    pub reason: String,
    /// When its current stay with the agent began. A move between channels does not end a stay.
    pub opened_at: Instant,
    /// When it got this reason.
    pub since: Instant,
}

/// An agent's state in the Chat export.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(deny_unknown_fields))]
#[non_exhaustive]
pub struct ChatState {
    /// The status.
    pub status: Option<String>,
    /// When the agent entered that status.
    pub since: Option<Instant>,
    /// The number of chats at once.
    pub engagements: Option<u64>,
}

/// An agent's state as of an instant, or its current state; `None` without an accepted event by then.
pub(crate) fn state(
    agent: Agent,
    tracks: &Tracks,
    names: &Names,
    as_of: Option<Instant>,
) -> Option<AgentState> {
    if as_of.is_some_and(|at| tracks.first_at > at) {
        return None;
    }
    let greatest = match as_of {
        None => tracks.greatest,
        Some(at) => tracks.greatest_as_of(at),
    };
    let open: Vec<(String, OpenOn)> = match as_of {
        None => {
            let items = tracks.items.iter().flat_map(|items| items.open());
            items.map(|(id, item)| (id.to_string(), item.open().into())).collect()
        }
        Some(at) => {
            let items = tracks.items_touching(at, at);
            items
                .map(|(id, item)| (id.to_string(), open_after(item.track().as_of(as_of))))
                .collect()
        }
    };
    let mut items: Vec<(&String, &Open)> =
        open.iter().flat_map(|(id, open)| open.iter().map(move |open| (id, open))).collect();
    items.sort_by(|a, b| a.1.channel.cmp(&b.1.channel).then_with(|| by_number(a.0, b.0)));
    let named = tracks.channels.iter().filter(|c| as_of.is_none_or(|at| c.named_at <= at));
    let channels = named.map(|channel| {
        let first = items.partition_point(|(_, open)| open.channel < channel.name);
        let count = items[first..].partition_point(|(_, open)| open.channel == channel.name);
        let items = &items[first..first + count];
        (names.text(channel.name).to_owned(), channel_state(channel, items, names, as_of))
    });
    let groups = tracks.groups.last_as_of(as_of).map(|t| t.value);
    Some(AgentState {
        agent,
        version: (greatest.version > 0).then_some(greatest.version),
        last_event_at: greatest.at,
        unified_state: unified_state(&tracks.unified_state, names, as_of),
        channels: channels.collect(),
        group_ids: groups.map(|value| match value {
            Value::Groups(name) => groups_of(names.text(name)),
            _ => Vec::new(),
        }),
        chat: chat_state(tracks, names, as_of),
    })
}

fn unified_state(
    track: &TransitionSet,
    names: &Names,
    as_of: Option<Instant>,
) -> Option<UnifiedStateNow> {
    let (Value::Unified(value), since) = current(track.as_of(as_of))? else {
        return None;
    };
    let text = |name| names.text(name).to_owned();
    let (id, name, reason) = (text(value.id), value.name.map(text), value.reason.map(text));
    Some(UnifiedStateNow { id, name, reason, since })
}

fn channel_state(
    channel: &Channel,
    items: &[(&String, &Open)],
    names: &Names,
    as_of: Option<Instant>,
) -> ChannelState {
    let (state, since) = name_and_since(&channel.state, names, as_of);
    let load = items.len() as u64;
    let max_capacity = max_capacity(channel, as_of);
    let spare = max_capacity.flatten().map(|max| max.saturating_sub(load));
    let work_items = items.iter().map(|(id, open)| WorkItemState {
        id: (*id).clone(),
        reason: names.text(open.reason).to_owned(),
        opened_at: open.opened_at,
        since: open.since,
    });
    ChannelState {
        access: access(channel, as_of),
        state,
        since,
        max_capacity: max_capacity.flatten(),
        work_items: work_items.collect(),
        load,
        spare,
        accepting: accepting(channel, load, as_of),
    }
}

/// The last state or status of a track, and since when it holds.
fn name_and_since(
    track: &TransitionSet,
    names: &Names,
    as_of: Option<Instant>,
) -> (Option<String>, Option<Instant>) {
    match current(track.as_of(as_of)) {
        Some((Value::Name(name), since)) => (Some(names.text(name).to_owned()), Some(since)),
        _ => (None, None),
    }
}

/// Whether the agent may use a channel; `None` if no event stated it.
pub(crate) fn access(channel: &Channel, as_of: Option<Instant>) -> Option<bool> {
    match channel.access.last_as_of(as_of)?.value {
        Value::Bool(access) => Some(access),
        _ => None,
    }
}

/// The maximum capacity: `None` if no event stated it, `Some(None)` for no limit.
pub(crate) fn max_capacity(channel: &Channel, as_of: Option<Instant>) -> Option<Option<u64>> {
    Some(channel.max_capacity.last_as_of(as_of)?.value.number())
}

/// Whether the agent can take one more item ([the contract](crate::contract::fold#current-state)).
pub(crate) fn accepting(channel: &Channel, load: u64, as_of: Option<Instant>) -> Option<bool> {
    let state = channel.state.last_as_of(as_of).map(|t| t.value).filter(|v| *v != Value::Null);
    let max_capacity = max_capacity(channel, as_of);
    let full = max_capacity.flatten().is_some_and(|max| max <= load);
    if access(channel, as_of) == Some(false)
        || state.is_some_and(|state| state != Value::Name(Name::ONLINE))
        || full
    {
        return Some(false);
    }
    (state.is_some() && max_capacity.is_some()).then_some(true)
}

fn chat_state(tracks: &Tracks, names: &Names, as_of: Option<Instant>) -> Option<ChatState> {
    let (status, since) = name_and_since(&tracks.chat_status, names, as_of);
    let engagements = tracks.chat_engagements.last_as_of(as_of).and_then(|t| t.value.number());
    (status.is_some() || engagements.is_some()).then_some(ChatState { status, since, engagements })
}
