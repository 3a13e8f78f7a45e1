//! Alerts: what has lasted for too long or has become too much, by [`Thresholds`]
//! ([the contract](crate::contract::alerts)).
//!
//! [`Fold::alerts`] says what is over a threshold at an instant. [`episodes`] compares that with what was
//! told before, so that each episode is told once. [`message`] writes what to send.

mod episode;
mod length;
mod message;
mod standing;
mod thresholds;

use std::fmt;
use std::time::Duration;

use serde::de::{Deserializer, Visitor};
use serde::{Deserialize, Serialize};

pub use episode::{Episode, Episodes, episodes};
pub use message::{AlertNames, Message, MessageForm, Turn, message};
pub use thresholds::{
    AccountSilenceThreshold, LoadThreshold, NobodyFreeThreshold, SilenceThreshold, StateThreshold,
    Thresholds, WorkItemThreshold,
};

use self::standing::{Standing, Team};
use self::thresholds::least_for;
use crate::error::Error;
use crate::floor::{Doubt, Present};
use crate::fold::Fold;
use crate::fold::id::ItemId;
use crate::fold::state::{AgentState, ChannelState};
use crate::fold::tracks::Target;
use crate::pointer::escape;
use crate::report::is_logged_in;
use crate::word::words;
use crate::{Agent, Id, Instant, Selection};

words! {
    /// What an alert is about.
    #[non_exhaustive]
    pub enum AlertKind {
        /// An agent is in a state for too long.
        State = "state",
        /// No agent can take one more item on a channel for too long.
        NobodyFree = "nobody_free",
        /// An agent has too much of what it can take on a channel.
        Load = "load",
        /// The agents of a channel together have too much of what they can take.
        ChannelLoad = "channel_load",
        /// For too long, no event came of an agent who is logged in.
        Silence = "silence",
        /// For too long, no event came of any agent of an account.
        AccountSilence = "account_silence",
        /// A work item is open for too long.
        WorkItem = "work_item",
    }
}

/// A condition that is over its threshold at an instant.
///
/// What does not belong to its kind is `None`, and null in JSON.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(deny_unknown_fields))]
#[non_exhaustive]
pub struct Alert {
    /// What it is about.
    pub kind: AlertKind,
    /// The account.
    pub account_id: Id,
    /// The agent; `None` if it is about a channel or an account.
    pub agent_id: Option<Id>,
    /// The channel; `None` if it is about no channel.
    pub channel: Option<String>,
    /// The group, if the threshold names one.
    pub group_id: Option<String>,
    /// The work item, if it is about one.
    pub work_item_id: Option<String>,
    /// The state that lasts for too long: a unified state's name, or its id if the name was never stated.
    pub state: Option<String>,
    /// When the condition began. It is never later than the instant of the question.
    pub since: Instant,
    /// How long it has lasted, in nanoseconds.
    #[serde(deserialize_with = "nanos")]
    pub for_ns: u128,
    /// The length of time that it exceeds, in nanoseconds; `None` if it exceeds a share.
    #[serde(default, deserialize_with = "some_nanos")]
    pub threshold_ns: Option<u128>,
    /// How many items are open, for a load.
    pub load: Option<u64>,
    /// How many items the agents can have, for a load.
    pub max_capacity: Option<u64>,
    /// `load` divided by `max_capacity`; `None` too if that is 0.
    pub share: Option<f64>,
    /// The share that it exceeds.
    pub threshold_share: Option<f64>,
    /// The number of agents of which it is not known whether they can take one more item, if nobody is
    /// known to be free.
    pub unsure: Option<u64>,
    /// Why it may be wrong; empty if nothing speaks against it.
    pub doubts: Vec<Doubt>,
    /// The episode: a text that stays the same as long as the condition lasts, and that no other condition
    /// has.
    pub episode: String,
}

impl Fold {
    /// What is over a threshold at an instant, by account, kind and subject. Later events are not used.
    ///
    /// The answer depends on the set of events and the instant alone. An alert that may be wrong is there,
    /// and says why.
    ///
    /// # Errors
    /// `before_cut`, as for [`Fold::floor`].
    ///
    /// ```
    /// use agentfold::alert::{AlertKind, Thresholds};
    /// use agentfold::{Fold, Selection};
    ///
    /// let away = br#"{"account_id": 2, "detail": {"agent_id": "7"}, "id": "a",
    ///     "event": {"updated_at": "2026-01-05T09:00:00Z", "channel": "talk", "new_state": "away"},
    ///     "type": "zen:event-type:agent.state_changed"}"#;
    /// let mut fold = Fold::new();
    /// fold.read(away, |bad| panic!("{bad:?}"));
    ///
    /// let thresholds: Thresholds = serde_json::from_str(
    ///     r#"{"state": [{"state": "away", "channel": "talk", "longer_than": "30m"}]}"#)?;
    /// let alerts = |at: &str| fold.alerts(&thresholds, at.parse().expect("valid"), &Selection::all());
    /// assert_eq!(alerts("2026-01-05T09:30:00Z")?, []);
    /// let alert = &alerts("2026-01-05T09:42:00Z")?[0];
    /// assert_eq!((alert.kind, alert.for_ns / 60_000_000_000), (AlertKind::State, 42));
    /// assert_eq!(alert.episode, "state/2/7/state[talk]/2026-01-05T09:00:00Z");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn alerts(
        &self,
        thresholds: &Thresholds,
        at: Instant,
        selection: &Selection,
    ) -> Result<Vec<Alert>, Error> {
        let present = self.present(at, &thresholds.trust, selection)?;
        let question = Question { fold: self, thresholds, at, selection };
        let mut found: Vec<Alert> = present.iter().flat_map(|one| question.of_agent(one)).collect();
        for team in present.chunk_by(|a, b| a.agent.account_id == b.agent.account_id) {
            found.extend(question.of_account(team));
        }
        found.sort_unstable_by(|a, b| a.place().cmp(&b.place()));
        // Two thresholds may be about one subject: the lower one counts. And an item may be open on two
        // channels: where it was opened first counts.
        found.dedup_by(|a, b| subject(&a.episode) == subject(&b.episode));
        Ok(found)
    }
}

/// What [`Fold::alerts`] is asked.
struct Question<'f> {
    fold: &'f Fold,
    thresholds: &'f Thresholds,
    at: Instant,
    selection: &'f Selection,
}

impl Question<'_> {
    /// The alerts about an agent.
    fn of_agent(&self, present: &Present) -> Vec<Alert> {
        let mut found = Vec::new();
        // What belongs to no channel is left out if channels are selected.
        if self.selection.channels.is_empty() {
            found.extend(self.of_overall_state(present));
            found.extend(self.of_silence(present));
        }
        for (name, channel) in &present.state.channels {
            if self.selection.has_channel(name) {
                found.extend(self.of_channel_state(present, name, channel));
                found.extend(self.of_load(present, name));
                found.extend(self.of_work_items(present, name, channel));
            }
        }
        found
    }

    fn of_overall_state(&self, present: &Present) -> Option<Alert> {
        let AgentState { unified_state, chat, .. } = &present.state;
        if let Some(now) = unified_state {
            let state = (&now.id, now.name.as_ref());
            return self.of_state(present, None, &Target::UnifiedState, state, now.since);
        }
        let status = chat.as_ref()?;
        let (state, since) = (status.status.as_ref()?, status.since?);
        self.of_state(present, None, &Target::ChatStatus, (state, None), since)
    }

    fn of_channel_state(
        &self,
        present: &Present,
        name: &str,
        channel: &ChannelState,
    ) -> Option<Alert> {
        let track = Target::State(self.fold.names.find(name)?);
        let state = (channel.state.as_ref()?, None);
        self.of_state(present, Some(name), &track, state, channel.since?)
    }

    fn of_state(
        &self,
        present: &Present,
        channel: Option<&str>,
        track: &Target,
        (id, name): (&String, Option<&String>),
        since: Instant,
    ) -> Option<Alert> {
        let is_name = |entry: &str| !entry.bytes().all(|byte| byte.is_ascii_digit());
        let meant = self.thresholds.state.iter().filter(|threshold| {
            let entry = &threshold.state;
            let is_it = entry == id || (is_name(entry) && Some(entry) == name);
            threshold.channel.as_deref() == channel && is_it
        });
        let longer_than = meant.map(|threshold| threshold.longer_than).min();
        let mut alert = self.lasting(AlertKind::State, present.agent, since, longer_than)?;
        alert.name_episode(&[&track.track(&self.fold.names).to_string()]);
        alert.channel = channel.map(str::to_owned);
        alert.state = Some(name.unwrap_or(id).clone());
        alert.doubts = present.doubts.about(&|asked| asked == track);
        Some(alert)
    }

    fn of_silence(&self, present: &Present) -> Option<Alert> {
        let longer_than = self.thresholds.silence.as_ref()?.longer_than;
        let since = present.state.last_event_at;
        let mut alert =
            self.lasting(AlertKind::Silence, present.agent, since, Some(longer_than))?;
        alert.name_episode(&[]);
        alert.doubts = present.doubts.about(&|_| false);
        self.is_logged_in(present).then_some(alert)
    }

    fn is_logged_in(&self, present: &Present) -> bool {
        let tracks = self.fold.tracks(present.agent);
        tracks.is_some_and(|tracks| is_logged_in(tracks, &self.fold.names, self.at))
    }

    fn of_load(&self, present: &Present, channel: &str) -> Option<Alert> {
        let thresholds = &self.thresholds.load;
        let share = least_for(thresholds, channel, |t| t.channel.as_deref(), |t| t.share)?;
        let team = self.team(channel, &[present], None)?;
        let agent_id = Some(present.agent.agent_id);
        let mut alert = self.of_team_load(AlertKind::Load, agent_id, channel, &team, share)?;
        alert.doubts = present.doubts.of_channel(Some(team.channel));
        Some(alert)
    }

    fn of_work_items(&self, present: &Present, name: &str, channel: &ChannelState) -> Vec<Alert> {
        let thresholds = &self.thresholds.work_item;
        let longer_than = least_for(thresholds, name, |t| t.channel.as_deref(), |t| t.longer_than);
        let alerts = channel.work_items.iter().filter_map(|item| {
            let kind = AlertKind::WorkItem;
            let mut alert = self.lasting(kind, present.agent, item.opened_at, longer_than)?;
            // Without the channel, since a move does not end an item's stay.
            alert.name_episode(&[&item.id]);
            alert.channel = Some(name.to_owned());
            alert.work_item_id = Some(item.id.clone());
            let id = ItemId::new(&item.id);
            let is_it = |track: &Target| matches!(track, Target::WorkItem(of, _) if *of == id);
            alert.doubts = present.doubts.about(&is_it);
            Some(alert)
        });
        alerts.collect()
    }

    /// An alert about an agent, if it lasts for longer than a threshold.
    fn lasting(
        &self,
        kind: AlertKind,
        agent: Agent,
        since: Instant,
        longer_than: Option<Duration>,
    ) -> Option<Alert> {
        let longer_than = longer_than?.as_nanos();
        let alert = Alert::new(kind, agent.account_id, Some(agent.agent_id), since, self.at);
        (alert.for_ns > longer_than).then_some(Alert { threshold_ns: Some(longer_than), ..alert })
    }

    /// The alerts about an account, by its selected agents.
    fn of_account(&self, agents: &[Present]) -> Vec<Alert> {
        let mut found = Vec::new();
        let names = agents.iter().flat_map(|present| present.state.channels.keys());
        let mut channels: Vec<&str> = names.map(|name| &**name).collect();
        channels.sort_unstable();
        channels.dedup();
        channels.retain(|name| self.selection.has_channel(name));
        for name in channels {
            let on = agents.iter().filter(|present| present.state.channels.contains_key(name));
            let agents: Vec<&Present> = on.collect();
            let thresholds = self.thresholds.nobody_free.iter();
            let thresholds = thresholds.filter(|threshold| threshold.channel == name);
            found
                .extend(thresholds.filter_map(|threshold| self.of_nobody_free(&agents, threshold)));
            found.extend(self.of_channel_load(&agents, name));
        }
        if self.selection.channels.is_empty() {
            found.extend(self.of_account_silence(agents));
        }
        found
    }

    fn of_nobody_free(
        &self,
        agents: &[&Present],
        threshold: &NobodyFreeThreshold,
    ) -> Option<Alert> {
        let NobodyFreeThreshold { channel, group_id, longer_than } = threshold;
        let team = self.team(channel, agents, group_id.as_deref())?;
        let since = team.since(&|now| now.agents > 0 && now.accepting == 0)?;
        let mut alert = Alert::new(AlertKind::NobodyFree, team.account_id, None, since, self.at);
        if alert.for_ns <= longer_than.as_nanos() {
            return None;
        }
        let on_floor = on_floor(agents, channel, group_id.as_deref());
        let unsure = on_floor.iter().filter(|(_, channel)| channel.accepting.is_none());
        let subject: Vec<&str> = [channel].into_iter().chain(group_id).map(|s| &**s).collect();
        alert.name_episode(&subject);
        alert.channel = Some(channel.clone());
        alert.group_id.clone_from(group_id);
        alert.threshold_ns = Some(longer_than.as_nanos());
        alert.unsure = Some(unsure.count() as u64);
        alert.doubts = doubts_of(&on_floor, &team);
        Some(alert)
    }

    fn of_channel_load(&self, agents: &[&Present], channel: &str) -> Option<Alert> {
        let thresholds = &self.thresholds.channel_load;
        let share = least_for(thresholds, channel, |t| t.channel.as_deref(), |t| t.share)?;
        let team = self.team(channel, agents, None)?;
        let mut alert = self.of_team_load(AlertKind::ChannelLoad, None, channel, &team, share)?;
        alert.doubts = doubts_of(&on_floor(agents, channel, None), &team);
        Some(alert)
    }
    fn of_account_silence(&self, agents: &[Present]) -> Option<Alert> {
        let threshold = self.thresholds.account_silence.as_ref()?;
        let longer_than = threshold.longer_than.as_nanos();
        let since = agents.iter().map(|present| present.state.last_event_at).max()?;
        let account_id = agents.first()?.agent.account_id;
        let mut alert = Alert::new(AlertKind::AccountSilence, account_id, None, since, self.at);
        alert.name_episode(&[]);
        alert.threshold_ns = Some(longer_than);
        let is_meant =
            !threshold.while_logged_in || agents.iter().any(|one| self.is_logged_in(one));
        (alert.for_ns > longer_than && is_meant).then_some(alert)
    }

    /// An alert about the load of agents, if it is over a share.
    fn of_team_load(
        &self,
        kind: AlertKind,
        agent_id: Option<Id>,
        channel: &str,
        team: &Team<'_>,
        threshold: f64,
    ) -> Option<Alert> {
        let since = team.since(&|now| now.is_over(threshold))?;
        let now = team.now;
        let mut alert = Alert::new(kind, team.account_id, agent_id, since, self.at);
        alert.name_episode(&[channel]);
        alert.channel = Some(channel.to_owned());
        alert.load = Some(now.load);
        alert.max_capacity = Some(u64::try_from(now.max_capacity).unwrap_or(u64::MAX));
        alert.share = now.share();
        alert.threshold_share = Some(threshold);
        Some(alert)
    }

    /// The agents of an account whose channel is known. `None` if there are none.
    fn team<'q>(
        &'q self,
        channel: &str,
        agents: &[&Present],
        group_id: Option<&'q str>,
    ) -> Option<Team<'q>> {
        let members = agents.iter().filter_map(|present| self.fold.tracks(present.agent));
        let in_group = agents.iter().filter(|present| is_in(present, group_id));
        let on = in_group.filter_map(|present| present.state.channels.get(channel));
        Some(Team {
            names: &self.fold.names,
            account_id: agents.first()?.agent.account_id,
            members: members.collect(),
            channel: self.fold.names.find(channel)?,
            group_id,
            at: self.at,
            last_event_at: agents.iter().map(|present| present.state.last_event_at).max()?,
            now: on.map(Standing::of).fold(Standing::default(), Standing::plus),
        })
    }
}

/// The agents of a channel, and of a group if there is one, that have access.
fn on_floor<'p>(
    agents: &[&'p Present],
    channel: &str,
    group_id: Option<&str>,
) -> Vec<(&'p Present, &'p ChannelState)> {
    let on = agents.iter().filter_map(|present| {
        let on = present.state.channels.get(channel)?;
        (on.access != Some(false) && is_in(present, group_id)).then_some((*present, on))
    });
    on.collect()
}

fn is_in(present: &Present, group_id: Option<&str>) -> bool {
    let groups = present.state.group_ids.as_deref().unwrap_or_default();
    group_id.is_none_or(|group_id| groups.iter().any(|group| group == group_id))
}

/// The doubts of several agents on a channel.
fn doubts_of(agents: &[(&Present, &ChannelState)], team: &Team<'_>) -> Vec<Doubt> {
    let doubts = agents.iter().flat_map(|(one, _)| one.doubts.of_channel(Some(team.channel)));
    let mut doubts: Vec<Doubt> = doubts.collect();
    doubts.sort_unstable();
    doubts.dedup();
    doubts
}

impl Alert {
    fn new(
        kind: AlertKind,
        account_id: Id,
        agent_id: Option<Id>,
        since: Instant,
        at: Instant,
    ) -> Alert {
        Alert {
            kind,
            account_id,
            agent_id,
            channel: None,
            group_id: None,
            work_item_id: None,
            state: None,
            since,
            for_ns: at.nanos_since(since),
            threshold_ns: None,
            load: None,
            max_capacity: None,
            share: None,
            threshold_share: None,
            unsure: None,
            doubts: Vec::new(),
            episode: String::new(),
        }
    }

    /// Names the episode by what the alert is about, which ends with `more`, and by its beginning.
    fn name_episode(&mut self, more: &[&str]) {
        let mut episode = format!("{}/{}", self.kind, self.account_id);
        let agent_id = self.agent_id.map(|id| id.to_string());
        for part in agent_id.as_deref().into_iter().chain(more.iter().copied()) {
            episode.push('/');
            episode.push_str(&escape(part));
        }
        self.episode = format!("{episode}/{}", self.since);
    }

    /// Where it stands among the alerts of one instant.
    fn place(&self) -> impl Ord + use<'_> {
        let item = self.work_item_id.as_deref().map(|id| (ItemId::new(id), self.since));
        let subject = (self.account_id, self.kind, self.agent_id, item);
        (subject, &self.channel, &self.group_id, self.threshold_ns)
    }
}

/// What an episode is about: all of its text but the beginning.
fn subject(episode: &str) -> &str {
    episode.rsplit_once('/').map_or(episode, |(subject, _)| subject)
}

/// Reads nanoseconds. A host without integers of this size writes them as a rounded number.
fn nanos<'de, D: Deserializer<'de>>(from: D) -> Result<u128, D::Error> {
    struct Nanos;

    impl Visitor<'_> for Nanos {
        type Value = u128;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a number of nanoseconds, 0 or more")
        }

        fn visit_u64<E>(self, nanos: u64) -> Result<u128, E> {
            Ok(nanos.into())
        }

        fn visit_u128<E>(self, nanos: u128) -> Result<u128, E> {
            Ok(nanos)
        }

        fn visit_f64<E: serde::de::Error>(self, nanos: f64) -> Result<u128, E> {
            let is_good = nanos >= 0.0 && nanos.is_finite();
            is_good.then_some(nanos as u128).ok_or_else(|| E::custom("must be 0 or more"))
        }
    }

    from.deserialize_any(Nanos)
}

fn some_nanos<'de, D: Deserializer<'de>>(from: D) -> Result<Option<u128>, D::Error> {
    struct Some128(u128);

    impl<'de> Deserialize<'de> for Some128 {
        fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Some128, D::Error> {
            nanos(from).map(Some128)
        }
    }

    Ok(Option::deserialize(from)?.map(|Some128(nanos)| nanos))
}
