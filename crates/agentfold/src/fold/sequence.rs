//! [`Sequence`]: an ordered list that takes insertions anywhere in little time.

use std::slice;

use crate::steps;

/// How many items are moved at most to insert one.
const PIECE: usize = 128;

/// How many moved items cost as much as one that is looked at.
const CHEAP: usize = 16;

/// An ordered list. It is one vector, until something is inserted far from its end; then it is cut into
/// pieces, so that each insertion moves few items.
#[derive(Debug, Clone)]
pub(crate) enum Sequence<T> {
    Whole(Vec<T>),
    Pieces(Box<Pieces<T>>),
}

#[derive(Debug, Clone)]
pub(crate) struct Pieces<T> {
    // INVARIANT: as many as `starts`; none is longer than twice `PIECE`, or empty beside others.
    pieces: Vec<Vec<T>>,
    /// The index of each piece's first item.
    starts: Vec<usize>,
}

/// The beginning of a sequence.
#[derive(Debug)]
pub(crate) struct Part<'t, T> {
    pieces: &'t [Vec<T>],
    /// The indices of the pieces' first items; empty for one piece.
    starts: &'t [usize],
    len: usize,
}

impl<T> Clone for Part<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Part<'_, T> {}

impl<T> Default for Sequence<T> {
    fn default() -> Sequence<T> {
        Sequence::EMPTY
    }
}

impl<T> Sequence<T> {
    pub(crate) const EMPTY: Sequence<T> = Sequence::Whole(Vec::new());

    #[inline]
    pub(crate) fn len(&self) -> usize {
        match self {
            Sequence::Whole(items) => items.len(),
            Sequence::Pieces(pieces) => pieces.len(),
        }
    }

    #[inline]
    pub(crate) fn is_empty(&self) -> bool {
        self.len() == 0
    }

    #[inline]
    pub(crate) fn last(&self) -> Option<&T> {
        match self {
            Sequence::Whole(items) => items.last(),
            Sequence::Pieces(pieces) => pieces.pieces.last()?.last(),
        }
    }

    /// All of it.
    #[inline]
    pub(crate) fn all(&self) -> Part<'_, T> {
        match self {
            Sequence::Whole(items) => {
                Part { pieces: slice::from_ref(items), starts: &[], len: items.len() }
            }
            Sequence::Pieces(pieces) => {
                Part { pieces: &pieces.pieces, starts: &pieces.starts, len: pieces.len() }
            }
        }
    }

    /// Makes room for so many items, if it is empty.
    #[inline]
    pub(crate) fn expect(&mut self, count: usize) {
        if let Sequence::Whole(items) = self
            && items.capacity() == 0
        {
            items.reserve_exact(count);
        }
    }

    #[inline]
    pub(crate) fn push(&mut self, item: T) {
        match self {
            Sequence::Whole(items) => {
                // An agent with little history takes little memory.
                match items.capacity() {
                    0 => items.reserve_exact(1),
                    1 if items.len() == 1 => items.reserve_exact(2),
                    _ => {}
                }
                items.push(item);
            }
            Sequence::Pieces(pieces) => pieces.insert(pieces.len(), item),
        }
    }

    /// Inserts an item at an index.
    pub(crate) fn insert(&mut self, index: usize, item: T) {
        self.cut(index);
        match self {
            Sequence::Whole(items) => {
                steps::count((items.len() - index) / CHEAP);
                items.insert(index, item);
            }
            Sequence::Pieces(pieces) => pieces.insert(index, item),
        }
    }

    /// Removes the item at an index.
    pub(crate) fn remove(&mut self, index: usize) {
        self.cut(index);
        match self {
            Sequence::Whole(items) => {
                steps::count((items.len() - index) / CHEAP);
                items.remove(index);
            }
            Sequence::Pieces(pieces) => pieces.remove(index),
        }
    }

    /// Cuts a vector into pieces if an index is far from its end.
    fn cut(&mut self, index: usize) {
        if let Sequence::Whole(items) = self
            && items.len() - index > 2 * PIECE
        {
            *self = Sequence::Pieces(Box::new(Pieces::new(std::mem::take(items))));
        }
    }

    pub(crate) fn get_mut(&mut self, index: usize) -> Option<&mut T> {
        match self {
            Sequence::Whole(items) => items.get_mut(index),
            Sequence::Pieces(pieces) => {
                let piece = pieces.piece_of(index);
                pieces.pieces[piece].get_mut(index - pieces.starts[piece])
            }
        }
    }

    pub(crate) fn iter_mut(&mut self) -> impl Iterator<Item = &mut T> {
        let pieces = match self {
            Sequence::Whole(items) => slice::from_mut(items),
            Sequence::Pieces(pieces) => &mut pieces.pieces,
        };
        pieces.iter_mut().flatten()
    }

    pub(crate) fn into_vec(self) -> Vec<T> {
        match self {
            Sequence::Whole(items) => items,
            Sequence::Pieces(pieces) => pieces.pieces.into_iter().flatten().collect(),
        }
    }

    /// Drops the first items.
    pub(crate) fn drop_first(&mut self, count: usize) {
        match self {
            Sequence::Whole(items) => drop(items.drain(..count)),
            Sequence::Pieces(pieces) => {
                let all = std::mem::take(&mut pieces.pieces).into_iter().flatten();
                *self = Sequence::Whole(all.skip(count).collect());
            }
        }
    }
}

impl<T> Pieces<T> {
    fn new(items: Vec<T>) -> Pieces<T> {
        let mut pieces = Pieces { pieces: Vec::new(), starts: Vec::new() };
        let mut items = items.into_iter();
        loop {
            let piece: Vec<T> = items.by_ref().take(PIECE).collect();
            if piece.is_empty() {
                return pieces;
            }
            pieces.starts.push(pieces.len());
            pieces.pieces.push(piece);
        }
    }

    fn len(&self) -> usize {
        let last = self.starts.last().zip(self.pieces.last());
        last.map_or(0, |(start, piece)| start + piece.len())
    }

    /// The piece that has, or would have, the item at an index.
    fn piece_of(&self, index: usize) -> usize {
        piece_of(&self.starts, index)
    }

    fn insert(&mut self, index: usize, item: T) {
        let place = self.piece_of(index);
        let piece = &mut self.pieces[place];
        steps::count((piece.len() + self.starts.len() - place) / CHEAP);
        piece.insert(index - self.starts[place], item);
        for start in &mut self.starts[place + 1..] {
            *start += 1;
        }
        if piece.len() > 2 * PIECE {
            // At the end, items are likely to be added in order: leave the piece full.
            let is_end = index + 1 == self.len();
            let piece = &mut self.pieces[place];
            let half = if is_end { piece.len() - 1 } else { piece.len() / 2 };
            let rest = piece.split_off(half);
            self.pieces.insert(place + 1, rest);
            self.starts.insert(place + 1, self.starts[place] + half);
        }
    }

    fn remove(&mut self, index: usize) {
        let place = self.piece_of(index);
        self.pieces[place].remove(index - self.starts[place]);
        for start in &mut self.starts[place + 1..] {
            *start -= 1;
        }
        if self.pieces[place].is_empty() && self.pieces.len() > 1 {
            self.pieces.remove(place);
            self.starts.remove(place);
        }
    }
}

fn piece_of(starts: &[usize], index: usize) -> usize {
    starts.partition_point(|start| *start <= index).saturating_sub(1)
}

impl<'t, T> Part<'t, T> {
    /// A part of a sequence without items.
    pub(crate) const EMPTY: Part<'t, T> = Part { pieces: &[], starts: &[], len: 0 };

    pub(crate) fn len(self) -> usize {
        self.len
    }

    pub(crate) fn get(self, index: usize) -> Option<&'t T> {
        if index >= self.len {
            return None;
        }
        let place = piece_of(self.starts, index);
        self.pieces[place].get(index - self.starts.get(place).unwrap_or(&0))
    }

    pub(crate) fn first(self) -> Option<&'t T> {
        self.get(0)
    }

    /// All of it, if it is in one piece.
    pub(crate) fn as_slice(self) -> Option<&'t [T]> {
        match self.pieces {
            [] => Some(&[]),
            [items] => items.get(..self.len),
            _ => None,
        }
    }

    pub(crate) fn iter(self) -> Items<'t, T> {
        self.from(0)
    }

    /// The items from an index on.
    pub(crate) fn from(self, index: usize) -> Items<'t, T> {
        Items { part: self, front: [].iter(), next: index, end: self.len }
    }

    /// The index of the first item for which a condition is false. It is true for all items before.
    pub(crate) fn partition_point(self, mut is: impl FnMut(&T) -> bool) -> usize {
        let place = match self.pieces {
            [] | [_] => 0,
            pieces => pieces.partition_point(|piece| piece.last().is_some_and(&mut is)),
        };
        let Some(piece) = self.pieces.get(place) else {
            return self.len;
        };
        let start = self.starts.get(place).copied().unwrap_or(0);
        (start + piece.partition_point(is)).min(self.len)
    }
}

impl<'t, T> IntoIterator for Part<'t, T> {
    type Item = &'t T;
    type IntoIter = Items<'t, T>;

    fn into_iter(self) -> Items<'t, T> {
        self.iter()
    }
}

/// The items of a part.
#[derive(Debug)]
pub(crate) struct Items<'t, T> {
    part: Part<'t, T>,
    /// The rest of a piece that iteration has reached.
    front: slice::Iter<'t, T>,
    /// The index of the first item that is in a later piece.
    next: usize,
    /// The index after the last item.
    end: usize,
}

impl<'t, T> Items<'t, T> {
    /// Goes on to the next piece.
    #[cold]
    fn refill(&mut self) -> Option<&'t T> {
        if self.next >= self.end {
            return None;
        }
        let place = piece_of(self.part.starts, self.next);
        let start = self.part.starts.get(place).copied().unwrap_or(0);
        let piece = &self.part.pieces[place];
        let end = piece.len().min(self.end - start);
        self.front = piece[self.next - start..end].iter();
        self.next = start + end;
        self.front.next()
    }
}

impl<'t, T> Iterator for Items<'t, T> {
    type Item = &'t T;

    #[inline]
    fn next(&mut self) -> Option<&'t T> {
        self.front.next().or_else(|| self.refill())
    }
}

impl<'t, T> DoubleEndedIterator for Items<'t, T> {
    fn next_back(&mut self) -> Option<&'t T> {
        if self.next < self.end {
            self.end -= 1;
            return self.part.get(self.end);
        }
        self.front.next_back()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use proptest::sample::Index;

    use super::*;

    /// Miri takes seconds for what takes a millisecond otherwise.
    const MOST: usize = if cfg!(miri) { 60 } else { 4000 };

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(ProptestConfig::default().cases / 4))]

        #[test]
        fn a_sequence_is_a_vector(
            many in 0..MOST,
            inserts in prop::collection::vec((any::<Index>(), any::<bool>()), 0..MOST),
            drops in prop::option::of(any::<Index>()),
            asked in prop::collection::vec(any::<Index>(), 20),
        ) {
            let (mut sequence, mut vector) = (Sequence::default(), Vec::new());
            let removes = inserts.iter().take(900);
            for item in 0..many {
                sequence.push(item);
                vector.push(item);
            }
            for (item, (index, at_end)) in inserts.iter().enumerate() {
                let index = if *at_end { vector.len() } else { index.index(vector.len() + 1) };
                vector.insert(index, many + item);
                if *at_end { sequence.push(many + item) } else { sequence.insert(index, many + item) }
            }
            for (index, _) in removes.take(vector.len()) {
                let index = index.index(vector.len());
                vector.remove(index);
                sequence.remove(index);
            }
            if let Some(drops) = drops {
                let count = drops.index(vector.len() + 1);
                vector.drain(..count);
                sequence.drop_first(count);
            }
            prop_assert_eq!((sequence.len(), sequence.last()), (vector.len(), vector.last()));
            let (part, slice) = (sequence.all(), &vector[..]);
            prop_assert!(part.iter().eq(slice) && part.iter().rev().eq(slice.iter().rev()));
            prop_assert_eq!(part.first(), slice.first());
            for asked in asked {
                let from = asked.index(vector.len() + 1);
                prop_assert!(part.from(from).rev().eq(slice[from..].iter().rev()));
                prop_assert_eq!(part.get(from), slice.get(from));
                let (mut some, mut items) = (part.from(from), slice[from..].iter());
                prop_assert!(some.by_ref().rev().take(300).eq(items.by_ref().rev().take(300)));
                prop_assert!(some.eq(items));
            }
            let mut sorted = Sequence::default();
            (0..vector.len()).rev().for_each(|item| sorted.insert(0, item));
            for item in (0..vector.len()).step_by(61) {
                prop_assert_eq!(sorted.all().partition_point(|known| *known < item), item);
                *sorted.get_mut(item).expect("there") += 0;
            }
            prop_assert!(sorted.iter_mut().map(|item| *item).eq(0..vector.len()));
        }
    }
}
