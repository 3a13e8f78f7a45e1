//! [`Change`]: one value of an agent's current state that became another.

use serde::Serialize;
use serde_json::{Value as Json, json};

use super::id::ItemId;
use super::names::{Name, Names};
use super::state::{accepting, as_text};
use super::tracks::{Greatest, Target, Tracks};
use super::transition_set::current;
use super::value::Value;
use super::work_item::Open;
use crate::{Agent, Instant};

/// One value of an agent's current state that became another by an event.
///
/// `track` is written as the contract writes tracks, and names what follows from it with a dot:
/// `state[support]`, `state[support].since`, `work_item[123]@support.opened_at`,
/// `accepting[support]`; `channel[support]` becomes true when the channel is first named.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(deny_unknown_fields))]
pub struct Change {
    /// The account.
    #[serde(serialize_with = "as_text")]
    #[cfg_attr(feature = "schema", schemars(with = "crate::schema::Id"))]
    pub account_id: u64,
    /// The agent.
    #[serde(serialize_with = "as_text")]
    #[cfg_attr(feature = "schema", schemars(with = "crate::schema::Id"))]
    pub agent_id: u64,
    /// What changed.
    pub track: String,
    /// The value before, as in the state; null for none.
    #[cfg_attr(feature = "schema", schemars(with = "crate::schema::TrackValue"))]
    pub from: Json,
    /// The value now, as in the state; null for none.
    #[cfg_attr(feature = "schema", schemars(with = "crate::schema::TrackValue"))]
    pub to: Json,
    /// The instant of the event that brought it.
    pub at: Instant,
}

/// What events can change of the current state, looked at before and after one.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Look {
    pub(crate) greatest: Greatest,
    seen: Vec<Seen>,
}

#[derive(Debug, Clone, PartialEq)]
enum Seen {
    /// The value, and where the state shows it, since when.
    Track(Target, Option<Value>, Option<Instant>),
    Item(ItemId, Name, Option<Open>),
    Channel {
        name: Name,
        named: bool,
        accepting: Option<bool>,
    },
}

impl Look {
    /// Looks at what transitions of `targets` can change; with `channels`, at these channels too.
    pub(crate) fn new<'t>(
        tracks: Option<&Tracks>,
        targets: impl Iterator<Item = &'t Target>,
        channels: &[Name],
    ) -> Look {
        let mut seen = Vec::new();
        for target in targets {
            match target {
                Target::WorkItem(id, _) => {
                    let open =
                        tracks.and_then(|tracks| tracks.items.get(id)).map(|item| item.open());
                    for name in channels {
                        let open = open.and_then(|open| open.iter().find(|o| o.channel == *name));
                        seen.push(Seen::Item(id.clone(), *name, open.copied()));
                    }
                }
                _ => {
                    let track = tracks.and_then(|tracks| tracks.track(target));
                    let current = track.and_then(|track| current(track.transitions()));
                    let since = current.filter(|(value, _)| target.shows_since(*value));
                    let (value, since) = (current.map(|(value, _)| value), since.map(|(_, at)| at));
                    seen.push(Seen::Track(target.clone(), value, since));
                }
            }
        }
        for name in channels {
            let channel = tracks.and_then(|tracks| tracks.channel(*name));
            let load = tracks.map_or(0, |tracks| tracks.load(*name));
            seen.push(Seen::Channel {
                name: *name,
                named: channel.is_some(),
                accepting: channel.and_then(|channel| accepting(channel, load, None)),
            });
        }
        Look { greatest: tracks.map(|tracks| tracks.greatest).unwrap_or_default(), seen }
    }

    /// What is another in `after`, a look at the same.
    pub(crate) fn changes(
        &self,
        after: &Look,
        agent: Agent,
        at: Instant,
        names: &Names,
    ) -> Vec<Change> {
        let mut changes = Vec::new();
        for (before, after) in self.seen.iter().zip(&after.seen) {
            let (before, after) = (before.facts(names), after.facts(names));
            for ((track, from), (_, to)) in before.into_iter().zip(after) {
                if from != to {
                    let Agent { account_id, agent_id } = agent;
                    changes.push(Change { account_id, agent_id, track, from, to, at });
                }
            }
        }
        changes
    }
}

impl Seen {
    /// What was seen, as data: always the same facts of the same thing.
    fn facts(&self, names: &Names) -> Vec<(String, Json)> {
        match self {
            Seen::Track(target, value, since) => {
                let track = target.text(names);
                let value = value.map_or(Json::Null, |value| value.json(names));
                let since = (format!("{track}.since"), json!(since));
                vec![(track, value), since]
            }
            Seen::Item(id, channel, open) => {
                let track = Target::WorkItem(id.clone(), *channel).text(names);
                let value = open.map(|o| json!({ "reason": names.text(o.reason), "open": true }));
                vec![
                    (track.clone(), json!(value)),
                    (format!("{track}.opened_at"), json!(open.map(|open| open.opened_at))),
                    (format!("{track}.since"), json!(open.map(|open| open.since))),
                ]
            }
            Seen::Channel { name, named, accepting } => {
                let name = names.text(*name);
                vec![
                    (format!("channel[{name}]"), json!(named)),
                    (format!("accepting[{name}]"), json!(accepting)),
                ]
            }
        }
    }
}

impl Target {
    /// Whether the current state tells since when a value of this track holds.
    fn shows_since(&self, value: Value) -> bool {
        matches!(self, Target::State(_) | Target::UnifiedState | Target::ChatStatus)
            && value != Value::Null
    }

    /// The track as the contract writes it.
    pub(crate) fn text(&self, names: &Names) -> String {
        match self {
            Target::State(channel) => format!("state[{}]", names.text(*channel)),
            Target::Access(channel) => format!("access[{}]", names.text(*channel)),
            Target::MaxCapacity(channel) => format!("max_capacity[{}]", names.text(*channel)),
            Target::UnifiedState => "unified_state".to_owned(),
            Target::Groups => "groups".to_owned(),
            Target::ChatStatus => "chat_status".to_owned(),
            Target::ChatEngagements => "chat_engagements".to_owned(),
            Target::WorkItem(id, channel) => format!("work_item[{id}]@{}", names.text(*channel)),
        }
    }
}
