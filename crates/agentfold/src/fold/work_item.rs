//! [`WorkItem`]: one item's transitions, and the channels it is open on.

use super::names::{Name, Names};
use super::openings::Openings;
use super::sequence::Part;
use super::transition::{Stamp, Transition};
use super::transition_set::{Put, TransitionSet};
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
    /// Its index in the list of the agent's open items, if it is open.
    pub(crate) place: usize,
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

impl Default for WorkItem {
    fn default() -> WorkItem {
        WorkItem {
            track: TransitionSet::default(),
            first: Instant::MAX,
            open: OpenOn::new(),
            place: 0,
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

    /// If the item is not open: an instant that no transition precedes, an instant that no transition
    /// follows, and a version that no transition exceeds.
    #[inline]
    pub(crate) fn past(&self) -> Option<(Instant, Instant, u64)> {
        let past = self.open.is_empty() && !self.track.is_empty();
        past.then(|| (self.first, self.track.newest(), self.track.version()))
    }

    /// Appends a transition if its stamp is later than all others.
    #[inline]
    pub(crate) fn push(&mut self, stamp: &Stamp<'_>, value: Value, previous: Previous) -> bool {
        let pushed = self.track.push(stamp, value, previous);
        if pushed {
            self.first = self.first.min(stamp.at);
            step(&mut self.open, stamp.at, value);
            if let Some(openings) = &mut self.openings {
                let transitions = self.track.transitions();
                openings.insert(transitions.len() - 1, transitions);
            }
        }
        pushed
    }

    pub(crate) fn put(&mut self, transition: Transition, names: &Names) -> Put {
        let (at, value) = (transition.at, transition.value);
        let count = self.track.transitions().len();
        self.first = self.first.min(at);
        let (put, place) = self.track.put(transition, names);
        let Put::Added { latest } = put else {
            return put;
        };
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
        put
    }

    /// Adds the transitions of another item.
    pub(crate) fn merge(&mut self, other: WorkItem, names: &Names) {
        if self.track.is_empty() {
            *self = other;
            return;
        }
        for t in other.track.transitions().iter() {
            self.put(t.clone(), names);
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
        self.open = open_after(self.track.transitions());
    }
}

/// Where an item is open after these transitions, in order of its opening.
pub(crate) fn open_after(transitions: Part<'_, Transition>) -> OpenOn {
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
