//! [`Difference`]: where a fold and the REST record differ.

use serde::{Deserialize, Serialize};

use super::page::{Channel, Page, Record};
use crate::fold::Fold;
use crate::fold::id::by_number;
use crate::fold::state::{AgentState, ChannelState};
use crate::{Agent, Id, Track, TrackValue};

/// One difference between a fold and the REST record.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(deny_unknown_fields))]
#[non_exhaustive]
pub struct Difference {
    /// The agent.
    #[serde(flatten)]
    pub agent: Agent,
    /// What differs.
    pub difference: Differs,
    /// The track; `load[C]` for the number of open items. `None` for the version and for an unknown
    /// agent.
    #[serde(flatten, with = "crate::track::parts_or_null")]
    #[cfg_attr(feature = "schema", schemars(with = "crate::track::parts_or_null::Parts"))]
    pub track: Option<Track>,
    /// The value in the fold; null for none. For a work item it is the reason.
    pub fold: TrackValue,
    /// The value in the record; null for none.
    pub record: TrackValue,
}

/// What differs between a fold and the REST record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Differs {
    /// The fold knows nothing about the agent.
    UnknownAgent,
    /// The versions differ. If the fold's is lower, events were lost or are still to come. If it is
    /// higher, the record is older, so its other differences may not matter.
    Version,
    /// The ids of the unified states differ.
    UnifiedState,
    /// The groups differ.
    Groups,
    /// The states on a channel differ.
    State,
    /// The capacities of a channel differ.
    MaxCapacity,
    /// An item is open in the fold but not in the record: its removal was lost.
    GhostItem,
    /// An item is open in the record but not in the fold: its opening was lost.
    UnheardItem,
    /// The record lists only some items, and its count differs from the number open in the fold.
    ItemCount,
}

impl Fold {
    /// Returns where a page of the REST record differs from the current state, agent by agent in the
    /// page's order. Values that the record does not state are not compared.
    ///
    /// The record lists only the first items of a channel. If there are more, the number of items is
    /// compared, and an item that is not listed is not reported as a ghost.
    ///
    /// ```
    /// use agentfold::rest::{Differs, Page};
    /// use agentfold::{Fold, Instant};
    ///
    /// let page = Page::parse(br#"{"data": [{"type": "agent_availabilities",
    ///     "id": "agent_availabilities|10011", "attributes": {"agent_id": 10011, "version": 236,
    ///     "group_ids": [1]}}]}"#).expect("a good page");
    /// let mut fold = Fold::new();
    /// assert_eq!(fold.reconcile(2, &page)[0].difference, Differs::UnknownAgent);
    ///
    /// let at: Instant = "2026-01-05T12:00:00Z".parse()?;
    /// fold.seed(2, &page, at);
    /// assert_eq!(fold.reconcile(2, &page), []);
    /// # Ok::<(), agentfold::BadInstant>(())
    /// ```
    pub fn reconcile(&self, account_id: impl Into<Id>, page: &Page) -> Vec<Difference> {
        let account_id = account_id.into();
        page.records.iter().flat_map(|record| self.differences(account_id, record)).collect()
    }

    fn differences(&self, account_id: Id, record: &Record) -> Vec<Difference> {
        let agent = Agent::new(account_id, record.agent_id);
        let mut differences = Differences { agent, all: Vec::new() };
        let Some(state) = self.state(agent) else {
            let version = or_null(record.version, TrackValue::Number);
            differences.add(Differs::UnknownAgent, None, TrackValue::Null, version);
            return differences.all;
        };
        let version = or_null(state.version, TrackValue::Number);
        let stated = record.version.map(TrackValue::Number);
        differences.compare(Differs::Version, None, version, stated);
        differences.compare_agent(&state, record);
        for channel in &record.channels {
            let known = state.channels.get(&channel.name);
            differences.compare_channel(known, channel);
        }
        differences.all
    }
}

/// The differences of one agent.
struct Differences {
    agent: Agent,
    all: Vec<Difference>,
}

impl Differences {
    fn add(
        &mut self,
        difference: Differs,
        track: Option<Track>,
        fold: TrackValue,
        record: TrackValue,
    ) {
        self.all.push(Difference { agent: self.agent, difference, track, fold, record });
    }

    /// Adds a difference if the record states another value.
    fn compare(
        &mut self,
        difference: Differs,
        track: Option<Track>,
        fold: TrackValue,
        record: Option<TrackValue>,
    ) {
        if let Some(record) = record.filter(|record| *record != fold) {
            self.add(difference, track, fold, record);
        }
    }

    fn compare_agent(&mut self, state: &AgentState, record: &Record) {
        let id = or_null(state.unified_state.as_ref(), |state| text(&state.id));
        let stated = record.unified_state.as_ref().map(|state| text(&state.id));
        self.compare(Differs::UnifiedState, Some(Track::UnifiedState), id, stated);
        let groups = record.group_ids.clone().map(|mut ids| {
            ids.sort_by(|a, b| by_number(a, b));
            ids.dedup();
            TrackValue::Groups(ids)
        });
        let known = or_null(state.group_ids.clone(), TrackValue::Groups);
        self.compare(Differs::Groups, Some(Track::Groups), known, groups);
    }

    fn compare_channel(&mut self, known: Option<&ChannelState>, channel: &Channel) {
        let name = &channel.name;
        let track = |track: fn(String) -> Track| Some(track(name.clone()));
        let state = or_null(known.and_then(|known| known.state.as_deref()), text);
        let stated = channel.status.as_deref().map(text);
        self.compare(Differs::State, track(Track::State), state, stated);
        let max = or_null(known.and_then(|known| known.max_capacity), TrackValue::Number);
        let stated = channel.max_capacity.map(|max| or_null(max, TrackValue::Number));
        self.compare(Differs::MaxCapacity, track(Track::MaxCapacity), max, stated);

        let open = known.map_or(&[][..], |known| &known.work_items);
        let item =
            |id: &str| Some(Track::WorkItem { id: id.to_owned(), channel: Some(name.clone()) });
        for listed in &channel.work_items {
            let id = &listed.work_item_id;
            if !open.iter().any(|open| open.id == *id) {
                let reason = or_null(listed.reason.as_deref(), text);
                self.add(Differs::UnheardItem, item(id), TrackValue::Null, reason);
            }
        }
        if channel.has_more {
            let count = TrackValue::Number(open.len() as u64);
            let stated = channel.work_item_count.map(TrackValue::Number);
            return self.compare(Differs::ItemCount, track(Track::Load), count, stated);
        }
        for open in open {
            if !channel.work_items.iter().any(|listed| listed.work_item_id == open.id) {
                self.add(Differs::GhostItem, item(&open.id), text(&open.reason), TrackValue::Null);
            }
        }
    }
}

fn text(text: &str) -> TrackValue {
    TrackValue::Text(text.to_owned())
}

fn or_null<T>(value: Option<T>, of: impl FnOnce(T) -> TrackValue) -> TrackValue {
    value.map_or(TrackValue::Null, of)
}
