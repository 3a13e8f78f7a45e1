//! [`WorkItems`]: all work items of an agent, indexed by whether they are open.

use hashbrown::HashMap;

use super::id::ItemId;
use super::names::{Hasher, Name};
use super::open_items::OpenItems;
use super::past::{Past, PastItem};
use super::recorded::Kept;
use super::work_item::{Open, WorkItem};
use crate::Instant;

/// The work items of an agent.
#[derive(Debug, Clone)]
pub(crate) struct WorkItems {
    items: HashMap<ItemId, WorkItem, Hasher>,
    /// The open items, unsorted.
    // INVARIANT: those of `items` whose `open` is not empty, each once, at its `place`.
    open: OpenItems,
    /// The items that are not open.
    // INVARIANT: those of `items` whose `open` is empty, each once.
    past: Past,
}

impl WorkItems {
    pub(crate) fn new(hasher: Hasher) -> WorkItems {
        let (items, open) = (HashMap::with_hasher(hasher), OpenItems::default());
        WorkItems { items, open, past: Past::default() }
    }

    pub(crate) fn len(&self) -> usize {
        self.items.len()
    }

    #[inline]
    pub(crate) fn get(&self, id: &ItemId) -> Option<&WorkItem> {
        self.items.get(id)
    }

    /// All items, unsorted.
    pub(crate) fn iter(&self) -> impl ExactSizeIterator<Item = (&ItemId, &WorkItem)> {
        self.items.iter()
    }

    pub(crate) fn into_iter(self) -> impl Iterator<Item = (ItemId, WorkItem)> {
        self.items.into_iter()
    }

    /// The open items, and where they are open.
    pub(crate) fn open(&self) -> impl Iterator<Item = (&ItemId, &[Open])> {
        self.open.iter().map(|id| (id, self.items[id].open()))
    }

    /// The number of open items.
    pub(crate) fn open_count(&self) -> usize {
        self.open.len()
    }

    /// The items that have a transition in a window or are open in it, both ends inclusive, and a few
    /// more.
    pub(crate) fn touching(
        &self,
        from: Instant,
        to: Instant,
    ) -> impl Iterator<Item = (&ItemId, &WorkItem)> {
        let past = self.past.touching(from, to).map(|item| &item.id);
        self.open.iter().chain(past).map(|id| (id, &self.items[id]))
    }

    /// The greatest version and the last instant of the items that are not open and end at `at` or
    /// earlier.
    pub(crate) fn greatest_by(&self, at: Instant) -> (u64, Option<Instant>) {
        self.past.greatest_by(at)
    }

    /// Changes a work item, and updates the indexes of open and past items. Calls `turned` with each
    /// channel on which the item was opened (`true`) or closed.
    #[inline]
    pub(crate) fn change<T>(
        &mut self,
        id: &ItemId,
        change: impl FnOnce(&mut WorkItem) -> T,
        turned: impl FnMut(Name, bool),
    ) -> T {
        let item = self.items.entry_ref(id).or_default();
        let (was_on, was_past) = (On::channels_of(item), item.past());
        let changed = change(item);
        let (is_on, is_past) = (On::channels_of(item), item.past());
        if was_on != is_on {
            was_on.turn_to(&is_on, turned);
            if was_on == On::None {
                item.place = self.open.push(id.clone());
            } else if is_on == On::None {
                let (place, items) = (item.place, &mut self.items);
                self.open.remove(place, |id, place| {
                    if let Some(item) = items.get_mut(id) {
                        item.place = place;
                    }
                });
            }
        }
        if was_past != is_past {
            if let Some((_, last, _)) = was_past {
                self.past.remove(last, id);
            }
            if let Some((first, last, version)) = is_past {
                self.past.insert(PastItem { first, last, version, id: id.clone() });
            }
        }
        changed
    }

    /// Replaces each name by `names` at its index.
    pub(crate) fn rename(&mut self, names: &[Name]) {
        for item in self.items.values_mut() {
            item.rename(names);
        }
    }

    /// Lets items `forget` transitions from before a cut, and returns those transitions' greatest
    /// versions and instants. Items without transitions are dropped.
    pub(crate) fn forget(&mut self, cut: Instant, forget: fn(&mut WorkItem, Instant)) -> Kept {
        let mut kept = Kept::default();
        self.items.retain(|_, item| {
            item.track().before(cut).iter().for_each(|t| kept.add(t));
            forget(item, cut);
            !item.track().is_empty()
        });
        self.open = OpenItems::default();
        for (id, item) in self.items.iter_mut().filter(|(_, item)| !item.open().is_empty()) {
            item.place = self.open.push(id.clone());
        }
        let past = self.items.iter().filter_map(|(id, item)| {
            let (first, last, version) = item.past()?;
            Some(PastItem { first, last, version, id: id.clone() })
        });
        self.past = Past::new(past.collect());
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
