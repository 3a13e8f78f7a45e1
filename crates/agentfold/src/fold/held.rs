//! [`Held`]: an agent's data, held alone, shared with snapshots, or as it was saved.

use std::ops::Deref;
use std::sync::Arc;

use super::Known;
use super::names::Name;
use super::unopened::Unopened;
use crate::Instant;

/// An agent's data. A fold that was never shared pays for no reference count: to check one for each
/// event costs a tenth of the time of folding.
#[derive(Debug, Clone)]
pub(crate) enum Held {
    Alone(Known),
    /// With snapshots, until one of the folds changes it.
    Shared(Arc<Known>),
    /// As it was saved, until the fold changes it.
    Saved(Arc<Unopened>),
}

impl Held {
    /// Returns the data to be changed; copies it first if a snapshot has it too.
    #[inline]
    pub(crate) fn make_mut(&mut self) -> &mut Known {
        if !matches!(self, Held::Alone(_)) {
            *self = Held::Alone(std::mem::take(self).into_known());
        }
        match self {
            Held::Alone(known) => known,
            Held::Shared(_) | Held::Saved(_) => unreachable!("INVARIANT: it was taken above"),
        }
    }

    /// Drops history from before an instant.
    pub(crate) fn compact(&mut self, before: Instant) {
        if self.tracks.as_ref().is_some_and(|tracks| tracks.cut < before) {
            self.make_mut().tracks.as_mut().into_iter().for_each(|tracks| tracks.compact(before));
        }
    }

    /// Shares the data with one more fold.
    pub(crate) fn share(&mut self) -> Held {
        if let Held::Alone(known) = self {
            *self = Held::Shared(Arc::new(std::mem::take(known)));
        }
        self.clone()
    }

    pub(crate) fn into_known(self) -> Known {
        match self {
            Held::Alone(known) => known,
            Held::Shared(known) => Arc::unwrap_or_clone(known),
            Held::Saved(saved) => match Arc::try_unwrap(saved) {
                Ok(saved) => saved.into_known(),
                Err(saved) => saved.known().clone(),
            },
        }
    }

    /// Whether it is no saved agent, or one that was opened.
    #[cfg(test)]
    pub(crate) fn is_opened(&self) -> bool {
        match self {
            Held::Saved(saved) => saved.is_opened(),
            _ => true,
        }
    }

    /// Whether an event was accepted. This does not open a saved agent.
    pub(crate) fn is_known(&self) -> bool {
        match self {
            Held::Saved(saved) => saved.first_and_last().is_some(),
            _ => self.tracks.is_some(),
        }
    }

    /// The instants of the first and the last accepted event. This does not open a saved agent.
    pub(crate) fn first_and_last(&self) -> Option<(Instant, Instant)> {
        match self {
            Held::Saved(saved) => saved.first_and_last(),
            _ => self.tracks.as_ref().map(|tracks| (tracks.first_at, tracks.greatest.at)),
        }
    }

    /// Calls `each` with the names that are used. This does not open a saved agent.
    pub(crate) fn each_name(&self, each: &mut dyn FnMut(Name)) {
        match self {
            Held::Saved(saved) => saved.names().iter().copied().for_each(each),
            _ => self.tracks.iter().for_each(|tracks| tracks.each_name(each)),
        }
    }

    /// Replaces each name by `names` at its index. This does not open a saved agent.
    pub(crate) fn rename(&mut self, names: &[Name]) {
        match self {
            Held::Saved(saved) => *saved = Arc::new(saved.renamed(names)),
            _ => {
                if let Some(tracks) = &mut self.make_mut().tracks {
                    tracks.rename(names);
                }
            }
        }
    }
}

impl Default for Held {
    fn default() -> Held {
        Held::Alone(Known::default())
    }
}

impl From<Known> for Held {
    fn from(known: Known) -> Held {
        Held::Alone(known)
    }
}

impl Deref for Held {
    type Target = Known;

    #[inline]
    fn deref(&self) -> &Known {
        match self {
            Held::Alone(known) => known,
            Held::Shared(known) => known,
            Held::Saved(saved) => saved.known(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Agent;
    use crate::fold::tracks::Tracks;
    use crate::fold::transition::Transition;
    use crate::fold::transition_set::TransitionSet;

    #[test]
    fn an_agent_of_whom_a_state_is_known_takes_at_most_500_bytes() {
        // A map that has just grown uses seven of sixteen places.
        let place = (size_of::<(Agent, Held)>() + 1) * 16 / 7;
        let sizes = [size_of::<Tracks>(), size_of::<TransitionSet>(), size_of::<Transition>()];
        // With what allocators add.
        let sizes = sizes.map(|size| (size + 8).next_multiple_of(16));
        assert!(place + sizes.iter().sum::<usize>() <= 500, "{place} and {sizes:?}");
    }
}
