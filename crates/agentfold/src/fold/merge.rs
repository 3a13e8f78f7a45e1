//! Merges and compacts folds.

use std::sync::Arc;

use hashbrown::hash_map::Entry;

use super::held::Held;
use super::names::{Name, Names};
use super::{Fold, Known};
use crate::error::{Error, ErrorKind};
use crate::{Agent, Instant, Options};

/// How many unused names are ignored.
pub(super) const SPARE_NAMES: usize = 1024;

/// # Merging
impl Fold {
    /// Adds everything that another fold knows. The result is the union of both.
    ///
    /// Between the same compactions, merging is commutative, associative and idempotent. So shards,
    /// regions and replays join without coordination.
    ///
    /// # Errors
    /// `different_options` if the folds date events by different fields. This fold is then unchanged.
    ///
    /// ```
    /// use agentfold::{Fold, Options};
    /// use agentfold::event::InstantFrom;
    ///
    /// let mut fold = Fold::new();
    /// assert_eq!(fold.merge(&Fold::new()), Ok(()));
    ///
    /// let options = Options::default().with_instant(InstantFrom::Time);
    /// let error = fold.merge(&Fold::with_options(&options)).expect_err("not to be mixed");
    /// assert_eq!(error.code(), "different_options");
    /// ```
    pub fn merge(&mut self, other: &Fold) -> Result<(), Error> {
        let agents = other.agents.iter().map(|(agent, held)| (*agent, held.clone()));
        self.join(&other.options, other.cut, &other.names, agents)
    }

    /// Adds what another fold knows of some agents, so that other work can be done before the next ones
    /// are added. The [cut](Fold::cut) of agents that are not known yet does not change.
    ///
    /// # Errors
    /// As [`Fold::merge`].
    ///
    /// ```
    /// use agentfold::{Agent, Fold};
    ///
    /// let mut other = Fold::new();
    /// for agent in [7, 8] {
    ///     let event = format!(
    ///         r#"{{"account_id": 2, "agent_id": {agent}, "field_name": "status", "id": "a",
    ///             "timestamp": "2026-01-05T09:00:00Z", "value": "away"}}"#);
    ///     other.read(event.as_bytes(), |bad| panic!("{bad}"));
    /// }
    /// let mut fold = Fold::new();
    /// fold.merge_agents(&other, &[Agent::new(2, 7), Agent::new(2, 9)])?;
    /// assert!(fold.agents().eq([Agent::new(2, 7)]));
    /// # Ok::<(), agentfold::Error>(())
    /// ```
    pub fn merge_agents(&mut self, other: &Fold, agents: &[Agent]) -> Result<(), Error> {
        let held = |agent: &Agent| Some((*agent, other.agents.get(agent)?.clone()));
        self.join(&other.options, self.cut, &other.names, agents.iter().filter_map(held))
    }

    /// Adds everything that another fold knows, as [`Fold::merge`] does, and consumes that fold. This
    /// is faster, because it moves data instead of copying it.
    ///
    /// # Errors
    /// `different_options` if the folds date events by different fields. This fold is then unchanged.
    pub fn absorb(&mut self, other: Fold) -> Result<(), Error> {
        self.join(&other.options, other.cut, &other.names, other.agents.into_iter())
    }

    fn join(
        &mut self,
        options: &Options,
        cut: Instant,
        names: &Names,
        agents: impl Iterator<Item = (Agent, Held)>,
    ) -> Result<(), Error> {
        if self.options.instant != options.instant {
            return Err(ErrorKind::DifferentOptions.into());
        }
        self.cut = self.cut.max(cut);
        self.usual.take();
        let names = Arc::make_mut(&mut self.names).adopt(names);
        // As in a fold that was empty.
        let are_same = names.iter().enumerate().all(|(index, name)| name.index() == index);
        for (agent, mut held) in agents {
            if !are_same {
                held.rename(&names);
            }
            match self.agents.entry(agent) {
                Entry::Vacant(entry) => {
                    self.known += usize::from(held.is_known());
                    entry.insert(held);
                }
                Entry::Occupied(entry) => {
                    let ours = entry.into_mut().make_mut();
                    self.known -= usize::from(ours.tracks.is_some());
                    ours.merge(held.into_known(), &self.names);
                    self.known += usize::from(ours.tracks.is_some());
                }
            }
        }
        Ok(())
    }
}

impl Known {
    fn merge(&mut self, other: Known, names: &Names) {
        for (first, last) in other.versions.ranges() {
            self.versions.add_range(first, last);
        }
        match (&mut self.tracks, other.tracks) {
            (Some(ours), Some(tracks)) => ours.merge(*tracks, names),
            (ours @ None, tracks) => *ours = tracks,
            (Some(_), None) => {}
        }
    }
}

/// # Compacting
impl Fold {
    /// Drops history from before an instant, the *cut*. The current state does not change. Events from
    /// before the cut are no longer accepted. The cut is never lowered.
    ///
    /// Questions about the state at an instant before the cut, [`Fold::state_at`] and [`Fold::floor`],
    /// fail with `before_cut`. Histories and reports still cover their whole window, and are
    /// [unknown](crate::history::Basis::Unknown) before the cut.
    pub fn compact(&mut self, before: Instant) {
        self.cut = self.cut.max(before);
        self.usual.take();
        self.agents.values_mut().for_each(|held| held.compact(before));
        self.shed_names();
    }

    /// Compacts some agents, so that other work can be done before the next ones are compacted. Raises the
    /// [cut](Fold::cut) of agents that are not known yet, as [`Fold::compact`] does.
    ///
    /// ```
    /// use agentfold::{Agent, Fold};
    ///
    /// let (agent, cut) = (Agent::new(2, 7), "2026-01-06T00:00:00Z".parse()?);
    /// let mut fold = Fold::new();
    /// fold.read(
    ///     br#"{"account_id": 2, "agent_id": 7, "field_name": "status", "id": "a",
    ///         "timestamp": "2026-01-05T09:00:00Z", "value": "away"}"#,
    ///     |bad| panic!("{bad}"),
    /// );
    /// fold.compact_agents(cut, &[]);
    /// assert_eq!((fold.cut(), fold.cut_of(agent)), (Some(cut), None));
    /// fold.compact_agents(cut, &[agent]);
    /// assert_eq!(fold.cut_of(agent), Some(cut));
    /// # Ok::<(), agentfold::BadInstant>(())
    /// ```
    pub fn compact_agents(&mut self, before: Instant, agents: &[Agent]) {
        self.cut = self.cut.max(before);
        self.usual.take();
        for agent in agents {
            self.agents.get_mut(agent).into_iter().for_each(|held| held.compact(before));
        }
        self.shed_names();
    }

    /// Drops unused names if at least an eighth of a limit may be unused.
    pub(super) fn shed_names_at(&mut self, limit: usize) {
        let used = self.names_to_keep.saturating_sub(SPARE_NAMES) / 2;
        if self.names.count() > used + limit / 8 {
            self.drop_unused_names(0);
        }
    }

    /// Drops unused names, once there may be more of them than used ones.
    fn shed_names(&mut self) {
        if self.names.count() >= self.names_to_keep {
            self.drop_unused_names(SPARE_NAMES);
        }
    }

    /// Drops unused names if there are at least `worth` and more of them than used ones; for 0 in any
    /// case.
    fn drop_unused_names(&mut self, worth: usize) {
        let mut used = vec![false; self.names.count()];
        for held in self.agents.values() {
            held.each_name(&mut |name| used[name.index()] = true);
        }
        let count = used.iter().filter(|is_used| **is_used).count();
        self.names_to_keep = SPARE_NAMES + 2 * count;
        if worth > 0 && self.names.count() < worth + 2 * count {
            return;
        }
        let mut names = Names::new(self.names.hasher().clone());
        // An unused name gets any place, since nothing refers to it.
        let renamed = self.names.all().zip(used);
        let renamed = renamed.map(|((text, _), is_used)| match is_used {
            true => names.add(text),
            false => Name::ONLINE,
        });
        let renamed: Vec<Name> = renamed.collect();
        for held in self.agents.values_mut() {
            held.rename(&renamed);
        }
        self.names = Arc::new(names);
    }

    /// The cut of agents that are not known yet: their events from before it are not accepted. `None`
    /// before the first [`Fold::compact`].
    pub fn cut(&self) -> Option<Instant> {
        Some(self.cut).filter(|cut| *cut > Instant::MIN)
    }

    /// The cut of an agent; `None` if its history was not compacted.
    ///
    /// See [`Fold::compact`] for questions about a time before it.
    pub fn cut_of(&self, agent: Agent) -> Option<Instant> {
        let cut = self.tracks(agent).map_or(self.cut, |tracks| tracks.cut);
        Some(cut).filter(|cut| *cut > Instant::MIN)
    }
}
