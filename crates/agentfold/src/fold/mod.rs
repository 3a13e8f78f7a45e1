//! [`Fold`]: what is known about many agents.

pub(crate) mod anomaly;
mod change;
#[cfg(all(test, not(miri)))]
mod cost;
pub(crate) mod effect;
mod held;
pub(crate) mod id;
mod intake;
mod merge;
pub(crate) mod names;
mod openings;
pub(crate) mod origin;
mod outcome;
mod packed;
mod packing;
mod past;
pub(crate) mod recorded;
mod saved;
mod saved_agent;
pub(crate) mod sequence;
pub mod state;
pub(crate) mod tracks;
pub(crate) mod transition;
pub(crate) mod transition_set;
pub(crate) mod transitions;
mod unopened;
mod usual_times;
pub(crate) mod value;
pub(crate) mod versions;
pub(crate) mod work_item;
mod work_items;

use std::sync::{Arc, OnceLock};

use hashbrown::HashMap;
use serde::Serialize;

pub use anomaly::{Anomaly, Place, Sign};
pub use change::Change;
pub use outcome::{Counts, Outcome};
pub use state::AgentState;
pub use usual_times::UsualTimes;

use self::held::Held;
use self::names::{Hasher, Names, hasher};
use self::tracks::Tracks;
use self::versions::Versions;
use crate::error::Error;
use crate::read::Shapes;
use crate::{Agent, Id, Instant, Options};

/// What is known about many agents: the set of transitions that events stated. Every answer is derived
/// from it.
///
/// Events may arrive repeated, late, and in any order. The same events give the same fold, equal in its
/// saved bytes. Folds of parts of a stream [merge](Fold::merge) into the fold of the whole.
///
/// A [snapshot](Fold::snapshot) shares each agent's data with the original until one of the two changes
/// it, so readers can use it while a writer continues. A clone is a copy.
///
/// | | with the changes | without |
/// |---|---|---|
/// | one event | [`apply`](Fold::apply) | [`insert`](Fold::insert) |
/// | the bytes of one event | [`apply_bytes`](Fold::apply_bytes) | [`read`](Fold::read) |
/// | complete bytes | | [`read`](Fold::read) |
/// | a stream | [`apply_stream`](Fold::apply_stream) | [`read_stream`](Fold::read_stream), [`read_from`](Fold::read_from) |
///
/// ```
/// use agentfold::{Event, Fold, Outcome};
///
/// let online = br#"{"account_id": 2, "detail": {"agent_id": "10011", "version": "3"},
///     "event": {"updated_at": "2023-04-05T23:30:58Z", "previous_state": "offline",
///               "new_state": "online", "channel": "support"},
///     "id": "01GX79ST1QX01C889XV42S2J5T", "type": "zen:event-type:agent.state_changed"}"#;
/// let event = Event::parse(online)?;
///
/// let mut fold = Fold::new();
/// assert_eq!(fold.apply(&event).outcome, Outcome::Applied);
/// assert_eq!(fold.apply(&event).outcome, Outcome::Duplicate);
/// let state = fold.state(event.agent().expect("known")).expect("heard of");
/// assert_eq!(state.channels["support"].state.as_deref(), Some("online"));
/// # Ok::<(), agentfold::Issues>(())
/// ```
#[derive(Debug, Clone)]
pub struct Fold {
    options: Options,
    /// How the events are spelled that are applied one by one.
    shapes: Shapes,
    /// The cut of agents that are not known yet.
    cut: Instant,
    pub(crate) names: Arc<Names>,
    /// A compaction looks for unused names if there are at least this many names.
    names_to_keep: usize,
    pub(crate) agents: HashMap<Agent, Held, Hasher>,
    /// How many of `agents` have tracks.
    known: usize,
    /// When the events happened, once that was asked.
    // INVARIANT: emptied wherever transitions are added or dropped.
    usual: OnceLock<Option<UsualTimes>>,
}

/// What is known about one agent.
#[derive(Debug, Clone, Default)]
pub(crate) struct Known {
    /// The versions seen, including those of ignored and expired events.
    pub(crate) versions: Versions,
    /// Present once an event was accepted.
    pub(crate) tracks: Option<Box<Tracks>>,
}

/// What [`Fold::apply`] returns.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(deny_unknown_fields))]
pub struct Applied {
    /// What became of the event.
    #[serde(flatten)]
    pub outcome: Outcome,
    /// Every value of the agent's current state that the event changed.
    pub changes: Vec<Change>,
}

/// Folds are equal if they save to equal bytes.
impl PartialEq for Fold {
    fn eq(&self, other: &Fold) -> bool {
        self.save() == other.save()
    }
}

impl Eq for Fold {}

impl Default for Fold {
    fn default() -> Fold {
        Fold::new()
    }
}

/// # Making a fold
impl Fold {
    /// Creates an empty fold.
    pub fn new() -> Fold {
        Fold::with_options(&Options::default())
    }

    /// Creates an empty fold that reads events by these options.
    pub fn with_options(options: &Options) -> Fold {
        let hasher = hasher(options.hash_seed);
        Fold {
            options: *options,
            shapes: Shapes::default(),
            cut: Instant::MIN,
            names: Arc::new(Names::new(hasher.clone())),
            names_to_keep: merge::SPARE_NAMES,
            agents: HashMap::with_hasher(hasher),
            known: 0,
            usual: OnceLock::new(),
        }
    }

    /// The fold as it is now, for readers while this one goes on. The two share the data of each agent
    /// until one of them changes it, so a snapshot copies no history.
    ///
    /// ```
    /// use agentfold::Fold;
    ///
    /// let mut fold = Fold::new();
    /// fold.read(
    ///     br#"{"account_id": 2, "agent_id": 7, "field_name": "status", "id": "a",
    ///         "timestamp": "2026-01-05T09:00:00Z", "value": "away"}"#,
    ///     |bad| panic!("{bad}"),
    /// );
    /// let snapshot = fold.snapshot();
    /// assert!(snapshot == fold);
    /// fold.compact("2026-01-06T00:00:00Z".parse()?);
    /// assert!(snapshot != fold);
    /// # Ok::<(), agentfold::BadInstant>(())
    /// ```
    #[must_use]
    pub fn snapshot(&mut self) -> Fold {
        let hasher = self.agents.hasher().clone();
        let mut agents = HashMap::with_capacity_and_hasher(self.agents.len(), hasher);
        agents.extend(self.agents.iter_mut().map(|(agent, held)| (*agent, held.share())));
        Fold { usual: self.usual.clone(), ..self.with_agents(agents, self.known) }
    }

    /// Like [`Fold::snapshot`], but with one agent alone, so that it takes no longer for a fold of many.
    ///
    /// ```
    /// use agentfold::{Agent, Fold};
    ///
    /// let mut fold = Fold::new();
    /// for agent in [7, 8] {
    ///     let event = format!(
    ///         r#"{{"account_id": 2, "agent_id": {agent}, "field_name": "status", "id": "a",
    ///             "timestamp": "2026-01-05T09:00:00Z", "value": "away"}}"#);
    ///     fold.read(event.as_bytes(), |bad| panic!("{bad}"));
    /// }
    /// let one = fold.snapshot_of(Agent::new(2, 7));
    /// assert!(one.agents().eq([Agent::new(2, 7)]));
    /// assert!(fold.snapshot_of(Agent::new(2, 9)).is_empty());
    /// ```
    #[must_use]
    pub fn snapshot_of(&mut self, agent: Agent) -> Fold {
        let mut agents = HashMap::with_hasher(self.agents.hasher().clone());
        agents.extend(self.agents.get_mut(&agent).map(|held| (agent, held.share())));
        let known = agents.values().filter(|held: &&Held| held.is_known()).count();
        self.with_agents(agents, known)
    }

    fn with_agents(&self, agents: HashMap<Agent, Held, Hasher>, known: usize) -> Fold {
        Fold {
            options: self.options,
            shapes: Shapes::default(),
            cut: self.cut,
            names: Arc::clone(&self.names),
            names_to_keep: self.names_to_keep,
            agents,
            known,
            usual: OnceLock::new(),
        }
    }

    /// How this fold reads events.
    pub fn options(&self) -> &Options {
        &self.options
    }

    /// Sets the clock of [`Options::now`], by which events of the future are refused. What the fold has
    /// accepted stays.
    ///
    /// ```
    /// use agentfold::Fold;
    ///
    /// let event = br#"{"account_id": 2, "agent_id": 7, "field_name": "status", "id": "a",
    ///     "timestamp": "2026-01-05T09:00:00Z", "value": "away"}"#;
    /// let mut fold = Fold::new();
    /// fold.set_now("2026-01-04T08:00:00Z".parse()?);
    /// assert_eq!(fold.apply_bytes(event).outcome.as_str(), "unreadable");
    /// fold.set_now("2026-01-05T08:00:00Z".parse()?);
    /// assert_eq!(fold.apply_bytes(event).outcome.as_str(), "applied");
    /// # Ok::<(), agentfold::BadInstant>(())
    /// ```
    pub fn set_now(&mut self, now: Instant) {
        self.options.now = Some(now);
    }
}

/// # Agents
impl Fold {
    /// The agents with an accepted event, by account, then agent.
    pub fn agents(
        &self,
    ) -> impl ExactSizeIterator<Item = Agent> + DoubleEndedIterator + Clone + use<> {
        self.agents_where(&|_| true).into_iter()
    }

    /// The agents for which only ignored or expired events arrived, by account, then agent. They have no
    /// state, but the fold keeps the versions of those events, and counts them among its
    /// [agents](crate::Limit::Agents).
    ///
    /// ```
    /// use agentfold::{Agent, Fold};
    ///
    /// let mut fold = Fold::new();
    /// fold.read(br#"{"account_id": 2, "detail": {"agent_id": "7", "version": "3"}, "id": "a",
    ///     "type": "zen:event-type:agent.lost_pen", "event": {}}"#, |bad| panic!("{bad:?}"));
    /// assert_eq!(fold.len(), 0);
    /// assert_eq!(fold.unknown_agents(), [Agent::new(2, 7)]);
    /// ```
    pub fn unknown_agents(&self) -> Vec<Agent> {
        let unknown = self.agents.iter().filter(|(_, known)| !known.is_known());
        let mut agents: Vec<Agent> = unknown.map(|(agent, _)| *agent).collect();
        agents.sort_unstable();
        agents
    }

    /// The agents with an accepted event that have this id, by account. There is one for each account
    /// in which the id is known.
    ///
    /// ```
    /// use agentfold::{Agent, Fold};
    ///
    /// let mut fold = Fold::new();
    /// fold.read(br#"{"account_id": 2, "agent_id": 7, "field_name": "status", "id": "a",
    ///     "timestamp": "2026-01-05T09:00:00Z", "value": "away"}"#, |bad| panic!("{bad:?}"));
    /// assert_eq!(fold.find(7.into()).collect::<Vec<_>>(), [Agent::new(2, 7)]);
    /// assert!(fold.contains(Agent::new(2, 7)) && !fold.contains(Agent::new(3, 7)));
    /// ```
    pub fn find(&self, agent_id: Id) -> impl Iterator<Item = Agent> + use<> {
        self.agents_where(&|agent| agent.agent_id == agent_id).into_iter()
    }

    /// The agents with an accepted event that pass a filter, by account, then agent.
    pub(crate) fn agents_where(&self, filter: &dyn Fn(Agent) -> bool) -> Vec<Agent> {
        let known = self.agents.iter().filter(|(agent, known)| filter(**agent) && known.is_known());
        let mut agents: Vec<Agent> = known.map(|(agent, _)| *agent).collect();
        agents.sort_unstable();
        agents
    }

    /// The number of agents with an accepted event.
    pub fn len(&self) -> usize {
        self.known
    }

    /// Whether no event was accepted.
    pub fn is_empty(&self) -> bool {
        self.known == 0
    }

    /// Whether an event of this agent was accepted.
    pub fn contains(&self, agent: Agent) -> bool {
        self.agents.get(&agent).is_some_and(Held::is_known)
    }

    /// Forgets everything about an agent, including its cut, and returns whether there was anything.
    ///
    /// Afterwards its events are accepted again from the [cut of unknown agents](Fold::cut) on. Merging
    /// a fold that still has the agent restores it, so forget it in all folds.
    pub fn forget(&mut self, agent: Agent) -> bool {
        let Some(known) = self.agents.remove(&agent) else {
            return false;
        };
        self.known -= usize::from(known.is_known());
        self.usual.take();
        true
    }

    /// The instants of the first and the last accepted event; `None` if no event was accepted.
    ///
    /// ```
    /// assert_eq!(agentfold::Fold::new().first_and_last_event_at(), None);
    /// ```
    pub fn first_and_last_event_at(&self) -> Option<(Instant, Instant)> {
        let ends = self.agents.values().filter_map(Held::first_and_last);
        ends.reduce(|a, b| (a.0.min(b.0), a.1.max(b.1)))
    }
}

/// # State
impl Fold {
    /// Returns an agent's current state; `None` without an accepted event.
    pub fn state(&self, agent: Agent) -> Option<AgentState> {
        state::state(agent, self.tracks(agent)?, &self.names, None)
    }

    /// Returns an agent's state as of an instant, from everything that is known now; `None` without an
    /// accepted event by then.
    ///
    /// # Errors
    /// `before_cut` if `at` is before the [agent's cut](Fold::cut_of), since that history was compacted
    /// away. The error names the agent and its cut.
    ///
    /// ```
    /// use agentfold::{Fold, Instant};
    ///
    /// let chat = |id, at, value| format!(
    ///     r#"{{"account_id": 2, "agent_id": 7, "field_name": "engagements", "id": "{id}",
    ///         "timestamp": "2026-01-05T{at}Z", "value": {value}}}"#);
    /// let mut fold = Fold::new();
    /// fold.read(chat("b", "10:00:00", 2).as_bytes(), |bad| panic!("{bad:?}"));
    /// fold.read(chat("a", "09:00:00", 1).as_bytes(), |bad| panic!("{bad:?}"));
    ///
    /// let agent = fold.agents().next().expect("an agent");
    /// let at = |time: &str| -> Instant { format!("2026-01-05T{time}Z").parse().expect("valid") };
    /// let engagements = |fold: &Fold, time| {
    ///     let state = fold.state_at(agent, at(time)).map_err(|error| error.code())?;
    ///     Ok(state.and_then(|state| state.chat).and_then(|chat| chat.engagements))
    /// };
    /// assert_eq!(engagements(&fold, "08:59:59"), Ok(None));
    /// assert_eq!(engagements(&fold, "09:30:00"), Ok(Some(1)));
    /// assert_eq!(engagements(&fold, "10:00:00"), Ok(Some(2)));
    ///
    /// fold.compact(at("09:45:00"));
    /// assert_eq!(engagements(&fold, "09:30:00"), Err("before_cut"));
    /// assert_eq!(engagements(&fold, "09:45:00"), Ok(Some(1)));
    /// ```
    pub fn state_at(&self, agent: Agent, at: Instant) -> Result<Option<AgentState>, Error> {
        let Some(tracks) = self.tracks(agent) else {
            return Ok(None);
        };
        if at < tracks.cut {
            return Err(Error::before_cut(agent, tracks.cut, at));
        }
        Ok(state::state(agent, tracks, &self.names, Some(at)))
    }

    pub(crate) fn tracks(&self, agent: Agent) -> Option<&Tracks> {
        self.agents.get(&agent)?.tracks.as_deref()
    }

    /// Returns the signs of missing and strange events, by agent. They are derived from what is known,
    /// so a late event can remove them.
    pub fn anomalies(&self) -> Vec<Anomaly> {
        let mut anomalies: Vec<Anomaly> =
            self.agents.keys().flat_map(|agent| self.anomalies_of(*agent)).collect();
        anomalies.sort();
        anomalies
    }

    /// Returns those of the [anomalies](Fold::anomalies) that are of one agent, in the same order.
    ///
    /// ```
    /// use agentfold::{Agent, Fold};
    ///
    /// assert_eq!(Fold::new().anomalies_of(Agent::new(2, 7)), []);
    /// ```
    pub fn anomalies_of(&self, agent: Agent) -> Vec<Anomaly> {
        let Some(known) = self.agents.get(&agent) else {
            return Vec::new();
        };
        let signs = anomaly::signs(known.tracks.as_deref(), &known.versions, &self.names);
        let mut anomalies: Vec<Anomaly> =
            signs.into_iter().map(|sign| Anomaly { agent, sign }).collect();
        anomalies.sort();
        anomalies
    }
}
