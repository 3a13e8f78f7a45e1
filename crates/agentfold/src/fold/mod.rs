//! [`Fold`]: all that is known of many agents.

pub(crate) mod anomaly;
mod change;
pub(crate) mod effect;
pub(crate) mod id;
pub(crate) mod names;
pub(crate) mod origin;
mod outcome;
mod past;
mod saved;
pub mod state;
pub(crate) mod tracks;
pub(crate) mod transition;
pub(crate) mod transition_set;
pub(crate) mod value;
pub(crate) mod versions;
pub(crate) mod work_item;

use hashbrown::HashMap;
use serde::Serialize;
use smallvec::SmallVec;

pub use anomaly::{Anomaly, Place, Sign};
pub use change::Change;
pub use outcome::{Counts, Outcome};
pub use state::AgentState;

use self::change::Look;
use self::effect::{Effect, effect, effects};
use self::names::{Name, Names};
use self::tracks::{Target, Tracks};
use self::transition::{Stamp, Transition};
use self::transition_set::Put;
use self::versions::Versions;
use crate::error::{Error, ErrorKind};
use crate::event::Event;
use crate::fact::Fact;
use crate::read::{Next, Options, Record, Records, Unreadable};
use crate::{Agent, Instant};

/// All that is known of many agents: a set of transitions, of which every answer is a function.
///
/// Events may come repeated, late, and in any order; the same events give the same fold, equal in
/// its saved bytes. Folds of parts of a stream [merge](Fold::merge) into the fold of the whole.
///
/// ```
/// use agentfold::{Event, Fold, Outcome};
///
/// let online = br#"{"account_id": 2, "detail": {"agent_id": "10011", "version": "3"},
///     "event": {"updated_at": "2023-04-05T23:30:58Z", "previous_state": "offline",
///               "new_state": "online", "channel": "support"},
///     "id": "01GX79ST1QX01C889XV42S2J5T", "type": "zen:event-type:agent.state_changed"}"#;
/// let event = Event::parse(online).expect("a good event");
///
/// let mut fold = Fold::new();
/// assert_eq!(fold.apply(&event).outcome, Outcome::Applied);
/// assert_eq!(fold.apply(&event).outcome, Outcome::Duplicate);
/// let state = fold.state(event.agent().expect("known")).expect("heard of");
/// assert_eq!(state.channels["support"].state.as_deref(), Some("online"));
/// ```
#[derive(Debug, Clone)]
pub struct Fold {
    options: Options,
    /// The cut of agents not yet known.
    cut: Instant,
    pub(crate) names: Names,
    pub(crate) agents: HashMap<Agent, Known>,
}

/// How many facts are read before they are taken in.
const BATCH: usize = 64;

/// What is known of one agent.
#[derive(Debug, Clone, Default)]
pub(crate) struct Known {
    /// The versions seen, those of ignored and expired events too.
    pub(crate) versions: Versions,
    /// There once an event was accepted.
    pub(crate) tracks: Option<Tracks>,
}

/// What [`Fold::apply`] answers.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(deny_unknown_fields))]
pub struct Applied {
    /// What became of the event.
    #[serde(flatten)]
    pub outcome: Outcome,
    /// Every value of the agent's current state that is now another.
    pub changes: Vec<Change>,
}

impl Known {
    /// Puts effects into the tracks; looks at the current state before and after.
    #[cold]
    fn put(
        &mut self,
        effects: &[(Stamp<'_>, Effect)],
        cut: Instant,
        names: &Names,
        new_version: bool,
    ) -> (Outcome, Option<(Look, Look)>) {
        let targets = || effects.iter().map(|(_, effect)| &effect.target);
        let channels = self.tracks.iter().flat_map(|tracks| &tracks.channels).map(|c| c.name);
        let mut channels: Vec<Name> =
            channels.chain(targets().filter_map(Target::channel)).collect();
        channels.sort_unstable();
        channels.dedup();
        let look = |tracks: Option<&Tracks>| Look::new(tracks, targets(), &channels);
        let before = look(self.tracks.as_ref());
        let first_at = effects.iter().map(|(stamp, _)| stamp.at).fold(Instant::MAX, Instant::min);
        let tracks = self.tracks.get_or_insert_with(|| Tracks::new(cut, first_at));
        let (mut changed, mut latest) = (new_version, false);
        for (stamp, effect) in effects {
            let transition = Transition::new(stamp, effect.value, effect.previous);
            if let Put::Added { latest: last } = tracks.put(&effect.target, transition, names) {
                changed = true;
                latest |= last;
            }
        }
        if !changed {
            return (Outcome::Duplicate, None);
        }
        let after = look(Some(tracks));
        let outcome = if latest || before != after { Outcome::Applied } else { Outcome::Late };
        (outcome, Some((before, after)))
    }
}

impl Default for Fold {
    fn default() -> Fold {
        Fold::new()
    }
}

impl Fold {
    /// A fold that knows nothing.
    pub fn new() -> Fold {
        Fold::with_options(&Options::default())
    }

    /// A fold that knows nothing, and reads events by these options.
    pub fn with_options(options: &Options) -> Fold {
        Fold { options: *options, cut: Instant::MIN, names: Names::new(), agents: HashMap::new() }
    }

    /// How this fold reads events.
    pub fn options(&self) -> &Options {
        &self.options
    }

    /// Takes in an event, and tells what that changed.
    ///
    /// An event that reading would refuse, which can only be one that was built by hand, is `unreadable`;
    /// [`Event::check`] finds the same issues.
    ///
    /// ```
    /// use agentfold::{Event, Fold, Outcome};
    ///
    /// let mut event = Event::parse(br#"{"account_id": 2, "detail": {"agent_id": "7"}, "id": "a",
    ///     "event": {"updated_at": "2026-01-05T09:00:00Z", "channel": "support"},
    ///     "type": "zen:event-type:agent.channel_created"}"#).expect("a good event");
    /// let Event::Availability(availability) = &mut event else { panic!("a webhook") };
    /// availability.account_id = None;
    /// let issues = event.check();
    /// assert_eq!(Fold::new().apply(&event).outcome, Outcome::Unreadable { issues });
    /// ```
    pub fn apply(&mut self, event: &Event<'_>) -> Applied {
        if !event.is_refused() {
            let applied = self.apply_read(event);
            if !matches!(applied.outcome, Outcome::Unreadable { .. }) {
                return applied;
            }
        }
        let issues = event.check_by(&self.options);
        Applied { outcome: Outcome::Unreadable { issues }, changes: Vec::new() }
    }

    /// Takes in an event that was read, and tells what that changed.
    fn apply_read(&mut self, event: &Event<'_>) -> Applied {
        let mut changes = Some(Vec::new());
        let outcome = self.take(event, &mut changes);
        Applied { outcome, changes: changes.unwrap_or_default() }
    }

    /// Takes in one event from its bytes, read by the fold's options, and tells what that changed. That it
    /// can't be read is an answer too.
    ///
    /// ```
    /// use agentfold::{Fold, Outcome};
    ///
    /// let applied = Fold::new().apply_bytes(b"{}");
    /// assert!(matches!(applied.outcome, Outcome::Unreadable { .. }));
    /// ```
    pub fn apply_bytes(&mut self, bytes: &[u8]) -> Applied {
        match self.options.parse(bytes) {
            Ok(event) => self.apply_read(&event),
            Err(issues) => Applied { outcome: Outcome::Unreadable { issues }, changes: Vec::new() },
        }
    }

    /// Takes in every event of bytes that are all there, wrapped as [`Records`] tells. What can't be
    /// read is handed to `unreadable`.
    ///
    /// ```
    /// use agentfold::Fold;
    ///
    /// let mut fold = Fold::new();
    /// let counts = fold.read(b"{}\n", |bad| assert_eq!(bad.issues[0].path, "/type"));
    /// assert_eq!((counts.unreadable, counts.total()), (1, 1));
    /// ```
    pub fn read(&mut self, bytes: &[u8], mut unreadable: impl FnMut(Unreadable<'_>)) -> Counts {
        let (mut records, mut counts) = (Records::new(&self.options), Counts::default());
        self.read_some(&mut records, bytes, true, &mut counts, &mut unreadable);
        counts
    }

    /// Takes in all records of a stream that `bytes` hold whole, and tells how many bytes were used:
    /// for callers that hold only a part of the stream. The next call begins with those that were
    /// not; `end` tells that none will follow them.
    pub fn read_some(
        &mut self,
        records: &mut Records,
        bytes: &[u8],
        end: bool,
        counts: &mut Counts,
        mut unreadable: impl FnMut(Unreadable<'_>),
    ) -> (usize, Next<()>) {
        let mut used = 0;
        // Where nothing is as usual it is tried ever more seldom, down to once in 64 records.
        let (mut wait, mut misses) = (0_u32, 0);
        loop {
            if wait == 0 {
                let many = self.read_usual(records, &bytes[used..], counts);
                misses = if many > 0 { 0 } else { 6.min(misses + 1) };
                wait = 1 << misses;
                used += many;
            }
            wait -= 1;
            let (more, next) = self.read_next(records, &bytes[used..], end, &mut unreadable);
            used += more;
            match next {
                Next::Item(outcome) => counts.add(&outcome),
                Next::More => return (used, Next::More),
                Next::End => return (used, Next::End),
            }
        }
    }

    /// The same as [`Fold::read_some`], but told what each event changed, which takes longer.
    ///
    /// ```
    /// use agentfold::{Counts, Fold};
    /// use agentfold::stream::Records;
    ///
    /// let (mut fold, mut records, mut counts) = (Fold::new(), Records::default(), Counts::default());
    /// let mut changes = Vec::new();
    /// let status = br#"{"account_id": 2, "agent_id": 7, "field_name": "status", "id": "a",
    ///     "timestamp": "2026-01-05T09:00:00Z", "value": "away"}"#;
    /// let (used, _) = fold.apply_some(
    ///     &mut records, status, true, &mut counts, &mut changes, |bad| panic!("{bad:?}"));
    /// assert_eq!((used, counts.applied), (status.len(), 1));
    /// assert_eq!((changes[0].track.as_str(), changes[0].to.as_str()), ("chat_status", Some("away")));
    /// ```
    pub fn apply_some(
        &mut self,
        records: &mut Records,
        bytes: &[u8],
        end: bool,
        counts: &mut Counts,
        changes: &mut Vec<Change>,
        mut unreadable: impl FnMut(Unreadable<'_>),
    ) -> (usize, Next<()>) {
        let mut used = 0;
        loop {
            let (more, next) = records.next(&bytes[used..], end);
            used += more;
            match next {
                Next::Item(Record::Event(event)) => {
                    let applied = self.apply_read(&event);
                    counts.add(&applied.outcome);
                    changes.extend(applied.changes);
                }
                Next::Item(Record::Unreadable(bad)) => {
                    counts.unreadable += 1;
                    unreadable(bad);
                }
                Next::More => return (used, Next::More),
                Next::End => return (used, Next::End),
            }
        }
    }

    /// Takes in records as long as they are as they should be, many at once, and tells how many
    /// bytes that were.
    fn read_usual(&mut self, records: &mut Records, bytes: &[u8], counts: &mut Counts) -> usize {
        let mut stretch = records.stretch(bytes);
        // On the stack, since one delivery takes less time than to ask for memory.
        let mut facts = SmallVec::<[_; BATCH]>::new();
        loop {
            facts.clear();
            while facts.len() < BATCH
                && let Some(fact) = stretch.fact()
            {
                let effect = effect(&fact, &mut self.names);
                facts.push((fact, effect));
            }
            // What the facts will touch is looked at before the first is taken in: so the memory of
            // many agents is fetched at once, and not one after another.
            for (fact, _) in &facts {
                std::hint::black_box(self.tracks(fact.agent).map(Tracks::touch));
            }
            for (fact, effect) in &facts {
                if let (Some(tracks), Some(effect)) = (self.tracks(fact.agent), effect) {
                    std::hint::black_box(tracks.touch_item(effect));
                }
            }
            for (fact, effect) in &facts {
                counts.add(&self.take_in(fact, effect.as_ref()));
            }
            if facts.len() < BATCH {
                let Some(event) = stretch.event() else {
                    return stretch.used();
                };
                counts.add(&self.take(&event, &mut None));
            }
        }
    }

    /// Takes in the next record of a stream, as [`Records::next`] finds it: for callers that hold
    /// only a part of the bytes. Faster than [`Fold::apply`], since nobody asks for the changes.
    #[inline]
    pub fn read_next(
        &mut self,
        records: &mut Records,
        bytes: &[u8],
        end: bool,
        unreadable: impl FnOnce(Unreadable<'_>),
    ) -> (usize, Next<Outcome>) {
        let (used, next) = records.next(bytes, end);
        let outcome = next.map(|record| match record {
            Record::Event(event) => self.take(&event, &mut None),
            Record::Unreadable(bad) => {
                let issues = bad.issues.clone();
                unreadable(bad);
                Outcome::Unreadable { issues }
            }
        });
        (used, outcome)
    }

    /// Takes in an event; what it changed is put into `changes`, if they are asked for.
    fn take(&mut self, event: &Event<'_>, changes: &mut Option<Vec<Change>>) -> Outcome {
        match Fact::of(event, self.options.instant) {
            Ok(Some(fact)) => self.take_in_any(&fact, changes),
            Ok(None) => {
                if let (Some(agent), version @ 1..) = (event.agent(), event.version()) {
                    self.agents.entry(agent).or_default().versions.add(version);
                }
                Outcome::Ignored
            }
            Err(issue) => Outcome::Unreadable { issues: vec![issue] },
        }
    }

    /// Takes in a fact whose effect is known, if it has just one; nobody asks for the changes.
    #[inline(always)]
    fn take_in(&mut self, fact: &Fact<'_>, effect: Option<&Effect>) -> Outcome {
        // The usual case: one effect, later than all that is known of its track.
        if let Some(effect) = effect
            && let Some(known) = self.agents.get_mut(&fact.agent)
            && let Some(tracks) = &mut known.tracks
            && fact.at >= tracks.cut
            && tracks.push(effect, &Stamp::of(fact))
        {
            known.versions.add(fact.version);
            return Outcome::Applied;
        }
        self.take_in_any(fact, &mut None)
    }

    /// Takes in a fact; what it changed is put into `changes`, if they are asked for.
    #[inline(never)]
    fn take_in_any(&mut self, fact: &Fact<'_>, changes: &mut Option<Vec<Change>>) -> Outcome {
        let Fact { agent, at, version, .. } = *fact;
        let effects = effects(fact, &mut self.names);
        if version == 0 && effects.is_empty() {
            return Outcome::Ignored;
        }
        let known = self.agents.entry(agent).or_default();
        let new_version = known.versions.add(version);
        if effects.is_empty() {
            return Outcome::Ignored;
        }
        if at < known.tracks.as_ref().map_or(self.cut, |tracks| tracks.cut) {
            return Outcome::Expired;
        }
        let stamp = Stamp::of(fact);
        let effects: Vec<_> = effects.into_iter().map(|effect| (stamp, effect)).collect();
        let (outcome, looks) = known.put(&effects, self.cut, &self.names, new_version);
        if let (Some(changes), Some((before, after))) = (changes, looks) {
            *changes = before.changes(&after, agent, at, &self.names);
        }
        outcome
    }

    /// Takes in effects that each have a stamp of their own; those from before the cut are left out.
    pub(crate) fn take_effects(
        &mut self,
        agent: Agent,
        version: u64,
        effects: &[(Stamp<'_>, Effect)],
        at: Instant,
    ) -> Applied {
        let known = self.agents.entry(agent).or_default();
        let new_version = known.versions.add(version);
        let cut = known.tracks.as_ref().map_or(self.cut, |tracks| tracks.cut);
        let accepted: Vec<_> =
            effects.iter().filter(|(stamp, _)| stamp.at >= cut).cloned().collect();
        if accepted.is_empty() {
            let outcome = if effects.is_empty() { Outcome::Ignored } else { Outcome::Expired };
            return Applied { outcome, changes: Vec::new() };
        }
        let (outcome, looks) = known.put(&accepted, self.cut, &self.names, new_version);
        let changes = looks.map(|(before, after)| before.changes(&after, agent, at, &self.names));
        Applied { outcome, changes: changes.unwrap_or_default() }
    }

    /// The agents of whom an event was accepted, by account, then agent.
    pub fn agents(&self) -> Vec<Agent> {
        let known = self.agents.iter().filter(|(_, known)| known.tracks.is_some());
        let mut agents: Vec<Agent> = known.map(|(agent, _)| *agent).collect();
        agents.sort_unstable();
        agents
    }

    /// The instants of the first and the last accepted event; `None` if there was none.
    ///
    /// ```
    /// assert_eq!(agentfold::Fold::new().first_and_last_event_at(), None);
    /// ```
    pub fn first_and_last_event_at(&self) -> Option<(Instant, Instant)> {
        let tracks = self.agents.values().filter_map(|known| known.tracks.as_ref());
        let ends = tracks.map(|tracks| (tracks.first_at, tracks.greatest.at));
        ends.reduce(|a, b| (a.0.min(b.0), a.1.max(b.1)))
    }

    /// An agent's current state; `None` if no event of it was accepted.
    pub fn state(&self, agent: Agent) -> Option<AgentState> {
        state::state(agent, self.tracks(agent)?, &self.names, None)
    }

    /// An agent's state as of an instant, by all that is known now; `None` if no event of it was
    /// accepted by then.
    ///
    /// # Errors
    /// `before_cut` if the agent's history from then was compacted away.
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
    /// let agent = fold.agents()[0];
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
            return Err(ErrorKind::BeforeCut.into());
        }
        Ok(state::state(agent, tracks, &self.names, Some(at)))
    }

    pub(crate) fn tracks(&self, agent: Agent) -> Option<&Tracks> {
        self.agents.get(&agent)?.tracks.as_ref()
    }

    /// What was noticed of missing and strange events, by agent.
    ///
    /// It is read off what is known, so that a late event mends it.
    pub fn anomalies(&self) -> Vec<Anomaly> {
        let mut anomalies = Vec::new();
        for (agent, known) in &self.agents {
            let Agent { account_id, agent_id } = *agent;
            let signs = anomaly::signs(known.tracks.as_ref(), &known.versions, &self.names);
            anomalies.extend(signs.into_iter().map(|sign| Anomaly { account_id, agent_id, sign }));
        }
        anomalies.sort();
        anomalies
    }

    /// Takes in all that another fold knows: the union of both.
    ///
    /// Commutative, associative and idempotent between the same compactions, so that shards,
    /// regions and replays join without coordination.
    ///
    /// # Errors
    /// `different_options` if the folds date events by different fields; this one stays as it was.
    ///
    /// ```
    /// use agentfold::{Fold, Options};
    /// use agentfold::event::InstantFrom;
    ///
    /// let mut fold = Fold::new();
    /// assert_eq!(fold.merge(&Fold::new()), Ok(()));
    ///
    /// let options = Options { instant: InstantFrom::Time, ..Options::default() };
    /// let error = fold.merge(&Fold::with_options(&options)).expect_err("not to be mixed");
    /// assert_eq!(error.code(), "different_options");
    /// ```
    pub fn merge(&mut self, other: &Fold) -> Result<(), Error> {
        let agents = other.agents.iter().map(|(agent, known)| (*agent, known.clone()));
        self.join(&other.options, other.cut, &other.names, agents)
    }

    /// Takes in all that another fold knows, as [`Fold::merge`] does, and uses it up: faster, since nothing
    /// is copied that can be moved.
    ///
    /// # Errors
    /// `different_options` if the folds date events by different fields; this one stays as it was.
    pub fn absorb(&mut self, other: Fold) -> Result<(), Error> {
        self.join(&other.options, other.cut, &other.names, other.agents.into_iter())
    }

    fn join(
        &mut self,
        options: &Options,
        cut: Instant,
        names: &Names,
        agents: impl Iterator<Item = (Agent, Known)>,
    ) -> Result<(), Error> {
        if self.options.instant != options.instant {
            return Err(ErrorKind::DifferentOptions.into());
        }
        self.cut = self.cut.max(cut);
        let names = self.names.adopt(names);
        for (agent, known) in agents {
            let ours = self.agents.entry(agent).or_default();
            for (first, last) in known.versions.ranges() {
                ours.versions.add_range(*first, *last);
            }
            let Some(mut tracks) = known.tracks else {
                continue;
            };
            tracks.rename(&names);
            match &mut ours.tracks {
                Some(ours) => ours.merge(tracks, &self.names),
                None => ours.tracks = Some(tracks),
            }
        }
        Ok(())
    }

    /// Forgets history from before an instant: nothing from before it is accepted any more, and
    /// current state stays as it is. The cut only ever rises.
    pub fn compact(&mut self, before: Instant) {
        self.cut = self.cut.max(before);
        for tracks in self.agents.values_mut().filter_map(|known| known.tracks.as_mut()) {
            tracks.compact(before);
        }
    }
}
