//! [`Held`]: an agent's data, held alone or shared with snapshots.

use std::ops::Deref;
use std::sync::Arc;

use super::Known;

/// An agent's data. A fold that was never shared pays for no reference count: to check one for each
/// event costs a tenth of the time of folding.
#[derive(Debug, Clone)]
pub(crate) enum Held {
    Alone(Known),
    /// With snapshots, until one of the folds changes it.
    Shared(Arc<Known>),
}

impl Held {
    /// Returns the data to be changed; copies it first if a snapshot has it too.
    #[inline]
    pub(crate) fn make_mut(&mut self) -> &mut Known {
        if let Held::Shared(known) = self {
            *self = Held::Alone(Arc::unwrap_or_clone(std::mem::take(known)));
        }
        match self {
            Held::Alone(known) => known,
            Held::Shared(_) => unreachable!("INVARIANT: it was taken above"),
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
