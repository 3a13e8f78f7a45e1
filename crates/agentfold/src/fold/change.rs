//! [`Change`]: a value of an agent's current state that an event changed.

use serde::{Deserialize, Serialize};
use smallvec::{SmallVec, smallvec};

use super::id::ItemId;
use super::names::{Name, Names};
use super::state::accepting;
use super::tracks::{Channel, Greatest, Target, Tracks};
use super::value::Value;
use super::work_item::Open;
use crate::steps;
use crate::{Agent, Aspect, Instant, Track, TrackValue};

/// A value of an agent's current state that an event changed.
///
/// In data, `track` has a suffix if the change is not of the track's value but of an instant that the
/// state shows with it: `state[support].since`, `work_item[123]@support.opened_at`. The keys `aspect`,
/// `part`, `channel` and `work_item` have the same information, so that you need not parse the text.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(try_from = "ChangeData", into = "ChangeData")]
#[non_exhaustive]
pub struct Change {
    /// The agent.
    pub agent: Agent,
    /// The track. `channel[C]` becomes true when the channel is first named for the agent.
    pub track: Track,
    /// Which part of the track changed.
    pub part: Part,
    /// The value before, as in the state; null for none.
    pub from: TrackValue,
    /// The value now, as in the state; null for none.
    pub to: TrackValue,
    /// The instant of the event that made the change.
    pub at: Instant,
}

/// The part of a track that a [`Change`] is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Part {
    /// Its value.
    Value,
    /// When it got its current value.
    Since,
    /// When a work item's current stay with the agent began.
    OpenedAt,
}

/// A [`Change`] as data.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(deny_unknown_fields))]
#[cfg_attr(feature = "schema", schemars(rename = "Change"))]
struct ChangeData {
    #[serde(flatten)]
    agent: Agent,
    /// The track in the contract's form, with `.since` or `.opened_at` for these parts.
    #[serde(default)]
    track: String,
    /// What the track is about.
    aspect: Aspect,
    /// Which part of the track changed.
    part: Part,
    /// The channel, if the track belongs to one.
    channel: Option<String>,
    /// The work item's id, if the track is a work item's.
    work_item: Option<String>,
    /// The value before, as in the state; null for none.
    from: TrackValue,
    /// The value now, as in the state; null for none.
    to: TrackValue,
    /// The instant of the event that made the change.
    at: Instant,
}

/// The values of the current state that an event can change, taken before and after it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Look {
    pub(crate) greatest: Greatest,
    // In place, since memory for it would take longer than the look.
    seen: SmallVec<[Seen; 4]>,
}

#[derive(Debug, Clone, PartialEq)]
enum Seen {
    /// The value, and since when it holds if the state shows that.
    Track(Target, Option<Value>, Option<Instant>),
    Item(ItemId, Name, Option<Open>),
    Named(Name, bool),
    Accepting(Name, Option<bool>),
}

impl Look {
    /// Takes the values that transitions of `targets` can change, and those of `channels`.
    pub(crate) fn new<'t>(
        mut tracks: Option<&mut Tracks>,
        targets: impl Iterator<Item = &'t Target>,
        channels: &[Name],
    ) -> Look {
        let mut seen = SmallVec::new();
        for target in targets {
            match target {
                Target::WorkItem(id, _) => {
                    let item = tracks.as_ref().and_then(|tracks| tracks.open_item(id));
                    let open = item.map(|item| item.open()).unwrap_or_default();
                    for name in channels {
                        let open = open.iter().find(|open| open.channel == *name);
                        seen.push(Seen::Item(id.clone(), *name, open.copied()));
                    }
                }
                _ => {
                    let current = tracks.as_mut().and_then(|tracks| tracks.current(target));
                    let since = current.filter(|(value, _)| target.shows_since(*value));
                    let (value, since) = (current.map(|(value, _)| value), since.map(|(_, at)| at));
                    seen.push(Seen::Track(target.clone(), value, since));
                }
            }
        }
        for name in channels {
            let channel = tracks.as_ref().and_then(|tracks| tracks.channel(*name));
            seen.push(Seen::Named(*name, channel.is_some()));
            let accepting = channel.and_then(|channel| accepting(channel, channel.load(), None));
            seen.push(Seen::Accepting(*name, accepting));
        }
        steps::count(seen.len());
        Look { greatest: tracks.map(|tracks| tracks.greatest).unwrap_or_default(), seen }
    }

    /// The channels whose values transitions of `targets` can change now, sorted: those that they name,
    /// and those where their items are open.
    pub(crate) fn channels<'t>(
        tracks: Option<&Tracks>,
        targets: impl Iterator<Item = &'t Target>,
        more: &[Name],
    ) -> SmallVec<[Name; 4]> {
        let mut channels = SmallVec::from_slice(more);
        for target in targets {
            channels.extend(target.channel());
            if let Target::WorkItem(id, _) = target
                && let Some(item) = tracks.and_then(|tracks| tracks.open_item(id))
            {
                channels.extend(item.open().iter().map(|open| open.channel));
            }
        }
        channels.sort_unstable();
        channels.dedup();
        channels
    }

    /// Adds what this look would have seen of channels where an item was opened since. No target names
    /// them, so that nothing else changed there.
    pub(crate) fn widen(&mut self, after: &Look, tracks: &Tracks) {
        let mut before = std::mem::take(&mut self.seen).into_iter().peekable();
        for seen in &after.seen {
            let same = before.next_if(|before| before.is_about(seen));
            self.seen.push(same.unwrap_or_else(|| match seen {
                Seen::Accepting(name, _) => {
                    let opened = after
                        .seen
                        .iter()
                        .filter(|seen| matches!(seen, Seen::Item(_, on, Some(_)) if on == name));
                    let channel = tracks.channel(*name);
                    let load =
                        |channel: &Channel| channel.load().saturating_sub(opened.count() as u64);
                    let accepting =
                        channel.and_then(|channel| accepting(channel, load(channel), None));
                    Seen::Accepting(*name, accepting)
                }
                Seen::Item(id, name, _) => Seen::Item(id.clone(), *name, None),
                seen => seen.clone(),
            }));
        }
    }

    /// The differences in `after`, a later look at the same values.
    pub(crate) fn changes(
        &self,
        after: &Look,
        agent: Agent,
        at: Instant,
        names: &Names,
    ) -> Vec<Change> {
        let mut changes = Vec::new();
        for (before, after) in self.seen.iter().zip(&after.seen).filter(|(a, b)| a != b) {
            let track = before.track(names);
            for ((part, from), (_, to)) in before.parts(names).into_iter().zip(after.parts(names)) {
                if from != to {
                    changes.push(Change { agent, track: track.clone(), part, from, to, at });
                }
            }
        }
        changes
    }
}

impl Seen {
    /// Whether both are values of the same track.
    fn is_about(&self, other: &Seen) -> bool {
        match (self, other) {
            (Seen::Track(a, ..), Seen::Track(b, ..)) => a == b,
            (Seen::Item(a, on, _), Seen::Item(b, other, _)) => (a, on) == (b, other),
            (Seen::Named(a, _), Seen::Named(b, _)) => a == b,
            (Seen::Accepting(a, _), Seen::Accepting(b, _)) => a == b,
            _ => false,
        }
    }

    fn track(&self, names: &Names) -> Track {
        match self {
            Seen::Track(target, ..) => target.track(names),
            Seen::Item(id, channel, _) => Target::WorkItem(id.clone(), *channel).track(names),
            Seen::Named(name, _) => Track::Channel(names.text(*name).to_owned()),
            Seen::Accepting(name, _) => Track::Accepting(names.text(*name).to_owned()),
        }
    }

    /// The values as data: always the same parts of the same track.
    fn parts(&self, names: &Names) -> SmallVec<[(Part, TrackValue); 3]> {
        let instant = |at: Option<Instant>| at.map_or(TrackValue::Null, TrackValue::Instant);
        match self {
            Seen::Track(_, value, since) => {
                let value = value.map_or(TrackValue::Null, |value| value.data(names));
                smallvec![(Part::Value, value), (Part::Since, instant(*since))]
            }
            Seen::Item(_, _, open) => {
                let value = open.map_or(TrackValue::Null, |open| {
                    let reason = Some(names.text(open.reason).to_owned());
                    TrackValue::WorkItem { open: true, reason }
                });
                smallvec![
                    (Part::Value, value),
                    (Part::OpenedAt, instant(open.map(|open| open.opened_at))),
                    (Part::Since, instant(open.map(|open| open.since))),
                ]
            }
            Seen::Named(_, named) => smallvec![(Part::Value, TrackValue::Bool(*named))],
            Seen::Accepting(_, accepting) => {
                smallvec![(Part::Value, accepting.map_or(TrackValue::Null, TrackValue::Bool))]
            }
        }
    }
}

impl Target {
    /// Whether the current state shows since when this value of the track holds.
    fn shows_since(&self, value: Value) -> bool {
        matches!(self, Target::State(_) | Target::UnifiedState | Target::ChatStatus)
            && value != Value::Null
    }
}

impl Change {
    /// The track in the contract's form, with `.since` or `.opened_at` for these parts. It is the key
    /// `track` of the change as data.
    ///
    /// ```
    /// use agentfold::Fold;
    ///
    /// let online = br#"{"account_id": 2, "detail": {"agent_id": "7"}, "id": "a",
    ///     "event": {"updated_at": "2026-01-05T09:10:00Z", "channel": "talk",
    ///               "previous_state": "offline", "new_state": "online"},
    ///     "type": "zen:event-type:agent.state_changed"}"#;
    /// let changes = Fold::new().apply_bytes(online).changes;
    /// let labels: Vec<String> = changes.iter().map(|change| change.label()).collect();
    /// assert_eq!(labels, ["state[talk]", "state[talk].since", "channel[talk]"]);
    /// ```
    pub fn label(&self) -> String {
        format!("{}{}", self.track, self.part.suffix())
    }
}

impl Part {
    /// The suffix of the track's text in data.
    fn suffix(self) -> &'static str {
        match self {
            Part::Value => "",
            Part::Since => ".since",
            Part::OpenedAt => ".opened_at",
        }
    }
}

impl From<Change> for ChangeData {
    fn from(change: Change) -> ChangeData {
        let label = change.label();
        let Change { agent, track, part, from, to, at } = change;
        ChangeData {
            agent,
            track: label,
            aspect: track.aspect(),
            part,
            channel: track.channel().map(str::to_owned),
            work_item: track.work_item_id().map(str::to_owned),
            from,
            to,
            at,
        }
    }
}

impl TryFrom<ChangeData> for Change {
    type Error = &'static str;

    fn try_from(data: ChangeData) -> Result<Change, &'static str> {
        let ChangeData { agent, aspect, part, channel, work_item, from, to, at, .. } = data;
        let track = Track::of(aspect, work_item.as_deref(), channel.as_deref());
        let track = track.ok_or("the track's parts do not fit together")?;
        // In data, the instants of these parts are text.
        let value = |value: TrackValue| match (part, value) {
            (Part::Since | Part::OpenedAt, TrackValue::Text(text)) => {
                text.parse().map(TrackValue::Instant).map_err(|_| "a part is not an instant")
            }
            (_, value) => Ok(value),
        };
        Ok(Change { agent, track, part, from: value(from)?, to: value(to)?, at })
    }
}
