//! [`Recorded`]: what is noted of an agent beside its tracks
//! ([the contract](crate::contract::fold#the-rest-record)).

use super::id::ItemId;
use super::names::{Name, Names};
use super::origin::Origin;
use super::tracks::Greatest;
use super::transition::{Stamp, Transition};
use super::value::{Previous, Value, Work};
use crate::Instant;
use crate::steps;

/// What is noted of an agent beside its tracks: what REST records list, and what is left of the time before
/// the cut.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Recorded {
    // INVARIANT: sorted by `Listing::key`, none twice.
    listings: Vec<Listing>,
    /// What was accepted from before the cut.
    pub(crate) kept: Kept,
}

/// The greatest version and instant of accepted events, and of records.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Kept {
    pub(crate) events: Greatest,
    pub(crate) records: Greatest,
}

impl Kept {
    const NONE: Kept = Kept { events: Greatest::NONE, records: Greatest::NONE };

    pub(crate) fn add(&mut self, t: &Transition) {
        let of = if t.origin == Origin::Rest { &mut self.records } else { &mut self.events };
        of.add(t.version, t.at);
    }

    pub(crate) fn join(&mut self, other: Kept) {
        self.events.join(other.events);
        self.records.join(other.records);
    }
}

/// Nothing.
pub(crate) static NONE: Recorded = Recorded { listings: Vec::new(), kept: Kept::NONE };

/// All work items that were open on a channel at an instant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Listing {
    /// When it was requested.
    pub(crate) at: Instant,
    /// The version of the record; 0 for none.
    pub(crate) version: u64,
    pub(crate) channel: Name,
    // INVARIANT: sorted, none twice.
    items: Vec<ItemId>,
}

impl Listing {
    pub(crate) fn new(at: Instant, version: u64, channel: Name, mut items: Vec<ItemId>) -> Listing {
        items.sort_unstable();
        items.dedup();
        Listing { at, version, channel, items }
    }

    pub(crate) fn items(&self) -> &[ItemId] {
        &self.items
    }

    pub(crate) fn lists(&self, item: &ItemId) -> bool {
        self.items.binary_search(item).is_ok()
    }

    /// By this, listings are sorted.
    fn key(&self) -> (Instant, u64, Name, &[ItemId]) {
        (self.at, self.version, self.channel, &self.items)
    }

    /// Whether a transition is before it. One of another record of the same instant and version is neither
    /// before nor after it.
    pub(crate) fn is_after(&self, t: &Transition) -> bool {
        let (listed, known) = ((self.at, self.version), (t.at, t.version));
        known < listed || known == listed && t.origin != Origin::Rest
    }

    fn is_before(&self, t: &Transition) -> bool {
        (self.at, self.version) < (t.at, t.version)
    }

    /// The transition that closes an item which it omits.
    pub(crate) fn closing(&self, names: &Names) -> Transition {
        let Listing { at, version, channel, .. } = *self;
        let id = format!("rest:{}", names.text(channel));
        let stamp = Stamp { at, version, origin: Origin::Rest, id: &id };
        let closed = Work { channel, reason: None, open: false };
        Transition::new(&stamp, Value::Work(closed), Previous::Unstated)
    }
}

impl Recorded {
    pub(crate) fn listings(&self) -> &[Listing] {
        &self.listings
    }

    /// Whether a REST record stated anything.
    pub(crate) fn has_records(&self) -> bool {
        !self.listings.is_empty() || self.kept.records != Greatest::NONE
    }

    /// The instant of the last listing; [`Instant::MIN`] for none.
    pub(crate) fn newest(&self) -> Instant {
        self.listings.last().map_or(Instant::MIN, |listing| listing.at)
    }

    /// Adds a listing, and returns whether it is new.
    pub(crate) fn insert(&mut self, listing: Listing) -> bool {
        match self.listings.binary_search_by(|known| known.key().cmp(&listing.key())) {
            Ok(_) => false,
            Err(place) => {
                self.listings.insert(place, listing);
                true
            }
        }
    }

    /// The first listing after a transition, and before the next one, that omits the item which the
    /// transition opened. A record of a lower version does not know of the transition.
    pub(crate) fn omitting(
        &self,
        item: &ItemId,
        t: &Transition,
        next: Option<&Transition>,
    ) -> Option<&Listing> {
        let Value::Work(Work { channel, open: true, .. }) = t.value else {
            return None;
        };
        let first = self.listings.partition_point(|listing| listing.at < t.at);
        let between = self.listings[first..]
            .iter()
            .take_while(|listing| next.is_none_or(|next| listing.is_before(next)));
        let knows = |version| version == 0 || t.version <= version;
        let mut between = between.filter(|listing| listing.is_after(t) && knows(listing.version));
        between.find(|listing| {
            steps::count(1);
            listing.channel == channel && !listing.lists(item)
        })
    }

    /// The instant of the last listing of a channel before a transition that omits an item.
    pub(crate) fn last_omission(
        &self,
        item: &ItemId,
        channel: Name,
        t: &Transition,
    ) -> Option<Instant> {
        let end = self.listings.partition_point(|listing| listing.at <= t.at);
        let mut before = self.listings[..end].iter().rev().filter(|l| l.is_before(t));
        before.find(|l| l.channel == channel && !l.lists(item)).map(|l| l.at)
    }

    /// The greatest version and instant from before the cut and of listings up to an instant.
    pub(crate) fn greatest_as_of(&self, at: Instant) -> Greatest {
        let mut greatest = self.kept.events;
        greatest.join(self.kept.records);
        for listing in self.listings.iter().take_while(|listing| listing.at <= at) {
            greatest.add(listing.version, listing.at);
        }
        greatest
    }

    /// Drops the listings from before a cut.
    pub(crate) fn compact(&mut self, cut: Instant) {
        let count = self.listings.partition_point(|listing| listing.at < cut);
        for listing in self.listings.drain(..count) {
            self.kept.records.add(listing.version, listing.at);
        }
    }

    /// Replaces each name by `names` at its index.
    pub(crate) fn rename(&mut self, names: &[Name]) {
        for listing in &mut self.listings {
            listing.channel = names[listing.channel.index()];
        }
        self.listings.sort_unstable_by(|a, b| a.key().cmp(&b.key()));
    }
}

impl Transition {
    /// Whether it closes an item because a listing omits it. It follows from the listing and the
    /// transition before it.
    pub(crate) fn is_omission(&self) -> bool {
        self.origin == Origin::Rest && matches!(self.value, Value::Work(Work { open: false, .. }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_listings_from_before_a_cut_only_the_greatest_stamp_is_kept() {
        let at = |second| Instant::from_unix(second, 0).expect("in range");
        let mut recorded = Recorded::default();
        for (second, version) in [(1, 9), (2, 3), (3, 5)] {
            assert!(recorded.insert(Listing::new(at(second), version, Name::ONLINE, Vec::new())));
        }
        recorded.compact(at(3));
        assert_eq!(recorded.listings().len(), 1);
        assert_eq!(recorded.kept.records, Greatest { version: 9, at: at(2) });
        assert_eq!(recorded.kept.events, Greatest::NONE);
    }
}
