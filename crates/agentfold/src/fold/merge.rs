//! Merging folds, and compacting them.

use std::sync::Arc;

use super::names::{Name, Names};
use super::saved::used_names;
use super::{Fold, Known};
use crate::error::{Error, ErrorKind};
use crate::{Agent, Instant, Options};

/// How many unused names are not worth looking for.
pub(super) const SPARE_NAMES: usize = 1024;

/// # Merging
impl Fold {
    /// Adds everything another fold knows: the result is the union of both.
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
    /// let options = Options::default().with_instant(InstantFrom::Time);
    /// let error = fold.merge(&Fold::with_options(&options)).expect_err("not to be mixed");
    /// assert_eq!(error.code(), "different_options");
    /// ```
    pub fn merge(&mut self, other: &Fold) -> Result<(), Error> {
        let agents = other.agents.iter().map(|(agent, known)| (*agent, Arc::clone(known)));
        self.join(&other.options, other.cut, &other.names, agents)
    }

    /// Adds everything another fold knows, as [`Fold::merge`] does, and consumes it. This is faster,
    /// because it moves what it can.
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
        agents: impl Iterator<Item = (Agent, Arc<Known>)>,
    ) -> Result<(), Error> {
        if self.options.instant != options.instant {
            return Err(ErrorKind::DifferentOptions.into());
        }
        self.cut = self.cut.max(cut);
        let names = Arc::make_mut(&mut self.names).adopt(names);
        for (agent, known) in agents {
            let known = Arc::unwrap_or_clone(known);
            let ours = Arc::make_mut(self.agents.entry(agent).or_default());
            for (first, last) in known.versions.ranges() {
                ours.versions.add_range(*first, *last);
            }
            let Some(mut tracks) = known.tracks else {
                continue;
            };
            tracks.rename(&names);
            match &mut ours.tracks {
                Some(ours) => ours.merge(tracks, &self.names),
                None => {
                    ours.tracks = Some(tracks);
                    self.known += 1;
                }
            }
        }
        Ok(())
    }
}

/// # Compacting
impl Fold {
    /// Forgets history from before an instant, the *cut*. Events from before it are not accepted any
    /// more; the current state does not change. The cut never falls.
    ///
    /// What can't be known any more is answered in two ways. Questions about the state at an instant
    /// before the cut, [`Fold::state_at`] and [`Fold::floor`], fail with `before_cut`. Histories and
    /// reports cover their whole window, and are [unknown](crate::history::Basis::Unknown) before the
    /// cut.
    pub fn compact(&mut self, before: Instant) {
        self.cut = self.cut.max(before);
        for known in self.agents.values_mut() {
            if known.tracks.as_ref().is_some_and(|tracks| tracks.cut < before) {
                Arc::make_mut(known).tracks.as_mut().into_iter().for_each(|t| t.compact(before));
            }
        }
        self.shed_names();
    }

    /// Drops the names that nothing uses any more, once there may be more of them than of others.
    fn shed_names(&mut self) {
        if self.names.count() < self.names_to_keep {
            return;
        }
        let agents: Vec<&Known> = self.agents.values().map(|known| &**known).collect();
        let (used, places) = used_names(&self.names, &agents);
        self.names_to_keep = SPARE_NAMES + 2 * used.len();
        if self.names.count() < self.names_to_keep {
            return;
        }
        let mut names = Names::new();
        let texts: Vec<Name> = used.iter().map(|text| names.add(text)).collect();
        // A name that is not used has no place of its own, and stands nowhere.
        let renamed: Vec<Name> = places.iter().map(|place| texts[place.index()]).collect();
        for known in self.agents.values_mut() {
            if let Some(tracks) = &mut Arc::make_mut(known).tracks {
                tracks.rename(&renamed);
            }
        }
        self.names = Arc::new(names);
    }

    /// The cut of agents not yet known: events from before it are not accepted. `None` before the
    /// first [`Fold::compact`].
    pub fn cut(&self) -> Option<Instant> {
        Some(self.cut).filter(|cut| *cut > Instant::MIN)
    }

    /// The cut of an agent; `None` if nothing of it was compacted away.
    ///
    /// [`Fold::compact`] says what is answered for a time before it.
    pub fn cut_of(&self, agent: Agent) -> Option<Instant> {
        let cut = self.tracks(agent).map_or(self.cut, |tracks| tracks.cut);
        Some(cut).filter(|cut| *cut > Instant::MIN)
    }
}
