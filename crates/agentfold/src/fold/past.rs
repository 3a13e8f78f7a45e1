//! [`Past`]: the work items that are not open, indexed by the time of their transitions.

use super::id::ItemId;
use crate::Instant;
use crate::steps;

/// The number of items that are searched one by one.
const CHUNK: usize = 128;

/// The work items of an agent that are not open, in the order of their last transitions, then ids.
///
/// Finding a window's items takes time that grows with their number, not with the history's length.
#[derive(Debug, Clone, Default)]
pub(crate) struct Past {
    /// The items that were added last, unsorted: fewer than `CHUNK`.
    recent: Vec<PastItem>,
    // INVARIANT: no chunk is empty or longer than `CHUNK`; all their items are in order.
    chunks: Vec<Chunk>,
}

#[derive(Debug, Clone)]
struct Chunk {
    items: Vec<PastItem>,
    /// The earliest first instant in this chunk and all later ones.
    first: Instant,
    /// The greatest version in this chunk and all earlier ones.
    version: u64,
}

/// A work item that is not open: from its first transition to its last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PastItem {
    pub(crate) first: Instant,
    pub(crate) last: Instant,
    /// The greatest version of its transitions.
    pub(crate) version: u64,
    pub(crate) id: ItemId,
}

impl PastItem {
    /// By this, items are in order.
    fn key(&self) -> (Instant, &ItemId) {
        (self.last, &self.id)
    }
}

impl Chunk {
    fn last(&self) -> Instant {
        self.items.last().map_or(Instant::MIN, |item| item.last)
    }

    /// Whether its last item is before an item with this key.
    fn ends_before(&self, key: (Instant, &ItemId)) -> bool {
        self.items.last().is_none_or(|last| last.key() < key)
    }
}

impl Past {
    /// Creates an index of items, given in any order.
    pub(crate) fn new(mut items: Vec<PastItem>) -> Past {
        items.sort_by(|a, b| a.key().cmp(&b.key()));
        let mut past = Past::default();
        while !items.is_empty() {
            let rest = items.split_off(CHUNK.min(items.len()));
            let (first, version) = (Instant::MAX, 0);
            past.chunks.push(Chunk { items: std::mem::replace(&mut items, rest), first, version });
        }
        for place in (0..past.chunks.len()).rev() {
            past.chunks[place].first = past.first(place);
        }
        for place in 0..past.chunks.len() {
            past.chunks[place].version = past.version(place);
        }
        past
    }

    /// Adds an item that is not in the index.
    #[inline]
    pub(crate) fn insert(&mut self, item: PastItem) {
        self.recent.push(item);
        if self.recent.len() == CHUNK {
            self.sort_in();
        }
    }

    /// Puts the recent items into the chunks.
    #[cold]
    fn sort_in(&mut self) {
        let mut recent = std::mem::take(&mut self.recent);
        recent.sort_by(|a, b| a.key().cmp(&b.key()));
        recent.drain(..).for_each(|item| self.insert_sorted(item));
        self.recent = recent;
    }

    fn insert_sorted(&mut self, item: PastItem) {
        let PastItem { first, version, .. } = item;
        let mut place = self.chunks.partition_point(|chunk| chunk.ends_before(item.key()));
        if place < self.chunks.len() {
            let items = &mut self.chunks[place].items;
            let at = items.partition_point(|known| known.key() < item.key());
            items.insert(at, item);
        } else {
            // The usual case: no item is later.
            if self.chunks.last().is_none_or(|chunk| chunk.items.len() == CHUNK) {
                let (items, version) = (Vec::new(), self.chunks.last().map_or(0, |c| c.version));
                self.chunks.push(Chunk { items, first: Instant::MAX, version });
            }
            place = self.chunks.len() - 1;
            self.chunks[place].items.push(item);
        }
        for chunk in self.chunks[..=place].iter_mut().rev().take_while(|c| c.first > first) {
            steps::count(1);
            chunk.first = first;
        }
        for chunk in self.chunks[place..].iter_mut().take_while(|c| c.version < version) {
            steps::count(1);
            chunk.version = version;
        }
        if self.chunks[place].items.len() > CHUNK {
            let chunk = &mut self.chunks[place];
            let items = chunk.items.split_off(CHUNK / 2);
            let second = Chunk { items, first: chunk.first, version: chunk.version };
            self.chunks.insert(place + 1, second);
            self.settle(place + 1);
            self.settle(place);
        }
    }

    /// Removes an item that is in the index.
    pub(crate) fn remove(&mut self, last: Instant, id: &ItemId) {
        let is = |item: &PastItem| item.last == last && item.id == *id;
        steps::count(self.recent.len());
        if let Some(at) = self.recent.iter().rposition(is) {
            self.recent.swap_remove(at);
            return;
        }
        let place = self.chunks.partition_point(|chunk| chunk.ends_before((last, id)));
        let Some(Chunk { items, .. }) = self.chunks.get_mut(place) else {
            return;
        };
        let Ok(at) = items.binary_search_by(|item| item.key().cmp(&(last, id))) else {
            return;
        };
        items.remove(at);
        if items.is_empty() {
            self.chunks.remove(place);
        }
        // The summaries of both neighbours may change, and others after them.
        if place < self.chunks.len() {
            self.settle(place);
        }
        if let Some(before) = place.checked_sub(1) {
            self.settle(before);
        }
    }

    /// Corrects the summaries after a chunk changed, until they stay the same.
    fn settle(&mut self, changed: usize) {
        for place in (0..=changed).rev() {
            let first = self.first(place);
            if first == self.chunks[place].first && place != changed {
                break;
            }
            self.chunks[place].first = first;
        }
        for place in changed..self.chunks.len() {
            let version = self.version(place);
            if version == self.chunks[place].version && place != changed {
                break;
            }
            self.chunks[place].version = version;
        }
    }

    /// The summary of first instants, computed from the chunk and the next one.
    fn first(&self, place: usize) -> Instant {
        steps::count(CHUNK);
        let next = self.chunks.get(place + 1).map_or(Instant::MAX, |chunk| chunk.first);
        self.chunks[place].items.iter().fold(next, |first, item| first.min(item.first))
    }

    /// The summary of versions, computed from the chunk and the one before.
    fn version(&self, place: usize) -> u64 {
        steps::count(CHUNK);
        let before = place.checked_sub(1).map_or(0, |before| self.chunks[before].version);
        self.chunks[place].items.iter().fold(before, |version, item| version.max(item.version))
    }

    /// The items with a transition at `from` or later and one at `to` or earlier.
    pub(crate) fn touching(&self, from: Instant, to: Instant) -> impl Iterator<Item = &PastItem> {
        let place = self.chunks.partition_point(|chunk| chunk.last() < from);
        let chunks = self.chunks[place..].iter().take_while(move |chunk| chunk.first <= to);
        let items = chunks.flat_map(|chunk| &chunk.items).chain(&self.recent);
        items.filter(move |item| item.last >= from && item.first <= to)
    }

    /// The greatest version and the last instant of the items that end at `at` or earlier.
    pub(crate) fn greatest_by(&self, at: Instant) -> (u64, Option<Instant>) {
        let place = self.chunks.partition_point(|chunk| chunk.last() <= at);
        let whole = place.checked_sub(1).map(|before| &self.chunks[before]);
        let mut version = whole.map_or(0, |chunk| chunk.version);
        let mut last = whole.map(Chunk::last);
        if let Some(chunk) = self.chunks.get(place) {
            for item in chunk.items.iter().take_while(|item| item.last <= at) {
                version = version.max(item.version);
                last = Some(item.last);
            }
        }
        for item in self.recent.iter().filter(|item| item.last <= at) {
            version = version.max(item.version);
            last = last.max(Some(item.last));
        }
        (version, last)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn instant(second: i64) -> Instant {
        Instant::from_unix(second, 0).expect("in range")
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn it_finds_what_a_plain_list_finds(
            lives in prop::collection::vec((0_i64..500, 0_i64..60, 0_u64..99, any::<bool>()), 0..700),
            windows in prop::collection::vec((-5_i64..560, 0_i64..90), 1..20),
            sorted in any::<bool>(),
        ) {
            let mut lives = lives;
            if sorted {
                lives.sort_by_key(|(first, length, ..)| first + length);
            }
            let (mut past, mut plain) = (Past::default(), Vec::new());
            for (id, (first, length, version, stays)) in lives.into_iter().enumerate() {
                let (first, last) = (instant(first), instant(first + length));
                let item = PastItem { first, last, version, id: ItemId::Number(id as u64) };
                past.insert(item.clone());
                plain.push(item);
                if !stays {
                    let gone = plain.swap_remove(id * 7 % plain.len());
                    past.remove(gone.last, &gone.id);
                }
            }
            let at_once = Past::new(plain.clone());
            for past in [&past, &at_once] {
                prop_assert!(past.chunks.iter().all(|c| (1..=CHUNK).contains(&c.items.len())));
                for (from, length) in &windows {
                    let (from, to) = (instant(*from), instant(from + length));
                    let ids = |items: Vec<&PastItem>| {
                        let mut ids: Vec<String> = items.iter().map(|i| i.id.to_string()).collect();
                        ids.sort();
                        ids
                    };
                    let touching = |item: &&PastItem| item.last >= from && item.first <= to;
                    let expected = ids(plain.iter().filter(touching).collect());
                    prop_assert_eq!(ids(past.touching(from, to).collect()), expected);
                    let ended = || plain.iter().filter(|item| item.last <= from);
                    let version = ended().map(|item| item.version).max().unwrap_or(0);
                    let last = ended().map(|item| item.last).max();
                    prop_assert_eq!(past.greatest_by(from), (version, last));
                }
            }
        }
    }
}
