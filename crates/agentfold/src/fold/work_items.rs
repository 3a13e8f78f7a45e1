//! [`WorkItems`]: all work items of an agent.

use std::borrow::Cow;

use hashbrown::HashMap;

use super::id::ItemId;
use super::names::{Hasher, Name};
use super::past::Past;
use super::recorded::Kept;
use super::work_item::WorkItem;
use crate::Instant;

/// The work items of an agent.
#[derive(Debug, Clone)]
pub(crate) struct WorkItems {
    /// The items that can't be packed.
    // Boxed, since a map has room for more than its items.
    unpacked: HashMap<ItemId, Box<WorkItem>, Hasher>,
    /// How many of them are open.
    open: usize,
    /// All others.
    past: Past,
}

/// A work item and its id.
pub(crate) type Identified<'t> = (Cow<'t, ItemId>, Cow<'t, WorkItem>);

fn borrowed<'t>(id: &'t ItemId, item: &'t WorkItem) -> Identified<'t> {
    (Cow::Borrowed(id), Cow::Borrowed(item))
}

fn owned<'t>((id, item): (ItemId, WorkItem)) -> Identified<'t> {
    (Cow::Owned(id), Cow::Owned(item))
}

impl WorkItems {
    pub(crate) fn new(hasher: Hasher) -> WorkItems {
        let unpacked = HashMap::with_hasher(hasher.clone());
        WorkItems { unpacked, open: 0, past: Past::new(hasher) }
    }

    pub(crate) fn len(&self) -> usize {
        self.unpacked.len() + self.past.len()
    }

    pub(crate) fn contains(&self, id: &ItemId) -> bool {
        self.unpacked.contains_key(id) || self.past.find(id).is_some()
    }

    pub(crate) fn get(&self, id: &ItemId) -> Option<Cow<'_, WorkItem>> {
        match self.unpacked.get(id) {
            Some(item) => Some(Cow::Borrowed(item)),
            None => Some(Cow::Owned(self.past.get(&self.past.find(id)?))),
        }
    }

    /// All items, unsorted.
    pub(crate) fn iter(&self) -> impl Iterator<Item = Identified<'_>> {
        self.unpacked.iter().map(|(id, item)| borrowed(id, item)).chain(self.past.iter().map(owned))
    }

    /// All items in the order of their last transitions, then ids.
    pub(crate) fn by_last(&self) -> impl Iterator<Item = Identified<'_>> {
        let mut unpacked: Vec<_> = self.unpacked.iter().map(|(id, i)| borrowed(id, i)).collect();
        let key = |(id, item): &Identified<'_>| (item.last(), id.clone().into_owned());
        unpacked.sort_by_cached_key(key);
        let (mut unpacked, mut past) =
            (unpacked.into_iter().peekable(), self.past.iter().map(owned).peekable());
        std::iter::from_fn(move || match (unpacked.peek(), past.peek()) {
            (Some(a), Some(b)) if key(a) < key(b) => unpacked.next(),
            (_, Some(_)) => past.next(),
            _ => unpacked.next(),
        })
    }

    /// The open items.
    pub(crate) fn open(&self) -> impl Iterator<Item = (&ItemId, &WorkItem)> {
        let open = self.unpacked.iter().filter(|(_, item)| !item.open().is_empty());
        open.map(|(id, item)| (id, &**item))
    }

    /// An item, if it is open.
    #[inline]
    pub(crate) fn find_open(&self, id: &ItemId) -> Option<&WorkItem> {
        self.unpacked.get(id).map(|item| &**item).filter(|item| !item.open().is_empty())
    }

    /// The number of open items.
    pub(crate) fn open_count(&self) -> usize {
        self.open
    }

    /// The items that have a transition in a window or are open in it, both ends inclusive, and a few
    /// more.
    pub(crate) fn touching(
        &self,
        from: Instant,
        to: Instant,
    ) -> impl Iterator<Item = Identified<'_>> {
        let unpacked = self.unpacked.iter().filter(move |(_, item)| {
            !item.open().is_empty() || item.last() >= from && item.first() <= to
        });
        unpacked.map(|(id, item)| borrowed(id, item)).chain(self.past.touching(from, to).map(owned))
    }

    /// The greatest version and the last instant of the items that are not open and end at `at` or
    /// earlier, and of a few more that do.
    pub(crate) fn greatest_by(&self, at: Instant) -> (u64, Option<Instant>) {
        let (mut version, mut last) = self.past.greatest_by(at);
        for item in self.unpacked.values().filter(|item| item.last() <= at) {
            version =
                version.max(item.track().greatest_as_of(at).map_or(0, |(version, _)| version));
            last = last.max(Some(item.last()));
        }
        (version, last)
    }

    /// Changes a work item. Calls `turned` with each channel on which the item was opened (`true`) or
    /// closed.
    #[inline]
    pub(crate) fn change<T>(
        &mut self,
        id: &ItemId,
        change: impl FnOnce(&mut WorkItem) -> T,
        turned: impl FnMut(Name, bool),
    ) -> T {
        if let Some(item) = self.unpacked.get_mut(id) {
            let was_on = On::channels_of(item);
            let changed = change(item);
            let is_on = On::channels_of(item);
            if was_on != is_on {
                self.open -= usize::from(was_on != On::None);
                self.open += usize::from(is_on != On::None);
                was_on.turn_to(&is_on, turned);
            }
            if item.is_packable() {
                self.pack(id);
            }
            return changed;
        }
        let found = self.past.find(id);
        let mut item = found.as_ref().map_or_else(WorkItem::default, |found| self.past.get(found));
        let changed = change(&mut item);
        let is_on = On::channels_of(&item);
        self.open += usize::from(is_on != On::None);
        On::None.turn_to(&is_on, turned);
        match found {
            Some(_) if !item.is_changed => {}
            Some(found) if item.is_packable() && item.last() == found.last => {
                self.past.replace(&found, id, &item);
            }
            found => {
                found.into_iter().for_each(|found| self.past.remove(&found, id));
                self.put(id.clone(), item);
            }
        }
        changed
    }

    /// Packs an item.
    fn pack(&mut self, id: &ItemId) {
        let Some(item) = self.unpacked.remove(id) else {
            return;
        };
        self.past.insert(id, &item);
        // Looking at all unpacked items takes time that grows with the room for them.
        if self.unpacked.capacity() > 64 && self.unpacked.len() < self.unpacked.capacity() / 8 {
            self.unpacked.shrink_to(2 * self.unpacked.len());
        }
    }

    /// Puts in an item that is not there.
    fn put(&mut self, id: ItemId, item: WorkItem) {
        if item.is_packable() {
            self.past.insert(&id, &item);
        } else if !item.track().is_empty() {
            self.unpacked.insert(id, item.into());
        }
    }

    pub(crate) fn into_iter(self) -> impl Iterator<Item = (ItemId, WorkItem)> {
        let unpacked = self.unpacked.into_iter().map(|(id, item)| (id, *item));
        unpacked.chain(self.past.into_iter())
    }

    /// Changes all items. Those that have no transition then are dropped.
    pub(crate) fn change_all(&mut self, mut change: impl FnMut(&mut WorkItem)) {
        let hasher = self.unpacked.hasher().clone();
        for (id, mut item) in std::mem::replace(self, WorkItems::new(hasher)).into_iter() {
            change(&mut item);
            self.open += usize::from(!item.open().is_empty());
            self.put(id, item);
        }
    }

    /// Lets items `forget` transitions from before a cut, and returns those transitions' greatest
    /// versions and instants. Items without transitions are dropped.
    pub(crate) fn forget(&mut self, cut: Instant, forget: fn(&mut WorkItem, Instant)) -> Kept {
        let mut kept = Kept::default();
        self.change_all(|item| {
            item.track().before(cut).iter().for_each(|t| kept.add(&t));
            forget(item, cut);
        });
        kept
    }
}

/// The channels where an item is open: one, as a rule.
#[derive(PartialEq)]
enum On {
    None,
    One(Name),
    /// Sorted.
    Several(Vec<Name>),
}

impl On {
    #[inline]
    fn channels_of(item: &WorkItem) -> On {
        match item.open() {
            [] => On::None,
            [open] => On::One(open.channel),
            several => {
                let mut channels: Vec<Name> = several.iter().map(|open| open.channel).collect();
                channels.sort_unstable();
                On::Several(channels)
            }
        }
    }

    fn channels(&self) -> &[Name] {
        match self {
            On::None => &[],
            On::One(on) => std::slice::from_ref(on),
            On::Several(on) => on,
        }
    }

    /// Calls `turned` with each channel that is new (`true`) or missing in `other`.
    #[inline]
    fn turn_to(&self, other: &On, mut turned: impl FnMut(Name, bool)) {
        for (those, others, opened) in [(other, self, true), (self, other, false)] {
            for name in those.channels() {
                if others.channels().binary_search(name).is_err() {
                    turned(*name, opened);
                }
            }
        }
    }
}
