//! [`Difference`]: where a fold and the REST record do not agree.

use serde::Serialize;
use serde_json::{Value as Json, json};

use super::page::{Channel, Page, Record};
use crate::Agent;
use crate::fold::Fold;
use crate::fold::id::by_number;
use crate::fold::state::{AgentState, ChannelState, as_text};

/// Where a fold and the REST record do not agree on an agent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(deny_unknown_fields))]
pub struct Difference {
    /// The account.
    #[serde(serialize_with = "as_text")]
    #[cfg_attr(feature = "schema", schemars(with = "crate::schema::Id"))]
    pub account_id: u64,
    /// The agent.
    #[serde(serialize_with = "as_text")]
    #[cfg_attr(feature = "schema", schemars(with = "crate::schema::Id"))]
    pub agent_id: u64,
    /// In what they differ.
    pub difference: Differs,
    /// The track, as the contract writes it, or `load[C]` for the number of open items; `None` for the
    /// version, and where the agent is unknown.
    pub track: Option<String>,
    /// What the fold has; null for nothing.
    #[cfg_attr(feature = "schema", schemars(with = "crate::schema::TrackValue"))]
    pub fold: Json,
    /// What the record has; null for nothing.
    #[cfg_attr(feature = "schema", schemars(with = "crate::schema::TrackValue"))]
    pub record: Json,
}

/// In what a fold and the REST record differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Differs {
    /// The fold knows nothing of the agent.
    UnknownAgent,
    /// The fold's version is another: below the record's, events are yet to come or were lost; above,
    /// the record is the older one, and what else differs may be in order.
    Version,
    /// The unified state has another id.
    UnifiedState,
    /// The groups are others.
    Groups,
    /// The state on a channel is another.
    State,
    /// The capacity of a channel is another.
    MaxCapacity,
    /// An item is open in the fold that the record does not have: its removal was lost.
    GhostItem,
    /// The record has an item that is not open in the fold: its opening was lost.
    UnheardItem,
    /// The record lists only some items, and counts another number than are open in the fold.
    ItemCount,
}

impl Fold {
    /// Tells where a page of the REST record differs from the current state: agent by agent, in the
    /// page's order. What the record does not tell is no difference.
    ///
    /// Only the first items of a channel are listed. Where there are more, an item that is not listed
    /// is no ghost; the number of all is compared instead.
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
    pub fn reconcile(&self, account_id: u64, page: &Page) -> Vec<Difference> {
        page.records.iter().flat_map(|record| self.differences(account_id, record)).collect()
    }

    fn differences(&self, account_id: u64, record: &Record) -> Vec<Difference> {
        let agent = Agent { account_id, agent_id: record.agent_id };
        let mut differences = Differences { agent, all: Vec::new() };
        let Some(state) = self.state(agent) else {
            differences.add(Differs::UnknownAgent, None, Json::Null, json!(record.version));
            return differences.all;
        };
        differences.compare(Differs::Version, None, json!(state.version), record.version);
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
    fn add(&mut self, difference: Differs, track: Option<String>, fold: Json, record: Json) {
        let Agent { account_id, agent_id } = self.agent;
        self.all.push(Difference { account_id, agent_id, difference, track, fold, record });
    }

    /// Adds a difference if the record tells something else.
    fn compare(
        &mut self,
        difference: Differs,
        track: Option<String>,
        fold: Json,
        record: Option<impl Serialize>,
    ) {
        if let Some(record) = record.map(|record| json!(record)).filter(|record| *record != fold) {
            self.add(difference, track, fold, record);
        }
    }

    fn compare_agent(&mut self, state: &AgentState, record: &Record) {
        let id = state.unified_state.as_ref().map(|state| &state.id);
        let told = record.unified_state.as_ref().map(|state| &state.id);
        self.compare(Differs::UnifiedState, Some("unified_state".to_owned()), json!(id), told);
        let groups = record.group_ids.clone().map(|mut ids| {
            ids.sort_by(|a, b| by_number(a, b));
            ids.dedup();
            ids
        });
        let track = Some("groups".to_owned());
        self.compare(Differs::Groups, track, json!(state.group_ids), groups);
    }

    fn compare_channel(&mut self, known: Option<&ChannelState>, channel: &Channel) {
        let name = &channel.name;
        let track = |track: &str| Some(format!("{track}[{name}]"));
        let state = json!(known.and_then(|known| known.state.as_ref()));
        self.compare(Differs::State, track("state"), state, channel.status.as_ref());
        let max = json!(known.and_then(|known| known.max_capacity));
        self.compare(Differs::MaxCapacity, track("max_capacity"), max, channel.max_capacity);

        let open = known.map_or(&[][..], |known| &known.work_items);
        let item = |id: &str| Some(format!("work_item[{id}]@{name}"));
        for listed in &channel.work_items {
            let id = &listed.work_item_id;
            if !open.iter().any(|open| open.id == *id) {
                self.add(Differs::UnheardItem, item(id), Json::Null, json!(listed.reason));
            }
        }
        if channel.has_more {
            let count = json!(open.len());
            return self.compare(Differs::ItemCount, track("load"), count, channel.work_item_count);
        }
        for open in open {
            if !channel.work_items.iter().any(|listed| listed.work_item_id == open.id) {
                self.add(Differs::GhostItem, item(&open.id), json!(open.reason), Json::Null);
            }
        }
    }
}
