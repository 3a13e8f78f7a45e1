//! [`Transitions`]: the transitions of a track in order, the older ones sealed.

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::VecDeque;

use super::packing::{Before, Reader, put_transition};
use super::sequence::{self, Sequence};
use super::transition::Transition;
use crate::Instant;
use crate::steps;

/// How many transitions a block holds.
const BLOCK: usize = 16;

const INVARIANT: &str = "INVARIANT: a transition was packed";

/// Transitions in the order of their stamps. The older ones are sealed in blocks of bytes, which take a
/// fourth of the memory. A late transition unseals those from its block on; later ones seal them again.
#[derive(Debug, Clone)]
pub(crate) struct Transitions {
    sealed: Vec<Block>,
    // INVARIANT: not empty if anything is sealed.
    loose: Sequence<Transition>,
    /// How many were added at the end since anything else happened.
    streak: usize,
}

/// Transitions as bytes.
#[derive(Debug, Clone)]
struct Block {
    bytes: Box<[u8]>,
    /// The first transition's instant.
    first: Instant,
}

impl Block {
    fn seal(transitions: &[Transition]) -> Block {
        let first = transitions.first().map_or(Instant::MIN, |first| first.at);
        // Most have fewer bytes, so the memory does not grow step by step.
        let (mut bytes, mut before) = (Vec::with_capacity(32 * BLOCK), Before::new(first, 0));
        transitions.iter().for_each(|t| put_transition(&mut bytes, t, &mut before));
        Block { bytes: bytes.into(), first }
    }

    fn iter(&self) -> Unsealed<'_> {
        Unsealed { reader: Reader::new(&self.bytes), before: Before::new(self.first, 0) }
    }
}

/// The transitions of a block.
#[derive(Debug)]
struct Unsealed<'t> {
    reader: Reader<'t>,
    before: Before,
}

impl Iterator for Unsealed<'_> {
    type Item = Transition;

    fn next(&mut self) -> Option<Transition> {
        if self.reader.rest.is_empty() {
            return None;
        }
        Some(self.reader.transition(&mut self.before).expect(INVARIANT))
    }
}

impl Transitions {
    pub(crate) const EMPTY: Transitions =
        Transitions { sealed: Vec::new(), loose: Sequence::EMPTY, streak: 0 };

    /// Transitions that are in order.
    pub(crate) fn of(transitions: Vec<Transition>) -> Transitions {
        Transitions { loose: Sequence::Whole(transitions), ..Transitions::EMPTY }
    }

    #[inline]
    fn sealed_len(&self) -> usize {
        self.sealed.len() * BLOCK
    }

    #[inline]
    pub(crate) fn is_empty(&self) -> bool {
        self.loose.is_empty()
    }

    /// The last transition.
    #[inline]
    pub(crate) fn last(&self) -> Option<&Transition> {
        self.loose.last()
    }

    /// All of them.
    #[inline]
    pub(crate) fn all(&self) -> Part<'_> {
        let loose = self.loose.all();
        Part { sealed: &self.sealed, loose, len: self.sealed_len() + loose.len() }
    }

    /// Makes room for so many transitions, if it is empty.
    #[inline]
    pub(crate) fn expect(&mut self, count: usize) {
        self.loose.expect(count);
    }

    /// Adds a transition at the end.
    #[inline]
    pub(crate) fn push(&mut self, transition: Transition) {
        self.loose.push(transition);
        self.streak += 1;
        // To seal takes time that grows with what is loose, so it waits for half as many additions.
        if self.streak >= BLOCK && self.streak >= self.loose.len() / 2 {
            self.seal();
        }
    }

    /// Seals all but the last transitions, if there are enough.
    #[cold]
    fn seal(&mut self) {
        if self.loose.len() <= BLOCK {
            return;
        }
        self.streak = 0;
        let mut all = std::mem::take(&mut self.loose).into_vec();
        steps::count(all.len());
        let blocks = (all.len() - 1) / BLOCK;
        self.sealed.extend(all.chunks(BLOCK).take(blocks).map(Block::seal));
        let mut loose = Vec::with_capacity(BLOCK + 1);
        loose.extend(all.drain(blocks * BLOCK..));
        self.loose = Sequence::Whole(loose);
    }

    /// Unseals the transitions from an index on, and returns how many stay sealed.
    fn unseal(&mut self, index: usize) -> usize {
        let kept = index / BLOCK;
        if kept < self.sealed.len() {
            steps::count((self.sealed.len() - kept) * BLOCK);
            let sealed = self.sealed.split_off(kept);
            let mut all: Vec<Transition> = sealed.iter().flat_map(Block::iter).collect();
            all.extend(std::mem::take(&mut self.loose).into_vec());
            self.loose = Sequence::Whole(all);
        }
        self.streak = 0;
        self.sealed_len()
    }

    /// Inserts a transition at an index.
    pub(crate) fn insert(&mut self, index: usize, transition: Transition) {
        let index = index - self.unseal(index);
        self.loose.insert(index, transition);
    }

    /// Removes the transition at an index.
    pub(crate) fn remove(&mut self, index: usize) {
        // Something stays loose.
        let index = index - self.unseal(index.saturating_sub(1));
        self.loose.remove(index);
    }

    pub(crate) fn get_mut(&mut self, index: usize) -> Option<&mut Transition> {
        if index >= self.all().len() {
            return None;
        }
        let index = index - self.unseal(index);
        self.loose.get_mut(index)
    }

    /// Changes each transition. They must stay in order.
    pub(crate) fn change_all(&mut self, change: impl FnMut(&mut Transition)) {
        self.unseal(0);
        self.loose.iter_mut().for_each(change);
        self.seal();
    }

    /// Drops the first transitions.
    pub(crate) fn drop_first(&mut self, count: usize) {
        let blocks = (count / BLOCK).min(self.sealed.len());
        self.sealed.drain(..blocks);
        let more = count - blocks * BLOCK;
        if more > 0 {
            self.unseal(0);
            self.loose.drop_first(more);
            self.seal();
        }
    }

    pub(crate) fn extend(&mut self, others: Part<'_>) {
        others.iter().for_each(|t| self.push(t.into_owned()));
    }
}

/// The beginning of a track's transitions.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Part<'t> {
    sealed: &'t [Block],
    loose: sequence::Part<'t, Transition>,
    len: usize,
}

impl<'t> Part<'t> {
    pub(crate) const EMPTY: Part<'static> =
        Part { sealed: &[], loose: sequence::Part::EMPTY, len: 0 };

    pub(crate) fn len(self) -> usize {
        self.len
    }

    pub(crate) fn is_empty(self) -> bool {
        self.len == 0
    }

    pub(crate) fn get(self, index: usize) -> Option<Cow<'t, Transition>> {
        if index >= self.len {
            return None;
        }
        match self.sealed.get(index / BLOCK) {
            Some(block) => {
                steps::count(index % BLOCK / 4);
                block.iter().nth(index % BLOCK).map(Cow::Owned)
            }
            None => self.loose.get(index - self.sealed.len() * BLOCK).map(Cow::Borrowed),
        }
    }

    pub(crate) fn first(self) -> Option<Cow<'t, Transition>> {
        self.get(0)
    }

    pub(crate) fn last(self) -> Option<Cow<'t, Transition>> {
        self.get(self.len.checked_sub(1)?)
    }

    /// The first transitions of it.
    pub(crate) fn up_to(self, len: usize) -> Part<'t> {
        Part { len: len.min(self.len), ..self }
    }

    pub(crate) fn iter(self) -> Iter<'t> {
        self.from(0)
    }

    /// All of them, copied only if they are not next to each other.
    pub(crate) fn to_slice(self) -> Cow<'t, [Transition]> {
        match self.loose.as_slice().filter(|_| self.sealed.is_empty()) {
            Some(loose) => Cow::Borrowed(&loose[..self.len]),
            None => self.iter().map(Cow::into_owned).collect(),
        }
    }

    /// The transitions from an index on.
    pub(crate) fn from(self, index: usize) -> Iter<'t> {
        Iter { told: self, front: Front::None, next: index, end: self.len, back: VecDeque::new() }
    }

    /// The transitions up to an instant, inclusive.
    pub(crate) fn as_of(self, at: Instant) -> Part<'t> {
        self.up_to(self.place_of(at, |t| t.at <= at))
    }

    /// The last transition up to an instant, inclusive. This unseals half a block, once.
    pub(crate) fn last_as_of(self, at: Instant) -> Option<Cow<'t, Transition>> {
        let starts_loose = self.loose.first().is_some_and(|first| first.at <= at);
        let block = self.sealed.partition_point(|block| block.first <= at).checked_sub(1);
        match block.filter(|block| !starts_loose && (block + 1) * BLOCK <= self.len) {
            Some(block) => {
                steps::count(BLOCK / 4);
                self.sealed[block].iter().take_while(|t| t.at <= at).last().map(Cow::Owned)
            }
            None => self.as_of(at).last(),
        }
    }

    /// The number of transitions before an instant.
    pub(crate) fn count_before(self, at: Instant) -> usize {
        self.place_of(at, |t| t.at < at)
    }

    /// The number of transitions for which a condition is true: all before an instant, maybe those at it.
    fn place_of(self, at: Instant, is: impl Fn(&Transition) -> bool) -> usize {
        if self.loose.first().is_some_and(&is) {
            return self.partition_point(is);
        }
        // The last block that begins before the instant, and those that begin at it.
        let first = self.sealed.partition_point(|block| block.first < at).saturating_sub(1);
        let rest = self.sealed[first..].iter().take_while(|block| block.first <= at);
        let within = rest.flat_map(Block::iter).take_while(|t| is(t)).count();
        steps::count(within / 4);
        (first * BLOCK + within).min(self.len)
    }

    /// The index of the first transition for which a condition is false. It is true for all before.
    pub(crate) fn partition_point(self, mut is: impl FnMut(&Transition) -> bool) -> usize {
        let sealed = self.sealed.len() * BLOCK;
        let starts_loose = self.loose.first().is_some_and(&mut is);
        let place = if starts_loose {
            sealed + self.loose.partition_point(is)
        } else {
            let starts = |block: &Block| block.iter().next().is_some_and(|first| is(&first));
            match self.sealed.partition_point(starts).checked_sub(1) {
                Some(block) => {
                    steps::count(BLOCK / 4);
                    let within = self.sealed[block].iter().take_while(|t| is(t)).count();
                    block * BLOCK + within
                }
                None => 0,
            }
        };
        place.min(self.len)
    }
}

/// Transitions that are read one after the other, so that each block is unsealed once.
#[derive(Debug)]
pub(crate) struct Cached<'t> {
    pub(crate) all: Part<'t>,
    /// The index of the block that was read last, and its transitions.
    block: RefCell<(usize, Vec<Transition>)>,
}

impl<'t> Cached<'t> {
    pub(crate) fn new(all: Part<'t>) -> Cached<'t> {
        Cached { all, block: RefCell::new((usize::MAX, Vec::new())) }
    }

    /// Looks at the transition at an index, if there is one.
    pub(crate) fn look<T>(&self, index: usize, look: impl FnOnce(&Transition) -> T) -> Option<T> {
        let Some(sealed) = self.all.sealed.get(index / BLOCK) else {
            return self.all.get(index).map(|t| look(&t));
        };
        if index >= self.all.len {
            return None;
        }
        let mut block = self.block.borrow_mut();
        if block.0 != index / BLOCK {
            steps::count(BLOCK / 4);
            *block = (index / BLOCK, sealed.iter().collect());
        }
        block.1.get(index % BLOCK).map(look)
    }
}

impl<'t> IntoIterator for Part<'t> {
    type Item = Cow<'t, Transition>;
    type IntoIter = Iter<'t>;

    fn into_iter(self) -> Iter<'t> {
        self.iter()
    }
}

/// Iterates over transitions.
#[derive(Debug)]
pub(crate) struct Iter<'t> {
    told: Part<'t>,
    /// The rest of what the iteration has reached.
    front: Front<'t>,
    /// The index of the next transition, and the one after the last that is not in `back`.
    next: usize,
    end: usize,
    /// The rest of a block that was unsealed to read it from its end.
    back: VecDeque<Transition>,
}

#[derive(Debug)]
enum Front<'t> {
    None,
    Block(Unsealed<'t>),
    Loose(sequence::Items<'t, Transition>),
}

impl<'t> Iterator for Iter<'t> {
    type Item = Cow<'t, Transition>;

    #[inline]
    fn next(&mut self) -> Option<Cow<'t, Transition>> {
        if self.next >= self.end {
            return self.back.pop_front().map(Cow::Owned);
        }
        let next = match &mut self.front {
            Front::None => None,
            Front::Block(block) => block.next().map(Cow::Owned),
            Front::Loose(items) => items.next().map(Cow::Borrowed),
        };
        let next = next.or_else(|| self.refill());
        self.next += 1;
        next
    }
}

impl<'t> Iter<'t> {
    /// Goes on to the next block, or to what is loose.
    fn refill(&mut self) -> Option<Cow<'t, Transition>> {
        let (block, within) = (self.next / BLOCK, self.next % BLOCK);
        match self.told.sealed.get(block) {
            Some(block) => {
                let mut transitions = block.iter();
                let next = transitions.nth(within);
                self.front = Front::Block(transitions);
                next.map(Cow::Owned)
            }
            None => {
                let mut items = self.told.loose.from(self.next - self.told.sealed.len() * BLOCK);
                let next = items.next();
                self.front = Front::Loose(items);
                next.map(Cow::Borrowed)
            }
        }
    }
}

impl<'t> DoubleEndedIterator for Iter<'t> {
    fn next_back(&mut self) -> Option<Cow<'t, Transition>> {
        if let Some(last) = self.back.pop_back() {
            return Some(Cow::Owned(last));
        }
        let last = self.end.checked_sub(1).filter(|last| *last >= self.next)?;
        let sealed = self.told.sealed.len() * BLOCK;
        if last >= sealed {
            self.end = last;
            return self.told.loose.get(last - sealed).map(Cow::Borrowed);
        }
        let (block, start) = (last / BLOCK, (last / BLOCK * BLOCK).max(self.next));
        let transitions = self.told.sealed[block].iter();
        self.back = transitions.take(last % BLOCK + 1).skip(start - block * BLOCK).collect();
        self.end = start;
        self.back.pop_back().map(Cow::Owned)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use proptest::sample::Index;

    use super::super::origin::Origin;
    use super::super::transition::Stamp;
    use super::super::value::{Previous, Value};
    use super::*;
    use crate::kind::Kind;

    /// A transition that is told from others by its version.
    fn transition(second: usize, version: usize) -> Transition {
        let at = Instant::from_unix(second as i64, 0).expect("in range");
        let origin = Origin::Event(Kind::ChatEngagements);
        let stamp = Stamp { at, version: version as u64, origin, id: "x" };
        Transition::new(&stamp, Value::Number(3), Previous::Unstated)
    }

    fn versions<'t>(all: impl Iterator<Item = Cow<'t, Transition>>) -> Vec<u64> {
        all.map(|t| t.version).collect()
    }

    /// Miri takes seconds for what takes a millisecond otherwise.
    const MOST: usize = if cfg!(miri) { 60 } else { 900 };

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(ProptestConfig::default().cases / 4))]

        #[test]
        fn they_are_a_vector(
            many in 0..MOST,
            changes in prop::collection::vec((any::<Index>(), 0_u8..9), 0..MOST / 2),
            drops in prop::option::of(any::<Index>()),
            asked in prop::collection::vec((any::<Index>(), any::<Index>(), 0_usize..99), 10),
        ) {
            let (mut all, mut vector) = (Transitions::EMPTY, Vec::new());
            for version in 0..many {
                all.push(transition(0, version));
                vector.push(version as u64);
            }
            for (i, (index, change)) in changes.into_iter().enumerate() {
                let version = many + i;
                match change {
                    0 => {
                        let index = index.index(vector.len() + 1);
                        all.insert(index, transition(0, version));
                        vector.insert(index, version as u64);
                    }
                    1 if !vector.is_empty() => {
                        all.remove(index.index(vector.len()));
                        vector.remove(index.index(vector.len()));
                    }
                    2 if !vector.is_empty() => {
                        let index = index.index(vector.len());
                        all.get_mut(index).expect("there").version = version as u64;
                        vector[index] = version as u64;
                    }
                    _ => {
                        all.push(transition(0, version));
                        vector.push(version as u64);
                    }
                }
            }
            if let Some(drops) = drops {
                let count = drops.index(vector.len() + 1);
                vector.drain(..count);
                all.drop_first(count);
                prop_assert!(all.loose.len() <= BLOCK || count == 0 || count % BLOCK == 0);
            }
            all.change_all(|t| t.version += 1);
            vector.iter_mut().for_each(|version| *version += 1);
            prop_assert!(all.loose.len() <= BLOCK);
            prop_assert_eq!(all.last().map(|t| t.version), vector.last().copied());
            prop_assert_eq!((all.all().len(), all.is_empty()), (vector.len(), vector.is_empty()));
            let cached = Cached::new(all.all());
            for (len, from, backwards) in asked {
                let (told, slice) = (all.all(), &vector[..]);
                let place = from.index(vector.len() + 1);
                for place in (place..=vector.len()).take(backwards) {
                    prop_assert_eq!(cached.look(place, |t| t.version), slice.get(place).copied());
                }
                let len = len.index(vector.len() + 1);
                let (told, slice) = (told.up_to(len), &slice[..len]);
                let from = from.index(len + 1);
                prop_assert_eq!(told.get(from).map(|t| t.version), slice.get(from).copied());
                prop_assert_eq!(told.last().map(|t| t.version), slice.last().copied());
                let (mut some, mut items) = (told.from(from), slice[from..].iter());
                let theirs: Vec<u64> = items.by_ref().rev().take(backwards).copied().collect();
                prop_assert_eq!(versions(some.by_ref().rev().take(backwards)), theirs);
                prop_assert_eq!(versions(some), items.copied().collect::<Vec<_>>());
            }
        }

        #[test]
        fn what_is_looked_at_is_at_the_index(indices in prop::collection::vec(0_usize..600, 40), step in 1_usize..600) {
            let mut all = Transitions::EMPTY;
            (0..600).for_each(|version| all.push(transition(0, version)));
            let cached = Cached::new(all.all());
            for index in indices.iter().flat_map(|index| [*index, index * step]) {
                prop_assert_eq!(cached.look(index, |t| t.version), (index < 600).then_some(index as u64));
            }
        }

        #[test]
        fn the_place_of_an_instant_is_found(
            many in 0_usize..600, asked in prop::collection::vec(0_usize..700, 20),
        ) {
            let mut all = Transitions::EMPTY;
            (0..many).for_each(|second| all.push(transition(second / 3, second)));
            let (all, half) = (all.all(), all.all().up_to(many / 2));
            for asked in asked {
                let at = Instant::from_unix(asked as i64 / 3, 0).expect("in range");
                let expected = many.min(asked / 3 * 3);
                prop_assert_eq!(all.partition_point(|t| t.at < at), expected);
                prop_assert_eq!(all.count_before(at), expected);
                prop_assert_eq!(all.as_of(at).len(), many.min(asked / 3 * 3 + 3));
                prop_assert_eq!(half.as_of(at).len(), (many / 2).min(asked / 3 * 3 + 3));
                for part in [all, half] {
                    let last = part.as_of(at).last();
                    prop_assert_eq!(versions(part.last_as_of(at).into_iter()), versions(last.into_iter()));
                }
            }
        }
    }
}
