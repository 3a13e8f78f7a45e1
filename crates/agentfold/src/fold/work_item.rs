//! [`WorkItem`]: one item's transitions, and the channels it is open on.

use std::borrow::Cow;

use super::id::ItemId;
use super::names::{Name, Names};
use super::openings::Openings;
use super::recorded::{Listing, Recorded};
use super::transition::{Stamp, Transition};
use super::transition_set::{Put, TransitionSet};
use super::transitions::Part;
use super::value::{Previous, Value, Work};
use smallvec::SmallVec;

use crate::Instant;
use crate::steps;

/// A work item of one agent.
#[derive(Debug, Clone)]
pub(crate) struct WorkItem {
    track: TransitionSet,
    /// At most the first transition's instant, kept here so that the transition need not be read.
    first: Instant,
    // INVARIANT: `open_after` of all transitions.
    open: OpenOn,
    /// Whether it may have transitions on several channels.
    several: bool,
    /// Whether its transitions may have changed since it was made.
    pub(crate) is_changed: bool,
    /// Present once a transition came late to many others.
    // INVARIANT: it covers all transitions.
    openings: Option<Box<Openings>>,
}

/// The number of transitions that are stepped through.
const FEW: usize = 64;

/// The channels where an item is open, usually one.
pub(crate) type OpenOn = SmallVec<[Open; 1]>;

/// Where an item is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Open {
    pub(crate) channel: Name,
    pub(crate) reason: Name,
    /// When the current stay began. A move keeps the earliest opening of the channels that it closes.
    pub(crate) opened_at: Instant,
    /// When it got its current reason.
    pub(crate) since: Instant,
}

/// By what an item heeds listings.
pub(crate) struct Heeding<'a> {
    pub(crate) id: &'a ItemId,
    pub(crate) recorded: &'a Recorded,
    pub(crate) cut: Instant,
    pub(crate) names: &'a Names,
}

/// Transitions that follow from listings: one or none, as a rule.
type Omissions = Vec<Transition>;

impl Heeding<'_> {
    /// What closes the item after a transition that opened it, and before the next one that ends this.
    fn closing(&self, opened: &Transition, next: Option<&Transition>) -> Option<Transition> {
        let listing = self.recorded.omitting(self.id, opened, next)?;
        Some(listing.closing(self.names))
    }
}

impl Default for WorkItem {
    fn default() -> WorkItem {
        WorkItem {
            track: TransitionSet::default(),
            first: Instant::MAX,
            open: OpenOn::new(),
            several: false,
            is_changed: false,
            openings: None,
        }
    }
}

impl WorkItem {
    pub(crate) fn track(&self) -> &TransitionSet {
        &self.track
    }

    pub(crate) fn open(&self) -> &[Open] {
        &self.open
    }

    /// Whether it may have transitions on several channels.
    pub(crate) fn is_on_several(&self) -> bool {
        self.several
    }

    /// A work item with these transitions, in order.
    pub(crate) fn of(transitions: Vec<Transition>) -> WorkItem {
        let mut item = WorkItem::default();
        let mut channels = transitions.iter().filter_map(Transition::channel);
        let first = channels.next();
        item.several = channels.any(|channel| Some(channel) != first);
        item.first = transitions.first().map_or(Instant::MAX, |first| first.at);
        item.track = TransitionSet::of(transitions);
        item.open = open_after(item.track.transitions());
        item
    }

    /// An instant that no transition precedes.
    pub(crate) fn first(&self) -> Instant {
        self.first
    }

    /// The last transition's instant.
    pub(crate) fn last(&self) -> Instant {
        self.track.transitions().last().map_or(Instant::MIN, |last| last.at)
    }

    /// Whether it may be packed: it is not open, and has few transitions, so that it is quickly unpacked.
    pub(crate) fn is_packable(&self) -> bool {
        let count = self.track.transitions().len();
        self.open.is_empty() && (1..=FEW).contains(&count)
    }

    /// Appends a transition if its stamp is later than all others.
    #[inline]
    pub(crate) fn push(&mut self, stamp: &Stamp<'_>, value: Value, previous: Previous) -> bool {
        // Most items are added, accepted and removed.
        self.track.expect(3);
        self.notice_channel(value);
        let pushed = self.track.push(stamp, value, previous);
        if pushed {
            self.is_changed = true;
            self.first = self.first.min(stamp.at);
            step(&mut self.open, stamp.at, value);
            if let Some(openings) = &mut self.openings {
                let transitions = self.track.transitions();
                openings.insert(transitions.len() - 1, transitions);
            }
        }
        pushed
    }

    /// Puts a transition into the track. Also returns its place.
    pub(crate) fn put(&mut self, transition: Transition, names: &Names) -> (Put, usize) {
        let (at, value) = (transition.at, transition.value);
        let count = self.track.transitions().len();
        self.first = self.first.min(at);
        self.notice_channel(value);
        let (put, place) = self.track.put(transition, names);
        let Put::Added { latest } = put else {
            return (put, place);
        };
        self.is_changed = true;
        let transitions = self.track.transitions();
        let is_new = transitions.len() > count;
        match &mut self.openings {
            Some(openings) if is_new => openings.insert(place, transitions),
            Some(openings) => openings.replace(place, transitions),
            None if latest || count < FEW => {}
            None => self.openings = Some(Box::new(Openings::new(transitions))),
        }
        match &self.openings {
            _ if latest && is_new => step(&mut self.open, at, value),
            Some(openings) => self.open = openings.open(),
            None => self.open = open_after(transitions),
        }
        (put, place)
    }

    /// Notes the channel of a transition that is to be added.
    #[inline]
    fn notice_channel(&mut self, value: Value) {
        let first = self.track.transitions().first().map(|first| first.value);
        if let (Some(Value::Work(first)), Value::Work(work)) = (first, value) {
            self.several |= first.channel != work.channel;
        }
    }

    /// After the transition at a place was added: closes the item where listings omit it, and only there.
    pub(crate) fn heed(&mut self, place: usize, by: &Heeding<'_>) {
        if by.recorded.listings().is_empty() {
            return;
        }
        if self.several {
            return self.heed_all(by);
        }
        let all = self.track.transitions();
        let Some(t) = all.get(place).filter(|t| !t.is_omission()) else {
            return;
        };
        // None is from before the cut: then it closed the item everywhere, and compaction dropped it.
        let known: Omissions =
            all.from(place + 1).take_while(|t| t.is_omission()).map(Cow::into_owned).collect();
        let next = all.get(place + 1 + known.len());
        let closing = by.closing(&t, next.as_deref());
        self.settle(known, closing.into_iter().collect(), by);
    }

    /// Closes the item wherever listings omit it, and only there.
    fn heed_all(&mut self, by: &Heeding<'_>) {
        let (mut known, mut closings) = (Omissions::new(), Omissions::new());
        // The transitions that opened it, one for each channel where it is still open.
        let mut opened: Vec<Cow<'_, Transition>> = Vec::new();
        let mut close = |opened: &Transition, next: Option<&Transition>| {
            closings.extend(by.closing(opened, next));
        };
        for t in self.track.transitions().iter() {
            let Value::Work(work) = t.value else {
                continue;
            };
            steps::count(1);
            // One from before the cut stays, since its listing was dropped.
            if t.is_omission() && t.at >= by.cut {
                known.push(t.into_owned());
                continue;
            }
            opened.retain(|before| {
                let is_over = work.is_move() || before.channel() == Some(work.channel);
                if is_over && !t.is_omission() {
                    close(before, Some(&t));
                }
                !is_over
            });
            if work.open {
                opened.push(t);
            }
        }
        opened.into_iter().for_each(|before| close(&before, None));
        self.settle(known, closings, by);
    }

    /// Replaces the known omissions by others.
    fn settle(&mut self, known: Omissions, closings: Omissions, by: &Heeding<'_>) {
        let among = |t: &Transition, others: &Omissions| {
            others.iter().any(|other| other.cmp_stamp(t).is_eq())
        };
        let gone = known.iter().filter(|t| !among(t, &closings));
        let mut is_less = false;
        for t in gone {
            let all = self.track.transitions();
            self.track.remove(all.partition_point(|other| other.cmp_stamp(t).is_lt()));
            is_less = true;
        }
        if is_less {
            self.is_changed = true;
            self.openings = None;
            self.open = open_after(self.track.transitions());
        }
        for closing in closings {
            if !among(&closing, &known) {
                self.put(closing, by.names);
            }
        }
    }

    /// Heeds a listing: closes the item if it was open on the channel and the listing omits it.
    pub(crate) fn heed_listing(&mut self, listing: &Listing, by: &Heeding<'_>) {
        let before = self.track.transitions().partition_point(|t| listing.is_after(t));
        if let Some(last) = before.checked_sub(1) {
            self.heed(last, by);
        }
    }

    /// Becomes an item that was saved, if it has no transitions yet.
    pub(crate) fn restore(&mut self, saved: WorkItem) {
        if self.track.is_empty() {
            *self = WorkItem { is_changed: true, ..saved };
        }
    }

    /// Adds the transitions of another item.
    pub(crate) fn merge(&mut self, other: WorkItem, by: &Heeding<'_>) {
        if by.recorded.listings().is_empty() && self.track.is_empty() {
            return self.restore(other);
        }
        for t in other.track.transitions().iter().filter(|t| !t.is_omission() || t.at < by.cut) {
            let is_omission = t.is_omission();
            let place = self.put(t.into_owned(), by.names).1;
            self.heed(place.saturating_sub(usize::from(is_omission)), by);
        }
    }

    /// Replaces each name by `names` at its index.
    pub(crate) fn rename(&mut self, names: &[Name]) {
        self.openings = None;
        self.track.rename(names);
        for open in &mut self.open {
            open.channel = names[open.channel.index()];
            open.reason = names[open.reason.index()];
        }
    }

    /// Drops the transitions that a cut makes unnecessary. An item that is open at the cut keeps those
    /// after it was last closed everywhere; any other item keeps none from before the cut.
    pub(crate) fn compact(&mut self, cut: Instant) {
        let (mut open, mut closed) = (OpenOn::new(), 0);
        for (i, t) in self.track.before(cut).iter().enumerate() {
            step(&mut open, t.at, t.value);
            if open.is_empty() {
                closed = i + 1;
            }
        }
        self.openings = None;
        self.track.drop_first(closed);
    }

    /// Drops all transitions before an instant.
    pub(crate) fn forget_before(&mut self, cut: Instant) {
        self.openings = None;
        self.track.drop_first(self.track.before(cut).len());
        // What was omitted was opened before.
        let omissions = self.track.transitions().iter().take_while(|t| t.is_omission()).count();
        self.track.drop_first(omissions);
        self.open = open_after(self.track.transitions());
    }
}

/// Where an item is open after these transitions, in order of its opening.
pub(crate) fn open_after(transitions: Part<'_>) -> OpenOn {
    let mut open = OpenOn::new();
    for t in transitions.iter() {
        step(&mut open, t.at, t.value);
    }
    open
}

/// Applies one transition to the channels where an item is open.
pub(crate) fn step(open: &mut OpenOn, at: Instant, value: Value) {
    steps::count(1);
    let Value::Work(work) = value else {
        return;
    };
    let Work { channel, reason: Some(reason), open: true } = work else {
        open.retain(|o: &mut Open| o.channel != work.channel);
        return;
    };
    let mut opened_at = at;
    if work.is_move() {
        opened_at = open.iter().map(|o| o.opened_at).fold(at, Instant::min);
        open.retain(|o: &mut Open| o.channel == channel);
    }
    match open.iter_mut().find(|o| o.channel == channel) {
        None => open.push(Open { channel, reason, opened_at, since: at }),
        Some(known) => {
            known.opened_at = known.opened_at.min(opened_at);
            if known.reason != reason {
                known.reason = reason;
                known.since = at;
            }
        }
    }
}
