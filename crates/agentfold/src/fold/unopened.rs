//! [`Unopened`]: an agent as it was saved, which is opened once something is asked about it.

use std::ops::Range;
use std::sync::{Arc, OnceLock};

use super::Known;
use super::names::{Hasher, Name, Names};
use super::saved_agent::SavedAgent;
use crate::{Agent, Instant};

/// An agent as it was saved.
#[derive(Debug)]
pub(crate) struct Unopened {
    /// What was restored, and where the agent is in it.
    // INVARIANT: it is consistent.
    restored: Arc<[u8]>,
    place: Range<usize>,
    /// The agent's names in the fold.
    names: Box<[Name]>,
    hasher: Hasher,
    first_and_last: Option<(Instant, Instant)>,
    opened: OnceLock<Known>,
}

impl Unopened {
    /// An agent that was saved, which is a part of what was restored; `None` if it is not consistent.
    /// Adds its names to `names`.
    pub(crate) fn new(
        restored: &Arc<[u8]>,
        place: Range<usize>,
        names: &mut Names,
    ) -> Option<(Agent, Unopened)> {
        let saved = SavedAgent::read(&restored[place.clone()])?;
        let first_and_last = saved.check()?;
        let unopened = Unopened {
            names: saved.names().map(|text| names.add(text)).collect(),
            restored: restored.clone(),
            place,
            hasher: names.hasher().clone(),
            first_and_last,
            opened: OnceLock::new(),
        };
        Some((saved.agent(), unopened))
    }

    pub(crate) fn first_and_last(&self) -> Option<(Instant, Instant)> {
        self.first_and_last
    }

    pub(crate) fn names(&self) -> &[Name] {
        &self.names
    }

    /// Its saved form.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.restored[self.place.clone()]
    }

    /// The agent, which stays open.
    pub(crate) fn known(&self) -> &Known {
        self.opened.get_or_init(|| self.open())
    }

    #[cfg(test)]
    pub(crate) fn is_opened(&self) -> bool {
        self.opened.get().is_some()
    }

    pub(crate) fn into_known(mut self) -> Known {
        self.opened.take().unwrap_or_else(|| self.open())
    }

    fn open(&self) -> Known {
        let saved = SavedAgent::read(self.bytes());
        let known = saved.and_then(|saved| saved.known(&self.names, &self.hasher));
        known.expect("INVARIANT: the saved agent is consistent")
    }

    /// The agent with each name replaced by `names` at its index.
    pub(crate) fn renamed(&self, names: &[Name]) -> Unopened {
        Unopened {
            restored: self.restored.clone(),
            place: self.place.clone(),
            names: self.names.iter().map(|name| names[name.index()]).collect(),
            hasher: self.hasher.clone(),
            first_and_last: self.first_and_last,
            opened: OnceLock::new(),
        }
    }
}
