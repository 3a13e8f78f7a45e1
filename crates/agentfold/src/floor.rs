//! The floor: each channel's agents at an instant, and which of them can take one more item.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::fold::anomaly::{Oddity, oddities};
use crate::fold::names::Name;
use crate::fold::state::{AgentState, ChannelState};
use crate::fold::tracks::Target;
use crate::fold::{Fold, Known};
use crate::history::doubtful_at;
use crate::word::words;
use crate::{Agent, Id, Instant, Selection};

/// When an agent counts as doubtful.
///
/// In data, its fields are `near_seconds` and `silent_seconds`, and both are optional.
///
/// ```
/// use std::time::Duration;
///
/// use agentfold::floor::Trust;
///
/// let trust = Trust::default().with_near(Duration::from_secs(60));
/// assert_eq!(trust.silent, Duration::from_secs(8 * 3600));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct Trust {
    /// How long an agent stays doubtful after an anomaly: a quarter of an hour by default.
    #[serde(rename = "near_seconds", with = "crate::seconds")]
    pub near: Duration,
    /// How long an agent may be silent before it is doubtful: eight hours by default.
    #[serde(rename = "silent_seconds", with = "crate::seconds")]
    pub silent: Duration,
}

impl Default for Trust {
    fn default() -> Trust {
        Trust { near: Duration::from_secs(15 * 60), silent: Duration::from_secs(8 * 3600) }
    }
}

impl Trust {
    /// Sets how long an agent stays doubtful after an anomaly.
    #[must_use]
    pub const fn with_near(mut self, near: Duration) -> Trust {
        self.near = near;
        self
    }

    /// Sets how long an agent may be silent before it is doubtful.
    #[must_use]
    pub const fn with_silent(mut self, silent: Duration) -> Trust {
        self.silent = silent;
        self
    }
}

/// A channel of an account at an instant: its agents, their load, and which of them can take one more
/// item.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(deny_unknown_fields))]
#[non_exhaustive]
pub struct ChannelFloor {
    /// The account.
    pub account_id: Id,
    /// The channel.
    pub channel: String,
    /// The instant that was asked for.
    pub at: Instant,
    /// The number of agents in each state.
    pub states: Vec<StateCount>,
    /// The number of open items of all its agents.
    pub load: u64,
    /// How many of them are not doubtful: the load is at least this.
    pub load_least: u64,
    /// The sum of the capacities of its online agents that have a limit.
    pub max_capacity: u64,
    /// The number of items that the accepting agents with a limit can take.
    pub spare: u64,
    /// The number of agents that can take one more item.
    pub accepting: u64,
    /// The number of accepting agents without a limit.
    pub unlimited: u64,
    /// The number of agents of which it is not known whether they accept.
    pub unsure: u64,
    /// The number of agents with a doubt.
    pub doubtful: u64,
    /// Its agents, without those that have no access. First come the agents that can take one more
    /// item: by load, and of equal load, the one with more to spare first. Then come the agents of
    /// which that is not known, then the others.
    pub agents: Vec<FloorAgent>,
}

/// The number of agents in one state.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(deny_unknown_fields))]
#[non_exhaustive]
pub struct StateCount {
    /// The state; `None` if it is unknown.
    pub state: Option<String>,
    /// The number of agents.
    pub agents: u64,
}

/// An agent on a channel.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(deny_unknown_fields))]
#[non_exhaustive]
pub struct FloorAgent {
    /// The agent.
    pub agent_id: Id,
    /// The state on the channel; `None` if it is unknown.
    pub state: Option<String>,
    /// How many items are open.
    pub load: u64,
    /// How many of them are not doubtful: the load is at least this.
    pub load_least: u64,
    /// The maximum number of open items; `None` if it is unknown or there is no limit.
    pub max_capacity: Option<u64>,
    /// How many more items the agent can take; `None` without a known limit.
    pub spare: Option<u64>,
    /// Whether the agent can take one more item; `None` if that is not known.
    pub accepting: Option<bool>,
    /// The instant of the agent's last accepted event.
    pub last_event_at: Instant,
    /// Why this may be wrong; empty if nothing speaks against it.
    pub doubts: Vec<Doubt>,
}

words! {
    /// Why what is known of an agent may be wrong.
    #[non_exhaustive]
    pub enum Doubt {
        /// Shortly before, an event of the channel stated a previous value that differs from the known
        /// one.
        Gap = "gap",
        /// Shortly before, an event changed a work item of the channel that was not open.
        Orphan = "orphan",
        /// Shortly before, two different events of the channel had one stamp.
        Conflict = "conflict",
        /// A version from shortly before never arrived.
        MissingVersions = "missing_versions",
        /// No event of the agent arrived for too long.
        Silent = "silent",
        /// Since the state or an open item of the channel was stated, a version never arrived.
        Unconfirmed = "unconfirmed",
    }
}

impl Fold {
    /// The selected channels and agents at an instant, by account and channel: which agents can take
    /// one more item, and whether that can be trusted. Later events are not used.
    ///
    /// # Errors
    /// `before_cut` if `at` is before the [cut](Fold::cut_of) of one of the selected agents: its
    /// history from then was compacted away. The error names the agent with the latest cut; from that
    /// cut on, there is an answer for all of them.
    ///
    /// ```
    /// use agentfold::{Fold, Instant, Selection};
    /// use agentfold::floor::{Doubt, Trust};
    ///
    /// let mut fold = Fold::new();
    /// for (agent, previous) in [("7", "offline"), ("8", "away")] {
    ///     for (id, at, from, to) in [("a", "08:00:00", "away", "offline"), ("b", "09:00:00", previous, "online")] {
    ///         let state = format!(
    ///             r#"{{"account_id": 2, "detail": {{"agent_id": "{agent}"}}, "id": "{id}",
    ///                 "event": {{"updated_at": "2026-01-05T{at}Z", "channel": "talk",
    ///                           "previous_state": "{from}", "new_state": "{to}"}},
    ///                 "type": "zen:event-type:agent.state_changed"}}"#);
    ///         fold.read(state.as_bytes(), |bad| panic!("{bad:?}"));
    ///     }
    /// }
    /// let at: Instant = "2026-01-05T09:05:00Z".parse().expect("valid");
    /// let talk = &fold.floor(at, &Trust::default(), &Selection::all())?[0];
    /// assert_eq!((talk.channel.as_str(), talk.unsure, talk.doubtful), ("talk", 2, 1));
    /// assert_eq!(talk.agents[0].doubts, []);
    /// // Agent 8 was offline by one event, and had been away by the next.
    /// assert_eq!(talk.agents[1].doubts, [Doubt::Gap]);
    /// # Ok::<(), agentfold::Error>(())
    /// ```
    pub fn floor(
        &self,
        at: Instant,
        trust: &Trust,
        selection: &Selection,
    ) -> Result<Vec<ChannelFloor>, Error> {
        let mut channels: BTreeMap<(Id, String), Vec<FloorAgent>> = BTreeMap::new();
        for Present { agent, state, doubts } in self.present(at, trust, selection)? {
            let AgentState { last_event_at, .. } = state;
            for (name, channel) in state.channels {
                let ChannelState { access, state, load, max_capacity, spare, accepting, .. } =
                    channel;
                if access == Some(false) || !selection.has_channel(&name) {
                    continue;
                }
                let known = self.names.find(&name);
                let items = doubts
                    .unconfirmed
                    .iter()
                    .filter(|track| matches!(track, Target::WorkItem(_, on) if Some(*on) == known));
                let accepting_agent = FloorAgent {
                    agent_id: agent.agent_id,
                    state,
                    load,
                    load_least: load.saturating_sub(items.count() as u64),
                    max_capacity,
                    spare,
                    accepting,
                    last_event_at,
                    doubts: doubts.of_channel(known),
                };
                channels.entry((agent.account_id, name)).or_default().push(accepting_agent);
            }
        }
        let floors = channels.into_iter();
        Ok(floors
            .map(|((account_id, name), agents)| channel(account_id, name, at, agents))
            .collect())
    }

    /// The selected agents at an instant, by account, then agent, with their state and its doubts.
    ///
    /// # Errors
    /// As for [`Fold::floor`].
    pub(crate) fn present(
        &self,
        at: Instant,
        trust: &Trust,
        selection: &Selection,
    ) -> Result<Vec<Present>, Error> {
        let agents = self.agents_where(&|agent| selection.has_agent(agent));
        let cuts = agents.iter().map(|agent| (self.cut_of(*agent), Reverse(*agent)));
        if let Some((Some(cut), Reverse(agent))) = cuts.max().filter(|(cut, _)| Some(at) < *cut) {
            return Err(Error::before_cut(agent, cut, at));
        }
        let mut present = Vec::new();
        for agent in agents {
            let Some(state) = self.state_at(agent, at)? else {
                continue;
            };
            let groups = state.group_ids.as_deref().unwrap_or_default();
            let in_group = groups.iter().any(|group| selection.has_group(Some(group)));
            if selection.groups.is_empty() || in_group {
                let doubts = self.doubts(agent, &state, at, trust);
                present.push(Present { agent, state, doubts });
            }
        }
        Ok(present)
    }

    /// What makes an agent doubtful.
    fn doubts(&self, agent: Agent, state: &AgentState, at: Instant, trust: &Trust) -> Doubts {
        let mut doubts = Doubts::default();
        let known = self.agents.get(&agent).map(|known| &**known);
        let Some(Known { versions, tracks: Some(tracks) }) = known else {
            return doubts;
        };
        doubts.unconfirmed = doubtful_at(tracks, &self.gaps(agent, at), at);
        let since = at.saturating_sub(trust.near);
        for (oddity, target, _) in oddities(tracks, since, at) {
            let doubt = match oddity {
                Oddity::Gap => Doubt::Gap,
                Oddity::Orphan => Doubt::Orphan,
                Oddity::Conflict => Doubt::Conflict,
            };
            doubts.of_tracks.push((target, doubt));
        }
        let before = tracks.greatest_as_of(since).version;
        let misses = |now| !versions.sparse() && versions.misses_between(before, now);
        if state.version.is_some_and(misses) {
            doubts.of_agent.push(Doubt::MissingVersions);
        }
        if state.last_event_at < at.saturating_sub(trust.silent) {
            doubts.of_agent.push(Doubt::Silent);
        }
        doubts
    }
}

/// An agent at an instant.
pub(crate) struct Present {
    pub(crate) agent: Agent,
    pub(crate) state: AgentState,
    pub(crate) doubts: Doubts,
}

/// What makes an agent doubtful at an instant.
#[derive(Default)]
pub(crate) struct Doubts {
    /// Of all that is known of the agent.
    of_agent: Vec<Doubt>,
    of_tracks: Vec<(Target, Doubt)>,
    /// The tracks since whose value was stated a version never arrived.
    unconfirmed: Vec<Target>,
}

impl Doubts {
    /// The doubts of a channel.
    pub(crate) fn of_channel(&self, channel: Option<Name>) -> Vec<Doubt> {
        self.about(&|track| channel.is_some() && track.channel() == channel)
    }

    /// The doubts of some tracks, and of the agent.
    pub(crate) fn about(&self, is_asked: &dyn Fn(&Target) -> bool) -> Vec<Doubt> {
        let of_tracks = self.of_tracks.iter().filter(|(track, _)| is_asked(track));
        let mut doubts: Vec<Doubt> = of_tracks.map(|(_, doubt)| *doubt).collect();
        doubts.extend(&self.of_agent);
        doubts.extend(self.unconfirmed.iter().any(is_asked).then_some(Doubt::Unconfirmed));
        doubts.sort_unstable();
        doubts.dedup();
        doubts
    }
}

fn channel(
    account_id: Id,
    channel: String,
    at: Instant,
    mut agents: Vec<FloorAgent>,
) -> ChannelFloor {
    agents.sort_by_key(|agent| {
        let rank = match agent.accepting {
            Some(true) => 0,
            None => 1,
            Some(false) => 2,
        };
        (rank, agent.load, Reverse(agent.spare.unwrap_or(u64::MAX)), agent.agent_id)
    });
    let mut states: BTreeMap<(bool, Option<&str>), u64> = BTreeMap::new();
    for agent in &agents {
        // Nothing comes last.
        *states.entry((agent.state.is_none(), agent.state.as_deref())).or_default() += 1;
    }
    let states = states
        .into_iter()
        .map(|((_, state), agents)| StateCount { state: state.map(str::to_owned), agents });
    let states = states.collect();
    let accepting = || agents.iter().filter(|agent| agent.accepting == Some(true));
    let online = agents.iter().filter(|agent| agent.state.as_deref() == Some("online"));
    let sum = |sum: u64, more: u64| sum.saturating_add(more);
    ChannelFloor {
        account_id,
        channel,
        at,
        states,
        load: agents.iter().map(|agent| agent.load).fold(0, sum),
        load_least: agents.iter().map(|agent| agent.load_least).fold(0, sum),
        max_capacity: online.filter_map(|agent| agent.max_capacity).fold(0, sum),
        spare: accepting().filter_map(|agent| agent.spare).fold(0, sum),
        accepting: accepting().count() as u64,
        unlimited: accepting().filter(|agent| agent.max_capacity.is_none()).count() as u64,
        unsure: agents.iter().filter(|agent| agent.accepting.is_none()).count() as u64,
        doubtful: agents.iter().filter(|agent| !agent.doubts.is_empty()).count() as u64,
        agents,
    }
}
