//! [`TransitionSet`]: the set of transitions of one track, in the order of their stamps.

use std::borrow::Cow;
use std::ops::Deref;

use super::names::{Name, Names};
use super::transition::{Stamp, Transition};
use super::transitions::{Part, Transitions};
use super::value::{Previous, Value};
use crate::Instant;
use crate::steps;

/// A set of transitions with distinct stamps, in their order.
#[derive(Debug, Clone)]
pub(crate) struct TransitionSet {
    // INVARIANT: sorted by stamp, no stamp twice.
    transitions: Transitions,
    /// At least the last instant, so that most new events need no look at the last transition.
    newest: Instant,
    /// Whether a version may be lower than one before it.
    disorder: bool,
    /// At least the greatest version.
    version: u64,
    run: Run,
}

/// The final run of equal values among the first `seen` transitions. It is kept so that a late
/// transition need not look at the whole run.
#[derive(Debug, Clone, Copy, Default)]
struct Run {
    // INVARIANT: where that run begins; 0 if nothing was seen.
    start: u32,
    seen: u32,
}

static EMPTY: TransitionSet = TransitionSet::EMPTY;

/// A set of transitions that takes little memory as long as it is empty.
#[derive(Debug, Clone, Default)]
pub(crate) struct SparseSet(Option<Box<TransitionSet>>);

impl SparseSet {
    /// The set, if it was ever changed.
    pub(crate) fn used(&mut self) -> Option<&mut TransitionSet> {
        self.0.as_deref_mut()
    }

    #[inline]
    pub(crate) fn make_mut(&mut self) -> &mut TransitionSet {
        self.0.get_or_insert_default()
    }
}

impl Deref for SparseSet {
    type Target = TransitionSet;

    #[inline]
    fn deref(&self) -> &TransitionSet {
        self.0.as_deref().unwrap_or(&EMPTY)
    }
}

impl Default for TransitionSet {
    fn default() -> TransitionSet {
        TransitionSet::EMPTY
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
    const EMPTY: TransitionSet = TransitionSet {
        transitions: Transitions::EMPTY,
        newest: Instant::MIN,
        disorder: false,
        version: 0,
        run: Run { start: 0, seen: 0 },
    };

    /// The set of transitions that are in order, none twice.
    pub(crate) fn of(transitions: Vec<Transition>) -> TransitionSet {
        let mut set = TransitionSet::EMPTY;
        for t in &transitions {
            set.newest = t.at;
            set.count_version(t.version);
        }
        set.transitions = Transitions::of(transitions);
        set
    }

    pub(crate) fn transitions(&self) -> Part<'_> {
        self.transitions.all()
    }

    /// The transitions up to an instant, inclusive.
    pub(crate) fn as_of(&self, at: Option<Instant>) -> Part<'_> {
        let all = self.transitions.all();
        at.map_or(all, |at| all.as_of(at))
    }

    /// The transitions before an instant.
    pub(crate) fn before(&self, cut: Instant) -> Part<'_> {
        let all = self.transitions.all();
        all.up_to(all.count_before(cut))
    }

    /// An instant that no transition is later than.
    pub(crate) fn newest(&self) -> Instant {
        self.newest
    }

    /// The last transition up to an instant, inclusive.
    pub(crate) fn last_as_of(&self, at: Option<Instant>) -> Option<Cow<'_, Transition>> {
        let all = self.transitions.all();
        at.map_or_else(|| all.last(), |at| all.last_as_of(at))
    }

    /// The greatest version and the last instant up to an instant, inclusive.
    pub(crate) fn greatest_as_of(&self, at: Instant) -> Option<(u64, Instant)> {
        let last = self.last_as_of(Some(at))?;
        let version = match self.disorder {
            false => last.version,
            true => self.as_of(Some(at)).iter().map(|t| t.version).max().unwrap_or(0),
        };
        Some((version, last.at))
    }

    /// Makes room for so many transitions, if it is empty.
    #[inline]
    pub(crate) fn expect(&mut self, count: usize) {
        self.transitions.expect(count);
    }

    /// Appends a transition if its stamp is later than all others.
    #[inline]
    pub(crate) fn push(&mut self, stamp: &Stamp<'_>, value: Value, previous: Previous) -> bool {
        let newer = stamp.at > self.newest
            || self.transitions.last().is_none_or(|last| last.is_before(stamp));
        if newer {
            self.transitions.push(Transition::new(stamp, value, previous));
            self.newest = stamp.at;
            self.count_version(stamp.version);
        }
        newer
    }

    /// Appends a transition, and returns whether its stamp is later than all others.
    pub(crate) fn append(&mut self, transition: Transition) -> bool {
        let later = self.transitions.last().is_none_or(|last| last.cmp_stamp(&transition).is_lt());
        if later {
            self.add_last(transition);
        }
        later
    }

    fn add_last(&mut self, transition: Transition) {
        self.newest = self.newest.max(transition.at);
        self.count_version(transition.version);
        self.transitions.push(transition);
    }

    /// Puts a transition into the set. If two share a stamp, the one with the greater conflict key is
    /// kept, and it is flagged. Also returns the transition's place.
    pub(crate) fn put(&mut self, transition: Transition, names: &Names) -> (Put, usize) {
        self.see_all();
        let all = self.transitions.all();
        let place = all.partition_point(|known| known.cmp_stamp(&transition).is_lt());
        let last = place + 1 == all.len();
        let Some(after) = all.get(place) else {
            self.add_last(transition);
            return (Put::Added { latest: true }, place);
        };
        let same = all.last().is_some_and(|last| last.value.is_same(transition.value));
        let before = place.checked_sub(1).and_then(|before| all.get(before));
        let between = before.map_or(0, |before| before.version)..=after.version;
        if after.cmp_stamp(&transition).is_eq()
            && let Some(known) = self.transitions.get_mut(place)
        {
            let value = known.value;
            let put = settle(known, transition, last, names);
            if known.value != value {
                self.run.replace(place, self.transitions.all());
            }
            return (put, place);
        }
        self.run.insert(place, same);
        self.disorder |= !between.contains(&transition.version);
        self.version = self.version.max(transition.version);
        self.transitions.insert(place, transition);
        (Put::Added { latest: false }, place)
    }

    /// Removes the transition at a place.
    pub(crate) fn remove(&mut self, place: usize) {
        self.transitions.remove(place);
        self.run = Run::default();
    }

    /// Adds the transitions of another set.
    pub(crate) fn merge(&mut self, other: &TransitionSet, names: &Names) {
        let others = other.transitions.all();
        if let (Some(last), Some(first)) = (self.transitions.last(), others.first())
            && last.cmp_stamp(&first).is_ge()
        {
            for t in others.iter() {
                self.put(t.into_owned(), names);
            }
            return;
        }
        // The usual case when parts of a stream are merged: all transitions are later.
        let below = others.first().is_some_and(|first| first.version < self.version);
        self.disorder |= other.disorder || below;
        self.transitions.extend(others);
        self.newest = self.newest.max(other.newest);
        self.version = self.version.max(other.version);
    }

    /// The last value, and since when it holds. What was pushed is seen once, so this takes little time
    /// however long the run is.
    pub(crate) fn current(&mut self) -> Option<(Value, Instant)> {
        self.see_all();
        let all = self.transitions.all();
        Some((all.last()?.value, all.get(self.run.start as usize)?.at))
    }

    /// Brings `run` up to date.
    fn see_all(&mut self) {
        let all = self.transitions.all();
        let seen = self.run.seen as usize;
        if seen == all.len() {
            return;
        }
        steps::count(all.len() - seen);
        let mut before = seen.checked_sub(1).and_then(|last| all.get(last));
        for t in all.from(seen) {
            if before.is_some_and(|before| !before.value.is_same(t.value)) {
                self.run.start = self.run.seen;
            }
            self.run.seen += 1;
            before = Some(t);
        }
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
        self.drop_first(run_start(self.before(cut)).saturating_sub(1));
    }

    /// Replaces each name by `names` at its index.
    pub(crate) fn rename(&mut self, names: &[Name]) {
        self.transitions.change_all(|t| {
            for name in t.value.names_mut().chain(t.previous.names_mut()) {
                *name = names[name.index()];
            }
        });
    }

    /// Drops the first transitions.
    pub(crate) fn drop_first(&mut self, count: usize) {
        self.transitions.drop_first(count);
        self.run = Run::default();
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.transitions.is_empty()
    }
}

impl Run {
    /// Notes that a transition was inserted at a place that is not the end; `same` if its value is that
    /// of the last one.
    fn insert(&mut self, place: usize, same: bool) {
        self.seen += 1;
        let start = self.start as usize;
        self.set_start(match same {
            true if place == start => place,
            true if place < start => start + 1,
            true => start,
            false => start.max(place) + 1,
        });
    }

    /// Notes that the value at a place was replaced.
    fn replace(&mut self, place: usize, all: Part<'_>) {
        let start = self.start as usize;
        let same =
            |t: &Cow<'_, Transition>| all.last().is_some_and(|last| last.value.is_same(t.value));
        let is_same = all.get(place).as_ref().is_some_and(same);
        if place + 1 == all.len() {
            *self = Run::default();
        } else if place >= start && !is_same {
            self.set_start(place + 1);
        } else if place + 1 == start && is_same {
            self.set_start(place - all.up_to(place).iter().rev().take_while(same).count());
        }
    }

    fn set_start(&mut self, start: usize) {
        self.start = u32::try_from(start).expect("fewer than 2^32 transitions fit into memory");
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
pub(crate) fn current(transitions: Part<'_>) -> Option<(Value, Instant)> {
    let mut back = transitions.iter().rev();
    let last = back.next()?;
    let same = back.take_while(|t| t.value.is_same(last.value));
    let since = same.fold(last.at, |_, t| {
        steps::count(1);
        t.at
    });
    Some((last.value, since))
}

/// Where the final run of equal values begins; 0 if there are no transitions.
pub(crate) fn run_start(transitions: Part<'_>) -> usize {
    let Some(last) = transitions.last() else {
        return 0;
    };
    let run = transitions.iter().rev().take_while(|t| t.value.is_same(last.value)).count();
    steps::count(run);
    transitions.len() - run
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::names::hasher;
    use super::super::origin::Origin;
    use super::*;
    use crate::kind::Kind;

    proptest! {
        #[test]
        fn the_current_value_is_that_of_the_final_run(
            puts in prop::collection::vec((0_i64..12, 0_u64..3, 0_u64..2, 0_u64..3), 0..60),
            asked in any::<u8>(),
        ) {
            let (mut track, names) = (TransitionSet::default(), Names::new(hasher(1)));
            for (i, (second, id, value, previous)) in puts.into_iter().enumerate() {
                let at = Instant::from_unix(second, 0).expect("in range");
                let origin = Origin::Event(Kind::ChatEngagements);
                let stamp = Stamp { at, version: 0, origin, id: &id.to_string() };
                let (value, previous) = (Value::Number(value), Previous::Value(Value::Number(previous)));
                if i % 3 > 0 || !track.push(&stamp, value, previous) {
                    track.put(Transition::new(&stamp, value, previous), &names);
                }
                if i % 5 == usize::from(asked % 5) {
                    let plain = current(track.transitions());
                    prop_assert_eq!(track.current(), plain);
                }
            }
        }
    }
}
