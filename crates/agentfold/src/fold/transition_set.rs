//! [`TransitionSet`]: the set of transitions of one track, in the order of their stamps.

use super::names::{Name, Names};
use super::transition::{Stamp, Transition};
use super::value::{Previous, Value};
use crate::Instant;

/// A set of transitions with distinct stamps, in their order.
#[derive(Debug, Clone)]
pub(crate) struct TransitionSet {
    // INVARIANT: sorted by stamp, no stamp twice.
    transitions: Vec<Transition>,
    /// At least the last instant, so that most new events need no look at the last transition.
    newest: Instant,
    /// Whether a version may be lower than one before it.
    disorder: bool,
    /// At least the greatest version.
    version: u64,
}

impl Default for TransitionSet {
    fn default() -> TransitionSet {
        TransitionSet { transitions: Vec::new(), newest: Instant::MIN, disorder: false, version: 0 }
    }
}

/// What became of a transition that was put into a track.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Put {
    /// It was known already.
    Known,
    /// The track changed; `latest` if its last transition changed.
    Added { latest: bool },
}

impl TransitionSet {
    pub(crate) fn transitions(&self) -> &[Transition] {
        &self.transitions
    }

    /// The transitions up to an instant, inclusive.
    pub(crate) fn as_of(&self, at: Option<Instant>) -> &[Transition] {
        match at {
            None => &self.transitions,
            Some(at) => &self.transitions[..self.transitions.partition_point(|t| t.at <= at)],
        }
    }

    /// The transitions before an instant.
    pub(crate) fn before(&self, cut: Instant) -> &[Transition] {
        &self.transitions[..self.transitions.partition_point(|t| t.at < cut)]
    }

    /// An instant that no transition is later than.
    pub(crate) fn newest(&self) -> Instant {
        self.newest
    }

    /// A version that no transition exceeds.
    pub(crate) fn version(&self) -> u64 {
        self.version
    }

    /// The greatest version up to an instant, inclusive; 0 for none.
    pub(crate) fn version_as_of(&self, at: Instant) -> u64 {
        let told = self.as_of(Some(at));
        match told.last() {
            Some(last) if !self.disorder => last.version,
            _ => told.iter().map(|t| t.version).max().unwrap_or(0),
        }
    }

    /// Appends a transition if its stamp is later than all others.
    #[inline]
    pub(crate) fn push(&mut self, stamp: &Stamp<'_>, value: Value, previous: Previous) -> bool {
        let newer = stamp.at > self.newest
            || self.transitions.last().is_none_or(|last| last.is_before(stamp));
        if newer {
            if self.transitions.is_empty() {
                // Most work items have three transitions.
                self.transitions.reserve_exact(3);
            }
            self.transitions.push(Transition::new(stamp, value, previous));
            self.newest = stamp.at;
            self.count_version(stamp.version);
        }
        newer
    }

    /// Puts a transition into the set. If two share a stamp, the one with the greater conflict key is
    /// kept, and it is flagged.
    pub(crate) fn put(&mut self, transition: Transition, names: &Names) -> Put {
        match self.transitions.binary_search_by(|known| known.cmp_stamp(&transition)) {
            Err(place) => {
                let latest = place == self.transitions.len();
                self.newest = self.newest.max(transition.at);
                if latest {
                    self.count_version(transition.version);
                } else {
                    let before = place.checked_sub(1).map_or(0, |b| self.transitions[b].version);
                    let after = self.transitions[place].version;
                    self.disorder |= !(before..=after).contains(&transition.version);
                    self.version = self.version.max(transition.version);
                }
                self.transitions.insert(place, transition);
                Put::Added { latest }
            }
            Ok(place) => {
                let last = place + 1 == self.transitions.len();
                settle(&mut self.transitions[place], transition, last, names)
            }
        }
    }

    /// Adds the transitions of another set.
    pub(crate) fn merge(&mut self, other: &TransitionSet, names: &Names) {
        if let (Some(last), Some(first)) = (self.transitions.last(), other.transitions.first())
            && last.cmp_stamp(first).is_ge()
        {
            for t in &other.transitions {
                self.put(t.clone(), names);
            }
            return;
        }
        // The usual case when parts of a stream are merged: all transitions are later.
        let below = other.transitions.first().is_some_and(|first| first.version < self.version);
        self.disorder |= other.disorder || below;
        self.transitions.extend_from_slice(&other.transitions);
        self.newest = self.newest.max(other.newest);
        self.version = self.version.max(other.version);
    }

    /// Counts the version of a transition that comes last.
    #[inline]
    fn count_version(&mut self, version: u64) {
        if version >= self.version {
            self.version = version;
        } else {
            self.disorder = true;
        }
    }

    /// Drops the transitions that a cut makes unnecessary. Of those before it, this keeps the final run
    /// of equal values, and the transition before that run.
    pub(crate) fn compact(&mut self, cut: Instant) {
        let needless = run_start(self.before(cut)).saturating_sub(1);
        self.transitions.drain(..needless);
    }

    /// Replaces each name by `names` at its index.
    pub(crate) fn rename(&mut self, names: &[Name]) {
        for t in &mut self.transitions {
            for name in t.value.names_mut().chain(t.previous.names_mut()) {
                *name = names[name.index()];
            }
        }
    }

    /// Drops the first transitions.
    pub(crate) fn drop_first(&mut self, count: usize) {
        self.transitions.drain(..count);
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.transitions.is_empty()
    }
}

/// Settles a conflict with a known transition that has the same stamp.
fn settle(known: &mut Transition, new: Transition, last: bool, names: &Names) -> Put {
    let equal = (known.value, known.previous) == (new.value, new.previous);
    let flagged = known.conflict;
    known.conflict |= new.conflict || !equal;
    let key = |t: &Transition| t.previous.conflict_key(t.value, names);
    if !equal && key(&new) > key(known) {
        known.value = new.value;
        known.previous = new.previous;
        return Put::Added { latest: last };
    }
    if known.conflict == flagged { Put::Known } else { Put::Added { latest: false } }
}

/// The last value of transitions, and since when it holds.
pub(crate) fn current(transitions: &[Transition]) -> Option<(Value, Instant)> {
    let last = transitions.last()?;
    Some((last.value, transitions[run_start(transitions)].at))
}

/// Where the final run of equal values begins; 0 if there are no transitions.
pub(crate) fn run_start(transitions: &[Transition]) -> usize {
    let Some((last, rest)) = transitions.split_last() else {
        return 0;
    };
    rest.iter().rposition(|t| !t.value.is_same(last.value)).map_or(0, |other| other + 1)
}
