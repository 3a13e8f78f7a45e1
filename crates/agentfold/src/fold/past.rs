//! [`Past`]: the work items that are not open, packed, and indexed by time and id.

use std::hash::BuildHasher;

use hashbrown::HashTable;

use super::id::ItemId;
use super::names::Hasher;
use super::packed::{Base, Extent, Packed};
use super::work_item::WorkItem;
use crate::Instant;
use crate::steps;

/// How many items are packed together, unless more come in between.
const CHUNK: usize = 16;

/// The work items of an agent that are not open, in the order of their last transitions, then ids.
///
/// Finding a window's items takes time that grows with their number, not with the history's length.
#[derive(Debug, Clone)]
pub(crate) struct Past {
    // INVARIANT: no chunk is empty or has more than twice `CHUNK` items; all their items are in order.
    chunks: Vec<Chunk>,
    /// Where to look for each item, by its id.
    places: HashTable<Place>,
    hasher: Hasher,
}

#[derive(Debug, Clone)]
struct Chunk {
    /// The packed items, one after the other.
    bytes: Vec<u8>,
    count: usize,
    base: Base,
    /// The last item's last instant.
    last: Instant,
    /// The earliest first instant in this chunk and all later ones.
    first: Instant,
    /// The greatest version in this chunk and all earlier ones.
    version: u64,
}

/// The second of an item's last instant, and a part of its id's hash above it. Other items may have the
/// same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Place(u64);

/// Where an item is.
pub(crate) struct Found {
    chunk: usize,
    /// Where its bytes begin in the chunk.
    at: usize,
    pub(crate) last: Instant,
}

impl Place {
    /// How many bits hold all seconds that an instant can have.
    const SECONDS: u32 = 39;

    fn new(hash: u64, last: Instant) -> Place {
        let second = last.unix_seconds() - Instant::MIN.unix_seconds();
        Place((hash ^ hash << 32) >> Place::SECONDS << Place::SECONDS | second.cast_unsigned())
    }

    fn second(self) -> i64 {
        let second = self.0 & ((1 << Place::SECONDS) - 1);
        second.cast_signed() + Instant::MIN.unix_seconds()
    }

    fn hash(self) -> u64 {
        self.0 >> Place::SECONDS
    }

    /// A byte that is packed with the item.
    fn tag(self) -> u8 {
        self.hash() as u8
    }

    /// Spreads the part of the hash over all bits that a table uses.
    fn spread(&self) -> u64 {
        self.hash().wrapping_mul(0x9E37_79B9_7F4A_7C15)
    }
}

impl Chunk {
    fn new(base: Base, version: u64) -> Chunk {
        let (bytes, count, last, first) = (Vec::new(), 0, Instant::MIN, Instant::MAX);
        Chunk { bytes, count, base, last, first, version }
    }

    /// Its items, each with where its bytes begin.
    fn items(&self) -> impl Iterator<Item = (usize, Packed<'_>)> {
        let mut at = 0;
        std::iter::from_fn(move || {
            let rest = self.bytes.get(at..).filter(|rest| !rest.is_empty())?;
            let packed = Packed::read(rest, self.base);
            let begin = at;
            at += packed.len;
            Some((begin, packed))
        })
    }

    fn packed(&self, at: usize) -> Packed<'_> {
        Packed::read(&self.bytes[at..], self.base)
    }

    /// Where the first item that is not before a key begins; the end if there is none.
    fn place_of(&self, last: Instant, id: &ItemId) -> usize {
        let is_before =
            |item: &Packed<'_>| item.last < last || item.last == last && item.id() < *id;
        steps::count(self.count / 4);
        self.items().find(|(_, item)| !is_before(item)).map_or(self.bytes.len(), |(at, _)| at)
    }

    /// Whether its last item is before an item with this key.
    fn ends_before(&self, last: Instant, id: &ItemId) -> bool {
        self.last < last
            || self.last == last && self.items().last().is_none_or(|(_, item)| item.id() < *id)
    }
}

impl Past {
    pub(crate) fn new(hasher: Hasher) -> Past {
        Past { chunks: Vec::new(), places: HashTable::new(), hasher }
    }

    pub(crate) fn len(&self) -> usize {
        self.places.len()
    }

    /// All items.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (ItemId, WorkItem)> {
        self.chunks.iter().flat_map(Chunk::items).map(|(_, item)| item.unpack())
    }

    pub(crate) fn into_iter(self) -> impl Iterator<Item = (ItemId, WorkItem)> {
        let unpacked =
            |chunk: Chunk| -> Vec<_> { chunk.items().map(|(_, i)| i.unpack()).collect() };
        self.chunks.into_iter().flat_map(unpacked)
    }

    pub(crate) fn get(&self, found: &Found) -> WorkItem {
        self.chunks[found.chunk].packed(found.at).unpack().1
    }

    pub(crate) fn find(&self, id: &ItemId) -> Option<Found> {
        if self.places.is_empty() {
            return None;
        }
        let hash = self.place(id, Instant::MIN);
        let mut places = self.places.iter_hash(hash.spread());
        places.find_map(|place| {
            let second = (place.hash() == hash.hash()).then(|| place.second())?;
            let first = self.chunks.partition_point(|chunk| chunk.last.unix_seconds() < second);
            // Several chunks may end in that second.
            for (chunk, Chunk { bytes, base, last, .. }) in
                self.chunks.iter().enumerate().skip(first)
            {
                if let Some(at) = Packed::find(bytes, *base, hash.tag(), id) {
                    let last = self.chunks[chunk].packed(at).last;
                    return Some(Found { chunk, at, last });
                }
                if last.unix_seconds() > second {
                    break;
                }
            }
            None
        })
    }

    fn place(&self, id: &ItemId, last: Instant) -> Place {
        Place::new(self.hasher.hash_one(id), last)
    }

    /// The chunk that has, or would have, the item with a key.
    fn chunk_of(&self, last: Instant, id: &ItemId) -> usize {
        self.chunks.partition_point(|chunk| chunk.ends_before(last, id))
    }

    /// Adds an item that is not in the index, and not open.
    pub(crate) fn insert(&mut self, id: &ItemId, item: &WorkItem) {
        let last = item.last();
        let place = self.place(id, last);
        self.places.insert_unique(place.spread(), place, Place::spread);
        let chunk = self.chunk_of(last, id);
        if chunk < self.chunks.len() {
            let at = self.chunks[chunk].place_of(last, id);
            self.write(chunk, at..at, place.tag(), id, item);
            self.chunks[chunk].count += 1;
            if self.chunks[chunk].count > 2 * CHUNK {
                self.split(chunk);
            }
        } else {
            // The usual case: no item is later.
            if self.chunks.last().is_none_or(|chunk| chunk.count >= CHUNK) {
                let (room, version) = self.chunks.last_mut().map_or((0, 0), |chunk| {
                    chunk.bytes.shrink_to_fit();
                    (chunk.bytes.len(), chunk.version)
                });
                let mut chunk = Chunk::new(Base::new(last, id), version);
                chunk.bytes.reserve(room);
                self.chunks.push(chunk);
            }
            let chunk = self.chunks.len() - 1;
            let end = self.chunks[chunk].bytes.len();
            self.write(chunk, end..end, place.tag(), id, item);
            self.chunks[chunk].last = last;
            self.chunks[chunk].count += 1;
        }
    }

    /// Replaces an item by one that has the same last instant.
    pub(crate) fn replace(&mut self, found: &Found, id: &ItemId, item: &WorkItem) {
        let Found { chunk, at, .. } = *found;
        let len = self.chunks[chunk].packed(at).len;
        let tag = self.place(id, item.last()).tag();
        self.write(chunk, at..at + len, tag, id, item);
    }

    /// Writes an item over bytes of a chunk.
    fn write(
        &mut self,
        chunk: usize,
        over: std::ops::Range<usize>,
        tag: u8,
        id: &ItemId,
        item: &WorkItem,
    ) {
        let Chunk { bytes, base, .. } = &mut self.chunks[chunk];
        // It is written to the end, then what follows the place is moved behind it.
        let (at, end) = (over.start, bytes.len());
        let Some(Extent { first, version }) = Packed::write(tag, id, item, *base, bytes) else {
            return;
        };
        if at < end {
            bytes[at..].rotate_left(end - at);
            let len = bytes.len() - end;
            bytes.drain(at + len..at + len + over.len());
        }
        for known in self.chunks[..=chunk].iter_mut().rev().take_while(|c| c.first > first) {
            steps::count(1);
            known.first = first;
        }
        for known in self.chunks[chunk..].iter_mut().take_while(|c| c.version < version) {
            steps::count(1);
            known.version = version;
        }
    }

    fn split(&mut self, place: usize) {
        let chunk = &mut self.chunks[place];
        let half = chunk.items().nth(chunk.count / 2).map_or(0, |(at, _)| at);
        let mut second = Chunk::new(chunk.base, chunk.version);
        second.bytes = chunk.bytes.split_off(half);
        second.count = chunk.count - chunk.count / 2;
        second.first = chunk.first;
        chunk.count /= 2;
        self.chunks.insert(place + 1, second);
        self.settle(place + 1);
        self.settle(place);
    }

    /// Removes an item.
    pub(crate) fn remove(&mut self, found: &Found, id: &ItemId) {
        let Found { chunk: place, at, last } = *found;
        let known = self.place(id, last);
        if let Ok(entry) = self.places.find_entry(known.spread(), |place| *place == known) {
            entry.remove();
        }
        let chunk = &mut self.chunks[place];
        let (Extent { first, version }, len) = (chunk.packed(at).extent(), chunk.packed(at).len);
        chunk.bytes.drain(at..at + len);
        chunk.count -= 1;
        let counts = first == chunk.first || version == chunk.version || at == chunk.bytes.len();
        if chunk.count == 0 {
            self.chunks.remove(place);
        } else if !counts {
            return;
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
        let last = self.chunks[changed].items().last();
        self.chunks[changed].last = last.map_or(Instant::MIN, |(_, item)| item.last);
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
        self.chunks[place].items().fold(next, |first, (_, item)| first.min(item.extent().first))
    }

    /// The summary of versions, computed from the chunk and the one before.
    fn version(&self, place: usize) -> u64 {
        steps::count(CHUNK);
        let before = place.checked_sub(1).map_or(0, |before| self.chunks[before].version);
        self.chunks[place]
            .items()
            .fold(before, |version, (_, item)| version.max(item.extent().version))
    }

    /// The items with a transition at `from` or later and one at `to` or earlier.
    pub(crate) fn touching(
        &self,
        from: Instant,
        to: Instant,
    ) -> impl Iterator<Item = (ItemId, WorkItem)> {
        let place = self.chunks.partition_point(|chunk| chunk.last < from);
        let chunks = self.chunks[place..].iter().take_while(move |chunk| chunk.first <= to);
        let items = chunks.flat_map(Chunk::items).map(|(_, item)| item);
        let touches = move |item: &Packed<'_>| item.last >= from && item.extent().first <= to;
        items.filter(touches).map(|item| item.unpack())
    }

    /// The greatest version and the last instant of the items that end at `at` or earlier.
    pub(crate) fn greatest_by(&self, at: Instant) -> (u64, Option<Instant>) {
        let place = self.chunks.partition_point(|chunk| chunk.last <= at);
        let whole = place.checked_sub(1).map(|before| &self.chunks[before]);
        let mut version = whole.map_or(0, |chunk| chunk.version);
        let mut last = whole.map(|chunk| chunk.last);
        if let Some(chunk) = self.chunks.get(place) {
            for (_, item) in chunk.items().take_while(|(_, item)| item.last <= at) {
                version = version.max(item.extent().version);
                last = Some(item.last);
            }
        }
        (version, last)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::names::{Name, hasher};
    use super::super::origin::Origin;
    use super::super::transition::{Stamp, Transition};
    use super::super::value::{Previous, Value, Work};
    use super::*;
    use crate::kind::Kind;

    fn instant(second: i64) -> Instant {
        Instant::from_unix(second, 0).expect("in range")
    }

    /// A work item with a first and a last transition.
    fn item(first: i64, last: i64, version: u64) -> WorkItem {
        let work = Work { channel: Name::ONLINE, reason: None, open: false };
        let transition = |second, version| {
            let (at, origin) = (instant(second), Origin::Event(Kind::WorkItemRemoved));
            let stamp = Stamp { at, version, origin, id: "01ARZ3NDEKTSV4RRFFQ69G5FAV" };
            Transition::new(&stamp, Value::Work(work), Previous::Unstated)
        };
        let mut all = vec![transition(first, version), transition(last, version / 2)];
        all.truncate(1 + usize::from(first < last));
        WorkItem::of(all)
    }

    /// Miri takes seconds for what takes a millisecond otherwise.
    const MOST: usize = if cfg!(miri) { 60 } else { 500 };

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(ProptestConfig::default().cases / 4))]

        #[test]
        fn it_finds_what_a_plain_list_finds(
            lives in prop::collection::vec((0_i64..500, 0_i64..60, 0_u64..99, any::<bool>()), 0..MOST),
            windows in prop::collection::vec((-5_i64..560, 0_i64..90), 1..20),
            sorted in any::<bool>(),
        ) {
            let mut lives = lives;
            if sorted {
                lives.sort_by_key(|(first, length, ..)| first + length);
            }
            let (mut past, mut plain) = (Past::new(hasher(1)), Vec::new());
            for (id, (first, length, version, stays)) in lives.into_iter().enumerate() {
                let (id, last) = (id as u64, first + length);
                past.insert(&ItemId::Number(id), &item(first, last, version));
                plain.push((id, first, last, version));
                let changed = id as usize * 5 % plain.len();
                let (id, first, last, version) = &mut plain[changed];
                (*first, *version) = ((*last).min(*first).min(*id as i64 % 500), *version + 1);
                let id = ItemId::Number(*id);
                let found = past.find(&id).expect("there");
                past.replace(&found, &id, &item(*first, *last, *version));
                if !stays {
                    let gone = plain.swap_remove(changed * 7 % plain.len());
                    let id = ItemId::Number(gone.0);
                    past.remove(&past.find(&id).expect("there"), &id);
                    prop_assert!(past.find(&id).is_none());
                }
            }
            prop_assert!(past.chunks.iter().all(|c| (1..=2 * CHUNK).contains(&c.count)));
            prop_assert!(past.chunks.iter().all(|c| c.items().count() == c.count));
            prop_assert_eq!(past.len(), plain.len());
            for (id, first, last, version) in &plain {
                let found = past.find(&ItemId::Number(*id)).expect("there");
                let expected = item(*first, *last, *version);
                prop_assert_eq!(format!("{:?}", past.get(&found)), format!("{expected:?}"));
                prop_assert_eq!(found.last, instant(*last));
            }
            for (from, length) in windows {
                let to = from + length;
                let mut found: Vec<ItemId> =
                    past.touching(instant(from), instant(to)).map(|(id, _)| id).collect();
                found.sort();
                let touching = plain.iter().filter(|(_, first, last, _)| *last >= from && *first <= to);
                let mut expected: Vec<ItemId> =
                    touching.map(|(id, ..)| ItemId::Number(*id)).collect();
                expected.sort();
                prop_assert_eq!(found, expected);
                let ended = || plain.iter().filter(|(_, _, last, _)| *last <= from);
                let version = ended().map(|(.., version)| *version).max().unwrap_or(0);
                let last = ended().map(|(_, _, last, _)| instant(*last)).max();
                prop_assert_eq!(past.greatest_by(instant(from)), (version, last));
            }
        }
    }
}
